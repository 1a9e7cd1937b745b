"""Descriptions as rows, and the graph that is made of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from rejoinder import names
from rejoinder.site.things import expanded
from rejoinder.store import rdf
from rejoinder.store.rdf import Literal, NamedNode, Quad, Term

_MOMENT: Final = NamedNode(names.XSD + "dateTime")

Row = tuple[str, str, Term]
"""Subject, property as a prefix and a name, value."""


def graph_of(rows: Iterable[Row], graph: str) -> tuple[Quad, ...]:
    """The rows as statements of a named graph, in the one order that they are always written in."""
    return rdf.canonical(Quad(NamedNode(s), expanded(p), o, NamedNode(graph)) for s, p, o in rows)


def called(iri: str, title: str) -> Iterator[Row]:
    """What a thing is called, for those who ask for a label and for those who ask for a title."""
    yield from ((iri, name, Literal(title, language="en")) for name in ("rdfs:label", "dcterms:title"))


def moment(text: str) -> Literal:
    """An xsd:dateTime."""
    return Literal(text, datatype=_MOMENT)
