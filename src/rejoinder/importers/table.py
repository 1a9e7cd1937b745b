"""Import a CSV file or a sheet of a workbook as one dossier, by a mapping; rows that do not fit are reported.

The mapping is a subset of CSVW metadata in JSON or YAML, with line numbers for messages. Anything outside the subset is
refused, never ignored.

Standard: Metadata Vocabulary for Tabular Data (W3C, 2015).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote, urljoin

from rejoinder import disk, namespaces
from rejoinder.config import Project
from rejoinder.disk import package_file
from rejoinder.dossiers import discovery
from rejoinder.dossiers.reader import DATATYPES, Reader, open_reader, value_problems
from rejoinder.dossiers.yaml import MAX_BYTES, Place, YamlDocument, list_of, mapping_of, read_bytes, read_yaml
from rejoinder.errors import InputError, Problem, UsageError, quoted
from rejoinder.importers.reconcile import Inventory, read_inventory, shipped_overrides, slug
from rejoinder.importers.rows import (
    Dialect,
    TextRow,
    UnplacedError,
    decoded,
    filled_up,
    is_encoding,
    sheet_rows,
    text_rows,
)
from rejoinder.importers.upr_info import Imported
from rejoinder.rdf import terms
from rejoinder.rdf.jsonld import Value
from rejoinder.rdf.terms import Literal, NamedNode, Triple

_STATE: Final = namespaces.RJ + "State"
_ISSUE: Final = namespaces.RJ + "Issue"
"""Datatypes of cells that name an issue or a State; the value of such a cell is the issue's id or the State's code."""
_SHEETS: Final = (".xlsx", ".xlsm")
MADE: Final = "# Made by 'rejoinder import table', which replaces this file.\n"
"""The first line of every imported dossier; an import replaces only files that begin with it."""

_CONTEXT: Final = "http://www.w3.org/ns/csvw"
_TABLE_KEYS: Final = ("@context", "@id", "@type", "url", "dialect", "tableSchema")
_SCHEMA_KEYS: Final = ("columns", "aboutUrl", "lang", "null")
_COLUMN_KEYS: Final = (
    "name", "titles", "aboutUrl", "propertyUrl", "valueUrl", "datatype", "lang", "separator", "required", "null",
    "default", "virtual", "suppressOutput",
)  # fmt: skip
_DIALECT_KEYS: Final = ("delimiter", "quoteChar", "doubleQuote", "encoding", "header", "skipRows", "trim")
_DATATYPE_KEYS: Final = ("@id", "base")
_ROW_VARIABLES: Final = ("_row", "_sourceRow")
"""The number of a row, from 1, and the line that it begins on (Tabular Data and Metadata on the Web 6.4.3)."""

_FLAGS: Final = ("required", "virtual", "suppressOutput", "doubleQuote", "header", "trim")
_NESTED: Final = ("@context", "titles", "null", "columns", "tableSchema", "dialect", "datatype")
_VARIABLE: Final = re.compile(r"\{([^{}]*)\}")
_NAME: Final = re.compile(r"[A-Za-z0-9]\w*", re.ASCII)


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
    rules = _read_mapping(mapping)
    # What is wrong with the mapping is told before the table is read, which may be large.
    target = _target(project, rules)
    graph = discovery.graph_of(project.base, project.data, target)
    vocabulary = _read_vocabulary(open_reader(project.base, project.data))
    # Without the dossier of an earlier import: what only an import described must not keep itself alive.
    inventory = read_inventory(project, besides=(target.name,)).with_names(shipped_overrides().states)
    mapper = _table_mapper(rules, vocabulary, file, graph, inventory)
    notes = tuple(_notes(rules, vocabulary, graph))
    table = _read(file, rules)
    order = _order(mapper, table)
    writer = _TurtleWriter(project.base, graph)
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


def _target(project: Project, mapping: _Mapping) -> Path:
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


def _read(file: Path, mapping: _Mapping) -> _Table:
    if file.suffix.lower() in _SHEETS:
        rows, problems = sheet_rows(file, mapping.sheet)
        rows = tuple(row for row in rows if row.line > mapping.dialect.skip)
        problems = tuple(problem for problem in problems if (problem.line or 0) > mapping.dialect.skip)
    else:
        text = _table_text(file, mapping)
        rows, problems = tuple(text_rows(file, text, mapping.dialect)), ()
    if not mapping.dialect.header:
        titles = [column.titles[0] for column in mapping.columns if not column.virtual]
        return _Table(titles, 1, rows, problems)
    if not rows or any((problem.line or 0) < rows[0].line for problem in problems):
        message = "the table has no line with the titles of its columns; write them above its rows"
        raise InputError([*problems, Problem(file, 1, message)])
    # Spreadsheets write empty cells at the end of the first line as of any other.
    titles = [cell.strip() for cell in rows[0].cells]
    while titles and not titles[-1]:
        titles.pop()
    return _Table(titles, rows[0].line, rows[1:], problems)


_OFFICE: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How the files of office programs begin: ZIP archives, and the compound files before these."""


