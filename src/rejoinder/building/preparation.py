"""Preparing graphs for publication: read, derived and checked, or taken over because nothing changed.

    files ──read──▶ quads ──derive──▶ quads ──check──▶ findings

A dossier that cannot be read, or that has a violation, becomes `Broken`; it never stops another. Each report is
examined by itself, by several processes at once, and its statements go to a file as lines: memory holds one report a
process. Those that refer to what another report describes are examined again when all are known.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from rejoinder import names
from rejoinder.building import workers
from rejoinder.building.examination import Examined, Examiner, home
from rejoinder.building.interruption import held_back
from rejoinder.building.lastversion import LastVersion
from rejoinder.building.prepared import Broken, Prepared, Ready
from rejoinder.building.seen import Seen
from rejoinder.building.spool import Piece, Spool
from rejoinder.checking import checks
from rejoinder.checking.checks import Checker
from rejoinder.checking.findings import Severity
from rejoinder.checking.rules import Rules, read_rules
from rejoinder.checking.validation import Engine
from rejoinder.checking.world import World, world
from rejoinder.dossiers.dossier import Dossier, Reader, file_digest, reader
from rejoinder.errors import InputError
from rejoinder.progress import Progress, silent
from rejoinder.project import Project
from rejoinder.resources import resource
from rejoinder.store.rdf import NamedNode, Quad, Triple
from rejoinder.store.versions import GraphEntry
from rejoinder.version import __version__


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
class Work:
    """How the work is done: where statements go, which files were seen before, how many processes, who watches."""

    spool: Spool
    seen: Seen = field(default_factory=lambda: Seen({}))
    jobs: int = 1
    progress: Progress = silent


@dataclass
class _Gathered:
    """What has been examined so far, by graph; what graphs say of nodes that are not theirs; who needs what."""

    work: Work
    outcomes: dict[Path, Examined] = field(default_factory=dict)
    pieces: dict[Path, Piece] = field(default_factory=dict)
    abroad: list[Quad] = field(default_factory=list)
    facts: dict[str, tuple[Triple, ...]] = field(default_factory=dict)

    def take(self, outcome: Examined) -> None:
        """Keeps the outcome, its statements in the spool."""
        if outcome.lines:
            self.pieces[outcome.path] = self.work.spool.add(outcome.lines)
        self._learn(outcome.abroad)
        self.outcomes[outcome.path] = replace(outcome, lines=b"", abroad=())

    def again(self, outcome: Examined) -> None:
        """Keeps what another examination of the same file found."""
        self.outcomes[outcome.path] = replace(outcome, lines=b"", abroad=())

    def _learn(self, quads: tuple[Quad, ...]) -> None:
        """Keeps what is new: web pages that many reports cite are described by each, always alike."""
        told = world([quads], frozenset()).facts
        known = {iri for iri in told if iri in self.facts and _is_source(told[iri])}
        self.abroad += [quad for quad in quads if quad.subject.value not in known]  # type: ignore[union-attr]  # nodes
        self.facts.update({iri: facts for iri, facts in told.items() if iri not in self.facts})


_SOURCE = NamedNode(names.RJ + "Source")


def _is_source(facts: tuple[Triple, ...]) -> bool:
    return any(fact.object == _SOURCE for fact in facts)


def prepare_all(project: Project, engine: Engine, files: Mapping[Path, str], last: LastVersion, work: Work) -> Prepared:
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
    around = replace(world(shared, checks.ontology_terms()), unknown=unread - {""})
    stamp = _digest([tools.stamp, around.digest])
    digests = {path: _digest([stamp, work.seen.digest(path)]) for path in files}
    kept, stale = _split(reports, digests, last)
    examiner = Examiner(tools.reader, tools.rules, tools.checker, around)
    gathered = _Gathered(work)
    interrupted = _examine_reports(gathered, examiner, partial(_examiner, project, engine, around), stale)
    with held_back() as interruption:
        examiner = examiner.without(
            outcome.graph for outcome in gathered.outcomes.values() if outcome.problems and outcome.graph
        )
        for path, item in read.items():
            gathered.take(
                Examined(path, files[path], item.problems)
                if isinstance(item, InputError)
                else examiner.check(item, derived[path])
            )
        homes = {files[path]: path for path in (*stale, *collections)}
        facts = _facts(gathered, examiner, last, derived, homes)
        _examine_again(gathered, examiner.seeing(facts), facts.keys(), read, derived)
        ready, broken_ones = _sorted_out(tools, gathered, digests)
        away = tuple(_at_home(gathered, examiner))
    return Prepared(
        unchanged=(*kept, *_left(gathered, {path: files[path] for path in stale if interrupted}, last)),
        ready=ready,
        broken=broken_ones,
        shared=(*(quad for quads in derived.values() for quad in quads), *gathered.abroad, *away),
        statements={path: outcome.quads for path, outcome in gathered.outcomes.items()},
        interrupted=interrupted or interruption.is_set(),
    )


def _examiner(project: Project, engine: Engine, around: World) -> Examiner:
    """An examiner made anew, in a process of its own."""
    tools = workshop(project, engine)
    return Examiner(tools.reader, tools.rules, tools.checker, around)


def _read_each(tools: Workshop, files: Sequence[Path]) -> Iterator[tuple[Path, Dossier | InputError]]:
    for path in files:
        try:
            yield path, tools.reader.read(path)
        except InputError as error:
            yield path, error


def _examine_reports(
    gathered: _Gathered, examiner: Examiner, make: workers.MakeExaminer, files: Sequence[Path]
) -> bool:
    """Examines the files; says whether that was interrupted."""
    work = gathered.work
    try:
        for done, outcome in enumerate(workers.examine_all(examiner, make, files, work.jobs), 1):
            gathered.take(outcome)
            work.progress("checking", done, len(files))
    except KeyboardInterrupt:
        return True
    return False


def _facts(
    gathered: _Gathered,
    examiner: Examiner,
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
        told = world([derived.get(path) or examiner.describe(path)], frozenset()).facts
        facts |= {iri: told[iri] for iri in wanted & told.keys()}
    return {**facts, **world([last.facts(sorted(wanted - facts.keys()))], frozenset()).facts}


def _examine_again(
    gathered: _Gathered,
    seeing: Examiner,
    known: Set[str],
    read: Mapping[Path, Dossier | InputError],
    derived: Mapping[Path, tuple[Quad, ...]],
) -> None:
    """Examines those again that mention what is known by now."""
    for path, outcome in list(gathered.outcomes.items()):
        if outcome.needs & known:
            item = read.get(path)
            gathered.again(seeing.check(item, derived[path]) if isinstance(item, Dossier) else seeing.examine(path))


def _at_home(gathered: _Gathered, examiner: Examiner) -> Iterator[Quad]:
    """What reports say of nodes of their own that another report describes, too."""
    homes = {outcome.graph: path for path, outcome in gathered.outcomes.items()}
    strangers = {quad.subject for quad in gathered.abroad}
    for path in {homes[home(node.value)] for node in strangers if home(node.value) in homes}:  # type: ignore[union-attr]  # nodes
        yield from (quad for quad in examiner.describe(path) if quad.subject in strangers)


def _sorted_out(
    tools: Workshop, gathered: _Gathered, digests: Mapping[Path, str]
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


def _entry(tools: Workshop, outcome: Examined, input_digest: str) -> GraphEntry:
    path, root = outcome.path.resolve(), tools.project.root.resolve()
    return GraphEntry(
        iri=outcome.graph,
        source=(path.relative_to(root) if path.is_relative_to(root) else path).as_posix(),
        input_digest=input_digest,
        content_digest=outcome.content,
        quads=outcome.quads,
        warnings=sum(finding.severity is Severity.WARNING for finding in outcome.findings),
    )
