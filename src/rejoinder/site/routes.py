"""The families of pages that make up a site, see `pages`."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from rejoinder import formats, namespaces, versions
from rejoinder.formats import Syntax
from rejoinder.lazily import lazy
from rejoinder.rdf import graphs, serialize
from rejoinder.rdf.terms import Quad
from rejoinder.site import (
    catalogue,
    changes,
    entity_page,
    history,
    home_page,
    question_page,
    rdf_files,
    search,
    sparql_page,
    static,
    statistics,
)
from rejoinder.site.document_page import document_page, vocabulary_page
from rejoinder.site.history import VersionEntry, all_quads
from rejoinder.site.render import RDF_ALTERNATES, Page
from rejoinder.site.report_page import report_page
from rejoinder.site.resource import Resource, graph_statements
from rejoinder.site.snapshot import PageFile, Router, Snapshot
from rejoinder.site.urls import is_plain
from rejoinder.versions import GraphEntry, VersionDifference

_PAGES: Final[Mapping[str, Callable[[Snapshot], Page]]] = {
    search.STEM: lambda snapshot: search.search_page(snapshot.renderer),
    sparql_page.STEM: lambda snapshot: sparql_page.sparql_page(
        snapshot.renderer, snapshot.dumps, snapshot.manifest.quads
    ),
}


class ScriptedPages:
    """The search page and the SPARQL page."""

    def stems(self, snapshot: Snapshot) -> Iterator[str]:
        """See `PageGroup.stems`."""
        yield from _PAGES if snapshot.renderer.scripts else ()

    def files(self, snapshot: Snapshot, stem: str) -> Iterator[PageFile]:
        """See `PageGroup.files`."""
        if snapshot.renderer.scripts and stem in _PAGES:
            yield PageFile(".html", partial(_PAGES[stem], snapshot))


class ScriptFiles:
    """What these pages load: the scripts, the index of the search, what the editor offers."""

    def stems(self, snapshot: Snapshot) -> Iterator[str]:
        """See `PageGroup.stems`."""
        if snapshot.renderer.scripts:
            yield from (*static.paths(), *snapshot.search_index, sparql_page.OFFERS)

    def files(self, snapshot: Snapshot, stem: str) -> Iterator[PageFile]:
        """See `PageGroup.files`."""
        if not snapshot.renderer.scripts:
            return
        if stem in static.paths():
            yield PageFile("", partial(static.script, stem))
        elif stem == sparql_page.OFFERS:
            yield PageFile("", partial(sparql_page.offers, snapshot.renderer, snapshot.questions))
        elif stem.startswith(search.FOLDER) and stem in snapshot.search_index:
            yield PageFile("", partial(snapshot.search_index.__getitem__, stem))


_LIST: Final = "version/index"
_FEED: Final = "feed"
_PATCH: Final = "application/rdf-patch"
_DATA: Final = (formats.TURTLE, formats.JSONLD)


class VersionPages:
    """The list of versions, the page of each, and the feed."""

    def stems(self, snapshot: Snapshot) -> Iterator[str]:
        """See `PageGroup.stems`."""
        yield _LIST
        yield from (f"{version_entry.stem}/index" for version_entry in snapshot.version_entries.values())

    def files(self, snapshot: Snapshot, stem: str) -> Iterator[PageFile]:
        """See `PageGroup.files`."""
        if stem == _LIST:
            version_entries = tuple(snapshot.version_entries.values())
            yield PageFile(".html", partial(history.list_page, snapshot.renderer, version_entries))
            yield from _alternates(snapshot, stem, partial(all_quads, snapshot.project, version_entries), lasting=False)
        version_entry = _version_entry(snapshot, stem)
        if version_entry and stem == f"{version_entry.stem}/index":
            yield PageFile(".html", partial(history.version_page, snapshot.renderer, version_entry))
            yield from _alternates(snapshot, stem, partial(_described, snapshot, version_entry), lasting=True)


def _version_entry(snapshot: Snapshot, stem: str) -> VersionEntry | None:
    """The version that the stem is about."""
    folder, _, rest = stem.partition("/")
    return snapshot.version_entries.get(rest.partition("/")[0]) if folder == "version" else None


def _alternates(
    snapshot: Snapshot, stem: str, read: Callable[[], tuple[Quad, ...]], *, lasting: bool
) -> Iterator[PageFile]:
    for syntax in RDF_ALTERNATES:
        yield PageFile(syntax.suffix, partial(_alternate, snapshot, stem, read, syntax), lasting=lasting)


def _alternate(snapshot: Snapshot, stem: str, read: Callable[[], tuple[Quad, ...]], syntax: Syntax) -> Page:
    return rdf_files.page(stem, read(), syntax, snapshot.project.base, snapshot.context)


class VersionFiles:
    """The data of every version: its dumps and its graphs, and what changed, as a patch and in words; the feed."""

    def stems(self, snapshot: Snapshot) -> Iterator[str]:
        """See `PageGroup.stems`."""
        yield _FEED
        for version_entry in snapshot.version_entries.values():
            yield from (f"{version_entry.stem}/dataset", f"{version_entry.stem}/changes")
            yield from (version_entry.graph_stem(entry) for entry in version_entry.manifest.graphs)

    def files(self, snapshot: Snapshot, stem: str) -> Iterator[PageFile]:
        """See `PageGroup.files`."""
        if stem == _FEED:
            yield PageFile(".xml", partial(_feed, snapshot))
        version_entry = _version_entry(snapshot, stem)
        if version_entry is None:
            return
        name = stem.removeprefix(f"{version_entry.stem}/")
        if name == "dataset":
            yield _dump(snapshot, version_entry, ".trig", formats.TRIG.media_type, _whole)
            yield _dump(snapshot, version_entry, ".nq.gz", "application/gzip", _packed)
        elif name == "changes":
            if version_entry.before:  # a patch from nothing would be all of the data once more
                yield PageFile(".rdfp", partial(_patch, version_entry), lasting=version_entry.is_complete)
            yield PageFile(".json", partial(_words, version_entry), lasting=version_entry.is_complete)
        elif entry := version_entry.by_name.get(name):
            for syntax in _DATA:
                make = partial(_graph, snapshot, version_entry, entry, syntax)
                source = _exported(snapshot, version_entry, entry, syntax)
                yield _lasting(f"{stem}{syntax.suffix}", syntax.suffix, syntax.media_type, source, make)


def _dump(
    snapshot: Snapshot,
    version_entry: VersionEntry,
    suffix: str,
    media_type: str,
    make: Callable[[Snapshot, VersionEntry], bytes],
) -> PageFile:
    """All of a version: as it exported it, or made from its store if it was published without files."""
    source = _exports(snapshot, version_entry) / f"dataset{suffix}"
    found = source if source.is_file() else None
    return _lasting(
        f"{version_entry.stem}/dataset{suffix}", suffix, media_type, found, partial(make, snapshot, version_entry)
    )


def _lasting(path: str, suffix: str, media_type: str, source: Path | None, make: Callable[[], bytes]) -> PageFile:
    """A file that never changes: the one at `source`, if there is one."""
    return PageFile(
        suffix, lambda: Page(path, source.read_bytes() if source else make(), media_type), source=source, lasting=True
    )


def _exported(snapshot: Snapshot, version_entry: VersionEntry, entry: GraphEntry, syntax: Syntax) -> Path | None:
    """A graph's file as the version exported it, or as this edition did, if the graph is the same in both."""
    name = namespaces.graph_path(snapshot.project.base, entry.iri).as_posix() + syntax.suffix
    now = snapshot.manifest.entry(entry.iri)
    same = now is not None and now.content_digest == entry.content_digest
    folders = (_exports(snapshot, version_entry), snapshot.export if same else None)
    return next((folder / name for folder in folders if folder and (folder / name).is_file()), None)


