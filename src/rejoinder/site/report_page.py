"""The page of a report: each claim beside what is set against it, who raised what, when, and what has no source.

Every fragment of the report's document is an element of its page, so that a fragment's IRI leads there.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rejoinder import namespaces
from rejoinder.config import Project
from rejoinder.errors import InputError, Problem
from rejoinder.rdf.terms import Literal
from rejoinder.site import claims as site_claims
from rejoinder.site import schema_org
from rejoinder.site.claims import kind_of, timeline
from rejoinder.site.render import Page, PageMetadata, Renderer
from rejoinder.site.render import heading as render_heading
from rejoinder.site.resource import Resource, by_label, by_position
from rejoinder.validation.source_text import source_text


@dataclass(frozen=True)
class MatrixRow:
    """An issue, the concerns and recommendations about it, and in `cells` those of each State of the matrix."""

    issue: Resource
    concerns: tuple[Resource, ...]
    cells: tuple[tuple[Resource, ...], ...]

    @property
    def is_open(self) -> bool:
        """Whether the report says that there were other States, which it does not name."""
        return not all(is_closed(concern) for concern in self.concerns)

    @property
    def states(self) -> int:
        """How many States are named with the issue."""
        return sum(bool(cell) for cell in self.cells)


@dataclass(frozen=True)
class Matrix:
    """The States that raised something, and a row for each issue that was raised, in the order of the text."""

    states: tuple[Resource, ...]
    rows: tuple[MatrixRow, ...]


def is_closed(concern: Resource) -> bool:
    """Whether the report's list of States ends."""
    listing = concern.one("rj:listing")
    return listing is not None and listing.iri == namespaces.RJ + "ClosedList"


def matrix(concerns: Iterable[Resource]) -> Matrix:
    """The matrix of these concerns and recommendations."""
    ordered = by_position(concerns)
    states = by_label(state for concern in ordered for state in concern.all("rj:raisedBy"))
    about: dict[Resource, list[Resource]] = defaultdict(list)
    for concern in ordered:
        for issue in concern.all("rj:about"):
            about[issue].append(concern)
    return Matrix(states, tuple(_row(issue, tuple(found), states) for issue, found in about.items()))


def _row(issue: Resource, concerns: tuple[Resource, ...], states: tuple[Resource, ...]) -> MatrixRow:
    raisers = {concern: frozenset(concern.all("rj:raisedBy")) for concern in concerns}
    cells = tuple(tuple(concern for concern in concerns if state in raisers[concern]) for state in states)
    return MatrixRow(issue, concerns, cells)


DIGEST: Final = "schema:sha256"
_SUFFIX: Final = ".txt"
_CONTEXT: Final = 80
"""How many characters around a passage are shown with it."""


@dataclass(frozen=True)
class SourceText:
    """A text that a user gives for a report: the file, the report's IRI, its words and their SHA-256."""

    path: Path
    report: str
    words: str

    @property
    def digest(self) -> str:
        """The SHA-256 of the text."""
        return hashlib.sha256(self.words.encode()).hexdigest()


@dataclass(frozen=True)
class Quote:
    """A passage and a little of what stands around it."""

    before: str
    words: str
    after: str


@dataclass(frozen=True)
class TextSegment:
    """A part of the whole text: `name` is the fragment of the passage that it is, if it is one."""

    words: str
    name: str = ""


def texts(project: Project) -> tuple[SourceText, ...]:
    """The texts that are there, by path.

    Raises:
        InputError: one cannot be read.
    """
    return tuple(_text(path, f"{project.base}report/{namespaces.name_of(path.stem)}") for path in _files(project))


def _files(project: Project) -> list[Path]:
    """Return the files of texts, by path; a suffix in capitals is the same."""
    if not project.sources.is_dir():
        return []
    return sorted(path for path in project.sources.iterdir() if path.suffix.lower() == _SUFFIX and path.stem != "")


def text_of(project: Project, report: Resource) -> SourceText | None:
    """The text of the report, if it is there and is the one that the report was read from."""
    name = report.iri.rpartition("/")[2]
    if report.iri != f"{project.base}report/{name}":
        return None
    path = project.sources / f"{name}{_SUFFIX}"
    if not path.is_file():  # it may be stored with accents decomposed, or with a suffix in capitals
        path = next((each for each in _files(project) if namespaces.name_of(each.stem) == name), path)
    if not path.is_file():
        return None
    found = _text(path, report.iri)
    return found if found.digest == report.words(DIGEST) else None


def _text(path: Path, report: str) -> SourceText:
    try:
        return SourceText(path, report, source_text(path))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError.at(path, None, f"the source text cannot be read: {error}") from error


def stranger(text: SourceText) -> Problem:
    """That no report has the name of the text."""
    message = "no report has that name; name the text as the dossier of its report is named, or take it away"
    return Problem(text.path, None, message)


def stale(text: SourceText, recorded: str) -> Problem:
    """That the text is another than its report was read from: `recorded` is the digest in the graph."""
    message = (
        f"this is not the text that the report report/{text.path.stem} was read from, so its page shows no passages: "
        f"its SHA-256 is {text.digest}, the dossier says {recorded}; "
        "give the file as it was, or anchor the dossier anew"
    )
    return Problem(text.path, None, message)


