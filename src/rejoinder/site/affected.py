"""Persons affected, such as prisoners and victims: whom a text names, and the reports' own words for them.

Pages that search engines list leave their names out. Pages that have them ask search engines to stay away, and add to
a text how a report describes whom it names, if the text does not say so itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from markupsafe import escape

from rejoinder import namespaces
from rejoinder.lazily import lazy
from rejoinder.messages import ENGLISH, N_, Messages
from rejoinder.site.entities import is_affected
from rejoinder.site.resource import GraphReader, Resource

LEFT_OUT: Final = N_("[name left out]")
"""What stands on a page in the place of a name."""
_NAMES: Final = ("rdfs:label", "skos:prefLabel", "skos:altLabel", "foaf:name")


def in_markup(text: str) -> str:
    r"""Return a text as it stands in HTML and XML, and in the JSON within HTML.

    >>> in_markup('[nom "omis" \\ <b>]')
    '[nom &#34;omis&#34; &#92; &lt;b&gt;]'
    """
    return str(escape(text)).replace("\\", "&#92;")


def in_json(text: str) -> str:
    r"""Return a text as it stands between the quotation marks of JSON.

    >>> in_json('[nom "omis"]')
    '[nom \\"omis\\"]'
    """
    return json.dumps(text, ensure_ascii=False)[1:-1]


@dataclass(frozen=True)
class AffectedNames:
    """The names of all persons affected, in all spellings that the data have."""

    reader: GraphReader
    messages: Messages = ENGLISH

    @lazy
    def _persons(self) -> Mapping[str, Resource]:
        """Return the persons by name, the longest name first, so that none hides in another one."""
        affected = filter(is_affected, self.reader.of_class("rj:AffectedPerson"))
        found = {text.value: person for person in affected for name in _NAMES for text in person.literals(name)}
        return dict(sorted(((name, it) for name, it in found.items() if name), key=lambda pair: (-len(pair[0]), pair)))

    @lazy
    def _written(self) -> tuple[str, ...]:
        """Return the names as they stand in plain text, in HTML, and in JSON within HTML."""
        forms = ((name, str(escape(name)), json.dumps(name)[1:-1].replace("'", "\\u0027")) for name in self._persons)
        return tuple(dict.fromkeys(form for each in forms for form in each))

    @lazy
    def _documents(self) -> frozenset[str]:
        persons = {it.iri for it in self._persons.values()}
        passages, entries = self.reader.column("rj:anchor").values, self.reader.column("rj:affected").subjects
        nodes = (node for iri in persons for node in (*passages.get(iri, ()), *entries.get(iri, ())))
        return frozenset(map(namespaces.document_of, nodes))

    def speaks_in(self, document: str) -> bool:
        """Return whether a document speaks of a person affected: an entry does, or a passage names the person."""
        return document in self._documents

    def named_in(self, text: str) -> tuple[Resource, ...]:
        """Return the persons whom a plain text names, each once."""
        found = (it for name, it in self._persons.items() if name in text and _whole(name).search(text))
        return tuple(dict.fromkeys(found))

    def qualification(self, text: str) -> str:
        """Return how reports describe whom a plain text names; empty if it names nobody, or says it itself."""
        folded, described = text.casefold(), []
        for person in self.named_in(text):
            words = [it.value for it in person.literals("rj:describedAs")]
            if words and not any(word.casefold() in folded for word in words):
                quoted = ", ".join(f"“{word}”" for word in words)
                name = "" if text == person.label.value else f"{person.label.value}: "
                described.append(name + self.messages.gettext("described as %(words)s", words=quoted))
        return "; ".join(described)

    def left_out(self, text: str, written: Callable[[str], str] = in_markup) -> str:
        """Return a page or another text with a mark in the place of each name, written as the text needs it."""
        mark = written(self.messages.gettext(LEFT_OUT))
        for form in self._written:
            if form in text:
                # Not the mark itself, in which a backslash would stand for a part of the name.
                text = _whole(form).sub(lambda _: mark, text)
        return text


def _whole(name: str) -> re.Pattern[str]:
    """Return what finds the name, but no part of a longer word."""
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
