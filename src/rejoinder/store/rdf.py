"""RDF terms, parsing, writing and asking: the module that knows pyoxigraph, with `canonical` and `answers`.

Everything above speaks the terms exported here; changing the engine touches these files and `store`'s folder names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    Variable,
)
from pyoxigraph import parse as _parse
from pyoxigraph import serialize as _serialize

from rejoinder import formats, names
from rejoinder.errors import QueryError, RejoinderError, StoreError
from rejoinder.formats import Syntax
from rejoinder.store import isolation, querytext
from rejoinder.store.canonical import Term, canonical, comparable, content_digest, memory_store, normalised

__all__ = [
    "BlankNode",
    "DefaultGraph",
    "Literal",
    "NamedNode",
    "Quad",
    "RawAnswer",
    "RdfSyntaxError",
    "Solutions",
    "Store",
    "Term",
    "Triple",
    "Variable",
    "bulk_load",
    "canonical",
    "comparable",
    "construct",
    "content_digest",
    "from_iri",
    "in_graph",
    "is_iri",
    "memory_store",
    "normalised",
    "not_sparql",
    "only_row",
    "parse",
    "parse_file",
    "query",
    "serialize",
    "text",
    "whole",
    "write_triples",
]

RawAnswer = QuerySolutions | QueryBoolean | QueryTriples
"""What the engine answers: still being made while it is read."""

_FORMATS: Final = {
    formats.TURTLE: RdfFormat.TURTLE,
    formats.TRIG: RdfFormat.TRIG,
    formats.NQUADS: RdfFormat.N_QUADS,
    formats.NTRIPLES: RdfFormat.N_TRIPLES,
    formats.JSONLD: RdfFormat.JSON_LD,
    formats.RDFXML: RdfFormat.RDF_XML,
}


_PLACE: Final = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
"""How the engine says where a query is wrong."""


class RdfSyntaxError(RejoinderError):
    """Text that is not RDF in the syntax it claims; `line` counts from 1 where the parser knows it."""

    def __init__(self, message: str, line: int | None) -> None:
        self.line = line
        super().__init__(message)


def parse(source: str | bytes, syntax: Syntax, base: str | None = None) -> Iterator[Quad]:
    """The quads of `source`, relative IRIs resolved against `base`.

    >>> [str(q.subject) for q in parse("<#a> <#p> 1 .", formats.TURTLE, "https://example.org/doc")]
    ['<https://example.org/doc#a>']

    Raises:
        RdfSyntaxError: `source` is not in that syntax.
    """
    try:
        yield from _parse(source, format=_FORMATS[syntax], base_iri=base)
    except SyntaxError as error:
        raise RdfSyntaxError(error.msg or str(error), error.lineno) from error
    except MemoryError as error:  # of the parser's buffer, not of the machine
        raise RdfSyntaxError("a text or a name in it is longer than 16 MB; shorten it", None) from error


def parse_file(path: Path, base: str | None = None) -> Iterator[Quad]:
    """The quads of the file at `path`, its syntax told from its suffix.

    Raises:
        RdfSyntaxError: the file is not in that syntax.
        OSError: the file cannot be read.
    """
    return parse(path.read_bytes(), formats.rdf_syntax_of(path.name), base)


def serialize(
    statements: Iterable[Triple] | Iterable[Quad], syntax: Syntax, prefixes: Mapping[str, str] | None = None
) -> bytes:
    """Return `statements` in `syntax`, in the order given; `prefixes` are for a syntax that has some."""
    return _serialize(statements, format=_FORMATS[syntax], prefixes=dict(prefixes) if prefixes else None) or b""


def write_triples(triples: Iterable[Triple], out: IO[bytes], syntax: Syntax) -> None:
    """Writes the triples to `out`, one at a time. Without prefixes: the engine declares them in any order."""
    _serialize(triples, out, format=_FORMATS[syntax])


def text(term: Term | DefaultGraph) -> str:
    """The IRI of a node, the label of a blank node, the lexical form of a literal.

    >>> text(Literal("Kazakhstan", language="en"))
    'Kazakhstan'

    Raises:
        TypeError: the term is an RDF 1.2 triple term or the default graph, neither of which the model has.
    """
    if isinstance(term, NamedNode | BlankNode | Literal):
        return term.value
    raise TypeError(f"{term} has no place in this model")


def from_iri(iri: str) -> NamedNode:
    """The node with that IRI.

    >>> str(from_iri("https://example.org/x"))
    '<https://example.org/x>'

    Raises:
        ValueError: `iri` is not an absolute IRI.
    """
    return NamedNode(iri)


def is_iri(text: str) -> bool:
    """Whether `text` is an absolute IRI.

    >>> is_iri("https://example.org/a"), is_iri("https://example.org/a b")
    (True, False)
    """
    try:
        NamedNode(text)
    except ValueError:
        return False
    return True


def in_graph(triples: Iterable[Triple | Quad], graph: str) -> tuple[Quad, ...]:
    """The statements moved into the named graph `graph`."""
    name = NamedNode(graph)
    return tuple(Quad(t.subject, t.predicate, t.object, name) for t in triples)


def triples(quads: Iterable[Quad]) -> list[Triple]:
    """The statements of several graphs as those of one: each once, in order."""
    return list(dict.fromkeys(quad.triple for quad in quads))


def bulk_load(store: Store, lines: bytes) -> None:
    """Adds N-Quads that this program wrote; a failure may leave a part of them in the store.

    Raises:
        OSError: the store cannot be written.
    """
    store.bulk_load(lines, format=RdfFormat.N_QUADS)


@dataclass(frozen=True)
class Solutions:
    """The answer to a SELECT: the variables, and the rows, a term None where the variable is unbound."""

    variables: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]


def query(
    store: Store, query_text: str, bindings: Mapping[str, Term] | None = None, graph: NamedNode | None = None
) -> Solutions | bool | tuple[Triple, ...]:
    """The whole answer of `store` to a SPARQL 1.1 query; `bindings` bind variables that it projects beforehand.

    The default graph is that of the store, or `graph`.

    Raises:
        QueryError: the query is not SPARQL, cannot be answered, or asks another server.
        StoreError: the store is damaged.
    """
    querytext.check(query_text)
    substitutions = {Variable(name): term for name, term in (bindings or {}).items()}

    def found() -> Solutions | bool | tuple[Triple, ...]:
        return whole(store.query(query_text, prefixes=names.PREFIXES, substitutions=substitutions, default_graph=graph))

    with asking():
        return isolation.isolated(found) if querytext.may_ask_another(query_text) else found()


@contextmanager
def asking() -> Iterator[None]:
    """Turns what the engine says of a query into a sentence.

    Raises:
        QueryError: the query is not SPARQL, cannot be answered, or was kept from asking another server.
        StoreError: the store is damaged.
    """
    try:
        yield
    except SyntaxError as error:
        raise not_sparql(error) from error
    except PermissionError as error:  # what the kernel says to an isolated process that opens a connection
        raise QueryError(querytext.ASKS_ANOTHER) from error
    except RuntimeError as error:
        if "Corruption" in str(error):
            raise StoreError(f"the store is damaged ({error}); remove the build folder and build again") from error
        raise QueryError(f"the query cannot be answered: {error}") from error


def not_sparql(error: SyntaxError) -> QueryError:
    """What the parser of queries found, as a sentence that says where.

    >>> str(not_sparql(SyntaxError("error at 2:9: expected WHERE")))
    'the query is not SPARQL: line 2, column 9: expected WHERE'
    """
    message = error.msg or str(error)
    found = _PLACE.match(message)
    if not found:
        return QueryError(f"the query is not SPARQL: {message}")
    line, column = int(found[1]), int(found[2])
    return QueryError(f"the query is not SPARQL: line {line}, column {column}: {found[3]}", line, column)


def whole(answer: RawAnswer) -> Solutions | bool | tuple[Triple, ...]:
    """The answer, read to its end: the engine finds some errors only while it makes rows."""
    if isinstance(answer, QueryBoolean):
        return bool(answer)
    if isinstance(answer, QueryTriples):
        triples = tuple(answer)
        _refuse_triple_terms(triple.object for triple in triples)
        return triples
    rows = tuple(tuple(solution) for solution in answer)
    _refuse_triple_terms(term for row in rows for term in row)
    return Solutions(tuple(variable.value for variable in answer.variables), rows)


def _refuse_triple_terms(terms: Iterable[Term | None]) -> None:
    if any(isinstance(term, Triple) for term in terms):
        raise QueryError("the answer holds a triple term of RDF 1.2; ask for SUBJECT(), PREDICATE() and OBJECT() of it")


def only_row(store: Store, query_text: str) -> tuple[Term, ...]:
    """The one row that a SELECT which counts gives.

    Raises:
        QueryError: the query does not run, or makes no table.
    """
    answer = query(store, query_text)
    if not isinstance(answer, Solutions):
        raise QueryError("the query makes no table; use SELECT here")
    return tuple(term for term in answer.rows[0] if term is not None)


def construct(store: Store, query_text: str, graph: NamedNode | None = None) -> tuple[Triple, ...]:
    """The triples that a CONSTRUCT or DESCRIBE query makes from `store`, or from one named graph of it.

    Raises:
        QueryError: the query does not run, or makes a table.
    """
    answer = query(store, query_text, graph=graph)
    if not isinstance(answer, tuple):
        raise QueryError("the query makes a table, not a graph; use CONSTRUCT or DESCRIBE here")
    return answer
