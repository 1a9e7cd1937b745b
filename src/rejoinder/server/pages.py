"""Answer requests for pages: files by name, and documents in the format that suits the client.

Standards: RFC 9110, sections 12 (negotiation) and 14 (ranges); Cool URIs for the Semantic Web (W3C Note). The IRI of a
real-world thing, such as a State, is answered with 303 See Other to the document about it. The IRI of a document (a
report, a list, a question, the vocabulary) is answered with 200, and Content-Location names the file. All links are
relative, so that they work behind any proxy and under any path.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import BinaryIO, Final
from urllib.parse import quote

from anyio import AsyncFile, wrap_file
from starlette.requests import Request
from starlette.responses import FileResponse, MalformedRangeHeader, RangeNotSatisfiable, Response
from starlette.types import Receive, Scope, Send

from rejoinder import formats, namespaces
from rejoinder.errors import StoreError
from rejoinder.server import http, negotiation
from rejoinder.server.files import Representation, ServedVersion, VersionWatcher
from rejoinder.server.http import REPRESENTATIONS, HTTPProblem, header, media_type_of
from rejoinder.server.middleware import READ_METHODS, allowed
from rejoinder.site import moved
from rejoinder.site.render import HTML


class Download(FileResponse):
    """A response that sends an open file, or ranges of it, and then closes it.

    Starlette's `FileResponse` makes the entity tag from the modification time, but another version may have the same
    file with another time, or an older file with a later time.
    """

    max_ranges = 16  # many small or overlapping ranges would multiply the work (RFC 9110, 14.2)

    def __init__(self, file: BinaryIO, found: Representation, headers: Mapping[str, str]) -> None:
        size = os.stat_result((0, 0, 0, 0, 0, 0, found.size, 0, 0, 0))
        super().__init__(found.path, headers=headers, media_type=found.media_type, stat_result=size)
        self._file = file

    def set_stat_headers(self, stat_result: os.stat_result) -> None:
        """Set Content-Length, but neither Last-Modified nor a tag made from the time."""
        self.headers["Content-Length"] = str(stat_result.st_size)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file; for a HEAD request, only the headers.

        Raises:
            HTTPProblem: 416, the requested range is not in the file.
        """
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._file.close()

    @asynccontextmanager
    async def _open_file(self) -> AsyncIterator[AsyncFile[bytes]]:
        """Yield the file that is open already; Starlette would open it by its path."""
        yield wrap_file(self._file)

    def _should_use_range(self, http_if_range: str) -> bool:
        """Return whether If-Range names our tag; Starlette would also compare it with the file's time."""
        return http_if_range == self.headers["etag"]

    @classmethod
    def _parse_ranges(cls, range_: str, file_size: int) -> list[tuple[int, int]]:
        """Return the ranges that begin in the file, or all if none does; section 14.1.2 ignores the others."""
        ranges = super()._parse_ranges(range_, file_size)
        return [found for found in ranges if found[0] < file_size] or ranges

    @classmethod
    def _parse_range_header(cls, http_range: str, file_size: int) -> list[tuple[int, int]]:
        try:
            return super()._parse_range_header(http_range, file_size)
        except MalformedRangeHeader:
            return []  # as section 14.2 allows: it is answered with the whole file
        except RangeNotSatisfiable as error:
            detail = f"The file has {file_size} bytes; every requested range begins after its end."
            headers = {"Content-Range": f"bytes */{file_size}"}
            status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
            raise HTTPProblem(status, detail, headers=headers) from error


_MAX_ATTEMPTS: Final = 3

_SYNTAXES: Final = {syntax.suffix: syntax for syntax in formats.RDF_SYNTAXES} | {
    ".json": formats.JSON,
    ".nq.gz": formats.NQUADS,
    ".nt.gz": formats.NTRIPLES,
}
"""The syntaxes that clients may request by other media types than that of the file."""

_PACKED, _PACKED_SUFFIX = "gzip", ".gz"

