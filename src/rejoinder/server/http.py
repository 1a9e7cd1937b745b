"""Which of several representations a client would rather have.

Standard: RFC 9110, sections 12.4.2 (weights), 12.5.1 (Accept) and 12.5.3 (Accept-Encoding). What cannot be read asks
for nothing; a header in which nothing can be read is as good as none.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import BinaryIO, Final

import brotli
from starlette.requests import Request

from rejoinder import formats, namespaces
from rejoinder.formats import Syntax

_WORD: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED: Final = r'"(?:[^"\\]++|\\.)*+"'
_PARAMETER: Final = re.compile(rf"({_WORD})\s*=\s*({_WORD}|{_QUOTED})")
_PART: Final = re.compile(rf'(?:{_QUOTED}?|[^,"])++')  # what is not closed ends with the header, and is read once
_PIECE: Final = re.compile(rf'(?:{_QUOTED}?|[^;"])++')
_RANGE: Final = re.compile(rf"({_WORD})/({_WORD})")
_WEIGHT: Final = re.compile(r"\d{1,9}(?:\.\d{0,9})?|\.\d{1,9}", re.ASCII)

_MAX_LENGTH: Final = 2_000
"""Longer than the header of any browser or library; what stands behind it is not read."""

_EXACT, _TYPE, _OTHER_PROFILE, _FAMILY, _ANYTHING = 4, 3, 2, 1, 0


@dataclass(frozen=True)
class AcceptItem:
    """One media range, or one content coding, and how much it is wanted: 0, not at all, to 1."""

    name: str
    parameters: frozenset[tuple[str, str]]
    quality: float

    def fits(self, offer: AcceptItem) -> int | None:
        """How closely the range describes the offer, None if it does not.

        A range with parameters that the offer does not have (`application/ld+json;profile=…`) describes it still, if
        nothing fits better: the client asked for that format, and can be given it in one profile only.
        """
        kind = offer.name.partition("/")[0]
        if self.name == offer.name:
            if self.parameters <= offer.parameters:
                return _EXACT if self.parameters else _TYPE
            return _OTHER_PROFILE if self.quality else None
        if self.name == f"{kind}/*":
            return _FAMILY
        return _ANYTHING if self.name == "*/*" else None


def choose(accept: str | None, offers: Sequence[str]) -> int | None:
    """The place in `offers`, media types in the order of our own preference, of what suits the client best.

    Without a header it is the first; where the client refuses all, None.

    >>> offers = ("text/html", "text/turtle", "application/ld+json")
    >>> choose("text/*;q=0.5, application/ld+json;profile=x, text/html;q=0", offers)
    2
    >>> choose(None, offers), choose("image/png", offers)
    (0, None)
    """
    wishes = tuple(_ranges(accept or "")) or (AcceptItem("*/*", frozenset(), 1.0),)
    return _best([_quality(wishes, _offer(media_type)) for media_type in offers])


def names_any(accept: str | None, media_types: Collection[str]) -> bool:
    """Whether the header names one of these types, or ranges, and does not refuse it.

    >>> names_any("text/turtle;q=0.1, */*", {"text/turtle"}), names_any("text/html;q=0, */*", {"text/html"})
    (True, False)
    """
    return any(wish.quality and wish.name in media_types for wish in _ranges(accept or ""))


def choose_coding(accept_encoding: str | None, codings: Sequence[str]) -> str | None:
    """The content coding that suits the client best, in the order of our own preference; None for none at all.

    The identity is never refused: a client that excludes it as well gets it all the same, as section 12.5.3 allows.

    >>> choose_coding("gzip, br;q=0.5", ("br", "gzip")), choose_coding("*;q=0", ("br",)), choose_coding(None, ("br",))
    ('gzip', None, None)
    """
    if accept_encoding is None:
        return None
    wanted = {wish.name: wish.quality for wish in _tokens(accept_encoding)}
    other = wanted.get("*", 0.0)
    # Section 12.5.3: the identity is acceptable unless it is excluded; it is our last choice among equals.
    qualities = [wanted.get(coding, other) for coding in codings]
    best = _best([*qualities, wanted.get("identity", min(qualities, default=0.0))])
    return codings[best] if best is not None and best < len(codings) else None


def _best(qualities: Sequence[float]) -> int | None:
    """The place of the greatest quality, the first among equals; None if all are zero."""
    best = max(range(len(qualities)), key=lambda place: qualities[place], default=None)
    return best if best is not None and qualities[best] else None


def _quality(wishes: Iterable[AcceptItem], offer: AcceptItem) -> float:
    """How much the offer is wanted: what the wish says that describes it most closely."""
    fitting = [(closeness, wish.quality) for wish in wishes if (closeness := wish.fits(offer)) is not None]
    return max(fitting, default=(0, 0.0))[1]


def _offer(media_type: str) -> AcceptItem:
    return next(_ranges(media_type))


def _ranges(header: str) -> Iterator[AcceptItem]:
    """The media ranges of a header; a bare `*`, as Java's own client sends it, stands for all."""
    for wish in _tokens(header):
        if wish.name == "*":
            yield AcceptItem("*/*", wish.parameters, wish.quality)
        elif _RANGE.fullmatch(wish.name):
            yield wish


