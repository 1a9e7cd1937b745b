"""Check graphs: read, derive and check each file, or reuse the graph of the last version.

    files ──read──▶ quads ──derive──▶ quads ──check──▶ findings

`prepare_all` does this for a build, and `check` for those who want the findings alone.

A dossier that cannot be read, or that has a violation, never stops another. Several processes check one report at a
time and write its statements to a temporary file, so memory holds one report per process. Reports that refer to
nodes of another report are checked again when all reports are known.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import threading
import time
from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Final

from rejoinder import __version__, disk, formats, messages, namespaces
from rejoinder.building.parallel import Progress, run_in_processes, silent
from rejoinder.config import Project
from rejoinder.disk import package_file
from rejoinder.dossiers import sssom
from rejoinder.dossiers.discovery import contents, graphs_of, is_mapping
from rejoinder.dossiers.reader import Dossier, Reader, file_digest, reader_of
from rejoinder.dossiers.yaml import Lines, NoLines
from rejoinder.errors import InputError, Problem, Severity, worst_first
from rejoinder.rdf import graphs, terms
from rejoinder.rdf.graphs import GraphStatements
from rejoinder.rdf.terms import NamedNode, Quad, Store, Triple
from rejoinder.validation import checks, source_text
from rejoinder.validation.checks import FACTS, Checker, KnownResources, known_resources
from rejoinder.validation.derive import Rules, contradictions, read_rules
from rejoinder.validation.shacl import Engine
from rejoinder.validation.source_text import Coverage, FromText
from rejoinder.versions import GraphEntry, Version

MIN_FILES: Final = 24
"""The number of files from which starting processes saves time."""

_UNREADABLE: Final = "unreadable"
"""The digest of a file that cannot be read. No version contains it."""

_PACKAGES: Final = ("edtf", "jsonschema-rs", "langcodes", "pyoxigraph", "pyyaml", "shacl")
"""The packages that read, derive and check; another version may have another result."""

_DIGESTS_FILE: Final = ".digests.json"
_MIN_AGE: Final = 2_000_000_000
"""Nanoseconds; some file systems count in steps of two seconds."""

_PLACE: Final = (namespaces.OA + "start", namespaces.OA + "end")
"""The properties that say where a passage is in its text."""

_SCHEMA_HTTP: Final = f"<{namespaces.SCHEMA_HTTP}".encode()
_TYPE: Final = NamedNode(namespaces.RDF_TYPE)
_ASSERTED: Final = NamedNode(namespaces.RJ + "asserted")
_EXHORTATION: Final = NamedNode(namespaces.RJ + "Exhortation")
_PERSON: Final = NamedNode(namespaces.RJ + "Person")
_SOURCE: Final = NamedNode(namespaces.RJ + "Source")
_NAMES: Final = frozenset({namespaces.RDFS + "label", namespaces.SKOS + "prefLabel", namespaces.DCTERMS + "title"})
"""The properties by which a graph may name what another describes, which is found over all graphs."""


Extent = tuple[int, int]
"""The place of one graph's lines in a file: offset and length in bytes."""


@dataclass(frozen=True)
class CheckedGraph:
    """The result of reading, deriving and checking one file.

    `lines` are its statements, derived ones included, as canonical N-Quads, none if it could not be read, and `quads`
    their number; `content_digest` is their SHA-256, `extent` their place in the temporary file. `unresolved` are
    mentioned nodes without a known description; `cross_references` are statements that may concern other graphs,
    about nodes outside its document. `private` are the nodes that the file keeps on this machine. `reviews` are the
    shipped reviews that it mentions, `described_reviews` those that it describes; `from_text` are its quotes and
    passages.
    """

    path: Path
    graph: str
    problems: tuple[Problem, ...]
    findings: tuple[Problem, ...] = ()
    quads: int = 0
    lines: bytes = b""
    content_digest: str = ""
    unresolved: frozenset[str] = frozenset()
    cross_references: tuple[Quad, ...] = ()
    private: frozenset[str] = frozenset()
    reviews: frozenset[str] = frozenset()
    described_reviews: frozenset[str] = frozenset()
    from_text: FromText = field(default_factory=FromText)
    extent: Extent = (0, 0)

    @property
    def publishable(self) -> bool:
        """Return whether the file could be read and has no violation."""
        return not self.problems and all(finding.severity is not Severity.VIOLATION for finding in self.findings)

    def entry(self, root: Path, input_digest: str) -> GraphEntry:
        """Return the graph's entry in the manifest of a version; `root` is the real path of the project."""
        # Below the project, so that a project that was moved makes the same manifest.
        path = self.path.resolve()
        source = path.relative_to(root) if path.is_relative_to(root) else path
        warnings = sum(finding.severity is Severity.WARNING for finding in self.findings)
        return GraphEntry(self.graph, source.as_posix(), input_digest, self.content_digest, self.quads, warnings)


