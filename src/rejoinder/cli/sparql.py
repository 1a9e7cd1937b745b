"""The command `sparql`: any SPARQL query."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from rejoinder import api, formats
from rejoinder.cli import console
from rejoinder.cli.console import Terminal
from rejoinder.cli.main import EndpointOption, ProjectFolder, StoreOption, TableOption, TimeoutOption, app
from rejoinder.config import open_project
from rejoinder.dossiers.yaml import unread
from rejoinder.errors import UsageError
from rejoinder.rdf.results import Table
from rejoinder.triplestores.stores import QUESTION_SECONDS


@app.command(
    epilog="Examples: rejoinder sparql 'SELECT * WHERE { ?s ?p ?o } LIMIT 5' · rejoinder sparql --file query.rq"
)
def sparql(  # noqa: PLR0913, PLR0917  # each is an option of the command
    query: Annotated[str | None, typer.Argument(help="The query; - reads it from standard input.")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="The file that contains the query.")] = None,
    project: ProjectFolder = Path(),
    endpoint: EndpointOption = None,
    store: StoreOption = None,
    timeout: TimeoutOption = QUESTION_SECONDS,
    form: TableOption = "table",
) -> None:
    """Answer a SPARQL 1.1 query from the newest version; the default graph is the union of all named graphs."""
    terminal, opened = Terminal(), open_project(project)
    with console.stoppable():
        text = _query_text(query, file)
        answer = api.sparql(opened, text, endpoint=endpoint, store=store, timeout=timeout, notice=terminal.note)
    if isinstance(answer, Table):
        terminal.table(answer, formats.result_syntax(form), opened.base)
    else:
        terminal.raw(api.triples_as_turtle(opened, answer))


def _query_text(query: str | None, file: Path | None) -> str:
    """Return the text of the query that was given as an argument, in a file or on standard input."""
    if (query is None) == (file is None):
        raise UsageError(
            "give the query as an argument, or with --file, or '-' for standard input; exactly one of them"
        )
    if file is None and query != "-":
        return query or ""
    if file is None and sys.stdin is None:
        raise UsageError("standard input is closed; give the query as an argument, or with --file")
    try:
        return sys.stdin.buffer.read().decode() if file is None else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file or 'standard input'}: the query cannot be read: {unread(error)}") from error
