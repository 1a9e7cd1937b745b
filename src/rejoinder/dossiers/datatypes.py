"""Which texts are values of a datatype of XML Schema, however long: the store knows only values of some bits.

Standard: W3C XML Schema Definition Language (XSD) 1.1 Part 2: Datatypes, section 3.
"""

from __future__ import annotations

import calendar
import re
from typing import Final

from rejoinder import names

LONGEST: Final = 4_000
"""As many characters as a number may have: beyond, programs that read it give up."""

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
    names.XSD + name: re.compile(form)
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
"""The lexical forms of datatypes, of the numbers, times and truth values among them."""

_BOUNDS: Final[dict[str, tuple[int | None, int | None]]] = {
    names.XSD + name: bounds
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
"""The least and the greatest value of the whole numbers."""


def problem(datatype: str, text: str) -> str | None:
    """Return what is wrong with a literal of that text, as a sentence; None if nothing is known to be.

    >>> problem(names.XSD + "byte", "128")
    "'128' is no value of the datatype xsd:byte; write one"
    >>> problem(names.XSD + "integer", "9" * 30), problem(names.XSD + "date", "2014-02-29") is None
    (None, False)
    """
    is_value = _is_whole if datatype in _BOUNDS else _is_formed if datatype in _FORMS else None
    if is_value is None:
        return None
    kind = names.compact(datatype, names.PREFIXES)
    if len(text) > LONGEST:
        return f"the {kind} is {len(text):,} characters long; write at most {LONGEST:,}, or write it as a text"
    if is_value(datatype, text):
        return None
    shown = text if len(text) <= 40 else text[:39] + "…"
    return f"{shown!r} is no value of the datatype {kind}; write one"


def _is_whole(datatype: str, text: str) -> bool:
    if not _WHOLE.fullmatch(text):
        return False
    least, most = _BOUNDS[datatype]
    return (least is None or least <= int(text)) and (most is None or int(text) <= most)


def _is_formed(datatype: str, text: str) -> bool:
    found = _FORMS[datatype].fullmatch(text)
    return found is not None and _has_day(found.groupdict())


def _has_day(parts: dict[str, str]) -> bool:
    """Return whether the month has that day; in years before 1 the calendar goes on as it is (XSD 1.1, appendix E)."""
    if "day" not in parts:
        return True
    year = int(parts.get("year", "4"))
    return int(parts["day"]) <= calendar.monthrange(2000 + year % 400, int(parts["month"]))[1]
