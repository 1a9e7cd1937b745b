"""Machine-readable descriptions of the data set and its versions: DCAT, VoID statistics, PROV of each build, a linkset.

Standards: DCAT 3 (section 11: versions) and DCAT-AP 3; Describing Linked Datasets with the VoID Vocabulary (section 4:
statistics and partitions, 5: linksets); PROV-O; DCMI Metadata Terms; RFC 9264 (linksets).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from rejoinder import formats, namespaces
from rejoinder.config import Project
from rejoinder.dossiers import discovery
from rejoinder.formats import Syntax
from rejoinder.lazily import lazy
from rejoinder.messages import N_
from rejoinder.namespaces import LinkedDataset
from rejoinder.rdf import query, terms
from rejoinder.rdf.results import Table
from rejoinder.rdf.terms import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store, Term, Triple
from rejoinder.site.render import ABOUT, Page, alternate_files
from rejoinder.site.resource import expanded
from rejoinder.site.schema_org import kind_iri
from rejoinder.versions import GraphEntry, Manifest

DESCRIPTION: Final = N_(
    "Human-rights documents as linked data: who raised which concern, who asserted which claim, in which proceeding, "
    "and what contradicts, qualifies or supports it, on whose authority. "
    "Every entry leads to the document that it is from."
)
KEYWORDS: Final = ("human rights", "Universal Periodic Review", "linked data", "claims", "evidence")

VOID: Final = ".well-known/void"
LINKSET: Final = "linkset"
LINKSET_TYPE: Final = "application/linkset+json"

RIGHTS: Final = N_(
    "The licence is that of what the editors of this data set wrote. A graph with a licence of its own has that one, "
    "and an imported graph without a licence, such as the records of a database, is under the terms of its source."
)
"""What the licence of the data set does not cover."""

_EU: Final = "http://publications.europa.eu/resource/authority/"
"""The lists of the EU's Publications Office, in which DCAT-AP has the values of several properties."""
_THEMES: Final = {"INTR": "International issues", "JUST": "Justice, legal system and public safety"}
_FILE_TYPES: Final = {
    formats.TRIG: "RDF_TRIG",
    formats.NQUADS: "RDF_N_QUADS",
    formats.TURTLE: "RDF_TURTLE",
    formats.NTRIPLES: "RDF_N_TRIPLES",
}

_RANGES: Final = {
    "dcat:compressFormat": "dcterms:MediaType",
    "dcat:mediaType": "dcterms:MediaType",
    "dcterms:accessRights": "dcterms:RightsStatement",
    "dcterms:conformsTo": "dcterms:Standard",
    "dcterms:format": "dcterms:MediaTypeOrExtent",
    "dcterms:language": "dcterms:LinguisticSystem",
    "dcterms:license": "dcterms:LicenseDocument",
    "foaf:homepage": "foaf:Document",
    "dcat:landingPage": "foaf:Document",
}
"""The classes of values that others define. The shapes of DCAT-AP want them stated, as they load nothing else."""

_PUBLIC: Final = NamedNode(f"{_EU}access-right/PUBLIC")
_ENGLISH: Final = NamedNode(f"{_EU}language/ENG")
_DATE_TIME: Final = NamedNode(namespaces.XSD + "dateTime")
_NUMBER: Final = NamedNode(namespaces.XSD + "nonNegativeInteger")
_PREFIXED: Final = re.compile(r"\w+:[\w.-]+", re.ASCII)

_COUNTS: Final = """SELECT (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?subjects) (COUNT(DISTINCT ?o) AS ?objects)
WHERE { ?s ?p ?o }"""
_CLASSES: Final = "SELECT ?class (COUNT(DISTINCT ?s) AS ?number) WHERE { ?s a ?class } GROUP BY ?class"
_PERIOD: Final = """PREFIX rj: <https://w3id.org/rejoinder/ns#>
SELECT (MIN(?first) AS ?start) (MAX(?day) AS ?end) WHERE { ?it rj:earliest ?first ; rj:earliest|rj:latest ?day }"""
_PROPERTIES: Final = "SELECT ?property (COUNT(*) AS ?number) WHERE { ?s ?property ?o } GROUP BY ?property"

