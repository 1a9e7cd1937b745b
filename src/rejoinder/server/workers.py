"""Worker processes that answer queries and make pages, and the queue in front of them.

A worker that dies is replaced at once. If there is a newer version, busy workers finish, and new ones open it. Workers
are forked from a process that has imported the program and opened nothing, so a new one starts within milliseconds.
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
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from enum import Enum, StrEnum
from functools import partial
from io import BufferedRWPair
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from rejoinder import formats, versions
from rejoinder.config import Project, ServerSettings
from rejoinder.errors import QueryError, RejoinderError, StoreError, UnwritableError
from rejoinder.question import ParameterError, Question, in_one_language
from rejoinder.rdf import no_network, query
from rejoinder.rdf.no_network import Barrier
from rejoinder.rdf.query import AcceptedFormats, QueryDataset, TooLargeError
from rejoinder.rdf.results import Table
from rejoinder.rdf.terms import Store, Triple
from rejoinder.server import question_answer
from rejoinder.server.http import REPRESENTATIONS, is_path
from rejoinder.server.question_answer import Evaluate, QuestionRequest, ResourceLookup
from rejoinder.site import routes
from rejoinder.site.snapshot import Snapshot, open_snapshot
from rejoinder.versions import Version

_T = TypeVar("_T")

SYNTAXES: Final = {s.name: s for s in (*formats.RDF_SYNTAXES, formats.CSV, formats.TSV, formats.JSON, formats.XML)}


@dataclass(frozen=True)
class QuerySource:
    """A version for workers: the folder of its store, and a name that no other version ever has.

    It includes the stored questions, because reading 72 of them would take each worker half a second.
    `makes_pages` says that the files of the version are not on disk, so that workers make them, with the settings of
    `project`.
    """

    store: Path
    name: str
    version: Version | None = None
    questions: Mapping[str, Question] = field(default_factory=dict, repr=False)
    makes_pages: bool = False
    project: Project | None = None


@dataclass(frozen=True)
class WorkerSettings:
    """The settings of a worker.

    `source` is the version, `base` the IRI base. A job may take `seconds`, `memory` bytes beyond those of the open
    store, and `size` bytes of answer. `niceness` lowers its priority below that of the process that serves pages.
    """

    source: QuerySource
    base: str
    seconds: float
    memory: int
    size: int
    niceness: int = 5


@dataclass(frozen=True)
class QueryJob:
    """A query: its text, the requested syntaxes by name, and its RDF dataset, None to use the one in the text."""

    text: str
    table: str | None = None
    boolean: str | None = None
    graph: str | None = None
    dataset: QueryDataset | None = None


@dataclass(frozen=True)
class PageJob:
    """A request for the file of the site at a path or, with `beside`, for the list of files at a stem."""

    path: str
    beside: bool = False


Job = QueryJob | QuestionRequest | PageJob


class Fault(StrEnum):
    """The reason why a job has no answer."""

    QUERY = "query"  # it is not SPARQL, or cannot be answered
    PARAMETER = "parameter"
    SIZE = "size"
    SYNTAX = "syntax"  # the requested one cannot hold the answer
    STORE = "store"
    PROGRAM = "program"


@dataclass(frozen=True)
class QueryReply:
    """The result of a job.

    `syntax` is the syntax of the body, None if the client accepts none. Without an answer, `fault` is set, with a
    message, which for a fault of the program is the traceback, and, in `extra`, members for the problem details.
    `changes` says that the same query may give another answer. `links` are those to other pages of a table; `files`
    are the existing files of the site.
    """

    syntax: str | None = None
    changes: bool = False
    fault: Fault | None = None
    message: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    body: bytes = b""


# JSON and bytes, not pickle: what a worker sends back can only be data, never code.
_LENGTHS: Final = struct.Struct("!II")


def _packed(head: dict[str, Any], body: bytes = b"") -> bytes:
    r"""Return a message: the lengths of both parts, a JSON object, and the body as bytes.

    >>> _packed({}, b"x")
    b'\x00\x00\x00\x02\x00\x00\x00\x01{}x'
    """
    text = json.dumps(head).encode()
    return _LENGTHS.pack(len(text), len(body)) + text + body


def _job(head: bytes) -> Job:
    """Return the job in a message; lists of JSON become tuples again."""
    fields = json.loads(head)
    kind = fields.pop("kind")
    if kind == PageJob.__name__:
        return PageJob(**fields)
    if kind == QuestionRequest.__name__:
        return QuestionRequest(**fields | {"parameters": tuple((name, value) for name, value in fields["parameters"])})
    dataset = fields["dataset"]
    return QueryJob(
        **fields | {"dataset": dataset and QueryDataset(tuple(dataset["default"]), tuple(dataset["named"]))}
    )


def main(channel: socket.socket, setup: WorkerSettings) -> None:
    """Answer the jobs from `channel` until it closes; the first reply says how it is kept from the network.

    No query is read before that, and the threads of the store are kept from the network, too.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends its workers
    # Without a handler, the kernel ends the process; Python would call one only when the engine has ended.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    # Before the store is opened: the threads that it starts inherit the filter.
    barrier = no_network.isolate_process()
    worker = _WorkerProcess(Store.read_only(str(setup.source.store)), setup)
    _restrain(setup)
    with channel.makefile("rwb") as stream:
        _send(stream, QueryReply(message=barrier))
        while start := stream.read(_LENGTHS.size):
            job = _job(stream.read(_LENGTHS.unpack(start)[0]))
            # The engine can be neither timed nor stopped; the kernel ends this process, even if the server is busy.
            signal.setitimer(signal.ITIMER_REAL, setup.seconds)
            reply = worker.reply(job)
            signal.setitimer(signal.ITIMER_REAL, 0)
            _send(stream, reply)


