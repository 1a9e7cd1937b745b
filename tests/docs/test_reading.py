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
NOW = 4  # the column of the table that gives the numbers of today's dossier

# the row of the table, and what it counts as ?x in the graph, where ?report is the report that the page is about
COUNTED = {
    "States named": """{ ?report (rj:hasConcern|rj:hasRecommendation)/rj:raisedBy ?x }
        UNION { ?report rj:hasApproval/rj:approvedBy ?x }
        UNION { ?report foaf:primaryTopic/rj:inProceeding/(rj:troikaMember|rj:underReview) ?x }
        ?x a rj:State""",
    "(State, Issue) pairs": """?report rj:hasConcern|rj:hasRecommendation ?concern .
        ?concern rj:raisedBy ?state ; rj:about ?issue . ?state a rj:State
        BIND (CONCAT(STR(?state), " ", STR(?issue)) AS ?x)""",
    "claims, the admission included": "?report rj:hasClaim|rj:hasAdmission ?x",
    "contradiction links": "?report rj:hasRelation ?x . ?x rj:direction rj:Contradicting",
    "qualification links": "?report rj:hasRelation ?x . ?x rj:direction rj:Qualifying",
    "support links": "?report rj:hasRelation ?x . ?x rj:direction rj:Supporting",
    "pieces of evidence": "?report rj:hasEvidence ?x",
    "requests": "?report rj:hasRecommendation ?x",
    "approvals": "?report rj:hasApproval ?x",
    "laws, codes, articles, rules": "?report rj:hasPassage ?passage . ?x a rj:Provision ; rj:anchor ?passage",
    "statistics": "?report rj:hasStatistic ?x",
    "verdict words": "?report rj:hasVerdict ?x",
}

# what the text says on relations, as (direction, basis)
RELATIONS = {
    "Contradicting": {"ExplicitBasis": 11, "LogicalBasis": 0, "ContextualBasis": 27},
    "Qualifying": {"ExplicitBasis": 2, "LogicalBasis": 0, "ContextualBasis": 11},
    "Supporting": {"ExplicitBasis": 2, "LogicalBasis": 0, "ContextualBasis": 1},
}


def test_the_generated_part_is_up_to_date() -> None:
    assert PAGE.partition(make_reading.MARK)[2].strip() == make_reading.generated().strip(), "run `make docs`"


def test_every_passage_carries_something() -> None:
    rows = re.findall(r"^\| \d+–\d+ \| p\w+ \| (.*) \|$", PAGE, re.MULTILINE)
    assert len(rows) == 95
    assert all(rows)


@pytest.mark.parametrize("kind", COUNTED)
def test_the_table_counts_what_is_in_the_graph(built_once: Project, kind: str) -> None:
    assert int(_cell(kind)) == _count(built_once, COUNTED[kind])


@pytest.mark.parametrize("direction", RELATIONS)
def test_the_page_says_how_many_relations_have_which_basis(built_once: Project, direction: str) -> None:
    for basis, number in RELATIONS[direction].items():
        pattern = f"?report rj:hasRelation ?x . ?x rj:direction rj:{direction} ; rj:basis rj:{basis}"
        assert _count(built_once, pattern) == number


def test_the_numbers_of_the_bases_are_on_the_page() -> None:
    text = " ".join(PAGE.split())
    assert (
        "Of the 54 relations, 15 are explicit: 11 contradictions, 2 qualifications, 2 supports. "
        "The other 39 are contextual: 27 contradictions, 11 qualifications, 1 support."
    ) in text
    assert _cell("of these explicit, logical, contextual") == "11, 0, 27"


def _cell(kind: str) -> str:
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| {kind} |"))
    return row.split("|")[NOW].strip()


def _count(project: Project, pattern: str) -> int:
    report = f"<{project.base}{make_reading.REPORT}>"
    answer = rejoinder.sparql(project, f"SELECT (COUNT(DISTINCT ?x) AS ?n) {{ {pattern.replace('?report', report)} }}")
    assert isinstance(answer, Table)
    return int(answer.rows[0][0].value)  # type: ignore[union-attr]  # a count is a literal
