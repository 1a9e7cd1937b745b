"""Stored questions: their typed parameters, and the tables they answer with; `questionfiles` reads them.

Parameters are bound as RDF terms before the query is evaluated and are never pasted into its text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from rejoinder import names
from rejoinder.errors import QueryError, UsageError
from rejoinder.questions import cards
from rejoinder.questions.binding import bound
from rejoinder.questions.chart import Chart
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

LONGEST_INTEGER: Final = 18
"""Digits that every engine can count with."""

_WHOLE: Final = re.compile(rf"[+-]?[0-9]{{1,{LONGEST_INTEGER}}}")

TYPES: Final = (*_FOLDERS, "Integer", "String")
"""The types that a parameter may have: classes of the ontology, and two of literals."""


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
        if not _WHOLE.fullmatch(text):
            raise UsageError(f"{self.name}={text!r:.80} is not a whole number of at most {LONGEST_INTEGER} digits")
        return Literal(int(text))


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
    return table_of(question, rdf.query(store, bound(question.query, question.bindings(values, base))))


def table_of(question: Question, answer: Solutions | bool | tuple[rdf.Triple, ...]) -> Table:
    """What a store answered to the question's query, as a table.

    Raises:
        QueryError: it is a graph.
    """
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
