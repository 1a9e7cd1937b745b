"""What several checks ask of metadata: that they are there, and that an identifier may last."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import urlsplit

from rejoinder.errors import InputError
from rejoinder.fair.builtsite import BuiltSite
from rejoinder.fair.criteria import Flaw, Seen
from rejoinder.site.things import Thing, expanded

PERSISTENT: Final = frozenset(
    {"w3id.org", "purl.org", "doi.org", "hdl.handle.net", "n2t.net", "www.w3.org", "data.europa.eu", "perma.cc"}
)
"""The hosts of services whose addresses outlive the machines behind them, as FOOPS! and F-UJI know them."""


def is_persistent(iri: str) -> bool:
    """Whether the IRI is under a service for persistent identifiers.

    >>> is_persistent("https://w3id.org/rejoinder/ns"), is_persistent("https://example.org/ns")
    (True, False)
    """
    return urlsplit(iri).hostname in PERSISTENT


def attempt(look: Callable[[], Flaw | None]) -> Flaw | None:
    """What `look` sees; a file that cannot be read is a flaw, and keeps nobody from looking at the others."""
    try:
        return look()
    except InputError as error:
        problem = error.problems[0]
        return Flaw(problem.path.as_posix(), problem.message)


def distributions(site: BuiltSite) -> Iterator[tuple[str, Thing]]:
    """The files that the data set and its versions can be had as, each with the file that says so."""
    for description in site.descriptions:
        yield from ((description.path, found) for found in description.distributions)


def missing(thing: Thing, properties: tuple[str, ...], path: str) -> Seen:
    """For each of the properties, a flaw if the thing does not have it; `path` is the file that should say it."""
    for name in properties:
        said = thing.library.objects(thing.iri, name)
        yield None if said else Flaw(path, f"This needs {name}; write it.", thing.iri, expanded(name).value)
