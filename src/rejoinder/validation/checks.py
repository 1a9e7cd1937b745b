"""Validate each dossier's graph against the shapes, and check all graphs together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

from rejoinder import formats, namespaces
from rejoinder.disk import package_file
from rejoinder.dossiers.lines import Lines
from rejoinder.dossiers.reader import Dossier
from rejoinder.errors import Problem
from rejoinder.questions.question import bound
from rejoinder.rdf import query as rdf_query
from rejoinder.rdf import terms as rdf_terms
from rejoinder.rdf.graphs import GraphStatements
from rejoinder.rdf.terms import NamedNode, Store
from rejoinder.validation.references import KnownResources
from rejoinder.validation.report import in_order, severity_of
from rejoinder.validation.shacl import Engine, ValidationResult, Validator, open_validator

_SHAPES: Final = "ontology/shapes.ttl"


@dataclass(frozen=True)
class Checker:
    """Validates one graph at a time against the shapes.

    `everywhere` names the shapes that look at any node; the others look only at nodes that the graph describes.
    `referred` gives the shapes that look at what a property refers to, each with that property.
    """

    validator: Validator
    everywhere: frozenset[str]
    referred: dict[str, str]

    def check(self, dossier: Dossier, graph: GraphStatements, known: KnownResources) -> tuple[Problem, ...]:
        """Return the findings in the graph that was made from the dossier."""
        # Shapes see only these facts about other graphs, so a change elsewhere rarely needs a new check of this graph.
        around = rdf_terms.serialize(known.about(graph), formats.NTRIPLES)
        results = self.validator.validate((graph.triples + around).decode())
        relevant = (r for r in results if r.focus in graph.described or r.shape in self.everywhere)
        return in_order({f for r in relevant for f in self._findings(dossier, r)})

    def _findings(self, dossier: Dossier, result: ValidationResult) -> tuple[Problem, ...]:
        """Return the finding at the line of its node or, if the node is elsewhere, at each line that refers to it."""
        at_node = _finding(dossier, result)
        if result.path or result.shape not in self.referred:
            return (at_node,)
        lines = _references(dossier, self.referred[result.shape], result.focus)
        return tuple(replace(at_node, line=line) for line in lines) or (at_node,)


def checker(engine: Engine = Engine.SHACL) -> Checker:
    """Return a checker with the shipped shapes."""
    path = package_file(_SHAPES)
    subjects, objects = (_targets(path, namespaces.SH + name) for name in ("targetSubjectsOf", "targetObjectsOf"))
    return Checker(open_validator(path, engine), frozenset({*subjects, *objects}), objects)


def _targets(shapes: Path, target: str) -> dict[str, str]:
    """Return the shapes with this kind of target, each with the property it names."""
    return {
        rdf_terms.text(q.subject): rdf_terms.text(q.object)
        for q in rdf_terms.parse_file(shapes)
        if q.predicate.value == target
    }


def _finding(dossier: Dossier, result: ValidationResult) -> Problem:
    return Problem(
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


def _line(dossier: Dossier, result: ValidationResult) -> int | None:
    """Return the line of the wrong value; for a node of another file, the line where it is mentioned."""
    line = dossier.line(result.focus, result.path or None, result.value or None)
    return line if line is not None else dossier.line(result.value)


def _references(dossier: Dossier, predicate: str, node: str) -> tuple[int, ...]:
    """Return the lines where the file refers to the node by this property."""
    subjects = dossier.referring.get((predicate, node), ())
    lines = (dossier.line(subject, predicate, node) for subject in subjects)
    return tuple(line for line in lines if line is not None)


class HasLines(Protocol):
    """A graph, the file it comes from, and the lines in it."""

    @property
    def graph(self) -> str:
        """Its IRI."""

    @property
    def path(self) -> Path:
        """Its file."""

    @property
    def lines(self) -> Lines:
        """The line numbers of its nodes, for which the file may be read again."""


def check_together(store: Store, dossiers: Sequence[HasLines], *, only: bool = False) -> tuple[Problem, ...]:
    """Return the findings over all graphs, which `ontology/checks/*.rq` construct as `sh:ValidationResult`.

    With `only`, the queries are restricted to the graphs of `dossiers`, which is faster.
    """
    by_graph = {dossier.graph: dossier for dossier in dossiers}
    found = set()
    for path in sorted(package_file("ontology/checks").glob("*.rq")):
        query = path.read_text(encoding="utf-8")
        triples = rdf_query.construct(store, _about(query, by_graph) if only else query)
        found |= set(_constructed(triples, by_graph))
    return in_order(found)


def _about(query: str, graphs: Iterable[str]) -> str:
    """Return the query with its variable ?graph bound to these graphs."""
    # Only in the WHERE part, because the template before it has braces, too.
    template, where, pattern = query.partition("WHERE")
    return template + where + bound(pattern, {"graph": [NamedNode(iri) for iri in graphs]})


def _constructed(triples: Sequence[rdf_terms.Triple], by_graph: Mapping[str, HasLines]) -> Iterator[Problem]:
    nodes: dict[object, dict[str, str]] = {}
    for triple in triples:
        nodes.setdefault(triple.subject, {})[triple.predicate.value.removeprefix(namespaces.SH)] = rdf_terms.text(
            triple.object
        )
    results: dict[str, list[dict[str, str]]] = {}
    for fields in nodes.values():
        results.setdefault(fields[namespaces.RJ + "inGraph"], []).append(fields)
    for graph in results.keys() & by_graph.keys():
        dossier = by_graph[graph]
        lines = dossier.lines  # once per graph, because the file is read again for it
        for fields in results[graph]:
            yield Problem(
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
