"""One request to a triple store and its answer, within a time and a length, whatever the other side sends.

httpx bounds the wait for each piece of an answer; a store that sends a byte a second would never be given up. Here the
whole exchange has one moment at which it ends: connecting, sending, headers and body.

Standards: RFC 9110 (Content-Encoding).
"""

from __future__ import annotations

import io
import math
import re
import ssl
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Final

import httpcore
import httpx

from rejoinder.errors import RejoinderError, RemoteError

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_FULL: Final = re.compile(r"no space left|disk (is )?full|disk quota|insufficient storage", re.IGNORECASE)
_READ_ONLY: Final = re.compile(r"read[- ]?only", re.IGNORECASE)
_FORBIDDEN: Final = re.compile(r"SECURITY|no permission|access denied", re.IGNORECASE)  # Virtuoso says so with 500

_MARKUP: Final = re.compile(r"<[^<>]*>")
_READ: Final = 65_536


def refusal(  # noqa: PLR0913  # what there is to know of a refusal
    status: int, text: str, url: str, *, signed_in: bool, writing: bool, wait: float | None
) -> RemoteError:
    """The error for an answer with `status` and `text`; the words after `url` say what the request was like.

    The text of a redirect is the address that it names.

    >>> print(refusal(404, "", "http://localhost/ds", signed_in=False, writing=False, wait=None))
    http://localhost/ds: there is nothing (404); is this the address of the store, and does the database exist?
    """
    if _FULL.search(text) or status == 507:
        return RemoteError(f"{url}: the store's disk is full; make room there and push again", status)
    if status == 401:
        return RemoteError(f"{url}: {_sign_in(signed_in=signed_in)} (401)", status)
    if writing and (_READ_ONLY.search(text) or status == 405):
        return RemoteError(f"{url}: the store is read-only ({status}); start it so that it can be written to", status)
    if status == 403 or _FORBIDDEN.search(text):
        what = "write" if writing else "read"
        who = "this user" if signed_in else "who does not sign in"
        return RemoteError(f"{url}: {who} may not {what} here ({status}); ask for the right, or sign in", status)
    return _unspecific(status, text, url, wait)


def reject_part(url: str, headers: Mapping[str, str]) -> None:
    """Nothing, unless a good answer is a part only: Virtuoso tells so in a header when its time is up.

    Raises:
        RemoteError: it is.
    """
    if headers.get("x-sql-state"):
        raise RemoteError(f"{url}: the store reached its time limit and sent a part of the answer; ask for less")


def _sign_in(*, signed_in: bool) -> str:
    if signed_in:
        return "the store does not accept this name and password"
    return "the store wants a name and password; set REJOINDER_USER and REJOINDER_PASSWORD, or write them in ~/.netrc"


def _unspecific(status: int, text: str, url: str, wait: float | None) -> RemoteError:
    if status == 404:
        sentence = "there is nothing (404); is this the address of the store, and does the database exist?"
        return RemoteError(f"{url}: {sentence}", status)
    if status in REDIRECTS:
        where = f"{excerpt(text)} ({status}); use that address" if text else f"another address ({status})"
        return RemoteError(f"{url}: the store sends us to {where}", status)
    if status < 400:
        return RemoteError(f"{url}: the store sent no answer, or only a part of one ({status})", status)
    if status == 413:
        return RemoteError(f"{url}: the store takes no graph as big as this one (413); raise its limit", status)
    if status == 429 or status >= 500:
        sentence = f"the store is busy or failing ({status}); {excerpt(text)}"
        return RemoteError(f"{url}: {sentence}", status, passing=status != 501, wait=wait)
    return RemoteError(f"{url}: the store refuses the request ({status}): {excerpt(text)}", status)


def excerpt(text: str) -> str:
    r"""The beginning of what the store says as one line, without markup, and without what would steer a terminal.

    >>> excerpt("<h1>Oh\x1b[31m</h1>\n no")
    'Oh�[31m no'
    """
    plain = " ".join(_MARKUP.sub(" ", text[:_READ]).split())
    shown = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in plain[:200])
    return shown or "it does not say why"


