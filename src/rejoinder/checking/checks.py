"""Checks: dossiers in, findings out. Each graph alone against the shapes, then what only all graphs show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

from rejoinder import formats, names
from rejoinder.checking.engines import validator
from rejoinder.checking.findings import Finding, ordered, severity_of
from rejoinder.checking.statements import Statements
from rejoinder.checking.validation import Engine, Result, Validator
from rejoinder.checking.world import World, dangling
from rejoinder.dossiers.dossier import Dossier, Lines
from rejoinder.errors import InputError
from rejoinder.resources import resource
from rejoinder.store import rdf
from rejoinder.store.rdf import Store

_SHAPES: Final = "ontology/shapes.ttl"


@dataclass(frozen=True)
class Checker:
    """Checks one graph at a time against the shapes.

    `everywhere` names the shapes that look at any node; the others look only at nodes that the graph describes.
    `referred` gives the shapes that look at what a property refers to, each with that property.
    """

    validator: Validator
    everywhere: frozenset[str]
    referred: dict[str, str]

    def check(self, dossier: Dossier, graph: Statements, world: World) -> tuple[Finding, ...]:
        """What is found in the graph that was made from the dossier."""
        around = rdf.serialize(world.about(graph), formats.NTRIPLES)
        results = self.validator.validate((graph.triples + around).decode())
        relevant = (r for r in results if r.focus in graph.described or r.shape in self.everywhere)
        return ordered({f for r in relevant for f in self._findings(dossier, r)})

    def _findings(self, dossier: Dossier, result: Result) -> tuple[Finding, ...]:
        """The finding at the line of the node at fault; if only the reference to it is, at each such line."""
        at_node = _finding(dossier, result)
        if result.path or result.shape not in self.referred:
            return (at_node,)
        lines = _references(dossier, self.referred[result.shape], result.focus)
        return tuple(replace(at_node, line=line) for line in lines) or (at_node,)


def checker(engine: Engine = Engine.SHACL) -> Checker:
    """A checker with the shipped shapes."""
    path = resource(_SHAPES)
    subjects, objects = (_targets(path, names.SH + name) for name in ("targetSubjectsOf", "targetObjectsOf"))
    return Checker(validator(path, engine), frozenset({*subjects, *objects}), objects)


def _targets(shapes: Path, target: str) -> dict[str, str]:
    """The shapes with this kind of target, each with the property it names."""
    return {rdf.text(q.subject): rdf.text(q.object) for q in rdf.parse_file(shapes) if q.predicate.value == target}


def _finding(dossier: Dossier, result: Result) -> Finding:
    return Finding(
        severity=severity_of(result.severity),
        path=dossier.path,
        line=_line(dossier, result),
        message=result.message,
        focus=result.focus,
        predicate=result.path,
        value=result.value,
        rule=result.shape,
        component=result.component,
        term=result.term,
    )


def _line(dossier: Dossier, result: Result) -> int | None:
    """The line of the value at fault; a node that is not of this file is sought where it is mentioned as a value."""
    line = dossier.line(result.focus, result.path or None, result.value or None)
    return line if line is not None else dossier.line(result.value)


def _references(dossier: Dossier, predicate: str, node: str) -> tuple[int, ...]:
    """The lines where the file refers to the node by this property."""
    subjects = dossier.referring.get((predicate, node), ())
    lines = (dossier.line(subject, predicate, node) for subject in subjects)
    return tuple(line for line in lines if line is not None)


def ontology_terms() -> frozenset[str]:
    """The IRIs that the ontology describes."""
    path = resource("ontology/rejoinder.ttl")
    return frozenset(rdf.text(quad.subject) for quad in rdf.parse_file(path, names.ONTOLOGY_GRAPH))


def reject_dangling(dossier: Dossier, world: World, base: str) -> None:
    """Nothing, when everything that the dossier refers to is described.

    Raises:
        InputError: it refers to things that nothing describes; each with its line.
    """
    problems = tuple(dangling(dossier, world, base))
    if problems:
        raise InputError(problems)


class Located(Protocol):
    """A graph with the file it comes from."""

    @property
    def graph(self) -> str:
        """Its IRI."""

    @property
    def path(self) -> Path:
        """Its file."""

    @property
    def lines(self) -> Lines:
        """Where its nodes stand in the file, which may have to be read for that."""


def check_together(store: Store, dossiers: Sequence[Located], *, only: bool = False) -> tuple[Finding, ...]:
    """What only all graphs together show; `ontology/checks/*.rq` construct it as `sh:ValidationResult`.

    With `only`, the store is asked about the graphs of `dossiers` alone, which spares it the others.
    """
    by_graph = {dossier.graph: dossier for dossier in dossiers}
    found = set()
    for path in sorted(resource("ontology/checks").glob("*.rq")):
        query = path.read_text(encoding="utf-8")
        triples = rdf.construct(store, _about(query, by_graph) if only else query)
        found |= set(_constructed(triples, by_graph))
    return ordered(found)


def _about(query: str, graphs: Iterable[str]) -> str:
    """The query with its variable ?graph bound to these graphs."""
    values = " ".join(f"<{iri}>" for iri in graphs)
    return query.replace("WHERE {", f"WHERE {{\n  VALUES ?graph {{ {values} }}", 1)


def _constructed(triples: Sequence[rdf.Triple], by_graph: Mapping[str, Located]) -> Iterator[Finding]:
    nodes: dict[object, dict[str, str]] = {}
    for triple in triples:
        nodes.setdefault(triple.subject, {})[triple.predicate.value.removeprefix(names.SH)] = rdf.text(triple.object)
    results: dict[str, list[dict[str, str]]] = {}
    for fields in nodes.values():
        results.setdefault(fields[names.RJ + "inGraph"], []).append(fields)
    for graph in results.keys() & by_graph.keys():
        dossier = by_graph[graph]
        lines = dossier.lines  # once, and of one graph at a time: files are read again for them
        for fields in results[graph]:
            yield Finding(
                severity=severity_of(fields["resultSeverity"]),
                path=dossier.path,
                line=lines.find(fields["focusNode"]),
                message=fields["resultMessage"],
                focus=fields["focusNode"],
                predicate="",
                value=fields.get("value", ""),
                rule=fields["sourceShape"],
                component=fields["sourceConstraintComponent"],
            )
