"""The pages of the version that a triple store holds, each made when it is asked for; a push shows by itself."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from rejoinder import formats, namespaces
from rejoinder.config import Project
from rejoinder.errors import StoreError
from rejoinder.package_data import package_file
from rejoinder.questions import question as question_question
from rejoinder.questions.question import Question
from rejoinder.questions.tables import Table
from rejoinder.rdf import terms
from rejoinder.rdf.jsonld import read_context
from rejoinder.rdf.terms import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple
from rejoinder.site import routes
from rejoinder.site.render import Page
from rejoinder.site.snapshot import Snapshot
from rejoinder.triplestores import push, results, sparql_client
from rejoinder.triplestores.client import Remote
from rejoinder.triplestores.push import Place, PushRecord, TripleStore
from rejoinder.versions import GraphEntry, Manifest

_MOST: Final = 1_000_000
"""How many statements are kept, some 500 MB; beyond, all is forgotten and fetched anew when it is wanted."""

_RARE: Final = frozenset({namespaces.PREFIXES["owl"] + "versionIRI"})
"""Properties of few things that are asked of many."""


@dataclass
class _Memory:
    """What was fetched: graphs, and statements of their union by subject, predicate and object."""

    graphs: dict[str, tuple[Quad, ...]] = field(default_factory=dict)
    union: dict[Place, dict[str, tuple[Quad, ...]]] = field(default_factory=lambda: {place: {} for place in Place})
    numbers: dict[str, tuple[int, ...]] = field(default_factory=dict)
    tallies: dict[str, dict[str, int]] = field(default_factory=dict)
    size: int = 0

    def make_room(self) -> None:
        """Forgets everything, if it is too much."""
        if self.size > _MOST:
            self.graphs.clear()
            for known in self.union.values():
                known.clear()
            self.size = 0


@dataclass(frozen=True)
class RemoteSource:
    """The version of the project at `base` that is in `store`, made of the named graphs `graphs`."""

    store: TripleStore
    base: str
    graphs: frozenset[str]
    _memory: _Memory = field(default_factory=_Memory, compare=False, repr=False)

    def quads_for_pattern(
        self,
        subject: NamedNode | BlankNode | Triple | None,
        predicate: NamedNode | None,
        object: NamedNode | BlankNode | Literal | Triple | None,  # noqa: A002  # pyoxigraph's name
        graph_name: NamedNode | BlankNode | DefaultGraph | None,
        /,
    ) -> Iterator[Quad]:
        """See `Elsewhere.quads_for_pattern`.

        Raises:
            RemoteError: the store cannot be reached or refuses.
        """
        if isinstance(graph_name, NamedNode):
            found = self._graph(graph_name.value)
        elif predicate is not None and (predicate.value in _RARE or (subject is None and object is None)):
            found = self._found(Place.PREDICATE, predicate.value)
        elif isinstance(subject, NamedNode):
            found = self._said_of(subject.value)
        elif isinstance(object, NamedNode):
            found = self._pointing_to(object.value)
        else:
            raise ValueError("a pattern for the union needs a subject, a predicate, or an IRI as its object")
        wanted = (subject, predicate, object)
        return (quad for quad in found if all(w in (None, term) for w, term in zip(wanted, quad, strict=False)))

    def ask(self, question: Question, base: str) -> Table:
        """See `Elsewhere.ask`.

        Raises:
            RemoteError: the store cannot be reached or refuses.
        """
        return sparql_client.ask(self.store.remote, question, {}, base)

    def numbers(self, query: str) -> tuple[int, ...]:
        """See `Elsewhere.numbers`; a statement in several graphs counts once.

        Raises:
            RemoteError: the store cannot be reached, refuses, or gives no whole numbers.
        """
        known = self._memory.numbers.get(query)
        if known is None:
            known = self._memory.numbers[query] = sparql_client.numbers(self.store.remote, query, self.graphs)
        return known

    def tally(self, query: str) -> dict[str, int]:
        """See `Elsewhere.tally`; a statement in several graphs counts once.

        Raises:
            RemoteError: the store cannot be reached, refuses, or gives no whole numbers.
        """
        known = self._memory.tallies.get(query)
        if known is None:
            known = self._memory.tallies[query] = sparql_client.tally(self.store.remote, query, self.graphs)
        return known

    def _graph(self, iri: str) -> tuple[Quad, ...]:
        known = self._memory.graphs.get(iri)
        if known is None:
            there = self.store.read(iri) if iri in self.graphs else ()
            # Through a store of ours, so that values have its forms: Fuseki keeps decimals as they came, `3.0`.
            known = terms.canonical(terms.memory_store(terms.in_graph(there, iri)))
            self._memory.make_room()
            self._memory.graphs[iri] = known
            self._memory.size += len(known)
        return known

    def _said_of(self, iri: str) -> tuple[Quad, ...]:
        known = self._memory.union[Place.SUBJECT].get(iri)
        if known is not None:
            return known
        document = iri.partition("#")[0]
        collection = f"{document.rpartition('/')[0]}/"
        place = next((graph for graph in (document, collection) if graph in self.graphs), None)
        wanted = {iri}
        if place is not None:
            wanted |= _subjects(self._graph(place))
            wanted |= _objects(self._graph(place)) if place == document else set()
        return self._fetch(Place.SUBJECT, wanted)[iri]

    def _pointing_to(self, iri: str) -> tuple[Quad, ...]:
        known = self._memory.union[Place.OBJECT].get(iri)
        if known is not None:
            return known
        document, _, fragment = iri.partition("#")
        inside = fragment and document in self.graphs and iri.startswith(self.base)
        parts = _subjects(self._graph(document)) if inside else set()
        return self._fetch(Place.OBJECT, {iri} | {part for part in parts if part.startswith(f"{document}#")})[iri]

    def _found(self, place: Place, iri: str) -> tuple[Quad, ...]:
        known = self._memory.union[place].get(iri)
        return self._fetch(place, {iri})[iri] if known is None else known

    def _fetch(self, place: Place, iris: set[str]) -> Mapping[str, tuple[Quad, ...]]:
        """What stands in the version's graphs with one of the IRIs at that place; also of those that have nothing."""
        known = self._memory.union[place]
        unknown = sorted(iris - known.keys())
        found = dict.fromkeys(unknown, ()) | _by(place, self._ours(self.store.matching(place, unknown)))
        self._memory.make_room()
        known |= found
        self._memory.size += sum(len(quads) + 1 for quads in found.values())
        return found | {iri: known[iri] for iri in iris & known.keys()}

    def _ours(self, quads: Iterable[Quad]) -> Iterator[Quad]:
        """The union of the version's graphs, each statement once."""
        return (Quad(*triple) for triple in {q.triple for q in quads if terms.text(q.graph_name) in self.graphs})


