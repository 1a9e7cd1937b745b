"""The routes of a site: the path of every file, and the function that makes it.

A stem is a path without its suffix: the stem `state/CZE` has `state/CZE.html`, `.ttl`, `.jsonld` and `.nt`. Each file
is made only when needed: the server makes the requested file, and a build skips unchanged ones.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import Final

from rejoinder import formats, namespaces, versions
from rejoinder.formats import Syntax
from rejoinder.namespaces import KINDS
from rejoinder.question import Question
from rejoinder.rdf import graphs, serialize, terms
from rejoinder.rdf.jsonld import json_ld
from rejoinder.rdf.terms import Quad
from rejoinder.site import (
    changes,
    claim_page,
    compare,
    entity_page,
    history,
    home_page,
    lists,
    metadata,
    moved,
    question_page,
    search,
    sparql_page,
    static,
    web_annotation,
)
from rejoinder.site.claims import parts_of
from rejoinder.site.document_page import document_page, vocabulary_page
from rejoinder.site.entities import is_affected
from rejoinder.site.history import VersionEntry
from rejoinder.site.metadata import Dump
from rejoinder.site.question_page import AnswerTable
from rejoinder.site.render import RDF_ALTERNATES, VOCABULARY_ALTERNATES, Page
from rejoinder.site.report_page import data_page, report_page
from rejoinder.site.resource import is_plain
from rejoinder.site.snapshot import Snapshot
from rejoinder.versions import GraphEntry, VersionDifference

HTML: Final = ".html"
_LINES: Final = formats.NTRIPLES.suffix
_VERSIONS: Final = "version/index"
_QUESTIONS: Final = "question/index"
LAST: Final = (home_page.STEM, _QUESTIONS, metadata.VOID, metadata.LINKSET)
"""The stems of the pages that need what all parts have found, and of the description of the data set."""
_VOCABULARIES: Final = (namespaces.ONTOLOGY_GRAPH, namespaces.SHAPES_GRAPH)


@dataclass(frozen=True)
class PageFile:
    """A file of the site: its suffix, and the function that makes it.

    The other fields say when a build need not make the file, because it is the same as in the version before, or is on
    disk already. Without them, it is made and compared.
    """

    suffix: str
    make: Callable[[], Page]
    graph: str | None = None
    """The named graph that the file shows."""
    beside: str | None = None
    """The suffix of another file at the same stem. The file is unchanged if that one is."""
    key: Callable[[], str] | None = None
    """What the file has near its beginning. The file is unchanged if this is; to tell is cheaper than to make it."""
    exported: bool = False
    """True if the exported file of `graph` with this suffix has the same bytes."""
    lasting: bool = False
    """True if the file never changes once it was made."""
    source: Path | None = None
    """A file on disk with the same bytes."""


def page(snapshot: Snapshot, path: str) -> Page | None:
    """Make and return the file at a path, or return None if there is none."""
    file = _file(snapshot, path)
    return file.make() if file else None


def holds(snapshot: Snapshot, path: str) -> bool:
    """Return whether there is a file at a path, without making it."""
    return _file(snapshot, path) is not None


def _file(snapshot: Snapshot, path: str) -> PageFile | None:
    found = (files(snapshot, stem).get(suffix) for stem, suffix in _splits(path))
    return next(filter(None, found), None)


def _splits(path: str) -> Iterator[tuple[str, str]]:
    """Yield the ways to split a path into stem and suffix, the shortest suffix first; a stem may contain dots.

    >>> list(_splits("ns/0.1.ttl"))
    [('ns/0.1', '.ttl'), ('ns/0', '.1.ttl'), ('ns/0.1.ttl', '')]
    """
    start, at = path.rfind("/") + 1, len(path)
    while (at := path.rfind(".", start, at)) > start:
        yield path[:at], path[at:]
    yield path, ""


def files(snapshot: Snapshot, stem: str) -> Mapping[str, PageFile]:
    """Return the files at a stem by suffix: those of the site's own pages, then those of the data."""
    route = _ROUTES.get(stem.partition("/")[0])
    found = _moved(snapshot, stem)
    if snapshot.project.successor(stem) is None:  # else nothing more, even if data of an earlier build describe it
        found = chain(found, route(snapshot, stem) if route else (), _described(snapshot, stem))
    at_the_stem: dict[str, PageFile] = {}
    for file in found:
        at_the_stem.setdefault(file.suffix, file)
    return at_the_stem


