"""Passages in a text that a user gives: beside what was read there, and in the whole text; a wrong text is left out."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path

import html5lib
import pytest

from conftest import SMALL, Run
from rejoinder import versions
from rejoinder.building import build
from rejoinder.config import Project, new_project, open_project
from rejoinder.errors import InputError

CLAIMED = "The delegation said that courts are free."
AGAINST = "Figures <b>show</b> that “few” judges are.\r\n"
TEXT = f"Heading\n\n{CLAIMED} However:\n{AGAINST}The end 𝄞."
"""With markup, a line end of its own and a character outside the first plane: positions count code points."""


def _span(words: str) -> str:
    start = TEXT.index(words)
    digest = hashlib.sha256(words.encode()).hexdigest()
    return f"{{start: {start}, end: {start + len(words)}, sha256: {digest}}}"


DOSSIER = f"""type: Report
lang: en
title: A report
label: A report
date: 2014-11-21
language: ENG
publisher: my-organisation
publisherBasis: The report names its publisher.
editors: my-organisation
proceeding: kaz-20
sha256: {hashlib.sha256(TEXT.encode()).hexdigest()}
characters: {len(TEXT)}
anchor: "#p001"
passages:
  "#p001": {_span(CLAIMED)}
  "#p002": {_span(AGAINST.strip())}
statements:
  "#statement-courts":
    label: The official on courts
    speaker: the-official
    role: Speaker
    date: 2014-10-30
    mode: indirect
    proceeding: kaz-20
    expresses: "#claim-courts"
    anchor: "#p001"
claims:
  "#claim-courts":
    label: Courts are free
    about: torture
    anchor: "#p001"
evidence:
  "#evidence-judges":
    label: Few judges are
    kind: figure
    about: torture
    anchor: "#p002"
relations:
  "#relation-judges":
    label: The figures after "However"
    from: "#evidence-judges"
    direction: contradicts
    claim: "#claim-courts"
    basis: explicit
    anchor: ["#p001", "#p002"]
"""


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Give a project of one small report, with its text."""
    project = open_project(new_project(tmp_path_factory.mktemp("given") / "project"))
    shutil.copyfile(SMALL / "data/state.ttl", project.data / "state.ttl")  # five States have their pages sooner
    (project.data / "report/my-report.yaml").write_text(DOSSIER, encoding="utf-8")
    people = "lang: en\nlabel: People\nofficials:\n  the-official:\n    label: The official\n    represents: KAZ\n"
    (project.data / "person.yaml").write_text(people, encoding="utf-8")
    project.sources.mkdir(exist_ok=True)
    (project.sources / "my-report.txt").write_bytes(TEXT.encode())
    build.build(project)
    return project


@pytest.fixture
def copy(given: Project, tmp_path: Path) -> Project:
    shutil.copytree(given.root, tmp_path / "project", symlinks=True)
    return open_project(tmp_path / "project")


def _page(project: Project, name: str = "my-report/data") -> str:
    return (project.build / f"site/report/{name}.html").read_text(encoding="utf-8")


def test_the_whole_text_is_there_and_each_passage_is_an_element_of_it(given: Project) -> None:
    source = _page(given, "my-report/text")
    page = html5lib.parse(source, namespaceHTMLElements=False)
    (whole,) = (node for node in page.iter("div") if node.get("class") == "source")
    assert "".join(whole.itertext()) == TEXT.replace("\r\n", "\n")
    marked = {node.get("id"): "".join(node.itertext()) for node in whole.iter("mark")}
    assert marked == {"p001": CLAIMED, "p002": AGAINST.strip()}
    ids = re.findall(r' id="([^"]+)"', source)
    assert len(ids) == len(set(ids))


def test_the_passage_stands_beside_what_was_read_there_in_its_context(given: Project) -> None:
    claim = html5lib.parse(_page(given, "my-report/claim-courts"), namespaceHTMLElements=False)
    said, against = (each for each in claim.iter("details") if each.find(".//mark") is not None)
    assert [mark.text for mark in said.iter("mark")] == [CLAIMED]
    assert [mark.text for mark in against.iter("mark")] == [CLAIMED, AGAINST.strip()]
    context = " ".join(" ".join(said.itertext()).split())
    assert context.startswith(f"The passage Heading {CLAIMED} However: Figures <b>show</b>")
    page = html5lib.parse(_page(given), namespaceHTMLElements=False)
    (evidence,) = (node for node in page.iter("article") if node.get("id") == "evidence-judges")
    assert [mark.text for mark in evidence.iter("mark")] == [AGAINST.strip()]
    links = {node.get("href") for node in evidence.iter("a")}
    assert "text.html#p002" in links


@pytest.mark.slow
def test_without_a_text_pages_are_as_they_were_and_giving_one_makes_them_anew(copy: Project) -> None:
    before = versions.require_newest(copy.build).manifest.number
    (copy.sources / "my-report.txt").unlink()
    assert build.build(copy).is_new
    assert "<mark" not in _page(copy)
    assert "not republished" in _page(copy)
    assert '<tr id="p001">' in _page(copy)
    assert not build.build(copy).is_new
    (copy.sources / "my-report.txt").write_bytes(TEXT.encode())
    assert build.build(copy).is_new
    assert "<mark" in _page(copy)
    assert versions.require_newest(copy.build).manifest.number == before + 2


