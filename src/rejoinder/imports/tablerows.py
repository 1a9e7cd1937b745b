"""Rows of a table become statements, as a mapping says: each row whole, or not at all and with a reason.

Standard: Generating RDF from Tabular Data on the Web (W3C, 2015), minimal mode, each row a passage of its file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from rejoinder import names
from rejoinder.dossiers import terms
from rejoinder.errors import InputError, Problem, quoted
from rejoinder.imports.csvw import Column, TableMapping, variables
from rejoinder.imports.inventory import Inventory
from rejoinder.imports.meanings import Meaning, Vocabulary, datatype_of, iri_of
from rejoinder.imports.reconcile import slug
from rejoinder.imports.textrows import TextRow
from rejoinder.store import rdf
from rejoinder.store.rdf import Literal, NamedNode, Quad, Triple

STATE: Final = names.RJ + "State"
ISSUE: Final = names.RJ + "Issue"
"""Datatypes of cells that name things of the project; the value of such a cell is the thing's code or id."""

Cells = dict[str, tuple[str, ...]]
"""The values of a row by the name of the column, empty where the cell is."""


class UnplacedError(ValueError):
    """A row that cannot be placed; the message is a sentence."""


@dataclass(frozen=True)
class Rule:
    """A column whose statements are written: what they are about, and what they say."""

    column: Column
    about: str
    meaning: Meaning


@dataclass(frozen=True)
class Desk:
    """What rows are placed with: the document to write, the mapping's rules, what the project has."""

    path: Path
    graph: str
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...]
    inventory: Inventory

    def place(self, row: TextRow, number: int, texts: Sequence[str]) -> tuple[Triple, ...]:
        """The statements of a row, the `number`th, whose cells in the order of the columns are `texts`.

        Raises:
            UnplacedError: a cell is empty that must not be, or says what cannot be; all reasons are told.
        """
        cells = self._cells(texts) | {"_row": (str(number),), "_sourceRow": (str(row.line),)}
        try:
            found = dict.fromkeys(triple for rule in self.rules for triple in self._triples(rule, cells))
        except ValueError as error:
            raise UnplacedError(str(error)) from error
        self._reject_ill_typed(row, tuple(found))
        subjects = dict.fromkeys(triple.subject for triple in found)
        anchor = NamedNode(names.RJ + "anchor")
        passage = NamedNode(f"{self.graph}#row-{row.line}")
        return (*found, *(Triple(each, anchor, passage) for each in subjects if self._is_part(each)))

    def _cells(self, texts: Sequence[str]) -> Cells:
        cells: Cells = {}
        reasons = []
        for column, text in zip(self.columns, texts, strict=True):
            try:
                cells[column.name] = tuple(self._value(column, each) for each in _parts(column, text))
                if column.required and not cells[column.name]:
                    reasons.append(f"the cell {column.titles[0]!r} is empty; the mapping requires it")
            except UnplacedError as error:
                reasons.append(str(error))
        if reasons:
            raise UnplacedError("; ".join(reasons))
        return cells

    def _value(self, column: Column, text: str) -> str:
        """What the cell says; for a State's name its code, for an issue's label its id."""
        kind = datatype_of(column.datatype) if column.datatype else None
        if kind == STATE:
            return self._state(text)
        if kind == ISSUE:
            if slug(text) not in self.inventory.issues:
                unknown = quoted(slug(text))
                raise UnplacedError(f"no issue of this project has the id {unknown}, which {quoted(text)} makes")
            return slug(text)
        return text

    def _state(self, text: str) -> str:
        code = text if text in self.inventory.labels else self.inventory.states.code(text)
        if code is None:
            close = self.inventory.states.suggestions(text)
            hint = f"; did you mean {' or '.join(close)}?" if close else ""
            raise UnplacedError(f"no State is called {quoted(text)}{hint}")
        return code

    def _triples(self, rule: Rule, cells: Cells) -> Iterator[Triple]:
        about = _filled(rule.about, cells)
        if about is None:
            empty = next(name for name in variables(rule.about) if not cells[name])
            raise UnplacedError(f"the cell {empty!r} is empty, and {rule.about!r} is made of it")
        subject, predicate = iri_of(about, self.graph), rdf.from_iri(rule.meaning.iri)
        for value in self._objects(rule, cells):
            yield Triple(subject, predicate, value)

    def _objects(self, rule: Rule, cells: Cells) -> Iterator[NamedNode | Literal]:
        column = rule.column
        own = _parts(column, "") if column.virtual else cells[column.name]
        if column.value is None:
            yield from (rule.meaning.term(text, self.graph) for text in own)
            return
        for text in own if column.name in variables(column.value) else ("",):
            filled = _filled(column.value, cells | {column.name: (text,)})
            if filled is not None and (column.virtual or own):
                yield iri_of(filled, self.graph)

    def _reject_ill_typed(self, row: TextRow, found: Sequence[Triple]) -> None:
        graph = NamedNode(self.graph)
        quads = [Quad(each.subject, each.predicate, each.object, graph) for each in found]
        problems = tuple(terms.value_problems(self.path, quads, lambda *_: row.line))
        if problems:
            raise UnplacedError("; ".join(problem.message for problem in problems))

    def _is_part(self, subject: object) -> bool:
        return isinstance(subject, NamedNode) and subject.value.startswith(self.graph) and subject.value != self.graph