def _table_text(file: Path, mapping: _Mapping) -> str:
    """Return the text of a table that is no workbook.

    Raises:
        InputError: it is empty, no text in the encoding of the mapping, or has another delimiter than the mapping says.
    """
    data, dialect = read_bytes(file), mapping.dialect
    if data.startswith(_OFFICE):
        raise InputError.at(file, None, "this is a file of an office program; save its table as CSV or XLSX")
    how = 'write the right one into the mapping, e.g. "dialect": {"encoding": "windows-1252"}'
    text = decoded(file, data, dialect.encoding, how)
    if not text.strip("\ufeff\r\n\t "):
        raise InputError.at(file, None, "the file is empty; save the table in it, the titles of its columns first")
    lines = text.removeprefix("\ufeff").splitlines()
    at = next((at for at, line in enumerate(lines) if at >= dialect.skip and line.strip()), None)
    if not dialect.header or at is None:
        return text
    titles = {title for column in mapping.columns if not column.virtual for title in column.titles}

    def known(delimiter: str) -> int:
        return sum(cell.strip(' "') in titles for cell in lines[at].split(delimiter))

    used = max((dialect.delimiter, ",", ";", "\t", "|"), key=known)
    if used != dialect.delimiter:
        remedy = f'write "dialect": {{"delimiter": {json.dumps(used)}}} into the mapping'
        message = f"the table uses {used!r}, but the mapping's dialect says {dialect.delimiter!r}; {remedy}"
        raise InputError.at(file, at + 1, message)
    return text


def _order(mapper: _TableMapper, table: _Table) -> list[int]:
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


def _notes(mapping: _Mapping, vocabulary: _Vocabulary, graph: str) -> Iterator[Triple]:
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


def _note(name: str, meaning: _Meaning, value: Value, graph: str, language: str | None) -> NamedNode | Literal:
    if not isinstance(value, dict):
        if meaning.in_language and language is None:
            context = f'"@context": ["{_CONTEXT}", {{"@language": "en"}}]'
            raise ValueError(f"the text of {name!r} needs a language; write {context}, or another")
        return meaning.as_literal(None, language if meaning.is_text else None).term(str(value), graph)
    text = {key: str(inner) for key, inner in value.items()}
    if text.keys() == {"@id"}:
        return _iri_of(text["@id"], graph)
    if "@value" not in text or text.keys() - {"@value", "@language", "@type"}:
        raise ValueError("a value is text, or has '@id', or '@value' with '@language' or '@type'")
    datatype = _datatype_of(text["@type"]) if "@type" in text else None
    return meaning.as_literal(datatype, text.get("@language")).term(text["@value"], graph)


def _passage(row: TextRow, graph: str) -> Iterator[Triple]:
    passage = NamedNode(f"{graph}#row-{row.line}")
    yield Triple(NamedNode(graph), NamedNode(namespaces.RJ + "hasPassage"), passage)
    yield Triple(passage, NamedNode(namespaces.OA + "start"), Literal(row.start))
    yield Triple(passage, NamedNode(namespaces.OA + "end"), Literal(row.start + len(row.text)))
    yield Triple(passage, NamedNode(namespaces.RJ + "line"), Literal(row.line))
    digest = hashlib.sha256(row.text.encode()).hexdigest()
    yield Triple(passage, NamedNode(namespaces.SCHEMA + "sha256"), Literal(digest))


