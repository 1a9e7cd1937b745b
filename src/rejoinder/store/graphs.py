"""Named graphs in a store, and their union, which is its default graph.

Every statement stands in its named graph and once in the default graph. Oxigraph can query the union of all graphs by
itself, but then gives a statement that stands in two graphs twice, and counts come out wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from rejoinder.store import rdf
from rejoinder.store.rdf import DefaultGraph, NamedNode, Quad, Store


def memory_store(quads: Iterable[Quad]) -> Store:
    """A store in memory that holds `quads` and their union."""
    store = Store()
    _add(store, tuple(quads))
    return store


def replace(store: Store, graphs: Mapping[str, tuple[Quad, ...]]) -> None:
    """Each named graph of `store` made to hold exactly these statements; without any, it is gone.

    >>> a, g, h = (NamedNode(f"https://example.org/{name}") for name in "agh")
    >>> store = memory_store([Quad(a, a, a, g), Quad(a, a, a, h)])
    >>> replace(store, {g.value: (Quad(a, a, g, g),)})
    >>> sorted(str(quad.object) for quad in store.quads_for_pattern(None, None, None, DefaultGraph()))
    ['<https://example.org/a>', '<https://example.org/g>']
    """
    before = {quad.triple for iri in graphs for quad in store.quads_for_pattern(None, None, None, NamedNode(iri))}
    after = {quad.triple for quads in graphs.values() for quad in quads}
    for iri in graphs:
        store.remove_graph(NamedNode(iri))
    _add(store, tuple(chain.from_iterable(graphs.values())))
    for triple in before - after:
        union = Quad(triple.subject, triple.predicate, triple.object)
        elsewhere = store.quads_for_pattern(triple.subject, triple.predicate, triple.object)
        if not any(quad != union for quad in elsewhere):
            store.remove(union)


def _add(store: Store, quads: tuple[Quad, ...]) -> None:
    store.bulk_extend(chain(quads, (Quad(quad.subject, quad.predicate, quad.object) for quad in quads)))


def statements(store: Store, graph: str | None = None) -> Iterator[Quad]:
    """The quads of the named graph `graph`, or of all of them."""
    if graph is not None:
        return store.quads_for_pattern(None, None, None, NamedNode(graph))
    return (quad for quad in store if not isinstance(quad.graph_name, DefaultGraph))


def names_of(store: Store) -> frozenset[str]:
    """The IRIs of the named graphs."""
    return frozenset(rdf.text(node) for node in store.named_graphs())
