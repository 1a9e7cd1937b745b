"""The command `build`."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

import rejoinder
from rejoinder.building.build import Built
from rejoinder.building.parallel import all_cores
from rejoinder.cli.console import (
    COLOURS,
    MAX_ALIKE,
    Terminal,
    listed,
    near,
    plural,
    shortened,
    show_findings,
    show_passed_over,
    show_problems,
    uncompared,
)
from rejoinder.cli.main import BAD, FINDINGS, INTERRUPTED, JobsOption, ProjectFolder, SummaryOption, app
from rejoinder.config import CONFIG_NAME, open_project
from rejoinder.errors import Problem, Severity, shown_path
from rejoinder.site import static
from rejoinder.versions import CURRENT, Version


@app.command(epilog="Example: rejoinder build")
def build(
    project: ProjectFolder = Path(),
    form: SummaryOption = "text",
    no_site: Annotated[
        bool, typer.Option("--no-site", help="Publish the store only; a later build writes the site and the exports.")
    ] = False,
    jobs: JobsOption = None,
) -> None:
    """Read, derive and check every dossier, and publish what changed as a new version, its site and its exports."""
    terminal = Terminal()
    opened = open_project(project)
    # If the link has another target afterwards, a version was published before Ctrl-C.
    current = opened.build / CURRENT
    before = os.path.realpath(current)
    try:
        with terminal.progress() as progress:
            built = rejoinder.build(opened, progress, with_site=not no_site, jobs=jobs or all_cores())
    except KeyboardInterrupt:
        is_new = os.path.realpath(current) != before
        done = "what was checked till then is published" if is_new else "nothing new was published"
        terminal.error(f"interrupted; {done}, and the next build does the rest")
        raise typer.Exit(INTERRUPTED) from None
    if form == "json":
        terminal.json(_as_json(built))
    else:
        _show(terminal, built, opened.base)
    # An unreadable file is bad input; a readable one that violates a shape is a finding.
    if any(item.problems for item in built.broken):
        raise typer.Exit(BAD)
    if built.broken:
        raise typer.Exit(FINDINGS)


def _show(terminal: Terminal, built: Built, base: str) -> None:
    """Print the result of a build."""
    for item in built.broken:
        show_problems(terminal, item.problems)
        show_findings(terminal, item.findings)
        outcome = "its last good graph stays" if item.graph in built.kept else "it is left out"
        terminal.say(f"{shown_path(item.path)}: not published; {outcome}", style="red")
    for problem in (*built.texts, *built.settings, *built.damaged):
        terminal.say(f"{problem.where}: {Severity.WARNING}: {problem.message}", style=COLOURS[Severity.WARNING])
    show_passed_over(terminal, built.passed_over)
    manifest = built.version.manifest if built.version else None
    if manifest is None or built.version is None:
        terminal.say("Nothing could be published.")
        return
    if not built.is_new:
        terminal.say(f"Nothing changed: version {manifest.number} is current ({manifest.quads} statements).")
        if built.wrote_files:
            terminal.say("Files of its site or its exports were missing; this build wrote them anew.")
            _show_files(terminal, built.version)
        _show_missing_site(terminal, built)
        return
    sources = [entry for entry in manifest.graphs if entry.source]
    warnings = sum(entry.warnings for entry in sources)
    warnings += sum(finding.path.name == CONFIG_NAME for finding in built.findings)  # the settings are no graph
    terminal.say(f"Read      {plural(len(built.files), 'file')}")
    terminal.say(f"Checked   {plural(warnings, 'warning')}, no violation ('rejoinder check' lists all)")
    _show_kinds(terminal, built.findings)
    if left := uncompared(built.uncompared):
        terminal.say(f"Text      {left}")
    terminal.say(f"Version   {manifest.number}: {manifest.quads} statements in {plural(len(manifest.graphs), 'graph')}")
    if built.changed or not built.removed:
        terminal.say(
            f"Changed   {listed(built.changed, base) or 'nothing in the data, but what the site shows of them'}"
        )
    if built.removed:
        terminal.say(f"Removed   {listed(built.removed, base)}")
    terminal.say(f"Store     {near(built.version.store_path)}")
    if built.version.has_site:
        _show_files(terminal, built.version)
    _show_missing_site(terminal, built)


def _show_kinds(terminal: Terminal, findings: tuple[Problem, ...]) -> None:
    """Print the numbers of findings by kind; `check` lists them one by one."""
    kinds = Counter((finding.severity, finding.message) for finding in findings)
    for (severity, message), number in kinds.most_common(MAX_ALIKE):
        terminal.say(f"  {number:3} × {severity}: {shortened(message)}", style=COLOURS[severity])
    if len(kinds) > MAX_ALIKE:
        terminal.say(f"  and {plural(len(kinds) - MAX_ALIKE, 'more kind')}")


def _show_files(terminal: Terminal, version: Version) -> None:
    """Print where the files of the version are."""
    terminal.say(f"Files     {near(version.export_path)}")
    terminal.say(f"Site      {near(version.published_site)}: open index.html, or give the folder to any web host")
    if not static.available():
        terminal.note(f"the site has {static.MISSING}")


def _show_missing_site(terminal: Terminal, built: Built) -> None:
    """Print that the version has no site yet, if it has none."""
    if built.version and not built.version.has_site:
        last = f"; the site shows version {built.shown.manifest.number}" if built.shown else ""
        terminal.say(f"Site      not written (--no-site){last}; 'rejoinder build' writes it")


def _as_json(built: Built) -> dict[str, object]:
    """Return the result of a build, for programs."""
    version = built.version
    return {
        "version": version.manifest.number if version else None,
        "new": built.is_new,
        "wroteFiles": built.wrote_files,
        "statements": version.manifest.quads if version else 0,
        "store": version.store_path if version else None,
        "files": version.export_path if version and version.has_site else None,
        "site": version.published_site if version and version.has_site else None,
        "changed": built.changed,
        "removed": built.removed,
        "findings": built.findings,
        "texts": built.texts,
        "settings": built.settings,
        "damaged": built.damaged,
        "passedOver": built.passed_over,
        "uncompared": asdict(built.uncompared),
        "broken": [
            {
                "path": item.path,
                "kept": item.graph in built.kept,
                "problems": [str(problem) for problem in item.problems],
                "findings": item.findings,
            }
            for item in built.broken
        ],
    }
