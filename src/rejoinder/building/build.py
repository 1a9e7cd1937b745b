"""The build: what is ready and changed goes into a new version of the store; then the version's files are written.

A dossier that is broken is named; its last good graph stays, and the rest is built.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from rejoinder import formats, namespaces, versions
from rejoinder.building import publish
from rejoinder.building.check import left_out
from rejoinder.building.pipeline import (
    Broken,
    BuildContext,
    LastVersion,
    PreparedFiles,
    Spool,
    SpooledGraph,
    Unread,
    held_back,
    last_version,
    prepare_all,
    read_seen,
    spooling,
    write_seen,
)
from rejoinder.config import Project
from rejoinder.dossiers.discovery import contents, graphs_of
from rejoinder.dossiers.reader import file_digest, open_reader
from rejoinder.errors import InputError, Problem
from rejoinder.package_data import package_file
from rejoinder.progress import Progress, silent
from rejoinder.questions import question
from rejoinder.rdf import graphs as rdf_graphs
from rejoinder.rdf import terms
from rejoinder.rdf.jsonld import Context
from rejoinder.rdf.terms import Quad, Store
from rejoinder.site import write
from rejoinder.validation import checks
from rejoinder.validation.checks import HasLines
from rejoinder.validation.report import Finding, Severity, in_order
from rejoinder.validation.shacl import Engine
from rejoinder.version import __version__
from rejoinder.versions import GraphEntry, Manifest, Version


@dataclass(frozen=True)
class OwnGraph:
    """A graph, a digest of what it is made from (files and the program's version), and what makes it, canonical."""

    iri: str
    input_digest: str
    make: Callable[[], tuple[Quad, ...]]


def own_graphs(project: Project) -> tuple[OwnGraph, ...]:
    """The graphs to publish. Making that of the questions takes a fifth of a second; its files tell if it must be made.

    Raises:
        InputError: a question cannot be read. `make` raises it also where a card does not hold.
    """
    ontology, shapes = package_file("ontology/rejoinder.ttl"), package_file("ontology/shapes.ttl")
    cards = f"{project.base}question/"
    return (
        OwnGraph(
            namespaces.ONTOLOGY_GRAPH,
            _digest(file_digest(ontology)),
            partial(_document, ontology, namespaces.ONTOLOGY_GRAPH),
        ),
        OwnGraph(
            namespaces.SHAPES_GRAPH, _digest(file_digest(shapes)), partial(_document, shapes, namespaces.SHAPES_GRAPH)
        ),
        OwnGraph(cards, _digest(question.digest(project)), partial(_questions, project)),
    )


def _document(path: Path, iri: str) -> tuple[Quad, ...]:
    return terms.canonical(terms.in_graph(terms.parse_file(path, iri), iri))


def _questions(project: Project) -> tuple[Quad, ...]:
    return terms.canonical(question.question_quads(question.of_project(project), project.base))


def _digest(files: str) -> str:
    """A digest of the program's version and of that of files."""
    return hashlib.sha256(f"{__version__} {files}".encode()).hexdigest()


@dataclass(frozen=True)
class Built:
    """The outcome of a build.

    `version` is the newest one (None when nothing could ever be published), `is_new` says whether this build made it;
    `changed` and `removed` are the graphs that differ from the version before; `kept` are the broken dossiers'
    graphs of an earlier version that still stand. `shown` is the newest version whose site is whole; `texts` are the
    source texts that it does not show, and why; `passed_over` are the files of the data folder that are no dossiers;
    `wrote_files` says whether this build wrote the version's site and exports.
    """

    version: Version | None
    shown: Version | None
    is_new: bool
    files: tuple[Path, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    findings: tuple[Finding, ...]
    broken: tuple[Broken, ...]
    kept: tuple[str, ...]
    texts: tuple[Problem, ...] = ()
    passed_over: tuple[Path, ...] = ()
    wrote_files: bool = False


@dataclass(frozen=True)
class _Plan:
    """What the new version is to hold: all its entries, and the statements of the graphs that are not as before."""

    entries: Mapping[str, GraphEntry]
    changed: Mapping[str, SpooledGraph]
    removed: tuple[str, ...]
    kept: tuple[str, ...]


@dataclass(frozen=True)
class _Works:
    """What a build works with, and on."""

    project: Project
    context: Context
    last: LastVersion
    dossiers: tuple[HasLines, ...]
    shared: tuple[Quad, ...]
    spool: Spool
    progress: Progress
    with_site: bool
    jobs: int


def build(project: Project, progress: Progress = silent, *, with_site: bool = True, jobs: int = 1) -> Built:
    """A new version of the store, unless nothing changed; then its site and exports, unless they are there.

    Without `with_site` only the store is published; a site that was published before stays. With several `jobs`, as
    many processes read, check and make pages; a script that asks for them must not run when it is imported.

    Raises:
        InputError: the data folder or one in it cannot be read, a file's name cannot stand for a graph or stands for
            another file's too, a question cannot be read or its card does not hold, or a source text is no report's.
        StoreError: another build is at work, the store is damaged, or the version cannot be written; the last version
            stays as it is.
        EngineError: a process that was to check or to make pages ended without an answer.
        KeyboardInterrupt: after what was examined before it has been published; a second one, before that.
    """
    found = contents(project.data)
    files = found.dossiers
    graphs_by_file = graphs_of(project.base, project.data, files)
    with versions.locked(project.build), versions.reading(project.build):
        last = last_version(versions.newest(project.build))
        with spooling(project.build) as spool:
            seen = read_seen(project.build)
            prepared = prepare_all(
                project, Engine.SHACL, graphs_by_file, last, BuildContext(spool, seen, jobs, progress)
            )
            dossier_reader = open_reader(project.base, project.data)
            dossiers = tuple(Unread(item.path, item.entry.iri, dossier_reader) for item in prepared.ready)
            with_site = with_site and not prepared.interrupted
            works = _Works(
                project, dossier_reader.context, last, dossiers, prepared.shared, spool, progress, with_site, jobs
            )
            plan = _plan(works, prepared)
            texts = left_out(project, frozenset(graphs_by_file.values()), partial(_planned, works, plan))
            built = replace(_built(works, prepared, plan, files), texts=texts, passed_over=found.others)
        with versions.writing(project.build, "the version is published"):
            write_seen(project.build, seen)
    if prepared.interrupted:
        raise KeyboardInterrupt
    return built


def _planned(works: _Works, plan: _Plan, graph: str) -> Iterable[Quad]:
    """What is to be published as the graph, whether it changed or not."""
    piece = plan.changed.get(graph)
    return _statements_of(works, piece) if piece else works.last.quads(graph)


def _built(works: _Works, prepared: PreparedFiles, plan: _Plan, files: tuple[Path, ...]) -> Built:
    """Publishes the plan; graphs that do not agree with the rest stay as they were, and the rest is published."""
    last = works.last.version
    outcome = _publish(works, plan) if _news(works, plan) else last
    disagreeing: tuple[Broken, ...] = ()
    if isinstance(outcome, tuple):
        disagreeing = _disagreeing(prepared, outcome)
        plan = _without(plan, [item.graph for item in disagreeing], works.last)
        outcome = _publish(works, plan) if _news(works, plan) else last
    if isinstance(outcome, tuple):
        raise InputError([Problem(f.path, f.line, f.message) for f in outcome])
    is_new = outcome is not last
    wrote = bool(works.with_site and outcome and _write_files(works, outcome))
    return Built(
        version=outcome,
        shown=outcome if works.with_site else versions.newest_with_site(works.project.build),
        is_new=is_new,
        files=files,
        changed=tuple(sorted(plan.changed)) if is_new else (),
        removed=plan.removed if is_new else (),
        findings=in_order(f for item in prepared.ready for f in item.findings),
        broken=(*prepared.broken, *disagreeing),
        kept=plan.kept,
        wrote_files=wrote,
    )


def _news(works: _Works, plan: _Plan) -> bool:
    """Whether a new version would differ from the last: in its data, or in how its site shows them."""
    last = works.last.version
    outdated = works.with_site and last and last.has_site and write.is_outdated(last.site_path, works.project)
    return bool(plan.changed or plan.removed or outdated)


def _write_files(works: _Works, version: Version) -> bool:
    return publish.write_files(works.project, works.context, version, works.progress, works.jobs)


def _disagreeing(prepared: PreparedFiles, findings: tuple[Finding, ...]) -> tuple[Broken, ...]:
    """The dossiers that these findings are about, as broken ones."""
    found: dict[Path, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.path, []).append(finding)
    disagreeing = (item for item in prepared.ready if item.path in found)
    return tuple(Broken(item.path, item.entry.iri, (), tuple(found[item.path])) for item in disagreeing)


def _plan(works: _Works, prepared: PreparedFiles) -> _Plan:
    """What to publish: what is ready, what stands in for the broken, and the program's own graphs."""
    before = _entries(works.last)
    kept = {item.graph: before[item.graph] for item in prepared.broken if item.graph in before}
    ready = {entry.iri: entry for entry in (*prepared.unchanged, *(item.entry for item in prepared.ready))}
    own = tuple(_own(works))
    entries = kept | ready | {entry.iri: entry for entry, _ in own}
    pieces = {item.entry.iri: item.piece for item in prepared.ready}
    pieces |= {entry.iri: works.spool.add(lines) for entry, lines in own if lines is not None}
    return _Plan(
        entries=entries,
        changed={iri: piece for iri, piece in pieces.items() if _differs(entries[iri], before.get(iri))},
        removed=tuple(sorted(before.keys() - entries.keys())),
        kept=tuple(sorted(kept)),
    )


def _entries(last: LastVersion) -> dict[str, GraphEntry]:
    return {entry.iri: entry for entry in last.version.manifest.graphs} if last.version else {}


def _differs(entry: GraphEntry, before: GraphEntry | None) -> bool:
    return before is None or before.content_digest != entry.content_digest


def _own(works: _Works) -> Iterator[tuple[GraphEntry, bytes | None]]:
    """The entries of the program's own graphs, each with its lines unless the last version has the graph."""
    for graph in own_graphs(works.project):
        entry = works.last.entry(graph.iri, graph.input_digest)
        if entry:
            yield entry, None
        else:
            lines = terms.serialize(graph.make(), formats.NQUADS)
            content = hashlib.sha256(lines).hexdigest()
            yield GraphEntry(graph.iri, "", graph.input_digest, content, lines.count(b"\n"), 0), lines


def _publish(works: _Works, plan: _Plan) -> Version | tuple[Finding, ...]:
    """The plan as the newest version, or the findings that speak against it; interrupted, it ends first."""
    with held_back() as interruption:
        outcome = _made(works, plan)
    if interruption.is_set():
        raise KeyboardInterrupt
    return outcome


def _made(works: _Works, plan: _Plan) -> Version | tuple[Finding, ...]:
    """The plan as the newest version, or the findings that speak against it once all graphs are together."""
    build = works.project.build
    with versions.draft(build, works.last.store) as folder:
        with versions.writing(build):
            findings = _store(works, plan, folder / "store")
        if any(finding.severity is Severity.VIOLATION for finding in findings):
            return findings
        return versions.publish(build, folder, _manifest(plan, versions.next_number(build)))


def _store(works: _Works, plan: _Plan, folder: Path) -> tuple[Finding, ...]:
    """Puts the plan into the store in the folder; gives what speaks against it.

    The store is closed by then: one that is moved while it is open takes a second more to close.
    """
    store = Store(str(folder))
    _load(works, plan, store)
    findings = _together(works, plan, store)
    if _is_mostly_new(plan, works.last):
        # Each batch is a layer that later look-ups go through. Else most files are shared with the version before.
        store.optimize()
    store.flush()
    return findings


def _is_mostly_new(plan: _Plan, last: LastVersion) -> bool:
    """Whether most statements are in graphs that the last version does not have."""
    known = _entries(last)
    came = sum(plan.entries[iri].quads for iri in plan.changed if iri not in known)
    return 2 * came > sum(entry.quads for entry in plan.entries.values())


def _load(works: _Works, plan: _Plan, store: Store) -> None:
    """Puts into the store what changed, and takes out what was removed."""
    known = _entries(works.last).keys()
    rdf_graphs.replace(
        store, {iri: _statements_of(works, piece) for iri, piece in plan.changed.items() if iri in known}
    )
    rdf_graphs.replace(store, dict.fromkeys(plan.removed, ()))
    new = ((iri, works.spool.read(piece)) for iri, piece in plan.changed.items() if iri not in known)
    rdf_graphs.load(store, rdf_graphs.batches(new), jobs=works.jobs)


def _statements_of(works: _Works, piece: SpooledGraph) -> Iterator[Quad]:
    """The statements of a piece of the spool; read when they are asked for, so that one graph is in memory."""
    yield from terms.parse(works.spool.read(piece), formats.NQUADS)


def _together(works: _Works, plan: _Plan, store: Store) -> tuple[Finding, ...]:
    """What all graphs show together: asked about those that changed or, where all are new, of what they share."""
    if works.last.version:
        return checks.check_together(store, [d for d in works.dossiers if d.graph in plan.changed], only=True)
    shared = rdf_graphs.memory_store(quad for quad in works.shared if terms.text(quad.graph_name) in plan.entries)
    return checks.check_together(shared, works.dossiers)


def _without(plan: _Plan, graphs: Iterable[str], last: LastVersion) -> _Plan:
    """The plan with these graphs left as they were in the last version, or left out."""
    held = set(graphs)
    before = _entries(last)
    return _Plan(
        entries={iri: entry for iri, entry in plan.entries.items() if iri not in held}
        | {iri: before[iri] for iri in held if iri in before},
        changed={iri: quads for iri, quads in plan.changed.items() if iri not in held},
        removed=plan.removed,
        kept=tuple(sorted({*plan.kept, *(iri for iri in held if iri in before)})),
    )


def _manifest(plan: _Plan, number: int) -> Manifest:
    return Manifest(
        number=number,
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        program=f"rejoinder {__version__}",
        graphs=tuple(plan.entries[iri] for iri in sorted(plan.entries)),
    )
