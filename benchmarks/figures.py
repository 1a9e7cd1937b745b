"""Figures for reading: seconds, ratios, tables in Markdown, an exponent, a plot as SVG."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import linear_regression
from typing import Final

_COLOURS: Final = ("#1b6ca8", "#c2571a", "#3b8132", "#7a3e9d")
_WIDTH: Final = 640
_HEIGHT: Final = 360
_EDGE: Final = 60

Series = Mapping[str, Sequence[tuple[float, float]]]
"""Points by the name of their line."""


def seconds(value: float) -> str:
    """Return a time with three digits.

    >>> seconds(0.01234), seconds(12.34)
    ('12.3 ms', '12.3 s')
    """
    if value < 0.9995:
        return f"{value * 1000:.3g} ms"
    return f"{value:.3g} s" if value < 999.5 else f"{value:,.0f} s"


def ratio(part: float, whole: float) -> str:
    """How many times the one is the other."""
    value = part / whole
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown, all columns but the first to the right."""
    aligned = ["---", *("---:" for _ in head[1:])]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, aligned, *rows))


def exponent(points: Sequence[tuple[float, float]]) -> float:
    """Return the b of the power law a·x^b that fits the points best (least squares on logarithms).

    >>> round(exponent([(1, 2), (10, 20), (100, 200)]), 6)
    1.0
    """
    return linear_regression([math.log(x) for x, _ in points], [math.log(y) for _, y in points]).slope


def plot(series: Series, across: str, up: str) -> str:
    """Return the lines in one diagram with logarithmic axes, as SVG."""
    points = [point for line in series.values() for point in line]
    low = tuple(math.floor(math.log10(min(p[axis] for p in points))) for axis in (0, 1))
    high = tuple(max(math.ceil(math.log10(max(p[axis] for p in points))), low[axis] + 1) for axis in (0, 1))

    def place(x: float, y: float) -> tuple[float, float]:
        right = (math.log10(x) - low[0]) / (high[0] - low[0])
        above = (math.log10(y) - low[1]) / (high[1] - low[1])
        return _EDGE + right * (_WIDTH - 2 * _EDGE), _HEIGHT - _EDGE - above * (_HEIGHT - 2 * _EDGE)

    parts = [f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>']
    for power in range(low[0], high[0] + 1):
        x, y = place(10.0**power, 10.0 ** low[1])
        parts.append(_text(x, y + 16, f"{10.0**power:g}", "middle"))
    for power in range(low[1], high[1] + 1):
        x, y = place(10.0 ** low[0], 10.0**power)
        parts.append(
            f'<path d="M{x} {y}H{_WIDTH - _EDGE}" stroke="#ddd"/>' + _text(x - 6, y + 4, f"{10.0**power:g}", "end")
        )
    parts += [_text(_WIDTH / 2, _HEIGHT - 16, across, "middle"), _text(_EDGE, 24, up, "start")]
    for number, (name, line) in enumerate(series.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in line))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(_text(_EDGE + 12, _EDGE + 16 * number, name, "start", colour))
    body = "\n".join(parts)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">\n{body}\n</svg>\n'


def write_plot(path: Path, series: Series, across: str, up: str) -> str:
    """Write the plot into a file; return the Markdown that shows it from a document beside it."""
    path.write_text(plot(series, across, up), encoding="utf-8")
    return f"![{up} over {across}: {', '.join(series)}]({path.name})"


def _text(x: float, y: float, words: str, anchor: str, colour: str = "#222") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-family="sans-serif" font-size="12" text-anchor="{anchor}" '
        f'fill="{colour}">{words}</text>'
    )
