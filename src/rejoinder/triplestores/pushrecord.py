"""What a push leaves in the store about itself, so that the next one moves only what changed.

The graph `{base}push-record` describes each graph that was pushed as a `void:Dataset`: its name, how many statements
it had when it was read back, and the digest of what was pushed. A graph on its way has no digest: whatever happens,
the next push moves it again.

Standards: VoID; SPARQL 1.1 Service Description (`sd:name`).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from rejoinder import names
from rejoinder.store import rdf
from rejoinder.store.rdf import Literal, NamedNode, Triple

_VOID: Final = "http://rdfs.org/ns/void#"
_NAME: Final = NamedNode("http://www.w3.org/ns/sparql-service-description#name")
_TRIPLES: Final = NamedNode(_VOID + "triples")
_DIGEST: Final = NamedNode(names.DCTERMS + "identifier")
_DATASET: Final = Triple(NamedNode("x:_"), NamedNode(names.RDF_TYPE), NamedNode(_VOID + "Dataset"))


@dataclass(frozen=True)
class Entry:
    """A graph in the store: the digest of what was pushed, None while it is on its way, and its statements then."""

    digest: str | None
    triples: int


def record_graph(base: str) -> str:
    """The IRI of the graph that holds the record of the project at `base`."""
    return f"{base}push-record"


def staging_graph(base: str) -> str:
    """The IRI of the graph that a graph of the project at `base` waits in before it takes its place."""
    return f"{base}push-staging"


def as_triples(record: Mapping[str, Entry], base: str) -> tuple[Triple, ...]:
    """The record as statements.

    >>> record = {"https://example.org/a": Entry("sha256:0", 7), "https://example.org/b": Entry(None, 0)}
    >>> read(as_triples(record, "https://example.org/")) == record
    True
    """
    return tuple(triple for iri in sorted(record) for triple in _described(iri, record[iri], record_graph(base)))


def _described(iri: str, entry: Entry, graph: str) -> Iterable[Triple]:
    node = NamedNode(f"{graph}#{hashlib.sha256(iri.encode()).hexdigest()[:32]}")
    yield Triple(node, _DATASET.predicate, _DATASET.object)
    yield Triple(node, _NAME, NamedNode(iri))
    yield Triple(node, _TRIPLES, Literal(entry.triples))
    if entry.digest:
        yield Triple(node, _DIGEST, Literal(entry.digest))


def read(triples: Iterable[Triple]) -> dict[str, Entry]:
    """The record that these statements are; what is no part of one is left out."""
    fields: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for triple in triples:
        fields[rdf.text(triple.subject)][triple.predicate.value] = rdf.text(triple.object)
    return {
        known[_NAME.value]: Entry(known.get(_DIGEST.value), int(known.get(_TRIPLES.value, "0")))
        for known in fields.values()
        if _NAME.value in known
    }
