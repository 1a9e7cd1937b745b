"""Read mappings: one SSSOM file says which people, organisations or claims are the same, and who judged that.

The file has a head in YAML, each line of it after a '#', and a table with tabs. A row that a reviewer confirmed becomes
a plain statement; every row, also a refusal, becomes a node with its justification, author, reviewer and day.
Standard: SSSOM 1.0, its TSV form and its properties in RDF (https://mapping-commons.github.io/sssom/).
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Final

from rejoinder import namespaces
from rejoinder.config import LANGUAGE_TAG
from rejoinder.dossiers.names import Names
from rejoinder.dossiers.yaml import CONTROL, Lines, Place, YamlDocument, parse_yaml
from rejoinder.errors import InputError, Problem, did_you_mean, line_of, quoted, suggest
from rejoinder.lazily import lazy
from rejoinder.namespaces import SSSOM
from rejoinder.rdf import terms
from rejoinder.rdf.jsonld import Value
from rejoinder.rdf.terms import Literal, NamedNode, Quad, Triple

# Of schema.org, because owl:sameAs would give each of the two all statements of the other.
SAME: Final = namespaces.SCHEMA + "sameAs"
"""Two entries are one person or one organisation."""
SAME_CLAIM: Final = namespaces.RJ + "sameClaim"
NARROWER_CLAIM: Final = namespaces.RJ + "narrowerClaim"
PREDICATES: Final = (SAME, SAME_CLAIM, NARROWER_CLAIM)
_CLAIM_PREDICATES: Final = frozenset({SAME_CLAIM, NARROWER_CLAIM})
_SAME_IN_OWL: Final = namespaces.OWL + "sameAs"

# SSSOM gives its slots these names in RDF, some of them from OWL's annotations of axioms.
MAPPING: Final = SSSOM + "Mapping"
SUBJECT: Final = namespaces.OWL + "annotatedSource"
PREDICATE: Final = namespaces.OWL + "annotatedProperty"
OBJECT: Final = namespaces.OWL + "annotatedTarget"
REVIEWER: Final = SSSOM + "reviewer_id"
MODIFIER: Final = SSSOM + "predicate_modifier"
NEGATED: Final = SSSOM + "NegatedPredicate"
JUDGED: Final = frozenset({SUBJECT, OBJECT, REVIEWER})
"""The properties that say on which two things somebody has judged."""

COLUMNS: Final = (
    "subject_id", "subject_label", "predicate_id", "predicate_modifier", "object_id", "object_label",
    "mapping_justification", "author_id", "reviewer_id", "mapping_date", "review_date", "confidence", "mapping_tool",
    "comment",
)  # fmt: skip
"""The columns that a table may have, in the order in which SSSOM lists them."""
_NEEDED: Final = ("subject_id", "predicate_id", "object_id", "mapping_justification")
_KEYS: Final = (
    "sssom_version", "curie_map", "mapping_set_id", "mapping_set_version", "mapping_set_source", "mapping_set_title",
    "mapping_set_description", "creator_id", "license", "mapping_tool", "mapping_date", "comment", "lang",
)  # fmt: skip
"""The keys that the head may have: those of SSSOM and `lang`, the language of the texts, as in each dossier."""
_FOR_EACH_ROW: Final = ("mapping_tool", "mapping_date")
"""Keys of the head that hold for each row of a table without such a column (SSSOM calls them propagatable)."""

_ONE_IRI: Final = {"license": namespaces.DCTERMS + "license"}
_IRIS: Final = {"mapping_set_source": namespaces.PROV + "wasDerivedFrom", "creator_id": namespaces.DCTERMS + "creator"}
_TEXTS: Final = {
    "mapping_set_title": namespaces.DCTERMS + "title",
    "mapping_set_description": namespaces.DCTERMS + "description",
    "mapping_set_version": namespaces.OWL + "versionInfo",
    "comment": namespaces.RDFS + "comment",
}
"""The properties that SSSOM gives to keys of the head, by the form of their values."""

JUSTIFICATIONS: Final = (
    "BackgroundKnowledgeBasedMatching", "CompositeMatching", "InstanceBasedMatching", "LexicalMatching",
    "LexicalSimilarityThresholdMatching", "LogicalReasoning", "ManualMappingCuration", "MappingChaining",
    "MappingInversion", "MappingReview", "SemanticSimilarityThresholdMatching", "StructuralMatching",
    "UnspecifiedMatching",
)  # fmt: skip
"""The processes of the Semantic Mapping Vocabulary that may justify a mapping."""

_CONFIDENCE: Final = re.compile(r"0(\.[0-9]{1,9})?|1(\.0{1,9})?")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TYPE: Final = NamedNode(namespaces.RDF_TYPE)


@dataclass(frozen=True)
class MappingRow:
    """One row: the line on which it begins, its values as written by column, and its ends and predicate as IRIs."""

    line: int
    values: Mapping[str, str]
    subject: str
    predicate: str
    object: str

    @property
    def negated(self) -> bool:
        """Return whether the row refuses the mapping."""
        return bool(self.values.get("predicate_modifier"))

    @property
    def confirmed(self) -> bool:
        """Return whether a reviewer stands behind the row."""
        return bool(self.values.get("reviewer_id"))

    @property
    def confirmed_by_others(self) -> bool:
        """Return whether a reviewer is not among the authors."""
        reviewers, authors = (set(_several(self.values.get(column, ""))) for column in ("reviewer_id", "author_id"))
        return bool(reviewers - authors)


@dataclass(frozen=True)
class MappingLines:
    """The lines of a mapping file, by the nodes of its rows and by the statements made from them."""

    rows: Mapping[str, int]
    statements: Mapping[tuple[str, str, str], int]

    def find(self, node: str, predicate: str | None = None, value: str | None = None) -> int | None:
        """See `Lines.find`."""
        if (line := self.statements.get((node, predicate or "", value or ""))) is not None:
            return line
        return self.rows.get(node)


@dataclass(frozen=True)
class MappingSet:
    """A mapping file that was read: its rows, their statements, and its lines.

    `unconfirmed` are the nodes of rows that make no statements until a second person confirms them.
    """

    path: Path
    graph: str
    rows: tuple[MappingRow, ...]
    quads: tuple[Quad, ...]
    lines: Lines = field(compare=False)
    unconfirmed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class MappingTable:
    """A mapping file as text: its head, the line and values of each row by column, and the order of the columns."""

    head: YamlDocument
    columns: tuple[str, ...]
    rows: tuple[tuple[int, Mapping[str, str]], ...]


def read_mappings(path: Path, text: str, graph: str, ids: Ids, *, four_eyes: bool = False) -> MappingSet:
    """Return the mappings in the text of the file at `path`, which describes the graph `graph`.

    With `four_eyes`, rows that only their authors confirmed make no statements.

    Raises:
        InputError: the text is no SSSOM, or rows cannot be used; every problem is named with its line.
    """
    table = read_mapping_table(path, text)
    problems = [*_head_problems(table.head, graph, ids)]
    reader = _RowReader(path, table, ids.with_prefixes(prefixes(table.head)))
    rows = tuple(row for line, values in table.rows if (row := reader.row(line, values)))
    problems += reader.problems
    if problems:
        raise InputError(problems)
    waiting = [four_eyes and not row.confirmed_by_others for row in rows]
    published = tuple(row for row, waits in zip(rows, waiting, strict=True) if not waits)
    quads = tuple(
        Quad(triple.subject, triple.predicate, triple.object, NamedNode(graph))
        for triple in (*_set_triples(table.head, graph, reader.ids), *reader.triples(graph, published))
    )
    unconfirmed = frozenset(node_of(graph, row) for row, waits in zip(rows, waiting, strict=True) if waits)
    return MappingSet(path, graph, rows, terms.canonical(quads), _lines(graph, rows), unconfirmed)


def read_mapping_table(path: Path, text: str) -> MappingTable:
    """Return head and rows of a mapping file as written; only their form is checked.

    Raises:
        InputError: the head is not YAML, or the table has a wrong form.
    """
    if found := CONTROL.search(text.replace("\r", "\n")):  # of any line end
        message = f"the character U+{ord(found[0]):04X} is not allowed in text; remove it"
        raise InputError.at(path, line_of(text, found.start()), message)
    lines = list(io.StringIO(text, newline=""))
    length = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
    # Each line of the head stays where it is, so that the lines of YAML are those of the file.
    head = "".join(line[1:] if len(line) > 1 else line for line in lines[:length])
    document = parse_yaml(path, head) if head.strip() else YamlDocument(path, {}, {(): 1})
    rows = [(line + length, cells) for line, cells in _rows(path, lines[length:], length)]
    if not rows:
        wanted = ", ".join(_NEEDED)
        message = f"there is no table; write the names of columns below the head, with tabs between them: {wanted}, …"
        raise InputError.at(path, length + 1, message)
    (first, columns), *others = rows
    problems = [Problem(path, first, message) for message in _column_problems(columns)]
    for line, cells in others:
        if len(cells) > len(columns):
            message = f"the row has {len(cells)} cells, and the table {len(columns)} columns; remove a tab"
            problems.append(Problem(path, line, message))
    if problems:
        raise InputError(problems)
    # Editors of tables leave out empty cells at the end of a row.
    return MappingTable(
        document, tuple(columns), tuple((n, dict(zip(columns, cells, strict=False))) for n, cells in others)
    )


def _rows(path: Path, lines: list[str], before: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each row that is not empty, with the line on which it begins, from 1."""
    reader = csv.reader(lines, delimiter="\t", strict=True)
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begins, [cell.strip() for cell in cells]
            begins = reader.line_num + 1  # not one more: a cell may hold line ends
    except csv.Error as error:
        message = f"this is not a table with tabs: {error}; look for a quotation mark that is not closed"
        raise InputError.at(path, before + begins, message) from error


