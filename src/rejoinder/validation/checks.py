"""Check dossiers: references to what nothing describes, each graph against the shapes, and all graphs together.

Entries that wait for a second person get a warning, as do files that still have the values of a new project.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import unquote

from rejoinder import formats, namespaces
from rejoinder.config import CONFIG_NAME, Project
from rejoinder.disk import package_file
from rejoinder.dossiers.discovery import is_mapping
from rejoinder.dossiers.reader import Dossier
from rejoinder.dossiers.yaml import Lines, read_text
from rejoinder.errors import InputError, Problem, Severity, did_you_mean, in_file_order, suggest, worst_first
from rejoinder.question import bound
from rejoinder.rdf import query as rdf_query
from rejoinder.rdf import terms as rdf_terms
from rejoinder.rdf.graphs import GraphStatements
from rejoinder.rdf.terms import NamedNode, Quad, Store, Triple
from rejoinder.validation.shacl import Engine, ValidationResult, Validator, open_validator, severity_of

_SHAPES: Final = "ontology/shapes.ttl"
FACTS: Final = frozenset({namespaces.RDF_TYPE, namespaces.RJ + "underReview", namespaces.RJ + "troikaMember"})
"""What a check of one graph sees of the nodes in others: their types, and the State and the troika of a review."""
_EXPRESSED: Final = f"^{namespaces.RJ}expresses"
"""The path from a claim to the statements that express it, as findings have it."""
_ALIKE: Final = {
    folder: (folders, words)
    for folders, words in (
        (("person/", "organisation/"), "person or organisation"),
        (("review/", "proceeding/"), "review or proceeding"),
    )
    for folder in folders
}
"""For each folder whose things dossiers name without it (`amnesty`): the folders with such names, and their words."""
_NEAR: Final = 10
"""The number of names before and after an unknown one that are compared with it."""

_MOST_CODES: Final = 2
"""The number of States of which one is taken to be meant by the beginning of a name."""


@dataclass(frozen=True)
class KnownResources:
    """The IRIs that any graph describes, with their facts; the ontology's terms; and the States by name.

    `unusable` are the graphs whose files cannot be used, so that their contents are unknown.
    """

    facts: Mapping[str, tuple[Triple, ...]]
    terms: frozenset[str]
    states: dict[str, str] = field(default_factory=dict)
    unusable: frozenset[str] = frozenset()

    def about(self, graph: GraphStatements) -> tuple[Triple, ...]:
        """Return the facts about IRIs that a graph mentions but does not describe."""
        return tuple(fact for iri in sorted(graph.mentioned - graph.described) for fact in self.facts.get(iri, ()))

    @property
    def digest(self) -> str:
        """The SHA-256 of all facts."""
        # If a type in a collection changes, every report is checked again: shapes see these facts.
        digest = hashlib.sha256()
        for iri in sorted(self.facts):
            digest.update("\n".join([iri, *sorted(map(str, self.facts[iri]))]).encode())
        return digest.hexdigest()


def known_resources(graphs: Iterable[Iterable[Quad]], terms: frozenset[str]) -> KnownResources:
    """Return the resources that `graphs`, with derived statements, describe, and an ontology's `terms`."""
    facts: defaultdict[str, list[Triple]] = defaultdict(list)
    states: dict[str, str] = {}
    for graph in graphs:
        for quad in graph:
            predicate = quad.predicate.value
            if predicate in FACTS and isinstance(quad.subject, NamedNode):
                facts[quad.subject.value].append(quad.triple)
            elif predicate in namespaces.STATE_NAMES and "/state/" in rdf_terms.text(quad.subject):
                # To suggest the code of a State whose name somebody wrote.
                states[rdf_terms.text(quad.object).casefold()] = rdf_terms.text(quad.subject)
    return KnownResources({iri: tuple(known) for iri, known in facts.items()}, terms, states)


def ontology_terms() -> frozenset[str]:
    """Return the IRIs that the ontology describes."""
    path = package_file("ontology/rejoinder.ttl")
    return frozenset(rdf_terms.text(quad.subject) for quad in rdf_terms.parse_file(path, namespaces.ONTOLOGY_GRAPH))


