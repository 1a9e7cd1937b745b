"""The dated things that a report speaks of, oldest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from rejoinder import dates, names
from rejoinder.site.things import Thing


@dataclass(frozen=True)
class Moment:
    """A dated thing: its date as EDTF and in words, its kind, and the days by which it is ordered."""

    thing: Thing
    kind: Thing | None
    date: str
    days: tuple[str, str]

    @property
    def in_words(self) -> str:
        """The date as a reader writes it."""
        return dates.in_words(self.date)

    @property
    def year(self) -> str:
        """The year it is found under."""
        return self.days[0][:4]


def chronicle(things: Iterable[Thing]) -> tuple[tuple[str, tuple[Moment, ...]], ...]:
    """The things that have a date, by year."""
    moments = sorted(filter(None, map(_moment, things)), key=lambda moment: (moment.days, moment.thing.iri))
    return tuple((year, tuple(found)) for year, found in groupby(moments, key=lambda moment: moment.year))


def _moment(thing: Thing) -> Moment | None:
    date = thing.words("dcterms:date")
    earliest, latest = thing.words("rj:earliest"), thing.words("rj:latest")
    if not date or not (earliest or latest):
        return None
    return Moment(thing, kind_of(thing), date, (earliest or latest, latest or earliest))


def kind_of(thing: Thing) -> Thing | None:
    """The class by which a document lists the thing: that of the property that contains it, else one of ours."""
    own = thing.library.thing(names.ONTOLOGY_GRAPH)
    classes = [kind for kind in thing.all("rdf:type") if kind.one("rdfs:isDefinedBy") == own]
    broader = {parent for kind in classes for parent in kind.all("rdfs:subClassOf")}
    return next((kind for kind in classes if kind not in broader), None)
