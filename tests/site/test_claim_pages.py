"""The pages of claims and recommendations, their pictures, and the page that explains how to read them."""

from __future__ import annotations

import json
import re
import shutil
import struct
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import html5lib
import pytest

from browsing import opened, violations
from conftest import CASES, SMALL, Run
from rejoinder import versions
from rejoinder.building import build
from rejoinder.config import Project, open_project
from rejoinder.errors import ProjectError
from rejoinder.site import claim_page, routes
from rejoinder.site.claims import parts_of
from rejoinder.site.render import Page
from rejoinder.site.snapshot import Snapshot, open_snapshot

ARTICLE_400 = "report/kaz-upr-20/claim-article-400-narrows"


@pytest.fixture(scope="module")
def snapshot(stored_once: Project) -> Snapshot:
    return open_snapshot(stored_once, versions.require_newest(stored_once.build))


def _parsed(page: Page | None) -> ET.Element:
    assert page
    found: ET.Element = html5lib.parse(page.content.decode(), namespaceHTMLElements=False)
    return found


def _words(node: ET.Element) -> str:
    return re.sub(r" (?=[,.;:)”])|(?<=[(“]) ", "", " ".join(" ".join(node.itertext()).split()))


def _of_class(node: ET.Element, name: str) -> list[ET.Element]:
    return [each for each in node.iter() if name in (each.get("class") or "").split()]


def _fields(page: ET.Element) -> dict[str, str]:
    """Return the first list of properties of a page."""
    (listed, *_) = _of_class(page, "properties")
    return {_words(row[0]): _words(row[1]) for row in listed}


def test_claims_and_recommendations_of_reports_have_pages_and_those_of_records_have_none(
    imported_once: Project,
) -> None:
    snapshot = open_snapshot(imported_once, versions.require_newest(imported_once.build))
    reader, addresses = snapshot.renderer.reader, snapshot.renderer.addresses
    kinds = ("rj:Claim", "rj:Exhortation", "rj:Recommendation")
    said = {it for kind in kinds for it in reader.of_class(kind)}
    of_reports = {it.iri for it in said if it.document.is_a("rj:Dossier")}
    assert len(said) > len(of_reports)
    assert {it.iri for it in said if it.iri in addresses.parts} == of_reports
    assert {part for report in reader.of_class("rj:Dossier") for part in parts_of(report)} == of_reports
    stems = set(routes.stems(snapshot))
    assert {iri for iri in of_reports if addresses.part_stem(iri) not in stems} == set()


def test_links_lead_to_the_page_and_the_report_keeps_the_element(snapshot: Snapshot) -> None:
    iri = f"{snapshot.project.base}report/kaz-upr-20#claim-article-400-narrows"
    addresses = snapshot.renderer.addresses
    assert addresses.link(iri, "state/KAZ.html") == f"../{ARTICLE_400}.html"
    assert addresses.anchor(iri, f"{ARTICLE_400}.html") == "../kaz-upr-20.html#claim-article-400-narrows"
    person = routes.page(snapshot, "person/kanat-seytgaparov.html")
    assert person
    assert f'href="../{ARTICLE_400}.html"'.encode() in person.content
    report = _parsed(routes.page(snapshot, "report/kaz-upr-20.html"))
    assert [node.tag for node in report.iter() if node.get("id") == "claim-article-400-narrows"] == ["article"]
    page = _parsed(routes.page(snapshot, f"{ARTICLE_400}.html"))
    assert [node.get("href") for node in page.iter("link") if node.get("rel") == "cite-as"] == [iri]


def test_a_claim_says_who_said_it_where_when_and_in_whose_words(snapshot: Snapshot) -> None:
    page = _parsed(routes.page(snapshot, f"{ARTICLE_400}.html"))
    assert [_words(node) for node in page.iter("h1")] == [
        "Article 400 narrows liability compared with the previous criminal code"
    ]
    quotes = [_words(node) for node in _of_class(page, "quoted")]
    assert quotes == ["“narrows the responsibility compared to the previous criminal code”"]
    fields = _fields(page)
    assert fields["Said by"] == (
        "Kanat Seytgaparov, Representative of Kazakhstan's Prosecutor's Office "
        "(General Prosecutor's Office of Kazakhstan)"
    )
    assert (
        fields["When and where"]
        == "30 October 2014 (date of the review), Second-cycle review of Kazakhstan, 20th session"
    )
    assert fields["In whose words"].startswith("The report quotes the whole statement.")
    assert fields["Source"] == "Open Dialog Foundation: report on Kazakhstan's review of October 2014, passage"
    assert fields["Review status"] == "not stated Editors: The Rejoinder project"


