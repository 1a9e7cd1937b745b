"""RDF terms, parsing and serialising. Only this module and `rdf.query` import pyoxigraph, the engine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Final, TypeVar

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Store,
    Triple,
)
from pyoxigraph import parse as _parse
from pyoxigraph import serialize as _serialize

from rejoinder import formats
from rejoinder.errors import RejoinderError
from rejoinder.formats import Syntax

# The engine's classes, which other modules import from here.
__all__ = ["BlankNode", "DefaultGraph", "Literal", "NamedNode", "Quad", "Store", "Triple"]

Term = NamedNode | BlankNode | Literal | Triple

_T = TypeVar("_T", bound=Term)

_FORMATS: Final = {
    formats.TURTLE: RdfFormat.TURTLE,
    formats.TRIG: RdfFormat.TRIG,
    formats.NQUADS: RdfFormat.N_QUADS,
    formats.NTRIPLES: RdfFormat.N_TRIPLES,
    formats.JSONLD: RdfFormat.JSON_LD,
    formats.RDFXML: RdfFormat.RDF_XML,
}


class RdfSyntaxError(RejoinderError):
    """Text that is not RDF in the syntax it claims; `line` counts from 1 where the parser knows it."""

    def __init__(self, message: str, line: int | None) -> None:
        self.line = line
        super().__init__(message)


def parse(source: str | bytes, syntax: Syntax, base: str | None = None) -> Iterator[Quad]:
    """Yield the quads of `source`, relative IRIs resolved against `base`.

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
    """Return the quads of the file at `path`, in the syntax that its suffix stands for.

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
    """Write the triples to `out`, one at a time. Without prefixes: the engine declares them in any order."""
    _serialize(triples, out, format=_FORMATS[syntax])


def text(term: Term | DefaultGraph) -> str:
    """Return the IRI of a node, the label of a blank node, the lexical form of a literal.

    >>> text(Literal("Kazakhstan", language="en"))
    'Kazakhstan'

    Raises:
        TypeError: the term is an RDF 1.2 triple term or the default graph, neither of which the model has.
    """
    if isinstance(term, NamedNode | BlankNode | Literal):
        return term.value
    raise TypeError(f"{term} has no place in this model")


def is_iri(text: str) -> bool:
    """Return whether `text` is an absolute IRI.

    >>> is_iri("https://example.org/a"), is_iri("https://example.org/a b")
    (True, False)
    """
    try:
        NamedNode(text)
    except ValueError:
        return False
    return True


def in_graph(triples: Iterable[Triple | Quad], graph: str) -> tuple[Quad, ...]:
    """Return the statements moved into the named graph `graph`."""
    name = NamedNode(graph)
    return tuple(Quad(t.subject, t.predicate, t.object, name) for t in triples)


def triples(quads: Iterable[Quad]) -> list[Triple]:
    """Return the union of several graphs as triples: each once, in order."""
    return list(dict.fromkeys(quad.triple for quad in quads))


def bulk_load(store: Store, lines: bytes) -> None:
    """Load N-Quads that this program wrote; a failure may leave a part of them in the store.

    Raises:
        OSError: the store cannot be written.
    """
    store.bulk_load(lines, format=RdfFormat.N_QUADS)


def canonical(quads: Iterable[Quad]) -> tuple[Quad, ...]:
    """Return the quads of one graph, without repeats, in the order of their N-Quads lines, blank nodes by RDFC-1.0.

    Blank nodes get the graph's digest in their name, so that two graphs in one store never share one.
    Standard: RDF Dataset Canonicalization 1.0.
    """
    by_line = {str(quad): quad for quad in quads}
    # Canonicalisation is dear, and few graphs have blank nodes; `_:` may stand in a text, too, so terms decide.
    if any("_:" in line for line in by_line) and any(map(_has_blank_node, by_line.values())):
        by_line = {str(quad): quad for quad in _canonical_blank_nodes(set(by_line.values()))}
    return tuple(by_line[line] for line in sorted(by_line))


def _has_blank_node(quad: Quad) -> bool:
    return isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode)


def _canonical_blank_nodes(quads: set[Quad]) -> Iterator[Quad]:
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    prefix = "b" + hashlib.sha256(str(next(iter(quads)).graph_name).encode()).hexdigest()[:8]
    for quad in dataset:
        yield Quad(_renamed(quad.subject, prefix), quad.predicate, _renamed(quad.object, prefix), quad.graph_name)


def _renamed(term: _T, prefix: str) -> _T | BlankNode:
    return BlankNode(prefix + term.value) if isinstance(term, BlankNode) else term


def content_digest(quads: Iterable[Quad]) -> str:
    """Return the SHA-256 of the canonical N-Quads lines: equal if and only if the graphs are.

    >>> a, b = NamedNode("x:a"), NamedNode("x:b")
    >>> content_digest([Quad(a, b, a), Quad(a, b, b)]) == content_digest([Quad(a, b, b), Quad(a, b, a)])
    True
    """
    digest = hashlib.sha256()
    for quad in canonical(quads):
        digest.update(str(quad).encode())
        digest.update(b" .\n")
    return digest.hexdigest()


def comparable(quads: Iterable[Quad]) -> tuple[Quad, ...]:
    """Return the quads of one graph as any store may return them: equal if and only if the graphs mean the same.

    Stores write numbers, booleans and times in forms of their own, some lower-case language tags, and all rename blank
    nodes. Here values are in this engine's form, tags lower-cased, blank nodes canonical.

    >>> decimal = NamedNode("http://www.w3.org/2001/XMLSchema#decimal")
    >>> one = Quad(NamedNode("x:a"), NamedNode("x:b"), Literal("1.50", datatype=decimal))
    >>> str(comparable([one])[0].object)
    '"1.5"^^<http://www.w3.org/2001/XMLSchema#decimal>'
    """
    return canonical(
        Quad(quad.subject, quad.predicate, _lower_tag(quad.object), quad.graph_name) for quad in memory_store(quads)
    )


def normalised(rows: Iterable[tuple[Term | None, ...]]) -> tuple[tuple[Term | None, ...], ...]:
    """Return the rows with every literal in the form this engine gives it: `2` for the decimal `2.0`."""
    # The engine normalises literals only when it stores them, so each one is put into a store once.
    table = tuple(rows)
    literals = {term for row in table for term in row if isinstance(term, Literal) and not term.language}
    places = {NamedNode(f"x:{number}"): literal for number, literal in enumerate(literals)}
    store = memory_store(Quad(place, place, literal) for place, literal in places.items())
    forms = {places[quad.subject]: quad.object for quad in store}
    return tuple(tuple(forms.get(term, term) if isinstance(term, Literal) else term for term in row) for row in table)


def _lower_tag(term: Term) -> Term:
    if not isinstance(term, Literal) or not term.language:
        return term
    return Literal(term.value, language=term.language.lower(), direction=term.direction)


def memory_store(quads: Iterable[Quad]) -> Store:
    """Return a store in memory that holds `quads`."""
    store = Store()
    store.extend(quads)
    return store
