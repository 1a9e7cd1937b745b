"""An address of the site to its answer: a file by its name, a document in the format that suits the client.

Standards: RFC 9110, section 12; Cool URIs for the Semantic Web (W3C Note). What stands for a thing of the world, as
a State does, is answered 303 See Other with the document about it; what is itself a document (a report, a list, a
question, the vocabulary) is answered 200, and Content-Location names the file. All links are relative, so that they
hold behind any proxy and under any path.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import BinaryIO, Final
from urllib.parse import quote

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from rejoinder import formats, namespaces
from rejoinder.errors import StoreError
from rejoinder.server import http
from rejoinder.server.current import ServedVersion, VersionWatcher
from rejoinder.server.files import HTML, REPRESENTATIONS, media_type_of
from rejoinder.server.http import field
from rejoinder.server.page_cache import Representation
from rejoinder.server.problems import HTTPProblem

_SPEC: Final = re.compile(r"(\d{0,18})-(\d{0,18})", re.ASCII)
_MAX_PARTS: Final = 16


@dataclass(frozen=True)
class ByteRange:
    """Some bytes of a file, from `start` up to but without `end`."""

    start: int
    end: int

    def content_range(self, size: int) -> str:
        """The span as the header Content-Range has it.

        >>> ByteRange(0, 10).content_range(25)
        'bytes 0-9/25'
        """
        return f"bytes {self.start}-{self.end - 1}/{size}"


def spans(header: str, size: int) -> tuple[ByteRange, ...] | None:
    """The parts of a file of `size` bytes that a Range header asks for, none if it has none of them.

    None: the header is to be ignored.

    >>> spans("bytes=0-4, -5", 100)
    (ByteRange(start=0, end=5), ByteRange(start=95, end=100))
    >>> spans("bytes=100-", 100), spans("lines=1-2", 100)
    ((), None)
    """
    unit, _, specs = header.partition("=")
    parts = [part.strip() for part in specs.split(",") if part.strip()]
    if unit.strip().lower() != "bytes" or not 0 < len(parts) <= _MAX_PARTS:
        return None
    found = [_SPEC.fullmatch(part) for part in parts]
    if any(match is None or _is_senseless(match[1], match[2]) for match in found):
        return None
    return _merged(span for match in found if match and (span := _span(match[1], match[2], size)))


def _is_senseless(first: str, last: str) -> bool:
    return not (first or last) or bool(first and last and int(first) > int(last))


def _span(first: str, last: str, size: int) -> ByteRange | None:
    """The span of one part, None if the file has nothing of it."""
    start = int(first) if first else max(size - int(last), 0)
    end = min(int(last) + 1, size) if first and last else size
    return ByteRange(start, end) if start < end else None


def _merged(found: Iterator[ByteRange]) -> tuple[ByteRange, ...]:
    """Spans in the order asked for; those that overlap are one, so that no byte is sent twice: section 14.2."""
    merged: list[ByteRange] = []
    for span in found:
        touching = [other for other in merged if span.start < other.end and other.start < span.end]
        for other in touching:
            merged.remove(other)
        every = [span, *touching]
        merged.append(ByteRange(min(one.start for one in every), max(one.end for one in every)))
    return tuple(merged)


@dataclass(frozen=True)
class Multipart:
    """The form of an answer with several parts: multipart/byteranges, section 14.6."""

    media_type: str
    size: int
    boundary: str

    def head(self, part: ByteRange) -> bytes:
        """What stands before a part."""
        lines = (f"--{self.boundary}", f"Content-Type: {self.media_type}", f"Content-Range: {self._range(part)}")
        return "\r\n".join(("", *lines, "", "")).encode()

    @property
    def tail(self) -> bytes:
        """What stands behind the last part."""
        return f"\r\n--{self.boundary}--\r\n".encode()

    def length(self, parts: Sequence[ByteRange]) -> int:
        """How long the whole answer is."""
        return sum(len(self.head(part)) + part.end - part.start for part in parts) + len(self.tail)

    def _range(self, part: ByteRange) -> str:
        return part.content_range(self.size)


_PIECE: Final = 256 * 1024


class Download(Response):
    """The answer that sends an open file, and closes it.

    Raises:
        HTTPProblem: 416, the file has none of the parts that were asked for.
    """

    def __init__(self, request: Request, file: BinaryIO, found: Representation, headers: Mapping[str, str]) -> None:
        asked = _asked(request, found)
        if asked == ():
            file.close()
            detail = f"The file has {found.size} bytes, and none where they were asked for."
            size = {"Content-Range": f"bytes */{found.size}"}
            raise HTTPProblem(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, detail, headers=size)
        self._file = file
        self._parts = asked or (ByteRange(0, found.size),)
        self._multipart = Multipart(found.media_type, found.size, secrets.token_hex(16))
        status = HTTPStatus.PARTIAL_CONTENT if asked else HTTPStatus.OK
        super().__init__(None, status, dict(headers) | (self._range_headers() if asked else {}))
        self.headers["Content-Length"] = str(self._length())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the file; of a HEAD request, only what it would say of it."""
        _ = receive
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            if scope["method"] != "HEAD":
                async for piece in self._pieces():
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._file.close()

    def _range_headers(self) -> dict[str, str]:
        if len(self._parts) == 1:
            return {"Content-Range": self._parts[0].content_range(self._multipart.size)}
        return {"Content-Type": f"multipart/byteranges; boundary={self._multipart.boundary}"}

    def _length(self) -> int:
        if len(self._parts) == 1:
            return self._parts[0].end - self._parts[0].start
        return self._multipart.length(self._parts)

    async def _pieces(self) -> AsyncIterator[bytes]:
        several = len(self._parts) > 1
        for part in self._parts:
            if several:
                yield self._multipart.head(part)
            async for piece in _read(self._file, part):
                yield piece
        if several:
            yield self._multipart.tail


