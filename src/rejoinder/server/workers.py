"""The workers: a few processes that answer queries and make pages, kept whole whatever these do to them.

One that dies is replaced at once; when a newer version comes, those at work finish, and new ones open it. Workers are
forked from a process that has loaded the program and opened nothing, so that a new one costs milliseconds.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import resource
import signal
import socket
import struct
import traceback
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from enum import Enum
from functools import partial
from io import BufferedRWPair
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any, Final, TypeVar

from rejoinder import formats
from rejoinder.config import Project, ServerSettings
from rejoinder.errors import QueryError, RejoinderError, StoreError, UnwritableError
from rejoinder.lazily import lazy
from rejoinder.questions import tables
from rejoinder.questions.tables import Table
from rejoinder.rdf import isolation, query
from rejoinder.rdf.isolation import Barrier
from rejoinder.rdf.query import AcceptedFormats, QueryDataset, TooLargeError, as_table
from rejoinder.rdf.terms import Store
from rejoinder.server.files import StoreFiles
from rejoinder.site.snapshot import open_snapshot
from rejoinder.versions import Version

_HEAD: Final = struct.Struct("!II")
SYNTAXES: Final = {s.name: s for s in (*formats.RDF_SYNTAXES, formats.CSV, formats.TSV, formats.JSON, formats.XML)}


@dataclass(frozen=True)
class WorkerSettings:
    """What a worker is given.

    The folder of the store, the base of IRIs, seconds a job, bytes of memory and of an answer, and niceness: how far
    it stands back behind the process that serves pages. `pages` are the project and the version whose files it makes.
    """

    store: str
    base: str
    seconds: float
    memory: int
    size: int
    niceness: int
    pages: tuple[Project, Version] | None = None


@dataclass(frozen=True)
class QueryJob:
    """One query: its text, the syntaxes wanted by name, and the graphs it may see, None for those it names itself.

    With a `page`, an offset and a number, those rows of its table are wanted, as SPARQL results JSON.
    """

    text: str
    table: str | None = None
    boolean: str | None = None
    graph: str | None = None
    dataset: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    page: tuple[int, int] | None = None


@dataclass(frozen=True)
class PageJob:
    """A file of the site at a path; or, of `beside`, which files there are at a stem."""

    path: str
    beside: bool = False


@dataclass(frozen=True)
class QueryReply:
    """What became of a job.

    `syntax` names that of the body, None where the client takes none. `fault` is set instead where there is no answer:
    `query`, `size`, `syntax` or `store`, with a sentence and, for a query that is not SPARQL, line and column; or
    `program`, with what Python says of a failure of ours. `changes` says that the same query may be answered otherwise
    the next time, `total` how many rows there are beside those of a page. `files` are those of the site that are there.
    """

    syntax: str | None = None
    changes: bool = False
    fault: str | None = None
    message: str = ""
    line: int | None = None
    column: int | None = None
    total: int | None = None
    files: tuple[str, ...] = ()
    body: bytes = b""


def packed(head: dict[str, Any], body: bytes = b"") -> bytes:
    r"""A message: the lengths of both parts, a JSON object, and bytes.

    >>> packed({}, b"x")
    b'\x00\x00\x00\x02\x00\x00\x00\x01{}x'
    """
    text = json.dumps(head).encode()
    return _HEAD.pack(len(text), len(body)) + text + body


def lengths(start: bytes) -> tuple[int, int]:
    """The lengths of the two parts of the message that starts with these `START` bytes."""
    head, body = _HEAD.unpack(start)
    return head, body


START: Final = _HEAD.size


def packed_job(job: QueryJob | PageJob) -> bytes:
    """A job as a message."""
    return packed({"kind": type(job).__name__} | asdict(job))


def read_reply(head: bytes, body: bytes) -> QueryReply:
    """The reply that a message holds."""
    fields = json.loads(head)
    return QueryReply(**fields | {"files": tuple(fields["files"])}, body=body)


def main(channel: socket.socket, setup: WorkerSettings) -> None:
    """Answers the jobs that come through `channel` until it closes; the first reply says what bars it from the network.

    No query is read before that, and the threads that the store starts are barred, too.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends its workers
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    barrier = isolation.isolate_process()
    store = Store.read_only(setup.store)
    _restrain(setup)
    pages = _Pages(store, setup)
    with channel.makefile("rwb") as stream:
        _send(stream, QueryReply(message=barrier))
        while start := stream.read(START):
            job = _job(stream.read(lengths(start)[0]))
            signal.setitimer(signal.ITIMER_REAL, setup.seconds)
            reply = _file(pages, job) if isinstance(job, PageJob) else _reply(store, job, setup)
            signal.setitimer(signal.ITIMER_REAL, 0)
            _send(stream, reply)


