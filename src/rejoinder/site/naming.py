"""Names of people whom a report does not name: it gives an office, and the editors read who held it."""

from __future__ import annotations

from rejoinder.messages import Messages
from rejoinder.site.resource import Resource


def office_of(resource: Resource) -> str:
    """Return the words by which alone reports speak of an official or another person; empty if they give the name.

    A person affected has the report's words beside the name, see `affected`.
    """
    # Only people have such words, and pages name many other things.
    if not resource.short.startswith("person/"):
        return ""
    words = [it.value for it in resource.literals("rj:describedAs")]
    return "" if not words or resource.is_a("rj:AffectedPerson") else "”, “".join(words)


def named(resource: Resource, words: Messages) -> str:
    """Return the name of somebody or something; of a person whom reports do not name, the office and who is meant."""
    office, name = office_of(resource), resource.label.value
    return words.gettext("“%(office)s” (the editors read: %(name)s)", office=office, name=name) if office else name
