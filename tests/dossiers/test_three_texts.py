"""Texts of three shapes can be written down without inventing anything, and are published as they say.

The project `cases/three-texts` holds a short dossier for each: a summary of stakeholders' submissions in numbered
paragraphs, a statement outside the Universal Periodic Review, and a summary in French about two States. What the tests
expect was worked out by hand from the texts in its folder `sources`.
"""

from __future__ import annotations

import re
import shutil
from typing import Final

import pytest

import rejoinder
from conftest import CASES, Once
from rejoinder.building import build
from rejoinder.config import Project, open_project
from rejoinder.errors import Severity
from rejoinder.rdf import terms
from rejoinder.rdf.results import Table

THREE: Final = CASES / "three-texts"
REPORTS: Final = ("stakeholders", "statement", "compte-rendu")
BASE: Final = "https://example.org/three-texts/"

FRENCH_ONLY: Final = {
    "L'Union a dénoncé la lenteur des réformes",
    "Le représentant d'Haïti sur les rapports de son pays",
    "La ministre du Soudan du Sud sur la police et les réformes",
    "Le Soudan du Sud réformera sa police",
    "Il faut soutenir les réformes",
    "Un rapport d'Haïti est arrivé en retard",
    "Le retard d'un rapport est mis en regard de l'affirmation",
}
FRENCH_BESIDE_ENGLISH: Final = {
    "Compte rendu de la réunion": "Summary of the meeting",
    "Haïti remet ses rapports à temps": "Haiti submits its reports on time",
}


@pytest.fixture(scope="module")
def three(once: Once) -> Project:
    """Give the project, built with its site; for tests that only read it."""
    return once("three-texts", lambda root: build.build(open_project(shutil.copytree(THREE, root))))


def _rows(project: Project, query: str) -> set[tuple[str, ...]]:
    """Return the rows of the answer, each IRI without the beginning that all of the project's IRIs have."""
    answer = rejoinder.sparql(project, query)
    assert isinstance(answer, Table)
    return {tuple(terms.text(value).removeprefix(BASE) for value in row if value is not None) for row in answer.rows}


def _labels(project: Project) -> set[tuple[str, str]]:
    """Return each label of the French report and its entries, with its language."""
    query = f"""SELECT ?label (LANG(?label) AS ?language) {{
        GRAPH <{BASE}report/compte-rendu> {{ ?entry rdfs:label ?label }} }}"""
    return {(label, language) for label, language in _rows(project, query)}


def test_check_finds_no_problem() -> None:
    checkup = rejoinder.check(open_project(THREE))
    assert checkup.problems == ()
    assert [finding for finding in checkup.findings if finding.severity is Severity.VIOLATION] == []
    # The seven labels that are in French alone; a summary without evidence of its own answers no claim.
    warned = {finding.focus.removeprefix(BASE) for finding in checkup.findings}
    # What publishers say is attributed to them: the association, and both publishers of the summary.
    assert {focus for focus in warned if not focus.startswith("report/compte-rendu#")} == {
        "report/statement#evidence-closure"
    }
    # Each of the two names itself, which the site counts as no source, either.
    assert len(checkup.findings) == len(FRENCH_ONLY) + 5


@pytest.mark.parametrize("name", REPORTS)
def test_each_passage_is_in_its_text_and_each_sentence_is_cited(name: str) -> None:
    project = open_project(THREE)
    checkup = rejoinder.check(project, (project.data / f"report/{name}.yaml",), source=project.sources / f"{name}.txt")
    assert checkup.clean
    assert checkup.coverage is not None
    assert checkup.coverage.missing == ()
    assert checkup.coverage.covered == checkup.coverage.characters


def test_a_label_has_the_language_that_its_file_or_its_map_says(three: Project) -> None:
    both = {(french, "fr") for french in FRENCH_BESIDE_ENGLISH} | {(en, "en") for en in FRENCH_BESIDE_ENGLISH.values()}
    assert _labels(three) == {(label, "fr") for label in FRENCH_ONLY} | both


def test_a_french_label_is_never_published_as_english(three: Project) -> None:
    files = [path for path in (three.build / "site/report").glob("compte-rendu.*") if path.suffix != ".html"]
    assert {path.suffix for path in files} == {".ttl", ".nt", ".jsonld"}
    french = {terms.Literal(label, language="en") for label in FRENCH_ONLY | FRENCH_BESIDE_ENGLISH.keys()}
    for path in (path for path in files if path.suffix != ".jsonld"):
        published = {quad.object for quad in terms.parse_file(path, BASE)}
        assert not french & published
        assert {terms.Literal(label, language="fr") for label in FRENCH_ONLY} <= published


