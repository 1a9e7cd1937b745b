"""Versions of the store, each in its own folder, and the link to the newest one, which is replaced atomically.

    build/versions/0001/store          an Oxigraph store; a checkpoint of the version before, plus what changed
    build/versions/0001/manifest.json  what is in it
    build/current -> versions/0001     the newest; readers keep the one they opened

    build/versions/0001/export/        the version as files, written when its store stands
    build/versions/0001/site/          its pages
    build/versions/0001/site.reads     what each part of the site read and found, so that only some are made again
    build/versions/0001/site.files     the names and sizes of both, by which a build knows that none is missing
    build/site -> versions/0001/site   the newest whole site: the folder to publish

If a build is killed, both links stay as they were. The next build removes its unfinished files, and writes missing
ones.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from rejoinder import disk, formats
from rejoinder.errors import Problem, Severity, StoreError, UsageError
from rejoinder.lazily import lazy
from rejoinder.rdf import graphs as rdf_graphs
from rejoinder.rdf import terms
from rejoinder.rdf.terms import Quad, Store

CURRENT: Final = "current"
_PREVIOUS: Final = "previous"
VERSIONS: Final = "versions"
MANIFEST: Final = "manifest.json"
EXPORT: Final = "export"
SITE: Final = "site"
STAMP: Final = "site.stamp"
FILES: Final = "site.files"
READS: Final = "site.reads"
NUMBER: Final = re.compile(r"[0-9]+")
_DRAFT: Final = ".draft"
_LOCK: Final = ".lock"
_LOCK_TRIES: Final = 5  # 20 ms apart, see `_lock`
_STORE_FILE: Final = re.compile(rf"/{VERSIONS}/([0-9]+)/store/")
"""The version in the path of a store's file, as the engine's errors name it."""


@dataclass(frozen=True)
class GraphEntry:
    """A graph of a version: its source file, digests of input and output, counts, and since when it is as it is."""

    iri: str
    source: str
    input_digest: str
    content_digest: str
    quads: int
    warnings: int
    modified: str = ""


@dataclass(frozen=True)
class Manifest:
    """The manifest of a version: number, graphs, and the time `created` as xsd:dateTime."""

    number: int
    created: str
    program: str
    graphs: tuple[GraphEntry, ...]

    @property
    def quads(self) -> int:
        """Return the number of statements in the version."""
        return sum(entry.quads for entry in self.graphs)

    def entry(self, iri: str) -> GraphEntry | None:
        """Return the entry of the graph `iri`, if the version has it."""
        return self._by_iri.get(iri)

    def differing(self, other: Manifest | None) -> frozenset[str]:
        """Return the IRIs of the graphs that only one of the two versions has, or that differ."""
        now, then = ({(e.iri, e.content_digest) for e in each.graphs} if each else set() for each in (self, other))
        return frozenset(iri for iri, _ in now ^ then)

    @property
    def predecessor(self) -> int | None:
        """The number of the version that this one was made from, whether kept or not; None for the first.

        A new version gets the number after that of the newest one, so a gap is a version that was removed.
        """
        return self.number - 1 if self.number > 1 else None

    @lazy
    def _by_iri(self) -> dict[str, GraphEntry]:
        return {entry.iri: entry for entry in self.graphs}


@dataclass(frozen=True)
class Version:
    """A complete version on disk, which never changes."""

    path: Path
    manifest: Manifest

    @property
    def store_path(self) -> Path:
        """The folder of the store."""
        return self.path / "store"

    @property
    def site_path(self) -> Path:
        """The folder of the site, which exists only when the site is complete."""
        return self.path / SITE

    @property
    def has_site(self) -> bool:
        """Return whether the files of the version, its site and exports, were written."""
        return self.site_path.is_dir()

    @property
    def lacks_files(self) -> bool:
        """Return whether files of the site or the exports are missing or have another size than when written."""
        # By sizes: to read the 5 GB of 1,000 reports would take longer than what a build saves.
        try:
            listed = set((self.path / FILES).read_text(encoding="utf-8").splitlines())
        except (OSError, UnicodeDecodeError):
            return True
        stamped = (self.path / STAMP).is_file()
        return not stamped or not listed <= set(listing(self.path))

    @property
    def published_site(self) -> Path:
        """The link to the newest complete site, of this version or an earlier one."""
        return self.path.parents[1] / SITE

    @property
    def export_path(self) -> Path:
        """The folder of the exported files."""
        return self.path / EXPORT

    def open(self) -> Store:
        """Return the store of this version, read-only.

        Raises:
            StoreError: it cannot be opened, or is damaged.
        """
        build = self.path.parents[1]
        try:
            with reading(build):
                return Store.read_only(str(self.store_path))
        except OSError as error:
            raise _damage(build, self.path, error) from error


def newest(build: Path) -> Version | None:
    """Return the newest version in the folder `build`, if there is one.

    Raises:
        StoreError: the version that `current` names is damaged, or `current` is no link.
    """
    # Whoever reads `current` once sees one version, complete, whatever a build does meanwhile.
    current = build / CURRENT
    if not current.is_symlink():
        if current.exists():
            message = "a link to the newest version is expected here; a copy made without links has none. Remove this"
            raise StoreError(f"{current}: {message} and build again")
        return None
    return _version(build, Path(os.path.realpath(current)))  # unlike `resolve`, it does not fail on links in a circle


def require_newest(build: Path) -> Version:
    """Return the newest version in the folder `build`.

    Raises:
        StoreError: there is none yet.
    """
    version = newest(build)
    if version is None:
        raise StoreError(f"{build}: nothing has been built yet; run 'rejoinder build'")
    return version


def newest_with_site(build: Path, below: int | None = None) -> Version | None:
    """Return the newest version in the folder `build`, of those with a number below `below`, that has a site."""
    known = ((number, path) for number, path in numbered(build) if (path / SITE).is_dir())
    return next((each for each in _readable(build, known, below) if isinstance(each, Version)), None)


def kept(build: Path) -> tuple[Version, ...]:
    """Return the complete versions in the folder `build`, oldest first; numbers may have gaps.

    An older version that is damaged is left out, as if it had been removed.

    Raises:
        StoreError: the newest is damaged.
    """
    last = newest(build)
    if last is None:
        return ()
    older = [each for each in _readable(build, numbered(build), last.manifest.number) if isinstance(each, Version)]
    return (*reversed(older), last)


def damaged(build: Path, below: int) -> tuple[Problem, ...]:
    """Return a warning for each version in the folder `build`, with a number below `below`, that cannot be read."""
    return tuple(each for each in _readable(build, numbered(build), below) if isinstance(each, Problem))


def _readable(build: Path, known: Iterable[tuple[int, Path]], below: int | None) -> Iterator[Version | Problem]:
    """Yield the versions with a number below `below`, newest first, and a warning for each that cannot be read."""
    for number, path in sorted(known, reverse=True):
        if below is None or number < below:
            real = Path(os.path.realpath(path))
            try:
                version = _version(build, real)
                version.open()
            except StoreError as error:
                yield Problem(path, None, str(error).removeprefix(f"{real}: "), Severity.WARNING)
            else:
                yield version


def named(build: Path, name: str) -> Version:
    """Return the version in the folder `build` that goes by a number, or by `current` or `previous`.

    Raises:
        UsageError: there is no such version.
        StoreError: nothing has been built yet, or the version is damaged.
    """
    newest_one, known = require_newest(build), kept(build)
    if name == CURRENT:
        return newest_one
    if name == _PREVIOUS and len(known) > 1:  # the one kept before, whatever its number
        return known[-2]
    found = [version for version in known if name == str(version.manifest.number)]
    if not found:
        if name == _PREVIOUS:  # the one that 'diff' begins with, also if nobody names it
            only = known[-1].manifest.number
            raise UsageError(
                f"version {only} is the only one kept, so there is nothing to compare it with yet; "
                "run 'rejoinder build' again after a change"
            )
        for path in (path for number, path in numbered(build) if name == str(number)):
            _version(build, path).open()  # says what is damaged
        numbers = ", ".join(str(version.manifest.number) for version in known)
        there = f"the versions kept are {numbers}" if len(known) > 1 else f"the only version kept is {numbers}"
        raise UsageError(f"there is no version {name!r}; {there}")
    return found[0]


def first_created(build: Path) -> str | None:
    """Return when the first version in the folder `build` was made, if there is one; as an xsd:dateTime."""
    for _, path in sorted(numbered(build)):
        with suppress(StoreError):
            return _version(build, path).manifest.created
    return None


def numbered(build: Path) -> list[tuple[int, Path]]:
    """Return the folders of versions in the folder `build`, each with its number."""
    folder = build / VERSIONS
    return [(int(path.name), path) for path in folder.iterdir() if NUMBER.fullmatch(path.name)]


def mark(build: Path) -> object | None:
    """Return a value that changes when `build` has a newer version, or when the site of the newest is complete.

    It takes only two calls of `stat`. None means that there is no complete version.
    """
    current = build / CURRENT
    try:
        found = (current / MANIFEST).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns, (current / SITE).is_dir()


def _version(build: Path, path: Path) -> Version:
    try:
        return Version(path, _read_manifest(path / MANIFEST))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damage(build, path, error) from error


def _damage(build: Path, path: Path, error: Exception) -> StoreError:
    """Return the error for a version that cannot be read, with what to do.

    Nobody is told to remove the build folder: numbers would begin at 1 again, and old citations lead to other data.
    """
    # Without `current`, the next build makes a new version from the data, and this one is an older one.
    current = build / CURRENT
    is_newest = os.path.realpath(current) == os.path.realpath(path)
    remedy = f"remove {current}" if is_newest else "put it back from a backup, or remove this folder,"
    return StoreError(
        f"{path}: this version is damaged; see that you may read it, or {remedy} and build again. {error}"
    )


def _read_manifest(path: Path) -> Manifest:
    fields = json.loads(path.read_text(encoding="utf-8"))
    graphs = tuple(GraphEntry(**entry) for entry in fields.pop("graphs"))
    return Manifest(graphs=graphs, **fields)


@contextmanager
def locked(build: Path) -> Iterator[None]:
    """Lock the folder `build` against other builds, and remove the unfinished files of a killed one.

    Raises:
        StoreError: another build is at work, or the folder cannot be written.
    """
    with disk.writing(build):
        (build / VERSIONS).mkdir(parents=True, exist_ok=True)
        handle = (build / _LOCK).open("w")
    with handle:
        try:
            _lock(handle, fcntl.LOCK_EX, _LOCK_TRIES)
        except BlockingIOError as error:
            raise StoreError(f"{build}: another build is at work here; wait for it to end") from error
        with disk.writing(build):
            _clear_unfinished(build)
        yield


def is_building(build: Path) -> bool:
    """Return whether a build is at work in the folder `build`."""
    try:
        with (build / _LOCK).open() as handle:
            _lock(handle, fcntl.LOCK_SH, 1)  # shared: several servers may look at the same time
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _lock(handle: TextIO, kind: int, tries: int) -> None:
    """Acquire the lock. A build tries more than once, because `is_building` holds it for a moment."""
    # A lock of the system ends with its process, so a killed build leaves none behind.
    for left in reversed(range(tries)):
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if not left:
                raise
            time.sleep(0.02)
        else:
            return


def _clear_unfinished(build: Path) -> None:
    """Remove the unfinished files of a killed build; if `current` is broken, keep every version."""
    # Only now, with the lock: a draft may be that of a build at work.
    for draft in (build / VERSIONS).glob(f"{_DRAFT}*"):
        shutil.rmtree(draft)
    current = build / CURRENT
    if current.is_symlink() and (current / MANIFEST).exists() and NUMBER.fullmatch(current.readlink().name):
        # A folder that `current` never came to: the build was killed between the two last steps of `publish`.
        for number, path in numbered(build):
            if number > int(current.readlink().name):
                shutil.rmtree(path)


def next_number(build: Path) -> int:
    """Return the number of the next version: the highest in the folder `build`, plus one."""
    return max((number for number, _ in numbered(build)), default=0) + 1


@contextmanager
def draft(build: Path, previous: Store | None = None) -> Iterator[Path]:
    """Yield a new folder with a copy of the store `previous`; it is removed after the block unless published.

    Raises:
        StoreError: it cannot be written.
    """
    # A unique name, because RocksDB identifies stores in a process by path, and may not have closed the last one yet.
    folder = build / VERSIONS / f"{_DRAFT}-{os.getpid()}-{time.monotonic_ns()}"
    try:
        with disk.writing(build):
            folder.mkdir()
            if previous:
                # By hard links where the disk has them: a copy costs nothing, and each store stays as it is.
                previous.backup(str(folder / "store"))
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(build: Path, folder: Path, manifest: Manifest) -> Version:
    """Publish the draft in `folder` as the newest version of `build`, atomically.

    Raises:
        StoreError: it cannot be written.
    """
    with disk.writing(build):
        disk.write_whole(folder / MANIFEST, _manifest_json(manifest).encode(), durable=True)
        target = build / VERSIONS / f"{manifest.number:04d}"
        folder.rename(target)
        # The last step is atomic. If the build is killed before it, the next one removes the new folder.
        _link(build / CURRENT, Path(VERSIONS, target.name))
    return Version(target.resolve(), manifest)


def _manifest_json(manifest: Manifest) -> str:
    """Return the manifest as JSON, one graph a line."""
    encode = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps makes an encoder for each graph
    fields = {key: value for key, value in vars(manifest).items() if key in ("number", "created", "program")}
    graphs = ",\n".join(encode(vars(entry)) for entry in manifest.graphs)
    return f'{encode(fields)[:-1]}, "graphs": [\n{graphs}\n]}}'


def publish_site(build: Path, folder: Path, version: Version) -> None:
    """Publish the exports and the site in `folder` as those of the version, and as the newest site of `build`.

    Raises:
        OSError: it cannot be written.
    """
    (folder / FILES).write_text("".join(f"{line}\n" for line in listing(folder)), encoding="utf-8")
    parts = (EXPORT, STAMP, READS, FILES, SITE)  # the site last, so that its presence means that all is there
    for name in reversed(parts):
        if os.path.lexists(version.path / name):  # incomplete files of an earlier attempt go away with the draft
            (version.path / name).rename(folder / f"before-{name}")
    for name in parts:
        (folder / name).rename(version.path / name)
    link_site(build, version)


def listing(folder: Path) -> Iterator[str]:
    """Yield the size and the path of each file of the exports and of the site in `folder`."""
    waiting = [name for name in (EXPORT, SITE) if (folder / name).is_dir()]
    while waiting:
        place = waiting.pop()
        # A site has tens of thousands of files: `scandir` is told what is a folder without asking for each.
        with os.scandir(folder / place) as entries:
            for entry in entries:
                path = f"{place}/{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(path)
                else:
                    yield f"{entry.stat(follow_symlinks=False).st_size} {path}"


def link_site(build: Path, version: Version) -> None:
    """Point the link `site` to the site of the version.

    Raises:
        OSError: something other than a link is there, or the folder cannot be written.
    """
    link, target = build / SITE, Path(VERSIONS, version.path.name, SITE)
    if not link.is_symlink() or link.readlink() != target:
        _link(link, target)


def _link(link: Path, target: Path) -> None:
    """Point `link` to `target`, atomically."""
    new = link.with_name(f".{link.name}")  # a link cannot be changed, but it can be replaced by rename
    new.unlink(missing_ok=True)
    new.symlink_to(target)
    new.replace(link)


@dataclass(frozen=True)
class OpenVersion:
    """A version and its store, opened read-only."""

    manifest: Manifest
    store: Store

    @classmethod
    def of(cls, version: Version) -> OpenVersion:
        """Return the version, opened.

        Raises:
            StoreError: its store cannot be opened, or is damaged.
        """
        return cls(version.manifest, version.open())


@dataclass(frozen=True)
class GraphDifference:
    """A graph that differs between two versions: its entry in each, None if it is missing, and the statements."""

    iri: str
    before: GraphEntry | None
    after: GraphEntry | None
    added: tuple[Quad, ...]
    removed: tuple[Quad, ...]


@dataclass(frozen=True)
class VersionDifference:
    """The difference of version `after` from `before`, which is None for a first version.

    `graphs` is read anew each time and holds one graph at a time, so memory depends on the largest that differs.
    """

    before: OpenVersion | None
    after: OpenVersion

    def entries(self) -> Iterator[tuple[str, GraphEntry | None, GraphEntry | None]]:
        """Yield the IRI of each graph that differs, in order, with its entries before and after."""
        before = self.before.manifest if self.before else None
        for iri in sorted(self.after.manifest.differing(before)):
            yield iri, before.entry(iri) if before else None, self.after.manifest.entry(iri)

    def graphs(self) -> Iterator[GraphDifference]:
        """Yield the graphs that differ, in the order of their IRIs, with their statements."""
        return (self.graph(*entries) for entries in self.entries())

    def graph(self, iri: str, was: GraphEntry | None, now: GraphEntry | None) -> GraphDifference:
        """Return how the statements of a graph differ, which has these entries before and after."""
        held = frozenset(rdf_graphs.statements(self.before.store, iri)) if self.before and was else frozenset()
        holds = frozenset(rdf_graphs.statements(self.after.store, iri)) if now else frozenset()
        # Sorted by line. Blank nodes keep the labels from their whole graph, so that both sides agree.
        added, removed = (tuple(sorted(quads, key=str)) for quads in (holds - held, held - holds))
        return GraphDifference(iri, was, now, added, removed)


def as_patch(found: VersionDifference) -> Iterator[bytes]:
    """Yield a patch that turns the one version into the other: `D` deletes a statement, `A` adds one.

    Standard: RDF Patch, as in Apache Jena.
    """
    yield b"TX .\n"
    for graph in found.graphs():
        for letter, quads in ((b"D ", graph.removed), (b"A ", graph.added)):
            yield from (letter + line for line in terms.serialize(quads, formats.NQUADS).splitlines(keepends=True))
    yield b"TC .\n"


@contextmanager
def reading(build: Path) -> Iterator[None]:
    """Convert a failure to read a damaged store under `build` into a StoreError.

    Raises:
        StoreError: the store is damaged.
    """
    try:
        yield
    except RuntimeError as error:
        if not str(error).startswith("Corruption"):  # RocksDB has no error type for it
            raise
        # A store shares files with those before it; the draft of a new one reads files of the newest.
        found = _STORE_FILE.search(str(error))
        path = build / VERSIONS / found[1] if found else Path(os.path.realpath(build / CURRENT))
        raise _damage(build, path, error) from error
