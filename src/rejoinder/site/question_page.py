"""Pages of stored questions: the answer as a table with lists to choose from, CSV and JSON files, and the SPARQL query.

A list chooses among the rows of the answer, so the browser needs no engine and no server. Bars are in the cells of the
numbers that they show.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import groupby
from math import prod
from typing import Any, Final

from rejoinder import formats, namespaces
from rejoinder.lazily import lazy
from rejoinder.question import (
    KIND_OF_TYPE,
    Chart,
    Parameter,
    Question,
    ask,
    bound,
    in_one_language,
    question_iri,
    without_names,
)
from rejoinder.rdf import query as rdf_query
from rejoinder.rdf import results
from rejoinder.rdf.results import Table
from rejoinder.rdf.terms import Literal, NamedNode, Store, Term
from rejoinder.site import schema_org
from rejoinder.site.citation import Edition, of_answer
from rejoinder.site.entities import is_affected
from rejoinder.site.inline import named, office_of
from rejoinder.site.render import Page, PageMetadata, Renderer

_NUMBERS: Final = frozenset(namespaces.XSD + name for name in ("integer", "decimal", "double"))
_DATES: Final = frozenset({namespaces.EDTF, namespaces.XSD + "date"})
_SHORT: Final = 24
"""The most characters of a heading, and of a single word that is not broken over two lines."""
ROWS: Final = 200
"""The most rows in a page; `_CHARACTERS` may allow fewer. A script beside the page has all that lists choose from."""
_CHARACTERS: Final = 80_000
"""The most characters of rows in a page, which with their markup are about twice as many bytes."""
_MOST_ROWS: Final = 20_000
"""The most rows that lists choose from, a few megabytes; CSV and JSON files have all."""
_MOST_OPTIONS: Final = 1_000
"""The most values in a list; nobody chooses from a longer one."""
_MANY: Final = 100_000
"""The number of statements, and of rows that an answer may have, above which not all lists are tried."""

COLUMN: Final = "column"
"""The context of the heads of columns in catalogues."""
ANSWER: Final = "answer"
"""The context of the words that queries put into answers."""
_LIMIT: Final = re.compile(r"\bLIMIT\s+(\d+)\s*\Z", re.IGNORECASE)
_ORDER: Final = re.compile(r"\b(?:ORDER\s+BY|LIMIT|OFFSET)\b[^{}]*\Z", re.IGNORECASE)
"""The order of the rows of a query, and how many it returns."""
_OPENING: Final = re.compile(r"\bSELECT\b[^{]*\{", re.IGNORECASE)
_ARTICLE: Final = re.compile(r"(The|A|An)\s")
_COUNTED: Final = re.compile(r"\bHAVING\b", re.IGNORECASE)


@dataclass(frozen=True)
class AnswerTable:
    """A question and its answer, evaluated once for all files with it."""

    renderer: Renderer
    store: Store
    question: Question
    statements: int = 0
    """The number of statements in the store, which takes long to count."""
    edition: Edition | None = None
    """The version in which the data became what they are now."""
    found: dict[str, Any] = field(default_factory=dict)
    """Whether questions have any row, by the stems of their pages; this one writes down what it finds."""

    @lazy
    def table(self) -> Table:
        """Return the answer, with the parameters' defaults."""
        return Table(self._uncut.columns, self._uncut.rows[: self._limit])

    @lazy
    def _uncut(self) -> Table:
        """Return the answer, with the rows that the question itself cuts off, as far as lists may choose them."""
        question = self.question
        if self._limit is not None:
            question = unrestricted(question, (), max(self._limit, _MOST_ROWS + 1))
        return ask(self.store, question, {}, self.renderer.project.base)

    @lazy
    def choosable(self) -> ChoosableTable:
        """Return the rows for all values of the parameters, with the lists to choose from."""
        answer = self._choosable()
        # If these are all rows for all values of the parameters, there is nothing more to ask for.
        is_all = answer.whole is None and answer.free.issuperset(each.name for each in self._with_defaults)
        self.found[f"question/{self.question.name}"] = bool(answer.rows or answer.left_out) or (
            not is_all and is_answered(self.store, self.question, self.renderer.project.base)
        )
        return answer

    def _choosable(self) -> ChoosableTable:
        base, too_free = self.renderer.project.base, frozenset[str]()
        for free in self._free():
            found = None if self._is_too_long(free) else self._all_rows(free)
            # With only some of the rows, a list would show that there is nothing where there is something.
            if found is None or len(found.rows) > _MOST_ROWS:
                too_free = free
            elif found.rows or not too_free:
                return choosable(self.renderer, self.question, found, free)
        question, table = self.question, self.table
        if not table.rows:  # nothing for the default values: take the first that have something
            question = self._with_rows(too_free)
            table = ask(self.store, question, {}, base)
        answer = choosable(self.renderer, question, Table(table.columns, table.rows[:_MOST_ROWS]))
        return replace(answer, whole=table, asked=question.parameters)

    def _is_too_long(self, free: Collection[str]) -> bool:
        """Return whether the rows for all values of the parameters `free` are too many, as far as that shows early.

        In much data, to find and sort all of them may take a minute; they are counted without the names of things.
        """
        if not free or not has_much(self.statements):
            return False
        asked, base = unrestricted(self.question, free, 1), self.renderer.project.base
        found = rdf_query.query(self.store, _beyond(bound(asked.query, asked.bindings({}, base)), _MOST_ROWS))
        return isinstance(found, Table) and bool(found.rows)

    def _with_rows(self, free: Collection[str]) -> Question:
        """Return the question with the values of the parameters `free` that are the first with a row, by their IRIs."""
        asked, base = unrestricted(self.question, free, 1), self.renderer.project.base
        found = rdf_query.query(self.store, _first(bound(asked.query, asked.bindings({}, base)), sorted(free)))
        return _beginning_with(self.question, found, base) if isinstance(found, Table) else self.question

    def _all_rows(self, free: Collection[str]) -> Table:
        """Return the rows for all values of the parameters `free`, also those that the question itself cuts off."""
        if not free:
            return self._uncut
        return ask(self.store, unrestricted(self.question, free, _MOST_ROWS + 1), {}, self.renderer.project.base)

    @property
    def _limit(self) -> int | None:
        """The number of rows after which the question itself cuts the answer off."""
        found = _LIMIT.search(self.question.query)
        return int(found[1]) if found else None

    @property
    def _with_defaults(self) -> list[Parameter]:
        """The parameters that are columns and have a default."""
        return [each for each in self.question.parameters if each.default and _is_column(self.question, each)]

    @property
    def _given(self) -> Table:
        """Return the answer as files: the one with the defaults, unless these data have nothing for them."""
        return self.table if self.table.rows else self.choosable.whole or self.table

    def _free(self) -> Iterator[frozenset[str]]:
        """Yield sets of parameters that lists may choose, the largest first: of those that are columns with a default.

        In much data, a set is left out whose lists multiply the rows too often: States that share an issue are as many
        as there are pairs of States. The last set is empty.
        """
        known = self._with_defaults
        for number in range(len(known), 0, -1):
            free = known[:number]
            if has_much(self.statements):
                values = prod(len(self.renderer.reader.of_class(f"rj:{each.type}")) or 1 for each in free)
                if len(self.table.rows) * values > _MANY:
                    continue
            yield frozenset(each.name for each in free)
        yield frozenset()

    @property
    def stem(self) -> str:
        """The path of its files without suffix."""
        return f"question/{self.question.name}"

    def files(self) -> dict[str, Callable[[], Page]]:
        """Return functions that make the question's page, its rows, its answer as CSV and JSON, and its query."""
        return {
            ".html": self._html,
            ".js": lambda: self._page(".js", self.choosable.script(self.renderer, self.stem), _SCRIPT),
            ".csv": lambda: self._page(".csv", results.as_csv(self._given), formats.CSV.media_type),
            ".json": lambda: self._page(".json", results.as_json(self._given), formats.JSON.media_type),
            ".rq": lambda: self._page(".rq", self.question.query, "application/sparql-query"),
        }

    def _page(self, suffix: str, text: str, media_type: str) -> Page:
        return Page(self.stem + suffix, text.encode(), media_type)

    def _html(self) -> Page:
        """Return the page."""
        renderer, question, answer = self.renderer, self.question, self.choosable
        iri = question_iri(renderer.project.base, question.name)
        title = renderer.words.translated(question.title)
        head = PageMetadata(
            title=title,
            description=renderer.words.translated(question.summary),
            iri=iri,
            kind=schema_org.kind_iri("Dataset"),
            structured=schema_org.question(question, iri, renderer.project),
            alternates=self.stem,
        )
        chosen = answer.chosen()
        total = len(answer.whole.rows) if answer.whole else len(chosen)
        listed = {choice.name for choice in answer.choices}
        return renderer.page(
            "question.html",
            f"{self.stem}.html",
            head,
            question=question,
            stem=self.stem,
            columns=answer.headings,
            rows=list(_beginning(chosen)),
            total=total,
            in_files=min(total, len(self._given.rows)) if self._limit is not None else total,
            all_rows=len(answer.rows),
            choices=answer.choices,
            typed=[it for it in answer.asked or question.parameters if it.name not in listed and self._is_typed(it)],
            names_affected=answer.names_affected,
            leaves_out=not answer.names_affected and _name_somebody(renderer, answer.rows),
            left_out=answer.left_out,
            query=question.sparql,
            citation=of_answer(title, iri, renderer.project, renderer.words, self.edition),
        )

    def _is_typed(self, parameter: Parameter) -> bool:
        """Return whether a reader who wants another value of the parameter must ask anew."""
        return not _is_column(self.question, parameter) or (
            parameter.default is not None and parameter.name not in self.choosable.free
        )


