"""Requests as bytes, such as no library sends: generated from what HTTP allows and from what it does not."""

from __future__ import annotations

import random
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

METHODS: Final = (
    *(b"GET", b"HEAD", b"POST", b"OPTIONS", b"PUT", b"DELETE", b"PATCH", b"TRACE", b"CONNECT", b"BREW", b"get", b"PRI"),
    *(b"M-SEARCH", b"!#$%&'*+-.^_`|~", b"G" * 300, b"GE\xff", b"G\x00T", b"", b" GET", b"QUERY"),
)
NAMES: Final = (
    *(b"", b"state", b"state/", b"state/CZE", b"state/CZE.ttl", b"report/kaz-upr-20", b"ns", b"sparql", b"sparql/"),
    *(b"api", b"api/", b"api/questions", b"api/questions/who-raised-what", b"api/openapi.json", b"dataset.nq.gz"),
    *(b"-/ready", b"-/healthy", b"-/metrics", b".well-known/void", b"question/who-raised-what", b"nothing", b"index"),
    *(b"api/questions/who-raised-what.csv", b"w3id/.htaccess", b"version/1/", b"version/1/state/CZE", b"dataset"),
)
ODDITIES: Final = (
    *(b"%0a", b"%0d", b"%0d%0a", b"%0d%0aX-Injected:%201", b"%00", b"%7f", b"%1b[31m", b"%ff", b"%c3%28", b"%ed%a0%80"),
    *(
        b"%e2%80%a8",
        b"%2f",
        b"%2F%2Fevil.example",
        b"%5c",
        b"\\",
        b"\\evil.example",
        b"%",
        b"%zz",
        b"%u0041",
        b"%2e%2e",
    ),
    *(
        b"..",
        b"/..",
        b"//",
        b"//evil.example",
        b";a=b",
        b"@evil.example",
        b":80",
        b"\xff",
        b"\xc3\xa9",
        b"\x00",
        b"\x7f",
    ),
    *(
        b"%25%30a",
        b"%09",
        b"%20",
        b"%c2%85",
        b"%F0%9F%98%80",
        b"#frag",
        b"?",
        b"??",
        b"a" * 300,
        b"'\"<script>",
        b"{x}",
    ),
)
QUERIES: Final = (
    *(b"", b"", b"?", b"?format=turtle", b"?format=%0a", b"?format=%ff", b"?format=ttl&format=json", b"?limit=-1"),
    *(
        b"?query=ASK%7B%7D",
        b"?query=%00",
        b"?query=%ed%a0%80",
        b"?query=ASK%7B%7D&format=json,xml",
        b"?query=%",
        b"?x=\xff",
    ),
    *(
        b"?query=SELECT%20*%7B%7D&output=%0d%0a",
        b"?state=CZE",
        b"?state=%0d%0aX:%20y",
        b"?offset=1e9",
        b"?" + b"a&" * 1_200,
    ),
    *(b"?state=%F0%9F%98%80&limit=1", b"?update=DROP%20ALL", b"?graph=x", b"?default-graph-uri=%0a&query=ASK%7B%7D"),
)
PLACES: Final = (
    *(b"/", b"/", b"/", b"/", b"//", b"///", b"http://x/", b"HTTP://X/", b"https://x/", b"http://evil.example:99999/"),
    *(
        b"http://u:p@x/",
        b"http://[::1]/",
        b"http://[::1/",
        b"http:///",
        b"http://x",
        b"http://",
        b"ftp://x/",
        b"//evil.example/",
    ),
    *(
        b"",
        b"*",
        b"evil.example:80",
        b"http:/",
        b"javascript:",
        b"\\",
        b"?",
        b"http://\xff/",
        b"http://x%0a/",
        b"http://x?",
        b"x",
    ),
)
HOSTS: Final = (
    *(
        b"x",
        b"x",
        b"x",
        b"127.0.0.1:8000",
        b"",
        b"[::1]:80",
        b"[::1",
        b"evil.example",
        b"x:abc",
        b"x:99999999",
        b"\xff",
    ),
    *(
        b"a b",
        b"a/b",
        b"a?b#c",
        b"u@x",
        b"x, y",
        b"x\x00",
        b"x\x7f",
        b"%0a",
        b"<script>",
        b"x\\y",
        b"\xe2\x80\xa8",
        b"x" * 3_000,
    ),
)
VERSIONS: Final = (
    *((b"HTTP/1.1",) * 6),
    b"HTTP/1.0",
    b"HTTP/2.0",
    b"HTTP/0.9",
    b"HTTP/1.9",
    b"http/1.1",
    b"HTTP/11",
    b"",
    b"XTP/1.1",
)
FIELDS: Final = (
    *(
        b"Accept",
        b"Accept-Encoding",
        b"If-None-Match",
        b"If-Match",
        b"If-Range",
        b"Range",
        b"Origin",
        b"Referer",
        b"Cookie",
    ),
    *(
        b"Content-Type",
        b"Content-Length",
        b"Transfer-Encoding",
        b"Content-Encoding",
        b"Expect",
        b"Upgrade",
        b"Connection",
    ),
    *(b"X-Forwarded-Host", b"X-Forwarded-Proto", b"Forwarded", b"X-Original-URL", b"Host", b"Te", b"Trailer", b"Via"),
    *(b"Access-Control-Request-Method", b"", b"a b", b"x\xff", b"x:", b"\x00", b"Content-Length\t", b" folded"),
)
VALUES: Final = (
    *(
        b"",
        b"x",
        b"*",
        b"*/*",
        b"text/turtle",
        b"text/html;q=0",
        b"application/rdf+xml",
        b";;,,=/",
        b'"',
        b"\xff\xfe",
        b"\x00",
    ),
    *(
        b"0",
        b"1",
        b"5",
        b"-1",
        b"+1",
        b"\xb2",
        b"9" * 40,
        b"9" * 5_000,
        b"1, 1",
        b"0x1",
        b"1_0",
        b"chunked",
        b"gzip, chunked",
    ),
    *(
        b"bytes=0-",
        b"bytes=-1",
        b"bytes=\xb2-",
        b"bytes=1-0,2-,-0",
        b"bytes=" + b"0-0," * 200,
        b'W/"x"',
        b'"a", "b',
        b"100-continue",
    ),
    *(
        b"websocket",
        b"h2c",
        b"close",
        b"keep-alive",
        b"gzip;q=x",
        b"application/sparql-query",
        b"x" * 20_000,
        b"evil.example",
    ),
    *(
        b"application/sparql-query; charset=\xff",
        b"application/x-www-form-urlencoded; charset*=idna'x'%ff",
        b"a/b; charset=utf-16",
    ),
    *(
        b"multipart/form-data; boundary=\xff",
        b"application/x-www-form-urlencoded;charset=hex",
        b"\x85",
        b"\x1b[31m",
        b"a\x0bb",
    ),
)
BODIES: Final = (
    *(
        b"",
        b"",
        b"",
        b"x",
        b"query=ASK%7B%7D",
        b"query=%",
        b"query=%ff",
        b"ASK{}",
        b"\xff\xfe",
        b"\x00" * 10,
        b"a=b&" * 2_000,
    ),
    *(
        b"5\r\nASK{}\r\n0\r\n\r\n",
        b"ffffffffff\r\n",
        b"-1\r\nx\r\n",
        b"0\r\nTrailer: \xff\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
    ),
)
ENDS: Final = (*((b"\r\n",) * 8), b"\n", b"\r", b"\r\r\n", b"\n\r", b" \r\n", b"\r\n ")


