"""Clients that others wrote, as they come: SPARQLWrapper and rdflib themselves, the rest by the headers that they send.

`tests/cases/accept_headers.csv` holds the headers, recorded from the programs or their sources, and what each is to
get: the suffix of the file at some addresses, nothing where nothing suits; at `/sparql`, the syntax of a graph.
"""

from __future__ import annotations

import csv
import gzip
import warnings
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import POST, POSTDIRECTLY, SPARQLWrapper

from conftest import CASES
from rejoinder import formats, versions
from rejoinder.config import Project
from rejoinder.rdf import terms
from server_process import GUARD, ServerProcess, run_server
from web_servers import run_apache

pytestmark = pytest.mark.filterwarnings("ignore:(ConjunctiveGraph|Dataset.default_context) is deprecated")
"""What rdflib warns of is its own use of older names."""

with (CASES / "accept_headers.csv").open(encoding="utf-8", newline="") as file:
    CLIENTS = {row["client"]: row for row in csv.DictReader(file)}

PLACES = {"ns": "ns", "report": "report/kaz-upr-20", "state": "state/CZE", "start": "", "dataset": "dataset"}
TYPED = "{ ?s a ?t } ORDER BY ?s ?t LIMIT 3"
QUERIES = {
    "SELECT": f"SELECT ?s ?t {TYPED}",
    "ASK": "ASK { ?s a ?t }",
    "CONSTRUCT": f"CONSTRUCT {{ ?s a ?t }} WHERE {TYPED}",
    "DESCRIBE": "DESCRIBE <https://w3id.org/rejoinder/state/CZE>",
}
NAMES = ("json", "xml", "turtle", "n3", "rdf", "rdf+xml", "csv", "tsv", "json-ld")
"""All that SPARQLWrapper can be told to ask for."""


