"""Values of a stored question that name nothing in a triple store."""

from __future__ import annotations

import urllib.parse

import httpx
import pytest
from pyoxigraph import QueryResultsFormat

from rejoinder.question import ParameterError
from rejoinder.rdf.terms import NamedNode, Quad, Store
from rejoinder.triplestores import sparql_client, stores
from rejoinder.triplestores.client import Remote
from repository_questions import QUESTIONS

BASE = "https://example.org/reports/"
QUESTION = QUESTIONS["who-raised-what"]


class FakeStore:
    """A store that answers with the embedded engine, and knows one State, of which nothing is said."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        a, state = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", "https://w3id.org/rejoinder/ns#State"
        self.store = Store()
        self.store.add(Quad(NamedNode(f"{BASE}state/FJI"), NamedNode(a), NamedNode(state)))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a query sent as a form."""
        query = urllib.parse.parse_qs(request.content.decode())["query"][0]
        self.asked.append(query)
        found = self.store.query(query).serialize(format=QueryResultsFormat.JSON)  # type: ignore[arg-type]  # a table
        return httpx.Response(200, content=found, headers={"Content-Type": "application/sparql-results+json"})


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


def remote(store: FakeStore) -> Remote:
    place = stores.endpoint("http://store.example", stores.OXIGRAPH)
    return Remote(place, httpx.Client(transport=httpx.MockTransport(store)), attempts=1)


@pytest.mark.parametrize("value", ["FJII", ["FJI", "FJII"]])
def test_a_value_that_names_nothing_in_the_store_is_refused(store: FakeStore, value: str | list[str]) -> None:
    with pytest.raises(ParameterError, match="state: there is no State 'state/FJII' in the data"):
        sparql_client.ask(remote(store), QUESTION, {"state": value}, BASE)
    assert len(store.asked) == 2


def test_a_value_of_which_nothing_is_said_has_an_empty_table(store: FakeStore) -> None:
    assert sparql_client.ask(remote(store), QUESTION, {"state": "FJI"}, BASE).rows == ()
    assert len(store.asked) == 2


def test_without_values_there_is_nothing_to_make_sure_of(store: FakeStore) -> None:
    assert sparql_client.ask(remote(store), QUESTION, {}, BASE).rows == ()
    assert len(store.asked) == 1