def dangling(dossier: Dossier, known: KnownResources, base: str) -> tuple[Problem, ...]:
    """Return a problem for each undescribed IRI under `base`, or term of the ontology, that the dossier uses.

    All references to an unusable file are one problem, because that file is reported itself.
    """
    own = {rdf_terms.text(quad.subject) for quad in dossier.quads}
    used = {quad.predicate.value for quad in dossier.quads}
    used |= {quad.object.value for quad in dossier.quads if isinstance(quad.object, NamedNode)}
    ours = {iri for iri in used if iri.startswith((namespaces.RJ, base))}
    undescribed = {iri for iri in ours if iri not in own and iri not in known.facts and iri not in known.terms}
    message_for = _missing_messages(own, known, base)
    problems: list[Problem] = []
    into_unusable: defaultdict[str, list[int | None]] = defaultdict(list)
    for quad in dossier.quads if undescribed else ():
        for node in (quad.predicate, quad.object):
            if isinstance(node, NamedNode) and node.value in undescribed:
                line = dossier.line(rdf_terms.text(quad.subject), quad.predicate.value, node.value)
                if graphs := _possible_graphs(node.value, base) & known.unusable:
                    into_unusable[min(graphs)].append(line)
                else:
                    problems.append(Problem(dossier.path, line, message_for(node.value)))
    for graph, lines in into_unusable.items():
        count = "a reference leads" if len(lines) == 1 else f"{len(lines)} references lead"
        reason = f"{count} to {graph.removeprefix(base)}, whose file cannot be used; mend that file first"
        problems.append(Problem(dossier.path, min(filter(None, lines), default=None), reason))
    # Several statements may come from one line, such as those of a mapping.
    return in_file_order(dict.fromkeys(problems))


def _possible_graphs(iri: str, base: str) -> frozenset[str]:
    """Return the graphs that may describe a node: its document, or the collection of that or of names alike.

    >>> sorted(_possible_graphs("x:report/x#p1", "x:")), sorted(_possible_graphs("x:person/y", "x:"))
    (['x:report/', 'x:report/x'], ['x:organisation/', 'x:person/', 'x:person/y'])
    """
    document = namespaces.document_of(iri)
    folder = document[: document.rfind("/") + 1]
    alike, _ = _ALIKE.get(folder.removeprefix(base), ((), ""))
    return frozenset((document, folder, *(base + each for each in alike)))


def _missing_messages(own: Iterable[str], known: KnownResources, base: str) -> Callable[[str], str]:
    """Return a function that returns the message for an undescribed IRI, with a suggestion.

    A file may have many wrong references, so each is compared with a limited number of names.
    """

    # Each of these only when a message needs it: most dossiers have no wrong reference.
    @cache
    def names_in() -> Mapping[str, set[str]]:
        found: defaultdict[str, set[str]] = defaultdict(set)
        for iri in chain(own, known.facts, known.terms):
            folder = _folder(iri)
            found[folder].add(iri.removeprefix(folder))
        return found

    @cache
    def near(*folders: str) -> _Names:
        return _Names.of(set().union(*(names_in().get(folder, ()) for folder in folders)))

    @cache
    def states() -> tuple[tuple[str, str], ...]:
        return tuple(
            sorted((words, _last(iri)) for words, iri in known.states.items() if _folder(iri) == f"{base}state/")
        )

    @cache
    def message(iri: str) -> str:
        folder, name = _folder(iri), _last(iri)
        alike, kinds = _ALIKE.get(folder.removeprefix(base), ((), ""))
        folders = [base + each for each in alike] or [folder]
        wrong = f"no {kinds} is called {name!r}" if alike else f"nothing describes {iri.removeprefix(base)!r}"
        guesses = near(*folders).close_to(name)
        # Perhaps the State's name was written. Of similar codes, only one that begins alike is likely to be meant.
        if folder == f"{base}state/":
            wrong = f"the State code {name!r} is unknown (ISO 3166 alpha-3 is expected)"
            guesses = _codes(name, states()) or [code for code in guesses if code[:2] == name[:2]]
        # The name of something that is there, in the wrong folder: its path says what to write.
        elif homes := [each + name for each in folders if name in names_in().get(each, ())]:
            wrong, guesses = f"nothing describes {iri.removeprefix(base)!r}", [homes[0].removeprefix(base)]
        elif "person/" in alike and name.upper() in names_in().get(f"{base}state/", ()):
            guesses = [name.upper()]
        remedy = "describe it, or remove the reference"
        if folder.endswith("#"):
            remedy += "; an entry that is private or waits for a second person counts as missing"
        return f"{wrong}; {did_you_mean(guesses, remedy)}"

    return message


