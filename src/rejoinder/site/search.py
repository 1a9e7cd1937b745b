"""The search page and its index: claims and evidence, what was raised, source texts, names, and questions."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Final

from rejoinder.lazily import lazy
from rejoinder.messages import ENGLISH, N_, Messages
from rejoinder.namespaces import KINDS, as_uri
from rejoinder.question import Question
from rejoinder.rdf.terms import Literal, NamedNode
from rejoinder.site import entity_page, schema_org
from rejoinder.site.claims import speakers
from rejoinder.site.entities import is_affected
from rejoinder.site.inline import named
from rejoinder.site.render import Page, PageMetadata, Renderer
from rejoinder.site.resource import GraphReader, expanded

_CHUNK: Final = 50
"""Entries per file: a page of results may need an entry from each of twenty files."""
_PARAGRAPH: Final = 600
"""The most characters of a passage of a source text that is found as one."""
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

_SENTENCE: Final = re.compile(r"[.!?]\d*\s")
"""The end of a sentence, which a footnote mark may follow."""
_WORD: Final = re.compile(r"[^\W_]+")
_DOUBLE: Final = re.compile(r"([^\W\d_])\1")


@dataclass(frozen=True)
class SearchEntry:
    """A search result: its kind in a word, its label, the texts that it is found by, and its address.

    `texts` are shown where they match, `also` are not; `path` is the file and fragment, `note` a short description
    beside the label. With `named`, its label and texts are names of a thing, of a person also the ends of them, and
    who writes one is led to the thing itself. `by_label` says that its label is one of the texts that it is found by.
    """

    kind: str
    label: str
    texts: tuple[str, ...]
    path: str
    note: str = ""
    also: tuple[str, ...] = ()
    named: bool = False
    by_label: bool = True


def spelt(text: str) -> list[str]:
    """Return the words of a text as the index spells them: without accents, in Latin letters, by sound.

    >>> spelt("Azilkhanov"), spelt("Azilhanov"), spelt("Әзілханов")
    (['azilhanov'], ['azilhanov'], ['azilhanov'])
    >>> spelt("Zhanaozen") == spelt("Жаңаөзен") == spelt("Janaözen")
    True
    >>> spelt("Kassym zzzz")
    ['kasim', 'zz']
    """
    # The browser applies the same tables to what users type; they travel in the index.
    plain = unicodedata.normalize("NFKD", text.lower())
    latin = "".join(LETTERS.get(letter, letter) for letter in plain if unicodedata.category(letter)[0] != "M")
    return [_by_sound(word) for word in _WORD.findall(latin)]


def _by_sound(word: str) -> str:
    for written, sound in SOUNDS:
        word = word.replace(written, sound)
    return _DOUBLE.sub(r"\1", word)


def files(entries: Sequence[SearchEntry], messages: Messages = ENGLISH) -> Iterator[tuple[str, str]]:
    """Yield name and text of each index file; entries are grouped by kind, the most important kinds first."""
    words = _words(entries)
    # Words like “State” would make the largest files and distinguish nothing.
    limit = max(_COMMON, len(entries) // 8)
    parts = dict(_parted("", {word: at for word, at in words.items() if len(at) <= limit}))
    for letter, members in groupby(sorted(names := _whole_names(entries)), key=lambda name: name[:2]):
        parts |= _parted(letter, {name: names[name] for name in members})
    kinds = [
        (messages.gettext(kind), len(list(members))) for kind, members in groupby(entries, key=lambda entry: entry.kind)
    ]
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
            [entry.label, entry.path, entry.note, *(text for text in entry.texts if text != entry.label)]
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
    """Return each word with ascending numbers: twice that of an entry, and one more if its label has not the word."""
    found: dict[str, list[int]] = defaultdict(list)
    known: dict[str, list[str]] = {}  # spelling a word is slow, and few words make up most of a text
    for number, entry in enumerate(entries):
        label = entry.label.split() if entry.by_label else []
        plain = [*label, *(word for text in (*entry.texts, *entry.also) for word in text.split())]
        for word in plain:
            if word not in known:
                known[word] = spelt(word)
        best = {spelling for word in label for spelling in known[word]}
        for spelling in {spelling for word in plain for spelling in known[word]}:
            found[spelling].append(2 * number + (spelling not in best))
    return found


def _whole_names(entries: Sequence[SearchEntry]) -> Mapping[str, list[int]]:
    """Return the whole names of things, as the index spells them behind an equals sign, with the things' numbers.

    >>> list(_whole_names([SearchEntry("Person", "Elvira Azimova", (), "x.html", named=True)]))
    ['=elvira azimova', '=azimova']
    """
    found: dict[str, list[int]] = defaultdict(list)
    for number, entry in enumerate(entries):
        if entry.named:
            # A label may say more than a name: of whom a report gives only the office.
            names = [spelt(name) for name in entry.texts or (entry.label,)]
            ends = [name[at:] for name in names for at in range(len(name) if entry.kind == _PERSON else 1)]
            for name in dict.fromkeys(_NAME + " ".join(end) for end in ends if end):
                found[name].append(2 * number)
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
_SAID: Final = {"rj:Claim": N_("Claim"), "rj:Exhortation": N_("Exhortation")}
_FOUND: Final = {"rj:Evidence": N_("Evidence"), "rj:Assessment": N_("Assessment")}
_RAISED: Final = {"rj:Recommendation": N_("Recommendation"), "rj:Concern": N_("Concern")}
"""The words for the kinds of what is said, found and raised."""
_ATTRIBUTED: Final = "prov:wasAttributedTo"
_PERSON: Final = KINDS["person"].label
_NAME: Final = "="
"""Before a whole name in the files of words; no word begins so."""
STEM: Final = "search"
FOLDER: Final = "search/"
_SCRIPT: Final = "text/javascript; charset=utf-8"


def search_page(renderer: Renderer) -> Page:
    """Return the search page."""
    gettext = renderer.words.gettext
    head = PageMetadata(
        title=gettext("Search"),
        description=gettext(
            "Find claims, evidence, recommendations, words of sources, States, people, laws, in any spelling."
        ),
        iri=renderer.project.base + STEM,
        kind=schema_org.kind_iri("SearchResultsPage"),
        structured={"@context": "https://schema.org", "@type": "SearchResultsPage", "name": gettext("Search")},
    )
    return renderer.page("search.html", f"{STEM}.html", head)


def index_files(renderer: Renderer, questions: Mapping[str, Question]) -> Iterator[Page]:
    """Yield the files of the index."""
    entries = (_qualified(renderer, entry) for entry in _entries(renderer, questions))
    for name, text in files(tuple(entries), renderer.words):
        yield Page(FOLDER + name, text.encode(), _SCRIPT)


def _qualified(renderer: Renderer, entry: SearchEntry) -> SearchEntry:
    """Return the entry with how reports describe the persons affected whom its label names."""
    described = renderer.affected.qualification(entry.label)
    return replace(entry, note=f"{described} · {entry.note}") if described else entry


def _entries(renderer: Renderer, questions: Mapping[str, Question]) -> Iterator[SearchEntry]:
    """Yield the entries by kind, what was said first: results come in this order."""
    texts = _Texts(renderer.reader, renderer.words)
    yield from _said(renderer, texts)
    yield from _raised(renderer, texts)
    yield from _passages(renderer)
    for kind, words in KINDS.items():
        for it in entity_page.members(renderer, kind):
            # Shared things without a mention would lead to empty pages; a State is found even so. Persons affected are
            # found only through what a report says, with the report's own words.
            if not is_affected(it) and (kind in ("state", "report") or entity_page.is_spoken_of(it)):
                path = as_uri(f"{renderer.stem(it)}.html")
                name, own = texts.named(it.iri), renderer.reader.column("rj:speaker").subjects.get(it.iri, ())
                roles = [role for role in entity_page.roles(it, own) if role.words.value not in name]
                # A role is held at a time.
                note = "; ".join(role.dated(renderer.words).value for role in roles[:2])
                also = tuple(role.words.value for role in roles)
                yield SearchEntry(words.label, name, texts.names[it.report.iri], path, note, also, named=True)
    for question in sorted(questions.values(), key=lambda question: question.title):
        title, summary = map(renderer.words.translated, (question.title, question.summary))
        yield SearchEntry(N_("Question"), title, (summary,), as_uri(f"question/{question.name}.html"))


def _said(renderer: Renderer, texts: _Texts) -> Iterator[SearchEntry]:
    """Yield claims, with their speakers, roles and the report's own words of judgement, evidence and assessments."""
    for kind, words in _SAID.items():
        for it in renderer.reader.instances(kind):
            if path := renderer.link(it.iri, f"{STEM}.html"):
                # Whoever speaks is found with each claim, be it a State, a person or an organisation.
                spoken = tuple(named(who, renderer.words) for who in speakers(it))
                roles = texts.of_statements(it.iri, "rj:expresses", "rj:roleAsStated")
                verdicts = tuple(
                    renderer.words.gettext("The report’s own word for it: “%(word)s”", word=word)
                    for word in texts.of_statements(it.iri, "rj:claim", "rj:word")
                )
                about = texts.labels(it.iri, "rj:about")
                note = " · ".join([*spoken, *_first_unsaid(roles, spoken), *about[:2], it.document.label.value])
                also = (*spoken, *roles, *about)
                yield SearchEntry(words, it.label.value, (*texts.names[it.iri], *verdicts), path, note, also)
    for kind, words in _FOUND.items():
        for it in renderer.reader.instances(kind):
            if path := renderer.link(it.iri, f"{STEM}.html"):
                found_by = texts.labels(it.iri, _ATTRIBUTED)
                roles = texts.roles_in_source(it.iri)
                note = " · ".join([*found_by, *_first_unsaid(roles, found_by), it.document.label.value])
                yield SearchEntry(words, it.label.value, texts.names[it.iri], path, note, (*found_by, *roles))


