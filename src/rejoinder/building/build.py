"""Build a project: publish changed graphs as a new version of the store, then write its site and exports.

A broken dossier is reported, and its last good graph stays; all other dossiers are built. Files that are the same as in
the newest version with a site are hard-linked, not written again, and all are put in place at once.
"""

from __future__ import annotations

import datetime
import filecmp
import hashlib
import json
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from rejoinder import __version__, disk, formats, messages, namespaces, question, versions
from rejoinder.building import parallel
from rejoinder.building.check import (
    BuildFolder,
    CheckedGraph,
    Extent,
    FileDigestCache,
    LastVersion,
    LinesOnDemand,
    PreparedFiles,
    StatementsFile,
    deferred_interrupt,
    prepare_all,
    statements_file,
)
from rejoinder.building.parallel import Progress, silent
from rejoinder.config import CONFIG_NAME, Project
from rejoinder.disk import package_file
from rejoinder.dossiers import reviews
from rejoinder.dossiers.discovery import contents, graphs_of, is_mapping
from rejoinder.dossiers.reader import Reader, file_digest, reader_of
from rejoinder.errors import InputError, Problem, Severity, StoreError, worst_first
from rejoinder.formats import Syntax
from rejoinder.lazily import lazy
from rejoinder.question import Question
from rejoinder.rdf import graphs as rdf_graphs
from rejoinder.rdf import jsonld, serialize, terms
from rejoinder.rdf.serialize import Part, PartsFile
from rejoinder.rdf.terms import Quad, Store
from rejoinder.site import metadata, moved, passages, write
from rejoinder.site.metadata import Dump
from rejoinder.site.reads import MadePart
from rejoinder.site.snapshot import Snapshot, open_snapshot
from rejoinder.site.write import Site
from rejoinder.validation import checks, derive
from rejoinder.validation.derive import read_rules
from rejoinder.validation.source_text import FromText
from rejoinder.versions import GraphEntry, Manifest, Version

_PARTS: Final = "dataset.parts"
_OF_LINES: Final = (
    Dump("dataset.nq", "All graphs as N-Quads, for bulk loaders", formats.NQUADS),
    *(dump for dump in metadata.DUMPS if dump.packed),
)
"""The dumps that consist of lines, and so of parts that can be copied from version to version."""
# Ten reports took two processes 22.8 s and one 19.9 s, together; one report took two 8.2 s and one 4.5 s.
_MIN_STATEMENTS: Final = 30_000
"""The number of statements, a few reports, from which starting processes saves time."""


