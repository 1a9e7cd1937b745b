"""Import the exports of the UPR Info database: the recommendations to one State in one session become one dossier.

    files ──read──▶ rows ──place──▶ records ──write──▶ data/upr-info/afg-5.ttl, …

The files written are ordinary dossiers: `build` checks and publishes them, one graph each. Every row that was read is
either in a dossier or reported with file and line.

A row is a passage of its file, with character positions and checksum, and its recommendation cites it. The id of a
recommendation depends on the recommending State and the words, not on its place in the file. So it keeps its IRI in
the next export, even if its response has changed.

An export is CSV (RFC 4180) with `;` as separator, in UTF-8 with a byte order mark. Columns share names (`Rgrp`, `Org`),
cells have line ends of several kinds and HTML residue; their text is read as one line. Exports of 2014 have commas,
other column names (`To`, `From`, `Text`), and *Accepted* instead of *Supported*; saved by old spreadsheets, they are in
older encodings.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import SequenceMatcher
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from rejoinder import disk, formats, namespaces
from rejoinder.building.parallel import Progress, silent
from rejoinder.config import Project
from rejoinder.disk import package_file
from rejoinder.errors import InputError, Problem, UsageError, quoted
from rejoinder.importers import reconcile
from rejoinder.importers.reconcile import Inventory, Matches, NameOverrides, ReviewKey, slug
from rejoinder.importers.rows import Dialect, TextRow, UnplacedError, filled_up, is_encoding, text_of, text_rows
from rejoinder.rdf import graphs, terms
from rejoinder.rdf.terms import NamedNode, Quad
from rejoinder.versions import GraphEntry, Manifest, OpenVersion

if TYPE_CHECKING:
    from rejoinder.site.changes import VersionChanges

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
# Without those that `split` takes for white space, which separate words.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")
_DATE_IN_NAME: Final = re.compile(r"EXPORT-(\d{4})_(\d{2})_(\d{2})")


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One recommendation as it stands in the export; with slots, because an import holds tens of thousands of them.

    `line` is where it begins in the file; `start` and `end` are code points into the text of the file, and `sha256` is
    the digest of the text between them. `issues` is empty if the database has not coded the row yet, `by` is None if it
    does not know the State; `session` and `action` are None if the cell is empty.
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
    cleaned: dict[tuple[str, str], int] = {}  # cleaned at the end, because most rows have the same ones
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
    """Return the index of each of `COLUMNS`.

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
    """Return the indexes of State and regional group, for each column of groups.

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
    r"""Return the text of a cell on one line, without HTML residue.

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
"""The last sessions of the first three cycles; the fourth goes on."""

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


RECORDS: Final = "upr-info"
ISSUES: Final = "upr-info-issue"
MATCHES: Final = "upr-info-match"
REVIEWS: Final = "upr-info-review"
"""The folder of the records, and the collections beside it, all below the data folder."""

_RECORD_NAME: Final = re.compile(r"([a-z]{3})-([0-9]{1,2})")


@dataclass(frozen=True)
class Imported:
    """The result of an import: the files and number of rows read, the records written, and the rows that do not fit.

    `unmatched` are the issues that neither the program nor the mapping file knows: they are in the scheme, and match
    nothing yet. `differences` are the lines that have a State in another regional group than the project has;
    `warnings` say what rows that were placed lack.
    """

    files: tuple[Path, ...]
    read: int
    records: tuple[Path, ...]
    problems: tuple[Problem, ...]
    unmatched: tuple[str, ...] = ()
    differences: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()

    @property
    def placed(self) -> int:
        """The number of rows that became part of a dossier."""
        return self.read - len(self.problems)


@dataclass(frozen=True, slots=True)
class MappedRow:
    """A row with reconciled names: the recommending State's code, None if it is not known, and ids of its issues."""

    row: ExportRow
    by: str | None
    issues: tuple[str, ...]


@dataclass(frozen=True)
class ReviewRecord:
    """The rows of one review: the State under review by its code, the session, the id of the review, the rows by id."""

    code: str
    session: int
    review: str
    export: Export
    exported: date
    rows: Mapping[str, MappedRow]

    @property
    def name(self) -> str:
        """The name of its file, and the end of its IRI."""
        return _name((self.code, self.session))