def _first_unsaid(roles: Iterable[str], names: Sequence[str]) -> list[str]:
    """Return the first of the roles, if any, that the names do not say already.

    >>> _first_unsaid(["President", "Head of State"], ["“President” (the editors read: X)"])
    ['Head of State']
    """
    return [role for role in roles if not any(role in name for name in names)][:1]


def _raised(renderer: Renderer, texts: _Texts) -> Iterator[SearchEntry]:
    """Yield recommendations and concerns, which are found by words, States, issue and session."""
    for kind, words in _RAISED.items():
        for it in renderer.reader.of_class(kind):
            path = renderer.link(it.iri, f"{STEM}.html")
            if path is None:
                continue
            wording = texts.wordings[it.iri] or texts.names[it.iri]
            by, to, about = (texts.labels(it.iri, name) for name in ("rj:raisedBy", "rj:addressedTo", "rj:about"))
            reviews = texts.labels(it.iri, "rj:inProceeding")
            whom = " → ".join(filter(None, (", ".join(by), ", ".join(to))))
            note = " · ".join(filter(None, (whom, *about[:2], *reviews[:1])))
            label = wording[0] if wording else it.label.value
            also = (*by, *to, *about, *reviews, *texts.names[it.iri])
            yield SearchEntry(words, label, wording[1:], path, note, also)


