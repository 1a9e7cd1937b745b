"""The dossier of the UN record A/HRC/28/10 is held against the text of the record, which few have."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import rejoinder
from conftest import ROOT, SHARED
from rejoinder.config import Project

REPORT = "data/report/a-hrc-28-10.yaml"
TEXT = SHARED / "texts" / "a-hrc-28-10-kazakhstan.txt"
RESPONSES = {"124": "supported", "125": "supported", "126": "noted"}
"""What the paragraph above each list of recommendations says of Kazakhstan's answer."""
ALIKE = {
    "CZE": "Czech Republic",
    "GBR": "United Kingdom",
    "NLD": "Netherlands",
    "RUS": "Russian",
    "USA": "United States",
}
"""How the record begins the name of a State whose short name in data/state.ttl begins otherwise or says too little."""


@pytest.fixture(scope="session")
def text() -> str:
    """Give the record in UTF-8, as the note of the dossier says it was made: from Mac OS Roman, with its line ends."""
    if not TEXT.exists():
        pytest.skip("the text of the record is not here (../shared/texts/a-hrc-28-10-kazakhstan.txt)")
    return TEXT.read_bytes().decode("mac_roman")


@pytest.fixture(scope="session")
def dossier() -> dict[str, Any]:
    """Give the dossier as plain YAML, so that nothing of the program stands between the test and the file."""
    document: dict[str, Any] = yaml.load((ROOT / REPORT).read_bytes(), Loader=yaml.CSafeLoader)
    return document


def test_the_dossier_names_the_text_it_was_read_from(text: str, dossier: dict[str, Any]) -> None:
    assert dossier["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert dossier["characters"] == len(text)


def test_every_passage_has_the_digest_of_its_words(text: str, dossier: dict[str, Any]) -> None:
    assert len(dossier["passages"]) > 150
    for name, passage in dossier["passages"].items():
        words = text[passage["start"] : passage["end"]]
        assert passage["sha256"] == hashlib.sha256(words.encode()).hexdigest(), name
        assert words == words.strip(), name


def test_every_passage_lies_in_the_paragraph_that_it_names(text: str, dossier: dict[str, Any]) -> None:
    """The number of a passage is the last number that opens a line at the beginning of the passage or before it."""
    numbers = [(found.start(1), found[1]) for found in re.finditer(r"\r(\d+(?:\.\d+)?)\.? ", text)]
    for name, passage in dossier["passages"].items():
        if "paragraph" in passage:
            before = [number for start, number in numbers if start <= passage["start"]]
            assert passage["paragraph"] == before[-1], name


def test_every_verb_is_a_word_of_the_record(text: str, dossier: dict[str, Any]) -> None:
    for section in ("concerns", "recommendations", "approvals"):
        for name, entry in dossier[section].items():
            assert entry["verb"] in _words(text, dossier, entry), name


def test_every_recommendation_has_the_state_and_the_response_of_the_record(
    text: str, dossier: dict[str, Any], built_once: Project
) -> None:
    states = {
        str(row[0].value): str(row[1].value)  # type: ignore[union-attr]  # a code and a label are literals
        for row in rejoinder.sparql(  # type: ignore[union-attr]  # a SELECT gives a table
            built_once,
            'SELECT ?code ?name { ?s a rj:State ; skos:notation ?code ; rdfs:label ?name FILTER(lang(?name) = "en") }',
        ).rows
    }
    assert len(dossier["recommendations"]) == 84
    for name, entry in dossier["recommendations"].items():
        number = entry["paragraph"]
        assert name == f"#recommendation-{number.replace('.', '-')}"
        assert entry["response"] == RESPONSES[number.partition(".")[0]], name
        (last,) = (anchor for anchor in entry["anchor"] if anchor.startswith("#r"))
        author = re.search(r" \(((?:[^()]|\([^()]*\))+)\)[;.]$", _words(text, dossier, {"anchor": last}))
        assert author, name
        code = entry["raisedBy"]
        assert author[1].startswith(ALIKE.get(code, states[code].partition(" (")[0])), name


def test_a_relation_that_the_record_does_not_make_is_not_called_explicit(dossier: dict[str, Any]) -> None:
    """The record sets nothing against anything, so the editors infer every relation; most are only contextual."""
    bases = [relation["basis"] for relation in dossier["relations"].values()]
    assert sorted(set(bases)) == ["contextual", "logical"]
    across = [r for r in dossier["relations"].values() if "kaz-upr-20#" in r["from"] + r["claim"]]
    assert len(across) >= 20


def test_check_finds_the_passages_in_the_converted_text(text: str, project: Project, tmp_path: Path) -> None:
    source = tmp_path / "record.txt"
    source.write_bytes(text.encode())
    checkup = rejoinder.check(project, (project.root / REPORT,), source=source)
    assert [finding for finding in checkup.findings if finding.predicate.endswith("sha256")] == []


def _words(text: str, dossier: dict[str, Any], entry: dict[str, Any]) -> str:
    anchors = entry["anchor"] if isinstance(entry["anchor"], list) else [entry["anchor"]]
    passages = [dossier["passages"][anchor] for anchor in anchors]
    return " ".join(text[passage["start"] : passage["end"]] for passage in passages)
