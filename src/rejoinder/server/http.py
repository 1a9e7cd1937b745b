"""HTTP headers and parameters of requests and responses.

Parameters, media types, typed links, entity tags, and problem details.

Standards: RFC 9110, sections 8.3 and 13.1 (preconditions); RFC 3986, section 2.1; RFC 8288 (Link); RFC 9457 (problem
details).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.message import Message
from html.parser import HTMLParser
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import BinaryIO, Final
from urllib.parse import parse_qsl

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import Response

from rejoinder import formats, namespaces
from rejoinder.server.negotiation import choose
from rejoinder.site import metadata, web_annotation
from rejoinder.site.render import HTML
from rejoinder.site.resource import is_plain

FORM_TYPE: Final = "application/x-www-form-urlencoded"
QUERY_TYPE: Final = "application/sparql-query"

_WEB: Final = {
    ".html": HTML,
    ".json": "application/json",
    ".rq": QUERY_TYPE,
    ".rdfp": "application/rdf-patch",
    ".gz": "application/gzip",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".wasm": "application/wasm",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".xml": "application/xml",
    ".atom": "application/atom+xml",
    ".txt": "text/plain; charset=utf-8",
    ".yaml": "application/yaml",
}
_NAMES: Final = {
    metadata.VOID: formats.TURTLE.media_type,
    "feed.xml": "application/atom+xml",
    f"{metadata.LINKSET}.json": metadata.LINKSET_TYPE,
    ".nojekyll": "text/plain; charset=utf-8",
    "w3id/.htaccess": "text/plain; charset=utf-8",
}

_ANSWER: Final = re.compile(r"question/[^/]+\.json")
"""The paths of answers to stored questions, which are SPARQL results JSON; other JSON files are plain JSON."""

_READABLE: Final = (*formats.RDF_SYNTAXES, formats.CSV, formats.TSV)
SUFFIXES: Final = {syntax.suffix: syntax.media_type for syntax in _READABLE} | _WEB
"""The media types of files, by suffix."""

REPRESENTATIONS: Final = (
    ".html",
    ".trig",
    ".nq.gz",
    ".ttl",
    ".nt.gz",
    ".jsonld",
    ".nt",
    ".rdf",
    ".csv",
    ".json",
    ".rq",
    ".xml",
    ".atom",
)
"""The suffixes of files that may be formats of one document, in the server's order of preference."""


def media_type_of(path: str) -> str:
    """Return the media type of a file of the site, for text with the charset UTF-8.

    >>> media_type_of("state/CZE.ttl"), media_type_of(".well-known/void"), media_type_of("dataset.nq.gz")
    ('text/turtle; charset=utf-8', 'text/turtle; charset=utf-8', 'application/gzip')
    >>> media_type_of("feed.xml"), media_type_of("version/3/changes.json"), media_type_of("question/x.json")
    ('application/atom+xml', 'application/json', 'application/sparql-results+json')
    """
    named = formats.JSON.media_type if _ANSWER.fullmatch(path) else _NAMES.get(path)
    named = web_annotation.MEDIA_TYPE if path.endswith(f"/{web_annotation.NAME}.json") else named
    found = named or SUFFIXES.get(PurePosixPath(path).suffix, "application/octet-stream")
    # Without a charset, old clients read text as Latin-1.
    return f"{found}; charset=utf-8" if found.startswith("text/") and "charset" not in found else found


def is_path(path: str) -> bool:
    r"""Return whether the path is possible: relative, short, printable, and without empty or dotted segments.

    >>> [is_path(path) for path in ("state/CZE.ttl", ".well-known/void", "../x", "a//b", "/etc/passwd", "a\\b", "")]
    [True, True, False, False, False, False, False]
    """
    # Such paths are not even looked up: no file system has longer names, and no file of ours an unprintable one.
    parts = path.split("/")
    return (
        len(path) <= 1_000
        and (path.isprintable() if path.isascii() else is_plain(path))
        and "\\" not in path
        and not any(part in {"", ".", ".."} or len(part.encode()) > 255 for part in parts)
    )


_NO_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_MAX_PARAMETERS: Final = 1000


def decode_parameters(encoded: bytes, where: str) -> tuple[tuple[str, str], ...]:
    """Return the names and values in a query string or an HTML form, in order.

    >>> decode_parameters(b"query=%2525+x&query=&n", "the address")
    (('query', '%25 x'), ('query', ''), ('n', ''))

    Raises:
        HTTPProblem: an escape is broken or not UTF-8, or there are too many parameters.
    """
    if _NO_ESCAPE.search(encoded):
        # parse_qsl would keep a broken escape unchanged, so that two readers could understand two different queries.
        raise HTTPProblem(400, f"{where} has a '%' without two hexadecimal digits after it; write %25 for it")
    try:
        pairs = parse_qsl(
            encoded.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_PARAMETERS
        )
    except UnicodeError as error:
        raise HTTPProblem(400, f"{where} is not UTF-8 in percent-encoding") from error
    except ValueError as error:
        raise HTTPProblem(400, f"{where} holds more than {_MAX_PARAMETERS} parameters") from error
    return tuple(pairs)


