"""Hostile outputs: links, pipes, poor encodings, closed streams and interrupts."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from pathlib import Path

import pytest

from conftest import Run, mostly_slow
from rejoinder import api, formats
from rejoinder.config import Project


@pytest.fixture
def built(stored: Project) -> Project:
    """Give the example project, built without a site, which no command here reads."""
    return stored


POOR = [
    {"PYTHONIOENCODING": "ascii"},
    {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
]


def _start(project: Project, *arguments: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "rejoinder", *arguments]
    return subprocess.run(command, cwd=project.root, capture_output=True, check=False, env=os.environ | variables)


def test_export_follows_a_link_and_keeps_it(small_built: Project, run: Run, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere" / "real.ttl"
    target.parent.mkdir()
    target.write_text("old", encoding="utf-8")
    (small_built.root / "first.ttl").symlink_to("second.ttl")
    (small_built.root / "second.ttl").symlink_to(target)
    assert run("export", "first.ttl").returncode == 0
    assert (small_built.root / "first.ttl").is_symlink()
    assert (small_built.root / "second.ttl").is_symlink()
    assert target.read_bytes() == api.export(small_built, formats.TURTLE)
    assert sorted(path.name for path in target.parent.iterdir()) == ["real.ttl"]


def test_export_writes_into_a_pipe_and_leaves_it_one(small_built: Project, run: Run) -> None:
    pipe = small_built.root / "pipe.nq"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    answer = run("export", "pipe.nq")
    assert answer.returncode == 0, answer.stderr
    assert pipe.is_fifo()
    reader.join(10)
    assert read == [api.export(small_built, formats.NQUADS)]


@pytest.mark.parametrize("name", ["loop.ttl", "folder.ttl"])
def test_export_to_what_is_no_file_is_a_sentence(small_built: Project, run: Run, name: str) -> None:
    (small_built.root / "loop.ttl").symlink_to("loop.ttl")
    (small_built.root / "folder.ttl").mkdir()
    answer = run("export", name)
    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1
    assert "Traceback" not in answer.stderr


@pytest.mark.slow
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


def test_a_closed_standard_output_is_a_sentence(small_built: Project) -> None:
    for command in ("export -f nquads", "ask who-raised-what -f csv", "ask nothing"):
        line = ["bash", "-c", f"{sys.executable} -m rejoinder {command} >&-"]
        answer = subprocess.run(line, cwd=small_built.root, capture_output=True, text=True, check=False)
        assert answer.returncode == 2
        assert answer.stderr.startswith("error: ")
        assert "Traceback" not in answer.stderr


LONG = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def _processor_seconds(process: int) -> float:
    """Return how long the processor worked for a process, which a busy machine does not change."""
    user = int(Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[11])
    return user / os.sysconf("SC_CLK_TCK")


def test_an_interrupt_ends_a_long_query_at_once(built: Project) -> None:
    command = [sys.executable, "-m", "rejoinder", "sparql", LONG]
    with subprocess.Popen(command, cwd=built.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            while _processor_seconds(process.pid) < 2:  # to start takes less than one
                assert process.poll() is None, "the query is long enough"
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=120)
        finally:
            process.kill()
    assert process.returncode == -signal.SIGINT, "what a shell shows as 130"
    assert (stdout, stderr) == (b"", b"")


@pytest.mark.parametrize(
    "words", mostly_slow([["ask"], ["sparql", "SELECT * { ?s ?p ?o }"], ["ask", "--help"]], [["ask"]])
)
def test_a_reader_that_has_enough_ends_it_with_141(built: Project, words: list[str]) -> None:
    """As with `| head -1`: neither 1, which would say that there are findings, nor a word."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        command = [sys.executable, "-m", "rejoinder", *words]
        answer = subprocess.run(command, cwd=built.root, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    finally:
        os.close(writing)
    assert (answer.returncode, answer.stderr) == (141, "")


def test_an_interrupt_elsewhere_is_130_too(tmp_path: Path) -> None:
    code = "import os, signal\nfrom rejoinder.building import build\nfrom rejoinder.cli import main as cli\n"
    code += "build.build = lambda *_, **__: os.kill(os.getpid(), signal.SIGINT)\ncli.main()"
    (tmp_path / "rejoinder.toml").write_text('base = "https://example.org/"\n', encoding="utf-8")
    command = [sys.executable, "-c", code, "build"]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert answer.returncode == 130, answer.stderr
    assert answer.stderr == "error: interrupted; nothing new was published, and the next build does the rest\n"


@pytest.mark.parametrize(
    ("module", "said"),
    [
        ("typer", "error: interrupted before the command began\n"),
        ("rejoinder.cli.check", "error: interrupted before the command began\n"),
        ("rejoinder.fair.checklist", "error: interrupted; the command did not end its work\n"),
    ],
)
def test_an_interrupt_of_an_import_is_told_in_a_sentence(tmp_path: Path, module: str, said: str) -> None:
    code = f"""
import os, signal, sys
class Interrupting:
    def find_spec(self, name, *_):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
from rejoinder.__main__ import main
main()
"""
    command = [sys.executable, "-c", code, "check", "--fair", "."]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stderr) == (130, said)