_VOCABULARIES: Final = (namespaces.ONTOLOGY_GRAPH, namespaces.SHAPES_GRAPH)

Row = tuple[str, str, Term]
"""A subject's IRI, a property as prefix:name, and a value."""


@dataclass(frozen=True)
class Dump:
    """A file with all data: its name, title, syntax, and size in bytes if it exists."""

    path: str
    title: str
    syntax: Syntax
    size: int | None = None

    @property
    def media_type(self) -> str:
        """The media type of its content."""
        return self.syntax.media_type

    @property
    def packed(self) -> str | None:
        """The media type of its compression, if it is compressed."""
        return "application/gzip" if self.path.endswith(".gz") else None

    @property
    def suffix(self) -> str:
        """The end of its name, after `dataset`."""
        return self.path.removeprefix("dataset")


DUMPS: Final = (
    Dump("dataset.trig", N_("All graphs as TriG"), formats.TRIG),
    Dump("dataset.nq.gz", N_("All graphs as N-Quads, compressed with gzip"), formats.NQUADS),
    Dump("dataset.ttl", N_("The statements of all graphs as one graph, in Turtle"), formats.TURTLE),
    Dump(
        "dataset.nt.gz",
        N_("The statements of all graphs as one graph, in N-Triples, compressed with gzip"),
        formats.NTRIPLES,
    ),
)
"""The files with all data. Programs that do not know named graphs need the ones without."""


@dataclass(frozen=True)
class Counts:
    """Numbers of the union of all graphs: instances of each class and statements with each property, by IRI.

    `subjects` and `objects` are how many different ones there are. It can be written as JSON.
    """

    triples: int
    subjects: int
    objects: int
    classes: Mapping[str, int]
    properties: Mapping[str, int]

    @classmethod
    def of(cls, store: Store) -> Counts:
        """Count what is in a store.

        Raises:
            QueryError: a count takes too long, or too much memory.
        """
        triples, subjects, objects = (int(terms.text(number)) for number in query.only_row(store, _COUNTS))
        return cls(triples, subjects, objects, _counts(store, _CLASSES), _counts(store, _PROPERTIES))

    def after(self, changed: Iterable[Quad], was: Store, now: Store) -> Counts:
        """Return the numbers of the store `now`, if these are of `was`; `changed` are all statements that differ.

        To count all takes five seconds of processor for four million statements.
        """
        classes, properties = Counter(self.classes), Counter(self.properties)
        subjects: dict[Term, int] = {}
        objects: dict[Term, int] = {}
        triples = self.triples
        # A statement that one graph lost may still be in another.
        for quad in {Quad(it.subject, it.predicate, it.object, DefaultGraph()) for it in changed}:
            if step := (quad in now) - (quad in was):
                triples += step
                properties[quad.predicate.value] += step
                if quad.predicate == expanded("rdf:type"):
                    classes[terms.text(quad.object)] += step
                subjects[quad.subject] = _has(now, quad.subject, None) - _has(was, quad.subject, None)
                objects[quad.object] = _has(now, None, quad.object) - _has(was, None, quad.object)
        return Counts(
            triples,
            self.subjects + sum(subjects.values()),
            self.objects + sum(objects.values()),
            *({iri: number for iri, number in sorted(counted.items()) if number} for counted in (classes, properties)),
        )


def _has(store: Store, subject: NamedNode | BlankNode | Triple | None, value: Term | None) -> bool:
    return any(True for _ in store.quads_for_pattern(subject, None, value, DefaultGraph()))


@dataclass(frozen=True)
class VoidStatistics:
    """VoID statistics of the union of all graphs.

    `links` are the mappings to outside authorities, by authority and mapping property; `period` are the first and the
    last day that an entry has.
    """

    counts: Counts
    links: Mapping[tuple[LinkedDataset, str], int]
    period: tuple[Term, ...]


