"""Every stored question, put to four real triple stores, gets the table that the embedded store gives."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from rdflib import RDFS, URIRef

import rejoinder
from conftest import Run
from rejoinder import question as stored_questions
from rejoinder.building.check import Checkup
from rejoinder.config import Project
from rejoinder.errors import QueryError, RemoteError, UsageError
from rejoinder.question import bound
from rejoinder.rdf import query as rdf_query
from rejoinder.rdf import terms
from rejoinder.rdf.results import Table
from rejoinder.rdf.terms import Literal, Store, Term
from rejoinder.triplestores import push, sparql_client
from rejoinder.triplestores.client import Remote, connected
from rejoinder.triplestores.stores import StoreName
from rejoinder.versions import require_newest
from repository_questions import OF_NO_SHIPPED_DATA, QUESTIONS, examples
from stores.base import RunningStore

COUNT = "SELECT (COUNT(DISTINCT ?c) AS ?n) WHERE { ?c a rj:Claim }"


@pytest.fixture(scope="module")
def url(triple_store: RunningStore, imported_once: Project) -> str:
    """Give the address of a store that holds the example and the small export of the UPR's records."""
    assert push.push(imported_once, triple_store.query_url, verify=True).differences == ()
    return triple_store.query_url


@pytest.fixture(scope="module")
def remote(url: str) -> Iterator[Remote]:
    with connected(url) as connection:
        yield connection


@pytest.fixture(scope="module")
def embedded(imported_once: Project) -> Store:
    return require_newest(imported_once.build).open()


def comparable(table: Table) -> tuple[tuple[Term | None, ...], ...]:
    """Return the rows, language tags lower-cased: Virtuoso and Oxigraph store them so."""
    return tuple(tuple(map(_lower_tag, row)) for row in table.rows)


def _lower_tag(term: Term | None) -> Term | None:
    if isinstance(term, Literal) and term.language:
        return Literal(term.value, language=term.language.lower())
    return term


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_gets_the_embedded_answer(
    name: str, remote: Remote, embedded: Store, imported_once: Project
) -> None:
    for parameters in examples(name):
        ours = stored_questions.ask(embedded, QUESTIONS[name], parameters, imported_once.base)
        theirs = sparql_client.ask(remote, QUESTIONS[name], parameters, imported_once.base)
        assert theirs.columns == ours.columns
        if remote.endpoint.profile.name is StoreName.VIRTUOSO and name == "who-raised-an-issue":
            missing = set(comparable(ours)) - set(comparable(theirs))
            if missing and set(comparable(theirs)) < set(comparable(ours)):
                pytest.xfail("Virtuoso sometimes leaves narrower issues out: docs/triple-stores.md")
        assert comparable(theirs) == comparable(ours)
        assert ours.rows or name in OF_NO_SHIPPED_DATA


def test_the_command_gives_the_same_bytes(url: str, imported_once: Project, run: Run) -> None:
    here = partial(run, cwd=imported_once.root)
    question = ("ask", "who-raised-what", "state=BRA", "--format", "csv")
    assert here(*question, "--endpoint", url).stdout == here(*question).stdout != ""
    query = ("sparql", COUNT, "--format", "json")
    assert here(*query, "--endpoint", url).stdout == here(*query).stdout != ""


def test_named_graphs_are_in_reach_beside_their_union(remote: Remote, imported_once: Project) -> None:
    both = f"SELECT ?g WHERE {{ <{imported_once.base}state/KAZ> a rj:State . GRAPH ?g {{ ?r a rj:Report }} }}"
    table = sparql_client.sparql(remote, both)
    assert isinstance(table, Table)
    reports = [f"{imported_once.base}report/{path.stem}" for path in (imported_once.data / "report").glob("*.yaml")]
    assert sorted(terms.text(cell) for (cell,) in table.rows if cell) == sorted(reports)
    assert len(reports) == 4


def test_a_graph_named_by_the_query_is_the_only_one(remote: Remote, imported_once: Project) -> None:
    table = sparql_client.sparql(remote, COUNT.replace("WHERE", f"FROM <{imported_once.base}state/> WHERE"))
    assert isinstance(table, Table)
    assert table.rows == ((Literal(0),),)


