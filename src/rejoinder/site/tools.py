"""The pages that need a script, and the scripts; a site of a package that was built without them has neither."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Final

from rejoinder.site import scripts, searchpages, sparqlpage
from rejoinder.site.pages import Edition, File
from rejoinder.site.press import Page

_PAGES: Final[Mapping[str, Callable[[Edition], Page]]] = {
    searchpages.STEM: lambda edition: searchpages.search_page(edition.press),
    sparqlpage.STEM: lambda edition: sparqlpage.sparql_page(edition.press, edition.dumps, edition.manifest.quads),
}


class Tools:
    """The search page and the SPARQL page."""

    def stems(self, edition: Edition) -> Iterator[str]:
        """See `Family.stems`."""
        yield from _PAGES if edition.press.scripts else ()

    def files(self, edition: Edition, stem: str) -> Iterator[File]:
        """See `Family.files`."""
        if edition.press.scripts and stem in _PAGES:
            yield File(".html", partial(_PAGES[stem], edition))


class Parts:
    """What these pages load: the scripts, the index of the search, what the editor offers."""

    def stems(self, edition: Edition) -> Iterator[str]:
        """See `Family.stems`."""
        if edition.press.scripts:
            yield from (*scripts.paths(), *edition.search_index, sparqlpage.OFFERS)

    def files(self, edition: Edition, stem: str) -> Iterator[File]:
        """See `Family.files`."""
        if not edition.press.scripts:
            return
        if stem in scripts.paths():
            yield File("", partial(scripts.script, stem))
        elif stem == sparqlpage.OFFERS:
            yield File("", partial(sparqlpage.offers, edition.press, edition.questions))
        elif stem.startswith(searchpages.FOLDER) and stem in edition.search_index:
            yield File("", partial(edition.search_index.__getitem__, stem))