@dataclass(frozen=True)
class Catalogue:
    """The catalogue entry of a project's data: one version of them, and the list of versions kept.

    `issued` is when the first version was made; `counts` are None if nobody has counted yet.
    """

    project: Project
    store: Store
    manifest: Manifest
    issued: str
    dumps: tuple[Dump, ...]
    versions: tuple[int, ...]
    counts: Counts | None = None

    @lazy
    def statistics(self) -> VoidStatistics:
        """Return the VoID statistics, counted once for all files that contain them."""
        return void_statistics(self.store, self.counts)

    def quads(self) -> tuple[Quad, ...]:
        """Return the description, as the graph of the data set's own document."""
        project, base = self.project, self.project.base
        rows = [*_dataset_rows(project, self.manifest), *void_rows(self.statistics, base)]
        rows.append((base, "dcterms:issued", _moment(self.issued)))
        rows += (row for dump in self.dumps for row in distribution_rows(base, dump, project.license))
        rows += leading_rows(project, {*self.versions, self.manifest.number})
        rows += graph_rows(project, self.manifest)
        return graph_of(rows, base)

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


def summary_rows(project: Project) -> Iterator[Row]:
    """Yield what each document says of the data set, so that it can be read alone: name, description and publisher."""
    # The publisher has an IRI of its own, so that nothing is its own creator.
    base, publisher = project.base, f"{project.base}#publisher"
    yield from _types(base, "dcat:Dataset", "void:Dataset", "schema:Dataset")
    yield from title_rows(base, project.title)
    yield from _about(base, ("dcterms:description", _english(DESCRIPTION)), ("dcterms:publisher", NamedNode(publisher)))
    yield from _about(publisher, ("rdf:type", expanded("foaf:Agent")), ("foaf:name", Literal(project.publisher)))


def meta_quads(project: Project, manifest: Manifest) -> tuple[Quad, ...]:
    """Return the graph that describes the data set and its other graphs, for whoever has the store or a dump alone.

    It has no counts of the whole and no sizes of files, because it is a part of both. It depends only on the settings
    and the manifest, so it changes only if another graph does.
    """
    graph = project.base + namespaces.META
    dumps = (row for dump in DUMPS for row in distribution_rows(project.base, dump, project.license))
    title = title_rows(graph, f"{project.title}: description")
    licence = (graph, "dcterms:license", NamedNode(project.license))
    renamed = (
        (project.base + old, "dcterms:isReplacedBy", NamedNode(project.base + new)) for old, new in project.moved if new
    )
    rows = (*title, licence, *_dataset_rows(project, manifest), *dumps, *graph_rows(project, manifest), *renamed)
    return graph_of(rows, graph)


