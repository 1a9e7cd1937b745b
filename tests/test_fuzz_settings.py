"""Mutations of a project's configuration and of a question: whatever comes in, only a sentence of ours comes out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rejoinder.config import open_project
from rejoinder.disk import package_file
from rejoinder.errors import InputError, ProjectError, RejoinderError
from rejoinder.question import read_question

CONFIGURATION = b"""base = "https://example.org/reports/"
title = "Reports"
license = "https://creativecommons.org/licenses/by/4.0/"
site = "https://example.org/"
redirect = "303"
language = "en"
data = "data"

[server]
host = "127.0.0.1"
port = 8000
prefix = "/reports"
query_seconds = 10
"""
QUESTION = (package_file("queries") / "who-raised-what.rq").read_bytes()
SNIPPETS = [
    b"\x00", b"\xff", b"\xed\xa0\x80", b"\n", b"\r", b"\t", b'"', b"'", b"[", b"]", b"{", b"}", b"#+ ", b"#+", b"&a ",
    b"*a", b"!!python/object:os.system ", b"- ", b": ", b"9" * 400, b"9" * 5000, b"0x" + b"f" * 5000, b"-1", b"1e999",
    b"nan", b"true", b"1979-05-27", b"2014-99-99", b"[server]", b"https://[", b"http://[::1", b"../", b"\xe2\x80\xae",
    b"a.b.c=1\n", b"SERVICE <x:> {", b"} ", b"[" * 2000, b"{" * 2000, b"{a=" * 2000, b"[0x" + b"f" * 5000 + b"]",
]  # fmt: skip


def _mutations(whole: bytes) -> st.SearchStrategy[Callable[[], bytes]]:
    at, lines = st.integers(0, len(whole)), st.integers(0, whole.count(b"\n"))
    return st.one_of(
        st.builds(partial, st.just(partial(_inserted, whole)), at, st.sampled_from(SNIPPETS)),
        st.builds(partial, st.just(partial(_inserted, whole)), at, st.binary(min_size=1, max_size=6)),
        st.builds(partial, st.just(partial(_removed, whole)), at, st.integers(1, 60)),
        st.builds(partial, st.just(partial(_swapped, whole)), lines, lines),
        st.builds(partial, st.just(partial(_valued, whole)), lines, st.sampled_from(SNIPPETS)),
    )


def _inserted(whole: bytes, at: int, snippet: bytes) -> bytes:
    return whole[:at] + snippet + whole[at:]


def _removed(whole: bytes, at: int, length: int) -> bytes:
    return whole[:at] + whole[at + length :]


def _swapped(whole: bytes, one: int, other: int) -> bytes:
    lines = whole.split(b"\n")
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def _valued(whole: bytes, at: int, value: bytes) -> bytes:
    """Return the text with another value on one line, behind its sign."""
    lines = whole.split(b"\n")
    sign = b"=" if b"=" in lines[at] else b":"
    lines[at] = lines[at].partition(sign)[0] + sign + b" " + value
    return b"\n".join(lines)


@pytest.mark.parametrize("key", [b"base", b"title", b"server", b"server.port", b"server.host", b"unknown"])
def test_a_wrong_value_of_a_setting_is_refused_with_a_sentence(tmp_path: Path, key: bytes) -> None:
    path = tmp_path / "rejoinder.toml"
    base = b"" if key == b"base" else b'base = "https://example.org/"\n'
    for value in (*SNIPPETS, b"9999-99-99", b"0o" + b"7" * 9000):  # none of them is a text in TOML, or a port
        path.write_bytes(base + key + b" = " + value + b"\n")
        with pytest.raises(ProjectError) as refused:
            open_project(tmp_path)
        _is_sentence(refused.value, path)


def _is_sentence(error: RejoinderError, path: Path) -> None:
    assert str(error).startswith(f"{path}: ")
    assert len(str(error).splitlines()) == 1
    assert len(str(error)) < 1000


@pytest.mark.parametrize("key", [b"title", b"columns", b"parameters", b"chart"])
def test_a_wrong_value_in_front_matter_is_refused_with_a_sentence(tmp_path: Path, key: bytes) -> None:
    path = tmp_path / "who-raised-what.rq"
    rest = b"\n".join(line for line in QUESTION.split(b"\n") if not line.startswith(b"#+ " + key))
    read: list[bytes] = []
    refused: list[InputError] = []
    for value in (*SNIPPETS, b"12:30:45", b"0b1", b"!!int x", b"2014-01-01 25:61:61"):
        path.write_bytes(b"#+ " + key + b": " + value + b"\n" + rest)
        try:
            read_question(path)
            read.append(value)
        except InputError as error:
            refused.append(error)
    for each in refused:
        assert each.problems
        assert all(0 < len(problem.message) < 1000 for problem in each.problems)
    # What YAML takes for a text is a title; a key with values of its own takes none of them.
    assert len(read) == (19 if key == b"title" else 0), read


def _tried(
    path: Path, whole: bytes, read: Callable[[], object], kind: type[RejoinderError]
) -> tuple[int, list[RejoinderError]]:
    """How many of the mutations were read, and the refusals of the others."""
    accepted: list[object] = []
    refused: list[RejoinderError] = []

    @settings(max_examples=400, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(_mutations(whole))
    def mutate(mutation: Callable[[], bytes]) -> None:
        path.write_bytes(mutation())
        try:
            accepted.append(read())
        except kind as error:
            refused.append(error)

    mutate()
    return len(accepted), refused


def test_a_mutated_configuration_is_read_or_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "rejoinder.toml"
    accepted, refused = _tried(path, CONFIGURATION, lambda: open_project(tmp_path), ProjectError)
    assert min(accepted, len(refused)) > 40
    for error in refused:
        _is_sentence(error, path)


def test_a_mutated_question_is_read_or_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "who-raised-what.rq"
    accepted, refused = _tried(path, QUESTION, lambda: read_question(path), InputError)
    assert min(accepted, len(refused)) > 40
    for error in refused:
        assert isinstance(error, InputError)
        assert all(problem.path == path and problem.message for problem in error.problems)