@dataclass(frozen=True)
class PreparedFiles:
    """All graphs of a project: the publishable ones, of which the `ready` were checked now, and the broken ones.

    `entries` are those of all publishable graphs by IRI; for graphs that are not `ready`, the last version has the
    statements. `shared` are statements of graphs about each other's nodes; `statements` are the numbers for each
    file checked now; `interrupted` says that some files were not checked.
    """

    entries: Mapping[str, GraphEntry]
    ready: tuple[CheckedGraph, ...]
    broken: tuple[CheckedGraph, ...]
    shared: tuple[Quad, ...] = ()
    statements: Mapping[Path, int] = field(default_factory=dict)
    interrupted: bool = False

    @property
    def findings(self) -> tuple[Problem, ...]:
        """Findings in the files that were checked now."""
        return tuple(finding for item in (*self.ready, *self.broken) for finding in item.findings)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Problems of files that cannot be read."""
        return tuple(problem for item in self.broken for problem in item.problems)


@dataclass(frozen=True)
class LastVersion:
    """The last version, from which unchanged graphs are reused; empty for a first build."""

    version: Version | None = None
    store: Store | None = None

    @classmethod
    def of(cls, version: Version | None) -> LastVersion:
        """Return the version, its store opened.

        Raises:
            StoreError: its store cannot be opened.
        """
        return cls(version, version.open() if version else None)

    def entry(self, graph: str, input_digest: str | None = None) -> GraphEntry | None:
        """Return the graph's entry; with `input_digest`, only if it was made from the same input."""
        entry = self.version.manifest.entry(graph) if self.version else None
        return entry if entry and input_digest in (None, entry.input_digest) else None

    def quads(self, graph: str) -> tuple[Quad, ...]:
        """Return the graph's statements, none if the version does not have it."""
        return tuple(graphs.statements(self.store, graph)) if self.store else ()

    def has_node(self, iri: str) -> bool:
        """Return whether the version has a statement about the node, or one with it as its value."""
        node = NamedNode(iri)
        patterns = ((node, None, None), (None, None, node))
        return self.store is not None and any(any(self.store.quads_for_pattern(*pattern)) for pattern in patterns)

    def shows(self, reveals: Callable[[str], bool]) -> bool:
        """Return whether the version has a text or a node of which `reveals` is true."""
        found = {terms.text(term) for quad in self.store or () for term in (quad.subject, quad.object)}
        return any(map(reveals, found))

    def types(self, iris: Iterable[str], within: AbstractSet[str]) -> tuple[Quad, ...]:
        """Return the types that these nodes had in the graphs `within`."""
        if not self.store:
            return ()
        found = (quad for iri in iris for quad in self.store.quads_for_pattern(NamedNode(iri), _TYPE, None))
        return tuple(quad for quad in found if _named(quad) in within)

    def members(self, predicate: NamedNode) -> frozenset[str]:
        """Return what any collection has as a value of the property, such as its reviews."""
        found = self.store.quads_for_pattern(None, predicate, None) if self.store else ()
        return frozenset(terms.text(quad.object) for quad in found)

    def mentions(self, iri: str, within: AbstractSet[str]) -> bool:
        """Return whether a statement of the graphs `within` has the node as its value."""
        return self.store is not None and any(graph in within for graph in graphs.with_value(self.store, iri))

    def mentioning(self, iris: Iterable[str]) -> frozenset[str]:
        """Return the graphs that have one of these nodes as a value."""
        store = self.store
        return frozenset(graph for iri in iris for graph in graphs.with_value(store, iri)) if store else frozenset()


def _named(quad: Quad) -> str:
    """Return the name of the statement's graph, "" for the default graph, which holds each statement once more."""
    return quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else ""


