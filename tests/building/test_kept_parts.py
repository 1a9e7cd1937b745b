"""A build makes again only the parts of a site that have read what changed, and they are what a whole build makes."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

import pytest

from conftest import SMALL, Once, copied
from rejoinder import disk, versions
from rejoinder.building import build
from rejoinder.building.build import write_pages
from rejoinder.config import Project, open_project
from rejoinder.rdf.graphs import union_store
from rejoinder.rdf.terms import Literal, NamedNode, Quad, Term
from rejoinder.site import reads, routes, write
from rejoinder.site.metadata import Counts
from rejoinder.site.resource import expanded
from rejoinder.site.snapshot import open_snapshot
from rejoinder.site.write import Site
from rejoinder.versions import Version

_SECOND = "report/second"
_ANSWER = """
relations:
  "#support-registration":
    label: Another report found the same
    from: "#evidence-registration"
    direction: contradicts
    claim: report/short#claim-registration
    basis: logical
    anchor: "#p003"
"""
"""A relation of the second report to a claim of the first."""


_CONCERN = """
  "#concern-libel":
    label: A State raised libel
    raisedBy: CZE
    about: libel
    proceeding: kaz-20
    verb: raised
    list: closed
    anchor: "#p004"
"""


@pytest.fixture(scope="module")
def two_reports_once(once: Once) -> Project:
    """Give the small project with a second report, which has evidence on a claim of the first; built with its site."""

    def make(root: Path) -> None:
        project = open_project(shutil.copytree(SMALL, root))
        text = (project.data / "report/short.yaml").read_text(encoding="utf-8")
        own, _, rest = text.partition("\nrelations:")
        passages = "\npassages:" + rest.partition("\npassages:")[2]
        second = (own + _ANSWER + passages).replace("A short report", "Another report")
        (project.data / f"{_SECOND}.yaml").write_text(second, encoding="utf-8")
        assert build.build(project).broken == ()

    return once("two-reports", make)


@pytest.fixture
def two_reports(tmp_path: Path, two_reports_once: Project) -> Project:
    """Give the project with two reports, built with its site, in a folder of its own."""
    return copied(two_reports_once, tmp_path / "project")


def _edited(project: Project, name: str, old: str, new: str) -> Version:
    """Change the one report and return the version that follows."""
    path = project.data / f"report/{name}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert build.build(project).broken == ()
    return versions.require_newest(project.build)


def _made_for(project: Project, version: Version) -> dict[str, int]:
    """Return the number of the version for which each part of the site was made, by its name without the base."""
    parts = reads.load(version.site_path)
    return {name.removeprefix(project.base): part.edition[0] for name, part in parts.items()}


def test_a_part_is_made_again_if_a_statement_changed_that_it_has_read(two_reports: Project) -> None:
    """Norway recommends in both reports, the Netherlands in none; the second report answers a claim of the first."""
    made = _made_for(two_reports, _edited(two_reports, "second", "Decriminalise libel", "Make libel no crime"))
    assert {
        made["report/second"],
        made["state/NOR"],
        made["issue/libel"],
        made["recommendation/"],
        made["search/"],
    } == {2}
    assert {made["state/NLD"], made["report/short"], made["shapes"]} == {1}
    made = _made_for(two_reports, _edited(two_reports, "second", "An association waited", "One association waited"))
    assert made["report/short"] == 3
    assert made["state/NLD"] == 1


def test_a_concern_more_makes_again_what_names_its_state(two_reports: Project) -> None:
    """Every State's page looks up which of all concerns are its own."""
    concern = "concerns:\n" + _CONCERN
    made = _made_for(two_reports, _edited(two_reports, "second", "concerns:\n", concern))
    assert {made["report/second"], made["state/CZE"], made["issue/libel"]} == {2}
    assert made["state/NLD"] == 1


