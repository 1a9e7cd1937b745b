"""Write ontology/reference/review.csv: the reviews of the UPR, their sessions, cycles and dates, each with its sources.

The facts come from three places, and each review names those of its own (dcterms:source):

- the exports of the UPR Info database: which States were reviewed in which session;
- docs/upr-sessions.yaml: the same for the sessions that the exports lack, and the days of sessions;
- reports of the Working Group, as plain text: the day of a review and its troika.

A date that is a range says that the review took place on a day in it: one of the days of the session or, where no
source gives those, of the months that the import of UPR Info knows. Only facts are taken over, no text.

    python docs/make_reviews.py ../shared/realdata ../shared/texts > ontology/reference/review.csv
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

import yaml

from rejoinder.dossiers.reviews import COLUMNS
from rejoinder.errors import RejoinderError
from rejoinder.importers import reconcile
from rejoinder.importers.reconcile import ReviewKey
from rejoinder.importers.upr_info import cycle, months, read_export
from rejoinder.namespaces import RDFS, RJ
from rejoinder.rdf import terms
from rejoinder.rdf.terms import Literal

ROOT: Final = Path(__file__).resolve().parents[1]
SESSIONS: Final = ROOT / "docs" / "upr-sessions.yaml"
STATES: Final = ROOT / "data" / "state.ttl"
DATABASE: Final = "https://www.upr-info.org/"
DOCUMENTS: Final = "https://undocs.org/"
"""Where the documents of the United Nations are found by their symbols."""

NO_REVIEWS: Final = frozenset({("SSD", 11)})
"""Rows of the database that were no review of that State.

South Sudan became a State in July 2011; the rows are recommendations to it that States made when Sudan was reviewed.
"""

SYMBOLS: Final[Mapping[ReviewKey, str]] = MappingProxyType(
    {
        ("DZA", 13): "A/HRC/21/13",
        ("BGD", 4): "A/HRC/11/18",
        ("BEN", 14): "A/HRC/22/9",
        ("CMR", 4): "A/HRC/11/21",
        ("CAN", 4): "A/HRC/11/17",
        ("TCD", 5): "A/HRC/12/5",
        ("CHN", 4): "A/HRC/11/25",
        ("CUB", 4): "A/HRC/11/22",
        ("DJI", 4): "A/HRC/11/16",
        ("GAB", 14): "A/HRC/22/5",
        ("MYS", 4): "A/HRC/11/30",
        ("NGA", 4): "A/HRC/11/26",
        ("RUS", 4): "A/HRC/11/19",
        ("SEN", 4): "A/HRC/11/24",
        ("VNM", 5): "A/HRC/12/11",
    }
)
"""The symbols of reports whose plain text begins without one. Those of a session follow the order of its reviews."""

CYCLES: Final = MappingProxyType(
    {1: ("First", "первого"), 2: ("Second", "второго"), 3: ("Third", "третьего"), 4: ("Fourth", "четвёртого")}
)
"""The numbers of the cycles as words, in English and in Russian."""

_SESSION: Final = re.compile(r"A/HRC/WG\.6/([0-9]+)/")
"""The symbols of documents of a session, which every report names. Codes of States in them may be mistyped."""
_HELD: Final = re.compile(
    r"The review of (?:the )?(?:Kingdom of )?([^.]{3,90}?) was held at the [^.]{3,30}?\b"
    r"on ([0-9]{1,2} [A-Z][a-z]+ [0-9]{4})"
)
_TROIKA: Final = re.compile(r"\(troika\) to facilitate the review\b([^.]{10,200})\.")
_SYMBOL: Final = re.compile(r"A/HRC/[0-9]+/[0-9]+")
_SYMBOL_WITHIN: Final = 600
"""The symbol of a report stands on its first page; later ones are those of other documents."""
_ARTICLE: Final = re.compile(r" \(the\)")
TROIKA: Final = 3


class ReviewTableError(RejoinderError, ValueError):
    """A source of reviews cannot be used: it names a State that nobody knows, or contradicts another."""


@dataclass(frozen=True)
class Session:
    """What docs/upr-sessions.yaml says of a session; `states` are the names as the source has them, if it names any."""

    days: str
    sources: tuple[str, ...]
    states: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """What a report of the Working Group says of a review: its day, its troika by codes, and the report's symbol."""

    day: str
    troika: tuple[str, ...]
    symbol: str


