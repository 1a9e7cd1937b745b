"""Records written: what a database says of one review, as the Turtle of one dossier.

A row of the export is a passage of its file, by code points and digest, like any sentence of a report; its
recommendation is anchored to it. Ids come from who asks and in which words, not from the place in the file: a
recommendation keeps its IRI in the next export, whatever was answered in between.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final
from urllib.parse import urljoin

from rejoinder import namespaces
from rejoinder.importers.reconcile import Key, Matches
from rejoinder.importers.upr_info_export import ExportRow, cycle, months
from rejoinder.rdf import terms
from rejoinder.rdf.terms import NamedNode, Triple

FOLDER: Final = "upr-info"
ISSUES: Final = "upr-info-issue"

_PREFIXES: Final = "".join(
    f"@prefix {prefix}: <{iri}> .\n"
    for prefix, iri in {
        **{name: namespaces.PREFIXES[name] for name in ("dcterms", "edtf", "oa", "rdfs", "rj", "schema")},
        "issue": f"../{ISSUES}/",
        "review": "../review/",
        "state": "../state/",
    }.items()
)


@dataclass(frozen=True)
class Origin:
    """The export that a record was read from: the name and digest of the file, and the day it was made."""

    name: str
    sha256: str
    exported: date


@dataclass(frozen=True, slots=True)
class MappedRow:
    """A row whose names are settled: the code and name of the State that asks, None where it is not known."""

    row: ExportRow
    by: tuple[str, str] | None
    issues: tuple[str, ...]


@dataclass(frozen=True)
class ReviewRecord:
    """The rows of one review: the State under review by code and name, the session, and the id of the review."""

    code: str
    state: str
    session: int
    review: str
    origin: Origin
    placed: tuple[MappedRow, ...]

    @property
    def name(self) -> str:
        """The name of its file and the end of its IRI."""
        return f"{self.code.lower()}-{self.session}"


def to_turtle(record: ReviewRecord) -> str:
    """The record as a dossier in Turtle, its IRIs relative to its document."""
    ids = _ids(record.placed)
    return "\n".join((_PREFIXES, _document(record, ids), *_parts(record, ids)))


def _ids(placed: Sequence[MappedRow]) -> list[str]:
    """An id for each recommendation; one that stands there twice in the same words gets a number behind it."""
    times: Counter[str] = Counter()
    found = []
    for each in placed:
        asked = f"{each.by[0] if each.by else ''}\n{each.row.wording}"
        name = "r-" + hashlib.sha256(asked.encode()).hexdigest()[:12]
        times[name] += 1
        found.append(name if times[name] == 1 else f"{name}-{times[name]}")
    return found


def _document(record: ReviewRecord, ids: Sequence[str]) -> str:
    label = f"Recommendations to {record.state} in session {record.session}, as UPR Info records them"
    passages = ", ".join(f"<#row-{each.row.line}>" for each in record.placed)
    lines = (
        "<> a rj:Record",
        f"rdfs:label {_text(label)}@en",
        f"dcterms:title {_text(record.origin.name)}",
        f'dcterms:date "{record.origin.exported}"^^edtf:EDTF',
        "dcterms:publisher <https://www.upr-info.org/>",
        f'schema:sha256 "{record.origin.sha256}"',
        f"rj:inReview review:{record.review}",
        f"rj:hasPassage {passages}",
        f"rj:hasRecommendation {', '.join(f'<#{name}>' for name in ids)}",
    )
    return " ;\n    ".join(lines) + " .\n"


def _parts(record: ReviewRecord, ids: Sequence[str]) -> Iterator[str]:
    answered = f'"{months(record.session).partition("/")[0]}/{record.origin.exported}"^^edtf:EDTF'
    shared = f"rj:addressedTo state:{record.code} ; rj:inReview review:{record.review}"
    for name, each in zip(ids, record.placed, strict=True):
        row = each.row
        yield f'<#row-{row.line}> oa:start {row.start} ; oa:end {row.end} ; schema:sha256 "{row.sha256}" ;'
        yield f"    rj:line {row.line} ."
        yield f"<#{name}> rj:anchor <#row-{row.line}> ; {shared} ;"
        yield f"    rdfs:label {_text(_label(record, each))}@en ; rj:wording {_text(row.wording)}@en ;"
        yield f"    {_raised(each)} ;{_about(each)}"
        yield f"    rj:response rj:{row.response} ; rj:responseDate {answered} ; rj:responseSource <>{_action(row)} .\n"


def _label(record: ReviewRecord, placed: MappedRow) -> str:
    who = placed.by[1] if placed.by else "A State not named"
    issues = "; ".join(placed.row.issues) or "issue not coded yet"
    return f"{who} to {record.state}, session {record.session}: {issues}"


def _about(placed: MappedRow) -> str:
    issues = ", ".join(f"issue:{issue}" for issue in placed.issues)
    return f" rj:about {issues} ;" if issues else ""


def _raised(placed: MappedRow) -> str:
    if placed.by is None:
        return 'rj:verb "recommended"@en ; rj:listing rj:UnnamedStates'
    return f'rj:verb "recommended"@en ; rj:listing rj:ClosedList ; rj:raisedBy state:{placed.by[0]}'


def _action(row: ExportRow) -> str:
    return "" if row.action is None else f" ; rj:actionCategory {row.action}"


def _text(text: str) -> str:
    """The text as a Turtle literal; the escapes that JSON writes are a part of Turtle's."""
    return json.dumps(text, ensure_ascii=False)


