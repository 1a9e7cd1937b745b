"""The version that is served from a triple store: what was pushed last, looked at every moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from rejoinder.lazily import lazy
from rejoinder.server.editions import Editions, Opened
from rejoinder.server.lanes import Source
from rejoinder.server.pagesources import FromWorkers
from rejoinder.server.representations import Cache
from rejoinder.server.threads import in_daemon_thread
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

    @lazy
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
            edition = await in_daemon_thread(self._shelf.edition)
            if self._opened is None or edition is not self._edition:
                opened = self._opened_of(edition)
                for follow in self.followers:
                    await follow(opened)
                await self.workers.switch(opened.source)
                self._tell_barrier()
                self._opened, self._edition = opened, edition
            self._looked = self.clock()
            return self._opened

    def _opened_of(self, edition: Edition) -> Opened:
        settings = self.project.server
        mark = self._shelf.fingerprint
        source = Source(Path(), f"{edition.manifest.number} {mark}", edition)
        pages = Cache(FromWorkers(self.workers, source.name), settings.cache_bytes)
        return Opened(edition.manifest, mark, pages, settings.max_age, lambda: edition, source)
