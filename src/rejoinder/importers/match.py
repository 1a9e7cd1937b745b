"""Propose mappings: people who may be one, and claims that may be the same.

People are compared by the sound of their names within one State or office; claims of different documents by their
words, within one State, issue and provision. A proposal is a row of a mapping file without a reviewer: nothing follows
from it until somebody confirms it. Pairs that a mapping file has already are not proposed again, refused ones neither.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Literal

from rejoinder import __version__, disk, namespaces, versions
from rejoinder.config import Project
from rejoinder.dossiers import discovery, sssom
from rejoinder.dossiers.reader import open_reader
from rejoinder.dossiers.sssom import MappingRow
from rejoinder.dossiers.yaml import read_text
from rejoinder.errors import UsageError, extra
from rejoinder.rdf import query, terms
from rejoinder.rdf.results import as_table
from rejoinder.rdf.terms import Store
from rejoinder.site.search import spelt
from rejoinder.validation.derive import Components

Kind = Literal["people", "claims"]

# By sound, as the search of the site spells it: by letters, one of the six true pairs has 0.943.
NAMES_LIKENESS: Final = 0.96
"""The least likeness of two names, from 0 to 1; true pairs of the example have 0.97 or more, others 0.82 or less."""
WORDS_LIKENESS: Final = 0.87
"""The least likeness of each word: else a long family name would outweigh another first name."""
CLAIMS_LIKENESS: Final = 0.6
"""The least share of words that two claims have in common."""
_MAX_WORDS: Final = 5
"""Words of a name that are compared in every order, which is 120 orders for five."""

_PREDICATES: Final[Mapping[Kind, str]] = {"people": "schema:sameAs", "claims": "rj:sameClaim"}
_JUSTIFICATION: Final = "semapv:LexicalSimilarityThresholdMatching"
_WORD: Final = re.compile(r"[^\W_]+")
_SMALL: Final = frozenset({
    "a", "an", "and", "are", "as", "at", "be", "been", "by", "for", "from", "had", "has", "have", "in", "is", "it",
    "its", "of", "on", "or", "that", "the", "their", "there", "this", "to", "was", "were", "which", "with",
})  # fmt: skip
"""Words that say nothing of what a claim is about; `no` and `not` are none of these."""

_NAMES: Final = """
SELECT DISTINCT ?it ?name WHERE { ?it a rj:Person ; rdfs:label|skos:altLabel ?name }
"""
# An affected person or an expert speaks for no State, so the States count that the reports naming them are about.
_OFFICES: Final = """
SELECT DISTINCT ?it ?group WHERE {
  ?it a rj:Person .
  { ?it rj:represents|org:memberOf ?group }
  UNION { ?statement rj:speaker ?it ; rj:roleIn ?group }
  UNION { ?it rj:anchor/^rj:hasPassage/(foaf:primaryTopic?)/rj:inProceeding/(rj:underReview|rj:stateConcerned) ?group }
}
"""
_CLAIMS: Final = """
SELECT DISTINCT ?it ?name WHERE { ?it a rj:Claim ; rdfs:label|rj:quote ?name }
"""
_STATES: Final = """
SELECT DISTINCT ?it ?group WHERE {
  ?it a rj:Claim ; ^rj:expresses/rj:speaker ?speaker .
  { ?speaker rj:represents ?group } UNION { ?speaker a rj:State . BIND (?speaker AS ?group) }
}
"""
_ISSUES: Final = """
SELECT DISTINCT ?it ?group WHERE { ?it a rj:Claim ; rj:about ?group }
"""
_PROVISIONS: Final = """
SELECT DISTINCT ?it ?group WHERE { ?it a rj:Claim ; rj:provision ?group }
"""


@dataclass(frozen=True)
class Person:
    """A person to compare: their names, and the States and offices that they belong to."""

    iri: str
    names: tuple[str, ...]
    offices: frozenset[str]


@dataclass(frozen=True)
class Claim:
    """A claim to compare: its label and quotes, and the States, issues and provisions that it concerns."""

    iri: str
    texts: tuple[str, ...]
    states: frozenset[str]
    issues: frozenset[str]
    provisions: frozenset[str]


@dataclass(frozen=True)
class Proposal:
    """Two things that may be the same: their IRIs and labels, and their likeness from 0 to 1."""

    subject: str
    object: str
    likeness: float
    subject_label: str = ""
    object_label: str = ""


def match(project: Project, kind: Kind, write: Path | None = None, day: date | None = None) -> tuple[str, ...]:
    """Return proposals for mappings as rows of a table with tabs, the names of the columns first.

    Things are those of the newest version, pairs already judged those in `data/mapping`. With `write`, the rows are
    appended to that mapping file, which is made if it is missing. `day` is the day of the proposals, today if None.

    Raises:
        UsageError: `write` is no mapping file of the project, or lacks a column.
        InputError: a mapping file cannot be used.
        StoreError: nothing has been built yet, or the store is damaged.
        MissingPackageError: the package that compares names is not installed.
    """
    reader = open_reader(project.base, project.data)
    target = _target(project, write) if write else None
    files = [path for path in discovery.contents(project.data).dossiers if discovery.is_mapping(path.name)]
    known = [row for path in files for row in reader.mappings(path).rows]
    with versions.reading(project.build):
        store = versions.require_newest(project.build).open()
        found = propose_people(people(store)) if kind == "people" else propose_claims(claims(store))
    new = unjudged(found, known)
    columns: tuple[str, ...] = sssom.COLUMNS
    prefixes = _prefixes(project, new)
    # A file that is there keeps its columns and prefixes; a new one declares what its rows need.
    if target and target.exists():
        table = sssom.read_mapping_table(target, read_text(target))
        columns, prefixes = table.columns, sssom.prefixes(table.head)
    made = day or date.today()
    rows = tuple(_line(_cells(each, kind, prefixes, made), columns) for each in new)
    if target and rows:
        _append(target, rows, target.exists(), _head(project, prefixes))
    return ("\t".join(columns), *rows)


def people(store: Store) -> tuple[Person, ...]:
    """Return the persons of a store, in the order of their IRIs."""
    names, offices = _values(store, _NAMES), _values(store, _OFFICES)
    return tuple(Person(iri, tuple(sorted(names[iri])), frozenset(offices.get(iri, ()))) for iri in sorted(names))


def claims(store: Store) -> tuple[Claim, ...]:
    """Return the claims of a store, in the order of their IRIs."""
    texts, *groups = (_values(store, text) for text in (_CLAIMS, _STATES, _ISSUES, _PROVISIONS))
    return tuple(
        Claim(iri, tuple(sorted(texts[iri])), *(frozenset(group.get(iri, ())) for group in groups))
        for iri in sorted(texts)
    )


def _values(store: Store, text: str) -> dict[str, set[str]]:
    """Return the values of the second column of a query's answer by those of the first."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for thing, value in as_table(query.query(store, text)).rows:  # type: ignore[arg-type]  # no graph
        if thing is not None and value is not None:
            found[terms.text(thing)].add(terms.text(value))
    return found