def _by(place: Place, quads: Iterable[Quad]) -> dict[str, tuple[Quad, ...]]:
    found: defaultdict[str, list[Quad]] = defaultdict(list)
    for quad in quads:
        found[terms.text(place.of(quad))].append(quad)
    return {iri: tuple(some) for iri, some in found.items()}


def _subjects(quads: Iterable[Quad]) -> set[str]:
    return {quad.subject.value for quad in quads if isinstance(quad.subject, NamedNode)}


def _objects(quads: Iterable[Quad]) -> set[str]:
    return {quad.object.value for quad in quads if isinstance(quad.object, NamedNode)}


_SECONDS: Final = 2.0
"""How long what the store held a moment ago is taken for what it holds."""


@dataclass
class _Known:
    """The edition that was read last, the state of the store then, and when that was looked at."""

    edition: Snapshot
    fingerprint: str
    looked: float


@dataclass
class RemoteShelf:
    """The pages of a project's version in a triple store, by path.

    Where `clock` says that a moment has passed, the store is asked whether it still holds the same.
    """

    project: Project
    remote: Remote
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)
    _known: _Known | None = field(default=None, repr=False)

    def page(self, path: str) -> Page | None:
        """The page at a path, None if there is none.

        Raises:
            StoreError: no version of the project is there.
            RemoteError: the store cannot be reached or refuses.
        """
        # An edition of its own for each page: what a press remembers is only what its page needs.
        return routes.page(replace(self.edition()), path)

    def edition(self) -> Snapshot:
        """The edition that the store holds now.

        Raises:
            StoreError: no version of the project is there.
            RemoteError: the store cannot be reached or refuses.
        """
        known, now = self._known, self.clock()
        if known and now - known.looked < _SECONDS:
            return known.edition
        if known and self._fingerprint() == known.fingerprint:
            known.looked = now
            return known.edition
        edition, record = read_edition(self.project, self.remote)
        self._known = _Known(edition, record.fingerprint, now)
        return edition

    @property
    def fingerprint(self) -> str | None:
        """What tells the state of the store that was read last from any other."""
        return self._known.fingerprint if self._known else None

    def _fingerprint(self) -> str | None:
        answer = self.remote.query(push.fingerprint_query(self.project.base), formats.JSON.media_type)
        rows = results.read_table(answer.content, "fingerprint").rows
        return next((terms.text(cell) for (cell,) in rows if cell), None)


def read_edition(project: Project, remote: Remote) -> tuple[Snapshot, PushRecord]:
    """The version of a project that a triple store holds, and the record that says so; its dumps are not there.

    Raises:
        StoreError: no version of the project is there.
        InputError: the card of a question does not hold.
        RemoteError: the store cannot be reached or refuses.
    """
    base = project.base
    store = TripleStore(remote, push.staging_graph(base))
    record = push.read(store.read(push.record_graph(base)), base)
    loaded = record.loaded
    if loaded is None:
        hint = "bring one with 'rejoinder push'"
        raise StoreError(f"{remote.endpoint.query}: no version of the project at {base} is there; {hint}")
    edition = Snapshot(
        project=project,
        context=read_context(package_file("ontology/context.jsonld")),
        questions=question_question.of_project(project),
        store=RemoteSource(store, base, loaded.graphs),
        manifest=Manifest(loaded.number, loaded.created, loaded.program, _entries(record, loaded.graphs)),
        issued=loaded.issued,
    )
    return edition, record


def _entries(record: PushRecord, graphs: frozenset[str]) -> tuple[GraphEntry, ...]:
    """The graphs as a manifest has them, without what only a build knows of them."""
    known = ((iri, record.entries[iri]) for iri in sorted(graphs))
    return tuple(GraphEntry(iri, "", "", entry.digest or "", entry.triples, 0) for iri, entry in known)
