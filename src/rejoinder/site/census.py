"""How much there is of what: the counts of a store, and VoID's statements of them.

Standard: Describing Linked Datasets with the VoID Vocabulary, sections 4 (statistics, partitions) and 5 (linksets).
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from rejoinder import names
from rejoinder.names import Authority
from rejoinder.site.source import Source, numbers, tally
from rejoinder.site.things import expanded
from rejoinder.store import rdf
from rejoinder.store.rdf import DefaultGraph, Literal, NamedNode, Term

Statement = tuple[str, str, Term]
"""A subject's IRI, a property as prefix:name, and a value."""

_COUNTS: Final = """SELECT (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?subjects) (COUNT(DISTINCT ?o) AS ?objects)
WHERE { ?s ?p ?o }"""
_CLASSES: Final = "SELECT ?class (COUNT(DISTINCT ?s) AS ?number) WHERE { ?s a ?class } GROUP BY ?class"
_PROPERTIES: Final = "SELECT ?property (COUNT(*) AS ?number) WHERE { ?s ?property ?o } GROUP BY ?property"
_PLAIN: Final = re.compile(r"\w+:[\w.-]+", re.ASCII)


@dataclass(frozen=True)
class Census:
    """How much the union of all graphs holds; `classes` by instances, `properties` by statements.

    `links` are the mappings to outside authorities, by authority and mapping property.
    """

    triples: int
    subjects: int
    objects: int
    classes: Mapping[str, int]
    properties: Mapping[str, int]
    links: Mapping[tuple[Authority, str], int]

    @property
    def vocabularies(self) -> tuple[str, ...]:
        """The namespaces of the classes and properties, in order."""
        used = {*self.classes, *self.properties}
        known = {names.RJ, names.SHAPES, *names.REGISTERED}
        return tuple(sorted(space for space in known if any(term.startswith(space) for term in used)))


def take(store: Source) -> Census:
    """The census of a store."""
    triples, subjects, objects = numbers(store, _COUNTS)
    return Census(triples, subjects, objects, tally(store, _CLASSES), tally(store, _PROPERTIES), _links(store))


def _links(store: Source) -> Counter[tuple[Authority, str]]:
    found: Counter[tuple[Authority, str]] = Counter()
    for mapping in names.MAPPINGS:
        for quad in store.quads_for_pattern(None, NamedNode(mapping), None, DefaultGraph()):
            target = rdf.text(quad.object)
            found.update((each, mapping) for each in names.AUTHORITIES if target.startswith(each.space))
    return found


def described(census: Census, base: str) -> Iterator[Statement]:
    """What VoID says of the data set at `base`."""
    numbers = (
        ("triples", census.triples),
        ("distinctSubjects", census.subjects),
        ("distinctObjects", census.objects),
        ("properties", len(census.properties)),
        ("classes", len(census.classes)),
    )
    yield from ((base, f"void:{name}", Literal(number)) for name, number in numbers)
    yield from ((base, "void:vocabulary", NamedNode(space)) for space in census.vocabularies)
    yield from _partitions(base, "class", "void:entities", census.classes)
    yield from _partitions(base, "property", "void:triples", census.properties)
    yield from _linksets(base, census)


def _partitions(base: str, kind: str, counted: str, numbers: Mapping[str, int]) -> Iterator[Statement]:
    for iri, number in numbers.items():
        node = f"{base}#{kind}-{_short(iri)}"
        yield base, f"void:{kind}Partition", NamedNode(node)
        yield node, f"void:{kind}", NamedNode(iri)
        yield node, counted, Literal(number)


def _short(iri: str) -> str:
    """A name for an IRI that can be part of one.

    >>> _short("https://w3id.org/rejoinder/ns#Claim"), _short("https://example.org/a b")
    ('rj-Claim', '842ffacff5dd')
    """
    name = names.compact(iri, names.PREFIXES)
    return name.replace(":", "-") if _PLAIN.fullmatch(name) else hashlib.sha256(iri.encode()).hexdigest()[:12]


def _linksets(base: str, census: Census) -> Iterator[Statement]:
    for (authority, mapping), number in census.links.items():
        node, target = f"{base}#{authority.name}-{_short(mapping)}", f"{base}#{authority.name}"
        title = f"Links to: {authority.title}"
        yield base, "void:subset", NamedNode(node)
        yield node, "rdf:type", expanded("void:Linkset")
        yield node, "dcterms:title", Literal(title, language="en")
        yield node, "void:subjectsTarget", NamedNode(base)
        yield node, "void:objectsTarget", NamedNode(target)
        yield node, "void:linkPredicate", NamedNode(mapping)
        yield node, "void:triples", Literal(number)
        yield target, "rdf:type", expanded("void:Dataset")
        yield target, "dcterms:title", Literal(authority.title, language="en")
        yield target, "void:uriSpace", Literal(authority.space)
