"""What one graph states, and what checks ask of it again and again, found once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from rejoinder import formats, names
from rejoinder.store import rdf
from rejoinder.store.rdf import NamedNode, Quad


@dataclass(frozen=True)
class Statements:
    """The statements of the named graph `graph`, derived ones included, in canonical order."""

    graph: str
    quads: tuple[Quad, ...]

    @cached_property
    def lines(self) -> bytes:
        """Canonical N-Quads."""
        return rdf.serialize(self.quads, formats.NQUADS)

    @property
    def triples(self) -> bytes:
        """The same without the graph: N-Triples."""
        return self.lines.replace(f" <{self.graph}> .\n".encode(), b" .\n")

    @cached_property
    def described(self) -> frozenset[str]:
        """The nodes that the graph describes."""
        return frozenset(rdf.text(quad.subject) for quad in self.types)

    @cached_property
    def types(self) -> tuple[Quad, ...]:
        """The statements that say of what class something is."""
        return tuple(quad for quad in self.quads if quad.predicate.value == names.RDF_TYPE)

    @cached_property
    def nodes(self) -> frozenset[str]:
        """The IRIs of subjects and objects; those of classes are not nodes, whatever is said of them elsewhere."""
        others = [quad for quad in self.quads if quad.predicate.value != names.RDF_TYPE]
        return _iris(quad.subject for quad in others) | _iris(quad.object for quad in others)

    @cached_property
    def mentioned(self) -> frozenset[str]:
        """The IRIs of subjects and objects, classes included."""
        return self.nodes | self.described | _iris(quad.object for quad in self.types)


def _iris(terms: Iterable[object]) -> frozenset[str]:
    return frozenset(term.value for term in terms if isinstance(term, NamedNode))
