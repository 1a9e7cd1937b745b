"""Claims, each with what bears on it: evidence and other claims, apart by who connects them and in which direction.

What the text of a report states is its publisher's; every other connection is the inference of the editors of a
dossier. Nothing here says that a claim is false.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Container, Iterable
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import Final

from rejoinder import namespaces
from rejoinder.lazily import lazy
from rejoinder.messages import N_, NN_
from rejoinder.site.resource import GraphReader, Resource, by_label, by_position, is_plain

_WITH_PAGES: Final = ("rj:hasClaim", "rj:hasAdmission", "rj:hasPromise", "rj:hasExhortation", "rj:hasRecommendation")
_PAGES_OF_REPORT: Final = re.compile(r"(data|text)(-[0-9]+)?")
"""The names of the pages beside that of a report, see `fragments.ReportPages`."""


@dataclass(frozen=True)
class PartsWithPages(Container[str]):
    """The IRIs of what has a page of its own: the claims, exhortations and recommendations of reports.

    One whose page would stand where the report has a page with its data or its text has only the element there. A
    report is read when one of its parts is asked for.
    """

    reader: GraphReader
    _of: dict[str, frozenset[str]] = field(default_factory=dict, compare=False, repr=False)

    def __contains__(self, iri: object) -> bool:
        """Return whether it has a page of its own."""
        return isinstance(iri, str) and "#" in iri and iri in self.of(namespaces.document_of(iri))

    def of(self, document: str) -> frozenset[str]:
        """Return the parts of a document that have a page of their own."""
        if document not in self._of:
            # Whoever links to a part has read the layout of its document, and not all that the document has.
            with self.reader.reads.begin():
                self._of[document] = parts_of(self.reader.resource(document))
        return self._of[document]


def parts_of(report: Resource) -> frozenset[str]:
    """Return the IRIs of the parts of a report that have a page of their own, see `PartsWithPages`."""
    # A record, which is no report, has thousands of recommendations; a row of a list is enough for each.
    parts = (part for name in _WITH_PAGES for part in report.objects(name)) if report.is_a("rj:Dossier") else ()
    named = (part for part in parts if part.document.iri != part.iri and is_plain(part.fragment))
    return frozenset(part.iri for part in named if not _PAGES_OF_REPORT.fullmatch(part.fragment))


def publishers(dossier: Resource) -> tuple[Resource, ...]:
    """Return who published the report that a dossier describes, by name."""
    return by_label(dossier.report.objects("dcterms:publisher"))


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
    return most_specific(resource.objects("rdf:type"))


def most_specific(types: Iterable[Resource]) -> Resource | None:
    """Return the most specific class of our ontology among these."""
    classes = [
        kind for kind in types if any(it.iri == namespaces.ONTOLOGY_GRAPH for it in kind.objects("rdfs:isDefinedBy"))
    ]
    # A claim that is a promise has both classes, and is listed as a promise.
    broader = {parent for kind in classes for parent in kind.objects("rdfs:subClassOf")}
    return next((kind for kind in classes if kind not in broader), None)


class Bearing(Enum):
    """How evidence or a claim bears on a claim, each with its words before a list and in a table.

    The second words stand before a list if the text itself makes the connection, and no heading says so. What the
    editors only see in the context has weaker words: it never counts as contradicted, qualified or supported.
    """

    CONTRADICTS = (
        N_("Contradicted by"),
        N_("Explicitly contradicted by"),
        N_("contradicts"),
        N_("contradicts a claim"),
    )
    TENSION = (
        N_("In tension with"),
        N_("In tension with"),  # which no text says itself
        N_("is in tension with"),
        N_("is in tension with a claim"),
    )
    QUALIFIES = (
        N_("Qualified by"),
        N_("Explicitly qualified by"),
        N_("qualifies"),
        N_("qualifies a claim"),
    )
    MAY_QUALIFY = (
        N_("Perhaps qualified by"),
        N_("Perhaps qualified by"),  # as with a tension
        N_("may qualify"),
        N_("may qualify a claim"),
    )
    SUPPORTS = (
        N_("Supported by"),
        N_("Explicitly supported by"),
        N_("supports"),
        N_("supports a claim"),
    )
    MAY_SUPPORT = (
        N_("Perhaps supported by"),
        N_("Perhaps supported by"),  # as with a tension
        N_("may support"),
        N_("may support a claim"),
    )
    # Whoever makes a claim speaks for it, so their own words never count as support.
    REASONS = (
        N_("The speaker’s own reasons"),
        N_("Reasons the speaker gave"),
        N_("is the speaker’s own reason for"),
        N_("is the speaker’s own reason for a claim"),
    )
    REPEATS = (
        N_("The same is said, in other words, in"),
        N_("Explicitly the same is said in"),
        N_("says the same as"),
        N_("says the same as a claim"),
    )

    def __init__(self, lead: str, explicit_lead: str, verb: str, on_a_claim: str) -> None:
        self.lead, self.explicit_lead, self.verb, self.on_a_claim = lead, explicit_lead, verb, on_a_claim


_BEARINGS: Final = {
    "Contradicting": Bearing.CONTRADICTS,
    "Qualifying": Bearing.QUALIFIES,
    "Supporting": Bearing.SUPPORTS,
    "Repeating": Bearing.REPEATS,
}
"""The bearings by the name of the direction of a relation."""
_IN_CONTEXT: Final = {
    Bearing.CONTRADICTS: Bearing.TENSION,
    Bearing.QUALIFIES: Bearing.MAY_QUALIFY,
    Bearing.SUPPORTS: Bearing.MAY_SUPPORT,
}
"""What they are if the editors only see a connection in the context."""


class Authority(Enum):
    """Who connects evidence or a claim with a claim, and why; each with its short name."""

    EXPLICIT = N_("explicit")
    LOGICAL = N_("logical")
    CONTEXTUAL = N_("contextual")

    @property
    def is_explicit(self) -> bool:
        """Return whether the text of the report itself makes the connection."""
        return self is Authority.EXPLICIT


_AUTHORITIES: Final = {"ExplicitBasis": Authority.EXPLICIT, "LogicalBasis": Authority.LOGICAL}
"""The authorities by the name of the basis of a relation; every other basis is the weakest one."""


@dataclass(frozen=True)
class RelationToClaim:
    """Evidence or a claim (`source`) that bears on a claim; `link` is the node that says so."""

    link: Resource
    source: Resource
    claim: Resource
    bearing: Bearing
    authority: Authority

    @property
    def is_elsewhere(self) -> bool:
        """Return whether another document than the claim's has the source or the relation."""
        return {self.link.document, self.source.document} != {self.claim.document}

    @property
    def basis(self) -> Resource | None:
        """The basis of the relation, as the vocabulary describes it."""
        return self.link.value("rj:basis")

    @property
    def answerable(self) -> tuple[Resource, ...]:
        """The publishers if the text makes the connection, the editors if not: they answer for it."""
        return by_label(self.link.objects("prov:wasAttributedTo"))

    @property
    def speakers(self) -> tuple[Resource, ...]:
        """Return who made the claim, if the source is one."""
        return speakers(self.source)


