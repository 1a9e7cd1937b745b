"""Any table as a dossier, by a mapping: CSV or a sheet of a workbook, one graph, each row placed or reported."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from rejoinder import disk, namespaces
from rejoinder.config import Project
from rejoinder.dossiers import discovery, literals
from rejoinder.dossiers.yaml import MAX_BYTES, Value, read_bytes
from rejoinder.errors import InputError, Problem, extra, quoted
from rejoinder.importers.csvw import (
    Meaning,
    TableColumn,
    TableMapping,
    Vocabulary,
    datatype_of,
    iri_of,
    read_mapping,
    read_vocabulary,
    variables,
)
from rejoinder.importers.reconcile import Inventory, read_inventory, read_settled, slug
from rejoinder.importers.records import MADE, RelativeTurtleWriter
from rejoinder.importers.rows import TextRow, decoded, text_rows
from rejoinder.importers.upr_info import Imported
from rejoinder.package_data import package_file
from rejoinder.rdf import terms
from rejoinder.rdf.terms import Literal, NamedNode, Quad, Triple
from rejoinder.versions import writing

STATE: Final = namespaces.RJ + "State"
ISSUE: Final = namespaces.RJ + "Issue"
"""Datatypes of cells that name things of the project; the value of such a cell is the thing's code or id."""

Cells = dict[str, tuple[str, ...]]
"""The values of a row by the name of the column, empty where the cell is."""


class UnmappedRowError(ValueError):
    """A row that cannot be placed; the message is a sentence."""


@dataclass(frozen=True)
class ColumnRule:
    """A column whose statements are written: what they are about, and what they say."""

    column: TableColumn
    about: str
    meaning: Meaning


@dataclass(frozen=True)
class TableMapper:
    """What rows are placed with: the document to write, the mapping's rules, what the project has."""

    path: Path
    graph: str
    columns: tuple[TableColumn, ...]
    rules: tuple[ColumnRule, ...]
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
            raise UnmappedRowError(str(error)) from error
        self._reject_ill_typed(row, tuple(found))
        subjects = dict.fromkeys(triple.subject for triple in found)
        anchor = NamedNode(namespaces.RJ + "anchor")
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
            except UnmappedRowError as error:
                reasons.append(str(error))
        if reasons:
            raise UnmappedRowError("; ".join(reasons))
        return cells

    def _value(self, column: TableColumn, text: str) -> str:
        """What the cell says; for a State's name its code, for an issue's label its id."""
        kind = datatype_of(column.datatype) if column.datatype else None
        if kind == STATE:
            return self._state(text)
        if kind == ISSUE:
            if slug(text) not in self.inventory.issues:
                unknown = quoted(slug(text))
                raise UnmappedRowError(f"no issue of this project has the id {unknown}, which {quoted(text)} makes")
            return slug(text)
        return text

    def _state(self, text: str) -> str:
        code = text if text in self.inventory.labels else self.inventory.states.code(text)
        if code is None:
            close = self.inventory.states.suggestions(text)
            hint = f"; did you mean {' or '.join(close)}?" if close else ""
            raise UnmappedRowError(f"no State is called {quoted(text)}{hint}")
        return code

    def _triples(self, rule: ColumnRule, cells: Cells) -> Iterator[Triple]:
        about = _filled(rule.about, cells)
        if about is None:
            empty = next(name for name in variables(rule.about) if not cells[name])
            raise UnmappedRowError(f"the cell {empty!r} is empty, and {rule.about!r} is made of it")
        subject, predicate = iri_of(about, self.graph), terms.from_iri(rule.meaning.iri)
        for value in self._objects(rule, cells):
            yield Triple(subject, predicate, value)

    def _objects(self, rule: ColumnRule, cells: Cells) -> Iterator[NamedNode | Literal]:
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
        problems = tuple(literals.value_problems(self.path, quads, lambda *_: row.line))
        if problems:
            raise UnmappedRowError("; ".join(problem.message for problem in problems))

    def _is_part(self, subject: object) -> bool:
        return isinstance(subject, NamedNode) and subject.value.startswith(self.graph) and subject.value != self.graph


def _parts(column: TableColumn, text: str) -> tuple[str, ...]:
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


def desk(mapping: TableMapping, vocabulary: Vocabulary, path: Path, graph: str, inventory: Inventory) -> TableMapper:
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
    return TableMapper(path, graph, columns, tuple(rules), inventory)


def _rule(column: TableColumn, vocabulary: Vocabulary) -> ColumnRule:
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
    return ColumnRule(column, column.about, _in_form(column, meaning))