def has_much(statements: int) -> bool:
    """Return whether a store with so many statements is one in which not all lists are tried."""
    return statements > _MANY


_DESCRIBED: Final = "describedAs"
"""The column with reports' own words for persons affected."""
_SCRIPT: Final = "text/javascript; charset=utf-8"


def _beginning(rows: Iterable[AnswerRow]) -> Iterator[AnswerRow]:
    """Yield as many of the first rows as a page has room for."""
    characters = 0
    for number, row in enumerate(rows):
        characters += sum(len(cell.text) + len(cell.iri or "") for cell in row.cells)
        if number >= ROWS or (number and characters > _CHARACTERS):
            return
        yield row


def index_page(renderer: Renderer, answered: Mapping[str, Question], all_questions: int) -> Page:
    """Return the page that lists the questions with an answer in these data, by subject, and counts the others."""
    known = renderer.words.translated
    listed = sorted(answered.values(), key=lambda question: (known(question.group), known(question.title)))
    iri, title = f"{renderer.project.base}question/", renderer.words.gettext("Questions")
    head = PageMetadata(
        title=title,
        description=renderer.words.ngettext(
            "%(n)s question, with its answer from the data and the query behind it.",
            "%(n)s questions, each with its answer from the data and the query behind it.",
            len(listed),
            n=len(listed),
        ),
        iri=iri,
        kind=schema_org.kind_iri("CollectionPage"),
        structured={"@context": "https://schema.org", "@type": "CollectionPage", "@id": iri, "name": title},
        alternates="question/index",
    )
    groups = [(group, list(members)) for group, members in groupby(listed, key=lambda question: question.group)]
    return renderer.page(
        "questions.html", "question/index.html", head, groups=groups, empty=all_questions - len(listed)
    )


