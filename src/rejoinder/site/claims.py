"""Claims, each with what a report sets against it, beside it, or with nothing: the reading that the site is for.

Nothing here says that a claim is false; it says what stands where, and on which basis.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from rejoinder import dates, namespaces
from rejoinder.site.resource import Resource, by_position


@dataclass(frozen=True)
class TimelineEntry:
    """A dated thing: its date as EDTF and in words, its kind, and the days by which it is ordered."""

    resource: Resource
    kind: Resource | None
    date: str
    days: tuple[str, str]

    @property
    def in_words(self) -> str:
        """The date as a reader writes it."""
        return dates.in_words(self.date)

    @property
    def year(self) -> str:
        """The year it is found under."""
        return self.days[0][:4]


def timeline(resources: Iterable[Resource]) -> tuple[tuple[str, tuple[TimelineEntry, ...]], ...]:
    """The things that have a date, by year."""
    moments = sorted(filter(None, map(_moment, resources)), key=lambda moment: (moment.days, moment.resource.iri))
    return tuple((year, tuple(found)) for year, found in groupby(moments, key=lambda moment: moment.year))


def _moment(resource: Resource) -> TimelineEntry | None:
    date = resource.words("dcterms:date")
    earliest, latest = resource.words("rj:earliest"), resource.words("rj:latest")
    if not date or not (earliest or latest):
        return None
    return TimelineEntry(resource, kind_of(resource), date, (earliest or latest, latest or earliest))


def kind_of(resource: Resource) -> Resource | None:
    """The class by which a document lists the thing: that of the property that contains it, else one of ours."""
    own = resource.reader.resource(namespaces.ONTOLOGY_GRAPH)
    classes = [kind for kind in resource.all("rdf:type") if kind.one("rdfs:isDefinedBy") == own]
    broader = {parent for kind in classes for parent in kind.all("rdfs:subClassOf")}
    return next((kind for kind in classes if kind not in broader), None)


class ClaimOutcome(StrEnum):
    """What became of a claim in a report."""

    CONTRADICTED = "contradicted"
    QUALIFIED = "only qualified"
    UNANSWERED = "unanswered"
    ADMISSION = "admission"
    PROMISE = "promise"

    @property
    def heading(self) -> str:
        """The outcome as the heading of such claims."""
        return _HEADINGS[self]

    def tally(self, number: int) -> str:
        """The outcome behind a number of claims.

        >>> ClaimOutcome.CONTRADICTED.tally(18)
        'claims with evidence set against them'
        """
        return (_ONE if number == 1 else _MANY)[self]

    @property
    def explained(self) -> str:
        """The outcome in a sentence about claims that had it."""
        return _EXPLAINED[self]


_HEADINGS = {
    ClaimOutcome.CONTRADICTED: "Claims with evidence set against them",
    ClaimOutcome.QUALIFIED: "Claims that are only qualified",
    ClaimOutcome.UNANSWERED: "Claims that the report does not answer",
    ClaimOutcome.ADMISSION: "Admissions",
    ClaimOutcome.PROMISE: "Promises",
}
_ONE = {
    ClaimOutcome.CONTRADICTED: "claim with evidence set against it",
    ClaimOutcome.QUALIFIED: "claim that is only qualified",
    ClaimOutcome.UNANSWERED: "claim that the report does not answer",
    ClaimOutcome.ADMISSION: "admission",
    ClaimOutcome.PROMISE: "promise",
}
_MANY = {outcome: heading[0].lower() + heading[1:] for outcome, heading in _HEADINGS.items()}
_EXPLAINED = {
    ClaimOutcome.CONTRADICTED: (
        "Against each of these the report sets evidence. That does not say that the claim is untrue."
    ),
    ClaimOutcome.QUALIFIED: (
        "Beside each of these the report sets evidence that narrows it without speaking against it."
    ),
    ClaimOutcome.UNANSWERED: "The report sets no evidence against it or beside it.",
    ClaimOutcome.ADMISSION: "The speaker concedes something; nothing can contradict it.",
    ClaimOutcome.PROMISE: "It is about what will be done; nothing can contradict it yet.",
}


@dataclass(frozen=True)
class EvidenceOnClaim:
    """Evidence that a report sets against a claim, or beside it.

    `link` is the node that says so, `basis` on what ground; a qualification has none.
    """

    link: Resource
    evidence: Resource
    basis: Resource | None

    @property
    def footnotes(self) -> tuple[Resource, ...]:
        """The notes that the report gives for the evidence."""
        return self.evidence.all("rj:footnote")

    @property
    def sourced(self) -> bool:
        """Whether the report names a source for the evidence."""
        return is_sourced(self.evidence)


@dataclass(frozen=True)
class ClaimWithEvidence:
    """A claim, who made it, and what the report does with it."""

    claim: Resource
    statements: tuple[Resource, ...]
    contradictions: tuple[EvidenceOnClaim, ...]
    qualifications: tuple[EvidenceOnClaim, ...]
    verdicts: tuple[Resource, ...]

    @property
    def outcome(self) -> ClaimOutcome:
        """What became of the claim."""
        if self.contradictions:
            return ClaimOutcome.CONTRADICTED
        if self.qualifications:
            return ClaimOutcome.QUALIFIED
        if self.claim.is_a("rj:Admission"):
            return ClaimOutcome.ADMISSION
        return ClaimOutcome.PROMISE if self.claim.is_a("rj:Promise") else ClaimOutcome.UNANSWERED


def answered(claim: Resource) -> ClaimWithEvidence:
    """The claim with everything that is set against it or beside it."""
    return ClaimWithEvidence(
        claim=claim,
        statements=by_position(claim.of("rj:expresses")),
        contradictions=_answers(claim, "rj:Contradiction"),
        qualifications=_answers(claim, "rj:Qualification"),
        verdicts=claim.of("rj:claim", "rj:Verdict"),
    )


def _answers(claim: Resource, kind: str) -> tuple[EvidenceOnClaim, ...]:
    links = claim.of("rj:claim", kind)
    found = [
        EvidenceOnClaim(link, evidence, link.one("rj:basis")) for link in links for evidence in link.all("rj:evidence")
    ]
    return tuple(sorted(found, key=lambda answer: (answer.evidence.position, answer.link.iri)))


def answered_claims(claims: Iterable[Resource]) -> tuple[ClaimWithEvidence, ...]:
    """The claims in the order of the text, each with what became of it."""
    return tuple(answered(claim) for claim in by_position(claims))


def grouped(claims: Iterable[ClaimWithEvidence]) -> tuple[tuple[ClaimOutcome, tuple[ClaimWithEvidence, ...]], ...]:
    """The claims by what became of them; an outcome that no claim had is left out."""
    found = tuple(claims)
    groups = ((outcome, tuple(item for item in found if item.outcome is outcome)) for outcome in ClaimOutcome)
    return tuple((outcome, members) for outcome, members in groups if members)


def is_sourced(evidence: Resource) -> bool:
    """Whether the report names a source for the evidence: a note, or whose words they are."""
    own_side = any(kind.fragment == "OwnSideStatementEvidence" for kind in evidence.all("rj:kind"))
    return own_side or bool(evidence.all("rj:footnote") or evidence.all("prov:wasAttributedTo"))


def unsourced(evidence: Iterable[Resource]) -> tuple[Resource, ...]:
    """The evidence that rests on no named source, in the order of the text."""
    return by_position(item for item in evidence if not is_sourced(item))