def _name(key: ReviewKey) -> str:
    return f"{key[0].lower()}-{key[1]}"


def import_upr_info(
    project: Project,
    files: Sequence[Path],
    mapping: Path | None = None,
    progress: Progress = silent,
    *,
    encoding: str | None = None,
) -> Imported:
    """Write the rows of exports of the UPR Info database into the project as dossiers, one for each review.

    The record of a review from an earlier import is replaced; others stay. If no row fits, all stay.
    `mapping` is a file that settles names; `encoding` is that of the files, needed where their bytes do not show it.

    Raises:
        InputError: a file is unusable; nothing was written.
        StoreError: the data folder cannot be written.
        UsageError: there is no such encoding.
    """
    if encoding is not None and not is_encoding(encoding):
        raise UsageError(f"there is no encoding {encoding!r}; write for example utf-8, windows-1252 or macintosh")
    # Earlier imports are not a source: otherwise a review would be kept only because an import once wrote it.
    inventory = reconcile.read_inventory(project, besides=[f"{name}.ttl" for name in (ISSUES, MATCHES, REVIEWS)])
    overrides = _overrides(inventory, mapping)
    mapper = RowMapper(inventory.with_names(overrides.states), overrides)
    exports = []
    for done, path in enumerate(dict.fromkeys(files), 1):  # a file that is named twice is read once
        exports.append(read_export(path, encoding))
        progress("reading", done, len(files))
    records, problems = place_all(mapper, exports)
    labels = _issue_labels(project, records, overrides)
    paths: list[Path] = []
    if records:  # if all rows are wrong, the files of an earlier import stay
        with disk.writing(project.data, "the files written before stay, each complete"):
            folder = project.data / RECORDS
            folder.mkdir(exist_ok=True)
            for done, record in enumerate(records, 1):
                paths.append(folder / f"{record.name}.ttl")
                disk.write_whole(paths[-1], record_turtle(record, inventory.labels).encode())
                progress("writing", done, len(records))
            # Written last, because they describe things of the records; a killed import is simply repeated.
            _write_collections(project, mapper, labels)
    return Imported(
        files=tuple(files),
        read=sum(export.read for export in exports),
        records=tuple(paths),
        problems=tuple(sorted(problems)),
        unmatched=tuple(sorted(label for label in labels.values() if label not in overrides.issues)),
        differences=tuple(difference for export in exports for difference in _differences(mapper.inventory, export)),
        warnings=tuple(_uncoded(exports, records)),
    )


def _overrides(inventory: Inventory, mapping: Path | None) -> NameOverrides:
    """Return the shipped overrides, replaced where the user's mapping file differs.

    Raises:
        InputError: the mapping file cannot be read, or names a State or issue that the project does not have.
    """

    def has(target: str) -> bool:
        return ":" in target or target in inventory.issues

    shipped = reconcile.shipped_overrides()
    # Every project has issues of its own: the shipped matches are with those of the example.
    matches = {label: tuple(pair for pair in pairs if has(pair[1])) for label, pairs in shipped.issues.items()}
    known = NameOverrides(shipped.states, matches)
    if mapping is None:
        return known
    own = reconcile.read_overrides(mapping)
    codes = [code for code in own.states.values() if code not in inventory.labels]
    issues = [target for pairs in own.issues.values() for _, target in pairs if not has(target)]
    problems = [f"no State of this project has the code {code!r}" for code in codes]
    problems += [f"no issue of this project has the id {issue!r}" for issue in issues]
    if problems:
        raise InputError(Problem(mapping, None, message) for message in problems)
    return own.over(known)


