"""JSON-LD: contexts, their scoped terms (`ScopedTerms`), and graphs, framed so that they look like the dossier.

Standards: JSON-LD 1.1; JSON-LD 1.1 Framing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin

from rejoinder import formats, namespaces
from rejoinder.lazily import lazy
from rejoinder.rdf import terms as rdf_terms
from rejoinder.rdf.terms import Literal, NamedNode, Quad

Node = dict[str, Any]
"""A node of expanded JSON-LD: property IRI to values."""

Value = None | bool | int | str | list["Value"] | dict[str, "Value"]
"""A JSON value, without numbers that are not whole."""

_BELOW: Final = re.compile(r"\w[\w.-]*(?:/\w[\w.-]*)*(?:#[\w-]+)?")
"""A path downwards, which cannot be mistaken for anything else."""
_NATIVE: Final = re.compile(r"0|-?[1-9][0-9]{0,14}|true|false")
"""The lexical forms that a JSON parser and then a JSON-LD processor give back as they are."""
_ABSOLUTE: Final = re.compile(r"https?://")
_UPWARDS: Final = re.compile(r"^(?:\.\./)+")
"""The beginning of a path that leads out of its folder."""


@dataclass(frozen=True)
class Context:
    """A JSON-LD context: its JSON text, the property IRI of each key, and the keys with maps from id to node."""

    text: str
    properties: dict[str, str]
    id_maps: frozenset[str]

    def with_node(self, node_json: str) -> str:
        """Return a JSON-LD document of this context and the node's JSON object, context first.

        >>> Context('{"a": "x:a"}', {}, frozenset()).with_node('{"a": 1}')
        '{"@context":{"a": "x:a"},"a": 1}'
        """
        separator = "," if len(node_json) > 2 else ""
        return '{"@context":' + self.text + separator + node_json[1:]

    def keys_of(self, iri: str) -> tuple[str, ...]:
        """Return the keys that stand for the property `iri`."""
        return tuple(key for key, value in self.properties.items() if value == iri)

    @lazy
    def unscoped(self) -> Context:
        """Return the same context without the contexts that terms have of their own.

        >>> Context('{"a":{"@id":"x:a","@context":{"b":"x:b"}}}', {}, frozenset()).unscoped.text
        '{"a":{"@id":"x:a"}}'
        """
        return replace(self, text=_compact({key: _without_scope(term) for key, term in self.terms.items()}))

    @lazy
    def terms(self) -> dict[str, Any]:
        """Return the context as JSON: its keywords and terms, each with its definition."""
        return dict(json.loads(self.text))

    def terms_for(self, iris: AbstractSet[str]) -> dict[str, Any]:
        """Return the part of the context that is enough to write a graph with these IRIs.

        A term is kept if one of the IRIs is its own; terms without a definition may be prefixes, and stay (JSON-LD 1.1
        Processing Algorithms and API 6.2). The time that compaction takes grows with the terms.

        >>> whole = Context('{"ex": "x:y/", "a": {"@id": "ex:a"}, "b": {"@id": "ex:b"}}', {}, frozenset())
        >>> list(whole.terms_for({"x:y/b"}))
        ['ex', 'b']
        """
        absent = {key for key, iri in self._term_iris.items() if iri not in iris}
        return {key: term for key, term in self.terms.items() if key not in absent}

    @lazy
    def natives(self) -> frozenset[str]:
        """Return the keys whose values are JSON's own numbers and booleans."""
        definitions = {key: term for key, term in self.terms.items() if isinstance(term, dict)}
        return frozenset(
            key for key, term in definitions.items() if term.get("@type") in ("xsd:integer", "xsd:boolean")
        )

    @lazy
    def _term_iris(self) -> dict[str, str]:
        """Return the IRI of each term that has a definition of its own."""
        definitions = {key: term for key, term in self.terms.items() if isinstance(term, dict)}
        return {key: _expanded(str(term["@id"]), self.terms) for key, term in definitions.items()}


