"""The versions of a data set described for machines: which there are, what each was made of, what came before it.

Standards: DCAT 3 (section 11, versioning), PROV-O, DCMI Metadata Terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from rejoinder import formats, names
from rejoinder.project import Project
from rejoinder.site import told
from rejoinder.site.changes import version_changes
from rejoinder.site.things import expanded
from rejoinder.site.told import Told
from rejoinder.store import rdf
from rejoinder.store.difference import OpenVersion
from rejoinder.store.rdf import Literal, NamedNode, Quad, Term
from rejoinder.store.versions import GraphEntry, Manifest, Version

_MEDIA: Final = "https://www.iana.org/assignments/media-types/"
_MOMENT: Final = NamedNode(names.XSD + "dateTime")

DUMPS: Final = ("dataset.trig", "dataset.nq.gz")
"""The files that hold a whole version."""

Row = tuple[str, str, Term]
"""Subject, property as a prefix and a name, value."""


@dataclass(frozen=True)
class Past:
    """A version on the site, and the one kept before it."""

    project: Project
    version: Version
    before: Version | None

    @property
    def manifest(self) -> Manifest:
        """What the version holds."""
        return self.version.manifest

    @property
    def iri(self) -> str:
        """The IRI of the version."""
        return f"{self.project.base}version/{self.manifest.number}/"

    @property
    def stem(self) -> str:
        """The folder of the version on the site."""
        return f"version/{self.manifest.number}"

    def graph_stem(self, entry: GraphEntry) -> str:
        """Where a graph of the version stands on the site."""
        return f"{self.stem}/{names.graph_path(self.project.base, entry.iri)}"

    @cached_property
    def by_name(self) -> dict[str, GraphEntry]:
        """The graphs of the version by their names in its folder."""
        return {str(names.graph_path(self.project.base, entry.iri)): entry for entry in self.manifest.graphs}

    @property
    def changed(self) -> tuple[str, ...]:
        """The graphs that came, went or changed since the version before, by what the manifests say."""
        then, now = (
            {(entry.iri, entry.content_digest) for entry in version.manifest.graphs} if version else set()
            for version in (self.before, self.version)
        )
        return tuple(sorted({iri for iri, _ in now ^ then}))

    def told(self) -> Told:
        """What changed, in words: those kept with the version's site, or made from the two stores.

        Raises:
            StoreError: there are none, and a store cannot be opened.
        """
        kept = self.version.site_path / self.stem / "changes.json"
        since = self.before.manifest.number if self.before else None
        if kept.is_file():
            try:
                found = told.from_json(kept.read_bytes())
            except ValueError:
                return self._told_anew()
            if found.since == since:
                return found
        return self._told_anew()

    def _told_anew(self) -> Told:
        return told.told(version_changes(*self.opened(), self.project.base, self.project.language))

    def opened(self) -> tuple[OpenVersion | None, OpenVersion]:
        """The version before and the version, to be read.

        Raises:
            StoreError: a store cannot be opened.
        """
        return OpenVersion.of(self.before) if self.before else None, OpenVersion.of(self.version)

    def quads(self) -> tuple[Quad, ...]:
        """The description of the version."""
        return _canonical((*self.rows(), *self._files(), *self._graphs()), self.iri)

    def rows(self) -> Iterator[Row]:
        """What the version is, and which it follows."""
        base, number = self.project.base, self.manifest.number
        yield from ((self.iri, "rdf:type", expanded(kind)) for kind in ("dcat:Dataset", "prov:Entity"))
        yield from _called(self.iri, f"{self.project.title}, version {number}")
        yield self.iri, "dcterms:issued", Literal(self.manifest.created, datatype=_MOMENT)
        yield self.iri, "dcterms:license", NamedNode(self.project.license)
        yield self.iri, "dcterms:publisher", NamedNode(f"{base}#publisher")
        yield self.iri, "dcterms:isVersionOf", NamedNode(base)
        yield self.iri, "dcat:isVersionOf", NamedNode(base)
        yield self.iri, "dcat:version", Literal(str(number))
        if self.before:
            earlier = NamedNode(f"{base}version/{self.before.manifest.number}/")
            yield self.iri, "dcat:previousVersion", earlier
            yield self.iri, "prov:wasRevisionOf", earlier

    def _files(self) -> Iterator[Row]:
        for name, media_type in zip(DUMPS, (formats.TRIG.media_type, "application/gzip"), strict=True):
            node = f"{self.iri}#{name}"
            yield self.iri, "dcat:distribution", NamedNode(node)
            yield node, "rdf:type", expanded("dcat:Distribution")
            yield from _called(node, f"Version {self.manifest.number}: {name}")
            yield node, "dcat:downloadURL", NamedNode(self.iri + name)
            yield node, "dcat:mediaType", NamedNode(_MEDIA + media_type)

    def _graphs(self) -> Iterator[Row]:
        for entry in self.manifest.graphs:
            stem = self.project.base + self.graph_stem(entry)
            yield self.iri, "void:subset", NamedNode(stem)
            yield stem, "dcterms:isVersionOf", NamedNode(entry.iri)
            yield stem, "void:triples", Literal(entry.quads)
            for syntax in (formats.TURTLE, formats.JSONLD):
                yield stem, "void:dataDump", NamedNode(stem + syntax.suffix)


def pasts(project: Project, versions: Sequence[Version]) -> dict[str, Past]:
    """The versions, oldest first, each with the one kept before it, by number."""
    pairs = zip(versions, (None, *versions), strict=False)
    return {str(version.manifest.number): Past(project, version, before) for version, before in pairs}


def all_quads(project: Project, every: Iterable[Past]) -> tuple[Quad, ...]:
    """The versions that there are, as the graph of the page that lists them."""
    iri, found = f"{project.base}version/", tuple(every)
    rows: list[Row] = [*_called(iri, f"{project.title}: versions")]
    for past in found:
        rows += ((project.base, "dcat:hasVersion", NamedNode(past.iri)), *past.rows())
    if found:
        rows.append((project.base, "dcat:hasCurrentVersion", NamedNode(found[-1].iri)))
    return _canonical(rows, iri)


def _called(iri: str, title: str) -> Iterator[Row]:
    yield from ((iri, name, Literal(title, language="en")) for name in ("rdfs:label", "dcterms:title"))


def _canonical(rows: Iterable[Row], graph: str) -> tuple[Quad, ...]:
    return rdf.canonical(Quad(NamedNode(s), expanded(p), o, NamedNode(graph)) for s, p, o in rows)
