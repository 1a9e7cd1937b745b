"""Validators and schemas of others judge what a build and the server write: HTML, SVG, SARIF, sitemap, OpenAPI."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import jsonschema_rs
import pytest

from conftest import SMALL, Run, leave_out
from interoperability import Place, npm_version, rows
from rejoinder.config import Project, open_project

etree = pytest.importorskip("lxml.etree", reason="lxml is missing: 'pip install rejoinder[dev]'")

pytestmark = pytest.mark.slow


def _pages(site: Path) -> Iterator[Path]:
    """Yield all pages at the top, and of each folder its index, its longest page, its shortest, and one between."""
    yield from site.glob("*.html")
    for folder in {path.parent for path in site.glob("*/**/*.html")}:
        pages = sorted(folder.glob("*.html"), key=lambda path: (path.stat().st_size, path.name))
        yield from {*folder.glob("index.html"), pages[0], pages[len(pages) // 2], pages[-1]}


def test_the_page_names_the_versions() -> None:
    named = {row["package of npm"].partition("`")[0]: row["version"] for row in rows("package of npm")}
    assert named == {name: npm_version(name) for name in named}
    assert len(named) == 5


def test_the_w3c_finds_no_error_in_the_pages(packages: Path, built_once: Project) -> None:
    if not shutil.which("java"):
        leave_out("clients", "Java is missing: the W3C's validator is not run")
    site = (built_once.build / "site").resolve()
    pages = sorted(_pages(site))
    assert {"report", "state", "person", "question", "version"} <= {path.relative_to(site).parts[0] for path in pages}
    judged = [*pages, site / "icon.svg"]
    validator = packages / "node_modules/vnu-jar/build/dist/vnu.jar"
    command: list[str | Path] = [
        "java",
        "-jar",
        validator,
        "--errors-only",
        "--format",
        "json",
        "--also-check-svg",
        *judged,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = [
        (each["url"].removeprefix(f"file:{site}/"), each["message"]) for each in json.loads(done.stderr)["messages"]
    ]
    assert found == []
    assert done.returncode == 0


def test_the_site_map_fits_its_schema(packages: Path, built_once: Project) -> None:
    schema = etree.XMLSchema(etree.parse(packages / "node_modules/sitemap/schema/sitemap.xsd"))
    schema.assertValid(etree.parse(built_once.build / "site/sitemap.xml"))


def test_the_results_of_checks_fit_the_schema_of_sarif(
    packages: Path, tmp_path: Path, small_built_once: Project, run: Run
) -> None:
    schemas = packages / "node_modules/@microsoft/jest-sarif/lib/schemas"
    text = (schemas / "sarif-2.1.0-rtm.5.json").read_text(encoding="utf-8")
    schema = json.loads(text.replace("{2}]?$", "{2}$"))  # a bracket too many in a pattern
    project = open_project(shutil.copytree(SMALL, tmp_path / "project"))
    report = project.data / "report/short.yaml"
    report.write_text(f"{report.read_text(encoding='utf-8')}nonsense: true\n", encoding="utf-8")
    fair, log = (
        json.loads(run("check", "--format", "sarif", *options).stdout)
        for options in (("--fair", small_built_once.build / "site"), ())
    )
    assert log["runs"][0]["results"]
    for each in (fair, log):
        jsonschema_rs.validate(schema, each)


def test_spectral_finds_nothing_in_the_description_of_the_api(packages: Path, server_place: Place) -> None:
    ruleset = packages / "spectral.json"
    # Whom to write to is each project's own to say, and no key of its configuration does.
    ruleset.write_text('{"extends": "spectral:oas", "rules": {"info-contact": "off"}}', encoding="utf-8")
    command: list[str | Path] = [packages / "node_modules/.bin/spectral", "lint", "--ruleset", ruleset]
    command += ["--format", "json", "--fail-severity", "hint", f"{server_place.address}api/openapi.json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout[:2]) == (0, "[]"), done.stdout + done.stderr
