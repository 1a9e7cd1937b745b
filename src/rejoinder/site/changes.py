"""What came, went or changed between two versions, thing by thing, each read in the version that knows it.

What follows from another change is left out: derived triples, wider classes, and that a document lists what came.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rejoinder import names
from rejoinder.site.chronicle import kind_of
from rejoinder.site.things import Library, Thing, expanded
from rejoinder.store.difference import Difference, GraphDifference, OpenVersion
from rejoinder.store.rdf import Literal, NamedNode, Quad
from rejoinder.store.versions import Manifest

_FOLLOWING: Final = frozenset(
    expanded(name).value
    for name in (
        "dcterms:hasPart",
        "foaf:topic",
        "rdf:type",
        "rj:asserted",
        "rj:contradicts",
        "rj:describes",
        "rj:earliest",
        "rj:latest",
        "rj:raisedConcern",
        "schema:author",
        "schema:itemReviewed",
    )
)
"""Properties that are derived, or say for machines what another one says."""

_CONTAINING: Final = f"{names.RJ}has"
"""How the properties begin that list what a document contains."""


class Fate(StrEnum):
    """What became of a graph or a thing."""

    CAME = "came"
    WENT = "went"
    CHANGED = "changed"


@dataclass(frozen=True)
class PropertyChange:
    """Values of a property that went and came; `others` says that it has values that stayed."""

    property: Thing
    went: tuple[Thing | Literal, ...]
    came: tuple[Thing | Literal, ...]
    others: bool


@dataclass(frozen=True)
class Change:
    """A thing that came, went or changed, and its kind; `properties` are those of a thing that changed."""

    fate: Fate
    thing: Thing
    kind: Thing | None
    properties: tuple[PropertyChange, ...] = ()


@dataclass(frozen=True)
class Tally:
    """How many things of a kind a graph has that came or went as a whole."""

    kind: Thing
    number: int


@dataclass(frozen=True)
class GraphChanges:
    """A graph that came, went or changed: how many statements, and what they say.

    A graph that came or went as a whole is told by `tallies` of what is in it, one that changed by its `changes`.
    """

    fate: Fate
    graph: Thing
    came: int
    went: int
    changes: tuple[Change, ...]
    tallies: tuple[Tally, ...]


@dataclass(frozen=True)
class VersionChanges:
    """What changed from one version to another; `before` is None for a first version."""

    before: Manifest | None
    after: Manifest
    graphs: tuple[GraphChanges, ...]
    statements: Difference

    @property
    def came(self) -> int:
        """How many statements came."""
        return sum(graph.came for graph in self.graphs)

    @property
    def went(self) -> int:
        """How many statements went."""
        return sum(graph.went for graph in self.graphs)


@dataclass(frozen=True)
class _Readers:
    """The two versions, to look up what things are called."""

    before: Library
    after: Library


def version_changes(before: OpenVersion | None, after: OpenVersion, base: str, language: str = "en") -> VersionChanges:
    """What changed from `before` to `after`, labels in `language` where there are any; `base` is the project's."""
    found = Difference(before, after)
    now = Library(after.store, base, language)
    readers = _Readers(Library(before.store, base, language) if before else now, now)
    told = tuple(_graph_changes(graph, readers) for graph in found.graphs())
    return VersionChanges(before.manifest if before else None, after.manifest, told, found)


def _graph_changes(graph: GraphDifference, readers: _Readers) -> GraphChanges:
    fate = Fate.CAME if graph.before is None else Fate.WENT if graph.after is None else Fate.CHANGED
    reader = readers.before if fate is Fate.WENT else readers.after
    changes = tuple(_changes(graph, readers)) if fate is Fate.CHANGED else ()
    tallies = () if fate is Fate.CHANGED else tuple(_tallies(graph.came or graph.went, reader))
    return GraphChanges(fate, reader.thing(graph.iri), len(graph.came), len(graph.went), changes, tallies)


