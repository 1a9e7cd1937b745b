"""The version that is served from a triple store: what was pushed last, looked at every moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from anyio import to_thread

from rejoinder.server.editions import Editions, Opened
from rejoinder.server.representations import Cache
from rejoinder.server.shelves import StoreShelf
from rejoinder.site.pages import Edition
from rejoinder.triplestores.remote import Remote
from rejoinder.triplestores.remoteedition import RemoteShelf

_SECONDS: Final = 1.0
"""How long the store is not asked whether it still holds the same."""


@dataclass
class RemoteEditions(Editions):
    """Opens the version that a triple store holds, and the next one when it was pushed there."""

    remote: Remote = field(kw_only=True)
    clock: Callable[[], float] = time.monotonic
    _edition: Edition | None = None
    _looked: float = 0.0

    @cached_property
    def _shelf(self) -> RemoteShelf:
        return RemoteShelf(self.project, self.remote)

    async def current(self) -> Opened:
        """The version that the store holds.

        Raises:
            StoreError: it holds none.
            RemoteError: it cannot be reached, or refuses.
        """
        if self._opened and self.clock() - self._looked < _SECONDS:
            return self._opened
        async with self._turn:
            edition = await to_thread.run_sync(self._shelf.edition)
            if self._opened is None or edition is not self._edition:
                opened = self._opened_of(edition)
                for follow in self.followers:
                    await follow(opened)
                self._opened, self._edition = opened, edition
            self._looked = self.clock()
            return self._opened

    def _opened_of(self, edition: Edition) -> Opened:
        settings = self.project.server
        pages = Cache(StoreShelf(edition), settings.cache_bytes, self._workers)
        return Opened(edition.manifest, self._shelf.fingerprint, pages, settings.max_age, lambda: edition, None)
