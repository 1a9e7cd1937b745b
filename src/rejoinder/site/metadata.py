"""Machine-readable descriptions of the data set and its versions: DCAT, VoID statistics, PROV of each build, a linkset.

Standards: DCAT 3 (section 11: versions); Describing Linked Datasets with the VoID Vocabulary (section 4: statistics and
partitions, 5: linksets); PROV-O; DCMI Metadata Terms; RFC 9264 (linksets).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rejoinder import formats, namespaces
from rejoinder.config import Project
from rejoinder.lazily import lazy
from rejoinder.namespaces import Authority
from rejoinder.rdf import query, terms
from rejoinder.rdf.terms import DefaultGraph, Literal, NamedNode, Quad, Store, Term
from rejoinder.site.render import ABOUT, Page, alternate_files
from rejoinder.site.resource import expanded
from rejoinder.site.schema_org import kind_iri
from rejoinder.versions import Manifest

DESCRIPTION: Final = (
    "Human-rights documents as linked data: who raised which concern, who asserted which claim, in which proceeding, "
    "and what contradicts, qualifies or supports it, on whose authority. Every entry cites the passage of its source."
)
KEYWORDS: Final = ("human rights", "Universal Periodic Review", "linked data", "claims", "evidence")

LINKSET: Final = "linkset"
LINKSET_TYPE: Final = "application/linkset+json"

_DUMPS: Final = {
    "dataset.trig": ("All graphs as TriG", formats.TRIG.media_type, None),
    "dataset.nq.gz": ("All graphs as N-Quads, compressed with gzip", formats.NQUADS.media_type, "application/gzip"),
}
DUMP_NAMES: Final = tuple(_DUMPS)
"""The names of the dumps, the files with all data."""

_PUBLIC: Final = NamedNode("http://publications.europa.eu/resource/authority/access-right/PUBLIC")
_ENGLISH: Final = NamedNode("http://publications.europa.eu/resource/authority/language/ENG")
_DATE_TIME: Final = NamedNode(namespaces.XSD + "dateTime")
_NUMBER: Final = NamedNode(namespaces.XSD + "nonNegativeInteger")
_PREFIXED: Final = re.compile(r"\w+:[\w.-]+", re.ASCII)

_COUNTS: Final = """SELECT (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?subjects) (COUNT(DISTINCT ?o) AS ?objects)
WHERE { ?s ?p ?o }"""
_CLASSES: Final = "SELECT ?class (COUNT(DISTINCT ?s) AS ?number) WHERE { ?s a ?class } GROUP BY ?class"
_PROPERTIES: Final = "SELECT ?property (COUNT(*) AS ?number) WHERE { ?s ?property ?o } GROUP BY ?property"

Row = tuple[str, str, Term]
"""A subject's IRI, a property as prefix:name, and a value."""


@dataclass(frozen=True)
class Dump:
    """A file with all data: its name, title, media type, that of its compression, and size in bytes if it exists."""

    path: str
    title: str
    media_type: str
    packed: str | None
    size: int | None


@dataclass(frozen=True)
class VoidStatistics:
    """VoID statistics of the union of all graphs: `classes` by instances, `properties` by statements.

    `links` are the mappings to outside authorities, by authority and mapping property.
    """

    triples: int
    subjects: int
    objects: int
    classes: Mapping[str, int]
    properties: Mapping[str, int]
    links: Mapping[tuple[Authority, str], int]


