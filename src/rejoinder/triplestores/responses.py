"""Read the responses of triple stores: tables, graphs, booleans and counts; refuse what is incomplete or malformed.

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
from rejoinder.errors import QueryError, RemoteError
from rejoinder.rdf import query as rdf_query
from rejoinder.rdf import terms
from rejoinder.rdf.results import Table
from rejoinder.rdf.terms import BlankNode, Literal, NamedNode, Quad, RdfSyntaxError, Term, Triple


class TooLongError(RemoteError):
    """A response longer than the limit; the rest of it was not read."""


class UnreadableError(RemoteError):
    """A malformed response, which a retry would not change."""


REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_FULL: Final = re.compile(r"no space left|disk (is )?full|disk quota|insufficient storage", re.IGNORECASE)
_READ_ONLY: Final = re.compile(r"read[- ]?only", re.IGNORECASE)
_FORBIDDEN: Final = re.compile(r"SECURITY|no permission|access denied", re.IGNORECASE)  # Virtuoso says so with 500

_MARKUP: Final = re.compile(r"<[^<>]*>")
_MAX_EXCERPT_CHARACTERS: Final = 65_536


def refusal(  # noqa: PLR0913  # what there is to know of a refusal
    status: int, text: str, url: str, *, signed_in: bool, writing: bool, wait: float | None
) -> RemoteError:
    """Return the error for a response with `status` and `text`; the keyword arguments describe the request.

    The text of a redirect is the address that it names.

    >>> print(refusal(404, "", "http://localhost/ds", signed_in=False, writing=False, wait=None))
    http://localhost/ds: there is nothing (404); is this the address of the store, and does the database exist?
    """
    # The text before the status: of a full disk or a lack of rights, stores tell with many statuses, also 500.
    if _FULL.search(text) or status == 507:
        return RemoteError(f"{url}: the store's disk is full; make room there and push again", status)
    if status == 401:
        wanted = (
            "the store wants a name and password; set REJOINDER_USER and REJOINDER_PASSWORD, or write them in ~/.netrc"
        )
        refused = "the store does not accept this name and password"
        return RemoteError(f"{url}: {refused if signed_in else wanted} (401)", status)
    if writing and (_READ_ONLY.search(text) or status == 405):
        return RemoteError(f"{url}: the store is read-only ({status}); start it so that it can be written to", status)
    if status == 403 or _FORBIDDEN.search(text):
        what = "write" if writing else "read"
        who = "this user" if signed_in else "users who are not signed in"
        return RemoteError(f"{url}: {who} may not {what} here ({status}); ask for the right, or sign in", status)
    return _by_status(status, text, url, wait)


def reject_part(url: str, headers: Mapping[str, str]) -> None:
    """Raise RemoteError if a successful response is incomplete, as Virtuoso says in a header after its time limit."""
    if headers.get("x-sql-state"):
        raise RemoteError(f"{url}: the store reached its time limit and sent a part of the answer; ask for less")


def _by_status(status: int, text: str, url: str, wait: float | None) -> RemoteError:
    """Return the error for a response whose status alone tells what is wrong."""
    if status == 404:
        sentence = "there is nothing (404); is this the address of the store, and does the database exist?"
        return RemoteError(f"{url}: {sentence}", status)
    if status in REDIRECTS:
        where = f"{excerpt(text)} ({status}); use that address" if text else f"another address ({status})"
        return RemoteError(f"{url}: the store sends us to {where}", status)
    if status < 400:
        return RemoteError(f"{url}: the store sent no answer, or only a part of one ({status})", status)
    if status == 413:
        return RemoteError(f"{url}: the store takes no graph as big as this one (413); raise its limit", status)
    if status == 429 or status >= 500:
        sentence = f"the store is busy or failing ({status}); {excerpt(text)}"
        return RemoteError(f"{url}: {sentence}", status, transient=status != 501, retry_after=wait)
    return RemoteError(f"{url}: the store refuses the request ({status}): {excerpt(text)}", status)


def excerpt(text: str) -> str:
    r"""Return the beginning of a store's message as one line, without markup and control characters.

    >>> excerpt("<h1>Oh\x1b[31m</h1>\n no")
    'Oh�[31m no'
    """
    plain = " ".join(_MARKUP.sub(" ", text[:_MAX_EXCERPT_CHARACTERS]).split())
    shown = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in plain[:200])
    return shown or "it does not say why"


MAX_NAME_CHARACTERS: Final = 1_000
"""The longest name of a column."""
_NUMBER: Final = re.compile(r"\+?[0-9]{1,15}", re.ASCII)
_NO_GRAPH: Final = re.compile(r"\w+/(.*\+)?(html|xml|json)\b", re.IGNORECASE)
"""The media types of web pages, tables and other syntaxes, which a store may send although it was asked for a graph."""


def read_graph(body: bytes, media_type: str) -> tuple[Quad, ...]:
    """Return the statements in the body of a response, as Turtle if `media_type` says so, else as N-Triples.

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
    return _refuse_alike(found)


def _refuse_alike(found: tuple[Quad, ...]) -> tuple[Quad, ...]:
    """Return the statements, or raise if canonical labels for their blank nodes would take too long."""
    # A malicious or damaged answer could keep the canonicalisation busy for ever.
    if permutations(found) > _MAX_PERMUTATIONS:
        raise _unreadable("graph", "too many of its blank nodes look alike")
    return found