def test_a_passage_says_where_it_stands_and_shows_the_words_that_may_be_shown(copy: Project) -> None:
    """With the text, the passage's words; without it, only those that an entry quotes; always document and place."""
    path = copy.data / "report/my-report.yaml"
    dossier = path.read_text(encoding="utf-8").replace('"#p001": {start', '"#p001": {paragraph: 7, page: 2, start')
    quoting = dossier.replace("    label: Courts are free\n", "    label: Courts are free\n    quote: free\n")
    quoting = quoting.replace("mode: indirect", "mode: part-quoted")
    path.write_text(quoting, encoding="utf-8")
    assert build.build(copy).broken == ()
    rows = _rows(_page(copy, "my-report/text"))
    assert rows[0].startswith(f"A report, para. 7, p. 2 passage 1 of 2 in the order of the text {CLAIMED} ")
    assert rows[1].startswith(f"A report passage 2 of 2 in the order of the text {AGAINST.strip()} ")
    (copy.sources / "my-report.txt").unlink()
    build.build(copy)
    rows = _rows(_page(copy))
    assert rows[0].startswith("A report, para. 7, p. 2 passage 1 of 2 in the order of the text free ")
    assert CLAIMED not in _page(copy)
    assert rows[1] == 'A report passage 2 of 2 in the order of the text Few judges are; The figures after "However"'


def _rows(source: str) -> list[str]:
    """Return the words of each row of the table of passages."""
    page = html5lib.parse(source, namespaceHTMLElements=False)
    (table,) = (it for it in page.iter("table") if "and its words" in "".join(it.itertext()))
    return [" ".join(" ".join(row.itertext()).split()).replace(" ;", ";") for row in table.find("tbody") or ()]


@pytest.mark.slow
def test_a_text_taken_away_costs_the_space_of_what_showed_it(copy: Project) -> None:
    """No fact changed: whatever is the same in exports and site is the same file in both versions."""
    (copy.sources / "my-report.txt").unlink()
    assert build.build(copy).is_new
    before, now = versions.kept(copy.build)
    known = {path.stat().st_ino for path in before.site_path.parent.rglob("*")}
    for old, new in ((before.export_path, now.export_path), (before.site_path, now.site_path)):
        paths = [path.relative_to(new) for path in new.rglob("*") if path.is_file()]
        same = [path for path in paths if (old / path).is_file() and _same(old / path, new / path)]
        assert len(same) > 10
        assert [path for path in same if (new / path).stat().st_ino not in known] == []


def _same(one: Path, other: Path) -> bool:
    return one.read_bytes() == other.read_bytes()


def test_a_text_that_the_report_was_not_read_from_is_left_out_with_a_warning_at_each_build(
    copy: Project, run: Run
) -> None:
    path = copy.sources / "my-report.txt"
    path.write_bytes(TEXT.encode() + b" ")
    for version in (2, 2):  # the page changes once
        answer = run("build")
        assert answer.returncode == 0
        assert answer.stderr == ""
        (line,) = (line for line in answer.stdout.splitlines() if line.startswith("sources/my-report.txt: warning: "))
        assert "this is not the text that the report report/my-report was read from" in line
        assert hashlib.sha256(TEXT.encode()).hexdigest() in line
        assert "restore the file, or anchor the dossier again" in line
        assert versions.require_newest(copy.build).manifest.number == version
    assert "<mark" not in _page(copy)
    assert "not republished" in _page(copy)
    (told,) = json.loads(run("build", "--format", "json").stdout)["texts"]
    assert told["path"] == "sources/my-report.txt"


@pytest.mark.slow
def test_a_stale_text_keeps_no_other_report_from_being_published_with_its_own(copy: Project) -> None:
    words = TEXT.encode() + b" "
    dossier = DOSSIER.replace(hashlib.sha256(TEXT.encode()).hexdigest(), hashlib.sha256(words).hexdigest())
    (copy.data / "report/other-report.yaml").write_text(dossier, encoding="utf-8")
    for name in ("my-report", "other-report"):
        (copy.sources / f"{name}.txt").write_bytes(words)
    built = build.build(copy)
    assert [problem.path.name for problem in built.texts] == ["my-report.txt"]
    assert "<mark" not in _page(copy)
    assert "<mark" in _page(copy, "other-report/text")


def test_a_text_without_a_report_or_one_that_is_no_text_is_refused(copy: Project) -> None:
    (copy.sources / "other.txt").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match="no report has that name"):
        build.build(copy)
    (copy.sources / "other.txt").rename(copy.sources / "an other.txt")
    with pytest.raises(InputError, match="no report has that name"):
        build.build(copy)
    (copy.sources / "an other.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read"):
        build.build(copy)


@pytest.mark.slow
def test_the_example_s_passages_are_the_ones_whose_digests_it_records(
    source_text: Path, built_once: Project, tmp_path: Path
) -> None:
    shutil.copytree(built_once.root, tmp_path / "project", symlinks=True)
    project = open_project(tmp_path / "project")
    project.sources.mkdir(exist_ok=True)
    shutil.copyfile(source_text, project.sources / "kaz-upr-20.txt")
    build.build(project)
    dossier = (project.data / "report/kaz-upr-20.yaml").read_text(encoding="utf-8")
    recorded = dict(re.findall(r'"#(p\d+[a-z]?)": +\{start: \d+, end: \d+, sha256: "?([0-9a-f]{64})', dossier))
    assert len(recorded) > 90
    page = html5lib.parse(
        (project.build / "site/report/kaz-upr-20/text.html").read_text(encoding="utf-8"), namespaceHTMLElements=False
    )
    found = {node.get("id"): "".join(node.itertext()) for node in page.iter("mark") if node.get("id")}
    assert {name: hashlib.sha256(words.encode()).hexdigest() for name, words in found.items()} == recorded
