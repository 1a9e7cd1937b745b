"""Two exports compared as two versions of the same records: what is told is what was changed.

The small exports are written here, with the answer worked out by hand. On the real ones a known number of rows is
edited, dropped and added, so that what the matching finds can be counted against what was done.
"""

from __future__ import annotations

import csv
import io
import json
import random
from dataclasses import dataclass
from pathlib import Path

import pytest

import rejoinder
from conftest import SHARED, Run
from rejoinder import namespaces
from rejoinder.config import Project
from rejoinder.errors import InputError, UsageError
from rejoinder.importers.upr_info import ExportDiff, clean
from rejoinder.rdf import terms
from rejoinder.site.changes import Change, ChangeKind

REAL = sorted((SHARED / "realdata" / "upr-info").glob("*.csv"))
HEADER = "SuR;Rgrp;Org;Recommendation;RS;Rgrp;Org;Response;Action;Issue;Session"
OLD = (
    "Swaziland;Africa;;Plant trees along the road.;Turkey;WEOG;;Pending;5;Environment;12",
    "Swaziland;Africa;;Plant trees along the road.;Turkey;WEOG;;Pending;5;Environment;12",
    "Swaziland;Africa;;Mend the old gate of the school;Norway;WEOG;;Noted;5;Education,Other;12",
    "Swaziland;Africa;;Mend the old gate of the mill and its weir;Norway;WEOG;;Noted;2;Other;12",
    'Swaziland;Africa;;Ring the bell at noon;"&#40;Unknown&#41;";;;Supported;5;Other;12',
    "Swaziland;Africa;;Sweep the stairs;Norway;WEOG;;Noted;5;Other;12",
    "Swaziland;Africa;;Ratify it;Chile;GRULAC;;Noted;5;Other;12",
    "Swaziland;Africa;;Ratify it;Peru;GRULAC;;Noted;5;Other;12",
    "Swaziland;Africa;;Paint the door;Norway;WEOG;;Perhaps;5;Other;12",
)
NEW = (
    "Eswatini;Africa;;Ratify it;Chile;GRULAC;;Noted;5;Other;12",  # the State was renamed: nothing changed
    "Eswatini;Africa;;Ratify it;Cuba;GRULAC;;Noted;5;Other;12",  # not Peru's: the words stand there twice
    "Eswatini;Africa;;Mend the old gate of the village school.;Norway;WEOG;;Noted;5;Other,Education;12",  # edited
    "Eswatini;Africa;;Mend the old gate of the mill and its weir;Norway;WEOG;;Supported;3;Other;12",  # answer, action
    "Eswatini;Africa;;Plant trees along the road.;Türkiye;WEOG;;Pending;5;Environment;12",  # one of two is the same,
    "Eswatini;Africa;;Plant trees along the road.;Türkiye;WEOG;;Supported;5;Environment;12",  # one was answered
    "Eswatini;Africa;;Ring the bell at noon;Ghana;Africa;;Supported;5;Other;12",  # one went and another came
    "Eswatini;Africa;;Count the stars above the harbour;Norway;WEOG;;Noted;5;Other;12",  # came; the stairs are gone
)


def _export(folder: Path, day: str, rows: tuple[str, ...]) -> Path:
    path = folder / f"UPR-INFO-DATABASE-EXPORT-{day}-20_19_03.csv"
    path.write_bytes(b"\xef\xbb\xbf" + "".join(f"{row}\r\n" for row in (HEADER, *rows)).encode())
    return path


@pytest.fixture
def small(tmp_path: Path) -> tuple[Path, Path]:
    return _export(tmp_path, "2018_07_25", OLD), _export(tmp_path, "2019_01_31", NEW)


def _changes(diff: ExportDiff, kind: ChangeKind) -> list[Change]:
    return [change for graph in diff.changes.graphs for change in graph.changes if change.change_kind is kind]


def _wordings(diff: ExportDiff, kind: ChangeKind) -> list[str]:
    return sorted(change.resource.text("rj:wording") for change in _changes(diff, kind))


def _told(diff: ExportDiff) -> dict[str, dict[str, tuple[list[str], list[str]]]]:
    """Return what changed: by the words, and by the property, the values that went and came."""
    return {
        change.resource.text("rj:wording"): {
            item.property.fragment: (
                [value.value if isinstance(value, terms.Literal) else value.fragment for value in item.removed],
                [value.value if isinstance(value, terms.Literal) else value.fragment for value in item.added],
            )
            for item in change.properties
        }
        for change in _changes(diff, ChangeKind.CHANGED)
    }


