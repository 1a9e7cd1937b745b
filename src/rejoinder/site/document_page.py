"""Pages of documents other than reports: records, concept schemes, vocabularies, and the data set itself.

Every fragment of the document is an element of its page, so that a fragment's IRI leads there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from rejoinder import namespaces
from rejoinder.messages import N_, NN_
from rejoinder.questions.question import Question
from rejoinder.rdf import graphs
from rejoinder.rdf.terms import NamedNode
from rejoinder.site import claims, metadata, schema_org
from rejoinder.site.claims import ClaimOnPage
from rejoinder.site.entities import Entities, is_affected
from rejoinder.site.metadata import Catalogue
from rejoinder.site.render import VOCABULARY_ALTERNATES, Page, PageMetadata, Renderer
from rejoinder.site.resource import GraphReader, Resource, by_label, by_position, expanded

_SHOWN: Final = (
    "dcterms:description",
    "dcterms:isReplacedBy",
    "owl:deprecated",
    "owl:priorVersion",
    "rdfs:comment",
    "rdfs:isDefinedBy",
    "skos:definition",
    "skos:example",
)
_HEADINGS: Final = (
    (N_("Classes"), "owl:Class"),
    (N_("Relations"), "owl:ObjectProperty"),
    (N_("Attributes"), "owl:DatatypeProperty"),
    (N_("Values"), "owl:NamedIndividual"),
    (N_("Shapes"), "sh:NodeShape"),
)


_WITHDRAWN: Final = N_("Withdrawn terms")
_OTHERS: Final = N_("Other terms")
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


def vocabulary_page(renderer: Renderer, graph: str, path: str) -> Page:
    """Return the page at `path` of the ontology or the shapes in `graph`."""
    it = renderer.reader.resource(graph)
    title = (
        it.label.value if it.literals("dcterms:title") or it.literals("rdfs:label") else namespaces.compact(graph, {})
    )
    head = PageMetadata(
        title=title,
        description=it.text("dcterms:description") or title,
        iri=graph,
        kind=schema_org.kind_iri("DefinedTermSet"),
        structured=schema_org.described(it, "DefinedTermSet"),
        alternates=renderer.stem(it),
        syntaxes=VOCABULARY_ALTERNATES,
    )
    hidden = frozenset(expanded(name).value for name in _SHOWN)
    groups = _grouped(_terms(renderer, graph))
    return renderer.page("vocabulary.html", path, head, it=it, title=title, groups=groups, elsewhere=hidden)


def is_withdrawn(term: Resource) -> bool:
    """Return whether a term of a vocabulary is described only for data of earlier versions."""
    return term.text("owl:deprecated") == "true"


def _terms(renderer: Renderer, graph: str) -> tuple[Resource, ...]:
    """Return the terms that the graph describes, which are fragments of it."""
    subjects = {quad.subject for quad in graphs.statements(renderer.reader.store, graph)}
    iris = (term.value for term in subjects if isinstance(term, NamedNode))
    return by_label(renderer.reader.resource(iri) for iri in iris if iri.startswith(graph + "#"))


def _grouped(terms: tuple[Resource, ...]) -> list[tuple[str, list[Resource]]]:
    found: dict[str, list[Resource]] = {heading: [] for heading in (*dict(_HEADINGS), _OTHERS, _WITHDRAWN)}
    for term in terms:
        heading = next((heading for heading, kind in _HEADINGS if term.is_a(kind)), _OTHERS)
        found[_WITHDRAWN if is_withdrawn(term) else heading].append(term)
    return [(heading, members) for heading, members in found.items() if members]


_LISTED: Final = frozenset(
    (
        *(namespaces.RJ + name for name in ("hasRecommendation", "hasPassage", "hasReview", "hasIssue")),
        namespaces.SSSOM + "mappings",
    )
)
"""Properties whose values are listed further down the page."""
_LONG: Final = 200
"""With more recommendations, a page has the links to issues and responses once, above the table, and stays small."""


@dataclass(frozen=True)
class _Contents:
    """The contents of a document: its own fragments by kind, and things with pages elsewhere."""

    recommendations: tuple[Resource, ...]
    passages: tuple[Resource, ...]
    others: tuple[Resource, ...]
    elsewhere: tuple[Resource, ...]


def document_page(renderer: Renderer, graph: str, path: str) -> Page:
    """Return the page at `path` of the document whose graph is `graph`."""
    it = renderer.reader.resource(graph)
    contents = _contents(it)
    anchored = {passage for resource in contents.recommendations for passage in resource.objects("rj:anchor")}
    return renderer.page(
        "document.html",
        path,
        _head(renderer, it, path),
        it=it,
        title=_title(it),
        contents=contents,
        responses=_counted(contents.recommendations, "rj:response"),
        issues=_counted(contents.recommendations, "rj:about") if len(contents.recommendations) > _LONG else [],
        elsewhere=_LISTED,
        # An imported row is shown with its recommendation, so only other passages are listed.
        passages=[passage for passage in contents.passages if passage not in anchored],
    )


def _contents(it: Resource) -> _Contents:
    subjects = {quad.subject for quad in graphs.statements(it.reader.store, it.iri)}
    resources = [
        it.reader.resource(node.value) for node in subjects if isinstance(node, NamedNode) and node.value != it.iri
    ]
    own = [resource for resource in resources if resource.document == it and resource.fragment]
    recommendations = by_position(resource for resource in own if resource.is_a("rj:Recommendation"))
    passages = sorted(
        (resource for resource in own if resource.is_a("rj:Passage")), key=lambda p: (p.number("oa:start"), p.iri)
    )
    listed = {*recommendations, *passages}
    return _Contents(
        recommendations=recommendations,
        passages=tuple(passages),
        others=by_label(resource for resource in own if resource not in listed),
        elsewhere=by_label(resource for resource in resources if resource.document != it),
    )


def _counted(recommendations: Iterable[Resource], name: str) -> list[tuple[Resource, int]]:
    """Return each value of a property and the number of recommendations that have it, the most frequent first."""
    found = Counter(value for resource in recommendations for value in resource.objects(name))
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0].iri))


def _title(it: Resource) -> str:
    """Return the document's label, or its path if it has none."""
    return it.label.value if it.literals("rdfs:label") or it.literals("dcterms:title") else it.short


