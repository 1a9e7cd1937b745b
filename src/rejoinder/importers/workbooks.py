"""Read the rows of a sheet of an XLSX workbook: each cell's stored value as text, dates by ISO 8601.

Standard: Office Open XML (ECMA-376).
"""

from __future__ import annotations

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
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import openpyxl
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from rejoinder.dossiers.yaml import read_bytes
from rejoinder.errors import InputError, Problem
from rejoinder.importers.rows import TextRow

MAX_UNPACKED: Final = 128 * 1024 * 1024
"""The most bytes that a workbook may unpack to; sizes declared in the archive are checked during unpacking."""

MAX_CELLS: Final = 4_000_000
"""The most cells between the first and the last used one: two distant cells make a sheet of 17 billion."""

MAX_NAMED: Final = 10
"""The most sheets named in a message."""

_BROKEN: Final = (
    InvalidFileException, zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, ArithmeticError, AssertionError,
    AttributeError, EOFError, LookupError, OSError, RuntimeError, SyntaxError, TypeError, ValueError,
)  # fmt: skip
"""The exceptions of openpyxl for damaged workbooks or other files; it does not wrap those of zip and XML parsers."""

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
    """Return the rows of a sheet that are not blank, and a problem for each row that says less than it shows.

    `name` is the sheet's; None where the workbook has but one. A row is told by its number, also where a problem is.

    Raises:
        InputError: the file is no workbook, is too large, or has no such sheet.
    """
    data = _prepared(path, read_bytes(path))
    # openpyxl gives a formula or its stored value, never both.
    values, formulas = (_sheet(path, data, name, data_only=stored) for stored in (True, False))
    problems = {**_merged(path, formulas), **_unstored(path, values, formulas)}
    rows, start = [], 0
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
            # The sizes are only what the archive says; `read` refuses a member that is larger than that.
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
    return InputError.at(path, None, "this is no XLSX workbook, or a damaged or locked one; save it again as XLSX")


def _sheet(path: Path, data: bytes, name: str | None, *, data_only: bool) -> Worksheet:
    try:
        with warnings.catch_warnings():  # of what it would not write again; nothing is written
            warnings.simplefilter("ignore")
            sheets = openpyxl.load_workbook(io.BytesIO(data), data_only=data_only, keep_links=False).worksheets
    except _BROKEN as error:
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
    """Return the rows with merged cells: what they show is stored in the first of those, and may be meant for all."""
    return {
        number: Problem(
            path, number, f"the cells {area.coord} are merged; unmerge them, and fill in each that is meant"
        )
        for area in sheet.merged_cells.ranges
        for number in range(area.min_row, area.max_row + 1)
    }


def _unstored(path: Path, values: Worksheet, formulas: Worksheet) -> dict[int, Problem]:
    """Return the rows with a formula of which no value, or an error, is stored."""
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

    >>> sheet = openpyxl.Workbook().create_sheet()
    >>> sheet.append([5.0, 0.25, True, date(2014, 10, 30), "x"])
    >>> [_cell_text(cell) for cell in sheet[1]]
    ['5', '0.25', 'true', '2014-10-30', 'x']
    >>> sheet.append([0.00001, 1e23, timedelta(seconds=1234567.5)])
    >>> [_cell_text(cell) for cell in sheet[2]][:3]
    ['0.00001', '100000000000000000000000', 'PT1234567.5S']
    """
    value = cell.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        seconds = _number(value.total_seconds())
        return f"-PT{seconds[1:]}S" if seconds.startswith("-") else f"PT{seconds}S"
    return "" if value is None else _unescaped(str(value))


def _number(value: float) -> str:
    """Return the number in digits: the shortest that are the same number, without an exponent.

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
