"""A triple store that is hostile or broken: whatever it sends, a command ends in one sentence, soon, with nothing done.

Time is a clock of the tests' own that goes on a little with each look at it, so that nothing is waited for.
"""

from __future__ import annotations

import asyncio
import json
import random
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import rejoinder
from conftest import Run, mostly_slow
from hostilestore import JSON, NTRIPLES, HostileStore, Reply, good, packed, refused, serving, table
from rejoinder import question
from rejoinder.cli.main import program
from rejoinder.config import Project
from rejoinder.errors import RejoinderError, RemoteError, StoreError, UsageError
from rejoinder.server.remote import RemoteBackend
from rejoinder.server.workers import QueryJob, QueryLimits, QuerySource
from rejoinder.triplestores import client, push, responses
from rejoinder.triplestores.client import connect, connected
from rejoinder.triplestores.responses import UnreadableError

ODD_CHARSETS = [
    "hex",
    "zlib",
    "idna",
    "undefined",
    "rot13",
    "base64",
    "bz2",
    "punycode",
    "unicode_escape",
    "utf-7",
    "utf-16",
    "no-such",
    "mbcs",
    "quopri",
]
LONG = "9" * 5000
DEEP = b"[" * 10_000 + b"]" * 10_000
CELL = {"type": "literal", "value": "1"}
NODE = {"type": "uri", "value": "https://example.org/report/x"}


@dataclass
class Time:
    """A clock that goes on a little with each look at it, and at once where somebody sleeps."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        """Return the time."""
        self.now += 0.5
        return self.now

    def sleep(self, seconds: float) -> None:
        """Nothing but a note."""
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture(scope="module")
def built_once(stored_once: Project) -> Project:
    """Give the example project, built without its site, which no store is asked for."""
    return stored_once


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    made = Time()
    monkeypatch.setattr(client, "time", made)
    return made


@pytest.fixture(scope="module", autouse=True)
def _quick(built_once: Project) -> Iterator[None]:
    """Read the questions once, which each command would read anew, and which takes longest."""
    known = question.of_project(built_once)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(question, "of_project", lambda _: known)
        yield


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No credentials of whoever runs the tests; little memory for an answer."""
    monkeypatch.setenv("NETRC", "/dev/null")
    monkeypatch.delenv("REJOINDER_USER", raising=False)
    monkeypatch.delenv("REJOINDER_PASSWORD", raising=False)
    monkeypatch.setattr(client, "MAX_ANSWER_BYTES", 3_000_000)
    monkeypatch.setattr(client, "QUESTION_SECONDS", 100.0)


def command(project: Project, *words: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(program(words), [*words, "--project", str(project.root)])


def typed(*words: str) -> Callable[[Project, str], None]:
    def run(project: Project, url: str) -> None:
        place = (url,) if words[0] == "push" else ("--endpoint", url)
        result = command(project, *words, *place, "--store", "oxigraph", "--timeout", "100")
        if result.exception:
            raise result.exception

    return run


def face(query: str) -> Callable[[Project, str], None]:
    def run(_: Project, url: str) -> None:
        dataset = rejoinder.open(url, store="oxigraph")
        try:
            list(dataset.query(query))
        finally:
            dataset.close()

    return run


def served_version(project: Project, url: str) -> None:
    """Look at what a server over the store looks at before it starts."""
    with connected(url, "oxigraph") as store:
        if push.read_version(replace(store, attempts=1, seconds=10), project.base) is None:
            raise StoreError("no version of the project is there")


def served_query(project: Project, url: str) -> None:
    """Put a stranger's query to a server over the store: a reply tells of a fault, or our own error comes."""
    _ = project

    async def ask(backend: RemoteBackend) -> None:
        await backend.switch(QuerySource(Path(), "1"))
        reply, _ = await backend.answer(QueryJob("SELECT * { ?s ?p ?o }", "json", "json"))
        if reply.fault:
            raise UsageError(reply.message)

    with connected(url, "oxigraph") as store:
        asyncio.run(ask(RemoteBackend(replace(store, attempts=1), QueryLimits())))


CONSTRUCT = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
COMMANDS: dict[str, Callable[[Project, str], None]] = {
    "push": typed("push"),
    "ask": typed("ask", "who-raised-what"),
    "table": typed("sparql", "SELECT * { ?s ?p ?o }"),
    "boolean": typed("sparql", "ASK { ?s ?p ?o }"),
    "graph": typed("sparql", CONSTRUCT),
    "check": typed("check"),
    "face table": face("SELECT * { ?s ?p ?o }"),
    "face graph": face(CONSTRUCT),
    "version": served_version,
    "served": served_query,
}


def fate(name: str, project: Project, store: HostileStore, clock: Time | None = None) -> str:
    """Return the sentence in which a command ends, "" if it ends well; any other end fails the test."""
    store.asked.clear()
    slept = len(clock.slept) if clock else 0
    before = state(project)
    try:
        COMMANDS[name](project, store.url)
        sentence = ""
    except RejoinderError as error:
        sentence = str(error)
        assert sentence.isprintable(), sentence
        assert 10 < len(sentence) < 700, sentence
    assert state(project) == before, "nothing is done here"
    if clock:
        assert sum(clock.slept[slept:]) <= 30 * len({*store.asked}), "one request waits for half a minute in all"
    assert len(store.asked) <= 60
    return sentence


def state(project: Project) -> dict[str, tuple[int, int]]:
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in project.root.rglob("*")}


