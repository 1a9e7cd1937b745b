"""Queries put to a triple store, with limits of ours: time, size, how many at a time, and nothing but queries."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Final

from anyio import to_thread

from rejoinder import formats
from rejoinder.errors import QueryError, RemoteError
from rejoinder.questions import tables
from rejoinder.questions.questions import Table
from rejoinder.server.lanes import Lanes, LimitError, QueryLimits, Source
from rejoinder.server.worker import SYNTAXES, Job, Reply
from rejoinder.store import answers, querytext, rdf
from rejoinder.store.answers import TooLargeError, UnwritableError, Wanted
from rejoinder.store.rdf import Triple
from rejoinder.triplestores import asking
from rejoinder.triplestores.exchange import TooLongError
from rejoinder.triplestores.remote import Remote

_WRONG: Final = range(400, 500)


class RemoteWorkers(Lanes):
    """Answers queries as `Workers` do, by asking a triple store.

    A place is taken for as long as a thread asks: one that nobody waits for any more is still at work, until the time
    for its answer is over.
    """

    def __init__(self, remote: Remote, limits: QueryLimits) -> None:
        super().__init__(limits)
        self._remote = replace(remote, seconds=limits.seconds)
        self._places = asyncio.Semaphore(limits.workers)
        self._running: set[asyncio.Task[Reply]] = set()

    async def switch(self, source: Source) -> None:
        """See `Answering.switch`."""
        self._source = source

    async def close(self) -> None:
        """Nothing: no query has a process of its own."""

    async def answer(self, job: Job, *, stored: bool = False) -> tuple[Reply, Source]:
        """See `Answering.answer`; nothing waits for a query that takes too long.

        Raises:
            LimitError: the query took too long or too much, or too many are asked.
            RemoteError: the store cannot be reached or fails.
        """
        source, running = self.source, await self._started(job, stored=stored)
        await asyncio.wait((running,), timeout=self.limits.seconds)
        if not running.done():
            raise self._too_slow()
        try:
            return running.result(), source
        except (TooLongError, TooLargeError) as error:
            raise LimitError("size", str(error)) from error

    async def _started(self, job: Job, *, stored: bool) -> asyncio.Task[Reply]:
        """The query at work, as soon as there is a place for it."""
        async with AsyncExitStack() as place:
            await place.enter_async_context(self._lane(stored=stored))
            await self._soon(self._places.acquire, stored=stored)
            place.callback(self._places.release)
            running = asyncio.create_task(self._in_thread(job, place.pop_all()))
        self._running.add(running)
        running.add_done_callback(self._ended)
        return running

    async def _in_thread(self, job: Job, place: AsyncExitStack) -> Reply:
        async with place:
            return await to_thread.run_sync(self._reply, job)

    def _ended(self, running: asyncio.Task[Reply]) -> None:
        self._running.discard(running)
        if not running.cancelled():
            running.exception()  # which is no news to anybody where nobody waits any more

    def _reply(self, job: Job) -> Reply:
        try:
            querytext.check(job.text)
            asking.reject_all_but_queries(job.text)
            return self._page(job) if job.page else self._whole(job)
        except QueryError as error:
            return Reply(fault="query", message=str(error))
        except UnwritableError as error:
            return Reply(fault="syntax", message=str(error))
        except RemoteError as error:
            if error.status in _WRONG:
                told = str(error).removeprefix(f"{self._remote.endpoint.query}: ")  # strangers need not know where
                return Reply(fault="query", message=told)
            raise

    def _page(self, job: Job) -> Reply:
        """The rows of one page; all are counted."""
        offset, number = job.page or (0, 0)
        table = asking.sparql(self._remote, job.text)
        if not isinstance(table, Table):
            raise QueryError("the question makes a graph, not a table; write it as SELECT")
        shown = Table(table.columns, table.rows[offset : offset + number])
        return Reply(formats.JSON.name, total=len(table.rows), body=tables.as_json(shown).encode(), changes=True)

    def _whole(self, job: Job) -> Reply:
        answer = asking.sparql(self._remote, job.text, job.dataset)
        wanted = Wanted(*(SYNTAXES[name] if name else None for name in (job.table, job.boolean, job.graph)))
        if not isinstance(answer, Table):
            return self._graph(answer, wanted)
        found = answers.written_anew(_json(answer, asking.form(job.text)), wanted, self.limits.size)
        return Reply(found.syntax.name if found.syntax else None, body=found.body, changes=True)

    def _graph(self, triples: tuple[Triple, ...], wanted: Wanted) -> Reply:
        if wanted.graph is None:
            return Reply(None)
        body = rdf.serialize(triples, wanted.graph)
        if len(body) > self.limits.size:
            raise TooLargeError("the answer is longer than this server gives; ask for less, with LIMIT")
        return Reply(wanted.graph.name, body=body, changes=True)


def _json(table: Table, form: str) -> bytes:
    if form == "ASK":
        (row,) = table.rows
        yes = row[0] is not None and rdf.text(row[0]) == "true"
        return b'{"head": {}, "boolean": %s}' % (b"true" if yes else b"false")
    return tables.as_json(table).encode()
