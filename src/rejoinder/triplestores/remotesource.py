"""A version in a triple store, read as pages read the embedded one, with few requests.

A document is fetched whole: its graph, and what the version's graphs say of everything that it names, in a few large
requests; what points to something that many share, when somebody asks. All is kept, up to a limit, for as long as the
store holds this version. Graphs of others in the same store are never read.

Standards: SPARQL 1.1 Query Language; RDFC-1.0 for the names of blank nodes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from rejoinder import names
from rejoinder.questions.questions import Question, Table
from rejoinder.store import rdf
from rejoinder.store.rdf import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple
from rejoinder.triplestores import asking
from rejoinder.triplestores.triplestore import Place, TripleStore

_MOST: Final = 1_000_000
"""How many statements are kept, some 500 MB; beyond, all is forgotten and fetched anew when it is wanted."""

_RARE: Final = frozenset({names.PREFIXES["owl"] + "versionIRI"})
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
        return asking.ask(self.store.remote, question, {}, base)

    def numbers(self, query: str) -> tuple[int, ...]:
        """See `Elsewhere.numbers`; a statement in several graphs counts once.

        Raises:
            RemoteError: the store cannot be reached, refuses, or gives no whole numbers.
        """
        known = self._memory.numbers.get(query)
        if known is None:
            known = self._memory.numbers[query] = asking.numbers(self.store.remote, query, self.graphs)
        return known

    def tally(self, query: str) -> dict[str, int]:
        """See `Elsewhere.tally`; a statement in several graphs counts once.

        Raises:
            RemoteError: the store cannot be reached, refuses, or gives no whole numbers.
        """
        known = self._memory.tallies.get(query)
        if known is None:
            known = self._memory.tallies[query] = asking.tally(self.store.remote, query, self.graphs)
        return known

    def _graph(self, iri: str) -> tuple[Quad, ...]:
        known = self._memory.graphs.get(iri)
        if known is None:
            there = self.store.read(iri) if iri in self.graphs else ()
            # Through a store of ours, so that values have its forms: Fuseki keeps decimals as they came, `3.0`.
            known = rdf.canonical(rdf.memory_store(rdf.in_graph(there, iri)))
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
        return (Quad(*triple) for triple in {q.triple for q in quads if rdf.text(q.graph_name) in self.graphs})


def _by(place: Place, quads: Iterable[Quad]) -> dict[str, tuple[Quad, ...]]:
    found: defaultdict[str, list[Quad]] = defaultdict(list)
    for quad in quads:
        found[rdf.text(place.of(quad))].append(quad)
    return {iri: tuple(some) for iri, some in found.items()}


def _subjects(quads: Iterable[Quad]) -> set[str]:
    return {quad.subject.value for quad in quads if isinstance(quad.subject, NamedNode)}


def _objects(quads: Iterable[Quad]) -> set[str]:
    return {quad.object.value for quad in quads if isinstance(quad.object, NamedNode)}
