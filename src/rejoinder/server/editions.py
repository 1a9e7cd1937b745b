"""The version that is served: the newest one, opened once; a request keeps the one it began with."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from logging import INFO, WARNING, Logger

from anyio import to_thread

from rejoinder.errors import RejoinderError
from rejoinder.project import Project
from rejoinder.server.lanes import Source
from rejoinder.server.pagesources import FromDisk, FromWorkers, Several
from rejoinder.server.queries import Answering
from rejoinder.server.representations import Cache
from rejoinder.server.shelves import FolderShelf, ProgramShelf
from rejoinder.site import distributions, writer
from rejoinder.site.pages import Edition, open_edition
from rejoinder.store import publication, versions
from rejoinder.store.isolation import Barrier
from rejoinder.store.versions import Manifest, Version


@dataclass(frozen=True)
class Opened:
    """A version that is open; `mark` tells it from the one that follows it, `max_age` is how long answers are fresh.

    `edition` opens what its pages are made of; `source` is what queries are put to.
    """

    manifest: Manifest
    mark: object
    pages: Cache
    max_age: int
    edition: Callable[[], Edition]
    source: Source


Follower = Callable[[Opened], Awaitable[None]]
"""What has to be ready for a version before anything is answered from it."""


@dataclass
class Editions:
    """Opens the newest version of a project, and the next one when there is one; `workers` make its pages."""

    project: Project
    log: Logger
    workers: Answering
    followers: list[Follower] = field(default_factory=list)
    _opened: Opened | None = None
    _refused: object = None
    _barrier: Barrier | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def current(self) -> Opened:
        """The newest version; the one before if that cannot be opened, which is logged once.

        Raises:
            StoreError: there is none that can be opened.
        """
        if self._opened and self._is_current(self._opened):
            return self._opened
        async with self._turn:
            if self._opened and self._is_current(self._opened):
                return self._opened
            mark = versions.mark(self.project.build)
            try:
                opened = await to_thread.run_sync(self._open, mark)
                for follow in self.followers:
                    await follow(opened)
                await self.workers.switch(opened.source)
                self._tell_barrier()
                self._opened = opened
            except (RejoinderError, OSError) as error:
                return self._fallen_back(mark, error)
            return self._opened

    def _tell_barrier(self) -> None:
        """Log what keeps queries from the network, once for each answer that there is."""
        if self.workers.barrier is not self._barrier:
            self._barrier = self.workers.barrier
            self.log.log(WARNING if self._barrier is Barrier.NONE else INFO, "queries: %s", self._barrier)

    def _is_current(self, opened: Opened) -> bool:
        mark = versions.mark(self.project.build)
        if mark in {opened.mark, self._refused, None}:
            return True
        # The store of a version is published before its files: until the build is done, the one before has all of them.
        return publication.is_building(self.project.build)

    def _open(self, mark: object) -> Opened:
        version = versions.require_newest(self.project.build)
        name, settings = f"{version.manifest.number} {mark}", self.project.server
        has_site = version.site_path.is_dir() and writer.is_current(version.site_path, self.project)
        source = Source(version.store_path, name, None if has_site else version)
        files = FromDisk(FolderShelf(version.site_path)) if has_site else self._made(version, name)
        edition = partial(open_edition, self.project, version)
        return Opened(version.manifest, mark, Cache(files, settings.cache_bytes), settings.max_age, edition, source)

    def _made(self, version: Version, name: str) -> Several:
        """The files of a version without a site: what is on disk is read, everything else is made by workers."""
        dumps = frozenset(dump.path for dump in distributions.dumps(version.export_path))
        exported, fixed = FolderShelf(version.export_path, dumps), ProgramShelf(self.project)
        return Several((FromDisk(exported), FromDisk(fixed), FromWorkers(self.workers, name)))

    def _fallen_back(self, mark: object, error: RejoinderError | OSError) -> Opened:
        if self._opened is None:
            raise error
        self._refused = mark
        number = self._opened.manifest.number
        self.log.error("version %d stays in use: %s", number, error)
        return self._opened