def _exports(snapshot: Snapshot, version_entry: VersionEntry) -> Path:
    """The folder of the version's exported files; that of the edition itself may not yet be in its place."""
    is_own = version_entry.manifest.number == snapshot.manifest.number
    return snapshot.export if is_own and snapshot.export else version_entry.version.export_path


def _described(snapshot: Snapshot, version_entry: VersionEntry) -> tuple[Quad, ...]:
    return version_entry.quads(statistics.expected(_exports(snapshot, version_entry)))


def _feed(snapshot: Snapshot) -> Page:
    return history.feed(snapshot.renderer, tuple(snapshot.version_entries.values()), snapshot.manifest.created)


def _whole(snapshot: Snapshot, version_entry: VersionEntry) -> bytes:
    turtle = ((entry.iri, _turtle(snapshot, version_entry, entry)) for entry in version_entry.manifest.graphs)
    return "".join(serialize.trig_blocks(turtle)).encode()


def _turtle(snapshot: Snapshot, version_entry: VersionEntry, entry: GraphEntry) -> str:
    source = _exported(snapshot, version_entry, entry, formats.TURTLE)
    content = source.read_bytes() if source else _graph(snapshot, version_entry, entry, formats.TURTLE)
    return content.decode()


def _packed(snapshot: Snapshot, version_entry: VersionEntry) -> bytes:
    out, store = io.BytesIO(), version_entry.version.open()
    with gzip.GzipFile(filename="", fileobj=out, mode="wb", mtime=0) as packed:
        for entry in version_entry.manifest.graphs:
            quads = graphs.statements(store, entry.iri)
            packed.write(serialize.write(quads, formats.NQUADS, snapshot.project.base, snapshot.context))
    return out.getvalue()


