"""Derive statements: from one dossier what its own say by our terms, from all mapping files who is one with whom.

Types come from where a node is contained (RDFS rdfs2/rdfs3: the range of the containing property) and from the
ontology's superclasses (rdfs9); statements in the terms of other vocabularies from our properties below theirs (rdfs7);
the triples of the field from `ontology/rules/*.rq`; first and last days from EDTF.

People or organisations joined by confirmed mappings, directly or over others, have one identity: the least of their
IRIs. Nothing else is said of them, so that without a mapping everything is again as it was before. Refusals that
contradict such mappings are found here, too.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rejoinder import dates, namespaces
from rejoinder.disk import package_file
from rejoinder.dossiers import sssom
from rejoinder.dossiers.reader import Dossier
from rejoinder.errors import Problem
from rejoinder.rdf import query, terms
from rejoinder.rdf.terms import Literal, NamedNode, Quad

_TYPE: Final = NamedNode(namespaces.RDF_TYPE)
_LABEL: Final = NamedNode(namespaces.RDFS + "label")
_PREF_LABEL: Final = namespaces.SKOS + "prefLabel"
_DATE: Final = namespaces.DCTERMS + "date"
_DAY: Final = NamedNode(namespaces.XSD + "date")

_IDENTITY: Final = namespaces.RJ + "identity"
IDENTITIES: Final = "identity/"
"""The path of the graph with the identities: they follow from all mapping files together, and so belong to none."""
_ONE_OR_NOT: Final = namespaces.SHAPES + "OneOrNot"
"""The IRI of this check in reports."""
_AGENTS: Final = ("person/", "organisation/")


@dataclass(frozen=True)
class Rules:
    """The rules for derivation: ranges, superclasses and super-properties from the ontology, and the CONSTRUCT queries.

    `superproperties` are those of other vocabularies; one of ours above another says nothing more. `digest` changes
    whenever the result of `derive` may change.
    """

    ranges: dict[str, str]
    superclasses: dict[str, frozenset[str]]
    superproperties: dict[str, frozenset[str]]
    constructs: tuple[str, ...]
    digest: str

    def derive(self, quads: Iterable[Quad]) -> tuple[Quad, ...]:
        """Return the quads of one graph with all derived ones, in canonical order.

        Raises:
            ValueError: a date is not EDTF, which cannot happen for a dossier from `Reader.read`.
        """
        authored = tuple(quads)
        if not authored:
            return ()
        graph = terms.text(authored[0].graph_name)
        derived = (*self._types(authored), *self._in_other_terms(authored), *_labels(authored), *_days(authored))
        store = terms.memory_store((*authored, *derived))
        for construct in self.constructs:  # sorted by name, because one may use the results of another
            store.extend(terms.in_graph(query.construct(store, construct, NamedNode(graph)), graph))
        # Taken from a store, literals have the same form as in a version, for example 1.5 for 1.50.
        return terms.canonical(store)

    def _types(self, quads: tuple[Quad, ...]) -> Iterator[Quad]:
        classes: defaultdict[tuple[object, object], set[str]] = defaultdict(set)
        for quad in quads:
            predicate = quad.predicate.value
            if predicate == namespaces.RDF_TYPE:
                classes[quad.subject, quad.graph_name].add(terms.text(quad.object))
            elif predicate in self.ranges:  # only for sections of a dossier: other ranges are checked, not inferred
                classes[quad.object, quad.graph_name].add(self.ranges[predicate])
        for (node, graph), direct in classes.items():
            # Also those of other vocabularies: queries and shapes then need no inference, and engines that infer
            # differently give the same answers.
            for name in direct.union(*(self.superclasses.get(name, frozenset()) for name in direct)):
                yield Quad(node, _TYPE, NamedNode(name), graph)  # type: ignore[arg-type]  # both came out of quads

    def _in_other_terms(self, quads: tuple[Quad, ...]) -> Iterator[Quad]:
        """Yield what a statement says in the properties of other vocabularies that are above its own."""
        for quad in quads:
            # Not in our own super-properties: who asks for both would count one statement twice.
            for name in self.superproperties.get(quad.predicate.value, ()):
                yield Quad(quad.subject, NamedNode(name), quad.object, quad.graph_name)


def _labels(quads: tuple[Quad, ...]) -> Iterator[Quad]:
    """Yield an rdfs:label for each skos:prefLabel, which is a sub-property of it (SKOS S11)."""
    for quad in quads:
        if quad.predicate.value == _PREF_LABEL:
            yield Quad(quad.subject, _LABEL, quad.object, quad.graph_name)


def _days(quads: tuple[Quad, ...]) -> Iterator[Quad]:
    """Yield first and last day of each dcterms:date in EDTF, except for open sides."""
    for quad in quads:
        if (
            quad.predicate.value == _DATE
            and isinstance(quad.object, Literal)
            and quad.object.datatype.value == namespaces.EDTF
        ):
            # As days, because SPARQL compares these and knows nothing of EDTF.
            span = dates.span(quad.object.value)
            for name, day in (("earliest", span.earliest), ("latest", span.latest)):
                if day:
                    literal = Literal(day.isoformat(), datatype=_DAY)
                    yield Quad(quad.subject, NamedNode(namespaces.RJ + name), literal, quad.graph_name)


def read_rules() -> Rules:
    """Return the shipped rules."""
    ontology, folder = package_file("ontology/rejoinder.ttl"), package_file("ontology/rules")
    constructs = tuple(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.rq")))
    triples = tuple(terms.parse_file(ontology, namespaces.ONTOLOGY_GRAPH))
    return Rules(
        ranges=dict(_containments(triples)),
        superclasses=_closure(triples, "subClassOf"),
        superproperties={
            name: others
            for name, above in _closure(triples, "subPropertyOf").items()
            # Ours above ours says nothing more, and questions that ask for both would count twice.
            if (others := frozenset(each for each in above if not each.startswith(namespaces.RJ)))
        },
        constructs=constructs,
        digest=hashlib.sha256(ontology.read_bytes() + "".join(constructs).encode()).hexdigest(),
    )


def _containments(triples: Iterable[Quad]) -> Iterator[tuple[str, str]]:
    """Yield each property below rj:describes with its range."""
    known = tuple(triples)
    containing = {
        t.subject
        for t in known
        if t.predicate.value == namespaces.RDFS + "subPropertyOf"
        and terms.text(t.object) == namespaces.RJ + "describes"
    }
    for triple in known:
        if triple.predicate.value == namespaces.RDFS + "range" and triple.subject in containing:
            yield terms.text(triple.subject), terms.text(triple.object)


def _closure(triples: Iterable[Quad], relation: str) -> dict[str, frozenset[str]]:
    """Return every class, or property, with all that are named above it by the relation of RDFS, directly or not."""
    direct: defaultdict[str, set[str]] = defaultdict(set)
    for triple in triples:
        if triple.predicate.value == namespaces.RDFS + relation and isinstance(triple.object, NamedNode):
            direct[terms.text(triple.subject)].add(triple.object.value)
    return {name: frozenset(_above(name, direct)) for name in direct}


def _above(name: str, direct: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()  # also ends a cycle of superclasses
    todo = list(direct[name])
    while todo:
        upper = todo.pop()
        if upper not in found:
            found.add(upper)
            todo += direct.get(upper, ())
    return found


@dataclass(frozen=True)
class Judgement:
    """What one row says on two people or organisations: that they are one, or are not; `node` is the row's node."""

    node: str
    subject: str
    object: str
    negated: bool
    confirmed: bool


