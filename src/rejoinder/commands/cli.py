"""The command line: each command is one library call of the same name, printed."""

from __future__ import annotations

import sys

from rejoinder.commands import asking, comparing, importing, making, output, pushing, serving
from rejoinder.commands.app import BAD, INTERRUPTED, PIPE_CLOSED, app
from rejoinder.commands.screen import Terminal
from rejoinder.errors import RejoinderError

__all__ = ["app", "asking", "comparing", "importing", "main", "making", "pushing", "serving"]


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
