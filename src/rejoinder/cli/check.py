"""Commands on dossiers: build, check, new, anchor."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import rejoinder
from rejoinder.building import check as building_check
from rejoinder.building.parallel import all_cores
from rejoinder.cli import build as cli_build
from rejoinder.cli.app import BAD, FINDINGS, JobsOption, ProjectFolder, ReportFormat, StoreOption, TimeoutOption, app
from rejoinder.cli.build import FailOn, tell_problems
from rejoinder.cli.console import Terminal
from rejoinder.config import open_project
from rejoinder.errors import Severity, UsageError
from rejoinder.validation.shacl import Engine


@app.command(epilog="Example: rejoinder check data/report/kaz-upr-20.yaml --source report.txt --format sarif")
def check(  # noqa: PLR0913, PLR0917  # each is an option of the command
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="The dossiers to check (default: all of the project). With --fair: the folder of a site or a build.",
            readable=False,
        ),
    ] = None,
    project: ProjectFolder = Path(),
    engine: Annotated[Engine, typer.Option(help="The SHACL engine.")] = Engine.SHACL,
    endpoint: Annotated[
        str | None, typer.Option("--endpoint", help="Check the graphs in the triple store at this address instead.")
    ] = None,
    store: StoreOption = None,
    timeout: TimeoutOption = 3600,
    source: Annotated[
        Path | None,
        typer.Option(help="The source text: verify each cited passage, and list the sentences that no entry cites."),
    ] = None,
    fair: Annotated[
        bool, typer.Option("--fair", help="Check instead whether the built site is FAIR; this needs no network.")
    ] = False,  # typer's form
    form: Annotated[
        ReportFormat, typer.Option("--format", "-f", help="The format of the findings.")
    ] = ReportFormat.TEXT,
    fail_on: Annotated[FailOn, typer.Option(help="The severity from which on the exit code is 1.")] = FailOn.VIOLATION,
    jobs: JobsOption = None,
) -> None:
    """Check dossiers against the SHACL shapes and the source text, without publishing."""
    screen = Terminal()
    if fair:
        if endpoint or source or len(files or ()) > 1:
            raise UsageError("with --fair, a site is checked; name its folder alone, without --endpoint and --source")
        cli_build.tell(screen, files[0] if files else open_project(project).build, form)
        return
    with screen.progress() as progress:
        place = open_project(project)
        if endpoint is None:
            checkup = building_check.check(
                place, tuple(files or ()), engine, source, progress, jobs=jobs or all_cores()
            )
        elif files or source:
            raise UsageError("with --endpoint, all that the store holds is checked; leave out files and --source")
        else:
            checkup = rejoinder.check_endpoint(
                place, endpoint, store=store, engine=engine, timeout=timeout, progress=progress, notice=screen.note
            )
    tell_problems(screen, checkup, form)
    if checkup.problems:
        raise typer.Exit(BAD)
    limits = {FailOn.VIOLATION: {Severity.VIOLATION}, FailOn.WARNING: {Severity.VIOLATION, Severity.WARNING}}
    if any(finding.severity in limits[fail_on] for finding in checkup.findings):
        raise typer.Exit(FINDINGS)
