"""The pages of documents that are no reports: what they hold has an element of the page, or a page of its own."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from conftest import SMALL
from rejoinder import versions
from rejoinder.building import build
from rejoinder.config import Project, open_project
from rejoinder.fair.checklist import check_fair
from rejoinder.rdf.terms import NamedNode
from rejoinder.site import routes
from rejoinder.site.snapshot import open_snapshot

RECORD = """\
@prefix edtf: <http://id.loc.gov/datatypes/edtf/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix rj: <https://w3id.org/rejoinder/ns#> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix schema: <https://schema.org/> .

<> a rj:Record ; rdfs:label "Recommendations to Kazakhstan, as a table has them"@en ;
    dcterms:title "table.csv" ; dcterms:date "2015-01-01"^^edtf:EDTF ; dcterms:publisher <https://example.org/> ;
    schema:sha256 "DIGEST" ; rj:inProceeding <../review/kaz-20> ;
    rj:hasPassage <#row-2>, <#row-3> ; rj:hasRecommendation <#r-1>, <#r-2> .
<#row-2> oa:start 10 ; oa:end 20 ; schema:sha256 "DIGEST" ; rj:line 2 .
<#row-3> oa:start 21 ; oa:end 30 ; schema:sha256 "DIGEST" ; rj:line 3 .
<#r-1> rj:anchor <#row-2> ; rj:addressedTo <../state/KAZ> ; rj:inProceeding <../review/kaz-20> ;
    rdfs:label "Norway to Kazakhstan"@en ; rj:wording "Do <b>this</b>"@en ; rj:verb "recommended"@en ;
    rj:listing rj:ClosedList ; rj:raisedBy <../state/NOR> ; rj:about <../issue/libel> ; rj:response rj:Supported ;
    rj:responseDate "2014-10/2015-01-01"^^edtf:EDTF ; rj:responseSource <> ; rj:actionCategory 5 .
