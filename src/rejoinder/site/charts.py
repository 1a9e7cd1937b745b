"""The chart that a card asks for, drawn while the site is built: SVG without a script; the table says the same."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from types import MappingProxyType
from typing import Final

from rejoinder.questions.question import Chart, Question
from rejoinder.questions.tables import Table, plain

WIDTH: Final = 780


@dataclass(frozen=True)
class Rect:
    """A rectangle; `look` is how it is filled, `strength` how strongly, from 0 to 1."""

    x: float
    y: float
    width: float
    height: float
    look: str
    strength: float = 1


@dataclass(frozen=True)
class Line:
    """A line through points, as SVG writes them."""

    points: str
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
    lines: tuple[Line, ...] = ()
    legend: tuple[tuple[str, str], ...] = ()
    left_out: int = 0


def series_look(at: int) -> str:
    """The look of the series number `at`; no two are told apart by colour alone."""
    return f"series{at + 1}"


def cut(text: str, longest: int) -> str:
    """The text, cut to fit.

    >>> cut("Freedom of religion", 12)
    'Freedom of…'
    """
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def name(column: str) -> str:
    """A column's name as words.

    >>> name("insidePercent")
    'inside percent'
    """
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in column.removesuffix("Label"))


def label(table: Table, row: int, columns: tuple[str, ...]) -> str:
    """What a row is called by the columns together; "none" where they are empty."""
    cells = (plain(table.rows[row][table.columns.index(column)]) for column in columns)
    return ", ".join(filter(None, cells)) or "none"


def number(table: Table, row: int, column: str) -> float | None:
    """The number in a cell; None where it is empty, no number, or below zero, which no chart here can show."""
    try:
        found = float(plain(table.rows[row][table.columns.index(column)]))
    except ValueError:
        return None
    return found if 0 <= found < float("inf") else None


HEATMAP_LABELS: Final = 280
HEAD: Final = 56
FIELD: Final = 44
_LONGEST_HEATMAP_LABEL: Final = 36
_MOST_COLUMNS: Final = 12
_STRENGTHS: Final = (0.08, 0.2, 0.35, 0.85, 1.0)
"""None between, where neither light nor dark words could be read."""


def heat_map(chart: Chart, table: Table) -> Svg | None:
    """A row for each value of the card's series and a column for each of its x; None where they are too many."""
    values: dict[tuple[str, str], float] = {}
    for at in range(len(table.rows)):
        value = number(table, at, chart.y)
        if value is not None:
            values[label(table, at, (chart.series,)), label(table, at, chart.xs)] = value
    rows = list(dict.fromkeys(row for row, _ in values))
    columns = sorted({column for _, column in values})
    most = max(values.values(), default=0.0)
    if most <= 0 or len(columns) > _MOST_COLUMNS:
        return None
    width = (WIDTH - HEATMAP_LABELS) / len(columns)
    rects: list[Rect] = []
    words = [*_heads(columns, width), *_sides(rows)]
    for (row, column), value in values.items():
        x, y = HEATMAP_LABELS + columns.index(column) * width, HEAD + rows.index(row) * FIELD
        strength = _STRENGTHS[min(4, int(value / most * 5))]
        rects.append(Rect(round(x, 1), y, round(width - 2, 1), FIELD - 2, "series1", strength))
        look = "in1" if strength > 0.5 else "in2"
        words.append(Words(round(x + width / 2 - 1, 1), y + 26, f"{value:.15g}", "middle", look))
    return Svg(HEAD + len(rows) * FIELD, tuple(rects), tuple(words))


def _heads(columns: list[str], width: float) -> list[Words]:
    """The columns' names, on up to three lines that end above the fields."""
    words = []
    for at, column in enumerate(columns):
        parts = textwrap.wrap(column, max(6, int(width / 7)), max_lines=3, placeholder="…")
        for line, part in enumerate(parts):
            y = HEAD - 8 - (len(parts) - 1 - line) * 16
            words.append(Words(round(HEATMAP_LABELS + (at + 0.5) * width, 1), y, part, "middle"))
    return words


def _sides(rows: list[str]) -> list[Words]:
    return [
        Words(HEATMAP_LABELS - 10, HEAD + at * FIELD + 26, cut(row, _LONGEST_HEATMAP_LABEL), "end")
        for at, row in enumerate(rows)
    ]


LEFT: Final = 45
RIGHT: Final = 520
TOP: Final = 15
BOTTOM: Final = 345
HEIGHT: Final = 375
MOST_LINES: Final = 6
_APART: Final = 16
_DIGITS: Final = 9
_LONGEST_LINE_LABEL: Final = 34

_Values = dict[str, dict[str, float]]


