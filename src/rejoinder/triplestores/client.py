"""A triple store over HTTP: time limits, retries, and one clear sentence for whatever goes wrong.

Standards: SPARQL 1.1 Protocol; SPARQL 1.1 Graph Store HTTP Protocol; RFC 9110 (Retry-After).
"""

from __future__ import annotations

import datetime
import email.utils
import os
import random
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

import httpx

from rejoinder import formats
from rejoinder.errors import RejoinderError, RemoteError, UsageError
from rejoinder.triplestores import results, stores
from rejoinder.triplestores.exchange import (
    REDIRECTS,
    Answer,
    Deadline,
    TooLongError,
    UnreadableError,
    bounded,
    exchange,
    refusal,
    reject_part,
)
from rejoinder.triplestores.stores import Credentials, Endpoint, Profile, SignIn
from rejoinder.version import __version__

QUESTION_SECONDS: Final = 600.0
"""How long a store may take for one question; it may think long over a big graph."""
COMMAND_SECONDS: Final = 3600.0
"""How long a store may take for a command of many requests."""
_GREETING_SECONDS: Final = 30.0  # in which a store that is up answers a question about nothing
_GREETING_BYTES: Final = 1_000_000
_PAUSES_SECONDS: Final = 30.0
"""How long all pauses between the tries of one request may be together."""
_MOST: Final = 500_000_000
"""How many bytes one answer may have: what is longer would fill the memory of a small machine."""
GRAPH_SYNTAXES: Final = f"{formats.NTRIPLES.media_type}, {formats.TURTLE.media_type};q=0.5"

Notice = Callable[[str], None]
"""Called with a line that says what is waited for."""

_T = TypeVar("_T")


def untold(line: str) -> None:
    """A notice that nobody reads."""


def _now() -> float:
    return time.monotonic()


def _sleep(seconds: float) -> None:
    time.sleep(seconds)


@dataclass(frozen=True)
class Remote:
    """A store that can be spoken to; a request that fails in passing is repeated up to `attempts` times in all.

    Answers may be up to `most` bytes long. A request, with all its tries and the pauses between them, may take
    `seconds`, None for any time, and everything together until `deadline`. `notice` is told of each pause.
    """

    endpoint: Endpoint
    client: httpx.Client
    attempts: int = 7
    most: int = _MOST
    seconds: float | None = None
    deadline: Deadline = field(default=Deadline(clock=_now), repr=False)
    notice: Notice = field(default=untold, repr=False)
    sleep: Callable[[float], None] = field(default=_sleep, repr=False)

    def query(self, text: str, accept: str) -> Answer:
        """The answer to a SPARQL query in one of the media types `accept`.

        Raises:
            RemoteError: the store cannot be reached or refuses.
        """
        form, headers = {"query": text}, {"Accept": accept}
        return self.retrying(
            lambda deadline: self._send(deadline, "POST", self.endpoint.query, data=form, headers=headers)
        )

    def post_query(self, form: bytes, headers: Mapping[str, str]) -> Answer:
        """The answer to a query that a library has put into a form.

        Raises:
            RemoteError: the store cannot be reached or refuses.
        """
        return self.retrying(
            lambda deadline: self._send(deadline, "POST", self.endpoint.query, content=form, headers=headers)
        )

    def construct(self, text: str) -> Answer:
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
        self.retrying(lambda deadline: self._send(deadline, "POST", url, content=body, headers=headers, writing=True))

    def put(self, graph: str, triples: bytes) -> None:
        """The named graph replaced by N-Triples.

        Raises:
            RemoteError: the store cannot be reached or refuses.
        """
        prefix = self.endpoint.profile.prefix
        # What is not pure N-Triples is Turtle; RDF4J would write numbers anew in Turtle, so not for all.
        headers = {"Content-Type": (formats.TURTLE if prefix else formats.NTRIPLES).media_type}
        url, where, body = self.endpoint.graph_store, {"graph": graph}, prefix.encode() + triples
        self.retrying(
            lambda deadline: self._send(deadline, "PUT", url, params=where, content=body, headers=headers, writing=True)
        )

    def retrying(self, action: Callable[[Deadline], _T]) -> _T:
        """What `action` gives; when it fails in passing it is done again, each time after a longer pause.

        Raises:
            RemoteError: it failed for good, too often, or for too long.
        """
        deadline, waited = self.deadline.sooner(self.seconds), 0.0
        for attempt in range(1, self.attempts):
            try:
                return action(deadline)
            except RemoteError as error:
                if not error.passing:
                    raise
                rest = _PAUSES_SECONDS - waited
                pause = min(rest, _usual_pause(attempt)) if error.wait is None else error.wait
                if pause > rest or pause >= deadline.left():
                    longer = f"{error}; to try again, it wants us to wait longer than the time limit allows"
                    short = f"{error}; the time limit of {deadline.granted:g} seconds leaves no time to try again"
                    raise RemoteError(short if error.wait is None else longer, error.status) from error
                self.notice(f"{error}; trying again in {pause:.0f} s (try {attempt + 1} of {self.attempts})")
                self.sleep(pause)
                waited += pause
                self._renew_sign_in(deadline)
        return action(deadline)

    def _renew_sign_in(self, deadline: Deadline) -> None:
        """A small request: a store that wants a new digest answers 401 and hangs up in the middle of a big one."""
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
        answer = exchange(self.client, request, deadline, self.most)
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