def _column_problems(columns: list[str]) -> Iterator[str]:
    for column in dict.fromkeys(columns):
        if column not in COLUMNS:
            hint = did_you_mean(suggest(column, COLUMNS), f"the columns are {', '.join(COLUMNS)}")
            yield f"the column {quoted(column)} is unknown; {hint}"
        elif columns.count(column) > 1:
            yield f"the column {column!r} is here twice; remove one of them"
    missing = [column for column in _NEEDED if column not in columns]
    if missing:
        yield f"the column {missing[0]!r} is missing; add it, with a tab before it"


@dataclass(frozen=True)
class Ids:
    """What the ids of a mapping file stand for: CURIEs, short names, paths and IRIs.

    `names` are the short names of the project, `prefixes` the beginnings of IRIs that CURIEs stand for. `reports` are
    the names of the files in `data/report`, which are prefixes, too.
    """

    names: Names
    prefixes: Mapping[str, str]
    reports: frozenset[str] = frozenset()

    def with_prefixes(self, more: Mapping[str, str]) -> Ids:
        """Return these ids with more prefixes, which replace prefixes of the same name."""
        return replace(self, prefixes={**self.prefixes, **more})

    def iri(self, written: str) -> str:
        """Return the IRI that an id stands for.

        Raises:
            ValueError: it stands for nothing; the message is a sentence.
        """
        iri = self._iri(written)
        if not terms.is_iri(iri):
            raise ValueError(f"{quoted(written)} has a character that no IRI has; write a CURIE such as person:NAME")
        return iri

    def _iri(self, written: str) -> str:
        if "://" in written:
            return written
        prefix, colon, local = written.partition(":")
        if colon:
            return self._expanded(written, prefix, local)
        if written.startswith("#"):
            raise ValueError(f"{quoted(written)} names an entry of this file, which has none; write REPORT{written}")
        if found := self.names.known_iri(written, "agents"):
            return found
        advice = "write person:NAME, organisation:NAME, or REPORT:ENTRY"
        hint = did_you_mean(suggest(written, self.names.agents), advice)
        raise ValueError(f"no person or organisation is called {quoted(written)}; {hint}")

    def _expanded(self, written: str, prefix: str, local: str) -> str:
        if prefix in self.prefixes:
            return self.prefixes[prefix] + local
        # A prefix of the file or the project comes first, so that a new report changes no row.
        if prefix in self.reports:
            return f"{self.names.base}report/{prefix}#{local.removeprefix('#')}"
        hint = did_you_mean(suggest(prefix, [*self.prefixes, *self.reports]), "write it into curie_map")
        raise ValueError(f"the prefix of {quoted(written)} is unknown; {hint}")

    @lazy
    def own(self) -> dict[str, str]:
        """Return the prefixes below the project's base, whose meaning no file may change."""
        return {prefix: iri for prefix, iri in self.prefixes.items() if iri.startswith(self.names.base)}

    def kind(self, iri: str) -> str:
        """Return what an IRI names: a kind such as 'person', 'claim' for an entry of a document, '' elsewhere."""
        if not iri.startswith(self.names.base):
            return ""
        return "claim" if "#" in iri else iri.removeprefix(self.names.base).partition("/")[0]


