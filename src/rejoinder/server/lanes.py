"""Who may put a query, and when: what processes of ours and a triple store have in common that answer them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from rejoinder.errors import RejoinderError
from rejoinder.server.worker import Job, SiteJob
from rejoinder.settings import ServerSettings
from rejoinder.site.pages import Edition
from rejoinder.store.versions import Version

_T = TypeVar("_T")

PAGES_AT_A_TIME: Final = 2
"""Pages that read little of the store and are made at the same time; each has a process that no query can take."""


@dataclass(frozen=True)
class QueryLimits:
    """What a query may take: seconds, bytes of text, of answer, of memory; how many run at a time, how many wait."""

    seconds: float = 10.0
    text: int = 100_000
    size: int = 20_000_000
    memory: int = 1_000_000_000
    workers: int = 3
    waiting: int = 20


def query_limits(settings: ServerSettings) -> QueryLimits:
    """What a query may take."""
    return QueryLimits(
        seconds=settings.query_seconds,
        text=settings.query_bytes,
        size=settings.query_result_bytes,
        memory=settings.query_memory_bytes,
        workers=settings.query_workers,
        waiting=settings.query_queue,
    )


@dataclass(frozen=True)
class Source:
    """A version as workers see it: the folder of its store, and a name that no other version ever has.

    `pages` is what workers make its pages of, be it on disk or in a triple store; None where pages are files already.
    """

    store: Path
    name: str
    pages: Version | Edition | None = None


class Lane(Enum):
    """What is asked for.

    A query of a stranger; a stored question, or a page that reads much of the store; any other page.
    """

    STRANGERS = "strangers"
    STORED = "stored"
    PAGES = "pages"


class LimitError(RejoinderError):
    """What was stopped; `limit` is `time`, `memory`, `concurrency` or `size`, `wait` when to ask again."""

    def __init__(self, limit: str, message: str, wait: int | None = None) -> None:
        self.limit, self.wait = limit, wait
        super().__init__(message)


class Lanes:
    """The version that queries are put to, and the right to put them.

    Of the places for queries, one is kept for stored questions, and these wait in a queue of their own: however many
    queries of strangers run or wait, they are answered. Pages that read little have places that no query can take.
    """

    def __init__(self, limits: QueryLimits) -> None:
        self.limits = limits
        queries = asyncio.Semaphore(limits.workers)
        strangers = asyncio.Semaphore(max(1, limits.workers - 1))
        self._gates = {
            Lane.STRANGERS: (strangers, queries),
            Lane.STORED: (queries,),
            Lane.PAGES: (asyncio.Semaphore(PAGES_AT_A_TIME),),
        }
        self._waiting = dict.fromkeys(Lane, 0)
        self._source: Source | None = None

    @property
    def source(self) -> Source:
        """The version that new queries are put to."""
        if self._source is None:
            raise LimitError("concurrency", "the server is not ready yet; ask again in a moment", wait=1)
        return self._source

    @asynccontextmanager
    async def _place(self, lane: Lane, wanted: Callable[[], Coroutine[Any, Any, _T]]) -> AsyncIterator[_T]:
        """What is wanted, in one of the places that the lane has, after waiting for as long as a query may take."""
        async with AsyncExitStack() as held:
            yield await self._soon(partial(self._in_lane, held, lane, wanted), lane)

    async def _in_lane(self, held: AsyncExitStack, lane: Lane, wanted: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
        for gate in self._gates[lane]:
            await gate.acquire()
            held.callback(gate.release)
        return await wanted()

    async def _soon(self, wanted: Callable[[], Coroutine[Any, Any, _T]], lane: Lane) -> _T:
        """What is wanted, unless too many wait already or it takes too long; how many pages wait is bounded before."""
        if lane is not Lane.PAGES and self._waiting[lane] >= self.limits.waiting:
            raise self._busy()
        self._waiting[lane] += 1
        try:
            async with asyncio.timeout(self.limits.seconds):
                return await wanted()
        except TimeoutError as error:
            raise self._busy() from error
        finally:
            self._waiting[lane] -= 1

    def _busy(self) -> LimitError:
        message = "more is asked than can be answered at a time; ask again in a few seconds"
        return LimitError("concurrency", message, wait=max(1, round(self.limits.seconds)))

    def _too_slow(self, job: Job | SiteJob) -> LimitError:
        seconds = f"{self.limits.seconds:g} seconds"
        if isinstance(job, SiteJob):
            return LimitError("time", f"making this page was stopped after {seconds}, which is all that it may take")
        return LimitError("time", f"the query was stopped after {seconds}; ask for less")
