"""Commands on dossiers: build, check, new, anchor."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import rejoinder
from rejoinder.building import build as building_build
from rejoinder.building.build import Built
from rejoinder.building.check import Checkup
from rejoinder.building.parallel import all_cores
from rejoinder.building.pipeline import CheckedGraph
from rejoinder.cli.app import BAD, FINDINGS, JobsOption, ProjectFolder, ReportFormat, SummaryFormat, app
from rejoinder.cli.console import FIRST, MOST, Terminal, kind_of, listed, problem_lines, shortened
from rejoinder.config import open_project
from rejoinder.dossiers.discovery import SUFFIXES
from rejoinder.errors import Problem, Severity, extra
from rejoinder.site import static
from rejoinder.text import count
from rejoinder.validation.report import as_sarif, as_validation_report, counted
from rejoinder.validation.source_text import Coverage
from rejoinder.version import __version__
from rejoinder.versions import CURRENT, Version

if TYPE_CHECKING:  # the parser of HTML is an extra
    from rejoinder.fair.checklist import CheckResult, Fairness

_COLOURS = {Severity.VIOLATION: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}


def show_findings(terminal: Terminal, findings: tuple[Problem, ...]) -> None:
    """Each finding: where, how bad, what and at which value; of very many of one kind the first, and how many more."""
    kinds = Counter((finding.severity, kind_of(finding.message)) for finding in findings)
    seen: Counter[tuple[Severity, str]] = Counter()
    for finding in findings:
        kind = finding.severity, kind_of(finding.message)
        seen[kind] += 1
        if kinds[kind] > MOST and seen[kind] > FIRST:
            if seen[kind] == FIRST + 1:
                rest = f"{kinds[kind] - FIRST} more {finding.severity}s"
                more = f"  {rest} of this kind ('rejoinder check --format json' tells all)"
                terminal.say(more, style=_COLOURS[finding.severity])
            continue
        value = "" if finding.value in ("", finding.focus) else f" (found: {_short(finding.value)})"
        sentence = shortened(f"{_short(finding.focus)}: {finding.message}{value}")
        terminal.say(f"{finding.where}: {finding.severity}: {sentence}", style=_COLOURS[finding.severity])


def _short(text: str) -> str:
    """An IRI as a dossier would write it: the fragment, or the last two steps of a short path."""
    if not text.startswith(("http://", "https://")):
        return text
    steps = "/".join(text.rsplit("/", 2)[-2:])
    return "#" + text.rpartition("#")[2] if "#" in text else steps if re.fullmatch(r"[\w/-]{,60}", steps) else text


def _show_kinds(terminal: Terminal, findings: tuple[Problem, ...]) -> None:
    """The findings counted by what they say: enough for a build, whose reader can check for the rest."""
    kinds = Counter((finding.severity, finding.message) for finding in findings)
    for (severity, message), number in kinds.most_common(MOST):
        terminal.say(f"  {number:3} × {severity}: {shortened(message)}", style=_COLOURS[severity])
    if len(kinds) > MOST:
        terminal.say(f"  and {count(len(kinds) - MOST, 'more kind')}")


def show_checkup(terminal: Terminal, checkup: Checkup) -> None:
    """A check-up for reading."""
    for line in problem_lines(checkup.problems):
        terminal.say(line, style="red")
    show_findings(terminal, checkup.findings)
    _show_passed_over(terminal, checkup.passed_over)
    if checkup.coverage:
        show_coverage(terminal, checkup.coverage)
    terminal.say(
        f"{count(len(checkup.files), 'file')}, {checkup.statements} statements: {summary(checkup.findings)}"
        + (f", {count(len(checkup.problems), 'problem')} reading" if checkup.problems else "")
    )


def _show_passed_over(terminal: Terminal, files: tuple[Path, ...]) -> None:
    """Which files of the data folder nobody reads."""
    if files:
        named = ", ".join(str(_near(path)) for path in files[:FIRST]) + (", …" if len(files) > FIRST else "")
        are = "is not a dossier and is" if len(files) == 1 else "are not dossiers and are"
        suffixes = ", ".join(SUFFIXES)
        terminal.say(
            f"{count(len(files), 'file')} of the data folder {are} not read: {named} (the names of dossiers end in "
            f"{suffixes})",
            style=_COLOURS[Severity.WARNING],
        )


def show_coverage(terminal: Terminal, coverage: Coverage) -> None:
    """How much of the source is in the graph."""
    carried = len(coverage.sentences) - len(coverage.missing)
    share = 100 * coverage.covered / coverage.characters if coverage.characters else 100.0
    terminal.say(
        f"source: {carried} of {len(coverage.sentences)} sentences carried, {share:.1f} % of the characters anchored"
    )


def checkup_json(checkup: Checkup) -> str:
    """A check-up for machines."""
    coverage = checkup.coverage
    return json.dumps(
        {
            "files": [path.as_posix() for path in checkup.files],
            "statements": checkup.statements,
            "problems": list(map(Problem.as_json, checkup.problems)),
            "findings": list(map(Problem.as_json, checkup.findings)),
            "passedOver": [path.as_posix() for path in checkup.passed_over],
            "coverage": coverage
            and {
                "sentences": len(coverage.sentences),
                "missing": [{"start": s.start, "end": s.end} for s in coverage.missing],
                "characters": coverage.characters,
                "covered": coverage.covered,
            },
        },
        ensure_ascii=False,
        indent=2,
    )


def summary(findings: tuple[Problem, ...]) -> str:
    """The findings counted, in words."""
    counts = [(number, str(severity)) for severity, number in counted(findings).items() if number]
    return ", ".join(count(number, name) for number, name in counts) or "no findings"


def show_build(terminal: Terminal, built: Built) -> None:
    """What a build did."""
    for item in built.broken:
        _show_broken(terminal, item, kept=item.graph in built.kept)
    for text in built.texts:
        terminal.say(f"{text.path}: {Severity.WARNING}: {text.message}", style=_COLOURS[Severity.WARNING])
    _show_passed_over(terminal, built.passed_over)
    manifest = built.version.manifest if built.version else None
    if manifest is None or built.version is None:
        terminal.say("Nothing could be published.")
        return
    if not built.is_new:
        terminal.say(f"Nothing changed: version {manifest.number} stands ({manifest.quads} statements).")
        if built.wrote_files:
            terminal.say("Files of its site or its exports were missing; this build wrote them anew.")
            _show_files(terminal, built.version)
        _show_missing_site(terminal, built)
        return
    sources = [entry for entry in manifest.graphs if entry.source]
    warnings = sum(entry.warnings for entry in sources)
    terminal.say(f"Read      {count(len(built.files), 'file')}")
    terminal.say(f"Checked   {count(warnings, 'warning')}, no violation ('rejoinder check' lists all)")
    _show_kinds(terminal, built.findings)
    terminal.say(f"Version   {manifest.number}: {manifest.quads} statements in {count(len(manifest.graphs), 'graph')}")
    if built.changed or not built.removed:
        terminal.say(f"Changed   {listed(built.changed) or 'nothing in the data, but what the site shows of them'}")
    if built.removed:
        terminal.say(f"Removed   {listed(built.removed)}")
    terminal.say(f"Store     {_near(built.version.store_path)}")
    if built.version.has_site:
        _show_files(terminal, built.version)
    _show_missing_site(terminal, built)


def _show_files(terminal: Terminal, version: Version) -> None:
    """Where the files of the version are."""
    terminal.say(f"Files     {_near(version.export_path)}")
    terminal.say(f"Site      {_near(version.published_site)}: open index.html, or give the folder to any web host")
    if not static.available():
        terminal.note(f"the site has {static.MISSING}")


def _show_missing_site(terminal: Terminal, built: Built) -> None:
    """That the version has no site yet, if it has none."""
    if built.version and not built.version.has_site:
        last = f"; the site shows version {built.shown.manifest.number}" if built.shown else ""
        terminal.say(f"Site      not written (--no-site){last}; 'rejoinder build' writes it")


def _near(path: Path) -> Path:
    """The path as one would type it here."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _show_broken(terminal: Terminal, item: CheckedGraph, *, kept: bool) -> None:
    for line in problem_lines(item.problems):
        terminal.say(line, style="red")
    show_findings(terminal, item.findings)
    fate = "its last good graph stays" if kept else "it is left out"
    terminal.say(f"{item.path}: not published; {fate}", style="red")


