"""The site of a version: every page, file and dump, in a folder that any host serves as it is.

What is as it was in the version before is linked, not written again. The page of a report is not even made again unless
its own graph, a graph it may read, or the program changed.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from rejoinder import formats, names
from rejoinder.project import Project
from rejoinder.site import pages, plates, twins
from rejoinder.site.catalogue import Dump
from rejoinder.site.pages import Edition, Sheet
from rejoinder.site.press import TEMPLATES, Page
from rejoinder.store import graphs, rdf
from rejoinder.store.rdf import NamedNode, Quad
from rejoinder.version import __version__

_STAMP: Final = ".stamp"


@dataclass
class _Folder:
    """The folder of the site, and that of the version before."""

    path: Path
    before: Path | None
    written: list[str] = field(default_factory=list)

    def put(self, page: Page) -> None:
        """Writes a page, or links it if it is as it was."""
        if self.before and self.held(page):
            self.link(page.path, self.before / page.path)
        else:
            self._place(page.path).write_bytes(page.content)

    def held(self, page: Page) -> bool:
        """Whether the version before had the file just so."""
        before = self.before / page.path if self.before else None
        return bool(before and before.is_file() and before.read_bytes() == page.content)

    def link(self, path: str, source: Path) -> None:
        """Gives a file that exists a second name; copies it where the file system has no links."""
        target = self._place(path)
        try:
            os.link(source, target)
        except OSError:
            shutil.copyfile(source, target)

    def keep(self, paths: Iterable[str]) -> bool:
        """Takes the files over from the version before, if it has them all."""
        wanted = list(paths)
        if not self.before or not all((self.before / path).is_file() for path in wanted):
            return False
        for path in wanted:
            self.link(path, self.before / path)
        return True

    def _place(self, path: str) -> Path:
        target = self.path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        self.written.append(path)
        return target


def stamp(project: Project) -> str:
    """A digest that changes whenever the same data would make another site."""
    digest = hashlib.sha256()
    for part in (__version__, project.base, project.title, project.publisher, project.license, project.site):
        digest.update(part.encode() + b"\0")
    for path in sorted(TEMPLATES.iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_current(folder: Path, project: Project) -> bool:
    """Whether the site in `folder` was made by this program with these settings."""
    mark = folder.with_suffix(_STAMP)
    return mark.is_file() and mark.read_text(encoding="utf-8") == stamp(project)


def write(edition: Edition, export: Path, stale: frozenset[str], folder: Path, before: Path | None) -> None:
    """The site of the edition in `folder`.

    `export` holds its exported files; `before` is the site of the version before, if there is one; `stale` are the
    documents whose pages may not be as they were there.
    """
    place = _Folder(folder, before if before and is_current(before, edition.project) else None)
    folder.mkdir()
    dumps = tuple(_dumps(place, export))
    _write_graphs(edition, place, export, stale)
    for sheet in pages.sheets(edition, dumps):
        _lay(place, sheet, stale)
    for page in plates.plates(edition.project, tuple(place.written)):
        place.put(page)
    folder.with_suffix(_STAMP).write_text(stamp(edition.project), encoding="utf-8")


def _lay(place: _Folder, sheet: Sheet, stale: frozenset[str]) -> None:
    """The sheet's files, made only if they may have changed."""
    by_document = sheet.document is not None and sheet.document not in stale
    by_key = sheet.key is not None and place.held(sheet.key)
    if not ((by_document or by_key) and place.keep(sheet.paths)):
        for page in sheet.make():
            place.put(page)
    if sheet.key:
        place.put(sheet.key)


def _dumps(place: _Folder, export: Path) -> Iterator[Dump]:
    """All data as files, each described."""
    place.link("dataset.trig", export / "dataset.trig")
    yield _dump(place, "dataset.trig", "All graphs as TriG", formats.TRIG, None)
    _pack(export / "dataset.nq", place.path / "dataset.nq.gz")
    yield _dump(place, "dataset.nq.gz", "All graphs as N-Quads, packed with gzip", formats.NQUADS, "application/gzip")


def _pack(source: Path, target: Path) -> None:
    """The file packed, without a time and a name inside: the same data are the same bytes."""
    with (
        source.open("rb") as plain,
        target.open("wb") as file,
        gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as packed,
    ):
        shutil.copyfileobj(plain, packed)


def _dump(place: _Folder, path: str, title: str, syntax: formats.Syntax, packed: str | None) -> Dump:
    return Dump(path, title, syntax.media_type, packed, (place.path / path).stat().st_size)


def _write_graphs(edition: Edition, place: _Folder, export: Path, stale: frozenset[str]) -> None:
    """Each graph as the data of its document: Turtle and JSON-LD as exported, and N-Triples."""
    for entry in edition.manifest.graphs:
        exported = names.graph_path(edition.project.base, entry.iri).as_posix()
        for stem in pages.stems(edition, entry.iri):
            for syntax in (formats.TURTLE, formats.JSONLD):
                place.link(stem + syntax.suffix, export / (exported + syntax.suffix))
            lines = stem + formats.NTRIPLES.suffix
            if entry.iri in stale or not place.keep([lines]):
                quads = rdf.canonical(graphs.statements(edition.store, entry.iri))
                place.put(Page(lines, twins.lines(quads), formats.NTRIPLES.media_type))


def touched(changed: Iterable[Quad], base: str) -> Iterator[str]:
    """The documents that these statements are about or mention: their pages may show them."""
    for quad in changed:
        for term in (quad.subject, quad.object):
            if isinstance(term, NamedNode) and term.value.startswith(base):
                yield term.value.partition("#")[0]