<#r-2> rj:anchor <#row-3> ; rj:addressedTo <../state/KAZ> ; rj:inProceeding <../review/kaz-20> ;
    rdfs:label "Finland to Kazakhstan"@en ; rj:wording "Do that"@en ; rj:verb "recommended"@en ;
    rj:listing rj:ClosedList ; rj:raisedBy <../state/FIN> ; rj:about <../issue/libel> ; rj:response rj:Noted ;
    rj:responseDate "2014-10/2015-01-01"^^edtf:EDTF ; rj:responseSource <> ; rj:actionCategory 4 .
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Give the small project with a record beside its report."""
    root = shutil.copytree(SMALL, tmp_path_factory.mktemp("records") / "project")
    (root / "data/table").mkdir()
    (root / "data/table/kaz-20.ttl").write_text(RECORD.replace("DIGEST", "0" * 64), encoding="utf-8")
    report = root / "data/report/short.yaml"
    report.write_text(report.read_text(encoding="utf-8") + "issued: 2026-11-23\n", encoding="utf-8")
    found = open_project(root)
    assert build.build(found).broken == ()
    return found


def _page(project: Project, path: str) -> str:
    site: Path = versions.require_newest(project.build).site_path
    return (site / path).read_text(encoding="utf-8")


def test_a_record_shows_each_recommendation_in_its_words_with_its_response(project: Project) -> None:
    page = _page(project, "table/kaz-20.html")
    rows = re.findall(r'<tr id="(r-\d)">(.*?)</tr>', page, re.DOTALL)
    assert [name for name, _ in rows] == ["r-1", "r-2"]
    assert "Norway" in rows[0][1]
    assert "Do &lt;b&gt;this&lt;/b&gt;" in rows[0][1]
    assert "supported" in rows[0][1].lower()
    assert "noted" in rows[1][1].lower()


def test_the_description_of_the_graph_is_in_words_on_the_page_of_its_document(project: Project) -> None:
    """The graph `meta/` says when a graph changed, and from which file it is made; its size is not told here."""
    shown = _page(project, "table/kaz-20.html").partition('<dl class="properties')[2].partition("</dl>")[0]
    assert re.search(r"modified</dt><dd>\s*<time datetime=.(\d{4}-\d\d-\d\d).>\d{1,2} \w+ \d{4}</time>", shown)
    assert re.search(r"made from</dt><dd>\s*<a [^>]*>data/table/kaz-20.ttl", shown)
    assert "void:" not in shown
    assert "prov:" not in shown


@pytest.mark.slow
def test_a_record_of_500_recommendations_is_one_page_below_300_kb(small: Project) -> None:
    """Its rows have no links to issues and responses; these stand above the table, once, with their numbers."""
    words = "Ratify the Optional Protocol and set up an independent body that visits every place of detention. " * 2
    text = RECORD.partition(" ;\n    rj:hasPassage")[0] + " .\n"
    for n in range(2, 502):
        text += f'<#row-{n}> oa:start {10 * n} ; oa:end {10 * n + 9} ; schema:sha256 "DIGEST" ; rj:line {n} .\n'
        text += (
            f"<> rj:hasPassage <#row-{n}> ; rj:hasRecommendation <#r-{n}> . <#r-{n}> rj:anchor <#row-{n}> ;\n"
            f'rj:addressedTo <../state/KAZ> ; rj:inProceeding <../review/kaz-20> ; rdfs:label "Number {n}"@en ;\n'
            f'rj:wording "{words}{n}"@en ; rj:verb "recommended"@en ; rj:listing rj:ClosedList ;\n'
            "rj:raisedBy <../state/NOR> ; rj:about <../issue/libel>, <../issue/registration> ; rj:actionCategory 5 ;\n"
            'rj:response rj:Noted ; rj:responseDate "2014-10/2015-01-01"^^edtf:EDTF ; rj:responseSource <> .\n'
        )
    (small.data / "table").mkdir()
    (small.data / "table/kaz-20.ttl").write_text(text.replace("DIGEST", "0" * 64), encoding="utf-8")
    assert build.build(small, with_site=False).broken == ()
    page = routes.page(open_snapshot(small, versions.require_newest(small.build)), "table/kaz-20.html")
    assert page
    assert len(page.content) < 300_000
    source = page.content.decode()
    assert source.count(' id="r-') == source.count(' id="row-') == 500
    assert re.findall(r'libel.html">([^<]+)</a> <span class="count">(\d+)<', source) == [
        ("Criminal liability for libel", "500")
    ]
    assert source.count('"../issue/libel.html"') == 1


def test_every_fragment_of_a_record_is_an_element_of_its_page(project: Project) -> None:
    ids = re.findall(r' id="([^"]+)"', _page(project, "table/kaz-20.html"))
    assert {"row-2", "row-3", "r-1", "r-2"} <= set(ids)
    assert len(ids) == len(set(ids))


def test_records_are_listed_and_the_site_leads_there(project: Project) -> None:
    assert "../table/kaz-20.html" in _page(project, "record/index.html")
    assert 'href="record/index.html"' in _page(project, "index.html")


def test_a_site_without_records_does_not_offer_them(small_built_once: Project) -> None:
    assert "record/index.html" not in _page(small_built_once, "index.html")


def test_a_record_is_under_no_licence_of_ours_and_a_dossier_states_its_own(project: Project) -> None:
    """A record is the work of others; the words of a dossier are its editors'."""
    license_, base = NamedNode("http://purl.org/dc/terms/license"), project.base
    store = versions.require_newest(project.build).open()

    def stated(path: str, graph: str) -> list[str]:
        found = store.quads_for_pattern(NamedNode(base + path), license_, None, NamedNode(base + graph))
        return [str(quad.object) for quad in found]

    assert stated("report/short", "report/short") == stated("report/short", "meta/") == [f"<{project.license}>"]
    assert stated("issue/", "meta/") == [f"<{project.license}>"]
    assert stated("table/kaz-20", "table/kaz-20") == stated("table/kaz-20", "meta/") == []
    assert 'rel="license"' not in _page(project, "table/kaz-20.html")
    assert '"license"' not in _page(project, "table/kaz-20.html")
    assert _page(project, "report/short.html").count(f'href="{project.license}"') == 2  # in the head and at the foot
    assert "is under the terms of its source" in _page(project, "index.ttl")
    messages = [finding.message for finding in check_fair(project.build / "site").findings]
    assert [message for message in messages if "licence" in message or "license" in message] == []


def test_the_document_of_a_dossier_says_who_made_it_and_when(project: Project) -> None:
    turtle = _page(project, "report/short.ttl")
    editors = re.findall(r"rj:editor (\S+) ", turtle)
    assert editors
    assert re.findall(r"dcterms:creator (\S+) ", turtle.partition("#report>")[0]) == editors
    assert 'dcterms:issued "2026-11-23"^^xsd:date' in turtle
    assert '"datePublished": "2026-11-23"' in _page(project, "report/short.html")
