"""SPARQL over HTTP: each request that other endpoints get wrong, over a real connection; and which limit is met."""

from __future__ import annotations

import asyncio
import csv
import gzip
import io
import signal
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

import brotli
import httpx
import pytest

import server_thread
from rejoinder import formats
from rejoinder.rdf.terms import Literal, NamedNode, Quad
from rejoinder.server.workers import LimitError, QueryJob, QueryLimits, QuerySource, Queue, Workers

A, B, P = (NamedNode(f"{server_thread.BASE}{name}") for name in "abp")
ONE, TWO = NamedNode(f"{server_thread.BASE}one"), NamedNode(f"{server_thread.BASE}two")
QUADS = [
    Quad(A, P, Literal("x, \"y\"\nz", language="en"), ONE),
    Quad(A, P, B, ONE),
    Quad(A, P, B, TWO),
    Quad(B, P, Literal(1), TWO),
]  # fmt: skip
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
DIRECT = {"Content-Type": "application/sparql-query"}
ODD = {"Content-Type": "Application/SPARQL-query ;charset=UTF-8"}
PROFILE = 'application/ld+json;profile="http://www.w3.org/ns/json-ld#expanded"'
COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
LIMITS = QueryLimits(seconds=60, text=20_000, size=100_000, memory=300_000_000, workers=3, waiting=4)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> QuerySource:
    return server_thread.stored(tmp_path_factory.mktemp("store"), QUADS)


@pytest.fixture(scope="module")
def client(source: QuerySource) -> Iterator[httpx.Client]:
    with server_thread.sparql(source, LIMITS) as client:
        yield client


@pytest.fixture(scope="module")
def hurried(source: QuerySource) -> Iterator[httpx.Client]:
    """Give a client of an endpoint where the time of a query is over soon."""
    with server_thread.sparql(source, replace(LIMITS, seconds=3)) as client:
        yield client


def ask(client: httpx.Client, query: str, accept: str | None = None, **more: str) -> httpx.Response:
    headers = {"Accept": accept} if accept else {}
    return client.get("/sparql", params={"query": query, **more}, headers=headers)


def number(answer: httpx.Response) -> int:
    assert answer.status_code == 200, answer.text
    return int(answer.json()["results"]["bindings"][0]["n"]["value"])


# What is asked, and how


def test_the_default_graph_is_the_union_and_has_a_statement_of_two_graphs_once(client: httpx.Client) -> None:
    assert number(ask(client, COUNT)) == 3


@pytest.mark.parametrize(
    ("clause", "count"),
    [
        ("FROM <one>", 2),
        ("FROM <one> FROM <two>", 3),
        ("FROM <one> FROM <one>", 2),
        ("FROM NAMED <one>", 0),
        ("FROM <nowhere>", 0),
    ],
)
def test_from_merges_graphs(client: httpx.Client, clause: str, count: int) -> None:
    assert number(ask(client, COUNT.replace("WHERE", f"{clause} WHERE"))) == count


def test_the_protocols_graphs_outweigh_those_of_the_query(client: httpx.Client) -> None:
    query = COUNT.replace("WHERE", "FROM <one> WHERE")
    both = {"query": query, "default-graph-uri": [ONE.value, TWO.value]}
    assert number(client.get("/sparql", params=both)) == 3
    assert number(client.post("/sparql", data={"query": query, "default-graph-uri": TWO.value})) == 2
    named = COUNT.replace("?s ?p ?o", "GRAPH ?g { ?s ?p ?o }")
    assert number(ask(client, named, **{"named-graph-uri": TWO.value})) == 2
    assert number(ask(client, named, **{"default-graph-uri": TWO.value})) == 0


@pytest.mark.parametrize("text", ["%", "%25", "%2525", "a+b", "a b", "é%"])
def test_a_body_is_decoded_once(client: httpx.Client, text: str) -> None:
    query = f"SELECT ('{text}' AS ?n) {{}}"
    answers = [
        ask(client, query),
        client.post("/sparql", data={"query": query}),
        client.post("/sparql", content=query.encode(), headers=DIRECT),
        client.post("/sparql", content=query.encode(), headers=ODD),
    ]
    assert [answer.json()["results"]["bindings"][0]["n"]["value"] for answer in answers] == [text] * 4


