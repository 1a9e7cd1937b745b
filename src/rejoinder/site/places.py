"""Where a passage stands, as pages say it: the paragraph or page of the document, else its character positions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rejoinder.site.resource import Resource


@dataclass(frozen=True)
class Place:
    """A passage and the words for where it stands; `is_position` says that they are character positions."""

    passage: Resource
    words: str
    is_position: bool


def places(passages: Iterable[Resource], home: Resource) -> tuple[Place, ...]:
    """Return the places of the passages in the order of the text, each words once; `home` is the document at hand.

    The first place of a document begins with the document's symbol or, in another document than `home`, with its name.
    """
    found: dict[tuple[Resource, str], Place] = {}
    ordered = sorted(passages, key=lambda it: (it.document != home, it.document.iri, it.number("oa:start"), it.iri))
    for passage in ordered:
        document, where = passage.document, _cited(passage)
        words = where or f"{passage.text('oa:start')}–{passage.text('oa:end')}"
        if (document, words) in found:
            continue
        # Other places of the document may come before the first one with a paragraph, and have no symbol.
        known = [place for (other, _), place in found.items() if other == document]
        symbol = document.report.text("rj:symbol") if where and all(place.is_position for place in known) else ""
        name = symbol or ("" if known or document == home else document.label.value)
        shown = f"{name}, {words}" if name else words
        found[document, words] = Place(passage, shown, is_position=not where)
    return tuple(found.values())


def _cited(passage: Resource) -> str:
    """Return the paragraph or, without one, the page of a passage, as citations write it; empty if it has neither."""
    paragraph, page = (passage.text(name).replace("-", "–") for name in ("rj:paragraph", "rj:page"))
    if paragraph:
        return f"{'paras.' if '–' in paragraph else 'para.'} {paragraph}"
    return f"{'pp.' if '–' in page else 'p.'} {page}" if page else ""
