"""How a server gets the files of a version without keeping others waiting: read from disk, or made by workers."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO, Protocol

from anyio import to_thread

from rejoinder.errors import StoreError
from rejoinder.server.lanes import Lane
from rejoinder.server.queries import Answering
from rejoinder.server.shelves import REPRESENTATIONS, FolderShelf, ProgramShelf, is_path
from rejoinder.server.worker import Reply, SiteJob
from rejoinder.site import families


class PageSource(Protocol):
    """A shelf that keeps nobody else waiting, see `Shelf`."""

    async def beside(self, stem: str) -> tuple[str, ...]:
        """The files at a stem that may say the same in different formats, those first that we prefer."""

    async def open(self, path: str) -> BinaryIO | None:
        """The file at the path, None if there is none.

        Raises:
            LimitError: it takes too long or too much to make it.
            StoreError: what it would be made of is damaged or gone.
        """


@dataclass(frozen=True)
class FromDisk:
    """Files that only have to be read."""

    shelf: FolderShelf | ProgramShelf

    async def beside(self, stem: str) -> tuple[str, ...]:
        """See `PageSource.beside`."""
        return await to_thread.run_sync(self.shelf.beside, stem)

    async def open(self, path: str) -> BinaryIO | None:
        """See `PageSource.open`."""
        return await to_thread.run_sync(self.shelf.open, path)


@dataclass(frozen=True)
class FromWorkers:
    """Files that workers make of the version with a name, within the limits of queries."""

    workers: Answering
    name: str

    async def beside(self, stem: str) -> tuple[str, ...]:
        """See `PageSource.beside`."""
        reply = await self._reply(SiteJob(stem, beside=True))
        return reply.files if reply else ()

    async def open(self, path: str) -> BinaryIO | None:
        """See `PageSource.open`."""
        reply = await self._reply(SiteJob(path))
        return BytesIO(reply.body) if reply and reply.files else None

    async def _reply(self, job: SiteJob) -> Reply | None:
        if not is_path(job.path):
            return None
        lane = Lane.STORED if families.reads_much(job.path) else Lane.PAGES
        reply, source = await self.workers.answer(job, lane)
        if reply.fault == "program":
            raise RuntimeError(reply.message)
        if reply.fault:
            raise StoreError(reply.message)
        if source.name != self.name:
            raise StoreError(f"{job.path}: another version took the place of the one that was asked")
        return reply


@dataclass(frozen=True)
class Several:
    """Several sources; the first that has a file gives it."""

    sources: tuple[PageSource, ...]

    async def beside(self, stem: str) -> tuple[str, ...]:
        """See `PageSource.beside`."""
        found = {path for source in self.sources for path in await source.beside(stem)}
        return tuple(stem + suffix for suffix in REPRESENTATIONS if stem + suffix in found)

    async def open(self, path: str) -> BinaryIO | None:
        """See `PageSource.open`."""
        for source in self.sources:
            if (file := await source.open(path)) is not None:
                return file
        return None
