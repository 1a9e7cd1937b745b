"""The command `diff`: what changed between two versions, or between two exports of a database."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from rejoinder import library
from rejoinder.commands import exportdiffs, versiondiffs
from rejoinder.commands.app import FINDINGS, app
from rejoinder.commands.options import ProjectFolder
from rejoinder.commands.screen import Terminal
from rejoinder.errors import UsageError
from rejoinder.project import open_project

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
    found = library.diff(open_project(project), old, new)
    match form:
        case DiffFormat.TEXT:
            versiondiffs.show(screen, found)
        case DiffFormat.MARKDOWN:
            screen.raw(versiondiffs.as_markdown(found))
        case DiffFormat.JSON:
            screen.raw(versiondiffs.as_json(found) + "\n")
        case DiffFormat.PATCH:
            screen.raw(library.as_patch(found))


def _diff_exports(old: Path, new: Path, form: DiffFormat) -> None:
    if form not in (DiffFormat.TEXT, DiffFormat.JSON):
        raise UsageError(f"exports are not compared as {form}; write --format text or json")
    screen = Terminal()
    found = library.diff_exports(old, new)
    if form is DiffFormat.JSON:
        screen.raw(exportdiffs.as_json(found) + "\n")
    else:
        exportdiffs.show(screen, found)
    if found.problems:
        raise typer.Exit(FINDINGS)