MADE: Final = "# Made by 'rejoinder import table', which replaces this file.\n"
"""The first line of what an import wrote, and may replace."""

_LOCAL: Final = re.compile(r"[A-Za-z]\w*", re.ASCII)


@dataclass(frozen=True)
class RelativeTurtleWriter:
    """Writes the document `graph` of the project whose IRIs begin with `base`."""

    base: str
    graph: str

    def head(self) -> str:
        """What the file begins with."""
        return MADE + "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in namespaces.PREFIXES.items())

    def block(self, triples: Iterable[Triple]) -> str:
        """The triples in the order given, those of one subject together."""
        by_subject: dict[str, list[str]] = {}
        for triple in triples:
            said = f"{self._term(triple.predicate)} {self._term(triple.object)}"
            by_subject.setdefault(self._term(triple.subject), []).append(said)
        blocks = ((subject, " ;\n    ".join(said)) for subject, said in by_subject.items())
        return "".join(f"\n{subject} {said} .\n" for subject, said in blocks)

    def _term(self, term: terms.Term) -> str:
        if not isinstance(term, NamedNode):
            return str(term)
        return _short(term.value, self.base, self.graph)


@lru_cache(maxsize=4096)
def _short(iri: str, base: str, graph: str) -> str:
    """The IRI as it is written: with a prefix where one fits, else the shortest way from the document to it."""
    short = namespaces.compact(iri)
    if not short.startswith("<") and _LOCAL.fullmatch(short.partition(":")[2]):
        return short
    return f"<{relative(iri, base, graph)}>"


def relative(iri: str, base: str, graph: str) -> str:
    """The shortest way from the document `graph` to `iri`, which leads back to it.

    >>> base = "https://example.org/"
    >>> [relative(base + end, base, base + "record/t") for end in ("record/t#r-1", "state/KAZ", "record/t")]
    ['#r-1', '../state/KAZ', '']
    """
    own = iri.removeprefix(graph)
    if own != iri and urljoin(graph, own) == iri:
        return own
    way = "../" * graph.removeprefix(base).count("/") + iri.removeprefix(base)
    return way if iri.startswith(base) and urljoin(graph, way) == iri else iri


MATCHES: Final = "upr-info-match"
REVIEWS: Final = "upr-info-review"

_SDG: Final = "http://metadata.un.org/sdg/"
_JUDGED: Final = "The matches are a judgement of the editors of this project, not of UPR Info."
_DATABASE: Final = "<https://www.upr-info.org/>"


