"""Read the rows of a CSV file, each with its line and character positions.

Standard: RFC 4180, with the dialect of CSVW (Metadata Vocabulary for Tabular Data 5.9).
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from rejoinder.errors import InputError


class UnplacedError(ValueError):
    """A row that cannot be imported; the message says why."""


@dataclass(frozen=True)
class Dialect:
    """The dialect of a table. `skip` lines stand above it; without `header`, columns are known by their order."""

    delimiter: str = ","
    quote: str | None = '"'
    double_quote: bool = True
    encoding: str = "utf-8"
    header: bool = True
    skip: int = 0
    trim: bool = True


@dataclass(frozen=True, slots=True)
class TextRow:
    """The cells of one row, its line (in a sheet, its number), and the code point at which it begins."""

    line: int
    start: int
    text: str
    cells: list[str]


def filled_up(row: TextRow, width: int, columns: str) -> list[str]:
    """Return the cells of a row, with empty ones for those that programs leave out at its end.

    Raises:
        UnplacedError: it has more than `width` cells; `columns` says with that number how many there are.
    """
    if any(cell.strip() for cell in row.cells[width:]):
        raise UnplacedError(f"the row has {len(row.cells)} cells, and {columns.format(width)}")
    return [*row.cells[:width], *[""] * (width - len(row.cells))]


def text_rows(path: Path, text: str, dialect: Dialect) -> Iterator[TextRow]:
    """Yield the rows of the file that are not blank: those with more than blanks in one of their cells.

    The byte order mark counts as a code point, and as no part of a cell.

    Raises:
        InputError: the text is not CSV of that dialect.
    """
    # Places are code points of the file as it stands, whatever its line ends are: so lines keep theirs.
    mark = len(text) - len(text.removeprefix("\ufeff"))
    lines = list(io.StringIO(text[mark:], newline=""))
    reader = csv.reader(
        lines[dialect.skip :],
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        doublequote=dialect.double_quote,
        escapechar=None if dialect.double_quote else "\\",
        strict=True,
    )
    parsed: list[tuple[int, list[str]]] = []
    try:
        with _cells_up_to(len(text) + 1):
            parsed.extend((reader.line_num + dialect.skip, cells) for cells in reader)
    except csv.Error as error:
        message = f"from here on this is not CSV ({error}); close the quotation mark, or double one inside a cell"
        raise InputError.at(path, (parsed[-1][0] if parsed else dialect.skip) + 1, message) from error
    before, start = dialect.skip, mark + sum(map(len, lines[: dialect.skip]))
    for end, cells in parsed:
        whole = "".join(lines[before:end])
        if any(cell.strip() for cell in cells):
            yield TextRow(before + 1, start, whole.rstrip("\r\n"), cells)
        before, start = end, start + len(whole)  # a cell may hold line ends: a row is as many lines as it needs


_LIMITED: Final = Lock()
"""Held while the field size limit of `csv`, which is global to the process, is changed."""


@contextmanager
def _cells_up_to(length: int) -> Iterator[None]:
    """Let `csv` read cells of that length meanwhile; of itself it refuses those over 131,072 characters."""
    with _LIMITED:
        before = csv.field_size_limit(max(length, csv.field_size_limit()))
        try:
            yield
        finally:
            csv.field_size_limit(before)


_OLDER: Final = ("windows-1252", "macintosh")
_MARKS: Final = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_KNOWN: Final = ("Côte d", "São Tom", "Tomé", "Türkiye", "Curaçao")
"""Characters that occur only in names of States."""

_BEYOND: Final = re.compile(r"[^\x00-\x7f]")
_IN_PLACE: Final = re.compile(
    r"(?<=[a-z])[àáâãäåæçèéêëìíîïñòóôõöøœùúûüýÿ](?![A-Z])"  # within or behind a word of small letters
    r"|\b[ÀÁÂÇÈÉÊËÍÎÓÔÖÚÜŒàâéêîôûœ](?=[a-z])"  # at its beginning
    r"|(?<=[A-Z])[ÀÁÂÃÇÈÉÊËÍÎÏÑÓÔÕÖÙÚÛÜ](?=[A-Z])"
    r"|(?<=\w)’(?=\w)|(?<![\w’])[‘“«](?=\w)|(?<=[\w.,;:!?)])[’”»](?!\w)"
    r"|(?<=[ \w])[–—](?=[ \w])|[…€£§°•\xa0]"
)
"""Non-ASCII letters and signs where the languages of the exports use them."""


def decoded(path: Path, data: bytes, encoding: str = "utf-8") -> str:
    """Return the text that `data`, the bytes of the file at `path`, holds; a byte order mark stays.

    Raises:
        InputError: they are not in that encoding; the line is named.
    """
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        name = encoding.upper()
        message = f"this is not {name}; export it again, save it as {name}, or say which encoding it has"
        raise InputError.at(path, _line(data, error), message) from error


def text_of(path: Path, data: bytes, encoding: str | None = None) -> str:
    """Return the text of the file at `path` that `data` holds, in the encoding that is given or that the bytes show.

    Raises:
        InputError: it is not in that encoding, or none is plainly the right one.
    """
    named = encoding or next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)
    if named:
        return decoded(path, data, named)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        text = _in_older_encoding(data)
        if text is None:
            choices = " or ".join(f"'--encoding {name}'" for name in _OLDER)
            message = f"this is not UTF-8; give its encoding, e.g. {choices}, or save the file as UTF-8"
            raise InputError.at(path, _line(data, error), message) from error
        return text


def _line(data: bytes, error: UnicodeDecodeError) -> int:
    """Return the line of the first byte that cannot be decoded; old Macintoshes ended lines with CR alone."""
    return len(re.findall(rb"\r\n|\r|\n", data[: error.start])) + 1


def _in_older_encoding(data: bytes) -> str | None:
    """Return the text in the one older encoding that fits, None where both or neither do."""
    # Nearly all bytes are letters in both, so decoding proves nothing; what the letters spell does.
    texts = []
    for name in _OLDER:
        try:
            texts.append(data.decode(name))
        except UnicodeDecodeError:
            continue
    # A name of a State decides at once; else every letter must stand where languages have it.
    named = [text for text in texts if any(name in text for name in _KNOWN)]
    if len(named) == 1:
        return named[0]
    fitting = [text for text in texts if len(_IN_PLACE.findall(text)) == len(_BEYOND.findall(text))]
    return fitting[0] if len(fitting) == 1 else None


def is_encoding(name: str) -> bool:
    """Return whether text can be decoded from it: Python also has encodings between bytes and bytes."""
    try:
        b"x".decode(name)
    except UnicodeError:  # an encoding in which one byte is no text
        return True
    except (LookupError, ValueError):
        return False
    return True
