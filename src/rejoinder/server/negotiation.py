"""Content negotiation: which of several media types fits a request, what clients call a format, and compression.

Parts of a header that cannot be parsed are ignored; a header without any valid part counts as missing.

Standard: RFC 9110, sections 12.4.2 (weights), 12.5.1 (Accept) and 12.5.3 (Accept-Encoding).
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import brotli

from rejoinder import formats
from rejoinder.formats import Syntax

# Possessive quantifiers (`++`) take nothing back, so that a header is read in linear time whatever a client sends.
_WORD: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED: Final = r'"(?:[^"\\]++|\\.)*+"'
_PARAMETER: Final = re.compile(rf"({_WORD})\s*=\s*({_WORD}|{_QUOTED})")
_PART: Final = re.compile(rf'(?:{_QUOTED}?|[^,"])++')  # an unclosed quote ends with the header: linear time
_PIECE: Final = re.compile(rf'(?:{_QUOTED}?|[^;"])++')
_RANGE: Final = re.compile(rf"({_WORD})/({_WORD})")
_WEIGHT: Final = re.compile(r"\d{1,9}(?:\.\d{0,9})?|\.\d{1,9}", re.ASCII)

_MAX_HEADER_CHARACTERS: Final = 2_000
"""Longer than any header of a browser or library; the rest of the header is not read."""

# By ourselves: python-mimeparse raises errors on headers that it cannot read, werkzeug's `best_match` finds nothing for
# `application/ld+json;profile=…`, and neither knows the bare `*` that Java sends.

_EXACT, _TYPE, _OTHER_PROFILE, _FAMILY, _ANYTHING = 4, 3, 2, 1, 0
"""How closely a range describes a media type (RFC 9110, section 12.5.1): the closest range gives the weight."""


@dataclass(frozen=True)
class AcceptItem:
    """A media range or content coding with its weight, from 0 (refused) to 1."""

    name: str
    parameters: frozenset[tuple[str, str]]
    quality: float

    def fits(self, offer: AcceptItem) -> int | None:
        """Return how closely the range describes the offer, None if it does not.

        A range with parameters that the offer lacks (`application/ld+json;profile=…`) still fits if nothing fits
        better: the client wants that format, and there is only one profile of it.
        """
        kind = offer.name.partition("/")[0]
        if self.name == offer.name:
            if self.parameters <= offer.parameters:
                return _EXACT if self.parameters else _TYPE
            return _OTHER_PROFILE if self.quality else None  # who refuses another profile does not refuse ours
        if self.name == f"{kind}/*":
            return _FAMILY
        return _ANYTHING if self.name == "*/*" else None


def choose(accept: str | None, offers: Sequence[str]) -> int | None:
    """Return the index of the media type in `offers`, in our order of preference, that suits the client best.

    Without a header it is the first; None if the client refuses all.

    >>> offers = ("text/html", "text/turtle", "application/ld+json")
    >>> choose("text/*;q=0.5, application/ld+json;profile=x, text/html;q=0", offers)
    2
    >>> choose(None, offers), choose("image/png", offers)
    (0, None)
    """
    wishes = tuple(_ranges(accept or "")) or (AcceptItem("*/*", frozenset(), 1.0),)
    return _best([_quality(wishes, next(_ranges(media_type))) for media_type in offers])


def names_any(accept: str | None, media_types: Collection[str]) -> bool:
    """Return whether the header contains one of these types or ranges with a weight above 0.

    >>> names_any("text/turtle;q=0.1, */*", {"text/turtle"}), names_any("text/html;q=0, */*", {"text/html"})
    (True, False)
    """
    return any(wish.quality and wish.name in media_types for wish in _ranges(accept or ""))


CODINGS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "br": lambda content: brotli.compress(content, quality=5),
    # Without a time in the header, the same content gives the same bytes, and so the same entity tag.
    "gzip": lambda content: gzip.compress(content, compresslevel=6, mtime=0),
}
"""The content codings, in the server's order of preference."""

_INCOMPRESSIBLE: Final = frozenset({"application/gzip", "image/png", "application/octet-stream"})
"""Media types of files that compression does not make smaller."""