def test_what_the_report_connects_stands_apart_from_what_the_editors_infer(snapshot: Snapshot) -> None:
    """Two articles of the law, which the report connects with "Therefore"; the editors connect the UN's record."""
    page = _parsed(routes.page(snapshot, f"{ARTICLE_400}.html"))
    parts = {node.get("class"): node for node in _of_class(page, "part")}
    assert list(parts) == ["part explicit", "part elsewhere"]
    explicit, elsewhere = parts.values()
    assert _words(explicit).startswith("Explicitly in the report 2 Contradicted by Article 400 permits arrest even for")
    assert (
        "explicit legislation A law, as the report describes it: Article 400 of the new Penal Code passage"
        in _words(explicit)
    )
    assert "Perhaps supported by Article 400 sets lower penalties" in _words(elsewhere)
    assert "A/HRC/28/10, para. 108" in _words(elsewhere)
    assert "Connected by The Rejoinder project in that dossier" in _words(elsewhere)
    (verdict,) = _of_class(page, "verdict")
    assert _words(verdict) == "The report’s own word for it: “untrue”, passage"


def test_no_page_of_a_claim_has_positions_or_checksums_or_an_empty_source(snapshot: Snapshot) -> None:
    """All 172 claims of the example: what is for programs stands in the data."""
    wrong = []
    claims = [it for it in snapshot.renderer.reader.of_class("rj:Claim") if it.document.fragment == ""]
    for claim in claims[::4]:
        page = _parsed(routes.page(snapshot, f"{snapshot.renderer.addresses.part_stem(claim.iri)}.html"))
        (main,) = page.iter("main")
        fields = _fields(page)
        if re.search(r"[Cc]haracters|\d{3,}–\d{3,}|[0-9a-f]{64}", _words(main)) or not fields["Source"]:
            wrong.append(claim.iri)
        if not fields.get("Said by"):
            wrong.append(f"{claim.iri} has no speaker")
        if not any(node.get("href", "").endswith("how-to-read.html") for node in main.iter("a")):
            wrong.append(f"{claim.iri} does not lead to how to read it")
    assert len(claims) == 172
    assert wrong == []


def test_a_recommendation_says_who_recommends_what_to_whom(snapshot: Snapshot) -> None:
    page = _parsed(routes.page(snapshot, "report/kaz-upr-20/recommendation-ombudsman.html"))
    fields = _fields(page)
    assert fields["Recommended by"] == "Germany, United Kingdom of Great Britain and Northern Ireland"
    assert "beside" not in {node.get("id") for node in page.iter()}
    assert "cite" in {node.get("id") for node in page.iter()}


