"""rdflib asks the endpoint and reads addresses, gets what `docs/interoperability.md` says, and reads it."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError

import httpx
import pytest

from conftest import mostly_slow
from interoperability import (
    QUERIES,
    Place,
    check_reading,
    is_documented,
    is_read,
    media_type,
    places,
    rows,
    sends,
    told,
)
from rejoinder import formats, namespaces
from rejoinder.config import Project
from rejoinder.rdf import terms
from server_process import GUARD, ServerProcess, run_server

rdflib = pytest.importorskip("rdflib", reason="rdflib is missing: 'pip install rejoinder[rdflib]'")
parser = pytest.importorskip("rdflib.parser")
sparqlconnector = pytest.importorskip("rdflib.plugins.stores.sparqlconnector")
sparqlstore = pytest.importorskip("rdflib.plugins.stores.sparqlstore")

pytestmark = pytest.mark.filterwarnings(
    "ignore:(ConjunctiveGraph|Dataset.default_context|Dataset.contexts) is deprecated"
)
"""What rdflib warns of is its own use of older names."""

STORES = rows("`SPARQLStore(…, returnFormat=…)`")
PARSED = rows("`Graph().parse(…, format=…)`")
ADDRESS = "Graph().parse(…, format=…)"
FORMATS = [name for name in PARSED[0] if name != ADDRESS]


@pytest.fixture(scope="module")
def server(built_once: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with run_server(built_once, tmp_path_factory.mktemp("log") / "log.jsonl") as running:
        yield running


@pytest.fixture
def came(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give a list to which each answer of the endpoint adds its media type, or the status of its refusal."""
    seen: list[str] = []
    urlopen = sparqlconnector.urlopen

    def noted(*arguments: Any, **named: Any) -> Any:
        try:
            answer = urlopen(*arguments, **named)
        except HTTPError as error:
            seen.append(str(error.code))
            error.close()
            raise
        seen.append(answer.headers["content-type"].partition(";")[0])
        return answer

    monkeypatch.setattr(sparqlconnector, "urlopen", noted)
    return seen


def test_the_page_names_the_version() -> None:
    assert is_documented("rdflib", "rdflib")
    assert (len(STORES), len(PARSED), FORMATS) == (5, 11, ["none", "xml", "turtle", "n3", "nt", "json-ld"])


@pytest.mark.parametrize("row", STORES, ids=lambda row: next(iter(row.values())))
@pytest.mark.parametrize("kind", QUERIES)
def test_a_store_gets_what_the_page_says(
    server: ServerProcess, came: list[str], row: dict[str, str], kind: str
) -> None:
    returned = next(iter(row.values()))
    graph = rdflib.Graph(sparqlstore.SPARQLStore(f"{server.address}/sparql", returnFormat=returned))
    if is_read(row[kind]):
        result = graph.query(QUERIES[kind])
        expected: object = {"SELECT": 3, "ASK": True, "CONSTRUCT": 3, "DESCRIBE": _described(server)}[kind]
        got = {"SELECT": lambda: len(list(result)), "ASK": lambda: result.askAnswer}.get(
            kind, lambda: len(result.graph)
        )
        assert got() == expected  # type: ignore[no-untyped-call]  # rdflib is imported only if it is there
    else:
        assert _fails_or_is_empty(graph, QUERIES[kind])
    assert came == [media_type(row[kind]) or row[kind]]


def _described(server: ServerProcess) -> int:
    asked = {"query": QUERIES["DESCRIBE"], "format": "ntriples"}
    answer = httpx.get(f"{server.address}/sparql", params=asked, timeout=GUARD)
    count = len(answer.raise_for_status().text.splitlines())
    assert count > 3
    return count


def _fails_or_is_empty(graph: Any, query: str) -> bool:
    try:
        return graph.query(query).askAnswer is None
    except Exception:  # whatever its readers raise
        return True


