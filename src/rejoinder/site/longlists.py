"""Long lists: a page shows the first rows, says how many there are, and leads to where all of them are.

Nothing is read of a row that is not shown but its IRI, and what tells that it belongs to the list.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from rejoinder.site.things import Thing, by_position

ROWS: Final = 200
"""Rows of a list that a page shows: more than the example has anywhere, a few hundred kilobytes, and less than a
second to make. A person who needs more of them needs the data."""

Row = TypeVar("Row")


@dataclass(frozen=True)
class Part(Generic[Row]):
    """The beginning of a list, and how long the list is."""

    shown: tuple[Row, ...]
    total: int

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return len(self.shown) == self.total


@dataclass(frozen=True)
class Ask:
    """A stored question that tells more than the list shows: its parameter, and what it lists, in words."""

    question: str
    parameter: str
    tells: str


_RECORDS: Final = "who-recommends-what-to-whom"
RAISED: Final[Mapping[str, tuple[Ask, ...]]] = {
    "state": (
        Ask("what-a-state-did", "state", "all that reports say of it"),
        Ask(_RECORDS, "by", "how often it recommended what to whom, as records have it"),
    ),
    "issue": (
        Ask("who-raised-an-issue", "under", "every State that reports name with it"),
        Ask(_RECORDS, "issue", "how often who recommended it to whom, as records have it"),
    ),
}
"""By kind of page, what tells more of what a State raised, and of who raised an issue."""

_SPOKEN: Final = (Ask("claims-and-what-became-of-them", "speaker", "each claim, and what became of it"),)
CLAIMS: Final[Mapping[str, tuple[Ask, ...]]] = {"person": _SPOKEN, "organisation": _SPOKEN}
"""By kind of page, what tells more of claims; no question is asked by a claim's issue."""


def head(rows: Sequence[Row]) -> Part[Row]:
    """The beginning of a list that stands already."""
    return Part(tuple(rows[:ROWS]), len(rows))


def by_document(things: Iterable[Thing]) -> dict[Thing, list[Thing]]:
    """The things by the document that describes each: reports before records and tables, then by IRI."""
    found: dict[Thing, list[Thing]] = defaultdict(list)
    for thing in things:
        found[thing.document].append(thing)
    return {document: found[document] for document in sorted(found, key=_precedence)}


def first_by_position(things: Iterable[Thing]) -> Part[Thing]:
    """The first of these different things, document after document, each in the order of its text."""
    documents = by_document(things)
    shown: list[Thing] = []
    for members in documents.values():
        if len(shown) < ROWS:
            shown += by_position(members)
    return Part(tuple(shown[:ROWS]), sum(map(len, documents.values())))


def _precedence(document: Thing) -> tuple[bool, str]:
    return not document.is_a("rj:Report"), document.iri
