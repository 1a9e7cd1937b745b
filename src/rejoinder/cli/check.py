"""The command `check`: dossiers, the graphs in a triple store, or the FAIRness of a site."""

from __future__ import annotations

from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

import rejoinder
from rejoinder import __version__
from rejoinder.building.check import Checkup
from rejoinder.building.parallel import all_cores
from rejoinder.cli.console import Terminal, plural, show_findings, show_passed_over, show_problems, uncompared
from rejoinder.cli.main import BAD, FINDINGS, JobsOption, ProjectFolder, ReportFormat, StoreOption, TimeoutOption, app
from rejoinder.config import open_project
from rejoinder.errors import Problem, Severity, UsageError, extra
from rejoinder.triplestores.stores import COMMAND_SECONDS
from rejoinder.validation.shacl import Engine, as_sarif, as_validation_report, counted

if TYPE_CHECKING:  # the parser of HTML is an extra
    from rejoinder.fair.checklist import CheckResult, Fairness

MAX_SHOWN: Final = 3
"""The most findings of one FAIR check that are printed as text; JSON has all."""


@app.command(epilog="Example: rejoinder check data/report/kaz-upr-20.yaml --source report.txt --format sarif")
def check(  # noqa: PLR0913, PLR0917  # each is an option of the command
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="The dossiers to check (default: all of the project). With --fair: the folder of a site or a build.",
            readable=False,  # the check reports it, beside all other problems
        ),
    ] = None,
    project: ProjectFolder = Path(),
    engine: Annotated[Engine, typer.Option(help="The SHACL engine.")] = Engine.SHACL,
    endpoint: Annotated[
        str | None, typer.Option("--endpoint", help="Check the graphs in the triple store at this address instead.")
    ] = None,
    store: StoreOption = None,
    timeout: TimeoutOption = COMMAND_SECONDS,
    source: Annotated[
        Path | None,
        typer.Option(help="The source text: verify each cited passage, and list the sentences that no entry cites."),
    ] = None,
    fair: Annotated[
        bool, typer.Option("--fair", help="Check instead whether the built site is FAIR; this needs no network.")
    ] = False,
    form: Annotated[ReportFormat, typer.Option("--format", "-f", help="The format of the findings.")] = "text",
    fail_on: Annotated[
        Literal["violation", "warning"], typer.Option(help="The severity from which on the exit code is 1.")
    ] = "violation",
    jobs: JobsOption = None,
) -> None:
    """Check dossiers against the SHACL shapes and the source text, without publishing."""
    terminal = Terminal()
    if fair:
        if endpoint or source or len(files or ()) > 1:
            raise UsageError("with --fair, a site is checked; name its folder alone, without --endpoint and --source")
        _check_fair(terminal, files[0] if files else open_project(project).build, form)
        return
    with terminal.progress() as progress:
        opened = open_project(project)
        if endpoint is None:
            checkup = rejoinder.check(opened, tuple(files or ()), engine, source, progress, jobs=jobs or all_cores())
        elif files or source:
            raise UsageError("with --endpoint, all that the store holds is checked; leave out files and --source")
        else:
            checkup = rejoinder.check_endpoint(
                opened, endpoint, store=store, engine=engine, timeout=timeout, progress=progress, notice=terminal.note
            )
    if form == "text":
        _show(terminal, checkup)
    else:
        for problem in checkup.problems:  # also on standard error, because the output may go to a file
            terminal.error(str(problem))
        _print(terminal, form, (*checkup.problems, *checkup.findings), _as_json(checkup))
    if checkup.problems:
        raise typer.Exit(BAD)
    limits = {Severity.VIOLATION} if fail_on == "violation" else {Severity.VIOLATION, Severity.WARNING}
    if any(finding.severity in limits for finding in checkup.findings):
        raise typer.Exit(FINDINGS)


def _print(terminal: Terminal, form: ReportFormat, findings: tuple[Problem, ...], value: object) -> None:
    """Print findings for programs; `value` is the content of the JSON format."""
    if form == "json":
        terminal.json(value)
    elif form == "sarif":
        terminal.raw(as_sarif(findings, __version__) + "\n")
    else:
        terminal.raw(as_validation_report(findings))


