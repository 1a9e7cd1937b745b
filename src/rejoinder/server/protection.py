"""What every answer says to browsers, and what no request may exceed."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rejoinder.server.fields import field
from rejoinder.server.problems import Refusal
from rejoinder.settings import ServerSettings

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


class Protection:
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


class Limits:
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
        way_out = _Begun(send)
        try:
            self._check(scope)
            async with asyncio.timeout(self._settings.request_seconds) as clock:
                way_out.clock = clock
                await self._app(scope, self._bounded(receive), way_out)
        except TimeoutError:
            if way_out.clock is None or not way_out.clock.expired():
                raise
            await _refuse(_too_slow(self._settings), scope, receive, send)
        except Refusal as refusal:
            await _refuse(refusal, scope, receive, send)
        finally:
            self._running -= 1

    def _check(self, scope: Scope) -> None:
        limits = self._settings
        if self._running > limits.max_requests:
            detail = "The server has more to do than it can; ask again in a moment."
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": "1"})
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > limits.max_url_bytes:
            raise Refusal(HTTPStatus.REQUEST_URI_TOO_LONG, f"An address may have {limits.max_url_bytes} bytes.")
        if sum(len(name) + len(value) for name, value in scope["headers"]) > limits.max_header_bytes:
            detail = f"All headers together may have {limits.max_header_bytes} bytes."
            raise Refusal(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, detail)
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


class _Begun:
    """A way out that stops the clock when an answer begins: a client may read as slowly as it must."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.clock: asyncio.Timeout | None = None

    async def __call__(self, message: Message) -> None:
        if self.clock and message["type"] == "http.response.start":
            self.clock.reschedule(None)
        await self._send(message)


def _too_long(limits: ServerSettings) -> Refusal:
    detail = f"What is sent may have {limits.max_body_bytes} bytes."
    return Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)


def _too_slow(limits: ServerSettings) -> Refusal:
    detail = f"There is no answer within {limits.request_seconds} seconds; ask for less, or again later."
    return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": "10"})


async def _refuse(refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    response = refusal.response(field(Request(scope), "accept"))
    await response(scope, receive, send)