def _nothing(_: Snapshot) -> None:
    return None


@dataclass(frozen=True)
class SitePart:
    """A part of the site that is made as a whole, or stays as it is: its name, and a function that returns its stems.

    `document` is the IRI of the document that it shows; `is_listed` says that its pages are in the site map, `lasts`
    that it never changes once it was made. `find` returns what the pages that are made last need to know of the part;
    it is kept as JSON.
    """

    name: str
    stems: Callable[[Snapshot], Iterable[str]]
    document: str | None = None
    is_listed: bool = True
    lasts: bool = False
    find: Callable[[Snapshot], object] = _nothing


def stems(snapshot: Snapshot) -> Iterator[str]:
    """Yield every stem of the site once."""
    parts = (*list_parts(), *described_parts(snapshot), *version_parts(snapshot))
    yield from dict.fromkeys(chain(shared_stems(snapshot), *(part.stems(snapshot) for part in parts)))


def list_parts() -> Iterator[SitePart]:
    """Yield the parts with the rows of a list, or with the search index, which take long to read and much memory.

    What the start page shows takes long, too; the page itself is made last.
    """
    yield from (SitePart(f"{kind}/", partial(_list_stems, kind=kind), is_listed=False) for kind in lists.KINDS)
    yield SitePart(search.FOLDER, _search_stems, is_listed=False)
    yield SitePart(home_page.STEM, _nowhere, find=_home_contents)


def shared_stems(snapshot: Snapshot) -> Iterator[str]:
    """Yield the stems of the files that change with each version, or need data which are read once: counts."""
    yield from page_stems(snapshot)
    yield from (metadata.VOID, metadata.LINKSET, history.FEED, *static.STATIC_FILES, *moved.stems(snapshot.project))
    if snapshot.renderer.scripts:
        yield from (*static.paths(), sparql_page.OFFERS)


def version_parts(snapshot: Snapshot) -> Iterator[SitePart]:
    """Yield the parts with the data of each version kept: a thousand files and more, if there are as many graphs."""
    for entry in snapshot.version_entries.values():
        # If the version before is removed, the changes are others; and in an emptied folder, numbers begin again.
        name = f"{entry.entry_iri} after {entry.before.manifest.number if entry.before else 0}"
        yield SitePart(name, partial(_version_stems, version=entry), is_listed=False, lasts=True)


def _version_stems(_: Snapshot, version: VersionEntry) -> Iterator[str]:
    yield from (f"{version.stem}/dataset", f"{version.stem}/changes")
    yield from map(version.graph_stem, version.manifest.graphs)


def _search_stems(snapshot: Snapshot) -> Iterable[str]:
    return snapshot.search_index if snapshot.renderer.scripts else ()


def _list_stems(snapshot: Snapshot, kind: str) -> Iterator[str]:
    return lists.stems(snapshot.lists, kind)


def page_stems(snapshot: Snapshot) -> Iterator[str]:
    """Yield the stems of the pages that are made anew for each version: those that lead to all others."""
    yield from (home_page.STEM, claim_page.GUIDE, _QUESTIONS, _VERSIONS)
    yield from (f"{entry.stem}/index" for entry in snapshot.version_entries.values())
    if snapshot.renderer.scripts:
        yield from (search.STEM, sparql_page.STEM)


