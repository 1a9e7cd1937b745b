"""The parameters of a request, decoded once and strictly: what is not UTF-8 is refused, not guessed.

Standards: RFC 3986, section 2.1; URL Standard, application/x-www-form-urlencoded; RFC 9110, section 8.3.
"""

from __future__ import annotations

import re
from email.message import Message
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from rejoinder.server.problems import HTTPProblem

FORM: Final = "application/x-www-form-urlencoded"

_NO_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_MAX_PARAMETERS: Final = 1000


def decoded(encoded: bytes, where: str) -> tuple[tuple[str, str], ...]:
    """The names and values in a query string or a form, in order.

    >>> decoded(b"query=%2525+x&query=&n", "the address")
    (('query', '%25 x'), ('query', ''), ('n', ''))

    Raises:
        HTTPProblem: an escape is broken, what it stands for is not UTF-8, or there are too many.
    """
    if _NO_ESCAPE.search(encoded):
        raise HTTPProblem(400, f"{where} holds a '%' that two hexadecimal digits do not follow; write %25 for it")
    try:
        pairs = parse_qsl(
            encoded.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_PARAMETERS
        )
    except UnicodeError as error:
        raise HTTPProblem(400, f"{where} is not UTF-8 in percent-encoding") from error
    except ValueError as error:
        raise HTTPProblem(400, f"{where} holds more than {_MAX_PARAMETERS} parameters") from error
    return tuple(pairs)


def of_address(request: Request) -> tuple[tuple[str, str], ...]:
    """The parameters in the address of a request.

    Raises:
        HTTPProblem: they cannot be decoded.
    """
    return decoded(request.scope["query_string"], "the address")


def media_type(request: Request) -> tuple[str, str | None]:
    """The media type of the request's body, in lower case, and its charset if it names one.

    >>> scope = {"type": "http", "headers": [(b"content-type", b"application/sparql-query; charset=UTF-8")]}
    >>> media_type(Request(scope))
    ('application/sparql-query', 'utf-8')
    """
    header = Message()
    header["Content-Type"] = request.headers.get("content-type", "")
    charset = header.get_content_charset()
    return request.headers.get("content-type", "").partition(";")[0].strip().lower(), charset


async def body(request: Request, most: int) -> bytes:
    """The body of a request, at most so many bytes of it.

    Raises:
        HTTPProblem: it is longer, or the client hung up before its end.
    """
    found = bytearray()
    try:
        async for piece in request.stream():
            found += piece
            if len(found) > most:
                raise HTTPProblem(413, f"the request is longer than {most} bytes")
    except ClientDisconnect as error:
        raise HTTPProblem(400, "the connection ended before the request did") from error
    return bytes(found)
