"""Stored questions: their typed parameters, and the tables they answer with; `questionfiles` reads them.

Parameters are bound as RDF terms before the query is evaluated and are never pasted into its text.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final, TypeVar

import yaml

from rejoinder import namespaces
from rejoinder.config import Project
from rejoinder.errors import InputError, QueryError, UsageError
from rejoinder.package_data import package_file
from rejoinder.questions.binding import bound
from rejoinder.rdf import query as rdf_query
from rejoinder.rdf import terms as rdf_terms
from rejoinder.rdf.query import Solutions
from rejoinder.rdf.terms import Literal, NamedNode, Store, Term

_MANY_NUMBERS: Final = ("stacked", "grouped")
_BY_SERIES: Final = ("line", "heat")
CHARTS: Final = ("bar", *_MANY_NUMBERS, *_BY_SERIES)
"""The kinds of charts."""

_MOST_SERIES: Final = 3


@dataclass(frozen=True)
class Chart:
    """How the answer is drawn: a kind of chart, and the columns that name a row, hold its numbers, and tell its series.

    `x` and `y` may be several columns with blanks between: names that are one together, and one series for each `y`.
    """

    kind: str
    x: str
    y: str
    series: str = ""

    @property
    def xs(self) -> tuple[str, ...]:
        """The columns that together name a row."""
        return tuple(self.x.split())

    @property
    def ys(self) -> tuple[str, ...]:
        """The columns that hold the numbers."""
        return tuple(self.y.split())


def chart_reason(chart: Chart, columns: set[str]) -> str | None:
    """What is wrong with the chart of a card."""
    if chart.kind not in CHARTS:
        return f"has the kind {chart.kind!r}; the kinds are {', '.join(CHARTS)}"
    if not (chart.xs and chart.ys):
        return "needs a column as x and one as y"
    unknown = {*chart.xs, *chart.ys, *filter(None, [chart.series])} - columns
    if unknown:
        return f"names {min(unknown)!r}, which the card does not list as a column"
    if (chart.kind in _BY_SERIES) != bool(chart.series):
        return f"of the kind {chart.kind} {'takes no' if chart.series else 'needs a column as'} series"
    most = _MOST_SERIES if chart.kind in _MANY_NUMBERS else 1
    return f"of the kind {chart.kind} takes at most {most} as y" if len(chart.ys) > most else None


_PREFIX: Final = "#+"

_MAX_DEPTH: Final = 10

_T = TypeVar("_T")


def without_card(query: str) -> str:
    """The query without the lines of its card."""
    return "\n".join(line for line in query.splitlines() if not line.startswith(_PREFIX)).strip()


class FrontMatterError(Exception):
    """What is wrong with a card."""


def card_of(query: str) -> dict[str, object]:
    """The card's keys and values, every scalar as text: a date or a number in a title is a title.

    Raises:
        CardError: there is no card, or one that nobody should read.
        YAMLError: it is not YAML.
    """
    lines = [line.removeprefix(_PREFIX).removeprefix(" ") for line in query.splitlines() if line.startswith(_PREFIX)]
    source = "\n".join(lines)
    _refuse_bombs(source)
    card = yaml.load(source, Loader=yaml.CBaseLoader)  # noqa: S506  # makes text, lists and mappings only
    if not isinstance(card, dict):
        raise FrontMatterError(
            "it is missing; write title, summary, group and columns behind '#+' at the head of the file"
        )
    return card


def _refuse_bombs(source: str) -> None:
    """Nothing, when YAML can be made of `source`: an alias may stand for any amount of it, and the maker recurses."""
    depth = 0
    for event in _events(source):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            raise FrontMatterError("aliases (*) are not allowed; write the value out")
        if depth > _MAX_DEPTH:
            raise FrontMatterError(f"it is nested more than {_MAX_DEPTH} deep")


def _events(source: str) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(source, Loader=yaml.CBaseLoader)
    except yaml.YAMLError as error:
        if "nesting depth" in str(error):  # the scanner's own limit, which it meets before it tells of any bracket
            raise FrontMatterError(f"it is nested more than {_MAX_DEPTH} deep") from error
        raise


def text_field(card: dict[str, object], key: str) -> str:
    """The text behind a key.

    Raises:
        CardError: there is none.
    """
    value = card.get(key)
    if not (isinstance(value, str) and value):
        raise FrontMatterError(f"{key} is missing or not text")
    return value


def each(card: dict[str, object], key: str, make: Callable[..., _T]) -> tuple[_T, ...]:
    """What `make` makes of each mapping in the list behind a key.

    Raises:
        CardError: there is no list, or a mapping in it does not fit.
    """
    items = card.get(key)
    if not isinstance(items, list):
        raise FrontMatterError(f"{key} is missing or not a list")
    return tuple(made(key, item, make) for item in items)


def made(key: str, item: object, make: Callable[..., _T]) -> _T:
    """What `make` makes of the mapping behind a key.

    Raises:
        CardError: it is no mapping of keys to text, or does not fit.
    """
    if not (isinstance(item, dict) and all(isinstance(value, str) for value in item.values())):
        raise FrontMatterError(f"{key} holds {item!r:.60}, which is no mapping of keys to text")
    try:
        return make(**item)
    except TypeError as error:
        raise FrontMatterError(f"{key} holds {item!r:.60}, which lacks or misspells a key") from error


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
        return without_card(self.query)

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
    return table_of(question, rdf_query.query(store, bound(question.query, question.bindings(values, base))))


def table_of(question: Question, answer: Solutions | bool | tuple[rdf_terms.Triple, ...]) -> Table:
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


def question_quads(questions: Mapping[str, Question], base: str) -> tuple[rdf_terms.Quad, ...]:
    """The cards as RDF, in the graph `{base}question/`; SHACL-SPARQL executables, as the SIB's examples are."""
    graph = NamedNode(f"{base}question/")
    quads = []
    for question in questions.values():
        node = NamedNode(question_iri(base, question.name))
        for predicate, value in _card_terms(question):
            quads.append(rdf_terms.Quad(node, NamedNode(predicate), value, graph))
    return tuple(quads)


