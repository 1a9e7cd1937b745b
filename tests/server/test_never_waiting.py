"""No query and no page stops the server: 60,000 recommendations, and ten clients who ask for what takes longest."""

from __future__ import annotations

import asyncio
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
import pytest

import recommendations
from rejoinder import versions
from rejoinder.building import build
from rejoinder.config import Project, new_project, open_project
from rejoinder.lazily import lazy
from rejoinder.server.remote import in_daemon_thread
from server_process import ServerProcess, configure, run_server

pytestmark = pytest.mark.slow

GUARD: Final = 120
"""Seconds after which a test is sure that something hangs; nothing is expected to take as long."""
CLIENTS: Final = 10
SECONDS: Final = 6
HELD: Final = " ".join(f"{{ SELECT ?{name} {{ ?{name} ?p{name} ?o{name} }} LIMIT 1000 }}" for name in "abcdef")
"""A product of six times a thousand nodes: more than anything can count, in hardly any memory."""
ENDLESS: Final = f"""\
#+ title: How many ways are there to choose six nodes?
#+ summary: More than anything can count.
#+ group: Test
#+ columns:
#+   - {{name: number, summary: "How many."}}
SELECT (COUNT(*) AS ?number) WHERE {{ {HELD} }}
"""
SLOW: Final = (
    "question/endless.html",
    "question/endless.csv",
    "question/endless",
    "question/endless.json",
    "api/questions/endless",
    f"sparql?query=SELECT (COUNT(*) AS ?n) {{ {HELD} }}",
)
"""What cannot be answered, by every way that leads to a query."""
LONG: Final = (
    "question/concerns-not-in-the-record.html",
    "question/acceptance-by-issue.csv",
    "version/1/dataset.trig",
    "version/1/",
    "feed.xml",
    "",
)
"""What may be answered or not: it reads much of the store."""
LIGHT: Final = ("-/healthy", "-/ready", "style.css", "icon.svg", "robots.txt", "-/metrics")
"""What needs neither a query nor the store."""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Give the example with 60,000 recommendations and an endless question, without a site; only to be read."""
    project = open_project(new_project(tmp_path_factory.mktemp("large") / "project", example=True))
    build.build(project, with_site=False)
    version = versions.require_newest(project.build)
    recommendations.add(version.store_path, project.base)
    project.queries.mkdir(exist_ok=True)
    (project.queries / "endless.rq").write_text(ENDLESS, encoding="utf-8")
    configure(project, query_seconds=SECONDS, query_workers=2, stop_seconds=4, query_memory_bytes=500_000_000)
    return open_project(project.root)


@contextmanager
def _asking(server: ServerProcess, paths: tuple[str, ...]) -> Iterator[list[Future[httpx.Response]]]:
    """Ten clients who ask at once; they are waited for at the end."""

    def ask(number: int) -> httpx.Response:
        return httpx.get(f"{server.address}/{paths[number % len(paths)]}", timeout=GUARD, follow_redirects=True)

    with ThreadPoolExecutor(CLIENTS) as threads:
        yield [threads.submit(ask, number) for number in range(CLIENTS)]


def _descendants(process: int) -> list[int]:
    """Return the processes that a process began, and those that these began."""
    try:  # the kernel keeps them by the thread that began them
        listed = [path.read_text(encoding="ascii") for path in Path(f"/proc/{process}/task").glob("*/children")]
    except (FileNotFoundError, ProcessLookupError):
        return []
    children = [int(child) for child in " ".join(listed).split()]
    return children + [each for child in children for each in _descendants(child)]


def _stat(process: int) -> list[str]:
    """Return what the kernel tells of a process: state first, processor time at 11 and 12, resident pages at 21."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ["X", *"0" * 40]


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + GUARD
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.2)


def _all_idle(server: ServerProcess) -> bool:
    """Whether no process of the server runs: each sleeps, and none takes any processor time for a moment."""
    before = {each: _stat(each)[11:13] for each in _descendants(server.process.pid)}
    time.sleep(0.5)
    return before == {each: _stat(each)[11:13] for each in _descendants(server.process.pid)}