def test_what_changed_is_what_was_changed(small: tuple[Path, Path]) -> None:
    diff = rejoinder.diff_exports(*small)
    assert _told(diff) == {
        "Mend the old gate of the village school.": {
            "wording": (["Mend the old gate of the school"], ["Mend the old gate of the village school."])
        },
        "Mend the old gate of the mill and its weir": {
            "response": (["Noted"], ["Supported"]),
            "actionCategory": (["2"], ["3"]),
        },
        "Plant trees along the road.": {"response": (["Pending"], ["Supported"])},
    }
    assert _wordings(diff, ChangeKind.REMOVED) == ["Ratify it", "Ring the bell at noon", "Sweep the stairs"]
    assert _wordings(diff, ChangeKind.ADDED) == [
        "Count the stars above the harbour", "Ratify it", "Ring the bell at noon",
    ]  # fmt: skip
    assert [problem.line for problem in diff.problems] == [10]


def test_back_again_is_the_same_the_other_way_round(small: tuple[Path, Path]) -> None:
    there, back = rejoinder.diff_exports(*small), rejoinder.diff_exports(*reversed(small))
    turned = [{name: (new, old) for name, (old, new) in values.items()} for values in _told(back).values()]
    assert sorted(turned, key=str) == sorted(_told(there).values(), key=str)
    assert _wordings(there, ChangeKind.REMOVED) == _wordings(back, ChangeKind.ADDED)
    assert _wordings(there, ChangeKind.ADDED) == _wordings(back, ChangeKind.REMOVED)


@pytest.mark.parametrize(
    ("old", "new", "pairs"),
    [
        (["a b c d e f", "a b c d e g h"], ["a b c d e g"], {"a b c d e g": "a b c d e g h"}),
        (["a b c d x", "a b c d y"], ["a b c d z"], {"a b c d z": "a b c d x"}),
        (["a b c d e"], ["a b c v w"], {"a b c v w": "a b c d e"}),
        (["a b c d e f"], ["a b c v w x"], {}),
        (["Ratify it"], ["ratify it."], {"ratify it.": "Ratify it"}),
    ],
    ids=["the most similar first", "each text once", "at the threshold", "below it", "capitals and points"],
)
def test_a_text_is_edited_where_enough_of_its_words_stay(
    tmp_path: Path, old: list[str], new: list[str], pairs: dict[str, str]
) -> None:
    files = [
        _export(tmp_path, f"{year}_07_25", tuple(f"Peru;;;{text};Norway;;;Noted;5;Other;14" for text in texts))
        for year, texts in ((2018, old), (2019, new))
    ]
    told = _told(rejoinder.diff_exports(*files))
    found = {after: values["wording"][0][0] for after, values in told.items()}
    # Of two that are equally similar either may be taken.
    assert found.keys() == pairs.keys()
    assert all(before in old for before in found.values())
    if len({len(text) for text in old}) > 1:
        assert found == pairs


def test_a_folder_stands_for_the_exports_in_it(small: tuple[Path, Path], tmp_path: Path) -> None:
    folder = tmp_path / "newer"
    folder.mkdir()
    with pytest.raises(UsageError, match="has no CSV file"):
        rejoinder.diff_exports(small[0], folder)
    _export(folder, "2019_01_31", NEW[:4])
    _export(folder, "2019_02_01", NEW[4:])
    assert _told(rejoinder.diff_exports(small[0], folder)) == _told(rejoinder.diff_exports(*small))


