"""An HTTP client for triple stores with deadlines, retries and clear error messages.

httpx limits only the wait for each piece of a response, so a store that sends a byte per second would never time out.
Here each exchange has one deadline for connecting, sending, headers and body.

Standards: SPARQL 1.1 Protocol; SPARQL 1.1 Graph Store HTTP Protocol; RFC 9110 (Content-Encoding, Retry-After).
"""

from __future__ import annotations

import datetime
import email.utils
import io
import math
import random
import re
import ssl
import time
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

import httpcore
import httpx

from rejoinder import formats
from rejoinder.errors import RejoinderError, RemoteError
from rejoinder.triplestores.stores import Credentials, Endpoint, SignIn

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_FULL: Final = re.compile(r"no space left|disk (is )?full|disk quota|insufficient storage", re.IGNORECASE)
_READ_ONLY: Final = re.compile(r"read[- ]?only", re.IGNORECASE)
_FORBIDDEN: Final = re.compile(r"SECURITY|no permission|access denied", re.IGNORECASE)  # Virtuoso says so with 500

_MARKUP: Final = re.compile(r"<[^<>]*>")
_MAX_EXCERPT_CHARACTERS: Final = 65_536


def refusal(  # noqa: PLR0913  # what there is to know of a refusal
    status: int, text: str, url: str, *, signed_in: bool, writing: bool, wait: float | None
) -> RemoteError:
    """Return the error for a response with `status` and `text`; the keyword arguments describe the request.

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
        who = "this user" if signed_in else "users who are not signed in"
        return RemoteError(f"{url}: {who} may not {what} here ({status}); ask for the right, or sign in", status)
    return _by_status(status, text, url, wait)


def reject_part(url: str, headers: Mapping[str, str]) -> None:
    """Raise RemoteError if a successful response is incomplete, as Virtuoso says in a header after its time limit."""
    if headers.get("x-sql-state"):
        raise RemoteError(f"{url}: the store reached its time limit and sent a part of the answer; ask for less")


def _sign_in(*, signed_in: bool) -> str:
    if signed_in:
        return "the store does not accept this name and password"
    return "the store wants a name and password; set REJOINDER_USER and REJOINDER_PASSWORD, or write them in ~/.netrc"


def _by_status(status: int, text: str, url: str, wait: float | None) -> RemoteError:
    """Return the error for a response whose status alone tells what is wrong."""
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
        return RemoteError(f"{url}: {sentence}", status, transient=status != 501, retry_after=wait)
    return RemoteError(f"{url}: the store refuses the request ({status}): {excerpt(text)}", status)


def excerpt(text: str) -> str:
    r"""Return the beginning of a store's message as one line, without markup and control characters.

    >>> excerpt("<h1>Oh\x1b[31m</h1>\n no")
    'Oh�[31m no'
    """
    plain = " ".join(_MARKUP.sub(" ", text[:_MAX_EXCERPT_CHARACTERS]).split())
    shown = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in plain[:200])
    return shown or "it does not say why"


_CONNECT_SECONDS: Final = 10.0
_MAX_STEP_SECONDS: Final = 1_000_000.0  # sockets do not accept infinity as a timeout
_PIECE_BYTES: Final = 65_536
_MAX_REFUSAL_BYTES: Final = 65_536
"""The most bytes read of an error response: its beginning says why."""
_PACKED: Final = frozenset({"gzip", "x-gzip"})


class TooLongError(RemoteError):
    """A response longer than the limit; the rest of it was not read."""


class UnreadableError(RemoteError):
    """A malformed response, which a retry would not change."""


@dataclass(frozen=True)
class Answer:
    """A store's response, read to its end and decompressed; of an error, only the beginning."""

    status_code: int
    headers: httpx.Headers
    content: bytes

    @property
    def text(self) -> str:
        """The content as UTF-8 text; the declared charset is ignored, because it may not exist."""
        return self.content.decode("utf-8", "replace")


