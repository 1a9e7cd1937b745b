"""What pages read of a store: things, each with what is said of it and what points to it.

A thing's properties are asked for as a dossier's prefixes write them, `rj:about`. Labels are in the language of the
page where there are any, else in English, else in what there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeGuard
from urllib.parse import urlsplit

from rejoinder import names
from rejoinder.lazily import lazy
from rejoinder.site.source import Source
from rejoinder.store import rdf
from rejoinder.store.rdf import DefaultGraph, Literal, NamedNode

_LABELS: Final = ("rdfs:label", "dcterms:title", "skos:prefLabel")
_UNION: Final = DefaultGraph()
_MOST: Final = 200_000
"""How many lists of values are remembered, some 150 MB; beyond, all are forgotten and read again when wanted."""


def expanded(name: str) -> NamedNode:
    """The property that `name` stands for.

    >>> str(expanded("rj:about"))
    '<https://w3id.org/rejoinder/ns#about>'
    """
    prefix, _, local = name.partition(":")
    return NamedNode(names.PREFIXES[prefix] + local)


@dataclass(frozen=True)
class Library:
    """The union of a version's graphs, read in one language; what was read is remembered while it is used."""

    store: Source
    base: str
    language: str = "en"
    _read: dict[tuple[str, str], tuple[Thing | Literal, ...]] = field(default_factory=dict, compare=False, repr=False)

    def thing(self, iri: str) -> Thing:
        """The thing with that IRI, whether or not anything is said of it."""
        return Thing(iri, self)

    def here(self, local: str) -> Thing:
        """The thing with the IRI `local` below the base."""
        return Thing(self.base + local, self)

    def instances(self, name: str) -> tuple[Thing, ...]:
        """The things of the class `name`, by label."""
        return by_label(self.of_class(name))

    def of_class(self, name: str) -> tuple[Thing, ...]:
        """The things of the class `name`, by IRI: what they are called is not read."""
        return self._subjects(expanded("rdf:type"), expanded(name))

    def has(self, name: str) -> bool:
        """Whether there is anything of the class `name`."""
        return any(True for _ in self.store.quads_for_pattern(None, expanded("rdf:type"), expanded(name), _UNION))

    def objects(self, iri: str, name: str) -> tuple[Thing | Literal, ...]:
        """The values of a property."""
        known = self._read.get((iri, name))
        if known is None:
            quads = self.store.quads_for_pattern(NamedNode(iri), expanded(name), None, _UNION)
            if len(self._read) >= _MOST:
                self._read.clear()
            known = tuple(self.values(quad.object for quad in quads))
            self._read[iri, name] = known
        return known

    def is_of_class(self, iri: str, name: str) -> bool:
        """Whether a thing is of the class; unlike by `Thing.is_a`, nothing is remembered: one look for each of many."""
        found = self.store.quads_for_pattern(NamedNode(iri), expanded("rdf:type"), expanded(name), _UNION)
        return any(True for _ in found)

    def values_of(self, name: str) -> frozenset[str]:
        """The IRIs of all things that are values of the property, whatever has it."""
        quads = self.store.quads_for_pattern(None, expanded(name), None, _UNION)
        return frozenset(quad.object.value for quad in quads if _is_named(quad.object))

    def subjects(self, name: str, iri: str) -> tuple[Thing, ...]:
        """The things that have this one as the value of a property."""
        return self._subjects(expanded(name), NamedNode(iri))

    def _subjects(self, predicate: NamedNode, value: NamedNode) -> tuple[Thing, ...]:
        quads = self.store.quads_for_pattern(None, predicate, value, _UNION)
        return tuple(Thing(iri, self) for iri in sorted({q.subject.value for q in quads if _is_named(q.subject)}))

    def statements(self, iri: str) -> tuple[tuple[str, Thing | Literal], ...]:
        """What is said of a thing: property IRI and value, in order."""
        quads = self.store.quads_for_pattern(NamedNode(iri), None, None, _UNION)
        pairs = sorted({(quad.predicate.value, quad.object) for quad in quads}, key=str)
        return tuple((predicate, value) for predicate, term in pairs for value in self.values([term]))

    def pointing(self, iri: str) -> tuple[tuple[Thing, str], ...]:
        """What points to a thing: the subject and the property's IRI, in order."""
        quads = self.store.quads_for_pattern(None, None, NamedNode(iri), _UNION)
        pairs = sorted({(q.subject.value, q.predicate.value) for q in quads if _is_named(q.subject)})
        return tuple((Thing(subject, self), predicate) for subject, predicate in pairs)

    def pointing_subjects(self, iri: str) -> Iterator[Thing]:
        """The subjects alone, in no order, and as many times as they point; read one by one as they are asked for."""
        quads = self.store.quads_for_pattern(None, None, NamedNode(iri), _UNION)
        return (Thing(quad.subject.value, self) for quad in quads if _is_named(quad.subject))

    def values(self, terms: Iterable[rdf.Term]) -> Iterator[Thing | Literal]:
        """The terms as pages show them, in order; a blank node is left out."""
        for term in sorted(terms, key=str):
            if isinstance(term, Literal):
                yield term
            elif isinstance(term, NamedNode):
                yield Thing(term.value, self)