@dataclass(frozen=True)
class RowMapper:
    """Assigns rows to reviews, and maps their names to the project's States and issues.

    `in_mapping` says that the user can settle names in a mapping file; `diff` has none.
    """

    inventory: Inventory
    overrides: NameOverrides
    in_mapping: bool = True

    def place(self, export: Export, exported: date) -> tuple[dict[ReviewKey, list[MappedRow]], list[Problem]]:
        """Return the rows of an export by review, and a problem for each row that does not fit or cannot be read."""
        rows: defaultdict[ReviewKey, list[MappedRow]] = defaultdict(list)
        problems = list(export.problems)
        for row in export.rows:
            try:
                code, by = self._code(row.to), self._code(row.by) if row.by else None
                if code == by:  # no State makes recommendations to itself, so one of the names is wrong
                    name = quoted(row.to)[1:-1]
                    raise UnplacedError(f"{name} is both the State that asks and the State that is asked")
                session = self._session(row, exported)
                rows[code, session].append(MappedRow(row, by, tuple(map(_issue, row.issues))))
            except UnplacedError as error:
                problems.append(Problem(export.path, row.line, str(error)))
        return rows, problems

    def _code(self, name: str) -> str:
        code = self.inventory.states.code(name)
        if code is None:  # never guessed, however close: Niger is not Nigeria
            unknown = self.inventory.states.unknown(name)
            mapped = f"write 'states: {{{quoted(name)[1:-1]}: XYZ}}' with its code in a mapping file"
            settle = mapped if self.in_mapping else "correct the name in a copy of the export"
            raise UnplacedError(f"{unknown}{'' if unknown.endswith('?') else ';'} {settle}")
        return code

    def _session(self, row: ExportRow, exported: date) -> int:
        session = self.overrides.sessions.get(row.to) if row.session is None else row.session
        if session is None:
            mapped = f"write 'sessions: {{{row.to}: 5}}' in a mapping file"
            settle = mapped if self.in_mapping else "write it into a copy of the export"
            raise UnplacedError(f"the session is not given; where you know it, {settle}")
        try:
            held = months(session)
        except ValueError as error:
            raise UnplacedError(str(error)) from error
        # A session in the future is a slip of the number; months are all that is known of both.
        if held[:7] > exported.isoformat()[:7]:
            raise UnplacedError(f"session {session} was held in {held}, after the day of the export, {exported}")
        return session


def _issue(label: str) -> str:
    if not slug(label):
        raise UnplacedError(f"the issue {quoted(label)} has no letters to make an id of")
    return slug(label)


def place_all(mapper: RowMapper, exports: Sequence[Export]) -> tuple[tuple[ReviewRecord, ...], tuple[Problem, ...]]:
    """Return the records in the exports, in order, and a problem for each row in none of them.

    Raises:
        InputError: two of the exports hold rows of one review, or the day of an export is not known.
    """
    records: dict[ReviewKey, ReviewRecord] = {}
    problems: list[Problem] = []
    for export in exports:
        exported = export.exported or mapper.overrides.exported
        if exported is None:
            message = "the name does not carry the day of the export; write 'exported: 2018-07-25' in a mapping file"
            raise InputError.at(export.path, None, message)
        placed, unplaced = mapper.place(export, exported)
        problems += unplaced
        for key, rows in placed.items():
            # A second export of later date has the same rows: they would be counted as two recommendations each.
            if key in records:
                both = f"this and {records[key].export.path.name} both hold rows of {key[0]} in session {key[1]}"
                raise InputError.at(export.path, None, f"{both}; import one of them, then the other")
            review = mapper.inventory.reviews.get(key, _name(key))
            records[key] = ReviewRecord(*key, review, export, exported, _by_id(rows))
    return tuple(records[key] for key in sorted(records)), tuple(problems)


def _uncoded(exports: Iterable[Export], records: Iterable[ReviewRecord]) -> Iterator[Problem]:
    """Yield a warning for each export with imported recommendations that have no issue yet."""
    placed = {(record.export.sha256, each.row.line) for record in records for each in record.rows.values()}
    for export in exports:
        rows = [row for row in export.rows if not row.issues and (export.sha256, row.line) in placed]
        if rows:
            are = "recommendation has" if len(rows) == 1 else "recommendations have"
            message = (
                f"{len(rows):,} {are} no issue yet, since the database has not coded them; "
                "questions by issue leave them out. Import a later export to have their issues"
            )
            yield Problem(export.path, rows[0].line, message)


def _differences(inventory: Inventory, export: Export) -> Iterator[Problem]:
    """Yield a line for each State whose regional group differs between export and project; either may have none."""
    # The group is a fact about the State, which the project has once; an export repeats it in every row.
    for (name, group), line in export.groups.items():
        code = inventory.states.code(name)
        ours = inventory.groups.get(code or "")
        if code and inventory.groups and REGIONAL_GROUPS.get(group) != ours:
            message = f"{name} is in the group {group!r} here, and in {ours or 'none'} in your States ({code})"
            yield Problem(export.path, line, message)


