"""`rejoinder push` into four real triple stores: what arrives, what stays, and what is left when something breaks."""

from __future__ import annotations

import json
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from conftest import STORES, Run, StartStore, signed_in
from rejoinder.building import build
from rejoinder.config import Project
from rejoinder.errors import RemoteError, UsageError
from rejoinder.rdf import graphs, terms
from rejoinder.rdf.terms import Literal, NamedNode, Quad, Triple
from rejoinder.triplestores import push, sparql_client
from rejoinder.triplestores.client import Answer, Remote, connected
from rejoinder.triplestores.push import Action, Step, TripleStore
from rejoinder.versions import Version, require_newest
from stores import base as running
from stores.base import RunningStore

BASE = "https://example.org/reports/"
FOREIGN = "https://example.net/not-ours"
ODD = Triple(NamedNode("x:a"), NamedNode("x:b"), Literal("odd"))
Content = dict[str, frozenset[Quad]]


@contextmanager
def opened(url: str, project: Project) -> Iterator[TripleStore]:
    with connected(url) as remote:
        yield TripleStore(remote, push.staging_graph(project.base))


@pytest.fixture
def built(small: Project) -> Project:
    """Give the small project, built without a site, which no store holds; `stored` is the example."""
    build.build(small, with_site=False)
    return small


@pytest.fixture
def url(triple_store: RunningStore) -> str:
    """Give the address of a store that holds nothing of the two projects."""
    if triple_store.empty:
        triple_store.empty()
        return triple_store.query_url
    with connected(triple_store.query_url) as remote:
        store = TripleStore(remote, push.staging_graph(BASE))
        for graph in sparql_client.named_graphs(remote):
            if graph.startswith((BASE, "https://w3id.org/rejoinder/", FOREIGN)):
                store.drop(graph)
    return triple_store.query_url


def content(version: Version) -> Content:
    """Return the graphs of a version, in the form that any store can be compared in."""
    store = version.open()
    return {e.iri: frozenset(terms.comparable(graphs.statements(store, e.iri))) for e in version.manifest.graphs}


def remote_content(url: str, project: Project, names: Content) -> Content:
    with opened(url, project) as store:
        return {iri: frozenset(terms.comparable(terms.in_graph(store.read(iri), iri))) for iri in names}


def edit(project: Project, path: str, old: str, new: str) -> Version:
    """Build the next version, with one text of one file changed."""
    file = project.data / path
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    version = build.build(project, with_site=False).version
    assert version
    return version


def edit_much(project: Project) -> Version:
    """Build the next version, with several graphs changed, the greatest among them."""
    edit(project, "issue.yaml", "en: Freedom", "en: The freedom")
    return edit(project, "report/kaz-upr-20.yaml", "label: The", "label: As printed, the")


def test_all_arrives_and_a_second_push_moves_nothing(url: str, stored: Project) -> None:
    version = require_newest(stored.build)
    first = push.push(stored, url)
    assert {step.action for step in first.steps} == {Action.ADD}
    assert len(first.steps) == first.verified == first.graphs == len(version.manifest.graphs)
    assert first.triples == version.manifest.quads
    assert first.differences == ()
    assert remote_content(url, stored, content(version)) == content(version)
    second = push.push(stored, url, verify=True)
    assert (second.steps, second.differences, second.verified) == ((), (), first.graphs)


def test_only_what_changed_travels(url: str, built: Project) -> None:
    push.push(built, url)
    version = edit(built, "issue.yaml", "en: Freedom", "en: The freedom")
    pushed = push.push(built, url)
    # The graph that describes the others tells when one of them changed.
    assert pushed.steps == tuple(Step(f"{built.base}{name}/", Action.REPLACE) for name in ("issue", "meta"))
    assert remote_content(url, built, content(version)) == content(version)


def test_a_dry_run_changes_nothing(url: str, built: Project) -> None:
    pushed = push.push(built, url, dry_run=True)
    assert (len(pushed.steps), pushed.triples, pushed.dry) == (pushed.graphs, 0, True)
    with opened(url, built) as store:
        assert store.read(push.record_graph(built.base)) == ()


def test_what_somebody_else_changed_is_put_right(url: str, built: Project) -> None:
    push.push(built, url)
    graph = f"{built.base}person/"
    with opened(url, built) as store:
        there = store.read(graph)
        store.replace(graph, (*there, ODD))
    assert push.push(built, url).steps == (Step(graph, Action.REPLACE),), "the number of statements gives it away"
    with opened(url, built) as store:
        store.replace(graph, (*there[1:], ODD))
    assert push.push(built, url).steps == (), "the number is the same"
    assert push.push(built, url, verify=True).steps == (Step(graph, Action.REPLACE),)


