"""What became of graphs when they were prepared: ready, broken, or a file that is read again to find a line in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rejoinder.building.spool import Piece
from rejoinder.checking.findings import Finding
from rejoinder.dossiers.dossier import Lines, NoLines, Reader
from rejoinder.errors import InputError, Problem
from rejoinder.store.rdf import Quad
from rejoinder.store.versions import GraphEntry


@dataclass(frozen=True)
class Broken:
    """A dossier that is not fit to be published, and why: problems that kept it from being read, or violations."""

    path: Path
    graph: str
    problems: tuple[Problem, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Ready:
    """A graph fit to be published, where its statements stand, and the file that it was made from."""

    entry: GraphEntry
    piece: Piece
    path: Path
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Unread:
    """A file that is read again only to find a line in it."""

    path: Path
    graph: str
    reader: Reader

    @property
    def lines(self) -> Lines:
        """Where its nodes stand, as it is read now; nowhere, if it cannot be read any more."""
        try:
            return self.reader.read(self.path).lines
        except InputError:
            return NoLines()


@dataclass(frozen=True)
class Prepared:
    """All graphs of a project: unchanged since the last version, which has their statements; ready; or broken.

    `shared` is what graphs say of each other's nodes; `statements` counts those of each file that was examined now;
    `interrupted` says that some files could not be examined.
    """

    unchanged: tuple[GraphEntry, ...]
    ready: tuple[Ready, ...]
    broken: tuple[Broken, ...]
    shared: tuple[Quad, ...] = ()
    statements: Mapping[Path, int] = field(default_factory=dict)
    interrupted: bool = False

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the checks found in the files examined now."""
        return (*(f for item in self.ready for f in item.findings), *(f for item in self.broken for f in item.findings))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What kept files from being read."""
        return tuple(problem for item in self.broken for problem in item.problems)
