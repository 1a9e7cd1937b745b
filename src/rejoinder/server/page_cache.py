"""The files of a version as they are answered: tagged, packed for transport, with their typed links; kept in memory."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from functools import partial
from io import BytesIO
from typing import BinaryIO, Final, Protocol

from anyio import CapacityLimiter, to_thread

from rejoinder.errors import StoreError
from rejoinder.server import http
from rejoinder.server.files import REPRESENTATIONS, FolderFiles, ProgramFiles, is_path, media_type_of
from rejoinder.server.http import TypedLink, page_links
from rejoinder.server.queries import QueryBackend
from rejoinder.server.workers import PageJob, QueryReply, Queue
from rejoinder.site import routes


class PageSource(Protocol):
    """Files that are opened without blocking the event loop; see `SiteFiles`."""

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

    files: FolderFiles | ProgramFiles

    async def beside(self, stem: str) -> tuple[str, ...]:
        """See `PageSource.beside`."""
        return await to_thread.run_sync(self.files.beside, stem)

    async def open(self, path: str) -> BinaryIO | None:
        """See `PageSource.open`."""
        return await to_thread.run_sync(self.files.open, path)


@dataclass(frozen=True)
class FromWorkers:
    """Files that workers make of the version with a name, within the limits of queries."""

    workers: QueryBackend
    name: str

    async def beside(self, stem: str) -> tuple[str, ...]:
        """See `PageSource.beside`."""
        reply = await self._reply(PageJob(stem, beside=True))
        return reply.files if reply else ()

    async def open(self, path: str) -> BinaryIO | None:
        """See `PageSource.open`."""
        reply = await self._reply(PageJob(path))
        return BytesIO(reply.body) if reply and reply.files else None

    async def _reply(self, job: PageJob) -> QueryReply | None:
        if not is_path(job.path):
            return None
        queue = Queue.STORED if routes.reads_much(job.path) else Queue.PAGES
        reply, source = await self.workers.answer(job, queue)
        if reply.fault == "program":
            raise RuntimeError(reply.message)
        if reply.fault:
            raise StoreError(reply.message)
        if source.name != self.name:
            raise StoreError(f"{job.path}: another version took the place of the one that was asked")
        return reply


@dataclass(frozen=True)
class CombinedSource:
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


_STREAMED: Final = 8_000_000
"""A file from this size on is sent from where it is, in one piece or in ranges, and never kept in memory."""

_PACKED_AT_A_TIME: Final = 2
"""Threads that pack. That is work for the processor: more of them would only keep each other waiting."""


@dataclass(frozen=True)
class Representation:
    """A file of the site; one that is streamed has no content here.

    `coding` says how the content is packed, `links` are the typed links of a page.
    """

    path: str
    media_type: str
    size: int
    digest: str
    links: tuple[TypedLink, ...] = ()
    content: bytes | None = None
    coding: str | None = None

    @property
    def etag(self) -> str:
        """The strong entity tag."""
        return http.tag(self.digest, self.coding)

    @property
    def codings(self) -> tuple[str, ...]:
        """The content codings it may travel in."""
        return () if self.content is None else http.codings(self.media_type, self.size)


@dataclass
class PageCache:
    """The representations of one version, those asked for last; `limit` bounds their bytes."""

    source: PageSource
    limit: int
    size: int = 0
    _packers: CapacityLimiter = field(default_factory=partial(CapacityLimiter, _PACKED_AT_A_TIME))
    _held: OrderedDict[tuple[str, str | None], Representation] = field(default_factory=OrderedDict)
    _making: dict[tuple[str, str | None], asyncio.Future[Representation | None]] = field(default_factory=dict)
    _beside: OrderedDict[str, tuple[str, ...]] = field(default_factory=OrderedDict)

    async def get(self, path: str, coding: str | None = None) -> Representation | None:
        """The file at the path in a coding, None if there is none; made once, however many ask for it at a time."""
        key = path, coding
        if key in self._held:
            self._held.move_to_end(key)
            return self._held[key]
        if key not in self._making:
            making = asyncio.ensure_future(self._made(path, coding))
            self._making[key] = making
            making.add_done_callback(partial(self._is_made, key))
        return await asyncio.shield(self._making[key])

    def _is_made(self, key: tuple[str, str | None], making: asyncio.Future[Representation | None]) -> None:
        del self._making[key]
        if not making.cancelled():
            making.exception()  # which is no news to anybody where nobody waits any more

    async def beside(self, stem: str) -> tuple[str, ...]:
        """See `PageSource.beside`."""
        if stem not in self._beside:
            found = await self.source.beside(stem)
            if not found:  # a guess; remembered, guesses would push out what is there
                return found
            self._beside[stem] = found
            if len(self._beside) > 10_000:
                self._beside.popitem(last=False)
        return self._beside[stem]

    async def open(self, path: str) -> BinaryIO | None:
        """See `PageSource.open`."""
        return await self.source.open(path)

    async def _made(self, path: str, coding: str | None) -> Representation | None:
        if coding is None:
            file = await self.source.open(path)
            made = await to_thread.run_sync(_read, path, file) if file else None
        else:
            plain = await self.get(path)
            made = await to_thread.run_sync(_packed, plain, coding, limiter=self._packers) if plain else None
        if made:
            self._keep(made)
        return made

    def _keep(self, made: Representation) -> None:
        key = made.path, made.coding
        if key not in self._held:
            self._held[key] = made
            self.size += _weight(made)
        while self.size > self.limit and len(self._held) > 1:
            _, oldest = self._held.popitem(last=False)
            self.size -= _weight(oldest)


def _read(path: str, file: BinaryIO) -> Representation:
    """The file as a representation; it is closed."""
    with file:
        digest, size = http.digest(file), file.tell()
        file.seek(0)
        content = file.read() if size < _STREAMED else None
    links = page_links(content) if content and path.endswith(".html") else ()
    return Representation(path, media_type_of(path), size, digest, links, content)


def _packed(plain: Representation, coding: str) -> Representation:
    content = http.CODINGS[coding](plain.content or b"")
    return replace(plain, content=content, size=len(content), coding=coding)


def _weight(made: Representation) -> int:
    """What it takes in memory, roughly."""
    return len(made.content or b"") + 1_000
