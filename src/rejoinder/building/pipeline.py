"""Preparing graphs for publication: read, derived and checked, or taken over because nothing changed.

    files ──read──▶ quads ──derive──▶ quads ──check──▶ findings

A dossier that cannot be read, or that has a violation, becomes `Broken`; it never stops another. Each report is
examined by itself, by several processes at once, and its statements go to a file as lines: memory holds one report a
process. Those that refer to what another report describes are examined again when all are known.
"""

from __future__ import annotations

import hashlib
import json
import signal
import threading
import time
from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Final

from rejoinder import namespaces, versions
from rejoinder.building.parallel import run_in_processes
from rejoinder.config import Project
from rejoinder.dossiers.reader import Dossier, Lines, NoLines, Reader, file_digest, open_reader
from rejoinder.errors import InputError, Problem
from rejoinder.package_data import package_file
from rejoinder.progress import Progress, silent
from rejoinder.rdf import graphs, terms
from rejoinder.rdf.terms import NamedNode, Quad, Store, Triple
from rejoinder.validation import checks
from rejoinder.validation.checks import FACTS, NAMES, Checker, GraphStatements, KnownResources, known_resources
from rejoinder.validation.derive import Rules, read_rules
from rejoinder.validation.report import Finding, Severity
from rejoinder.validation.shacl import Engine
from rejoinder.version import __version__
from rejoinder.versions import GraphEntry, Version


@contextmanager
def held_back() -> Iterator[threading.Event]:
    """Holds a Ctrl-C back until the block has ended, and gives what says whether one came; another one interrupts it.

    Signals reach the main thread alone; in another, and where somebody else handles them, this does nothing.
    """
    came = threading.Event()
    ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not ours or threading.current_thread() is not threading.main_thread():
        yield came
        return

    def hold(*_: object) -> None:
        came.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, hold)
    try:
        yield came
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


UNREADABLE: Final = "unreadable"
"""The digest of a file that cannot be read, which no version knows."""

_NAME: Final = ".seen.json"
_RECENT: Final = 2_000_000_000
"""Nanoseconds; some file systems count in steps of two seconds."""

Mark = tuple[int, int, int]


@dataclass
class FileDigestCache:
    """Digests by path, each with the file's mark; `now` are those of the files asked for in this build."""

    before: Mapping[str, tuple[Mark, str]]
    now: dict[str, tuple[Mark, str]] = field(default_factory=dict)

    def digest(self, path: Path) -> str:
        """The SHA-256 of the file's bytes; `UNREADABLE` if it cannot be read."""
        key, mark = str(path), _mark(path)
        known = self.before.get(key)
        digest = known[1] if known and mark and known[0] == mark else _digest_of(path)
        if mark and digest != UNREADABLE and time.time_ns() - mark[0] > _RECENT:
            self.now[key] = mark, digest
        return digest


def _mark(path: Path) -> Mark | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _digest_of(path: Path) -> str:
    try:
        return file_digest(path)
    except InputError:
        return UNREADABLE


def read_seen(build: Path) -> FileDigestCache:
    """What the last build in the folder `build` saw; nothing, if its record is missing or damaged."""
    try:
        table = json.loads((build / _NAME).read_text(encoding="utf-8"))
        return FileDigestCache(
            {path: ((mtime, size, inode), digest) for path, (mtime, size, inode, digest) in table.items()}
        )
    except (OSError, ValueError, TypeError, AttributeError):
        return FileDigestCache({})


def write_seen(build: Path, seen: FileDigestCache) -> None:
    """Keeps what this build saw, if it saw anything else than the last.

    Raises:
        OSError: it cannot be written.
    """
    if seen.now != seen.before:
        new = build / f"{_NAME}.new"
        new.write_text(json.dumps({path: (*mark, digest) for path, (mark, digest) in seen.now.items()}))
        new.replace(build / _NAME)


@dataclass(frozen=True)
class SpooledGraph:
    """Where the lines of one graph stand in the spool."""

    start: int
    length: int


@dataclass(frozen=True)
class Spool:
    """A file of lines that is gone when nobody needs it any more; None keeps nothing, for who only checks."""

    file: BinaryIO | None
    folder: Path = Path()

    def add(self, lines: bytes) -> SpooledGraph:
        """Keeps the lines of a graph.

        Raises:
            StoreError: the disk is full, or fails.
        """
        if self.file is None:
            return SpooledGraph(0, len(lines))
        with versions.writing(self.folder):
            start = self.file.seek(0, 2)
            self.file.write(lines)
            self.file.flush()  # a full disk is to be met here, not when the file is closed
        return SpooledGraph(start, len(lines))

    def read(self, piece: SpooledGraph) -> bytes:
        """The lines of a graph."""
        if self.file is None:
            return b""
        self.file.seek(piece.start)
        return self.file.read(piece.length)


