"""SPARQL over HTTP: queries, the refusal of updates, and what this endpoint says of itself.

Standards: SPARQL 1.1 Protocol; SPARQL 1.1 Service Description; SPARQL 1.1 Query Results JSON, XML, CSV and TSV.
"""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rejoinder import formats as rejoinder_formats
from rejoinder import namespaces
from rejoinder.config import Project
from rejoinder.formats import Syntax
from rejoinder.rdf import serialize, terms
from rejoinder.rdf.terms import Literal, NamedNode, Term, Triple
from rejoinder.server import http, params
from rejoinder.server.http import CODINGS, choose, choose_coding, codings, field
from rejoinder.server.middleware import allowed
from rejoinder.server.params import FORM
from rejoinder.server.problems import HTTPProblem
from rejoinder.server.queries import Queries
from rejoinder.server.workers import QueryJob
from rejoinder.versions import Manifest

QUERY_TYPE: Final = "application/sparql-query"
UPDATE_TYPE: Final = "application/sparql-update"

Offer = tuple[str, Syntax]
"""A media type, and the syntax that it stands for."""

TABLES: Final[tuple[Offer, ...]] = (
    (rejoinder_formats.JSON.media_type, rejoinder_formats.JSON),
    (rejoinder_formats.XML.media_type, rejoinder_formats.XML),
    (rejoinder_formats.CSV.media_type, rejoinder_formats.CSV),
    (rejoinder_formats.TSV.media_type, rejoinder_formats.TSV),
    ("application/json", rejoinder_formats.JSON),
    ("application/xml", rejoinder_formats.XML),
)
"""For SELECT and ASK. The standards have no CSV or TSV of ASK; they hold the word, as other stores write it."""

GRAPHS: Final[tuple[Offer, ...]] = tuple(
    (syntax.media_type, syntax)
    for syntax in (
        rejoinder_formats.TURTLE,
        rejoinder_formats.NTRIPLES,
        rejoinder_formats.JSONLD,
        rejoinder_formats.RDFXML,
        rejoinder_formats.TRIG,
        rejoinder_formats.NQUADS,
    )
)
"""For CONSTRUCT and DESCRIBE, and for the service's own description."""

_NONE_FITS: Final = "nothing that you accept can be given for this kind of answer; there is " + "; ".join(
    f"for {form} {', '.join(media_type for media_type, _ in offers)}"
    for form, offers in (("SELECT and ASK", TABLES), ("CONSTRUCT and DESCRIBE", GRAPHS))
)
_FORMAT: Final = ("format", "output", "results")
"""The parameters in which clients name a format: none is part of the protocol, so each server has one of its own."""
_GRAPH_STORE: Final = frozenset({"graph", "default"})
_TEXT: Final = "; charset=utf-8"
_SAFE: Final = ("GET", "HEAD")
"""The methods with which a client may hold the answer already. Standard: RFC 9110, section 13.1.2."""


@dataclass(frozen=True)
class ServiceDescription:
    """What the endpoint says of itself, made anew for each version; `html` is its page, where there is one."""

    rdf: Callable[[Syntax], bytes]
    html: Callable[[], Awaitable[bytes | None]]


@dataclass(frozen=True)
class SparqlEndpoint:
    """What answers at `/sparql`; relative IRIs in queries lie below `base`."""

    base: str
    queries: Queries
    description: ServiceDescription

    def routes(self, path: str = "/sparql") -> list[Route]:
        """Where it stands; with a slash at the end, too, as the W3C's own tests have it."""
        methods = ["GET", "HEAD", "POST", "OPTIONS"]
        return [Route(each, self.answer, methods=methods) for each in (path, f"{path}/")]

    async def answer(self, request: Request) -> Response:
        """The answer to a request.

        Raises:
            HTTPProblem: it asks for what cannot be given.
        """
        if request.method == "OPTIONS":
            return allowed("GET", "HEAD", "POST", "OPTIONS")
        asked = await _asked(request, self.queries.workers.limits.text)
        if asked is None:
            return await self._description(request)
        return await self._answered(request, asked)

    async def _answered(self, request: Request, asked: SparqlRequest) -> Response:
        wanted = [_wanted(request, asked.formats, offers) for offers in (TABLES, GRAPHS)]
        names = {found[1].name: found[0] for found in wanted if found}
        table, graph = map(_name, wanted)
        answer = await self.queries.answer(request, QueryJob(asked.query, table, table, graph, asked.dataset))
        if answer.syntax is None:
            raise HTTPProblem(406, _NONE_FITS)
        return await represented(request, answer.body, names[answer.syntax], answer.digest)

    async def _description(self, request: Request) -> Response:
        pairs = params.of_address(request)
        if _GRAPH_STORE & {name for name, _ in pairs}:
            raise HTTPProblem(
                400, "this endpoint answers queries and is no graph store; ask for a graph at its own address"
            )
        page = await self.description.html()
        offers = GRAPHS if page is None else (*GRAPHS, ("text/html", rejoinder_formats.TURTLE))
        chosen = _wanted(request, _formats(pairs), offers)
        if chosen is None:
            raise _not_acceptable(offers)
        content = page if chosen[0] == "text/html" and page is not None else self.description.rdf(chosen[1])
        return await represented(request, content, chosen[0], http.digest(io.BytesIO(content)))


