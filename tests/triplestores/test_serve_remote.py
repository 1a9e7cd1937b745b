"""`rejoinder serve --endpoint`: pages of the site as built, queries to a real triple store, and its misfortunes."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest
from test_push import edit

from conftest import Run, StartStore, signed_in
from rejoinder.building import build
from rejoinder.config import Project
from rejoinder.triplestores import push
from rejoinder.versions import require_newest
from server_process import run_server, served

PATIENCE = 30.0


def until(client: httpx.Client, path: str, status: int) -> httpx.Response:
    """Wait for an answer with the status, and return it."""
    end = time.monotonic() + PATIENCE
    while (answer := client.get(path)).status_code != status and time.monotonic() < end:
        time.sleep(0.2)
    return answer


@pytest.mark.parametrize("name", ["oxigraph", "fuseki"])
def test_pages_are_those_that_were_built_and_queries_are_those_of_the_store(
    name: str, built: Project, tmp_path: Path, start_store: StartStore
) -> None:
    with start_store(name, tmp_path / "store") as store, signed_in(store):
        push.push(built, store.query_url)
        site = require_newest(built.build).site_path
        with served(built, store.query_url) as client:
            for path in ("index.html", "state/CZE.html", "state/CZE.ttl", "report/kaz-upr-20.html", "ns.html"):
                assert client.get(path).content == (site / path).read_bytes(), path
            asked = client.get("sparql", params={"query": "ASK { ?s a rj:Report }"})
            assert asked.json() == {"head": {}, "boolean": True}
            query = "SELECT (COUNT(DISTINCT ?r) AS ?n) { ?r a rj:Report }"
            answer = client.get("sparql", params={"query": query}, headers={"Accept": "text/csv"})
            assert answer.text.split() == ["n", "4"]
            triples = client.get(
                "sparql", params={"query": "CONSTRUCT WHERE { ?r a rj:Report }"}, headers={"Accept": "text/turtle"}
            )
            assert f"<{built.base}report/kaz-upr-20#report>" in triples.text
            rows = client.get("api/questions/who-raised-what?state=BRA").json()
            assert rows["total"] > 0
            assert {row["stateLabel"] for row in rows["rows"]} == {"Brazil"}
            assert client.get("api/questions/who-raised-what?state=NOWHERE").status_code == 400


def test_a_server_says_when_the_store_holds_another_version_than_its_pages(
    built: Project, tmp_path: Path, start_store: StartStore
) -> None:
    with start_store("oxigraph", tmp_path / "store") as store, signed_in(store):
        push.push(built, store.query_url)
        with run_server(built, tmp_path / "log", "--endpoint", store.query_url) as server:
            assert "triple store: version 1, as the pages" in server.get("-/ready").text
            edit(built, "issue.yaml", "en: Freedom", "en: The freedom")
            assert server.get("-/ready").text.startswith("ready: version 1\n"), "a version without a site is not shown"
            build.build(built)
            ready = server.get("-/ready")
            assert ready.status_code == 200
            assert ready.text.startswith("ready: version 2\n")
            behind = "triple store: version 1 of "
            assert behind in ready.text
            assert "while the pages show version 2 of" in ready.text
            assert "'rejoinder push' loads that" in ready.text
            assert "The freedom" in server.get("issue/index.html").text
            assert "The freedom" not in server.get("api/questions/issues-ranked?limit=10000").text
            push.push(built, store.query_url)
            assert "triple store: version 2, as the pages" in server.get("-/ready").text
            log = server.log_until("/-/ready")
            warned = [line for line in log.splitlines() if behind in line]
            assert len(warned) == 1
            assert '"level": "warning"' in warned[0]


REFUSED = [
    ("DROP ALL", "DROP begins an update"),
    ("SELECT * { ?s ?p ?o } ; INSERT DATA { <x:a> <x:b> <x:c> }", "the query has INSERT in it"),
    ("DEFINE get:soft 'replace' SELECT * { ?s ?p ?o }", "the query has DEFINE in it"),
    ("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", "SERVICE asks another server"),
    ("SELECT {", "the store refuses the request"),
]


def test_strangers_may_only_ask(built: Project, tmp_path: Path, start_store: StartStore) -> None:
    with start_store("oxigraph", tmp_path / "store") as store, signed_in(store):
        push.push(built, store.query_url)
        with served(built, store.query_url) as client:
            for query, sentence in REFUSED:
                answer = client.post("sparql", data={"query": query})
                assert answer.status_code == 400
                assert sentence in answer.json()["detail"]
                assert store.query_url not in answer.text
        assert push.push(built, store.query_url, verify=True).steps == ()


def test_a_store_that_is_gone_takes_its_answers_with_it_but_no_page(
    built: Project, tmp_path: Path, start_store: StartStore
) -> None:
    with start_store("oxigraph", tmp_path / "store") as store, signed_in(store):
        push.push(built, store.query_url)
        with served(built, store.query_url) as client:
            page = client.get("state/CZE.html")
            store.kill()
            for path in ("-/ready", "sparql?query=ASK%7B%7D", "api/questions/who-raised-what"):
                gone = until(client, path, 503)
                assert (gone.status_code, gone.headers["retry-after"]) == (503, "5")
                assert "triple store behind this server does not answer" in gone.json()["detail"]
            assert client.get("state/CZE.html").content == page.content
            assert client.get("-/healthy").status_code == 200
            with start_store("oxigraph", tmp_path / "store"):
                assert until(client, "-/ready", 200).status_code == 200
                assert client.get("sparql?query=ASK%7B%7D").status_code == 200


def test_a_server_over_nothing_does_not_start(
    built: Project, run: Run, tmp_path: Path, start_store: StartStore
) -> None:
    with start_store("oxigraph", tmp_path / "store") as store, signed_in(store):
        empty = run("serve", "--port", "0", "--project", built.root, "--endpoint", store.query_url)
    assert empty.returncode == 2
    assert "no version of the project" in empty.stderr


def test_a_server_without_a_site_does_not_start(project: Project, run: Run) -> None:
    nowhere = ("serve", "--port", "0", "--endpoint", "http://127.0.0.1:1")
    nothing = run(*nowhere, "--project", project.root)
    assert (nothing.returncode, nothing.stderr.count("\n")) == (2, 1)
    assert "rejoinder build" in nothing.stderr
    build.build(project, with_site=False)
    unpublished = run(*nowhere, "--project", project.root)
    assert unpublished.returncode == 2
    assert "version 1 has no site that is up to date; write it with 'rejoinder build'" in unpublished.stderr