def address_parameters(request: Request) -> tuple[tuple[str, str], ...]:
    """Return the query parameters of a request's URL.

    Raises:
        HTTPProblem: they cannot be decoded.
    """
    return decode_parameters(request.scope["query_string"], "the address")


def body_type(request: Request) -> tuple[str, str | None]:
    """Return the media type of the request's body, in lower case, and its charset if it names one.

    >>> scope = {"type": "http", "headers": [(b"content-type", b"application/sparql-query; charset=UTF-8")]}
    >>> body_type(Request(scope))
    ('application/sparql-query', 'utf-8')
    """
    # By Python's parser of mail headers, which knows quoted parameters.
    header = Message()
    header["Content-Type"] = request.headers.get("content-type", "")
    charset = header.get_content_charset()
    return request.headers.get("content-type", "").partition(";")[0].strip().lower(), charset


async def read_body(request: Request, max_bytes: int) -> bytes:
    """Return the body of a request, of at most `max_bytes` bytes.

    Raises:
        HTTPProblem: it is longer.
        ClientDisconnect: the client went away before its end.
    """
    # Counted as it arrives, because a body in chunks does not say how long it is.
    found = bytearray()
    async for piece in request.stream():
        found += piece
        if len(found) > max_bytes:
            raise HTTPProblem(413, f"the request is longer than {max_bytes} bytes")
    return bytes(found)


_LINK_RELATIONS: Final = frozenset(
    (
        *("alternate", "author", "cite-as", "collection", "describedby", "item", "license", "linkset", "type"),
        *("latest-version", "original", "predecessor-version", "version-history"),
    )
)
"""The link relations that headers repeat, for programs; those for browsers alone, such as `icon`, they do not."""
_SHARED_RELATIONS: Final = ("license", "alternate")
"""The link relations that a page and its data share; `type` and `cite-as`, for example, hold for the page only."""

_MAX_LINK_CHARACTERS: Final = 3_000
"""Proxies refuse responses with long headers, nginx from 4 KiB: further links are only in the page."""


@dataclass(frozen=True)
class TypedLink:
    """A link from a page to `target`, of the format `media_type` if it is known."""

    relation: str
    target: str
    media_type: str | None = None

    def __str__(self) -> str:
        kind = f'; type="{self.media_type}"' if self.media_type else ""
        return f'<{namespaces.as_uri(self.target)}>; rel="{self.relation}"{kind}'


def page_links(content: bytes) -> tuple[TypedLink, ...]:
    """Return the typed links in the head of a page.

    >>> page_links(b'<head><link rel="cite-as" href="https://example.org/x"><link rel="icon" href="i.svg"></head>')
    (TypedLink(relation='cite-as', target='https://example.org/x', media_type=None),)
    """
    # A site on disk has its links nowhere else. They stand in the head, so the long body is not parsed.
    head = _Head()
    head.feed(content.partition(b"</head>")[0].decode("utf-8", "replace"))
    return tuple(dict.fromkeys(head.links))


def data_links(links: Iterable[TypedLink], page: str) -> tuple[TypedLink, ...]:
    """Return the typed links of a data file: to its page, and those that it shares with the page."""
    shared = (link for link in links if link.relation in _SHARED_RELATIONS)
    return (TypedLink("describes", page, "text/html"), TypedLink("alternate", page, "text/html"), *shared)


def link_header(links: Iterable[TypedLink]) -> str:
    """Return the links as one header value, without links that are not printable ASCII or contain < or >.

    Links to items come last, because there may be too many for a header.
    """
    written, length = [], 0
    for link in map(str, sorted(links, key=lambda link: link.relation == "item")):
        length += len(link) + 2
        if length > _MAX_LINK_CHARACTERS:
            break
        if link.isascii() and link.isprintable() and link.count("<") == link.count(">") == 1:
            written.append(link)
    return ", ".join(written)


class _Head(HTMLParser):
    """A parser for the links in a page's head."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[TypedLink] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See `HTMLParser.handle_starttag`."""
        values = dict(attrs)
        target = values.get("href")
        if tag == "link" and target:
            named = (values.get("rel") or "").split()
            self.links += [TypedLink(rel, target, values.get("type")) for rel in named if rel in _LINK_RELATIONS]


