"""Making the pages of a site in one process or in several, each of which opens the store for itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from rejoinder.building import workers
from rejoinder.project import Project
from rejoinder.questions.questions import Question
from rejoinder.site import distributions
from rejoinder.site import writer as site
from rejoinder.site.pages import Edition
from rejoinder.site.writer import Site
from rejoinder.store.context import Context
from rejoinder.store.rdf import Store
from rejoinder.store.versions import Version

_WORTH: Final = 30_000
"""From so many statements on, a few reports, starting processes costs less than it saves."""


@dataclass(frozen=True)
class PageWork:
    """What a process must know to make pages of a version; called, it opens the store and gives what lays them."""

    project: Project
    context: Context
    questions: Mapping[str, Question]
    version: Version
    issued: str
    place: Site

    def __call__(self) -> Callable[[Iterable[str]], None]:
        """What lays the sheets at the stems that it is given, in this process."""
        return partial(site.lay, self.edition(self.version.open()), self.place)

    def edition(self, store: Store) -> Edition:
        """What the pages are made of."""
        return Edition(
            project=self.project,
            context=self.context,
            questions=self.questions,
            store=store,
            manifest=self.version.manifest,
            issued=self.issued,
            dumps=distributions.dumps(self.place.export),
            export=self.place.export,
        )


def write_pages(work: PageWork, store: Store, jobs: int, *, worth: int = _WORTH) -> None:
    """The whole site, by as many processes as `jobs` says where that is worth it; the bytes are the same.

    Raises:
        EngineError: a process ended without an answer.
    """
    edition = work.edition(store)
    shares = site.begin(edition, work.place)
    if jobs < 2 or work.version.manifest.quads < worth:
        for stems in shares:
            site.lay(edition, work.place, stems)
    else:
        for _ in workers.in_processes("make pages", work, shares, jobs, ahead=len(shares)):
            pass
    site.finish(work.project, work.place)