def described_parts(snapshot: Snapshot) -> Iterator[SitePart]:
    """Yield the parts with things and documents of the data; each is read from the store independently."""
    renderer = snapshot.renderer
    documents = [entry.iri for entry in snapshot.manifest.graphs if entry.iri not in _VOCABULARIES]
    yield from (SitePart(iri, partial(_document_stems, iri=iri), document=iri) for iri in documents)
    vocabularies = [stem for stem, graph in snapshot.graphs.items() if graph in _VOCABULARIES]
    # A record, and a report with a dossier, is a graph.
    members = chain.from_iterable(entity_page.members(renderer, kind) for kind in KINDS if kind != "record")
    collections = (f"{kind}/index" for kind in KINDS)
    things = [stem for stem in (*collections, *map(renderer.stem, members)) if stem not in snapshot.graphs]
    for stem in (*vocabularies, *things):
        yield SitePart(stem, partial(_only, stem=stem))
    for stem in (f"question/{name}" for name in snapshot.questions):
        yield SitePart(stem, partial(_only, stem=stem), find=partial(_has_rows, stem=stem))
    if renderer.scripts:
        yield SitePart(compare.FOLDER, _compare_stems)


def _only(_: Snapshot, stem: str) -> tuple[str]:
    return (stem,)


def _nowhere(_: Snapshot) -> tuple[str, ...]:
    return ()


def _has_rows(snapshot: Snapshot, stem: str) -> object:
    return snapshot.found.get(stem, True)


def _home_contents(snapshot: Snapshot) -> object:
    return vars(snapshot.home)


def _compare_stems(snapshot: Snapshot) -> Iterator[str]:
    return chain((compare.STEM,), compare.stems(snapshot.renderer, snapshot.entities))


def _document_stems(snapshot: Snapshot, iri: str) -> Iterator[str]:
    """Yield the stems of a named graph: of its document, of further pages of a report, and of parts with a page."""
    renderer = snapshot.renderer
    yield from snapshot.stems_of(iri)
    if pages := renderer.report_pages(iri):
        yield from (*pages.stems, f"{pages.stem}/{web_annotation.NAME}")
    yield from filter(None, map(renderer.addresses.part_stem, sorted(parts_of(renderer.reader.resource(iri)))))


def site_map_paths(snapshot: Snapshot) -> Iterator[str]:
    """Yield the paths of the pages that people read, without lists and those that name persons affected."""
    parts = (part.stems(snapshot) for part in described_parts(snapshot))
    for stem in dict.fromkeys(chain(page_stems(snapshot), *parts)):
        if HTML in files(snapshot, stem) and not _names_affected(snapshot, stem):
            yield stem + HTML


def _names_affected(snapshot: Snapshot, stem: str) -> bool:
    """Return whether the page at a stem names persons affected, and so asks search engines to leave it out."""
    renderer = snapshot.renderer
    if part := renderer.addresses.part(stem):
        return claim_page.names_affected(renderer, renderer.reader.resource(part))
    report = renderer.reader.here(stem.rpartition("/")[0])
    if (pages := renderer.report_pages(report.iri)) and stem in pages.stems:
        return renderer.affected.speaks_in(report.iri)
    if question := snapshot.questions.get(stem.removeprefix("question/")):
        # Only an answer shows it; to ask all questions again would take long.
        return "affected" in question.sparql.casefold() and _answer(snapshot, question).choosable.names_affected
    return is_affected(renderer.reader.here(stem))