@dataclass(frozen=True)
class Built:
    """The outcome of a build.

    `version` is the newest one (None if nothing could ever be published), `is_new` says whether this build made it;
    `changed` and `removed` are the graphs that differ from the version before; `kept` are graphs of broken dossiers
    that stay as in an earlier version. `shown` is the newest version with a complete site; `texts` are problems of
    source texts that it does not show, `settings` of settings without which it says too little, `damaged` of older
    versions that cannot be read, which the site treats as removed; `passed_over` are
    files in the data folder that are not dossiers; `wrote_files` says whether this build wrote the version's site and
    exports; `uncompared` are the quotes and passages of the files that were checked for a new version: a build
    compares none with a text.
    """

    version: Version | None
    shown: Version | None
    is_new: bool
    files: tuple[Path, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    findings: tuple[Problem, ...]
    broken: tuple[CheckedGraph, ...]
    kept: tuple[str, ...]
    texts: tuple[Problem, ...] = ()
    settings: tuple[Problem, ...] = ()
    damaged: tuple[Problem, ...] = ()
    passed_over: tuple[Path, ...] = ()
    wrote_files: bool = False
    uncompared: FromText = field(default_factory=FromText)


@dataclass(frozen=True)
class _Build:
    """A running build: its settings, the last version, and the files prepared for the next one."""

    project: Project
    reader: Reader
    last: LastVersion
    prepared: PreparedFiles
    statements: StatementsFile
    progress: Progress
    with_site: bool
    jobs: int
    created: str

    @lazy
    def questions(self) -> Mapping[str, Question]:
        """Return the project's questions: to read them takes half a second, as each is tried on an empty store."""
        return question.of_project(self.project)

    @property
    def outdated(self) -> bool:
        """Return whether the site has to be made again, which needs a new version even if the data are the same."""
        last = self.last.version
        return bool(self.with_site and last and last.has_site and write.is_outdated(last.site_path, self.project))


@dataclass(frozen=True)
class _Plan:
    """The contents of the new version: all its entries, and the place of the statements of each changed graph."""

    entries: Mapping[str, GraphEntry]
    changed: Mapping[str, Extent]
    removed: tuple[str, ...]
    kept: tuple[str, ...]


def build(project: Project, progress: Progress = silent, *, with_site: bool = True, jobs: int = 1) -> Built:
    """Publish a new version of the store if something changed, then write its site and exports if they are missing.

    Without `with_site`, only the store is published, and an earlier site stays. With several `jobs`, as many processes
    read, check and make pages; a script that uses them needs `if __name__ == "__main__":`.

    Raises:
        ProjectError: a catalogue of the language is wrong.
        InputError: the data folder or one in it cannot be read, a file's name cannot stand for a graph or stands for
            another file's too, a question is unreadable or its front matter not valid, or a source text is no report's.
        StoreError: another build is at work, the store is damaged, or the version cannot be written; the last version
            stays as it is.
        EngineError: a process that checks or makes pages ended without an answer.
        KeyboardInterrupt: after the checked graphs are published; a second one interrupts at once.
    """
    # First, because otherwise a wrong catalogue would be told only when all dossiers are checked.
    messages.of_language(project.language, project.root).read()
    found = contents(project.data)
    files, misnamed = graphs_of(project.base, project.data, found.dossiers)
    if misnamed:
        raise InputError(misnamed)
    with versions.locked(project.build), versions.reading(project.build):
        last = LastVersion.of(versions.newest(project.build))
        digests = FileDigestCache.load(project.build)
        with statements_file(project.build) as statements:
            folder = BuildFolder(last, statements, digests)
            prepared = prepare_all(project, files, folder, jobs=jobs, progress=progress)
            reader = reader_of(project)
            if exposed := _exposed(project, reader, (*prepared.ready, *prepared.broken)):
                raise InputError(exposed)
            # After Ctrl-C, what was checked is published; the pages take longest, and the next build makes them.
            with_site = with_site and not prepared.interrupted
            # With Z for UTC, as the store writes it, so that the digest of the description is that of its statements.
            created = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
            work = _Build(project, reader, last, prepared, statements, progress, with_site, jobs, created)
            plan = _with_meta(work, _with_reviews(work, _plan(work)))

            def planned(graph: str) -> Iterable[Quad]:
                extent = plan.changed.get(graph)
                return statements.quads(extent) if extent else last.quads(graph)

            texts = _source_text_problems(project, frozenset(files.values()), planned)
            settings = tuple(_settings(project)) if with_site else ()
            built = replace(
                _carry_out(work, plan), files=found.dossiers, texts=texts, settings=settings, passed_over=found.others
            )
            if built.is_new:
                built = replace(built, uncompared=sum((graph.from_text for graph in prepared.ready), FromText()))
        with disk.writing(project.build, "the version is published"):
            digests.save(project.build)
    if prepared.interrupted:
        raise KeyboardInterrupt
    return built


def _exposed(project: Project, reader: Reader, checked: Sequence[CheckedGraph]) -> tuple[Problem, ...]:
    """Return a problem for each file with something private that a version shows: its pages would go on to do so.

    Something private is a private node, or the real name of somebody who is under a pseudonym now.
    """
    # The messages do not name it, because messages may end in logs that others read.
    remedy = f"remove the folder {project.build.name} and build again, and delete what you published of it"
    node = f"an entry that is private here is in the versions built before; {remedy}"
    name = f"the real name of somebody under a pseudonym is in the versions built before; {remedy}"
    private = [each for each in checked if each.private]
    # A name that is new is in a collection, which is therefore checked now.
    named = bool(reader.names.real_names) and any(each.graph.endswith("/") for each in checked)
    if not (private or named):
        return ()
    found: dict[Problem, None] = {}
    for version in versions.kept(project.build):
        shown = LastVersion.of(version)
        found |= {Problem(each.path, None, node): None for each in private if any(map(shown.has_node, each.private))}
        if named and shown.shows(reader.names.reveals):
            found[Problem(project.data, None, name)] = None
    return tuple(found)


def _plan(work: _Build) -> _Plan:
    """Return the plan: the ready graphs, the last good graphs of broken files, and the program's own graphs."""
    prepared, before = work.prepared, _entries(work.last)
    # Without a digest of its input, a broken file is checked again by each build, even if it is as it was.
    kept = {
        item.graph: replace(before[item.graph], input_digest="") for item in prepared.broken if item.graph in before
    }
    own = tuple(_own_entries(work))
    entries = kept | dict(prepared.entries) | {entry.iri: entry for entry, _ in own}
    extents = {item.graph: item.extent for item in prepared.ready}
    extents |= {entry.iri: work.statements.add(lines) for entry, lines in own if lines is not None}
    # A file may change without new statements, for example in comments or order.
    unchanged = {iri for iri in extents if iri in before and before[iri].content_digest == entries[iri].content_digest}
    plan = _Plan(
        entries=entries,
        changed={iri: extent for iri, extent in extents.items() if iri not in unchanged},
        removed=tuple(sorted(before.keys() - entries.keys())),
        kept=tuple(sorted(kept)),
    )
    return _with_identities(work, plan)


def _with_identities(work: _Build, plan: _Plan) -> _Plan:
    """Return the plan with the graph of the identities that follow from its mappings, or without it if none do.

    They are derived from what will be published, because a mapping file with a problem keeps its last good graph.
    """
    iri = work.project.base + derive.IDENTITIES
    mappings = {name: entry for name, entry in sorted(plan.entries.items()) if is_mapping(entry.source)}
    content = [__version__, *(f"{name} {entry.content_digest}" for name, entry in mappings.items())]
    input_digest = disk.digest_of(content)
    if before := work.last.entry(iri, input_digest):
        return _with_graph(work, plan, iri, before)
    quads = _identities(work, plan, mappings)
    if not quads:
        return _with_graph(work, plan, iri, None)
    lines = terms.serialize(quads, formats.NQUADS)
    return _with_graph(work, plan, iri, _own_entry(iri, input_digest, lines), lines)


def _with_graph(work: _Build, plan: _Plan, iri: str, entry: GraphEntry | None, lines: bytes | None = None) -> _Plan:
    """Return the plan with a graph of the program's own as it is now, or without it if there is no entry.

    Without `lines`, the graph is as in the last version. What was removed is right when all steps have had their turn.
    """
    known = _entries(work.last)
    entries = {name: each for name, each in plan.entries.items() if name != iri} | ({iri: entry} if entry else {})
    changed = {name: extent for name, extent in plan.changed.items() if name != iri}
    # Other input may give the same statements; then the graph is left alone.
    if entry and lines is not None and (iri not in known or known[iri].content_digest != entry.content_digest):
        changed[iri] = work.statements.add(lines)
    return replace(plan, entries=entries, changed=changed, removed=tuple(sorted(known.keys() - entries.keys())))


def _identities(work: _Build, plan: _Plan, mappings: Iterable[str]) -> tuple[Quad, ...]:
    """Return the identities that follow from the graphs of mappings as the plan has them."""
    graphs = (
        work.statements.quads(plan.changed[graph]) if graph in plan.changed else work.last.quads(graph)
        for graph in mappings
    )
    return derive.identity_quads((quad for quads in graphs for quad in quads), work.project.base)


def _entries(last: LastVersion) -> dict[str, GraphEntry]:
    return {entry.iri: entry for entry in last.version.manifest.graphs} if last.version else {}


def _with_reviews(work: _Build, plan: _Plan) -> _Plan:
    """Return the plan with a graph of the shipped reviews that its other graphs refer to and do not describe."""
    shipped = work.reader.shipped_reviews
    mentioned, described = _mentioned_and_described_reviews(work, plan)
    needed = shipped.needed(mentioned, described)
    if not needed:
        return _with_graph(work, plan, shipped.graph, None)
    files = (file_digest(package_file(name)) for name in (reviews.FILE, "ontology/rejoinder.ttl"))
    input_digest = disk.digest_of((__version__, *files, *sorted(needed)))
    if before := work.last.entry(shipped.graph, input_digest):
        return _with_graph(work, plan, shipped.graph, before)
    lines = terms.serialize(read_rules().derive(shipped.quads(needed)), formats.NQUADS)
    return _with_graph(work, plan, shipped.graph, _own_entry(shipped.graph, input_digest, lines), lines)


def _with_meta(work: _Build, plan: _Plan) -> _Plan:
    """Return the plan with the graph that describes the others, new only if one of those or a setting is."""
    iri, last, before = work.project.base + namespaces.META, work.last.version, _entries(work.last)

    def entry_of(name: str) -> GraphEntry:
        now, was = plan.entries[name], before.get(name)
        if last is None or was is None or was.content_digest != now.content_digest:
            return replace(now, modified=work.created)
        return replace(now, modified=was.modified or last.manifest.created)

    def described(manifest: Manifest) -> bytes:
        return terms.serialize(metadata.meta_quads(work.project, manifest), formats.NQUADS)

    graphs = tuple(entry_of(name) for name in sorted(plan.entries) if name != iri)
    plan = replace(plan, entries={entry.iri: entry for entry in graphs})
    if last and iri in before and not ({*plan.changed, *plan.removed} - {iri} or work.outdated):
        # Number and time of the last version: if only they would differ, there is no new version.
        lines = described(replace(last.manifest, graphs=graphs))
        if before[iri].content_digest == _own_entry(iri, "", lines).content_digest:
            return _with_graph(work, plan, iri, before[iri])
    lines = described(_manifest(work, graphs))
    return _with_graph(work, plan, iri, replace(_own_entry(iri, "", lines), modified=work.created), lines)


def _manifest(work: _Build, graphs: tuple[GraphEntry, ...]) -> Manifest:
    """Return the manifest of the next version."""
    return Manifest(versions.next_number(work.project.build), work.created, f"rejoinder {__version__}", graphs)


def _mentioned_and_described_reviews(work: _Build, plan: _Plan) -> tuple[frozenset[str], frozenset[str]]:
    """Return the shipped reviews that graphs of the plan mention, and those that they describe."""
    shipped = work.reader.shipped_reviews
    checked = [
        item
        for item in work.prepared.ready
        if item.graph in plan.entries and plan.entries[item.graph].content_digest == item.content_digest
    ]
    mentioned = {iri for item in checked for iri in item.reviews}
    described = {iri for item in checked for iri in item.described_reviews}
    # The other graphs are in the last version; every review that they refer to is in a collection there.
    staying = plan.entries.keys() - {item.graph for item in checked} - {shipped.graph}
    collected = work.last.members(reviews.HAS_REVIEW) & shipped.by_iri.keys()
    mentioned |= {iri for iri in collected if work.last.mentions(iri, staying)}
    described |= {terms.text(quad.subject) for quad in work.last.types(collected, staying)}
    return frozenset(mentioned), frozenset(described)


def _own_entries(work: _Build) -> Iterator[tuple[GraphEntry, bytes | None]]:
    """Yield the entries of the program's own graphs, each with its lines unless the last version has the graph.

    Making the graph of the questions takes a fifth of a second; the digest of its files tells whether it must be made.
    """
    project, last = work.project, work.last

    def question_quads() -> Iterable[Quad]:
        return question.question_quads(work.questions, project.base)

    def document_quads(paths: Iterable[Path], iri: str) -> Iterable[Quad]:
        return (quad for path in paths for quad in terms.in_graph(terms.parse_file(path, iri), iri))

    graphs: list[tuple[str, str, Callable[[], Iterable[Quad]]]] = [
        (f"{project.base}question/", question.digest(project), question_quads)
    ]
    for iri, names in (
        (namespaces.ONTOLOGY_GRAPH, ("rejoinder.ttl",)),
        (namespaces.SHAPES_GRAPH, ("shapes.ttl", "fair.ttl")),
    ):
        paths = [package_file(f"ontology/{name}") for name in names]
        graphs.append((iri, " ".join(map(file_digest, paths)), partial(document_quads, paths, iri)))
    for iri, files, make in graphs:
        input_digest = disk.digest_of([f"{__version__} {files}"])
        entry = last.entry(iri, input_digest)
        if entry:
            yield entry, None
        else:
            lines = terms.serialize(terms.canonical(make()), formats.NQUADS)
            yield _own_entry(iri, input_digest, lines), lines


def _own_entry(iri: str, input_digest: str, lines: bytes) -> GraphEntry:
    """Return the entry of a graph of the program's own; canonical lines, so that equal graphs have equal digests."""
    return GraphEntry(iri, "", input_digest, hashlib.sha256(lines).hexdigest(), lines.count(b"\n"), 0)


def _source_text_problems(
    project: Project, known: Collection[str], statements: Callable[[str], Iterable[Quad]]
) -> tuple[Problem, ...]:
    """Return a problem for each source text that is not the one its report was read from: pages would show wrong words.

    `known` are the IRIs of the graphs; `statements` returns the statements of one that will be published.

    Raises:
        InputError: a text cannot be read, or belongs to no report.
    """
    texts = passages.texts(project)
    unknown = [passages.no_report_problem(text) for text in texts if text.report not in known]
    if unknown:
        raise InputError(unknown)
    problems = []
    for text in texts:
        recorded = (q for q in statements(text.report) if q.predicate.value == namespaces.SCHEMA + "sha256")
        described = {text.report, text.report + namespaces.REPORT}
        digest = next((terms.text(q.object) for q in recorded if terms.text(q.subject) in described), None)
        # A broken report has no digest here; its own problem is reported elsewhere.
        if digest and digest != text.digest:
            problems.append(passages.other_text_problem(text, digest))
    return tuple(problems)


def _settings(project: Project) -> Iterator[Problem]:
    """Yield a warning for each setting with which the site says less than its readers need.

    They are the address for objections, since the site names people, and a language that the interface speaks.
    """
    own = project.root / CONFIG_NAME
    path = own if own.is_file() else project.root / "pyproject.toml"
    if not project.contact:
        message = (
            "`contact` is missing, so the page “How to read this” cannot say where people object to what is said of "
            'them; write contact = "…" with an e-mail or web address'
        )
        yield Problem(path, None, message, Severity.WARNING)
    is_english = project.language.partition("-")[0] == messages.SOURCE
    if not is_english and not messages.of_language(project.language, project.root).found:
        shipped = ", ".join(sorted({messages.SOURCE, *(folder.name for folder in messages.LOCALE.glob("*/"))}))
        message = (
            f"the interface has no catalogue for the `language` {project.language!r}, so it is in English; there are "
            f"{shipped}, and a file locale/{project.language}/LC_MESSAGES/rejoinder.po adds one"
        )
        yield Problem(path, None, message, Severity.WARNING)


def _carry_out(work: _Build, plan: _Plan) -> Built:
    """Publish the plan; graphs with violations that only all graphs show keep their last state."""
    last, prepared = work.last.version, work.prepared
    outcome = _publish(work, plan)
    disagreeing: tuple[CheckedGraph, ...] = ()
    if isinstance(outcome, tuple):
        # One more attempt without the graphs at fault, so that they do not keep all others from being published.
        paths = {finding.path for finding in outcome}
        disagreeing = tuple(
            replace(item, findings=tuple(finding for finding in outcome if finding.path == item.path))
            for item in prepared.ready
            if item.path in paths
        )
        plan = _with_identities(work, _without(plan, {item.graph for item in disagreeing}, work.last))
        plan = _with_meta(work, _with_reviews(work, plan))
        outcome = _publish(work, plan)
    if isinstance(outcome, tuple):
        raise InputError(outcome)
    is_new = outcome is not last
    wrote = False
    if work.with_site and outcome:
        wrote = _write_files(work.project, outcome, lambda: work.questions, work.progress, work.jobs)
    return Built(
        version=outcome,
        shown=outcome if work.with_site else versions.newest_with_site(work.project.build),
        is_new=is_new,
        files=(),
        changed=tuple(sorted(plan.changed.keys() - {work.project.base + namespaces.META})) if is_new else (),
        removed=plan.removed if is_new else (),
        findings=worst_first(
            (*checks.unedited_settings(work.project), *(f for each in prepared.ready for f in each.findings))
        ),
        broken=(*prepared.broken, *disagreeing),
        kept=plan.kept,
        damaged=versions.damaged(work.project.build, outcome.manifest.number) if outcome else (),
        wrote_files=wrote,
    )


def _without(plan: _Plan, graphs: set[str], last: LastVersion) -> _Plan:
    """Return the plan with these graphs as in the last version, or without them."""
    before = {iri: entry for iri, entry in _entries(last).items() if iri in graphs}
    return _Plan(
        entries={iri: entry for iri, entry in plan.entries.items() if iri not in graphs} | before,
        changed={iri: extent for iri, extent in plan.changed.items() if iri not in graphs},
        removed=plan.removed,
        kept=tuple(sorted({*plan.kept, *before})),
    )


def _publish(work: _Build, plan: _Plan) -> Version | tuple[Problem, ...] | None:
    """Publish the plan and return the newest version, or the violations found over all graphs.

    It is the last version if neither the data nor the site would differ. After an interrupt, the publication is first
    finished, so that checked graphs are not lost.
    """
    build, last = work.project.build, work.last.version
    if not (plan.changed or plan.removed or work.outdated):
        return last
    with deferred_interrupt() as interruption, versions.draft(build, work.last.store) as folder:
        with disk.writing(build):
            findings = _fill_store(work, plan, folder / "store")
        outcome: Version | tuple[Problem, ...] = findings
        if all(finding.severity is not Severity.VIOLATION for finding in findings):
            manifest = _manifest(work, tuple(plan.entries[iri] for iri in sorted(plan.entries)))
            outcome = versions.publish(build, folder, manifest)
    if interruption.is_set():
        raise KeyboardInterrupt
    return outcome


def _fill_store(work: _Build, plan: _Plan, folder: Path) -> tuple[Problem, ...]:
    """Write the plan into the store in the folder; return the findings over all graphs.

    The store is closed before it returns, because closing a store after its folder was moved takes a second more.
    """
    store = Store(str(folder))
    known, statements = _entries(work.last).keys(), work.statements
    # Known graphs are edited and new ones are loaded in batches: each is the faster way.
    edited = {iri: statements.quads(extent) for iri, extent in plan.changed.items() if iri in known}
    rdf_graphs.replace(store, edited)
    rdf_graphs.replace(store, dict.fromkeys(plan.removed, ()))
    new = [(iri, extent) for iri, extent in plan.changed.items() if iri not in known]
    lines = ((iri, statements.read(extent)) for iri, extent in new)
    rdf_graphs.load(store, rdf_graphs.batches(lines), jobs=work.jobs)
    findings = _check_together(work, plan, store)
    loaded = sum(plan.entries[iri].quads for iri, _ in new)
    if 2 * loaded > sum(entry.quads for entry in plan.entries.values()):
        # Each batch adds a layer that slows look-ups. After few additions, the files stay shared with the last version.
        store.optimize()
    store.flush()
    return findings


def _check_together(work: _Build, plan: _Plan, store: Store) -> tuple[Problem, ...]:
    """Return the findings over all graphs: for the changed ones or, if all are new, from the facts they share."""
    ready = [LinesOnDemand(item.path, item.graph, work.reader) for item in work.prepared.ready]
    # Few graphs differ from a last version, so queries about them are fast. In a first build all differ; then a small
    # store with only the statements that concern several graphs is much faster to query.
    if work.last.version:
        return checks.check_together(store, [item for item in ready if item.graph in plan.changed], only=True)
    shared = (quad for quad in work.prepared.shared if terms.text(quad.graph_name) in plan.entries)
    return checks.check_together(rdf_graphs.union_store(shared), ready)


@dataclass(frozen=True)
class Exports:
    """The exported files of a version, and the folder that they are written to.

    `before` is the folder of the files exported before, if any, and `changed` are the graphs that differ from those;
    `current` says that this program with these settings wrote them.
    """

    base: str
    version: Version
    folder: Path
    before: Path | None
    changed: frozenset[str]
    current: bool

    @property
    def entries(self) -> tuple[GraphEntry, ...]:
        """The graphs of the version."""
        return self.version.manifest.graphs

    def name(self, iri: str, syntax: Syntax) -> str:
        """Return the file of a graph in a syntax."""
        return namespaces.graph_path(self.base, iri).as_posix() + syntax.suffix

    def old(self, name: str) -> Path | None:
        """Return the file of that name that was exported before, if there is one."""
        path = self.before / name if self.before else None
        return path if path and path.is_file() else None

    def new(self, name: str) -> Path:
        """Return where the file of that name goes; its folder is made."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def _write_files(
    project: Project,
    version: Version,
    questions: Callable[[], Mapping[str, Question]],
    progress: Progress,
    jobs: int = 1,
) -> bool:
    """Write the exports and the site of the version unless they are complete, and make its site the one to publish.

    `questions` returns the project's stored questions, and is called only if files are written.
    Return whether they had to be written. If a file is missing, all are written again: the others may be damaged too.

    Raises:
        StoreError: they cannot be written; the site published before stays.
        EngineError: a process that was to make pages ended without an answer.
    """
    outcome = f"version {version.manifest.number} is published, but not its site"
    with disk.writing(project.build, outcome), _with_outcome(outcome), versions.reading(project.build):
        # Beside the site, not in it: a list of what was withdrawn would publish the names again.
        (project.build / moved.RULES).mkdir(exist_ok=True)
        for name, rules in moved.host_rules(project).items():
            disk.write_whole(project.build / moved.RULES / name, rules.encode())
        if version.has_site and not version.lacks_files:
            versions.link_site(project.build, version)
            return False
        # Not merely the version before: that may have been built without a site.
        before = versions.newest_with_site(project.build, below=version.manifest.number)
        if version.has_site and before and before.lacks_files:  # versions share files, and so their damage
            before = None
        store = version.open()
        # Both are made in a draft and moved at once, so a version's site is either complete or missing.
        changed = version.manifest.differing(before.manifest if before else None)
        current = before is not None and write.is_current(before.site_path, project)
        with versions.draft(project.build) as folder:
            exported, old = folder / version.export_path.name, before.export_path if before else None
            exports = Exports(project.base, version, exported, old, changed, current)
            # The dumps of this snapshot are read when pages need them, and by then they are written.
            snapshot = open_snapshot(project, version, store, questions=questions(), export=exported)
            # The system copies the dumps without Python's lock, so a thread finds meanwhile which parts stay.
            with ThreadPoolExecutor(1) as pool:
                compared = pool.submit(write.kept, snapshot, before if current else None)
                write_exports(exports, store, jobs, progress)
            site = Site(
                folder=folder / version.site_path.name,
                export=exported,
                before=before.site_path if before else None,
                kept=compared.result(),
                current=current,
            )
            write_pages(snapshot, version, site, jobs)
            versions.publish_site(project.build, folder, version)
    return True


@contextmanager
def _with_outcome(outcome: str) -> Iterator[None]:
    """Have the message of a StoreError begin with the outcome of the work.

    Raises:
        StoreError: as in the block.
    """
    try:
        yield
    except StoreError as error:
        raise StoreError(f"{outcome}: {error}") from error


def write_exports(
    exports: Exports, store: Store, jobs: int, progress: Progress, *, min_statements: int = _MIN_STATEMENTS
) -> None:
    """Write all exported files, in up to `jobs` processes if that saves time.

    Raises:
        EngineError: a process ended without an answer.
    """
    exports.folder.mkdir()
    entries = exports.entries
    to_write = [entry for entry in entries if not _link_graph(exports, entry.iri)]
    iris = [entry.iri for entry in to_write]
    if jobs < 2 or sum(entry.quads for entry in to_write) < min_statements:
        written: Iterable[object] = map(_graph_writer(exports, store), iris)
    else:
        make = partial(_graph_writer, exports)
        written = parallel.run_in_processes("write files", make, iris, jobs, ahead=len(iris))
    for done, _ in enumerate(written, len(entries) - len(iris) + 1):
        progress("exporting", done, len(entries))
    _write_dumps(exports, store)


def _link_graph(exports: Exports, iri: str) -> bool:
    """Hard-link the files of an unchanged graph if this program wrote all of them; return whether it did."""
    names = [exports.name(iri, syntax) for syntax in formats.EXPORTED]
    before = [(name, exports.old(name)) for name in names if exports.current and iri not in exports.changed]
    found = [(name, old) for name, old in before if old]
    if len(found) < len(names):
        return False
    for name, old in found:
        disk.link(old, exports.new(name))
    return True


def _graph_writer(exports: Exports, store: Store | None = None) -> Callable[[str], None]:
    """Return a function that writes the files of the graph with a given IRI; each process opens the store itself."""
    context = jsonld.read_context(package_file("ontology/context.jsonld"))
    opened = store or exports.version.open()

    def write_graph(iri: str) -> None:
        quads = terms.canonical(rdf_graphs.statements(opened, iri))
        for syntax, content in (
            (formats.TURTLE, serialize.turtle(quads, exports.base).encode()),
            (formats.JSONLD, jsonld.json_ld(quads, context).encode()),
            # The dumps are made of these. One process alone took three minutes to write those of 1,000 reports.
            (formats.NTRIPLES, terms.serialize([quad.triple for quad in quads], formats.NTRIPLES)),
        ):
            name = exports.name(iri, syntax)
            disk.write_or_link(exports.new(name), content, exports.old(name))

    return write_graph


def _write_dumps(exports: Exports, store: Store) -> None:
    """Write the dumps, with the graphs of one part at a time in memory."""
    _write_lines(exports, store)
    for dump in metadata.DUMPS:
        if not dump.packed:
            turtle = ((e.iri, exports.folder / exports.name(e.iri, formats.TURTLE)) for e in exports.entries)
            documents = ((iri, path.read_bytes()) for iri, path in turtle)
            with exports.new(dump.path).open("wb") as out:
                out.writelines(serialize.joined_files(documents, named=dump.syntax.quads))
    for name in {_PARTS, *(dump.path for dump in (*_OF_LINES, *metadata.DUMPS))}:
        old, new = exports.old(name), exports.folder / name
        # Linked, because the dumps are the largest files: of 1,000 reports, they have 0.9 GB.
        if old and not exports.changed and filecmp.cmp(old, new, shallow=False):
            new.unlink()
            disk.link(old, new)


def _write_lines(exports: Exports, store: Store) -> None:
    """Write the dumps that consist of lines, and a record of their parts, from which the next version copies."""
    known, names = _known_parts(exports), [dump.path for dump in _OF_LINES]
    record: dict[str, list[_Place]] = {}
    with ExitStack() as held, ThreadPoolExecutor(len(names)) as pool:
        outs = [held.enter_context(exports.new(name).open("wb")) for name in names]
        files = [PartsFile(out, is_packed=bool(dump.packed)) for out, dump in zip(outs, _OF_LINES, strict=True)]
        before = [held.enter_context(old.open("rb")) for old in map(exports.old, names) if old]
        for entries in serialize.in_parts((entry.iri, entry.quads, entry) for entry in exports.entries):
            # Another zlib may pack the same lines into other bytes.
            content = (zlib.ZLIB_RUNTIME_VERSION, *(f"{entry.iri} {entry.content_digest}" for entry in entries))
            key = disk.digest_of(content)
            places = known.get(key, ())
            parts = [part for dump, place in zip(before, places, strict=False) if (part := place.part_of(dump))]
            if len(parts) < len(files):
                graphs = [_triples_and_quads(exports, store, entry) for entry in entries]
                triples, quads = (b"".join(lines) for lines in zip(*graphs, strict=True))
                # All at a time, because compression leaves Python's lock to others.
                lines = (quads if dump.syntax.quads else triples for dump in _OF_LINES)
                parts = list(pool.map(PartsFile.part, files, lines))
                places = [_Place.of(part) for part in parts]
            record[key] = [place._replace(start=file.at) for file, place in zip(files, places, strict=True)]
            for file, part in zip(files, parts, strict=True):
                file.add(part)
        for file in files:
            file.end()
    # With a digest before it, because whoever copies by a damaged record publishes a damaged dump.
    text = json.dumps(record).encode()
    exports.new(_PARTS).write_bytes(hashlib.sha256(text).hexdigest().encode() + b"\n" + text)


class _Place(NamedTuple):
    """Where a part of a dump is: offset, length and CRC-32 of its bytes; CRC-32 and size of its lines."""

    start: int
    length: int
    mark: int
    checksum: int
    size: int

    @classmethod
    def of(cls, part: Part, start: int = 0) -> _Place:
        """Return the place of a part that starts there."""
        return cls(start, len(part.content), zlib.crc32(part.content), part.checksum, part.size)

    def part_of(self, dump: BinaryIO) -> Part | None:
        """Return the part of a dump that is in this place, unless it is damaged: later changes are not copied."""
        dump.seek(self.start)
        part = Part(dump.read(self.length), self.checksum, self.size)
        return part if _Place.of(part, self.start) == self else None


def _known_parts(exports: Exports) -> Mapping[str, Sequence[_Place]]:
    """Return the places of the parts in the dumps exported before, by the digest of their graphs."""
    record = exports.old(_PARTS) if exports.current else None
    digest, _, text = (record.read_bytes() if record else b"").partition(b"\n")
    if digest != hashlib.sha256(text).hexdigest().encode():
        return {}
    return {key: [_Place(*place) for place in places] for key, places in json.loads(text).items()}


def _triples_and_quads(exports: Exports, store: Store, entry: GraphEntry) -> tuple[bytes, bytes]:
    """Return a graph as N-Triples and N-Quads: from its file if nobody changed that, which is much faster."""
    triples = (exports.folder / exports.name(entry.iri, formats.NTRIPLES)).read_bytes()
    quads = serialize.with_graph(triples, entry.iri)
    if hashlib.sha256(quads).hexdigest() != entry.content_digest:
        quads = terms.serialize(terms.canonical(rdf_graphs.statements(store, entry.iri)), formats.NQUADS)
        triples = b"".join(serialize.without_graphs(quads.splitlines(keepends=True)))
    return triples, quads


def write_pages(
    snapshot: Snapshot, version: Version, site: Site, jobs: int, *, min_statements: int = _MIN_STATEMENTS
) -> None:
    """Write the whole site of the version that is open as `snapshot`, in up to `jobs` processes if that saves time.

    Raises:
        EngineError: a process ended without an answer.
    """
    shares, catalogue = write.begin(snapshot, site), snapshot.catalogue
    # The store counts and the system links without Python's lock, so meanwhile this thread goes on.
    with ThreadPoolExecutor(2) as pool:
        beside = pool.submit(lambda: catalogue.statistics), pool.submit(write.link_kept, site)
        if jobs < 2 or version.manifest.quads < min_statements:
            made = [write.write(snapshot, site, share) for share in shares]
        else:
            # Without what is kept, which only the first process links, and which may be large to pass on.
            make = partial(_page_writer, snapshot.project, version, replace(site, kept={}), snapshot.questions)
            made = list(parallel.run_in_processes("make pages", make, shares, jobs, ahead=len(shares)))
        for each in beside:
            each.result()
    write.write_last(snapshot, site, {name: part for each in made for name, part in each.items()})


def _page_writer(
    project: Project, version: Version, site: Site, questions: Mapping[str, Question]
) -> Callable[[write.Share], dict[str, MadePart]]:
    """Return a function that makes the pages of a share, for use in a worker process."""
    snapshot: Snapshot = open_snapshot(project, version, questions=questions, export=site.export)
    return partial(write.write, snapshot, site)
