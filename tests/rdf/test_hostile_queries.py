"""Hostile queries: whatever one asks, the answer is a table, a graph, or one sentence with exit code 2."""

from __future__ import annotations

import subprocess
import sys

import pytest

from conftest import Run, mostly_slow
from rejoinder.config import Project
from rejoinder.errors import QueryError
from rejoinder.rdf import query as rdf_query
from rejoinder.rdf import terms
from rejoinder.rdf.results import Table
from rejoinder.rdf.terms import NamedNode, Quad

NODE = NamedNode("https://example.org/x")
STORE = terms.memory_store([Quad(NODE, NODE, NODE)])

# name, query, words of the sentence
REFUSED = [
    ("unknown function", "SELECT (<http://x/f>(1) AS ?a) {}", "http://x/f"),
    ("unknown function in ASK", "ASK { FILTER(<http://x/f>(1)) }", "http://x/f"),
    ("unknown function in CONSTRUCT", "CONSTRUCT { ?s ?p ?o } { ?s ?p ?x BIND(<http://x/f>(1) AS ?o) }", "http://x/f"),
    ("triple term", "SELECT (TRIPLE(?s, ?p, ?o) AS ?t) { ?s ?p ?o }", "triple term"),
    ("triple term made", "CONSTRUCT { ?s ?p <<( ?s ?p ?o )>> } { ?s ?p ?o }", "triple term"),
    ("not UTF-8", "SELECT * { ?s ?p '\udcff' }", "not UTF-8"),
    ("open brackets", "{" * 20_000, "open; nest less deeply"),
    ("nested groups", "SELECT * " + "{" * 20_000 + "}" * 20_000, "open; nest less deeply"),
    ("nested values", "SELECT * { FILTER(" + "(" * 20_000 + "1" + ")" * 20_000 + ") }", "open; nest less deeply"),
    ("negations", "SELECT * { FILTER(" + "!" * 20_000 + "true) }", "split the query"),
    ("a long sum", "SELECT * { FILTER(1" + "+1" * 20_000 + ") }", "split the query"),
    ("many bindings", "SELECT * {" + "".join(f" BIND(1 AS ?x{n})" for n in range(9_000)) + "}", "split the query"),
    ("service", "SELECT * { SERVICE <http://192.0.2.1/> { ?s ?p ?o } }", "asks another server"),
    ("service, silent", "ASK {\nservice silent ?x { ?s ?p ?o } }", "line 2: SERVICE"),
    ("service after a sharp", "SELECT * { ?s <http://x/#a> 'it''s' . SERVICE <http://192.0.2.1/> {} }", "SERVICE"),
    ("update, escaped", r"PREFIX x: <x:> \u0044ROP ALL", "DROP begins an update"),
    ("open brackets, escaped", "SELECT * " + r"\u007B" * 20_000, "open; nest less deeply"),
    ("negations, escaped", "SELECT * { FILTER(" + r"\U00000021" * 20_000 + "true) }", "split the query"),
    ("nothing", "", "the query is empty"),
    ("a comment alone", " # ASK {}", "the query is empty"),
    ("an IRI alone", "<https://example.org/>", "not SPARQL"),
    ("a text alone", "'ASK {}'", "not SPARQL"),
]  # fmt: skip


@pytest.mark.parametrize(("query", "words"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_a_query_that_cannot_be_answered_is_a_sentence(query: str, words: str) -> None:
    with pytest.raises(QueryError, match=words.replace("(", r"\(")):
        rdf_query.query(STORE, query)


@pytest.mark.parametrize("values", ["", "(1 UNDEF)", "(1 2) (3 4)"])
def test_an_only_row_is_one_and_whole(values: str) -> None:
    assert len(rdf_query.only_row(STORE, "SELECT ?a ?b { VALUES (?a ?b) { (1 2) } }")) == 2
    with pytest.raises(QueryError, match="one row with a value in each column"):
        rdf_query.only_row(STORE, f"SELECT ?a ?b {{ VALUES (?a ?b) {{ {values} }} }}")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?service { ?service ?p ?o }",
        "PREFIX service: <https://example.org/> SELECT * { ?s service:SERVICE ?o . ?s ?p service:service }",
        "SELECT * { ?s ?p ?o } # SERVICE <http://192.0.2.1/> {",
        'SELECT * { ?s ?p \'SERVICE\', """a\nSERVICE \\""" b""", \'\'\'SERVICE\'\'\' , <http://x/SERVICE> }',
        "SELECT * { ?s ?p ?o FILTER(?s<?o) }",
        "SELECT * { " + "{" * 99 + "}" * 99 + " }",
        "SELECT * { FILTER(1" + "+1" * 1_900 + ") }",
        "SELECT * { VALUES ?s { " + "<http://x/y#z> " * 10_000 + "} }",
    ],
)
def test_what_only_looks_like_that_is_answered(query: str) -> None:
    assert isinstance(rdf_query.query(STORE, query), Table)