def prepare_all(  # noqa: PLR0913  # the last three are options of the commands
    project: Project,
    files: Mapping[Path, str],
    folder: BuildFolder,
    *,
    engine: Engine = Engine.SHACL,
    jobs: int = 1,
    progress: Progress = silent,
) -> PreparedFiles:
    """Read, derive and check every file. `files` maps a path to its graph's IRI, or to "" if its name is not valid.

    An unchanged report is reused from the last version if the collections did not change either. After an interrupt
    (Ctrl-C), return the results so far.

    Raises:
        EngineError: a process ended without an answer.
    """
    last = folder.last
    # First the collections (States, issues …): every report refers to things that they describe.
    collections = [path for path, graph in files.items() if graph.endswith("/")]
    checker = open_checker(project, engine)
    read = {path: checker.read(path) for path in collections}
    derived = {path: checker.rules.derive(item.quads) for path, item in read.items() if isinstance(item, Dossier)}
    checker = checker.with_facts_of([derived.get(path) or last.quads(files[path]) for path in collections])
    checker = checker.without_graphs(files[path] for path, item in read.items() if isinstance(item, InputError))

    # Then the changed reports, or all of them if the program, the shapes or the collections changed.
    tools = disk.digest_of([_tools_digest(project, checker.rules), checker.known.digest, checker.reader.names.digest])
    input_digests = {path: disk.digest_of([tools, folder.digests.digest(path)]) for path in files}
    # A report depends only on its own file and the collections; references to other reports are checked below.
    reports = [path for path in files if path not in read]
    unchanged = {path: entry for path in reports if (entry := last.entry(files[path], input_digests[path]))}
    changed = [path for path in reports if path not in unchanged]
    results = _Results(folder.statements)
    interrupted = False
    try:
        make = partial(open_checker, project, engine, checker.known)
        for done, result in enumerate(check_files(checker, make, changed, jobs), 1):
            results.add(result)
            progress("checking", done, len(changed))
    except KeyboardInterrupt:
        interrupted = True

    # The rest is short, so a Ctrl-C waits: otherwise the results of minutes would be lost.
    with deferred_interrupt() as interruption:
        checker = checker.without_graphs(result.graph for result in results.by_path.values() if result.problems)
        for path, item in read.items():
            if isinstance(item, Dossier):
                results.add(checker.check(item, derived[path]))
            else:
                results.add(checker.unread(path, item))
        for path in _reports_that_refer(results, last, frozenset(files.values()), unchanged):
            del unchanged[path]
            results.add(checker.check_file(path))
        contradicting = _contradicting_mappings(checker, files)
        for path in contradicting.keys() & unchanged.keys():
            del unchanged[path]
            results.add(checker.check_file(path))
        _check_again(results, checker, last, read, derived, files)
        results.add_findings(contradicting)
        at_home = tuple(_own_statements_about_shared_nodes(results, checker))
        done_now, root = results.by_path.values(), project.root.resolve()
        ready = tuple(result for result in done_now if result.publishable)
        # Files that were not checked because of an interrupt stay as they are in the last version.
        not_reached = (last.entry(files[path]) for path in changed if path not in results.by_path)
        checked_now = (result.entry(root, input_digests[result.path]) for result in ready)
        entries = (*unchanged.values(), *filter(None, not_reached), *checked_now)
    return PreparedFiles(
        entries={entry.iri: entry for entry in entries},
        ready=ready,
        # The unreadable ones first.
        broken=tuple(sorted((r for r in done_now if not r.publishable), key=lambda result: not result.problems)),
        shared=(*(quad for quads in derived.values() for quad in quads), *results.cross_references, *at_home),
        statements={path: result.quads for path, result in results.by_path.items()},
        interrupted=interrupted or interruption.is_set(),
    )


def _tools_digest(project: Project, rules: Rules) -> str:
    """Return a digest of everything but the files that influences reading, deriving and checking.

    The SHACL engine is no part of it: every build has the same one.
    """
    from importlib.metadata import version  # noqa: PLC0415  # 0.02 s, which only a build and a check need

    folder = package_file("ontology")
    own = (file_digest(folder / name) for name in ("shapes.ttl", "context.jsonld", "dossier.schema.json"))
    settings = (project.base, project.license, str(project.four_eyes), str(project.moved))
    return disk.digest_of([__version__, *map(version, _PACKAGES), rules.digest, *settings, *own])


