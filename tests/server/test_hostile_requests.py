"""Requests that no library sends: each has a right answer or none, and the server goes on."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from hostile_requests import NAMES, ODDITIES, Reply, generated, replies, send
from rejoinder.config import Project, open_project
from server_process import GUARD, ServerProcess, configure, run_server

SEED = 20_141_030
NUMBER = 800
END = b"Connection: close\r\n\r\n"


@pytest.fixture(scope="module")
def server(built_once: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    root = tmp_path_factory.mktemp("hostile") / "project"
    shutil.copytree(built_once.root, root, symlinks=True)
    configure(open_project(root), idle_seconds=1, request_seconds=3)
    with run_server(open_project(root), root / "log.jsonl") as running:
        yield running
        assert _complaints(running) == []
        assert running.get("").status_code == 200
        assert running.stop() == 0
        assert running.process.stderr is not None
        assert running.process.stderr.read() == ""


def _complaints(server: ServerProcess) -> list[object]:
    """Return what the log says of failures; it never says more of a stranger's bytes than that they are no HTTP."""
    lines = [json.loads(line) for line in server.log.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if line["level"] == "error" or "trace" in line or line.get("status") == 500]


def answers(server: ServerProcess, raw: bytes) -> tuple[Reply, ...]:
    return replies(raw, send(server.address, raw))


def answer(server: ServerProcess, raw: bytes) -> Reply:
    (only,) = answers(server, raw)
    return only


def get(server: ServerProcess, target: bytes, host: bytes = b"x", method: bytes = b"GET") -> Reply:
    return answer(server, method + b" " + target + b" HTTP/1.1\r\nHost: " + host + b"\r\n" + END)


def test_every_request_has_an_answer_or_none_and_no_error_is_ours(server: ServerProcess) -> None:
    """Of whole and of damaged requests; see the fixture for what the log and standard error say afterwards."""
    requests = list(generated(SEED, NUMBER))
    with ThreadPoolExecutor(8) as senders:
        found = list(senders.map(lambda raw: answers(server, raw), requests))
    statuses = [reply.status for each in found for reply in each]
    assert {status for status in statuses if status >= 500} <= {503}
    assert {200, 400, 404, 405} <= set(statuses)
    assert len([each for each in found if each]) > NUMBER * 0.8
    assert _complaints(server) == []
    assert server.get("state/CZE.ttl").status_code == 200


LATE = [
    b"HEAD / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
    b"POST /sparql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nASK{}\r\nzz\r\n",
    b"POST /sparql HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 20_000 + b"\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"GET /dataset.trig HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\x00: y\r\n\r\n",
    b"BREW / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"GET /-/ready HTTP/1.1\r\nHost: x\r\n\r\n\x00\x01\x02\r\n\r\n",
    b"HEAD /-/ready HTTP/1.1\r\nHost: x\r\n\r\nHEAD\r\n\r\n",
]


@pytest.mark.parametrize("raw", LATE)
def test_a_body_that_cannot_be_read_is_refused_once_whatever_was_begun(server: ServerProcess, raw: bytes) -> None:
    statuses = [reply.status for reply in answers(server, raw)]
    assert statuses in ([400], [100, 400], [200, 400]), statuses
    assert _complaints(server) == []


WHOLE = b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize("before", [b"", WHOLE])
@pytest.mark.parametrize("raw", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\n"])
def test_a_connection_without_a_whole_request_is_closed(server: ServerProcess, before: bytes, raw: bytes) -> None:
    address = httpx.URL(server.address)
    with socket.create_connection((address.host, address.port or 80), timeout=GUARD) as connection:
        if before:
            connection.sendall(before)
            assert connection.recv(1_000).startswith(b"HTTP/1.1 200")
        connection.sendall(raw)
        while connection.recv(1_000):  # ends when the server closes, and raises if it never does
            pass


def test_no_redirect_is_made_of_what_a_stranger_wrote(server: ServerProcess) -> None:
    """Of every name with every oddity before or behind it: where an answer leads is a name of ours."""
    plain = [name for name in NAMES if b"." not in name]
    targets = [b"/" + name + odd + slash for name in plain for odd in ODDITIES for slash in (b"", b"/")]
    targets += [b"/" + odd + name for name in (b"state", b"state/CZE", b"state/") for odd in ODDITIES]
    targets += [b"//evil.example/" + name + end for name in plain for end in (b"", b"/", b"%0a/", b"%2e%2e/")]
    with ThreadPoolExecutor(8) as senders:
        found = list(
            senders.map(lambda target: answers(server, b"GET " + target + b" HTTP/1.1\r\nHost: x\r\n" + END), targets)
        )
    led = {
        (target, reply.field("location"))
        for target, each in zip(targets, found, strict=True)
        for reply in each
        if reply.status // 100 == 3
    }
    assert {reply.status for each in found for reply in each} <= {200, 301, 303, 400, 404, 406}
    assert {place for _, place in led} <= {"CZE.html", "state/"}
    assert all(re.fullmatch(rb"/(state|state/CZE)(\?.*)?", target) for target, _ in led), led


@pytest.mark.parametrize(
    "target",
    [
        b"/%0a/",
        b"/state/CZE%0a/",
        b"//evil.example/%0a/",
        b"/sparql/%0a/",
        b"/-/ready%0a",
        b"/state%0a",
        b"/state/CZE%0d",
    ],
)
def test_a_line_feed_names_no_page(server: ServerProcess, target: bytes) -> None:
    assert get(server, target).status == 404


PATHS = (
    b"/state/CZE.ttl",
    b"/",
    b"/state/",
    b"/sparql?query=ASK%7B%7D",
    b"/api/questions?format=csv",
    b"/-/ready",
    b"/nothing",
)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "place", [b"http://x", b"HTTP://example.org:80", b"https://[::1]:8000", b"http://x:", b"http://1.2.3.4"]
)
def test_a_whole_address_is_answered_as_its_path(server: ServerProcess, place: bytes, path: bytes) -> None:
    whole, plain = get(server, place + path), get(server, path)
    assert (whole.status, whole.content) == (plain.status, plain.content)
    assert (whole.field("location"), whole.field("etag")) == (plain.field("location"), plain.field("etag"))


