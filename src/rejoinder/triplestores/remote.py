"""A triple store over HTTP: time limits, retries, and one clear sentence for whatever goes wrong.

Standards: SPARQL 1.1 Protocol; SPARQL 1.1 Graph Store HTTP Protocol; RFC 9110 (Retry-After).
"""

from __future__ import annotations

import datetime
import email.utils
import math
import os
import random
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar
from urllib.parse import urlsplit

import httpx

from rejoinder import formats
from rejoinder.errors import RejoinderError, RemoteError
from rejoinder.triplestores import awssigning, profiles, refusals
from rejoinder.triplestores import endpoint as endpoints
from rejoinder.triplestores.endpoint import Credentials, Endpoint
from rejoinder.triplestores.profiles import Profile, SignIn
from rejoinder.version import __version__

_LIMITS: Final = httpx.Timeout(600.0, connect=10.0)  # a store may think long over a big graph; a connection is quick
_GREETING: Final = 30.0  # seconds in which a store that is up answers a question about nothing
_LONGEST_PAUSE: Final = 30.0
GRAPH_SYNTAXES: Final = f"{formats.NTRIPLES.media_type}, {formats.TURTLE.media_type};q=0.5"

_T = TypeVar("_T")


class TooLongError(RemoteError):
    """An answer that is longer than is wanted; the rest of it was not read."""


@dataclass(frozen=True)
class Remote:
    """A store that can be spoken to; a request that fails in passing is repeated up to `attempts` times in all.

    Answers may be up to `most` bytes long and take `seconds` in all, None for any length and time.
    """

    endpoint: Endpoint
    client: httpx.Client
    attempts: int = 7
    most: int | None = None
    seconds: float | None = None
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def query(self, text: str, accept: str) -> httpx.Response:
        """The answer to a SPARQL query in one of the media types `accept`.

        Raises:
            RemoteError: the store cannot be reached or refuses.
        """
        form, headers = {"query": text}, {"Accept": accept}
        return self.retrying(lambda: self._send("POST", self.endpoint.query, data=form, headers=headers))

    def post_query(self, form: bytes, headers: Mapping[str, str]) -> httpx.Response:
        """The answer to a query that a library has put into a form.

        Raises:
            RemoteError: the store cannot be reached or refuses.
        """
        return self.retrying(lambda: self._send("POST", self.endpoint.query, content=form, headers=headers))

    def construct(self, text: str) -> httpx.Response:
        """The answer to a CONSTRUCT query, as N-Triples, or as Turtle where the store has nothing else.

        Raises:
            RemoteError: the store cannot be reached or refuses.
        """
        return self.query(text, GRAPH_SYNTAXES)

    def update(self, text: str) -> None:
        """A SPARQL update that may run twice.

        Raises:
            RemoteError: the store cannot be reached or refuses.
        """
        url, body = self.endpoint.update, text.encode()
        headers = {"Content-Type": "application/sparql-update"}  # a form has a limit of 200,000 bytes in Jetty
        self.retrying(lambda: self._send("POST", url, content=body, headers=headers, writing=True))

    def put(self, graph: str, triples: bytes) -> None:
        """The named graph replaced by N-Triples.

        Raises:
            RemoteError: the store cannot be reached or refuses.
        """
        prefix = self.endpoint.profile.prefix
        # What is not pure N-Triples is Turtle; RDF4J would write numbers anew in Turtle, so not for all.
        headers = {"Content-Type": (formats.TURTLE if prefix else formats.NTRIPLES).media_type}
        url, where, body = self.endpoint.graph_store, {"graph": graph}, prefix.encode() + triples
        self.retrying(lambda: self._send("PUT", url, params=where, content=body, headers=headers, writing=True))

    def retrying(self, action: Callable[[], _T]) -> _T:
        """What `action` gives; when it fails in passing it is done again, each time after a longer pause.

        Raises:
            RemoteError: it failed for good, or too often.
        """
        for attempt in range(1, self.attempts):
            try:
                return action()
            except RemoteError as error:
                if not error.passing:
                    raise
                self.sleep(_pause(attempt, error.wait))
                self._renew_sign_in()
        return action()

    def _renew_sign_in(self) -> None:
        """A small request: a store that wants a new digest answers 401 and hangs up in the middle of a big one."""
        if self.endpoint.credentials and self.endpoint.profile.sign_in is SignIn.DIGEST:
            with suppress(RemoteError):
                self._send("GET", self.endpoint.query, params={"query": "ASK {}"})

    def _send(  # noqa: PLR0913  # the parts of a request
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        writing: bool = False,
    ) -> httpx.Response:
        request = self.client.build_request(
            method, url, params=params, data=data, content=content, headers={"Accept": "*/*", **(headers or {})}
        )
        end = math.inf if self.seconds is None else time.monotonic() + self.seconds
        with lost_connections(url), closing(self.client.send(request, stream=True)) as answer:
            self._read(answer, end)
        if answer.is_success:
            refusals.reject_part(url, answer.headers)
            return answer
        raise refusals.refusal(
            answer.status_code,
            answer.text,
            url,
            signed_in=self.endpoint.credentials is not None,
            sign_in=self.endpoint.profile.sign_in,
            writing=writing,
            wait=_retry_after(answer.headers.get("retry-after", "")),
        )

    def _read(self, answer: httpx.Response, end: float) -> None:
        pieces, size = [], 0
        for piece in answer.iter_bytes():
            size += len(piece)
            if time.monotonic() > end:  # the client's own limit is for each piece
                raise httpx.ReadTimeout("the answer comes too slowly")
            if self.most is not None and size > self.most:
                raise TooLongError(f"the answer is longer than {self.most} bytes; ask for less, with LIMIT")
            pieces.append(piece)
        answer._content = b"".join(pieces)  # as its own read() does, which knows no limit


