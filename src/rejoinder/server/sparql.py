"""The SPARQL endpoint: queries and reads of graphs over HTTP, with a Service Description and without updates.

Standards: SPARQL 1.1 Protocol; SPARQL 1.1 Graph Store HTTP Protocol (GET and HEAD); SPARQL 1.1 Query Results JSON, XML,
CSV and TSV; SPARQL 1.1 Service Description; SPARQL 1.2 Service Description (versions of the language); DCAT 3 and VoID.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeVar

from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from rejoinder import formats, namespaces
from rejoinder.config import Project
from rejoinder.errors import StoreError
from rejoinder.formats import Syntax
from rejoinder.rdf import serialize, terms
from rejoinder.rdf.no_network import Barrier
from rejoinder.rdf.query import QueryDataset
from rejoinder.rdf.terms import Literal, NamedNode, Term, Triple
from rejoinder.server import http, negotiation
from rejoinder.server.files import LRUCache, ServedVersion
from rejoinder.server.http import FORM_TYPE, QUERY_TYPE, HTTPProblem, header
from rejoinder.server.middleware import QUERY_METHODS, READ_METHODS, allowed
from rejoinder.server.workers import Fault, Job, LimitError, QueryBackend, QueryJob, Queue
from rejoinder.versions import Manifest

_T = TypeVar("_T")

UPDATE_TYPE: Final = "application/sparql-update"

_RESULT_FORMATS: Final = (
    "Turtle",
    "N-Triples",
    "JSON-LD",
    "RDF_XML",
    "TriG",
    "N-Quads",
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
)
"""The result formats, by their names in the W3C's registry, `namespaces.FORMATS`."""

_LANGUAGE_VERSIONS: Final = ("version-1.1", "version-1.2-basic", "version-1.2")
"""The versions of SPARQL that our own engine reads, by their names in the W3C's namespace of SPARQL."""

_STAND_IN: Final = "http://endpoint.invalid/"
"""An IRI for the endpoint while its description is written; the domain is reserved (RFC 2606), so nobody has it."""


class Offer(NamedTuple):
    """A media type, and the syntax that is sent under it: its own, or one that is called by that name, too."""

    media_type: str
    syntax: Syntax

    @property
    def is_own(self) -> bool:
        """Return whether the syntax is registered under the media type."""
        return self.media_type == self.syntax.media_type


TABLES: Final[tuple[Offer, ...]] = (
    Offer(formats.JSON.media_type, formats.JSON),
    Offer(formats.XML.media_type, formats.XML),
    Offer(formats.CSV.media_type, formats.CSV),
    Offer(formats.TSV.media_type, formats.TSV),
    Offer("application/json", formats.JSON),
    Offer("application/xml", formats.XML),
)
"""Formats for SELECT and ASK. The standards define no CSV or TSV for ASK; as in other stores, it is one word."""

GRAPHS: Final[tuple[Offer, ...]] = tuple(
    Offer(syntax.media_type, syntax)
    for syntax in (
        formats.TURTLE,
        formats.NTRIPLES,
        formats.JSONLD,
        formats.RDFXML,
        formats.TRIG,
        formats.NQUADS,
    )
)
"""Formats for CONSTRUCT, DESCRIBE and the Service Description."""

_NONE_FITS: Final = "you accept none of the formats for this kind of answer; " + "; ".join(
    f"for {query_forms} there are {', '.join(offer.media_type for offer in offers)}"
    for query_forms, offers in (("SELECT and ASK", TABLES), ("CONSTRUCT and DESCRIBE", GRAPHS))
)
_FORMAT: Final = ("format", "output", "results")
"""Parameters by which clients name a format. The protocol defines none, so each server has its own."""
_GRAPH_STORE: Final = frozenset({"graph", "default"})
_QUERY: Final = frozenset({"query", "default-graph-uri", "named-graph-uri"})
_TEXT: Final = "; charset=utf-8"
_SAFE: Final = ("GET", "HEAD")
"""The methods for which conditional requests are answered. Standard: RFC 9110, section 13.1.2."""


@dataclass(frozen=True)
class QueryAnswer:
    """A query's answer: its syntax by name, None if the client accepts none, its bytes, their digest, and links."""

    syntax: str | None
    body: bytes
    digest: str
    links: Mapping[str, str]


