"""What a FAIR check is: the principle that it serves, the test of others that it mirrors, and how it looks at a site.

Standard: the FAIR Guiding Principles (Wilkinson et al. 2016), in the wording of GO FAIR. A2, metadata that outlive
their data, is a promise that a host keeps or breaks: no file can show it, so no check here serves it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from rejoinder import names
from rejoinder.fair.builtsite import BuiltSite

PRINCIPLES: Final = {
    "F1": "Data and metadata have a globally unique and persistent identifier",
    "F2": "Data are described with rich metadata",
    "F3": "Metadata name the data that they describe",
    "F4": "Data and metadata can be found by searching",
    "A1": "Data and metadata are retrieved by their identifier",
    "A1.1": "The protocol is open, free and implementable by anyone",
    "A1.2": "Who may have access is said",
    "I1": "Data and metadata use a formal, shared language",
    "I2": "They use vocabularies that are FAIR themselves",
    "I3": "They refer to other data, and say how",
    "R1": "They are described by many accurate attributes",
    "R1.1": "They have a clear licence",
    "R1.2": "They have detailed provenance",
    "R1.3": "They meet the standards of their community",
}
"""The principles that checks serve, in our words."""


@dataclass(frozen=True)
class Flaw:
    """One thing that is not as it should be: the site's file, and a sentence that says what to do.

    `focus` and `predicate` are IRIs where it is about a node, `value` is what was found.
    """

    path: str
    message: str
    focus: str = ""
    predicate: str = ""
    value: str = ""


Seen = Iterator[Flaw | None]
"""What a check saw: for each thing that it looked at, what is wrong with it, or None if nothing is."""


@dataclass(frozen=True)
class Check:
    """A check by name; `mirrors` are the tests of FOOPS!, F-UJI and FAIR-Checker, or the standards, that ask the same.

    `title` says in a sentence what holds where it passes.
    """

    name: str
    principle: str
    mirrors: tuple[str, ...]
    title: str
    look: Callable[[BuiltSite], Seen]

    @property
    def rule(self) -> str:
        """The IRI by which findings name it."""
        return f"{names.SHAPES}Fair{self.name}"