def test_a_page_marks_what_is_in_french(three: Project) -> None:
    names = ("compte-rendu.html", "compte-rendu/data.html")
    pages = [(three.build / "site/report" / name).read_text(encoding="utf-8").replace("&#39;", "'") for name in names]
    for label in FRENCH_ONLY:
        assert any(f'<bdi lang="fr">{label}</bdi>' in page for page in pages)
        for page in pages:
            assert not re.search(rf"<h\d[^>]*>{re.escape(label)}", page), "a heading gives it as English"


def test_a_report_is_about_two_reviews_or_about_no_review(three: Project) -> None:
    proceedings = _rows(three, "SELECT ?report ?proceeding { ?report foaf:primaryTopic/rj:inProceeding ?proceeding }")
    assert proceedings == {
        ("report/stakeholders", "review/svn-34"),
        ("report/statement", "proceeding/hrc-43"),
        ("report/compte-rendu", "review/hti-26"),
        ("report/compte-rendu", "review/ssd-26"),
    }
    reviews = _rows(three, "SELECT ?review { ?review a rj:Review }")
    assert reviews == {("review/svn-34",), ("review/hti-26",), ("review/ssd-26",)}


def test_two_publishers_are_kept(three: Project) -> None:
    query = f"SELECT ?publisher {{ <{BASE}report/compte-rendu> foaf:primaryTopic/dcterms:publisher ?publisher }}"
    assert _rows(three, query) == {("organisation/office",), ("organisation/union",)}


def test_what_an_organisation_raised_is_derived(three: Project) -> None:
    assert _rows(three, "SELECT ?agent ?issue { ?agent rj:raisedConcern ?issue }") == {
        ("organisation/coalition", "issue/equality-body"),
        ("organisation/association", "issue/associations"),
        ("organisation/union", "issue/police"),
    }


def test_what_an_organisation_asserted_is_derived(three: Project) -> None:
    # The minister of South Sudan promises something. That reforms must be supported is an exhortation: no assertion.
    assert _rows(three, "SELECT ?agent ?claim { ?agent rj:asserted ?claim }") == {
        ("organisation/association", "report/stakeholders#claim-treaty"),
        ("organisation/commissioner", "report/stakeholders#claim-tasks"),
        ("organisation/coalition", "report/stakeholders#claim-budget"),
        ("organisation/coalition", "report/stakeholders#claim-staff"),
        ("person/minister", "report/statement#claim-free"),
        ("person/hti-representative", "report/compte-rendu#claim-rapports"),
        ("person/ssd-minister", "report/compte-rendu#promise-police"),
    }


def test_what_the_text_links_is_its_publishers_and_the_rest_is_the_editors(three: Project) -> None:
    rows = _rows(three, "SELECT ?relation ?who { ?relation a rj:Relation ; prov:wasAttributedTo ?who }")
    assert rows == {
        ("report/stakeholders#relation-budget", "organisation/office"),
        ("report/stakeholders#relation-staff", "organisation/editors"),
        ("report/statement#relation-closure", "organisation/association"),
        ("report/compte-rendu#relation-retard", "organisation/editors"),
    }


def test_a_reply_leads_to_what_it_answers(three: Project) -> None:
    rows = _rows(three, "SELECT ?statement ?concern { ?statement rj:inReplyTo ?concern }")
    assert rows == {("report/compte-rendu#statement-soudan-du-sud", "report/compte-rendu#concern-lenteur")}


def test_paragraphs_and_the_symbol_of_a_document_are_kept(three: Project) -> None:
    paragraphs = _rows(three, "SELECT ?passage ?paragraph { ?passage rj:paragraph ?paragraph }")
    assert paragraphs == {
        ("report/stakeholders#par-1", "1"),
        ("report/stakeholders#par-2-1", "2"),
        ("report/stakeholders#par-2-2", "2"),
        ("report/stakeholders#par-2-3", "2"),
        ("report/stakeholders#par-3", "3"),
    }
    assert _rows(three, "SELECT ?report ?symbol { ?report rj:symbol ?symbol }") == {
        ("report/stakeholders#report", "A/HRC/WG.6/34/SVN/0")
    }


def test_a_treaty_and_who_is_a_party_to_it_need_no_jurisdiction(three: Project) -> None:
    query = "SELECT ?party ?treaty ?act { ?r a rj:Ratification ; rj:party ?party ; rj:provision ?treaty ; rj:act ?act }"
    assert _rows(three, query) == {("state/SVN", "provision/treaty", "https://w3id.org/rejoinder/ns#Acceded")}
