"""SPARQLWrapper, as it comes, gets what `docs/interoperability.md` says, and reads it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from interoperability import QUERIES, is_documented, media_type, rows
from rejoinder import formats
from rejoinder.config import Project
from rejoinder.rdf import terms
from server_process import ServerProcess, run_server

client = pytest.importorskip("SPARQLWrapper", reason="SPARQLWrapper is missing: 'pip install rejoinder[push]'")
rdflib = pytest.importorskip("rdflib", reason="rdflib, which SPARQLWrapper needs, is missing")

ASKED = rows("`returnFormat`")
CASES = [(row, kind) for row in ASKED for kind in QUERIES]


@pytest.fixture(scope="module")
def server(built_once: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with run_server(built_once, tmp_path_factory.mktemp("log") / "log.jsonl") as running:
        yield running


@pytest.fixture(scope="module")
def described(server: ServerProcess) -> dict[str, set[str]]:
    """Give the graphs that the two queries for graphs make, as canonical lines."""
    found = {}
    for kind in ("CONSTRUCT", "DESCRIBE"):
        asked = {"query": QUERIES[kind]}
        answer = httpx.get(
            f"{server.address}/sparql", params=asked, headers={"Accept": "application/n-triples"}, timeout=60
        )
        found[kind] = _lines(answer.raise_for_status().content)
        assert found[kind]
    return found


def _lines(turtle: bytes) -> set[str]:
    return {str(quad) for quad in terms.parse(turtle, formats.TURTLE)}


def _asked(wrapper: Any) -> tuple[str, Any]:
    """Return the media type that comes, and what SPARQLWrapper makes of the content."""
    with warnings.catch_warnings():  # it warns where a format does not fit the query, and on rdflib's older names
        warnings.simplefilter("ignore")
        result = wrapper.query()
        with result.response:
            return result.info()["content-type"].partition(";")[0], result.convert()


def test_the_page_has_every_format_and_the_version() -> None:
    own = {client.JSON, client.XML, client.TURTLE, client.N3, client.RDF, client.RDFXML, client.CSV, client.TSV}
    for conneg in ("yes", "no"):
        assert {row["returnFormat"] for row in ASKED if row["setOnlyConneg"] == conneg} == {*own, client.JSONLD}
    assert len(CASES) == 9 * 2 * 4
    assert is_documented("SPARQLWrapper", "SPARQLWrapper")


@pytest.mark.parametrize(
    ("row", "kind"), CASES, ids=[f"{kind}-{row['returnFormat']}-{row['setOnlyConneg']}" for row, kind in CASES]
)
def test_it_gets_what_the_page_says(
    server: ServerProcess, described: dict[str, set[str]], row: dict[str, str], kind: str
) -> None:
    wrapper = client.SPARQLWrapper(f"{server.address}/sparql", returnFormat=row["returnFormat"])
    wrapper.setOnlyConneg(row["setOnlyConneg"] == "yes")
    wrapper.setQuery(QUERIES[kind])
    came, got = _asked(wrapper)
    assert came == media_type(row[kind])
    if kind in described:
        _check_graph(got, described[kind])
    else:
        _check_table(got, came, kind)


def _check_graph(got: Any, expected: set[str]) -> None:
    lines = got.serialize(format="nt").encode() if isinstance(got, rdflib.Graph) else got
    assert _lines(lines) == expected


def _check_table(got: Any, came: str, kind: str) -> None:
    if came == formats.JSON.media_type:
        assert got["boolean"] if kind == "ASK" else len(got["results"]["bindings"]) == 3
    elif came == formats.XML.media_type:
        words = [each.firstChild.data for each in got.getElementsByTagName("boolean")]
        assert (words or len(got.getElementsByTagName("result"))) == (["true"] if kind == "ASK" else 3)
    else:
        assert got.strip() == b"true" if kind == "ASK" else len(got.splitlines()) == 4


@pytest.mark.parametrize("kind", QUERIES)
def test_without_a_format_it_asks_for_xml(server: ServerProcess, kind: str) -> None:
    wrapper = client.SPARQLWrapper(f"{server.address}/sparql")
    wrapper.setQuery(QUERIES[kind])
    (row,) = (row for row in ASKED if (row["returnFormat"], row["setOnlyConneg"]) == ("xml", "no"))
    assert _asked(wrapper)[0] == media_type(row[kind])


@pytest.mark.parametrize("directly", [False, True])
@pytest.mark.parametrize("name", ["xml", "json-ld", "tsv"])
def test_it_may_post(server: ServerProcess, name: str, directly: bool) -> None:
    (row,) = (row for row in ASKED if (row["returnFormat"], row["setOnlyConneg"]) == (name, "no"))
    for kind, query in QUERIES.items():
        wrapper = client.SPARQLWrapper(f"{server.address}/sparql", returnFormat=name)
        wrapper.setMethod(client.POST)
        if directly:
            wrapper.setRequestMethod(client.POSTDIRECTLY)
        wrapper.setQuery(query)
        assert _asked(wrapper)[0] == media_type(row[kind])
