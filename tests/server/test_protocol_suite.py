"""The W3C's tests of the SPARQL 1.1 Protocol, over HTTP: each query test passes, each update is refused."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import rdflib
from rdflib.collection import Collection
from rdflib.namespace import RDF, RDFS

import server_thread
from conftest import SHARED
from rejoinder import formats
from rejoinder.rdf import terms
from rejoinder.rdf.terms import NamedNode, Quad

ARCHIVE = SHARED / "suites" / "w3c-rdf-tests.tgz"
FOLDER = "sparql/sparql11/protocol/"

HT = rdflib.Namespace("http://www.w3.org/2011/http#")
CNT = rdflib.Namespace("http://www.w3.org/2011/content#")
MF = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
UT = rdflib.Namespace("http://www.w3.org/2009/sparql/tests/test-update#")

FORMS = {
    "boolean": {formats.JSON.media_type, formats.XML.media_type},
    "tabular": {formats.JSON.media_type, formats.XML.media_type, formats.CSV.media_type, formats.TSV.media_type},
    "RDF": {formats.TURTLE.media_type, formats.RDFXML.media_type, formats.NTRIPLES.media_type},
}
REFUSED = {"bad_update_wrong_media_type": 415, "bad_update_missing_form_type": 415}
"""What a refused update is answered with where it cannot be told for one; 403 for the others."""


@dataclass(frozen=True)
class Suite:
    """The tests by name, and the graphs that they are about."""

    graph: rdflib.Graph
    tests: dict[str, rdflib.term.Node]
    files: dict[str, bytes]

    def quads(self) -> list[Quad]:
        """Return the data that the tests are about."""
        found: list[Quad] = []
        for data in self.graph.objects(None, UT.graphData):
            name = str(self.graph.value(data, RDFS.label))
            file = str(self.graph.value(data, UT.graph)).rpartition("/")[2]
            found += terms.in_graph(terms.parse(self.files[file], formats.NTRIPLES), name)
        return found


@pytest.fixture(scope="module")
def suite() -> Suite:
    if not ARCHIVE.exists():
        pytest.skip("the W3C's tests are not here (../shared/suites)")
    with tarfile.open(ARCHIVE) as archive:
        members = [m for m in archive.getmembers() if FOLDER in m.name and m.isfile()]
        files = {Path(m.name).name: (archive.extractfile(m) or pytest.fail(m.name)).read() for m in members}
    graph = rdflib.Graph().parse(data=files["manifest.ttl"], format="turtle", publicID="https://example.org/suite/")
    entries = Collection(graph, next(graph.objects(None, MF.entries)))
    return Suite(graph, {str(entry).rpartition("#")[2]: entry for entry in entries}, files)


@pytest.fixture(scope="module")
def client(suite: Suite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with server_thread.sparql(server_thread.stored(tmp_path_factory.mktemp("suite"), suite.quads())) as client:
        yield client


def test_the_suite_is_whole(suite: Suite) -> None:
    assert len(suite.tests) == 34
    assert sum("update" in name for name in suite.tests) == 14


def test_every_query_test_passes(suite: Suite, client: httpx.Client) -> None:
    for name, test in suite.tests.items():
        if "update" not in name:
            for request in _requests(suite, test):
                _compare(name, suite, request, _sent(suite, client, request))


def test_every_update_is_refused_as_documented(suite: Suite, client: httpx.Client) -> None:
    updates = {name: test for name, test in suite.tests.items() if "update" in name}
    assert updates
    for name, test in updates.items():
        answer = _sent(suite, client, _requests(suite, test)[0])
        assert answer.status_code == REFUSED.get(name, 403), name
        assert answer.json()["detail"]


def _requests(suite: Suite, test: rdflib.term.Node) -> list[rdflib.term.Node]:
    graph = suite.graph
    connection = graph.value(test, MF.action)
    return list(Collection(graph, graph.value(connection, HT.requests)))  # type: ignore[arg-type]  # the list is there


def _sent(suite: Suite, client: httpx.Client, request: rdflib.term.Node) -> httpx.Response:
    graph = suite.graph
    headers = graph.value(request, HT.headers)
    fields = Collection(graph, headers) if headers else ()
    return client.request(
        str(graph.value(request, HT.methodName)),
        str(graph.value(request, HT.absolutePath)),
        content=_body(graph, graph.value(request, HT.body)),
        headers={str(graph.value(each, HT.fieldName)): str(graph.value(each, HT.fieldValue)) for each in fields},
    )


def _body(graph: rdflib.Graph, body: Any) -> bytes | None:
    if body is None:
        return None
    return str(graph.value(body, CNT.chars)).encode(str(graph.value(body, CNT.characterEncoding)))


def _compare(name: str, suite: Suite, request: rdflib.term.Node, answer: httpx.Response) -> None:
    graph, response = suite.graph, suite.graph.value(request, HT.resp)
    statuses = [str(status)[-3] for status in graph.objects(response, MF.expectedStatus)]
    assert str(answer.status_code)[0] in statuses, (name, answer.text)
    form = graph.value(response, MF.expectedFormat)
    if form is not None:
        assert answer.headers["content-type"].partition(";")[0] in FORMS[str(form)], name
    truth = graph.value(response, MF.expectedBoolean)
    if truth is not None:
        assert answer.json()["boolean"] is truth.toPython(), name  # type: ignore[attr-defined]  # a literal


def test_a_graph_of_the_suite_is_what_the_suite_says(suite: Suite) -> None:
    quads = suite.quads()
    assert {str(quad.graph_name) for quad in quads} == {
        f"<http://kasei.us/2009/09/sparql/data/data{number}.rdf>" for number in (1, 2, 3)
    }
    assert all(quad.predicate == NamedNode(str(RDF.type)) for quad in quads)
