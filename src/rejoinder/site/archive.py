"""The families of pages about versions: the pages and the feed, and the data of every version that is kept.

What a version holds never changes, so its files are linked from the folder it was exported to and take no space.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from rejoinder import formats, names
from rejoinder.formats import Syntax
from rejoinder.site import distributions, historypages, told, twins
from rejoinder.site.history import Past, all_quads
from rejoinder.site.pages import Edition, File
from rejoinder.site.press import TWINS, Page
from rejoinder.store import difference, exporter, graphs
from rejoinder.store.difference import Difference
from rejoinder.store.rdf import Quad
from rejoinder.store.versions import GraphEntry

_LIST: Final = "version/index"
_FEED: Final = "feed"
_PATCH: Final = "application/rdf-patch"
_DATA: Final = (formats.TURTLE, formats.JSONLD)


class History:
    """The list of versions, the page of each, and the feed."""

    def stems(self, edition: Edition) -> Iterator[str]:
        """See `Family.stems`."""
        yield _LIST
        yield from (f"{past.stem}/index" for past in edition.pasts.values())

    def files(self, edition: Edition, stem: str) -> Iterator[File]:
        """See `Family.files`."""
        if stem == _LIST:
            pasts = tuple(edition.pasts.values())
            yield File(".html", partial(historypages.list_page, edition.press, pasts))
            yield from _twins(edition, stem, partial(all_quads, edition.project, pasts), lasting=False)
        past = _past(edition, stem)
        if past and stem == f"{past.stem}/index":
            yield File(".html", partial(historypages.version_page, edition.press, past))
            yield from _twins(edition, stem, partial(_described, edition, past), lasting=True)


def _past(edition: Edition, stem: str) -> Past | None:
    """The version that the stem is about."""
    folder, _, rest = stem.partition("/")
    return edition.pasts.get(rest.partition("/")[0]) if folder == "version" else None


def _twins(edition: Edition, stem: str, read: Callable[[], tuple[Quad, ...]], *, lasting: bool) -> Iterator[File]:
    for syntax in TWINS:
        yield File(syntax.suffix, partial(_twin, edition, stem, read, syntax), lasting=lasting)


def _twin(edition: Edition, stem: str, read: Callable[[], tuple[Quad, ...]], syntax: Syntax) -> Page:
    return twins.page(stem, read(), syntax, edition.project.base, edition.context)


class Archive:
    """The data of every version: its dumps and its graphs, and what changed, as a patch and in words; the feed."""

    def stems(self, edition: Edition) -> Iterator[str]:
        """See `Family.stems`."""
        yield _FEED
        for past in edition.pasts.values():
            yield from (f"{past.stem}/dataset", f"{past.stem}/changes")
            yield from (past.graph_stem(entry) for entry in past.manifest.graphs)

    def files(self, edition: Edition, stem: str) -> Iterator[File]:
        """See `Family.files`."""
        if stem == _FEED:
            yield File(".xml", partial(_feed, edition))
        past = _past(edition, stem)
        if past is None:
            return
        name = stem.removeprefix(f"{past.stem}/")
        if name == "dataset":
            yield _dump(edition, past, ".trig", formats.TRIG.media_type, _whole)
            yield _dump(edition, past, ".nq.gz", "application/gzip", _packed)
        elif name == "changes":
            if past.before:  # a patch from nothing would be all of the data once more
                yield File(".rdfp", partial(_patch, past), lasting=past.is_complete)
            yield File(".json", partial(_words, past), lasting=past.is_complete)
        elif entry := past.by_name.get(name):
            for syntax in _DATA:
                make = partial(_graph, edition, past, entry, syntax)
                source = _exported(edition, past, entry, syntax)
                yield _lasting(f"{stem}{syntax.suffix}", syntax.suffix, syntax.media_type, source, make)


def _dump(edition: Edition, past: Past, suffix: str, media_type: str, make: Callable[[Edition, Past], bytes]) -> File:
    """All of a version: as it exported it, or made from its store if it was published without files."""
    source = _exports(edition, past) / f"dataset{suffix}"
    found = source if source.is_file() else None
    return _lasting(f"{past.stem}/dataset{suffix}", suffix, media_type, found, partial(make, edition, past))


def _lasting(path: str, suffix: str, media_type: str, source: Path | None, make: Callable[[], bytes]) -> File:
    """A file that never changes: the one at `source`, if there is one."""
    return File(
        suffix, lambda: Page(path, source.read_bytes() if source else make(), media_type), source=source, lasting=True
    )


def _exported(edition: Edition, past: Past, entry: GraphEntry, syntax: Syntax) -> Path | None:
    """A graph's file as the version exported it, or as this edition did, if the graph is the same in both."""
    name = names.graph_path(edition.project.base, entry.iri).as_posix() + syntax.suffix
    now = edition.manifest.entry(entry.iri)
    same = now is not None and now.content_digest == entry.content_digest
    folders = (_exports(edition, past), edition.export if same else None)
    return next((folder / name for folder in folders if folder and (folder / name).is_file()), None)


def _exports(edition: Edition, past: Past) -> Path:
    """The folder of the version's exported files; that of the edition itself may not yet be in its place."""
    is_own = past.manifest.number == edition.manifest.number
    return edition.export if is_own and edition.export else past.version.export_path


def _described(edition: Edition, past: Past) -> tuple[Quad, ...]:
    return past.quads(distributions.expected(_exports(edition, past)))


def _feed(edition: Edition) -> Page:
    return historypages.feed(edition.press, tuple(edition.pasts.values()), edition.manifest.created)


def _whole(edition: Edition, past: Past) -> bytes:
    turtle = ((entry.iri, _turtle(edition, past, entry)) for entry in past.manifest.graphs)
    return "".join(exporter.trig_blocks(turtle)).encode()


def _turtle(edition: Edition, past: Past, entry: GraphEntry) -> str:
    source = _exported(edition, past, entry, formats.TURTLE)
    content = source.read_bytes() if source else _graph(edition, past, entry, formats.TURTLE)
    return content.decode()


def _packed(edition: Edition, past: Past) -> bytes:
    out, store = io.BytesIO(), past.version.open()
    with gzip.GzipFile(filename="", fileobj=out, mode="wb", mtime=0) as packed:
        for entry in past.manifest.graphs:
            quads = graphs.statements(store, entry.iri)
            packed.write(exporter.write(quads, formats.NQUADS, edition.project.base, edition.context))
    return out.getvalue()


def _graph(edition: Edition, past: Past, entry: GraphEntry, syntax: Syntax) -> bytes:
    quads = tuple(graphs.statements(past.version.open(), entry.iri))
    return exporter.write(quads, syntax, edition.project.base, edition.context)


def _patch(past: Past) -> Page:
    content = b"".join(difference.as_patch(Difference(*past.opened())))
    return Page(f"{past.stem}/changes.rdfp", content, _PATCH)


def _words(past: Past) -> Page:
    return Page(f"{past.stem}/changes.json", told.as_json(past.told), "application/json")