def read_context(path: Path) -> Context:
    """Return the context in the file at `path`."""
    terms: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["@context"]
    definitions = {key: value for key, value in terms.items() if isinstance(value, dict) and "@id" in value}
    return Context(
        text=_compact(terms),
        properties={key: _expanded(str(value["@id"]), terms) for key, value in definitions.items()},
        id_maps=frozenset(key for key, value in definitions.items() if value.get("@container") == "@id"),
    )


def _compact(terms: dict[str, Any]) -> str:
    return json.dumps(terms, ensure_ascii=False, separators=(",", ":"))


def _without_scope(term: Any) -> Any:
    return {key: value for key, value in term.items() if key != "@context"} if isinstance(term, dict) else term


def _expanded(compact_iri: str, terms: dict[str, Any]) -> str:
    prefix, _, name = compact_iri.partition(":")
    return f"{terms[prefix]}{name}" if prefix in terms else compact_iri


class NeedsFullContextError(Exception):
    """A value that cannot be expanded as text, so that the full context is needed."""


@dataclass(frozen=True)
class ScopedTerms:
    """Rules for expanding short names in values, so that most dossiers can be parsed without scoped contexts.

    The shipped context gives many terms a context of their own (JSON-LD 1.1, section 4.1.8): `about: torture` means
    `../issue/torture`. A parser reads such a context again for every value, which takes most of the time for a dossier.
    Nearly all of them only map words to IRIs (`words`, by key) or give a base for relative values (`folders`), so
    both are applied to the value as text. `others` are the keys with any other context. Names in a map below one of
    `maps` are ids or languages, not keys. `keywords` are the context's aliases of JSON-LD's keywords.
    """

    words: Mapping[str, Mapping[str, str]]
    folders: Mapping[str, str]
    others: frozenset[str]
    maps: frozenset[str]
    keywords: frozenset[str] = frozenset()

    def node(self, node: Mapping[str, Value]) -> dict[str, Value]:
        """Return the node and all in it, with full paths and IRIs in place of short names.

        >>> ScopedTerms({}, {"by": "../state/"}, frozenset(), frozenset()).node({"by": ["KAZ", "FRA"]})
        {'by': ['../state/KAZ', '../state/FRA']}

        Raises:
            NeedsFullContextError: a value has to be left to its context.
        """
        return {key: self._value(key, value) for key, value in node.items()}

    def _value(self, key: str, value: Value) -> Value:
        if key in self.folders or key in self.words or key in self.others:
            return [self._name(key, item) for item in value] if isinstance(value, list) else self._name(key, value)
        if key in self.maps:
            return self._map(value)
        return self._inner(value)

    def _map(self, value: Value) -> Value:
        if isinstance(value, dict):
            return {name: self._inner(inner) for name, inner in value.items()}
        if isinstance(value, list):  # parsers treat lists in id maps differently
            raise NeedsFullContextError
        return value

    def _inner(self, value: Value) -> Value:
        if isinstance(value, list):
            return [self._inner(item) for item in value]
        return self.node(value) if isinstance(value, dict) else value

    def _name(self, key: str, value: Value) -> str:
        if isinstance(value, str) and value not in self.keywords:
            if _ABSOLUTE.match(value):
                return value
            if value in self.words.get(key, ()):
                return self.words[key][value]
            if key in self.folders and _BELOW.fullmatch(self._without_way_up(key, value)):
                return self.folders[key] + value
        raise NeedsFullContextError

    def _without_way_up(self, key: str, path: str) -> str:
        """Return the path without a leading `../`."""
        return path if ":" in self.folders[key] else _UPWARDS.sub("", path)


def scoped_terms(context: Context) -> ScopedTerms:
    """Return the scoped contexts of the terms in `context` in the form of `ScopedTerms`."""
    terms: dict[str, dict[str, Any]] = {key: term for key, term in context.terms.items() if isinstance(term, dict)}
    scopes = {key: term["@context"] for key, term in terms.items() if "@context" in term}
    folders = {key: scope["@base"] for key, scope in scopes.items() if _is_folder(terms[key], scope)}
    words = {key: scope for key, scope in scopes.items() if _is_vocabulary(terms[key], scope, context.terms)}
    return ScopedTerms(
        words=words,
        folders=folders,
        others=frozenset(scopes.keys() - folders.keys() - words.keys()),
        maps=frozenset(key for key in terms if "@container" in terms[key]),
        keywords=frozenset(key for key, term in context.terms.items() if str(term).startswith("@")),
    )


