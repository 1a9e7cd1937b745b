"""Commands that answer from a version: ask, sparql, export."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rejoinder import api, formats
from rejoinder.cli import console
from rejoinder.cli.app import EndpointOption, ProjectFolder, StoreOption, TableFormat, TableOption, TimeoutOption, app
from rejoinder.cli.console import Terminal, show_questions
from rejoinder.config import Project, open_project
from rejoinder.dossiers.yaml import unread
from rejoinder.errors import UsageError
from rejoinder.questions import tables
from rejoinder.questions.tables import Table
from rejoinder.rdf.terms import Literal


class RdfFormat(StrEnum):
    """The RDF syntaxes."""

    TURTLE = "turtle"
    TRIG = "trig"
    NQUADS = "nquads"
    NTRIPLES = "ntriples"
    JSONLD = "jsonld"
    RDFXML = "rdfxml"


@app.command(epilog="Examples: rejoinder ask · rejoinder ask who-raised-what state=CZE state=USA --format csv")
def ask(  # noqa: PLR0913, PLR0917  # each is an option of the command
    name: Annotated[
        str | None, typer.Argument(help="The name of the question; without a name, the command lists the questions.")
    ] = None,
    parameters: Annotated[
        list[str] | None, typer.Argument(help="Values as key=value; repeat a key to allow any of several values.")
    ] = None,
    project: ProjectFolder = Path(),
    endpoint: EndpointOption = None,
    store: StoreOption = None,
    timeout: TimeoutOption = 600,
    form: TableOption = TableFormat.TABLE,
    show_query: Annotated[
        bool, typer.Option("--show-query", help="Print the SPARQL query instead of the answer.")
    ] = False,  # typer's form
) -> None:
    """Answer a stored question from the newest version."""
    screen, place = Terminal(), open_project(project)
    if name is None:
        _list(screen, place, form)
    elif show_query:
        screen.raw(api.question(place, name).query)
    else:
        with console.stoppable():
            values = _values(parameters or [])
            table = api.ask(place, name, values, endpoint=endpoint, store=store, timeout=timeout, notice=screen.note)
        table = tables.labels_only(table) if form is TableFormat.TABLE else table
        screen.table(table, formats.result_syntax(form), place.base)


def _list(screen: Terminal, project: Project, form: TableFormat) -> None:
    questions = api.list_questions(project)
    if form is TableFormat.TABLE:
        show_questions(screen, questions)
        return
    rows = tuple((Literal(q.name), Literal(q.group), Literal(q.title), Literal(q.summary)) for q in questions.values())
    screen.table(Table(("name", "group", "title", "summary"), rows), formats.result_syntax(form), project.base)


def _values(words: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, value in _pairs(words):
        found.setdefault(key, []).append(value)
    return found


def _pairs(words: Iterable[str]) -> Iterable[tuple[str, str]]:
    for word in words:
        key, equals, value = word.partition("=")
        if not (key and equals and value):
            raise UsageError(f"{word!r} is not key=value; write for example state=CZE")
        yield key, value


def query_text(query: str | None, file: Path | None) -> str:
    """Return the text of the query that was given as an argument, in a file or on standard input."""
    if (query is None) == (file is None):
        raise UsageError(
            "give the query as an argument, or with --file, or '-' for standard input; exactly one of them"
        )
    if file is None and query != "-":
        return query or ""
    try:
        return _standard_input() if file is None else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file or 'standard input'}: the query cannot be read: {unread(error)}") from error


def _standard_input() -> str:
    if sys.stdin is None:
        raise UsageError("standard input is closed; give the query as an argument, or with --file")
    return sys.stdin.buffer.read().decode("utf-8")