def test_an_address_without_a_path_is_the_start_page(server: ServerProcess) -> None:
    start = get(server, b"/")
    assert (start.status, get(server, b"http://example.org").content) == (200, start.content)
    assert get(server, b"http://example.org?format=turtle").content == get(server, b"/?format=turtle").content


def test_what_a_proxy_is_asked_for_is_given(server: ServerProcess) -> None:
    direct = server.get("state/CZE.ttl")
    with httpx.Client(proxy=server.address, timeout=30) as client:
        assert client.get("http://example.org/state/CZE.ttl").content == direct.content
        led = client.get("http://example.org/state/CZE", headers={"Accept": "text/turtle"}, follow_redirects=True)
        assert (str(led.url), led.content) == ("http://example.org/state/CZE.ttl", direct.content)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not here")
def test_curl_may_take_the_server_for_a_proxy(server: ServerProcess) -> None:
    place = "http://example.org/state/CZE.ttl"
    got = subprocess.run(["curl", "-sf", "-x", server.address, place], capture_output=True, check=True, timeout=60)
    assert got.stdout == server.get("state/CZE.ttl").content


def test_an_address_below_the_prefix_of_a_proxy(built: Project, server: ServerProcess) -> None:
    configure(built, prefix="/reports")
    with run_server(open_project(built.root), built.root / "log.jsonl") as below:
        address = below.address.removesuffix("/reports")
        for target, status in (
            (b"http://x/reports/state/CZE.ttl", 200),
            (b"http://x/state/CZE.ttl", 404),
            (b"http://x", 404),
        ):
            raw = b"GET " + target + b" HTTP/1.1\r\nHost: x\r\n" + END
            (reply,) = replies(raw, send(address, raw))
            assert reply.status == status, target
    assert server.get("").status_code == 200


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        (b"OPTIONS", b"*", 204),
        (b"GET", b"*", 400),
        (b"OPTIONS", b"http://x", 204),
        (b"CONNECT", b"evil.example:80", 405),
        (b"CONNECT", b"/", 405),
        (b"CONNECT", b"/sparql", 405),
        (b"GET", b"evil.example:80", 400),
        (b"GET", b"state/CZE", 400),
        (b"GET", b"?format=turtle", 400),
        (b"GET", b"\\state", 400),
        (b"GET", b"ftp://x/state/CZE.ttl", 400),
        (b"GET", b"urn:x:y", 400),
        (b"GET", b"http:/state/CZE.ttl", 400),
        (b"GET", b"http:///state/CZE.ttl", 400),
        (b"GET", b"http://user:word@x/state/CZE.ttl", 400),
        (b"GET", b"http://[::1/state/CZE.ttl", 400),
        (b"GET", b"http://x:port/state/CZE.ttl", 400),
        (b"GET", b"http://x%0a/state/CZE", 303),
        (b"BREW", b"/state/CZE", 405),
        (b"TRACE", b"http://x/state/CZE", 405),
    ],
)
def test_odd_targets_have_right_answers(server: ServerProcess, method: bytes, target: bytes, status: int) -> None:
    reply = get(server, target, method=method)
    assert reply.status == status
    if status in {204, 405}:
        assert "GET" in (reply.field("allow") or "").split(", ")


@pytest.mark.parametrize(
    "host",
    [
        b"x",
        b"",
        b"a_b.example",
        b"EXAMPLE.org:",
        b"127.0.0.1:8000",
        b"[::1]:80",
        b"[v1.x:y]",
        b"x%41",
        b"xn--bcher-kva.example",
    ],
)
def test_a_host_is_taken(server: ServerProcess, host: bytes) -> None:
    assert get(server, b"/state/CZE.ttl", host).status == 200


@pytest.mark.parametrize(
    "host",
    [
        b"a b",
        b"x/y",
        b"x?y",
        b"x#y",
        b"u@x",
        b"x,y/z",
        b"[::1",
        b"[x]",
        b"x:y",
        b"x:1:2",
        b"\xff",
        b"x\x7f",
        b"%0",
        b"<x>",
        b"x\\y",
    ],
)
def test_what_is_no_host_is_refused(server: ServerProcess, host: bytes) -> None:
    assert get(server, b"/state/CZE.ttl", host).status == 400
    assert get(server, b"/api/questions", host).status == 400
