"""A version opened for making its site, with the data that its pages share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rejoinder import question, versions
from rejoinder.config import Project
from rejoinder.disk import package_file
from rejoinder.lazily import lazy
from rejoinder.question import Question
from rejoinder.rdf.jsonld import Context, read_context
from rejoinder.rdf.terms import Store
from rejoinder.site import history, home_page, metadata, question_page, reads, search, static
from rejoinder.site.citation import Edition
from rejoinder.site.entities import Entities
from rejoinder.site.history import VersionEntry
from rejoinder.site.home_page import HomeContents
from rejoinder.site.lists import Lists
from rejoinder.site.metadata import Catalogue, Dump
from rejoinder.site.reads import MadePart
from rejoinder.site.render import Page, Renderer
from rejoinder.site.resource import GraphReader
from rejoinder.versions import Manifest, Version


@dataclass(frozen=True)
class Snapshot:
    """The data from which the pages of a version are made.

    `issued` is when the first version was made; `export` is the folder of exported files. `found` is what parts of the
    site found when they were made, by the name of the part: of a question, whether it has any row; of the start page,
    its contents; of the description of the data set, its counts. `site` is the folder of the version's site, which may
    not exist.
    """

    project: Project
    context: Context
    questions: Mapping[str, Question]
    store: Store
    manifest: Manifest
    issued: str
    export: Path | None = None
    found: dict[str, Any] = field(default_factory=dict)
    site: Path | None = None

    @lazy
    def renderer(self) -> Renderer:
        """Return the renderer of the version's pages."""
        return Renderer(
            self.project, GraphReader(self.store, self.project.base, self.project.language), static.available()
        )

    @lazy
    def dumps(self) -> tuple[Dump, ...]:
        """Return the files with all data, if there are any."""
        return metadata.dumps(self.export) if self.export else ()

    @lazy
    def entities(self) -> Entities:
        """Return what is said by, with and about things, read once for all pages."""
        return Entities(self.renderer.reader)

    @lazy
    def version_entries(self) -> Mapping[str, VersionEntry]:
        """Return the versions kept up to this one, by number, oldest first."""
        # A server may still serve an older version; versions after that are not part of its site.
        kept = versions.kept(self.project.build)
        return history.entries_by_number(
            self.project,
            [version_entry for version_entry in kept if version_entry.manifest.number <= self.manifest.number],
        )

    @lazy
    def editions(self) -> Mapping[str, Edition]:
        """Return for each graph the version in which it became what it is now, for citations."""
        found: dict[str, tuple[str, Edition]] = {}
        for manifest in (*(entry.manifest for entry in self.version_entries.values()), self.manifest):
            for graph in manifest.graphs:
                if graph.iri not in found or found[graph.iri][0] != graph.content_digest:
                    found[graph.iri] = graph.content_digest, Edition(manifest.number, manifest.created[:10])
        return {iri: edition for iri, (_, edition) in found.items()}

    @lazy
    def edition(self) -> Edition | None:
        """Return the version in which the data became what they are now, for citations of what many graphs say."""
        return max(self.editions.values(), key=lambda it: it.number, default=None)

    def edition_of(self, name: str) -> Edition | None:
        """Return the version for which a question was asked last: a later one that has the same answer is not cited."""
        made = self._asked.get(f"question/{name}")
        return Edition(*made.edition) if made else self.edition

    @lazy
    def _asked(self) -> Mapping[str, MadePart]:
        return reads.load(self.site, "question/") if self.site else {}

    @lazy
    def catalogue(self) -> Catalogue:
        """Return the machine-readable description of the data set."""
        numbers = tuple(map(int, self.version_entries))
        known = self.found.get(metadata.VOID)
        counts = metadata.Counts(**known) if known else None
        return Catalogue(self.project, self.store, self.manifest, self.issued, self.dumps, numbers, counts)

    @lazy
    def answered(self) -> Mapping[str, Question]:
        """Return the questions that have an answer in these data, by name; the others are not listed."""

        def has_rows(name: str) -> bool:
            known: bool | None = self.found.get(f"question/{name}")
            return question_page.is_answered(self.store, self.questions[name], base) if known is None else known

        base = self.project.base
        return {name: it for name, it in self.questions.items() if has_rows(name)}

    @lazy
    def home(self) -> HomeContents:
        """Return what the start page shows of the data."""
        known = self.found.get(home_page.STEM)
        return HomeContents(**known) if known else home_page.home_contents(self.entities)

    @lazy
    def search_index(self) -> Mapping[str, Page]:
        """Return the files of the index that the search page reads, by path."""
        return {page.path: page for page in search.index_files(self.renderer, self.questions)}

    @lazy
    def lists(self) -> Lists:
        """Return the lists of claims, evidence and recommendations."""
        return Lists(self.renderer)

    @lazy
    def graphs(self) -> Mapping[str, str]:
        """Return the stem of each named graph, with the graph's IRI."""
        return {stem: entry.iri for entry in self.manifest.graphs for stem in self.stems_of(entry.iri)}

    def stems_of(self, graph: str) -> Iterator[str]:
        """Yield the stems of a graph's document: of its IRI, and of its version IRI if it has one."""
        versions_of = self.renderer.reader.column("owl:versionIRI").values_of(graph)
        yield from filter(None, map(self.renderer.addresses.stem, (graph, *versions_of)))


def open_snapshot(
    project: Project,
    version: Version,
    store: Store | None = None,
    *,
    questions: Mapping[str, Question] | None = None,
    export: Path | None = None,
) -> Snapshot:
    """Return the snapshot of a version.

    `store` is the version's store if it is already open, `questions` are the project's if they were read, and `export`
    is the folder of exported files if they are not yet in the version's own folder.

    Raises:
        StoreError: its store cannot be opened.
        InputError: the front matter of a question is not valid.
    """
    return Snapshot(
        project=project,
        context=read_context(package_file("ontology/context.jsonld")),
        questions=question.of_project(project) if questions is None else questions,
        store=store or version.open(),
        manifest=version.manifest,
        issued=versions.first_created(project.build) or version.manifest.created,
        export=export or version.export_path,
        site=version.site_path,
    )
