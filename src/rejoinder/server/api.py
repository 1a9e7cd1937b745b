"""The stored questions over HTTP: each a table, page by page, in the format that suits the client."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from itertools import groupby

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rejoinder import names
from rejoinder.errors import StoreError
from rejoinder.project import Project
from rejoinder.questions import cards, questions, tables
from rejoinder.questions.questions import Question, Table
from rejoinder.server import asking, fields, openapi, parameters, rows, validators
from rejoinder.server.asking import LONGEST_PAGE, PAGE, Register
from rejoinder.server.editions import Opened
from rejoinder.server.lanes import Lane
from rejoinder.server.negotiation import choose
from rejoinder.server.openapi import FORMS
from rejoinder.server.problems import Refusal
from rejoinder.server.protection import allowed
from rejoinder.server.queries import Queries
from rejoinder.server.rows import Rows
from rejoinder.server.sparql import represented
from rejoinder.server.worker import Job
from rejoinder.site.pages import Edition
from rejoinder.site.press import Head
from rejoinder.site.questionpages import grid
from rejoinder.site.structured import kind_iri
from rejoinder.store.rdf import Literal
from rejoinder.triplestores.results import table

_METHODS = ("GET", "HEAD", "OPTIONS")


@dataclass
class Api:
    """What answers below `/api`, of the version that it followed last."""

    project: Project
    queries: Queries
    _register: Register | None = field(default=None, repr=False)
    _writers: CapacityLimiter = field(default_factory=partial(CapacityLimiter, 1), repr=False)
    """One thread reads parameters and writes answers: more would keep others waiting for the interpreter."""

    async def follow(self, opened: Opened) -> None:
        """See `Follower`."""
        self._register = Register(await to_thread.run_sync(opened.edition))

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
    def register(self) -> Register:
        """The things of the version that is answered from.

        Raises:
            StoreError: none has been opened.
        """
        if self._register is None:
            raise StoreError("no version has been opened yet")
        return self._register

    async def _asked(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return allowed(*_METHODS)
        register = self.register
        name = request.path_params["name"].removesuffix(f".{_ending(request)}")
        question = _found(register.edition.questions, name)
        pairs = parameters.of_address(request)
        form, named = _form(request, pairs)
        page = LONGEST_PAGE if form == "csv" else PAGE
        asked = await to_thread.run_sync(asking.read, question, pairs, register, page, limiter=self._writers)
        job = Job(asked.text, page=(asked.offset, asked.limit))
        answer = await self.queries.answer(request, job, Lane.STORED)
        shown = Rows(asked, table(answer.body), answer.total or 0, form if named else None)
        content = await to_thread.run_sync(_written, shown, form, register.edition, limiter=self._writers)
        response = await _represented(request, content, form)
        links = (f'<{names.as_uri(to)}>; rel="{relation}"' for relation, to in shown.links.items())
        response.headers["Link"] = ", ".join(links)
        return response

    async def _listed(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return allowed(*_METHODS)
        form, _ = _form(request, _only_format(request))
        if form == "html":
            return await self._page(request)
        found = self.register.edition.questions
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
        register = self.register
        found = register.edition.questions.values()
        return openapi.document(self.project, found, self.project.server.prefix, register.values)

    async def _page(self, request: Request) -> Response:
        path = request.scope["path"].lstrip("/")
        at = "api/index.html" if path == "api/" else f"{path.removesuffix('.html')}.html"
        document = await to_thread.run_sync(self._document)
        content = await to_thread.run_sync(overview, self.register.edition, document, at)
        return await _represented(request, content, "html")


def _found(known: Mapping[str, Question], name: str) -> Question:
    """The question of that name.

    Raises:
        Refusal: there is none; the nearest name is offered.
    """
    if name in known:
        return known[name]
    close = get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"did you mean {close[0]!r}?" if close else "/api/questions lists them"
    raise Refusal(404, f"there is no question {name!r:.80}; {hint}", extra={"suggestions": close})


def _only_format(request: Request) -> tuple[tuple[str, str], ...]:
    pairs = parameters.of_address(request)
    for name, _ in pairs:
        if name != "format":
            message = f"the list of questions has no parameter {name!r:.80}; there is format"
            raise Refusal(400, message, extra={"parameter": name})
    return pairs


def _form(request: Request, pairs: Sequence[tuple[str, str]]) -> tuple[str, bool]:
    """The name of the format wanted, and whether a parameter names it; what the path ends in outweighs Accept.

    Raises:
        Refusal: there is no such format, or none that the client accepts.
    """
    named = [value for name, value in pairs if name == "format"]
    if named:
        if len(named) > 1 or named[0] not in FORMS:
            message = f"the format {', '.join(named)!r:.80} is unknown; write one of {', '.join(FORMS)}"
            raise Refusal(400, message, extra={"parameter": "format", "suggestions": list(FORMS)})
        return named[0], True
    ending = _ending(request)
    if ending:
        return ending, False
    place = choose(fields.field(request, "accept"), list(FORMS.values()))
    if place is None:
        raise Refusal(406, f"nothing that you accept can be given; there are {', '.join(FORMS.values())}")
    return list(FORMS)[place], False


def _ending(request: Request) -> str:
    """The format that the path ends in, as the rules at w3id.org have it; empty if it ends in none."""
    ending = request.scope["path"].rpartition("/")[2].rpartition(".")[2]
    return ending if ending in FORMS else ""


async def _represented(request: Request, content: bytes, form: str) -> Response:
    return await represented(request, content, FORMS[form], validators.digest(io.BytesIO(content)))


def _written(shown: Rows, form: str, edition: Edition) -> bytes:
    base = edition.project.base
    if form == "json":
        return rows.as_json(shown, base)
    if form == "jsonld":
        return rows.as_json_ld(shown, base, edition.project.site)
    return tables.as_csv(shown.table).encode() if form == "csv" else answer_page(shown, edition)


def answer_page(shown: Rows, edition: Edition) -> bytes:
    """A page of an answer for people, with a form for the parameters."""
    question, press, seen = shown.asked.question, edition.press, grid(edition.press, shown.table)
    head = Head(
        title=question.title,
        description=question.summary,
        iri=questions.question_iri(edition.project.base, question.name),
        kind=kind_iri("Dataset"),
        structured={"@context": "https://schema.org", "@type": "WebPage", "name": question.title},
    )
    page = press.page(
        "apianswer.html",
        f"api/questions/{question.name}.html",
        head,
        question=question,
        values=shown.asked.values,
        columns=seen.columns,
        rows=seen.rows,
        offset=shown.asked.offset,
        total=shown.total,
        links=shown.links,
        address=Rows(shown.asked, shown.table, shown.total, None).links["self"],
        query=cards.without_card(shown.asked.text),
    )
    return page.content


def overview(edition: Edition, document: Mapping[str, object], at: str) -> bytes:
    """The API for people, from its description for programs; `at` is where the page stands."""
    iri = f"{edition.project.base}api/"
    head = Head(
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
    return edition.press.page("api.html", at, head, document=document, groups=groups).content


def _list_json(found: Mapping[str, Question], base: str) -> bytes:
    entries = [
        {
            "name": question.name,
            "iri": questions.question_iri(base, question.name),
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
    context = {"title": names.RDFS + "label", "summary": names.RDFS + "comment", "group": names.SCHEMA + "keywords"}
    entries = [
        {
            "@id": questions.question_iri(base, question.name),
            "@type": names.SH + "SPARQLSelectExecutable",
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