def prefixes(head: YamlDocument) -> dict[str, str]:
    """Return the prefixes that the head of a mapping file declares."""
    declared = head.value.get("curie_map")
    return {name: str(iri) for name, iri in declared.items()} if isinstance(declared, dict) else {}


def _head_problems(head: YamlDocument, graph: str, ids: Ids) -> Iterator[Problem]:
    for place, message in (
        *_key_problems(head.value),
        *_prefix_problems(prefixes(head), ids),
        *_value_problems(head.value, graph, ids.with_prefixes(prefixes(head))),
    ):
        yield head.problem(place, message)


def _key_problems(head: Mapping[str, Value]) -> Iterator[tuple[Place, str]]:
    for key, value in head.items():
        if key not in _KEYS:
            hint = did_you_mean(suggest(key, _KEYS), f"the keys are {', '.join(_KEYS)}")
            yield (key,), f"the key {quoted(key)} is unknown; {hint}"
        elif key == "curie_map":
            if not isinstance(value, dict):
                yield (key,), "curie_map needs lines such as 'orcid: https://orcid.org/'"
        elif isinstance(value, dict) or (isinstance(value, list) and key not in _IRIS):
            yield (key,), f"{key} is not a single value; write one"


def _prefix_problems(declared: Mapping[str, str], ids: Ids) -> Iterator[tuple[Place, str]]:
    for prefix, iri in declared.items():
        if not terms.is_iri(iri):
            yield ("curie_map", prefix), f"the prefix {prefix!r} stands for {quoted(iri)}; write an IRI"
        elif ids.own.get(prefix, iri) != iri:
            message = f"the prefix {prefix!r} stands for {ids.own[prefix]} in this project; write that, or leave it out"
            yield ("curie_map", prefix), message


