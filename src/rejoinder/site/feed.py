"""The Atom feed of the changes from version to version.

Standard: RFC 4287 (Atom).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rejoinder.site import changes
from rejoinder.site.changes import ChangeSummary
from rejoinder.site.history import VersionEntry
from rejoinder.site.render import Page, Renderer

STEM: Final = "feed"
"""The path of the feed, without its suffix."""
_MEDIA_TYPE: Final = "application/atom+xml"
_ENTRIES: Final = 20
"""The most versions in the feed."""
_SENTENCES: Final = 50
"""The most sentences on the changes of a version; its page has the others."""


def feed(renderer: Renderer, version_entries: Sequence[VersionEntry], updated: str) -> Page:
    """Return the Atom feed, last changed at `updated`: an entry for each of the newest versions."""
    entries = [(entry, *_feed_entry(entry.change_summary)) for entry in reversed(version_entries[-_ENTRIES:])]
    return renderer.document("feed.xml", f"{STEM}.xml", _MEDIA_TYPE, entries=entries, updated=updated)


def _feed_entry(found: ChangeSummary) -> tuple[str, list[tuple[str, list[str]]], int]:
    """Return the changes as text: one sentence, a limited number of sentences by graph, and the number left out."""
    room, shown = _SENTENCES, []
    for graph in found["graphs"]:
        first = graph["sentences"][:room]
        room -= len(first)
        shown.append((changes.text(graph["heading"]), [changes.text(sentence) for sentence in first]))
    total = sum(len(graph["sentences"]) + graph["more"] for graph in found["graphs"])
    return found["summary"], shown, total - (_SENTENCES - room)
