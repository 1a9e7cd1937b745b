"""Several processes do what one does; an interruption and a process that dies cost nothing that was done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import rejoinder
from conftest import mostly_slow
from rejoinder import namespaces, versions
from rejoinder.building import check
from rejoinder.building.build import write_pages
from rejoinder.building.check import CheckedGraph, GraphChecker
from rejoinder.config import Project
from rejoinder.errors import EngineError, StoreError
from rejoinder.rdf import graphs
from rejoinder.rdf.results import Table
from rejoinder.site.snapshot import open_snapshot
from rejoinder.site.write import Site
from rejoinder.validation.shacl import Engine

REPORT = "report/short.yaml"
COPIES = 3


@pytest.fixture
def reports(small: Project) -> list[Path]:
    """Give the report of the small project and copies of it under other names, one of which cannot be read."""
    text = (small.data / REPORT).read_text(encoding="utf-8")
    for number in range(COPIES):
        (small.data / f"report/copy-{number}.yaml").write_text(text, encoding="utf-8")
    (small.data / "report/broken.yaml").write_text(text.replace("title:", "titel:", 1), encoding="utf-8")
    return sorted((small.data / "report").glob("*.yaml"))


class _Killer:
    """Makes no checker: the process that is to have one is gone."""

    def __call__(self) -> GraphChecker:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


class _Maker:
    """Makes a checker of the project, in whichever process it is called."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def __call__(self) -> GraphChecker:
        return check.open_checker(self.project, Engine.SHACL).with_facts_of(())


def _checked(make: _Maker, files: Sequence[Path], jobs: int) -> list[CheckedGraph]:
    return list(check.check_files(make(), make, files, jobs, min_files=1))


def test_two_processes_find_what_one_finds(small: Project, reports: list[Path]) -> None:
    make = _Maker(small)
    alone, together = _checked(make, reports, 1), _checked(make, reports, 2)
    assert [outcome.path for outcome in together] == reports
    assert together == alone
    assert [bool(outcome.lines) for outcome in together] == [path.stem != "broken" for path in reports]


@pytest.mark.parametrize("linked", mostly_slow([False, True], {False}))
def test_two_processes_write_the_site_that_one_writes(small_built_once: Project, tmp_path: Path, linked: bool) -> None:
    """The build wrote its site alone; the bytes are the same, and with a site before it every file is linked."""
    version = versions.require_newest(small_built_once.build)
    place = Site(tmp_path / "site", version.export_path, version.site_path if linked else None)
    write_pages(open_snapshot(small_built_once, version), version, place, 2, min_statements=1)
    alone, together = _files(version.site_path), _files(place.folder)
    assert together.keys() == alone.keys()
    assert [path for path in alone if alone[path].read_bytes() != together[path].read_bytes()] == []
    assert not linked or [path for path in alone if not together[path].samefile(alone[path])] == []


def _files(folder: Path) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def test_a_process_that_dies_is_one_sentence(small: Project, reports: list[Path]) -> None:
    with pytest.raises(EngineError, match="Try --jobs 1"):
        list(check.check_files(_Maker(small)(), _Killer(), reports, 2, min_files=1))


