"""The search page and its index of names in all spellings, of what is said and raised, and of stored questions."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Final

from rejoinder.namespaces import KINDS, as_uri
from rejoinder.questions.question import Question
from rejoinder.rdf.terms import DefaultGraph, Literal, NamedNode
from rejoinder.site import entity_page, schema_org
from rejoinder.site.claims import speakers
from rejoinder.site.entities import is_affected
from rejoinder.site.render import Page, PageMetadata, Renderer
from rejoinder.site.resource import expanded

_CHUNK: Final = 200
"""Entries per file."""
_FULL: Final = 12_000
"""The most words and numbers in a file of words before it is divided; a word is never divided."""
_COMMON: Final = 5_000
"""A word in more entries than this, and in more than an eighth of all, is useless for a search and left out."""

_CYRILLIC: Final = "а:a б:b в:v г:g д:d е:e ж:j з:z и:i й:i к:k л:l м:m н:n о:o п:p р:r с:s т:t у:u ф:f х:h ц:ts ч:ch "
_MORE: Final = "ш:sh щ:sh ъ: ы:i ь: э:e ю:iu я:ia ә:a ғ:g қ:k ң:n ө:o ұ:u ү:u һ:h і:i є:e ґ:g ђ:d љ:l њ:n ћ:ch џ:j ј:i "
_LATIN: Final = "ß:ss æ:ae œ:oe ø:o ł:l đ:d ð:d þ:th ı:i ə:a ’: ':"
LETTERS: Final = {
    letter: other for letter, _, other in (w.partition(":") for w in (_CYRILLIC + _MORE + _LATIN).split())
}
"""Letters that Unicode decomposition does not reduce to plain Latin ones."""

_SOUNDS: Final = "shch:sh tch:ch sch:sh dzh:j dj:j kh:h zh:j gh:g ph:f ck:k ye:e yo:e y:i ie:e w:v q:k x:ks"
SOUNDS: Final = tuple((pair.partition(":")[0], pair.partition(":")[2]) for pair in _SOUNDS.split())
"""Spellings of sounds that differ between transliterations, and the one in the index; applied in this order."""

_WORD: Final = re.compile(r"[^\W_]+")
_DOUBLE: Final = re.compile(r"([^\W\d_])\1+")


@dataclass(frozen=True)
class SearchEntry:
    """A search result: its kind in a word, its label, all its names, and its address.

    `path` is the file and fragment, `note` a short description beside the label.
    """

    kind: str
    label: str
    names: tuple[str, ...]
    path: str
    note: str = ""


def spelt(text: str) -> list[str]:
    """Return the words of a text as the index spells them: without accents, in Latin letters, by sound.

    >>> spelt("Azilkhanov"), spelt("Azilhanov"), spelt("Әзілханов")
    (['azilhanov'], ['azilhanov'], ['azilhanov'])
    >>> spelt("Zhanaozen") == spelt("Жаңаөзен") == spelt("Janaözen")
    True
    """
    # The browser applies the same tables to what users type; they travel in the index.
    plain = unicodedata.normalize("NFKD", text.lower())
    latin = "".join(LETTERS.get(letter, letter) for letter in plain if unicodedata.category(letter)[0] != "M")
    return [_by_sound(word) for word in _WORD.findall(latin)]


def _by_sound(word: str) -> str:
    for written, sound in SOUNDS:
        word = word.replace(written, sound)
    return _DOUBLE.sub(r"\1", word)


def files(entries: Sequence[SearchEntry]) -> Iterator[tuple[str, str]]:
    """Yield name and text of each index file; entries are grouped by kind, the most important kinds first."""
    words = _words(entries)
    # Words like “State” would make the largest files and distinguish nothing.
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
        # Differences between successive numbers, which are shorter than the numbers.
        steps = {word: [after - before for before, after in pairwise((0, *part[word]))] for word in sorted(part)}
        yield f"{name}.js", _script(name, steps)
    for start in range(0, len(entries), _CHUNK):
        name = f"entries-{start // _CHUNK}"
        rows = [
            [entry.label, entry.path, entry.note, *(name for name in entry.names if name != entry.label)]
            for entry in entries[start : start + _CHUNK]
        ]
        yield f"{name}.js", _script(name, rows)


def words_file(prefix: str) -> str:
    """Return the name of the file of words with this beginning, in hexadecimal, for any file system.

    >>> words_file("ka")
    'words-6b61'
    """
    return f"words-{prefix.encode().hex()}"


def _words(entries: Sequence[SearchEntry]) -> Mapping[str, list[int]]:
    """Return each word with the ascending numbers of the entries that contain it."""
    found: dict[str, list[int]] = defaultdict(list)
    known: dict[str, list[str]] = {}  # spelling a word is slow, and few words make up most of a text
    for number, entry in enumerate(entries):
        plain = {word for name in (entry.label, *entry.names) for word in name.split()}
        for word in plain - known.keys():
            known[word] = spelt(word)
        for spelling in {spelling for word in plain for spelling in known[word]}:
            found[spelling].append(number)
    return found


def _parted(prefix: str, words: Mapping[str, list[int]]) -> Iterator[tuple[str, Mapping[str, list[int]]]]:
    """Yield the words divided by their first letters, until each part is small or a single word."""
    if len(words) == 1 or sum(1 + len(numbers) for numbers in words.values()) <= _FULL:
        yield prefix, words
        return
    end = len(prefix) + 1
    for longer, members in groupby(sorted(words), key=lambda word: word[:end]):
        yield from _parted(longer, {word: words[word] for word in members})


def _script(name: str, value: object) -> str:
    """Return a script that passes the value to the page under its name."""
    # The index consists of scripts, because a page opened from disk may load scripts but fetch nothing.
    return f"rejoinderSearch({json.dumps(name)},{json.dumps(value, ensure_ascii=False, separators=(',', ':'))})\n"


_NAMES: Final = (
    "rdfs:label",
    "skos:prefLabel",
    "skos:altLabel",
    "skos:notation",
    "rj:officialName",
    "foaf:name",
    "dcterms:title",
    "rj:quote",
)
_PARTS: Final = {"rj:Claim": "Claim", "rj:Exhortation": "Exhortation", "rj:Evidence": "Evidence"}
STEM: Final = "search"
FOLDER: Final = "search/"
_SCRIPT: Final = "text/javascript; charset=utf-8"


def search_page(renderer: Renderer) -> Page:
    """Return the search page."""
    head = PageMetadata(
        title="Search",
        description="Find States, people, organisations, issues, laws, claims, evidence and questions in any spelling.",
        iri=renderer.project.base + STEM,
        kind=schema_org.kind_iri("SearchResultsPage"),
        structured={"@context": "https://schema.org", "@type": "SearchResultsPage", "name": "Search"},
    )
    return renderer.page("search.html", f"{STEM}.html", head)


def index_files(renderer: Renderer, questions: Mapping[str, Question]) -> Iterator[Page]:
    """Yield the files of the index."""
    for name, text in files(tuple(_entries(renderer, questions))):
        yield Page(FOLDER + name, text.encode(), _SCRIPT)


def _entries(renderer: Renderer, questions: Mapping[str, Question]) -> Iterator[SearchEntry]:
    """Yield entries for mentioned things, all States and reports, questions, claims and evidence."""
    names = _names(renderer)
    for kind, words in KINDS.items():
        for it in entity_page.members(renderer, kind):
            # Shared things without a mention would lead to empty pages; a State is found even so. Persons affected are
            # found only through what a report says, with the report's own words.
            if not is_affected(it) and (kind in ("state", "report") or entity_page.is_spoken_of(it)):
                path = as_uri(f"{renderer.stem(it)}.html")
                yield SearchEntry(words.label, it.label.value, names[it.iri], path)
    for question in sorted(questions.values(), key=lambda question: question.title):
        yield SearchEntry("Question", question.title, (question.summary,), as_uri(f"question/{question.name}.html"))
    for kind, label in _PARTS.items():
        for it in renderer.reader.instances(kind):
            if stem := renderer.addresses.stem(it.iri):
                # Whoever speaks is found with each claim, be it a State, a person or an organisation.
                spoken = tuple(who.label.value for who in speakers(it))
                note = " · ".join([*spoken, it.document.label.value])
                path = as_uri(f"{stem}.html#{it.fragment}")
                yield SearchEntry(label, it.label.value, (*names[it.iri], *spoken), path, note)


def _names(renderer: Renderer) -> Mapping[str, tuple[str, ...]]:
    """Return the names of everything by IRI, each once, in order."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for name in _NAMES:
        for quad in renderer.reader.store.quads_for_pattern(None, expanded(name), None, DefaultGraph()):
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal):
                found[quad.subject.value][quad.object.value] = None
    return defaultdict(tuple, {iri: tuple(sorted(values)) for iri, values in found.items()})
