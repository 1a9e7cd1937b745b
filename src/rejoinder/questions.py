"""Stored questions: SPARQL files with a card, their typed parameters, and the tables they answer with.

A card is the YAML behind `#+` at the head of the file, as grlc reads it. Parameters are bound as RDF terms before the
query is evaluated and are never pasted into its text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import yaml

from rejoinder import names, rdf
from rejoinder.errors import InputError, QueryError, UsageError
from rejoinder.rdf import Literal, NamedNode, Solutions, Store, Term

_PREFIX: Final = "#+"

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
class Chart:
    """How the answer could be drawn: the kind of chart and the columns on its axes."""

    kind: str
    x: str
    y: str


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

    def bindings(self, values: Mapping[str, str], base: str) -> dict[str, Term]:
        """The terms for the query's variables; a parameter without a value and without a default stays free.

        Raises:
            UsageError: there is no such parameter, or a value is not of its type.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in values:
            if name not in known:
                offer = ", ".join(known) or "none"
                raise UsageError(f"the question {self.name} has no parameter {name!r}; its parameters: {offer}")
        given = {name: values.get(name, parameter.default) for name, parameter in known.items()}
        return {name: known[name].term(value, base) for name, value in given.items() if value is not None}


@dataclass(frozen=True)
class Table:
    """An answer: the columns' names and the rows, a cell None where the variable is unbound."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]


def read_questions(folders: Sequence[Path]) -> dict[str, Question]:
    """The questions in `folders` by name, in alphabetical order; a later folder's question replaces an earlier one's.

    Raises:
        InputError: a card does not hold.
    """
    paths = {path.stem: path for folder in folders if folder.is_dir() for path in folder.glob("*.rq")}
    return {name: read_question(paths[name]) for name in sorted(paths)}


def read_question(path: Path) -> Question:
    """The question in the file at `path`.

    Raises:
        InputError: the file cannot be read or its card does not hold.
    """
    try:
        text = path.read_text(encoding="utf-8")
        card = yaml.load("\n".join(_card_lines(text)), Loader=yaml.CSafeLoader)  # the safe one, in C
        return _checked(_question(path.stem, card, text), path)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError.at(path, None, f"the question cannot be read: {error}") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise InputError.at(path, mark.line + 1 if mark else None, "the card behind '#+' is not YAML") from error
    except (KeyError, TypeError) as error:
        raise InputError.at(path, 1, f"the card behind '#+' lacks or misspells {error}") from error


def _checked(question: Question, path: Path) -> Question:
    columns = {column.name for column in question.columns}
    for parameter in question.parameters:
        if parameter.name not in columns:
            raise InputError.at(path, 1, f"the parameter {parameter.name!r} must be a column: only those can be bound")
    return question


def _card_lines(text: str) -> list[str]:
    return [line.removeprefix(_PREFIX).removeprefix(" ") for line in text.splitlines() if line.startswith(_PREFIX)]


def _question(name: str, card: Mapping[str, object], text: str) -> Question:
    return Question(
        name=name,
        title=str(card["title"]),
        summary=str(card["summary"]),
        group=str(card["group"]),
        parameters=_each(card.get("parameters"), Parameter),
        columns=_each(card["columns"], Column),
        chart=Chart(**card["chart"]) if isinstance(card.get("chart"), dict) else None,  # type: ignore[arg-type]  # a mapping
        query=text,
    )


def _each(items: object, make: Callable[..., Parameter | Column]) -> tuple:  # type: ignore[type-arg]  # of what `make` makes
    return tuple(make(**item) for item in items) if isinstance(items, list) else ()


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


def ask(store: Store, question: Question, values: Mapping[str, str], base: str) -> Table:
    """The answer of `store` to `question`; empty when there is none.

    Raises:
        UsageError: a parameter is unknown or its value does not fit.
        QueryError: the stored query does not run.
    """
    answer = rdf.query(store, question.query, question.bindings(values, base))
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
