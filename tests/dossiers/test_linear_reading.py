"""What strangers and files say is read in time that grows with its length, told by texts of eight times the length.

A text read anew from each place in it takes 64 times as long then, one read once takes eight times. Measured is work of
the processor, which other programs do not add to; the factor between leaves room for its caches.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from conftest import mostly_slow
from rejoinder.dossiers import turtle as dossier_turtle
from rejoinder.dossiers import yaml as dossier_yaml
from rejoinder.errors import RejoinderError
from rejoinder.rdf import query
from rejoinder.server import negotiation, question_answer
from rejoinder.triplestores import responses, sparql_client, stores
from rejoinder.triplestores.client import Remote
from rejoinder.validation import source_text

LENGTH = 4_000
TIMES = 8
MOST = 32

# ruff: noqa: E501  # a list to be read by its items

UNITS = [
    "\\'%", "'", '"', "'''", "'''a'", '\\"', '"""a\\""" ', "'\\'''", "''\\'", "<", "<a", "<'", "<#", "<(", "<)>", "<a<b>",
    "a", "a.", "a-", "a:", "a:b", "ex:a.b.", "#", "#\n", "\\", "\\u0053", "service", "service#", "service:", "service<",
    "service ?x ", "service\\", "serviceé", "SERVICE silent ", "(", ")", "1-", "?x", "@en-", "PREFIX ", "PREFIX a:", "BASE <",
    "\n", " ", "\r", "\x0b", "%", "FROM NAMED ", "FROM a ", "LOAD", "<http://", "_:", "\\.", "{|", "<<", "[", "~", "...", "$",
]  # fmt: skip
STARTS = ["SELECT * { ", "'"]


def work(read: Callable[[str], object], text: str) -> float:
    """Seconds of the processor that reading the text takes, of several times the shortest."""
    shortest = float("inf")
    for _ in range(2):
        start = time.process_time()
        with suppress(RejoinderError):
            read(text)
        shortest = min(shortest, time.process_time() - start)
    return shortest


def assert_linear(read: Callable[[str], object], start: str, unit: str, length: int = LENGTH) -> None:
    for _ in range(5):  # a busy machine may slow one measurement; what is read anew from each place is slow in all
        short, long = (work(read, start + unit * (size // len(unit))) for size in (length, length * TIMES))
        if long < MOST * max(short, 1e-4):
            return
    pytest.fail(f"{start}{unit}: {short} s, and {long} s for a text of {TIMES} times the length")


def turtle(text: str) -> object:
    with suppress(RejoinderError):
        dossier_turtle.reject_nesting(Path("x.ttl"), "[" * 65 + text)
    return dossier_turtle._first_line(text, "blank")


READERS: dict[str, Callable[[str], object]] = {
    "refuse_unsafe": query.refuse_unsafe,
    "masked": query.masked,
    "surely masked": query.surely_masked,
    "dataset": query.dataset_clause,
    "changes": query.is_volatile,
    "prefixes": sparql_client.with_prefixes,
    "query form": sparql_client.query_form,
    "updates": sparql_client.reject_all_but_queries,
    "Turtle": turtle,
}


@pytest.mark.parametrize("start", mostly_slow(STARTS, STARTS[:1]))
@pytest.mark.parametrize("name", mostly_slow(READERS, list(READERS)[::3]))
def test_a_text_is_read_once(name: str, start: str) -> None:
    for unit in UNITS:
        assert_linear(READERS[name], start, unit)


def test_a_query_is_wrapped_in_time_that_grows_with_it() -> None:
    with httpx.Client(timeout=60) as connection:
        remote = Remote(stores.endpoint("http://store.example", stores.OXIGRAPH), connection)
        for unit in (" ", "\n", "PREFIX a: ", "PREFIX  :", "BASE <", "#\n"):
            assert_linear(lambda text: sparql_client.request_for(remote, text + "\nASK {}", ()), "", unit)


@pytest.mark.parametrize("unit", ['"', '\\"', '"\\', "a/b;c=", ",", ";", '"a', 'a/b;q="'])
def test_a_header_is_read_once(unit: str) -> None:
    for pattern in (negotiation._PART, negotiation._PIECE):
        assert_linear(pattern.findall, '"', unit)
        assert_linear(pattern.findall, "", unit)


@pytest.mark.parametrize("unit", ["1", "1.", "1e", ".1", "+1"])
def test_a_number_is_read_once(unit: str) -> None:
    assert_linear(question_answer._NUMBER.fullmatch, "", unit)
    assert_linear(lambda text: question_answer._NUMBER.fullmatch(text + "x"), "", unit)


def test_an_error_page_of_a_store_is_read_once() -> None:
    assert_linear(responses.excerpt, "", "<")


def test_words_with_middles_left_out_are_looked_for_once(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"

    def read(text: str) -> None:
        path.write_text(text, encoding="utf-8")
        source_text.locate(path, "a … b … c … d")

    assert_linear(read, "", "a b c ", 3_000)


def test_the_shortest_stretch_is_found_in_order(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("b a x a  b y b a b a", encoding="utf-8")
    assert [(found.start, found.end) for found in source_text.locate(path, "a ... b")] == [(2, 10), (15, 18)]
    assert [(found.start, found.end) for found in source_text.locate(path, "a b")] == [(6, 10), (15, 18)]


def test_unquoted_ids_are_found_once(tmp_path: Path) -> None:
    path = tmp_path / "lost.yaml"

    def read(text: str) -> None:
        path.write_text(text, encoding="utf-8")
        assert dossier_yaml.unquoted_ids(path)[-1].line == text.count("\n") - 1

    assert_linear(read, "", "#a:\n  b: 1\n", 22_000)
