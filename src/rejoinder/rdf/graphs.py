"""Named graphs: the statements of one, and how to load and replace them in a store whose default graph is their union.

Every statement is stored in its named graph and once in the default graph. Oxigraph can query the union of all graphs
itself, but then returns a statement of two graphs twice, and counts are wrong.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Final

from rejoinder import formats, namespaces
from rejoinder.rdf import terms
from rejoinder.rdf.terms import DefaultGraph, NamedNode, Quad, Store

_BATCH: Final = 32 * 1024 * 1024
"""Bytes of N-Quads per bulk load: the engine holds them in memory, and about eight times as much for its indexes."""


@dataclass(frozen=True)
class GraphStatements:
    """The statements of the named graph `graph`, derived ones included, in canonical order."""

    graph: str
    quads: tuple[Quad, ...]

    @cached_property
    def lines(self) -> bytes:
        """Canonical N-Quads."""
        return terms.serialize(self.quads, formats.NQUADS)

    @property
    def triples(self) -> bytes:
        """Canonical N-Triples: the same lines without the graph."""
        return self.lines.replace(f" <{self.graph}> .\n".encode(), b" .\n")

    @cached_property
    def described(self) -> frozenset[str]:
        """The nodes that the graph describes."""
        return frozenset(terms.text(quad.subject) for quad in self.types)

    @cached_property
    def types(self) -> tuple[Quad, ...]:
        """The statements with rdf:type."""
        return tuple(quad for quad in self.quads if quad.predicate.value == namespaces.RDF_TYPE)

    @cached_property
    def nodes(self) -> frozenset[str]:
        """The IRIs of subjects and objects; those of classes are not nodes, whatever is said of them elsewhere."""
        others = [quad for quad in self.quads if quad.predicate.value != namespaces.RDF_TYPE]
        return _iris(quad.subject for quad in others) | _iris(quad.object for quad in others)

    @cached_property
    def mentioned(self) -> frozenset[str]:
        """The IRIs of subjects and objects, classes included."""
        return self.nodes | self.described | _iris(quad.object for quad in self.types)


def _iris(found: Iterable[object]) -> frozenset[str]:
    return frozenset(term.value for term in found if isinstance(term, NamedNode))


def union_store(quads: Iterable[Quad]) -> Store:
    """Return a store in memory that holds `quads` and their union."""
    store = Store()
    known = tuple(quads)
    # Without a transaction, which a new store does not need.
    store.bulk_extend(chain(known, (Quad(quad.subject, quad.predicate, quad.object) for quad in known)))
    return store


def replace(store: Store, graphs: Mapping[str, Iterable[Quad]]) -> None:
    """Make each named graph of `store` hold exactly these statements; remove one that has none.

    Only differing statements are touched; for a graph with few changes, this takes a sixth of the time of loading.

    >>> a, g, h = (NamedNode(f"https://example.org/{name}") for name in "agh")
    >>> store = union_store([Quad(a, a, a, g), Quad(a, a, a, h)])
    >>> replace(store, {g.value: (Quad(a, a, g, g),)})
    >>> sorted(str(quad.object) for quad in store.quads_for_pattern(None, None, None, DefaultGraph()))
    ['<https://example.org/a>', '<https://example.org/g>']
    """
    for iri, quads in graphs.items():
        # Read first: a store in memory waits for ever when it is changed while it reads.
        before, now = set(statements(store, iri)), set(quads)
        for quad in before - now:
            store.remove(quad)
            union = Quad(quad.subject, quad.predicate, quad.object)
            elsewhere = tuple(store.quads_for_pattern(quad.subject, quad.predicate, quad.object))
            if elsewhere == (union,):
                store.remove(union)
        if not now:
            store.remove_graph(NamedNode(iri))  # an empty graph would keep its name
        added = now - before
        store.extend(chain(added, (Quad(quad.subject, quad.predicate, quad.object) for quad in added)))


def load(store: Store, batches: Iterable[bytes], *, jobs: int = 1) -> None:
    """Load batches of N-Quads, as many at once as `jobs`; only few of them are in memory at a time."""
    loading: deque[Future[None]] = deque()
    with ThreadPoolExecutor(jobs) as pool:
        for lines in batches:
            loading.append(pool.submit(terms.bulk_load, store, lines))
            if len(loading) > jobs:  # one batch may wait, so that no thread has to
                loading.popleft().result()
        while loading:
            loading.popleft().result()


def batches(graphs: Iterable[tuple[str, bytes]], size: int = _BATCH) -> Iterator[bytes]:
    """Yield the N-Quads of named graphs in batches for one bulk load each, of `size` bytes or somewhat more.

    A batch has complete graphs, because each load renames blank nodes. The statements of each graph are there
    once more for the default graph.
    """
    batch = bytearray()
    for iri, lines in graphs:
        batch += lines
        # A line ends with its graph's name; literals contain no line breaks.
        batch += lines.replace(f" <{iri}> .\n".encode(), b" .\n")
        if len(batch) >= size:
            yield bytes(batch)
            batch.clear()
    if batch:
        yield bytes(batch)


def statements(store: Store, graph: str | None = None) -> Iterator[Quad]:
    """Return the quads of the named graph `graph`, or of all named graphs."""
    if graph is not None:
        return store.quads_for_pattern(None, None, None, NamedNode(graph))
    return (quad for quad in store if not isinstance(quad.graph_name, DefaultGraph))


def names_of(store: Store) -> frozenset[str]:
    """Return the IRIs of the named graphs."""
    return frozenset(terms.text(node) for node in store.named_graphs())


def with_value(store: Store, iri: str) -> Iterator[str]:
    """Yield the name of the graph of each statement with the node as its value; the default graph is not read.

    >>> a, g = NamedNode("https://example.org/a"), NamedNode("https://example.org/g")
    >>> list(with_value(union_store([Quad(g, a, a, g)]), a.value))
    ['https://example.org/g']
    """
    # By a query, because a pattern for any graph would match the default graph as well.
    rows = store.query(f"SELECT ?graph {{ GRAPH ?graph {{ ?subject ?property {NamedNode(iri)} }} }}")
    for row in rows:  # type: ignore[union-attr]  # a table
        yield row["graph"].value