def _is_folder(term: Mapping[str, Any], scope: Mapping[str, Any]) -> bool:
    return term.get("@type") == "@id" and scope.keys() == {"@base"} and str(scope["@base"]).endswith("/")


def _is_vocabulary(term: Mapping[str, Any], scope: Mapping[str, Any], outer: Mapping[str, Any]) -> bool:
    """Return whether the scoped context only maps words to IRIs, by prefixes declared outside it."""
    prefixes = {str(iri).partition(":")[0] for iri in scope.values()}
    are_words = all(isinstance(iri, str) and not key.startswith("@") for key, iri in scope.items())
    return term.get("@type") == "@vocab" and are_words and prefixes <= outer.keys() - scope.keys()


def json_ld(quads: Sequence[Quad], context: Context) -> str:
    """Return the statements as JSON-LD: one graph framed from its document's node, several as named graphs."""
    graphs = [tuple(members) for _, members in groupby(quads, key=lambda quad: quad.graph_name)]
    if len(graphs) == 1:
        return _dumped(_framed(graphs[0], context))
    return _dumped([_as_named_graph(_framed(members, context), members) for members in graphs])


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _framed(quads: Sequence[Quad], context: Context) -> dict[str, Any]:
    """Return one graph as a JSON-LD document: its document's node on top, everything contained inside it.

    If PyLD fails on a graph, it is written in expanded form, which is longer but equivalent.
    """
    document = rdf_terms.text(quads[0].graph_name)
    # With a prefix for IRIs below the document, PyLD does not make wrong relative IRIs of them.
    own = {"@base": document, "below": f"{document}/", **_misread(quads, document)}
    terms = _with_full_bases(context.terms, document) | own
    # PyLD searches all terms for each IRI, so with only the necessary ones it takes a fraction of the time.
    fitting = _with_full_bases(context.terms_for(_iris(quads)), document) | own
    expanded = json.loads(rdf_terms.serialize(rdf_terms.triples(quads), formats.JSONLD))
    containers = frozenset(context.properties[key] for key in context.id_maps)
    options = {"base": document, "skipExpansion": True}  # the engine writes expanded JSON-LD
    tree = _embedded(expanded, document, containers)
    if _has_direction(quads):  # PyLD drops directions in language maps
        return {"@context": {}, **tree}
    try:
        compacted = _compacted(tree, {"@context": fitting}, options)
    except Exception:  # of any type: besides its own errors, PyLD raises Python's, and no value may stop a build
        return {"@context": {}, **tree}
    content = _simplified({key: value for key, value in compacted.items() if key != "@context"}, context)
    return {"@context": _used_terms(content, terms), **content}


