"""The command `ask`: a stored question."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from textwrap import fill
from typing import Annotated

import typer

from rejoinder import api, formats
from rejoinder.cli import console
from rejoinder.cli.console import Terminal
from rejoinder.cli.main import EndpointOption, ProjectFolder, StoreOption, TableFormat, TableOption, TimeoutOption, app
from rejoinder.config import Project, open_project
from rejoinder.errors import UsageError
from rejoinder.question import Question
from rejoinder.rdf import results
from rejoinder.rdf.results import Table
from rejoinder.rdf.terms import Literal
from rejoinder.triplestores.stores import QUESTION_SECONDS


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
    timeout: TimeoutOption = QUESTION_SECONDS,
    form: TableOption = "table",
    show_query: Annotated[
        bool, typer.Option("--show-query", help="Print the SPARQL query instead of the answer.")
    ] = False,
) -> None:
    """Answer a stored question from the newest version."""
    terminal, opened = Terminal(), open_project(project)
    if name is None:
        _list(terminal, opened, form)
    elif show_query:
        terminal.raw(api.question(opened, name).query)
    else:
        with console.stoppable():
            values = _values(parameters or [])
            table = api.ask(opened, name, values, endpoint=endpoint, store=store, timeout=timeout, notice=terminal.note)
        # For reading, labels are enough; other formats keep the IRIs beside them.
        table = results.labels_only(table) if form == "table" else table
        terminal.table(table, formats.result_syntax(form), opened.base)


def _list(terminal: Terminal, project: Project, form: TableFormat) -> None:
    questions = api.list_questions(project)
    if form == "table":
        _show_questions(terminal, questions)
        return
    rows = tuple((Literal(q.name), Literal(q.group), Literal(q.title), Literal(q.summary)) for q in questions.values())
    terminal.table(Table(("name", "group", "title", "summary"), rows), formats.result_syntax(form), project.base)


def _values(words: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not (key and equals and value):
            raise UsageError(f"{word!r} is not key=value; write for example state=CZE")
        found.setdefault(key, []).append(value)
    return found


def _show_questions(terminal: Terminal, questions: dict[str, Question]) -> None:
    """Print the stored questions, by group."""
    for group in sorted({question.group for question in questions.values()}):
        terminal.say(group, style="bold")
        for question in (q for q in questions.values() if q.group == group):
            parameters = " ".join(f"[{p.name}=…]" for p in question.parameters)
            terminal.say(f"  {question.name} {parameters}".rstrip())
            terminal.say(_indented(terminal, question.summary), style="dim")
        terminal.say()
    terminal.say("To ask one: rejoinder ask NAME key=value")


def _indented(terminal: Terminal, text: str) -> str:
    """Return the text behind six blanks, its lines as long as the terminal is wide; in a pipe, one line."""
    blanks = " " * 6
    return (
        fill(text, terminal.out.width, initial_indent=blanks, subsequent_indent=blanks)
        if terminal.interactive
        else blanks + text
    )