def _resident(server: ServerProcess) -> int:
    return sum(int(_stat(each)[21]) for each in (server.process.pid, *_descendants(server.process.pid))) * 4096


def test_what_needs_no_query_waits_for_none(large: Project, tmp_path: Path) -> None:
    with run_server(large, tmp_path / "log") as server:
        _until(lambda: server.get("state/KAZ.html").status_code == 200)
        _until(lambda: _all_idle(server))
        before = _resident(server)
        with _asking(server, SLOW) as slow:
            meanwhile = [(path, server.get(path).status_code) for path in LIGHT]
            at_work = [asked for asked in slow if not asked.done()]
            pages = [server.get(path) for path in ("state/KAZ.html", "ns.ttl", "state/CZE.ttl")]
        assert [code for _, code in meanwhile] == [200] * len(LIGHT)
        assert at_work, "whatever needs no query was answered only after the queries"
        # On a machine that is busy a page may meet its own limit, but it never lacks a place for the queries' sake.
        assert {page.status_code for page in pages} <= {200, 503}
        assert all(page.json()["limit"] == "time" for page in pages if page.status_code == 503)
        for asked in slow:
            answer = asked.result()
            assert answer.status_code == 503, answer.text
            assert answer.json()["limit"] in {"time", "concurrency"}
            assert answer.json()["detail"]
        assert "time" in {asked.result().json()["limit"] for asked in slow}
        _until(lambda: _all_idle(server))
        assert _resident(server) < before + 200_000_000


def test_any_page_ends_with_an_answer_or_at_its_limit(large: Project, tmp_path: Path) -> None:
    with run_server(large, tmp_path / "log") as server:
        with _asking(server, (*LONG, SLOW[0], SLOW[2])) as asked:
            light = [server.get(path).status_code for path in LIGHT]
        assert light == [200] * len(LIGHT)
        answers = [each.result() for each in asked]
        assert {answer.status_code for answer in answers} <= {200, 503}
        assert all(answer.json()["limit"] for answer in answers if answer.status_code == 503)
        _until(lambda: _all_idle(server))
        _until(lambda: server.get("question/who-raised-what.csv").status_code == 200)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_whatever_is_at_work(large: Project, tmp_path: Path, how: signal.Signals) -> None:
    """Queries may take ten minutes here, so nothing but the signal can end them."""
    root = tmp_path / "project"
    shutil.copytree(large.root, root, symlinks=True)
    file = root / "rejoinder.toml"
    text = file.read_text(encoding="utf-8").replace(f"query_seconds = {SECONDS}", "query_seconds = 600")
    file.write_text(text + "request_seconds = 600\n", encoding="utf-8")
    with run_server(open_project(root), tmp_path / "log") as server, ThreadPoolExecutor(CLIENTS) as threads:
        for number in range(CLIENTS):
            threads.submit(httpx.get, f"{server.address}/{SLOW[number % len(SLOW)]}", timeout=GUARD)
        _until(lambda: any(_stat(each)[0] == "R" for each in _descendants(server.process.pid)))
        processes = _descendants(server.process.pid)
        server.process.send_signal(how)
        assert server.process.wait(GUARD) == (0 if how == signal.SIGTERM else 130)
        _until(lambda: all(_stat(each)[0] in {"X", "Z"} for each in processes))


def test_a_property_of_one_instance_waits_for_none_of_another() -> None:
    class Page:
        def __init__(self, ready: threading.Event) -> None:
            self.ready = ready

        @lazy
        def text(self) -> str:
            assert self.ready.wait(GUARD)
            return "text"

    never, at_once = threading.Event(), threading.Event()
    at_once.set()
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(lambda: Page(never).text)
        assert Page(at_once).text == "text"
        assert not slow.done()
        never.set()
        assert slow.result() == "text"


def test_a_thread_that_nobody_waits_for_keeps_no_loop_from_ending() -> None:
    told = threading.Event()

    async def scene() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await in_daemon_thread(lambda: told.wait(GUARD))

    asyncio.run(scene())
    assert not told.is_set()
    assert [thread.daemon for thread in threading.enumerate() if thread.name.startswith("rejoinder ")] == [True]
    told.set()