def _issue_labels(project: Project, records: Iterable[ReviewRecord], overrides: NameOverrides) -> dict[str, str]:
    """Return the labels of the scheme by id: those that are settled, those that are there, and those of the rows."""
    # The scheme keeps every issue that a record of an earlier import may be about.
    labels = {slug(label): label for label in overrides.issues}
    path = project.data / f"{ISSUES}.ttl"
    for quad in terms.parse_file(path, f"{project.base}{ISSUES}/") if path.exists() else ():
        if quad.predicate.value == namespaces.SKOS + "prefLabel":
            labels.setdefault(terms.text(quad.subject).rpartition("/")[2], terms.text(quad.object))
    for record in records:
        for each in record.rows.values():
            for name, label in zip(each.issues, each.row.issues, strict=True):
                labels.setdefault(name, label)
    return labels


def _write_collections(project: Project, mapper: RowMapper, labels: Mapping[str, str]) -> None:
    data = project.data
    known = mapper.inventory.reviews
    # The records of earlier imports count, too: their reviews stay described.
    recorded = [
        found for path in sorted((data / RECORDS).glob("*.ttl")) if (found := _RECORD_NAME.fullmatch(path.stem))
    ]
    keys = [(found[1].upper(), int(found[2])) for found in recorded]
    missing = {key: _name(key) for key in keys if key not in known}
    matches = {slug(label): pairs for label, pairs in mapper.overrides.issues.items()}
    for name, turtle in (
        (REVIEWS, reviews_turtle(missing, known, mapper.inventory.labels)),
        (ISSUES, issues_turtle(labels)),
        (MATCHES, matches_turtle(matches, project.license)),
    ):
        disk.write_whole(data / f"{name}.ttl", turtle.encode())


# What is written, as Turtle. Its IRIs are relative: each project has its own base.


def record_turtle(record: ReviewRecord, labels: Mapping[str, str]) -> str:
    """Return the record as a dossier; `labels` has the States' names by code."""
    # As text, which takes a tenth of the time that triples would: all of UPR Info is 700,000 of them.
    state = labels[record.code]
    prefixes = {name: namespaces.PREFIXES[name] for name in ("dcterms", "edtf", "oa", "rdfs", "rj", "schema")}
    prefixes |= {"issue": f"../{ISSUES}/", "review": "../review/", "state": "../state/"}
    title = f"Recommendations to {state} in session {record.session}, as UPR Info records them"
    document = [
        "<> a rj:Record",
        f"rdfs:label {_text(title)}@en",
        f"dcterms:title {_text(record.export.path.name)}",
        f'dcterms:date "{record.exported}"^^edtf:EDTF',
        "dcterms:publisher <https://www.upr-info.org/>",
        f'schema:sha256 "{record.export.sha256}"',
        f"rj:inProceeding review:{record.review}",
    ]
    if record.rows:
        document.append(f"rj:hasPassage {', '.join(f'<#row-{each.row.line}>' for each in record.rows.values())}")
        document.append(f"rj:hasRecommendation {', '.join(f'<#{name}>' for name in record.rows)}")
    # The export does not say when a State answered: after the session began, and no later than the export.
    answered = f'"{months(record.session).partition("/")[0]}/{record.exported}"^^edtf:EDTF'
    shared = f"rj:addressedTo state:{record.code} ; rj:inProceeding review:{record.review}"
    lines = [_prefix_lines(prefixes), _block(document)]
    for name, each in record.rows.items():
        row = each.row
        who = labels[each.by] if each.by else "A State not named"
        label = f"{who} to {state}, session {record.session}: {'; '.join(row.issues) or 'issue not coded yet'}"
        about = f" rj:about {', '.join(f'issue:{issue}' for issue in each.issues)} ;" if each.issues else ""
        # Each row has the one State that asks, so the list of those who ask is complete.
        raised = f"rj:ClosedList ; rj:raisedBy state:{each.by}" if each.by else "rj:UnnamedStates"
        action = f" ; rj:actionCategory {row.action}" if row.action else ""
        # "recommended" is the word of the record itself: it has no verbs.
        lines += (
            f'<#row-{row.line}> oa:start {row.start} ; oa:end {row.end} ; schema:sha256 "{row.sha256}" ;',
            f"    rj:line {row.line} .",
            f"<#{name}> rj:anchor <#row-{row.line}> ; {shared} ;",
            f"    rdfs:label {_text(label)}@en ; rj:wording {_text(row.wording)}@en ;",
            f'    rj:verb "recommended"@en ; rj:listing {raised} ;{about}',
            f"    rj:response rj:{row.response} ; rj:responseDate {answered} ; rj:responseSource <>{action} .\n",
        )
    return "\n".join(lines)


