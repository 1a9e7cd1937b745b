"""Programs that mark passages in a text read the annotations of a report: Apache Annotator, Recogito, JSON-LD."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from conftest import CASES, SMALL
from rejoinder import formats
from rejoinder.building import build
from rejoinder.config import Project, open_project
from rejoinder.rdf import terms

pytestmark = pytest.mark.slow

SENTENCES = (
    "Two States raised how associations are registered 𝄞.",
    "The delegation said that every association is registered “within a week”.",
    "One waited for half a year, and not for a week.",
    "Norway asked for an end of prison for libel.",
)
TEXT = "\n".join(SENTENCES)
"""With a character outside the first plane: positions count code points, and JavaScript does not."""
REPORT = "report/short"
OA = "http://www.w3.org/ns/oa#"


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Give the small project with a text of its report, from which one claim is quoted."""
    project = open_project(shutil.copytree(SMALL, tmp_path_factory.mktemp("given") / "project"))
    dossier = project.data / f"{REPORT}.yaml"
    told = dossier.read_text(encoding="utf-8").partition("passages:\n")[0]
    told = re.sub(r"sha256: .*", f"sha256: {sha256(TEXT.encode()).hexdigest()}", told)
    told = re.sub(r"characters: .*", f"characters: {len(TEXT)}", told)
    claim = "    label: Every association is registered within a week\n"
    assert claim in told
    told = told.replace("mode: indirect", "mode: part-quoted")
    told = told.replace(claim, f"{claim}    quote: within a week\n") + "passages:\n"
    for number, sentence in enumerate(SENTENCES, start=1):
        start, digest = TEXT.index(sentence), sha256(sentence.encode()).hexdigest()
        told += f'  "#p00{number}": {{start: {start}, end: {start + len(sentence)}, sha256: {digest}}}\n'
    dossier.write_text(told, encoding="utf-8")
    project.sources.mkdir()
    (project.sources / "short.txt").write_text(TEXT, encoding="utf-8")
    build.build(project)
    return project


def _annotations(project: Project, report: str = REPORT) -> Path:
    return (project.build / "site").resolve() / report / "annotations.json"


def _read(packages: Path, annotations: Path, text: Path) -> dict[str, dict[str, Any]]:
    """Return what the programs read of each annotation, by its fragment."""
    found = _run(packages, "read_annotations.mjs", annotations, text).splitlines()
    return {each["id"].partition("#")[2]: each for each in map(json.loads, found)}


def _run(packages: Path, script: str, *arguments: Path) -> str:
    command: Sequence[str | Path] = ("node", packages / script, *arguments)
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True).stdout


def test_each_passage_is_found_in_the_text_by_its_place_and_by_its_words(packages: Path, given: Project) -> None:
    read = _read(packages, _annotations(given), given.sources / "short.txt")
    wanted = {f"p00{number}": sentence for number, sentence in enumerate(SENTENCES, start=1)}
    # The words also stand in a passage that the claim is not from, as "for a week"; the quotation is found once.
    wanted["quote-claim-registration"] = "within a week"
    assert {key: each["matched"] for key, each in read.items()} == {
        key: {"TextPositionSelector": [words], "TextQuoteSelector": [words]} for key, words in wanted.items()
    }
    assert {key: each["recogito"]["quote"] for key, each in read.items()} == wanted
    for key, words in wanted.items():
        place = read[key]["recogito"]
        assert (place["start"], place["end"]) == (TEXT.index(words), TEXT.index(words) + len(words))


def test_the_bodies_are_what_cites_the_passage(packages: Path, given: Project) -> None:
    read = _read(packages, _annotations(given), given.sources / "short.txt")
    report = f"{given.base}{REPORT}"
    assert read["quote-claim-registration"]["recogito"]["bodies"] == [f"{report}#claim-registration"]
    assert read["p004"]["recogito"]["bodies"] == [f"{report}#recommendation-libel"]


def test_without_a_text_a_place_is_found_by_apache_annotator_alone(
    packages: Path, built_once: Project, tmp_path: Path
) -> None:
    """What Recogito needs, place and words at once, would be the text, which the example may not publish."""
    path = _annotations(built_once, "report/kaz-upr-20")
    items = json.loads(path.read_text(encoding="utf-8"))["first"]["items"]
    selectors = [item["target"]["selector"] for item in items]
    quotes = [each["exact"] for each in selectors if each["type"] == "TextQuoteSelector"]
    length = max(each["end"] for each in selectors if "end" in each)
    text = tmp_path / "text.txt"
    text.write_text("-" * length + "\n".join(sorted(set(quotes))), encoding="utf-8")
    read = _read(packages, path, text)
    assert len(read) == len(items) > 100
    for item, each in zip(items, read.values(), strict=True):
        selector = item["target"]["selector"]
        if selector["type"] == "TextQuoteSelector":
            # Words that are also part of a longer quotation stand there twice.
            assert set(each["matched"]["TextQuoteSelector"]) == {selector["exact"]}
        else:
            assert len(each["matched"]["TextPositionSelector"][0]) == selector["end"] - selector["start"]
        assert each["recogito"]["error"].startswith("Missing selector types")


def _files(*projects: Project) -> Iterable[Path]:
    for project in projects:
        yield from sorted((project.build / "site").resolve().glob("report/*/annotations.json"))


def test_the_annotations_fit_a_schema_of_web_annotation(packages: Path, given: Project, built_once: Project) -> None:
    model = json.loads((packages / "node_modules/@kba/anno-schema/data-model.json").read_text(encoding="utf-8"))

    def fits(name: str, value: object) -> None:
        jsonschema_rs.Draft7Validator({"$ref": f"#/definitions/{name}", **model}).validate(value)

    paths = tuple(_files(given, built_once))
    assert len(paths) == 5
    for path in paths:
        collection = json.loads(path.read_text(encoding="utf-8"))
        page = collection.pop("first")
        items = page.pop("items")  # of which the schema wants the first to be an IRI, and the second an annotation
        fits("AnnotationCollection", collection | {"first": page})
        for item in items:
            fits("Annotation", item)
            selector = item["target"]["selector"]
            for each in selector if isinstance(selector, list) else [selector]:  # the schema knows no list
                fits("SpecificResource", item["target"] | {"selector": each})
                fits(each["type"], each)


def test_as_json_ld_they_are_the_statements_of_the_model(packages: Path, given: Project, built_once: Project) -> None:
    """Read by jsonld.js in its strict mode, with the terms of the context of the W3C that we use."""
    context = CASES / "web-annotation-context.json"
    for path in _files(given, built_once):
        quads = tuple(terms.parse(_run(packages, "expand_annotations.mjs", path, context).encode(), formats.NQUADS))
        items = json.loads(path.read_text(encoding="utf-8"))["first"]["items"]
        kinds = [terms.text(quad.object) for quad in quads if quad.predicate.value.endswith("#type")]
        assert kinds.count(f"{OA}Annotation") == kinds.count(f"{OA}SpecificResource") == len(items)
        for name in ("hasTarget", "hasSource", "motivatedBy"):
            assert sum(quad.predicate.value == OA + name for quad in quads) == len(items), name
        if path.parent.name == "short":
            said = {(quad.predicate.value.removeprefix(OA), terms.text(quad.object)) for quad in quads}
            report = f"{given.base}{REPORT}"
            # The last sentence, from the 175th character on.
            last = {("exact", SENTENCES[3]), ("start", "175"), ("end", "219")}
            cited = {("hasBody", f"{report}#recommendation-libel"), ("hasSource", f"{report}#report")}
            assert last | cited | {("motivatedBy", f"{OA}linking")} <= said