def reviews_turtle(reviews: Mapping[Key, str], known: Mapping[Key, str], labels: Mapping[str, str]) -> str:
    """A collection of `reviews`, each with the one before it where that is among them or `known`.

    `reviews` and `known` lead from a State and session to the id of the review, `labels` from a code to a name.
    """
    before = {(code, cycle(session)): review for (code, session), review in {**known, **reviews}.items()}
    head = _head("Reviews that the UPR Info database records", "rj:hasReview review", reviews.values())
    return "\n".join([head, *_reviews(reviews, before, labels)])


def _reviews(
    reviews: Mapping[Key, str], before: Mapping[tuple[str, int], str], labels: Mapping[str, str]
) -> Iterator[str]:
    for (code, session), review in sorted(reviews.items()):
        previous = before.get((code, cycle(session) - 1))
        lines = (
            f"review:{review} rdfs:label {_scheme_text(f'Review of {labels[code]}, session {session}')}",
            f"rj:underReview state:{code}",
            f"rj:session {session}",
            f"rj:cycle {cycle(session)}",
            f'dcterms:date "{months(session)}"^^edtf:EDTF',
            *([f"rj:previousReview review:{previous}"] if previous else []),
        )
        yield _block(lines)


def issues_turtle(labels: Mapping[str, str]) -> str:
    """UPR Info's issues, label by id, as a SKOS scheme."""
    head = _head("Issues of the UPR Info database", "rj:hasIssue theirs", labels)
    scheme = f"<> a skos:ConceptScheme ;\n    dcterms:publisher {_DATABASE} .\n"
    concepts = (
        _block((f"theirs:{name} skos:prefLabel {_scheme_text(label)}", "skos:inScheme <>"))
        for name, label in sorted(labels.items())
    )
    return "\n".join((head, scheme, *concepts))


def matches_turtle(matches: Mapping[str, Matches]) -> str:
    """What UPR Info's issues, by id, match, marked as the editors' judgement."""
    head = _prefixes() + (
        f"\n<> rdfs:label {_scheme_text('What issues of the UPR Info database match')} ;\n"
        f"    skos:editorialNote {_scheme_text(_JUDGED)} .\n"
    )
    blocks = (
        _block(
            (f"theirs:{name} skos:editorialNote {_scheme_text(_JUDGED)}", *(f"skos:{r} {_target(t)}" for r, t in pairs))
        )
        for name, pairs in sorted(matches.items())
        if pairs
    )
    return "\n".join((head, *blocks))


def _target(target: str) -> str:
    """What a match leads to, as a Turtle term.

    >>> _target("sdg:16.5"), _target("torture")
    ('<http://metadata.un.org/sdg/16.5>', '<../issue/torture>')
    """
    if target.startswith("sdg:"):
        return f"<{_SDG}{target.removeprefix('sdg:')}>"
    return f"<{target}>" if ":" in target else f"<../issue/{target}>"


def _head(label: str, contains: str, ids: Iterable[str]) -> str:
    """Prefixes and the node of a collection; `contains` is its property and the prefix of its members."""
    predicate, prefix = contains.split()
    members = ", ".join(f"{prefix}:{each}" for each in sorted(ids))
    contents = f" ;\n    {predicate} {members}" if members else ""
    return f"{_prefixes()}\n<> rdfs:label {_scheme_text(label)}{contents} .\n"


def _prefixes() -> str:
    used = {name: namespaces.PREFIXES[name] for name in ("dcterms", "edtf", "rdfs", "rj", "skos")}
    used |= {"review": "../review/", "state": "../state/", "theirs": f"../{ISSUES}/"}
    note = "# Written by 'rejoinder import upr-info': settle names in a mapping file, not here.\n"
    return note + "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in used.items())


def _block(lines: Iterable[str]) -> str:
    return " ;\n    ".join(lines) + " .\n"


def _scheme_text(text: str) -> str:
    """English text as a Turtle literal; the escapes that JSON writes are a part of Turtle's."""
    return f"{json.dumps(text, ensure_ascii=False)}@en"
