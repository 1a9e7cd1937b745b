"""Resources of the graph as pages show them: statements about them, links to them, and their addresses.

Properties are given as prefixed names, such as `rj:about`. Labels are in the language of the page if there are any,
else in English, else in any language.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Final, NamedTuple, TypeVar
from urllib.parse import urlsplit

from rejoinder import namespaces
from rejoinder.lazily import lazy
from rejoinder.rdf import terms as rdf_terms
from rejoinder.rdf.terms import DefaultGraph, Literal, NamedNode, Quad, Store
from rejoinder.site.reads import Pattern, Reads, noted, of_any

_LABELS: Final = ("rdfs:label", "dcterms:title", "skos:prefLabel")
_UNION: Final = DefaultGraph()
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
_MOST: Final = 50_000
"""The most resources, and the most values of each kind, that are cached; then that cache is emptied."""
_MOST_PARTS: Final = 10_000
"""The most parts of documents whose statements are cached."""


@cache  # the code has some hundred names
def expanded(name: str) -> NamedNode:
    """Return the property that `name` stands for.

    >>> str(expanded("rj:about"))
    '<https://w3id.org/rejoinder/ns#about>'
    """
    return NamedNode(namespaces.expand(name))


REPEATED: Final = frozenset(
    expanded(name).value
    for name in (
        *("dcterms:hasPart", "dcterms:identifier", "dcterms:references", "dcterms:subject"),
        *("foaf:topic", "prov:wasAssociatedWith"),
    )
)
"""Properties of other vocabularies that repeat for other programs what one of ours says."""


@dataclass(frozen=True)
class PropertyColumn:
    """All statements with one property, as IRIs in order.

    Whoever looks up `values_of` a subject, or `subjects_of` a value, has read only these; whoever takes all `values` or
    all `subjects` has read the property.
    """

    iri: str
    by_subject: Mapping[str, tuple[str, ...]] = field(repr=False)
    by_value: Mapping[str, tuple[str, ...]] = field(repr=False)
    reads: Reads = field(repr=False)

    def values_of(self, subject: str) -> tuple[str, ...]:
        """Return the values for a subject."""
        self.reads.note([(subject, self.iri, None)])
        return self.by_subject.get(subject, ())

    def subjects_of(self, value: str) -> tuple[str, ...]:
        """Return the subjects that have a value."""
        self.reads.note([(None, self.iri, value)])
        return self.by_value.get(value, ())

    @property
    def values(self) -> Mapping[str, tuple[str, ...]]:
        """Return the values by subject."""
        self.reads.note([(None, self.iri, None)])
        return self.by_subject

    @property
    def subjects(self) -> Mapping[str, tuple[str, ...]]:
        """Return the subjects by value."""
        self.reads.note([(None, self.iri, None)])
        return self.by_value


@dataclass(frozen=True)
class ClassMembers:
    """All things of a class, by IRI. Whoever asks which of some things are `among` them has read only these."""

    classes: tuple[str, ...]
    """The class, and those whose members are left out."""
    iris: frozenset[str] = field(repr=False)
    reads: Reads = field(repr=False)

    def among(self, iris: Iterable[str]) -> set[str]:
        """Return those of the things that are of the class."""
        wanted = set(iris)
        self.reads.note((iri, namespaces.RDF_TYPE, None) for iri in wanted)
        return wanted & self.iris

    @property
    def all(self) -> frozenset[str]:
        """Return all of them."""
        self.reads.note((None, namespaces.RDF_TYPE, it) for it in self.classes)
        return self.iris


class Values(NamedTuple):
    """The values of a property, each kind in order."""

    literals: tuple[Literal, ...] = ()
    resources: tuple[Resource, ...] = ()


_NONE: Final = Values()


@dataclass(frozen=True)
class GraphReader:
    """Reads the union of a version's graphs in one language, and caches what it has read.

    A part of a document has few statements, and a page shows most of them, so they are read all at once. A document or
    a State may have thousands, so each of its properties is read when it is asked for. `reads` are the patterns by
    which statements were asked for, whether they were cached or not.
    """

    store: Store
    base: str
    language: str = "en"
    reads: Reads = field(default_factory=Reads, compare=False, repr=False)
    _resources: dict[str, Resource] = field(default_factory=dict, compare=False, repr=False)
    _read: dict[tuple[str, str], Values] = field(default_factory=dict, compare=False, repr=False)
    _parts: dict[str, Mapping[str, Values]] = field(default_factory=dict, compare=False, repr=False)
    _pointing: dict[str, Mapping[str, tuple[Resource, ...]]] = field(default_factory=dict, compare=False, repr=False)
    _uses: dict[tuple[str, str | None], bool] = field(default_factory=dict, compare=False, repr=False)
    _columns: dict[str, PropertyColumn] = field(default_factory=dict, compare=False, repr=False)
    _labels: dict[str, Literal] = field(default_factory=dict, compare=False, repr=False)

    def quads(
        self, subject: NamedNode | None = None, predicate: NamedNode | None = None, value: NamedNode | None = None
    ) -> Iterator[Quad]:
        """Return the statements that fit, in no order."""
        self._note(subject and subject.value, predicate and predicate.value, value and value.value)
        return self.store.quads_for_pattern(subject, predicate, value, _UNION)

    def _note(self, subject: str | None, predicate: str | None, value: str | None = None) -> None:
        if self.reads.patterns is not None:
            self.reads.patterns.add((subject, predicate, value))

    def resource(self, iri: str) -> Resource:
        """Return the resource with that IRI, even if there are no statements about it.

        It is the same object each time, so what it has computed once, such as its label, serves all pages.
        """
        return self._resources.get(iri) or _kept(self._resources, iri, Resource(iri, self))

    def label(self, iri: str) -> Literal:
        """Return the label of a shared thing, such as a State, which many rows name; it is read once."""
        if iri not in self._labels:
            self._labels[iri] = self.resource(iri).label
        self.reads.note(_of_label(iri))
        return self._labels[iri]

    def here(self, local: str) -> Resource:
        """Return the resource with the IRI `local` below the base."""
        return self.resource(self.base + local)

    def instances(self, name: str) -> tuple[Resource, ...]:
        """Return the resources of the class `name`, by label."""
        return by_label(self.of_class(name))

    def of_class(self, name: str) -> tuple[Resource, ...]:
        """Return the resources of the class `name`, by IRI; their labels are not read."""
        return self._subjects(expanded("rdf:type"), expanded(name))

    def has(self, name: str) -> bool:
        """Return whether there is anything of the class `name`; every page asks this."""
        return self._found("rdf:type", name)

    def objects(self, iri: str, name: str) -> tuple[Resource | Literal, ...]:
        """Return the values of a property, first the literals."""
        found = self.read(iri, name)
        return (*found.literals, *found.resources)

    def read(self, iri: str, name: str) -> Values:
        """Return the values of a property; blank nodes are left out."""
        self._note(iri, expanded(name).value)
        if "#" in iri:
            return self._described(iri).get(expanded(name).value, _NONE)
        found = self._read.get((iri, name))
        if found is None:
            quads = self.store.quads_for_pattern(NamedNode(iri), expanded(name), None, _UNION)
            found = _kept(self._read, (iri, name), self._ordered([quad.object for quad in quads]))
        return found

    def read_one(self, iri: str, name: str) -> Values:
        """Return the values of a property without reading all that is said of the thing.

        Whoever sorts hundreds of parts, of which a page shows a few, reads them so in a sixth of the time.
        """
        if "#" in iri and iri not in self._parts:
            return self._ordered([quad.object for quad in self.quads(NamedNode(iri), expanded(name))])
        return self.read(iri, name)

    def _described(self, iri: str) -> Mapping[str, Values]:
        """Return all values of a thing, by the IRI of the property."""
        known = self._parts.get(iri)
        if known is None:
            found: dict[str, list[rdf_terms.Term]] = defaultdict(list)
            for quad in self.store.quads_for_pattern(NamedNode(iri), None, None, _UNION):
                found[quad.predicate.value].append(quad.object)
            known = {predicate: self._ordered(terms) for predicate, terms in found.items()}
            if "#" in iri:
                _kept(self._parts, iri, known, _MOST_PARTS)
        return known

    def values(self, terms: Iterable[rdf_terms.Term]) -> tuple[Resource | Literal, ...]:
        """Return the terms as pages show them, in order, first the literals; a blank node is left out."""
        found = self._ordered([*terms])
        return (*found.literals, *found.resources)

    def _ordered(self, terms: Sequence[rdf_terms.Term]) -> Values:
        if len(terms) == 1:  # nearly always, so that the rest would take a quarter of the time of reading
            only = terms[0]
            if isinstance(only, NamedNode):
                return Values(resources=(self.resource(only.value),))
            return Values(literals=(only,)) if isinstance(only, Literal) else _NONE
        every = sorted(terms, key=str)
        named = tuple(self.resource(term.value) for term in every if isinstance(term, NamedNode))
        return Values(tuple(term for term in every if isinstance(term, Literal)), named)

    def is_graph(self, iri: str) -> bool:
        """Return whether a graph of the version has this IRI."""
        return self.store.contains_named_graph(NamedNode(iri))

    def uses(self, name: str) -> bool:
        """Return whether any statement has the property; every page asks this."""
        return self._found(name, None)

    def _found(self, name: str, kind: str | None) -> bool:
        self.reads.note([of_any(expanded(name).value, expanded(kind).value if kind else None)])
        if (name, kind) not in self._uses:
            quads = self.store.quads_for_pattern(None, expanded(name), expanded(kind) if kind else None, _UNION)
            self._uses[name, kind] = any(True for _ in quads)
        return self._uses[name, kind]

    def is_of_class(self, iri: str, name: str) -> bool:
        """Return whether a resource is of the class; unlike `Resource.is_a`, without caching."""
        return any(True for _ in self.quads(NamedNode(iri), expanded("rdf:type"), expanded(name)))

    def column(self, name: str) -> PropertyColumn:
        """Return all statements with the property, which are read once; for pages that look up many of them."""
        if name not in self._columns:
            quads = self.store.quads_for_pattern(None, expanded(name), None, _UNION)
            named = {
                (q.subject.value, q.object.value)
                for q in quads
                if isinstance(q.subject, NamedNode) and isinstance(q.object, NamedNode)
            }
            values: dict[str, list[str]] = defaultdict(list)
            subjects: dict[str, list[str]] = defaultdict(list)
            for subject, value in sorted(named):
                values[subject].append(value)
                subjects[value].append(subject)
            by_subject, by_value = ({iri: tuple(it) for iri, it in side.items()} for side in (values, subjects))
            self._columns[name] = PropertyColumn(expanded(name).value, by_subject, by_value, self.reads)
        return self._columns[name]

    def members(self, name: str, but: str | None = None) -> ClassMembers:
        """Return all things of the class `name`, and not of the class `but`; for pages that look up many of them."""
        classes = [expanded(it) for it in (name, but) if it]
        quads = (self.store.quads_for_pattern(None, expanded("rdf:type"), it, _UNION) for it in classes)
        of_class, *others = ({q.subject.value for q in found if isinstance(q.subject, NamedNode)} for found in quads)
        return ClassMembers(tuple(it.value for it in classes), frozenset(of_class.difference(*others)), self.reads)

    def types_in(self, graph: str) -> Iterator[tuple[str, str]]:
        """Yield the things in a graph with the IRI of each of their classes there."""
        for quad in self.store.quads_for_pattern(None, expanded("rdf:type"), None, NamedNode(graph)):
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
                yield quad.subject.value, quad.object.value

    def values_of(self, name: str) -> frozenset[str]:
        """Return the IRIs of all resources that are values of the property of anything."""
        quads = self.quads(None, expanded(name))
        return frozenset(quad.object.value for quad in quads if isinstance(quad.object, NamedNode))

    def subjects(self, name: str, iri: str) -> tuple[Resource, ...]:
        """Return the resources that have this one as the value of a property."""
        # Thousands of things point to a class or a kind, which have fragments, too.
        if "#" not in iri or iri.startswith(namespaces.ONTOLOGY_GRAPH):
            return self._subjects(expanded(name), NamedNode(iri))
        self._note(None, expanded(name).value, iri)
        known = self._pointing.get(iri)
        if known is None:
            found: dict[str, tuple[Resource, ...]] = {}
            for subject, predicate in self.pointing(iri):
                found[predicate] = (*found.get(predicate, ()), subject)
            known = _kept(self._pointing, iri, found, _MOST_PARTS)
        return known.get(expanded(name).value, ())

    def _subjects(self, predicate: NamedNode, value: NamedNode) -> tuple[Resource, ...]:
        quads = self.quads(None, predicate, value)
        return tuple(map(self.resource, sorted({q.subject.value for q in quads if isinstance(q.subject, NamedNode)})))

    def statements(self, iri: str) -> tuple[tuple[str, Resource | Literal], ...]:
        """Return the statements about a resource as pairs of property IRI and value, in order."""
        return tuple((predicate, value) for predicate, values in self.properties(iri) for value in values)

    def properties(self, iri: str) -> Iterator[tuple[str, tuple[Resource | Literal, ...]]]:
        """Yield the IRI of each property of a resource with its values, in order."""
        self._note(iri, None)
        for predicate, found in sorted(self._described(iri).items(), key=lambda pair: (pair[0].lower(), pair[0])):
            values: tuple[Resource | Literal, ...] = (*sorted(found.literals, key=repr), *found.resources)
            if values:  # else they are blank nodes
                yield predicate, values

    def pointing(self, iri: str) -> tuple[tuple[Resource, str], ...]:
        """Return the statements that have a resource as object, as pairs of subject and property IRI, in order."""
        quads = self.quads(None, None, NamedNode(iri))
        pairs = sorted({(q.subject.value, q.predicate.value) for q in quads if isinstance(q.subject, NamedNode)})
        return tuple((self.resource(subject), predicate) for subject, predicate in pairs)

    def pointing_subjects(self, iri: str) -> Iterator[Resource]:
        """Yield the subjects of these statements lazily, in no order, and possibly several times."""
        quads = self.quads(None, None, NamedNode(iri))
        return (Resource(quad.subject.value, self) for quad in quads if isinstance(quad.subject, NamedNode))

    def quads_about(self, iri: str) -> tuple[Quad, ...]:
        """Return the statements that have a thing as subject or object, in a graph of its own name."""
        node = NamedNode(iri)
        found = {quad.triple for quad in self.quads(node)} | {quad.triple for quad in self.quads(None, None, node)}
        return rdf_terms.canonical(rdf_terms.in_graph(found, iri))


def _kept(cached: dict[_Key, _Value], key: _Key, value: _Value, most: int = _MOST) -> _Value:
    """Put the value into the cache, which is simply emptied when it is full: most values are cheap to read again."""
    if len(cached) >= most:
        cached.clear()
    cached[key] = value
    return value


@dataclass(frozen=True)
class Resource:
    """A node of the graph, with its properties as pages show them."""

    iri: str
    reader: GraphReader = field(compare=False, repr=False)

    def objects(self, name: str) -> tuple[Resource, ...]:
        """Return the resources that are values of the property."""
        return self.reader.read(self.iri, name).resources

    def value(self, name: str) -> Resource | None:
        """Return the first resource that is a value of the property."""
        return next(iter(self.objects(name)), None)

    def subjects(self, name: str, kind: str | None = None) -> tuple[Resource, ...]:
        """Return the resources, of the class `kind` if it is given, that have this one as a value of the property."""
        # Only the class of each is read, because most things in a long list are counted, not shown.
        found = self.reader.subjects(name, self.iri)
        return tuple(resource for resource in found if kind is None or self.reader.is_of_class(resource.iri, kind))

    def literals(self, name: str) -> tuple[Literal, ...]:
        """Return the literals that are values of the property."""
        return self.reader.read(self.iri, name).literals

    def literal(self, name: str) -> Literal | None:
        """Return the value of the property in the page's language, else in English, else in any; None without one."""
        return chosen(self.literals(name), self.reader.language)

    def text(self, name: str) -> str:
        """Return the value of the property in the page's language, as plain text; empty if there is none."""
        found = self.literal(name)
        return found.value if found else ""

    def number(self, name: str) -> int:
        """Return the whole number that is the value of the property, 0 if there is none or it is no number."""
        words = self.text(name)
        return int(words) if words.isascii() and words.isdigit() else 0

    def is_a(self, kind: str) -> bool:
        """Return whether the resource is of the class `kind`, a prefixed name."""
        return expanded(kind).value in self.types

    @property
    def types(self) -> frozenset[str]:
        """The IRIs of its classes."""
        self.reader.reads.note([(self.iri, namespaces.RDF_TYPE, None)])
        return self._types

    @lazy
    def _types(self) -> frozenset[str]:
        return frozenset(resource.iri for resource in self.objects("rdf:type"))

    @property
    def label(self) -> Literal:
        """Its label, or the end of its IRI and its host if it has none."""
        self.reader.reads.note(_of_label(self.iri))
        return self._label

    @lazy
    def _label(self) -> Literal:
        found = self._said_label
        if found:
            return found
        prefixed = namespaces.compact(self.iri)
        return Literal(_nameless(self.iri) if prefixed.startswith("<") else prefixed)

    @property
    def is_named(self) -> bool:
        """Return whether it has a label."""
        return self._said_label is not None

    @property
    def _said_label(self) -> Literal | None:
        return next(filter(None, map(self.literal, _LABELS)), None)

    @lazy
    def document(self) -> Resource:
        """Return the document that describes it: for a part of a report, the report."""
        return self.reader.resource(namespaces.document_of(self.iri))

    @noted
    def report(self) -> Resource:
        """Return the report that a dossier describes; of any other document, the document itself."""
        return self.value("foaf:primaryTopic") or self

    @property
    def fragment(self) -> str:
        """Its name within its document."""
        return self.iri.partition("#")[2]

    @property
    def short(self) -> str:
        """Its IRI as a dossier writes it."""
        if self.iri.startswith(self.reader.base):
            return self.iri.removeprefix(self.reader.base)
        return namespaces.compact(self.iri).strip("<>")

    @noted
    def position(self) -> int:
        """Return the position of its first passage in the source text, in code points; very large if it has none."""
        # Things without a passage come after all others.
        passages = self.reader.read_one(self.iri, "rj:anchor").resources
        starts = [start for it in passages for start in self.reader.read_one(it.iri, "oa:start").literals]
        return min((int(start.value) for start in starts if start.value.isdecimal()), default=1 << 40)


