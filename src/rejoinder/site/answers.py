"""Claims, each with what a report sets against it, beside it, or with nothing: the reading that the site is for.

Nothing here says that a claim is false; it says what stands where, and on which basis.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from rejoinder.site.things import Thing, by_position


class Outcome(StrEnum):
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

        >>> Outcome.CONTRADICTED.tally(18)
        'claims with evidence set against them'
        """
        return (_ONE if number == 1 else _MANY)[self]

    @property
    def explained(self) -> str:
        """The outcome in a sentence about claims that had it."""
        return _EXPLAINED[self]


_HEADINGS = {
    Outcome.CONTRADICTED: "Claims with evidence set against them",
    Outcome.QUALIFIED: "Claims that are only qualified",
    Outcome.UNANSWERED: "Claims that the report does not answer",
    Outcome.ADMISSION: "Admissions",
    Outcome.PROMISE: "Promises",
}
_ONE = {
    Outcome.CONTRADICTED: "claim with evidence set against it",
    Outcome.QUALIFIED: "claim that is only qualified",
    Outcome.UNANSWERED: "claim that the report does not answer",
    Outcome.ADMISSION: "admission",
    Outcome.PROMISE: "promise",
}
_MANY = {outcome: heading[0].lower() + heading[1:] for outcome, heading in _HEADINGS.items()}
_EXPLAINED = {
    Outcome.CONTRADICTED: "Against each of these the report sets evidence. That does not say that the claim is untrue.",
    Outcome.QUALIFIED: "Beside each of these the report sets evidence that narrows it without speaking against it.",
    Outcome.UNANSWERED: "The report sets no evidence against it or beside it.",
    Outcome.ADMISSION: "The speaker concedes something; nothing can contradict it.",
    Outcome.PROMISE: "It is about what will be done; nothing can contradict it yet.",
}


@dataclass(frozen=True)
class Answer:
    """Evidence that a report sets against a claim, or beside it.

    `link` is the node that says so, `basis` on what ground; a qualification has none.
    """

    link: Thing
    evidence: Thing
    basis: Thing | None

    @property
    def footnotes(self) -> tuple[Thing, ...]:
        """The notes that the report gives for the evidence."""
        return self.evidence.all("rj:footnote")

    @property
    def sourced(self) -> bool:
        """Whether the report names a source for the evidence."""
        return is_sourced(self.evidence)


@dataclass(frozen=True)
class AnsweredClaim:
    """A claim, who made it, and what the report does with it."""

    claim: Thing
    statements: tuple[Thing, ...]
    contradictions: tuple[Answer, ...]
    qualifications: tuple[Answer, ...]
    verdicts: tuple[Thing, ...]

    @property
    def outcome(self) -> Outcome:
        """What became of the claim."""
        if self.contradictions:
            return Outcome.CONTRADICTED
        if self.qualifications:
            return Outcome.QUALIFIED
        if self.claim.is_a("rj:Admission"):
            return Outcome.ADMISSION
        return Outcome.PROMISE if self.claim.is_a("rj:Promise") else Outcome.UNANSWERED


def answered(claim: Thing) -> AnsweredClaim:
    """The claim with everything that is set against it or beside it."""
    return AnsweredClaim(
        claim=claim,
        statements=by_position(claim.of("rj:expresses")),
        contradictions=_answers(claim, "rj:Contradiction"),
        qualifications=_answers(claim, "rj:Qualification"),
        verdicts=claim.of("rj:claim", "rj:Verdict"),
    )


def _answers(claim: Thing, kind: str) -> tuple[Answer, ...]:
    links = claim.of("rj:claim", kind)
    found = [Answer(link, evidence, link.one("rj:basis")) for link in links for evidence in link.all("rj:evidence")]
    return tuple(sorted(found, key=lambda answer: (answer.evidence.position, answer.link.iri)))


def answered_claims(claims: Iterable[Thing]) -> tuple[AnsweredClaim, ...]:
    """The claims in the order of the text, each with what became of it."""
    return tuple(answered(claim) for claim in by_position(claims))


def grouped(claims: Iterable[AnsweredClaim]) -> tuple[tuple[Outcome, tuple[AnsweredClaim, ...]], ...]:
    """The claims by what became of them; an outcome that no claim had is left out."""
    found = tuple(claims)
    groups = ((outcome, tuple(item for item in found if item.outcome is outcome)) for outcome in Outcome)
    return tuple((outcome, members) for outcome, members in groups if members)


def is_sourced(evidence: Thing) -> bool:
    """Whether the report names a source for the evidence: a note, or whose words they are."""
    own_side = any(kind.fragment == "OwnSideStatementEvidence" for kind in evidence.all("rj:kind"))
    return own_side or bool(evidence.all("rj:footnote") or evidence.all("prov:wasAttributedTo"))


def unsourced(evidence: Iterable[Thing]) -> tuple[Thing, ...]:
    """The evidence that rests on no named source, in the order of the text."""
    return by_position(item for item in evidence if not is_sourced(item))
