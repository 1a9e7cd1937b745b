"""Addresses of renamed and withdrawn things: 303 and 410 by servers and hosts with rules, a page on other hosts."""

from __future__ import annotations

import re
import shutil
import socket
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
import pytest

import rejoinder
from conftest import SMALL
from rejoinder import versions
from rejoinder.building import build
from rejoinder.config import Project, open_project
from rejoinder.errors import ProjectError
from rejoinder.fair.checklist import check_fair
from rejoinder.rdf import graphs
from rejoinder.site import routes
from rejoinder.site.moved import host_rules
from rejoinder.site.snapshot import open_snapshot
from server_process import GUARD, ServerProcess, run_server
from web_servers import DOCUMENT, run_apache, run_nginx

SETTINGS = """\
site = "https://example.org/"
withdrawn = ["person/a-prisoner", "report/a-draft", "report/shrot/claim-lost"]

[renamed]
"person/the-oficial" = "person/the-official"
"report/shrot" = "report/short"
"report/звіт" = "report/доповідь"
"""
NAMES = ("a-prisoner", "a-draft", "claim-lost")


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
    documents = rules[1].replace("ErrorDocument 404 /", "ErrorDocument 404 /rejoinder/")
    with run_apache(moved + documents, files) as address:
        yield address.rstrip("/")


LEADS = [
    ("person/the-oficial", "person/the-official"),
    ("person/the-oficial.ttl", "person/the-official.ttl"),
    ("report/shrot", "report/short"),
    ("report/shrot.html", "report/short.html"),
    ("report/shrot/claim-x.html", "report/short/claim-x.html"),
    ("report/звіт", "report/доповідь"),
    ("report/звіт.ttl", "report/доповідь.ttl"),
    ("report/звіт/claim-я.html", "report/доповідь/claim-я.html"),
]
GONE = [
    "person/a-prisoner", "person/a-prisoner.jsonld", "report/a-draft.html", "report/a-draft/claim-x.html",
    "report/shrot/claim-lost", "report/shrot/claim-lost.html",
]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), LEADS)
@pytest.mark.parametrize("accept", ["text/html", "text/turtle"])
def test_the_server_leads_from_an_old_name_to_the_new_one(
    server: ServerProcess, old: str, new: str, accept: str
) -> None:
    answer = server.get(old, Accept=accept)
    assert answer.status_code == 303
    leads_to = httpx.URL(f"{server.address}/{old}").join(answer.headers["location"])
    assert leads_to == httpx.URL(f"{server.address}/{new}")


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
        assert answer.status_code == 303
        assert answer.headers["location"].isascii()
        assert unquote(answer.headers["location"]) == f"https://example.org/{new}"


@pytest.mark.parametrize(
    "end", ["%0dSet-Cookie:x", "%0d%0aSet-Cookie:x", "x%0d", "x%0ay", "%22%3b%20y", "%24%7bhost%7d"]
)
def test_nothing_that_a_path_hides_gets_into_the_headers_of_nginx_and_apache(nginx: str, apache: str, end: str) -> None:
    for host in (nginx, apache):
        address = urlsplit(host)
        with socket.create_connection((str(address.hostname), address.port or 0), timeout=GUARD) as client:
            client.sendall(f"GET {address.path}/report/shrot/{end} HTTP/1.0\r\nHost: x\r\n\r\n".encode())
            answer = b"".join(iter(partial(client.recv, 65_536), b"")).partition(b"\r\n\r\n")[0]
        status, *lines = answer.split(b"\r\n")
        assert status.split()[1] in {b"303", b"403", b"404"}
        assert not any(sign in line for line in lines for sign in (b"\r", b"\n"))
        assert not any(line.lower().startswith(b"set-cookie") for line in lines)
        places = [line.partition(b" ")[2] for line in lines if line.lower().startswith(b"location:")]
        assert all(re.fullmatch(rb"https://example\.org/report/short[!-~]*", place) for place in places)


def test_of_two_rules_for_hosts_the_one_of_what_lies_deeper_is_first(small: Project) -> None:
    moved = (("a/b", "a/x"), ("a/b/c", ""), ("z/a", "z/b"))
    rules = host_rules(replace(small, moved=moved))
    assert re.findall(r'location ~ "\^/reports/([^(]+)', rules["moved.nginx"]) == ["a/b/c", "a/b", "z/a"]
    assert re.findall(r"RewriteRule \^([^(]+)", rules["moved.htaccess"]) == ["a/b/c", "a/b", "z/a"]


@pytest.mark.parametrize("path", GONE)
def test_nginx_and_apache_say_that_a_withdrawn_thing_is_gone(nginx: str, apache: str, path: str) -> None:
    for host in (nginx, apache):
        answer = httpx.get(f"{host}/{path}", timeout=GUARD)
        assert answer.status_code == 410
        assert "withdrawn this entry" in answer.text
        assert not any(name in answer.text for name in NAMES)


@pytest.mark.parametrize("path", ["person/nobody", "a/b/c.html"])
def test_where_there_is_no_page_hosts_show_one_that_leads_on(nginx: str, apache: str, path: str) -> None:
    """Its links begin with the path of the site, because hosts show it at any address."""
    for host in (nginx, apache):
        answer = httpx.get(f"{host}/{path}", timeout=GUARD)
        assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (404, "text/html")
        assert "There is no page at this address" in answer.text
        assert '<base href="/">' in answer.text
        links = re.findall(r'href="([^"]+)"', answer.text)
        assert {"index.html", "style.css", "question/index.html"} <= set(links)
        assert {httpx.get(f"{host}/{link}", timeout=GUARD).status_code for link in links if link != "/"} == {200}


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
        "'person/the-official' was renamed or withdrawn, as the settings say, but it is described here"
    )


