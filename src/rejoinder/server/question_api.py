"""The HTTP API of stored questions: their list, each answer in pages and formats, and the OpenAPI 3.1 description."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import yaml
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rejoinder import __version__, namespaces
from rejoinder.config import Project
from rejoinder.errors import StoreError, did_you_mean, suggest
from rejoinder.question import KIND_OF_TYPE, MAX_INTEGER_DIGITS, Question, question_iri, replaced
from rejoinder.rdf import results
from rejoinder.rdf.results import Table
from rejoinder.rdf.terms import Literal
from rejoinder.server import http, negotiation
from rejoinder.server.files import ServedVersion
from rejoinder.server.http import PROBLEM, HTTPProblem, address_parameters
from rejoinder.server.middleware import READ_METHODS, allowed
from rejoinder.server.question_answer import (
    DEFAULT_PAGE_ROWS,
    FORMATS,
    MAX_PAGE_ROWS,
    MAX_VALUES_PER_PARAMETER,
    QuestionRequest,
    ResourceLookup,
    json_bytes,
)
from rejoinder.server.sparql import GRAPHS, TABLES, Queries, represented
from rejoinder.server.workers import Queue
from rejoinder.site.render import PageMetadata
from rejoinder.site.schema_org import kind_iri
from rejoinder.site.snapshot import Snapshot

_OPENAPI_FRAME: Final = Path(__file__).with_name("openapi.yaml")
_MAX_INTEGER: Final = 10**MAX_INTEGER_DIGITS - 1


@dataclass
class QuestionApi:
    """The endpoints below `/api`, for the version that it followed last."""

    project: Project
    queries: Queries
    _lookup: ResourceLookup | None = field(default=None, repr=False)
    _openapi: dict[str, object] | None = field(default=None, repr=False)

    async def follow(self, served: ServedVersion) -> None:
        """See `VersionListener`."""
        self._lookup, self._openapi = ResourceLookup(served.snapshot), None  # the description is made on request

    def routes(self) -> tuple[Route, ...]:
        """Return the routes of the API."""
        # With suffixes, too, because the rules for w3id.org lead to files.
        parts = {
            "/api": self._overview,
            "/api/": self._overview,
            "/api/index.html": self._overview,
            "/api/openapi.json": self._described,
            "/api/questions": self._listed,
            **{f"/api/questions.{name}": self._listed for name in FORMATS},
            "/api/questions/{name}": self._asked,
        }
        return tuple(Route(path, part, methods=list(READ_METHODS)) for path, part in parts.items())

    @property
    def lookup(self) -> ResourceLookup:
        """The things of the version that the API serves.

        Raises:
            StoreError: no version has been opened.
        """
        if self._lookup is None:
            raise StoreError("no version has been opened yet")
        return self._lookup

    async def _asked(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return allowed(*READ_METHODS)
        name = request.path_params["name"].removesuffix(f".{_ending(request)}")
        _require_known(self.lookup.snapshot.questions, name)
        pairs = address_parameters(request)
        format_name, named = _format(request, pairs)
        answer = await self.queries.answer(request, QuestionRequest(name, pairs, format_name, named), Queue.STORED)
        response = await represented(request, answer.body, FORMATS[format_name], answer.digest)
        links = (f'<{namespaces.as_uri(to)}>; rel="{relation}"' for relation, to in answer.links.items())
        response.headers["Link"] = ", ".join(links)
        return response

    async def _listed(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return allowed(*READ_METHODS)
        format_name, _ = _format(request, _only_format(request))
        if format_name == "html":
            return await self._page(request)
        found = self.lookup.snapshot.questions
        writers = {"json": _list_json, "jsonld": _list_json_ld, "csv": _list_csv}
        return await _represented(request, writers[format_name](found, self.project.base), format_name)

    async def _overview(self, request: Request) -> Response:
        return allowed(*READ_METHODS) if request.method == "OPTIONS" else await self._page(request)

    async def _described(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return allowed(*READ_METHODS)
        # In a thread: listing the values of all parameters reads thousands of things.
        document = await to_thread.run_sync(self._document)
        return await _represented(request, json_bytes(document), "json")

    def _document(self) -> dict[str, object]:
        """Return the OpenAPI description, which is made once per version."""
        if self._openapi is None:
            found = self.lookup.snapshot.questions.values()
            self._openapi = openapi_document(self.project, found, self.project.server.prefix, self.lookup.values)
        return self._openapi

    async def _page(self, request: Request) -> Response:
        path = request.scope["path"].lstrip("/")
        at = "api/index.html" if path == "api/" else f"{path.removesuffix('.html')}.html"
        document = await to_thread.run_sync(self._document)
        content = await to_thread.run_sync(overview, self.lookup.snapshot, document, at)
        return await _represented(request, content, "html")


def _require_known(known: Mapping[str, Question], name: str) -> None:
    """Raise HTTPProblem if there is no question of that name; the nearest names are offered."""
    if name in known:
        return
    successor = replaced().get(name)
    close = [successor] if successor else suggest(name, known, 3)
    hint = f"{successor!r} replaces it" if successor else did_you_mean(close[:1], "/api/questions lists them")
    raise HTTPProblem(404, f"there is no question {name!r:.80}; {hint}", extra={"suggestions": close})


def _only_format(request: Request) -> tuple[tuple[str, str], ...]:
    pairs = address_parameters(request)
    for name, _ in pairs:
        if name != "format":
            message = f"the list of questions has no parameter {name!r:.80}; there is format"
            raise HTTPProblem(400, message, extra={"parameter": name})
    return pairs


def _format(request: Request, pairs: Sequence[tuple[str, str]]) -> tuple[str, bool]:
    """Return the name of the requested format, and whether a parameter names it; the path's suffix overrides Accept.

    Raises:
        HTTPProblem: there is no such format, or none that the client accepts.
    """
    named = [value for name, value in pairs if name == "format"]
    if named:
        if len(named) > 1 or named[0] not in FORMATS:
            message = f"the format {', '.join(named)!r:.80} is unknown; write one of {', '.join(FORMATS)}"
            raise HTTPProblem(400, message, extra={"parameter": "format", "suggestions": list(FORMATS)})
        return named[0], True
    ending = _ending(request)
    if ending:
        return ending, False
    chosen = negotiation.choose(http.header(request, "accept"), list(FORMATS.values()))
    if chosen is None:
        raise HTTPProblem(406, f"you accept none of the formats; there are {', '.join(FORMATS.values())}")
    return list(FORMATS)[chosen], False


def _ending(request: Request) -> str:
    """Return the format in the path's suffix, as in the redirects of w3id.org; empty if it has none."""
    _, dot, ending = request.scope["path"].rpartition("/")[2].rpartition(".")
    return ending if dot and ending in FORMATS else ""