def _document(file: Path, graph: str, mapping: _Mapping, notes: Sequence[Triple]) -> Iterator[Triple]:
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
class _ColumnRule:
    """A column that becomes statements: their subject, property and form."""

    column: _Column
    about: str
    meaning: _Meaning


@dataclass(frozen=True)
class _TableMapper:
    """Makes statements from rows, by the mapping and the project's States and issues."""

    path: Path
    graph: str
    columns: tuple[_Column, ...]
    rules: tuple[_ColumnRule, ...]
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

    def _value(self, column: _Column, text: str) -> str:
        """Return the cell's value; for a State's name its code, for an issue's label its id."""
        kind = _datatype_of(column.datatype) if column.datatype else None
        states = self.inventory.states
        if kind == _STATE:
            code = text if text in self.inventory.labels else states.code(text)
            if code is None:  # never guessed, as in `upr_info`
                raise UnplacedError(states.unknown(text))
            return code
        if kind == _ISSUE:
            if slug(text) not in self.inventory.issues:
                unknown = quoted(slug(text))
                raise UnplacedError(f"no issue of this project has the id {unknown}, which {quoted(text)} makes")
            return slug(text)
        return text

    def _triples(self, rule: _ColumnRule, cells: Cells) -> Iterator[Triple]:
        about = _filled(rule.about, cells)
        if about is None:
            empty = next(name for name in _variables(rule.about) if not cells[name])
            raise UnplacedError(f"the cell {empty!r} is empty, and {rule.about!r} is made of it")
        subject, predicate = _iri_of(about, self.graph), terms.NamedNode(rule.meaning.iri)
        for value in self._objects(rule, cells):
            yield Triple(subject, predicate, value)

    def _objects(self, rule: _ColumnRule, cells: Cells) -> Iterator[NamedNode | Literal]:
        column = rule.column
        own = _parts(column, "") if column.virtual else cells[column.name]  # a virtual one has its default alone
        if column.value is None:
            yield from (rule.meaning.term(text, self.graph) for text in own)
            return
        for text in own if column.name in _variables(column.value) else ("",):
            filled = _filled(column.value, cells | {column.name: (text,)})
            # Stricter than CSVW, which fills an empty cell in as an empty text, and so makes a wrong IRI.
            if filled is not None and (column.virtual or own):
                node = _iri_of(filled, self.graph)
                _check_word(rule, node, text or ", ".join(own))
                yield node


def _check_word(rule: _ColumnRule, node: NamedNode, cell: str) -> None:
    """Check a value that a template makes for a property with certain values, such as the answer to a recommendation.

    Raises:
        UnplacedError: it is none of them.
    """
    allowed = () if rule.meaning.words is None else tuple(rule.meaning.words.values())
    if not allowed or node.value in allowed:
        return
    # As they stand in cells: without what the template puts before the cell.
    before = (rule.column.value or "").partition("{")[0]
    choices = ", ".join(namespaces.compact(iri).removeprefix(before) for iri in allowed)
    where, property_ = rule.column.titles[0], namespaces.compact(rule.meaning.iri)
    raise UnplacedError(
        f"the cell {where!r} has {quoted(cell or node.value)}, which is no {property_}; write one of {choices}"
    )


def _parts(column: _Column, text: str) -> tuple[str, ...]:
    """Return the values in a cell, none if it is null."""
    text = column.default if text in column.null or column.virtual else text
    parts = [part.strip() for part in text.split(column.separator)] if column.separator else [text]
    return tuple(part for part in parts if part and part not in column.null)


def _filled(template: str, cells: Cells) -> str | None:
    """Return the expanded URI template (RFC 6570, level 1), or None if a variable has no value."""
    for name in _variables(template):
        if not cells[name]:
            return None
        # `safe` is empty, as RFC 6570 says for level 1: a slash in a cell must not lead into another folder.
        template = template.replace(f"{{{name}}}", quote(",".join(cells[name]), safe=""))
    return template


