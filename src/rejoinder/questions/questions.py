"""Stored questions: SPARQL files with a card, their typed parameters, and the tables they answer with.

Parameters are bound as RDF terms before the query is evaluated and are never pasted into its text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import yaml

from rejoinder import names
from rejoinder.errors import InputError, QueryError, UsageError
from rejoinder.project import Project
from rejoinder.questions import cards
from rejoinder.questions.binding import bound
from rejoinder.questions.cards import CardError
from rejoinder.questions.chart import Chart, chart_reason
from rejoinder.resources import resource
from rejoinder.store import rdf
from rejoinder.store.rdf import Literal, NamedNode, Solutions, Store, Term

RESERVED: Final = ("limit", "offset", "format")
"""Names of parameters that say which part of an answer is wanted, and how."""

Values = Mapping[str, str | Sequence[str]]
"""Values of parameters by name; of several, a row may have any."""

_FOLDERS: Final = {
    "State": "state/",
    "Issue": "issue/",
    "Agent": "person/",
    "Report": "report/",
    "Provision": "provision/",
    "Review": "review/",
}
"""Where the IRI of a parameter of that type begins, below the base."""


@dataclass(frozen=True)
class Parameter:
    """A parameter: the variable it binds, its type (a class of the ontology, Integer or String), and its default."""

    name: str
    type: str
    summary: str
    default: str | None = None

    def term(self, text: str, base: str) -> Term:
        """The RDF term that `text` stands for in the project at `base`.

        >>> str(Parameter("state", "State", "").term("CZE", "https://w3id.org/rejoinder/"))
        '<https://w3id.org/rejoinder/state/CZE>'

        Raises:
            UsageError: `text` is no value of this type.
        """
        if self.type == "String":
            return Literal(text)
        if self.type == "Integer":
            return self._integer(text)
        iri = text if text.startswith(("http://", "https://")) else base + self._local(text)
        try:
            return NamedNode(iri)
        except ValueError as error:
            raise UsageError(f"{self.name}={text!r} is no {self.type}; write its short name or its IRI") from error

    def _local(self, text: str) -> str:
        return text if "/" in text else _FOLDERS[self.type] + text

    def _integer(self, text: str) -> Literal:
        try:
            return Literal(int(text))
        except ValueError as error:
            raise UsageError(f"{self.name}={text!r} is not a whole number") from error


@dataclass(frozen=True)
class Column:
    """A column of the answer: the query's variable, and what it means."""

    name: str
    summary: str


@dataclass(frozen=True)
class Question:
    """A stored question; `name` is the file's name without its suffix, `query` its whole text."""

    name: str
    title: str
    summary: str
    group: str
    parameters: tuple[Parameter, ...]
    columns: tuple[Column, ...]
    chart: Chart | None
    query: str

    @property
    def sparql(self) -> str:
        """The query without its card."""
        return cards.without_card(self.query)

    def bindings(self, values: Values, base: str) -> dict[str, tuple[Term, ...]]:
        """For each variable the terms of which it may be any; without value and default, a parameter stays free.

        Raises:
            UsageError: there is no such parameter, or a value is not of its type.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in values:
            if name not in known:
                offer = ", ".join(known) or "none"
                raise UsageError(f"the question {self.name} has no parameter {name!r}; its parameters: {offer}")
        given = {name: _texts(values.get(name, parameter.default)) for name, parameter in known.items()}
        terms = {name: [known[name].term(text, base) for text in texts] for name, texts in given.items()}
        return {name: tuple(dict.fromkeys(found)) for name, found in terms.items() if found}


def _texts(value: str | Sequence[str] | None) -> Sequence[str]:
    if value is None:
        return ()
    return [value] if isinstance(value, str) else value


@dataclass(frozen=True)
class Table:
    """An answer: the columns' names and the rows, a cell None where the variable is unbound."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]


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
    paths = {path.stem: path for folder in folders if folder.is_dir() for path in folder.glob("*.rq")}
    return dict(sorted(paths.items()))