async def _represented(request: Request, content: bytes, format_name: str) -> Response:
    return await represented(request, content, FORMATS[format_name], http.digest(io.BytesIO(content)))


def overview(snapshot: Snapshot, document: Mapping[str, object], at: str) -> bytes:
    """Return the HTML overview of the API, made from its OpenAPI description; `at` is the path of the page."""
    iri = f"{snapshot.project.base}api/"
    gettext = snapshot.renderer.words.gettext
    head = PageMetadata(
        title=gettext("The API"),
        description=gettext("Stored questions as tables, page by page, in JSON, CSV and JSON-LD, and SPARQL."),
        iri=iri,
        kind=kind_iri("WebAPI"),
        structured={"@context": "https://schema.org", "@type": "WebAPI", "@id": iri, "name": gettext("The API")},
    )
    paths = document["paths"]
    gets = [(path, each["get"]) for path, each in paths.items()] if isinstance(paths, dict) else []
    ordered = sorted(gets, key=lambda pair: (pair[1]["tags"][0], pair[1]["summary"]))
    groups = [(group, list(members)) for group, members in groupby(ordered, key=lambda pair: pair[1]["tags"][0])]
    return snapshot.renderer.page("api.html", at, head, document=document, groups=groups).content


def _list_json(found: Mapping[str, Question], base: str) -> bytes:
    entries = [
        {
            "name": question.name,
            "iri": question_iri(base, question.name),
            "title": question.title,
            "summary": question.summary,
            "group": question.group,
            "address": f"questions/{question.name}",
            "parameters": [
                {"name": each.name, "type": each.type, "summary": each.summary, "default": each.default}
                for each in question.parameters
            ],
            "columns": [{"name": column.name, "summary": column.summary} for column in question.columns],
        }
        for question in found.values()
    ]
    return json_bytes({"questions": entries})


def _list_json_ld(found: Mapping[str, Question], base: str) -> bytes:
    context = {
        "title": namespaces.RDFS + "label",
        "summary": namespaces.RDFS + "comment",
        "group": namespaces.SCHEMA + "keywords",
    }
    entries = [
        {
            "@id": question_iri(base, question.name),
            "@type": namespaces.SH + "SPARQLSelectExecutable",
            "title": {"@value": question.title, "@language": "en"},
            "summary": {"@value": question.summary, "@language": "en"},
            "group": question.group,
        }
        for question in found.values()
    ]
    return json_bytes({"@context": context, "@graph": entries})


def _list_csv(found: Mapping[str, Question], base: str) -> bytes:
    _ = base
    cells = (
        (question.name, question.group, question.title, question.summary, f"questions/{question.name}")
        for question in found.values()
    )
    columns = ("name", "group", "title", "summary", "address")
    return results.as_csv(Table(columns, tuple(tuple(map(Literal, row)) for row in cells))).encode()


