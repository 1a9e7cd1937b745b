"""Addresses of renamed and withdrawn things: 303 and 410 by servers and hosts with rules, a page on other hosts."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import rejoinder
from conftest import SMALL
from rejoinder import versions
from rejoinder.config import Project, open_project
from rejoinder.errors import ProjectError
from rejoinder.fair.checklist import check_fair
from rejoinder.rdf import graphs
from server_process import GUARD, ServerProcess, run_server
from web_servers import DOCUMENT, run_apache, run_nginx

SETTINGS = """\
site = "https://example.org/"
withdrawn = ["person/a-prisoner", "report/a-draft"]

[renamed]
"person/the-oficial" = "person/the-official"
"report/shrot" = "report/short"
"""
NAMES = ("a-prisoner", "a-draft")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Give the small project, in which a person and a report were renamed, and another of each was withdrawn."""
    root = shutil.copytree(SMALL, tmp_path_factory.mktemp("moved") / "project")
    with (root / "rejoinder.toml").open("a", encoding="utf-8") as file:
        file.write(SETTINGS)
    found = open_project(root)
    assert rejoinder.build(found).broken == ()
    return found


@pytest.fixture(scope="module")
def server(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with run_server(project, tmp_path_factory.mktemp("log") / "log.jsonl") as running:
        yield running


@pytest.fixture(scope="module")
def nginx(project: Project) -> Iterator[str]:
    """Give the address of nginx with the configuration of the docs, which includes the rules of the build."""
    with run_nginx((project.build / "site").resolve(), project.build / "rules") as address:
        yield address


@pytest.fixture(scope="module")
def apache(project: Project) -> Iterator[str]:
    """Give the address of Apache with the rules of the build before those of the docs."""
    rules = re.search(r"```apache\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert rules
    moved = (project.build / "rules/moved.htaccess").read_text(encoding="utf-8")
    moved = moved.replace("ErrorDocument 410 /", "ErrorDocument 410 /rejoinder/")  # where the test has the site
    site = (project.build / "site").resolve()
    files = {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()}
    with run_apache(moved + rules[1], files) as address:
        yield address.rstrip("/")


LEADS = [
    ("person/the-oficial", "person/the-official"),
    ("person/the-oficial.ttl", "person/the-official.ttl"),
    ("report/shrot", "report/short"),
    ("report/shrot.html", "report/short.html"),
    ("report/shrot/claim-x.html", "report/short/claim-x.html"),
]
GONE = ["person/a-prisoner", "person/a-prisoner.jsonld", "report/a-draft.html", "report/a-draft/claim-x.html"]


@pytest.mark.parametrize(("old", "new"), LEADS)
@pytest.mark.parametrize("accept", ["text/html", "text/turtle"])
def test_the_server_leads_from_an_old_name_to_the_new_one(
    server: ServerProcess, old: str, new: str, accept: str
) -> None:
    answer = server.get(old, Accept=accept)
    assert answer.status_code == 303
    assert str(httpx.URL(f"{server.address}/{old}").join(answer.headers["location"])) == f"{server.address}/{new}"


def test_who_follows_the_old_name_of_a_person_gets_the_data_of_the_person(server: ServerProcess) -> None:
    address = f"{server.address}/person/the-oficial"
    answer = httpx.get(address, headers={"Accept": "text/turtle"}, follow_redirects=True, timeout=GUARD)
    assert answer.status_code == 200
    assert answer.url.path == "/person/the-official.ttl"
    assert "person:the-oficial dcterms:isReplacedBy person:the-official ." in answer.text


@pytest.mark.parametrize("path", GONE)
def test_the_server_says_that_a_withdrawn_thing_is_gone_and_nothing_else_of_it(
    server: ServerProcess, path: str
) -> None:
    for accept in ("text/html", "text/turtle", "*/*"):
        answer = server.get(path, Accept=accept)
        assert answer.status_code == 410
        assert "withdrawn this entry" in answer.text
        assert not any(name in answer.text for name in NAMES)


def test_things_that_are_neither_are_as_they_were(server: ServerProcess) -> None:
    found = [server.get(path).status_code for path in ("report/short", "person/a-prisoner-2", "person/the-officia")]
    assert found == [200, 404, 404]


@pytest.mark.parametrize(("old", "new"), LEADS)
def test_nginx_and_apache_lead_from_an_old_name_to_the_new_one(nginx: str, apache: str, old: str, new: str) -> None:
    for host in (nginx, apache):
        answer = httpx.get(f"{host}/{old}", timeout=GUARD)
        assert (answer.status_code, answer.headers["location"]) == (303, f"https://example.org/{new}")


@pytest.mark.parametrize("path", GONE)
def test_nginx_and_apache_say_that_a_withdrawn_thing_is_gone(nginx: str, apache: str, path: str) -> None:
    for host in (nginx, apache):
        answer = httpx.get(f"{host}/{path}", timeout=GUARD)
        assert answer.status_code == 410
        assert "withdrawn this entry" in answer.text
        assert not any(name in answer.text for name in NAMES)


def test_a_host_without_rules_has_a_page_at_the_old_address(project: Project) -> None:
    site = project.build / "site"
    leading = (site / "person/the-oficial.html").read_text(encoding="utf-8")
    assert '<meta http-equiv="refresh" content="0; url=the-official.html">' in leading
    assert f'<link rel="canonical" href="{project.base}person/the-official">' in leading
    withdrawn = (site / "person/a-prisoner.html").read_text(encoding="utf-8")
    assert "withdrawn this entry" in withdrawn
    assert '<meta name="robots" content="noindex">' in withdrawn
    # Of what was withdrawn there are no data, and no file of the site names it.
    assert sorted(path.name for path in (site / "person").glob("a-prisoner*")) == ["a-prisoner.html"]
    texts = {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}
    assert [path for path, text in texts.items() if any(name.encode() in text for name in NAMES)] == []
    assert "the-oficial" not in (site / "sitemap.xml").read_text(encoding="utf-8")


def test_only_the_new_name_is_said_of_a_renamed_thing_in_the_data(project: Project) -> None:
    store = versions.require_newest(project.build).open()
    said = {str(quad) for quad in graphs.statements(store) if "oficial" in str(quad) or "shrot" in str(quad)}
    meta, replaced = f"<{project.base}meta/>", "<http://purl.org/dc/terms/isReplacedBy>"
    pairs = (("person/the-oficial", "person/the-official"), ("report/shrot", "report/short"))
    assert said == {f"<{project.base}{old}> {replaced} <{project.base}{new}> {meta}" for old, new in pairs}
    turtle = (project.build / "site/person/the-oficial.ttl").read_text(encoding="utf-8")
    assert "person:the-oficial dcterms:isReplacedBy person:the-official ." in turtle


def test_the_fair_checks_pass_over_pages_of_old_addresses(project: Project) -> None:
    paths = {str(finding.path) for finding in check_fair(project.build / "site").findings}
    assert not [path for path in paths if any(name in path for name in ("oficial", "shrot", "withdrawn", *NAMES))]


def test_what_is_described_cannot_be_withdrawn(tmp_path: Path) -> None:
    root = shutil.copytree(SMALL, tmp_path / "project")
    with (root / "rejoinder.toml").open("a", encoding="utf-8") as file:
        file.write('withdrawn = ["person/the-official"]\n')
    (problem,) = (each for each in rejoinder.check(open_project(root)).problems if each.path.name == "person.yaml")
    assert problem.line == 4
    assert problem.message.startswith(
        "'person/the-official' is renamed or withdrawn in the settings, and described here"
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ('withdrawn = "person/x"', "withdrawn is no list"),
        ('withdrawn = ["https://example.org/person/x"]', "is no path; write the path of a thing below `base`"),
        ('withdrawn = ["person/../x"]', "is no path"),
        ("withdrawn = [[]]", "is no path"),
        ('renamed = "person/x"', "'renamed' must be a table"),
        ('withdrawn = ["person/x"]\n[renamed]\n"person/x" = "person/y"', "stands twice"),
        ('[renamed]\n"person/x" = "person/y"\n"person/y" = "person/z"', "which moved, too; write where that leads"),
        ('[renamed]\n"person/x" = "person/x"', "which moved, too"),
        ('[renamed]\n"person/x" = 1', "is no path"),
    ],
)
def test_wrong_settings_are_told(tmp_path: Path, settings: str, message: str) -> None:
    (tmp_path / "rejoinder.toml").write_text(f'base = "https://example.org/"\n{settings}\n', encoding="utf-8")
    with pytest.raises(ProjectError, match=re.escape(message)):
        open_project(tmp_path)
