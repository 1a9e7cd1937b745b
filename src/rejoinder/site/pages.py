"""Every page of a version: what a site on disk holds, and a server would answer with, as bytes.

Pages come in sheets, each made only when somebody wants it: a site that was built before need not make them again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial

from rejoinder import formats, names
from rejoinder.project import Project
from rejoinder.questions.questions import Question
from rejoinder.site import catalogue, questionpages, thingpages, twins
from rejoinder.site.catalogue import Catalogue, Dump
from rejoinder.site.press import Head, Page, Press
from rejoinder.site.reportpages import report_page
from rejoinder.site.structured import kind_iri
from rejoinder.site.things import Library, Thing, by_label
from rejoinder.site.vocabularypages import vocabulary_page
from rejoinder.store.context import Context
from rejoinder.store.rdf import Store
from rejoinder.store.versions import Manifest

_READABLE = (formats.TURTLE, formats.JSONLD)


@dataclass(frozen=True)
class Edition:
    """What the pages of a version are made of; `issued` is when the first version was made."""

    project: Project
    context: Context
    questions: Mapping[str, Question]
    store: Store
    manifest: Manifest
    issued: str

    @cached_property
    def press(self) -> Press:
        """The press for its pages."""
        return Press(self.project, Library(self.store, self.project.base))


@dataclass(frozen=True)
class Sheet:
    """Files that are made together, at `paths`.

    They are as they were in another version if the graph `document` and all that it leans on is, or if `key`, a file
    beside them, is; where neither is given, only making them tells.
    """

    paths: tuple[str, ...]
    make: Callable[[], Iterable[Page]]
    document: str | None = None
    key: Page | None = None


def sheets(edition: Edition, dumps: tuple[Dump, ...]) -> Iterator[Sheet]:
    """Every page of the edition, and the data of those that are not a graph's document."""
    for kind in thingpages.TITLES:
        yield from _kind(edition, kind)
    for question in edition.questions.values():
        make = partial(questionpages.question_pages, edition.press, edition.store, question)
        yield Sheet((), make)
        yield _data(edition, edition.press.library.here(f"question/{question.name}"))
    yield _single(partial(questionpages.index_page, edition.press, edition.questions))
    yield from _vocabularies(edition)
    yield Sheet((), partial(_start, edition, dumps))


def _single(make: Callable[[], Page]) -> Sheet:
    return Sheet((), lambda: [make()])


def _kind(edition: Edition, kind: str) -> Iterator[Sheet]:
    press = edition.press
    things = thingpages.members(press, kind)
    spoken = frozenset(thing for thing in things if kind == "report" or thingpages.is_spoken_of(thing))
    yield _single(partial(thingpages.collection_page, press, kind, things, spoken))
    for thing in things:
        if kind == "report":
            yield _report(press, thing)
            continue
        yield _single(partial(thingpages.thing_page, press, kind, thing, spoken=thing in spoken))
        if thing in spoken:
            yield _data(edition, thing)


def _report(press: Press, report: Thing) -> Sheet:
    return Sheet((f"{press.stem(report)}.html",), lambda: [report_page(press, report)], document=report.iri)


def _data(edition: Edition, thing: Thing) -> Sheet:
    """What is said of a thing and with it, in RDF: canonical lines tell whether the readable files would differ."""
    stem, quads = edition.press.stem(thing), twins.statements(edition.store, thing.iri)
    return Sheet(
        paths=tuple(stem + syntax.suffix for syntax in _READABLE),
        make=partial(twins.readable, stem, quads, edition.project.base, edition.context),
        key=Page(stem + formats.NTRIPLES.suffix, twins.lines(quads), formats.NTRIPLES.media_type),
    )


def stems(edition: Edition, graph: str) -> tuple[str, ...]:
    """Where the document of a graph stands: at its IRI, and at that of its version if it has one."""
    it = edition.press.library.thing(graph)
    found = (edition.press.addresses.stem(thing.iri) for thing in (it, *it.all("owl:versionIRI")))
    return tuple(stem for stem in found if stem is not None)


def _vocabularies(edition: Edition) -> Iterator[Sheet]:
    for graph in (names.ONTOLOGY_GRAPH, names.SHAPES_GRAPH):
        for stem in stems(edition, graph):
            yield _single(partial(vocabulary_page, edition.press, graph, f"{stem}.html"))


def _start(edition: Edition, dumps: tuple[Dump, ...]) -> Iterator[Page]:
    """The page of the data set itself, and its description for machines."""
    counts = catalogue.count(edition.store)
    described = Catalogue(edition.project, edition.manifest, edition.issued, counts, dumps)
    yield _index(edition, described)
    quads = described.quads()
    yield Page("index.nt", twins.lines(quads), formats.NTRIPLES.media_type)
    for page in twins.readable("index", quads, edition.project.base, edition.context):
        yield page
        if page.path.endswith(formats.TURTLE.suffix):
            yield Page(".well-known/void", page.content, page.media_type)


def _index(edition: Edition, described: Catalogue) -> Page:
    library, project = edition.press.library, edition.project
    head = Head(
        title=project.title,
        description=catalogue.DESCRIPTION,
        iri=project.base,
        kind=kind_iri("Dataset"),
        structured=described.structured(),
        twins="index",
    )
    return edition.press.page(
        "index.html",
        "index.html",
        head,
        catalogue=described,
        reports=by_label(library.instances("rj:Report")),
        questions=sorted(edition.questions.values(), key=lambda question: question.title),
        figures=_figures(library),
    )


def _figures(library: Library) -> list[tuple[str, int, str, str]]:
    """How many there are of what a reader looks for: page, number, and the words for one and for several."""
    raising = {state for concern in library.instances("rj:Concern") for state in concern.all("rj:raisedBy")}
    speakers = {who for statement in library.instances("rj:Statement") for who in statement.all("rj:speaker")}
    evidence = len(library.instances("rj:Evidence"))
    return [
        ("report/index.html", len(library.instances("rj:Report")), "report", "reports"),
        ("state/index.html", len(raising), "State that raised something", "States that raised something"),
        ("issue/index.html", len(library.instances("rj:Issue")), "issue", "issues"),
        ("person/index.html", len(speakers), "official or delegation", "officials and delegations"),
        ("question/claims-and-what-became-of-them.html", len(library.instances("rj:Claim")), "claim", "claims"),
        ("question/contradicted-claims.html", evidence, "piece of evidence", "pieces of evidence"),
    ]
