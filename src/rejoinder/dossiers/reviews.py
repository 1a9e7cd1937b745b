"""The reviews of the UPR that ship with the program, so that nobody needs to look one up or describe it by hand.

`ontology/reference/review.csv` has more than 700 of them. A project gets only those that its dossiers refer to and that
it does not describe itself; they are in a graph of the program's own. If an entry of the project's own collections has
State, session, cycle and date, it replaces the shipped review. Any other adds to it: what it leaves out is filled in.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from rejoinder import namespaces
from rejoinder.disk import package_file
from rejoinder.lazily import lazy
from rejoinder.rdf import terms
from rejoinder.rdf.terms import Literal, NamedNode, Quad, Triple

FILE: Final = "ontology/reference/review.csv"
"""A table, because each process of a build reads it: as Turtle, it made a first build 1.13 times as long."""

COLUMNS: Final = (
    "review", "state", "session", "cycle", "date", "troika", "previous", "label_en", "label_ru", "sources"
)  # fmt: skip
"""The columns of the file; the values of `troika` and `sources` are separated by spaces."""

_NAME: Final = re.compile("[a-z]{3}-[0-9]{1,3}")
_TYPE: Final = NamedNode(namespaces.RDF_TYPE)
_REVIEW: Final = NamedNode(namespaces.RJ + "Review")
HAS_REVIEW: Final = NamedNode(namespaces.RJ + "hasReview")
_UNDER_REVIEW: Final = NamedNode(namespaces.RJ + "underReview")
_TROIKA: Final = NamedNode(namespaces.RJ + "troikaMember")
_SESSION: Final = NamedNode(namespaces.RJ + "session")
_CYCLE: Final = NamedNode(namespaces.RJ + "cycle")
_PREVIOUS: Final = NamedNode(namespaces.RJ + "previousReview")
_DATE: Final = NamedNode(namespaces.DCTERMS + "date")
_SOURCE: Final = NamedNode(namespaces.DCTERMS + "source")
_LABEL: Final = NamedNode(namespaces.RDFS + "label")
_INTEGER: Final = NamedNode(namespaces.XSD + "integer")
_EDTF: Final = NamedNode(namespaces.EDTF)
_NEEDED: Final = (_UNDER_REVIEW, _SESSION, _CYCLE, _DATE)
"""What every review needs. An entry that gives all of it is complete."""
_TITLES: Final = (
    Literal("Reviews of the Universal Periodic Review that ship with Rejoinder", language="en"),
    Literal("Универсальный периодический обзор: обзоры, которые поставляются с Rejoinder", language="ru"),
)

Facts = Mapping[str, tuple[Triple, ...]]


def is_name(name: str) -> bool:
    """Return whether a name has the form of the shipped reviews' names: the State's code and the session.

    >>> is_name("bhr-27"), is_name("hrc-43-bahrain")
    (True, False)
    """
    return _NAME.fullmatch(name) is not None


@dataclass(frozen=True)
class ShippedReviews:
    """The shipped reviews as the project with the IRI base `base` names them."""

    base: str

    @property
    def graph(self) -> str:
        """The IRI of the graph that the program publishes."""
        return f"{self.base}{namespaces.REVIEWS}/"

    @lazy
    def by_iri(self) -> Mapping[str, Mapping[str, str]]:
        """Return the rows of the file by the IRIs of the reviews, read when one is first needed."""
        with package_file(FILE).open(encoding="utf-8", newline="") as file:
            return {self._review(row["review"]): row for row in csv.DictReader(file)}

    def _review(self, name: str) -> str:
        return f"{self.base}review/{name}"

    def _state(self, code: str) -> NamedNode:
        return NamedNode(f"{self.base}state/{code}")

    def facts(self, superclasses: Mapping[str, Collection[str]]) -> Facts:
        """Return what other graphs need to know of each review when they are checked: classes, State and troika."""
        # What `validation.checks` takes from the graphs of collections, for reviews that are in none yet.
        classes = [_REVIEW, *map(NamedNode, sorted(superclasses.get(_REVIEW.value, ())))]
        found = {}
        for iri, row in self.by_iri.items():
            node = NamedNode(iri)
            troika = (Triple(node, _TROIKA, self._state(code)) for code in row["troika"].split())
            types = (Triple(node, _TYPE, each) for each in classes)
            found[iri] = (*types, Triple(node, _UNDER_REVIEW, self._state(row["state"])), *troika)
        return found

    def completed(self, quads: tuple[Quad, ...], graph: str) -> tuple[Quad, ...]:
        """Return the statements of a collection, with what it leaves out of the shipped reviews to which it adds.

        A property that the collection gives itself is left as it is.
        """
        described = {terms.text(quad.object) for quad in quads if quad.predicate == HAS_REVIEW}
        space = self._review("")
        shipped = sorted(iri for iri in described if iri.startswith(space) and iri in self.by_iri)
        if not shipped:
            return quads
        given = {(terms.text(quad.subject), quad.predicate) for quad in quads}
        added: list[Triple] = []
        for iri in shipped:
            # A complete entry replaces the shipped one: what it leaves out may be left out on purpose.
            if not all((iri, needed) in given for needed in _NEEDED):
                added += [triple for triple in self._triples(iri) if (iri, triple.predicate) not in given]
        return terms.canonical((*quads, *terms.in_graph(added, graph)))

    def needed(self, mentioned: Iterable[str], described: Collection[str]) -> frozenset[str]:
        """Return the shipped reviews among `mentioned`, and those before them, that the project has not `described`."""
        found: set[str] = set()
        todo = list(mentioned)
        while todo:
            iri = todo.pop()
            if iri not in found and iri not in described and iri in self.by_iri:
                found.add(iri)
                todo += [self._review(self.by_iri[iri]["previous"])]  # back to the first cycle
        return frozenset(found)

    def quads(self, iris: AbstractSet[str]) -> tuple[Quad, ...]:
        """Return the graph with these reviews as a collection; nothing if there are none."""
        if not iris:
            return ()
        document = NamedNode(self.graph)
        triples = [Triple(document, _LABEL, title) for title in _TITLES]
        for iri in sorted(iris):
            triples += [Triple(document, HAS_REVIEW, NamedNode(iri)), *self._triples(iri)]
        return terms.in_graph(triples, self.graph)

    def _triples(self, iri: str) -> Iterator[Triple]:
        node, row = NamedNode(iri), self.by_iri[iri]
        yield Triple(node, _TYPE, _REVIEW)
        for language in ("en", "ru"):
            yield Triple(node, _LABEL, Literal(row[f"label_{language}"], language=language))
        yield Triple(node, _UNDER_REVIEW, self._state(row["state"]))
        yield Triple(node, _SESSION, Literal(row["session"], datatype=_INTEGER))
        yield Triple(node, _CYCLE, Literal(row["cycle"], datatype=_INTEGER))
        yield Triple(node, _DATE, Literal(row["date"], datatype=_EDTF))
        for code in row["troika"].split():
            yield Triple(node, _TROIKA, self._state(code))
        if row["previous"]:
            yield Triple(node, _PREVIOUS, NamedNode(self._review(row["previous"])))
        for source in row["sources"].split():
            yield Triple(node, _SOURCE, NamedNode(source))