def reads_much(path: str) -> bool:
    """Return whether making the file at a path reads much of the store, and so may take long.

    These are answers to questions, counts, lists, the version history and the search index.

    >>> [reads_much(path) for path in ("question/timeline.csv", "index.html", "version/1/dataset.trig", "search/it.js")]
    [True, True, True, True]
    >>> [reads_much(path) for path in ("question/timeline", "question/index.html", "state/CZE.html", "ns/0.1.ttl")]
    [False, False, False, False]
    """
    folder, _, name = path.rpartition("/")
    stem = f"{folder}/{name.partition('.')[0]}".removeprefix("/")
    if path in (metadata.VOID, f"{metadata.LINKSET}.json", f"{history.FEED}.xml") or folder in {
        search.STEM,
        *lists.KINDS,
    }:
        return True
    in_folder = folder == "question" or f"{folder}/".startswith("version/")
    return stem != path and (stem == "index" or (in_folder and stem != _QUESTIONS))


def _home(snapshot: Snapshot, stem: str) -> Iterator[PageFile]:
    """Yield the page of the data set itself, and its description for machines."""
    quads = snapshot.catalogue.quads
    if stem == home_page.STEM:
        yield PageFile(HTML, lambda: _start_page(snapshot))
        yield from _rdf_files(snapshot, stem, quads)
    elif stem == metadata.VOID:
        (turtle,) = _rdf_files(snapshot, stem, quads, (formats.TURTLE,))
        yield PageFile("", lambda: replace(turtle.make(), path=stem))
    elif stem == metadata.LINKSET:
        yield PageFile(".json", snapshot.catalogue.linkset)


def _start_page(snapshot: Snapshot) -> Page:
    return home_page.home_page(snapshot.renderer, snapshot.home, snapshot.catalogue, snapshot.answered)


def _moved(snapshot: Snapshot, stem: str) -> Iterator[PageFile]:
    """Yield the files at the address of a thing that was renamed or withdrawn, and the page for all other addresses."""
    project = snapshot.project
    if stem not in moved.stems(project):
        return
    if stem == moved.MISSING:
        yield PageFile(HTML, partial(moved.missing_page, snapshot.renderer))
        return
    yield PageFile(HTML, partial(moved.page, snapshot.renderer, stem))
    if project.successor(stem):
        yield from _rdf_files(snapshot, stem, partial(moved.statements, project, stem))


def _guide(snapshot: Snapshot, stem: str) -> Iterator[PageFile]:
    """Yield the page that explains how to read a claim."""
    if stem == claim_page.GUIDE:
        yield PageFile(HTML, partial(claim_page.guide_page, snapshot.renderer))


def _static(snapshot: Snapshot, stem: str) -> Iterator[PageFile]:
    """Yield a static file: style sheet, icon, site map, redirect rules or robots.txt."""
    if stem in static.STATIC_FILES:
        yield PageFile("", lambda: static.static_file(snapshot.project, stem, site_map_paths(snapshot)))


def _tools(snapshot: Snapshot, stem: str) -> Iterator[PageFile]:
    """Yield the search page, the SPARQL page, or a file that these load: scripts, index, completions."""
    renderer = snapshot.renderer
    if not renderer.scripts:
        return
    if stem == search.STEM:
        yield PageFile(HTML, partial(search.search_page, renderer))
    elif stem == sparql_page.STEM:
        yield PageFile(HTML, partial(sparql_page.sparql_page, renderer, snapshot.dumps, snapshot.manifest.quads))
    elif stem == sparql_page.OFFERS:
        yield PageFile("", partial(sparql_page.offers, renderer, snapshot.questions))
    elif stem in static.paths():
        yield PageFile("", partial(static.script, stem))
    elif stem.startswith(search.FOLDER) and stem in snapshot.search_index:
        yield PageFile("", partial(snapshot.search_index.__getitem__, stem))


def _compare(snapshot: Snapshot, stem: str) -> Iterator[PageFile]:
    """Yield the page that sets two things side by side, or what it loads of one of them."""
    renderer, entities = snapshot.renderer, snapshot.entities
    if not renderer.scripts:
        return
    if stem == compare.STEM:
        yield PageFile(HTML, partial(compare.compare_page, renderer, entities))
    elif found := compare.thing(renderer, entities, stem):
        yield PageFile(".js", partial(compare.data_file, renderer, entities, *found))


