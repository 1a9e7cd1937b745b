"""Long lists: a page shows the beginning, says how long the list is, and leads to where all of it is."""

from __future__ import annotations

import json
import re

import pytest

from rejoinder import formats, versions
from rejoinder.config import Project
from rejoinder.rdf import graphs, terms
from rejoinder.site import entity_page, question_page, resource, routes
from rejoinder.site.resource import GraphReader
from rejoinder.site.snapshot import Snapshot, open_snapshot

BASE = "https://example.org/"
# A table whose name comes before the report's, with its second row first in the text, and a report with one concern.
TRIG = """\
@prefix rj: <https://w3id.org/rejoinder/ns#> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix : <https://example.org/> .
<https://example.org/a-table> { <https://example.org/a-table> a rj:Record .
  <https://example.org/a-table#r1> rj:raisedBy :s ; rj:addressedTo :t ; rj:anchor <https://example.org/a-table#p1> .
  <https://example.org/a-table#r2> rj:raisedBy :s ; rj:addressedTo :t ; rj:anchor <https://example.org/a-table#p2> .
  <https://example.org/a-table#p1> oa:start 90 .
  <https://example.org/a-table#p2> oa:start 10 . }
<https://example.org/report/x> { <https://example.org/report/x> a rj:Dossier ; rj:inProceeding :t .
  <https://example.org/report/x#c> rj:raisedBy :s ; rj:addressedTo :t . }
"""


@pytest.fixture
def reader() -> GraphReader:
    quads = terms.parse(TRIG.encode(), formats.TRIG)
    return GraphReader(graphs.union_store(quads), BASE)


@pytest.fixture(scope="module")
def snapshot(built_once: Project) -> Snapshot:
    return open_snapshot(built_once, versions.require_newest(built_once.build))


@pytest.fixture
def two_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entity_page, "ROWS", 2)


def _page(snapshot: Snapshot, path: str) -> str:
    page = routes.page(snapshot, path)
    assert page is not None
    return page.content.decode()


def _section(page: str, name: str) -> str:
    found = re.search(rf'<section aria-labelledby="{name}">.*?</section>', page, re.DOTALL)
    assert found
    return found[0]


def test_reports_come_before_tables_and_each_in_the_order_of_its_text(
    reader: GraphReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised = reader.subjects("rj:raisedBy", BASE + "s")
    assert [thing.short for thing in entity_page.first_by_position(raised).shown] == [
        "report/x#c",
        "a-table#r2",
        "a-table#r1",
    ]
    monkeypatch.setattr(entity_page, "ROWS", 2)
    part = entity_page.first_by_position(raised)
    assert [thing.short for thing in part.shown] == ["report/x#c", "a-table#r2"]
    assert (part.total, part.is_all) == (3, False)


def test_mentions_stop_at_so_many_rows_over_all_documents(reader: GraphReader, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report itself and its concern point to the thing, and two rows of the table: four places, two documents."""
    monkeypatch.setattr(entity_page, "ROWS", 3)
    found = entity_page.mentions(reader.here("t"), ())
    rows = [(document.short, [subject.short for subject, _ in shown]) for document, shown in found.documents]
    assert rows == [("report/x", ["report/x", "report/x#c"]), ("a-table", ["a-table#r2"])]
    assert (found.shown, found.total, found.total_documents) == (3, 4, 2)


@pytest.mark.usefixtures("two_rows")
def test_a_state_shows_the_first_rows_and_leads_to_the_rest(snapshot: Snapshot) -> None:
    """The United Kingdom raised eight things in the report and five in the record, which comes first."""
    page = _page(snapshot, "state/GBR.html")
    raised = _section(page, "raised")
    assert '<span class="count">13</span>' in raised
    assert re.findall(r'<td><a href="[^"]*#([^"]*)">', raised) == [
        "concern-gbr-civil-society",
        "concern-gbr-expression",
    ]
    assert "Shown here: the first 2 of 13." in raised
    assert 'href="GBR.ttl"' in raised
    assert "the first 2 of 3 places, in 1 of 1 documents." in _section(page, "mentions")


def test_a_list_that_fits_is_whole_and_says_nothing(snapshot: Snapshot) -> None:
    page = _page(snapshot, "state/GBR.html")
    assert len(re.findall("<tr>", _section(page, "raised"))) == 1 + 13
    assert "Shown here" not in page


def test_an_answer_shows_its_first_rows_and_its_csv_has_all(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page of a question stops at so many rows and counts all; the files have all, and no bar is shorter."""
    whole = _section(_page(snapshot, "question/states-ranked.html"), "answer")
    table = question_page.AnswerTable(snapshot.renderer, snapshot.store, snapshot.questions["states-ranked"]).table
    assert len(table.rows) > 2
    monkeypatch.setattr(question_page, "ROWS", 2)
    answer = _section(_page(snapshot, "question/states-ranked.html"), "answer")
    assert len(re.findall("<tr>", answer)) == 1 + 2
    assert f'aria-live="polite">{len(table.rows)} rows</span>' in answer
    assert f"Shown here: the first 2 of {len(table.rows)}." in answer
    assert re.findall("<rect.*?>", answer) == re.findall("<rect.*?>", whole)[:2]
    assert len(_page(snapshot, "question/states-ranked.csv").splitlines()) == 1 + len(table.rows)
    rows = json.loads(_page(snapshot, "question/states-ranked.js").removeprefix("rejoinderRows(")[:-2])
    assert len(rows) == len(table.rows)


def test_a_reader_with_an_emptied_cache_says_the_same(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _page(snapshot, "state/GBR.html")
    monkeypatch.setattr(resource, "_MOST", 3)
    assert _page(snapshot, "state/GBR.html") == whole


@pytest.mark.usefixtures("two_rows")
def test_positions_and_what_documents_say_of_a_person_stop_too(snapshot: Snapshot) -> None:
    """Three positions on the new criminal legislation are in the documents, and four things on Zinaida Mukhortova."""
    for path, name, entry, total in (
        ("provision/kaz-new-criminal-legislation.html", "positions", "#position-", 3),
        ("person/zinaida-mukhortova.html", "concerning", '<li class="entry">', 4),
    ):
        section = _section(_page(snapshot, path), name)
        assert f'<span class="count">{total}</span>' in section
        assert f"Shown here: the first 2 of {total}." in section
        assert section.count(entry) == 2