def _tallies(quads: Iterable[Quad], reader: Library) -> Iterator[Tally]:
    """The things of a whole graph by kind, the most frequent first."""
    typed = {quad.subject.value for quad in quads if _is_type(quad) and isinstance(quad.subject, NamedNode)}
    kinds = Counter(kind for iri in typed if (kind := kind_of(reader.thing(iri))))
    ordered = sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0].label.value))
    yield from (Tally(kind, number) for kind, number in ordered)


def _is_type(quad: Quad) -> bool:
    return quad.predicate.value == names.RDF_TYPE


def _changes(graph: GraphDifference, readers: _Readers) -> Iterator[Change]:
    """The things of a graph that differs, in the order of the text."""
    went, came = _by_subject(graph.went), _by_subject(graph.came)
    found = [_change(iri, went[iri], came[iri], readers) for iri in went.keys() | came.keys()]
    moved = frozenset(change.thing.iri for change in found if change and change.fate is not Fate.CHANGED)
    told = (_without_listing(change, moved) for change in found if change)
    yield from sorted(filter(None, told), key=_place)


def _place(change: Change) -> tuple[int, str, str, str]:
    kind = change.kind.iri if change.kind else ""
    return change.thing.position, kind, change.thing.fragment, change.thing.iri


def _by_subject(quads: Iterable[Quad]) -> defaultdict[str, list[Quad]]:
    found: defaultdict[str, list[Quad]] = defaultdict(list)
    for quad in quads:
        if isinstance(quad.subject, NamedNode):
            found[quad.subject.value].append(quad)
    return found


def _change(iri: str, went: list[Quad], came: list[Quad], readers: _Readers) -> Change | None:
    """What became of one subject of a graph: it came or went with its class, else its values changed."""
    was, now = readers.before.thing(iri), readers.after.thing(iri)
    if any(map(_is_type, came)) and not was.types:
        return Change(Fate.CAME, now, kind_of(now))
    if any(map(_is_type, went)) and not now.types:
        return Change(Fate.WENT, was, kind_of(was))
    properties = tuple(_property_changes(was, now, went, came))
    return Change(Fate.CHANGED, now, kind_of(now), properties) if properties else None


def _property_changes(was: Thing, now: Thing, went: list[Quad], came: list[Quad]) -> Iterator[PropertyChange]:
    kinds = kind_of(was), kind_of(now)
    if kinds[0] != kinds[1]:
        yield PropertyChange(now.library.thing(names.RDF_TYPE), _present(kinds[0]), _present(kinds[1]), others=False)
    for predicate in sorted({quad.predicate.value for quad in (*went, *came)} - _FOLLOWING):
        old, new = (_objects(quads, predicate) for quads in (went, came))
        before, after = tuple(was.library.values(old)), tuple(now.library.values(new))
        if not (before or after):  # blank nodes, of which nothing can be said
            continue
        held = sum(1 for key, _ in now.library.statements(now.iri) if key == predicate)
        yield PropertyChange(now.library.thing(predicate), before, after, others=held > len(after))


def _present(thing: Thing | None) -> tuple[Thing, ...]:
    return (thing,) if thing else ()


def _objects(quads: Iterable[Quad], predicate: str) -> list[NamedNode | Literal]:
    found = (quad.object for quad in quads if quad.predicate.value == predicate)
    return [term for term in found if isinstance(term, NamedNode | Literal)]


def _without_listing(change: Change, moved: frozenset[str]) -> Change | None:
    """The change without the properties by which a document only lists what came and went; None if nothing is left."""
    if change.fate is not Fate.CHANGED:
        return change
    kept = tuple(item for item in change.properties if not _is_listing(item, moved))
    return Change(change.fate, change.thing, change.kind, kept) if kept else None


def _is_listing(item: PropertyChange, moved: frozenset[str]) -> bool:
    values = (*item.went, *item.came)
    return item.property.iri.startswith(_CONTAINING) and all(
        isinstance(value, Thing) and value.iri in moved for value in values
    )
