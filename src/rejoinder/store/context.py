"""The shipped JSON-LD context, read for what it says about keys; the mapping itself is JSON-LD's."""

from __future__ import annotations

import json
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rejoinder.lazily import lazy


@dataclass(frozen=True)
class Context:
    """The context's JSON text, its keys' property IRIs, and the keys whose values are maps from id to node."""

    text: str
    properties: dict[str, str]
    id_maps: frozenset[str]

    def with_node(self, node_json: str) -> str:
        """A JSON-LD document of this context and the node's JSON object, context first.

        >>> Context('{"a": "x:a"}', {}, frozenset()).with_node('{"a": 1}')
        '{"@context":{"a": "x:a"},"a": 1}'
        """
        separator = "," if len(node_json) > 2 else ""
        return '{"@context":' + self.text + separator + node_json[1:]

    def keys_of(self, iri: str) -> tuple[str, ...]:
        """The keys that stand for the property `iri`."""
        return tuple(key for key, value in self.properties.items() if value == iri)

    @lazy
    def unscoped(self) -> Context:
        """The same without the contexts that terms have of their own.

        >>> Context('{"a":{"@id":"x:a","@context":{"b":"x:b"}}}', {}, frozenset()).unscoped.text
        '{"a":{"@id":"x:a"}}'
        """
        return replace(self, text=_compact({key: _without_scope(term) for key, term in self.terms.items()}))

    @lazy
    def terms(self) -> dict[str, Any]:
        """The context as JSON: its keywords and terms, each with its definition."""
        return dict(json.loads(self.text))

    def terms_for(self, iris: AbstractSet[str]) -> dict[str, Any]:
        """The part of the context that a graph with these IRIs can be written with, as it would be with the whole.

        A term is chosen for an IRI that is its own; what is no definition may be a prefix, and stays (JSON-LD 1.1
        Processing Algorithms and API 6.2). The time that compaction takes grows with the terms.

        >>> whole = Context('{"ex": "x:y/", "a": {"@id": "ex:a"}, "b": {"@id": "ex:b"}}', {}, frozenset())
        >>> list(whole.terms_for({"x:y/b"}))
        ['ex', 'b']
        """
        absent = {key for key, iri in self._term_iris.items() if iri not in iris}
        return {key: term for key, term in self.terms.items() if key not in absent}

    @lazy
    def _term_iris(self) -> dict[str, str]:
        """The IRI of each term that has a definition of its own."""
        definitions = {key: term for key, term in self.terms.items() if isinstance(term, dict)}
        return {key: _expanded(str(term["@id"]), self.terms) for key, term in definitions.items()}


def read_context(path: Path) -> Context:
    """The context in the file at `path`."""
    terms: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["@context"]
    definitions = {key: value for key, value in terms.items() if isinstance(value, dict) and "@id" in value}
    return Context(
        text=_compact(terms),
        properties={key: _expanded(str(value["@id"]), terms) for key, value in definitions.items()},
        id_maps=frozenset(key for key, value in definitions.items() if value.get("@container") == "@id"),
    )


def _compact(terms: dict[str, Any]) -> str:
    return json.dumps(terms, ensure_ascii=False, separators=(",", ":"))


def _without_scope(term: Any) -> Any:
    return {key: value for key, value in term.items() if key != "@context"} if isinstance(term, dict) else term


def _expanded(compact_iri: str, terms: dict[str, Any]) -> str:
    prefix, _, name = compact_iri.partition(":")
    return f"{terms[prefix]}{name}" if prefix in terms else compact_iri