def test_a_place_of_publication_is_read_by_few_parts(two_reports: Project) -> None:
    made = _made_for(two_reports, _edited(two_reports, "second", "place: Warsaw", "place: Oslo"))
    assert made["report/second"] == 2
    asking = {name for name, number in made.items() if number == 2 and name.startswith("question/")}
    assert asking == {"question/places"} & made.keys()
    assert {made["state/NOR"], made["claim/"], made["search/"]} == {1}


@pytest.mark.slow
def test_a_label_of_a_shared_thing_makes_every_part_again(two_reports: Project) -> None:
    path = two_reports.data / "issue.yaml"
    path.write_text(re.sub(r"(label: .*)", r"\1 again", path.read_text(encoding="utf-8"), count=1), encoding="utf-8")
    assert build.build(two_reports).broken == ()
    made = _made_for(two_reports, versions.require_newest(two_reports.build))
    assert set(made.values()) == {2}


@pytest.mark.slow
def test_without_the_record_of_what_parts_have_read_all_are_made_again(two_reports: Project) -> None:
    record = versions.require_newest(two_reports.build).site_path.with_suffix(reads.SUFFIX)
    whole = record.read_bytes()
    changed = whole.replace(b'"found": true', b'"found": [1]', 1), whole[: len(whole) // 2]
    for content in (None, b"", b'{"name": "state/NOR"}\n', b"\xff\xfe{", *changed):
        if content is None:
            record.unlink()
        else:
            record.write_bytes(content)
        assert reads.load(record.with_suffix("")) == {}
    version = _edited(two_reports, "second", "place: Warsaw", "place: Oslo")
    assert set(_made_for(two_reports, version).values()) == {2}


@pytest.mark.slow
def test_a_question_edited_beside_a_report_has_its_new_words(two_reports: Project) -> None:
    """The graph of the questions has their whole files, so an edit of one makes all parts again."""
    path = two_reports.root / "queries/places.rq"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("The place as the report states it.", "Where it was published."), encoding="utf-8")
    version = _edited(two_reports, "second", "list: closed", "list: open")
    assert set(_made_for(two_reports, version).values()) == {2}


@pytest.mark.slow
def test_a_question_on_labels_alone_has_those_of_each_version(two_reports: Project) -> None:
    """A build labels its version; a list of all labels has the new one, whatever else changed."""
    query = "#+ title: Labels\n#+ summary: All labels.\n#+ group: Data\n"
    query += "#+ columns:\n#+   - {name: label, summary: The label.}\n"
    query += "#+ examples:\n#+   - parameters: {}\n"
    query += "SELECT ?label { ?s <http://www.w3.org/2000/01/rdf-schema#label> ?label } ORDER BY ?label\n"
    (two_reports.root / "queries/labels.rq").write_text(query, encoding="utf-8")
    build.build(two_reports)
    version = _edited(two_reports, "second", "place: Warsaw", "place: Oslo")
    assert version.manifest.number == 3
    assert ", version 3" in (version.site_path / "question/labels.csv").read_text(encoding="utf-8")


def test_a_file_that_somebody_removed_is_there_again(two_reports: Project) -> None:
    site = versions.require_newest(two_reports.build).site_path
    (site / "state/NLD.html").unlink()
    (site / "question/places.csv").write_text("", encoding="utf-8")
    version = _edited(two_reports, "second", "place: Warsaw", "place: Oslo")
    assert (version.site_path / "state/NLD.html").is_file()
    assert "Oslo" in (version.site_path / "question/places.csv").read_text(encoding="utf-8")


def test_a_server_notes_nothing_that_it_reads(small_built_once: Project) -> None:
    """It serves a version for weeks, so notes would fill its memory."""
    snapshot = open_snapshot(small_built_once, versions.require_newest(small_built_once.build))
    assert routes.page(snapshot, "report/short.html") is not None
    assert snapshot.renderer.reader.reads.patterns is None