def endless(start: bytes, piece: bytes) -> Callable[[], Iterator[bytes]]:
    """Return an answer without end."""

    def pieces() -> Iterator[bytes]:
        yield start
        while True:
            yield piece

    return pieces


OK = b"HTTP/1.1 200 OK\r\n"
TYPED = OK + b"Content-Type: application/sparql-results+json\r\n"
LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><sparql>&b;</sparql>'
OUTSIDE = b'<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><sparql>&a;</sparql>'
LOCATIONS = (
    "{self}",
    "file:///etc/passwd",
    "http://127.0.0.1:1/",
    "https://127.0.0.1:1/",
    "ftp://127.0.0.1/",
    "//",
    "?",
    "http://[::1",
    "http://x:99999999/",
    "http://\x01/",
    "http://\xfc\xfc\xfc../",
    "http:",
    "javascript:alert(1)",
    "x" * 60_000,
    "http://a b/",
    "///x",
    "\\\\host\\x",
)
WAITS = (
    "\xb2",
    "31536000",
    LONG,
    "-5",
    "1e9",
    "",
    "soon",
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "Fri, 31 Dec 99999 23:59:59 GMT",
    "Wed, 21 Oct 2515 07:28:00",
    "Wed, 21 Oct 2015 07:28:00",
    "Wed, 21 Oct 2515 07:28:00 -0000",
    "Wed, 21 Oct 2015 07:28:00 +9999",
    "32 Foo 2015",
    "0",
    "1",
)

