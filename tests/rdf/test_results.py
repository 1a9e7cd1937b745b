"""Tables in the SPARQL result formats."""

from __future__ import annotations

import json

import pytest

from rejoinder.rdf import query as rdf_query
from rejoinder.rdf import results, terms


def answer(query: str) -> results.Table:
    found = rdf_query.query(terms.memory_store([]), query)
    assert not isinstance(found, tuple)
    return results.as_table(found)


@pytest.mark.parametrize(("query", "truth"), [("ASK {}", True), ("ASK { ?s ?p ?o }", False)])
def test_an_ask_is_a_boolean_in_json(query: str, truth: bool) -> None:
    assert json.loads(results.as_json(answer(query))) == {"head": {}, "boolean": truth}


@pytest.mark.parametrize("values", [[], ["true"], ["1", "2"]])
def test_a_select_of_a_variable_called_boolean_is_a_table_in_json(values: list[str]) -> None:
    written = results.as_json(answer(f"SELECT ?boolean {{ VALUES ?boolean {{ {' '.join(values)} }} }}"))
    found = json.loads(written)
    assert found["head"] == {"vars": ["boolean"]}
    assert [row["boolean"]["value"] for row in found["results"]["bindings"]] == values
