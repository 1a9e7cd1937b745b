"""Pages of shared things (States, issues, people, organisations, laws, proceedings), and a list page for each kind.

Whoever speaks has the same page, whether State, person or organisation: what they raised, their claims with what bears
on each, and their statements. Every entry names the report that it is from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from rejoinder import dates, namespaces
from rejoinder.namespaces import KINDS
from rejoinder.site import claims as site_claims
from rejoinder.site import schema_org
from rejoinder.site.claims import kind_of
from rejoinder.site.entities import is_affected
from rejoinder.site.render import Page, PageMetadata, Renderer
from rejoinder.site.resource import Resource, by_label, by_position, expanded
from rejoinder.text import count

ROWS: Final = 200
"""Rows of a list that a page shows: more than the example has anywhere, a few hundred kilobytes, and less than a
second to make. A person who needs more of them needs the data."""

Row = TypeVar("Row")


@dataclass(frozen=True)
class TruncatedList(Generic[Row]):
    """The first items of a list, and the length of the whole list."""

    shown: tuple[Row, ...]
    total: int

    @property
    def is_all(self) -> bool:
        """Return whether nothing is left out."""
        return len(self.shown) == self.total


AGENTS: Final = frozenset({"state", "person", "organisation"})
"""The kinds of things that can speak."""

_RECORDS: Final = "who-recommends-what-to-whom"
_RAISED: Final = {
    "state": (
        ("what-a-state-did", "state", "all that reports say of it"),
        (_RECORDS, "by", "how often it recommended what to whom, as records have it"),
    ),
    "issue": (
        ("who-raised-an-issue", "under", "every State that reports name with it"),
        (_RECORDS, "issue", "how often who recommended it to whom, as records have it"),
    ),
}
"""The stored questions with more of what was raised, by kind of page: each with its parameter and what it lists."""
_SPOKEN: Final = (("claims-and-what-became-of-them", "speaker", "each claim, and what bears on it"),)
_CLAIMS: Final = {"person": _SPOKEN, "organisation": _SPOKEN}
"""The same for claims; no question has the issue of a claim as its parameter."""
_SAID: Final = dict.fromkeys(AGENTS, (("what-somebody-said", "speaker", "each statement, and what it says"),))
"""The same for statements."""


def by_document(resources: Iterable[Resource]) -> dict[Resource, list[Resource]]:
    """Return the things by the document that describes each: reports before records and tables, then by IRI."""
    found: dict[Resource, list[Resource]] = defaultdict(list)
    for resource in resources:
        found[resource.document].append(resource)
    return {document: found[document] for document in sorted(found, key=_precedence)}


def first_by_position(resources: Iterable[Resource]) -> TruncatedList[Resource]:
    """Return the first things, by document and position in its text."""
    # A State may have raised thousands of things, so positions are read only until the page is full.
    documents = by_document(resources)
    shown: list[Resource] = []
    for members in documents.values():
        if len(shown) < ROWS:
            shown += by_position(members)
    return TruncatedList(tuple(shown[:ROWS]), sum(map(len, documents.values())))


def _precedence(document: Resource) -> tuple[bool, str]:
    return not document.is_a("rj:Dossier"), document.iri


_SHOWN_AS_TABLE: Final = frozenset(
    {"raisedBy", "raisedConcern", "asserted", "speaker", "identity", "annotatedSource", "annotatedTarget"}
)
_ATTRIBUTED: Final = expanded("prov:wasAttributedTo").value


@dataclass(frozen=True)
class Mentions:
    """The first nodes that point to a thing, by document, each with the property.

    `total` counts all such nodes, `total_documents` the documents that they are in.
    """

    documents: tuple[tuple[Resource, tuple[tuple[Resource, Resource], ...]], ...]
    total: int
    total_documents: int

    @property
    def shown(self) -> int:
        """Return the number of nodes that the page shows."""
        return sum(len(rows) for _, rows in self.documents)


def mentions(resource: Resource, elsewhere: Collection[Resource]) -> Mentions:
    """Return the nodes that point to the thing, except those in tables of the page, such as `elsewhere`."""
    reader = resource.reader
    properties: dict[Resource, list[Resource]] = defaultdict(list)
    for subject, predicate in reader.pointing(resource.iri):
        in_a_table = predicate.rpartition("#")[2] in _SHOWN_AS_TABLE or subject in elsewhere
        # Whoever answers for a relation is named with the claim that it is about.
        in_a_table = in_a_table or (predicate == _ATTRIBUTED and subject.is_a("rj:Relation"))
        if not in_a_table and (subject.fragment or subject.is_a("rj:Dossier")):
            properties[subject].append(reader.resource(predicate))
    documents = by_document(properties)
    shown: list[tuple[Resource, tuple[tuple[Resource, Resource], ...]]] = []
    # For nodes that are not shown, only the pointing statement itself is read.
    left = ROWS
    for document, subjects in documents.items():
        if left:
            rows = [(subject, it) for subject in by_position(subjects) for it in properties[subject]][:left]
            shown.append((document, tuple(rows)))
            left -= len(rows)
    return Mentions(tuple(shown), sum(map(len, properties.values())), len(documents))


PROCEEDINGS: Final = frozenset({"review", "proceeding"})
"""The kinds of things that are occasions on which something is said."""

DOCUMENTS: Final = frozenset({"report", "record"})
"""The kinds of things that are documents: graphs of their own."""

_DERIVED_OWN: Final = frozenset(namespaces.RJ + name for name in ("raisedConcern", "asserted", "identity"))


def members(renderer: Renderer, kind: str) -> tuple[Resource, ...]:
    """Return the things of a kind that have an address on the site, by label."""
    found = renderer.reader.instances(_class_of(kind))
    # A review is a proceeding, too, but has only one page.
    return by_label(it for it in found if kind_of_page(it) == kind and renderer.addresses.stem(it.iri))


def _class_of(kind: str) -> str:
    # The page of a report is that of its dossier, which describes the report.
    return "rj:Dossier" if kind == "report" else f"rj:{kind.capitalize()}"


def kind_of_page(resource: Resource) -> str | None:
    """Return the kind of a thing's page, or None if it has no page of its own."""
    if resource.fragment:  # a part of a document is shown on the document's page
        return None
    return next((kind for kind in KINDS if resource.is_a(_class_of(kind))), None)


