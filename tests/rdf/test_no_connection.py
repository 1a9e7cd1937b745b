"""No query reaches another server: spellings of SERVICE by the grammar and by the engine, wherever a query is taken.

A real socket listens, and nothing may connect to it; what the engine alone does with the same texts shows that it can.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

import rejoinder
import server_thread
from conftest import StartStore
from rejoinder.config import Project
from rejoinder.errors import QueryError, RejoinderError
from rejoinder.rdf import no_network, terms
from rejoinder.rdf import query as rdf_query
from rejoinder.rdf.no_network import Barrier
from rejoinder.rdf.results import Table
from rejoinder.rdf.terms import NamedNode, Quad
from rejoinder.server import workers as server_workers
from rejoinder.server.workers import QueryJob, QueryLimits, Workers
from rejoinder.triplestores import push, sparql_client
from server_process import served

NODE = NamedNode("https://example.org/x")
STORE = terms.memory_store([Quad(NODE, NODE, NODE)])

# ruff: noqa: E501  # the lists below are read by their items, not by their lines

# What may stand before the keyword without a blank, after `{ ?s ?p`.
BEFORE = [
    "1", "1.0", "1e0", "-1", "+1.5E-3", "true", "false", "'a'", '"a"', "'''a'b'''", '"""a""b"""', "'a'@en.", "''^^:d.",
    ":a.", ":.", ":\\#.", ":%23.", ":\u00b7\\#.", "_:b.", "?o ", "$o.", "<<( ?a ?b 1 )>>", "(1)", "[]", "[?a ?b]", "(1 2)",
    "?o{|?a 1|}.", "?o FILTER(?o<1)", "?o FILTER(1<2&&2>1)", "?o FILTER EXISTS{}", "?o{}", "?o MINUS{}", "?o.#'\n",
    "?o OPTIONAL{}", "?o BIND(1 AS ?z)", "?o VALUES ?z{1}", "?o VALUES ?z{'''a'}", "?o VALUES ?z{'''a'''}", "x:", "y:",
    "'\\''", "'\\\\'", "'\\u0027'", "'#'", "<a'b>.", "<#'>.", "?o{}UNION{}", "?o GRAPH ?g{}", "?o#\r",
]  # fmt: skip

# Every class of letter that the grammar lets into a name, and others: in a local name before an escaped sharp.
LETTERS = (
    "A", "z", "_", "0", "-", "\u00b7", "\u00c0", "\u00d8", "\u00f8", "\u02ff", "\u0300", "\u036f", "\u0370", "\u037f",
    "\u0416", "\u1fff", "\u200c", "\u200d", "\u203f", "\u2040", "\u2070", "\u218f", "\u2c00", "\u3001", "\u4e2d", "\ud7ff",
    "\uf900", "\ufdf0", "\U00010000", "%20", "\\~", "\\.", "\\-", "\\'", "\\(", "\\;", "\\@", "\\%20", ":",
)  # fmt: skip

KEYWORDS = ["SERVICE", "service", "sErViCe"]

# What may follow the keyword; the name of the server is URL, also as the prefixed name `:`.
AFTER = [
    " <URL>", "<URL>", ":", " :abc", "SILENT:", " SILENT<URL>", "silent :", "#c\n<URL>", "\t\r\n:", "#>\n:", "#'\n:",
    "#{\n#}\n:", "<URL\\u002Fx>", "<URL\\U0000002Fx#>", " s:", "s:", ":\\~", ":%20", ":a.b", " <URL>#}\n", "<URL?'>",
]  # fmt: skip

PLACES = [
    "SELECT * {CLAUSE}", "ASK{CLAUSE}", "SELECT * WHERE{{CLAUSE}}", "SELECT * FROM <g:x> {CLAUSE}", "DESCRIBE ?s{CLAUSE}",
    "SELECT * FROM NAMED<g:x>{GRAPH ?g{CLAUSE}}", "CONSTRUCT{?s ?p ?o}{CLAUSE}", "SELECT * {OPTIONAL{CLAUSE}}",
    "SELECT * {?s ?p ?o MINUS{CLAUSE}}", "SELECT * {?s ?p ?o FILTER EXISTS{CLAUSE}}", "SELECT * {BIND(EXISTS{CLAUSE}AS?x)}",
    "SELECT * {?s ?p ?o FILTER NOT EXISTS{CLAUSE}}", "SELECT * {{SELECT * {CLAUSE}}}", "SELECT * {{}UNION{CLAUSE}}",
    "SELECT (EXISTS{CLAUSE}AS?x){}", "SELECT * {?s ?p ?o}ORDER BY EXISTS{CLAUSE}", "SELECT * {?s ?p ?o}HAVING(EXISTS{CLAUSE})",
    "SELECT (COUNT(*)AS?n){}GROUP BY(EXISTS{CLAUSE}AS?y)", "SELECT * {LATERAL{CLAUSE}}", "SELECT * {FILTER(1<2)CLAUSE}",
    "SELECT * {VALUES ?s{'''a'}CLAUSE #\\q '''\n}", "SELECT * {VALUES ?s{'''a'}CLAUSE #\\uD800 '''\n}",
    "SELECT * {VALUES ?z{1 2}CLAUSE}", "SELECT * {#'''\nCLAUSE#'''\n}", "SELECT * {#\"\rCLAUSE#\"\n}",
    "SELECT ?service {CLAUSE}", "SELECT * {FILTER(1<2)CLAUSE #>\n}", "SELECT * {FILTER('<'<'>')CLAUSE}",
]  # fmt: skip


def spellings(url: str) -> list[str]:
    """Return queries that ask the server at the URL, in every part of the grammar and each spelling in turn."""
    prologue = (
        f"PREFIX : <{url}> PREFIX s: <{url}> PREFIX x: <http://127.0.0.1:8> PREFIX y: <http://127.0.0.1:80> "
        "PREFIX e: <http://example.org/> "
    )
    keywords = itertools.cycle(KEYWORDS)
    bodies = [f"SELECT * {{?s ?p {before}{next(keywords)}:{{}}}}" for before in BEFORE]
    bodies += [f"SELECT * {{?s ?p e:a{letter}b\\#c.{next(keywords)}<URL>{{?s ?p ?o}}}}" for letter in LETTERS]
    bodies += [f"SELECT * {{{next(keywords)}{after}{{}}}}" for after in AFTER]
    bodies += [place.replace("CLAUSE", f"{next(keywords)}<URL>{{?a ?b ?c}}") for place in PLACES]
    bodies += [place.replace("CLAUSE", f"{next(keywords)}:{{}}") for place in PLACES]
    bodies += [f"SELECT * {{?s ?p {before}{next(keywords)}{after}{{}}}}" for before, after in zip(BEFORE, AFTER * 3, strict=False)]  # fmt: skip
    bodies += ["SELECT * {\\u0053ERVICE<URL>{}}", "SELECT * {SERV\\U00000049CE\\u003aa{}}", "SELECT * {?s ?p '\\u0027SERVICE<URL>{}#'}"]  # fmt: skip
    return [prologue + body.replace("URL", url) for body in bodies]


class Listener:
    """A server that closes each connection at once, and counts them."""

    def __init__(self, listening: socket.socket) -> None:
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}/x"
        self._listening, self._seen = listening, 0
        self._count = threading.Lock()

    def seen(self) -> int:
        """Return the number of connections so far: the kernel makes them before anybody accepts."""
        self._accept_all()
        return self._seen

    def run(self, ended: threading.Event) -> None:
        """Accept connections until it is told to end."""
        while not ended.wait(0.002):
            self._accept_all()

    def _accept_all(self) -> None:
        with self._count, suppress(BlockingIOError):
            while True:
                self._listening.accept()[0].close()
                self._seen += 1


@contextmanager
def listener() -> Iterator[Listener]:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        listening.setblocking(False)
        its, ended = Listener(listening), threading.Event()
        thread = threading.Thread(target=its.run, args=(ended,))
        thread.start()
        try:
            yield its
        finally:
            ended.set()
            thread.join()


def unguarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every text through to the engine."""
    monkeypatch.setattr(rdf_query, "refuse_unsafe", lambda _: None)


