"""The application: routes, limits, headers and what is noted of each request, put together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from logging import Logger
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from rejoinder.errors import RemoteError, StoreError
from rejoinder.project import Project
from rejoinder.server import fields
from rejoinder.server.dereferencing import Dereferencing
from rejoinder.server.editions import Editions, Follower
from rejoinder.server.lanes import LimitError, query_limits
from rejoinder.server.problems import Refusal
from rejoinder.server.protection import Limits, Protection, allowed
from rejoinder.server.queries import Answering, limit_refusal
from rejoinder.server.remoteeditions import RemoteEditions
from rejoinder.server.remoteworkers import RemoteWorkers
from rejoinder.server.targets import Targets
from rejoinder.server.telemetry import Metrics, Telemetry
from rejoinder.server.workers import Workers
from rejoinder.triplestores.remote import Remote

_HEALTHY: Final = "/-/healthy"
"""What is asked here is whether the process lives: that waits for nothing."""

_PAGE_METHODS: Final = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class House:
    """What the parts of a server share: the project, its newest version, what answers queries, numbers and log."""

    project: Project
    editions: Editions
    workers: Answering
    metrics: Metrics
    log: Logger


@dataclass(frozen=True)
class Extension:
    """A part of the server with addresses of its own.

    `follow` gets it ready for a version before anything is answered from that; `state` is its line in `/-/ready`.
    """

    routes: tuple[BaseRoute, ...]
    follow: Follower | None = None
    state: Callable[[], str] | None = None


@dataclass(frozen=True)
class _Pages:
    """Every address that no other part answers."""

    dereferencing: Dereferencing = field(repr=False)

    async def __call__(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return allowed(*_PAGE_METHODS)
        return await self.dereferencing(request)


def house(project: Project, log: Logger, remote: Remote | None = None) -> House:
    """What a server of the project needs; nothing is opened yet. With `remote`, its version is in that triple store."""
    metrics, limits = Metrics(), query_limits(project.server)
    if remote is None:
        workers = Workers(project.base, limits, project)
        return House(project, Editions(project, log, workers, [metrics.follow]), workers, metrics, log)
    asking = RemoteWorkers(remote, limits)
    editions = RemoteEditions(project, log, asking, [metrics.follow], remote=remote)
    return House(project, editions, asking, metrics, log)


def application(shared: House, extensions: Sequence[Extension] = ()) -> ASGIApp:
    """The server as an ASGI application. Below `/-/` is what only those who run it need."""
    shared.editions.followers.extend(part.follow for part in extensions if part.follow)
    pages, answers = _Pages(Dereferencing(shared.editions)), _Answers(shared.log)
    routes: list[BaseRoute] = [
        Route(_HEALTHY, _healthy),
        Route("/-/ready", _Ready(shared.editions, tuple(part.state for part in extensions if part.state)).__call__),
        Route("/-/metrics", shared.metrics.__call__),
        *(route for extension in extensions for route in extension.routes),
        Route("/{path:path}", pages.__call__, methods=list(_PAGE_METHODS)),
    ]
    app = Starlette(routes=routes, exception_handlers=answers.handlers(), lifespan=_lifespan(shared.editions))
    app.router.redirect_slashes = False  # it would lead to what a stranger wrote; our own redirects name what is there
    settings = shared.project.server
    newest = _Newest(shared.editions, app)
    limited = Limits(Targets(_Below(settings.prefix, newest) if settings.prefix else newest), settings)
    return Telemetry(Protection(limited), shared.metrics, shared.log)


async def _healthy(request: Request) -> Response:
    _ = request
    return PlainTextResponse("healthy\n", headers={"Cache-Control": "no-store"})


@dataclass(frozen=True)
class _Ready:
    """Whether there is a version to serve, and which; then a line for each part that has something to say."""

    editions: Editions
    states: tuple[Callable[[], str], ...] = ()

    async def __call__(self, request: Request) -> Response:
        _ = request
        opened = await self.editions.current()
        lines = (f"ready: version {opened.manifest.number}", *(state() for state in self.states), "")
        return PlainTextResponse("\n".join(lines), headers={"Cache-Control": "no-store"})


def _lifespan(editions: Editions) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        try:
            await editions.current()
            yield
        finally:
            await editions.workers.close()

    return lifespan


class _Newest:
    """The application, after a look for a version that is newer: every part of it answers from the same one."""

    def __init__(self, editions: Editions, app: ASGIApp) -> None:
        self._editions, self._app = editions, app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] != _HEALTHY:
            with suppress(StoreError, RemoteError):  # whoever needs the version meets it again, and says so
                await self._editions.current()
        await self._app(scope, receive, send)


class _Below:
    """The application below a path that the proxy in front leaves on its requests."""

    def __init__(self, prefix: str, app: ASGIApp) -> None:
        self._prefix, self._app = prefix, app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path = scope["path"]
            if path == self._prefix:
                raise Refusal(HTTPStatus.NOT_FOUND, "The pages begin at this address with a slash at its end.")
            if not path.startswith(f"{self._prefix}/"):
                raise Refusal(HTTPStatus.NOT_FOUND, f"The pages are below {self._prefix}/.")
            scope = {**scope, "path": path.removeprefix(self._prefix)}
        await self._app(scope, receive, send)


@dataclass(frozen=True)
class _Answers:
    """The answers to what was refused, or failed."""

    log: Logger

    def __call__(self, request: Request, error: Exception) -> Response:
        """The answer in a form that the client takes."""
        return self._refusal(error).response(fields.field(request, "accept"))

    def handlers(self) -> dict[Any, Callable[[Request, Exception], Response]]:
        """For each kind of error; what was not expected is raised again behind the answer, and so logged."""
        return dict.fromkeys((Refusal, LimitError, HTTPException, StoreError, RemoteError, Exception), self.__call__)

    def _refusal(self, error: Exception) -> Refusal:
        match error:
            case Refusal():
                return error
            case LimitError():
                return limit_refusal(error)
            case HTTPException():
                return Refusal(error.status_code, _words(error), headers=error.headers)
            case StoreError():
                self.log.error("%s", error)
                detail = "The data cannot be read; whoever runs this server finds the reason in its log."
                return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, detail)
            case RemoteError():
                self.log.error("%s", error)
                detail = "The triple store behind this server does not answer as it should; ask again in a moment."
                return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": _RETRY})
            case _:
                detail = "The server failed; whoever runs it finds the reason in its log."
                return Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, detail)


_RETRY: Final = "5"


def _words(error: HTTPException) -> str:
    """What the framework refused, in a sentence."""
    if error.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
        return error.detail
    return f"Nothing can be changed here; the methods are {(error.headers or {}).get('Allow', 'GET')}."
