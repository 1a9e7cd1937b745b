"""JSON-LD: what short names in a dossier mean, and graphs written so that they look like the dossier.

`ScopedTerms` expands short names by the project's context. `json_ld` frames a graph from its document's node and
compacts it by the same context: `InverseContext` gives keys, words, compact IRIs and relative references for IRIs.

Standards: JSON-LD 1.1; JSON-LD 1.1 Framing; JSON-LD 1.1 Processing Algorithms and API, sections 4.3, 6 and 7.1. Of
these, this has what the project's context needs: prefixes, and terms with an IRI, a type, a map by id or by language,
and a context of their own that has a base or words. PyLD, which has all of it, judges what comes of it in the tests.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin

import orjson

from rejoinder import namespaces
from rejoinder.lazily import lazy
from rejoinder.rdf import terms as rdf_terms
from rejoinder.rdf.terms import BlankNode, Literal, Quad, Term

Value = None | bool | int | str | list["Value"] | dict[str, "Value"]
"""A JSON value, without numbers that are not whole."""

_BELOW: Final = re.compile(r"\w[\w.-]*(?:/\w[\w.-]*)*(?:#[\w-]+)?")
"""A path downwards, which cannot be mistaken for anything else."""
_ABSOLUTE: Final = re.compile(r"https?://")
_UPWARDS: Final = re.compile(r"^(?:\.\./)+")
"""The beginning of a path that leads out of its folder."""

Node = dict[str, Any]
"""A node of expanded JSON-LD: property IRI to values."""

_NATIVE: Final = re.compile(r"0|-?[1-9][0-9]{0,14}|true|false")
"""The lexical forms that a JSON parser and then a JSON-LD processor give back as they are."""
_STRING: Final = namespaces.XSD + "string"
_DEEPEST: Final = 100
"""The most levels of nodes inside each other: each is two of JSON, of which orjson writes at most 254."""


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
        separator = "," if len(node_json) > 2 else ""  # nothing to separate in "{}"
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

    @lazy
    def names(self) -> InverseContext:
        """Return the context read backwards, from IRIs to the names for them."""
        return InverseContext(self.terms)

    @lazy
    def natives(self) -> frozenset[str]:
        """Return the keys whose values are JSON's own numbers and booleans."""
        definitions = {key: term for key, term in self.terms.items() if isinstance(term, dict)}
        return frozenset(
            key for key, term in definitions.items() if term.get("@type") in ("xsd:integer", "xsd:boolean")
        )


def read_context(path: Path) -> Context:
    """Return the context in the file at `path`."""
    terms: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["@context"]
    definitions = {key: value for key, value in terms.items() if isinstance(value, dict) and "@id" in value}
    names = InverseContext(terms)
    return Context(
        text=_compact(terms),
        properties={key: names.terms[key].iri for key in definitions},
        id_maps=frozenset(key for key, value in definitions.items() if value.get("@container") == "@id"),
    )


def _compact(terms: dict[str, Any]) -> str:
    return json.dumps(terms, ensure_ascii=False, separators=(",", ":"))


def _without_scope(term: Any) -> Any:
    return {key: value for key, value in term.items() if key != "@context"} if isinstance(term, dict) else term


class NeedsFullContextError(Exception):
    """A value that cannot be expanded as text, so that the full context is needed."""


