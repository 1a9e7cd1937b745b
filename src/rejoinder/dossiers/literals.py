"""Limits on the statements of a dossier: valid literals, no blank nodes, no triple terms, no deep nesting.

Turtle and TriG allow all of these, but programs that read or publish such a dossier fail or never end.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from rejoinder import dates, namespaces
from rejoinder.errors import InputError, Problem
from rejoinder.rdf.terms import BlankNode, Literal, NamedNode, Quad, Triple
from rejoinder.text import line_of

MAX_CHARACTERS: Final = 4_000
"""The longest number or date; programs that read longer ones give up."""
MAX_DEPTH: Final = 64
_WHOLE: Final = re.compile(r"[+-]?[0-9]+")
_FRACTION: Final = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_ZONE: Final = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
_YEAR: Final = r"-?(?:[1-9][0-9]{3,}|0[0-9]{3})"
_MONTH: Final = r"(?:0[1-9]|1[0-2])"
_DAY: Final = r"(?:0[1-9]|[12][0-9]|3[01])"
_DATE: Final = rf"(?P<year>{_YEAR})-(?P<month>{_MONTH})-(?P<day>{_DAY})"
_TIME: Final = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"
_YEARS: Final = r"(?:[0-9]+Y)?(?:[0-9]+M)?"
_HOURS: Final = r"(?:T(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?)?"
_FORMS: Final = {
    namespaces.XSD + name: re.compile(form)
    for name, form in {
        "boolean": r"true|false|1|0",
        "decimal": rf"[+-]?{_FRACTION}",
        "double": rf"[+-]?{_FRACTION}(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN",
        "float": rf"[+-]?{_FRACTION}(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN",
        "date": rf"{_DATE}{_ZONE}",
        "dateTime": rf"{_DATE}T{_TIME}{_ZONE}",
        "dateTimeStamp": rf"{_DATE}T{_TIME}(?!\Z){_ZONE}",
        "time": rf"{_TIME}{_ZONE}",
        "gYear": rf"{_YEAR}{_ZONE}",
        "gYearMonth": rf"{_YEAR}-{_MONTH}{_ZONE}",
        "gMonth": rf"--{_MONTH}{_ZONE}",
        "gMonthDay": rf"--(?P<month>{_MONTH})-(?P<day>{_DAY}){_ZONE}",
        "gDay": rf"---{_DAY}{_ZONE}",
        "duration": rf"-?P(?=.){_YEARS}(?:[0-9]+D)?{_HOURS}",
        "dayTimeDuration": rf"-?P(?=.)(?:[0-9]+D)?{_HOURS}",
        "yearMonthDuration": rf"-?P(?=.){_YEARS}",
    }.items()
}
"""The lexical forms of datatypes, among them numbers, times and booleans."""
_BOUNDS: Final[dict[str, tuple[int | None, int | None]]] = {
    namespaces.XSD + name: bounds
    for name, bounds in {
        "integer": (None, None),
        "nonNegativeInteger": (0, None),
        "positiveInteger": (1, None),
        "nonPositiveInteger": (None, 0),
        "negativeInteger": (None, -1),
        "long": (-(2**63), 2**63 - 1),
        "int": (-(2**31), 2**31 - 1),
        "short": (-(2**15), 2**15 - 1),
        "byte": (-(2**7), 2**7 - 1),
        "unsignedLong": (0, 2**64 - 1),
        "unsignedInt": (0, 2**32 - 1),
        "unsignedShort": (0, 2**16 - 1),
        "unsignedByte": (0, 2**8 - 1),
    }.items()
}
"""The range of each integer datatype."""
# Tokens in which brackets are no brackets (strings, IRIs, comments, escapes), and the brackets themselves.
_TOKEN: Final = re.compile(
    r'''"""(?:[^"\\]++|\\.|"{1,2}(?!"))*+(?:"""|\Z)|\'\'\'(?:[^'\\]++|\\.|'{1,2}(?!'))*+(?:\'\'\'|\Z)|"(?:[^"\\\n]++|\\.)*+"'''
    r"""|'(?:[^'\\\n]++|\\.)*+'|<[^<>"\s]*+>|\#[^\n]*+|\\."""
    r"""|(?P<blank>[\[(]|(?<![\w:.-])_:)|(?P<close>[\])]|>>)|(?P<triple><<|\{\||~)""",
    re.DOTALL,
)
_STEPS: Final = {"[": 1, "(": 1, "<<": 1, "]": -1, ")": -1, ">>": -1}
_OPENING: Final = tuple(token for token, step in _STEPS.items() if step > 0)
_TURNING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Unicode's explicit directional controls; text that runs from right to left needs none of them."""
Line = Callable[[str, str], int | None]
"""The line of a node's property in the file."""


