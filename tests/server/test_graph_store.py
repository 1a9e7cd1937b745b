"""Graphs are read at the endpoint by the SPARQL 1.1 Graph Store Protocol, and cannot be changed there."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
import rdflib

import server_thread
from rejoinder import formats
from rejoinder.config import Project
from rejoinder.rdf import graphs, terms
from rejoinder.rdf.terms import Literal, NamedNode, Quad
from rejoinder.versions import require_newest

A, P = NamedNode(f"{server_thread.BASE}a"), NamedNode(f"{server_thread.BASE}p")
ONE, TWO = NamedNode(f"{server_thread.BASE}one"), NamedNode(f"{server_thread.BASE}two?x=1&y=ü")
QUADS = [Quad(A, P, Literal(1), ONE), Quad(A, P, Literal(2), ONE), Quad(A, P, Literal(2), TWO)]
ENTITY = {"Content-Type": "text/turtle"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    source = server_thread.stored(tmp_path_factory.mktemp("graphs"), QUADS)
    with server_thread.sparql(source) as client:
        yield client


def read(client: httpx.Client, accept: str | None = None, **parameters: str | list[str]) -> httpx.Response:
    return client.get("/sparql", params=parameters, headers={"Accept": accept} if accept else {})


def objects(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    syntax = {each.media_type: each for each in formats.RDF_SYNTAXES}[answer.headers["content-type"].partition(";")[0]]
    return sorted(terms.text(quad.object) for quad in terms.parse(answer.content, syntax))


def test_a_graph_has_its_statements_and_no_others(client: httpx.Client) -> None:
    assert objects(read(client, graph=ONE.value)) == ["1", "2"]
    assert objects(read(client, graph=TWO.value)) == ["2"]


@pytest.mark.parametrize("address", ["/sparql?default", "/sparql?default=", "/sparql/?default"])
def test_the_default_graph_is_the_union_with_each_statement_once(client: httpx.Client, address: str) -> None:
    assert objects(client.get(address)) == ["1", "2"]


@pytest.mark.parametrize("syntax", formats.RDF_SYNTAXES, ids=lambda syntax: syntax.name)
def test_a_graph_comes_in_every_format_by_accept_and_by_name(client: httpx.Client, syntax: formats.Syntax) -> None:
    for answer in (read(client, syntax.media_type, graph=ONE.value), read(client, graph=ONE.value, format=syntax.name)):
        assert answer.headers["content-type"].partition(";")[0] == syntax.media_type
        assert objects(answer) == ["1", "2"]


def test_a_graph_is_turtle_unless_asked_otherwise_and_no_table(client: httpx.Client) -> None:
    assert read(client, graph=ONE.value).headers["content-type"] == "text/turtle; charset=utf-8"
    assert read(client, graph=ONE.value, format="csv").headers["content-type"] == "text/turtle; charset=utf-8"
    assert read(client, "text/csv", graph=ONE.value).status_code == 406


def test_a_graph_that_is_not_there_is_not_found(client: httpx.Client) -> None:
    for answer in (read(client, graph="https://example.org/nowhere"), client.head("/sparql?graph=urn:x:nowhere")):
        assert answer.status_code == 404
    assert "no graph of that name" in read(client, graph="https://example.org/nowhere").json()["detail"]


@pytest.mark.parametrize(
    "query",
    [
        *("graph=one", "graph=", "graph", "graph=http://[/", "graph=%FF", "default=x"),
        *("graph=urn:a:b&graph=urn:a:c", "graph=urn:a:b&default", "default&default"),
    ],
)
def test_what_does_not_name_one_graph_is_refused(client: httpx.Client, query: str) -> None:
    assert client.get(f"/sparql?{query}").status_code == 400


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST"])
@pytest.mark.parametrize("query", ["default", f"graph={ONE.value}", "graph=urn:x:new"])
def test_graphs_cannot_be_changed(client: httpx.Client, method: str, query: str) -> None:
    answer = client.request(method, f"/sparql?{query}", content=b"<urn:a:a> <urn:a:b> 3 .", headers=ENTITY)
    assert answer.status_code == 405
    assert {"GET", "HEAD"} < set(answer.headers["allow"].split(", "))
    assert "PUT" not in answer.headers["allow"]
    assert objects(client.get("/sparql?default")) == ["1", "2"]


def test_beside_a_query_the_parameters_are_nobodys(client: httpx.Client) -> None:
    assert read(client, query="ASK {}", graph="one").json()["boolean"] is True
    direct = client.post("/sparql?default", content=b"ASK {}", headers={"Content-Type": "application/sparql-query"})
    assert direct.json()["boolean"] is True
    assert client.post("/sparql?graph=one", data={"query": "ASK {}"}).json()["boolean"] is True
    assert client.get("/sparql?graph=one&update=CLEAR%20ALL").status_code == 403
    assert client.get("/sparql?graph=one&default-graph-uri=urn:a:b").status_code == 400


def test_a_copy_that_is_still_valid_is_not_sent_again(client: httpx.Client) -> None:
    first = read(client, graph=ONE.value)
    headers = {"If-None-Match": first.headers["etag"]}
    assert client.get("/sparql", params={"graph": ONE.value}, headers=headers).status_code == 304
    head = client.head("/sparql", params={"graph": ONE.value})
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", first.headers["etag"])
    assert head.headers["content-length"] == str(len(first.content))


def test_every_graph_of_a_project_is_read_by_rdflib(small_built_once: Project) -> None:
    store = require_newest(small_built_once.build).open()
    with server_thread.project(small_built_once) as address:
        for iri in graphs.names_of(store):
            found = rdflib.Graph().parse(str(httpx.URL(f"{address}/sparql", params={"graph": iri})))
            assert len(found) == len(list(graphs.statements(store, iri))), iri