def generated(seed: int, number: int) -> Iterator[bytes]:
    """So many requests, always the same for a seed: whole ones of odd parts, and some of them damaged afterwards."""
    chance = random.Random(seed)  # always the same, so that a failure comes again
    for _ in range(number):
        raw = _request(chance)
        yield _damaged(chance, raw) if chance.random() < 0.25 else raw


def _request(chance: random.Random) -> bytes:
    method = chance.choice(METHODS if chance.random() < 0.5 else METHODS[:4])
    end = chance.choice(ENDS if chance.random() < 0.2 else ENDS[:1])
    lines = [b" ".join((method, _target(chance), chance.choice(VERSIONS)))]
    if chance.random() < 0.97:
        lines.append(b"Host: " + chance.choice(HOSTS))
    body = chance.choice(BODIES) if chance.random() < 0.4 else b""
    lines += [chance.choice(FIELDS) + b": " + chance.choice(VALUES) for _ in range(chance.choice((0, 0, 1, 1, 2, 3)))]
    if body and chance.random() < 0.8:
        chunked = chance.random() < 0.3
        lines.append(b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % len(body))
    return end.join((*lines, b"Connection: close", b"", body))


def _target(chance: random.Random) -> bytes:
    parts = [chance.choice(PLACES), chance.choice(NAMES)]
    for _ in range(chance.choice((0, 0, 1, 2))):
        parts.insert(chance.randrange(1, len(parts) + 1), chance.choice(ODDITIES))
    if chance.random() < 0.2:
        parts.append(b"/")
    return b"".join((*parts, chance.choice(QUERIES)))


