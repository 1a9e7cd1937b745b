"""Write the site of a version, all pages, files and dumps, into a folder for any static host.

Files that did not change since the version before are hard-linked, not written again. A part of the site, such as the
pages of a report or of a State, is not even rendered again unless a statement changed that it has read, or the program.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from rejoinder import __version__, disk, messages, namespaces
from rejoinder.config import Project
from rejoinder.rdf import terms
from rejoinder.rdf.terms import DefaultGraph, NamedNode, Quad, Store
from rejoinder.site import metadata, passages, question_page, reads, routes, social_card, static
from rejoinder.site.citation import Edition
from rejoinder.site.entities import is_affected
from rejoinder.site.reads import MadePart, Pattern
from rejoinder.site.render import TEMPLATES, Page
from rejoinder.site.routes import PageFile, SitePart
from rejoinder.site.snapshot import Snapshot, open_snapshot
from rejoinder.versions import OpenVersion, Version, VersionDifference

_STAMP: Final = ".stamp"
_HEAD: Final = 1_000
"""The number of bytes at the beginning of a file that may have its key."""
_SHARE: Final = 4
"""The number of independent parts that a process takes at a time: small, so that all end at about the same time."""
_MANY_CHANGES: Final = 100_000
"""The number of changed statements above which the whole site is made again."""
_TYPE: Final = NamedNode(namespaces.RDF_TYPE)
_SUBPROPERTY: Final = NamedNode(namespaces.expand("rdfs:subPropertyOf"))
_SHARED: Final = "version/"
"""The name of the part with all that changes with each version."""
_QUESTION: Final = "question/"


@dataclass(frozen=True)
class Site:
    """The folder that a site is written to, and the parts that need not be made again.

    `export` holds the exported files of its version; `before` is the site of the version before, whose files are linked
    where they are the same. `kept` are the parts of that site which stay as they are. `current` says that this program
    with these settings made that.
    """

    folder: Path
    export: Path
    before: Path | None
    kept: Mapping[str, MadePart] = field(default_factory=dict)
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


Share = tuple[SitePart, ...]
"""Parts of the site that one process makes."""


def kept(now: Snapshot, before: Version | None) -> Mapping[str, MadePart]:
    """Return the parts of the site of the version before that stay as they are; none if that lacks files."""
    if before is None or before.lacks_files:
        return {}
    project = now.project
    meta = project.base + namespaces.META
    changed = now.manifest.differing(before.manifest)
    if any(iri != meta and not iri.startswith(f"{project.base}report/") for iri in changed):
        return {}  # a State's label, say, may be on every page
    was = open_snapshot(project, before, questions=now.questions)
    difference = VersionDifference(OpenVersion(was.manifest, was.store), OpenVersion(now.manifest, now.store))
    quads: list[Quad] = []
    for graph in difference.graphs():
        quads += (*graph.added, *graph.removed)
        if len(quads) > _MANY_CHANGES:
            return {}
    subjects = {quad.subject.value for quad in quads if isinstance(quad.subject, NamedNode)}
    # A name that is left out, or no longer, may be on every page; and in much data, fewer lists of questions are tried.
    if any(is_affected(each.renderer.reader.resource(iri)) for each in (was, now) for iri in subjects) or (
        question_page.has_much(was.manifest.quads) != question_page.has_much(now.manifest.quads)
    ):
        return {}
    layouts = [(was.renderer.layout(iri), now.renderer.layout(iri)) for iri in changed]
    moved = {
        reads.of_layout(iri) for old, new in layouts for iri in old.keys() | new.keys() if old.get(iri) != new.get(iri)
    }
    broader: dict[str, list[str]] = defaultdict(list)
    for quad in now.store.quads_for_pattern(None, _SUBPROPERTY, None, DefaultGraph()):
        broader[terms.text(quad.subject)].append(terms.text(quad.object))
    patterns = reads.numbers_of(
        (
            *reads.changed_patterns(quads, project.base, broader),
            *moved,
            *reads.by_documents(moved),
            *(reads.of_any(predicate, value) for predicate, value in _first_or_last(quads, was.store, now.store)),
        )
    )
    parts = reads.load(before.site_path)
    gone = {name for name in parts if name.startswith(f"{project.base}version/")}
    gone -= {part.name for part in routes.version_parts(now)}
    same = {name: part for name, part in parts.items() if name not in gone and part.is_same(patterns)}
    if described := parts.get(metadata.VOID):  # all changes concern it, but what was counted need not be counted again
        counts = metadata.Counts(**described.found).after(quads, was.store, now.store)
        same[metadata.VOID] = replace(described, found=vars(counts))
    return same


def _first_or_last(quads: Iterable[Quad], was: Store, now: Store) -> Iterator[tuple[str, str | None]]:
    """Yield each property, and each class as its value, of which a change brought the first use or took the last."""
    predicates = {quad.predicate: None for quad in quads}
    classes = {quad.object for quad in quads if quad.predicate == _TYPE and isinstance(quad.object, NamedNode)}
    for predicate, value in (*predicates.items(), *((_TYPE, it) for it in classes)):
        before, after = (any(store.quads_for_pattern(None, predicate, value, DefaultGraph())) for store in (was, now))
        if before != after:
            yield predicate.value, value and value.value


def begin(snapshot: Snapshot, site: Site) -> tuple[Share, ...]:
    """Make the site's folder with the dumps, and return what is to be made, in shares.

    The lists and the search index come first: their rows take long to read and much memory.
    """
    site.folder.mkdir()
    for dump in snapshot.dumps:
        disk.link(site.export / dump.path, _place(site, dump.path))
    snapshot.found.update(_found(site.kept))
    single, many = (
        [part for part in parts if part.name not in site.kept]
        for parts in (
            routes.list_parts(),
            (*routes.described_parts(snapshot), *routes.version_parts(snapshot)),
        )
    )
    return (
        *((part,) for part in single),
        (SitePart(_SHARED, _shared_stems),),
        *(tuple(many[start : start + _SHARE]) for start in range(0, len(many), _SHARE)),
    )


def link_kept(site: Site) -> None:
    """Link the files of all parts that stay as they were; other parts may be made at the same time."""
    folders: set[str] = set()
    for path in (path for part in site.kept.values() for path in part.files):
        folder = path.rpartition("/")[0]
        if folder not in folders:  # to ask the system each time would take as long as to link
            folders.add(folder)
            (site.folder / folder).mkdir(parents=True, exist_ok=True)
        disk.link(f"{site.before}/{path}", f"{site.folder}/{path}")


def _shared_stems(snapshot: Snapshot) -> Iterator[str]:
    last = {*routes.LAST, static.SITE_MAP}
    yield from (stem for stem in dict.fromkeys(routes.shared_stems(snapshot)) if stem not in last)


def write(snapshot: Snapshot, site: Site, share: Share) -> dict[str, MadePart]:
    """Write the files of a share, and return what was made, by the names of the parts.

    Other processes may write others at the same time.
    """
    renderer = snapshot.renderer
    # What all pages need is read first, so that it is not taken for something that only the first of them has read.
    renderer.affected.speaks_in("")
    _ = snapshot.graphs
    leading = {*routes.page_stems(snapshot)}
    made: dict[str, MadePart] = {}
    for part in share:
        is_shared = part.name == _SHARED
        snapshot.entities.forget_cards()
        with renderer.reader.reads.begin() as patterns:
            stems = [stem for stem in dict.fromkeys(part.stems(snapshot)) if is_shared or stem not in leading]
            pages = {stem: tuple(_write(snapshot, site, stem)) for stem in stems}
            found = part.find(snapshot)
        listed = pages if part.is_listed and not is_shared else pages.keys() & leading
        name = part.name.removeprefix(_QUESTION)
        edition = snapshot.edition_of(name) if part.name.startswith(_QUESTION) else snapshot.edition
        made[part.name] = MadePart(
            files=tuple(path for stem in stems for path, _ in pages[stem]),
            listed=tuple(path for stem in listed for path, page in pages[stem] if _is_for_people(page)),
            patterns=reads.digests(_of_part(snapshot, part, patterns)),
            edition=_number_and_day(edition),
            found=found,
        )
    return made


def _number_and_day(edition: Edition | None) -> tuple[int, str]:
    return (edition.number, edition.date) if edition else (0, "")


def _found(parts: Mapping[str, MadePart]) -> dict[str, Any]:
    """Return what the parts have found, by name."""
    return {name: it.found for name, it in parts.items() if it.found is not None}


def _is_for_people(page: Page | None) -> bool:
    """Return whether it is a page for people, and names no persons affected."""
    return page is not None and page.path.endswith(routes.HTML) and not page.names_affected


def _of_part(snapshot: Snapshot, part: SitePart, patterns: set[Pattern]) -> set[Pattern]:
    """Return the patterns that a part of the site was made from; those by which its pages asked were `patterns`."""
    if part.lasts:
        return set()
    patterns = reads.gathered(patterns)
    if part.document:
        # What it says itself, and what others say of its parts, is one pattern.
        others = {it for it in patterns if part.document not in {namespaces.document_of(iri) for iri in it if iri}}
        return others | {reads.of_document(part.document)}
    question = snapshot.questions.get(part.name.removeprefix(_QUESTION)) if part.name.startswith(_QUESTION) else None
    return patterns | reads.of_query(question.query) if question else patterns


def write_last(snapshot: Snapshot, site: Site, made: Mapping[str, MadePart]) -> None:
    """Write what depends on all parts, those that were `made` and those that were kept: the site map and some lists.

    Write also the stamp of the program and the settings, and what the parts were made from.
    """
    snapshot.found.update(_found(made))
    parts = {**site.kept, **made}
    written = [page for stem in routes.LAST for page in _write(snapshot, site, stem)]
    listed = (path for part in parts.values() for path in part.listed)
    pages = (*listed, *(path for path, page in written if _is_for_people(page)))
    site_map = static.static_file(snapshot.project, static.SITE_MAP, pages)
    disk.write_or_link(_place(site, site_map.path), site_map.content, _old(site, site_map.path))
    parts[metadata.VOID] = _description(snapshot)
    reads.save(site.folder, {name: part for name, part in parts.items() if name != _SHARED})
    site.folder.with_suffix(_STAMP).write_text(stamp(snapshot.project), encoding="utf-8")


def _description(snapshot: Snapshot) -> MadePart:
    """Return what the description of the data set was made from: everything."""
    everything = reads.digests([(None, None, None)])
    return MadePart((), (), everything, _number_and_day(snapshot.edition), vars(snapshot.catalogue.statistics.counts))


def _write(snapshot: Snapshot, site: Site, stem: str) -> Iterator[tuple[str, Page | None]]:
    """Write the files at a stem, and yield their paths, each with its page if that had to be made."""
    unchanged: set[str | None] = set()
    for suffix, file in routes.files(snapshot, stem).items():
        path = stem + suffix
        before, page = _old(site, path), None
        if file.source:  # an exported file that never changes
            disk.link(file.source, _place(site, path))
        # These files contain no number of the newest version, so unchanged ones have the same bytes and can be linked.
        elif before and site.current and (file.lasting or file.beside in unchanged or _has_key(before, file)):
            disk.link(before, _place(site, path))
        elif file.graph and file.exported:  # the export has the same bytes already
            name = namespaces.graph_path(snapshot.project.base, file.graph).as_posix() + suffix
            disk.link(site.export / name, _place(site, path))
        else:
            page = file.make()
            if disk.write_or_link(_place(site, path), page.content, before):
                unchanged.add(suffix)
        yield path, page


def _old(site: Site, path: str) -> Path | None:
    """Return the file of the version before, if there is one."""
    return site.before / path if site.before and (site.before / path).is_file() else None


def _has_key(before: Path, file: PageFile) -> bool:
    """Return whether the file of the version before has the key of this one."""
    return file.key is not None and file.key().encode() in before.read_bytes()[:_HEAD]


def _place(site: Site, path: str) -> Path:
    target = site.folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    return target
