"""The same term everywhere: what a dossier states is what every file, answer and triple store says, in every syntax."""

from __future__ import annotations

import csv
import io
import math
import shutil
import struct
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from xml.dom import minidom

import httpx
import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import BaseDirection, QueryResultsFormat, QuerySolutions, parse_query_results

import rejoinder
from conftest import SMALL, Run, StartStore, mostly_slow, signed_in
from literals import EXTREMES, FORBIDDEN, FORMS, SIZES, VISIBLE, literals, typed
from rejoinder import formats, namespaces
from rejoinder.config import Project, new_project, open_project
from rejoinder.disk import package_file
from rejoinder.errors import UnwritableError
from rejoinder.formats import Syntax
from rejoinder.rdf import serialize
from rejoinder.rdf import terms as rdf_terms
from rejoinder.rdf.jsonld import read_context
from rejoinder.rdf.terms import BlankNode, Literal, NamedNode, Quad, Triple
from rejoinder.triplestores import push
from rejoinder.triplestores.client import connected
from rejoinder.triplestores.push import TripleStore
from server_process import ServerProcess, run_server

BASE = "https://example.org/"
GRAPH = NamedNode(f"{BASE}record/terms")
VALUE = NamedNode("https://example.net/v/value")
CONTEXT = read_context(package_file("ontology/context.jsonld"))
READERS = {"ntriples": "nt", "jsonld": "json-ld", "rdfxml": "xml"}
BY_NAME = pytest.mark.parametrize("syntax", formats.RDF_SYNTAXES, ids=lambda syntax: syntax.name)
FEW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))

Term = tuple[str, str, str]
"""The text of a literal, its language, and its datatype."""

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # rdflib's own parsers use what it deprecates


