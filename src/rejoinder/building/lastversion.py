"""The version before, which gives what a build need not make again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rejoinder import names
from rejoinder.store import graphs
from rejoinder.store.rdf import NamedNode, Quad, Store
from rejoinder.store.versions import GraphEntry, Version


@dataclass(frozen=True)
class LastVersion:
    """What the version before can still give."""

    version: Version | None
    store: Store | None

    def entry(self, graph: str, input_digest: str) -> GraphEntry | None:
        """The graph's entry, if it was made from the same input."""
        entry = self.version.manifest.entry(graph) if self.version else None
        return entry if entry and entry.input_digest == input_digest else None

    def quads(self, graph: str) -> tuple[Quad, ...]:
        """The graph's statements, none if it was not there."""
        return tuple(graphs.statements(self.store, graph)) if self.store else ()

    def facts(self, iris: Iterable[str]) -> tuple[Quad, ...]:
        """What the types of these nodes were."""
        if not self.store:
            return ()
        kind = NamedNode(names.RDF_TYPE)
        return tuple(quad for iri in iris for quad in self.store.quads_for_pattern(NamedNode(iri), kind, None))


def last_version(version: Version | None) -> LastVersion:
    """What `version` can still give; nothing, if there is none.

    Raises:
        StoreError: its store cannot be opened.
    """
    return LastVersion(version, version.open() if version else None)