def propose_people(persons: Iterable[Person]) -> tuple[Proposal, ...]:
    """Return the pairs of persons with names that sound alike and a State or an office in common, the likeliest first.

    A name with an initial is proposed only if no other person there has a name that fits it as well.
    """
    with extra("match"):
        from rapidfuzz.distance import JaroWinkler  # noqa: PLC0415  # only this command needs it
    compared = NameComparison(JaroWinkler.similarity)
    known = [(person, [compared.words(name) for name in person.names]) for person in persons]
    # Only within a State or an office: elsewhere, people with one name are rarely the same.
    offices: defaultdict[str, list[int]] = defaultdict(list)
    for number, (person, _) in enumerate(known):
        for office in person.offices:
            offices[office].append(number)
    pairs = {pair for numbers in offices.values() for pair in itertools.combinations(numbers, 2)}
    found: list[tuple[Proposal, bool]] = []
    for one, other in sorted(pairs):
        (person, names), (second, others) = known[one], known[other]
        best = max((compared.likeness(a, b) for a in names for b in others), default=Likeness(0, shortened=False))
        if best.value >= NAMES_LIKENESS:
            labels = (person.names[0], second.names[0])
            found.append((Proposal(person.iri, second.iri, best.value, *labels), best.shortened))
    return _in_order(_unambiguous(found))


def _unambiguous(found: Sequence[tuple[Proposal, bool]]) -> Iterator[Proposal]:
    """Yield the proposals, without those of which an initial fits several persons."""
    fitting: defaultdict[str, int] = defaultdict(int)
    for proposal, _ in found:
        fitting[proposal.subject] += 1
        fitting[proposal.object] += 1
    for proposal, shortened in found:
        if not shortened or fitting[proposal.subject] == fitting[proposal.object] == 1:
            yield proposal


