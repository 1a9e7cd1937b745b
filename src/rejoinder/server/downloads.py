"""A file sent from where it is: whole, or the parts that were asked for.

Standard: RFC 9110, sections 13.1.5 (If-Range), 14 (ranges) and 15.3.7 (206). The file was opened before the first byte
goes out, so it may be removed meanwhile.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from typing import BinaryIO, Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from rejoinder.server.problems import Refusal
from rejoinder.server.ranges import Multipart, Span, spans
from rejoinder.server.representations import Representation

_PIECE: Final = 256 * 1024


class Download(Response):
    """The answer that sends an open file, and closes it.

    Raises:
        Refusal: 416, the file has none of the parts that were asked for.
    """

    def __init__(self, request: Request, file: BinaryIO, found: Representation, headers: Mapping[str, str]) -> None:
        asked = _asked(request, found)
        if asked == ():
            file.close()
            detail = f"The file has {found.size} bytes, and none where they were asked for."
            size = {"Content-Range": f"bytes */{found.size}"}
            raise Refusal(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, detail, headers=size)
        self._file = file
        self._parts = asked or (Span(0, found.size),)
        self._multipart = Multipart(found.media_type, found.size, secrets.token_hex(16))
        status = HTTPStatus.PARTIAL_CONTENT if asked else HTTPStatus.OK
        super().__init__(None, status, dict(headers) | (self._range_headers() if asked else {}))
        self.headers["Content-Length"] = str(self._length())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the file; of a HEAD request, only what it would say of it."""
        _ = receive
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            if scope["method"] != "HEAD":
                async for piece in self._pieces():
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._file.close()

    def _range_headers(self) -> dict[str, str]:
        if len(self._parts) == 1:
            return {"Content-Range": self._parts[0].content_range(self._multipart.size)}
        return {"Content-Type": f"multipart/byteranges; boundary={self._multipart.boundary}"}

    def _length(self) -> int:
        if len(self._parts) == 1:
            return self._parts[0].end - self._parts[0].start
        return self._multipart.length(self._parts)

    async def _pieces(self) -> AsyncIterator[bytes]:
        several = len(self._parts) > 1
        for part in self._parts:
            if several:
                yield self._multipart.head(part)
            async for piece in _read(self._file, part):
                yield piece
        if several:
            yield self._multipart.tail


def _asked(request: Request, found: Representation) -> tuple[Span, ...] | None:
    """The parts that are asked for; None for the whole, as when the client has the rest of another file."""
    header, expected = request.headers.get("range"), request.headers.get("if-range")
    if header is None or expected not in {None, found.etag}:
        return None
    return spans(header, found.size)


async def _read(file: BinaryIO, part: Span) -> AsyncIterator[bytes]:
    file.seek(part.start)
    left = part.end - part.start
    while left and (piece := await to_thread.run_sync(file.read, min(_PIECE, left))):
        left -= len(piece)
        yield piece
