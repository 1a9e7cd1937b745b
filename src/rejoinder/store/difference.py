"""What differs between two versions, as statements: graph by graph, and only graphs whose digests differ are read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rejoinder import formats
from rejoinder.store import graphs, rdf
from rejoinder.store.rdf import Quad, Store
from rejoinder.store.versions import GraphEntry, Manifest, Version


@dataclass(frozen=True)
class GraphDifference:
    """A graph that differs: its entry in each version, None where it is not there, and the statements."""

    iri: str
    before: GraphEntry | None
    after: GraphEntry | None
    came: tuple[Quad, ...]
    went: tuple[Quad, ...]


@dataclass(frozen=True)
class OpenVersion:
    """A version, and its store opened to be read."""

    manifest: Manifest
    store: Store

    @classmethod
    def of(cls, version: Version) -> OpenVersion:
        """The version, opened.

        Raises:
            StoreError: its store cannot be opened, or is damaged.
        """
        return cls(version.manifest, version.open())


@dataclass(frozen=True)
class Difference:
    """How version `after` differs from `before`, which is None for what was new in a first version.

    Nothing is kept: each reading of `graphs` holds one graph at a time, so memory follows the largest that differs.
    """

    before: OpenVersion | None
    after: OpenVersion

    def graphs(self) -> Iterator[GraphDifference]:
        """The graphs that differ, in the order of their IRIs."""
        old = {entry.iri: entry for entry in self.before.manifest.graphs} if self.before else {}
        new = {entry.iri: entry for entry in self.after.manifest.graphs}
        for iri in sorted(old.keys() | new.keys()):
            was, now = old.get(iri), new.get(iri)
            if was is None or now is None or was.content_digest != now.content_digest:
                held = _statements(self.before, iri) if self.before and was else frozenset()
                holds = _statements(self.after, iri) if now else frozenset()
                yield GraphDifference(iri, was, now, _ordered(holds - held), _ordered(held - holds))


def _statements(version: OpenVersion, graph: str) -> frozenset[Quad]:
    return frozenset(graphs.statements(version.store, graph))


def _ordered(quads: frozenset[Quad]) -> tuple[Quad, ...]:
    """In the order of their lines; blank nodes keep the names that their whole graph gave them."""
    return tuple(sorted(quads, key=str))


def as_patch(found: Difference) -> Iterator[bytes]:
    """The difference as a patch that turns the one version into the other: `D` a statement deleted, `A` one added.

    Standard: RDF Patch, as Apache Jena has it.
    """
    yield b"TX .\n"
    for graph in found.graphs():
        for letter, quads in ((b"D ", graph.went), (b"A ", graph.came)):
            yield from (letter + line for line in rdf.serialize(quads, formats.NQUADS).splitlines(keepends=True))
    yield b"TC .\n"
