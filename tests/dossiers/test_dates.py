"""Dates: what the short way says of plain ones is what the EDTF library says of them."""

from __future__ import annotations

import datetime
import random

import pytest
from edtf import parse_edtf

from conftest import mostly_slow
from rejoinder.dates import Span, span

ENDS = ["..", "0001", "1900", "2014", "9999", "2014-00", "2014-02", "2014-12", "2014-13", "1900-02-28", "2016-02-29"]
ENDS += ["2014-02-30", "2014-00-10", "2014-11-00", "2014-11-31", "9999-12-31"]
ENDS += [
    f"{random.Random(number).randint(1900, 2030)}-{1 + number % 12:02}-{1 + number % 28:02}" for number in range(12)
]


def _of_the_library(text: str) -> Span | None:
    """Return the library's span, if it knows one that does not end before it begins."""
    try:
        parsed = parse_edtf(text)
        days = [
            datetime.date(*moment[:3]) if isinstance(moment, tuple) else None
            for moment in (parsed.lower_strict(), parsed.upper_strict())
        ]
    except Exception:  # it raises what its parts raise
        return None
    earliest, latest = days
    return None if earliest and latest and earliest > latest else Span(earliest, latest)


def _ours(text: str) -> Span | None:
    try:
        return span(text)
    except ValueError:
        return None


@pytest.mark.parametrize("first", mostly_slow(ENDS, {"..", "2014-00", "2016-02-29", "2014-11-31"}))
def test_a_plain_date_and_a_span_of_two_is_what_the_library_says(first: str) -> None:
    texts = [first, *(f"{first}/{last}" for last in ENDS)]
    assert [(text, _ours(text)) for text in texts] == [(text, _of_the_library(text)) for text in texts]


def test_what_is_worked_out_by_hand() -> None:
    day = datetime.date
    assert span("2012") == Span(day(2012, 1, 1), day(2012, 12, 31))
    assert span("2012-02") == Span(day(2012, 2, 1), day(2012, 2, 29))
    assert span("2012-02/2014-11-21") == Span(day(2012, 2, 1), day(2014, 11, 21))
    assert span("../2014-11") == Span(None, day(2014, 11, 30))
    assert span("2014/..") == Span(day(2014, 1, 1), None)


@pytest.mark.parametrize("text", ["2015-02-29", "2014/2012", "2014-3", "२०१४", "14 March 2014", ""])
def test_a_date_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="date"):
        span(text)


def test_an_uncertain_date_is_read_by_the_library() -> None:
    assert span("2014~").earliest == datetime.date(2014, 1, 1)
