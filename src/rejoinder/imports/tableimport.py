"""Any table as a dossier, by a mapping: CSV or a sheet of a workbook, one graph, each row placed or reported."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rejoinder import names
from rejoinder.dossiers import folder
from rejoinder.dossiers.sourcelines import MAX_BYTES, Value, read_bytes
from rejoinder.errors import InputError, Problem, quoted
from rejoinder.imports.csvw import Column, TableMapping, read_mapping
from rejoinder.imports.importer import Imported, write_whole
from rejoinder.imports.inventory import read_inventory
from rejoinder.imports.meanings import Meaning, Vocabulary, datatype_of, iri_of, read_vocabulary
from rejoinder.imports.reconcile import read_settled
from rejoinder.imports.relative import MADE, Writer
from rejoinder.imports.tablerows import Desk, UnplacedError, desk
from rejoinder.imports.textrows import TextRow, decoded, text_rows
from rejoinder.imports.workbooks import sheet_rows
from rejoinder.project import Project
from rejoinder.resources import resource
from rejoinder.store import rdf
from rejoinder.store.rdf import Literal, NamedNode, Triple
from rejoinder.store.versions import writing

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
    graph = folder.graph_of(project.base, project.data, target)
    vocabulary = read_vocabulary()
    inventory = read_inventory(project, besides=(target.name,))
    shipped = read_settled(resource("ontology/imports/upr-info.yaml")).states
    here = {name: code for name, code in shipped.items() if code in inventory.labels}
    rows = desk(told, vocabulary, file, graph, inventory.named(here))
    notes = tuple(_notes(told, vocabulary, graph))
    table = _read(file, told)
    writer = Writer(project.base, graph)
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
        write_whole(target, text)
    return Imported((file,), len(placed) + len(problems), (target,), tuple(sorted(problems)), (), ())


def _target(project: Project, mapping: TableMapping) -> Path:
    """The file to write: one of the data folder, that no hand has written."""
    path = project.data / f"{mapping.graph.removesuffix('/')}.ttl"
    if not path.absolute().is_relative_to(project.data.absolute()):
        raise InputError.at(mapping.path, None, f"'@id' is {mapping.graph!r}; write a path below the data folder")
    iri = folder.graph_of(project.base, project.data, path)
    for other in folder.dossier_files(project.data):
        taken = other != path and folder.graph_of(project.base, project.data, other) == iri
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
                yield Triple(NamedNode(graph), rdf.from_iri(meaning.iri), _note(meaning, each, graph))
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


def _placed(rows: Desk, table: _Table, mapping: TableMapping, writer: Writer) -> tuple[list[str], list[Problem]]:
    """The rows that have a place, as Turtle, and a problem for each that has none."""
    order = _order(rows, table)
    placed, problems = [], list(table.problems)
    for number, row in enumerate(table.rows, 1):
        try:
            cells = _cells(row, len(table.titles), trim=mapping.dialect.trim)
            triples = rows.place(row, number, [cells[at] for at in order])
            placed.append(writer.block((*_passage(row, rows.graph), *triples)))
        except UnplacedError as error:
            problems.append(Problem(rows.path, row.line, str(error)))
    return placed, problems


def _order(rows: Desk, table: _Table) -> list[int]:
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


def _absent(path: Path, table: _Table, column: Column) -> Problem:
    titles = " or ".join(map(repr, column.titles))
    there = quoted(", ".join(table.titles))
    return Problem(path, table.header_line, f"there is no column {titles}; the columns are {there}")


def _cells(row: TextRow, width: int, *, trim: bool) -> list[str]:
    """The cells of a row, with empty ones for those that programs leave out at its end."""
    if any(cell.strip() for cell in row.cells[width:]):
        raise UnplacedError(f"the row has {len(row.cells)} cells, and the table {width} columns")
    cells = [*row.cells[:width], *[""] * (width - len(row.cells))]
    return [cell.strip() if trim else cell for cell in cells]


def _passage(row: TextRow, graph: str) -> Iterator[Triple]:
    passage = NamedNode(f"{graph}#row-{row.line}")
    yield Triple(NamedNode(graph), NamedNode(names.RJ + "hasPassage"), passage)
    yield Triple(passage, NamedNode(names.OA + "start"), Literal(row.start))
    yield Triple(passage, NamedNode(names.OA + "end"), Literal(row.start + len(row.text)))
    yield Triple(passage, NamedNode(names.RJ + "line"), Literal(row.line))
    digest = hashlib.sha256(row.text.encode()).hexdigest()
    yield Triple(passage, NamedNode(names.SCHEMA + "sha256"), Literal(digest))


def _document(file: Path, graph: str, mapping: TableMapping, notes: Sequence[Triple]) -> Iterator[Triple]:
    """What the dossier says of itself: the notes, the name and digest of the file, and what its passages are of."""
    yield from notes
    document = NamedNode(graph)
    if not any(note.predicate.value == names.DCTERMS + "title" for note in notes):
        title = Literal(f"The table {file.name}", language="en")
        yield Triple(document, NamedNode(names.DCTERMS + "title"), title)
    digest = hashlib.sha256(read_bytes(file)).hexdigest()
    yield Triple(document, NamedNode(names.SCHEMA + "sha256"), Literal(digest))
    if file.suffix.lower() in _SHEETS:
        sheet = f"the sheet {mapping.sheet!r}" if mapping.sheet else "the sheet"
        note = (
            f"Passages are rows of {sheet} written as CSV (RFC 4180: commas, CRLF; stored values, dates by ISO 8601)."
        )
        yield Triple(document, NamedNode(names.SKOS + "editorialNote"), Literal(note, language="en"))