@pytest.mark.parametrize("query", [r"SELECT (\u0052AND() AS ?x) {}", r"ASK { BIND(n\U0000006Fw() AS ?x) }"])
def test_an_escaped_name_of_a_changing_function_is_recognised(query: str) -> None:
    assert rdf_query.is_volatile(query)


@pytest.mark.parametrize(
    "first", ["<https://example.org/a>", r"<https://example.org/\u0061>", r"<https://ex\U00000061mple.org/a>"]
)
@pytest.mark.parametrize("prologue", ["", "PREFIX https: <https://example.org/other#>"])
def test_the_graphs_after_from_are_merged_however_their_iris_are_written(first: str, prologue: str) -> None:
    graphs = [NamedNode(f"https://example.org/{name}") for name in "ab"]
    store = terms.memory_store([Quad(NODE, NODE, NODE, graph) for graph in graphs])
    query = " ".join([prologue, "SELECT * FROM", first, "FROM <https://example.org/b> { ?s ?p ?o }"])
    found = rdf_query.evaluate(store, query, "https://example.org/")
    assert isinstance(found, Table)
    assert len(found.rows) == 1  # the same statement is in both graphs
    clause = rdf_query.dataset_of(query, "https://example.org/")
    assert clause == rdf_query.QueryDataset(tuple(graph.value for graph in graphs), ())


def test_the_costliest_query_that_is_let_through_does_not_overflow_the_stack() -> None:
    nested = "{" * (rdf_query.MAX_DEPTH - 2)
    filled = "".join(f" BIND(1 AS ?x{n})" for n in range(rdf_query.MAX_STEPS - rdf_query.MAX_DEPTH))
    query = "SELECT * {" + nested + filled + "}" * (rdf_query.MAX_DEPTH - 1)
    code = "import sys; from rejoinder.rdf import query, terms; query.query(terms.Store(), sys.stdin.read())"
    assert subprocess.run([sys.executable, "-c", code], input=query, text=True, check=False).returncode == 0


@pytest.mark.usefixtures("stored")
def test_the_program_says_it_in_one_line(run: Run) -> None:
    answer = run("sparql", "SELECT (<http://x/f>(1) AS ?a) {}")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.startswith("error: the query cannot be answered: ")
    assert answer.stderr.count("\n") == 1


NO_TEXTS = [
    ("sparql --file q.rq", "q.rq: the query cannot be read"),
    ("sparql - < q.rq", "standard input: the query cannot be read"),
    ("sparql - <&-", "standard input is closed"),
    ("sparql \"$(printf 'ASK { \\377')\"", "the query is not UTF-8"),
]


@pytest.mark.parametrize(("command", "words"), mostly_slow(NO_TEXTS, NO_TEXTS[::2]))
def test_a_query_that_is_not_text_is_a_sentence(small_built: Project, command: str, words: str) -> None:
    (small_built.root / "q.rq").write_bytes(b"ASK { ?s ?p 'Caf\xe9' }")
    line = ["bash", "-c", f"{sys.executable} -m rejoinder {command}"]
    answer = subprocess.run(line, cwd=small_built.root, capture_output=True, text=True, check=False)
    assert answer.returncode == 2, answer.stderr
    assert words in answer.stderr
    assert "Traceback" not in answer.stderr


WRONG_CHARACTERS = [
    ('ASK { ?s ?p "a\nb" }', 1, 13, "the string that begins here has no end"),
    ("ASK {\n ?s ?p 'it's' }", 2, 13, "the string that begins here has no end"),
    ('ASK { ?s ?p """a" }', 1, 13, "the string that begins here has no end"),
    (r'ASK { ?s ?p "ab\"', 1, 13, "the string that begins here has no end"),
    (r'ASK { ?s ?p "\uD800" }', 1, 14, r"\uD800 is no character"),
    (r"ASK { <x:\uD800> ?p ?o }", 1, 10, r"\uD800 is no character"),
    (r'ASK { ?s ?p "\\\d" }', 1, 16, r"\d is no escape; write a backslash as \\"),
    (r'ASK { ?s ?p "\u12" }', 1, 14, r"\u needs the code of a character"),
    ("\ufeffASK { ?s ?p ?o }", 1, 1, "the query begins with a byte order mark (U+FEFF); remove it"),
    (r"""ASK { ?s ?p "\u0041", '''it's "\\''', '' . } }""", 1, 47, "expected"),
]


@pytest.mark.parametrize(("text", "line", "column", "reason"), WRONG_CHARACTERS)
def test_characters_that_no_token_has_are_named(text: str, line: int, column: int, reason: str) -> None:
    with pytest.raises(QueryError) as caught:
        rdf_query.evaluate(STORE, text, "https://example.org/")
    assert f"line {line}, column {column}: {reason}" in str(caught.value)
    assert (caught.value.line, caught.value.column) == (line, column)