def openapi_document(
    project: Project, questions: Iterable[Question], prefix: str, values: Callable[[str], tuple[str, ...] | None]
) -> dict[str, Any]:
    """Return the OpenAPI description of a project's API; `prefix` is the path prefix of the server.

    `values` returns all possible values of a parameter type, or None if there are too many.
    """
    found = tuple(questions)
    described: dict[str, Any] = yaml.safe_load(_OPENAPI_FRAME.read_text(encoding="utf-8"))
    described["info"] |= {"title": f"{project.title}: the API", "version": __version__}
    described["info"]["license"]["url"] = project.license
    described["servers"] = [{"url": prefix or "/"}]
    groups = sorted({question.group for question in found})
    described["tags"] = [{"name": name} for name in ("Overview", *groups, "SPARQL")]
    components = described["components"]

    listed = described["paths"]["/api/questions"]["get"]["responses"]["200"]
    schema = listed["content"][FORMATS["json"]]["schema"]
    headers = components.pop("headers")
    listed |= {"headers": headers, "content": _content(schema)}
    for refusal in components["responses"].values():
        refusal["content"] = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}, "text/html": {}}

    sparql = described["paths"].pop("/sparql")  # put back behind the questions
    media_types = dict.fromkeys([offer.media_type for offer in (*TABLES, *GRAPHS)] + ["text/html"])
    names = list(dict.fromkeys(offer.syntax.name for offer in (*TABLES, *GRAPHS)))
    for operation in sparql.values():
        operation["responses"]["200"]["content"] = {media_type: {} for media_type in media_types}
    sparql["get"]["parameters"][-1]["schema"]["examples"] = names
    form = sparql["post"]["requestBody"]["content"][http.FORM_TYPE]["schema"]
    form["properties"]["format"]["examples"] = names
    asked = {f"/api/questions/{question.name}": {"get": _asking(question, headers)} for question in found}
    described["paths"] |= asked | {"/sparql": sparql}

    limit = components["parameters"]["limit"]
    limit["description"] = limit["description"].format(DEFAULT=DEFAULT_PAGE_ROWS, MAX=MAX_PAGE_ROWS)
    limit["schema"]["anyOf"][0]["maximum"] = MAX_PAGE_ROWS
    components["parameters"]["format"]["schema"]["enum"] = list(FORMATS)
    components["schemas"]["Integer"]["anyOf"][0] |= {"minimum": -_MAX_INTEGER, "maximum": _MAX_INTEGER}
    for kind in KIND_OF_TYPE:
        if (known := values(kind)) is not None:
            # The empty value is a form field left blank.
            components["schemas"][kind]["enum"] = ["", *dict.fromkeys(known)]
    order = ("openapi", "info", "servers", "tags", "paths", "components")
    return {name: described[name] for name in order}


def _content(schema: dict[str, Any]) -> dict[str, Any]:
    return {media_type: {} for media_type in FORMATS.values()} | {FORMATS["json"]: {"schema": schema}}


def _asking(question: Question, headers: dict[str, Any]) -> dict[str, Any]:
    parameters = [
        {
            "name": parameter.name,
            "in": "query",
            "required": False,
            "description": parameter.summary,
            "style": "form",
            "explode": True,
            "schema": {
                "type": "array",
                "items": {"$ref": f"#/components/schemas/{parameter.type}"},
                "minItems": 1,
                "maxItems": MAX_VALUES_PER_PARAMETER,
                **({"default": [parameter.default]} if parameter.default else {}),
            },
        }
        for parameter in question.parameters
    ]
    paging = [{"$ref": f"#/components/parameters/{name}"} for name in ("offset", "limit", "format")]
    return {
        "operationId": question.name,
        "tags": [question.group],
        "summary": question.title,
        "description": question.summary,
        "parameters": [*parameters, *paging],
        "responses": {
            "200": {"description": "A page of the answer.", "headers": headers, "content": _content(_rows(question))},
            "304": {"description": "You have it already."},
            **{status: {"$ref": f"#/components/responses/{status}"} for status in ("400", "406", "414", "503")},
        },
    }


def _rows(question: Question) -> dict[str, Any]:
    cells = {
        column.name: {"$ref": "#/components/schemas/Cell", "description": column.summary} for column in question.columns
    }
    whole = {"type": "integer", "minimum": 0}
    properties = {
        "question": {"type": "string", "format": "iri"},
        "title": {"type": "string"},
        "total": whole,
        "offset": whole,
        "limit": whole,
        "links": {"type": "object", "additionalProperties": {"type": "string", "format": "uri-reference"}},
        "columns": {"type": "array", "items": {"type": "object"}},
        "rows": {
            "type": "array",
            "items": {"type": "object", "properties": cells, "required": list(cells), "additionalProperties": False},
        },
    }
    return {"type": "object", "required": list(properties), "properties": properties}