def _graph(snapshot: Snapshot, version_entry: VersionEntry, entry: GraphEntry, syntax: Syntax) -> bytes:
    quads = tuple(graphs.statements(version_entry.version.open(), entry.iri))
    return serialize.write(quads, syntax, snapshot.project.base, snapshot.context)


def _patch(version_entry: VersionEntry) -> Page:
    content = b"".join(versions.as_patch(VersionDifference(*version_entry.opened())))
    return Page(f"{version_entry.stem}/changes.rdfp", content, _PATCH)


def _words(version_entry: VersionEntry) -> Page:
    return Page(f"{version_entry.stem}/changes.json", changes.as_json(version_entry.change_summary), "application/json")


HTML: Final = ".html"
_LINES: Final = formats.NTRIPLES.suffix


@dataclass(frozen=True)
class _RdfAlternates:
    """The statements of one document, read once for all the files that say them."""

    snapshot: Snapshot
    stem: str
    read: Callable[[], tuple[Quad, ...]]

    @lazy
    def quads(self) -> tuple[Quad, ...]:
        """The statements, canonical."""
        return self.read()

    def page(self, syntax: Syntax) -> Page:
        """The statements in a syntax."""
        return rdf_files.page(self.stem, self.quads, syntax, self.snapshot.project.base, self.snapshot.context)


class HomePage:
    """The page of the data set itself, and its description for machines."""

    _STEMS: Final = ("index", ".well-known/void")

    def stems(self, snapshot: Snapshot) -> Iterator[str]:  # noqa: ARG002  # the protocol's form
        """See `PageGroup.stems`."""
        yield from self._STEMS

    def files(self, snapshot: Snapshot, stem: str) -> Iterator[PageFile]:
        """See `PageGroup.files`."""
        if stem not in self._STEMS:
            return
        found = home_page.catalogue_of(snapshot)
        described = _RdfAlternates(snapshot, stem, found.quads)
        if stem == "index":
            yield PageFile(HTML, partial(home_page.start_page, snapshot, found))
            yield from (PageFile(syntax.suffix, partial(described.page, syntax)) for syntax in RDF_ALTERNATES)
        else:
            yield PageFile("", lambda: Page(stem, described.page(formats.TURTLE).content, formats.TURTLE.media_type))


class CollectionPages:
    """The pages that list the things of a kind."""

    def stems(self, snapshot: Snapshot) -> Iterator[str]:  # noqa: ARG002  # the protocol's form
        """See `PageGroup.stems`."""
        yield from (f"{kind}/index" for kind in entity_page.TITLES)

    def files(self, snapshot: Snapshot, stem: str) -> Iterator[PageFile]:
        """See `PageGroup.files`."""
        kind = stem.removesuffix("/index")
        if kind in entity_page.TITLES and kind != stem:
            yield PageFile(HTML, partial(entity_page.collection_page, snapshot.renderer, kind))


class ResourcePages:
    """The pages of what reports share, and what is said of each in RDF."""

    def stems(self, snapshot: Snapshot) -> Iterator[str]:
        """See `PageGroup.stems`."""
        renderer = snapshot.renderer
        for kind in entity_page.TITLES:
            if kind not in entity_page.DOCUMENTS:
                yield from (renderer.stem(resource) for resource in entity_page.members(renderer, kind))

    def files(self, snapshot: Snapshot, stem: str) -> Iterator[PageFile]:
        """See `PageGroup.files`."""
        resource = _resource(snapshot, stem)
        kind = resource and entity_page.kind_of_page(resource)
        if not resource or not kind or kind in entity_page.DOCUMENTS:
            return
        yield PageFile(HTML, partial(entity_page.resource_page, snapshot.renderer, kind, resource))
        yield from _said_of(snapshot, stem, resource.iri)


