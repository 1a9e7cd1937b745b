"""The files of a version: its exports and its site, written once its store stands, and put in place all at once.

What is as it was in the newest version that has a site is linked, not written again.
"""

from __future__ import annotations

import filecmp
import gzip
import hashlib
import io
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain, groupby
from pathlib import Path
from typing import Final

from rejoinder import formats, namespaces, versions
from rejoinder.building import parallel
from rejoinder.config import Project
from rejoinder.formats import Syntax
from rejoinder.progress import Progress
from rejoinder.questions import question
from rejoinder.questions.question import Question
from rejoinder.rdf import graphs as rdf_graphs
from rejoinder.rdf import jsonld, serialize, terms
from rejoinder.rdf.jsonld import Context
from rejoinder.rdf.terms import Quad, Store
from rejoinder.site import statistics, write
from rejoinder.site.snapshot import Snapshot
from rejoinder.site.write import Site
from rejoinder.versions import Version

_SYNTAXES: Final = (formats.TURTLE, formats.JSONLD)
_LINES: Final = "dataset.nq"
_TRIG: Final = "dataset.trig"
_GRAPHS_LINES: Final = ".lines"
_GZIP_LEVEL: Final = 6
"""9 makes lines of ours 3 % smaller and takes three times as long."""
_EXPORTS_WORTH: Final = 30_000
"""From so many statements to write on, a few reports, starting processes costs less than it saves."""
_PAGES_WORTH: Final = 30_000
"""From so many statements on, a few reports, starting processes costs less than it saves."""


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
        return self.before is not None and write.is_current(self.before.site_path, self.project)

    @property
    def graphs(self) -> tuple[str, ...]:
        """The IRIs of the version's graphs, in order."""
        return tuple(entry.iri for entry in self.version.manifest.graphs)


def write_files(project: Project, context: Context, version: Version, progress: Progress, jobs: int = 1) -> bool:
    """Write the exports and the site of the version, unless it has them all; its site becomes the one to publish.

    Says whether they had to be written. What is left where something was removed is not trusted.

    Raises:
        StoreError: they cannot be written; the site published before stays.
        EngineError: a process that was to make pages ended without an answer.
    """
    outcome = f"version {version.manifest.number} is published, but not its site"
    with versions.writing(project.build, outcome):
        if version.has_site and not version.lacks_files:
            versions.link_site(project.build, version)
            return False
        before = versions.newest_with_site(project.build, below=version.manifest.number)
        if version.has_site and before and before.lacks_files:  # versions share files, and so what was done to them
            before = None
        works = _Works(project, context, version, version.open(), before, _changed(version, before), progress, jobs)
        with versions.draft(project.build) as folder:
            _write_exports(works, folder / version.export_path.name)
            _write_site(works, folder)
            versions.publish_site(project.build, folder, version)
    return True


def _changed(version: Version, before: Version | None) -> frozenset[str]:
    """Return the graphs that one of the two versions has and the other has not, or has otherwise."""
    now, then = ({(e.iri, e.content_digest) for e in v.manifest.graphs} if v else set() for v in (version, before))
    return frozenset(iri for iri, _ in now ^ then)


def _write_exports(works: _Works, folder: Path) -> None:
    """Write the exported files; those of unchanged graphs are linked, unless another program wrote them."""
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
    """Write the site of the version; a report's page is made again if anything that it may show changed."""
    project, version = works.project, works.version
    place = Site(
        folder=folder / version.site_path.name,
        export=folder / version.export_path.name,
        stale=_stale(works),
        before=works.before.site_path if works.before else None,
        current=works.current,
    )
    issued = versions.first_created(project.build) or version.manifest.created
    work = PageWork(project, works.context, question.of_project(project), version, issued, place)
    write_pages(work, works.store, works.jobs)


def _stale(works: _Works) -> frozenset[str]:
    """Return the documents whose pages may not stay as they are: all of them, if what reports share changed."""
    base = works.project.base
    if any(not iri.startswith(f"{base}report/") for iri in works.changed):
        return frozenset(works.graphs)
    now = _statements(works.store, works.changed)
    before = _statements(works.before.open(), works.changed) if works.before else iter(())
    return works.changed.union(write.touched(chain(now, before), base))


