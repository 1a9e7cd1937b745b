"""An address of the site to its answer: a file by its name, a document in the format that suits the client.

Standards: RFC 9110, section 12; Cool URIs for the Semantic Web (W3C Note). What stands for a thing of the world, as
a State does, is answered 303 See Other with the document about it; what is itself a document (a report, a list, a
question, the vocabulary) is answered 200, and Content-Location names the file. All links are relative, so that they
hold behind any proxy and under any path.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from rejoinder import formats, names
from rejoinder.errors import StoreError
from rejoinder.server import negotiation, typedlinks, validators
from rejoinder.server.downloads import Download
from rejoinder.server.editions import Editions, Opened
from rejoinder.server.fields import field
from rejoinder.server.problems import Refusal
from rejoinder.server.representations import Representation
from rejoinder.server.shelves import HTML, REPRESENTATIONS, media_type_of

_ATTEMPTS: Final = 3

_ALIASES: Final = {".jsonld": ("application/json",), ".json": ("application/json",), ".nq.gz": ("application/n-quads",)}
"""Media types under which clients may ask for a format beside its own."""

_FORMATS: Final = {syntax.name: syntax.suffix for syntax in formats.RDF_SYNTAXES} | {
    "html": ".html",
    "csv": ".csv",
    "json": ".json",
    "sparql": ".rq",
}


@dataclass(frozen=True)
class Choice:
    """The file that answers; `negotiated` says that another client might get another one."""

    path: str
    negotiated: bool


@dataclass(frozen=True)
class Dereferencing:
    """Answers for every file of the newest version."""

    editions: Editions

    async def __call__(self, request: Request) -> Response:
        """The answer to a request for a page.

        Raises:
            Refusal: there is no such page, or not in a format that the client takes.
        """
        for _ in range(_ATTEMPTS):
            opened = await self.editions.current()
            try:
                return await _answer(request, opened)
            except StoreError:  # the version was removed while we read it
                if opened is await self.editions.current():
                    raise
        raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "The data are being replaced; ask again in a moment.")


async def _answer(request: Request, opened: Opened) -> Response:
    path = request.path_params["path"]
    if path and not path.endswith("/") and await opened.pages.get(path):
        return await _file(request, opened, Choice(path, negotiated=False))
    files = await opened.pages.beside(path + "index" if not path or path.endswith("/") else path)
    if not files:
        return await _folder(opened, path)
    choice = _choice(request, files)
    return _see_other(choice) if _is_thing(path) else await _file(request, opened, choice)


async def _folder(opened: Opened, path: str) -> Response:
    """Where `state/` was meant, `state` leads to it, as on static hosts.

    Raises:
        Refusal: nothing here goes by that name.
    """
    if path and not path.endswith("/") and await opened.pages.beside(f"{path}/index"):
        headers = {"Location": f"{_name(path)}/", "Cache-Control": "no-cache"}
        return Response(None, HTTPStatus.MOVED_PERMANENTLY, headers)
    raise Refusal(HTTPStatus.NOT_FOUND, "There is no such page here. The start page lists what there is.")


async def _file(request: Request, opened: Opened, choice: Choice) -> Response:
    """The file, packed as the client likes it; parts are always parts of the file as it stands."""
    found = await opened.pages.get(choice.path)
    if found and found.codings and "range" not in request.headers:
        coding = negotiation.choose_coding(field(request, "accept-encoding"), found.codings)
        found = await opened.pages.get(choice.path, coding)
    if found is None:
        raise _gone(opened, choice.path)
    return await _send(request, opened, choice, found)


def _gone(opened: Opened, path: str) -> StoreError:
    return StoreError(f"{path} is gone from version {opened.manifest.number}")


def _choice(request: Request, files: tuple[str, ...]) -> Choice:
    """The file that suits the client, or that it asks for by the name of a format.

    Raises:
        Refusal: there is none.
    """
    wanted = request.query_params.get("format")
    if wanted is not None:
        return Choice(_in_format(files, wanted), negotiated=False)
    return Choice(_acceptable(files, field(request, "accept")), negotiated=True)


def _acceptable(files: tuple[str, ...], accept: str | None) -> str:
    """The file that suits the client best.

    Raises:
        Refusal: none does.
    """
    own = [(media_type_of(path), path) for path in files]
    other = [(alias, path) for path in files for alias in _ALIASES.get(_suffix(path), ())]
    offers = own + other
    chosen = negotiation.choose(accept, [media_type for media_type, _ in offers])
    if chosen is None:
        raise _not_acceptable(files)
    return offers[chosen][1]


def _in_format(files: tuple[str, ...], wanted: str) -> str:
    """The file in the format asked for: by name, suffix or media type.

    Raises:
        Refusal: there is none.
    """
    suffix = _FORMATS.get(wanted, f".{wanted}")
    for path in files:
        # In a query string '+' is a blank: application/ld+json arrives with one.
        if _suffix(path) == suffix or media_type_of(path).partition(";")[0] == wanted.replace(" ", "+"):
            return path
    raise _not_acceptable(files)


def _not_acceptable(files: tuple[str, ...]) -> Refusal:
    choices = {_name(path): media_type_of(path) for path in files}
    links = [typedlinks.Link("alternate", name, kind.partition(";")[0]) for name, kind in choices.items()]
    detail = "This is not to be had in a format that was asked for; it is to be had in these."
    return Refusal(HTTPStatus.NOT_ACCEPTABLE, detail, choices=choices, headers={"Link": typedlinks.header(links)})


def _is_thing(path: str) -> bool:
    """Whether the path stands for a thing of the world: a member of one of the collections of shared things."""
    kind, _, name = path.partition("/")
    return bool(name) and kind in names.COLLECTIONS


def _see_other(choice: Choice) -> Response:
    vary = {"Vary": "Accept"} if choice.negotiated else {}
    headers = {"Location": _name(choice.path), "Cache-Control": "no-cache", **vary}
    return Response(None, HTTPStatus.SEE_OTHER, headers)


async def _send(request: Request, opened: Opened, choice: Choice, found: Representation) -> Response:
    headers = _headers(opened, choice, found, await _links(opened, found))
    if not validators.is_expected(field(request, "if-match"), found.etag):
        raise Refusal(HTTPStatus.PRECONDITION_FAILED, "This is not what it was when it was read last.")
    if validators.is_held(field(request, "if-none-match"), found.etag):
        return Response(None, HTTPStatus.NOT_MODIFIED, headers)
    if found.content is not None and "range" not in request.headers:
        return Response(found.content, headers=headers)
    file = await opened.pages.open(found.path)
    if file is None:
        raise _gone(opened, found.path)
    return Download(request, file, found, headers)


def _headers(
    opened: Opened, choice: Choice, found: Representation, links: tuple[typedlinks.Link, ...]
) -> dict[str, str]:
    vary = [name for name, varies in (("Accept", choice.negotiated), ("Accept-Encoding", found.codings)) if varies]
    headers = {"Content-Type": found.media_type, "ETag": found.etag, "Cache-Control": _caching(opened)}
    headers |= {"Vary": ", ".join(vary)} if vary else {}
    headers |= {"Content-Encoding": found.coding} if found.coding else {"Accept-Ranges": "bytes"}
    headers |= {"Content-Location": _name(found.path)} if choice.negotiated else {}
    return headers | ({"Link": typedlinks.header(links)} if links else {})


async def _links(opened: Opened, found: Representation) -> tuple[typedlinks.Link, ...]:
    """The typed links of a page; those of its data come from the page beside them."""
    if found.media_type == HTML:
        return found.links
    suffix = _suffix(found.path)
    page = await opened.pages.get(f"{found.path.removesuffix(suffix)}.html") if suffix else None
    return typedlinks.data_links(page.links, _name(page.path)) if page and page.links else ()


def _caching(opened: Opened) -> str:
    """A page may be kept, but must be asked about: the next version may say otherwise.

    So may files of a version that is past: numbers begin again where the folder of the build is lost.
    """
    age = opened.max_age
    return f"public, max-age={age}, must-revalidate" if age else "no-cache"


def _name(path: str) -> str:
    """A file as seen from its own folder, percent-encoded."""
    return names.as_uri(path.rpartition("/")[2])


def _suffix(path: str) -> str:
    return next((suffix for suffix in REPRESENTATIONS if path.endswith(suffix)), "")
