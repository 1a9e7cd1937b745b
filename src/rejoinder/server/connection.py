"""A connection to a client, over uvicorn's: what is no HTTP is answered at most once, whatever has been sent already.

Standards: RFC 9110, sections 7.8 (Upgrade) and 9.3.2 (HEAD); RFC 9112, section 9.6 (Tear-down).
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote

import h11
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from rejoinder.server.middleware import allowed
from rejoinder.server.problems import HTTPProblem

_NAME: Final = r"(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})"
_LITERAL: Final = r"\[(?:[0-9A-Fa-f:.]{2,45}(?:%25[A-Za-z0-9._~-]+)?|v[0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+)\]"
_PORT: Final = r"(?::[0-9]*)?"
_HOST: Final = re.compile(rf"(?:{_LITERAL}|{_NAME}*){_PORT}")
_AUTHORITY: Final = re.compile(rf"(?:{_LITERAL}|{_NAME}+){_PORT}")
_ABSOLUTE: Final = re.compile(r"https?://([^/]*)(/.*)?", re.IGNORECASE)

_UNNAMEABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffd]")
"""What no name of a page holds. A pattern of the router would overlook a line feed at the end of a path."""

_METHODS: Final = ("GET", "HEAD", "POST", "OPTIONS")


class TargetMiddleware:
    """The application, asked by path, whichever form the target of a request has; what is no target is refused."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification.

        Raises:
            HTTPProblem: the target, or the host, is none.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        _check_host(Headers(scope=scope).get("host", ""))
        if scope["method"] == "OPTIONS" and scope["raw_path"] == b"*":
            await allowed(*_METHODS)(scope, receive, send)
            return
        if scope["method"] == "CONNECT":
            detail = "This server is no proxy, so it opens no tunnel."
            raise HTTPProblem(HTTPStatus.METHOD_NOT_ALLOWED, detail, headers={"Allow": ", ".join(_METHODS)})
        raw = _raw_path(scope["raw_path"].decode("ascii"))
        path = unquote(raw)
        if _UNNAMEABLE.search(path):
            raise HTTPProblem(HTTPStatus.NOT_FOUND, "There is no such page here. The start page lists what there is.")
        await self._app({**scope, "path": path, "raw_path": raw.encode("ascii")}, receive, send)


def _check_host(host: str) -> None:
    if not _HOST.fullmatch(host):
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, "The field Host is no host; write a name or an address, and a port.")


def _raw_path(target: str) -> str:
    """The path in a target, escapes left in.

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
_HEAD: Final = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n"
    b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(_DETAIL)
)


class HttpConnection(H11Protocol):
    """A connection that ends where a request cannot be read; nothing is raised by what a client sends."""

    def send_400_response(self, msg: str) -> None:
        """Answers 400, unless an answer has begun, and ends the connection. The message of the library is not sent.

        A request whose body cannot be read may be at work already: it learns that its client is gone, or its answer
        would follow on this one.
        """
        _ = msg
        at_work = self.cycle is not None and not self.cycle.response_complete
        if at_work:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            silent = at_work and self.cycle.scope["method"] == "HEAD"
            self.transport.write(_HEAD if silent else _HEAD + _DETAIL)
        self.transport.close()

    def _should_upgrade(self) -> bool:
        """Whether the connection changes to another protocol: never, and that somebody asks for one is no news."""
        return False
