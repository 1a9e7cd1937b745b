"""The name of a file forges no line of output, and is a URI where one is due."""

from __future__ import annotations

import json

import pytest

from conftest import Run
from rejoinder.config import Project

NAMES = ["report/x\n8 files: no warnings\nerror: y.yaml", "report/x\x1b[31m.yaml", "report/x\r8 files.txt"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("command", [("check",), ("build", "--no-site")])
def test_the_name_of_a_file_stays_in_its_line(small: Project, run: Run, name: str, command: tuple[str, ...]) -> None:
    (small.data / name).write_text("label: 1\n", encoding="utf-8")
    answer = run(*command)
    shown = (answer.stdout + answer.stderr).splitlines()
    assert any(repr(name)[1:-1] in line for line in shown)
    assert not any(line.startswith(("8 files:", "8 files.", "error: y")) for line in shown)
    assert not any("\x1b" in line for line in shown)


def test_programs_get_the_name_as_it_is_or_as_a_uri(small: Project, run: Run) -> None:
    (small.data / NAMES[0]).write_text("label: 1\n", encoding="utf-8")
    problems = json.loads(run("check", "--format", "json").stdout)["problems"]
    assert [each["path"] for each in problems] == [f"data/{NAMES[0]}"]
    results = json.loads(run("check", "--format", "sarif").stdout)["runs"][0]["results"]
    places = {each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in results}
    assert "data/report/x%0A8%20files%3A%20no%20warnings%0Aerror%3A%20y.yaml" in places
