"""What a dossier may state: named things and values of their datatypes; no blank node, no statement about a statement.

Turtle and TriG can say all of that, deeply nested, and what reads and publishes a dossier then fails or never ends.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from rejoinder import dates, names
from rejoinder.errors import InputError, Problem
from rejoinder.store import rdf
from rejoinder.store.rdf import BlankNode, Literal, NamedNode, Quad, Solutions, Store, Triple

MAX_DEPTH: Final = 64

Line = Callable[[str, str], int | None]
"""The line of a node's property in the file."""

# What brackets may stand in without being any: texts, IRIs, comments and escapes.
_TOKEN: Final = re.compile(
    r'''"""(?:[^"\\]++|\\.|"{1,2}(?!"))*+(?:"""|\Z)|\'\'\'(?:[^'\\]++|\\.|'{1,2}(?!'))*+(?:\'\'\'|\Z)|"(?:[^"\\\n]++|\\.)*+"'''
    r"""|'(?:[^'\\\n]++|\\.)*+'|<[^<>"\s]*+>|\#[^\n]*+|\\."""
    r"""|(?P<blank>[\[(]|(?<![\w:.-])_:)|(?P<close>[\])]|>>)|(?P<triple><<|\{\||~)""",
    re.DOTALL,
)

_STEPS: Final = {"[": 1, "(": 1, "<<": 1, "]": -1, ")": -1, ">>": -1}

_OPENING: Final = tuple(token for token, step in _STEPS.items() if step > 0)

_INTEGERS: Final = (
    "integer", "nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger", "long", "int",
    "short", "byte", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte",
)  # fmt: skip
_VALUES: Final = (
    "boolean", "decimal", "double", "float", "date", "dateTime", "time", "gYear", "gYearMonth", "gMonth",
    "gMonthDay", "gDay", "duration", "dayTimeDuration", "yearMonthDuration",
)  # fmt: skip
_CASTS: Final = {names.XSD + name: names.XSD + "integer" for name in _INTEGERS} | {
    names.XSD + name: names.XSD + name for name in _VALUES
}
"""The datatypes whose values the store knows, each with the function that makes such a value of a text."""

_PLAIN: Final = {
    names.XSD + "integer": re.compile(r"[1-9][0-9]{0,17}|0"),
    names.XSD + "date": re.compile(r"[12][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"),
    names.XSD + "boolean": re.compile(r"true|false"),
}
"""Texts that surely are values, by datatype; others may be values, too."""

_KEY: Final = NamedNode("urn:x")


def reject_nesting(path: Path, text: str) -> None:
    """Nothing, when brackets in the Turtle or TriG of the file at `path` are not nested beyond what a parser bears.

    Raises:
        InputError: they are; the line of the first bracket too deep is named.
    """
    if sum(map(text.count, _OPENING)) <= MAX_DEPTH:  # texts and IRIs included, as most files have them: no need to look
        return
    depth = 0
    for token in _TOKEN.finditer(text):
        depth += _STEPS.get(token[0], 0)
        if depth > MAX_DEPTH:
            line = text.count("\n", 0, token.start()) + 1
            raise InputError.at(path, line, f"the nesting is deeper than {MAX_DEPTH} levels")


def reject_nameless(path: Path, text: str, quads: Iterable[Quad]) -> None:
    """Nothing, when subjects and objects of `quads`, read from `text`, are IRIs and literals.

    Raises:
        InputError: there is a blank node or a triple term; the line of the first such thing in the text is named.
    """
    terms = {type(term) for quad in quads for term in (quad.subject, quad.object)}
    problems = []
    if BlankNode in terms:
        message = "blank nodes ('[', '(' and '_:') are not allowed: nobody could link to them; give the thing an IRI"
        problems.append(Problem(path, _first(text, "blank"), message))
    if Triple in terms:
        message = "statements about statements ('<<', '{|' and '~') are not allowed; write a node for the statement"
        problems.append(Problem(path, _first(text, "triple"), message))
    if problems:
        raise InputError(problems)


def _first(text: str, kind: str) -> int | None:
    found = next((token for token in _TOKEN.finditer(text) if token.lastgroup == kind), None)
    return text.count("\n", 0, found.start()) + 1 if found else None


_TURNING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Unicode's explicit directional controls; text that runs from right to left needs none of them."""


def value_problems(path: Path, quads: Iterable[Quad], line: Line) -> Iterator[Problem]:
    """A problem for each literal that is no value of its datatype: dates that do not exist, words for numbers."""
    typed = [quad for quad in quads if isinstance(quad.object, Literal) and isinstance(quad.subject, NamedNode)]
    for quad, message in (*_absent_dates(typed), *_ill_typed(typed), *_turned(typed)):
        yield Problem(path, line(rdf.text(quad.subject), quad.predicate.value), message)


def _absent_dates(quads: Iterable[Quad]) -> Iterator[tuple[Quad, str]]:
    for quad in quads:
        if _datatype(quad) == names.EDTF:
            try:
                dates.span(rdf.text(quad.object))
            except ValueError as error:
                yield quad, str(error)


def _turned(quads: Iterable[Quad]) -> Iterator[tuple[Quad, str]]:
    """The literals that a reader would see otherwise than they are."""
    for quad in quads:
        for character in _TURNING.findall(rdf.text(quad.object))[:1]:
            yield quad, f"U+{ord(character):04X} turns the letters behind it round: the text reads otherwise; remove it"


def _ill_typed(quads: Iterable[Quad]) -> Iterator[tuple[Quad, str]]:
    """The literals of which the store, asked to make values of their texts, makes none."""
    known = [quad for quad in quads if _datatype(quad) in _CASTS and not _surely_typed(quad)]
    texts = rdf.memory_store(Quad(_KEY, NamedNode(_datatype(quad)), Literal(rdf.text(quad.object))) for quad in known)
    bad = {(kind, text) for kind in {_datatype(quad) for quad in known} for text in _without_value(texts, kind)}
    for quad in known:
        kind, text = _datatype(quad), rdf.text(quad.object)
        if (kind, text) in bad:
            shown = text if len(text) <= 40 else text[:39] + "…"
            yield quad, f"{shown!r} is no value of the datatype {names.compact(kind, names.PREFIXES)}; write one"


def _surely_typed(quad: Quad) -> bool:
    """Whether the literal is of a plain form that has a value: to ask the store costs much more."""
    plain = _PLAIN.get(_datatype(quad))
    return plain is not None and plain.fullmatch(rdf.text(quad.object)) is not None


def _without_value(texts: Store, datatype: str) -> set[str]:
    cast = f"BIND(<{_CASTS[datatype]}>(?text) AS ?value)"
    query = f"SELECT ?text {{ ?s <{datatype}> ?text {cast} FILTER(!BOUND(?value)) }}"
    answer = rdf.query(texts, query)
    rows = answer.rows if isinstance(answer, Solutions) else ()
    return {rdf.text(text) for (text,) in rows if text is not None}


def _datatype(quad: Quad) -> str:
    return quad.object.datatype.value if isinstance(quad.object, Literal) else ""