def _asked(request: Request, found: Representation) -> tuple[ByteRange, ...] | None:
    """The parts that are asked for; None for the whole, as when the client has the rest of another file."""
    header, expected = request.headers.get("range"), request.headers.get("if-range")
    if header is None or expected not in {None, found.etag}:
        return None
    return spans(header, found.size)


async def _read(file: BinaryIO, part: ByteRange) -> AsyncIterator[bytes]:
    file.seek(part.start)
    left = part.end - part.start
    while left and (piece := await to_thread.run_sync(file.read, min(_PIECE, left))):
        left -= len(piece)
        yield piece


_ATTEMPTS: Final = 3

_SYNTAXES: Final = {syntax.suffix: syntax for syntax in formats.RDF_SYNTAXES} | {
    ".json": formats.JSON,
    ".nq.gz": formats.NQUADS,
}
"""The syntaxes that clients may ask for by other types than that of the file."""

_PACKED, _PACKED_SUFFIX = "gzip", ".gz"

_FORMATS: Final = {syntax.name: syntax.suffix for syntax in formats.RDF_SYNTAXES} | {
    "html": ".html",
    "csv": ".csv",
    "json": ".json",
    "sparql": ".rq",
}


@dataclass(frozen=True)
class Variant:
    """The file that answers; `negotiated` says that another client might get another one.

    `unpacked` is the media type of what is in a packed file, for a client that asked for that and unpacks on its way.
    """

    path: str
    negotiated: bool
    unpacked: str | None = None


@dataclass(frozen=True)
class PageEndpoint:
    """Answers for every file of the newest version."""

    watcher: VersionWatcher

    async def __call__(self, request: Request) -> Response:
        """The answer to a request for a page.

        Raises:
            HTTPProblem: there is no such page, or not in a format that the client takes.
        """
        for _ in range(_ATTEMPTS):
            served = await self.watcher.current()
            try:
                return await _answer(request, served)
            except StoreError:  # the version was removed while we read it
                if served is await self.watcher.current():
                    raise
        raise HTTPProblem(HTTPStatus.SERVICE_UNAVAILABLE, "The data are being replaced; ask again in a moment.")


