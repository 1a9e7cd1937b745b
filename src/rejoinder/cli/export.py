"""Commands that answer from a version: ask, sparql, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rejoinder import api, formats
from rejoinder.cli import console
from rejoinder.cli.app import ProjectFolder, app
from rejoinder.cli.ask import RdfFormat
from rejoinder.cli.console import Terminal
from rejoinder.config import open_project
from rejoinder.errors import UsageError


@app.command(epilog="Examples: rejoinder export all.trig · rejoinder export --format jsonld --graph report/kaz-upr-20")
def export(
    file: Annotated[
        Path | None,
        typer.Argument(help="The file to write; its suffix gives the format (default: standard output)."),
    ] = None,
    project: ProjectFolder = Path(),
    form: Annotated[RdfFormat | None, typer.Option("--format", "-f", help="The RDF syntax.")] = None,
    graph: Annotated[
        str | None,
        typer.Option("--graph", "-g", help="Export only this named graph: its IRI, or its path below the base."),
    ] = None,
) -> None:
    """Write the newest version, or one graph of it, as canonical RDF."""
    if file is None and form is None:
        raise UsageError(
            "say where to write, e.g. 'rejoinder export all.trig', or in which format, e.g. '--format turtle'"
        )
    syntax = formats.rdf_syntax(form) if form else formats.rdf_syntax_of(str(file))
    data = api.export(open_project(project), syntax, graph)
    if file is None:
        Terminal().raw(data)
    else:
        console.write_whole(file, data)