class ReportPages:
    """The pages of reports; their data are their graphs."""

    def stems(self, snapshot: Snapshot) -> Iterator[str]:
        """See `PageGroup.stems`."""
        renderer = snapshot.renderer
        yield from (renderer.stem(report) for report in entity_page.members(renderer, "report"))

    def files(self, snapshot: Snapshot, stem: str) -> Iterator[PageFile]:
        """See `PageGroup.files`."""
        resource = _resource(snapshot, stem)
        if resource and entity_page.kind_of_page(resource) == "report":
            yield PageFile(HTML, partial(report_page, snapshot.renderer, resource), graph=resource.iri)


class QuestionPages:
    """The stored questions, each with its answer, and their list."""

    INDEX: Final = "question/index"
    """The stem of the list."""

    def stems(self, snapshot: Snapshot) -> Iterator[str]:
        """See `PageGroup.stems`."""
        yield self.INDEX
        yield from (f"question/{name}" for name in snapshot.questions)

    def files(self, snapshot: Snapshot, stem: str) -> Iterator[PageFile]:
        """See `PageGroup.files`."""
        if stem == self.INDEX:
            yield PageFile(HTML, partial(question_page.index_page, snapshot.renderer, snapshot.questions))
        question = snapshot.questions.get(stem.removeprefix("question/"))
        if question and stem == f"question/{question.name}":
            answer = question_page.AnswerTable(snapshot.renderer, snapshot.store, question)
            yield from (PageFile(suffix, make) for suffix, make in answer.files().items())
            yield from _said_of(snapshot, stem, snapshot.project.base + stem)


class VocabularyPages:
    """The ontology and the shapes, at their IRIs and at those of their versions."""

    def stems(self, snapshot: Snapshot) -> Iterator[str]:
        """See `PageGroup.stems`."""
        yield from (stem for stem, graph in snapshot.graphs.items() if graph in _VOCABULARIES)

    def files(self, snapshot: Snapshot, stem: str) -> Iterator[PageFile]:
        """See `PageGroup.files`."""
        graph = snapshot.graphs.get(stem)
        if graph in _VOCABULARIES:
            yield PageFile(HTML, partial(vocabulary_page, snapshot.renderer, graph, stem + HTML))


class DocumentPages:
    """Every other graph of a project: records of reviews, schemes, whatever its data folder holds."""

    def stems(self, snapshot: Snapshot) -> Iterator[str]:
        """See `PageGroup.stems`."""
        yield from (stem for stem, graph in snapshot.graphs.items() if self._is_other(snapshot, stem, graph))

    def files(self, snapshot: Snapshot, stem: str) -> Iterator[PageFile]:
        """See `PageGroup.files`."""
        graph = snapshot.graphs.get(stem)
        if graph is not None and self._is_other(snapshot, stem, graph):
            yield PageFile(HTML, partial(document_page, snapshot.renderer, graph, stem + HTML), graph=graph)

    def _is_other(self, snapshot: Snapshot, stem: str, graph: str) -> bool:
        """Whether no other family has a page there."""
        folder = stem.removesuffix("/index")
        taken = graph in _VOCABULARIES or folder in {*entity_page.TITLES, "question"}
        return not taken and entity_page.kind_of_page(snapshot.renderer.reader.resource(graph)) in (None, "record")


class GraphPages:
    """The named graphs themselves, as the data of the documents that they are named for."""

    def stems(self, snapshot: Snapshot) -> Iterator[str]:
        """See `PageGroup.stems`."""
        yield from snapshot.graphs

    def files(self, snapshot: Snapshot, stem: str) -> Iterator[PageFile]:
        """See `PageGroup.files`."""
        graph = snapshot.graphs.get(stem)
        if graph is not None:
            whole = _RdfAlternates(snapshot, stem, lambda: tuple(graph_statements(snapshot.store, graph)))
            for syntax in RDF_ALTERNATES:
                yield PageFile(
                    syntax.suffix, partial(whole.page, syntax), graph=graph, exported=syntax.suffix != _LINES
                )
            if graph in _VOCABULARIES:  # editors of ontologies ask for RDF/XML before anything else
                yield PageFile(formats.RDFXML.suffix, partial(whole.page, formats.RDFXML), graph=graph)


