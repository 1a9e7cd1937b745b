"""The version being served, and its files: read from disk or made from its store, compressed, tagged and cached.

The newest version is opened once (`VersionWatcher`); a running request keeps the version it began with.

A path is never resolved: it is the name of a file of the site, or not found. So no `..`, link or escaped character can
lead out of a folder.
"""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field, replace
from functools import partial
from io import BytesIO
from logging import INFO, WARNING, Logger
from pathlib import Path
from typing import BinaryIO, Final, Generic, TypeVar

from anyio import CapacityLimiter, to_thread

from rejoinder import versions
from rejoinder.config import Project, with_current_moves
from rejoinder.errors import RejoinderError, StoreError
from rejoinder.lazily import lazy
from rejoinder.rdf.no_network import Barrier
from rejoinder.server import http, negotiation
from rejoinder.server.http import REPRESENTATIONS, TypedLink, is_path, link_header, media_type_of, page_links
from rejoinder.server.workers import Fault, PageJob, QueryBackend, QueryReply, QuerySource, Queue
from rejoinder.site import metadata, routes, static, write
from rejoinder.site.snapshot import Snapshot, open_snapshot
from rejoinder.versions import Manifest, Version

_K = TypeVar("_K", bound=Hashable)
_T = TypeVar("_T")


@dataclass(frozen=True)
class FolderFiles:
    """The files in a folder, or only those with the given names."""

    folder: Path
    only: frozenset[str] | None = None

    @lazy
    def _root(self) -> str:
        return os.path.realpath(self.folder)

    def holds(self, path: str) -> bool:
        """Return whether there is a file at the path; symbolic links do not count."""
        if not is_path(path) or (self.only is not None and path not in self.only):
            return False
        # A link could lead out of the folder, so the resolved path must be the path itself.
        target = f"{self._root}/{path}"
        return os.path.realpath(target) == target and Path(target).is_file()

    def open(self, path: str) -> BinaryIO | None:
        """Return the open file at the path, or None; it stays readable even if the version is removed."""
        if not self.holds(path):
            return None
        try:
            return (self.folder / path).open("rb")
        except FileNotFoundError:  # the version was removed a moment ago
            return None


@dataclass(frozen=True)
class ProgramFiles:
    """Files that do not depend on the data: style sheet, icon, scripts, redirect rules, robots.txt."""

    project: Project

    @lazy
    def _paths(self) -> frozenset[str]:
        return frozenset((*static.STATIC_FILES, *static.paths())) - {static.SITE_MAP}

    def holds(self, path: str) -> bool:
        """Return whether there is a file at the path."""
        return path in self._paths

    def open(self, path: str) -> BinaryIO | None:
        """Return the file at the path, None if there is none."""
        if not self.holds(path):
            return None
        page = static.static_file(self.project, path, ()) if path in static.STATIC_FILES else static.script(path)
        return BytesIO(page.content)


@dataclass(frozen=True)
class SiteFiles:
    """The files of a version: those on disk, and those that workers make from its store.

    `name` is that of the version, as in `QuerySource`. Files are read in threads, so that a slow disk does not delay
    other requests.
    """

    at_hand: tuple[FolderFiles | ProgramFiles, ...]
    backend: QueryBackend | None = None
    name: str = ""

    async def beside(self, stem: str) -> tuple[str, ...]:
        """Return the files at a stem that are formats of one document, preferred ones first."""
        paths = [stem + suffix for suffix in REPRESENTATIONS]
        found = await to_thread.run_sync(
            lambda: {path for path in paths for files in self.at_hand if files.holds(path)}
        )
        if self.backend and (reply := await self._reply(self.backend, PageJob(stem, beside=True))):
            found.update(reply.files)
        return tuple(path for path in paths if path in found)

    async def open(self, path: str) -> BinaryIO | None:
        """Return the file at the path, None if there is none.

        Raises:
            LimitError: it takes too long or too much to make it.
            StoreError: the version is damaged or removed.
        """
        for files in self.at_hand:
            if (file := await to_thread.run_sync(files.open, path)) is not None:
                return file
        reply = await self._reply(self.backend, PageJob(path)) if self.backend else None
        return BytesIO(reply.body) if reply and reply.files else None

    async def _reply(self, backend: QueryBackend, job: PageJob) -> QueryReply | None:
        if not is_path(job.path):
            return None
        reply, source = await backend.answer(job, Queue.STORED if routes.reads_much(job.path) else Queue.PAGES)
        if reply.fault is Fault.PROGRAM:
            raise RuntimeError(reply.message)
        if reply.fault:
            raise StoreError(reply.message)
        # A page and its data must be of one version: a client that began with one must not get parts of another.
        if source.name != self.name:
            raise StoreError(f"{job.path}: another version took the place of the one that was asked")
        return reply


