"""The command line: what each command prints, for people and for machines, and the exit codes."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

import rejoinder
from conftest import Run
from rejoinder import formats
from rejoinder.config import Project
from rejoinder.rdf import terms
from rejoinder.triplestores.push import Action, Pushed, Step
from rejoinder.validation import checks


@pytest.fixture
def built(stored: Project) -> Project:
    """Give the example project, built without a site, which no command here reads."""
    return stored


COMMANDS = ["build", "check", "ask", "sparql", "export", "diff", "push", "new", "migrate", "match", "anchor"]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example_that_names_the_command(run: Run, command: str) -> None:
    answer = run(command, "--help")
    assert answer.returncode == 0
    assert f"rejoinder {command}" in answer.stdout.split("Example", 1)[1]


def test_each_command_is_a_library_call_of_the_same_name() -> None:
    assert set(COMMANDS) <= set(rejoinder.__all__)


def test_the_public_names_are_these() -> None:
    assert sorted(rejoinder.__all__) == [
        "__version__",
        "anchor",
        "ask",
        "build",
        "check",
        "check_endpoint",
        "check_fair",
        "diff",
        "diff_exports",
        "export",
        "import_table",
        "import_upr_info",
        "list_questions",
        "match",
        "migrate",
        "new",
        "open",
        "open_project",
        "push",
        "serve",
        "sparql",
    ]


def test_no_command_shows_the_help_and_is_bad_usage(run: Run) -> None:
    assert run().returncode == 2


def test_the_version_is_the_package_s(run: Run) -> None:
    assert run("--version").stdout == f"rejoinder {rejoinder.__version__}\n"


def test_outside_a_project_the_sentence_says_what_to_do(run: Run, tmp_path: Path) -> None:
    answer = run("build", cwd=tmp_path)
    assert answer.returncode == 2
    assert "rejoinder new FOLDER" in answer.stderr


@pytest.mark.usefixtures("project")
def test_before_a_build_the_sentence_says_what_to_do(run: Run) -> None:
    answer = run("ask", "who-raised-what")
    assert answer.returncode == 2
    assert "rejoinder build" in answer.stderr


def test_build_as_json(small: Project, run: Run) -> None:
    answer = json.loads(run("build", "--no-site", "--format", "json").stdout)
    assert answer["version"] == 1
    assert answer["new"] is True
    assert answer["broken"] == []
    assert small.base + "report/short" in answer["changed"]


def test_ask_lists_the_questions(built: Project, run: Run) -> None:
    listed = run("ask")
    assert listed.returncode == 0
    for name in rejoinder.list_questions(built):
        assert f"  {name}" in listed.stdout
    rows = list(csv.DictReader(io.StringIO(run("ask", "--format", "csv").stdout)))
    assert [row["name"] for row in rows] == list(rejoinder.list_questions(built))


def test_ask_gives_the_same_answer_in_every_format(built: Project, run: Run) -> None:
    table = rejoinder.ask(built, "who-raised-what", {"state": "CZE"})
    assert table.rows
    command = ("ask", "who-raised-what", "state=CZE", "--format")
    rows = list(csv.reader(io.StringIO(run(*command, "csv").stdout)))
    assert tuple(rows[0]) == table.columns
    bindings = json.loads(run(*command, "json").stdout)["results"]["bindings"]
    lengths = {
        len(rows) - 1,
        len(bindings),
        len(run(*command, "tsv").stdout.splitlines()) - 1,
        len(run(*command, "markdown").stdout.splitlines()) - 2,
        len(run(*command, "table").stdout.splitlines()) - 1,
    }
    assert lengths == {len(table.rows)}


@pytest.mark.usefixtures("built")
def test_a_question_with_no_answer_is_an_empty_table_and_fine(run: Run) -> None:
    answer = run("ask", "who-raised-what", "state=ZWE", "--format", "csv")
    assert answer.returncode == 0
    assert len(answer.stdout.splitlines()) == 1


def test_show_query_prints_the_sparql(built: Project, run: Run) -> None:
    assert (
        run("ask", "who-raised-what", "--show-query").stdout == rejoinder.list_questions(built)["who-raised-what"].query
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ask", "who-raised-wat"], "did you mean 'who-raised-what'?"),
        (["ask", "who-raised-what", "stat=CZE"], "has no parameter 'stat'"),
        (["ask", "who-raised-what", "CZE"], "is not key=value"),
        (["sparql", "SELEC ?s"], "not SPARQL"),
        (["sparql"], "exactly one"),
        (["sparql", "--file", "gone.rq"], "gone.rq"),
        (["export"], "say where to write"),
        (["export", "all.xyz"], "the format cannot be told"),
        (["export", "-f", "turtle", "-g", "report/none"], "there is no graph 'report/none'"),
        (["new", "."], "something is there already"),
        (["anchor", "gone.txt", "words"], "gone.txt"),
        (["check", "--source", "gone.txt"], "gone.txt"),
        (["check", "gone.yaml"], "gone.yaml"),
        (["check", "--engine", "none"], "none"),
    ],
)
@pytest.mark.usefixtures("built")
def test_bad_usage_is_one_sentence_and_exit_code_2(run: Run, arguments: list[str], words: str) -> None:
    answer = run(*arguments)
    assert answer.returncode == 2
    assert words in answer.stderr + answer.stdout
    assert "Traceback" not in answer.stderr


@pytest.mark.usefixtures("built")
def test_sparql_answers_select_ask_and_construct(run: Run) -> None:
    count = run("sparql", "SELECT (COUNT(*) AS ?n) { ?s a rj:Report }", "--format", "csv")
    assert count.stdout.splitlines() == ["n", "4"], "on Kazakhstan two, on Slovenia and Bahrain one each"
    assert run("sparql", "ASK { ?s a rj:Report }", "--format", "csv").stdout.splitlines() == ["boolean", "true"]
    graph = run("sparql", "CONSTRUCT WHERE { ?s a rj:Report }").stdout
    assert len(list(terms.parse(graph, formats.TURTLE))) == 4


def test_sparql_reads_standard_input_and_files(built: Project, run: Run) -> None:
    query = "SELECT (COUNT(*) AS ?n) { ?s a rj:Report }"
    (built.root / "q.rq").write_text(query, encoding="utf-8")
    from_file = run("sparql", "--file", "q.rq", "--format", "csv").stdout
    assert run("sparql", "-", "--format", "csv", input=query).stdout == from_file


def test_a_violation_is_exit_code_1_with_file_line_value_and_advice(small: Project, run: Run) -> None:
    path = small.data / "report" / "short.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("list: closed", "note: the list is left out", 1), encoding="utf-8")
    answer = run("check", "data/report/short.yaml")
    assert answer.returncode == 1
    violations = [row for row in answer.stdout.splitlines() if ": violation: " in row]
    assert len(violations) == 1
    assert violations[0].startswith("data/report/short.yaml:")
    assert "`list`" in violations[0]


@pytest.mark.slow
def test_both_engines_find_the_same_in_a_dossier(project: Project) -> None:
    """In the shortest; the second engine takes minutes for all four, and tries each shape in `test_shapes.py`."""
    from rejoinder.validation.shacl import Engine  # noqa: PLC0415  # only here

    for report in (project.data / "report").glob("*.yaml"):
        if report.stem != "bhr-adhrb-2020":
            report.unlink()

    def found(engine: Engine) -> list[tuple[str, str, str, str, str]]:
        findings = rejoinder.check(project, engine=engine).findings
        return sorted((f.focus, f.predicate, f.value, f.rule, f.component) for f in findings)

    ours = found(Engine.SHACL)
    assert ours == found(Engine.PYSHACL)
    assert ours, "the dossier has warnings; none at all would prove nothing"


@pytest.mark.parametrize("form", ["table", "csv", "tsv", "json", "markdown"])
def test_an_answer_ends_with_one_line_end_in_every_format(built: Project, run: Run, form: str) -> None:
    for command in (["ask", "who-raised-what"], ["sparql", "ASK { }"]):
        shown = run(*command, "--format", form, cwd=built.root).stdout.replace("\r\n", "\n")
        assert shown.endswith("\n")
        assert not shown.endswith("\n\n")


@pytest.mark.slow
@pytest.mark.usefixtures("project")
def test_warnings_fail_only_when_asked(run: Run) -> None:
    assert run("check").returncode == 0
    assert run("check", "--fail-on", "warning").returncode == 1


@pytest.mark.slow
def test_check_as_sarif_and_as_validation_report(project: Project, run: Run) -> None:
    findings = rejoinder.check(project).findings
    log = json.loads(run("check", "--format", "sarif").stdout)
    assert log["version"] == "2.1.0"
    results = log["runs"][0]["results"]
    assert len(results) == len(findings)
    assert all(result["locations"][0]["physicalLocation"]["region"]["startLine"] > 0 for result in results)
    report = list(terms.parse(run("check", "--format", "turtle").stdout, formats.TURTLE))
    listed = [quad for quad in report if quad.predicate.value.endswith("#resultMessage")]
    assert len(listed) == len(findings)
    # SHACL 3.6.1: a report conforms if and only if it has no result, of whatever severity.
    assert any(quad.predicate.value.endswith("#conforms") and terms.text(quad.object) == "false" for quad in report)


def test_a_new_project_builds_at_once(run: Run, tmp_path: Path) -> None:
    assert run("new", "mine", cwd=tmp_path).returncode == 0
    answer = run("build", cwd=tmp_path / "mine")
    assert answer.returncode == 0, answer.stdout
    listed = run("sparql", "SELECT ?t { ?r a rj:Report ; dcterms:title ?t }", "-f", "csv", cwd=tmp_path / "mine")
    assert listed.stdout.splitlines() == ["t", "The title of the report"]


def test_a_new_project_is_told_what_is_still_the_template_s(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    run("new", "mine", cwd=tmp_path)
    answer = run("check", cwd=folder)
    assert answer.returncode == 0
    advice = "that a new project begins with; write your own before you publish"
    assert [line for line in answer.stdout.splitlines() if "begins with" in line] == [
        f"data/organisation.yaml:7: warning: organisation/: label still has the value {advice}",
        "data/report/my-report.yaml:7: warning: report/my-report: title, label and sha256 still have the values "
        + advice,
        f"rejoinder.toml:2: warning: reports/: base and title still have the values {advice}",
    ]
    assert run("check", "--fail-on", "warning", cwd=folder).returncode == 1
    built = run("build", "--no-site", cwd=folder).stdout
    assert "Checked   3 warnings, no violation" in built, "as many as `check` lists"
    assert built.count(advice) == 3
    assert "rejoinder.toml" not in run("check", "data/report/my-report.yaml", cwd=folder).stdout, "it was not asked for"


def test_a_file_whose_name_makes_no_iri_is_told_beside_what_is_still_the_template_s(run: Run, tmp_path: Path) -> None:
    run("new", "mine", cwd=tmp_path)
    (tmp_path / "mine/data/report/my-report.yaml").rename(tmp_path / "mine/my report.yaml")
    answer = run("check", "my report.yaml", cwd=tmp_path / "mine")
    assert answer.returncode == 2
    assert "cannot be part of a web address" in answer.stdout
    assert "my report.yaml:7: warning: my report.yaml: title, label and sha256" in answer.stdout


def test_what_was_edited_is_no_longer_told(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    run("new", "mine", cwd=tmp_path)
    for name, lines in checks.PLACEHOLDERS.items():
        text = (folder / name).read_text(encoding="utf-8")
        for line in lines:
            assert line in text
            edited = line.replace("My", "Our").replace("report", "paper").replace("0" * 64, "1" * 64)
            text = text.replace(line, edited)
        (folder / name).write_text(text, encoding="utf-8")
    answer = run("check", cwd=folder)
    assert answer.returncode == 0
    assert "begins with" not in answer.stdout


def test_anchor_prints_the_line_for_a_dossier(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "report.txt"
    source.write_text("One is here.\nTwo is\nthere. Three.\n", encoding="utf-8")
    # "Two is there." begins at 13 (twelve characters and a line end before it) and is 13 characters long.
    answer = run("anchor", source, "Two is there.", cwd=tmp_path)
    assert answer.stdout.startswith('  "#p001": {start: 13, end: 26, sha256: ')
    assert run("anchor", source, "One … Three", cwd=tmp_path).stdout.startswith('  "#p001": {start: 0, end: 32,')
    everything = run("anchor", source, "--all", cwd=tmp_path).stdout.splitlines()
    assert everything[1:3] == ["characters: 34", "passages:"]
    assert len(everything) == 6, "digest, length, the key, and three sentences"


def test_output_is_plain_in_a_pipe_and_drawn_on_a_terminal(built: Project, run: Run) -> None:
    assert "\x1b" not in run("ask", "who-raised-what").stdout
    assert "\x1b" in _on_a_terminal(built, "ask", "who-raised-what")


def _on_a_terminal(project: Project, *arguments: str) -> str:
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "120"}
    environment.pop("NO_COLOR", None)
    command = [sys.executable, "-m", "rejoinder", *arguments]
    shown = b""
    with subprocess.Popen(command, cwd=project.root, stdout=theirs, stderr=theirs, env=environment):
        os.close(theirs)
        with suppress(OSError):  # Linux says so when the other side is closed
            while chunk := os.read(ours, 65536):
                shown += chunk
    os.close(ours)
    return shown.decode()


def test_a_closed_pipe_is_no_error(built: Project) -> None:
    command = f"{sys.executable} -m rejoinder export --format nquads | head -n 1"
    answer = subprocess.run(["bash", "-c", command], cwd=built.root, capture_output=True, text=True, check=False)
    assert answer.stdout.count("\n") == 1
    assert answer.stderr == ""


def test_a_validation_report_keeps_datatypes_and_inverse_paths(project: Project, run: Run) -> None:
    path = project.data / "report" / "kaz-upr-20.yaml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("    value: 31\n", "    value: 30\n").replace('"#claim-no-interference", ', "")
    path.write_text(text, encoding="utf-8")
    answer = run("check", "data/report/kaz-upr-20.yaml", "--format", "turtle").stdout
    report = {str(quad.triple) for quad in terms.parse(answer, formats.TURTLE)}
    assert any('#value> "30"^^<http://www.w3.org/2001/XMLSchema#decimal>' in line for line in report)
    assert any("#inversePath> <https://w3id.org/rejoinder/ns#expresses>" in line for line in report)


def test_push_names_the_graphs_by_what_became_of_them(
    project: Project, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = project.base
    steps = (Step(f"{base}person/", Action.ADD), Step(f"{base}report/x", Action.REPLACE))
    done = Pushed("Fuseki", 2, 3, 10, steps, (f"{base}report/old",), (), 1, dry=False)
    for dry in (False, True):
        monkeypatch.setattr(rejoinder, "push", lambda *_, dry=dry, **__: replace(done, dry=dry))
        answer = run("push", "http://localhost:1/", cwd=project.root)
        assert answer.returncode == 0
        lines = answer.stdout.splitlines()
        words = ("Would add", "Would replace") if dry else ("Added    ", "Replaced ")
        assert lines[:2] == [f"{words[0]} person/", f"{words[1]} report/x"]
        assert lines[2].startswith("Left      report/old (")
