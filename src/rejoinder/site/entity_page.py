"""Pages of shared things (States, issues, people, organisations, laws, proceedings), and a list page for each kind.

A page leads with what was said: claims, with what stands beside each; then what was raised by, with or about the thing,
its statements, and where else it is named. How it is named in other languages and data sets comes last.

What States raised is shown on a map, too: equal squares in the regional groups of the UN. Borders on a map are a
statement, and small States vanish on one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from rejoinder import namespaces
from rejoinder.messages import Messages
from rejoinder.namespaces import KINDS
from rejoinder.rdf.terms import Literal
from rejoinder.site import schema_org
from rejoinder.site.claims import ClaimOnPage, ClaimOutcome, kind_of
from rejoinder.site.entities import NOTHING, NOTHING_SAID, Entities, SaidTally, Tally, is_affected
from rejoinder.site.render import Page, PageMetadata, Renderer, heading
from rejoinder.site.resource import REPEATED, Resource, by_label, by_position, expanded

ROWS: Final = 40
"""Rows of a list that a page shows. Lists of claims and of recommendations have all of them, and can be filtered."""
CARDS: Final = 10
"""Claims that a page shows with what stands beside them; of further ones it shows the words and who said them."""

OTHERS: Final = 20
"""The most further claims with one outcome that a page shows."""

TILE_COLUMNS: Final = 11
"""Squares in a row of a group: as many as the width of a phone has room for."""
TILE_PITCH: Final = 30
"""From the edge of a square to that of the next one, in pixels."""
TILE_SIDE: Final = 28
"""The side of a square: larger than the 24 pixels that a target for a finger needs (WCAG 2.2, 2.5.8)."""

Row = TypeVar("Row")


@dataclass(frozen=True)
class TruncatedList(Generic[Row]):
    """The first items of a list, and the length of the whole list."""

    shown: tuple[Row, ...]
    total: int

    @classmethod
    def of(cls, rows: Sequence[Row], most: int | None = None) -> TruncatedList[Row]:
        """Return the first rows: at most `most`, else as many as a page shows."""
        return cls(tuple(rows[: ROWS if most is None else most]), len(rows))

    @property
    def is_all(self) -> bool:
        """Return whether nothing is left out."""
        return len(self.shown) == self.total


AGENTS: Final = frozenset({"state", "person", "organisation"})
"""The kinds of things that can speak."""

PROCEEDINGS: Final = frozenset({"review", "proceeding"})
"""The kinds of things that are occasions on which something is said."""

DOCUMENTS: Final = frozenset({"report", "record"})
"""The kinds of things that are documents: graphs of their own."""


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
    {
        "raisedBy",
        "raisedConcern",
        "recommendedOn",
        "asserted",
        "speaker",
        "identity",
        "annotatedSource",
        "annotatedTarget",
    }
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


def mentions(resource: Resource, elsewhere: Collection[str]) -> Mentions:
    """Return the nodes that point to the thing, except those that the page shows already, with the IRIs `elsewhere`."""
    reader = resource.reader
    properties: dict[Resource, list[Resource]] = defaultdict(list)
    for subject, predicate in reader.pointing(resource.iri):
        in_a_table = (
            predicate in REPEATED or predicate.rpartition("#")[2] in _SHOWN_AS_TABLE or subject.iri in elsewhere
        )
        # Whoever answers for a relation is named with the claim that it is about.
        in_a_table = in_a_table or (predicate == _ATTRIBUTED and subject.is_a("rj:Relation"))
        # Properties of schema.org say again, for search engines, what properties of our own say.
        in_a_table = in_a_table or predicate.startswith(namespaces.SCHEMA)
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


@dataclass(frozen=True)
class ClaimGroup:
    """The claims with one outcome: the first with what stands beside them, the others only in words."""

    outcome: ClaimOutcome
    shown: tuple[ClaimOnPage, ...]
    others: TruncatedList[ClaimOnPage]

    @property
    def total(self) -> int:
        """The number of claims in the group."""
        return len(self.shown) + self.others.total


def _claim_groups(outcomes: Iterable[tuple[ClaimOutcome, tuple[ClaimOnPage, ...]]]) -> tuple[ClaimGroup, ...]:
    groups, left = [], CARDS
    for outcome, found in outcomes:
        # Claims with nothing beside them need no card: their words, and who said them, are all that there is.
        shown = tuple(item for item in found if not item.is_alone)[:left]
        others = tuple(item for item in found if item not in shown)
        groups.append(ClaimGroup(outcome, shown, TruncatedList.of(others, OTHERS)))
        left -= len(shown)
    return tuple(groups)


@dataclass(frozen=True)
class IssueRow:
    """An issue, with everything under its narrower ones: claims, and what was raised with an agent and by it."""

    issue: Resource
    narrower: tuple[Resource, ...]
    claims: int
    raised_with: int
    raised: int


def _issue_rows(entities: Entities, claims: set[str], raised_with: set[str], raised: set[str]) -> tuple[IssueRow, ...]:
    """Return the broadest issues of what is said by and with an agent, the most frequent first."""
    found: dict[str, set[str]] = defaultdict(set)
    named: dict[str, set[str]] = defaultdict(set)
    for issue, entries in entities.issues(claims | raised_with | raised).items():
        for top in entities.broadest(issue):
            found[top] |= set(entries)
            named[top] |= {issue} - {top}
    resource = entities.reader.resource
    rows = [
        IssueRow(
            resource(top),
            by_label(map(resource, named[top])),
            *(len(entries & wanted) for wanted in (claims, raised_with, raised)),
        )
        for top, entries in found.items()
    ]
    return tuple(
        sorted(rows, key=lambda row: (-row.claims - row.raised_with - row.raised, row.issue.label.value.casefold()))
    )


def resource_page(renderer: Renderer, entities: Entities, kind: str, resource: Resource) -> Page:
    """Return the page of a thing."""
    label, reader = resource.label.value, renderer.reader
    is_agent = kind in AGENTS
    claims = dict.fromkeys(entities.claims_by(resource.iri), resource.iri) if is_agent else {}
    claims |= entities.claims_about(resource.iri)
    about = {} if is_agent else entities.raised_about(resource.iri)
    raised = {*entities.raised_by(resource.iri), *entities.raised_in(resource.iri), *about}
    raised_with = set(entities.raised_with(resource.iri)) - raised
    said = {
        *(entities.said_by(resource.iri) if is_agent else ()),
        *entities.statements_in(resource.iri),
    }
    if kind in PROCEEDINGS:
        claims |= dict.fromkeys(entities.expressed(said), resource.iri)
    exhortations = by_position(
        it for each in said for it in reader.resource(each).objects("rj:expresses") if it.is_a("rj:Exhortation")
    )
    concerning = resource.subjects("rj:affected")
    first_concerning = first_by_position(concerning)
    documents, positions = _documents(resource), resource.subjects("rj:provision", "rj:Position")
    shown = {it.iri for it in (*concerning, *exhortations, *positions, *(it.report for it in documents))}
    head = PageMetadata(
        title=label,
        description=renderer.words.gettext(
            "%(name)s: what the reports on this site say, with the source of each statement.", name=label
        ),
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
        collection_title=renderer.words.gettext(KINDS[kind].plural),
        shown_above=_HEADER | _DERIVED_OWN,
        derived=_DERIVED_OWN,
        is_affected=is_affected(resource),
        names_affected=is_affected(resource),
        is_agent=is_agent,
        is_proceeding=kind in PROCEEDINGS,
        roles=roles(resource, said) if kind == "person" else (),
        spoken_for=spoken_for(resource, said),
        broader=by_label(map(reader.resource, entities.above(resource.iri))),
        narrower=by_label(reader.resource(iri) for iri in entities.below(resource.iri)),
        members=by_label(resource.subjects("org:memberOf")),
        entries=_entries(resource),
        reviews=_reviews(resource),
        troikas=_by_date(resource.subjects("rj:troikaMember")),
        documents=TruncatedList.of(documents),
        groups=_claim_groups(entities.outcomes(claims)),
        claims=len(claims),
        is_mixed=len(claims) != entities.said(claims).claims,
        # Under which narrower issue, or part of the law, each claim and concern stands.
        under={iri: reader.resource(where) for iri, where in (claims | about).items() if where != resource.iri},
        issue_rows=_issue_rows(entities, set(claims), raised_with, raised) if is_agent else (),
        raised=first_by_position(map(reader.resource, raised)),
        raised_with=first_by_position(map(reader.resource, raised_with)),
        raisers=_raisers(entities, raised),
        map=tile_map(entities, entities.raisers(raised_with if is_agent else raised)),
        positions=TruncatedList.of(by_position(positions)),
        exhortations=TruncatedList.of(exhortations),
        said=first_by_position(map(reader.resource, said)),
        has_replies=any(reader.resource(iri).objects("rj:inReplyTo") for iri in said),
        concerning=first_concerning,
        concerning_by_document=tuple(by_document(first_concerning.shown).items()),
        mentions=mentions(resource, {*claims, *raised, *raised_with, *said, *shown}),
        kind_of=kind_of,
        is_compared=kind in ("state", "person") and bool(claims or raised or raised_with) and not is_affected(resource),
    )


def _structured(resource: Resource, kind: str) -> dict[str, Any]:
    """Return the description of the thing for search engines."""
    name = KINDS[kind].schema_org
    return schema_org.event(resource) if name == "Event" else schema_org.described(resource, name)


_HEADER: Final = frozenset(
    expanded(name).value
    for name in (
        "dcterms:date",
        "dcterms:isPartOf",
        "org:memberOf",
        "rj:describedAs",
        "rj:jurisdiction",
        "rj:kind",
        "rj:regionalGroup",
        "rj:represents",
        "rj:unStatus",
        "skos:broader",
        "skos:definition",
        "skos:related",
    )
)
"""Properties of a thing that stand under its name, because they say what it is."""

_DERIVED_OWN: Final = frozenset(
    namespaces.RJ + name for name in ("raisedConcern", "recommendedOn", "asserted", "identity")
)


@dataclass(frozen=True)
class Role:
    """A role in which somebody spoke, as the document has it, and the first statement in it."""

    words: Literal
    statement: Resource

    @property
    def when(self) -> str:
        """The time of that statement (EDTF), empty if it has none: a role is held at a time."""
        return _year(self.statement) if self.statement.text("dcterms:date") else ""

    def dated(self, messages: Messages) -> Literal:
        """Return the role with that time in words."""
        when = messages.date(self.when)
        return Literal(f"{self.words.value} ({when})", language=self.words.language) if when else self.words


def roles(person: Resource, said: Iterable[str]) -> tuple[Role, ...]:
    """Return the roles in which a person spoke, each with the earliest statement in it."""
    found: dict[str, Role] = {}
    statements = sorted(map(person.reader.resource, said), key=lambda it: (it.text("rj:earliest"), it.iri))
    for statement in statements:
        if person in statement.objects("rj:speaker"):
            for words in statement.literals("rj:roleAsStated"):
                found.setdefault(words.value, Role(words, statement))
    return tuple(found.values())


@dataclass(frozen=True)
class SpokenFor:
    """For whom somebody spoke, and when the statements were made; without a date, the `documents` that say it."""

    agents: tuple[Resource, ...]
    times: tuple[str, ...]
    documents: tuple[Resource, ...]


def spoken_for(agent: Resource, said: Iterable[str]) -> SpokenFor | None:
    """Return for whom a person or delegation spoke and when: a role is held at a time, and the data say no more."""
    agents = by_label(agent.objects("rj:represents"))
    if not agents:
        return None
    own = [it for it in map(agent.reader.resource, said) if agent in it.objects("rj:speaker")]
    times = tuple(sorted({_year(it) for it in own if it.text("dcterms:date")}, key=lambda it: it.lstrip("./")))
    documents = () if times else by_label(passage.document for passage in agent.objects("rj:anchor"))
    return SpokenFor(agents, times, documents)


def _year(statement: Resource) -> str:
    """Return the year of a statement or, if it may be of several years, its date (EDTF)."""
    first, last = (statement.text(name)[:4] for name in ("rj:earliest", "rj:latest"))
    return first if first == last else statement.text("dcterms:date")


def _raisers(entities: Entities, raised: Iterable[str]) -> tuple[tuple[Resource, Tally], ...]:
    """Return the organisations and persons that raised something, by name; States are on the map."""
    found = {entities.reader.resource(iri): tally for iri, tally in entities.raisers(raised).items()}
    return tuple((agent, found[agent]) for agent in by_label(it for it in found if not it.is_a("rj:State")))


@dataclass(frozen=True)
class Entries:
    """The entries of one person or organisation, and the rows of mapping files that join them."""

    members: tuple[Resource, ...]
    rows: tuple[Resource, ...]

    @property
    def reviewers(self) -> tuple[Resource, ...]:
        """Who reviewed the rows, by name."""
        return by_label({who for row in self.rows for who in row.objects("sssom:reviewer_id")})

    @property
    def is_self_reviewed(self) -> bool:
        """Return whether a row was reviewed by nobody but whoever proposed it."""
        return any({*row.objects("sssom:reviewer_id")} <= {*row.objects("pav:authoredBy")} for row in self.rows)


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
    return bool(relation and relation.iri == namespaces.SCHEMA + "sameAs" and confirmed)


def _reviews(resource: Resource) -> tuple[tuple[Resource, TruncatedList[Resource]], ...]:
    """Return the reviews of a State and other proceedings that concern it, each with its reports and records."""
    found = {*resource.subjects("rj:underReview"), *resource.subjects("rj:stateConcerned")}
    return tuple((it, TruncatedList.of(_documents(it))) for it in _by_date(found))


def _by_date(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """Return each of the things once, by date."""
    # EDTF dates of sessions sort as text.
    return tuple(sorted(set(resources), key=lambda it: (it.text("dcterms:date"), it.iri)))


def _documents(resource: Resource) -> tuple[Resource, ...]:
    """Return the reports and records that belong to a proceeding, or that an organisation published."""
    found = {*resource.subjects("rj:inProceeding"), *resource.subjects("dcterms:publisher")}
    # Among them are records, and the reports that dossiers describe.
    return by_label(it.document for it in found if it == it.document.report and kind_of_page(it.document) in DOCUMENTS)


@dataclass(frozen=True)
class Summary:
    """A thing in a list, with what distinguishes it: the numbers of what is said, its roles, dates and documents."""

    it: Resource
    said: SaidTally = NOTHING_SAID
    raised_with: Tally = NOTHING
    raised: Tally = NOTHING
    documents: int = 0
    below: tuple[Summary, ...] = ()
    notes: tuple[tuple[Literal, str], ...] = ()
    also: tuple[Resource, ...] = ()
    """Other entries of the same person or organisation, such as another spelling of the name."""

    @property
    def total(self) -> int:
        """The number of everything that is counted."""
        return self.said.total + self.raised_with.total + self.raised.total

    @property
    def joined_by(self) -> tuple[Resource, ...]:
        """Who reviewed the mappings that join the entries."""
        found = _entries(self.it) if self.also else None
        return found.reviewers if found else ()


def collection_page(renderer: Renderer, entities: Entities, kind: str) -> Page:
    """Return the page that lists the things of a kind that a report mentions, each with a line, and the others."""
    resources = tuple(resource for resource in members(renderer, kind) if not is_affected(resource))
    # Of a State, only what its officials claim may be told.
    spoken = {it.iri for it in resources if kind in DOCUMENTS or is_spoken_of(it) or entities.claims_by(it.iri)}
    # A broader issue of which nothing is said by itself is listed with the narrower ones.
    listed = [it for it in resources if not spoken.isdisjoint(entities.within(it.iri))]
    iri, title = f"{renderer.project.base}{kind}/", renderer.words.gettext(KINDS[kind].plural)
    head = PageMetadata(
        title=title,
        description=renderer.words.gettext("%(title)s in %(site)s.", title=title, site=renderer.project.title),
        iri=iri,
        kind=schema_org.kind_iri("CollectionPage"),
        structured=schema_org.collection(renderer.reader.resource(iri), title),
        alternates=f"{kind}/index" if renderer.reader.is_graph(iri) else None,
    )
    return renderer.page(
        "collection.html",
        f"{kind}/index.html",
        head,
        kind=kind,
        title=title,
        listed=listed,
        heading_of=heading,
        sections=_sections(kind, _summaries(entities, kind, listed)),
        others=[resource for resource in resources if resource not in set(listed)],
        total=len(resources),
        map=tile_map(entities, entities.raisers(entities.concerns.all)) if kind == "state" else None,
    )


def _summaries(entities: Entities, kind: str, listed: Iterable[Resource]) -> list[Summary]:
    """Return the things with their numbers, those below another thing of the list in its entry."""
    resources = {it.iri: it for it in listed}
    joined = _joined(entities, resources)

    def summary(iri: str, above: tuple[str, ...] = ()) -> Summary:
        below = [it for it in entities.below(iri) if it in resources and it not in above]
        summaries = tuple(summary(it, (*above, iri)) for it in below)
        return _summary(entities, kind, resources[iri], summaries, joined.get(iri, ()))

    return [summary(iri) for iri in resources if iri in joined and resources.keys().isdisjoint(entities.above(iri))]


def _joined(entities: Entities, resources: Mapping[str, Resource]) -> dict[str, tuple[Resource, ...]]:
    """Return the things that stand in a list, each with further entries of the same person or organisation.

    The entry that says most stands for all; between equal ones, the first by name.
    """
    found: dict[str, tuple[Resource, ...]] = {}
    for iri in resources:
        same = [it for it in entities.same(iri) if it in resources]
        same.sort(key=lambda it: (-len(entities.said_by(it)), resources[it].label.value.casefold(), it))
        found[same[0]] = tuple(resources[it] for it in same[1:])
    return found


def _summary(
    entities: Entities, kind: str, resource: Resource, below: tuple[Summary, ...], also: tuple[Resource, ...] = ()
) -> Summary:
    iri = resource.iri
    entries = (resource, *also)
    notes = tuple(dict.fromkeys(words for entry in entries for words in _notes(kind, entry, entities)))
    if kind in AGENTS:

        def united(of: Callable[[str], Iterable[str]]) -> set[str]:
            return {found for entry in entries for found in of(entry.iri)}

        raised, raised_with = entities.tally(united(entities.raised_by)), entities.tally(united(entities.raised_with))
        documents, said = len(united(entities.published_by)), entities.said(united(entities.claims_by))
        return Summary(resource, said, raised_with, raised, documents, notes=notes, also=also)
    raised = entities.tally({*entities.raised_about(iri), *entities.raised_in(iri)})
    claims = {*entities.claims_about(iri), *entities.expressed(entities.statements_in(iri))}
    return Summary(resource, entities.said(claims), raised=raised, below=by_size(below), notes=notes)


def by_size(summaries: Iterable[Summary]) -> tuple[Summary, ...]:
    """Return the issues or laws, those of which most is said first."""
    return tuple(sorted(summaries, key=lambda it: (-it.total, it.it.label.value.casefold())))


def _notes(kind: str, resource: Resource, entities: Entities) -> tuple[tuple[Literal, str], ...]:
    """Return the words that say what a thing in a list is, each with the time of which they are said (EDTF), if any."""
    if kind == "report":
        return tuple((title, "") for title in resource.report.literals("dcterms:title"))
    if kind == "person":
        return tuple((role.words, role.when) for role in roles(resource, entities.said_by(resource.iri)))
    # Organisations stand under headings by kind.
    return tuple((it.label, "") for it in resource.objects("rj:kind")) if kind != "organisation" else ()


def _sections(kind: str, summaries: list[Summary]) -> list[tuple[Resource | str | None, tuple[Summary, ...]]]:
    """Return the things under headings, in the order in which one looks for them.

    No heading ranks persons: they stand under their States, by name.
    """
    if kind == "state":
        spoken = tuple(it for it in summaries if it.said.total or it.raised_with.total)
        raised = tuple(it for it in summaries if it not in spoken and it.raised.total)
        others = tuple(it for it in summaries if not it.total)
        found = [("spoken", by_size(spoken)), ("raised", raised), ("named", others)]
        return [(name, members) for name, members in found if members]
    if kind == "issue":
        return [(None, by_size(summaries))]
    if kind in ("person", "organisation", "provision"):
        return _by_heading(summaries, *_HEADINGS[kind])
    return [(None, tuple(sorted(summaries, key=lambda it: it.it.report.text("dcterms:date"), reverse=True)))]


_HEADINGS: Final = {
    "person": ("rj:represents",),
    "organisation": ("rj:kind",),
    "provision": ("rj:jurisdiction", "rj:kind"),
}
"""The properties whose values are headings in the list of a kind: the first that a thing has."""


def _office(it: Resource) -> Resource | None:
    """Return the body in which a person held office who spoke for no State, and the class of a delegation."""
    if it.is_a("rj:Delegation"):  # which has no kind
        return kind_of(it)
    bodies = {body for statement in it.subjects("rj:speaker") for body in statement.objects("rj:roleIn")}
    return next(iter(by_label(bodies)), None)


def _by_heading(summaries: Iterable[Summary], *names: str) -> list[tuple[Resource | str | None, tuple[Summary, ...]]]:
    found: dict[Resource | None, list[Summary]] = defaultdict(list)
    for summary in summaries:
        values = filter(None, map(summary.it.value, names))
        found[next(values, None) or _office(summary.it)].append(summary)
    headings = [*by_label(it for it in found if it), *(it for it in found if it is None)]
    return [(it, tuple(found[it])) for it in headings]


@dataclass(frozen=True)
class Tile:
    """The square of a State, at a place in its group, with what the State raised."""

    state: Resource
    code: str
    place: int
    tally: Tally

    @property
    def x(self) -> int:
        """The left edge, in pixels."""
        return self.place % TILE_COLUMNS * TILE_PITCH

    @property
    def y(self) -> int:
        """The upper edge, in pixels."""
        return self.place // TILE_COLUMNS * TILE_PITCH

    @property
    def shade(self) -> int:
        """The shade of the square, from 1 for one concern or recommendation to 3 for five and more."""
        return 1 if self.tally.total < 2 else 2 if self.tally.total < 5 else 3


@dataclass(frozen=True)
class TileGroup:
    """A regional group and the squares of its States, by code; without a label for States in no group."""

    name: str
    label: Literal | None
    tiles: tuple[Tile, ...]

    @property
    def marked(self) -> tuple[Tile, ...]:
        """The squares of the States that raised something."""
        return tuple(tile for tile in self.tiles if tile.tally.total)

    @property
    def blank(self) -> tuple[Tile, ...]:
        """The squares of the others."""
        return tuple(tile for tile in self.tiles if not tile.tally.total)

    @property
    def height(self) -> int:
        """The height of the drawing, in pixels."""
        return (len(self.tiles) + TILE_COLUMNS - 1) // TILE_COLUMNS * TILE_PITCH - (TILE_PITCH - TILE_SIDE)


@dataclass(frozen=True)
class TileMap:
    """All States by regional group, and how much each raised."""

    groups: tuple[TileGroup, ...]

    @property
    def marked(self) -> tuple[tuple[TileGroup, Tile], ...]:
        """The States that raised something, by name, each with its group."""
        found = {tile.state: (group, tile) for group in self.groups for tile in group.marked}
        return tuple(found[state] for state in by_label(found))

    @property
    def states(self) -> int:
        """The number of all States."""
        return sum(len(group.tiles) for group in self.groups)


def tile_map(entities: Entities, raised: Mapping[str, Tally]) -> TileMap | None:
    """Return the map of how much each State raised, or None if no State raised anything."""
    # Most pages have no map: whether one of a few is a State is read faster than all States.
    if not any(entities.reader.is_of_class(iri, "rj:State") for iri in raised):
        return None
    return TileMap(tuple(_group(group, states, raised) for group, states in entities.regions))


def _group(group: Resource | None, states: Iterable[tuple[str, Resource]], raised: Mapping[str, Tally]) -> TileGroup:
    tiles = (Tile(state, code, n, raised.get(state.iri, NOTHING)) for n, (code, state) in enumerate(states))
    return TileGroup(group.fragment if group else "others", group.label if group else None, tuple(tiles))