def _table_mapper(
    mapping: _Mapping, vocabulary: _Vocabulary, path: Path, graph: str, inventory: Inventory
) -> _TableMapper:
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
    return _TableMapper(path, graph, columns, tuple(rules), inventory)


def _rule(column: _Column, vocabulary: _Vocabulary) -> _ColumnRule:
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
    datatype = _datatype_of(column.datatype) if column.datatype else None
    if column.datatype and datatype is None:
        raise ValueError(f"there is no datatype {column.datatype!r}; write one of CSVW's, or prefix:name")
    if datatype not in (_STATE, _ISSUE):
        is_text = datatype == namespaces.XSD + "string" or (datatype is None and meaning.is_text)
        language = column.lang if is_text else None
        meaning = meaning.as_literal(None if language else datatype, language)
    if meaning.in_language and column.value is None:
        raise ValueError(f'the texts of the column {column.name!r} need a language; write "lang": "en", or another')
    return _ColumnRule(column, column.about, meaning)


# Statements as Turtle

_LOCAL: Final = re.compile(r"[A-Za-z]\w*", re.ASCII)


@dataclass(frozen=True)
class _TurtleWriter:
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


@dataclass(frozen=True)
class _Column:
    """The mapping of one column: the property and datatype of its statements, and the cells that are allowed.

    `about`, `value` are URI templates; `datatype` is a name of CSVW's or an IRI, short or long; `line` is the
    column's in the mapping.
    """

    name: str
    line: int
    titles: tuple[str, ...] = ()
    about: str | None = None
    property: str | None = None
    value: str | None = None
    datatype: str | None = None
    lang: str | None = None
    separator: str | None = None
    null: tuple[str, ...] = ("",)
    default: str = ""
    required: bool = False
    virtual: bool = False
    suppressed: bool = False


@dataclass(frozen=True)
class _Mapping:
    """The mapping of a table: the graph to write (a path below the data folder), the sheet, the dialect, the columns.

    `notes` are statements about the table itself: property, value, and line. Their texts are in `language`.
    """

    path: Path
    graph: str
    sheet: str | None
    dialect: Dialect
    columns: tuple[_Column, ...]
    notes: tuple[tuple[str, Value, int], ...]
    language: str | None


def _read_mapping(path: Path) -> _Mapping:
    """Return the mapping in the file at `path`.

    Raises:
        InputError: it cannot be read, or uses something outside the subset; each problem has key and line.
    """
    document = read_yaml(path)  # JSON is YAML, too, and so has lines
    # In two steps, because columns can be read only where the form is right.
    problems = [*_problems(document)]
    if problems:
        raise InputError(problems)
    schema = mapping_of(document.value.get("tableSchema"))
    # "Inherited properties" (Metadata Vocabulary for Tabular Data 5.7): what the schema says holds for its columns.
    inherited = {key: value for key, value in schema.items() if key != "columns"}
    columns = tuple(
        _column(number, document.line(("tableSchema", "columns", number)) or 1, {**inherited, **mapping_of(each)})
        for number, each in enumerate(list_of(schema["columns"]))
    )
    problems = [*_column_problems(path, columns)]
    if problems:
        raise InputError(problems)
    return _Mapping(
        path=path,
        graph=str(document.value["@id"]),
        # As in `url: table.xlsx#Sheet`; CSVW itself knows no sheets.
        sheet=unquote(str(document.value.get("url", "")).partition("#")[2]) or None,
        dialect=_dialect(document),
        columns=columns,
        notes=tuple((key, value, document.line((key,)) or 1) for key, value in document.value.items() if ":" in key),
        language=_language(document.value),
    )


def _variables(template: str) -> tuple[str, ...]:
    """Return the variables of a URI template of level 1 (RFC 6570).

    >>> _variables("#r-{session}-{_row}")
    ('session', '_row')
    """
    return tuple(_VARIABLE.findall(template))


