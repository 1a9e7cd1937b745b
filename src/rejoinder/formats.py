"""The RDF and SPARQL result syntaxes: name, media type, suffix, and whether they hold named graphs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rejoinder.errors import UsageError


@dataclass(frozen=True)
class Syntax:
    """A syntax, with the name that users type; `quads` says that it can hold named graphs."""

    name: str
    media_type: str
    suffix: str
    quads: bool = False


TURTLE: Final = Syntax("turtle", "text/turtle", ".ttl")
TRIG: Final = Syntax("trig", "application/trig", ".trig", quads=True)
NQUADS: Final = Syntax("nquads", "application/n-quads", ".nq", quads=True)
NTRIPLES: Final = Syntax("ntriples", "application/n-triples", ".nt")
JSONLD: Final = Syntax("jsonld", "application/ld+json", ".jsonld", quads=True)
RDFXML: Final = Syntax("rdfxml", "application/rdf+xml", ".rdf")

RDF_SYNTAXES: Final = (TURTLE, TRIG, NQUADS, NTRIPLES, JSONLD, RDFXML)
# Turtle for people, JSON-LD for programs of the web, and N-Triples, of which the dumps are made.
EXPORTED: Final = (TURTLE, JSONLD, NTRIPLES)
"""The syntaxes in which a build writes each graph."""

# The suffixes .srj and .srx are those that the W3C registered with the media types.
CSV: Final = Syntax("csv", "text/csv", ".csv")
TSV: Final = Syntax("tsv", "text/tab-separated-values", ".tsv")
JSON: Final = Syntax("json", "application/sparql-results+json", ".srj")
XML: Final = Syntax("xml", "application/sparql-results+xml", ".srx")
MARKDOWN: Final = Syntax("markdown", "text/markdown", ".md")
TABLE: Final = Syntax("table", "text/plain", ".txt")

RESULT_SYNTAXES: Final = (TABLE, CSV, TSV, JSON, MARKDOWN)


def rdf_syntax(name: str) -> Syntax:
    """Return the RDF syntax called `name`.

    >>> rdf_syntax("trig").media_type
    'application/trig'

    Raises:
        UsageError: no RDF syntax has that name.
    """
    return _named(name, RDF_SYNTAXES)


def rdf_syntax_of(filename: str) -> Syntax:
    """Return the RDF syntax that the suffix of `filename` stands for.

    >>> rdf_syntax_of("dump.nq").name
    'nquads'
    >>> rdf_syntax_of("DUMP.TTL").name
    'turtle'

    Raises:
        UsageError: the suffix belongs to no RDF syntax.
    """
    for syntax in RDF_SYNTAXES:
        if filename.lower().endswith(syntax.suffix):
            return syntax
    suffixes = ", ".join(s.suffix for s in RDF_SYNTAXES)
    raise UsageError(
        f"{filename}: the format cannot be told from the name; end it in one of {suffixes}, or give --format"
    )


def result_syntax(name: str) -> Syntax:
    """Return the syntax for tables called `name`.

    >>> result_syntax("csv").media_type
    'text/csv'

    Raises:
        UsageError: no table syntax has that name.
    """
    return _named(name, RESULT_SYNTAXES)


def _named(name: str, syntaxes: tuple[Syntax, ...]) -> Syntax:
    for syntax in syntaxes:
        if syntax.name == name:
            return syntax
    raise UsageError(f"the format {name!r} is unknown; write one of {', '.join(s.name for s in syntaxes)}")
