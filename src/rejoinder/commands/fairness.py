"""How FAIR a site is, told to a person by principle, and to machines as findings."""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path

import typer

from rejoinder import library
from rejoinder.checking.findings import as_json, as_sarif, as_validation_report
from rejoinder.commands.app import FINDINGS
from rejoinder.commands.options import ReportFormat
from rejoinder.commands.screen import Terminal
from rejoinder.fair.checklist import Fairness, Result
from rejoinder.fair.criteria import PRINCIPLES
from rejoinder.version import __version__

_SHOWN = 3
"""How many findings of one check a person is shown; the other formats have all."""


def tell(terminal: Terminal, folder: Path, form: ReportFormat) -> None:
    """Checks the site in the folder and tells what was found.

    Raises:
        UsageError: there is no site in the folder.
        Exit: a check did not pass.
    """
    fairness = library.check_fair(folder)
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
    for principle, results in groupby(fairness.results, key=lambda result: result.check.principle):
        terminal.say(f"{principle}  {PRINCIPLES[principle]}", style="bold")
        for result in results:
            _show_result(terminal, result, fairness.folder)
    failed = sum(not result.passed for result in fairness.results)
    seen = sum(result.seen for result in fairness.results)
    outcome = f"{failed} failed" if failed else "all passed"
    terminal.say(f"{fairness.folder}: {len(fairness.results)} checks, {seen} things looked at: {outcome}")


def _show_result(terminal: Terminal, result: Result, folder: Path) -> None:
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
                    "findings": json.loads(as_json(result.findings)),
                }
                for result in fairness.results
            ],
        },
        ensure_ascii=False,
        indent=2,
    )