def build_json(built: Built) -> str:
    """What a build did, for machines."""
    version = built.version
    return json.dumps(
        {
            "version": version.manifest.number if version else None,
            "new": built.is_new,
            "wroteFiles": built.wrote_files,
            "statements": version.manifest.quads if version else 0,
            "store": str(version.store_path) if version else None,
            "files": str(version.export_path) if version and version.has_site else None,
            "site": str(version.published_site) if version and version.has_site else None,
            "changed": built.changed,
            "removed": built.removed,
            "findings": list(map(Problem.as_json, built.findings)),
            "texts": list(map(Problem.as_json, built.texts)),
            "passedOver": [path.as_posix() for path in built.passed_over],
            "broken": [
                {
                    "path": item.path.as_posix(),
                    "kept": item.graph in built.kept,
                    "problems": [str(problem) for problem in item.problems],
                    "findings": list(map(Problem.as_json, item.findings)),
                }
                for item in built.broken
            ],
        },
        ensure_ascii=False,
        indent=2,
    )


_SHOWN = 3
"""How many findings of one check a person is shown; the other formats have all."""


def tell(terminal: Terminal, folder: Path, form: ReportFormat) -> None:
    """Checks the site in the folder and tells what was found.

    Raises:
        UsageError: there is no site in the folder.
        Exit: a check did not pass.
    """
    fairness = rejoinder.check_fair(folder)
    if form is ReportFormat.TEXT:
        _show(terminal, fairness)
    elif form is ReportFormat.JSON:
        terminal.raw(fairness_json(fairness) + "\n")
    elif form is ReportFormat.SARIF:
        terminal.raw(as_sarif(fairness.findings, __version__) + "\n")
    else:
        terminal.raw(as_validation_report(fairness.findings))
    if not fairness.passed:
        raise typer.Exit(FINDINGS)