def _card_terms(question: Question) -> list[tuple[str, Term]]:
    return [
        (namespaces.RDF_TYPE, NamedNode(namespaces.SH + "SPARQLSelectExecutable")),
        (namespaces.RDF_TYPE, NamedNode(namespaces.SH + "SPARQLExecutable")),
        (namespaces.RDFS + "label", Literal(question.title, language="en")),
        (namespaces.RDFS + "comment", Literal(question.summary, language="en")),
        (namespaces.SCHEMA + "keywords", Literal(question.group)),
        (namespaces.SH + "select", Literal(question.query)),
    ]


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
    return package_file("queries"), project.queries


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
        other = found.setdefault(namespaces.name_of(path.stem), path)
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
    name = namespaces.name_of(path.stem)
    if not namespaces.is_name(name):
        reason = f"the name {name!r} cannot be part of a web address; rename it: {namespaces.NAME_RULE}"
        raise InputError.at(path, None, reason)
    text = _text(path)
    try:
        return _checked(_question(name, card_of(text), text), path)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise InputError.at(
            path,
            mark.line + 1 if mark else None,
            "the card behind '#+' is not YAML; check its indentation, colons and quotation marks",
        ) from error
    except FrontMatterError as error:
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
        title=text_field(card, "title"),
        summary=text_field(card, "summary"),
        group=text_field(card, "group"),
        parameters=each(card, "parameters", Parameter) if "parameters" in card else (),
        columns=each(card, "columns", Column),
        chart=made("chart", card["chart"], Chart) if "chart" in card else None,
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
    nothing, some_value = (
        rdf_terms.memory_store(()),
        {parameter.name: (Literal(0),) for parameter in question.parameters},
    )
    given = table_of(question, rdf_query.query(nothing, question.query)).columns
    rdf_query.query(nothing, bound(question.query, some_value))
    for name in sorted(columns.difference(given)):
        raise InputError.at(path, 1, f"the query does not give the column {name!r}; it gives {', '.join(given)}")
    return question


def _check_chart(chart: Chart | None, columns: set[str], path: Path) -> None:
    reason = chart_reason(chart, columns) if chart else None
    if reason:
        raise InputError.at(path, 1, f"the chart {reason}")
