"""The command `diff`: what changed between two versions, or between two exports of a database."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final

import typer

from rejoinder import api
from rejoinder.cli.app import FINDINGS, ProjectFolder, app
from rejoinder.cli.console import Terminal, problem_lines
from rejoinder.config import open_project
from rejoinder.errors import UsageError
from rejoinder.importers import compare
from rejoinder.importers.compare import ExportDiff, Filed, Matched, RowChange
from rejoinder.importers.upr_info_export import UNKNOWN, Export, ExportRow
from rejoinder.rdf.terms import Literal
from rejoinder.site import changes
from rejoinder.site.changes import Change, GraphChanges, PropertyChange, VersionChanges
from rejoinder.site.resource import Resource

_MARKUP: Final = re.compile(r"([\\`*_\[\]<>#|])")


def show(screen: Terminal, found: VersionChanges) -> None:
    """What changed, in words: a paragraph for each graph that differs."""
    for graph in found.graphs:
        screen.say(changes.text(changes.heading(graph)), style="bold")
        for sentence in changes.sentences(graph):
            screen.say(f"  {changes.text(sentence)}")
    screen.say(changes.summary(found))


def as_markdown(found: VersionChanges) -> str:
    """The same as Markdown, for a message or a page of one's own."""
    return "\n".join(_markdown(found)) + "\n"


def _markdown(found: VersionChanges) -> Iterator[str]:
    yield _escaped(changes.summary(found))
    for graph in found.graphs:
        yield from ("", f"## {_escaped(changes.text(changes.heading(graph)))}", "")
        yield from (f"- {_escaped(changes.text(sentence))}" for sentence in changes.sentences(graph))


def _escaped(text: str) -> str:
    """Text whose marks and line ends are no Markdown."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def as_json(found: VersionChanges) -> str:
    """The same for machines."""
    value = {
        "before": found.before and found.before.number,
        "after": found.after.number,
        "came": found.added,
        "went": found.removed,
        "graphs": [_graph(graph) for graph in found.graphs],
    }
    return json.dumps(value, ensure_ascii=False, indent=2)


def _graph(graph: GraphChanges) -> dict[str, Any]:
    return {
        "graph": graph.graph.iri,
        "label": graph.graph.label.value,
        "fate": graph.change_kind,
        "came": graph.added,
        "went": graph.removed,
        "sentences": [changes.text(sentence) for sentence in changes.sentences(graph)],
        "changes": [_change(change) for change in graph.changes],
        "tallies": [{"kind": kind.iri, "number": number} for kind, number in graph.tallies],
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "thing": change.resource.iri,
        "label": change.resource.label.value,
        "kind": change.kind and change.kind.iri,
        "fate": change.change_kind,
        "properties": [_property(item) for item in change.properties],
    }


def _property(item: PropertyChange) -> dict[str, Any]:
    return {
        "property": item.property.iri,
        "went": [_value(value) for value in item.removed],
        "came": [_value(value) for value in item.added],
    }


def _value(value: Resource | Literal) -> dict[str, str]:
    """A value as the SPARQL results format writes it."""
    if isinstance(value, Resource):
        return {"type": "uri", "value": value.iri}
    extra = {"xml:lang": value.language} if value.language else {"datatype": value.datatype.value}
    return {"type": "literal", "value": value.value, **extra}


_NOUNS: Final = MappingProxyType(
    {
        RowChange.RESPONSE: ("response", "responses"),
        RowChange.WORDING: ("text", "texts"),
        RowChange.ACTION: ("action", "actions"),
        RowChange.ISSUES: ("list of issues", "lists of issues"),
        RowChange.BY: ("State that asks", "States that ask"),
        RowChange.SESSION: ("session", "sessions"),
    }
)


def show_exportdiffs(screen: Terminal, diff: ExportDiff) -> None:
    """What changed, in words: each row by who asks whom in which session, and where it stands in both files."""
    for matched in diff.changed:
        _show_changed(screen, matched)
    for word, rows in (("gone", diff.gone), ("came", diff.come)):
        for filed in rows:
            screen.say(f"{word}: {_who(filed.row)}: {filed.row.wording} ({filed.place})")
    for line in problem_lines(diff.problems):
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
    if RowChange.WORDING in matched.changes:
        screen.say(f"  old: {matched.old.row.wording}")
        screen.say(f"  new: {matched.new.row.wording}")
    else:
        screen.say(f"  {matched.new.row.wording}")


def _said(matched: Matched) -> Iterator[str]:
    """What changed beside the text, each in a clause."""
    old, new = matched.old.row, matched.new.row
    for change in matched.changes:
        match change:
            case RowChange.RESPONSE:
                yield f"{old.response.lower()} before, {new.response.lower()} now"
            case RowChange.ACTION:
                yield f"action {_or_none(old.action)} before, {_or_none(new.action)} now"
            case RowChange.ISSUES:
                yield f"about {', '.join(old.issues)} before, about {', '.join(new.issues)} now"
            case RowChange.BY:
                yield f"asked by {old.by or UNKNOWN} before, by {new.by or UNKNOWN} now"
            case RowChange.SESSION:
                yield f"session {_or_none(old.session)} before, {_or_none(new.session)} now"


def _who(row: ExportRow) -> str:
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


def as_json_exportdiffs(diff: ExportDiff) -> str:
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


_VERSION: Final = re.compile(r"[0-9]+|current|previous")


class DiffFormat(StrEnum):
    """How a difference is told."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    PATCH = "patch"


@app.command(epilog="Examples: rejoinder diff · rejoinder diff 3 current --format markdown · rejoinder diff old new")
def diff(
    old: Annotated[
        str,
        typer.Argument(help="A version: its number, 'current' or 'previous'; or an export of UPR Info, or a folder."),
    ] = "previous",
    new: Annotated[str, typer.Argument(help="The newer one.")] = "current",
    project: ProjectFolder = Path(),
    form: Annotated[
        DiffFormat,
        typer.Option("--format", "-f", help="How to print what changed; a patch is RDF Patch, for versions."),
    ] = DiffFormat.TEXT,
) -> None:
    """Say which facts came, went or changed between two versions, or rows between two exports of UPR Info."""
    if _VERSION.fullmatch(old) or _VERSION.fullmatch(new):
        _diff_versions(project, old, new, form)
    else:
        _diff_exports(Path(old), Path(new), form)


def _diff_versions(project: Path, old: str, new: str, form: DiffFormat) -> None:
    screen = Terminal()
    found = api.diff(open_project(project), old, new)
    match form:
        case DiffFormat.TEXT:
            show(screen, found)
        case DiffFormat.MARKDOWN:
            screen.raw(as_markdown(found))
        case DiffFormat.JSON:
            screen.raw(as_json(found) + "\n")
        case DiffFormat.PATCH:
            screen.raw(api.as_patch(found))


def _diff_exports(old: Path, new: Path, form: DiffFormat) -> None:
    if form not in (DiffFormat.TEXT, DiffFormat.JSON):
        raise UsageError(f"exports are not compared as {form}; write --format text or json")
    screen = Terminal()
    found = compare.diff_exports(old, new)
    if form is DiffFormat.JSON:
        screen.raw(as_json_exportdiffs(found) + "\n")
    else:
        show_exportdiffs(screen, found)
    if found.problems:
        raise typer.Exit(FINDINGS)
