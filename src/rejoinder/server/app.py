"""The application: routes, limits, headers and what is noted of each request, put together."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from logging import INFO, WARNING, Logger, getLogger
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from rejoinder import versions
from rejoinder.config import Project
from rejoinder.errors import RemoteError, StoreError, UsageError
from rejoinder.formats import Syntax
from rejoinder.server import http, sparql
from rejoinder.server.connection import HttpConnection, TargetMiddleware
from rejoinder.server.current import ServedVersion, VersionListener, VersionWatcher, require_site
from rejoinder.server.middleware import (
    Metrics,
    ProtectionMiddleware,
    RequestLimits,
    TelemetryMiddleware,
    allowed,
    log_to,
)
from rejoinder.server.pages import PageEndpoint
from rejoinder.server.problems import HTTPProblem
from rejoinder.server.queries import AnswerCache, Queries, QueryBackend, limit_refusal
from rejoinder.server.question_api import QuestionApi
from rejoinder.server.remote import RemoteWorkers
from rejoinder.server.sparql import ServiceDescription, SparqlEndpoint
from rejoinder.server.workers import LimitError, Workers, query_limits
from rejoinder.triplestores import push
from rejoinder.triplestores.client import Remote, connect

_HEALTHY: Final = "/-/healthy"
"""What is asked here is whether the process lives: that waits for nothing."""

_PAGE_METHODS: Final = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class ServerContext:
    """What the parts of a server share: the project, its newest version, what answers queries, numbers and log."""

    project: Project
    watcher: VersionWatcher
    workers: QueryBackend
    metrics: Metrics
    log: Logger


@dataclass(frozen=True)
class RouteGroup:
    """A part of the server with addresses of its own; `follow` gets it ready for a version."""

    routes: tuple[BaseRoute, ...]
    follow: VersionListener | None = None


@dataclass(frozen=True)
class _Pages:
    """Every address that no other part answers."""

    dereferencing: PageEndpoint = field(repr=False)

    async def __call__(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return allowed(*_PAGE_METHODS)
        return await self.dereferencing(request)


def server_context(project: Project, log: Logger, remote: Remote | None = None) -> ServerContext:
    """Return what a server of the project needs; nothing is opened yet. With `remote`, that store answers queries."""
    metrics, limits = Metrics(), query_limits(project.server)
    if remote is None:
        workers: QueryBackend = Workers(project.base, limits, project)
        followers: list[VersionListener] = [metrics.follow]
    else:
        workers = RemoteWorkers(remote, limits)
        followers = [metrics.follow, _Comparison(project, workers, log).follow]
    watcher = VersionWatcher(project, log, workers, followers, as_built=remote is not None)
    return ServerContext(project, watcher, workers, metrics, log)


@dataclass(frozen=True)
class _Comparison:
    """Whether the triple store that answers queries holds the version whose pages are served."""

    project: Project
    workers: RemoteWorkers
    log: Logger

    async def follow(self, served: ServedVersion) -> None:
        """Log once for each version that is served what the store holds instead, or that it does not answer."""
        try:
            state = await store_state(self.workers, self.project.base, served)
        except RemoteError as error:  # pages do not need it, and queries say so themselves
            self.log.error("%s", error)
            return
        self.log.log(WARNING if "rejoinder push" in state else INFO, "triple store: %s", state)


async def store_state(workers: RemoteWorkers, base: str, served: ServedVersion) -> str:
    """Return which version the triple store holds, and what to do if the pages show another one.

    Raises:
        RemoteError: the store cannot be reached or fails.
    """
    held, shown = await workers.held_version(base), served.manifest
    if held == (shown.number, shown.created):
        return f"version {shown.number}, as the pages"
    what = f"version {held[0]} of {held[1]}" if held else "no version of this project"
    return f"{what}, while the pages show version {shown.number} of {shown.created}; 'rejoinder push' brings that"


def application(context: ServerContext, extensions: Sequence[RouteGroup] = ()) -> ASGIApp:
    """The server as an ASGI application. Below `/-/` is what only those who run it need."""
    context.watcher.followers.extend(part.follow for part in extensions if part.follow)
    pages, answers = _Pages(PageEndpoint(context.watcher)), _Answers(context.log)
    routes: list[BaseRoute] = [
        Route(_HEALTHY, _healthy),
        Route("/-/ready", _Ready(context).__call__),
        Route("/-/metrics", context.metrics.__call__),
        *(route for extension in extensions for route in extension.routes),
        Route("/{path:path}", pages.__call__, methods=list(_PAGE_METHODS)),
    ]
    app = Starlette(routes=routes, exception_handlers=answers.handlers(), lifespan=_lifespan(context.watcher))
    app.router.redirect_slashes = False  # it would lead to what a stranger wrote; our own redirects name what is there
    settings = context.project.server
    newest = _RefreshMiddleware(context.watcher, app)
    limited = RequestLimits(
        TargetMiddleware(_PrefixMiddleware(settings.prefix, newest) if settings.prefix else newest), settings
    )
    return TelemetryMiddleware(ProtectionMiddleware(limited), context.metrics, context.log)


async def _healthy(request: Request) -> Response:
    _ = request
    return PlainTextResponse("healthy\n", headers={"Cache-Control": "no-store"})


@dataclass(frozen=True)
class _Ready:
    """Which version is served, what keeps queries from the network, and what the triple store holds that answers them.

    There is no such line without a triple store; one that does not answer makes it a 503.
    """

    context: ServerContext

    async def __call__(self, request: Request) -> Response:
        _ = request
        served, workers = await self.context.watcher.current(), self.context.workers
        lines = [f"ready: version {served.manifest.number}", f"queries: {workers.barrier}"]
        if isinstance(workers, RemoteWorkers):
            lines.append(f"triple store: {await store_state(workers, self.context.project.base, served)}")
        return PlainTextResponse("\n".join((*lines, "")), headers={"Cache-Control": "no-store"})


def _lifespan(watcher: VersionWatcher) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        try:
            await watcher.current()
            yield
        finally:
            await watcher.workers.close()

    return lifespan


class _RefreshMiddleware:
    """The application, after a look for a version that is newer: every part of it answers from the same one."""

    def __init__(self, watcher: VersionWatcher, app: ASGIApp) -> None:
        self._watcher, self._app = watcher, app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] != _HEALTHY:
            with suppress(StoreError, RemoteError):  # whoever needs the version meets it again, and says so
                await self._watcher.current()
        await self._app(scope, receive, send)


class _PrefixMiddleware:
    """The application below a path that the proxy in front leaves on its requests."""

    def __init__(self, prefix: str, app: ASGIApp) -> None:
        self._prefix, self._app = prefix, app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path = scope["path"]
            if path == self._prefix:
                raise HTTPProblem(HTTPStatus.NOT_FOUND, "The pages begin at this address with a slash at its end.")
            if not path.startswith(f"{self._prefix}/"):
                raise HTTPProblem(HTTPStatus.NOT_FOUND, f"The pages are below {self._prefix}/.")
            scope = {**scope, "path": path.removeprefix(self._prefix)}
        await self._app(scope, receive, send)


@dataclass(frozen=True)
class _Answers:
    """The answers to what was refused, or failed."""

    log: Logger

    def __call__(self, request: Request, error: Exception) -> Response:
        """The answer in a form that the client takes."""
        return self._refusal(error).response(http.field(request, "accept"))

    def handlers(self) -> dict[Any, Callable[[Request, Exception], Response]]:
        """For each kind of error; what was not expected is raised again behind the answer, and so logged."""
        return dict.fromkeys(
            (HTTPProblem, LimitError, HTTPException, StoreError, RemoteError, Exception), self.__call__
        )

    def _refusal(self, error: Exception) -> HTTPProblem:
        match error:
            case HTTPProblem():
                return error
            case LimitError():
                return limit_refusal(error)
            case HTTPException():
                return HTTPProblem(error.status_code, _words(error), headers=error.headers)
            case StoreError():
                self.log.error("%s", error)
                detail = "The data cannot be read; whoever runs this server finds the reason in its log."
                return HTTPProblem(HTTPStatus.SERVICE_UNAVAILABLE, detail)
            case RemoteError():
                self.log.error("%s", error)
                detail = "The triple store behind this server does not answer as it should; ask again in a moment."
                return HTTPProblem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": _RETRY})
            case _:
                detail = "The server failed; whoever runs it finds the reason in its log."
                return HTTPProblem(HTTPStatus.INTERNAL_SERVER_ERROR, detail)


_RETRY: Final = "5"


def _words(error: HTTPException) -> str:
    """What the framework refused, in a sentence."""
    if error.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
        return error.detail
    return f"Nothing can be changed here; the methods are {(error.headers or {}).get('Allow', 'GET')}."


_PAGE = "sparql.html"


def query_parts(context: ServerContext) -> tuple[RouteGroup, ...]:
    """SPARQL and the stored questions over HTTP: what answers them follows the newest version, as pages do."""
    followed = _Followed(context)
    queries = Queries(context.workers, AnswerCache(context.project.server.query_cache_bytes))
    endpoint = SparqlEndpoint(context.project.base, queries, ServiceDescription(followed.described, followed.page))
    api = QuestionApi(context.project, queries)
    return (
        RouteGroup(tuple(endpoint.routes()), followed.follow),
        RouteGroup(api.routes(), api.follow),
    )


@dataclass
class _Followed:
    """What the endpoint says of itself, of the version that it answers from."""

    context: ServerContext
    _served: ServedVersion | None = None

    async def follow(self, served: ServedVersion) -> None:
        """See `VersionListener`."""
        self._served = served

    async def page(self) -> bytes | None:
        """Its page for people, None where there is none."""
        found = await self._served.pages.get(_PAGE) if self._served else None
        return found.content if found else None

    def described(self, syntax: Syntax) -> bytes:
        """The Service Description."""
        if self._served is None:
            raise StoreError("no version has been opened yet")
        return sparql.written(self.context.project, self._served.manifest, syntax)


_REASONS: Final = {
    errno.EADDRINUSE: "another program listens there already; name another with --port",
    errno.EACCES: "only root may listen there; name a port above 1023 with --port",
    errno.EADDRNOTAVAIL: "this machine has no such address; name one that it has with --host",
}


def serve(
    project: Project,
    announce: Callable[[str], None] = lambda _: None,
    *,
    endpoint: str | None = None,
    store: str | None = None,
) -> None:
    """Serve the newest version of the project until SIGTERM or SIGINT; `announce` is called with the address.

    With `endpoint`, the address of a triple store, that answers queries and stored questions; pages are those of the
    site as built. `store` names the profile of the store.

    Raises:
        RemoteError: the triple store cannot be reached or refuses.
        UsageError: nothing can listen at the address, or the log cannot be written.
        StoreError: nothing has been built yet, the version is damaged, or the triple store holds none of the project.
        KeyboardInterrupt: it was stopped with SIGINT.
    """
    settings = project.server
    if endpoint is None:
        versions.require_newest(project.build).open()  # what is damaged is told now, not at the first request
        _serve(project, announce, None)
        return
    require_site(project)
    remote = connect(endpoint, store)
    with closing(remote.client):
        remote = replace(remote, attempts=1, most=settings.query_result_bytes, seconds=settings.query_seconds)
        if push.read_version(remote, project.base) is None:
            hint = "bring one with 'rejoinder push'"
            raise StoreError(f"{remote.endpoint.query}: no version of the project at {project.base} is there; {hint}")
        _serve(project, announce, remote)


def _serve(project: Project, announce: Callable[[str], None], remote: Remote | None) -> None:
    settings = project.server
    log = _log(settings.log)
    with _listening(settings.host, settings.port) as listener, _stopped_by_sigterm(), _also_for_uvicorn(log):
        context = server_context(project, log, remote)
        config = uvicorn.Config(
            application(context, query_parts(context)),
            http=HttpConnection,  # over h11: it refuses smuggled requests and bounds headers; httptools does neither
            ws="none",
            lifespan="on",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=settings.idle_seconds,
            timeout_graceful_shutdown=_grace(settings.stop_seconds),  # type: ignore[arg-type]  # it is handed on to asyncio
            limit_concurrency=settings.max_connections,
            h11_max_incomplete_event_size=settings.max_url_bytes + settings.max_header_bytes + 16_384,
        )
        announce(_address(listener, settings.prefix))
        asyncio.run(uvicorn.Server(config).serve(sockets=[listener]))


def _grace(stop_seconds: int) -> float:
    """The seconds that running requests have at the end; the rest of `stop_seconds` is for ending our processes.

    >>> _grace(10), _grace(1)
    (9.0, 0.5)
    """
    return max(stop_seconds - 1.0, stop_seconds / 2)


def _log(target: str) -> Logger:
    try:
        return log_to(target)
    except OSError as error:
        raise UsageError(f"{target}: the log cannot be written: {error.strerror}") from error


@contextmanager
def _also_for_uvicorn(log: Logger) -> Iterator[None]:
    """Lets uvicorn's warnings and errors go the way of our own."""
    theirs = getLogger("uvicorn.error")
    before = theirs.handlers, theirs.level, theirs.propagate
    theirs.handlers, theirs.propagate = log.handlers, False
    theirs.setLevel(WARNING)
    try:
        yield
    finally:
        theirs.handlers, theirs.level, theirs.propagate = before


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens at the address."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, error.strerror)
        raise UsageError(f"{host}, port {port}: {reason}") from error
    with listener:
        # asyncio does so for sockets that it makes itself. Without it a small answer waits 40 ms for the client's word.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listener


def _address(listener: socket.socket, prefix: str) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}{prefix}/" if ":" in host else f"http://{host}:{port}{prefix}/"


@contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    """Lets SIGTERM be the way to stop: uvicorn raises it again when it is done, and nothing is left to do then."""
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
