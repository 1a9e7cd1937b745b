"""The command `match`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

import rejoinder
from rejoinder.cli.console import Terminal, near, plural
from rejoinder.cli.main import ProjectFolder, app
from rejoinder.config import open_project


@app.command(
    epilog="Examples: rejoinder match people · rejoinder match claims --write data/mapping/claims.sssom.tsv",
)
def match(
    kind: Annotated[Literal["people", "claims"], typer.Argument(help="What to compare.")],
    write: Annotated[
        Path | None,
        typer.Option("--write", help="Append the rows to this file of mappings instead of printing them."),
    ] = None,
    project: ProjectFolder = Path(),
) -> None:
    """Propose people who may be one, or claims that may be the same, as rows of a mapping file.

    Nothing follows from a row until a reviewer confirms it. Pairs in a mapping file are not proposed again.
    """
    terminal = Terminal()
    opened = open_project(project)
    header, *rows = rejoinder.match(opened, kind, write)
    if write is None:
        terminal.raw("".join(f"{line}\n" for line in (header, *rows)))
    elif rows:
        terminal.say(f"Wrote     {plural(len(rows), 'row')} to {near(write)}")
        terminal.say(
            "Next      judge each row: write yourself into reviewer_id, and Not into predicate_modifier to refuse"
        )
    else:
        terminal.say("Nothing new to propose.")