@dataclass(frozen=True)
class Deadline:
    """The end of a time limit: the moment `end` on `clock`, after `granted` seconds."""

    end: float = math.inf
    granted: float = math.inf
    clock: Callable[[], float] = time.monotonic

    def sooner(self, seconds: float | None) -> Deadline:
        """Return the earlier of this deadline and one in `seconds` from now."""
        if seconds is None or self.clock() + seconds >= self.end:
            return self
        return replace(self, end=self.clock() + seconds, granted=seconds)

    def left(self) -> float:
        """Return the seconds that are left, none if it is over."""
        return max(0.0, self.end - self.clock())


def exchange(client: httpx.Client, request: httpx.Request, deadline: Deadline, max_bytes: float = math.inf) -> Answer:
    """Return the response to a request, also for error statuses; redirects are not followed.

    Raises:
        TooLongError: a successful response is longer than `max_bytes` bytes.
        UnreadableError: the response has a content coding that was not requested, or is damaged.
        RemoteError: the host cannot be reached, the connection was lost, the answer is not HTTP, or time is over.
    """
    step = min(deadline.left(), _MAX_STEP_SECONDS)
    # httpx hands these values on to the network, where `_Stream` finds the deadline in them.
    limits = {name: _Seconds.until(deadline, step) for name in ("read", "write", "pool")}
    request.extensions["timeout"] = {**limits, "connect": _Seconds.until(deadline, min(step, _CONNECT_SECONDS))}
    request.headers["Accept-Encoding"] = "gzip"
    with _sentences(request.url.netloc.decode("ascii", "replace"), deadline):
        return _signed_in(client, request, deadline, max_bytes)


def _signed_in(client: httpx.Client, request: httpx.Request, deadline: Deadline, max_bytes: float) -> Answer:
    """Return the response after sign-in; httpx itself would read the responses before it without a limit."""
    with closing((client.auth or httpx.Auth()).sync_auth_flow(request)) as flow:
        asked = next(flow)
        while True:
            if deadline.left() <= 0:
                raise httpx.ReadTimeout("the time is over")
            with closing(client.send(asked, stream=True, auth=httpx.Auth())) as response:
                answer = Answer(response.status_code, response.headers, _read(response, deadline, max_bytes))
            try:
                asked = flow.send(response)
            except StopIteration:
                return answer


def _read(response: httpx.Response, deadline: Deadline, max_bytes: float) -> bytes:
    """Return the body of a response, decompressed in pieces, because a small one may expand beyond the memory."""
    if response.is_stream_consumed:  # by a transport that returns whole responses
        return response.content
    refused = not response.is_success
    body = io.BytesIO()
    try:
        for piece in _unpacked(response.headers.get("content-encoding", ""), response.iter_raw(_PIECE_BYTES)):
            if deadline.left() <= 0:
                raise httpx.ReadTimeout("the answer arrives too slowly")
            body.write(piece)
            if refused and body.tell() > _MAX_REFUSAL_BYTES:
                break
            if body.tell() > max_bytes:
                raise TooLongError(f"the answer is longer than {max_bytes:.0f} bytes; ask for less, with LIMIT")
    except UnreadableError:
        if not refused:  # for an error response, the status is enough
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
                yield unpacker.decompress(left, _PIECE_BYTES)
            except zlib.error as error:
                raise UnreadableError(
                    f"the store sent something that is not gzip, although it says so: {error}"
                ) from error
            left = unpacker.unused_data or unpacker.unconsumed_tail
    while not unpacker.eof:
        piece = unpacker.decompress(b"", _PIECE_BYTES)
        if not piece:
            raise UnreadableError("the store sent incomplete gzip")
        yield piece


