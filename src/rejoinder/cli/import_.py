"""The commands `import upr-info` and `import table`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import rejoinder
from rejoinder.cli.console import MAX_ALIKE, Terminal, plural, problem_lines, show_problems
from rejoinder.cli.main import FINDINGS, ProjectFolder, SummaryFormat, SummaryOption, app
from rejoinder.config import open_project
from rejoinder.importers.upr_info import Imported

imports = typer.Typer(
    help="Import tables, such as the exports of UPR Info, row by row.",
    epilog="Example: rejoinder import upr-info --help",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(imports, name="import")


@imports.command("upr-info", epilog="Example: rejoinder import upr-info *EXPORT*.csv --mapping names.yaml")
def import_upr_info(
    files: Annotated[list[Path], typer.Argument(help="Exports of the UPR Info database, as downloaded.")],
    mapping: Annotated[
        Path | None, typer.Option(help="A YAML file that maps names of States, issues and sessions.")
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(help="The encoding of the exports, if Rejoinder cannot detect it: macintosh, windows-1252, …"),
    ] = None,
    project: ProjectFolder = Path(),
    form: SummaryOption = "text",
) -> None:
    """Write every recommendation of the exports into dossiers, one for each review; list the rows that do not fit."""
    terminal = Terminal()
    with terminal.progress() as progress:
        imported = rejoinder.import_upr_info(open_project(project), files, mapping, progress, encoding=encoding)
    _tell(terminal, imported, form)


@imports.command("table", epilog="Example: rejoinder import table mapping.json requests.csv")
def import_table(
    mapping: Annotated[Path, typer.Argument(help="The meaning of the columns: JSON or YAML, a subset of W3C CSVW.")],
    file: Annotated[Path, typer.Argument(help="The table: CSV, or XLSX with the sheet that the mapping names.")],
    project: ProjectFolder = Path(),
    form: SummaryOption = "text",
) -> None:
    """Write the rows of any table into one dossier, by a mapping; list the rows that do not fit."""
    _tell(Terminal(), rejoinder.import_table(open_project(project), mapping, file), form)


def _tell(terminal: Terminal, imported: Imported, form: SummaryFormat) -> None:
    if form == "json":
        terminal.json({**vars(imported), "placed": imported.placed})
    else:
        _show(terminal, imported)
    if imported.problems:
        raise typer.Exit(FINDINGS)


def _show(terminal: Terminal, imported: Imported) -> None:
    """Print the result of an import; rows that do not fit for the same reason are listed together."""
    show_problems(terminal, imported.problems, "row")
    for label in imported.unmatched[:MAX_ALIKE]:
        terminal.say(f"The issue {label!r} is new: it is in the scheme, and matches nothing yet.")
    if len(imported.unmatched) > MAX_ALIKE:
        terminal.say(f"{len(imported.unmatched) - MAX_ALIKE} more issues are new ('--format json' lists all).")
    for line in problem_lines((*imported.warnings, *imported.differences), "row"):
        terminal.say(line, style="yellow")
    terminal.say(f"Read      {plural(imported.read, 'row')} of {plural(len(imported.files), 'file')}")
    terminal.say(f"Placed    {imported.placed} in {plural(len(imported.records), 'record')}")
    terminal.say(f"Reported  {len(imported.problems)}")
    terminal.say(f"Next      {'rejoinder build' if imported.records else 'mend the rows, and import again'}")
