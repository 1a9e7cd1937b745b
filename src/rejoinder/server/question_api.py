"""The stored questions over HTTP: each a table, page by page, in the format that suits the client."""

from __future__ import annotations

import io
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from typing import Any, Final
from urllib.parse import urlencode

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rejoinder import namespaces
from rejoinder.config import Project
from rejoinder.errors import StoreError
from rejoinder.questions import question as question_question
from rejoinder.questions import tables
from rejoinder.questions.question import Question
from rejoinder.questions.tables import Table
from rejoinder.rdf.terms import BlankNode, Literal, NamedNode, Term
from rejoinder.server import http, openapi, params, question_request
from rejoinder.server.current import ServedVersion
from rejoinder.server.http import choose
from rejoinder.server.middleware import allowed
from rejoinder.server.openapi import FORMS
from rejoinder.server.problems import HTTPProblem
from rejoinder.server.queries import Queries
from rejoinder.server.question_request import DEFAULT_PAGE_ROWS, MAX_PAGE_ROWS, QuestionRequest, ResourceLookup
from rejoinder.server.sparql import represented
from rejoinder.server.workers import QueryJob, Queue
from rejoinder.site.question_page import grid
from rejoinder.site.render import PageMetadata
from rejoinder.site.schema_org import kind_iri
from rejoinder.site.snapshot import Snapshot
from rejoinder.text import suggest
from rejoinder.triplestores.results import read_table

_HYDRA: Final = "http://www.w3.org/ns/hydra/core#"
_WHOLE: Final = namespaces.XSD + "integer"
_FRACTIONS: Final = frozenset({namespaces.XSD + "decimal", namespaces.XSD + "double", namespaces.XSD + "float"})
_EXACT: Final = 2**53
"""Whole numbers from here on are another number in many readers of JSON, so they stay text."""

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,16}")
_NUMBER: Final = re.compile(r"[+-]?([0-9]++(\.[0-9]*+)?|\.[0-9]++)([eE][+-]?[0-9]++)?")


