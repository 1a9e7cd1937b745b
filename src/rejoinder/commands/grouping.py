"""What is wrong, told to a person: the same of many rows once, with a count and the first places; long values cut."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from pathlib import Path
from typing import Final

from rejoinder.errors import Problem

MOST: Final = 40
"""So many of one kind are told one by one; of more, only the first."""
FIRST: Final = 5
"""How many of many are told."""

_LONG: Final = 400
_HEAD: Final = 280
_TAIL: Final = 110
_VALUE: Final = re.compile(r"'[^']*'|\"[^\"]*\"|\d+")
"""What differs between two sentences that say the same of two values."""
_LONG_VALUE: Final = re.compile(r"'([^']{40})[^']{40,}'")


def kind_of(message: str) -> str:
    """Return what a sentence says is wrong, whatever value it says it of, without what it advises.

    >>> kind_of("no State is called 'Norwey'; did you mean 'Norway'?") == kind_of("no State is called 'Swedn'")
    True
    """
    return _VALUE.sub("…", message).partition(";")[0]


def shortened(text: str) -> str:
    """Return a sentence of a length that people read: long values, and then its middle, are cut.

    >>> shortened(f"the response {500 * 'x'!r} is unknown")
    "the response 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…' is unknown"
    """
    if len(text) <= _LONG:
        return text
    text = _LONG_VALUE.sub(r"'\1…'", text)
    return text if len(text) <= _LONG else f"{text[:_HEAD]} … {text[-_TAIL:]}"


def places(lines: Sequence[int], noun: str) -> str:
    """Return in how many more lines, and in which first ones, a thing is that is told of the first of `lines`."""
    rest = lines[1:]
    if not rest:
        return ""
    named = ", ".join(map(str, rest[:FIRST])) + (", …" if len(rest) > FIRST else "")
    return f" ({len(rest)} more {noun}{'' if len(rest) == 1 else 's'}: {named})"


def told(problems: Sequence[Problem], noun: str = "line") -> Iterator[str]:
    """Yield the problems as lines of text: the same one of many lines once, of many alike the first and a count."""
    alike: dict[tuple[Path, str], list[int]] = {}
    for problem in problems:
        alike.setdefault((problem.path, problem.message), []).append(problem.line or 0)
    kinds: Counter[Hashable] = Counter((path, kind_of(message)) for path, message in alike)
    seen: Counter[Hashable] = Counter()
    for (path, message), lines in alike.items():
        kind = (path, kind_of(message))
        seen[kind] += 1
        if kinds[kind] <= MOST or seen[kind] <= FIRST:
            yield f"{Problem(path, lines[0] or None, shortened(message))}{places(lines, noun)}"
        elif seen[kind] == FIRST + 1:
            yield f"{path}: {kinds[kind] - FIRST} more problems of this kind ('--format json' tells all)"
