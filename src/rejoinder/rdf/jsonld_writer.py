"""Graphs as JSON-LD, framed so that they look like the dossier, and compacted by the project's context.

Standards: JSON-LD 1.1; JSON-LD 1.1 Framing; JSON-LD 1.1 Processing Algorithms and API, section 6 (compaction).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final
from urllib.parse import urljoin

import orjson

from rejoinder import namespaces
from rejoinder.rdf import terms as rdf_terms
from rejoinder.rdf.jsonld import ConfusedError, Context, relative, with_full_bases
from rejoinder.rdf.terms import BlankNode, Literal, Quad, Term

Node = dict[str, Any]
"""A node of expanded JSON-LD: property IRI to values."""

_NATIVE: Final = re.compile(r"0|-?[1-9][0-9]{0,14}|true|false")
"""The lexical forms that a JSON parser and then a JSON-LD processor give back as they are."""
_STRING: Final = namespaces.XSD + "string"
_DEEPEST: Final = 100
"""The most levels of nodes inside each other: each is two of JSON, of which orjson writes at most 254."""


def json_ld(quads: Sequence[Quad], context: Context) -> str:
    """Return the statements as JSON-LD: one graph framed from its document's node, several as named graphs."""
    graphs = [tuple(members) for _, members in groupby(quads, key=lambda quad: quad.graph_name)]
    if len(graphs) == 1:
        return _dumped(_framed(graphs[0], context))
    return _dumped([_as_named_graph(_framed(members, context), members) for members in graphs])


def shared_context(context: Context, base: str) -> str:
    """Return the context as a document of its own, for the data of the project at `base`.

    >>> by = '{"by":{"@id":"x:by","@type":"@id","@context":{"@base":"../state/"}}}'
    >>> orjson.loads(shared_context(Context(by, {}, frozenset()), "https://example.org/"))["@context"]["by"]["@context"]
    {'@base': 'https://example.org/state/'}
    """
    return _dumped({"@context": with_full_bases(context.terms, f"{base}report/")})