@contextmanager
def _sentences(host: str, deadline: Deadline) -> Iterator[None]:
    """Convert any failure of the connection into a RemoteError that says what failed and what to do."""
    try:
        yield
    except RejoinderError:
        raise
    except httpx.ConnectError as error:
        sentence = f"{host}: nothing can be reached there ({excerpt(str(error))}); is the address right?"
        raise RemoteError(sentence, transient=True) from error
    except httpx.TimeoutException as error:
        if deadline.left() > 0:
            raise RemoteError(f"{host}: no answer within the time limit for a connection", transient=True) from error
        limit = f"{deadline.granted:g} seconds"
        raise RemoteError(f"{host}: no answer within the time limit of {limit}; allow more, or ask for less") from error
    # Not only httpx's own errors: for malformed challenges and redirects, its parsers raise KeyError, IndexError,
    # ValueError or NotImplementedError, and it documents none of these.
    except Exception as error:
        text = str(error)
        if isinstance(error, httpx.NetworkError) or "disconnected" in text or "closed" in text:
            raise RemoteError(f"{host}: the connection was lost ({excerpt(text)})", transient=True) from error
        raise RemoteError(f"{host}: the store sent something that is not valid HTTP ({excerpt(text)})") from error


class _Seconds(float):
    """A timeout for one network operation that also carries the deadline of the whole exchange."""

    deadline: Deadline

    @classmethod
    def until(cls, deadline: Deadline, seconds: float) -> _Seconds:
        """Return `seconds` as a timeout that carries the deadline."""
        limit = cls(seconds)
        limit.deadline = deadline
        return limit


def bounded(client: httpx.Client) -> httpx.Client:
    """Make the client's connections, also through proxies, end at the deadline of each exchange; return the client."""
    # httpx has no public way to replace the network backend and keep its proxies.
    for transport in (client._transport, *client._mounts.values()):
        pool = getattr(transport, "_pool", None)
        if pool is not None:
            pool._network_backend = _Network(pool._network_backend)
    return client


@dataclass(frozen=True)
class _Network(httpcore.NetworkBackend):
    """httpcore's network backend, with deadlines."""

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
    """A network stream whose operations all end at the deadline."""

    inner: httpcore.NetworkStream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """See `NetworkStream.read`."""
        return self.inner.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """See `NetworkStream.write`."""
        for start in range(0, len(buffer), _PIECE_BYTES):
            self.inner.write(buffer[start : start + _PIECE_BYTES], _left(timeout, httpcore.WriteTimeout))

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
    """Return the timeout of an operation, shortened to the deadline."""
    if not isinstance(timeout, _Seconds):
        return timeout
    left = timeout.deadline.left()
    if left <= 0:
        raise over("the time is over")
    return min(float(timeout), left)


QUESTION_SECONDS: Final = 600.0
"""The time limit of one query; a store may need long for a large graph."""
COMMAND_SECONDS: Final = 3600.0
"""The time limit of a command with many requests."""
_MAX_PAUSES_SECONDS: Final = 30.0
"""The most seconds of all pauses between the attempts of one request."""
MAX_ANSWER_BYTES: Final = 500_000_000
"""The most bytes of one response: longer ones would fill the memory of a small machine."""
GRAPH_SYNTAXES: Final = f"{formats.NTRIPLES.media_type}, {formats.TURTLE.media_type};q=0.5"

Notice = Callable[[str], None]
"""A callback that gets a line about the reason for a pause."""

_T = TypeVar("_T")


def no_notice(line: str) -> None:
    """Ignore a notice."""


# Functions of our own, so that a test can give this module another clock: as a default value, `time.monotonic` itself
# would be bound once and for all.


def now() -> float:
    """Return the time in seconds of a monotonic clock."""
    return time.monotonic()


def _sleep(seconds: float) -> None:
    time.sleep(seconds)


_ANSWERED: Final = frozenset({200, 203})
"""The statuses of a complete response to a query."""
_WRITTEN: Final = frozenset({200, 201, 202, 203, 204, 205})
"""The statuses of a successful write; the body is ignored, because written graphs are read back."""