def _dataset_rows(project: Project, manifest: Manifest) -> Iterator[Row]:
    """Yield the description of the data set, its catalogue and its current version, without its files and counts."""
    base = project.base
    publisher, catalogue, contact, page = (
        f"{base}#publisher",
        f"{base}#catalogue",
        f"{base}#contact",
        NamedNode(base),
    )
    shared: tuple[tuple[str, Term], ...] = (
        ("dcterms:modified", _moment(manifest.created)),
        ("dcterms:license", NamedNode(project.license)),
        ("dcterms:language", _ENGLISH),
        ("dcterms:publisher", NamedNode(publisher)),
    )
    yield from summary_rows(project)
    yield from _about(
        base,
        *shared,
        ("dcterms:identifier", Literal(base)),
        ("dcterms:accessRights", _PUBLIC),
        ("dcterms:creator", NamedNode(publisher)),
        ("dcterms:conformsTo", NamedNode(namespaces.ONTOLOGY_GRAPH)),
        ("dcterms:conformsTo", NamedNode(namespaces.SHAPES_GRAPH)),
        ("dcat:version", Literal(str(manifest.number))),
        ("dcat:landingPage", page),
        ("dcat:contactPoint", NamedNode(contact)),
        ("void:uriSpace", Literal(base)),
        ("prov:wasAttributedTo", NamedNode(publisher)),
        *(("dcat:keyword", _english(word)) for word in KEYWORDS),
        *(("dcat:theme", NamedNode(f"{_EU}data-theme/{code}")) for code in _THEMES),
    )
    for code, label in _THEMES.items():
        yield from _types(f"{_EU}data-theme/{code}", "skos:Concept")
        yield f"{_EU}data-theme/{code}", "skos:prefLabel", _english(label)
    yield from _types(contact, "vcard:Kind", "vcard:Organization")
    yield from _about(contact, ("vcard:fn", Literal(project.publisher)), ("vcard:hasURL", page))
    yield from _types(catalogue, "dcat:Catalog")
    yield from title_rows(catalogue, f"{project.title}: catalogue")
    yield from _about(
        catalogue,
        *shared,
        ("dcterms:description", _english("The one data set of this site.")),
        ("foaf:homepage", page),
        ("dcat:dataset", NamedNode(base)),
    )
    yield from _rights_rows(project, manifest)
    yield from _endpoint_rows(project)
    yield from version_rows(project, manifest)  # the data set itself has no build of its own


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
    return tuple(
        replace(dump, size=(folder / dump.path).stat().st_size) if (folder / dump.path).is_file() else dump
        for dump in DUMPS
    )


def dumps(folder: Path) -> tuple[Dump, ...]:
    """Return the dumps in a folder of exports."""
    return tuple(dump for dump in expected_dumps(folder) if dump.size is not None)


def graph_rows(project: Project, manifest: Manifest) -> Iterator[Row]:
    """Yield a description of each named graph: its number of statements, its source, licence, and last change.

    The licence of the project is that of the program's own graphs and of what its editors write in YAML. Turtle, such
    as that of an import, and mapping files may be the work of others, so they state their licence themselves, or none.
    """
    base = project.base
    for entry in manifest.graphs:
        yield base, "void:subset", NamedNode(entry.iri)
        yield from _about(entry.iri, ("rdf:type", expanded("void:Dataset")), ("void:triples", Literal(entry.quads)))
        if entry.iri in _VOCABULARIES:  # each says by itself under which licence it is, and since when
            continue
        if entry.modified:
            yield entry.iri, "dcterms:modified", _moment(entry.modified)
        yield entry.iri, "dcterms:isPartOf", NamedNode(base)
        if not _may_be_of_others(entry):
            yield entry.iri, "dcterms:license", NamedNode(project.license)
        if entry.source:
            # The name alone of a file outside the project: its folder says something about somebody's machine.
            name = Path(entry.source).name if Path(entry.source).is_absolute() else entry.source
            file = f"{base}{namespaces.META}#{quote(name, safe='/')}"
            yield entry.iri, "prov:wasDerivedFrom", NamedNode(file)
            yield from _about(file, ("rdf:type", expanded("prov:Entity")), ("dcterms:identifier", Literal(name)))


def _may_be_of_others(entry: GraphEntry) -> bool:
    return bool(entry.source) and not entry.source.lower().endswith(discovery.YAML_SUFFIXES)


def _rights_rows(project: Project, manifest: Manifest) -> Iterator[Row]:
    """Yield what the licence of the data set does not cover, if there may be something."""
    if any(map(_may_be_of_others, manifest.graphs)):
        rights = f"{project.base}#rights"
        yield project.base, "dcterms:rights", NamedNode(rights)
        yield from _types(rights, "dcterms:RightsStatement")
        yield rights, "rdfs:label", _english(RIGHTS)


