"""Preparing graphs for publication: read, derived and checked, or taken over because nothing changed.

    files ──read──▶ quads ──derive──▶ quads ──check──▶ findings

A dossier that cannot be read, or that has a violation, becomes `Broken`; it never stops another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rejoinder import names
from rejoinder.checking import checks
from rejoinder.checking.checks import Checked, Checker
from rejoinder.checking.findings import Finding, Severity
from rejoinder.checking.rules import Rules, read_rules
from rejoinder.checking.validation import Engine
from rejoinder.checking.world import World, world
from rejoinder.dossiers.dossier import Dossier, Reader, file_digest, reader
from rejoinder.errors import InputError, Problem
from rejoinder.progress import Progress, silent
from rejoinder.project import Project
from rejoinder.resources import resource
from rejoinder.store import graphs, rdf
from rejoinder.store.rdf import NamedNode, Quad, Store
from rejoinder.store.versions import GraphEntry, Version
from rejoinder.version import __version__


@dataclass(frozen=True)
class Broken:
    """A dossier that is not fit to be published, and why: problems that kept it from being read, or violations.

    `checked` is what could be checked all the same.
    """

    path: Path
    graph: str
    problems: tuple[Problem, ...]
    findings: tuple[Finding, ...] = ()
    checked: Checked | None = None


@dataclass(frozen=True)
class Ready:
    """A graph fit to be published; `checked` is None when it is the last version's, taken over."""

    entry: GraphEntry
    checked: Checked | None


@dataclass(frozen=True)
class Workshop:
    """The tools to prepare graphs of one project with; `stamp` changes whenever the tools' outcome can."""

    project: Project
    reader: Reader
    rules: Rules
    checker: Checker
    stamp: str


def workshop(project: Project, engine: Engine = Engine.SHACL) -> Workshop:
    """The shipped tools, for `project`."""
    rules = read_rules()
    folder = resource("ontology")
    parts = [__version__, rules.digest, project.base]
    parts += [file_digest(folder / name) for name in ("shapes.ttl", "context.jsonld", "dossier.schema.json")]
    return Workshop(project, reader(project.base, project.data), rules, checks.checker(engine), _digest(parts))


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@dataclass(frozen=True)
class Batch:
    """Files that were read: each a dossier or broken, and the dossiers' statements, derived ones included, by graph."""

    items: tuple[Dossier | Broken, ...]
    derived: dict[str, tuple[Quad, ...]]

    @property
    def dossiers(self) -> tuple[Dossier, ...]:
        """The files that could be read."""
        return tuple(item for item in self.items if isinstance(item, Dossier))

    @property
    def broken(self) -> tuple[Broken, ...]:
        """The files that could not."""
        return tuple(item for item in self.items if isinstance(item, Broken))


def read_batch(tools: Workshop, files: Sequence[Path], progress: Progress = silent) -> Batch:
    """The files, read and derived."""
    items = tuple(_read_each(tools.reader, files, progress))
    return Batch(items, {item.graph: tools.rules.derive(item.quads) for item in items if isinstance(item, Dossier)})


def _read_each(dossiers: Reader, files: Sequence[Path], progress: Progress) -> Iterator[Dossier | Broken]:
    for done, path in enumerate(files, 1):
        try:
            yield dossiers.read(path)
        except InputError as error:
            yield Broken(path, _graph_of(dossiers, path), error.problems)
        progress("reading", done, len(files))


def _graph_of(dossiers: Reader, path: Path) -> str:
    """The IRI of the file's graph; of a file whose name makes none, one that no version knows."""
    try:
        return dossiers.graph_of(path)
    except InputError:
        return ""


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


