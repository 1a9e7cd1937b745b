"""The site of a version: every page, file and dump, in a folder that any host serves as it is.

What is as it was in the version before is linked, not written again. The page of a report is not even made again unless
its own graph, a graph it may read, or the program changed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rejoinder import namespaces
from rejoinder.config import Project
from rejoinder.rdf.terms import NamedNode, Quad
from rejoinder.site import report_page, static
from rejoinder.site.render import TEMPLATES, Page
from rejoinder.site.routes import ROUTER
from rejoinder.site.snapshot import Document, Snapshot
from rejoinder.version import __version__

_STAMP: Final = ".stamp"
_SHARE: Final = 8
"""So many sheets are laid by one process before it takes others: few enough that none is left with much at the end."""


@dataclass(frozen=True)
class _Folder:
    """The folder of the site, and that of the version before."""

    path: Path
    before: Path | None

    def put(self, page: Page) -> bool:
        """Writes a page, or links it if it is as it was; says whether it is."""
        before = self.before / page.path if self.before else None
        if before and before.is_file() and before.read_bytes() == page.content:
            self.link(page.path, before)
            return True
        self._place(page.path).write_bytes(page.content)
        return False

    def link(self, path: str, source: Path) -> None:
        """Gives a file that exists a second name; copies it where the file system has no links."""
        target = self._place(path)
        try:
            os.link(source, target)
        except OSError:
            shutil.copyfile(source, target)

    def keep(self, path: str) -> bool:
        """Takes a file over from the version before, if it has it."""
        if not self.before or not (self.before / path).is_file():
            return False
        self.link(path, self.before / path)
        return True

    def _place(self, path: str) -> Path:
        target = self.path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        return target


def stamp(project: Project) -> str:
    """A digest that changes whenever the same data would make another site."""
    digest = hashlib.sha256()
    settings = (project.base, project.title, project.publisher, project.license, project.site, project.language)
    given = (text.report + text.digest for text in report_page.texts(project))
    for part in (__version__, static.digest(), *settings, *given):
        digest.update(part.encode() + b"\0")
    for path in sorted(TEMPLATES.iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_current(folder: Path, project: Project) -> bool:
    """Whether the site in `folder` was made by this program with these settings."""
    return _stamp_of(folder) == stamp(project)


def is_outdated(folder: Path, project: Project) -> bool:
    """Whether the site in `folder` was made by another program or with other settings; not if nothing says so."""
    return _stamp_of(folder) not in (None, stamp(project))


def _stamp_of(folder: Path) -> str | None:
    mark = folder.with_suffix(_STAMP)
    return mark.read_text(encoding="utf-8") if mark.is_file() else None


@dataclass(frozen=True)
class Site:
    """Where a site is written, and what of it need not be made.

    `export` holds the exported files of its version; `before` is the site of the version before, whose files are linked
    where they are the same. `current` says that this program with these settings made that; then only the pages of the
    documents that are `stale` need be made again.
    """

    folder: Path
    export: Path
    stale: frozenset[str]
    before: Path | None
    current: bool = True


def begin(snapshot: Snapshot, site: Site) -> tuple[tuple[str, ...], ...]:
    """Makes the folder, with the files that hold everything; gives the shares of stems that are to be laid there."""
    site.folder.mkdir()
    for dump in snapshot.dumps:
        _Folder(site.folder, None).link(dump.path, site.export / dump.path)
    return tuple(ROUTER.shares(snapshot, _SHARE))


def lay(snapshot: Snapshot, site: Site, stems: Iterable[str]) -> None:
    """The sheets at these stems; other processes may lay others at the same time."""
    place = _Folder(site.folder, site.before)
    for stem in stems:
        _lay(snapshot, place, ROUTER.sheet(snapshot, stem), site)


def finish(project: Project, site: Site) -> None:
    """Says by which program, and with which settings, the site was made."""
    site.folder.with_suffix(_STAMP).write_text(stamp(project), encoding="utf-8")


def _lay(snapshot: Snapshot, place: _Folder, sheet: Document, site: Site) -> None:
    """The sheet's files, made only if they may have changed."""
    as_before: set[str | None] = set()
    for file in sheet.files:
        path = sheet.stem + file.suffix
        if file.source:
            place.link(path, file.source)
            continue
        same = file.lasting or (file.graph is not None and file.graph not in site.stale) or file.beside in as_before
        if same and site.current and place.keep(path):
            continue
        if file.graph and file.exported:
            name = namespaces.graph_path(snapshot.project.base, file.graph).as_posix() + file.suffix
            place.link(path, site.export / name)
        elif place.put(file.make()):
            as_before.add(file.suffix)


def touched(changed: Iterable[Quad], base: str) -> Iterator[str]:
    """The documents that these statements are about or mention: their pages may show them."""
    for quad in changed:
        for term in (quad.subject, quad.object):
            if isinstance(term, NamedNode) and term.value.startswith(base):
                yield term.value.partition("#")[0]
