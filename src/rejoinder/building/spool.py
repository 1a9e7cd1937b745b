"""Statements on their way into the store: lines of N-Quads in a file, so that memory holds one graph at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from rejoinder.store import versions


@dataclass(frozen=True)
class Piece:
    """Where the lines of one graph stand in the spool."""

    start: int
    length: int


@dataclass(frozen=True)
class Spool:
    """A file of lines that is gone when nobody needs it any more; None keeps nothing, for who only checks."""

    file: BinaryIO | None
    folder: Path = Path()

    def add(self, lines: bytes) -> Piece:
        """Keeps the lines of a graph.

        Raises:
            StoreError: the disk is full, or fails.
        """
        if self.file is None:
            return Piece(0, len(lines))
        with versions.writing(self.folder):
            start = self.file.seek(0, 2)
            self.file.write(lines)
            self.file.flush()  # a full disk is to be met here, not when the file is closed
        return Piece(start, len(lines))

    def read(self, piece: Piece) -> bytes:
        """The lines of a graph."""
        if self.file is None:
            return b""
        self.file.seek(piece.start)
        return self.file.read(piece.length)


@contextmanager
def spooling(folder: Path) -> Iterator[Spool]:
    """A spool on the disk of `folder`, which leaves nothing behind, killed or not.

    Raises:
        StoreError: it cannot be made.
    """
    with ExitStack() as held:
        with versions.writing(folder):
            file = held.enter_context(TemporaryFile(dir=folder))
        yield Spool(file, folder)
