"""Texts of two editions paired one to one, although nothing in them is an id: equal texts first, then similar ones.

Two texts are as similar as the words that they have in common, in order: twice their number by the number of words in
both (the ratio of `difflib`). Words, not characters: on 35,305 real recommendations the nearest other text that one
State put to another in one session reaches 0.6 for 1 text in 100, by characters for 2 in 100.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final, TypeVar

THRESHOLD: Final = 0.6
"""The least similarity of one text edited. Below it, one text went and another came."""

Pair = tuple[int, int]
"""The places of two texts that belong together, in the old edition and in the new one."""

_T = TypeVar("_T")


def words(text: str) -> tuple[str, ...]:
    """The words of a text as they are compared: without capitals, points and other signs.

    >>> words("Ratify the OP-CAT.")
    ('ratify', 'the', 'op', 'cat')
    """
    return tuple(re.findall(r"\w+", text.casefold()))


def pair_equal(old: Iterable[_T], new: Iterable[_T], key: Callable[[_T], Hashable]) -> Iterator[tuple[_T, _T]]:
    """Pairs of things whose keys are equal; of several with one key, the first with the first.

    >>> list(pair_equal(["a1", "b1", "a2"], ["a3", "c1"], key=lambda text: text[0]))
    [('a1', 'a3')]
    """
    waiting: defaultdict[Hashable, deque[_T]] = defaultdict(deque)
    for each in new:
        waiting[key(each)].append(each)
    for each in old:
        if waiting[key(each)]:
            yield each, waiting[key(each)].popleft()


def pair_similar(old: Sequence[Sequence[str]], new: Sequence[Sequence[str]]) -> tuple[tuple[Pair, float], ...]:
    """Places of texts, given as words, that are similar enough, with their similarity; each text is in one pair only.

    The most similar pair is taken first; of pairs that are equally similar, the one that stands first.

    >>> pair_similar([("plant", "trees"), ("mend", "the", "old", "gate")], [("mend", "the", "gate")])
    (((1, 0), 0.8571428571428571),)
    """
    ranked = sorted(_similarities(old, new), key=lambda found: (-found[1], found[0]))
    taken: tuple[set[int], set[int]] = (set(), set())
    pairs = []
    for (a, b), ratio in ranked:
        if a not in taken[0] and b not in taken[1]:
            pairs.append(((a, b), ratio))
            taken[0].add(a)
            taken[1].add(b)
    return tuple(pairs)


def _similarities(old: Sequence[Sequence[str]], new: Sequence[Sequence[str]]) -> Iterator[tuple[Pair, float]]:
    """The pairs that reach the threshold; most fail on the upper bounds, which cost little."""
    for b, text in enumerate(new):
        # The matcher keeps what it learnt of its second text. Its shortcut for words that are frequent is off: it makes
        # the ratio of long texts smaller than it is.
        matcher = SequenceMatcher(None, b=text, autojunk=False)
        for a, other in enumerate(old):
            matcher.set_seq1(other)
            if all(bound() >= THRESHOLD for bound in (matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio)):
                yield (a, b), matcher.ratio()


def only_once(keys: Iterable[Hashable]) -> frozenset[Hashable]:
    """The keys that stand there once."""
    return frozenset(key for key, times in Counter(keys).items() if times == 1)
