"""The parts of the server beside its pages, each with addresses of its own."""

from __future__ import annotations

from dataclasses import dataclass
from logging import INFO, WARNING
from pathlib import Path

from rejoinder.errors import StoreError
from rejoinder.formats import Syntax
from rejoinder.server import description
from rejoinder.server.api import Api
from rejoinder.server.app import Extension, House
from rejoinder.server.editions import Opened
from rejoinder.server.lanes import QueryLimits, Source
from rejoinder.server.queries import Answering, Memory, Queries
from rejoinder.server.remoteworkers import RemoteWorkers
from rejoinder.server.sparql import Description, Endpoint
from rejoinder.server.workers import Workers
from rejoinder.settings import ServerSettings
from rejoinder.store.isolation import Barrier
from rejoinder.triplestores.remote import Remote

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


def query_parts(house: House, remote: Remote | None = None) -> tuple[Extension, ...]:
    """SPARQL and the stored questions over HTTP: what answers them follows the newest version, as pages do.

    With `remote`, they are put to a triple store.
    """
    settings = house.project.server
    limits = query_limits(settings)
    workers = Workers(house.project.base, limits) if remote is None else RemoteWorkers(remote, limits)
    followed = _Followed(house, workers)
    queries = Queries(workers, Memory(settings.query_cache_bytes))
    endpoint = Endpoint(house.project.base, queries, Description(followed.described, lambda: followed.page))
    api = Api(house.project, queries)
    return (
        Extension(tuple(endpoint.routes()), followed.follow, workers.close, followed.barrier),
        Extension(api.routes(), api.follow),
    )


@dataclass
class _Followed:
    """What the endpoint says of itself, of the version that it answers from."""

    house: House
    workers: Answering
    page: bytes | None = None
    _opened: Opened | None = None
    _logged: str = ""

    async def follow(self, opened: Opened) -> None:
        """See `Follower`."""
        name = f"{opened.manifest.number} {opened.mark}"
        await self.workers.switch(Source(opened.store or Path(), name))
        if self.barrier() != self._logged:
            self._logged = self.barrier()
            self.house.log.log(WARNING if self.workers.barrier is Barrier.NONE else INFO, "%s", self._logged)
        page = await opened.pages.get(_PAGE)
        self.page, self._opened = page.content if page else None, opened

    def barrier(self) -> str:
        """What stands between queries and the network, in a line."""
        return f"queries: {self.workers.barrier}"

    def described(self, syntax: Syntax) -> bytes:
        """The Service Description."""
        if self._opened is None:
            raise StoreError("no version has been opened yet")
        return description.written(self.house.project, self._opened.manifest, syntax)
