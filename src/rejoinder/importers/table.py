"""Import a CSV file or a sheet of a workbook as one dossier, by a mapping; rows that do not fit are reported."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import quote, urljoin

from rejoinder import disk, namespaces
from rejoinder.config import Project
from rejoinder.dossiers import discovery
from rejoinder.dossiers.reader import open_reader, value_problems
from rejoinder.dossiers.yaml import MAX_BYTES, read_bytes
from rejoinder.errors import InputError, Problem, UsageError, quoted
from rejoinder.importers.csvw import (
    CONTEXT,
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
from rejoinder.importers.reconcile import Inventory, read_inventory, shipped_overrides, slug
from rejoinder.importers.rows import TextRow, UnplacedError, decoded, filled_up, sheet_rows, text_rows
from rejoinder.importers.upr_info import Imported
from rejoinder.rdf import terms
from rejoinder.rdf.jsonld import Value
from rejoinder.rdf.terms import Literal, NamedNode, Triple

STATE: Final = namespaces.RJ + "State"
ISSUE: Final = namespaces.RJ + "Issue"
"""Datatypes of cells that name an issue or a State; the value of such a cell is the issue's id or the State's code."""
_SHEETS: Final = (".xlsx", ".xlsm")
MADE: Final = "# Made by 'rejoinder import table', which replaces this file.\n"
"""The first line of every imported dossier; an import replaces only files that begin with it."""


def import_table(project: Project, mapping: Path, file: Path) -> Imported:
    """Write the rows of the table in `file` into the project as the one dossier that `mapping` names.

    `mapping` is metadata in the subset of CSVW that docs/import.md describes. The dossier of an earlier import is
    replaced if at least one row fits; a dossier written by hand is never replaced.

    Raises:
        InputError: mapping or table is unusable, or the table has no row; nothing was written.
        StoreError: the data folder cannot be written.
        UsageError: the mapping is a table.
    """
    if mapping.suffix.lower() in (".csv", ".tsv", *_SHEETS):
        raise UsageError(f"{mapping}: this is a table, not a mapping; name the mapping first, then the table")
    rules = read_mapping(mapping)
    # What is wrong with the mapping is told before the table is read, which may be large.
    target = _target(project, rules)
    graph = discovery.graph_of(project.base, project.data, target)
    vocabulary = read_vocabulary(open_reader(project.base, project.data))
    # Without the dossier of an earlier import: what only an import described must not keep itself alive.
    inventory = read_inventory(project, besides=(target.name,)).with_names(shipped_overrides().states)
    mapper = table_mapper(rules, vocabulary, file, graph, inventory)
    notes = tuple(_notes(rules, vocabulary, graph))
    table = _read(file, rules)
    order = _order(mapper, table)
    writer = TurtleWriter(project.base, graph)
    blocks, problems = [], list(table.problems)
    for number, row in enumerate(table.rows, 1):
        try:
            cells = filled_up(row, len(table.titles), "the table {} columns")
            texts = [cells[at].strip() if rules.dialect.trim else cells[at] for at in order]
            triples = mapper.place(row, number, texts)
        except UnplacedError as error:
            problems.append(Problem(file, row.line, str(error)))
        else:
            blocks.append(writer.block((*_passage(row, graph), *triples)))
    if not blocks and not problems:
        raise InputError.at(file, table.header_line, "the table has no row below its titles; nothing was written")
    if not blocks:
        return Imported((file,), len(problems), (), tuple(sorted(problems)))
    text = "".join((writer.head(), writer.block(_document(file, graph, rules, notes)), *blocks))
    if len(text.encode()) > MAX_BYTES:  # the reader of dossiers would refuse it
        raise InputError.at(file, None, f"its dossier would be larger than {MAX_BYTES >> 20} MB; split the table")
    with disk.writing(project.data, "nothing was written"):
        target.parent.mkdir(parents=True, exist_ok=True)
        disk.write_whole(target, text.encode())
    return Imported((file,), len(blocks) + len(problems), (target,), tuple(sorted(problems)))


def _target(project: Project, mapping: TableMapping) -> Path:
    """Return the file to write: it must be in the data folder and must not be written by hand."""
    path = project.data / f"{mapping.graph.removesuffix('/')}.ttl"
    if not path.absolute().is_relative_to(project.data.absolute()):
        raise InputError.at(mapping.path, None, f"'@id' is {mapping.graph!r}; write a path below the data folder")
    # Another file may be the same graph, such as the one in YAML that somebody wrote by hand.
    iri = discovery.graph_of(project.base, project.data, path)
    for other in discovery.contents(project.data).dossiers:
        taken = other != path and discovery.graph_of(project.base, project.data, other) == iri
        if taken or (other == path and not path.read_text(encoding="utf-8", errors="replace").startswith(MADE)):
            raise InputError.at(mapping.path, None, f"{other} is not from an import; give the table another '@id'")
    return path


@dataclass(frozen=True)
class _Table:
    """The rows of a table, the titles in its header, and the problems of rows that cannot be read."""

    titles: list[str]
    header_line: int
    rows: tuple[TextRow, ...]
    problems: tuple[Problem, ...]


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
    # Spreadsheets write empty cells at the end of the first line as of any other.
    titles = [cell.strip() for cell in rows[0].cells]
    while titles and not titles[-1]:
        titles.pop()
    return _Table(titles, rows[0].line, rows[1:], problems)


def _order(mapper: TableMapper, table: _Table) -> list[int]:
    """Return the index in the table of each column of the mapping; repeated titles are taken in order."""
    left = dict(enumerate(table.titles))
    order, wrong = [], []
    for column in mapper.columns:
        place = next((at for at, title in left.items() if title in column.titles), None)
        if place is None:
            titles, there = " or ".join(map(repr, column.titles)), quoted(", ".join(table.titles))
            wrong.append(f"there is no column {titles}; the columns are {there}")
        else:
            order.append(place)
            del left[place]
    remedy = "add it, with 'suppressOutput: true' if nothing is to be said of it"
    wrong += [f"the column {quoted(title)} is not in the mapping; {remedy}" for title in left.values()]
    if wrong:
        raise InputError(Problem(mapper.path, table.header_line, message) for message in wrong)
    return order


def _notes(mapping: TableMapping, vocabulary: Vocabulary, graph: str) -> Iterator[Triple]:
    """Yield the mapping's statements about the table: common properties (Metadata Vocabulary for Tabular Data 5.8)."""
    for name, value, line in mapping.notes:
        meaning = vocabulary.meaning(name)
        try:
            if meaning is None:
                raise ValueError(f"{name!r} has no prefix that is known")
            for each in value if isinstance(value, list) else [value]:
                value_term = _note(name, meaning, each, graph, mapping.language)
                yield Triple(NamedNode(graph), terms.NamedNode(meaning.iri), value_term)
        except ValueError as error:
            raise InputError.at(mapping.path, line, str(error)) from error