def _value_problems(head: Mapping[str, Value], graph: str, ids: Ids) -> Iterator[tuple[Place, str]]:
    if (named := head.get("mapping_set_id")) not in (None, graph):
        message = f"mapping_set_id is {quoted(str(named))}, and this file is {graph}; write that, or leave it out"
        yield ("mapping_set_id",), f"{message} (mapping_set_source names a set that this one was made from)"
    for key in (*_ONE_IRI, *_IRIS):
        for written in _listed(head.get(key)):
            try:
                ids.iri(written)
            except ValueError as error:
                yield (key,), f"{key}: {error}"
    if not LANGUAGE_TAG.fullmatch(tag := str(head.get("lang", "en"))):
        yield ("lang",), f"lang is {quoted(tag)}; write the tag of a language, such as en"
    if (day := head.get("mapping_date")) is not None and not _is_day(str(day)):
        yield ("mapping_date",), f"mapping_date is {quoted(str(day))}; write a day such as 2026-11-29"


def _listed(value: object) -> list[str]:
    """Return the values of a key that may have none, one or several."""
    if value is None or isinstance(value, dict):
        return []
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False


@dataclass
class _RowReader:
    """Reads the rows of a table one after another, and collects their problems."""

    path: Path
    table: MappingTable
    ids: Ids
    problems: list[Problem] = field(default_factory=list)
    _first: dict[tuple[str, frozenset[str] | tuple[str, str], bool], int] = field(default_factory=dict)

    def row(self, line: int, written: Mapping[str, str]) -> MappingRow | None:
        """Return the row, or None if it cannot be used."""
        head = self.table.head.value
        shared = {key: str(head[key]) for key in _FOR_EACH_ROW if head.get(key) and key not in self.table.columns}
        values = {key: value for key, value in {**shared, **written}.items() if value}
        wrong = [*self._missing(values), *self._misfits(values)]
        ends: dict[str, str] = {}
        for column in ("subject_id", "predicate_id", "object_id"):
            try:
                if column in values:
                    ends[column] = self._end(column, values[column])
            except ValueError as error:
                wrong.append(f"{column}: {error}")
        row = None
        if len(ends) == 3:
            row = MappingRow(line, values, ends["subject_id"], ends["predicate_id"], ends["object_id"])
            wrong += [*self._kind_problems(row), *self._repeated(row)]
        self.problems += [Problem(self.path, line, message) for message in wrong]
        return None if wrong else row

    def _end(self, column: str, written: str) -> str:
        iri = self.ids.iri(written)
        if column == "predicate_id" and iri == _SAME_IN_OWL:
            raise ValueError(
                "owl:sameAs would make a program say of the one all that is said of the other, and nobody could tell "
                "the two apart again; write schema:sameAs"
            )
        if column == "predicate_id" and iri.startswith(namespaces.SKOS):
            raise ValueError(
                f"{quoted(written)} maps concepts, and people and organisations are none; write schema:sameAs"
            )
        if column == "predicate_id" and iri not in PREDICATES:
            *others, last = map(namespaces.compact, PREDICATES)
            known = f"{', '.join(others)} or {last}"
            raise ValueError(f"{quoted(written)} is not a predicate of mappings; write {known}")
        return iri

    @staticmethod
    def _missing(values: Mapping[str, str]) -> Iterator[str]:
        for column, advice in (
            ("subject_id", "write the person, organisation or claim that is mapped"),
            ("predicate_id", "write for example schema:sameAs"),
            ("object_id", "write what the subject is mapped to"),
            ("mapping_justification", "write for example semapv:ManualMappingCuration"),
            ("mapping_date", "write the day of the judgement, for example 2026-11-29"),
        ):
            if column not in values:
                yield f"{column} is missing; {advice}"
        if not values.get("author_id") and not values.get("mapping_tool"):
            yield "nobody answers for this row; write author_id, or mapping_tool if a program proposed it"

    def _misfits(self, values: Mapping[str, str]) -> Iterator[str]:
        modifier = values.get("predicate_modifier", "Not")
        if modifier != "Not":
            yield f"predicate_modifier is {quoted(modifier)}; write Not if the row refuses, or leave it empty"
        confidence = values.get("confidence", "1")
        if not _CONFIDENCE.fullmatch(confidence):
            yield f"confidence is {quoted(confidence)}; write a number from 0 to 1, such as 0.95"
        for column in ("mapping_date", "review_date"):
            if column in values and not _is_day(values[column]):
                yield f"{column} is {quoted(values[column])}; write a day such as 2026-11-29"
        if "review_date" in values and "reviewer_id" not in values:
            yield "review_date says when, and nothing says who; write reviewer_id"
        yield from self._unjustified(values.get("mapping_justification"))
        for column in ("author_id", "reviewer_id"):
            for each in _several(values.get(column, "")):
                try:
                    self.ids.iri(each)
                except ValueError as error:
                    yield f"{column}: {error}"

    def _unjustified(self, written: str | None) -> Iterator[str]:
        if written is None:
            return
        try:
            name = self.ids.iri(written).removeprefix(namespaces.SEMAPV)
        except ValueError as error:
            yield f"mapping_justification: {error}"
            return
        if name not in JUSTIFICATIONS:
            near = suggest(name, JUSTIFICATIONS) or ["ManualMappingCuration"]
            yield f"{quoted(written)} is not a justification of mappings; write for example semapv:{near[0]}"

    def _kind_problems(self, row: MappingRow) -> Iterator[str]:
        subject, other = self.ids.kind(row.subject), self.ids.kind(row.object)
        predicate = namespaces.compact(row.predicate)
        if row.subject == row.object:
            yield f"the row maps {quoted(row.values['subject_id'])} to itself; remove it"
        elif row.predicate in _CLAIM_PREDICATES:
            for column, kind in (("subject_id", subject), ("object_id", other)):
                if kind != "claim":
                    what = quoted(row.values[column])
                    yield f"{predicate} maps claims, and {what} is none; write REPORT:CLAIM"
        elif subject not in ("person", "organisation"):
            what = quoted(row.values["subject_id"])
            yield f"{predicate} maps people or organisations of this project, and {what} is neither"
        elif other not in ("", subject):
            yield f"{predicate} maps {subject} to {subject}, and {quoted(row.values['object_id'])} is none"

    def _repeated(self, row: MappingRow) -> Iterator[str]:
        # All predicates but this one say the same in both directions.
        directed = row.predicate == NARROWER_CLAIM
        ends = (row.subject, row.object) if directed else frozenset({row.subject, row.object})
        first = self._first.setdefault((row.predicate, ends, row.negated), row.line)
        if first != row.line:
            yield f"the row says the same as line {first}; keep one of them (several people: author_id a|b)"

    def triples(self, graph: str, rows: tuple[MappingRow, ...]) -> Iterator[Triple]:
        """Yield the statements of the rows: the plain one of each that is confirmed, and those of its node."""
        for row in rows:
            if row.confirmed and not row.negated:
                yield Triple(NamedNode(row.subject), NamedNode(row.predicate), NamedNode(row.object))
            node = NamedNode(node_of(graph, row))
            yield Triple(NamedNode(graph), NamedNode(SSSOM + "mappings"), node)
            for predicate, value in self._properties(row):
                yield Triple(node, NamedNode(predicate), value)

    def _properties(self, row: MappingRow) -> Iterator[tuple[str, NamedNode | Literal]]:
        values = row.values
        # SSSOM's own RDF says owl:Axiom here, which programs for OWL read as the statement itself, also of a refusal.
        yield namespaces.RDF_TYPE, NamedNode(MAPPING)
        yield SUBJECT, NamedNode(row.subject)
        yield PREDICATE, NamedNode(row.predicate)
        yield OBJECT, NamedNode(row.object)
        if row.negated:
            yield MODIFIER, NamedNode(NEGATED)
        yield SSSOM + "mapping_justification", NamedNode(self.ids.iri(values["mapping_justification"]))
        for column, predicate in (("author_id", namespaces.PAV + "authoredBy"), ("reviewer_id", REVIEWER)):
            for each in _several(values.get(column, "")):
                yield predicate, NamedNode(self.ids.iri(each))
        for column, predicate, datatype in (
            ("mapping_date", namespaces.DCTERMS + "created", "date"),
            ("review_date", SSSOM + "review_date", "date"),
            ("confidence", SSSOM + "confidence", "double"),
            ("mapping_tool", SSSOM + "mapping_tool", "string"),
        ):
            if column in values:
                yield predicate, Literal(values[column], datatype=NamedNode(namespaces.XSD + datatype))
        if "comment" in values:
            yield namespaces.RDFS + "comment", _text(values["comment"], self.table.head)


