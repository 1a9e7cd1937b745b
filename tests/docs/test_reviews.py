"""The shipped reviews of the UPR: what `ontology/reference/review.csv` holds, and that it is what the program makes."""

from __future__ import annotations

import csv
import doctest
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pyoxigraph
import pytest

import make_reviews
from make_reviews import ReviewTableError, Session
from rejoinder import dates, formats
from rejoinder.building.check import check
from rejoinder.config import Project
from rejoinder.dossiers import reviews
from rejoinder.importers.upr_info import months
from rejoinder.namespaces import RJ
from rejoinder.rdf import terms

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "ontology" / "reference" / "review.csv"
SHARED = ROOT.parent / "shared"
UNDOCS = "https://undocs.org/"

Rows = Mapping[str, Mapping[str, str]]

REPORT = """Human Rights Council. Report of the Working Group on the Universal Periodic Review. Finland A/HRC/99/1
The review of Finland was held at the 6th meeting, on 3 May 2017. To that end it selected the following group of
rapporteurs (troika) to facilitate the review of Finland: {troika}. The documents were: A/HRC/WG.6/27/FIN/1;
A/HRC/21/8."""


@pytest.fixture(scope="module")
def rows() -> Rows:
    """Give the rows of the table by the names of the reviews."""
    with TABLE.open(encoding="utf-8", newline="") as table:
        return {row["review"]: row for row in csv.DictReader(table)}


@pytest.fixture(scope="module")
def names() -> make_reviews.Names:
    return make_reviews.read_names()


# The facts


@pytest.mark.parametrize(
    ("cycle", "reviewed", "missing"),
    [
        # South Sudan became a State in July 2011; in the fourth cycle, sessions 51 and later are not in the sources.
        ("1", 192, {"SSD"}),
        ("2", 193, set()),
        ("3", 193, set()),
        ("4", 138, None),
    ],
)
def test_each_state_is_reviewed_once_in_a_cycle(
    rows: Rows, cycle: str, reviewed: int, missing: set[str] | None
) -> None:
    states = Counter(row["state"] for row in rows.values() if row["cycle"] == cycle)
    assert set(states.values()) == {1}
    assert len(states) == reviewed
    if missing is not None:
        assert _members() - states.keys() == missing


def _members() -> set[str]:
    status, member = (pyoxigraph.NamedNode(RJ + name) for name in ("unStatus", "UNMember"))
    quads = pyoxigraph.parse(path=str(ROOT / "data" / "state.ttl"), base_iri="https://w3id.org/rejoinder/state/")
    return {quad.subject.value[-3:] for quad in quads if (quad.predicate, quad.object) == (status, member)}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        # A/HRC/28/10, paragraphs 1 and 2: the meeting of 30 October 2014, and the troika.
        ("kaz-20", {"date": "2014-10-30", "troika": "DEU KWT ZAF", "previous": "kaz-7", "cycle": "2"}),
        # UPR Info's newsletter 73: 1 to 12 May 2017, the first session of the third cycle.
        ("bhr-27", {"date": "2017-05-01/2017-05-12", "cycle": "3", "previous": "bhr-13", "troika": ""}),
        # Haiti's first review was postponed from the 8th session after the earthquake, Israel's second from the 15th.
        ("hti-12", {"cycle": "1", "session": "12"}),
        ("isr-17", {"cycle": "2", "date": "2013-10-21/2013-11-01"}),
        # South Sudan's first review is one of the second cycle.
        ("ssd-26", {"cycle": "2", "previous": ""}),
        # The report on Romania writes ROM where ISO writes ROU; A/HRC/8/49, paragraphs 1 and 2.
        ("rou-2", {"date": "2008-05-15", "troika": "AGO BIH CAN"}),
        # The report on Canada names the troika without a colon before it, so it is left out.
        ("can-4", {"date": "2009-02-03", "troika": ""}),
        # Slovenia's government and A/HRC/28/15 give the days, which the example has: 12 November 2019, 4 November 2014.
        ("svn-34", {"date": "2019-11-04/2019-11-15"}),
        ("svn-20", {"date": "2014-10/2014-11"}),
    ],
)
def test_what_is_known_of_a_review(rows: Rows, name: str, said: Mapping[str, str]) -> None:
    assert {key: rows[name][key] for key in said} == said


def test_reviews_that_were_not_held_are_not_there(rows: Rows) -> None:
    # The United States stayed away in 2025, Ukraine's fourth review was put off, South Sudan was no State in May 2011.
    assert rows.keys().isdisjoint({"usa-50", "ukr-42", "ssd-11", "isr-15", "hti-8"})


def test_a_name_is_state_and_session(rows: Rows) -> None:
    for name, row in rows.items():
        assert name == f"{row['state'].lower()}-{row['session']}"
        assert reviews.is_name(name)


def test_a_date_is_in_the_months_of_the_session(rows: Rows) -> None:
    for name, row in rows.items():
        day, session = dates.span(row["date"]), dates.span(months(int(row["session"])))
        bounds = session.earliest, day.earliest, day.latest, session.latest
        known = [bound for bound in bounds if bound]
        assert len(known) == len(bounds), name
        assert known == sorted(known), name