def _statements(store: Store, iris: Iterable[str]) -> Iterable[Quad]:
    return (quad for iri in sorted(iris) for quad in rdf_graphs.statements(store, iri))


@dataclass(frozen=True)
class Exports:
    """What is exported, and where to; called, it opens the store and gives what writes a graph in this process.

    `before` is the folder of the files exported before, if any, and `changed` are the graphs that differ from those;
    `current` says that this program with these settings wrote them.
    """

    base: str
    context: Context
    version: Version
    folder: Path
    before: Path | None
    changed: frozenset[str]
    current: bool

    def __call__(self) -> Callable[[str], str]:
        """Return the function that writes the files of a graph, given its IRI, in this process."""
        return partial(_write_graph, self, self.version.open())

    def name(self, iri: str, syntax: Syntax) -> str:
        """Return the file of a graph in a syntax."""
        return namespaces.graph_path(self.base, iri).as_posix() + syntax.suffix


def write_exports(
    exports: Exports, store: Store, jobs: int, progress: Progress, *, worth: int = _EXPORTS_WORTH
) -> None:
    """Write all files, by as many processes as `jobs` says where that is worth it; the bytes are the same.

    Raises:
        EngineError: a process ended without an answer.
    """
    exports.folder.mkdir()
    entries = exports.version.manifest.graphs
    to_write = [entry for entry in entries if not _link(exports, entry.iri)]
    iris = [entry.iri for entry in to_write]
    if jobs < 2 or sum(entry.quads for entry in to_write) < worth:
        written: Iterable[str] = (_write_graph(exports, store, iri) for iri in iris)
    else:
        written = parallel.run_in_processes("write files", exports, iris, jobs, ahead=len(iris))
    for done, _ in enumerate(written, len(entries) - len(iris) + 1):
        progress("exporting", done, len(entries))
    _write_dumps(exports, store)


def _link(exports: Exports, iri: str) -> bool:
    """Link the files of a graph from before, if they may stay; return whether they did."""
    paths = [exports.name(iri, syntax) for syntax in _SYNTAXES]
    before = exports.before if exports.current and iri not in exports.changed else None
    if before is None or not all((before / path).is_file() for path in paths):
        return False
    for path in paths:
        os.link(before / path, _place(exports, path))
    return True


def _write_graph(exports: Exports, store: Store, iri: str) -> str:
    """Write the files of a graph, and its lines for the dump; return its IRI, as the sign that it is done."""
    quads = terms.canonical(rdf_graphs.statements(store, iri))
    _put(exports, exports.name(iri, formats.TURTLE), serialize.turtle(quads, exports.base).encode())
    _put(exports, exports.name(iri, formats.JSONLD), jsonld.json_ld(quads, exports.context).encode())
    _place(exports, _lines_name(iri)).write_bytes(terms.serialize(quads, formats.NQUADS))
    return iri


def _lines_name(iri: str) -> str:
    """Return the file that holds the N-Quads of a graph until the dump has them, a name that no folder has."""
    return f"{_GRAPHS_LINES}/{hashlib.sha256(iri.encode()).hexdigest()}"


def _put(exports: Exports, name: str, content: bytes) -> None:
    """Write a file, or link it if it is as it was, so that it takes no space."""
    before, target = exports.before / name if exports.before else None, _place(exports, name)
    if before and before.is_file() and before.read_bytes() == content:
        os.link(before, target)
    else:
        target.write_bytes(content)


def _place(exports: Exports, name: str) -> Path:
    path = exports.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _write_dumps(exports: Exports, store: Store) -> None:
    """Write all graphs as TriG, out of their Turtle, and as N-Quads; no more than one graph is in memory."""
    entries = exports.version.manifest.graphs
    turtle = ((entry.iri, exports.folder / exports.name(entry.iri, formats.TURTLE)) for entry in entries)
    documents = ((iri, path.read_text(encoding="utf-8")) for iri, path in turtle)
    with (exports.folder / _TRIG).open("w", encoding="utf-8") as file:
        file.writelines(serialize.trig_blocks(documents))
    with (exports.folder / _LINES).open("wb") as file:
        file.writelines(_graph_lines(exports, store))
    if (exports.folder / _GRAPHS_LINES).is_dir():  # not where no graph was written
        shutil.rmtree(exports.folder / _GRAPHS_LINES)
    _compress(exports.folder / _LINES, exports.folder / f"{_LINES}.gz")
    for name in (_TRIG, _LINES, f"{_LINES}.gz"):
        _link_if_same(exports, name)


