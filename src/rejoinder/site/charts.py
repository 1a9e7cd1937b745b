"""The chart that a card asks for, drawn while the site is built: SVG without a script; the table says the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from rejoinder.questions.chart import Chart
from rejoinder.questions.questions import Question, Table
from rejoinder.site.barcharts import grouped, stacked
from rejoinder.site.heatmaps import heat_map
from rejoinder.site.linecharts import lines
from rejoinder.site.marks import Drawing

_DRAWN: Final[Mapping[str, Callable[[Chart, Table], Drawing | None]]] = MappingProxyType(
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


def chart(question: Question, table: Table) -> Drawing | None:
    """The chart that the question's card asks for; None if it asks for none, or there is nothing to draw."""
    return _DRAWN[question.chart.kind](question.chart, table) if question.chart else None