def _is_named(term: rdf.Term) -> TypeGuard[NamedNode]:
    """Whether a page can speak of it; a blank node has no address."""
    return isinstance(term, NamedNode)


@dataclass(frozen=True)
class Thing:
    """A thing by its IRI, and the library that knows about it."""

    iri: str
    library: Library = field(compare=False, repr=False)

    def all(self, name: str) -> tuple[Thing, ...]:
        """The things that are values of the property."""
        return tuple(value for value in self.library.objects(self.iri, name) if isinstance(value, Thing))

    def one(self, name: str) -> Thing | None:
        """The first of them."""
        return next(iter(self.all(name)), None)

    def of(self, name: str, kind: str | None = None) -> tuple[Thing, ...]:
        """The things, of the class `kind` where it is given, that have this one as a value of the property."""
        found = self.library.subjects(name, self.iri)
        return tuple(thing for thing in found if kind is None or self.library.is_of_class(thing.iri, kind))

    def texts(self, name: str) -> tuple[Literal, ...]:
        """The literals that are values of the property."""
        return tuple(value for value in self.library.objects(self.iri, name) if isinstance(value, Literal))

    def text(self, name: str) -> Literal | None:
        """The literal that a reader of the page's language would read."""
        return chosen(self.texts(name), self.library.language)

    def words(self, name: str) -> str:
        """The same as plain text, empty if there is none."""
        found = self.text(name)
        return found.value if found else ""

    def number(self, name: str) -> int:
        """The whole number that is the value of the property; 0 if there is none, or it is no number."""
        words = self.words(name)
        return int(words) if words.isascii() and words.isdigit() else 0

    def is_a(self, kind: str) -> bool:
        """Whether it is of that class."""
        return expanded(kind).value in self.types

    @lazy
    def types(self) -> frozenset[str]:
        """The IRIs of its classes."""
        return frozenset(thing.iri for thing in self.all("rdf:type"))

    @lazy
    def label(self) -> Literal:
        """What it is called; the end of its IRI and its host if nobody says."""
        found = self._said_label
        prefixed = names.compact(self.iri, names.PREFIXES)
        return found or Literal(_nameless(self.iri) if prefixed.startswith("<") else prefixed)

    @property
    def is_named(self) -> bool:
        """Whether anybody says what it is called."""
        return self._said_label is not None

    @property
    def _said_label(self) -> Literal | None:
        return next(filter(None, map(self.text, _LABELS)), None)

    @property
    def document(self) -> Thing:
        """The document that describes it: for a part of a report, the report."""
        return Thing(self.iri.partition("#")[0], self.library)

    @property
    def fragment(self) -> str:
        """Its name within its document."""
        return self.iri.partition("#")[2]

    @property
    def short(self) -> str:
        """Its IRI as a dossier writes it."""
        if self.iri.startswith(self.library.base):
            return self.iri.removeprefix(self.library.base)
        return names.compact(self.iri, names.PREFIXES).strip("<>")

    @lazy
    def position(self) -> int:
        """Where in the source text it was read first, in code points; far behind if nobody says."""
        starts = [passage.number("oa:start") for passage in self.all("rj:anchor")]
        return min(starts, default=1 << 40)


def _nameless(iri: str) -> str:
    """A name for a thing without a label.

    >>> _nameless("http://www.wikidata.org/entity/Q145")
    'Q145, wikidata.org'
    """
    parts = urlsplit(iri)
    last = parts.fragment or parts.path.rstrip("/").rpartition("/")[2]
    return ", ".join(filter(None, (last, parts.netloc.removeprefix("www.")))) or iri


def chosen(texts: Iterable[Literal], language: str) -> Literal | None:
    """The text in `language`, else in English, else in none, else the first.

    >>> chosen([Literal("Tchéquie", language="fr"), Literal("Czechia", language="en")], "ru").value
    'Czechia'
    """
    ordered = sorted(texts, key=lambda text: (*(text.language != it for it in (language, "en", None)), str(text)))
    return next(iter(ordered), None)


def by_label(things: Iterable[Thing]) -> tuple[Thing, ...]:
    """Each of the things once, in alphabetical order."""
    return tuple(sorted(set(things), key=lambda thing: (thing.label.value.casefold(), thing.iri)))


def by_position(things: Iterable[Thing]) -> tuple[Thing, ...]:
    """Each of the things once, in the order of the source text."""
    return tuple(sorted(set(things), key=lambda thing: (thing.document.iri, thing.position, thing.iri)))
