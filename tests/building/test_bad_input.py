"""Bad input: one clear sentence with file and line, exit code 2, nothing published."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

import rejoinder
from conftest import Run, mostly_slow
from rejoinder import formats, namespaces
from rejoinder.config import Project
from rejoinder.disk import package_file
from rejoinder.dossiers.discovery import graph_of
from rejoinder.errors import InputError
from rejoinder.rdf import terms

REPORT = "data/report/short.yaml"


def _replace(old: str, new: str) -> Callable[[Path], None]:
    """Return an edit of the dossier that swaps the first `old` for `new`."""

    def edit(path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


def _as_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _gone(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def _exploding(path: Path) -> None:
    bombs = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9))
    path.write_text(f"a0: &a0 [x]\n{bombs}\n", encoding="utf-8")


def _prefix(text: str) -> Callable[[Path], None]:
    def edit(path: Path) -> None:
        path.write_text(text + path.read_text(encoding="utf-8"), encoding="utf-8")

    return edit


# name, how the dossier is spoilt, the line that is named (None: no line), words of the sentence
CASES: list[tuple[str, Callable[[Path], object], int | None, str]] = [
    ("not utf-8", lambda p: p.write_bytes(b"type: Report\ntitle: Caf\xe9\n"), 2, "0xe9 is not UTF-8"),
    ("utf-16", lambda p: p.write_bytes("type: Report\n".encode("utf-16")), 1, "not UTF-8"),
    ("tab", lambda p: p.write_text("type: Report\nclaims:\n\t\"#a\": {}\n"), 3, "a tab is used for indentation"),
    ("duplicate key", _prefix("type: Report\n"), None, "a second time (first on line 1)"),
    ("exploding aliases", _exploding, 1, "aliases (*) are not allowed"),
    ("tag", lambda p: p.write_text("type: !!python/object:os.system x\n"), 1, "is not allowed"),
    ("unknown key", lambda p: p.write_text("type: Report\nlang: en\ntitel: x\n"), 3, "did you mean 'title'?"),
    ("no language", lambda p: p.write_text("type: Report\ntitle: x\n"), 1, "the dossier lacks the key 'lang'; add it"),
    ("old name", _replace("publisher: ", "publisher: ../organisation/"), 8, "write my-organisation; 'rejoinder"),
    ("remote context", _prefix('"@context": https://example.org/context.jsonld\n'), 1, "fetches none"),
    ("empty", lambda p: p.write_text(""), None, "the file is empty"),
    ("only a comment", lambda p: p.write_text("# nothing\n"), None, "the file is empty"),
    ("a list", lambda p: p.write_text("- a\n- b\n"), 1, "a dossier is a mapping"),
    ("two documents", lambda p: p.write_text("type: Report\n---\ntype: Report\n"), 2, "a second document"),
    ("unclosed bracket", lambda p: p.write_text("type: Report\nclaims: [\n"), None, "this is not YAML"),
    ("control character", lambda p: p.write_text('type: Report\ntitle: "a\\0b"\n'), 2, "U+0000"),
    ("vertical tab", lambda p: p.write_text("# \u00e9\u00e9\ntype: Report\n\x0b\n"), 3, "U+000B"),
    ("hash as comment", lambda p: p.write_text("type: Report\nlang: en\nanchor: #p001\n"), 3, "between quotation"),
    ("a folder", _as_folder, None, "this is a folder"),
    ("gone", _gone, None, "there is no such file"),
    ("truncated", lambda p: p.write_bytes(p.read_bytes()[:1501]), None, ""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "spoil", "line", "words"), CASES, ids=[case[0] for case in CASES])
def test_a_spoilt_dossier_is_one_sentence_and_exit_code_2(
    small: Project, run: Run, name: str, spoil: Callable[[Path], object], line: int | None, words: str
) -> None:
    path = small.root / REPORT
    spoil(path)
    answer = run("check", REPORT)
    assert answer.returncode == 2, (name, answer.stdout, answer.stderr)
    assert "Traceback" not in answer.stderr + answer.stdout
    sentences = [row for row in answer.stdout.splitlines() if row.startswith(REPORT)]
    assert any(words in row for row in sentences), answer.stdout
    if line is not None:
        assert sentences[0].startswith(f"{REPORT}:{line}: ")


def _edits(project: Project, run: Run, old: str, new: str) -> subprocess.CompletedProcess[str]:
    _replace(old, new)(project.root / REPORT)
    return run("check", REPORT)


def test_an_unknown_state_code_is_named_with_its_line(small: Project, run: Run) -> None:
    answer = _edits(small, run, "raisedBy: [CZE", "raisedBy: [CZX")
    line = _line_of(small, "CZX")
    assert answer.returncode == 2
    assert f"{REPORT}:{line}: the State code 'CZX' is unknown" in answer.stdout
    assert "did you mean" in answer.stdout


CODES = [
    ("GER", "did you mean 'DEU'?"),
    ("SPA", "did you mean 'ESP'?"),
    ("SLO", "did you mean 'SVK' or 'SVN'?"),
    ("XER", "describe it, or remove the reference"),
]


@pytest.mark.parametrize(("code", "hint"), mostly_slow(CODES, CODES[2:]))
def test_a_state_is_suggested_by_its_name_and_not_by_chance(small: Project, run: Run, code: str, hint: str) -> None:
    shutil.copyfile(package_file("data") / "state.ttl", small.data / "state.ttl")  # every State, with its names
    answer = _edits(small, run, "raisedBy: [CZE", f"raisedBy: [{code}")
    assert f"the State code {code!r} is unknown (ISO 3166 alpha-3 is expected); {hint}" in answer.stdout


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("raisedBy: République tchèque", "did you mean 'CZE'?"),
        ("raisedBy: My Organisation", "is 'My Organisation'; did you mean 'my-organisation'?"),
        ("about: Registration of Associations", "did you mean 'registration'?"),
        (
            "about: Freedom of expression",
            "is 'Freedom of expression'; write the name of an issue in data/issue.yaml, in",
        ),
        ("list: number", "is 'number'; write one of open, closed, unnamed"),
    ],
)
def test_who_writes_a_label_is_told_the_short_name(small: Project, line: str, told: str) -> None:
    key = line.partition(":")[0]
    path = small.data / "report/short.yaml"
    path.write_text(re.sub(rf"\b{key}: .*", line, path.read_text(encoding="utf-8"), count=1), encoding="utf-8")
    (found,) = rejoinder.check(small, (path,)).problems
    assert told in found.message


def _unknown_key(path: Path) -> None:
    path.write_text("type: Report\nlang: en\ntitel: x\n", encoding="utf-8")


@pytest.mark.parametrize("spoil", [_unknown_key, _replace("raisedBy: [CZE", "raisedBy: [CZX")], ids=["key", "State"])
def test_every_form_of_a_check_up_tells_of_the_problem(small: Project, run: Run, spoil: Callable[[Path], None]) -> None:
    spoil(small.root / REPORT)
    (problem,) = json.loads(run("check", REPORT, "-f", "json").stdout)["problems"]
    sarif = run("check", REPORT, "-f", "sarif")
    (result,) = json.loads(sarif.stdout)["runs"][0]["results"]
    assert sarif.returncode == 2
    assert (result["level"], result["message"]["text"]) == ("error", problem["message"])
    physical = result["locations"][0]["physicalLocation"]
    assert physical == {"artifactLocation": {"uri": REPORT}, "region": {"startLine": problem["line"]}}
    turtle = run("check", REPORT, "-f", "turtle")
    assert turtle.returncode == 2
    told = {q.predicate.value: terms.text(q.object) for q in terms.parse(turtle.stdout, formats.TURTLE)}
    assert told[namespaces.SH + "conforms"] == "false"
    assert told[namespaces.SH + "resultMessage"] == problem["message"]
    assert told[namespaces.SH + "resultSeverity"] == namespaces.SH + "Violation"


CITED = """
footnotes:
  "#fn-1":
    label: The only footnote
    number: 1
    cites: {address}
    anchor: "#p003"