def judgements(quads: Iterable[Quad], base: str) -> Iterator[Judgement]:
    """Yield the judgements on people and organisations of the project at `base`, in the order of their nodes."""
    values: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for quad in quads:
        values[terms.text(quad.subject)][quad.predicate.value] = terms.text(quad.object)
    own = tuple(base + kind for kind in _AGENTS)
    for node, said in sorted(values.items()):
        if said.get(sssom.PREDICATE) == sssom.SAME and said.get(namespaces.RDF_TYPE) == sssom.MAPPING:
            subject, other = said.get(sssom.SUBJECT, ""), said.get(sssom.OBJECT, "")
            if subject.startswith(own) and other.startswith(own):
                yield Judgement(node, subject, other, sssom.MODIFIER in said, sssom.REVIEWER in said)


class Components:
    """Sets of people or organisations that are one, by union-find; the least IRI stands for each set.

    >>> one = Components()
    >>> one.join("c", "b"), one.join("b", "a"), one.least("c"), one.least("d")
    (None, None, 'a', 'd')
    """

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def least(self, iri: str) -> str:
        """Return the least IRI of the set that `iri` is in, `iri` itself if nothing is joined to it."""
        at = iri
        while (above := self._parent.get(at, at)) != at:
            at = above
        while iri != at:  # the next search is one step long
            self._parent[iri], iri = at, self._parent[iri]
        return at

    def join(self, iri: str, other: str) -> None:
        """Join the sets of both."""
        # The least IRI, not the larger set, so that the order of the rows does not matter.
        least, greater = sorted((self.least(iri), self.least(other)))
        self._parent[greater] = self._parent[least] = least

    def members(self) -> Iterator[str]:
        """Yield everything that was joined, in order."""
        yield from sorted(self._parent)


