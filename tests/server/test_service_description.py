"""The Service Description says what is there: every graph, with as many statements as it has."""

from __future__ import annotations

import httpx
import rdflib
from rdflib.namespace import RDF, VOID

import server_thread
from rejoinder import formats
from rejoinder.config import Project
from rejoinder.rdf import graphs, terms
from rejoinder.server import sparql
from rejoinder.versions import require_newest

SD = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")


def test_every_graph_is_named_and_counted(built_once: Project) -> None:
    version = require_newest(built_once.build)
    store = version.open()
    text = sparql.service_description(built_once, version.manifest, formats.TURTLE)
    found = rdflib.Graph().parse(data=text, format="turtle")
    counts = {
        str(found.value(node, SD.name)): int(str(found.value(found.value(node, SD.graph), VOID.triples)))
        for node in found.subjects(RDF.type, SD.NamedGraph)
    }
    assert counts == {iri: len(list(graphs.statements(store, iri))) for iri in graphs.names_of(store)}
    service = found.value(None, RDF.type, SD.Service)
    assert found.value(service, SD.supportedLanguage) == SD.SPARQL11Query
    assert (service, SD.feature, SD.UnionDefaultGraph) in found


def test_it_says_the_same_in_every_syntax(built_once: Project) -> None:
    manifest = require_newest(built_once.build).manifest
    written = {syntax: sparql.service_description(built_once, manifest, syntax) for syntax in formats.RDF_SYNTAXES}
    statements = [{quad.triple for quad in terms.parse(text, syntax)} for syntax, text in written.items()]
    assert all(each == statements[0] for each in statements)


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
        text = client.get("/sparql", headers={"Accept": "text/turtle"}).text
        found = rdflib.Graph().parse(data=text, format="turtle")
        named = {str(form).rpartition("/")[2] for form in found.objects(None, SD.resultFormat)}
        given = set()
        for form, media_type in MEDIA_TYPES.items():
            query = "SELECT * {} LIMIT 1" if form.startswith("SPARQL") else "CONSTRUCT WHERE { ?s a rj:Report }"
            answer = client.get("/sparql", params={"query": query}, headers={"Accept": media_type})
            if answer.headers["content-type"].partition(";")[0] == media_type:
                given.add(form)
        assert named == given == set(MEDIA_TYPES)
