"""Passages as annotations: each has its place in one text and what cites it; words stand only where they are quoted."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from rejoinder import versions
from rejoinder.config import Project
from rejoinder.rdf import terms
from rejoinder.rdf.terms import NamedNode
from rejoinder.server.http import media_type_of

TYPE = 'application/ld+json;profile="http://www.w3.org/ns/anno.jsonld"'
REPORTS = ("kaz-upr-20", "a-hrc-28-10", "bhr-adhrb-2020", "svn-stakeholders-2019")


def _read(project: Project, name: str) -> dict[str, Any]:
    path = project.build / "site/report" / name / "annotations.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("name", REPORTS)
def test_every_passage_is_an_annotation_of_a_place_in_the_report(built_once: Project, name: str) -> None:
    found, report = _read(built_once, name), f"{built_once.base}report/{name}"
    assert found["@context"] == "http://www.w3.org/ns/anno.jsonld"
    assert (found["type"], found["first"]["type"]) == ("AnnotationCollection", "AnnotationPage")
    assert found["creator"] == [f"{built_once.base}organisation/rejoinder"]
    assert found["rights"] == [built_once.license]
    items = found["first"]["items"]
    assert found["total"] == len(items)
    assert len({item["id"] for item in items}) == len(items)
    places = {
        item["id"].partition("#")[2]: item["target"]
        for item in items
        if item["target"]["selector"]["type"] == "TextPositionSelector"
    }
    store = versions.require_newest(built_once.build).open()
    start = NamedNode("http://www.w3.org/ns/oa#start")
    quads = store.quads_for_pattern(None, start, None, NamedNode(report))
    said = {terms.text(quad.subject): int(terms.text(quad.object)) for quad in quads}
    assert {f"{report}#{key}": target["selector"]["start"] for key, target in places.items()} == said
    # The positions are those of the text of the report, not of what is at its address.
    assert {(target["type"], target["source"]) for target in places.values()} == {
        ("SpecificResource", f"{report}#report")
    }


def test_an_annotation_leads_to_what_cites_the_passage(built_once: Project) -> None:
    by_id = {item["id"]: item for item in _read(built_once, "kaz-upr-20")["first"]["items"]}
    report = f"{built_once.base}report/kaz-upr-20"
    passage = by_id[f"{report}/annotations.json#p025"]
    assert passage["motivation"] == "linking"
    assert passage["target"]["selector"] == {"type": "TextPositionSelector", "start": 3860, "end": 4132}
    # Two statements of one speaker stand in this sentence, with the claims that they express.
    bodies = {body["id"] for body in passage["body"]}
    assert {f"{report}#statement-azilkhanov-religion", f"{report}#claim-no-division"} <= bodies


def test_words_stand_only_where_the_dossier_quotes_a_speaker(built_once: Project) -> None:
    report = f"{built_once.base}report/kaz-upr-20"
    turtle = (built_once.build / "site/report/kaz-upr-20.ttl").read_text(encoding="utf-8")
    quoted = re.findall(r'rj:quote "((?:[^"\\]|\\.)*)"@', turtle)
    words = [
        item
        for item in _read(built_once, "kaz-upr-20")["first"]["items"]
        if item["target"]["selector"]["type"] == "TextQuoteSelector"
    ]
    assert len(quoted) > 10
    assert sorted(item["target"]["selector"]["exact"] for item in words) == sorted(quoted)
    assert all(item["body"] == [{"id": f"{report}#{item['id'].partition('#quote-')[2]}"}] for item in words)
    for name in REPORTS[1:]:  # none of these quotes anybody
        kinds = {item["target"]["selector"]["type"] for item in _read(built_once, name)["first"]["items"]}
        assert kinds == {"TextPositionSelector"}


def test_the_file_has_the_media_type_of_the_standard_and_the_page_leads_to_it(built_once: Project) -> None:
    assert media_type_of("report/kaz-upr-20/annotations.json") == TYPE
    page = (built_once.build / "site/report/kaz-upr-20/data.html").read_text(encoding="utf-8")
    assert 'href="annotations.json"' in page
