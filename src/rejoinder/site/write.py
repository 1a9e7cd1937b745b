"""Write the site of a version, all pages, files and dumps, into a folder for any static host.

Files that did not change since the version before are hard-linked, not written again. The page of a report is not even
rendered again unless its own graph, a graph that it may read, or the program changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from rejoinder import __version__, disk, messages, namespaces
from rejoinder.config import Project
from rejoinder.rdf import graphs
from rejoinder.rdf.terms import DefaultGraph, NamedNode, Quad, Store
from rejoinder.site import lists, passages, routes, social_card, static
from rejoinder.site.render import TEMPLATES
from rejoinder.site.routes import PageFile
from rejoinder.site.snapshot import Snapshot

_STAMP: Final = ".stamp"
_UNION: Final = DefaultGraph()
_HEAD: Final = 1_000
"""The number of bytes at the beginning of a file that may have its key."""
_SHARE: Final = 8
"""The number of independent stems that a process takes at a time: small, so that all end at about the same time."""


@dataclass(frozen=True)
class Site:
    """The folder that a site is written to, and the files that need not be made again.

    `export` holds the exported files of its version; `before` is the site of the version before, whose files are linked
    where they are the same. `current` says that this program with these settings made that; then only the pages of the
    documents that are `stale` need be made again.
    """

    folder: Path
    export: Path
    stale: frozenset[str]
    before: Path | None
    current: bool = True


def stamp(project: Project) -> str:
    """Return a digest that changes whenever the same data would make another site."""
    # Templates and texts are part of the stamp, so editing one gives new pages without a new program version.
    digest = hashlib.sha256()
    shown = (project.base, project.title, project.publisher, project.license)
    settings = (*shown, project.site, project.language, project.endpoint, project.contact)
    given = (text.report + text.digest for text in passages.texts(project))
    for part in (__version__, static.digest(), str(social_card.available()), str(project.moved), *settings, *given):
        digest.update(part.encode() + b"\0")
    for path in (*sorted(TEMPLATES.iterdir()), *messages.of_language(project.language, project.root).found):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_current(folder: Path, project: Project) -> bool:
    """Return whether the site in `folder` was made by this program with these settings."""
    return _stamp_of(folder) == stamp(project)


def is_outdated(folder: Path, project: Project) -> bool:
    """Return whether the stamp of the site in `folder` is of another program version or other settings."""
    return _stamp_of(folder) not in (None, stamp(project))


def _stamp_of(folder: Path) -> str | None:
    mark = folder.with_suffix(_STAMP)
    return mark.read_text(encoding="utf-8") if mark.is_file() else None


Share = Callable[[Snapshot], Iterable[str]]
"""A part of the site for one process: a function that returns the stems of its files."""


def begin(snapshot: Snapshot, site: Site) -> tuple[Share, ...]:
    """Make the site's folder with the dumps, and return the shares of the site; `write_last` writes what is in none.

    The files of the first shares need the rows of a list, the search index, or counts: these take long to read and much
    memory, so only the process that writes such a share reads them. The files of the others are independent.
    """
    site.folder.mkdir()
    for dump in snapshot.dumps:
        disk.link(site.export / dump.path, _place(site, dump.path))
    shared = tuple(stem for stem in dict.fromkeys(routes.shared_stems(snapshot)) if stem not in routes.ON_ANSWERED)
    before = {*shared, *routes.ON_ANSWERED}
    rest = [stem for stem in dict.fromkeys(routes.described_stems(snapshot)) if stem not in before]
    return (
        *(partial(routes.list_stems, kind=kind) for kind in lists.KINDS),
        routes.search_stems,
        partial(_these, shared),
        *(partial(_these, tuple(rest[start : start + _SHARE])) for start in range(0, len(rest), _SHARE)),
    )


def _these(stems: Iterable[str], _: Snapshot) -> Iterable[str]:
    return stems


def write(snapshot: Snapshot, site: Site, share: Share) -> Mapping[str, bool]:
    """Write the files of a share; other processes may write others at the same time.

    Return whether the questions among them have any row, by name.
    """
    known = {*snapshot.found}
    for stem in share(snapshot):
        _write(snapshot, site, stem)
    return {name: has_rows for name, has_rows in snapshot.found.items() if name not in known}


def write_last(snapshot: Snapshot, site: Site, found: Mapping[str, bool]) -> None:
    """Write the pages that list the questions with an answer, and the stamp of the program and the settings.

    `found` says whether a question has any row, by name; each that it does not have is asked, which takes long.
    """
    snapshot.found.update(found)
    write(snapshot, site, partial(_these, routes.ON_ANSWERED))
    site.folder.with_suffix(_STAMP).write_text(stamp(snapshot.project), encoding="utf-8")


def _write(snapshot: Snapshot, site: Site, stem: str) -> None:
    """Write the files at a stem; make only what may have changed."""
    unchanged: set[str | None] = set()
    for suffix, file in routes.files(snapshot, stem).items():
        path = stem + suffix
        before = site.before / path if site.before and (site.before / path).is_file() else None
        same = file.lasting or (file.graph is not None and file.graph not in site.stale) or file.beside in unchanged
        if file.source:  # an exported file that never changes
            disk.link(file.source, _place(site, path))
        # These pages contain no number of the newest version, so unchanged ones have the same bytes and can be linked.
        elif before and site.current and (same or _has_key(before, file)):
            disk.link(before, _place(site, path))
        elif file.graph and file.exported:  # the export has the same bytes already
            name = namespaces.graph_path(snapshot.project.base, file.graph).as_posix() + suffix
            disk.link(site.export / name, _place(site, path))
        elif disk.write_or_link(_place(site, path), file.make().content, before):
            unchanged.add(suffix)


def _has_key(before: Path, file: PageFile) -> bool:
    """Return whether the file of the version before has the key of this one."""
    return file.key is not None and file.key().encode() in before.read_bytes()[:_HEAD]


def _place(site: Site, path: str) -> Path:
    target = site.folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


def touched(stores: Iterable[Store], changed: Iterable[str], base: str) -> frozenset[str]:
    """Return the documents whose pages may show entries of the changed graphs, in the versions with these stores.

    These are the documents of the subjects and objects of their statements and, because a page shows what bears on its
    claims, those of every entry that refers to one of these, and of what such an entry refers to.
    """
    found: set[str] = set()
    for store in stores:
        entries: set[str] = set()
        for graph in changed:
            for quad in graphs.statements(store, graph):
                entries |= set(_own_names(quad, base))
        # Shared things, such as States, have no fragments, and too many entries refer to them.
        names = [NamedNode(entry) for entry in entries if "#" in entry]
        referring = {quad.subject for name in names for quad in store.quads_for_pattern(None, None, name, _UNION)}
        for node in referring:
            for quad in store.quads_for_pattern(node, None, None, _UNION):
                entries |= {name for name in _own_names(quad, base) if "#" in name}
        found |= {namespaces.document_of(entry) for entry in entries}
    return frozenset(found)


def _own_names(quad: Quad, base: str) -> Iterator[str]:
    """Yield the IRIs below the base that are subject or object of the statement."""
    for term in (quad.subject, quad.object):
        if isinstance(term, NamedNode) and term.value.startswith(base):
            yield term.value
