"""Apache Jena's commands read addresses and ask the endpoint, and get what `docs/interoperability.md` says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conftest import ROOT
from interoperability import (
    QUERIES,
    Place,
    Program,
    check_query,
    check_reading,
    java_program,
    maven_version,
    media_type,
    places,
    sends,
    stated,
    told,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def jena_commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with java_program("Jena", "jena", tmp_path_factory.mktemp("jena")) as started:
        yield started


def test_the_page_names_the_version() -> None:
    for command in ("riot", "arq", "rsparql"):
        assert {row["version"] for row in told(command)} == {f"Jena {maven_version(ROOT / 'tests/jena/pom.xml')}"}


@pytest.mark.parametrize("row", told("riot"), ids=lambda row: row["asked"])
def test_riot_reads(jena_commands: Program, server_place: Place, w3id_place: Place, row: dict[str, str]) -> None:
    for place, cell in places(server_place, w3id_place, row):
        check_reading(place, row["asked"], cell, lambda iri: jena_commands.ask("riot", "--output=nquads", iri))
        assert sends(place, "Apache Jena")


def test_arq_asks_documents_and_the_endpoint_from_within_a_query(
    jena_commands: Program, server_place: Place, w3id_place: Place
) -> None:
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    document, service = told("arq")
    for place, cell in places(server_place, w3id_place, document):
        place.recorder.seen.clear()
        found = jena_commands.ask("arq", "--results=csv", f"--data={place.address}state/CZE", count)
        assert int(found.split()[-1]) == stated((place.site / "state/CZE.nt").read_bytes())[0]
        assert place.recorder.came() == [media_type(cell)]
    server_place.recorder.seen.clear()
    query = f"SELECT * {{ SERVICE <{server_place.endpoint}> {{ {QUERIES['SELECT']} }} }}"
    assert len(jena_commands.ask("arq", "--results=csv", query).splitlines()) == 4
    assert server_place.recorder.came() == [media_type(service["rejoinder serve"])]


@pytest.mark.parametrize("row", told("rsparql"), ids=lambda row: row["asked"])
def test_rsparql_asks_the_endpoint(jena_commands: Program, server_place: Place, row: dict[str, str]) -> None:
    form = "csv" if row["asked"] in ("SELECT", "ASK") else "ntriples"
    command = ("rsparql", f"--service={server_place.endpoint}", f"--results={form}")
    cell = row["rejoinder serve"]
    check_query(server_place, row["asked"], cell, lambda query: jena_commands.ask(*command, query))
