"""The Service Description says what is there: every graph, with as many statements as it has."""

from __future__ import annotations

import rdflib
from rdflib.namespace import RDF, VOID

from rejoinder import formats
from rejoinder.project import Project
from rejoinder.server import description
from rejoinder.store import graphs, rdf
from rejoinder.store.versions import require_newest

SD = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")


def test_every_graph_is_named_and_counted(built_once: Project) -> None:
    version = require_newest(built_once.build)
    store = version.open()
    text = description.written(built_once, version.manifest, formats.TURTLE)
    found = rdflib.Graph().parse(data=text, format="turtle")
    counts = {
        str(found.value(node, SD.name)): int(str(found.value(found.value(node, SD.graph), VOID.triples)))
        for node in found.subjects(RDF.type, SD.NamedGraph)
    }
    assert counts == {iri: len(list(graphs.statements(store, iri))) for iri in graphs.names_of(store)}
    service = found.value(None, RDF.type, SD.Service)
    assert found.value(service, SD.supportedLanguage) == SD.SPARQL11Query
    assert (service, SD.feature, SD.UnionDefaultGraph) in found


def test_it_says_the_same_in_every_syntax_and_every_time(built_once: Project) -> None:
    manifest = require_newest(built_once.build).manifest
    written = {syntax: description.written(built_once, manifest, syntax) for syntax in formats.RDF_SYNTAXES}
    statements = [{quad.triple for quad in rdf.parse(text, syntax)} for syntax, text in written.items()]
    assert all(each == statements[0] for each in statements)
    assert all(description.written(built_once, manifest, syntax) == text for syntax, text in written.items())
