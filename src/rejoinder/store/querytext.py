"""A SPARQL query as text: what is refused before the engine sees it, whose parser and evaluator recurse.

Standard: SPARQL 1.1 Query Language, section 19; the codepoint escapes of 19.2 are read both as they stand and decoded.

Parsers split a text into tokens each in its own way: the engine reads `1SERVICE<x>` as a number and a keyword, takes
`<` for an operator where others see an IRI, and goes back where a name makes no IRI. So no rule here rests on one way
to split. Whatever the way, a clause that asks another server is the word SERVICE, perhaps SILENT, one variable or IRI,
and a brace: only texts of that shape are refused, unless they stand in a string or comment by every reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rejoinder.errors import QueryError

MAX_DEPTH: Final = 100
MAX_STEPS: Final = 2000
"""Each bracket and operator costs the engine a stretch of its stack; at some 5000 a stack of 8 MB overflows."""

_SPACES: Final = r"\x00-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f\u2060\u3000\ufeff"
_GAP: Final = rf"(?:[{_SPACES}]|\#[^\r\n]*+)*+"
"""White space as any parser may have it, and comments."""

_WINDOW: Final = 2000
"""Characters behind the word SERVICE that are looked at; where they do not settle what it is, it is refused."""


def _clause(cut: str) -> re.Pattern[str]:
    """The shape of a SERVICE clause up to its brace, or to where the pattern `cut` matches."""
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
_ODD: Final = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029"
"""Characters that some parser may take for the end of a line."""

_SURE: Final = re.compile(
    rf"""
      (?P<hidden> (?:(?<=[ \t\n{{}}().,;])|\A)\#[^\r\n{_ODD}]*+(?![{_ODD}]) | {_STRING} )
    | (?P<iri> <[A-Za-z][A-Za-z0-9+.\-]*+://[^\x00-\x20<>"{{}}|^`\\]*+> | <[^\x00-\x20<>"{{}}|^`\\'\#()]*+> )
    | (?P<code> (?: [^'"\#\\<\r{_ODD}]++ | \r\n | <(?![^\x00-\x20<>"{{}}|^`\\]*+>) )++
              | <(?=[^\x00-\x20<>"{{}}|^`\\'\#]*+>) )
    """,
    re.VERBOSE,
)
"""What every parser reads alike: strings and comments, IRIs, and what stands between them."""

_COUNTED: Final = re.compile(
    r"(?P<name>[?$]\w++|@[\w\-]++|(?<![\w\-])[^\W\d][\w\-]*+:[\w.:%\-]*+|:[\w.:%\-]*+)"
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<operator>[-+*/|&!^<>=])"
)

_TOKEN: Final = re.compile(
    r"""
      (?P<comment> \#[^\r\n]*+ )
    | (?P<string> '{3}(?:[^'\\]++|\\.|'{1,2}+(?!'))*+(?:'{3})?+ | "{3}(?:[^"\\]++|\\.|"{1,2}+(?!"))*+(?:"{3})?+
                | '(?:[^'\\\r\n]++|\\.)*+'?+ | "(?:[^"\\\r\n]++|\\.)*+"?+ )
    | (?P<iri> <[^<>"{}|^`\\\x00-\x20]*+> )
    | (?P<name> [?$@]\w++ | (?:(?<![\w\-])[^\W\d][\w\-]*+)?:(?:[\w.:%\-]|\\.)*+ )
    | (?P<word> \w++ )
    """,
    re.VERBOSE | re.DOTALL,
)
"""The tokens that tell what a query asks for. No character is read more than a few times: what is not closed ends with
the text or the line, so that no token is tried from every place in it."""

_PROLOGUE: Final = frozenset({"PREFIX", "BASE", "VERSION"})
UPDATES: Final = ("INSERT", "DELETE", "WITH", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY")
"""The words that begin an update."""

ASKS_ANOTHER: Final = "SERVICE asks another server, and Rejoinder asks none"


@dataclass(frozen=True)
class _Piece:
    """A stretch of a query: `hidden` (string or comment), `iri`, `code`, or `unsure`, where readings may differ."""

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


def check(text: str) -> None:
    """Nothing, when the engine may have the query `text`.

    >>> check("SELECT ?service { ?service a <https://example.org/SERVICE> }")

    Raises:
        QueryError: it is an update, asks another server, is nested too deeply or too long, or is not Unicode.
    """
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise QueryError("the query is not UTF-8")
    _refuse_updates(text)
    pieces = tuple(_pieces(text))
    _refuse_service(text, pieces)
    _refuse_nesting(text, pieces)


def may_ask_another(text: str) -> bool:
    """Whether the word SERVICE is anywhere in the query: without it, no reading of it asks another server."""
    return any(_SERVICE.search(reading) for reading in _readings(text))


def _readings(text: str) -> tuple[str, ...]:
    r"""The text as it stands, and with its codepoint escapes decoded if it has any.

    >>> _readings(r"\u0053ERVICE")[-1]
    'SERVICE'
    """
    decoded = _CODEPOINT.sub(lambda found: chr(int(found[1] or found[2], 16)), text) if "\\" in text else text
    return (text,) if decoded == text else (text, decoded)


def _refuse_service(text: str, pieces: tuple[_Piece, ...]) -> None:
    readings = _readings(text)
    hidden = [piece for piece in pieces if piece.kind == "hidden"] if len(readings) == 1 else []
    for reading in readings:
        sure = iter(hidden)
        around = next(sure, None)
        for found in _SERVICE.finditer(reading):
            while around and around.end <= found.start():
                around = next(sure, None)
            is_hidden = around is not None and around.start < found.start()
            if not is_hidden and _may_be_clause(reading, found.start()):
                line = reading.count("\n", 0, found.start()) + 1
                raise QueryError(
                    f"line {line}: {ASKS_ANOTHER}; if {found[0]!r} is no keyword here, "
                    "write the name as a whole IRI, or leave out the brace or the backslashes around it"
                )


def _may_be_clause(text: str, start: int) -> bool:
    """Whether some parser may read a clause that begins with the word there."""
    if start and text[start - 1] in "?$":  # a variable in every grammar, for the longest token wins
        return False
    end = start + _WINDOW
    clause = _WHOLE_CLAUSE if end >= len(text) else _CUT_CLAUSE
    return clause.match(text, start, end) is not None


def _refuse_nesting(text: str, pieces: tuple[_Piece, ...]) -> None:
    """Nothing, unless brackets and operators are too many; what may be a string is counted as if it were none."""
    depth = steps = 0
    for piece in pieces:
        if piece.kind not in ("code", "unsure"):
            continue
        for token in _COUNTED.finditer(text, piece.start, piece.end):
            kind = token.lastgroup
            depth += (kind == "open") - (kind == "close" and piece.kind == "code")
            steps += kind in ("open", "operator")
            chained = steps + (token[0].count("-") if kind == "name" else 0)
            if depth > MAX_DEPTH:
                raise QueryError(
                    f"line {_line(text, token)}: more than {MAX_DEPTH} brackets are open; nest less deeply"
                )
            if chained > MAX_STEPS:
                raise QueryError(
                    f"line {_line(text, token)}: more than {MAX_STEPS} brackets and operators; split the query"
                )


def _refuse_updates(text: str) -> None:
    """Nothing, unless the first word behind the prologue is one that begins an update."""
    words = (token for token in _TOKEN.finditer(text) if token.lastgroup == "word")
    first = next((token for token in words if token.group().upper() not in _PROLOGUE), None)
    if first and first.group().upper() in UPDATES:
        word = first.group().upper()
        raise QueryError(
            f"line {_line(text, first)}: {word} begins an update, not SPARQL Query; data are only read here"
        )


def _line(text: str, token: re.Match[str]) -> int:
    return text.count("\n", 0, token.start()) + 1


def masked(text: str) -> str:
    """The query with IRIs, strings and comments blanked out: what is left at a place is syntax.

    >>> masked("SELECT * { ?s <a> '{' } # {")
    'SELECT * { ?s         }    '
    """
    hidden = ("comment", "string", "iri")
    return _TOKEN.sub(lambda found: " " * len(found[0]) if found.lastgroup in hidden else found[0], text)


def surely_masked(text: str) -> str:
    r"""The query with those IRIs, strings and comments blanked out that are such for every parser.

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


_FORMS: Final = frozenset({"SELECT", "CONSTRUCT", "DESCRIBE", "ASK"})
_CHANGING: Final = frozenset({"NOW", "RAND", "UUID", "STRUUID", "BNODE"})
"""Functions whose value differs from one evaluation to the next."""


@dataclass(frozen=True)
class DatasetClause:
    """The graphs behind FROM and FROM NAMED as they are written, and the prologue that says what they mean."""

    prologue: str
    default: tuple[str, ...]
    named: tuple[str, ...]


def dataset_clause(text: str) -> DatasetClause:
    """The dataset clauses of a query; of what is no query, any.

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
    """The tokens there that name a graph; the parser tells what is wrong with others."""
    found = (tokens[at] for at in places if at < len(tokens))
    return tuple(token.group() for token in found if token.lastgroup in ("iri", "name"))


def changes(text: str) -> bool:
    """Whether the query may be answered otherwise when it is asked again of the same data.

    >>> changes("SELECT (RAND() AS ?now) {}"), changes("SELECT ?now { ?now <http://x/rand> 'NOW()' }")
    (True, False)
    """
    return any(token.lastgroup == "word" and token.group().upper() in _CHANGING for token in _TOKEN.finditer(text))
