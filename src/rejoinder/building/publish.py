"""Write the files of a version, exports and site, after its store is published, and put them in place at once.

Files that are the same as in the newest version with a site are hard-linked, not written again.
"""

from __future__ import annotations

import filecmp
import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from rejoinder import disk, formats, namespaces, versions
from rejoinder.building import parallel
from rejoinder.config import Project
from rejoinder.disk import package_file
from rejoinder.formats import Syntax
from rejoinder.question import Question
from rejoinder.rdf import graphs as rdf_graphs
from rejoinder.rdf import jsonld, serialize, terms
from rejoinder.rdf.serialize import Part, PartsFile
from rejoinder.rdf.terms import Store
from rejoinder.site import metadata, moved, write
from rejoinder.site.metadata import Dump
from rejoinder.site.reads import MadePart
from rejoinder.site.snapshot import Snapshot, open_snapshot
from rejoinder.site.write import Site
from rejoinder.text import Progress, digest_of
from rejoinder.versions import GraphEntry, Version

_PARTS: Final = "dataset.parts"
_OF_LINES: Final = (
    Dump("dataset.nq", "All graphs as N-Quads, for bulk loaders", formats.NQUADS),
    *(dump for dump in metadata.DUMPS if dump.packed),
)
"""The dumps that consist of lines, and so of parts that can be copied from version to version."""
# Ten reports took two processes 22.8 s and one 19.9 s, together; one report took two 8.2 s and one 4.5 s.
_MIN_STATEMENTS: Final = 30_000
"""The number of statements, a few reports, from which starting processes saves time."""