@dataclass(frozen=True)
class ResultPage:
    """A page of an answer: what was asked, the rows on it, and how many there are in all."""

    asked: QuestionRequest
    table: Table
    total: int
    form: str | None

    @property
    def links(self) -> dict[str, str]:
        """The addresses of this page and those around it, relative to the one that was asked."""
        offset, limit = self.asked.offset, self.asked.limit
        last = max(0, (self.total - 1) // limit * limit)
        places = {"self": offset, "first": 0, "last": last}
        if offset > 0:
            places["prev"] = max(0, min(offset - limit, last))
        if offset + limit < self.total:
            places["next"] = offset + limit
        return {relation: self._address(place) for relation, place in places.items()}

    @property
    def parameters(self) -> str:
        """The values of the question's parameters as they stand in an address, without which page is wanted."""
        return urlencode(self._given)

    @property
    def _given(self) -> list[tuple[str, str]]:
        return [(name, value) for name, values in self.asked.values.items() for value in values]

    def _address(self, offset: int) -> str:
        form = [("format", self.form)] if self.form else []
        return "?" + urlencode([*self._given, ("offset", offset), ("limit", self.asked.limit), *form])


def as_json(rows: ResultPage, base: str) -> bytes:
    """The page as JSON: numbers and booleans as such, IRIs and other values as text, null for none."""
    question = rows.asked.question
    document = {
        "question": question_question.question_iri(base, question.name),
        "title": question.title,
        "total": rows.total,
        "offset": rows.asked.offset,
        "limit": rows.asked.limit,
        "links": rows.links,
        "columns": [{"name": column.name, "summary": column.summary} for column in question.columns],
        "rows": _records(rows.table, plain_value),
    }
    return _dumped(document)


def as_json_ld(rows: ResultPage, base: str, site: str) -> bytes:
    """The page as JSON-LD: a collection whose members are the rows, each column a property.

    The collection is the whole answer, whichever page of it is shown: its IRI is the address below `site` at which it
    is had, with its parameters.
    """
    question = rows.asked.question
    iri, address = question_question.question_iri(base, question.name), f"{site}api/questions/{question.name}"
    links = {relation: address + link for relation, link in rows.links.items()}
    terms = {name: f"{iri}.csv#{name}" for name in rows.table.columns}
    view = {"@id": links["self"], "@type": "hydra:PartialCollectionView", **_around(links)}
    document = {
        "@context": {"hydra": _HYDRA, "dcterms": namespaces.DCTERMS, **_pages(), **terms},
        "@id": f"{address}?{rows.parameters}".removesuffix("?"),
        "@type": "hydra:Collection",
        "hydra:title": question.title,
        "dcterms:source": {"@id": iri},
        "hydra:totalItems": rows.total,
        "hydra:view": view,
        "hydra:member": _records(rows.table, _linked_value, empty=False),
    }
    return _dumped(document)


def _pages() -> dict[str, dict[str, str]]:
    return {f"hydra:{name}": {"@type": "@id"} for name in ("first", "last", "next", "previous")}


def _around(links: Mapping[str, str]) -> dict[str, str]:
    words = {"first": "first", "last": "last", "next": "next", "prev": "previous"}
    return {f"hydra:{word}": links[relation] for relation, word in words.items() if relation in links}


def _records(table: Table, value: Callable[[Term | None], Any], *, empty: bool = True) -> list[dict[str, Any]]:
    return [
        {name: value(cell) for name, cell in zip(table.columns, row, strict=True) if empty or cell is not None}
        for row in table.rows
    ]


def plain_value(term: Term | None) -> str | int | float | bool | None:
    """A cell as JSON has it.

    >>> [plain_value(Literal(value)) for value in (7, True, "Česko", 2**60)], plain_value(NamedNode("https://x.org/a"))
    ([7, True, 'Česko', '1152921504606846976'], 'https://x.org/a')
    """
    if term is None:
        return None
    if isinstance(term, BlankNode):
        return f"_:{term.value}"
    if not isinstance(term, Literal):
        return str(term.value) if isinstance(term, NamedNode) else str(term)
    return _native(term)


def _native(literal: Literal) -> str | int | float | bool:
    kind, text = literal.datatype.value, literal.value
    if kind == namespaces.XSD + "boolean":
        return text in ("true", "1")
    if kind == _WHOLE and _INTEGER.fullmatch(text) and abs(int(text)) < _EXACT:
        return int(text)
    if kind in _FRACTIONS and _NUMBER.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    return text


def _linked_value(term: Term | None) -> Any:
    if isinstance(term, NamedNode):
        return {"@id": term.value}
    if not isinstance(term, Literal):
        return {"@id": plain_value(term)}
    if term.language:
        direction = {"@direction": term.direction.value} if term.direction else {}
        return {"@value": term.value, "@language": term.language} | direction
    native = _native(term)
    if isinstance(native, bool | int) or term.datatype.value == namespaces.XSD + "string":
        return native
    return {"@value": term.value, "@type": term.datatype.value}


def _dumped(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


_METHODS = ("GET", "HEAD", "OPTIONS")


@dataclass
class QuestionApi:
    """What answers below `/api`, of the version that it followed last."""

    project: Project
    queries: Queries
    _lookup: ResourceLookup | None = field(default=None, repr=False)
    _writers: CapacityLimiter = field(default_factory=partial(CapacityLimiter, 1), repr=False)
    """One thread reads parameters and writes answers: more would keep others waiting for the interpreter."""

    async def follow(self, served: ServedVersion) -> None:
        """See `VersionListener`."""
        self._lookup = ResourceLookup(await to_thread.run_sync(served.snapshot))

    def routes(self) -> tuple[Route, ...]:
        """Where its parts stand."""
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
        """The things of the version that is answered from.

        Raises:
            StoreError: none has been opened.
        """
        if self._lookup is None:
            raise StoreError("no version has been opened yet")
        return self._lookup

    async def _asked(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return allowed(*_METHODS)
        lookup = self.lookup
        name = request.path_params["name"].removesuffix(f".{_ending(request)}")
        question = _found(lookup.snapshot.questions, name)
        pairs = params.of_address(request)
        form, named = _form(request, pairs)
        page = MAX_PAGE_ROWS if form == "csv" else DEFAULT_PAGE_ROWS
        asked = await to_thread.run_sync(question_request.read, question, pairs, lookup, page, limiter=self._writers)
        job = QueryJob(asked.text, page=(asked.offset, asked.limit))
        answer = await self.queries.answer(request, job, Queue.STORED)
        shown = ResultPage(asked, read_table(answer.body), answer.total or 0, form if named else None)
        content = await to_thread.run_sync(_written, shown, form, lookup.snapshot, limiter=self._writers)
        response = await _represented(request, content, form)
        links = (f'<{namespaces.as_uri(to)}>; rel="{relation}"' for relation, to in shown.links.items())
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
        document = await to_thread.run_sync(self._document)
        content = (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
        return await _represented(request, content, "json")

    def _document(self) -> dict[str, object]:
        lookup = self.lookup
        found = lookup.snapshot.questions.values()
        return openapi.document(self.project, found, self.project.server.prefix, lookup.values)

    async def _page(self, request: Request) -> Response:
        path = request.scope["path"].lstrip("/")
        at = "api/index.html" if path == "api/" else f"{path.removesuffix('.html')}.html"
        document = await to_thread.run_sync(self._document)
        content = await to_thread.run_sync(overview, self.lookup.snapshot, document, at)
        return await _represented(request, content, "html")


def _found(known: Mapping[str, Question], name: str) -> Question:
    """The question of that name.

    Raises:
        HTTPProblem: there is none; the nearest name is offered.
    """
    if name in known:
        return known[name]
    close = suggest(name, known, 3)
    hint = f"did you mean {close[0]!r}?" if close else "/api/questions lists them"
    raise HTTPProblem(404, f"there is no question {name!r:.80}; {hint}", extra={"suggestions": close})


def _only_format(request: Request) -> tuple[tuple[str, str], ...]:
    pairs = params.of_address(request)
    for name, _ in pairs:
        if name != "format":
            message = f"the list of questions has no parameter {name!r:.80}; there is format"
            raise HTTPProblem(400, message, extra={"parameter": name})
    return pairs


def _form(request: Request, pairs: Sequence[tuple[str, str]]) -> tuple[str, bool]:
    """The name of the format wanted, and whether a parameter names it; what the path ends in outweighs Accept.

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
    place = choose(http.field(request, "accept"), list(FORMS.values()))
    if place is None:
        raise HTTPProblem(406, f"nothing that you accept can be given; there are {', '.join(FORMS.values())}")
    return list(FORMS)[place], False


def _ending(request: Request) -> str:
    """The format that the path ends in, as the rules at w3id.org have it; empty if it ends in none."""
    ending = request.scope["path"].rpartition("/")[2].rpartition(".")[2]
    return ending if ending in FORMS else ""


async def _represented(request: Request, content: bytes, form: str) -> Response:
    return await represented(request, content, FORMS[form], http.digest(io.BytesIO(content)))


def _written(shown: ResultPage, form: str, snapshot: Snapshot) -> bytes:
    base = snapshot.project.base
    if form == "json":
        return as_json(shown, base)
    if form == "jsonld":
        return as_json_ld(shown, base, snapshot.project.site)
    return tables.as_csv(shown.table).encode() if form == "csv" else answer_page(shown, snapshot)


def answer_page(shown: ResultPage, snapshot: Snapshot) -> bytes:
    """A page of an answer for people, with a form for the parameters."""
    question, renderer = shown.asked.question, snapshot.renderer
    columns, rows = grid(renderer, shown.table)
    head = PageMetadata(
        title=question.title,
        description=question.summary,
        iri=question_question.question_iri(snapshot.project.base, question.name),
        kind=kind_iri("Dataset"),
        structured={"@context": "https://schema.org", "@type": "WebPage", "name": question.title},
    )
    page = renderer.page(
        "api_answer.html",
        f"api/questions/{question.name}.html",
        head,
        question=question,
        values=shown.asked.values,
        columns=columns,
        rows=rows,
        offset=shown.asked.offset,
        total=shown.total,
        links=shown.links,
        address=ResultPage(shown.asked, shown.table, shown.total, None).links["self"],
        query=question_question.without_card(shown.asked.text),
    )
    return page.content


def overview(snapshot: Snapshot, document: Mapping[str, object], at: str) -> bytes:
    """The API for people, from its description for programs; `at` is where the page stands."""
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
    return (json.dumps({"questions": entries}, ensure_ascii=False, indent=1) + "\n").encode()


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
    return (json.dumps({"@context": context, "@graph": entries}, ensure_ascii=False, indent=1) + "\n").encode()


def _list_csv(found: Mapping[str, Question], base: str) -> bytes:
    _ = base
    cells = (
        (question.name, question.group, question.title, question.summary, f"questions/{question.name}")
        for question in found.values()
    )
    columns = ("name", "group", "title", "summary", "address")
    return tables.as_csv(Table(columns, tuple(tuple(map(Literal, row)) for row in cells))).encode()