_CONNECTING: Final = 10.0
_LONGEST_STEP: Final = 1_000_000.0  # what a socket takes as a limit; infinity it does not
_PIECE: Final = 65_536
_REFUSAL: Final = 65_536
"""How much of a refusal is read: the beginning says why."""
_PACKED: Final = frozenset({"gzip", "x-gzip"})


class TooLongError(RemoteError):
    """An answer that is longer than is wanted; the rest of it was not read."""


class UnreadableError(RemoteError):
    """An answer of the store that is not what it says it is; asked again, it would come the same."""


@dataclass(frozen=True)
class Answer:
    """What a store answered, read to its end and unpacked; of a refusal, the beginning."""

    status_code: int
    headers: httpx.Headers
    content: bytes

    @property
    def text(self) -> str:
        """The content as text, in UTF-8 whatever charset it names: it may name what is none."""
        return self.content.decode("utf-8", "replace")


@dataclass(frozen=True)
class Deadline:
    """The moment `end` at which a time is over, on `clock`; it was to last `granted` seconds."""

    end: float = math.inf
    granted: float = math.inf
    clock: Callable[[], float] = time.monotonic

    def sooner(self, seconds: float | None) -> Deadline:
        """The deadline, or the one in so many seconds from now, whichever comes first."""
        if seconds is None or self.clock() + seconds >= self.end:
            return self
        return replace(self, end=self.clock() + seconds, granted=seconds)

    def left(self) -> float:
        """The seconds that are left, none if it is over."""
        return max(0.0, self.end - self.clock())


def exchange(client: httpx.Client, request: httpx.Request, deadline: Deadline, most: float = math.inf) -> Answer:
    """The answer to a request, whose status may be a refusal; redirects are not followed.

    Raises:
        TooLongError: a good answer is longer than `most` bytes.
        UnreadableError: the answer is packed in a way that was not asked for, or wrongly.
        RemoteError: nothing is there, the connection was lost, the answer is not HTTP, or the time is over.
    """
    step = min(deadline.left(), _LONGEST_STEP)
    # As the keys of httpx's own timeouts; see `_Seconds`.
    limits = {name: _Seconds.until(deadline, step) for name in ("read", "write", "pool")}
    request.extensions["timeout"] = {**limits, "connect": _Seconds.until(deadline, min(step, _CONNECTING))}
    request.headers["Accept-Encoding"] = "gzip"
    with _sentences(request.url.netloc.decode("ascii", "replace"), deadline):
        return _signed_in(client, request, deadline, most)


def _signed_in(client: httpx.Client, request: httpx.Request, deadline: Deadline, most: float) -> Answer:
    """The answer after sign-in; httpx would read the answers before it without any limit."""
    with closing((client.auth or httpx.Auth()).sync_auth_flow(request)) as flow:
        asked = next(flow)
        while True:
            if deadline.left() <= 0:
                raise httpx.ReadTimeout("the time is over")
            with closing(client.send(asked, stream=True, auth=httpx.Auth())) as response:
                answer = Answer(response.status_code, response.headers, _read(response, deadline, most))
            try:
                asked = flow.send(response)
            except StopIteration:
                return answer


def _read(response: httpx.Response, deadline: Deadline, most: float) -> bytes:
    """The body of an answer, unpacked as it comes: a small one may unpack to more than fits into memory."""
    if response.is_stream_consumed:  # by a transport that has the whole answer at once
        return response.content
    refused = not response.is_success
    body = io.BytesIO()
    try:
        for piece in _unpacked(response.headers.get("content-encoding", ""), response.iter_raw(_PIECE)):
            if deadline.left() <= 0:
                raise httpx.ReadTimeout("the answer comes too slowly")
            body.write(piece)
            if refused and body.tell() > _REFUSAL:
                break
            if body.tell() > most:
                raise TooLongError(f"the answer is longer than {most:.0f} bytes; ask for less, with LIMIT")
    except UnreadableError:
        if not refused:  # a refusal needs no reason that can be read
            raise
    return body.getvalue()


