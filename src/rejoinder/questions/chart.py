"""How the answer to a question is drawn, as its card asks, and what may be wrong with that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_MANY_NUMBERS: Final = ("stacked", "grouped")
_BY_SERIES: Final = ("line", "heat")
CHARTS: Final = ("bar", *_MANY_NUMBERS, *_BY_SERIES)
"""The kinds of charts."""

_MOST_SERIES: Final = 3


@dataclass(frozen=True)
class Chart:
    """How the answer is drawn: a kind of chart, and the columns that name a row, hold its numbers, and tell its series.

    `x` and `y` may be several columns with blanks between: names that are one together, and one series for each `y`.
    """

    kind: str
    x: str
    y: str
    series: str = ""

    @property
    def xs(self) -> tuple[str, ...]:
        """The columns that together name a row."""
        return tuple(self.x.split())

    @property
    def ys(self) -> tuple[str, ...]:
        """The columns that hold the numbers."""
        return tuple(self.y.split())


def chart_reason(chart: Chart, columns: set[str]) -> str | None:
    """What is wrong with the chart of a card."""
    if chart.kind not in CHARTS:
        return f"has the kind {chart.kind!r}; the kinds are {', '.join(CHARTS)}"
    if not (chart.xs and chart.ys):
        return "needs a column as x and one as y"
    unknown = {*chart.xs, *chart.ys, *filter(None, [chart.series])} - columns
    if unknown:
        return f"names {min(unknown)!r}, which the card does not list as a column"
    if (chart.kind in _BY_SERIES) != bool(chart.series):
        return f"of the kind {chart.kind} {'takes no' if chart.series else 'needs a column as'} series"
    most = _MOST_SERIES if chart.kind in _MANY_NUMBERS else 1
    return f"of the kind {chart.kind} takes at most {most} as y" if len(chart.ys) > most else None
