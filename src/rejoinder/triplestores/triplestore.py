"""Named graphs in a triple store: read, counted, and replaced so that everybody sees the old one or the new one."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Final, TypeVar

from rejoinder import formats
from rejoinder.errors import RemoteError
from rejoinder.questions.questions import Table
from rejoinder.store import rdf
from rejoinder.store.rdf import NamedNode, Quad, Term, Triple
from rejoinder.triplestores import results
from rejoinder.triplestores.exchange import UnreadableError
from rejoinder.triplestores.profiles import Replacement
from rejoinder.triplestores.refusals import excerpt
from rejoinder.triplestores.remote import Remote

_T = TypeVar("_T")

_GRAPHS_A_COUNT: Final = 200  # a query of some 20,000 characters
_CHANGE: Final = """\
DELETE {{ GRAPH {graph} {{ ?a ?b ?c }} }}
INSERT {{ GRAPH {graph} {{ ?d ?e ?f }} }}
WHERE {{
  {{ GRAPH {graph} {{ ?a ?b ?c }} FILTER NOT EXISTS {{ GRAPH {staging} {{ ?a ?b ?c }} }} }}
  UNION
  {{ GRAPH {staging} {{ ?d ?e ?f }} FILTER NOT EXISTS {{ GRAPH {graph} {{ ?d ?e ?f }} }} }}
}}"""


class Place(StrEnum):
    """A place in a statement, by its variable."""

    SUBJECT = "s"
    PREDICATE = "p"
    OBJECT = "o"

    def of(self, quad: Quad) -> Term:
        """The term of a statement at this place."""
        return {"s": quad.subject, "p": quad.predicate, "o": quad.object}[self]


@dataclass(frozen=True)
class TripleStore:
    """A store's named graphs; `staging` is a graph of ours that may hold anything, for stores that need one."""

    remote: Remote
    staging: str

    def read(self, graph: str) -> tuple[Triple, ...]:
        """The statements of a graph, none if it is not there.

        Raises:
            UnreadableError: the store sends what is not RDF.
            RemoteError: the store cannot be reached, or refuses.
        """
        query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {NamedNode(graph)} {{ ?s ?p ?o }} }}"
        return tuple(quad.triple for quad in self._pages(query))

    def read_all(self, graphs: Sequence[str]) -> dict[str, tuple[Triple, ...]]:
        """The statements of several graphs, small ones: they come in one answer.

        Raises:
            RemoteError: the store cannot be reached, refuses, or sends what is no table.
        """
        if len(graphs) == 1:
            return {graphs[0]: self.read(graphs[0])}
        found: dict[str, list[Triple]] = {graph: [] for graph in graphs}
        for quad in self._quads("g", graphs):
            found[self._asked_for(rdf.text(quad.graph_name), found)].append(quad.triple)
        return {graph: tuple(triples) for graph, triples in found.items()}

    def _pages(self, query: str) -> Iterator[Quad]:
        yield from paged(self.remote, query, self._statements)

    def _statements(self, query: str) -> tuple[Quad, ...]:
        answer = self.remote.construct(query)
        return results.statements(answer.content, answer.headers.get("content-type", ""))

    def counts(self, graphs: Sequence[str]) -> dict[str, int]:
        """How many statements each of the graphs has, none for one that is not there.

        Raises:
            RemoteError: the store cannot be reached or refuses.
        """
        found = dict.fromkeys(graphs, 0)
        for some in _batches(graphs, _GRAPHS_A_COUNT):
            values = " ".join(str(NamedNode(graph)) for graph in some)
            body = f"VALUES ?g {{ {values} }} GRAPH ?g {{ ?s ?p ?o }}"
            query = f"SELECT ?g (COUNT(*) AS ?n) WHERE {{ {body} }} GROUP BY ?g"
            rows = (row for row in self._table(query, "g", "n").rows if row[0] is not None)  # some count nothing, too
            found |= {self._asked_for(rdf.text(g), found): results.whole_number(n) for g, n in rows if g is not None}
        return found

    def _asked_for(self, graph: str, graphs: Container[str]) -> str:
        """The graph, which is one of those that were asked for."""
        if graph not in graphs:
            raise UnreadableError(f"the store sent a graph that was not asked for: {excerpt(graph)}")
        return graph

    def matching(self, place: Place, iris: Sequence[str]) -> Iterator[Quad]:
        """The statements in named graphs that have one of these IRIs at that place.

        Raises:
            RemoteError: the store cannot be reached or refuses.
        """
        return self._quads(place, iris)

    def _quads(self, variable: str, iris: Sequence[str]) -> Iterator[Quad]:
        for some in _batches(iris, _GRAPHS_A_COUNT):
            values = " ".join(str(NamedNode(iri)) for iri in some)
            query = f"SELECT ?s ?p ?o ?g WHERE {{ VALUES ?{variable} {{ {values} }} GRAPH ?g {{ ?s ?p ?o }} }}"
            yield from results.quads(paged(self.remote, query, lambda text: self._table(text, *"spog").rows))

    def _table(self, query: str, *columns: str) -> Table:
        return results.table(self.remote.query(query, formats.JSON.media_type).content, *columns)

    def replace(self, graph: str, triples: Iterable[Triple]) -> None:
        """The graph made to hold exactly these statements, at once.

        Raises:
            RemoteError: the store cannot be reached or refuses; the graph is the old one or the new one.
        """
        self.replace_all({graph: tuple(triples)})

    def replace_all(self, contents: Mapping[str, tuple[Triple, ...]]) -> None:
        """Each of the graphs made to hold exactly these statements, at once.

        Where an update replaces, it is one for all of them: a store that commits to disk does so once.

        Raises:
            RemoteError: the store cannot be reached or refuses; each graph is the old one or the new one.
        """
        way = self.remote.endpoint.profile.replacement
        bodies = {graph: rdf.serialize(triples, formats.NTRIPLES) for graph, triples in contents.items()}
        if way is Replacement.UPDATE:
            self.remote.update(" ;\n".join(_replacement(graph, body) for graph, body in bodies.items()))
            return
        for graph, body in bodies.items():
            if way is Replacement.PUT:
                self.remote.put(graph, body)
            else:
                self._stage_and_change(graph, body, len(set(contents[graph])))

    def _stage_and_change(self, graph: str, body: bytes, number: int) -> None:
        """The graph beside its place, then what differs changed in one operation, which may run twice.

        Not MOVE: Virtuoso deletes and inserts what stays the same, and after a kill its log brings back only half.
        """
        self.remote.put(self.staging, body)
        taken = self.counts([self.staging])[self.staging]
        if taken != number:
            raise RemoteError(f"{graph}: the store took {taken} of {number} statements; the graph was left as it was")
        self.remote.update(_CHANGE.format(graph=NamedNode(graph), staging=NamedNode(self.staging)))

    def tidy(self) -> None:
        """Nothing left in the graph for staging.

        Raises:
            RemoteError: the store cannot be reached or refuses.
        """
        if self.remote.endpoint.profile.replacement is Replacement.STAGING:
            self.drop(self.staging)

    def drop(self, graph: str) -> None:
        """The graph gone.

        Raises:
            RemoteError: the store cannot be reached or refuses.
        """
        self.remote.update(f"DROP SILENT GRAPH {NamedNode(graph)}")


def paged(remote: Remote, query: str, ask: Callable[[str], Sequence[_T]]) -> Iterator[_T]:
    """All that `ask` gives for a query, page after page from a store that cuts long answers.

    Raises:
        RemoteError: the store sends one page again and again, or more than was asked for.
    """
    size = remote.endpoint.profile.page_size
    if size is None:
        yield from ask(query)
        return
    done, last = 0, None
    # Until a page is empty: a store may have a limit below ours, and a short page would not be the last.
    while page := ask(f"{query} LIMIT {size} OFFSET {done}"):
        if page == last or len(page) > size:
            raise UnreadableError(
                "the store sends the same rows again, or more than were asked for, for LIMIT and OFFSET"
            )
        yield from page
        done, last = done + len(page), page


def _replacement(graph: str, body: bytes) -> str:
    name, lines = NamedNode(graph), body.decode()
    return f"DROP SILENT GRAPH {name} ;\nINSERT DATA {{ GRAPH {name} {{\n{lines}}} }}"


def _batches(items: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    left = iter(items)
    while batch := tuple(islice(left, size)):
        yield batch
