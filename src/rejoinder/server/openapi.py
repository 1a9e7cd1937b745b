"""The OpenAPI description of the API, made from `openapi.yaml` and the project's stored questions.

Standard: OpenAPI 3.1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import yaml

from rejoinder import __version__
from rejoinder.config import Project
from rejoinder.questions.question import KIND_OF_TYPE, MAX_INTEGER_DIGITS, Question
from rejoinder.server.http import PROBLEM
from rejoinder.server.question_answer import DEFAULT_PAGE_ROWS, FORMS, MAX_PAGE_ROWS, MAX_VALUES_PER_PARAMETER
from rejoinder.server.sparql import GRAPHS, TABLES

_FIXED: Final = Path(__file__).with_name("openapi.yaml")
_MAX_INTEGER: Final = 10**MAX_INTEGER_DIGITS - 1


def document(
    project: Project, questions: Iterable[Question], prefix: str, values: Callable[[str], tuple[str, ...] | None]
) -> dict[str, Any]:
    """Return the OpenAPI description of a project's API; `prefix` is the path prefix of the server.

    `values` returns all possible values of a parameter type, or None if there are too many.
    """
    found = tuple(questions)
    described: dict[str, Any] = yaml.safe_load(_FIXED.read_text(encoding="utf-8"))
    described["info"] |= {"title": f"{project.title}: the API", "version": __version__}
    described["info"]["license"]["url"] = project.license
    described["servers"] = [{"url": prefix or "/"}]
    groups = sorted({question.group for question in found})
    described["tags"] = [{"name": name} for name in ("Overview", *groups, "SPARQL")]
    components = described["components"]

    listed = described["paths"]["/api/questions"]["get"]["responses"]["200"]
    schema = listed["content"][FORMS["json"]]["schema"]
    headers = components.pop("headers")
    listed |= {"headers": headers, "content": _content(schema)}
    for refusal in components["responses"].values():
        refusal["content"] = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}, "text/html": {}}

    sparql = described["paths"].pop("/sparql")
    media_types = dict.fromkeys([media_type for media_type, _ in (*TABLES, *GRAPHS)] + ["text/html"])
    names = list(dict.fromkeys(syntax.name for _, syntax in (*TABLES, *GRAPHS)))
    for operation in sparql.values():
        operation["responses"]["200"]["content"] = {media_type: {} for media_type in media_types}
    sparql["get"]["parameters"][-1]["schema"]["examples"] = names
    form = sparql["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    form["properties"]["format"]["examples"] = names
    asked = {f"/api/questions/{question.name}": {"get": _asking(question, headers)} for question in found}
    described["paths"] |= asked | {"/sparql": sparql}

    limit = components["parameters"]["limit"]
    limit["description"] = limit["description"].format(DEFAULT=DEFAULT_PAGE_ROWS, MAX=MAX_PAGE_ROWS)
    limit["schema"]["anyOf"][0]["maximum"] = MAX_PAGE_ROWS
    components["parameters"]["format"]["schema"]["enum"] = list(FORMS)
    components["schemas"]["Integer"]["anyOf"][0] |= {"minimum": -_MAX_INTEGER, "maximum": _MAX_INTEGER}
    for kind in KIND_OF_TYPE:
        if (known := values(kind)) is not None:
            # The empty value is a form field left blank.
            components["schemas"][kind]["enum"] = ["", *dict.fromkeys(known)]
    order = ("openapi", "info", "servers", "tags", "paths", "components")
    return {name: described[name] for name in order}


def _content(schema: dict[str, Any]) -> dict[str, Any]:
    return {media_type: {} for media_type in FORMS.values()} | {FORMS["json"]: {"schema": schema}}


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
            "200": {"description": "A page of the answer.", "headers": headers, "content": _content(_page(question))},
            "304": {"description": "You hold it already."},
            **{status: {"$ref": f"#/components/responses/{status}"} for status in ("400", "406", "414", "503")},
        },
    }


def _page(question: Question) -> dict[str, Any]:
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
