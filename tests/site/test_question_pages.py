"""Pages of questions: what is listed, what a reader can choose, and the bars in the cells."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from rejoinder import question as stored_questions
from rejoinder import versions
from rejoinder.config import Project
from rejoinder.question import Chart, Column, Question
from rejoinder.rdf.results import Table
from rejoinder.rdf.terms import Literal, NamedNode
from rejoinder.server import question_answer
from rejoinder.server.question_answer import ResultPage
from rejoinder.site import question_page, routes
from rejoinder.site.question_page import AnswerTable, ChoosableTable
from rejoinder.site.snapshot import Snapshot, open_snapshot

REGIONS = Table(
    ("region", "yes", "no"),
    ((Literal("North"), Literal(30), Literal(10)), (Literal("South"), Literal(10), None)),
)


@pytest.fixture(scope="module")
def snapshot(built_once: Project) -> Snapshot:
    return open_snapshot(built_once, versions.require_newest(built_once.build))


def _bars(snapshot: Snapshot, kind: str) -> list[list[float | None]]:
    columns = tuple(Column(name, name) for name in REGIONS.columns)
    question = Question("x", "", "", "", (), columns, Chart(kind, "region", "yes no"), "")
    return [
        [cell.bar for cell in row.cells] for row in question_page.choosable(snapshot.renderer, question, REGIONS).rows
    ]


def test_a_bar_is_as_long_as_its_number(snapshot: Snapshot) -> None:
    """The greatest number, 30, fills its cell; of stacked numbers, which are parts of a whole, the greatest sum, 40."""
    assert _bars(snapshot, "grouped") == [[None, 100, 33.3], [None, 33.3, None]]
    assert _bars(snapshot, "stacked") == [[None, 75, 25], [None, 25, None]]


def test_rows_about_persons_have_no_bars_and_cannot_be_sorted_by_numbers(snapshot: Snapshot) -> None:
    """Neither in the site nor in the server's HTML; sorting by name stays, and so do tables of States."""
    speakers = _answer(snapshot, "claims-by-speaker-and-evidence")
    fixed = {heading.title: heading.is_fixed for heading in speakers.headings if heading.numeric}
    assert fixed["Claims"]
    assert all(fixed.values())
    assert not speakers.headings[0].is_fixed
    assert [cell.bar for row in speakers.rows for cell in row.cells if cell.bar is not None] == []
    for name, expected in (("claims-by-speaker-and-evidence", True), ("issues-ranked", False)):
        page = routes.page(snapshot, f"question/{name}.html")
        assert page
        asked = stored_questions.ask(snapshot.store, snapshot.questions[name], {}, snapshot.project.base)
        rows = len(asked.rows)
        part = ResultPage(snapshot.questions[name], {}, "", asked, rows, 0, rows, "html")
        for html in (page.content.decode(), question_answer.as_html(part, snapshot).decode()):
            heads = re.findall(r'<th scope="col" class="number"([^>]*)>', html)
            assert heads
            assert all(("data-fixed" in head) is expected for head in heads)
            assert ("cannot be sorted by numbers" in html) is expected


def test_dates_are_in_words_in_the_table_and_as_they_are_in_files(snapshot: Snapshot) -> None:
    """The head of the Ombudsman's office spoke "no later than" the report's date, the President in December 2012."""
    rows = _answer(snapshot, "quoted-words").rows
    found = {(cell.text, cell.date) for row in rows for cell in row.cells if cell.date}
    assert {("no later than 21 November 2014", "../2014-11-21"), ("December 2012", "2012-12")} <= found
    page, script, file = (_text(snapshot, f"question/quoted-words{suffix}") for suffix in (".html", ".js", ".csv"))
    assert re.search(r'<td data-label="[^"]+">no later than 21 November 2014</td>', page)
    assert "the date may be that of the review" in page
    assert "the date may be that of the review" not in _text(snapshot, "question/issues-ranked.html")
    assert '["no later than 21 November 2014",null,null,null,"../2014-11-21"]' in script
    assert ",../2014-11-21," in file
    assert "no later than" not in file


def _text(snapshot: Snapshot, path: str) -> str:
    page = routes.page(snapshot, path)
    assert page, path
    return page.content.decode()


