"""Answers of a triple store as our own values: tables and statements.

Standards: SPARQL 1.1 Query Results JSON Format; N-Triples; Turtle.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from rejoinder import formats, names
from rejoinder.errors import RemoteError
from rejoinder.questions.questions import Table
from rejoinder.store import rdf
from rejoinder.store.rdf import BlankNode, Literal, NamedNode, Quad, RdfSyntaxError, Term


class UnreadableError(RemoteError):
    """An answer of the store that is not what it says it is; asked again, it would come the same."""


def statements(body: bytes, media_type: str) -> Iterator[Quad]:
    """The statements that the body of an answer holds, as Turtle if `media_type` says so, else as N-Triples.

    Raises:
        UnreadableError: the body is not RDF.
    """
    turtle = media_type.startswith(formats.TURTLE.media_type)
    try:
        yield from rdf.parse(body, formats.TURTLE if turtle else formats.NTRIPLES)
    except RdfSyntaxError as error:
        raise UnreadableError(f"the store sent a graph that cannot be read: {error}") from error


def table(body: bytes) -> Table:
    """The table that the body of an answer holds.

    Raises:
        RemoteError: the body is not SPARQL results JSON.
    """
    try:
        return table_of(json.loads(body))
    except ValueError as error:
        raise _unreadable(error) from error


def table_of(document: Mapping[str, Any]) -> Table:
    """The table that SPARQL results JSON stands for, values in the form the embedded store gives them.

    >>> cell = {"type": "typed-literal", "datatype": names.XSD + "decimal", "value": "2.0"}
    >>> str(table_of({"head": {"vars": ["n"]}, "results": {"bindings": [{"n": cell}]}}).rows[0][0])
    '"2"^^<http://www.w3.org/2001/XMLSchema#decimal>'

    Raises:
        RemoteError: it is not SPARQL results JSON.
    """
    try:
        if "boolean" in document:
            return Table(("boolean",), ((Literal(bool(document["boolean"])),),))
        columns, found = tuple(document["head"]["vars"]), document["results"]["bindings"]
        rows = [tuple(_term(row[name]) if name in row else None for name in columns) for row in found]
    except (ValueError, KeyError, TypeError) as error:
        raise _unreadable(error) from error
    return Table(columns, rdf.normalised(rows))


def _unreadable(error: Exception) -> RemoteError:
    return RemoteError(f"the store sent a table that cannot be read: {error}")


def _term(cell: Mapping[str, str]) -> Term:
    kind, value = cell["type"], cell["value"]
    if kind == "uri":
        return NamedNode(value)
    if kind == "bnode":
        return BlankNode("".join(c if c.isalnum() else "-" for c in value))  # Virtuoso's are nodeID://…
    if "xml:lang" in cell:
        return Literal(value, language=cell["xml:lang"])
    return Literal(value, datatype=NamedNode(cell.get("datatype", names.XSD + "string")))
