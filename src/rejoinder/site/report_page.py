"""The page of a report: claims with the evidence on them, concerns by State, timeline, and evidence without a source.

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
from rejoinder.site.claims import Grounds, kind_of, timeline
from rejoinder.site.render import Page, PageMetadata, Renderer, heading
from rejoinder.site.resource import Resource, by_label, by_position
from rejoinder.validation.source_text import source_text

DIGEST: Final = "schema:sha256"
_SUFFIX: Final = ".txt"
_CONTEXT: Final = 80
"""The number of characters shown before and after a passage."""
_CLAIMS: Final = ("rj:hasClaim", "rj:hasAdmission", "rj:hasPromise")
_FIRST: Final = ("Statement", "Evidence", "Concern", "Recommendation", "Approval", "Position", "Assessment")
"""The kinds of things that the page lists first."""
_SHORT: Final = 4
"""The most letters of a name that stands upright above a column of the matrix."""


def report_page(renderer: Renderer, report: Resource) -> Page:
    """Return the page of the report."""
    label = report.label.value
    head = PageMetadata(
        title=label,
        description=f"{label}: each claim with what contradicts, qualifies or supports it, and who raised what.",
        iri=report.iri,
        kind=schema_org.kind_iri("Dataset"),
        structured=schema_org.dossier(report, renderer.project),
        alternates=renderer.stem(report),
        authors=tuple(editor.iri for editor in report.objects("rj:editor")),
        describes=report.report.iri,
    )
    parts = _contained(report)
    claims = site_claims.on_page(claim for name in _CLAIMS for claim in report.objects(name))
    repeated = site_claims.on_page(_repeated(report))
    outgoing = _outgoing(report)
    exhortations = by_position(report.objects("rj:hasExhortation"))
    evidence = report.objects("rj:hasEvidence")
    passages = sorted(report.objects("rj:hasPassage"), key=lambda passage: (passage.number("oa:start"), passage.iri))
    title, text = report.report.literal("dcterms:title"), text_of(renderer.project, report)
    shown = {*_shown_with(claims), *(relation.link for relation in outgoing), *exhortations}
    return renderer.page(
        "report.html",
        f"{renderer.stem(report)}.html",
        head,
        report=report,
        groups=site_claims.grouped(claims),
        counts=site_claims.counts(relation for item in claims for relation in item.own),
        cited=site_claims.counts(relation for item in claims for relation in item.relations if relation.is_elsewhere),
        repeated=repeated,
        outgoing=site_claims.by_bearing(outgoing),
        exhortations=exhortations,
        grid=_matrix([*report.objects("rj:hasConcern"), *report.objects("rj:hasRecommendation")]),
        has_open_list=has_open_list,
        years=timeline([report.report, *parts, *report.report.objects("rj:inProceeding")]),
        evidence=evidence,
        unsourced=_without_footnote(evidence),
        sections=_sections(parts, shown),
        cited_by_paragraph=any(it.text("rj:paragraph") or it.text("rj:page") for it in passages),
        passages=[(passage, passage.subjects("rj:anchor")) for passage in passages],
        quotes=quotes(text, passages) if text else {},
        # Many publishers do not allow copies of their texts, so a page must also work without.
        stretches=tuple(_stretches(text, passages)) if text else (),
        language_of_text=(title and title.language) or "",
    )


def _contained(report: Resource) -> tuple[Resource, ...]:
    """Return the fragments that the report lists, in the order of the text."""
    # By any property, even unknown ones, so that every fragment has an element on the page. The report has its head.
    parts = {value for _, value in report.reader.statements(report.iri) if isinstance(value, Resource)}
    return by_position(part for part in parts - {report.report} if part.fragment and part.document == report)


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


def _shown_with(claims: Iterable[site_claims.ClaimOnPage]) -> set[Resource]:
    """Return the claims and all nodes that are shown with them."""
    return {node for item in claims for node in (item.claim, *(found.link for found in item.relations), *item.verdicts)}


def _sections(parts: Iterable[Resource], shown: set[Resource]) -> list[tuple[Resource, Literal, list[Resource]]]:
    """Return the fragments without a place elsewhere on the page, by kind: kind, heading, and things."""
    found: dict[Resource, list[Resource]] = defaultdict(list)
    for part in parts:
        kind = kind_of(part)
        if kind and part not in shown and not part.is_a("rj:Passage"):
            found[kind].append(part)

    def place(kind: Resource) -> tuple[int, str]:
        return _FIRST.index(kind.fragment) if kind.fragment in _FIRST else len(_FIRST), kind.label.value

    return [(kind, heading(kind.label, len(found[kind])), found[kind]) for kind in sorted(found, key=place)]


@dataclass(frozen=True)
class SourceText:
    """The source text of a report, given by the user: its file, the report's IRI, the text and its SHA-256."""

    path: Path
    report: str
    words: str

    @property
    def digest(self) -> str:
        """The SHA-256 of the text."""
        return hashlib.sha256(self.words.encode()).hexdigest()


