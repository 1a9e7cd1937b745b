"""What a dossier may state: named things and values of their datatypes; no blank node, no statement about a statement.

Turtle and TriG can say all of that, deeply nested, and what reads and publishes a dossier then fails or never ends.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from rejoinder import dates, names
from rejoinder.dossiers import datatypes
from rejoinder.errors import InputError, Problem
from rejoinder.store import rdf
from rejoinder.store.rdf import BlankNode, Literal, NamedNode, Quad, Triple

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
    """Yield a problem for each literal that readers would not take as it is meant: no such date, words for numbers."""
    typed = [quad for quad in quads if isinstance(quad.object, Literal) and isinstance(quad.subject, NamedNode)]
    for quad, message in (*_absent_dates(typed), *_ill_typed(typed), *_turned(typed), *_directed(typed)):
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


def _directed(quads: Iterable[Quad]) -> Iterator[tuple[Quad, str]]:
    """Yield the texts with a direction of RDF 1.2, which readers of RDF 1.1 stop at."""
    for quad in quads:
        literal = quad.object
        if isinstance(literal, Literal) and literal.direction:
            tag, way = literal.language, literal.direction.value
            yield quad, f"the direction in '@{tag}--{way}' is not allowed: many readers know none; write '@{tag}'"


def _ill_typed(quads: Iterable[Quad]) -> Iterator[tuple[Quad, str]]:
    """Yield the literals that are no values of their datatypes, each with what is wrong."""
    for quad in quads:
        message = datatypes.problem(_datatype(quad), rdf.text(quad.object))
        if message:
            yield quad, message


def _datatype(quad: Quad) -> str:
    return quad.object.datatype.value if isinstance(quad.object, Literal) else ""