def _by_id(rows: Iterable[MappedRow]) -> dict[str, MappedRow]:
    """Return the rows by the ids of their recommendations; for repeated words, ids end in a number."""
    times: Counter[str] = Counter()
    found = {}
    for each in rows:
        # Published IRIs end in these digests, so neither the digests nor their input may ever change.
        asked = f"{each.by or ''}\n{each.row.wording}"
        name = "r-" + hashlib.sha256(asked.encode()).hexdigest()[:12]
        times[name] += 1
        found[name if times[name] == 1 else f"{name}-{times[name]}"] = each
    return found


def reviews_turtle(reviews: Mapping[ReviewKey, str], known: Mapping[ReviewKey, str], labels: Mapping[str, str]) -> str:
    """Return a collection of `reviews`, each with the previous one if that is among them or `known`.

    `reviews` and `known` map State and session to the id of the review, `labels` maps codes to names.
    """
    # The previous review is that of the cycle before, which may have been in any of its sessions.
    before = {(code, cycle(session)): review for (code, session), review in {**known, **reviews}.items()}
    blocks = [_collection("Reviews that the UPR Info database records", "rj:hasReview review", reviews.values())]
    for (code, session), review in sorted(reviews.items()):
        previous = before.get((code, cycle(session) - 1))
        lines = (
            f"review:{review} rdfs:label {_text(f'Review of {labels[code]}, session {session}')}@en",
            f"rj:underReview state:{code}",
            f"rj:session {session}",
            f"rj:cycle {cycle(session)}",
            f'dcterms:date "{months(session)}"^^edtf:EDTF',
            *([f"rj:previousReview review:{previous}"] if previous else []),
        )
        blocks.append(_block(lines))
    return "\n".join(blocks)


def issues_turtle(labels: Mapping[str, str]) -> str:
    """Return UPR Info's issues, given as labels by id, as a SKOS concept scheme in Turtle."""
    blocks = [
        _collection("Issues of the UPR Info database", "rj:hasIssue theirs", labels),
        "<> a skos:ConceptScheme ;\n    dcterms:publisher <https://www.upr-info.org/> .\n",
    ]
    for name, label in sorted(labels.items()):
        blocks.append(_block((f"theirs:{name} skos:prefLabel {_text(label)}@en", "skos:inScheme <>")))
    return "\n".join(blocks)


def matches_turtle(matches: Mapping[str, Matches], license_iri: str) -> str:
    """Return the matches of UPR Info's issues, by id, as Turtle.

    UPR Info's labels are facts, but the matches are a judgement, so they are in a graph of their own that says so. They
    are under the project's licence; no other file of an import is the project's to license.
    """
    judged = (
        f"skos:editorialNote {_text('The matches are a judgement of the editors of this project, not of UPR Info.')}@en"
    )
    title = f"<> rdfs:label {_text('What issues of the UPR Info database match')}@en"
    blocks = [f"{_collection_prefixes()}\n{_block((title, judged, f'dcterms:license <{license_iri}>'))}"]
    for name, pairs in sorted(matches.items()):
        if pairs:
            said = (f"skos:{relation} {_target(target)}" for relation, target in pairs)
            blocks.append(_block((f"theirs:{name} {judged}", *said)))
    return "\n".join(blocks)


def _target(target: str) -> str:
    """Return the target of a match as a Turtle term.

    >>> _target("sdg:16.5"), _target("torture")
    ('<http://metadata.un.org/sdg/16.5>', '<../issue/torture>')
    """
    if target.startswith("sdg:"):
        return f"<http://metadata.un.org/sdg/{target.removeprefix('sdg:')}>"
    return f"<{target}>" if ":" in target else f"<../issue/{target}>"