@dataclass(frozen=True)
class Remote:
    """A connected triple store; a request with a transient failure is tried up to `attempts` times.

    Answers may be up to `max_bytes` bytes long. A request, with all its tries and the pauses between them, may take
    `seconds`, None for any time, and everything together until `deadline`. `notice` gets a line for each pause.
    """

    endpoint: Endpoint
    client: httpx.Client
    attempts: int = 7
    max_bytes: int = MAX_ANSWER_BYTES
    seconds: float | None = None
    deadline: Deadline = field(default=Deadline(clock=now), repr=False)
    notice: Notice = field(default=no_notice, repr=False)
    sleep: Callable[[float], None] = field(default=_sleep, repr=False)

    def query(self, text: str, accept: str) -> Answer:
        """Return the answer to a SPARQL query in one of the media types `accept`.

        Raises:
            RemoteError: the store cannot be reached or refuses.
        """
        form, headers = {"query": text}, {"Accept": accept}
        return self.retrying(
            lambda deadline: self._send(deadline, "POST", self.endpoint.query, data=form, headers=headers)
        )

    def post_query(self, form: bytes, headers: Mapping[str, str]) -> Answer:
        """Return the answer to a query that a library has put into an HTML form.

        Raises:
            RemoteError: the store cannot be reached or refuses.
        """
        return self.retrying(
            lambda deadline: self._send(deadline, "POST", self.endpoint.query, content=form, headers=headers)
        )

    def construct(self, text: str) -> Answer:
        """Return the answer to a CONSTRUCT query, as N-Triples, or as Turtle where the store has nothing else.

        Raises:
            RemoteError: the store cannot be reached or refuses.
        """
        return self.query(text, GRAPH_SYNTAXES)

    def update(self, text: str) -> None:
        """Send a SPARQL update that may run twice.

        Raises:
            RemoteError: the store cannot be reached or refuses.
        """
        url, body = self.endpoint.update, text.encode()
        headers = {"Content-Type": "application/sparql-update"}  # an HTML form has a limit of 200,000 bytes in Jetty
        self.retrying(lambda deadline: self._send(deadline, "POST", url, content=body, headers=headers, writing=True))

    def put(self, graph: str, triples: bytes) -> None:
        """Replace the named graph by N-Triples.

        Raises:
            RemoteError: the store cannot be reached or refuses.
        """
        prefix = self.endpoint.profile.prefix
        # With a prefix it is Turtle, not N-Triples. Not for all stores, because RDF4J rewrites numbers in Turtle.
        headers = {"Content-Type": (formats.TURTLE if prefix else formats.NTRIPLES).media_type}
        url, where, body = self.endpoint.graph_store, {"graph": graph}, prefix.encode() + triples
        self.retrying(
            lambda deadline: self._send(deadline, "PUT", url, params=where, content=body, headers=headers, writing=True)
        )

    def retrying(self, action: Callable[[Deadline], _T]) -> _T:
        """Return the result of `action`; after a transient failure, try again, each time after a longer pause.

        Raises:
            RemoteError: it failed permanently, too often, or for too long.
        """
        deadline, waited = self.deadline.sooner(self.seconds), 0.0
        for attempt in range(1, self.attempts):
            try:
                return action(deadline)
            except RemoteError as error:
                if not error.transient:
                    raise
                rest = _MAX_PAUSES_SECONDS - waited
                pause = min(rest, _usual_pause(attempt)) if error.retry_after is None else error.retry_after
                if pause > rest or pause >= deadline.left():
                    longer = f"{error}; to try again, it wants us to wait longer than the time limit allows"
                    short = f"{error}; the time limit of {deadline.granted:g} seconds leaves no time to try again"
                    raise RemoteError(short if error.retry_after is None else longer, error.status) from error
                self.notice(f"{error}; trying again in {pause:.0f} s (try {attempt + 1} of {self.attempts})")
                self.sleep(pause)
                waited += pause
                self._renew_sign_in(deadline)
        return action(deadline)

    def _renew_sign_in(self, deadline: Deadline) -> None:
        """Renew a digest sign-in by a small request, because the store would break off a large one with 401."""
        if self.endpoint.credentials and self.endpoint.profile.sign_in is SignIn.DIGEST:
            with suppress(RemoteError):
                self._send(deadline, "GET", self.endpoint.query, params={"query": "ASK {}"})

    def _send(  # noqa: PLR0913  # the parts of a request
        self,
        deadline: Deadline,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        writing: bool = False,
    ) -> Answer:
        request = self.client.build_request(
            method, url, params=params, data=data, content=content, headers={"Accept": "*/*", **(headers or {})}
        )
        answer = exchange(self.client, request, deadline, self.max_bytes)
        if answer.status_code in (_WRITTEN if writing else _ANSWERED):
            reject_part(url, answer.headers)
            return answer
        redirected = answer.status_code in REDIRECTS
        raise refusal(
            answer.status_code,
            answer.headers.get("location", "") if redirected else answer.text,
            url,
            signed_in=self.endpoint.credentials is not None,
            writing=writing,
            wait=_retry_after(answer.headers.get("retry-after", "")),
        )