def is_spoken_of(resource: Resource) -> bool:
    """Return whether a report mentions it."""
    subjects = resource.reader.pointing_subjects(resource.iri)
    rows = f"{resource.reader.base}mapping/"  # a row that maps two things mentions neither
    return bool(resource.objects("rj:anchor")) or any(
        (s.fragment and not s.iri.startswith(rows)) or s.is_a("rj:Dossier") for s in subjects
    )


def resource_page(renderer: Renderer, kind: str, resource: Resource) -> Page:
    """Return the page of a thing."""
    label, claims, raised, said = resource.label.value, _claims(resource), _raised(resource), _said(resource)
    groups = site_claims.grouped(site_claims.on_page(claims))
    exhortations = {it for statement in said for it in statement.objects("rj:expresses") if it.is_a("rj:Exhortation")}
    concerning, documents = resource.subjects("rj:affected"), _documents(resource)
    elsewhere = {*claims, *raised, *said, *concerning, *exhortations, *(it.report for it in documents)}
    head = PageMetadata(
        title=label,
        description=f"{label}: what the reports on this site say, with the source of each statement.",
        iri=resource.iri,
        kind=schema_org.kind_iri(KINDS[kind].schema_org),
        structured=schema_org.page(label) if is_affected(resource) else _structured(resource, kind),
        alternates=renderer.stem(resource),
    )
    return renderer.page(
        "resource.html",
        f"{renderer.stem(resource)}.html",
        head,
        it=resource,
        collection=kind,
        collection_title=KINDS[kind].plural,
        elsewhere=_DERIVED_OWN,
        narrower=by_label(resource.subjects("skos:broader")),
        members=by_label(resource.subjects("org:memberOf")),
        entries=_entries(resource),
        reviews=_reviews(resource),
        troikas=_by_date(resource.subjects("rj:troikaMember")),
        documents=documents,
        is_affected=is_affected(resource),
        is_agent=kind in AGENTS,
        is_proceeding=kind in PROCEEDINGS,
        raised=first_by_position(raised),
        raised_asks=_RAISED.get(kind, ()),
        groups=[(outcome, TruncatedList(members[:ROWS], len(members))) for outcome, members in groups],
        claims_asks=_CLAIMS.get(kind, ()),
        sources=by_label(claim.document for claim in claims),
        exhortations=by_position(exhortations),
        said=first_by_position(said),
        said_asks=_SAID.get(kind, ()),
        has_replies=any(it.objects("rj:inReplyTo") for it in said),
        concerning=first_by_position(concerning),
        mentions=mentions(resource, elsewhere),
        kind_of=kind_of,
    )


def _structured(resource: Resource, kind: str) -> dict[str, Any]:
    """Return the description of the thing for search engines."""
    name = KINDS[kind].schema_org
    return schema_org.event(resource) if name == "Event" else schema_org.described(resource, name)


def _said(resource: Resource) -> set[Resource]:
    """Return the statements of a speaker, in the name of a State, or in a proceeding."""
    return {
        *resource.subjects("rj:inProceeding", "rj:Statement"),
        *(said for who in (resource, *resource.subjects("rj:represents")) for said in who.subjects("rj:speaker")),
    }