async def _answer(request: Request, served: ServedVersion) -> Response:
    path = request.path_params["path"]
    if path and not path.endswith("/") and await served.pages.get(path):
        return await _file(request, served, Variant(path, negotiated=False))
    files = await served.pages.beside(path + "index" if not path or path.endswith("/") else path)
    if not files:
        return await _folder(served, path)
    choice = _choice(request, files)
    return _see_other(choice) if _is_thing(path) else await _file(request, served, choice)


async def _folder(served: ServedVersion, path: str) -> Response:
    """Where `state/` was meant, `state` leads to it, as on static hosts.

    Raises:
        HTTPProblem: nothing here goes by that name.
    """
    if path and not path.endswith("/") and await served.pages.beside(f"{path}/index"):
        headers = {"Location": f"{_name(path)}/", "Cache-Control": "no-cache"}
        return Response(None, HTTPStatus.MOVED_PERMANENTLY, headers)
    raise HTTPProblem(HTTPStatus.NOT_FOUND, "There is no such page here. The start page lists what there is.")


async def _file(request: Request, served: ServedVersion, choice: Variant) -> Response:
    """The file, packed as the client likes it; parts are always parts of the file as it stands."""
    found = await served.pages.get(choice.path)
    if found and found.codings and "range" not in request.headers:
        coding = http.choose_coding(field(request, "accept-encoding"), found.codings)
        found = await served.pages.get(choice.path, coding)
    if found is None:
        raise _gone(served, choice.path)
    return await _send(request, served, choice, found)


def _gone(served: ServedVersion, path: str) -> StoreError:
    return StoreError(f"{path} is gone from version {served.manifest.number}")


def _choice(request: Request, files: tuple[str, ...]) -> Variant:
    """The file that suits the client, or that it asks for by the name of a format.

    Raises:
        HTTPProblem: there is none.
    """
    wanted = request.query_params.get("format")
    if wanted is not None:
        return Variant(_in_format(files, wanted), negotiated=False)
    accept = field(request, "accept")
    if http.choose_coding(field(request, "accept-encoding"), (_PACKED,)):
        media_type, path = _acceptable(files, accept, packed=True)
        is_packed = path.endswith(_PACKED_SUFFIX) and media_type != media_type_of(path)
        return Variant(path, negotiated=True, unpacked=formats.NQUADS.media_type if is_packed else None)
    try:
        return Variant(_acceptable(files, accept, packed=False)[1], negotiated=True)
    except HTTPProblem:  # then rather packed than not at all
        return Variant(_acceptable(files, accept, packed=True)[1], negotiated=True)


def _acceptable(files: tuple[str, ...], accept: str | None, *, packed: bool) -> tuple[str, str]:
    """The file that suits the client best, behind the media type under which it was asked for.

    A client of RDF gets the page last. `packed` says whether what is packed may stand for what is in it.

    Raises:
        HTTPProblem: none does.
    """
    if http.prefers_data(accept):
        files = tuple(sorted(files, key=lambda path: path.endswith(".html")))
    own = [(media_type_of(path), path) for path in files]
    other = [(media_type, path) for path in files for media_type in _other_types(path, accept)]
    offers = own + [(media_type, path) for media_type, path in other if packed or not path.endswith(_PACKED_SUFFIX)]
    chosen = http.choose(accept, [media_type for media_type, _ in offers])
    if chosen is None:
        raise _not_acceptable(files)
    return offers[chosen]


def _other_types(path: str, accept: str | None) -> tuple[str, ...]:
    """The types beside that of the file under which this client may ask for it."""
    syntax = _SYNTAXES.get(_suffix(path))
    if syntax is None:
        return ()
    within = (syntax.media_type,) if path.endswith(_PACKED_SUFFIX) else ()
    return within + http.other_types(syntax, accept)