@dataclass
class _Results:
    """The results so far, by file; their statements are written to the temporary file.

    `cross_references` are statements of graphs about nodes of other documents, `facts` the same by node.
    """

    statements: StatementsFile
    by_path: dict[Path, CheckedGraph] = field(default_factory=dict)
    cross_references: list[Quad] = field(default_factory=list)
    facts: dict[str, tuple[Triple, ...]] = field(default_factory=dict)

    def add(self, result: CheckedGraph) -> None:
        """Keep the result of a file's first check."""
        # Many reports describe the same cited web pages in the same way, so one description is enough.
        described = known_resources([result.cross_references], frozenset()).facts
        repeated = {
            iri
            for iri, facts in described.items()
            if iri in self.facts and any(fact.object == _SOURCE for fact in facts)
        }
        self.cross_references += [quad for quad in result.cross_references if terms.text(quad.subject) not in repeated]
        self.facts.update({iri: facts for iri, facts in described.items() if iri not in self.facts})
        # Each report's lines are megabytes; they are on disk now, so only the rest stays in memory.
        self._keep(result, self.statements.add(result.lines) if result.lines else (0, 0))

    def replace(self, result: CheckedGraph) -> None:
        """Keep the result of checking the same file again; its statements are mostly the same."""
        before = self.by_path[result.path]
        # When `add_findings` gives a result back, its lines are only on disk.
        same = result.content_digest == before.content_digest or not result.lines
        self._keep(result, before.extent if same else self.statements.add(result.lines))

    def add_findings(self, found: Mapping[Path, tuple[Problem, ...]]) -> None:
        """Add findings in files that were checked, which only several files together show."""
        for path, result in self.by_path.items():
            if path in found:
                self.replace(replace(result, findings=worst_first({*result.findings, *found[path]})))

    def _keep(self, result: CheckedGraph, extent: Extent) -> None:
        self.by_path[result.path] = replace(result, lines=b"", cross_references=(), extent=extent)


def check_files(
    checker: GraphChecker,
    make: MakeChecker,
    files: Sequence[Path],
    jobs: int,
    *,
    min_files: int = MIN_FILES,
) -> Iterator[CheckedGraph]:
    """Return the result for each file, in order; `make` makes another checker in each worker process.

    Raises:
        EngineError: a process ended without an answer.
    """
    if jobs < 2 or len(files) < min_files:
        return (checker.check_file(path) for path in files)
    return run_in_processes("check dossiers", partial(_make_check, make), files, jobs)


def _make_check(make: MakeChecker) -> Callable[[Path], CheckedGraph]:
    return make().check_file


def _reports_that_refer(
    results: _Results, last: LastVersion, known: AbstractSet[str], unchanged: Mapping[Path, GraphEntry]
) -> tuple[Path, ...]:
    """Return the unchanged reports that refer to what a changed or removed report describes in another way than before.

    A claim to which they relate evidence may be gone, or may have become an admission, which nothing contradicts.
    `known` are the graphs that have a file.
    """
    if not (last.version and unchanged):
        return ()
    path_of = {entry.iri: path for path, entry in unchanged.items()}
    before = {entry.iri for entry in last.version.manifest.graphs if entry.source}
    now = {item.graph: results.statements.quads(item.extent) for item in results.by_path.values() if not item.problems}
    # Reports that refer to a collection are checked again whenever a collection changes.
    reports = {graph for graph in (now.keys() | (before - known)) & before if not graph.endswith("/")}
    differing: set[str] = set()
    for graph in reports:
        was, became = (known_resources([quads], frozenset()).facts for quads in (last.quads(graph), now.get(graph, ())))
        # What a check sees of a node in another graph is all that matters; many reports describe the same web page.
        differing |= {iri for iri in was.keys() | became.keys() if {*was.get(iri, ())} != {*became.get(iri, ())}}
    return tuple(sorted(path_of[graph] for graph in last.mentioning(differing) & path_of.keys()))


def _check_again(  # noqa: PLR0913, PLR0917  # what `prepare_all` has
    results: _Results,
    checker: GraphChecker,
    last: LastVersion,
    read: Mapping[Path, Dossier | InputError],
    derived: Mapping[Path, tuple[Quad, ...]],
    files: Mapping[Path, str],
) -> None:
    """Check again the files that mention nodes which are known only now.

    These are nodes described by other graphs, by the files of their own documents, and by the graphs of the last
    version that stay as they are.
    """
    path_of = {result.graph: path for path, result in results.by_path.items()}
    staying = {graph for path, graph in files.items() if path not in results.by_path or results.by_path[path].problems}
    # The cheapest sources come first: results in memory, then files of this build, then the last version's store.
    wanted = {iri for result in results.by_path.values() for iri in result.unresolved}
    facts = {iri: results.facts[iri] for iri in wanted if iri in results.facts}
    for path in {
        path_of[namespaces.document_of(iri)] for iri in wanted - facts.keys() if namespaces.document_of(iri) in path_of
    }:
        described = known_resources([derived.get(path) or checker.describe(path)], frozenset()).facts
        facts |= {iri: described[iri] for iri in wanted & described.keys()}
    facts |= known_resources([last.types(sorted(wanted - facts.keys()), staying)], frozenset()).facts
    informed = replace(checker, known=replace(checker.known, facts={**checker.known.facts, **facts}))
    for path, result in list(results.by_path.items()):
        if result.unresolved & facts.keys():
            item = read.get(path)
            again = informed.check(item, derived[path]) if isinstance(item, Dossier) else informed.check_file(path)
            results.replace(again)


