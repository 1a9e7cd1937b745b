"""The page of a document that is no report: a record of a review, a scheme of issues, any other graph of a project.

Every fragment of the document is an element of its page, so that a fragment's IRI leads there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rejoinder import names
from rejoinder.site import source, structured
from rejoinder.site.press import Head, Page, Press
from rejoinder.site.things import Thing, by_label, by_position
from rejoinder.store.rdf import NamedNode

_LISTED: Final = frozenset(names.RJ + name for name in ("hasRecommendation", "hasPassage", "hasReview", "hasIssue"))
"""Properties whose values the page lists below."""


@dataclass(frozen=True)
class _Contents:
    """What a document describes: fragments of its own, by their kind, and things that have pages elsewhere."""

    recommendations: tuple[Thing, ...]
    passages: tuple[Thing, ...]
    others: tuple[Thing, ...]
    elsewhere: tuple[Thing, ...]


def document_page(press: Press, graph: str, path: str) -> Page:
    """The page at `path` of the document whose graph is `graph`."""
    it = press.library.thing(graph)
    contents = _contents(it)
    anchored = {passage for thing in contents.recommendations for passage in thing.all("rj:anchor")}
    return press.page(
        "document.html",
        path,
        _head(press, it, path),
        it=it,
        title=_title(it),
        contents=contents,
        responses=_responses(contents.recommendations),
        elsewhere=_LISTED,
        passages=[passage for passage in contents.passages if passage not in anchored],
    )


def _contents(it: Thing) -> _Contents:
    subjects = {quad.subject for quad in source.graph(it.library.store, it.iri)}
    things = [it.library.thing(node.value) for node in subjects if isinstance(node, NamedNode) and node.value != it.iri]
    own = [thing for thing in things if thing.document == it and thing.fragment]
    recommendations = by_position(thing for thing in own if thing.is_a("rj:Recommendation"))
    passages = sorted((thing for thing in own if thing.is_a("rj:Passage")), key=lambda p: (p.number("oa:start"), p.iri))
    return _Contents(
        recommendations=recommendations,
        passages=tuple(passages),
        others=by_label(thing for thing in own if thing not in {*recommendations, *passages}),
        elsewhere=by_label(thing for thing in things if thing.document != it),
    )


def _responses(recommendations: Iterable[Thing]) -> list[tuple[Thing, int]]:
    """How often each response was given, the most frequent first."""
    found = Counter(response for thing in recommendations for response in thing.all("rj:response"))
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0].iri))


def _title(it: Thing) -> str:
    """The document's label, or where it stands."""
    return it.label.value if it.texts("rdfs:label") or it.texts("dcterms:title") else it.short


def _head(press: Press, it: Thing, path: str) -> Head:
    title = _title(it)
    return Head(
        title=title,
        description=f"{title}: what this document of {press.project.title} says.",
        iri=it.iri,
        kind=structured.kind_iri("Dataset"),
        structured=structured.document(it, title, press.project),
        twins=path.removesuffix(".html"),
    )