def _collection(snapshot: Snapshot, stem: str) -> Iterator[PageFile]:
    """Yield the page that lists the things of a kind."""
    kind, _, name = stem.partition("/")
    if name == "index":
        yield PageFile(HTML, partial(entity_page.collection_page, snapshot.renderer, snapshot.entities, kind))


def _list(snapshot: Snapshot, stem: str) -> Iterator[PageFile]:
    """Yield the files of a page of a list, or the script of a facet."""
    kind, _, name = stem.partition("/")
    made = lists.files(snapshot.renderer, snapshot.lists, kind, name)
    yield from (PageFile(suffix, make) for suffix, make in made.items())


def _question(snapshot: Snapshot, stem: str) -> Iterator[PageFile]:
    """Yield the list of the stored questions, or the files of one with its answer."""
    if stem == _QUESTIONS:
        yield PageFile(
            HTML, lambda: question_page.index_page(snapshot.renderer, snapshot.answered, len(snapshot.questions))
        )
    elif question := snapshot.questions.get(stem.removeprefix("question/")):
        yield from (PageFile(suffix, make) for suffix, make in _answer(snapshot, question).files().items())
        yield from _statements_about(snapshot, stem, snapshot.project.base + stem)


def _answer(snapshot: Snapshot, question: Question) -> AnswerTable:
    asked, edition = question.with_language(snapshot.project.language), snapshot.edition_of(question.name)
    return AnswerTable(
        snapshot.renderer, snapshot.store, asked, snapshot.manifest.quads, edition=edition, found=snapshot.found
    )


def _version(snapshot: Snapshot, stem: str) -> Iterator[PageFile]:
    """Yield the list of versions, the page of one, or its data: dumps, single graphs, changes."""
    project, entries = snapshot.project, snapshot.version_entries
    if stem == _VERSIONS:
        every = tuple(entries.values())
        yield PageFile(HTML, partial(history.list_page, snapshot.renderer, every))
        yield from _rdf_files(snapshot, stem, partial(history.all_quads, project, every))
        return
    number, _, name = stem.removeprefix("version/").partition("/")
    version = entries.get(number)
    if version is None:
        return
    if name == "index":
        yield PageFile(HTML, partial(history.version_page, snapshot.renderer, version))
        folder = _exported_folder(snapshot, version)
        files = _rdf_files(snapshot, stem, lambda: version.quads(metadata.expected_dumps(folder)))
        yield from (replace(file, lasting=True) for file in files)
    elif name == "changes":
        if version.before:  # a patch for a first version would repeat all data
            yield PageFile(".rdfp", partial(_patch, version), lasting=version.is_complete)
        yield PageFile(".json", partial(_change_summary, version), lasting=version.is_complete)
    elif name == "dataset":
        folder = _exported_folder(snapshot, version)
        for dump in metadata.DUMPS:
            make = partial(_dump, snapshot, version, dump)
            yield _lasting(stem, dump.suffix, dump.packed or dump.media_type, folder / dump.path, make)
    elif entry := version.by_name.get(name):
        for syntax in (formats.TURTLE, formats.JSONLD):
            source = _exported_graph(snapshot, version, entry, syntax)
            make = partial(_graph, snapshot, version, entry, syntax)
            yield _lasting(stem, syntax.suffix, syntax.media_type, source, make)


def _feed(snapshot: Snapshot, stem: str) -> Iterator[PageFile]:
    """Yield the Atom feed of changes."""
    if stem == history.FEED:
        entries = tuple(snapshot.version_entries.values())
        yield PageFile(".xml", partial(history.feed, snapshot.renderer, entries, snapshot.manifest.created))


