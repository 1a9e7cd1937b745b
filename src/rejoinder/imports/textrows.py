"""Rows of a CSV file, each with the place where it stands in the text of the file.

Standard: RFC 4180, with the dialect of CSVW (Metadata Vocabulary for Tabular Data 5.9).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rejoinder.errors import InputError


@dataclass(frozen=True)
class Dialect:
    """How a table is written. `skip` lines stand above it; without `header` columns are told by their order."""

    delimiter: str = ","
    quote: str | None = '"'
    double_quote: bool = True
    encoding: str = "utf-8"
    header: bool = True
    skip: int = 0
    trim: bool = True


@dataclass(frozen=True, slots=True)
class TextRow:
    """The cells of one row, and where it stands: its line (for a sheet its number), and the code point it begins at."""

    line: int
    start: int
    text: str
    cells: list[str]


def decoded(path: Path, data: bytes, encoding: str = "utf-8") -> str:
    """The text that `data`, the bytes of the file at `path`, holds; a byte order mark stays.

    Raises:
        InputError: they are not in that encoding; the line is named.
    """
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        name = encoding.upper()
        raise InputError.at(path, line, f"this is not {name}; export it again, or save it as {name}") from error


def text_rows(path: Path, text: str, dialect: Dialect) -> Iterator[TextRow]:
    """The rows of the file that are not blank; the byte order mark counts as a code point, and as no part of a cell.

    Raises:
        InputError: the text is not CSV of that dialect.
    """
    mark = len(text) - len(text.removeprefix("\ufeff"))
    lines = list(io.StringIO(text[mark:], newline=""))
    before, start = dialect.skip, mark + sum(map(len, lines[: dialect.skip]))
    reader = csv.reader(
        lines[dialect.skip :],
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        doublequote=dialect.double_quote,
        escapechar=None if dialect.double_quote else "\\",
        strict=True,
    )
    try:
        for cells in reader:
            at = reader.line_num + dialect.skip
            whole = "".join(lines[before:at])
            if cells:
                yield TextRow(before + 1, start, whole.rstrip("\r\n"), cells)
            before, start = at, start + len(whole)
    except csv.Error as error:
        message = f"from here on this is not CSV ({error}); close the quotation mark, or double one inside a cell"
        raise InputError.at(path, before + 1, message) from error