def _parts(column: Column, text: str) -> tuple[str, ...]:
    """The values that a cell lists; none where it is null."""
    text = column.default if text in column.null or column.virtual else text
    parts = [part.strip() for part in text.split(column.separator)] if column.separator else [text]
    return tuple(part for part in parts if part and part not in column.null)


def _filled(template: str, cells: Cells) -> str | None:
    """The URI template with its variables (RFC 6570, level 1); None where one of them has no value."""
    for name in variables(template):
        if not cells[name]:
            return None
        template = template.replace(f"{{{name}}}", quote(",".join(cells[name]), safe=""))
    return template


def desk(mapping: TableMapping, vocabulary: Vocabulary, path: Path, graph: str, inventory: Inventory) -> Desk:
    """What rows of the table at `path` are placed with.

    Raises:
        InputError: the mapping names a term or datatype that there is none of.
    """
    rules, problems = [], []
    for column in mapping.columns:
        try:
            rules += [] if column.suppressed else [_rule(column, vocabulary)]
        except ValueError as error:
            problems.append(Problem(mapping.path, column.line, str(error)))
    if problems:
        raise InputError(problems)
    columns = tuple(column for column in mapping.columns if not column.virtual)
    return Desk(path, graph, columns, tuple(rules), inventory)


def _rule(column: Column, vocabulary: Vocabulary) -> Rule:
    name = column.property or column.name
    meaning = vocabulary.meaning(name)
    if meaning is None:
        raise ValueError(
            f"the column {column.name!r} has no term: {name!r} is no key of a dossier, no prefix:name and no IRI; "
            "write 'propertyUrl', or 'suppressOutput: true' to leave the column out"
        )
    if column.about is None:
        raise ValueError(f"the column {column.name!r} says of nothing what it says; write 'aboutUrl'")
    if column.virtual and column.value is None and not column.default:
        raise ValueError(f"the virtual column {column.name!r} has no value; write 'valueUrl' or 'default'")
    return Rule(column, column.about, _in_form(column, meaning))


def _in_form(column: Column, meaning: Meaning) -> Meaning:
    datatype = datatype_of(column.datatype) if column.datatype else None
    if column.datatype and datatype is None:
        raise ValueError(f"there is no datatype {column.datatype!r}; write one of CSVW's, or prefix:name")
    if datatype in (STATE, ISSUE):
        return meaning
    plain = None if datatype == names.XSD + "string" and column.lang else datatype
    return meaning.as_literal(plain, column.lang if plain is None else None)