_ROUTES: Final[Mapping[str, Callable[[Snapshot, str], Iterable[PageFile]]]] = {
    "index": _home,
    ".well-known": _home,
    metadata.LINKSET: _home,
    **dict.fromkeys((path.partition("/")[0] for path in static.STATIC_FILES), _static),
    claim_page.GUIDE: _guide,
    search.STEM: _tools,
    sparql_page.STEM: _tools,
    static.FOLDER: _tools,
    compare.STEM: _compare,
    **dict.fromkeys(KINDS, _collection),
    **dict.fromkeys(lists.KINDS, _list),
    "question": _question,
    "version": _version,
    history.FEED: _feed,
}
"""The functions that yield the files at a stem, by the first segment of the stem."""


def _of_a_report(snapshot: Snapshot, stem: str) -> Iterator[PageFile]:
    """Yield the page with data of a report, its annotations, or the page and the picture of one of its claims."""
    renderer = snapshot.renderer
    report = renderer.reader.here(stem.rpartition("/")[0])
    pages = renderer.report_pages(report.iri)
    if pages and stem == f"{pages.stem}/{web_annotation.NAME}":
        yield PageFile(".json", partial(web_annotation.of_report, report, stem, snapshot.project))
    if pages and stem in pages.stems:
        yield PageFile(HTML, partial(data_page, renderer, report, stem))
    elif part := renderer.addresses.part(stem):
        document, it = namespaces.document_of(part), renderer.reader.resource(part)
        page = partial(claim_page.claim_page, renderer, it, snapshot.editions.get(document))
        yield PageFile(HTML, page)
        if claim_page.has_picture(renderer, it):
            picture = partial(claim_page.picture, renderer, it)
            yield PageFile(".png", lambda: picture().page(), key=lambda: picture().key)


def _described(snapshot: Snapshot, stem: str) -> Iterator[PageFile]:
    """Yield the page and the data files of a thing or document in the data.

    A project may choose its IRIs freely, so the stem may be any path.
    """
    renderer, graph = snapshot.renderer, snapshot.graphs.get(stem)
    thing = renderer.reader.here(stem)
    if parts := tuple(_of_a_report(snapshot, stem)):
        yield from parts
        return
    kind = None
    # `state/` has no files of its own: it is another spelling of `state/index`.
    if is_plain(stem) and renderer.addresses.stem(thing.iri) == stem:
        kind = entity_page.kind_of_page(thing)
    if kind == "report":
        yield PageFile(HTML, partial(report_page, renderer, thing, snapshot.editions.get(thing.iri)))
    elif kind and kind != "record":
        yield PageFile(HTML, partial(entity_page.resource_page, renderer, snapshot.entities, kind, thing))
        yield from _statements_about(snapshot, stem, thing.iri)
    if graph is None:
        return
    if graph in _VOCABULARIES:
        yield PageFile(HTML, partial(vocabulary_page, renderer, graph, stem + HTML))
    elif entity_page.kind_of_page(renderer.reader.resource(graph)) in (None, "record"):
        yield PageFile(HTML, partial(document_page, renderer, graph, stem + HTML))
    syntaxes = VOCABULARY_ALTERNATES if graph in _VOCABULARIES else RDF_ALTERNATES
    exported = {syntax.suffix for syntax in formats.EXPORTED}
    for file in _rdf_files(snapshot, stem, lambda: terms.canonical(graphs.statements(snapshot.store, graph)), syntaxes):
        yield replace(file, graph=graph, exported=file.suffix in exported)


def _rdf_files(
    snapshot: Snapshot, stem: str, read: Callable[[], tuple[Quad, ...]], syntaxes: Iterable[Syntax] = RDF_ALTERNATES
) -> Iterator[PageFile]:
    """Return the RDF files with the canonical statements that `read` returns; it is called once for all of them.

    Two files of N-Triples are equal if and only if the graphs are.
    """
    read_once = cache(read)  # reading and sorting is the larger part of making a small file

    def make(syntax: Syntax) -> Page:
        quads, base = read_once(), snapshot.project.base
        # Not by `serialize.write`, which would sort the statements again.
        if syntax is formats.NTRIPLES:
            content = terms.serialize([quad.triple for quad in quads], syntax)
        elif syntax is formats.TURTLE:
            content = serialize.turtle(quads, base).encode()
        elif syntax is formats.JSONLD:
            content = json_ld(quads, snapshot.context).encode()
        else:
            content = serialize.write(quads, syntax, base, snapshot.context)
        return Page(stem + syntax.suffix, content, syntax.media_type)

    return (PageFile(syntax.suffix, partial(make, syntax)) for syntax in syntaxes)


