"""The start page: claims that reports contradict, the newest documents, ways into the data, counts, downloads.

What it shows takes seconds to find among a thousand reports, and few changes of the data change it. So it is found
apart from the page, which names version and date and is made anew each time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rejoinder.messages import NN_
from rejoinder.question import Question
from rejoinder.site import claims, metadata, schema_org
from rejoinder.site.claims import ClaimOnPage
from rejoinder.site.entities import Entities, is_affected
from rejoinder.site.metadata import Catalogue
from rejoinder.site.render import Page, PageMetadata, Renderer
from rejoinder.site.resource import GraphReader, Resource, by_label, expanded

STEM: Final = "index"
_MOST, _WAYS = 6, 12
"""The most claims and documents, and the most names of one kind, on the start page."""
_QUESTIONS: Final = (
    "contradicted-claims",
    "claims-and-what-became-of-them",
    "who-raised-what",
    "issues-ranked",
    "contradicted-without-footnote",
    "timeline",
)
"""The questions to which the start page leads."""


@dataclass(frozen=True)
class HomeContents:
    """What the start page shows of the data, by IRI; it can be written as JSON.

    `contradicted` are the first claims that a text itself contradicts. `ways` are names of kinds of things, each with
    the list of all, the first by label, and how many more there are. `issues` are the broadest issues with the number
    of claims on each, the most first. `figures` are counts in the order of `_FIGURES`.
    """

    contradicted: Sequence[str]
    ways: Sequence[tuple[str, str, Sequence[str], int]]
    issues: Sequence[tuple[str, int]]
    figures: Sequence[int]


def home_contents(entities: Entities) -> HomeContents:
    """Return what the start page shows of the data."""
    reader = entities.reader
    return HomeContents(
        contradicted=[item.claim.iri for item in _contradicted(reader)[:_MOST]],
        ways=_ways_in(reader),
        issues=_broadest_issues(entities),
        figures=_figures(entities),
    )


def home_page(
    renderer: Renderer, contents: HomeContents, described: Catalogue, questions: Mapping[str, Question]
) -> Page:
    """Return the page of the data set itself: contents, downloads, and citation."""
    project, resource = renderer.project, renderer.reader.resource
    head = PageMetadata(
        title=project.title,
        description=renderer.words.gettext(metadata.DESCRIPTION),
        iri=project.base,
        kind=schema_org.kind_iri("Dataset"),
        structured=described.schema_org(),
        alternates=STEM,
    )
    cards = {item.claim.iri: item for item in claims.on_page(map(resource, contents.contradicted))}
    return renderer.page(
        "index.html",
        f"{STEM}.html",
        head,
        catalogue=described,
        contradicted=[cards[iri] for iri in contents.contradicted],
        all_contradicted=f"question/{_QUESTIONS[0]}.html" if _QUESTIONS[0] in questions else "",
        documents=_newest(renderer.reader)[:_MOST],
        ways=[(name, path, tuple(map(resource, things)), more) for name, path, things, more in contents.ways],
        issues=[(resource(iri), number) for iri, number in contents.issues],
        most_issues=_WAYS,
        rights=metadata.RIGHTS,
        questions=[questions[name] for name in _QUESTIONS if name in questions] or list(questions.values())[:_MOST],
        figures=[(path, n, *words) for (path, words), n in zip(_FIGURES, contents.figures, strict=True) if n],
    )


def _newest(reader: GraphReader) -> list[Resource]:
    """Return the documents, the newest first."""
    return sorted(reader.of_class("rj:Dossier"), key=_day_and_iri, reverse=True)


def _day_and_iri(document: Resource) -> tuple[str, str]:
    # EDTF dates of publication sort as text. The IRI decides between equal ones, so that each build has one order.
    return document.report.text("dcterms:date"), document.iri


def _contradicted(reader: GraphReader) -> list[ClaimOnPage]:
    """Return the claims that a text itself contradicts, in the order of the documents, the newest first."""
    # Of all connections, only those that are both are read: a thousand reports have thirty thousand.
    explicit, contradicting = (
        frozenset(reader.resource(expanded(kind).value).subjects(name))
        for name, kind in (("rj:basis", "rj:ExplicitBasis"), ("rj:direction", "rj:Contradicting"))
    )
    against = {claim for relation in explicit & contradicting for claim in relation.objects("rj:claim")}
    shown: list[ClaimOnPage] = []
    for document in sorted({claim.document for claim in against}, key=_day_and_iri, reverse=True):
        if len(shown) < _MOST:  # no more than the page shows is read
            found = claims.on_page(claim for claim in against if claim.document == document)
            shown += [item for item in found if item.outcome is claims.ClaimOutcome.CONTRADICTED]
    return shown


def _ways_in(reader: GraphReader) -> list[tuple[str, str, Sequence[str], int]]:
    """Return the ways into the data: name, list of all, and by name the first things of that kind and how many more."""
    proceedings = {it.value("rj:inProceeding") for it in (each.report for each in _newest(reader)[:_MOST])} - {None}
    concerned = {
        state for it in proceedings if it for state in (*it.objects("rj:underReview"), *it.objects("rj:stateConcerned"))
    }
    speakers = tuple(map(reader.resource, reader.values_of("rj:speaker")))
    concerned |= {state for speaker in speakers for state in speaker.objects("rj:represents") if state.is_a("rj:State")}
    found = (
        ("states", "state/index.html", by_label(concerned)),
        (
            "people",
            "person/index.html",
            by_label(it for it in speakers if it.is_a("rj:Person") and not is_affected(it)),
        ),
        ("delegations", "organisation/index.html", by_label(it for it in speakers if it.is_a("rj:Delegation"))),
    )
    return [
        (name, path, [it.iri for it in things[:_WAYS]], max(0, len(things) - _WAYS))
        for name, path, things in found
        if things
    ]


def _broadest_issues(entities: Entities) -> list[tuple[str, int]]:
    """Return the broadest issues, each with the number of claims on it and its narrower ones, the most claims first."""
    reader = entities.reader
    every = {top for iri in reader.column("rj:about").subjects for top in entities.broadest(iri)}
    found = [(reader.resource(iri), len(entities.claims_about(iri))) for iri in every]
    found.sort(key=lambda pair: (-pair[1], pair[0].label.value.casefold(), pair[0].iri))
    return [(issue.iri, number) for issue, number in found]


_FIGURES: Final = (
    ("report/index.html", NN_("report", "reports")),
    ("state/index.html", NN_("State that raised an issue", "States that raised issues")),
    ("organisation/index.html", NN_("other that raised an issue", "others that raised issues")),
    ("issue/index.html", NN_("issue", "issues")),
    ("claim/index.html", NN_("claim", "claims")),
    ("claim/index.html", NN_("admission", "admissions")),
    ("claim/index.html", NN_("promise", "promises")),
    ("evidence/index.html", NN_("piece of evidence", "pieces of evidence")),
    (
        "evidence/index.html?source=none",
        NN_("piece of evidence that names no source", "pieces of evidence that name no source"),
    ),
)
"""The counts: the page to which each leads, and the words for one and for several."""


def _figures(entities: Entities) -> list[int]:
    """Return the counts, see `_FIGURES`."""
    # Counted by IRI only: with labels, every State and every claim would be read.
    reader, said = entities.reader, entities.all_said()
    raising = reader.values_of("rj:raisedBy")
    states = sum(reader.is_of_class(iri, "rj:State") for iri in raising)
    return [
        len(reader.of_class("rj:Dossier")),
        states,
        len(raising) - states,
        len(reader.of_class("rj:Issue")),
        said.claims,
        said.admissions,
        said.promises,
        len(reader.of_class("rj:Evidence")),
        _without_source(reader),
    ]


def _without_source(reader: GraphReader) -> int:
    """Return the number of pieces of evidence for which neither a footnote nor the sentence itself names a source."""
    names = "rj:kind", "rj:footnote", "rj:provision", "prov:wasAttributedTo", "foaf:primaryTopic", "dcterms:publisher"
    kinds, notes, laws, attributed, topics, publishers = (reader.column(name).values for name in names)
    found = 0
    for evidence in reader.of_class("rj:Evidence"):
        own = {kind.rpartition("#")[2] for kind in kinds.get(evidence.iri, ())}
        reports = topics.get(evidence.document.iri, (evidence.document.iri,))
        publishing = {who for report in reports for who in publishers.get(report, ())}
        by_others = not publishing.issuperset(attributed.get(evidence.iri, ()))
        grounds = claims.grounds_by(own, evidence.iri in notes, by_others, evidence.iri in laws)
        found += grounds is claims.Grounds.NONE
    return found
