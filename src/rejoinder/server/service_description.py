"""The Service Description of the endpoint: what it is, where it is, what it answers and over which graphs.

Standards: SPARQL 1.1 Service Description; SPARQL 1.2 Service Description (versions of the language); DCAT 3 and VoID.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rejoinder import formats, namespaces
from rejoinder.config import Project
from rejoinder.formats import Syntax
from rejoinder.rdf import serialize, terms
from rejoinder.rdf.terms import Literal, NamedNode, Term, Triple
from rejoinder.versions import Manifest

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
"""The result formats, by their names in the W3C's registry, `namespaces.FORMATS`."""

VERSIONS: Final = ("version-1.1", "version-1.2-basic", "version-1.2")
"""The versions of SPARQL that our own engine reads, by their names in the W3C's namespace of SPARQL."""

_STAND_IN: Final = "http://endpoint.invalid/"
"""An IRI for the endpoint while its description is written; the domain is reserved (RFC 2606), so nobody has it."""


def service_description(project: Project, manifest: Manifest, syntax: Syntax, address: str, *, own: bool) -> bytes:
    """Return the description of the endpoint of a version, in `syntax`, for a client that asked at `address`.

    `own` says that our own engine answers.
    """
    # Behind a proxy the server does not know its address, but a relative IRI is right at any. N-Triples has none.
    absolute = syntax in (formats.NTRIPLES, formats.NQUADS)
    service = address if absolute else _STAND_IN
    triples = [Triple(NamedNode(s), NamedNode(p), o) for s, p, o in _statements(project, manifest, service, own=own)]
    if syntax is formats.TURTLE:
        written = serialize.turtle_text(triples, _PREFIXES).encode()
    else:
        written = terms.serialize(triples, syntax)
    # Never an empty reference, which would keep the parameters of the request (RFC 3986, section 5.2.2).
    relative = address.rpartition("/")[2] or "./"
    return written if absolute else written.replace(_STAND_IN.encode(), relative.encode())


_PREFIXES: Final = {
    "sd": namespaces.SD,
    "dcat": namespaces.DCAT,
    "void": namespaces.VOID,
    "dcterms": namespaces.DCTERMS,
    "rdfs": namespaces.RDFS,
    "formats": namespaces.FORMATS,
    "sparql": namespaces.SPARQL,
}


def _statements(project: Project, manifest: Manifest, service: str, *, own: bool) -> Iterator[tuple[str, str, Term]]:
    here, base = NamedNode(service), NamedNode(project.base)
    yield service, namespaces.RDF_TYPE, NamedNode(namespaces.SD + "Service")
    yield service, namespaces.SD + "endpoint", here
    yield service, namespaces.DCTERMS + "title", Literal(f"{project.title}: SPARQL", language="en")
    yield service, namespaces.DCTERMS + "license", NamedNode(project.license)
    # The name of SPARQL 1.1 is for older clients; SPARQL 1.2 names the language and its versions apart.
    for language in ("SPARQL11Query", "SPARQLQuery"):
        yield service, namespaces.SD + "supportedLanguage", NamedNode(namespaces.SD + language)
    for version in VERSIONS if own else VERSIONS[:1]:
        yield service, namespaces.SD + "supportedVersion", NamedNode(namespaces.SPARQL + version)
    yield service, namespaces.SD + "feature", NamedNode(namespaces.SD + "UnionDefaultGraph")
    for name in _RESULTS:
        yield service, namespaces.SD + "resultFormat", NamedNode(namespaces.FORMATS + name)
    yield service, namespaces.RDF_TYPE, NamedNode(namespaces.DCAT + "DataService")
    yield service, namespaces.DCAT + "endpointURL", here
    yield service, namespaces.DCAT + "endpointDescription", here
    yield service, namespaces.DCAT + "servesDataset", base
    yield project.base, namespaces.VOID + "sparqlEndpoint", here
    yield from _graphs(project, manifest, service)


def _graphs(project: Project, manifest: Manifest, service: str) -> Iterator[tuple[str, str, Term]]:
    dataset, union = f"{service}#dataset", f"{service}#union"
    yield service, namespaces.SD + "defaultDataset", NamedNode(dataset)
    yield dataset, namespaces.RDF_TYPE, NamedNode(namespaces.SD + "Dataset")
    yield dataset, namespaces.RDFS + "seeAlso", NamedNode(project.base)
    yield dataset, namespaces.SD + "defaultGraph", NamedNode(union)
    yield union, namespaces.RDF_TYPE, NamedNode(namespaces.SD + "Graph")
    yield union, namespaces.RDFS + "comment", Literal("Every statement of every named graph, once.", language="en")
    for number, entry in enumerate(sorted(manifest.graphs, key=lambda entry: entry.iri), start=1):
        named, graph = f"{service}#named-{number}", f"{service}#graph-{number}"
        yield dataset, namespaces.SD + "namedGraph", NamedNode(named)
        yield named, namespaces.RDF_TYPE, NamedNode(namespaces.SD + "NamedGraph")
        yield named, namespaces.SD + "name", NamedNode(entry.iri)
        yield named, namespaces.SD + "graph", NamedNode(graph)
        yield graph, namespaces.RDF_TYPE, NamedNode(namespaces.SD + "Graph")
        yield graph, namespaces.VOID + "triples", Literal(entry.quads)