class LRUCache(Generic[_K, _T]):
    """A least recently used cache bounded in bytes; `size_of` returns the size of an entry.

    >>> cache = LRUCache[str, bytes](250, lambda key, value: len(value))
    >>> for key in "abc":
    ...     cache.put(key, b"." * 100)
    >>> [cache.get(key) is not None for key in "abc"]
    [False, True, True]
    """

    def __init__(self, max_bytes: int, size_of: Callable[[_K, _T], int]) -> None:
        self.max_bytes, self._size_of = max_bytes, size_of
        self._values: OrderedDict[_K, _T] = OrderedDict()
        self._bytes = 0

    def get(self, key: _K) -> _T | None:
        """Return the value, or None if it is not cached."""
        if key in self._values:
            self._values.move_to_end(key)
        return self._values.get(key)

    def put(self, key: _K, value: _T) -> None:
        """Add the value, and drop the least recently used ones beyond the limit."""
        if key in self._values:
            self._bytes -= self._size_of(key, self._values.pop(key))
        self._values[key] = value
        self._bytes += self._size_of(key, value)
        while self._bytes > self.max_bytes:
            self._bytes -= self._size_of(*self._values.popitem(last=False))


_MIN_STREAMED_BYTES: Final = 8_000_000
"""The size from which a file is streamed from disk, whole or in ranges, and never cached."""

_MAX_STEMS: Final = 10_000
"""The number of stems whose lists of files are cached."""

_PACKED_AT_A_TIME: Final = 2
"""Threads for compression. It needs the processor, so more threads would only wait for each other."""


@dataclass(frozen=True)
class Representation:
    """A file of the site as it is sent; a streamed file has no content here.

    `coding` is its content coding; `links` are the typed links of a page, also as the value of the Link header.
    """

    path: str
    media_type: str
    size: int
    digest: str
    links: tuple[TypedLink, ...] = ()
    link_header: str = ""
    content: bytes | None = None
    coding: str | None = None

    @property
    def codings(self) -> tuple[str, ...]:
        """The content codings in which it may be sent."""
        return () if self.content is None else negotiation.codings(self.media_type, self.size)


_Key = tuple[str, str | None]


@dataclass
class PageCache:
    """The cached representations of one version, in at most `max_bytes` bytes of memory."""

    files: SiteFiles
    max_bytes: int
    _packers: CapacityLimiter = field(default_factory=partial(CapacityLimiter, _PACKED_AT_A_TIME))
    _making: dict[_Key, asyncio.Future[Representation | None]] = field(default_factory=dict)

    @lazy
    def _held(self) -> LRUCache[_Key, Representation]:
        # 1,000 bytes more for each object with its links and its header.
        return LRUCache(self.max_bytes, lambda _, made: len(made.content or b"") + 1_000)

    @lazy
    def _beside(self) -> LRUCache[str, tuple[str, ...]]:
        return LRUCache(_MAX_STEMS, lambda *_: 1)

    async def get(self, path: str, coding: str | None = None) -> Representation | None:
        """Return the file at the path in a coding, or None; concurrent requests for one file make it once."""
        key = path, coding
        if held := self._held.get(key):
            return held
        # Concurrent requests wait for one task; shielded, so that a client that leaves does not cancel it for others.
        if key not in self._making:
            making = asyncio.ensure_future(self._made(path, coding))
            self._making[key] = making
            making.add_done_callback(partial(self._is_made, key))
        return await asyncio.shield(self._making[key])

    def _is_made(self, key: _Key, making: asyncio.Future[Representation | None]) -> None:
        del self._making[key]
        if not making.cancelled():
            making.exception()  # marks it as retrieved: without waiting clients, asyncio would log it

    async def beside(self, stem: str) -> tuple[str, ...]:
        """Return the files at a stem; see `SiteFiles.beside`."""
        found = self._beside.get(stem)
        if found is None:
            found = await self.files.beside(stem)
            if found:  # guessed addresses are not cached, because they would displace real ones
                self._beside.put(stem, found)
        return found

    async def open(self, path: str) -> BinaryIO | None:
        """Return the file at the path as it stands; see `SiteFiles.open`."""
        return await self.files.open(path)

    async def _made(self, path: str, coding: str | None) -> Representation | None:
        if coding is None:
            file = await self.files.open(path)
            made = await to_thread.run_sync(_read, path, file) if file else None
        else:
            plain = await self.get(path)
            made = await to_thread.run_sync(_packed, plain, coding, limiter=self._packers) if plain else None
        if made:
            self._held.put((path, coding), made)
        return made


