"""Push a version to a triple store, graph by graph, and verify that it arrived; check what a store holds.

    version + record in the store ──plan──▶ what differs ──move──▶ read back, compared ──▶ record, counts of all

Interrupted at any moment, every graph is the old one or the new one, and the next push finishes the work.
"""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar

from rejoinder import formats, namespaces, versions
from rejoinder.building.check import Checkup
from rejoinder.building.parallel import Progress, silent
from rejoinder.config import Project
from rejoinder.dossiers.reader import Dossier
from rejoinder.dossiers.yaml import NoLines
from rejoinder.errors import Problem, RemoteError, UsageError, worst_first
from rejoinder.rdf import graphs as rdf_graphs
from rejoinder.rdf import terms as rdf_terms
from rejoinder.rdf.graphs import GraphStatements
from rejoinder.rdf.results import Table
from rejoinder.rdf.terms import Literal, NamedNode, Quad, Store, Term, Triple
from rejoinder.triplestores.client import Notice, Remote, connected, no_notice
from rejoinder.triplestores.responses import (
    UnreadableError,
    count,
    excerpt,
    read_graph,
    read_quads,
    read_table,
    whole_number,
)
from rejoinder.triplestores.sparql_client import named_graphs, paged
from rejoinder.triplestores.stores import COMMAND_SECONDS, Replacement
from rejoinder.validation import checks, derive
from rejoinder.validation.checks import known_resources
from rejoinder.validation.shacl import Engine
from rejoinder.versions import GraphEntry, Version


@dataclass(frozen=True)
class GraphMismatch:
    """A graph that differs in the store from what was pushed: the numbers of missing and of extra statements."""

    graph: str
    missing: int
    extra: int
    example: str


def difference(graph: str, ours: Iterable[Triple], theirs: Iterable[Triple]) -> GraphMismatch | None:
    """Return the difference between `ours` and `theirs`, the statements of a graph; None if they are equivalent.

    >>> a, b = NamedNode("x:a"), NamedNode("x:b")
    >>> difference("x:g", [Triple(a, b, a)], [Triple(a, b, a)]) is None
    True
    >>> difference("x:g", [Triple(a, b, a)], [])
    GraphMismatch(graph='x:g', missing=1, extra=0, example='<x:a> <x:b> <x:a>')
    """
    pushed, there = set(ours), set(theirs)
    if pushed == there:  # most stores return statements unchanged; the canonical comparison takes ten times as long
        return None
    expected, found = _comparable(pushed, graph), _comparable(there, graph)
    if expected == found:
        return None
    missing, extra = expected - found, found - expected
    return GraphMismatch(graph, len(missing), len(extra), str(min(missing or extra, key=str).triple))


def _comparable(triples: Iterable[Triple], graph: str) -> frozenset[Quad]:
    return frozenset(rdf_terms.comparable(rdf_terms.in_graph(triples, graph)))


_NAME: Final = namespaces.SD + "name"
_TRIPLES: Final = namespaces.VOID + "triples"
_SUBSET: Final = namespaces.VOID + "subset"
_DIGEST: Final = namespaces.DCTERMS + "identifier"
_NUMBER: Final = namespaces.DCAT + "version"
_CREATED: Final = namespaces.DCTERMS + "modified"
_ISSUED: Final = namespaces.DCTERMS + "issued"
_PROGRAM: Final = namespaces.DC + "creator"  # a text; dcterms:creator would need an agent


@dataclass(frozen=True)
class PushedGraph:
    """A pushed graph: the digest of its content, None until it is verified, and its number of statements."""

    digest: str | None
    triples: int


@dataclass(frozen=True)
class PushedVersion:
    """The version pushed last: its number, the dates of it and of the first version, the program, and its graphs."""

    number: int
    created: str
    issued: str
    program: str
    graphs: frozenset[str]


@dataclass
class PushRecord:
    """The record kept in a store: the pushed graphs by IRI, and the version, unless an older program pushed it."""

    entries: dict[str, PushedGraph] = field(default_factory=dict)
    loaded: PushedVersion | None = None


