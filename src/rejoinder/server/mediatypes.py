"""The formats of answers as clients name them: by media types of old, and in the words that other servers take.

Sources: SPARQLWrapper 2.0, rdflib 7, Apache Jena Fuseki 5, OpenLink Virtuoso 7, RDF4J 5, OWL API 5.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from rejoinder import formats
from rejoinder.formats import Syntax
from rejoinder.server import negotiation

PLAIN: Final = "text/plain"
"""What N-Triples were before they had a type of their own; also what anything can be read as."""

RDF_TYPES: Final[Mapping[Syntax, tuple[str, ...]]] = {
    formats.TURTLE: (
        *("application/x-turtle", "application/turtle", "text/ttl", "text/n3", "text/rdf+n3", "application/n3"),
        *("application/rdf+n3", "application/x-n3"),
    ),
    formats.NTRIPLES: ("text/ntriples", "text/n-triples", "application/ntriples", "application/x-ntriples", PLAIN),
    formats.JSONLD: ("application/x-json+ld", "application/x-ld+json", "application/json"),
    formats.RDFXML: ("text/rdf", "text/rdf+xml", "application/rdf", "application/xml", "text/xml"),
    formats.TRIG: ("application/x-trig",),
    formats.NQUADS: ("text/x-nquads", "text/nquads", "application/nquads", "application/x-nquads"),
}
"""Types under which a syntax of RDF is asked for beside its own."""

TABLE_TYPES: Final[Mapping[Syntax, tuple[str, ...]]] = {
    formats.JSON: ("application/json", "text/json", "application/javascript", "text/javascript"),
    formats.XML: ("application/xml", "text/xml"),
    formats.CSV: ("application/csv", "text/x-csv"),
    formats.TSV: ("text/tsv", "text/x-tsv"),
}
"""The same of the results of SELECT and ASK."""

_RDF_NAMES: Final[Mapping[Syntax, tuple[str, ...]]] = {
    formats.TURTLE: ("ttl", "n3", "text"),
    formats.NTRIPLES: ("n-triples", "nt"),
    formats.JSONLD: ("json-ld", "ld+json", "json"),
    formats.RDFXML: ("rdf+xml", "rdf/xml", "rdf-xml", "rdf", "xml"),
    formats.TRIG: (),
    formats.NQUADS: ("n-quads", "nq"),
}
_TABLE_NAMES: Final[Mapping[Syntax, tuple[str, ...]]] = {
    formats.JSON: ("srj", "sparql-results+json"),
    formats.XML: ("srx", "sparql", "sparql-results+xml"),
    formats.CSV: (),
    formats.TSV: (),
}

_OF_BROWSERS: Final = frozenset({PLAIN, "application/xml", "text/xml"})
_SHARED: Final = _OF_BROWSERS | {"application/json"}
"""Types that say as little about RDF as `*/*` does; browsers and readers of web pages name some of them."""

_OTHER_RDF: Final = frozenset(
    {"application/trix", "application/rdf+json", "application/owl+xml", "application/rdf+thrift"}
)
_DATA: Final = _OTHER_RDF | {
    media_type
    for syntax, others in RDF_TYPES.items()
    for media_type in (syntax.media_type, *others)
    if media_type not in _SHARED
}
_PAGES: Final = frozenset({"text/html", "application/xhtml+xml", "text/*"})


def prefers_data(accept: str | None) -> bool:
    """Whether a client names a syntax of RDF and no kind of page: what else it takes, it takes as RDF.

    >>> prefers_data("application/rdf+xml, */*;q=0.1"), prefers_data("text/html, text/turtle"), prefers_data("*/*")
    (True, False, False)
    """
    return negotiation.names_any(accept, _DATA) and not negotiation.names_any(accept, _PAGES)


def other_types(syntax: Syntax, accept: str | None) -> tuple[str, ...]:
    """The types under which this client asks for the syntax beside its own; those that say little only where they must.

    >>> other_types(formats.RDFXML, "text/html, application/xml;q=0.9"), other_types(formats.NTRIPLES, "text/plain")[-1]
    (('text/rdf', 'text/rdf+xml', 'application/rdf'), 'text/plain')
    """
    types = RDF_TYPES.get(syntax) or TABLE_TYPES[syntax]
    if negotiation.names_any(accept, _PAGES):
        return tuple(media_type for media_type in types if media_type not in _OF_BROWSERS)
    return tuple(media_type for media_type in types if media_type != PLAIN or not prefers_data(accept))


def words(values: Iterable[str]) -> tuple[str, ...]:
    """The names of formats in the values of a parameter, which may hold several, with media types' own parameters off.

    >>> words(["json-ld", "application/ld+json,application/x-json ld;q=1", ""])
    ('json-ld', 'application/ld+json', 'application/x-json+ld')
    """
    # In a query string '+' is a blank: application/ld+json arrives with one.
    parts = (part.partition(";")[0].strip().replace(" ", "+").lower() for value in values for part in value.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def named(word: str, syntaxes: Iterable[Syntax]) -> Syntax | None:
    """The syntax that a word of a client stands for, of those that there are; None if it stands for none of them.

    >>> graph, table = (formats.TURTLE, formats.JSONLD, formats.RDFXML), (formats.JSON, formats.XML)
    >>> [found and found.name for found in (named("xml", graph), named("xml", table), named("docx", table))]
    ['rdfxml', 'xml', None]
    """
    return next((syntax for syntax in syntaxes if word in _calls(syntax)), None)


def _calls(syntax: Syntax) -> tuple[str, ...]:
    names, types = (_RDF_NAMES, RDF_TYPES) if syntax in RDF_TYPES else (_TABLE_NAMES, TABLE_TYPES)
    return (syntax.name, syntax.media_type, *names[syntax], *types[syntax])