def _problems(document: YamlDocument) -> Iterator[Problem]:
    """Yield the problems with the form of the document."""
    table = document.value
    yield from _wrong_keys(document, (), table, _TABLE_KEYS)
    if not isinstance(table.get("@id"), str):
        message = "'@id' is missing: the graph to fill, as a path below the data folder, e.g. \"@id\": record/my-table"
        yield document.problem(("@id",), message)
    if table.get("@context", _CONTEXT) != _CONTEXT and _language(table) is None:
        message = f"'@context' must be {_CONTEXT!r}, or a list of that and {{'@language': 'en'}} or another language"
        yield document.problem(("@context",), message)
    yield from _wrong_keys(document, ("dialect",), table.get("dialect"), _DIALECT_KEYS)
    yield from _wrong_keys(document, ("tableSchema",), table.get("tableSchema"), _SCHEMA_KEYS)
    columns = list_of(mapping_of(table.get("tableSchema")).get("columns"))
    if not columns:
        yield document.problem(("tableSchema",), "'tableSchema' needs a list of 'columns'")
    for number, column in enumerate(columns):
        place: Place = ("tableSchema", "columns", number)
        yield from _wrong_keys(document, place, column, _COLUMN_KEYS)
        datatype = mapping_of(column).get("datatype")
        if not isinstance(datatype, str):
            yield from _wrong_keys(document, (*place, "datatype"), datatype, _DATATYPE_KEYS)


def _wrong_keys(document: YamlDocument, place: Place, value: Value, keys: Sequence[str]) -> Iterator[Problem]:
    """Yield a problem for each key of the value at `place` that is not one of `keys`, or has a wrong kind of value."""
    if value is None:
        return
    if not isinstance(value, dict):
        yield document.problem(place, f"{place[-1]!r} needs lines such as 'key: value'")
        return
    for key, inner in value.items():
        if not place and ":" in key:
            continue  # a common property, which is said of the table itself
        known = key in keys
        message = _wrong_value(key, inner) if known else f"is not supported here; the keys are {', '.join(keys)}"
        if message:
            yield document.problem((*place, key), f"{'' if known else 'the key '}{key!r} {message}")


def _wrong_value(key: str, value: Value) -> str | None:
    """Return the problem with the type of the value, as the end of a sentence."""
    if key in _FLAGS:
        return None if isinstance(value, bool) else f"is true or false, not {value!r}"
    if key in ("titles", "null"):
        texts = all(isinstance(each, str | int) for each in (value if isinstance(value, list) else [value]))
        return None if texts else "is a text or a list of texts"
    return "is one value, not several" if key not in _NESTED and isinstance(value, dict | list) else None


def _language(table: Mapping[str, Value]) -> str | None:
    """Return the language of common properties (Metadata Vocabulary for Tabular Data 5.2), None where none is given."""
    match table.get("@context"):
        case [context, {"@language": str(language), **rest}] if context == _CONTEXT and not rest:
            return language
        case _:
            return None


def _column(number: int, line: int, keys: Mapping[str, Value]) -> _Column:
    titles = _texts(keys.get("titles"))
    # CSVW percent-encodes other titles to make names of them, which are hard to write in a template.
    named = titles[0] if titles and _NAME.fullmatch(titles[0]) else f"_col.{number + 1}"
    name = _text(keys.get("name")) or named
    datatype = keys.get("datatype")
    if isinstance(datatype, dict):
        datatype = datatype.get("@id") or datatype.get("base")
    return _Column(
        name=name,
        line=line,
        titles=titles or (name,),
        about=_text(keys.get("aboutUrl")),
        property=_text(keys.get("propertyUrl")),
        value=_text(keys.get("valueUrl")),
        datatype=_text(datatype),
        lang=_text(keys.get("lang")),
        separator=_text(keys.get("separator")),
        null=_texts(keys["null"]) if "null" in keys else ("",),
        default=_text(keys.get("default")) or "",
        required=keys.get("required") is True,
        virtual=keys.get("virtual") is True,
        suppressed=keys.get("suppressOutput") is True,
    )


def _text(value: Value) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _texts(value: Value) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)


