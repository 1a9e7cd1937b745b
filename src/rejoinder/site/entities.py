"""What is said by, with and about each State, person, organisation, issue and law, counted for all pages at once.

Each property is read once from the store, in one pass, and not once for each page. Counts roll up: what is about a
narrower issue, or a part of a law, is about the broader one too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Final

from rejoinder import namespaces
from rejoinder.lazily import lazy
from rejoinder.site import claims as site_claims
from rejoinder.site.claims import ClaimOnPage, ClaimOutcome
from rejoinder.site.reads import noted, of_parts
from rejoinder.site.resource import ClassMembers, GraphReader, Resource, by_label

_BELOW: Final = ("skos:broader", "dcterms:isPartOf")
"""The properties from a narrower issue, or a part of a law, to what it belongs to."""


def is_affected(resource: Resource) -> bool:
    """Return whether it is a person affected, and no official: no list and no search result leads to such a person."""
    return resource.is_a("rj:AffectedPerson") and not resource.is_a("rj:Official")


def _closure(iri: str, step: Callable[[str], tuple[str, ...]]) -> tuple[str, ...]:
    """Return the thing and all that is reached from it, the nearest first; data may go round in a circle."""
    found = {iri: None}
    while new := [it for each in found for it in step(each) if it not in found]:
        found |= dict.fromkeys(new)
    return tuple(found)


@dataclass(frozen=True)
class Tally:
    """How many concerns and recommendations there are."""

    concerns: int = 0
    recommendations: int = 0

    @property
    def total(self) -> int:
        """Return the sum of both."""
        return self.concerns + self.recommendations


NOTHING: Final = Tally()


@dataclass(frozen=True)
class SaidTally:
    """How many claims there are, and how many admissions and promises, which are claims of a kind of their own."""

    claims: int = 0
    admissions: int = 0
    promises: int = 0

    @property
    def total(self) -> int:
        """Return the sum of all three."""
        return self.claims + self.admissions + self.promises


NOTHING_SAID: Final = SaidTally()


def _said(claims: Set[str], admissions: Set[str], promises: Set[str]) -> SaidTally:
    """Return the tally of claims, of which some are admissions or promises; what is both is an admission."""
    promised = len(promises - admissions)
    return SaidTally(len(claims) - len(admissions) - promised, len(admissions), promised)


@dataclass(frozen=True)
class Entities:
    """What is said by, with and about things, by their IRIs."""

    reader: GraphReader
    _cards: dict[str, ClaimOnPage] = field(default_factory=dict, compare=False, repr=False)

    def _subjects(self, name: str, iris: Iterable[str]) -> set[str]:
        """Return the subjects of the property with any of these values."""
        found = self.reader.column(name)
        return {subject for iri in iris for subject in found.subjects_of(iri)}

    def _values(self, name: str, iris: Iterable[str]) -> set[str]:
        """Return the values of the property of any of these subjects."""
        found = self.reader.column(name)
        return {value for iri in iris for value in found.values_of(iri)}

    @lazy
    def claims(self) -> ClassMembers:
        """Return all claims, admissions and promises; an exhortation is no claim of fact."""
        return self.reader.members("rj:Claim", but="rj:Exhortation")

    @lazy
    def concerns(self) -> ClassMembers:
        """Return all concerns and recommendations."""
        return self.reader.members("rj:Intervention")

    @lazy
    def recommendations(self) -> ClassMembers:
        """Return all recommendations."""
        return self.reader.members("rj:Recommendation")

    @lazy
    def statements(self) -> ClassMembers:
        """Return all statements."""
        return self.reader.members("rj:Statement")

    @noted
    def regions(self) -> tuple[tuple[Resource | None, tuple[tuple[str, Resource], ...]], ...]:
        """Return the States by regional group, None for those in no group, each with its code and in its order."""
        found: dict[Resource | None, list[tuple[str, str, Resource]]] = defaultdict(list)
        for state in self.reader.of_class("rj:State"):
            code = state.text("skos:notation") or state.iri.rpartition("/")[2]
            found[state.value("rj:regionalGroup")].append((code, state.iri, state))
        groups = [*by_label(group for group in found if group), *(group for group in found if group is None)]
        return tuple((group, tuple((code, it) for code, _, it in sorted(found[group]))) for group in groups)

    @lazy
    def _admissions(self) -> ClassMembers:
        return self.reader.members("rj:Admission")

    @lazy
    def _promises(self) -> ClassMembers:
        return self.reader.members("rj:Promise")

    @lazy
    def _reports(self) -> ClassMembers:
        return self.reader.members("rj:Report")

    def below(self, iri: str) -> tuple[str, ...]:
        """Return the narrower issues of an issue, or the parts of a law."""
        return tuple(sorted({it for name in _BELOW for it in self.reader.column(name).subjects_of(iri)}))

    def above(self, iri: str) -> tuple[str, ...]:
        """Return the broader issues of an issue, or what a law is part of."""
        return tuple(sorted({it for name in _BELOW for it in self.reader.column(name).values_of(iri)}))

    def within(self, iri: str) -> tuple[str, ...]:
        """Return the thing itself, and every narrower issue or part of a law below it, the nearest first."""
        return _closure(iri, self.below)

    def broadest(self, iri: str) -> tuple[str, ...]:
        """Return the issues above an issue that have no broader one: itself if it has none."""
        every = _closure(iri, self.above)
        return tuple(it for it in every if not self.above(it)) or (iri,)

    def same(self, iri: str) -> tuple[str, ...]:
        """Return the entries that confirmed mappings join with that of a person or organisation, itself among them."""
        identity = self.reader.column("rj:identity")
        joined = {it for node in identity.values_of(iri) for it in identity.subjects_of(node)}
        return tuple(sorted({iri} | joined))

    def speaking_for(self, iri: str) -> set[str]:
        """Return whoever speaks for the agent: itself, and for a State its officials and delegations."""
        return {iri} | self._subjects("rj:represents", [iri])

    def said_by(self, iri: str) -> set[str]:
        """Return the statements of an agent and of those who speak for it."""
        return self._subjects("rj:speaker", self.speaking_for(iri))

    def statements_in(self, iri: str) -> set[str]:
        """Return the statements in a proceeding."""
        return self.statements.among(self._subjects("rj:inProceeding", [iri]))

    def expressed(self, statements: Iterable[str]) -> set[str]:
        """Return the claims that the statements express."""
        return self.claims.among(self._values("rj:expresses", statements))

    def claims_by(self, iri: str) -> set[str]:
        """Return the claims of an agent, and those made in its name."""
        return self.expressed(self.said_by(iri))

    def claims_about(self, iri: str) -> dict[str, str]:
        """Return the claims about a thing and what is below it, each with what it is about: the thing if possible.

        These are the claims about an issue, or on a law.
        """
        return self._about(iri, self.claims)

    def raised_about(self, iri: str) -> dict[str, str]:
        """Return the concerns and recommendations about a thing and what is below it, as `claims_about` does claims."""
        return self._about(iri, self.concerns)

    def _about(self, iri: str, wanted: ClassMembers) -> dict[str, str]:
        found: dict[str, str] = {}
        for each in self.within(iri):
            for name in ("rj:about", "rj:provision"):
                subjects = self.reader.column(name).subjects_of(each)
                members = wanted.among(subjects)
                for subject in subjects:
                    if subject in members:
                        found.setdefault(subject, each)
        return found

    def raised_by(self, iri: str) -> set[str]:
        """Return the concerns and recommendations of an agent."""
        return self.concerns.among(self._subjects("rj:raisedBy", [iri]))

    def raised_in(self, iri: str) -> set[str]:
        """Return the concerns and recommendations in a proceeding."""
        return self.concerns.among(self._subjects("rj:inProceeding", [iri]))

    def raised_with(self, iri: str) -> tuple[str, ...]:
        """Return the concerns and recommendations addressed to a State, or raised in a proceeding about it."""
        addressed, raisers = self.reader.column("rj:addressedTo"), self.reader.column("rj:raisedBy")
        proceedings = self._subjects("rj:underReview", [iri]) | self._subjects("rj:stateConcerned", [iri])
        # A concern that names no addressee is about the State whose review it is.
        in_review = {it for it in self._subjects("rj:inProceeding", proceedings) if not addressed.values_of(it)}
        found = self.concerns.among(in_review.union(addressed.subjects_of(iri)))
        return tuple(sorted(it for it in found if iri not in raisers.values_of(it)))

    def claims_in(self, document: str) -> set[str]:
        """Return the claims of a document."""
        return self.claims.among(self._in_document(document))

    def concerns_in(self, document: str) -> set[str]:
        """Return the concerns and recommendations of a document."""
        return self.concerns.among(self._in_document(document))

    def published_by(self, iri: str) -> set[str]:
        """Return the reports that an organisation published."""
        return self._reports.among(self._subjects("dcterms:publisher", [iri]))

    def _in_document(self, document: str) -> set[str]:
        self.reader.reads.note([of_parts(document, namespaces.RDF_TYPE)])
        return self._in_documents[document]

    @lazy
    def _in_documents(self) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for iri in self.claims.iris | self.concerns.iris:
            found[namespaces.document_of(iri)].add(iri)
        return found

    def raisers(self, concerns: Iterable[str]) -> Mapping[str, Tally]:
        """Return how many of the concerns each agent raised; one that several raised together counts for each."""
        found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        raisers, every = self.reader.column("rj:raisedBy"), set(concerns)
        recommended = self.recommendations.among(every)
        for concern in every:
            for agent in raisers.values_of(concern):
                found[agent][concern in recommended] += 1
        return {agent: Tally(*numbers) for agent, numbers in found.items()}

    def tally(self, concerns: Iterable[str]) -> Tally:
        """Return how many of the concerns are recommendations, and how many are not."""
        found = set(concerns)
        recommended = len(self.recommendations.among(found))
        return Tally(len(found) - recommended, recommended)

    def said(self, claims: Iterable[str]) -> SaidTally:
        """Return how many of them are admissions, promises, and claims that are neither."""
        found = set(claims)
        return _said(found, self._admissions.among(found), self._promises.among(found))

    def all_said(self) -> SaidTally:
        """Return how many admissions, promises, and claims that are neither there are."""
        claims = self.claims.all
        return _said(claims, claims & self._admissions.all, claims & self._promises.all)

    def issues(self, entries: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """Return the issues that the claims, concerns or recommendations are about, each with these in order."""
        found: dict[str, list[str]] = defaultdict(list)
        about = self.reader.column("rj:about")
        for entry in sorted(entries):
            for issue in about.values_of(entry):
                found[issue].append(entry)
        return {issue: tuple(members) for issue, members in found.items()}

    def forget_cards(self) -> None:
        """Read the cards anew for the next page, so that what it shows is noted as read for it."""
        self._cards.clear()

    def cards(self, claims: Iterable[str]) -> tuple[ClaimOnPage, ...]:
        """Return the claims with what bears on them, in the order of their texts; see also `forget_cards`."""
        wanted = tuple(claims)
        new = [self.reader.resource(iri) for iri in wanted if iri not in self._cards]
        self._cards.update((item.claim.iri, item) for item in site_claims.on_page(new))
        found = (self._cards[iri] for iri in wanted)
        return tuple(sorted(found, key=lambda it: (it.claim.document.iri, it.claim.position, it.claim.iri)))

    def outcomes(self, claims: Iterable[str]) -> tuple[tuple[ClaimOutcome, tuple[ClaimOnPage, ...]], ...]:
        """Return the claims by what bears on them, without empty groups."""
        return site_claims.grouped(self.cards(claims))
