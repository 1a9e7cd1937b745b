"""Verify passages and quotes against a report's source text, and measure how much of it is covered.

Positions are Unicode code points into the source file as it stands (W3C Web Annotation, Text Position Selector).
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from pathlib import Path
from textwrap import shorten
from typing import Final

import sentencex

from rejoinder import namespaces
from rejoinder.dossiers.reader import Dossier
from rejoinder.dossiers.yaml import lines_of, unread
from rejoinder.errors import InputError, Problem, Severity, UsageError
from rejoinder.rdf import terms
from rejoinder.rdf.terms import Quad

# A heading has no full stop: only the blank line below ends it.
_PARAGRAPH: Final = re.compile(r"\S(?:.|\n(?!\s*\n))*")
_MARK: Final = re.compile(
    r"^[^\S\n]*(?:(?P<number>\d{1,4})\.|(?P<part>\d{1,4}(?:\.\d{1,4})+\.?)|(?P<heading>[A-Z]|[IVX]{2,5})\."
    r"|\((?P<letter>[a-z]|[ivx]{2,5})\)|(?P<bullet>[•▪◦‣·*–-]))\s+(?=\S)",
    re.MULTILINE,
)
"""The number of a paragraph, its letter or its bullet, or the letter of a heading, at the beginning of a line."""
_ENDED: Final = re.compile(r"[.:;!?…][)\]”\"’»*\d]*\Z")
_LISTED: Final = re.compile(r"(?:,|\b(?:and|or|et|ou))\Z")
_HEADING_LINE: Final = re.compile(r"\s*(?:[A-Z]|[IVX]{2,5})\.\s.*")
_BEFORE_WORD: Final = re.compile(
    r"\b(?:Mrs?|Ms|Dr|Prof|Gen|Col|Hon|Messrs|St|e\.g|i\.e|cf|vs|viz)\.\s*\Z", re.IGNORECASE
)
"""An abbreviation behind which the sentence goes on with a name or another word."""
_BEFORE_NUMBER: Final = re.compile(
    r"\b(?:paras?|arts?|nos?|sects?|secs?|chaps?|chs?|pp?|figs?|vols?|al|approx|ca"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.\s*\Z",
    re.IGNORECASE,
)
"""An abbreviation behind which the sentence goes on if a number follows."""
_NUMBER: Final = re.compile(r"\s*\(?(?:\d|[IVX]+\b)")
_DAY: Final = re.compile(r"\b\d{1,2}\.\s*\Z")
_MONTH: Final = re.compile(
    r"\s*(?:January|February|March|April|May|June|July|August|September|October|November|December)\b"
)
_PARAGRAPH_NUMBER: Final = re.compile(r"(?:\A|[\r\n])[^\S\r\n]*(\d{1,4}(?:\.\d{1,4})*\.)\s+\Z")
_NOTED: Final = 8
"""The number of words by which a comment shows a passage."""
_WORDS: Final = 60
"""The number of characters by which a message names a sentence."""
_RULE: Final = namespaces.RJ + "anchor"
"""The property that cites a passage, and the rule of the findings on that."""
_QUOTE: Final = namespaces.RJ + "quote"
_START: Final = namespaces.OA + "start"
_QUOTATION_MARKS: Final = (re.compile(r"[\"“”„‟«»「」]"), re.compile(r"['‘’‚‛‹›『』]"))
"""Double and single ones: within a quotation in marks of one kind, those of the other quote something else."""
_OPENING: Final = "“„‟«「‘‚‛‹『"
_CLOSING: Final = "”»」’›』"
_ALL_MARKS: Final = f"{_OPENING}{_CLOSING}\"'"


@dataclass(frozen=True)
class Passage:
    """A passage of the source: code points `start` to `end`, the digest it must have, and the nodes anchored to it."""

    iri: str
    start: int
    end: int
    sha256: str
    nodes: tuple[str, ...]


@dataclass(frozen=True)
class FromText:
    """The numbers of quotes and passages in graphs: what can be compared with the text of a report."""

    quotes: int = 0
    passages: int = 0

    @classmethod
    def in_quads(cls, quads: Iterable[Quad]) -> FromText:
        """Return the numbers in `quads`."""
        numbers = Counter(quad.predicate.value for quad in quads)
        return cls(numbers[_QUOTE], numbers[_START])

    def __add__(self, other: FromText) -> FromText:
        return FromText(self.quotes + other.quotes, self.passages + other.passages)


@dataclass(frozen=True)
class Sentence:
    """A sentence of the source by position, and the nodes that cite it."""

    start: int
    end: int
    nodes: tuple[str, ...]


@dataclass(frozen=True)
class Coverage:
    """The share of a source text that the graph covers.

    `characters` counts those that are not white space, `covered` those of them inside an anchored passage.
    """

    sentences: tuple[Sentence, ...]
    characters: int
    covered: int

    @property
    def missing(self) -> tuple[Sentence, ...]:
        """The sentences that nothing is anchored to."""
        return tuple(sentence for sentence in self.sentences if not sentence.nodes)


def source_text(path: Path) -> str:
    """Return the text of a source file with unchanged line ends.

    Raises:
        OSError: the file cannot be read.
        UnicodeDecodeError: it is not UTF-8.
    """
    return path.read_bytes().decode("utf-8")  # read_text would convert line ends and so shift positions


def read_source(source: Path) -> str:
    """Return the text of the file `source`, which a user named.

    Raises:
        InputError: it cannot be read, or is empty.
    """
    try:
        text = source_text(source)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError.at(source, None, f"the source text cannot be read: {unread(error)}") from error
    if not text.strip():
        raise InputError.at(source, None, "the source text is empty; save the text of the report in this file")
    return text


def passages(quads: Iterable[Quad]) -> tuple[Passage, ...]:
    """Return the passages in `quads`, in order, each with the nodes that cite it."""
    numbers: defaultdict[str, dict[str, str]] = defaultdict(dict)
    anchored: defaultdict[str, set[str]] = defaultdict(set)
    for quad in quads:
        if quad.predicate.value == _RULE:
            anchored[terms.text(quad.object)].add(terms.text(quad.subject))
        elif quad.predicate.value in (namespaces.OA + "start", namespaces.OA + "end", namespaces.SCHEMA + "sha256"):
            numbers[terms.text(quad.subject)][quad.predicate.value] = terms.text(quad.object)
    found = []
    for iri, values in numbers.items():
        if namespaces.OA + "start" in values:  # a report has a checksum, too, and is no passage
            start, end = (int(values.get(namespaces.OA + side, "0")) for side in ("start", "end"))
            sha256 = values.get(namespaces.SCHEMA + "sha256", "")
            found.append(Passage(iri, start, end, sha256, tuple(sorted(anchored[iri]))))
    return tuple(sorted(found, key=lambda p: (p.start, p.end, p.iri)))


def sentences(text: str) -> Iterator[tuple[int, int]]:
    r"""Yield start and end of each sentence; a lone number or bullet does not count.

    A blank line ends a sentence, and so does a line that begins with the number or letter of a paragraph.

    >>> list(sentences("One is here. Two is there.\n\nThree"))
    [(0, 12), (13, 26), (28, 33)]
    >>> list(sentences("1. See para. 5. It was. \n2. Two"))
    [(3, 15), (16, 23), (28, 31)]
    """
    lines = _with_plain_line_ends(text)
    for start, words, end in _items(lines):
        # sentencex takes a line that begins with a number for an item of a list, and never divides it.
        line = lines[words:end].replace("\n", " ")
        for first, last in _joined(line):
            begins, ends = words + first if first else start, words + last
            sentence = lines[begins:ends]
            if re.search(r"\w{3}", sentence):  # a number or a bullet is no sentence
                yield ends - len(sentence.lstrip()), begins + len(sentence.rstrip())


def _joined(line: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each sentence of a text in one line, where sentencex also divides after abbreviations."""
    first = 0
    for boundary in sentencex.get_sentence_boundaries("en", line):
        last = boundary["start_index"] + len(boundary["text"])
        if last < len(line) and _goes_on(line[first:last], line[last:]):
            continue
        yield first, last
        first = last


