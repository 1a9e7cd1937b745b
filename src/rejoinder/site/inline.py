"""What stands within a line of a page: texts, names with their links, dates and how they are known.

A report often says only at which session somebody spoke. The date in the dossier is then that of the session, or the
last day that the report allows. Wherever such a date stands, it says so. Where a report gives only an office, the
editors read who held it, and the name says that.

Pages have thousands of these. As functions they take a fraction of the time of macros, and a name is written once for
each page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import partial

from markupsafe import Markup, escape

from rejoinder import dates, namespaces
from rejoinder.messages import N_, Messages
from rejoinder.rdf.terms import Literal
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
    given = values("dcterms:date", iri)
    document = namespaces.document_of(iri)
    report = next(iter(values("foaf:primaryTopic", document)), document)
    if not given or iri in (document, report):
        return None
    if any(given[0] in (f"../{day}", f"/{day}", f"[..{day}]") for day in values("dcterms:date", report)):
        return Dating.REPORT
    drawn_on = (place for it in values("rj:drawsOn", iri) for place in values("rj:inProceeding", it))
    places = values("rj:inProceeding", iri) or tuple(drawn_on)
    same = (place for place in places if given[0] in values("dcterms:date", place))
    return next((dating_of_occasion(values, place) for place in same), None)


def dating_of_occasion(values: Values, place: str) -> Dating:
    """Return the words for a date that is that of the proceeding `place`."""
    return Dating.REVIEW if values("rj:underReview", place) else Dating.OCCASION


def dating_of(resource: Resource) -> Dating | None:
    """Return where the date of the resource comes from; None if it is of its own. See `dating`."""
    return dating(partial(_values, resource.reader), resource.iri)


def _values(reader: GraphReader, name: str, iri: str) -> Sequence[str]:
    return [it.iri if isinstance(it, Resource) else it.value for it in reader.objects(iri, name)]


def date_in_words(date: str, found: Dating | None, words: Messages) -> str:
    """Return a date (EDTF) in words, with where it comes from; empty without a date.

    >>> date_in_words("2014-10-30", Dating.REVIEW, Messages())
    '30 October 2014, date of the review'
    """
    if not date or found is None:
        return words.date(date) if date else ""
    return words.gettext("%(date)s, %(dating)s", date=words.date(date), dating=words.gettext(found.value))


def office_of(resource: Resource, words: Messages) -> str:
    """Return the words, quoted, by which alone reports speak of a person; empty if they give the name.

    A person affected has the report's words beside the name, see `affected`.
    """
    # Only people have such words, and pages name many other things.
    if not resource.short.startswith("person/"):
        return ""
    said = [words.quoted(it.value) for it in resource.literals("rj:describedAs")]
    return "" if resource.is_a("rj:AffectedPerson") else ", ".join(said)


def named(resource: Resource, words: Messages) -> str:
    """Return the name of somebody or something; of a person whom reports do not name, the office and who is meant."""
    office, name = office_of(resource, words), resource.label.value
    return words.gettext("%(office)s (the editors read: %(name)s)", office=office, name=name) if office else name


@dataclass(frozen=True)
class Inline:
    """Writes what stands within the lines of one page.

    `link` returns the link to a thing, `gettext` a message with what stands in its placeholders escaped. On a page that
    names persons affected, `qualification` returns how a report describes whom a text names.
    """

    messages: Messages
    gettext: Callable[..., Markup]
    link: Callable[[Resource], str | None]
    qualification: Callable[[str], str] | None = None
    _names: dict[str, Markup] = field(default_factory=dict, repr=False)

    def words(self, text: Literal) -> Markup:
        """Return a text and, where it applies, how a report describes whom it names."""
        value = text.value
        shown, language = escape(value), text.language
        if language and language != self.messages.language:
            shown = Markup(f'<bdi lang="{escape(language)}">{shown}</bdi>')  # noqa: S704  # all within is escaped
        described = self.qualification(value) if self.qualification else ""
        return shown + f" ({described})" if described else shown

    def linked(self, resource: Resource) -> Markup:
        """Return the label of a thing with its link, if there can be one."""
        target, label = self.link(resource), self.words(resource.label)
        return Markup(f'<a href="{escape(target)}">{label}</a>') if target else label  # noqa: S704  # as above

    def name(self, resource: Resource) -> Markup:
        """Return a name with its link. Of a person whom a report gives only an office, the editors read the name."""
        known = self._names.get(resource.iri)
        if known is None:
            office, known = office_of(resource, self.messages), self.linked(resource)
            if office:
                known = self.gettext("%(office)s (the editors read: %(name)s)", office=office, name=known)
            self._names[resource.iri] = known
        return known

    def names(self, resources: Iterable[Resource], separator: str = ", ") -> Markup:
        """Return the names of things with their links."""
        return Markup(separator).join(map(self.name, resources))  # noqa: S704  # a comma or a semicolon

    def time(self, date: str) -> Markup:
        """Return a date (EDTF) in words; HTML knows days, months and years as times, and no spans and seasons."""
        words = escape(self.messages.date(date))
        if not dates.is_calendar_date(date):
            return words
        return Markup(f'<time datetime="{escape(date)}">{words}</time>')  # noqa: S704  # as above

    def value(self, item: Resource | Literal) -> Markup:
        """Return the value of a property."""
        if isinstance(item, Resource):
            return self.name(item)
        datatype = item.datatype.value
        if datatype.endswith(("EDTF", "#date")):
            return self.time(item.value)
        return self.time(item.value[:10]) if datatype.endswith("#dateTime") else self.words(item)
