"""Graphs as files: canonical, reproducible byte for byte, and pleasant to read.

Turtle and TriG are grouped by subject with prefixes; JSON-LD is framed with the shipped context, so that it looks like
the dossier it came from and a web developer can use it as plain JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, takewhile
from typing import Any
from urllib.parse import urljoin

from pyld import jsonld
from pyld.iri_resolver import resolve, unresolve

from rejoinder import formats, names
from rejoinder.formats import Syntax
from rejoinder.store import rdf
from rejoinder.store import turtle as turtle_writer
from rejoinder.store.context import Context
from rejoinder.store.rdf import Literal, NamedNode, Quad, Triple

Node = dict[str, Any]
"""A node of expanded JSON-LD: property IRI to values."""


def write(quads: Iterable[Quad], syntax: Syntax, base: str, context: Context) -> bytes:
    """The statements in `syntax`; a syntax without named graphs gets the union of the graphs.

    `base` is the IRI base of the project, `context` the JSON-LD context to write with.
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
    return rdf.serialize(_triples(ordered), syntax, names.prefixes_for(base))


def _by_graphs(quads: Iterable[Quad]) -> tuple[Quad, ...]:
    """The quads, one graph after the other, each canonical: a store renames the blank nodes that it is given."""
    graphs = groupby(sorted(quads, key=_by_graph), key=lambda quad: quad.graph_name)
    return tuple(quad for _, members in graphs for quad in rdf.canonical(members))


def _by_graph(quad: Quad) -> tuple[str, str]:
    return str(quad.graph_name), str(quad)


def _triples(quads: Iterable[Quad]) -> list[Triple]:
    return list(dict.fromkeys(quad.triple for quad in quads))


def turtle(quads: Sequence[Quad], base: str) -> str:
    """The statements of one graph as Turtle, or of several as one."""
    graphs = {rdf.text(quad.graph_name) for quad in quads}
    document = graphs.pop() if len(graphs) == 1 else None
    return turtle_writer.turtle(_triples(quads), names.prefixes_for(base, document))


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
    """The statements as JSON-LD: one graph framed from its document's node, several as named graphs.

    Standard: JSON-LD 1.1 Framing.
    """
    graphs = [tuple(members) for _, members in groupby(quads, key=lambda quad: quad.graph_name)]
    if len(graphs) == 1:
        return _dumped(_framed(graphs[0], context))
    return _dumped([_as_named_graph(_framed(members, context), members) for members in graphs])


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _framed(quads: Sequence[Quad], context: Context) -> dict[str, Any]:
    """One graph as a JSON-LD document: its document's node on top, everything contained inside it."""
    document = rdf.text(quads[0].graph_name)
    # A prefix for what lies below the document: PyLD makes wrong relative IRIs of those.
    own = {"@base": document, "below": f"{document}/", **_misread(quads, document)}
    terms = context.terms | own
    fitting = context.terms_for(_iris(quads)) | own
    expanded = json.loads(rdf.serialize(_triples(quads), formats.JSONLD))
    containers = frozenset(context.properties[key] for key in context.id_maps)
    options = {"base": document, "skipExpansion": True}  # the engine writes expanded JSON-LD
    compacted = jsonld.compact(_embedded(expanded, document, containers), {"@context": fitting}, options)
    content = {key: value for key, value in compacted.items() if key != "@context"}
    return {"@context": _used_terms(content, terms), **content}


def _iris(quads: Iterable[Quad]) -> frozenset[str]:
    """Every IRI in the statements, those of datatypes too."""
    terms = frozenset(term for quad in quads for term in (quad.subject, quad.predicate, quad.object))
    nodes = (term.datatype if isinstance(term, Literal) else term for term in terms)
    return frozenset(node.value for node in nodes if isinstance(node, NamedNode))


def _misread(quads: Iterable[Quad], document: str) -> dict[str, Any]:
    """A prefix for each IRI of which PyLD would make a relative one that means another, such as one that ends in #."""
    host = urljoin(document, "/")
    terms = (term for quad in quads for term in (quad.subject, quad.object))
    iris = {term.value for term in terms if isinstance(term, NamedNode) and term.value.startswith(host)}
    others = (iri for iri in iris if not iri.startswith((f"{document}#", f"{document}/")))
    starts = {_start(iri) for iri in others if resolve(unresolve(iri, document), document) != iri}
    return {f"at{number}": {"@id": start, "@prefix": True} for number, start in enumerate(sorted(starts))}


def _start(iri: str) -> str:
    """The part of an IRI that a prefix can stand for; something is left over."""
    return iri[: max(iri.rfind("#", 0, -1), iri.rfind("/", 0, -1)) + 1] if not iri.endswith("#") else iri[:-1]


def _embedded(nodes: list[Node], document: str, containers: frozenset[str]) -> Node:
    """The document's node, every contained node inside the property that contains it; the rest included beside."""
    by_id = {str(node["@id"]): _with_type_keyword(node) for node in nodes}
    root = by_id.pop(document, {"@id": document})
    tree = _with_contents(root, by_id, containers)
    rest = list(by_id.values())
    return tree | {"@included": rest} if rest else tree


def _with_type_keyword(node: Node) -> Node:
    """The node with its classes under the keyword; a literal that is said to be one stays where it is."""
    values = node.get(names.RDF_TYPE, ())
    types, rest = [v["@id"] for v in values if "@id" in v], [v for v in values if "@id" not in v]
    others = {key: values for key, values in node.items() if key != names.RDF_TYPE}
    return ({"@type": types} if types else {}) | ({names.RDF_TYPE: rest} if rest else {}) | others


def _with_contents(node: Node, by_id: dict[str, Node], containers: frozenset[str]) -> Node:
    """`node` with what it contains taken out of `by_id` and put in place."""
    return {
        key: [
            _with_contents(by_id.pop(str(v["@id"])), by_id, containers) if v.get("@id") in by_id else v for v in values
        ]
        if key in containers
        else values
        for key, values in node.items()
    }


def _used_terms(value: object, terms: dict[str, Any]) -> dict[str, Any]:
    """The part of a context that `value` needs: the keys it uses, and the prefixes those lean on."""
    used = set(_words(value))
    kept = {key: term for key, term in terms.items() if key in used or key in ("@version", "@base", "id", "type")}
    needed = {str(part).partition(":")[0] for part in _words(kept)} | {word.partition(":")[0] for word in used}
    return {key: term for key, term in terms.items() if key in kept or key in needed}


def _words(value: object) -> list[str]:
    """Every key and every string in `value`, however deep."""
    if isinstance(value, dict):
        return [*value, *(word for inner in value.values() for word in _words(inner))]
    if isinstance(value, list):
        return [word for inner in value for word in _words(inner)]
    return [value] if isinstance(value, str) else []


def _as_named_graph(framed: dict[str, Any], quads: Sequence[Quad]) -> dict[str, Any]:
    """A framed graph as a named graph: its content under `@graph`, named by its document."""
    context = framed.pop("@context")
    return {"@context": context, "@id": rdf.text(quads[0].graph_name), "@graph": [framed]}
