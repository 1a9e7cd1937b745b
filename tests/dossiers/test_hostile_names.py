"""Hostile names and settings: graphs are readable whatever a report is called, settings fail by a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from rejoinder import formats
from rejoinder.config import open_project
from rejoinder.errors import ProjectError
from rejoinder.namespaces import PREFIXES
from rejoinder.rdf import serialize, terms
from rejoinder.rdf.terms import Literal, NamedNode, Quad

BASE = "https://example.org/"
NAMES = ["2014-kaz", "-a", "a.b.", "a.b", "_x", "a_b-", "kaz.", "état", "x", "state", *PREFIXES]


def _graph(name: str) -> list[Quad]:
    graph = NamedNode(f"{BASE}report/{name}")
    others = (f"{graph.value}#claim-1", PREFIXES["rdf"] + "type", f"{BASE}state/CZE")
    nodes = [graph, *map(NamedNode, others)]
    label = NamedNode(PREFIXES["schema"] + "name")
    links = [Quad(node, label, other, graph) for node in nodes for other in nodes]
    return [*links, *(Quad(node, label, Literal(1), graph) for node in nodes)]


@pytest.mark.parametrize("name", NAMES)
def test_whatever_a_report_is_called_its_turtle_says_the_same_when_read_back(name: str) -> None:
    quads = _graph(name)
    text = serialize.turtle(quads, BASE)
    assert {quad.triple for quad in terms.parse(text, formats.TURTLE)} == {quad.triple for quad in quads}


def test_whatever_reports_are_called_their_trig_says_the_same_when_read_back() -> None:
    quads = [quad for name in NAMES for quad in _graph(name)]
    assert set(terms.parse(serialize.trig(quads, BASE), formats.TRIG)) == set(quads)


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("rejoinder.toml", 'base = "https://[::1/"\n', "write an address"),
        ("rejoinder.toml", 'base = "https://[x]/"\n', "write an address"),
        ("pyproject.toml", "tool = 3\n", "must be tables"),
        ("pyproject.toml", "[tool]\nrejoinder = 3\n", "must be tables"),
        ("pyproject.toml", "tool = [1]\n", "must be tables"),
        ("pyproject.toml", "[tool.rejoinder]\n", "base is missing"),
    ],
)
def test_settings_that_do_not_hold_are_a_sentence_that_names_the_file(
    tmp_path: Path, file: str, text: str, words: str
) -> None:
    (tmp_path / file).write_text(text, encoding="utf-8")
    with pytest.raises(ProjectError, match=rf"{file}: .*{words}"):
        open_project(tmp_path)


def test_a_pyproject_without_a_table_of_ours_is_passed_by(tmp_path: Path) -> None:
    (tmp_path / "rejoinder.toml").write_text('base = "https://example.org/"\n', encoding="utf-8")
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "pyproject.toml").write_text("[tool.other]\nx = 1\n", encoding="utf-8")
    assert open_project(inner).root == tmp_path
