"""Sheets of workbooks (Office Open XML, ECMA-376) as rows: each cell's stored value as text, dates by ISO 8601.

A sheet has no text that a row could be a passage of. So it is written out as CSV by RFC 4180, with commas and CRLF, and
its rows are passages of that: whoever has the workbook gets the same text again.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

import openpyxl
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from rejoinder.dossiers.sourcelines import read_bytes
from rejoinder.errors import InputError, Problem
from rejoinder.imports.textrows import TextRow

MAX_UNPACKED: Final = 128 * 1024 * 1024
"""Bytes that a workbook may unpack to; what the archive says of its sizes is held against it when it is unpacked."""

MAX_CELLS: Final = 4_000_000
"""Cells between the first and the last used one: two far apart make a sheet of 17 billion."""

_BROKEN: Final = (
    InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, SyntaxError, OSError, EOFError,
    NotImplementedError, RuntimeError,
)  # fmt: skip
"""What openpyxl raises for workbooks that are none, or damaged: it lets through what zip and XML parsers say."""


def sheet_rows(path: Path, name: str | None) -> tuple[tuple[TextRow, ...], tuple[Problem, ...]]:
    """The rows of a sheet that are not blank, and a problem for each row that says less than it shows.

    `name` is the sheet's; None where the workbook has but one. A row is told by its number, also where a problem is.

    Raises:
        InputError: the file is no workbook, is too large, or has no such sheet.
    """
    data = read_bytes(path)
    _reject_bombs(path, data)
    values, formulas = (_sheet(path, data, name, data_only=stored) for stored in (True, False))
    problems = {**_merged(path, formulas), **_unstored(path, values, formulas)}
    rows = tuple(row for row in _rows(values) if row.line not in problems)
    return rows, tuple(problems[number] for number in sorted(problems))


def _reject_bombs(path: Path, data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except _BROKEN as error:
        raise _not_a_workbook(path) from error
    if unpacked > MAX_UNPACKED:
        message = f"the workbook unpacks to more than {MAX_UNPACKED >> 20} MB; save the sheet as CSV"
        raise InputError.at(path, None, message)


def _not_a_workbook(path: Path) -> InputError:
    return InputError.at(path, None, "this is no XLSX workbook, or a damaged or locked one; save it again as XLSX")


def _sheet(path: Path, data: bytes, name: str | None, *, data_only: bool) -> Worksheet:
    try:
        sheets = openpyxl.load_workbook(io.BytesIO(data), data_only=data_only, keep_links=False).worksheets
    except _BROKEN as error:
        raise _not_a_workbook(path) from error
    fitting = [sheet for sheet in sheets if name in (None, sheet.title)]
    if len(fitting) != 1:
        titles = ", ".join(repr(sheet.title) for sheet in sheets)
        wanted = f"there is no sheet {name!r}" if name else "there is more than one sheet, or none"
        message = f"{wanted}; name one in the mapping, 'url: {path.name}#Sheet'; the sheets are {titles}"
        raise InputError.at(path, None, message)
    if fitting[0].max_row * fitting[0].max_column > MAX_CELLS:
        message = f"the sheet spans more than {MAX_CELLS:,} cells; delete what stands far off, or save it as CSV"
        raise InputError.at(path, None, message)
    return fitting[0]


def _merged(path: Path, sheet: Worksheet) -> dict[int, Problem]:
    """Rows with merged cells: what stands in one of those is stored in the first and may be meant for all."""
    return {
        number: Problem(
            path, number, f"the cells {area.coord} are merged; unmerge them, and fill in each that is meant"
        )
        for area in sheet.merged_cells.ranges
        for number in range(area.min_row, area.max_row + 1)
    }


def _unstored(path: Path, values: Worksheet, formulas: Worksheet) -> dict[int, Problem]:
    """Rows with a formula of which no value, or an error, is stored."""
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


def _rows(sheet: Worksheet) -> Iterator[TextRow]:
    start = 0
    for number, cells in enumerate(_cells(sheet), 1):
        texts = [_text(cell) for cell in cells]
        line = _csv_line(texts)
        if any(texts):
            yield TextRow(number, start, line, texts)
        start += len(line) + 2


def _csv_line(texts: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow(texts)
    return written.getvalue()


def _text(cell: Cell | MergedCell) -> str:
    """The stored value as text.

    >>> sheet = openpyxl.Workbook().create_sheet()
    >>> sheet.append([5.0, 0.25, True, date(2014, 10, 30), "x"])
    >>> [_text(cell) for cell in sheet[1]]
    ['5', '0.25', 'true', '2014-10-30', 'x']
    """
    value = cell.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return f"PT{value.total_seconds():g}S"
    return "" if value is None else str(value)
