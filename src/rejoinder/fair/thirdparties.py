"""A check on pages: each needs nobody but its host.

Standard: Content Security Policy Level 3; what `default-src 'self'` forbids is not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from rejoinder.fair.builtsite import BuiltSite, Document, attribute
from rejoinder.fair.criteria import Check, Flaw, Seen

_FETCHED: Final = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "embed": "src",
    "object": "data",
    "use": "href",
}
"""Elements that a browser fetches for, by the attribute that says what."""

_FETCHING: Final = frozenset(
    {
        "apple-touch-icon",
        "dns-prefetch",
        "icon",
        "manifest",
        "mask-icon",
        "modulepreload",
        "preconnect",
        "prefetch",
        "preload",
        "prerender",
        "stylesheet",
    }
)
"""The links of a head for which a browser asks a host of itself; the others it only shows, if at all."""


def _alone(site: BuiltSite) -> Seen:
    """No page makes a browser ask anybody but the page's host."""
    message = "The page makes the browser ask another host; bring the file with the site."
    for page in site.pages:
        for address in _requests(page):
            yield Flaw(page.path, message, value=address) if _leads_away(address) else None
    for path in sorted(path for path in site.paths if path.endswith(".css")):
        for address in re.findall(r"""(?:url\(|@import)\s*["']?([^"')\s;]+)""", site.text(path)):
            yield Flaw(path, message, value=address) if _leads_away(address) else None


def _requests(page: Document) -> Iterator[str]:
    for name, source in _FETCHED.items():
        yield from (attribute(element, source) for element in page.elements(f"{name}[{source}]"))
    for element in page.elements("link[rel][href]"):
        if not _FETCHING.isdisjoint(attribute(element, "rel").lower().split()):
            yield attribute(element, "href")


def _leads_away(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:  # brackets that hold no address
        return True
    return bool(parts.netloc) or parts.scheme not in ("", "data")


CHECKS: Final = (
    Check(
        "NoThirdParty",
        "A1.1",
        ("CSP 3: default-src 'self'",),
        "No page and no style sheet makes a browser ask another host.",
        _alone,
    ),
)
