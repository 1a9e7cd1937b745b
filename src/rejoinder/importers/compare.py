"""Two exports of the UPR Info database compared, row by row: what was answered since, edited, added, taken out.

Nothing in a row is an id. Rows of one State under review, one recommending State and one session are compared with
each other: equal in all but the place, then equal in words, then similar in words. What is left is paired where the
same words to the same State under review stand once in either export: so a State that was (Unknown), or a session that
was missing, is a correction and not another row. The rest came or went.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar

from rejoinder import namespaces
from rejoinder.errors import InputError, Problem, UsageError
from rejoinder.importers.reconcile import NAMES, NameIndex, folded, gazetteer, read_settled
from rejoinder.importers.upr_info_export import Export, ExportRow, read_export
from rejoinder.package_data import package_file
from rejoinder.rdf import terms

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


__all__ = [
    "ExportDiff",
    "Filed",
    "Matched",
    "RowChange",
    "diff_exports",
]


class RowChange(StrEnum):
    """What of a row can change."""

    RESPONSE = "response"
    WORDING = "wording"
    ACTION = "action"
    ISSUES = "issues"
    BY = "by"
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class Filed:
    """A row, the file that it is in, and the States it speaks of as they are compared: a code, or a folded name."""

    path: Path
    row: ExportRow
    to: str
    by: str

    @property
    def place(self) -> str:
        """Where it stands, as file and line."""
        return f"{self.path.name}:{self.row.line}"


@dataclass(frozen=True, slots=True)
class Matched:
    """A row of the old export and the same recommendation in the new one; `similarity` of the words is 1 when equal."""

    old: Filed
    new: Filed
    similarity: float

    @property
    def changes(self) -> tuple[RowChange, ...]:
        """What is not the same in both."""
        pairs = zip(_values(self.old), _values(self.new), strict=True)
        return tuple(change for change, (old, new) in zip(RowChange, pairs, strict=True) if old != new)


@dataclass(frozen=True)
class ExportDiff:
    """What changed between two exports, in the order of the files.

    Every row that was read is in one place: `changed` and `unchanged` have one of either export, `gone` of the old
    one, `come` of the new one; `problems` are the rows of both that cannot be read.
    """

    old: tuple[Export, ...]
    new: tuple[Export, ...]
    changed: tuple[Matched, ...]
    unchanged: int
    gone: tuple[Filed, ...]
    come: tuple[Filed, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The rows that cannot be read, of either export, and so are compared with nothing."""
        return tuple(problem for export in (*self.old, *self.new) for problem in export.problems)

    def with_change(self, change: RowChange) -> tuple[Matched, ...]:
        """The rows in which that changed."""
        return tuple(matched for matched in self.changed if change in matched.changes)


_STATES: Final = "data/state.ttl"


def diff_exports(old: Path, new: Path) -> ExportDiff:
    """What changed from the export `old` to the export `new`; a folder stands for the CSV files in it.

    States are known by every name that the program knows, so one that was renamed in between is the same State.

    Raises:
        InputError: a file cannot be used at all.
        UsageError: a folder has no CSV file.
    """
    states = _known_states()
    exports = tuple(map(read_export, _files(old))), tuple(map(read_export, _files(new)))
    before, after = (tuple(_filed(each, states)) for each in exports)
    matched = _matched(before, after)
    changed = tuple(each for each in matched if each.changes)
    gone = _besides(before, (each.old for each in matched))
    come = _besides(after, (each.new for each in matched))
    return ExportDiff(*exports, changed, len(matched) - len(changed), gone, come)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    try:
        found = sorted(each for each in path.iterdir() if each.suffix.lower() == ".csv")
    except OSError as error:
        raise InputError.at(path, None, f"the folder cannot be read: {error.strerror}") from error
    if not found:
        raise UsageError(f"{path} has no CSV file; name an export, or a folder with the exports of one day")
    return found


