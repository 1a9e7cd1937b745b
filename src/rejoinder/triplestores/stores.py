"""Profiles of triple stores: paths, atomic replacement, default graph, limits, and sign-in.

Oxigraph, Fuseki, Virtuoso and RDF4J are run by the tests. The other profiles follow the stores' documentation; their
requests are tested, the stores themselves were not run.
"""

from __future__ import annotations

import netrc
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from rejoinder.errors import UsageError

# Here and not beside the requests that they limit, because the command line shows them and httpx is an extra.
QUESTION_SECONDS: Final = 600
"""The time limit of one query; a store may need long for a large graph."""
COMMAND_SECONDS: Final = 3600
"""The time limit of a command with many requests."""


class StoreName(StrEnum):
    """The triple stores that have a profile."""

    OXIGRAPH = "oxigraph"
    FUSEKI = "fuseki"
    VIRTUOSO = "virtuoso"
    RDF4J = "rdf4j"
    GRAPHDB = "graphdb"
    QLEVER = "qlever"
    STARDOG = "stardog"
    BLAZEGRAPH = "blazegraph"
    NEPTUNE = "neptune"


class Replacement(StrEnum):
    """The way in which a store replaces a named graph atomically, so that readers never see a part of it."""

    PUT = "put"  # Graph Store Protocol
    UPDATE = "update"  # one request: DROP SILENT GRAPH, INSERT DATA
    STAGING = "staging"  # PUT to a staging graph, then one update with the difference


class SignIn(StrEnum):
    """The authentication scheme of a store."""

    BASIC = "basic"
    DIGEST = "digest"
    BEARER = "bearer"  # the password is a token


@dataclass(frozen=True)
class Profile:
    """The properties of one triple store product.

    `query`, `update` and `graph_store` are paths below the store's URL, and `other_paths` are others that users may
    give; with credentials, `signed` is appended to a path. `union` are the parameters that make a query's default
    graph the union of all graphs. `page_size` is the number of rows that one answer reliably holds, None for any;
    `describes` says that DESCRIBE is complete, and `chains` that several OPTIONAL in a row may bind one variable.
    `prefix` goes before the N-Triples of a body. `tested` says that the tests run the store.
    """

    name: StoreName
    title: str
    query: str
    update: str
    graph_store: str
    replacement: Replacement = Replacement.PUT
    union: tuple[tuple[str, str], ...] = ()
    other_paths: tuple[str, ...] = ()
    signed: str = ""
    sign_in: SignIn = SignIn.BASIC
    page_size: int | None = None
    describes: bool = True
    chains: bool = True
    prefix: str = ""
    tested: bool = False

    @property
    def paths(self) -> tuple[str, ...]:
        """All paths of the store below its URL, longest first."""
        plain = {self.query, self.update, self.graph_store, *self.other_paths} - {""}
        return tuple(sorted(plain | {path + self.signed for path in plain}, key=len, reverse=True))


_RDF4J_PATHS: Final = ("", "statements", "rdf-graphs/service")

OXIGRAPH: Final = Profile(
    StoreName.OXIGRAPH, "Oxigraph server", "query", "update", "store", union=(("union-default-graph", ""),), tested=True
)
FUSEKI: Final = Profile(
    StoreName.FUSEKI,
    "Apache Jena Fuseki",
    "query",
    "update",
    "data",
    Replacement.UPDATE,  # PUT does not delete decimals such as 1.50 (apache/jena#3404), MOVE loses triples
    union=(("default-graph-uri", "urn:x-arq:UnionGraph"),),
    other_paths=("sparql",),
    tested=True,
)
VIRTUOSO: Final = Profile(
    StoreName.VIRTUOSO,
    "Virtuoso",
    "sparql",
    "sparql",
    "sparql-graph-crud",
    Replacement.STAGING,  # its PUT empties the graph first, and keeps half of a body that fails
    signed="-auth",
    sign_in=SignIn.DIGEST,
    page_size=5000,  # above ResultSetMaxRows, 10,000 by default, it cuts graphs silently
    describes=False,  # incomplete without FROM, or for more than ResultSetMaxRows things
    chains=False,  # of several OPTIONAL that bind one variable, it loses or confuses the values
    prefix="@prefix x: <x:> .\n",  # it guesses the syntax from the first bytes
    tested=True,
)
RDF4J: Final = Profile(StoreName.RDF4J, "Eclipse RDF4J Server", *_RDF4J_PATHS, tested=True)
# GraphDB has the interface of RDF4J, on which it is built.
GRAPHDB: Final = Profile(StoreName.GRAPHDB, "Ontotext GraphDB", *_RDF4J_PATHS)
QLEVER: Final = Profile(StoreName.QLEVER, "QLever", "", "", "", sign_in=SignIn.BEARER)
STARDOG: Final = Profile(
    StoreName.STARDOG, "Stardog", "query", "update", "", union=(("default-graph-uri", "tag:stardog:api:context:all"),)
)
BLAZEGRAPH: Final = Profile(StoreName.BLAZEGRAPH, "Blazegraph", "sparql", "sparql", "sparql", Replacement.UPDATE)
NEPTUNE: Final = Profile(StoreName.NEPTUNE, "Amazon Neptune", "sparql", "sparql", "sparql/gsp/")

