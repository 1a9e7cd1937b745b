"""Which properties a query looks for, read from its tokens, judged by the algebra that rdflib reads."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rdflib import URIRef
from rdflib.paths import AlternativePath, InvPath, MulPath, NegatedPath, SequencePath
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

from rejoinder.site.reads import named_iris

_ROOT = Path(__file__).parents[2]
_ARCHIVE = _ROOT.parent / "shared" / "suites" / "w3c-rdf-tests.tgz"


def _parts(node: object) -> Iterator[CompValue]:
    """Yield all parts of an algebra."""
    if isinstance(node, CompValue):
        yield node
        node = list(node.values())
    if isinstance(node, list | tuple | set | frozenset):
        for each in node:
            yield from _parts(each)


def _of_path(path: Any) -> Iterator[str | None]:
    """Yield the properties of a path, and None for any property."""
    if isinstance(path, URIRef):
        yield str(path)
    elif isinstance(path, InvPath):
        yield from _of_path(path.arg)
    elif isinstance(path, MulPath):
        yield from _of_path(path.path)
    elif isinstance(path, SequencePath | AlternativePath):
        for each in path.args:
            yield from _of_path(each)
    else:
        assert isinstance(path, NegatedPath) or str(path).isidentifier(), path
        yield None


def _looked_for(query: str) -> set[str | None]:
    """Return the properties of all triple patterns of a query."""
    found = (part for part in _parts(translateQuery(parseQuery(query)).algebra) if part.name == "BGP")
    return {name for part in found for _, path, _ in part.triples for name in _of_path(path)}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(path.stem for path in (_ROOT / "queries").glob("*.rq")))
def test_every_property_of_a_stored_question_is_named(name: str) -> None:
    query = (_ROOT / f"queries/{name}.rq").read_text(encoding="utf-8")
    named = named_iris(query)
    assert named is not None  # a variable for a property has its values in the query, or is a subproperty
    assert _looked_for(query) - {None} <= named


@pytest.mark.slow
def test_no_query_of_the_w3c_suites_looks_for_a_property_unnoticed() -> None:
    """Queries that rdflib cannot read are not judged; where a variable is a property, its values stand around it."""
    if not _ARCHIVE.is_file():
        pytest.skip("the W3C's tests are not here (../shared/suites)")
    judged = 0
    for query in _queries(_ARCHIVE):
        named = named_iris(query)
        if named is None:
            continue
        try:
            looked_for = _looked_for(query)
        except Exception:  # noqa: S112  # whatever rdflib says of a query that is wrong on purpose
            continue
        judged += 1
        if None in looked_for:
            assert "VALUES" in query or "subPropertyOf" in query, query
        assert looked_for - {None} <= named, query
    assert judged > 100


def _queries(archive: Path) -> Iterator[str]:
    """Yield the queries in an archive."""
    with tarfile.open(archive) as files:
        for member in files:
            content = files.extractfile(member) if member.name.endswith(".rq") else None
            if content:
                yield content.read().decode(errors="replace")


@pytest.mark.parametrize(
    "pattern",
    [
        "?s ?p ?o",
        "<a:s> ?p <a:o>",
        "?s a <a:c> ; ?p 1",
        "[] ?p 1",
        "[ ?p 1 ]",
        "?s <a:p> 1 . ?x ?p 1",
        "?s <a:p> x:o. ?x ?p 1",
        "?s <a:p> 1 FILTER (?s > 1) ?x ?p 1",
        "OPTIONAL { VALUES ?p { <a:p> } } ?s ?p 1",
        "{ SELECT ?s { ?s ?p 1 } } VALUES ?p { <a:p> }",
        "?s !<a:p> 1",
        "?s !(<a:p>|^<a:q>) 1",
        "?s !a 1",
        "FILTER NOT EXISTS { ?s ?p 1 }",
    ],
)
def test_any_property_is_noticed(pattern: str) -> None:
    assert named_iris(f"PREFIX x: <x:> SELECT ?s ?p {{ {pattern} }}") is None


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?a ?b { ?a <a:p> ?b } GROUP BY ?a ?b ORDER BY ?a ?b",
        "SELECT (COUNT(?a) AS ?n) ?b { ?a <a:p> ?b } GROUP BY ?b",
        "ASK { VALUES (?p ?n) { (<a:p> 1) } ?s ?p ?n }",
        "ASK { ?p <http://www.w3.org/2000/01/rdf-schema#subPropertyOf> <a:p> . { ?s ?p 1 } UNION { ?s ?p 2 } }",
        "ASK { ?a <a:p>/<a:q> ?b . ?b <a:p>* ?c ; <a:q> '?s ?p ?o' , ?d } # ?s ?p ?o",
        "SELECT ?a { ?a <a:p> ?b FILTER (!BOUND(?b) && ?a != <a:s>) }",
    ],
)
def test_a_property_that_is_given_is_named(query: str) -> None:
    named = named_iris(query)
    assert named is not None
    assert "a:p" in named
