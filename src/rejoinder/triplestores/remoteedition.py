"""The pages of the version that a triple store holds, each made when it is asked for; a push shows by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from rejoinder import formats
from rejoinder.errors import StoreError
from rejoinder.project import Project
from rejoinder.questions import questionfiles
from rejoinder.resources import resource
from rejoinder.site.families import FOLIO
from rejoinder.site.pages import Edition
from rejoinder.site.press import Page
from rejoinder.store import rdf
from rejoinder.store.context import read_context
from rejoinder.store.versions import GraphEntry, Manifest
from rejoinder.triplestores import pushrecord, results
from rejoinder.triplestores.pushrecord import Record
from rejoinder.triplestores.remote import Remote
from rejoinder.triplestores.remotesource import RemoteSource
from rejoinder.triplestores.triplestore import TripleStore

_SECONDS: Final = 2.0
"""How long what the store held a moment ago is taken for what it holds."""


@dataclass
class _Known:
    """The edition that was read last, the state of the store then, and when that was looked at."""

    edition: Edition
    fingerprint: str
    looked: float


@dataclass
class RemoteShelf:
    """The pages of a project's version in a triple store, by path.

    Where `clock` says that a moment has passed, the store is asked whether it still holds the same.
    """

    project: Project
    remote: Remote
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)
    _known: _Known | None = field(default=None, repr=False)

    def page(self, path: str) -> Page | None:
        """The page at a path, None if there is none.

        Raises:
            StoreError: no version of the project is there.
            RemoteError: the store cannot be reached or refuses.
        """
        # An edition of its own for each page: what a press remembers is only what its page needs.
        return FOLIO.page(replace(self.edition()), path)

    def edition(self) -> Edition:
        """The edition that the store holds now.

        Raises:
            StoreError: no version of the project is there.
            RemoteError: the store cannot be reached or refuses.
        """
        known, now = self._known, self.clock()
        if known and now - known.looked < _SECONDS:
            return known.edition
        if known and self._fingerprint() == known.fingerprint:
            known.looked = now
            return known.edition
        edition, record = read_edition(self.project, self.remote)
        self._known = _Known(edition, record.fingerprint, now)
        return edition

    @property
    def fingerprint(self) -> str | None:
        """What tells the state of the store that was read last from any other."""
        return self._known.fingerprint if self._known else None

    def _fingerprint(self) -> str | None:
        answer = self.remote.query(pushrecord.fingerprint_query(self.project.base), formats.JSON.media_type)
        rows = results.table(answer.content, "fingerprint").rows
        return next((rdf.text(cell) for (cell,) in rows if cell), None)


def read_edition(project: Project, remote: Remote) -> tuple[Edition, Record]:
    """The version of a project that a triple store holds, and the record that says so; its dumps are not there.

    Raises:
        StoreError: no version of the project is there.
        InputError: the card of a question does not hold.
        RemoteError: the store cannot be reached or refuses.
    """
    base = project.base
    store = TripleStore(remote, pushrecord.staging_graph(base))
    record = pushrecord.read(store.read(pushrecord.record_graph(base)), base)
    loaded = record.loaded
    if loaded is None:
        hint = "bring one with 'rejoinder push'"
        raise StoreError(f"{remote.endpoint.query}: no version of the project at {base} is there; {hint}")
    edition = Edition(
        project=project,
        context=read_context(resource("ontology/context.jsonld")),
        questions=questionfiles.of_project(project),
        store=RemoteSource(store, base, loaded.graphs),
        manifest=Manifest(loaded.number, loaded.created, loaded.program, _entries(record, loaded.graphs)),
        issued=loaded.issued,
    )
    return edition, record


def _entries(record: Record, graphs: frozenset[str]) -> tuple[GraphEntry, ...]:
    """The graphs as a manifest has them, without what only a build knows of them."""
    known = ((iri, record.entries[iri]) for iri in sorted(graphs))
    return tuple(GraphEntry(iri, "", "", entry.digest or "", entry.triples, 0) for iri, entry in known)
