"""Evaluate SPARQL queries, return their answers as values or bytes, and refuse unsafe queries.

`query` is for queries of the program and of stored questions, `evaluate` and `answer` for those of users: they resolve
relative IRIs and merge the graphs after FROM. Each of them calls `refuse_unsafe` first.

Standards: SPARQL 1.1 Query Language (section 13, RDF dataset); SPARQL 1.1 Query Results JSON, XML, CSV and TSV Formats.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    Store,
    Triple,
    parse_query_results,
)

from rejoinder import formats, namespaces
from rejoinder.errors import QueryError, RejoinderError, UnwritableError, line_of
from rejoinder.formats import Syntax
from rejoinder.rdf import no_network
from rejoinder.rdf import serialize as rdf_serialize
from rejoinder.rdf import terms as rdf_terms
from rejoinder.rdf.results import Table
from rejoinder.rdf.terms import Term

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

RawAnswer = QuerySolutions | QueryBoolean | QueryTriples
"""The engine's answer, which is evaluated lazily while it is read."""

_RESULTS: Final = {
    formats.JSON: QueryResultsFormat.JSON,
    formats.XML: QueryResultsFormat.XML,
    formats.CSV: QueryResultsFormat.CSV,
    formats.TSV: QueryResultsFormat.TSV,
}
_GraphName = NamedNode | BlankNode | DefaultGraph

_TOO_LONG: Final = "the answer is longer than this server allows; ask for less, with LIMIT"

_PLACE: Final = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
"""The place of an error in the engine's messages."""

_FORMS: Final = frozenset({"SELECT", "CONSTRUCT", "DESCRIBE", "ASK"})
_CHANGING: Final = frozenset({"NOW", "RAND", "UUID", "STRUUID", "BNODE"})
"""Functions whose value differs from one evaluation to the next."""

MAX_DEPTH: Final = 100
"""The most brackets that may be open at once: the engine calls itself for each of them, too."""
MAX_STEPS: Final = 2000
"""The most brackets and operators: each needs stack in the engine, and about 5000 overflow a stack of 8 MB."""

_SPACES: Final = r"\x00-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f\u2060\u3000\ufeff"
_GAP: Final = rf"(?:[{_SPACES}]|\#[^\r\n]*+)*+"
"""White space as any parser may define it, and comments."""

_MAX_CLAUSE_CHARACTERS: Final = 2000
"""The characters after the word SERVICE that are examined; if they do not show what it is, the query is refused."""


def _clause(cut: str) -> re.Pattern[str]:
    """Return a pattern for a SERVICE clause up to its brace, or up to a match of the pattern `cut`."""
    variable = r"[?$](?:\w|[^\x00-\x7f])*+"
    iri = rf'<[^\x00-\x20<>"{{}}|^`]*+(?:>|{cut})'
    name = rf"(?:[\w.\-]|[^\x00-\x7f])*+(?::(?:[\w.:%\-]|[^\x00-\x7f]|\\(?:.|{cut}))*+|{cut})"
    named = rf"(?:{cut}|(?:{variable}|{iri}|{name}){_GAP}(?:[{{(]|{cut}))"
    return re.compile(rf"service{_GAP}(?:silent{_GAP})?{named}", re.IGNORECASE | re.DOTALL)


_WHOLE_CLAUSE: Final = _clause(r"(?!)")
_CUT_CLAUSE: Final = _clause(r"\Z")
_SERVICE: Final = re.compile(r"service", re.IGNORECASE)
_CODEPOINT: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U(00(?:0[0-9A-Fa-f]|10)[0-9A-Fa-f]{4})")

_STRING: Final = r"""
      '{3}(?:[^'\\]++|\\[tbnrf"'\\]|'{1,2}+(?!'))*+'{3} | "{3}(?:[^"\\]++|\\[tbnrf"'\\]|"{1,2}+(?!"))*+"{3}
    | '(?!'')(?:[^'\\\r\n]++|\\[tbnrf"'\\])*+'          | "(?!"")(?:[^"\\\r\n]++|\\[tbnrf"'\\])*+"
"""
_LINE_ENDS: Final = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029"
"""Characters that some parser may treat as the end of a line."""

