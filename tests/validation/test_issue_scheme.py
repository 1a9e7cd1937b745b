"""The issues are a concept scheme as SKOS and its tools understand one."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import rdflib
import skosify
from rdflib.namespace import RDF, SKOS

from rejoinder.config import Project
from rejoinder.versions import require_newest


@pytest.fixture(scope="module")
def issues(stored_once: Project) -> rdflib.Graph:
    base = f"{stored_once.base}issue/"
    store = require_newest(stored_once.build).open()
    lines = (f"{quad.triple} .\n" for quad in store if getattr(quad.graph_name, "value", "") == base)
    return rdflib.Graph().parse(data="".join(lines), format="nt")


def test_every_issue_is_in_the_scheme_and_below_a_top_concept(issues: rdflib.Graph) -> None:
    (scheme,) = issues.subjects(RDF.type, SKOS.ConceptScheme)
    concepts, top = set(issues.subjects(RDF.type, SKOS.Concept)), set(issues.objects(scheme, SKOS.hasTopConcept))
    assert concepts == set(issues.subjects(SKOS.inScheme, scheme))
    assert top == set(issues.subjects(SKOS.topConceptOf, scheme))
    assert {each for each in concepts if not top & set(issues.transitive_objects(each, SKOS.broader))} == set()
    assert {each for each in concepts if not list(issues.objects(each, SKOS.definition))} == set()


def test_what_is_related_is_so_in_both_directions(issues: rdflib.Graph) -> None:
    pairs = set(issues.subject_objects(SKOS.related))
    assert pairs
    assert pairs == {(other, issue) for issue, other in pairs}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # it leaves the file open
def test_skosify_finds_nothing_to_mend(issues: rdflib.Graph, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "issue.ttl"
    issues.serialize(path)
    with caplog.at_level(logging.WARNING):
        skosify.skosify(str(path), mark_top_concepts=False, narrower=False, transitive=False)
    assert [record.message for record in caplog.records] == []
