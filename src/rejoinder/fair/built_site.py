"""A site as it lies in a folder: its pages parsed, its data read, its rules for w3id.org; nothing but the files.

Everything is read from the folder, so that a copy on any machine can be checked; what was read is remembered.
Standards: HTML (WHATWG), by the parser Lexbor; JSON-LD 1.1.
"""

from __future__ import annotations

import gzip
import json
import posixpath
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from rejoinder import formats, namespaces
from rejoinder.errors import InputError, UsageError
from rejoinder.rdf import terms
from rejoinder.rdf.terms import NamedNode, Quad, RdfSyntaxError, Triple
from rejoinder.site.resource import GraphReader, Resource, SiteUrls, expanded

DESCRIPTION: Final = "index.ttl"
VOID: Final = ".well-known/void"
DUMP: Final = "dataset.nq.gz"
RULES: Final = "w3id/.htaccess"
_VERSION: Final = re.compile(r"version/([0-9]+)/index\.ttl")
TWINS: Final = (formats.TURTLE, formats.JSONLD, formats.NTRIPLES)

_SCHEMA_CONTEXT: Final = {"@vocab": namespaces.SCHEMA, "url": {"@type": "@id"}, "license": {"@type": "@id"}}
"""What we read of the context at https://schema.org, which no check may fetch."""


@dataclass(frozen=True)
class SiteLink:
    """A typed link of a page's head, its target as it is written and as a path of the site, None if it leads away."""

    relation: str
    href: str
    path: str | None
    media_type: str


@dataclass(frozen=True)
class SiteDocument:
    """A page: its path and its parsed tree."""

    path: str
    tree: LexborHTMLParser

    def elements(self, selector: str) -> list[LexborNode]:
        """The elements that a CSS selector chooses."""
        return self.tree.css(selector)

    @cached_property
    def links(self) -> tuple[SiteLink, ...]:
        """The typed links of its head; one with several relations is several."""
        return tuple(self._links())

    def _links(self) -> Iterator[SiteLink]:
        for element in self.elements("link[rel][href]"):
            href, kind = attribute(element, "href"), attribute(element, "type")
            for relation in attribute(element, "rel").split():
                yield SiteLink(relation, href, self.resolved(href), kind)

    def linked(self, relation: str) -> tuple[SiteLink, ...]:
        """The links of one relation."""
        return tuple(link for link in self.links if link.relation == relation)

    @property
    def subject(self) -> str:
        """The IRI that it is about and is cited as, empty if it does not say."""
        return next((link.href for link in self.linked("cite-as")), "")

    def resolved(self, href: str) -> str | None:
        """The path of the site that `href` leads to from here; None if it leads elsewhere or nowhere."""
        try:
            parts = urlsplit(href)
        except ValueError:  # brackets that hold no address
            return None
        if parts.scheme or parts.netloc:
            return None
        if not parts.path:
            return self.path
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.path), unquote(parts.path)))

    @cached_property
    def structured(self) -> dict[str, Any]:
        """Its JSON-LD, as it stands in the page for whoever runs no script.

        Raises:
            InputError: there is none, or it is not a JSON object.
        """
        scripts = self.elements('script[type="application/ld+json"]')
        try:
            found = json.loads(scripts[0].text(deep=True))
        except (IndexError, json.JSONDecodeError, RecursionError) as error:
            message = "the page holds no JSON-LD that can be read; write one script of the type application/ld+json"
            raise InputError.at(Path(self.path), None, message) from error
        if not isinstance(found, dict):
            raise InputError.at(Path(self.path), None, "the JSON-LD in the page must be one object")
        return found

    def structured_triples(self) -> frozenset[Triple]:
        """Its JSON-LD as triples, in the vocabulary of schema.org.

        Raises:
            InputError: there is none, it has another context, or it is not JSON-LD.
        """
        described = self.structured
        if described.get("@context") != "https://schema.org":
            message = 'the JSON-LD in the page must have the context "https://schema.org"'
            raise InputError.at(Path(self.path), None, message)
        text = json.dumps(described | {"@context": _SCHEMA_CONTEXT})
        return _triples(self.path, text.encode(), formats.JSONLD, None)


@dataclass(frozen=True)
class RdfDescription:
    """A file that describes the data set or a version, and the thing that it describes."""

    path: str
    thing: Resource

    @property
    def distributions(self) -> tuple[Resource, ...]:
        """The files that the data set or the version can be had as."""
        return self.thing.objects("dcat:distribution")