_SURE: Final = re.compile(
    rf"""
      (?P<hidden> (?:(?<=[ \t\n{{}}().,;])|\A)\#[^\r\n{_LINE_ENDS}]*+(?![{_LINE_ENDS}]) | {_STRING} )
    | (?P<iri> <[A-Za-z][A-Za-z0-9+.\-]*+://[^\x00-\x20<>"{{}}|^`\\]*+> | <[^\x00-\x20<>"{{}}|^`\\'\#()]*+> )
    | (?P<code> (?: [^'"\#\\<\r{_LINE_ENDS}]++ | \r\n | <(?![^\x00-\x20<>"{{}}|^`\\]*+>) )++
              | <(?=[^\x00-\x20<>"{{}}|^`\\'\#]*+>) )
    """,
    re.VERBOSE,
)
"""The text that every parser reads in the same way: strings, comments, IRIs, and the code between them."""

_COUNTED: Final = re.compile(
    r"(?P<name>[?$]\w++|@[\w\-]++|(?<![\w\-])[^\W\d][\w\-]*+:[\w.:%\-]*+|:[\w.:%\-]*+)"
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<operator>[-+*/|&!^<>=])"
)

TOKENS: Final = r"""
      (?P<comment> \#[^\r\n]*+ )
    | (?P<string> '{3}(?:[^'\\]++|\\.|'{1,2}+(?!'))*+(?:'{3})?+ | "{3}(?:[^"\\]++|\\.|"{1,2}+(?!"))*+(?:"{3})?+
                | '(?:[^'\\\r\n]++|\\.)*+'?+ | "(?:[^"\\\r\n]++|\\.)*+"?+ )
    | (?P<iri> <(?:[^<>"{}|^`\\\x00-\x20]++|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*+> )
    | (?P<name> [?$@]\w++ | (?:(?<![\w\-])[^\W\d][\w\-]*+)?:(?:[\w.:%\-]|\\.)*+ )
    | (?P<word> \w++ )
"""
_TOKEN: Final = re.compile(TOKENS, re.VERBOSE | re.DOTALL)
"""The tokens that decide what a query does. Unclosed strings end with the text or the line, so that no token is tried
from every character in it and the time stays linear."""

_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|.)", re.DOTALL)
"""A backslash in a string or IRI, with what follows it."""
_CHARACTERS: Final = re.compile(r",? ?\[[^\]]*\]")
"""A class of characters in a list of what the parser expected."""
_LONG_QUOTES: Final = ("'''", '"""')

