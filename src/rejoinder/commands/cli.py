"""The command line: each command is one library call of the same name, printed.

Exit codes: 0 fine; 1 findings (a violation, or a warning with --fail-on warning); 2 bad usage or input, or nothing
could be written; 130 interrupted; 141 the reader of our output went away.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from rejoinder import formats, library
from rejoinder.building import scaffold
from rejoinder.building.checkup import Checkup
from rejoinder.checking import anchoring
from rejoinder.checking.findings import Severity, as_sarif, as_validation_report, of_problem
from rejoinder.checking.validation import Engine
from rejoinder.commands import output, terminal
from rejoinder.commands.screen import Terminal, show_questions
from rejoinder.errors import RejoinderError, UsageError
from rejoinder.project import Project, open_project
from rejoinder.questions import tables
from rejoinder.questions.questions import Table
from rejoinder.store.rdf import Literal
from rejoinder.triplestores.profiles import StoreName
from rejoinder.version import __version__

FINE: Final = 0
FINDINGS: Final = 1
BAD: Final = 2
INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141

_EPILOG: Final = (
    "Exit codes: 0 fine · 1 findings · 2 bad usage or input, or nothing could be written · "
    "130 interrupted · 141 output closed"
)

app = typer.Typer(
    help="Human-rights reports as linked data: who raised what, who claimed what, which evidence stands against it.",
    epilog=_EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

imports = typer.Typer(
    help="Take over the tables of others, row by row.",
    epilog="Example: rejoinder import upr-info --help",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(imports, name="import")


class ReportFormat(StrEnum):
    """How a check-up is told."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    TURTLE = "turtle"


class SummaryFormat(StrEnum):
    """How a build is told."""

    TEXT = "text"
    JSON = "json"


class TableFormat(StrEnum):
    """How a table is told."""

    TABLE = "table"
    CSV = "csv"
    TSV = "tsv"
    JSON = "json"
    MARKDOWN = "markdown"


class RdfFormat(StrEnum):
    """The RDF syntaxes."""

    TURTLE = "turtle"
    TRIG = "trig"
    NQUADS = "nquads"
    NTRIPLES = "ntriples"
    JSONLD = "jsonld"
    RDFXML = "rdfxml"


class FailOn(StrEnum):
    """From which severity on a check-up fails."""

    VIOLATION = "violation"
    WARNING = "warning"


ProjectFolder = Annotated[
    Path,
    typer.Option("--project", "-p", help="The project's folder, or one inside it.", envvar="REJOINDER_PROJECT"),
]
StoreOption = Annotated[
    StoreName | None, typer.Option("--store", help="Which triple store it is, where it does not say so itself.")
]
EndpointOption = Annotated[
    str | None, typer.Option("--endpoint", help="Ask the triple store at this address instead.", show_default=False)
]
TableOption = Annotated[TableFormat, typer.Option("--format", "-f", help="How to print the table.")]


def _version(wanted: bool) -> None:  # the form that typer's callbacks have
    if wanted:
        typer.echo(f"rejoinder {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", callback=_version, is_eager=True)
    ] = False,  # typer reads it
) -> None:
    pass


@app.command(epilog="Example: rejoinder build")
def build(
    project: ProjectFolder = Path(),
    form: Annotated[
        SummaryFormat, typer.Option("--format", "-f", help="How to print what was done.")
    ] = SummaryFormat.TEXT,
) -> None:
    """Read, derive and check every dossier, and publish what changed as a new version."""
    screen = Terminal()
    with screen.progress() as progress:
        built = library.build(open_project(project), progress)
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
        typer.Argument(help="Dossiers to check; all of the project if none is named.", readable=False),
    ] = None,
    project: ProjectFolder = Path(),
    engine: Annotated[Engine, typer.Option(help="The SHACL engine.")] = Engine.SHACL,
    endpoint: Annotated[
        str | None, typer.Option("--endpoint", help="Check what the triple store at this address holds instead.")
    ] = None,
    store: StoreOption = None,
    source: Annotated[
        Path | None,
        typer.Option(help="The text a report was read from: verifies anchors, measures coverage."),
    ] = None,
    form: Annotated[
        ReportFormat, typer.Option("--format", "-f", help="How to print the findings.")
    ] = ReportFormat.TEXT,
    fail_on: Annotated[FailOn, typer.Option(help="The least severity that makes the exit code 1.")] = FailOn.VIOLATION,
) -> None:
    """Check dossiers against the shapes, and against the source text; publish nothing."""
    screen = Terminal()
    with screen.progress() as progress:
        place = open_project(project)
        if endpoint is None:
            checkup = library.check(place, tuple(files or ()), engine, source, progress)
        elif files or source:
            raise UsageError("with --endpoint, all that the store holds is checked; leave out files and --source")
        else:
            checkup = library.check_endpoint(place, endpoint, store=store, engine=engine, progress=progress)
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


