"""What a person sees: tables and progress bars on a terminal, plain text in a pipe. Only the command line prints."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from textwrap import fill
from typing import Final, TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bar
from rich.table import Table as Grid
from rich.text import Text

from rejoinder import disk, formats
from rejoinder.errors import Problem, UsageError
from rejoinder.formats import Syntax
from rejoinder.progress import Progress, silent
from rejoinder.questions import tables
from rejoinder.questions.question import Question
from rejoinder.questions.tables import Table
from rejoinder.versions import writing

MOST: Final = 40
"""So many of one kind are told one by one; of more, only the first."""
FIRST: Final = 5
"""How many of many are told."""

_LONG: Final = 400
_HEAD: Final = 280
_TAIL: Final = 110
_VALUE: Final = re.compile(r"'[^']*'|\"[^\"]*\"|\d+")
"""What differs between two sentences that say the same of two values."""
_LONG_VALUE: Final = re.compile(r"'([^']{40})[^']{40,}'")


def kind_of(message: str) -> str:
    """Return what a sentence says is wrong, whatever value it says it of, without what it advises.

    >>> kind_of("no State is called 'Norwey'; did you mean 'Norway'?") == kind_of("no State is called 'Swedn'")
    True
    """
    return _VALUE.sub("…", message).partition(";")[0]


def shortened(text: str) -> str:
    """Return a sentence of a length that people read: long values, and then its middle, are cut.

    >>> shortened(f"the response {500 * 'x'!r} is unknown")
    "the response 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…' is unknown"
    """
    if len(text) <= _LONG:
        return text
    text = _LONG_VALUE.sub(r"'\1…'", text)
    return text if len(text) <= _LONG else f"{text[:_HEAD]} … {text[-_TAIL:]}"


def places(lines: Sequence[int], noun: str) -> str:
    """Return in how many more lines, and in which first ones, a thing is that is told of the first of `lines`."""
    rest = lines[1:]
    if not rest:
        return ""
    named = ", ".join(map(str, rest[:FIRST])) + (", …" if len(rest) > FIRST else "")
    return f" ({len(rest)} more {noun}{'' if len(rest) == 1 else 's'}: {named})"


def problem_lines(problems: Sequence[Problem], noun: str = "line") -> Iterator[str]:
    """Yield the problems as lines of text: the same one of many lines once, of many alike the first and a count."""
    alike: dict[tuple[Path, str], list[int]] = {}
    for problem in problems:
        alike.setdefault((problem.path, problem.message), []).append(problem.line or 0)
    kinds: Counter[Hashable] = Counter((path, kind_of(message)) for path, message in alike)
    seen: Counter[Hashable] = Counter()
    for (path, message), lines in alike.items():
        kind = (path, kind_of(message))
        seen[kind] += 1
        if kinds[kind] <= MOST or seen[kind] <= FIRST:
            yield f"{Problem(path, lines[0] or None, shortened(message))}{places(lines, noun)}"
        elif seen[kind] == FIRST + 1:
            yield f"{path}: {kinds[kind] - FIRST} more problems of this kind ('--format json' tells all)"


_MAX_LINKS: Final = 40
"""As many links as Linux follows."""


def show_everything() -> None:
    """Makes text for people printable everywhere: what the terminal's encoding lacks is written with backslashes."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a TextIOWrapper


def write_bytes(stream: TextIO, data: bytes) -> None:
    """The bytes as they are, behind the text written so far: formats for machines have their own encoding."""
    stream.flush()
    stream.buffer.write(data)
    stream.buffer.flush()


def write_whole(file: Path, data: bytes) -> None:
    """The file, whole or not at all; a link is followed, and what is no regular file (a pipe, a device) is written to.

    Raises:
        UsageError: links lead round in a circle, or there is no such folder.
        StoreError: it cannot be written.
    """
    target = _behind_links(file)
    if not target.parent.is_dir():
        raise UsageError(f"{target.parent}: there is no such folder; make it, or name another")
    with writing(target.parent, "nothing was written"):
        if target.exists() and not target.is_file():
            target.write_bytes(data)
            return
        disk.write_whole(target, data)


def _behind_links(file: Path) -> Path:
    target = file
    for _ in range(_MAX_LINKS):
        if not target.is_symlink():
            return target
        target = target.parent / target.readlink()
    raise UsageError(f"{file}: the link leads round in a circle; name a file")


@contextmanager
def stoppable() -> Iterator[None]:
    """Lets Ctrl-C end the process at once: the engine, while it answers, would let no handler of Python's run."""
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler:  # someone chose otherwise, as nohup does
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def close() -> None:
    """Points standard output nowhere: at its end the interpreter would fail on a closed pipe or a full disk."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""What would steer the terminal instead of being shown."""
_LISTED: Final = 20
"""So many graphs a line names; one of ten thousand would fill the screen."""

# Data are never markup: neither [red] nor :smile: in a label means anything to us.
_console = partial(Console, highlight=False, soft_wrap=True, markup=False, emoji=False)