def is_answered(store: Store, question: Question, base: str) -> bool:
    """Return whether the question has any row, for any value of its parameters.

    Only the first solution is looked for, if the query allows it.
    """
    columns = {each.name for each in question.parameters if _is_column(question, each)}
    asked = unrestricted(question, columns, 1)
    text = in_one_language(bound(asked.query, asked.bindings({}, base)))
    pattern = _pattern(text)
    if pattern is None:
        return bool(ask(store, asked, {}, base).rows)
    return rdf_query.query(store, pattern) is True


def _pattern(query: str) -> str | None:
    """Return the query as ASK; None if its first solution does not show that it has a row.

    >>> _pattern("PREFIX a: <x:y> SELECT ?s (COUNT(*) AS ?n) WHERE { ?s a ?o { ?s ?p ?o } } GROUP BY ?s ORDER BY ?n")
    'PREFIX a: <x:y> ASK { ?s a ?o { ?s ?p ?o } }'
    """
    masked = rdf_query.masked(query)
    opening = _OPENING.search(masked)
    if opening is None or _COUNTED.search(masked):
        return None
    depth, at = 1, opening.end()
    while depth and at < len(masked):
        depth += {"{": 1, "}": -1}.get(masked[at], 0)
        at += 1
    return f"{query[: opening.start()]}ASK {{{query[opening.end() : at]}"


