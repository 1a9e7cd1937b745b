"""What goes over the wire to the stores that are not run here, and what is made of refusals, by a server that notes it.

Expected: the stores' documentation as of 2026 (docs/triple-stores.md says which).
"""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from conftest import ROOT
from rejoinder.errors import RemoteError, UsageError
from rejoinder.rdf.terms import Literal, NamedNode, Triple
from rejoinder.triplestores import client as triplestore_client
from rejoinder.triplestores import sparql_client, stores
from rejoinder.triplestores.client import Remote, connected
from rejoinder.triplestores.push import TripleStore
from rejoinder.triplestores.sparql_client import paged
from rejoinder.triplestores.stores import Credentials, Profile, Replacement

GRAPH = "https://example.org/g?x=1&y#z"
STAGING = "https://example.org/push-staging"
ONE = Triple(NamedNode("x:a"), NamedNode("x:b"), Literal('1 "two"\n'))
LINE = '<x:a> <x:b> "1 \\"two\\"\\n" .\n'
ASKED = '{"head": {}, "boolean": true}'


@dataclass(frozen=True)
class Request:
    """A request as it came in: parameters of the URL and of a form together, and the body where it is no form."""

    method: str
    path: str
    parameters: dict[str, str]
    headers: dict[str, str]
    body: str


@dataclass
class Server:
    """Notes requests; answers with what is queued, each once, and then with `usual`."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    queued: list[tuple[int, dict[str, str], str]] = field(default_factory=list)
    usual: tuple[int, dict[str, str], str] = (200, {"Content-Type": "application/sparql-results+json"}, ASKED)


@pytest.fixture
def server() -> Iterator[Server]:
    noted = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_any(self) -> None:
            noted.requests.append(_request(self))
            status, headers, body = noted.queued.pop(0) if noted.queued else noted.usual
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        do_GET = do_POST = do_PUT = do_DELETE = do_any  # noqa: N815  # the names that http.server looks for

        def log_message(self, *_: object) -> None:
            """Silence."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
        noted.url = f"http://127.0.0.1:{http.server_port}"
        yield noted
        http.shutdown()


def _request(handler: BaseHTTPRequestHandler) -> Request:
    parts = urlsplit(handler.path)
    body = handler.rfile.read(int(handler.headers.get("Content-Length", 0))).decode()
    headers = {name.lower(): value for name, value in handler.headers.items()}
    is_form = headers.get("content-type") == "application/x-www-form-urlencoded"
    parameters = dict(parse_qsl(f"{parts.query}&{body}" if is_form else parts.query, keep_blank_values=True))
    return Request(handler.command, parts.path, parameters, headers, "" if is_form else body)


@contextmanager
def at(server: Server, profile: Profile, path: str, credentials: Credentials | None = None) -> Iterator[TripleStore]:
    place = stores.endpoint(server.url + path, profile, credentials)
    with httpx.Client(auth=triplestore_client.sign_in(place)) as client:
        yield TripleStore(Remote(place, client, sleep=lambda _: None), STAGING)


GRAPH_STORES = [
    (stores.GRAPHDB, "/repositories/upr", "/repositories/upr/rdf-graphs/service"),
    (stores.QLEVER, "", "/"),
    (stores.STARDOG, "/upr", "/upr"),
    (stores.NEPTUNE, "", "/sparql/gsp/"),
]


@pytest.mark.parametrize(("profile", "path", "expected"), GRAPH_STORES, ids=lambda value: getattr(value, "name", ""))
def test_a_graph_is_put(profile: Profile, path: str, expected: str, server: Server) -> None:
    with at(server, profile, path) as store:
        store.replace(GRAPH, [ONE])
    (request,) = server.requests
    assert (request.method, request.path, request.parameters) == ("PUT", expected, {"graph": GRAPH})
    assert (request.headers["content-type"], request.body) == ("application/n-triples", LINE)


def test_blazegraph_gets_one_update(server: Server) -> None:
    with at(server, stores.BLAZEGRAPH, "/blazegraph/namespace/kb") as store:
        store.replace(GRAPH, [ONE])
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/blazegraph/namespace/kb/sparql")
    assert request.headers["content-type"] == "application/sparql-update"
    assert request.body == f"DROP SILENT GRAPH <{GRAPH}> ;\nINSERT DATA {{ GRAPH <{GRAPH}> {{\n{LINE}}} }}"