@pytest.mark.parametrize("name", mostly_slow(FORMATS, {"none", "turtle"}))
@pytest.mark.parametrize("row", PARSED, ids=lambda row: row[ADDRESS])
def test_an_address_gives_what_the_page_says(
    server: ServerProcess, monkeypatch: pytest.MonkeyPatch, row: dict[str, str], name: str
) -> None:
    seen: list[str] = []
    opened = parser.URLInputSource.__init__

    def noted(source: Any, *arguments: Any, **named: Any) -> None:
        opened(source, *arguments, **named)
        seen.append(source.content_type)

    monkeypatch.setattr(parser.URLInputSource, "__init__", noted)
    graph, address = rdflib.Graph(), f"{server.address}{row[ADDRESS]}"
    form = None if name == "none" else name
    if is_read(row[name]):
        graph.parse(address, format=form)
        assert len(graph) == _statements(server, row[ADDRESS])
    else:
        with pytest.raises(Exception, match="not well-formed"):
            graph.parse(address, format=form)
    assert seen == [media_type(row[name])]


def _statements(server: ServerProcess, path: str) -> int:
    headers = {"Accept": formats.NTRIPLES.media_type}
    answer = httpx.get(f"{server.address}{path}", headers=headers, timeout=GUARD, follow_redirects=True)
    assert answer.headers["content-type"] == formats.NTRIPLES.media_type
    return len({str(quad) for quad in terms.parse(answer.raise_for_status().content, formats.NTRIPLES)})


@pytest.mark.parametrize("form", mostly_slow([None, "trig"], {None}))
def test_it_reads_the_dump(server: ServerProcess, form: str | None) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # rdflib's own, of its parser for TriG
        found = rdflib.Dataset().parse(f"{server.address}/dataset", format=form)
    assert len(list(found.quads())) == len(
        list(terms.parse(server.get("dataset.nq.gz", Accept_Encoding="gzip").content, formats.NQUADS))
    )


@pytest.mark.slow
@pytest.mark.parametrize("row", told("rdflib"), ids=lambda row: row["asked"])
def test_without_a_format_it_reads_the_static_site_too(
    server_place: Place, w3id_place: Place, row: dict[str, str]
) -> None:
    for place, cell in places(server_place, w3id_place, row):
        check_reading(place, row["asked"], cell, _read)
        assert sends(place, "rdflib")


READ = """
import sys
from importlib import metadata
metadata.entry_points = lambda: metadata.EntryPoints()  # readers of other packages change what it accepts
import rdflib
rdflib.NORMALIZE_LITERALS = False  # else it writes some numbers otherwise than it read them
data = rdflib.Dataset()
data.parse(sys.argv[1])
sys.stdout.buffer.write(data.serialize(format="nquads", encoding="utf-8"))
"""


def _read(iri: str) -> bytes:
    """Return the N-Quads of what rdflib reads as it comes, in a process without the readers of other packages."""
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", READ, iri]
    return subprocess.run(command, capture_output=True, check=True, timeout=GUARD).stdout


def test_a_graph_over_a_store_is_the_union_or_the_graph_of_its_name(server: ServerProcess) -> None:
    store = sparqlstore.SPARQLStore(f"{server.address}/sparql")
    ontology = namespaces.ONTOLOGY_GRAPH
    assert len(rdflib.Graph(store)) == _statements(server, "/sparql?default")
    assert len(rdflib.Graph(store, identifier=ontology)) == _statements(server, f"/sparql?graph={ontology}")
    assert rdflib.URIRef(ontology) in set(store.contexts())


def test_it_loads_documents(server: ServerProcess) -> None:
    found = rdflib.Dataset()
    found.update(f"LOAD <{server.address}/state/CZE> INTO GRAPH <urn:x:state>")
    assert len(found.graph(rdflib.URIRef("urn:x:state"))) == _statements(server, "/state/CZE")


def test_it_asks_the_endpoint_within_a_query(server: ServerProcess) -> None:
    query = f"SELECT * {{ SERVICE <{server.address}/sparql> {{ SELECT (COUNT(*) AS ?n) {{ ?s ?p ?o }} }} }}"
    ((number,),) = rdflib.Graph().query(query)
    assert int(number) == _statements(server, "/sparql?default")
