"""Where the date of an entry comes from, if the report may not give it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pytest

from rejoinder.site.inline import Dating, dating

DATA: Final[Mapping[tuple[str, str], Sequence[str]]] = {
    ("foaf:primaryTopic", "d"): ["d#report"],
    ("dcterms:date", "d#report"): ["2014-11-21"],
    ("dcterms:date", "review"): ["2014-10-30"],
    ("rj:underReview", "review"): ["KAZ"],
    ("dcterms:date", "session"): ["2020-02-24/2020-06"],
    ("dcterms:date", "hearing"): ["2014-10-30"],
    # said at the review, at an unknown time before the report, on another day, at a hearing, outside any proceeding
    **{("dcterms:date", f"d#{name}"): [day] for name, day in {
        "at-review": "2014-10-30", "before": "../2014-11-21", "day-in-session": "2020-02-26",
        "at-hearing": "2014-10-30", "alone": "2014-10-30", "earlier": "../2010", "drawn": "2014-10-30",
    }.items()},
    ("rj:inProceeding", "d#at-review"): ["review"],
    ("rj:inProceeding", "d#before"): ["review"],
    ("rj:inProceeding", "d#day-in-session"): ["session"],
    ("rj:inProceeding", "d#at-hearing"): ["hearing"],
    ("rj:drawsOn", "d#drawn"): ["d#at-review"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("at-review", Dating.REVIEW),
        ("at-hearing", Dating.OCCASION),
        ("drawn", Dating.REVIEW),
        ("before", Dating.REPORT),
        ("day-in-session", None),
        ("alone", None),
        ("earlier", None),
        ("undated", None),
        ("report", None),
    ],
)
def test_a_date_that_is_of_the_occasion_or_the_report_says_so(name: str, expected: Dating | None) -> None:
    assert dating(lambda name, iri: DATA.get((name, iri), ()), f"d#{name}") is expected