def _restrain(setup: WorkerSettings) -> None:
    """Limit the resources of this process; its memory only where /proc shows how much it has already."""
    os.nice(setup.niceness)
    # Without core dumps: queries that crash workers would fill the disk.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The limit is on address space, which the open store already uses, so a query's share comes on top.
    sizes = Path("/proc/self/statm")
    if sizes.exists():
        used = int(sizes.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + setup.memory, used + setup.memory))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # the engine's last words on stderr; the server logs a sentence


def _send(stream: BufferedRWPair, reply: QueryReply) -> None:
    head = asdict(reply)
    del head["body"]
    stream.write(_packed(head, reply.body))
    stream.flush()


_MAX_SNAPSHOT_JOBS: Final = 200
"""The number of jobs after which a snapshot is opened again, because its cache only grows."""


class StoreFiles:
    """The files made from the store of a version, each when it is requested."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    def beside(self, stem: str) -> tuple[str, ...]:
        """Return the files at a stem that are formats of one document, preferred ones first."""
        suffixes = routes.files(self.snapshot, stem) if is_path(stem) else ()
        return tuple(stem + suffix for suffix in REPRESENTATIONS if suffix in suffixes)

    def content(self, path: str) -> bytes | None:
        """Return the file at a path, None if there is none."""
        page = routes.page(self.snapshot, path) if is_path(path) else None
        return page.content if page else None


class _WorkerProcess:
    """A version open in a worker; the data for its pages are read when the first page is requested."""

    def __init__(self, store: Store, setup: WorkerSettings) -> None:
        self._store, self._setup = store, setup
        self._lookup: ResourceLookup | None = None
        self._jobs = 0

    def reply(self, job: Job) -> QueryReply:
        """Return the result of a job; only a lack of memory is raised, and ends this process."""
        try:
            # The store is in the folder of its version.
            with versions.reading(self._setup.source.store.parents[2]):
                if isinstance(job, QueryJob):
                    return self._query(job)
                return self._question(job) if isinstance(job, QuestionRequest) else self._page(job)
        except RejoinderError as error:
            return fault_reply(error)
        except OSError as error:
            return QueryReply(fault=Fault.STORE, message=str(error))
        except (MemoryError, RecursionError):
            raise  # it ends this process, which says that a limit was met
        except Exception:  # an error of the program: the server logs its traceback and answers 500
            return QueryReply(fault=Fault.PROGRAM, message=traceback.format_exc())

    def _things(self) -> ResourceLookup:
        """Return the snapshot of the version with its things by type.

        Raises:
            StoreError: the version is damaged or gone.
        """
        source = self._setup.source
        if source.version is None or source.project is None:
            raise StoreError(f"{source.store}: no pages are made of this store")
        self._jobs += 1
        if self._lookup is None:
            self._lookup = ResourceLookup(
                open_snapshot(source.project, source.version, self._store, questions=source.questions)
            )
        elif self._jobs % _MAX_SNAPSHOT_JOBS == 0:  # a copy of a snapshot begins with empty caches
            self._lookup = ResourceLookup(replace(self._lookup.snapshot))
        return self._lookup

    def _query(self, job: QueryJob) -> QueryReply:
        found = query.answer(self._store, job.text, accepted(job), self._setup.base, job.dataset, self._setup.size)
        return QueryReply(found.syntax.name if found.syntax else None, query.is_volatile(job.text), body=found.body)

    def _question(self, job: QuestionRequest) -> QueryReply:
        def ask(text: str) -> Table | bool | tuple[Triple, ...]:
            return query.query(self._store, in_one_language(text))

        return question_reply(job, self._things(), ask, self._setup.size)

    def _page(self, job: PageJob) -> QueryReply:
        try:
            files = StoreFiles(self._things().snapshot)
            if job.beside:
                return QueryReply(files=files.beside(job.path))
            content = files.content(job.path)
        except (RejoinderError, OSError) as error:
            return QueryReply(fault=Fault.STORE, message=f"{job.path}: {error}")
        return QueryReply() if content is None else QueryReply(files=(job.path,), body=content)


def accepted(job: QueryJob) -> AcceptedFormats:
    """Return the syntaxes that a job wants, for a table, a boolean and a graph."""
    return AcceptedFormats(*(SYNTAXES[name] if name else None for name in (job.table, job.boolean, job.graph)))


def question_reply(job: QuestionRequest, lookup: ResourceLookup, ask: Evaluate, size: int) -> QueryReply:
    """Return the reply to a stored question of at most `size` bytes; `ask` evaluates a query.

    Raises:
        QueryError: the question makes a graph.
        ParameterError: a parameter is unknown, or a value does not fit.
        TooLargeError: the page is longer.
    """
    body, links = question_answer.answer(job, lookup, ask)
    if len(body) > size:
        raise TooLargeError("the page is longer than this server allows; ask for fewer rows, with limit")
    changes = query.is_volatile(lookup.snapshot.questions[job.name].query)
    return QueryReply(job.format, changes, links=links, body=body)


def fault_reply(error: RejoinderError) -> QueryReply:
    """Return the reply for a job that failed with this error."""
    match error:
        case QueryError():
            place = {} if error.line is None else {"line": error.line, "column": error.column}
            return QueryReply(fault=Fault.QUERY, message=str(error), extra=place)
        case ParameterError():
            return QueryReply(fault=Fault.PARAMETER, message=str(error), extra=error.as_json())
        case TooLargeError():
            return QueryReply(fault=Fault.SIZE, message=str(error))
        case UnwritableError():
            return QueryReply(fault=Fault.SYNTAX, message=str(error))
        case _:
            return QueryReply(fault=Fault.STORE, message=str(error))


PAGES_AT_A_TIME: Final = 2
"""The number of simple pages made at the same time; each has a process that no query can take."""


@dataclass(frozen=True)
class QueryLimits:
    """Limits of a query: seconds, bytes of text, answer and memory, and the numbers of running and waiting queries."""

    seconds: float = ServerSettings.query_seconds
    text: int = ServerSettings.query_bytes
    size: int = ServerSettings.query_result_bytes
    memory: int = ServerSettings.query_memory_bytes
    workers: int = ServerSettings.query_workers
    waiting: int = ServerSettings.query_queue


def query_limits(settings: ServerSettings) -> QueryLimits:
    """Return the limits of queries in the settings."""
    return QueryLimits(
        seconds=settings.query_seconds,
        text=settings.query_bytes,
        size=settings.query_result_bytes,
        memory=settings.query_memory_bytes,
        workers=settings.query_workers,
        waiting=settings.query_queue,
    )


class Queue(Enum):
    """The queue of a job.

    `QUERIES` is for users' queries, `STORED` for stored questions and pages that read much of the store, `PAGES` for
    other pages.
    """

    QUERIES = "queries"
    STORED = "stored"
    PAGES = "pages"


class LimitError(RejoinderError):
    """A query that exceeded a limit: `time`, `memory`, `concurrency` or `size`; `wait` says when to ask again."""

    def __init__(self, limit: str, message: str, wait: int | None = None) -> None:
        self.limit, self.wait = limit, wait
        super().__init__(message)


class QueryQueue:
    """A bounded queue for queries and pages, and the version that they are for.

    One of the places is reserved for stored questions, which have their own queue, so they are answered however many
    queries of users run or wait. Simple pages have places that no query can take.
    """

    def __init__(self, limits: QueryLimits) -> None:
        self.limits = limits
        # Users' queries pass two semaphores. The first lets one fewer through, so one place stays for stored questions.
        all_but_pages = asyncio.Semaphore(limits.workers)
        all_but_one = asyncio.Semaphore(max(1, limits.workers - 1))
        self._gates = {
            Queue.QUERIES: (all_but_one, all_but_pages),
            Queue.STORED: (all_but_pages,),
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
        """Yield the result of `wanted` while holding a place; wait for one as long as a query may take."""
        async with AsyncExitStack() as held:
            yield await self._soon(partial(self._in_queue, held, queue, wanted), queue)

    async def _in_queue(self, held: AsyncExitStack, queue: Queue, wanted: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
        for gate in self._gates[queue]:
            await gate.acquire()
            held.callback(gate.release)
        return await wanted()

    async def _soon(self, wanted: Callable[[], Coroutine[Any, Any, _T]], queue: Queue) -> _T:
        """Return the result of `wanted`, unless too many wait or it takes too long; pages have no limit here."""
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
        message = "too many queries are running and waiting; ask again in a few seconds"
        return LimitError("concurrency", message, wait=max(1, round(self.limits.seconds)))

    def _too_slow(self, job: Job) -> LimitError:
        seconds = f"{self.limits.seconds:g} seconds"
        if isinstance(job, PageJob):
            return LimitError("time", f"making this page was stopped after {seconds}, the longest time allowed")
        return LimitError("time", f"the query was stopped after {seconds}; ask for less")


_KILL_SECONDS: Final = 2.0
"""Seconds after the kernel's alarm until the server kills a worker itself."""