def _in_form(column: TableColumn, meaning: Meaning) -> Meaning:
    datatype = datatype_of(column.datatype) if column.datatype else None
    if column.datatype and datatype is None:
        raise ValueError(f"there is no datatype {column.datatype!r}; write one of CSVW's, or prefix:name")
    if datatype in (STATE, ISSUE):
        return meaning
    plain = None if datatype == namespaces.XSD + "string" and column.lang else datatype
    return meaning.as_literal(plain, column.lang if plain is None else None)


_SHEETS = (".xlsx", ".xlsm")


@dataclass(frozen=True)
class _Table:
    """The rows of a table under its header, the titles of that, and the rows that cannot be read."""

    titles: list[str]
    header_line: int
    rows: tuple[TextRow, ...]
    problems: tuple[Problem, ...]


def import_table(project: Project, mapping: Path, file: Path) -> Imported:
    """The rows of the table in `file`, written into the project as the one dossier that `mapping` names.

    `mapping` is metadata in the subset of CSVW that docs/import.md describes. What an earlier import wrote there is
    replaced, unless no row has a place; a dossier of another hand is not.

    Raises:
        InputError: mapping or table cannot be used at all, or the table has no row; nothing was written.
        StoreError: the data folder cannot be written.
    """
    told = read_mapping(mapping)
    target = _target(project, told)
    graph = discovery.graph_of(project.base, project.data, target)
    vocabulary = read_vocabulary()
    inventory = read_inventory(project, besides=(target.name,))
    shipped = read_settled(package_file("ontology/imports/upr-info.yaml")).states
    here = {name: code for name, code in shipped.items() if code in inventory.labels}
    rows = desk(told, vocabulary, file, graph, inventory.named(here))
    notes = tuple(_notes(told, vocabulary, graph))
    table = _read(file, told)
    writer = RelativeTurtleWriter(project.base, graph)
    placed, problems = _placed(rows, table, told, writer)
    if not placed and not problems:
        raise InputError.at(file, table.header_line, "the table has no row below its titles; nothing was written")
    if not placed:
        return Imported((file,), len(problems), (), tuple(sorted(problems)), (), ())
    text = "".join((writer.head(), writer.block(_document(file, graph, told, notes)), *placed))
    if len(text.encode()) > MAX_BYTES:
        raise InputError.at(file, None, f"its dossier would be larger than {MAX_BYTES >> 20} MB; split the table")
    with writing(project.data, "nothing was written"):
        target.parent.mkdir(parents=True, exist_ok=True)
        disk.write_whole(target, text.encode())
    return Imported((file,), len(placed) + len(problems), (target,), tuple(sorted(problems)), (), ())


def _target(project: Project, mapping: TableMapping) -> Path:
    """The file to write: one of the data folder, that no hand has written."""
    path = project.data / f"{mapping.graph.removesuffix('/')}.ttl"
    if not path.absolute().is_relative_to(project.data.absolute()):
        raise InputError.at(mapping.path, None, f"'@id' is {mapping.graph!r}; write a path below the data folder")
    iri = discovery.graph_of(project.base, project.data, path)
    for other in discovery.dossier_files(project.data):
        taken = other != path and discovery.graph_of(project.base, project.data, other) == iri
        if taken or (other == path and not path.read_text(encoding="utf-8", errors="replace").startswith(MADE)):
            raise InputError.at(mapping.path, None, f"{other} is not from an import; give the table another '@id'")
    return path


def _notes(mapping: TableMapping, vocabulary: Vocabulary, graph: str) -> Iterator[Triple]:
    """What the mapping says of the table itself, by common properties (Metadata Vocabulary for Tabular Data 5.8)."""
    for name, value, line in mapping.notes:
        meaning = vocabulary.meaning(name)
        try:
            if meaning is None:
                raise ValueError(f"{name!r} has no prefix that is known")
            for each in value if isinstance(value, list) else [value]:
                yield Triple(NamedNode(graph), terms.from_iri(meaning.iri), _note(meaning, each, graph))
        except ValueError as error:
            raise InputError.at(mapping.path, line, str(error)) from error


def _note(meaning: Meaning, value: Value, graph: str) -> NamedNode | Literal:
    if not isinstance(value, dict):
        return meaning.term(str(value), graph)
    text = {key: str(inner) for key, inner in value.items()}
    if text.keys() == {"@id"}:
        return iri_of(text["@id"], graph)
    if "@value" not in text or text.keys() - {"@value", "@language", "@type"}:
        raise ValueError("a value is text, or has '@id', or '@value' with '@language' or '@type'")
    datatype = datatype_of(text["@type"]) if "@type" in text else None
    return meaning.as_literal(datatype, text.get("@language")).term(text["@value"], graph)