@pytest.fixture(scope="module")
def server(built_once: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with run_server(built_once, tmp_path_factory.mktemp("log") / "log.jsonl") as running:
        yield running


# SPARQLWrapper


@pytest.fixture(scope="module")
def described(server: ServerProcess) -> dict[str, set[str]]:
    """Give the graphs that the two queries for graphs make, as canonical lines."""
    return {kind: _lines(_asked(server, QUERIES[kind], "application/n-triples")) for kind in ("CONSTRUCT", "DESCRIBE")}


def _asked(server: ServerProcess, query: str, accept: str) -> bytes:
    answer = httpx.get(f"{server.address}/sparql", params={"query": query}, headers={"Accept": accept}, timeout=60)
    return answer.raise_for_status().content


def _lines(turtle: bytes) -> set[str]:
    return {str(quad) for quad in terms.parse(turtle, formats.TURTLE)}


@pytest.mark.parametrize("conneg", [False, True], ids=["parameters", "onlyConneg"])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", QUERIES)
def test_sparqlwrapper_is_answered_as_it_comes(
    server: ServerProcess, described: dict[str, set[str]], kind: str, name: str, conneg: bool
) -> None:
    wrapper = SPARQLWrapper(f"{server.address}/sparql", returnFormat=name)
    wrapper.setOnlyConneg(conneg)
    wrapper.setQuery(QUERIES[kind])
    with warnings.catch_warnings():  # it warns where a format does not fit the query, and on rdflib's older names
        warnings.simplefilter("ignore")
        result = wrapper.query()
        with result.response:
            media_type = result.info()["content-type"].partition(";")[0]
            got = result.convert()
    assert media_type == _media_type(kind, name, conneg=conneg)
    if kind in described:
        _check_graph(got, described[kind])
    else:
        _check_table(got, media_type, kind)


def _media_type(kind: str, name: str, *, conneg: bool) -> str:
    """Return the media type that fits best."""
    if kind in {"SELECT", "ASK"}:
        fitting = {"xml": formats.XML, "csv": formats.CSV, "tsv": formats.TSV}
        return fitting.get(name, formats.JSON).media_type
    fitting = {"xml": formats.RDFXML, "rdf+xml": formats.RDFXML, "json-ld": formats.JSONLD}
    if not conneg:
        fitting |= {"json": formats.JSONLD, "rdf": formats.RDFXML}
    return fitting.get(name, formats.TURTLE).media_type


def _check_graph(got: Any, expected: set[str]) -> None:
    lines = got.serialize(format="nt").encode() if isinstance(got, rdflib.Graph) else got
    assert _lines(lines) == expected


def _check_table(got: Any, media_type: str, kind: str) -> None:
    if media_type == formats.JSON.media_type:
        assert got["boolean"] if kind == "ASK" else len(got["results"]["bindings"]) == 3
    elif media_type == formats.XML.media_type:
        words = [each.firstChild.data for each in got.getElementsByTagName("boolean")]
        assert (words or len(got.getElementsByTagName("result"))) == (["true"] if kind == "ASK" else 3)
    else:
        assert got.strip() == b"true" if kind == "ASK" else len(got.splitlines()) == 4


@pytest.mark.parametrize("directly", [False, True])
@pytest.mark.parametrize("name", ["xml", "json-ld", "tsv"])
def test_sparqlwrapper_may_post(server: ServerProcess, name: str, directly: bool) -> None:
    kind = "SELECT" if name == "tsv" else "CONSTRUCT"
    wrapper = SPARQLWrapper(f"{server.address}/sparql", returnFormat=name)
    wrapper.setMethod(POST)
    if directly:
        wrapper.setRequestMethod(POSTDIRECTLY)
    wrapper.setQuery(QUERIES[kind])
    result = wrapper.query()
    with result.response:
        assert result.info()["content-type"].partition(";")[0] == _media_type(kind, name, conneg=False)


GRAPH_WORDS = {
    formats.TURTLE: ("turtle", "TTL", "n3", "text", "text/turtle", "application/x-turtle", "text/n3", "text/rdf n3"),
    formats.NTRIPLES: ("ntriples", "n-triples", "nt", "application/n-triples", "text/plain"),
    formats.JSONLD: (
        "json",
        "json-ld",
        "jsonld",
        "JSON-LD",
        "application/ld+json",
        "application/x-json+ld",
        "application/json",
    ),
    formats.RDFXML: (
        "xml",
        "rdf",
        "rdf+xml",
        "rdf xml",
        "rdfxml",
        "application/rdf+xml",
        "application/xml",
        "text/xml",
    ),
    formats.TRIG: ("trig", "application/trig", "application/x-trig"),
    formats.NQUADS: ("nquads", "n-quads", "nq", "application/n-quads", "text/x-nquads"),
}
TABLE_WORDS = {
    formats.JSON: ("json", "JSON", "srj", "application/sparql-results+json", "application/javascript", "text/json"),
    formats.XML: (
        "xml",
        "sparql",
        "srx",
        "application/sparql-results+xml",
        "application/sparql-results xml",
        "text/xml",
    ),
    formats.CSV: ("csv", "text/csv", "text/csv; header=present"),
    formats.TSV: ("tsv", "text/tab-separated-values", "TSV"),
}


@pytest.mark.parametrize("parameter", ["format", "output", "results"])
def test_words_for_formats_are_those_of_the_kind_of_query(server: ServerProcess, parameter: str) -> None:
    """By each parameter, also behind a word that nobody knows or that fits another kind of query."""
    image = {"Accept": "image/png"}
    with httpx.Client(base_url=server.address, timeout=60, headers=image) as client:
        for query, known in ((QUERIES["CONSTRUCT"], GRAPH_WORDS), (QUERIES["SELECT"], TABLE_WORDS)):
            unfit = "csv" if known is GRAPH_WORDS else "turtle"
            for syntax, words in known.items():
                for word in words:
                    for value in ([word], ["docx", word], [f"{word},docx"], [f" {unfit} , {word}"], ["", word]):
                        answer = client.get("/sparql", params={"query": query, parameter: value})
                        got = answer.headers["content-type"].partition(";")[0]
                        assert (answer.status_code, got) == (200, syntax.media_type), (query, parameter, value)


def test_a_word_that_nothing_stands_for_is_left_to_accept(server: ServerProcess) -> None:
    with httpx.Client(base_url=server.address, timeout=60) as client:
        for word in ("docx", "turtle", "", ",", "\n", "x" * 2_000, "application/", "*/*", "auto"):
            asked = {"query": QUERIES["SELECT"], "format": word}
            answer = client.get("/sparql", params=asked, headers={"Accept": "text/csv"})
            assert (answer.status_code, answer.headers["content-type"][:8]) == (200, "text/csv"), word
            assert client.get("/sparql", params=asked, headers={"Accept": "text/turtle"}).status_code == 406, word
            assert client.get("/sparql", params=asked).json()["results"]["bindings"], word


def test_the_first_of_several_words_that_fits_is_taken(server: ServerProcess) -> None:
    asked = {"query": QUERIES["CONSTRUCT"], "results": "xml", "output": "nt", "format": ["csv", "json-ld,turtle"]}
    answer = httpx.get(f"{server.address}/sparql", params=asked, timeout=60)
    assert answer.headers["content-type"] == formats.JSONLD.media_type


# rdflib


@pytest.mark.parametrize("form", [None, "xml", "turtle", "ttl", "n3", "nt", "json-ld"])
@pytest.mark.parametrize("path", ["ns", "shapes", "ns/0.2.0"])
def test_rdflib_reads_the_vocabularies(server: ServerProcess, path: str, form: str | None) -> None:
    expected = _lines(server.get(f"{path}.nt").content)
    found = rdflib.Graph().parse(f"{server.address}/{path}", format=form)
    assert len(found) == len(expected)


@pytest.mark.parametrize("form", [None, "turtle", "n3", "nt", "json-ld"])
@pytest.mark.parametrize("path", ["report/kaz-upr-20", "state/CZE", "question/who-raised-what", "", "state/"])
def test_rdflib_reads_documents(server: ServerProcess, path: str, form: str | None) -> None:
    expected = _lines(server.get(f"{path}index.nt" if path.endswith("/") or not path else f"{path}.nt").content)
    found = rdflib.Graph().parse(f"{server.address}/{path}", format=form)
    assert len(found) == len(expected)


@pytest.mark.parametrize("form", [None, "trig"])
def test_rdflib_reads_the_dump(server: ServerProcess, form: str | None) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # rdflib's own, of its parser for TriG
        found = rdflib.Dataset().parse(f"{server.address}/dataset", format=form)
    quads = list(found.quads())  # the length of a dataset counts what two graphs state once
    assert len(quads) == len(list(terms.parse(gzip.decompress(server.get("dataset.nq.gz").content), formats.NQUADS)))


@pytest.mark.parametrize("returned", ["xml", "json", "csv", "tsv"])
def test_rdflib_asks(server: ServerProcess, returned: str) -> None:
    store = SPARQLStore(f"{server.address}/sparql", returnFormat=returned)
    graph = rdflib.Graph(store)
    assert len(list(graph.query(QUERIES["SELECT"]))) == 3


# Every other client


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_gets_what_it_can_read(server: ServerProcess, client: str) -> None:
    row = CLIENTS[client]
    for column, path in PLACES.items():
        wanted = row[column]
        answer = server.get(path, **_accept(row), Accept_Encoding="gzip" if wanted == "packed" else "identity")
        file = answer.headers.get("location") if column == "state" else answer.headers.get("content-location")
        if not wanted:
            assert answer.status_code == 406, (column, file)
        elif wanted == "packed":
            kind = (answer.headers["content-type"], answer.headers["content-encoding"], file)
            assert kind == ("application/n-quads", "gzip", "dataset.nq.gz")
            assert next(iter(terms.parse(answer.content, formats.NQUADS)))
        else:
            assert file is not None
            assert file.rpartition(".")[2] == wanted, (column, file)


def _accept(row: dict[str, str]) -> dict[str, str]:
    return {"Accept": row["accept"]} if row["accept"] else {"Accept": ""}


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_gets_a_graph_that_it_can_read(server: ServerProcess, client: str) -> None:
    row = CLIENTS[client]
    asked = {"query": QUERIES["DESCRIBE"]}
    answer = httpx.get(f"{server.address}/sparql", params=asked, headers=_accept(row), timeout=60)
    if not row["sparql"]:
        assert answer.status_code == 406
        return
    assert answer.headers["content-type"].partition(";")[0] == formats.rdf_syntax(row["sparql"]).media_type


@pytest.fixture(scope="module")
def w3id(built_once: Project) -> Iterator[str]:
    """Give the address of Apache with the rules for w3id.org."""
    site = versions.require_newest(built_once.build).site_path
    with run_apache((site / "w3id/.htaccess").read_text(encoding="utf-8")) as address:
        yield address


@pytest.mark.parametrize("client", CLIENTS)
def test_the_rules_at_w3id_lead_a_client_to_a_file_that_there_is(built_once: Project, w3id: str, client: str) -> None:
    """They know no weights: a client of RDF is led to RDF, a browser to the page, and either to what there is."""
    site = versions.require_newest(built_once.build).site_path
    row = CLIENTS[client]
    for column, place in PLACES.items():
        answer = httpx.get(w3id + place, headers=_accept(row), timeout=30)
        assert answer.status_code == 303
        target = urlsplit(answer.headers["location"]).path.removeprefix(urlsplit(built_once.site).path)
        assert (site / target).is_file(), (column, target)
        if row[column]:
            assert target.endswith(".html") == (row[column] == "html"), (column, target)


def test_what_protege_opens_is_the_ontology(server: ServerProcess) -> None:
    answer = server.get("ns", Accept=CLIENTS["OWL API 5, Protégé, ROBOT"]["accept"])
    assert answer.headers["content-type"] == "application/rdf+xml"
    place = urljoin(f"{server.address}/ns", answer.headers["content-location"])
    assert httpx.get(place, timeout=GUARD).content == answer.content
    found = rdflib.Graph().parse(data=answer.content, format="xml")
    assert list(found.subjects(rdflib.RDF.type, rdflib.OWL.Ontology)) == [
        rdflib.URIRef("https://w3id.org/rejoinder/ns")
    ]
