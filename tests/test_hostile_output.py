"""Hostile outputs: links, pipes, poor encodings, closed streams and interrupts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from conftest import Run
from rejoinder import formats, library
from rejoinder.project import Project

POOR = [
    {"PYTHONIOENCODING": "ascii"},
    {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
]


def _start(project: Project, *arguments: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "rejoinder", *arguments]
    return subprocess.run(command, cwd=project.root, capture_output=True, check=False, env=os.environ | variables)


def test_export_follows_a_link_and_keeps_it(built: Project, run: Run, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere" / "real.ttl"
    target.parent.mkdir()
    target.write_text("old", encoding="utf-8")
    (built.root / "first.ttl").symlink_to("second.ttl")
    (built.root / "second.ttl").symlink_to(target)
    assert run("export", "first.ttl").returncode == 0
    assert (built.root / "first.ttl").is_symlink()
    assert (built.root / "second.ttl").is_symlink()
    assert target.read_bytes() == library.export(built, formats.TURTLE)
    assert sorted(path.name for path in target.parent.iterdir()) == ["real.ttl"]


def test_export_writes_into_a_pipe_and_leaves_it_one(built: Project, run: Run) -> None:
    pipe = built.root / "pipe.nq"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    answer = run("export", "pipe.nq")
    assert answer.returncode == 0, answer.stderr
    assert pipe.is_fifo()
    reader.join(10)
    assert read == [library.export(built, formats.NQUADS)]


@pytest.mark.parametrize("name", ["loop.ttl", "folder.ttl"])
def test_export_to_what_is_no_file_is_a_sentence(built: Project, run: Run, name: str) -> None:
    (built.root / "loop.ttl").symlink_to("loop.ttl")
    (built.root / "folder.ttl").mkdir()
    answer = run("export", name)
    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize("variables", POOR, ids=["ascii", "C"])
def test_a_poor_encoding_changes_no_byte_for_machines_and_breaks_no_text(
    built: Project, variables: dict[str, str]
) -> None:
    for command in (["export", "-f", "turtle"], ["ask", "who-raised-what", "-f", "csv"]):
        rich, poor = _start(built, *command), _start(built, *command, **variables)
        assert poor.returncode == 0, poor.stderr
        assert poor.stdout == rich.stdout
    query = "SELECT (STR('Казахстан') AS ?name) {}"
    for form in ("table", "csv"):
        poor = _start(built, "sparql", query, "-f", form, **variables)
        assert b"Traceback" not in poor.stderr
    shown = _start(built, "ask", "names-and-spellings", **variables)
    assert shown.returncode == 0, shown.stderr
    assert b"Traceback" not in _start(built, "ask", "кто", **variables).stderr


def test_a_closed_standard_output_is_a_sentence(built: Project) -> None:
    for command in ("export -f nquads", "ask who-raised-what -f csv", "ask nothing"):
        line = ["bash", "-c", f"{sys.executable} -m rejoinder {command} >&-"]
        answer = subprocess.run(line, cwd=built.root, capture_output=True, text=True, check=False)
        assert answer.returncode == 2
        assert answer.stderr.startswith("error: ")
        assert "Traceback" not in answer.stderr


LONG = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def test_an_interrupt_ends_a_long_query_at_once(built: Project) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "rejoinder", "sparql", LONG],
        cwd=built.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    time.sleep(4)
    assert process.poll() is None, "the query is long enough"
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=5)
    assert process.returncode == -signal.SIGINT, "what a shell shows as 130"
    assert (stdout, stderr) == (b"", b"")


def test_an_interrupt_elsewhere_is_130_too(tmp_path: Path) -> None:
    code = "import os, signal\nfrom rejoinder import cli, library\n"
    code += "library.build = lambda *_: os.kill(os.getpid(), signal.SIGINT)\ncli.main()"
    (tmp_path / "rejoinder.toml").write_text('base = "https://example.org/"\n', encoding="utf-8")
    command = [sys.executable, "-c", code, "build"]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert answer.returncode == 130, answer.stderr
    assert "Traceback" not in answer.stderr
