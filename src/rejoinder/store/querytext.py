"""A SPARQL query as text: what is refused before the engine sees it, whose parser and evaluator recurse.

Standard: SPARQL 1.1 Query Language, section 19.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from rejoinder.errors import QueryError

MAX_DEPTH: Final = 100
MAX_STEPS: Final = 2000
"""Each bracket and operator costs the engine a stretch of its stack; at some 5000 a stack of 8 MB overflows."""

_TOKEN: Final = re.compile(
    r"""
      (?P<comment> \#[^\r\n]* )
    | (?P<string> '''(?:[^\\]|\\.)*?''' | \"""(?:[^\\]|\\.)*?\""" | '(?:[^'\\\r\n]|\\.)*' | "(?:[^"\\\r\n]|\\.)*" )
    | (?P<iri> <[^<>"{}|^`\\\x00-\x20]*> )
    | (?P<name> [?$@]\w+ | (?:[^\W\d][\w.-]*)?:(?:[\w.:%-]|\\.)* )
    | (?P<word> \w+ )
    | (?P<open> [({\[] )
    | (?P<close> [)}\]] )
    | (?P<operator> [-+*/|&!^<>=] )
    """,
    re.VERBOSE | re.DOTALL,
)


_PROLOGUE: Final = frozenset({"PREFIX", "BASE", "VERSION"})
UPDATES: Final = ("INSERT", "DELETE", "WITH", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY")
"""The words that begin an update."""


def check(text: str) -> None:
    """Nothing, when the engine may have the query `text`.

    >>> check("SELECT ?service { ?service a <https://example.org/SERVICE> }")

    Raises:
        QueryError: it is an update, asks another server, is nested too deeply or too long, or is not Unicode.
    """
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise QueryError("the query is not UTF-8")
    _refuse_updates(text)
    depth = steps = 0
    for token in _TOKEN.finditer(text):
        depth += (token.lastgroup == "open") - (token.lastgroup == "close")
        steps += token.lastgroup in ("open", "operator")
        if token.lastgroup == "word" and token.group().upper() == "SERVICE":
            raise QueryError(f"line {_line(text, token)}: SERVICE asks another server, and Rejoinder asks none")
        if depth > MAX_DEPTH:
            raise QueryError(f"line {_line(text, token)}: more than {MAX_DEPTH} brackets are open; nest less deeply")
        if steps > MAX_STEPS:
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
    default = [at for at in places if at + 1 not in named]
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