def _passages(renderer: Renderer) -> Iterator[SearchEntry]:
    """Yield the source texts that the site shows, a paragraph at a time, each leading to the passage nearest to it."""
    for report in renderer.reader.instances("rj:Dossier"):
        text = renderer.source_text(report.iri)
        if text is None:
            continue
        passages = sorted((it.number("oa:start"), it.iri) for it in report.objects("rj:hasPassage"))
        for start, words in paragraphs(text.words):
            before = [iri for at, iri in passages if at <= start + len(words)] or [report.iri]
            # To the passage on the page of the report, not to the page of a claim.
            path = renderer.anchor(before[-1], f"{STEM}.html")
            if path:
                plain = " ".join(words.split())
                yield SearchEntry(N_("Source text"), report.label.value, (plain,), path, by_label=False)


def paragraphs(text: str) -> Iterator[tuple[int, str]]:
    r"""Yield the paragraphs of a text with their positions; a long one is divided at the end of a sentence or line.

    >>> list(paragraphs("One.\n\nTwo."))
    [(0, 'One.'), (6, 'Two.')]
    """
    for found in re.finditer(r"\S(?:.(?!\n[ \t\r]*\n))*.?", text, re.DOTALL):
        rest, start = found[0], found.start()
        while len(rest) > _PARAGRAPH:
            ends = [it.end() for it in _SENTENCE.finditer(rest[:_PARAGRAPH])] or [rest.rfind("\n", 1, _PARAGRAPH)]
            end = ends[-1] if ends[-1] > 0 else _PARAGRAPH
            yield start, rest[:end]
            rest, start = rest[end:], start + end
        if rest.strip():
            yield start, rest


@dataclass(frozen=True)
class _Texts:
    """The texts of all things by IRI, each property read in one pass."""

    reader: GraphReader
    words: Messages

    @lazy
    def names(self) -> Mapping[str, tuple[str, ...]]:
        """Return the names and quotations of everything, each once, in order."""
        return self._literals(*_NAMES)

    @lazy
    def wordings(self) -> Mapping[str, tuple[str, ...]]:
        """Return the words of recommendations."""
        return self._literals("rj:wording")

    @lazy
    def _cache(self) -> dict[str, Mapping[str, tuple[str, ...]]]:
        return {}

    def named(self, iri: str) -> str:
        """Return the name of a thing; of a person whom reports do not name, the office and who is meant."""
        is_person = iri.startswith(f"{self.reader.base}person/")
        return named(self.reader.resource(iri), self.words) if is_person else self.reader.label(iri).value

    def labels(self, iri: str, name: str) -> tuple[str, ...]:
        """Return the names of the values of a property."""
        return tuple(map(self.named, self.reader.column(name).values.get(iri, ())))

    def of_statements(self, iri: str, link: str, name: str) -> tuple[str, ...]:
        """Return the values of the property `name` of all that refer to a thing by `link`, each once, in order."""
        return self._of(self.reader.column(link).subjects.get(iri, ()), name)

    def roles_in_source(self, iri: str) -> tuple[str, ...]:
        """Return the roles of those to whom evidence is attributed, in the statements that it draws on."""
        drawn_on, by, of = (self.reader.column(it).values for it in ("rj:drawsOn", "rj:speaker", _ATTRIBUTED))
        own = of.get(iri, ())
        said = [it for it in drawn_on.get(iri, ()) if not set(own).isdisjoint(by.get(it, ()))]
        return self._of(said, "rj:roleAsStated")

    def _of(self, iris: Iterable[str], name: str) -> tuple[str, ...]:
        if name not in self._cache:
            self._cache[name] = self._literals(name)
        texts = self._cache[name]
        return tuple(dict.fromkeys(text for iri in iris for text in texts[iri]))

    def _literals(self, *names: str) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, dict[str, None]] = defaultdict(dict)
        for name in names:
            for quad in self.reader.quads(None, expanded(name)):
                if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal):
                    found[quad.subject.value][quad.object.value] = None
        return defaultdict(tuple, {iri: tuple(sorted(values)) for iri, values in found.items()})
