"""The pages of versions: a list of all, and for each what came, went and changed, in words; and the feed of them.

Standards: RFC 5829, link relations between versions; RFC 4287, Atom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rejoinder.site import told
from rejoinder.site.distributions import DUMPS
from rejoinder.site.history import Past
from rejoinder.site.press import Head, Page, Press
from rejoinder.site.structured import kind_iri
from rejoinder.site.told import ToldGraph

FEED: Final = "application/atom+xml"
_ENTRIES: Final = 20
_SENTENCES: Final = 50


def list_page(press: Press, pasts: Sequence[Past]) -> Page:
    """The page that lists the versions, newest first."""
    iri, title = f"{press.project.base}version/", "Versions"
    head = Head(
        title=title,
        description=f"Every version of {press.project.title} that is kept, with its data as they were.",
        iri=iri,
        kind=kind_iri("CollectionPage"),
        structured={"@context": "https://schema.org", "@type": "CollectionPage", "@id": iri, "name": title},
        twins="version/index",
    )
    return press.page("versions.html", "version/index.html", head, pasts=pasts[::-1], first=pasts[0] if pasts else None)


def version_page(press: Press, past: Past) -> Page:
    """The page of a version: what changed since the one before, and its data as they were."""
    path, number = f"{past.stem}/index.html", past.manifest.number
    head = Head(
        title=f"Version {number}",
        description=f"Version {number} of {press.project.title}: what changed, and the data as they were.",
        iri=past.iri,
        kind=kind_iri("Dataset"),
        structured={
            "@context": "https://schema.org",
            "@type": "Dataset",
            "@id": past.iri,
            "name": f"{press.project.title}, version {number}",
            "description": f"What {press.project.title} said in version {number}.",
            "version": str(number),
            "datePublished": past.manifest.created,
            "license": press.project.license,
            "creator": {"@type": "Organization", "name": press.project.publisher},
            "isPartOf": {"@type": "Dataset", "@id": press.project.base, "name": press.project.title},
        },
        twins=f"{past.stem}/index",
    )
    entries = [(press.library.thing(entry.iri), past.graph_stem(entry), entry) for entry in past.manifest.graphs]
    found = past.told
    said = (words for graph in found.graphs for words in (graph.heading, *graph.sentences))
    known = {word.iri for words in said for word in words if word.iri}
    return press.page(
        "version.html",
        path,
        head,
        past=past,
        told=found,
        entries=entries,
        dumps=[f"{past.stem}/{name}" for name in DUMPS],
        here_still={iri for iri in known if press.library.thing(iri).types},
    )


@dataclass(frozen=True)
class Entry:
    """A version in the feed."""

    past: Past
    summary: str
    graphs: tuple[tuple[str, tuple[str, ...]], ...]
    more: int


def feed(press: Press, pasts: Sequence[Past], updated: str) -> Page:
    """The feed of changes, last changed at `updated`: an entry for each of the newest versions."""
    entries = [_entry(past) for past in reversed(pasts[-_ENTRIES:])]
    return press.document("feed.xml", "feed.xml", FEED, entries=entries, updated=updated)


def _entry(past: Past) -> Entry:
    """A version in words; of a long list of changes its beginning."""
    found = past.told
    room, shown = _SENTENCES, []
    for graph in found.graphs:
        first = graph.sentences[:room]
        room -= len(first)
        shown.append((told.text(graph.heading), tuple(map(told.text, first))))
    return Entry(past, found.summary, tuple(shown), sum(map(_length, found.graphs)) - (_SENTENCES - room))


def _length(graph: ToldGraph) -> int:
    return len(graph.sentences) + graph.more
