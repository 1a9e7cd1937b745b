"""Queries put to a triple store, with limits of ours: time, size, how many at a time, and nothing but queries."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Final

from anyio import CapacityLimiter, to_thread

from rejoinder import formats
from rejoinder.errors import QueryError, RemoteError
from rejoinder.questions import tables
from rejoinder.questions.questions import Table
from rejoinder.server.worker import SYNTAXES, Job, Reply
from rejoinder.server.workers import LimitError, QueryLimits, Source
from rejoinder.store import answers, querytext, rdf
from rejoinder.store.answers import TooLargeError, UnwritableError, Wanted
from rejoinder.store.rdf import Triple
from rejoinder.triplestores import asking
from rejoinder.triplestores.remote import Remote, TooLongError

_WRONG: Final = range(400, 500)


class RemoteWorkers:
    """Answers queries as `Workers` do, by asking a triple store."""

    def __init__(self, remote: Remote, limits: QueryLimits) -> None:
        self.limits = limits
        self._remote = remote
        self._places = CapacityLimiter(limits.workers)
        self._source: Source | None = None

    @property
    def source(self) -> Source:
        """See `Answering.source`."""
        if self._source is None:
            raise LimitError("concurrency", "the server is not ready yet; ask again in a moment", wait=1)
        return self._source

    async def switch(self, source: Source) -> None:
        """See `Answering.switch`."""
        self._source = source

    async def close(self) -> None:
        """Nothing: no query has a process of its own."""

    async def answer(self, job: Job, *, stored: bool = False) -> tuple[Reply, Source]:  # noqa: ARG002  # the protocol's form
        """See `Answering.answer`; the connection of a query that takes too long is closed.

        Raises:
            LimitError: the query took too long or too much, or too many are asked.
            RemoteError: the store cannot be reached or fails.
        """
        source = self.source
        if self._places.statistics().tasks_waiting >= self.limits.waiting:
            raise LimitError("concurrency", "more queries are asked than can be answered at a time; ask again", wait=5)
        try:
            async with asyncio.timeout(self.limits.seconds):
                reply = await to_thread.run_sync(
                    partial(self._reply, job), limiter=self._places, abandon_on_cancel=True
                )
        except TimeoutError as error:
            message = f"the query was stopped after {self.limits.seconds:g} seconds; ask for less"
            raise LimitError("time", message) from error
        except (TooLongError, TooLargeError) as error:
            raise LimitError("size", str(error)) from error
        return reply, source

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