sources:
  {address}: {{label: What it cites}}

passages:
"""


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://example.org/a|b", "no web address has '|' in it; write %7C for it"),
        ("http://example.org/{a}", "no web address has '{' in it; write %7B for it"),
        ("http://example.org/a[1]", "no web address has '[' in it; write %5B for it"),
        ("http://example.org/%zz", "write two hexadecimal digits after a %"),
        ("http://[::1", "brackets only around an IPv6 address"),
    ],
)
def test_an_address_that_is_no_iri_is_refused_and_not_left_out(
    small: Project, run: Run, address: str, words: str
) -> None:
    """JSON-LD drops what is no IRI, and with it what a footnote cites; so it must not come so far."""
    _replace("\npassages:\n", CITED.format(address=address))(small.root / REPORT)
    text = (small.root / REPORT).read_text(encoding="utf-8")
    (cited, described) = (at for at, line in enumerate(text.splitlines(), 1) if address in line)
    answer = run("check")
    assert answer.returncode == 2
    told = [line for line in answer.stdout.splitlines() if words in line]
    assert [line.split(": ")[0] for line in told] == [f"{REPORT}:{cited}", f"{REPORT}:{described}"]


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        (
            *("organisation", "    label: My organisation\n", "    label: My organisation\n    url: example.org/\n"),
            "'url' is 'example.org/'; write the full web address",
        ),
        ("person", "label: People", "label: [People", "a bracket is not closed"),
        ("person", "lang: en", "lang: [en]", "'lang' is a list; write text, such as \"en\""),
    ],
    ids=["a wrong value", "no YAML, so no names", "no language"],
)
def test_a_file_that_cannot_be_used_is_told_once_and_what_leads_to_it_is_counted(
    small: Project, run: Run, name: str, old: str, new: str, words: str
) -> None:
    _replace(old, new)(small.data / f"{name}.yaml")
    answer = run("check")
    told = [line.partition(":") for line in answer.stdout.splitlines() if line.startswith("data/")]
    problems = [(file, problem) for file, _, problem in told if ": warning: " not in f":{problem}"]
    files = Counter(file for file, _ in problems)
    assert set(files.values()) == {1}
    assert {f"data/{name}.yaml", REPORT} <= set(files)
    for file, problem in problems:
        leads = f"lead to {name}/, whose file cannot be used; mend that file first"
        assert (words if file == f"data/{name}.yaml" else leads) in problem.replace(
            "reference leads", "references lead"
        )


def test_a_report_whose_name_only_begins_like_that_of_a_broken_one_is_not_taken_for_it(
    small: Project, run: Run
) -> None:
    (small.root / REPORT).write_text("type: Report\n", encoding="utf-8")
    one = "  one:\n    label: One\n    represents: KAZ\n    anchor: short-2#p1\n"
    (small.data / "person.yaml").write_text(f"lang: en\nofficials:\n{one}", encoding="utf-8")
    assert "nothing describes 'report/short-2#p1'" in run("check").stdout


@pytest.mark.parametrize("name", ["report/index", "index", "dataset", "version/1", "sparql"])
def test_no_file_takes_the_place_of_a_page_of_the_site(small: Project, run: Run, name: str) -> None:
    path = small.data / f"{name}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text("type: Report\n", encoding="utf-8")
    answer = run("build")
    assert answer.returncode == 2
    assert "belongs to a page of the site; rename it" in answer.stdout + answer.stderr
    assert not (small.build / "versions").exists() or not list((small.build / "versions").iterdir())


def test_no_thing_takes_the_place_of_the_list_of_its_kind(small: Project, run: Run) -> None:
    path = small.data / "person.yaml"
    text = path.read_text(encoding="utf-8")
    line = text.splitlines().index("  the-official:") + 1
    path.write_text(text.replace("  the-official:", "  index:"), encoding="utf-8")
    answer = run("check")
    assert answer.returncode == 2
    message = "the name of 'person/index' belongs to a page of the site; rename the thing"
    assert f"data/person.yaml:{line}: {message}" in answer.stdout


def test_every_name_at_the_root_of_a_site_is_refused_for_a_file(built_once: Project) -> None:
    """What the program puts there by itself, and no data file does."""
    data = {path.name.partition(".")[0] for path in built_once.data.iterdir()}
    known = {"report", "record"}  # folders of documents
    found = {path.name.partition(".")[0] for path in (built_once.build / "site").iterdir()} - {""}
    assert found - data - known
    for name in found - data - known:
        with pytest.raises(InputError, match="rename it"):
            graph_of(built_once.base, built_once.data, built_once.data / f"{name}.yaml")


def test_a_dangling_reference_is_named_with_its_line(small: Project, run: Run) -> None:
    answer = _edits(small, run, 'claim: "#claim-', 'claim: "#claim-x')
    assert answer.returncode == 2
    line = _line_of(small, 'claim: "#claim-x')
    assert f"{REPORT}:{line}: nothing describes 'report/short#claim-x" in answer.stdout


def test_a_person_or_organisation_that_no_file_describes_is_named_with_its_line(small: Project, run: Run) -> None:
    answer = _edits(small, run, "publisher: my-", "publisher: our-")
    assert answer.returncode == 2
    message = "no person or organisation is called 'our-organisation'; did you mean 'my-organisation'?"
    assert f"{REPORT}:{_line_of(small, 'publisher: our-')}: {message}" in answer.stdout


def test_a_date_that_does_not_exist_is_named_with_its_line(small: Project, run: Run) -> None:
    answer = _edits(small, run, "date: 2014-11-21", "date: 2014-02-29")
    assert answer.returncode == 2
    assert f"{REPORT}:{_line_of(small, '2014-02-29')}: the date '2014-02-29' does not exist" in answer.stdout


def _line_of(project: Project, words: str) -> int:
    rows = (project.root / REPORT).read_text(encoding="utf-8").splitlines()
    return next(number for number, row in enumerate(rows, 1) if words in row)


def test_a_line_of_200_mb_is_refused_before_it_is_read(small: Project, run: Run) -> None:
    with (small.root / REPORT).open("wb") as file:
        file.write(b"title: ")
        for _ in range(200):
            file.write(b"x" * (1 << 20))
    answer = run("check", REPORT)
    assert answer.returncode == 2
    assert "larger than 64 MB" in answer.stdout


def test_a_file_without_permission_is_named(small: Project, run: Run) -> None:
    (small.root / REPORT).chmod(0)
    superuser = os.access(small.root / REPORT, os.R_OK)
    answer = _run_as_nobody(small) if superuser else run("check", REPORT)
    assert answer.returncode == 2, answer.stderr
    assert "may not be read" in answer.stdout


AS_NOBODY = f"""
import os, sys
from rejoinder.cli import main as cli
command = ["check", "{REPORT}"]
cli.program(command)(command, standalone_mode=False)
print("-- as nobody")
os.setuid(65534)
sys.argv = ["rejoinder", *command]
cli.main()
"""


def _run_as_nobody(project: Project) -> subprocess.CompletedProcess[str]:
    """Run the program as the superuser, who may read everything, until it is loaded; then as nobody, who may not."""
    for folder in (project.root, *project.root.parents):
        if folder.stat().st_mode & 0o055 != 0o055:
            folder.chmod(folder.stat().st_mode | 0o055)
    command = [sys.executable, "-c", AS_NOBODY]
    return subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=False)


def test_nothing_is_published_of_a_project_whose_only_report_is_broken(small: Project, run: Run) -> None:
    (small.root / REPORT).write_text("type: Report\ntitel: x\n", encoding="utf-8")
    answer = run("build", "--no-site")
    assert answer.returncode == 2
    listed = run("sparql", "SELECT ?g { GRAPH ?g { ?s a <https://w3id.org/rejoinder/ns#Report> } }", "--format", "csv")
    assert listed.stdout.splitlines() == ["g"]


def test_a_full_disk_is_one_sentence_and_keeps_the_last_version(small: Project, run: Run, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here (needs the superuser)")
    try:
        config = small.root / "rejoinder.toml"
        config.write_text(config.read_text(encoding="utf-8") + f'build = "{disk}/build"\n', encoding="utf-8")
        answer = run("build")
        assert answer.returncode == 2, answer.stdout + answer.stderr
        assert "the disk is full" in answer.stderr
        assert "Traceback" not in answer.stderr
        assert not (disk / "build" / "current").exists()
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_full_standard_output_is_one_sentence(small_built_once: Project) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    with Path("/dev/full").open("w") as full:
        answer = subprocess.run(
            [sys.executable, "-m", "rejoinder", "export", "--format", "nquads"],
            cwd=small_built_once.root,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert answer.returncode == 2
    assert answer.stderr.startswith("error: ")
    assert "Traceback" not in answer.stderr


def test_a_reference_to_a_thing_of_another_kind_is_named_where_it_stands(small: Project) -> None:
    path = small.root / REPORT
    text = path.read_text(encoding="utf-8")
    old = next(row for row in text.splitlines() if row.startswith("    anchor: "))
    _replace(f"{old}\n", '    anchor: "#claim-registration"\n')(path)
    wrong = [f for f in rejoinder.check(small, (path,)).findings if "must be the id of a passage" in f.message]
    assert [finding.line for finding in wrong] == [_line_of(small, 'anchor: "#claim-registration"')]
