"""The Service Description says what is there and where: every graph with its statements, and the endpoint as asked."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import rdflib
from rdflib.namespace import DCAT, RDF, VOID

import server_thread
from conftest import SHARED
from rejoinder import formats
from rejoinder.building import build
from rejoinder.config import Project
from rejoinder.rdf import graphs, terms
from rejoinder.rdf.terms import Store
from rejoinder.server.sparql import service_description
from rejoinder.versions import require_newest
from server_process import configure, run_server

ARCHIVE = SHARED / "suites" / "w3c-rdf-tests.tgz"
KINDS = {
    "PositiveSyntaxTest": True,
    "PositiveSyntaxTest11": True,
    "NegativeSyntaxTest": False,
    "NegativeSyntaxTest11": False,
}
MF = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
ADDRESS = "https://example.org/sparql"
SD = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")


def test_every_graph_is_named_and_counted(built_once: Project) -> None:
    version = require_newest(built_once.build)
    store = version.open()
    text = service_description(built_once, version.manifest, formats.TURTLE, ADDRESS, own=True)
    found = rdflib.Graph().parse(data=text, format="turtle", publicID=ADDRESS)
    counts = {
        str(found.value(node, SD.name)): int(str(found.value(found.value(node, SD.graph), VOID.triples)))
        for node in found.subjects(RDF.type, SD.NamedGraph)
    }
    assert counts == {iri: len(list(graphs.statements(store, iri))) for iri in graphs.names_of(store)}
    service = found.value(None, RDF.type, SD.Service)
    assert set(found.objects(service, SD.supportedLanguage)) == {SD.SPARQL11Query, SD.SPARQLQuery}
    assert (service, SD.feature, SD.UnionDefaultGraph) in found


def test_it_says_the_same_in_every_syntax(built_once: Project) -> None:
    manifest = require_newest(built_once.build).manifest
    written = {
        syntax: service_description(built_once, manifest, syntax, ADDRESS, own=True) for syntax in formats.RDF_SYNTAXES
    }
    statements = [{quad.triple for quad in terms.parse(text, syntax, ADDRESS)} for syntax, text in written.items()]
    assert all(each == statements[0] for each in statements)


# The W3C's three tests: GET returns RDF, with a triple of sd:endpoint for the address, and conforms to the schema


@pytest.fixture(scope="module")
def address(small_built_once: Project) -> Iterator[str]:
    with server_thread.project(small_built_once) as address:
        yield address


def described(address: str, syntax: formats.Syntax = formats.TURTLE, **headers: str) -> rdflib.Graph:
    answer = httpx.get(address, headers={"Accept": syntax.media_type, **headers}, timeout=60).raise_for_status()
    assert answer.headers["content-type"].partition(";")[0] == syntax.media_type
    # By Oxigraph, because rdflib's reader of Turtle takes a slash in the parameters for one of the path.
    triples = terms.triples(terms.parse(answer.content, syntax, address))
    return rdflib.Graph().parse(data=terms.serialize(triples, formats.NTRIPLES), format="nt")


def endpoints(found: rdflib.Graph) -> list[tuple[str, str]]:
    return [(str(service), str(endpoint)) for service, endpoint in found.subject_objects(SD.endpoint)]


@pytest.mark.parametrize("syntax", formats.RDF_SYNTAXES, ids=lambda syntax: syntax.name)
@pytest.mark.parametrize("path", ["/sparql", "/sparql/", "/sparql?results={}&x=/y", "/sparql/?x=a/b/?c"])
def test_the_endpoint_is_where_it_was_asked(address: str, path: str, syntax: formats.Syntax) -> None:
    asked = address + path.partition("?")[0]
    assert endpoints(described(f"{address}{path.format(syntax.media_type)}", syntax)) == [(asked, asked)]


def test_rdflib_reads_it_from_the_address(address: str) -> None:
    asked = f"{address}/sparql"
    assert endpoints(rdflib.Graph().parse(asked)) == [(asked, asked)]


@pytest.mark.slow
def test_below_a_prefix_and_under_another_host_it_is_there(small_built: Project, tmp_path: Path) -> None:
    configure(small_built, prefix="/reports")
    with run_server(small_built, tmp_path / "log.jsonl") as server:
        asked = f"{server.address}/sparql"
        assert asked.endswith("/reports/sparql")
        for syntax in (formats.TURTLE, formats.NTRIPLES):
            assert endpoints(described(asked, syntax)) == [(asked, asked)]
        other = described(asked, formats.NTRIPLES, Host="example.org")
        assert endpoints(other) == [("http://example.org/reports/sparql",) * 2]
        for host in ("[fe80::1%25eth0]", ""):  # no IRI can have them
            assert endpoints(described(asked, formats.NTRIPLES, Host=host)) == [(asked, asked)]


SCHEMA = {  # domain and range of what is used, from the namespace document of 2013; None where it gives none
    SD.endpoint: (SD.Service, None),
    SD.feature: (SD.Service, None),
    SD.supportedLanguage: (SD.Service, None),
    SD.supportedVersion: (SD.Service, None),  # of SPARQL 1.2
    SD.resultFormat: (SD.Service, None),
    SD.defaultDataset: (SD.Service, SD.Dataset),
    SD.defaultGraph: (SD.Dataset, SD.Graph),
    SD.namedGraph: (SD.Dataset, SD.NamedGraph),
    SD.name: (SD.NamedGraph, None),
    SD.graph: (SD.NamedGraph, SD.Graph),
}


def test_it_conforms_to_the_schema(address: str) -> None:
    found = described(f"{address}/sparql")
    used = {predicate for predicate in found.predicates() if str(predicate).startswith(str(SD))}
    assert used == set(SCHEMA)
    for predicate, (domain, range_) in SCHEMA.items():
        for subject, value in found.subject_objects(predicate):
            assert (subject, RDF.type, domain) in found
            assert range_ is None or (value, RDF.type, range_) in found
            assert isinstance(value, rdflib.URIRef)
    for dataset in found.subjects(RDF.type, SD.Dataset):
        assert len(list(found.objects(dataset, SD.defaultGraph))) == 1
    for named in found.subjects(RDF.type, SD.NamedGraph):
        assert len(list(found.objects(named, SD.name))) == 1


def test_it_is_a_data_service_of_the_data_set(address: str, small_built_once: Project) -> None:
    found, asked = described(f"{address}/sparql"), rdflib.URIRef(f"{address}/sparql")
    base = rdflib.URIRef(small_built_once.base)
    assert (asked, RDF.type, DCAT.DataService) in found
    assert (asked, DCAT.endpointURL, asked) in found
    assert (asked, DCAT.servesDataset, base) in found
    assert (base, VOID.sparqlEndpoint, asked) in found


OF_VERSION = {
    "version-1.1": "SELECT (COUNT(*) AS ?n) { ?s a/<http://www.w3.org/2000/01/rdf-schema#subClassOf>* ?c }",
    "version-1.2-basic": "VERSION '1.2-basic' SELECT (LANGDIR('a'@ar--rtl) AS ?d) {}",
    "version-1.2": "VERSION '1.2' SELECT * { BIND(<<( <urn:a:s> <urn:a:p> 1 )>> AS ?t) FILTER(isTRIPLE(?t)) }",
}


def test_the_versions_of_sparql_that_it_names_are_answered(address: str) -> None:
    found = described(f"{address}/sparql")
    named = {str(version).rpartition("#")[2] for version in found.objects(None, SD.supportedVersion)}
    assert named == set(OF_VERSION)
    for query in OF_VERSION.values():
        answer = httpx.get(f"{address}/sparql", params={"query": query}, timeout=60)
        assert answer.status_code == 200, answer.text
        assert len(answer.json()["results"]["bindings"]) == 1


LENIENT = {"tripleterm-subject-03.rq", "tripleterm-subject-06.rq", "nested-aggregate-functions.rq"}
"""The queries that are no SPARQL 1.2 and that the engine accepts, as `docs/sparql-endpoint.md` says."""


def test_the_engine_reads_sparql_1_2_but_for_three_queries() -> None:
    """By the W3C's syntax tests: each names a file with a query, and whether it is one."""
    if not ARCHIVE.exists():
        pytest.skip("the W3C's tests are not here (../shared/suites)")
    with tarfile.open(ARCHIVE) as archive:
        members = {m.name: m for m in archive.getmembers() if m.name.startswith("sparql/sparql12/") and m.isfile()}
        texts = {name: (archive.extractfile(m) or pytest.fail(name)).read().decode() for name, m in members.items()}
    store, tried, wrong = Store(), 0, set()
    for name in (name for name in texts if name.endswith("/manifest.ttl")):
        manifest = rdflib.Graph().parse(data=texts[name], format="turtle", publicID=f"https://example.org/{name}")
        for kind, valid in KINDS.items():
            for test in manifest.subjects(RDF.type, MF[kind]):
                query = str(manifest.value(test, MF.action)).removeprefix("https://example.org/")
                tried += 1
                if _is_read(store, texts[query]) != valid:
                    wrong.add(query.rpartition("/")[2])
    assert (tried, wrong) == (183, LENIENT)