@dataclass(frozen=True)
class Terminal:
    """Standard output and standard error of one run; `fancy` when a person watches."""

    out: Console = field(default_factory=_console)
    err: Console = field(default_factory=lambda: _console(stderr=True))

    @property
    def fancy(self) -> bool:
        """Whether standard output is a terminal."""
        return self.out.is_terminal

    def say(self, text: str = "", style: str | None = None) -> None:
        """One line of text, coloured on a terminal only."""
        self.out.print(_shown(text), style=style if self.fancy else None)

    def raw(self, content: str | bytes) -> None:
        """Content for machines as it is, text in UTF-8.

        Raises:
            UsageError: standard output is closed.
        """
        if sys.stdout is None:
            raise UsageError("standard output is closed; send it to a file, or name one")
        data = content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace")
        write_bytes(sys.stdout, data)

    def table(self, table: Table, syntax: Syntax, base: str) -> None:
        """A table in a result syntax; the plain one has short IRIs, and is drawn with lines when a person watches."""
        if syntax != formats.TABLE:
            text = tables.render(table, syntax)
            self.raw(text if text.endswith("\n") else text + "\n")
        elif self.fancy:
            self._draw(tables.for_reading(table, base))
        else:
            self.out.file.write(tables.as_text(tables.for_reading(table, base)))

    def _draw(self, table: Table) -> None:
        """The table as a grid or, where that is wider than the terminal, one row below the other."""
        grid = _grid(table)
        if self.out.measure(grid, options=self.out.options.update(max_width=sys.maxsize)).maximum <= self.out.width:
            self.out.print(grid)
            return
        for row in table.rows:
            self.out.rule(style="dim")
            for name, cell in zip(table.columns, row, strict=True):
                line = Text(fill(f"{name}: {_shown(tables.plain(cell))}", self.out.width, subsequent_indent="  "))
                line.stylize("bold", 0, len(name) + 1)
                self.out.print(line)
        self.out.rule(style="dim")

    def error(self, text: str) -> None:
        """What went wrong, on standard error."""
        self.err.print(Text.assemble(("error:", "bold red"), f" {_shown(text)}"))

    def note(self, text: str) -> None:
        """What is well but could be better, on standard error."""
        self.err.print(Text.assemble(("note:", "bold yellow"), f" {_shown(text)}"))

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """A progress that draws a bar for the step at work on standard error when that is a terminal."""
        if not self.err.is_terminal:
            yield silent
            return
        words = TextColumn("{task.description:<12}")
        with Bar(
            SpinnerColumn(),
            words,
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self.err,
            transient=True,
        ) as bar:
            tasks: dict[str, TaskID] = {}

            def watch(step: str, done: int, total: int) -> None:
                if step not in tasks:
                    for earlier in tasks.values():
                        bar.update(earlier, visible=False)
                    tasks[step] = bar.add_task(step.capitalize(), total=total, rate="")
                speed = next(task.speed for task in bar.tasks if task.id == tasks[step])
                bar.update(tasks[step], completed=done, total=total, rate=f"{speed:.0f}/s" if speed else "")

            yield watch


def _shown(text: str) -> str:
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def _grid(table: Table) -> Grid:
    grid = Grid(header_style="bold")
    for name in table.columns:
        grid.add_column(name, overflow="fold")
    for row in table.rows:
        grid.add_row(*(_shown(tables.plain(cell)) for cell in row))
    return grid


def show_questions(terminal: Terminal, questions: dict[str, Question]) -> None:
    """The stored questions, by group."""
    for group in sorted({question.group for question in questions.values()}):
        terminal.say(group, style="bold")
        for question in (q for q in questions.values() if q.group == group):
            parameters = " ".join(f"[{p.name}=…]" for p in question.parameters)
            terminal.say(f"  {question.name} {parameters}".rstrip())
            terminal.say(_indented(terminal, question.summary), style="dim")
        terminal.say()
    terminal.say("To ask one: rejoinder ask NAME key=value")


def _indented(terminal: Terminal, text: str) -> str:
    """The text behind six blanks, its lines as long as the terminal is wide; in a pipe, one line."""
    blanks = " " * 6
    return (
        fill(text, terminal.out.width, initial_indent=blanks, subsequent_indent=blanks)
        if terminal.fancy
        else blanks + text
    )


def listed(graphs: Sequence[str]) -> str:
    """The graphs as a sentence lists them: the first of many, and how many more there are; JSON has them all."""
    more = f" and {len(graphs) - _LISTED} more" if len(graphs) > _LISTED else ""
    return ", ".join(map(_short, graphs[:_LISTED])) + more


def _short(iri: str) -> str:
    """A graph by the last steps of its IRI: person/, report/kaz-upr-20, ns."""
    steps = [step for step in iri.split("/") if step]
    return f"{steps[-1]}/" if iri.endswith("/") else "/".join(steps[-2:]) if "/report/" in iri else steps[-1]