def _beyond(query: str, most: int) -> str:
    """Return the query for a row beyond the first `most`, in any order; with none, there are at most so many.

    >>> print(_beyond("SELECT ?s { ?s ?p ?o OPTIONAL { ?s rdfs:label ?l } } ORDER BY ?l LIMIT 1", 20))
    SELECT ?s { ?s ?p ?o  }
    OFFSET 20 LIMIT 1
    """
    return f"{_unordered(query)}\nOFFSET {most} LIMIT 1"


def _first(query: str, columns: Sequence[str]) -> str:
    """Return the query for the first row that it has in these columns, in their order.

    >>> print(_first("PREFIX a: <x:y> SELECT ?s ?o { ?s ?p ?o } LIMIT 9", ["s"]))
    PREFIX a: <x:y> SELECT DISTINCT ?s { SELECT ?s ?o { ?s ?p ?o }
    } ORDER BY ?s LIMIT 1
    """
    text, names = _unordered(query), " ".join(f"?{name}" for name in columns)
    opening = _OPENING.search(rdf_query.masked(text))
    at = opening.start() if opening else 0
    return f"{text[:at]}SELECT DISTINCT {names} {{ {text[at:]}\n}} ORDER BY {names} LIMIT 1"


def _unordered(query: str) -> str:
    """Return the query for all its rows, in any order and without names; a comment may stand at its end."""
    return _ORDER.sub("", without_names(query)).rstrip()


def unrestricted(question: Question, free: Collection[str], most: int) -> Question:
    """Return the question for all values of the parameters `free`, with at most `most` rows."""
    parameters = tuple(replace(each, default=None) if each.name in free else each for each in question.parameters)
    query = f"{_LIMIT.sub('', question.query).rstrip()}\nLIMIT {most}\n"
    return replace(question, parameters=parameters, query=query)


def _beginning_with(question: Question, table: Table, base: str) -> Question:
    """Return the question with the values in the first row of an answer as the defaults of its parameters."""
    first = dict(zip(table.columns, table.rows[0], strict=True))
    parameters = (
        replace(each, default=_value(each, first[each.name], base)) if each.default and each.name in first else each
        for each in question.parameters
    )
    return replace(question, parameters=tuple(parameters))


def _is_column(question: Question, parameter: Parameter) -> bool:
    return any(column.name == parameter.name for column in question.columns)


@dataclass(frozen=True)
class AnswerHeading:
    """The head of a column; `series` is the number of its bars, 0 if it has none.

    `is_fixed` says that no reader can sort the table by it: sorted by numbers, rows about persons would rank them.
    """

    title: str
    numeric: bool
    series: int = 0
    is_fixed: bool = False
    has_dates: bool = False


@dataclass(frozen=True)
class AnswerCell:
    """A cell of the table on a page; `iri` is the target of its link, `bar` the length of its bar in percent.

    `date` is the date that the text gives in words, by which rows are sorted and which files have.
    """

    text: str
    iri: str | None = None
    language: str | None = None
    bar: float | None = None
    date: str | None = None

    @property
    def tight(self) -> bool:
        """Return whether it is one short word, such as a date, that must not be broken."""
        return len(self.text) <= _SHORT and " " not in self.text


@dataclass(frozen=True)
class AnswerRow:
    """A row of the table on a page, with the place in each list of the value that chooses it; -1 for none."""

    cells: tuple[AnswerCell, ...]
    keys: tuple[int, ...] = ()


@dataclass(frozen=True)
class Choice:
    """A list to choose from: the name of its parameter, its title, values with labels, and what is chosen at first."""

    name: str
    title: str
    options: tuple[tuple[str, str], ...]
    default: str = ""

    @property
    def place(self) -> int:
        """The place of the value that is chosen at first; -1 if it is all of them."""
        return next((at for at, (value, _) in enumerate(self.options) if value == self.default), -1)


