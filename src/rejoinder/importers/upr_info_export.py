"""Read exports of the UPR Info database: each row with its fields and its place in the file.

An export is CSV by RFC 4180 save that `;` separates: UTF-8 behind a byte order mark, columns that share a name (`Rgrp`,
`Org`), line ends of several kinds inside quotation marks, HTML residue. Exports of 2014 have commas, other names of
columns (`To`, `From`, `Text`), and *Accepted* for what is *Supported* since; saved by old spreadsheets they are in
older encodings. Text comes out on one line; what a row cannot say becomes a problem with its line, and every row is
either read or a problem.
"""

from __future__ import annotations

import hashlib
import html
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import Final

from rejoinder.errors import InputError, Problem, quoted
from rejoinder.importers.rows import Dialect, TextRow, UnplacedError, filled_up, text_of, text_rows

COLUMNS: Final = ("SuR", "Recommendation", "RS", "Response", "Action", "Issue", "Session")
"""The columns of a row. The columns with regional groups and organisations describe States, not rows."""

_NAMES: Final = MappingProxyType(
    {
        "SuR": ("sur", "to", "state under review", "reviewed state"),
        "Recommendation": ("recommendation", "text"),
        "RS": ("rs", "from", "recommending state"),
        "Response": ("response", "accepted"),
        "Action": ("action", "action category"),
        "Issue": ("issue", "issues"),
        "Session": ("session",),
    }
)
"""The names of the columns in exports of all years, in lower case."""

_GROUP_COLUMNS: Final = ("rgrp", "to-rgrp", "from-rgrp")
"""The two columns with the regional group of the State in an earlier column."""

RESPONSES: Final = MappingProxyType(
    {"supported": "Supported", "noted": "Noted", "pending": "Pending", "accepted": "Supported", "rejected": "Noted"}
)
"""The responses by their names in exports of all years; the last two names were used until 2014."""
UNKNOWN: Final = "(Unknown)"
"""The text that stands for an unknown recommending State."""

_SEPARATORS: Final = ";,\t|"
_TAG: Final = re.compile(r"</?(?:a|b|br|div|em|font|i|li|ol|p|span|strong|sub|sup|u|ul)\b[^<>]*>", re.IGNORECASE)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")
_DATE_IN_NAME: Final = re.compile(r"EXPORT-(\d{4})_(\d{2})_(\d{2})")


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One recommendation as it stands in the export.

    `line` is where it begins in the file; `start` and `end` are code points into the text of the file, and `sha256` is
    the digest of what stands between them. `issues` is empty where the database has not coded the row yet, `by` is None
    where it does not know the State; `session` and `action` are None where the cell is empty.
    """

    line: int
    start: int
    end: int
    sha256: str
    to: str
    wording: str
    by: str | None
    response: str
    action: int | None
    issues: tuple[str, ...]
    session: int | None


@dataclass(frozen=True)
class Export:
    """A parsed export: every row is either in `rows` or has one of the `problems`.

    `exported` is the day that the name of the file carries; `groups` are the regional groups that it gives to States,
    by name and group, with the first line that says so.
    """

    path: Path
    sha256: str
    exported: date | None
    rows: tuple[ExportRow, ...]
    problems: tuple[Problem, ...]
    groups: Mapping[tuple[str, str], int]

    @property
    def read(self) -> int:
        """The number of rows that the file has."""
        return len(self.rows) + len(self.problems)


def read_export(path: Path, encoding: str | None = None) -> Export:
    """Return the export in the file at `path`; where no encoding is given, the bytes must show it.

    Raises:
        InputError: it cannot be read, its encoding is not plain, or it does not have the columns of an export.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError.at(path, None, f"the export cannot be read: {error.strerror}") from error
    text = text_of(path, data, encoding)
    records = text_rows(path, text, Dialect(delimiter=_separator(text)))
    header = next(records, None)
    if header is None:
        raise InputError.at(path, 1, f"the file is empty; its first line must name {', '.join(COLUMNS)}")
    # By place and not by name: two columns are called Rgrp, and two Org.
    places = _places(path, header.cells)
    grouped = _group_places(header.cells)
    rows: list[ExportRow] = []
    problems: list[Problem] = []
    groups: dict[tuple[str, str], int] = {}
    for record in records:
        try:
            cells = filled_up(record, len(header.cells), "the first line names {} columns")
            rows.append(_row(record, cells, places))
        except UnplacedError as error:
            problems.append(Problem(path, record.line, str(error)))
            continue
        for state, group in grouped:
            groups.setdefault((cells[state], cells[group]), record.line)
    cleaned: dict[tuple[str, str], int] = {}  # cleaned at last, since they are the same in most rows
    for (state_cell, group_cell), line in groups.items():
        if group_cell.strip():
            cleaned.setdefault((clean(state_cell), clean(group_cell)), line)
    sha256 = hashlib.sha256(data).hexdigest()
    return Export(path, sha256, _exported(path), tuple(rows), tuple(problems), cleaned)


def _separator(text: str) -> str:
    """Return the character that separates cells: the one by which the first line names most of the columns."""
    first = next(iter(text.removeprefix("\ufeff").lstrip("\r\n").splitlines()), "")
    known = {each for names in _NAMES.values() for each in names}
    # A sniffer would be led astray by the texts, which are full of commas and semicolons.
    return max(_SEPARATORS, key=lambda mark: sum(_plain(cell) in known for cell in first.split(mark)))


def _plain(name: str) -> str:
    return " ".join(name.strip().strip('"').lower().split())


