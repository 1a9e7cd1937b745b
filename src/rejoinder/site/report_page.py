"""The pages of a report: its claims with what bears on each, who raised what, and when; and all its data.

Every fragment of the report's document is an element of one of its pages (`fragments`), so that its IRI leads there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rejoinder import namespaces
from rejoinder.messages import N_
from rejoinder.site import claims as site_claims
from rejoinder.site import schema_org
from rejoinder.site.citation import Edition, of_dossier, of_published
from rejoinder.site.claims import Grounds, timeline
from rejoinder.site.fragments import MOST_CLAIMS, ReportPages
from rejoinder.site.render import Page, PageMetadata, Renderer, heading
from rejoinder.site.resource import Resource, by_label, by_position

_CLAIMS: Final = ("rj:hasClaim", "rj:hasAdmission", "rj:hasPromise")
_SHORT: Final = 4
"""The most letters of a name that stands upright above a column of the matrix."""
_MOST: Final = 100
"""The most rows of a list, besides claims, that a page shows; the sections of the data pages have all."""
_ALONE: Final = 2
"""The most things of one kind and one date that the timeline names; of more, it says the number."""


def report_page(renderer: Renderer, report: Resource, edition: Edition | None = None) -> Page:
    """Return the page of the report: its claims, who raised what, and the timeline."""
    pages = _pages(renderer, report)
    claims = _of_report(report)
    exhortations = by_position(report.objects("rj:hasExhortation"))
    # By any property, even unknown ones: whatever has a date stands in the timeline.
    parts = {value for _, value in report.reader.statements(report.iri) if isinstance(value, Resource)}
    dated = [*(part for part in parts if part.document == report), *report.report.objects("rj:inProceeding")]
    groups, left = [], MOST_CLAIMS
    for outcome, members in site_claims.grouped(claims):
        groups.append((outcome, members[:left], len(members)))
        left = max(0, left - len(members))
    return renderer.page(
        "report.html",
        f"{pages.stem}.html",
        _head(renderer, report, report.label.value),
        report=report,
        pages=pages,
        groups=groups,
        number=len(claims),
        repeated=site_claims.on_page(_repeated(report))[:MOST_CLAIMS],
        exhortations=exhortations[:MOST_CLAIMS],
        grid=_matrix([*report.objects("rj:hasConcern"), *report.objects("rj:hasRecommendation")]),
        has_open_list=has_open_list,
        heading=heading,
        most_alone=_ALONE,
        years=[(year, _by_day(entries)) for year, entries in timeline(dated)],
        citation=of_dossier(report, renderer.project, renderer.words, edition),
        published=of_published(report, renderer.words),
    )


def data_page(renderer: Renderer, report: Resource, stem: str) -> Page:
    """Return the page at `stem` with data of the report: the first one has what concerns the whole report, too."""
    pages = _pages(renderer, report)
    place = pages.stems.index(stem)
    is_first, number = place == 0, place - len(pages.data)
    is_text = number >= 0
    values: dict[str, object] = {}
    if is_first:
        claims = _of_report(report)
        evidence = report.objects("rj:hasEvidence")
        values = {
            "counts": site_claims.counts(relation for item in claims for relation in item.own),
            "cited": site_claims.counts(it for item in claims for it in item.relations if it.is_elsewhere),
            "outgoing": _outgoing(report)[:_MOST],
            "evidence": evidence,
            "unsourced": _without_footnote(evidence),
            "most": _MOST,
            "contained": frozenset(
                predicate
                for predicate, value in report.reader.statements(report.iri)
                if isinstance(value, Resource) and value.document == report
            ),
        }
    text = renderer.source_text(report.iri) if is_text else None
    begin, end = (*pages.begins, len(text.words))[number : number + 2] if text else (0, 0)
    here = [passage for passage in pages.passages if begin <= passage.number("oa:start") < end]
    title = report.report.literal("dcterms:title")
    message = N_("%(report)s: text") if is_text else N_("%(report)s: all data")
    return renderer.page(
        "report_data.html",
        f"{stem}.html",
        _head(renderer, report, renderer.words.gettext(message, report=report.label.value)),
        report=report,
        pages=pages,
        is_first=is_first,
        is_text=is_text,
        heading=heading,
        sections=() if is_text else pages.data[place],
        stretches=tuple(text.stretches(here, begin, end)) if text else (),
        here_passages=here,
        ordinals={passage.fragment: number for number, passage in enumerate(_passages(pages), 1)},
        language_of_text=(title and title.language) or "",
        next=pages.stems[place + 1] if place + 1 < len(pages.stems) else None,
        names_affected=renderer.affected.speaks_in(report.iri),
        **values,
    )


def _passages(pages: ReportPages) -> tuple[Resource, ...]:
    """Return all passages of the report in the order of its text: they are on the pages with data or with the text."""
    sections = (section for page in pages.data for section in page if section.kind.fragment == "Passage")
    return pages.passages or tuple(part for section in sections for part in section.parts)


def _pages(renderer: Renderer, report: Resource) -> ReportPages:
    pages = renderer.report_pages(report.iri)
    if pages is None:
        raise ValueError(f"{report.iri} has no address on this site")
    return pages


def _head(renderer: Renderer, report: Resource, title: str) -> PageMetadata:
    return PageMetadata(
        title=title,
        description=renderer.words.gettext(
            "%(title)s: each claim with what contradicts, qualifies or supports it, and who raised what.", title=title
        ),
        iri=report.iri,
        kind=schema_org.kind_iri("Dataset"),
        structured=schema_org.dossier(report, renderer.project),
        alternates=renderer.stem(report),
        authors=tuple(editor.iri for editor in report.objects("rj:editor")),
        describes=report.report.iri,
    )


def _of_report(report: Resource) -> tuple[site_claims.ClaimOnPage, ...]:
    return site_claims.on_page(claim for name in _CLAIMS for claim in report.objects(name))


Entry = tuple[str, Resource, Resource | None]
"""What stands in the timeline: its date, itself, and its kind."""


def _by_day(entries: Iterable[Entry]) -> list[tuple[str, Resource | None, tuple[Resource, ...]]]:
    """Return the entries of a year by date and kind, in the order of the dates."""
    found: dict[tuple[str, Resource | None], list[Resource]] = defaultdict(list)
    for date, thing, kind in entries:
        found[date, kind].append(thing)
    return [(date, kind, tuple(things)) for (date, kind), things in found.items()]


def _repeated(report: Resource) -> set[Resource]:
    """Return the claims of other documents that a statement of the report expresses again."""
    expressed = {
        claim for statement in report.objects("rj:hasStatement") for claim in statement.objects("rj:expresses")
    }
    return {claim for claim in expressed if claim.document != report and claim.is_a("rj:Claim")}


def _outgoing(report: Resource) -> tuple[site_claims.RelationToClaim, ...]:
    """Return how the report's evidence and claims bear on claims of other documents.

    These are relations of its own dossier, and of others that begin at its evidence or claims.
    """
    origins = [part for name in ("rj:hasEvidence", *_CLAIMS) for part in report.objects(name)]
    links = {*report.objects("rj:hasRelation"), *(it for origin in origins for it in origin.subjects("rj:from"))}
    found = site_claims.relations(sorted(links, key=lambda link: link.iri))
    return tuple(relation for relation in found if relation.claim.document != report)


@dataclass(frozen=True)
class EvidenceWithoutFootnote:
    """The evidence without a footnote, in groups by what the sentence itself says about its source."""

    groups: tuple[tuple[Grounds, tuple[Resource, ...]], ...]

    @property
    def total(self) -> int:
        """Return the number of pieces of evidence."""
        return sum(len(items) for _, items in self.groups)


def _without_footnote(evidence: Iterable[Resource]) -> EvidenceWithoutFootnote:
    found: dict[Grounds, list[Resource]] = defaultdict(list)
    for item in evidence:
        found[site_claims.grounds(item)].append(item)
    kinds = (kind for kind in Grounds if kind is not Grounds.FOOTNOTE)
    return EvidenceWithoutFootnote(tuple((kind, by_position(found[kind])) for kind in kinds if found[kind]))


@dataclass(frozen=True)
class MatrixRow:
    """An issue, the concerns and recommendations about it, and in `cells` those of each agent."""

    issue: Resource
    concerns: tuple[Resource, ...]
    cells: tuple[tuple[Resource, ...], ...]

    @property
    def is_open(self) -> bool:
        """Return whether the report says that there were others, whom it does not name."""
        return any(map(has_open_list, self.concerns))

    @property
    def named(self) -> int:
        """Return the number of States, organisations and persons that are named with the issue."""
        return sum(bool(cell) for cell in self.cells)


def has_open_list(concern: Resource) -> bool:
    """Return whether the report says that others, whom it does not name, raised the concern as well."""
    listing = concern.value("rj:listing")
    return listing is not None and listing.iri != namespaces.RJ + "ClosedList"


@dataclass(frozen=True)
class MatrixColumn:
    """A State, organisation or person that raised something, with the short name above its column."""

    agent: Resource
    name: str

    @property
    def is_long(self) -> bool:
        """Return whether the name is too long to stand upright above a narrow column."""
        return len(self.name) > _SHORT


@dataclass(frozen=True)
class Matrix:
    """A table of issues by who raised them: a column for each agent, and a row per issue in the order of the text."""

    columns: tuple[MatrixColumn, ...]
    rows: tuple[MatrixRow, ...]

    @property
    def agents(self) -> str:
        """The words that follow the number of columns: States, others who raised something, or both."""
        states = sum(column.agent.is_a("rj:State") for column in self.columns)
        if 0 < states < len(self.columns):
            return "States and others"
        return ("State" if states else "speaker") + ("" if len(self.columns) == 1 else "s")


def _matrix(concerns: Iterable[Resource]) -> Matrix:
    ordered = by_position(concerns)
    agents = by_label(agent for concern in ordered for agent in concern.objects("rj:raisedBy"))
    agents = tuple(sorted(agents, key=lambda agent: not agent.is_a("rj:State")))  # States first, each by name
    about: dict[Resource, list[Resource]] = defaultdict(list)
    for concern in ordered:
        for issue in concern.objects("rj:about"):
            about[issue].append(concern)
    rows = []
    for issue, found in about.items():
        raisers = {concern: frozenset(concern.objects("rj:raisedBy")) for concern in found}
        cells = tuple(tuple(concern for concern in found if agent in raisers[concern]) for agent in agents)
        rows.append(MatrixRow(issue, tuple(found), cells))
    return Matrix(tuple(MatrixColumn(agent, _short_name(agent)) for agent in agents), tuple(rows))


def _short_name(agent: Resource) -> str:
    """Return the code of a State, or the shortest other name of an agent, such as its initials."""
    names = [agent.text("skos:notation"), *(text.value for text in agent.literals("skos:altLabel"))]
    return agent.text("skos:notation") or min(filter(None, (*names, agent.label.value)), key=lambda it: (len(it), it))