@dataclass(frozen=True)
class ChoosableTable:
    """The rows of an answer for all values of its parameters, and the lists that choose among them.

    `names_affected` says that the rows are about persons affected, whom no page lists unasked; in any other table,
    `left_out` is the number of rows about such a person, which it lacks. `free` are the parameters for all of whose
    values there are rows. If no parameter with a default is free, `whole` is the answer of which these are the first
    rows, and `asked` are its parameters, with the values that it was asked for as defaults.
    """

    headings: tuple[AnswerHeading, ...]
    rows: tuple[AnswerRow, ...]
    choices: tuple[Choice, ...]
    names_affected: bool = False
    free: frozenset[str] = frozenset()
    whole: Table | None = None
    asked: tuple[Parameter, ...] = ()
    left_out: int = 0

    def chosen(self) -> list[AnswerRow]:
        """Return the rows that are chosen at first."""
        wanted = [choice.place for choice in self.choices]
        return [row for row in self.rows if all(at in (-1, key) for at, key in zip(wanted, row.keys, strict=True))]

    def script(self, renderer: Renderer, stem: str) -> str:
        """Return the script that hands all rows to the page, which may fetch nothing if it is opened from disk."""

        @cache  # labels stand in many rows
        def cell(it: AnswerCell) -> object:
            text = it.text if self.names_affected else renderer.affected.left_out(it.text, str)
            link = renderer.link(it.iri, f"{stem}.html") if it.iri else None
            parts = [text, link, it.language, it.bar, it.date]
            while len(parts) > 1 and parts[-1] is None:
                parts.pop()
            return parts if parts[1:] else parts[0]

        rows = [[row.keys, [cell(it) for it in row.cells]] for row in self.rows]
        return f"rejoinderRows({json.dumps(rows, ensure_ascii=False, separators=(',', ':'))})\n"


def choosable(
    renderer: Renderer, question: Question, table: Table, free: frozenset[str] | None = None
) -> ChoosableTable:
    """Return the table as a page shows it, with a list for each parameter that has several values in it.

    `free` are the parameters with a default for all of whose values the table has the rows. None says that it has only
    some of its rows; then there is nothing to choose.
    """
    headings, listed = grid(renderer, table, question, question.chart)
    choices: list[Choice] = []
    keys: list[list[int]] = []
    for parameter in question.parameters if free is not None else ():
        found = _choice(renderer, question, parameter, table) if _is_column(question, parameter) else None
        if found:
            choices.append(found[0])
            keys.append(found[1])
    each = zip(*keys, strict=True) if keys else [()] * len(listed)
    rows = tuple(AnswerRow(row.cells, tuple(at)) for row, at in zip(listed, each, strict=True))
    naming = names_affected(renderer, table)
    # Without the name, nothing is left of a row about somebody.
    shown = rows if naming else tuple(row for row in rows if not _is_about_somebody(renderer, row))
    left_out = len(rows) - len(shown)
    return ChoosableTable(tuple(headings), shown, tuple(choices), naming, free=free or frozenset(), left_out=left_out)


def _choice(
    renderer: Renderer, question: Question, parameter: Parameter, table: Table
) -> tuple[Choice, list[int]] | None:
    """Return the list of a parameter's values in the table, and the place of each row's value in it."""
    at = table.columns.index(parameter.name)
    labelled = f"{parameter.name}Label"
    words = table.columns.index(labelled) if labelled in table.columns else None
    labels: dict[str, str] = {}
    for row in table.rows:
        term = row[at]
        value = _value(parameter, term, renderer.project.base)
        if value and value not in labels and not _is_affected(renderer, term):
            label = row[words] if words is not None else None
            if label is None and isinstance(term, NamedNode):
                labels[value] = renderer.reader.resource(term.value).label.value
            else:
                labels[value] = results.plain(label or term)
    if len(labels) > _MOST_OPTIONS or len(labels) < 2:  # of one value, nothing can be chosen
        return None
    numeric = parameter.type == "Integer"
    ordered = sorted(labels.items(), key=lambda pair: (int(pair[0]) if numeric else 0, pair[1].casefold(), pair[0]))
    places = {value: place for place, (value, _) in enumerate(ordered)}
    # What the question is asked for by default may not be in these data.
    default = _default(parameter, labels, ordered[0][0], renderer.project.base) if parameter.default else ""
    title = renderer.words.translated(_heading(question, labelled if words is not None else parameter.name), COLUMN)
    keys = [places.get(_value(parameter, row[at], renderer.project.base), -1) for row in table.rows]
    return Choice(parameter.name, title, tuple(ordered), default), keys