@pytest.fixture(autouse=True)
def _as_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let rdflib keep the form of a literal, which it would otherwise normalise."""
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    monkeypatch.setattr(rdflib.term, "_toPythonMapping", {})  # nor warn that it knows no such year


def told(literal: Literal) -> Term:
    return literal.value, literal.language or "", literal.datatype.value


def stated(values: Iterable[Literal]) -> tuple[Quad, ...]:
    """Return a document whose things have one of the values each."""
    label = NamedNode(namespaces.RDFS + "label")
    things = [NamedNode(f"{GRAPH.value}#t{number}") for number, _ in enumerate(values)]
    return (
        Quad(GRAPH, label, Literal("Terms", language="en"), GRAPH),
        *(Quad(thing, label, Literal("A thing", language="en"), GRAPH) for thing in things),
        *(Quad(thing, VALUE, value, GRAPH) for thing, value in zip(things, values, strict=True)),
    )


def terms(quads: Iterable[Quad]) -> dict[str, Term]:
    """Return the value of each thing."""
    found = [quad for quad in quads if quad.predicate == VALUE and isinstance(quad.object, Literal)]
    return {rdf_terms.text(quad.subject): told(quad.object) for quad in found if isinstance(quad.object, Literal)}


def read(content: bytes, syntax: Syntax) -> dict[str, Term]:
    return terms(rdf_terms.parse(content, syntax, GRAPH.value))


def read_by_rdflib(content: bytes, syntax: Syntax) -> dict[str, Term]:
    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(data=content, format=READERS.get(syntax.name, syntax.name), publicID=GRAPH.value)
    return {
        str(thing): _told_by_rdflib(value)
        for thing, value in dataset.subject_objects(rdflib.URIRef(VALUE.value))
        if isinstance(value, rdflib.Literal)
    }


def _told_by_rdflib(value: object) -> Term:
    assert isinstance(value, rdflib.Literal)
    if value.language:
        return str(value), value.language.lower(), namespaces.RDF + "langString"
    return str(value), "", str(value.datatype or rdflib.XSD.string)


@FEW
@given(st.lists(literals(), min_size=1, max_size=40))
def test_any_literal_is_the_same_in_every_syntax_but_xml(values: list[Literal]) -> None:
    quads = stated(values)
    for syntax in formats.RDF_SYNTAXES:
        if syntax is not formats.RDFXML:
            content = serialize.write(quads, syntax, BASE, CONTEXT)
            assert read(content, syntax) == terms(quads)
            assert read_by_rdflib(content, syntax) == terms(quads), syntax


@FEW
@given(st.lists(literals(VISIBLE), min_size=1, max_size=40))
def test_any_literal_that_xml_can_hold_is_the_same_in_rdf_xml(values: list[Literal]) -> None:
    quads = stated(values)
    content = serialize.write(quads, formats.RDFXML, BASE, CONTEXT)
    assert read(content, formats.RDFXML) == terms(quads)
    assert read_by_rdflib(content, formats.RDFXML) == terms(quads)


@BY_NAME
def test_the_extremes_are_the_same_in_every_syntax(syntax: Syntax) -> None:
    quads = stated(EXTREMES)
    content = serialize.write(quads, syntax, BASE, CONTEXT)
    assert read(content, syntax) == terms(quads)
    assert read_by_rdflib(content, syntax) == terms(quads)


def stored(values: Iterable[Literal]) -> list[Literal]:
    """Return the values as the store writes them."""
    store = rdf_terms.memory_store(stated(list(values)))
    found = [quad for quad in store if quad.predicate == VALUE]
    kept = {rdf_terms.text(quad.subject): quad.object for quad in found if isinstance(quad.object, Literal)}
    return [kept[iri] for iri in sorted(kept, key=lambda iri: int(iri.rpartition("#t")[2]))]


def number(literal: Literal) -> object:
    """Return the number that the literal stands for; of any other literal its text."""
    kind, text = literal.datatype.value.removeprefix(namespaces.XSD), literal.value
    if kind in ("double", "float"):
        value = float(text)
        try:
            packed = struct.pack("<f" if kind == "float" else "<d", value)
        except OverflowError:  # beyond what a float holds
            packed = struct.pack("<f", math.copysign(math.inf, value))
        return "NaN" if math.isnan(value) else packed
    return Decimal(text) if kind == "decimal" or kind.lower().endswith(("integer", *SIZES)) else text


NUMBERS = ["integer", "nonNegativeInteger", "long", "unsignedLong", "byte", "decimal", "double", "float"]


@FEW
@given(st.lists(st.one_of([FORMS[name].map(partial(typed, datatype=name)) for name in NUMBERS]), max_size=40))
def test_the_store_may_write_a_number_anew_and_never_another_one(values: list[Literal]) -> None:
    assert list(map(number, stored(values))) == list(map(number, values))


@FEW
@given(st.lists(literals(), max_size=40))
def test_what_the_store_wrote_it_does_not_write_anew(values: list[Literal]) -> None:
    once = stored(values)
    assert stored(once) == once


# One project whose record holds the extremes, through everything that publishes it.


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = open_project(shutil.copytree(SMALL, tmp_path_factory.mktemp("terms") / "project"))
    (project.data / "report/short.yaml").unlink()
    (project.data / "record").mkdir()
    iri = f"{project.base}record/terms"
    triples = (f"{quad.triple} .\n" for quad in stated(EXTREMES))
    lines = "".join(triples).replace(GRAPH.value, iri)
    (project.data / "record/terms.ttl").write_text(lines, encoding="utf-8")
    built = rejoinder.build(project)
    assert built.broken == ()
    return project


@pytest.fixture(scope="module")
def expected(published: Project) -> dict[str, Term]:
    """Give the terms as the store writes them."""
    iri = f"{published.base}record/terms"
    things = {f"{iri}#t{place}": told(value) for place, value in enumerate(stored(EXTREMES))}
    assert len(things) == len(EXTREMES)
    return things


def test_every_file_of_a_build_has_the_same_terms(published: Project, expected: dict[str, Term]) -> None:
    files = [
        *(published.build / "current/export").glob("record/terms.*"),
        *(published.build / "site").glob("record/terms.*"),
        *(published.build / "site").glob("version/1/record/terms.*"),
        *(published.build / "current/export").glob("dataset.*"),
    ]
    readable = [path for path in files if path.suffix in (".ttl", ".nt", ".nq", ".trig", ".jsonld")]
    assert sorted({path.suffix for path in readable}) == [".jsonld", ".nq", ".nt", ".trig", ".ttl"]
    assert len(readable) >= 9
    for path in readable:
        syntax = formats.rdf_syntax_of(path.name)
        assert read(path.read_bytes(), syntax) == expected, path
        assert read_by_rdflib(path.read_bytes(), syntax) == expected, path


@pytest.mark.parametrize(
    "syntax", mostly_slow(formats.RDF_SYNTAXES, {formats.TRIG, formats.JSONLD}), ids=lambda syntax: syntax.name
)
def test_an_export_has_the_same_terms(published: Project, expected: dict[str, Term], syntax: Syntax) -> None:
    for graph in ("record/terms", None):
        content = rejoinder.export(published, syntax, graph)
        assert read(content, syntax) == expected
        assert read_by_rdflib(content, syntax) == expected


@pytest.fixture(scope="module")
def server(published: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with run_server(published, tmp_path_factory.mktemp("log") / "log.jsonl") as running:
        yield running


@pytest.mark.parametrize("syntax", [formats.TURTLE, formats.JSONLD, formats.NTRIPLES], ids=lambda syntax: syntax.name)
def test_a_document_that_is_served_has_the_same_terms(
    server: ServerProcess, expected: dict[str, Term], syntax: Syntax
) -> None:
    answer = server.get("record/terms", Accept=syntax.media_type)
    assert answer.headers["content-type"].startswith(syntax.media_type)
    assert read(answer.content, syntax) == expected
    assert read_by_rdflib(answer.content, syntax) == expected


CONSTRUCT = f"CONSTRUCT WHERE {{ ?thing {VALUE} ?value }}"
SELECT = f"SELECT ?thing ?value WHERE {{ ?thing {VALUE} ?value }} ORDER BY ?thing"
GRAPHS = [formats.TURTLE, formats.NTRIPLES, formats.JSONLD, formats.RDFXML]


@pytest.mark.parametrize("syntax", GRAPHS, ids=lambda syntax: syntax.name)
def test_a_graph_that_a_query_makes_has_the_same_terms(
    server: ServerProcess, expected: dict[str, Term], syntax: Syntax
) -> None:
    answer = _asked(server, CONSTRUCT, syntax)
    assert read(answer, syntax) == expected
    found = read_by_rdflib(answer, syntax)
    small = "0.00000000000000001"  # of a bare decimal rdflib makes 1E-17, which is none
    assert {iri: (text.replace("1E-17", small), *more) for iri, (text, *more) in found.items()} == expected


def _asked(server: ServerProcess, query: str, syntax: Syntax) -> bytes:
    url, headers = f"{server.address}/sparql", {"Accept": syntax.media_type}
    answer = httpx.get(url, params={"query": query}, headers=headers, timeout=60).raise_for_status()
    assert answer.headers["content-type"].startswith(syntax.media_type)
    return answer.content


def _rows(answer: bytes, form: QueryResultsFormat) -> dict[str, Term]:
    table = parse_query_results(answer, format=form)
    assert isinstance(table, QuerySolutions)
    return {row["thing"].value: told(row["value"]) for row in table}


def test_a_table_has_the_same_terms(server: ServerProcess, expected: dict[str, Term]) -> None:
    for syntax, form in (
        (formats.JSON, QueryResultsFormat.JSON),
        (formats.XML, QueryResultsFormat.XML),
        (formats.TSV, QueryResultsFormat.TSV),
    ):
        assert _rows(_asked(server, SELECT, syntax), form) == expected
    for syntax, name in ((formats.JSON, "json"), (formats.XML, "xml")):
        result = rdflib.query.Result.parse(io.BytesIO(_asked(server, SELECT, syntax)), format=name)
        thing, value = rdflib.Variable("thing"), rdflib.Variable("value")
        values = {str(row[thing]): row[value] for row in result.bindings}
        assert {iri: _told_by_rdflib(found) for iri, found in values.items()} == expected
    texts = {iri: text for iri, (text, _, _) in expected.items()}
    lines = io.StringIO(_asked(server, SELECT, formats.CSV).decode(), newline="")
    with_limit = csv.field_size_limit(1_000_000)
    try:
        assert {row[0]: row[1] for row in list(csv.reader(lines))[1:]} == texts
    finally:
        csv.field_size_limit(with_limit)
    xml = minidom.parseString(_asked(server, SELECT, formats.XML))  # noqa: S318  # our own
    shown = [
        "".join(node.data for node in literal.childNodes if isinstance(node, minidom.Text))
        for literal in xml.getElementsByTagName("literal")
    ]
    assert shown == [texts[iri] for iri in sorted(texts)]


@pytest.mark.parametrize(("form", "name"), [("json", QueryResultsFormat.JSON), ("tsv", QueryResultsFormat.TSV)])
def test_a_table_on_the_command_line_has_the_same_terms(
    published: Project, expected: dict[str, Term], run: Run, form: str, name: QueryResultsFormat
) -> None:
    answer = run("sparql", SELECT, "--format", form, cwd=published.root)
    assert _rows(answer.stdout.encode(), name) == expected


def test_a_graph_on_the_command_line_has_the_same_terms(
    published: Project, expected: dict[str, Term], run: Run
) -> None:
    assert read(run("sparql", CONSTRUCT, cwd=published.root).stdout.encode(), formats.TURTLE) == expected


def test_a_triple_store_has_the_same_terms(
    published: Project, expected: dict[str, Term], tmp_path: Path, start_store: StartStore
) -> None:
    with start_store("oxigraph", tmp_path) as store, signed_in(store):
        pushed = push.push(published, store.query_url, verify=True)
        assert (pushed.differences, pushed.verified) == ((), pushed.graphs)
        with connected(store.query_url) as remote:
            iri = f"{published.base}record/terms"
            there = TripleStore(remote, push.staging_graph(published.base)).read(iri)
        assert terms(rdf_terms.in_graph(there, iri)) == expected
        assert push.push(published, store.query_url).steps == ()


# What XML cannot hold is refused, whole, and with the place.

NOT_NAMES = [
    "https://example.org/v/123", "https://example.org/v/", "https://example.org/v)", "urn:isbn:123", "urn:x:-.",
    "https://example.org/v#", "https://example.org/a?b=1", "https://example.org/%20", "https://example.org/1\u00b7",
    "https://example.org/v/\u207f", "https://example.org/v/\u0301", *(namespaces.RDF + name for name in (
        "li", "Description", "RDF", "ID", "about", "parseType", "resource", "nodeID", "datatype", "bagID", "aboutEach",
        "aboutEachPrefix",
    )),
]  # fmt: skip
NAMES = [
    "https://example.org/faitsD\u2019armes", "https://example.org/\xe9", "https://example.org/a\xb7b", "urn:isbn:x",
    "https://example.org/a%20b", "https://example.org/v/1a", "https://example.org/\u0437\u0432\u0456\u0442", "x:y",
    "https://example.org/v?a=b&c='d", "urn:x:-a-.",
    *(namespaces.RDF + name for name in ("_1", "type", "first", "version")),
]  # fmt: skip


@pytest.mark.parametrize("iri", NOT_NAMES)
def test_a_property_that_makes_no_element_is_refused_by_its_name_and_its_graph(iri: str) -> None:
    quad = Quad(NamedNode(f"{BASE}a"), NamedNode(iri), Literal("x"), GRAPH)
    with pytest.raises(UnwritableError) as caught:
        serialize.write([*stated([]), quad], formats.RDFXML, BASE, CONTEXT)
    assert str(caught.value).startswith(f"graph <{GRAPH.value}>: the property <{iri}> cannot be written in RDF/XML")


@pytest.mark.parametrize("iri", NAMES)
def test_a_property_that_makes_an_element_is_written(iri: str) -> None:
    quad = Quad(NamedNode(f"{BASE}a"), NamedNode(iri), Literal("x"), GRAPH)
    content = serialize.write([quad], formats.RDFXML, BASE, CONTEXT)
    assert [str(predicate) for predicate in rdflib.Graph().parse(data=content, format="xml").predicates()] == [iri]
    assert [found.triple for found in rdf_terms.parse(content, formats.RDFXML)] == [quad.triple]


@pytest.mark.parametrize("character", FORBIDDEN)
def test_a_character_that_xml_cannot_hold_is_refused_by_its_number(character: str) -> None:
    with pytest.raises(UnwritableError, match=rf"of <{VALUE.value}> of .* holds U\+{ord(character):04X}, which XML"):
        serialize.write(stated([Literal(f"a{character}b")]), formats.RDFXML, BASE, CONTEXT)


def test_an_export_that_cannot_be_writes_nothing_and_ends_with_a_sentence(run: Run, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    project = open_project(new_project(root))
    (project.data / "record").mkdir()
    (project.data / "record/a.ttl").write_text(
        '<> <http://www.w3.org/2000/01/rdf-schema#label> "R"@en ; <https://example.org/v/123> "x"@en .',
        encoding="utf-8",
    )
    (project.data / "report/my-report.yaml").unlink()
    rejoinder.build(project, with_site=False)
    for words in (["a.rdf", "--graph", "record/a"], ["a.rdf"]):
        answer = run("export", *words, cwd=root)
        assert (answer.returncode, answer.stdout) == (2, "")
        assert f"graph <{project.base}record/a>: the property <https://example.org/v/123> cannot be" in answer.stderr
        assert not list(root.glob("*.rdf"))


def test_labels_of_blank_nodes_that_are_no_names_in_xml_are_made_some() -> None:
    triple = Triple(BlankNode("1:a"), VALUE, BlankNode("2"))
    written = rdf_terms.serialize(serialize.checked([triple]), formats.RDFXML)
    (found,) = rdf_terms.parse(written, formats.RDFXML)
    assert 'nodeID="1' not in written.decode()
    assert found.predicate == VALUE


@BY_NAME
def test_a_text_with_a_direction_keeps_it_in_every_syntax(syntax: Syntax) -> None:
    quads = stated([Literal("\u05d0", language="he", direction=BaseDirection.RTL)])
    content = serialize.write(quads, syntax, BASE, CONTEXT)
    assert {quad.triple for quad in rdf_terms.parse(content, syntax)} == {quad.triple for quad in quads}


# The layout of Turtle, by hand.


def test_turtle_is_ordered_by_kind_and_nests_what_needs_no_name() -> None:
    lines = """
