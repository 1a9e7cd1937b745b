"""The site of a version: every page, file and dump, in a folder that any host serves as it is.

What is as it was in the version before is linked, not written again. The page of a report is not even made again unless
its own graph, a graph it may read, or the program changed.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from rejoinder import catalogue, formats, graphs, names, plates, questionpages, rdf, thingpages, twins
from rejoinder.catalogue import Catalogue, Dump
from rejoinder.context import Context
from rejoinder.press import TEMPLATES, TWINS, Head, Page, Press
from rejoinder.project import Project
from rejoinder.questions import Question
from rejoinder.rdf import NamedNode, Quad, Store
from rejoinder.reportpages import report_page
from rejoinder.structured import kind_iri
from rejoinder.things import Library, Thing, by_label
from rejoinder.version import __version__
from rejoinder.versions import Manifest
from rejoinder.vocabularypages import vocabulary_page

_STAMP: Final = ".stamp"


@dataclass(frozen=True)
class Edition:
    """What a site is made of: a version's store, exported files and manifest, and when the first version was made.

    `stale` are the documents whose pages may not be as they were in the version before.
    """

    project: Project
    context: Context
    questions: Mapping[str, Question]
    store: Store
    export: Path
    manifest: Manifest
    issued: str
    stale: frozenset[str]

    @cached_property
    def press(self) -> Press:
        """The press for its pages."""
        return Press(self.project, Library(self.store, self.project.base))


@dataclass
class _Folder:
    """The folder of the site, and that of the version before."""

    path: Path
    before: Path | None
    written: list[str] = field(default_factory=list)

    def put(self, page: Page) -> None:
        """Writes a page, or links it if it is as it was."""
        before = self.before / page.path if self.before else None
        if before and before.is_file() and before.read_bytes() == page.content:
            self.link(page.path, before)
        else:
            self._place(page.path).write_bytes(page.content)

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

    def holds(self, page: Page) -> bool:
        """Whether the version before had the file just so."""
        before = self.before / page.path if self.before else None
        return bool(before and before.is_file() and before.read_bytes() == page.content)

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


def write(edition: Edition, folder: Path, before: Path | None) -> None:
    """The site of the edition in `folder`; `before` is that of the version before, if it has one."""
    usable = before if before and is_current(before, edition.project) else None
    place = _Folder(folder, usable)
    folder.mkdir()
    dumps = tuple(_dumps(edition, place))
    _write_graphs(edition, place)
    for page in _pages(edition, place, dumps):
        place.put(page)
    for page in plates.plates(edition.project, tuple(place.written)):
        place.put(page)
    folder.with_suffix(_STAMP).write_text(stamp(edition.project), encoding="utf-8")


def _dumps(edition: Edition, place: _Folder) -> Iterator[Dump]:
    """All data as files, each described."""
    place.link("dataset.trig", edition.export / "dataset.trig")
    yield _dump(place, "dataset.trig", "All graphs as TriG", formats.TRIG, None)
    _pack(edition.export / "dataset.nq", place.path / "dataset.nq.gz")
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


def _write_graphs(edition: Edition, place: _Folder) -> None:
    """Each graph as the data of its document: Turtle and JSON-LD as exported, and N-Triples."""
    for entry in edition.manifest.graphs:
        stem = edition.press.addresses.stem(entry.iri)
        if stem is None:
            continue
        exported = names.graph_path(edition.project.base, entry.iri).as_posix()
        for syntax in (formats.TURTLE, formats.JSONLD):
            place.link(stem + syntax.suffix, edition.export / (exported + syntax.suffix))
        if entry.iri in edition.stale or not place.keep([stem + formats.NTRIPLES.suffix]):
            quads = rdf.canonical(graphs.statements(edition.store, entry.iri))
            place.put(Page(stem + formats.NTRIPLES.suffix, twins.lines(quads), formats.NTRIPLES.media_type))


def _pages(edition: Edition, place: _Folder, dumps: tuple[Dump, ...]) -> Iterator[Page]:
    """Every page, and the data of those that are not a graph's document."""
    for kind in thingpages.TITLES:
        yield from _kind(edition, place, kind)
    for question in edition.questions.values():
        yield from questionpages.question_pages(edition.press, edition.store, question)
        yield from _data(edition, place, edition.press.library.here(f"question/{question.name}"))
    yield questionpages.index_page(edition.press, edition.questions)
    yield from _vocabularies(edition, place)
    yield from _start(edition, dumps)


def _kind(edition: Edition, place: _Folder, kind: str) -> Iterator[Page]:
    things = thingpages.members(edition.press, kind)
    spoken = frozenset(thing for thing in things if kind == "report" or thingpages.is_spoken_of(thing))
    yield thingpages.collection_page(edition.press, kind, things, spoken)
    for thing in things:
        if kind == "report":
            if thing.iri in edition.stale or not place.keep([f"{edition.press.stem(thing)}.html"]):
                yield report_page(edition.press, thing)
        else:
            yield thingpages.thing_page(edition.press, kind, thing, spoken=thing in spoken)
            if thing in spoken:
                yield from _data(edition, place, thing)


def _data(edition: Edition, place: _Folder, thing: Thing) -> Iterator[Page]:
    """What is said of a thing and with it, in RDF; made readable only if it changed."""
    stem, quads = edition.press.stem(thing), twins.statements(edition.store, thing.iri)
    lines = Page(stem + formats.NTRIPLES.suffix, twins.lines(quads), formats.NTRIPLES.media_type)
    readable = [stem + syntax.suffix for syntax in (formats.TURTLE, formats.JSONLD)]
    if not (place.holds(lines) and place.keep(readable)):
        yield from twins.readable(stem, quads, edition.project.base, edition.context)
    yield lines


def _vocabularies(edition: Edition, place: _Folder) -> Iterator[Page]:
    """The ontology and the shapes, each at its own IRI and at that of its version."""
    for graph in (names.ONTOLOGY_GRAPH, names.SHAPES_GRAPH):
        it = edition.press.library.thing(graph)
        for iri in (it, *it.all("owl:versionIRI")):
            stem = edition.press.addresses.stem(iri.iri)
            if stem:
                yield vocabulary_page(edition.press, graph, f"{stem}.html")
            if stem and iri != it:
                for syntax in TWINS:
                    place.link(stem + syntax.suffix, place.path / (edition.press.stem(it) + syntax.suffix))


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
    return [
        ("report/index.html", len(library.instances("rj:Report")), "report", "reports"),
        ("state/index.html", len(raising), "State that raised something", "States that raised something"),
        ("issue/index.html", len(library.instances("rj:Issue")), "issue", "issues"),
        ("person/index.html", len(speakers), "official or delegation", "officials and delegations"),
        ("question/claims-and-what-became-of-them.html", len(library.instances("rj:Claim")), "claim", "claims"),
        (
            "question/contradicted-claims.html",
            len(library.instances("rj:Evidence")),
            "piece of evidence",
            "pieces of evidence",
        ),
    ]


def touched(changed: Iterable[Quad], base: str) -> Iterator[str]:
    """The documents that these statements are about or mention: their pages may show them."""
    for quad in changed:
        for term in (quad.subject, quad.object):
            if isinstance(term, NamedNode) and term.value.startswith(base):
                yield term.value.partition("#")[0]
