"""The triple stores' own ways, one profile a store: paths, atomic replacement, default graph, limits, sign-in.

Oxigraph, Fuseki, Virtuoso and RDF4J are run by the tests. The other profiles follow the stores' documentation; their
requests are tested, the stores themselves were not run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from rejoinder.errors import UsageError


class StoreName(StrEnum):
    """The triple stores whose ways are known."""

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
    """How a store replaces a named graph so that a reader, or a power cut, finds the old one or the new one."""

    PUT = "put"  # Graph Store Protocol
    UPDATE = "update"  # one request: DROP SILENT GRAPH, INSERT DATA
    STAGING = "staging"  # PUT to a graph beside it, then one update of what differs


class SignIn(StrEnum):
    """How a store wants its credentials."""

    BASIC = "basic"
    DIGEST = "digest"
    BEARER = "bearer"  # the password is a token
    AWS = "aws"  # AWS's own credentials


@dataclass(frozen=True)
class Profile:
    """One store's ways.

    `query`, `update` and `graph_store` are paths below the store's URL, and `other_paths` more that people paste;
    with credentials, `signed` is appended to a path. `union` are the parameters that make a query's default graph the
    union of all graphs. `page_size` is how many rows one answer can be trusted to hold, None for any number;
    `describes` says that DESCRIBE finds all that it should. `prefix` goes before the N-Triples of a body. `tested`
    says that the tests run the store.
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
    prefix: str = ""
    tested: bool = False

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path below the store's URL that the store answers at, longest first."""
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
    Replacement.UPDATE,  # PUT leaves decimals such as 1.50 behind (apache/jena#3404), MOVE loses triples
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
    page_size=5000,  # above ResultSetMaxRows, 10,000 as installed, it cuts graphs without a word
    describes=False,  # without FROM, and of more than ResultSetMaxRows things, it leaves out what is there
    prefix="@prefix x: <x:> .\n",  # it guesses the syntax from the first bytes
    tested=True,
)
RDF4J: Final = Profile(StoreName.RDF4J, "Eclipse RDF4J Server", *_RDF4J_PATHS, tested=True)
GRAPHDB: Final = Profile(StoreName.GRAPHDB, "Ontotext GraphDB", *_RDF4J_PATHS)
QLEVER: Final = Profile(StoreName.QLEVER, "QLever", "", "", "", sign_in=SignIn.BEARER)
STARDOG: Final = Profile(
    StoreName.STARDOG, "Stardog", "query", "update", "", union=(("default-graph-uri", "tag:stardog:api:context:all"),)
)
BLAZEGRAPH: Final = Profile(StoreName.BLAZEGRAPH, "Blazegraph", "sparql", "sparql", "sparql", Replacement.UPDATE)
NEPTUNE: Final = Profile(StoreName.NEPTUNE, "Amazon Neptune", "sparql", "sparql", "sparql/gsp/", sign_in=SignIn.AWS)

PROFILES: Final[dict[str, Profile]] = {
    profile.name: profile
    for profile in (OXIGRAPH, FUSEKI, VIRTUOSO, RDF4J, GRAPHDB, QLEVER, STARDOG, BLAZEGRAPH, NEPTUNE)
}


def named(name: str) -> Profile:
    """The profile called `name`.

    >>> named("fuseki").title
    'Apache Jena Fuseki'

    Raises:
        UsageError: there is none.
    """
    if name not in PROFILES:
        raise UsageError(f"the store {name!r} is unknown; write one of {', '.join(PROFILES)}")
    return PROFILES[name]


def told_by_url(url: str) -> Profile | None:
    """The profile that the URL alone gives away, if it does.

    >>> told_by_url("https://x.cluster-y.eu-west-1.neptune.amazonaws.com:8182/sparql").title
    'Amazon Neptune'
    """
    parts = urlsplit(url)
    if (parts.hostname or "").endswith((".neptune.amazonaws.com", ".neptune.amazonaws.com.cn")):
        return NEPTUNE
    if "/rdf4j-server/repositories/" in parts.path:
        return RDF4J
    return BLAZEGRAPH if parts.path.startswith(("/blazegraph/", "/bigdata/")) else None


def told_by_answer(headers: Mapping[str, str]) -> Profile | None:
    """The profile that the headers of any answer give away, if they do.

    >>> told_by_answer({"server": "Virtuoso/07.20.3229 (Linux)"}).title
    'Virtuoso'
    """
    if "fuseki-request-id" in headers:
        return FUSEKI
    server = headers.get("server", "").lower()
    known = (OXIGRAPH, VIRTUOSO, GRAPHDB, QLEVER, STARDOG)
    return next((profile for profile in known if server.startswith(profile.name)), None)
