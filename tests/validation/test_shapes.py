"""Every shape accepts and rejects what it should, by two engines that know nothing of each other.

A case is a Turtle file `shapes/<shape>/accept-….ttl` or `reject-….ttl`: data, and the results that the shape must give
for it, written by hand as the W3C's SHACL test suite writes them (`sh:sourceShape` names the shape with the IRI).
"""

from __future__ import annotations

from pathlib import Path

import pytest
import rdflib
from rdflib.namespace import RDF, SH

from conftest import ROOT, mostly_slow
from rejoinder import formats
from rejoinder.rdf import terms
from rejoinder.validation.shacl import PyshaclValidator, ShaclValidator, ValidationResult, open_validator

SHAPES = ROOT / "ontology" / "shapes.ttl"
RJSH = rdflib.Namespace("https://w3id.org/rejoinder/shapes#")
DOCUMENT = "https://example.org/case"
CASES = sorted((ROOT / "tests/cases/shapes").glob("*/*.ttl"))
FIRST = set({case.parent: case for case in reversed(CASES) if case.name.startswith("reject-")}.values())
"""Of each shape, the first case that it rejects."""
SHAPES_GRAPH = rdflib.Graph().parse(SHAPES)
NAMES = sorted(
    str(shape).removeprefix(RJSH)
    for shape in SHAPES_GRAPH.subjects(RDF.type, SH.NodeShape)
    if str(shape).startswith(RJSH)
)


@pytest.fixture(scope="module")
def first() -> ShaclValidator:
    return open_validator(SHAPES)  # type: ignore[return-value]  # the first engine's


def test_every_shape_has_an_accepting_and_a_rejecting_case() -> None:
    cases = {(case.parent.name, case.name.partition("-")[0]) for case in CASES}
    assert cases == {(name, verdict) for name in NAMES for verdict in ("accept", "reject")}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.stem}")
def test_a_case_gives_the_results_written_beside_it(case: Path, first: ShaclValidator) -> None:
    shape = RJSH[case.parent.name]
    graph = rdflib.Graph().parse(case, publicID=DOCUMENT)
    expected = _expected(graph, shape)
    results = tuple(result for result in first.validate(_data(case)) if result.shape == str(shape))

    assert bool(expected) == case.name.startswith("reject-")
    assert _targets(graph, shape), "the case holds nothing that the shape looks at"
    assert {_essence(result) for result in results} == expected


@pytest.mark.parametrize("case", mostly_slow(CASES, FIRST), ids=lambda case: f"{case.parent.name}/{case.stem}")
def test_the_second_engine_gives_the_same_results(case: Path, first: ShaclValidator) -> None:
    shape, data = RJSH[case.parent.name], _data(case)
    results = tuple(result for result in first.validate(data) if result.shape == str(shape))
    assert _alone(shape).validate(data) == results


def _data(case: Path) -> str:
    """Return the data of the case as N-Triples: all but the expected results, to which only the document points."""
    triples = [quad.triple for quad in terms.parse_file(case, DOCUMENT)]
    expectation: set[object] = {terms.NamedNode(DOCUMENT)}
    for _ in range(4):  # document, report, result, path
        expectation |= {t.object for t in triples if t.subject in expectation and isinstance(t.object, terms.BlankNode)}
    return terms.serialize([t for t in triples if t.subject not in expectation], formats.NTRIPLES).decode()


def _alone(shape: rdflib.URIRef) -> PyshaclValidator:
    """Return the second engine with this shape and the prefixes only: with all of them a case takes it a second."""
    return PyshaclValidator(SHAPES_GRAPH.cbd(shape) + SHAPES_GRAPH.cbd(rdflib.URIRef(str(RJSH).removesuffix("#"))))


def _expected(graph: rdflib.Graph, shape: rdflib.URIRef) -> set[tuple[str, ...]]:
    properties = (SH.focusNode, SH.resultPath, SH.value, SH.resultSeverity, SH.sourceConstraintComponent)
    nodes = set(graph.subjects(RDF.type, SH.ValidationResult))
    assert all(graph.value(node, SH.sourceShape) == shape for node in nodes)
    return {tuple(_text(graph, graph.value(node, each)) for each in properties) for node in nodes}


def _text(graph: rdflib.Graph, term: rdflib.term.Node | None) -> str:
    if isinstance(term, rdflib.BNode):
        return f"^{graph.value(term, SH.inversePath)}"
    return "" if term is None else str(term)


def _essence(result: ValidationResult) -> tuple[str, ...]:
    return result.focus, result.path, result.value, result.severity, result.component


def _targets(graph: rdflib.Graph, shape: rdflib.URIRef) -> set[rdflib.term.Node]:
    of_class = {node for each in SHAPES_GRAPH.objects(shape, SH.targetClass) for node in graph.subjects(RDF.type, each)}
    subjects = {node for each in SHAPES_GRAPH.objects(shape, SH.targetSubjectsOf) for node in graph.subjects(each)}
    objects = {node for each in SHAPES_GRAPH.objects(shape, SH.targetObjectsOf) for node in graph.objects(None, each)}
    return of_class | subjects | objects
