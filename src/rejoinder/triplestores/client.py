"""Connect to triple stores, and exchange requests with deadlines, retries and clear error messages.

httpx limits only the wait for each piece of a response, so a store that sends a byte per second would never time out.
Here each exchange has one deadline for connecting, sending, headers and body.

Standards: SPARQL 1.1 Protocol; SPARQL 1.1 Graph Store HTTP Protocol; RFC 9110 (Content-Encoding, Retry-After).
"""

from __future__ import annotations

import datetime
import email.utils
import io
import math
import os
import random
import ssl
import time
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

import httpcore
import httpx

from rejoinder import __version__, formats
from rejoinder.errors import RejoinderError, RemoteError, UsageError
from rejoinder.triplestores import stores
from rejoinder.triplestores.responses import (
    REDIRECTS,
    TooLongError,
    UnreadableError,
    excerpt,
    read_boolean,
    refusal,
    reject_part,
)
from rejoinder.triplestores.stores import COMMAND_SECONDS, QUESTION_SECONDS, Credentials, Endpoint, Profile, SignIn

_CONNECT_SECONDS: Final = 10.0
_MAX_STEP_SECONDS: Final = 1_000_000.0  # sockets do not accept infinity as a timeout
_PIECE_BYTES: Final = 65_536
_MAX_REFUSAL_BYTES: Final = 65_536
"""The most bytes read of an error response: its beginning says why."""
_PACKED: Final = frozenset({"gzip", "x-gzip"})


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
    # httpx would offer every coding that is installed; `_unpacked` limits the size of this one only.
    request.headers["Accept-Encoding"] = "gzip"
    with _remote_errors(request.url.netloc.decode("ascii", "replace"), deadline):
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
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)  # 16 stands for gzip's header and end
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
def _remote_errors(host: str, deadline: Deadline) -> Iterator[None]:
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
        # In pieces, since only before each of them is there a look at the deadline.
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


_MAX_SECONDS: Final = 1_000_000
_MAX_GREETING_SECONDS: Final = 30.0  # in which a store that is up answers a question about nothing
_MAX_GREETING_BYTES: Final = 1_000_000


@contextmanager
def connected(
    url: str, store: str | None = None, *, seconds: float = COMMAND_SECONDS, notice: Notice = no_notice
) -> Iterator[Remote]:
    """Yield the store at `url`, with a time limit for the whole block; see `connect`.

    Raises:
        UsageError: `seconds`, `url` or `store` is not valid.
        RemoteError: see `connect`.
    """
    if not 0 < seconds <= _MAX_SECONDS:
        raise UsageError(f"{seconds} seconds is not a time limit; write a number from 1 to {_MAX_SECONDS}")
    deadline = Deadline(clock=now).sooner(seconds)
    remote = connect(url, store, deadline=deadline, notice=notice)
    with closing(remote.client):
        yield remote


def connect(
    url: str,
    store: str | None = None,
    *,
    deadline: Deadline | None = None,
    notice: Notice = no_notice,
) -> Remote:
    """Return the store at `url` after a first query; `store` names its profile if it cannot be detected.

    All requests share `deadline`; without one, each may take `QUESTION_SECONDS`.

    Raises:
        UsageError: `url` is no address, or `store` no profile.
        RemoteError: it cannot be reached, refuses, is no SPARQL endpoint, or its profile cannot be detected.
    """
    credentials = stores.credentials_for(stores.checked_url(url), os.environ)
    client = bounded(httpx.Client(headers={"User-Agent": f"rejoinder/{__version__}"}))
    end = deadline or Deadline(clock=now)
    try:
        profile = stores.named(store) if store else _detected(client, url, end.sooner(_MAX_GREETING_SECONDS))
        place = stores.endpoint(url, profile, credentials)
        client.auth = sign_in(place)  # only now, because the profile says which scheme it is
        seconds = None if deadline else QUESTION_SECONDS
        remote = Remote(place, client, max_bytes=MAX_ANSWER_BYTES, seconds=seconds, deadline=end, notice=notice)
        _greet(replace(remote, attempts=3, seconds=_MAX_GREETING_SECONDS, max_bytes=_MAX_GREETING_BYTES))
    except RejoinderError:
        client.close()
        raise
    return remote


def _detected(client: httpx.Client, url: str, deadline: Deadline) -> Profile:
    profile = stores.profile_of_url(url)
    if profile is None:
        try:
            request = client.build_request("GET", url, params={"query": "ASK {}"})
        except httpx.InvalidURL as error:
            raise UsageError(f"{url!r} is not the address of a store: {error}") from error
        profile = stores.profile_of_answer(exchange(client, request, deadline, _MAX_GREETING_BYTES).headers)
    if profile is None:
        raise RemoteError(f"{url}: this store does not say which it is; give --store {'|'.join(stores.PROFILES)}")
    return profile


def _greet(remote: Remote) -> None:
    """Raise RemoteError unless the store answers a query by the standard."""
    try:
        read_boolean(remote.query("ASK {}", formats.JSON.media_type).content)
    except (TooLongError, UnreadableError) as error:
        raise RemoteError(
            f"{remote.endpoint.query}: something answers here, but it is not a SPARQL endpoint"
        ) from error
