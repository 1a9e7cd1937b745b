"""Suggestions for misspelt words, plurals, line numbers, digests of texts, and progress reports."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import Final

CUT_OFF: Final = 0.6
"""The least similarity of a suggested word, from 0 to 1, as in difflib."""

MAX_COMPARED_CHARACTERS: Final = 200
"""Nobody mistypes longer names, and the time of a comparison grows with the square of the length."""


def suggest(word: str, known: Iterable[str], most: int = 1, cut_off: float = CUT_OFF) -> list[str]:
    """Return the words of `known` that are spelt much like `word`, at most `most`, the likeliest first.

    >>> suggest("Norwy", ["Norway", "Sweden"]), suggest("x", ["Norway"])
    (['Norway'], [])
    """
    if len(word) > MAX_COMPARED_CHARACTERS:  # else a made-up name of a megabyte would keep a server busy
        return []
    return get_close_matches(word, [each for each in known if len(each) <= MAX_COMPARED_CHARACTERS], most, cut_off)


def did_you_mean(close: Sequence[str], otherwise: str) -> str:
    """Return the question whether the first of the suggested words is meant, or `otherwise` if there is none.

    >>> did_you_mean(["Norway"], "write a State"), did_you_mean([], "write a State")
    ("did you mean 'Norway'?", 'write a State')
    """
    return f"did you mean {close[0]!r}?" if close else otherwise


def without_accents(text: str) -> str:
    """Return the text without its accents and other signs that stand on letters, for comparison.

    >>> without_accents("Côte d’Ivoire, Zoë")
    'Cote d’Ivoire, Zoe'
    """
    # Decomposed, an accent is a character of its own.
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))


def digest_of(lines: Iterable[str]) -> str:
    """Return the SHA-256 of the lines, by which a build recognises what it was made from."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def count(number: int, noun: str) -> str:
    """Return the number with its noun, in the plural unless it is one.

    >>> count(1, "row"), count(2, "row")
    ('1 row', '2 rows')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def line_of(text: str, offset: int) -> int:
    r"""Return the number of the line, from 1, on which the character at `offset` stands.

    >>> line_of("one\ntwo", 0), line_of("one\ntwo", 5)
    (1, 2)
    """
    return text.count("\n", 0, offset) + 1


Progress = Callable[[str, int, int], None]
"""A callback that gets the name of a step, the amount done, and the total."""


def silent(step: str, done: int, total: int) -> None:
    """Report nothing."""