def _folder(iri: str) -> str:
    return iri[: max(iri.rfind("/"), iri.rfind("#")) + 1]


def _last(iri: str) -> str:
    return iri.removeprefix(_folder(iri))


@dataclass(frozen=True)
class _Names:
    """Names sorted from the first letter and from the last, to find similar ones quickly."""

    forwards: tuple[str, ...]
    backwards: tuple[str, ...]

    @classmethod
    def of(cls, names: Iterable[str]) -> _Names:
        """Return the names so ordered."""
        known = tuple(names)
        return cls(tuple(sorted(known)), tuple(sorted(name[::-1] for name in known)))

    def close_to(self, name: str) -> list[str]:
        """Return the most similar name, if any is close, among those with the most similar beginning or end.

        >>> _Names.of(["claim-1", "claim-2", "person"]).close_to("persona")
        ['person']
        """
        # Most typing errors keep the first or the last letters, and comparing all names would take too long.
        near = {*_around(self.forwards, name), *(other[::-1] for other in _around(self.backwards, name[::-1]))}
        return suggest(name, sorted(near))


def _around(ordered: tuple[str, ...], name: str) -> tuple[str, ...]:
    at = bisect_left(ordered, name)
    return ordered[max(at - _NEAR, 0) : at + _NEAR]


def _codes(name: str, states: tuple[tuple[str, str], ...]) -> list[str]:
    """Return the code of the State called `name`, or of those, two at most, whose names begin with it.

    `states` is sorted.

    >>> known = (("chad", "TCD"), ("slovakia", "SVK"), ("slovenia", "SVN"))
    >>> _codes("SLO", known), _codes("Cha", known), _codes("Slovenia", known)
    (['SVK', 'SVN'], ['TCD'], ['SVN'])
    """
    wanted = unquote(name).casefold()  # a name with a blank is percent-encoded in the IRI
    codes: list[str] = []
    for words, code in states[bisect_left(states, (wanted, "")) :]:
        if words == wanted:
            return [code]
        if not words.startswith(wanted) or len(codes) > _MOST_CODES:
            break
        codes += [code] if code not in codes else []
    return codes if len(codes) <= _MOST_CODES else []


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
        findings = worst_first({f for r in relevant for f in self._findings(dossier, r)})
        return tuple(_with_reason(dossier, findings))

    def _findings(self, dossier: Dossier, result: ValidationResult) -> tuple[Problem, ...]:
        """Return the finding at the line of its node or, if the node is elsewhere, at each line that refers to it."""
        at_node = _finding(dossier, result)
        if result.path or result.shape not in self.referred:
            return (at_node,)
        lines = _lines_of_references(dossier, self.referred[result.shape], result.focus)
        return tuple(replace(at_node, line=line) for line in lines) or (at_node,)


def _with_reason(dossier: Dossier, findings: Iterable[Problem]) -> Iterator[Problem]:
    """Yield the findings; where a value may be missing because something is withheld, they say so."""
    reason = (
        "This entry refers to something that is private or waits for a second person, which counts as missing: "
        "make this private, too, or publish that."
    )
    unsaid = (
        "The statement that expresses this is private or waits for a second person, which counts as missing: "
        "make this private, too, or publish the statement."
    )
    for finding in findings:
        if finding.predicate == _EXPRESSED and finding.focus in dossier.unsaid:
            yield replace(finding, message=unsaid)
        elif finding.severity is Severity.VIOLATION and finding.focus in dossier.cut:
            yield replace(finding, message=f"{finding.message} {reason}")
        else:
            yield finding


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


def _lines_of_references(dossier: Dossier, predicate: str, node: str) -> tuple[int, ...]:
    """Return the lines where the file refers to the node by this property."""
    subjects = dossier.referring.get((predicate, node), ())
    lines = (dossier.line(subject, predicate, node) for subject in subjects)
    return tuple(line for line in lines if line is not None)


def unconfirmed_entries(dossier: Dossier) -> tuple[Problem, ...]:
    """Return a warning if entries of the dossier wait for a second person to confirm them."""
    if not dossier.unconfirmed:
        return ()
    first = min(dossier.unconfirmed, key=lambda iri: (dossier.line(iri) or 0, iri))
    number = len(dossier.unconfirmed)
    one, several, editors, keys = ("an entry", "entries", "the editors", "status: confirmed and confirmedBy")
    if is_mapping(dossier.path.name):
        one, several, editors, keys = ("a row", "rows", "their authors", "reviewer_id")
    entries, them = (f"{one} is", "it") if number == 1 else (f"{number} {several} are", "them")
    message = f"{entries} not published: nobody but {editors} confirmed {them}; write {keys}"
    rule = namespaces.SHAPES + "SecondPerson"
    return (Problem(dossier.path, dossier.line(first), message, Severity.WARNING, first, rule=rule, component=rule),)


