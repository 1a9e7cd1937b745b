"""Rows placed: each goes to the record of its review with its names settled, or becomes a problem with its line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rejoinder.errors import InputError, Problem, quoted
from rejoinder.imports.inventory import Inventory, Key
from rejoinder.imports.reconcile import Settled, slug
from rejoinder.imports.records import Origin, Placed, Record
from rejoinder.imports.sessions import months
from rejoinder.imports.uprinfo import Export, Row


class UnplacedError(ValueError):
    """A row that cannot be placed; the message is a sentence."""


@dataclass(frozen=True)
class Desk:
    """What rows are placed with: what the project has, and what is settled."""

    inventory: Inventory
    settled: Settled

    def place(self, row: Row, exported: date) -> tuple[Key, Placed]:
        """The review that the row belongs to, and the row with its names settled; `exported` is the day of its export.

        Raises:
            UnplacedError: a State, the session or an issue is not known, or a State asks itself.
        """
        code = self._code(row.to)
        by = None if row.by is None else self._code(row.by)
        if code == by:
            raise UnplacedError(f"{quoted(row.to)[1:-1]} is both the State that asks and the State that is asked")
        who = None if by is None else (by, self.inventory.labels[by])
        return (code, self._session(row, exported)), Placed(row, who, tuple(map(_issue, row.issues)))

    def _session(self, row: Row, exported: date) -> int:
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


def place_all(desk: Desk, exports: Sequence[Export]) -> tuple[tuple[Record, ...], tuple[Problem, ...]]:
    """The records that the exports hold, in order, and a problem for each row that is in none.

    Raises:
        InputError: two of the exports hold rows of one review, or the day of an export is not known.
    """
    records: dict[Key, Record] = {}
    problems: list[Problem] = []
    for export in exports:
        origin = _origin(export, desk.settled)
        found, unplaced = _by_review(desk, export, origin.exported)
        _reject_twice(export.path, records, found)
        records |= {key: _record(desk.inventory, key, origin, placed) for key, placed in found.items()}
        problems += unplaced
    return tuple(records[key] for key in sorted(records)), tuple(problems)


def _by_review(desk: Desk, export: Export, exported: date) -> tuple[dict[Key, list[Placed]], list[Problem]]:
    found: defaultdict[Key, list[Placed]] = defaultdict(list)
    problems = list(export.problems)
    for row in export.rows:
        try:
            key, placed = desk.place(row, exported)
            found[key].append(placed)
        except UnplacedError as error:
            problems.append(Problem(export.path, row.line, str(error)))
    return found, problems


def _reject_twice(path: Path, before: dict[Key, Record], found: Iterable[Key]) -> None:
    """Two exports of different days hold the same rows twice; nobody wants to count those as two recommendations."""
    for key in found:
        if key in before:
            other, (code, session) = before[key].origin.name, key
            message = (
                f"this and {other} both hold rows of {code} in session {session}; import one of them, then the other"
            )
            raise InputError.at(path, None, message)


def _origin(export: Export, settled: Settled) -> Origin:
    exported = export.exported or settled.exported
    if exported is None:
        message = "the name does not carry the day of the export; write 'exported: 2018-07-25' in a mapping file"
        raise InputError.at(export.path, None, message)
    return Origin(export.path.name, export.sha256, exported)


def _record(inventory: Inventory, key: Key, origin: Origin, placed: Sequence[Placed]) -> Record:
    code, session = key
    review = inventory.reviews.get(key, f"{code.lower()}-{session}")
    return Record(code, inventory.labels[code], session, review, origin, tuple(placed))
