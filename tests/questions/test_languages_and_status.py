"""Labels in any language, what is not confirmed, and questions of earlier versions."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
import rdflib

from conftest import ROOT
from rejoinder import formats
from rejoinder import question as stored_questions
from rejoinder.config import Project
from rejoinder.errors import UsageError
from rejoinder.rdf import terms
from repository_questions import QUESTIONS

BASE = "https://example.org/"
HEAD = """\
@base <https://example.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix rj: <https://w3id.org/rejoinder/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
RAISED = """
<report/r> a rj:Dossier ; rj:hasConcern <report/r#c> .
<report/r#c> rj:raisedBy <state/A> ; rj:about <issue/i> ; rj:verb "évoque"@fr ; rj:listing rj:ClosedList .
<state/A> a rj:State ; rdfs:label "Autriche"@fr, "Austria"@en, "Австрия"@ru .
<issue/i> skos:prefLabel "torture"@fr .
rj:ClosedList rdfs:label "closed list"@en-GB .
"""
CHOICE = re.compile(
    r"OPTIONAL \{ VALUES \?language \{ \"en\" \}(?P<one>[^{}]*?) \. "
    r"FILTER \(LANGMATCHES\(LANG\((?P<label>\?\w+)\), \?language\)\) \} "
    r"OPTIONAL \{(?P<two>[^{}]*?) \. FILTER \(LANGMATCHES\(LANG\((?P=label)\), \"en\"\)\) \} "
    r"OPTIONAL \{(?P<three>[^{}]*?) \}"
)


def _answers(name: str, turtle: str, values: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Return the rows of the question, which must be the same in both engines."""
    question = stored_questions.read_question(ROOT / "queries" / f"{name}.rq")
    store = terms.memory_store(terms.parse(turtle, formats.TURTLE))
    table = stored_questions.ask(store, question, values, BASE)
    ours = [tuple("" if term is None else terms.text(term) for term in row) for row in table.rows]
    text = stored_questions.bound(question.query, question.bindings(values, BASE))
    answer = rdflib.Graph().parse(data=turtle, format="turtle").query(text)
    theirs = [tuple("" if value is None else str(value) for value in row) for row in answer]  # type: ignore[union-attr]  # SELECT gives rows
    assert theirs == ours
    return ours


@pytest.mark.parametrize(
    ("language", "state"), [("fr", "Autriche"), ("ru", "Австрия"), ("en", "Austria"), ("de", "Austria")]
)
def test_a_label_is_in_the_language_asked_for_or_english_or_any(language: str, state: str) -> None:
    (row,) = _answers("who-raised-what", HEAD + RAISED, {"language": language})
    assert row[:4] == (state, "torture", "évoque", "closed list")


def test_labels_are_chosen_in_one_way_everywhere() -> None:
    for question in QUESTIONS.values():
        text = " ".join(question.sparql.split())
        chosen = list(CHOICE.finditer(text))
        assert text.count("LANGMATCHES") == 2 * len(chosen), question.name
        assert all(each["one"] == each["two"] == each["three"] for each in chosen), question.name
        assert "LANG(" not in CHOICE.sub("", text), question.name
        assert ("language" in {parameter.name for parameter in question.parameters}) == bool(chosen), question.name


def test_a_value_takes_the_place_of_the_default_in_the_query() -> None:
    text = stored_questions.bound(QUESTIONS["who-raised-what"].query, {"language": (terms.Literal('} "ru'),)})
    assert text.count("VALUES ?language") == text.count(r'VALUES ?language { "} \"ru" }') > 1


STATUS = """
rj:hasClaim rdfs:subPropertyOf rj:describes ; rdfs:range rj:Claim .
rj:Claim rdfs:label "Claim"@en .
rj:Proposed rdfs:label "proposed"@en .
rj:Disputed rdfs:label "disputed"@en .
<report/r> rdfs:label "R"@en ; rj:hasClaim <report/r#a>, <report/r#b>, <report/r#c> ; rj:status {whole} .
<report/r#a> rdfs:label "a"@en .
<report/r#b> rdfs:label "b"@en ; rj:status rj:Confirmed .
<report/r#c> rdfs:label "c"@en ; rj:status rj:Disputed .
"""


@pytest.mark.parametrize(
    ("whole", "found"),
    [("rj:Proposed", [("a", "proposed"), ("c", "disputed")]), ("rj:Confirmed", [("c", "disputed")])],
)
def test_what_is_not_confirmed_has_a_status_of_its_own_or_that_of_its_document(
    whole: str, found: list[tuple[str, str]]
) -> None:
    rows = _answers("not-confirmed", HEAD + STATUS.replace("{whole}", whole), {})
    assert [(label, status) for _, label, status, *_ in rows] == found


def test_a_question_of_an_earlier_version_names_the_one_that_replaces_it(stored_once: Project) -> None:
    assert set(stored_questions.replaced().values()) <= set(QUESTIONS)
    assert not set(stored_questions.replaced()) & set(QUESTIONS)
    with pytest.raises(UsageError, match="is replaced by 'claims-by-speaker-and-evidence'; ask that one"):
        stored_questions.named(stored_once, "officials-ranked")
