"""EDTF dates: the first and the last day that a date such as "2014-03" can mean.

Standard: Extended Date/Time Format, ISO 8601-2:2019.
"""

from __future__ import annotations

import calendar
import datetime
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_PLAIN: Final = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")


@dataclass(frozen=True)
class Span:
    """The days from `earliest` to `latest`, both included; None where a side is open."""

    earliest: datetime.date | None
    latest: datetime.date | None


@lru_cache(maxsize=4096)  # a record has thousands of dates, of which few differ
def span(text: str) -> Span:
    """Return the span of the EDTF date `text`.

    >>> span("2014-02")
    Span(earliest=datetime.date(2014, 2, 1), latest=datetime.date(2014, 2, 28))
    >>> span("../2014").earliest is None
    True

    Raises:
        ValueError: `text` is not EDTF, or names a day that does not exist.
    """
    try:
        found = _plain_span(text) or _edtf_span(text)
    # edtf fails in all these ways on odd dates.
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(
            f"the date {text!r} does not exist or is not EDTF; write 2014, 2014-03, 2014-03-21 or 2012/2014"
        ) from error
    if found.earliest and found.latest and found.earliest > found.latest:
        raise ValueError(f"the date {text!r} ends before it begins")
    return found


def _plain_span(text: str) -> Span | None:
    """Return the span of plain years, months or days, which nearly all dates are; None for others.

    Loading the EDTF grammar takes a quarter of a second, so it is avoided for these.
    """
    first, slash, last = text.partition("/")
    ends = (first, last) if slash else (first, first)
    if ends == ("..", "..") or not all(end == ".." or _PLAIN.fullmatch(end) for end in ends):
        return None
    return Span(_bounds(ends[0])[0], _bounds(ends[1])[1])


def _bounds(end: str) -> tuple[datetime.date | None, datetime.date | None]:
    """Return the first and the last day of a year, month or day; (None, None) for an open end."""
    if end == "..":
        return None, None
    given = [int(part) for part in end.split("-")]
    first = datetime.date(*[*given, 1, 1][:3])
    year, month = [*given, 12][:2]
    return first, first if len(given) == 3 else datetime.date(year, month, calendar.monthrange(year, month)[1])


def _edtf_span(text: str) -> Span:
    from edtf import parse_edtf  # noqa: PLC0415  # see `_plain_span`
    from edtf.parser.edtf_exceptions import EDTFParseException  # noqa: PLC0415  # as above

    try:
        parsed = parse_edtf(text)
    except EDTFParseException as error:
        raise ValueError(str(error)) from error
    _reject_absent_days(text)
    # Of a side that is unknown, edtf gives a day ten years from the other.
    earliest = None if text.startswith("/") else _day(parsed.lower_strict())
    return Span(earliest, None if text.endswith("/") else _day(parsed.upper_strict()))


def _day(moment: object) -> datetime.date | None:
    """Return a struct_time as a date; EDTF gives an open end as an infinite float."""
    return datetime.date(*moment[:3]) if isinstance(moment, tuple) else None


def _reject_absent_days(text: str) -> None:
    """Raise ValueError for 2014-02-29: the EDTF grammar allows every 29 February."""
    for part in text.split("/"):
        day = part.rstrip("~?%")
        if len(day) == 10 and day.replace("-", "").isdigit():
            datetime.date.fromisoformat(day)


def is_calendar_date(text: str) -> bool:
    """Return whether an EDTF date is one day, month or year of the calendar, surely, which HTML knows as times.

    >>> [date for date in ("2014-10-30", "2012-12", "1995", "2014-21", "2012/2014", "2014~") if is_calendar_date(date)]
    ['2014-10-30', '2012-12', '1995']
    """
    return bool(_PLAIN.fullmatch(text)) and text[5:7] <= "12"