def _default(parameter: Parameter, known: Mapping[str, str], first: str, base: str) -> str:
    value = _value(parameter, parameter.term(parameter.default or "", base), base)
    return value if value in known else first


def _value(parameter: Parameter, term: Term | None, base: str) -> str:
    """Return how an address writes the value of a parameter, as `rejoinder ask` does; empty for none."""
    if not isinstance(term, NamedNode):
        return results.plain(term)
    path = term.value.removeprefix(base)
    name = path.removeprefix(f"{KIND_OF_TYPE.get(parameter.type)}/")
    return path if "/" in name else name


def grid(
    renderer: Renderer, table: Table, question: Question, chart: Chart | None = None
) -> tuple[list[AnswerHeading], list[AnswerRow]]:
    """Return the heads and rows of a table for people; an IRI with a label in another column is the label's link.

    Rows about persons have no bars, and nobody can sort them by a number.
    """
    persons = names_persons(renderer, table)
    chart = None if persons else chart
    # A column of IRIs beside their labels helps no reader; the CSV and JSON files have both.
    labelled = {_target(name) for name in table.columns}
    shown = [at for at, name in enumerate(table.columns) if name not in labelled]
    fullest = _fullest(chart, table) if chart else 0
    heads = []
    for at in shown:
        values = [row[at] for row in table.rows if row[at] is not None]
        name = table.columns[at]
        series = chart.ys.index(name) + 1 if chart and fullest and name in chart.ys else 0
        numeric = bool(values) and all(map(_is_number, values))
        title = renderer.words.translated(_heading(question, name), COLUMN)
        heads.append(AnswerHeading(title, numeric, series, numeric and persons, any(map(_is_date, values))))
    scales = [100 / fullest if head.series else 0 for head in heads]
    targets = [table.columns.index(it) if (it := _target(table.columns[at])) in table.columns else None for at in shown]
    places = list(zip(shown, targets, scales, strict=True))
    rows = [
        AnswerRow(tuple(_cell(renderer, row[at], None if to is None else row[to], scale) for at, to, scale in places))
        for row in table.rows
    ]
    if _DESCRIBED not in table.columns and names_affected(renderer, table):
        rows = [AnswerRow(tuple(_described(renderer, cell) for cell in row.cells)) for row in rows]
    return heads, rows


def _described(renderer: Renderer, cell: AnswerCell) -> AnswerCell:
    """Return the cell with how reports describe the persons affected whom it names."""
    words = renderer.affected.qualification(cell.text)
    return replace(cell, text=f"{cell.text} ({words})") if words else cell


def _cell(renderer: Renderer, term: Term | None, linked: Term | None, scale: float) -> AnswerCell:
    """Return the cell of a term with a link to another one, and a bar unless its scale is 0."""
    if isinstance(term, NamedNode):
        thing = renderer.reader.resource(term.value)
        language = None if office_of(thing, renderer.words) else thing.label.language
        return AnswerCell(named(thing, renderer.words), term.value, language)
    iri = linked.value if isinstance(linked, NamedNode) else None
    text = results.plain(term)
    if iri and office_of(thing := renderer.reader.resource(iri), renderer.words) and text == thing.label.value:
        return AnswerCell(named(thing, renderer.words), iri)
    number = _number(text) if scale else None
    bar = None if number is None else round(number * scale, 1)
    if _is_date(term):
        return AnswerCell(renderer.words.date(text), iri, None, bar, text)
    if isinstance(term, Literal) and not term.language:
        text = renderer.words.translated(text, ANSWER)  # if they are words of the query
    return AnswerCell(text, iri, term.language if isinstance(term, Literal) else None, bar)