def _answer(snapshot: Snapshot, name: str) -> ChoosableTable:
    return AnswerTable(snapshot.renderer, snapshot.store, snapshot.questions[name]).choosable


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("who-raised-what", {"state": "CZE"}),
        ("who-raised-an-issue", {"under": "torture"}),
        ("what-a-state-did", {"state": "FRA"}),
        ("shared-issues", {"state": "CZE", "other": "FRA"}),
        ("recommendations-by-organisations", {"by": "organisation/odf"}),
        ("torture-sentences-by-severity", {"issue": "torture"}),
        ("raised-only-once", {"report": "kaz-upr-20"}),
    ],
)
def test_lists_choose_the_rows_that_the_question_has_for_these_values(
    snapshot: Snapshot, name: str, values: dict[str, str]
) -> None:
    answer = _answer(snapshot, name)
    wanted = [
        [value for value, _ in choice.options].index(values[choice.name]) if choice.name in values else None
        for choice in answer.choices
    ]
    rows = [row for row in answer.rows if all(at in (None, key) for at, key in zip(wanted, row.keys, strict=True))]
    asked = stored_questions.ask(snapshot.store, snapshot.questions[name], values, snapshot.project.base)
    assert rows
    assert len(rows) == len(asked.rows)


def test_a_question_begins_with_a_value_that_these_data_have(snapshot: Snapshot) -> None:
    laws = _answer(snapshot, "everything-on-a-law").choices[0]
    assert (laws.name, laws.default) == ("law", "kaz-libel-rules")
    assert len(laws.options) > 1
    assert next(choice for choice in _answer(snapshot, "who-raised-what").choices).default == ""


def test_what_has_no_answer_is_counted_and_not_listed(snapshot: Snapshot) -> None:
    """Whether a question has a row is decided by its first solution, and agrees with the whole answer."""
    page = routes.page(snapshot, "question/index.html")
    assert page
    text = page.content.decode()
    listed = set(re.findall(r'<a href="([\w-]+)\.html">', text)) - {"index"}
    with_rows = {name for name in snapshot.questions if _answer(snapshot, name).rows}
    assert listed == with_rows
    assert f"{len(snapshot.questions) - len(with_rows)} more questions have no answer in these data" in text


def test_cells_say_titles_and_no_page_lists_persons_affected_unasked(snapshot: Snapshot) -> None:
    paths, unfolded = [], []
    for name in snapshot.questions:
        for row in _answer(snapshot, name).rows:
            paths += [
                (name, cell.text) for cell in row.cells if re.fullmatch(r"(report|state|person)/[\w-]+", cell.text)
            ]
    assert paths == []
    for name in ("persons-affected", "refused-visits"):
        page = routes.page(snapshot, f"question/{name}.html")
        assert page
        text = page.content.decode()
        unfolded += [
            name for found in re.findall(r"(<details class=.affected.>.*?)?<table", text, re.DOTALL) if not found
        ]
        assert '<meta name="robots" content="noindex">' in text
    assert unfolded == []


def test_a_table_shows_the_office_where_documents_give_no_name(snapshot: Snapshot) -> None:
    """The documents speak of the President; who that was is the editors' reading."""
    president = f"{snapshot.project.base}person/nursultan-nazarbayev"
    shown = {
        cell.text
        for name in ("what-somebody-said", "contradicted-by-own-side", "roles-as-stated")
        for row in _answer(snapshot, name).rows
        for cell in row.cells
        if cell.iri == president
    }
    assert shown == {"“President of Kazakhstan” (the editors read: Nursultan Nazarbayev)"}


