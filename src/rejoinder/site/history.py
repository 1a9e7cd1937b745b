"""The versions of a data set described for machines: which there are, what each was made of, what came before it.

Standards: DCAT 3 (section 11, versioning), PROV-O, DCMI Metadata Terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rejoinder import formats, names
from rejoinder.lazily import lazy
from rejoinder.project import Project
from rejoinder.site import distributions, told
from rejoinder.site.changes import version_changes
from rejoinder.site.distributions import Dump
from rejoinder.site.rows import Row, called, graph_of, moment
from rejoinder.site.things import expanded
from rejoinder.site.told import Told
from rejoinder.store.difference import OpenVersion
from rejoinder.store.rdf import Literal, NamedNode, Quad
from rejoinder.store.versions import GraphEntry, Manifest, Version


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
        return version_iri(self.project, self.manifest.number)

    @property
    def entry_iri(self) -> str:
        """The identifier of its entry in the feed: no other version ever has it, even if numbers begin again."""
        return f"{self.iri}#{self.manifest.created}"

    @property
    def is_complete(self) -> bool:
        """Whether the version that it was made from is still kept, so that what changed can be told for good."""
        return (self.before.manifest.number if self.before else None) == self.manifest.predecessor

    @property
    def stem(self) -> str:
        """The folder of the version on the site."""
        return f"version/{self.manifest.number}"

    def graph_stem(self, entry: GraphEntry) -> str:
        """Where a graph of the version stands on the site."""
        return f"{self.stem}/{names.graph_path(self.project.base, entry.iri)}"

    @lazy
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

    @lazy
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

    def quads(self, dumps: Iterable[Dump]) -> tuple[Quad, ...]:
        """The description of the version, which does not depend on what other versions are kept."""
        files = (row for dump in dumps for row in distributions.described(self.iri, dump, self.project.license))
        return graph_of((*version_rows(self.project, self.manifest), *files, *self._graphs()), self.iri)

    def _graphs(self) -> Iterator[Row]:
        for entry in self.manifest.graphs:
            stem = self.project.base + self.graph_stem(entry)
            yield self.iri, "void:subset", NamedNode(stem)
            yield stem, "rdf:type", expanded("void:Dataset")
            yield stem, "dcterms:isVersionOf", NamedNode(entry.iri)
            yield stem, "void:triples", Literal(entry.quads)
            for syntax in (formats.TURTLE, formats.JSONLD):
                yield stem, "void:dataDump", NamedNode(stem + syntax.suffix)


def version_iri(project: Project, number: int) -> str:
    """The IRI of a version."""
    return f"{project.base}version/{number}/"


def version_rows(project: Project, manifest: Manifest) -> Iterator[Row]:
    """What a version is, which it follows, and the build that made it."""
    iri, number = version_iri(project, manifest.number), manifest.number
    yield from ((iri, "rdf:type", expanded(kind)) for kind in ("dcat:Dataset", "void:Dataset", "prov:Entity"))
    yield from called(iri, f"{project.title}, version {number}")
    yield iri, "dcterms:issued", moment(manifest.created)
    yield iri, "dcterms:license", NamedNode(project.license)
    yield iri, "dcterms:publisher", NamedNode(f"{project.base}#publisher")
    for name in ("dcterms:isVersionOf", "dcat:isVersionOf", "prov:specializationOf"):
        yield iri, name, NamedNode(project.base)
    yield iri, "dcat:version", Literal(str(number))
    if manifest.predecessor:
        earlier = NamedNode(version_iri(project, manifest.predecessor))
        yield from ((iri, name, earlier) for name in ("dcat:previousVersion", "prov:wasRevisionOf"))
    yield from _build(project, manifest, iri)


def _build(project: Project, manifest: Manifest, iri: str) -> Iterator[Row]:
    """The build as an activity of its own: each version has another, by the program as it was then."""
    build, program = f"{iri}#build", f"{iri}#program"
    yield iri, "prov:wasGeneratedBy", NamedNode(build)
    yield build, "rdf:type", expanded("prov:Activity")
    yield build, "rdfs:label", Literal(f"{manifest.program}, version {manifest.number}", language="en")
    yield build, "prov:endedAtTime", moment(manifest.created)
    yield from ((build, "prov:wasAssociatedWith", NamedNode(it)) for it in (f"{project.base}#publisher", program))
    yield program, "rdf:type", expanded("prov:SoftwareAgent")
    yield program, "rdfs:label", Literal(manifest.program, language="en")


def leading(project: Project, numbers: Iterable[int]) -> Iterator[Row]:
    """From the data set to its versions, the last of which is the current one."""
    last = None
    for last in sorted(numbers):
        yield project.base, "dcat:hasVersion", NamedNode(version_iri(project, last))
    if last:
        yield project.base, "dcat:hasCurrentVersion", NamedNode(version_iri(project, last))


def pasts(project: Project, versions: Sequence[Version]) -> dict[str, Past]:
    """The versions, oldest first, each with the one kept before it, by number."""
    pairs = zip(versions, (None, *versions), strict=False)
    return {str(version.manifest.number): Past(project, version, before) for version, before in pairs}


def all_quads(project: Project, every: Iterable[Past]) -> tuple[Quad, ...]:
    """The versions that there are, as the graph of the page that lists them."""
    iri, found = f"{project.base}version/", [past.manifest for past in every]
    rows = [row for manifest in found for row in version_rows(project, manifest)]
    title = called(iri, f"{project.title}: versions")
    return graph_of((*title, *leading(project, (manifest.number for manifest in found)), *rows), iri)