def _is_read(store: Store, query: str) -> bool:
    try:
        store.query(query, base_iri="https://example.org/")
    except SyntaxError:
        return False
    return True


def test_of_another_engine_only_the_version_is_named_that_every_store_has(small_built_once: Project) -> None:
    manifest = require_newest(small_built_once.build).manifest
    text = service_description(small_built_once, manifest, formats.TURTLE, ADDRESS, own=False)
    found = rdflib.Graph().parse(data=text, format="turtle", publicID=ADDRESS)
    assert list(map(str, found.objects(None, SD.supportedVersion))) == ["http://www.w3.org/ns/sparql#version-1.1"]


# Where the project says that there is a public one, its own documents name it


def test_void_and_dcat_name_a_public_endpoint(small_built: Project) -> None:
    """And the site is made again for it, although the data are as they were."""
    public = "https://sparql.example/reports"
    named = replace(small_built, endpoint=public)
    build.build(named)
    base, service = rdflib.URIRef(named.base), rdflib.URIRef(f"{named.base}#sparql")
    site = require_newest(named.build).site_path
    for path in ("index.ttl", ".well-known/void"):
        found = rdflib.Graph().parse(site / path, format="turtle")
        assert (base, VOID.sparqlEndpoint, rdflib.URIRef(public)) in found
        assert (service, RDF.type, DCAT.DataService) in found
        assert (service, DCAT.endpointURL, rdflib.URIRef(public)) in found
        assert (service, DCAT.servesDataset, base) in found
        assert (rdflib.URIRef(f"{named.base}#catalogue"), DCAT.service, service) in found


