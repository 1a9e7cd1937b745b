"""Header fields of a request that are lists: on one line or on several, they say the same.

Standard: RFC 9110, section 5.3.
"""

from __future__ import annotations

from starlette.requests import Request


def field(request: Request, name: str) -> str | None:
    """The value of a field, its lines combined in their order; None if it is not there.

    >>> lines = [(b"accept", b"text/turtle"), (b"accept", b"text/html;q=0.5")]
    >>> field(Request({"type": "http", "headers": lines}), "accept")
    'text/turtle, text/html;q=0.5'
    """
    return ", ".join(request.headers.getlist(name)) or None
