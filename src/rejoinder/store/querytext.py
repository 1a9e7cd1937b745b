"""A SPARQL query as text: what is refused before the engine sees it, whose parser and evaluator recurse.

Standard: SPARQL 1.1 Query Language, section 19.
"""

from __future__ import annotations

import re
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
    | (?P<name> [?$@]\w+ | [\w.-]*:(?:[\w.:%-]|\\.)* )
    | (?P<word> \w+ )
    | (?P<open> [({\[] )
    | (?P<close> [)}\]] )
    | (?P<operator> [-+*/|&!^<>=] )
    """,
    re.VERBOSE | re.DOTALL,
)


def check(text: str) -> None:
    """Nothing, when the engine may have the query `text`.

    >>> check("SELECT ?service { ?service a <https://example.org/SERVICE> }")

    Raises:
        QueryError: it asks another server, is nested too deeply or too long, or is not Unicode.
    """
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise QueryError("the query is not UTF-8")
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


def _line(text: str, token: re.Match[str]) -> int:
    return text.count("\n", 0, token.start()) + 1
