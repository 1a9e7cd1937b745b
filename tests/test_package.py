"""The package: wheel and sdist build, carry what the program reads, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from conftest import ROOT

FOLDERS = {"ontology", "data", "queries", "src", "tests", "benchmarks", "docs"}
TOP_LEVEL = FOLDERS | {"pyproject.toml", "README.md", "Makefile"}
DEMANDED_BY_TOOLS = {".ci", ".gitignore", "LICENSE", "LICENSE-DATA", "CITATION.cff"}


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the wheel, built from the sdist as an index would have it."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "warning" not in answer.stderr.lower()
    return folder


def _only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


def test_the_wheel_carries_what_the_program_reads(dist: Path) -> None:
    inside = set(zipfile.ZipFile(_only(dist, "*.whl")).namelist())
    for folder in ("ontology", "queries", "data"):
        files = (path for path in (ROOT / folder).rglob("*") if path.is_file())
        assert {f"rejoinder/resources/{path.relative_to(ROOT).as_posix()}" for path in files} <= inside
    assert "rejoinder/py.typed" in inside
    assert "rejoinder/building/template/data/report/my-report.yaml" in inside
    assert not [name for name in inside if name.startswith(("tests", "benchmarks")) or "__pycache__" in name]


def test_the_sdist_carries_sources_tests_and_licences(dist: Path) -> None:
    with tarfile.open(_only(dist, "*.tar.gz")) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "LICENSE-DATA"} <= inside
    assert {
        "tests/test_package.py",
        "queries/who-raised-what.rq",
        "docs/reading.md",
        "docs/images/report.png",
    } <= inside


def test_the_installed_wheel_makes_builds_and_asks_the_example_without_the_clone(dist: Path, tmp_path: Path) -> None:
    target = tmp_path / "installed"
    wheel = _only(dist, "*.whl")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target), str(wheel)]
    subprocess.run(pip, check=True, capture_output=True)
    environment = os.environ | {"PYTHONPATH": str(target)}

    def python(*arguments: str, folder: Path = tmp_path) -> str:
        command = [sys.executable, *arguments]
        answer = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
        return answer.stdout

    assert str(target) in python("-c", "import rejoinder; print(rejoinder.__file__)")
    python("-m", "rejoinder", "new", "demo", "--example")
    demo = tmp_path / "demo"
    assert "in 10 graphs" in python("-m", "rejoinder", "build", folder=demo)
    assert len(python("-m", "rejoinder", "ask", "who-raised-what", "state=BRA", folder=demo).splitlines()) == 2


def test_the_top_level_holds_nothing_else() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is no clone, so nothing says what belongs to it")
    found = {name.partition("/")[0] for name in listed.stdout.splitlines()}
    assert found <= TOP_LEVEL | DEMANDED_BY_TOOLS