def test_a_construct_gives_triples(remote: Remote, embedded: Store) -> None:
    query = "CONSTRUCT { ?c a rj:Claim } WHERE { ?c a rj:Claim }"
    triples = sparql_client.sparql(remote, query)
    assert not isinstance(triples, Table)
    assert set(triples) == set(rdf_query.construct(embedded, query)) != set()


@pytest.mark.parametrize(
    "query", ["SELECT DISTINCT ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o } }", "CONSTRUCT WHERE { ?s ?p ?o }"]
)
def test_a_long_answer_is_whole_or_refused(query: str, remote: Remote, embedded: Store) -> None:
    """The union holds more than 10,000 statements; Virtuoso cuts at 10,000, and of a CONSTRUCT it does not say so."""
    if remote.endpoint.profile.page_size is not None:
        with pytest.raises(RemoteError, match=r"cuts (answers|graphs) at 10000 .*; ask in parts"):
            sparql_client.sparql(remote, query)
        query += " LIMIT 9000"
    answer = sparql_client.sparql(remote, query)
    if isinstance(answer, Table):
        assert len(answer.rows) == 9000 if "LIMIT" in query else len(answer.rows) > 10_000
        return
    union = len({quad.triple for quad in embedded})
    # Virtuoso's union holds a statement as often as graphs do, and LIMIT counts each time; elsewhere, the record of
    # what was pushed is in it, too.
    assert 8000 < len(set(answer)) <= 9000 if "LIMIT" in query else len(set(answer)) > union > 10_000


def test_a_thing_is_described_or_refused(remote: Remote, imported_once: Project) -> None:
    query = f"DESCRIBE <{imported_once.base}state/KAZ>"
    if remote.endpoint.profile.describes:
        assert sparql_client.sparql(remote, query)
    else:
        with pytest.raises(QueryError, match="leaves things out of what it describes; write CONSTRUCT"):
            sparql_client.sparql(remote, query)


@pytest.mark.parametrize(
    "query", ["DROP ALL", "INSERT DATA { <x:a> <x:b> <x:c> }", "# SELECT\nDELETE WHERE { ?s ?p ?o }", ""]
)
def test_an_update_is_not_sent(query: str, remote: Remote) -> None:
    with pytest.raises(QueryError, match="nothing was sent"):
        sparql_client.sparql(remote, query)


def test_what_is_not_sparql_is_a_sentence(remote: Remote) -> None:
    with pytest.raises(RemoteError):
        sparql_client.sparql(remote, "SELECT {")


def test_a_value_cannot_leave_its_place(remote: Remote) -> None:
    query = bound("SELECT ?n WHERE { }", {"n": [Literal('a" } } ; DROP ALL #\n\\')]})
    table = sparql_client.sparql(remote, query)
    assert isinstance(table, Table)
    assert table.rows == ((Literal('a" } } ; DROP ALL #\n\\'),),)


@pytest.mark.filterwarnings("ignore:Dataset:DeprecationWarning")  # rdflib of itself
def test_rdflib_reads_it_in_place(url: str, imported_once: Project) -> None:
    graph, state = URIRef(f"{imported_once.base}issue/"), URIRef(f"{imported_once.base}state/KAZ")
    answers = []
    for place in (imported_once, str(imported_once.root), url):
        dataset = rejoinder.open(place)
        labels = {str(label) for label in dataset.objects(state, RDFS.label)}
        listed = graph in {g.identifier for g in dataset.graphs()}
        answers.append((len(dataset.graph(graph)), labels, listed, bool(dataset.query("ASK { ?s ?p ?o }"))))
        dataset.close()
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0] > 100
    assert answers[0][2]


def test_a_check_up_finds_what_it_finds_in_files(url: str, imported_once: Project) -> None:
    def told(checkup: Checkup) -> set[tuple[str, ...]]:
        return {(f.severity, f.message, f.focus, f.value, f.rule) for f in checkup.findings}

    files, there = rejoinder.check(imported_once), rejoinder.check_endpoint(imported_once, url)
    assert told(there) == told(files) != set()
    assert there.statements == files.statements
    assert there.clean


def test_a_check_up_of_a_store_without_the_project_is_a_sentence(triple_store: RunningStore, project: Project) -> None:
    (project.root / "rejoinder.toml").write_text('base = "https://example.net/empty/"\n', encoding="utf-8")
    with pytest.raises(UsageError, match="no graph there begins with"):
        rejoinder.check_endpoint(rejoinder.open_project(project.root), triple_store.query_url)
