"""docs/reading.md is true: its generated part is up to date, and the figures of its table are those of the graph."""

from __future__ import annotations

import re

import pytest

import make_reading
import rejoinder
from conftest import ROOT
from rejoinder.config import Project
from rejoinder.rdf.results import Table

PAGE = (ROOT / "docs" / "reading.md").read_text(encoding="utf-8")

# the row of the table, and the query that counts what its dossier column says
COUNTS = {
    "States named": """SELECT (COUNT(DISTINCT ?s) AS ?n)
                       { ?x rj:raisedBy|rj:approvedBy|rj:troikaMember|rj:underReview ?s }""",
    "(State, Issue) pairs": "SELECT (COUNT(*) AS ?n) { ?state rj:raisedConcern ?issue }",
    "claims, the admission included": "SELECT (COUNT(*) AS ?n) { ?x a rj:Claim }",
    "contradiction links": "SELECT (COUNT(*) AS ?n) { ?x a rj:Contradiction }",
    "qualification links": "SELECT (COUNT(*) AS ?n) { ?x a rj:Qualification }",
    "pieces of evidence": "SELECT (COUNT(*) AS ?n) { ?x a rj:Evidence }",
    "requests": "SELECT (COUNT(*) AS ?n) { ?x a ?class VALUES ?class { rj:Recommendation rj:Call } }",
    "approvals": "SELECT (COUNT(*) AS ?n) { ?x a rj:Approval }",
    "laws, codes, articles, rules": "SELECT (COUNT(*) AS ?n) { ?x a rj:Provision }",
    "verdict words": "SELECT (COUNT(*) AS ?n) { ?x a rj:Verdict }",
}


def test_the_generated_part_is_up_to_date() -> None:
    assert PAGE.partition(make_reading.MARK)[2].strip() == make_reading.generated().strip(), "run `make docs`"


def test_every_passage_carries_something() -> None:
    rows = re.findall(r"^\| \d+–\d+ \| p\w+ \| (.*) \|$", PAGE, re.MULTILINE)
    assert len(rows) == 95
    assert all(rows)


@pytest.mark.parametrize("kind", COUNTS)
def test_the_table_counts_what_is_in_the_graph(built_once: Project, kind: str) -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| {kind} |"))
    answer = rejoinder.sparql(built_once, COUNTS[kind])
    assert isinstance(answer, Table)
    assert row.split("|")[3].strip() == answer.rows[0][0].value  # type: ignore[union-attr]  # a count is a literal
