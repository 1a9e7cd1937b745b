"""The OWL API, with which Protégé and ROBOT load ontologies, loads ours from its address and finds it in OWL 2 DL.

ROBOT is started for real: Maven brings it (tests/owl/pom.xml). On CI it is required (`owl` in REJOINDER_TEST_REQUIRE).
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import leave_out, maven_classpath
from rejoinder import formats, namespaces
from rejoinder.config import Project
from rejoinder.disk import package_file
from rejoinder.namespaces import expand
from rejoinder.rdf import terms
from server_process import run_server
from web_servers import run_apache, run_nginx

KINDS = ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty")
DECLARED = {"DatatypeProperty": "DataProperty"}
"""What the functional syntax calls otherwise than RDF."""


@pytest.fixture(scope="module")
def classpath() -> str:
    if not (shutil.which("mvn") and shutil.which("java")):
        leave_out("owl", "Java and Maven are missing: nothing is loaded with the OWL API")
    return maven_classpath("owl")


@pytest.fixture(scope="module")
def server(built_once: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of the server."""
    with run_server(built_once, tmp_path_factory.mktemp("log") / "log.jsonl") as running:
        yield f"{running.address}/"


@pytest.fixture(scope="module")
def w3id(built_once: Project) -> Iterator[str]:
    """Give the address of Apache with the rules for w3id.org, which lead to nginx as the docs configure it."""
    site = (built_once.build / "site").resolve()
    rules = (site / "w3id/.htaccess").read_text(encoding="utf-8")
    assert built_once.site in rules
    with run_nginx(site) as nginx, run_apache(rules.replace(built_once.site, f"{nginx}/")) as address:
        yield address


def _robot(classpath: str, *arguments: str) -> None:
    command = ["java", "-cp", classpath, "org.obolibrary.robot.CommandLineInterface", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("place", ["server", "w3id"])
def test_the_ontology_loads_from_its_address_and_is_in_owl_2_dl(
    classpath: str, tmp_path: Path, place: str, request: pytest.FixtureRequest
) -> None:
    """By content negotiation: the address has no suffix, and the OWL API asks for RDF/XML first."""
    report, loaded = tmp_path / "profile.txt", tmp_path / "loaded.ofn"
    address = f"{request.getfixturevalue(place)}ns"
    profile = ("validate-profile", "--input-iri", address, "--profile", "DL", "--output", str(report))
    _robot(classpath, *profile, "convert", "--output", str(loaded))
    assert "[Ontology and imports closure in profile]" in report.read_text(encoding="utf-8")
    text = loaded.read_text(encoding="utf-8")
    iri = re.escape(namespaces.ONTOLOGY_GRAPH)
    assert re.search(rf"^Ontology\(<{iri}>\n<{iri}/[0-9.]+>$", text, re.MULTILINE)
    assert {kind: text.count(f"Declaration({DECLARED.get(kind, kind)}(") for kind in KINDS} == _kinds()


def _kinds() -> dict[str, int]:
    """Return how many terms of each kind the ontology declares, in its file."""
    quads = tuple(terms.parse_file(package_file("ontology/rejoinder.ttl"), namespaces.ONTOLOGY_GRAPH))
    types = [terms.text(quad.object) for quad in quads if quad.predicate.value == namespaces.RDF_TYPE]
    return {kind: types.count(expand(f"owl:{kind}")) for kind in KINDS}


def test_the_shapes_load_from_their_address(classpath: str, server: str, tmp_path: Path) -> None:
    loaded = tmp_path / f"loaded{formats.TURTLE.suffix}"
    _robot(classpath, "convert", "--input-iri", f"{server}shapes", "--format", "ttl", "--output", str(loaded))
    assert f"<{namespaces.SHAPES_GRAPH}> rdf:type owl:Ontology" in loaded.read_text(encoding="utf-8")