def _read(file: Path, mapping: TableMapping) -> _Table:
    if file.suffix.lower() in _SHEETS:
        with extra("xlsx"):
            from rejoinder.importers.workbooks import sheet_rows  # noqa: PLC0415  # only workbooks need openpyxl
        rows, problems = sheet_rows(file, mapping.sheet)
        rows = tuple(row for row in rows if row.line > mapping.dialect.skip)
        problems = tuple(problem for problem in problems if (problem.line or 0) > mapping.dialect.skip)
    else:
        text = decoded(file, read_bytes(file), mapping.dialect.encoding)
        rows, problems = tuple(text_rows(file, text, mapping.dialect)), ()
    if not mapping.dialect.header:
        titles = [column.titles[0] for column in mapping.columns if not column.virtual]
        return _Table(titles, 1, rows, problems)
    if not rows or any((problem.line or 0) < rows[0].line for problem in problems):
        raise InputError([*problems, Problem(file, 1, "the table has no line with the titles of its columns")])
    titles = [cell.strip() for cell in rows[0].cells]
    while titles and not titles[-1]:
        titles.pop()
    return _Table(titles, rows[0].line, rows[1:], problems)


def _placed(
    rows: TableMapper, table: _Table, mapping: TableMapping, writer: RelativeTurtleWriter
) -> tuple[list[str], list[Problem]]:
    """The rows that have a place, as Turtle, and a problem for each that has none."""
    order = _order(rows, table)
    placed, problems = [], list(table.problems)
    for number, row in enumerate(table.rows, 1):
        try:
            cells = _cells(row, len(table.titles), trim=mapping.dialect.trim)
            triples = rows.place(row, number, [cells[at] for at in order])
            placed.append(writer.block((*_passage(row, rows.graph), *triples)))
        except UnmappedRowError as error:
            problems.append(Problem(rows.path, row.line, str(error)))
    return placed, problems


def _order(rows: TableMapper, table: _Table) -> list[int]:
    """Where each column of the mapping stands in the table; titles that occur twice are taken in order."""
    left = dict(enumerate(table.titles))
    order, problems = [], []
    for column in rows.columns:
        found = next((at for at, title in left.items() if title in column.titles), None)
        if found is None:
            problems.append(_absent(rows.path, table, column))
        else:
            order.append(found)
            del left[found]
    problems += [
        Problem(rows.path, table.header_line, f"the column {quoted(title)} is not in the mapping; add it, with "
        "'suppressOutput: true' if nothing is to be said of it")
        for title in left.values()
    ]  # fmt: skip
    if problems:
        raise InputError(problems)
    return order


def _absent(path: Path, table: _Table, column: TableColumn) -> Problem:
    titles = " or ".join(map(repr, column.titles))
    there = quoted(", ".join(table.titles))
    return Problem(path, table.header_line, f"there is no column {titles}; the columns are {there}")


def _cells(row: TextRow, width: int, *, trim: bool) -> list[str]:
    """The cells of a row, with empty ones for those that programs leave out at its end."""
    if any(cell.strip() for cell in row.cells[width:]):
        raise UnmappedRowError(f"the row has {len(row.cells)} cells, and the table {width} columns")
    cells = [*row.cells[:width], *[""] * (width - len(row.cells))]
    return [cell.strip() if trim else cell for cell in cells]


def _passage(row: TextRow, graph: str) -> Iterator[Triple]:
    passage = NamedNode(f"{graph}#row-{row.line}")
    yield Triple(NamedNode(graph), NamedNode(namespaces.RJ + "hasPassage"), passage)
    yield Triple(passage, NamedNode(namespaces.OA + "start"), Literal(row.start))
    yield Triple(passage, NamedNode(namespaces.OA + "end"), Literal(row.start + len(row.text)))
    yield Triple(passage, NamedNode(namespaces.RJ + "line"), Literal(row.line))
    digest = hashlib.sha256(row.text.encode()).hexdigest()
    yield Triple(passage, NamedNode(namespaces.SCHEMA + "sha256"), Literal(digest))


def _document(file: Path, graph: str, mapping: TableMapping, notes: Sequence[Triple]) -> Iterator[Triple]:
    """What the dossier says of itself: the notes, the name and digest of the file, and what its passages are of."""
    yield from notes
    document = NamedNode(graph)
    if not any(note.predicate.value == namespaces.DCTERMS + "title" for note in notes):
        title = Literal(f"The table {file.name}", language="en")
        yield Triple(document, NamedNode(namespaces.DCTERMS + "title"), title)
    digest = hashlib.sha256(read_bytes(file)).hexdigest()
    yield Triple(document, NamedNode(namespaces.SCHEMA + "sha256"), Literal(digest))
    if file.suffix.lower() in _SHEETS:
        sheet = f"the sheet {mapping.sheet!r}" if mapping.sheet else "the sheet"
        note = (
            f"Passages are rows of {sheet} written as CSV (RFC 4180: commas, CRLF; stored values, dates by ISO 8601)."
        )
        yield Triple(document, NamedNode(namespaces.SKOS + "editorialNote"), Literal(note, language="en"))
