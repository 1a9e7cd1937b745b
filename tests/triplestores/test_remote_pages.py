"""Pages of a version in a real triple store: the bytes of the embedded version's, whatever happens to the store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from test_push import edit

from conftest import signed_in, started
from rejoinder.config import Project
from rejoinder.errors import RemoteError, StoreError
from rejoinder.rdf.terms import Literal, NamedNode, Triple
from rejoinder.site import routes
from rejoinder.site.snapshot import Snapshot, open_snapshot
from rejoinder.triplestores import push
from rejoinder.triplestores.client import Remote, connected
from rejoinder.triplestores.exchange import Answer
from rejoinder.triplestores.push import TripleStore
from rejoinder.triplestores.remote_snapshot import RemoteShelf
from rejoinder.versions import require_newest
from stores.base import RunningStore

FOREIGN = "https://example.net/not-ours"
EVERY = 7
"""Of the pages that are alike, one in so many is compared; of the others, all."""


@dataclass
class Clock:
    """A clock that is put forward by hand."""

    now: float = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


@contextmanager
def shelf(url: str, project: Project, clock: Clock | None = None) -> Iterator[RemoteShelf]:
    with connected(url) as remote:
        yield RemoteShelf(project, replace(remote, attempts=1), clock or Clock())


def embedded(project: Project) -> Snapshot:
    """The edition of the newest version, without the dumps that a triple store does not have."""
    return replace(open_snapshot(project, require_newest(project.build)), dumps=())


def some_paths(edition: Snapshot) -> list[str]:
    """Pages of all kinds, save those of older versions: a triple store holds one."""
    every = [stem + suffix for stem in routes.stems(edition) for suffix in routes.files(edition, stem)]
    paths = [path for path in every if not path.startswith(("version/", "feed.xml", "sitemap.xml"))]
    paths = [
        path for path in paths if not (path.startswith("shapes") and path.endswith(".jsonld"))
    ]  # blank nodes' names
    alike = [path for path in paths if path.startswith(("state/", "provision/", "organisation/", "question/"))]
    return sorted({*paths}.difference(alike).union(alike[::EVERY]))


@contextmanager
def said_by_others(url: str, project: Project) -> Iterator[None]:
    """A graph of others that speaks of our things; our pages do not show it."""
    with connected(url) as remote:
        store = TripleStore(remote, push.staging_graph(project.base))
        store.replace(FOREIGN, [Triple(NamedNode(f"{project.base}state/KAZ"), NamedNode("x:b"), Literal("by others"))])
        try:
            yield
        finally:
            store.drop(FOREIGN)


def test_pages_are_the_bytes_of_the_embedded_version(triple_store: RunningStore, built_once: Project) -> None:
    push.push(built_once, triple_store.query_url, verify=True)
    ours = embedded(built_once)
    paths = some_paths(ours)
    assert len(paths) > 300
    with said_by_others(triple_store.query_url, built_once), shelf(triple_store.query_url, built_once) as remote_shelf:
        for path in paths:
            there, here = remote_shelf.page(path), routes.page(ours, path)
            assert there == here, path
        assert remote_shelf.page("state/NOWHERE.html") is None
        assert remote_shelf.page("../etc/passwd") is None


def test_a_push_shows_without_a_restart(tmp_path: Path, built: Project) -> None:
    clock = Clock()
    with started("oxigraph", tmp_path / "store") as store, signed_in(store):
        push.push(built, store.query_url)
        with shelf(store.query_url, built, clock) as pages:
            before = pages.page("issue/index.html")
            edit(built, "issue.yaml", "en: Freedom", "en: The freedom")
            push.push(built, store.query_url)
            assert pages.page("issue/index.html") == before, "a moment has not passed"
            clock.now += 10
            assert pages.page("issue/index.html") == routes.page(embedded(built), "issue/index.html") != before
            assert pages.page("index.html") == routes.page(embedded(built), "index.html")


def test_a_store_that_is_gone_is_a_sentence_until_it_is_back(tmp_path: Path, built: Project) -> None:
    clock = Clock()
    with started("oxigraph", tmp_path / "store") as store, signed_in(store):
        push.push(built, store.query_url)
        with shelf(store.query_url, built, clock) as pages:
            page = pages.page("state/CZE.html")
            store.kill()
            clock.now += 10
            with pytest.raises(RemoteError, match="nothing can be reached there"):
                pages.page("state/CZE.html")
            with started("oxigraph", tmp_path / "store"):
                assert pages.page("state/CZE.html") == page


def test_a_store_without_the_project_is_a_sentence(tmp_path: Path, built: Project) -> None:
    with started("oxigraph", tmp_path / "store") as store, signed_in(store), shelf(store.query_url, built) as pages:
        with pytest.raises(StoreError, match=r"no version of the project .* bring one with 'rejoinder push'"):
            pages.page("index.html")
        push.push(built, store.query_url)
        assert pages.page("index.html")


def test_few_requests_fetch_a_page(tmp_path: Path, built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report has some 1,000 things in it; graph, record, and batches of what is said and what points."""
    with started("oxigraph", tmp_path / "store") as store, signed_in(store):
        push.push(built, store.query_url)
        asked: list[str] = []
        query = Remote.query

        def noted(self: Remote, text: str, accept: str) -> Answer:
            asked.append(text)
            return query(self, text, accept)

        monkeypatch.setattr(Remote, "query", noted)
        with shelf(store.query_url, built) as pages:
            pages.page("report/kaz-upr-20.html")
            assert len(asked) < 60
            asked.clear()
            pages.page("report/kaz-upr-20.html")
            assert asked == []


def test_a_record_of_an_older_program_is_made_whole(tmp_path: Path, built: Project) -> None:
    with started("oxigraph", tmp_path / "store") as store, signed_in(store):
        push.push(built, store.query_url)
        with connected(store.query_url) as remote:
            target, graph = TripleStore(remote, ""), push.record_graph(built.base)
            whole = target.read(graph)
            node = NamedNode(push.version_node(built.base))
            target.replace(graph, [triple for triple in whole if triple.subject != node])
            assert push.push(built, store.query_url).steps == ()
            assert set(target.read(graph)) == set(whole)
            assert push.push(built, store.query_url, dry_run=True).steps == ()