def speakers(claim: Resource) -> tuple[Resource, ...]:
    """Return who made the claim, by name."""
    return by_label(who for statement in claim.subjects("rj:expresses") for who in statement.objects("rj:speaker"))


def relations(links: Iterable[Resource]) -> tuple[RelationToClaim, ...]:
    """Return what the relation nodes say, in the order of the texts; a node without a direction says nothing."""
    found = []
    for link in links:
        way, basis = link.value("rj:direction"), link.value("rj:basis")
        for source in link.objects("rj:from"):
            for claim in link.objects("rj:claim"):
                is_own = partial(is_own_word, source, claim)
                known = bearing_of(way.fragment if way else "", basis.fragment if basis else "", is_own)
                if known is not None:
                    found.append(RelationToClaim(link, source, claim, *known))
    return tuple(sorted(found, key=_place))


def is_own_word(source: Resource, claim: Resource) -> bool:
    """Return whether the source is a word of somebody who made the claim: said by them, or attributed to them."""
    drawn_on = (who for statement in source.objects("rj:drawsOn") for who in statement.objects("rj:speaker"))
    authors = {who.iri for who in (*speakers(source), *source.objects("prov:wasAttributedTo"), *drawn_on)}
    return not authors.isdisjoint(who.iri for who in speakers(claim))


def bearing_of(direction: str, basis: str, is_own: Callable[[], bool]) -> tuple[Bearing, Authority] | None:
    """Return what a relation says by the names of its direction and basis, or None if it has no direction.

    `is_own` says whether what supports a claim is its speaker's own word; nothing else asks it.

    >>> [it.name for it in bearing_of("Contradicting", "ContextualBasis", lambda: False)]
    ['TENSION', 'CONTEXTUAL']
    """
    bearing, authority = _BEARINGS.get(direction), _AUTHORITIES.get(basis, Authority.CONTEXTUAL)
    if bearing is None:
        return None
    if bearing is Bearing.SUPPORTS and is_own():
        return Bearing.REASONS, authority
    return _IN_CONTEXT.get(bearing, bearing) if authority is Authority.CONTEXTUAL else bearing, authority


