"""The index that the search page reads: words, in the one spelling that all spellings share, and what they lead to.

A browser loads a few small files of it for a search, each a script, since a page on a disk may load nothing else. Files
of words hold the numbers of the entries in which each word stands, and are parted by the first letters until each is
small; files of entries hold a fixed number each. So the index grows with the data, and the cost of a search does not.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Final

_CHUNK: Final = 200
"""Entries in a file."""
_FULL: Final = 12_000
"""How many words and numbers a file of words holds before it is parted; a word stays whole."""
_COMMON: Final = 5_000
"""A word that stands in more entries than this and in an eighth of all leads nowhere, and is left out."""

_CYRILLIC: Final = "а:a б:b в:v г:g д:d е:e ж:j з:z и:i й:i к:k л:l м:m н:n о:o п:p р:r с:s т:t у:u ф:f х:h ц:ts ч:ch "
_MORE: Final = "ш:sh щ:sh ъ: ы:i ь: э:e ю:iu я:ia ә:a ғ:g қ:k ң:n ө:o ұ:u ү:u һ:h і:i є:e ґ:g ђ:d љ:l њ:n ћ:ch џ:j ј:i "
_LATIN: Final = "ß:ss æ:ae œ:oe ø:o ł:l đ:d ð:d þ:th ı:i ə:a ’: ':"
LETTERS: Final = {
    letter: other for letter, _, other in (w.partition(":") for w in (_CYRILLIC + _MORE + _LATIN).split())
}
"""Letters that decomposition does not lead back to plain Latin ones."""

_SOUNDS: Final = "shch:sh tch:ch sch:sh dzh:j dj:j kh:h zh:j gh:g ph:f ck:k ye:e yo:e y:i ie:e w:v q:k x:ks"
SOUNDS: Final = tuple((pair.partition(":")[0], pair.partition(":")[2]) for pair in _SOUNDS.split())
"""What transliterations write in several ways, and the one way of the index; applied in this order."""

_WORD: Final = re.compile(r"[^\W_]+")
_DOUBLE: Final = re.compile(r"([^\W\d_])\1+")


@dataclass(frozen=True)
class Entry:
    """What can be found: its kind in a word, what its page calls it, all its names, and where it stands.

    `path` is the file and fragment, `note` what a reader needs to know beside the label.
    """

    kind: str
    label: str
    names: tuple[str, ...]
    path: str
    note: str = ""


def spelt(text: str) -> list[str]:
    """The words of a text in the spelling of the index: without accents, in Latin letters, by their sound.

    >>> spelt("Azilkhanov"), spelt("Azilhanov"), spelt("Әзілханов")
    (['azilhanov'], ['azilhanov'], ['azilhanov'])
    >>> spelt("Zhanaozen") == spelt("Жаңаөзен") == spelt("Janaözen")
    True
    """
    plain = unicodedata.normalize("NFKD", text.lower())
    latin = "".join(LETTERS.get(letter, letter) for letter in plain if unicodedata.category(letter)[0] != "M")
    return [_by_sound(word) for word in _WORD.findall(latin)]


def _by_sound(word: str) -> str:
    for written, sound in SOUNDS:
        word = word.replace(written, sound)
    return _DOUBLE.sub(r"\1", word)


def files(entries: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    """The files of the index, name and text; the entries of a kind stand together, the most sought-after first."""
    words = _words(entries)
    limit = max(_COMMON, len(entries) // 8)
    parts = dict(_parted("", {word: at for word, at in words.items() if len(at) <= limit}))
    kinds = [(kind, len(list(members))) for kind, members in groupby(entries, key=lambda entry: entry.kind)]
    about = {
        "letters": LETTERS,
        "sounds": SOUNDS,
        "kinds": kinds,
        "chunk": _CHUNK,
        "parts": sorted(parts),
        "common": sorted(word for word, at in words.items() if len(at) > limit),
    }
    yield "index.js", _script("index", about)
    for prefix, part in parts.items():
        name = words_file(prefix)
        yield f"{name}.js", _script(name, {word: _steps(part[word]) for word in sorted(part)})
    for start in range(0, len(entries), _CHUNK):
        name = f"entries-{start // _CHUNK}"
        yield f"{name}.js", _script(name, [_row(entry) for entry in entries[start : start + _CHUNK]])


def words_file(prefix: str) -> str:
    """The name of the file of words that begin so; hexadecimal, as a file system may not know the letters.

    >>> words_file("ka")
    'words-6b61'
    """
    return f"words-{prefix.encode().hex()}"


def _words(entries: Sequence[Entry]) -> Mapping[str, list[int]]:
    """Each word and the numbers of the entries in whose names it stands, ascending."""
    found: dict[str, list[int]] = defaultdict(list)
    known: dict[str, list[str]] = {}
    for number, entry in enumerate(entries):
        plain = {word for name in (entry.label, *entry.names) for word in name.split()}
        for word in {spelling for text in plain for spelling in _known(known, text)}:
            found[word].append(number)
    return found


def _known(known: dict[str, list[str]], text: str) -> list[str]:
    """The same as `spelt`, which is dear, while few words make up most of a text."""
    if text not in known:
        known[text] = spelt(text)
    return known[text]


def _parted(prefix: str, words: Mapping[str, list[int]]) -> Iterator[tuple[str, Mapping[str, list[int]]]]:
    """The words parted by how they begin until each part is small or one word."""
    if len(words) == 1 or sum(1 + len(numbers) for numbers in words.values()) <= _FULL:
        yield prefix, words
        return
    end = len(prefix) + 1
    for longer, members in groupby(sorted(words), key=lambda word: word[:end]):
        yield from _parted(longer, {word: words[word] for word in members})


def _steps(numbers: list[int]) -> list[int]:
    """The first number, and from each to the next how far: short to write."""
    return [*numbers[:1], *(after - before for before, after in pairwise(numbers))]


def _row(entry: Entry) -> list[str | tuple[str, ...]]:
    return [entry.label, entry.path, entry.note, *(name for name in entry.names if name != entry.label)]


def _script(name: str, value: object) -> str:
    """A script that hands the value over under its name."""
    return f"rejoinderSearch({json.dumps(name)},{json.dumps(value, ensure_ascii=False, separators=(',', ':'))})\n"
