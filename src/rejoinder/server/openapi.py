"""The API described for programs, from the cards of the questions.

Standard: OpenAPI 3.1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from rejoinder.config import Project
from rejoinder.questions.question import MAX_INTEGER_DIGITS, Parameter, Question
from rejoinder.server.http import PROBLEM
from rejoinder.server.question_answer import DEFAULT_PAGE_ROWS, FORMS, MAX_PAGE_ROWS, MAX_VALUES_PER_PARAMETER
from rejoinder.server.sparql import GRAPHS, QUERY_TYPE, TABLES
from rejoinder.version import __version__

_Json = dict[str, Any]
_Values = Callable[[str], tuple[str, ...] | None]

_FORMAT: Final = "The format, which outweighs Accept."
_SYNTAX: Final = (
    "Names or media types of formats, with commas between; the first that fits the form of the query outweighs Accept, "
    "others are left alone. `output` and `results` mean the same."
)
_ERRORS: Final = {
    "400": "A parameter is unknown, or a value does not fit; which one, and what may have been meant.",
    "406": "None of the formats that there are is one that you accept.",
    "413": "The request is too long.",
    "414": "The address is too long.",
    "503": "It took too long or too much, or the server has too much to do: then Retry-After says when to come.",
}


def document(project: Project, questions: Iterable[Question], prefix: str, values: _Values) -> _Json:
    """Return the description of the API of a project; `prefix` is the path below which the server answers.

    `values` gives all that a value of a type of things may be, None where there is too much of it.
    """
    found = tuple(questions)
    groups = sorted({question.group for question in found})
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{project.title}: the API",
            "version": __version__,
            "description": "Stored questions as tables, page by page, and SPARQL. A parameter may be given several "
            "times: a row then has any of its values.",
            "license": {"name": "The licence of the data", "url": project.license},
        },
        "servers": [{"url": prefix or "/"}],
        "tags": [{"name": name} for name in ("Overview", *groups, "SPARQL")],
        "paths": {
            "/api/questions": {"get": _listing()},
            **{f"/api/questions/{question.name}": {"get": _asking(question)} for question in found},
            "/sparql": {"get": _sparql_get(), "post": _sparql_post()},
        },
        "components": {"schemas": _schemas(values), "responses": _refusals(), "parameters": _parameters()},
    }


def _listing() -> _Json:
    return {
        "operationId": "list-questions",
        "tags": ["Overview"],
        "summary": "All questions",
        "description": "Each with its parameters and columns.",
        "parameters": [{"$ref": "#/components/parameters/format"}],
        "responses": _responses("The questions.", {"$ref": "#/components/schemas/Questions"}, "400", "406", "414"),
    }


def _asking(question: Question) -> _Json:
    return {
        "operationId": question.name,
        "tags": [question.group],
        "summary": question.title,
        "description": question.summary,
        "parameters": [
            *map(_parameter, question.parameters),
            *({"$ref": f"#/components/parameters/{name}"} for name in ("offset", "limit", "format")),
        ],
        "responses": _responses("A page of the answer.", _page(question), "400", "406", "414", "503"),
    }


def _parameter(parameter: Parameter) -> _Json:
    default = {"default": [parameter.default]} if parameter.default else {}
    return {
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
            **default,
        },
    }


def _page(question: Question) -> _Json:
    columns = {column.name: {"$ref": "#/components/schemas/Cell"} for column in question.columns}
    described = {
        name: {**schema, "description": column.summary}
        for (name, schema), column in zip(columns.items(), question.columns, strict=True)
    }
    row = {"type": "object", "properties": described, "required": list(described), "additionalProperties": False}
    whole = {"type": "integer", "minimum": 0}
    return {
        "type": "object",
        "required": ["question", "title", "total", "offset", "limit", "links", "columns", "rows"],
        "properties": {
            "question": {"type": "string", "format": "iri"},
            "title": {"type": "string"},
            "total": whole,
            "offset": whole,
            "limit": whole,
            "links": {"type": "object", "additionalProperties": {"type": "string", "format": "uri-reference"}},
            "columns": {"type": "array", "items": {"type": "object"}},
            "rows": {"type": "array", "items": row},
        },
    }


def _responses(words: str, schema: _Json, *errors: str) -> _Json:
    content: _Json = {media_type: {} for media_type in FORMS.values()} | {FORMS["json"]: {"schema": schema}}
    headers = {
        "ETag": {"description": "Sent back as If-None-Match, it spares the answer.", "schema": {"type": "string"}},
        "Link": {"description": "The pages around this one: first, prev, next, last.", "schema": {"type": "string"}},
    }
    return {
        "200": {"description": words, "headers": headers, "content": content},
        "304": {"description": "You hold it already."},
        **{status: {"$ref": f"#/components/responses/{status}"} for status in errors},
    }


def _sparql_get() -> _Json:
    query = {"name": "query", "in": "query", "required": False, "schema": {"type": "string", "minLength": 1}}
    return {
        "operationId": "sparql-get",
        "tags": ["SPARQL"],
        "summary": "A SPARQL 1.1 query",
        "description": "Without a query, the service describes itself. The default graph is the union of all graphs.",
        "parameters": [
            {**query, "description": "The query; exactly one."},
            _graphs("default-graph-uri", "A graph of the default graph; outweighs FROM."),
            _graphs("named-graph-uri", "A graph that GRAPH may name; outweighs FROM NAMED."),
            _one("format", _SYNTAX, _syntaxes()),
        ],
        "responses": _answers("400", "403", "406", "413", "414", "503"),
    }


def _sparql_post() -> _Json:
    form = {
        "type": "object",
        "required": ["query"],
        "properties": {
            "query": {"type": "string", "minLength": 1},
            "default-graph-uri": {"type": "array", "items": {"type": "string", "format": "uri"}},
            "named-graph-uri": {"type": "array", "items": {"type": "string", "format": "uri"}},
            "format": {**_syntaxes(), "description": _SYNTAX},
        },
    }
    bodies = {
        QUERY_TYPE: {"schema": {"type": "string", "minLength": 1}},
        "application/x-www-form-urlencoded": {"schema": form},
    }
    return {
        "operationId": "sparql-post",
        "tags": ["SPARQL"],
        "summary": "A SPARQL 1.1 query, posted",
        "description": "The query as the body, or in a form. Updates are refused.",
        "requestBody": {"required": True, "content": bodies},
        "responses": _answers("400", "403", "406", "413", "414", "415", "503"),
    }


def _syntaxes() -> _Json:
    """Return the formats of answers to queries by name; which of them there are depends on the form of the query."""
    names = list(dict.fromkeys(syntax.name for _, syntax in (*TABLES, *GRAPHS)))
    return {"type": "string", "examples": names}


def _graphs(name: str, words: str) -> _Json:
    schema = {"type": "array", "items": {"type": "string", "format": "uri"}}
    return {"name": name, "in": "query", "required": False, "description": words, "explode": True, "schema": schema}


def _answers(*errors: str) -> _Json:
    media_types = dict.fromkeys([media_type for media_type, _ in (*TABLES, *GRAPHS)] + ["text/html"])
    return {
        "200": {"description": "The answer.", "content": {media_type: {} for media_type in media_types}},
        "304": {"description": "You hold it already."},
        **{status: {"$ref": f"#/components/responses/{status}"} for status in errors},
    }


def _refusals() -> _Json:
    words = _ERRORS | {"403": "It is an update.", "415": "The body is of another type."}
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}, "text/html": {}}
    return {status: {"description": text, "content": content} for status, text in sorted(words.items())}


def _parameters() -> Mapping[str, _Json]:
    offset = {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 10**9}, _EMPTY], "default": 0}
    limit = {"anyOf": [{"type": "integer", "minimum": 1, "maximum": MAX_PAGE_ROWS}, _EMPTY]}
    return {
        "offset": _one("offset", "How many rows to leave out.", offset),
        "limit": _one(
            "limit", f"How many rows; {DEFAULT_PAGE_ROWS} if it is not given, {MAX_PAGE_ROWS} as CSV.", limit
        ),
        "format": _one("format", _FORMAT, {"type": "string", "enum": list(FORMS)}),
    }


def _one(name: str, words: str, schema: _Json) -> _Json:
    return {"name": name, "in": "query", "required": False, "description": words, "schema": schema}


_EMPTY: Final = {"type": "string", "maxLength": 0, "description": "Empty counts as not given."}
_LARGEST: Final = 10**MAX_INTEGER_DIGITS - 1


def _schemas(values: _Values) -> _Json:
    things = {kind: _thing(words, values(kind)) for kind, words in _THINGS.items()}
    integer = {"type": "integer", "minimum": -_LARGEST, "maximum": _LARGEST}
    return {
        **things,
        "Integer": {"anyOf": [integer, _EMPTY]},
        "String": {"type": "string"},
        "Cell": {"type": ["string", "number", "boolean", "null"]},
        "Problem": {
            "type": "object",
            "required": ["title", "status", "detail"],
            "properties": {
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string"},
                "parameter": {"type": "string"},
                "suggestions": {"type": "array", "items": {"type": "string"}},
                "limit": {"enum": ["time", "memory", "size", "concurrency"]},
                "line": {"type": "integer"},
                "column": {"type": "integer"},
            },
        },
        "Questions": {
            "type": "object",
            "required": ["questions"],
            "properties": {"questions": {"type": "array", "items": {"type": "object"}}},
        },
    }


_THINGS: Final = {
    "State": "A State by its three letters, or its IRI.",
    "Issue": "An issue by its short name, or its IRI.",
    "Agent": "A person by a short name, an organisation as organisation/NAME, or an IRI.",
    "Report": "A report by its short name, or its IRI.",
    "Provision": "A law or rule by its short name, or its IRI.",
    "Review": "A review by its short name, or its IRI.",
}


def _thing(words: str, values: tuple[str, ...] | None) -> _Json:
    """Return the schema of what names a thing, with each name that there is where they can be told."""
    listed = {"enum": ["", *dict.fromkeys(values)]} if values is not None else {}
    return {"type": "string", "description": f"{words} Empty counts as not given.", **listed}
