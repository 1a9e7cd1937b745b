"""The command line program: name, help, options shared by commands, and the conversion of errors to exit codes.

Exit codes: 0 success; 1 findings (a violation, or a warning with --fail-on warning); 2 bad usage or input, or nothing
could be written; 130 interrupted; 141 the reader of our output went away.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer
from typer.core import TyperGroup

from rejoinder import __version__, disk
from rejoinder.cli import console
from rejoinder.cli.console import Terminal, problem_lines
from rejoinder.errors import InputError, RejoinderError
from rejoinder.triplestores.stores import StoreName

SummaryFormat = Literal["text", "json"]
ReportFormat = Literal["text", "json", "sarif", "turtle"]
TableFormat = Literal["table", "csv", "tsv", "json", "markdown"]

ProjectFolder = Annotated[
    Path,
    typer.Option("--project", "-p", help="The project's folder, or one inside it.", envvar="REJOINDER_PROJECT"),
]
StoreOption = Annotated[
    StoreName | None, typer.Option("--store", help="The triple store's product, if Rejoinder cannot detect it.")
]
EndpointOption = Annotated[
    str | None, typer.Option("--endpoint", help="Ask the triple store at this address instead.", show_default=False)
]
TimeoutOption = Annotated[
    int,
    typer.Option(
        "--timeout", min=1, max=1_000_000, help="The time limit for the triple store in seconds, retries included."
    ),
]
JobsOption = Annotated[
    int | None,
    typer.Option(
        "--jobs", "-j", min=1, help="The number of processes that read, check and render.", show_default="all cores"
    ),
]
TableOption = Annotated[TableFormat, typer.Option("--format", "-f", help="The format of the table.")]
SummaryOption = Annotated[SummaryFormat, typer.Option("--format", "-f", help="The format of the summary.")]

FINDINGS: Final = 1
BAD: Final = 2
INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141

_EPILOG: Final = (
    "Exit codes: 0 success · 1 findings · 2 wrong usage or input, or writing failed · 130 interrupted · "
    "141 output closed"
)

COMMANDS: Final = (
    "build",
    "check",
    "ask",
    "sparql",
    "export",
    "diff",
    "serve",
    "push",
    "import",
    "match",
    "new",
    "migrate",
    "anchor",
)


class _Commands(TyperGroup):
    """A group that lists commands in the order in which a new user needs them."""

    def list_commands(self, ctx: Any) -> list[str]:  # typer keeps the context's class to itself
        """See `Group.list_commands`."""
        return sorted(super().list_commands(ctx), key=COMMANDS.index)

    def invoke(self, ctx: Any) -> Any:
        """See `Group.invoke`."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:  # pydantic, which typer uses, puts these words before ours
            error.message = error.message.removeprefix("Value error, ")
            raise


app = typer.Typer(
    cls=_Commands,
    help="Publish human-rights reports as linked data: who raised or claimed what, and what evidence contradicts it.",
    epilog=_EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"rejoinder {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass


def program(words: Sequence[str]) -> typer.Typer:
    """Return the program with the command in the first word, or with all commands if that is none.

    Importing all commands takes nearly twice as long as importing `ask` alone.
    """
    named = [word for word in words[:1] if word in COMMANDS]
    for command in named or COMMANDS:  # `import` is a keyword, so that module has another name
        import_module(f"rejoinder.cli.{'import_' if command == 'import' else command}")
    return app


def main(ready: Callable[[], None] = lambda: None) -> None:
    """Run the command, and convert exceptions into messages and exit codes; `ready` is called before it begins."""
    console.show_everything()
    try:
        command = program(sys.argv[1:])
        ready()
        command(standalone_mode=True)
    except RejoinderError as error:
        for line in problem_lines(error.problems) if isinstance(error, InputError) else str(error).splitlines():
            Terminal().error(line)
        code = BAD
    except KeyboardInterrupt:
        code = INTERRUPTED
    except SystemExit as ended:
        # typer ends without a word; a command that has said something raises its `Exit` without a cause.
        if ended.__context__ and isinstance(ended.__context__.__cause__, KeyboardInterrupt):
            Terminal().error("interrupted; the command did not end its work")
        # typer and rich end with 1 when a pipe is closed, which would say that there are findings.
        if not isinstance(ended.__context__, BrokenPipeError):
            raise
        code = PIPE_CLOSED
    except BrokenPipeError:
        code = PIPE_CLOSED
    except OSError as error:  # only from standard output: commands convert errors of their files themselves
        Terminal().error(disk.write_error(error, Path("standard output"), "the command did not end its work"))
        code = BAD
    console.close()
    sys.exit(code)