@dataclass(frozen=True)
class Catalogue:
    """The catalogue entry of a project's data: one version of them, and the list of versions kept.

    `issued` is when the first version was made.
    """

    project: Project
    store: Store
    manifest: Manifest
    issued: str
    dumps: tuple[Dump, ...]
    versions: tuple[int, ...]

    @lazy
    def statistics(self) -> VoidStatistics:
        """Return the VoID statistics, counted once for all files that contain them."""
        return count_statements(self.store)

    def quads(self) -> tuple[Quad, ...]:
        """Return the description, as the graph of the data set's own document."""
        project, base = self.project, self.project.base
        rows = [*self._dataset(), *void_rows(self.statistics, base)]
        for dump in self.dumps:
            rows += distribution_rows(base, dump, project.license)
        rows += leading_rows(project, {*self.versions, self.manifest.number})
        rows += version_rows(project, self.manifest)  # the data set itself has no build of its own
        for entry in self.manifest.graphs:
            rows.append((base, "void:subset", NamedNode(entry.iri)))
            rows += _about(entry.iri, ("rdf:type", expanded("void:Dataset")), ("void:triples", Literal(entry.quads)))
        return graph_of(rows, base)

    def _dataset(self) -> Iterator[Row]:
        project, base = self.project, self.project.base
        # The publisher has an IRI of its own, so that nothing is its own creator.
        publisher, catalogue = f"{base}#publisher", f"{base}#catalogue"
        yield from _types(base, "dcat:Dataset", "void:Dataset", "schema:Dataset")
        yield from title_rows(base, project.title)
        yield from _about(
            base,
            ("dcterms:description", _english(DESCRIPTION)),
            ("dcterms:identifier", Literal(base)),
            ("dcterms:issued", _moment(self.issued)),
            ("dcterms:modified", _moment(self.manifest.created)),
            ("dcterms:license", NamedNode(project.license)),
            ("dcterms:accessRights", _PUBLIC),
            ("dcterms:language", _ENGLISH),
            ("dcterms:creator", NamedNode(publisher)),
            ("dcterms:publisher", NamedNode(publisher)),
            ("dcterms:conformsTo", NamedNode(namespaces.ONTOLOGY_GRAPH)),
            ("dcterms:conformsTo", NamedNode(namespaces.SHAPES_GRAPH)),
            ("dcat:version", Literal(str(self.manifest.number))),
            ("dcat:landingPage", NamedNode(base)),
            ("void:uriSpace", Literal(base)),
            ("prov:wasAttributedTo", NamedNode(publisher)),
            *(("dcat:keyword", _english(word)) for word in KEYWORDS),
        )
        yield from _about(publisher, ("rdf:type", expanded("foaf:Agent")), ("foaf:name", Literal(project.publisher)))
        yield from _about(
            catalogue,
            ("rdf:type", expanded("dcat:Catalog")),
            ("dcterms:title", _english(f"{project.title}: catalogue")),
            ("dcterms:description", _english("The one data set of this site.")),
            ("dcterms:publisher", NamedNode(publisher)),
            ("dcat:dataset", NamedNode(base)),
        )
        yield from _endpoint_rows(project)

    def schema_org(self) -> dict[str, Any]:
        """Return the data set as a schema.org Dataset, for the page."""
        base, project = self.project.base, self.project
        agent = {"@type": "Organization", "name": project.publisher}
        return {
            "@context": "https://schema.org",
            "@type": "Dataset",
            "@id": base,
            "url": base,
            "name": project.title,
            "description": DESCRIPTION,
            "identifier": base,
            "keywords": list(KEYWORDS),
            "license": project.license,
            "creator": agent,
            "publisher": agent,
            "datePublished": self.issued,
            "dateModified": self.manifest.created,
            "version": str(self.manifest.number),
            "isAccessibleForFree": True,
            "inLanguage": "en",
            "distribution": [
                {
                    "@type": "DataDownload",
                    "name": dump.title,
                    "encodingFormat": dump.media_type,
                    "contentSize": f"{dump.size} B",
                    "contentUrl": base + dump.path,
                }
                for dump in self.dumps
            ],
        }

    def linkset(self) -> Page:
        """Return the linkset: typed links of the data set, and from each dump back to it."""
        base = self.project.base
        own = {
            "anchor": base,
            "cite-as": [{"href": base}],
            "type": [{"href": kind_iri("Dataset")}, {"href": ABOUT}],
            "license": [{"href": self.project.license}],
            "author": [{"href": f"{base}#publisher"}],
            "describedby": [{"href": base + path, "type": form.media_type} for path, form in alternate_files("index")],
            "item": [{"href": base + dump.path, "type": dump.packed or dump.media_type} for dump in self.dumps],
        }
        back = [{"anchor": base + dump.path, "collection": [{"href": base}]} for dump in self.dumps]
        content = json.dumps({"linkset": [own, *back]}, ensure_ascii=False, indent=1)
        return Page(f"{LINKSET}.json", content.encode(), LINKSET_TYPE)


def _endpoint_rows(project: Project) -> Iterator[Row]:
    """Yield the description of the SPARQL endpoint, if the project has a public one."""
    if not project.endpoint:
        return
    base, service, endpoint = project.base, f"{project.base}#sparql", NamedNode(project.endpoint)
    yield base, "void:sparqlEndpoint", endpoint
    yield f"{base}#catalogue", "dcat:service", NamedNode(service)
    yield from title_rows(service, f"{project.title}: SPARQL")
    yield from _about(
        service,
        ("rdf:type", expanded("dcat:DataService")),
        ("dcterms:description", _english("Queries in SPARQL over all graphs of the data set.")),
        ("dcterms:conformsTo", NamedNode(namespaces.SPARQL_PROTOCOL)),
        ("dcterms:license", NamedNode(project.license)),
        ("dcterms:accessRights", _PUBLIC),
        ("dcterms:publisher", NamedNode(f"{base}#publisher")),
        ("dcat:endpointURL", endpoint),
        ("dcat:endpointDescription", endpoint),  # without a query, an endpoint answers with its description
        ("dcat:servesDataset", NamedNode(base)),
    )


