"""A built site in a folder: its parsed pages and its data, read from the files only.

So a copy on any machine can be checked. Pages, descriptions and the dump are parsed once, since many checks read them.
Standards: HTML (WHATWG), by the parser Lexbor; JSON-LD 1.1.
"""

from __future__ import annotations

import gzip
import json
import posixpath
import re
import zlib
from collections.abc import Iterable
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
from rejoinder.site.metadata import VOID
from rejoinder.site.resource import GraphReader, Resource, SiteUrls

DESCRIPTION: Final = "index.ttl"
DUMP: Final = "dataset.nq.gz"
TWINS: Final = (formats.TURTLE, formats.JSONLD, formats.NTRIPLES)
_VERSION: Final = re.compile(r"version/([0-9]+)/index\.ttl")

# What we use of the context at https://schema.org, which no check may fetch.
_SCHEMA_CONTEXT: Final = {"@vocab": namespaces.SCHEMA, "url": {"@type": "@id"}, "license": {"@type": "@id"}}


@dataclass(frozen=True)
class SiteLink:
    """A typed link in the head of a page: its target as written, and its path within the site, None for other sites."""

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
        """Return the elements that a CSS selector chooses."""
        return self.tree.css(selector)

    @cached_property
    def links(self) -> tuple[SiteLink, ...]:
        """The typed links of its head; one with several relations counts as several."""
        return tuple(
            SiteLink(relation, href := attribute(each, "href"), self.resolved(href), attribute(each, "type"))
            for each in self.elements("link[rel][href]")
            for relation in attribute(each, "rel").split()
        )

    def linked(self, relation: str) -> tuple[SiteLink, ...]:
        """Return the links of one relation."""
        return tuple(link for link in self.links if link.relation == relation)

    @property
    def subject(self) -> str:
        """The IRI of the page's subject, by which it is cited; empty if the page does not give it."""
        return next((link.href for link in self.linked("cite-as")), "")

    def resolved(self, href: str) -> str | None:
        """Return the path within the site of `href` on this page; None for other sites and malformed links."""
        try:
            parts = urlsplit(href)
        except ValueError:  # brackets without an IPv6 address
            return None
        if parts.scheme or parts.netloc:
            return None
        if not parts.path:
            return self.path
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.path), unquote(parts.path)))

    @cached_property
    def structured(self) -> dict[str, Any]:
        """The JSON-LD embedded in the page.

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
        """Return its JSON-LD as triples, in the vocabulary of schema.org.

        Raises:
            InputError: there is none, it has another context, or it is not JSON-LD.
        """
        if self.structured.get("@context") != "https://schema.org":
            message = 'the JSON-LD in the page must have the context "https://schema.org"'
            raise InputError.at(Path(self.path), None, message)
        # With a local context of the few terms needed, so that nothing is fetched from schema.org.
        text = json.dumps(self.structured | {"@context": _SCHEMA_CONTEXT})
        return _triples(self.path, text.encode(), formats.JSONLD, None)


def attribute(element: LexborNode, name: str) -> str:
    """Return the value of an attribute, empty if the element has none."""
    return element.attributes.get(name) or ""


@dataclass(frozen=True)
class BuiltSite:
    """The site in a folder; `base` is the IRI of its data set, with which all its IRIs begin."""

    folder: Path
    base: str

    @cached_property
    def paths(self) -> frozenset[str]:
        """Its files, by their paths below the folder."""
        return frozenset(path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file())

    @cached_property
    def pages(self) -> tuple[SiteDocument, ...]:
        """Its pages, in the order of their paths; without those at addresses of what was renamed or withdrawn."""
        every = (self.page(path) for path in sorted(self.paths) if path.endswith(".html"))
        return tuple(page for page in every if not page.elements("body.moved"))

    @cached_property
    def start(self) -> SiteDocument:
        """The page of the data set."""
        return self.page("index.html")

    def page(self, path: str) -> SiteDocument:
        """Return the page at a path.

        Raises:
            InputError: it cannot be read.
        """
        return SiteDocument(path, LexborHTMLParser(self.content(path)))

    def content(self, path: str) -> bytes:
        """Return a file as it is.

        Raises:
            InputError: it is not there, or cannot be read.
        """
        try:
            return (self.folder / path).read_bytes()
        except OSError as error:
            message = f"the file cannot be read: {error.strerror}; build the site again"
            raise InputError.at(Path(path), None, message) from error

    def text(self, path: str) -> str:
        """Return a file as text.

        Raises:
            InputError: it cannot be read, or is not UTF-8.
        """
        try:
            return self.content(path).decode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError.at(Path(path), None, "the file is not in UTF-8; build the site again") from error

    def triples(self, path: str) -> frozenset[Triple]:
        """Return the triples of a file of RDF.

        Raises:
            InputError: it cannot be read, or is not in the syntax that its name says.
        """
        syntax = formats.TURTLE if path == VOID else formats.rdf_syntax_of(path)
        return _triples(path, self.content(path), syntax, self.base)

    def reader(self, triples: Iterable[Triple]) -> GraphReader:
        """Return a reader for the triples."""
        return GraphReader(terms.memory_store(Quad(t.subject, t.predicate, t.object) for t in triples), self.base)

    @cached_property
    def descriptions(self) -> dict[str, str]:
        """The IRI of the data set, and then of each version, by the file that describes it."""
        # As numbers, so that version 10 comes after version 9.
        numbers = sorted(int(found[1]) for found in map(_VERSION.fullmatch, self.paths) if found)
        versions = {f"version/{number}/{DESCRIPTION}": f"{self.base}version/{number}/" for number in numbers}
        return {DESCRIPTION: self.base} | versions

    @cached_property
    def things(self) -> dict[str, Resource]:
        """The data set and each version, as resources read from their descriptions.

        Raises:
            InputError: a description cannot be read.
        """
        return {path: self.reader(self.triples(path)).resource(iri) for path, iri in self.descriptions.items()}

    @property
    def dataset(self) -> Resource:
        """The data set, as a resource read from its description."""
        return self.things[DESCRIPTION]

    @cached_property
    def dump(self) -> frozenset[Quad]:
        """All statements of the dump, with their graphs.

        Raises:
            InputError: the dump cannot be read.
        """
        try:
            packed = gzip.decompress(self.content(DUMP))
            return frozenset(terms.parse(packed, formats.NQUADS))
        except (OSError, EOFError, zlib.error, RdfSyntaxError) as error:
            raise InputError.at(Path(DUMP), None, f"the dump cannot be read: {error}; build the site again") from error

    @cached_property
    def union(self) -> frozenset[Triple]:
        """The triples of all graphs of the dump."""
        return frozenset(quad.triple for quad in self.dump)

    @cached_property
    def data(self) -> GraphReader:
        """A reader for the union of all graphs of the dump."""
        return self.reader(self.union)

    @cached_property
    def documents(self) -> frozenset[str]:
        """The IRIs of the documents that the data describe: those below the base, without fragments."""
        iris = {triple.subject.value for triple in self.union if isinstance(triple.subject, NamedNode)}
        return frozenset(namespaces.document_of(iri) for iri in iris if iri.startswith(self.base))

    def stem(self, iri: str) -> str | None:
        """Return the path, without its suffix, of the file that a static host returns for an IRI."""
        return SiteUrls(self.base).stem(iri)


def open_site(folder: Path) -> BuiltSite:
    """Return the site in a folder: that of a site, of a version, or of a build, whose newest site is used.

    Raises:
        UsageError: there is no site in it, or its start page does not name its data set.
    """
    for place in (folder, folder / "site", folder / "current" / "site"):
        page = place / "index.html"
        # Any folder may have an index.html; one of these two files shows that the site is one of ours.
        if page.is_file() and any((place / mark).exists() for mark in (VOID, "w3id/.htaccess")):
            try:
                subject = SiteDocument("index.html", LexborHTMLParser(page.read_bytes())).subject
            except OSError as error:
                raise UsageError(f"{page}: the page cannot be read: {error.strerror}") from error
            if not terms.is_iri(subject):
                raise UsageError(f'{page}: the page does not name its data set; it needs <link rel="cite-as">')
            return BuiltSite(place, subject)
    raise UsageError(f"{folder}: no site is here; name the folder of a site, or run 'rejoinder build' first")


def _triples(path: str, content: bytes, syntax: formats.Syntax, base: str | None) -> frozenset[Triple]:
    try:
        return frozenset(quad.triple for quad in terms.parse(content, syntax, base))
    except RdfSyntaxError as error:
        raise InputError.at(Path(path), error.line, f"this is not {syntax.name}: {error}") from error