def bears_on_claim(bearings: Iterable[Bearing]) -> bool:
    """Return whether anything with these bearings bears on a claim: to say the same, or to give reasons, does not.

    Every page counts by this what nothing bears on, in any document.
    """
    return not {Bearing.REASONS, Bearing.REPEATS}.issuperset(bearings)


def _place(relation: RelationToClaim) -> tuple[str, int, str]:
    return relation.source.document.iri, relation.source.position, relation.link.iri


BearingGroups = tuple[tuple[Bearing, tuple[RelationToClaim, ...]], ...]
"""Relations by bearing, without empty groups."""


def by_bearing(found: Iterable[RelationToClaim]) -> BearingGroups:
    """Return the relations by how they bear on their claims."""
    every = tuple(found)
    groups = ((bearing, tuple(item for item in every if item.bearing is bearing)) for bearing in Bearing)
    return tuple((bearing, members) for bearing, members in groups if members)


@dataclass(frozen=True)
class RelationCount:
    """The number of relations of one bearing by authority; None where there can be none."""

    bearing: Bearing
    explicit: int | None
    logical: int | None
    contextual: int | None


def counts(found: Iterable[RelationToClaim]) -> tuple[RelationCount, ...]:
    """Return a row for each bearing, with separate numbers for what the text states and what the editors infer."""
    every = tuple(found)

    def number(bearing: Bearing, authority: Authority) -> int | None:
        # "Contradicts" and "is in tension with" are one direction on different authority, so each lacks the other's.
        others = _IN_CONTEXT if authority is Authority.CONTEXTUAL else _IN_CONTEXT.values()
        if bearing in others:
            return None
        return sum(item.bearing is bearing and item.authority is authority for item in every)

    rows = (RelationCount(bearing, *(number(bearing, each) for each in Authority)) for bearing in Bearing)
    return tuple(row for row in rows if row.explicit or row.logical or row.contextual)


class ClaimOutcome(Enum):
    """How something bears on a claim, and who says so: words for one claim, for several, a heading and an explanation.

    Each claim has one outcome: the strongest of what a text itself says or, if none says anything, of what editors
    infer. So no number mixes the two, and no name says that there is nothing else: all of it stands beside the claim.
    """

    CONTRADICTED = (
        *NN_("claim explicitly contradicted", "claims explicitly contradicted"),
        N_("Claims explicitly contradicted"),
        N_("The text itself says that something contradicts each of these claims. That does not make a claim untrue."),
    )
    QUALIFIED = (
        *NN_("claim explicitly qualified", "claims explicitly qualified"),
        N_("Claims explicitly qualified"),
        N_(
            "The text itself says that something narrows each of these claims. No text says that anything contradicts "
            "them."
        ),
    )
    SUPPORTED = (
        *NN_("claim explicitly supported", "claims explicitly supported"),
        N_("Claims explicitly supported"),
        N_(
            "The text itself says that something speaks for each of these claims. No text says that anything "
            "contradicts or narrows them. That does not make a claim true."
        ),
    )
    CONTRADICTED_BY_INFERENCE = (
        *NN_("claim contradicted by inference", "claims contradicted by inference"),
        N_("Claims contradicted by the editors’ inference"),
        N_("No text connects the two; the editors infer that both cannot hold, which makes no claim untrue."),
    )
    TENSION_BY_INFERENCE = (
        *NN_("claim in tension with something by inference", "claims in tension with something by inference"),
        N_("Claims in tension with something by the editors’ inference"),
        N_("No text connects the two; the editors see a connection in the context. It is no contradiction."),
    )
    QUALIFIED_BY_INFERENCE = (
        *NN_("claim qualified by inference", "claims qualified by inference"),
        N_("Claims qualified by the editors’ inference"),
        N_(
            "No text connects the two; the editors infer that something narrows each of these claims. They infer "
            "nothing that speaks against them."
        ),
    )
    PERHAPS_QUALIFIED = (
        *NN_("claim perhaps qualified by inference", "claims perhaps qualified by inference"),
        N_("Claims perhaps qualified, by the editors’ inference"),
        N_(
            "The editors only see in the context that something may narrow each of these claims. None counts as "
            "qualified."
        ),
    )
    SUPPORTED_BY_INFERENCE = (
        *NN_("claim supported by inference", "claims supported by inference"),
        N_("Claims supported by the editors’ inference"),
        N_(
            "No text connects the two; the editors infer that something speaks for each of these claims. They infer "
            "nothing that speaks against them or narrows them. That does not make a claim true."
        ),
    )
    PERHAPS_SUPPORTED = (
        *NN_("claim perhaps supported by inference", "claims perhaps supported by inference"),
        N_("Claims perhaps supported, by the editors’ inference"),
        N_(
            "The editors only see in the context that something may speak for each of these claims. None counts as "
            "supported."
        ),
    )
    UNANSWERED = (
        *NN_(
            "claim neither contradicted, qualified nor supported",
            "claims neither contradicted, qualified nor supported",
        ),
        N_("Claims neither contradicted, qualified nor supported"),
        N_(
            "No document on this site has anything that contradicts, qualifies or supports the claim. The speaker’s "
            "own reasons are not counted."
        ),
    )
    ADMISSION = (
        *NN_("admission", "admissions"),
        N_("Admissions"),
        N_("The editors read each of these as a concession by the speaker."),
    )
    PROMISE = *NN_("promise", "promises"), N_("Promises"), N_("The speaker says what will be done.")

    def __init__(self, one: str, many: str, title: str, explained: str) -> None:
        self.one, self.many, self.heading, self.explained = one, many, title, explained

    @property
    def name_on_page(self) -> str:
        """The name of the group as a fragment and a class of the page."""
        return self.name.lower().replace("_", "-")


