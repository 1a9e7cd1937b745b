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

_PAGE = "sparql.html"


def query_parts(house: House) -> tuple[Extension, ...]:
    """SPARQL and the stored questions over HTTP: what answers them follows the newest version, as pages do."""
    followed = _Followed(house)
    queries = Queries(house.workers, Memory(house.project.server.query_cache_bytes))
    endpoint = Endpoint(house.project.base, queries, Description(followed.described, followed.page))
    api = Api(house.project, queries)
    return (
        Extension(tuple(endpoint.routes()), followed.follow, followed.barrier),
        Extension(api.routes(), api.follow),
    )


@dataclass
class _Followed:
    """What the endpoint says of itself, of the version that it answers from."""

    house: House
    _opened: Opened | None = None

    async def follow(self, opened: Opened) -> None:
        """See `Follower`."""
        self._opened = opened

    async def page(self) -> bytes | None:
        """Its page for people, None where there is none."""
        found = await self._opened.pages.get(_PAGE) if self._opened else None
        return found.content if found else None

    def barrier(self) -> str:
        """What stands between queries and the network, in a line."""
        return f"queries: {self.house.workers.barrier}"

    def described(self, syntax: Syntax) -> bytes:
        """The Service Description."""
        if self._opened is None:
            raise StoreError("no version has been opened yet")
        return description.written(self.house.project, self._opened.manifest, syntax)
