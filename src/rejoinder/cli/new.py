"""The command `new`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import rejoinder
from rejoinder.cli.console import Terminal
from rejoinder.cli.main import app


@app.command(epilog="Examples: rejoinder new my-reports · rejoinder new demo --example")
def new(
    folder: Annotated[Path, typer.Argument(help="The folder to create.")],
    example: Annotated[bool, typer.Option("--example", help="Include four dossiers.")] = False,
) -> None:
    """Create a project: configuration, a commented dossier, a README."""
    rejoinder.new(folder, example=example)
    Terminal().say(f"{folder} is ready. Next: cd {folder} && rejoinder build")