_FORMATS: Final = {syntax.name: syntax.suffix for syntax in formats.RDF_SYNTAXES} | {
    "html": ".html",
    "csv": ".csv",
    "json": ".json",
    "sparql": ".rq",
}


@dataclass(frozen=True)
class Variant:
    """The chosen file; `negotiated` says that another client might get another one.

    `unpacked` is the media type of the content of a compressed file, if the client asked for that and can decompress.
    """

    path: str
    negotiated: bool
    unpacked: str | None = None


@dataclass(frozen=True)
class PageEndpoint:
    """The endpoint for the files of the newest version."""

    watcher: VersionWatcher

    async def __call__(self, request: Request) -> Response:
        """Return the answer to a request for a page.

        Raises:
            HTTPProblem: there is no such page, or none in a format that the client accepts.
        """
        if request.method == "OPTIONS":
            return allowed(*READ_METHODS)
        for _ in range(_MAX_ATTEMPTS):
            served = await self.watcher.current()
            try:
                return await _answer(request, served)
            except StoreError:  # the version was removed while we read it
                if served is await self.watcher.current():
                    raise
        raise HTTPProblem(HTTPStatus.SERVICE_UNAVAILABLE, "The data are being replaced; ask again in a moment.")


async def _answer(request: Request, served: ServedVersion) -> Response:
    path = request.path_params["path"]
    new = served.snapshot.project.successor(path)
    if new == "":  # withdrawn; the answer names nothing, because a list of such names would publish them
        raise HTTPProblem(HTTPStatus.GONE, moved.GONE)
    if new:
        # Relative, as all our redirects, because behind a proxy the server does not know its address. 303, because a
        # thing is answered with it anyway.
        target = "../" * path.count("/") + quote(new, safe="/!$&'()*+,;=@~")
        return Response(None, HTTPStatus.SEE_OTHER, {"Location": target, "Cache-Control": "no-cache"})
    if path and not path.endswith("/") and await served.pages.get(path):
        return await _file(request, served, Variant(path, negotiated=False, unpacked=_content_type(request, path)))
    files = await served.pages.beside(path + "index" if not path or path.endswith("/") else path)
    if not files:
        return await _folder(served, path)
    document = path.rpartition("/")[0]
    # A page that shows a part of a document, such as a claim, has no data of its own.
    is_page = all(file.endswith(".html") for file in files)
    if _asks_for_data(request) and is_page and (data := await _data_of(served, document)):
        return _see_other(_choice(request, data), "../")
    choice = _choice(request, files)
    # The author of a page about a person is not the author of the person, so a thing and its document differ.
    return _see_other(choice) if _is_thing(path) else await _file(request, served, choice)


async def _data_of(served: ServedVersion, path: str) -> tuple[str, ...]:
    """Return the files in RDF of the document at the path."""
    return tuple(file for file in await served.pages.beside(path) if _suffix(file) in _SYNTAXES) if path else ()


def _asks_for_data(request: Request) -> bool:
    wanted = request.query_params.get("format")
    if wanted is None:
        return negotiation.prefers_data(header(request, "accept"))
    names = negotiation.format_names([wanted])
    return any(negotiation.syntax_named(word, formats.RDF_SYNTAXES) for word in names)


async def _folder(served: ServedVersion, path: str) -> Response:
    """Return the redirect from `state` to `state/`, as static hosts give it.

    Raises:
        HTTPProblem: there is no such page.
    """
    if path and not path.endswith("/") and await served.pages.beside(f"{path}/index"):
        headers = {"Location": f"{_name(path)}/", "Cache-Control": "no-cache"}
        return Response(None, HTTPStatus.MOVED_PERMANENTLY, headers)
    raise HTTPProblem(HTTPStatus.NOT_FOUND, http.NO_PAGE)


async def _file(request: Request, served: ServedVersion, choice: Variant) -> Response:
    """Return the file in the client's preferred coding; ranges are always of the uncompressed file."""
    # A range counts bytes of the uncompressed file, so a partial response is never compressed.
    found = await served.pages.get(choice.path)
    if found and found.codings and "range" not in request.headers:
        coding = negotiation.choose_coding(header(request, "accept-encoding"), found.codings)
        found = await served.pages.get(choice.path, coding)
    if found is None:
        raise _gone(served, choice.path)
    return await _send(request, served, choice, found)