WIRE: dict[str, Reply] = {
    **{f"status {status}": refused(f"{status} X", b"no\x1b[31m\r\n\xff") for status in (
        201, 202, 204, 206, 300, 304, 305, 399, 400, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414,
        415, 416, 418, 422, 426, 431, 451, 500, 501, 502, 503, 504, 505, 507, 511, 599, 600, 999)},
    **{f"charset {name}": good(b"no \x80\xff", f"text/plain; charset={name}", "500 X") for name in ODD_CHARSETS},
    **{f"good charset {name}": good(b"no \xff", f"{JSON}; charset={name}") for name in ("hex", "undefined", "\xff")},
    **{f"to {value[:20]!r}": refused("302 X", headers=f"Location: {value}\r\n") for value in LOCATIONS},
    **{f"{status} to nowhere": refused(f"{status} X") for status in (301, 302, 303, 307, 308)},
    **{f"wait {value[:20]!r}": refused("503 X", headers=f"Retry-After: {value}\r\n") for value in WAITS},
    **{f"401 {value[:20]!r}": refused("401 X", headers=f"WWW-Authenticate: {value}\r\n")
       for value in ("", "Digest", "Digest x", "Basic", "Negotiate \xff", "Digest realm=x, algorithm=x, nonce=x")},
    "hangs up": b"",
    "noise": bytes(range(256)),
    "other protocol": b"SSH-2.0-OpenSSH_9.2\r\n",
    "other version": b"HTTP/9.9 200 OK\r\n\r\n",
    "status of words": b"HTTP/1.1 fine OK\r\n\r\n",
    "status 0": b"HTTP/1.1 000 X\r\n\r\n",
    "status 100 for ever": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "status 101": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
    "half a head": OK + b"Content-Le",
    "length too long": TYPED + b"Content-Length: 500\r\n\r\n{",
    "length too short": TYPED + b'Content-Length: 5\r\n\r\n{"head": {}, "boolean": true}',
    "length below 0": TYPED + b"Content-Length: -1\r\n\r\n{}",
    "length of words": TYPED + b"Content-Length: many\r\n\r\n{}",
    "length beyond all": TYPED + b"Content-Length: " + LONG.encode() + b"\r\n\r\n{}",
    "two lengths": TYPED + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "chunks of noise": TYPED + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
    "chunks below 0": TYPED + b"Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n",
    "chunks beyond all": TYPED + b"Transfer-Encoding: chunked\r\n\r\n" + b"F" * 40 + b"\r\n{}\r\n",
    "chunks cut": TYPED + b"Transfer-Encoding: chunked\r\n\r\n9\r\n{}",
    "chunks without end": endless(TYPED + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "other transfer": TYPED + b"Transfer-Encoding: gzip\r\n\r\n{}",
    "header without colon": OK + b"what\r\n\r\n{}",
    "header with NUL": OK + b"X: a\x00b\r\n\r\n{}",
    "header folded": OK + b"X: a\r\n b\r\nContent-Type: " + JSON.encode() + b"\r\nContent-Length: 2\r\n\r\n{}",
    "great header": OK + b"X: " + b"a" * 300_000 + b"\r\n\r\n{}",
    "headers without end": endless(OK, b"X: a\r\n"),
    "header drop by drop": endless(OK + b"X: ", b"a"),
    "body without end": endless(TYPED + b"\r\n", b" " * 65_536),
    "body drop by drop": endless(TYPED + b"\r\n", b" "),
    "refusal without end": endless(b"HTTP/1.1 400 X\r\n\r\n", b"a" * 65_536),
    "refusal of brackets": refused("400 X", b"<" * 60_000),
    "no gzip": packed(b"", data=b"{}"),
    "gzip cut": packed(b"", data=zlib.compress(b"{}" * 99, wbits=31)[:-9]),
    "gzip and more": packed(b"", data=zlib.compress(b"{}", wbits=31) + b"more"),
    "gzip of nothing": packed(b"", data=b""),
    "gzip that fills memory": packed(b" " * 50_000_000),
    "gzip twice": packed(packed(b"{}"), "gzip, gzip"),
    "refusal in no gzip": good(b"{}", "text/plain", "400 X", "Content-Encoding: gzip\r\n"),
    **{f"packed by {name}": packed(b"", name, zlib.compress(b"{}")[:-1])
       for name in ("br", "deflate", "zstd", "compress", "x\xff", "gzip;q=1", "br, gzip")},
    **{f"body {body[:20]!r}": good(body) for body in (
        b"<html><h1>Welcome</h1>", b"null", b"1", b'"a"', b"[]", b"true", b"{}", b'{"head": {}}', b'{"boolean": 1}',
        b'{"boolean": "true"}', b'{"boolean": null}', b"NaN", b"\xff\xfe", b"\xef\xbb\xbf", b"{" * 9, LAUGHS, OUTSIDE,
        b'{"head": {"vars": ["s"]}, "results": {"bind', LONG.encode(), b'{"head": ' + LONG.encode() + b"}", DEEP,
        b'{"a":' * 10_000, b"\x00", b'{"head": {"vars": ["\\ud800"]}, "results": {"bindings": []}}')},
    "no type": OK + b"Content-Length: 6\r\n\r\n<html>",
    "html": good(b"<html><h1>Welcome</h1>", "text/html"),
    "xml": good(LAUGHS, "application/sparql-results+xml"),
    "type of noise": good(b"<html>", "\xff/\xff;;;==,"),
}  # fmt: skip


FIRST_OF_A_KIND = set({name.partition(" ")[0]: name for name in reversed(WIRE)}.values())


@pytest.mark.parametrize("name", mostly_slow(WIRE, FIRST_OF_A_KIND))
def test_whatever_comes_over_the_wire_ends_in_a_sentence(name: str, built_once: Project, clock: Time) -> None:
    with serving(HostileStore(WIRE[name])) as store:
        for each in COMMANDS:
            assert fate(each, built_once, store, clock), each
        assert not any("/etc/passwd" in head.partition("\r\n")[0] for head in store.heads)


@pytest.mark.parametrize("name", mostly_slow(WIRE, FIRST_OF_A_KIND))
def test_a_greeting_of_that_kind_ends_in_a_sentence_too(name: str, built_once: Project, clock: Time) -> None:
    with serving(HostileStore(replies={"greeting": WIRE[name]})) as store:
        assert fate("push", built_once, store, clock)
        assert len(store.asked) <= 3
        with pytest.raises(RejoinderError), connected(store.url):
            pass


def things(*values: Any) -> tuple[Any, ...]:
    """Values of all kinds."""
    return values


TABLES: dict[str, bytes] = {
    **{f"columns {columns!r:.30}": table(columns, []) for columns in things(
        None, "s", 1, True, {}, [1], [None], [["s"]], [{}], ["a b"], [""], ["\x1b[31m"], ["a\nb"], ["\ud800"],
        ["x" * 2000])},
    **{f"rows {rows!r:.30}": table(["s"], rows) for rows in things(
        None, 1, "s", {}, True, [None], [1], ["s"], [[]], [True], [[CELL]], [{"s": None}], [{"s": 1}], [{"s": "1"}],
        [{"s": [CELL]}], [{"s": {}}], [{"s": {"type": "uri"}}], [{"s": {"value": "x:a"}}])},
    **{f"cell {cell!r:.60}": table(["s"], [{"s": cell}]) for cell in (
        {"type": "uri", "value": 1}, {"type": "uri", "value": None}, {"type": "uri", "value": "a b"},
        {"type": "uri", "value": "relative"}, {"type": "uri", "value": ""}, {"type": "uri", "value": "x:\ud800"},
        {"type": "uri", "value": "x:<>"}, {"type": "literal", "value": "\ud800"}, {"type": "literal", "value": ["a"]},
        {"type": "literal", "value": "a", "xml:lang": "no tag!"}, {"type": "literal", "value": "a", "xml:lang": ""},
        {"type": "literal", "value": "a", "xml:lang": 1}, {"type": "literal", "value": "a", "xml:lang": None},
        {"type": "literal", "value": "a", "xml:lang": "\udfff"},
        {"type": "literal", "value": "a", "datatype": "no iri"},
        {"type": "literal", "value": "a", "datatype": 7}, {"type": "literal", "value": "a", "datatype": {}},
        {"type": "triple", "value": {}}, {"type": "URI", "value": "x:a"}, {"type": None, "value": "a"},
        {"type": ["uri"], "value": "x:a"}, {"type": {}, "value": "x:a"}, {"type": "literal"}, {"type": "bnode"},
        {"type": "bnode", "value": 1}, {"type": "typed-literal", "value": True, "datatype": "x:a"})},
}  # fmt: skip


@pytest.mark.parametrize("name", mostly_slow(TABLES, list(TABLES)[::8]))
def test_a_table_that_is_none_ends_in_a_sentence(name: str, built_once: Project, clock: Time) -> None:
    with serving(HostileStore(TABLES[name])) as store:
        for each in COMMANDS:
            assert fate(each, built_once, store, clock), each


@pytest.mark.parametrize("seed", mostly_slow(range(40), range(5)))
def test_a_table_with_noise_in_it_is_read_or_ends_in_a_sentence(seed: int, built_once: Project, clock: Time) -> None:
    """Whatever is put in the place of anything in a good table."""
    chance = random.Random(seed)
    rows = [{"s": NODE, "p": NODE, "o": CELL}, {"s": {"type": "bnode", "value": "nodeID://b1"}, "o": CELL}]
    document: Any = {"head": {"vars": ["s", "p", "o"]}, "results": {"bindings": rows}}
    noise: list[Any] = [
        None,
        True,
        -1,
        1e308,
        10**300,
        "",
        "\ud800",
        "\x00",
        [],
        {},
        [[]],
        "x:a",
        {"type": "uri", "value": "x:b"},
    ]
    body = json.dumps(changed(document, chance, noise))
    with serving(HostileStore(good(body.encode()))) as store:
        for each in ("push", "table", "face table", "check", "served"):
            fate(each, built_once, store, clock)


def changed(value: Any, chance: random.Random, noise: list[Any]) -> Any:
    """Return the value with something else in one of its places."""
    if isinstance(value, dict | list) and value and chance.random() < 0.8:
        places = list(value) if isinstance(value, dict) else list(range(len(value)))
        place = chance.choice(places)
        pairs = {key: value[key] for key in places} | {place: changed(value[place], chance, noise)}
        return pairs if isinstance(value, dict) else list(pairs.values())
    return chance.choice(noise)


COUNTS: dict[str, Any] = {
    **{f"value {value[:20]!r}": {"type": "literal", "value": value} for value in (
        "true", "false", "many", "1.5", "-1", "1e3", "", " ", LONG, "9" * 30, "\xb2", "\u0661", "0x1", "1_000", "INF",
        "NaN", "+", "1 2")},
    "an IRI": NODE,
    "a blank node": {"type": "bnode", "value": "b"},
    "JSON's true": {"type": "literal", "value": True},
    "JSON's number": {"type": "literal", "value": 1},
}  # fmt: skip


@pytest.mark.parametrize("name", COUNTS)
def test_a_count_that_is_none_ends_in_a_sentence(name: str, built_once: Project, clock: Time) -> None:
    graph = {"type": "uri", "value": next(iter(iris(built_once)))}
    usual = table(["g", "n"], [{"g": graph, "n": COUNTS[name]}])
    replies = {"construct": good(b"", NTRIPLES), "count": usual}
    with serving(HostileStore(refused("500 never"), replies)) as store:
        sentence = fate("push", built_once, store, clock)
        assert "cannot be read" in sentence, sentence
        assert {"update", "put"}.isdisjoint(store.asked), "nothing was written"
    created = {"type": "literal", "value": "2026-11-25T12:00:00Z"}
    replies = {"version": table(["number", "created"], [{"number": COUNTS[name], "created": created}])}
    with serving(HostileStore(refused("500 never"), replies)) as store:
        sentence = fate("version", built_once, store, clock)
        assert "cannot be read" in sentence or "no version of the project" in sentence


def iris(project: Project) -> list[str]:
    """Return the graphs of the newest version."""
    manifest = json.loads((project.build / "current/manifest.json").read_text(encoding="utf-8"))
    return [entry["iri"] for entry in manifest["graphs"]]


COLUMNS: dict[str, bytes] = {
    "one column": table(["g"], [{"g": NODE}]),
    "other columns": table(["g", "m"], [{"g": NODE, "m": CELL}]),
    "three columns": table(["g", "n", "m"], [{"g": NODE, "n": CELL, "m": CELL}]),
    "a column twice": table(["g", "g"], [{"g": NODE}]),
    "no column": table([], [{}]),
    "no count": table(["g", "n"], [{"g": NODE}]),
    "a graph that nobody asked for": table(["g", "n"], [{"g": {"type": "uri", "value": "x:other"}, "n": CELL}]),
    "words for a graph": table(["g", "n"], [{"g": CELL, "n": CELL}]),
    "a boolean": good(b'{"head": {}, "boolean": true}'),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_other_columns_than_were_asked_for_end_in_a_sentence(name: str, built_once: Project, clock: Time) -> None:
    replies: dict[str, Reply] = {"construct": good(b"", NTRIPLES), "count": COLUMNS[name], "graphs": COLUMNS[name]}
    with serving(HostileStore(COLUMNS[name], replies)) as store:
        assert "store sent" in fate("push", built_once, store, clock)
        if name not in ("one column", "no column"):
            assert fate("check", built_once, store, clock)
        assert fate("version", built_once, store, clock)


QUADS: dict[str, Any] = {
    "a literal as subject": {"s": CELL, "p": NODE, "o": CELL, "g": NODE},
    "a blank node as predicate": {"s": NODE, "p": {"type": "bnode", "value": "b"}, "o": CELL, "g": NODE},
    "a literal as graph": {"s": NODE, "p": NODE, "o": CELL, "g": CELL},
    "nothing as object": {"s": NODE, "p": NODE, "g": NODE},
    "nothing": {},
    "a graph that nobody asked for": {"s": NODE, "p": NODE, "o": CELL, "g": NODE},
}


@pytest.mark.parametrize("name", QUADS)
def test_rows_that_are_no_statements_end_in_a_sentence(name: str, built_once: Project, clock: Time) -> None:
    replies: dict[str, Reply] = {
        "construct": good(b"", NTRIPLES),
        "count": table(["g", "n"], []),
        "quads": table(["s", "p", "o", "g"], [QUADS[name]]),
    }
    with serving(HostileStore(refused("204 No Content"), replies)) as store:
        assert fate("push", built_once, store, clock)


CLIQUE = "".join(f"_:a{i} <x:p> _:a{j} .\n" for i in range(14) for j in range(14) if i != j).encode()
GRAPHS: dict[str, bytes] = {
    "cut": good(b'<x:a> <x:b> "c', NTRIPLES),
    "html": good(b"<html>", "text/html"),
    "html of nothing": good(b"", "text/html"),
    "xml": good(LAUGHS, "application/rdf+xml"),
    "json": good(b"", "application/ld+json"),
    "other turtle": good(b"@prefix x: <x:> . x:a x:b (", "text/turtle"),
    "turtle of noise": good(b"\xff\xfe\x00", "text/turtle; charset=hex"),
    "deep turtle": good(b"<x:a> <x:b> " + b"[<x:b> " * 5_000, "text/turtle"),
    "deep lists": good(b"<x:a> <x:b> " + b"(" * 5_000, "text/turtle"),
    "a term of RDF 1.2": good(b"<x:a> <x:b> <<( <x:a> <x:b> <x:c> )>> .", NTRIPLES),
    "no IRI": good(b"<a b> <x:b> <x:c> .", NTRIPLES),
    "relative": good(b"<a> <x:b> <x:c> .", NTRIPLES),
    "no tag": good(b'<x:a> <x:b> "c"@no_tag .', NTRIPLES),
    "a surrogate": good(b'<x:a> <x:b> "\\ud800" .', NTRIPLES),
    "a huge literal": good(b'<x:a> <x:b> "' + b"a" * 2_900_000, NTRIPLES),
    "blank nodes that nobody can name": good(CLIQUE, NTRIPLES),
    "no type": OK + b"Content-Length: 6\r\n\r\n<html>",
}


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_that_is_none_ends_in_a_sentence(name: str, built_once: Project, clock: Time) -> None:
    graphs = table(["g"], [{"g": {"type": "uri", "value": f"{built_once.base}report/x"}}])
    replies: dict[str, Reply] = {"construct": GRAPHS[name], "graphs": graphs}
    with serving(HostileStore(refused("400 never"), replies)) as store:
        for each in ("graph", "face graph", "check", "version", "push"):  # a push without a record goes on
            assert fate(each, built_once, store, clock), each


NAMED = "<{r}#v> <http://www.w3.org/ns/sparql-service-description#name>"
COUNTED = "<{r}#v> <http://rdfs.org/ns/void#triples>"
VERSION = "<{r}#version> <http://www.w3.org/ns/dcat#version>"
MADE = "<{r}#version> <http://purl.org/dc/terms/modified>"
ISSUED = "<{r}#version> <http://purl.org/dc/terms/issued>"
PROGRAM = "<{r}#version> <http://purl.org/dc/elements/1.1/creator>"
TODAY = f'{MADE} "2026-11-25T12:00:00Z" .\n{ISSUED} "2026-11-25T12:00:00Z" .\n'
RECORDS = [
    f'{NAMED} "no iri" .',
    f"{NAMED} _:b .",
    f'{NAMED} <x:a> .\n{COUNTED} "{LONG}" .',
    f'{NAMED} <x:a> .\n{COUNTED} "\xb2" .',
    f'{VERSION} "{LONG}" .\n{TODAY}{PROGRAM} "p" .',
    f'{VERSION} "1" .\n{TODAY}{PROGRAM} "\\u0000" .',
    f'{VERSION} "1" .\n{MADE} "<script>" .\n{ISSUED} "2026-11-25T12:00:00Z" .\n{PROGRAM} "p" .',
    f'{VERSION} "1" .\n{MADE} "2026-11-25T12:00:00Z" .\n{ISSUED} "9999-99-99T12:00:00Z" .\n{PROGRAM} "p" .',
    f"{VERSION} <x:one> .\n{TODAY}{PROGRAM} <x:p> .",
]


@pytest.mark.parametrize("record", RECORDS)
def test_a_record_with_nonsense_in_it_is_none(record: str, built_once: Project, clock: Time) -> None:
    text = record.replace("{r}", push.record_graph(built_once.base)).encode()
    replies: dict[str, Reply] = {"construct": good(text, NTRIPLES), "count": table(["g", "n"], [])}
    with serving(HostileStore(refused("400 never"), replies)) as store:
        assert "the store refuses the request (400)" in fate("push", built_once, store, clock)
        assert "update" in store.asked or "put" in store.asked


@pytest.mark.parametrize("created", ["", "<script>", "9999-99-99T12:00:00Z", "2026-11-25T12:00:00", "\x1b[31m", LONG])
def test_a_version_that_was_made_at_no_time_is_none(created: str, built_once: Project, clock: Time) -> None:
    row = {"number": CELL, "created": {"type": "literal", "value": created}}
    with serving(HostileStore(table(["number", "created"], [row]))) as store:
        assert "no version of the project" in fate("version", built_once, store, clock)


@pytest.mark.parametrize("rows", [[{"g": NODE}], [{"g": NODE}] * 6000])
def test_a_page_that_comes_again_and_again_ends_in_a_sentence(
    rows: list[Any], built_once: Project, clock: Time
) -> None:
    with serving(HostileStore(table(["g"], rows))) as store, connected(store.url, "virtuoso") as opened:
        with pytest.raises(UnreadableError, match="same rows again, or more"):
            rejoinder.check_endpoint(built_once, store.url, store="virtuoso")
        assert store.asked.count("graphs") <= 2
        assert opened.endpoint.profile.page_size
        assert clock.slept == []


CHALLENGES = (
    "Digest",
    "Digest ",
    "Digest x",
    "Digest =",
    'Digest realm="x"',
    'Digest realm="x", nonce="y", algorithm=SHA-3',
    'Digest realm="x", nonce="y", algorithm=""',
    'Digest realm="x", nonce="y", qop="auth-int"',
    'Digest realm="x", nonce="y", qop="none"',
    'Digest realm="x", nonce="y", qop=""',
    'Digest realm="x", nonce="y", qop="auth", opaque',
    'Digest realm="\xff", nonce="\xff", qop="auth"',
    'Digest realm="x", nonce="y"',
    "Basic realm=x",
    "Bearer",
    "",
)


@pytest.mark.parametrize("challenge", CHALLENGES)
@pytest.mark.parametrize("body", [b"", b"a" * 200_000])
def test_a_challenge_that_is_none_ends_in_a_sentence(
    challenge: str, body: bytes, built_once: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REJOINDER_USER", "anna")
    monkeypatch.setenv("REJOINDER_PASSWORD", "hidden-word")
    reply = refused("401 X", body, f"WWW-Authenticate: {challenge}\r\nSet-Cookie: a=\xff; Path=\xff; expires=x\r\n")
    with serving(HostileStore(reply, {"greeting": reply})) as store:
        result = command(built_once, "push", store.url, "--store", "virtuoso")
        assert isinstance(result.exception, RemoteError)
        assert len(store.asked) <= 2
        assert "hidden-word" not in "".join([str(result.exception), result.output, *store.heads])


def test_a_redirect_takes_no_credentials_elsewhere(
    built_once: Project, clock: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REJOINDER_USER", "anna")
    monkeypatch.setenv("REJOINDER_PASSWORD", "hidden-word")
    with serving(HostileStore(good(b""))) as other, serving(HostileStore()) as store:
        for status in (301, 302, 303, 307, 308):
            store.usual = refused(f"{status} X", headers=f"Location: {other.url}/query\r\n")
            for each in COMMANDS:
                assert f"sends us to {other.url}/query" in fate(each, built_once, store, clock)
        assert other.asked == []


def test_a_store_that_fails_for_ever_is_tried_seven_times_and_each_wait_is_told(
    built_once: Project, clock: Time
) -> None:
    with serving(HostileStore(refused("500 X", b"broken"))) as store:
        result = command(built_once, "ask", "who-raised-what", "--endpoint", store.url, "--store", "oxigraph")
        assert isinstance(result.exception, RemoteError)
        assert store.asked == ["greeting"] + ["table"] * 7
        assert len(clock.slept) == 6
        assert sum(clock.slept) <= 30
        notes = [line for line in result.stderr.splitlines() if line.startswith("note:")]
        assert len(notes) == 6
        assert all("broken; trying again in" in line for line in notes)


@pytest.mark.parametrize("wait", ["31536000", LONG, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_nobody_waits_for_a_year(wait: str, built_once: Project, clock: Time) -> None:
    with serving(HostileStore(refused("503 X", headers=f"Retry-After: {wait}\r\n"))) as store:
        for each in COMMANDS:
            before = len(store.heads)
            assert fate(each, built_once, store, clock)
            assert len(store.heads) - before <= 5
        assert clock.slept == []


@pytest.mark.parametrize("words", [("push",), ("ask", "who-raised-what"), ("sparql", "ASK {?s ?p ?o}"), ("check",)])
def test_all_tries_and_waits_end_within_the_time_that_was_granted(
    words: tuple[str, ...], built_once: Project, clock: Time
) -> None:
    with serving(HostileStore(refused("500 X"))) as store:
        place = (store.url,) if words[0] == "push" else ("--endpoint", store.url)
        begun = clock.now
        result = command(built_once, *words, *place, "--store", "oxigraph", "--timeout", "20")
        assert "time limit of 20 seconds" in str(result.exception)
        assert clock.now - begun < 25


@pytest.mark.parametrize("reply", [b"", OK, TYPED + b"Content-Length: 9\r\n\r\n{"])
def test_a_store_that_falls_silent_is_given_up_when_the_time_is_over(reply: bytes, built_once: Project) -> None:
    def silent() -> Iterator[bytes]:
        yield reply

    with serving(HostileStore(silent)) as store:
        place = ("--endpoint", store.url, "--store", "oxigraph", "--timeout", "1")
        result = command(built_once, "sparql", "ASK { ?s ?p ?o }", *place)
        assert "no answer within the time limit of 1 seconds" in str(result.exception)


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), 1e300])
def test_a_time_limit_that_is_none_is_a_sentence(seconds: float, built_once: Project) -> None:
    with pytest.raises(UsageError, match="time limit"):
        rejoinder.sparql(built_once, "ASK {}", endpoint="http://127.0.0.1:1", timeout=seconds)


@pytest.mark.parametrize("kind", [b"HTTP/1.1 500 X\r\n\r\n", packed(b" " * 9), good(b"[" * 10_000), b""])
@pytest.mark.usefixtures("built")
def test_the_program_says_so_and_ends_with_2(kind: bytes, run: Run) -> None:
    with serving(HostileStore(kind)) as store:
        for words in (("push", store.url), ("ask", "who-raised-what", "--endpoint", store.url)):
            done = run(*words, "--store", "oxigraph", "--timeout", "3")
            assert done.returncode == 2
            assert "Traceback" not in done.stderr
            assert done.stderr.splitlines()[-1].startswith("error: ")


def test_a_dataset_has_its_time_for_each_call(clock: Time) -> None:
    with serving(HostileStore(endless(TYPED + b"\r\n", b" "))) as store:
        opened = connect(store.url, "oxigraph")
        with closing(opened.client):
            for _ in range(2):
                with pytest.raises(RemoteError, match="within the time limit of 100 seconds"):
                    opened.query("ASK { ?s ?p ?o }", JSON)
        assert clock.slept == []


def test_labels_of_blank_nodes_that_are_two_stay_two() -> None:
    values = ["b0", "nodeID://b1", "nodeID:::b1", "a/b", "a:b", "", "\xb2", "-", "é", "x" * 50]
    rows = [{"s": {"type": "bnode", "value": value}} for value in values]
    found = responses.read_table(table(["s"], rows).partition(b"\r\n\r\n")[2]).rows
    assert len({str(row[0]) for row in found}) == len(values)
