"""The version that is served: the newest one, opened once; a request keeps the one it began with."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from logging import Logger
from pathlib import Path

from anyio import CapacityLimiter, to_thread

from rejoinder.errors import RejoinderError
from rejoinder.project import Project
from rejoinder.server.representations import Cache
from rejoinder.server.shelves import FolderShelf, Shelf, Shelves, StoreShelf
from rejoinder.site import writer
from rejoinder.site.pages import Edition, open_edition
from rejoinder.store import publication, versions
from rejoinder.store.versions import Manifest, Version

_WORKERS = 2
"""Threads that read and make pages. That is work for the interpreter: more of them would only keep others waiting."""


@dataclass(frozen=True)
class Opened:
    """A version that is open; `mark` tells it from the one that follows it, `max_age` is how long answers are fresh.

    `edition` opens what its pages are made of; `store` is the folder of its store, None if that is elsewhere.
    """

    manifest: Manifest
    mark: object
    pages: Cache
    max_age: int
    edition: Callable[[], Edition]
    store: Path | None


Follower = Callable[[Opened], Awaitable[None]]
"""What has to be ready for a version before anything is answered from it."""


@dataclass
class Editions:
    """Opens the newest version of a project, and the next one when there is one."""

    project: Project
    log: Logger
    followers: list[Follower] = field(default_factory=list)
    _opened: Opened | None = None
    _refused: object = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _workers: CapacityLimiter = field(default_factory=partial(CapacityLimiter, _WORKERS))

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
                self._opened = await self._next(mark)
            except (RejoinderError, OSError) as error:
                return self._fallen_back(mark, error)
            return self._opened

    async def _next(self, mark: object) -> Opened:
        opened = await to_thread.run_sync(self._open, mark, limiter=self._workers)
        for follow in self.followers:
            await follow(opened)
        return opened

    def _is_current(self, opened: Opened) -> bool:
        mark = versions.mark(self.project.build)
        if mark in {opened.mark, self._refused, None}:
            return True
        # The store of a version is published before its files: until the build is done, the one before has all of them.
        return publication.is_building(self.project.build)

    def _open(self, mark: object) -> Opened:
        version = versions.require_newest(self.project.build)
        settings = self.project.server
        pages = Cache(shelf_of(self.project, version), settings.cache_bytes, self._workers)
        edition = partial(open_edition, self.project, version)
        return Opened(version.manifest, mark, pages, settings.max_age, edition, version.store_path)

    def _fallen_back(self, mark: object, error: RejoinderError | OSError) -> Opened:
        if self._opened is None:
            raise error
        self._refused = mark
        number = self._opened.manifest.number
        self.log.error("version %d stays in use: %s", number, error)
        return self._opened


def shelf_of(project: Project, version: Version) -> Shelf:
    """Where the pages of a version come from: its folder if it has one that is whole, else its store.

    Raises:
        StoreError: its store cannot be opened.
    """
    if version.site_path.is_dir() and writer.is_current(version.site_path, project):
        return FolderShelf(version.site_path)
    edition = open_edition(project, version)
    dumps = FolderShelf(version.export_path, frozenset(dump.path for dump in edition.dumps))
    return Shelves((dumps, StoreShelf(edition)))
