"""The data set described for machines: DCAT, VoID with true counts, and PROV of the build, as one small graph.

Standards: DCAT 3; Describing Linked Datasets with the VoID Vocabulary; PROV-O.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rejoinder import formats, names
from rejoinder.project import Project
from rejoinder.site import census
from rejoinder.site.census import Census
from rejoinder.site.things import expanded
from rejoinder.store import rdf
from rejoinder.store.rdf import Literal, NamedNode, Quad, Term
from rejoinder.store.versions import Manifest

DESCRIPTION: Final = (
    "Human-rights reports as linked data: which State raised which concern, which official asserted which claim, "
    "and which evidence a report sets against it, every statement tied to the words of its source."
)
KEYWORDS: Final = ("human rights", "Universal Periodic Review", "linked data", "claims", "evidence")

_PUBLIC: Final = "http://publications.europa.eu/resource/authority/access-right/PUBLIC"
_ENGLISH: Final = "http://publications.europa.eu/resource/authority/language/ENG"
_MEDIA: Final = "https://www.iana.org/assignments/media-types/"


@dataclass(frozen=True)
class Dump:
    """All data in one file: its path on the site, title, media type, that of its packing, and size in bytes."""

    path: str
    title: str
    media_type: str
    packed: str | None
    size: int


def dumps(folder: Path) -> tuple[Dump, ...]:
    """The files in a folder of exports that hold everything, each described."""
    whole = (
        ("dataset.trig", "All graphs as TriG", formats.TRIG, None),
        ("dataset.nq.gz", "All graphs as N-Quads, packed with gzip", formats.NQUADS, "application/gzip"),
    )
    return tuple(
        Dump(path, title, syntax.media_type, packed, (folder / path).stat().st_size)
        for path, title, syntax, packed in whole
        if (folder / path).is_file()
    )


@dataclass(frozen=True)
class Catalogue:
    """What there is to say about one version of a project's data; `issued` is when the first one was made."""

    project: Project
    manifest: Manifest
    issued: str
    census: Census
    dumps: tuple[Dump, ...]

    def quads(self) -> tuple[Quad, ...]:
        """The description, as the graph of the data set's own document."""
        graph = NamedNode(self.project.base)
        counts = census.described(self.census, self.project.base)
        triples = (*self._dataset(), *self._files(), *self._agents(), *self._graphs(), *counts)
        return rdf.canonical(Quad(NamedNode(s), expanded(p), o, graph) for s, p, o in triples)

    def _dataset(self) -> Iterator[tuple[str, str, Term]]:
        base, created = self.project.base, self.manifest.created
        yield from ((base, "rdf:type", expanded(kind)) for kind in ("dcat:Dataset", "void:Dataset", "schema:Dataset"))
        yield base, "dcterms:title", Literal(self.project.title, language="en")
        yield base, "rdfs:label", Literal(self.project.title, language="en")
        yield base, "dcterms:description", Literal(DESCRIPTION, language="en")
        yield base, "dcterms:identifier", Literal(base)
        yield base, "dcterms:issued", _moment(self.issued)
        yield base, "dcterms:modified", _moment(created)
        yield base, "dcterms:license", NamedNode(self.project.license)
        yield base, "dcterms:accessRights", NamedNode(_PUBLIC)
        yield base, "dcterms:language", NamedNode(_ENGLISH)
        yield base, "dcat:version", Literal(str(self.manifest.number))
        yield from ((base, "dcat:keyword", Literal(word, language="en")) for word in KEYWORDS)
        yield from ((base, f"dcterms:{role}", NamedNode(f"{base}#publisher")) for role in ("creator", "publisher"))
        yield base, "void:uriSpace", Literal(base)
        yield base, "dcat:landingPage", NamedNode(base)
        yield from ((base, "dcterms:conformsTo", NamedNode(iri)) for iri in (names.ONTOLOGY_GRAPH, names.SHAPES_GRAPH))

    def _files(self) -> Iterator[tuple[str, str, Term]]:
        base = self.project.base
        for dump in self.dumps:
            node = f"{base}#{dump.path}"
            yield base, "dcat:distribution", NamedNode(node)
            yield base, "void:dataDump", NamedNode(base + dump.path)
            yield node, "rdf:type", expanded("dcat:Distribution")
            yield node, "rdfs:label", Literal(dump.title, language="en")
            yield node, "dcterms:title", Literal(dump.title, language="en")
            yield node, "dcat:accessURL", NamedNode(base)
            yield node, "dcat:downloadURL", NamedNode(base + dump.path)
            yield node, "dcat:mediaType", NamedNode(_MEDIA + dump.media_type)
            yield node, "dcat:byteSize", Literal(str(dump.size), datatype=NamedNode(names.XSD + "nonNegativeInteger"))
            yield node, "dcterms:license", NamedNode(self.project.license)
            if dump.packed:
                yield node, "dcat:compressFormat", NamedNode(_MEDIA + dump.packed)

    def _agents(self) -> Iterator[tuple[str, str, Term]]:
        base = self.project.base
        publisher, build, program, catalogue = (
            f"{base}#{name}" for name in ("publisher", "build", "program", "catalogue")
        )
        yield publisher, "rdf:type", expanded("foaf:Agent")
        yield publisher, "foaf:name", Literal(self.project.publisher)
        yield base, "prov:wasAttributedTo", NamedNode(publisher)
        yield base, "prov:wasGeneratedBy", NamedNode(build)
        yield build, "rdf:type", expanded("prov:Activity")
        yield build, "rdfs:label", Literal(f"{self.manifest.program}, version {self.manifest.number}", language="en")
        yield build, "prov:endedAtTime", _moment(self.manifest.created)
        yield from ((build, "prov:wasAssociatedWith", NamedNode(agent)) for agent in (publisher, program))
        yield program, "rdf:type", expanded("prov:SoftwareAgent")
        yield program, "rdfs:label", Literal(self.manifest.program, language="en")
        yield catalogue, "rdf:type", expanded("dcat:Catalog")
        yield catalogue, "dcterms:title", Literal(f"{self.project.title}: catalogue", language="en")
        yield catalogue, "dcterms:description", Literal("The one data set of this site.", language="en")
        yield catalogue, "dcterms:publisher", NamedNode(publisher)
        yield catalogue, "dcat:dataset", NamedNode(base)

    def _graphs(self) -> Iterator[tuple[str, str, Term]]:
        for entry in self.manifest.graphs:
            yield self.project.base, "void:subset", NamedNode(entry.iri)
            yield entry.iri, "void:triples", Literal(entry.quads)

    def structured(self) -> dict[str, Any]:
        """The data set as schema.org has it, for the page."""
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


def _moment(text: str) -> Literal:
    return Literal(text, datatype=NamedNode(names.XSD + "dateTime"))