def expected_dumps(folder: Path) -> tuple[Dump, ...]:
    """Return all dumps, with a size if the file is in the folder of exports."""
    sizes = {name: (folder / name).stat().st_size for name in _DUMPS if (folder / name).is_file()}
    return tuple(Dump(name, *described, sizes.get(name)) for name, described in _DUMPS.items())


def dumps(folder: Path) -> tuple[Dump, ...]:
    """Return the dumps in a folder of exports."""
    return tuple(dump for dump in expected_dumps(folder) if dump.size is not None)


def graph_of(rows: Iterable[Row], graph: str) -> tuple[Quad, ...]:
    """Return the rows as statements of a named graph, in canonical order."""
    return terms.canonical(Quad(NamedNode(s), expanded(p), o, NamedNode(graph)) for s, p, o in rows)


def _about(subject: str, *values: tuple[str, Term]) -> Iterator[Row]:
    yield from ((subject, name, value) for name, value in values)


def _types(subject: str, *names: str) -> Iterator[Row]:
    yield from ((subject, "rdf:type", expanded(name)) for name in names)


def _english(text: str) -> Literal:
    return Literal(text, language="en")


def _moment(text: str) -> Literal:
    return Literal(text, datatype=_DATE_TIME)


def title_rows(iri: str, title: str) -> Iterator[Row]:
    """Yield the name of a thing as rdfs:label and as dcterms:title, because clients look for either."""
    yield from _about(iri, ("rdfs:label", _english(title)), ("dcterms:title", _english(title)))


def version_iri(project: Project, number: int) -> str:
    """Return the IRI of a version."""
    return f"{project.base}version/{number}/"


def leading_rows(project: Project, numbers: Iterable[int]) -> Iterator[Row]:
    """Yield the links from the data set to its versions, of which the last is current."""
    versions = [NamedNode(version_iri(project, number)) for number in sorted(numbers)]
    yield from ((project.base, "dcat:hasVersion", version) for version in versions)
    yield from ((project.base, "dcat:hasCurrentVersion", version) for version in versions[-1:])


def version_rows(project: Project, manifest: Manifest) -> Iterator[Row]:
    """Yield the description of a version: its predecessor, and the build and program that made it."""
    iri = version_iri(project, manifest.number)
    publisher, build, program = f"{project.base}#publisher", f"{iri}#build", f"{iri}#program"
    yield from _types(iri, "dcat:Dataset", "void:Dataset", "prov:Entity")
    yield from title_rows(iri, f"{project.title}, version {manifest.number}")
    yield from _about(
        iri,
        ("dcterms:issued", _moment(manifest.created)),
        ("dcterms:license", NamedNode(project.license)),
        ("dcterms:publisher", NamedNode(publisher)),
        ("dcterms:isVersionOf", NamedNode(project.base)),
        ("dcat:isVersionOf", NamedNode(project.base)),
        ("prov:specializationOf", NamedNode(project.base)),
        ("dcat:version", Literal(str(manifest.number))),
        ("prov:wasGeneratedBy", NamedNode(build)),
    )
    if manifest.predecessor:
        earlier = NamedNode(version_iri(project, manifest.predecessor))
        yield from _about(iri, ("dcat:previousVersion", earlier), ("prov:wasRevisionOf", earlier))
    yield from _about(
        build,
        ("rdf:type", expanded("prov:Activity")),
        ("rdfs:label", _english(f"{manifest.program}, version {manifest.number}")),
        ("prov:endedAtTime", _moment(manifest.created)),
        ("prov:wasAssociatedWith", NamedNode(publisher)),
        ("prov:wasAssociatedWith", NamedNode(program)),
    )
    yield from _about(program, ("rdf:type", expanded("prov:SoftwareAgent")), ("rdfs:label", _english(manifest.program)))


