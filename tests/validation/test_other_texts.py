"""The dossiers of the texts on Slovenia and Bahrain say what is in their texts, and what follows from them.

The texts may not be republished, so the tests that need them are skipped where they are not; the answers that are
expected of the graph were worked out by hand from the texts.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

import rejoinder
from conftest import SHARED
from rejoinder.config import Project
from rejoinder.dossiers.reader import open_reader
from rejoinder.namespaces import RJ
from rejoinder.rdf import terms
from rejoinder.rdf.results import Table
from rejoinder.validation import source_text as texts

REPORTS: Final = ("svn-stakeholders-2019", "bhr-adhrb-2020")

RAISED_ON_SLOVENIA: Final = {
    ("amnesty-international", "definition-of-rape"),
    ("coe-acfc", "hate-crimes"),
    ("coe-acfc", "hate-speech"),
    ("coe-acfc", "hate-speech-and-hate-crimes"),
    ("coe-commissioner", "equality-body"),
    ("coe-commissioner", "statelessness"),
    ("coe-greco", "corruption"),
    ("eu-fra", "hate-crimes"),
    ("eu-fra", "same-sex-couples"),
    ("hrors", "involuntary-placement-and-treatment"),
    ("hrors", "social-care-institutions"),
    ("hrors", "statelessness"),
    ("ican", "nuclear-weapons"),
    ("svn-34-js1", "equality-body"),
    ("svn-34-js1", "lgbti-persons"),
    ("svn-34-js1", "persons-with-hiv"),
    ("svn-34-js1", "same-sex-couples"),
    ("svn-34-js1", "trans-persons"),
    ("svn-34-js2", "statelessness"),
    ("svn-34-js3", "discrimination"),
    ("svn-34-js3", "hate-speech"),
    ("svn-34-js3", "national-human-rights-institution"),
    ("svn-34-js3", "persons-with-disabilities"),
    ("svn-34-js3", "racism-and-xenophobia"),
    ("svn-34-js3", "rights-of-the-child"),
    ("svn-34-js4", "concealed-graves"),
    ("TUR", "violence-against-women"),
}
"""Who raised or recommended something on which issue, in the paragraphs 2 to 22."""

ASSERTED_ON_SLOVENIA: Final = {
    "amnesty-international": 4,  # paragraphs 5 (two) and 21 (two)
    "coe-acfc": 6,  # 11 (four), 13 (two)
    "coe-commissioner": 4,  # 7 (two), 16 (two)
    "eu-fra": 9,  # 8, 9 (two), 13 (two), 15, 16 (three)
    "hrors": 5,  # 3, 5, 20 (three)
    "osce-odihr": 1,  # 12
    "svn-34-js1": 5,  # 2, 6, 7, 15 (two)
    "svn-34-js2": 1,  # 3
    "svn-34-js3": 14,  # 6 (two, three, one), 8 (one, three), 10 (two), 12 (two)
    "svn-34-js4": 2,  # 22
}
"""How many claims each submitter asserted. Two claims have two speakers each: one in paragraph 3, one in 15."""


@pytest.fixture(params=REPORTS)
def name(request: pytest.FixtureRequest) -> str:
    """Give the name of each report."""
    return str(request.param)


@pytest.fixture
def text(name: str) -> Path:
    """Give the text that the report was read from."""
    path = SHARED / "texts" / f"{name}.txt"
    if not path.exists():
        pytest.skip(f"the text of the report is not here (../shared/texts/{name}.txt)")
    return path


def test_each_passage_is_in_the_text_and_each_sentence_is_cited(project: Project, name: str, text: Path) -> None:
    checkup = rejoinder.check(project, (project.data / f"report/{name}.yaml",), source=text)
    assert checkup.clean
    assert checkup.coverage is not None
    assert checkup.coverage.missing == ()


def test_the_reports_own_words_are_in_the_passages_that_they_were_read_from(
    project: Project, name: str, text: Path
) -> None:
    reader = open_reader(project.base, project.data)
    paths = [project.data / f"report/{name}.yaml", project.data / "person.yaml"]
    quads = [quad for path in paths for quad in reader.read(path).quads]
    words = source_words(text)
    passages = {passage.iri: words[passage.start : passage.end] for passage in texts.passages(quads)}
    anchors: dict[str, list[str]] = {}
    for quad in quads:
        if quad.predicate.value == RJ + "anchor" and terms.text(quad.object) in passages:
            anchors.setdefault(terms.text(quad.subject), []).append(terms.text(quad.object))
    printed = {RJ + term for term in ("verb", "roleAsStated", "word", "describedAs")}
    checked = 0
    for quad in quads:
        node = terms.text(quad.subject)
        if quad.predicate.value in printed and node in anchors:
            read_from = " ".join(" ".join(passages[anchor] for anchor in anchors[node]).split())
            assert terms.text(quad.object) in read_from, f"{node} does not use the words of its passages"
            checked += 1
    assert checked > 5


def source_words(text: Path) -> str:
    """Return the text with its line ends as they are, so that positions count the same."""
    return texts.source_text(text)


def test_each_footnote_is_anchored_to_the_sentence_with_its_mark(project: Project) -> None:
    path = SHARED / "texts" / "svn-stakeholders-2019.txt"
    if not path.exists():
        pytest.skip("the text of the report is not here (../shared/texts/svn-stakeholders-2019.txt)")
    quads = open_reader(project.base, project.data).read(project.data / "report/svn-stakeholders-2019.yaml").quads
    text = source_words(path)
    passages = {passage.iri: text[passage.start : passage.end] for passage in texts.passages(quads)}
    anchored = {
        int(found[1]): passages[terms.text(quad.object)]
        for quad in quads
        if quad.predicate.value == RJ + "anchor" and (found := re.search(r"#fn-(\d+)$", terms.text(quad.subject)))
    }
    assert sorted(anchored) == list(range(1, 45))
    # A mark follows a letter, a full stop or a closing bracket, or a blank after a full stop.
    assert [n for n, words in anchored.items() if not re.search(rf"(?<=[a-z.)])\s?{n}\b", words)] == []


def _rows(project: Project, query: str) -> set[tuple[str, ...]]:
    answer = rejoinder.sparql(project, query)
    assert isinstance(answer, Table)
    return {tuple(re.split("[/#]", terms.text(value))[-1] for value in row if value is not None) for row in answer.rows}


def test_who_raised_what_on_slovenia(stored_once: Project) -> None:
    query = """SELECT ?agent ?issue {
        <report/svn-stakeholders-2019> rj:hasConcern|rj:hasRecommendation ?concern .
        ?concern rj:raisedBy ?agent ; rj:about ?issue . ?agent rj:raisedConcern|rj:recommendedOn ?issue }"""
    assert _rows(stored_once, query) == RAISED_ON_SLOVENIA


def test_how_much_each_submitter_asserted_on_slovenia(stored_once: Project) -> None:
    query = """SELECT ?agent ?claim {
        <report/svn-stakeholders-2019> rj:hasClaim ?claim . ?agent rj:asserted ?claim }"""
    rows = _rows(stored_once, query)
    counted = {agent: sum(row[0] == agent for row in rows) for agent, _ in rows}
    assert counted == ASSERTED_ON_SLOVENIA
    assert len({claim for _, claim in rows}) == 49  # 51, of which two are counted for two speakers


def test_whom_each_relation_on_slovenia_is_attributed_to(stored_once: Project) -> None:
    query = """SELECT ?relation ?who {
        <report/svn-stakeholders-2019> rj:hasRelation ?relation . ?relation prov:wasAttributedTo ?who }"""
    # "however" (twice), "due to", "as" (for two reasons), "although", "However" (for two claims), "therefore"
    explicit = {
        *("relation-council-plurality", "relation-equality-body", "relation-centre-resources"),
        *("relation-disability-tasks", "relation-disability-resources", "relation-subtler-forms"),
        *("relation-partnership-adoption", "relation-partnership-reproduction", "relation-rape-definition"),
    }
    inferred = {
        *("relation-disability-secretary", "relation-incitement-icerd", "relation-incitement-forms"),
        *("relation-few-prosecutions", "relation-grounds-in-the-act"),
    }
    expected = {(relation, "ohchr") for relation in explicit} | {(relation, "rejoinder") for relation in inferred}
    assert _rows(stored_once, query) == expected


def test_which_claims_of_the_minister_are_contradicted_and_which_only_seem_to_be(stored_once: Project) -> None:
    contradicted = """SELECT DISTINCT ?claim {
        <report/bhr-adhrb-2020> rj:hasClaim ?claim . ?evidence rj:contradicts ?claim }"""
    # "Counter to" turns from both claims to what was dissolved.
    assert _rows(stored_once, contradicted) == {("claim-cooperation",), ("claim-organisations-free",)}
    in_tension = contradicted.replace("rj:contradicts", "rj:inTensionWith")
    assert _rows(stored_once, in_tension) == {("claim-commitment",), ("claim-organisations-free",), ("claim-progress",)}
    qualified = contradicted.replace("rj:contradicts", "rj:qualifies")
    assert _rows(stored_once, qualified) == {("claim-commitment",), ("claim-progress",)}


def test_the_minister_speaks_to_the_council_and_in_no_review(stored_once: Project) -> None:
    query = """SELECT DISTINCT ?proceeding {
        { <report/bhr-adhrb-2020> rj:inProceeding ?proceeding } UNION
        { <report/bhr-adhrb-2020> rj:hasStatement/rj:inProceeding ?proceeding } }"""
    assert _rows(stored_once, query) == {("hrc-43",)}


def test_of_the_prisoners_only_the_statements_own_words_are_said(stored_once: Project) -> None:
    query = """SELECT ?person ?word {
        <report/bhr-adhrb-2020> rj:hasIncident/rj:affected ?person . ?person rj:describedAs ?word }"""
    assert _rows(stored_once, query) == {
        ("hasan-mushaima", "political opposition leader"),
        ("abdulwahab-husain", "political opposition leader"),
        ("abdulwahab-husain", "co-leader"),
    }
