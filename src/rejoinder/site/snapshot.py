"""Every file of a version: what a site on disk holds, and a server would answer with, as bytes.

A *sheet* is a stem and the files beside each other there: `state/CZE` with `.html`, `.ttl`, `.jsonld`, `.nt`. Families
of pages know their stems and make the files of one. A file is made only when somebody wants it: a server makes the one
that is asked for, and a site that was built before need not make again what did not change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rejoinder import versions
from rejoinder.config import Project
from rejoinder.lazily import lazy
from rejoinder.package_data import package_file
from rejoinder.questions import question
from rejoinder.questions.question import Question
from rejoinder.rdf.jsonld import Context, read_context
from rejoinder.rdf.terms import Store
from rejoinder.site import history, search, static, statistics
from rejoinder.site.history import VersionEntry
from rejoinder.site.render import Page, Renderer
from rejoinder.site.resource import GraphReader, Source
from rejoinder.site.statistics import Dump, VoidStatistics
from rejoinder.versions import Manifest, Version


@dataclass(frozen=True)
class Snapshot:
    """What the pages of a version are made of.

    `issued` is when the first version was made; `dumps` are the files that hold everything, where there are any, and
    `export` is the folder of all exported files.
    """

    project: Project
    context: Context
    questions: Mapping[str, Question]
    store: Source
    manifest: Manifest
    issued: str
    dumps: tuple[Dump, ...] = ()
    export: Path | None = None

    @lazy
    def renderer(self) -> Renderer:
        """The press for its pages."""
        return Renderer(
            self.project, GraphReader(self.store, self.project.base, self.project.language), static.available()
        )

    @lazy
    def version_entries(self) -> Mapping[str, VersionEntry]:
        """The versions kept up to this one, by number, oldest first; a store elsewhere has only its own."""
        if not isinstance(self.store, Store):
            return {}
        kept = versions.kept(self.project.build)
        return history.entries_by_number(
            self.project,
            [version_entry for version_entry in kept if version_entry.manifest.number <= self.manifest.number],
        )

    @lazy
    def statistics(self) -> VoidStatistics:
        """How much there is of what, counted once for all the files that tell it."""
        return statistics.count_statements(self.store)

    @lazy
    def search_index(self) -> Mapping[str, Page]:
        """The files of the index that the search page reads, by path."""
        return {page.path: page for page in search.index_files(self.renderer, self.questions)}

    @lazy
    def graphs(self) -> Mapping[str, str]:
        """The stems at which the named graphs stand, each with its graph's IRI."""
        return {stem: entry.iri for entry in self.manifest.graphs for stem in self._stems(entry.iri)}

    def _stems(self, graph: str) -> Iterator[str]:
        """Where the document of a graph stands: at its IRI, and at that of its version if it has one."""
        it = self.renderer.reader.resource(graph)
        for resource in (it, *it.all("owl:versionIRI")):
            stem = self.renderer.addresses.stem(resource.iri)
            if stem is not None:
                yield stem


def open_snapshot(project: Project, version: Version, store: Store | None = None) -> Snapshot:
    """The edition of a version that was published; `store` is that of the version, where it is open already.

    Raises:
        StoreError: its store cannot be opened.
        InputError: the card of a question does not hold.
    """
    return Snapshot(
        project=project,
        context=read_context(package_file("ontology/context.jsonld")),
        questions=question.of_project(project),
        store=store or version.open(),
        manifest=version.manifest,
        issued=versions.first_created(project.build) or version.manifest.created,
        dumps=statistics.dumps(version.export_path),
        export=version.export_path,
    )


@dataclass(frozen=True)
class PageFile:
    """A file of a sheet: its suffix, and how it is made.

    It is as it was in another version if the graph `graph` and all that this leans on is, or if the file beside it with
    the suffix `beside` is; where neither is given, only making it tells. `exported` says that it is the graph itself.
    A `lasting` file never changes; `source` is a file on disk that it is the same as.
    """

    suffix: str
    make: Callable[[], Page]
    graph: str | None = None
    beside: str | None = None
    exported: bool = False
    lasting: bool = False
    source: Path | None = None


@dataclass(frozen=True)
class Document:
    """The files that stand beside each other at a stem."""

    stem: str
    files: tuple[PageFile, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """Where its files stand."""
        return tuple(self.stem + file.suffix for file in self.files)

    def file(self, suffix: str) -> PageFile | None:
        """The file with that suffix."""
        return next((file for file in self.files if file.suffix == suffix), None)


class PageGroup(Protocol):
    """Pages of one kind."""

    def stems(self, snapshot: Snapshot) -> Iterator[str]:
        """The stems that it has files for; costs no more than to find out which there are."""

    def files(self, snapshot: Snapshot, stem: str) -> Iterator[PageFile]:
        """Its files at a stem, none if it has none there."""


@dataclass(frozen=True)
class Router:
    """The families that make up a site; two may have files for one stem.

    Those `apart` are among them: each of their sheets is read from the store by itself. The sheets of the others share
    what is read once for all of them.
    """

    groups: tuple[PageGroup, ...]
    apart: frozenset[PageGroup] = frozenset()

    def sheets(self, snapshot: Snapshot) -> Iterator[Document]:
        """Every sheet of the edition."""
        for stem in self._stems(snapshot, self.groups):
            yield self.sheet(snapshot, stem)

    def shares(self, snapshot: Snapshot, size: int) -> Iterator[tuple[str, ...]]:
        """The stems of all sheets, parted for whoever makes them: first those to be made together, then so many."""
        together = self._stems(snapshot, [group for group in self.groups if group not in self.apart])
        yield tuple(together)
        rest = [stem for stem in self._stems(snapshot, self.groups) if stem not in together]
        yield from (tuple(rest[start : start + size]) for start in range(0, len(rest), size))

    def _stems(self, snapshot: Snapshot, groups: Iterable[PageGroup]) -> dict[str, None]:
        return dict.fromkeys(stem for group in groups for stem in group.stems(snapshot))

    def sheet(self, snapshot: Snapshot, stem: str) -> Document:
        """The sheet at a stem, without files if there is none."""
        return Document(stem, tuple(file for group in self.groups for file in group.files(snapshot, stem)))

    def page(self, snapshot: Snapshot, path: str) -> Page | None:
        """The file at a path, None if there is none; nothing else is made for it."""
        file = self._file(snapshot, path)
        return file.make() if file else None

    def holds(self, snapshot: Snapshot, path: str) -> bool:
        """Whether there is a file at a path; it is not made."""
        return self._file(snapshot, path) is not None

    def _file(self, snapshot: Snapshot, path: str) -> PageFile | None:
        sheets = ((self.sheet(snapshot, stem), suffix) for stem, suffix in _splits(path))
        return next((file for sheet, suffix in sheets if (file := sheet.file(suffix))), None)


def _splits(path: str) -> Iterator[tuple[str, str]]:
    """The ways to part a path into stem and suffix, the shortest suffix first; a stem may have dots in it.

    >>> list(_splits("ns/0.1.ttl"))
    [('ns/0.1', '.ttl'), ('ns/0', '.1.ttl'), ('ns/0.1.ttl', '')]
    """
    start, at = path.rfind("/") + 1, len(path)
    while (at := path.rfind(".", start, at)) > start:
        yield path[:at], path[at:]
    yield path, ""