def joined(judged: Iterable[Judgement]) -> Components:
    """Return the sets that the confirmed judgements join."""
    found = Components()
    for each in judged:
        if each.confirmed and not each.negated:
            found.join(each.subject, each.object)
    return found


def identity_quads(quads: Iterable[Quad], base: str) -> tuple[Quad, ...]:
    """Return the graph of identities that follows from the statements of all mapping files.

    A set with two members that somebody refuses to join has no identity, whatever file says so.
    """
    judged = tuple(judgements(quads, base))
    one = joined(judged)
    # An old row and a new refusal may meet here: a file with a problem keeps its last good graph.
    disputed = {one.least(e.subject) for e in judged if e.negated and one.least(e.subject) == one.least(e.object)}
    graph, identity = NamedNode(base + IDENTITIES), NamedNode(_IDENTITY)
    pairs = [(member, least) for member in one.members() if (least := one.least(member)) not in disputed]
    found = [Quad(NamedNode(member), identity, NamedNode(least), graph) for member, least in pairs]
    label = Quad(graph, NamedNode(namespaces.RDFS + "label"), Literal("Identities", language="en"), graph)
    return terms.canonical([label, *found]) if found else ()


@dataclass(frozen=True)
class _Placed:
    """A judgement with the dossier that it is from."""

    judgement: Judgement
    dossier: Dossier

    @property
    def line(self) -> int | None:
        return self.dossier.line(self.judgement.node)

    @property
    def where(self) -> str:
        """File and line, as editors understand them."""
        return Problem(self.dossier.path, self.line, "").where


def contradictions(dossiers: Sequence[Dossier], base: str) -> Mapping[Path, tuple[Problem, ...]]:
    """Return, by file, a problem for each refusal between two people whom confirmed mappings join.

    It names the mappings that lead from the one to the other. Other files with such a mapping have a problem, too, so
    that neither side is published before somebody decides.
    """
    placed = [_Placed(judgement, dossier) for dossier in dossiers for judgement in judgements(dossier.quads, base)]
    one = joined(each.judgement for each in placed)
    links: defaultdict[str, list[tuple[str, _Placed]]] = defaultdict(list)
    for each in placed:
        said = each.judgement
        if said.confirmed and not said.negated:
            links[said.subject].append((said.object, each))
            links[said.object].append((said.subject, each))
    found: defaultdict[Path, list[Problem]] = defaultdict(list)
    for each in placed:
        said = each.judgement
        if said.negated and one.least(said.subject) == one.least(said.object):
            path = _steps(said.subject, said.object, links)
            for problem in _contradictions(each, path, base):
                found[problem.path].append(problem)
    return {path: tuple(problems) for path, problems in found.items()}


def _steps(start: str, end: str, links: Mapping[str, Sequence[tuple[str, _Placed]]]) -> tuple[_Placed, ...]:
    """Return the fewest mappings that lead from one to the other."""
    reached_from: dict[str, tuple[str, _Placed] | None] = {start: None}
    todo = deque([start])
    # There is a way, because both are in one set of `joined`.
    while end not in reached_from:
        at = todo.popleft()
        for other, by in links[at]:
            if other not in reached_from:
                reached_from[other] = (at, by)
                todo.append(other)
    steps: list[_Placed] = []
    at = end
    while step := reached_from[at]:
        at, by = step
        steps.insert(0, by)
    return tuple(steps)


def _contradictions(refusal: _Placed, path: Sequence[_Placed], base: str) -> Iterator[Problem]:
    def name(iri: str) -> str:
        return iri.removeprefix(base)

    said = refusal.judgement
    refused = f"{name(said.subject)} is not {name(said.object)}"
    steps = [f"{name(each.judgement.subject)} is {name(each.judgement.object)} ({each.where})" for each in path]
    confirmed = f"{' and '.join(steps)} {'is' if len(steps) == 1 else 'are'} confirmed"
    yield _contradiction(refusal, f"this row says that {refused}, but {confirmed}; delete one of these rows")
    reported = {refusal.dossier.path}
    for each in path:
        if each.dossier.path not in reported:
            reported.add(each.dossier.path)
            yield _contradiction(
                each, f"{confirmed}, but {refusal.where} says that {refused}; delete one of these rows"
            )


def _contradiction(placed: _Placed, message: str) -> Problem:
    return Problem(placed.dossier.path, placed.line, message, focus=placed.judgement.node, rule=_ONE_OR_NOT)
