"""Pages of stored questions: title, answer as table and chart, CSV and JSON files, and the SPARQL query.

Charts are bars, drawn as SVG while the site is built: they need no script, and the table has the same values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from rejoinder import formats, namespaces
from rejoinder.lazily import lazy
from rejoinder.questions.question import Chart, Question, ask, question_iri
from rejoinder.rdf import results
from rejoinder.rdf.results import Table
from rejoinder.rdf.terms import Literal, NamedNode, Store, Term
from rejoinder.site import schema_org
from rejoinder.site.render import Page, PageMetadata, Renderer

_NUMBERS: Final = frozenset(namespaces.XSD + name for name in ("integer", "decimal", "double"))
_SHORT: Final = 24
"""The most characters of a single word that is not broken over two lines."""
ROWS: Final = 500
"""The most rows on a page: the longest questions return as many, and browsers cope. CSV and JSON files have all."""

CHART_WIDTH: Final = 780
"""Units of the drawing, as are all lengths of charts here."""
_LABELS_WIDTH: Final = 330
_BARS_WIDTH: Final = CHART_WIDTH - _LABELS_WIDTH - 60
_BAR_HEIGHT: Final = 18
_GAP: Final = 12
_DIGIT_WIDTH: Final = 8
_MAX_LABEL: Final = 42
"""Characters."""
_MAX_BARS: Final = 60


@dataclass(frozen=True)
class AnswerTable:
    """A question and its answer, evaluated once for all files with it."""

    renderer: Renderer
    store: Store
    question: Question

    @lazy
    def table(self) -> Table:
        """Return the answer, with the parameters' defaults."""
        return ask(self.store, self.question, {}, self.renderer.project.base)

    @property
    def stem(self) -> str:
        """The path of its files without suffix."""
        return f"question/{self.question.name}"

    def files(self) -> dict[str, Callable[[], Page]]:
        """Return functions that make the question's page, its answer as CSV and JSON, and its query, by suffix."""
        return {
            ".html": lambda: _page(self.renderer, self.question, self.table, self.stem),
            ".csv": lambda: self._page(".csv", results.as_csv(self.table), formats.CSV.media_type),
            ".json": lambda: self._page(".json", results.as_json(self.table), formats.JSON.media_type),
            ".rq": lambda: self._page(".rq", self.question.query, "application/sparql-query"),
        }

    def _page(self, suffix: str, text: str, media_type: str) -> Page:
        return Page(self.stem + suffix, text.encode(), media_type)


def _page(renderer: Renderer, question: Question, table: Table, stem: str) -> Page:
    iri = question_iri(renderer.project.base, question.name)
    columns, rows = grid(renderer, Table(table.columns, table.rows[:ROWS]))
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
        columns=columns,
        rows=rows,
        total=len(table.rows),
        drawing=draw(question.chart, table) if question.chart and not ranks_persons(renderer, table) else None,
        caption=_caption(question),
        width=CHART_WIDTH,
        query=question.sparql,
    )


def index_page(renderer: Renderer, found: Mapping[str, Question]) -> Page:
    """Return the page that lists all questions, by group."""
    ordered = sorted(found.values(), key=lambda question: (question.group, question.title))
    iri = f"{renderer.project.base}question/"
    head = PageMetadata(
        title="Questions",
        description=f"{len(ordered)} questions, each with its answer from the data and the query behind it.",
        iri=iri,
        kind=schema_org.kind_iri("CollectionPage"),
        structured={"@context": "https://schema.org", "@type": "CollectionPage", "@id": iri, "name": "Questions"},
        alternates="question/index",
    )
    groups = [(group, list(members)) for group, members in groupby(ordered, key=lambda question: question.group)]
    return renderer.page("questions.html", "question/index.html", head, groups=groups)


@dataclass(frozen=True)
class AnswerHeading:
    """The head of a column."""

    title: str
    numeric: bool


@dataclass(frozen=True)
class AnswerCell:
    """A cell of the table on a page; `iri` is the target of its link."""

    text: str
    iri: str | None = None
    language: str | None = None

    @property
    def tight(self) -> bool:
        """Return whether it is one short word, such as a date, that must not be broken."""
        return len(self.text) <= _SHORT and " " not in self.text


def grid(renderer: Renderer, table: Table) -> tuple[list[AnswerHeading], list[list[AnswerCell]]]:
    """Return the heads and rows of a table for people; an IRI with a label in another column is the label's link."""
    # A column of IRIs beside their labels helps no reader; the CSV and JSON files have both.
    labelled = {_target(name) for name in table.columns}
    shown = [at for at, name in enumerate(table.columns) if name not in labelled]
    heads = []
    for at in shown:
        values = [row[at] for row in table.rows if row[at] is not None]
        words = _words(table.columns[at])
        heads.append(AnswerHeading(words[:1].upper() + words[1:], bool(values) and all(map(_is_number, values))))
    return heads, [[_cell(renderer, table, row, at) for at in shown] for row in table.rows]