def _collection(label: str, contains: str, ids: Iterable[str]) -> str:
    """Return prefixes and the node of a collection; `contains` is its property and the prefix of its members."""
    predicate, prefix = contains.split()
    members = ", ".join(f"{prefix}:{each}" for each in sorted(ids))
    lines = [f"<> rdfs:label {_text(label)}@en", *([f"{predicate} {members}"] if members else [])]
    return f"{_collection_prefixes()}\n{_block(lines)}"


def _collection_prefixes() -> str:
    used = {name: namespaces.PREFIXES[name] for name in ("dcterms", "edtf", "rdfs", "rj", "skos")}
    used |= {"review": "../review/", "state": "../state/", "theirs": f"../{ISSUES}/"}
    return f"# Written by 'rejoinder import upr-info': settle names in a mapping file, not here.\n{_prefix_lines(used)}"


def _prefix_lines(prefixes: Mapping[str, str]) -> str:
    return "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in prefixes.items())


def _block(lines: Iterable[str]) -> str:
    return " ;\n    ".join(lines) + " .\n"


def _text(text: str) -> str:
    """Return the text as a Turtle literal; the escapes that JSON writes are a part of Turtle's."""
    return json.dumps(text, ensure_ascii=False)


# Two exports, compared as two versions of the same records

_LIKENESS: Final = 0.6
"""The least similarity of two texts taken for one edited text.

With it, 99.4 % of 1,488 edits were found, and 1 in 100 other rows of the same States and session reaches it.
By words: by characters, nearly two in 100 reach it, at ten times the cost.
"""
_COMPARED: Final = frozenset(
    namespaces.RJ + name for name in ("about", "actionCategory", "listing", "raisedBy", "response", "wording")
)
"""The properties of a record that are compared: the content of its rows, not their place or file."""
_BASE: Final = namespaces.RJ.removesuffix("ns#")


@dataclass(frozen=True)
class ExportDiff:
    """The changes between two exports, each of one or more files; `problems` are rows of either that do not fit."""

    old: tuple[Export, ...]
    new: tuple[Export, ...]
    changes: VersionChanges
    problems: tuple[Problem, ...]


def diff_exports(old: Path, new: Path) -> ExportDiff:
    """Return the changes from the export `old` to the export `new`; a folder stands for the CSV files in it.

    They are compared like two versions of the same records, by recommending State, words, issues, action and response.
    All names of States that ship with the program are known.

    Raises:
        InputError: a file cannot be used at all.
        UsageError: a folder has no CSV file.
    """
    from rejoinder.site.changes import version_changes  # noqa: PLC0415  # templates, which no import needs

    # An id is made of the words, so a row that only changed its answer keeps it: what differs is a diff of versions.
    before, after = (tuple(map(read_export, _files(path))) for path in (old, new))
    states = tuple(terms.parse_file(package_file("data/state.ttl"), f"{_BASE}state/"))
    overrides = reconcile.shipped_overrides()
    mapper = RowMapper(reconcile.inventory(states).with_names(overrides.states), overrides, in_mapping=False)
    problems: list[Problem] = []
    # Without a project: the exports to compare may belong to none.
    was, now = (_records(mapper, exports, problems) for exports in (before, after))
    for key in was.keys() & now.keys():
        edited = _edited(was[key].rows, now[key].rows)
        rows = was[key].rows, {edited.get(name, name): each for name, each in now[key].rows.items()}
        same = {name for name in rows[0].keys() & rows[1].keys() if _said(rows[0][name]) == _said(rows[1][name])}
        # Few of 35,000 rows differ. Without the equal ones, the comparison takes 8 s instead of 31.
        for side, every in ((was, rows[0]), (now, rows[1])):
            side[key] = replace(side[key], rows={name: each for name, each in every.items() if name not in same})
        if not was[key].rows and not now[key].rows:
            del was[key], now[key]
    ontology = terms.parse_file(package_file("ontology/rejoinder.ttl"), namespaces.ONTOLOGY_GRAPH)
    shared = (*states, *ontology)  # for labels: of States, and of the properties that changed
    versions = [_as_version(number, side, mapper.inventory.labels, shared) for number, side in enumerate((was, now), 1)]
    return ExportDiff(before, after, version_changes(versions[0], versions[1], _BASE), tuple(problems))


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    try:
        found = sorted(each for each in path.iterdir() if each.suffix.lower() == ".csv")
    except OSError as error:
        raise InputError.at(path, None, f"the folder cannot be read: {error.strerror}") from error
    if not found:
        raise UsageError(f"{path} has no CSV file; name an export, or a folder with the exports of one day")
    return found