def _contradicting_mappings(checker: GraphChecker, files: Iterable[Path]) -> Mapping[Path, tuple[Problem, ...]]:
    """Return the problems of mapping files that contradict each other or themselves, by file.

    All of them are read each time, because a row may contradict an unchanged file, and they are few and short.
    """
    read = [checker.read(path) for path in files if is_mapping(path.name)]
    return contradictions([item for item in read if isinstance(item, Dossier)], checker.reader.base)


def _own_statements_about_shared_nodes(results: _Results, checker: GraphChecker) -> Iterator[Quad]:
    """Yield the statements of reports about nodes of their own that another report also describes."""
    path_of = {result.graph: path for path, result in results.by_path.items()}
    foreign = {quad.subject for quad in results.cross_references}
    documents = {namespaces.document_of(terms.text(node)) for node in foreign}
    for path in {path_of[document] for document in documents if document in path_of}:
        yield from (quad for quad in checker.describe(path) if quad.subject in foreign)


@dataclass(frozen=True)
class GraphChecker:
    """Reads, derives and checks single files, given the facts `known` about nodes of other files."""

    reader: Reader
    rules: Rules
    checker: Checker
    known: KnownResources

    def check_file(self, path: Path) -> CheckedGraph:
        """Read, derive and check the file at `path`."""
        dossier = self.read(path)
        if isinstance(dossier, InputError):
            return self.unread(path, dossier)
        return self.check(dossier, tuple(self._derived(dossier)))

    def _derived(self, dossier: Dossier) -> Iterator[Quad]:
        """Yield the dossier's statements with all that follow, also from the kinds of entries of other reports.

        The rules see one graph, so they take an exhortation of another report for a claim that somebody asserted.
        """
        for quad in self.rules.derive(dossier.quads):
            facts = self.known.facts.get(terms.text(quad.object), ()) if quad.predicate == _ASSERTED else ()
            if not any(fact.predicate == _TYPE and fact.object == _EXHORTATION for fact in facts):
                yield quad

    def unread(self, path: Path, error: InputError) -> CheckedGraph:
        """Return the result for a file that cannot be read."""
        graph = _graph_of(self.reader, path)
        return CheckedGraph(path, graph, error.problems, checks.unedited_lines(path, graph or path.as_posix()))

    def read(self, path: Path) -> Dossier | InputError:
        """Return the dossier in the file at `path`, or the error if it cannot be read."""
        try:
            return self.reader.read(path)
        except InputError as error:
            return error

    def check(self, dossier: Dossier, quads: tuple[Quad, ...]) -> CheckedGraph:
        """Check the dossier; `quads` are its statements with all derived ones."""
        graph = GraphStatements(dossier.graph, quads)
        # A chain of maps, because a copy would repeat the shared facts for each report.
        own = known_resources([quads], frozenset()).facts
        known = replace(self.known, facts=ChainMap(own, self.known.facts))  # type: ignore[arg-type]  # only read
        problems = checks.dangling(dossier, known, self.reader.base)
        shipped = self.reader.shipped_reviews.by_iri.keys()
        return CheckedGraph(
            path=dossier.path,
            graph=dossier.graph,
            problems=problems,
            # A dangling reference breaks the dossier anyway, and shapes would report it a second time.
            findings=checks.unedited_lines(dossier.path, dossier.graph)
            + checks.unconfirmed_entries(dossier)
            + checks.redescribed_terms(dossier)
            + (() if problems else self.checker.check(dossier, graph, known)),
            quads=len(quads),
            lines=graph.lines,
            content_digest=hashlib.sha256(graph.lines).hexdigest(),
            unresolved=frozenset(
                iri for iri in graph.nodes - graph.described if iri not in known.facts and iri not in known.terms
            ),
            cross_references=_cross_references(graph),
            private=dossier.private,
            reviews=graph.nodes & shipped,
            described_reviews=graph.described & shipped,
            from_text=FromText.in_quads(dossier.quads),
        )

    def describe(self, path: Path) -> tuple[Quad, ...]:
        """Return the file's statements, derived ones included; none if it cannot be read."""
        dossier = self.read(path)
        return self.rules.derive(dossier.quads) if isinstance(dossier, Dossier) else ()

    def with_facts_of(self, graphs: Iterable[Iterable[Quad]]) -> GraphChecker:
        """Return a checker that knows only the nodes that these graphs, the program and the ontology describe."""
        known = known_resources(graphs, checks.ontology_terms())
        shipped = self.reader.shipped_reviews.facts(self.rules.superclasses)
        return replace(self, known=replace(known, facts={**shipped, **known.facts}))

    def without_graphs(self, unusable: Iterable[str]) -> GraphChecker:
        """Return a checker that treats the files of these graphs as unusable."""
        graphs = self.known.unusable.union(filter(None, unusable))
        return replace(self, known=replace(self.known, unusable=graphs))