def _in_format(files: tuple[str, ...], wanted: str) -> str:
    """The file in the format asked for: by name, suffix or media type.

    Raises:
        HTTPProblem: there is none.
    """
    for word in http.words([wanted]):
        suffix = _FORMATS.get(word, f".{word}")
        for path in files:
            if _suffix(path) == suffix or media_type_of(path).partition(";")[0] == word:
                return path
        syntax = http.named(word, formats.RDF_SYNTAXES)
        for path in files:
            if syntax and _suffix(path) == syntax.suffix:
                return path
    raise _not_acceptable(files)


def _not_acceptable(files: tuple[str, ...]) -> HTTPProblem:
    choices = {_name(path): media_type_of(path) for path in files}
    links = [http.TypedLink("alternate", name, kind.partition(";")[0]) for name, kind in choices.items()]
    detail = "This is not to be had in a format that was asked for; it is to be had in these."
    return HTTPProblem(HTTPStatus.NOT_ACCEPTABLE, detail, choices=choices, headers={"Link": http.header(links)})


def _is_thing(path: str) -> bool:
    """Whether the path stands for a thing of the world: a member of one of the collections of shared things."""
    kind, _, name = path.partition("/")
    return bool(name) and kind in namespaces.COLLECTIONS


def _see_other(choice: Variant) -> Response:
    vary = {"Vary": "Accept"} if choice.negotiated else {}
    headers = {"Location": _name(choice.path), "Cache-Control": "no-cache", **vary}
    return Response(None, HTTPStatus.SEE_OTHER, headers)


async def _send(request: Request, served: ServedVersion, choice: Variant, found: Representation) -> Response:
    headers = _headers(served, choice, found, await _links(served, found))
    if not http.is_expected(field(request, "if-match"), found.etag):
        raise HTTPProblem(HTTPStatus.PRECONDITION_FAILED, "This is not what it was when it was read last.")
    if http.is_held(field(request, "if-none-match"), found.etag):
        return Response(None, HTTPStatus.NOT_MODIFIED, headers)
    if found.content is not None and "range" not in request.headers:
        return Response(found.content, headers=headers)
    file = await served.pages.open(found.path)
    if file is None:
        raise _gone(served, found.path)
    return Download(request, file, found, headers)


def _headers(
    served: ServedVersion, choice: Variant, found: Representation, links: tuple[http.TypedLink, ...]
) -> dict[str, str]:
    packed = bool(found.codings or (choice.negotiated and found.path.endswith(_PACKED_SUFFIX)))
    vary = [name for name, varies in (("Accept", choice.negotiated), ("Accept-Encoding", packed)) if varies]
    headers = {"Content-Type": found.media_type, "ETag": found.etag, "Cache-Control": _caching(served)}
    headers |= {"Vary": ", ".join(vary)} if vary else {}
    headers |= {"Content-Encoding": found.coding} if found.coding else {"Accept-Ranges": "bytes"}
    headers |= {"Content-Type": choice.unpacked, "Content-Encoding": _PACKED} if choice.unpacked else {}
    headers |= {"Content-Location": _name(found.path)} if choice.negotiated else {}
    return headers | ({"Link": http.header(links)} if links else {})


async def _links(served: ServedVersion, found: Representation) -> tuple[http.TypedLink, ...]:
    """The typed links of a page; those of its data come from the page beside them."""
    if found.media_type == HTML:
        return found.links
    suffix = _suffix(found.path)
    page = await served.pages.get(f"{found.path.removesuffix(suffix)}.html") if suffix else None
    return http.data_links(page.links, _name(page.path)) if page and page.links else ()


def _caching(served: ServedVersion) -> str:
    """A page may be kept, but must be asked about: the next version may say otherwise.

    So may files of a version that is past: numbers begin again where the folder of the build is lost.
    """
    age = served.max_age
    return f"public, max-age={age}, must-revalidate" if age else "no-cache"


def _name(path: str) -> str:
    """A file as seen from its own folder, as a relative address."""
    return quote(path.rpartition("/")[2], safe="!$&'()*+,;=@~")


def _suffix(path: str) -> str:
    return next((suffix for suffix in REPRESENTATIONS if path.endswith(suffix)), "")
