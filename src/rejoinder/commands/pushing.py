"""The command that fills a triple store: push."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rejoinder import library
from rejoinder.commands import terminal
from rejoinder.commands.app import FINDINGS, app
from rejoinder.commands.options import ProjectFolder, StoreOption, SummaryFormat
from rejoinder.commands.screen import Terminal
from rejoinder.project import open_project


@app.command(epilog="Examples: rejoinder push http://localhost:3030/ds · rejoinder push URL --prune --dry-run")
def push(  # noqa: PLR0913, PLR0917  # each is an option of the command
    url: Annotated[str, typer.Argument(help="The triple store's address.")],
    project: ProjectFolder = Path(),
    store: StoreOption = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove graphs of earlier pushes that are gone from the version.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Read everything back, not only what travelled.")] = False,
    form: Annotated[
        SummaryFormat, typer.Option("--format", "-f", help="How to print what was done.")
    ] = SummaryFormat.TEXT,
) -> None:
    """Load the newest version into a triple store, only what changed, and prove that it is there.

    Name and password come from REJOINDER_USER and REJOINDER_PASSWORD, or from ~/.netrc.
    """
    screen = Terminal()
    with screen.progress() as progress:
        pushed = library.push(
            open_project(project), url, store=store, prune=prune, verify=verify, dry_run=dry_run, progress=progress
        )
    if form is SummaryFormat.JSON:
        screen.raw(terminal.push_json(pushed) + "\n")
    else:
        terminal.show_push(screen, pushed)
    if pushed.differences:
        raise typer.Exit(FINDINGS)