@dataclass(frozen=True, order=True)
class Likeness:
    """The likeness of two names from 0 to 1, and whether a word of the one is only an initial in the other."""

    value: float
    shortened: bool


@dataclass(frozen=True)
class Word:
    """A word of a name: as the search spells its sound, and its first letter as written."""

    sound: str
    letter: str


@dataclass(frozen=True)
class NameComparison:
    """Compares names; `similarity` gives that of two words, from 0 to 1."""

    similarity: Callable[[str, str], float]

    @staticmethod
    def words(name: str) -> tuple[Word, ...]:
        """Return the words of a name."""
        plain = re.sub("['’ʼ`]", "", name)  # signs within a word, such as that of a soft consonant
        found = ((written, "".join(spelt(written))) for written in _WORD.findall(plain))
        return tuple(Word(sound, written[0].lower()) for written, sound in found if sound)

    def likeness(self, name: Sequence[Word], other: Sequence[Word]) -> Likeness:
        """Return the greatest likeness of two names over all orders of their words.

        Words that the longer name has more, such as a father's name, do not count; names of one word must be equal.
        """
        nothing = Likeness(0, shortened=False)
        short, long = sorted((name, other), key=len)
        if len(short) < 2 or len(long) > _MAX_WORDS:
            same = [word.sound for word in short] == [word.sound for word in long]
            return Likeness(float(same and bool(short)), shortened=False)
        # Most names differ in every word, so the words are compared before their orders are.
        fits = [[self._fits(word, each) for each in long] for word in short]
        if not all(map(any, fits)):
            return nothing
        orders = itertools.permutations(range(len(long)), len(short))
        fitting = (order for order in orders if all(fits[n][at] for n, at in enumerate(order)))
        return max((self._aligned(short, [long[at] for at in order]) for order in fitting), default=nothing)

    def _fits(self, word: Word, other: Word) -> bool:
        if _is_initial(word) or _is_initial(other):
            return word.letter == other.letter or word.sound[0] == other.sound[0]
        return self.similarity(word.sound, other.sound) >= WORDS_LIKENESS

    def _aligned(self, name: Sequence[Word], other: Sequence[Word]) -> Likeness:
        pairs = [(a.sound, b.sound) for a, b in zip(name, other, strict=True) if not (_is_initial(a) or _is_initial(b))]
        if not pairs:  # nothing but initials
            return Likeness(0, shortened=True)
        one, two = (" ".join(words) for words in zip(*pairs, strict=True))
        return Likeness(self.similarity(one, two), len(pairs) < len(name))


def _is_initial(word: Word) -> bool:
    return len(word.sound) == 1


def propose_claims(known: Iterable[Claim]) -> tuple[Proposal, ...]:
    """Return the pairs of claims of different documents that share a State, an issue and most words.

    If both name provisions, they share one of them, too.
    """
    by_issue: defaultdict[tuple[str, str], list[Claim]] = defaultdict(list)
    words: dict[str, list[frozenset[str]]] = {}
    for claim in known:
        words[claim.iri] = [content_words(text) for text in claim.texts]
        for pair in itertools.product(claim.states, claim.issues):
            by_issue[pair].append(claim)
    found: dict[tuple[str, str], Proposal] = {}
    # Only claims with a State and an issue in common are compared: all pairs of 1,000 reports would be too many.
    for members in by_issue.values():
        for one, other in itertools.combinations(members, 2):
            elsewhere = namespaces.document_of(one.iri) != namespaces.document_of(other.iri)
            if elsewhere and _share_provisions(one, other) and (one.iri, other.iri) not in found:
                likeness = max(shared_words(a, b) for a in words[one.iri] for b in words[other.iri])
                labels = (one.texts[0], other.texts[0])
                found[one.iri, other.iri] = Proposal(one.iri, other.iri, likeness, *labels)
    return _in_order(proposal for proposal in found.values() if proposal.likeness >= CLAIMS_LIKENESS)


def _share_provisions(one: Claim, other: Claim) -> bool:
    return not (one.provisions and other.provisions) or bool(one.provisions & other.provisions)


def content_words(text: str) -> frozenset[str]:
    """Return the words of a text by sound, without those that say nothing of its subject.

    >>> sorted(content_words("There is no torture in the prisons"))
    ['no', 'prisons', 'torture']
    """
    return frozenset(sound for word in _WORD.findall(text.lower()) if word not in _SMALL for sound in spelt(word))


