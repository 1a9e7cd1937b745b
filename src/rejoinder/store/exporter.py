"""Graphs as files: canonical, reproducible byte for byte, and pleasant to read.

Turtle and TriG are grouped by subject with prefixes; JSON-LD is framed with the shipped context, so that it looks like
the dossier it came from and a web developer can use it as plain JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, takewhile

from rejoinder import formats, names
from rejoinder.errors import UnwritableError
from rejoinder.formats import Syntax
from rejoinder.store import rdf, rdfxml
from rejoinder.store import turtle as writer
from rejoinder.store.context import Context
from rejoinder.store.rdf import Quad


def write(quads: Iterable[Quad], syntax: Syntax, base: str, context: Context) -> bytes:
    """The statements in `syntax`; a syntax without named graphs gets the union of the graphs.

    `base` is the IRI base of the project, `context` the JSON-LD context to write with.

    Raises:
        UnwritableError: RDF/XML cannot hold a statement; the graph is named.
    """
    ordered = _by_graphs(quads) if syntax.quads else rdf.canonical(quads)
    if syntax is formats.TURTLE:
        return turtle(ordered, base).encode()
    if syntax is formats.TRIG:
        return trig(ordered, base).encode()
    if syntax is formats.JSONLD:
        return json_ld(ordered, context).encode()
    if syntax is formats.NQUADS:
        return rdf.serialize(ordered, syntax)
    if syntax is formats.RDFXML:
        return _rdf_xml(ordered, base)
    return rdf.serialize(rdf.triples(ordered), syntax)


def _rdf_xml(quads: Sequence[Quad], base: str) -> bytes:
    check = rdfxml.Check()
    for quad in quads:
        problem = check.problem(quad.triple)
        if problem:
            raise UnwritableError(f"graph {quad.graph_name}: {problem}; export it as Turtle or in another format")
    return rdfxml.write(rdf.triples(quads), names.prefixes_for(base))


def _by_graphs(quads: Iterable[Quad]) -> tuple[Quad, ...]:
    """The quads, one graph after the other, each canonical: a store renames the blank nodes that it is given."""
    graphs = groupby(sorted(quads, key=_by_graph), key=lambda quad: quad.graph_name)
    return tuple(quad for _, members in graphs for quad in rdf.canonical(members))


def _by_graph(quad: Quad) -> tuple[str, str]:
    return str(quad.graph_name), str(quad)


def turtle(quads: Sequence[Quad], base: str) -> str:
    """Return the statements of one graph as Turtle, or of several as one."""
    graphs = {rdf.text(quad.graph_name) for quad in quads}
    document = graphs.pop() if len(graphs) == 1 else None
    return writer.turtle(rdf.triples(quads), names.prefixes_for(base, document), document)


def trig(quads: Iterable[Quad], base: str) -> str:
    """The statements as TriG: one block a named graph, in order."""
    graphs = groupby(sorted(quads, key=_by_graph), key=lambda quad: rdf.text(quad.graph_name))
    return "".join(trig_blocks((iri, turtle(tuple(members), base)) for iri, members in graphs))


def trig_blocks(documents: Iterable[tuple[str, str]]) -> Iterator[str]:
    r"""Named graphs, each an IRI and its Turtle, as the blocks of one TriG document; a prefix stands where it is new.

    >>> document = "@prefix ex: <https://example.org/> .\n\nex:a a ex:B ."
    >>> print("".join(trig_blocks([("https://example.org/g", document)])))
    @prefix ex: <https://example.org/> .
    <BLANKLINE>
    <https://example.org/g> {
    ex:a a ex:B .
    }
    <BLANKLINE>
    """
    declared: dict[str, str] = {}
    for iri, text in documents:
        head, body = _split_prefixes(text)
        news = [line for line in head if declared.get(line.split()[1]) != line]
        declared |= {line.split()[1]: line for line in news}
        # Not indented: a literal may run over several lines, and its blanks are its own.
        yield "\n".join([*news, *([""] if news else []), f"<{iri}> {{", body, "}", ""])


def _split_prefixes(text: str) -> tuple[list[str], str]:
    """The prefix lines that a Turtle document of ours begins with, and the rest."""
    lines = text.strip("\n").split("\n")
    head = list(takewhile(lambda line: line.startswith("@prefix "), lines))
    return head, "\n".join(lines[len(head) :]).strip("\n")


def json_ld(quads: Sequence[Quad], context: Context) -> str:
    """The statements as JSON-LD: one graph framed from its document's node, several as named graphs."""
    from rejoinder.store import jsonld  # noqa: PLC0415  # PyLD, a tenth of a second, for those who export

    return jsonld.json_ld(quads, context)