@app.command(epilog="Examples: rejoinder ask · rejoinder ask who-raised-what state=CZE --format csv")
def ask(  # noqa: PLR0913, PLR0917  # each is an option of the command
    name: Annotated[str | None, typer.Argument(help="The question; without one, the questions are listed.")] = None,
    parameters: Annotated[list[str] | None, typer.Argument(help="key=value pairs.")] = None,
    project: ProjectFolder = Path(),
    endpoint: EndpointOption = None,
    store: StoreOption = None,
    form: TableOption = TableFormat.TABLE,
    show_query: Annotated[
        bool, typer.Option("--show-query", help="Print the SPARQL instead of the answer.")
    ] = False,  # typer's form
) -> None:
    """Answer a stored question from the newest version."""
    screen, place = Terminal(), open_project(project)
    if name is None:
        _list(screen, place, form)
    elif show_query:
        screen.raw(library.question(place, name).query)
    else:
        with output.stoppable():
            table = library.ask(place, name, dict(_pairs(parameters or [])), endpoint=endpoint, store=store)
        table = tables.labels_only(table) if form is TableFormat.TABLE else table
        screen.table(table, formats.result_syntax(form), place.base)


def _list(screen: Terminal, project: Project, form: TableFormat) -> None:
    questions = library.list_questions(project)
    if form is TableFormat.TABLE:
        show_questions(screen, questions)
        return
    rows = tuple((Literal(q.name), Literal(q.group), Literal(q.title), Literal(q.summary)) for q in questions.values())
    screen.table(Table(("name", "group", "title", "summary"), rows), formats.result_syntax(form), project.base)


def _pairs(words: Iterable[str]) -> Iterable[tuple[str, str]]:
    for word in words:
        key, equals, value = word.partition("=")
        if not (key and equals and value):
            raise UsageError(f"{word!r} is not key=value; write for example state=CZE")
        yield key, value


@app.command(
    epilog="Examples: rejoinder sparql 'SELECT * WHERE { ?s ?p ?o } LIMIT 5' · rejoinder sparql --file query.rq"
)
def sparql(  # noqa: PLR0913, PLR0917  # each is an option of the command
    query: Annotated[str | None, typer.Argument(help="The query; - reads it from standard input.")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="A file that holds the query.")] = None,
    project: ProjectFolder = Path(),
    endpoint: EndpointOption = None,
    store: StoreOption = None,
    form: TableOption = TableFormat.TABLE,
) -> None:
    """Put a SPARQL 1.1 query to the newest version; the default graph is the union of all graphs."""
    screen, place = Terminal(), open_project(project)
    with output.stoppable():
        answer = library.sparql(place, _query_text(query, file), endpoint=endpoint, store=store)
    if isinstance(answer, Table):
        screen.table(answer, formats.result_syntax(form), place.base)
    else:
        screen.raw(library.triples_as_turtle(place, answer))


def _query_text(query: str | None, file: Path | None) -> str:
    if (query is None) == (file is None):
        raise UsageError(
            "give the query as an argument, or with --file, or '-' for standard input; exactly one of them"
        )
    if file is None and query != "-":
        return query or ""
    try:
        return _standard_input() if file is None else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file or 'standard input'}: the query cannot be read: {error}") from error


