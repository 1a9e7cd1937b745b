"""Output for people and programs: colours and progress bars on a terminal, plain text in a pipe, and JSON.

No module outside `cli` prints.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Final, TypeVar

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
from rejoinder.building.parallel import Progress, silent
from rejoinder.dossiers.discovery import SUFFIXES
from rejoinder.errors import Problem, Severity, UsageError, shown_path
from rejoinder.formats import Syntax
from rejoinder.namespaces import graph_path
from rejoinder.rdf import results
from rejoinder.rdf.results import Table

if TYPE_CHECKING:
    from rejoinder.validation.source_text import FromText  # not for commands that check nothing: it takes 0.2 s

MAX_ALIKE: Final = 40
"""Up to this many problems of one kind are all printed; of more, only the first ones."""
FIRST: Final = 5
"""The number of problems printed if there are more than `MAX_ALIKE`."""
COLOURS: Final = {Severity.VIOLATION: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}

_LONG: Final = 400
"""The most characters of a sentence that is printed whole; of a longer one, `_HEAD` and `_TAIL` are."""
_HEAD: Final = 280
_TAIL: Final = 110
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Control characters, which would change the terminal instead of being shown."""
_LISTED: Final = 20
"""The most graphs named in one line: ten thousand would fill the screen."""
_VALUE: Final = re.compile(r"'[^']*'|\"[^\"]*\"|\d+")
"""The parts that differ between two messages about different values."""
_LONG_VALUE: Final = re.compile(r"'([^']{40})[^']{40,}'")
_T = TypeVar("_T")

# Labels are data, so [red] or :smile: in them is neither markup nor emoji.
_console = partial(Console, highlight=False, soft_wrap=True, markup=False, emoji=False)


def uncompared(found: FromText) -> str:
    """Return a sentence on the quotes and passages that were not compared with a text, "" if there are none.

    >>> from rejoinder.validation.source_text import FromText
    >>> uncompared(FromText(1, 2))
    "1 quote and 2 passages not compared with the text ('rejoinder check --source FILE' compares them)"
    >>> uncompared(FromText())
    ''
    """
    numbers = {"quote": found.quotes, "passage": found.passages}
    left = " and ".join(plural(number, what) for what, number in numbers.items() if number)
    return left and f"{left} not compared with the text ('rejoinder check --source FILE' compares them)"


def plural(number: int, noun: str) -> str:
    """Return the number with its noun, in the plural unless it is one.

    >>> plural(1, "row"), plural(2, "row")
    ('1 row', '2 rows')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def show_everything() -> None:
    """Escape characters that the terminal's encoding lacks with backslashes, so that printing never fails."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a TextIOWrapper


@contextmanager
def stoppable() -> Iterator[None]:
    """Let Ctrl-C end the process at once: while the engine evaluates a query, Python's handlers do not run."""
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler:  # a caller has its own handler, or ignores the signal
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def close() -> None:
    """Redirect standard output to /dev/null, because Python's flush at exit fails on a closed pipe or a full disk."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@dataclass(frozen=True)
class Terminal:
    """Standard output and standard error of one run; `interactive` when a person watches."""

    out: Console = field(default_factory=_console)
    err: Console = field(default_factory=lambda: _console(stderr=True))

    @property
    def interactive(self) -> bool:
        """Return whether standard output is a terminal."""
        return self.out.is_terminal

    def say(self, text: str = "", style: str | None = None) -> None:
        """Print one line of text, coloured on a terminal only."""
        self.out.print(_shown(text), style=style if self.interactive else None)

    def raw(self, content: str | bytes) -> None:
        """Write content for programs as it is, text in UTF-8.

        Raises:
            UsageError: standard output is closed.
        """
        if sys.stdout is None:
            raise UsageError("standard output is closed; send it to a file, or name one")
        # Always UTF-8: output for programs must not depend on the terminal's encoding.
        data = content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace")
        sys.stdout.flush()  # earlier text output comes first
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()

    def json(self, value: object) -> None:
        """Print a value as JSON; problems and paths have the same form in all commands."""
        self.raw(json.dumps(value, ensure_ascii=False, indent=2, default=_json_value) + "\n")

    def table(self, table: Table, syntax: Syntax, base: str) -> None:
        """Print a table in a result syntax or, for people, with short IRIs, and as a grid on a terminal."""
        if syntax != formats.TABLE:
            text = results.render(table, syntax)
            self.raw(text if text.endswith("\n") else text + "\n")
        elif self.interactive:
            self._draw(results.for_reading(table, base))
        else:
            self.out.file.write(results.as_text(results.for_reading(table, base)))

    def _draw(self, table: Table) -> None:
        """Print the table as a grid or, where that is wider than the terminal, one row below the other."""
        grid = Grid(header_style="bold")
        for name in table.columns:
            grid.add_column(name, overflow="fold")
        for row in table.rows:
            grid.add_row(*(_shown(results.plain(cell)) for cell in row))
        # In a grid that is too wide, words would be cut anywhere.
        if self.out.measure(grid, options=self.out.options.update(max_width=sys.maxsize)).maximum <= self.out.width:
            self.out.print(grid)
            return
        for row in table.rows:
            self.out.rule(style="dim")
            for name, cell in zip(table.columns, row, strict=True):
                line = Text(fill(f"{name}: {_shown(results.plain(cell))}", self.out.width, subsequent_indent="  "))
                line.stylize("bold", 0, len(name) + 1)
                self.out.print(line)
        self.out.rule(style="dim")

    def error(self, text: str) -> None:
        """Print an error on standard error."""
        self.err.print(Text.assemble(("error:", "bold red"), f" {_shown(text)}"))

    def note(self, text: str) -> None:
        """Print a hint on standard error."""
        self.err.print(Text.assemble(("note:", "bold yellow"), f" {_shown(text)}"))

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """Yield a callback that draws a progress bar on standard error if that is a terminal."""
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


def _json_value(value: Problem | Path) -> object:
    return value.as_json() if isinstance(value, Problem) else value.as_posix()


def _shown(text: str) -> str:
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


# Problems and findings as lines of text.


def kind_of(message: str) -> str:
    """Return the kind of problem in a message: the text without quoted values and advice.

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