@pytest.mark.parametrize(
    ("status", "method", "address", "headers", "body", "words"),
    [
        (400, "GET", "?query=ASK{}&query=ASK{}", {}, b"", "exactly one query"),
        (400, "GET", f"?default-graph-uri={quote(ONE.value)}", {}, b"", "exactly one query"),
        (400, "GET", "?query=%FF", {}, b"", "not UTF-8"),
        (400, "GET", "?query=ASK{}%", {}, b"", "%25"),
        (400, "GET", "?query=ASK{}&default-graph-uri=one", {}, b"", "not an absolute IRI"),
        (400, "POST", "", FORM, b"query=%C3%28", "not UTF-8"),
        (400, "POST", "", FORM, b"", "exactly one query"),
        (400, "POST", "", FORM, b"query=" + quote("INSERT DATA { <a> <a> 1 }").encode(), "begins an update"),
        (400, "POST", "?query=ASK{}", DIRECT, b"ASK {}", "exactly one query"),
        (400, "POST", "", DIRECT, b"ASK { ?s ?p '\xff' }", "not UTF-8"),
        (400, "POST", "", DIRECT, b"", "the query is empty; write one"),
        (403, "POST", "", {"Content-Type": "application/sparql-update"}, b"CLEAR ALL", "takes no updates"),
        (403, "POST", "", FORM, b"update=CLEAR%20ALL", "takes no updates"),
        (403, "GET", "?update=CLEAR%20ALL", {}, b"", "takes no updates"),
        (413, "POST", "", DIRECT, b"ASK {}" + b" " * 20_000, "longer than"),
        (415, "POST", "", {"Content-Type": "text/plain"}, b"ASK {}", "text/plain"),
        (415, "POST", "", {}, b"ASK {}", "the body has no media type"),
        (415, "POST", "", {"Content-Type": "application/sparql-query; charset=latin-1"}, b"ASK {}", "send UTF-8"),
        (405, "PUT", "?query=ASK{}", {}, b"", ""),
    ],
)  # fmt: skip
def test_what_is_no_query_is_refused(
    client: httpx.Client, status: int, method: str, address: str, headers: dict[str, str], body: bytes, words: str
) -> None:
    answer = client.request(method, f"/sparql{address}", headers=headers, content=body)
    assert answer.status_code == status, answer.text
    assert words in answer.text
    if words:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == status


def test_a_syntax_error_names_line_and_column(client: httpx.Client) -> None:
    problem = ask(client, "SELECT *\nWHERE { ?s ?p }").json()
    assert (problem["status"], problem["line"]) == (400, 2)
    assert problem["column"] in (15, 16), "the brace is the 15th; the engine may count what it has read"


# What is answered


@pytest.mark.parametrize(
    ("query", "accept", "media_type"),
    [
        (COUNT, None, formats.JSON.media_type),
        (COUNT, "*/*", formats.JSON.media_type),
        (COUNT, "application/sparql-results+xml", formats.XML.media_type),
        (COUNT, "text/csv, */*;q=0.1", "text/csv; charset=utf-8; header=present"),
        (COUNT, "text/*", "text/csv; charset=utf-8; header=present"),
        (COUNT, "text/tab-separated-values", "text/tab-separated-values; charset=utf-8"),
        (COUNT, "application/json", "application/json"),
        (COUNT, "application/sparql-results+json;q=0, */*", formats.XML.media_type),
        (COUNT, "text/turtle, application/sparql-results+xml;q=0.1", formats.XML.media_type),
        ("ASK {}", None, formats.JSON.media_type),
        ("ASK {}", "text/csv, application/xml;q=0.1", "text/csv; charset=utf-8; header=absent"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", None, "text/turtle; charset=utf-8"),
        ("DESCRIBE <a>", "application/rdf+xml", formats.RDFXML.media_type),
        ("DESCRIBE <a>", PROFILE, formats.JSONLD.media_type),
        ("DESCRIBE <a>", "application/n-triples", formats.NTRIPLES.media_type),
    ],
)  # fmt: skip
def test_the_format_suits_the_form_of_the_query(
    client: httpx.Client, query: str, accept: str | None, media_type: str
) -> None:
    answer = ask(client, query, accept)
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    assert answer.headers["vary"] == "Accept, Accept-Encoding"


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        (COUNT, "image/png"),
        (COUNT, "text/turtle"),
        ("DESCRIBE <a>", "text/csv"),
        (COUNT, "*/*;q=0"),
        ("ASK {}", "text/turtle"),
    ],
)
def test_what_cannot_be_given_is_not_acceptable(client: httpx.Client, query: str, accept: str) -> None:
    answer = ask(client, query, accept)
    assert (answer.status_code, answer.headers["vary"]) == (406, "Accept")
    assert formats.JSON.media_type in answer.text


