"""The endpoint over real HTTP on loopback, for tests: a small application in a thread of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from logging import getLogger
from pathlib import Path

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from rejoinder.config import Project
from rejoinder.formats import Syntax
from rejoinder.rdf import graphs
from rejoinder.rdf.terms import Quad, Store
from rejoinder.server import app
from rejoinder.server.app import server_context
from rejoinder.server.http import HTTPProblem
from rejoinder.server.sparql import Queries, SparqlEndpoint
from rejoinder.server.workers import QueryLimits, QuerySource, Workers

BASE = "https://example.org/reports/"


def stored(folder: Path, quads: Sequence[Quad]) -> QuerySource:
    """Make a store on disk that holds the quads and their union."""
    store = Store(str(folder / "store"))
    graphs.replace(store, {graph: tuple(q for q in quads if _graph(q) == graph) for graph in map(_graph, quads)})
    store.flush()
    return QuerySource(folder / "store", folder.name)


def _graph(quad: Quad) -> str:
    return str(quad.graph_name).strip("<>")


def refused(request: Request, error: Exception) -> Response:
    """Return the answer to a request that cannot be answered."""
    if not isinstance(error, HTTPProblem):
        raise error
    return error.response(request.headers.get("accept"))


def application(workers: Workers, source: QuerySource, routes: Sequence[BaseRoute]) -> Starlette:
    """Return an application with the routes, and one page that asks no worker."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await workers.switch(source)
        yield
        await workers.close()

    page = Route("/page", lambda _: Response("page"))
    return Starlette(routes=[page, *routes], lifespan=lifespan, exception_handlers={HTTPProblem: refused})


class UndescribedEndpoint(SparqlEndpoint):
    """An endpoint over a store that is no version of a project, so that there is nothing to say of it."""

    async def page(self) -> bytes | None:
        """No page."""
        return None

    def describe(self, syntax: Syntax, place: str) -> bytes:
        """Return the name of the syntax that was chosen."""
        _ = place
        return syntax.name.encode()


def endpoint(workers: Workers, memory: int = 1_000_000) -> SparqlEndpoint:
    """Return the endpoint over these workers."""
    texts, folders = ("", "", "", BASE, "303", "en"), (Path(), Path(), Path(), Path())
    return UndescribedEndpoint(Project(Path(), BASE, *texts, *folders), Queries(workers, memory))


@contextmanager
def served(application: ASGIApp, probe: str = "/page") -> Iterator[str]:
    """Serve the application; yield its address. `probe` is a path of it that answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(application, log_level="warning", lifespan="on", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        try:
            _wait(address + probe)
            yield address
        finally:
            server.should_exit = True
            thread.join()


def _wait(address: str) -> None:
    httpx.get(address, timeout=60).raise_for_status()


@contextmanager
def sparql(source: QuerySource, limits: QueryLimits | None = None) -> Iterator[httpx.Client]:
    """Yield a client of an endpoint over one store."""
    workers = Workers(BASE, limits or QueryLimits(workers=2))
    with (
        served(application(workers, source, endpoint(workers).routes())) as address,
        httpx.Client(base_url=address, timeout=60) as client,
    ):
        yield client


@contextmanager
def project(place: Project) -> Iterator[str]:
    """Serve a project with all parts of the server; yield its address."""
    context = server_context(place, getLogger("rejoinder.tests"))
    with served(app.application(context), "/-/healthy") as address:
        yield address
