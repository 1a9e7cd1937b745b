"""Turtle that is pleasant to read and the same every time: rdflib's writer, given the terms exactly as they are.

Standard: RDF 1.1 Turtle.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping

import rdflib
from rdflib.namespace import XSD
from rdflib.plugins.serializers.turtle import TurtleSerializer
from rdflib.term import Node

from rejoinder.store import rdf
from rejoinder.store.rdf import Triple


def turtle(triples: Iterable[Triple], prefixes: Mapping[str, str]) -> str:
    """The triples as Turtle: subjects in order, one predicate a line, blank nodes nested.

    >>> a = rdf.from_iri("https://example.org/a")
    >>> print(turtle([Triple(a, a, rdf.Literal(1))], {"ex": "https://example.org/"}).strip())
    @prefix ex: <https://example.org/> .
    <BLANKLINE>
    ex:a ex:a 1 .
    """
    graph = rdflib.Graph(bind_namespaces="none")
    for prefix, iri in prefixes.items():
        graph.bind(prefix, iri)
    for triple in triples:
        graph.add((_node(triple.subject), _node(triple.predicate), _node(triple.object)))
    written = io.BytesIO()
    _Writer(graph).serialize(written)
    return written.getvalue().decode()


def _node(term: rdf.Term) -> rdflib.URIRef | rdflib.BNode | rdflib.Literal:
    """The rdflib term: neither blank nodes nor literals are renamed or normalised on the way."""
    if isinstance(term, rdf.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, rdf.BlankNode):
        return rdflib.BNode(term.value)
    text, literal = rdf.text(term), term
    if isinstance(literal, rdf.Literal) and literal.language:
        return rdflib.Literal(text, lang=literal.language)
    datatype = literal.datatype.value if isinstance(literal, rdf.Literal) else ""
    plain = datatype == str(XSD.string)
    return rdflib.Literal(text, datatype=None if plain else rdflib.URIRef(datatype), normalize=False)


class _Writer(TurtleSerializer):
    """Writes a decimal without a point as it is; rdflib would append ".0", which is another term."""

    def label(self, node: Node, position: int) -> str:
        if isinstance(node, rdflib.Literal) and node.datatype == XSD.decimal and "." not in node:
            return f'"{node}"^^{self.store.namespace_manager.normalizeUri(XSD.decimal)}'
        return super().label(node, position)