@pytest.mark.parametrize("name", ["person/", "push-record"])
def test_what_cannot_be_read_is_put_right(name: str, url: str, built: Project) -> None:
    """RDF4J's LMDB store once broke off in the middle of a graph, and every push that read it ended there."""
    version = require_newest(built.build)
    push.push(built, url)
    with cut_short(f"{built.base}{name}"):
        steps = push.push(built, url, verify=True).steps
    assert Step(f"{built.base}person/", Action.REPLACE) in steps
    assert remote_content(url, built, content(version)) == content(version)
    assert push.push(built, url, verify=True).steps == ()


@contextmanager
def cut_short(graph: str) -> Iterator[None]:
    """Let the first answer with the graph break off in the middle of a line."""
    whole = Remote.construct
    cut: list[str] = []

    def half(remote: Remote, text: str) -> Answer:
        answer = whole(remote, text)
        if str(NamedNode(graph)) not in text or cut:
            return answer
        cut.append(graph)
        return replace(answer, content=answer.content[:-5])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Remote, "construct", half)
        yield


def test_prune_removes_what_is_gone_and_only_ours(url: str, built: Project) -> None:
    with opened(url, built) as store:
        store.replace(FOREIGN, [ODD])
    push.push(built, url)
    report = f"{built.base}report/short"
    (built.data / "report/short.yaml").unlink()
    build.build(built, with_site=False)
    assert push.push(built, url).gone == (report,)
    assert push.push(built, url, prune=True).steps == (Step(report, Action.REMOVE),)
    again = push.push(built, url, prune=True, verify=True)
    assert (again.steps, again.gone) == ((), ())
    with opened(url, built) as store:
        assert store.counts([report, FOREIGN]) == {report: 0, FOREIGN: 1}