def _gone(served: ServedVersion, path: str) -> StoreError:
    return StoreError(f"{path} is gone from version {served.manifest.number}")


def _choice(request: Request, files: tuple[str, ...]) -> Variant:
    """Return the file that suits the client, or the one in the format that it names.

    Raises:
        HTTPProblem: there is none.
    """
    # An explicit parameter overrides Accept, so that a link can name a format.
    wanted = request.query_params.get("format")
    if wanted is not None:
        return Variant(_in_format(files, wanted), negotiated=False)
    accept = header(request, "accept")
    if not negotiation.choose_coding(header(request, "accept-encoding"), (_PACKED,)):
        try:
            return Variant(_acceptable(files, accept, packed=False)[1], negotiated=True)
        except HTTPProblem:
            if "accept-encoding" in request.headers:
                raise
    media_type, path = _acceptable(files, accept, packed=True)
    is_packed = path.endswith(_PACKED_SUFFIX) and media_type != media_type_of(path)
    return Variant(path, negotiated=True, unpacked=_content_type(request, path) if is_packed else None)


def _content_type(request: Request, path: str) -> str | None:
    """Return the media type of the content of a compressed file, unless the client excludes that coding.

    A client that sends no header takes any coding, and one that sends an empty one takes none (RFC 9110, section
    12.5.3). Apache Jena, for one, sends none and decompresses.
    """
    says = "accept-encoding" in request.headers
    unpacks = not says or negotiation.choose_coding(header(request, "accept-encoding"), (_PACKED,))
    return _SYNTAXES[_suffix(path)].media_type if unpacks and path.endswith(_PACKED_SUFFIX) else None


def _acceptable(files: tuple[str, ...], accept: str | None, *, packed: bool) -> tuple[str, str]:
    """Return a pair: the media type by which the client requested a file, and the path of the file that fits best.

    For an RDF client, the HTML page comes last. `packed` says whether a compressed file counts as its content.

    Raises:
        HTTPProblem: none does.
    """
    # Many RDF clients add `*/*` at the end, which would give them the HTML page, the first in our order.
    if negotiation.prefers_data(accept):
        files = tuple(sorted(files, key=lambda path: path.endswith(".html")))
    own = [(media_type_of(path), path) for path in files]
    if packed:  # the content of a compressed file comes before it, in the order of the files
        own = [offer for kind, path in own for offer in ((_syntax_of(path, kind), path), (kind, path))]
    unpacked = [path for path in files if packed or not path.endswith(_PACKED_SUFFIX)]
    offers = own + [(media_type, path) for path in unpacked for media_type in _other_types(path, accept)]
    chosen = negotiation.choose(accept, [media_type for media_type, _ in offers])
    if chosen is None:
        raise _not_acceptable(files, _NONE_ACCEPTED)
    return offers[chosen]


def _syntax_of(path: str, media_type: str) -> str:
    """Return the media type of the content of a compressed file; of another file, its own."""
    return _SYNTAXES[_suffix(path)].media_type if path.endswith(_PACKED_SUFFIX) else media_type


def _other_types(path: str, accept: str | None) -> tuple[str, ...]:
    """Return the other media types by which this client may request the file."""
    syntax = _SYNTAXES.get(_suffix(path))
    return negotiation.other_types(syntax, accept) if syntax else ()


def _in_format(files: tuple[str, ...], wanted: str) -> str:
    """Return the file in the format with the name, suffix or media type `wanted`.

    Raises:
        HTTPProblem: there is none.
    """
    for word in negotiation.format_names([wanted]):
        suffix = _FORMATS.get(word, f".{word}")
        for path in files:
            if _suffix(path) == suffix or media_type_of(path).partition(";")[0] == word:
                return path
        syntax = negotiation.syntax_named(word, formats.RDF_SYNTAXES)
        for path in files:
            if syntax and _suffix(path) == syntax.suffix:
                return path
    raise _not_acceptable(files, f"This address has no format {wanted!r:.80}; those that it has are listed here.")


