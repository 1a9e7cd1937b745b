"""The files that say in RDF what a page says: what is said of a thing, and what is said with it."""

from __future__ import annotations

from collections.abc import Iterator

from rejoinder import formats
from rejoinder.site.press import Page
from rejoinder.store import exporter, rdf
from rejoinder.store.context import Context
from rejoinder.store.rdf import DefaultGraph, NamedNode, Quad, Store


def statements(store: Store, iri: str) -> tuple[Quad, ...]:
    """The statements that have the thing as subject or object, in a graph of its own name."""
    node, union = NamedNode(iri), DefaultGraph()
    found = {quad.triple for quad in store.quads_for_pattern(node, None, None, union)}
    found |= {quad.triple for quad in store.quads_for_pattern(None, None, node, union)}
    return rdf.canonical(rdf.in_graph(found, iri))


def lines(quads: tuple[Quad, ...]) -> bytes:
    """Canonical statements as N-Triples: equal if and only if the graphs are."""
    return rdf.serialize([quad.triple for quad in quads], formats.NTRIPLES)


def readable(stem: str, quads: tuple[Quad, ...], base: str, context: Context) -> Iterator[Page]:
    """The statements of one graph as Turtle and JSON-LD."""
    for syntax in (formats.TURTLE, formats.JSONLD):
        content = exporter.write(quads, syntax, base, context)
        yield Page(stem + syntax.suffix, content, syntax.media_type)
