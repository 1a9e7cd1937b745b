"""What a chart is made of: rectangles, lines and words at places, in the drawing's units, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rejoinder.questions.questions import Table
from rejoinder.questions.tables import plain

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
class Drawing:
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