def texts(project: Project) -> tuple[SourceText, ...]:
    """Return the source texts in the project, by path.

    Raises:
        InputError: one cannot be read.
    """
    return tuple(_text(path, f"{project.base}report/{namespaces.name_of(path.stem)}") for path in _files(project))


def text_of(project: Project, report: Resource) -> SourceText | None:
    """Return the source text of the report if it exists and its checksum is the recorded one."""
    name = report.iri.rpartition("/")[2]
    if report.iri != f"{project.base}report/{name}":
        return None
    path = project.sources / f"{name}{_SUFFIX}"
    if not path.is_file():  # it may be stored with accents decomposed, or with a suffix in capitals
        path = next((each for each in _files(project) if namespaces.name_of(each.stem) == name), path)
    if not path.is_file():
        return None
    # In another edition of the text, the positions would mark wrong words.
    found = _text(path, report.iri)
    return found if found.digest == report.report.text(DIGEST) else None


def _files(project: Project) -> list[Path]:
    """Return the files of source texts by path; suffixes in capitals count."""
    if not project.sources.is_dir():
        return []
    return sorted(path for path in project.sources.iterdir() if path.suffix.lower() == _SUFFIX and path.stem != "")


def _text(path: Path, report: str) -> SourceText:
    try:
        return SourceText(path, report, source_text(path))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError.at(path, None, f"the source text cannot be read: {error}") from error


def stranger(text: SourceText) -> Problem:
    """Return the problem that no report has the name of the text."""
    message = "no report has that name; give the text the name of the dossier of its report, or remove it"
    return Problem(text.path, None, message)


def stale(text: SourceText, recorded: str) -> Problem:
    """Return the problem that the report was read from another text, whose checksum in the graph is `recorded`."""
    message = (
        f"this is not the text that the report report/{text.path.stem} was read from, so its page shows no passages: "
        f"its SHA-256 is {text.digest}, the dossier says {recorded}; "
        "restore the file, or anchor the dossier again"
    )
    return Problem(text.path, None, message)


def _span(text: SourceText, passage: Resource) -> tuple[int, int]:
    return passage.number("oa:start"), min(passage.number("oa:end"), len(text.words))


def quotes(text: SourceText, passages: Iterable[Resource]) -> dict[str, tuple[str, str, str]]:
    """Return for each passage, by IRI, some text before it, its words, and some text after it."""
    found = {}
    for passage in passages:
        start, end = _span(text, passage)
        before, after = text.words[max(0, start - _CONTEXT) : start], text.words[end : end + _CONTEXT]
        # Cut the context at whole words.
        before = f"…{before.partition(' ')[2]}" if start > _CONTEXT else before
        after = f"{after.rpartition(' ')[0]}…" if end + _CONTEXT < len(text.words) else after
        found[passage.iri] = before, text.words[start:end], after
    return found


def _stretches(text: SourceText, passages: Iterable[Resource]) -> Iterator[tuple[str, str]]:
    """Yield the whole text in pieces, each with the fragment of its passage, or "" between passages.

    If two passages overlap, the second is shortened.
    """
    spans = ((*_span(text, passage), passage.fragment) for passage in passages)
    at = 0
    # If two begin at the same place, the longer one comes first.
    for start, end, name in sorted(spans, key=lambda span: (span[0], -span[1], span[2])):
        begin = max(at, start)
        if begin > at:
            yield text.words[at:begin], ""
        yield text.words[begin : max(begin, end)], name
        at = max(at, end)
    if at < len(text.words):
        yield text.words[at:], ""
