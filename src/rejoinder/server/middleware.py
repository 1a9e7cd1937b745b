"""Middleware: request limits, timeouts, security headers, metrics and the access log.

Standards: RFC 9110, sections 7.8 (Upgrade), 9.3.2 (HEAD); RFC 9112, section 9.6 (Tear-down); Fetch, section 3.3 (CORS).
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from logging.handlers import WatchedFileHandler
from typing import Final
from urllib.parse import unquote

import h11
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from rejoinder.config import ServerSettings
from rejoinder.errors import RejoinderError
from rejoinder.server.files import ServedVersion, VersionWatcher
from rejoinder.server.http import NO_PAGE, HTTPProblem, header

_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
"""The methods that metrics distinguish; methods invented by clients must not create new time series."""

# Below 10 ms for cached pages, above 5 s for queries up to their time limit.
_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_MAX_LOGGED_CHARACTERS: Final = 500
CLIENT_GONE: Final = 499
"""The status in log and metrics, as in nginx, of a request whose client left before the answer."""


class Metrics:
    """The Prometheus metrics, in their own `registry`, to which other parts of the server may add theirs."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "rejoinder_requests", "Requests answered.", ("method", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "rejoinder_request_seconds", "Time to the end of an answer.", registry=self.registry, buckets=_BUCKETS
        )
        self.sent = Counter("rejoinder_sent_bytes", "Bytes of content sent.", registry=self.registry)
        self.running = Gauge("rejoinder_requests_running", "Requests at work.", registry=self.registry)
        self.version = Gauge("rejoinder_version", "Number of the version served.", registry=self.registry)
        self.switches = Counter("rejoinder_versions_opened", "Versions opened since the start.", registry=self.registry)

    async def follow(self, served: ServedVersion) -> None:
        """Record a version that is served from now on."""
        self.version.set(served.manifest.number)
        self.switches.inc()

    async def __call__(self, request: Request) -> Response:
        """Return the metrics in Prometheus' text format."""
        _ = request
        headers = {"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"}
        return Response(generate_latest(self.registry), headers=headers)


