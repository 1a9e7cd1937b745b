"""Lines: a number over an ordered axis, one line for each of the greatest series."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from rejoinder.questions.chart import Chart
from rejoinder.questions.questions import Table
from rejoinder.site.marks import Drawing, Line, Words, cut, label, number, series_look

LEFT: Final = 45
RIGHT: Final = 520
TOP: Final = 15
BOTTOM: Final = 345
HEIGHT: Final = 375
MOST_LINES: Final = 6
_APART: Final = 16
_DIGITS: Final = 9
_LONGEST_LABEL: Final = 34

_Values = dict[str, dict[str, float]]


def lines(chart: Chart, table: Table) -> Drawing | None:
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
    return Drawing(
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
        words.append(Words(RIGHT + 10, last, cut(called, _LONGEST_LABEL), look=f"end{at + 1}"))
    return words
