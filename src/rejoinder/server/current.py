"""The version being served: the newest one, opened once; a running request keeps the version it began with."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from logging import INFO, WARNING, Logger

from anyio import to_thread

from rejoinder import versions
from rejoinder.config import Project
from rejoinder.errors import RejoinderError, StoreError
from rejoinder.rdf.no_network import Barrier
from rejoinder.server.files import FolderFiles, PageCache, ProgramFiles, SiteFiles
from rejoinder.server.workers import QueryBackend, QuerySource
from rejoinder.site import metadata, write
from rejoinder.site.snapshot import Snapshot, open_snapshot
from rejoinder.versions import Manifest, Version


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

    If a version has no site on disk, `workers` make its pages, unless only the site `as_built` is served.
    """

    project: Project
    log: Logger
    workers: QueryBackend
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
                await self.workers.switch(served.source)
            except (RejoinderError, OSError) as error:
                return self._fallen_back(mark, error)
            if self.workers.barrier is not self._barrier:  # logged only if it changed
                self._barrier = self.workers.barrier
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
        version = require_site(self.project) if self.as_built else versions.require_newest(self.project.build)
        # The number alone is not unique: numbers begin again if the build folder is lost.
        name, settings = f"{version.manifest.number} {mark}", self.project.server
        if _has_site(version, self.project):
            files = SiteFiles((FolderFiles(version.site_path),))
        else:
            dumps = frozenset(dump.path for dump in metadata.dumps(version.export_path))
            at_hand = FolderFiles(version.export_path, dumps), ProgramFiles(self.project)
            files = SiteFiles(at_hand, self.workers, name)
        snapshot = open_snapshot(self.project, version)
        source = QuerySource(version.store_path, name, version, snapshot.questions, files.workers is not None)
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
