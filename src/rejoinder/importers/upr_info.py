"""Imports: the rows of other people's tables become dossiers, one for each review.

    files ──read──▶ rows ──place──▶ records ──write──▶ data/upr-info/afg-5.ttl, …

What is written are dossiers like any other: `build` checks and publishes them, one graph each. Rows that cannot be
placed are named with file and line; what was read is always what was placed and what is reported.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from rejoinder import disk, namespaces
from rejoinder.config import Project
from rejoinder.errors import InputError, Problem, UsageError, quoted
from rejoinder.importers import records as importer_records
from rejoinder.importers.reconcile import Inventory, Key, NameOverrides, read_inventory, read_settled, slug
from rejoinder.importers.records import FOLDER, ISSUES, MappedRow, Origin, ReviewRecord, to_turtle
from rejoinder.importers.rows import is_encoding
from rejoinder.importers.upr_info_export import UPR_INFO, Export, ExportRow, months, read_export
from rejoinder.package_data import package_file
from rejoinder.progress import Progress, silent
from rejoinder.rdf import terms
from rejoinder.versions import writing


class UnplacedError(ValueError):
    """A row that cannot be placed; the message is a sentence."""


@dataclass(frozen=True)
class RowMapper:
    """What rows are placed with: what the project has, and what is settled."""

    inventory: Inventory
    settled: NameOverrides

    def place(self, row: ExportRow, exported: date) -> tuple[Key, MappedRow]:
        """The review that the row belongs to, and the row with its names settled; `exported` is the day of its export.

        Raises:
            UnplacedError: a State, the session or an issue is not known, or a State asks itself.
        """
        code = self._code(row.to)
        by = None if row.by is None else self._code(row.by)
        if code == by:
            raise UnplacedError(f"{quoted(row.to)[1:-1]} is both the State that asks and the State that is asked")
        who = None if by is None else (by, self.inventory.labels[by])
        return (code, self._session(row, exported)), MappedRow(row, who, tuple(map(_issue, row.issues)))

    def _session(self, row: ExportRow, exported: date) -> int:
        session = self.settled.sessions.get(row.to) if row.session is None else row.session
        if session is None:
            settle = f"'sessions: {{{row.to}: 5}}'"
            raise UnplacedError(f"the session is not given; where you know it, write {settle} in a mapping file")
        try:
            held = months(session)
        except ValueError as error:
            raise UnplacedError(str(error)) from error
        if held[:7] > exported.isoformat()[:7]:
            raise UnplacedError(f"session {session} was held in {held}, after the day of the export, {exported}")
        return session

    def _code(self, name: str) -> str:
        code = self.inventory.states.code(name)
        if code is None:
            close = self.inventory.states.suggestions(name)
            hint = f"; did you mean {' or '.join(close)}?" if close else ";"
            settle = f"write 'states: {{{quoted(name)[1:-1]}: XYZ}}' with its code in a mapping file"
            raise UnplacedError(f"no State is called {quoted(name)}{hint} {settle}")
        return code


def _issue(label: str) -> str:
    if not slug(label):
        raise UnplacedError(f"the issue {quoted(label)} has no letters to make an id of")
    return slug(label)


def place_all(desk: RowMapper, exports: Sequence[Export]) -> tuple[tuple[ReviewRecord, ...], tuple[Problem, ...]]:
    """The records that the exports hold, in order, and a problem for each row that is in none.

    Raises:
        InputError: two of the exports hold rows of one review, or the day of an export is not known.
    """
    records: dict[Key, ReviewRecord] = {}
    problems: list[Problem] = []
    for export in exports:
        origin = _origin(export, desk.settled)
        found, unplaced = _by_review(desk, export, origin.exported)
        _reject_twice(export.path, records, found)
        records |= {key: _record(desk.inventory, key, origin, placed) for key, placed in found.items()}
        problems += unplaced
    return tuple(records[key] for key in sorted(records)), tuple(problems)


def _by_review(desk: RowMapper, export: Export, exported: date) -> tuple[dict[Key, list[MappedRow]], list[Problem]]:
    found: defaultdict[Key, list[MappedRow]] = defaultdict(list)
    problems = list(export.problems)
    for row in export.rows:
        try:
            key, placed = desk.place(row, exported)
            found[key].append(placed)
        except UnplacedError as error:
            problems.append(Problem(export.path, row.line, str(error)))
    return found, problems


def _reject_twice(path: Path, before: dict[Key, ReviewRecord], found: Iterable[Key]) -> None:
    """Two exports of different days hold the same rows twice; nobody wants to count those as two recommendations."""
    for key in found:
        if key in before:
            other, (code, session) = before[key].origin.name, key
            message = (
                f"this and {other} both hold rows of {code} in session {session}; import one of them, then the other"
            )
            raise InputError.at(path, None, message)


def _origin(export: Export, settled: NameOverrides) -> Origin:
    exported = export.exported or settled.exported
    if exported is None:
        message = "the name does not carry the day of the export; write 'exported: 2018-07-25' in a mapping file"
        raise InputError.at(export.path, None, message)
    return Origin(export.path.name, export.sha256, exported)


def _record(inventory: Inventory, key: Key, origin: Origin, placed: Sequence[MappedRow]) -> ReviewRecord:
    code, session = key
    review = inventory.reviews.get(key, f"{code.lower()}-{session}")
    return ReviewRecord(code, inventory.labels[code], session, review, origin, tuple(placed))


_COLLECTIONS: Final = tuple(f"{name}.ttl" for name in (ISSUES, importer_records.MATCHES, importer_records.REVIEWS))
_RECORD_NAME: Final = re.compile(r"([a-z]{3})-([0-9]{1,2})")


@dataclass(frozen=True)
class Imported:
    """What an import did: the files it read, how many rows, the records it wrote, and the rows it could not place.

    `unmatched` are the issues that neither the program nor the mapping file knows: they are in the scheme, and match
    nothing yet. `differences` are the lines that have a State in another regional group than the project has;
    `warnings` say what rows that were placed lack.
    """

    files: tuple[Path, ...]
    read: int
    records: tuple[Path, ...]
    problems: tuple[Problem, ...]
    unmatched: tuple[str, ...]
    differences: tuple[Problem, ...]
    warnings: tuple[Problem, ...] = ()

    @property
    def placed(self) -> int:
        """How many rows became recommendations."""
        return self.read - len(self.problems)


def import_upr_info(
    project: Project,
    files: Sequence[Path],
    mapping: Path | None = None,
    progress: Progress = silent,
    *,
    encoding: str | None = None,
) -> Imported:
    """The rows of exports of the UPR Info database, written into the project as dossiers, one for each review.

    The record of a review that an earlier import wrote is replaced; others stay, and all do where no row has a place.
    `mapping` is a file that settles names; `encoding` is that of the files, needed where their bytes do not show it.

    Raises:
        InputError: a file cannot be used at all; nothing was written.
        StoreError: the data folder cannot be written.
        UsageError: there is no such encoding.
    """
    if encoding is not None and not is_encoding(encoding):
        raise UsageError(f"there is no encoding {encoding!r}; write for example utf-8, windows-1252 or macintosh")
    inventory = read_inventory(project, besides=_COLLECTIONS)
    settled = _settled(inventory, mapping)
    desk = RowMapper(_overruled(inventory, settled), settled)
    exports = tuple(_exports(files, progress, encoding))
    records, problems = place_all(desk, exports)
    labels = _labels(project, records, settled)
    paths: tuple[Path, ...] = ()
    if records:
        with writing(project.data, "what was written before stays, each file whole"):
            paths = tuple(_write_records(project.data / FOLDER, records, progress))
            _write_collections(project.data, desk, labels)
    return Imported(
        files=tuple(files),
        read=sum(export.read for export in exports),
        records=paths,
        problems=tuple(sorted(problems)),
        unmatched=tuple(sorted(label for label in labels.values() if label not in settled.issues)),
        differences=tuple(difference for export in exports for difference in _differences(desk.inventory, export)),
        warnings=tuple(_uncoded(exports, records)),
    )


def _uncoded(exports: Iterable[Export], records: Iterable[ReviewRecord]) -> Iterator[Problem]:
    """A warning for each export in which recommendations were placed that no issue is coded for yet."""
    placed = {(record.origin.sha256, each.row.line) for record in records for each in record.placed}
    for export in exports:
        rows = [row for row in export.rows if not row.issues and (export.sha256, row.line) in placed]
        if rows:
            are = "recommendation has" if len(rows) == 1 else "recommendations have"
            message = (
                f"{len(rows):,} {are} no issue yet, since the database has not coded them; "
                "what asks by issue leaves them out. Import a later export to have their issues"
            )
            yield Problem(export.path, rows[0].line, message)


def _exports(files: Sequence[Path], progress: Progress, encoding: str | None) -> Iterator[Export]:
    for done, path in enumerate(dict.fromkeys(files), 1):
        yield read_export(path, encoding)
        progress("reading", done, len(files))


def _settled(inventory: Inventory, mapping: Path | None) -> NameOverrides:
    """What the program knows, and over it what the user's mapping file settles.

    Matches that the program knows with issues that this project does not have are left out.
    """
    shipped = read_settled(package_file("ontology/imports/upr-info.yaml"))
    here = {label: tuple(m for m in pairs if _is_there(inventory, m)) for label, pairs in shipped.issues.items()}
    known = NameOverrides(shipped.states, here)
    if mapping is None:
        return known
    own = read_settled(mapping)
    _reject_unknown(mapping, own, inventory)
    return own.over(known)


def _is_there(inventory: Inventory, match: tuple[str, str]) -> bool:
    return ":" in match[1] or match[1] in inventory.issues


def _reject_unknown(path: Path, own: NameOverrides, inventory: Inventory) -> None:
    """Nothing, when every State and issue that the mapping file leads to is one of this project."""
    codes = [code for code in own.states.values() if code not in inventory.labels]
    issues = [match[1] for pairs in own.issues.values() for match in pairs if not _is_there(inventory, match)]
    if codes or issues:
        raise InputError(
            [
                *(Problem(path, None, f"no State of this project has the code {code!r}") for code in codes),
                *(Problem(path, None, f"no issue of this project has the id {issue!r}") for issue in issues),
            ]
        )


def _overruled(inventory: Inventory, settled: NameOverrides) -> Inventory:
    here = {name: code for name, code in settled.states.items() if code in inventory.labels}
    return inventory.named(here)


def _differences(inventory: Inventory, export: Export) -> Iterator[Problem]:
    """Where the export has a State in another regional group than the project has; either may have none."""
    for (name, group), line in export.groups.items():
        code = inventory.states.code(name)
        ours = inventory.groups.get(code or "")
        if code and inventory.groups and UPR_INFO.get(group) != ours:
            message = f"{name} is in the group {group!r} here, and in {ours or 'none'} in your States ({code})"
            yield Problem(export.path, line, message)


def _labels(project: Project, records: Iterable[ReviewRecord], settled: NameOverrides) -> dict[str, str]:
    """The labels of the scheme by id: those that are settled, those that are there already, and those of the rows."""
    labels = {slug(label): label for label in settled.issues}
    path = project.data / f"{ISSUES}.ttl"
    for quad in terms.parse_file(path, f"{project.base}{ISSUES}/") if path.exists() else ():
        if quad.predicate.value == namespaces.SKOS + "prefLabel":
            labels.setdefault(terms.text(quad.subject).rpartition("/")[2], terms.text(quad.object))
    for record in records:
        for placed in record.placed:
            for name, label in zip(placed.issues, placed.row.issues, strict=True):
                labels.setdefault(name, label)
    return labels


def _write_records(folder: Path, records: Sequence[ReviewRecord], progress: Progress) -> Iterator[Path]:
    folder.mkdir(exist_ok=True)
    for done, record in enumerate(records, 1):
        path = folder / f"{record.name}.ttl"
        disk.write_whole(path, to_turtle(record).encode())
        yield path
        progress("writing", done, len(records))


def _write_collections(data: Path, desk: RowMapper, labels: Mapping[str, str]) -> None:
    known = desk.inventory.reviews
    missing = {key: f"{key[0].lower()}-{key[1]}" for key in _recorded(data / FOLDER) if key not in known}
    matches = {slug(label): pairs for label, pairs in desk.settled.issues.items()}
    for name, text in (
        (importer_records.REVIEWS, importer_records.reviews_turtle(missing, known, desk.inventory.labels)),
        (ISSUES, importer_records.issues_turtle(labels)),
        (importer_records.MATCHES, importer_records.matches_turtle(matches)),
    ):
        disk.write_whole(data / f"{name}.ttl", text.encode())


def _recorded(folder: Path) -> Iterator[Key]:
    """The reviews that have a record, whichever import wrote it."""
    for path in sorted(folder.glob("*.ttl")):
        found = _RECORD_NAME.fullmatch(path.stem)
        if found:
            yield found[1].upper(), int(found[2])