async def represented(request: Request, content: bytes, media_type: str, digest: str) -> Response:
    """One of several representations, packed as the client likes it, or word that the client holds it."""
    coding = choose_coding(field(request, "accept-encoding"), codings(media_type, len(content)))
    headers = {
        "ETag": http.tag(digest, coding),
        "Vary": "Accept, Accept-Encoding",
        "Cache-Control": "no-cache",  # may be kept, but is asked about each time: the next version may say otherwise
        "X-Content-Type-Options": "nosniff",
    }
    if request.method in _SAFE and http.is_held(field(request, "if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    headers |= {"Content-Encoding": coding} if coding else {}
    packed = await to_thread.run_sync(CODINGS[coding], content) if coding else content
    return Response(packed, headers={**headers, "Content-Type": _labelled(media_type, content)})


def _labelled(media_type: str, content: bytes) -> str:
    if media_type == rejoinder_formats.CSV.media_type:
        header = "present" if b"\n" in content else "absent"  # the answer to ASK is a word alone
        return f"{media_type}{_TEXT}; header={header}"
    return media_type + _TEXT if media_type.startswith("text/") else media_type


@dataclass(frozen=True)
class SparqlRequest:
    """A query as the protocol carries it: its text, the graphs that it may see, and formats asked for by name."""

    query: str
    dataset: tuple[tuple[str, ...], tuple[str, ...]] | None
    formats: tuple[str, ...]


async def _asked(request: Request, most: int) -> SparqlRequest | None:
    """What is asked; None for a GET that asks nothing.

    Raises:
        HTTPProblem: it is no query, or not one.
    """
    pairs = params.of_address(request)
    if request.method == "POST":
        pairs += await _posted(request, most)
    names = [name for name, _ in pairs]
    if "update" in names:
        raise _no_updates()
    if request.method != "POST" and not {"query", "default-graph-uri", "named-graph-uri"} & set(names):
        return None
    return SparqlRequest(_query(_values(pairs, "query"), most), _dataset(pairs), _formats(pairs))


async def _posted(request: Request, most: int) -> tuple[tuple[str, str], ...]:
    kind, charset = params.media_type(request)
    if kind == UPDATE_TYPE:
        raise _no_updates()
    if kind not in (FORM, QUERY_TYPE):
        message = f"the body is {kind or 'of no type'}; send {QUERY_TYPE}, or {FORM} with the query in it"
        raise HTTPProblem(415, message, headers={"Accept-Post": f"{QUERY_TYPE}, {FORM}"})
    if charset not in (None, "utf-8", "us-ascii"):
        raise HTTPProblem(415, f"the body is in {charset}; send UTF-8")
    if field(request, "content-encoding") not in (None, "identity"):
        raise HTTPProblem(415, "the body is packed; send it as it is", headers={"Accept-Encoding": "identity"})
    body = await params.body(request, most * (3 if kind == FORM else 1))
    return params.decoded(body, "the body") if kind == FORM else (("query", _text(body)),)


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise HTTPProblem(400, "the query is not UTF-8") from error


def _query(queries: Sequence[str], most: int) -> str:
    if len(queries) != 1:
        raise HTTPProblem(400, f"exactly one query is answered at a time; there are {len(queries)}")
    if len(queries[0]) > most:
        raise HTTPProblem(413, f"the query is longer than {most} characters")
    return queries[0]


def _dataset(pairs: Sequence[tuple[str, str]]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The graphs named in the protocol, each once; None if none is."""
    default, named = (tuple(dict.fromkeys(_values(pairs, f"{kind}-graph-uri"))) for kind in ("default", "named"))
    for iri in (*default, *named):
        if not terms.is_iri(iri):
            raise HTTPProblem(400, f"{iri!r:.80} is no absolute IRI, so no graph can have that name")
    return (default, named) if default or named else None


def _values(pairs: Sequence[tuple[str, str]], name: str) -> list[str]:
    return [value for key, value in pairs if key == name]


def _formats(pairs: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """The formats asked for by name."""
    return http.words(value for parameter in _FORMAT for value in _values(pairs, parameter))


def _wanted(request: Request, names: Sequence[str], offers: Sequence[Offer]) -> Offer | None:
    """What the client asks for by name, else what it accepts; None if there is nothing of it.

    A name that stands for nothing here, or for another kind of answer, is left to those whom it is meant for: the
    libraries that send such names send them to every server.
    """
    for name in names:
        found = next((offer for offer in offers if offer[0] == name), None) or _called(name, offers)
        if found:
            return found
    known = [(offer[0], offer) for offer in offers]
    accept = field(request, "accept")
    known += [(other, offer) for offer in offers for other in _others(offer, accept)]
    place = choose(accept, [media_type for media_type, _ in known])
    return None if place is None else known[place][1]


def _called(name: str, offers: Sequence[Offer]) -> Offer | None:
    syntax = http.named(name, (syntax for media_type, syntax in offers if media_type == syntax.media_type))
    return next((offer for offer in offers if offer[1] is syntax), None)


def _others(offer: Offer, accept: str | None) -> tuple[str, ...]:
    media_type, syntax = offer
    return http.other_types(syntax, accept) if media_type == syntax.media_type else ()


def _name(offer: Offer | None) -> str | None:
    return offer[1].name if offer else None


def _not_acceptable(offers: Sequence[Offer]) -> HTTPProblem:
    there_is = ", ".join(media_type for media_type, _ in offers)
    return HTTPProblem(406, f"nothing that you accept can be given for this kind of answer; there are {there_is}")


def _no_updates() -> HTTPProblem:
    return HTTPProblem(
        403, "this endpoint answers queries and takes no updates; the data change when a build is published"
    )


_SD: Final = "http://www.w3.org/ns/sparql-service-description#"
_VOID: Final = namespaces.PREFIXES["void"]
_FORMATS: Final = "http://www.w3.org/ns/formats/"
_RESULTS: Final = (
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
"""The formats of answers, by the names that the W3C gives them."""


def written(project: Project, manifest: Manifest, syntax: Syntax) -> bytes:
    """The description of the endpoint of a version, in `syntax`."""
    triples = [Triple(NamedNode(s), NamedNode(p), o) for s, p, o in _statements(project, manifest)]
    if syntax is rejoinder_formats.TURTLE:
        prefixes = {
            "sd": _SD,
            "void": _VOID,
            "dcterms": namespaces.DCTERMS,
            "rdfs": namespaces.RDFS,
            "formats": _FORMATS,
        }
        return serialize.turtle_text(triples, prefixes).encode()
    return terms.serialize(triples, syntax)


def _statements(project: Project, manifest: Manifest) -> Iterator[tuple[str, str, Term]]:
    service = f"{project.site}sparql"
    dataset, union = f"{service}#dataset", f"{service}#union"
    yield service, namespaces.RDF_TYPE, NamedNode(_SD + "Service")
    yield service, _SD + "endpoint", NamedNode(service)
    yield service, namespaces.DCTERMS + "title", Literal(f"{project.title}: SPARQL", language="en")
    yield service, namespaces.DCTERMS + "license", NamedNode(project.license)
    yield service, _SD + "supportedLanguage", NamedNode(_SD + "SPARQL11Query")
    yield service, _SD + "feature", NamedNode(_SD + "UnionDefaultGraph")
    for form in _RESULTS:
        yield service, _SD + "resultFormat", NamedNode(_FORMATS + form)
    yield service, _SD + "defaultDataset", NamedNode(dataset)
    yield dataset, namespaces.RDF_TYPE, NamedNode(_SD + "Dataset")
    yield dataset, namespaces.RDFS + "seeAlso", NamedNode(project.base)
    yield dataset, _SD + "defaultGraph", NamedNode(union)
    yield union, namespaces.RDF_TYPE, NamedNode(_SD + "Graph")
    yield union, namespaces.RDFS + "comment", Literal("Every statement of every named graph, once.", language="en")
    for number, entry in enumerate(sorted(manifest.graphs, key=lambda entry: entry.iri), start=1):
        named, graph = f"{service}#named-{number}", f"{service}#graph-{number}"
        yield dataset, _SD + "namedGraph", NamedNode(named)
        yield named, namespaces.RDF_TYPE, NamedNode(_SD + "NamedGraph")
        yield named, _SD + "name", NamedNode(entry.iri)
        yield named, _SD + "graph", NamedNode(graph)
        yield graph, namespaces.RDF_TYPE, NamedNode(_SD + "Graph")
        yield graph, _VOID + "triples", Literal(entry.quads)
