"""The order of an answer is total: rows that differ differ in what they are ordered by, so every engine agrees.

The data are those of the example and the import, then all documents once more, all that the documents share once more,
and all parts of documents once more, always with names of their own and the same labels. Keys may differ and yet have
no order, as a year and a day have none. So each question is also asked of stores that read the same data in other
orders, in which a store in memory finds them: the answers must be the same.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain

import pytest
from pyoxigraph import Store

import copies
from conftest import mostly_slow
from rejoinder.config import Project
from rejoinder.rdf import query as rdf_query
from rejoinder.rdf.results import Table
from rejoinder.versions import require_newest
from repository_questions import QUESTIONS

NS = "https://w3id.org/rejoinder/ns#"
KEYS = re.compile(r"\nORDER BY(?P<keys>(?: \?\w+| (?:ASC|DESC)\(\?\w+\))+)\n?(?:LIMIT \d+\n?)?$")
SELECT = re.compile(r"^SELECT\b(?P<distinct> DISTINCT)?(?P<projected>.*?)\bWHERE\b", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def statements(imported_once: Project) -> list[str]:
    """Give data in which no label belongs to one thing alone."""
    once = copies.lines(require_newest(imported_once.build).open())
    kinds = (copies.DOCUMENTS, copies.SHARED, copies.PARTS)
    # Nothing that is shipped is still in dispute: here, all documents are.
    once += sorted(
        {f"{line.split()[0]} <{NS}status> <{NS}Disputed> .\n" for line in once if f" <{NS}hasClaim> " in line}
    )
    again = (copies.copy(once, imported_once.base, kind, number) for number, kind in enumerate(kinds, start=2))
    return [*once, *chain.from_iterable(again)]


@pytest.fixture(scope="module")
def alike(statements: list[str]) -> Store:
    return copies.store_of(statements)


@pytest.fixture(scope="module")
def shuffled(statements: list[str]) -> list[Store]:
    """Give stores that read the same data in three other orders."""
    orders = [random.Random(seed).sample(statements, len(statements)) for seed in range(2)]
    return [copies.store_of(order) for order in (statements[::-1], *orders)]


@pytest.mark.parametrize("name", mostly_slow(sorted(QUESTIONS), sorted(QUESTIONS)[::8]))
def test_no_two_rows_tie(name: str, alike: Store) -> None:
    assert ties(alike, QUESTIONS[name].sparql) == []


def test_a_tie_is_seen(alike: Store) -> None:
    """The order that left two rows of evidence for one issue and for one above it in either order."""
    query = QUESTIONS["evidence-for-issue"].sparql
    assert ties(alike, KEYS.sub("\nORDER BY ?kind ?evidence ?source", query))


@pytest.mark.parametrize("name", mostly_slow(sorted(QUESTIONS), sorted(QUESTIONS)[::12]))
def test_the_order_is_that_of_the_keys_alone(name: str, alike: Store, shuffled: list[Store]) -> None:
    assert len(answers([alike, *shuffled], QUESTIONS[name].sparql)) == 1


def test_another_order_is_seen(alike: Store, shuffled: list[Store]) -> None:
    query = QUESTIONS["evidence-for-issue"].sparql
    assert len(answers([alike, *shuffled], KEYS.sub("\nORDER BY ?kind ?evidence ?source", query))) > 1


def answers(stores: Sequence[Store], query: str) -> set[str]:
    """Return the answers that differ, in a word or in the order of rows."""
    found = (rdf_query.query(store, query) for store in stores)
    return {repr([list(map(str, row)) for row in answer.rows]) for answer in found if isinstance(answer, Table)}


def ties(store: Store, query: str) -> Sequence[tuple[str, ...]]:
    """Return the values of the keys that rows which differ share."""
    ordered, selected = KEYS.search(query), SELECT.search(query)
    assert ordered, "the query does not end with ORDER BY and nothing but variables behind it"
    assert selected
    keys = re.findall(r"\?(\w+)", ordered["keys"])
    hidden = [key for key in keys if not re.search(rf"\?{key}\b", selected["projected"])]
    assert not (hidden and selected["distinct"]), "of rows made distinct, a key is to be among the columns"
    end = selected.end("projected")
    shown = query[:end] + "".join(f" ?{key} " for key in hidden) + query[end : ordered.start()]
    answer = rdf_query.query(store, shown)
    assert isinstance(answer, Table)
    assert answer.rows
    rows = {tuple(map(str, row)) for row in answer.rows}
    places = [answer.columns.index(key) for key in keys]
    found = Counter(tuple(row[place] for place in places) for row in rows)
    return [key for key, times in found.items() if times > 1]
