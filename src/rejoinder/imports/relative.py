"""Turtle for the data folder: its IRIs are relative to its document, since each project sets its own base."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
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
        short = names.compact(term.value, names.PREFIXES)
        if not short.startswith("<") and _LOCAL.fullmatch(short.partition(":")[2]):
            return short
        return f"<{self._relative(term.value)}>"

    def _relative(self, iri: str) -> str:
        """The shortest way from the document to `iri`, which leads back to it.

        >>> writer = Writer("https://example.org/", "https://example.org/record/t")
        >>> [writer._relative("https://example.org/" + end) for end in ("record/t#r-1", "state/KAZ", "record/t")]
        ['#r-1', '../state/KAZ', '']
        """
        own = iri.removeprefix(self.graph)
        if own != iri and urljoin(self.graph, own) == iri:
            return own
        up = "../" * self.graph.removeprefix(self.base).count("/")
        way = up + iri.removeprefix(self.base)
        return way if iri.startswith(self.base) and urljoin(self.graph, way) == iri else iri