def test_the_address_outweighs_the_header(client: httpx.Client) -> None:
    assert ask(client, "DESCRIBE <a>", "text/turtle", format="ntriples").text.count(" .\n") == 2
    assert ask(client, COUNT, "application/json", format="tsv").text == "?n\n3\n"
    assert ask(client, "ASK {}", "application/json", format="csv").text == "true"


def test_csv_has_its_line_ends_and_quotes(client: httpx.Client) -> None:
    answer = ask(client, "SELECT ?o { <a> <p> ?o } ORDER BY ?o", "text/csv")
    assert answer.content.endswith(b'"\r\n')
    assert answer.content.startswith(b"o\r\n")
    assert list(csv.reader(io.StringIO(answer.text, newline=""))) == [["o"], [B.value], ['x, "y"\nz']]


def test_xml_is_xml(client: httpx.Client) -> None:
    answer = ask(client, "SELECT ?o { <a> <p> ?o }", formats.XML.media_type)
    assert len(ElementTree.fromstring(answer.content).findall(".//{*}result")) == 2  # noqa: S314  # our own
    unwritable = ask(client, r"SELECT ('\u0001' AS ?x) {}", formats.XML.media_type)
    assert (unwritable.status_code, unwritable.json()["detail"]) == (
        406,
        "the answer holds a character that XML cannot write; ask for JSON or Turtle",
    )
    nameless = ask(client, "CONSTRUCT { <a> <http://x.org/1> 1 } {}", formats.RDFXML.media_type)
    assert nameless.status_code == 406


def test_head_is_get_without_a_body(client: httpx.Client) -> None:
    with httpx.Client(base_url=client.base_url, timeout=60) as fresh:  # a body would be the start of the next answer
        for _ in range(2):
            head = fresh.head("/sparql", params={"query": COUNT})
            got = fresh.get("/sparql", params={"query": COUNT})
            assert (head.status_code, head.content) == (200, b"")
            assert {**head.headers, "date": ""} == {**got.headers, "date": ""}


