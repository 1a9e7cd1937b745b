"""What a push leaves in the store about itself, so that the next one moves only what changed, and a server knows of it.

The graph `{base}push-record` describes each graph that was pushed as a `void:Dataset`: its name, how many statements
it had when it was read back, and the digest of what was pushed. A graph on its way has no digest: whatever happens,
the next push moves it again. Its node `#version` says which version was pushed last, and of which graphs it is made.

Standards: VoID; DCAT 3; SPARQL 1.1 Service Description (`sd:name`).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from rejoinder import names
from rejoinder.store import rdf
from rejoinder.store.rdf import Literal, NamedNode, Term, Triple
from rejoinder.triplestores import results

_VOID: Final = "http://rdfs.org/ns/void#"
_NAME: Final = "http://www.w3.org/ns/sparql-service-description#name"
_TRIPLES: Final = _VOID + "triples"
_SUBSET: Final = _VOID + "subset"
_DIGEST: Final = names.DCTERMS + "identifier"
_NUMBER: Final = "http://www.w3.org/ns/dcat#version"
_CREATED: Final = names.DCTERMS + "modified"
_ISSUED: Final = names.DCTERMS + "issued"
_PROGRAM: Final = "http://purl.org/dc/elements/1.1/creator"


@dataclass(frozen=True)
class Entry:
    """A graph in the store: the digest of what was pushed, None while it is on its way, and its statements then."""

    digest: str | None
    triples: int


@dataclass(frozen=True)
class Loaded:
    """The version that was pushed last: its number, when it and the first one were made, by what, and its graphs."""

    number: int
    created: str
    issued: str
    program: str
    graphs: frozenset[str]


@dataclass
class Record:
    """What is known of the graphs in a store, by IRI, and of the version, unless an older program pushed it."""

    entries: dict[str, Entry] = field(default_factory=dict)
    loaded: Loaded | None = None

    @property
    def fingerprint(self) -> str:
        """What tells this state of the store from any other."""
        it = self.loaded
        version = (it.number, it.created, it.issued, it.program, sorted(it.graphs)) if it else ()
        entries = sorted((iri, entry.digest, entry.triples) for iri, entry in self.entries.items())
        return hashlib.sha256(repr((version, entries)).encode()).hexdigest()


def record_graph(base: str) -> str:
    """The IRI of the graph that holds the record of the project at `base`."""
    return f"{base}push-record"


def staging_graph(base: str) -> str:
    """The IRI of the graph that a graph of the project at `base` waits in before it takes its place."""
    return f"{base}push-staging"


def version_node(base: str) -> str:
    """The IRI of the version that was pushed last."""
    return f"{record_graph(base)}#version"


def fingerprint_query(base: str) -> str:
    """The query for the fingerprint of the record as it stands, cheaper than to read it all."""
    place, node = NamedNode(record_graph(base)), NamedNode(version_node(base))
    return f"SELECT ?fingerprint WHERE {{ GRAPH {place} {{ {node} {NamedNode(_DIGEST)} ?fingerprint }} }}"


def as_triples(record: Record, base: str) -> tuple[Triple, ...]:
    """The record as statements.

    >>> loaded = Loaded(2, "2026-11-25T12:00:00Z", "2026-11-24T12:00:00Z", "rejoinder", frozenset({"x:a"}))
    >>> record = Record({"x:a": Entry("sha256:0", 7), "x:gone": Entry(None, 0)}, loaded)
    >>> read(as_triples(record, "https://example.org/"), "https://example.org/") == record
    True
    """
    graph = record_graph(base)
    described = [triple for iri in sorted(record.entries) for triple in _described(iri, record.entries[iri], graph)]
    return (*described, *_version(record, base))


def _described(iri: str, entry: Entry, graph: str) -> Iterator[Triple]:
    node = _node(iri, graph)
    yield _typed(node)
    yield Triple(node, NamedNode(_NAME), NamedNode(iri))
    yield Triple(node, NamedNode(_TRIPLES), Literal(entry.triples))
    if entry.digest:
        yield Triple(node, NamedNode(_DIGEST), Literal(entry.digest))


def _version(record: Record, base: str) -> Iterator[Triple]:
    loaded, node = record.loaded, NamedNode(version_node(base))
    if loaded is None:
        return
    yield _typed(node)
    yield Triple(node, NamedNode(_DIGEST), Literal(record.fingerprint))
    yield Triple(node, NamedNode(_NUMBER), Literal(str(loaded.number)))
    yield Triple(node, NamedNode(_CREATED), Literal(loaded.created))
    yield Triple(node, NamedNode(_ISSUED), Literal(loaded.issued))
    yield Triple(node, NamedNode(_PROGRAM), Literal(loaded.program))
    yield from (Triple(node, NamedNode(_SUBSET), _node(iri, record_graph(base))) for iri in sorted(loaded.graphs))


def _node(iri: str, graph: str) -> NamedNode:
    return NamedNode(f"{graph}#{hashlib.sha256(iri.encode()).hexdigest()[:32]}")


def _typed(node: NamedNode) -> Triple:
    return Triple(node, NamedNode(names.RDF_TYPE), NamedNode(_VOID + "Dataset"))


def read(triples: Iterable[Triple], base: str) -> Record:
    """The record that these statements are; what is no part of one, or cannot be, is left out."""
    fields: defaultdict[str, defaultdict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for triple in triples:
        fields[rdf.text(triple.subject)][triple.predicate.value].append(triple.object)
    named = {node: next(iter(known[_NAME]), None) for node, known in fields.items()}
    iris = {node: name.value for node, name in named.items() if isinstance(name, NamedNode)}
    entries = {iri: _entry(fields[node]) for node, iri in iris.items()}
    return Record(entries, _loaded(fields[version_node(base)], iris))


def _entry(known: Mapping[str, list[Term]]) -> Entry:
    return Entry(_first(known[_DIGEST]) or None, results.number(_first(known[_TRIPLES])) or 0)


def _loaded(known: Mapping[str, list[Term]], iris: Mapping[str, str]) -> Loaded | None:
    number, created, issued, program = (_first(known[name]) for name in (_NUMBER, _CREATED, _ISSUED, _PROGRAM))
    version = results.number(number)
    if version is None or not program.isprintable() or not (program and _is_moment(created) and _is_moment(issued)):
        return None
    graphs = frozenset(iris[rdf.text(node)] for node in known[_SUBSET] if rdf.text(node) in iris)
    return Loaded(version, created, issued, program, graphs)


def _first(terms: list[Term]) -> str:
    """The text of the first literal, nothing if there is none."""
    return next((term.value for term in terms if isinstance(term, Literal)), "")


def _is_moment(text: str) -> bool:
    try:
        return text.isascii() and datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