_RESTART_PAUSES: Final = (0.0, 0.1, 0.5, 2.0, 5.0)
"""Seconds before each attempt to start a worker; if all fail, the next query tries again."""


@dataclass(eq=False)
class _Worker:
    """A worker process and the connection to it."""

    process: ForkServerProcess
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    source: QuerySource

    async def ask(self, message: bytes) -> QueryReply:
        """Return the reply to a message.

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
        """Return the next reply."""
        head, body = _LENGTHS.unpack(await self.reader.readexactly(_LENGTHS.size))
        fields = json.loads(await self.reader.readexactly(head))
        fields |= {"files": tuple(fields["files"]), "fault": Fault(fields["fault"]) if fields["fault"] else None}
        return QueryReply(**fields, body=await self.reader.readexactly(body))

    async def end(self) -> int | None:
        """End the process, if it has not ended itself, and return its exit code, negative for a signal."""
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()
        # Without its connection an idle worker ends by itself; only a busy one has to be killed.
        await asyncio.to_thread(self.process.join, 0.2)
        self.process.kill()
        await asyncio.to_thread(self.process.join)
        return self.process.exitcode


class Workers(QueryQueue):
    """The worker processes, which answer queries and stored questions, and make pages that are not on disk."""

    def __init__(self, base: str, limits: QueryLimits) -> None:
        super().__init__(limits)
        self._base = base
        # A hostile query costs a worker: a fork of a process that has loaded the program takes 50 ms, a spawn 1,940.
        self._context: ForkServerContext = multiprocessing.get_context("forkserver")
        # With `__main__`, which every child would import anew otherwise.
        self._context.set_forkserver_preload(["__main__", "rejoinder.server.workers"])
        self.barrier = Barrier.NONE
        """The mechanism that keeps the newest worker from the network."""
        self._idle: asyncio.Queue[_Worker] = asyncio.Queue()
        self._all: set[_Worker] = set()
        self._starting: set[asyncio.Task[Any]] = set()
        self._ending: set[asyncio.Task[Any]] = set()

    async def switch(self, source: QuerySource) -> None:
        """Send new queries to another version; running ones finish with the version they began with.

        Raises:
            OSError: the store cannot be opened; the workers stay with the version they have.
        """
        number = self.limits.workers + (PAGES_AT_A_TIME if source.makes_pages else 0)
        starts = [self._started(source) for _ in range(number)]
        started = await asyncio.gather(*starts, return_exceptions=True)
        fresh = [each for each in started if isinstance(each, _Worker)]
        if not fresh:
            raise OSError(f"{source.store}: no process could open the store")
        # Workers of the last version finish their jobs, and end when they are released.
        old, self._source = self._drained(), source
        for each in fresh:
            self._idle.put_nowait(each)
        # One worker is enough to serve; those that did not start are tried again in the background.
        for _ in range(number - len(fresh)):
            _later(self._starting, self._replacement(source))
        for each in old:
            _later(self._ending, self._ended(each))

    def _drained(self) -> list[_Worker]:
        return [self._idle.get_nowait() for _ in range(self._idle.qsize())]

    async def close(self) -> None:
        """End every worker, busy or idle."""
        self._source = None
        for task in self._starting:
            task.cancel()
        await asyncio.gather(*self._starting, *self._ending, return_exceptions=True)
        await asyncio.gather(*(self._ended(each) for each in tuple(self._all)))

    async def answer(self, job: Job, queue: Queue = Queue.QUERIES) -> tuple[QueryReply, QuerySource]:
        """Return the reply to a job and the version that it is from.

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
            self._mend(worker)  # ended from outside, for example by the kernel for lack of memory
        return worker

    def _release(self, worker: _Worker) -> None:
        if worker in self._all and worker.source is self._source:
            self._idle.put_nowait(worker)
        elif worker in self._all:
            _later(self._ending, self._ended(worker))

    async def _reply(self, worker: _Worker, job: Job) -> QueryReply:
        try:
            # The kernel's alarm in the worker comes first; this timeout is for a worker that does not even get that.
            async with asyncio.timeout(self.limits.seconds + _KILL_SECONDS):
                reply = await worker.ask(_packed({"kind": type(job).__name__} | asdict(job)))
        except TimeoutError as error:
            self._mend(worker)
            raise self._too_slow(job) from error
        except EOFError as error:
            raise self._stopped(job, await self._mended(worker)) from error
        except asyncio.CancelledError:  # the client went away; the engine can be stopped only with its process
            self._mend(worker)
            raise
        if reply.fault is Fault.SIZE:
            raise LimitError("size", reply.message)
        return reply

    def _stopped(self, job: Job, exit_code: int | None) -> LimitError:
        if exit_code == -signal.SIGALRM:
            return self._too_slow(job)
        if isinstance(job, PageJob):
            return LimitError("memory", "making this page needed more memory than is allowed, so it was stopped")
        return LimitError("memory", "the query needed more memory than is allowed, so it was stopped; ask for less")

    def _mend(self, worker: _Worker) -> None:
        """Replace a worker that cannot go on, in the background."""
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
        for pause in _RESTART_PAUSES:
            await asyncio.sleep(pause)
            if source is not self._source:  # a newer version came meanwhile, with workers of its own
                return
            try:
                self._release(await self._started(source))
            except OSError:
                continue
            return

    async def _started(self, source: QuerySource) -> _Worker:
        """Return a new worker that is ready for jobs.

        Raises:
            OSError: it did not start.
        """
        ours, theirs = socket.socketpair()
        with ExitStack() as unless_started, theirs:
            unless_started.callback(ours.close)
            process = self._context.Process(target=main, args=(theirs, self._setup(source)), daemon=True)
            # The first start waits until the fork server has imported the program.
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
        return WorkerSettings(source, self._base, limits.seconds, limits.memory, limits.size)


def _later(tasks: set[asyncio.Task[Any]], work: Coroutine[Any, Any, Any]) -> None:
    """Do the work in the background; `tasks` holds a reference, without which asyncio may drop the task."""
    task = asyncio.create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)


class QueryBackend(Protocol):
    """The interface for answering queries and making pages: by our own processes, or by a triple store.

    `barrier` says how queries are kept from the network.
    """

    limits: QueryLimits
    barrier: Barrier

    @property
    def source(self) -> QuerySource:
        """The version that new queries are put to."""

    async def switch(self, source: QuerySource) -> None:
        """Put new queries to another version."""

    async def answer(self, job: Job, queue: Queue = Queue.QUERIES) -> tuple[QueryReply, QuerySource]:
        """Return the reply to a job and the version that it is from."""

    async def close(self) -> None:
        """End the processes that answer, if there are any."""