def value_problems(path: Path, quads: Iterable[Quad], line: Line) -> Iterator[Problem]:
    """Yield a problem for each literal that does not fit its datatype, such as a wrong date or number."""
    for quad in quads:
        if isinstance(quad.object, Literal) and isinstance(quad.subject, NamedNode):
            for message in _literal_problems(quad.object):
                yield Problem(path, line(quad.subject.value, quad.predicate.value), message)


def _literal_problems(literal: Literal) -> Iterator[str]:
    text, datatype = literal.value, literal.datatype.value
    if datatype == namespaces.EDTF:
        try:
            dates.span(text)
        except ValueError as error:
            yield str(error)
    ill_typed = problem(datatype, text)
    if ill_typed:
        yield ill_typed
    turning = _TURNING.search(text)
    if turning:
        yield f"U+{ord(turning[0]):04X} turns the letters behind it round: the text reads otherwise; remove it"
    if literal.direction:  # new in RDF 1.2; parsers of RDF 1.1 fail on it
        tag, way = literal.language, literal.direction.value
        yield f"the direction in '@{tag}--{way}' is not allowed: many readers know none; write '@{tag}'"


def problem(datatype: str, text: str) -> str | None:
    """Return the problem with a literal as a sentence, or None.

    >>> problem(namespaces.XSD + "byte", "128")
    "'128' is not a value of the datatype xsd:byte; write one"
    >>> problem(namespaces.XSD + "integer", "9" * 30), problem(namespaces.XSD + "date", "2014-02-29") is None
    (None, False)
    """
    # Checked by XML Schema's forms and ranges, because the store accepts numbers outside their range.
    is_value = _is_whole if datatype in _BOUNDS else _is_formed if datatype in _FORMS else None
    if is_value is None:
        return None
    kind = namespaces.compact(datatype)
    if len(text) > MAX_CHARACTERS:
        return f"the {kind} is {len(text):,} characters long; write at most {MAX_CHARACTERS:,}, or write it as a text"
    if is_value(datatype, text):
        return None
    shown = text if len(text) <= 40 else text[:39] + "…"
    return f"{shown!r} is not a value of the datatype {kind}; write one"


def _is_whole(datatype: str, text: str) -> bool:
    if not _WHOLE.fullmatch(text):
        return False
    least, most = _BOUNDS[datatype]
    return (least is None or least <= int(text)) and (most is None or int(text) <= most)


def _is_formed(datatype: str, text: str) -> bool:
    found = _FORMS[datatype].fullmatch(text)
    return found is not None and _has_day(found.groupdict())


def _has_day(parts: dict[str, str]) -> bool:
    """Return whether the month has that day, in the proleptic Gregorian calendar (XSD 1.1, appendix E)."""
    if "day" not in parts:
        return True
    year = int(parts.get("year", "4"))
    return int(parts["day"]) <= calendar.monthrange(2000 + year % 400, int(parts["month"]))[1]


def reject_nesting(path: Path, text: str) -> None:
    """Raise InputError if brackets in the Turtle or TriG file at `path` are nested too deeply for parsers.

    Raises:
        InputError: they are; the line of the first bracket too deep is named.
    """
    if sum(map(text.count, _OPENING)) <= MAX_DEPTH:  # a quick upper bound that most files stay below
        return
    depth = 0
    for token in _TOKEN.finditer(text):
        depth += _STEPS.get(token[0], 0)
        if depth > MAX_DEPTH:
            message = f"the nesting is deeper than {MAX_DEPTH} levels"
            raise InputError.at(path, line_of(text, token.start()), message)


def reject_blank_nodes(path: Path, text: str, quads: Iterable[Quad]) -> None:
    """Raise InputError if a subject or object of `quads`, read from `text`, is no IRI or literal.

    Raises:
        InputError: there is a blank node or a triple term; the line of the first such thing in the text is named.
    """
    types = {type(term) for quad in quads for term in (quad.subject, quad.object)}
    problems = []
    if BlankNode in types:
        message = "blank nodes ('[', '(' and '_:') are not allowed: nobody could link to them; give the thing an IRI"
        problems.append(Problem(path, _first_line(text, "blank"), message))
    if Triple in types:
        message = "statements about statements ('<<', '{|' and '~') are not allowed; write a node for the statement"
        problems.append(Problem(path, _first_line(text, "triple"), message))
    if problems:
        raise InputError(problems)


def _first_line(text: str, kind: str) -> int | None:
    found = next((token for token in _TOKEN.finditer(text) if token.lastgroup == kind), None)
    return line_of(text, found.start()) if found else None