def _column_problems(path: Path, columns: Sequence[_Column]) -> Iterator[Problem]:
    """Yield a problem for each duplicate column name, and each template variable that is no column."""
    known = (*_ROW_VARIABLES, *(column.name for column in columns if not column.virtual))
    seen: set[str] = set()
    for column in columns:
        if column.name in seen:
            yield Problem(path, column.line, f"two columns are called {column.name!r}; give each a 'name' of its own")
        seen.add(column.name)
        for key, template in (("aboutUrl", column.about or ""), ("valueUrl", column.value or "")):
            rest = _VARIABLE.sub("", template)
            unknown = [name for name in _variables(template) if name not in known]
            if "{" in rest or "}" in rest or unknown:
                what = f"{{{unknown[0]}}}" if unknown else "a brace"
                message = f"{key!r} has {what}, where it takes the names of columns: {', '.join(known)}"
                yield Problem(path, column.line, message)


def _dialect(document: YamlDocument) -> Dialect:
    keys = mapping_of(document.value.get("dialect"))
    skip, delimiter = keys.get("skipRows", 0), _text(keys.get("delimiter", ",")) or ""
    quote = _text(keys.get("quoteChar", '"'))  # None for `quoteChar: null`: no cell is quoted
    encoding = _text(keys.get("encoding", "utf-8")) or ""
    wrong = {
        "delimiter": len(delimiter) != 1 or delimiter in '\r\n"',
        "quoteChar": quote is not None and (len(quote) != 1 or quote in "\r\n" or quote == delimiter),
        "encoding": not is_encoding(encoding),
        "skipRows": not isinstance(skip, int) or isinstance(skip, bool) or skip < 0,
    }
    problems = [
        document.problem(("dialect", key), f"{key!r} cannot be {keys.get(key)!r}") for key, bad in wrong.items() if bad
    ]
    if problems:
        raise InputError(problems)
    return Dialect(
        delimiter=delimiter,
        quote=quote,
        double_quote=keys.get("doubleQuote") is not False,
        encoding=encoding,
        header=keys.get("header") is not False,
        skip=int(str(skip)),
        trim=keys.get("trim") is not False,
    )


_ALIASES: Final = {"number": "double", "datetime": "dateTime", "any": "string"}
"""CSVW's own names of XSD's datatypes (Metadata Vocabulary for Tabular Data 5.11.1)."""


_SHORT: Final = re.compile(r"[A-Z]{3}|(?=.)(?:[a-z0-9][a-z0-9-]*(?:/[a-z0-9][a-z0-9-]*)*)?(?:#[a-z0-9][a-z0-9-]*)?")
"""The names of States, agents, proceedings and entries, as in a dossier."""


@dataclass(frozen=True)
class _Meaning:
    """A property, and the form of its values: a literal of a datatype or language, a link, or one of certain `words`.

    `base` is what links are resolved against, relative to the document; `named` returns the IRI that a short name
    stands for in a document. `in_language` says whether values are texts whose language has to be given, None if nobody
    knows.
    """

    iri: str
    datatype: str | None = None
    language: str | None = None
    link: bool = False
    base: str = ""
    words: Mapping[str, str] | None = None
    named: Callable[[str, str], str] | None = None
    in_language: bool | None = None

    @property
    def is_text(self) -> bool:
        """Return whether a value may be a text with a language."""
        return self.in_language is not False and not self.link

    def as_literal(self, datatype: str | None, language: str | None) -> _Meaning:
        """Return this meaning with the datatype or language that the mapping gives; unchanged if it gives neither."""
        if datatype is None and language is None:
            return self
        # What the mapping says wins over the context, even if that has a link.
        return replace(self, datatype=datatype, language=language, link=False, words=None, in_language=False)

    def term(self, text: str, graph: str) -> NamedNode | Literal:
        """Return `text` as an RDF term, in the document `graph`.

        Raises:
            ValueError: it is none; the message is a sentence.
        """
        if self.words is not None:
            if text not in self.words:
                raise ValueError(f"{quoted(text)} is not one of {', '.join(self.words)}")
            return terms.NamedNode(self.words[text])
        if self.link and self.named and _SHORT.fullmatch(text):
            return _iri_of(self.named(text, graph), graph)
        if self.link:
            return _iri_of(text, graph if self.named else urljoin(graph, self.base))
        if self.language:
            return Literal(text, language=self.language)
        return Literal(text, datatype=NamedNode(self.datatype)) if self.datatype else Literal(text)


