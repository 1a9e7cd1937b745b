"""The command `migrate`."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from typing import Annotated

import typer

import rejoinder
from rejoinder.cli.console import COLOURS, Terminal, near, plural, problem_lines, show_problems
from rejoinder.cli.main import BAD, FINDINGS, ProjectFolder, SummaryOption, app
from rejoinder.config import open_project
from rejoinder.dossiers.migration import Migration, Rewritten
from rejoinder.errors import UsageError, shown_path


@app.command(epilog="Examples: rejoinder migrate --diff · rejoinder migrate data/report/kaz-upr-20.yaml")
def migrate(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="The dossiers to rewrite (default: all YAML dossiers of the project).", readable=False),
    ] = None,
    project: ProjectFolder = Path(),
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; the exit code is 1 if a dossier has to be rewritten.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Write nothing; print the changes as a patch, with the exit code of --check.")
    ] = False,
    form: SummaryOption = "text",
) -> None:
    """Rewrite dossiers of vocabulary 0.1.0 in the present one; comments, order and blank lines stay."""
    if diff and form == "json":
        raise UsageError("--diff prints a patch; leave out --format json")
    terminal, dry = Terminal(), check or diff
    done = rejoinder.migrate(open_project(project), tuple(files or ()), write=not dry)
    if form == "json":
        terminal.json(_as_json(done))
    elif diff:
        _show_diff(terminal, done)
    else:
        _show(terminal, done, dry=dry)
    if done.problems:
        raise typer.Exit(BAD)
    if dry and done.rewritten:
        raise typer.Exit(FINDINGS)


def _show(terminal: Terminal, done: Migration, *, dry: bool) -> None:
    show_problems(terminal, done.problems)
    for item in done.rewritten:
        terminal.say(f"{'Would rewrite' if dry else 'Rewrote'} {shown_path(near(item.path))}")
        for note in item.notes:
            terminal.say(f"{note.where}: {note.severity}: {note.message}", style=COLOURS[note.severity])
    terminal.say(_summary(done, dry=dry))


def _summary(done: Migration, *, dry: bool) -> str:
    """Return what happened to how many files.

    >>> _summary(Migration((Path("a.yaml"),), (), ()), dry=False)
    '1 file: nothing to migrate'
    """
    changed, unread = len(done.rewritten), len({problem.path for problem in done.problems})
    same = len(done.files) - changed - unread
    parts = [f"{plural(changed, 'file')} {'would be ' if dry else ''}rewritten"] if changed else []
    parts += [f"{plural(same, 'file')}: nothing to migrate"] if same or not (changed or unread) else []
    parts += [f"{plural(unread, 'file')} not rewritten"] if unread else []
    return ", ".join(parts)


def _show_diff(terminal: Terminal, done: Migration) -> None:
    """Print the patch for programs, and all else on standard error."""
    terminal.raw("".join(line for item in done.rewritten for line in _patch(item)))
    for line in problem_lines(done.problems):
        terminal.error(line)
    for item in done.rewritten:
        for note in item.notes:
            terminal.note(str(note))
    terminal.note(_summary(done, dry=True))


def _patch(item: Rewritten) -> Iterator[str]:
    """Yield the lines of a unified diff, as `patch` reads it."""
    path = near(item.path).as_posix()
    for line in unified_diff(_lines(item.before), _lines(item.after), path, path):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    """Return the lines of a text with their ends; only a line feed ends a line of a patch."""
    lines = text.split("\n")
    return [*(f"{line}\n" for line in lines[:-1]), *filter(None, lines[-1:])]


def _as_json(done: Migration) -> dict[str, object]:
    return {
        "files": done.files,
        "rewritten": [{"path": item.path, "notes": item.notes} for item in done.rewritten],
        "problems": done.problems,
    }