def _of_label(iri: str) -> Iterator[Pattern]:
    """Return the patterns by which the label of a thing is read."""
    return ((iri, expanded(name).value, None) for name in _LABELS)


def _nameless(iri: str) -> str:
    """Return a name for a resource without a label.

    >>> _nameless("http://www.wikidata.org/entity/Q145")
    'Q145, wikidata.org'
    """
    parts = urlsplit(iri)
    last = parts.fragment or parts.path.rstrip("/").rpartition("/")[2]
    return ", ".join(filter(None, (last, parts.netloc.removeprefix("www.")))) or iri


def chosen(texts: Iterable[Literal], language: str) -> Literal | None:
    """Return the text in `language`, else in English, else in none, else the first.

    >>> chosen([Literal("Tchéquie", language="fr"), Literal("Czechia", language="en")], "ru").value
    'Czechia'
    """
    every = tuple(texts)
    if len(every) < 2:
        return every[0] if every else None
    # False sorts before True: the wanted language first, then English, then no language; the text breaks ties.
    return min(every, key=lambda text: (*(text.language != it for it in (language, "en", None)), str(text)))


def by_label(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """Return each of the resources once, in alphabetical order."""
    return tuple(sorted(set(resources), key=lambda resource: (resource.label.value.casefold(), resource.iri)))


def by_position(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """Return each of the resources once, in the order of the source text."""
    return tuple(sorted(set(resources), key=lambda resource: (resource.document.iri, resource.position, resource.iri)))


_PLAIN: Final = re.compile(r"([\w~-][\w.~-]*/)*([\w~-][\w.~-]*)?", re.ASCII)
"""No empty or dotted segment, no escape; for non-ASCII characters, see `namespaces.is_name`."""

_FOLLOWED: Final = frozenset({"http", "https", "mailto"})
"""The schemes that a page may link to; `javascript:` is not allowed."""


@dataclass(frozen=True)
class SiteUrls:
    """Links and paths for the IRIs of a project, which begin with `base`.

    `parts` are the IRIs of the parts of documents that have a page of their own.
    """

    base: str
    parts: Container[str] = frozenset()

    def stem(self, iri: str) -> str | None:
        """Return the path, without its suffix, of the page of `iri`, or None if it is not on this site.

        >>> stem = SiteUrls("https://example.org/").stem
        >>> [stem(f"https://example.org/{local}") for local in ("state/CZE", "state/", "../x")]
        ['state/CZE', 'state/index', None]
        """
        document = namespaces.document_of(iri)
        own = namespaces.ONTOLOGY_GRAPH, namespaces.SHAPES_GRAPH
        if document.startswith(own):
            local = document.removeprefix(namespaces.ONTOLOGY_GRAPH.removesuffix("ns"))
        elif document.startswith(self.base):
            local = document.removeprefix(self.base)
        else:
            return None
        if not is_plain(local):
            return None
        return local + "index" if not local or local.endswith("/") else local

    def part_stem(self, iri: str) -> str | None:
        """Return the path, without its suffix, of the page of a part of a document, or None if it has none.

        >>> SiteUrls("https://example.org/", frozenset({"https://example.org/r#c"})).part_stem("https://example.org/r#c")
        'r/c'
        """
        stem = self.stem(iri) if iri in self.parts else None
        return f"{stem}/{iri.partition('#')[2]}" if stem else None

    def part(self, stem: str) -> str | None:
        """Return the IRI of the part of a document whose page is at `stem`, or None if there is none."""
        document, _, fragment = stem.rpartition("/")
        iri = f"{self.base}{document}#{fragment}"
        return iri if iri in self.parts else None

    def link(self, iri: str, at: str, page: str | None = None) -> str | None:
        """Return the link to `iri` from the file `at`, or None if its scheme is not allowed; for `page`, see `anchor`.

        >>> claim = "https://example.org/report/x#claim-y"
        >>> SiteUrls("https://example.org/").link(claim, "state/CZE.html")
        '../report/x.html#claim-y'
        >>> SiteUrls("https://example.org/", frozenset({claim})).link(claim, "state/CZE.html")
        '../report/x/claim-y.html'
        >>> SiteUrls("https://example.org/").link("javascript:alert(1)", "index.html") is None
        True
        """
        # A link names the file: GitHub Pages finds `state/CZE`, but S3 and a folder on disk do not.
        if part := self.part_stem(iri):
            return relative(f"{part}.html", at)
        return self.anchor(iri, at, page)

    def anchor(self, iri: str, at: str, page: str | None = None) -> str | None:
        """Return the link to `iri` on the page of its document, even if it has a page of its own.

        `page` is the stem of the page that has the fragment of `iri`, if the document has several.

        >>> claim = "https://example.org/report/x#claim-y"
        >>> SiteUrls("https://example.org/", frozenset({claim})).anchor(claim, "report/x/claim-y.html")
        '../x.html#claim-y'
        """
        stem = page or self.stem(iri)
        if stem is None:
            return iri if _followed(iri) else None
        fragment = iri.partition("#")[2]
        if fragment and at == f"{stem}.html":
            return f"#{namespaces.as_uri(fragment)}"
        return relative(f"{stem}.html", at) + (f"#{namespaces.as_uri(fragment)}" if fragment else "")


def is_plain(path: str) -> bool:
    """Return whether every host interprets a path in the same way.

    >>> is_plain("state/CZE"), is_plain("state/../x"), is_plain("a b"), is_plain("report/звіт")
    (True, False, False, True)
    """
    if path.isascii():
        return _PLAIN.fullmatch(path) is not None
    *folders, file = path.replace("~", "-").split("/")
    return all(map(namespaces.is_name, folders)) and (not file or namespaces.is_name(file))


def relative(path: str, at: str) -> str:
    """Return the link to the file `path` from the file `at`, percent-encoded.

    >>> relative("style.css", "report/x.html"), relative("report/é.html", "report/x.html")
    ('../style.css', '%C3%A9.html')
    """
    # posixpath.relpath would ask the system for the working folder each time, and there are fifty links on a page.
    folder, _, name = path.rpartition("/")
    return namespaces.as_uri(_way(folder, at.rpartition("/")[0]) + name)


@lru_cache(maxsize=1024)
def _way(folder: str, at: str) -> str:
    """Return the way to a folder from the folder `at`, to which a name can be added."""
    here, there = (path.split("/") if path else [] for path in (at, folder))
    common = next((n for n, (a, b) in enumerate(zip(here, there, strict=False)) if a != b), min(len(here), len(there)))
    return "".join(f"{name}/" for name in (*([".."] * (len(here) - common)), *there[common:]))


def _followed(iri: str) -> bool:
    try:
        return urlsplit(iri).scheme.lower() in _FOLLOWED
    except ValueError:
        return False
