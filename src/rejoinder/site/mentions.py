"""Where reports and records speak of a thing: what points to it, document by document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from rejoinder.site import longlists
from rejoinder.site.chronicle import kind_of
from rejoinder.site.things import Thing, by_position

_SHOWN_AS_TABLE: Final = frozenset({"raisedBy", "raisedConcern", "asserted", "speaker"})


@dataclass(frozen=True)
class Mention:
    """What points to a thing: the property, its subject, and what kind of thing that is."""

    property: Thing
    subject: Thing
    kind: Thing | None


@dataclass(frozen=True)
class Mentions:
    """The first mentions by document; how many these are, and how many there are in how many documents."""

    documents: tuple[tuple[Thing, tuple[Mention, ...]], ...]
    total: int
    total_documents: int

    @property
    def shown(self) -> int:
        """How many the page shows."""
        return sum(len(rows) for _, rows in self.documents)

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return self.shown == self.total


def mentions(thing: Thing, elsewhere: Collection[Thing]) -> Mentions:
    """What points to the thing, but for what the page shows in a table of its own, as it does what is `elsewhere`."""
    found = _pointing(thing, elsewhere)
    documents = longlists.by_document(found)
    shown: list[tuple[Thing, tuple[Mention, ...]]] = []
    left = longlists.ROWS
    for document, subjects in documents.items():
        if left:
            rows = _rows(subjects, found)[:left]
            shown.append((document, tuple(_mention(subject, predicate) for subject, predicate in rows)))
            left -= len(rows)
    return Mentions(tuple(shown), sum(map(len, found.values())), len(documents))


def _pointing(thing: Thing, elsewhere: Collection[Thing]) -> Mapping[Thing, list[str]]:
    """The parts of documents that point to the thing, and the reports themselves, each with its properties."""
    found: dict[Thing, list[str]] = defaultdict(list)
    for subject, predicate in thing.library.pointing(thing.iri):
        shown = predicate.rpartition("#")[2] in _SHOWN_AS_TABLE or subject in elsewhere
        if not shown and (subject.fragment or subject.is_a("rj:Report")):
            found[subject].append(predicate)
    return found


def _rows(subjects: list[Thing], found: Mapping[Thing, list[str]]) -> list[tuple[Thing, str]]:
    return [(subject, predicate) for subject in by_position(subjects) for predicate in found[subject]]


def _mention(subject: Thing, predicate: str) -> Mention:
    return Mention(subject.library.thing(predicate), subject, kind_of(subject))
