"""jsonld-streaming-parser reads the JSON-LD of the example site, as Comunica, rdf-dereference and LDflex do."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from rejoinder import formats
from rejoinder.config import Project
from rejoinder.rdf import terms
from rejoinder.rdf.terms import BlankNode, Literal, NamedNode, Term

pytestmark = pytest.mark.slow

Told = tuple[tuple[str, str, str, str], ...]
"""A statement: of each of its terms the kind, the value, the datatype and the language."""


@pytest.fixture(scope="module")
def files(built_once: Project) -> list[Path]:
    return sorted((built_once.build / "site").resolve().rglob("*.jsonld"))


@pytest.fixture(scope="module")
def read(packages: Path, files: list[Path]) -> dict[Path, list[Told]]:
    """Give the statements of each file as the parser reads them."""
    done = subprocess.run(
        ["node", str(packages / "read_jsonld.mjs")],
        input="\n".join(map(str, files)),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each for each in found if "error" in each] == []
    return {Path(each["path"]): [_told(quad) for quad in each["statements"]] for each in found}


def _told(quad: list[list[str]]) -> Told:
    subject, predicate, value = map(tuple, quad)
    return subject, predicate, value  # type: ignore[return-value]  # four strings each


def test_every_file_is_read(files: list[Path], read: dict[Path, list[Told]]) -> None:
    assert len(files) > 300
    assert sorted(read) == files


def test_the_parser_finds_what_the_twin_in_n_triples_says(read: dict[Path, list[Told]]) -> None:
    """Also of a copy that is elsewhere, as the script has it: a file says itself what its paths are relative to."""
    compared = 0
    for path, statements in read.items():
        twin = path.with_suffix(".nt")
        if twin.exists():
            assert _without_blank_nodes(statements) == _without_blank_nodes(_stated(twin)), path
            compared += 1
    assert compared > 300


def _without_blank_nodes(statements: list[Told]) -> tuple[int, set[Told]]:
    """Return the number of statements, and those without blank nodes, whose labels are each parser's own."""
    return len(set(statements)), {told for told in statements if "BlankNode" not in {term[0] for term in told}}


def _stated(path: Path) -> list[Told]:
    quads = terms.parse(path.read_bytes(), formats.NTRIPLES)
    return [tuple(map(_term, (quad.subject, quad.predicate, quad.object))) for quad in quads]


def _term(term: Term) -> tuple[str, str, str, str]:
    if isinstance(term, Literal):
        return "Literal", term.value, term.datatype.value, term.language or ""
    assert isinstance(term, NamedNode | BlankNode)
    return type(term).__name__, term.value, "", ""


def test_a_node_of_which_only_the_id_is_known_breaks_the_parser_in_an_id_map(packages: Path, tmp_path: Path) -> None:
    """Which is why we write none: jsonld-streaming-parser, issue 155. Once this fails, they may be written again."""
    context = {"@vocab": "https://example.org/", "id": "@id", "people": {"@container": "@id"}}
    path = tmp_path / "minimal.jsonld"
    path.write_text(
        json.dumps({"@context": context, "id": "x:a", "people": {"x:b": {}}, "also": {"id": "x:c", "is": "d"}}),
        encoding="utf-8",
    )
    script = str(packages / "read_jsonld.mjs")
    done = subprocess.run(["node", script], input=str(path), capture_output=True, text=True, check=True)
    assert "duplicate @ids" in json.loads(done.stdout)["error"]
