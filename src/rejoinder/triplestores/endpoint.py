"""Where a triple store is asked and written to, and who asks: the only reader of the credentials.

A name and password come from the environment, REJOINDER_USER and REJOINDER_PASSWORD, or from `.netrc`. They are never
taken from a command line or a URL, which others can read, and never told.
"""

from __future__ import annotations

import netrc
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from rejoinder.errors import UsageError
from rejoinder.triplestores.profiles import Profile


@dataclass(frozen=True)
class Credentials:
    """A user and a password, which no representation shows."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Endpoint:
    """A store: its profile, its three URLs, and the credentials if there are any."""

    profile: Profile
    query: str
    update: str
    graph_store: str
    credentials: Credentials | None = None


def endpoint(url: str, profile: Profile, credentials: Credentials | None = None) -> Endpoint:
    """The store at `url`, which may also be one of the URLs below it that people paste.

    >>> from rejoinder.triplestores.profiles import FUSEKI
    >>> endpoint("http://localhost:3030/ds/sparql", FUSEKI).update
    'http://localhost:3030/ds/update'
    """
    root = url.rstrip("/")
    below = next((path for path in profile.paths if root.endswith("/" + path.rstrip("/"))), "")
    root = root.removesuffix("/" + below.rstrip("/"))
    signed = profile.signed if credentials else ""

    def at(path: str) -> str:
        return f"{root}/{path}{signed}" if path else root

    return Endpoint(profile, at(profile.query), at(profile.update), at(profile.graph_store), credentials)


def checked_url(url: str) -> str:
    """The URL of a store, as given.

    Raises:
        UsageError: it is no address of the web, or carries credentials; which are not repeated.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError as error:
        raise UsageError("the store's address cannot be read; write for example http://localhost:7878") from error
    if "@" in parts.netloc:
        raise UsageError(
            f"leave name and password out of the address of {host}, where others can read them; "
            "put them in REJOINDER_USER and REJOINDER_PASSWORD, or in ~/.netrc"
        )
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise UsageError(f"{url!r} is no store's address; write for example http://localhost:7878")
    return url


def credentials_for(url: str, environment: Mapping[str, str]) -> Credentials | None:
    """The credentials for the store at `url`: those of the environment, else those of `.netrc`, else none.

    Raises:
        UsageError: one of the two variables is missing, or `.netrc` cannot be read.
    """
    user, password = environment.get("REJOINDER_USER"), environment.get("REJOINDER_PASSWORD")
    if user and password:
        return Credentials(user, password)
    if user or password:
        raise UsageError("REJOINDER_USER and REJOINDER_PASSWORD are needed both; one of them is empty")
    return _from_netrc(urlsplit(url).hostname or "", environment)


def _from_netrc(host: str, environment: Mapping[str, str]) -> Credentials | None:
    path = Path(environment.get("NETRC") or Path.home() / ".netrc")
    if not path.is_file():
        return None
    try:
        entry = netrc.netrc(path).authenticators(host)
    except netrc.NetrcParseError as error:  # whose text can hold a password
        hint = "write 'machine … login … password …'"
        raise UsageError(f"{path}:{error.lineno}: this line cannot be read; {hint}") from None
    except OSError as error:
        raise UsageError(f"{path}: the file cannot be read: {error.strerror}") from error
    return Credentials(entry[0], entry[2]) if entry and entry[2] else None
