"""The data set described for machines: DCAT, VoID with true counts, and PROV of the build, as one small graph.

Standards: DCAT 3; Describing Linked Datasets with the VoID Vocabulary; PROV-O.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from rejoinder import namespaces
from rejoinder.config import Project
from rejoinder.rdf.terms import Literal, NamedNode, Quad
from rejoinder.site import history, statistics
from rejoinder.site.render import ABOUT, Page, alternate_files
from rejoinder.site.resource import expanded
from rejoinder.site.schema_org import kind_iri
from rejoinder.site.statistics import Dump, Row, VoidStatistics, called, graph_of, moment
from rejoinder.versions import Manifest

DESCRIPTION: Final = (
    "Human-rights reports as linked data: which State raised which concern, which official asserted which claim, "
    "and which evidence a report sets against it, every statement tied to the words of its source."
)
KEYWORDS: Final = ("human rights", "Universal Periodic Review", "linked data", "claims", "evidence")

_PUBLIC: Final = "http://publications.europa.eu/resource/authority/access-right/PUBLIC"
_ENGLISH: Final = "http://publications.europa.eu/resource/authority/language/ENG"


@dataclass(frozen=True)
class Catalogue:
    """What there is to say about a project's data: as they are in one version, and which versions are kept.

    `issued` is when the first one was made.
    """

    project: Project
    manifest: Manifest
    issued: str
    statistics: VoidStatistics
    dumps: tuple[Dump, ...]
    versions: tuple[int, ...]

    def quads(self) -> tuple[Quad, ...]:
        """The description, as the graph of the data set's own document."""
        counts = statistics.described(self.statistics, self.project.base)
        own = (*self._dataset(), *self._files(), *self._versions(), *self._agents(), *self._graphs())
        return graph_of((*own, *counts), self.project.base)

    def _dataset(self) -> Iterator[Row]:
        base, created = self.project.base, self.manifest.created
        yield from ((base, "rdf:type", expanded(kind)) for kind in ("dcat:Dataset", "void:Dataset", "schema:Dataset"))
        yield from called(base, self.project.title)
        yield base, "dcterms:description", Literal(DESCRIPTION, language="en")
        yield base, "dcterms:identifier", Literal(base)
        yield base, "dcterms:issued", moment(self.issued)
        yield base, "dcterms:modified", moment(created)
        yield base, "dcterms:license", NamedNode(self.project.license)
        yield base, "dcterms:accessRights", NamedNode(_PUBLIC)
        yield base, "dcterms:language", NamedNode(_ENGLISH)
        yield base, "dcat:version", Literal(str(self.manifest.number))
        yield from ((base, "dcat:keyword", Literal(word, language="en")) for word in KEYWORDS)
        yield from ((base, f"dcterms:{role}", NamedNode(f"{base}#publisher")) for role in ("creator", "publisher"))
        yield base, "void:uriSpace", Literal(base)
        yield base, "dcat:landingPage", NamedNode(base)
        yield from (
            (base, "dcterms:conformsTo", NamedNode(iri)) for iri in (namespaces.ONTOLOGY_GRAPH, namespaces.SHAPES_GRAPH)
        )

    def _files(self) -> Iterator[Row]:
        for dump in self.dumps:
            yield from statistics.describe_distributions(self.project.base, dump, self.project.license)

    def _versions(self) -> Iterator[Row]:
        """Which versions there are, and what the current one is: the data set itself has no build of its own."""
        yield from history.leading(self.project, {*self.versions, self.manifest.number})
        yield from history.version_rows(self.project, self.manifest)

    def _agents(self) -> Iterator[Row]:
        base = self.project.base
        publisher, catalogue = f"{base}#publisher", f"{base}#catalogue"
        yield publisher, "rdf:type", expanded("foaf:Agent")
        yield publisher, "foaf:name", Literal(self.project.publisher)
        yield base, "prov:wasAttributedTo", NamedNode(publisher)
        yield catalogue, "rdf:type", expanded("dcat:Catalog")
        yield catalogue, "dcterms:title", Literal(f"{self.project.title}: catalogue", language="en")
        yield catalogue, "dcterms:description", Literal("The one data set of this site.", language="en")
        yield catalogue, "dcterms:publisher", NamedNode(publisher)
        yield catalogue, "dcat:dataset", NamedNode(base)

    def _graphs(self) -> Iterator[Row]:
        for entry in self.manifest.graphs:
            yield self.project.base, "void:subset", NamedNode(entry.iri)
            yield entry.iri, "rdf:type", expanded("void:Dataset")
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


MEDIA_TYPE: Final = "application/linkset+json"
STEM: Final = "linkset"


def linkset_page(described: Catalogue) -> Page:
    """The links of the data set, and from each of its files back to it."""
    base, project = described.project.base, described.project
    own = {
        "anchor": base,
        "cite-as": [{"href": base}],
        "type": [{"href": kind_iri("Dataset")}, {"href": ABOUT}],
        "license": [{"href": project.license}],
        "author": [{"href": f"{base}#publisher"}],
        "describedby": [{"href": base + path, "type": syntax.media_type} for path, syntax in alternate_files("index")],
        "item": [{"href": base + dump.path, "type": dump.packed or dump.media_type} for dump in described.dumps],
    }
    back = [{"anchor": base + dump.path, "collection": [{"href": base}]} for dump in described.dumps]
    content = json.dumps({"linkset": [own, *back]}, ensure_ascii=False, indent=1)
    return Page(f"{STEM}.json", content.encode(), MEDIA_TYPE)