def test_a_full_temporary_folder_is_one_sentence(
    small: Project, reports: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.TemporaryFile", lambda **_: open("/dev/full", "wb", buffering=0))  # noqa: PTH123, SIM115
    with pytest.raises(StoreError, match=r"the disk is full; no process was started: --jobs 1 needs none\. Make room"):
        list(check.check_files(_Maker(small)(), _Killer(), reports, 2, min_files=1))


@pytest.mark.slow
def test_nothing_is_left_of_what_the_processes_worked_with(
    small: Project, reports: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    answers = check.check_files(_Maker(small)(), _Maker(small), reports, 2, min_files=1)
    seen = [list(temporary.iterdir()) for _ in answers]
    assert seen == [[]] * len(reports)  # so nothing would be left if this process were killed


def test_a_script_without_a_guard_is_told_so(small: Project) -> None:
    """Each process runs the script again, and dies of that, before it has read what it was to work with."""
    text = (small.data / REPORT).read_text(encoding="utf-8")
    for number in range(check.MIN_FILES):
        (small.data / f"report/copy-{number}.yaml").write_text(text, encoding="utf-8")
    script = small.root / "unguarded.py"
    script.write_text("import rejoinder\nrejoinder.check(rejoinder.open_project(), jobs=2)\n", encoding="utf-8")
    command = [sys.executable, str(script)]
    run = subprocess.run(command, check=False, cwd=small.root, capture_output=True, text=True, timeout=120)
    assert run.returncode == 1
    assert "EngineError: a process that was to check dossiers ended" in run.stderr
    assert '`if __name__ == "__main__":` around what it does' in run.stderr


@pytest.mark.usefixtures("reports")
def test_an_interrupted_build_publishes_what_was_done(small: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = check.check_files

    def interrupted(checker: GraphChecker, make: object, files: Sequence[Path], jobs: int) -> Iterator[CheckedGraph]:
        yield from whole(checker, make, files[:2], jobs)  # type: ignore[arg-type]  # handed on as it came
        raise KeyboardInterrupt

    monkeypatch.setattr(check, "check_files", interrupted)
    with pytest.raises(KeyboardInterrupt):
        rejoinder.build(small, with_site=False)
    done = {entry.iri.rpartition("/")[2] for entry in versions.require_newest(small.build).manifest.graphs}
    assert {"copy-0"} == {name for name in done if name.startswith(("copy", "short"))}  # broken.yaml came before it

    monkeypatch.undo()
    again = rejoinder.build(small, with_site=False)
    assert {iri.rpartition("/")[2] for iri in again.changed} == {"copy-1", "copy-2", "short"}


@pytest.mark.parametrize(("presses", "published"), [(1, True), (2, False)])
def test_an_interrupt_while_a_version_is_made_is_held_back_once(
    small: Project, monkeypatch: pytest.MonkeyPatch, presses: int, published: bool
) -> None:
    """What was checked is not lost; who presses again means it."""
    whole = graphs.load

    def interrupted(*arguments: Any, **options: Any) -> None:
        whole(*arguments, **options)
        for _ in range(presses):
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(graphs, "load", interrupted)
    with pytest.raises(KeyboardInterrupt):
        rejoinder.build(small, with_site=False)
    assert (versions.newest(small.build) is not None) is published
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    monkeypatch.undo()
    assert rejoinder.build(small, with_site=False).is_new is not published


def test_an_interrupt_after_the_last_report_was_checked_is_held_back(
    small: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = check._check_again

    def interrupted(*arguments: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        return whole(*arguments)

    monkeypatch.setattr(check, "_check_again", interrupted)
    with pytest.raises(KeyboardInterrupt):
        rejoinder.build(small, with_site=False)
    monkeypatch.undo()
    assert not rejoinder.build(small, with_site=False).is_new


def test_a_report_may_refer_to_what_another_describes(small: Project) -> None:
    """It is checked before the other is known, and once more afterwards."""
    base = small.base
    (small.data / "report/a.ttl").write_text(
        f"<{base}report/a> <https://w3id.org/rejoinder/ns#about> <{base}report/short#claim-registration> ."
    )
    (small.data / "report/b.ttl").write_text(
        f"<{base}report/b> <https://w3id.org/rejoinder/ns#about> <{base}report/short#claim-absent> ."
    )
    problems = [str(problem) for problem in rejoinder.check(small).problems]
    assert len(problems) == 1
    assert "report/b.ttl:1: nothing describes 'report/short#claim-absent'" in problems[0]


def test_who_says_an_exhortation_of_another_report_again_asserts_nothing(small: Project) -> None:
    """The report is read before the other is known, and then its entry is taken for a claim."""
    short = small.data / "report/short.yaml"
    good = short.read_text(encoding="utf-8")
    claim = good[good.index("\nclaims:") :]
    exhorting = good.replace(claim, claim.replace("claims:", "exhortations:", 1))
    relations, passages = exhorting.index("relations:"), exhorting.index("\npassages:")
    short.write_text(exhorting[:relations] + exhorting[passages + 1 :], encoding="utf-8")
    again = good[: good.index("\nclaims:")] + good[good.index("\npassages:") :]
    (small.data / "report/again.yaml").write_text(
        again.replace('"#claim-registration"', "short#claim-registration"), encoding="utf-8"
    )
    assert not rejoinder.build(small, with_site=False).broken
    for name, number in (("expresses", 2), ("asserted", 0)):
        answer = rejoinder.sparql(small, f"SELECT ?what {{ GRAPH ?graph {{ ?who rj:{name} ?what }} }}")
        assert isinstance(answer, Table)
        assert len(answer.rows) == number


@pytest.mark.parametrize("change", mostly_slow(["it alone", "both", "removed"], {"it alone"}))
def test_a_report_is_checked_again_when_what_it_refers_to_is_gone(small: Project, change: str) -> None:
    """Each build says so, as `check` does, until one of the two is mended; the last good graph stays."""
    citing, cited = small.data / "report/a.ttl", small.data / "report/short.yaml"
    text = (
        f"<{small.base}report/a> <https://w3id.org/rejoinder/ns#about> <{small.base}report/short#claim-registration> ."
    )
    citing.write_text(text)
    assert not rejoinder.build(small, with_site=False).broken
    good = cited.read_text(encoding="utf-8")
    if change == "removed":
        cited.unlink()
    else:
        cited.write_text(good.replace("#claim-registration", "#claim-renamed"), encoding="utf-8")
    if change == "both":
        citing.write_text(text + "\n")
    words = "report/a.ttl:1: nothing describes 'report/short#claim-registration'"
    for _ in range(2):
        built = rejoinder.build(small, with_site=False)
        assert [item.graph for item in built.broken] == [f"{small.base}report/a"]
        assert [words in str(problem) for problem in built.broken[0].problems] == [True]
    assert [words in str(problem) for problem in rejoinder.check(small).problems] == [True]
    cited.write_text(good, encoding="utf-8")
    assert not rejoinder.build(small, with_site=False).broken


def test_a_change_of_one_dossier_checks_those_again_that_refer_to_it_and_no_other(
    small: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A claim that became an admission cannot be contradicted from another dossier any more."""
    short = small.data / "report/short.yaml"
    good = short.read_text(encoding="utf-8")
    alone = good.replace("#claim-registration", "#claim-other").replace("#p00", "#q00")
    (small.data / "report/alone.yaml").write_text(alone, encoding="utf-8")
    related = good[: good.index("relations:")].replace("claim-registration", "claim-related") + (
        'relations:\n  "#relation-short":\n    label: A wait against the claim of another report\n'
        '    from: "#evidence-registration"\n    direction: contradicts\n    claim: short#claim-registration\n'
        '    basis: contextual\n    anchor: "#p003"\n' + good[good.index("\npassages:") :]
    )
    (small.data / "report/related.yaml").write_text(related, encoding="utf-8")
    assert not rejoinder.build(small, with_site=False).broken
    checked: list[str] = []
    check_file = check.GraphChecker.check_file

    def watched(checker: check.GraphChecker, path: Path) -> check.CheckedGraph:
        checked.append(path.name)
        return check_file(checker, path)

    monkeypatch.setattr(check.GraphChecker, "check_file", watched)
    claim = good.index("\nclaims:")
    admission = good[:claim] + good[claim:].replace("claims:", "admissions:", 1)
    relations, passages = admission.index("relations:"), admission.index("\npassages:")
    short.write_text(admission[:relations] + admission[passages + 1 :], encoding="utf-8")
    built = rejoinder.build(small, with_site=False)
    assert set(checked) == {"short.yaml", "related.yaml"}
    assert [item.path.name for item in built.broken] == ["related.yaml"]
    assert "Nothing can contradict an admission or a promise" in str(built.broken[0].findings)


def test_a_report_is_checked_again_when_a_package_that_checks_has_another_version(
    small: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[Path] = []
    check_file = check.GraphChecker.check_file

    def watched(checker: check.GraphChecker, path: Path) -> check.CheckedGraph:
        checked.append(path)
        return check_file(checker, path)

    rejoinder.build(small, with_site=False)
    monkeypatch.setattr(check.GraphChecker, "check_file", watched)
    rejoinder.build(small, with_site=False)
    assert not checked
    monkeypatch.setattr("importlib.metadata.version", lambda name: "99" if name == "shacl" else "1")
    rejoinder.build(small, with_site=False)
    assert checked == [small.data / "report/short.yaml"]


def test_the_document_of_a_document_is_itself() -> None:
    assert namespaces.document_of("https://example.org/state/KAZ") == "https://example.org/state/KAZ"


def test_processes_end_with_the_one_that_started_them(tmp_path: Path) -> None:
    """Killed, the first process cannot tell the others; none may stay behind and wait for ever."""
    script = tmp_path / "first.py"
    script.write_text(
        """import os, sys, time
from rejoinder.building import parallel

class Make:
    def __call__(self):
        return self.answer
    def answer(self, item):
        print(os.getpid(), flush=True)
        time.sleep(item)

if __name__ == "__main__":
    list(parallel.run_in_processes("sleep", Make(), [0, 0, 600, 600], 2))
""",
        encoding="utf-8",
    )
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout
        try:
            started = [first.stdout.readline() for _ in range(4)]
        finally:
            first.kill()  # or a failure would wait until the sleep is over
        # Whoever lives holds the other end of the pipe: it ends when the last of them does.
        assert first.stdout.read() == ""
    assert all(started)
