"""JSON-LD contexts, read in both directions: what short names in a dossier mean, and which names are written for IRIs.

`ScopedTerms` expands short names; `InverseContext` gives keys, words, compact IRIs and relative references for IRIs.

Standards: JSON-LD 1.1; JSON-LD 1.1 Processing Algorithms and API, sections 4.3, 6.2 and 7.1. Of these, this has what
the project's context needs: prefixes, and terms with an IRI, a type, a map by id or by language, and a context of their
own that has a base or words. PyLD, which has all of it, judges what comes of it in the tests.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin

from rejoinder.lazily import lazy

Value = None | bool | int | str | list["Value"] | dict[str, "Value"]
"""A JSON value, without numbers that are not whole."""

_BELOW: Final = re.compile(r"\w[\w.-]*(?:/\w[\w.-]*)*(?:#[\w-]+)?")
"""A path downwards, which cannot be mistaken for anything else."""
_ABSOLUTE: Final = re.compile(r"https?://")
_UPWARDS: Final = re.compile(r"^(?:\.\./)+")
"""The beginning of a path that leads out of its folder."""


@dataclass(frozen=True)
class Context:
    """A JSON-LD context: its JSON text, the property IRI of each key, and the keys with maps from id to node."""

    text: str
    properties: dict[str, str]
    id_maps: frozenset[str]

    def with_node(self, node_json: str) -> str:
        """Return a JSON-LD document of this context and the node's JSON object, context first.

        >>> Context('{"a": "x:a"}', {}, frozenset()).with_node('{"a": 1}')
        '{"@context":{"a": "x:a"},"a": 1}'
        """
        separator = "," if len(node_json) > 2 else ""  # nothing to separate in "{}"
        return '{"@context":' + self.text + separator + node_json[1:]

    def keys_of(self, iri: str) -> tuple[str, ...]:
        """Return the keys that stand for the property `iri`."""
        return tuple(key for key, value in self.properties.items() if value == iri)

    @lazy
    def unscoped(self) -> Context:
        """Return the same context without the contexts that terms have of their own.

        >>> Context('{"a":{"@id":"x:a","@context":{"b":"x:b"}}}', {}, frozenset()).unscoped.text
        '{"a":{"@id":"x:a"}}'
        """
        return replace(self, text=_compact({key: _without_scope(term) for key, term in self.terms.items()}))

    @lazy
    def terms(self) -> dict[str, Any]:
        """Return the context as JSON: its keywords and terms, each with its definition."""
        return dict(json.loads(self.text))

    @lazy
    def names(self) -> InverseContext:
        """Return the context read backwards, from IRIs to the names for them."""
        return InverseContext(self.terms)

    @lazy
    def natives(self) -> frozenset[str]:
        """Return the keys whose values are JSON's own numbers and booleans."""
        definitions = {key: term for key, term in self.terms.items() if isinstance(term, dict)}
        return frozenset(
            key for key, term in definitions.items() if term.get("@type") in ("xsd:integer", "xsd:boolean")
        )


def read_context(path: Path) -> Context:
    """Return the context in the file at `path`."""
    terms: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["@context"]
    definitions = {key: value for key, value in terms.items() if isinstance(value, dict) and "@id" in value}
    names = InverseContext(terms)
    return Context(
        text=_compact(terms),
        properties={key: names.terms[key].iri for key in definitions},
        id_maps=frozenset(key for key, value in definitions.items() if value.get("@container") == "@id"),
    )


def _compact(terms: dict[str, Any]) -> str:
    return json.dumps(terms, ensure_ascii=False, separators=(",", ":"))


def _without_scope(term: Any) -> Any:
    return {key: value for key, value in term.items() if key != "@context"} if isinstance(term, dict) else term


class NeedsFullContextError(Exception):
    """A value that cannot be expanded as text, so that the full context is needed."""