def _note(name: str, meaning: Meaning, value: Value, graph: str, language: str | None) -> NamedNode | Literal:
    if not isinstance(value, dict):
        if meaning.in_language and language is None:
            context = f'"@context": ["{CONTEXT}", {{"@language": "en"}}]'
            raise ValueError(f"the text of {name!r} needs a language; write {context}, or another")
        return meaning.as_literal(None, language if meaning.is_text else None).term(str(value), graph)
    text = {key: str(inner) for key, inner in value.items()}
    if text.keys() == {"@id"}:
        return iri_of(text["@id"], graph)
    if "@value" not in text or text.keys() - {"@value", "@language", "@type"}:
        raise ValueError("a value is text, or has '@id', or '@value' with '@language' or '@type'")
    datatype = datatype_of(text["@type"]) if "@type" in text else None
    return meaning.as_literal(datatype, text.get("@language")).term(text["@value"], graph)


def _passage(row: TextRow, graph: str) -> Iterator[Triple]:
    passage = NamedNode(f"{graph}#row-{row.line}")
    yield Triple(NamedNode(graph), NamedNode(namespaces.RJ + "hasPassage"), passage)
    yield Triple(passage, NamedNode(namespaces.OA + "start"), Literal(row.start))
    yield Triple(passage, NamedNode(namespaces.OA + "end"), Literal(row.start + len(row.text)))
    yield Triple(passage, NamedNode(namespaces.RJ + "line"), Literal(row.line))
    digest = hashlib.sha256(row.text.encode()).hexdigest()
    yield Triple(passage, NamedNode(namespaces.SCHEMA + "sha256"), Literal(digest))