@pytest.mark.parametrize(("seed", "edits"), [(4, 1), *(pytest.param(n, 5, marks=pytest.mark.slow) for n in (1, 2, 3))])
def test_the_site_after_any_edit_is_what_a_whole_build_makes(
    two_reports: Project, tmp_path: Path, seed: int, edits: int
) -> None:
    """Edits at random: texts, dates, lists, and entries that go. Every file is compared, byte by byte."""
    rng, compared = random.Random(seed), 0
    for number in range(edits):
        path = two_reports.data / f"report/{rng.choice(['short', 'second'])}.yaml"
        text = path.read_text(encoding="utf-8")
        path.write_text(_randomly_edited(text, rng), encoding="utf-8")
        built = build.build(two_reports)
        if built.broken:  # what is left out may be needed elsewhere
            path.write_text(text, encoding="utf-8")
            build.build(two_reports)
            continue
        _compare_with_a_whole_build(two_reports, tmp_path / f"{number}")
        compared += 1
    assert compared >= max(1, edits // 2)


@pytest.mark.slow
def test_the_site_is_what_a_whole_build_makes_when_reports_come_and_go(two_reports: Project, tmp_path: Path) -> None:
    first, second, third = (two_reports.data / f"report/{name}.yaml" for name in ("short", "second", "third"))
    text = first.read_text(encoding="utf-8").replace("A short report", "A third report")
    third.write_text(text, encoding="utf-8")
    assert build.build(two_reports).broken == ()
    _compare_with_a_whole_build(two_reports, tmp_path / "come")
    made = _made_for(two_reports, versions.require_newest(two_reports.build))
    assert (made["report/third"], made["report/second"]) == (2, 1), "every page asks only whether there are any claims"
    second.unlink()  # it said something on a claim of the first
    assert build.build(two_reports).broken == ()
    _compare_with_a_whole_build(two_reports, tmp_path / "gone")
    assert not (versions.require_newest(two_reports.build).site_path / f"{_SECOND}.html").exists()


@pytest.mark.slow
def test_the_first_recommendation_brings_its_list_into_every_page(two_reports: Project, tmp_path: Path) -> None:
    paths = [two_reports.data / f"report/{name}.yaml" for name in ("short", "second")]
    for path in paths:
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"\nrecommendations:\n.*?\n(?=\w)", "\n", text, flags=re.DOTALL), encoding="utf-8")
    assert build.build(two_reports).broken == ()
    _compare_with_a_whole_build(two_reports, tmp_path / "none")
    page = versions.require_newest(two_reports.build).site_path / "report/second.html"
    assert "recommendation/index.html" not in page.read_text(encoding="utf-8")
    paths[0].write_text(text.replace("Another report", "A short report"), encoding="utf-8")
    assert build.build(two_reports).broken == ()
    _compare_with_a_whole_build(two_reports, tmp_path / "one")
    page = versions.require_newest(two_reports.build).site_path / "report/second.html"
    assert "recommendation/index.html" in page.read_text(encoding="utf-8")


def _compare_with_a_whole_build(project: Project, folder: Path) -> None:
    """Compare each file of the newest site with that of a site made anew in `folder`."""
    version = versions.require_newest(project.build)
    folder.mkdir()
    whole = Site(folder / "site", version.export_path, None)
    write_pages(open_snapshot(project, version), version, whole, 1)
    ours, theirs = _files(version.site_path), _files(whole.folder)
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if ours[name] != theirs[name]] == []


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _randomly_edited(text: str, rng: random.Random) -> str:
    """Return the dossier with one line changed, or one entry removed."""
    lines = text.split("\n")
    kind = rng.choice(("label", "date", "States", "issue", "entry"))
    pattern = {
        "label": r"    label: ",
        "date": r"    date: |date: ",
        "States": r"    raisedBy: ",
        "issue": r"    about: ",
        "entry": r'  "#(?!p00)',
    }[kind]
    at = rng.choice([number for number, line in enumerate(lines) if re.match(pattern, line)] or [0])
    if kind == "label":
        lines[at] += f" {rng.randrange(100)}"
    elif kind == "date":
        lines[at] = re.sub(r"\d{4}-\d\d-\d\d", f"20{rng.randrange(10, 15)}-0{rng.randrange(1, 10)}-11", lines[at])
    elif kind == "States":
        lines[at] = f"    raisedBy: [{', '.join(rng.sample(('CZE', 'FIN', 'NOR', 'NLD'), rng.randrange(1, 4)))}]"
    elif kind == "issue":
        lines[at] = f"    about: {rng.choice(('libel', 'registration'))}"
    else:
        end = next(number for number in range(at + 1, len(lines)) if not lines[number].startswith("    "))
        del lines[at:end]
    return "\n".join(lines)