def redescribed_terms(dossier: Dossier) -> tuple[Problem, ...]:
    """Return a violation for each term of the vocabulary about which the dossier makes statements, but mappings."""
    if is_mapping(dossier.path.name):
        return ()
    terms = {rdf_terms.text(quad.subject): None for quad in dossier.quads}
    message = "This is a term of the vocabulary, which describes it; define a term of your own, and refer to this one."
    rule = namespaces.SHAPES + "DescribedOnce"
    return tuple(
        Problem(dossier.path, dossier.line(term), message, focus=term, rule=rule, component=rule)
        for term in terms
        if term.startswith((namespaces.ONTOLOGY_GRAPH, namespaces.SHAPES_GRAPH))
    )


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
    # What one graph shows alone is found by shapes; only what needs several graphs is a query over the store.
    by_graph = {dossier.graph: dossier for dossier in dossiers}
    found = set()
    for path in sorted(package_file("ontology/checks").glob("*.rq")):
        query = path.read_text(encoding="utf-8")
        triples = rdf_query.construct(store, _restricted_to(query, by_graph) if only else query)
        found |= set(_problems_of(triples, by_graph))
    return worst_first(found)


def _restricted_to(query: str, graphs: Iterable[str]) -> str:
    """Return the query with its variable ?graph bound to these graphs."""
    # Only in the WHERE part, because the template before it has braces, too.
    template, where, pattern = query.partition("WHERE")
    return template + where + bound(pattern, {"graph": [NamedNode(iri) for iri in graphs]})


def _problems_of(triples: Sequence[Triple], by_graph: Mapping[str, HasLines]) -> Iterator[Problem]:
    """Yield the problems in a graph of `sh:ValidationResult`; those in graphs that are not asked for are left out."""
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


# Values of the template for new projects

PLACEHOLDERS: Final = {
    CONFIG_NAME: ('base = "https://example.org/reports/"', 'title = "My reports"'),
    "data/report/my-report.yaml": (
        "title: The title of the report",
        "label: The title of the report",
        f"sha256: {'0' * 64}",
    ),
    "data/organisation.yaml": ("label: My organisation",),
}
"""Lines of `template`, by file, that users must replace before they publish."""

_IN_DOSSIERS: Final = tuple(line for name, lines in PLACEHOLDERS.items() if name != CONFIG_NAME for line in lines)
_EDITED: Final = namespaces.SHAPES + "Edited"
"""The IRI of this check in reports."""


def unedited_settings(project: Project) -> tuple[Problem, ...]:
    """Return a warning if the project's settings are still those of the template."""
    return _unedited(project.root / CONFIG_NAME, "=", PLACEHOLDERS[CONFIG_NAME], project.base)


def unedited_lines(path: Path, focus: str) -> tuple[Problem, ...]:
    """Return a warning if the dossier at `path`, which describes `focus`, still has values of the template."""
    return _unedited(path, ":", _IN_DOSSIERS, focus)


def _unedited(path: Path, sign: str, placeholders: Sequence[str], focus: str) -> tuple[Problem, ...]:
    """Return a warning if a line of the file is one of the placeholders; `sign` separates key and value."""
    try:
        text = read_text(path)
    except InputError:  # a problem of its own
        return ()
    if not any(placeholder in text for placeholder in placeholders):  # imports write megabytes: not to be split in vain
        return ()
    lines = (line.partition(" #")[0].strip() for line in text.splitlines())
    found = [(number, line) for number, line in enumerate(lines, 1) if line in placeholders]
    if not found:
        return ()
    keys = list(dict.fromkeys(line.partition(sign)[0].strip() for _, line in found))
    listed = " and ".join(filter(None, (", ".join(keys[:-1]), keys[-1])))
    verb = "still has the value" if len(keys) == 1 else "still have the values"
    message = f"{listed} {verb} that a new project begins with; write your own before you publish"
    return (Problem(path, found[0][0], message, Severity.WARNING, focus, rule=_EDITED, component=_EDITED),)
