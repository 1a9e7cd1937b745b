"""`rejoinder serve` over time: newer versions, removed ones, limits, and how it begins and ends."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

import rejoinder
from conftest import Run, mostly_slow
from rejoinder import versions
from rejoinder.config import Project, open_project
from rejoinder.errors import ProjectError
from server_process import GUARD, ServerProcess, configure, run_server

ISSUES = "data/issue.yaml"


@pytest.fixture
def small_built(small_built: Project) -> Project:
    """Give the small project, built; one process answers its queries, so that the server starts sooner."""
    configure(small_built, query_workers=1)
    return open_project(small_built.root)


def _change(project: Project, number: int) -> str:
    """Publish a version in which an issue has another name; return the name."""
    name = f"Registration as version {number} has it"
    file = project.root / ISSUES
    file.write_text(re.sub("en: Registration[^}]*", f"en: {name}", file.read_text(encoding="utf-8")), encoding="utf-8")
    assert rejoinder.build(project).is_new
    return name


class _Hammer(threading.Thread):
    """Asks for pages, one after the other, until it is told to stop; notes what failed."""

    def __init__(self, server: ServerProcess) -> None:
        super().__init__()
        self.server, self.enough = server, threading.Event()
        self.asked, self.failed = 0, list[str]()

    def run(self) -> None:
        paths = ("", "issue/registration.html", "report/short.ttl", "state/CZE", "dataset.nq.gz", "question/", "sparql")
        with httpx.Client(base_url=self.server.address, timeout=GUARD) as client:
            while not self.enough.is_set():
                path = paths[self.asked % len(paths)]
                answer = client.get(f"/{path}")
                self.asked += 1
                self.enough.wait(0.01)
                if answer.status_code not in {200, 303}:
                    self.failed.append(f"{path}: {answer.status_code} {answer.text}")


def test_a_newer_version_is_served_without_a_failed_request(small_built: Project, tmp_path: Path) -> None:
    with run_server(small_built, tmp_path / "log") as server:
        hammer = _Hammer(server)
        hammer.start()
        try:
            for number in (2, 3):
                name = _change(small_built, number)
                assert server.get("-/ready").text.splitlines()[0] == f"ready: version {number}"
                assert name in server.get("issue/registration.html").text
                query = f'ASK {{ ?issue ?label "{name}"@en }}'
                answer = httpx.get(f"{server.address}/sparql", params={"query": query}, timeout=GUARD)
                assert answer.json()["boolean"] is True
                older = small_built.build / "versions" / f"{number - 1:04d}"
                shutil.rmtree(older)
            while hammer.asked <= 20 and hammer.is_alive():
                time.sleep(0.01)
        finally:
            hammer.enough.set()
            hammer.join()
        assert hammer.failed == []


@pytest.mark.parametrize("with_site", mostly_slow([True, False], {False}))
def test_what_is_withdrawn_or_renamed_is_known_with_the_next_version(
    with_site: bool, small_built: Project, tmp_path: Path
) -> None:
    settings = small_built.root / "rejoinder.toml"
    with run_server(small_built, tmp_path / "log") as server:
        assert server.get("issue/somewhat").status_code == 404
        told = settings.read_text(encoding="utf-8")
        lists = 'withdrawn = ["person/somebody"]', told, '[renamed]\n"issue/somewhat" = "issue/libel"\n'
        settings.write_text("\n".join(lists), encoding="utf-8")
        assert server.get("person/somebody").status_code == 404
        assert rejoinder.build(open_project(small_built.root), with_site=with_site).is_new
        assert server.get("person/somebody").status_code == 410
        answer = server.get("issue/somewhat", Accept="text/turtle")
        assert (answer.status_code, answer.headers["location"]) == (303, "../issue/libel")
        assert "isReplacedBy" in server.get("index.ttl").text


@pytest.mark.slow
def test_a_page_keeps_its_tag_as_long_as_it_stays_the_same(small_built: Project, tmp_path: Path) -> None:
    with run_server(small_built, tmp_path / "log") as server:
        same, other = (server.get(path).headers["etag"] for path in ("state/NLD.html", "issue/registration.html"))
        _change(small_built, 2)
        assert server.get("state/NLD.html", If_None_Match=same).status_code == 304
        assert server.get("issue/registration.html", If_None_Match=other).status_code == 200


def test_a_version_that_cannot_be_opened_leaves_the_one_before_in_use(small_built: Project, tmp_path: Path) -> None:
    with run_server(small_built, tmp_path / "log") as server:
        assert server.get("-/ready").text.splitlines()[0] == "ready: version 1"
        broken = small_built.build / "versions/0002"
        broken.mkdir()
        (broken / "manifest.json").write_text("{", encoding="utf-8")
        link = small_built.build / "current"
        link.unlink()
        link.symlink_to("versions/0002")
        for _ in range(2):
            assert server.get("state/CZE.html").status_code == 200
        log = [json.loads(line) for line in server.log.read_text(encoding="utf-8").splitlines()]
        assert len([line for line in log if line["level"] == "error" and "damaged" in line["message"]]) == 1


def test_limits_are_told_in_a_sentence(small_built: Project, tmp_path: Path) -> None:
    configure(small_built, max_url_bytes=1_000, max_header_bytes=2_000, max_body_bytes=5_000)
    with run_server(open_project(small_built.root), tmp_path / "log") as server:
        assert server.get("x" * 1_001).status_code == 414
        assert server.get("", Cookie="x" * 2_000).status_code == 431
        assert httpx.post(f"{server.address}/sparql", content=b"x" * 5_001, timeout=GUARD).status_code == 413
        pieces = (b"x" * 1_000 for _ in range(20))
        chunked = httpx.post(
            f"{server.address}/sparql",
            content=pieces,
            headers={"Content-Type": "application/sparql-query"},
            timeout=GUARD,
        )
        assert chunked.status_code == 413
        assert "5000 bytes" in chunked.json()["detail"]
        assert server.get("").status_code == 200


@pytest.mark.slow
def test_more_requests_than_it_bears_are_sent_away(small_built: Project, tmp_path: Path) -> None:
    configure(small_built, max_requests=1, request_seconds=60)
    with run_server(open_project(small_built.root), tmp_path / "log") as server, _half_sent(server):
        refused = server.get("")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")


def _half_sent(server: ServerProcess) -> socket.socket:
    """Send a request whose body never comes."""
    host, port = server.address.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)), timeout=GUARD)
    head = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: 100\r\n\r\n"
    connection.sendall(head + b"SELECT")
    server.get("-/healthy")  # an answer comes only when the request before is at work
    return connection


@pytest.mark.slow
def test_a_request_that_takes_too_long_is_given_up(small_built: Project, tmp_path: Path) -> None:
    configure(small_built, request_seconds=1)
    with run_server(open_project(small_built.root), tmp_path / "log") as server, _half_sent(server) as connection:
        assert connection.makefile("rb").readline().split()[1] == b"503"


@pytest.mark.slow
def test_what_is_no_http_is_refused(small_built_once: Project, tmp_path: Path) -> None:
    with run_server(small_built_once, tmp_path / "log") as server:
        host, port = server.address.removeprefix("http://").split(":")
        for code, nonsense in (
            (b"400", b"\x16\x03\x01\x02\x00\x01\r\n\r\n"),
            (b"400", b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
            (b"431", b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 100_000 + b"\r\n\r\n"),
        ):
            with socket.create_connection((host, int(port)), timeout=GUARD) as connection:
                connection.sendall(nonsense)
                assert connection.makefile("rb").readline().split()[1] == code
        assert server.get("").status_code == 200


@pytest.mark.slow
def test_behind_a_proxy_that_leaves_its_path_on(small_built: Project, tmp_path: Path) -> None:
    configure(small_built, prefix="/reports")
    with run_server(open_project(small_built.root), tmp_path / "log") as server:
        assert server.address.endswith("/reports")
        assert server.get("state/CZE").headers["location"] == "CZE.html"
        assert httpx.get(f"{server.address.removesuffix('/reports')}/state/CZE", timeout=GUARD).status_code == 404


@pytest.mark.slow
def test_answers_may_be_fresh_for_a_while(small_built: Project, tmp_path: Path) -> None:
    configure(small_built, max_age=60)
    with run_server(open_project(small_built.root), tmp_path / "log") as server:
        assert server.get("").headers["cache-control"] == "public, max-age=60, must-revalidate"


def test_it_stops_when_it_is_told(small_built_once: Project, tmp_path: Path) -> None:
    for how, code in ((signal.SIGTERM, 0), (signal.SIGINT, 130)):
        with run_server(small_built_once, tmp_path / "log") as server:
            assert server.get("").status_code == 200
            assert server.stop(how) == code
            assert server.process.stderr is not None
            assert server.process.stderr.read() == ""


@pytest.mark.slow
def test_a_download_that_runs_is_finished_first(built_once: Project, tmp_path: Path) -> None:
    with run_server(built_once, tmp_path / "log") as server:
        with httpx.stream("GET", f"{server.address}/dataset.trig", timeout=GUARD) as answer:
            server.process.send_signal(signal.SIGTERM)
            size = sum(map(len, answer.iter_raw()))
        assert size == int(answer.headers["content-length"])
        assert server.process.wait(GUARD) == 0


def test_what_keeps_it_from_serving_is_one_sentence(small_built_once: Project, small: Project, run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = run("serve", "--port", str(port), cwd=small_built_once.root)
        sentence = f"error: 127.0.0.1, port {port}: another program listens there already; name another with --port\n"
        assert (answer.returncode, answer.stderr, answer.stdout) == (2, sentence, "")
    for arguments, words in (
        (["--host", "192.0.2.1"], "has no such address"),
        (["--log", "nowhere/log"], "cannot be written"),
    ):
        answer = run("serve", "--port", "0", *arguments, cwd=small_built_once.root)
        assert answer.returncode == 2
        assert words in answer.stderr
        assert len(answer.stderr.splitlines()) == 1
    answer = run("serve", cwd=small.root)
    assert (answer.returncode, "nothing has been built yet" in answer.stderr) == (2, True)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("server = 1", "write [server]"),
        ("server.prot = 1", "'prot' of server is unknown"),
        ('server.port = "80"', "a whole number"),
        ("server.port = true", "a whole number"),
        ("server.port = 70000", "up to 65535"),
        ("server.max_requests = 0", "write 1 or more"),
        ("server.host = 1", "text between quotation marks"),
        ('server.prefix = "reports/"', 'prefix = "/reports"'),
    ],
)
def test_a_setting_that_does_not_hold_is_told(tmp_path: Path, line: str, words: str) -> None:
    (tmp_path / "rejoinder.toml").write_text(f'base = "https://example.org/"\n{line}\n', encoding="utf-8")
    with pytest.raises(ProjectError) as caught:
        open_project(tmp_path)
    assert words in str(caught.value)


@pytest.mark.slow
def test_the_newest_version_is_known_by_a_mark(small_built: Project) -> None:
    first = versions.mark(small_built.build)
    assert first == versions.mark(small_built.build) is not None
    _change(small_built, 2)
    assert versions.mark(small_built.build) != first
    assert versions.mark(small_built.root) is None


def test_the_library_serves(small_built_once: Project) -> None:
    """`rejoinder.serve` is the command's own call: it tells its address, and ends with SIGTERM."""
    code = (
        "import dataclasses, os, signal, sys, rejoinder\n"
        "project = rejoinder.open_project(sys.argv[1])\n"
        "quiet = dataclasses.replace(project.server, port=0, log='')\n"
        "rejoinder.serve(dataclasses.replace(project, server=quiet), lambda address: print(address, flush=True))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(small_built_once.root)], stdout=subprocess.PIPE, encoding="utf-8"
    )
    try:
        assert process.stdout is not None
        assert httpx.get(f"{process.stdout.readline().strip()}-/healthy", timeout=GUARD).text == "healthy\n"
        process.terminate()
        assert process.wait(GUARD) == 0
    finally:
        process.kill()
        process.communicate(timeout=GUARD)


@pytest.mark.slow
@pytest.mark.parametrize("half", [False, True], ids=["a query at work", "a body half sent"])
def test_a_client_that_went_away_is_no_failure_of_the_server(
    small_built_once: Project, tmp_path: Path, half: bool
) -> None:
    query = b"SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l FILTER(?c != ?l) }"
    head = "POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: application/sparql-query\r\nContent-Length: {}\r\n\r\n"
    with run_server(small_built_once, tmp_path / "log") as server:
        at = httpx.URL(server.address)
        with socket.create_connection((at.host, at.port or 80), GUARD) as connection:
            connection.sendall(head.format(len(query) + half).encode() + query)
            time.sleep(0.5)
        log = server.log_until("/sparql")
        assert json.loads(log.splitlines()[-1])["status"] == 499
        assert '"level": "error"' not in log
        assert 'rejoinder_requests_total{method="POST",status="499"} 1.0' in server.get("-/metrics").text