def _places(path: Path, header: Sequence[str]) -> tuple[int, ...]:
    """Return where each of `COLUMNS` stands.

    Raises:
        InputError: one of them is missing, or there twice.
    """
    names = list(map(_plain, header))
    found = {column: [at for at, name in enumerate(names) if name in _NAMES[column]] for column in COLUMNS}
    wrong = [column for column, places in found.items() if len(places) != 1]
    if wrong:
        told = quoted(", ".join(name.strip() for name in header))
        raise InputError.at(path, 1, f"an export has one column {' and one '.join(map(repr, wrong))}; here are {told}")
    return tuple(places[0] for places in found.values())


def _group_places(header: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Return where a State and its regional group stand, for each column of groups.

    >>> _group_places(["SuR", "Rgrp", "Org", "Recommendation", "RS", "Rgrp", "Org"])
    ((0, 1), (4, 5))
    """
    found = []
    state = None
    for at, name in enumerate(map(_plain, header)):
        if name in _NAMES["SuR"] or name in _NAMES["RS"]:
            state = at
        elif name in _GROUP_COLUMNS and state is not None:
            found.append((state, at))
    return tuple(found)


def _exported(path: Path) -> date | None:
    """Return the day in the name that the database gives its exports.

    >>> _exported(Path("01-06-UPR-INFO-DATABASE-EXPORT-2018_07_25-20_19_03.csv"))
    datetime.date(2018, 7, 25)
    """
    found = _DATE_IN_NAME.search(path.name)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _row(record: TextRow, cells: Sequence[str], places: tuple[int, ...]) -> ExportRow:
    to, wording, by, response, action, issues, session = map(clean, itemgetter(*places)(cells))
    for column, value in (("SuR", to), ("Recommendation", wording), ("RS", by)):
        if not value:
            raise UnplacedError(f"the cell {column!r} is empty; a recommendation needs it")
    if response.lower() not in RESPONSES:
        known = ", ".join(dict.fromkeys(RESPONSES.values()))
        raise UnplacedError(f"the response {quoted(response)} is unknown; the responses are {known}")
    listed = (issue.strip() for issue in issues.split(","))
    return ExportRow(
        line=record.line,
        start=record.start,
        end=record.start + len(record.text),
        sha256=hashlib.sha256(record.text.encode()).hexdigest(),
        to=to,
        wording=wording,
        by=None if by == UNKNOWN else by,
        response=RESPONSES[response.lower()],
        action=_number("Action", action, 1, 5),
        # A dash says that nothing is known, as an empty cell does.
        issues=tuple(dict.fromkeys(issue for issue in listed if any(map(str.isalnum, issue)))),
        session=_number("Session", session, 1, 999),
    )


def _number(column: str, text: str, least: int, most: int) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise UnplacedError(f"the cell {column!r} is {quoted(text)}, and not a whole number from {least} to {most}")
    return int(text)


def clean(cell: str) -> str:
    r"""Return the text of a cell on one line, without what a web page left in it.

    >>> clean("Bosnia and\r\n Herzegovina\n"), clean("&#40;Unknown&#41;"), clean("Free<br />press &amp;amp; web")
    ('Bosnia and Herzegovina', '(Unknown)', 'Free press & web')
    """
    if "&" in cell or "<" in cell:
        # Some cells were escaped twice on their way into the database.
        cell = _TAG.sub(" ", html.unescape(html.unescape(cell)))
    return " ".join(_CONTROL.sub("", cell).split())


REGIONAL_GROUPS: Final = MappingProxyType(
    {
        "Africa": "AfricanGroup",
        "Asia": "AsiaPacificGroup",
        "EEG": "EasternEuropeanGroup",
        "GRULAC": "LatinAmericanAndCaribbeanGroup",
        "WEOG": "WesternEuropeanAndOthersGroup",
    }
)
"""The regional groups by their names in UPR Info's exports; "Observer" is not one."""

# fmt: off
_MONTHS: Final = (
    "2008-04", "2008-05", "2008-12", "2009-02", "2009-05", "2009-11/2009-12",
    "2010-02", "2010-05", "2010-11", "2011-01/2011-02", "2011-05", "2011-10",
    "2012-05/2012-06", "2012-10/2012-11", "2013-01/2013-02", "2013-04/2013-05", "2013-10/2013-11", "2014-01/2014-02",
    "2014-04/2014-05", "2014-10/2014-11", "2015-01", "2015-05", "2015-11", "2016-01", "2016-05", "2016-10/2016-11",
    "2017-05", "2017-11", "2018-01", "2018-05", "2018-11", "2019-01/2019-02", "2019-05", "2019-11", "2020-01",
    "2020-11", "2021-01", "2021-05", "2021-11", "2022-01/2022-02",
    "2022-11", "2023-01/2023-02", "2023-05", "2023-11", "2024-01/2024-02", "2024-04/2024-05", "2024-11", "2025-01",
    "2025-04/2025-05", "2025-11",
)
# fmt: on
_LAST_OF_CYCLE: Final = (12, 26, 40)

LATEST: Final = len(_MONTHS)
"""The latest session whose months are known to this module."""


def months(session: int) -> str:
    """Return the month or months of a session, in EDTF.

    >>> months(5), months(20)
    ('2009-05', '2014-10/2014-11')

    Raises:
        ValueError: its months are not known here.
    """
    if not 1 <= session <= LATEST:
        raise ValueError(f"the months of session {session} are not known; the sessions are 1 to {LATEST}")
    return _MONTHS[session - 1]


def cycle(session: int) -> int:
    """Return the cycle of a session: the first three had 12, 14 and 14 sessions.

    >>> cycle(12), cycle(13), cycle(40), cycle(41)
    (1, 2, 3, 4)
    """
    return bisect_left(_LAST_OF_CYCLE, session) + 1