def _target(label: str) -> str:
    """Return the column with the IRIs for the labels in the column `label`."""
    return "thing" if label == "label" else label.removesuffix("Label") if label.endswith("Label") else ""


def texts(question: Question) -> Iterator[tuple[str, str]]:
    """Yield the texts of a stored question that catalogues translate, each with its context, which may be empty."""
    yield from (("", text) for text in (question.title, question.summary, question.group) if text)
    yield from (text for it in question.parameters for text in (("", it.summary), (COLUMN, it.name.capitalize())))
    yield from ((COLUMN, _heading(question, column.name)) for column in question.columns)
    yield from ((ANSWER, words) for words in question.words)


def _heading(question: Question, column: str) -> str:
    """Return the heading of a column: the first words of its meaning if they are few, else its name as words.

    A heading must not be that of another column.
    """
    headings = {each.name: _first_words(each.summary) for each in question.columns}
    short = headings.get(column, "")
    return short if short and list(headings.values()).count(short) == 1 else _words(column)


def _first_words(summary: str) -> str:
    """Return the beginning of a sentence on a column, without its article; empty if it is long.

    >>> [_first_words(it) for it in ("The State under review.", "The claim's IRI.", "The claim, in our words.", "How?")]
    ['State under review', 'Claim', 'Claim', '']
    """
    words = re.split(r"[:;.(]|,(?!\d)", summary, maxsplit=1)[0].strip()
    if not _ARTICLE.match(words):
        return ""  # an answer or another sentence, such as "Approved, raised or said."
    words = re.sub(r"^((The|A|An)\s+|IRI of (the\s+)?)+|['’]s IRI$", "", words)
    return words[:1].upper() + words[1:] if len(words) <= _SHORT else ""


def _words(column: str) -> str:
    """Return a column's name as words.

    >>> _words("insidePercent"), _words("speakerLabel")
    ('Inside percent', 'Speaker')
    """
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in column.removesuffix("Label"))
    return words[:1].upper() + words[1:]


def _is_number(term: Term | None) -> bool:
    return isinstance(term, Literal) and term.datatype.value in _NUMBERS


def _is_date(term: Term | None) -> bool:
    return isinstance(term, Literal) and term.datatype.value in _DATES


def _fullest(chart: Chart, table: Table) -> float:
    """Return the number that fills a cell: the greatest; for stacked numbers, which are parts, the greatest sum."""
    places = [table.columns.index(name) for name in chart.ys]
    rows = [[_number(results.plain(row[at])) or 0 for at in places] for row in table.rows]
    return max((sum(row) if chart.kind == "stacked" else max(row) for row in rows), default=0)


def _number(text: str) -> float | None:
    """Return the number, or None if it is missing, negative or infinite, which a bar cannot show."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None


def names_persons(renderer: Renderer, table: Table) -> bool:
    """Return whether a row of the answer names a person; bars and an order by numbers would rank persons by a score."""
    return any(renderer.reader.is_of_class(iri, "rj:Person") for iri in _iris(table))


def _is_affected(renderer: Renderer, term: Term | None) -> bool:
    return isinstance(term, NamedNode) and is_affected(renderer.reader.resource(term.value))


def _name_somebody(renderer: Renderer, rows: Iterable[AnswerRow]) -> bool:
    """Return whether the rows name a person affected."""
    return any(map(renderer.affected.named_in, {cell.text for row in rows for cell in row.cells}))


def _is_about_somebody(renderer: Renderer, row: AnswerRow) -> bool:
    """Return whether a cell of the row is the name of a person affected, and no more."""
    return any(renderer.affected.is_name(cell.text) for cell in row.cells)


def names_affected(renderer: Renderer, table: Table) -> bool:
    """Return whether most rows of the answer are about a person affected."""
    affected = {it.iri for it in renderer.reader.of_class("rj:AffectedPerson") if is_affected(it)}
    naming = sum(any(isinstance(term, NamedNode) and term.value in affected for term in row) for row in table.rows)
    return 2 * naming > len(table.rows)


def _iris(table: Table) -> set[str]:
    return {term.value for row in table.rows for term in row if isinstance(term, NamedNode)}