def graph_of(rows: Iterable[Row], graph: str) -> tuple[Quad, ...]:
    """Return the rows as statements of a named graph, in canonical order, with the classes of values of others."""
    known = list(rows)
    classes = ((terms.text(value), "rdf:type", expanded(_RANGES[name])) for _, name, value in known if name in _RANGES)
    return terms.canonical(Quad(NamedNode(s), expanded(p), o, NamedNode(graph)) for s, p, o in (*known, *classes))


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
    versions = {number: NamedNode(version_iri(project, number)) for number in sorted(numbers)}
    for number, version in versions.items():
        yield project.base, "dcat:hasVersion", version
        yield from _version_summary_rows(project, number)
    yield from ((project.base, "dcat:hasCurrentVersion", version) for version in list(versions.values())[-1:])


def _version_summary_rows(project: Project, number: int) -> Iterator[Row]:
    """Yield what a version is, without what only its manifest tells."""
    iri = version_iri(project, number)
    yield from _types(iri, "dcat:Dataset", "void:Dataset", "prov:Entity")
    yield from title_rows(iri, f"{project.title}, version {number}")
    yield iri, "dcterms:description", _english(f"All data as they were in version {number}. {DESCRIPTION}")


def version_rows(project: Project, manifest: Manifest) -> Iterator[Row]:
    """Yield the description of a version: its predecessor, and the build and program that made it."""
    iri = version_iri(project, manifest.number)
    publisher, build, program = f"{project.base}#publisher", f"{iri}#build", f"{iri}#program"
    yield from _version_summary_rows(project, manifest.number)
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
        ("dcterms:description", _english(f"{dump.title}.")),
        ("dcterms:format", NamedNode(f"{_EU}file-type/{_FILE_TYPES[dump.syntax]}")),
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


def void_statistics(store: Store, counts: Counts | None = None) -> VoidStatistics:
    """Return the VoID statistics of a store; its statements are counted unless the `counts` are known.

    Raises:
        QueryError: a count takes too long, or too much memory.
    """
    links: Counter[tuple[LinkedDataset, str]] = Counter()
    for mapping in namespaces.MAPPINGS:
        for quad in store.quads_for_pattern(None, NamedNode(mapping), None, DefaultGraph()):
            target = terms.text(quad.object)
            links.update((each, mapping) for each in namespaces.LINKED_DATASETS if target.startswith(each.space))
    ends = query.query(store, _PERIOD)
    period = tuple(day for row in ends.rows for day in row if day) if isinstance(ends, Table) else ()
    return VoidStatistics(counts or Counts.of(store), links, period)


def _counts(store: Store, select: str) -> dict[str, int]:
    """Return the counts by IRI that a query returns, sorted by IRI."""
    answer = query.query(store, select)
    rows = answer.rows if isinstance(answer, Table) else ()
    return dict(sorted((terms.text(iri), int(terms.text(number))) for iri, number in rows if iri and number))


def void_rows(statistics: VoidStatistics, base: str) -> Iterator[Row]:
    """Yield the VoID description of the data set at `base`."""
    # Only vocabularies in use, because VoID describes the data, not the program.
    counts = statistics.counts
    used = {*counts.classes, *counts.properties}
    known = {namespaces.RJ, namespaces.SHAPES, *namespaces.REGISTERED}
    vocabularies = [space for space in known if any(term.startswith(space) for term in used)]
    yield from _about(
        base,
        ("void:triples", Literal(counts.triples)),
        ("void:distinctSubjects", Literal(counts.subjects)),
        ("void:distinctObjects", Literal(counts.objects)),
        ("void:properties", Literal(len(counts.properties))),
        ("void:classes", Literal(len(counts.classes))),
        *(("void:vocabulary", NamedNode(space)) for space in vocabularies),
    )
    for start, end in zip(statistics.period[::2], statistics.period[1::2], strict=True):
        yield base, "dcterms:temporal", NamedNode(f"{base}#period")
        yield from _types(f"{base}#period", "dcterms:PeriodOfTime")
        yield from _about(f"{base}#period", ("dcat:startDate", start), ("dcat:endDate", end))
    for kind, counted, numbers in (
        ("class", "void:entities", counts.classes),
        ("property", "void:triples", counts.properties),
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