def _tokens(header: str) -> Iterator[AcceptItem]:
    for part in _PART.findall(header[:_MAX_LENGTH]):
        name, _, rest = part.partition(";")
        pairs = [_PARAMETER.fullmatch(piece.strip()) for piece in _PIECE.findall(rest)]
        parameters = {pair[1].lower(): pair[2].strip('"') for pair in pairs if pair}
        quality = _weight(parameters.pop("q", "1"))
        if name.strip() and quality is not None:
            yield AcceptItem(name.strip().lower(), frozenset(parameters.items()), quality)


def _weight(text: str) -> float | None:
    """A weight; older clients write .2 for 0.2, and some a number above 1."""
    return min(float(text), 1.0) if _WEIGHT.fullmatch(text) else None


_TYPED: Final = frozenset(
    (
        *("alternate", "author", "cite-as", "collection", "describedby", "item", "license", "linkset", "type"),
        *("latest-version", "original", "predecessor-version", "version-history"),
    )
)
_SHARED: Final = ("license", "alternate")
"""What a page and its data have in common; what the page is, and is cited as, the data are not."""

_MAX_LINKS_LENGTH: Final = 3_000
"""Proxies refuse answers with long headers, nginx from 4 KiB on: links past that are in the page alone."""


@dataclass(frozen=True)
class TypedLink:
    """A link from a page to `target`; `media_type` says in which format that is, where it is known."""

    relation: str
    target: str
    media_type: str | None = None

    def __str__(self) -> str:
        kind = f'; type="{self.media_type}"' if self.media_type else ""
        return f'<{namespaces.as_uri(self.target)}>; rel="{self.relation}"{kind}'


def page_links(content: bytes) -> tuple[TypedLink, ...]:
    """The typed links in the head of a page.

    >>> page_links(b'<head><link rel="cite-as" href="https://example.org/x"><link rel="icon" href="i.svg"></head>')
    (TypedLink(relation='cite-as', target='https://example.org/x', media_type=None),)
    """
    head = _Head()
    head.feed(content.partition(b"</head>")[0].decode("utf-8", "replace"))
    return tuple(dict.fromkeys(head.links))


def data_links(links: Iterable[TypedLink], page: str) -> tuple[TypedLink, ...]:
    """The typed links of a page's data: where it is read, and what it has in common with the page."""
    shared = (link for link in links if link.relation in _SHARED)
    return (TypedLink("describes", page, "text/html"), TypedLink("alternate", page, "text/html"), *shared)


def header(links: Iterable[TypedLink]) -> str:
    """The links as the value of one header; what is no visible ASCII, or would end a link early, is left out.

    Items come last: there may be more of them than a header holds.
    """
    written, length = [], 0
    for link in map(str, sorted(links, key=lambda link: link.relation == "item")):
        length += len(link) + 2
        if length > _MAX_LINKS_LENGTH:
            break
        if link.isascii() and link.isprintable() and link.count("<") == link.count(">") == 1:
            written.append(link)
    return ", ".join(written)


class _Head(HTMLParser):
    """Reads the links of a page's head."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[TypedLink] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See `HTMLParser.handle_starttag`."""
        values = dict(attrs)
        target = values.get("href")
        if tag == "link" and target:
            named = (values.get("rel") or "").split()
            self.links += [TypedLink(rel, target, values.get("type")) for rel in named if rel in _TYPED]