@pytest.fixture(scope="module")
def connections(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Give the small project with two dossiers that speak to each other, and an address for objections."""
    root = shutil.copytree(SMALL, tmp_path_factory.mktemp("claims") / "project")
    shutil.copytree(CASES / "connections", root, dirs_exist_ok=True)
    settings = (root / "rejoinder.toml").read_text(encoding="utf-8")
    (root / "rejoinder.toml").write_text(f'contact = "objections@example.org"\n{settings}', encoding="utf-8")
    project = open_project(root)
    assert build.build(project).broken == ()
    return project


def _picture(project: Project, name: str) -> Path:
    return versions.require_newest(project.build).site_path / f"report/first/{name}.png"


def test_the_picture_of_a_claim_has_its_size_and_neutral_words(connections: Project) -> None:
    content = _picture(connections, "claim-explicit").read_bytes()
    assert content.startswith(b"\x89PNG")
    assert struct.unpack(">II", content[16:24]) == (1200, 630)
    assert len(content) < 60_000
    source = _picture(connections, "claim-explicit").with_suffix(".html").read_bytes()
    page = html5lib.parse(source, namespaceHTMLElements=False)
    meta = {node.get("property") or node.get("name"): node.get("content") for node in page.iter("meta")}
    assert meta["og:image"] == f"{connections.site}report/first/claim-explicit.png"
    assert meta["twitter:card"] == "summary_large_image"
    assert "explicitly in a report" in (meta["og:image:alt"] or "")
    assert not re.search(r"\b(false|untrue|lie|lied|wrong)\b", " ".join(filter(None, meta.values())))


def test_a_picture_is_made_again_only_when_its_words_change(connections: Project) -> None:
    names = ("claim-explicit", "claim-supported")
    before = [_picture(connections, name).stat().st_ino for name in names]
    path = connections.data / "report/first.yaml"
    text = path.read_text(encoding="utf-8")
    assert "{label: This is supported, " in text
    path.write_text(text.replace("{label: This is supported, ", "{label: This is said, "), encoding="utf-8")
    assert build.build(connections).is_new
    after = [_picture(connections, name).stat().st_ino for name in names]
    assert [now == then for now, then in zip(after, before, strict=True)] == [True, False]


def test_how_to_read_this_says_who_read_it_and_where_to_object(connections: Project, snapshot: Snapshot) -> None:
    site = versions.require_newest(connections.build).site_path
    with_address = (site / "how-to-read.html").read_text(encoding="utf-8")
    assert '<a href="mailto:objections@example.org">objections@example.org</a>' in with_address
    without = _words(_parsed(routes.page(snapshot, "how-to-read.html")))
    assert "write to the publisher of this site, My reports, who has given no address here" in without
    row = "report on Kazakhstan's review of October 2014 Open Dialog Foundation The Rejoinder project not stated"
    assert row in without


@pytest.mark.slow
def test_a_build_warns_that_nobody_can_object_as_long_as_there_is_no_address(small: Project, run: Run) -> None:
    """Each time, also if nothing changed; a build without the site has no page that could say it."""
    sentence = "rejoinder.toml: warning: `contact` is missing, so the page “How to read this” cannot say where people"
    for _ in range(2):
        (line,) = (line for line in run("build").stdout.splitlines() if "contact" in line)
        assert line.startswith(sentence)
        assert 'write contact = "…" with an e-mail or web address' in line
    assert "contact" not in run("build", "--no-site").stdout
    (told,) = json.loads(run("build", "--format", "json").stdout)["settings"]
    assert told["path"] == "rejoinder.toml"
    path = small.root / "rejoinder.toml"
    path.write_text('contact = "objections@example.org"\n' + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert "contact" not in run("build").stdout


@pytest.mark.parametrize("contact", ["javascript:alert(1)", "nobody", "a@b", "x@example.org?subject=y"])
def test_the_address_for_objections_is_one(small: Project, contact: str) -> None:
    path = small.root / "rejoinder.toml"
    path.write_text(f'contact = "{contact}"\n' + path.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(ProjectError, match=r"contact is .*; write an e-mail address"):
        open_project(small.root)


def test_no_picture_and_no_search_engine_leads_to_a_claim_about_a_person_affected(snapshot: Snapshot) -> None:
    reader = snapshot.renderer.reader
    said = (it for kind in ("rj:Claim", "rj:Exhortation", "rj:Recommendation") for it in reader.of_class(kind))
    parts = [it for it in said if it.iri in snapshot.renderer.addresses.parts]
    about = [it for it in parts if claim_page.names_affected(snapshot.renderer, it)]
    assert about
    listed = set(routes.site_map_paths(snapshot))
    for it in about:
        stem = snapshot.renderer.addresses.part_stem(it.iri)
        page = routes.page(snapshot, f"{stem}.html")
        assert page
        assert b'<meta name="robots" content="noindex">' in page.content, it.iri
        assert not routes.holds(snapshot, f"{stem}.png"), it.iri
        assert f"{stem}.html" not in listed, it.iri


def test_an_entry_named_like_a_page_of_its_report_takes_that_page_from_nothing(small: Project) -> None:
    """`#data` and `#text-2` have no page of their own, but elements on the pages of the report, where links lead."""
    path = small.data / "report/short.yaml"
    text = path.read_text(encoding="utf-8").replace("#claim-registration", "#data")
    path.write_text(text.replace("#recommendation-libel", "#text-2"), encoding="utf-8")
    assert build.build(small, with_site=False).broken == ()
    snapshot = open_snapshot(small, versions.require_newest(small.build))
    assert not routes.holds(snapshot, "report/short/text-2.html")
    data = _parsed(routes.page(snapshot, "report/short/data.html"))
    assert {"text-2", "evidence-registration"} <= {node.get("id") for node in data.iter()}
    assert [node.get("id") for node in _parsed(routes.page(snapshot, "report/short.html")).iter("article")] == ["data"]
    assert snapshot.renderer.link(f"{small.base}report/short#data") == "report/short.html#data"


def test_a_reader_copies_the_citation_and_finds_how_to_read_it(browser: Any, address: str, axe: str) -> None:
    """Also from a phone, without JavaScript: then the citation can be selected, and no dead button is shown."""
    page = opened(browser, "desktop", permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{address}report/kaz-upr-20.html")
    page.get_by_role("link", name="Article 400 narrows liability").first.click()
    page.wait_for_url("**/claim-article-400-narrows.html")
    page.get_by_role("button", name="Copy citation").click()
    page.get_by_text("Copied").first.wait_for()
    assert page.evaluate("navigator.clipboard.readText()").startswith("The Rejoinder project: Article 400 narrows")
    page.get_by_role("button", name="Copy link").first.click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{address}{ARTICLE_400}.html", "the page as it is read here, not as its publisher will host it"
    assert violations(page, axe) == []
    page.get_by_role("link", name="How to read this").first.click()
    page.wait_for_url("**/how-to-read.html")
    assert violations(page, axe) == []
    page.context.close()

    plain = opened(browser, "phone", java_script_enabled=False)
    plain.goto(f"{address}{ARTICLE_400}.html")
    assert plain.locator("#citation").is_visible()
    assert plain.get_by_role("button", name="Copy link").count() == 0
    plain.get_by_text("BibTeX", exact=True).click()
    with plain.expect_download() as download:
        plain.get_by_role("link", name="Download as BibTeX").click()
    assert download.value.suggested_filename == "kaz-upr-20-claim-article-400-narrows.bib"
    plain.context.close()


def test_the_title_of_a_claim_names_who_says_it(built_once: Project) -> None:
    page = versions.require_newest(built_once.build).site_path / "report/kaz-upr-20/claim-article-400-narrows.html"
    said = "Kanat Seytgaparov: Article 400 narrows liability compared with the previous criminal code"
    text = page.read_text(encoding="utf-8")
    assert f"<title>{said} · " in text
    assert f'<meta property="og:title" content="{said}">' in text
