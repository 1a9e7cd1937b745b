"""Where results go: standard output as bytes, files whole or not at all, and the end of the process."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from rejoinder.errors import UsageError
from rejoinder.store.versions import writing

_MAX_LINKS: Final = 40
"""As many links as Linux follows."""


def show_everything() -> None:
    """Makes text for people printable everywhere: what the terminal's encoding lacks is written with backslashes."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a TextIOWrapper


def write_bytes(stream: TextIO, data: bytes) -> None:
    """The bytes as they are, behind the text written so far: formats for machines have their own encoding."""
    stream.flush()
    stream.buffer.write(data)
    stream.buffer.flush()


def write_whole(file: Path, data: bytes) -> None:
    """The file, whole or not at all; a link is followed, and what is no regular file (a pipe, a device) is written to.

    Raises:
        UsageError: links lead round in a circle, or there is no such folder.
        StoreError: it cannot be written.
    """
    target = _behind_links(file)
    if not target.parent.is_dir():
        raise UsageError(f"{target.parent}: there is no such folder; make it, or name another")
    with writing(target.parent, "nothing was written"):
        if target.exists() and not target.is_file():
            target.write_bytes(data)
            return
        part = target.with_name(f".{target.name}.part")
        try:
            part.write_bytes(data)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)


def _behind_links(file: Path) -> Path:
    target = file
    for _ in range(_MAX_LINKS):
        if not target.is_symlink():
            return target
        target = target.parent / target.readlink()
    raise UsageError(f"{file}: the link leads round in a circle; name a file")


@contextmanager
def stoppable() -> Iterator[None]:
    """Lets Ctrl-C end the process at once: the engine, while it answers, would let no handler of Python's run."""
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler:  # someone chose otherwise, as nohup does
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def close() -> None:
    """Points standard output nowhere: at its end the interpreter would fail on a closed pipe or a full disk."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
