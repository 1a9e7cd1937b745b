"""Forward queries to a triple store, with our own limits on time, size and number, and without updates."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from threading import Thread
from typing import Final, TypeVar

from rejoinder.errors import QueryError, RemoteError, StoreError, UnwritableError
from rejoinder.question import ParameterError
from rejoinder.rdf import query, results
from rejoinder.rdf.no_network import Barrier
from rejoinder.rdf.query import AcceptedFormats, QueryDataset, TooLargeError
from rejoinder.rdf.results import Table
from rejoinder.rdf.terms import Triple
from rejoinder.server.question_answer import QuestionRequest, ResourceLookup
from rejoinder.server.workers import (
    Fault,
    Job,
    LimitError,
    PageJob,
    QueryJob,
    QueryLimits,
    QueryQueue,
    QueryReply,
    QuerySource,
    Queue,
    accepted,
    fault_reply,
    question_reply,
)
from rejoinder.triplestores import push, sparql_client
from rejoinder.triplestores.client import Remote
from rejoinder.triplestores.responses import TooLongError

_T = TypeVar("_T")

_ABOUT_THE_QUERY: Final = frozenset(range(400, 500)) - {401, 404, 407, 408, 429}
"""Statuses by which a store refuses a query; the others are about our sign-in or address, or its load."""


class RemoteBackend(QueryQueue):
    """A query backend like `Workers` that asks a triple store.

    A query keeps its place in the queue until its thread ends, even if its client has gone, because the thread goes on
    until its deadline. We cannot control how the store evaluates a query; we only check its text.
    """

    barrier = Barrier.STORE

    def __init__(self, remote: Remote, limits: QueryLimits) -> None:
        super().__init__(limits)
        self._remote = replace(remote, seconds=limits.seconds)
        self._running: set[asyncio.Task[QueryReply]] = set()
        self.lookup: ResourceLookup | None = None
        """The things that parameter values may name, from the version whose pages are served."""

    async def switch(self, source: QuerySource) -> None:
        """Use that version for answers from now on, even if the store holds another."""
        self._source = source

    async def held_version(self, base: str) -> tuple[int, str] | None:
        """Return number and date of the version in the store, or None.

        Raises:
            RemoteError: the store cannot be reached or fails.
        """
        return await in_daemon_thread(partial(push.read_version, self._remote, base))

    async def close(self) -> None:
        """Do nothing: there are no processes to end."""

    async def answer(self, job: Job, queue: Queue = Queue.QUERIES) -> tuple[QueryReply, QuerySource]:
        """Return the reply to a job and the version that it is from, within the time limit.

        Raises:
            LimitError: the query took too long or too much, or too many are asked.
            RemoteError: the store cannot be reached or fails.
        """
        source, running = self.source, await self._started(job, queue)
        # A thread cannot be stopped, so it keeps its place in the queue until its own time limit.
        await asyncio.wait((running,), timeout=self.limits.seconds)
        if not running.done():
            raise self._too_slow(job)
        try:
            return running.result(), source
        except (TooLongError, TooLargeError) as error:
            raise LimitError("size", str(error)) from error

    async def _started(self, job: Job, queue: Queue) -> asyncio.Task[QueryReply]:
        """Return the running query, after waiting for a place in the queue."""
        async with AsyncExitStack() as place:
            await place.enter_async_context(self._place(queue, _at_once))
            running = asyncio.create_task(self._in_thread(job, place.pop_all()))
        self._running.add(running)
        running.add_done_callback(self._ended)
        return running

    async def _in_thread(self, job: Job, place: AsyncExitStack) -> QueryReply:
        async with place:
            return await in_daemon_thread(partial(self._reply, job))

    def _ended(self, running: asyncio.Task[QueryReply]) -> None:
        self._running.discard(running)
        if not running.cancelled():
            running.exception()  # marks it as retrieved: if no client waits, asyncio would log it

    def _reply(self, job: Job) -> QueryReply:
        try:
            if isinstance(job, QuestionRequest):
                if self.lookup is None:
                    raise StoreError("no version has been opened yet")
                # `changes`, so that nothing is cached: the store may get another version at any time.
                return replace(question_reply(job, self.lookup, self._evaluate, self.limits.size), changes=True)
            if isinstance(job, PageJob):  # pages come from the site as built
                return QueryReply()
            return self._query(job)
        except RemoteError as error:
            if error.status in _ABOUT_THE_QUERY:
                message = str(error).removeprefix(f"{self._remote.endpoint.query}: ")  # the store's URL stays private
                return QueryReply(fault=Fault.QUERY, message=message)
            raise
        except (QueryError, UnwritableError, ParameterError) as error:
            return fault_reply(error)

    def _evaluate(self, text: str, dataset: QueryDataset | None = None) -> Table | tuple[Triple, ...]:
        # Twice: by our own parser, and by keywords for extensions of stores such as Virtuoso.
        query.refuse_unsafe(text)
        sparql_client.reject_all_but_queries(text)
        return sparql_client.sparql(self._remote, text, dataset)

    def _query(self, job: QueryJob) -> QueryReply:
        answer = self._evaluate(job.text, job.dataset)
        wanted = accepted(job)
        if not isinstance(answer, Table):
            return self._graph(answer, wanted)
        found = query.reserialize(results.as_json(answer).encode(), wanted, self.limits.size)
        return QueryReply(found.syntax.name if found.syntax else None, body=found.body, changes=True)

    def _graph(self, triples: tuple[Triple, ...], wanted: AcceptedFormats) -> QueryReply:
        if wanted.graph is None:
            return QueryReply(None)
        body = query.serialize_graph(triples, wanted.graph, self.limits.size)
        return QueryReply(wanted.graph.name, body=body, changes=True)


async def _at_once() -> None:
    """Return at once: a place in the queue is all that a query needs."""


async def in_daemon_thread(function: Callable[[], _T]) -> _T:
    """Run the function in a new daemon thread, and return its result or raise its exception.

    If the task is cancelled, the thread goes on alone, and the process can end without waiting for it.
    """
    outcome: Future[_T] = Future()
    outcome.set_running_or_notify_cancel()

    def work() -> None:
        try:
            outcome.set_result(function())
        # Anything: it is raised where the outcome is awaited, and without an outcome that would wait for ever.
        except BaseException as error:
            outcome.set_exception(error)

    Thread(target=work, name=f"rejoinder {function!r:.60}", daemon=True).start()
    return await asyncio.wrap_future(outcome)
