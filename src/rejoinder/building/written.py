"""The files of a version: its exports and its site, written once its store stands, and put in place all at once.

What is as it was in the newest version that has a site is linked, not written again.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path
from typing import Final

from rejoinder import formats, names
from rejoinder.building.pagework import PageWork, write_pages
from rejoinder.formats import Syntax
from rejoinder.progress import Progress
from rejoinder.project import Project
from rejoinder.questions import questions
from rejoinder.site import writer as site
from rejoinder.site.writer import Site
from rejoinder.store import exporter, graphs, publication, rdf, versions
from rejoinder.store.context import Context
from rejoinder.store.rdf import Quad, Store
from rejoinder.store.versions import Version

_LINES: Final = "dataset.nq"


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

    @property
    def graphs(self) -> tuple[str, ...]:
        """The IRIs of the version's graphs, in order."""
        return tuple(entry.iri for entry in self.version.manifest.graphs)


def write_files(project: Project, context: Context, version: Version, progress: Progress, jobs: int = 1) -> None:
    """The exports and the site of the version, unless it has them; its site becomes the one to publish.

    Raises:
        StoreError: they cannot be written; the site published before stays.
        EngineError: a process that was to make pages ended without an answer.
    """
    outcome = f"version {version.manifest.number} is published, but not its site"
    with versions.writing(project.build, outcome):
        if version.has_site:
            publication.link_site(project.build, version)
            return
        before = versions.newest_with_site(project.build)
        works = _Works(project, context, version, version.open(), before, _changed(version, before), progress, jobs)
        with publication.draft(project.build) as folder:
            _write_exports(works, folder / version.export_path.name)
            _write_site(works, folder)
            publication.publish_site(project.build, folder, version)


def _changed(version: Version, before: Version | None) -> frozenset[str]:
    """The graphs that one of the two versions has and the other has not, or has otherwise."""
    now, then = ({(e.iri, e.content_digest) for e in v.manifest.graphs} if v else set() for v in (version, before))
    return frozenset(iri for iri, _ in now ^ then)


def _write_exports(works: _Works, folder: Path) -> None:
    """Every graph as Turtle and JSON-LD, and all of them as TriG and N-Quads; what did not change costs no space."""
    folder.mkdir()
    before = works.before.export_path if works.before else None
    for done, iri in enumerate(works.graphs, 1):
        for syntax in (formats.TURTLE, formats.JSONLD):
            name = _export_name(works, iri, syntax)
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            if before and iri not in works.changed and (before / name).exists():
                os.link(before / name, folder / name)
            else:
                quads = tuple(graphs.statements(works.store, iri))
                (folder / name).write_bytes(exporter.write(quads, syntax, works.project.base, works.context))
        works.progress("exporting", done, len(works.graphs))
    _write_dumps(works, folder)


def _write_dumps(works: _Works, folder: Path) -> None:
    """All graphs as TriG, out of their Turtle, and as N-Quads; no more than one graph is in memory."""
    turtle = ((iri, folder / _export_name(works, iri, formats.TURTLE)) for iri in works.graphs)
    documents = ((iri, path.read_text(encoding="utf-8")) for iri, path in turtle)
    with (folder / "dataset.trig").open("w", encoding="utf-8") as file:
        file.writelines(exporter.trig_blocks(documents))
    with (folder / _LINES).open("wb") as file:
        file.writelines(_graph_lines(works))
    _pack(folder / _LINES, folder / f"{_LINES}.gz")


def _graph_lines(works: _Works) -> Iterator[bytes]:
    """Each graph as N-Quads; one that did not change is copied from the dump before, which costs far less.

    A graph's digest is that of these lines, so what somebody did to the dump before is not copied with them.
    """
    before = works.before.export_path / _LINES if works.before else None
    with before.open("rb") if before and before.is_file() else io.BytesIO() as dump:
        places = _places(dump)
        for entry in works.version.manifest.graphs:
            start, length = places.get(entry.iri, (0, 0))
            dump.seek(start)
            lines = dump.read(length)
            if hashlib.sha256(lines).hexdigest() != entry.content_digest:
                lines = rdf.serialize(rdf.canonical(graphs.statements(works.store, entry.iri)), formats.NQUADS)
            yield lines


def _places(dump: Iterable[bytes]) -> Mapping[str, tuple[int, int]]:
    r"""Where the lines of each graph begin in a dump of ours, and how many bytes they are.

    >>> _places([b"<a:s> <a:p> <a:o> <a:g> .\n", b'<a:s> <a:p> "x y" <a:h> .\n'])
    {'a:g': (0, 26), 'a:h': (26, 26)}
    """
    found, start = {}, 0
    for graph, lines in groupby(dump, key=lambda line: line.rsplit(b" ", 2)[-2:][0]):
        length = sum(map(len, lines))
        found[graph.decode(errors="replace").strip("<>")] = start, length
        start += length
    return found


def _pack(source: Path, target: Path) -> None:
    """The file packed, without a time and a name inside: the same data are the same bytes."""
    with (
        source.open("rb") as plain,
        target.open("wb") as file,
        gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as packed,
    ):
        shutil.copyfileobj(plain, packed)


def _write_site(works: _Works, folder: Path) -> None:
    """The site of the version; a report's page is made again if anything that it may show changed."""
    project, version = works.project, works.version
    before = works.before.site_path if works.before else None
    place = Site(
        folder=folder / version.site_path.name,
        export=folder / version.export_path.name,
        stale=_stale(works),
        before=before if before and site.is_current(before, project) else None,
    )
    issued = versions.first_created(project.build) or version.manifest.created
    work = PageWork(project, works.context, questions.of_project(project), version, issued, place)
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


def _export_name(works: _Works, iri: str, syntax: Syntax) -> str:
    return names.graph_path(works.project.base, iri).as_posix() + syntax.suffix
