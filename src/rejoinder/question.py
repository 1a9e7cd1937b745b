"""Stored questions: SPARQL queries in files, with front matter in YAML behind '#+' for parameters and columns.

Values of parameters are RDF terms in a VALUES block, serialised by the engine; user input is never inserted as text.
Standard: SPARQL 1.1 Query Language, section 10.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from inspect import signature
from pathlib import Path
from typing import Final, TypeVar

import yaml

from rejoinder import namespaces
from rejoinder.config import Project
from rejoinder.disk import package_file
from rejoinder.errors import InputError, QueryError, UsageError, did_you_mean, quoted, suggest
from rejoinder.rdf import query as rdf_query
from rejoinder.rdf.results import Table, as_table
from rejoinder.rdf.terms import Literal, NamedNode, Quad, Store, Term, Triple

_T = TypeVar("_T")

_WITH_SEVERAL_NUMBERS: Final = ("stacked", "grouped")
CHARTS: Final = ("bar", *_WITH_SEVERAL_NUMBERS)
"""The kinds of charts."""

_MAX_NUMBERS: Final = 3
"""The most columns of numbers in one chart: with more fillings, nobody can tell bars apart without colour."""

_FRONT_MATTER_SIGN: Final = "#+"
_FRONT_MATTER_KEYS: Final = ("title", "summary", "group", "parameters", "columns", "chart", "examples")
"""The keys that front matter may have here; other programs may have theirs beside these."""
_MAX_DEPTH: Final = 10
"""The deepest nesting of front matter."""

RESERVED: Final = ("limit", "offset", "format")
"""Names of HTTP parameters that choose the page and the format of an answer, so no question may use them."""

_LABELS: Final = ("rdfs:label", "dcterms:title", "skos:prefLabel")

Values = Mapping[str, str | Sequence[str]]
"""Values of parameters by name; of several values, a row may have any."""

KIND_OF_TYPE: Final = {
    "State": "state",
    "Issue": "issue",
    "Agent": "person",
    "Report": "report",
    "Provision": "provision",
    "Review": "review",
    "Proceeding": "proceeding",
}
"""The kind (see `namespaces.KINDS`) of the things that a parameter of each type names."""

TYPES: Final = (*KIND_OF_TYPE, "Integer", "String")
"""The types that a parameter may have: classes of the ontology, and two of literals."""

MAX_INTEGER_DIGITS: Final = 18
"""The most digits of an integer that every engine can calculate with: 64 bits hold all of these."""

_IN_A_LANGUAGE: Final = re.compile(
    r"""VALUES \s \?language \s \{ \s (?P<language> "[\w-]+" ) \s \} \s+
        (?P<pattern> [^{}]*? LANGMATCHES\(LANG\(\?\w+\), \s ) \?language""",
    re.VERBOSE,
)
"""The choice of labels in the language that a question is asked for, up to the language."""
_OPTIONAL_TWICE: Final = re.compile(
    r"""OPTIONAL \s \{ \s+ (?P<label> [^{}"]*?\. ) \s+ (?P<filter> FILTER [^{}]*? ) \s+ \} \s+
        (?P<once> OPTIONAL \s \{ \s (?P=label) \s (?P=filter) \s \} )""",
    re.VERBOSE,
)
"""The choice of labels in English where they are looked for in English already: the second finds nothing new."""
_OPTIONAL_LABEL: Final = re.compile(r"OPTIONAL\s*\{[^{}]*?\b(?:rdfs:label|skos:prefLabel)\s+\?\w+[^{}]*\}")
_ALL_VARIABLES: Final = re.compile(r"\bSELECT\s+(?:(?:DISTINCT|REDUCED)\s+)?\*", re.IGNORECASE)

_TOKEN: Final = re.compile(rdf_query.TOKENS, re.VERBOSE | re.DOTALL)
_WORDS: Final = re.compile(r"[a-z]{2}[a-z' ]+")
"""Words in a query, not a language, a part of an address, or a limit of dates."""
_INTEGER: Final = re.compile(rf"[+-]?[0-9]{{1,{MAX_INTEGER_DIGITS}}}")


class ParameterError(UsageError):
    """A parameter that a question does not have, or a value that does not fit.

    `parameter` is its name, `suggestions` are what may have been meant, `known` the names that there are.
    """

    def __init__(
        self, message: str, parameter: str, suggestions: Sequence[str] = (), known: Sequence[str] = ()
    ) -> None:
        self.parameter, self.suggestions, self.known = parameter, list(suggestions), list(known)
        super().__init__(message)

    def as_json(self) -> dict[str, object]:
        """Return its details as JSON values, for programs."""
        more = {"suggestions": self.suggestions, "known": self.known}
        return {"parameter": self.parameter, **{name: values for name, values in more.items() if values}}


@dataclass(frozen=True)
class Parameter:
    """A parameter: the variable it binds, its type (a class of the ontology, Integer or String), and its default."""

    name: str
    type: str
    summary: str
    default: str | None = None

    def term(self, text: str, base: str) -> Term:
        """Return the RDF term that `text` stands for in the project at `base`.

        >>> str(Parameter("state", "State", "").term("CZE", "https://w3id.org/rejoinder/"))
        '<https://w3id.org/rejoinder/state/CZE>'

        Raises:
            ParameterError: `text` is not a value of this type.
        """
        if self.type == "String":
            return Literal(text)
        if self.type == "Integer":
            if not _INTEGER.fullmatch(text):
                digits = f"a whole number of at most {MAX_INTEGER_DIGITS} digits"
                raise ParameterError(f"{self.name}={text!r:.80} is not {digits}", self.name)
            return Literal(int(text))
        # With a folder, it may be of another kind: an organisation where people are usual.
        path = text if "/" in text else f"{KIND_OF_TYPE[self.type]}/{text}"
        try:
            return NamedNode(text if text.startswith(("http://", "https://")) else base + path)
        except ValueError as error:
            message = f"{self.name}={text!r:.80} is no {self.type}; write its short name or its IRI"
            raise ParameterError(message, self.name) from error


def class_of_type(name: str) -> str:
    """Return the class, as prefix:name, of the values of a parameter of the type `name`.

    >>> class_of_type("Agent")
    'prov:Agent'
    """
    return namespaces.KINDS[KIND_OF_TYPE[name]].rdf_class


@dataclass(frozen=True)
class Chart:
    """The chart of an answer: its kind, and the columns with the name and the numbers of each row.

    `x` and `y` may be several columns with blanks between: names that are one together, and one series for each `y`.
    """

    kind: str
    x: str
    y: str

    @property
    def xs(self) -> tuple[str, ...]:
        """The columns that together name a row."""
        return tuple(self.x.split())

    @property
    def ys(self) -> tuple[str, ...]:
        """The columns that hold the numbers."""
        return tuple(self.y.split())


@dataclass(frozen=True)
class Column:
    """A column of the answer: the query's variable, and its meaning."""

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
        """The query without its front matter."""
        return without_front_matter(self.query)

    def with_language(self, language: str) -> Question:
        """Return the question with labels in this language, where the data have any, unless another is asked for."""
        parameters = tuple(replace(it, default=language) if it.name == "language" else it for it in self.parameters)
        if parameters == self.parameters:
            return self
        query = bound(self.query, {"language": [Literal(language)]})
        return replace(self, parameters=parameters, query=query)

    @property
    def words(self) -> tuple[str, ...]:
        """The words that the query itself puts into answers, such as "explicitly in the report"."""
        values = {parameter.default for parameter in self.parameters}
        strings = (found["string"][1:-1] for found in _TOKEN.finditer(self.sparql) if found["string"])
        return tuple(dict.fromkeys(text for text in strings if _WORDS.fullmatch(text) and text not in values))

    def require_parameters(self, names: Iterable[str], others: Sequence[str] = ()) -> None:
        """Raise ParameterError for a name that is none of its parameters and none of `others`, known to the caller."""
        known = [*(parameter.name for parameter in self.parameters), *others]
        for name in names:
            if name not in known:
                close = suggest(name, known)
                hint = did_you_mean(close, f"there are {', '.join(known) or 'none'}")
                message = f"the question {self.name} has no parameter {name!r:.80}; {hint}"
                raise ParameterError(message, name, close, known)

    def bindings(self, values: Values, base: str) -> dict[str, tuple[Term, ...]]:
        """Return for each variable the terms that it may have; without value and default, a parameter stays free.

        Raises:
            ParameterError: there is no such parameter, or a value is not of its type.
        """
        self.require_parameters(values)
        known = {parameter.name: parameter for parameter in self.parameters}
        found: dict[str, tuple[Term, ...]] = {}
        for name, parameter in known.items():
            value = values.get(name, parameter.default)
            texts = [value] if isinstance(value, str) else value or ()
            if texts:
                found[name] = tuple(dict.fromkeys(parameter.term(text, base) for text in texts))
        return found


def ask(store: Store, question: Question, values: Values, base: str, *, known_only: bool = False) -> Table:
    """Return the answer of `store` to `question`; with `known_only`, each value must name something in the store.

    Raises:
        UsageError: a parameter is unknown or its value does not fit.
        QueryError: the stored query does not run.
    """
    bindings = question.bindings(values, base)
    if known_only:
        for parameter, thing, kind in named_things(question, values, bindings):
            if not any(store.quads_for_pattern(thing, NamedNode(namespaces.RDF_TYPE), kind, None)):
                close = similar_things(thing.value, things_by_name(store, parameter.type))
                raise unknown_thing(parameter, thing, base, [iri.removeprefix(base) for iri in close])
    return table_of(question, rdf_query.query(store, in_one_language(bound(question.query, bindings))))


def bound(query: str, bindings: Mapping[str, Sequence[Term]]) -> str:
    r"""Return the query with each variable bound to its terms by a VALUES block.

    A block that the query itself has for the variable holds the default, and gets the terms instead. Otherwise the
    block stands at the beginning of the outermost group. The standard also allows it at the end of the query, but there
    Virtuoso returns other rows.

    >>> bound("SELECT ?n WHERE { ?s ?p ?n }", {"n": [Literal('a" } #'), Literal(1)]})
    'SELECT ?n WHERE { VALUES ?n { "a\\" } #" "1"^^<http://www.w3.org/2001/XMLSchema#integer> } ?s ?p ?n }'
    >>> bound('SELECT ?s WHERE { VALUES ?n { "en" } ?s ?p ?n }', {"n": [Literal("ru")]})
    'SELECT ?s WHERE { VALUES ?n { "ru" } ?s ?p ?n }'

    Raises:
        QueryError: the query has no group.
    """
    # One way for all stores: the engine could substitute variables instead, but by one value each, and took longer.
    changes: list[tuple[int, int, str]] = []
    # Masked, because an IRI, a string or a comment may contain a brace.
    masked = rdf_query.masked(query)
    start = masked.find("{") + 1
    for name, terms in bindings.items():
        block = f"VALUES ?{name} {{ {' '.join(map(str, terms))} }}"
        defaults = [(found.start(), found.end(), block) for found in _default_block(name).finditer(masked)]
        if not (defaults or start):
            raise QueryError("the query has no WHERE { … }; write one")
        changes += defaults or [(start, start, f" {block}")]
    parts: list[str] = []
    at = 0
    for begin, end, text in sorted(changes, key=lambda change: change[:2]):
        parts += query[at:begin], text
        at = end
    return "".join(parts) + query[at:]


def in_one_language(query: str) -> str:
    """Return the query with the language in the place of ?language, where that may have one value only.

    The answer is the same. But with a variable from VALUES, the engine reads all labels and joins them, also for one
    row: 0.17 s for each OPTIONAL over 200 reports. The files keep the variable, which other stores and several
    languages need.

    >>> print(in_one_language('{ VALUES ?language { "fr" } ?s ?p ?l . FILTER (LANGMATCHES(LANG(?l), ?language)) }'))
    { ?s ?p ?l . FILTER (LANGMATCHES(LANG(?l), "fr")) }

    Where labels in English are looked for twice then, once is enough.
    """
    found, number = _IN_A_LANGUAGE.subn(r"\g<pattern>\g<language>", query)
    is_used_elsewhere = query.count("?language") > 2 * number or _ALL_VARIABLES.search(query)
    return query if is_used_elsewhere else _OPTIONAL_TWICE.sub(r"\g<once>", found)


def without_names(query: str) -> str:
    """Return the query without the OPTIONALs that only look up labels: it has as many rows, or fewer.

    >>> without_names("{ ?s a ?c OPTIONAL { ?s rdfs:label ?name FILTER (LANG(?name) = 'en') } OPTIONAL { ?s ?p ?o } }")
    '{ ?s a ?c  OPTIONAL { ?s ?p ?o } }'
    """
    return _OPTIONAL_LABEL.sub("", in_one_language(query))


def _default_block(name: str) -> re.Pattern[str]:
    """Return the pattern of a VALUES block with which a query gives the parameter its default."""
    return re.compile(rf"\bVALUES\s+\?{re.escape(name)}\s*\{{[^{{}}]*\}}")


def named_things(
    question: Question, values: Values, bindings: Mapping[str, Sequence[Term]]
) -> Iterator[tuple[Parameter, NamedNode, NamedNode]]:
    """Yield the parameter, the thing that a user's value names, and the class that it must have in the data.

    The callers refuse a thing that is not there: an empty answer to a misspelt State would read as "it raised nothing".
    """
    for parameter in question.parameters:
        if parameter.name in values and parameter.type in KIND_OF_TYPE:  # not for defaults, which no user wrote
            kind = NamedNode(namespaces.expand(class_of_type(parameter.type)))
            for thing in bindings.get(parameter.name, ()):
                if isinstance(thing, NamedNode):
                    yield parameter, thing, kind


def unknown_thing(parameter: Parameter, term: NamedNode, base: str, close: Sequence[str] = ()) -> ParameterError:
    """Return the error for a value that names no thing of the parameter's type; `close` may be meant instead."""
    message = f"{parameter.name}: there is no {parameter.type} {term.value.removeprefix(base)!r} in the data"
    hint = f"; did you mean {', '.join(close)}?" if close else ""
    return ParameterError(message + hint, parameter.name, close)


def things_by_name(store: Store, kind: str) -> dict[str, str]:
    """Return the IRIs of the things of a parameter type by labels and last steps of IRIs, all in lower case."""
    is_a, wanted = NamedNode(namespaces.RDF_TYPE), NamedNode(namespaces.expand(class_of_type(kind)))
    things = {quad.subject for quad in store.quads_for_pattern(None, is_a, wanted, None)}
    iris = {thing.value: thing for thing in things if isinstance(thing, NamedNode)}
    labels: dict[str, str] = {}
    for iri, thing in sorted(iris.items()):
        for name in _LABELS:
            for quad in store.quads_for_pattern(thing, NamedNode(namespaces.expand(name)), None, None):
                if isinstance(quad.object, Literal):
                    labels.setdefault(quad.object.value.casefold(), iri)
    return labels | {_last_step(iri): iri for iri in sorted(iris)}


def similar_things(text: str, known: Mapping[str, str]) -> list[str]:
    """Return the IRIs of at most three things, of `things_by_name`, whose names are much like the text or its end."""
    words = dict.fromkeys((_last_step(text), text.casefold()))
    return list(dict.fromkeys(known[name] for word in words for name in suggest(word, known, 3)))[:3]


def _last_step(iri: str) -> str:
    return iri.rpartition("/")[2].casefold()


def table_of(question: Question, answer: Table | bool | tuple[Triple, ...]) -> Table:
    """Return the answer to a question's query as a table.

    Raises:
        QueryError: it is a graph.
    """
    if isinstance(answer, tuple):
        raise QueryError(f"the question {question.name} makes a graph, not a table; write it as SELECT")
    return as_table(answer)


def of_project(project: Project) -> dict[str, Question]:
    """Return the questions that ship with Rejoinder and the project's own, which may replace one of the same name.

    Raises:
        InputError: the front matter of a question is not valid.
    """
    return {name: _read(path) for name, path in _paths(project).items()}


def _read(path: Path) -> Question:
    """Return a question of a project; the queries that ship were tried when the program was made."""
    return read_question(path, is_tried=path.parent == package_file("queries"))


def named(project: Project, name: str) -> Question:
    """Return the question called `name`; only its own file is read.

    Raises:
        UsageError: there is none; the question that replaces it, or the nearest name, is suggested.
        InputError: its front matter is not valid.
    """
    paths = _paths(project)
    if name in paths:
        return _read(paths[name])
    if name in replaced():
        raise UsageError(f"the question {name!r} is replaced by {replaced()[name]!r}; ask that one")
    hint = "".join(f"did you mean {close!r}? " for close in suggest(name, paths))
    raise UsageError(f"there is no question {name!r}; {hint}'rejoinder ask' lists them")


def digest(project: Project) -> str:
    """Return a SHA-256 that changes whenever a question of the project is added, removed or edited.

    Raises:
        InputError: a question cannot be read.
    """
    # The shared names are part of every question's front matter.
    known = hashlib.sha256(_text(_defaults_path()).encode())
    for name, path in _paths(project).items():
        known.update(f"{name} {hashlib.sha256(_text(path).encode()).hexdigest()}\n".encode())
    return known.hexdigest()


def _paths(project: Project) -> dict[str, Path]:
    """Return the files of questions by name, sorted; the project's own replace shipped ones of the same name."""
    paths: dict[str, Path] = {}
    for folder in (package_file("queries"), project.queries):
        found: dict[str, Path] = {}
        files = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".rq") if folder.is_dir() else ()
        for path in files:
            other = found.setdefault(namespaces.name_of(path.stem), path)
            if other is not path:
                message = f"this file and {other} would both be the question {path.stem!r}; rename one of them"
                raise InputError.at(path, None, message)
        paths |= found
    return dict(sorted(paths.items()))


def read_question(path: Path, *, is_tried: bool = False) -> Question:
    """Return the question in the file at `path`; unless it `is_tried`, its query is tried on an empty store.

    Raises:
        InputError: its name is not valid in an IRI, it cannot be read, its front matter is not valid, or its query does
            not run or gives other columns.
    """
    name = namespaces.name_of(path.stem)
    if not namespaces.is_name(name):
        reason = f"the name {name!r} cannot be part of a web address; rename it: {namespaces.NAME_RULE}"
        raise InputError.at(path, None, reason)
    text = _text(path)
    try:
        front_matter = _front_matter(text)
        question = Question(
            name=name,
            title=_text_under(front_matter, "title"),
            summary=_text_under(front_matter, "summary"),
            group=_text_under(front_matter, "group"),
            parameters=_all_under(front_matter, "parameters", Parameter) if "parameters" in front_matter else (),
            columns=_all_under(front_matter, "columns", Column),
            chart=_made("chart", front_matter["chart"], Chart) if "chart" in front_matter else None,
            query=text,
        )
        if not is_tried:
            _check(question, path)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        message = "the front matter behind '#+' is not YAML; check its indentation, colons and quotation marks"
        raise InputError.at(path, mark.line + 1 if mark else None, message) from error
    except _FrontMatterError as error:
        raise InputError.at(path, _line_of_key(text, error.key), f"the front matter behind '#+': {error}") from error
    except QueryError as error:
        raise InputError.at(path, None, str(error)) from error
    return question


def _text(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():  # reading a pipe may never end
            raise InputError.at(
                path, None, "this is not a regular file, so it cannot be a question; rename or remove it"
            )
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError.at(path, None, f"the question cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError.at(path, None, "the question is not UTF-8; save the file as UTF-8") from error


def _check(question: Question, path: Path) -> None:
    """Raise InputError unless front matter and query agree; a query over an empty store shows the columns."""
    columns = {column.name for column in question.columns}
    masked = rdf_query.masked(question.query)
    for parameter in question.parameters:
        subject = f"the parameter {parameter.name!r}"
        if parameter.name in RESERVED:
            raise InputError.at(path, 1, f"{subject} has a name that the web API keeps for itself")
        if parameter.name not in columns and not _default_block(parameter.name).search(masked):
            message = f"{subject} must be a column, or have a default in the query: VALUES ?{parameter.name} {{ … }}"
            raise InputError.at(path, 1, message)
        if parameter.type not in TYPES:
            message = f"{subject} has the type {parameter.type!r}; the types are {', '.join(TYPES)}"
            raise InputError.at(path, 1, message)
    reason = _chart_problem(question.chart, columns) if question.chart else None
    if reason:
        raise InputError.at(path, 1, f"the chart {reason}")
    empty = Store()  # even without data, a query shows its columns and its errors
    given = table_of(question, rdf_query.query(empty, question.query)).columns
    # Bound as well, because a value may not fit where the query has its variable.
    rdf_query.query(empty, bound(question.query, {each.name: (Literal(0),) for each in question.parameters}))
    for name in sorted(columns.difference(given)):
        raise InputError.at(path, 1, f"the query does not give the column {name!r}; it gives {', '.join(given)}")


def _chart_problem(chart: Chart, columns: set[str]) -> str | None:
    if chart.kind not in CHARTS:
        return f"has the kind {chart.kind!r}; the kinds are {', '.join(CHARTS)}"
    if not (chart.xs and chart.ys):
        return "needs a column as x and one as y"
    unknown = {*chart.xs, *chart.ys} - columns
    if unknown:
        return f"names {min(unknown)!r}, which the front matter does not list as a column"
    most = _MAX_NUMBERS if chart.kind in _WITH_SEVERAL_NUMBERS else 1
    return f"of the kind {chart.kind} takes at most {most} as y" if len(chart.ys) > most else None


class _FrontMatterError(Exception):
    """Front matter that is missing or not valid; `key` is the key at fault, if it is there."""

    def __init__(self, message: str, key: str = "") -> None:
        self.key = key
        super().__init__(message)


def _front_matter(query: str) -> dict[str, object]:
    """Return the front matter as keys and values, every scalar as text, because a title may look like a date."""
    lines = [
        line.removeprefix(_FRONT_MATTER_SIGN).removeprefix(" ") for line in query.splitlines() if _is_front_matter(line)
    ]
    source, depth = "\n".join(lines), 0
    too_deep = _FrontMatterError(f"it is nested more than {_MAX_DEPTH} deep")
    try:
        # Checked in the events, before values are made: an alias may expand to any size, and the constructor recurses.
        for event in yaml.parse(source, Loader=yaml.CBaseLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.AliasEvent):
                raise _FrontMatterError("aliases (*) are not allowed; write the value out")
            if depth > _MAX_DEPTH:
                raise too_deep
    except yaml.YAMLError as error:
        if "nesting depth" in str(error):  # the scanner's own limit, which comes before any event
            raise too_deep from error
        raise
    front_matter = yaml.load(source, Loader=yaml.CBaseLoader)  # noqa: S506  # makes text, lists and mappings only
    if not isinstance(front_matter, dict):
        raise _FrontMatterError(
            "it is missing; write title, summary, group and columns behind '#+' at the head of the file"
        )
    for key in front_matter:
        close = suggest(str(key), [known for known in _FRONT_MATTER_KEYS if known not in front_matter])
        if close and key not in _FRONT_MATTER_KEYS:
            raise _FrontMatterError(f"the key {quoted(key)} is unknown; did you mean {close[0]!r}?", key)
    return front_matter


def without_front_matter(query: str) -> str:
    """Return the query without the lines of its front matter."""
    return "\n".join(line for line in query.splitlines() if not _is_front_matter(line)).strip()


def _is_front_matter(line: str) -> bool:
    return line.startswith(_FRONT_MATTER_SIGN)


def _line_of_key(text: str, key: str) -> int:
    """Return the line, from 1, on which `key` stands in the front matter; 1 if it is not there."""
    stands = re.compile(rf"(?<![\w-])['\"]?{re.escape(key)}['\"]?\s*:")
    lines = enumerate(text.splitlines(), 1)
    return next((number for number, line in lines if key and _is_front_matter(line) and stands.search(line)), 1)


def _text_under(front_matter: dict[str, object], key: str) -> str:
    value = front_matter.get(key)
    if not (isinstance(value, str) and value):
        raise _FrontMatterError(f"{key} is missing or not text; write it behind '#+ {key}:'", key)
    return value


def _all_under(front_matter: dict[str, object], key: str, make: Callable[..., _T]) -> tuple[_T, ...]:
    """Return `make` of each item in the list under `key`: a mapping, or names that queries/_defaults.yaml defines."""
    # Names still stand in each file: without any, a file would be shorter, and a reader would not know its columns.
    items = front_matter.get(key)
    if not isinstance(items, list):
        raise _FrontMatterError(f"{key} is missing or not a list", key)
    found: list[_T] = []
    for item in items:
        if not isinstance(item, str):
            found.append(_made(key, item, make))
            continue
        for name in item.split():
            if name not in _defaults()[key]:
                message = f"{key} does not say what {quoted(name)} is, and queries/_defaults.yaml does not, either"
                raise _FrontMatterError(f"{message}; write {{name: {name:.80}, summary: …}}", key)
            found.append(make(name=name, **_defaults()[key][name]))
    return tuple(found)


@cache  # the file is a part of the program
def _defaults() -> dict[str, dict[str, dict[str, str]]]:
    """Return the parameters and columns that a question may list by their names alone."""
    shared = yaml.load(_text(_defaults_path()), Loader=yaml.CBaseLoader)  # noqa: S506  # makes text and mappings only
    columns = {name: {"summary": summary} for name, summary in shared["columns"].items()}
    return {"parameters": shared["parameters"], "columns": columns}


def _defaults_path() -> Path:
    return package_file("queries") / "_defaults.yaml"


@cache  # the file is a part of the program
def replaced() -> dict[str, str]:
    """Return the names of questions of earlier versions, each with the question that replaces it."""
    table: dict[str, str] = yaml.safe_load(_text(package_file("queries") / "_replaced.yaml"))
    return table


def _made(key: str, item: object, make: Callable[..., _T]) -> _T:
    """Return `make` called with the mapping `item`, which stands under `key`."""
    if not (isinstance(item, dict) and all(isinstance(value, str) for value in item.values())):
        raise _FrontMatterError(f"{key} holds {item!r:.60}, which is not a mapping of keys to text", key)
    # By hand: msgspec would save 40 lines, but name neither file nor key in words, and its import takes 26 ms.
    known = signature(make).parameters
    for name in item:
        if name not in known:
            hint = did_you_mean(suggest(name, known), f"the keys here are {', '.join(known)}")
            raise _FrontMatterError(f"the key {quoted(name)} is unknown under {key}; {hint}", name)
    for name, field in known.items():
        if field.default is field.empty and name not in item:
            raise _FrontMatterError(f"{key} holds {item!r:.60}, which lacks the key {name!r}; add it", key)
    return make(**item)


def question_iri(base: str, name: str) -> str:
    """Return the IRI of the question called `name`."""
    return f"{base}question/{name}"


def question_quads(questions: Mapping[str, Question], base: str) -> tuple[Quad, ...]:
    """Return the questions as RDF in the graph `{base}question/`: SHACL-SPARQL executables, like the SIB's examples."""
    graph = NamedNode(f"{base}question/")
    quads = [Quad(graph, NamedNode(namespaces.RDFS + "label"), Literal("Questions", language="en"), graph)]
    for question in questions.values():
        values: Sequence[tuple[str, Term]] = (
            (namespaces.RDF_TYPE, NamedNode(namespaces.SH + "SPARQLSelectExecutable")),
            (namespaces.RDF_TYPE, NamedNode(namespaces.SH + "SPARQLExecutable")),
            (namespaces.RDFS + "label", Literal(question.title, language="en")),
            (namespaces.RDFS + "comment", Literal(question.summary, language="en")),
            (namespaces.SCHEMA + "keywords", Literal(question.group)),
            (namespaces.SH + "select", Literal(question.query)),
        )
        node = NamedNode(question_iri(base, question.name))
        quads += [Quad(node, NamedNode(predicate), value, graph) for predicate, value in values]
    return tuple(quads)
