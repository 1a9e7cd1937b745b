"""Persons affected, such as prisoners and victims: whom a text names, and the reports' own words for them.

Pages that search engines list leave their names out. Pages that have them ask search engines to stay away, and add to
a text how a report describes whom it names, if the text does not say so itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from markupsafe import escape

from rejoinder.lazily import lazy
from rejoinder.messages import ENGLISH, N_, Messages
from rejoinder.site.entities import is_affected
from rejoinder.site.resource import GraphReader, Resource

LEFT_OUT: Final = N_("[name left out]")
LEFT_OUT_AS: Final = N_("[%(words)s, name left out]")
"""What stands on a page in the place of a name, without and with the report's own words for the person."""
_BEFORE: Final = 80
"""Characters before a name in which a report's word for the person is looked for."""
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
    def _written(self) -> Mapping[str, Resource]:
        """Return whom a name means as it stands in plain text, in HTML, and in JSON within HTML."""
        return {
            form: person
            for name, person in self._persons.items()
            for form in (name, str(escape(name)), json.dumps(name)[1:-1].replace("'", "\\u0027"))
        }

    @lazy
    def _documents(self) -> frozenset[str]:
        """Return the documents that speak of persons affected, see `speaks_in`."""
        persons = {it.iri for it in self._persons.values()}
        nodes = (it for iri in persons for it in self.reader.subjects("rj:affected", iri))
        passages = (it for iri in persons for it in self.reader.resource(iri).objects("rj:anchor"))
        return frozenset(it.document.iri for it in (*nodes, *passages))

    def speaks_in(self, document: str) -> bool:
        """Return whether a document speaks of a person affected: an entry does, or a passage names the person."""
        return document in self._documents

    def named_in(self, text: str) -> tuple[Resource, ...]:
        """Return the persons whom a plain text names, each once."""
        found = (it for name, it in self._persons.items() if name in text and _as_whole_word(name).search(text))
        return tuple(dict.fromkeys(found))

    def qualification(self, text: str) -> str:
        """Return how reports describe whom a plain text names; empty if it names nobody, or says it itself."""
        folded, described = text.casefold(), []
        for person in self.named_in(text):
            words = [it.value for it in person.literals("rj:describedAs")]
            if words and not any(word.casefold() in folded for word in words):
                quoted = ", ".join(map(self.messages.quoted, words))
                name = "" if text == person.label.value else f"{person.label.value}: "
                described.append(name + self.messages.gettext("described as %(words)s", words=quoted))
        return "; ".join(described)

    def left_out(self, text: str, written: Callable[[str], str] = in_markup) -> str:
        """Return a page or another text with a mark in the place of each name, written as the text needs it.

        The mark has the report's own word for the person, unless the words before the name have it.
        """
        plain = written(self.messages.gettext(LEFT_OUT))
        for form, person in self._written.items():
            if form in text:
                words = [it.value for it in person.literals("rj:describedAs")]
                quoted = ", ".join(map(self.messages.quoted, words))
                full = written(self.messages.gettext(LEFT_OUT_AS, words=quoted)) if words else plain
                # Not the mark itself, in which a backslash would stand for a part of the name.
                text = _as_whole_word(form).sub(partial(_mark, plain, full, words), text)
        return text

    def is_name(self, text: str) -> bool:
        """Return whether a text is the name of a person affected, and no more."""
        return text in self._persons


def _mark(plain: str, full: str, words: Collection[str], name: re.Match[str]) -> str:
    """Return the mark for a name: the `plain` one if the words before it describe the person already."""
    before = name.string[max(0, name.start() - _BEFORE) : name.start()].rpartition(">")[2]
    # What stands for another name is no word of the sentence.
    before = before.replace(full, "").casefold()
    return plain if any(word.casefold() in before for word in words) else full


def _as_whole_word(name: str) -> re.Pattern[str]:
    """Return a pattern for the name that does not match within a longer word."""
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