def _document(file: Path, graph: str, mapping: TableMapping, notes: Sequence[Triple]) -> Iterator[Triple]:
    """Yield the dossier's statements about itself: notes, name and digest of the file, source of its passages."""
    yield from notes
    document = NamedNode(graph)
    if not any(note.predicate.value == namespaces.DCTERMS + "title" for note in notes):
        title = Literal(f"The table {file.name}", language="en")
        yield Triple(document, NamedNode(namespaces.DCTERMS + "title"), title)
    digest = hashlib.sha256(read_bytes(file)).hexdigest()
    yield Triple(document, NamedNode(namespaces.SCHEMA + "sha256"), Literal(digest))
    if file.suffix.lower() in _SHEETS:  # a sheet has no text; the note says how to make the one that positions count in
        sheet = f"the sheet {mapping.sheet!r}" if mapping.sheet else "the sheet"
        note = (
            f"Passages are rows of {sheet} written as CSV (RFC 4180: commas, CRLF; stored values, dates by ISO 8601)."
        )
        yield Triple(document, NamedNode(namespaces.SKOS + "editorialNote"), Literal(note, language="en"))


# Rows as statements

Cells = dict[str, tuple[str, ...]]
"""The values of a row by the name of the column; none for an empty cell."""


@dataclass(frozen=True)
class ColumnRule:
    """A column that becomes statements: their subject, property and form."""

    column: TableColumn
    about: str
    meaning: Meaning


@dataclass(frozen=True)
class TableMapper:
    """Makes statements from rows, by the mapping and the project's States and issues."""

    path: Path
    graph: str
    columns: tuple[TableColumn, ...]
    rules: tuple[ColumnRule, ...]
    inventory: Inventory

    def place(self, row: TextRow, number: int, texts: Sequence[str]) -> tuple[Triple, ...]:
        """Return the statements of a row, the `number`th, whose cells in the order of the columns are `texts`.

        Raises:
            UnplacedError: a required cell is empty or a value not valid; the message has all reasons.
        """
        cells = self._cells(texts) | {"_row": (str(number),), "_sourceRow": (str(row.line),)}
        try:
            # Two columns may say the same.
            found = dict.fromkeys(triple for rule in self.rules for triple in self._triples(rule, cells))
        except ValueError as error:
            raise UnplacedError(str(error)) from error
        quads = terms.in_graph(found, self.graph)
        # As the reader of dossiers checks them: one wrong value would keep the whole dossier from being built.
        problems = tuple(value_problems(self.path, quads, lambda *_: row.line))
        if problems:
            raise UnplacedError("; ".join(problem.message for problem in problems))
        # Whatever the row describes in this document is anchored to it; the document itself is not.
        subjects = dict.fromkeys(triple.subject for triple in found if isinstance(triple.subject, NamedNode))
        parts = [each for each in subjects if each.value.startswith(self.graph) and each.value != self.graph]
        anchor, passage = NamedNode(namespaces.RJ + "anchor"), NamedNode(f"{self.graph}#row-{row.line}")
        return (*found, *(Triple(each, anchor, passage) for each in parts))

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

    def _value(self, column: TableColumn, text: str) -> str:
        """Return the cell's value; for a State's name its code, for an issue's label its id."""
        kind = datatype_of(column.datatype) if column.datatype else None
        states = self.inventory.states
        if kind == STATE:
            code = text if text in self.inventory.labels else states.code(text)
            if code is None:  # never guessed, as in `upr_info`
                raise UnplacedError(states.unknown(text))
            return code
        if kind == ISSUE:
            if slug(text) not in self.inventory.issues:
                unknown = quoted(slug(text))
                raise UnplacedError(f"no issue of this project has the id {unknown}, which {quoted(text)} makes")
            return slug(text)
        return text

    def _triples(self, rule: ColumnRule, cells: Cells) -> Iterator[Triple]:
        about = _filled(rule.about, cells)
        if about is None:
            empty = next(name for name in variables(rule.about) if not cells[name])
            raise UnplacedError(f"the cell {empty!r} is empty, and {rule.about!r} is made of it")
        subject, predicate = iri_of(about, self.graph), terms.NamedNode(rule.meaning.iri)
        for value in self._objects(rule, cells):
            yield Triple(subject, predicate, value)

    def _objects(self, rule: ColumnRule, cells: Cells) -> Iterator[NamedNode | Literal]:
        column = rule.column
        own = _parts(column, "") if column.virtual else cells[column.name]  # a virtual one has its default alone
        if column.value is None:
            yield from (rule.meaning.term(text, self.graph) for text in own)
            return
        for text in own if column.name in variables(column.value) else ("",):
            filled = _filled(column.value, cells | {column.name: (text,)})
            # Stricter than CSVW, which fills an empty cell in as an empty text, and so makes a wrong IRI.
            if filled is not None and (column.virtual or own):
                yield iri_of(filled, self.graph)


