"""Short names spelled out: what the context of a key makes of its values, written into the values.

A parser reads the context that a term has of its own anew at every value, four fifths of the time that it takes for a
dossier. Most values need none of it: `KAZ` beside `raisedBy` is `../state/KAZ`, `quoted` beside `mode` is `rj:Quoted`.

Standard: JSON-LD 1.1, 4.1.8 Scoped Contexts; RFC 3986, 5.2 (a path relative to a folder is the folder and the path).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from rejoinder.dossiers.sourcelines import Value
from rejoinder.store.context import Context

_BELOW: Final = re.compile(r"\w[\w.-]*(?:/\w[\w.-]*)*(?:#[\w-]+)?")
"""A path downwards, which cannot be anything else."""
_UPWARDS: Final = re.compile(r"^(?:\.\./)+")
"""How a path begins that leads out of its folder."""


class NotPlainError(Exception):
    """A value is not as simple as nearly all are: only the context says what it means."""


@dataclass(frozen=True)
class Spelling:
    """How the values of keys that have a context of their own are spelled without it.

    `words` are what the values of a key stand for, `folders` what they are relative to; at the `odd` keys, a context
    says something else. The names in the `maps` below a key are ids or languages, no keys. `keywords` are the context's
    words for those of JSON-LD, which they are as values, too.
    """

    words: Mapping[str, Mapping[str, str]]
    folders: Mapping[str, str]
    odd: frozenset[str]
    maps: frozenset[str]
    keywords: frozenset[str] = frozenset()

    def node(self, node: Mapping[str, Value]) -> dict[str, Value]:
        """The node and all in it, spelled out.

        >>> Spelling({}, {"by": "../state/"}, frozenset(), frozenset()).node({"by": ["KAZ", "FRA"]})
        {'by': ['../state/KAZ', '../state/FRA']}

        Raises:
            NotPlainError: a value has to be left to its context.
        """
        return {key: self._value(key, value) for key, value in node.items()}

    def _value(self, key: str, value: Value) -> Value:
        if key in self.folders or key in self.words or key in self.odd:
            return [self._name(key, item) for item in value] if isinstance(value, list) else self._name(key, value)
        if key in self.maps:
            return self._map(value)
        return self._inner(value)

    def _map(self, value: Value) -> Value:
        if isinstance(value, dict):
            return {name: self._inner(inner) for name, inner in value.items()}
        if isinstance(value, list):  # parsers differ on what stands in it
            raise NotPlainError
        return value

    def _inner(self, value: Value) -> Value:
        if isinstance(value, list):
            return [self._inner(item) for item in value]
        return self.node(value) if isinstance(value, dict) else value

    def _name(self, key: str, value: Value) -> str:
        if isinstance(value, str) and value not in self.keywords:
            if value in self.words.get(key, ()):
                return self.words[key][value]
            if key in self.folders and _BELOW.fullmatch(self._climbed(key, value)):
                return self.folders[key] + value
        raise NotPlainError

    def _climbed(self, key: str, path: str) -> str:
        """The path without its way up, which only a folder that is a path itself takes along."""
        return path if ":" in self.folders[key] else _UPWARDS.sub("", path)


def spelling(context: Context) -> Spelling:
    """The spelling that stands for the contexts of the terms in `context`."""
    terms: dict[str, dict[str, Any]] = {key: term for key, term in context.terms.items() if isinstance(term, dict)}
    scopes = {key: term["@context"] for key, term in terms.items() if "@context" in term}
    folders = {key: scope["@base"] for key, scope in scopes.items() if _is_folder(terms[key], scope)}
    words = {key: scope for key, scope in scopes.items() if _is_vocabulary(terms[key], scope, context.terms)}
    return Spelling(
        words=words,
        folders=folders,
        odd=frozenset(scopes.keys() - folders.keys() - words.keys()),
        maps=frozenset(key for key in terms if "@container" in terms[key]),
        keywords=frozenset(key for key, term in context.terms.items() if str(term).startswith("@")),
    )


def _is_folder(term: Mapping[str, Any], scope: Mapping[str, Any]) -> bool:
    return term.get("@type") == "@id" and scope.keys() == {"@base"} and str(scope["@base"]).endswith("/")


def _is_vocabulary(term: Mapping[str, Any], scope: Mapping[str, Any], outer: Mapping[str, Any]) -> bool:
    """Whether the scope only gives words for IRIs, each with a prefix that is declared outside it."""
    prefixes = {str(iri).partition(":")[0] for iri in scope.values()}
    are_words = all(isinstance(iri, str) and not key.startswith("@") for key, iri in scope.items())
    return term.get("@type") == "@vocab" and are_words and prefixes <= outer.keys() - scope.keys()
