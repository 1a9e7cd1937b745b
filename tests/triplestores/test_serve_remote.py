"""`rejoinder serve --endpoint`: the server over a real triple store, as a process, and what can happen to it."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest
from test_push import edit
from test_remote_pages import embedded

from conftest import Run, signed_in, started
from rejoinder.config import Project
from rejoinder.site import routes
from rejoinder.triplestores import push
from server_process import served

PATIENCE = 30.0


def until(client: httpx.Client, path: str, status: int, content: bytes | None = None) -> httpx.Response:
    """The answer, when it is as expected; the server looks at the store about once a second."""
    end = time.monotonic() + PATIENCE
    while True:
        answer = client.get(path)
        if (answer.status_code == status and content in (None, answer.content)) or time.monotonic() > end:
            return answer
        time.sleep(0.2)


@pytest.mark.parametrize("name", ["oxigraph", "fuseki"])
def test_the_server_publishes_what_a_store_holds(name: str, built: Project, tmp_path: Path) -> None:
    with started(name, tmp_path / "store") as store, signed_in(store):
        push.push(built, store.query_url)
        with served(built, store.query_url) as client:
            for path in ("index.html", "state/CZE.html", "state/CZE.ttl", "report/kaz-upr-20.html", "ns.html"):
                page = routes.page(embedded(built), path)
                assert page
                assert client.get(path).content == page.content, path
            asked = client.get("sparql", params={"query": "ASK { ?s a rj:Report }"})
            assert asked.json() == {"head": {}, "boolean": True}
            query = "SELECT (COUNT(DISTINCT ?r) AS ?n) { ?r a rj:Report }"
            answer = client.get("sparql", params={"query": query}, headers={"Accept": "text/csv"})
            assert answer.text.split() == ["n", "1"]
            triples = client.get(
                "sparql", params={"query": "CONSTRUCT WHERE { ?r a rj:Report }"}, headers={"Accept": "text/turtle"}
            )
            assert f"<{built.base}report/kaz-upr-20>" in triples.text
            assert client.get("api/questions/who-raised-what?state=BRA").status_code == 200
            edit(built, "issue.yaml", "en: Freedom", "en: The freedom")
            push.push(built, store.query_url)
            changed = routes.page(embedded(built), "issue/index.html")
            assert changed
            assert until(client, "issue/index.html", 200, changed.content).content == changed.content


REFUSED = [
    ("DROP ALL", "DROP begins an update"),
    ("SELECT * { ?s ?p ?o } ; INSERT DATA { <x:a> <x:b> <x:c> }", "the query has INSERT in it"),
    ("DEFINE get:soft 'replace' SELECT * { ?s ?p ?o }", "the query has DEFINE in it"),
    ("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", "SERVICE asks another server"),
    ("SELECT {", "the store refuses the request"),
]


def test_strangers_may_only_ask(built: Project, tmp_path: Path) -> None:
    with started("oxigraph", tmp_path / "store") as store, signed_in(store):
        push.push(built, store.query_url)
        with served(built, store.query_url) as client:
            for query, sentence in REFUSED:
                answer = client.post("sparql", data={"query": query})
                assert answer.status_code == 400
                assert sentence in answer.json()["detail"]
                assert store.query_url not in answer.text
        assert push.push(built, store.query_url, verify=True).steps == ()


def test_a_store_that_is_gone_is_a_503_until_it_is_back(built: Project, tmp_path: Path) -> None:
    with started("oxigraph", tmp_path / "store") as store, signed_in(store):
        push.push(built, store.query_url)
        with served(built, store.query_url) as client:
            page = client.get("state/CZE.html")
            store.kill()
            for path in ("state/CZE.html", "sparql?query=ASK%7B%7D"):
                gone = until(client, path, 503)
                assert (gone.status_code, gone.headers["retry-after"]) == (503, "5")
                assert "triple store behind this server does not answer" in gone.json()["detail"]
            with started("oxigraph", tmp_path / "store"):
                assert until(client, "state/CZE.html", 200).content == page.content


def test_a_server_over_nothing_does_not_start(built: Project, run: Run, tmp_path: Path) -> None:
    with started("oxigraph", tmp_path / "store") as store, signed_in(store):
        empty = run("serve", "--port", "0", "--project", built.root, "--endpoint", store.query_url)
    assert empty.returncode == 2
    assert "no version of the project" in empty.stderr
