"""Bars: one a row, or one for each series of a row, side by side or end to end."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import Final

from rejoinder.questions.chart import Chart
from rejoinder.questions.questions import Table
from rejoinder.site.marks import WIDTH, Drawing, Rect, Words, cut, label, name, number, series_look

BAR: Final = 18
GAP: Final = 12
LABELS: Final = 330
ROOM: Final = WIDTH - LABELS - 60
_LONGEST_LABEL: Final = 42
_MOST_ROWS: Final = 60
_DIGIT: Final = 8

_Row = tuple[str, list[float]]
_Lay = Callable[[list[float], int, float, list[Rect], list[Words]], None]


def stacked(chart: Chart, table: Table) -> Drawing | None:
    """The series of a row end to end, with their sum behind them; one series is a plain bar."""
    rows = _rows(chart, table)
    most = max((sum(values) for _, values in rows), default=0.0)
    return _drawing(chart, rows, most, BAR, _end_to_end)


def grouped(chart: Chart, table: Table) -> Drawing | None:
    """The series of a row below one another."""
    rows = _rows(chart, table)
    most = max((value for _, values in rows for value in values), default=0.0)
    return _drawing(chart, rows, most, BAR * len(chart.ys), _side_by_side)


def _rows(chart: Chart, table: Table) -> list[_Row]:
    """What each row is called and its numbers; a row in which none is a number is left out."""
    rows = []
    for at in range(len(table.rows)):
        values = [number(table, at, column) for column in chart.ys]
        if any(value is not None for value in values):
            rows.append((label(table, at, chart.xs), [value or 0.0 for value in values]))
    return rows


def _drawing(chart: Chart, rows: list[_Row], most: float, thickness: int, lay: _Lay) -> Drawing | None:
    if most <= 0:
        return None
    rects: list[Rect] = []
    words: list[Words] = []
    for at, (called, values) in enumerate(rows[:_MOST_ROWS]):
        top = at * (thickness + GAP)
        words.append(Words(LABELS - 10, top + 14, cut(called, _LONGEST_LABEL), "end"))
        lay(values, top, ROOM / most, rects, words)
    height = min(len(rows), _MOST_ROWS) * (thickness + GAP)
    legend = tuple((series_look(at), name(column)) for at, column in enumerate(chart.ys)) if len(chart.ys) > 1 else ()
    return Drawing(height, tuple(rects), tuple(words), (), legend, max(0, len(rows) - _MOST_ROWS))


def _end_to_end(values: list[float], top: int, scale: float, rects: list[Rect], words: list[Words]) -> None:
    ends = list(accumulate(values))
    for at, (value, end) in enumerate(zip(values, ends, strict=True)):
        width = value * scale
        if width:
            left = LABELS + (end - value) * scale
            rects.append(Rect(round(left, 1), top, round(width, 1), BAR, series_look(at)))
            if len(values) > 1 and width > _DIGIT * len(f"{value:g}") + 4:
                words.append(Words(round(left + width / 2, 1), top + 14, f"{value:.15g}", "middle", f"in{at + 1}"))
    words.append(Words(round(LABELS + ends[-1] * scale + 8, 1), top + 14, f"{ends[-1]:.15g}", look="value"))


def _side_by_side(values: list[float], top: int, scale: float, rects: list[Rect], words: list[Words]) -> None:
    for at, value in enumerate(values):
        y, width = top + at * BAR, round(value * scale, 1)
        rects.append(Rect(LABELS, y, width, BAR - 2, series_look(at)))
        words.append(Words(LABELS + width + 8, y + 13, f"{value:.15g}", look="value"))