@dataclass(frozen=True)
class ClaimOnPage:
    """A claim, the statements of its own document that express it, and everything that bears on it.

    `repetitions` are the statements of other documents that express the same claim; `replies` answer it.
    """

    claim: Resource
    statements: tuple[Resource, ...]
    relations: tuple[RelationToClaim, ...]
    repetitions: tuple[Resource, ...]
    replies: tuple[Resource, ...]
    verdicts: tuple[Resource, ...]

    @lazy
    def own(self) -> tuple[RelationToClaim, ...]:
        """Return the relations within the claim's own document."""
        return tuple(item for item in self.relations if not item.is_elsewhere)

    @property
    def explicit(self) -> BearingGroups:
        """The relations that the text itself states, by how they bear on the claim."""
        return by_bearing(item for item in self.own if item.authority.is_explicit)

    @property
    def inferred(self) -> BearingGroups:
        """The relations that the editors infer within the document, by how they bear on the claim."""
        return by_bearing(item for item in self.own if not item.authority.is_explicit)

    @property
    def number_explicit(self) -> int:
        """The number of pieces of evidence and claims of others that the text of a report connects with it."""
        return sum(item.authority.is_explicit for item in self._of_others)

    @property
    def number_inferred(self) -> int:
        """The number of those that editors connect with it."""
        return len(self._of_others) - self.number_explicit

    @property
    def _of_others(self) -> tuple[RelationToClaim, ...]:
        return tuple(item for item in self.relations if item.bearing is not Bearing.REASONS)

    @property
    def elsewhere(self) -> BearingGroups:
        """The relations that involve another document, by how they bear on the claim."""
        return by_bearing(item for item in self.relations if item.is_elsewhere)

    @property
    def replies_here(self) -> tuple[Resource, ...]:
        """The replies in the claim's own document."""
        return tuple(reply for reply in self.replies if reply.document == self.claim.document)

    @property
    def replies_elsewhere(self) -> tuple[Resource, ...]:
        """The replies in other documents."""
        return tuple(reply for reply in self.replies if reply.document != self.claim.document)

    @property
    def is_alone(self) -> bool:
        """Return whether nothing at all bears on it or judges it, in any document."""
        return not (self.relations or self.repetitions or self.replies_elsewhere or self.verdicts)

    @property
    def answered_to(self) -> tuple[Resource, ...]:
        """The concerns, recommendations, statements and claims to which the statements of the claim reply."""
        return by_position(it for statement in self.statements for it in statement.objects("rj:inReplyTo"))

    @property
    def is_unanswered(self) -> bool:
        """Return whether nothing bears on it in any document, be it a claim, an admission or a promise."""
        return not bears_on_claim(item.bearing for item in self.relations)

    @lazy
    def outcome(self) -> ClaimOutcome:
        """Return the group to which the claim belongs: by the strongest of what bears on it in any document."""
        if self.claim.is_a("rj:Admission"):
            return ClaimOutcome.ADMISSION
        if self.claim.is_a("rj:Promise"):
            return ClaimOutcome.PROMISE
        explicit, inferred = (
            {item.bearing for item in self.relations if item.authority.is_explicit is wanted}
            for wanted in (True, False)
        )
        if not bears_on_claim(explicit | inferred):
            return ClaimOutcome.UNANSWERED
        # What a text itself says weighs more than what the editors infer.
        stated = (outcome for bearing, outcome in _EXPLICIT.items() if bearing in explicit)
        return next(stated, None) or next(outcome for bearing, outcome in _INFERRED.items() if bearing in inferred)


