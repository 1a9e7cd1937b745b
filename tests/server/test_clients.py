"""Clients that others wrote, by what they send: names of formats in parameters, and headers.

`tests/clients` runs the clients themselves. `tests/cases/accept_headers.csv` holds the headers, recorded from the
programs or their sources, and what each is to get: the suffix of the file at some addresses, nothing where nothing
suits; at `/sparql`, the syntax of a graph.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
import rdflib

from conftest import CASES
from rejoinder import formats, versions
from rejoinder.config import Project
from rejoinder.rdf import terms
from server_process import GUARD, ServerProcess, run_server
from web_servers import run_apache

with (CASES / "accept_headers.csv").open(encoding="utf-8", newline="") as file:
    CLIENTS = {row["client"]: row for row in csv.DictReader(file)}

PLACES = {"ns": "ns", "report": "report/kaz-upr-20", "state": "state/CZE", "start": "", "dataset": "dataset"}
TYPED = "{ ?s a ?t } ORDER BY ?s ?t LIMIT 3"
QUERIES = {
    "SELECT": f"SELECT ?s ?t {TYPED}",
    "ASK": "ASK { ?s a ?t }",
    "CONSTRUCT": f"CONSTRUCT {{ ?s a ?t }} WHERE {TYPED}",
    "DESCRIBE": "DESCRIBE <state/CZE>",
}


@pytest.fixture(scope="module")
def server(built_once: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with run_server(built_once, tmp_path_factory.mktemp("log") / "log.jsonl") as running:
        yield running


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
            # A name for another kind of answer contradicts the query, which no name and no header suits.
            status = 400 if word == "turtle" else 406
            assert client.get("/sparql", params=asked, headers={"Accept": "text/turtle"}).status_code == status, word
            assert client.get("/sparql", params=asked).json()["results"]["bindings"], word


def test_names_for_another_kind_of_query_are_refused_only_if_nothing_else_fits(server: ServerProcess) -> None:
    with httpx.Client(base_url=server.address, timeout=60) as client:
        for kind, unfit, accept in (("SELECT", "rdf+xml", "text/csv"), ("CONSTRUCT", "tsv", "application/rdf+xml")):
            asked = {"query": QUERIES[kind], "output": f"docx,{unfit}"}
            assert client.get("/sparql", params=asked, headers={"Accept": accept}).status_code == 200
            refused = client.get("/sparql", params=asked, headers={"Accept": "image/png"})
            assert (refused.status_code, "no format for this kind" in refused.json()["detail"]) == (400, True)


def test_the_first_of_several_words_that_fits_is_taken(server: ServerProcess) -> None:
    asked = {"query": QUERIES["CONSTRUCT"], "results": "xml", "output": "nt", "format": ["csv", "json-ld,turtle"]}
    answer = httpx.get(f"{server.address}/sparql", params=asked, timeout=60)
    assert answer.headers["content-type"] == formats.JSONLD.media_type


# Every other client


def test_a_packed_dump_is_rdf_for_all_but_who_excludes_its_coding(server: ServerProcess) -> None:
    for codings, kind in (({}, "application/n-triples"), ({"Accept-Encoding": "identity"}, "application/gzip")):
        connection = HTTPConnection(urlsplit(server.address).netloc, timeout=GUARD)
        connection.putrequest("GET", "/dataset.nt.gz", skip_accept_encoding=True)
        for name, value in codings.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        coding = "gzip" if kind == "application/n-triples" else None
        assert (answer.headers["content-type"], answer.headers["content-encoding"]) == (kind, coding)
        assert gzip.decompress(content).startswith(b"<http")


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