@dataclass(frozen=True)
class Prepared:
    """All graphs of a project, ready or broken, and the dossiers among them that were read anew."""

    ready: tuple[Ready, ...]
    broken: tuple[Broken, ...]

    @property
    def checked(self) -> tuple[Checked, ...]:
        """The graphs fit to be published that are not taken over from the last version."""
        return tuple(item.checked for item in self.ready if item.checked)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What kept files from being read."""
        return tuple(problem for item in self.broken for problem in item.problems)

    @property
    def examined(self) -> tuple[Checked, ...]:
        """Every graph that was checked now, fit to be published or not."""
        return (*self.checked, *(item.checked for item in self.broken if item.checked))


def prepare_all(tools: Workshop, files: Sequence[Path], last: LastVersion, progress: Progress = silent) -> Prepared:
    """Every file prepared; a report that is as it was in the last version, the collections too, is taken over."""
    collections = read_batch(tools, [path for path in files if _is_collection(tools, path)])
    shared = [collections.derived.get(item.graph) or last.quads(item.graph) for item in collections.items]
    stamp = _digest([tools.stamp, world(shared, frozenset()).digest])
    digests = {path: _digest([stamp, _bytes_digest(path)]) for path in files}
    kept, stale = _split(tools, files, digests, last)
    reports = read_batch(tools, stale, progress)
    around = _around([*shared, *reports.derived.values()], last)
    fresh = [
        _prepare(tools, batch.derived[dossier.graph], dossier, around, digests[dossier.path])
        for batch in (collections, reports)
        for dossier in batch.dossiers
    ]
    return Prepared(
        ready=(*(Ready(entry, None) for entry in kept), *(item for item in fresh if isinstance(item, Ready))),
        broken=(*collections.broken, *reports.broken, *(item for item in fresh if isinstance(item, Broken))),
    )


def _is_collection(tools: Workshop, path: Path) -> bool:
    return path.parent == tools.project.data


def _bytes_digest(path: Path) -> str:
    """The file's digest; of a file that cannot be read, one that no version knows."""
    try:
        return file_digest(path)
    except InputError:
        return "unreadable"


def _split(
    tools: Workshop, files: Sequence[Path], digests: Mapping[Path, str], last: LastVersion
) -> tuple[list[GraphEntry], list[Path]]:
    """The entries of the reports that need not be read again, and the reports that must."""
    kept, stale = [], []
    for path in files:
        if not _is_collection(tools, path):
            entry = last.entry(_graph_of(tools.reader, path), digests[path])
            kept += [entry] if entry else []
            stale += [] if entry else [path]
    return kept, stale


def _around(graphs: Sequence[Iterable[Quad]], last: LastVersion) -> World:
    """The world of `graphs`, and of what they mention that only the last version describes."""
    known = world(graphs, checks.ontology_terms())
    mentioned = {q.object.value for graph in graphs for q in graph if isinstance(q.object, NamedNode)}
    return world([*graphs, last.facts(sorted(mentioned - known.facts.keys()))], known.terms)


def _prepare(
    tools: Workshop, quads: tuple[Quad, ...], dossier: Dossier, around: World, input_digest: str
) -> Ready | Broken:
    """The dossier, whose statements with all derived ones are `quads`, checked in the world `around` it."""
    try:
        checks.reject_dangling(dossier, around, tools.project.base)
    except InputError as error:
        return Broken(dossier.path, dossier.graph, error.problems)
    checked = tools.checker.check(dossier, quads, around)
    if not checked.publishable:
        return Broken(dossier.path, dossier.graph, (), checked.findings, checked)
    return Ready(_entry(tools, checked, input_digest), checked)


def _entry(tools: Workshop, checked: Checked, input_digest: str) -> GraphEntry:
    path, root = checked.dossier.path.resolve(), tools.project.root.resolve()
    return GraphEntry(
        iri=checked.dossier.graph,
        source=(path.relative_to(root) if path.is_relative_to(root) else path).as_posix(),
        input_digest=input_digest,
        content_digest=rdf.content_digest(checked.quads),
        quads=len(checked.quads),
        warnings=sum(finding.severity is Severity.WARNING for finding in checked.findings),
    )