UPDATES = [
    (stores.GRAPHDB, "/repositories/upr", "/repositories/upr/statements"),
    (stores.QLEVER, "", "/"),
    (stores.STARDOG, "/upr", "/upr/update"),
    (stores.BLAZEGRAPH, "/blazegraph/namespace/kb/sparql", "/blazegraph/namespace/kb/sparql"),
    (stores.NEPTUNE, "/sparql", "/sparql"),
]


@pytest.mark.parametrize(("profile", "path", "expected"), UPDATES, ids=lambda value: getattr(value, "name", ""))
def test_a_graph_is_dropped(profile: Profile, path: str, expected: str, server: Server) -> None:
    with at(server, profile, path) as store:
        store.drop(GRAPH)
    (request,) = server.requests
    assert (request.method, request.path, request.body) == ("POST", expected, f"DROP SILENT GRAPH <{GRAPH}>")


QUERIES = [
    (stores.GRAPHDB, "/repositories/upr", "/repositories/upr", {}),
    (stores.QLEVER, "", "/", {}),
    (stores.STARDOG, "/upr", "/upr/query", {"default-graph-uri": "tag:stardog:api:context:all"}),
    (stores.BLAZEGRAPH, "/bigdata/namespace/kb", "/bigdata/namespace/kb/sparql", {}),
    (stores.NEPTUNE, "", "/sparql", {}),
]


@pytest.mark.parametrize(
    ("profile", "path", "expected", "union"), QUERIES, ids=lambda value: getattr(value, "name", "")
)
def test_a_query_asks_the_union(
    profile: Profile, path: str, expected: str, union: dict[str, str], server: Server
) -> None:
    with at(server, profile, path) as store:
        sparql_client.sparql(store.remote, "ASK {}")
    (request,) = server.requests
    assert (request.method, request.path, request.parameters) == ("POST", expected, {"query": "ASK {}", **union})
    assert "application/sparql-results+json" in request.headers["accept"]


@pytest.mark.parametrize("word", ["FROM", r"\u0046ROM", r"FR\U0000004FM"])
def test_a_query_with_from_chooses_its_graphs_itself(word: str, server: Server) -> None:
    query = f"ASK {word} <{GRAPH}> {{}}"
    with at(server, stores.STARDOG, "/upr") as store:
        sparql_client.sparql(store.remote, query)
    assert [request.parameters for request in server.requests] == [{"query": query}]


def test_a_graph_is_read_in_turtle_where_there_are_no_ntriples(server: Server) -> None:
    server.usual = (200, {"Content-Type": "text/turtle; charset=utf-8"}, '@prefix x: <x:> . x:a x:b """1 "two"\n""" .')
    with at(server, stores.QLEVER, "") as store:
        assert store.read(GRAPH) == (ONE,)


def test_an_answer_that_was_cut_is_a_sentence(server: Server) -> None:
    status, headers, body = counted(1)
    server.usual = (
        status,
        {**headers, "Content-Type": "application/sparql-results+json", "X-SPARQL-MaxRows": "1"},
        body,
    )
    with at(server, stores.VIRTUOSO, "") as store, pytest.raises(RemoteError, match="cuts answers at 1 rows"):
        sparql_client.sparql(store.remote, "SELECT * WHERE {}")


def test_a_part_of_an_answer_is_a_sentence(server: Server) -> None:
    server.usual = (200, {"Content-Type": "application/sparql-results+json", "X-SQL-State": "S1TAT"}, ASKED)
    with (
        at(server, stores.VIRTUOSO, "") as store,
        pytest.raises(RemoteError, match="reached its time limit and sent"),
    ):
        sparql_client.sparql(store.remote, "ASK {}")


@pytest.mark.parametrize(("limit", "cut"), [(1, False), (0, True)])
def test_a_graph_as_long_as_the_limit_may_be_cut(limit: int, cut: bool, server: Server) -> None:
    rows = [{"one": {"type": "literal", "value": "1"}}] * limit
    table = json.dumps({"head": {"vars": ["one"]}, "results": {"bindings": rows}})
    server.queued = [(200, {"Content-Type": "application/n-triples"}, LINE), (200, {}, table)]
    with at(server, stores.VIRTUOSO, "") as store:
        if cut:
            with pytest.raises(RemoteError, match="cuts graphs at 0 statements"):
                sparql_client.sparql(store.remote, "CONSTRUCT WHERE { ?s ?p ?o }")
        else:
            assert sparql_client.sparql(store.remote, "CONSTRUCT WHERE { ?s ?p ?o }") == (ONE,)
    assert server.requests[1].parameters["query"].endswith("LIMIT 1"), "as many rows as there were statements"


