"""Where things stand on the site: the file that answers for an IRI, and relative links from one file to another.

`state/CZE` is answered by `state/CZE.html`, `state/` by `state/index.html`, `report/x#claim-y` by an element of
`report/x.html`. Every link is relative, so the site works under any path of any host, and from a folder on disk.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from rejoinder import namespaces

_PLAIN: Final = re.compile(r"([\w~-][\w.~-]*/)*([\w~-][\w.~-]*)?", re.ASCII)
"""No empty or dotted part, nothing escaped; what is beyond ASCII is a name as `names.is_name` has it."""

_FOLLOWED: Final = frozenset({"http", "https", "mailto"})
"""The schemes that a page may link to; `javascript:` is one that it may not."""


@dataclass(frozen=True)
class SiteUrls:
    """The addresses of a project's things, whose IRIs begin with `base`."""

    base: str

    def stem(self, iri: str) -> str | None:
        """The file, without its suffix, that answers for `iri`; None if it is not on this site.

        >>> stem = SiteUrls("https://example.org/").stem
        >>> [stem(f"https://example.org/{local}") for local in ("state/CZE", "state/", "../x")]
        ['state/CZE', 'state/index', None]
        """
        document = namespaces.document_of(iri)
        own = namespaces.ONTOLOGY_GRAPH, namespaces.SHAPES_GRAPH
        if document.startswith(own):
            local = document.removeprefix(namespaces.ONTOLOGY_GRAPH.removesuffix("ns"))
        elif document.startswith(self.base):
            local = document.removeprefix(self.base)
        else:
            return None
        if not is_plain(local):
            return None
        return local + "index" if not local or local.endswith("/") else local

    def link(self, iri: str, at: str) -> str | None:
        """The link to `iri` from the file `at`; None where nothing may be followed.

        >>> SiteUrls("https://example.org/").link("https://example.org/report/x#claim-y", "state/CZE.html")
        '../report/x.html#claim-y'
        >>> SiteUrls("https://example.org/").link("javascript:alert(1)", "index.html") is None
        True
        """
        stem = self.stem(iri)
        if stem is None:
            return iri if _followed(iri) else None
        fragment = iri.partition("#")[2]
        if fragment and at == f"{stem}.html":
            return f"#{namespaces.as_uri(fragment)}"
        return relative(f"{stem}.html", at) + (f"#{namespaces.as_uri(fragment)}" if fragment else "")


def is_plain(path: str) -> bool:
    """Whether a path means the same to every host.

    >>> is_plain("state/CZE"), is_plain("state/../x"), is_plain("a b"), is_plain("report/звіт")
    (True, False, False, True)
    """
    if path.isascii():
        return _PLAIN.fullmatch(path) is not None
    *folders, file = path.replace("~", "-").split("/")
    return all(map(namespaces.is_name, folders)) and (not file or namespaces.is_name(file))


def relative(path: str, at: str) -> str:
    """The link to the file `path` from the file `at`, percent-encoded.

    >>> relative("style.css", "report/x.html"), relative("report/é.html", "report/x.html")
    ('../style.css', '%C3%A9.html')
    """
    return namespaces.as_uri(posixpath.relpath(path, posixpath.dirname(at) or "."))


def _followed(iri: str) -> bool:
    try:
        return urlsplit(iri).scheme.lower() in _FOLLOWED
    except ValueError:
        return False
