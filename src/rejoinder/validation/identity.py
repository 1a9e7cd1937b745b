"""Derive which entries are one person or organisation, from confirmed mappings, and find refusals that contradict them.

People joined by mappings, directly or over others, have one identity: the least of their IRIs. Nothing else is said of
them, so that without a mapping everything is again as it was before.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rejoinder import namespaces
from rejoinder.dossiers import sssom
from rejoinder.dossiers.reader import Dossier
from rejoinder.errors import Problem
from rejoinder.rdf import terms
from rejoinder.rdf.terms import Literal, NamedNode, Quad

IDENTITY: Final = namespaces.RJ + "identity"
GRAPH: Final = "identity/"
"""The path of the graph with the identities: they follow from all mapping files together, and so belong to none."""
RULE: Final = namespaces.SHAPES + "OneOrNot"
"""The IRI of this check in reports."""
_KINDS: Final = ("person/", "organisation/")


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
    own = tuple(base + kind for kind in _KINDS)
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
    graph, identity = NamedNode(base + GRAPH), NamedNode(IDENTITY)
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
            path = _path(said.subject, said.object, links)
            for problem in _problems(each, path, base):
                found[problem.path].append(problem)
    return {path: tuple(problems) for path, problems in found.items()}


def _path(start: str, end: str, links: Mapping[str, Sequence[tuple[str, _Placed]]]) -> tuple[_Placed, ...]:
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


def _problems(refusal: _Placed, path: Sequence[_Placed], base: str) -> Iterator[Problem]:
    def name(iri: str) -> str:
        return iri.removeprefix(base)

    said = refusal.judgement
    refused = f"{name(said.subject)} is not {name(said.object)}"
    steps = [f"{name(each.judgement.subject)} is {name(each.judgement.object)} ({each.where})" for each in path]
    confirmed = f"{' and '.join(steps)} {'is' if len(steps) == 1 else 'are'} confirmed"
    yield _problem(refusal, f"this row says that {refused}, but {confirmed}; delete one of these rows")
    reported = {refusal.dossier.path}
    for each in path:
        if each.dossier.path not in reported:
            reported.add(each.dossier.path)
            yield _problem(each, f"{confirmed}, but {refusal.where} says that {refused}; delete one of these rows")


def _problem(placed: _Placed, message: str) -> Problem:
    return Problem(placed.dossier.path, placed.line, message, focus=placed.judgement.node, rule=RULE)
