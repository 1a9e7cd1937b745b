"""Heat maps: a number for each pair, the stronger the higher, and written into its field."""

from __future__ import annotations

import textwrap
from typing import Final

from rejoinder.questions.chart import Chart
from rejoinder.questions.questions import Table
from rejoinder.site.marks import WIDTH, Drawing, Rect, Words, cut, label, number

LABELS: Final = 280
HEAD: Final = 56
FIELD: Final = 44
_LONGEST_LABEL: Final = 36
_MOST_COLUMNS: Final = 12
_STRENGTHS: Final = (0.08, 0.2, 0.35, 0.85, 1.0)
"""None between, where neither light nor dark words could be read."""


def heat_map(chart: Chart, table: Table) -> Drawing | None:
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
    width = (WIDTH - LABELS) / len(columns)
    rects: list[Rect] = []
    words = [*_heads(columns, width), *_sides(rows)]
    for (row, column), value in values.items():
        x, y = LABELS + columns.index(column) * width, HEAD + rows.index(row) * FIELD
        strength = _STRENGTHS[min(4, int(value / most * 5))]
        rects.append(Rect(round(x, 1), y, round(width - 2, 1), FIELD - 2, "series1", strength))
        look = "in1" if strength > 0.5 else "in2"
        words.append(Words(round(x + width / 2 - 1, 1), y + 26, f"{value:.15g}", "middle", look))
    return Drawing(HEAD + len(rows) * FIELD, tuple(rects), tuple(words))


def _heads(columns: list[str], width: float) -> list[Words]:
    """The columns' names, on up to three lines that end above the fields."""
    words = []
    for at, column in enumerate(columns):
        parts = textwrap.wrap(column, max(6, int(width / 7)), max_lines=3, placeholder="…")
        for line, part in enumerate(parts):
            y = HEAD - 8 - (len(parts) - 1 - line) * 16
            words.append(Words(round(LABELS + (at + 0.5) * width, 1), y, part, "middle"))
    return words


def _sides(rows: list[str]) -> list[Words]:
    return [Words(LABELS - 10, HEAD + at * FIELD + 26, cut(row, _LONGEST_LABEL), "end") for at, row in enumerate(rows)]
