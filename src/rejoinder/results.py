"""Answers of a triple store as our own values: tables and statements.

Standards: SPARQL 1.1 Query Results JSON Format; N-Triples; Turtle.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from rejoinder import formats, names, rdf
from rejoinder.errors import RemoteError
from rejoinder.questions import Table
from rejoinder.rdf import BlankNode, Literal, NamedNode, Quad, RdfSyntaxError, Term


class Answer(Protocol):
    """What an HTTP client calls an answer."""

    @property
    def content(self) -> bytes:
        """Its body."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Its headers."""

    def json(self) -> Any:
        """Its body, read as JSON."""


def statements(answer: Answer) -> Iterator[Quad]:
    """The statements in the body of an answer.

    Raises:
        RemoteError: the body is not RDF.
    """
    turtle = answer.headers.get("content-type", "").startswith(formats.TURTLE.media_type)
    try:
        yield from rdf.parse(answer.content, formats.TURTLE if turtle else formats.NTRIPLES)
    except RdfSyntaxError as error:
        raise RemoteError(f"the store sent a graph that cannot be read: {error}") from error


def table(answer: Answer) -> Table:
    """The table in the body of an answer.

    Raises:
        RemoteError: the body is not SPARQL results JSON.
    """
    try:
        return table_of(answer.json())
    except (ValueError, KeyError, TypeError) as error:
        raise RemoteError(f"the store sent a table that cannot be read: {error}") from error


def table_of(document: Mapping[str, Any]) -> Table:
    """The table that SPARQL results JSON stands for, values in the form the embedded store gives them.

    >>> cell = {"type": "typed-literal", "datatype": names.XSD + "decimal", "value": "2.0"}
    >>> str(table_of({"head": {"vars": ["n"]}, "results": {"bindings": [{"n": cell}]}}).rows[0][0])
    '"2"^^<http://www.w3.org/2001/XMLSchema#decimal>'
    """
    if "boolean" in document:
        return Table(("boolean",), ((Literal(bool(document["boolean"])),),))
    columns = tuple(document["head"]["vars"])
    rows = tuple(
        tuple(_term(row[name]) if name in row else None for name in columns) for row in document["results"]["bindings"]
    )
    return Table(columns, rdf.normalised(rows))


def _term(cell: Mapping[str, str]) -> Term:
    kind, value = cell["type"], cell["value"]
    if kind == "uri":
        return NamedNode(value)
    if kind == "bnode":
        return BlankNode("".join(c if c.isalnum() else "-" for c in value))  # Virtuoso's are nodeID://…
    if "xml:lang" in cell:
        return Literal(value, language=cell["xml:lang"])
    return Literal(value, datatype=NamedNode(cell.get("datatype", names.XSD + "string")))
