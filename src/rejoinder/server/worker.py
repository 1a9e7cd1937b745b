"""A worker: a process that holds a version's store open, does one job at a time, and may be killed at any moment.

A job is a query, or a file of the site that is made of the store.

The engine can neither be timed nor stopped, and a hostile query can exhaust the stack or the memory of its process. So
the kernel ends a worker whose query takes too long (an alarm with no handler) or too much (a limit to its memory).
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import struct
import traceback
from dataclasses import asdict, dataclass
from io import BufferedRWPair
from pathlib import Path
from typing import Any, Final

from rejoinder import formats
from rejoinder.errors import QueryError, RejoinderError, StoreError, UnwritableError
from rejoinder.lazily import lazy
from rejoinder.project import Project
from rejoinder.questions import questions, tables
from rejoinder.questions.questions import Table
from rejoinder.server.shelves import StoreShelf
from rejoinder.site.pages import open_edition
from rejoinder.store import answers, isolation, querytext, rdf
from rejoinder.store.answers import Dataset, TooLargeError, Wanted
from rejoinder.store.rdf import Store
from rejoinder.store.versions import Version

_HEAD: Final = struct.Struct("!II")
SYNTAXES: Final = {s.name: s for s in (*formats.RDF_SYNTAXES, formats.CSV, formats.TSV, formats.JSON, formats.XML)}


@dataclass(frozen=True)
class Setup:
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
class Job:
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
class SiteJob:
    """A file of the site at a path; or, of `beside`, which files there are at a stem."""

    path: str
    beside: bool = False


@dataclass(frozen=True)
class Reply:
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


def packed_job(job: Job | SiteJob) -> bytes:
    """A job as a message."""
    return packed({"kind": type(job).__name__} | asdict(job))


def read_reply(head: bytes, body: bytes) -> Reply:
    """The reply that a message holds."""
    fields = json.loads(head)
    return Reply(**fields | {"files": tuple(fields["files"])}, body=body)


def main(channel: socket.socket, setup: Setup) -> None:
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
        _send(stream, Reply(message=barrier))
        while start := stream.read(START):
            job = _job(stream.read(lengths(start)[0]))
            signal.setitimer(signal.ITIMER_REAL, setup.seconds)
            reply = _file(pages, job) if isinstance(job, SiteJob) else _reply(store, job, setup)
            signal.setitimer(signal.ITIMER_REAL, 0)
            _send(stream, reply)


def _restrain(setup: Setup) -> None:
    """Bounds what this process may take; where the kernel does not tell how much it has, its memory stays unbounded."""
    os.nice(setup.niceness)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sizes = Path("/proc/self/statm")
    if sizes.exists():
        used = int(sizes.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + setup.memory, used + setup.memory))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what the engine says of its end: the server says it in a sentence


def _job(head: bytes) -> Job | SiteJob:
    fields = json.loads(head)
    if fields.pop("kind") == SiteJob.__name__:
        return SiteJob(**fields)
    dataset, page = fields.pop("dataset"), fields.pop("page")
    return Job(**fields, dataset=dataset and (tuple(dataset[0]), tuple(dataset[1])), page=page and tuple(page))


def _send(stream: BufferedRWPair, reply: Reply) -> None:
    head = asdict(reply)
    del head["body"]
    stream.write(packed(head, reply.body))
    stream.flush()


class _Pages:
    """The files that are made of the store; what they are made of is read when the first is asked for."""

    def __init__(self, store: Store, setup: Setup) -> None:
        self._store, self._setup = store, setup

    @lazy
    def shelf(self) -> StoreShelf:
        """The files.

        Raises:
            StoreError: the version is damaged or gone.
        """
        if self._setup.pages is None:
            raise StoreError(f"{self._setup.store}: no pages are made of this store")
        project, version = self._setup.pages
        return StoreShelf(open_edition(project, version, self._store))


def _file(pages: _Pages, job: SiteJob) -> Reply:
    try:
        return file_reply(pages.shelf, job)
    except (RejoinderError, OSError) as error:
        return Reply(fault="store", message=f"{job.path}: {error}")
    except MemoryError:
        raise  # it ends this process, which says that a limit was met
    except Exception:  # a fault of ours belongs into the log of the server
        return Reply(fault="program", message=traceback.format_exc())


def file_reply(shelf: StoreShelf, job: SiteJob) -> Reply:
    """What a shelf has for a job."""
    if job.beside:
        return Reply(files=shelf.beside(job.path))
    file = shelf.open(job.path)
    return Reply(files=(job.path,), body=file.read()) if file else Reply()


def _reply(store: Store, job: Job, setup: Setup) -> Reply:
    try:
        return _page(store, job, setup.size) if job.page else _answer(store, job, setup)
    except QueryError as error:
        return Reply(fault="query", message=str(error), line=error.line, column=error.column)
    except StoreError as error:
        return Reply(fault="store", message=str(error))
    except TooLargeError as error:
        return Reply(fault="size", message=str(error))
    except UnwritableError as error:
        return Reply(fault="syntax", message=str(error))


def _answer(store: Store, job: Job, setup: Setup) -> Reply:
    wanted = Wanted(*(SYNTAXES[name] if name else None for name in (job.table, job.boolean, job.graph)))
    dataset = Dataset(*job.dataset) if job.dataset else None
    found = answers.answer(store, job.text, wanted, setup.base, dataset, setup.size)
    return Reply(found.syntax.name if found.syntax else None, querytext.changes(job.text), body=found.body)


def _page(store: Store, job: Job, size: int) -> Reply:
    """The rows of one page; all are counted."""
    offset, number = job.page or (0, 0)
    found = rdf.query(store, job.text)
    if isinstance(found, tuple):
        raise QueryError("the question makes a graph, not a table; write it as SELECT")
    table = questions.as_table(found)
    shown = Table(table.columns, table.rows[offset : offset + number])
    body = tables.as_json(shown).encode()
    if len(body) > size:
        raise TooLargeError("the page is longer than this server gives; ask for fewer rows, with limit")
    return Reply(formats.JSON.name, querytext.changes(job.text), total=len(table.rows), body=body)
