"""The files that say in RDF what a page says: what is said of a thing, and what is said with it."""

from __future__ import annotations

from rejoinder import formats
from rejoinder.formats import Syntax
from rejoinder.rdf import serialize, terms
from rejoinder.rdf.jsonld import Context
from rejoinder.rdf.terms import DefaultGraph, NamedNode, Quad
from rejoinder.site.render import Page
from rejoinder.site.resource import Source


def statements(store: Source, iri: str) -> tuple[Quad, ...]:
    """The statements that have the thing as subject or object, in a graph of its own name."""
    node, union = NamedNode(iri), DefaultGraph()
    found = {quad.triple for quad in store.quads_for_pattern(node, None, None, union)}
    found |= {quad.triple for quad in store.quads_for_pattern(None, None, node, union)}
    return terms.canonical(terms.in_graph(found, iri))


def page(stem: str, quads: tuple[Quad, ...], syntax: Syntax, base: str, context: Context) -> Page:
    """The statements of one graph in `syntax`; N-Triples are canonical: equal if and only if the graphs are."""
    if syntax is formats.NTRIPLES:
        content = terms.serialize([quad.triple for quad in terms.canonical(quads)], syntax)
    else:
        content = serialize.write(quads, syntax, base, context)
    return Page(stem + syntax.suffix, content, syntax.media_type)