def _abridged(items: Iterable[_T], kind: Callable[[_T], Hashable]) -> Iterator[tuple[_T, int]]:
    """Yield items with 0; of more than `MAX_ALIKE` of a kind, the `FIRST`, and one more with the number left out."""
    every = tuple(items)
    kinds, seen = Counter(map(kind, every)), Counter[Hashable]()
    for item in every:
        number = kinds[kind(item)]
        seen[kind(item)] += 1
        if number <= MAX_ALIKE or seen[kind(item)] <= FIRST:
            yield item, 0
        elif seen[kind(item)] == FIRST + 1:
            yield item, number - FIRST


def problem_lines(problems: Iterable[Problem], noun: str = "line") -> Iterator[str]:
    """Yield the problems as text: equal ones once with all their lines, of many alike the first ones and a count."""
    alike: dict[tuple[Path, str], list[int]] = {}
    for problem in problems:
        alike.setdefault((problem.path, problem.message), []).append(problem.line or 0)
    for (path, message), rest in _abridged(alike, lambda each: (each[0], kind_of(each[1]))):
        if rest:
            yield f"{shown_path(path)}: {rest} more problems of this kind ('--format json' lists all)"
            continue
        first, *others = alike[path, message]
        more = ""
        if others:
            named = ", ".join(map(str, others[:FIRST])) + (", …" if len(others) > FIRST else "")
            more = f" ({plural(len(others), f'more {noun}')}: {named})"
        yield f"{Problem(path, first or None, shortened(message))}{more}"


def show_problems(terminal: Terminal, problems: Iterable[Problem], noun: str = "line") -> None:
    """Print the problems that kept files or rows from being read."""
    for line in problem_lines(problems, noun):
        terminal.say(line, style="red")


def show_findings(terminal: Terminal, findings: Iterable[Problem]) -> None:
    """Print each finding with place, severity, message and value; of many of one kind, the first ones and a count."""
    for finding, rest in _abridged(findings, lambda each: (each.severity, kind_of(each.message))):
        value = "" if finding.value in ("", finding.focus) else f" (found: {_short(finding.value)})"
        sentence = shortened(f"{_short(finding.focus)}: {finding.message}{value}")
        line = f"{finding.where}: {finding.severity}: {sentence}"
        if rest:
            line = f"  {rest} more {finding.severity}s of this kind ('rejoinder check --format json' lists all)"
        terminal.say(line, style=COLOURS[finding.severity])


def show_passed_over(terminal: Terminal, files: Sequence[Path]) -> None:
    """Print the files in the data folder that are not dossiers."""
    if files:
        named = ", ".join(shown_path(near(path)) for path in files[:FIRST]) + (", …" if len(files) > FIRST else "")
        are = "is not a dossier and is" if len(files) == 1 else "are not dossiers and are"
        what = f"{plural(len(files), 'file')} of the data folder {are} not read: {named}"
        line = f"{what} (the names of dossiers end in {', '.join(SUFFIXES)})"
        terminal.say(line, style=COLOURS[Severity.WARNING])


def near(path: Path) -> Path:
    """Return the path relative to the working directory if it is below that."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _short(text: str) -> str:
    """Return an IRI as a dossier would write it: the fragment, or the last two steps of a short path."""
    if not text.startswith(("http://", "https://")):
        return text
    steps = "/".join(text.rsplit("/", 2)[-2:])
    return "#" + text.rpartition("#")[2] if "#" in text else steps if re.fullmatch(r"[\w/-]{,60}", steps) else text


def listed(graphs: Sequence[str], base: str) -> str:
    """Return the graphs as a list in a sentence: the first ones, and the number of others."""
    more = f" and {len(graphs) - _LISTED} more" if len(graphs) > _LISTED else ""
    return ", ".join(_graph_name(iri, base) for iri in graphs[:_LISTED]) + more


def _graph_name(iri: str, base: str) -> str:
    """Return the path of a graph below the base, or the last step of the IRI of the program's own graphs.

    >>> [_graph_name(f"https://example.org/{path}", "https://example.org/") for path in ("state/", "upr-info/kaz-20")]
    ['state/', 'upr-info/kaz-20']
    >>> _graph_name("https://w3id.org/rejoinder/ns", "https://example.org/")
    'ns'
    """
    return f"{graph_path(base, iri)}{'/' if iri.endswith('/') else ''}"
