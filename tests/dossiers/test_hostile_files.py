"""Hostile files and folders: what cannot be read, or has a name that cannot be published, is refused in a sentence."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import rejoinder
from rejoinder.config import Project, open_project
from rejoinder.dossiers.discovery import contents, graphs_of
from rejoinder.dossiers.reader import Reader, open_reader
from rejoinder.errors import InputError, ProjectError

BASE = "https://example.org/"


@pytest.fixture
def small(tmp_path: Path) -> Project:
    """Give a project with one small dossier, `data/report/a.yaml`."""
    (tmp_path / "rejoinder.toml").write_text(f'base = "{BASE}"\n', encoding="utf-8")
    (tmp_path / "data/report").mkdir(parents=True)
    (tmp_path / "data/report/a.yaml").write_text("type: Report\n", encoding="utf-8")
    return open_project(tmp_path)


@pytest.fixture
def dossiers(small: Project) -> Reader:
    return open_reader(small.base, small.data)


LOCKED = """
import os, sys
from pathlib import Path
from rejoinder.errors import InputError
from rejoinder.dossiers.discovery import contents
if os.getuid() == 0:
    os.setuid(65534)
try:
    print(contents(Path(sys.argv[1])).dossiers)
except InputError as error:
    print("refused", error)
"""


@pytest.fixture
def locked(small: Project) -> Iterator[Callable[[Path], None]]:
    """Locks a folder, and opens it again after the test; others may go as far as that."""
    for folder in (small.data / "report", small.data, small.root, *small.root.parents):
        if folder.stat().st_mode & 0o055 != 0o055:
            folder.chmod(folder.stat().st_mode | 0o055)
    shut: list[Path] = []

    def lock(path: Path) -> None:
        path.chmod(0)
        shut.append(path)

    yield lock
    for path in shut:
        path.chmod(0o755)


@pytest.mark.parametrize("name", ["data", "data/report"])
def test_a_folder_that_may_not_be_read_is_no_empty_folder(
    small: Project, locked: Callable[[Path], None], name: str
) -> None:
    locked(small.root / name)
    command = [sys.executable, "-c", LOCKED, str(small.data)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert answer.stdout.startswith(f"refused {small.root / name}: the folder may not be read"), answer.stdout


def test_a_linked_folder_is_read_and_its_reports_are_named_for_the_link(small: Project, tmp_path: Path) -> None:
    (small.data / "report").rename(tmp_path / "elsewhere")
    (small.data / "report").symlink_to(tmp_path / "elsewhere")
    files = contents(small.data).dossiers
    assert files == (small.data / "report/a.yaml",)
    assert open_reader(small.base, small.data).graph_of(files[0]) == f"{BASE}report/a"


def test_a_link_to_a_folder_above_is_refused(small: Project) -> None:
    (small.data / "report/again").symlink_to("..")
    with pytest.raises(InputError, match=r"report/again: this link leads to .*data, which is read already"):
        contents(small.data)


def test_a_link_that_leads_nowhere_is_no_empty_folder(small: Project) -> None:
    (small.data / "report/a.yaml").unlink()
    (small.data / "report").rmdir()
    (small.data / "report").symlink_to("away")
    with pytest.raises(InputError, match=r"data/report: this link leads nowhere"):
        rejoinder.build(small)


def test_hidden_files_and_folders_are_not_read(small: Project) -> None:
    (small.data / ".git").mkdir()
    (small.data / ".git/x.yaml").touch()
    (small.data / ".y.yaml").touch()
    assert contents(small.data).dossiers == (small.data / "report/a.yaml",)


NAMES = ["mein bericht.yaml", "a\\b.yaml", "a?b.yaml", "a#b.yaml", "a%20b.yaml", "<a>.yaml", "a\nb.yaml", "a:b.yaml"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_makes_no_iri_is_refused(small: Project, dossiers: Reader, name: str) -> None:
    path = small.data / "report" / name
    path.write_text("type: Report\n", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be part of a web address; rename it: letters of any script"):
        dossiers.graph_of(path)
    with pytest.raises(InputError, match="cannot be part of a web address"):
        rejoinder.build(small)
    assert not small.build.exists()
    (problem,) = rejoinder.check(small, (path,)).problems
    assert problem.path == path


def test_a_folder_whose_name_makes_no_iri_is_refused(small: Project, dossiers: Reader) -> None:
    with pytest.raises(InputError, match="the name 'my reports' cannot"):
        dossiers.graph_of(small.data / "my reports/a.yaml")


@pytest.mark.parametrize("name", ["kaz-upr-20", "a.b", "2014_kaz", "-a", "звіт"])
def test_letters_digits_and_three_marks_make_a_name(small: Project, dossiers: Reader, name: str) -> None:
    assert dossiers.graph_of(small.data / f"report/{name}.yaml") == f"{BASE}report/{name}"


@pytest.mark.parametrize("name", ["question.yaml", "ns.yaml", "shapes.ttl", "question/ask.yaml"])
def test_names_of_the_program_s_own_graphs_are_refused(small: Project, dossiers: Reader, name: str) -> None:
    with pytest.raises(InputError, match="belongs to a graph of the program's own; rename it"):
        dossiers.graph_of(small.data / name)


def test_two_files_of_one_graph_are_refused_and_both_are_named(small: Project) -> None:
    other = small.data / "report/a.yml"
    other.write_text("type: Report\n", encoding="utf-8")
    files = contents(small.data).dossiers
    named, problems = graphs_of(small.base, small.data, files)
    assert set(named) == set(files)
    (problem,) = problems
    assert re.search(rf"a\.yml: this file and .*a\.yaml would both be the graph {BASE}report/a", str(problem))
    with pytest.raises(InputError, match="would both be"):
        rejoinder.build(small)
    assert [problem.path for problem in rejoinder.check(small).problems if "both" in problem.message] == [other]


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


def _endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


SPECIAL: list[tuple[Callable[[Path], None], str]] = [
    (_loop, "this link leads in a circle"),
    (os.mkfifo, "this is a device or a pipe, not a file"),
    (_endless, "this is a device or a pipe, not a file"),
    (Path.mkdir, "this is a folder where a file is expected"),
]


@pytest.mark.parametrize(("make", "words"), SPECIAL)
def test_what_is_no_file_is_refused_before_it_is_read(small: Project, make: Callable[[Path], None], words: str) -> None:
    path = small.data / "report/l.yaml"
    make(path)
    (problem,) = rejoinder.check(small, (path,)).problems
    assert problem.path == path
    assert words in problem.message


@pytest.mark.parametrize("name", [".", "report"])
def test_a_folder_named_to_be_checked_is_refused(small: Project, name: str) -> None:
    (problem,) = rejoinder.check(small, (small.data / name,)).problems
    assert "this is a folder where a file is expected" in problem.message


def test_a_question_whose_name_makes_no_iri_is_refused(small: Project) -> None:
    (small.root / "queries").mkdir()
    (small.root / "queries/a b.rq").write_text("#+ title: x\n", encoding="utf-8")
    with pytest.raises(InputError, match="the name 'a b' cannot be part of a web address; rename it: letters"):
        rejoinder.list_questions(small)


def test_a_base_that_makes_no_iri_is_refused(small: Project) -> None:
    (small.root / "rejoinder.toml").write_text('base = "https://example.org/a b/"\n', encoding="utf-8")
    with pytest.raises(ProjectError, match="write an address that starts with https"):
        open_project(small.root)
