"""The command `diff`: what changed between two versions, or between two exports of the UPR Info database."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer

from rejoinder import api
from rejoinder.cli.console import Terminal, plural, show_problems
from rejoinder.cli.main import FINDINGS, ProjectFolder, app
from rejoinder.config import open_project
from rejoinder.errors import UsageError
from rejoinder.importers.upr_info import Export, ExportDiff, diff_exports
from rejoinder.rdf import terms
from rejoinder.site import changes
from rejoinder.site.changes import ChangeKind, GraphChanges, VersionChanges
from rejoinder.site.resource import Resource

DiffFormat = Literal["text", "json", "markdown", "patch"]
_VERSION: Final = re.compile(r"[0-9]+|current|previous")
_MARKUP: Final = re.compile(r"([\\`*_\[\]<>#|])")


@app.command(epilog="Examples: rejoinder diff · rejoinder diff 3 current --format markdown · rejoinder diff old new")
def diff(
    old: Annotated[
        str,
        typer.Argument(
            help="The older one: a version number, 'current', 'previous', or an export of UPR Info or a folder of them."
        ),
    ] = "previous",
    new: Annotated[str, typer.Argument(help="The newer one, in the same form.")] = "current",
    project: ProjectFolder = Path(),
    form: Annotated[
        DiffFormat,
        typer.Option("--format", "-f", help="The format of the changes; patch means RDF Patch, for versions only."),
    ] = "text",
) -> None:
    """Show which facts were added, removed or changed between two versions, or two exports of UPR Info."""
    terminal = Terminal()
    if not (_VERSION.fullmatch(old) or _VERSION.fullmatch(new)):
        _diff_exports(terminal, Path(old), Path(new), form)
        return
    found = api.diff(open_project(project), old, new)
    match form:
        case "text":
            _show_graphs(terminal, found)
            terminal.say(changes.summary(found))
        case "markdown":
            terminal.raw("\n".join(_markdown(found)) + "\n")
        case "json":
            numbers = {"before": found.before and found.before.number, "after": found.after.number}
            terminal.json(
                {**numbers, "came": found.added, "went": found.removed, "graphs": list(map(_graph, found.graphs))}
            )
        case "patch":
            terminal.raw(api.as_patch(found))


def _diff_exports(terminal: Terminal, old: Path, new: Path, form: DiffFormat) -> None:
    if form not in ("text", "json"):
        raise UsageError(f"exports are not compared as {form}; write --format text or json")
    found = diff_exports(old, new)
    if form == "json":
        exports = {"old": list(map(_export, found.old)), "new": list(map(_export, found.new))}
        terminal.json({**exports, "graphs": list(map(_graph, found.changes.graphs)), "problems": found.problems})
    else:
        _show_exports(terminal, found)
    if found.problems:
        raise typer.Exit(FINDINGS)


def _show_graphs(terminal: Terminal, found: VersionChanges) -> None:
    """Print a paragraph of sentences for each graph that differs."""
    for graph in found.graphs:
        terminal.say(changes.text(changes.heading(graph)), style="bold")
        for sentence in changes.sentences(graph):
            terminal.say(f"  {changes.text(sentence)}")


def _show_exports(terminal: Terminal, found: ExportDiff) -> None:
    _show_graphs(terminal, found.changes)
    show_problems(terminal, found.problems, "row")
    numbers = Counter(change.change_kind for graph in found.changes.graphs for change in graph.changes)
    for graph in found.changes.graphs:  # for reviews added or removed as a whole, only numbers are printed
        numbers[graph.change_kind] += sum(number for _, number in graph.tallies)
    terminal.say(f"Compared  {_extent(found.old)} and {_extent(found.new)}")
    terminal.say(f"Changed   {numbers[ChangeKind.CHANGED]}")
    terminal.say(f"Removed   {numbers[ChangeKind.REMOVED]}")
    terminal.say(f"Added     {numbers[ChangeKind.ADDED]}")
    terminal.say(f"Reported  {len(found.problems)}")


def _extent(exports: Sequence[Export]) -> str:
    days = ", ".join(sorted({str(export.exported) for export in exports if export.exported}))
    return plural(sum(export.read for export in exports), "row") + (f" of {days}" if days else "")


def _markdown(found: VersionChanges) -> Iterator[str]:
    yield _escaped(changes.summary(found))
    for graph in found.graphs:
        yield from ("", f"## {_escaped(changes.text(changes.heading(graph)))}", "")
        yield from (f"- {_escaped(changes.text(sentence))}" for sentence in changes.sentences(graph))


def _escaped(text: str) -> str:
    """Return the text with Markdown's special characters and line ends escaped."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def _export(export: Export) -> dict[str, object]:
    day = export.exported.isoformat() if export.exported else None
    return {"path": export.path, "sha256": export.sha256, "exported": day, "rows": export.read}


def _graph(graph: GraphChanges) -> dict[str, Any]:
    # "fate", "came" and "went" are older than the names in the program; programs that read this know them.
    return {
        "graph": graph.graph.iri,
        "label": graph.graph.label.value,
        "fate": graph.change_kind,
        "came": graph.added,
        "went": graph.removed,
        "sentences": [changes.text(sentence) for sentence in changes.sentences(graph)],
        "changes": [
            {
                "thing": change.resource.iri,
                "label": change.resource.label.value,
                "kind": change.kind and change.kind.iri,
                "fate": change.change_kind,
                "properties": [
                    {
                        "property": item.property.iri,
                        "went": [_value(value) for value in item.removed],
                        "came": [_value(value) for value in item.added],
                    }
                    for item in change.properties
                ],
            }
            for change in graph.changes
        ],
        "tallies": [{"kind": kind.iri, "number": number} for kind, number in graph.tallies],
    }


def _value(value: Resource | terms.Literal) -> dict[str, str]:
    """Return a value as the SPARQL results format writes it."""
    if isinstance(value, Resource):
        return {"type": "uri", "value": value.iri}
    extra = {"xml:lang": value.language} if value.language else {"datatype": value.datatype.value}
    return {"type": "literal", "value": value.value, **extra}
