"""The OWL API, with which Protégé and ROBOT load ontologies, loads ours from its address and finds it in OWL 2 DL.

ROBOT is started for real: Maven brings it (tests/owl/pom.xml). On CI it is required (`owl` in REJOINDER_TEST_REQUIRE).
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import ROOT, leave_out, maven_classpath
from interoperability import Place, maven_version, media_type, sends, told
from rejoinder import namespaces
from rejoinder.disk import package_file
from rejoinder.namespaces import expand
from rejoinder.rdf import terms
from stores.base import JAVA

pytestmark = pytest.mark.slow

KINDS = ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty")
DECLARED = {"DatatypeProperty": "DataProperty"}
"""What the functional syntax calls otherwise than RDF."""


@pytest.fixture(scope="module")
def classpath() -> str:
    if not (shutil.which("mvn") and shutil.which("java")):
        leave_out("owl", "Java and Maven are missing: nothing is loaded with the OWL API")
    return maven_classpath("owl")


def _robot(classpath: str, *arguments: str) -> None:
    command = [*JAVA, "-cp", classpath, "org.obolibrary.robot.CommandLineInterface", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("column", ["rejoinder serve", "static site"])
def test_the_ontology_loads_from_its_address_and_is_in_owl_2_dl(
    classpath: str, tmp_path: Path, server_place: Place, w3id_place: Place, column: str
) -> None:
    """By content negotiation: the address has no suffix, and the OWL API asks for RDF/XML first."""
    place = server_place if column == "rejoinder serve" else w3id_place
    place.recorder.seen.clear()
    report, loaded = tmp_path / "profile.txt", tmp_path / "loaded.ofn"
    profile = ("validate-profile", "--input-iri", f"{place.address}ns", "--profile", "DL", "--output", str(report))
    _robot(classpath, *profile, "convert", "--output", str(loaded))
    (row,) = told("ROBOT, OWL API")
    assert row["version"] == maven_version(ROOT / "tests/owl/pom.xml")
    assert place.recorder.came() == [media_type(row[column])]
    assert sends(place, "the OWL API (Protégé, ROBOT)")
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


def test_the_shapes_load_from_their_address(classpath: str, server_place: Place, tmp_path: Path) -> None:
    loaded = tmp_path / "loaded.ttl"
    address = f"{server_place.address}shapes"
    _robot(classpath, "convert", "--input-iri", address, "--format", "ttl", "--output", str(loaded))
    assert f"<{namespaces.SHAPES_GRAPH}> rdf:type owl:Ontology" in loaded.read_text(encoding="utf-8")
