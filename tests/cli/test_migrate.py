"""The command `migrate`: what it prints and writes, and its exit codes."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import CASES, Run, leave_out
from rejoinder.config import Project, open_project

OLD, NEW = CASES / "migration" / "old", CASES / "migration" / "new"
NAMES = sorted(path.relative_to(OLD).as_posix() for path in OLD.rglob("*.yaml"))


@pytest.fixture
def old(tmp_path: Path) -> Project:
    """Give a project of vocabulary 0.1.0."""
    return open_project(shutil.copytree(OLD, tmp_path / "project"))


def contents(root: Path) -> list[bytes]:
    return [(root / name).read_bytes() for name in NAMES]


def test_it_rewrites_all_dossiers_and_the_second_time_none(old: Project, run: Run) -> None:
    answer = run("migrate")
    lines = answer.stdout.splitlines()
    assert (answer.returncode, answer.stderr) == (0, "")
    assert [line for line in lines if line.startswith("Rewrote")] == [f"Rewrote {name}" for name in NAMES]
    assert sum("only you know who made this dossier" in line for line in lines) == 2
    assert lines[-1] == "8 files rewritten"
    assert contents(old.root) == contents(NEW)
    again = run("migrate")
    assert (again.returncode, again.stdout) == (0, "8 files: nothing to migrate\n")


def test_a_named_file_alone_is_rewritten(old: Project, run: Run) -> None:
    answer = run("migrate", "data/review.yaml")
    assert (answer.returncode, answer.stdout) == (0, "Rewrote data/review.yaml\n1 file rewritten\n")
    changed = [name for name in NAMES if (old.root / name).read_bytes() != (OLD / name).read_bytes()]
    assert changed == ["data/review.yaml"]


def test_check_writes_nothing_and_fails_only_if_something_is_old(old: Project, run: Run) -> None:
    answer = run("migrate", "--check")
    assert answer.returncode == 1
    assert answer.stdout.splitlines()[-1] == "8 files would be rewritten"
    assert contents(old.root) == contents(OLD)
    assert run("migrate").returncode == 0
    assert run("migrate", "--check").returncode == 0


def test_diff_is_a_patch_that_does_what_migrate_does(old: Project, run: Run) -> None:
    if not shutil.which("patch"):
        leave_out("patch", "the program patch is missing")
    report = old.root / "data/report/short.yaml"
    report.write_bytes(report.read_bytes().rstrip(b"\n"))
    answer = run("migrate", "--diff")
    assert answer.returncode == 1
    assert answer.stderr.splitlines()[-1] == "note: 8 files would be rewritten"
    assert report.read_bytes() == (OLD / "data/report/short.yaml").read_bytes().rstrip(b"\n")
    subprocess.run(["patch", "-p0", "--quiet"], cwd=old.root, input=answer.stdout.encode(), check=True)
    report.write_bytes(report.read_bytes() + b"\n")
    assert contents(old.root) == contents(NEW)
    nothing = run("migrate", "--diff")
    assert (nothing.returncode, nothing.stdout) == (0, "")


def test_a_file_that_cannot_be_read_is_wrong_input_and_the_others_are_rewritten(old: Project, run: Run) -> None:
    (old.root / "data/issue.yaml").write_text("label: [x\n", encoding="utf-8")
    answer = run("migrate")
    assert answer.returncode == 2
    assert answer.stdout.startswith("data/issue.yaml:1: a bracket is not closed")
    assert answer.stdout.splitlines()[-1] == "7 files rewritten, 1 file not rewritten"
    assert run("migrate", "--diff").stderr.startswith("error: data/issue.yaml:1: a bracket is not closed")


@pytest.mark.usefixtures("old")
def test_json_for_programs(run: Run) -> None:
    answer = json.loads(run("migrate", "--format", "json").stdout)
    assert [item["path"] for item in answer["rewritten"]] == answer["files"] == NAMES
    notes = [note for item in answer["rewritten"] for note in item["notes"]]
    assert [(note["path"], note["line"]) for note in notes] == [
        ("data/report/other.yaml", 2),
        ("data/report/short.yaml", 3),
    ]
    assert answer["problems"] == []


@pytest.mark.usefixtures("old")
def test_a_patch_is_no_json(run: Run) -> None:
    answer = run("migrate", "--diff", "--format", "json")
    assert (answer.returncode, answer.stderr) == (2, "error: --diff prints a patch; leave out --format json\n")