def _dumped(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _framed(quads: Sequence[Quad], context: Context) -> dict[str, Any]:
    """Return one graph as a JSON-LD document: its document's node on top, everything contained inside it.

    What the context cannot express is written in expanded form, which is longer but equivalent.
    """
    document = rdf_terms.text(quads[0].graph_name)
    tree = _embedded(_expanded(quads), document, frozenset(context.properties[key] for key in context.id_maps))
    if _has_direction(quads):  # language maps have no place for it
        return {"@context": {}, **tree}
    try:
        content = _Compaction(context, document).node(tree)
    except ConfusedError:
        return {"@context": {}, **tree}
    terms = with_full_bases(_used_terms(content, context.terms), document)
    return {"@context": terms | {"@base": document}, **content}


def _expanded(quads: Iterable[Quad]) -> dict[str, Node]:
    """Return the nodes of expanded JSON-LD by id, classes under `@type`; a literal as a class stays where it is."""
    nodes: dict[str, Node] = {}
    for quad in quads:
        value, name, key = _value(quad.object), _id(quad.subject), quad.predicate.value
        node = nodes.setdefault(name, {"@id": name})
        if key == namespaces.RDF_TYPE and "@id" in value:
            node.setdefault("@type", []).append(value["@id"])
        else:
            node.setdefault(key, []).append(value)
    return nodes


def _value(term: Term) -> Node:
    """Return a value of expanded JSON-LD.

    >>> _value(Literal("a")), _value(Literal("a", language="en")), _value(rdf_terms.NamedNode("x:y"))
    ({'@value': 'a'}, {'@language': 'en', '@value': 'a'}, {'@id': 'x:y'})
    """
    if not isinstance(term, Literal):
        return {"@id": _id(term)}
    if term.language:
        direction = {"@direction": term.direction.value} if term.direction else {}
        return direction | {"@language": term.language, "@value": term.value}
    datatype = term.datatype.value
    return {"@value": term.value} if datatype == _STRING else {"@type": datatype, "@value": term.value}


def _id(term: Term) -> str:
    return f"_:{term.value}" if isinstance(term, BlankNode) else rdf_terms.text(term)


def _embedded(by_id: dict[str, Node], document: str, containers: frozenset[str]) -> Node:
    """Return the document's node with every contained node inside it, and the rest under `@included`.

    Nodes that are contained more than `_DEEPEST` levels down are among the rest.
    """
    root = by_id.pop(document, {"@id": document})  # first, so that no other node can contain the document itself
    tree = _with_contents(root, by_id, containers)
    rest = list(by_id.values())
    return tree | {"@included": rest} if rest else tree


def _with_contents(node: Node, by_id: dict[str, Node], containers: frozenset[str], level: int = 0) -> Node:
    """Return `node`, contained at a level, with the nodes it contains taken out of `by_id` and put in place."""
    if level == _DEEPEST:
        return node

    def content(value: Node) -> Node:
        if value.get("@id") not in by_id:
            return value
        return _with_contents(by_id.pop(str(value["@id"])), by_id, containers, level + 1)

    return {key: [*map(content, values)] if key in containers else values for key, values in node.items()}


class _Compaction:
    """The compaction of one document."""

    def __init__(self, context: Context, document: str) -> None:
        self._names, self._natives, self._document = context.names, context.natives, document
        self._id, self._type = self._names.keywords["@id"], self._names.keywords["@type"]
        self._references: dict[tuple[str, str | None], str] = {}

    def node(self, node: Node) -> dict[str, Any]:
        """Return the node and all in it in compacted form.

        Raises:
            ConfusedError: an IRI in it would be read as another one.
        """
        result: dict[str, Any] = {}
        for key, values in sorted(node.items()):  # so that the same graph gives the same bytes
            if key == "@id":
                result[self._id] = self._reference(values)
            elif key == "@type":
                for iri in values:
                    _add(result, self._type, self._names.word(iri))
            elif key == "@included":
                for member in values:
                    _add(result, key, self.node(member))
            else:
                self._add_values(result, key, values)
        return result

    def _add_values(self, result: dict[str, Any], iri: str, values: Iterable[Node]) -> None:
        """Add the values of a property.

        A node that is only named is a plain reference under the property itself: `"rj:hasClaim": {"id": "#c"}`. In an
        id map, it would be an empty object, after which a common parser (jsonld-streaming-parser, issue 155) takes the
        next node for the same.
        """
        named = []
        for value in values:
            key = self._names.key(iri, *_fitting(value))
            container = self._names.terms[key].container if key in self._names.terms else None
            if container == "@language":
                _add(result.setdefault(key, {}), value.get("@language", "@none"), value["@value"])
            elif container != "@id":
                _add(result, key, self._compacted(key, value))
            elif len(value) > 1:
                member = self.node(value)
                _add(result.setdefault(key, {}), member.pop(self._id), member)
            else:
                named.append(self._compacted(iri, value))
        for reference in named:
            _add(result, self._names.compact(iri) or iri, reference)

    def _compacted(self, key: str, value: Node) -> Any:
        """Return a value, or a reference to a node, as it stands under `key`."""
        term = self._names.terms.get(key)
        kind = term.type if term else None
        if "@value" in value:
            return self._literal(value, key, kind)
        if term and kind == "@vocab":
            return self._names.below(key).word(value["@id"])
        reference = self._reference(value["@id"], term.base if term else None)
        return reference if kind == "@id" else {self._id: reference}

    def _literal(self, value: Node, key: str, kind: str | None) -> Any:
        text = value["@value"]
        if "@language" in value:
            return {"@language": value["@language"], "@value": text}
        if value.get("@type") != kind:
            return {self._type: self._names.word(value["@type"]), "@value": text}
        return orjson.loads(text) if key in self._natives and _NATIVE.fullmatch(text) else text

    def _reference(self, iri: str, base: str | None = None) -> str:
        """Return the shortest way to name a node, from the document or from a base relative to that."""
        if (iri, base) not in self._references:
            # A word that the context has for a keyword would be read as the keyword.
            here = urljoin(self._document, base) if base else self._document
            near = self._names.compact(iri) or relative(iri, here)
            self._references[iri, base] = f"./{near}" if near in self._names.keywords.values() else near
        return self._references[iri, base]


def _add(values: dict[str, Any], key: str, value: object) -> None:
    """Add a value to those of a key; a single one is no list.

    >>> found = {}
    >>> _add(found, "a", 1), _add(found, "a", 2), _add(found, "b", 3)
    (None, None, None)
    >>> found
    {'a': [1, 2], 'b': 3}
    """
    if key not in values:
        values[key] = value
    elif isinstance(values[key], list):
        values[key].append(value)
    else:
        values[key] = [values[key], value]


def _fitting(value: Node) -> tuple[tuple[str | None, ...], tuple[str, ...]]:
    """Return the containers and the types of the terms that fit a value, the best first."""
    if "@id" in value:
        return ("@id", None), ("@id", "@vocab", "@none")
    if "@language" in value:
        return ("@language", None), ("@none",)
    return ((None,), (value["@type"], "@none")) if "@type" in value else ((None, "@language"), ("@none",))


def _has_direction(quads: Iterable[Quad]) -> bool:
    return any(isinstance(quad.object, Literal) and quad.object.direction for quad in quads)


def _used_terms(value: object, terms: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a context that `value` needs: the keys it uses, and the prefixes of those."""
    used = set(_words(value))
    # A node always has an id and nearly always a type, for which the context has these words.
    kept = {key: term for key, term in terms.items() if key in used or key in ("@version", "id", "type")}
    needed = {str(part).partition(":")[0] for part in _words(kept)} | {word.partition(":")[0] for word in used}
    return {key: term for key, term in terms.items() if key in kept or key in needed}


def _words(value: object) -> Iterator[str]:
    """Yield every key and every string in `value`, at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _words(inner)
    elif isinstance(value, str):
        yield value


def _as_named_graph(framed: dict[str, Any], quads: Sequence[Quad]) -> dict[str, Any]:
    """Return a framed graph as a named graph: its content under `@graph`, named by its document."""
    context = framed.pop("@context")
    return {"@context": context, "@id": rdf_terms.text(quads[0].graph_name), "@graph": [framed]}
