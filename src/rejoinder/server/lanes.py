"""Who may put a query, and when: what processes of ours and a triple store have in common that answer them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from rejoinder.errors import RejoinderError

_T = TypeVar("_T")


@dataclass(frozen=True)
class QueryLimits:
    """What a query may take: seconds, bytes of text, of answer, of memory; how many run at a time, how many wait."""

    seconds: float = 10.0
    text: int = 100_000
    size: int = 20_000_000
    memory: int = 1_000_000_000
    workers: int = 3
    waiting: int = 20


@dataclass(frozen=True)
class Source:
    """A version as workers see it: the folder of its store, and a name that no other version ever has."""

    store: Path
    name: str


class LimitError(RejoinderError):
    """A query that was stopped; `limit` is `time`, `memory`, `concurrency` or `size`, `wait` when to ask again."""

    def __init__(self, limit: str, message: str, wait: int | None = None) -> None:
        self.limit, self.wait = limit, wait
        super().__init__(message)


class Lanes:
    """The version that queries are put to, and the right to put them.

    Of several places, one is kept for stored questions, and these wait in a queue of their own: however many queries of
    strangers run or wait, they are answered.
    """

    def __init__(self, limits: QueryLimits) -> None:
        self.limits = limits
        self._strangers = asyncio.Semaphore(max(1, limits.workers - 1))
        self._waiting = {True: 0, False: 0}  # by whether it is for a stored question
        self._source: Source | None = None

    @property
    def source(self) -> Source:
        """The version that new queries are put to."""
        if self._source is None:
            raise LimitError("concurrency", "the server is not ready yet; ask again in a moment", wait=1)
        return self._source

    @asynccontextmanager
    async def _lane(self, *, stored: bool) -> AsyncIterator[None]:
        """The right to a worker: all but one may be had by queries of strangers."""
        if stored:
            yield
            return
        await self._soon(self._strangers.acquire, stored=False)
        try:
            yield
        finally:
            self._strangers.release()

    async def _soon(self, wanted: Callable[[], Coroutine[Any, Any, _T]], *, stored: bool) -> _T:
        """What is wanted, unless too many wait already or it takes too long."""
        if self._waiting[stored] >= self.limits.waiting:
            raise self._busy()
        self._waiting[stored] += 1
        try:
            async with asyncio.timeout(self.limits.seconds):
                return await wanted()
        except TimeoutError as error:
            raise self._busy() from error
        finally:
            self._waiting[stored] -= 1

    def _busy(self) -> LimitError:
        message = "more queries are asked than can be answered at a time; ask again in a few seconds"
        return LimitError("concurrency", message, wait=max(1, round(self.limits.seconds)))

    def _too_slow(self) -> LimitError:
        return LimitError("time", f"the query was stopped after {self.limits.seconds:g} seconds; ask for less")
