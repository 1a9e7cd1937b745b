"""Comunica asks the endpoint, documents and dumps, and gets what `docs/interoperability.md` says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from interoperability import (
    DOCUMENTS,
    QUERIES,
    Place,
    Program,
    check_query,
    check_reading,
    media_type,
    npm_version,
    places,
    program,
    sends,
    told,
)
from rejoinder import versions

pytestmark = pytest.mark.slow

ROWS = told("Comunica")
READ = [row for row in ROWS if row["asked"] in DOCUMENTS and row["asked"] != "the dump"]
ASKED = [row for row in ROWS if row["asked"] in QUERIES]


@pytest.fixture(scope="module")
def comunica(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with program(["node", packages / "comunica.mjs"], tmp_path_factory.mktemp("comunica")) as started:
        yield started


def test_the_page_names_the_version() -> None:
    assert {row["version"] for row in ROWS} == {npm_version("@comunica/query-sparql")}
    assert len(READ) + len(ASKED) + 1 == len(ROWS)


@pytest.mark.parametrize("row", READ, ids=lambda row: row["asked"])
def test_it_reads(comunica: Program, server_place: Place, w3id_place: Place, row: dict[str, str]) -> None:
    for place, cell in places(server_place, w3id_place, row):
        check_reading(place, row["asked"], cell, lambda iri: comunica.ask("CONSTRUCT WHERE { ?s ?p ?o }", iri))
        assert sends(place, "Comunica")


def test_it_counts_the_statements_of_the_dump(comunica: Program, server_place: Place, w3id_place: Place) -> None:
    (row,) = (row for row in ROWS if row["asked"] == "the dump")
    graphs = versions.require_newest(server_place.project.build).manifest.graphs
    for place, cell in places(server_place, w3id_place, row):
        place.recorder.seen.clear()
        found = comunica.ask("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }", f"{place.address}dataset")
        assert int(found.split()[-1]) == sum(graph.quads for graph in graphs)
        assert place.recorder.came() == [media_type(cell)]


@pytest.mark.parametrize("row", ASKED, ids=lambda row: row["asked"])
def test_it_asks_the_endpoint(comunica: Program, server_place: Place, row: dict[str, str]) -> None:
    """Which it knows for one by its Service Description."""
    cell = row["rejoinder serve"]
    check_query(server_place, row["asked"], cell, lambda query: comunica.ask(query, server_place.endpoint))


def test_it_asks_the_endpoint_and_a_document_together(comunica: Program, server_place: Place) -> None:
    query = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"
    assert len(comunica.ask(query, server_place.endpoint, f"{server_place.address}ns").splitlines()) > 10
