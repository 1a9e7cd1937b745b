"""Graphs and terms in the one form by which they are compared; what is here is used as a part of `rdf`.

Standard: RDF Dataset Canonicalization 1.0.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import TypeVar

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, Literal, NamedNode, Quad, Store, Triple

Term = NamedNode | BlankNode | Literal | Triple

_T = TypeVar("_T", bound=Term)


def canonical(quads: Iterable[Quad]) -> tuple[Quad, ...]:
    """The quads of one graph, without repeats, in the order of their N-Quads lines, blank nodes named by RDFC-1.0.

    Blank nodes get the graph's digest in their name, so that two graphs in one store never share one.
    Standard: RDF Dataset Canonicalization 1.0.
    """
    by_line = {str(quad): quad for quad in quads}
    if any("_:" in line for line in by_line) and any(map(_has_blank_node, by_line.values())):
        by_line = {str(quad): quad for quad in _canonical_blank_nodes(set(by_line.values()))}
    return tuple(by_line[line] for line in sorted(by_line))


def _has_blank_node(quad: Quad) -> bool:
    return isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode)


def _canonical_blank_nodes(quads: set[Quad]) -> Iterator[Quad]:
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    prefix = "b" + hashlib.sha256(str(next(iter(quads)).graph_name).encode()).hexdigest()[:8]
    for quad in dataset:
        yield Quad(_renamed(quad.subject, prefix), quad.predicate, _renamed(quad.object, prefix), quad.graph_name)


def _renamed(term: _T, prefix: str) -> _T | BlankNode:
    return BlankNode(prefix + term.value) if isinstance(term, BlankNode) else term


def content_digest(quads: Iterable[Quad]) -> str:
    """SHA-256 over the canonical N-Quads lines: equal if and only if the graphs are.

    >>> a, b = NamedNode("x:a"), NamedNode("x:b")
    >>> content_digest([Quad(a, b, a), Quad(a, b, b)]) == content_digest([Quad(a, b, b), Quad(a, b, a)])
    True
    """
    digest = hashlib.sha256()
    for quad in canonical(quads):
        digest.update(str(quad).encode())
        digest.update(b" .\n")
    return digest.hexdigest()


def comparable(quads: Iterable[Quad]) -> tuple[Quad, ...]:
    """The quads of one graph as any store may give them back: equal if and only if the graphs mean the same.

    Stores write numbers, booleans and times in forms of their own, some lower-case language tags, and all rename blank
    nodes. Here values are in this engine's form, tags lower-cased, blank nodes canonical.

    >>> decimal = NamedNode("http://www.w3.org/2001/XMLSchema#decimal")
    >>> one = Quad(NamedNode("x:a"), NamedNode("x:b"), Literal("1.50", datatype=decimal))
    >>> str(comparable([one])[0].object)
    '"1.5"^^<http://www.w3.org/2001/XMLSchema#decimal>'
    """
    return canonical(
        Quad(quad.subject, quad.predicate, _lower_tag(quad.object), quad.graph_name) for quad in memory_store(quads)
    )


def normalised(rows: Iterable[tuple[Term | None, ...]]) -> tuple[tuple[Term | None, ...], ...]:
    """The rows with every literal in the form this engine gives it: `2` for the decimal `2.0`."""
    table = tuple(rows)
    literals = {term for row in table for term in row if isinstance(term, Literal) and not term.language}
    places = {NamedNode(f"x:{number}"): literal for number, literal in enumerate(literals)}
    store = memory_store(Quad(place, place, literal) for place, literal in places.items())
    forms = {places[quad.subject]: quad.object for quad in store}
    return tuple(tuple(forms.get(term, term) if isinstance(term, Literal) else term for term in row) for row in table)


def _lower_tag(term: Term) -> Term:
    if not isinstance(term, Literal) or not term.language:
        return term
    return Literal(term.value, language=term.language.lower(), direction=term.direction)


def memory_store(quads: Iterable[Quad]) -> Store:
    """A store in memory that holds `quads`."""
    store = Store()
    store.extend(quads)
    return store
