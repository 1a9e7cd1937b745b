"""The pages of the vocabulary and of the shapes: every term an element of one page, so that its IRI leads there."""

from __future__ import annotations

from typing import Final

from rejoinder import names
from rejoinder.site import source, structured
from rejoinder.site.press import Head, Page, Press
from rejoinder.site.things import Thing, by_label, expanded
from rejoinder.store.rdf import NamedNode

_SHOWN: Final = ("skos:definition", "skos:example", "rdfs:comment", "rdfs:isDefinedBy", "dcterms:description")
_HEADINGS: Final = (
    ("Classes", "owl:Class"),
    ("Relations", "owl:ObjectProperty"),
    ("Attributes", "owl:DatatypeProperty"),
    ("Values", "owl:NamedIndividual"),
    ("Shapes", "sh:NodeShape"),
)


def vocabulary_page(press: Press, graph: str, path: str) -> Page:
    """The page at `path` of the ontology or the shapes in `graph`."""
    it = press.library.thing(graph)
    title = it.label.value if it.texts("dcterms:title") or it.texts("rdfs:label") else names.compact(graph, {})
    head = Head(
        title=title,
        description=it.words("dcterms:description") or title,
        iri=graph,
        kind=structured.kind_iri("DefinedTermSet"),
        structured=structured.described(it, "DefinedTermSet"),
        twins=press.stem(it),
    )
    hidden = frozenset(expanded(name).value for name in _SHOWN)
    groups = _grouped(_terms(press, graph))
    return press.page("vocabulary.html", path, head, it=it, title=title, groups=groups, elsewhere=hidden)


def _terms(press: Press, graph: str) -> tuple[Thing, ...]:
    """Everything that the graph describes and that is a fragment of it."""
    subjects = {quad.subject for quad in source.graph(press.library.store, graph)}
    iris = (term.value for term in subjects if isinstance(term, NamedNode))
    return by_label(press.library.thing(iri) for iri in iris if iri.startswith(graph + "#"))


def _grouped(terms: tuple[Thing, ...]) -> list[tuple[str, list[Thing]]]:
    found: dict[str, list[Thing]] = {heading: [] for heading in (*dict(_HEADINGS), "Other terms")}
    for term in terms:
        heading = next((heading for heading, kind in _HEADINGS if term.is_a(kind)), "Other terms")
        found[heading].append(term)
    return [(heading, members) for heading, members in found.items() if members]