MakeChecker = Callable[[], GraphChecker]


def open_checker(project: Project, engine: Engine = Engine.SHACL, known: KnownResources | None = None) -> GraphChecker:
    """Return a checker for the project, with the shipped context, schema, rules and shapes."""
    reader = reader_of(project)
    return GraphChecker(reader, read_rules(), checks.checker(engine), known or KnownResources({}, frozenset()))


def _graph_of(reader: Reader, path: Path) -> str:
    """Return the IRI of the file's graph, or "" if its name is not valid in an IRI."""
    try:
        return reader.graph_of(path)
    except InputError:
        return ""


def _cross_references(graph: GraphStatements) -> tuple[Quad, ...]:
    """Return the statements that may concern other graphs; all of them if one uses schema.org's http form."""
    if _SCHEMA_HTTP in graph.lines:
        return graph.quads
    foreign = {iri for iri in graph.described if namespaces.document_of(iri) != graph.graph}
    # Names of people count as well, because two persons with one name are reported wherever they are described.
    foreign |= {terms.text(quad.subject) for quad in graph.types if quad.object == _PERSON}
    foreign |= {
        iri
        for quad in graph.quads
        if quad.predicate.value in _NAMES and namespaces.document_of(iri := terms.text(quad.subject)) != graph.graph
    }
    predicates = FACTS.union(namespaces.STATE_NAMES, _NAMES)
    return tuple(
        quad
        for quad in graph.quads
        # Somebody may have judged whether these two are one.
        if (quad.predicate.value in predicates and terms.text(quad.subject) in foreign)
        or quad.predicate.value in sssom.JUDGED
    )


@dataclass(frozen=True)
class LinesOnDemand:
    """A graph whose file is read again only if a line in it is asked for."""

    path: Path
    graph: str
    reader: Reader

    @property
    def lines(self) -> Lines:
        """The lines of the file, which is read now; none if it cannot be read any more."""
        try:
            return self.reader.read(self.path).lines
        except InputError:
            return NoLines()


@dataclass(frozen=True)
class StatementsFile:
    """A temporary file of N-Quads. Without a `file` the statements are dropped, as a check needs none."""

    file: BinaryIO | None = None
    folder: Path = Path()

    def add(self, lines: bytes) -> Extent:
        """Keep the lines of a graph.

        Raises:
            StoreError: the disk is full, or fails.
        """
        if self.file is None:
            return 0, len(lines)
        with disk.writing(self.folder):
            start = self.file.seek(0, 2)  # to the end: `read` moved away from it
            self.file.write(lines)
            self.file.flush()  # so that a full disk raises its error here, not when the file is closed
        return start, len(lines)

    def read(self, extent: Extent) -> bytes:
        """Return the lines of a graph."""
        if self.file is None:
            return b""
        self.file.seek(extent[0])
        return self.file.read(extent[1])

    def quads(self, extent: Extent) -> Iterator[Quad]:
        """Yield the statements of a graph; read when they are asked for, so that one graph is in memory."""
        yield from terms.parse(self.read(extent), formats.NQUADS)


@contextmanager
def statements_file(folder: Path) -> Iterator[StatementsFile]:
    """Yield a temporary file on the disk of `folder`, which disappears even if the process is killed.

    Raises:
        StoreError: it cannot be made.
    """
    with ExitStack() as held:
        with disk.writing(folder):
            # Not where the system has temporary files: that may be in memory, which this is to save.
            file = held.enter_context(TemporaryFile(dir=folder))
        yield StatementsFile(file, folder)


