"""The files that say in RDF what a page says: what is said of a thing, and what is said with it."""

from __future__ import annotations

from rejoinder import formats
from rejoinder.formats import Syntax
from rejoinder.site.press import Page
from rejoinder.site.source import Source
from rejoinder.store import exporter, rdf
from rejoinder.store.context import Context
from rejoinder.store.rdf import DefaultGraph, NamedNode, Quad


def statements(store: Source, iri: str) -> tuple[Quad, ...]:
    """The statements that have the thing as subject or object, in a graph of its own name."""
    node, union = NamedNode(iri), DefaultGraph()
    found = {quad.triple for quad in store.quads_for_pattern(node, None, None, union)}
    found |= {quad.triple for quad in store.quads_for_pattern(None, None, node, union)}
    return rdf.canonical(rdf.in_graph(found, iri))


def page(stem: str, quads: tuple[Quad, ...], syntax: Syntax, base: str, context: Context) -> Page:
    """The statements of one graph in `syntax`; N-Triples are canonical: equal if and only if the graphs are."""
    if syntax is formats.NTRIPLES:
        content = rdf.serialize([quad.triple for quad in rdf.canonical(quads)], syntax)
    else:
        content = exporter.write(quads, syntax, base, context)
    return Page(stem + syntax.suffix, content, syntax.media_type)
