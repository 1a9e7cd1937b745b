"""Commands on dossiers: build, check, new, anchor."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rejoinder import library
from rejoinder.building import scaffold
from rejoinder.building.checkup import Checkup
from rejoinder.building.workers import all_cores
from rejoinder.checking import anchoring
from rejoinder.checking.findings import Severity, as_sarif, as_validation_report, of_problem
from rejoinder.checking.validation import Engine
from rejoinder.commands import fairness, terminal
from rejoinder.commands.app import BAD, FINDINGS, app
from rejoinder.commands.options import (
    JobsOption,
    ProjectFolder,
    ReportFormat,
    StoreOption,
    SummaryFormat,
    TimeoutOption,
)
from rejoinder.commands.screen import Terminal
from rejoinder.errors import UsageError
from rejoinder.project import open_project
from rejoinder.store.versions import CURRENT
from rejoinder.version import __version__


class FailOn(StrEnum):
    """From which severity on a check-up fails."""

    VIOLATION = "violation"
    WARNING = "warning"


@app.command(epilog="Example: rejoinder build")
def build(
    project: ProjectFolder = Path(),
    form: Annotated[
        SummaryFormat, typer.Option("--format", "-f", help="How to print what was done.")
    ] = SummaryFormat.TEXT,
    no_site: Annotated[
        bool, typer.Option("--no-site", help="Publish the store only; a later build writes site and exports.")
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
            built = library.build(opened, progress, with_site=not no_site, jobs=jobs or all_cores())
    except KeyboardInterrupt:
        is_new = os.path.realpath(current) != before
        done = "what was checked till then is published" if is_new else "nothing new was published"
        screen.error(f"interrupted; {done}, and the next build does the rest")
        raise
    if form is SummaryFormat.JSON:
        screen.raw(terminal.build_json(built) + "\n")
    else:
        terminal.show_build(screen, built)
    if any(item.problems for item in built.broken):
        raise typer.Exit(BAD)
    if built.broken:
        raise typer.Exit(FINDINGS)


@app.command(epilog="Example: rejoinder check data/report/kaz-upr-20.yaml --source report.txt --format sarif")
def check(  # noqa: PLR0913, PLR0917  # each is an option of the command
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Dossiers to check, all of the project if none is named; with --fair, the folder of a site or build.",
            readable=False,
        ),
    ] = None,
    project: ProjectFolder = Path(),
    engine: Annotated[Engine, typer.Option(help="The SHACL engine.")] = Engine.SHACL,
    endpoint: Annotated[
        str | None, typer.Option("--endpoint", help="Check what the triple store at this address holds instead.")
    ] = None,
    store: StoreOption = None,
    timeout: TimeoutOption = 3600,
    source: Annotated[
        Path | None,
        typer.Option(help="The text a report was read from: verifies anchors, measures coverage."),
    ] = None,
    fair: Annotated[
        bool, typer.Option("--fair", help="Check instead whether the site that was built is FAIR, offline.")
    ] = False,  # typer's form
    form: Annotated[
        ReportFormat, typer.Option("--format", "-f", help="How to print the findings.")
    ] = ReportFormat.TEXT,
    fail_on: Annotated[FailOn, typer.Option(help="The least severity that makes the exit code 1.")] = FailOn.VIOLATION,
    jobs: JobsOption = None,
) -> None:
    """Check dossiers against the shapes, and against the source text; publish nothing."""
    screen = Terminal()
    if fair:
        if endpoint or source or len(files or ()) > 1:
            raise UsageError("with --fair, a site is checked; name its folder alone, without --endpoint and --source")
        fairness.tell(screen, files[0] if files else open_project(project).build, form)
        return
    with screen.progress() as progress:
        place = open_project(project)
        if endpoint is None:
            checkup = library.check(place, tuple(files or ()), engine, source, progress, jobs=jobs or all_cores())
        elif files or source:
            raise UsageError("with --endpoint, all that the store holds is checked; leave out files and --source")
        else:
            checkup = library.check_endpoint(
                place, endpoint, store=store, engine=engine, timeout=timeout, progress=progress, notice=screen.note
            )
    _tell(screen, checkup, form)
    if checkup.problems:
        raise typer.Exit(BAD)
    limits = {FailOn.VIOLATION: {Severity.VIOLATION}, FailOn.WARNING: {Severity.VIOLATION, Severity.WARNING}}
    if any(finding.severity in limits[fail_on] for finding in checkup.findings):
        raise typer.Exit(FINDINGS)


def _tell(screen: Terminal, checkup: Checkup, form: ReportFormat) -> None:
    if form is ReportFormat.TEXT:
        terminal.show_checkup(screen, checkup)
        return
    for problem in checkup.problems:
        screen.error(str(problem))
    everything = (*map(of_problem, checkup.problems), *checkup.findings)
    if form is ReportFormat.JSON:
        screen.raw(terminal.checkup_json(checkup) + "\n")
    elif form is ReportFormat.SARIF:
        screen.raw(as_sarif(everything, __version__) + "\n")
    else:
        screen.raw(as_validation_report(everything))


@app.command(epilog="Examples: rejoinder new my-reports · rejoinder new demo --example")
def new(
    folder: Annotated[Path, typer.Argument(help="The folder to make.")],
    example: Annotated[
        bool, typer.Option("--example", help="Put the Kazakhstan dossier in it.")
    ] = False,  # typer's form
) -> None:
    """Make a project of your own: configuration, a commented dossier, a README."""
    scaffold.new(folder, example=example)
    Terminal().say(f"{folder} is ready. Next: cd {folder} && rejoinder build")


@app.command(
    epilog="Examples: rejoinder anchor report.txt 'On 30 October … was held' · rejoinder anchor report.txt --all"
)
def anchor(
    source: Annotated[Path, typer.Argument(help="The source text, as it stands.")],
    words: Annotated[str | None, typer.Argument(help="The passage's words; … stands for any middle.")] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Every sentence, and the digest of the whole.")
    ] = False,  # typer's form
) -> None:
    """Print the line of a dossier's `passages` for words of the source, so that nobody counts characters."""
    if (words is None) != every:
        raise UsageError("give the words to look for, or --all; exactly one of them")
    screen = Terminal()
    if words is None:
        text = anchoring.whole(source)
        screen.raw(f'sha256: "{text.sha256}"\ncharacters: {text.end}\npassages:\n')
    found = anchoring.all_sentences(source) if words is None else anchoring.locate(source, words)
    for number, located in enumerate(found, 1):
        screen.raw(located.as_dossier_line(f"p{number:03d}") + "\n")
