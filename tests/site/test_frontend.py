"""The scripts of the pages without a browser, and the cases that Python and TypeScript share."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from conftest import leave_out
from rejoinder import formats
from rejoinder.question import bound
from rejoinder.rdf import results
from rejoinder.rdf import terms as rdf_terms
from rejoinder.rdf.results import Table
from rejoinder.rdf.terms import BlankNode, Literal, NamedNode, Term

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases"
FRONTEND = ROOT / "src" / "frontend"


def _cases(name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))
    return cases


def _term(cell: dict[str, str] | None) -> Term | None:
    if cell is None:
        return None
    if cell["type"] == "literal":
        return Literal(cell["value"], language=cell.get("xml:lang"))
    return NamedNode(cell["value"]) if cell["type"] == "uri" else BlankNode(cell["value"])


@pytest.mark.parametrize("case", _cases("csv"), ids=lambda case: case["what"])
def test_a_table_is_the_same_csv_in_python_as_in_the_browser(case: dict[str, Any]) -> None:
    rows = tuple(tuple(map(_term, row)) for row in case["rows"])
    assert results.as_csv(Table(tuple(case["columns"]), rows)) == case["csv"]


def _parsed(text: str) -> Term:
    (quad,) = rdf_terms.parse(f"<x:s> <x:p> {text} .", formats.NTRIPLES)
    return quad.object


@pytest.mark.parametrize("case", _cases("binding"), ids=lambda case: case["what"])
def test_parameters_are_bound_the_same_in_python_as_in_the_browser(case: dict[str, Any]) -> None:
    terms = {name: [_parsed(text)] for name, text in case["terms"].items()}
    assert bound(case["query"], terms).split() == case["bound"].split()


def test_the_scripts_pass_their_own_tests() -> None:
    if not shutil.which("npm") or not (FRONTEND / "node_modules").is_dir():
        leave_out("node", "npm or the packages of src/frontend are missing: the tests of the scripts are not run")
    done = subprocess.run(["npm", "test"], cwd=FRONTEND, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"pass [1-9]", done.stdout), done.stdout