def _on_a_terminal(project: Project, columns: int, *arguments: str) -> str:
    """Return what a terminal of so many columns is sent, colours taken out."""
    ours, theirs = pty.openpty()
    environment = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "NO_COLOR")}
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen(
        [sys.executable, "-m", "rejoinder", *arguments],
        cwd=project.root,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment | {"TERM": "xterm-256color"},
    ):
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # Linux says so when the other side is closed
            while chunk := os.read(ours, 65536):
                shown += chunk
    os.close(ours)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode()).replace("\r\n", "\n")


def test_a_table_wider_than_the_terminal_is_one_record_below_the_other(built: Project) -> None:
    shown = _on_a_terminal(built, 80, "ask", "claims-by-speaker-and-evidence")
    assert "speaker: Kanat Seytgaparov\nclaims: 7\ncontradictedExplicitly: 4\n" in shown
    assert all(len(line) <= 80 for line in shown.splitlines())
    assert "│ Kanat Seytgaparov" in _on_a_terminal(built, 400, "ask", "claims-by-speaker-and-evidence")


@pytest.mark.parametrize("columns", [20, 80])
def test_data_is_neither_markup_nor_emoji_nor_a_command_to_the_terminal(small_built: Project, columns: int) -> None:
    query = r'SELECT (":smile: [red]x[/red] \u001b[2J" AS ?a) ("[bold" AS ?b) {}'
    shown = _on_a_terminal(small_built, columns, "sparql", query)
    words = " ".join(shown.split())
    assert ":smile:" in words
    assert "[red]x[/red]" in words
    assert "\N{REPLACEMENT CHARACTER}[2J" in words
    assert "\x1b" not in shown


def test_an_error_is_shown_as_it_is(built: Project) -> None:
    assert _on_a_terminal(built, 80, "ask", "[red]:smile:[/red]").startswith(
        "error: there is no question '[red]:smile:"
    )


@pytest.mark.slow
def test_the_questions_are_listed_within_the_terminal(built: Project) -> None:
    shown = _on_a_terminal(built, 60, "ask").splitlines()
    summaries = [line for line in shown if line.startswith("      ")]
    assert len(summaries) > 60
    assert all(len(line) <= 60 for line in summaries)


@pytest.mark.slow
def test_the_progress_bar_fits_and_leaves_nothing_behind(small: Project) -> None:
    shown = _on_a_terminal(small, 80, "build")
    assert "Checking" in shown
    frames = re.split(r"[\r\n]", shown)
    assert all(len(frame) <= 80 for frame in frames if "━" in frame)
    assert sum(frame.startswith("Read ") for frame in frames) == 1
