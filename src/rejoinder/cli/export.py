"""The command `export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from rejoinder import api, disk, formats
from rejoinder.cli.console import Terminal
from rejoinder.cli.main import ProjectFolder, app
from rejoinder.config import open_project
from rejoinder.errors import UsageError

MAX_LINKS: Final = 40
"""The most symbolic links that are followed, as in Linux."""


RdfFormat = Literal["turtle", "trig", "nquads", "ntriples", "jsonld", "rdfxml"]


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
        _write_whole(file, data)


def _write_whole(file: Path, data: bytes) -> None:
    """Write the file atomically; follow links, and write directly to a pipe or device.

    Raises:
        UsageError: links lead round in a circle, or there is no such folder.
        StoreError: it cannot be written.
    """
    # Writing atomically replaces the name, so without following it a link would be replaced and its target stay.
    target, links = file, 0
    while target.is_symlink():
        target, links = target.parent / target.readlink(), links + 1
        if links > MAX_LINKS:
            raise UsageError(f"{file}: the link leads back to itself; name a file")
    if not target.parent.is_dir():
        raise UsageError(f"{target.parent}: there is no such folder; make it, or name another")
    with disk.writing(target.parent, "nothing was written"):
        if target.exists() and not target.is_file():
            target.write_bytes(data)
            return
        disk.write_whole(target, data)