def test_a_graph_that_is_not_rdf_is_a_sentence(server: Server) -> None:
    server.usual = (200, {"Content-Type": "text/html"}, "<html>")
    with at(server, stores.GRAPHDB, "/repositories/upr") as store, pytest.raises(RemoteError, match="cannot be read"):
        store.read(GRAPH)


SECRET = Credentials("anna", "hidden-word")


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        (stores.QLEVER, "Bearer hidden-word"),
        (stores.STARDOG, f"Basic {base64.b64encode(b'anna:hidden-word').decode()}"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_credentials_go_into_a_header(profile: Profile, expected: str, server: Server) -> None:
    with at(server, profile, "/upr", SECRET) as store:
        store.drop(GRAPH)
        assert server.requests[0].headers["authorization"] == expected
        assert "hidden-word" not in repr(store)


REFUSALS = [
    (401, "", "does not accept this name and password"),
    (403, "", "may not write here"),
    (403, "The server is read-only", "the store is read-only"),
    (405, "Method not allowed", "the store is read-only"),
    (404, "", "there is nothing"),
    (413, "", "takes no graph as big"),
    (507, "", "disk is full"),
    (500, "java.io.IOException: No space left on device", "disk is full"),
    (500, "Virtuoso 42000 Error SR186:SECURITY: No permission", "may not write here"),
    (302, "", "sends us to another address"),
    (400, "<p>line 3: <b>what?</b></p>", "line 3: what?"),
]


@pytest.mark.parametrize(("status", "text", "sentence"), REFUSALS)
def test_a_refusal_is_one_sentence_at_once(status: int, text: str, sentence: str, server: Server) -> None:
    server.usual = (status, {}, text)
    with at(server, stores.GRAPHDB, "/r", SECRET) as store, pytest.raises(RemoteError, match=sentence) as refused:
        store.replace(GRAPH, [ONE])
    assert len(server.requests) == 1
    assert refused.value.status == status
    assert "hidden-word" not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_fails_in_passing_is_tried_again(status: int, server: Server) -> None:
    server.queued = [(status, {}, "busy")] * 3
    with at(server, stores.GRAPHDB, "/r") as store:
        store.replace(GRAPH, [ONE])
    assert len(server.requests) == 4


def test_what_fails_too_often_is_a_sentence(server: Server) -> None:
    server.usual = (503, {}, "busy")
    with at(server, stores.GRAPHDB, "/r") as store, pytest.raises(RemoteError, match="busy or failing"):
        store.replace(GRAPH, [ONE])
    assert len(server.requests) == 7


def test_pauses_grow_unless_the_store_names_one(server: Server) -> None:
    pauses: list[float] = []
    server.queued = [(503, {}, ""), (503, {}, ""), (503, {}, ""), (429, {"Retry-After": "7"}, ""), (429, _past(), "")]
    with at(server, stores.GRAPHDB, "/r") as store:
        Remote(store.remote.endpoint, store.remote.client, sleep=pauses.append).update("DROP ALL")
    assert 0.5 <= pauses[0] <= 1.0 <= pauses[1] <= 2.0 <= pauses[2] <= 4.0
    assert pauses[3:] == [7.0, 0.0]


def _past() -> dict[str, str]:
    return {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}


def test_virtuoso_gets_the_graph_beside_its_place_and_then_what_differs(server: Server) -> None:
    server.queued = [(201, {}, ""), counted(1), (503, {}, "")]
    with at(server, stores.VIRTUOSO, "") as store:
        store.replace(GRAPH, [ONE])
        store.tidy()
    put, _, change, again, drop = server.requests
    assert (put.method, put.parameters) == ("PUT", {"graph": STAGING})
    assert change.body == again.body
    assert change.body.startswith(f"DELETE {{ GRAPH <{GRAPH}> {{ ?a ?b ?c }} }}\nINSERT {{ GRAPH <{GRAPH}> ")
    assert drop.body == f"DROP SILENT GRAPH <{STAGING}>"


def test_half_a_graph_never_takes_its_place(server: Server) -> None:
    server.queued = [(201, {}, ""), counted(0)]
    with at(server, stores.VIRTUOSO, "") as store, pytest.raises(RemoteError, match="took 0 of 1 statements"):
        store.replace(GRAPH, [ONE])
    assert len(server.requests) == 2


def counted(number: int) -> tuple[int, dict[str, str], str]:
    """Return the answer that the staging graph has so many statements."""
    row = {"g": {"type": "uri", "value": STAGING}, "n": {"type": "literal", "value": str(number)}}
    return 200, {}, json.dumps({"head": {"vars": ["g", "n"]}, "results": {"bindings": [row]}})


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ({"Server": "Oxigraph/0.5.13"}, "oxigraph"),
        ({"Server": "Virtuoso/07.20.3229 (Linux)"}, "virtuoso"),
        ({"Server": "GraphDB/10.8"}, "graphdb"),
        ({"Fuseki-Request-Id": "1"}, "fuseki"),
    ],
)
def test_a_store_is_known_by_its_answer(headers: dict[str, str], name: str, server: Server) -> None:
    server.usual = (200, {**server.usual[1], **headers}, ASKED)
    with connected(server.url) as found:
        assert found.endpoint.profile.name == name


