"""Bar charts of questions, drawn as SVG while the site is built: no script, and the table below says the same."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from rejoinder.questions.question import Chart, Question
from rejoinder.questions.tables import Table, plain

WIDTH: Final = 780
"""Units of the drawing, as are all lengths here."""
_LABELS_WIDTH: Final = 330
_BARS_WIDTH: Final = WIDTH - _LABELS_WIDTH - 60
_BAR_HEIGHT: Final = 18
_GAP: Final = 12
_DIGIT_WIDTH: Final = 8
_MAX_LABEL: Final = 42
"""Characters."""
_MAX_ROWS: Final = 60


@dataclass(frozen=True)
class Rect:
    """A rectangle; `look` is its CSS class."""

    x: float
    y: float
    width: float
    height: float
    look: str


@dataclass(frozen=True)
class Words:
    """Words that begin, stand or end at a place, as `anchor` says."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    look: str = "name"


@dataclass(frozen=True)
class Svg:
    """A chart; `legend` has the look and the name of each series, `left_out` counts what is in the table alone."""

    height: int
    rects: tuple[Rect, ...]
    words: tuple[Words, ...]
    legend: tuple[tuple[str, str], ...]
    left_out: int


def chart(question: Question, table: Table) -> Svg | None:
    """Return the chart that the question's card asks for, or None if it asks for none or nothing can be drawn."""
    if question.chart is None:
        return None
    return grouped(question.chart, table) if question.chart.kind == "grouped" else stacked(question.chart, table)


def caption(question: Question) -> str:
    """Return what the bars mean, in the card's own words; empty where the legend says so."""
    if question.chart is None or len(question.chart.ys) > 1:
        return ""
    return next(column.summary for column in question.columns if column.name == question.chart.y)


def stacked(chart: Chart, table: Table) -> Svg | None:
    """Draw the series of a row end to end, with their sum behind them; one series makes a plain bar."""
    rows = _rows(chart, table)
    greatest = max((sum(values) for _, values in rows), default=0.0)
    if greatest <= 0:
        return None
    scale = _BARS_WIDTH / greatest
    rects: list[Rect] = []
    words: list[Words] = []
    for number, (label, values) in enumerate(rows[:_MAX_ROWS]):
        top = number * (_BAR_HEIGHT + _GAP)
        words.append(_label(label, top))
        ends = list(accumulate(values))
        for at, (value, end) in enumerate(zip(values, ends, strict=True)):
            left, width = _LABELS_WIDTH + (end - value) * scale, value * scale
            if width:
                rects.append(Rect(round(left, 1), top, round(width, 1), _BAR_HEIGHT, _series(at)))
            # a number that is wider than its bar would run into the next one; the table has it
            if len(values) > 1 and width > _DIGIT_WIDTH * len(f"{value:g}") + 4:
                words.append(Words(round(left + width / 2, 1), top + 14, f"{value:.15g}", "middle", f"in{at + 1}"))
        words.append(Words(round(_LABELS_WIDTH + ends[-1] * scale + 8, 1), top + 14, f"{ends[-1]:.15g}", look="value"))
    return _svg(chart, rows, _BAR_HEIGHT, rects, words)


def grouped(chart: Chart, table: Table) -> Svg | None:
    """Draw the series of a row below one another."""
    rows = _rows(chart, table)
    greatest = max((value for _, values in rows for value in values), default=0.0)
    if greatest <= 0:
        return None
    rects: list[Rect] = []
    words: list[Words] = []
    thickness = _BAR_HEIGHT * len(chart.ys)
    for number, (label, values) in enumerate(rows[:_MAX_ROWS]):
        top = number * (thickness + _GAP)
        words.append(_label(label, top))
        for at, value in enumerate(values):
            y, width = top + at * _BAR_HEIGHT, round(value * _BARS_WIDTH / greatest, 1)
            rects.append(Rect(_LABELS_WIDTH, y, width, _BAR_HEIGHT - 2, _series(at)))
            words.append(Words(_LABELS_WIDTH + width + 8, y + 13, f"{value:.15g}", look="value"))
    return _svg(chart, rows, thickness, rects, words)


def _rows(chart: Chart, table: Table) -> list[tuple[str, list[float]]]:
    """Return the label and the numbers of each row; a row without a number is left out."""
    rows = []
    for row in table.rows:
        cells = {column: plain(term) for column, term in zip(table.columns, row, strict=True)}
        values = [_number(cells[column]) for column in chart.ys]
        if any(value is not None for value in values):
            label = ", ".join(filter(None, (cells[column] for column in chart.xs))) or "none"
            rows.append((label, [value or 0.0 for value in values]))
    return rows


def _number(text: str) -> float | None:
    """Return the number, or None where there is none or it is below zero, which a bar cannot show."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None


def _label(text: str, top: int) -> Words:
    shown = text if len(text) <= _MAX_LABEL else text[: _MAX_LABEL - 1].rstrip() + "…"
    return Words(_LABELS_WIDTH - 10, top + 14, shown, "end")


def _series(at: int) -> str:
    """Return the CSS class of a series; classes differ in outline and dashes, so that colour is not needed."""
    return f"series{at + 1}"


def _svg(
    chart: Chart, rows: list[tuple[str, list[float]]], thickness: int, rects: list[Rect], words: list[Words]
) -> Svg:
    height = min(len(rows), _MAX_ROWS) * (thickness + _GAP)
    legend = tuple((_series(at), _column_name(column)) for at, column in enumerate(chart.ys))
    more = max(0, len(rows) - _MAX_ROWS)
    return Svg(height, tuple(rects), tuple(words), legend if len(legend) > 1 else (), more)


def _column_name(column: str) -> str:
    """Return a column's name as words.

    >>> _column_name("insidePercent")
    'inside percent'
    """
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in column.removesuffix("Label"))
