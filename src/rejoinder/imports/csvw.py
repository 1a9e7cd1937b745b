"""Mappings of tables, read: a subset of CSVW's metadata, as JSON or YAML, with the lines where things stand.

Standard: Metadata Vocabulary for Tabular Data (W3C, 2015). What the subset lacks is refused, never passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from rejoinder.dossiers.sourcelines import Document, Place, Value, read_yaml
from rejoinder.errors import InputError, Problem
from rejoinder.imports.charsets import is_encoding
from rejoinder.imports.textrows import Dialect

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
_NESTED: Final = ("titles", "null", "columns", "tableSchema", "dialect", "datatype")
_VARIABLE: Final = re.compile(r"\{([^{}]*)\}")
_NAME: Final = re.compile(r"[A-Za-z0-9]\w*", re.ASCII)


@dataclass(frozen=True)
class Column:
    """What becomes of one column: the term and form of its statements, and what its cells may be.

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
    """A mapping: the graph that it fills (a path below the data folder), the sheet, the dialect, the columns.

    `notes` is what is said of the table itself: a term, a value, and the line of it.
    """

    path: Path
    graph: str
    sheet: str | None
    dialect: Dialect
    columns: tuple[Column, ...]
    notes: tuple[tuple[str, Value, int], ...]


def read_mapping(path: Path) -> TableMapping:
    """The mapping in the file at `path`.

    Raises:
        InputError: it cannot be read, or has what the subset has not; each problem is named with key and line.
    """
    document = read_yaml(path)
    problems = [*_problems(document)]
    if problems:
        raise InputError(problems)
    schema = _mapping(document.value.get("tableSchema"))
    columns = tuple(_columns(document, schema))
    problems = [*_variable_problems(path, columns), *_name_problems(path, columns)]
    if problems:
        raise InputError(problems)
    return TableMapping(
        path=path,
        graph=str(document.value["@id"]),
        sheet=unquote(str(document.value.get("url", "")).partition("#")[2]) or None,
        dialect=_dialect(document),
        columns=columns,
        notes=tuple((key, value, document.line((key,)) or 1) for key, value in document.value.items() if ":" in key),
    )


def variables(template: str) -> tuple[str, ...]:
    """The variables of a URI template of level 1 (RFC 6570).

    >>> variables("#r-{session}-{_row}")
    ('session', '_row')
    """
    return tuple(_VARIABLE.findall(template))


def _problems(document: Document) -> Iterator[Problem]:
    """What is wrong with the form of the document."""
    yield from _unknown(document, (), TABLE_KEYS, prefixed=True)
    if not isinstance(document.value.get("@id"), str):
        message = "'@id' is missing: the graph to fill, as a path below the data folder, e.g. \"@id\": record/my-table"
        yield Problem(document.path, document.line(("@id",)), message)
    if document.value.get("@context", CONTEXT) != CONTEXT:
        yield Problem(document.path, document.line(("@context",)), f"'@context' must be {CONTEXT!r}")
    yield from _unknown(document, ("dialect",), DIALECT_KEYS)
    yield from _unknown(document, ("tableSchema",), SCHEMA_KEYS)
    columns = _mapping(document.value.get("tableSchema")).get("columns")
    if not isinstance(columns, list) or not columns:
        yield Problem(document.path, document.line(("tableSchema",)), "'tableSchema' needs a list of 'columns'")
        return
    for number in range(len(columns)):
        place: Place = ("tableSchema", "columns", number)
        yield from _unknown(document, place, COLUMN_KEYS)
        yield from _unknown(document, (*place, "datatype"), DATATYPE_KEYS, or_text=True)


