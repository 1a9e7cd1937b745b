"""Bar charts, drawn while the site is built: SVG without a script, whose text alternative is the table beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rejoinder.questions.questions import Question, Table
from rejoinder.questions.tables import plain

BAR: Final = 18
PITCH: Final = 30
LABELS: Final = 330
WIDTH: Final = 780
_LONGEST_LABEL: Final = 42
_MOST_BARS: Final = 60


@dataclass(frozen=True)
class Bar:
    """A bar: its label, cut to fit, its value as text, and where it stands, in the drawing's units."""

    label: str
    value: str
    y: int
    width: float


@dataclass(frozen=True)
class Drawing:
    """A chart as lengths; `left_out` counts the rows that are in the table alone."""

    bars: tuple[Bar, ...]
    height: int
    left_out: int


def bar_chart(question: Question, table: Table) -> Drawing | None:
    """The chart that the question's card asks for; None if it asks for none, or there is nothing to draw."""
    chart = question.chart
    if chart is None or chart.kind != "bar" or not {chart.x, chart.y} <= set(table.columns):
        return None
    x, y = table.columns.index(chart.x), table.columns.index(chart.y)
    points = [(plain(row[x]), plain(row[y])) for row in table.rows if _is_number(plain(row[y]))]
    most = max((float(value) for _, value in points), default=0.0)
    if most <= 0:
        return None
    bars = tuple(_bar(at, label, value, most) for at, (label, value) in enumerate(points[:_MOST_BARS]))
    return Drawing(bars, len(bars) * PITCH, len(points) - len(bars))


def _is_number(text: str) -> bool:
    try:
        return 0 <= float(text) < float("inf")
    except ValueError:
        return False


def _bar(at: int, label: str, value: str, most: float) -> Bar:
    room = WIDTH - LABELS - 60
    cut = label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1].rstrip() + "…"
    return Bar(cut, value, at * PITCH, round(float(value) / most * room, 1))
