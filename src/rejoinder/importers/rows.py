"""Read the rows of a CSV file or an XLSX sheet, each with its place in the file.

Standards: RFC 4180, with the dialect of CSVW (Metadata Vocabulary for Tabular Data 5.9); Office Open XML (ECMA-376).
"""

from __future__ import annotations

import codecs
import csv
import io
import lzma
import math
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from rejoinder.dossiers.yaml import read_bytes
from rejoinder.errors import InputError, Problem, extra

if TYPE_CHECKING:  # an extra
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet


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
    """Return the cells of a row, with empty ones added at the end, where some programs omit them.

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
    # Positions count code points of the unchanged file, so line ends are not converted.
    mark = len(text) - len(text.removeprefix("\ufeff"))
    lines = list(io.StringIO(text[mark:], newline=""))
    reader = csv.reader(
        lines[dialect.skip :],
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        doublequote=dialect.double_quote,
        escapechar=None if dialect.double_quote else "\\",
        strict=True,  # else a quotation mark that is not closed would swallow the rest of the file
    )
    parsed: list[tuple[int, list[str]]] = []
    try:
        with _cells_up_to(len(text) + 1):
            # All at once: the lock must not be held while the caller works on a row.
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
    """Raise the field size limit of `csv` meanwhile; its default is 131,072 characters."""
    with _LIMITED:
        before = csv.field_size_limit(max(length, csv.field_size_limit()))
        try:
            yield
        finally:
            csv.field_size_limit(before)


# The two in which spreadsheets of Windows and of the Macintosh saved CSV before UTF-8.
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


def decoded(path: Path, data: bytes, encoding: str, how: str) -> str:
    """Return the text that `data`, the bytes of the file at `path`, holds; a byte order mark stays.

    `how` tells users how to name another encoding.

    Raises:
        InputError: they are not in that encoding; the line is named.
    """
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        name = encoding.upper()
        message = f"this is not {name}; export it again, save it as {name}, or {how}"
        raise InputError.at(path, _line(data, error), message) from error


def text_of(path: Path, data: bytes, encoding: str | None = None) -> str:
    """Return the text of the file at `path` that `data` holds, in the encoding that is given or that the bytes show.

    Raises:
        InputError: it is not in that encoding, or none is plainly the right one.
    """
    # A mark at the head settles it; without one, what can be read as UTF-8 is hardly ever anything else.
    named = encoding or next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)
    if named:
        return decoded(path, data, named, "name its encoding with '--encoding'")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        text = _in_older_encoding(data)
        if text is None:
            choices = " or ".join(f"'--encoding {name}'" for name in _OLDER)
            message = f"this is not UTF-8; save the file as UTF-8, or import it with its encoding, e.g. {choices}"
            raise InputError.at(path, _line(data, error), message) from error
        return text


def _line(data: bytes, error: UnicodeDecodeError) -> int:
    """Return the line of the first byte that cannot be decoded; old Macintoshes ended lines with CR alone."""
    return len(re.findall(rb"\r\n|\r|\n", data[: error.start])) + 1


def _in_older_encoding(data: bytes) -> str | None:
    """Return the text in the one older encoding that fits, None where both or neither do."""
    # Nearly every byte is a letter in both encodings, so only the resulting words show which one it is.
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
    """Return whether it is a text encoding: Python also has bytes-to-bytes encodings."""
    try:
        b"x".decode(name)
    except UnicodeError:  # an encoding in which one byte is no text
        return True
    except (LookupError, ValueError):
        return False
    return True


MAX_UNPACKED: Final = 128 * 1024 * 1024
"""The most bytes that a workbook may unpack to; sizes declared in the archive are checked during unpacking."""

MAX_CELLS: Final = 4_000_000
"""The most cells between the first and the last used one: two distant cells make a sheet of 17 billion."""

MAX_NAMED: Final = 10
"""The most sheets named in a message."""

_BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, ArithmeticError, AssertionError,
    AttributeError, EOFError, LookupError, OSError, RuntimeError, SyntaxError, TypeError, ValueError,
)  # fmt: skip
"""The exceptions of zip and XML parsers that openpyxl does not wrap, for damaged workbooks or other files."""

_STRICT: Final = b"http://purl.oclc.org/ooxml/"
_TRANSITIONAL: Final = (
    (b"http://purl.oclc.org/ooxml/spreadsheetml/main", b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"),
    (b"http://purl.oclc.org/ooxml/drawingml/", b"http://schemas.openxmlformats.org/drawingml/2006/"),
    (b"http://purl.oclc.org/ooxml/officeDocument/", b"http://schemas.openxmlformats.org/officeDocument/2006/"),
)
"""The namespaces of Strict Open XML, each with the transitional one that openpyxl reads (ECMA-376, parts 1 and 4)."""

_ESCAPED: Final = re.compile(rb"_x([0-9A-Fa-f]{4})_")
"""A character as ST_Xstring writes it where XML cannot hold it (ECMA-376, part 1, 22.9.2.19)."""
_OPEN, _CLOSE, _APART = "\ufdd0", "\ufdd1", "\ufdd2"
"""Characters that no text contains. They hide escapes from openpyxl, which knows only one of them, and that wrongly."""
_KEPT: Final = re.compile(f"{_OPEN}([0-9A-Fa-f]{{4}}){_CLOSE}")


def sheet_rows(path: Path, name: str | None) -> tuple[tuple[TextRow, ...], tuple[Problem, ...]]:
    """Return the rows of a sheet that are not blank, and a problem for each row whose stored values are incomplete.

    `name` is the sheet's name, None if the workbook has only one. Rows and problems are identified by row number.

    Raises:
        InputError: the file is no workbook, is too large, or has no such sheet.
        MissingPackageError: openpyxl is not installed.
    """
    with extra("xlsx"):  # here, so that a missing package is reported before the file is read
        import openpyxl  # noqa: F401, PLC0415  # only workbooks need it
    data = _prepared(path, read_bytes(path))
    # openpyxl gives a formula or its stored value, never both.
    values, formulas = (_sheet(path, data, name, data_only=stored) for stored in (True, False))
    problems = {**_merged(path, formulas), **_unstored(path, values, formulas)}
    rows, start = [], 0
    # A sheet has no text with positions, so a row is a passage of the sheet as CSV, which anybody can make again.
    for number, cells in enumerate(_cells(values), 1):
        texts = [_cell_text(cell) for cell in cells]
        written = io.StringIO()
        csv.writer(written, lineterminator="").writerow(texts)
        line = written.getvalue()
        if number not in problems and any(text.strip() for text in texts):
            rows.append(TextRow(number, start, line, texts))
        start += len(line) + len("\r\n")
    return tuple(rows), tuple(problems[number] for number in sorted(problems))


def _prepared(path: Path, data: bytes) -> bytes:
    """Return the workbook as openpyxl reads it: of the transitional form, escapes of characters kept.

    Raises:
        InputError: it is no workbook, or unpacks to more than `MAX_UNPACKED`.
    """
    written = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            # The archive declares these sizes itself; `read` refuses a member that is larger.
            if sum(member.file_size for member in archive.infolist()) > MAX_UNPACKED:
                message = f"the workbook unpacks to more than {MAX_UNPACKED >> 20} MB; save the sheet as CSV"
                raise InputError.at(path, None, message)
            members = {name: archive.read(name) for name in archive.namelist() if name.endswith((".xml", ".rels"))}
            changed = {name: new for name, old in members.items() if (new := _plain_xml(old)) != old}
            if not changed:
                return data
            with zipfile.ZipFile(written, "w") as copy:
                for name in dict.fromkeys(archive.namelist()):
                    copy.writestr(name, changed[name] if name in changed else archive.read(name))
    except _BROKEN as error:
        raise _not_a_workbook(path) from error
    return written.getvalue()


def _plain_xml(content: bytes) -> bytes:
    if _STRICT in content:
        for strict, transitional in _TRANSITIONAL:
            content = content.replace(strict, transitional)
    content = _ESCAPED.sub(rb"%b\1%b" % (_OPEN.encode(), _CLOSE.encode()), content)
    return content.replace(b"x005F_", b"x%b005F_" % _APART.encode())


def _not_a_workbook(path: Path) -> InputError:
    return InputError.at(path, None, "this is not an XLSX workbook, or it is damaged or locked; save it again as XLSX")


def _sheet(path: Path, data: bytes, name: str | None, *, data_only: bool) -> Worksheet:
    import openpyxl  # noqa: PLC0415
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        with warnings.catch_warnings():  # about parts that openpyxl cannot write; we write nothing
            warnings.simplefilter("ignore")
            sheets = openpyxl.load_workbook(io.BytesIO(data), data_only=data_only, keep_links=False).worksheets
    except (InvalidFileException, *_BROKEN) as error:
        raise _not_a_workbook(path) from error
    fitting = [sheet for sheet in sheets if name in (None, _unescaped(sheet.title))]
    if len(fitting) != 1:
        if not sheets:
            raise InputError.at(path, None, "the workbook has no sheet with cells; save the table in one, or as CSV")
        named = [repr(_unescaped(sheet.title)) for sheet in sheets]
        titles = ", ".join(named[:MAX_NAMED]) + (", …" if len(named) > MAX_NAMED else "")
        wanted = f"there is no sheet {name!r}" if name else "there is more than one sheet"
        message = f"{wanted}; name one in the mapping, 'url: {path.name}#Sheet'; the sheets are {titles}"
        raise InputError.at(path, None, message)
    # python-calamine is faster, but lays a sheet out in full: two cells far apart would end the process.
    if fitting[0].max_row * fitting[0].max_column > MAX_CELLS:
        message = f"the sheet spans more than {MAX_CELLS:,} cells; delete what stands far off, or save it as CSV"
        raise InputError.at(path, None, message)
    return fitting[0]


def _merged(path: Path, sheet: Worksheet) -> dict[int, Problem]:
    """Return the rows with merged cells: only the first cell stores the value, which may be meant for all."""
    return {
        number: Problem(
            path, number, f"the cells {area.coord} are merged; unmerge them, and fill in each that is meant"
        )
        for area in sheet.merged_cells.ranges
        for number in range(area.min_row, area.max_row + 1)
    }


def _unstored(path: Path, values: Worksheet, formulas: Worksheet) -> dict[int, Problem]:
    """Return the rows with a formula whose stored value is missing or an error."""
    found = {}
    for number, (stored, written) in enumerate(zip(_cells(values), _cells(formulas), strict=True), 1):
        for value, formula in zip(stored, written, strict=True):
            if value.data_type == "e":
                found[number] = Problem(path, number, f"the cell {value.coordinate} is the error {value.value}")
            elif value.value is None and formula.data_type == "f":
                message = f"the cell {value.coordinate} is a formula without a value; open the workbook and save it"
                found[number] = Problem(path, number, message)
    return found


def _cells(sheet: Worksheet) -> Iterator[tuple[Cell | MergedCell, ...]]:
    return sheet.iter_rows(min_row=1, min_col=1)


def _cell_text(cell: Cell | MergedCell) -> str:
    """Return the stored value as text.

    >>> import openpyxl
    >>> sheet = openpyxl.Workbook().create_sheet()
    >>> sheet.append([5.0, 0.25, True, date(2014, 10, 30), "x"])
    >>> [_cell_text(cell) for cell in sheet[1]]
    ['5', '0.25', 'true', '2014-10-30', 'x']
    >>> sheet.append([0.00001, 1e23, timedelta(seconds=1234567.5)])
    >>> [_cell_text(cell) for cell in sheet[2]][:3]
    ['0.00001', '100000000000000000000000', 'PT1234567.5S']
    """
    value = cell.value
    if isinstance(value, bool):  # before numbers: to Python it is one
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    # To a workbook every day is a time, at midnight if nobody wrote one.
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        seconds = _number(value.total_seconds())
        return f"-PT{seconds[1:]}S" if seconds.startswith("-") else f"PT{seconds}S"
    return "" if value is None else _unescaped(str(value))


def _number(value: float) -> str:
    """Return the shortest decimal digits that are read back as the same number, without an exponent.

    >>> _number(-3e-7), _number(5.0), _number(0.1), _number(-0.0)
    ('-0.0000003', '5', '0.1', '0')
    """
    if not math.isfinite(value):
        return str(value)
    digits = format(Decimal(repr(value)), "f")
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return "0" if digits == "-0" else digits


def _unescaped(text: str) -> str:
    """Return the text with the characters that its escapes stand for; half of a character beyond 16 bits is none."""
    if _OPEN not in text and _APART not in text:
        return text
    text = _KEPT.sub(lambda found: chr(int(found[1], 16)), text).replace(_APART, "")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
