"""The files of a version: its exports and its site, written once its store stands, and put in place all at once.

What is as it was in the newest version that has a site is linked, not written again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

from rejoinder.building.exports import Exports, write_exports
from rejoinder.building.pagework import PageWork, write_pages
from rejoinder.progress import Progress
from rejoinder.project import Project
from rejoinder.questions import questionfiles
from rejoinder.site import writer as site
from rejoinder.site.writer import Site
from rejoinder.store import graphs, publication, versions
from rejoinder.store.context import Context
from rejoinder.store.rdf import Quad, Store
from rejoinder.store.versions import Version


@dataclass(frozen=True)
class _Works:
    """The version to be shown, and the one shown before with the graphs that differ between the two."""

    project: Project
    context: Context
    version: Version
    store: Store
    before: Version | None
    changed: frozenset[str]
    progress: Progress
    jobs: int

    @cached_property
    def current(self) -> bool:
        """Whether the files shown before were made by this program with these settings."""
        return self.before is not None and site.is_current(self.before.site_path, self.project)

    @property
    def graphs(self) -> tuple[str, ...]:
        """The IRIs of the version's graphs, in order."""
        return tuple(entry.iri for entry in self.version.manifest.graphs)


def write_files(project: Project, context: Context, version: Version, progress: Progress, jobs: int = 1) -> bool:
    """The exports and the site of the version, unless it has them all; its site becomes the one to publish.

    Says whether they had to be written. What is left where something was removed is not trusted.

    Raises:
        StoreError: they cannot be written; the site published before stays.
        EngineError: a process that was to make pages ended without an answer.
    """
    outcome = f"version {version.manifest.number} is published, but not its site"
    with versions.writing(project.build, outcome):
        if version.has_site and not version.lacks_files:
            publication.link_site(project.build, version)
            return False
        before = versions.newest_with_site(project.build, below=version.manifest.number)
        if version.has_site and before and before.lacks_files:  # versions share files, and so what was done to them
            before = None
        works = _Works(project, context, version, version.open(), before, _changed(version, before), progress, jobs)
        with publication.draft(project.build) as folder:
            _write_exports(works, folder / version.export_path.name)
            _write_site(works, folder)
            publication.publish_site(project.build, folder, version)
    return True


def _changed(version: Version, before: Version | None) -> frozenset[str]:
    """The graphs that one of the two versions has and the other has not, or has otherwise."""
    now, then = ({(e.iri, e.content_digest) for e in v.manifest.graphs} if v else set() for v in (version, before))
    return frozenset(iri for iri, _ in now ^ then)


def _write_exports(works: _Works, folder: Path) -> None:
    """The exported files; those of graphs that did not change are linked, unless another program wrote them."""
    exports = Exports(
        base=works.project.base,
        context=works.context,
        version=works.version,
        folder=folder,
        before=works.before.export_path if works.before else None,
        changed=works.changed,
        current=works.current,
    )
    write_exports(exports, works.store, works.jobs, works.progress)


def _write_site(works: _Works, folder: Path) -> None:
    """The site of the version; a report's page is made again if anything that it may show changed."""
    project, version = works.project, works.version
    place = Site(
        folder=folder / version.site_path.name,
        export=folder / version.export_path.name,
        stale=_stale(works),
        before=works.before.site_path if works.before else None,
        current=works.current,
    )
    issued = versions.first_created(project.build) or version.manifest.created
    work = PageWork(project, works.context, questionfiles.of_project(project), version, issued, place)
    write_pages(work, works.store, works.jobs)


def _stale(works: _Works) -> frozenset[str]:
    """The documents whose pages may not stay as they are: all of them, if what reports share changed."""
    base = works.project.base
    if any(not iri.startswith(f"{base}report/") for iri in works.changed):
        return frozenset(works.graphs)
    now = _statements(works.store, works.changed)
    before = _statements(works.before.open(), works.changed) if works.before else iter(())
    return works.changed.union(site.touched(chain(now, before), base))


def _statements(store: Store, iris: Iterable[str]) -> Iterable[Quad]:
    return (quad for iri in sorted(iris) for quad in graphs.statements(store, iri))
