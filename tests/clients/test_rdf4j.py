"""RDF4J reads addresses and asks the endpoint, and gets what `docs/interoperability.md` says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from interoperability import (
    CLIENTS,
    Place,
    Program,
    check_query,
    check_reading,
    java_program,
    maven_version,
    places,
    sends,
    told,
)
from rejoinder import versions

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def rdf4j(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with java_program("Rdf4j", "clients", tmp_path_factory.mktemp("rdf4j")) as started:
        yield started


def test_the_page_names_the_version() -> None:
    for client in ("RDFLoader", "SPARQLRepository"):
        assert {row["version"] for row in told(client)} == {f"RDF4J {maven_version(CLIENTS / 'pom.xml')}"}


@pytest.mark.parametrize("row", told("RDFLoader"), ids=lambda row: row["asked"])
def test_it_reads(rdf4j: Program, server_place: Place, w3id_place: Place, row: dict[str, str]) -> None:
    for place, cell in places(server_place, w3id_place, row):
        check_reading(place, row["asked"], cell, lambda iri: rdf4j.ask("load", iri))
        assert sends(place, "RDF4J")


@pytest.mark.parametrize("row", told("SPARQLRepository"), ids=lambda row: row["asked"])
def test_it_asks_the_endpoint(rdf4j: Program, server_place: Place, row: dict[str, str]) -> None:
    cell = row["rejoinder serve"]
    check_query(server_place, row["asked"], cell, lambda query: rdf4j.ask("query", server_place.endpoint, query))


def test_the_endpoint_is_a_repository_with_the_graphs_of_the_project(rdf4j: Program, server_place: Place) -> None:
    graphs = versions.require_newest(server_place.project.build).manifest.graphs
    whole, *sizes = rdf4j.ask("graphs", server_place.endpoint).decode().splitlines()
    assert sorted(sizes) == sorted(f"{graph.iri} {graph.quads}" for graph in graphs)
    assert max(graph.quads for graph in graphs) < int(whole) <= sum(graph.quads for graph in graphs)
