"""Answers to SPARQL queries as bytes, written while they are found, up to a size.

Standards: SPARQL 1.1 Query Language (section 13, RDF dataset); SPARQL 1.1 Query Results JSON, XML, CSV and TSV Formats.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import QueryBoolean, QueryResultsFormat, QueryTriples, parse_query_results

from rejoinder import formats, names
from rejoinder.errors import RejoinderError, UnwritableError
from rejoinder.formats import Syntax
from rejoinder.store import isolation, querytext, rdf, rdfxml
from rejoinder.store.rdf import BlankNode, DefaultGraph, NamedNode, Quad, Store, Triple

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

_RESULTS: Final = {
    formats.JSON: QueryResultsFormat.JSON,
    formats.XML: QueryResultsFormat.XML,
    formats.CSV: QueryResultsFormat.CSV,
    formats.TSV: QueryResultsFormat.TSV,
}
_GraphName = NamedNode | BlankNode | DefaultGraph

_NOT_XML: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
"""Characters that XML 1.0 has no way to write."""

_TOO_LONG: Final = "the answer is longer than this server gives; ask for less, with LIMIT"


class TooLargeError(RejoinderError):
    """An answer that grew past the size allowed."""


@dataclass(frozen=True)
class Dataset:
    """The graphs that a query may see: those merged into its default graph, and the named ones, as IRIs."""

    default: tuple[str, ...]
    named: tuple[str, ...]

    @property
    def merges(self) -> bool:
        """Whether the default graph is made of several."""
        return len(self.default) > 1


@dataclass(frozen=True)
class Wanted:
    """The syntax for each kind of answer; None where the client takes none that there is for it."""

    table: Syntax | None
    boolean: Syntax | None
    graph: Syntax | None


@dataclass(frozen=True)
class Written:
    """An answer in a syntax; none where the client takes none that there is: then nothing was written."""

    syntax: Syntax | None
    body: bytes


def answer(store: Store, text: str, wanted: Wanted, base: str, dataset: Dataset | None, size: int) -> Written:  # noqa: PLR0913, PLR0917  # a request
    """The answer of `store` to a query in the syntax wanted, at most `size` bytes long.

    Relative IRIs in the query lie below `base`. `dataset` outweighs what the query says with FROM; without either, the
    default graph is the union of all.

    Raises:
        QueryError: the query is not SPARQL, cannot be answered, or asks another server.
        TooLargeError: the answer is longer than `size`.
        UnwritableError: the syntax cannot hold the answer.
        StoreError: the store is damaged.
    """
    querytext.check(text)
    with rdf.asking():
        return _written(_evaluated(store, text, base, dataset), wanted, size)


def query(store: Store, text: str, base: str) -> rdf.Solutions | bool | tuple[rdf.Triple, ...]:
    """The whole answer of `store` to a query, whose relative IRIs lie below `base`; graphs behind FROM are merged.

    It is evaluated where no connection can be opened.

    Raises:
        QueryError: the query is not SPARQL, cannot be answered, or asks another server.
        StoreError: the store is damaged.
    """
    querytext.check(text)
    with rdf.asking():
        return isolation.isolated(lambda: rdf.whole(_evaluated(store, text, base, None)))


def written_anew(results: bytes, wanted: Wanted, size: int) -> Written:
    """SPARQL results JSON in the syntax wanted, at most `size` bytes long.

    Raises:
        TooLargeError: that is longer than `size`.
        UnwritableError: the syntax cannot hold the results.
    """
    return _written(parse_query_results(results, format=QueryResultsFormat.JSON), wanted, size)


def graph_written(triples: Iterable[Triple], syntax: Syntax, size: int) -> bytes:
    """Return the triples of an answer in `syntax`, at most `size` bytes long.

    Raises:
        TooLargeError: that is longer than `size`.
        UnwritableError: the syntax cannot hold them.
    """
    out = _Capped(size)
    try:
        rdf.write_triples(rdfxml.checked(triples) if syntax is formats.RDFXML else triples, out, syntax)
    except OSError as error:  # JSON-LD 1.1 has no triple terms
        raise UnwritableError(f"the answer cannot be written: {error}") from error
    return _as_xml(out.getvalue(), size) if syntax is formats.RDFXML else out.getvalue()


def _as_xml(body: bytes, size: int) -> bytes:
    if _NOT_XML.search(body):
        raise UnwritableError("the answer holds a character that XML cannot write; ask for JSON or Turtle")
    written = rdfxml.with_line_ends(body)
    if len(written) > size:
        raise TooLargeError(_TOO_LONG)
    return written


def _evaluated(store: Store, text: str, base: str, dataset: Dataset | None) -> rdf.RawAnswer:
    """The engine's answer, to be read.

    The engine joins the graphs of a default graph one behind the other, so that a statement in two of them would count
    twice; where there are several, they are merged in a store of their own, as section 13.1 has it.
    """
    seen = dataset or dataset_of(text, base)
    if seen is None:
        return store.query(text, base_iri=base, prefixes=names.PREFIXES)
    default: list[_GraphName] = [NamedNode(iri) for iri in seen.default]
    named: list[NamedNode | BlankNode] = [NamedNode(iri) for iri in seen.named]
    if not seen.merges:
        return store.query(text, base_iri=base, prefixes=names.PREFIXES, default_graph=default, named_graphs=named)
    view = _merged(store, default, named)
    return view.query(text, base_iri=base, prefixes=names.PREFIXES, default_graph=DefaultGraph(), named_graphs=named)


def _merged(store: Store, default: Sequence[_GraphName], named: Sequence[NamedNode | BlankNode]) -> Store:
    view = Store()
    for graph in default:
        found = store.quads_for_pattern(None, None, None, graph)
        view.bulk_extend(Quad(quad.subject, quad.predicate, quad.object) for quad in found)
    for graph in named:
        view.bulk_extend(store.quads_for_pattern(None, None, None, graph))
    return view


def dataset_of(text: str, base: str) -> Dataset | None:
    """The dataset that a query describes with FROM and FROM NAMED, None if it does not, or not as SPARQL.

    >>> dataset_of("PREFIX x: <https://example.org/> ASK FROM x:a FROM <b> FROM NAMED x:c {}", "https://example.org/")
    Dataset(default=('https://example.org/a', 'https://example.org/b'), named=('https://example.org/c',))
    """
    clause = querytext.dataset_clause(text)
    if not (clause.default or clause.named):
        return None
    try:
        return Dataset(_resolved(clause.prologue, clause.default, base), _resolved(clause.prologue, clause.named, base))
    except SyntaxError:  # which the parser will say better of the whole query
        return None


def _resolved(prologue: str, iris: Iterable[str], base: str) -> tuple[str, ...]:
    """The IRIs that stand in a query, each once, as the engine understands them behind that prologue."""
    query = f"{prologue} SELECT ?iri {{ VALUES ?iri {{ {' '.join(iris)} }} }}"
    rows = Store().query(query, base_iri=base, prefixes=names.PREFIXES)
    return tuple(dict.fromkeys(rdf.text(row[0]) for row in rows))  # type: ignore[union-attr]  # of a SELECT


class _Capped(io.BytesIO):
    """A file in memory that refuses to grow past a size."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._left = size

    def write(self, data: Buffer, /) -> int:
        """See `BytesIO.write`.

        Raises:
            TooLargeError: there is no room.
        """
        self._left -= len(memoryview(data))
        if self._left < 0:
            raise TooLargeError(_TOO_LONG)
        return super().write(data)


def _written(found: rdf.RawAnswer, wanted: Wanted, size: int) -> Written:
    if isinstance(found, QueryTriples):
        syntax = wanted.graph
        return Written(syntax, graph_written(found, syntax, size) if syntax else b"")
    syntax = wanted.boolean if isinstance(found, QueryBoolean) else wanted.table
    if syntax is None:
        return Written(None, b"")
    out = _Capped(size)
    found.serialize(out, format=_RESULTS[syntax])
    return Written(syntax, _as_xml(out.getvalue(), size) if syntax is formats.XML else out.getvalue())