def _standard_input() -> str:
    if sys.stdin is None:
        raise UsageError("standard input is closed; give the query as an argument, or with --file")
    return sys.stdin.buffer.read().decode("utf-8")


@app.command(epilog="Examples: rejoinder export all.trig · rejoinder export --format jsonld --graph report/kaz-upr-20")
def export(
    file: Annotated[
        Path | None,
        typer.Argument(help="Where to write; the suffix names the format. Standard output if none."),
    ] = None,
    project: ProjectFolder = Path(),
    form: Annotated[RdfFormat | None, typer.Option("--format", "-f", help="The RDF syntax.")] = None,
    graph: Annotated[
        str | None,
        typer.Option("--graph", "-g", help="Only this graph: its IRI, or its path below the base."),
    ] = None,
) -> None:
    """Write the newest version, or one graph of it, as canonical RDF."""
    if file is None and form is None:
        raise UsageError(
            "say where to write, e.g. 'rejoinder export all.trig', or in which format, e.g. '--format turtle'"
        )
    syntax = formats.rdf_syntax(form) if form else formats.rdf_syntax_of(str(file))
    data = library.export(open_project(project), syntax, graph)
    if file is None:
        Terminal().raw(data)
    else:
        output.write_whole(file, data)


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


@imports.command("upr-info", epilog="Example: rejoinder import upr-info *EXPORT*.csv --mapping names.yaml")
def import_upr_info(
    files: Annotated[list[Path], typer.Argument(help="Exports of the UPR Info database, as they were downloaded.")],
    mapping: Annotated[
        Path | None, typer.Option(help="A YAML file that settles names of States, issues and sessions.")
    ] = None,
    project: ProjectFolder = Path(),
    form: Annotated[
        SummaryFormat, typer.Option("--format", "-f", help="How to print what was done.")
    ] = SummaryFormat.TEXT,
) -> None:
    """Write every recommendation of the exports into dossiers, one for each review; name each row that has no place."""
    screen = Terminal()
    with screen.progress() as progress:
        imported = library.import_upr_info(open_project(project), files, mapping, progress)
    if form is SummaryFormat.JSON:
        screen.raw(terminal.import_json(imported) + "\n")
    else:
        terminal.show_import(screen, imported)
    if imported.problems:
        raise typer.Exit(FINDINGS)


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


@app.command(epilog="Examples: rejoinder push http://localhost:3030/ds · rejoinder push URL --prune --dry-run")
def push(  # noqa: PLR0913, PLR0917  # each is an option of the command
    url: Annotated[str, typer.Argument(help="The triple store's address.")],
    project: ProjectFolder = Path(),
    store: StoreOption = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove graphs of earlier pushes that are gone from the version.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Read everything back, not only what travelled.")] = False,
    form: Annotated[
        SummaryFormat, typer.Option("--format", "-f", help="How to print what was done.")
    ] = SummaryFormat.TEXT,
) -> None:
    """Load the newest version into a triple store, only what changed, and prove that it is there.

    Name and password come from REJOINDER_USER and REJOINDER_PASSWORD, or from ~/.netrc.
    """
    screen = Terminal()
    with screen.progress() as progress:
        pushed = library.push(
            open_project(project), url, store=store, prune=prune, verify=verify, dry_run=dry_run, progress=progress
        )
    if form is SummaryFormat.JSON:
        screen.raw(terminal.push_json(pushed) + "\n")
    else:
        terminal.show_push(screen, pushed)
    if pushed.differences:
        raise typer.Exit(FINDINGS)


def main() -> None:
    """The program: runs the command and turns what goes wrong into a sentence and an exit code."""
    output.show_everything()
    try:
        app(standalone_mode=True)
    except RejoinderError as error:
        for line in str(error).splitlines():
            Terminal().error(line)
        code = BAD
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        code = PIPE_CLOSED
    except OSError as error:
        Terminal().error(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}")
        code = BAD
    output.close()
    sys.exit(code)
