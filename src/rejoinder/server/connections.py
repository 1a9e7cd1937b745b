"""A connection to a client, over uvicorn's: what is no HTTP is answered at most once, whatever has been sent already.

Standards: RFC 9110, sections 7.8 (Upgrade) and 9.3.2 (HEAD); RFC 9112, section 9.6 (Tear-down).
"""

from __future__ import annotations

from typing import Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

_DETAIL: Final = b"This is not HTTP/1.1 as RFC 9112 has it.\n"
_HEAD: Final = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n"
    b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(_DETAIL)
)


class Connection(H11Protocol):
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