class JsonLines(logging.Formatter):
    """A log formatter that writes each record as one line of JSON; the items of a logged mapping become members."""

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter.format`."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {"time": moment, "level": record.levelname.lower()}
        if isinstance(record.msg, Mapping):
            line |= record.msg
        else:
            line["message"] = record.getMessage()
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line)


def log_to(target: str) -> logging.Logger:
    """Return a log that writes to a file (which may be rotated away), to standard error for "-", nowhere for "".

    Raises:
        OSError: the file cannot be written.
    """
    logger = logging.Logger("rejoinder")  # not by `getLogger`, whose loggers are shared by the whole process
    handler: logging.Handler = logging.NullHandler()
    if target:
        handler = logging.StreamHandler(sys.stderr) if target == "-" else WatchedFileHandler(target, encoding="utf-8")
    handler.setFormatter(JsonLines())
    logger.addHandler(handler)
    return logger


class TelemetryMiddleware:
    """Middleware that counts, times and logs each request."""

    def __init__(self, app: ASGIApp, metrics: Metrics, log: logging.Logger) -> None:
        self._app, self._metrics, self._log = app, metrics, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Address, browser and query are not logged, so that the log identifies nobody.
        counted = _CountingSend(send, silent=scope["method"] == "HEAD")
        self._metrics.running.inc()
        try:
            await self._app(scope, receive, counted)
        finally:
            self._metrics.running.dec()
            self._note(scope, counted)

    def _note(self, scope: Scope, counted: _CountingSend) -> None:
        seconds = time.perf_counter() - counted.start
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.requests.labels(method, str(counted.status)).inc()
        self._metrics.seconds.observe(seconds)
        self._metrics.sent.inc(counted.size)
        self._log.info(
            {
                "method": scope["method"][:_MAX_LOGGED_CHARACTERS],
                "path": scope["path"][:_MAX_LOGGED_CHARACTERS],
                "status": counted.status,
                "bytes": counted.size,
                "milliseconds": round(seconds * 1000, 1),
            }
        )


class _CountingSend:
    """A `send` that counts bytes; its status is `CLIENT_GONE` until an answer begins.

    `silent` says that the body is not sent, as with HEAD.
    """

    def __init__(self, send: Send, *, silent: bool) -> None:
        self._send, self._silent = send, silent
        self.status, self.size, self.start = CLIENT_GONE, 0, time.perf_counter()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        self.size += 0 if self._silent else len(message.get("body", b""))
        await self._send(message)


POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The content security policy: nothing from other hosts, nothing inline, WebAssembly for SPARQL in the browser."""

_ALWAYS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # The data are public, so scripts of any site may read them.
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Accept-Ranges, Content-Location, Content-Range, ETag, Link, Location",
}


READ_METHODS: Final = ("GET", "HEAD", "OPTIONS")
"""The methods of pages, of the API and of graphs."""
QUERY_METHODS: Final = ("GET", "HEAD", "POST", "OPTIONS")
"""The methods of the SPARQL endpoint, and so of the whole server."""


def allowed(*methods: str) -> Response:
    """Return the response to OPTIONS: the allowed methods, also for CORS."""
    headers = {
        "Allow": ", ".join(methods),
        "Access-Control-Allow-Methods": ", ".join(methods),
        "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match, If-Match, If-Range, Range",
        "Access-Control-Max-Age": "86400",
    }
    return Response(None, HTTPStatus.NO_CONTENT, headers)


class ProtectionMiddleware:
    """Middleware that adds security headers to every response, unless the response already has them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _ALWAYS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, protected)


class RequestLimits:
    """Middleware that refuses requests that are too long, too many at once, or too slow."""

    def __init__(self, app: ASGIApp, settings: ServerSettings) -> None:
        self._app, self._settings = app, settings
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self._running += 1
        deadline_send = _DeadlineSend(send)
        try:
            self._check(scope)
            async with asyncio.timeout(self._settings.request_seconds) as clock:
                deadline_send.clock = clock
                await self._app(scope, self._bounded(receive), deadline_send)
        except TimeoutError:
            # A timeout from elsewhere in the application is not the request's own.
            if deadline_send.clock is None or not deadline_send.clock.expired():
                raise
            await _refuse(_too_slow(self._settings), scope, receive, send)
        except HTTPProblem as refusal:
            await _refuse(refusal, scope, receive, send)
        finally:
            self._running -= 1

    def _check(self, scope: Scope) -> None:
        limits = self._settings
        if self._running > limits.max_requests:
            detail = "The server has more to do than it can; ask again in a moment."
            raise HTTPProblem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": "1"})
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > limits.max_url_bytes:
            raise HTTPProblem(HTTPStatus.REQUEST_URI_TOO_LONG, f"An address may have {limits.max_url_bytes} bytes.")
        if sum(len(name) + len(value) for name, value in scope["headers"]) > limits.max_header_bytes:
            detail = f"All headers together may have {limits.max_header_bytes} bytes."
            raise HTTPProblem(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, detail)
        # A body that says how long it is need not be read to be refused; the others are counted as they come.
        length = Headers(scope=scope).get("content-length", "0")
        if length.isdecimal() and int(length) > limits.max_body_bytes:
            raise _too_long(limits)

    def _bounded(self, receive: Receive) -> Receive:
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > self._settings.max_body_bytes:
                raise _too_long(self._settings)
            return message

        return counted


class _DeadlineSend:
    """A `send` that stops the timeout when a response begins."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.clock: asyncio.Timeout | None = None

    async def __call__(self, message: Message) -> None:
        if self.clock and message["type"] == "http.response.start":
            self.clock.reschedule(None)  # a client may read a big file as slowly as it must
        await self._send(message)


def _too_long(limits: ServerSettings) -> HTTPProblem:
    detail = f"The body of a request may have at most {limits.max_body_bytes} bytes."
    return HTTPProblem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)


def _too_slow(limits: ServerSettings) -> HTTPProblem:
    detail = f"There is no answer within {limits.request_seconds} seconds; ask for less, or again later."
    return HTTPProblem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": "10"})


async def _refuse(refusal: HTTPProblem, scope: Scope, receive: Receive, send: Send) -> None:
    response = refusal.response(header(Request(scope), "accept"))
    await response(scope, receive, send)


HEALTHY: Final = "/-/healthy"
"""The path of the liveness check, which waits for nothing."""


class RefreshMiddleware:
    """Middleware that switches to a newer version before a request, so that all parts of it use the same version."""

    def __init__(self, watcher: VersionWatcher, app: ASGIApp) -> None:
        self._watcher, self._app = watcher, app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] == "http" and scope["path"] != HEALTHY:
            with suppress(RejoinderError):  # the endpoint that needs the version raises it again
                await self._watcher.current()
        await self._app(scope, receive, send)


class PrefixMiddleware:
    """Middleware that serves the application below a path prefix that the proxy does not remove."""

    def __init__(self, prefix: str, app: ASGIApp) -> None:
        self._prefix, self._app = prefix, app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] == "http":
            path = scope["path"]
            if path == self._prefix:
                raise HTTPProblem(HTTPStatus.NOT_FOUND, "The pages begin at this address followed by a slash.")
            if not path.startswith(f"{self._prefix}/"):
                raise HTTPProblem(HTTPStatus.NOT_FOUND, f"The pages are below {self._prefix}/.")
            scope = {**scope, "path": path.removeprefix(self._prefix)}
        await self._app(scope, receive, send)


# RFC 3986, section 3.2. The field Host may be empty (RFC 9110, section 7.2), the host in an address may not.
_HOST_NAME: Final = r"(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})"
_IP_LITERAL: Final = r"\[(?:[0-9A-Fa-f:.]{2,45}(?:%25[A-Za-z0-9._~-]+)?|v[0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+)\]"
_PORT: Final = r"(?::[0-9]*)?"
_HOST: Final = re.compile(rf"(?:{_IP_LITERAL}|{_HOST_NAME}*){_PORT}")
_AUTHORITY: Final = re.compile(rf"(?:{_IP_LITERAL}|{_HOST_NAME}+){_PORT}")
_ABSOLUTE: Final = re.compile(r"https?://([^/]*)(/.*)?", re.IGNORECASE)

_UNNAMEABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffd]")
"""Characters that no path of a page contains. A pattern of the router would miss a line feed at the end of a path."""


class TargetMiddleware:
    """Middleware that takes the path from any form of request target, and refuses invalid targets."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification.

        Raises:
            HTTPProblem: the target or the host is not valid.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        _check_host(Headers(scope=scope).get("host", ""))
        if scope["method"] == "OPTIONS" and scope["raw_path"] == b"*":
            await allowed(*QUERY_METHODS)(scope, receive, send)
            return
        # Its target is a host and a port, no path.
        if scope["method"] == "CONNECT":
            detail = "This server is no proxy, so it opens no tunnel."
            raise HTTPProblem(HTTPStatus.METHOD_NOT_ALLOWED, detail, headers={"Allow": ", ".join(QUERY_METHODS)})
        raw = _raw_path(scope["raw_path"].decode("ascii"))
        path = unquote(raw)
        if _UNNAMEABLE.search(path):
            raise HTTPProblem(HTTPStatus.NOT_FOUND, NO_PAGE)
        await self._app({**scope, "path": path, "raw_path": raw.encode("ascii")}, receive, send)


def _check_host(host: str) -> None:
    if not _HOST.fullmatch(host):
        raise HTTPProblem(
            HTTPStatus.BAD_REQUEST, "The field Host is not the name of a host; write a name or an address, and a port."
        )


def _raw_path(target: str) -> str:
    """Return the path in a target, escapes left in.

    >>> _raw_path("/state/CZE"), _raw_path("http://example.org:80/state/CZE"), _raw_path("HTTP://[::1]")
    ('/state/CZE', '/state/CZE', '/')

    Raises:
        HTTPProblem: it is neither a path nor an address of HTTP.
    """
    if target.startswith("/"):
        return target
    absolute = _ABSOLUTE.fullmatch(target)
    if absolute is None:
        detail = "The target is neither a path nor an address; write a path that begins with a slash."
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, detail)
    if not _AUTHORITY.fullmatch(absolute[1]):
        detail = "The address names no host; write http://, a name or an address, a port if need be, and a path."
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, detail)
    return absolute[2] or "/"


_DETAIL: Final = b"This is not HTTP/1.1 as RFC 9112 has it.\n"
_BAD_REQUEST_HEAD: Final = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n"
    b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(_DETAIL)
)


class HttpConnection(H11Protocol):
    """A connection that answers unreadable requests with 400 and closes, without raising exceptions.

    It waits for the whole head of a request only as long as an idle one waits for the next request; the library waits
    without end for the first, and for the rest of one that has begun.
    """

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the library
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Wait for the rest of a request's head from its first byte on, however many pieces it comes in."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop_waiting()
        elif self._waiting is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def send_400_response(self, msg: str) -> None:
        """Answer 400, unless a response has begun, and close the connection; the library's message is not sent.

        A request whose body cannot be read may be running already. It is told that its client is gone, because its
        response would follow this one.
        """
        _ = msg
        at_work = self.cycle is not None and not self.cycle.response_complete
        if at_work:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            silent = at_work and self.cycle.scope["method"] == "HEAD"
            self.transport.write(_BAD_REQUEST_HEAD if silent else _BAD_REQUEST_HEAD + _DETAIL)
        self.transport.close()

    def _should_upgrade(self) -> bool:
        """Return False: the connection never changes to another protocol, and requests for that are not logged."""
        return False