<https://example.org/d#b2> <x:p> _:n .
_:n <x:p> _:l .
_:l <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .
_:l <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> _:m .
_:m <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> "1.0"^^<http://www.w3.org/2001/XMLSchema#decimal> .
_:m <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> <http://www.w3.org/1999/02/22-rdf-syntax-ns#nil> .
<https://example.org/d#b1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://example.org/d#B> .
<https://example.org/d#b3> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://example.org/d#A> .
<https://example.org/d#b1> <x:q> "one\\ntwo" .
<https://example.org/d#b1> <x:p> "1.5"^^<http://www.w3.org/2001/XMLSchema#decimal> .
<https://example.org/d#b1> <x:p> "1"^^<http://www.w3.org/2001/XMLSchema#double> .
<https://example.org/d> <x:p> <https://example.org/d#b1.> .
_:r <x:p> _:r .
"""
    triples = [quad.triple for quad in rdf_terms.parse(lines, formats.NTRIPLES)]
    prefixes = {"d": "https://example.org/d#", "xsd": namespaces.XSD, "unused": "https://example.org/unused#"}
    text = serialize.turtle_text(triples, prefixes, "https://example.org/d")
    assert (
        text
        == """\
@prefix d: <https://example.org/d#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<https://example.org/d> <x:p> <https://example.org/d#b1.> .