def _link_if_same(exports: Exports, name: str) -> None:
    """Let a dump be that of before, if no graph changed and it is the same."""
    before, now = exports.before / name if exports.before else None, exports.folder / name
    if before and not exports.changed and before.is_file() and filecmp.cmp(before, now, shallow=False):
        now.unlink()
        os.link(before, now)


def _graph_lines(exports: Exports, store: Store) -> Iterator[bytes]:
    """Yield each graph as N-Quads, once: as it was written for this, or as in the dump before, which costs far less.

    A graph's digest is that of these lines, so what somebody did to the dump before is not copied with them.
    """
    before = exports.before / _LINES if exports.before else None
    with before.open("rb") if before and before.is_file() else io.BytesIO() as dump:
        places = _places(dump)
        for entry in exports.version.manifest.graphs:
            written = exports.folder / _lines_name(entry.iri)
            if written.is_file():
                yield written.read_bytes()
                written.unlink()
                continue
            start, length = places.get(entry.iri, (0, 0))
            dump.seek(start)
            lines = dump.read(length)
            if hashlib.sha256(lines).hexdigest() != entry.content_digest:
                lines = terms.serialize(terms.canonical(rdf_graphs.statements(store, entry.iri)), formats.NQUADS)
            yield lines


def _places(dump: Iterable[bytes]) -> Mapping[str, tuple[int, int]]:
    r"""Return where the lines of each graph begin in a dump, and how many bytes they are.

    >>> _places([b"<a:s> <a:p> <a:o> <a:g> .\n", b'<a:s> <a:p> "x y" <a:h> .\n'])
    {'a:g': (0, 26), 'a:h': (26, 26)}
    """
    found, start = {}, 0
    for graph, lines in groupby(dump, key=lambda line: line.rsplit(b" ", 2)[-2:][0]):
        length = sum(map(len, lines))
        found[graph.decode(errors="replace").strip("<>")] = start, length
        start += length
    return found


def _compress(source: Path, target: Path) -> None:
    """Compress the file, without a time and a name inside: the same data are the same bytes."""
    with (
        source.open("rb") as plain,
        target.open("wb") as file,
        gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=_GZIP_LEVEL, mtime=0) as packed,
    ):
        shutil.copyfileobj(plain, packed)


@dataclass(frozen=True)
class PageWork:
    """What a process must know to make pages of a version; called, it opens the store and gives what lays them."""

    project: Project
    context: Context
    questions: Mapping[str, Question]
    version: Version
    issued: str
    place: Site

    def __call__(self) -> Callable[[Iterable[str]], None]:
        """Return the function that makes the pages of the groups it is given, in this process."""
        return partial(write.write, self.edition(self.version.open()), self.place)

    def edition(self, store: Store) -> Snapshot:
        """Return what the pages are made of."""
        return Snapshot(
            project=self.project,
            context=self.context,
            questions=self.questions,
            store=store,
            manifest=self.version.manifest,
            issued=self.issued,
            dumps=statistics.dumps(self.place.export),
            export=self.place.export,
        )


def write_pages(work: PageWork, store: Store, jobs: int, *, worth: int = _PAGES_WORTH) -> None:
    """Write the whole site, by as many processes as `jobs` says where that is worth it; the bytes are the same.

    Raises:
        EngineError: a process ended without an answer.
    """
    edition = work.edition(store)
    shares = write.begin(edition, work.place)
    if jobs < 2 or work.version.manifest.quads < worth:
        for stems in shares:
            write.write(edition, work.place, stems)
    else:
        for _ in parallel.run_in_processes("make pages", work, shares, jobs, ahead=len(shares)):
            pass
    write.finish(work.project, work.place)
