"""JSON-LD framed with the shipped context, so that it looks like the dossier it came from.

Standard: JSON-LD 1.1 Framing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any
from urllib.parse import urljoin

from pyld import jsonld
from pyld.iri_resolver import resolve, unresolve

from rejoinder import formats, names
from rejoinder.store import rdf
from rejoinder.store.context import Context
from rejoinder.store.rdf import Literal, NamedNode, Quad

Node = dict[str, Any]
"""A node of expanded JSON-LD: property IRI to values."""


def json_ld(quads: Sequence[Quad], context: Context) -> str:
    """The statements as JSON-LD: one graph framed from its document's node, several as named graphs."""
    graphs = [tuple(members) for _, members in groupby(quads, key=lambda quad: quad.graph_name)]
    if len(graphs) == 1:
        return _dumped(_framed(graphs[0], context))
    return _dumped([_as_named_graph(_framed(members, context), members) for members in graphs])


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _framed(quads: Sequence[Quad], context: Context) -> dict[str, Any]:
    """Return one graph as a JSON-LD document: its document's node on top, everything contained inside it.

    What PyLD cannot compact is written expanded: longer, but the same statements.
    """
    document = rdf.text(quads[0].graph_name)
    # A prefix for what lies below the document: PyLD makes wrong relative IRIs of those.
    own = {"@base": document, "below": f"{document}/", **_misread(quads, document)}
    terms = context.terms | own
    fitting = context.terms_for(_iris(quads)) | own
    expanded = json.loads(rdf.serialize(rdf.triples(quads), formats.JSONLD))
    containers = frozenset(context.properties[key] for key in context.id_maps)
    options = {"base": document, "skipExpansion": True}  # the engine writes expanded JSON-LD
    tree = _embedded(expanded, document, containers)
    if _has_direction(quads):  # which PyLD leaves out of language maps
        return {"@context": {}, **tree}
    try:
        compacted = jsonld.compact(tree, {"@context": fitting}, options)
    except Exception:  # whichever it is: one value that PyLD fails on must not stop a build
        return {"@context": {}, **tree}
    content = {key: value for key, value in compacted.items() if key != "@context"}
    return {"@context": _used_terms(content, terms), **content}


def _has_direction(quads: Iterable[Quad]) -> bool:
    return any(isinstance(quad.object, Literal) and quad.object.direction for quad in quads)


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
