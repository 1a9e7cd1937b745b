"""What the SPARQL endpoint says of itself: the language, the formats, the graphs and how much is in each.

Standards: SPARQL 1.1 Service Description; VoID.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rejoinder import formats, names
from rejoinder.formats import Syntax
from rejoinder.project import Project
from rejoinder.store import rdf, turtle
from rejoinder.store.rdf import Literal, NamedNode, Term, Triple
from rejoinder.store.versions import Manifest

_SD: Final = "http://www.w3.org/ns/sparql-service-description#"
_VOID: Final = names.PREFIXES["void"]
_FORMATS: Final = "http://www.w3.org/ns/formats/"
_RESULTS: Final = (
    "Turtle",
    "N-Triples",
    "JSON-LD",
    "RDF_XML",
    "TriG",
    "N-Quads",
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
)
"""The formats of answers, by the names that the W3C gives them."""


def written(project: Project, manifest: Manifest, syntax: Syntax) -> bytes:
    """The description of the endpoint of a version, in `syntax`."""
    triples = [Triple(NamedNode(s), NamedNode(p), o) for s, p, o in _statements(project, manifest)]
    if syntax is formats.TURTLE:
        prefixes = {"sd": _SD, "void": _VOID, "dcterms": names.DCTERMS, "rdfs": names.RDFS, "formats": _FORMATS}
        return turtle.turtle(triples, prefixes).encode()
    return rdf.serialize(triples, syntax)


def _statements(project: Project, manifest: Manifest) -> Iterator[tuple[str, str, Term]]:
    service = f"{project.site}sparql"
    dataset, union = f"{service}#dataset", f"{service}#union"
    yield service, names.RDF_TYPE, NamedNode(_SD + "Service")
    yield service, _SD + "endpoint", NamedNode(service)
    yield service, names.DCTERMS + "title", Literal(f"{project.title}: SPARQL", language="en")
    yield service, names.DCTERMS + "license", NamedNode(project.license)
    yield service, _SD + "supportedLanguage", NamedNode(_SD + "SPARQL11Query")
    yield service, _SD + "feature", NamedNode(_SD + "UnionDefaultGraph")
    for form in _RESULTS:
        yield service, _SD + "resultFormat", NamedNode(_FORMATS + form)
    yield service, _SD + "defaultDataset", NamedNode(dataset)
    yield dataset, names.RDF_TYPE, NamedNode(_SD + "Dataset")
    yield dataset, names.RDFS + "seeAlso", NamedNode(project.base)
    yield dataset, _SD + "defaultGraph", NamedNode(union)
    yield union, names.RDF_TYPE, NamedNode(_SD + "Graph")
    yield union, names.RDFS + "comment", Literal("Every statement of every named graph, once.", language="en")
    for number, entry in enumerate(sorted(manifest.graphs, key=lambda entry: entry.iri), start=1):
        named, graph = f"{service}#named-{number}", f"{service}#graph-{number}"
        yield dataset, _SD + "namedGraph", NamedNode(named)
        yield named, names.RDF_TYPE, NamedNode(_SD + "NamedGraph")
        yield named, _SD + "name", NamedNode(entry.iri)
        yield named, _SD + "graph", NamedNode(graph)
        yield graph, names.RDF_TYPE, NamedNode(_SD + "Graph")
        yield graph, _VOID + "triples", Literal(entry.quads)