@dataclass(frozen=True)
class Review:
    """A review of a State in a session; `date` is in EDTF, a range where only the days or months of that are known."""

    code: str
    session: int
    date: str
    troika: tuple[str, ...]
    sources: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its name in IRIs, such as kaz-20."""
        return f"{self.code.lower()}-{self.session}"


@dataclass(frozen=True)
class Names:
    """The names of States: codes by any name, and labels by language and code."""

    index: reconcile.NameIndex
    labels: Mapping[str, Mapping[str, str]]

    def code(self, name: str) -> str:
        """Return the code of the State called `name`.

        Raises:
            ReviewTableError: no State is.
        """
        code = self.index.code(name)
        if code is None:
            raise ReviewTableError(self.index.unknown(name))
        return code


def read_names() -> Names:
    """Return the names of States in data/state.ttl, with those that UPR Info uses."""
    quads = tuple(terms.parse_file(STATES, f"{RJ}state/"))
    inventory = reconcile.inventory(quads).with_names(reconcile.shipped_overrides().states)
    labels: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for quad in quads:
        if quad.predicate.value == RDFS + "label" and isinstance(quad.object, Literal):
            labels[quad.object.language or ""][terms.text(quad.subject).rpartition("/")[2]] = quad.object.value
    return Names(inventory.states, labels)


def read_sessions(path: Path = SESSIONS) -> dict[int, Session]:
    """Return the sessions that the table at `path` describes, by number."""
    found = {}
    for number, entry in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        found[number] = Session(entry.get("days", ""), _texts(entry["source"]), _texts(entry.get("states")))
    return found


def _texts(value: object) -> tuple[str, ...]:
    """Return a value of the table as a tuple: one text, a list of texts, or nothing.

    >>> _texts("a"), _texts(["a", "b"]), _texts(None)
    (('a',), ('a', 'b'), ())
    """
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),) if value else ()


def reviews_in_database(exports: Iterable[Path], names: Names) -> set[ReviewKey]:
    """Return the reviews of which the exports have rows."""
    rows = (row for path in exports for row in read_export(path).rows)
    # Rows by the hundred name one review, and one row of the exports has no session.
    pairs = {(row.to, row.session) for row in rows if row.session is not None}
    return {(names.code(name), session) for name, session in pairs} - NO_REVIEWS


def read_report(text: str, names: Names) -> tuple[ReviewKey, Report] | None:
    """Return the review that a Working Group's report is about, and what it says of it; None if it is no such report.

    A troika of which not all three States are recognised is left out.
    """
    plain = " ".join(text.split())
    session, held = _SESSION.search(plain), _HELD.search(plain)
    if not (session and held):
        return None
    key = names.code(held[1]), int(session[1])
    troika = _TROIKA.search(plain)
    symbol = _SYMBOL.search(plain[:_SYMBOL_WITHIN])
    return key, Report(
        day=datetime.strptime(held[2], "%d %B %Y").date().isoformat(),
        troika=_members(troika[1], names) if troika else (),
        symbol=symbol[0] if symbol else SYMBOLS[key],
    )


def _members(sentence: str, names: Names) -> tuple[str, ...]:
    """Return the codes of the three States behind the colon of a sentence; nothing if there are not three."""
    listed = sentence.rpartition(":")[2]
    # Names contain "and", too, so every way to divide the list is tried.
    parts = re.split(r", and |, | and ", listed)
    found = [part for part in _groupings(parts) if len(part) == TROIKA and all(map(names.index.code, part))]
    return tuple(sorted(names.code(name) for name in found[0])) if len(found) == 1 else ()


def _groupings(parts: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the ways to join neighbouring parts with "and".

    >>> list(_groupings(["Qatar", "Bosnia", "Herzegovina"]))[:2]
    [('Qatar', 'Bosnia', 'Herzegovina'), ('Qatar', 'Bosnia and Herzegovina')]
    """
    if not parts:
        yield ()
        return
    for size in range(1, len(parts) + 1):
        for rest in _groupings(parts[size:]):
            yield (" and ".join(parts[:size]), *rest)


def all_reviews(
    in_database: Iterable[ReviewKey], sessions: Mapping[int, Session], reports: Mapping[ReviewKey, Report], names: Names
) -> tuple[Review, ...]:
    """Return every review of which a source is known, by State and session.

    Raises:
        ReviewTableError: a State is unknown or reviewed twice in a cycle, or a report is about a review of no session.
    """
    sources: defaultdict[ReviewKey, list[str]] = defaultdict(list)
    for key in in_database:
        sources[key].append(DATABASE)
    for number, session in sessions.items():
        listed = {(names.code(name), number) for name in session.states}
        dated = {key for key in sources if key[1] == number and key not in reports} if session.days else set()
        for key in listed | dated:
            sources[key] += session.sources
    _check(sources, reports)
    reviews = []
    for code, number in sorted(sources):
        report, session_days = reports.get((code, number)), sessions[number].days if number in sessions else ""
        found = sources[code, number] + ([DOCUMENTS + report.symbol] if report else [])
        reviews.append(
            Review(
                code=code,
                session=number,
                date=report.day if report else session_days or months(number),
                troika=report.troika if report else (),
                sources=tuple(dict.fromkeys(found)),
            )
        )
    return tuple(reviews)


