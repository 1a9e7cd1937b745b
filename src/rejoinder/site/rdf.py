"""RDF files beside the pages of a site."""

from __future__ import annotations

from rejoinder import formats
from rejoinder.formats import Syntax
from rejoinder.rdf import serialize, terms
from rejoinder.rdf.jsonld import Context
from rejoinder.rdf.jsonld_writer import json_ld
from rejoinder.rdf.terms import Quad
from rejoinder.site.render import Page


def rdf_page(stem: str, quads: tuple[Quad, ...], syntax: Syntax, base: str, context: Context) -> Page:
    """Return the file with the canonical statements of one graph in `syntax`.

    Two files of N-Triples are equal if and only if the graphs are.
    """
    if syntax is formats.NTRIPLES:
        content = terms.serialize([quad.triple for quad in quads], syntax)
    elif syntax is formats.TURTLE:  # not by `serialize.write`, which would sort the statements again
        content = serialize.turtle(quads, base).encode()
    elif syntax is formats.JSONLD:
        content = json_ld(quads, context).encode()
    else:
        content = serialize.write(quads, syntax, base, context)
    return Page(stem + syntax.suffix, content, syntax.media_type)
