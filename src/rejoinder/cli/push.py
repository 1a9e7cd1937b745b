"""The command `push`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

import rejoinder
from rejoinder.cli.console import Terminal, listed, plural
from rejoinder.cli.main import FINDINGS, ProjectFolder, StoreOption, SummaryOption, TimeoutOption, app
from rejoinder.config import open_project
from rejoinder.triplestores.stores import COMMAND_SECONDS

if TYPE_CHECKING:  # httpx is an extra, and `--help` needs none
    from rejoinder.triplestores.push import Pushed

_DONE: Final = {"add": "Added", "replace": "Replaced", "remove": "Removed"}
_TO_DO: Final = {"add": "Would add", "replace": "Would replace", "remove": "Would remove"}


@app.command(epilog="Examples: rejoinder push http://localhost:3030/ds · rejoinder push URL --prune --dry-run")
def push(  # noqa: PLR0913, PLR0917  # each is an option of the command
    url: Annotated[str, typer.Argument(help="The triple store's address.")],
    project: ProjectFolder = Path(),
    store: StoreOption = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove graphs that an earlier push loaded and this version no longer has.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what the command would do.")] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read all graphs back and compare them, not only those that were sent.")
    ] = False,
    timeout: TimeoutOption = COMMAND_SECONDS,
    form: SummaryOption = "text",
) -> None:
    """Load the graphs that changed into a triple store, and verify that they arrived.

    The command reads name and password from REJOINDER_USER and REJOINDER_PASSWORD, or from ~/.netrc.
    """
    terminal, opened = Terminal(), open_project(project)
    with terminal.progress() as progress:
        pushed = rejoinder.push(
            opened,
            url,
            store=store,
            prune=prune,
            verify=verify,
            dry_run=dry_run,
            timeout=timeout,
            progress=progress,
            notice=terminal.note,
        )
    if form == "json":
        terminal.json(asdict(pushed))
    else:
        _show(terminal, pushed, opened.base)
    if pushed.differences:
        raise typer.Exit(FINDINGS)


def _show(terminal: Terminal, pushed: Pushed, base: str) -> None:
    """Print the change of each graph, and the contents of the store."""
    words = _TO_DO if pushed.dry else _DONE
    for action in words:
        graphs = [step.graph for step in pushed.steps if step.action == action]
        if graphs:
            terminal.say(f"{words[action]:9} {listed(graphs, base)}")
    if not pushed.steps:
        verb, by = "would be sent" if pushed.dry else "was sent", "its record and its counts"
        seen = "all of it was read back" if pushed.verified else f"by {by}; --verify reads all of it back"
        terminal.say(f"Nothing {verb}: the store has version {pushed.version} ({seen}).")
    if pushed.gone:
        terminal.say(f"Left      {listed(pushed.gone, base)} (gone here; --prune removes them there)")
    for difference in pushed.differences:
        numbers = f"{difference.missing} statements missing, {difference.extra} too many"
        terminal.say(f"{difference.graph}: differs in the store: {numbers}: {difference.example}", style="red")
    if not pushed.dry:
        held = f"{pushed.triples} statements in {plural(pushed.graphs, 'graph')}"
        terminal.say(f"{pushed.store}: {held} of version {pushed.version}; {pushed.verified} read back and compared")
