"""The command `serve`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

import rejoinder
from rejoinder.cli.console import Terminal
from rejoinder.cli.main import INTERRUPTED, EndpointOption, ProjectFolder, StoreOption, app
from rejoinder.config import open_project


@app.command(epilog="Example: rejoinder serve --port 8080")
def serve(  # noqa: PLR0913, PLR0917  # each is an option of the command
    project: ProjectFolder = Path(),
    host: Annotated[str | None, typer.Option(help="The address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[
        int | None,
        typer.Option(help="The port to listen on; 0 for any free port.", min=0, max=65_535, show_default="8000"),
    ] = None,
    endpoint: EndpointOption = None,
    store: StoreOption = None,
    log: Annotated[
        str | None, typer.Option(help="The file for the log; - for standard error, '' for none.", show_default="-")
    ] = None,
) -> None:
    """Serve the newest version over HTTP, and each newer one once it is built; with --endpoint, ask a triple store.

    The table [server] of rejoinder.toml sets limits. On SIGTERM, the server answers running requests and ends with
    exit code 0.
    """
    opened = open_project(project)
    given = {key: value for key, value in (("host", host), ("port", port), ("log", log)) if value is not None}
    settings = replace(opened.server, **given)  # type: ignore[arg-type]  # each key has its own type
    served = replace(opened, server=settings)
    try:
        rejoinder.serve(served, lambda address: Terminal().say(f"Serving {address}"), endpoint=endpoint, store=store)
    except KeyboardInterrupt:  # the usual end of a server in a terminal needs no words
        raise typer.Exit(INTERRUPTED) from None