def node_of(graph: str, row: MappingRow) -> str:
    """Return the IRI of a row's node. It depends on nothing but the row, so it stays when other rows come or go."""
    # Published IRIs end in these digits, so neither the digest nor its input may ever change.
    said = " ".join((row.subject, row.predicate, row.object, "Not" if row.negated else ""))
    return f"{graph}#mapping-{hashlib.sha256(said.encode()).hexdigest()[:12]}"


def _set_triples(head: YamlDocument, graph: str, ids: Ids) -> Iterator[Triple]:
    node = NamedNode(graph)
    yield Triple(node, _TYPE, NamedNode(SSSOM + "MappingSet"))
    for key, predicate in (_ONE_IRI | _IRIS).items():
        for written in _listed(head.value.get(key)):
            yield Triple(node, NamedNode(predicate), NamedNode(ids.iri(written)))
    for key, predicate in _TEXTS.items():
        for written in _listed(head.value.get(key)):
            text = Literal(written) if key == "mapping_set_version" else _text(written, head)
            yield Triple(node, NamedNode(predicate), text)


def _text(written: str, head: YamlDocument) -> Literal:
    """Return a text in the language that the head names, if it names one."""
    tag = head.value.get("lang")
    return Literal(written, language=str(tag)) if tag else Literal(written)


def _lines(graph: str, rows: tuple[MappingRow, ...]) -> MappingLines:
    nodes = {graph: 1} | {node_of(graph, row): row.line for row in rows}
    statements = {(row.subject, row.predicate, row.object): row.line for row in rows}
    # A problem with an end of a row is told at the first row that has it.
    for row in rows:
        for end in (row.subject, row.object):
            nodes.setdefault(end, row.line)
    return MappingLines(nodes, statements)


def _several(written: str) -> list[str]:
    """Return the ids in a cell that may have several, with '|' between them."""
    return [each.strip() for each in written.split("|") if each.strip()]


def rows_about(quads: Iterable[Quad], nodes: AbstractSet[str]) -> frozenset[str]:
    """Return the nodes of the rows that map one of `nodes`."""
    return frozenset(
        terms.text(quad.subject)
        for quad in quads
        if quad.predicate.value in (SUBJECT, OBJECT) and terms.text(quad.object) in nodes
    )
