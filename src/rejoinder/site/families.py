"""The families of pages that make up a site, see `pages`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from rejoinder import formats, names
from rejoinder.formats import Syntax
from rejoinder.lazily import lazy
from rejoinder.site import plates, questionpages, searchpages, signposting, source, startpage, thingpages, tools, twins
from rejoinder.site.addresses import is_plain
from rejoinder.site.archive import Archive, History
from rejoinder.site.documentpages import document_page
from rejoinder.site.pages import Edition, File, Folio
from rejoinder.site.press import TWINS, Page
from rejoinder.site.reportpages import report_page
from rejoinder.site.things import Thing
from rejoinder.site.vocabularypages import vocabulary_page
from rejoinder.store.rdf import Quad

HTML: Final = ".html"
_LINES: Final = formats.NTRIPLES.suffix


@dataclass(frozen=True)
class _Twins:
    """The statements of one document, read once for all the files that say them."""

    edition: Edition
    stem: str
    read: Callable[[], tuple[Quad, ...]]

    @lazy
    def quads(self) -> tuple[Quad, ...]:
        """The statements, canonical."""
        return self.read()

    def page(self, syntax: Syntax) -> Page:
        """The statements in a syntax."""
        return twins.page(self.stem, self.quads, syntax, self.edition.project.base, self.edition.context)


class Start:
    """The page of the data set itself, and its description for machines."""

    _STEMS: Final = ("index", ".well-known/void")

    def stems(self, edition: Edition) -> Iterator[str]:  # noqa: ARG002  # the protocol's form
        """See `Family.stems`."""
        yield from self._STEMS

    def files(self, edition: Edition, stem: str) -> Iterator[File]:
        """See `Family.files`."""
        if stem not in self._STEMS:
            return
        found = startpage.catalogue_of(edition)
        described = _Twins(edition, stem, found.quads)
        if stem == "index":
            yield File(HTML, partial(startpage.start_page, edition, found))
            yield from (File(syntax.suffix, partial(described.page, syntax)) for syntax in TWINS)
        else:
            yield File("", lambda: Page(stem, described.page(formats.TURTLE).content, formats.TURTLE.media_type))


class Collections:
    """The pages that list the things of a kind."""

    def stems(self, edition: Edition) -> Iterator[str]:  # noqa: ARG002  # the protocol's form
        """See `Family.stems`."""
        yield from (f"{kind}/index" for kind in thingpages.TITLES)

    def files(self, edition: Edition, stem: str) -> Iterator[File]:
        """See `Family.files`."""
        kind = stem.removesuffix("/index")
        if kind in thingpages.TITLES and kind != stem:
            yield File(HTML, partial(thingpages.collection_page, edition.press, kind))


class Things:
    """The pages of what reports share, and what is said of each in RDF."""

    def stems(self, edition: Edition) -> Iterator[str]:
        """See `Family.stems`."""
        press = edition.press
        for kind in thingpages.TITLES:
            if kind not in thingpages.DOCUMENTS:
                yield from (press.stem(thing) for thing in thingpages.members(press, kind))

    def files(self, edition: Edition, stem: str) -> Iterator[File]:
        """See `Family.files`."""
        thing = _thing(edition, stem)
        kind = thing and thingpages.kind_of_page(thing)
        if not thing or not kind or kind in thingpages.DOCUMENTS:
            return
        yield File(HTML, partial(thingpages.thing_page, edition.press, kind, thing))
        yield from _said_of(edition, stem, thing.iri)


class Reports:
    """The pages of reports; their data are their graphs."""

    def stems(self, edition: Edition) -> Iterator[str]:
        """See `Family.stems`."""
        press = edition.press
        yield from (press.stem(report) for report in thingpages.members(press, "report"))

    def files(self, edition: Edition, stem: str) -> Iterator[File]:
        """See `Family.files`."""
        thing = _thing(edition, stem)
        if thing and thingpages.kind_of_page(thing) == "report":
            yield File(HTML, partial(report_page, edition.press, thing), graph=thing.iri)


class Questions:
    """The stored questions, each with its answer, and their list."""

    INDEX: Final = "question/index"
    """The stem of the list."""

    def stems(self, edition: Edition) -> Iterator[str]:
        """See `Family.stems`."""
        yield self.INDEX
        yield from (f"question/{name}" for name in edition.questions)

    def files(self, edition: Edition, stem: str) -> Iterator[File]:
        """See `Family.files`."""
        if stem == self.INDEX:
            yield File(HTML, partial(questionpages.index_page, edition.press, edition.questions))
        question = edition.questions.get(stem.removeprefix("question/"))
        if question and stem == f"question/{question.name}":
            answer = questionpages.Answer(edition.press, edition.store, question)
            yield from (File(suffix, make) for suffix, make in answer.files().items())
            yield from _said_of(edition, stem, edition.project.base + stem)


class Vocabularies:
    """The ontology and the shapes, at their IRIs and at those of their versions."""

    def stems(self, edition: Edition) -> Iterator[str]:
        """See `Family.stems`."""
        yield from (stem for stem, graph in edition.graphs.items() if graph in _VOCABULARIES)

    def files(self, edition: Edition, stem: str) -> Iterator[File]:
        """See `Family.files`."""
        graph = edition.graphs.get(stem)
        if graph in _VOCABULARIES:
            yield File(HTML, partial(vocabulary_page, edition.press, graph, stem + HTML))


class Documents:
    """Every other graph of a project: records of reviews, schemes, whatever its data folder holds."""

    def stems(self, edition: Edition) -> Iterator[str]:
        """See `Family.stems`."""
        yield from (stem for stem, graph in edition.graphs.items() if self._is_other(edition, stem, graph))

    def files(self, edition: Edition, stem: str) -> Iterator[File]:
        """See `Family.files`."""
        graph = edition.graphs.get(stem)
        if graph is not None and self._is_other(edition, stem, graph):
            yield File(HTML, partial(document_page, edition.press, graph, stem + HTML), graph=graph)

    def _is_other(self, edition: Edition, stem: str, graph: str) -> bool:
        """Whether no other family has a page there."""
        folder = stem.removesuffix("/index")
        taken = graph in _VOCABULARIES or folder in {*thingpages.TITLES, "question"}
        return not taken and thingpages.kind_of_page(edition.press.library.thing(graph)) in (None, "record")


class Graphs:
    """The named graphs themselves, as the data of the documents that they are named for."""

    def stems(self, edition: Edition) -> Iterator[str]:
        """See `Family.stems`."""
        yield from edition.graphs

    def files(self, edition: Edition, stem: str) -> Iterator[File]:
        """See `Family.files`."""
        graph = edition.graphs.get(stem)
        if graph is not None:
            whole = _Twins(edition, stem, lambda: tuple(source.graph(edition.store, graph)))
            for syntax in TWINS:
                yield File(syntax.suffix, partial(whole.page, syntax), graph=graph, exported=syntax.suffix != _LINES)
            if graph in _VOCABULARIES:  # editors of ontologies ask for RDF/XML before anything else
                yield File(formats.RDFXML.suffix, partial(whole.page, formats.RDFXML), graph=graph)


class Signposts:
    """The typed links of the data set, in a file of their own."""

    def stems(self, edition: Edition) -> Iterator[str]:  # noqa: ARG002  # the protocol's form
        """See `Family.stems`."""
        yield signposting.STEM

    def files(self, edition: Edition, stem: str) -> Iterator[File]:
        """See `Family.files`."""
        if stem == signposting.STEM:
            yield File(".json", lambda: signposting.linkset_page(startpage.catalogue_of(edition)))


class Plates:
    """Style, icon, site map, rules for hosts and crawlers."""

    def stems(self, edition: Edition) -> Iterator[str]:  # noqa: ARG002  # the protocol's form
        """See `Family.stems`."""
        yield from plates.PLATES

    def files(self, edition: Edition, stem: str) -> Iterator[File]:
        """See `Family.files`."""
        if stem in plates.PLATES:
            yield File("", lambda: plates.plate(edition.project, stem, site_map_paths(edition)))


_VOCABULARIES: Final = (names.ONTOLOGY_GRAPH, names.SHAPES_GRAPH)

_THINGS, _REPORTS, _QUESTIONS, _DOCUMENTS, _GRAPHS = Things(), Reports(), Questions(), Documents(), Graphs()

_READ: Final = (
    Start(),
    Collections(),
    _THINGS,
    _REPORTS,
    _QUESTIONS,
    Vocabularies(),
    _DOCUMENTS,
    History(),
    tools.Tools(),
)
"""The families whose pages people read."""

FOLIO: Final = Folio(
    (*_READ, _GRAPHS, Archive(), Signposts(), tools.Parts(), Plates()),
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
    if path in _WHOLE or path.startswith(searchpages.FOLDER):
        return True
    in_folder = folder == "question" or f"{folder}/".startswith("version/")
    return stem != path and (stem == "index" or (in_folder and stem != Questions.INDEX))


_WHOLE: Final = (".well-known/void", f"{signposting.STEM}.json", "feed.xml")


def site_map_paths(edition: Edition) -> Iterator[str]:
    """The pages that people read."""
    stems = dict.fromkeys(stem for family in _READ for stem in family.stems(edition))
    return (stem + HTML for stem in stems if not stem.startswith("."))


def _thing(edition: Edition, stem: str) -> Thing | None:
    """The thing that stands at a stem, if one can."""
    here = edition.press.library.here(stem) if is_plain(stem) else None
    return here if here and edition.press.addresses.stem(here.iri) == stem else None


def _said_of(edition: Edition, stem: str, iri: str) -> Iterator[File]:
    """What is said of a thing and with it, in RDF: canonical lines tell whether the readable files would differ."""
    said = _Twins(edition, stem, partial(twins.statements, edition.store, iri))
    yield File(_LINES, partial(said.page, formats.NTRIPLES))
    for syntax in (formats.TURTLE, formats.JSONLD):
        yield File(syntax.suffix, partial(said.page, syntax), beside=_LINES)