@dataclass
class FileDigestCache:
    """Digests of files by path, so that a file which did not change is not read again.

    Each digest is stored with the file's modification time in nanoseconds, its size in bytes and its inode, as in git.
    `before` are the digests of the last build, `now` those of this one.
    """

    before: Mapping[str, tuple[int, int, int, str]] = field(default_factory=dict)
    now: dict[str, tuple[int, int, int, str]] = field(default_factory=dict)

    @classmethod
    def load(cls, build: Path) -> FileDigestCache:
        """Return the digests of the last build in the folder `build`; none if they are missing or damaged."""
        try:
            table = json.loads((build / _DIGESTS_FILE).read_text(encoding="utf-8"))
            return cls({path: (mtime, size, inode, digest) for path, (mtime, size, inode, digest) in table.items()})
        except (OSError, ValueError, TypeError, AttributeError):
            return cls()

    def save(self, build: Path) -> None:
        """Write the digests of this build into the folder `build` if they changed.

        Raises:
            OSError: they cannot be written.
        """
        if self.now != self.before:
            disk.write_whole(build / _DIGESTS_FILE, json.dumps(self.now).encode())

    def digest(self, path: Path) -> str:
        """Return the SHA-256 of the file's bytes; `_UNREADABLE` if it cannot be read."""
        try:
            status = path.stat()
            mark = status.st_mtime_ns, status.st_size, status.st_ino
            *known, digest = self.before.get(str(path), (0, 0, 0, ""))
            if tuple(known) != mark:
                digest = file_digest(path)
        except (OSError, InputError):
            return _UNREADABLE
        # A file may change again within one step of the clock and keep its time, as git's "racily clean" files do.
        if time.time_ns() - status.st_mtime_ns > _MIN_AGE:
            self.now[str(path)] = (*mark, digest)
        return digest


@dataclass(frozen=True)
class BuildFolder:
    """What a build has in its folder: the last version, and what it keeps while it runs and for the next build.

    All of it is empty for a check, which reads every file and keeps no statement.
    """

    last: LastVersion = field(default_factory=LastVersion)
    statements: StatementsFile = field(default_factory=StatementsFile)
    digests: FileDigestCache = field(default_factory=FileDigestCache)


@contextmanager
def deferred_interrupt() -> Iterator[threading.Event]:
    """Yield an event that the first Ctrl-C sets instead of interrupting the block; a second one interrupts it.

    Only the main thread gets signals. In another thread, or if another handler is set, this does nothing.
    """
    interrupted = threading.Event()
    ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not ours or threading.current_thread() is not threading.main_thread():
        yield interrupted
        return

    def defer(*_: object) -> None:
        interrupted.set()  # and whoever presses it again does not want to wait
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, defer)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@dataclass(frozen=True)
class Checkup:
    """The result of checking `files`: problems of files that cannot be read, findings, and coverage if measured.

    `passed_over` are the files in the data folder that are not dossiers, if the whole folder was checked. `uncompared`
    are the quotes and passages that were not compared with the text of their report.
    """

    files: tuple[Path, ...]
    statements: int
    problems: tuple[Problem, ...]
    findings: tuple[Problem, ...]
    coverage: Coverage | None
    passed_over: tuple[Path, ...] = ()
    uncompared: FromText = field(default_factory=FromText)

    @property
    def clean(self) -> bool:
        """Return whether every file could be read and none has a violation."""
        return not self.problems and all(finding.severity is not Severity.VIOLATION for finding in self.findings)