_ENTITY_TAG: Final = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_PIECE_BYTES: Final = 1 << 20


def digest(file: BinaryIO) -> str:
    """Return a digest of the content of a file, for its entity tag."""
    # Not for security: it only has to differ between versions of a file, and BLAKE2 is fast.
    found = hashlib.blake2b(digest_size=16)
    while piece := file.read(_PIECE_BYTES):
        found.update(piece)
    return found.hexdigest()


def entity_tag(content_digest: str, coding: str | None) -> str:
    """Return the strong entity tag of content in a content coding; each coding is another representation.

    >>> entity_tag("c0ffee", "br"), entity_tag("c0ffee", None)
    ('"c0ffee-br"', '"c0ffee"')
    """
    return f'"{content_digest}-{coding}"' if coding else f'"{content_digest}"'


def is_held(if_none_match: str | None, etag: str) -> bool:
    """Return whether If-None-Match matches: the client has the representation (section 13.1.2, weak comparison).

    >>> is_held('W/"a", "b"', '"a"'), is_held("*", '"a"'), is_held('"b"', '"a"'), is_held(None, '"a"')
    (True, True, False, False)
    """
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or any(found == etag for _, found in _ENTITY_TAG.findall(if_none_match))


def is_expected(if_match: str | None, etag: str) -> bool:
    """Return whether If-Match matches the representation (section 13.1.1, strong comparison).

    >>> is_expected('"a"', '"a"'), is_expected('W/"a"', '"a"'), is_expected(None, '"a"')
    (True, False, True)
    """
    if if_match is None or if_match.strip() == "*":
        return True
    return any(found == etag and not weak for weak, found in _ENTITY_TAG.findall(if_match))


def header(request: Request, name: str) -> str | None:
    """Return the value of a header field, with several lines combined in order; None if it is missing.

    >>> lines = [(b"accept", b"text/turtle"), (b"accept", b"text/html;q=0.5")]
    >>> header(Request({"type": "http", "headers": lines}), "accept")
    'text/turtle, text/html;q=0.5'
    """
    return ", ".join(request.headers.getlist(name)) or None


PROBLEM: Final = "application/problem+json"
NO_PAGE: Final = "There is no such page here. The start page lists what there is."
_PROBLEM_PAGE: Final = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string("""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>{{ refusal.title }}</title>
{% if home %}
<link rel="stylesheet" href="{{ home }}style.css">
{% endif %}
</head>
<body>
<main>
<h1>{{ refusal.title }}</h1>
<p>{{ refusal.detail }}</p>
{% if refusal.choices %}
<ul>
{% for link, media_type in refusal.choices.items() %}
<li><a href="{{ link }}" type="{{ media_type }}">{{ link }}</a> ({{ media_type }})</li>
{% endfor %}
</ul>
{% endif %}
{% if home %}
<p><a href="{{ home }}">Start page</a> · <a href="{{ home }}search.html">Search</a></p>
{% endif %}
</main>
</body>
</html>
""")


class HTTPProblem(Exception):  # noqa: N818  # a response like any other, not an error of the program
    """An exception that becomes an error response with problem details (RFC 9457).

    `detail` is a sentence that says what is wrong and what to do; `choices` are links to alternatives, each with its
    media type; `extra` are further members of the problem details, such as `line` and `column`.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        choices: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        self.status, self.detail = status, detail
        self.choices, self.headers, self.extra = choices or {}, headers or {}, extra or {}
        super().__init__(detail)

    @property
    def title(self) -> str:
        """Return the status in words."""
        return HTTPStatus(self.status).phrase

    def response(self, accept: str | None, home: str | None = None) -> Response:
        """Return the response as HTML or as problem details, even if the client accepts neither.

        `home` is the link to the start page, if its place is known.
        """
        # Not stored, because the next version may have the page, and the next moment room for the query.
        headers = {"Vary": "Accept", "Cache-Control": "no-store", **self.headers}
        # Pages come second: programs that send `*/*`, or nothing, read problem details.
        if choose(accept, (PROBLEM, HTML)) == 1:
            return Response(_PROBLEM_PAGE.render(refusal=self, home=home), self.status, headers, HTML)
        return Response(self._details(), self.status, headers, PROBLEM)

    def _details(self) -> str:
        # `about:blank` says that the status tells all about the type of problem (RFC 9457, section 4.2.1).
        details: dict[str, object] = {"type": "about:blank", "title": self.title, "status": self.status}
        choices = [{"href": link, "type": media_type} for link, media_type in self.choices.items()]
        more = {"choices": choices} if choices else {}
        return json.dumps(details | {"detail": self.detail} | more | dict(self.extra), ensure_ascii=False) + "\n"
