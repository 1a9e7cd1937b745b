"""Two exports compared: every row of either is in one place, and what is told is what was changed.

The small exports are written here, with the answer worked out by hand. On the real ones a known number of rows is
edited, dropped and added, so that what the matching finds can be counted against what was done.
"""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import rejoinder
from conftest import SHARED, Run
from rejoinder.errors import InputError, UsageError
from rejoinder.importers.compare import THRESHOLD, ExportDiff, Filed, Matched, RowChange, pair_similar, words

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
    "Eswatini;Africa;;Ring the bell at noon;Ghana;Africa;;Supported;5;Other;12",  # who asked is known now
    "Eswatini;Africa;;Count the stars above the harbour;Norway;WEOG;;Noted;5;Other;12",  # came; the stairs are gone
)


def _export(folder: Path, day: str, rows: tuple[str, ...]) -> Path:
    path = folder / f"UPR-INFO-DATABASE-EXPORT-{day}-20_19_03.csv"
    path.write_bytes(b"\xef\xbb\xbf" + "".join(f"{row}\r\n" for row in (HEADER, *rows)).encode())
    return path


@pytest.fixture
def small(tmp_path: Path) -> tuple[Path, Path]:
    return _export(tmp_path, "2018_07_25", OLD), _export(tmp_path, "2019_01_31", NEW)


def _told(matched: Matched) -> tuple[int, int, tuple[str, ...]]:
    return matched.old.row.line, matched.new.row.line, matched.changes


def test_what_changed_is_what_was_changed(small: tuple[Path, Path]) -> None:
    diff = rejoinder.diff_exports(*small)
    assert list(map(_told, diff.changed)) == [
        (4, 4, ("wording",)),
        (5, 5, ("response", "action")),
        (3, 7, ("response",)),
        (6, 8, ("by",)),
    ]
    assert diff.unchanged == 2, "Chile's, and one of the two about trees"
    assert [filed.row.line for filed in diff.gone] == [7, 9]
    assert [filed.row.line for filed in diff.come] == [3, 9]
    assert [problem.line for problem in diff.problems] == [10]


def test_every_row_is_in_one_place(small: tuple[Path, Path]) -> None:
    diff = rejoinder.diff_exports(*small)
    paired = len(diff.changed) + diff.unchanged
    assert paired + len(diff.gone) == sum(len(export.rows) for export in diff.old) == 8
    assert paired + len(diff.come) == sum(len(export.rows) for export in diff.new) == 8


def test_an_edited_text_is_as_similar_as_the_words_in_common(small: tuple[Path, Path]) -> None:
    edited = rejoinder.diff_exports(*small).with_change(RowChange.WORDING)
    assert [matched.similarity for matched in edited] == [pytest.approx(2 * 7 / (7 + 8))]


def test_back_again_is_the_same_the_other_way_round(small: tuple[Path, Path]) -> None:
    there, back = rejoinder.diff_exports(*small), rejoinder.diff_exports(*reversed(small))
    assert {_told(m) for m in there.changed} == {(new, old, changes) for old, new, changes in map(_told, back.changed)}
    assert (there.gone, there.come) == (back.come, back.gone)


def test_the_most_similar_pair_is_taken_first_and_each_text_once() -> None:
    old = [words("a b c d e f"), words("a b c d e g h")]
    new = [words("a b c d e g")]
    assert pair_similar(old, new) == (((1, 0), 12 / 13),)
    assert pair_similar(new, new[:0]) == ()
    twins = [words("a b c d x"), words("a b c d y")]
    assert [pair for pair, _ in pair_similar(twins, [words("a b c d z")] * 2)] == [(0, 0), (1, 1)]


def test_below_the_threshold_one_text_went_and_another_came() -> None:
    assert pair_similar([words("a b c d e")], [words("a b c v w")]) == (((0, 0), THRESHOLD),)
    assert pair_similar([words("a b c d e f")], [words("a b c v w x")]) == ()


def test_a_folder_stands_for_the_exports_in_it(small: tuple[Path, Path], tmp_path: Path) -> None:
    folder = tmp_path / "newer"
    folder.mkdir()
    with pytest.raises(UsageError, match="has no CSV file"):
        rejoinder.diff_exports(small[0], folder)
    _export(folder, "2019_01_31", NEW[:4])
    _export(folder, "2019_02_01", NEW[4:])
    assert len(rejoinder.diff_exports(small[0], folder).changed) == 4