def shared_words(one: AbstractSet[str], other: AbstractSet[str]) -> float:
    """Return the share of words that two sets have in common, from 0 to 1 (Dice's coefficient).

    >>> shared_words({"no", "torture"}, {"no", "torture", "prisons"})
    0.8
    """
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def _in_order(found: Iterable[Proposal]) -> tuple[Proposal, ...]:
    return tuple(sorted(found, key=lambda each: (-each.likeness, each.subject, each.object)))


def unjudged(found: Iterable[Proposal], known: Iterable[MappingRow]) -> tuple[Proposal, ...]:
    """Return the proposals for pairs on which no row says anything, also not over other rows."""
    rows = tuple(known)
    # If A is B and B is C, nobody needs to be asked about A and C, and a refusal of one of the three holds for all.
    one = Components()
    for row in rows:
        if row.predicate == sssom.SAME and row.confirmed and not row.negated:
            one.join(row.subject, row.object)
    judged = {frozenset(map(one.least, (row.subject, row.object))) for row in rows}
    pairs = ((each, frozenset(map(one.least, (each.subject, each.object)))) for each in found)
    return tuple(each for each, pair in pairs if len(pair) == 2 and pair not in judged)


def _target(project: Project, write: Path) -> Path:
    folder = project.data / discovery.MAPPINGS
    if not discovery.is_mapping(write.name) or not write.resolve().is_relative_to(folder.resolve()):
        raise UsageError(f"{write}: name a file NAME{discovery.MAPPING_SUFFIX} in {folder}")
    return write


def _prefixes(project: Project, proposals: Iterable[Proposal]) -> dict[str, str]:
    """Return the prefixes that the rows of a new file need."""
    iris = [iri for each in proposals for iri in (each.subject, each.object)]
    known = {"rj": namespaces.RJ, "semapv": namespaces.SEMAPV, "schema": namespaces.SCHEMA}
    for iri in iris:
        document = namespaces.document_of(iri) if "#" in iri else None
        known |= {
            prefix: start
            for prefix, start in namespaces.prefixes_for(project.base, document).items()
            if iri.startswith(start) and start.startswith(project.base)
        }
    return dict(sorted(known.items()))


def _cells(each: Proposal, kind: Kind, prefixes: Mapping[str, str], day: date) -> dict[str, str]:
    # A CURIE with a prefix that the file does not declare would be none for other programs.
    subject, other = (namespaces.compact(iri, prefixes).strip("<>") for iri in (each.subject, each.object))
    return {
        "subject_id": subject,
        "subject_label": " ".join(each.subject_label.split()),
        "predicate_id": _PREDICATES[kind],
        "object_id": other,
        "object_label": " ".join(each.object_label.split()),
        "mapping_justification": _JUSTIFICATION,
        "mapping_date": day.isoformat(),
        "confidence": f"{each.likeness:.3f}",
        "mapping_tool": f"rejoinder {__version__}",
    }


def _line(cells: Mapping[str, str], columns: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter="\t", lineterminator="").writerow([cells.get(column, "") for column in columns])
    return out.getvalue()


def _head(project: Project, prefixes: Mapping[str, str]) -> str:
    lines = ["curie_map:", *(f"  {prefix}: {iri}" for prefix, iri in prefixes.items()), f"license: {project.license}"]
    return "".join(f"#{line}\n" for line in lines) + "\t".join(sssom.COLUMNS) + "\n"


def _append(path: Path, rows: Sequence[str], exists: bool, head: str) -> None:
    """Append rows to the file, or make it.

    Raises:
        UsageError: the file lacks a column that says who proposes, or it cannot be written.
    """
    # Appended as text: columns, comments and order of the rows are those of whoever keeps the file.
    before = read_text(path) if exists else head
    if exists:
        missing = {"mapping_tool", "mapping_date"} - set(sssom.read_mapping_table(path, before).columns)
        if missing:
            raise UsageError(f"{path}: add the column {min(missing)}, with a tab before it, for rows that are proposed")
    ending = "" if before.endswith("\n") else "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        disk.write_whole(path, (before + ending + "\n".join(rows) + "\n").encode())
    except OSError as error:
        raise UsageError(disk.write_error(error, path, "no row was written")) from error
