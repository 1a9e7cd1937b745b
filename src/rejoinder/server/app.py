"""The ASGI application, with its routes and middleware, and the uvicorn server that runs it."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from logging import INFO, WARNING, Logger, getLogger
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from rejoinder import versions
from rejoinder.config import Project
from rejoinder.errors import RemoteError, StoreError, UsageError
from rejoinder.server.files import ServedVersion, VersionListener, VersionWatcher, require_site
from rejoinder.server.http import HTTPProblem, header
from rejoinder.server.middleware import (
    CLIENT_GONE,
    HEALTHY,
    READ_METHODS,
    HttpConnection,
    Metrics,
    PrefixMiddleware,
    ProtectionMiddleware,
    RefreshMiddleware,
    RequestLimits,
    TargetMiddleware,
    TelemetryMiddleware,
    log_to,
)
from rejoinder.server.pages import PageEndpoint
from rejoinder.server.question_answer import ResourceLookup
from rejoinder.server.question_api import QuestionApi
from rejoinder.server.remote import RemoteBackend
from rejoinder.server.sparql import Queries, SparqlEndpoint, limit_refusal
from rejoinder.server.workers import LimitError, QueryBackend, Workers, query_limits
from rejoinder.triplestores import push
from rejoinder.triplestores.client import Remote, connect

_NO_STORE: Final = {"Cache-Control": "no-store"}
_RETRY_SECONDS: Final = "5"


@dataclass(frozen=True)
class ServerContext:
    """Objects shared by all parts of the server: project, newest version, query backend, metrics and log."""

    project: Project
    watcher: VersionWatcher
    backend: QueryBackend
    metrics: Metrics
    log: Logger


def server_context(project: Project, log: Logger, remote: Remote | None = None) -> ServerContext:
    """Return the context for a project, with nothing opened yet. If `remote` is given, it answers queries."""
    metrics, limits = Metrics(), query_limits(project.server)
    if remote is None:
        backend: QueryBackend = Workers(project.base, limits)
        followers: list[VersionListener] = [metrics.follow]
    else:
        backend = RemoteBackend(remote, limits)
        followers = [metrics.follow, _RemoteFollower(project, backend, log).follow]
    watcher = VersionWatcher(project, log, backend, followers, as_built=remote is not None)
    return ServerContext(project, watcher, backend, metrics, log)


@dataclass(frozen=True)
class _RemoteFollower:
    """Compares the version in a triple store that answers queries with the version whose pages are served."""

    project: Project
    backend: RemoteBackend
    log: Logger

    async def follow(self, served: ServedVersion) -> None:
        """Log once per served version which version the store holds, or that it does not answer."""
        self.backend.lookup = ResourceLookup(served.snapshot)
        try:
            is_same, state = await store_state(self.backend, self.project.base, served)
        except RemoteError as error:  # pages do not need the store, and queries report the error themselves
            self.log.error("%s", error)
            return
        self.log.log(INFO if is_same else WARNING, "triple store: %s", state)


async def store_state(backend: RemoteBackend, base: str, served: ServedVersion) -> tuple[bool, str]:
    """Return whether the triple store holds the version of the pages, and a sentence about that and what to do.

    Raises:
        RemoteError: the store cannot be reached or fails.
    """
    held, shown = await backend.held_version(base), served.manifest
    if held == (shown.number, shown.created):
        return True, f"version {shown.number}, as the pages"
    what = f"version {held[0]} of {held[1]}" if held else "no version of this project"
    hint = "'rejoinder push' loads that"
    return False, f"{what}, while the pages show version {shown.number} of {shown.created}; {hint}"


def application(context: ServerContext) -> ASGIApp:
    """Return the server as an ASGI application; paths below `/-/` are for operators."""
    project, settings, watcher = context.project, context.project.server, context.watcher
    queries = Queries(context.backend, settings.query_cache_bytes)
    endpoint, api, pages = SparqlEndpoint(project, queries), QuestionApi(project, queries), PageEndpoint(watcher)
    watcher.followers += [endpoint.follow, api.follow]

    async def healthy(_: Request) -> Response:
        return PlainTextResponse("healthy\n", headers=_NO_STORE)

    async def ready(_: Request) -> Response:
        """Return the version served, how queries are kept from the network, and the triple store's version."""
        served, backend = await watcher.current(), context.backend
        lines = [f"ready: version {served.manifest.number}", f"queries: {backend.barrier}"]
        if isinstance(backend, RemoteBackend):
            lines.append(f"triple store: {(await store_state(backend, project.base, served))[1]}")
        return PlainTextResponse("\n".join((*lines, "")), headers=_NO_STORE)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        try:
            await watcher.current()
            yield
        finally:
            await watcher.backend.close()

    refused = _Refusals(context.log)
    # `__call__`, because Starlette takes an object for an ASGI application, and a method for a function of the request.
    app = Starlette(
        routes=[
            Route(HEALTHY, healthy),
            Route("/-/ready", ready),
            Route("/-/metrics", context.metrics.__call__),
            *endpoint.routes(),
            *api.routes(),
            # The last, because it matches every path.
            Route("/{path:path}", pages.__call__, methods=list(READ_METHODS)),
        ],
        # Starlette raises unexpected exceptions again after the response, so uvicorn logs them.
        exception_handlers=dict.fromkeys(
            (ClientDisconnect, HTTPProblem, LimitError, HTTPException, StoreError, RemoteError, Exception),
            refused.__call__,
        ),
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # its target would repeat the client's Host; our own redirects are relative
    # From the outside in: log, security headers, limits, target, prefix, version. So refusals are logged as well.
    newest = RefreshMiddleware(watcher, app)
    target = TargetMiddleware(PrefixMiddleware(settings.prefix, newest) if settings.prefix else newest)
    return TelemetryMiddleware(ProtectionMiddleware(RequestLimits(target, settings)), context.metrics, context.log)


@dataclass(frozen=True)
class _Refusals:
    """Exception handlers: responses for refused and failed requests."""

    log: Logger

    def __call__(self, request: Request, error: Exception) -> Response:
        """Return the response in a format that the client accepts."""
        if isinstance(error, ClientDisconnect):
            return Response(status_code=CLIENT_GONE)  # sent to nobody, but log and metrics take their status from it
        home = "../" * (request.scope["path"].count("/") - 1) or "./"
        return self._problem(error).response(header(request, "accept"), home)

    def _problem(self, error: Exception) -> HTTPProblem:  # noqa: PLR0911  # one for each kind of error
        match error:
            case HTTPProblem():
                return error
            case LimitError():
                return limit_refusal(error)
            case HTTPException(status_code=HTTPStatus.METHOD_NOT_ALLOWED):
                methods = (error.headers or {}).get("Allow", "GET")
                detail = f"Nothing can be changed here; the methods are {methods}."
                return HTTPProblem(error.status_code, detail, headers=error.headers)
            case HTTPException():
                return HTTPProblem(error.status_code, error.detail, headers=error.headers)
            case StoreError():
                self.log.error("%s", error)
                detail = "The data cannot be read; whoever runs this server finds the reason in its log."
                return HTTPProblem(HTTPStatus.SERVICE_UNAVAILABLE, detail)
            case RemoteError():
                self.log.error("%s", error)
                detail = "The triple store behind this server does not answer as it should; ask again in a moment."
                return HTTPProblem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": _RETRY_SECONDS})
            case _:
                detail = "The server failed; whoever runs it finds the reason in its log."
                return HTTPProblem(HTTPStatus.INTERNAL_SERVER_ERROR, detail)


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
        versions.require_newest(project.build).open()  # report damage now, not at the first request
        _serve(project, announce, None)
        return
    # Pages come from the site as built, not from the triple store.
    require_site(project)
    remote = connect(endpoint, store)
    with closing(remote.client):
        # No retries: a client waits for the answer, and its query has a time limit.
        remote = replace(remote, attempts=1, max_bytes=settings.query_result_bytes, seconds=settings.query_seconds)
        if push.read_version(remote, project.base) is None:
            hint = "load one with 'rejoinder push'"
            raise StoreError(f"{remote.endpoint.query}: no version of the project at {project.base} is there; {hint}")
        _serve(project, announce, remote)


def _serve(project: Project, announce: Callable[[str], None], remote: Remote | None) -> None:
    settings = project.server
    log = _log(settings.log)
    with _listening(settings.host, settings.port) as listener, _stopped_by_sigterm(), _also_for_uvicorn(log):
        context = server_context(project, log, remote)
        config = uvicorn.Config(
            application(context),
            http=HttpConnection,  # over h11: it refuses smuggled requests and bounds headers; httptools does neither
            ws="none",
            lifespan="on",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,  # links are relative and addresses are not logged, so nothing needs them
            server_header=False,
            timeout_keep_alive=settings.idle_seconds,
            timeout_graceful_shutdown=_grace(settings.stop_seconds),  # type: ignore[arg-type]  # it is handed on to asyncio
            limit_concurrency=settings.max_connections,
            # Above our own limits, so that these are met first: they answer with a sentence, h11 only with 400.
            h11_max_incomplete_event_size=settings.max_url_bytes + settings.max_header_bytes + 16_384,
        )
        announce(_address(listener, settings.prefix))
        asyncio.run(uvicorn.Server(config).serve(sockets=[listener]))


def _grace(stop_seconds: int) -> float:
    """Return the seconds for running requests at shutdown; the rest of `stop_seconds` is for ending workers.

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
    """Send uvicorn's warnings and errors to our own log."""
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
    """Yield a socket that listens at the address."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, error.strerror)
        raise UsageError(f"{host}, port {port}: {reason}") from error
    with listener:
        # asyncio does so only for sockets that it makes itself. With Nagle's algorithm a small answer takes 44 ms.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listener


def _address(listener: socket.socket, prefix: str) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}{prefix}/" if ":" in host else f"http://{host}:{port}{prefix}/"


@contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    """Ignore the SIGTERM that uvicorn raises again after a graceful shutdown, so that the exit code is 0."""
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
