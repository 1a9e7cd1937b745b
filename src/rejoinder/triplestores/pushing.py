"""A version into any triple store, one named graph at a time, and the proof that it is there.

    version + record in the store ──plan──▶ what differs ──move──▶ read back, compared ──▶ record, counts of all

Interrupted at any moment, every graph is the old one or the new one, and the next push finishes the work.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Final

from rejoinder.progress import Progress, silent
from rejoinder.project import Project
from rejoinder.store import graphs, versions
from rejoinder.store.rdf import Store, Triple
from rejoinder.store.versions import GraphEntry, Version
from rejoinder.triplestores import pushrecord
from rejoinder.triplestores.exchange import UnreadableError
from rejoinder.triplestores.graphdifference import Difference, difference
from rejoinder.triplestores.pushrecord import Entry, Loaded, Record
from rejoinder.triplestores.remote import COMMAND_SECONDS, Notice, connected, untold
from rejoinder.triplestores.triplestore import TripleStore

_SECONDS_BETWEEN_RECORDS: Final = 5.0
_GRAPHS_A_BATCH: Final = 100
_STATEMENTS_A_BATCH: Final = 5_000


class Action(StrEnum):
    """What becomes of a graph in the store."""

    ADD = "add"
    REPLACE = "replace"
    REMOVE = "remove"


@dataclass(frozen=True)
class Step:
    """A graph that has to change in the store."""

    graph: str
    action: Action


@dataclass(frozen=True)
class Pushed:
    """What a push did, or, if `dry`, would do; `triples` are the store's own counts of the version's graphs.

    `gone` are graphs of earlier pushes that the version no longer has and that were left there.
    """

    store: str
    version: int
    graphs: int
    triples: int
    steps: tuple[Step, ...]
    gone: tuple[str, ...]
    differences: tuple[Difference, ...]
    verified: int
    dry: bool


@dataclass
class _Record:
    """The record while graphs are on their way: written before the first, now and then, and after the last."""

    store: TripleStore
    base: str
    known: Record
    written: float = field(default_factory=time.monotonic)

    @property
    def entries(self) -> dict[str, Entry]:
        """The entries by graph."""
        return self.known.entries

    def write(self) -> None:
        self.store.replace(pushrecord.record_graph(self.base), pushrecord.as_triples(self.known, self.base))
        self.written = time.monotonic()

    def finish(self, loaded: Loaded, *, moved: bool) -> None:
        """Notes which version is there now, unless nothing moved and the record says so already."""
        if moved or self.known.loaded != loaded:
            self.known.loaded = loaded
            self.write()

    def put(self, graph: str, entry: Entry | None) -> None:
        self.entries.pop(graph, None)
        if entry:
            self.entries[graph] = entry
        if time.monotonic() - self.written > _SECONDS_BETWEEN_RECORDS:
            self.write()


@dataclass(frozen=True)
class _Job:
    """One push: a version, the store it goes to, and what is known of the store."""

    version: Version
    local: Store
    store: TripleStore
    record: _Record
    progress: Progress

    @cached_property
    def entries(self) -> dict[str, GraphEntry]:
        """The version's graphs by IRI."""
        return {entry.iri: entry for entry in self.version.manifest.graphs}


def push(  # noqa: PLR0913  # each is an option of the command
    project: Project,
    url: str,
    *,
    store: str | None = None,
    prune: bool = False,
    verify: bool = False,
    dry_run: bool = False,
    timeout: float = COMMAND_SECONDS,
    progress: Progress = silent,
    notice: Notice = untold,
) -> Pushed:
    """The newest version in the triple store at `url`; only what differs travels, and all of that is read back.

    `store` names the store's profile where it does not tell itself. `prune` removes graphs of earlier pushes that the
    version no longer has, `verify` reads back all graphs, `dry_run` only says what would happen.
    The store has `timeout` seconds for all of it; `notice` is told of each pause before a request is tried again.

    Raises:
        StoreError: nothing has been built yet.
        UsageError: `url` is no address, `store` no profile, or `timeout` no time.
        RemoteError: the store cannot be reached, refuses, takes too long, or answers nonsense.
    """
    version = versions.require_newest(project.build)
    with connected(url, store, seconds=timeout, notice=notice) as remote:
        target = TripleStore(remote, pushrecord.staging_graph(project.base))
        record = _Record(target, project.base, _known(target, project.base))
        job = _Job(version, version.open(), target, record, progress)
        present = target.counts(sorted(job.record.entries.keys() | {e.iri for e in version.manifest.graphs}))
        unequal = _unequal(job) if verify else set()
        steps = tuple(_plan(version, job.record.entries, present, unequal, prune=prune))
        differences = () if dry_run else _carry_out(job, steps)
        if not dry_run:
            record.finish(_loaded(project, version), moved=bool(steps))
        return _told(job, steps, differences, verify=verify, dry=dry_run)


def _known(store: TripleStore, base: str) -> Record:
    """The record in the store; none if it cannot be read, or else no push could ever mend it: all graphs travel."""
    try:
        return pushrecord.read(store.read(pushrecord.record_graph(base)), base)
    except UnreadableError:
        return Record()