class Linksets:
    """The typed links of the data set, in a file of their own."""

    def stems(self, snapshot: Snapshot) -> Iterator[str]:  # noqa: ARG002  # the protocol's form
        """See `PageGroup.stems`."""
        yield catalogue.STEM

    def files(self, snapshot: Snapshot, stem: str) -> Iterator[PageFile]:
        """See `PageGroup.files`."""
        if stem == catalogue.STEM:
            yield PageFile(".json", lambda: catalogue.linkset_page(home_page.catalogue_of(snapshot)))


class StaticFiles:
    """Style, icon, site map, rules for hosts and crawlers."""

    def stems(self, snapshot: Snapshot) -> Iterator[str]:  # noqa: ARG002  # the protocol's form
        """See `PageGroup.stems`."""
        yield from static.STATIC_FILES

    def files(self, snapshot: Snapshot, stem: str) -> Iterator[PageFile]:
        """See `PageGroup.files`."""
        if stem in static.STATIC_FILES:
            yield PageFile("", lambda: static.static_file(snapshot.project, stem, site_map_paths(snapshot)))


_VOCABULARIES: Final = (namespaces.ONTOLOGY_GRAPH, namespaces.SHAPES_GRAPH)

_RESOURCES, _REPORTS, _QUESTIONS, _DOCUMENTS, _GRAPHS = (
    ResourcePages(),
    ReportPages(),
    QuestionPages(),
    DocumentPages(),
    GraphPages(),
)

_READ: Final = (
    HomePage(),
    CollectionPages(),
    _RESOURCES,
    _REPORTS,
    _QUESTIONS,
    VocabularyPages(),
    _DOCUMENTS,
    VersionPages(),
    ScriptedPages(),
)
"""The families whose pages people read."""

ROUTER: Final = Router(
    (*_READ, _GRAPHS, VersionFiles(), Linksets(), ScriptFiles(), StaticFiles()),
    apart=frozenset({_RESOURCES, _REPORTS, _QUESTIONS, _DOCUMENTS, _GRAPHS}),
)
"""The site: its families in the order in which their pages are made."""


def reads_much(path: str) -> bool:
    """Whether much of the store is read to make the file at a path, so that it may take any time.

    These are answers to questions, the counts of all that there is, the history of versions, the index of the search.

    >>> [reads_much(path) for path in ("question/timeline.csv", "index.html", "version/1/dataset.trig", "search/it.js")]
    [True, True, True, True]
    >>> [reads_much(path) for path in ("question/timeline", "question/index.html", "state/CZE.html", "ns/0.1.ttl")]
    [False, False, False, False]
    """
    folder, _, name = path.rpartition("/")
    stem = f"{folder}/{name.partition('.')[0]}".removeprefix("/")
    if path in _WHOLE or path.startswith(search.FOLDER):
        return True
    in_folder = folder == "question" or f"{folder}/".startswith("version/")
    return stem != path and (stem == "index" or (in_folder and stem != QuestionPages.INDEX))


_WHOLE: Final = (".well-known/void", f"{catalogue.STEM}.json", "feed.xml")


def site_map_paths(snapshot: Snapshot) -> Iterator[str]:
    """The pages that people read."""
    stems = dict.fromkeys(stem for group in _READ for stem in group.stems(snapshot))
    return (stem + HTML for stem in stems if not stem.startswith("."))


def _resource(snapshot: Snapshot, stem: str) -> Resource | None:
    """The thing that stands at a stem, if one can."""
    here = snapshot.renderer.reader.here(stem) if is_plain(stem) else None
    return here if here and snapshot.renderer.addresses.stem(here.iri) == stem else None


def _said_of(snapshot: Snapshot, stem: str, iri: str) -> Iterator[PageFile]:
    """What is said of a thing and with it, in RDF: canonical lines tell whether the readable files would differ."""
    said = _RdfAlternates(snapshot, stem, partial(rdf_files.statements, snapshot.store, iri))
    yield PageFile(_LINES, partial(said.page, formats.NTRIPLES))
    for syntax in (formats.TURTLE, formats.JSONLD):
        yield PageFile(syntax.suffix, partial(said.page, syntax), beside=_LINES)