def record_graph(base: str) -> str:
    """Return the IRI of the graph that holds the record of the project at `base`."""
    return f"{base}push-record"


def staging_graph(base: str) -> str:
    """Return the IRI of the staging graph of the project at `base`, for stores without atomic replacement."""
    return f"{base}push-staging"


def version_node(base: str) -> str:
    """Return the IRI of the version that was pushed last."""
    return f"{record_graph(base)}#version"


def read_version(remote: Remote, base: str) -> tuple[int, str] | None:
    """Return number and date of the version that was pushed last, or None if the store has no record.

    It is one small request; reading the whole record of a large project takes seconds.

    Raises:
        RemoteError: the store cannot be reached or refuses.
    """
    place, node = NamedNode(record_graph(base)), NamedNode(version_node(base))
    properties = f"{NamedNode(_NUMBER)} ?number ; {NamedNode(_CREATED)} ?created"
    query = f"SELECT ?number ?created WHERE {{ GRAPH {place} {{ {node} {properties} }} }}"
    rows = read_table(remote.query(query, formats.JSON.media_type).content, "number", "created").rows
    texts = [tuple(rdf_terms.text(cell) for cell in row if cell is not None) for row in rows]
    for number, created in (row for row in texts if len(row) == 2):
        found = whole_number(number)
        if found is not None and _is_moment(created):  # callers show it to users
            return found, created
    return None


def record_triples(record: PushRecord, base: str) -> tuple[Triple, ...]:
    """Return the record as statements.

    >>> loaded = PushedVersion(2, "2026-11-25T12:00:00Z", "2026-11-24T12:00:00Z", "rejoinder", frozenset({"x:a"}))
    >>> record = PushRecord({"x:a": PushedGraph("sha256:0", 7), "x:gone": PushedGraph(None, 0)}, loaded)
    >>> parse_record(record_triples(record, "https://example.org/"), "https://example.org/") == record
    True
    """
    graph = record_graph(base)
    described = [triple for iri in sorted(record.entries) for triple in _described(iri, record.entries[iri], graph)]
    return (*described, *_version_triples(record, base))


def _described(iri: str, entry: PushedGraph, graph: str) -> Iterator[Triple]:
    node = _node(iri, graph)
    yield _typed(node)
    yield Triple(node, NamedNode(_NAME), NamedNode(iri))
    yield Triple(node, NamedNode(_TRIPLES), Literal(entry.triples))
    if entry.digest:
        yield Triple(node, NamedNode(_DIGEST), Literal(entry.digest))


def _version_triples(record: PushRecord, base: str) -> Iterator[Triple]:
    loaded, node = record.loaded, NamedNode(version_node(base))
    if loaded is None:
        return
    yield _typed(node)
    yield Triple(node, NamedNode(_NUMBER), Literal(str(loaded.number)))
    yield Triple(node, NamedNode(_CREATED), Literal(loaded.created))
    yield Triple(node, NamedNode(_ISSUED), Literal(loaded.issued))
    yield Triple(node, NamedNode(_PROGRAM), Literal(loaded.program))
    yield from (Triple(node, NamedNode(_SUBSET), _node(iri, record_graph(base))) for iri in sorted(loaded.graphs))


def _node(iri: str, graph: str) -> NamedNode:
    # A digest, because one IRI cannot stand in the fragment of another as it is.
    return NamedNode(f"{graph}#{hashlib.sha256(iri.encode()).hexdigest()[:32]}")


def _typed(node: NamedNode) -> Triple:
    return Triple(node, NamedNode(namespaces.RDF_TYPE), NamedNode(namespaces.VOID + "Dataset"))