def _loaded(project: Project, version: Version) -> Loaded:
    manifest, first = version.manifest, versions.first_created(project.build)
    graphs_ = frozenset(entry.iri for entry in manifest.graphs)
    return Loaded(manifest.number, manifest.created, first or manifest.created, manifest.program, graphs_)


def _plan(
    version: Version, record: Mapping[str, Entry], present: Mapping[str, int], unequal: set[str], *, prune: bool
) -> Iterator[Step]:
    """What has to change: graphs that the store lacks, or has in another form or number than the record says."""
    ours = {entry.iri for entry in version.manifest.graphs}
    for entry in version.manifest.graphs:
        if record.get(entry.iri) == Entry(entry.content_digest, present[entry.iri]) and entry.iri not in unequal:
            continue
        yield Step(entry.iri, Action.REPLACE if present[entry.iri] else Action.ADD)
    if prune:
        yield from (Step(iri, Action.REMOVE) for iri in sorted(record.keys() - ours))


def _unequal(job: _Job) -> set[str]:
    """The graphs whose content in the store is not the version's, all read anew."""
    entries = job.version.manifest.graphs
    found = set()
    for done, entry in enumerate(entries, 1):
        if not _is_there(job, entry.iri):
            found.add(entry.iri)
        job.progress("verifying", done, len(entries))
    return found


def _is_there(job: _Job, graph: str) -> bool:
    """Whether the store gives the graph back as the version has it; one that cannot even be read is to be replaced."""
    try:
        return difference(graph, _ours(job, graph), job.store.read(graph)) is None
    except UnreadableError:
        return False


def _carry_out(job: _Job, steps: tuple[Step, ...]) -> tuple[Difference, ...]:
    if not steps:
        return ()
    for step in steps:
        known = job.record.entries.get(step.graph)
        job.record.entries[step.graph] = Entry(None, known.triples if known else 0)
    job.record.write()
    found: list[Difference] = []
    done = 0
    for batch in _batches(job, steps):
        found += _carry_out_some(job, batch)
        done += len(batch)
        job.progress("pushing", done, len(steps))
    job.store.tidy()
    return tuple(found)


def _batches(job: _Job, steps: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
    """Small graphs together, others alone: every request costs a store more than a few statements do."""
    batch: list[Step] = []
    size = 0
    for step in steps:
        entry = job.entries.get(step.graph)
        more = entry.quads if entry else 0
        if batch and (size + more > _STATEMENTS_A_BATCH or len(batch) == _GRAPHS_A_BATCH):
            yield tuple(batch)
            batch, size = [], 0
        batch.append(step)
        size += more
    if batch:
        yield tuple(batch)


def _carry_out_some(job: _Job, steps: tuple[Step, ...]) -> list[Difference]:
    """Moves or removes graphs, reads back what was moved, and notes in the record what is there."""
    for step in steps:
        if step.action is Action.REMOVE:
            job.store.drop(step.graph)
            job.record.put(step.graph, None)
    moved = [step.graph for step in steps if step.action is not Action.REMOVE]
    if not moved:
        return []
    job.store.replace_all({graph: _ours(job, graph) for graph in moved})
    return [found for graph, there in job.store.read_all(moved).items() for found in _noted(job, graph, there)]


def _ours(job: _Job, graph: str) -> tuple[Triple, ...]:
    return tuple(quad.triple for quad in graphs.statements(job.local, graph))


def _noted(job: _Job, graph: str, there: tuple[Triple, ...]) -> Iterator[Difference]:
    """The difference between a graph and what was read back, or, if there is none, a note that it is there."""
    found = difference(graph, _ours(job, graph), there)
    if found:
        yield found
        return
    entry = job.entries.get(graph)
    job.record.put(graph, Entry(entry.content_digest if entry else None, len(there)))


def _told(
    job: _Job, steps: tuple[Step, ...], differences: tuple[Difference, ...], *, verify: bool, dry: bool
) -> Pushed:
    """What was done, with the store's own counts afterwards; a count that is not the record's is a difference."""
    entries = job.version.manifest.graphs
    counts = job.store.counts([entry.iri for entry in entries])
    wrong = () if dry else tuple(_miscounted(job.record.entries, counts))
    moved = sum(step.action is not Action.REMOVE for step in steps)
    return Pushed(
        store=job.store.remote.endpoint.profile.title,
        version=job.version.manifest.number,
        graphs=len(entries),
        triples=sum(counts.values()),
        steps=steps,
        gone=tuple(sorted(job.record.entries.keys() - counts.keys() - {step.graph for step in steps})),
        differences=differences + wrong,
        verified=0 if dry and not verify else len(entries) if verify else moved,
        dry=dry,
    )


def _miscounted(record: Mapping[str, Entry], counts: Mapping[str, int]) -> Iterator[Difference]:
    """Graphs that somebody else changed while we were at work."""
    for graph, number in counts.items():
        entry = record.get(graph)
        if entry and entry.digest and entry.triples != number:
            few, many = max(0, entry.triples - number), max(0, number - entry.triples)
            yield Difference(graph, few, many, "the number changed after it was read back")