def _show(terminal: Terminal, fairness: Fairness) -> None:
    with extra("fair"):
        from rejoinder.fair.built_site import PRINCIPLES  # noqa: PLC0415  # the parser of HTML is an extra

    for principle, results in groupby(fairness.results, key=lambda result: result.check.principle):
        terminal.say(f"{principle}  {PRINCIPLES[principle]}", style="bold")
        for result in results:
            _show_result(terminal, result, fairness.folder)
    failed = sum(not result.passed for result in fairness.results)
    seen = sum(result.seen for result in fairness.results)
    outcome = f"{failed} failed" if failed else "all passed"
    terminal.say(f"{fairness.folder}: {len(fairness.results)} checks, {seen} things looked at: {outcome}")


def _show_result(terminal: Terminal, result: CheckResult, folder: Path) -> None:
    fine = result.seen - len(result.findings)
    word, style = ("pass", "green") if result.passed else ("FAIL", "red")
    terminal.say(f"  {word}  {fine:>5} of {result.seen:<5}  {result.check.title} [{result.check.name}]", style=style)
    for finding in result.findings[:_SHOWN]:
        path = finding.path.relative_to(folder).as_posix()
        about = "" if finding.focus == path else f" {finding.focus}:"
        found = f" (found: {finding.value})" if finding.value else ""
        terminal.say(f"          {path}:{about} {finding.message}{found}", style=style)
    more = len(result.findings) - _SHOWN
    if more > 0:
        terminal.say(f"          and {more} more ('--format json' has all)", style=style)


def fairness_json(fairness: Fairness) -> str:
    """The results for machines."""
    return json.dumps(
        {
            "site": fairness.folder.as_posix(),
            "passed": fairness.passed,
            "checks": [
                {
                    "name": result.check.name,
                    "principle": result.check.principle,
                    "mirrors": result.check.mirrors,
                    "title": result.check.title,
                    "passed": result.passed,
                    "seen": result.seen,
                    "findings": list(map(Problem.as_json, result.findings)),
                }
                for result in fairness.results
            ],
        },
        ensure_ascii=False,
        indent=2,
    )


class FailOn(StrEnum):
    """From which severity on a check-up fails."""

    VIOLATION = "violation"
    WARNING = "warning"


@app.command(epilog="Example: rejoinder build")
def build(
    project: ProjectFolder = Path(),
    form: Annotated[
        SummaryFormat, typer.Option("--format", "-f", help="The format of the summary.")
    ] = SummaryFormat.TEXT,
    no_site: Annotated[
        bool, typer.Option("--no-site", help="Publish the store only; a later build writes the site and the exports.")
    ] = False,  # typer's form
    jobs: JobsOption = None,
) -> None:
    """Read, derive and check every dossier, and publish what changed as a new version, its site and its exports."""
    screen = Terminal()
    opened = open_project(project)
    current = opened.build / CURRENT
    before = os.path.realpath(current)
    try:
        with screen.progress() as progress:
            built = building_build.build(opened, progress, with_site=not no_site, jobs=jobs or all_cores())
    except KeyboardInterrupt:
        is_new = os.path.realpath(current) != before
        done = "what was checked till then is published" if is_new else "nothing new was published"
        screen.error(f"interrupted; {done}, and the next build does the rest")
        raise
    if form is SummaryFormat.JSON:
        screen.raw(build_json(built) + "\n")
    else:
        show_build(screen, built)
    if any(item.problems for item in built.broken):
        raise typer.Exit(BAD)
    if built.broken:
        raise typer.Exit(FINDINGS)


def tell_problems(screen: Terminal, checkup: Checkup, form: ReportFormat) -> None:
    """Print what a check found, in the format asked for."""
    if form is ReportFormat.TEXT:
        show_checkup(screen, checkup)
        return
    for problem in checkup.problems:
        screen.error(str(problem))
    everything = (*checkup.problems, *checkup.findings)
    if form is ReportFormat.JSON:
        screen.raw(checkup_json(checkup) + "\n")
    elif form is ReportFormat.SARIF:
        screen.raw(as_sarif(everything, __version__) + "\n")
    else:
        screen.raw(as_validation_report(everything))