def read_question(path: Path) -> Question:
    """The question in the file at `path`.

    Raises:
        InputError: its name makes no IRI, it cannot be read, its card does not hold, or its query does not run or gives
            other columns.
    """
    if not names.is_name(path.stem):
        reason = f"the name {path.stem!r} cannot be part of a web address; rename it: {names.NAME_RULE}"
        raise InputError.at(path, None, reason)
    text = _text(path)
    try:
        return _checked(_question(path.stem, cards.card_of(text), text), path)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise InputError.at(path, mark.line + 1 if mark else None, "the card behind '#+' is not YAML") from error
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
        raise InputError.at(path, None, "the question is not UTF-8") from error


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
    types = (*_FOLDERS, "Integer", "String")
    for parameter in question.parameters:
        if parameter.name in RESERVED:
            raise InputError.at(
                path, 1, f"the parameter {parameter.name!r} has a name that the web API keeps for itself"
            )
        if parameter.name not in columns:
            raise InputError.at(path, 1, f"the parameter {parameter.name!r} must be a column: only those can be bound")
        if parameter.type not in types:
            message = (
                f"the parameter {parameter.name!r} has the type {parameter.type!r}; the types are {', '.join(types)}"
            )
            raise InputError.at(path, 1, message)
    _check_chart(question.chart, columns, path)
    nothing, some_value = rdf.memory_store(()), {parameter.name: (Literal(0),) for parameter in question.parameters}
    given = _table(question, rdf.query(nothing, question.query)).columns
    rdf.query(nothing, bound(question.query, some_value))
    for name in sorted(columns.difference(given)):
        raise InputError.at(path, 1, f"the query does not give the column {name!r}; it gives {', '.join(given)}")
    return question


def _check_chart(chart: Chart | None, columns: set[str], path: Path) -> None:
    reason = chart_reason(chart, columns) if chart else None
    if reason:
        raise InputError.at(path, 1, f"the chart {reason}")


def find(questions: Mapping[str, Question], name: str) -> Question:
    """The question called `name`.

    Raises:
        UsageError: there is none; the nearest name is offered.
    """
    if name in questions:
        return questions[name]
    close = get_close_matches(name, questions, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]!r}? " if close else ""
    raise UsageError(f"there is no question {name!r}; {hint}'rejoinder ask' lists them")


def ask(store: Store, question: Question, values: Values, base: str) -> Table:
    """The answer of `store` to `question`; empty when there is none.

    Raises:
        UsageError: a parameter is unknown or its value does not fit.
        QueryError: the stored query does not run.
    """
    return _table(question, rdf.query(store, bound(question.query, question.bindings(values, base))))


def _table(question: Question, answer: Solutions | bool | tuple[rdf.Triple, ...]) -> Table:
    if isinstance(answer, tuple):
        raise QueryError(f"the question {question.name} makes a graph, not a table; write it as SELECT")
    return as_table(answer)


def as_table(answer: Solutions | bool) -> Table:
    """The solutions of a SELECT, or the one cell of an ASK, as a table."""
    if isinstance(answer, bool):
        return Table(("boolean",), ((Literal(answer),),))
    return Table(answer.variables, answer.rows)


def question_iri(base: str, name: str) -> str:
    """The IRI of the question called `name`."""
    return f"{base}question/{name}"


def question_quads(questions: Mapping[str, Question], base: str) -> tuple[rdf.Quad, ...]:
    """The cards as RDF, in the graph `{base}question/`; SHACL-SPARQL executables, as the SIB's examples are."""
    graph = NamedNode(f"{base}question/")
    quads = []
    for question in questions.values():
        node = NamedNode(question_iri(base, question.name))
        for predicate, value in _card_terms(question):
            quads.append(rdf.Quad(node, NamedNode(predicate), value, graph))
    return tuple(quads)


def _card_terms(question: Question) -> list[tuple[str, Term]]:
    return [
        (names.RDF_TYPE, NamedNode(names.SH + "SPARQLSelectExecutable")),
        (names.RDF_TYPE, NamedNode(names.SH + "SPARQLExecutable")),
        (names.RDFS + "label", Literal(question.title, language="en")),
        (names.RDFS + "comment", Literal(question.summary, language="en")),
        (names.SCHEMA + "keywords", Literal(question.group)),
        (names.SH + "select", Literal(question.query)),
    ]
