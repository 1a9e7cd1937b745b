"""Queries of the server to a triple store: a store that does not answer takes up the places that there are, no more."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from rejoinder.errors import RemoteError
from rejoinder.server.remote import RemoteBackend
from rejoinder.server.workers import Fault, LimitError, QueryJob, QueryLimits, QueryReply, QuerySource, Queue
from rejoinder.triplestores import stores
from rejoinder.triplestores.client import Remote

JSON = {"Content-Type": "application/sparql-results+json"}


class Store:
    """A store that answers a slow query when it is told to, and any other at once."""

    def __init__(self) -> None:
        self.told, self.asked = threading.Event(), 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request in a thread of whoever asks."""
        if b"slow" in request.content:
            self.asked += 1
            self.told.wait(60)
        return httpx.Response(200, json={"head": {}, "boolean": True}, headers=JSON)


def remote(transport: httpx.BaseTransport, seconds: float | None = None) -> Remote:
    place = stores.endpoint("http://store.example", stores.OXIGRAPH)
    return Remote(place, httpx.Client(transport=transport), attempts=1, seconds=seconds)


async def outcome(backend: RemoteBackend, text: str, queue: Queue = Queue.QUERIES) -> QueryReply | str:
    try:
        reply, _ = await backend.answer(QueryJob(text, "json", "json"), queue)
    except LimitError as error:
        return error.limit
    return reply


def test_a_thread_that_nobody_waits_for_keeps_its_place_and_stored_questions_have_theirs() -> None:
    async def scene() -> None:
        store = Store()
        backend = RemoteBackend(remote(httpx.MockTransport(store)), QueryLimits(seconds=2, workers=2, waiting=4))
        await backend.switch(QuerySource(Path(), "1"))
        try:
            assert await outcome(backend, "ASK { <x:slow> ?p ?o }") == "time"
            assert await outcome(backend, "ASK { <x:slow> ?p ?o }") == "concurrency"
            assert store.asked == 1
            assert isinstance(await outcome(backend, "ASK { <x:a> ?p ?o }", Queue.STORED), QueryReply)
        finally:
            store.told.set()
        assert isinstance(await outcome(backend, "ASK { <x:a> ?p ?o }"), QueryReply)

    asyncio.run(scene())


def test_when_the_client_goes_the_place_is_kept_until_the_store_has_answered() -> None:
    async def scene() -> None:
        store = Store()
        backend = RemoteBackend(remote(httpx.MockTransport(store)), QueryLimits(seconds=2, workers=1, waiting=4))
        await backend.switch(QuerySource(Path(), "1"))
        asked = asyncio.create_task(outcome(backend, "ASK { <x:slow> ?p ?o }"))
        try:
            while not store.asked:
                await asyncio.sleep(0.01)
            asked.cancel()
            with suppress(asyncio.CancelledError):
                await asked
            assert await outcome(backend, "ASK { <x:a> ?p ?o }") == "concurrency"
        finally:
            store.told.set()
        assert isinstance(await outcome(backend, "ASK { <x:a> ?p ?o }"), QueryReply)

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("status", "is_query"), [(400, True), (403, True), (413, True), (401, False), (404, False), (429, False)]
)
def test_a_query_is_at_fault_only_if_the_store_refuses_it_and_not_the_server(status: int, is_query: bool) -> None:
    async def scene() -> QueryReply:
        store = httpx.MockTransport(lambda _: httpx.Response(status, text="a reason"))
        backend = RemoteBackend(remote(store), QueryLimits(seconds=2))
        await backend.switch(QuerySource(Path(), "1"))
        return (await backend.answer(QueryJob("ASK {}", "json", "json")))[0]

    if is_query:
        reply = asyncio.run(scene())
        assert reply.fault is Fault.QUERY
        assert "store.example" not in reply.message
    else:
        with pytest.raises(RemoteError, match=str(status)):
            asyncio.run(scene())


class Trickle(httpx.SyncByteStream):
    """An answer that goes on without end, each piece of it in time."""

    def __iter__(self) -> Iterator[bytes]:
        while True:
            yield b" "


def test_an_answer_that_trickles_is_given_up() -> None:
    slow = httpx.MockTransport(lambda _: httpx.Response(200, headers=JSON, stream=Trickle()))
    with pytest.raises(RemoteError, match="no answer within the time limit"):
        remote(slow, seconds=0.2).query("ASK {}", "*/*")