_MIN_COMPRESSED_BYTES: Final = 512
"""Shorter content is not compressed."""


def codings(media_type: str, size: int) -> tuple[str, ...]:
    """Return the codings for `size` bytes of a media type.

    >>> codings("text/turtle", 9_000), codings("text/turtle", 9), codings("application/gzip", 9_000)
    (('br', 'gzip'), (), ())
    """
    return tuple(CODINGS) if size >= _MIN_COMPRESSED_BYTES and media_type not in _INCOMPRESSIBLE else ()


def choose_coding(accept_encoding: str | None, codings: Sequence[str]) -> str | None:
    """Return the content coding that suits the client best, in our order of preference; None for no coding.

    A client that excludes all codings and the identity gets the identity anyway, as section 12.5.3 allows.

    >>> choose_coding("gzip, br;q=0.5", ("br", "gzip")), choose_coding("*;q=0", ("br",)), choose_coding(None, ("br",))
    ('gzip', None, None)
    """
    if accept_encoding is None:
        return None
    wanted = {wish.name: wish.quality for wish in _tokens(accept_encoding)}
    other = wanted.get("*", 0.0)
    # Section 12.5.3: the identity is acceptable unless excluded. Among equal weights it is the last choice.
    qualities = [wanted.get(coding, other) for coding in codings]
    best = _best([*qualities, wanted.get("identity", min(qualities, default=0.0))])
    return codings[best] if best is not None and best < len(codings) else None


def _best(qualities: Sequence[float]) -> int | None:
    """Return the index of the greatest weight, the first of equal ones; None if all are zero."""
    # `max` returns the first of several, so our order decides between equals.
    best = max(range(len(qualities)), key=lambda place: qualities[place], default=None)
    return best if best is not None and qualities[best] else None


def _quality(wishes: Iterable[AcceptItem], offer: AcceptItem) -> float:
    """Return the weight of an offer: that of the most specific range that fits it."""
    fitting = [(closeness, wish.quality) for wish in wishes if (closeness := wish.fits(offer)) is not None]
    return max(fitting, default=(0, 0.0))[1]


def _ranges(header: str) -> Iterator[AcceptItem]:
    """Yield the media ranges of a header; a bare `*`, as Java's client sends, means `*/*`."""
    for wish in _tokens(header):
        if wish.name == "*":
            yield AcceptItem("*/*", wish.parameters, wish.quality)
        elif _RANGE.fullmatch(wish.name):
            yield wish


def _tokens(header: str) -> Iterator[AcceptItem]:
    for part in _PART.findall(header[:_MAX_HEADER_CHARACTERS]):
        name, _, rest = part.partition(";")
        pairs = [_PARAMETER.fullmatch(piece.strip()) for piece in _PIECE.findall(rest)]
        parameters = {pair[1].lower(): pair[2].strip('"') for pair in pairs if pair}
        quality = _weight(parameters.pop("q", "1"))
        if name.strip() and quality is not None:
            yield AcceptItem(name.strip().lower(), frozenset(parameters.items()), quality)


def _weight(text: str) -> float | None:
    """Return a weight, or None if it is not valid; some clients write .2 for 0.2, or a number above 1."""
    return min(float(text), 1.0) if _WEIGHT.fullmatch(text) else None


PLAIN: Final = "text/plain"
"""The media type of N-Triples before they had one of their own; it fits any text."""

_OTHER_TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    formats.TURTLE.name: (
        *("application/x-turtle", "application/turtle", "text/ttl", "text/n3", "text/rdf+n3", "application/n3"),
        *("application/rdf+n3", "application/x-n3"),
    ),
    formats.NTRIPLES.name: ("text/ntriples", "text/n-triples", "application/ntriples", "application/x-ntriples", PLAIN),
    formats.JSONLD.name: ("application/x-json+ld", "application/x-ld+json", "application/json"),
    formats.RDFXML.name: ("text/rdf", "text/rdf+xml", "application/rdf", "application/xml", "text/xml"),
    formats.TRIG.name: ("application/x-trig",),
    formats.NQUADS.name: ("text/x-nquads", "text/nquads", "application/nquads", "application/x-nquads"),
    formats.JSON.name: ("application/json", "text/json", "application/javascript", "text/javascript"),
    formats.XML.name: ("application/xml", "text/xml"),
    formats.CSV.name: ("application/csv", "text/x-csv"),
    formats.TSV.name: ("text/tsv", "text/x-tsv"),
}
"""Other media types by which clients request a syntax, by its name."""