@dataclass(frozen=True)
class Entries:
    """The entries of one person or organisation, and the rows of mapping files that join them."""

    members: tuple[Resource, ...]
    rows: tuple[Resource, ...]


def _entries(resource: Resource) -> Entries | None:
    """Return all entries of the person or organisation, or None if there is no other."""
    identity = resource.value("rj:identity")
    if identity is None:
        return None
    members = by_label(identity.subjects("rj:identity"))
    rows = (row for member in members for row in member.subjects("owl:annotatedSource") if _joins(row))
    return Entries(members, tuple(sorted(rows, key=lambda row: row.iri)))


def _joins(row: Resource) -> bool:
    relation = row.value("owl:annotatedProperty")
    confirmed = row.objects("sssom:reviewer_id") and not row.objects("sssom:predicate_modifier")
    return bool(relation and relation.iri == namespaces.SKOS + "exactMatch" and confirmed)


def _claims(resource: Resource) -> set[Resource]:
    """Return the claims of a speaker, in the name of a State, or about an issue."""
    about = set(resource.subjects("rj:about", "rj:Claim"))
    statements = (
        said for speaker in (resource, *resource.subjects("rj:represents")) for said in speaker.subjects("rj:speaker")
    )
    expressed = {claim for statement in statements for claim in statement.objects("rj:expresses")}
    # What a speaker says should be done is no claim of fact.
    return about | {claim for claim in expressed if not claim.is_a("rj:Exhortation")}


def _reviews(resource: Resource) -> tuple[tuple[Resource, tuple[Resource, ...]], ...]:
    """Return the reviews of a State and other proceedings that concern it, each with its reports and records."""
    found = {*resource.subjects("rj:underReview"), *resource.subjects("rj:stateConcerned")}
    return tuple((it, _documents(it)) for it in _by_date(found))


def _by_date(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """Return each of the things once, by date."""
    # EDTF dates of sessions sort as text.
    return tuple(sorted(set(resources), key=lambda it: (it.text("dcterms:date"), it.iri)))


def _documents(proceeding: Resource) -> tuple[Resource, ...]:
    """Return the reports and records that belong to a proceeding."""
    found = proceeding.subjects("rj:inProceeding")  # among them records, and the reports of dossiers
    return by_label(it.document for it in found if it == it.document.report and kind_of_page(it.document) in DOCUMENTS)


def _raised(resource: Resource) -> set[Resource]:
    """Return the concerns and recommendations that an agent raised, that are about an issue, or in a proceeding."""
    return {
        *resource.subjects("rj:raisedBy"),
        *resource.subjects("rj:about", "rj:Concern"),
        *resource.subjects("rj:inProceeding", "rj:Concern"),
    }


def collection_page(renderer: Renderer, kind: str) -> Page:
    """Return the page that lists the things of a kind, first those that a report mentions."""
    resources = members(renderer, kind)
    resources = tuple(resource for resource in resources if not is_affected(resource))
    spoken = frozenset(resource for resource in resources if kind in DOCUMENTS or is_spoken_of(resource))
    iri = f"{renderer.project.base}{kind}/"
    head = PageMetadata(
        title=KINDS[kind].plural,
        description=f"{KINDS[kind].plural} in {renderer.project.title}.",
        iri=iri,
        kind=schema_org.kind_iri("CollectionPage"),
        structured=schema_org.collection(renderer.reader.resource(iri), KINDS[kind].plural),
        alternates=f"{kind}/index" if renderer.reader.is_graph(iri) else None,
    )
    first = [resource for resource in resources if resource in spoken]
    return renderer.page(
        "collection.html",
        f"{kind}/index.html",
        head,
        title=KINDS[kind].plural,
        is_about_people=kind == "person",
        spoken=first,
        cards=[(resource, ", ".join(filter(None, _notes(kind, resource)))) for resource in first],
        others=[resource for resource in resources if resource not in spoken],
    )


def _notes(kind: str, resource: Resource) -> Iterator[str]:
    """Yield details that distinguish a thing in a list from the others."""
    if kind == "report":
        yield resource.report.text("dcterms:title")
    claims, raised = len(_claims(resource)), len(_raised(resource))
    if kind in PROCEEDINGS:
        yield from (it.label.value for it in resource.objects("rj:kind"))
        if date := resource.text("dcterms:date"):
            yield dates.in_words(date)
    if raised:
        yield f"{count(raised, 'concern')} or recommendation{'s' * (raised > 1)}"
    if claims:
        yield count(claims, "claim")
    if kind == "person":
        roles = {
            role.value
            for statement in resource.subjects("rj:speaker")
            for role in statement.literals("rj:roleAsStated")
        }
        yield from sorted(roles)
