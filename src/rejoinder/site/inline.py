"""What stands within a line of a page: texts, names with their links, dates.

Pages have thousands of these. As functions they take a fraction of the time of macros, and a name is written once for
each page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from rejoinder import dates
from rejoinder.messages import Messages
from rejoinder.rdf.terms import Literal
from rejoinder.site.naming import office_of
from rejoinder.site.resource import Resource


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
            office, known = office_of(resource), self.linked(resource)
            if office:
                known = self.gettext("“%(office)s” (the editors read: %(name)s)", office=office, name=known)
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