def reaching(listens: Listener) -> list[str]:
    """Return the spellings with which the engine, left alone, connects to the listener."""
    found = []
    for text in spellings(listens.url):
        before = listens.seen()
        with suppress(SyntaxError, RuntimeError, OSError):
            rdf_query.read_answer(STORE.query(text, base_iri="https://example.org/"))
        if listens.seen() > before:
            found.append(text)
    return found


needs_seccomp = pytest.mark.skipif(no_network._machine() is None, reason="no seccomp filter for this system")


def test_the_engine_alone_does_connect() -> None:
    with listener() as listens:
        assert len(reaching(listens)) >= 100


def test_the_check_alone_refuses_whatever_connects() -> None:
    with listener() as listens:
        connecting = reaching(listens)
    assert connecting
    for text in connecting:
        with pytest.raises(QueryError, match="SERVICE asks another server"):
            rdf_query.refuse_unsafe(text)


@needs_seccomp
def test_isolation_alone_keeps_a_query_from_connecting(monkeypatch: pytest.MonkeyPatch) -> None:
    unguarded(monkeypatch)
    with listener() as listens:
        for text in spellings(listens.url):
            for ask in (rdf_query.query, lambda store, query: rdf_query.evaluate(store, query, "https://example.org/")):
                with suppress(QueryError):
                    ask(STORE, text)
        assert listens.seen() == 0
        with socket.create_connection(("127.0.0.1", int(listens.url.split(":")[2].split("/")[0]))):
            pass  # the process itself keeps its rights
        assert listens.seen() == 1


