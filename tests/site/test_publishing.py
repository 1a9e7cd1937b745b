"""What a project needs to be published: the workflow for GitHub Pages, nginx as in the docs, the rules for w3id.org."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml

from rejoinder import formats
from rejoinder.config import Project, new_project
from rejoinder.formats import Syntax
from web_servers import DOCUMENT, run_apache, run_nginx


def test_a_new_project_brings_the_workflow_that_publishes_it(tmp_path: Path) -> None:
    folder = new_project(tmp_path / "project")
    workflow = yaml.safe_load((folder / ".github/workflows/pages.yml").read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read", "pages": "write", "id-token": "write"}
    steps = workflow["jobs"]["site"]["steps"]
    runs = [step["run"] for step in steps if "run" in step]
    assert runs == ["pip install rejoinder", "rejoinder build"]
    (upload,) = (step for step in steps if "upload-pages-artifact" in step.get("uses", ""))
    assert upload["with"] == {"path": "build/site", "include-hidden-files": True}


@pytest.fixture(scope="module")
def nginx(twice: Project) -> Iterator[str]:
    """Give the address of nginx with the configuration of the docs."""
    with run_nginx(twice.build / "site") as address:
        yield address


@pytest.fixture(scope="module")
def w3id(twice: Project, nginx: str) -> Iterator[str]:
    """Give the address of Apache with the rules for w3id.org, which lead to nginx."""
    rules = (twice.build / "site/w3id/.htaccess").read_text(encoding="utf-8")
    assert twice.site in rules
    with run_apache(rules.replace(twice.site, f"{nginx}/")) as address:
        yield address


@pytest.fixture(scope="module")
def apache(twice: Project) -> Iterator[str]:
    """Give the address of Apache with the site and the configuration of the docs."""
    rules = re.search(r"```apache\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert rules
    site = (twice.build / "site").resolve()
    files = {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()}
    with run_apache(rules[1], files) as address:
        yield address.rstrip("/")


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/state/CZE", "text/html; charset=utf-8"),
        ("/report/", "text/html; charset=utf-8"),
        ("/report/short.ttl", "text/turtle; charset=utf-8"),
        ("/report/short.jsonld", "application/ld+json"),
        ("/report/short.nt", "application/n-triples"),
        ("/ns.rdf", "application/rdf+xml"),
        ("/shapes.rdf", "application/rdf+xml"),
        ("/dataset.trig", "application/trig"),
        ("/dataset.nq.gz", "application/n-quads"),
        ("/dataset.nt.gz", "application/n-triples"),
        ("/dataset.ttl", "text/turtle; charset=utf-8"),
        ("/question/who-raised-what.csv", "text/csv; charset=utf-8"),
        ("/question/who-raised-what.rq", "application/sparql-query"),
        ("/.well-known/void", "text/turtle; charset=utf-8"),
        ("/version/1/", "text/html; charset=utf-8"),
        ("/version/1/report/short", "text/turtle; charset=utf-8"),
        ("/version/2/changes.rdfp", "application/rdf-patch"),
        ("/feed.xml", "application/atom+xml"),
        ("/linkset.json", "application/linkset+json"),
        ("/question/who-raised-what.json", "application/sparql-results+json"),
        ("/version/1/changes.json", "application/json"),
        ("/report/short/annotations.json", 'application/ld+json;profile="http://www.w3.org/ns/anno.jsonld"'),
    ],
)
def test_hosts_answer_with_the_right_media_type(nginx: str, apache: str, path: str, media_type: str) -> None:
    for address in (nginx, apache):
        answer = httpx.get(address + path, timeout=60)
        assert answer.status_code == 200
        assert answer.headers["content-type"].replace(";charset", "; charset") == media_type


@pytest.mark.parametrize("syntax", [formats.NQUADS, formats.NTRIPLES], ids=lambda syntax: syntax.name)
def test_hosts_send_packed_dumps_as_rdf(twice: Project, nginx: str, apache: str, syntax: Syntax) -> None:
    for address in (nginx, apache):
        answer = httpx.get(f"{address}/dataset{syntax.suffix}.gz", timeout=60)
        assert (answer.headers["content-encoding"], answer.headers["access-control-allow-origin"]) == ("gzip", "*")
        assert answer.content == gzip.decompress((twice.build / f"site/dataset{syntax.suffix}.gz").read_bytes())


def test_nginx_says_when_nothing_is_there(nginx: str) -> None:
    assert httpx.get(f"{nginx}/state/XXX", timeout=60).status_code == 404


@pytest.mark.parametrize("suffix", [".html", ".ttl", ".jsonld", ".nt"])
def test_w3id_leads_every_document_to_its_page_and_its_data(twice: Project, w3id: str, nginx: str, suffix: str) -> None:
    site = twice.build / "site"
    accept = "text/html,*/*;q=0.8" if suffix == ".html" else formats.rdf_syntax_of(f"x{suffix}").media_type
    stems = {path.relative_to(site).with_suffix("").as_posix() for path in site.rglob("*.nt")}
    assert "state/CZE" in stems
    with httpx.Client(headers={"Accept": accept}, timeout=60) as client:
        for stem in sorted(stem for stem in stems if not stem.startswith("version/")):
            answer = client.get(w3id + stem.removesuffix("index"))
            assert (answer.status_code, answer.headers["location"]) == (303, f"{nginx}/{stem}{suffix}")
        final = client.get(f"{w3id}state/CZE", follow_redirects=True)
    assert final.status_code == 200
    assert final.headers["content-type"].startswith(accept.partition(",")[0])


@pytest.mark.parametrize("accept", ["text/turtle", "application/ld+json", "text/html"])
def test_w3id_leads_what_a_version_holds_to_its_data(w3id: str, accept: str) -> None:
    answer = httpx.get(f"{w3id}version/1/state", headers={"Accept": accept}, follow_redirects=True, timeout=60)
    assert answer.status_code == 200
    kind = "text/turtle" if accept == "text/html" else accept  # there is no page
    assert answer.headers["content-type"].startswith(kind)


def test_w3id_leads_round_and_round_where_a_site_is_at_its_own_identifiers(twice: Project) -> None:
    """Which `check --fair` says before anybody publishes it."""
    rules = (twice.build / "site/w3id/.htaccess").read_text(encoding="utf-8")
    with run_apache(rules.replace(twice.site, "/rejoinder/")) as address, pytest.raises(httpx.TooManyRedirects):
        httpx.get(f"{address}state/CZE", follow_redirects=True)
