"""Hostile and mistaken YAML: what a dossier's author gets to read when the file does not say what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from rejoinder.dossiers.reader import Reader, open_reader
from rejoinder.errors import InputError, Problem


@pytest.fixture
def dossiers(tmp_path: Path) -> Reader:
    (tmp_path / "report").mkdir()
    return open_reader("https://example.org/", tmp_path)


def _problems(dossiers: Reader, text: str) -> tuple[Problem, ...]:
    path = dossiers.data / "report/a.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        dossiers.read(path)
    return caught.value.problems


def test_a_value_longer_than_1_mb_is_refused_with_its_line(dossiers: Reader) -> None:
    (problem,) = _problems(dossiers, f"type: Report\ntitle: {'x' * (1 << 20)}y\n")
    assert problem.line == 2
    assert "longer than 1,048,576 characters" in problem.message


def test_many_long_values_are_read(dossiers: Reader) -> None:
    claims = "\n".join(f'  "#c{n}": {{label: {"x" * (1 << 20)}}}' for n in range(20))
    path = dossiers.data / "report/a.yaml"
    path.write_text(f"type: Report\nclaims:\n{claims}\n", encoding="utf-8")
    assert len(dossiers.read(path).quads) == 41


def test_an_id_in_two_sections_is_named_with_both_lines(dossiers: Reader) -> None:
    text = 'type: Report\nclaims:\n  "#torture":\n    label: a\nevidence:\n  "#torture":\n    label: b\n'
    (problem,) = _problems(dossiers, text)
    assert problem.line == 6
    assert problem.message == "the id '#torture' is here and on line 3; give each thing an id of its own"


HINT = "'#claim-torture:' is a comment here, so YAML leaves this line out"


@pytest.mark.parametrize("first", ['"#claim-a": {label: a}', '"#claim-a":\n    label: a'])
def test_an_id_without_quotation_marks_is_said_to_be_a_comment(dossiers: Reader, first: str) -> None:
    text = f"type: Report\nclaims:\n  {first}\n  #claim-torture:\n    label: b\n    titel: x\n"
    problems = _problems(dossiers, text)
    hint = next(problem for problem in problems if HINT in problem.message)
    assert text.splitlines()[(hint.line or 0) - 1] == "  #claim-torture:"
    assert 'write "#claim-torture":' in hint.message


@pytest.mark.parametrize("comment", ["#claim-torture: see below", "# claim-torture:", "#claim-torture:\n  #  label: a"])
def test_other_comments_are_no_ids(dossiers: Reader, comment: str) -> None:
    text = f'type: Report\nclaims:\n  {comment}\n  "#a":\n    titel: x\n'
    assert not any("comment" in problem.message for problem in _problems(dossiers, text))


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("type: Rapport\nlabel: x\n", 1, "'type' is 'Rapport'; write Report. A report has its type in the first line;"),
        ('type: Report\npassages:\n  "#p1": {start: -1}\n', 3, "'start' of #p1 is -1; write a number of at least 0. "),
        ("type: Report\ncharacters: many\n", 2, "'characters' is 'many'; write a whole number, such as 15363"),
        ('type: Report\nplace: ""\n', 2, "'place' is ''; write at least one character. The place, in the report's"),
        (
            "issues:\n  torture:\n    prefLabel: Torture\n",
            3,
            "'prefLabel' is 'Torture'; write it by language: {en: Tort",
        ),
        (
            'type: Report\nevidence:\n  "#e":\n    footnote: 1\n',
            4,
            "'footnote' of #e is 1; write text or a list, such as \"#fn-3\"",
        ),
    ],
)
def test_a_value_that_does_not_fit_is_told_what_to_write(dossiers: Reader, text: str, line: int, words: str) -> None:
    (problem,) = _problems(dossiers, text)
    assert problem.line == line
    assert problem.message.startswith(words)
