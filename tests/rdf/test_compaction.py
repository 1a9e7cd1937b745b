"""JSON-LD is compacted as PyLD does it, which has all of the standard, and PyLD reads the same statements in it.

Two things differ: PyLD makes wrong relative IRIs below a document whose IRI does not end in a slash, and a node that is
only named stands under its property and not in a map by id.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyld import iri_resolver, jsonld
from pyoxigraph import BaseDirection

from conftest import ROOT, mostly_slow
from rejoinder import formats, namespaces
from rejoinder.config import Project
from rejoinder.disk import package_file
from rejoinder.rdf import terms as rdf_terms
from rejoinder.rdf.jsonld import json_ld, read_context, relative, with_full_bases
from rejoinder.rdf.terms import Literal, NamedNode, Quad

BASE = "https://w3id.org/rejoinder/"
DOCUMENT = NamedNode(BASE + "report/one")
CONTEXT = read_context(package_file("ontology/context.jsonld"))
CASES = sorted((ROOT / "tests/cases/shapes").rglob("*.ttl"))


@pytest.fixture(autouse=True, scope="module")
def right_relative_iris() -> Iterator[None]:
    """Correct what PyLD makes of an IRI that it would not read again as the same."""

    def unresolved(iri: str, base: str) -> str:
        found = iri_resolver.unresolve(iri, base)
        return found if iri_resolver.resolve(found, base) == iri else relative(iri, base)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonld, "unresolve", unresolved)
        yield


def _compacted_by_pyld(written: Any, document: str) -> Any:
    """Return what PyLD makes of a document with all terms of the context, not only those that the document needs."""
    terms = with_full_bases(CONTEXT.terms, document) | {"@base": document}
    compacted = jsonld.compact(jsonld.expand(written, {"base": document}), terms, {"base": document})
    return _named_apart({key: value for key, value in compacted.items() if key != "@context"})


def _named_apart(value: Any) -> Any:
    """Return the value with what is only named in a map by id as a reference under the property."""
    if isinstance(value, list):
        return [_named_apart(item) for item in value]
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    for key, inner in value.items():
        if key not in CONTEXT.id_maps:
            found[key] = _named_apart(inner)
            continue
        full = {name: _named_apart(member) for name, member in inner.items() if member}
        named = [{"id": name} for name, member in inner.items() if not member]
        found |= {key: full} if full else {}
        if named:
            found[CONTEXT.terms[key]["@id"]] = named if len(named) > 1 else named[0]
    return found


def _assert_right(quads: tuple[Quad, ...]) -> None:
    text = json_ld(quads, CONTEXT)
    stated = {quad.triple for quad in quads}
    assert {quad.triple for quad in rdf_terms.parse(text, formats.JSONLD)} == stated
    document, graph = json.loads(text), rdf_terms.text(quads[0].graph_name)
    by_pyld = rdf_terms.parse(jsonld.to_rdf(document, {"format": "application/n-quads"}), formats.NQUADS)
    assert rdf_terms.comparable(rdf_terms.in_graph(by_pyld, graph)) == rdf_terms.comparable(quads)
    content = {key: value for key, value in document.items() if key != "@context"}
    again = _compacted_by_pyld(document, graph)
    assert content == again


def _scoped_iris() -> Iterator[str]:
    """Yield the IRIs of the terms that stand in the contexts of other terms."""
    scoped = (term.get("@context", {}) for term in CONTEXT.terms.values() if isinstance(term, dict))
    for terms in scoped:
        yield from (namespaces.RJ + iri.removeprefix("rj:") for key, iri in terms.items() if not key.startswith("@"))


LOCAL = ("report/one", "report/one#a", "report/one/b", "report/two", "state/CZE", "issue/x", "organisation/", "", "#a")
OUTSIDE = ("https://example.org/ns#p", "https://w3id.org/", "http://id.loc.gov/datatypes/edtf/", "urn:x:y")
PROPERTIES = sorted({*CONTEXT.properties.values(), namespaces.RDF_TYPE, namespaces.RJ + "unknown", OUTSIDE[0]})
NODES = [NamedNode(iri) for iri in (*(BASE + end for end in LOCAL), *OUTSIDE, *sorted(_scoped_iris()), *PROPERTIES)]
DATATYPES = [
    NamedNode(iri) for iri in (namespaces.EDTF, namespaces.XSD + "date", namespaces.XSD + "integer", OUTSIDE[0])
]
WORDS = st.sampled_from(["", "1", "title", "rj:about", "2014-11", "a\nb", "é"])
LITERALS = (
    st.builds(Literal, WORDS)
    | st.builds(lambda text, tag: Literal(text, language=tag), WORDS, st.sampled_from(["en", "ru", "en-GB"]))
    | st.builds(lambda text, kind: Literal(text, datatype=kind), WORDS, st.sampled_from(DATATYPES))
)
CONTAINERS = {CONTEXT.properties[key] for key in CONTEXT.id_maps}


def _quads(properties: list[str], values: st.SearchStrategy[NamedNode | Literal]) -> st.SearchStrategy[Quad]:
    return st.builds(
        lambda subject, predicate, value: Quad(subject, NamedNode(predicate), value, DOCUMENT),
        st.sampled_from(NODES),
        st.sampled_from(properties),
        values,
    )


QUADS = _quads(PROPERTIES, st.sampled_from(NODES)) | _quads(sorted({*PROPERTIES} - CONTAINERS), LITERALS)


@given(st.lists(QUADS, min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_of_any_statements(found: list[Quad]) -> None:
    _assert_right(rdf_terms.canonical(found))


@pytest.mark.parametrize("depth", [99, 100, 101, 130, 400, 3000])
@pytest.mark.parametrize("has_direction", [False, True])
def test_of_parts_within_parts_nothing_is_lost(depth: int, has_direction: bool) -> None:
    """A text with a direction makes it the expanded form, which is deep in another way."""
    nodes = [DOCUMENT, *(NamedNode(f"{DOCUMENT.value}#s{n}") for n in range(depth))]
    contains = [NamedNode(namespaces.RJ + name) for name in ("hasStatistic", *(depth - 1) * ["hasStatisticPart"])]
    label = Literal("a", language="en", direction=BaseDirection.LTR) if has_direction else Literal("a", language="en")
    quads = (
        *(Quad(*row, DOCUMENT) for row in zip(nodes[:-1], contains, nodes[1:], strict=True)),
        *(Quad(node, NamedNode(namespaces.RJ + "quote"), label, DOCUMENT) for node in nodes),
    )
    text = json_ld(rdf_terms.canonical(quads), CONTEXT)
    assert {quad.triple for quad in rdf_terms.parse(text, formats.JSONLD)} == {quad.triple for quad in quads}
    assert ("@included" in json.loads(text)) == (depth > 100)


def test_a_text_where_a_node_belongs_is_not_lost() -> None:
    """The schema refuses it; a store of others may have it, beside a node that is only named."""
    contains = NamedNode(namespaces.RJ + "hasClaim")
    values = (Literal("a text"), NamedNode(DOCUMENT.value + "#a"), NamedNode(DOCUMENT.value + "#b"))
    odd = tuple(Quad(DOCUMENT, contains, value, DOCUMENT) for value in values)
    read = rdf_terms.parse(json_ld(odd, CONTEXT), formats.JSONLD)
    assert {quad.triple for quad in read} == {quad.triple for quad in odd}


@pytest.mark.parametrize("part", mostly_slow(["", "/report/bhr-"], {"/report/bhr-"}))
def test_of_graphs_of_the_example(built_once: Project, part: str) -> None:
    quads = sorted(
        rdf_terms.parse((built_once.build / "current/export/dataset.nq").read_bytes(), formats.NQUADS), key=str
    )
    graphs = groupby(sorted(quads, key=lambda quad: str(quad.graph_name)), key=lambda quad: str(quad.graph_name))
    found = {name: rdf_terms.canonical(members) for name, members in graphs if part in name}
    assert len(found) > (0 if part else len(namespaces.COLLECTIONS))
    for members in found.values():
        _assert_right(members)


@pytest.mark.slow
def test_of_every_case_of_a_shape() -> None:
    assert CASES
    for path in CASES:
        triples = [quad.triple for quad in rdf_terms.parse_file(path, BASE)]
        _assert_right(rdf_terms.canonical(rdf_terms.in_graph(triples, DOCUMENT.value)))


def test_a_class_may_be_a_text() -> None:
    """Nobody should write that; what somebody wrote is not lost."""
    odd = Quad(DOCUMENT, NamedNode(namespaces.RDF_TYPE), Literal("a text"), DOCUMENT)
    read = rdf_terms.parse(json_ld((odd,), CONTEXT), formats.JSONLD)
    assert [quad.triple for quad in read] == [odd.triple]


def test_a_name_that_is_a_keyword_of_the_context_is_read_as_a_name() -> None:
    named = Quad(NamedNode(BASE + "report/type"), NamedNode(namespaces.RJ + "lang"), Literal("en"), DOCUMENT)
    _, *read = rdf_terms.parse(json_ld((named, named), CONTEXT), formats.JSONLD)
    assert [quad.triple for quad in read] == [named.triple]


def test_an_iri_that_begins_like_a_prefix_is_written_in_full() -> None:
    """`schema:x` would be read as an IRI of schema.org."""
    quads = (Quad(DOCUMENT, NamedNode(namespaces.RJ + "from"), NamedNode("schema:x"), DOCUMENT),)
    text = json_ld(quads, CONTEXT)
    assert json.loads(text)["@context"] == {}
    assert [quad.triple for quad in rdf_terms.parse(text, formats.JSONLD)] == [quads[0].triple]


@pytest.mark.parametrize("end", ["", "#x", "?q#x", "#?", "/1", "#", "/a:b", "/..", "x//y", "/../a/", "/;p", "/é"])
@pytest.mark.parametrize(
    "base",
    ["https://a.b/ns", "https://a.b/ns?x", "https://a.b/ns?q", "https://a.b/x/y/z", "https://a.b/ns/", "https://a.b/"],
)
def test_a_relative_reference_leads_to_where_it_was_made_from(base: str, end: str) -> None:
    iri = f"https://a.b/ns{end}"
    found = Quad(NamedNode("x:a"), NamedNode("x:b"), NamedNode(iri), DOCUMENT)
    text = json.dumps({"@context": {"@base": base}, "@id": "x:a", "x:b": {"@id": relative(iri, base)}})
    (read,) = rdf_terms.parse(text, formats.JSONLD)
    assert read.triple == found.triple


def test_the_context_has_nothing_that_the_writer_does_not_know() -> None:
    known = {"@id", "@type", "@container", "@context"}
    terms = [term for term in CONTEXT.terms.values() if isinstance(term, dict)]
    assert {key for term in terms for key in term} <= known
    assert {term.get("@container") for term in terms} == {None, "@id", "@language"}
    scopes = [term["@context"] for term in terms if "@context" in term]
    assert {key for scope in scopes for key in scope if key.startswith("@")} == {"@base"}
    assert all(scope.keys() == {"@base"} for scope in scopes if "@base" in scope)