def _records(mapper: RowMapper, exports: Iterable[Export], problems: list[Problem]) -> dict[ReviewKey, ReviewRecord]:
    """Return the records by review, with rows from several files; rows that do not fit are added to `problems`."""
    records: dict[ReviewKey, ReviewRecord] = {}
    for export in exports:
        # Nothing that is compared depends on the day, so files without one in their names are compared as well.
        exported = export.exported or date.max
        placed, unplaced = mapper.place(export, exported)
        problems += unplaced
        for key, rows in placed.items():
            others = records[key].rows.values() if key in records else ()
            # Sorted by content, so that equal rows get the same ids in any order of the export.
            ordered = sorted((*others, *rows), key=lambda each: str(_said(each)))
            records[key] = ReviewRecord(*key, _name(key), export, exported, _by_id(ordered))
    return records


def _said(each: MappedRow) -> tuple[object, ...]:
    """Return the compared values of a row; the order of issues does not matter."""
    return each.by, each.row.wording, each.row.response, each.row.action, sorted(set(each.issues))


def _edited(old: Mapping[str, MappedRow], new: Mapping[str, MappedRow]) -> dict[str, str]:
    """Return the ids in `old` of rows of `new` whose text was edited: the most similar first, each row once."""
    gone, came = (
        {name: re.findall(r"\w+", each.row.wording.casefold()) for name, each in rows.items() if name not in others}
        for rows, others in ((old, new), (new, old))
    )
    similar = []
    for name, text in came.items():
        # The matcher keeps what it learnt of its second text. Its shortcut for words that are frequent is off: it
        # makes the ratio of long texts smaller than it is.
        matcher = SequenceMatcher(None, b=text, autojunk=False)
        for other, before in gone.items():
            if old[other].by == new[name].by:
                matcher.set_seq1(before)
                # The first two are upper bounds that cost little, and most pairs fail on them.
                if all(r() >= _LIKENESS for r in (matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio)):
                    similar.append((-matcher.ratio(), other, name))
    renamed: dict[str, str] = {}
    for _, other, name in sorted(similar):
        if name not in renamed and other not in renamed.values():  # one to one
            renamed[name] = other
    return renamed


def _as_version(
    number: int, records: Mapping[ReviewKey, ReviewRecord], labels: Mapping[str, str], shared: Iterable[Quad]
) -> OpenVersion:
    """Return a version in memory with a graph per record, and `shared` statements for the labels of things."""
    # Only graphs with an entry are compared; the rest of the store is there to be read for labels and order.
    quads, entries = list(shared), []
    issues: dict[str, str] = {}
    kind = NamedNode(namespaces.RDF_TYPE), NamedNode(namespaces.RJ + "Recommendation")
    for record in records.values():
        graph = NamedNode(f"{_BASE}{RECORDS}/{record.name}")
        told = list(terms.parse(record_turtle(record, labels), formats.TURTLE, graph.value))
        said = [quad for quad in terms.in_graph(told, graph.value) if quad.predicate.value in _COMPARED]
        # Dossiers leave the class out, and a build derives it.
        said += (Quad(NamedNode(f"{graph.value}#{name}"), *kind, graph) for name in record.rows)
        entries.append(GraphEntry(graph.value, "", "", str(number), len(said), 0))
        quads += (*told, *said)
        for each in record.rows.values():
            issues |= dict(zip(each.issues, each.row.issues, strict=True))
    quads += terms.parse(issues_turtle(issues), formats.TURTLE, f"{_BASE}{ISSUES}/")
    return OpenVersion(Manifest(number, "", "", tuple(entries)), graphs.union_store(quads))