def _cell(renderer: Renderer, table: Table, row: tuple[Term | None, ...], at: int) -> AnswerCell:
    term, target = row[at], _target(table.columns[at])
    if isinstance(term, NamedNode):
        return AnswerCell(renderer.reader.resource(term.value).short, term.value)
    linked = row[table.columns.index(target)] if target in table.columns else None
    iri = linked.value if isinstance(linked, NamedNode) else None
    return AnswerCell(results.plain(term), iri, term.language if isinstance(term, Literal) else None)


def _target(label: str) -> str:
    """Return the column with the IRIs for the labels in the column `label`."""
    return "thing" if label == "label" else label.removesuffix("Label") if label.endswith("Label") else ""


def _words(column: str) -> str:
    """Return a column's name as words.

    >>> _words("insidePercent"), _words("speakerLabel")
    ('inside percent', 'speaker')
    """
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in column.removesuffix("Label"))


def _is_number(term: Term | None) -> bool:
    return isinstance(term, Literal) and term.datatype.value in _NUMBERS


@dataclass(frozen=True)
class Rect:
    """A rectangle in a chart; `look` is its CSS class."""

    x: float
    y: float
    width: float
    height: float
    look: str


@dataclass(frozen=True)
class Words:
    """A text in a chart; `anchor` is its SVG text-anchor (start, middle or end)."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    look: str = "name"


@dataclass(frozen=True)
class Svg:
    """A chart; `legend` has the CSS class and name of each series, `left_out` counts rows that only the table has."""

    height: int
    rects: tuple[Rect, ...]
    words: tuple[Words, ...]
    legend: tuple[tuple[str, str], ...]
    left_out: int


def draw(chart: Chart, table: Table) -> Svg | None:
    """Return the chart that a question's front matter describes, or None if nothing can be drawn.

    The bars of a row stand end to end, with their sum at the end, or below each other if they are grouped.
    """
    rows = _rows(chart, table)
    is_grouped = chart.kind == "grouped"
    longest = max((max(values) if is_grouped else sum(values) for _, values in rows), default=0.0)
    if longest <= 0:
        return None
    scale = _BARS_WIDTH / longest
    thickness = _BAR_HEIGHT * (len(chart.ys) if is_grouped else 1)
    rects: list[Rect] = []
    words: list[Words] = []
    for number, (label, values) in enumerate(rows[:_MAX_BARS]):
        top, end = number * (thickness + _GAP), 0.0
        # SVG does not wrap text, so long labels are cut; the table has them whole.
        shown = label if len(label) <= _MAX_LABEL else label[: _MAX_LABEL - 1].rstrip() + "…"
        words.append(Words(_LABELS_WIDTH - 10, top + 14, shown, "end"))
        for at, value in enumerate(values):
            width, series = value * scale, f"series{at + 1}"  # the classes differ in outline and dashes, too
            if is_grouped:
                y = top + at * _BAR_HEIGHT
                rects.append(Rect(_LABELS_WIDTH, y, round(width, 1), _BAR_HEIGHT - 2, series))
                words.append(Words(_LABELS_WIDTH + round(width, 1) + 8, y + 13, f"{value:.15g}", look="value"))
                continue
            left = _LABELS_WIDTH + end * scale
            end += value
            if width:
                rects.append(Rect(round(left, 1), top, round(width, 1), _BAR_HEIGHT, series))
            # A number wider than its bar would overlap the next bar; the table has it.
            if len(values) > 1 and width > _DIGIT_WIDTH * len(f"{value:g}") + 4:
                words.append(Words(round(left + width / 2, 1), top + 14, f"{value:.15g}", "middle", f"in{at + 1}"))
        if not is_grouped:
            words.append(Words(round(_LABELS_WIDTH + end * scale + 8, 1), top + 14, f"{end:.15g}", look="value"))
    height = min(len(rows), _MAX_BARS) * (thickness + _GAP)
    legend = tuple((f"series{at + 1}", _words(column)) for at, column in enumerate(chart.ys)) if chart.ys[1:] else ()
    return Svg(height, tuple(rects), tuple(words), legend, max(0, len(rows) - _MAX_BARS))


def ranks_persons(renderer: Renderer, table: Table) -> bool:
    """Return whether a row of the answer is about a person; a chart would rank persons by a score."""
    iris = {term.value for row in table.rows for term in row if isinstance(term, NamedNode)}
    return any(renderer.reader.is_of_class(iri, "rj:Person") for iri in iris)


def _rows(chart: Chart, table: Table) -> list[tuple[str, list[float]]]:
    """Return the label and the numbers of each row; a row without a number is left out."""
    rows = []
    for row in table.rows:
        cells = {column: results.plain(term) for column, term in zip(table.columns, row, strict=True)}
        values = [_number(cells[column]) for column in chart.ys]
        if any(value is not None for value in values):
            label = ", ".join(filter(None, (cells[column] for column in chart.xs))) or "none"
            rows.append((label, [value or 0.0 for value in values]))
    return rows


def _number(text: str) -> float | None:
    """Return the number, or None if it is missing, negative or infinite, which a bar cannot show."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None


def _caption(question: Question) -> str:
    """Return the meaning of the bars from the front matter; empty if there is a legend."""
    if question.chart is None or len(question.chart.ys) > 1:
        return ""
    return next(column.summary for column in question.columns if column.name == question.chart.y)