def test_without_a_public_endpoint_void_and_dcat_name_none(small_built_once: Project) -> None:
    found = rdflib.Graph().parse(require_newest(small_built_once.build).site_path / "index.ttl", format="turtle")
    assert not list(found.objects(None, VOID.sparqlEndpoint))
    assert not list(found.subjects(RDF.type, DCAT.DataService))


MEDIA_TYPES = {  # the formats of the W3C by their registered media types
    "Turtle": "text/turtle",
    "N-Triples": "application/n-triples",
    "JSON-LD": "application/ld+json",
    "RDF_XML": "application/rdf+xml",
    "TriG": "application/trig",
    "N-Quads": "application/n-quads",
    "SPARQL_Results_JSON": "application/sparql-results+json",
    "SPARQL_Results_XML": "application/sparql-results+xml",
    "SPARQL_Results_CSV": "text/csv",
    "SPARQL_Results_TSV": "text/tab-separated-values",
}


def test_the_endpoint_gives_the_formats_that_it_names_and_no_other(built_once: Project) -> None:
    with server_thread.project(built_once) as address, httpx.Client(base_url=address, timeout=60) as client:
        found = described(f"{address}/sparql")
        named = {str(form).rpartition("/")[2] for form in found.objects(None, SD.resultFormat)}
        given = set()
        for form, media_type in MEDIA_TYPES.items():
            query = "SELECT * {} LIMIT 1" if form.startswith("SPARQL") else "CONSTRUCT WHERE { ?s a rj:Report }"
            answer = client.get("/sparql", params={"query": query}, headers={"Accept": media_type})
            if answer.headers["content-type"].partition(";")[0] == media_type:
                given.add(form)
        assert named == given == set(MEDIA_TYPES)