def read_boolean(body: bytes) -> bool:
    """Return the answer to an ASK query in the body of a response.

    Raises:
        UnreadableError: the body is not SPARQL results JSON with a boolean.
    """
    answer = _document(body).get("boolean")
    if not isinstance(answer, bool):
        raise _unreadable("table", "it should have true or false as its 'boolean'")
    return answer


def read_table(body: bytes, *columns: str) -> Table:
    """Return the table in the body of a response, with values normalised as in the embedded store.

    If `columns` are given, it must have exactly these.

    >>> cell = {"type": "typed-literal", "datatype": "http://www.w3.org/2001/XMLSchema#decimal", "value": "2.0"}
    >>> body = json.dumps({"head": {"vars": ["n"]}, "results": {"bindings": [{"n": cell}]}}).encode()
    >>> str(read_table(body).rows[0][0])
    '"2"^^<http://www.w3.org/2001/XMLSchema#decimal>'

    Raises:
        UnreadableError: the body is not SPARQL results JSON, or the table has other columns.
    """
    document = _document(body)
    # Some stores add members of their own, on which the engine's parser fails.
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


def count(term: Term | None) -> int:
    """Return the count in a cell.

    Raises:
        UnreadableError: the cell has no count, or an impossibly large one.
    """
    known = whole_number(terms.text(term)) if isinstance(term, Literal) else None
    if known is None:
        found = "nothing" if term is None else excerpt(terms.text(term))
        raise _unreadable("number", f"a count of statements was asked for, not {found[:60]}")
    return known


def whole_number(text: str) -> int | None:
    """Return the number in a text, or None if it is no plausible count.

    >>> [whole_number(text) for text in ("12", "-1", "1e3", "\N{SUPERSCRIPT TWO}", "9" * 5000)]
    [12, None, None, None, None]
    """
    return int(text) if _NUMBER.fullmatch(text) else None


def read_quads(rows: Iterable[tuple[Term | None, ...]]) -> tuple[Quad, ...]:
    """Return rows of subject, predicate, object and graph as statements.

    Raises:
        UnreadableError: a row is not a statement.
    """
    return _refuse_alike(tuple(map(_quad, rows)))


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
    """Return a cell with a valid label if it is a blank node."""
    value = cell.get("value")
    return cell | {"value": _label(value)} if cell.get("type") == "bnode" and isinstance(value, str) else cell


def _label(value: str) -> str:
    """Return a valid blank node label (Virtuoso's are nodeID://…); different labels stay different.

    >>> _label("b0"), _label("nodeID://b1")
    ('b0', 'nodeID-3a--2f--2f-b1')
    """
    label = "".join(c if c.isascii() and c.isalnum() else f"-{ord(c):x}-" for c in value)
    return label if label[:1].isalnum() else f"b{label}"


# An estimate of the work of RDFC-1.0, which is factorial in the number of blank nodes that look alike.

_MAX_ROUNDS: Final = 30
"""The most steps from a blank node that count as its surroundings."""
_MAX_PERMUTATIONS: Final = 10_000
"""The most permutations of blank nodes that a canonicalisation may try: they take some two seconds."""

_Edges = dict[BlankNode, list[tuple[str, object]]]
"""For each blank node, its neighbouring terms and how they are connected."""


def permutations(quads: Iterable[Quad]) -> int:
    """Return about how many permutations of blank nodes RDFC-1.0 has to try for canonical labels.

    >>> from rejoinder.rdf.terms import NamedNode
    >>> a, b = BlankNode("a"), BlankNode("b")
    >>> permutations([Quad(a, NamedNode("x:p"), b), Quad(b, NamedNode("x:p"), a)])
    2
    """
    edges = _edges(quads)
    colours = _colours(edges)
    sizes = Counter(colours.values())
    alike = {node for node in edges if sizes[colours[node]] > 1}
    # 20! is far above every limit, and the factorial of many thousands would itself take long.
    return sum(factorial(min(size, 20)) for size in _group_sizes(edges, alike) if size > 1)


def _edges(quads: Iterable[Quad]) -> _Edges:
    found: _Edges = defaultdict(list)
    for quad in quads:
        if isinstance(quad.subject, BlankNode):
            found[quad.subject].append((f">{quad.predicate}{quad.graph_name}", quad.object))
        if isinstance(quad.object, BlankNode):
            found[quad.object].append((f"<{quad.predicate}{quad.graph_name}", quad.subject))
    return found


def _colours(edges: _Edges) -> dict[BlankNode, int]:
    """Return a number for each blank node, the same for nodes with equal surroundings (colour refinement)."""
    colours, number = dict.fromkeys(edges, 0), 1
    for _ in range(_MAX_ROUNDS):
        colours = {node: hash(tuple(sorted(_surroundings(around, colours)))) for node, around in edges.items()}
        before, number = number, len(set(colours.values()))
        if number == before:
            break
    return colours


def _surroundings(around: list[tuple[str, object]], colours: dict[BlankNode, int]) -> Iterable[int]:
    return (hash((how, colours[term] if isinstance(term, BlankNode) else term)) for how, term in around)


def _group_sizes(edges: _Edges, alike: set[BlankNode]) -> Iterable[int]:
    """Yield the sizes of connected groups among blank nodes with equal colours."""
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