def test_a_file_that_is_no_export_is_refused(small: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        rejoinder.diff_exports(small[0], tmp_path / "none.csv")
    (tmp_path / "broken.csv").write_bytes(b"\xff\xc3\n")
    with pytest.raises(InputError, match="not UTF-8; save the file as UTF-8, or import it with its encoding, "):
        rejoinder.diff_exports(small[0], tmp_path / "broken.csv")


def test_a_row_that_does_not_fit_is_advised_as_the_comparison_has_it(tmp_path: Path) -> None:
    rows = ("Peruu;;;Mend the gate;Norway;;;Noted;5;Other;14", "Peru;;;Mend the gate;Norway;;;Noted;5;Other;")
    export = _export(tmp_path, "2018_07_25", rows)
    name, session, *_ = (problem.message for problem in rejoinder.diff_exports(export, export).problems)
    assert name.endswith(" correct the name in a copy of the export"), "there is no mapping file"
    assert session == "the session is not given; where you know it, write it into a copy of the export"


def test_the_command_says_it_in_words(small: tuple[Path, Path], run: Run) -> None:
    answer = run("diff", *small)
    assert answer.stderr == ""
    told = answer.stdout
    assert told.startswith("Recommendations to Eswatini in session 12, as UPR Info records them (upr-info/swz-12): ")
    assert (
        "  Recommendation “Norway to Eswatini, session 12: Other”, “Mend the old gate of the mill and its weir”: "
        "action category: 2 → 3; response: noted → supported.\n"
    ) in told
    assert "wording: “Mend the old gate of the school” → “Mend the old gate of the village school.”.\n" in told
    assert "  Added: recommendation “Ghana to Eswatini, session 12: Other”, “Ring the bell at noon”, raised by" in told
    assert "  Removed: recommendation “Peru to Eswatini, session 12: Other”, “Ratify it”, raised by Peru, ab" in told
    assert f"{small[0]}:10: the response 'Perhaps' is unknown" in told
    assert "Compared  9 rows of 2018-07-25 and 8 rows of 2019-01-31\n" in told
    assert told.endswith("Changed   3\nRemoved   3\nAdded     3\nReported  1\n")
    assert answer.returncode == 1, "a row could not be read"


def test_the_command_tells_machines(small: tuple[Path, Path], run: Run) -> None:
    told = json.loads(run("diff", *small, "--format", "json").stdout)
    assert [export["rows"] for export in (*told["old"], *told["new"])] == [9, 8]
    (graph,) = told["graphs"]
    changed = next(change for change in graph["changes"] if len(change["properties"]) == 2)
    assert changed["label"] == "Norway to Eswatini, session 12: Other"
    assert changed["properties"][1] == {
        "property": f"{namespaces.RJ}response",
        "went": [{"type": "uri", "value": f"{namespaces.RJ}Noted"}],
        "came": [{"type": "uri", "value": f"{namespaces.RJ}Supported"}],
    }
    assert [problem["line"] for problem in told["problems"]] == [10]


def test_nothing_changed_is_said_in_a_word(small: tuple[Path, Path], run: Run) -> None:
    answer = run("diff", small[1], small[1])
    assert answer.stdout.endswith("Changed   0\nRemoved   0\nAdded     0\nReported  0\n")
    assert len(answer.stdout.splitlines()) == 5
    assert answer.returncode == 0


def test_a_review_that_only_one_export_has_is_told_by_a_number(tmp_path: Path, run: Run) -> None:
    rows = tuple(f"{state};;;Mend gate {n};Norway;;;Noted;5;Other;14" for state in ("Peru", "Ghana") for n in range(9))
    answer = run("diff", _export(tmp_path, "2018_07_25", rows[:9]), _export(tmp_path, "2019_07_25", rows))
    assert (
        "Recommendations to Ghana in session 14, as UPR Info records them (upr-info/gha-14): new, with "
        in answer.stdout
    )
    assert "  9 × recommendation.\n" in answer.stdout
    assert "Changed   0\nRemoved   0\nAdded     9\n" in answer.stdout


def test_a_row_that_came_or_went_alone_is_told(tmp_path: Path, run: Run) -> None:
    one, two = (f"Peru;;;{text};Norway;;;Noted;5;Other;14" for text in ("Mend the gate", "Ring the bell"))
    old, new = _export(tmp_path, "2018_07_25", (one,)), _export(tmp_path, "2019_07_25", (two, one))
    who = "Norway to Peru, session 14: Other”, “Ring the bell”, raised by Norway, about Other."
    for files, line in (((old, new), f"Added: recommendation “{who}"), ((new, old), f"Removed: recommendation “{who}")):
        heading, *rest = run("diff", *files).stdout.splitlines()
        assert heading.startswith("Recommendations to Peru in session 14, as UPR Info records them (upr-info/per-14): ")
        assert rest[0].strip() == line


@pytest.mark.slow
def test_a_later_export_imported_and_built_is_told_by_what_rows_say(project: Project, tmp_path: Path) -> None:
    for day, rows in (("2018_07_25", OLD[:-1]), ("2019_01_31", (NEW[3], *OLD[:3], *OLD[4:-1]))):
        rejoinder.import_upr_info(project, [_export(tmp_path, day, rows)])
        assert rejoinder.build(project, with_site=False).broken == ()
    (record,) = (graph for graph in rejoinder.diff(project).graphs if graph.graph.iri.endswith("/swz-12"))
    recommendations = [change for change in record.changes if change.resource.fragment.startswith("r-")]
    assert [[item.property.fragment for item in change.properties] for change in recommendations] == [
        ["actionCategory", "response"]
    ], "neither the place of a row nor the day of the export"


# The real exports, where they are, with edits that the test knows


@dataclass(frozen=True)
class Tampered:
    """An export and a copy in which rows were edited, dropped and added.

    `edited` leads from each new text to the old one; the others have the texts of the rows, as they are in the copy.
    """

    diff: ExportDiff
    edited: dict[str, str]
    answered: frozenset[str]
    dropped: frozenset[str]
    added: frozenset[str]


EDITS = ("typo", "stop", "preface", "word", "clause", "half")


def _edited(text: str, kind: str, dice: random.Random) -> str:
    """Return the text with an edit of that kind, such as editors of a database make."""
    tokens = text.split()
    at = dice.randrange(len(tokens))
    match kind:
        case "typo":
            longest = max(range(len(tokens)), key=lambda i: len(tokens[i]))
            return " ".join([*tokens[:longest], tokens[longest][:-2] + "q", *tokens[longest + 1 :]])
        case "stop":
            return text.rstrip(".") if text.endswith(".") else text + "."
        case "preface":
            return "That it " + text
        case "word":
            return " ".join([*tokens[:at], "lighthouse", *tokens[at + 1 :]])
        case "clause":
            return text + ", in line with what the treaty says"
        case _:
            return " ".join(tokens[: max(2, len(tokens) * 3 // 5)])


@pytest.fixture(scope="module", params=[1, 2])
def tampered(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Tampered:
    """Give a real export; 4 of 100 rows edited in words, 3 answered otherwise, 2 dropped, 2 added, in another order."""
    if not REAL:
        pytest.skip("the exports of UPR Info are not here (../shared/realdata/upr-info)")
    dice = random.Random(request.param)
    path = REAL[request.param]
    header, *rows = csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), delimiter=";")
    kept: list[list[str]] = []
    edited: dict[str, str] = {}
    answered: set[str] = set()
    dropped: set[str] = set()
    for row in rows:
        chance = dice.random()
        if chance < 0.04:
            before = " ".join(row[3].split())
            row[3] = _edited(before, EDITS[len(edited) % len(EDITS)], dice)
            edited[clean(row[3])] = clean(before)
        if 0.03 < chance < 0.06:
            row[7] = "Noted" if row[7] == "Supported" else "Supported"
            answered.add(clean(row[3]))
        if chance > 0.98:
            dropped.add(clean(row[3]))
        else:
            kept.append(row)
    invented = [
        [*row[:3], f"Paint number {number} on the third lamp post beside the old harbour wall", *row[4:]]
        for number, row in enumerate(dice.sample(kept, len(kept) // 50))
    ]
    kept += invented
    dice.shuffle(kept)
    copy = tmp_path_factory.mktemp("tampered") / path.name.replace("2018", "2019")
    with copy.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows([header, *kept])
    diff = rejoinder.diff_exports(path, copy)
    return Tampered(diff, edited, frozenset(answered), frozenset(dropped), frozenset(row[3] for row in invented))


def _with(diff: ExportDiff, name: str) -> list[tuple[Change, str]]:
    """Return the changes of that property, and the value that went."""
    return [
        (change, getattr(item.removed[0], "value", ""))
        for change in _changes(diff, ChangeKind.CHANGED)
        for item in change.properties
        if item.property.fragment == name
    ]


def test_of_real_rows_that_were_edited_nearly_all_are_found_and_hardly_one_is_wrong(tampered: Tampered) -> None:
    found = [(change.resource.text("rj:wording"), old) for change, old in _with(tampered.diff, "wording")]
    right = [new for new, old in found if tampered.edited.get(new) == old]
    assert len(right) / len(found) >= 0.995, "precision"
    assert len(right) / len(tampered.edited) >= 0.98, "recall"


def test_of_real_rows_every_other_answer_is_told(tampered: Tampered) -> None:
    found = [change.resource.text("rj:wording") for change, _ in _with(tampered.diff, "response")]
    assert len(set(found) & tampered.answered) / len(tampered.answered) >= 0.98
    assert sum(text in tampered.answered for text in found) / len(found) >= 0.99


def test_of_real_rows_those_that_went_and_came_are_told(tampered: Tampered) -> None:
    gone = _wordings(tampered.diff, ChangeKind.REMOVED)
    come = _wordings(tampered.diff, ChangeKind.ADDED)
    assert len(tampered.dropped & set(gone)) / len(tampered.dropped) >= 0.98
    assert tampered.added <= set(come), "an invented text is like no other"
    not_dropped = [text for text in gone if text not in tampered.dropped]
    assert len(not_dropped) <= len(tampered.edited) / 50, "what was not recognised went and came"


@pytest.mark.slow
def test_the_real_exports_do_not_differ_from_themselves() -> None:
    if not REAL:
        pytest.skip("the exports of UPR Info are not here (../shared/realdata/upr-info)")
    diff = rejoinder.diff_exports(REAL[0].parent, REAL[0].parent)
    assert diff.changes.graphs == ()
    assert sum(export.read for export in diff.new) == 35305