def test_the_sentence_of_the_kernel_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    unguarded(monkeypatch)
    with listener() as listens, pytest.raises(QueryError, match="SERVICE asks another server"):
        rdf_query.evaluate(STORE, f"SELECT * {{ SERVICE <{listens.url}> {{}} }}", "https://example.org/")


UNGUARDED = """
from rejoinder.rdf import query
from rejoinder.server import workers
def main(channel, setup):
    query.refuse_unsafe = lambda text: None
    workers.main(channel, setup)
"""


def test_a_worker_alone_keeps_a_query_from_connecting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its process is started with the check taken out of it."""
    (tmp_path / "unguarded_worker.py").write_text(UNGUARDED, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    import unguarded_worker  # type: ignore[import-not-found]  # noqa: PLC0415  # written just now

    monkeypatch.setattr(server_workers, "main", unguarded_worker.main)
    source = server_thread.stored(tmp_path, [Quad(NODE, NODE, NODE, NODE)])

    async def scene(listens: Listener) -> list[str]:
        workers = Workers("https://example.org/", QueryLimits(workers=2, seconds=60))
        try:
            await workers.switch(source)
            assert workers.barrier is not Barrier.NONE
            asked = [await workers.answer(QueryJob(text, "json", "json", "turtle")) for text in spellings(listens.url)]
            return [reply.message for reply, _ in asked]
        finally:
            await workers.close()

    with listener() as listens:
        messages = asyncio.run(scene(listens))
        assert listens.seen() == 0
        assert any("SERVICE asks another server" in message and "line" not in message for message in messages)


@pytest.mark.slow
def test_nothing_that_the_server_takes_connects(built_once: Project) -> None:
    with listener() as listens, server_thread.project(built_once) as address:
        with httpx.Client(base_url=address, timeout=60) as client:
            refused = 0
            for number, text in enumerate(spellings(listens.url)):
                encoded = {"Content-Type": "application/sparql-query"}
                # Behind each of the three doors is the same check: each spelling goes through one.
                ways: tuple[dict[str, Any], ...] = (
                    {"method": "GET", "params": {"query": text}},
                    {"method": "POST", "data": {"query": text}},
                    {"method": "POST", "content": text.encode(), "headers": encoded},
                )
                answer = client.request(url="/sparql", **ways[number % 3])
                refused += "SERVICE asks" in answer.text
                assert answer.status_code == 400 or "SERVICE asks" not in answer.text
                if number % 5 == 0:
                    client.get("/api/questions/who-raised-what", params={"state": text, text: text})
                    client.get("/question/who-raised-what", params={"state": text, "format": text})
                    client.get("/sparql", params={"default-graph-uri": text, "query": "ASK {}"})
                    client.get("/sparql", headers={"Accept": repr(text.encode())})
            ready = client.get("/-/ready").text.splitlines()
        assert ready[1].startswith("queries: ")
        assert refused >= 100
        assert listens.seen() == 0


def test_nothing_that_the_library_takes_connects(built_once: Project) -> None:
    with listener() as listens:
        for text in spellings(listens.url):
            with suppress(RejoinderError):
                rejoinder.sparql(built_once, text)
        assert listens.seen() == 0


@pytest.mark.slow
def test_nothing_that_the_program_takes_connects(built_once: Project) -> None:
    """In one process, as each start takes a second; and once as a user starts it."""
    code = (
        "import sys, json\n"
        "from typer.testing import CliRunner\n"
        "from rejoinder.cli.main import program\n"
        "app = program(['sparql'])\n"
        "answers = [CliRunner().invoke(app, ['sparql', text]) for text in json.load(sys.stdin)]\n"
        "print({type(answer.exception).__name__ for answer in answers})\n"
    )
    with listener() as listens:
        texts = spellings(listens.url)
        line = [sys.executable, "-c", code]
        done = subprocess.run(line, input=json.dumps(texts), cwd=built_once.root, capture_output=True, text=True, check=False)  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "QueryError" in done.stdout, "the queries were asked"
        line = [sys.executable, "-m", "rejoinder", "sparql", texts[0]]
        told = subprocess.run(line, cwd=built_once.root, capture_output=True, text=True, check=False)
        assert (told.returncode, told.stdout) == (2, "")
        assert "SERVICE asks another server" in told.stderr
        assert listens.seen() == 0


def test_nothing_reaches_another_server_by_a_triple_store(
    built: Project, tmp_path: Path, start_store: StartStore
) -> None:
    with start_store("oxigraph", tmp_path / "store") as store, listener() as listens:
        url = listens.url
        with suppress(httpx.HTTPError):
            httpx.post(store.query_url, data={"query": f"SELECT * {{ SERVICE <{url}> {{}} }}"}, timeout=60)
        assert listens.seen() > 0  # so the store would
        push.push(built, store.query_url)
        before = listens.seen()
        with served(built, store.query_url) as client:
            for text in spellings(url):
                client.post("/sparql", data={"query": text})
            assert "only a check of their text" in client.get("/-/ready").text
        assert listens.seen() == before


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?service ?public_services { ?service ?p $service }",
        "PREFIX ex: <http://example.org/> SELECT * { ?s ex:service ?o . ?o ex:hasService ex:SERVICE ; a ex:Service }",
        "PREFIX service: <http://example.org/> SELECT * { ?s service:a ?o ; service:service service:b }",
        "SELECT * { ?s ?p <issue/social-services> , <https://example.org/SERVICE#service> , <urn:x:service> }",
        "SELECT * { GRAPH <https://example.org/service> { ?s ?p ?o FILTER(CONTAINS(?o, 'health services {')) } }",
        'SELECT * { ?s ?p "SERVICE <http://192.0.2.1/> {}", """a\nSERVICE :x {\\""" b""" }',
        "SELECT * { ?s ?p ?o }\n# a service: of <http://192.0.2.1/>\n# SERVICE <http://192.0.2.1/> {",
        "SELECT ('public services' AS ?x) (1 < 2 AS ?y) { ?s ?p ?o FILTER(?s<?o || ?o>?s) } # SERVICE ?x {",
    ],
)
def test_what_holds_the_word_and_no_clause_is_answered(query: str) -> None:
    found = rdf_query.evaluate(STORE, query, "https://example.org/")
    assert isinstance(found, Table)