def quotes(text: SourceText, passages: Iterable[Resource]) -> dict[str, Quote]:
    """Each passage, by its IRI, with its context."""
    return {passage.iri: _quote(text.words, *_span(text, passage)) for passage in passages}


def _span(text: SourceText, passage: Resource) -> tuple[int, int]:
    return passage.number("oa:start"), min(passage.number("oa:end"), len(text.words))


def _quote(words: str, start: int, end: int) -> Quote:
    before, after = words[max(0, start - _CONTEXT) : start], words[end : end + _CONTEXT]
    # Whole words only, where the context is cut.
    before = f"…{before.partition(' ')[2]}" if start > _CONTEXT else before
    after = f"{after.rpartition(' ')[0]}…" if end + _CONTEXT < len(words) else after
    return Quote(before, words[start:end], after)


def stretches(text: SourceText, passages: Iterable[Resource]) -> Iterator[TextSegment]:
    """The whole text, parted into passages and what stands between; of two that overlap, the second is cut short."""
    spans = ((*_span(text, passage), passage.fragment) for passage in passages)
    at = 0
    for start, end, name in sorted(spans, key=lambda span: (span[0], -span[1], span[2])):
        begin = max(at, start)
        if begin > at:
            yield TextSegment(text.words[at:begin])
        yield TextSegment(text.words[begin : max(begin, end)], name)
        at = max(at, end)
    if at < len(text.words):
        yield TextSegment(text.words[at:])


_CLAIMS = ("rj:hasClaim", "rj:hasAdmission", "rj:hasPromise")


def report_page(renderer: Renderer, report: Resource) -> Page:
    """The page of the report."""
    parts = contained(report)
    claims = site_claims.answered_claims(claim for name in _CLAIMS for claim in report.all(name))
    evidence = report.all("rj:hasEvidence")
    passages = _passages(report)
    text = text_of(renderer.project, report)
    return renderer.page(
        "report.html",
        f"{renderer.stem(report)}.html",
        _head(renderer, report),
        report=report,
        groups=site_claims.grouped(claims),
        grid=matrix([*report.all("rj:hasConcern"), *report.all("rj:hasRecommendation")]),
        years=timeline([report, *parts, *report.all("rj:inReview")]),
        evidence=evidence,
        unsourced=site_claims.unsourced(evidence),
        sections=_sections(parts, shown_with(claims)),
        passages=[(passage, passage.of("rj:anchor")) for passage in passages],
        quotes=quotes(text, passages) if text else {},
        stretches=tuple(stretches(text, passages)) if text else (),
        language_of_text=_language(report),
    )


def _head(renderer: Renderer, report: Resource) -> PageMetadata:
    label = report.label.value
    return PageMetadata(
        title=label,
        description=f"{label}: each claim beside the evidence that the report sets against it, and who raised what.",
        iri=report.iri,
        kind=schema_org.kind_iri("Report"),
        structured=schema_org.report(report, renderer.project),
        alternates=renderer.stem(report),
    )


def _language(report: Resource) -> str:
    """The tag of the language that the report is in: that of its title."""
    title = report.text("dcterms:title")
    return (title and title.language) or ""


def contained(report: Resource) -> tuple[Resource, ...]:
    """The report's fragments that something of the report lists, in the order of the text."""
    parts = {value for _, value in report.reader.statements(report.iri) if isinstance(value, Resource)}
    return by_position(part for part in parts if part.fragment and part.document == report)


def shown_with(claims: Iterable[site_claims.ClaimWithEvidence]) -> frozenset[Resource]:
    """The claims themselves, and what is shown together with each."""
    shown: set[Resource] = set()
    for item in claims:
        links = (answer.link for answer in (*item.contradictions, *item.qualifications))
        shown |= {item.claim, *links, *item.verdicts}
    return frozenset(shown)


@dataclass(frozen=True)
class Section:
    """The things of a kind, and what stands above them."""

    kind: Resource
    heading: Literal
    resources: tuple[Resource, ...]


def _sections(parts: Iterable[Resource], shown: frozenset[Resource]) -> list[Section]:
    """What has no place of its own on the page, by its kind."""
    found: dict[Resource, list[Resource]] = defaultdict(list)
    for part in parts:
        kind = kind_of(part)
        if kind and part not in shown and not part.is_a("rj:Passage"):
            found[kind].append(part)
    sections = (
        Section(kind, render_heading(kind.label, len(resources)), tuple(resources)) for kind, resources in found.items()
    )
    return sorted(sections, key=lambda section: (_weight(section.kind), section.kind.label.value))


_FIRST = ("Statement", "Evidence", "Concern", "Recommendation", "Call", "Approval", "Position", "Assessment")


def _weight(kind: Resource) -> int:
    return _FIRST.index(kind.fragment) if kind.fragment in _FIRST else len(_FIRST)


def _passages(report: Resource) -> list[Resource]:
    return sorted(report.all("rj:hasPassage"), key=lambda passage: (passage.number("oa:start"), passage.iri))
