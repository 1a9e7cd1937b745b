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
    resource,
    search,
    sparql_page,
    static,
    statistics,
)
from rejoinder.site.document_page import document_page, vocabulary_page
from rejoinder.site.history import VersionEntry, all_quads
from rejoinder.site.render import RDF_ALTERNATES, Page
from rejoinder.site.report_page import report_page
from rejoinder.site.resource import Resource
from rejoinder.site.snapshot import PageFile, Router, Snapshot
from rejoinder.site.urls import is_plain
from rejoinder.versions import GraphEntry, VersionDifference

_PAGES: Final[Mapping[str, Callable[[Snapshot], Page]]] = {
    search.STEM: lambda edition: search.search_page(edition.press),
    sparql_page.STEM: lambda edition: sparql_page.sparql_page(edition.press, edition.dumps, edition.manifest.quads),
}


class ScriptedPages:
    """The search page and the SPARQL page."""

    def stems(self, edition: Snapshot) -> Iterator[str]:
        """See `Family.stems`."""
        yield from _PAGES if edition.press.scripts else ()

    def files(self, edition: Snapshot, stem: str) -> Iterator[PageFile]:
        """See `Family.files`."""
        if edition.press.scripts and stem in _PAGES:
            yield PageFile(".html", partial(_PAGES[stem], edition))


class ScriptFiles:
    """What these pages load: the scripts, the index of the search, what the editor offers."""

    def stems(self, edition: Snapshot) -> Iterator[str]:
        """See `Family.stems`."""
        if edition.press.scripts:
            yield from (*static.paths(), *edition.search_index, sparql_page.OFFERS)

    def files(self, edition: Snapshot, stem: str) -> Iterator[PageFile]:
        """See `Family.files`."""
        if not edition.press.scripts:
            return
        if stem in static.paths():
            yield PageFile("", partial(static.script, stem))
        elif stem == sparql_page.OFFERS:
            yield PageFile("", partial(sparql_page.offers, edition.press, edition.questions))
        elif stem.startswith(search.FOLDER) and stem in edition.search_index:
            yield PageFile("", partial(edition.search_index.__getitem__, stem))


_LIST: Final = "version/index"
_FEED: Final = "feed"
_PATCH: Final = "application/rdf-patch"
_DATA: Final = (formats.TURTLE, formats.JSONLD)


class VersionPages:
    """The list of versions, the page of each, and the feed."""

    def stems(self, edition: Snapshot) -> Iterator[str]:
        """See `Family.stems`."""
        yield _LIST
        yield from (f"{past.stem}/index" for past in edition.pasts.values())

    def files(self, edition: Snapshot, stem: str) -> Iterator[PageFile]:
        """See `Family.files`."""
        if stem == _LIST:
            pasts = tuple(edition.pasts.values())
            yield PageFile(".html", partial(history.list_page, edition.press, pasts))
            yield from _twins(edition, stem, partial(all_quads, edition.project, pasts), lasting=False)
        past = _past(edition, stem)
        if past and stem == f"{past.stem}/index":
            yield PageFile(".html", partial(history.version_page, edition.press, past))
            yield from _twins(edition, stem, partial(_described, edition, past), lasting=True)


def _past(edition: Snapshot, stem: str) -> VersionEntry | None:
    """The version that the stem is about."""
    folder, _, rest = stem.partition("/")
    return edition.pasts.get(rest.partition("/")[0]) if folder == "version" else None


def _twins(edition: Snapshot, stem: str, read: Callable[[], tuple[Quad, ...]], *, lasting: bool) -> Iterator[PageFile]:
    for syntax in RDF_ALTERNATES:
        yield PageFile(syntax.suffix, partial(_twin, edition, stem, read, syntax), lasting=lasting)


def _twin(edition: Snapshot, stem: str, read: Callable[[], tuple[Quad, ...]], syntax: Syntax) -> Page:
    return rdf_files.page(stem, read(), syntax, edition.project.base, edition.context)