PROFILES: Final[dict[str, Profile]] = {
    profile.name: profile
    for profile in (OXIGRAPH, FUSEKI, VIRTUOSO, RDF4J, GRAPHDB, QLEVER, STARDOG, BLAZEGRAPH, NEPTUNE)
}


def named(name: str) -> Profile:
    """Return the profile called `name`.

    >>> named("fuseki").title
    'Apache Jena Fuseki'

    Raises:
        UsageError: there is none.
    """
    if name not in PROFILES:
        raise UsageError(f"the store {name!r} is unknown; write one of {', '.join(PROFILES)}")
    return PROFILES[name]


def profile_of_url(url: str) -> Profile | None:
    """Return the profile if the URL alone shows it.

    >>> profile_of_url("https://x.cluster-y.eu-west-1.neptune.amazonaws.com:8182/sparql").title
    'Amazon Neptune'
    """
    parts = urlsplit(url)
    if (parts.hostname or "").endswith((".neptune.amazonaws.com", ".neptune.amazonaws.com.cn")):
        return NEPTUNE
    if "/rdf4j-server/repositories/" in parts.path:
        return RDF4J
    return BLAZEGRAPH if parts.path.startswith(("/blazegraph/", "/bigdata/")) else None


def profile_of_answer(headers: Mapping[str, str]) -> Profile | None:
    """Return the profile if the headers of any response show it.

    >>> profile_of_answer({"server": "Virtuoso/07.20.3229 (Linux)"}).title
    'Virtuoso'
    """
    if "fuseki-request-id" in headers:
        return FUSEKI
    server = headers.get("server", "").lower()
    known = (OXIGRAPH, VIRTUOSO, GRAPHDB, QLEVER, STARDOG)
    return next((profile for profile in known if server.startswith(profile.name)), None)


@dataclass(frozen=True)
class Credentials:
    """A user and a password, which `repr` does not show."""

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
    """Return the store at `url`, which may also be the URL of one of its endpoints.

    >>> from rejoinder.triplestores.stores import FUSEKI
    >>> endpoint("http://localhost:3030/ds/sparql", FUSEKI).update
    'http://localhost:3030/ds/update'
    """
    # Users often paste the query URL, so its known end is cut off.
    root = url.rstrip("/")
    below = next((path for path in profile.paths if root.endswith("/" + path.rstrip("/"))), "")
    root = root.removesuffix("/" + below.rstrip("/"))
    signed = profile.signed if credentials else ""

    def at(path: str) -> str:
        return f"{root}/{path}{signed}" if path else root

    return Endpoint(profile, at(profile.query), at(profile.update), at(profile.graph_store), credentials)


def checked_url(url: str) -> str:
    """Return the URL of a store, as given.

    Raises:
        UsageError: it is no web address, or contains credentials, which the message does not repeat.
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
        raise UsageError(f"{url!r} is not the address of a store; write for example http://localhost:7878")
    return url


def credentials_for(url: str, environment: Mapping[str, str]) -> Credentials | None:
    """Return the credentials for the store at `url`: those of the environment, else those of `.netrc`, else none.

    Raises:
        UsageError: one of the two variables is missing, or `.netrc` cannot be read.
    """
    user, password = environment.get("REJOINDER_USER"), environment.get("REJOINDER_PASSWORD")
    if user and password:
        return Credentials(user, password)
    if user or password:
        raise UsageError("REJOINDER_USER and REJOINDER_PASSWORD are both needed; one of them is empty")
    return _from_netrc(urlsplit(url).hostname or "", environment)


def _from_netrc(host: str, environment: Mapping[str, str]) -> Credentials | None:
    path = Path(environment.get("NETRC") or Path.home() / ".netrc")
    if not path.is_file():
        return None
    try:
        entry = netrc.netrc(path).authenticators(host)
    except netrc.NetrcParseError as error:  # its message may contain a password, so it is not chained
        hint = "write 'machine … login … password …'"
        raise UsageError(f"{path}:{error.lineno}: this line cannot be read; {hint}") from None
    except OSError as error:
        raise UsageError(f"{path}: the file cannot be read: {error.strerror}") from error
    return Credentials(entry[0], entry[2]) if entry and entry[2] else None
