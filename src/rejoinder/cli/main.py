"""The command line: each command is one library call of the same name, printed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from typer import Typer

from rejoinder import disk
from rejoinder.cli import console
from rejoinder.cli.app import BAD, COMMANDS, INTERRUPTED, PIPE_CLOSED, app
from rejoinder.cli.console import Terminal, problem_lines
from rejoinder.errors import InputError, RejoinderError


def program(words: Sequence[str]) -> Typer:
    """Return the program with the command that the words begin with, with all commands where they begin otherwise.

    What all commands need takes nearly twice as long to import as what `ask` needs.
    """
    named = [word for word in words[:1] if word in COMMANDS]
    for command in named or COMMANDS:
        import_module(f"rejoinder.cli.{'import_' if command == 'import' else command}")
    return app


def main() -> None:
    """Run the command, and turn what goes wrong into a sentence and an exit code."""
    console.show_everything()
    try:
        program(sys.argv[1:])(standalone_mode=True)
    except RejoinderError as error:
        for line in problem_lines(error.problems) if isinstance(error, InputError) else str(error).splitlines():
            Terminal().error(line)
        code = BAD
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        code = PIPE_CLOSED
    except OSError as error:  # of standard output alone: commands turn those of their files into sentences
        Terminal().error(disk.write_error(error, Path("standard output"), "the command did not end its work"))
        code = BAD
    console.close()
    sys.exit(code)
