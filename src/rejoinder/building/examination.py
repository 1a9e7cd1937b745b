"""Examining one report: read, derived and checked, with nothing but what all reports share in view.

What comes out is small and can travel between processes: lines of N-Quads, findings, and what it says of the world.
"""

from __future__ import annotations

import hashlib
from collections import ChainMap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from rejoinder import names
from rejoinder.checking import checks
from rejoinder.checking.checks import Checker
from rejoinder.checking.findings import Finding, Severity
from rejoinder.checking.rules import Rules
from rejoinder.checking.statements import Statements
from rejoinder.checking.world import FACTS, NAMES, World, world
from rejoinder.dossiers.dossier import Dossier, Reader
from rejoinder.errors import InputError, Problem
from rejoinder.store import rdf
from rejoinder.store.rdf import NamedNode, Quad, Triple

_SCHEMA_HTTP = f"<{names.SCHEMA_HTTP}".encode()


@dataclass(frozen=True)
class Examined:
    """What became of one file.

    `lines` are its statements, derived ones included, as canonical N-Quads, none if it could not be read; `content` is
    their digest. `needs` are nodes that it mentions and nothing in view describes; `abroad` is what it says of nodes
    that are not fragments of its own document, and may concern other graphs.
    """

    path: Path
    graph: str
    problems: tuple[Problem, ...]
    findings: tuple[Finding, ...] = ()
    quads: int = 0
    lines: bytes = b""
    content: str = ""
    needs: frozenset[str] = frozenset()
    abroad: tuple[Quad, ...] = ()

    @property
    def publishable(self) -> bool:
        """Whether it could be read and has no violation."""
        return not self.problems and all(finding.severity is not Severity.VIOLATION for finding in self.findings)


@dataclass(frozen=True)
class Examiner:
    """Examines files in view of the world that all reports share."""

    reader: Reader
    rules: Rules
    checker: Checker
    shared: World

    def examine(self, path: Path) -> Examined:
        """The file at `path`, read, derived and checked."""
        try:
            dossier = self.reader.read(path)
        except InputError as error:
            return Examined(path, graph_of(self.reader, path), error.problems)
        return self.check(dossier, self.rules.derive(dossier.quads))

    def check(self, dossier: Dossier, quads: tuple[Quad, ...]) -> Examined:
        """The dossier, whose statements with all derived ones are `quads`, checked."""
        graph = Statements(dossier.graph, quads)
        # Not a copy: what all reports share would be copied for each.
        own = world([quads], frozenset()).facts
        around = replace(self.shared, facts=ChainMap(own, self.shared.facts))  # type: ignore[arg-type]  # only read
        outcome = Examined(
            path=dossier.path,
            graph=dossier.graph,
            problems=(),
            quads=len(quads),
            lines=graph.lines,
            content=hashlib.sha256(graph.lines).hexdigest(),
            needs=_needs(graph, around),
            abroad=_abroad(graph),
        )
        try:
            checks.reject_dangling(dossier, around, self.reader.base)
        except InputError as error:
            return replace(outcome, problems=error.problems)
        return replace(outcome, findings=self.checker.check(dossier, graph, around))

    def seeing(self, facts: Mapping[str, tuple[Triple, ...]]) -> Examiner:
        """An examiner with more facts in view."""
        return replace(self, shared=replace(self.shared, facts={**self.shared.facts, **facts}))

    def without(self, unknown: Iterable[str]) -> Examiner:
        """An examiner who knows that the files of these graphs cannot be used."""
        return replace(self, shared=replace(self.shared, unknown=self.shared.unknown.union(unknown)))

    def describe(self, path: Path) -> tuple[Quad, ...]:
        """The file's statements, derived ones included; none if it cannot be read."""
        try:
            return self.rules.derive(self.reader.read(path).quads)
        except InputError:
            return ()


def graph_of(reader: Reader, path: Path) -> str:
    """The IRI of the file's graph; of a file whose name makes none, one that no version knows."""
    try:
        return reader.graph_of(path)
    except InputError:
        return ""


def home(iri: str) -> str:
    """The document that a node belongs to.

    >>> home("https://example.org/report/x#claim-1")
    'https://example.org/report/x'
    """
    return iri.partition("#")[0]


def _needs(graph: Statements, around: World) -> frozenset[str]:
    """The nodes mentioned that nothing in view describes."""
    strange = graph.nodes - graph.described
    return frozenset(iri for iri in strange if iri not in around.facts and iri not in around.terms)


def _abroad(graph: Statements) -> tuple[Quad, ...]:
    """What may concern other graphs: all of it where an IRI of schema.org begins with http:, which is rare."""
    if _SCHEMA_HTTP in graph.lines:
        return graph.quads
    away = {iri for iri in graph.described if home(iri) != graph.graph}
    away |= {rdf.text(quad.subject) for quad in graph.types if quad.object == _PERSON}
    telling = FACTS | NAMES
    return tuple(q for q in graph.quads if q.predicate.value in telling and rdf.text(q.subject) in away)


_PERSON = NamedNode(names.RJ + "Person")