def test_what_lies_below_a_withdrawn_thing_cannot_be_described_either(tmp_path: Path) -> None:
    root = shutil.copytree(SMALL, tmp_path / "project")
    (root / "data/note/a").mkdir(parents=True)
    text = "\n<https://example.org/reports/note/a/b> <https://schema.org/name> 'b' .\n"
    (root / "data/note/a/b.ttl").write_text(text, encoding="utf-8")
    with (root / "rejoinder.toml").open("a", encoding="utf-8") as file:
        file.write('withdrawn = ["note/a", "report/short/concern-registration", "report/shor"]\n')
    found = [each for each in rejoinder.check(open_project(root)).problems if "renamed or withdrawn" in each.message]
    assert [(each.path.name, each.line, each.message.partition(" was ")[0]) for each in found] == [
        ("b.ttl", 2, "'note/a'"),
        ("short.yaml", 17, "'report/short/concern-registration'"),
    ]


def test_no_data_are_at_the_address_of_a_withdrawn_thing_even_if_a_version_describes_it(small_built: Project) -> None:
    version = versions.require_newest(small_built.build)
    before = open_snapshot(small_built, version)
    below = [stem for stem in routes.stems(before) if stem.startswith("report/short/")]
    assert below
    assert all(routes.files(before, stem) for stem in below)
    assert {".html", ".ttl"} <= routes.files(before, "report/short").keys()
    snapshot = open_snapshot(replace(small_built, moved=(("report/short", ""),)), version)
    assert routes.files(snapshot, "report/short").keys() == {".html"}
    assert not any(routes.files(snapshot, stem) for stem in below)


def test_a_file_of_a_withdrawn_report_that_stays_keeps_no_later_site_from_being_made(small_built: Project) -> None:
    """Its last good graph stays, so both that and the withdrawal have the address, again with each build."""
    project = replace(small_built, moved=(("report/short", ""),))
    path = project.data / "issue.yaml"
    for word in ("once", "twice"):
        path.write_text(path.read_text(encoding="utf-8").replace("label: ", f"label: {word} ", 1), encoding="utf-8")
        built = build.build(project)
        assert [each.graph for each in built.broken] == [f"{project.base}report/short"]
        assert built.wrote_files
    assert "A short report" not in (project.build / "site/report/short.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "site",
    [
        "https://example.org",
        "https://example.org/a;b/",
        "https://example.org/$host/",
        "https://example.org/it's/",
        "https://example.org/a b/",
        "https://example.org/%20/",
        "https://example.org/?a/",
    ],
)
def test_a_site_that_rules_for_hosts_would_break_is_refused(tmp_path: Path, site: str) -> None:
    settings = f'base = "https://example.org/"\nsite = "{site}"\n'
    (tmp_path / "rejoinder.toml").write_text(settings, encoding="utf-8")
    with pytest.raises(ProjectError, match=r"site is .*; write an address that"):
        open_project(tmp_path)


def test_names_of_any_script_are_paths_in_one_form(tmp_path: Path) -> None:
    settings = 'base = "https://example.org/"\nwithdrawn = ["report/\u0930\u093f\u092a\u094b", "report/e\u0301tat"]\n'
    (tmp_path / "rejoinder.toml").write_text(settings, encoding="utf-8")
    assert dict(open_project(tmp_path).moved).keys() == {"report/\u0930\u093f\u092a\u094b", "report/\u00e9tat"}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ('withdrawn = "person/x"', "withdrawn is not a list"),
        ('withdrawn = ["https://example.org/person/x"]', "but is not a path; write the path of a thing below `base`"),
        ('withdrawn = ["person/../x"]', "but is not a path"),
        ("withdrawn = [[]]", "but is not a path"),
        ('renamed = "person/x"', "'renamed' must be a table"),
        ('withdrawn = ["person/x"]\n[renamed]\n"person/x" = "person/y"', "stands twice"),
        (
            '[renamed]\n"person/x" = "person/y"\n"person/y" = "person/z"',
            "which was itself renamed or withdrawn, or lies below a path that was; write the last address",
        ),
        ('[renamed]\n"person/a" = "person/a/b"', "lies below a path that was; write the last address"),
        (
            'withdrawn = ["report/a"]\n[renamed]\n"x/y" = "report/a/p1"',
            "lies below a path that was; write the last address",
        ),
        ('withdrawn = ["person"]', "but is not a path"),
        ('withdrawn = ["person/a~b"]', "but is not a path"),
        ('withdrawn = ["person/index"]', "belongs to a page of the site"),
        ('withdrawn = ["version/1"]', "belongs to a page of the site"),
        ('withdrawn = ["ns/0.2"]', "belongs to a page of the site"),
        ('[renamed]\n"person/x" = "search/x"', "belongs to a page of the site"),
        ('[renamed]\n"person/x" = "person/x"', "which was itself renamed or withdrawn"),
        ('[renamed]\n"person/x" = 1', "but is not a path"),
    ],
)
def test_wrong_settings_are_told(tmp_path: Path, settings: str, message: str) -> None:
    (tmp_path / "rejoinder.toml").write_text(f'base = "https://example.org/"\n{settings}\n', encoding="utf-8")
    with pytest.raises(ProjectError, match=re.escape(message)):
        open_project(tmp_path)