class Queries:
    """Sends queries to the backend, and caches the latest answers up to a number of bytes."""

    def __init__(self, backend: QueryBackend, cache_bytes: int) -> None:
        self.backend = backend
        # The version is part of the key, so an answer of another version is another answer.
        self._cache = LRUCache[tuple[str, Job], QueryAnswer](cache_bytes, _cost)

    async def answer(self, request: Request, job: Job, queue: Queue = Queue.QUERIES) -> QueryAnswer:
        """Return the answer to a job; when the client goes away, the query is stopped.

        Raises:
            HTTPProblem: the query is wrong, or took too long or too much.
            StoreError: the store is damaged.
            ClientDisconnect: the client went away.
        """
        try:
            if kept := self._cache.get((self.backend.source.name, job)):
                return kept
            reply, source = await _while_connected(request, self.backend.answer(job, queue))
        except LimitError as error:
            raise limit_refusal(error) from error
        if reply.fault is Fault.PROGRAM:
            raise RuntimeError(reply.message)
        if reply.fault is Fault.STORE:
            raise StoreError(reply.message)
        if reply.fault:
            raise HTTPProblem(406 if reply.fault is Fault.SYNTAX else 400, reply.message, extra=reply.extra)
        # The same bytes in two syntaxes are two representations, so the syntax is part of the tag.
        digest = hashlib.blake2b(reply.body, digest_size=16, person=(reply.syntax or "").encode()).hexdigest()
        answer = QueryAnswer(reply.syntax, reply.body, digest, reply.links)
        # Answers that change (RAND, NOW) are not cached, nor is a large one that would displace many others.
        if reply.syntax and not reply.changes and len(reply.body) * 4 < self._cache.max_bytes:
            self._cache.put((source.name, job), answer)
        return answer


def _cost(key: tuple[str, Job], answer: QueryAnswer) -> int:
    job = key[1]
    return len(answer.body) + (len(job.text) if isinstance(job, QueryJob) else 200)