class VersionFiles:
    """The data of every version: its dumps and its graphs, and what changed, as a patch and in words; the feed."""

    def stems(self, edition: Snapshot) -> Iterator[str]:
        """See `Family.stems`."""
        yield _FEED
        for past in edition.pasts.values():
            yield from (f"{past.stem}/dataset", f"{past.stem}/changes")
            yield from (past.graph_stem(entry) for entry in past.manifest.graphs)

    def files(self, edition: Snapshot, stem: str) -> Iterator[PageFile]:
        """See `Family.files`."""
        if stem == _FEED:
            yield PageFile(".xml", partial(_feed, edition))
        past = _past(edition, stem)
        if past is None:
            return
        name = stem.removeprefix(f"{past.stem}/")
        if name == "dataset":
            yield _dump(edition, past, ".trig", formats.TRIG.media_type, _whole)
            yield _dump(edition, past, ".nq.gz", "application/gzip", _packed)
        elif name == "changes":
            if past.before:  # a patch from nothing would be all of the data once more
                yield PageFile(".rdfp", partial(_patch, past), lasting=past.is_complete)
            yield PageFile(".json", partial(_words, past), lasting=past.is_complete)
        elif entry := past.by_name.get(name):
            for syntax in _DATA:
                make = partial(_graph, edition, past, entry, syntax)
                source = _exported(edition, past, entry, syntax)
                yield _lasting(f"{stem}{syntax.suffix}", syntax.suffix, syntax.media_type, source, make)


def _dump(
    edition: Snapshot, past: VersionEntry, suffix: str, media_type: str, make: Callable[[Snapshot, VersionEntry], bytes]
) -> PageFile:
    """All of a version: as it exported it, or made from its store if it was published without files."""
    source = _exports(edition, past) / f"dataset{suffix}"
    found = source if source.is_file() else None
    return _lasting(f"{past.stem}/dataset{suffix}", suffix, media_type, found, partial(make, edition, past))


def _lasting(path: str, suffix: str, media_type: str, source: Path | None, make: Callable[[], bytes]) -> PageFile:
    """A file that never changes: the one at `source`, if there is one."""
    return PageFile(
        suffix, lambda: Page(path, source.read_bytes() if source else make(), media_type), source=source, lasting=True
    )


def _exported(edition: Snapshot, past: VersionEntry, entry: GraphEntry, syntax: Syntax) -> Path | None:
    """A graph's file as the version exported it, or as this edition did, if the graph is the same in both."""
    name = namespaces.graph_path(edition.project.base, entry.iri).as_posix() + syntax.suffix
    now = edition.manifest.entry(entry.iri)
    same = now is not None and now.content_digest == entry.content_digest
    folders = (_exports(edition, past), edition.export if same else None)
    return next((folder / name for folder in folders if folder and (folder / name).is_file()), None)


def _exports(edition: Snapshot, past: VersionEntry) -> Path:
    """The folder of the version's exported files; that of the edition itself may not yet be in its place."""
    is_own = past.manifest.number == edition.manifest.number
    return edition.export if is_own and edition.export else past.version.export_path


def _described(edition: Snapshot, past: VersionEntry) -> tuple[Quad, ...]:
    return past.quads(statistics.expected(_exports(edition, past)))


def _feed(edition: Snapshot) -> Page:
    return history.feed(edition.press, tuple(edition.pasts.values()), edition.manifest.created)


def _whole(edition: Snapshot, past: VersionEntry) -> bytes:
    turtle = ((entry.iri, _turtle(edition, past, entry)) for entry in past.manifest.graphs)
    return "".join(serialize.trig_blocks(turtle)).encode()


def _turtle(edition: Snapshot, past: VersionEntry, entry: GraphEntry) -> str:
    source = _exported(edition, past, entry, formats.TURTLE)
    content = source.read_bytes() if source else _graph(edition, past, entry, formats.TURTLE)
    return content.decode()


def _packed(edition: Snapshot, past: VersionEntry) -> bytes:
    out, store = io.BytesIO(), past.version.open()
    with gzip.GzipFile(filename="", fileobj=out, mode="wb", mtime=0) as packed:
        for entry in past.manifest.graphs:
            quads = graphs.statements(store, entry.iri)
            packed.write(serialize.write(quads, formats.NQUADS, edition.project.base, edition.context))
    return out.getvalue()


def _graph(edition: Snapshot, past: VersionEntry, entry: GraphEntry, syntax: Syntax) -> bytes:
    quads = tuple(graphs.statements(past.version.open(), entry.iri))
    return serialize.write(quads, syntax, edition.project.base, edition.context)


def _patch(past: VersionEntry) -> Page:
    content = b"".join(versions.as_patch(VersionDifference(*past.opened())))
    return Page(f"{past.stem}/changes.rdfp", content, _PATCH)


def _words(past: VersionEntry) -> Page:
    return Page(f"{past.stem}/changes.json", changes.as_json(past.told), "application/json")


HTML: Final = ".html"
_LINES: Final = formats.NTRIPLES.suffix