def _read(path: str, file: BinaryIO) -> Representation:
    """Return the file as a representation, and close it."""
    with file:
        digest, size = http.digest(file), file.tell()
        file.seek(0)
        # Small pages are requested often and large dumps rarely, so only small files are cached.
        content = file.read() if size < _MIN_STREAMED_BYTES else None
    links = page_links(content) if content and path.endswith(".html") else ()
    return Representation(path, media_type_of(path), size, digest, links, link_header(links), content)


def _packed(plain: Representation, coding: str) -> Representation:
    content = negotiation.CODINGS[coding](plain.content or b"")
    return replace(plain, content=content, size=len(content), coding=coding)


@dataclass(frozen=True)
class ServedVersion:
    """An open version; `mark` differs for each version, `max_age` is the number of seconds that answers are fresh.

    Pages are made from `snapshot`; queries go to `source`.
    """

    manifest: Manifest
    mark: object
    pages: PageCache
    max_age: int
    snapshot: Snapshot
    source: QuerySource


VersionListener = Callable[[ServedVersion], Awaitable[None]]
"""A callback that prepares a part of the server for a new version before any answer comes from it."""


@dataclass
class VersionWatcher:
    """Opens the newest version of a project, and switches to each newer one.

    If a version has no site on disk, `backend` makes its pages, unless only the site `as_built` is served.
    """

    project: Project
    log: Logger
    backend: QueryBackend
    followers: list[VersionListener] = field(default_factory=list)
    as_built: bool = False
    _served: ServedVersion | None = None
    _refused: object = None
    _barrier: Barrier | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def current(self) -> ServedVersion:
        """Return the newest version, or the one before if that cannot be opened, which is logged once.

        Raises:
            StoreError: there is none that can be opened.
        """
        if self._served and self._is_current(self._served):
            return self._served
        async with self._turn:  # one request opens the version, the others wait and find it open
            if self._served and self._is_current(self._served):
                return self._served
            # Read before opening, so that a version published meanwhile is noticed at the next request.
            mark = versions.mark(self.project.build)
            try:
                served = await to_thread.run_sync(self._open, mark)
                for follow in self.followers:
                    await follow(served)
                await self.backend.switch(served.source)
            except (RejoinderError, OSError) as error:
                return self._fallen_back(mark, error)
            if self.backend.barrier is not self._barrier:  # logged only if it changed
                self._barrier = self.backend.barrier
                self.log.log(WARNING if self._barrier is Barrier.NONE else INFO, "queries: %s", self._barrier)
            self._served = served
            return served

    def _is_current(self, served: ServedVersion) -> bool:
        mark = versions.mark(self.project.build)
        if mark in {served.mark, self._refused, None}:
            return True
        # A version's store is published before its files, so until the build ends, the last version stays in use.
        return versions.is_building(self.project.build)

    def _open(self, mark: object) -> ServedVersion:
        # The build went by the settings of now: it left out what is withdrawn, and its site is of those settings.
        project = with_current_moves(self.project)
        version = require_site(project) if self.as_built else versions.require_newest(project.build)
        # The number alone is not unique: numbers begin again if the build folder is lost.
        name, settings = f"{version.manifest.number} {mark}", project.server
        if _has_site(version, project):
            files = SiteFiles((FolderFiles(version.site_path),))
        else:
            # Exports may be there without a site. Of these only the dumps are sent, since workers make all other files.
            dumps = frozenset(dump.path for dump in metadata.dumps(version.export_path))
            at_hand = FolderFiles(version.export_path, dumps), ProgramFiles(project)
            files = SiteFiles(at_hand, self.backend, name)
        snapshot = open_snapshot(project, version)
        source = QuerySource(version.store_path, name, version, snapshot.questions, files.backend is not None, project)
        pages = PageCache(files, settings.cache_bytes)
        return ServedVersion(version.manifest, mark, pages, settings.max_age, snapshot, source)

    def _fallen_back(self, mark: object, error: RejoinderError | OSError) -> ServedVersion:
        if self._served is None:
            raise error
        self._refused = mark  # so that it is not tried, and logged, again with every request
        self.log.error("version %d stays in use: %s", self._served.manifest.number, error)
        return self._served


def require_site(project: Project) -> Version:
    """Return the newest version of a project if its site is on disk.

    Raises:
        StoreError: there is no version, or no site of it that this program made with these settings.
    """
    version = versions.require_newest(project.build)
    if _has_site(version, project):
        return version
    what = f"version {version.manifest.number} has no site that is up to date"
    raise StoreError(f"{project.build}: {what}; write it with 'rejoinder build'")


def _has_site(version: Version, project: Project) -> bool:
    return version.site_path.is_dir() and write.is_current(version.site_path, project)
