"""Read the mapping of a table: a subset of CSVW metadata in JSON or YAML, with line numbers for messages.

Standard: Metadata Vocabulary for Tabular Data (W3C, 2015). Anything outside the subset is refused, never ignored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urljoin

from rejoinder import namespaces
from rejoinder.disk import package_file
from rejoinder.dossiers.reader import DATATYPES, Reader
from rejoinder.dossiers.yaml import Place, YamlDocument, list_of, mapping_of, read_yaml
from rejoinder.errors import InputError, Problem, quoted
from rejoinder.importers.rows import Dialect, is_encoding
from rejoinder.rdf import terms as rdf_terms
from rejoinder.rdf.jsonld import Value
from rejoinder.rdf.terms import Literal, NamedNode

CONTEXT: Final = "http://www.w3.org/ns/csvw"
TABLE_KEYS: Final = ("@context", "@id", "@type", "url", "dialect", "tableSchema")
SCHEMA_KEYS: Final = ("columns", "aboutUrl", "lang", "null")
COLUMN_KEYS: Final = (
    "name", "titles", "aboutUrl", "propertyUrl", "valueUrl", "datatype", "lang", "separator", "required", "null",
    "default", "virtual", "suppressOutput",
)  # fmt: skip
DIALECT_KEYS: Final = ("delimiter", "quoteChar", "doubleQuote", "encoding", "header", "skipRows", "trim")
DATATYPE_KEYS: Final = ("@id", "base")
ROW_VARIABLES: Final = ("_row", "_sourceRow")
"""The number of a row, from 1, and the line that it begins on (Tabular Data and Metadata on the Web 6.4.3)."""

_FLAGS: Final = ("required", "virtual", "suppressOutput", "doubleQuote", "header", "trim")
_NESTED: Final = ("@context", "titles", "null", "columns", "tableSchema", "dialect", "datatype")
_VARIABLE: Final = re.compile(r"\{([^{}]*)\}")
_NAME: Final = re.compile(r"[A-Za-z0-9]\w*", re.ASCII)


@dataclass(frozen=True)
class TableColumn:
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
class TableMapping:
    """The mapping of a table: the graph to write (a path below the data folder), the sheet, the dialect, the columns.

    `notes` are statements about the table itself: property, value, and line. Their texts are in `language`.
    """

    path: Path
    graph: str
    sheet: str | None
    dialect: Dialect
    columns: tuple[TableColumn, ...]
    notes: tuple[tuple[str, Value, int], ...]
    language: str | None


def read_mapping(path: Path) -> TableMapping:
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
    return TableMapping(
        path=path,
        graph=str(document.value["@id"]),
        # As in `url: table.xlsx#Sheet`; CSVW itself knows no sheets.
        sheet=unquote(str(document.value.get("url", "")).partition("#")[2]) or None,
        dialect=_dialect(document),
        columns=columns,
        notes=tuple((key, value, document.line((key,)) or 1) for key, value in document.value.items() if ":" in key),
        language=_language(document.value),
    )


def variables(template: str) -> tuple[str, ...]:
    """Return the variables of a URI template of level 1 (RFC 6570).

    >>> variables("#r-{session}-{_row}")
    ('session', '_row')
    """
    return tuple(_VARIABLE.findall(template))


def _problems(document: YamlDocument) -> Iterator[Problem]:
    """Yield the problems with the form of the document."""
    table = document.value
    yield from _wrong_keys(document, (), table, TABLE_KEYS)
    if not isinstance(table.get("@id"), str):
        message = "'@id' is missing: the graph to fill, as a path below the data folder, e.g. \"@id\": record/my-table"
        yield document.problem(("@id",), message)
    if table.get("@context", CONTEXT) != CONTEXT and _language(table) is None:
        message = f"'@context' must be {CONTEXT!r}, or a list of that and {{'@language': 'en'}} or another language"
        yield document.problem(("@context",), message)
    yield from _wrong_keys(document, ("dialect",), table.get("dialect"), DIALECT_KEYS)
    yield from _wrong_keys(document, ("tableSchema",), table.get("tableSchema"), SCHEMA_KEYS)
    columns = list_of(mapping_of(table.get("tableSchema")).get("columns"))
    if not columns:
        yield document.problem(("tableSchema",), "'tableSchema' needs a list of 'columns'")
    for number, column in enumerate(columns):
        place: Place = ("tableSchema", "columns", number)
        yield from _wrong_keys(document, place, column, COLUMN_KEYS)
        datatype = mapping_of(column).get("datatype")
        if not isinstance(datatype, str):
            yield from _wrong_keys(document, (*place, "datatype"), datatype, DATATYPE_KEYS)


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
        case [context, {"@language": str(language), **rest}] if context == CONTEXT and not rest:
            return language
        case _:
            return None


def _column(number: int, line: int, keys: Mapping[str, Value]) -> TableColumn:
    titles = _texts(keys.get("titles"))
    # CSVW percent-encodes other titles to make names of them, which are hard to write in a template.
    named = titles[0] if titles and _NAME.fullmatch(titles[0]) else f"_col.{number + 1}"
    name = _text(keys.get("name")) or named
    datatype = keys.get("datatype")
    if isinstance(datatype, dict):
        datatype = datatype.get("@id") or datatype.get("base")
    return TableColumn(
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


def _column_problems(path: Path, columns: Sequence[TableColumn]) -> Iterator[Problem]:
    """Yield a problem for each duplicate column name, and each template variable that is no column."""
    known = (*ROW_VARIABLES, *(column.name for column in columns if not column.virtual))
    seen: set[str] = set()
    for column in columns:
        if column.name in seen:
            yield Problem(path, column.line, f"two columns are called {column.name!r}; give each a 'name' of its own")
        seen.add(column.name)
        for key, template in (("aboutUrl", column.about or ""), ("valueUrl", column.value or "")):
            rest = _VARIABLE.sub("", template)
            unknown = [name for name in variables(template) if name not in known]
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
class Meaning:
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

    def as_literal(self, datatype: str | None, language: str | None) -> Meaning:
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
            return rdf_terms.NamedNode(self.words[text])
        if self.link and self.named and _SHORT.fullmatch(text):
            return iri_of(self.named(text, graph), graph)
        if self.link:
            return iri_of(text, graph if self.named else urljoin(graph, self.base))
        if self.language:
            return Literal(text, language=self.language)
        return Literal(text, datatype=NamedNode(self.datatype)) if self.datatype else Literal(text)


@lru_cache(maxsize=4096)  # rows repeat a few IRIs
def iri_of(text: str, base: str) -> NamedNode:
    """Return the node that `text` names: with a prefix, or as an address resolved against `base`.

    >>> str(iri_of("rj:Noted", "https://example.org/"))
    '<https://w3id.org/rejoinder/ns#Noted>'
    >>> str(iri_of("#r-1", "https://example.org/record/t"))
    '<https://example.org/record/t#r-1>'

    Raises:
        ValueError: it makes no IRI; the message is a sentence.
    """
    try:
        return rdf_terms.NamedNode(_expanded(text) or urljoin(base, text))
    except ValueError as error:
        reason = "it may hold no blanks, quotes or angle brackets"
        raise ValueError(f"{quoted(text)} makes no web address; {reason}") from error


def datatype_of(name: str) -> str | None:
    """Return the IRI of the datatype called `name`, None where there is none.

    >>> datatype_of("number"), datatype_of("edtf:EDTF"), datatype_of("whole")
    ('http://www.w3.org/2001/XMLSchema#double', 'http://id.loc.gov/datatypes/edtf/EDTF', None)
    """
    iri = namespaces.XSD + _ALIASES.get(name, name)
    return iri if iri in DATATYPES else _expanded(name)


@dataclass(frozen=True)
class Vocabulary:
    """The properties that a mapping may use, by key and by IRI."""

    by_key: Mapping[str, Meaning]
    by_iri: Mapping[str, Meaning]

    def meaning(self, name: str) -> Meaning | None:
        """Return the property called `name`: a key of the context, prefix:name, or an IRI.

        A property of the context has the form that the context defines.
        """
        if name in self.by_key:
            return self.by_key[name]
        iri = _expanded(name) or (name if rdf_terms.is_iri(name) and name.startswith("http") else None)
        if iri == namespaces.RDF_TYPE:  # the context has it as the keyword @type
            return Meaning(iri, link=True)
        return self.by_iri.get(iri, Meaning(iri)) if iri else None


def read_vocabulary(reader: Reader) -> Vocabulary:
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
    return Vocabulary(by_key, {meaning.iri: meaning for meaning in reversed(by_key.values())})


def _named(reader: Reader, key: str) -> Callable[[str, str], str] | None:
    kind = reader.schema.hints.names.get(key)
    return (lambda name, graph: reader.names.iri(name, kind, graph)) if kind else None


def _meaning(definition: Mapping[str, object]) -> Meaning:
    def full(short: object) -> str:
        return _expanded(str(short)) or str(short)

    kind, scoped = (definition.get(key) for key in ("@type", "@context"))
    inner: dict[str, str] = scoped if isinstance(scoped, dict) else {}
    return Meaning(
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
