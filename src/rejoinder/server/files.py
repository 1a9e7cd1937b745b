"""Where pages come from: a folder on disk, or the store they are made of. Both give the same bytes.

A path is taken as it stands: it names a file of the site or nothing. So no `..`, no link and no escaped character can
lead out of a folder.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final, Protocol

from rejoinder import formats
from rejoinder.config import Project
from rejoinder.lazily import lazy
from rejoinder.site import metadata, routes, static
from rejoinder.site.resource import is_plain
from rejoinder.site.snapshot import Snapshot

HTML: Final = "text/html; charset=utf-8"
_UNKNOWN: Final = "application/octet-stream"

_WEB: Final = {
    ".html": HTML,
    ".json": "application/json",
    ".rq": "application/sparql-query",
    ".rdfp": "application/rdf-patch",
    ".gz": "application/gzip",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".wasm": "application/wasm",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".xml": "application/xml",
    ".atom": "application/atom+xml",
    ".txt": "text/plain; charset=utf-8",
    ".yaml": "application/yaml",
}
_NAMES: Final = {
    ".well-known/void": formats.TURTLE.media_type,
    "feed.xml": "application/atom+xml",
    f"{metadata.LINKSET}.json": metadata.LINKSET_TYPE,
    ".nojekyll": "text/plain; charset=utf-8",
    "w3id/.htaccess": "text/plain; charset=utf-8",
}

_ANSWER: Final = re.compile(r"question/[^/]+\.json")
"""The answer to a stored question; every other JSON is of no kind of its own, or named above."""

_READABLE: Final = (*formats.RDF_SYNTAXES, formats.CSV, formats.TSV)
SUFFIXES: Final = {syntax.suffix: syntax.media_type for syntax in _READABLE} | _WEB
"""The media type of a file by its suffix."""

REPRESENTATIONS: Final = (
    ".html",
    ".ttl",
    ".jsonld",
    ".nt",
    ".rdf",
    ".csv",
    ".json",
    ".rq",
    ".trig",
    ".nq.gz",
    ".xml",
    ".atom",
)
"""The suffixes of the files that may say the same in different formats, in the order in which we prefer them."""


def media_type_of(path: str) -> str:
    """The media type of a file of the site; what is text says that it is UTF-8.

    >>> media_type_of("state/CZE.ttl"), media_type_of(".well-known/void"), media_type_of("dataset.nq.gz")
    ('text/turtle; charset=utf-8', 'text/turtle; charset=utf-8', 'application/gzip')
    >>> media_type_of("feed.xml"), media_type_of("version/3/changes.json"), media_type_of("question/x.json")
    ('application/atom+xml', 'application/json', 'application/sparql-results+json')
    """
    named = formats.JSON.media_type if _ANSWER.fullmatch(path) else _NAMES.get(path)
    found = named or SUFFIXES.get(PurePosixPath(path).suffix, _UNKNOWN)
    return f"{found}; charset=utf-8" if found.startswith("text/") and "charset" not in found else found


class SiteFiles(Protocol):
    """A source of the files of a site."""

    def holds(self, path: str) -> bool:
        """Whether there is a file at the path."""

    def beside(self, stem: str) -> tuple[str, ...]:
        """The files at a stem that may say the same in different formats, those first that we prefer."""

    def open(self, path: str) -> BinaryIO | None:
        """The file at the path, None if there is none; what is open can be read to its end whatever happens to it.

        Raises:
            StoreError: the store it would be made of is damaged or gone.
        """


@dataclass(frozen=True)
class FolderFiles:
    """The files in a folder, or of those only the ones named."""

    folder: Path
    only: frozenset[str] | None = None

    @lazy
    def _root(self) -> str:
        return os.path.realpath(self.folder)

    def holds(self, path: str) -> bool:
        """See `Shelf.holds`; a link is no file of ours."""
        if not is_path(path) or (self.only is not None and path not in self.only):
            return False
        target = f"{self._root}/{path}"
        return os.path.realpath(target) == target and Path(target).is_file()

    def beside(self, stem: str) -> tuple[str, ...]:
        """See `Shelf.beside`."""
        return tuple(stem + suffix for suffix in REPRESENTATIONS if self.holds(stem + suffix))

    def open(self, path: str) -> BinaryIO | None:
        """See `Shelf.open`."""
        if not self.holds(path):
            return None
        try:
            return (self.folder / path).open("rb")
        except FileNotFoundError:  # the version was removed a moment ago
            return None


@dataclass(frozen=True)
class ProgramFiles:
    """The files that are the same whatever a store holds: style, icon, rules for hosts and crawlers, scripts."""

    project: Project

    @lazy
    def _paths(self) -> frozenset[str]:
        return frozenset((*static.STATIC_FILES, *static.paths())) - {static.SITE_MAP}

    def holds(self, path: str) -> bool:
        """See `Shelf.holds`."""
        return path in self._paths

    def beside(self, stem: str) -> tuple[str, ...]:
        """See `Shelf.beside`."""
        return tuple(stem + suffix for suffix in REPRESENTATIONS if self.holds(stem + suffix))

    def open(self, path: str) -> BinaryIO | None:
        """See `Shelf.open`."""
        if not self.holds(path):
            return None
        page = static.static_file(self.project, path, ()) if path in static.STATIC_FILES else static.script(path)
        return BytesIO(page.content)


_RENEWED: Final = 200
"""Pages after which a renderer begins anew: it remembers what it read, and would remember all in the end."""


@dataclass
class StoreFiles:
    """The files that are made of the store of a version, each when it is asked for."""

    snapshot: Snapshot
    _made: int = 0

    def holds(self, path: str) -> bool:
        """See `Shelf.holds`."""
        return is_path(path) and routes.holds(self.snapshot, path)

    def beside(self, stem: str) -> tuple[str, ...]:
        """See `Shelf.beside`."""
        suffixes = routes.files(self.snapshot, stem) if is_path(stem) else ()
        return tuple(stem + suffix for suffix in REPRESENTATIONS if suffix in suffixes)

    def open(self, path: str) -> BinaryIO | None:
        """See `Shelf.open`."""
        self._made += 1
        if self._made % _RENEWED == 0:
            self.snapshot = replace(self.snapshot)
        page = routes.page(self.snapshot, path) if is_path(path) else None
        return BytesIO(page.content) if page else None


def is_path(path: str) -> bool:
    r"""Whether the path could be one of ours: relative, without an empty or dotted part, short, and printable.

    >>> [is_path(path) for path in ("state/CZE.ttl", ".well-known/void", "../x", "a//b", "/etc/passwd", "a\\b", "")]
    [True, True, False, False, False, False, False]
    """
    parts = path.split("/")
    return (
        len(path) <= 1_000
        and (path.isprintable() if path.isascii() else is_plain(path))
        and "\\" not in path
        and not any(part in {"", ".", ".."} or len(part.encode()) > 255 for part in parts)
    )