def _show(terminal: Terminal, checkup: Checkup) -> None:
    """Print the result of a check as text."""
    show_problems(terminal, checkup.problems)
    show_findings(terminal, checkup.findings)
    show_passed_over(terminal, checkup.passed_over)
    if coverage := checkup.coverage:
        sentences, missing = len(coverage.sentences), len(coverage.missing)
        share = 100 * coverage.covered / coverage.characters if coverage.characters else 100.0
        carried = f"{sentences - missing} of {sentences} sentences cited"
        terminal.say(f"source: {carried}, {share:.1f} % of the characters")
    if left := uncompared(checkup.uncompared):
        terminal.say(f"source: {left}")
    numbers = [plural(number, severity) for severity, number in counted(checkup.findings).items() if number]
    unread = f", {plural(len(checkup.problems), 'problem')} reading" if checkup.problems else ""
    found = ", ".join(numbers) or "no findings"
    terminal.say(f"{plural(len(checkup.files), 'file')}, {checkup.statements} statements: {found}{unread}")


def _as_json(checkup: Checkup) -> dict[str, object]:
    """Return the result of a check as JSON values."""
    coverage = checkup.coverage
    return {
        "files": checkup.files,
        "statements": checkup.statements,
        "problems": checkup.problems,
        "findings": checkup.findings,
        "passedOver": checkup.passed_over,
        "uncompared": asdict(checkup.uncompared),
        "coverage": coverage
        and {
            "sentences": len(coverage.sentences),
            "missing": [{"start": s.start, "end": s.end} for s in coverage.missing],
            "characters": coverage.characters,
            "covered": coverage.covered,
        },
    }


def _check_fair(terminal: Terminal, folder: Path, form: ReportFormat) -> None:
    """Check the site in the folder, and print the findings.

    Raises:
        UsageError: there is no site in the folder.
        Exit: a check did not pass.
    """
    fairness = rejoinder.check_fair(folder)
    if form == "text":
        _show_fairness(terminal, fairness)
    else:
        _print(terminal, form, fairness.findings, _fairness_json(fairness))
    if not fairness.passed:
        raise typer.Exit(FINDINGS)


def _show_fairness(terminal: Terminal, fairness: Fairness) -> None:
    with extra("fair"):
        from rejoinder.fair.checklist import PRINCIPLES  # noqa: PLC0415  # the parser of HTML is an extra

    for principle, results in groupby(fairness.results, key=lambda result: result.check.principle):
        terminal.say(f"{principle}  {PRINCIPLES[principle]}", style="bold")
        for result in results:
            _show_result(terminal, result, fairness.folder)
    failed = sum(not result.passed for result in fairness.results)
    seen = sum(result.seen for result in fairness.results)
    outcome = f"{failed} failed" if failed else "all passed"
    terminal.say(f"{fairness.folder}: {len(fairness.results)} checks of {seen} things: {outcome}")


def _show_result(terminal: Terminal, result: CheckResult, folder: Path) -> None:
    fine = result.seen - len(result.findings)
    word, style = ("pass", "green") if result.passed else ("FAIL", "red")
    terminal.say(f"  {word}  {fine:>5} of {result.seen:<5}  {result.check.title} [{result.check.name}]", style=style)
    for finding in result.findings[:MAX_SHOWN]:
        path = finding.path.relative_to(folder).as_posix()
        where = f"{path}:{finding.line}" if finding.line else path
        about = "" if finding.focus == path else f" {finding.focus}:"
        found = f" (found: {finding.value})" if finding.value else ""
        terminal.say(f"          {where}:{about} {finding.message}{found}", style=style)
    more = len(result.findings) - MAX_SHOWN
    if more > 0:
        terminal.say(f"          and {more} more ('--format json' has all)", style=style)


def _fairness_json(fairness: Fairness) -> dict[str, object]:
    """Return the results as JSON values."""
    return {
        "site": fairness.folder,
        "passed": fairness.passed,
        "checks": [
            {
                "name": result.check.name,
                "principle": result.check.principle,
                "mirrors": result.check.mirrors,
                "title": result.check.title,
                "passed": result.passed,
                "seen": result.seen,
                "findings": result.findings,
            }
            for result in fairness.results
        ],
    }
