"""The descriptions of the data set meet the constraints of DCAT-AP 3, which pySHACL checks by shapes of ours."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pyshacl
import pytest
import rdflib
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, SH

import rejoinder
from conftest import CASES, SMALL
from rejoinder.config import Project, open_project

SHAPES = rdflib.Graph().parse(CASES / "dcat-ap-3.ttl")
DESCRIPTIONS = ("index.ttl", "meta/index.ttl", "version/1/index.ttl", "version/2/index.ttl")
SERVICE = "https://example.org/sparql"

Change = Callable[[rdflib.Graph], object]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Give the small project with a public endpoint, in its second version."""
    root = shutil.copytree(SMALL, tmp_path_factory.mktemp("catalogue") / "project")
    with (root / "rejoinder.toml").open("a", encoding="utf-8") as file:
        file.write(f'endpoint = "{SERVICE}"\n')
    found = open_project(root)
    rejoinder.build(found, with_site=False)
    path = root / "data/organisation.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("label: ", "label: The ", 1), encoding="utf-8")
    assert rejoinder.build(found).broken == ()
    return found


def _read(project: Project, path: str) -> rdflib.Graph:
    site: Path = project.build / "site"
    return rdflib.Graph().parse(site / path)


def _wrong(graph: rdflib.Graph) -> set[tuple[rdflib.term.Node | None, rdflib.term.Node | None]]:
    """Return the node and the path of each result."""
    _, report, _ = pyshacl.validate(graph, shacl_graph=SHAPES)
    assert isinstance(report, rdflib.Graph)
    results = report.subjects(RDF.type, SH.ValidationResult)
    return {(report.value(result, SH.focusNode), report.value(result, SH.resultPath)) for result in results}


@pytest.mark.parametrize("path", DESCRIPTIONS)
def test_descriptions_meet_dcat_ap(project: Project, path: str) -> None:
    graph = _read(project, path)
    assert set(graph.subjects(RDF.type, DCAT.Dataset))
    assert set(graph.subjects(RDF.type, DCAT.Distribution))
    if path.endswith("index.ttl") and not path.startswith("version"):
        assert set(graph.subjects(RDF.type, DCAT.Catalog))
        assert set(graph.objects(None, DCAT.endpointURL)) == {rdflib.URIRef(SERVICE)}
    assert _wrong(graph) == set()


BASE = "https://example.org/reports/"
DATASET, CATALOGUE, PUBLISHER, DUMP, ENDPOINT = (
    rdflib.URIRef(BASE + name) for name in ("", "#catalogue", "#publisher", "#dataset.trig", "#sparql")
)
LICENCE = rdflib.URIRef("https://example.org/licence")


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda graph: graph.remove((DATASET, DCTERMS.description, None)), (DATASET, DCTERMS.description)),
        (lambda graph: graph.remove((CATALOGUE, DCTERMS.title, None)), (CATALOGUE, DCTERMS.title)),
        (lambda graph: graph.remove((CATALOGUE, DCTERMS.publisher, None)), (CATALOGUE, DCTERMS.publisher)),
        (lambda graph: graph.remove((DUMP, DCAT.accessURL, None)), (DUMP, DCAT.accessURL)),
        (lambda graph: graph.remove((ENDPOINT, DCAT.endpointURL, None)), (ENDPOINT, DCAT.endpointURL)),
        (lambda graph: graph.remove((PUBLISHER, FOAF.name, None)), (PUBLISHER, FOAF.name)),
        (lambda graph: graph.add((DUMP, DCTERMS.license, LICENCE)), (DUMP, DCTERMS.license)),
        (lambda graph: graph.remove((None, RDF.type, DCTERMS.LinguisticSystem)), (DATASET, DCTERMS.language)),
    ],
    ids=["description", "title", "publisher", "accessURL", "endpointURL", "name", "two licences", "language"],
)
def test_what_breaks_dcat_ap_is_found(project: Project, change: Change, found: tuple[rdflib.URIRef, ...]) -> None:
    graph = _read(project, "index.ttl")
    change(graph)
    assert found in _wrong(graph)
