"""The stored questions over HTTP: the tables that the command gives, page by page, and a description that holds."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema_rs import Draft202012Validator
from openapi_spec_validator import validate
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.result import Ok
from starlette.requests import Request

import server_thread
from rejoinder import api, formats
from rejoinder.config import Project
from rejoinder.errors import UsageError
from rejoinder.namespaces import XSD
from rejoinder.rdf import terms
from rejoinder.rdf.results import as_csv
from rejoinder.rdf.terms import Literal, NamedNode
from rejoinder.server.question_answer import plain_value
from rejoinder.server.question_api import _ending
from repository_questions import QUESTIONS, examples

BASE = server_thread.BASE


@pytest.fixture(scope="module")
def address(built_once: Project) -> Iterator[str]:
    with server_thread.project(built_once) as address:
        yield address


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=60) as client:
        yield client


def asked(client: httpx.Client, name: str, **parameters: object) -> httpx.Response:
    return client.get(f"/api/questions/{name}", params=parameters)  # type: ignore[arg-type]  # of httpx's types


def page(client: httpx.Client, name: str, **parameters: object) -> dict[str, Any]:
    answer = asked(client, name, **parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.slow
def test_every_question_gives_the_table_that_the_command_gives(imported_once: Project) -> None:
    with server_thread.project(imported_once) as address, httpx.Client(base_url=address, timeout=60) as client:
        for name in QUESTIONS:
            for parameters in examples(name):
                answer = client.get(f"/api/questions/{name}", params={**parameters, "format": "csv"})
                assert answer.text == as_csv(api.ask(imported_once, name, parameters)), (name, parameters)


@pytest.mark.parametrize("state", ["CZEE", "cze"])
def test_what_the_command_refuses_is_refused_here(client: httpx.Client, built_once: Project, state: str) -> None:
    assert asked(client, "who-raised-what", state=state).status_code == 400
    with pytest.raises(UsageError, match="there is no State"):
        api.ask(built_once, "who-raised-what", {"state": state})


def test_all_questions_are_listed(client: httpx.Client) -> None:
    listed = client.get("/api/questions").json()["questions"]
    assert [entry["name"] for entry in listed] == sorted(QUESTIONS)
    rows = list(csv.DictReader(io.StringIO(client.get("/api/questions?format=csv").text)))
    assert [row["title"] for row in rows] == [QUESTIONS[name].title for name in sorted(QUESTIONS)]
    graph = terms.memory_store(terms.parse(client.get("/api/questions?format=jsonld").content, formats.JSONLD))
    assert len({quad.subject for quad in graph}) == len(QUESTIONS)


def test_pages_follow_each_other_and_hold_every_row_once(client: httpx.Client) -> None:
    whole = page(client, "who-raised-what", report="kaz-upr-20")
    total = whole["total"]
    rows, address, seen = [], "/api/questions/who-raised-what?report=kaz-upr-20&limit=4", 0
    while address:
        answer = client.get(address)
        rows += answer.json()["rows"]
        assert answer.json()["total"] == total
        following = answer.links.get("next")
        address, seen = str(answer.url.join(following["url"])) if following else "", seen + 1
    assert rows == whole["rows"]
    assert seen == -(-len(rows) // 4)
    assert "prev" in client.get("/api/questions/who-raised-what?limit=4&offset=4").links
    assert page(client, "who-raised-what", offset=10_000)["rows"] == []


def test_a_parameter_may_have_several_values(client: httpx.Client) -> None:
    both = page(client, "who-raised-what", state=["CZE", f"{BASE}state/USA"])
    assert {row["state"] for row in both["rows"]} == {f"{BASE}state/CZE", f"{BASE}state/USA"}
    left_alone = page(client, "who-raised-what", state="CZE", issue="")
    assert left_alone["rows"] == page(client, "who-raised-what", state="CZE")["rows"]


@pytest.mark.parametrize(
    ("parameters", "parameter", "words"),
    [
        ({"stat": "CZE"}, "stat", "did you mean 'state'?"),
        ({"state": "Czechia"}, "state", "did you mean 'CZE'?"),
        ({"state": "CZ"}, "state", "did you mean 'CZE'?"),
        ({"state": f"{BASE}state/CZEE"}, "state", "did you mean 'CZE'?"),
        ({"state": "issue/torture"}, "state", "is no State in these data"),
        ({"state": "http://[x"}, "state", "state="),
        ({"state": "a b>"}, "state", "state="),
        ({"limit": "0"}, "limit", "not a whole number from 1 to 10000"),
        ({"limit": "٣"}, "limit", "not a whole number"),
        ({"offset": "-1"}, "offset", "not a whole number"),
        ({"offset": ["1", "2"]}, "offset", "more than once"),
        ({"format": "xlsx"}, "format", "write one of json, csv, jsonld, html"),
    ],
)
def test_a_slip_is_named_and_put_right(
    client: httpx.Client, parameters: dict[str, object], parameter: str, words: str
) -> None:
    answer = asked(client, "who-raised-what", **parameters)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert answer.json()["parameter"] == parameter
    assert words in answer.json()["detail"]


def test_a_question_that_is_not_there_has_its_neighbours_named(client: httpx.Client) -> None:
    answer = asked(client, "who-raised")
    assert (answer.status_code, answer.json()["suggestions"][0]) == (404, "who-raised-what")


def test_values_have_their_types(client: httpx.Client) -> None:
    rows = page(client, "states-ranked")["rows"]
    assert all(isinstance(row["issues"], int) and row["state"].startswith(BASE) for row in rows)


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("yes", "boolean", "yes"),
        ("1", "boolean", True),
        ("0", "boolean", False),
        ("123456789012345678.5", "decimal", "123456789012345678.5"),
        ("1.50", "decimal", 1.5),
        ("0.1", "decimal", 0.1),
        ("1e3", "double", 1000.0),
    ],
)
def test_a_value_that_json_would_change_is_text(value: str, kind: str, expected: object) -> None:
    found = plain_value(Literal(value, datatype=NamedNode(XSD + kind)))
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("path", "form"), [("/api/questions/csv", ""), ("/api/questions/a.csv", "csv"), ("/api/questions/a.b", "")]
)
def test_only_what_stands_behind_a_dot_is_a_format(path: str, form: str) -> None:
    assert _ending(Request({"type": "http", "path": path})) == form


def test_json_ld_says_the_same_in_rdf(client: httpx.Client, built_once: Project) -> None:
    answer = client.get("/api/questions/states-ranked?limit=3", headers={"Accept": "application/ld+json"})
    assert answer.headers["content-type"] == "application/ld+json"
    quads = list(terms.parse(answer.content, formats.JSONLD, str(answer.url)))
    claims = terms.NamedNode(f"{BASE}question/states-ranked.csv#issues")
    numbers = [quad.object for quad in quads if quad.predicate == claims]
    assert [isinstance(each, Literal) and each.datatype.value.endswith("#integer") for each in numbers] == [True] * 3
    following = terms.NamedNode("http://www.w3.org/ns/hydra/core#next")
    collection = f"{built_once.site}api/questions/states-ranked"
    assert [str(quad.object) for quad in quads if quad.predicate == following] == [f"<{collection}?offset=3&limit=3>"]
    members = terms.NamedNode("http://www.w3.org/ns/hydra/core#member")
    assert {quad.subject for quad in quads if quad.predicate == members} == {terms.NamedNode(collection)}


def test_a_collection_has_one_name_on_all_its_pages(client: httpx.Client, built_once: Project) -> None:
    asked = "/api/questions/who-raised-what?state=CZE&state=USA&format=jsonld&limit=1"
    pages = [client.get(f"{asked}&offset={offset}").json() for offset in (0, 1)]
    name = f"{built_once.site}api/questions/who-raised-what?state=CZE&state=USA"
    assert [each["@id"] for each in pages] == [name, name]
    assert [each["hydra:view"]["@id"] for each in pages] == [
        f"{name}&offset={offset}&limit=1&format=jsonld" for offset in (0, 1)
    ]


def test_the_page_shows_the_query_that_was_asked_and_the_form_keeps_its_values(client: httpx.Client) -> None:
    html = {"Accept": "text/html"}
    text = client.get("/api/questions/who-raised-what?state=CZE&state=USA", headers=html).text
    assert 'name="state" value="CZE"' in text
    assert 'name="state" value="USA"' in text
    shown = text.partition('<h2 id="query">')[2]
    assert f"{BASE}state/CZE" in shown
    assert f"{BASE}state/USA" in shown
    assert "#+" not in shown
    assert (
        f"{BASE}state/CZE"
        not in client.get("/api/questions/who-raised-what", headers=html).text.partition('<h2 id="query">')[2]
    )


@pytest.mark.parametrize("name", ["/api/questions", "/api/questions/who-raised-what"])
def test_an_address_may_end_in_the_format(client: httpx.Client, name: str) -> None:
    for form, media_type in (("html", "text/html"), ("json", "application/json"), ("csv", "text/csv")):
        answer = client.get(f"{name}.{form}", headers={"Accept": "application/ld+json"})
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, media_type)
    assert client.get(f"{name}.xlsx").status_code == 404
    assert client.get("/api/index.html").text == client.get("/api/").text


def test_people_get_a_page_with_a_form(client: httpx.Client) -> None:
    answer = client.get("/api/questions/who-raised-what?state=CZE&limit=2", headers={"Accept": "text/html"})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert 'name="state" value="CZE"' in answer.text.replace("\n", "")
    assert 'rel="next"' in answer.text
    hostile = client.get("/api/questions/who-raised-what?state=%3Cscript%3E", headers={"Accept": "text/html"})
    assert hostile.status_code == 400
    assert "<script>" not in hostile.text


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/questions", "/api/questions/who-raised-what"])
def test_no_page_of_the_api_asks_anybody_else(client: httpx.Client, path: str) -> None:
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200
    loaded = re.findall(r'<(?:script|img|link rel="(?:stylesheet|icon)")[^>]*(?:src|href)="([^"]*)"', answer.text)
    assert loaded
    for link in loaded:
        assert client.get(str(answer.url.join(link))).status_code == 200, link


def test_what_the_client_holds_is_not_sent_again(client: httpx.Client) -> None:
    first = asked(client, "states-ranked")
    again = client.get("/api/questions/states-ranked", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.head("/api/questions/states-ranked").headers["etag"] == first.headers["etag"]
    assert client.get("/api/questions/states-ranked", headers={"Accept": "image/png"}).status_code == 406
    assert client.options("/api/questions/states-ranked").status_code == 204
    assert client.post("/api/questions/states-ranked").status_code == 405


# The description


def test_the_description_is_openapi(client: httpx.Client) -> None:
    document = client.get("/api/openapi.json").json()
    validate(document)
    assert {f"/api/questions/{name}" for name in QUESTIONS} < set(document["paths"])
    used = {tag for path in document["paths"].values() for operation in path.values() for tag in operation["tags"]}
    assert used == {tag["name"] for tag in document["tags"]}
    parameters = {each.get("name"): each for each in document["paths"]["/sparql"]["get"]["parameters"]}
    assert {"json", "xml", "csv", "tsv", "turtle", "jsonld"} < set(parameters["format"]["schema"]["examples"])
    states = document["paths"]["/api/questions/who-raised-what"]["get"]["parameters"][0]
    assert (states["name"], states["schema"]["type"], states["explode"]) == ("state", "array", True)


load_all_checks()
LEFT_OUT = [CHECKS.get_one("unsupported_method")]  # methods that HTTP does not have are the server's, see its own tests
NO_QUERY = [CHECKS.get_one("positive_data_acceptance")]
"""That a text is SPARQL no schema says, nor that graphs are named only beside a query."""

REFUSED = {"checks": {"negative_data_rejection": {"expected-statuses": [400, 403, 406, 413, 414, 415]}}}
"""All that is described: an address of generated values may be longer than any that is read."""

TRIED = settings(
    max_examples=3,
    derandomize=True,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    database=None,
)


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.slow
def test_what_is_answered_is_what_is_described(address: str, mode: GenerationMode) -> None:
    """What the description allows is answered, and what it does not allow is refused, as it says."""
    schema = schemathesis.openapi.from_url(f"{address}/api/openapi.json", config=schemathesis.Config.from_dict(REFUSED))
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) == len(QUESTIONS) + 3
    for operation in operations:
        _try(operation, mode, LEFT_OUT + (NO_QUERY if operation.path == "/sparql" else []))


def _try(operation: Any, mode: GenerationMode, left_out: list[Any]) -> None:
    @TRIED
    @given(case=operation.as_strategy(generation_mode=mode))
    def holds(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(excluded_checks=left_out)

    holds()


EDGES = {
    "limit": {"1": 200, "10000": 200, "": 200, "0": 400, "10001": 400, "-1": 400, "1.5": 400, "1e1": 400, "a": 400},
    "offset": {"0": 200, "1000000000": 200, "": 200, "1000000001": 400, "-1": 400, "null": 400},
    "format": {"json": 200, "csv": 200, "jsonld": 200, "html": 200, "": 400, "JSON": 400, "xml": 400},
    "state": {"CZE": 200, "state/CZE": 200, f"{BASE}state/CZE": 200, "": 200, "cze": 400, "CZEE": 400, " ": 400},
}


@pytest.mark.parametrize("name", EDGES)
def test_at_its_edges_the_description_agrees_with_the_server(client: httpx.Client, name: str) -> None:
    document = client.get("/api/openapi.json").json()
    path = document["paths"]["/api/questions/who-raised-what"]["get"]
    found = [_resolved(document, each) for each in path["parameters"]]
    (parameter,) = [each for each in found if each["name"] == name]
    schema = parameter["schema"]
    schema = _resolved(document, schema["items"]) if schema.get("type") == "array" else schema
    for text, status in EDGES[name].items():
        value = int(text) if re.fullmatch("-?[0-9]+", text) else text
        assert asked(client, "who-raised-what", **{name: text}).status_code == status, text
        assert Draft202012Validator(schema).is_valid(value) == (status == 200), text
    twice = asked(client, "who-raised-what", **{name: list(EDGES[name])[:2]})
    assert twice.status_code == (200 if parameter["schema"].get("type") == "array" else 400)


def test_persons_affected_are_in_no_list_of_values_and_can_be_asked_for_all_the_same(client: httpx.Client) -> None:
    document = client.get("/api/openapi.json").json()
    listed = document["components"]["schemas"]["Agent"]["enum"]
    assert [value for value in listed if "atabek" in value or "tuletayeva" in value] == []
    assert "elvira-azimova" in listed
    assert asked(client, "persons-affected", person="aron-atabek").status_code == 200


def test_a_parameter_has_as_many_values_as_described_and_no_more(client: httpx.Client) -> None:
    document = client.get("/api/openapi.json").json()
    most = document["paths"]["/api/questions/who-raised-what"]["get"]["parameters"][0]["schema"]["maxItems"]
    assert asked(client, "who-raised-what", state=["CZE"] * most).status_code == 200
    assert asked(client, "who-raised-what", state=["CZE"] * (most + 1)).status_code == 400
    assert asked(client, "who-raised-what", state=[""] * (most + 1)).status_code == 400


@pytest.mark.parametrize("text", ["1_0", " 1 ", "٣", "9" * 19, "9" * 5_000, "1.0", "0x1", "--1"])
def test_what_json_has_as_no_integer_is_none(client: httpx.Client, text: str) -> None:
    answer = asked(client, "recommendations-to-a-state", session=text)
    assert (answer.status_code, answer.json()["parameter"]) == (400, "session")


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    found: Any = document
    if "$ref" not in schema:
        return schema
    for step in schema["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return _resolved(document, found)