def _check(found: Iterable[ReviewKey], reports: Iterable[ReviewKey]) -> None:
    known = set(found)
    unheard = [f"{code} in session {number}" for code, number in reports if (code, number) not in known]
    if unheard:
        raise ReviewTableError(f"reports are about reviews that no list of a session has: {', '.join(unheard)}")
    first: dict[tuple[str, int], int] = {}
    for code, number in sorted(known):
        other = first.setdefault((code, cycle(number)), number)
        if other != number:
            raise ReviewTableError(f"{code} is reviewed twice in one cycle, in sessions {other} and {number}")


def to_csv(reviews: Sequence[Review], names: Names, articles: Iterable[str]) -> str:
    """Return the reviews as a table; `articles` are the States whose English names take "the"."""
    with_article = frozenset(articles)
    by_cycle = {(review.code, cycle(review.session)): review for review in reviews}
    table = io.StringIO()
    writer = csv.DictWriter(table, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for review in reviews:
        before = by_cycle.get((review.code, cycle(review.session) - 1))
        labels = _labels(review, names, with_article)
        writer.writerow(
            {
                "review": review.name,
                "state": review.code,
                "session": review.session,
                "cycle": cycle(review.session),
                "date": review.date,
                "troika": " ".join(review.troika),
                "previous": before.name if before else "",
                "sources": " ".join(review.sources),
                **{f"label_{language}": label for language, label in labels.items()},
            }
        )
    return table.getvalue()


def _labels(review: Review, names: Names, with_article: frozenset[str]) -> dict[str, str]:
    english, russian = CYCLES[cycle(review.session)]
    state = names.labels["en"][review.code]
    article = "the " if review.code in with_article else ""
    return {
        "en": f"{english}-cycle review of {article}{state}, {ordinal(review.session)} session",
        # The name stands in the nominative: UNTERM gives no other case.
        "ru": f"{names.labels['ru'][review.code]}: обзор {russian} цикла, {review.session}-я сессия",
    }


def ordinal(number: int) -> str:
    """Return the number with its English ending.

    >>> [ordinal(number) for number in (1, 2, 3, 4, 11, 12, 13, 21, 32, 43, 50)]
    ['1st', '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '32nd', '43rd', '50th']
    """
    teens = number % 100 in (11, 12, 13)
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def codes_with_article(table: Path) -> frozenset[str]:
    """Return the codes of States behind whose English name the table of country codes has "(the)"."""
    with table.open(encoding="utf-8-sig", newline="") as rows:
        return frozenset(
            row["ISO3166-1-Alpha-3"] for row in csv.DictReader(rows) if _ARTICLE.search(row["UNTERM English Short"])
        )


def make(realdata: Path, texts: Path) -> str:
    """Return the reviews as a table, from the folder with exports and country codes, and the folder with reports.

    Raises:
        ReviewTableError: a source cannot be used.
        InputError: a file cannot be read.
    """
    names = read_names()
    exports = sorted(realdata.glob("upr-info*/*.csv"))
    # Nothing that is taken from these texts has a letter beyond ASCII, in which their encodings agree.
    found = (read_report(path.read_text(encoding="latin-1"), names) for path in sorted(texts.rglob("*.txt")))
    reports = dict(filter(None, found))
    reviews = all_reviews(reviews_in_database(exports, names), read_sessions(), reports, names)
    return to_csv(reviews, names, codes_with_article(realdata / "reference" / "country-codes.csv"))


def main(arguments: Sequence[str]) -> None:
    """Write the reviews made from the two folders that `arguments` name to standard output, as UTF-8."""
    if len(arguments) != 2:
        sys.exit("usage: python docs/make_reviews.py REALDATA TEXTS > ontology/reference/review.csv")
    try:
        table = make(*map(Path, arguments))
    except (RejoinderError, OSError) as error:
        sys.exit(str(error))
    sys.stdout.buffer.write(table.encode())


if __name__ == "__main__":
    main(sys.argv[1:])
