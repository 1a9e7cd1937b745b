"""What a person sees: tables and progress bars on a terminal, plain text in a pipe. Only the command line prints."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from textwrap import fill
from typing import Final

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

from rejoinder import formats
from rejoinder.commands import output
from rejoinder.errors import Problem, UsageError
from rejoinder.formats import Syntax
from rejoinder.progress import Progress, silent
from rejoinder.questions import tables
from rejoinder.questions.questions import Question, Table

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
        output.write_bytes(sys.stdout, data)

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


def count(number: int, noun: str) -> str:
    """The number with its noun: "1 row", "2 rows"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def problem_json(problem: Problem) -> dict[str, object]:
    """What is wrong with an input, for machines."""
    return {"path": problem.path.as_posix(), "line": problem.line, "message": problem.message}


def listed(graphs: Sequence[str]) -> str:
    """The graphs as a sentence lists them: the first of many, and how many more there are; JSON has them all."""
    more = f" and {len(graphs) - _LISTED} more" if len(graphs) > _LISTED else ""
    return ", ".join(map(_short, graphs[:_LISTED])) + more


def _short(iri: str) -> str:
    """A graph by the last steps of its IRI: person/, report/kaz-upr-20, ns."""
    steps = [step for step in iri.split("/") if step]
    return f"{steps[-1]}/" if iri.endswith("/") else "/".join(steps[-2:]) if "/report/" in iri else steps[-1]
