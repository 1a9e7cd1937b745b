"""The order of an answer is total: rows that differ differ in what they are ordered by, so every engine agrees.

The data are those of the example and the import, then all documents once more, all that the documents share once more,
and all parts of documents once more, always with names of their own and the same labels.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import pytest
from pyoxigraph import Store

import copies
from conftest import ROOT
from rejoinder.config import Project
from rejoinder.questions import question
from rejoinder.rdf import query as rdf_query
from rejoinder.versions import require_newest
from repository_questions import OF_NO_SHIPPED_DATA

QUESTIONS = {path.stem: question.read_question(path) for path in sorted((ROOT / "queries").glob("*.rq"))}
KEYS = re.compile(r"\nORDER BY(?P<keys>(?: \?\w+| (?:ASC|DESC)\(\?\w+\))+)\n?(?:LIMIT \d+\n?)?$")
SELECT = re.compile(r"^SELECT\b(?P<distinct> DISTINCT)?(?P<projected>.*?)\bWHERE\b", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def alike(imported_once: Project) -> Store:
    """Give data in which no label belongs to one thing alone."""
    once = copies.lines(require_newest(imported_once.build).open())
    kinds = (copies.DOCUMENTS, copies.SHARED, copies.PARTS)
    again = (copies.copy(once, imported_once.base, kind, number) for number, kind in enumerate(kinds, start=2))
    return copies.store_of(once, *again)


@pytest.mark.parametrize("name", sorted(QUESTIONS.keys() - OF_NO_SHIPPED_DATA))
def test_no_two_rows_tie(name: str, alike: Store) -> None:
    assert ties(alike, QUESTIONS[name].sparql) == []


def test_a_tie_is_seen(alike: Store) -> None:
    """The order that left two rows of evidence for one issue and for one above it in either order."""
    query = QUESTIONS["evidence-for-issue"].sparql
    assert ties(alike, KEYS.sub("\nORDER BY ?kind ?evidence ?source", query))


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
    assert isinstance(answer, rdf_query.Table)
    assert answer.rows
    rows = {tuple(map(str, row)) for row in answer.rows}
    places = [answer.columns.index(key) for key in keys]
    found = Counter(tuple(row[place] for place in places) for row in rows)
    return [key for key, times in found.items() if times > 1]