_NONE_ACCEPTED: Final = "The request accepts none of the formats that this address has; they are listed here."


def _not_acceptable(files: tuple[str, ...], detail: str) -> HTTPProblem:
    choices = {_name(path): media_type_of(path) for path in files}
    links = [http.TypedLink("alternate", name, kind.partition(";")[0]) for name, kind in choices.items()]
    return HTTPProblem(HTTPStatus.NOT_ACCEPTABLE, detail, choices=choices, headers={"Link": http.link_header(links)})


def _is_thing(path: str) -> bool:
    """Return whether the path is that of a real-world thing: a member of a collection of shared things."""
    kind, _, name = path.partition("/")
    return bool(name) and kind in namespaces.COLLECTIONS


def _see_other(choice: Variant, folder: str = "") -> Response:
    vary = {"Vary": "Accept"} if choice.negotiated else {}
    headers = {"Location": folder + _name(choice.path), "Cache-Control": "no-cache", **vary}
    return Response(None, HTTPStatus.SEE_OTHER, headers)


async def _send(request: Request, served: ServedVersion, choice: Variant, found: Representation) -> Response:
    headers = _headers(served, choice, found, await _link_header(served, found))
    if not http.is_expected(header(request, "if-match"), headers["ETag"]):
        raise HTTPProblem(HTTPStatus.PRECONDITION_FAILED, "The file has changed since you read it; read it again.")
    if http.is_held(header(request, "if-none-match"), headers["ETag"]):
        return Response(None, HTTPStatus.NOT_MODIFIED, headers)
    if found.content is not None and "range" not in request.headers:
        return Response(found.content, headers=headers)
    file = await served.pages.open(found.path)
    if file is None:
        raise _gone(served, found.path)
    return Download(file, found, headers)


def _headers(served: ServedVersion, choice: Variant, found: Representation, links: str) -> dict[str, str]:
    packed = bool(found.codings or found.path.endswith(_PACKED_SUFFIX))
    vary = [name for name, varies in (("Accept", choice.negotiated), ("Accept-Encoding", packed)) if varies]
    etag = http.entity_tag(found.digest, _PACKED if choice.unpacked else found.coding)
    headers = {"Content-Type": found.media_type, "ETag": etag, "Cache-Control": _caching(served)}
    headers |= {"Vary": ", ".join(vary)} if vary else {}
    headers |= {"Content-Encoding": found.coding} if found.coding else {"Accept-Ranges": "bytes"}
    # A compressed dump is sent as its content with a content coding, which Jena and Comunica read.
    headers |= {"Content-Type": choice.unpacked, "Content-Encoding": _PACKED} if choice.unpacked else {}
    headers |= {"Content-Location": _name(found.path)} if choice.negotiated else {}
    return headers | ({"Link": links} if links else {})


async def _link_header(served: ServedVersion, found: Representation) -> str:
    """Return the Link header of a file; data files take their links from the page beside them."""
    if found.media_type == HTML:
        return found.link_header
    suffix = _suffix(found.path)
    page = await served.pages.get(f"{found.path.removesuffix(suffix)}.html") if suffix else None
    return http.link_header(http.data_links(page.links, _name(page.path))) if page and page.links else ""


def _caching(served: ServedVersion) -> str:
    """Return the Cache-Control header: how long a page is fresh, because the next version may change it.

    Files of older versions are no exception: version numbers begin again if the build folder is lost.
    """
    age = served.max_age
    return f"public, max-age={age}, must-revalidate" if age else "no-cache"


def _name(path: str) -> str:
    """Return the relative link to a file from its own folder."""
    return quote(path.rpartition("/")[2], safe="!$&'()*+,;=@~")


def _suffix(path: str) -> str:
    return next((suffix for suffix in REPRESENTATIONS if path.endswith(suffix)), "")
