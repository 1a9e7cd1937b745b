"""JSON-LD contexts, and their scoped terms (`ScopedTerms`). Standard: JSON-LD 1.1."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from rejoinder.lazily import lazy
from rejoinder.rdf.compaction import InverseContext

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
        separator = "," if len(node_json) > 2 else ""
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
    `../issue/torture`. A parser reads such a context again for every value, which takes most of the time for a dossier.
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
            if key in self.folders and _BELOW.fullmatch(self._without_way_up(key, value)):
                return self.folders[key] + value
        raise NeedsFullContextError

    def _without_way_up(self, key: str, path: str) -> str:
        """Return the path without a leading `../`."""
        return path if ":" in self.folders[key] else _UPWARDS.sub("", path)


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
