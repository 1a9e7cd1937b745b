"""What the tests share: a copy of the example project, the program as a process, and the real parts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rejoinder import builder, scaffold
from rejoinder.project import Project, open_project

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
SOURCE = SHARED / "source" / "report.txt"

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """The example project, in a folder of its own."""
    return open_project(scaffold.new(tmp_path / "project", example=True))


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The example project, built; for tests that only read it."""
    project = open_project(scaffold.new(tmp_path_factory.mktemp("built") / "project", example=True))
    builder.build(project)
    return project


@pytest.fixture
def built(tmp_path: Path, built_once: Project) -> Project:
    """The example project, built, in a folder of its own."""
    shutil.copytree(built_once.root, tmp_path / "project", symlinks=True)
    return open_project(tmp_path / "project")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs the program in a process of its own, in the example project if the test asked for it."""
    project = tmp_path / "project"

    def start(
        *arguments: str | Path,
        cwd: Path | None = None,
        input: str | None = None,  # noqa: A002  # subprocess's name
    ) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "rejoinder", *map(str, arguments)]
        folder = cwd or (project if project.exists() else tmp_path)
        return subprocess.run(
            command, cwd=folder, input=input, capture_output=True, encoding="utf-8", check=False, timeout=300
        )

    return start


@pytest.fixture(scope="session")
def source_text() -> Path:
    """The text that the example dossier was read from; it may not be republished, so few have it."""
    if not SOURCE.exists():
        pytest.skip("the source text of the report is not here (../shared/source/report.txt)")
    return SOURCE


@pytest.fixture(scope="session")
def jena_command() -> Callable[..., str]:
    """Apache Jena's commands: runs one by name and gives what it prints; Maven brings them, Java runs them."""
    required = "jena" in os.environ.get("REJOINDER_TEST_REQUIRE", "").split(",")
    if not (shutil.which("mvn") and shutil.which("java")):
        message = "Java and Maven are missing: nothing is tried with Apache Jena"
        pytest.fail(message) if required else pytest.skip(message)
    classpath = _jena_classpath(required=required)

    def start(name: str, *arguments: str, cwd: Path | None = None) -> str:
        main = name if name.startswith("tdb2.") else f"riotcmd.{name}"
        command = ["java", "-cp", classpath, main, *arguments]
        return subprocess.run(command, cwd=cwd, capture_output=True, text=True, encoding="utf-8", check=True).stdout

    return start


@pytest.fixture(scope="session")
def jena(jena_command: Callable[..., str]) -> Callable[[Path], set[str]]:
    """Apache Jena as a reader of files: gives the N-Quads lines it reads."""

    def read(path: Path) -> set[str]:
        return set(jena_command("riot", "--output=nquads", str(path)).splitlines())

    return read


def _jena_classpath(*, required: bool) -> str:
    goal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath"
    target = Path(os.environ.get("TMPDIR", "/tmp")) / f"rejoinder-jena-{os.getuid()}.classpath"  # noqa: S108  # a cache
    command = ["mvn", "-q", "-B", "-f", str(ROOT / "tests/jena/pom.xml"), goal, f"-Dmdep.outputFile={target}"]
    fetched = subprocess.run(command, capture_output=True, text=True, check=False)
    if fetched.returncode:
        message = f"Maven could not fetch Apache Jena: {fetched.stdout[-300:]}"
        pytest.fail(message) if required else pytest.skip(message)
    return target.read_text(encoding="utf-8")
