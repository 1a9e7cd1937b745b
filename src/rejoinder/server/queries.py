"""Queries put to the workers, with their answers remembered: a stored question is asked again and again."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from starlette.requests import Request

from rejoinder.errors import StoreError
from rejoinder.rdf.isolation import Barrier
from rejoinder.server.problems import HTTPProblem
from rejoinder.server.workers import LimitError, PageJob, QueryJob, QueryLimits, QueryReply, QuerySource, Queue

_T = TypeVar("_T")


@dataclass(frozen=True)
class QueryAnswer:
    """An answer of one version: the name of its syntax, None where the client takes none; its bytes, their digest.

    Of a page of a table, `total` is how many rows there are in all.
    """

    version: str
    syntax: str | None
    body: bytes
    digest: str
    total: int | None = None


@dataclass
class AnswerCache:
    """The answers given last, up to so many bytes of them; an answer of another version is another answer."""

    size: int
    _kept: OrderedDict[tuple[str, QueryJob], QueryAnswer] = field(default_factory=OrderedDict, repr=False)
    _held: int = 0

    def get(self, version: str, job: QueryJob) -> QueryAnswer | None:
        """The answer to the job, if it is still here."""
        found = self._kept.get((version, job))
        if found:
            self._kept.move_to_end((version, job))
        return found

    def keep(self, job: QueryJob, answer: QueryAnswer) -> None:
        """Keeps an answer, unless it takes a quarter of the room, and lets go of those not asked for the longest.

        >>> cache = AnswerCache(400)
        >>> for text in "abcde":
        ...     cache.keep(QueryJob(text), QueryAnswer("1", "json", b"." * 90, ""))
        >>> [cache.get("1", QueryJob(text)) is not None for text in "abcde"]
        [False, True, True, True, True]
        """
        cost = _cost(job, answer)
        if cost * 4 > self.size or (answer.version, job) in self._kept:
            return
        self._kept[answer.version, job] = answer
        self._held += cost
        while self._held > self.size:
            (_, oldest), gone = self._kept.popitem(last=False)
            self._held -= _cost(oldest, gone)


def _cost(job: QueryJob, answer: QueryAnswer) -> int:
    return len(answer.body) + len(job.text)


class QueryBackend(Protocol):
    """What answers queries and makes pages: processes of ours, or threads that ask a triple store.

    `barrier` is what bars them from the network.
    """

    limits: QueryLimits
    barrier: Barrier

    @property
    def source(self) -> QuerySource:
        """The version that new queries are put to."""

    async def switch(self, source: QuerySource) -> None:
        """Puts queries to another version from here on."""

    async def answer(self, job: QueryJob | PageJob, queue: Queue = Queue.STRANGERS) -> tuple[QueryReply, QuerySource]:
        """The reply to a job and the version that it is from."""

    async def close(self) -> None:
        """Ends what is at work."""


@dataclass(frozen=True)
class Queries:
    """Where queries are answered."""

    workers: QueryBackend
    memory: AnswerCache

    async def answer(self, request: Request, job: QueryJob, queue: Queue = Queue.STRANGERS) -> QueryAnswer:
        """The answer to a job; when the client goes away, the query is stopped.

        Raises:
            HTTPProblem: the query is wrong, or took too long or too much.
            StoreError: the store is damaged.
        """
        try:
            remembered = self.memory.get(self.workers.source.name, job)
            if remembered:
                return remembered
            reply, source = await _while_connected(request, self.workers.answer(job, queue))
        except LimitError as error:
            raise limit_refusal(error) from error
        if reply.fault == "store":
            raise StoreError(reply.message)
        if reply.fault:
            raise _fault_refusal(reply)
        answer = QueryAnswer(source.name, reply.syntax, reply.body, _digest(reply), reply.total)
        if reply.syntax and not reply.changes:
            self.memory.keep(job, answer)
        return answer


def _digest(reply: QueryReply) -> str:
    return hashlib.blake2b(reply.body, digest_size=16, person=(reply.syntax or "").encode()).hexdigest()


async def _while_connected(request: Request, work: Coroutine[Any, Any, _T]) -> _T:
    """The outcome of the work, given up when the client goes away."""
    working, gone = asyncio.create_task(work), asyncio.create_task(_gone(request))
    try:
        await asyncio.wait((working, gone), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise HTTPProblem(503, "the client went away")  # nobody reads it, but the log says why
        return working.result()
    finally:
        for task in (working, gone):
            task.cancel()


async def _gone(request: Request) -> None:
    """Returns when the client has closed the connection; its request has been read to the end."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def limit_refusal(error: LimitError) -> HTTPProblem:
    """What a query gets that was stopped, or could not be taken up: 503, and which limit it met."""
    headers = {} if error.wait is None else {"Retry-After": str(error.wait)}
    return HTTPProblem(503, str(error), headers=headers, extra={"limit": error.limit})


def _fault_refusal(reply: QueryReply) -> HTTPProblem:
    if reply.fault == "syntax":
        return HTTPProblem(406, reply.message)
    place = {} if reply.line is None else {"line": reply.line, "column": reply.column}
    return HTTPProblem(400, reply.message, extra=place)
