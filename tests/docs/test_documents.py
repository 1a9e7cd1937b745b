"""What README, help and docstrings say is true: their examples run, and give what they show."""

from __future__ import annotations

import doctest
import importlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import rejoinder
from conftest import ROOT, Run, mostly_slow
from rejoinder import namespaces, versions
from rejoinder.config import Project, open_project
from rejoinder.rdf import terms

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
MODEL = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
PACKAGE = Path(rejoinder.__file__).parent
MODULES = sorted(
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts) for path in PACKAGE.rglob("*.py") if path.stem[:2] != "__"
)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give what `make run` works on: this repository's project, without what was built here."""
    folder = tmp_path_factory.mktemp("clone")
    shutil.copyfile(ROOT / "pyproject.toml", folder / "pyproject.toml")
    shutil.copytree(ROOT / "data", folder / "data")
    return folder


@pytest.fixture(scope="module")
def built(clone: Path) -> Project:
    project = open_project(clone)
    rejoinder.build(project, with_site=False)
    return project


WITH_EXAMPLES = [
    name for name in MODULES if ">>> " in (PACKAGE / f"{name.replace('.', '/')}.py").read_text(encoding="utf-8")
]


@pytest.mark.parametrize("module", WITH_EXAMPLES)
def test_the_examples_of_the_docstrings_run(module: str) -> None:
    tried = doctest.testmod(importlib.import_module(f"rejoinder.{module}"))
    assert tried.attempted > 0
    assert tried.failed == 0


@pytest.mark.slow
def test_make_run_prints_what_the_readme_shows(clone: Path, run: Run) -> None:
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").split("\nrun: ")[1].split("\n\n")[0]
    shown = next(block for block in _blocks("console") if block.startswith("$ make run\n"))
    shutil.rmtree(clone / "build", ignore_errors=True)
    printed = "".join(_outcome(run, command, clone) for command in re.findall(r"^\t@(.+)$", recipe, re.MULTILINE))
    assert printed == shown.removeprefix("$ make run\n")


def _outcome(run: Run, command: str, folder: Path) -> str:
    words = shlex.split(command)
    if words[0] == "echo":
        return " ".join(words[1:]) + "\n"
    return run(*words[1:], cwd=folder).stdout


def test_the_questions_of_the_readme_are_answered_as_shown(built: Project, run: Run) -> None:
    (block,) = (block for block in _blocks("console") if block.startswith("$ rejoinder ask"))
    for part in block.removeprefix("$ ").split("\n$ "):
        command, shown = part.split("\n", 1)
        answer = run(*shlex.split(command)[1:], cwd=built.root).stdout
        assert answer.replace("\r\n", "\n").strip() == shown.strip()
    assert f"lists {len(rejoinder.list_questions(built))} stored questions" in README


def test_the_question_of_the_documentation_is_answered(built: Project) -> None:
    (block,) = _blocks("sparql", (ROOT / "docs" / "questions.md").read_text(encoding="utf-8"))
    folder = built.root / "queries"
    folder.mkdir(exist_ok=True)
    (folder / "states-of-each-issue.rq").write_text(block, encoding="utf-8")
    try:
        answer = rejoinder.ask(built, "states-of-each-issue", {"issue": "libel", "report": "kaz-upr-20"})
    finally:
        shutil.rmtree(folder)
    ((label, states, *_),) = answer.rows
    assert label is not None
    assert states is not None
    assert (terms.text(label), terms.text(states)) == ("Criminal liability for libel", "4")


