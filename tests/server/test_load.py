"""The server under load on loopback, with hostile queries mixed in.

Pages are answered, refusals are the documented ones, memory stays bounded, and afterwards a query is answered again.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from conftest import leave_out
from rejoinder.config import Project, open_project
from server_process import ServerProcess, configure, run_server

pytestmark = pytest.mark.slow

SECONDS = 4
MEMORY = 300_000_000
WORKERS = 3
HOSTILE = (
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }",
    "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "CONSTRUCT { ?a ?b ?f } { ?a ?b ?c . ?d ?e ?f }",
    "SELECT * { SERVICE <http://192.0.2.1/> { ?s ?p ?o } }",
    "DELETE WHERE { ?s ?p ?o }",
    "SELECT * {" + "{" * 500 + "}" * 500 + "}",
    "SELECT",
)
DOCUMENTED = {200, 400, 503}
"""Of docs/sparql-endpoint.md: an answer, what is no query, and what was stopped or found no place."""


@pytest.fixture
def server(built: Project, tmp_path: Path) -> Iterator[ServerProcess]:
    configure(built, query_seconds=1, query_memory_bytes=MEMORY, query_workers=WORKERS, query_queue=4)
    with run_server(open_project(built.root), tmp_path / "log") as running:
        yield running


def _wrk(address: str) -> str:
    if shutil.which("wrk") is None:
        leave_out("load", "wrk is missing: the server is not tried under load ('apt-get install wrk')")
    command = ["wrk", "-t1", "-c8", f"-d{SECONDS}s", "--timeout", "10s", address]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def _answered(printed: str) -> int:
    """How many requests wrk saw answered; none may have failed."""
    assert "Non-2xx" not in printed, printed
    assert "Socket errors" not in printed, printed
    found = re.search(r"(\d+) requests in", printed)
    assert found, printed
    return int(found[1])


@contextmanager
def _attacked(
    server: ServerProcess, statuses: Counter[int], clients: int = 4, queries: Sequence[str] = HOSTILE
) -> Iterator[None]:
    """Clients who send hostile queries without a pause; `statuses` counts what they are answered."""
    over = threading.Event()

    def attack(number: int) -> None:
        at = number
        with httpx.Client(timeout=30) as client:
            while not over.is_set():
                query = f"{queries[at % len(queries)]} # {at}"
                statuses[client.post(f"{server.address}/sparql", data={"query": query}).status_code] += 1
                at += 1

    with ThreadPoolExecutor(clients) as threads:
        running = [threads.submit(attack, number) for number in range(clients)]
        try:
            yield
        finally:
            over.set()
        for one in running:
            one.result()


def _resident(process: int) -> int:
    """Return the memory that a process and its descendants hold, in bytes."""
    own = Path(f"/proc/{process}/statm")
    try:
        pages = int(own.read_text(encoding="ascii").split()[1])
        children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return pages * 4096 + sum(_resident(int(child)) for child in children)


def test_pages_are_served_while_hostile_queries_run_and_nothing_is_left_of_them(server: ServerProcess) -> None:
    page = f"{server.address}/report/kaz-upr-20.html"
    calm = _answered(_wrk(page))
    before = _resident(server.process.pid)
    statuses: Counter[int] = Counter()
    with _attacked(server, statuses):
        attacked = _answered(_wrk(page))
    assert calm > 0
    assert attacked > 0
    assert set(statuses) <= DOCUMENTED, statuses
    assert statuses[503] > 0
    assert statuses[400] > 0
    assert _resident(server.process.pid) < before + WORKERS * MEMORY + 200_000_000
    answer = httpx.get(f"{server.address}/sparql", params={"query": "ASK { ?s ?p ?o }"}, timeout=30)
    assert answer.json()["boolean"] is True


def test_stored_questions_are_answered_however_many_queries_of_strangers_wait(server: ServerProcess) -> None:
    """More strangers than may run and wait: they are refused; whoever asks a stored question is not."""
    statuses: Counter[int] = Counter()
    with _attacked(server, statuses, clients=12, queries=HOSTILE[:1]), httpx.Client(timeout=30) as client:
        while not statuses[503]:  # until the queue of strangers is full
            time.sleep(0.05)
        asked = [client.get(f"{server.address}/api/questions/troika?limit={number}") for number in range(1, 13)]
    assert [answer.status_code for answer in asked] == [200] * 12
    assert set(statuses) == {503}