_OTHER_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    formats.TURTLE.name: ("ttl", "n3", "text"),
    formats.NTRIPLES.name: ("n-triples", "nt"),
    formats.JSONLD.name: ("json-ld", "ld+json", "json"),
    formats.RDFXML.name: ("rdf+xml", "rdf/xml", "rdf-xml", "rdf", "xml"),
    formats.NQUADS.name: ("n-quads", "nq"),
    formats.JSON.name: ("srj", "sparql-results+json"),
    formats.XML.name: ("srx", "sparql", "sparql-results+xml"),
}
"""Names for syntaxes in the parameters of other servers."""

_OF_BROWSERS: Final = frozenset({PLAIN, "application/xml", "text/xml"})
_FOR_PEOPLE: Final = _OF_BROWSERS | {"application/json"}
"""Types that, like `*/*`, do not ask for RDF; browsers send some of them."""

_OTHER_RDF: Final = frozenset(
    {"application/trix", "application/rdf+json", "application/owl+xml", "application/rdf+thrift"}
)
_DATA_TYPES: Final = _OTHER_RDF | {
    media_type
    for syntax in formats.RDF_SYNTAXES
    for media_type in (syntax.media_type, *_OTHER_TYPES[syntax.name])
    if media_type not in _FOR_PEOPLE
}
_PAGE_TYPES: Final = frozenset({"text/html", "application/xhtml+xml", "text/*"})


def prefers_data(accept: str | None) -> bool:
    """Return whether a client names an RDF syntax and no type of page, so that it prefers RDF for `*/*`, too.

    >>> prefers_data("application/rdf+xml, */*;q=0.1"), prefers_data("text/html, text/turtle"), prefers_data("*/*")
    (True, False, False)
    """
    return names_any(accept, _DATA_TYPES) and not names_any(accept, _PAGE_TYPES)


def other_types(syntax: Syntax, accept: str | None) -> tuple[str, ...]:
    """Return other media types by which this client may request the syntax.

    Unspecific types are included only if the client names nothing better.

    >>> other_types(formats.RDFXML, "text/html, application/xml;q=0.9"), other_types(formats.NTRIPLES, "text/plain")[-1]
    (('text/rdf', 'text/rdf+xml', 'application/rdf'), 'text/plain')
    """
    types = _OTHER_TYPES[syntax.name]
    if names_any(accept, _PAGE_TYPES):
        return tuple(media_type for media_type in types if media_type not in _OF_BROWSERS)
    return tuple(media_type for media_type in types if media_type != PLAIN or not prefers_data(accept))


def format_names(values: Iterable[str]) -> tuple[str, ...]:
    """Return the names of formats in the values of a parameter, each with one or more names.

    Parameters of media types are left out.

    >>> format_names(["json-ld", "application/ld+json,application/x-json ld;q=1", ""])
    ('json-ld', 'application/ld+json', 'application/x-json+ld')
    """
    # In a query string '+' means a blank, so application/ld+json arrives with a blank.
    parts = (part.partition(";")[0].strip().replace(" ", "+").lower() for value in values for part in value.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def syntax_named(word: str, syntaxes: Iterable[Syntax]) -> Syntax | None:
    """Return the one of `syntaxes` that a client means by `word`, or None.

    >>> graphs, tables = (formats.TURTLE, formats.JSONLD, formats.RDFXML), (formats.JSON, formats.XML)
    >>> found = syntax_named("xml", graphs), syntax_named("xml", tables), syntax_named("docx", tables)
    >>> [syntax and syntax.name for syntax in found]
    ['rdfxml', 'xml', None]
    """
    for syntax in syntaxes:
        own = (syntax.name, syntax.media_type)
        if word in (*own, *_OTHER_NAMES.get(syntax.name, ()), *_OTHER_TYPES[syntax.name]):
            return syntax
    return None
