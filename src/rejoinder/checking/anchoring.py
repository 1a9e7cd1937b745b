"""Finding a passage in a source text, so that nobody has to count characters."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rejoinder.checking import coverage
from rejoinder.dossiers.sourcelines import unread
from rejoinder.errors import InputError, UsageError


@dataclass(frozen=True)
class Located:
    """A passage of a source text: code points `start` to `end`, and the SHA-256 of what stands there."""

    start: int
    end: int
    sha256: str

    def as_dossier_line(self, name: str) -> str:
        """The line that a dossier's `passages` take.

        >>> Located(3, 9, "ab").as_dossier_line("p001")
        '  "#p001": {start: 3, end: 9, sha256: ab}'
        """
        return f'  "#{name}": {{start: {self.start}, end: {self.end}, sha256: {self.sha256}}}'


def whole(source: Path) -> Located:
    """The file `source` as one passage: its length and digest are what a report says of its source text.

    Raises:
        InputError: the source cannot be read.
    """
    text = _text(source)
    return _slice(text, 0, len(text))


def locate(source: Path, words: str) -> tuple[Located, ...]:
    """Every place in the file `source` where `words` stand; blanks and line ends count as one blank.

    `words` may leave out the middle: "The court … refused" finds the shortest stretch from the first part to the last.

    Raises:
        InputError: the source cannot be read.
        UsageError: `words` is empty, or is not there.
    """
    split = [part.split() for part in re.split(r"…|\.\.\.", words)]
    parts = [re.compile(r"\s+".join(map(re.escape, part))) for part in split if part]
    if not parts:
        raise UsageError("the words to look for are empty; give the first and last words of the passage")
    text = _text(source)
    found = [_slice(text, start, end) for start, end in _stretches(parts, text)]
    if not found:
        raise UsageError(f"{source}: these words are not there; copy them from the file, '…' stands for any middle")
    return tuple(found)


def _stretches(parts: Sequence[re.Pattern[str]], text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each stretch of the text from the first part to the last, the parts found in their order.

    One search goes on where the one before ended: a part that is not there any more ends them all.
    """
    start, place = None, 0
    while True:
        for part in parts:
            found = part.search(text, place)
            if not found:
                return
            start, place = (found.start() if start is None else start), found.end()
        yield start or 0, place
        start = None


def all_sentences(source: Path) -> tuple[Located, ...]:
    """Every sentence of the file `source`, in order: a first table of passages for a new dossier.

    Raises:
        InputError: the source cannot be read.
    """
    text = _text(source)
    return tuple(_slice(text, start, end) for start, end in coverage.sentences(text))


def _text(source: Path) -> str:
    try:
        return coverage.source_text(source)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError.at(source, None, f"the source text cannot be read: {unread(error)}") from error


def _slice(text: str, start: int, end: int) -> Located:
    return Located(start, end, hashlib.sha256(text[start:end].encode()).hexdigest())