def test_the_mapping_file_of_the_documentation_joins_two_entries(project: Project, run: Run) -> None:
    text = (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8")
    (table,), (console,) = (_blocks(language, text) for language in ("tsv", "console"))
    for path in (project.data / "mapping").iterdir():
        path.unlink()
    (project.data / "mapping/people.sssom.tsv").write_text(table, encoding="utf-8")
    rejoinder.build(project, with_site=False)
    command, shown = console.removeprefix("$ ").split("\n", 1)
    assert run(*shlex.split(command)[1:]).stdout.strip() == shown.strip()


@pytest.mark.slow
def test_the_python_of_the_documentation_runs(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(built.root)
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner()
    runner.run(parser.get_doctest("\n".join(_blocks("python", COMMANDS)), {}, "commands.md", "commands.md", 0))
    assert runner.tries > 0
    assert runner.failures == 0


def test_every_edge_of_the_picture_is_in_the_graph(built: Project) -> None:
    (picture,) = _blocks("mermaid", MODEL)
    nodes = dict(re.findall(r'^  (\w+)\["([^<]+)<', picture, re.MULTILINE))
    edges = re.findall(r"^  (\w+) -- (\w+):(\w+) --> (\w+)$", picture, re.MULTILINE)
    assert len(edges) > 10
    store = versions.require_newest(built.build).open()
    for subject, prefix, name, value in edges:
        ends = [terms.NamedNode(_iri(nodes[node])) for node in (subject, value)]
        predicate = terms.NamedNode(namespaces.PREFIXES[prefix] + name)
        assert list(store.quads_for_pattern(ends[0], predicate, ends[1])), (subject, name, value)


def _iri(text: str) -> str:
    return f"https://w3id.org/rejoinder/{'report/kaz-upr-20' if text.startswith('#') else ''}{text}"


@pytest.mark.slow
def test_a_report_of_one_s_own_in_ten_lines(run: Run, tmp_path: Path) -> None:
    (block,) = (block for block in _blocks("console") if "new my-reports" in block)
    lines = block.strip().splitlines()
    assert len(lines) <= 10
    folder = tmp_path
    for line in lines:
        words = shlex.split(line.removeprefix("$ "), comments=True)
        if words[0] == "cd":
            folder /= words[1]
            (folder / "report.txt").write_text("Two States raised torture.\n", encoding="utf-8", newline="")
        elif words[0] == "rejoinder":
            answer = run(*words[1:], cwd=folder)
            assert answer.returncode == 0, (line, answer.stdout, answer.stderr)
            _paste(answer.stdout, folder / "data/report/my-report.yaml") if words[1] == "anchor" else None
    assert (folder / "all.trig").stat().st_size > 10_000


def _paste(printed: str, dossier: Path) -> None:
    """Put the printed lines in place of those of the template, as an analyst does."""
    text = dossier.read_text(encoding="utf-8")
    head, rest = text.split("sha256: 0000", 1)
    tail = rest.split("\n\n# Who raised what", 1)[1]
    pasted = printed.replace("passages:", 'anchor: "#p001"\npassages:')
    dossier.write_text(f"{head}{pasted}\n# Who raised what{tail}", encoding="utf-8")


def test_a_build_loads_into_jena_as_the_readme_says(
    built: Project, jena_command: Callable[..., str], tmp_path: Path
) -> None:
    rejoinder.build(built)  # with the exports
    (block,) = (block for block in _blocks("console") if "tdb2.tdbloader" in block)
    line = next(line for line in block.splitlines() if "tdb2.tdbloader" in line)
    words = shlex.split(line.removeprefix("$ "), comments=True)
    words[words.index("--loc") + 1] = str(tmp_path / "store")
    jena_command(*words, cwd=built.root)
    manifest = versions.require_newest(built.build).manifest
    query = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    counted = jena_command("tdb2.tdbquery", "--loc", str(tmp_path / "store"), "--results=CSV", query, cwd=built.root)
    assert counted.split() == ["n", str(manifest.quads)]


@pytest.mark.slow
def test_a_build_loads_into_oxigraph_as_the_readme_says(built: Project, tmp_path: Path) -> None:
    rejoinder.build(built)  # with the exports
    (line,) = (line for block in _blocks("console") for line in block.splitlines() if line.startswith("$ oxigraph"))
    words = shlex.split(line.removeprefix("$ "))
    program = Path(sys.executable).parent / words[0]
    if not program.exists():
        pytest.skip("the oxigraph program is not installed here: pip install oxigraph")
    words[words.index("--location") + 1] = str(tmp_path / "store")
    subprocess.run([program, *words[1:]], cwd=built.root, check=True, capture_output=True)
    dump = subprocess.run(
        [program, "dump", "--location", tmp_path / "store", "--format", "nq"], check=True, capture_output=True
    )
    manifest = versions.require_newest(built.build).manifest
    assert len(dump.stdout.splitlines()) == manifest.quads


def test_every_package_and_module_that_the_architecture_names_is_there() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    packages = {name.rpartition(".")[0] for name in MODULES}
    assert set(re.findall(r"^\| `rejoinder\.?(\w*)` \|", text, re.MULTILINE)) == packages
    concepts = text.split("## Twelve concepts")[1].split("\n## ")[0]
    rows = re.findall(r"^\| \w+ \| .* \| (.*) \|$", concepts, re.MULTILINE)[1:]
    named = {module for row in rows for module in re.findall(r"`([\w.]+)`", row)}
    assert len(rows) == 12
    assert named <= set(MODULES)
    assert len(_modules_in(text)) > 10


@pytest.mark.parametrize("document", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda p: p.name)
def test_every_file_that_a_document_names_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:ontology|docs|queries|src|tests|benchmarks)/[\w./-]*|[A-Z][\w.-]+(?:\.cff))`", text))
    linked = set(re.findall(r"\]\((?!https?:|#)([^)#]+)", text))
    missing = {name for name in named if not (ROOT / name).exists()}
    assert missing | {target for target in linked if not (document.parent / target).exists()} == set()
    assert _modules_in(text) <= set(MODULES)


def _modules_in(text: str) -> set[str]:
    """Return the modules that a document names, as `package.module` or `package/module.py`."""
    packages = {name.partition(".")[0] for name in MODULES if "." in name}
    named = re.findall(r"`(?:rejoinder\.)?([a-z_]+)\.([a-z_]+)`|`([a-z_]+)/([a-z_]+)\.py`", text)
    pairs = {(package or folder, name or file) for package, name, folder, file in named}
    return {f"{package}.{name}" for package, name in pairs if package in packages}


def test_the_readme_fits_on_three_screens_and_leads_to_every_document() -> None:
    assert len(README.splitlines()) <= 150
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    there = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert set(re.findall(r"\]\((\w[\w-]*\.md)\)", index)) == there
    assert "docs/README.md" in README


def test_every_picture_is_shown_small_and_told_in_words() -> None:
    docs = ROOT / "docs"
    shown = set()
    for document in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for words, target in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", document.read_text(encoding="utf-8")):
            assert len(words.split()) > 5, (document, target)
            shown.add((document.parent / target).resolve())
    assert shown == {*(docs / "images").iterdir(), *docs.glob("*.svg")}
    assert max(path.stat().st_size for path in shown) < 200_000


@pytest.mark.parametrize(
    "command", mostly_slow(["build", "check", "ask", "export", "new"], {"check", "ask", "export", "new"})
)
def test_the_examples_of_the_help_run(built: Project, run: Run, tmp_path: Path, command: str) -> None:
    help_text = " ".join(run(command, "--help").stdout.split())
    examples = re.findall(r"rejoinder [^·]+", help_text.split("Example", 1)[1])
    assert examples
    work = tmp_path / "work"
    shutil.copytree(built.root, work, symlinks=True)
    (work / "report.txt").write_text("Another text.\n", encoding="utf-8")
    for example in examples:
        words = shlex.split(example.strip())
        answer = run(*words[1:], cwd=work)
        # The report's own text is not ours to publish, so an example with --source finds that it is another.
        assert answer.returncode == (1 if "--source" in words else 0), (example, answer.stderr)


def test_completion_is_offered() -> None:
    environment = os.environ | {"_REJOINDER_COMPLETE": "complete_bash", "COMP_WORDS": "rejoinder ex", "COMP_CWORD": "1"}
    program = Path(sys.executable).parent / "rejoinder"
    answer = subprocess.run([program], env=environment, capture_output=True, text=True, check=False)
    assert answer.stdout.split() == ["export"]


def _blocks(language: str, document: str = README) -> Iterator[str]:
    """Yield the blocks of code in a language."""
    return iter(re.findall(rf"```{language}\n(.*?)```", document, re.DOTALL))