@lru_cache(maxsize=4096)  # rows repeat a few IRIs
def _iri_of(text: str, base: str) -> NamedNode:
    """Return the node that `text` names: with a prefix, or as an address resolved against `base`.

    >>> str(_iri_of("rj:Noted", "https://example.org/"))
    '<https://w3id.org/rejoinder/ns#Noted>'
    >>> str(_iri_of("#r-1", "https://example.org/record/t"))
    '<https://example.org/record/t#r-1>'

    Raises:
        ValueError: it makes no IRI; the message is a sentence.
    """
    try:
        return terms.NamedNode(_expanded(text) or urljoin(base, text))
    except ValueError as error:
        reason = "it may hold no blanks, quotes or angle brackets"
        raise ValueError(f"{quoted(text)} makes no web address; {reason}") from error


def _datatype_of(name: str) -> str | None:
    """Return the IRI of the datatype called `name`, None where there is none.

    >>> _datatype_of("number"), _datatype_of("edtf:EDTF"), _datatype_of("whole")
    ('http://www.w3.org/2001/XMLSchema#double', 'http://id.loc.gov/datatypes/edtf/EDTF', None)
    """
    iri = namespaces.XSD + _ALIASES.get(name, name)
    return iri if iri in DATATYPES else _expanded(name)


@dataclass(frozen=True)
class _Vocabulary:
    """The properties that a mapping may use, by key and by IRI."""

    by_key: Mapping[str, _Meaning]
    by_iri: Mapping[str, _Meaning]

    def meaning(self, name: str) -> _Meaning | None:
        """Return the property called `name`: a key of the context, prefix:name, or an IRI.

        A property of the context has the form that the context defines.
        """
        if name in self.by_key:
            return self.by_key[name]
        iri = _expanded(name) or (name if terms.is_iri(name) and name.startswith("http") else None)
        if iri == namespaces.RDF_TYPE:  # the context has it as the keyword @type
            return _Meaning(iri, link=True)
        return self.by_iri.get(iri, _Meaning(iri)) if iri else None


def _read_vocabulary(reader: Reader) -> _Vocabulary:
    """Return the vocabulary of the shipped JSON-LD context; keys that hold whole nodes are links to them.

    The reader of the project's dossiers says which keys hold texts, and what short names stand for.
    """
    terms = json.loads(package_file("ontology/context.jsonld").read_text(encoding="utf-8"))["@context"]
    words = reader.schema.hints.words
    by_key = {
        key: replace(_meaning(definition), in_language=key in words, named=_named(reader, key))
        for key, definition in terms.items()
        if isinstance(definition, dict) and (key in words or definition.get("@container") != "@language")
    }
    # Where several keys have one IRI, the first is the plain one.
    return _Vocabulary(by_key, {meaning.iri: meaning for meaning in reversed(by_key.values())})


def _named(reader: Reader, key: str) -> Callable[[str, str], str] | None:
    kind = reader.schema.hints.names.get(key)
    return (lambda name, graph: reader.names.iri(name, kind, graph)) if kind else None


def _meaning(definition: Mapping[str, object]) -> _Meaning:
    def full(short: object) -> str:
        return _expanded(str(short)) or str(short)

    kind, scoped = (definition.get(key) for key in ("@type", "@context"))
    inner: dict[str, str] = scoped if isinstance(scoped, dict) else {}
    return _Meaning(
        iri=full(definition["@id"]),
        datatype=full(kind) if isinstance(kind, str) and not kind.startswith("@") else None,
        link=kind == "@id" or definition.get("@container") == "@id",
        base=inner.get("@base", ""),
        words={word: full(iri) for word, iri in inner.items()} if kind == "@vocab" else None,
    )


def _expanded(short: str) -> str | None:
    """Return prefix:name in full, None where it has no prefix that is known."""
    prefix, colon, _ = short.partition(":")
    return namespaces.expand(short) if colon and prefix in namespaces.PREFIXES else None