@contextmanager
def connected(url: str, store: str | None = None) -> Iterator[Remote]:
    """The store at `url` for as long as the block lasts; see `connect`."""
    remote = connect(url, store)
    with closing(remote.client):
        yield remote


def connect(url: str, store: str | None = None) -> Remote:
    """The store at `url`, which answers a query; `store` names its profile where the store does not give it away.

    Raises:
        UsageError: `url` is no address, or `store` no profile.
        RemoteError: nothing answers there, it refuses, it is not a SPARQL endpoint, or it is not known which store.
    """
    credentials = endpoints.credentials_for(endpoints.checked_url(url), os.environ)
    client = httpx.Client(timeout=_GREETING, headers={"User-Agent": f"rejoinder/{__version__}"})
    try:
        profile = profiles.named(store) if store else _detected(client, url)
        remote = Remote(endpoints.endpoint(url, profile, credentials), client)
        client.auth = sign_in(remote.endpoint)
        _greet(replace(remote, attempts=3))
    except RejoinderError:
        client.close()
        raise
    client.timeout = _LIMITS
    return remote


def _detected(client: httpx.Client, url: str) -> Profile:
    profile = profiles.told_by_url(url)
    if profile is None:
        with lost_connections(url):
            profile = profiles.told_by_answer(client.get(url, params={"query": "ASK {}"}).headers)
    if profile is None:
        raise RemoteError(f"{url}: this store does not say which it is; give --store {'|'.join(profiles.PROFILES)}")
    return profile


def _greet(remote: Remote) -> None:
    """Nothing, when the store answers a query as the standard says."""
    answer = remote.query("ASK {}", formats.JSON.media_type)
    try:
        known = isinstance(answer.json()["boolean"], bool)
    except (ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise RemoteError(f"{remote.endpoint.query}: something answers here, but it is not a SPARQL endpoint")


def sign_in(place: Endpoint) -> httpx.Auth:
    """How requests to a store are signed.

    Raises:
        UsageError: AWS signs them, and the region is not known.
    """
    profile, credentials = place.profile, place.credentials
    if profile.sign_in is SignIn.AWS:
        return awssigning.signature(place.query)
    if credentials is None:
        return httpx.Auth()  # which adds nothing
    if profile.sign_in is SignIn.DIGEST:
        return httpx.DigestAuth(credentials.user, credentials.password)
    if profile.sign_in is SignIn.BEARER:
        return _Bearer(credentials)
    return httpx.BasicAuth(credentials.user, credentials.password)


@dataclass(frozen=True)
class _Bearer(httpx.Auth):
    """RFC 6750: the token in a header."""

    credentials: Credentials

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self.credentials.password}"
        yield request


@contextmanager
def lost_connections(url: str) -> Iterator[None]:
    """Turns a connection that fails into a sentence."""
    host = urlsplit(url).netloc
    try:
        yield
    except httpx.ConnectError as error:
        sentence = f"{host}: nothing can be reached there ({error}); is the address right?"
        raise RemoteError(sentence, passing=True) from error
    except httpx.TimeoutException as error:
        raise RemoteError(f"{host}: no answer within the time limit", passing=True) from error
    except httpx.RequestError as error:
        raise RemoteError(f"{host}: the connection was lost ({error})", passing=True) from error
    except httpx.InvalidURL as error:
        raise RemoteError(f"{host}: this is no address: {error}") from error


def _pause(attempt: int, wait: float | None) -> float:
    """Seconds before the next attempt: what the store asked for, else twice as long each time, with chance in it."""
    return min(_LONGEST_PAUSE, wait if wait is not None else 0.5 * 2**attempt * random.uniform(0.5, 1.0))  # noqa: S311  # no secret


def _retry_after(value: str) -> float | None:
    """The seconds that a Retry-After header asks for: a number, or a date."""
    if value.strip().isdigit():
        return float(value)
    with suppress(ValueError):
        moment = email.utils.parsedate_to_datetime(value)
        return max(0.0, (moment - datetime.datetime.now(datetime.UTC)).total_seconds())
    return None
