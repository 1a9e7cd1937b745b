"""A thousand mutations of the real dossier: whatever comes in, no exception but ours comes out."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rejoinder.disk import package_file
from rejoinder.dossiers.reader import Dossier, open_reader
from rejoinder.errors import InputError
from rejoinder.rdf import terms
from rejoinder.rdf.graphs import GraphStatements
from rejoinder.validation import checks
from rejoinder.validation.checks import known_resources
from rejoinder.validation.derive import read_rules

DOSSIER = package_file("data/report/kaz-upr-20.yaml").read_bytes()
LINES = DOSSIER.split(b"\n")
SNIPPETS = [
    b"\t", b"&a ", b"*a", b"!!x ", b"---\n", b"\xff", b"\x00", b": ", b"- ", b"'", b'"', b"[", b"{", b"}", b"#", b"\n",
    b"\r", b"@context: x\n", b"../../", b"http://schema.org/", b"2014-02-30", b"1e999", b"~", b"\xf0\x9f\x92\xa5",
    b"|\n", b">",
]  # fmt: skip


def _inserted(at: int, snippet: bytes) -> bytes:
    return DOSSIER[:at] + snippet + DOSSIER[at:]


def _removed(at: int, length: int) -> bytes:
    return DOSSIER[:at] + DOSSIER[at + length :]


def _swapped(a: int, b: int) -> bytes:
    lines = list(LINES)
    lines[a % len(lines)], lines[b % len(lines)] = lines[b % len(lines)], lines[a % len(lines)]
    return b"\n".join(lines)


def _replaced(a: int, text: str) -> bytes:
    """Return the value on one line replaced by any text."""
    lines = list(LINES)
    key = lines[a % len(lines)].partition(b":")[0]
    lines[a % len(lines)] = key + b": " + text.encode("utf-8", "surrogatepass")
    return b"\n".join(lines)


def _cut(at: int) -> bytes:
    return DOSSIER[:at]


POSITION = st.integers(0, len(DOSSIER))
LINE = st.integers(0, len(LINES))
Mutation = Callable[[], bytes]
"""Makes the mutated dossier; named by a short text, as a failing example is printed."""
MUTATIONS: dict[str, st.SearchStrategy[Mutation]] = {
    "bytes": st.one_of(
        st.builds(partial, st.just(_inserted), POSITION, st.sampled_from(SNIPPETS)),
        st.builds(partial, st.just(_inserted), POSITION, st.binary(min_size=1, max_size=8)),
        st.builds(partial, st.just(_cut), POSITION),
    ),
    "lines": st.one_of(
        st.builds(partial, st.just(_removed), POSITION, st.integers(1, 400)),
        st.builds(partial, st.just(_swapped), LINE, LINE),
        st.builds(partial, st.just(_replaced), LINE, st.text(max_size=20)),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", MUTATIONS)
def test_a_thousand_mutations_never_raise_anything_but_input_errors(kind: str, tmp_path: Path) -> None:
    for collection in package_file("data").iterdir():  # from which the reader knows persons from organisations
        if collection.is_file():
            shutil.copy(collection, tmp_path)
    files = open_reader("https://w3id.org/rejoinder/", tmp_path)
    rules, checker = read_rules(), checks.checker()
    (tmp_path / "report").mkdir()
    path = tmp_path / "report" / "kaz-upr-20.yaml"
    around = known_resources(_collections(), checks.ontology_terms())
    accepted: list[Dossier] = []
    refusals: list[InputError] = []

    @settings(max_examples=500, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(MUTATIONS[kind])
    def mutate(mutation: Mutation) -> None:
        path.write_bytes(mutation())
        try:
            dossier = files.read(path)
            if problems := checks.dangling(dossier, around, files.base):
                raise InputError(problems)
            checker.check(dossier, GraphStatements(dossier.graph, rules.derive(dossier.quads)), around)
            accepted.append(dossier)
        except InputError as error:
            refusals.append(error)

    mutate()
    assert len(accepted) + len(refusals) >= 500
    assert min(len(accepted), len(refusals)) > 50, "the mutations must reach the refusals and the checks behind them"
    assert all(refusal.problems for refusal in refusals)
    assert all(problem.message and problem.path == path for refusal in refusals for problem in refusal.problems)


def _collections() -> list[tuple[terms.Quad, ...]]:
    data = package_file("data")
    files, rules = open_reader("https://w3id.org/rejoinder/", data), read_rules()
    return [rules.derive(files.read(path).quads) for path in sorted(data.iterdir()) if path.is_file()]