def sign_in(place: Endpoint) -> httpx.Auth:
    """Return the authentication for requests to a store."""
    profile, credentials = place.profile, place.credentials
    if credentials is None:
        return httpx.Auth()  # which adds nothing
    if profile.sign_in is SignIn.DIGEST:
        return httpx.DigestAuth(credentials.user, credentials.password)
    if profile.sign_in is SignIn.BEARER:
        return _Bearer(credentials)
    return httpx.BasicAuth(credentials.user, credentials.password)


@dataclass(frozen=True)
class _Bearer(httpx.Auth):
    """Bearer token authentication (RFC 6750)."""

    credentials: Credentials

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self.credentials.password}"
        yield request


def _usual_pause(attempt: int) -> float:
    """Return the seconds before the next attempt without Retry-After: exponential, with random jitter."""
    return 2.0 ** (attempt - 1) * random.uniform(0.5, 1.0)  # noqa: S311  # no secret


def _retry_after(value: str) -> float | None:
    r"""Return the seconds in a Retry-After header, from a number or a date; None for anything else.

    >>> _retry_after("7"), _retry_after("\N{SUPERSCRIPT TWO}"), _retry_after("Wed, 21 Oct 2015 07:28:00")
    (7.0, None, 0.0)
    """
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    with suppress(ValueError, TypeError, OverflowError, IndexError):
        moment = email.utils.parsedate_to_datetime(text)
        if moment.tzinfo is None:  # "-0000", or none at all: HTTP's dates are UTC
            moment = moment.replace(tzinfo=datetime.UTC)
        return max(0.0, (moment - datetime.datetime.now(datetime.UTC)).total_seconds())
    return None


def paged(
    remote: Remote, form: str, pattern: str, variables: str, ask: Callable[[str], Sequence[_T]]
) -> tuple[_T, ...]:
    """Return all results of `ask` for a query with a form and a pattern, in pages if the store cuts long answers.

    `variables` are those of the pattern, and no two results are the same. Virtuoso may answer two pages from two of
    its indexes, in two orders: then one result comes twice, and another never. If so, all pages are requested again,
    sorted, which takes Virtuoso fifteen times as long.

    Raises:
        RemoteError: the store sends the same page again, or more than requested.
    """
    size = remote.endpoint.profile.page_size
    if size is None:
        return tuple(ask(f"{form} WHERE {{ {pattern} }}"))
    found = _pages(f"{form} WHERE {{ {pattern} }}", size, ask)
    if len(set(found)) < len(found):
        ordered = f"SELECT DISTINCT {variables} WHERE {{ {pattern} }} ORDER BY {variables}"
        found = _pages(f"{form} WHERE {{ {{ {ordered} }} }}", size, ask)
    return tuple(found)


def _pages(query: str, size: int, ask: Callable[[str], Sequence[_T]]) -> list[_T]:
    """Return all results of the query, asked for in pages of `size`."""
    found: list[_T] = []
    last: Sequence[_T] = ()
    # Until a page is empty: a store may have a lower limit than ours, so a short page need not be the last.
    while page := ask(f"{query} LIMIT {size} OFFSET {len(found)}"):
        if page == last or len(page) > size:
            raise UnreadableError(
                "the store sends the same rows again, or more than were asked for, for LIMIT and OFFSET"
            )
        found += page
        last = page
    return found
