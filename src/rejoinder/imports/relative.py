"""Turtle for the data folder: its IRIs are relative to its document, since each project sets its own base."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import urljoin

from rejoinder import names
from rejoinder.store import rdf
from rejoinder.store.rdf import NamedNode, Triple

MADE: Final = "# Made by 'rejoinder import table', which replaces this file.\n"
"""The first line of what an import wrote, and may replace."""

_LOCAL: Final = re.compile(r"[A-Za-z]\w*", re.ASCII)


@dataclass(frozen=True)
class Writer:
    """Writes the document `graph` of the project whose IRIs begin with `base`."""

    base: str
    graph: str

    def head(self) -> str:
        """What the file begins with."""
        return MADE + "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in names.PREFIXES.items())

    def block(self, triples: Iterable[Triple]) -> str:
        """The triples in the order given, those of one subject together."""
        by_subject: dict[str, list[str]] = {}
        for triple in triples:
            said = f"{self._term(triple.predicate)} {self._term(triple.object)}"
            by_subject.setdefault(self._term(triple.subject), []).append(said)
        blocks = ((subject, " ;\n    ".join(said)) for subject, said in by_subject.items())
        return "".join(f"\n{subject} {said} .\n" for subject, said in blocks)

    def _term(self, term: rdf.Term) -> str:
        if not isinstance(term, NamedNode):
            return str(term)
        return _short(term.value, self.base, self.graph)


@lru_cache(maxsize=4096)
def _short(iri: str, base: str, graph: str) -> str:
    """The IRI as it is written: with a prefix where one fits, else the shortest way from the document to it."""
    short = names.compact(iri, names.PREFIXES)
    if not short.startswith("<") and _LOCAL.fullmatch(short.partition(":")[2]):
        return short
    return f"<{relative(iri, base, graph)}>"


def relative(iri: str, base: str, graph: str) -> str:
    """The shortest way from the document `graph` to `iri`, which leads back to it.

    >>> base = "https://example.org/"
    >>> [relative(base + end, base, base + "record/t") for end in ("record/t#r-1", "state/KAZ", "record/t")]
    ['#r-1', '../state/KAZ', '']
    """
    own = iri.removeprefix(graph)
    if own != iri and urljoin(graph, own) == iri:
        return own
    way = "../" * graph.removeprefix(base).count("/") + iri.removeprefix(base)
    return way if iri.startswith(base) and urljoin(graph, way) == iri else iri
