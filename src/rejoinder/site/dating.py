"""How the date of a statement or of evidence is known.

A report often says only at which session somebody spoke. The date in the dossier is then that of the session, or the
last day that the report allows. Wherever such a date stands, it says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from functools import partial

from rejoinder import namespaces
from rejoinder.messages import N_, Messages
from rejoinder.site.resource import GraphReader, Resource


class Dating(Enum):
    """Where a date comes from, if it is not certain that the report gives it; in words that follow the date."""

    REVIEW = N_("date of the review")
    OCCASION = N_("date of the occasion")
    REPORT = N_("date of the report, which gives none")


Values = Callable[[str, str], Sequence[str]]
"""Returns the values of a property, by its name, of the thing with an IRI: IRIs, and the texts of literals."""


def dating(values: Values, iri: str) -> Dating | None:
    """Return where the date of a part of a dossier comes from; None if it is of its own.

    It is that of an occasion if that has the same date: the entry's own one, or that of what it draws on. It is that of
    the report if nothing is known but that it cannot be later.
    """
    dates = values("dcterms:date", iri)
    document = namespaces.document_of(iri)
    report = next(iter(values("foaf:primaryTopic", document)), document)
    if not dates or iri in (document, report):
        return None
    if any(dates[0] in (f"../{day}", f"/{day}", f"[..{day}]") for day in values("dcterms:date", report)):
        return Dating.REPORT
    drawn_on = (place for it in values("rj:drawsOn", iri) for place in values("rj:inProceeding", it))
    places = values("rj:inProceeding", iri) or tuple(drawn_on)
    same = (place for place in places if dates[0] in values("dcterms:date", place))
    return next((of_occasion(values, place) for place in same), None)


def of_occasion(values: Values, place: str) -> Dating:
    """Return the words for a date that is that of the proceeding `place`."""
    return Dating.REVIEW if values("rj:underReview", place) else Dating.OCCASION


def of(resource: Resource) -> Dating | None:
    """Return where the date of the resource comes from; None if it is of its own. See `dating`."""
    return dating(partial(_values, resource.reader), resource.iri)


def _values(reader: GraphReader, name: str, iri: str) -> Sequence[str]:
    return [it.iri if isinstance(it, Resource) else it.value for it in reader.objects(iri, name)]


def in_words(date: str, found: Dating | None, words: Messages) -> str:
    """Return a date (EDTF) in words, with where it comes from; empty without a date.

    >>> in_words("2014-10-30", Dating.REVIEW, Messages())
    '30 October 2014, date of the review'
    """
    if not date or found is None:
        return words.date(date) if date else ""
    return words.gettext("%(date)s, %(dating)s", date=words.date(date), dating=words.gettext(found.value))
