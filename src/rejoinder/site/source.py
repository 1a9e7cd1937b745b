"""Where pages read a version: the store in this process, or one that is elsewhere and gives the same."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from rejoinder.questions import questions
from rejoinder.questions.questions import Question, Table
from rejoinder.store import rdf
from rejoinder.store.rdf import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Solutions, Store, Triple


class Elsewhere(Protocol):
    """A version in another store, with what pages ask of ours."""

    def quads_for_pattern(
        self,
        subject: NamedNode | BlankNode | Triple | None,
        predicate: NamedNode | None,
        object: NamedNode | BlankNode | Literal | Triple | None,  # noqa: A002  # pyoxigraph's name
        graph_name: NamedNode | BlankNode | DefaultGraph | None,
        /,
    ) -> Iterable[Quad]:
        """The statements of a graph, or of the union of the version's graphs, that fit."""

    def ask(self, question: Question, base: str) -> Table:
        """The answer to a stored question, with the parameters' defaults."""

    def numbers(self, query: str) -> tuple[int, ...]:
        """The one row of whole numbers that a query over the union of the version's graphs gives."""

    def tally(self, query: str) -> dict[str, int]:
        """The rows that such a query gives: an IRI and a whole number each."""


Source = Store | Elsewhere


def graph(source: Source, iri: str) -> Iterable[Quad]:
    """The statements of a named graph."""
    return source.quads_for_pattern(None, None, None, NamedNode(iri))


def ask(source: Source, question: Question, base: str) -> Table:
    """The answer to a stored question, with the parameters' defaults.

    Raises:
        QueryError: the stored query does not run.
    """
    return questions.ask(source, question, {}, base) if isinstance(source, Store) else source.ask(question, base)


def numbers(source: Source, query: str) -> tuple[int, ...]:
    """The one row of whole numbers that a query gives.

    Raises:
        QueryError: the query does not run.
    """
    if isinstance(source, Store):
        return tuple(int(rdf.text(term)) for term in rdf.only_row(source, query))
    return source.numbers(query)


def tally(source: Source, query: str) -> dict[str, int]:
    """The rows that a query gives, an IRI and a whole number each; sorted by IRI.

    Raises:
        QueryError: the query does not run.
    """
    if not isinstance(source, Store):
        return dict(sorted(source.tally(query).items()))
    answer = rdf.query(source, query)
    rows = answer.rows if isinstance(answer, Solutions) else ()
    return dict(sorted((rdf.text(iri), int(rdf.text(number))) for iri, number in rows if iri and number))