def _restrain(setup: WorkerSettings) -> None:
    """Bounds what this process may take; where the kernel does not tell how much it has, its memory stays unbounded."""
    os.nice(setup.niceness)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sizes = Path("/proc/self/statm")
    if sizes.exists():
        used = int(sizes.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + setup.memory, used + setup.memory))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what the engine says of its end: the server says it in a sentence


def _job(head: bytes) -> QueryJob | PageJob:
    fields = json.loads(head)
    if fields.pop("kind") == PageJob.__name__:
        return PageJob(**fields)
    dataset, page = fields.pop("dataset"), fields.pop("page")
    return QueryJob(**fields, dataset=dataset and (tuple(dataset[0]), tuple(dataset[1])), page=page and tuple(page))


def _send(stream: BufferedRWPair, reply: QueryReply) -> None:
    head = asdict(reply)
    del head["body"]
    stream.write(packed(head, reply.body))
    stream.flush()


class _Pages:
    """The files that are made of the store; what they are made of is read when the first is asked for."""

    def __init__(self, store: Store, setup: WorkerSettings) -> None:
        self._store, self._setup = store, setup

    @lazy
    def files(self) -> StoreFiles:
        """The files.

        Raises:
            StoreError: the version is damaged or gone.
        """
        if self._setup.pages is None:
            raise StoreError(f"{self._setup.store}: no pages are made of this store")
        project, version = self._setup.pages
        return StoreFiles(open_snapshot(project, version, self._store))


def _file(pages: _Pages, job: PageJob) -> QueryReply:
    try:
        return file_reply(pages.files, job)
    except (RejoinderError, OSError) as error:
        return QueryReply(fault="store", message=f"{job.path}: {error}")
    except MemoryError:
        raise  # it ends this process, which says that a limit was met
    except Exception:  # a fault of ours belongs into the log of the server
        return QueryReply(fault="program", message=traceback.format_exc())


def file_reply(files: StoreFiles, job: PageJob) -> QueryReply:
    """Return what the files of a site have for a job."""
    if job.beside:
        return QueryReply(files=files.beside(job.path))
    file = files.open(job.path)
    return QueryReply(files=(job.path,), body=file.read()) if file else QueryReply()


def _reply(store: Store, job: QueryJob, setup: WorkerSettings) -> QueryReply:
    try:
        return _page(store, job, setup.size) if job.page else _answer(store, job, setup)
    except QueryError as error:
        return QueryReply(fault="query", message=str(error), line=error.line, column=error.column)
    except StoreError as error:
        return QueryReply(fault="store", message=str(error))
    except TooLargeError as error:
        return QueryReply(fault="size", message=str(error))
    except UnwritableError as error:
        return QueryReply(fault="syntax", message=str(error))


def _answer(store: Store, job: QueryJob, setup: WorkerSettings) -> QueryReply:
    wanted = AcceptedFormats(*(SYNTAXES[name] if name else None for name in (job.table, job.boolean, job.graph)))
    dataset = QueryDataset(*job.dataset) if job.dataset else None
    found = query.answer(store, job.text, wanted, setup.base, dataset, setup.size)
    return QueryReply(found.syntax.name if found.syntax else None, query.changes(job.text), body=found.body)


