"""Whether blank nodes that a stranger sends can be told apart: to name those that look alike takes factorial time.

Standards: RDF Dataset Canonicalization 1.0, 7.1 (poison graphs).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from math import factorial
from typing import Final

from rejoinder.store.rdf import BlankNode, Quad

_ROUNDS: Final = 30
_MOST_ORDERS: Final = 10_000  # some two seconds

_Edges = dict[BlankNode, list[tuple[str, object]]]
"""For each blank node, the terms beside it, and how they are beside it."""


def orders(quads: Iterable[Quad]) -> int:
    """About how many orders of blank nodes have to be tried to name them.

    >>> from rejoinder.store.rdf import NamedNode
    >>> a, b = BlankNode("a"), BlankNode("b")
    >>> orders([Quad(a, NamedNode("x:p"), b), Quad(b, NamedNode("x:p"), a)])
    2
    """
    edges = _edges(quads)
    colours = _told_apart(edges)
    sizes = Counter(colours.values())
    alike = {node for node in edges if sizes[colours[node]] > 1}
    return sum(factorial(min(size, 20)) for size in _group_sizes(edges, alike) if size > 1)


def too_alike(quads: Iterable[Quad]) -> bool:
    """Whether it would take too long to name the blank nodes."""
    return orders(quads) > _MOST_ORDERS


def _edges(quads: Iterable[Quad]) -> _Edges:
    found: _Edges = defaultdict(list)
    for quad in quads:
        if isinstance(quad.subject, BlankNode):
            found[quad.subject].append((f">{quad.predicate}{quad.graph_name}", quad.object))
        if isinstance(quad.object, BlankNode):
            found[quad.object].append((f"<{quad.predicate}{quad.graph_name}", quad.subject))
    return found


def _told_apart(edges: _Edges) -> dict[BlankNode, int]:
    """A colour for each blank node, the same for those that have the same around them."""
    colours, number = dict.fromkeys(edges, 0), 1
    for _ in range(_ROUNDS):
        colours = {node: hash(tuple(sorted(_seen(around, colours)))) for node, around in edges.items()}
        before, number = number, len(set(colours.values()))
        if number == before:
            break
    return colours


def _seen(around: list[tuple[str, object]], colours: dict[BlankNode, int]) -> Iterable[int]:
    return (hash((how, colours[term] if isinstance(term, BlankNode) else term)) for how, term in around)


def _group_sizes(edges: _Edges, alike: set[BlankNode]) -> Iterable[int]:
    """How large the groups of blank nodes are that look like others and hang together."""
    left = set(alike)
    while left:
        reached = [left.pop()]
        size = 0
        while reached:
            size += 1
            beside = {term for _, term in edges[reached.pop()] if isinstance(term, BlankNode)} & left
            left -= beside
            reached += beside
        yield size
