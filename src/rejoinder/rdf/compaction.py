"""Names for IRIs by a JSON-LD context: keys for properties, words, compact IRIs, and relative references.

Standard: JSON-LD 1.1 Processing Algorithms and API, sections 4.3, 6.2 and 7.1. Of these, this has what the project's
context needs: prefixes, and terms with an IRI, a type, a map by id or by language, and a context of their own that has
a base or words. PyLD, which has all of it, judges what comes of it in the tests.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urljoin

_PREFIXES_END_IN: Final = tuple(":/?#[]@")
_PARTS: Final = re.compile(r"([a-z][a-z0-9+.-]*://[^/?#]*)(/[^?#]*)(.*)", re.DOTALL)
"""Host, path and rest of an IRI."""
_ODD: Final = re.compile(r"//|/\.\.?(?:/|$)")
"""Parts of a path that parsers resolve in different ways."""


class ConfusedError(Exception):
    """An IRI that begins like a compact one (`ex:a`), so that a reader would take its scheme for a prefix."""


@dataclass(frozen=True)
class TermDefinition:
    """A key of a context: the property or class that it stands for, and how the values below it are written."""

    iri: str
    type: str | None = None
    container: str | None = None
    scope: Mapping[str, str] | None = None

    @property
    def base(self) -> str | None:
        """The base of relative references below it, itself relative to the document; None if it has none of its own."""
        return self.scope.get("@base") if self.scope else None


class InverseContext:
    """A context read backwards: from an IRI to the key, word or compact IRI for it. Each is looked for once.

    >>> names = InverseContext({"ex": "x:/", "by": {"@id": "ex:by", "@type": "@id"}, "say": {"@id": "ex:say"}})
    >>> names.key("x:/by", (None,), ("@id",)), names.key("x:/by", (None,), ("@none",)), names.word("x:/other")
    ('by', 'ex:by', 'ex:other')
    """

    def __init__(self, context: Mapping[str, Any]) -> None:
        plain = {key: iri for key, iri in context.items() if isinstance(iri, str)}
        self._context = context
        self.keywords = {iri: key for key, iri in plain.items() if iri.startswith("@")}
        self._prefixes = [(iri, key) for key, iri in plain.items() if iri.endswith(_PREFIXES_END_IN)]
        self.terms = {key: self._term(value) for key, value in context.items() if not key.startswith("@")}
        self._by_iri: dict[str, list[str]] = defaultdict(list)
        for key in sorted(self.terms, key=lambda key: (len(key), key)):
            self._by_iri[self.terms[key].iri].append(key)
        self._keys: dict[tuple[str, tuple[str | None, ...], tuple[str, ...]], str] = {}
        self._compact: dict[str, str | None] = {}
        self._scoped: dict[str, InverseContext] = {}

    def _term(self, value: str | Mapping[str, Any]) -> TermDefinition:
        if isinstance(value, str):
            return TermDefinition(self.expanded(value))
        return TermDefinition(
            self.expanded(value["@id"]), self._type(value), value.get("@container"), value.get("@context")
        )

    def _type(self, value: Mapping[str, Any]) -> str | None:
        found = value.get("@type")
        return self.expanded(found) if found else None

    def expanded(self, compact: str) -> str:
        """Return the IRI that a compact one stands for."""
        prefix, colon, name = compact.partition(":")
        return f"{self._context[prefix]}{name}" if colon and prefix in self._context else compact

    def key(self, iri: str, containers: tuple[str | None, ...], types: tuple[str, ...]) -> str:
        """Return the key for the property `iri`: a term with one of the containers and types, the first the best.

        The type of a term without one is `@none`. Without a fitting term, the key is the compact or the whole IRI.

        Raises:
            ConfusedError: the IRI would be read as another one.
        """
        wanted = iri, containers, types
        if wanted not in self._keys:
            self._keys[wanted] = self._term_for(*wanted) or self.compact(iri) or iri
        return self._keys[wanted]

    def _term_for(self, iri: str, containers: tuple[str | None, ...], types: tuple[str, ...]) -> str | None:
        fitting = (
            key
            for container in containers
            for kind in types
            for key in self._by_iri.get(iri, ())
            if self.terms[key].container == container and (self.terms[key].type or "@none") == kind
        )
        return next(fitting, None)

    def word(self, iri: str) -> str:
        """Return the word for a class, a datatype or another value from a vocabulary.

        Raises:
            ConfusedError: the IRI would be read as another one.
        """
        return self.key(iri, (None,), ("@id", "@none"))

    def compact(self, iri: str) -> str | None:
        """Return the shortest compact IRI, None if there is none.

        Raises:
            ConfusedError: the IRI would be read as another one.
        """
        if iri not in self._compact:
            names = [
                f"{key}:{iri[len(start) :]}" for start, key in self._prefixes if iri != start and iri.startswith(start)
            ]
            usable = [name for name in names if not name.partition(":")[2].startswith("//")]
            if not usable and any(iri.startswith(f"{key}:") for _, key in self._prefixes):
                raise ConfusedError(iri)
            self._compact[iri] = min(usable, key=lambda name: (len(name), name), default=None)
        return self._compact[iri]

    def below(self, key: str) -> InverseContext:
        """Return the context for values of `key`: this one, and the words that the term defines in its own context."""
        if key not in self._scoped:
            words = {word: iri for word, iri in (self.terms[key].scope or {}).items() if not word.startswith("@")}
            self._scoped[key] = InverseContext({**self._context, **words}) if words else self
        return self._scoped[key]


def relative(iri: str, base: str) -> str:
    """Return the reference from the document `base` to `iri`, or `iri` itself if it is elsewhere or may be misread.

    >>> [relative(f"https://a.b/ns{end}", "https://a.b/ns") for end in ("", "#x", "/1", "#", "/a:b", "/..")]
    ['ns', '#x', 'ns/1', 'https://a.b/ns#', 'https://a.b/ns/a:b', 'https://a.b/ns/..']
    >>> [relative(f"https://a.b/{end}", "https://a.b/x/y") for end in ("", "x/", "x/#z", "x/z", "z")]
    ['../', './', './#z', 'z', '../z']
    """
    here, there = _PARTS.fullmatch(base), _PARTS.fullmatch(iri)
    if here is None or there is None or here[1] != there[1] or _ODD.search(there[2]) or there[3] == "#":
        return iri
    # A fragment alone keeps the query of the base.
    if here[2] == there[2] and there[3] and (there[3].startswith("?") or not here[3].startswith("?")):
        found = there[3]
    else:
        *folders, _ = here[2].split("/")
        *others, name = there[2].split("/")
        differing = (n for n, (a, b) in enumerate(zip(folders, others, strict=False)) if a != b)
        common = next(differing, min(len(folders), len(others)))
        way = "../" * (len(folders) - common) + "/".join((*others[common:], name))
        found = (way or "./") + there[3]
    return iri if ":" in found or found.startswith("@") else found


def with_full_bases(terms: Mapping[str, Any], document: str) -> dict[str, Any]:
    """Return the terms, the bases of their own contexts resolved against the document.

    Some parsers resolve them against the address from which they have the file, not against its `@base`.

    >>> with_full_bases({"by": {"@id": "x:by", "@context": {"@base": "../state/"}}}, "https://example.org/report/a")
    {'by': {'@id': 'x:by', '@context': {'@base': 'https://example.org/state/'}}}
    """
    return {
        key: term | {"@context": term["@context"] | {"@base": urljoin(document, term["@context"]["@base"])}}
        if isinstance(term, dict) and "@base" in term.get("@context", {})
        else term
        for key, term in terms.items()
    }