_EXPLICIT: Final = {
    Bearing.CONTRADICTS: ClaimOutcome.CONTRADICTED,
    Bearing.QUALIFIES: ClaimOutcome.QUALIFIED,
    Bearing.SUPPORTS: ClaimOutcome.SUPPORTED,
}
"""The outcome of a claim by what a text says to bear on it, the strongest first."""
_INFERRED: Final = {
    Bearing.CONTRADICTS: ClaimOutcome.CONTRADICTED_BY_INFERENCE,
    Bearing.TENSION: ClaimOutcome.TENSION_BY_INFERENCE,
    Bearing.QUALIFIES: ClaimOutcome.QUALIFIED_BY_INFERENCE,
    Bearing.MAY_QUALIFY: ClaimOutcome.PERHAPS_QUALIFIED,
    Bearing.SUPPORTS: ClaimOutcome.SUPPORTED_BY_INFERENCE,
    Bearing.MAY_SUPPORT: ClaimOutcome.PERHAPS_SUPPORTED,
}
"""The same for what editors infer. What may speak against a claim comes before all that speaks for it."""


def on_page(claims: Iterable[Resource]) -> tuple[ClaimOnPage, ...]:
    """Return the claims in the order of the text, each with what bears on it."""
    return tuple(map(_on_page, by_position(claims)))


def _on_page(claim: Resource) -> ClaimOnPage:
    statements = by_position(claim.subjects("rj:expresses"))
    replies = [*claim.subjects("rj:inReplyTo"), *(it for each in statements for it in each.subjects("rj:inReplyTo"))]
    return ClaimOnPage(
        claim=claim,
        statements=tuple(each for each in statements if each.document == claim.document),
        relations=relations(claim.subjects("rj:claim", "rj:Relation")),
        repetitions=tuple(each for each in statements if each.document != claim.document),
        replies=by_position(replies),
        verdicts=claim.subjects("rj:claim", "rj:Verdict"),
    )


def grouped(claims: Iterable[ClaimOnPage]) -> tuple[tuple[ClaimOutcome, tuple[ClaimOnPage, ...]], ...]:
    """Return the claims by outcome, without empty outcomes."""
    found = tuple(claims)
    groups = ((outcome, tuple(item for item in found if item.outcome is outcome)) for outcome in ClaimOutcome)
    return tuple((outcome, members) for outcome, members in groups if members)


class Grounds(Enum):
    """What a report says about the source of a piece of evidence, as words that follow the evidence."""

    FOOTNOTE = N_("A footnote names the source")
    ATTRIBUTED = N_("The sentence itself says whose words or finding it is")
    LAW = N_("The sentence names the law whose content it tells")
    ASSESSMENT = N_("The sentence is the publisher’s own assessment")
    NONE = N_("Neither a footnote nor the sentence itself names a source")


def grounds(evidence: Resource) -> Grounds:
    """Return what the report says about the source of the evidence."""
    kinds = {kind.fragment for kind in evidence.objects("rj:kind")}
    return grounds_by(
        kinds, bool(evidence.objects("rj:footnote")), bool(attributed(evidence)), bool(evidence.objects("rj:provision"))
    )


def attributed(evidence: Resource) -> tuple[Resource, ...]:
    """Return whose words or finding evidence is, other than the report's own publishers.

    All evidence is told by its publisher, be it attributed to them or to nobody; so both are shown in the same words.
    """
    own = {who.iri for who in evidence.document.report.objects("dcterms:publisher")}
    return tuple(who for who in evidence.objects("prov:wasAttributedTo") if who.iri not in own)


def grounds_by(kinds: Collection[str], footnote: bool, attributed: bool, provision: bool) -> Grounds:
    """Return the same by the names of its kinds, and by whether it has a footnote, an attribution and a law.

    >>> grounds_by({"LegislationEvidence"}, False, False, True).name
    'LAW'
    """
    if footnote:
        return Grounds.FOOTNOTE
    # The words of the speaker's own side are a statement, and a statement has a speaker.
    if attributed or "OwnSideStatementEvidence" in kinds:
        return Grounds.ATTRIBUTED
    if "LegislationEvidence" in kinds and provision:
        return Grounds.LAW
    return Grounds.ASSESSMENT if "AssessmentEvidence" in kinds else Grounds.NONE
