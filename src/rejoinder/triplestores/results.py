"""Answers of a triple store as our own values: tables, statements, numbers; a sentence for whatever does not fit.

Standards: SPARQL 1.1 Query Results JSON Format; N-Triples; Turtle.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from math import factorial
from typing import Any, Final

from rejoinder import formats
from rejoinder.errors import QueryError
from rejoinder.questions.tables import Table
from rejoinder.rdf import query as rdf_query
from rejoinder.rdf import terms
from rejoinder.rdf.terms import BlankNode, Literal, NamedNode, Quad, RdfSyntaxError, Term, Triple
from rejoinder.triplestores.exchange import UnreadableError, excerpt

_ROUNDS: Final = 30
_MOST_ORDERS: Final = 10_000  # some two seconds

_Edges = dict[BlankNode, list[tuple[str, object]]]
"""For each blank node, the terms beside it, and how they are beside it."""


def orders(quads: Iterable[Quad]) -> int:
    """About how many orders of blank nodes have to be tried to name them.

    >>> from rejoinder.rdf.terms import NamedNode
    >>> a, b = BlankNode("a"), BlankNode("b")
    >>> orders([Quad(a, NamedNode("x:p"), b), Quad(b, NamedNode("x:p"), a)])
    2
    """
    edges = _edges(quads)
    colours = _alike_told_apart(edges)
    sizes = Counter(colours.values())
    alike = {node for node in edges if sizes[colours[node]] > 1}
    return sum(factorial(min(size, 20)) for size in _group_sizes(edges, alike) if size > 1)


def too_alike(quads: Iterable[Quad]) -> bool:
    """Whether it would take too long to name the blank nodes."""
    return orders(quads) > _MOST_ORDERS


def _edges(quads: Iterable[Quad]) -> _Edges:
    found: _Edges = defaultdict(list)
    for quad in quads:
        if isinstance(quad.subject, BlankNode):
            found[quad.subject].append((f">{quad.predicate}{quad.graph_name}", quad.object))
        if isinstance(quad.object, BlankNode):
            found[quad.object].append((f"<{quad.predicate}{quad.graph_name}", quad.subject))
    return found


def _alike_told_apart(edges: _Edges) -> dict[BlankNode, int]:
    """A colour for each blank node, the same for those that have the same around them."""
    colours, number = dict.fromkeys(edges, 0), 1
    for _ in range(_ROUNDS):
        colours = {node: hash(tuple(sorted(_seen(around, colours)))) for node, around in edges.items()}
        before, number = number, len(set(colours.values()))
        if number == before:
            break
    return colours


def _seen(around: list[tuple[str, object]], colours: dict[BlankNode, int]) -> Iterable[int]:
    return (hash((how, colours[term] if isinstance(term, BlankNode) else term)) for how, term in around)


def _group_sizes(edges: _Edges, alike: set[BlankNode]) -> Iterable[int]:
    """How large the groups of blank nodes are that look like others and hang together."""
    left = set(alike)
    while left:
        reached = [left.pop()]
        size = 0
        while reached:
            size += 1
            beside = {term for _, term in edges[reached.pop()] if isinstance(term, BlankNode)} & left
            left -= beside
            reached += beside
        yield size


MAX_NAME_CHARACTERS: Final = 1_000
"""How long the name of a column may be."""
_NUMBER: Final = re.compile(r"\+?[0-9]{1,15}", re.ASCII)
_NO_GRAPH: Final = re.compile(r"\w+/(.*\+)?(html|xml|json)\b", re.IGNORECASE)


def statements(body: bytes, media_type: str) -> tuple[Quad, ...]:
    """The statements that the body of an answer holds, as Turtle if `media_type` says so, else as N-Triples.

    Raises:
        UnreadableError: the body is not RDF 1.1.
    """
    if _NO_GRAPH.match(media_type):
        raise _unreadable("graph", f"it is {excerpt(media_type)}, not N-Triples or Turtle")
    if not body and not media_type:
        raise _unreadable("graph", "nothing came, not even a type")
    turtle = media_type.lower().startswith(formats.TURTLE.media_type)
    try:
        found = tuple(terms.parse(body, formats.TURTLE if turtle else formats.NTRIPLES))
    except RdfSyntaxError as error:
        raise _unreadable("graph", str(error)) from error
    if any(isinstance(quad.object, Triple) for quad in found):
        raise _unreadable("graph", "a triple term of RDF 1.2 is in it")
    return _told_apart(found)


def _told_apart(found: tuple[Quad, ...]) -> tuple[Quad, ...]:
    """The statements, if their blank nodes can be named in any time."""
    if too_alike(found):
        raise _unreadable("graph", "too many of its blank nodes look alike")
    return found


def boolean(body: bytes) -> bool:
    """The answer to an ASK query that a body holds.

    Raises:
        UnreadableError: the body is not SPARQL results JSON with a boolean.
    """
    answer = _document(body).get("boolean")
    if not isinstance(answer, bool):
        raise _unreadable("table", "it should have true or false as its 'boolean'")
    return answer


def read_table(body: bytes, *columns: str) -> Table:
    """The table that the body of an answer holds, values in the form the embedded store gives them.

    Where `columns` are named, it has these and no others.

    >>> cell = {"type": "typed-literal", "datatype": namespaces.XSD + "decimal", "value": "2.0"}
    >>> body = json.dumps({"head": {"vars": ["n"]}, "results": {"bindings": [{"n": cell}]}}).encode()
    >>> str(read_table(body).rows[0][0])
    '"2"^^<http://www.w3.org/2001/XMLSchema#decimal>'

    Raises:
        UnreadableError: the body is not SPARQL results JSON, or the table has other columns.
    """
    document = _document(body)
    # Some stores add members of their own, behind which the engine's reader stops.
    parts = {"head": document.get("head"), "results": document.get("results")}
    try:
        table = rdf_query.read_results(json.dumps(parts).encode())
    except QueryError as error:
        raise _unreadable("table", str(error)) from error
    if max(map(len, table.columns), default=0) > MAX_NAME_CHARACTERS:
        raise _unreadable("table", "its columns have names that are too long")
    if columns and sorted(table.columns) != sorted(columns):
        raise _unreadable("table", f"its columns should be {', '.join(columns)}")
    order = [table.columns.index(name) for name in columns or table.columns]
    return Table(columns or table.columns, terms.normalised(tuple(row[at] for at in order) for row in table.rows))


def whole_number(term: Term | None) -> int:
    """The count that a cell holds.

    Raises:
        UnreadableError: it holds something else, or more than there can be.
    """
    known = number(terms.text(term)) if isinstance(term, Literal) else None
    if known is None:
        found = "nothing" if term is None else excerpt(terms.text(term))
        raise _unreadable("number", f"a count of statements was asked for, not {found[:60]}")
    return known


def number(text: str) -> int | None:
    """The whole number that a text is, None if it is none, or none that could count anything.

    >>> number("12"), number("-1"), number("1e3"), number("\N{SUPERSCRIPT TWO}"), number("9" * 5000)
    (12, None, None, None, None)
    """
    return int(text) if _NUMBER.fullmatch(text) else None


def quads(rows: Iterable[tuple[Term | None, ...]]) -> tuple[Quad, ...]:
    """The statements that rows of subject, predicate, object and graph are.

    Raises:
        UnreadableError: a row is none.
    """
    return _told_apart(tuple(map(_quad, rows)))


def _quad(row: tuple[Term | None, ...]) -> Quad:
    s, p, o, g = row
    if isinstance(s, NamedNode | BlankNode) and isinstance(p, NamedNode) and isinstance(g, NamedNode) and o is not None:
        return Quad(s, p, o, g)
    raise _unreadable("table", "a row should be a subject, a predicate, an object and a graph")


def _unreadable(what: str, reason: str) -> UnreadableError:
    return UnreadableError(f"the store sent a {what} that cannot be read: {excerpt(reason)}")


def _document(body: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(body, object_hook=_with_label)
    except RecursionError as error:
        raise _unreadable("table", "it is nested too deeply") from error
    except ValueError as error:
        begins = excerpt(body[:80].decode("utf-8", "replace")) if body else "nothing"
        raise _unreadable("table", f"it is not JSON, or has a number that is too long; it begins: {begins}") from error
    if not isinstance(document, dict):
        raise _unreadable("table", "it should be an object of JSON")
    return document


def _with_label(cell: dict[str, Any]) -> dict[str, Any]:
    """Return a cell whose blank node has a label as RDF has them."""
    value = cell.get("value")
    return cell | {"value": _label(value)} if cell.get("type") == "bnode" and isinstance(value, str) else cell


def _label(value: str) -> str:
    """Return a label as RDF has them: Virtuoso's are nodeID://…; what are two stay two.

    >>> _label("b0"), _label("nodeID://b1")
    ('b0', 'nodeID-3a--2f--2f-b1')
    """
    label = "".join(c if c.isascii() and c.isalnum() else f"-{ord(c):x}-" for c in value)
    return label if label[:1].isalnum() else f"b{label}"