@dataclass(frozen=True)
class Exports:
    """The exported files of a version, and the folder that they are written to.

    `before` is the folder of the files exported before, if any, and `changed` are the graphs that differ from those;
    `current` says that this program with these settings wrote them.
    """

    base: str
    version: Version
    folder: Path
    before: Path | None
    changed: frozenset[str]
    current: bool

    @property
    def entries(self) -> tuple[GraphEntry, ...]:
        """The graphs of the version."""
        return self.version.manifest.graphs

    def name(self, iri: str, syntax: Syntax) -> str:
        """Return the file of a graph in a syntax."""
        return namespaces.graph_path(self.base, iri).as_posix() + syntax.suffix

    def old(self, name: str) -> Path | None:
        """Return the file of that name that was exported before, if there is one."""
        path = self.before / name if self.before else None
        return path if path and path.is_file() else None

    def new(self, name: str) -> Path:
        """Return where the file of that name goes; its folder is made."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def write_files(
    project: Project,
    version: Version,
    questions: Callable[[], Mapping[str, Question]],
    progress: Progress,
    jobs: int = 1,
) -> bool:
    """Write the exports and the site of the version unless they are complete, and make its site the one to publish.

    `questions` returns the project's stored questions, and is called only if files are written.
    Return whether they had to be written. If a file is missing, all are written again: the others may be damaged too.

    Raises:
        StoreError: they cannot be written; the site published before stays.
        EngineError: a process that was to make pages ended without an answer.
    """
    with disk.writing(project.build, f"version {version.manifest.number} is published, but not its site"):
        # Beside the site, not in it: a list of what was withdrawn would publish the names again.
        (project.build / moved.RULES).mkdir(exist_ok=True)
        for name, rules in moved.host_rules(project).items():
            disk.write_whole(project.build / moved.RULES / name, rules.encode())
        if version.has_site and not version.lacks_files:
            versions.link_site(project.build, version)
            return False
        # Not merely the version before: that may have been built without a site.
        before = versions.newest_with_site(project.build, below=version.manifest.number)
        if version.has_site and before and before.lacks_files:  # versions share files, and so their damage
            before = None
        store = version.open()
        # Both are made in a draft and moved at once, so a version's site is either complete or missing.
        changed = version.manifest.differing(before.manifest if before else None)
        current = before is not None and write.is_current(before.site_path, project)
        with versions.draft(project.build) as folder:
            exported, old = folder / version.export_path.name, before.export_path if before else None
            exports = Exports(project.base, version, exported, old, changed, current)
            # The dumps of this snapshot are read when pages need them, and by then they are written.
            snapshot = open_snapshot(project, version, store, questions=questions(), export=exported)
            # The system copies the dumps without Python's lock, so a thread finds meanwhile which parts stay.
            with ThreadPoolExecutor(1) as pool:
                compared = pool.submit(write.kept, snapshot, before if current else None)
                write_exports(exports, store, jobs, progress)
            site = Site(
                folder=folder / version.site_path.name,
                export=exported,
                before=before.site_path if before else None,
                kept=compared.result(),
                current=current,
            )
            write_pages(snapshot, version, site, jobs)
            versions.publish_site(project.build, folder, version)
    return True


def write_exports(
    exports: Exports, store: Store, jobs: int, progress: Progress, *, min_statements: int = _MIN_STATEMENTS
) -> None:
    """Write all exported files, in up to `jobs` processes if that saves time.

    Raises:
        EngineError: a process ended without an answer.
    """
    exports.folder.mkdir()
    entries = exports.entries
    to_write = [entry for entry in entries if not _link_graph(exports, entry.iri)]
    iris = [entry.iri for entry in to_write]
    if jobs < 2 or sum(entry.quads for entry in to_write) < min_statements:
        written: Iterable[object] = map(_graph_writer(exports, store), iris)
    else:
        make = partial(_graph_writer, exports)
        written = parallel.run_in_processes("write files", make, iris, jobs, ahead=len(iris))
    for done, _ in enumerate(written, len(entries) - len(iris) + 1):
        progress("exporting", done, len(entries))
    _write_dumps(exports, store)


def _link_graph(exports: Exports, iri: str) -> bool:
    """Hard-link the files of an unchanged graph if this program wrote all of them; return whether it did."""
    names = [exports.name(iri, syntax) for syntax in formats.EXPORTED]
    before = [(name, exports.old(name)) for name in names if exports.current and iri not in exports.changed]
    found = [(name, old) for name, old in before if old]
    if len(found) < len(names):
        return False
    for name, old in found:
        disk.link(old, exports.new(name))
    return True


def _graph_writer(exports: Exports, store: Store | None = None) -> Callable[[str], None]:
    """Return a function that writes the files of the graph with a given IRI; each process opens the store itself."""
    context = jsonld.read_context(package_file("ontology/context.jsonld"))
    opened = store or exports.version.open()

    def write_graph(iri: str) -> None:
        quads = terms.canonical(rdf_graphs.statements(opened, iri))
        for syntax, content in (
            (formats.TURTLE, serialize.turtle(quads, exports.base).encode()),
            (formats.JSONLD, jsonld.json_ld(quads, context).encode()),
            # The dumps are made of these. One process alone took three minutes to write those of 1,000 reports.
            (formats.NTRIPLES, terms.serialize([quad.triple for quad in quads], formats.NTRIPLES)),
        ):
            name = exports.name(iri, syntax)
            disk.write_or_link(exports.new(name), content, exports.old(name))

    return write_graph


def _write_dumps(exports: Exports, store: Store) -> None:
    """Write the dumps, with the graphs of one part at a time in memory."""
    _write_lines(exports, store)
    for dump in metadata.DUMPS:
        if not dump.packed:
            turtle = ((e.iri, exports.folder / exports.name(e.iri, formats.TURTLE)) for e in exports.entries)
            documents = ((iri, path.read_bytes()) for iri, path in turtle)
            with exports.new(dump.path).open("wb") as out:
                out.writelines(serialize.joined_files(documents, named=dump.syntax.quads))
    for name in {_PARTS, *(dump.path for dump in (*_OF_LINES, *metadata.DUMPS))}:
        old, new = exports.old(name), exports.folder / name
        # Linked, because the dumps are the largest files: of 1,000 reports, they have 0.9 GB.
        if old and not exports.changed and filecmp.cmp(old, new, shallow=False):
            new.unlink()
            disk.link(old, new)


def _write_lines(exports: Exports, store: Store) -> None:
    """Write the dumps that consist of lines, and a record of their parts, from which the next version copies."""
    known, names = _known_parts(exports), [dump.path for dump in _OF_LINES]
    record: dict[str, list[_Place]] = {}
    with ExitStack() as held, ThreadPoolExecutor(len(names)) as pool:
        outs = [held.enter_context(exports.new(name).open("wb")) for name in names]
        files = [PartsFile(out, is_packed=bool(dump.packed)) for out, dump in zip(outs, _OF_LINES, strict=True)]
        before = [held.enter_context(old.open("rb")) for old in map(exports.old, names) if old]
        for entries in serialize.in_parts((entry.iri, entry.quads, entry) for entry in exports.entries):
            # Another zlib may pack the same lines into other bytes.
            content = (zlib.ZLIB_RUNTIME_VERSION, *(f"{entry.iri} {entry.content_digest}" for entry in entries))
            key = digest_of(content)
            places = known.get(key, ())
            parts = [part for dump, place in zip(before, places, strict=False) if (part := place.part_of(dump))]
            if len(parts) < len(files):
                graphs = [_triples_and_quads(exports, store, entry) for entry in entries]
                triples, quads = (b"".join(lines) for lines in zip(*graphs, strict=True))
                # All at a time, because compression leaves Python's lock to others.
                lines = (quads if dump.syntax.quads else triples for dump in _OF_LINES)
                parts = list(pool.map(PartsFile.part, files, lines))
                places = [_Place.of(part) for part in parts]
            record[key] = [place._replace(start=file.at) for file, place in zip(files, places, strict=True)]
            for file, part in zip(files, parts, strict=True):
                file.add(part)
        for file in files:
            file.end()
    # With a digest before it, because whoever copies by a damaged record publishes a damaged dump.
    text = json.dumps(record).encode()
    exports.new(_PARTS).write_bytes(hashlib.sha256(text).hexdigest().encode() + b"\n" + text)


class _Place(NamedTuple):
    """Where a part of a dump is: offset, length and CRC-32 of its bytes; CRC-32 and size of its lines."""

    start: int
    length: int
    mark: int
    checksum: int
    size: int

    @classmethod
    def of(cls, part: Part, start: int = 0) -> _Place:
        """Return the place of a part that starts there."""
        return cls(start, len(part.content), zlib.crc32(part.content), part.checksum, part.size)

    def part_of(self, dump: BinaryIO) -> Part | None:
        """Return the part of a dump that is in this place, unless it is damaged: later changes are not copied."""
        dump.seek(self.start)
        part = Part(dump.read(self.length), self.checksum, self.size)
        return part if _Place.of(part, self.start) == self else None


def _known_parts(exports: Exports) -> Mapping[str, Sequence[_Place]]:
    """Return the places of the parts in the dumps exported before, by the digest of their graphs."""
    record = exports.old(_PARTS) if exports.current else None
    digest, _, text = (record.read_bytes() if record else b"").partition(b"\n")
    if digest != hashlib.sha256(text).hexdigest().encode():
        return {}
    return {key: [_Place(*place) for place in places] for key, places in json.loads(text).items()}


def _triples_and_quads(exports: Exports, store: Store, entry: GraphEntry) -> tuple[bytes, bytes]:
    """Return a graph as N-Triples and N-Quads: from its file if nobody changed that, which is much faster."""
    triples = (exports.folder / exports.name(entry.iri, formats.NTRIPLES)).read_bytes()
    quads = serialize.with_graph(triples, entry.iri)
    if hashlib.sha256(quads).hexdigest() != entry.content_digest:
        quads = terms.serialize(terms.canonical(rdf_graphs.statements(store, entry.iri)), formats.NQUADS)
        triples = b"".join(serialize.without_graphs(quads.splitlines(keepends=True)))
    return triples, quads


def write_pages(
    snapshot: Snapshot, version: Version, site: Site, jobs: int, *, min_statements: int = _MIN_STATEMENTS
) -> None:
    """Write the whole site of the version that is open as `snapshot`, in up to `jobs` processes if that saves time.

    Raises:
        EngineError: a process ended without an answer.
    """
    shares, catalogue = write.begin(snapshot, site), snapshot.catalogue
    # The store counts and the system links without Python's lock, so meanwhile this thread goes on.
    with ThreadPoolExecutor(2) as pool:
        beside = pool.submit(lambda: catalogue.statistics), pool.submit(write.link_kept, site)
        if jobs < 2 or version.manifest.quads < min_statements:
            made = [write.write(snapshot, site, share) for share in shares]
        else:
            # Without what is kept, which only the first process links, and which may be large to pass on.
            make = partial(_page_writer, snapshot.project, version, replace(site, kept={}), snapshot.questions)
            made = list(parallel.run_in_processes("make pages", make, shares, jobs, ahead=len(shares)))
        for each in beside:
            each.result()
    write.write_last(snapshot, site, {name: part for each in made for name, part in each.items()})


def _page_writer(
    project: Project, version: Version, site: Site, questions: Mapping[str, Question]
) -> Callable[[write.Share], dict[str, MadePart]]:
    """Return a function that makes the pages of a share, for use in a worker process."""
    snapshot: Snapshot = open_snapshot(project, version, questions=questions, export=site.export)
    return partial(write.write, snapshot, site)
