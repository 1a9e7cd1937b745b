"""What the server did: numbers for Prometheus, and a line of JSON for each request.

A line has no address, no name of a program and no query, so nobody can be known by it. JSON writes every control
character as an escape, so a request cannot forge a line.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rejoinder.server.editions import Opened

_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
"""Those that a metric tells apart: what anybody may invent must not make a series of its own."""

_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_LONGEST: Final = 500


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

    async def follow(self, opened: Opened) -> None:
        """Takes note of a version that is served from now on."""
        self.version.set(opened.manifest.number)
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


class Telemetry:
    """Counts, times and logs each request."""

    def __init__(self, app: ASGIApp, metrics: Metrics, log: logging.Logger) -> None:
        self._app, self._metrics, self._log = app, metrics, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen = _Seen(send, silent=scope["method"] == "HEAD")
        self._metrics.running.inc()
        try:
            await self._app(scope, receive, seen)
        finally:
            self._metrics.running.dec()
            self._note(scope, seen)

    def _note(self, scope: Scope, seen: _Seen) -> None:
        seconds = time.perf_counter() - seen.start
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.requests.labels(method, str(seen.status)).inc()
        self._metrics.seconds.observe(seconds)
        self._metrics.sent.inc(seen.size)
        self._log.info(
            {
                "method": scope["method"][:_LONGEST],
                "path": scope["path"][:_LONGEST],
                "status": seen.status,
                "bytes": seen.size,
                "milliseconds": round(seconds * 1000, 1),
            }
        )


class _Seen:
    """A way out that sees what goes by; status 499, as proxies have it, if the client left before any answer."""

    def __init__(self, send: Send, *, silent: bool) -> None:
        self._send, self._silent = send, silent
        self.status, self.size, self.start = 499, 0, time.perf_counter()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        self.size += 0 if self._silent else len(message.get("body", b""))
        await self._send(message)