def _known_states() -> NameIndex:
    """The States that ship with the program, by all their names."""
    quads = terms.parse_file(package_file(_STATES), f"{namespaces.RJ}state/")
    known = (
        (terms.text(q.subject).rpartition("/")[2], terms.text(q.object)) for q in quads if q.predicate.value in NAMES
    )
    return gazetteer(known).overruled(read_settled(package_file("ontology/imports/upr-info.yaml")).states)


def _filed(exports: Sequence[Export], states: NameIndex) -> Iterator[Filed]:
    for export in exports:
        for row in export.rows:
            yield Filed(export.path, row, _state(row.to, states), _state(row.by or "", states))


def _state(name: str, states: NameIndex) -> str:
    return states.code(name) or folded(name)


def _matched(before: Sequence[Filed], after: Sequence[Filed]) -> tuple[Matched, ...]:
    """The rows that are one recommendation, in the order of the new export."""
    found = [Matched(old, new, 1.0) for old, new in pair_equal(before, after, _whole)]
    for pairs in (_same_words, _similar_words, _same_words_elsewhere):
        found += pairs(before, after, found)
    order = {id(filed): at for at, filed in enumerate(after)}
    return tuple(sorted(found, key=lambda matched: order[id(matched.new)]))


def _same_words(before: Sequence[Filed], after: Sequence[Filed], found: Sequence[Matched]) -> list[Matched]:
    pairs = pair_equal(*_left(before, after, found), lambda filed: (_group(filed), words(filed.row.wording)))
    return [Matched(old, new, 1.0) for old, new in pairs]


def _similar_words(before: Sequence[Filed], after: Sequence[Filed], found: Sequence[Matched]) -> list[Matched]:
    old_left, new_left = (_grouped(each) for each in _left(before, after, found))
    similar = []
    for group in old_left.keys() & new_left.keys():
        old, new = old_left[group], new_left[group]
        for (a, b), ratio in pair_similar(*([words(filed.row.wording) for filed in each] for each in (old, new))):
            similar.append(Matched(old[a], new[b], ratio))
    return similar


def _same_words_elsewhere(before: Sequence[Filed], after: Sequence[Filed], found: Sequence[Matched]) -> list[Matched]:
    """Rows to one State in the same words, where no other row to it has them: who asks or when was corrected."""
    once = only_once(map(_asked, before)) & only_once(map(_asked, after))
    pairs = pair_equal(*_left(before, after, found), _asked)
    return [Matched(old, new, 1.0) for old, new in pairs if _asked(old) in once]


def _left(
    before: Sequence[Filed], after: Sequence[Filed], found: Sequence[Matched]
) -> tuple[tuple[Filed, ...], tuple[Filed, ...]]:
    """The rows of either export that are in no pair yet."""
    return _besides(before, (each.old for each in found)), _besides(after, (each.new for each in found))


def _besides(rows: Iterable[Filed], others: Iterable[Filed]) -> tuple[Filed, ...]:
    """`rows` without `others`: those very rows, since two rows may say the same."""
    taken = set(map(id, others))
    return tuple(filed for filed in rows if id(filed) not in taken)


def _grouped(rows: Iterable[Filed]) -> dict[Hashable, list[Filed]]:
    groups: defaultdict[Hashable, list[Filed]] = defaultdict(list)
    for filed in rows:
        groups[_group(filed)].append(filed)
    return groups


def _group(filed: Filed) -> Hashable:
    return filed.to, filed.by, filed.row.session


def _asked(filed: Filed) -> Hashable:
    return filed.to, words(filed.row.wording)


def _whole(filed: Filed) -> Hashable:
    return filed.to, _values(filed)


def _values(filed: Filed) -> tuple[Hashable, ...]:
    """What is compared of a row, one value for each kind of change. The order of issues says nothing."""
    row = filed.row
    return row.response, row.wording, row.action, frozenset(row.issues), filed.by, row.session
