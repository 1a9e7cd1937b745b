"""What changed between two exports, told to people and to machines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import Final

from rejoinder.commands.grouping import told
from rejoinder.commands.screen import Terminal
from rejoinder.imports.comparison import Change, ExportDiff, Filed, Matched
from rejoinder.imports.uprinfo import UNKNOWN, Export, Row

_NOUNS: Final = MappingProxyType(
    {
        Change.RESPONSE: ("response", "responses"),
        Change.WORDING: ("text", "texts"),
        Change.ACTION: ("action", "actions"),
        Change.ISSUES: ("list of issues", "lists of issues"),
        Change.BY: ("State that asks", "States that ask"),
        Change.SESSION: ("session", "sessions"),
    }
)


def show(screen: Terminal, diff: ExportDiff) -> None:
    """What changed, in words: each row by who asks whom in which session, and where it stands in both files."""
    for matched in diff.changed:
        _show_changed(screen, matched)
    for word, rows in (("gone", diff.gone), ("came", diff.come)):
        for filed in rows:
            screen.say(f"{word}: {_who(filed.row)}: {filed.row.wording} ({filed.place})")
    for line in told(diff.problems):
        screen.say(line, style="red")
    screen.say(f"Compared  {_extent(diff.old)} and {_extent(diff.new)}")
    screen.say(f"Changed   {len(diff.changed)}{_kinds(diff)}")
    screen.say(f"Unchanged {diff.unchanged}")
    screen.say(f"Gone      {len(diff.gone)}")
    screen.say(f"Came      {len(diff.come)}")
    screen.say(f"Reported  {len(diff.problems)}")


def _show_changed(screen: Terminal, matched: Matched) -> None:
    said = "; ".join(_said(matched)) or "the text was edited"
    screen.say(f"{_who(matched.old.row)}: {said} ({matched.old.place}, {matched.new.place})")
    if Change.WORDING in matched.changes:
        screen.say(f"  old: {matched.old.row.wording}")
        screen.say(f"  new: {matched.new.row.wording}")
    else:
        screen.say(f"  {matched.new.row.wording}")


def _said(matched: Matched) -> Iterator[str]:
    """What changed beside the text, each in a clause."""
    old, new = matched.old.row, matched.new.row
    for change in matched.changes:
        match change:
            case Change.RESPONSE:
                yield f"{old.response.lower()} before, {new.response.lower()} now"
            case Change.ACTION:
                yield f"action {_or_none(old.action)} before, {_or_none(new.action)} now"
            case Change.ISSUES:
                yield f"about {', '.join(old.issues)} before, about {', '.join(new.issues)} now"
            case Change.BY:
                yield f"asked by {old.by or UNKNOWN} before, by {new.by or UNKNOWN} now"
            case Change.SESSION:
                yield f"session {_or_none(old.session)} before, {_or_none(new.session)} now"


def _who(row: Row) -> str:
    return f"{row.by or UNKNOWN} to {row.to}, session {_or_none(row.session)}"


def _or_none(number: int | None) -> str:
    return "none" if number is None else str(number)


def _extent(exports: Sequence[Export]) -> str:
    days = ", ".join(sorted({str(export.exported) for export in exports if export.exported}))
    rows = sum(export.read for export in exports)
    return f"{rows} {'row' if rows == 1 else 'rows'}{f' of {days}' if days else ''}"


def _kinds(diff: ExportDiff) -> str:
    """How many rows changed in what, in brackets; a row may have changed in several things."""
    counted = [(len(diff.with_change(change)), nouns) for change, nouns in _NOUNS.items()]
    told = ", ".join(f"{number} {nouns[number != 1]}" for number, nouns in counted if number)
    return f" ({told})" if told else ""


def as_json(diff: ExportDiff) -> str:
    """What changed, for machines."""
    return json.dumps(
        {
            "old": [_export(export) for export in diff.old],
            "new": [_export(export) for export in diff.new],
            "changed": [
                {
                    "old": _filed(matched.old),
                    "new": _filed(matched.new),
                    "changes": matched.changes,
                    "similarity": round(matched.similarity, 3),
                }
                for matched in diff.changed
            ],
            "unchanged": diff.unchanged,
            "gone": [_filed(filed) for filed in diff.gone],
            "come": [_filed(filed) for filed in diff.come],
            "problems": [{"path": p.path.as_posix(), "line": p.line, "message": p.message} for p in diff.problems],
        },
        ensure_ascii=False,
        indent=2,
    )


def _export(export: Export) -> dict[str, object]:
    day = export.exported.isoformat() if export.exported else None
    return {"path": export.path.as_posix(), "sha256": export.sha256, "exported": day, "rows": export.read}


def _filed(filed: Filed) -> dict[str, object]:
    row = filed.row
    return {
        "file": filed.path.name,
        "line": row.line,
        "from": row.by,
        "to": row.to,
        "session": row.session,
        "text": row.wording,
        "response": row.response,
        "action": row.action,
        "issues": row.issues,
    }