@dataclass(frozen=True)
class ScopedTerms:
    """Rules for expanding short names in values, so that most dossiers can be parsed without scoped contexts.

    The shipped context gives many terms a context of their own (JSON-LD 1.1, section 4.1.8): `about: torture` means
    `../issue/torture`. A parser reads such a context again for every value: 15 of the 19.4 ms for a report.
    Nearly all of them only map words to IRIs (`words`, by key) or give a base for relative values (`folders`), so
    both are applied to the value as text. `others` are the keys with any other context. Names in a map below one of
    `maps` are ids or languages, not keys. `keywords` are the context's aliases of JSON-LD's keywords.
    """

    words: Mapping[str, Mapping[str, str]]
    folders: Mapping[str, str]
    others: frozenset[str]
    maps: frozenset[str]
    keywords: frozenset[str] = frozenset()

    def node(self, node: Mapping[str, Value]) -> dict[str, Value]:
        """Return the node and all in it, with full paths and IRIs in place of short names.

        >>> ScopedTerms({}, {"by": "../state/"}, frozenset(), frozenset()).node({"by": ["KAZ", "FRA"]})
        {'by': ['../state/KAZ', '../state/FRA']}

        Raises:
            NeedsFullContextError: a value has to be left to its context.
        """
        return {key: self._value(key, value) for key, value in node.items()}

    def _value(self, key: str, value: Value) -> Value:
        if key in self.folders or key in self.words or key in self.others:
            return [self._name(key, item) for item in value] if isinstance(value, list) else self._name(key, value)
        if key in self.maps:
            return self._map(value)
        return self._inner(value)

    def _map(self, value: Value) -> Value:
        if isinstance(value, dict):
            return {name: self._inner(inner) for name, inner in value.items()}
        if isinstance(value, list):  # parsers treat lists in id maps differently
            raise NeedsFullContextError
        return value

    def _inner(self, value: Value) -> Value:
        if isinstance(value, list):
            return [self._inner(item) for item in value]
        return self.node(value) if isinstance(value, dict) else value

    def _name(self, key: str, value: Value) -> str:
        if isinstance(value, str) and value not in self.keywords:
            if _ABSOLUTE.match(value):
                return value
            if value in self.words.get(key, ()):
                return self.words[key][value]
            if folder := self.folders.get(key):
                path = value if ":" in folder else _UPWARDS.sub("", value)
                if _BELOW.fullmatch(path):
                    return folder + value
        raise NeedsFullContextError


def scoped_terms(context: Context) -> ScopedTerms:
    """Return the scoped contexts of the terms in `context` in the form of `ScopedTerms`."""
    terms: dict[str, dict[str, Any]] = {key: term for key, term in context.terms.items() if isinstance(term, dict)}
    scopes = {key: term["@context"] for key, term in terms.items() if "@context" in term}
    folders = {key: scope["@base"] for key, scope in scopes.items() if _is_folder(terms[key], scope)}
    words = {key: scope for key, scope in scopes.items() if _is_vocabulary(terms[key], scope, context.terms)}
    return ScopedTerms(
        words=words,
        folders=folders,
        others=frozenset(scopes.keys() - folders.keys() - words.keys()),
        maps=frozenset(key for key in terms if "@container" in terms[key]),
        keywords=frozenset(key for key, term in context.terms.items() if str(term).startswith("@")),
    )


def _is_folder(term: Mapping[str, Any], scope: Mapping[str, Any]) -> bool:
    return term.get("@type") == "@id" and scope.keys() == {"@base"} and str(scope["@base"]).endswith("/")


def _is_vocabulary(term: Mapping[str, Any], scope: Mapping[str, Any], outer: Mapping[str, Any]) -> bool:
    """Return whether the scoped context only maps words to IRIs, by prefixes declared outside it."""
    prefixes = {str(iri).partition(":")[0] for iri in scope.values()}
    are_words = all(isinstance(iri, str) and not key.startswith("@") for key, iri in scope.items())
    return term.get("@type") == "@vocab" and are_words and prefixes <= outer.keys() - scope.keys()


# From IRIs to names. PyLD reads the context again for each document and searches all its terms for each IRI: for the
# 480 documents of the example it took 6 s, a quarter of a build. This takes 0.4 s.

_PREFIXES_END_IN: Final = tuple(":/?#[]@")
"""A term is a prefix, too, if its IRI ends in one of these, the gen-delims of RFC 3986."""
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
        # Of several terms for one IRI, the shortest comes first, as in the standard (section 4.3).
        for key in sorted(self.terms, key=lambda key: (len(key), key)):
            self._by_iri[self.terms[key].iri].append(key)
        self._keys: dict[tuple[str, tuple[str | None, ...], tuple[str, ...]], str] = {}
        self._compact: dict[str, str | None] = {}
        self._scoped: dict[str, InverseContext] = {}

    def _term(self, value: str | Mapping[str, Any]) -> TermDefinition:
        if isinstance(value, str):
            return TermDefinition(self.expanded(value))
        kind = value.get("@type")
        return TermDefinition(
            iri=self.expanded(value["@id"]),
            type=self.expanded(kind) if kind else None,
            container=value.get("@container"),
            scope=value.get("@context"),
        )

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
            # What has // after the colon is never read as compact.
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
    # A colon would make a scheme or a prefix of what stands before it, and @ a keyword.
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