def attribute(element: LexborNode, name: str) -> str:
    """The value of an attribute, empty if the element has none."""
    return element.attributes.get(name) or ""


@dataclass(frozen=True)
class BuiltSite:
    """The site in a folder; `base` is the IRI of its data set, at which all its IRIs begin."""

    folder: Path
    base: str

    @cached_property
    def paths(self) -> frozenset[str]:
        """Its files, by their paths below the folder."""
        return frozenset(path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file())

    @cached_property
    def pages(self) -> tuple[SiteDocument, ...]:
        """Its pages, in the order of their paths."""
        return tuple(self.page(path) for path in sorted(self.paths) if path.endswith(".html"))

    def page(self, path: str) -> SiteDocument:
        """The page at a path.

        Raises:
            InputError: it cannot be read.
        """
        return SiteDocument(path, LexborHTMLParser(self.content(path)))

    @cached_property
    def start(self) -> SiteDocument:
        """The page of the data set."""
        return self.page("index.html")

    def content(self, path: str) -> bytes:
        """A file as it is.

        Raises:
            InputError: it is not there, or cannot be read.
        """
        try:
            return (self.folder / path).read_bytes()
        except OSError as error:
            message = f"the file cannot be read: {error.strerror}; build the site again"
            raise InputError.at(Path(path), None, message) from error

    def text(self, path: str) -> str:
        """A file as text.

        Raises:
            InputError: it cannot be read, or is not UTF-8.
        """
        try:
            return self.content(path).decode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError.at(Path(path), None, "the file is not in UTF-8; build the site again") from error

    def triples(self, path: str) -> frozenset[Triple]:
        """The triples of a file of RDF.

        Raises:
            InputError: it cannot be read, or is not in the syntax that its name says.
        """
        syntax = formats.TURTLE if path == VOID else formats.rdf_syntax_of(path)
        return _triples(path, self.content(path), syntax, self.base)

    @cached_property
    def described(self) -> GraphReader:
        """What the data set says of itself.

        Raises:
            InputError: its description cannot be read.
        """
        return library(self.triples(DESCRIPTION), self.base)

    @cached_property
    def dataset(self) -> Resource:
        """The data set, as its description has it."""
        return self.described.resource(self.base)

    @cached_property
    def descriptions(self) -> tuple[RdfDescription, ...]:
        """What the data set says of itself, and then what each version says: the file, and the one that it is about.

        Raises:
            InputError: a description cannot be read.
        """
        numbers = sorted(int(found[1]) for found in map(_VERSION.fullmatch, self.paths) if found)
        return (RdfDescription(DESCRIPTION, self.dataset), *map(self._version, numbers))

    def _version(self, number: int) -> RdfDescription:
        path = f"version/{number}/{DESCRIPTION}"
        return RdfDescription(path, library(self.triples(path), self.base).resource(f"{self.base}version/{number}/"))

    @cached_property
    def dump(self) -> frozenset[Quad]:
        """All statements, in their graphs, as the dump has them.

        Raises:
            InputError: the dump cannot be read.
        """
        try:
            packed = gzip.decompress(self.content(DUMP))
            return frozenset(terms.parse(packed, formats.NQUADS))
        except (OSError, EOFError, zlib.error, RdfSyntaxError) as error:
            raise InputError.at(Path(DUMP), None, f"the dump cannot be read: {error}; build the site again") from error

    @cached_property
    def data(self) -> GraphReader:
        """The union of all graphs of the dump."""
        return library({quad.triple for quad in self.dump}, self.base)

    @cached_property
    def documents(self) -> frozenset[str]:
        """The IRIs of the documents that the data describe something in: those below the base, without fragments."""
        iris = {quad.subject.value for quad in self.dump if isinstance(quad.subject, NamedNode)}
        return frozenset(namespaces.document_of(iri) for iri in iris if iri.startswith(self.base))

    @cached_property
    def ontologies(self) -> tuple[Resource, ...]:
        """The ontologies that the site publishes, each as the dump has it."""
        return self.data.instances("owl:Ontology")

    def stem(self, iri: str) -> str | None:
        """The file, without its suffix, that answers for an IRI on a plain host."""
        return SiteUrls(self.base).stem(iri)


def open_site(folder: Path) -> BuiltSite:
    """The site in a folder: one of a site, of a version, or of all builds, of which the newest is meant.

    Raises:
        UsageError: there is no site in it, or its start page does not say what it is about.
    """
    for place in (folder, folder / "site", folder / "current" / "site"):
        if (place / "index.html").is_file() and any((place / mark).exists() for mark in (VOID, RULES)):
            return BuiltSite(place, _base(place))
    raise UsageError(f"{folder}: no site is here; name the folder of a site, or run 'rejoinder build' first")


