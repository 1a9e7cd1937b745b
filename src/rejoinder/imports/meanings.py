"""What the names in a mapping mean: keys of the dossiers' JSON-LD context, prefixes and datatypes as IRIs and terms."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final
from urllib.parse import urljoin

from rejoinder import names
from rejoinder.errors import quoted
from rejoinder.resources import resource
from rejoinder.store import rdf
from rejoinder.store.rdf import Literal, NamedNode

_XSD_NAMES: Final = frozenset(
    {
        "anyURI", "boolean", "byte", "date", "dateTime", "dateTimeStamp", "dayTimeDuration", "decimal",
        "double", "duration", "float", "gDay", "gMonth", "gMonthDay", "gYear", "gYearMonth", "int",
        "integer", "long", "negativeInteger", "nonNegativeInteger", "nonPositiveInteger", "positiveInteger",
        "short", "string", "time", "unsignedByte", "unsignedInt", "unsignedLong", "unsignedShort",
        "yearMonthDuration",
    }
)  # fmt: skip
_ALIASES: Final = {"number": "double", "datetime": "dateTime", "any": "string"}
"""CSVW's own names of XSD's datatypes (Metadata Vocabulary for Tabular Data 5.11.1)."""


@dataclass(frozen=True)
class Meaning:
    """A property, and the form of its values: a literal of a datatype or language, a link, or one of certain `words`.

    `base` is what links are resolved against, relative to the document.
    """

    iri: str
    datatype: str | None = None
    language: str | None = None
    link: bool = False
    base: str = ""
    words: Mapping[str, str] | None = None

    def as_literal(self, datatype: str | None, language: str | None) -> Meaning:
        """The same property with a form of the mapping's own, where it gives one."""
        if datatype is None and language is None:
            return self
        return replace(self, datatype=datatype, language=language, link=False, words=None)

    def term(self, text: str, graph: str) -> NamedNode | Literal:
        """The value that `text` is, in the document `graph`.

        Raises:
            ValueError: it is none; the message is a sentence.
        """
        if self.words is not None:
            if text not in self.words:
                raise ValueError(f"{quoted(text)} is not one of {', '.join(self.words)}")
            return rdf.from_iri(self.words[text])
        if self.link:
            return iri_of(text, urljoin(graph, self.base))
        if self.language:
            return Literal(text, language=self.language)
        return Literal(text, datatype=NamedNode(self.datatype)) if self.datatype else Literal(text)


@lru_cache(maxsize=4096)
def iri_of(text: str, base: str) -> NamedNode:
    """The node that `text` names: with a prefix, or as an address resolved against `base`.

    >>> str(iri_of("rj:Noted", "https://example.org/"))
    '<https://w3id.org/rejoinder/ns#Noted>'
    >>> str(iri_of("#r-1", "https://example.org/record/t"))
    '<https://example.org/record/t#r-1>'

    Raises:
        ValueError: it makes no IRI; the message is a sentence.
    """
    try:
        return rdf.from_iri(_expanded(text) or urljoin(base, text))
    except ValueError as error:
        reason = "it may hold no blanks, quotes or angle brackets"
        raise ValueError(f"{quoted(text)} makes no web address; {reason}") from error


def datatype_of(name: str) -> str | None:
    """The IRI of the datatype called `name`, None where there is none.

    >>> datatype_of("number"), datatype_of("edtf:EDTF"), datatype_of("whole")
    ('http://www.w3.org/2001/XMLSchema#double', 'http://id.loc.gov/datatypes/edtf/EDTF', None)
    """
    plain = _ALIASES.get(name, name)
    return names.XSD + plain if plain in _XSD_NAMES else _expanded(name)


@dataclass(frozen=True)
class Vocabulary:
    """The properties that a mapping may name: by key, and by IRI."""

    by_key: Mapping[str, Meaning]
    by_iri: Mapping[str, Meaning]

    def meaning(self, name: str) -> Meaning | None:
        """The property called `name`: a key of the context, prefix:name, or an IRI.

        What the context knows has the form that it has there.
        """
        if name in self.by_key:
            return self.by_key[name]
        iri = _expanded(name) or (name if rdf.is_iri(name) and name.startswith("http") else None)
        if iri == names.RDF_TYPE:
            return Meaning(iri, link=True)
        return self.by_iri.get(iri, Meaning(iri)) if iri else None


def read_vocabulary() -> Vocabulary:
    """The vocabulary of the shipped JSON-LD context; keys that hold whole nodes are links to them."""
    terms = json.loads(resource("ontology/context.jsonld").read_text(encoding="utf-8"))["@context"]
    by_key = {
        key: _meaning(definition)
        for key, definition in terms.items()
        if isinstance(definition, dict) and definition.get("@container") != "@language"
    }
    by_iri: dict[str, Meaning] = {}
    for meaning in by_key.values():
        by_iri.setdefault(meaning.iri, meaning)
    return Vocabulary(by_key, by_iri)


def _meaning(definition: Mapping[str, object]) -> Meaning:
    kind, scoped = definition.get("@type"), definition.get("@context")
    inner: dict[str, str] = scoped if isinstance(scoped, dict) else {}
    literal = str(kind) if isinstance(kind, str) and not kind.startswith("@") else None
    language = definition.get("@language")
    return Meaning(
        iri=_known(str(definition["@id"])),
        datatype=_known(literal) if literal else None,
        language=str(language) if language else None,
        link=kind == "@id" or definition.get("@container") == "@id",
        base=inner.get("@base", ""),
        words={word: _known(iri) for word, iri in inner.items()} if kind == "@vocab" else None,
    )


def _known(short: str) -> str:
    return _expanded(short) or short


def _expanded(short: str) -> str | None:
    """prefix:name in full, None where it has no prefix that is known."""
    prefix, colon, name = short.partition(":")
    return names.PREFIXES[prefix] + name if colon and prefix in names.PREFIXES else None
