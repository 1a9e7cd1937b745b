"""The pages of stored questions: the question in words, its answer as table, CSV, JSON and chart, and the SPARQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from rejoinder import formats, namespaces
from rejoinder.lazily import lazy
from rejoinder.questions import tables
from rejoinder.questions.question import Question, ask, question_iri
from rejoinder.questions.tables import Table
from rejoinder.rdf.terms import Literal, NamedNode, Store, Term
from rejoinder.site import charts, schema_org
from rejoinder.site.render import Page, PageMetadata, Renderer

_NUMBERS = frozenset(namespaces.XSD + name for name in ("integer", "decimal", "double"))

_SHORT = 24

ROWS: Final = 500
"""Rows of an answer that its page shows, as many as the longest questions stop at: a browser still lays them out at
once. CSV and JSON have all."""


@dataclass(frozen=True)
class AnswerCell:
    """A cell as a page shows it; `iri` is what it leads to."""

    text: str
    iri: str | None = None
    language: str | None = None

    @property
    def tight(self) -> bool:
        """Whether it is one short word, such as a date, that must not be broken."""
        return len(self.text) <= _SHORT and " " not in self.text


@dataclass(frozen=True)
class AnswerHeading:
    """The head of a column."""

    title: str
    numeric: bool


@dataclass(frozen=True)
class AnswerTable:
    """A question and its answer, asked once for all the files that tell it."""

    renderer: Renderer
    store: Store
    question: Question

    @lazy
    def table(self) -> Table:
        """The answer, with the parameters' defaults."""
        return ask(self.store, self.question, {}, self.renderer.project.base)

    @property
    def stem(self) -> str:
        """Where its files stand."""
        return f"question/{self.question.name}"

    def files(self) -> dict[str, Callable[[], Page]]:
        """The question's page, its answer as CSV and JSON, and its query, by suffix."""
        return {
            ".html": lambda: _page(self.renderer, self.question, self.table, self.stem),
            ".csv": lambda: self._page(".csv", tables.as_csv(self.table), formats.CSV.media_type),
            ".json": lambda: self._page(".json", tables.as_json(self.table), formats.JSON.media_type),
            ".rq": lambda: self._page(".rq", self.question.query, "application/sparql-query"),
        }

    def _page(self, suffix: str, text: str, media_type: str) -> Page:
        return Page(self.stem + suffix, text.encode(), media_type)


def _page(renderer: Renderer, question: Question, table: Table, stem: str) -> Page:
    iri = question_iri(renderer.project.base, question.name)
    shown = grid(renderer, Table(table.columns, table.rows[:ROWS]))
    head = PageMetadata(
        title=question.title,
        description=question.summary,
        iri=iri,
        kind=schema_org.kind_iri("Dataset"),
        structured=schema_org.question(question, iri, renderer.project),
        alternates=stem,
    )
    return renderer.page(
        "question.html",
        f"{stem}.html",
        head,
        question=question,
        stem=stem,
        columns=shown.columns,
        rows=shown.rows,
        total=len(table.rows),
        drawing=charts.chart(question, table),
        caption=charts.caption(question),
        width=charts.WIDTH,
        query=question.sparql,
    )


@dataclass(frozen=True)
class AnswerGrid:
    """A table as a page shows it: the heads of its columns, and its rows."""

    columns: list[AnswerHeading]
    rows: list[list[AnswerCell]]


def grid(renderer: Renderer, table: Table) -> AnswerGrid:
    """The table for people: an IRI whose label has a column of its own is the label's link."""
    shown = _shown(table)
    rows = [[_cell(renderer, table, row, at) for at in shown] for row in table.rows]
    return AnswerGrid([_heading(table, at) for at in shown], rows)


def _shown(table: Table) -> list[int]:
    """The columns to show: an IRI whose label has a column of its own is the label's link."""
    labelled = {_target(name) for name in table.columns}
    return [at for at, name in enumerate(table.columns) if name not in labelled]


def _heading(table: Table, at: int) -> AnswerHeading:
    """A column's name as words: `speakerLabel` is "Speaker"."""
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in _bare(table.columns[at]))
    values = [row[at] for row in table.rows if row[at] is not None]
    return AnswerHeading(words[:1].upper() + words[1:], bool(values) and all(map(_is_number, values)))


def _target(label: str) -> str:
    """The column that has the IRI of what the column `label` names."""
    return "thing" if label == "label" else _bare(label) if label.endswith("Label") else ""


def _bare(name: str) -> str:
    return name.removesuffix("Label")


def _is_number(term: Term | None) -> bool:
    return isinstance(term, Literal) and term.datatype.value in _NUMBERS


def _cell(renderer: Renderer, table: Table, row: tuple[Term | None, ...], at: int) -> AnswerCell:
    term, name = row[at], table.columns[at]
    if isinstance(term, NamedNode):
        return AnswerCell(renderer.reader.resource(term.value).short, term.value)
    target = row[table.columns.index(_target(name))] if _target(name) in table.columns else None
    iri = target.value if isinstance(target, NamedNode) else None
    return AnswerCell(tables.plain(term), iri, term.language if isinstance(term, Literal) else None)


def index_page(renderer: Renderer, found: Mapping[str, Question]) -> Page:
    """The page that lists all questions, by group."""
    ordered = sorted(found.values(), key=lambda question: (question.group, question.title))
    iri = f"{renderer.project.base}question/"
    head = PageMetadata(
        title="Questions",
        description=f"{len(ordered)} questions, each with its answer from the data and the query that made it.",
        iri=iri,
        kind=schema_org.kind_iri("CollectionPage"),
        structured={"@context": "https://schema.org", "@type": "CollectionPage", "@id": iri, "name": "Questions"},
        alternates="question/index",
    )
    groups = [(group, list(members)) for group, members in groupby(ordered, key=lambda question: question.group)]
    return renderer.page("questions.html", "question/index.html", head, groups=groups)