def test_a_store_that_does_not_tell_must_be_named(server: Server) -> None:
    with pytest.raises(RemoteError, match="--store"), connected(server.url):
        pass
    with connected(server.url, "graphdb") as found:
        assert found.endpoint.profile is stores.GRAPHDB
    with pytest.raises(UsageError, match="write one of oxigraph"), connected(server.url, "mysql"):
        pass


def test_what_is_no_sparql_endpoint_is_a_sentence(server: Server) -> None:
    server.usual = (200, {"Content-Type": "text/html"}, "<h1>Welcome</h1>")
    with pytest.raises(RemoteError, match="not a SPARQL endpoint"), connected(server.url, "graphdb"):
        pass


def test_credentials_come_from_two_variables_together() -> None:
    both = {"REJOINDER_USER": "anna", "REJOINDER_PASSWORD": "hidden-word"}
    assert stores.credentials_for("http://example.org/", both) == SECRET
    with pytest.raises(UsageError, match="both"):
        stores.credentials_for("http://example.org/", {"REJOINDER_USER": "anna"})


def test_credentials_are_those_of_the_environment_when_a_store_is_opened(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {**os.environ, "REJOINDER_USER": SECRET.user, "REJOINDER_PASSWORD": SECRET.password}
    monkeypatch.setattr(os, "environ", given)  # another mapping than the one there was at import
    with connected(server.url, "graphdb") as found:
        assert found.endpoint.credentials == SECRET


@pytest.mark.parametrize("profile", stores.PROFILES.values(), ids=lambda profile: profile.name)
def test_the_table_in_the_docs_has_the_store(profile: Profile) -> None:
    text = (ROOT / "docs/triple-stores.md").read_text(encoding="utf-8")
    (row,) = [line for line in text.splitlines() if line.startswith(f"| {profile.title} |")]
    _, _, _, run_here, way, *_ = (cell.strip() for cell in row.split("|"))
    assert (run_here == "yes") == profile.tested
    words = {Replacement.PUT: "`PUT`", Replacement.UPDATE: "one update: `DROP SILENT`, `INSERT DATA`"}
    assert way == words.get(profile.replacement, "`PUT` into another graph, then one update of the differences")


def test_pages_that_a_store_orders_in_two_ways_are_asked_for_again_sorted() -> None:
    """Virtuoso 7.2.5 does so with a graph of 6,081 statements: of two pages of 5,000, 58 rows are the same."""
    place = stores.endpoint("http://store.example", stores.VIRTUOSO)
    asked: list[str] = []

    def ask(text: str) -> range | list[int]:
        asked.append(text)
        if "OFFSET 0" in text:
            return range(5000)
        if "OFFSET 5000" in text:
            return range(5000, 6000) if "ORDER BY ?o" in text else range(4990, 5990)
        return []

    found = paged(Remote(place, httpx.Client()), "SELECT ?o", "?s ?p ?o", "?o", ask)
    assert found == tuple(range(6000))
    assert asked[0] == "SELECT ?o WHERE { ?s ?p ?o } LIMIT 5000 OFFSET 0"
    assert asked[3] == "SELECT ?o WHERE { { SELECT DISTINCT ?o WHERE { ?s ?p ?o } ORDER BY ?o } } LIMIT 5000 OFFSET 0"
