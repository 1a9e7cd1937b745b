"""Commands that answer from a version: ask, sparql, export."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rejoinder import formats, library
from rejoinder.commands import output
from rejoinder.commands.app import app
from rejoinder.commands.options import (
    EndpointOption,
    ProjectFolder,
    StoreOption,
    TableFormat,
    TableOption,
    TimeoutOption,
)
from rejoinder.commands.screen import Terminal, show_questions
from rejoinder.dossiers.sourcelines import unread
from rejoinder.errors import UsageError
from rejoinder.project import Project, open_project
from rejoinder.questions import tables
from rejoinder.questions.questions import Table
from rejoinder.store.rdf import Literal


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
    name: Annotated[str | None, typer.Argument(help="The question; without one, the questions are listed.")] = None,
    parameters: Annotated[
        list[str] | None, typer.Argument(help="key=value pairs; a key given twice means any of its values.")
    ] = None,
    project: ProjectFolder = Path(),
    endpoint: EndpointOption = None,
    store: StoreOption = None,
    timeout: TimeoutOption = 600,
    form: TableOption = TableFormat.TABLE,
    show_query: Annotated[
        bool, typer.Option("--show-query", help="Print the SPARQL instead of the answer.")
    ] = False,  # typer's form
) -> None:
    """Answer a stored question from the newest version."""
    screen, place = Terminal(), open_project(project)
    if name is None:
        _list(screen, place, form)
    elif show_query:
        screen.raw(library.question(place, name).query)
    else:
        with output.stoppable():
            values = _values(parameters or [])
            table = library.ask(
                place, name, values, endpoint=endpoint, store=store, timeout=timeout, notice=screen.note
            )
        table = tables.labels_only(table) if form is TableFormat.TABLE else table
        screen.table(table, formats.result_syntax(form), place.base)


def _list(screen: Terminal, project: Project, form: TableFormat) -> None:
    questions = library.list_questions(project)
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


@app.command(
    epilog="Examples: rejoinder sparql 'SELECT * WHERE { ?s ?p ?o } LIMIT 5' · rejoinder sparql --file query.rq"
)
def sparql(  # noqa: PLR0913, PLR0917  # each is an option of the command
    query: Annotated[str | None, typer.Argument(help="The query; - reads it from standard input.")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="A file that holds the query.")] = None,
    project: ProjectFolder = Path(),
    endpoint: EndpointOption = None,
    store: StoreOption = None,
    timeout: TimeoutOption = 600,
    form: TableOption = TableFormat.TABLE,
) -> None:
    """Put a SPARQL 1.1 query to the newest version; the default graph is the union of all graphs."""
    screen, place = Terminal(), open_project(project)
    with output.stoppable():
        text = _query_text(query, file)
        answer = library.sparql(place, text, endpoint=endpoint, store=store, timeout=timeout, notice=screen.note)
    if isinstance(answer, Table):
        screen.table(answer, formats.result_syntax(form), place.base)
    else:
        screen.raw(library.triples_as_turtle(place, answer))


def _query_text(query: str | None, file: Path | None) -> str:
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


@app.command(epilog="Examples: rejoinder export all.trig · rejoinder export --format jsonld --graph report/kaz-upr-20")
def export(
    file: Annotated[
        Path | None,
        typer.Argument(help="Where to write; the suffix names the format. Standard output if none."),
    ] = None,
    project: ProjectFolder = Path(),
    form: Annotated[RdfFormat | None, typer.Option("--format", "-f", help="The RDF syntax.")] = None,
    graph: Annotated[
        str | None,
        typer.Option("--graph", "-g", help="Only this graph: its IRI, or its path below the base."),
    ] = None,
) -> None:
    """Write the newest version, or one graph of it, as canonical RDF."""
    if file is None and form is None:
        raise UsageError(
            "say where to write, e.g. 'rejoinder export all.trig', or in which format, e.g. '--format turtle'"
        )
    syntax = formats.rdf_syntax(form) if form else formats.rdf_syntax_of(str(file))
    data = library.export(open_project(project), syntax, graph)
    if file is None:
        Terminal().raw(data)
    else:
        output.write_whole(file, data)