@dataclass(frozen=True)
class _RdfAlternates:
    """The statements of one document, read once for all the files that say them."""

    edition: Snapshot
    stem: str
    read: Callable[[], tuple[Quad, ...]]

    @lazy
    def quads(self) -> tuple[Quad, ...]:
        """The statements, canonical."""
        return self.read()

    def page(self, syntax: Syntax) -> Page:
        """The statements in a syntax."""
        return rdf_files.page(self.stem, self.quads, syntax, self.edition.project.base, self.edition.context)


class HomePage:
    """The page of the data set itself, and its description for machines."""

    _STEMS: Final = ("index", ".well-known/void")

    def stems(self, edition: Snapshot) -> Iterator[str]:  # noqa: ARG002  # the protocol's form
        """See `Family.stems`."""
        yield from self._STEMS

    def files(self, edition: Snapshot, stem: str) -> Iterator[PageFile]:
        """See `Family.files`."""
        if stem not in self._STEMS:
            return
        found = home_page.catalogue_of(edition)
        described = _RdfAlternates(edition, stem, found.quads)
        if stem == "index":
            yield PageFile(HTML, partial(home_page.start_page, edition, found))
            yield from (PageFile(syntax.suffix, partial(described.page, syntax)) for syntax in RDF_ALTERNATES)
        else:
            yield PageFile("", lambda: Page(stem, described.page(formats.TURTLE).content, formats.TURTLE.media_type))


class CollectionPages:
    """The pages that list the things of a kind."""

    def stems(self, edition: Snapshot) -> Iterator[str]:  # noqa: ARG002  # the protocol's form
        """See `Family.stems`."""
        yield from (f"{kind}/index" for kind in entity_page.TITLES)

    def files(self, edition: Snapshot, stem: str) -> Iterator[PageFile]:
        """See `Family.files`."""
        kind = stem.removesuffix("/index")
        if kind in entity_page.TITLES and kind != stem:
            yield PageFile(HTML, partial(entity_page.collection_page, edition.press, kind))


class ResourcePages:
    """The pages of what reports share, and what is said of each in RDF."""

    def stems(self, edition: Snapshot) -> Iterator[str]:
        """See `Family.stems`."""
        press = edition.press
        for kind in entity_page.TITLES:
            if kind not in entity_page.DOCUMENTS:
                yield from (press.stem(thing) for thing in entity_page.members(press, kind))

    def files(self, edition: Snapshot, stem: str) -> Iterator[PageFile]:
        """See `Family.files`."""
        thing = _thing(edition, stem)
        kind = thing and entity_page.kind_of_page(thing)
        if not thing or not kind or kind in entity_page.DOCUMENTS:
            return
        yield PageFile(HTML, partial(entity_page.thing_page, edition.press, kind, thing))
        yield from _said_of(edition, stem, thing.iri)


class ReportPages:
    """The pages of reports; their data are their graphs."""

    def stems(self, edition: Snapshot) -> Iterator[str]:
        """See `Family.stems`."""
        press = edition.press
        yield from (press.stem(report) for report in entity_page.members(press, "report"))

    def files(self, edition: Snapshot, stem: str) -> Iterator[PageFile]:
        """See `Family.files`."""
        thing = _thing(edition, stem)
        if thing and entity_page.kind_of_page(thing) == "report":
            yield PageFile(HTML, partial(report_page, edition.press, thing), graph=thing.iri)


class QuestionPages:
    """The stored questions, each with its answer, and their list."""

    INDEX: Final = "question/index"
    """The stem of the list."""

    def stems(self, edition: Snapshot) -> Iterator[str]:
        """See `Family.stems`."""
        yield self.INDEX
        yield from (f"question/{name}" for name in edition.questions)

    def files(self, edition: Snapshot, stem: str) -> Iterator[PageFile]:
        """See `Family.files`."""
        if stem == self.INDEX:
            yield PageFile(HTML, partial(question_page.index_page, edition.press, edition.questions))
        question = edition.questions.get(stem.removeprefix("question/"))
        if question and stem == f"question/{question.name}":
            answer = question_page.AnswerTable(edition.press, edition.store, question)
            yield from (PageFile(suffix, make) for suffix, make in answer.files().items())
            yield from _said_of(edition, stem, edition.project.base + stem)


class VocabularyPages:
    """The ontology and the shapes, at their IRIs and at those of their versions."""

    def stems(self, edition: Snapshot) -> Iterator[str]:
        """See `Family.stems`."""
        yield from (stem for stem, graph in edition.graphs.items() if graph in _VOCABULARIES)

    def files(self, edition: Snapshot, stem: str) -> Iterator[PageFile]:
        """See `Family.files`."""
        graph = edition.graphs.get(stem)
        if graph in _VOCABULARIES:
            yield PageFile(HTML, partial(vocabulary_page, edition.press, graph, stem + HTML))


