"""How much there is of what: the counts of a store, and VoID's statements of them.

Standard: Describing Linked Datasets with the VoID Vocabulary, sections 4 (statistics, partitions) and 5 (linksets).
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rejoinder import formats, namespaces
from rejoinder.namespaces import Authority
from rejoinder.rdf import terms
from rejoinder.rdf.terms import DefaultGraph, Literal, NamedNode, Quad, Store, Term
from rejoinder.site.resource import expanded, tally
from rejoinder.site.resource import numbers as resource_numbers

_MOMENT: Final = NamedNode(namespaces.XSD + "dateTime")

Row = tuple[str, str, Term]
"""Subject, property as a prefix and a name, value."""


def graph_of(rows: Iterable[Row], graph: str) -> tuple[Quad, ...]:
    """The rows as statements of a named graph, in the one order that they are always written in."""
    return terms.canonical(Quad(NamedNode(s), expanded(p), o, NamedNode(graph)) for s, p, o in rows)


def called(iri: str, title: str) -> Iterator[Row]:
    """What a thing is called, for those who ask for a label and for those who ask for a title."""
    yield from ((iri, name, Literal(title, language="en")) for name in ("rdfs:label", "dcterms:title"))


def moment(text: str) -> Literal:
    """An xsd:dateTime."""
    return Literal(text, datatype=_MOMENT)


Statement = tuple[str, str, Term]
"""A subject's IRI, a property as prefix:name, and a value."""

_COUNTS: Final = """SELECT (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?subjects) (COUNT(DISTINCT ?o) AS ?objects)
WHERE { ?s ?p ?o }"""
_CLASSES: Final = "SELECT ?class (COUNT(DISTINCT ?s) AS ?number) WHERE { ?s a ?class } GROUP BY ?class"
_PROPERTIES: Final = "SELECT ?property (COUNT(*) AS ?number) WHERE { ?s ?property ?o } GROUP BY ?property"
_PLAIN: Final = re.compile(r"\w+:[\w.-]+", re.ASCII)


@dataclass(frozen=True)
class VoidStatistics:
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
        known = {namespaces.RJ, namespaces.SHAPES, *namespaces.REGISTERED}
        return tuple(sorted(space for space in known if any(term.startswith(space) for term in used)))


def count_statements(store: Store) -> VoidStatistics:
    """The census of a store."""
    triples, subjects, objects = resource_numbers(store, _COUNTS)
    return VoidStatistics(triples, subjects, objects, tally(store, _CLASSES), tally(store, _PROPERTIES), _links(store))


def _links(store: Store) -> Counter[tuple[Authority, str]]:
    found: Counter[tuple[Authority, str]] = Counter()
    for mapping in namespaces.MAPPINGS:
        for quad in store.quads_for_pattern(None, NamedNode(mapping), None, DefaultGraph()):
            target = terms.text(quad.object)
            found.update((each, mapping) for each in namespaces.AUTHORITIES if target.startswith(each.space))
    return found


def described(statistics: VoidStatistics, base: str) -> Iterator[Statement]:
    """What VoID says of the data set at `base`."""
    numbers = (
        ("triples", statistics.triples),
        ("distinctSubjects", statistics.subjects),
        ("distinctObjects", statistics.objects),
        ("properties", len(statistics.properties)),
        ("classes", len(statistics.classes)),
    )
    yield from ((base, f"void:{name}", Literal(number)) for name, number in numbers)
    yield from ((base, "void:vocabulary", NamedNode(space)) for space in statistics.vocabularies)
    yield from _partitions(base, "class", "void:entities", statistics.classes)
    yield from _partitions(base, "property", "void:triples", statistics.properties)
    yield from _linksets(base, statistics)


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
    name = namespaces.compact(iri)
    return name.replace(":", "-") if _PLAIN.fullmatch(name) else hashlib.sha256(iri.encode()).hexdigest()[:12]


def _linksets(base: str, statistics: VoidStatistics) -> Iterator[Statement]:
    for (authority, mapping), number in statistics.links.items():
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


_NUMBER: Final = NamedNode(namespaces.XSD + "nonNegativeInteger")
_TITLES: Final = {
    "dataset.trig": ("All graphs as TriG", formats.TRIG.media_type, None),
    "dataset.nq.gz": ("All graphs as N-Quads, packed with gzip", formats.NQUADS.media_type, "application/gzip"),
}

DUMPS: Final = tuple(_TITLES)
"""The names of the files that hold everything."""


@dataclass(frozen=True)
class Dump:
    """All data in one file: its name, title, media type, that of its packing, and size in bytes if there is a file."""

    path: str
    title: str
    media_type: str
    packed: str | None
    size: int | None


def expected(folder: Path) -> tuple[Dump, ...]:
    """The files that hold everything; the size only of those that lie in the folder of exports."""
    sizes = {name: (folder / name).stat().st_size for name in DUMPS if (folder / name).is_file()}
    return tuple(Dump(name, *described, sizes.get(name)) for name, described in _TITLES.items())


def dumps(folder: Path) -> tuple[Dump, ...]:
    """The files in a folder of exports that hold everything."""
    return tuple(dump for dump in expected(folder) if dump.size is not None)


def describe_distributions(dataset: str, dump: Dump, license_iri: str) -> Iterator[Row]:
    """A file as a distribution of the data set or version with the IRI `dataset`, below which it stands."""
    node = f"{dataset}#{dump.path}"
    yield dataset, "dcat:distribution", NamedNode(node)
    yield dataset, "void:dataDump", NamedNode(dataset + dump.path)
    yield node, "rdf:type", NamedNode(namespaces.PREFIXES["dcat"] + "Distribution")
    yield from called(node, dump.title)
    yield node, "dcat:accessURL", NamedNode(dataset)
    yield node, "dcat:downloadURL", NamedNode(dataset + dump.path)
    yield node, "dcat:mediaType", NamedNode(namespaces.MEDIA_TYPES + dump.media_type)
    yield node, "dcterms:license", NamedNode(license_iri)
    if dump.packed:
        yield node, "dcat:compressFormat", NamedNode(namespaces.MEDIA_TYPES + dump.packed)
    if dump.size is not None:
        yield node, "dcat:byteSize", Literal(str(dump.size), datatype=_NUMBER)
