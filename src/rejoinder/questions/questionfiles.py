"""Questions from their files: a SPARQL query behind a card, read and checked before anybody asks it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import yaml

from rejoinder import names
from rejoinder.errors import InputError, QueryError
from rejoinder.project import Project
from rejoinder.questions import cards
from rejoinder.questions.binding import bound
from rejoinder.questions.cards import CardError
from rejoinder.questions.chart import Chart, chart_reason
from rejoinder.questions.questions import RESERVED, TYPES, Column, Parameter, Question, table_of
from rejoinder.resources import resource
from rejoinder.store import rdf
from rejoinder.store.rdf import Literal


def of_project(project: Project) -> dict[str, Question]:
    """The shipped questions and the project's own, which may replace one of the same name.

    Raises:
        InputError: a card does not hold.
    """
    return read_questions(_folders(project))


def digest(project: Project) -> str:
    """SHA-256 that changes whenever a question of the project comes, goes or changes.

    Raises:
        InputError: a question cannot be read.
    """
    known = hashlib.sha256()
    for name, path in _paths(_folders(project)).items():
        known.update(f"{name} {hashlib.sha256(_text(path).encode()).hexdigest()}\n".encode())
    return known.hexdigest()


def _folders(project: Project) -> tuple[Path, Path]:
    return resource("queries"), project.queries


def read_questions(folders: Sequence[Path]) -> dict[str, Question]:
    """The questions in `folders` by name, in alphabetical order; a later folder's question replaces an earlier one's.

    Raises:
        InputError: a card does not hold.
    """
    return {name: read_question(path) for name, path in _paths(folders).items()}


def _paths(folders: Sequence[Path]) -> dict[str, Path]:
    """The files by the names of their questions, in alphabetical order; a later folder's replaces an earlier one's."""
    paths: dict[str, Path] = {}
    for folder in folders:
        paths |= _paths_in(folder)
    return dict(sorted(paths.items()))


def _paths_in(folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".rq") if folder.is_dir() else ()
    for path in files:
        other = found.setdefault(names.name_of(path.stem), path)
        if other is not path:
            message = f"this file and {other} would both be the question {path.stem!r}; rename one of them"
            raise InputError.at(path, None, message)
    return found


def read_question(path: Path) -> Question:
    """The question in the file at `path`.

    Raises:
        InputError: its name makes no IRI, it cannot be read, its card does not hold, or its query does not run or gives
            other columns.
    """
    name = names.name_of(path.stem)
    if not names.is_name(name):
        reason = f"the name {name!r} cannot be part of a web address; rename it: {names.NAME_RULE}"
        raise InputError.at(path, None, reason)
    text = _text(path)
    try:
        return _checked(_question(name, cards.card_of(text), text), path)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise InputError.at(
            path,
            mark.line + 1 if mark else None,
            "the card behind '#+' is not YAML; check its indentation, colons and quotation marks",
        ) from error
    except CardError as error:
        raise InputError.at(path, 1, f"the card behind '#+': {error}") from error
    except QueryError as error:
        raise InputError.at(path, None, str(error)) from error


def _text(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():  # a pipe may have nobody at its other end
            raise InputError.at(path, None, "a question is a file, which this is not; rename or remove it")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError.at(path, None, f"the question cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError.at(path, None, "the question is not UTF-8; save the file as UTF-8") from error


def _question(name: str, card: dict[str, object], text: str) -> Question:
    return Question(
        name=name,
        title=cards.text(card, "title"),
        summary=cards.text(card, "summary"),
        group=cards.text(card, "group"),
        parameters=cards.each(card, "parameters", Parameter) if "parameters" in card else (),
        columns=cards.each(card, "columns", Column),
        chart=cards.made("chart", card["chart"], Chart) if "chart" in card else None,
        query=text,
    )


def _checked(question: Question, path: Path) -> Question:
    """The question, when its card and its query agree; an empty store tells what the query gives."""
    columns = {column.name for column in question.columns}
    for parameter in question.parameters:
        if parameter.name in RESERVED:
            raise InputError.at(
                path, 1, f"the parameter {parameter.name!r} has a name that the web API keeps for itself"
            )
        if parameter.name not in columns:
            raise InputError.at(path, 1, f"the parameter {parameter.name!r} must be a column: only those can be bound")
        if parameter.type not in TYPES:
            message = (
                f"the parameter {parameter.name!r} has the type {parameter.type!r}; the types are {', '.join(TYPES)}"
            )
            raise InputError.at(path, 1, message)
    _check_chart(question.chart, columns, path)
    nothing, some_value = rdf.memory_store(()), {parameter.name: (Literal(0),) for parameter in question.parameters}
    given = table_of(question, rdf.query(nothing, question.query)).columns
    rdf.query(nothing, bound(question.query, some_value))
    for name in sorted(columns.difference(given)):
        raise InputError.at(path, 1, f"the query does not give the column {name!r}; it gives {', '.join(given)}")
    return question


def _check_chart(chart: Chart | None, columns: set[str], path: Path) -> None:
    reason = chart_reason(chart, columns) if chart else None
    if reason:
        raise InputError.at(path, 1, f"the chart {reason}")
