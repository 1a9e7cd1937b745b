"""Questions that set a report beside the record: which match of issues counts, and which answers are opposite."""

from __future__ import annotations

import pytest
import rdflib

from conftest import ROOT
from rejoinder import formats
from rejoinder import question as stored_questions
from rejoinder.rdf import terms

BASE = "https://example.org/"
HEAD = """\
@base <https://example.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix rj: <https://w3id.org/rejoinder/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

<state/A> a rj:State ; rdfs:label "A"@en . <state/B> a rj:State ; rdfs:label "B"@en .
<issue/whole> skos:prefLabel "whole"@en .
<issue/part> skos:prefLabel "part"@en ; skos:broader <issue/whole> .
<theirs> skos:prefLabel "theirs"@en .
"""
ONE_CONCERN = """
<report/r> a rj:Dossier ; rj:hasConcern <report/r#c> .
<report/r#c> rj:raisedBy <state/A> ; rj:about <issue/part> ; rj:inProceeding <review/x> .
<record> a rj:Record ; rj:inProceeding <review/x> ; rj:hasRecommendation <record#1> .
<record#1> rj:raisedBy <state/A> ; rj:about <theirs> ; rj:inProceeding <review/x> ; rj:response rj:Supported .
"""
MATCHES = {
    "the same as the whole": ("<theirs> skos:exactMatch <issue/whole> .", True),
    "wider than the whole": ("<theirs> skos:narrowMatch <issue/whole> .", True),
    "the same as the part": ("<theirs> skos:closeMatch <issue/part> .", True),
    "a part of the part": ("<theirs> skos:broadMatch <issue/part> .", True),
    "another part of the whole": ("<theirs> skos:broadMatch <issue/whole> .", False),
    "only related": ("<theirs> skos:relatedMatch <issue/part> .", False),
    "no match": ("", False),
}


def _rows(name: str, turtle: str) -> int:
    """How many rows the question has, which must be the same in both engines."""
    question = stored_questions.read_question(ROOT / "queries" / f"{name}.rq")
    store = terms.memory_store(terms.parse(turtle, formats.TURTLE))
    ours = len(stored_questions.ask(store, question, {}, BASE).rows)
    theirs = len(list(rdflib.Graph().parse(data=turtle, format="turtle").query(question.query)))
    assert ours == theirs
    return ours


@pytest.mark.parametrize(("match", "found"), MATCHES.values(), ids=list(MATCHES))
def test_a_recommendation_counts_if_its_issue_is_the_same_or_wider_or_a_part(match: str, found: bool) -> None:
    turtle = HEAD + ONE_CONCERN + match
    assert _rows("concerns-in-the-record", turtle) == found
    assert _rows("concerns-not-in-the-record", turtle) == (not found)


ANSWERS = """
<review/x> rj:session 1 .
rj:Supported rdfs:label "supported"@en . rj:Noted rdfs:label "noted"@en . rj:Pending rdfs:label "pending"@en .
"""
ASKED = """
<record#{number}> rj:raisedBy <state/{by}> ; rj:about <issue/part> ; rj:inProceeding <review/x> ;
    rj:addressedTo <state/A> ; rj:actionCategory 5 ; rj:wording "…" ; rj:response rj:{response} .
<record> a rj:Record ; rj:hasRecommendation <record#{number}> .
"""


@pytest.mark.parametrize(
    ("asked", "rows"),
    [
        ((("A", "Supported"), ("B", "Noted")), 2),
        ((("A", "Supported"), ("A", "Noted")), 0),
        ((("A", "Supported"), ("A", "Noted"), ("B", "Pending")), 0),
        ((("A", "Supported"), ("B", "Supported")), 0),
    ],
)
def test_opposite_answers_went_to_two_states_and_what_is_pending_is_none(
    asked: tuple[tuple[str, str], ...], rows: int
) -> None:
    requests = "".join(ASKED.format(number=n, by=by, response=response) for n, (by, response) in enumerate(asked))
    turtle = HEAD + ANSWERS + requests
    assert _rows("opposite-answers", turtle) == rows
    assert _rows("opposite-answers-by-state", turtle) == (rows > 0)


def test_a_recommendation_of_two_states_of_a_region_counts_once() -> None:
    regions = "<state/A> rj:regionalGroup <g> . <state/B> rj:regionalGroup <g> . <g> rdfs:label 'g'@en ."
    joint = ASKED.format(number=1, by="A", response="Supported") + "<record#1> rj:raisedBy <state/B> ."
    store = terms.memory_store(terms.parse(HEAD + ANSWERS + regions + joint, formats.TURTLE))
    for name in ("acceptance-by-recommending-region", "recommendations-between-regions"):
        question = stored_questions.read_question(ROOT / "queries" / f"{name}.rq")
        table = stored_questions.ask(store, question, {}, BASE)
        (row,) = table.rows
        assert row[table.columns.index("recommendations")] == terms.Literal(1)


CLAIMS = """
rj:sameClaim rdfs:label "same claim"@en . rj:narrowerClaim rdfs:label "narrower claim"@en .
<report/r> a rj:Dossier ; rdfs:label "r"@en ; rj:hasClaim <report/r#c>, <report/r#d> .
<report/s> a rj:Dossier ; rdfs:label "s"@en ; rj:hasClaim <report/s#c> .
<report/r#c> rdfs:label "courts are free"@en . <report/r#d> rdfs:label "judges are free"@en .
<report/s#c> rdfs:label "no court is told what to do"@en .
<person/p> rj:asserted <report/r#c>, <report/s#c> . <person/q> rj:asserted <report/r#c>, <report/r#d>, <report/s#c> .
"""


def test_a_claim_that_a_mapping_calls_the_same_is_told_of_elsewhere_for_both() -> None:
    question = stored_questions.read_question(ROOT / "queries/claims-answered-elsewhere.rq")

    def rows(mapping: str) -> list[tuple[str, ...]]:
        store = terms.memory_store(terms.parse(HEAD + CLAIMS + mapping, formats.TURTLE))
        table = stored_questions.ask(store, question, {}, BASE)
        places = [table.columns.index(name) for name in ("claim", "how", "authority", "sameSpeaker", "answer")]
        told = [[terms.text(cell) for place in places if (cell := row[place])] for row in table.rows]
        return [tuple(cell.removeprefix(f"{BASE}report/") for cell in row) for row in told]

    inferred = "by the editors' inference"
    assert rows("") == []
    assert rows("<report/r#c> rj:sameClaim <report/s#c>, <report/r#d> .") == [
        ("r#c", "same claim", inferred, "yes", "s#c"),  # two said both, and it is one row
        ("s#c", "same claim", inferred, "yes", "r#c"),
    ]
    assert rows("<report/s#c> rj:narrowerClaim <report/r#d> .") == [
        ("s#c", "narrower claim", inferred, "yes", "r#d"),
    ]
