"""The package: wheel and sdist build, carry what the program reads, and nothing else."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from conftest import ROOT

FOLDERS = {"ontology", "data", "queries", "src", "tests", "benchmarks", "docs"}
TOP_LEVEL = FOLDERS | {"pyproject.toml", "README.md", "Makefile"}
DEMANDED_BY_TOOLS = {".ci", ".gitignore", "LICENSE", "LICENSE-DATA", "CITATION.cff"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MODULES_OF = {"jinja2": "jinja2", "pillow": "PIL", "pyyaml": "yaml", "sparqlwrapper": "SPARQLWrapper"}
"""The modules that bear another name than their package, once '-' in it is '_'."""
OF_TESTS = ("bench", "dev", "outside")
EXTRAS = {name: declared for name, declared in PROJECT["optional-dependencies"].items() if name not in OF_TESTS}

WITHOUT_EXTRAS = """
import sys
for name in {modules!r}:
    sys.modules[name] = None  # importing it raises ModuleNotFoundError, as if it were not installed
"""


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder with the wheel, built from the sdist as an index would have it."""
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
    assert "rejoinder/template/data/report/my-report.yaml" in inside
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
    # Seven collections, four reports, a mapping and who is one by it, the questions, the ontology and the shapes.
    assert "in 17 graphs" in python("-m", "rejoinder", "build", folder=demo)
    assert len(python("-m", "rejoinder", "ask", "who-raised-what", "state=BRA", folder=demo).splitlines()) == 3


def _modules(declared: list[str]) -> set[str]:
    """Return the modules of the packages that a list of requirements declares, without those of extras."""
    names = {re.split(r"[>\[]", requirement)[0] for requirement in declared if not requirement.startswith("rejoinder[")}
    return {MODULES_OF.get(name, name.replace("-", "_")) for name in names}


def test_what_is_imported_is_declared() -> None:
    imported: set[str] = set()
    for path in (ROOT / "src" / "rejoinder").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module.split(".")[0])
    declared = _modules([*PROJECT["dependencies"], *(each for extra in EXTRAS.values() for each in extra)])
    assert imported - sys.stdlib_module_names - {"rejoinder", "_typeshed"} == declared  # mypy brings that one


def test_the_extra_of_all_names_all_extras_and_the_documents_name_each() -> None:
    others = sorted(EXTRAS.keys() - {"all"})
    assert EXTRAS["all"] == [f"rejoinder[{','.join(others)}]"]
    commands = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert [name for name in EXTRAS if f"pip install 'rejoinder[{name}]'" not in commands] == []


@pytest.mark.slow
def test_without_extras_the_program_builds_checks_asks_and_says_what_is_missing(tmp_path: Path) -> None:
    missing = set().union(*map(_modules, EXTRAS.values())) - _modules(PROJECT["dependencies"])
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_EXTRAS.format(modules=sorted(missing)), encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    folder = tmp_path

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "rejoinder", *words]
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)

    assert run("new", "demo").returncode == 0
    folder = tmp_path / "demo"
    built = run("build", "--no-site", "--jobs", "1")
    assert built.returncode == 0, built.stderr
    assert run("check", "--jobs", "1").returncode == 0
    assert run("ask", "who-raised-what").returncode == 0
    assert len(run("export", "--format", "jsonld").stdout) > 1000
    assert " serve " in run("--help").stdout

    wanting = {
        ("serve",): "server",
        ("push", "http://127.0.0.1:9"): "push",
        ("ask", "who-raised-what", "--endpoint", "http://127.0.0.1:9"): "push",
        ("check", "--engine", "pyshacl"): "pyshacl",
        ("check", "--fair"): "fair",
    }
    for words, extra in wanting.items():
        answer = run(*words)
        assert answer.returncode == 2, words
        assert answer.stderr.count("\n") == 1, answer.stderr
        assert f"type: pip install 'rejoinder[{extra}]'" in answer.stderr, words
    opened = "import rejoinder\ntry: rejoinder.open\nexcept rejoinder.errors.MissingPackageError as error: print(error)"
    answer = subprocess.run([sys.executable, "-c", opened], env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout.endswith("type: pip install 'rejoinder[rdflib]'\n")


def test_the_top_level_holds_nothing_else() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is no clone, so nothing says what belongs to it")
    found = {name.partition("/")[0] for name in listed.stdout.splitlines()}
    assert found <= TOP_LEVEL | DEMANDED_BY_TOOLS
