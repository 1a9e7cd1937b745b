"""The parts of the server beside its pages, each with addresses of its own."""

from __future__ import annotations

from dataclasses import dataclass

from rejoinder.errors import StoreError
from rejoinder.formats import Syntax
from rejoinder.server import description
from rejoinder.server.api import Api
from rejoinder.server.app import Extension, House
from rejoinder.server.editions import Opened
from rejoinder.server.queries import Memory, Queries
from rejoinder.server.sparql import Description, Endpoint
from rejoinder.server.workers import QueryLimits, Source, Workers
from rejoinder.settings import ServerSettings

_PAGE = "sparql.html"


def query_limits(settings: ServerSettings) -> QueryLimits:
    """What a query may take."""
    return QueryLimits(
        seconds=settings.query_seconds,
        text=settings.query_bytes,
        size=settings.query_result_bytes,
        memory=settings.query_memory_bytes,
        workers=settings.query_workers,
        waiting=settings.query_queue,
    )


def query_parts(house: House) -> tuple[Extension, ...]:
    """SPARQL and the stored questions over HTTP: workers that follow the newest version, and what asks them."""
    settings = house.project.server
    workers = Workers(house.project.base, query_limits(settings))
    followed = _Followed(house, workers)
    queries = Queries(workers, Memory(settings.query_cache_bytes))
    endpoint = Endpoint(house.project.base, queries, Description(followed.described, lambda: followed.page))
    api = Api(house.project, queries)
    return (
        Extension(tuple(endpoint.routes()), followed.follow, workers.close),
        Extension(api.routes(), api.follow),
    )


@dataclass
class _Followed:
    """What the endpoint says of itself, of the version that it answers from."""

    house: House
    workers: Workers
    page: bytes | None = None
    _opened: Opened | None = None

    async def follow(self, opened: Opened) -> None:
        """See `Follower`."""
        name = f"{opened.version.manifest.number} {opened.mark}"
        await self.workers.switch(Source(opened.version.store_path, name))
        page = await opened.pages.get(_PAGE)
        self.page, self._opened = page.content if page else None, opened

    def described(self, syntax: Syntax) -> bytes:
        """The Service Description."""
        if self._opened is None:
            raise StoreError("no version has been opened yet")
        return description.written(self.house.project, self._opened.version.manifest, syntax)