def _unknown(
    document: Document, place: Place, keys: Iterable[str], *, prefixed: bool = False, or_text: bool = False
) -> Iterator[Problem]:
    """A problem for each key at `place` that is not one of `keys`, and for each value of a wrong kind."""
    value, known = _at(document.value, place), tuple(keys)
    if value is None or (or_text and isinstance(value, str)):
        return
    if not isinstance(value, dict):
        yield Problem(document.path, document.line(place), f"{place[-1]!r} needs lines such as 'key: value'")
        return
    for key, inner in value.items():
        line = document.line((*place, key))
        if key not in known and not (prefixed and ":" in key):
            message = f"the key {key!r} is not supported here; the keys are {', '.join(known)}"
            yield Problem(document.path, line, message)
        elif key in _FLAGS and not isinstance(inner, bool):
            yield Problem(document.path, line, f"{key!r} is true or false, not {inner!r}")
        elif key in ("titles", "null") and not _is_texts(inner):
            yield Problem(document.path, line, f"{key!r} is a text or a list of texts")
        elif key in known and key not in _NESTED and isinstance(inner, dict | list):
            yield Problem(document.path, line, f"{key!r} is one value, not several")


def _is_texts(value: Value) -> bool:
    return all(isinstance(each, str | int) for each in (value if isinstance(value, list) else [value]))


def _at(value: Value, place: Place) -> Value:
    for step in place:
        if isinstance(value, dict):
            value = value.get(str(step))
        elif isinstance(value, list) and isinstance(step, int):
            value = value[step]
        else:
            return None
    return value


def _mapping(value: Value) -> dict[str, Value]:
    return value if isinstance(value, dict) else {}


def _columns(document: Document, schema: Mapping[str, Value]) -> Iterator[Column]:
    columns = schema["columns"]
    for number, each in enumerate(columns if isinstance(columns, list) else ()):
        line = document.line(("tableSchema", "columns", number)) or 1
        inherited = {key: value for key, value in schema.items() if key != "columns"}
        yield _column(number + 1, line, {**inherited, **_mapping(each)})


def _column(number: int, line: int, keys: Mapping[str, Value]) -> Column:
    titles = _texts(keys.get("titles"))
    name = _text(keys.get("name")) or (titles[0] if titles and _NAME.fullmatch(titles[0]) else f"_col.{number}")
    datatype = keys.get("datatype")
    named = _mapping(datatype)
    return Column(
        name=name,
        line=line,
        titles=titles or (name,),
        about=_text(keys.get("aboutUrl")),
        property=_text(keys.get("propertyUrl")),
        value=_text(keys.get("valueUrl")),
        datatype=_text(named.get("@id") or named.get("base")) if named else _text(datatype),
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


def _variable_problems(path: Path, columns: Iterable[Column]) -> Iterator[Problem]:
    known = (*ROW_VARIABLES, *(column.name for column in columns if not column.virtual))
    for column in columns:
        for key, template in (("aboutUrl", column.about), ("valueUrl", column.value)):
            rest = _VARIABLE.sub("", template or "")
            unknown = [name for name in variables(template or "") if name not in known]
            if "{" in rest or "}" in rest or unknown:
                what = f"{{{unknown[0]}}}" if unknown else "a brace"
                message = f"{key!r} has {what}, where it takes the names of columns: {', '.join(known)}"
                yield Problem(path, column.line, message)


def _name_problems(path: Path, columns: Iterable[Column]) -> Iterator[Problem]:
    seen: set[str] = set()
    for column in columns:
        if column.name in seen:
            yield Problem(path, column.line, f"two columns are called {column.name!r}; give each a 'name' of its own")
        seen.add(column.name)


def _dialect(document: Document) -> Dialect:
    keys = _mapping(document.value.get("dialect"))
    skip, delimiter = keys.get("skipRows", 0), _text(keys.get("delimiter", ",")) or ""
    quote = _text(keys.get("quoteChar", '"'))
    encoding = _text(keys.get("encoding", "utf-8")) or ""
    wrong = {
        "delimiter": len(delimiter) != 1 or delimiter in '\r\n"',
        "quoteChar": quote is not None and (len(quote) != 1 or quote in "\r\n" or quote == delimiter),
        "encoding": not is_encoding(encoding),
        "skipRows": not isinstance(skip, int) or isinstance(skip, bool) or skip < 0,
    }
    problems = [
        Problem(document.path, document.line(("dialect", key)), f"{key!r} cannot be {keys.get(key)!r}")
        for key, bad in wrong.items()
        if bad
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
