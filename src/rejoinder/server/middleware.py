"""What every answer says to browsers, and what no request may exceed."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from logging.handlers import WatchedFileHandler
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rejoinder.config import ServerSettings
from rejoinder.server.current import ServedVersion
from rejoinder.server.http import field
from rejoinder.server.problems import HTTPProblem

_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
"""Those that a metric tells apart: what anybody may invent must not make a series of its own."""

_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_MAX_LOGGED_CHARACTERS: Final = 500


class Metrics:
    """The numbers, in a registry of their own; other parts of the server may add theirs to `registry`."""

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
        """Takes note of a version that is served from now on."""
        self.version.set(served.manifest.number)
        self.switches.inc()

    async def __call__(self, request: Request) -> Response:
        """The numbers in Prometheus' text format."""
        _ = request
        headers = {"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"}
        return Response(generate_latest(self.registry), headers=headers)


class JsonLines(logging.Formatter):
    """A record as one line of JSON; members of a mapping that is logged are members of the line."""

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
    """The log of the server: a file (which may be rotated away), "-" for standard error, "" for nothing at all.

    Raises:
        OSError: the file cannot be written.
    """
    logger = logging.Logger("rejoinder")
    handler: logging.Handler = logging.NullHandler()
    if target:
        handler = logging.StreamHandler(sys.stderr) if target == "-" else WatchedFileHandler(target, encoding="utf-8")
    handler.setFormatter(JsonLines())
    logger.addHandler(handler)
    return logger


class TelemetryMiddleware:
    """Counts, times and logs each request."""

    def __init__(self, app: ASGIApp, metrics: Metrics, log: logging.Logger) -> None:
        self._app, self._metrics, self._log = app, metrics, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
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
    """A way out that sees what goes by; status 499, as proxies have it, if the client left before any answer."""

    def __init__(self, send: Send, *, silent: bool) -> None:
        self._send, self._silent = send, silent
        self.status, self.size, self.start = 499, 0, time.perf_counter()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        self.size += 0 if self._silent else len(message.get("body", b""))
        await self._send(message)


POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The pages bring all they need: nothing from others, nothing inline, compiled code for SPARQL in the browser."""

_ALWAYS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Accept-Ranges, Content-Location, Content-Range, ETag, Link, Location",
}


def allowed(*methods: str) -> Response:
    """The answer to OPTIONS: which methods there are, for pages of other sites too. Standard: Fetch, 3.3."""
    headers = {
        "Allow": ", ".join(methods),
        "Access-Control-Allow-Methods": ", ".join(methods),
        "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match, If-Match, If-Range, Range",
        "Access-Control-Max-Age": "86400",
    }
    return Response(None, HTTPStatus.NO_CONTENT, headers)


class ProtectionMiddleware:
    """Adds the headers that every answer has; one that has its own keeps it."""

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
    """Refuses what is too long, too much at once, or takes too long."""

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
    """A way out that stops the clock when an answer begins: a client may read as slowly as it must."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.clock: asyncio.Timeout | None = None

    async def __call__(self, message: Message) -> None:
        if self.clock and message["type"] == "http.response.start":
            self.clock.reschedule(None)
        await self._send(message)


def _too_long(limits: ServerSettings) -> HTTPProblem:
    detail = f"What is sent may have {limits.max_body_bytes} bytes."
    return HTTPProblem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)


def _too_slow(limits: ServerSettings) -> HTTPProblem:
    detail = f"There is no answer within {limits.request_seconds} seconds; ask for less, or again later."
    return HTTPProblem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": "10"})


async def _refuse(refusal: HTTPProblem, scope: Scope, receive: Receive, send: Send) -> None:
    response = refusal.response(field(Request(scope), "accept"))
    await response(scope, receive, send)
