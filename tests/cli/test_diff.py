"""`rejoinder diff` of versions: hand-worked changes in words, and a patch that turns the one version into the other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from conftest import Once, Run, copied
from rejoinder import api, formats, versions
from rejoinder.building import build
from rejoinder.config import Project
from rejoinder.errors import UsageError
from rejoinder.rdf import graphs, terms
from rejoinder.site import changes as site_changes
from rejoinder.site.changes import ChangeKind

REPORT = "data/report/kaz-upr-20.yaml"
SHORT = "data/report/short.yaml"
"""The report of the small project."""
TITLE = "Open Dialog Foundation: report on Kazakhstan's review of October 2014 (report/kaz-upr-20)"
CLAIM = "“The state makes no distinction between traditional and non-traditional elements of the community”"
PRESIDENT = (
    '“In December 2012 the President said that the activities of "non-traditional sects and suspicious '
    'pseudo-religious movements" must be strictly suppressed”'
)
PRACTICE = (
    '“It is "non-traditional" religious communities that have not been registered again; the strict requirements are '
    "harder for them to meet”"
)
FOUR = (
    "“Four named States pointed out that many important recommendations that Kazakhstan had accepted in 2010 were not "
    "fulfilled”"
)


def _edit(project: Project, *changes: tuple[str, str], name: str = REPORT) -> None:
    path = project.root / name
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")


def _node(project: Project, name: str) -> str:
    """Return the lines of one node of the dossier."""
    text = (project.root / REPORT).read_text(encoding="utf-8")
    start = text.index(f'  "#{name}":')
    return text[start : text.index("\n\n", start) + 2]


@pytest.fixture
def built(stored: Project) -> Project:
    """Give the example project, built without a site, which is not compared."""
    return stored


@pytest.fixture(scope="module")
def edited_once(once: Once, stored_once: Project) -> Project:
    """Give the example with a second version: a contradiction gone, one on another basis, another State, a label."""

    def make(root: Path) -> None:
        project = copied(stored_once, root)
        president = _node(project, "contradiction-division-president")
        _edit(
            project,
            (_node(project, "contradiction-division-re-registration"), ""),
            (president, president.replace("explicit", "contextual")),
            ("raisedBy: [CZE, FIN, NLD, NOR]", "raisedBy: [CZE, FIN, NLD, SVN]"),
            ("label: Decriminalise libel", "label: Make libel no crime"),
        )
        assert build.build(project, with_site=False).is_new

    return once("edited", make)


@pytest.fixture
def edited(tmp_path: Path, edited_once: Project) -> Project:
    """Give the example with its two versions, in a folder of its own."""
    return copied(edited_once, tmp_path / "project")


ATTRIBUTION = "attributed to: Open Dialog Foundation → The Rejoinder project"
WORDS = f"""{TITLE}: 6 statements added, 20 removed
  Concern {FOUR}: raised by: no longer Norway; now also Slovenia.
  The claim {CLAIM}: {PRESIDENT}, said to contradict it: {ATTRIBUTION}; basis: explicit → contextual.
  The claim {CLAIM}: {PRACTICE} is no longer said to contradict it (basis: contextual).
  Recommendation “Make libel no crime”: label: “Decriminalise libel” → “Make libel no crime”.