d:b3 a d:A .

d:b1 a d:B ;
    <x:p> "1"^^xsd:double,
        1.5 ;
    <x:q> \"\"\"one
two\"\"\" .

d:b2 <x:p> [ <x:p> ( 1 "1.0"^^xsd:decimal ) ] .

_:r <x:p> _:r .
"""
    )


def test_a_long_chain_and_a_ring_of_blank_nodes_are_written_and_read_back() -> None:
    chain = [Triple(BlankNode(f"c{n}"), VALUE, BlankNode(f"c{n + 1}")) for n in range(100)]
    ring = [Triple(BlankNode(f"r{n}"), VALUE, BlankNode(f"r{(n + 1) % 5}")) for n in range(5)]
    cells = [
        Triple(BlankNode(f"l{n}"), NamedNode(namespaces.RDF + "rest"), BlankNode(f"l{(n + 1) % 9}")) for n in range(9)
    ]
    cells += [Triple(BlankNode(f"l{n}"), NamedNode(namespaces.RDF + "first"), Literal(n)) for n in range(9)]
    for triples in (chain, ring, cells):
        text = serialize.turtle_text(triples, {})
        given = rdf_terms.in_graph(triples, GRAPH.value)
        found = rdf_terms.in_graph(rdf_terms.parse(text, formats.TURTLE), GRAPH.value)
        assert rdf_terms.content_digest(found) == rdf_terms.content_digest(given)
