"""The matrix of who raised what: an issue a row, a State a column, a mark where the report names the State with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from rejoinder import names
from rejoinder.site.things import Thing, by_label, by_position


@dataclass(frozen=True)
class Row:
    """An issue, the concerns and recommendations about it, and in `cells` those of each State of the matrix."""

    issue: Thing
    concerns: tuple[Thing, ...]
    cells: tuple[tuple[Thing, ...], ...]

    @property
    def is_open(self) -> bool:
        """Whether the report says that there were other States, which it does not name."""
        return not all(is_closed(concern) for concern in self.concerns)

    @property
    def states(self) -> int:
        """How many States are named with the issue."""
        return sum(bool(cell) for cell in self.cells)


@dataclass(frozen=True)
class Matrix:
    """The States that raised something, and a row for each issue that was raised, in the order of the text."""

    states: tuple[Thing, ...]
    rows: tuple[Row, ...]


def is_closed(concern: Thing) -> bool:
    """Whether the report's list of States ends."""
    listing = concern.one("rj:listing")
    return listing is not None and listing.iri == names.RJ + "ClosedList"


def matrix(concerns: Iterable[Thing]) -> Matrix:
    """The matrix of these concerns and recommendations."""
    ordered = by_position(concerns)
    states = by_label(state for concern in ordered for state in concern.all("rj:raisedBy"))
    about: dict[Thing, list[Thing]] = defaultdict(list)
    for concern in ordered:
        for issue in concern.all("rj:about"):
            about[issue].append(concern)
    return Matrix(states, tuple(_row(issue, tuple(found), states) for issue, found in about.items()))


def _row(issue: Thing, concerns: tuple[Thing, ...], states: tuple[Thing, ...]) -> Row:
    raisers = {concern: frozenset(concern.all("rj:raisedBy")) for concern in concerns}
    cells = tuple(tuple(concern for concern in concerns if state in raisers[concern]) for state in states)
    return Row(issue, concerns, cells)
