"""The target of a request in each of its forms, read as the path of a page.

Standard: RFC 9112, sections 3.2 (Request Target) and 3.3; RFC 3986, section 3.2 (Authority).
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from rejoinder.server.problems import Refusal
from rejoinder.server.protection import allowed

_NAME: Final = r"(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})"
_LITERAL: Final = r"\[(?:[0-9A-Fa-f:.]{2,45}(?:%25[A-Za-z0-9._~-]+)?|v[0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+)\]"
_PORT: Final = r"(?::[0-9]*)?"
_HOST: Final = re.compile(rf"(?:{_LITERAL}|{_NAME}*){_PORT}")
_AUTHORITY: Final = re.compile(rf"(?:{_LITERAL}|{_NAME}+){_PORT}")
_ABSOLUTE: Final = re.compile(r"https?://([^/]*)(/.*)?", re.IGNORECASE)

_UNNAMEABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffd]")
"""What no name of a page holds. A pattern of the router would overlook a line feed at the end of a path."""

_METHODS: Final = ("GET", "HEAD", "POST", "OPTIONS")


class Targets:
    """The application, asked by path, whichever form the target of a request has; what is no target is refused."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification.

        Raises:
            Refusal: the target, or the host, is none.
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
            raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, detail, headers={"Allow": ", ".join(_METHODS)})
        raw = _raw_path(scope["raw_path"].decode("ascii"))
        path = unquote(raw)
        if _UNNAMEABLE.search(path):
            raise Refusal(HTTPStatus.NOT_FOUND, "There is no such page here. The start page lists what there is.")
        await self._app({**scope, "path": path, "raw_path": raw.encode("ascii")}, receive, send)


def _check_host(host: str) -> None:
    if not _HOST.fullmatch(host):
        raise Refusal(HTTPStatus.BAD_REQUEST, "The field Host is no host; write a name or an address, and a port.")


def _raw_path(target: str) -> str:
    """The path in a target, escapes left in.

    >>> _raw_path("/state/CZE"), _raw_path("http://example.org:80/state/CZE"), _raw_path("HTTP://[::1]")
    ('/state/CZE', '/state/CZE', '/')

    Raises:
        Refusal: it is neither a path nor an address of HTTP.
    """
    if target.startswith("/"):
        return target
    absolute = _ABSOLUTE.fullmatch(target)
    if absolute is None:
        detail = "The target is neither a path nor an address; write a path that begins with a slash."
        raise Refusal(HTTPStatus.BAD_REQUEST, detail)
    if not _AUTHORITY.fullmatch(absolute[1]):
        detail = "The address names no host; write http://, a name or an address, a port if need be, and a path."
        raise Refusal(HTTPStatus.BAD_REQUEST, detail)
    return absolute[2] or "/"