async def _while_connected(request: Request, work: Coroutine[Any, Any, _T]) -> _T:
    """Return the result of the work, which is cancelled if the client disconnects.

    Raises:
        ClientDisconnect: it did.
    """
    working, gone = asyncio.create_task(work), asyncio.create_task(_until_gone(request))
    try:
        await asyncio.wait((working, gone), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        for task in (working, gone):
            task.cancel()


async def _until_gone(request: Request) -> None:
    """Wait until the client closes the connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def limit_refusal(error: LimitError) -> HTTPProblem:
    """Return the response for a query that exceeded a limit: 503, with the name of the limit."""
    headers = {} if error.wait is None else {"Retry-After": str(error.wait)}
    return HTTPProblem(503, str(error), headers=headers, extra={"limit": error.limit})


_PAGE: Final = "sparql.html"


@dataclass
class SparqlEndpoint:
    """The endpoint `/sparql` and its Service Description, for the version that it followed last."""

    project: Project
    queries: Queries
    _served: ServedVersion | None = None

    async def follow(self, served: ServedVersion) -> None:
        """See `VersionListener`."""
        self._served = served

    async def page(self) -> bytes | None:
        """Return the HTML page of the endpoint, or None."""
        found = await self._served.pages.get(_PAGE) if self._served else None
        return found.content if found else None

    def describe(self, syntax: Syntax, address: str) -> bytes:
        """Return its Service Description; `address` is where it was asked.

        Raises:
            StoreError: no version has been opened.
        """
        if self._served is None:
            raise StoreError("no version has been opened yet")
        own = self.queries.backend.barrier is not Barrier.STORE
        return service_description(self.project, self._served.manifest, syntax, address, own=own)

    def routes(self, path: str = "/sparql") -> list[Route]:
        """Return the routes, with and without a slash at the end, because the W3C's tests use both."""
        return [Route(each, self.answer, methods=list(QUERY_METHODS)) for each in (path, f"{path}/")]

    async def answer(self, request: Request) -> Response:
        """Return the answer to a request.

        Raises:
            HTTPProblem: the request is wrong or cannot be answered.
        """
        if request.method == "OPTIONS":
            return allowed(*QUERY_METHODS)
        if _is_about_graph(request):
            return await self._graph(request)
        asked = await _asked(request, self.queries.backend.limits.text)
        if asked is None:
            return await self._description(request)
        return await self._answered(request, asked)

    async def _graph(self, request: Request) -> Response:
        # The other methods of the Graph Store Protocol change data.
        if request.method not in READ_METHODS:
            detail = f"Graphs cannot be changed here; the methods are {', '.join(READ_METHODS)}."
            raise HTTPProblem(405, detail, headers={"Allow": ", ".join(READ_METHODS)})
        asked = _graph_request(http.address_parameters(request))
        if asked.dataset:
            # Asked of the store, not looked up in the version: a triple store behind the server may have other graphs.
            exists = QueryJob("ASK { ?s ?p ?o }", boolean=formats.CSV.name, dataset=asked.dataset)
            if (await self.queries.answer(request, exists)).body != b"true":
                raise HTTPProblem(404, "there is no graph of that name; the Service Description lists those that exist")
        return await self._answered(request, asked)

    async def _answered(self, request: Request, asked: SparqlRequest) -> Response:
        wanted = [_wanted(request, asked.formats, offers) for offers in (TABLES, GRAPHS)]
        media_types = {offer.syntax.name: offer.media_type for offer in wanted if offer}
        table, graph = (offer.syntax.name if offer else None for offer in wanted)
        answer = await self.queries.answer(request, QueryJob(asked.query, table, table, graph, asked.dataset))
        if answer.syntax is None:
            raise _unfit(asked.formats)
        return await represented(request, answer.body, media_types[answer.syntax], answer.digest)

    async def _description(self, request: Request) -> Response:
        pairs = http.address_parameters(request)
        page = await self.page()
        offers = (*GRAPHS, Offer("text/html", formats.TURTLE)) if page else GRAPHS
        chosen = _wanted(request, _formats(pairs), offers)
        if chosen is None:
            raise _not_acceptable(offers)
        media_type, syntax = chosen
        content = page if media_type == "text/html" and page else self.describe(syntax, self._address(request))
        return await represented(request, content, media_type, http.digest(io.BytesIO(content)))

    def _address(self, request: Request) -> str:
        path = self.project.server.prefix + request.scope["path"]
        asked = str(request.url.replace(path=path, query="", fragment=""))
        # The server may listen at an address that no IRI can contain: an IPv6 address with a zone.
        return asked if terms.is_iri(asked) else self.project.site.rstrip("/") + request.scope["path"]


async def represented(request: Request, content: bytes, media_type: str, digest: str) -> Response:
    """Return the content in the client's preferred coding, or 304 if the client has it already."""
    coding = negotiation.choose_coding(
        header(request, "accept-encoding"), negotiation.codings(media_type, len(content))
    )
    headers = {
        "ETag": http.entity_tag(digest, coding),
        "Vary": "Accept, Accept-Encoding",
        "Cache-Control": "no-cache",  # caches must revalidate, because the next version may differ
    }
    if request.method in _SAFE and http.is_held(header(request, "if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    headers |= {"Content-Encoding": coding} if coding else {}
    packed = await to_thread.run_sync(negotiation.CODINGS[coding], content) if coding else content
    return Response(packed, headers={**headers, "Content-Type": _labelled(media_type, content)})


def _labelled(media_type: str, content: bytes) -> str:
    if media_type == formats.CSV.media_type:
        header = "present" if b"\n" in content else "absent"  # the answer to ASK is one word without a header
        return f"{media_type}{_TEXT}; header={header}"
    return media_type + _TEXT if media_type.startswith("text/") else media_type


@dataclass(frozen=True)
class SparqlRequest:
    """A request of the SPARQL protocol: the query's text, its graphs, and the formats requested by name."""

    query: str
    dataset: QueryDataset | None
    formats: tuple[str, ...]


async def _asked(request: Request, max_characters: int) -> SparqlRequest | None:
    """Return the parsed request; None for a GET without a query.

    Raises:
        HTTPProblem: there is no query, or more than one.
    """
    pairs = http.address_parameters(request)
    if request.method == "POST":
        pairs += await _posted(request, max_characters)
    names = {name for name, _ in pairs}
    if "update" in names:
        raise _no_updates()
    # A request without a query asks for the description (SPARQL 1.1 Service Description, section 2).
    if request.method != "POST" and not _QUERY & names:
        return None
    return SparqlRequest(_query(_values(pairs, "query"), max_characters), _dataset(pairs), _formats(pairs))


def _is_about_graph(request: Request) -> bool:
    """Return whether the request is one of the Graph Store Protocol: its address names a graph and holds no query."""
    names = {name for name, _ in http.address_parameters(request)}
    if not _GRAPH_STORE & names or (_QUERY | {"update"}) & names:
        return False
    return request.method != "POST" or http.body_type(request)[0] not in (QUERY_TYPE, UPDATE_TYPE, FORM_TYPE)


def _graph_request(pairs: Sequence[tuple[str, str]]) -> SparqlRequest:
    """Return a request for all statements of the graph that the parameters name.

    Raises:
        HTTPProblem: they do not name exactly one.
    """
    graphs, default = _values(pairs, "graph"), _values(pairs, "default")
    if len(graphs) + len(default) != 1 or any(default):
        raise HTTPProblem(400, "one graph is read at a time; write graph= and its IRI, or default without a value")
    for iri in graphs:
        _require_iri(iri)
    dataset = QueryDataset(tuple(graphs), ()) if graphs else None
    return SparqlRequest("CONSTRUCT WHERE { ?s ?p ?o }", dataset, _formats(pairs))


async def _posted(request: Request, max_characters: int) -> tuple[tuple[str, str], ...]:
    kind, charset = http.body_type(request)
    if kind == UPDATE_TYPE:
        raise _no_updates()
    if kind not in (FORM_TYPE, QUERY_TYPE):
        sent = f"the media type of the body is {kind}" if kind else "the body has no media type"
        message = f"{sent}; send {QUERY_TYPE}, or {FORM_TYPE} with the query in it"
        raise HTTPProblem(415, message, headers={"Accept-Post": f"{QUERY_TYPE}, {FORM_TYPE}"})
    if charset not in (None, "utf-8", "us-ascii"):
        raise HTTPProblem(415, f"the body is in {charset}; send UTF-8")
    if header(request, "content-encoding") not in (None, "identity"):
        raise HTTPProblem(
            415, "the body is compressed; send it without a content coding", headers={"Accept-Encoding": "identity"}
        )
    # In an HTML form, percent-encoding makes three bytes of one.
    body = await http.read_body(request, max_characters * (3 if kind == FORM_TYPE else 1))
    return http.decode_parameters(body, "the body") if kind == FORM_TYPE else (("query", _text(body)),)


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise HTTPProblem(400, "the query is not UTF-8") from error


def _query(queries: Sequence[str], max_characters: int) -> str:
    if len(queries) != 1:
        raise HTTPProblem(400, f"exactly one query is answered at a time; there are {len(queries)}")
    if len(queries[0]) > max_characters:
        raise HTTPProblem(413, f"the query is longer than {max_characters} characters")
    return queries[0]


def _dataset(pairs: Sequence[tuple[str, str]]) -> QueryDataset | None:
    """Return the graphs in the protocol's parameters, each once; None if there are none."""
    default, named = (tuple(dict.fromkeys(_values(pairs, f"{kind}-graph-uri"))) for kind in ("default", "named"))
    for iri in (*default, *named):
        _require_iri(iri)
    return QueryDataset(default, named) if default or named else None


def _require_iri(iri: str) -> None:
    if not terms.is_iri(iri):
        raise HTTPProblem(400, f"{iri!r:.80} is not an absolute IRI, so no graph can have that name")


def _values(pairs: Sequence[tuple[str, str]], name: str) -> list[str]:
    return [value for key, value in pairs if key == name]


def _formats(pairs: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Return the formats requested by name."""
    return negotiation.format_names(value for parameter in _FORMAT for value in _values(pairs, parameter))


def _wanted(request: Request, names: Sequence[str], offers: Sequence[Offer]) -> Offer | None:
    """Return the offer that the client requests by name, else by Accept; None if there is none.

    Unknown names, and names for another kind of answer, are ignored: libraries send them to every server, whether
    it knows them or not.
    """
    if found := _first_called(names, offers):
        return found
    accept = header(request, "accept")
    known = [(offer.media_type, offer) for offer in offers]
    known += [
        (name, offer) for offer in offers if offer.is_own for name in negotiation.other_types(offer.syntax, accept)
    ]
    chosen = negotiation.choose(accept, [media_type for media_type, _ in known])
    return None if chosen is None else known[chosen][1]


def _first_called(names: Sequence[str], offers: Sequence[Offer]) -> Offer | None:
    for name in names:
        found = next((offer for offer in offers if offer.media_type == name), None) or _called(name, offers)
        if found:
            return found
    return None


def _called(name: str, offers: Sequence[Offer]) -> Offer | None:
    syntax = negotiation.syntax_named(name, (offer.syntax for offer in offers if offer.is_own))
    return next((offer for offer in offers if offer.syntax is syntax), None)


def _unfit(names: Sequence[str]) -> HTTPProblem:
    """Return the response if neither a parameter nor Accept names a format for this kind of answer."""
    called = _first_called(names, (*TABLES, *GRAPHS))
    if called is None:
        return HTTPProblem(406, _NONE_FITS)
    return HTTPProblem(400, f"{called.media_type} is no format for this kind of answer, and {_NONE_FITS}")


def _not_acceptable(offers: Sequence[Offer]) -> HTTPProblem:
    there_are = ", ".join(offer.media_type for offer in offers)
    return HTTPProblem(406, f"you accept none of the formats for this kind of answer; there are {there_are}")


def _no_updates() -> HTTPProblem:
    return HTTPProblem(
        403, "this endpoint answers queries and takes no updates; the data change when a build is published"
    )


def service_description(project: Project, manifest: Manifest, syntax: Syntax, address: str, *, own: bool) -> bytes:
    """Return the description of the endpoint of a version, in `syntax`, for a client that asked at `address`.

    `own` says that our own engine answers.
    """
    # Behind a proxy the server does not know its address, but a relative IRI is right at any. N-Triples has none.
    absolute = syntax in (formats.NTRIPLES, formats.NQUADS)
    service = address if absolute else _STAND_IN
    triples = [Triple(NamedNode(s), NamedNode(p), o) for s, p, o in _statements(project, manifest, service, own=own)]
    if syntax is formats.TURTLE:
        written = serialize.turtle_text(triples, _PREFIXES).encode()
    else:
        written = terms.serialize(triples, syntax)
    # Never an empty reference, which would keep the parameters of the request (RFC 3986, section 5.2.2).
    relative = address.rpartition("/")[2] or "./"
    return written if absolute else written.replace(_STAND_IN.encode(), relative.encode())


_PREFIXES: Final = {
    "sd": namespaces.SD,
    "dcat": namespaces.DCAT,
    "void": namespaces.VOID,
    "dcterms": namespaces.DCTERMS,
    "rdfs": namespaces.RDFS,
    "formats": namespaces.FORMATS,
    "sparql": namespaces.SPARQL,
}


def _statements(project: Project, manifest: Manifest, service: str, *, own: bool) -> Iterator[tuple[str, str, Term]]:
    here, base = NamedNode(service), NamedNode(project.base)
    yield service, namespaces.RDF_TYPE, NamedNode(namespaces.SD + "Service")
    yield service, namespaces.SD + "endpoint", here
    yield service, namespaces.DCTERMS + "title", Literal(f"{project.title}: SPARQL", language="en")
    yield service, namespaces.DCTERMS + "license", NamedNode(project.license)
    # The name of SPARQL 1.1 is for older clients; SPARQL 1.2 names the language and its versions apart.
    for language in ("SPARQL11Query", "SPARQLQuery"):
        yield service, namespaces.SD + "supportedLanguage", NamedNode(namespaces.SD + language)
    for version in _LANGUAGE_VERSIONS if own else _LANGUAGE_VERSIONS[:1]:
        yield service, namespaces.SD + "supportedVersion", NamedNode(namespaces.SPARQL + version)
    yield service, namespaces.SD + "feature", NamedNode(namespaces.SD + "UnionDefaultGraph")
    for name in _RESULT_FORMATS:
        yield service, namespaces.SD + "resultFormat", NamedNode(namespaces.FORMATS + name)
    yield service, namespaces.RDF_TYPE, NamedNode(namespaces.DCAT + "DataService")
    yield service, namespaces.DCAT + "endpointURL", here
    yield service, namespaces.DCAT + "endpointDescription", here
    yield service, namespaces.DCAT + "servesDataset", base
    yield project.base, namespaces.VOID + "sparqlEndpoint", here
    yield from _graphs(project, manifest, service)


def _graphs(project: Project, manifest: Manifest, service: str) -> Iterator[tuple[str, str, Term]]:
    dataset, union = f"{service}#dataset", f"{service}#union"
    yield service, namespaces.SD + "defaultDataset", NamedNode(dataset)
    yield dataset, namespaces.RDF_TYPE, NamedNode(namespaces.SD + "Dataset")
    yield dataset, namespaces.RDFS + "seeAlso", NamedNode(project.base)
    yield dataset, namespaces.SD + "defaultGraph", NamedNode(union)
    yield union, namespaces.RDF_TYPE, NamedNode(namespaces.SD + "Graph")
    yield union, namespaces.RDFS + "comment", Literal("Every statement of every named graph, once.", language="en")
    for number, entry in enumerate(sorted(manifest.graphs, key=lambda entry: entry.iri), start=1):
        named, graph = f"{service}#named-{number}", f"{service}#graph-{number}"
        yield dataset, namespaces.SD + "namedGraph", NamedNode(named)
        yield named, namespaces.RDF_TYPE, NamedNode(namespaces.SD + "NamedGraph")
        yield named, namespaces.SD + "name", NamedNode(entry.iri)
        yield named, namespaces.SD + "graph", NamedNode(graph)
        yield graph, namespaces.RDF_TYPE, NamedNode(namespaces.SD + "Graph")
        yield graph, namespaces.VOID + "triples", Literal(entry.quads)