def _base(folder: Path) -> str:
    try:
        start = SiteDocument("index.html", LexborHTMLParser((folder / "index.html").read_bytes()))
    except OSError as error:
        raise UsageError(f"{folder / 'index.html'}: the page cannot be read: {error.strerror}") from error
    if not terms.is_iri(start.subject):
        raise UsageError(f'{folder / "index.html"}: the page does not name its data set; it needs <link rel="cite-as">')
    return start.subject


def library(triples: frozenset[Triple] | set[Triple], base: str) -> GraphReader:
    """The triples as a library that is asked for things."""
    return GraphReader(terms.memory_store(Quad(t.subject, t.predicate, t.object) for t in triples), base)


def _triples(path: str, content: bytes, syntax: formats.Syntax, base: str | None) -> frozenset[Triple]:
    try:
        return frozenset(quad.triple for quad in terms.parse(content, syntax, base))
    except RdfSyntaxError as error:
        raise InputError.at(Path(path), error.line, f"this is not {syntax.name}: {error}") from error


PRINCIPLES: Final = {
    "F1": "Data and metadata have a globally unique and persistent identifier",
    "F2": "Data are described with rich metadata",
    "F3": "Metadata name the data that they describe",
    "F4": "Data and metadata can be found by searching",
    "A1": "Data and metadata are retrieved by their identifier",
    "A1.1": "The protocol is open, free and implementable by anyone",
    "A1.2": "Who may have access is said",
    "I1": "Data and metadata use a formal, shared language",
    "I2": "They use vocabularies that are FAIR themselves",
    "I3": "They refer to other data, and say how",
    "R1": "They are described by many accurate attributes",
    "R1.1": "They have a clear licence",
    "R1.2": "They have detailed provenance",
    "R1.3": "They meet the standards of their community",
}
"""The principles that checks serve, in our words."""


@dataclass(frozen=True)
class Flaw:
    """One thing that is not as it should be: the site's file, and a sentence that says what to do.

    `focus` and `predicate` are IRIs where it is about a node, `value` is what was found.
    """

    path: str
    message: str
    focus: str = ""
    predicate: str = ""
    value: str = ""


Seen = Iterator[Flaw | None]
"""What a check saw: for each thing that it looked at, what is wrong with it, or None if nothing is."""


@dataclass(frozen=True)
class FairCheck:
    """A check by name; `mirrors` are the tests of FOOPS!, F-UJI and FAIR-Checker, or the standards, that ask the same.

    `title` says in a sentence what holds where it passes.
    """

    name: str
    principle: str
    mirrors: tuple[str, ...]
    title: str
    look: Callable[[BuiltSite], Seen]

    @property
    def rule(self) -> str:
        """The IRI by which findings name it."""
        return f"{namespaces.SHAPES}Fair{self.name}"


PERSISTENT: Final = frozenset(
    {"w3id.org", "purl.org", "doi.org", "hdl.handle.net", "n2t.net", "www.w3.org", "data.europa.eu", "perma.cc"}
)
"""The hosts of services whose addresses outlive the machines behind them, as FOOPS! and F-UJI know them."""


def is_persistent(iri: str) -> bool:
    """Whether the IRI is under a service for persistent identifiers.

    >>> is_persistent("https://w3id.org/rejoinder/ns"), is_persistent("https://example.org/ns")
    (True, False)
    """
    return urlsplit(iri).hostname in PERSISTENT


def attempt(look: Callable[[], Flaw | None]) -> Flaw | None:
    """What `look` sees; a file that cannot be read is a flaw, and keeps nobody from looking at the others."""
    try:
        return look()
    except InputError as error:
        problem = error.problems[0]
        return Flaw(problem.path.as_posix(), problem.message)


def distributions(site: BuiltSite) -> Iterator[tuple[str, Resource]]:
    """The files that the data set and its versions can be had as, each with the file that says so."""
    for description in site.descriptions:
        yield from ((description.path, found) for found in description.distributions)


def missing(thing: Resource, properties: tuple[str, ...], path: str) -> Seen:
    """For each of the properties, a flaw if the thing does not have it; `path` is the file that should say it."""
    for name in properties:
        said = thing.reader.objects(thing.iri, name)
        yield None if said else Flaw(path, f"This needs {name}; write it.", thing.iri, expanded(name).value)