def check(  # noqa: PLR0913  # each is an option of the command
    project: Project,
    files: Sequence[Path] = (),
    engine: Engine = Engine.SHACL,
    source: Path | None = None,
    progress: Progress = silent,
    *,
    jobs: int = 1,
) -> Checkup:
    """Check `files`, or every dossier of the project.

    With `source`, the source text of a report, every passage of that report is verified, and sentences that no entry
    cites are reported. With several `jobs`, as many processes read and check; a script that uses them needs
    `if __name__ == "__main__":`.

    Raises:
        ProjectError: a catalogue of the language is wrong.
        InputError: the data folder or one in it cannot be read, or the source cannot be read or is empty.
        EngineError: an engine failed, or a process ended without an answer.
        StoreError: the folder for temporary files is full.
    """
    messages.of_language(project.language, project.root).read()
    found = contents(project.data)
    known = found.dossiers
    chosen = tuple(files) or known
    text = source_text.read_source(source) if source else None  # before all dossiers are, which takes longer
    _, misnamed = graphs_of(project.base, project.data, known)
    # These have no graph to be read into. A build stops at them; a check goes on, and reports the other files.
    unfit = _is_one_of([problem.path for problem in misnamed])
    reader = reader_of(project)
    mine = _is_one_of(chosen)
    # Other files are read and checked as well, for references to them, but only the chosen ones are reported.
    around = _around(project, reader, known, chosen, mine)
    needed = {path: _graph_of(reader, path) for path in (*around, *chosen) if not unfit(path)}
    prepared = prepare_all(project, needed, BuildFolder(), engine=engine, jobs=jobs, progress=progress)
    if prepared.interrupted:
        raise KeyboardInterrupt
    # Findings over all graphs, from the statements about each other's nodes.
    all_read = [LinesOnDemand(path, reader.graph_of(path), reader) for path, n in prepared.statements.items() if n]
    together = checks.check_together(graphs.union_store(prepared.shared), all_read)
    findings = [*prepared.findings, *together]
    for path in filter(unfit, chosen):  # these are not read
        findings += checks.unedited_lines(path, path.as_posix())
    measured = None
    compared: frozenset[str] = frozenset()
    if source and text is not None:
        more, measured, compared = _against_source(reader, prepared, chosen, source, text)
        # A passage whose place is wrong is reported with that; its checksum cannot be right.
        misplaced = {finding.focus for finding in findings if finding.predicate in _PLACE}
        findings += [f for f in more if f.predicate != namespaces.SCHEMA + "sha256" or f.focus not in misplaced]
    about_all = () if files else checks.unedited_settings(project)
    return Checkup(
        files=chosen,
        statements=sum(number for path, number in prepared.statements.items() if mine(path)),
        problems=tuple(p for p in (*misnamed, *prepared.problems) if mine(p.path)),
        findings=worst_first((*about_all, *(f for f in findings if mine(f.path)))),
        coverage=measured,
        passed_over=() if files else found.others,
        uncompared=sum(
            (
                each.from_text
                for each in (*prepared.ready, *prepared.broken)
                if mine(each.path) and each.graph not in compared
            ),
            FromText(),
        ),
    )


def _is_one_of(files: Sequence[Path]) -> Callable[[Path], bool]:
    """Return a function that tells whether a path leads to one of the files, also through links."""
    known = {os.path.realpath(path) for path in files}
    return cache(lambda path: os.path.realpath(path) in known)


def _around(
    project: Project, reader: Reader, known: Sequence[Path], chosen: Sequence[Path], mine: Callable[[Path], bool]
) -> tuple[Path, ...]:
    """Return the files around the chosen ones: collections, and reports and mappings that may concern them.

    If a collection is chosen, all others are around it.
    """
    others = [path for path in known if not mine(path)]
    collections = [path for path in known if path.parent == project.data]
    if not others or any(map(mine, collections)):
        return tuple(others)
    referred = set().union(*(_documents(reader, path) for path in chosen))
    # Rows of one mapping file may contradict those of any other.
    mappings = (
        [path for path in others if is_mapping(path.name)] if any(is_mapping(path.name) for path in chosen) else []
    )
    every = {*collections, *mappings}
    return tuple(path for path in others if path in every or _graph_of(reader, path) in referred)


def _documents(reader: Reader, path: Path) -> frozenset[str]:
    """Return the documents of the nodes that the dossier at `path` mentions; none if it cannot be read."""
    try:
        quads = reader.read(path).quads
    except InputError:
        return frozenset()
    return frozenset(namespaces.document_of(q.object.value) for q in quads if isinstance(q.object, NamedNode))


def _against_source(
    reader: Reader, prepared: PreparedFiles, chosen: Sequence[Path], source: Path, text: str
) -> tuple[list[Problem], Coverage | None, frozenset[str]]:
    """Return findings and coverage for the chosen reports, and the graphs of those that were read from this text.

    If there are several reports, those of another source text are skipped.
    """
    readable = _is_one_of([path for path, number in prepared.statements.items() if number])
    read = [reader.read(path) for path in chosen if readable(path)]
    reports = [dossier for dossier in read if dossier.is_report]
    of_text = [dossier for dossier in reports if source_text.is_source_of(dossier, text)]
    fitting = of_text or reports
    findings: list[Problem] = []
    measured = None
    for dossier in fitting:
        passages = source_text.passages(read_rules().derive(dossier.quads))
        known = tuple(passage for passage in passages if passage.iri.startswith(dossier.graph + "#"))
        findings += source_text.verify(dossier, known, source, text)
        measured = source_text.measure(text, known)
    return findings, measured, frozenset(dossier.graph for dossier in of_text)