CODINGS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "br": lambda content: brotli.compress(content, quality=5),
    "gzip": lambda content: gzip.compress(content, compresslevel=6, mtime=0),
}
"""The content codings, in the order in which we prefer them."""

_PACKED: Final = frozenset({"application/gzip", "image/png", "application/octet-stream"})
"""Media types of what packing makes no smaller."""

_MIN_PACKED_BYTES: Final = 512
"""Content that is shorter travels as it is."""


def codings(media_type: str, size: int) -> tuple[str, ...]:
    """The codings in which so many bytes of that type may travel.

    >>> codings("text/turtle", 9_000), codings("text/turtle", 9), codings("application/gzip", 9_000)
    (('br', 'gzip'), (), ())
    """
    return tuple(CODINGS) if size >= _MIN_PACKED_BYTES and media_type not in _PACKED else ()


_TAG: Final = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_ENTITY_TAG: Final = 1 << 20


def digest(file: BinaryIO) -> str:
    """What tells the content of a file from any other."""
    found = hashlib.blake2b(digest_size=16)
    while piece := file.read(_ENTITY_TAG):
        found.update(piece)
    return found.hexdigest()


def tag(content_digest: str, coding: str | None) -> str:
    """The strong entity tag of content in a content coding: the same page packed in two ways is two representations.

    >>> tag("c0ffee", "br"), tag("c0ffee", None)
    ('"c0ffee-br"', '"c0ffee"')
    """
    return f'"{content_digest}-{coding}"' if coding else f'"{content_digest}"'


def is_held(if_none_match: str | None, etag: str) -> bool:
    """Whether the client holds the representation already: section 13.1.2, compared weakly.

    >>> is_held('W/"a", "b"', '"a"'), is_held("*", '"a"'), is_held('"b"', '"a"'), is_held(None, '"a"')
    (True, True, False, False)
    """
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or any(found == etag for _, found in _TAG.findall(if_none_match))


def is_expected(if_match: str | None, etag: str) -> bool:
    """Whether the representation is one that the client insists on: section 13.1.1, compared strongly.

    >>> is_expected('"a"', '"a"'), is_expected('W/"a"', '"a"'), is_expected(None, '"a"')
    (True, False, True)
    """
    if if_match is None or if_match.strip() == "*":
        return True
    return any(found == etag and not weak for weak, found in _TAG.findall(if_match))


def field(request: Request, name: str) -> str | None:
    """The value of a field, its lines combined in their order; None if it is not there.

    >>> lines = [(b"accept", b"text/turtle"), (b"accept", b"text/html;q=0.5")]
    >>> field(Request({"type": "http", "headers": lines}), "accept")
    'text/turtle, text/html;q=0.5'
    """
    return ", ".join(request.headers.getlist(name)) or None


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
_FOR_PEOPLE: Final = _OF_BROWSERS | {"application/json"}
"""Types that say as little about RDF as `*/*` does; browsers and readers of web pages name some of them."""

_OTHER_RDF: Final = frozenset(
    {"application/trix", "application/rdf+json", "application/owl+xml", "application/rdf+thrift"}
)
_DATA: Final = _OTHER_RDF | {
    media_type
    for syntax, others in RDF_TYPES.items()
    for media_type in (syntax.media_type, *others)
    if media_type not in _FOR_PEOPLE
}
_PAGES: Final = frozenset({"text/html", "application/xhtml+xml", "text/*"})


def prefers_data(accept: str | None) -> bool:
    """Whether a client names a syntax of RDF and no kind of page: what else it takes, it takes as RDF.

    >>> prefers_data("application/rdf+xml, */*;q=0.1"), prefers_data("text/html, text/turtle"), prefers_data("*/*")
    (True, False, False)
    """
    return names_any(accept, _DATA) and not names_any(accept, _PAGES)


def other_types(syntax: Syntax, accept: str | None) -> tuple[str, ...]:
    """The types under which this client asks for the syntax beside its own; those that say little only where they must.

    >>> other_types(formats.RDFXML, "text/html, application/xml;q=0.9"), other_types(formats.NTRIPLES, "text/plain")[-1]
    (('text/rdf', 'text/rdf+xml', 'application/rdf'), 'text/plain')
    """
    types = RDF_TYPES.get(syntax) or TABLE_TYPES[syntax]
    if names_any(accept, _PAGES):
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
