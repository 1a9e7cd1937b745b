"""The typed links of a page as header fields: what a machine follows without reading the page.

Standards: RFC 8288 (Web Linking); FAIR Signposting Profile. The links are those in the head of the page itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final

from rejoinder import names

_TYPED: Final = frozenset(
    (
        *("alternate", "author", "cite-as", "collection", "describedby", "item", "license", "linkset", "type"),
        *("latest-version", "original", "predecessor-version", "version-history"),
    )
)
_SHARED: Final = ("license", "alternate")
"""What a page and its data have in common; what the page is, and is cited as, the data are not."""

_MAX_LENGTH: Final = 3_000
"""Proxies refuse answers with long headers, nginx from 4 KiB on: links past that are in the page alone."""


@dataclass(frozen=True)
class Link:
    """A link from a page to `target`; `media_type` says in which format that is, where it is known."""

    relation: str
    target: str
    media_type: str | None = None

    def __str__(self) -> str:
        kind = f'; type="{self.media_type}"' if self.media_type else ""
        return f'<{names.as_uri(self.target)}>; rel="{self.relation}"{kind}'


def page_links(content: bytes) -> tuple[Link, ...]:
    """The typed links in the head of a page.

    >>> page_links(b'<head><link rel="cite-as" href="https://example.org/x"><link rel="icon" href="i.svg"></head>')
    (Link(relation='cite-as', target='https://example.org/x', media_type=None),)
    """
    head = _Head()
    head.feed(content.partition(b"</head>")[0].decode("utf-8", "replace"))
    return tuple(dict.fromkeys(head.links))


def data_links(links: Iterable[Link], page: str) -> tuple[Link, ...]:
    """The typed links of a page's data: where it is read, and what it has in common with the page."""
    shared = (link for link in links if link.relation in _SHARED)
    return (Link("describes", page, "text/html"), Link("alternate", page, "text/html"), *shared)


def header(links: Iterable[Link]) -> str:
    """The links as the value of one header; what is no visible ASCII, or would end a link early, is left out.

    Items come last: there may be more of them than a header holds.
    """
    written, length = [], 0
    for link in map(str, sorted(links, key=lambda link: link.relation == "item")):
        length += len(link) + 2
        if length > _MAX_LENGTH:
            break
        if link.isascii() and link.isprintable() and link.count("<") == link.count(">") == 1:
            written.append(link)
    return ", ".join(written)


class _Head(HTMLParser):
    """Reads the links of a page's head."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[Link] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See `HTMLParser.handle_starttag`."""
        values = dict(attrs)
        target = values.get("href")
        if tag == "link" and target:
            named = (values.get("rel") or "").split()
            self.links += [Link(rel, target, values.get("type")) for rel in named if rel in _TYPED]