def _damaged(chance: random.Random, raw: bytes) -> bytes:
    """Return the request with some bytes put in, taken out or exchanged, or cut short."""
    found = bytearray(raw)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(found) + 1)
        change = chance.randrange(3)
        found[place : place + (change > 0)] = b"" if change == 1 else bytes([chance.randrange(256)])
    return bytes(found[: chance.randrange(len(found) + 1)] if chance.random() < 0.1 else found)


@dataclass(frozen=True)
class Reply:
    """An answer as it came: its status, its fields with their names in lower case, its content."""

    status: int
    fields: tuple[tuple[str, str], ...]
    content: bytes

    def field(self, name: str) -> str | None:
        """Return the value of a field, None if it is not there."""
        return dict(self.fields).get(name)


_WHOLE_HEAD: Final = re.compile(rb"\n\r?\n")
_STATUS: Final = re.compile(rb"HTTP/1\.1 ([1-5][0-9]{2}) [\t -~]*")
_UNREAD: Final = b"This is not HTTP"
_FIELD: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t -~\x80-\xff]*)")


def send(address: str, raw: bytes) -> bytes:
    """All that comes back for these bytes until the server closes the connection.

    A server waits for the rest of a request: of one without an end it is told that nothing follows.

    Raises:
        TimeoutError: the server neither answers nor closes the connection.
    """
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        received = bytearray()
        try:
            connection.sendall(raw)
            if not _WHOLE_HEAD.search(raw.lstrip(b"\r\n")):
                connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65_536):
                received += piece
        except ConnectionError:  # it was closed while we wrote
            pass
        return bytes(received)


def replies(raw: bytes, received: bytes) -> tuple[Reply, ...]:
    """Return the answers to a request in what came back, each strictly as RFC 9112 has it; none if there was none.

    Raises:
        ValueError: that is no answer.
    """
    found: list[Reply] = []
    while received:
        head, mark, rest = received.partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        status, fields = _STATUS.fullmatch(first), [_FIELD.fullmatch(line) for line in lines]
        if not (mark and status and all(fields)):
            raise ValueError(received[:500])
        pairs = tuple((each[1].decode().lower(), each[2].decode("latin-1")) for each in fields if each)
        # What cannot be read as a request cannot be read as one for the head alone.
        asked_head = not found and raw.lstrip(b"\r\n").startswith(b"HEAD ") and not rest.startswith(_UNREAD)
        bare = asked_head or int(status[1]) < 200 or int(status[1]) in {204, 304}
        size = 0 if bare else int(dict(pairs)["content-length"])
        if len(rest) < size:
            raise ValueError(received[:500])
        found.append(Reply(int(status[1]), pairs, rest[:size]))
        received = rest[size:]
    return tuple(found)