def test_a_file_that_is_no_export_is_refused(small: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        rejoinder.diff_exports(small[0], tmp_path / "none.csv")
    (tmp_path / "broken.csv").write_bytes(b"\xff\xc3\n")
    with pytest.raises(InputError, match="not UTF-8"):
        rejoinder.diff_exports(small[0], tmp_path / "broken.csv")


def test_the_command_says_it_in_words(small: tuple[Path, Path], run: Run) -> None:
    answer = run("diff", *small)
    assert answer.stderr == ""
    told = answer.stdout
    assert "Turkey to Swaziland, session 12: pending before, supported now" in told
    assert "Norway to Swaziland, session 12: noted before, supported now" in told
    assert "old: Mend the old gate of the school\n" in told
    assert "new: Mend the old gate of the village school.\n" in told
    assert "asked by (Unknown) before, by Ghana now" in told
    assert "action 2 before, 3 now" in told
    assert "Peru to Swaziland, session 12: Ratify it" in told
    assert f"{small[0]}:10: the response 'Perhaps' is unknown" in told
    assert "Compared  9 rows of 2018-07-25 and 8 rows of 2019-01-31" in told
    assert "Changed   4 (2 responses, 1 text, 1 action, 1 State that asks)" in told
    assert "Unchanged 2\nGone      2\nCame      2\nReported  1\n" in told
    assert answer.returncode == 1, "a row could not be read"


def test_the_command_tells_machines(small: tuple[Path, Path], run: Run) -> None:
    told = json.loads(run("diff", *small, "--format", "json").stdout)
    assert told["unchanged"] == 2
    assert told["changed"][1] == {
        "old": {"file": small[0].name, "line": 5, "from": "Norway", "to": "Swaziland", "session": 12,
                "text": "Mend the old gate of the mill and its weir", "response": "Noted", "action": 2,
                "issues": ["Other"]},
        "new": {"file": small[1].name, "line": 5, "from": "Norway", "to": "Eswatini", "session": 12,
                "text": "Mend the old gate of the mill and its weir", "response": "Supported", "action": 3,
                "issues": ["Other"]},
        "changes": ["response", "action"],
        "similarity": 1.0,
    }  # fmt: skip
    assert [row["line"] for row in told["gone"]] == [7, 9]
    assert [problem["line"] for problem in told["problems"]] == [10]


def test_nothing_changed_is_said_in_a_word(small: tuple[Path, Path], run: Run) -> None:
    answer = run("diff", small[1], small[1])
    assert "Changed   0\nUnchanged 8\nGone      0\nCame      0\n" in answer.stdout
    assert answer.returncode == 0


# The real exports, where they are, with edits that the test knows


@dataclass(frozen=True)
class Tampered:
    """An export and a copy in which rows were edited, dropped and added; lines of what became of which row."""

    diff: ExportDiff
    same: dict[int, int]
    edited: frozenset[int]
    answered: frozenset[int]
    dropped: frozenset[int]
    added: frozenset[int]


EDITS = ("typo", "stop", "preface", "word", "clause", "half")


def _edited(text: str, kind: str, dice: random.Random) -> str:
    """The text with an edit of that kind, such as editors of a database make."""
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
    """A real export; 4 of 100 rows edited in words, 3 answered otherwise, 2 dropped, 2 added, all in another order."""
    if not REAL:
        pytest.skip("the exports of UPR Info are not here (../shared/realdata/upr-info)")
    dice = random.Random(request.param)
    path = REAL[request.param]
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), delimiter=";"))
    lines = list(_lines(path))
    kept: list[tuple[int, list[str]]] = []
    edited: set[int] = set()
    answered: set[int] = set()
    dropped: set[int] = set()
    for line, row in zip(lines[1:], rows[1:], strict=True):
        chance = dice.random()
        if chance < 0.04:
            row[3] = _edited(" ".join(row[3].split()), EDITS[len(edited) % len(EDITS)], dice)
            edited.add(line)
        if 0.03 < chance < 0.06:
            row[7] = "Noted" if row[7] == "Supported" else "Supported"
            answered.add(line)
        if chance > 0.98:
            dropped.add(line)
        else:
            kept.append((line, row))
    kept += [(0, _invented(row, number)) for number, (_, row) in enumerate(dice.sample(kept, len(kept) // 50))]
    dice.shuffle(kept)
    copy = tmp_path_factory.mktemp("tampered") / path.name.replace("2018", "2019")
    with copy.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows([rows[0], *(row for _, row in kept)])
    where = list(zip((line for line, _ in kept), list(_lines(copy))[1:], strict=True))
    return Tampered(
        rejoinder.diff_exports(path, copy),
        {old: new for old, new in where if old},
        frozenset(edited),
        frozenset(answered),
        frozenset(dropped),
        frozenset(new for old, new in where if not old),
    )


def _lines(path: Path) -> Iterator[int]:
    """The line that each row begins on."""
    reader = csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), delimiter=";")
    before = 0
    for _ in reader:
        yield before + 1
        before = reader.line_num


def _invented(row: list[str], number: int) -> list[str]:
    return [*row[:3], f"Paint number {number} on the third lamp post beside the old harbour wall", *row[4:]]


def _line_numbers(rows: tuple[Filed, ...]) -> set[int]:
    return {filed.row.line for filed in rows}


def test_of_real_rows_that_were_edited_nearly_all_are_found_and_hardly_one_is_wrong(tampered: Tampered) -> None:
    found = {matched.old.row.line: matched.new.row.line for matched in tampered.diff.with_change(RowChange.WORDING)}
    right = [line for line in found if tampered.same.get(line) == found[line]]
    assert len(right) / len(found) >= 0.995, "precision"
    assert len(right) / len(tampered.edited) >= 0.98, "recall"


def test_of_real_rows_every_other_answer_is_told(tampered: Tampered) -> None:
    found = {matched.old.row.line for matched in tampered.diff.with_change(RowChange.RESPONSE)}
    assert len(found & tampered.answered) / len(tampered.answered) >= 0.99
    assert len(found & tampered.answered) / len(found) >= 0.995


def test_of_real_rows_those_that_went_and_came_are_told(tampered: Tampered) -> None:
    gone, come = _line_numbers(tampered.diff.gone), _line_numbers(tampered.diff.come)
    assert len(tampered.dropped & gone) / len(tampered.dropped) >= 0.98
    assert tampered.added - come == set(), "an invented text is like no other"
    assert len(gone - tampered.dropped) == len(come - tampered.added), "what was not recognised went and came"
    assert len(gone - tampered.dropped) <= len(tampered.edited) / 50


def test_the_real_exports_do_not_differ_from_themselves() -> None:
    if not REAL:
        pytest.skip("the exports of UPR Info are not here (../shared/realdata/upr-info)")
    diff = rejoinder.diff_exports(REAL[0].parent, REAL[0].parent)
    assert (diff.changed, diff.unchanged, diff.gone, diff.come) == ((), 35305, (), ())