def _compacted(tree: Node, context: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """Return what PyLD compacts the tree to; each IRI is compacted once, and each context of a term read once.

    PyLD does both again for every value, which is most of its time. If a release of it has other names for these two
    steps, what is overridden here is not called, and the result is the same.
    """
    from pyld.jsonld import JsonLdProcessor  # noqa: PLC0415  # a tenth of a second, only for those who export

    class Compaction(JsonLdProcessor):  # type: ignore[misc]  # PyLD ships no types
        """The compaction of one document."""

        def __init__(self) -> None:
            super().__init__()
            self._iris: dict[object, Any] = {}
            self._scopes: dict[object, Any] = {}

        def _compact_iri(self, active: Any, iri: Any, value: Any = None, *rest: Any, **named: Any) -> Any:
            kind = _kind(value)
            if kind is None:
                return super()._compact_iri(active, iri, value, *rest, **named)
            key = (id(active), iri, kind, rest, *named.items())
            if key not in self._iris:  # with the context, so that no other gets its id
                self._iris[key] = active, super()._compact_iri(active, iri, value, *rest, **named)
            return self._iris[key][1]

        def _process_context(self, active: Any, local: Any, options: Any, **named: Any) -> Any:
            if named.keys() - {"propagate", "override_protected"}:
                return super()._process_context(active, local, options, **named)
            key = (id(active), id(local), *named.items())
            if key not in self._scopes:
                self._scopes[key] = active, local, super()._process_context(active, local, options, **named)
            return self._scopes[key][2]

    return dict(Compaction().compact(tree, context, options))


def _kind(value: Any) -> tuple[str | None, ...] | None:
    """Return all of a value that the choice of a term depends on, None if that is more than these few words.

    >>> _kind({"@value": "a", "@language": "en"}), _kind({"@id": "x:y", "x:p": []}), _kind({"@list": []})
    (('en', None), ('x:y',), None)
    """
    if value is None:
        return ()
    if not isinstance(value, dict) or not value.keys().isdisjoint(("@index", "@direction", "@preserve")):
        return None
    if "@value" in value:
        return value.get("@language"), value.get("@type")
    return (value["@id"],) if "@id" in value and value.keys().isdisjoint(("@list", "@graph")) else None


def _with_full_bases(terms: Mapping[str, Any], document: str) -> dict[str, Any]:
    """Return the terms, the bases of their own contexts resolved against the document.

    Some parsers resolve them against the address from which they have the file, not against its `@base`.

    >>> _with_full_bases({"by": {"@id": "x:by", "@context": {"@base": "../state/"}}}, "https://example.org/report/a")
    {'by': {'@id': 'x:by', '@context': {'@base': 'https://example.org/state/'}}}
    """
    return {
        key: term | {"@context": term["@context"] | {"@base": urljoin(document, term["@context"]["@base"])}}
        if isinstance(term, dict) and "@base" in term.get("@context", {})
        else term
        for key, term in terms.items()
    }


def shared_context(context: Context, base: str) -> str:
    """Return the context as a document of its own, for the data of the project at `base`.

    >>> by = '{"by":{"@id":"x:by","@type":"@id","@context":{"@base":"../state/"}}}'
    >>> json.loads(shared_context(Context(by, {}, frozenset()), "https://example.org/"))["@context"]["by"]["@context"]
    {'@base': 'https://example.org/state/'}
    """
    return _dumped({"@context": _with_full_bases(context.terms, f"{base}report/")})


def _simplified(node: dict[str, Any], context: Context) -> dict[str, Any]:
    """Return the compacted node and those in it with numbers as numbers, and id maps without nodes that are only named.

    Such a node is a plain reference under the property itself: `"rj:hasClaim": {"id": "#c"}`. In an id map, it is an
    empty object, after which a common parser (jsonld-streaming-parser, issue 155) takes the next node for the same.
    """
    result: dict[str, Any] = {}
    for key, value in node.items():
        if key in context.id_maps and isinstance(value, dict):
            full = {name: _simplified_in(member, context) for name, member in value.items() if member}
            references = [{"id": name} for name, member in value.items() if not member]
            result |= {key: full} if full else {}
            if references:
                result[context.terms[key]["@id"]] = references if len(references) > 1 else references[0]
        elif key in context.natives:
            result[key] = list(map(_native, value)) if isinstance(value, list) else _native(value)
        else:
            result[key] = _simplified_in(value, context)
    return result


def _simplified_in(value: Any, context: Context) -> Any:
    if isinstance(value, list):
        return [_simplified_in(item, context) for item in value]
    return _simplified(value, context) if isinstance(value, dict) else value


def _native(value: Any) -> Any:
    """Return the number or the boolean that a text stands for, if it is the only form of it.

    >>> [_native(text) for text in ("15363", "007", "true", {"@value": "x"})]
    [15363, '007', True, {'@value': 'x'}]
    """
    return json.loads(value) if isinstance(value, str) and _NATIVE.fullmatch(value) else value


def _has_direction(quads: Iterable[Quad]) -> bool:
    return any(isinstance(quad.object, Literal) and quad.object.direction for quad in quads)


def _iris(quads: Iterable[Quad]) -> frozenset[str]:
    """Return every IRI in the statements, those of datatypes too."""
    terms = frozenset(term for quad in quads for term in (quad.subject, quad.predicate, quad.object))
    nodes = (term.datatype if isinstance(term, Literal) else term for term in terms)
    return frozenset(node.value for node in nodes if isinstance(node, NamedNode))


def _misread(quads: Iterable[Quad], document: str) -> dict[str, Any]:
    """Return a prefix for each IRI that PyLD would shorten to a wrong relative one, such as one that ends in #."""
    from pyld.iri_resolver import resolve, unresolve  # noqa: PLC0415  # see `_framed`

    host = urljoin(document, "/")
    terms = (term for quad in quads for term in (quad.subject, quad.object))
    iris = {term.value for term in terms if isinstance(term, NamedNode) and term.value.startswith(host)}
    others = (iri for iri in iris if not iri.startswith((f"{document}#", f"{document}/")))
    starts = {_start(iri) for iri in others if resolve(unresolve(iri, document), document) != iri}
    return {f"at{number}": {"@id": start, "@prefix": True} for number, start in enumerate(sorted(starts))}


def _start(iri: str) -> str:
    """Return the part of an IRI that a prefix can stand for, never the whole."""
    return iri[: max(iri.rfind("#", 0, -1), iri.rfind("/", 0, -1)) + 1] if not iri.endswith("#") else iri[:-1]


def _embedded(nodes: list[Node], document: str, containers: frozenset[str]) -> Node:
    """Return the document's node with every contained node inside it, and the rest under `@included`."""
    by_id = {str(node["@id"]): _with_type_keyword(node) for node in nodes}
    root = by_id.pop(document, {"@id": document})  # first, so that no other node can contain the document itself
    tree = _with_contents(root, by_id, containers)
    rest = list(by_id.values())
    return tree | {"@included": rest} if rest else tree


def _with_type_keyword(node: Node) -> Node:
    """Return the node with its classes under `@type`; a literal as a class stays where it is."""
    values = node.get(namespaces.RDF_TYPE, ())
    types, rest = [v["@id"] for v in values if "@id" in v], [v for v in values if "@id" not in v]
    others = {key: values for key, values in node.items() if key != namespaces.RDF_TYPE}
    return ({"@type": types} if types else {}) | ({namespaces.RDF_TYPE: rest} if rest else {}) | others


def _with_contents(node: Node, by_id: dict[str, Node], containers: frozenset[str]) -> Node:
    """Return `node` with the nodes it contains taken out of `by_id` and put in place."""
    return {
        key: [
            _with_contents(by_id.pop(str(v["@id"])), by_id, containers) if v.get("@id") in by_id else v for v in values
        ]
        if key in containers
        else values
        for key, values in node.items()
    }


def _used_terms(value: object, terms: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a context that `value` needs: the keys it uses, and the prefixes of those."""
    used = set(_words(value))
    kept = {key: term for key, term in terms.items() if key in used or key in ("@version", "@base", "id", "type")}
    needed = {str(part).partition(":")[0] for part in _words(kept)} | {word.partition(":")[0] for word in used}
    return {key: term for key, term in terms.items() if key in kept or key in needed}


def _words(value: object) -> list[str]:
    """Return every key and every string in `value`, at any depth."""
    if isinstance(value, dict):
        return [*value, *(word for inner in value.values() for word in _words(inner))]
    if isinstance(value, list):
        return [word for inner in value for word in _words(inner)]
    return [value] if isinstance(value, str) else []


def _as_named_graph(framed: dict[str, Any], quads: Sequence[Quad]) -> dict[str, Any]:
    """Return a framed graph as a named graph: its content under `@graph`, named by its document."""
    context = framed.pop("@context")
    return {"@context": context, "@id": rdf_terms.text(quads[0].graph_name), "@graph": [framed]}
