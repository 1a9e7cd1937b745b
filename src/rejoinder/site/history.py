"""The version history: list, pages, descriptions for machines, and the Atom feed of the changes.

Standards: DCAT 3 (section 11, versioning), PROV-O, DCMI Metadata Terms; RFC 4287 (Atom).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from rejoinder import formats, messages, namespaces
from rejoinder.config import Project
from rejoinder.lazily import lazy
from rejoinder.rdf.terms import Literal, NamedNode, Quad
from rejoinder.site import changes, metadata
from rejoinder.site.changes import ChangeSummary, version_changes
from rejoinder.site.metadata import Dump, Row
from rejoinder.site.render import Page, PageMetadata, Renderer
from rejoinder.site.resource import expanded
from rejoinder.site.schema_org import kind_iri
from rejoinder.versions import GraphEntry, Manifest, OpenVersion, Version

FEED: Final = "feed"
"""The path of the feed, without its suffix."""
_FEED_MEDIA_TYPE: Final = "application/atom+xml"
_ENTRIES: Final = 20
"""The most versions in the feed."""
_SENTENCES: Final = 50
"""The most sentences on the changes of a version; its page has the others."""


@dataclass(frozen=True)
class VersionEntry:
    """A version on the site, and the last one kept before it."""

    project: Project
    version: Version
    before: Version | None

    @property
    def manifest(self) -> Manifest:
        """The manifest of the version: its number, time and graphs."""
        return self.version.manifest

    @property
    def iri(self) -> str:
        """The IRI of the version."""
        return metadata.version_iri(self.project, self.manifest.number)

    @property
    def entry_iri(self) -> str:
        """The identifier of its entry in the feed, unique even if version numbers begin again."""
        return f"{self.iri}#{self.manifest.created}"

    @property
    def is_complete(self) -> bool:
        """Return whether the version that it was made from is still kept, so that its list of changes is final."""
        return (self.before.manifest.number if self.before else None) == self.manifest.predecessor

    @property
    def stem(self) -> str:
        """The folder of the version on the site."""
        return f"version/{self.manifest.number}"

    def graph_stem(self, entry: GraphEntry) -> str:
        """Return the stem of a graph of the version."""
        return f"{self.stem}/{namespaces.graph_path(self.project.base, entry.iri)}"

    @lazy
    def by_name(self) -> dict[str, GraphEntry]:
        """Return the graphs of the version by their names in its folder."""
        return {str(namespaces.graph_path(self.project.base, entry.iri)): entry for entry in self.manifest.graphs}

    @property
    def changed(self) -> tuple[str, ...]:
        """The graphs that were added, removed or changed since the version before, without their description."""
        before = self.before.manifest if self.before else None
        return tuple(sorted(self.version.manifest.differing(before) - {self.project.base + namespaces.META}))

    @lazy
    def change_summary(self) -> ChangeSummary:
        """Return the changes in sentences, as stored with the version's site or made from the two stores.

        Raises:
            StoreError: there are none, and a store cannot be opened.
        """
        since = self.before.manifest.number if self.before else None
        # Reading the stored sentences is much faster than comparing the two stores again. If the version before was
        # removed, only the newest site has the changes since the one before that.
        for site in (self.version.site_path, self.version.published_site):
            kept = site / self.stem / "changes.json"
            if kept.is_file():
                with suppress(ValueError):
                    found = changes.from_json(kept.read_bytes())
                    if found["since"] == since:
                        return found
        words = messages.of_language(self.project.language, self.project.root)
        return changes.summarise(version_changes(*self.opened(), self.project.base, self.project.language), words)

    def opened(self) -> tuple[OpenVersion | None, OpenVersion]:
        """Return the version before and the version, opened for reading.

        Raises:
            StoreError: a store cannot be opened.
        """
        return OpenVersion.of(self.before) if self.before else None, OpenVersion.of(self.version)

    def quads(self, dumps: Iterable[Dump]) -> tuple[Quad, ...]:
        """Return the description of the version, which does not depend on what other versions are kept."""
        files = (row for dump in dumps for row in metadata.distribution_rows(self.iri, dump, self.project.license))
        own = metadata.version_rows(self.project, self.manifest)
        rows = (*metadata.summary_rows(self.project), *own, *files, *self._graphs())
        return metadata.graph_of(rows, self.iri)

    def _graphs(self) -> Iterator[Row]:
        for entry in self.manifest.graphs:
            stem = self.project.base + self.graph_stem(entry)
            yield self.iri, "void:subset", NamedNode(stem)
            yield stem, "rdf:type", expanded("void:Dataset")
            yield stem, "dcterms:isVersionOf", NamedNode(entry.iri)
            yield stem, "void:triples", Literal(entry.quads)
            for syntax in (formats.TURTLE, formats.JSONLD):
                yield stem, "void:dataDump", NamedNode(stem + syntax.suffix)


def entries_by_number(project: Project, versions: Sequence[Version]) -> dict[str, VersionEntry]:
    """Return the versions by number, oldest first, each with the one kept before it."""
    pairs = zip(versions, (None, *versions), strict=False)
    return {str(version.manifest.number): VersionEntry(project, version, before) for version, before in pairs}


def all_quads(project: Project, every: Iterable[VersionEntry]) -> tuple[Quad, ...]:
    """Return the description of the versions, as the graph of the page that lists them."""
    iri, found = f"{project.base}version/", [version_entry.manifest for version_entry in every]
    rows = [row for manifest in found for row in metadata.version_rows(project, manifest)]
    title = metadata.title_rows(iri, f"{project.title}: versions")
    leading = metadata.leading_rows(project, (manifest.number for manifest in found))
    return metadata.graph_of((*metadata.summary_rows(project), *title, *leading, *rows), iri)


def list_page(renderer: Renderer, version_entries: Sequence[VersionEntry]) -> Page:
    """Return the page that lists the versions, newest first."""
    iri, title = f"{renderer.project.base}version/", renderer.words.gettext("Versions")
    head = PageMetadata(
        title=title,
        description=renderer.words.gettext(
            "Every version of %(site)s that is kept, with its data as they were.", site=renderer.project.title
        ),
        iri=iri,
        kind=kind_iri("CollectionPage"),
        structured={"@context": "https://schema.org", "@type": "CollectionPage", "@id": iri, "name": title},
        alternates="version/index",
    )
    return renderer.page(
        "versions.html",
        "version/index.html",
        head,
        version_entries=version_entries[::-1],
        first=version_entries[0] if version_entries else None,
    )


def version_page(renderer: Renderer, version_entry: VersionEntry) -> Page:
    """Return the page of a version: changes since the one before, and its data."""
    path, number = f"{version_entry.stem}/index.html", version_entry.manifest.number
    gettext = renderer.words.gettext
    head = PageMetadata(
        title=gettext("Version %(number)s", number=str(number)),
        description=gettext(
            "Version %(number)s of %(site)s: what changed, and the data as they were.",
            number=str(number),
            site=renderer.project.title,
        ),
        iri=version_entry.iri,
        kind=kind_iri("Dataset"),
        structured={
            "@context": "https://schema.org",
            "@type": "Dataset",
            "@id": version_entry.iri,
            "name": f"{renderer.project.title}, version {number}",
            "description": f"What {renderer.project.title} said in version {number}.",
            "version": str(number),
            "datePublished": version_entry.manifest.created,
            "license": renderer.project.license,
            "creator": {"@type": "Organization", "name": renderer.project.publisher},
            "isPartOf": {"@type": "Dataset", "@id": renderer.project.base, "name": renderer.project.title},
        },
        alternates=f"{version_entry.stem}/index",
    )
    entries = [
        (renderer.reader.resource(entry.iri), version_entry.graph_stem(entry), entry)
        for entry in version_entry.manifest.graphs
    ]
    found = version_entry.change_summary
    said = (part for graph in found["graphs"] for words in (graph["heading"], *graph["sentences"]) for part in words)
    known = {part["iri"] for part in said if not isinstance(part, str) and "iri" in part}
    return renderer.page(
        "version.html",
        path,
        head,
        version_entry=version_entry,
        changes=found,
        entries=entries,
        dumps=metadata.DUMPS,
        here_still={iri for iri in known if renderer.reader.resource(iri).types},
    )


def feed(renderer: Renderer, version_entries: Sequence[VersionEntry], updated: str) -> Page:
    """Return the Atom feed, last changed at `updated`: an entry for each of the newest versions."""
    entries = [(entry, *_feed_entry(entry.change_summary)) for entry in reversed(version_entries[-_ENTRIES:])]
    return renderer.document("feed.xml", f"{FEED}.xml", _FEED_MEDIA_TYPE, entries=entries, updated=updated)


def _feed_entry(found: ChangeSummary) -> tuple[str, list[tuple[str, list[str]]], int]:
    """Return the changes as text: one sentence, a limited number of sentences by graph, and the number left out."""
    room, shown = _SENTENCES, []
    for graph in found["graphs"]:
        first = graph["sentences"][:room]
        room -= len(first)
        shown.append((changes.text(graph["heading"]), [changes.text(sentence) for sentence in first]))
    total = sum(len(graph["sentences"]) + graph["more"] for graph in found["graphs"])
    return found["summary"], shown, total - (_SENTENCES - room)