def _head(renderer: Renderer, it: Resource, path: str) -> PageMetadata:
    title = _title(it)
    return PageMetadata(
        title=title,
        description=renderer.words.gettext(
            "%(title)s: what this document of %(site)s says.", title=title, site=renderer.project.title
        ),
        iri=it.iri,
        kind=schema_org.kind_iri("Dataset"),
        structured=schema_org.document(it, title, renderer.project),
        alternates=path.removesuffix(".html"),
        licences=schema_org.licences(it),
    )


def home_page(renderer: Renderer, entities: Entities, described: Catalogue, questions: Mapping[str, Question]) -> Page:
    """Return the page of the data set itself: contents, downloads, and citation."""
    project = renderer.project
    head = PageMetadata(
        title=project.title,
        description=renderer.words.gettext(metadata.DESCRIPTION),
        iri=project.base,
        kind=schema_org.kind_iri("Dataset"),
        structured=described.schema_org(),
        alternates="index",
    )
    return renderer.page(
        "index.html",
        "index.html",
        head,
        catalogue=described,
        contradicted=_contradicted(renderer.reader)[:_MOST],
        all_contradicted=f"question/{_QUESTIONS[0]}.html" if _QUESTIONS[0] in questions else "",
        documents=_newest(renderer.reader)[:_MOST],
        ways=_ways_in(renderer.reader),
        issues=_broadest_issues(entities),
        most_issues=_WAYS,
        rights=metadata.RIGHTS,
        questions=[questions[name] for name in _QUESTIONS if name in questions] or list(questions.values())[:_MOST],
        figures=[figure for figure in _figures(entities) if figure[1]],
    )


def _newest(reader: GraphReader) -> list[Resource]:
    """Return the documents, the newest first."""
    # EDTF dates of publication sort as text.
    dossiers = reader.of_class("rj:Dossier")
    return sorted(dossiers, key=lambda it: (it.report.text("dcterms:date"), it.iri), reverse=True)


def _contradicted(reader: GraphReader) -> list[ClaimOnPage]:
    """Return the claims that a text itself contradicts, in the order of the documents, the newest first."""
    explicit = reader.resource(expanded("rj:ExplicitBasis").value).subjects("rj:basis")
    against = {
        claim
        for relation in explicit
        if any(way.fragment == "Contradicting" for way in relation.objects("rj:direction"))
        for claim in relation.objects("rj:claim")
    }
    newest = sorted({claim.document for claim in against}, key=lambda it: it.report.text("dcterms:date"), reverse=True)
    shown: list[ClaimOnPage] = []
    for document in newest:
        if len(shown) < _MOST:  # no more than the page shows is read
            found = claims.on_page(claim for claim in against if claim.document == document)
            shown += [item for item in found if item.outcome is claims.ClaimOutcome.CONTRADICTED]
    return shown


def _ways_in(reader: GraphReader) -> list[tuple[str, str, tuple[Resource, ...], int]]:
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
    )
    return [(name, path, things[:_WAYS], max(0, len(things) - _WAYS)) for name, path, things in found if things]


def _broadest_issues(entities: Entities) -> list[tuple[Resource, int]]:
    """Return the broadest issues, each with the number of claims on it and its narrower ones, the most claims first."""
    every = {top for iri in entities.reader.values_of("rj:about") for top in entities.broadest(iri)}
    found = [(entities.reader.resource(iri), len(entities.claims_about(iri))) for iri in every]
    return sorted(found, key=lambda pair: (-pair[1], pair[0].label.value.casefold(), pair[0].iri))


def _figures(entities: Entities) -> list[tuple[str, int, str, str]]:
    """Return counts for the start page: page, number, and the words for one and for several."""
    # Counted by IRI only: with labels, every State and every claim would be read.
    reader, said = entities.reader, entities.said(entities.claims)
    raising = reader.values_of("rj:raisedBy")
    states = sum(reader.is_of_class(iri, "rj:State") for iri in raising)

    evidence = len(reader.of_class("rj:Evidence"))
    return [
        ("report/index.html", len(reader.of_class("rj:Dossier")), *NN_("report", "reports")),
        ("state/index.html", states, *NN_("State that raised an issue", "States that raised issues")),
        (
            "organisation/index.html",
            len(raising) - states,
            *NN_("other that raised an issue", "others that raised issues"),
        ),
        ("issue/index.html", len(reader.of_class("rj:Issue")), *NN_("issue", "issues")),
        ("claim/index.html", said.claims, *NN_("claim", "claims")),
        ("claim/index.html", said.admissions, *NN_("admission", "admissions")),
        ("claim/index.html", said.promises, *NN_("promise", "promises")),
        ("evidence/index.html", evidence, *NN_("piece of evidence", "pieces of evidence")),
        (
            "evidence/index.html?source=none",
            _without_source(reader),
            *NN_("piece of evidence that names no source", "pieces of evidence that name no source"),
        ),
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
