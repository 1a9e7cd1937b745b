"""Claims of officials, each with the evidence by which a report contradicts or qualifies it, if there is any.

Nothing here says that a claim is false: it says what the report says, and on which basis.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from rejoinder import namespaces
from rejoinder.site.resource import Resource, by_position


def timeline(resources: Iterable[Resource]) -> list[tuple[str, list[tuple[str, Resource, Resource | None]]]]:
    """Return the things that have a date by year: the date as EDTF, the thing, and its kind."""
    dated = []
    for resource in resources:
        date = resource.text("dcterms:date")
        # Dates are uncertain (EDTF), so they are ordered by their first and last possible day.
        days = [day for day in map(resource.text, ("rj:earliest", "rj:latest")) if day]
        if date and days:
            dated.append((days[0], days[-1], resource.iri, date, resource))
    dated.sort(key=lambda entry: entry[:3])
    years: dict[str, list[tuple[str, Resource, Resource | None]]] = {}
    for earliest, _, _, date, resource in dated:
        years.setdefault(earliest[:4], []).append((date, resource, kind_of(resource)))
    return list(years.items())


def kind_of(resource: Resource) -> Resource | None:
    """Return the most specific class of our ontology that the thing has."""
    own = resource.reader.resource(namespaces.ONTOLOGY_GRAPH)
    classes = [kind for kind in resource.objects("rdf:type") if kind.value("rdfs:isDefinedBy") == own]
    # A claim that is a promise has both classes, and is listed as a promise.
    broader = {parent for kind in classes for parent in kind.objects("rdfs:subClassOf")}
    return next((kind for kind in classes if kind not in broader), None)


class ClaimOutcome(Enum):
    """The outcome of a claim in a report, each with its words for one claim, for several, and in a sentence."""

    CONTRADICTED = (
        "claim that the report contradicts",
        "claims that the report contradicts",
        "The report sets evidence against each of these claims. That does not make a claim untrue.",
    )
    QUALIFIED = (
        "claim that the report only qualifies",
        "claims that the report only qualifies",
        "The report gives evidence that narrows each of these claims without contradicting it.",
    )
    UNANSWERED = (
        "claim that the report does not answer",
        "claims that the report does not answer",
        "The report neither contradicts nor qualifies the claim.",
    )
    ADMISSION = "admission", "admissions", "The speaker concedes something, so there is nothing to contradict."
    PROMISE = "promise", "promises", "The speaker says what will be done, which nothing can contradict yet."

    def __init__(self, one: str, many: str, explained: str) -> None:
        self.one, self.many, self.explained = one, many, explained

    @property
    def heading(self) -> str:
        """The outcome as the heading of such claims."""
        return self.many[0].upper() + self.many[1:]

    def tally(self, number: int) -> str:
        """Return the outcome as words that follow a number of claims.

        >>> ClaimOutcome.CONTRADICTED.tally(18)
        'claims that the report contradicts'
        """
        return self.one if number == 1 else self.many


@dataclass(frozen=True)
class EvidenceOnClaim:
    """Evidence by which a report contradicts or qualifies a claim.

    `link` is the node that says so, `basis` on what ground; a qualification has none.
    """

    link: Resource
    evidence: Resource
    basis: Resource | None

    @property
    def sourced(self) -> bool:
        """Return whether the report names a source for the evidence."""
        return is_sourced(self.evidence)


@dataclass(frozen=True)
class ClaimWithEvidence:
    """A claim, its speakers, and the report's evidence on it."""

    claim: Resource
    statements: tuple[Resource, ...]
    contradictions: tuple[EvidenceOnClaim, ...]
    qualifications: tuple[EvidenceOnClaim, ...]
    verdicts: tuple[Resource, ...]

    @property
    def outcome(self) -> ClaimOutcome:
        """The outcome of the claim."""
        # One claim may have several kinds of evidence; the strongest decides under which heading it stands.
        if self.contradictions:
            return ClaimOutcome.CONTRADICTED
        if self.qualifications:
            return ClaimOutcome.QUALIFIED
        if self.claim.is_a("rj:Admission"):
            return ClaimOutcome.ADMISSION
        return ClaimOutcome.PROMISE if self.claim.is_a("rj:Promise") else ClaimOutcome.UNANSWERED


def answered_claims(claims: Iterable[Resource]) -> tuple[ClaimWithEvidence, ...]:
    """Return the claims in the order of the text, each with the evidence that contradicts or qualifies it."""
    return tuple(
        ClaimWithEvidence(
            claim=claim,
            statements=by_position(claim.subjects("rj:expresses")),
            contradictions=_evidence(claim, "Contradicting"),
            qualifications=_evidence(claim, "Qualifying"),
            verdicts=claim.subjects("rj:claim", "rj:Verdict"),
        )
        for claim in by_position(claims)
    )


def _evidence(claim: Resource, direction: str) -> tuple[EvidenceOnClaim, ...]:
    found = [
        EvidenceOnClaim(link, evidence, link.value("rj:basis"))
        for link in claim.subjects("rj:claim", "rj:Relation")
        if (way := link.value("rj:direction")) and way.fragment == direction
        for evidence in link.objects("rj:from")
    ]
    return tuple(sorted(found, key=lambda item: (item.evidence.position, item.link.iri)))


def grouped(claims: Iterable[ClaimWithEvidence]) -> tuple[tuple[ClaimOutcome, tuple[ClaimWithEvidence, ...]], ...]:
    """Return the claims by outcome, without empty outcomes."""
    found = tuple(claims)
    groups = ((outcome, tuple(item for item in found if item.outcome is outcome)) for outcome in ClaimOutcome)
    return tuple((outcome, members) for outcome, members in groups if members)


def is_sourced(evidence: Resource) -> bool:
    """Return whether the report names a source for the evidence: a note, or whose words they are."""
    own_side = any(kind.fragment == "OwnSideStatementEvidence" for kind in evidence.objects("rj:kind"))
    return own_side or bool(evidence.objects("rj:footnote") or evidence.objects("prov:wasAttributedTo"))
