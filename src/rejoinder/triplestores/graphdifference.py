"""In what a graph that a store gives back differs from the one that was pushed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rejoinder.store import rdf
from rejoinder.store.rdf import Quad, Triple


@dataclass(frozen=True)
class Difference:
    """A graph that the store does not hold as it was pushed: how many statements are missing, and how many too many."""

    graph: str
    missing: int
    extra: int
    example: str


def difference(graph: str, ours: Iterable[Triple], theirs: Iterable[Triple]) -> Difference | None:
    """In what the statements `theirs` of a graph are not `ours`; None if the graphs mean the same.

    >>> a, b = rdf.NamedNode("x:a"), rdf.NamedNode("x:b")
    >>> difference("x:g", [Triple(a, b, a)], [Triple(a, b, a)]) is None
    True
    >>> difference("x:g", [Triple(a, b, a)], [])
    Difference(graph='x:g', missing=1, extra=0, example='<x:a> <x:b> <x:a>')
    """
    pushed, there = set(ours), set(theirs)
    if pushed == there:  # most stores give back what they got; the long way takes ten times as long
        return None
    expected, found = _comparable(pushed, graph), _comparable(there, graph)
    if expected == found:
        return None
    missing, extra = expected - found, found - expected
    return Difference(graph, len(missing), len(extra), str(min(missing or extra, key=str).triple))


def _comparable(triples: Iterable[Triple], graph: str) -> frozenset[Quad]:
    return frozenset(rdf.comparable(rdf.in_graph(triples, graph)))