@contextmanager
def spooling(folder: Path) -> Iterator[Spool]:
    """A spool on the disk of `folder`, which leaves nothing behind, killed or not.

    Raises:
        StoreError: it cannot be made.
    """
    with ExitStack() as held:
        with versions.writing(folder):
            file = held.enter_context(TemporaryFile(dir=folder))
        yield Spool(file, folder)


_SCHEMA_HTTP = f"<{namespaces.SCHEMA_HTTP}".encode()


@dataclass(frozen=True)
class CheckedGraph:
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
class GraphChecker:
    """Examines files in view of the world that all reports share."""

    reader: Reader
    rules: Rules
    checker: Checker
    shared: KnownResources

    def examine(self, path: Path) -> CheckedGraph:
        """The file at `path`, read, derived and checked."""
        try:
            dossier = self.reader.read(path)
        except InputError as error:
            return CheckedGraph(path, graph_of(self.reader, path), error.problems)
        return self.check(dossier, self.rules.derive(dossier.quads))

    def check(self, dossier: Dossier, quads: tuple[Quad, ...]) -> CheckedGraph:
        """The dossier, whose statements with all derived ones are `quads`, checked."""
        graph = GraphStatements(dossier.graph, quads)
        # Not a copy: what all reports share would be copied for each.
        own = known_resources([quads], frozenset()).facts
        around = replace(self.shared, facts=ChainMap(own, self.shared.facts))  # type: ignore[arg-type]  # only read
        outcome = CheckedGraph(
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

    def seeing(self, facts: Mapping[str, tuple[Triple, ...]]) -> GraphChecker:
        """An examiner with more facts in view."""
        return replace(self, shared=replace(self.shared, facts={**self.shared.facts, **facts}))

    def without(self, unknown: Iterable[str]) -> GraphChecker:
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


def _needs(graph: GraphStatements, around: KnownResources) -> frozenset[str]:
    """The nodes mentioned that nothing in view describes."""
    strange = graph.nodes - graph.described
    return frozenset(iri for iri in strange if iri not in around.facts and iri not in around.terms)


def _abroad(graph: GraphStatements) -> tuple[Quad, ...]:
    """What may concern other graphs: all of it where an IRI of schema.org begins with http:, which is rare."""
    if _SCHEMA_HTTP in graph.lines:
        return graph.quads
    away = {iri for iri in graph.described if home(iri) != graph.graph}
    away |= {terms.text(quad.subject) for quad in graph.types if quad.object == _PERSON}
    telling = FACTS | NAMES
    return tuple(q for q in graph.quads if q.predicate.value in telling and terms.text(q.subject) in away)


_PERSON = NamedNode(namespaces.RJ + "Person")


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
        kind = NamedNode(namespaces.RDF_TYPE)
        return tuple(quad for iri in iris for quad in self.store.quads_for_pattern(NamedNode(iri), kind, None))


def last_version(version: Version | None) -> LastVersion:
    """What `version` can still give; nothing, if there is none.

    Raises:
        StoreError: its store cannot be opened.
    """
    return LastVersion(version, version.open() if version else None)


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
    piece: SpooledGraph
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
class PreparedFiles:
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


WORTH: Final = 24
"""From so many files on, starting processes costs less than it saves."""
MakeExaminer = Callable[[], GraphChecker]


def examine_all(
    examiner: GraphChecker, make: MakeExaminer, files: Sequence[Path], jobs: int, *, worth: int = WORTH
) -> Iterator[CheckedGraph]:
    """What became of each file, in order; `make` makes an examiner like `examiner` in a process of its own.

    Raises:
        EngineError: a process ended without an answer.
    """
    if jobs < 2 or len(files) < worth:
        return (examiner.examine(path) for path in files)
    return run_in_processes("check dossiers", partial(_examining, make), files, jobs)


def _examining(make: MakeExaminer) -> Callable[[Path], CheckedGraph]:
    return make().examine


@dataclass(frozen=True)
class Pipeline:
    """The tools to prepare graphs of one project with; `stamp` changes whenever the tools' outcome can."""

    project: Project
    reader: Reader
    rules: Rules
    checker: Checker
    stamp: str


def workshop(project: Project, engine: Engine = Engine.SHACL) -> Pipeline:
    """The shipped tools, for `project`."""
    rules = read_rules()
    folder = package_file("ontology")
    parts = [__version__, rules.digest, project.base]
    parts += [file_digest(folder / name) for name in ("shapes.ttl", "context.jsonld", "dossier.schema.json")]
    return Pipeline(project, open_reader(project.base, project.data), rules, checks.checker(engine), _digest(parts))


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@dataclass(frozen=True)
class BuildContext:
    """How the work is done: where statements go, which files were seen before, how many processes, who watches."""

    spool: Spool
    seen: FileDigestCache = field(default_factory=lambda: FileDigestCache({}))
    jobs: int = 1
    progress: Progress = silent


@dataclass
class _Gathered:
    """What has been examined so far, by graph; what graphs say of nodes that are not theirs; who needs what."""

    work: BuildContext
    outcomes: dict[Path, CheckedGraph] = field(default_factory=dict)
    pieces: dict[Path, SpooledGraph] = field(default_factory=dict)
    abroad: list[Quad] = field(default_factory=list)
    facts: dict[str, tuple[Triple, ...]] = field(default_factory=dict)

    def take(self, outcome: CheckedGraph) -> None:
        """Keeps the outcome, its statements in the spool."""
        if outcome.lines:
            self.pieces[outcome.path] = self.work.spool.add(outcome.lines)
        self._learn(outcome.abroad)
        self.outcomes[outcome.path] = replace(outcome, lines=b"", abroad=())

    def again(self, outcome: CheckedGraph) -> None:
        """Keeps what another examination of the same file found."""
        self.outcomes[outcome.path] = replace(outcome, lines=b"", abroad=())

    def _learn(self, quads: tuple[Quad, ...]) -> None:
        """Keeps what is new: web pages that many reports cite are described by each, always alike."""
        told = known_resources([quads], frozenset()).facts
        known = {iri for iri in told if iri in self.facts and _is_source(told[iri])}
        self.abroad += [quad for quad in quads if quad.subject.value not in known]  # type: ignore[union-attr]  # nodes
        self.facts.update({iri: facts for iri, facts in told.items() if iri not in self.facts})


_SOURCE = NamedNode(namespaces.RJ + "Source")


def _is_source(facts: tuple[Triple, ...]) -> bool:
    return any(fact.object == _SOURCE for fact in facts)


def prepare_all(
    project: Project, engine: Engine, files: Mapping[Path, str], last: LastVersion, work: BuildContext
) -> PreparedFiles:
    """Every file prepared for the graph that it is named for, which is an empty text if its name is not fit.

    A report that is as it was in the last version, the collections too, is taken over. Interrupted (Ctrl-C), it gives
    what was done till then.

    Raises:
        EngineError: a process that was to check ended without an answer.
    """
    tools = workshop(project, engine)
    collections = [path for path, graph in files.items() if graph.endswith("/")]
    reports = {path: graph for path, graph in files.items() if not graph.endswith("/")}
    read = dict(_read_each(tools, collections))
    derived = {path: tools.rules.derive(item.quads) for path, item in read.items() if isinstance(item, Dossier)}
    shared = [derived.get(path) or last.quads(files[path]) for path in collections]
    unread = frozenset(files[path] for path, item in read.items() if isinstance(item, InputError))
    around = replace(known_resources(shared, checks.ontology_terms()), unknown=unread - {""})
    stamp = _digest([tools.stamp, around.digest])
    digests = {path: _digest([stamp, work.seen.digest(path)]) for path in files}
    kept, stale = _split(reports, digests, last)
    examiner = GraphChecker(tools.reader, tools.rules, tools.checker, around)
    gathered = _Gathered(work)
    interrupted = _examine_reports(gathered, examiner, partial(_examiner, project, engine, around), stale)
    with held_back() as interruption:
        examiner = examiner.without(
            outcome.graph for outcome in gathered.outcomes.values() if outcome.problems and outcome.graph
        )
        for path, item in read.items():
            gathered.take(
                CheckedGraph(path, files[path], item.problems)
                if isinstance(item, InputError)
                else examiner.check(item, derived[path])
            )
        homes = {files[path]: path for path in (*stale, *collections)}
        facts = _facts(gathered, examiner, last, derived, homes)
        _examine_again(gathered, examiner.seeing(facts), facts.keys(), read, derived)
        ready, broken_ones = _sorted_out(tools, gathered, digests)
        away = tuple(_at_home(gathered, examiner))
    return PreparedFiles(
        unchanged=(*kept, *_left(gathered, {path: files[path] for path in stale if interrupted}, last)),
        ready=ready,
        broken=broken_ones,
        shared=(*(quad for quads in derived.values() for quad in quads), *gathered.abroad, *away),
        statements={path: outcome.quads for path, outcome in gathered.outcomes.items()},
        interrupted=interrupted or interruption.is_set(),
    )


def _examiner(project: Project, engine: Engine, around: KnownResources) -> GraphChecker:
    """An examiner made anew, in a process of its own."""
    tools = workshop(project, engine)
    return GraphChecker(tools.reader, tools.rules, tools.checker, around)


def _read_each(tools: Pipeline, files: Sequence[Path]) -> Iterator[tuple[Path, Dossier | InputError]]:
    for path in files:
        try:
            yield path, tools.reader.read(path)
        except InputError as error:
            yield path, error


def _examine_reports(gathered: _Gathered, examiner: GraphChecker, make: MakeExaminer, files: Sequence[Path]) -> bool:
    """Examines the files; says whether that was interrupted."""
    work = gathered.work
    try:
        for done, outcome in enumerate(examine_all(examiner, make, files, work.jobs), 1):
            gathered.take(outcome)
            work.progress("checking", done, len(files))
    except KeyboardInterrupt:
        return True
    return False


def _facts(
    gathered: _Gathered,
    examiner: GraphChecker,
    last: LastVersion,
    derived: Mapping[Path, tuple[Quad, ...]],
    homes: Mapping[str, Path],
) -> dict[str, tuple[Triple, ...]]:
    """What is known of the nodes that graphs mention and nothing in view described.

    From the graphs that describe nodes of others, from the files that the nodes are at home in, `homes` by their
    graphs, and from the last version.
    """
    wanted = {iri for outcome in gathered.outcomes.values() for iri in outcome.needs}
    facts = {iri: gathered.facts[iri] for iri in wanted if iri in gathered.facts}
    for path in {homes[home(iri)] for iri in wanted - facts.keys() if home(iri) in homes}:
        told = known_resources([derived.get(path) or examiner.describe(path)], frozenset()).facts
        facts |= {iri: told[iri] for iri in wanted & told.keys()}
    return {**facts, **known_resources([last.facts(sorted(wanted - facts.keys()))], frozenset()).facts}


def _examine_again(
    gathered: _Gathered,
    seeing: GraphChecker,
    known: Set[str],
    read: Mapping[Path, Dossier | InputError],
    derived: Mapping[Path, tuple[Quad, ...]],
) -> None:
    """Examines those again that mention what is known by now."""
    for path, outcome in list(gathered.outcomes.items()):
        if outcome.needs & known:
            item = read.get(path)
            gathered.again(seeing.check(item, derived[path]) if isinstance(item, Dossier) else seeing.examine(path))


def _at_home(gathered: _Gathered, examiner: GraphChecker) -> Iterator[Quad]:
    """What reports say of nodes of their own that another report describes, too."""
    homes = {outcome.graph: path for path, outcome in gathered.outcomes.items()}
    strangers = {quad.subject for quad in gathered.abroad}
    for path in {homes[home(node.value)] for node in strangers if home(node.value) in homes}:  # type: ignore[union-attr]  # nodes
        yield from (quad for quad in examiner.describe(path) if quad.subject in strangers)


def _sorted_out(
    tools: Pipeline, gathered: _Gathered, digests: Mapping[Path, str]
) -> tuple[tuple[Ready, ...], tuple[Broken, ...]]:
    """The outcomes that are fit to be published, and those that are not."""
    outcomes = gathered.outcomes.values()
    ready = tuple(
        Ready(_entry(tools, one, digests[one.path]), gathered.pieces[one.path], one.path, one.findings)
        for one in outcomes
        if one.publishable
    )
    broken = [Broken(one.path, one.graph, one.problems, one.findings) for one in outcomes if not one.publishable]
    return ready, tuple(sorted(broken, key=lambda item: not item.problems))


def _left(gathered: _Gathered, stale: Mapping[Path, str], last: LastVersion) -> tuple[GraphEntry, ...]:
    """What the last version has of the files that an interruption left unexamined."""
    if not last.version:
        return ()
    left = (graph for path, graph in stale.items() if path not in gathered.outcomes)
    entries = (last.version.manifest.entry(graph) for graph in left)
    return tuple(entry for entry in entries if entry)


def _split(
    reports: Mapping[Path, str], digests: Mapping[Path, str], last: LastVersion
) -> tuple[list[GraphEntry], list[Path]]:
    """The entries of the reports that need not be read again, and the reports that must."""
    kept, stale = [], []
    for path, graph in reports.items():
        entry = last.entry(graph, digests[path])
        kept += [entry] if entry else []
        stale += [] if entry else [path]
    return kept, stale


def _entry(tools: Pipeline, outcome: CheckedGraph, input_digest: str) -> GraphEntry:
    path, root = outcome.path.resolve(), tools.project.root.resolve()
    return GraphEntry(
        iri=outcome.graph,
        source=(path.relative_to(root) if path.is_relative_to(root) else path).as_posix(),
        input_digest=input_digest,
        content_digest=outcome.content,
        quads=outcome.quads,
        warnings=sum(finding.severity is Severity.WARNING for finding in outcome.findings),
    )
