"""Every stored question gives the answer worked out by hand from the report.

Beside `<name>.rq` stands `<name>.expected.csv`: all rows in order, for the parameters of the first example in its front
matter and in as many of the columns as it takes to tell right from wrong. IRIs are written below the project's base,
terms of the vocabulary with the prefix rj.

Questions over the whole of the UPR have `<name>.imported.csv` instead: their answer once the small export of
`tests/cases/exports` is imported beside the report. Of the report alone they have none.

`tests/triplestores/test_remote_questions.py` puts the same questions to the engines of Jena, RDF4J and Virtuoso.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping

import pytest

from conftest import ROOT
from rejoinder import namespaces
from rejoinder import question as stored_questions
from rejoinder.config import Project
from rejoinder.rdf import terms as rdf_terms
from rejoinder.rdf.query import query
from rejoinder.rdf.terms import Store
from rejoinder.versions import require_newest
from repository_questions import OF_NO_SHIPPED_DATA, QUESTIONS, examples

OVER_ALL_REVIEWS = {path.name.removesuffix(".imported.csv") for path in (ROOT / "queries").glob("*.imported.csv")}
BASE = "https://example.org/reports/"  # that of a new project

Row = tuple[str, ...]


@pytest.fixture(scope="module")
def example(stored_once: Project) -> Store:
    return require_newest(stored_once.build).open()


@pytest.fixture(scope="module")
def imported(imported_once: Project) -> Store:
    return require_newest(imported_once.build).open()


@pytest.fixture
def store(name: str, example: Store, imported: Store) -> Store:
    """Give the data that the question's expected answer is of."""
    return imported if name in OVER_ALL_REVIEWS else example


def test_there_are_at_least_thirty_questions() -> None:
    assert len(QUESTIONS) >= 30


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_front_matter_says_what_the_query_gives(name: str) -> None:
    question = QUESTIONS[name]
    table = stored_questions.ask(rdf_terms.memory_store(()), question, _example(name), BASE)
    assert table.columns == tuple(column.name for column in question.columns)
    assert table.rows == (), "a question with no answer returns an empty table"


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_answer_is_the_one_worked_out_by_hand(name: str, store: Store) -> None:
    columns, expected = _expected(name)
    table = stored_questions.ask(store, QUESTIONS[name], _example(name), BASE)
    rows = [{column: _cell(term) for column, term in zip(table.columns, row, strict=True)} for row in table.rows]
    assert _only(rows, columns) == expected


@pytest.mark.parametrize("name", sorted(OVER_ALL_REVIEWS))
def test_a_report_alone_does_not_answer_a_question_over_all_reviews(name: str, example: Store) -> None:
    assert stored_questions.ask(example, QUESTIONS[name], {}, BASE).rows == ()


def test_at_least_fifteen_questions_over_all_reviews_have_a_chart() -> None:
    assert sum(QUESTIONS[name].chart is not None for name in OVER_ALL_REVIEWS) >= 15


def test_questions_over_all_reviews_are_those_of_the_group() -> None:
    assert {name for name, question in QUESTIONS.items() if question.group == "Reviews"} == OVER_ALL_REVIEWS
    assert len(OVER_ALL_REVIEWS) >= 15


@pytest.mark.parametrize("name", [name for name in QUESTIONS if QUESTIONS[name].parameters])
def test_what_a_parameter_chooses_by_is_in_every_row(name: str, store: Store) -> None:
    """A row without it would fit every value: 'only action 5' would show what has no action at all."""
    table = stored_questions.ask(store, QUESTIONS[name], {}, BASE)
    chosen_by = {table.columns.index(it.name) for it in QUESTIONS[name].parameters if it.name in table.columns}
    assert [row for row in table.rows if None in {row[index] for index in chosen_by}] == []


@pytest.mark.parametrize("name", sorted(QUESTIONS.keys() - OF_NO_SHIPPED_DATA))
def test_every_example_in_front_matter_has_an_answer(name: str, store: Store) -> None:
    assert examples(name)
    for parameters in examples(name):
        assert stored_questions.ask(store, QUESTIONS[name], parameters, BASE).rows


def _only(rows: list[dict[str, str]], columns: Row) -> list[Row]:
    return [tuple(row[column] for column in columns) for row in rows]


def _expected(name: str) -> tuple[Row, list[Row]]:
    with (ROOT / "queries" / f"{name}.{'imported' if name in OVER_ALL_REVIEWS else 'expected'}.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        header, *rows = csv.reader(file)
    return tuple(header), [tuple(row) for row in rows]


def _example(name: str) -> Mapping[str, str]:
    return examples(name)[0]


def _cell(term: rdf_terms.Term | None) -> str:
    return "" if term is None else _short(rdf_terms.text(term))


def _short(text: str) -> str:
    return text.replace(namespaces.RJ, "rj:", 1) if text.startswith(namespaces.RJ) else text.removeprefix(BASE)


def test_of_several_values_a_row_has_any(example: Store) -> None:
    question = QUESTIONS["who-raised-what"]
    both = stored_questions.ask(example, question, {"state": ["CZE", "USA", "CZE"]}, BASE)
    each = [stored_questions.ask(example, question, {"state": state}, BASE).rows for state in ("CZE", "USA")]
    assert all(each)
    assert both.rows == (*each[0], *each[1])


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_query_as_it_is_evaluated_gives_what_the_stored_one_gives(language: str, example: Store) -> None:
    """Before it is evaluated, a query gets the language in place of its variable, and no second look for English."""
    changed = 0
    for name, question in QUESTIONS.items():
        of_labels = {"language": language} if any(it.name == "language" for it in question.parameters) else {}
        stored = stored_questions.bound(question.query, question.bindings(dict(_example(name)) | of_labels, BASE))
        evaluated = stored_questions.in_one_language(stored)
        changed += evaluated != stored
        tables = (stored_questions.table_of(question, query(example, text)) for text in (stored, evaluated))
        assert next(tables).rows == next(tables).rows, name
    assert changed > 80