_PROLOGUE: Final = frozenset({"PREFIX", "BASE", "VERSION"})
UPDATES: Final = ("INSERT", "DELETE", "WITH", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY")
"""The words that begin an update."""

ASKS_ANOTHER: Final = "SERVICE asks another server, and Rejoinder asks none"


class TooLargeError(RejoinderError):
    """An answer that grew past the size allowed."""


@dataclass(frozen=True)
class QueryDataset:
    """The RDF dataset of a query: IRIs of the graphs merged into its default graph, and of the named graphs."""

    default: tuple[str, ...]
    named: tuple[str, ...]


@dataclass(frozen=True)
class AcceptedFormats:
    """The syntax for each kind of answer; None if the client accepts no available one."""

    table: Syntax | None
    boolean: Syntax | None
    graph: Syntax | None


@dataclass(frozen=True)
class SerializedResult:
    """A serialised answer; its syntax is None, and its body empty, if the client accepts no available syntax."""

    syntax: Syntax | None
    body: bytes


def query(store: Store, query_text: str, graph: NamedNode | None = None) -> Table | bool | tuple[Triple, ...]:
    """Return the whole answer of `store` to a query of the program's own; its default graph is the store's, or `graph`.

    Raises:
        QueryError: the query is not SPARQL, cannot be answered, or asks another server.
        RuntimeError: the store is damaged.
    """
    refuse_unsafe(query_text)

    def evaluated() -> Table | bool | tuple[Triple, ...]:
        return read_answer(store.query(query_text, prefixes=namespaces.PREFIXES, default_graph=graph))

    # A thread that can open no connection costs time, and without the word SERVICE the engine opens none.
    with query_errors(query_text):
        return no_network.isolated(evaluated) if may_ask_another(query_text) else evaluated()


def only_row(store: Store, query_text: str) -> tuple[Term, ...]:
    """Return the only row of a SELECT, such as one of counts, with a term for each column.

    Raises:
        QueryError: the query does not run, or makes no table, not one row, or a row with an unbound cell.
    """
    answer = query(store, query_text)
    if not isinstance(answer, Table):
        raise QueryError("the query makes no table; use SELECT here")
    row = tuple(term for cells in answer.rows for term in cells if term is not None)
    if len(answer.rows) != 1 or len(row) != len(answer.columns):
        raise QueryError("the query does not make one row with a value in each column")
    return row


def construct(store: Store, query_text: str, graph: NamedNode | None = None) -> tuple[Triple, ...]:
    """Return the triples that a CONSTRUCT or DESCRIBE query makes from `store`, or from one named graph of it.

    Raises:
        QueryError: the query does not run, or makes a table.
    """
    answer = query(store, query_text, graph=graph)
    if not isinstance(answer, tuple):
        raise QueryError("the query makes a table, not a graph; use CONSTRUCT or DESCRIBE here")
    return answer


def answer(  # noqa: PLR0913, PLR0917  # a request
    store: Store, text: str, wanted: AcceptedFormats, base: str, dataset: QueryDataset | None, size: int
) -> SerializedResult:
    """Return the answer of `store` to a user's query in the requested syntax, at most `size` bytes long.

    Relative IRIs in the query are resolved against `base`. `dataset` has precedence over FROM in the query (SPARQL 1.1
    Protocol, section 2.1.4); without either, the default graph is the union of all graphs.

    Raises:
        QueryError: the query is not SPARQL, cannot be answered, or asks another server.
        TooLargeError: the answer is longer than `size`.
        UnwritableError: the syntax cannot hold the answer.
        RuntimeError: the store is damaged.
    """
    refuse_unsafe(text)
    with query_errors(text):
        return _serialized(_evaluate_lazily(store, text, base, dataset), wanted, size)


def evaluate(store: Store, text: str, base: str) -> Table | bool | tuple[rdf_terms.Triple, ...]:
    """Return the whole answer of `store` to a user's query, in a thread that can open no connection.

    Relative IRIs in the query are resolved against `base`; the graphs behind FROM are merged.

    Raises:
        QueryError: the query is not SPARQL, cannot be answered, or asks another server.
        RuntimeError: the store is damaged.
    """
    refuse_unsafe(text)
    with query_errors(text):
        return no_network.isolated(lambda: read_answer(_evaluate_lazily(store, text, base, None)))


def reserialize(results: bytes, wanted: AcceptedFormats, size: int) -> SerializedResult:
    """Return SPARQL results JSON in the requested syntax, at most `size` bytes long.

    Raises:
        TooLargeError: that is longer than `size`.
        UnwritableError: the syntax cannot hold the results.
    """
    return _serialized(parse_query_results(results, format=QueryResultsFormat.JSON), wanted, size)


def read_results(results: bytes) -> Table:
    """Return the table that SPARQL results JSON holds.

    Raises:
        QueryError: it is no such table, or a triple term of RDF 1.2 is in it.
    """
    # The engine's result must be dropped in the thread that made it, so no traceback may carry it elsewhere.
    failure = "it should be a table"
    try:
        answer = read_answer(parse_query_results(results, format=QueryResultsFormat.JSON))
        if isinstance(answer, Table):
            return answer
    except (SyntaxError, ValueError, QueryError) as error:
        failure = str(error)
    raise QueryError(failure)


def serialize_graph(triples: Iterable[Triple], syntax: Syntax, size: int) -> bytes:
    """Return the triples serialised in `syntax`, at most `size` bytes long.

    Raises:
        TooLargeError: that is longer than `size`.
        UnwritableError: the syntax cannot hold them.
    """
    out = _CappedFile(size)
    try:
        rdf_terms.write_triples(rdf_serialize.checked(triples) if syntax is formats.RDFXML else triples, out, syntax)
    except OSError as error:  # for example a triple term, which JSON-LD 1.1 cannot express
        raise UnwritableError(f"the answer cannot be written: {error}") from error
    return _as_xml(out.getvalue(), size) if syntax is formats.RDFXML else out.getvalue()


def _as_xml(body: bytes, size: int) -> bytes:
    """Return the engine's XML so that every reader gets the same text, or refuse it."""
    if rdf_serialize.NOT_XML.search(body.decode()):
        raise UnwritableError("the answer holds a character that XML cannot write; ask for JSON or Turtle")
    written = rdf_serialize.escape_carriage_returns(body)
    if len(written) > size:
        raise TooLargeError(_TOO_LONG)
    return written


@contextmanager
def query_errors(text: str) -> Iterator[None]:
    """Convert the engine's exceptions for the query `text` into errors with clear messages.

    Raises:
        QueryError: the query is not SPARQL, cannot be answered, or was kept from asking another server.
        RuntimeError: the store is damaged; `versions.reading` turns it into a sentence.
    """
    try:
        yield
    except SyntaxError as error:
        raise not_sparql(error, text) from error
    except PermissionError as error:  # the kernel's answer if an isolated process opens a connection
        raise QueryError(ASKS_ANOTHER) from error
    except RuntimeError as error:
        if "Corruption" in str(error):  # a damaged store; whoever opened it knows which, and says so
            raise
        raise QueryError(f"the query cannot be answered: {error}") from error


def not_sparql(error: SyntaxError, text: str) -> QueryError:
    """Return the parser's error in the query `text` as a QueryError with line and column.

    >>> str(not_sparql(SyntaxError("error at 2:9: expected WHERE"), ""))
    'the query is not SPARQL: line 2, column 9: expected WHERE'
    """
    message = error.msg or str(error)
    found = _PLACE.match(message)
    if wrong := _wrong_characters(text):
        place, reason = wrong
        line, column = line_of(text, place), place - text.rfind("\n", 0, place)
    elif found:
        line, column = int(found[1]), int(found[2])
        reason = _in_words(found[3], text, line, column)
    else:
        return QueryError(f"the query is not SPARQL: {message}")
    return QueryError(f"the query is not SPARQL: line {line}, column {column}: {reason}", line, column)


def _in_words(reason: str, text: str, line: int, column: int) -> str:
    """Return what the parser says of a place in a query; in other words if it lists the characters of names.

    >>> listed = "expected one of FILTER, ['A' ..= 'Z' | 'a' ..= 'z'], [_]"
    >>> _in_words(listed, "ASK {", 1, 6), _in_words(listed, "ASK { OPTION { } }", 1, 7)
    ("the query ends too early: a '{' is not closed", "'OPTION' cannot stand here")
    """
    if not _CHARACTERS.search(reason):
        return reason
    rest = "".join(text.splitlines(keepends=True)[line - 1 :])[column - 1 :].lstrip()
    code = masked(text)
    if not rest and code.count("{") > code.count("}"):
        return "the query ends too early: a '{' is not closed"
    word = re.match(r"\w+|\S", rest)
    return f"{word[0]!r} cannot stand here" if word else _CHARACTERS.sub("", reason)


def _wrong_characters(text: str) -> tuple[int, str] | None:
    r"""Return where a query has characters that no token can have, and a sentence; the parser says what it expected.

    >>> _wrong_characters("ASK { ?s ?p 'a' }"), _wrong_characters("ASK { ?s ?p 'a")
    (None, (12, 'the string that begins here has no end; a line break in one is written \\n'))
    """
    if text.startswith("\ufeff"):
        return 0, "the query begins with a byte order mark (U+FEFF); remove it"
    for token in _TOKEN.finditer(text):
        if token.lastgroup not in ("string", "iri"):
            continue
        for escape in _ESCAPE.finditer(token[0]):
            if reason := _wrong_escape(escape):
                return token.start() + escape.start(), reason
        string = _ESCAPE.sub("x", token[0])
        quote = string[:3] if string[:3] in _LONG_QUOTES else string[0]
        if token.lastgroup == "string" and not (len(string) >= 2 * len(quote) and string.endswith(quote)):
            return token.start(), r"the string that begins here has no end; a line break in one is written \n"
    return None


def _wrong_escape(escape: re.Match[str]) -> str | None:
    """Return a sentence if a backslash with what follows is no escape sequence, or one of half a character."""
    if digits := escape[1] or escape[2]:
        code = int(digits, 16)
        return None if code in range(0xD800) or code in range(0xE000, 0x110000) else f"{escape[0]} is no character"
    if escape[0][1] in "uU":
        return rf"{escape[0]} needs the code of a character: \u and 4, or \U and 8 hexadecimal digits"
    return None if escape[0][1] in "tbnrf\"'\\" else rf"{escape[0]} is no escape; write a backslash as \\"


def read_answer(answer: RawAnswer) -> Table | bool | tuple[Triple, ...]:
    """Return the complete answer, because the engine finds some errors only while it evaluates rows."""
    if isinstance(answer, QueryBoolean):
        return bool(answer)
    if isinstance(answer, QueryTriples):
        triples = tuple(answer)
        _refuse_triple_terms(triple.object for triple in triples)
        return triples
    rows = tuple(tuple(solution) for solution in answer)
    _refuse_triple_terms(term for row in rows for term in row)
    return Table(tuple(variable.value for variable in answer.variables), rows)


def _refuse_triple_terms(terms: Iterable[Term | None]) -> None:
    if any(isinstance(term, Triple) for term in terms):
        raise QueryError("the answer holds a triple term of RDF 1.2; ask for SUBJECT(), PREDICATE() and OBJECT() of it")


def _serialized(found: RawAnswer, wanted: AcceptedFormats, size: int) -> SerializedResult:
    if isinstance(found, QueryTriples):
        syntax = wanted.graph
        return SerializedResult(syntax, serialize_graph(found, syntax, size) if syntax else b"")
    syntax = wanted.boolean if isinstance(found, QueryBoolean) else wanted.table
    if syntax is None:
        return SerializedResult(None, b"")
    out = _CappedFile(size)
    found.serialize(out, format=_RESULTS[syntax])
    return SerializedResult(syntax, _as_xml(out.getvalue(), size) if syntax is formats.XML else out.getvalue())


class _CappedFile(io.BytesIO):
    """A file in memory with a maximum size."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._left = size

    def write(self, data: Buffer, /) -> int:
        """See `BytesIO.write`.

        Raises:
            TooLargeError: there is no room.
        """
        self._left -= len(memoryview(data))
        if self._left < 0:
            raise TooLargeError(_TOO_LONG)
        return super().write(data)


def _evaluate_lazily(store: Store, text: str, base: str, dataset: QueryDataset | None) -> RawAnswer:
    """Return the engine's answer, which is evaluated while it is read.

    The engine concatenates the graphs of a default graph, so a statement in two of them would count twice. Several
    graphs are therefore merged in a temporary store (SPARQL 1.1 Query Language, section 13.1).
    """
    chosen = dataset or dataset_of(text, base)
    if chosen is None:
        return store.query(text, base_iri=base, prefixes=namespaces.PREFIXES)
    default: list[_GraphName] = [NamedNode(iri) for iri in chosen.default]
    named: list[NamedNode | BlankNode] = [NamedNode(iri) for iri in chosen.named]
    if len(chosen.default) <= 1:
        return store.query(text, base_iri=base, prefixes=namespaces.PREFIXES, default_graph=default, named_graphs=named)
    view = _merged(store, default, named)
    return view.query(
        text, base_iri=base, prefixes=namespaces.PREFIXES, default_graph=DefaultGraph(), named_graphs=named
    )


def _merged(store: Store, default: Sequence[_GraphName], named: Sequence[NamedNode | BlankNode]) -> Store:
    view = Store()
    for graph in default:
        found = store.quads_for_pattern(None, None, None, graph)
        view.bulk_extend(Quad(quad.subject, quad.predicate, quad.object) for quad in found)
    for graph in named:
        view.bulk_extend(store.quads_for_pattern(None, None, None, graph))
    return view


def dataset_of(text: str, base: str) -> QueryDataset | None:
    """Return the dataset given by FROM and FROM NAMED in a query, or None.

    >>> dataset_of("PREFIX x: <https://example.org/> ASK FROM x:a FROM <b> FROM NAMED x:c {}", "https://example.org/")
    QueryDataset(default=('https://example.org/a', 'https://example.org/b'), named=('https://example.org/c',))
    """
    clause = dataset_clause(text)
    if not (clause.default or clause.named):
        return None
    try:
        return QueryDataset(
            _resolved(clause.prologue, clause.default, base), _resolved(clause.prologue, clause.named, base)
        )
    except SyntaxError:  # parsing the whole query gives a better message
        return None


def _resolved(prologue: str, iris: Iterable[str], base: str) -> tuple[str, ...]:
    """Return the graph terms of a query as IRIs, each once, resolved by the engine with that prologue."""
    query = f"{prologue} SELECT ?iri {{ VALUES ?iri {{ {' '.join(iris)} }} }}"
    rows = Store().query(query, base_iri=base, prefixes=namespaces.PREFIXES)
    return tuple(dict.fromkeys(rdf_terms.text(row[0]) for row in rows))  # type: ignore[union-attr]  # of a SELECT


@dataclass(frozen=True)
class DatasetClause:
    """The graphs after FROM and FROM NAMED as written in the query, and the prologue that declares their prefixes."""

    prologue: str
    default: tuple[str, ...]
    named: tuple[str, ...]


def dataset_clause(text: str) -> DatasetClause:
    """Return the dataset clauses of a query.

    >>> dataset_clause("PREFIX x: <http://x/> ASK FROM x:a FROM NAMED <b> { ?from x:FROM 'FROM' }")
    DatasetClause(prologue='PREFIX x: <http://x/> ', default=('x:a',), named=('<b>',))
    """
    tokens = [token for token in _TOKEN.finditer(text) if token.lastgroup != "comment"]
    words = [token.group().upper() if token.lastgroup == "word" else "" for token in tokens]
    form = next((token.start() for token, word in zip(tokens, words, strict=True) if word in _FORMS), 0)
    places = [at + 1 for at, word in enumerate(words) if word == "FROM"]
    named = [at + 1 for at in places if words[at : at + 1] == ["NAMED"]]
    default = [at for at in places if words[at : at + 1] != ["NAMED"]]
    return DatasetClause(text[:form], _graphs(tokens, default), _graphs(tokens, named))


def _graphs(tokens: list[re.Match[str]], places: list[int]) -> tuple[str, ...]:
    """Return the graph names at these places; the parser reports any other token."""
    found = (tokens[at] for at in places if at < len(tokens))
    return tuple(token.group() for token in found if token.lastgroup in ("iri", "name"))


def is_volatile(text: str) -> bool:
    """Return whether the query may give another answer over the same data (NOW, RAND and the like).

    >>> is_volatile("SELECT (RAND() AS ?now) {}"), is_volatile("SELECT ?now { ?now <http://x/rand> 'NOW()' }")
    (True, False)
    """
    tokens = (token for reading in readings(text) for token in _TOKEN.finditer(reading))
    return any(token.lastgroup == "word" and token.group().upper() in _CHANGING for token in tokens)


def refuse_unsafe(text: str) -> None:
    """Raise QueryError unless the query `text` is safe to evaluate.

    >>> refuse_unsafe("SELECT ?service { ?service a <https://example.org/SERVICE> }")

    Raises:
        QueryError: it is empty or an update, asks another server, is nested too deeply or too long, or is not Unicode.
    """
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise QueryError("the query is not UTF-8")
    if not _TOKEN.sub(lambda found: "" if found.lastgroup == "comment" else found[0], text).strip():
        raise QueryError("the query is empty; write one, such as SELECT * WHERE { ?s ?p ?o } LIMIT 5")
    # By the text, because the engine has no switch against SERVICE, and deep nesting overflows its stack.
    read = readings(text)
    for reading in read:
        _refuse_updates(reading)
        pieces = tuple(_pieces(reading))
        # With escapes, parsers differ on where strings end, so nothing counts as hidden.
        _refuse_service(reading, [piece for piece in pieces if piece.kind == "hidden"] if len(read) == 1 else [])
        _refuse_nesting(reading, pieces)


def may_ask_another(text: str) -> bool:
    """Return whether the query contains the word SERVICE, without which it cannot call another server."""
    return any(_SERVICE.search(reading) for reading in readings(text))


def readings(text: str) -> tuple[str, ...]:
    r"""Return the texts that a parser may see: the query itself and, if it has codepoint escapes, the decoded query.

    SPARQL 1.1 Query Language, section 19.2, has escapes decoded everywhere before parsing; the engine decodes them in
    IRIs and strings only. What must not be in a query must be in neither text.

    >>> readings(r"\u0053ERVICE")[-1]
    'SERVICE'
    """
    decoded = _CODEPOINT.sub(lambda found: chr(int(found[1] or found[2], 16)), text) if "\\" in text else text
    return (text,) if decoded == text else (text, decoded)


def _refuse_service(text: str, hidden: Iterable[_Piece]) -> None:
    """Raise QueryError for a SERVICE clause outside the pieces that are `hidden`."""
    sure = iter(hidden)
    around = next(sure, None)
    for found in _SERVICE.finditer(text):
        while around and around.end <= found.start():
            around = next(sure, None)
        is_hidden = around is not None and around.start < found.start()
        if not is_hidden and _may_be_clause(text, found.start()):
            line = line_of(text, found.start())
            raise QueryError(
                f"line {line}: {ASKS_ANOTHER}; if {found[0]!r} is no keyword here, "
                "write the name as a whole IRI, or leave out the brace or the backslashes around it"
            )


def _may_be_clause(text: str, start: int) -> bool:
    """Return whether some parser may read a SERVICE clause that begins there."""
    if start and text[start - 1] in "?$":  # a variable in every grammar, because the longest token wins
        return False
    end = start + _MAX_CLAUSE_CHARACTERS
    clause = _WHOLE_CLAUSE if end >= len(text) else _CUT_CLAUSE
    return clause.match(text, start, end) is not None


def _refuse_nesting(text: str, pieces: tuple[_Piece, ...]) -> None:
    """Raise QueryError for too many brackets and operators; text that may be a string counts as code."""
    depth = steps = 0
    for piece in pieces:
        if piece.kind not in ("code", "unsure"):
            continue
        for token in _COUNTED.finditer(text, piece.start, piece.end):
            kind = token.lastgroup
            depth += (kind == "open") - (kind == "close" and piece.kind == "code")
            steps += kind in ("open", "operator")
            # The engine may read the minus signs of a name as operators.
            chained = steps + (token[0].count("-") if kind == "name" else 0)
            if depth > MAX_DEPTH:
                raise QueryError(
                    f"line {line_of(text, token.start())}: more than {MAX_DEPTH} brackets are open; nest less deeply"
                )
            if chained > MAX_STEPS:
                line = line_of(text, token.start())
                raise QueryError(f"line {line}: more than {MAX_STEPS} brackets and operators; split the query")


def _refuse_updates(text: str) -> None:
    """Raise QueryError if the first word after the prologue begins an update."""
    words = (token for token in _TOKEN.finditer(text) if token.lastgroup == "word")
    first = next((token for token in words if token.group().upper() not in _PROLOGUE), None)
    if first and first.group().upper() in UPDATES:
        word = first.group().upper()
        raise QueryError(
            f"line {line_of(text, first.start())}: {word} begins an update, but only queries are answered here"
        )


def masked(text: str) -> str:
    """Return the query with IRIs, strings and comments replaced by blanks.

    >>> masked("SELECT * { ?s <a> '{' } # {")
    'SELECT * { ?s         }    '
    """
    hidden = ("comment", "string", "iri")
    return _TOKEN.sub(lambda found: " " * len(found[0]) if found.lastgroup in hidden else found[0], text)


def surely_masked(text: str) -> str:
    r"""Return the query with blanks for IRIs, strings and comments that every parser recognises as such.

    >>> surely_masked("ASK { ?s <x:DROP> 'DROP' } # DROP")
    'ASK { ?s                 }       '
    >>> print(surely_masked(r"ASK { ?s ?p 'a\q' } # DROP"))
    ASK { ?s ?p 'a\q' } # DROP
    """
    shown = ("code", "unsure")
    return "".join(
        text[piece.start : piece.end] if piece.kind in shown else " " * (piece.end - piece.start)
        for piece in _pieces(text)
    )


@dataclass(frozen=True)
class _Piece:
    """A part of a query: `hidden` (string or comment), `iri`, `code`, or `unsure` if parsers may differ."""

    kind: str
    start: int
    end: int


def _pieces(text: str) -> Iterator[_Piece]:
    place = 0
    while found := _SURE.match(text, place):
        yield _Piece(found.lastgroup or "", place, found.end())
        place = found.end()
    if place < len(text):
        yield _Piece("unsure", place, len(text))