def _statements_about(snapshot: Snapshot, stem: str, iri: str) -> Iterator[PageFile]:
    """Yield the RDF files with the statements that have a thing as subject or object."""
    # N-Triples come first: they are canonical, so they show whether the other files, which take longer, would differ.
    syntaxes = (formats.NTRIPLES, formats.TURTLE, formats.JSONLD)
    for file in _rdf_files(snapshot, stem, partial(snapshot.renderer.reader.quads_about, iri), syntaxes):
        yield file if file.suffix == _LINES else replace(file, beside=_LINES)


def _lasting(stem: str, suffix: str, media_type: str, source: Path | None, make: Callable[[], bytes]) -> PageFile:
    """Return a file that never changes: the one at `source` if it exists, else made by `make`."""
    there = source if source and source.is_file() else None
    return PageFile(
        suffix,
        lambda: Page(stem + suffix, there.read_bytes() if there else make(), media_type),
        source=there,
        lasting=True,
    )


def _exported_folder(snapshot: Snapshot, version: VersionEntry) -> Path:
    """Return the folder of the version's exported files; during a build, the snapshot's own are still in a draft."""
    is_own = version.manifest.number == snapshot.manifest.number
    return snapshot.export if is_own and snapshot.export else version.version.export_path


def _exported_graph(snapshot: Snapshot, version: VersionEntry, entry: GraphEntry, syntax: Syntax) -> Path | None:
    """Return a graph's exported file of the version or, for an unchanged graph, of this snapshot."""
    name = namespaces.graph_path(snapshot.project.base, entry.iri).as_posix() + syntax.suffix
    now = snapshot.manifest.entry(entry.iri)
    same = now is not None and now.content_digest == entry.content_digest
    folders = (_exported_folder(snapshot, version), snapshot.export if same else None)
    return next((folder / name for folder in folders if folder and (folder / name).is_file()), None)


def _graph(snapshot: Snapshot, version: VersionEntry, entry: GraphEntry, syntax: Syntax) -> bytes:
    quads = tuple(graphs.statements(version.version.open(), entry.iri))
    return serialize.write(quads, syntax, snapshot.project.base, snapshot.context)


def _dump(snapshot: Snapshot, version: VersionEntry, dump: Dump) -> bytes:
    """Return a dump of a version that was published without files."""

    def turtle(entry: GraphEntry) -> str:
        source = _exported_graph(snapshot, version, entry, formats.TURTLE)
        return (source.read_bytes() if source else _graph(snapshot, version, entry, formats.TURTLE)).decode()

    entries, out = version.manifest.graphs, io.BytesIO()
    if dump.packed:
        lines = io.BytesIO(b"".join(_graph(snapshot, version, entry, formats.NQUADS) for entry in entries))
        serialize.pack(lines, dump.syntax, out)
        return out.getvalue()
    documents = ((entry.iri, turtle(entry)) for entry in entries)
    return "".join(serialize.joined_turtle(documents, named=dump.syntax.quads)).encode()


def _patch(version: VersionEntry) -> Page:
    content = b"".join(versions.as_patch(VersionDifference(*version.opened())))
    return Page(f"{version.stem}/changes.rdfp", content, "application/rdf-patch")


def _change_summary(version: VersionEntry) -> Page:
    return Page(f"{version.stem}/changes.json", changes.as_json(version.change_summary), "application/json")