def distribution_rows(dataset: str, dump: Dump, license_iri: str) -> Iterator[Row]:
    """Yield the description of a dump as a distribution of the data set or version with the IRI `dataset`."""
    node, address = f"{dataset}#{dump.path}", NamedNode(dataset + dump.path)
    yield from _about(dataset, ("dcat:distribution", NamedNode(node)), ("void:dataDump", address))
    yield from title_rows(node, dump.title)
    yield from _about(
        node,
        ("rdf:type", expanded("dcat:Distribution")),
        ("dcat:accessURL", NamedNode(dataset)),
        ("dcat:downloadURL", address),
        ("dcat:mediaType", NamedNode(namespaces.MEDIA_TYPES + dump.media_type)),
        ("dcterms:license", NamedNode(license_iri)),
    )
    if dump.packed:
        yield node, "dcat:compressFormat", NamedNode(namespaces.MEDIA_TYPES + dump.packed)
    # If a version was published without files, its dumps are made on request, so their size is unknown.
    if dump.size is not None:
        yield node, "dcat:byteSize", Literal(str(dump.size), datatype=_NUMBER)


def count_statements(store: Store) -> VoidStatistics:
    """Return the VoID statistics of a store.

    Raises:
        QueryError: a count takes too long, or too much memory.
    """
    triples, subjects, objects = (int(terms.text(number)) for number in query.only_row(store, _COUNTS))
    links: Counter[tuple[Authority, str]] = Counter()
    for mapping in namespaces.MAPPINGS:
        for quad in store.quads_for_pattern(None, NamedNode(mapping), None, DefaultGraph()):
            target = terms.text(quad.object)
            links.update((each, mapping) for each in namespaces.AUTHORITIES if target.startswith(each.space))
    return VoidStatistics(triples, subjects, objects, _counts(store, _CLASSES), _counts(store, _PROPERTIES), links)


def _counts(store: Store, select: str) -> dict[str, int]:
    """Return the counts by IRI that a query returns, sorted by IRI."""
    answer = query.query(store, select)
    rows = answer.rows if isinstance(answer, query.Table) else ()
    return dict(sorted((terms.text(iri), int(terms.text(number))) for iri, number in rows if iri and number))


def void_rows(statistics: VoidStatistics, base: str) -> Iterator[Row]:
    """Yield the VoID description of the data set at `base`."""
    # Only vocabularies in use, because VoID describes the data, not the program.
    used = {*statistics.classes, *statistics.properties}
    known = {namespaces.RJ, namespaces.SHAPES, *namespaces.REGISTERED}
    vocabularies = [space for space in known if any(term.startswith(space) for term in used)]
    yield from _about(
        base,
        ("void:triples", Literal(statistics.triples)),
        ("void:distinctSubjects", Literal(statistics.subjects)),
        ("void:distinctObjects", Literal(statistics.objects)),
        ("void:properties", Literal(len(statistics.properties))),
        ("void:classes", Literal(len(statistics.classes))),
        *(("void:vocabulary", NamedNode(space)) for space in vocabularies),
    )
    for kind, counted, numbers in (
        ("class", "void:entities", statistics.classes),
        ("property", "void:triples", statistics.properties),
    ):
        for iri, number in numbers.items():
            node = f"{base}#{kind}-{_short(iri)}"
            yield base, f"void:{kind}Partition", NamedNode(node)
            yield from _about(node, (f"void:{kind}", NamedNode(iri)), (counted, Literal(number)))
    for (authority, mapping), number in statistics.links.items():
        node, target = f"{base}#{authority.name}-{_short(mapping)}", f"{base}#{authority.name}"
        yield base, "void:subset", NamedNode(node)
        yield from _about(
            node,
            ("rdf:type", expanded("void:Linkset")),
            ("dcterms:title", _english(f"Links to: {authority.title}")),
            ("void:subjectsTarget", NamedNode(base)),
            ("void:objectsTarget", NamedNode(target)),
            ("void:linkPredicate", NamedNode(mapping)),
            ("void:triples", Literal(number)),
        )
        yield from _about(
            target,
            ("rdf:type", expanded("void:Dataset")),
            ("dcterms:title", _english(authority.title)),
            ("void:uriSpace", Literal(authority.space)),
        )


def _short(iri: str) -> str:
    """Return a name for an IRI that can be part of one.

    >>> _short("https://w3id.org/rejoinder/ns#Claim"), _short("https://example.org/a b")
    ('rj-Claim', '842ffacff5dd')
    """
    name = namespaces.compact(iri)
    return name.replace(":", "-") if _PREFIXED.fullmatch(name) else hashlib.sha256(iri.encode()).hexdigest()[:12]