_ANSWERED: Final = frozenset({200, 203})
"""The statuses of a whole answer to a query."""
_WRITTEN: Final = frozenset({200, 201, 202, 203, 204, 205})
"""The statuses that need no answer beside them; what was written is read back."""


@contextmanager
def connected(
    url: str, store: str | None = None, *, seconds: float = COMMAND_SECONDS, notice: Notice = untold
) -> Iterator[Remote]:
    """The store at `url` for as long as the block lasts, or for so many seconds; see `connect`.

    Raises:
        UsageError: `seconds` is no time, `url` no address, or `store` no profile.
        RemoteError: see `connect`.
    """
    if not 0 < seconds <= _LONGEST:
        raise UsageError(f"a time limit of {seconds} seconds is none; write a number from 1 to {_LONGEST}")
    deadline = Deadline(clock=_now).sooner(seconds)
    remote = connect(url, store, deadline=deadline, notice=notice)
    with closing(remote.client):
        yield remote


_LONGEST: Final = 1_000_000


def connect(
    url: str,
    store: str | None = None,
    *,
    deadline: Deadline | None = None,
    notice: Notice = untold,
) -> Remote:
    """The store at `url`, which answers a query; `store` names its profile where the store does not give it away.

    All may take until `deadline`; without one, each request may take as long as a question.

    Raises:
        UsageError: `url` is no address, or `store` no profile.
        RemoteError: nothing answers there, it refuses, it is not a SPARQL endpoint, or it is not known which store.
    """
    credentials = stores.credentials_for(stores.checked_url(url), os.environ)
    client = bounded(httpx.Client(headers={"User-Agent": f"rejoinder/{__version__}"}))
    end = deadline or Deadline(clock=_now)
    try:
        profile = stores.named(store) if store else _detected(client, url, end.sooner(_GREETING_SECONDS))
        place = stores.endpoint(url, profile, credentials)
        client.auth = sign_in(place)
        seconds = None if deadline else QUESTION_SECONDS
        remote = Remote(place, client, most=_MOST, seconds=seconds, deadline=end, notice=notice)
        _greet(replace(remote, attempts=3, seconds=_GREETING_SECONDS, most=_GREETING_BYTES))
    except RejoinderError:
        client.close()
        raise
    return remote


def _detected(client: httpx.Client, url: str, deadline: Deadline) -> Profile:
    profile = stores.told_by_url(url)
    if profile is None:
        try:
            request = client.build_request("GET", url, params={"query": "ASK {}"})
        except httpx.InvalidURL as error:
            raise UsageError(f"{url!r} is no store's address: {error}") from error
        profile = stores.told_by_answer(exchange(client, request, deadline, _GREETING_BYTES).headers)
    if profile is None:
        raise RemoteError(f"{url}: this store does not say which it is; give --store {'|'.join(stores.PROFILES)}")
    return profile


def _greet(remote: Remote) -> None:
    """Nothing, when the store answers a query as the standard says."""
    try:
        results.boolean(remote.query("ASK {}", formats.JSON.media_type).content)
    except (TooLongError, UnreadableError) as error:
        raise RemoteError(
            f"{remote.endpoint.query}: something answers here, but it is not a SPARQL endpoint"
        ) from error


def sign_in(place: Endpoint) -> httpx.Auth:
    """Return what signs the requests to a store in, in the way of that store."""
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
    """RFC 6750: the token in a header."""

    credentials: Credentials

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self.credentials.password}"
        yield request


def _usual_pause(attempt: int) -> float:
    """Seconds before the next attempt where the store asks for none: twice as long each time, with chance in it."""
    return 2.0 ** (attempt - 1) * random.uniform(0.5, 1.0)  # noqa: S311  # no secret


def _retry_after(value: str) -> float | None:
    r"""The seconds that a Retry-After header asks for: a number, or a date; None for anything else.

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
