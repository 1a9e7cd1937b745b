"""The HTTP API of stored questions: their list, and each answer as pages in the client's preferred format."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rejoinder import namespaces
from rejoinder.config import Project
from rejoinder.errors import StoreError
from rejoinder.questions import question as question_question
from rejoinder.questions.question import Question
from rejoinder.rdf import results
from rejoinder.rdf.results import Table
from rejoinder.rdf.terms import Literal
from rejoinder.server import http, openapi
from rejoinder.server.current import ServedVersion
from rejoinder.server.http import HTTPProblem, address_parameters
from rejoinder.server.middleware import allowed
from rejoinder.server.question_answer import FORMS, QuestionRequest, ResourceLookup, json_bytes
from rejoinder.server.sparql import Queries, represented
from rejoinder.server.workers import Queue
from rejoinder.site.render import PageMetadata
from rejoinder.site.schema_org import kind_iri
from rejoinder.site.snapshot import Snapshot
from rejoinder.text import suggest

_METHODS: Final = ("GET", "HEAD", "OPTIONS")


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
        parts = {
            "/api": self._overview,
            "/api/": self._overview,
            "/api/index.html": self._overview,
            "/api/openapi.json": self._described,
            "/api/questions": self._listed,
            **{f"/api/questions.{form}": self._listed for form in FORMS},
            "/api/questions/{name}": self._asked,
        }
        return tuple(Route(path, part, methods=list(_METHODS)) for path, part in parts.items())

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
            return allowed(*_METHODS)
        name = request.path_params["name"].removesuffix(f".{_ending(request)}")
        _require_known(self.lookup.snapshot.questions, name)
        pairs = address_parameters(request)
        form, named = _form(request, pairs)
        answer = await self.queries.answer(request, QuestionRequest(name, pairs, form, named), Queue.STORED)
        response = await represented(request, answer.body, FORMS[form], answer.digest)
        links = (f'<{namespaces.as_uri(to)}>; rel="{relation}"' for relation, to in answer.links.items())
        response.headers["Link"] = ", ".join(links)
        return response

    async def _listed(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return allowed(*_METHODS)
        form, _ = _form(request, _only_format(request))
        if form == "html":
            return await self._page(request)
        found = self.lookup.snapshot.questions
        writers = {"json": _list_json, "jsonld": _list_json_ld, "csv": _list_csv}
        return await _represented(request, writers[form](found, self.project.base), form)

    async def _overview(self, request: Request) -> Response:
        return allowed(*_METHODS) if request.method == "OPTIONS" else await self._page(request)

    async def _described(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return allowed(*_METHODS)
        # In a thread: listing the values of all parameters reads thousands of things.
        document = await to_thread.run_sync(self._document)
        return await _represented(request, json_bytes(document), "json")

    def _document(self) -> dict[str, object]:
        """Return the OpenAPI description, which is made once per version."""
        if self._openapi is None:
            found = self.lookup.snapshot.questions.values()
            self._openapi = openapi.document(self.project, found, self.project.server.prefix, self.lookup.values)
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
    close = suggest(name, known, 3)
    hint = f"did you mean {close[0]!r}?" if close else "/api/questions lists them"
    raise HTTPProblem(404, f"there is no question {name!r:.80}; {hint}", extra={"suggestions": close})


def _only_format(request: Request) -> tuple[tuple[str, str], ...]:
    pairs = address_parameters(request)
    for name, _ in pairs:
        if name != "format":
            message = f"the list of questions has no parameter {name!r:.80}; there is format"
            raise HTTPProblem(400, message, extra={"parameter": name})
    return pairs


def _form(request: Request, pairs: Sequence[tuple[str, str]]) -> tuple[str, bool]:
    """Return the name of the requested format, and whether a parameter names it; the path's suffix overrides Accept.

    Raises:
        HTTPProblem: there is no such format, or none that the client accepts.
    """
    named = [value for name, value in pairs if name == "format"]
    if named:
        if len(named) > 1 or named[0] not in FORMS:
            message = f"the format {', '.join(named)!r:.80} is unknown; write one of {', '.join(FORMS)}"
            raise HTTPProblem(400, message, extra={"parameter": "format", "suggestions": list(FORMS)})
        return named[0], True
    ending = _ending(request)
    if ending:
        return ending, False
    place = http.choose(http.field(request, "accept"), list(FORMS.values()))
    if place is None:
        raise HTTPProblem(406, f"nothing that you accept can be given; there are {', '.join(FORMS.values())}")
    return list(FORMS)[place], False


def _ending(request: Request) -> str:
    """Return the format in the path's suffix, as in the redirects of w3id.org; empty if it has none."""
    _, dot, ending = request.scope["path"].rpartition("/")[2].rpartition(".")
    return ending if dot and ending in FORMS else ""


async def _represented(request: Request, content: bytes, form: str) -> Response:
    return await represented(request, content, FORMS[form], http.digest(io.BytesIO(content)))


def overview(snapshot: Snapshot, document: Mapping[str, object], at: str) -> bytes:
    """Return the HTML overview of the API, made from its OpenAPI description; `at` is the path of the page."""
    iri = f"{snapshot.project.base}api/"
    head = PageMetadata(
        title="The API",
        description="Stored questions as tables, page by page, in JSON, CSV and JSON-LD, and SPARQL.",
        iri=iri,
        kind=kind_iri("WebAPI"),
        structured={"@context": "https://schema.org", "@type": "WebAPI", "@id": iri, "name": "The API"},
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
            "iri": question_question.question_iri(base, question.name),
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
            "@id": question_question.question_iri(base, question.name),
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