From version 1 to version 2: 6 statements added, 20 removed, in 1 graph.
"""
"""Of the relation that went, 14: two classes, label, note, from, direction, claim, basis, attribution, two passages,
being listed, being a part of the dossier in the terms of Dublin Core, and one derived triple. Beside it six gave way to
six: a State, the triple derived from it, a label, a basis, the attribution derived from that, and rj:contradicts to
rj:inTensionWith."""


@pytest.mark.usefixtures("edited")
def test_what_changed_is_told_in_words(run: Run) -> None:
    assert run("diff", "1", "2").stdout == WORDS
    assert run("diff").stdout == WORDS


def test_the_other_way_round_what_went_came(edited: Project) -> None:
    (graph,) = api.diff(edited, "2", "1").graphs
    assert (graph.added, graph.removed) == (20, 6)
    said = [site_changes.text(sentence) for sentence in site_changes.sentences(graph)]
    assert f"The claim {CLAIM}: {PRACTICE} is now said to contradict it (basis: contextual)." in said


def test_the_patch_turns_one_version_into_the_other(edited: Project, run: Run) -> None:
    rows = run("diff", "1", "2", "--format", "patch").stdout.splitlines()
    assert (rows[0], rows[-1]) == ("TX .", "TC .")
    old, new = (
        set(terms.serialize(graphs.statements(versions.named(edited.build, name).open()), formats.NQUADS).splitlines())
        for name in "12"
    )
    for row in rows[1:-1]:
        letter, line = row.split(" ", 1)
        if letter == "D":
            old.remove(line.encode())
        else:
            assert letter == "A"
            assert line.encode() not in old
            old.add(line.encode())
    assert old == new


def test_json_names_things_properties_and_values(edited: Project, run: Run) -> None:
    told = json.loads(run("diff", "previous", "current", "--format", "json").stdout)
    assert (told["before"], told["after"], told["came"], told["went"]) == (1, 2, 6, 20)
    changes = {change["thing"].rpartition("#")[2]: change for change in told["graphs"][0]["changes"]}
    assert changes["recommendation-libel"]["properties"] == [
        {
            "property": "http://www.w3.org/2000/01/rdf-schema#label",
            "went": [{"type": "literal", "value": "Decriminalise libel", "xml:lang": "en"}],
            "came": [{"type": "literal", "value": "Make libel no crime", "xml:lang": "en"}],
        }
    ]
    assert changes["contradiction-division-re-registration"]["fate"] == "went"
    assert edited.base + "report/kaz-upr-20" == told["graphs"][0]["graph"]


def test_words_with_marks_are_no_markdown(small_built: Project, run: Run) -> None:
    _edit(small_built, ("label: Decriminalise libel", 'label: "*Make* [libel](x) <b>no</b> crime"'), name=SHORT)
    build.build(small_built, with_site=False)
    said = run("diff", "--format", "markdown").stdout
    assert "label: “Decriminalise libel” → “\\*Make\\* \\[libel\\](x) \\<b\\>no\\</b\\> crime”." in said
    assert said.startswith("From version 1 to version 2: 1 statement added, 1 removed, in 1 graph.\n\n## ")


def test_a_statement_that_came_is_told_with_its_speaker_and_a_claim_with_its_issue(
    small_built: Project,
) -> None:
    _edit(small_built, ("claims:\n", CLAIMED), ("statements:\n", STATED), name=SHORT)
    build.build(small_built, with_site=False)
    (graph,) = api.diff(small_built).graphs
    assert [site_changes.text(sentence) for sentence in site_changes.sentences(graph)] == [
        "Added: claim “Libel is rare”, about Criminal liability for libel.",
        "Added: statement “On libel”, by The head of the delegation, on 30 October 2014; it expresses “Libel is rare”.",
    ]


CLAIMED = """claims:
  "#claim-new":
    label: Libel is rare
    about: libel
    anchor: "#p004"

"""
STATED = """statements:
  "#statement-new":
    label: On libel
    speaker: the-official
    role: Vice Minister
    date: 2014-10-30
    mode: indirect
    proceeding: kaz-20
    expresses: "#claim-new"
    anchor: "#p004"

"""


def test_a_report_that_came_or_went_is_told_by_what_is_in_it(built: Project) -> None:
    text = (built.root / REPORT).read_text(encoding="utf-8")
    (built.root / REPORT).unlink()
    build.build(built, with_site=False)
    (gone,) = api.diff(built).graphs
    assert gone.change_kind is ChangeKind.REMOVED
    assert site_changes.text(site_changes.heading(gone)).startswith(f"{TITLE}: removed, with ")
    (sentence,) = map(site_changes.text, site_changes.sentences(gone))
    most = (("passages", "passage"), ("relations", "relation"), ("evidence", "evidence"))
    sections = yaml.load(text, Loader=yaml.CSafeLoader)
    assert sentence.startswith(", ".join(f"{len(sections[name])} × {kind}" for name, kind in most))
    (built.root / REPORT).write_text(text, encoding="utf-8")
    build.build(built, with_site=False)
    (back,) = api.diff(built).graphs
    assert back.change_kind is ChangeKind.ADDED
    assert api.diff(built, "1", "3").graphs == ()


@pytest.mark.usefixtures("built")
def test_a_version_that_is_not_there_is_one_sentence(run: Run) -> None:
    for names in (("1", "7"), ("7", "1"), ("1", "nothing")):
        answer = run("diff", *names)
        assert answer.returncode == 2
        assert answer.stdout == ""
        missing = next(name for name in names if name not in ("1", "current"))
        assert answer.stderr == f"error: there is no version {missing!r}; the only version kept is 1\n"


@pytest.mark.usefixtures("built")
def test_with_one_version_there_is_nothing_to_compare_yet(run: Run) -> None:
    answer = run("diff")
    assert answer.returncode == 2
    only = "version 1 is the only one kept, so there is nothing to compare it with yet"
    assert answer.stderr == f"error: {only}; run 'rejoinder build' again after a change\n"


def test_before_a_build_there_is_nothing_to_compare(small: Project, run: Run) -> None:
    answer = run("diff", "1", "2")
    assert answer.returncode == 2
    assert "rejoinder build" in answer.stderr
    build.build(small, with_site=False)
    with pytest.raises(UsageError):
        versions.named(small.build, "²")


def test_only_graphs_that_differ_are_read(edited: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str | None] = []
    genuine = graphs.statements

    def watched(store: terms.Store, graph: str | None = None) -> object:
        read.append(graph)
        return genuine(store, graph)

    monkeypatch.setattr(graphs, "statements", watched)
    api.diff(edited)
    # The graph that describes the others differs, too, and its changes are not told.
    assert set(read) == {edited.base + "report/kaz-upr-20"}


def test_a_version_that_was_removed_is_named_as_not_kept(edited: Project, run: Run, tmp_path: Path) -> None:
    (edited.build / "versions/0001").rename(tmp_path / "away")
    answer = run("diff", "1", "2")
    assert answer.returncode == 2
    assert "there is no version '1'; the only version kept is 2" in answer.stderr
