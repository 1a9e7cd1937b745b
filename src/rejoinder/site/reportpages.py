"""The page of a report: each claim beside what is set against it, who raised what, when, and what has no source.

Every fragment of the report's document is an element of its page, so that a fragment's IRI leads there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from rejoinder.site import answers, sourcetexts, structured
from rejoinder.site.chronicle import chronicle, kind_of
from rejoinder.site.matrix import matrix
from rejoinder.site.press import Head, Page, Press
from rejoinder.site.termwords import heading
from rejoinder.site.things import Thing, by_position
from rejoinder.store.rdf import Literal

_CLAIMS = ("rj:hasClaim", "rj:hasAdmission", "rj:hasPromise")


def report_page(press: Press, report: Thing) -> Page:
    """The page of the report."""
    parts = contained(report)
    claims = answers.answered_claims(claim for name in _CLAIMS for claim in report.all(name))
    evidence = report.all("rj:hasEvidence")
    passages = _passages(report)
    text = sourcetexts.text_of(press.project, report)
    return press.page(
        "report.html",
        f"{press.stem(report)}.html",
        _head(press, report),
        report=report,
        groups=answers.grouped(claims),
        grid=matrix([*report.all("rj:hasConcern"), *report.all("rj:hasRecommendation")]),
        years=chronicle([report, *parts, *report.all("rj:inReview")]),
        evidence=evidence,
        unsourced=answers.unsourced(evidence),
        sections=_sections(parts, shown_with(claims)),
        passages=[(passage, passage.of("rj:anchor")) for passage in passages],
        quotes=sourcetexts.quotes(text, passages) if text else {},
        stretches=tuple(sourcetexts.stretches(text, passages)) if text else (),
        language_of_text=_language(report),
    )


def _head(press: Press, report: Thing) -> Head:
    label = report.label.value
    return Head(
        title=label,
        description=f"{label}: each claim beside the evidence that the report sets against it, and who raised what.",
        iri=report.iri,
        kind=structured.kind_iri("Report"),
        structured=structured.report(report, press.project),
        twins=press.stem(report),
    )


def _language(report: Thing) -> str:
    """The tag of the language that the report is in: that of its title."""
    title = report.text("dcterms:title")
    return (title and title.language) or ""


def contained(report: Thing) -> tuple[Thing, ...]:
    """The report's fragments that something of the report lists, in the order of the text."""
    parts = {value for _, value in report.library.statements(report.iri) if isinstance(value, Thing)}
    return by_position(part for part in parts if part.fragment and part.document == report)


def shown_with(claims: Iterable[answers.AnsweredClaim]) -> frozenset[Thing]:
    """The claims themselves, and what is shown together with each."""
    shown: set[Thing] = set()
    for item in claims:
        links = (answer.link for answer in (*item.contradictions, *item.qualifications))
        shown |= {item.claim, *links, *item.verdicts}
    return frozenset(shown)


@dataclass(frozen=True)
class Section:
    """The things of a kind, and what stands above them."""

    kind: Thing
    heading: Literal
    things: tuple[Thing, ...]


def _sections(parts: Iterable[Thing], shown: frozenset[Thing]) -> list[Section]:
    """What has no place of its own on the page, by its kind."""
    found: dict[Thing, list[Thing]] = defaultdict(list)
    for part in parts:
        kind = kind_of(part)
        if kind and part not in shown and not part.is_a("rj:Passage"):
            found[kind].append(part)
    sections = (Section(kind, heading(kind.label, len(things)), tuple(things)) for kind, things in found.items())
    return sorted(sections, key=lambda section: (_weight(section.kind), section.kind.label.value))


_FIRST = ("Statement", "Evidence", "Concern", "Recommendation", "Call", "Approval", "Position", "Assessment")


def _weight(kind: Thing) -> int:
    return _FIRST.index(kind.fragment) if kind.fragment in _FIRST else len(_FIRST)


def _passages(report: Thing) -> list[Thing]:
    return sorted(report.all("rj:hasPassage"), key=lambda passage: (passage.number("oa:start"), passage.iri))