def test_the_previous_review_is_that_of_the_cycle_before(rows: Rows) -> None:
    for row in rows.values():
        if row["previous"]:
            before = rows[row["previous"]]
            assert (before["state"], int(before["cycle"])) == (row["state"], int(row["cycle"]) - 1)


def test_every_review_names_its_sources_and_an_exact_day_has_a_report(rows: Rows) -> None:
    for name, row in rows.items():
        assert row["sources"], name
        if len(row["date"]) == len("2014-10-30"):
            assert UNDOCS in row["sources"], name


@pytest.mark.parametrize(
    ("name", "english", "russian"),
    [
        ("kaz-20", "Second-cycle review of Kazakhstan, 20th session", "Казахстан: обзор второго цикла, 20-я сессия"),
        (
            "bhs-3",
            "First-cycle review of the Bahamas, 3rd session",
            "Багамские Острова: обзор первого цикла, 3-я сессия",
        ),
    ],
)
def test_labels_tell_cycle_state_and_session(rows: Rows, name: str, english: str, russian: str) -> None:
    assert (rows[name]["label_en"], rows[name]["label_ru"]) == (english, russian)


def test_every_shipped_review_passes_the_checks(small: Project) -> None:
    (small.data / "state.ttl").write_bytes((ROOT / "data" / "state.ttl").read_bytes())
    (small.data / "review.yaml").unlink()
    shipped = reviews.ShippedReviews(small.base)
    quads = shipped.quads(shipped.by_iri.keys())
    path = small.data / "review.ttl"
    path.write_bytes(terms.serialize([quad.triple for quad in quads], formats.TURTLE))
    answer = check(small, [path])
    assert (answer.problems, answer.findings) == ((), ())
    assert answer.statements > 716 * 8


# The program


def test_the_examples_of_its_docstrings_run() -> None:
    results = doctest.testmod(make_reviews)
    assert results.failed == 0
    assert results.attempted > 2


def test_made_again_from_its_sources_the_file_is_the_same() -> None:
    if not (SHARED / "realdata").exists():
        pytest.skip(f"the exports and reports are not at {SHARED}")
    assert make_reviews.make(SHARED / "realdata", SHARED / "texts") == TABLE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("troika", "codes"),
    [
        ("Djibouti, Jordan and Peru", ("DJI", "JOR", "PER")),
        (
            "Bosnia and Herzegovina, Gabon, and the United Kingdom of Great Britain and Northern Ireland",
            ("BIH", "GAB", "GBR"),
        ),
        ("Djibouti, Jordan and Atlantis", ()),
        ("Djibouti and Jordan", ()),
    ],
)
def test_a_troika_is_three_states_or_left_out(names: make_reviews.Names, troika: str, codes: tuple[str, ...]) -> None:
    found = make_reviews.read_report(REPORT.format(troika=troika), names)
    assert found == (("FIN", 27), make_reviews.Report("2017-05-03", codes, "A/HRC/99/1"))


def test_a_text_that_is_no_report_of_the_working_group_is_passed_over(names: make_reviews.Names) -> None:
    assert (
        make_reviews.read_report("Summary of stakeholders' submissions on Slovenia (A/HRC/WG.6/34/SVN/3)", names)
        is None
    )


@pytest.mark.parametrize(
    ("states", "reports", "message"),
    [
        (("Finland", "Atlantis"), {}, "no State is called 'Atlantis'"),
        (("Finland",), {("NOR", 27): make_reviews.Report("2017-05-03", (), "A/HRC/99/1")}, "NOR in session 27"),
        (("Finland",), {("FIN", 27): make_reviews.Report("2017-05-03", (), "A/HRC/99/1")}, None),
    ],
)
def test_a_source_that_does_not_fit_is_named(
    names: make_reviews.Names,
    states: tuple[str, ...],
    reports: Mapping[tuple[str, int], make_reviews.Report],
    message: str | None,
) -> None:
    sessions = {27: Session("2017-05-01/2017-05-12", ("https://example.org/27",), states)}
    if message is None:
        (review,) = make_reviews.all_reviews([], sessions, reports, names)
        assert (review.date, review.sources) == ("2017-05-03", ("https://example.org/27", f"{UNDOCS}A/HRC/99/1"))
        return
    with pytest.raises(ReviewTableError, match=message):
        make_reviews.all_reviews([], sessions, reports, names)


def test_a_second_review_in_one_cycle_is_named(names: make_reviews.Names) -> None:
    with pytest.raises(ReviewTableError, match="FIN is reviewed twice in one cycle, in sessions 27 and 28"):
        make_reviews.all_reviews([("FIN", 27), ("FIN", 28)], {}, {}, names)


def test_rows_about_another_state_are_no_review_of_it() -> None:
    assert ("SSD", 11) in make_reviews.NO_REVIEWS


@pytest.mark.parametrize(("arguments", "message"), [([], "usage: "), (["no-such-folder", "."], "no-such-folder")])
def test_the_program_ends_with_one_sentence(arguments: list[str], message: str) -> None:
    with pytest.raises(SystemExit, match=message):
        make_reviews.main(arguments)
