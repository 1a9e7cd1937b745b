"""Names of files in any script: what is a name is one for check, build, site and server alike; what is none is told."""

from __future__ import annotations

import re
import shutil
import unicodedata
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

import rejoinder
from conftest import SMALL, Run, mostly_slow
from rejoinder import namespaces
from rejoinder.config import Project, new_project, open_project
from rejoinder.dossiers import discovery
from rejoinder.errors import InputError
from rejoinder.fair.built_site import open_site
from rejoinder.server.http import is_path
from rejoinder.site.resource import is_plain
from server_process import run_server
from web_servers import run_apache, run_nginx

COMPOSED = {
    "Cyrillic": "звіт",
    "Hindi, with vowel signs": "रिपोर्ट",
    "Tamil": "அறிக்கை",
    "Thai": "รายงาน",
    "Arabic": "تقرير",
    "Arabic, with vowels": "تَقْرِير",
    "Persian, with a joiner": "گزارش\u200cها",
    "Hebrew": "דוח",
    "Chinese": "报告",
    "Korean": "보고서",
    "Armenian": "զեկույց",
    "French": "rapport-été",
    "Vietnamese": "báo-cáo-việt",
    "beyond 16 bits": "𐌰𐌱",
}
NO_NAMES = {
    "a blank": "my report",
    "percent": "a%20b",
    "an accent alone": "\u0301a",
    "a joiner at the end": "a\u200c",
    "a mark of direction": "a\u200fb",
    "emoji": "a😀",
    "a hidden file": ".звіт",
    "a soft hyphen": "зв\u00adіт",
    "a half of a letter": "a\udc80",
    "too long": "я" * 130,
}
TURTLE = '@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . <> rdfs:label "R"@en . <#я> rdfs:label "A"@en .\n'


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Give a project with a report and a record in each script, published; some names are stored decomposed."""
    project = open_project(shutil.copytree(SMALL, tmp_path_factory.mktemp("scripts") / "project"))
    (project.data / "record").mkdir()
    report = project.data / "report/short.yaml"
    text = report.read_text(encoding="utf-8")
    report.unlink()
    for number, name in enumerate(COMPOSED.values()):
        stored = unicodedata.normalize("NFD", name) if number % 2 else name
        (project.data / f"record/{stored}.ttl").write_text(TURTLE, encoding="utf-8")
    (project.data / "report/звіт.YAML").write_text(text, encoding="utf-8")
    built = rejoinder.build(project)
    assert built.broken == ()
    return project


@pytest.mark.parametrize("name", COMPOSED.values(), ids=COMPOSED)
def test_a_name_is_one_to_every_part_that_asks(name: str, small: Project) -> None:
    for form in ("NFC", "NFD"):
        path = small.data / f"report/{unicodedata.normalize(form, name)}.yaml"
        assert discovery.graph_of(small.base, small.data, path) == f"{small.base}report/{name}"
    assert namespaces.is_name(name)
    assert is_plain(f"report/{name}")
    assert is_path(f"report/{name}.html")


@pytest.mark.parametrize("name", NO_NAMES.values(), ids=NO_NAMES)
def test_what_is_no_name_is_none_to_any_part_and_the_rule_is_told(name: str, small: Project) -> None:
    assert not namespaces.is_name(name)
    assert not is_plain(f"report/{name}")
    with pytest.raises(InputError, match="letters of any script") as caught:
        discovery.graph_of(small.base, small.data, small.data / f"report/{name}.yaml")
    assert namespaces.NAME_RULE in str(caught.value)


@pytest.mark.parametrize("suffix", [".YAML", ".Yml", ".TTL", ".Ttl", ".TRIG", ".TriG"])
def test_a_suffix_in_capitals_is_the_same_suffix(small: Project, suffix: str) -> None:
    (small.data / f"record{suffix}").write_text(TURTLE, encoding="utf-8")
    found = discovery.contents(small.data)
    assert small.data / f"record{suffix}" in found.dossiers
    assert found.others == ()


def test_two_files_that_become_one_name_are_refused_and_both_are_named(small: Project) -> None:
    (small.data / "record").mkdir()
    pairs = [("a.ttl", "a.TTL"), ("e\u0301.ttl", "\u00e9.yaml"), ("\u00e5.ttl", "\u212b.ttl".lower())]
    for one, other in pairs:
        files = [small.data / "record" / name for name in (one, other)]
        _, problems = discovery.graphs_of(small.base, small.data, files)
        assert all(str(path) in str(problems) for path in files)


def test_files_that_are_passed_over_are_named_by_check_and_build(small: Project, run: Run) -> None:
    for name in ("notes.txt", "a.JSON", "b.yaml.bak", "report/c.rdf"):
        (small.data / name).write_text("x", encoding="utf-8")
    checked = run("check").stdout
    built = run("build", "--no-site").stdout
    for told in (checked, built):
        (line,) = [line for line in told.splitlines() if "not dossiers" in line]
        assert line.startswith("4 files of the data folder are not dossiers and are not read: data/a.JSON, ")
        assert "data/report/c.rdf" in line
    for number in range(30):
        (small.data / f"more-{number}.txt").write_text("x", encoding="utf-8")
    (line,) = [line for line in run("check").stdout.splitlines() if "not dossiers" in line]
    assert line.startswith("34 files")
    assert len(line) < 300


def test_a_graph_that_is_gone_is_told_as_removed(small: Project, run: Run) -> None:
    assert "Removed" not in run("build", "--no-site").stdout
    (small.data / "report/short.yaml").rename(small.data / "report/short.yaml.old")
    told = run("build", "--no-site").stdout
    assert "\nRemoved   report/short\n" in told
    assert "Changed" not in told


def test_every_report_and_record_has_pages_data_and_links_that_lead_there(site: Project) -> None:
    built = open_site(site.build / "site")
    stems = ["report/звіт", *(f"record/{name}" for name in COMPOSED.values())]
    mapped = built.text("sitemap.xml")
    search = "".join(built.text(path) for path in built.paths if path.startswith("search/entries-"))
    lists = {link.path for kind in ("report", "record") for link in built.page(f"{kind}/index.html").linked("item")}
    for stem in stems:
        assert {f"{stem}{suffix}" for suffix in (".html", ".ttl", ".jsonld", ".nt")} <= built.paths
        assert f"<loc>{site.site}{quote(stem)}.html</loc>" in mapped
        assert built.page(f"{stem}.html").subject == f"{site.base}{stem}"
    assert {"report/звіт.html"} <= lists
    assert quote("report/звіт.html") in search
    for page in built.pages:
        for element in page.elements("a[href], link[href]"):
            href = element.attributes.get("href") or ""
            path = page.resolved(href)
            assert path is None or (path in built.paths and href.isascii()), (page.path, href)


def test_the_rules_for_w3id_lead_to_the_files_by_addresses_in_ascii(site: Project) -> None:
    rules = (site.build / "site/w3id/.htaccess").read_text(encoding="utf-8")
    with run_nginx(site.build / "site") as nginx, run_apache(rules.replace(site.site, f"{nginx}/")) as w3id:
        for name in COMPOSED.values():
            answer = httpx.get(f"{w3id}record/{quote(name)}", headers={"Accept": "text/turtle"})
            address, wanted = answer.headers["location"], f"{nginx}/record/{quote(name)}.ttl"
            assert (answer.status_code, address.lower()) == (303, wanted.lower())  # Apache writes %d0, quote %D0
            assert httpx.get(address).content == (site.build / f"site/record/{name}.ttl").read_bytes()


@pytest.mark.slow
def test_the_fair_checks_find_every_document(site: Project) -> None:
    by_name = {result.check.name: result for result in rejoinder.check_fair(site.build).results}
    for name in ("SiteMap", "RedirectRules", "FilesAreThere", "DumpsAreThere"):
        assert by_name[name].findings == (), name


def test_the_server_answers_at_iris_and_percent_encoded_paths(site: Project, tmp_path: Path) -> None:
    with run_server(site, tmp_path / "log") as served:
        for name in COMPOSED.values():
            answer = served.get(f"record/{quote(name)}", Accept="text/turtle")
            assert (answer.status_code, answer.headers["content-location"]) == (200, f"{quote(name)}.ttl")
            links = answer.headers["link"]
            assert f"<{quote(name)}.html>" in links
            assert links.isascii()
            assert served.get(f"record/{quote(name)}.html").status_code == 200
        page = served.get(f"report/{quote('звіт')}.html")
        assert f'<{namespaces.as_uri(site.base)}report/{quote("звіт")}>; rel="cite-as"' in page.headers["link"]
        refused = served.get(f"report/{quote('звіт')}?format=zzz")
        assert refused.status_code == 406
        assert httpx.get(f"{served.address}/report/звіт", timeout=60).status_code == 200, "as a browser writes an IRI"
        for none in (
            "record/%D0%D0",
            "record/%CC%81",
            f"record/{'%D1%8F' * 300}",
            "record/%E2%80%8F",
            "record/я%2F..%2Fx",
        ):
            assert served.get(none).status_code == 404
    assert not re.search("Traceback", (tmp_path / "log").read_text(encoding="utf-8"))


def test_questions_and_texts_may_have_such_names_too(small: Project) -> None:
    small.queries.mkdir(exist_ok=True)
    text = (Path(__file__).parents[2] / "queries/issues-ranked.rq").read_text(encoding="utf-8")
    (small.queries / "питання-e\u0301.RQ").write_text(text, encoding="utf-8")
    assert "питання-é" in rejoinder.list_questions(small)
    (small.queries / "питання-é.rq").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="would both be the question"):
        rejoinder.list_questions(small)


@pytest.mark.parametrize(
    "name", mostly_slow(["o'neil", "a%20b", "person//x", ".x", "a;b", "person/a(b)"], {"a%20b", "person//x"})
)
def test_a_thing_whose_name_has_no_page_is_refused_with_its_line(tmp_path: Path, name: str) -> None:
    """Published, it would have no page, and nothing would say so."""
    project = open_project(new_project(tmp_path / "project"))
    (project.data / "record").mkdir()
    file = project.data / "record" / "a.ttl"
    file.write_text(
        f'{TURTLE}\n<../{name}> rdfs:label "B"@en .\n<../person/x-1.b> rdfs:label "C"@en .\n', encoding="utf-8"
    )
    problems = [problem for problem in rejoinder.check(project).problems if problem.path == file]
    assert [problem.line for problem in problems] == [3]
    assert "cannot be part of a web address; rename the thing" in problems[0].message