def test_the_data_of_old_versions_are_linked_and_go_with_their_version(two_reports: Project) -> None:
    first = versions.require_newest(two_reports.build)
    second = _edited(two_reports, "second", "place: Warsaw", "place: Oslo")
    third = _edited(two_reports, "second", "place: Oslo", "place: Bern")
    assert (third.site_path / "version/1/report/second.ttl").is_file()
    shutil.rmtree(first.path)
    last = _edited(two_reports, "second", "place: Bern", "place: Rome")
    assert not list((last.site_path / "version/1").glob("**/*"))
    for number, version in ((2, second), (3, third), (4, last)):
        folder = last.site_path / f"version/{number}"
        assert (folder / "report/second.ttl").samefile(version.export_path / "report/second.ttl")
        assert (folder / "dataset.trig").samefile(version.export_path / "dataset.trig")


@pytest.mark.slow
def test_two_processes_keep_and_make_what_one_does(two_reports: Project, tmp_path: Path) -> None:
    before = versions.require_newest(two_reports.build)
    version = _edited(two_reports, "second", "An association waited", "One association waited")
    snapshot = open_snapshot(two_reports, version)
    site = Site(tmp_path / "site", version.export_path, before.site_path, write.kept(snapshot, before))
    assert site.kept
    write_pages(snapshot, version, site, 2, min_statements=1)
    ours, theirs = _files(version.site_path), _files(site.folder)
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if ours[name] != theirs[name]] == []
    made = (
        {name: (it.files, it.found) for name, it in reads.load(folder).items()}
        for folder in (site.folder, version.site_path)
    )
    assert next(made) == next(made)


def test_a_link_replaces_a_link_and_leaves_the_file_that_it_led_to(tmp_path: Path) -> None:
    old, new, place = tmp_path / "old", tmp_path / "new", tmp_path / "place"
    old.write_text("old", encoding="utf-8")
    new.write_text("new", encoding="utf-8")
    disk.link(old, place)
    disk.link(old, place)
    disk.link(new, place)
    assert place.samefile(new)
    assert not disk.write_or_link(place, b"written", None)
    assert [path.read_bytes() for path in (old, new, place)] == [b"old", b"new", b"written"]


@pytest.mark.parametrize("seed", range(20))
def test_counts_are_those_of_a_count_after_any_change_of_any_graphs(seed: int) -> None:
    """Of forty statements in two graphs, some in both, some go and some come; the classes and properties are few."""
    rng = random.Random(seed)
    things = [NamedNode(f"https://example.org/{name}") for name in "abcdef"]
    properties = [*map(expanded, ("rdf:type", "rdfs:seeAlso", "rdfs:label"))]
    values: list[Term] = [*things, Literal("a"), Literal("b", language="en")]

    def some() -> set[Quad]:
        graphs = things[:2]
        choose = rng.choice
        return {Quad(choose(things), choose(properties), choose(values), choose(graphs)) for _ in range(40)}

    before = some()
    after = {quad for quad in before if rng.random() < 0.5} | {quad for quad in some() if rng.random() < 0.2}
    was, now = union_store(before), union_store(after)
    assert Counts.of(was).after(before ^ after, was, now) == Counts.of(now)
