"""The workers: a few processes that answer queries and make pages, kept whole whatever these do to them.

One that dies is replaced at once; when a newer version comes, those at work finish, and new ones open it. Workers are
forked from a process that has loaded the program and opened nothing, so that a new one costs milliseconds.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
import socket
from collections.abc import Coroutine
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext, ForkServerProcess
from typing import Any, Final

from rejoinder.project import Project
from rejoinder.server import worker
from rejoinder.server.lanes import PAGES_AT_A_TIME, Lane, Lanes, LimitError, QueryLimits, Source
from rejoinder.server.worker import Job, Reply, Setup, SiteJob
from rejoinder.store.isolation import Barrier
from rejoinder.store.versions import Version

_GRACE: Final = 2.0
"""Seconds behind the kernel's own alarm after which a worker is killed from here."""

_PAUSES: Final = (0.0, 0.1, 0.5, 2.0, 5.0)
"""Seconds before each try to start a worker; when all have failed, the next query tries again."""


@dataclass(eq=False)
class _Worker:
    """A process and the line to it."""

    process: ForkServerProcess
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    source: Source

    async def ask(self, message: bytes) -> Reply:
        """The reply to a message.

        Raises:
            EOFError: the process ended.
        """
        try:
            self.writer.write(message)
            await self.writer.drain()
            return await self.read()
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            raise EOFError from error

    async def read(self) -> Reply:
        head, body = worker.lengths(await self.reader.readexactly(worker.START))
        return worker.read_reply(await self.reader.readexactly(head), await self.reader.readexactly(body))

    async def end(self) -> int | None:
        """Ends the process, if it has not ended itself, and says how it did: a negative number is a signal's."""
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()
        await asyncio.to_thread(self.process.join, 0.2)
        self.process.kill()
        await asyncio.to_thread(self.process.join)
        return self.process.exitcode


class Workers(Lanes):
    """The processes that answer queries, and make the pages of a project whose pages are not files already."""

    def __init__(self, base: str, limits: QueryLimits, project: Project | None = None) -> None:
        super().__init__(limits)
        self._base, self._project = base, project
        self._context: ForkServerContext = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["__main__", "rejoinder.server.worker"])
        self.barrier = Barrier.NONE
        """What bars the process that was started last from the network."""
        self._idle: asyncio.Queue[_Worker] = asyncio.Queue()
        self._all: set[_Worker] = set()
        self._starting: set[asyncio.Task[Any]] = set()
        self._ending: set[asyncio.Task[Any]] = set()

    async def switch(self, source: Source) -> None:
        """Puts queries to another version from here on; those at work finish with the one they began with.

        Raises:
            OSError: the store cannot be opened; the workers stay with the version they have.
        """
        number = self.limits.workers + (PAGES_AT_A_TIME if source.pages else 0)
        starts = [self._started(source) for _ in range(number)]
        started = await asyncio.gather(*starts, return_exceptions=True)
        fresh = [each for each in started if isinstance(each, _Worker)]
        if not fresh:
            raise OSError(f"{source.store}: no process could open the store")
        old, self._source = self._drained(), source
        for each in fresh:
            self._idle.put_nowait(each)
        for _ in range(number - len(fresh)):
            _later(self._starting, self._replacement(source))
        for each in old:
            _later(self._ending, self._ended(each))

    def _drained(self) -> list[_Worker]:
        return [self._idle.get_nowait() for _ in range(self._idle.qsize())]

    async def close(self) -> None:
        """Ends every worker, at work or not."""
        self._source = None
        for task in self._starting:
            task.cancel()
        await asyncio.gather(*self._starting, *self._ending, return_exceptions=True)
        await asyncio.gather(*(self._ended(each) for each in tuple(self._all)))

    async def answer(self, job: Job | SiteJob, lane: Lane = Lane.STRANGERS) -> tuple[Reply, Source]:
        """The reply to a job and the version that it is from.

        When the task is cancelled, the job is stopped.

        Raises:
            LimitError: the job took too long or too much, or too many are asked.
        """
        async with self._place(lane, self._free) as its:
            try:
                return await self._reply(its, job), its.source
            finally:
                self._release(its)

    async def _free(self) -> _Worker:
        if not (self._all or self._starting):
            _later(self._starting, self._replacement(self.source))
        while not (its := await self._idle.get()).process.is_alive():
            self._mend(its)  # something else ended it
        return its

    def _release(self, its: _Worker) -> None:
        if its in self._all and its.source is self._source:
            self._idle.put_nowait(its)
        elif its in self._all:
            _later(self._ending, self._ended(its))

    async def _reply(self, its: _Worker, job: Job | SiteJob) -> Reply:
        try:
            async with asyncio.timeout(self.limits.seconds + _GRACE):
                reply = await its.ask(worker.packed_job(job))
        except TimeoutError as error:
            self._mend(its)
            raise self._too_slow(job) from error
        except EOFError as error:
            raise self._stopped(job, await self._mended(its)) from error
        except asyncio.CancelledError:
            self._mend(its)
            raise
        if reply.fault == "size":
            raise LimitError("size", reply.message)
        return reply

    def _stopped(self, job: Job | SiteJob, exit_code: int | None) -> LimitError:
        if exit_code == -signal.SIGALRM:
            return self._too_slow(job)
        if isinstance(job, SiteJob):
            return LimitError("memory", "making this page took more memory than it may take, so it was stopped")
        return LimitError("memory", "the query is too complex: it took more memory than one may take; ask for less")

    def _mend(self, its: _Worker) -> None:
        """Replaces a worker that cannot go on, in the background."""
        self._all.discard(its)
        its.process.kill()
        _later(self._ending, its.end())
        _later(self._starting, self._replacement(its.source))

    async def _mended(self, its: _Worker) -> int | None:
        self._all.discard(its)
        exit_code = await its.end()
        _later(self._starting, self._replacement(its.source))
        return exit_code

    async def _replacement(self, source: Source) -> None:
        for pause in _PAUSES:
            await asyncio.sleep(pause)
            if source is not self._source:
                return
            try:
                self._release(await self._started(source))
            except OSError:
                continue
            return

    async def _started(self, source: Source) -> _Worker:
        """A new worker, ready.

        Raises:
            OSError: it did not come up.
        """
        ours, theirs = socket.socketpair()
        with ExitStack() as unless_started, theirs:
            unless_started.callback(ours.close)
            process = self._context.Process(target=worker.main, args=(theirs, self._setup(source)), daemon=True)
            await asyncio.to_thread(process.start)
            unless_started.pop_all()
        its = _Worker(process, *await asyncio.open_connection(sock=ours), source)
        self._all.add(its)
        try:
            async with asyncio.timeout(60):
                self.barrier = Barrier((await its.read()).message)
        except (TimeoutError, asyncio.IncompleteReadError) as error:
            await self._ended(its)
            raise OSError(f"{source.store}: no process could open the store") from error
        return its

    async def _ended(self, its: _Worker) -> None:
        self._all.discard(its)
        await its.end()

    def _setup(self, source: Source) -> Setup:
        limits = self.limits
        pages = (self._project, source.pages) if self._project and isinstance(source.pages, Version) else None
        return Setup(str(source.store), self._base, limits.seconds, limits.memory, limits.size, 5, pages)


def _later(tasks: set[asyncio.Task[Any]], work: Coroutine[Any, Any, Any]) -> None:
    """Does the work in the background; being among the `tasks` keeps its own from being collected."""
    task = asyncio.create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)