def _unpacked(encoding: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    names = [name for name in (part.strip().lower() for part in encoding.split(",")) if name not in ("", "identity")]
    if not names:
        yield from pieces
        return
    if len(names) > 1 or names[0] not in _PACKED:
        raise UnreadableError(f"the store packs its answer as {excerpt(encoding)}; only gzip was asked for")
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    for packed in pieces:
        left = packed
        while left:
            if unpacker.eof:
                raise UnreadableError("the store sent more than the gzip that it announced")
            try:
                yield unpacker.decompress(left, _PIECE)
            except zlib.error as error:
                raise UnreadableError(f"the store sent what is no gzip, as it says it is: {error}") from error
            left = unpacker.unused_data or unpacker.unconsumed_tail
    while not unpacker.eof:
        piece = unpacker.decompress(b"", _PIECE)
        if not piece:
            raise UnreadableError("the store sent gzip that breaks off")
        yield piece


@contextmanager
def _sentences(host: str, deadline: Deadline) -> Iterator[None]:
    """Turns whatever goes wrong between us and the store into a sentence."""
    try:
        yield
    except RejoinderError:
        raise
    except httpx.ConnectError as error:
        sentence = f"{host}: nothing can be reached there ({excerpt(str(error))}); is the address right?"
        raise RemoteError(sentence, passing=True) from error
    except httpx.TimeoutException as error:
        if deadline.left() > 0:
            raise RemoteError(f"{host}: no answer within the time limit for a connection", passing=True) from error
        limit = f"{deadline.granted:g} seconds"
        raise RemoteError(f"{host}: no answer within the time limit of {limit}; allow more, or ask for less") from error
    except Exception as error:  # what parses HTTP, sign-in and addresses may fail in any way on what a stranger sends
        text = str(error)
        if isinstance(error, httpx.NetworkError) or "disconnected" in text or "closed" in text:
            raise RemoteError(f"{host}: the connection was lost ({excerpt(text)})", passing=True) from error
        raise RemoteError(
            f"{host}: the store sent what is not HTTP as the standard has it ({excerpt(text)})"
        ) from error


class _Seconds(float):
    """A limit for one step on the wire which remembers the deadline for all of them."""

    deadline: Deadline

    @classmethod
    def until(cls, deadline: Deadline, seconds: float) -> _Seconds:
        """So many seconds, and not beyond the deadline."""
        limit = cls(seconds)
        limit.deadline = deadline
        return limit


def bounded(client: httpx.Client) -> httpx.Client:
    """The client, whose connections end at the deadline of the exchange that uses them, through a proxy too."""
    # httpx lets nobody choose the network below its pools without giving up its proxies.
    for transport in (client._transport, *client._mounts.values()):
        pool = getattr(transport, "_pool", None)
        if pool is not None:
            pool._network_backend = _Network(pool._network_backend)
    return client


@dataclass(frozen=True)
class _Network(httpcore.NetworkBackend):
    """httpcore's network, with deadlines."""

    inner: httpcore.NetworkBackend

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """See `NetworkBackend.connect_tcp`."""
        return _Stream(self.inner.connect_tcp(host, port, timeout, local_address, socket_options))


@dataclass(frozen=True)
class _Stream(httpcore.NetworkStream):
    """A connection of which each step ends at the deadline, however many steps there are."""

    inner: httpcore.NetworkStream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """See `NetworkStream.read`."""
        return self.inner.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """See `NetworkStream.write`."""
        for start in range(0, len(buffer), _PIECE):
            self.inner.write(buffer[start : start + _PIECE], _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        """See `NetworkStream.close`."""
        self.inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """See `NetworkStream.start_tls`."""
        return _Stream(self.inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> object:
        """See `NetworkStream.get_extra_info`."""
        return self.inner.get_extra_info(info)


def _left(timeout: float | None, over: type[Exception]) -> float | None:
    """What a step may take: what it was given, but not beyond the deadline."""
    if not isinstance(timeout, _Seconds):
        return timeout
    left = timeout.deadline.left()
    if left <= 0:
        raise over("the time is over")
    return min(float(timeout), left)