@dataclass(frozen=True)
class ScopedTerms:
    """Rules for expanding short names in values, so that most dossiers can be parsed without scoped contexts.

    The shipped context gives many terms a context of their own (JSON-LD 1.1, section 4.1.8): `about: torture` means
    `../issue/torture`. A parser reads such a context again for every value: 15 of the 19.4 ms for a report.
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
            if folder := self.folders.get(key):
                path = value if ":" in folder else _UPWARDS.sub("", value)
                if _BELOW.fullmatch(path):
                    return folder + value
        raise NeedsFullContextError


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


# From IRIs to names. PyLD reads the context again for each document and searches all its terms for each IRI: for the
# 480 documents of the example it took 6 s, a quarter of a build. This takes 0.4 s.

_PREFIXES_END_IN: Final = tuple(":/?#[]@")
"""A term is a prefix, too, if its IRI ends in one of these, the gen-delims of RFC 3986."""
_PARTS: Final = re.compile(r"([a-z][a-z0-9+.-]*://[^/?#]*)(/[^?#]*)(.*)", re.DOTALL)
"""Host, path and rest of an IRI."""
_ODD: Final = re.compile(r"//|/\.\.?(?:/|$)")
"""Parts of a path that parsers resolve in different ways."""


class _ConfusedError(Exception):
    """An IRI that begins like a compact one (`ex:a`), so that a reader would take its scheme for a prefix."""


@dataclass(frozen=True)
class TermDefinition:
    """A key of a context: the property or class that it stands for, and how the values below it are written."""

    iri: str
    type: str | None = None
    container: str | None = None
    scope: Mapping[str, str] | None = None

    @property
    def base(self) -> str | None:
        """The base of relative references below it, itself relative to the document; None if it has none of its own."""
        return self.scope.get("@base") if self.scope else None


class InverseContext:
    """A context read backwards: from an IRI to the key, word or compact IRI for it. Each is looked for once.

    >>> names = InverseContext({"ex": "x:/", "by": {"@id": "ex:by", "@type": "@id"}, "say": {"@id": "ex:say"}})
    >>> names.key("x:/by", (None,), ("@id",)), names.key("x:/by", (None,), ("@none",)), names.word("x:/other")
    ('by', 'ex:by', 'ex:other')
    """

    def __init__(self, context: Mapping[str, Any]) -> None:
        plain = {key: iri for key, iri in context.items() if isinstance(iri, str)}
        self._context = context
        self.keywords = {iri: key for key, iri in plain.items() if iri.startswith("@")}
        self._prefixes = [(iri, key) for key, iri in plain.items() if iri.endswith(_PREFIXES_END_IN)]
        self.terms = {key: self._term(value) for key, value in context.items() if not key.startswith("@")}
        self._by_iri: dict[str, list[str]] = defaultdict(list)
        # Of several terms for one IRI, the shortest comes first, as in the standard (section 4.3).
        for key in sorted(self.terms, key=lambda key: (len(key), key)):
            self._by_iri[self.terms[key].iri].append(key)
        self._keys: dict[tuple[str, tuple[str | None, ...], tuple[str, ...]], str] = {}
        self._compact: dict[str, str | None] = {}
        self._scoped: dict[str, InverseContext] = {}

    def _term(self, value: str | Mapping[str, Any]) -> TermDefinition:
        if isinstance(value, str):
            return TermDefinition(self.expanded(value))
        kind = value.get("@type")
        return TermDefinition(
            iri=self.expanded(value["@id"]),
            type=self.expanded(kind) if kind else None,
            container=value.get("@container"),
            scope=value.get("@context"),
        )

    def expanded(self, compact: str) -> str:
        """Return the IRI that a compact one stands for."""
        prefix, colon, name = compact.partition(":")
        return f"{self._context[prefix]}{name}" if colon and prefix in self._context else compact

    def key(self, iri: str, containers: tuple[str | None, ...], types: tuple[str, ...]) -> str:
        """Return the key for the property `iri`: a term with one of the containers and types, the first the best.

        The type of a term without one is `@none`. Without a fitting term, the key is the compact or the whole IRI.

        Raises:
            _ConfusedError: the IRI would be read as another one.
        """
        wanted = iri, containers, types
        if wanted not in self._keys:
            self._keys[wanted] = self._term_for(*wanted) or self.compact(iri) or iri
        return self._keys[wanted]

    def _term_for(self, iri: str, containers: tuple[str | None, ...], types: tuple[str, ...]) -> str | None:
        fitting = (
            key
            for container in containers
            for kind in types
            for key in self._by_iri.get(iri, ())
            if self.terms[key].container == container and (self.terms[key].type or "@none") == kind
        )
        return next(fitting, None)

    def word(self, iri: str) -> str:
        """Return the word for a class, a datatype or another value from a vocabulary.

        Raises:
            _ConfusedError: the IRI would be read as another one.
        """
        return self.key(iri, (None,), ("@id", "@none"))

    def compact(self, iri: str) -> str | None:
        """Return the shortest compact IRI, None if there is none.

        Raises:
            _ConfusedError: the IRI would be read as another one.
        """
        if iri not in self._compact:
            names = [
                f"{key}:{iri[len(start) :]}" for start, key in self._prefixes if iri != start and iri.startswith(start)
            ]
            # What has // after the colon is never read as compact.
            usable = [name for name in names if not name.partition(":")[2].startswith("//")]
            if not usable and any(iri.startswith(f"{key}:") for _, key in self._prefixes):
                raise _ConfusedError(iri)
            self._compact[iri] = min(usable, key=lambda name: (len(name), name), default=None)
        return self._compact[iri]

    def below(self, key: str) -> InverseContext:
        """Return the context for values of `key`: this one, and the words that the term defines in its own context."""
        if key not in self._scoped:
            words = {word: iri for word, iri in (self.terms[key].scope or {}).items() if not word.startswith("@")}
            self._scoped[key] = InverseContext({**self._context, **words}) if words else self
        return self._scoped[key]


def relative(iri: str, base: str) -> str:
    """Return the reference from the document `base` to `iri`, or `iri` itself if it is elsewhere or may be misread.

    >>> [relative(f"https://a.b/ns{end}", "https://a.b/ns") for end in ("", "#x", "/1", "#", "/a:b", "/..")]
    ['ns', '#x', 'ns/1', 'https://a.b/ns#', 'https://a.b/ns/a:b', 'https://a.b/ns/..']
    >>> [relative(f"https://a.b/{end}", "https://a.b/x/y") for end in ("", "x/", "x/#z", "x/z", "z")]
    ['../', './', './#z', 'z', '../z']
    """
    here, there = _PARTS.fullmatch(base), _PARTS.fullmatch(iri)
    if here is None or there is None or here[1] != there[1] or _ODD.search(there[2]) or there[3] == "#":
        return iri
    # A fragment alone keeps the query of the base.
    if here[2] == there[2] and there[3] and (there[3].startswith("?") or not here[3].startswith("?")):
        found = there[3]
    else:
        *folders, _ = here[2].split("/")
        *others, name = there[2].split("/")
        differing = (n for n, (a, b) in enumerate(zip(folders, others, strict=False)) if a != b)
        common = next(differing, min(len(folders), len(others)))
        way = "../" * (len(folders) - common) + "/".join((*others[common:], name))
        found = (way or "./") + there[3]
    # A colon would make a scheme or a prefix of what stands before it, and @ a keyword.
    return iri if ":" in found or found.startswith("@") else found


def with_full_bases(terms: Mapping[str, Any], document: str) -> dict[str, Any]:
    """Return the terms, the bases of their own contexts resolved against the document.

    Some parsers resolve them against the address from which they have the file, not against its `@base`.

    >>> with_full_bases({"by": {"@id": "x:by", "@context": {"@base": "../state/"}}}, "https://example.org/report/a")
    {'by': {'@id': 'x:by', '@context': {'@base': 'https://example.org/state/'}}}
    """
    return {
        key: term | {"@context": term["@context"] | {"@base": urljoin(document, term["@context"]["@base"])}}
        if isinstance(term, dict) and "@base" in term.get("@context", {})
        else term
        for key, term in terms.items()
    }


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
    except _ConfusedError:
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
            _ConfusedError: an IRI in it would be read as another one.
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