def _parts(column: TableColumn, text: str) -> tuple[str, ...]:
    """Return the values in a cell, none if it is null."""
    text = column.default if text in column.null or column.virtual else text
    parts = [part.strip() for part in text.split(column.separator)] if column.separator else [text]
    return tuple(part for part in parts if part and part not in column.null)


def _filled(template: str, cells: Cells) -> str | None:
    """Return the expanded URI template (RFC 6570, level 1), or None if a variable has no value."""
    for name in variables(template):
        if not cells[name]:
            return None
        # `safe` is empty, as RFC 6570 says for level 1: a slash in a cell must not lead into another folder.
        template = template.replace(f"{{{name}}}", quote(",".join(cells[name]), safe=""))
    return template


def table_mapper(
    mapping: TableMapping, vocabulary: Vocabulary, path: Path, graph: str, inventory: Inventory
) -> TableMapper:
    """Return the mapper of the rows of the table at `path`.

    Raises:
        InputError: the mapping names an unknown term or datatype.
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
        raise ValueError(f"the column {column.name!r} has no subject for its statements; write 'aboutUrl'")
    if column.virtual and column.value is None and not column.default:
        raise ValueError(f"the virtual column {column.name!r} has no value; write 'valueUrl' or 'default'")
    datatype = datatype_of(column.datatype) if column.datatype else None
    if column.datatype and datatype is None:
        raise ValueError(f"there is no datatype {column.datatype!r}; write one of CSVW's, or prefix:name")
    if datatype not in (STATE, ISSUE):
        is_text = datatype == namespaces.XSD + "string" or (datatype is None and meaning.is_text)
        language = column.lang if is_text else None
        meaning = meaning.as_literal(None if language else datatype, language)
    if meaning.in_language and column.value is None:
        raise ValueError(f'the texts of the column {column.name!r} need a language; write "lang": "en", or another')
    return ColumnRule(column, column.about, meaning)


# Statements as Turtle

_LOCAL: Final = re.compile(r"[A-Za-z]\w*", re.ASCII)


@dataclass(frozen=True)
class TurtleWriter:
    """Writes the graph `graph` of the project with the IRI base `base` as Turtle with relative IRIs."""

    # Not by `rdf.serialize`, which orders by class and IRI: here, each row stays together and in its place, so that
    # people can compare two imports line by line.
    base: str
    graph: str

    def head(self) -> str:
        """Return the beginning of the file."""
        return MADE + "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in namespaces.PREFIXES.items())

    def block(self, triples: Iterable[Triple]) -> str:
        """Return the triples in the order given, those of one subject together."""
        by_subject: dict[str, list[str]] = {}
        for triple in triples:
            said = f"{self._term(triple.predicate)} {self._term(triple.object)}"
            by_subject.setdefault(self._term(triple.subject), []).append(said)
        blocks = ((subject, " ;\n    ".join(said)) for subject, said in by_subject.items())
        return "".join(f"\n{subject} {said} .\n" for subject, said in blocks)

    def _term(self, term: terms.Term) -> str:
        return _short(term.value, self.base, self.graph) if isinstance(term, NamedNode) else str(term)


@lru_cache(maxsize=4096)
def _short(iri: str, base: str, graph: str) -> str:
    """Return the IRI as written in Turtle: with a prefix if one fits, else relative to the document.

    >>> base = "https://example.org/"
    >>> [_short(base + end, base, base + "record/t") for end in ("record/t#r-1", "state/KAZ", "record/t")]
    ['<#r-1>', '<../state/KAZ>', '<>']
    """
    short = namespaces.compact(iri)
    if not short.startswith("<") and _LOCAL.fullmatch(short.partition(":")[2]):
        return short
    own = iri.removeprefix(graph)
    way = "../" * graph.removeprefix(base).count("/") + iri.removeprefix(base)
    if own != iri and urljoin(graph, own) == iri:
        return f"<{own}>"
    # Not every way leads back: a name may begin with a slash or look like a scheme.
    return f"<{way}>" if iri.startswith(base) and urljoin(graph, way) == iri else f"<{iri}>"