def test_no_list_chooses_among_only_some_of_the_rows(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a value whose rows are cut off would look like one without rows; the page still tells how many there are."""
    whole = AnswerTable(snapshot.renderer, snapshot.store, snapshot.questions["replies"])
    assert whole.choosable.choices
    monkeypatch.setattr(question_page, "_MOST_ROWS", len(whole.table.rows) - 1)
    cut = _answer(snapshot, "replies")
    assert (cut.choices, len(cut.rows)) == ((), len(whole.table.rows) - 1)
    page = routes.page(snapshot, "question/replies.html")
    assert page
    assert f'aria-live="polite">{len(whole.table.rows)} rows<' in page.content.decode()


def test_much_data_let_a_reader_choose_the_first_of_two_states(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All pairs are too many rows; the other State is typed, and the rows are those of the question's default."""
    question = snapshot.questions["shared-issues"]
    rows = len(stored_questions.ask(snapshot.store, question, {}, snapshot.project.base).rows)
    states = len(snapshot.renderer.reader.of_class("rj:State"))
    monkeypatch.setattr(question_page, "_MANY", rows * states)
    answer = AnswerTable(snapshot.renderer, snapshot.store, question, rows * states + 1).choosable
    assert [choice.name for choice in answer.choices] == ["state"]
    assert answer.free == {"state"}
    for chosen in ("CZE", "GBR"):
        asked = stored_questions.ask(snapshot.store, question, {"state": chosen}, snapshot.project.base)
        place = [value for value, _ in answer.choices[0].options].index(chosen)
        assert len([row for row in answer.rows if row.keys == (place,)]) == len(asked.rows) > 0
    few = AnswerTable(snapshot.renderer, snapshot.store, question, rows * states).choosable
    assert [choice.name for choice in few.choices] == ["state", "other"]


def test_much_data_without_the_default_begin_with_what_they_have(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows of all laws are too many, and the default law is not in these data: page and files are on the first."""
    question = snapshot.questions["everything-on-a-law"]
    parameter = next(each for each in question.parameters if each.name == "law")
    absent = replace(question, parameters=(replace(parameter, default="no-such-law"),))
    monkeypatch.setattr(question_page, "_MOST_ROWS", 20)
    answer = AnswerTable(snapshot.renderer, snapshot.store, absent)
    (law,) = answer.choosable.asked
    first = stored_questions.ask(snapshot.store, question, {"law": law.default or ""}, snapshot.project.base)
    assert first.rows
    assert answer.choosable.choices == ()
    assert len(answer.choosable.rows) == min(20, len(first.rows))
    assert len(answer.files()[".csv"]().content.decode().splitlines()) == 1 + len(first.rows)
    assert f'name="law" value="{law.default}"' in answer.files()[".html"]().content.decode()


@pytest.mark.parametrize("order", ["ORDER BY ?lawLabel ?entry", "ORDER BY ?lawLabel ?entry LIMIT 500", "# all", ""])
def test_in_much_data_rows_that_are_too_many_are_only_counted(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    """The query counts without names and order, whatever stands at its end; the page begins with the first law."""
    question = snapshot.questions["everything-on-a-law"]
    parameter = next(each for each in question.parameters if each.name == "law")
    body = question.query[: question.query.rindex("ORDER BY")]
    absent = replace(question, parameters=(replace(parameter, default="no-such-law"),), query=body + order)
    monkeypatch.setattr(question_page, "_MOST_ROWS", 20)
    much = AnswerTable(snapshot.renderer, snapshot.store, absent, question_page._MANY + 1)
    (law,) = much.choosable.asked
    provisions = snapshot.renderer.reader.of_class("rj:Provision")
    asked = [
        stored_questions.ask(snapshot.store, question, {"law": it.short}, snapshot.project.base) for it in provisions
    ]
    (first, *_) = [it.iri for it, table in zip(provisions, asked, strict=True) if table.rows]
    assert law.default
    assert law.term(law.default, snapshot.project.base) == NamedNode(first)
    assert much.choosable.choices == ()


def test_what_a_question_cuts_off_can_be_chosen_and_the_files_say_that_they_lack_it(snapshot: Snapshot) -> None:
    """The first row alone would make every other report look like one without replies."""
    question = snapshot.questions["replies"]
    rows = len(stored_questions.ask(snapshot.store, question, {}, snapshot.project.base).rows)
    limited = AnswerTable(snapshot.renderer, snapshot.store, replace(question, query=f"{question.query}\nLIMIT 1\n"))
    assert len(limited.choosable.rows) == rows > 1
    assert limited.choosable.choices == _answer(snapshot, "replies").choices
    assert len(limited.files()[".csv"]().content.decode().splitlines()) == 1 + 1
    page = limited.files()[".html"]().content.decode()
    assert f'aria-live="polite">{rows} rows<' in page
    assert "CSV and JSON have only the first 1, as many as the question asks for." in page
    assert "CSV and JSON have all" not in page
