"""The command `diff`: what changed between two exports of a database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rejoinder import library
from rejoinder.commands import exportdiffs
from rejoinder.commands.app import FINDINGS, app
from rejoinder.commands.options import SummaryFormat
from rejoinder.commands.screen import Terminal


@app.command(epilog="Example: rejoinder diff exports-2018 exports-2019")
def diff(
    old: Annotated[Path, typer.Argument(help="The older export of the UPR Info database, or a folder of exports.")],
    new: Annotated[Path, typer.Argument(help="The newer one.")],
    form: Annotated[
        SummaryFormat, typer.Option("--format", "-f", help="How to print what changed.")
    ] = SummaryFormat.TEXT,
) -> None:
    """Say which responses changed, which texts were edited, which rows came and went."""
    _diff_exports(old, new, form)


def _diff_exports(old: Path, new: Path, form: SummaryFormat) -> None:
    screen = Terminal()
    found = library.diff_exports(old, new)
    if form is SummaryFormat.JSON:
        screen.raw(exportdiffs.as_json(found) + "\n")
    else:
        exportdiffs.show(screen, found)
    if found.problems:
        raise typer.Exit(FINDINGS)