def test_what_the_client_holds_is_not_sent_again(client: httpx.Client) -> None:
    first, other = ask(client, COUNT), ask(client, COUNT, "text/csv")
    assert first.headers["etag"] != other.headers["etag"]
    again = client.get("/sparql", params={"query": COUNT}, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (again.headers["etag"], again.headers["vary"]) == (first.headers["etag"], "Accept, Accept-Encoding")
    lines = [("If-None-Match", '"other"'), ("If-None-Match", first.headers["etag"])]
    assert client.get("/sparql", params={"query": COUNT}, headers=lines).status_code == 304


def test_a_post_is_answered_whatever_the_client_holds(client: httpx.Client) -> None:
    held = {"If-None-Match": ask(client, COUNT).headers["etag"]}
    assert number(client.post("/sparql", data={"query": COUNT}, headers=held)) == 3
    assert number(client.post("/sparql", data={"query": COUNT}, headers={"If-None-Match": "*"})) == 3


def test_an_answer_travels_packed_with_a_tag_of_its_own(client: httpx.Client) -> None:
    query = "SELECT ?x { VALUES ?x { " + "'again and again' " * 100 + "} }"
    answers = {}
    for coding, unpack in (("br", brotli.decompress), ("gzip", gzip.decompress), ("identity", bytes)):
        asked = {"query": query}, {"Accept-Encoding": coding}
        with client.stream("GET", "/sparql", params=asked[0], headers=asked[1]) as answer:
            raw = b"".join(answer.iter_raw())
        assert answer.headers.get("content-encoding", "identity") == coding
        assert int(answer.headers["content-length"]) == len(raw)
        assert answer.headers["vary"] == "Accept, Accept-Encoding"
        assert unpack(raw).count(b"again and again") == 100
        answers[answer.headers["etag"]] = asked
    assert len(answers) == 3
    for etag, (params, headers) in answers.items():
        assert client.get("/sparql", params=params, headers={**headers, "If-None-Match": etag}).status_code == 304


def test_chance_and_time_are_asked_again(client: httpx.Client) -> None:
    answers = {ask(client, "SELECT (STRUUID() AS ?n) {}").text for _ in range(3)}
    assert len(answers) == 3


def test_without_a_query_the_service_describes_itself(client: httpx.Client) -> None:
    assert client.get("/sparql").text == "turtle"
    assert client.get("/sparql/", headers={"Accept": "application/ld+json"}).text == "jsonld"
    assert client.get("/sparql?format=rdfxml").headers["content-type"] == "application/rdf+xml"
    assert client.get("/sparql", headers={"Accept": "image/png"}).status_code == 406
    assert set(client.options("/sparql").headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


# What is too much


def crossed(variables: int, values: str) -> str:
    return "".join(f" VALUES ?v{number} {{ {values} }}" for number in range(variables))


def ninefold(times: int) -> str:
    """Return steps that make a text nine times as long, each time."""
    steps = (f" BIND(CONCAT({','.join([f'?t{at}'] * 9)}) AS ?t{at + 1})" for at in range(times))
    return "BIND('0123456789' AS ?t0)" + "".join(steps)


NINETY = "1 " * 99
NODES = " ".join(f"<x:{number}>" for number in range(400))
SLOW = f"SELECT (COUNT(*) AS ?n) {{{crossed(9, NINETY)}}}"

HOSTILE = [
    ("a cross product", SLOW, 503, "time"),
    ("rows without end", f"SELECT * {{{crossed(6, NINETY)}}}", 503, "size"),
    ("a graph without end", f"CONSTRUCT {{ ?v0 ?v0 ?v1 }} {{{crossed(2, NODES)}}}", 503, "size"),
    ("memory", f"SELECT (STRLEN(?t9) AS ?n) {{{ninefold(9)}}}", 503, "memory"),
    ("nesting", "SELECT * " + "{" * 9_000 + "}" * 9_000, 400, None),
    ("negations", "ASK { FILTER(" + "!" * 9_000 + "true) }", 400, None),
    ("a service", "SELECT * { SERVICE <http://192.0.2.1/> { ?s ?p ?o } }", 400, None),
    ("a remote graph", "SELECT * FROM <http://192.0.2.1/x.ttl> { ?s ?p ?o }", 200, None),
    ("a pattern that explodes", "ASK { FILTER REGEX('" + "a" * 5_000 + "', '^(a|a)*(a*)*b$') }", 200, None),
    ("a pattern that is huge", "ASK { FILTER REGEX('a', 'a{1000}{1000}{1000}') }", 200, None),
    ("a path in circles", "SELECT (COUNT(*) AS ?n) { ?x ((<p>|^<p>)*/(<p>|^<p>)*)* ?y }", 200, None),
]


@pytest.mark.parametrize(("name", "query", "status", "limit"), HOSTILE, ids=[case[0] for case in HOSTILE])
def test_a_hostile_query_has_its_answer_and_others_have_theirs(
    client: httpx.Client, hurried: httpx.Client, name: str, query: str, status: int, limit: str | None
) -> None:
    client = hurried if limit == "time" else client
    with ThreadPoolExecutor() as threads:
        hostile = threads.submit(ask, client, query)
        polite = [ask(client, COUNT).status_code for _ in range(5)]
        pages = [client.get("/page").status_code for _ in range(5)]
        answer = hostile.result()
    assert polite + pages == [200] * 10, name
    assert answer.status_code == status, answer.text[:500]
    assert answer.status_code == 200 or answer.json().get("limit") == limit
    assert number(ask(client, COUNT)) == 3


@asynccontextmanager
async def workers(source: QuerySource, **limits: float) -> AsyncIterator[Workers]:
    """Open workers on the source; they are closed whatever happens, or what they leave open fails another test."""
    pool = Workers(server_thread.BASE, replace(LIMITS, **limits))  # type: ignore[arg-type]  # of the fields' types
    try:
        await pool.switch(source)
        yield pool
    finally:
        await pool.close()


def test_a_worker_that_is_stopped_or_killed_is_replaced(source: QuerySource) -> None:
    async def scene() -> None:
        async with workers(source, seconds=1) as pool:
            before = {each.process.pid for each in pool._all}
            with pytest.raises(LimitError, match="stopped after 1 seconds") as stopped:
                await pool.answer(QueryJob(SLOW, "json", "json"))
            assert stopped.value.limit == "time"
            pool.limits = replace(pool.limits, seconds=60)  # on a busy machine a new process takes a while
            for each in tuple(pool._all):
                each.process.kill()
                each.process.join()
            for _ in range(6):
                assert (await pool.answer(QueryJob("ASK {}", "json", "json")))[0].body == b'{"head":{},"boolean":true}'
            assert not before & {each.process.pid for each in pool._all}
        assert not pool._all

    asyncio.run(scene())


def test_when_the_client_goes_the_query_is_stopped(source: QuerySource) -> None:
    async def scene() -> None:
        async with workers(source, seconds=60) as pool:
            asked = asyncio.create_task(pool.answer(QueryJob(SLOW, "json", "json")))
            while pool._idle.qsize() == pool.limits.workers:
                await asyncio.sleep(0.01)
            idle = set(pool._idle._queue)  # type: ignore[attr-defined]  # asyncio's own
            (busy,) = pool._all - idle
            asked.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asked
            busy.process.join(60)
            assert busy.process.exitcode == -signal.SIGKILL

    asyncio.run(scene())


def test_too_many_queries_are_told_when_to_come_again(source: QuerySource) -> None:
    async def scene() -> None:
        async with workers(source, seconds=2, workers=2, waiting=1) as pool:
            slow = [asyncio.create_task(pool.answer(QueryJob(SLOW, "json", "json"))) for _ in range(3)]
            await asyncio.sleep(0)
            outcomes = await asyncio.gather(*slow, return_exceptions=True)
            limits = sorted(outcome.limit for outcome in outcomes if isinstance(outcome, LimitError))
            assert limits in (["concurrency", "concurrency", "time"], ["concurrency", "time", "time"])
            assert all(each.wait for each in outcomes if isinstance(each, LimitError) and each.limit == "concurrency")

    asyncio.run(scene())


def test_stored_questions_have_a_worker_that_strangers_cannot_take(source: QuerySource) -> None:
    async def scene() -> None:
        async with workers(source, seconds=60, workers=2, waiting=9) as pool:
            slow = [asyncio.create_task(pool.answer(QueryJob(SLOW, "json", "json"))) for _ in range(4)]
            await asyncio.sleep(0.1)
            reply, _ = await pool.answer(QueryJob(COUNT, "json", "json"), Queue.STORED)
            assert reply.body
            assert not any(task.done() for task in slow)
            for task in slow:
                task.cancel()
            await asyncio.gather(*slow, return_exceptions=True)

    asyncio.run(scene())


def test_at_a_switch_a_query_ends_with_the_version_it_began_with(source: QuerySource, tmp_path: Path) -> None:
    async def scene() -> None:
        newer = server_thread.stored(tmp_path, QUADS[:1])
        async with workers(source, seconds=60) as pool:
            size = 80
            ones = "".join(f"VALUES ?{name} {{ {'1 ' * size} }} " for name in "abc")
            text = f"SELECT (COUNT(*) AS ?n) {{ {ones} ?s ?p ?o }}"
            old = asyncio.create_task(pool.answer(QueryJob(text, "csv", "csv")))
            while pool._idle.qsize() == pool.limits.workers:
                await asyncio.sleep(0.001)
            await pool.switch(newer)
            assert (await pool.answer(QueryJob(COUNT, "csv", "csv")))[0].body == b"n\r\n1\r\n"
            reply, its = await old
            assert (its.name, reply.body) == (source.name, f"n\r\n{size**3 * 3}\r\n".encode())
            with pytest.raises(OSError, match="no process could open"):
                await pool.switch(QuerySource(tmp_path / "nowhere", "nowhere"))
            assert (await pool.answer(QueryJob(COUNT, "csv", "csv")))[1].name == newer.name

    asyncio.run(scene())
