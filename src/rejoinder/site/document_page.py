"""Pages of documents other than reports: records, concept schemes and vocabularies.

Every fragment of the document is an element of its page, so that a fragment's IRI leads there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rejoinder import namespaces
from rejoinder.messages import N_
from rejoinder.rdf import graphs
from rejoinder.rdf.terms import NamedNode
from rejoinder.site import schema_org
from rejoinder.site.render import VOCABULARY_ALTERNATES, Page, PageMetadata, Renderer
from rejoinder.site.resource import Resource, by_label, by_position, expanded

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