def _goes_on(before: str, after: str) -> bool:
    """Return whether the full stop between two parts of a text belongs to an abbreviation or a day."""
    if _BEFORE_WORD.search(before) or (_BEFORE_NUMBER.search(before) and _NUMBER.match(after)):
        return True
    return bool(_DAY.search(before) and _MONTH.match(after))


def _items(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield start, start of the words and end of each part of the text that its lay-out sets apart.

    Letters of paragraphs and of headings belong to their first sentence; numbers and bullets stand before it.
    """
    latest: dict[str, str] = {}
    for paragraph in _PARAGRAPH.finditer(text):
        start = words = paragraph.start()
        for mark in _MARK.finditer(text, start, paragraph.end()):
            before = text[paragraph.start() : mark.start()]
            if not _begins_item(before.rstrip(), mark, text, latest):
                continue
            if before.strip():
                yield start, words, mark.start()
            kind = mark.lastgroup or ""
            latest[kind] = mark[kind]
            words = mark.end()
            start = mark.start() if kind in ("letter", "heading") else words
        yield start, words, paragraph.end()


def _begins_item(before: str, mark: re.Match[str], text: str, latest: Mapping[str, str]) -> bool:
    """Return whether the number, letter or bullet begins a paragraph or a heading, and no line of running text.

    `before` is what stands above in the same block of lines, `latest` the last mark of each kind.
    """
    kind, after = mark.lastgroup or "", text[mark.end() : mark.end() + 20]
    if kind == "number" and _MONTH.match(after):
        return False
    if not before or (_ENDED.search(before) and not _goes_on(before, mark[0])):
        return True
    if kind == "letter":
        return bool(_LISTED.search(before)) or _follows(latest.get(kind, ""), mark[kind])
    # Headings end without a full stop; a line that begins with an initial has running text above.
    if kind == "heading":
        return bool(_HEADING_LINE.fullmatch(before.rpartition("\n")[2]))
    return kind == "number" and not after[:1].islower() and _follows(latest.get(kind, "0"), mark[kind])


def _follows(latest: str, mark: str) -> bool:
    """Return whether a number or a letter comes right after the latest one of its kind; a text may count anew from 1.

    >>> _follows("4", "5"), _follows("12", "1"), _follows("a", "b"), _follows("4", "15")
    (True, True, True, False)
    """
    if mark.isdecimal():
        return mark == "1" or (latest.isdecimal() and int(mark) == int(latest) + 1)
    return len(latest) == len(mark) == 1 and ord(mark) == ord(latest) + 1


def measure(text: str, known: tuple[Passage, ...]) -> Coverage:
    """Return the coverage of `text` by passages that some node cites."""
    # A passage that nothing cites covers nothing: someone marked the text, but wrote down no statement.
    used = sorted((p for p in known if p.nodes and p.start < p.end), key=lambda p: p.start)
    found = tuple(_carried(text, used))
    solid = sum(not character.isspace() for character in text)
    covered = sum(not character.isspace() for start, end in _merged(used) for character in text[start:end])
    return Coverage(found, solid, covered)


def _carried(text: str, used: Sequence[Passage]) -> Iterator[Sentence]:
    """Yield the sentences, each with the nodes that cite a passage overlapping it.

    Sentences and passages are sorted, so each passage is compared only with nearby sentences.
    """
    waiting = deque(used)
    touching: list[Passage] = []
    for start, end in sentences(text):
        while waiting and waiting[0].start < end:
            touching.append(waiting.popleft())
        touching = [p for p in touching if start < p.end]
        yield Sentence(start, end, tuple(sorted({node for p in touching for node in p.nodes})))


def _merged(used: Iterable[Passage]) -> Iterator[tuple[int, int]]:
    """Yield the union of the sorted passages as spans, so that overlaps count once."""
    last = 0
    for passage in used:
        if passage.end > last:
            yield max(passage.start, last), passage.end
            last = passage.end


def is_source_of(dossier: Dossier, text: str) -> bool:
    """Return whether the report of the dossier was read from this text."""
    # A dossier has the checksum at its report, a table's dossier at itself.
    report, predicate = dossier.graph + namespaces.REPORT, namespaces.SCHEMA + "sha256"
    digests = {
        terms.text(q.object)
        for q in dossier.quads
        if terms.text(q.subject) in (dossier.graph, report) and q.predicate.value == predicate
    }
    return _digest(text) in digests


def verify(dossier: Dossier, known: tuple[Passage, ...], source: Path, text: str) -> Iterator[Problem]:
    """Yield violations for wrong checksums and quotes, and warnings for doubtful quotes and sentences nothing cites."""
    if not is_source_of(dossier, text):  # one finding: in another text every passage would be wrong
        remedy = "name the text as it was then, or print its sha256 and its passages anew with 'rejoinder anchor --all'"
        message = f"{source.name} is not the text this report was read from: its SHA-256 is {_digest(text)}; {remedy}"
        yield _finding(dossier, Severity.VIOLATION, dossier.graph, namespaces.SCHEMA + "sha256", message)
        return
    for passage in known:
        if _digest(text[passage.start : passage.end]) != passage.sha256:
            where = f"the text from {passage.start} to {passage.end}"
            message = f"{where} has another checksum; 'rejoinder anchor' prints the right line"
            yield _finding(dossier, Severity.VIOLATION, passage.iri, namespaces.SCHEMA + "sha256", message)
    yield from _misquoted(dossier, known, text)
    missing = measure(text, known).missing
    for sentence, line in zip(missing, lines_of(text, (one.start for one in missing)), strict=True):
        message = f'{source}:{line}: no entry cites "{_beginning(text, sentence)}"; write down what it says'
        yield _finding(dossier, Severity.WARNING, dossier.graph, "", message)


def _beginning(text: str, sentence: Sentence) -> str:
    """Return the first words of a sentence."""
    return shorten(text[sentence.start : sentence.end], _WORDS, placeholder=" …")


def quotes(dossier: Dossier) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield each quoting node: its IRI, the quoted words, and the IRIs of the passages that it cites."""
    anchors: defaultdict[str, list[str]] = defaultdict(list)
    for quad in dossier.quads:
        if quad.predicate.value == _RULE:
            anchors[terms.text(quad.subject)].append(terms.text(quad.object))
    for quad in dossier.quads:
        if quad.predicate.value == _QUOTE:
            node = terms.text(quad.subject)
            yield node, terms.text(quad.object), tuple(anchors[node])


@dataclass(frozen=True)
class _Letters:
    """A text without its white space, and where each of its `letters` stands in the text."""

    letters: str
    places: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> _Letters:
        places = tuple(place for place, letter in enumerate(text) if not letter.isspace())
        return cls("".join(text.split()), places)

    def find(self, words: str) -> Iterator[tuple[int, int]]:
        r"""Yield start and end of each place in the text where `words` stand, whatever white space is between them.

        >>> list(_Letters.of("one\ntwo, one two").find("one two"))
        [(0, 7), (9, 16)]
        """
        wanted = "".join(words.split())
        found = self.letters.find(wanted) if wanted else -1
        while found >= 0:
            yield self.places[found], self.places[found + len(wanted) - 1] + 1
            found = self.letters.find(wanted, found + 1)


def _misquoted(dossier: Dossier, known: tuple[Passage, ...], text: str) -> Iterator[Problem]:
    """Yield a finding for each quote that is not in the passages that its node cites, or not in quotation marks there.

    White space is ignored, because line breaks in the dossier and in the source differ.
    """
    cited = {passage.iri: passage for passage in known}
    letters, paragraphs = _Letters.of(text), _paragraphs(text)
    for node, words, anchors in quotes(dossier):
        passages = [cited[anchor] for anchor in anchors if anchor in cited]
        places = [(start, end, passage) for start, end in letters.find(words) for passage in passages]
        within = [place for place in places if place[2].start <= place[0] and place[1] <= place[2].end]
        severity, message = Severity.VIOLATION, ""
        if any(_in_marks(text, start, end, _around(paragraphs, start, end, p)) for start, end, p in within):
            continue
        if within:
            severity = Severity.WARNING
            message = (
                "the text does not print these words in quotation marks; quote words that it does, or remove the quote"
            )
        elif any(start < passage.end and passage.start < end for start, end, passage in places):
            message = "these words go beyond the passage; a quote lies within one: cite a longer passage, or quote less"
        else:
            message = "these words are not in the passage; quote the words that the report prints in quotation marks"
        yield replace(_finding(dossier, severity, node, _QUOTE, message), value=words)


def _paragraphs(text: str) -> tuple[tuple[int, int], ...]:
    """Return start and end of each part of the text that its lay-out sets apart, in order."""
    return tuple((start, end) for start, _, end in _items(_with_plain_line_ends(text)))


def _with_plain_line_ends(text: str) -> str:
    return text.replace("\r\n", " \n").replace("\r", "\n")  # every character keeps its place


def _around(paragraphs: Sequence[tuple[int, int]], start: int, end: int, passage: Passage) -> tuple[int, int]:
    """Return start and end of the passage with the paragraphs of the words in it."""
    first, last = (max(bisect_right(paragraphs, place, key=itemgetter(0)) - 1, 0) for place in (start, end - 1))
    return min(passage.start, paragraphs[first][0]), max(passage.end, paragraphs[last][1])


def _in_marks(text: str, start: int, end: int, around: tuple[int, int]) -> bool:
    """Return whether the words from `start` to `end` stand in quotation marks, which are looked for in `around`.

    >>> said = 'He called it "good and “new”", and ‘the judge’s own’ work bad.'
    >>> [_in_marks(said, at := said.index(w), at + len(w), (0, len(said))) for w in ("good", "new", "own", "bad")]
    [True, True, True, False]
    """
    while start < end and text[start] in _ALL_MARKS:  # marks that the quote itself has at its ends
        start += 1
    while start < end and text[end - 1] in _ALL_MARKS:
        end -= 1
    for marks in _QUOTATION_MARKS:
        turns = tuple(_turns(text, marks, around))
        opened = [opens for place, opens in turns if place < start][-1:] == [True]
        closed = next((place for place, opens in turns if place >= start and not opens), 0)
        if opened and closed >= end:
            return True
    return False


def _turns(text: str, marks: re.Pattern[str], around: tuple[int, int]) -> Iterator[tuple[int, bool]]:
    """Yield the place of each quotation mark of one kind, and whether it opens a quotation or closes it.

    What a mark does depends on the language: “ opens in English and closes in German. So the white space beside it
    says more than the mark; straight ones without that open and close by turns.
    """
    is_open = False
    for found in marks.finditer(text, *around):
        mark, place = found[0], found.start()
        before, after = text[max(place - 1, 0) : place], text[place + 1 : place + 2]
        if mark in "'’" and before.isalnum() and after.isalnum():  # an apostrophe
            continue
        on_left = bool(before.strip()) and before not in "([{"
        on_right = bool(after.strip()) and after not in ")]},.;:!?…"
        by_kind = mark in _OPENING or (mark not in _CLOSING and not is_open)
        opens = on_right if on_left != on_right else by_kind
        # As in French: l’« homme ».
        is_open = opens or (mark in _OPENING and not is_open)
        yield place, is_open


def _finding(dossier: Dossier, severity: Severity, focus: str, predicate: str, message: str) -> Problem:
    line = dossier.line(focus, predicate or None)
    return Problem(dossier.path, line, message, severity, focus, predicate, rule=_RULE, component=_RULE)


@dataclass(frozen=True)
class FoundPassage:
    """A passage of a source text: code points `start` to `end`, and the SHA-256 of what stands there.

    `note` shows people which passage it is: the number of its paragraph before its first words.
    """

    start: int
    end: int
    sha256: str
    note: str = ""

    def as_dossier_line(self, name: str) -> str:
        """Return the line for the `passages` of a dossier.

        >>> FoundPassage(3, 9, "ab", "1. One is").as_dossier_line("p001")
        '  "#p001": {start: 3, end: 9, sha256: ab}  # 1. One is'
        """
        comment = f"  # {self.note}" if self.note else ""
        return f'  "#{name}": {{start: {self.start}, end: {self.end}, sha256: {self.sha256}}}{comment}'


def locate(source: Path, words: str) -> tuple[FoundPassage, ...]:
    """Return every occurrence of `words` in the file `source`; any white space counts as one blank.

    `words` may omit the middle: "The court … refused" finds the shortest span from the first part to the last.

    Raises:
        InputError: the source cannot be read, or is empty.
        UsageError: `words` is empty or not found.
    """
    # A mark of omission as people type it: one character, or three full stops.
    split = [part.split() for part in re.split(r"…|\.\.\.", words)]
    # Whoever copies words from a page does not see where the text breaks its lines.
    parts = [re.compile(r"\s+".join(map(re.escape, part))) for part in split if part]
    if not parts:
        raise UsageError("the words to look for are empty; give the first and last words of the passage")
    text = read_source(source)
    found = [_slice(text, start, end) for start, end in _stretches(parts, text)]
    if not found:
        raise UsageError(f"{source}: these words are not there; copy them from the file ('…' means any words)")
    return tuple(found)


def _stretches(parts: Sequence[re.Pattern[str]], text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each span of the text that has the parts in order.

    Each search begins where the one before ended, and the first part that is not found ends all.
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


def whole(source: Path) -> FoundPassage:
    """Return the file `source` as one passage; a report's dossier states its length and checksum.

    Raises:
        InputError: the source cannot be read, or is empty.
    """
    text = read_source(source)
    return _slice(text, 0, len(text))


def all_sentences(source: Path) -> tuple[FoundPassage, ...]:
    """Return every sentence of the file `source`, in order, as the first passages of a new dossier.

    Raises:
        InputError: the source cannot be read, or is empty.
    """
    text = read_source(source)
    return tuple(replace(_slice(text, start, end), note=_note(text, start, end)) for start, end in sentences(text))


def _note(text: str, start: int, end: int) -> str:
    """Return the number before a sentence, if there is one, and the first words of the sentence, for a YAML comment."""
    number = _PARAGRAPH_NUMBER.search(text[max(0, start - _WORDS) : start])
    words = text[start:end].split()
    shown = [*([number[1]] if number else []), *words[:_NOTED], *(["…"] if len(words) > _NOTED else [])]
    # A comment in YAML holds no control characters, and a text without blanks would make it endless.
    return shorten("".join(c if c.isprintable() else " " for c in " ".join(shown)), 2 * _WORDS, placeholder=" …")


def _slice(text: str, start: int, end: int) -> FoundPassage:
    return FoundPassage(start, end, _digest(text[start:end]))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