def _page(store: Store, job: QueryJob, size: int) -> QueryReply:
    """The rows of one page; all are counted."""
    offset, number = job.page or (0, 0)
    found = query.query(store, job.text)
    if isinstance(found, tuple):
        raise QueryError("the question makes a graph, not a table; write it as SELECT")
    table = as_table(found)
    shown = Table(table.columns, table.rows[offset : offset + number])
    body = tables.as_json(shown).encode()
    if len(body) > size:
        raise TooLargeError("the page is longer than this server gives; ask for fewer rows, with limit")
    return QueryReply(formats.JSON.name, query.changes(job.text), total=len(table.rows), body=body)


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
class QuerySource:
    """A version as workers see it: the folder of its store, and a name that no other version ever has.

    `pages` is the version that workers make its pages of; None where pages are files already.
    """

    store: Path
    name: str
    pages: Version | None = None


class Queue(Enum):
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


class QueryQueue:
    """The version that queries are put to, and the right to put them.

    Of the places for queries, one is kept for stored questions, and these wait in a queue of their own: however many
    queries of strangers run or wait, they are answered. Pages that read little have places that no query can take.
    """

    def __init__(self, limits: QueryLimits) -> None:
        self.limits = limits
        queries = asyncio.Semaphore(limits.workers)
        strangers = asyncio.Semaphore(max(1, limits.workers - 1))
        self._gates = {
            Queue.STRANGERS: (strangers, queries),
            Queue.STORED: (queries,),
            Queue.PAGES: (asyncio.Semaphore(PAGES_AT_A_TIME),),
        }
        self._waiting = dict.fromkeys(Queue, 0)
        self._source: QuerySource | None = None

    @property
    def source(self) -> QuerySource:
        """The version that new queries are put to."""
        if self._source is None:
            raise LimitError("concurrency", "the server is not ready yet; ask again in a moment", wait=1)
        return self._source

    @asynccontextmanager
    async def _place(self, queue: Queue, wanted: Callable[[], Coroutine[Any, Any, _T]]) -> AsyncIterator[_T]:
        """What is wanted, in one of the places that the lane has, after waiting for as long as a query may take."""
        async with AsyncExitStack() as held:
            yield await self._soon(partial(self._in_queue, held, queue, wanted), queue)

    async def _in_queue(self, held: AsyncExitStack, queue: Queue, wanted: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
        for gate in self._gates[queue]:
            await gate.acquire()
            held.callback(gate.release)
        return await wanted()

    async def _soon(self, wanted: Callable[[], Coroutine[Any, Any, _T]], queue: Queue) -> _T:
        """What is wanted, unless too many wait already or it takes too long; how many pages wait is bounded before."""
        if queue is not Queue.PAGES and self._waiting[queue] >= self.limits.waiting:
            raise self._busy()
        self._waiting[queue] += 1
        try:
            async with asyncio.timeout(self.limits.seconds):
                return await wanted()
        except TimeoutError as error:
            raise self._busy() from error
        finally:
            self._waiting[queue] -= 1

    def _busy(self) -> LimitError:
        message = "more is asked than can be answered at a time; ask again in a few seconds"
        return LimitError("concurrency", message, wait=max(1, round(self.limits.seconds)))

    def _too_slow(self, job: QueryJob | PageJob) -> LimitError:
        seconds = f"{self.limits.seconds:g} seconds"
        if isinstance(job, PageJob):
            return LimitError("time", f"making this page was stopped after {seconds}, which is all that it may take")
        return LimitError("time", f"the query was stopped after {seconds}; ask for less")


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
    source: QuerySource

    async def ask(self, message: bytes) -> QueryReply:
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

    async def read(self) -> QueryReply:
        head, body = lengths(await self.reader.readexactly(START))
        return read_reply(await self.reader.readexactly(head), await self.reader.readexactly(body))

    async def end(self) -> int | None:
        """Ends the process, if it has not ended itself, and says how it did: a negative number is a signal's."""
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()
        await asyncio.to_thread(self.process.join, 0.2)
        self.process.kill()
        await asyncio.to_thread(self.process.join)
        return self.process.exitcode


class Workers(QueryQueue):
    """The processes that answer queries, and make the pages of a project whose pages are not files already."""

    def __init__(self, base: str, limits: QueryLimits, project: Project | None = None) -> None:
        super().__init__(limits)
        self._base, self._project = base, project
        self._context: ForkServerContext = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["__main__", "rejoinder.server.workers"])
        self.barrier = Barrier.NONE
        """What bars the process that was started last from the network."""
        self._idle: asyncio.Queue[_Worker] = asyncio.Queue()
        self._all: set[_Worker] = set()
        self._starting: set[asyncio.Task[Any]] = set()
        self._ending: set[asyncio.Task[Any]] = set()

    async def switch(self, source: QuerySource) -> None:
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

    async def answer(self, job: QueryJob | PageJob, queue: Queue = Queue.STRANGERS) -> tuple[QueryReply, QuerySource]:
        """The reply to a job and the version that it is from.

        When the task is cancelled, the job is stopped.

        Raises:
            LimitError: the job took too long or too much, or too many are asked.
        """
        async with self._place(queue, self._free) as worker:
            try:
                return await self._reply(worker, job), worker.source
            finally:
                self._release(worker)

    async def _free(self) -> _Worker:
        if not (self._all or self._starting):
            _later(self._starting, self._replacement(self.source))
        while not (worker := await self._idle.get()).process.is_alive():
            self._mend(worker)  # something else ended it
        return worker

    def _release(self, worker: _Worker) -> None:
        if worker in self._all and worker.source is self._source:
            self._idle.put_nowait(worker)
        elif worker in self._all:
            _later(self._ending, self._ended(worker))

    async def _reply(self, worker: _Worker, job: QueryJob | PageJob) -> QueryReply:
        try:
            async with asyncio.timeout(self.limits.seconds + _GRACE):
                reply = await worker.ask(packed_job(job))
        except TimeoutError as error:
            self._mend(worker)
            raise self._too_slow(job) from error
        except EOFError as error:
            raise self._stopped(job, await self._mended(worker)) from error
        except asyncio.CancelledError:
            self._mend(worker)
            raise
        if reply.fault == "size":
            raise LimitError("size", reply.message)
        return reply

    def _stopped(self, job: QueryJob | PageJob, exit_code: int | None) -> LimitError:
        if exit_code == -signal.SIGALRM:
            return self._too_slow(job)
        if isinstance(job, PageJob):
            return LimitError("memory", "making this page took more memory than it may take, so it was stopped")
        return LimitError("memory", "the query is too complex: it took more memory than one may take; ask for less")

    def _mend(self, worker: _Worker) -> None:
        """Replaces a worker that cannot go on, in the background."""
        self._all.discard(worker)
        worker.process.kill()
        _later(self._ending, worker.end())
        _later(self._starting, self._replacement(worker.source))

    async def _mended(self, worker: _Worker) -> int | None:
        self._all.discard(worker)
        exit_code = await worker.end()
        _later(self._starting, self._replacement(worker.source))
        return exit_code

    async def _replacement(self, source: QuerySource) -> None:
        for pause in _PAUSES:
            await asyncio.sleep(pause)
            if source is not self._source:
                return
            try:
                self._release(await self._started(source))
            except OSError:
                continue
            return

    async def _started(self, source: QuerySource) -> _Worker:
        """A new worker, ready.

        Raises:
            OSError: it did not come up.
        """
        ours, theirs = socket.socketpair()
        with ExitStack() as unless_started, theirs:
            unless_started.callback(ours.close)
            process = self._context.Process(target=main, args=(theirs, self._setup(source)), daemon=True)
            await asyncio.to_thread(process.start)
            unless_started.pop_all()
        worker = _Worker(process, *await asyncio.open_connection(sock=ours), source)
        self._all.add(worker)
        try:
            async with asyncio.timeout(60):
                self.barrier = Barrier((await worker.read()).message)
        except (TimeoutError, asyncio.IncompleteReadError) as error:
            await self._ended(worker)
            raise OSError(f"{source.store}: no process could open the store") from error
        return worker

    async def _ended(self, worker: _Worker) -> None:
        self._all.discard(worker)
        await worker.end()

    def _setup(self, source: QuerySource) -> WorkerSettings:
        limits = self.limits
        pages = (self._project, source.pages) if self._project and source.pages else None
        return WorkerSettings(str(source.store), self._base, limits.seconds, limits.memory, limits.size, 5, pages)


def _later(tasks: set[asyncio.Task[Any]], work: Coroutine[Any, Any, Any]) -> None:
    """Does the work in the background; being among the `tasks` keeps its own from being collected."""
    task = asyncio.create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)