def test_the_command_says_what_travelled(url: str, built: Project, run: Run) -> None:
    first, second = run("push", url), run("push", url, "--format", "json")
    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    manifest = require_newest(built.build).manifest
    number = len(manifest.graphs)
    held = f"{manifest.quads} statements in {number} graphs of version 1; {number} read back and compared"
    assert held in first.stdout
    assert json.loads(second.stdout)["steps"] == []


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_moment_the_next_push_finishes(url: str, stored: Project, seed: int) -> None:
    old = content(require_newest(stored.build))
    push.push(stored, url)
    new = content(edit_much(stored))
    command = [sys.executable, "-m", "rejoinder", "push", url, "--project", str(stored.root)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        with suppress(subprocess.TimeoutExpired):
            process.wait(random.Random(seed).uniform(0.8, 3.0))
        process.send_signal(signal.SIGKILL)
    assert_old_or_new(remote_content(url, stored, new), old, new)
    push.push(stored, url)
    assert remote_content(url, stored, new) == new


def assert_old_or_new(there: Content, old: Content, new: Content) -> None:
    assert [iri for iri in new if there[iri] not in (old.get(iri, frozenset()), new[iri])] == []


@pytest.mark.parametrize("name", STORES)
def test_a_store_that_is_killed_is_waited_for(
    name: str, stored: Project, tmp_path: Path, start_store: StartStore
) -> None:
    folder = tmp_path / "store"
    old = content(require_newest(stored.build))
    with start_store(name, folder) as store, signed_in(store):
        push.push(stored, store.query_url)
        new = content(edit_much(stored))
        with in_background(lambda: push.push(stored, store.query_url)) as errors:
            time.sleep(random.Random(name).uniform(0.1, 1.0))
            store.kill()
            with start_store(name, folder) as again:
                errors.join()
                assert_old_or_new(remote_content(again.query_url, stored, new), old, new)
                push.push(stored, again.query_url)
                assert remote_content(again.query_url, stored, new) == new


@pytest.mark.parametrize("name", STORES)
def test_a_store_keeps_what_was_replaced_through_a_kill(
    name: str, stored: Project, tmp_path: Path, start_store: StartStore
) -> None:
    """After several replacements, Virtuoso's log once brought back half of every graph that MOVE had replaced."""
    version = require_newest(stored.build)
    with start_store(name, tmp_path / "store") as store, signed_in(store):
        push.push(stored, store.query_url)
        with opened(store.query_url, stored) as target:
            for _ in range(2):
                for entry in version.manifest.graphs:
                    target.replace(entry.iri, (q.triple for q in graphs.statements(version.open(), entry.iri)))
        store.kill()
        with start_store(name, tmp_path / "store") as again:
            assert push.push(stored, again.query_url, verify=True, dry_run=True).steps == ()


@contextmanager
def in_background(work: Callable[[], object]) -> Iterator[threading.Thread]:
    """Work in a thread; that it fails surprises nobody who kills a store, unless not with our own error."""

    def guarded() -> None:
        with suppress(RemoteError):
            work()

    thread = threading.Thread(target=guarded)
    thread.start()
    try:
        yield thread
    finally:
        thread.join()


def test_a_connection_that_is_cut_is_made_anew(url: str, stored: Project) -> None:
    new = content(require_newest(stored.build))
    parts = urlsplit(url)
    with cutting_proxy(parts.hostname or "", parts.port or 0, cuts=4) as port:
        pushed = push.push(stored, url.replace(f":{parts.port}/", f":{port}/"), store=name_of(url))
    assert pushed.differences == ()
    assert remote_content(url, stored, new) == new


def name_of(url: str) -> str:
    with connected(url) as remote:
        return remote.endpoint.profile.name


@contextmanager
def cutting_proxy(host: str, port: int, cuts: int) -> Iterator[int]:
    """Open a port that leads to another, where the first connections break after some thousand bytes."""
    chance = random.Random(port)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        stop = threading.Event()
        limits = [chance.randrange(3_000, 200_000) for _ in range(cuts)]

        def serve() -> None:
            while not stop.is_set():
                with suppress(TimeoutError):
                    client, _ = server.accept()
                    limit = limits.pop() if limits else sys.maxsize
                    threading.Thread(target=carry, args=(client, (host, port), limit), daemon=True).start()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            stop.set()
            thread.join()


def carry(client: socket.socket, address: tuple[str, int], limit: int) -> None:
    """Bytes in both directions until one side ends, or until so many have gone to the store."""
    with client, socket.create_connection(address) as store:
        back = threading.Thread(target=pour, args=(store, client, sys.maxsize), daemon=True)
        back.start()
        pour(client, store, limit)
        for end in (client, store):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        back.join()


def pour(source: socket.socket, target: socket.socket, limit: int) -> None:
    done = 0
    with suppress(OSError):
        while done < limit and (data := source.recv(min(65_536, limit - done))):
            target.sendall(data)
            done += len(data)
        target.shutdown(socket.SHUT_WR) if done < limit else None


def test_a_path_that_is_not_there_is_a_sentence(url: str, built: Project) -> None:
    with pytest.raises(RemoteError, match=r"nothing \(404\)|not a SPARQL endpoint|refuses|does not say which|busy"):
        push.push(built, url.replace("/sparql-auth", "").replace("/query", "") + "/nowhere", store=name_of(url))


def test_refused_credentials_are_a_sentence_without_them(
    built: Project, tmp_path: Path, start_store: StartStore
) -> None:
    with start_store("virtuoso", tmp_path / "store") as store, pytest.MonkeyPatch.context() as patch:
        patch.setenv("NETRC", str(tmp_path / "netrc"))
        patch.setenv("REJOINDER_USER", "dba")
        patch.setenv("REJOINDER_PASSWORD", "hidden-word")
        with pytest.raises(RemoteError, match="does not accept this name and password") as refused:
            push.push(built, store.query_url)
        assert "hidden-word" not in str(refused.value)
        patch.delenv("REJOINDER_USER")
        patch.delenv("REJOINDER_PASSWORD")
        with pytest.raises(RemoteError, match=r"may not write|wants a name and password"):
            push.push(built, store.query_url)
        (tmp_path / "netrc").write_text("machine 127.0.0.1 login dba password dba\n", encoding="ascii")
        assert push.push(built, store.query_url).differences == ()


@pytest.mark.parametrize("name", ["oxigraph", "fuseki"])
def test_a_read_only_store_is_a_sentence(name: str, built: Project, tmp_path: Path, start_store: StartStore) -> None:
    with start_store(name, tmp_path / "store") as store:
        command = list(store.process.args)  # type: ignore[arg-type]  # a list, as it was given
    command = ["serve-read-only" if part == "serve" else part for part in command if part != "--update"]
    with (
        running.running(command, tmp_path / "store", lambda: running.answers(f"{store.query_url}?query=ASK%7B%7D")),
        signed_in(store),
        pytest.raises(RemoteError, match="the store is read-only"),
    ):
        push.push(built, store.query_url)


@pytest.mark.parametrize("address", ["http://user:hidden-word@example.org/", "ftp://example.org/", "not an address"])
def test_an_address_that_is_none_is_a_sentence(address: str, built: Project) -> None:
    with pytest.raises(UsageError) as refused:
        push.push(built, address)
    assert "hidden-word" not in str(refused.value)


def test_a_record_of_an_older_program_is_made_whole(tmp_path: Path, built: Project, start_store: StartStore) -> None:
    with start_store("oxigraph", tmp_path / "store") as store, signed_in(store):
        push.push(built, store.query_url)
        with connected(store.query_url) as remote:
            target, graph = TripleStore(remote, ""), push.record_graph(built.base)
            whole = target.read(graph)
            node = NamedNode(push.version_node(built.base))
            target.replace(graph, [triple for triple in whole if triple.subject != node])
            assert push.push(built, store.query_url).steps == ()
            assert set(target.read(graph)) == set(whole)
            assert push.push(built, store.query_url, dry_run=True).steps == ()
