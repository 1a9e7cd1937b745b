"""docs/reading-others.md is true: the numbers that its tables give for today's dossiers are those of the graph."""

from __future__ import annotations

from typing import Final

import pytest

import rejoinder
from conftest import ROOT
from rejoinder.config import Project
from rejoinder.rdf import terms
from rejoinder.rdf.results import Table

SLOVENIA, BAHRAIN = (
    part.splitlines()
    for part in (ROOT / "docs/reading-others.md").read_text(encoding="utf-8").split("| on Bahrain |", 1)
)
NOW: Final = 4  # the column of the table that gives the numbers of today's dossier

COUNTED: Final = {
    "statements": "?report rj:hasStatement ?x",
    "claims": "?report rj:hasClaim ?x",
    "claims of the minister": "?report rj:hasClaim ?x",
    "pieces of evidence": "?report rj:hasEvidence ?x",
    "concerns": "?report rj:hasConcern ?x",
    "recommendations": "?report rj:hasRecommendation ?x",
    "relations": "?report rj:hasRelation ?x",
    "explicit relations": "?report rj:hasRelation ?x . ?x rj:basis rj:ExplicitBasis",
    "ratifications": "?report rj:hasRatification ?x",
    "positions": "?report rj:hasPosition ?x",
}
"""Each row of the tables, and what it counts as ?x in the graph, where ?report is the report."""


def _said(page: list[str]) -> dict[str, int]:
    """Return the rows of the table in this part of the page: what is counted, and how many there are now."""
    rows = ([cell.strip() for cell in line.split("|")] for line in page if line.startswith("| "))
    return {row[1]: int(row[NOW]) for row in rows if row[1] in COUNTED}


@pytest.mark.parametrize(
    ("page", "report", "rows"), [(SLOVENIA, "svn-stakeholders-2019", 8), (BAHRAIN, "bhr-adhrb-2020", 5)]
)
def test_the_tables_count_what_is_in_the_graph(stored_once: Project, page: list[str], report: str, rows: int) -> None:
    said = _said(page)
    assert len(said) == rows
    for kind, number in said.items():
        query = f"SELECT (COUNT(DISTINCT ?x) AS ?n) {{ BIND (<report/{report}> AS ?report) {COUNTED[kind]} }}"
        answer = rejoinder.sparql(stored_once, query)
        assert isinstance(answer, Table)
        assert [terms.text(value) for row in answer.rows for value in row if value] == [str(number)], kind