def lines(chart: Chart, table: Table) -> Svg | None:
    """The greatest series, each a line that ends in its name; None with fewer than two places on the axis."""
    values, places = _read(chart, table)
    ordered = sorted(values, key=lambda called: (-sum(values[called].values()), called))
    shown = ordered[:MOST_LINES]
    most = max((value for called in shown for value in values[called].values()), default=0.0)
    if most <= 0 or len(places) < 2:
        return None
    xs = _xs(places)
    paths = {
        called: sorted((xs[place], _y(value, most)) for place, value in values[called].items()) for called in shown
    }
    drawn = tuple(Line(_path(points), series_look(at)) for at, points in enumerate(paths.values()))
    return Svg(
        HEIGHT,
        (),
        (*_scale(most), *_axis(xs), *_names(paths)),
        (Line(f"{LEFT},{BOTTOM} {RIGHT},{BOTTOM}", "axis"), *drawn),
        left_out=len(ordered) - len(shown),
    )


def _read(chart: Chart, table: Table) -> tuple[_Values, list[str]]:
    """The values by series and place, in the order of the table, and the places in it."""
    values: _Values = defaultdict(dict)
    places: dict[str, None] = {}
    for at in range(len(table.rows)):
        value, place = number(table, at, chart.y), label(table, at, chart.xs)
        if value is not None:
            values[label(table, at, (chart.series,))][place] = value
            places.setdefault(place)
    return values, list(places)


def _xs(places: list[str]) -> dict[str, float]:
    """Where the places stand: as far apart as their numbers, so that what is missing leaves a gap; else evenly."""
    numbers = [int(place) for place in places if place.isdecimal() and len(place) <= _DIGITS]
    ats = numbers if len(set(numbers)) == len(places) else list(range(len(places)))
    step = (RIGHT - LEFT) / (max(ats) - min(ats))
    return {place: round(LEFT + (at - min(ats)) * step, 1) for place, at in zip(places, ats, strict=True)}


def _y(value: float, most: float) -> float:
    return round(BOTTOM - value / most * (BOTTOM - TOP), 1)


def _path(points: list[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


def _scale(most: float) -> tuple[Words, Words]:
    return Words(LEFT - 8, TOP + 4, f"{most:.15g}", "end", "value"), Words(LEFT - 8, BOTTOM + 4, "0", "end", "value")


def _axis(xs: dict[str, float]) -> list[Words]:
    """The places below the axis, as many as there is room for."""
    every = -(-len(xs) // 20)
    return [Words(x, BOTTOM + 20, place, "middle", "value") for place, x in list(xs.items())[::every]]


def _names(paths: dict[str, list[tuple[float, float]]]) -> list[Words]:
    """The name of each line where it ends, moved down where two would meet."""
    words, last = [], 0.0
    for at, (called, points) in sorted(enumerate(paths.items()), key=lambda pair: pair[1][1][-1][1]):
        last = max(points[-1][1] + 4, last + _APART)
        words.append(Words(RIGHT + 10, last, cut(called, _LONGEST_LINE_LABEL), look=f"end{at + 1}"))
    return words


BAR: Final = 18
GAP: Final = 12
LABELS: Final = 330
ROOM: Final = WIDTH - LABELS - 60
_LONGEST_LABEL: Final = 42
_MOST_ROWS: Final = 60
_DIGIT: Final = 8

_Row = tuple[str, list[float]]
_Lay = Callable[[list[float], int, float, list[Rect], list[Words]], None]


def stacked(chart: Chart, table: Table) -> Svg | None:
    """The series of a row end to end, with their sum behind them; one series is a plain bar."""
    rows = _rows(chart, table)
    most = max((sum(values) for _, values in rows), default=0.0)
    return _drawing(chart, rows, most, BAR, _end_to_end)


def grouped(chart: Chart, table: Table) -> Svg | None:
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


def _drawing(chart: Chart, rows: list[_Row], most: float, thickness: int, lay: _Lay) -> Svg | None:
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
    return Svg(height, tuple(rects), tuple(words), (), legend, max(0, len(rows) - _MOST_ROWS))


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


_DRAWN: Final[Mapping[str, Callable[[Chart, Table], Svg | None]]] = MappingProxyType(
    {"bar": stacked, "stacked": stacked, "grouped": grouped, "line": lines, "heat": heat_map}
)


def caption(question: Question) -> str:
    """What the chart shows, in the words in which the card explains its columns."""
    chart = question.chart
    if chart is None or len(chart.ys) > 1:
        return ""
    says = {column.name: column.summary for column in question.columns}
    if chart.kind != "heat":
        return says[chart.y]
    return f"Down: {says[chart.series]} Across: {says[chart.x]} In the fields: {says[chart.y]}"


def chart(question: Question, table: Table) -> Svg | None:
    """The chart that the question's card asks for; None if it asks for none, or there is nothing to draw."""
    return _DRAWN[question.chart.kind](question.chart, table) if question.chart else None
