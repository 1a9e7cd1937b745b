"""What a triple store's refusal means, in one sentence that says what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from rejoinder.errors import RemoteError
from rejoinder.triplestores.profiles import SignIn

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_FULL: Final = re.compile(r"no space left|disk (is )?full|disk quota|insufficient storage", re.IGNORECASE)
_READ_ONLY: Final = re.compile(r"read[- ]?only", re.IGNORECASE)
_FORBIDDEN: Final = re.compile(r"SECURITY|no permission|access denied", re.IGNORECASE)  # Virtuoso says so with 500

_MARKUP: Final = re.compile(r"<[^<>]*>")
_READ: Final = 65_536

_AWS: Final = (
    "a cluster under IAM wants signed requests: pip install 'rejoinder[neptune]', and give credentials as to AWS's own "
    "programs"
)


def refusal(  # noqa: PLR0913  # what there is to know of a refusal
    status: int, text: str, url: str, *, sign_in: SignIn, signed_in: bool, writing: bool, wait: float | None
) -> RemoteError:
    """The error for an answer with `status` and `text`; the words after `url` say what the request was like.

    The text of a redirect is the address that it names.

    >>> print(refusal(404, "", "http://localhost/ds", sign_in=SignIn.BASIC, signed_in=False, writing=False, wait=None))
    http://localhost/ds: there is nothing (404); is this the address of the store, and does the database exist?
    """
    if _FULL.search(text) or status == 507:
        return RemoteError(f"{url}: the store's disk is full; make room there and push again", status)
    if status in (401, 403) and sign_in is SignIn.AWS:
        return RemoteError(f"{url}: AWS does not let us in ({status}): {excerpt(text)}; {_AWS}", status)
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