def parse_record(triples: Iterable[Triple], base: str) -> PushRecord:
    """Return the record in these statements; other or malformed ones are ignored."""
    fields: defaultdict[str, defaultdict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for triple in triples:
        fields[rdf_terms.text(triple.subject)][triple.predicate.value].append(triple.object)
    named = {node: next(iter(known[_NAME]), None) for node, known in fields.items()}
    iris = {node: name.value for node, name in named.items() if isinstance(name, NamedNode)}
    entries = {iri: _entry(fields[node]) for node, iri in iris.items()}
    return PushRecord(entries, _pushed_version(fields[version_node(base)], iris))


def _entry(known: Mapping[str, list[Term]]) -> PushedGraph:
    return PushedGraph(_first(known[_DIGEST]) or None, whole_number(_first(known[_TRIPLES])) or 0)


def _pushed_version(known: Mapping[str, list[Term]], iris: Mapping[str, str]) -> PushedVersion | None:
    number, created, issued, program = (_first(known[name]) for name in (_NUMBER, _CREATED, _ISSUED, _PROGRAM))
    version = whole_number(number)
    if version is None or not program.isprintable() or not (program and _is_moment(created) and _is_moment(issued)):
        return None
    graphs = frozenset(iris[rdf_terms.text(node)] for node in known[_SUBSET] if rdf_terms.text(node) in iris)
    return PushedVersion(version, created, issued, program, graphs)


def _first(terms: list[Term]) -> str:
    """Return the text of the first literal, or an empty text."""
    return next((term.value for term in terms if isinstance(term, Literal)), "")


def _is_moment(text: str) -> bool:
    try:
        return text.isascii() and datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


_T = TypeVar("_T")

_MAX_GRAPHS_PER_REQUEST: Final = 200  # a query of some 20,000 characters
_CHANGE: Final = """\
DELETE {{ GRAPH {graph} {{ ?a ?b ?c }} }}
INSERT {{ GRAPH {graph} {{ ?d ?e ?f }} }}
WHERE {{
  {{ GRAPH {graph} {{ ?a ?b ?c }} FILTER NOT EXISTS {{ GRAPH {staging} {{ ?a ?b ?c }} }} }}
  UNION
  {{ GRAPH {staging} {{ ?d ?e ?f }} FILTER NOT EXISTS {{ GRAPH {graph} {{ ?d ?e ?f }} }} }}
}}"""


@dataclass(frozen=True)
class TripleStore:
    """The named graphs of a store; `staging` is a temporary graph, for stores that need one for atomic replacement."""

    remote: Remote
    staging: str

    def read(self, graph: str) -> tuple[Triple, ...]:
        """Return the statements of a graph, none if it is not there.

        Raises:
            UnreadableError: the answer is not RDF.
            RemoteError: the store cannot be reached, or refuses.
        """
        pattern = f"GRAPH {NamedNode(graph)} {{ ?s ?p ?o }}"
        found = paged(self.remote, "CONSTRUCT { ?s ?p ?o }", pattern, "?s ?p ?o", self._statements)
        return tuple(quad.triple for quad in found)

    def read_all(self, graphs: Sequence[str]) -> dict[str, tuple[Triple, ...]]:
        """Return the statements of several small graphs, read in one request.

        Raises:
            RemoteError: the store cannot be reached, refuses, or the answer is no table.
        """
        if len(graphs) == 1:
            return {graphs[0]: self.read(graphs[0])}
        found: dict[str, list[Triple]] = {graph: [] for graph in graphs}
        for quad in self._quads(graphs):
            found[self._asked_for(rdf_terms.text(quad.graph_name), found)].append(quad.triple)
        return {graph: tuple(triples) for graph, triples in found.items()}

    def _statements(self, query: str) -> tuple[Quad, ...]:
        answer = self.remote.construct(query)
        return read_graph(answer.content, answer.headers.get("content-type", ""))

    def counts(self, graphs: Sequence[str]) -> dict[str, int]:
        """Return the number of statements of each graph, 0 if it does not exist.

        Raises:
            RemoteError: the store cannot be reached or refuses.
        """
        found = dict.fromkeys(graphs, 0)
        for some in _batched(graphs, _MAX_GRAPHS_PER_REQUEST):
            values = " ".join(str(NamedNode(graph)) for graph in some)
            body = f"VALUES ?g {{ {values} }} GRAPH ?g {{ ?s ?p ?o }}"
            query = f"SELECT ?g (COUNT(*) AS ?n) WHERE {{ {body} }} GROUP BY ?g"
            rows = (row for row in self._table(query, "g", "n").rows if row[0] is not None)  # some add an empty row
            found |= {self._asked_for(rdf_terms.text(g), found): count(n) for g, n in rows if g is not None}
        return found

    def _asked_for(self, graph: str, graphs: Container[str]) -> str:
        """Return the graph, or raise UnreadableError if it was not requested."""
        if graph not in graphs:
            raise UnreadableError(f"the store sent a graph that was not asked for: {excerpt(graph)}")
        return graph

    def _quads(self, graphs: Sequence[str]) -> Iterator[Quad]:
        """Yield the statements of the graphs, of not too many in one request."""
        for some in _batched(graphs, _MAX_GRAPHS_PER_REQUEST):
            values = " ".join(str(NamedNode(graph)) for graph in some)
            pattern = f"VALUES ?g {{ {values} }} GRAPH ?g {{ ?s ?p ?o }}"
            columns = "?s ?p ?o ?g"
            rows = paged(
                self.remote, f"SELECT {columns}", pattern, columns, lambda text: self._table(text, *"spog").rows
            )
            yield from read_quads(rows)

    def _table(self, query: str, *columns: str) -> Table:
        return read_table(self.remote.query(query, formats.JSON.media_type).content, *columns)

    def replace(self, graph: str, triples: Iterable[Triple]) -> None:
        """Replace the content of the graph atomically.

        Raises:
            RemoteError: the store cannot be reached or refuses; the graph is the old one or the new one.
        """
        self.replace_all({graph: tuple(triples)})

    def replace_all(self, contents: Mapping[str, tuple[Triple, ...]]) -> None:
        """Replace the content of each graph atomically.

        If the store replaces by update, one update replaces all graphs, so that the store commits to disk only once.

        Raises:
            RemoteError: the store cannot be reached or refuses; each graph is the old one or the new one.
        """
        way = self.remote.endpoint.profile.replacement
        bodies = {graph: rdf_terms.serialize(triples, formats.NTRIPLES) for graph, triples in contents.items()}
        if way is Replacement.UPDATE:  # Fuseki executes an update as a whole or not at all, also one of many graphs
            self.remote.update(" ;\n".join(_replacement(graph, body) for graph, body in bodies.items()))
            return
        for graph, body in bodies.items():
            if way is Replacement.PUT:
                self.remote.put(graph, body)
            else:
                # A set, because a store counts equal statements once.
                self._stage_and_change(graph, body, len(set(contents[graph])))

    def _stage_and_change(self, graph: str, body: bytes, number: int) -> None:
        """Load the graph into the staging graph, then apply the difference in one update, which may safely run twice.

        MOVE is not safe: Virtuoso also deletes and inserts unchanged statements, and its log restores only half after a
        kill.
        """
        self.remote.put(self.staging, body)
        # Checked before the change: a store may cut a large body without an error.
        taken = self.counts([self.staging])[self.staging]
        if taken != number:
            raise RemoteError(f"{graph}: the store took {taken} of {number} statements; the graph was left as it was")
        self.remote.update(_CHANGE.format(graph=NamedNode(graph), staging=NamedNode(self.staging)))

    def tidy(self) -> None:
        """Remove the staging graph.

        Raises:
            RemoteError: the store cannot be reached or refuses.
        """
        if self.remote.endpoint.profile.replacement is Replacement.STAGING:
            self.drop(self.staging)

    def drop(self, graph: str) -> None:
        """Remove the graph.

        Raises:
            RemoteError: the store cannot be reached or refuses.
        """
        self.remote.update(f"DROP SILENT GRAPH {NamedNode(graph)}")


def _replacement(graph: str, body: bytes) -> str:
    name, lines = NamedNode(graph), body.decode()
    # SILENT, because a new graph is not there yet, which is no error.
    return f"DROP SILENT GRAPH {name} ;\nINSERT DATA {{ GRAPH {name} {{\n{lines}}} }}"


def _batched(items: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    # As `itertools.batched`, which Python 3.11 does not have.
    left = iter(items)
    while batch := tuple(islice(left, size)):
        yield batch


# After an interrupt, graphs pushed since the last record are pushed again, so it is written now and then.
_SECONDS_BETWEEN_RECORDS: Final = 5.0
# 1,000 small graphs took Fuseki 34 s one by one, of which 23 s were commits to disk, and 15 s in batches of 100.
_MAX_GRAPHS_PER_BATCH: Final = 100
_MAX_STATEMENTS_PER_BATCH: Final = 5_000


class Action(StrEnum):
    """The change of a graph in the store."""

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
    """The result of a push or, if `dry`, the plan; `triples` are the store's own counts of the version's graphs.

    `gone` are graphs of earlier pushes that the version no longer has and that were left there.
    """

    store: str
    version: int
    graphs: int
    triples: int
    steps: tuple[Step, ...]
    gone: tuple[str, ...]
    differences: tuple[GraphMismatch, ...]
    verified: int
    dry: bool


@dataclass
class _RecordWriter:
    """Keeps the record during a push, and writes it before the first graph, from time to time, and after the last."""

    store: TripleStore
    base: str
    known: PushRecord
    written: float = field(default_factory=time.monotonic)

    @property
    def entries(self) -> dict[str, PushedGraph]:
        """The entries by graph."""
        return self.known.entries

    def write(self) -> None:
        """Write the record into the store now."""
        self.store.replace(record_graph(self.base), record_triples(self.known, self.base))
        self.written = time.monotonic()

    def finish(self, loaded: PushedVersion, *, moved: bool) -> None:
        """Write the version into the record, unless nothing changed."""
        if moved or self.known.loaded != loaded:
            self.known.loaded = loaded
            self.write()

    def put(self, graph: str, entry: PushedGraph | None) -> None:
        """Set the entry of a graph, or remove it for None, and write the record if that is due."""
        self.entries.pop(graph, None)
        if entry:
            self.entries[graph] = entry
        # Not after each graph: writing the record of a large project takes longer than pushing a graph.
        if time.monotonic() - self.written > _SECONDS_BETWEEN_RECORDS:
            self.write()


@dataclass(frozen=True)
class _Job:
    """A running push: the version, the target store, and the store's record."""

    version: Version
    local: Store
    store: TripleStore
    record: _RecordWriter
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
    notice: Notice = no_notice,
) -> Pushed:
    """Push the newest version to the triple store at `url`; only changed graphs are sent, and read back to verify them.

    `store` names the store's profile if it cannot be detected. `prune` removes graphs of earlier pushes that this
    version no longer has, `verify` reads back all graphs, `dry_run` only returns the plan.
    The whole push may take `timeout` seconds; `notice` gets a line for each pause before a retry.

    Raises:
        StoreError: nothing has been built yet.
        UsageError: `url` is no address, `store` no profile, or `timeout` no time.
        RemoteError: the store cannot be reached, refuses, takes too long, or answers nonsense.
    """
    version = versions.require_newest(project.build)
    with connected(url, store, seconds=timeout, notice=notice) as remote:
        target = TripleStore(remote, staging_graph(project.base))
        record = _RecordWriter(target, project.base, _read_record(target, project.base))
        job = _Job(version, version.open(), target, record, progress)
        # Counted, not taken from the record: somebody else may have changed or removed graphs since.
        present = target.counts(sorted(job.record.entries.keys() | {e.iri for e in version.manifest.graphs}))
        unequal = _unequal(job) if verify else set()
        steps = tuple(_plan(version, job.record.entries, present, unequal, prune=prune))
        differences = () if dry_run else _carry_out(job, steps)
        if not dry_run:
            record.finish(_version_to_record(project, version), moved=bool(steps))
        return _pushed(job, steps, differences, verify=verify, dry=dry_run)


def _read_record(store: TripleStore, base: str) -> PushRecord:
    """Return the record in the store; an empty one if it cannot be read, so that all graphs are pushed again."""
    try:
        return parse_record(store.read(record_graph(base)), base)
    except UnreadableError:
        return PushRecord()


def _version_to_record(project: Project, version: Version) -> PushedVersion:
    manifest, first = version.manifest, versions.first_created(project.build)
    graphs = frozenset(entry.iri for entry in manifest.graphs)
    return PushedVersion(manifest.number, manifest.created, first or manifest.created, manifest.program, graphs)


def _plan(
    version: Version, record: Mapping[str, PushedGraph], present: Mapping[str, int], unequal: set[str], *, prune: bool
) -> Iterator[Step]:
    """Yield the necessary changes: for graphs that are missing, or differ from the record."""
    ours = {entry.iri for entry in version.manifest.graphs}
    for entry in version.manifest.graphs:
        if record.get(entry.iri) == PushedGraph(entry.content_digest, present[entry.iri]) and entry.iri not in unequal:
            continue
        yield Step(entry.iri, Action.REPLACE if present[entry.iri] else Action.ADD)
    # Only graphs of earlier pushes: other graphs in the store belong to somebody else.
    if prune:
        yield from (Step(iri, Action.REMOVE) for iri in sorted(record.keys() - ours))


def _unequal(job: _Job) -> set[str]:
    """Return the graphs whose content differs from the version's; all of them are read back."""
    entries = job.version.manifest.graphs
    found = set()
    for done, entry in enumerate(entries, 1):
        if not _is_equal(job, entry.iri):
            found.add(entry.iri)
        job.progress("verifying", done, len(entries))
    return found


def _is_equal(job: _Job, graph: str) -> bool:
    """Return whether the graph in the store equals the version's; an unreadable one does not."""
    try:
        return difference(graph, _ours(job, graph), job.store.read(graph)) is None
    except UnreadableError:
        return False


def _carry_out(job: _Job, steps: tuple[Step, ...]) -> tuple[GraphMismatch, ...]:
    if not steps:
        return ()
    # Marked as unfinished first: after an interrupt, the next push finds the mark and pushes these graphs again.
    for step in steps:
        known = job.record.entries.get(step.graph)
        job.record.entries[step.graph] = PushedGraph(None, known.triples if known else 0)
    job.record.write()
    found: list[GraphMismatch] = []
    done = 0
    for batch in _batches(job, steps):
        found += _carry_out_some(job, batch)
        done += len(batch)
        job.progress("pushing", done, len(steps))
    job.store.tidy()
    return tuple(found)


def _batches(job: _Job, steps: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
    """Yield batches of steps: small graphs together, because a request costs more than a few statements."""
    batch: list[Step] = []
    size = 0
    for step in steps:
        entry = job.entries.get(step.graph)
        more = entry.quads if entry else 0
        if batch and (size + more > _MAX_STATEMENTS_PER_BATCH or len(batch) == _MAX_GRAPHS_PER_BATCH):
            yield tuple(batch)
            batch, size = [], 0
        batch.append(step)
        size += more
    if batch:
        yield tuple(batch)


def _carry_out_some(job: _Job, steps: tuple[Step, ...]) -> list[GraphMismatch]:
    """Push or remove graphs, read back the pushed ones, and update the record."""
    for step in steps:
        if step.action is Action.REMOVE:
            job.store.drop(step.graph)
            job.record.put(step.graph, None)
    moved = [step.graph for step in steps if step.action is not Action.REMOVE]
    if not moved:
        return []
    job.store.replace_all({graph: _ours(job, graph) for graph in moved})
    return [found for graph, there in job.store.read_all(moved).items() for found in _compared(job, graph, there)]


def _ours(job: _Job, graph: str) -> tuple[Triple, ...]:
    return tuple(quad.triple for quad in rdf_graphs.statements(job.local, graph))


def _compared(job: _Job, graph: str, there: tuple[Triple, ...]) -> Iterator[GraphMismatch]:
    """Yield the difference between a graph and what was read back; without one, add the graph to the record."""
    found = difference(graph, _ours(job, graph), there)
    if found:
        yield found
        return
    entry = job.entries.get(graph)
    job.record.put(graph, PushedGraph(entry.content_digest if entry else None, len(there)))


def _pushed(
    job: _Job, steps: tuple[Step, ...], differences: tuple[GraphMismatch, ...], *, verify: bool, dry: bool
) -> Pushed:
    """Return the result of the push, with the store's own counts; a count that the record contradicts is a mismatch."""
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


def _miscounted(record: Mapping[str, PushedGraph], counts: Mapping[str, int]) -> Iterator[GraphMismatch]:
    """Yield the graphs that somebody else changed during the push."""
    for graph, number in counts.items():
        entry = record.get(graph)
        if entry and entry.digest and entry.triples != number:
            few, many = max(0, entry.triples - number), max(0, number - entry.triples)
            yield GraphMismatch(graph, few, many, "the number changed after it was read back")


def check_endpoint(  # noqa: PLR0913  # each is an option of the command
    project: Project,
    url: str,
    *,
    store: str | None = None,
    engine: Engine = Engine.SHACL,
    timeout: float = COMMAND_SECONDS,
    progress: Progress = silent,
    notice: Notice = no_notice,
) -> Checkup:
    """Check all graphs of the project in the triple store at `url`; findings name the graph instead of a file.

    The store has `timeout` seconds to send them; `notice` gets a line for each pause before a new try.

    Raises:
        UsageError: `url` is no address, `store` no profile, `timeout` no time, or nothing of the project is there.
        RemoteError: the store cannot be reached, refuses, takes too long, or answers nonsense.
    """
    with connected(url, store, seconds=timeout, notice=notice) as remote:
        dossiers = _fetched(project, remote, progress)
    if not dossiers:
        raise UsageError(f"{url}: no graph there begins with {project.base}; load them with 'rejoinder push'")
    around = known_resources([dossier.quads for dossier in dossiers], checks.ontology_terms())
    checker = checks.checker(engine)
    findings: list[Problem] = []
    for done, dossier in enumerate(dossiers, 1):
        findings += checker.check(dossier, GraphStatements(dossier.graph, dossier.quads), around)
        progress("checking", done, len(dossiers))
    together = rdf_graphs.union_store(quad for dossier in dossiers for quad in dossier.quads)
    return Checkup(
        files=tuple(dossier.path for dossier in dossiers),
        statements=sum(len(dossier.quads) for dossier in dossiers),
        problems=tuple(p for dossier in dossiers for p in checks.dangling(dossier, around, project.base)),
        findings=worst_first(
            {*findings, *checks.check_together(together, dossiers), *checks.unedited_settings(project)}
        ),
        coverage=None,
    )


def _fetched(project: Project, remote: Remote, progress: Progress) -> tuple[Dossier, ...]:
    """Fetch the project's own graphs, one request after the other; not those that the program adds."""
    base = project.base
    added = {
        f"{base}question/",
        base + derive.IDENTITIES,
        base + namespaces.META,
        record_graph(base),
        staging_graph(base),
    }
    target = TripleStore(remote, staging_graph(base))
    iris = [iri for iri in named_graphs(remote) if iri.startswith(base) and iri not in added]
    dossiers = []
    for done, iri in enumerate(iris, 1):
        dossiers.append(_dossier(base, iri, target.read(iri)))
        progress("fetching", done, len(iris))
    return tuple(dossiers)


def _dossier(base: str, iri: str, triples: tuple[Triple, ...]) -> Dossier:
    path = Path(namespaces.graph_path(base, iri))
    return Dossier(path, iri, rdf_terms.canonical(rdf_terms.in_graph(triples, iri)), "", NoLines())
