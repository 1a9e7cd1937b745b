"""`rejoinder` and `python -m rejoinder` are the command line."""

from __future__ import annotations

import os
import signal


def main() -> None:
    """Run the command in the words of the command line."""
    before = signal.getsignal(signal.SIGINT)

    def ready() -> None:
        if before is signal.default_int_handler:
            signal.signal(signal.SIGINT, before)

    if before is signal.default_int_handler:  # else whoever started the program ignores the signal
        # Python would print where in the imports, which take half a second, Ctrl-C came.
        signal.signal(signal.SIGINT, _interrupted)
    from rejoinder.cli.main import main as run  # noqa: PLC0415  # after that

    run(ready)


def _interrupted(*_: object) -> None:
    """End the process: nothing has begun that would have to be finished, and an import may swallow an exception."""
    os.write(2, b"error: interrupted before the command began\n")
    os._exit(130)


if __name__ == "__main__":  # a process that is to check reports imports this, too
    main()