def test_no_character_that_ends_an_iri_here_is_in_one_for_the_engine() -> None:
    """The check rests on it: what it takes for no IRI is none for the engine, which looks for `>` first."""
    odd = [chr(code) for code in range(33)] + list('<>"{}|^`\\')
    assert not any(terms.is_iri(f"http://example.org/{character}x") for character in odd)


def test_what_does_not_end_within_sight_of_the_word_is_refused() -> None:
    for tail in (
        " SILENT ?x{}",
        "silent:{}",
        "<http://127.0.0.1/x>{}",
        "a:b\\-c{}",
        ":#c\n#\n {}",
        "$x\t{}",
        "#{\n:{}",
    ):
        for length in range(1960, 2010):
            with pytest.raises(QueryError, match="SERVICE asks another server"):
                rdf_query.refuse_unsafe(f"SELECT * {{SERVICE#{'x' * length}\n{tail}}}")


@pytest.mark.parametrize("word", ["INSERT", "LOAD", "DROP", "DEFINE"])
@pytest.mark.parametrize("text", ["SELECT * {{?s ?p 'a'}}; {} DATA", "ASK{{FILTER(1<2)}}{}#>\n", "ASK{{VALUES ?x{{'''a'}}}};{} #\\q'''"])  # fmt: skip
def test_words_of_updates_are_not_handed_to_a_store(word: str, text: str) -> None:
    with pytest.raises(QueryError, match=f"the query has {word} in it"):
        sparql_client.reject_all_but_queries(text.format(word))


@pytest.mark.parametrize("word", [r"\u0044ROP", r"L\U0000004FAD", r"DEFIN\u0045"])
def test_escaped_words_of_updates_are_not_handed_to_a_store(word: str) -> None:
    with pytest.raises(QueryError, match=r"the query has (DROP|LOAD|DEFINE) in it"):
        sparql_client.reject_all_but_queries(f"ASK {{}}; {word} <http://192.0.2.1/>")