class DocumentPages:
    """Every other graph of a project: records of reviews, schemes, whatever its data folder holds."""

    def stems(self, edition: Snapshot) -> Iterator[str]:
        """See `Family.stems`."""
        yield from (stem for stem, graph in edition.graphs.items() if self._is_other(edition, stem, graph))

    def files(self, edition: Snapshot, stem: str) -> Iterator[PageFile]:
        """See `Family.files`."""
        graph = edition.graphs.get(stem)
        if graph is not None and self._is_other(edition, stem, graph):
            yield PageFile(HTML, partial(document_page, edition.press, graph, stem + HTML), graph=graph)

    def _is_other(self, edition: Snapshot, stem: str, graph: str) -> bool:
        """Whether no other family has a page there."""
        folder = stem.removesuffix("/index")
        taken = graph in _VOCABULARIES or folder in {*entity_page.TITLES, "question"}
        return not taken and entity_page.kind_of_page(edition.press.library.thing(graph)) in (None, "record")


class GraphPages:
    """The named graphs themselves, as the data of the documents that they are named for."""

    def stems(self, edition: Snapshot) -> Iterator[str]:
        """See `Family.stems`."""
        yield from edition.graphs

    def files(self, edition: Snapshot, stem: str) -> Iterator[PageFile]:
        """See `Family.files`."""
        graph = edition.graphs.get(stem)
        if graph is not None:
            whole = _RdfAlternates(edition, stem, lambda: tuple(resource.graph(edition.store, graph)))
            for syntax in RDF_ALTERNATES:
                yield PageFile(
                    syntax.suffix, partial(whole.page, syntax), graph=graph, exported=syntax.suffix != _LINES
                )
            if graph in _VOCABULARIES:  # editors of ontologies ask for RDF/XML before anything else
                yield PageFile(formats.RDFXML.suffix, partial(whole.page, formats.RDFXML), graph=graph)


class Linksets:
    """The typed links of the data set, in a file of their own."""

    def stems(self, edition: Snapshot) -> Iterator[str]:  # noqa: ARG002  # the protocol's form
        """See `Family.stems`."""
        yield catalogue.STEM

    def files(self, edition: Snapshot, stem: str) -> Iterator[PageFile]:
        """See `Family.files`."""
        if stem == catalogue.STEM:
            yield PageFile(".json", lambda: catalogue.linkset_page(home_page.catalogue_of(edition)))


class StaticFiles:
    """Style, icon, site map, rules for hosts and crawlers."""

    def stems(self, edition: Snapshot) -> Iterator[str]:  # noqa: ARG002  # the protocol's form
        """See `Family.stems`."""
        yield from static.PLATES

    def files(self, edition: Snapshot, stem: str) -> Iterator[PageFile]:
        """See `Family.files`."""
        if stem in static.PLATES:
            yield PageFile("", lambda: static.static_file(edition.project, stem, site_map_paths(edition)))


_VOCABULARIES: Final = (namespaces.ONTOLOGY_GRAPH, namespaces.SHAPES_GRAPH)

_THINGS, _REPORTS, _QUESTIONS, _DOCUMENTS, _GRAPHS = (
    ResourcePages(),
    ReportPages(),
    QuestionPages(),
    DocumentPages(),
    GraphPages(),
)

_READ: Final = (
    HomePage(),
    CollectionPages(),
    _THINGS,
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
    apart=frozenset({_THINGS, _REPORTS, _QUESTIONS, _DOCUMENTS, _GRAPHS}),
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


def site_map_paths(edition: Snapshot) -> Iterator[str]:
    """The pages that people read."""
    stems = dict.fromkeys(stem for family in _READ for stem in family.stems(edition))
    return (stem + HTML for stem in stems if not stem.startswith("."))


def _thing(edition: Snapshot, stem: str) -> Resource | None:
    """The thing that stands at a stem, if one can."""
    here = edition.press.library.here(stem) if is_plain(stem) else None
    return here if here and edition.press.addresses.stem(here.iri) == stem else None


def _said_of(edition: Snapshot, stem: str, iri: str) -> Iterator[PageFile]:
    """What is said of a thing and with it, in RDF: canonical lines tell whether the readable files would differ."""
    said = _RdfAlternates(edition, stem, partial(rdf_files.statements, edition.store, iri))
    yield PageFile(_LINES, partial(said.page, formats.NTRIPLES))
    for syntax in (formats.TURTLE, formats.JSONLD):
        yield PageFile(syntax.suffix, partial(said.page, syntax), beside=_LINES)
