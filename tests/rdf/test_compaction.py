"""JSON-LD is compacted as it is, with the terms that fit a graph alone: the bytes are those of the whole way.

The whole way is PyLD's: expand what the engine wrote, then compact it with all terms, each value by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyld import jsonld

from conftest import ROOT
from rejoinder import formats, namespaces
from rejoinder.config import Project
from rejoinder.disk import package_file
from rejoinder.rdf import terms as rdf_terms
from rejoinder.rdf.jsonld import Context, json_ld, read_context
from rejoinder.rdf.terms import Literal, NamedNode, Quad

BASE = "https://w3id.org/rejoinder/"
DOCUMENT = NamedNode(BASE + "report/one")
CONTEXT = read_context(package_file("ontology/context.jsonld"))
CASES = sorted((ROOT / "tests/cases/shapes").rglob("*.ttl"))


@dataclass(frozen=True)
class Whole(Context):
    """A context that leaves no term out."""

    def terms_for(self, iris: Set[str]) -> dict[str, Any]:  # noqa: ARG002  # the form of what it replaces
        """All of them."""
        return self.terms


WHOLE = Whole(CONTEXT.text, CONTEXT.properties, CONTEXT.id_maps)


def _expanded_first(document: object, context: object, options: dict[str, Any]) -> object:
    """Return what PyLD makes of a document that need not be expanded."""
    return jsonld.compact(document, context, {"base": options["base"]})


def _assert_same(quads: tuple[Quad, ...]) -> None:
    with patch("rejoinder.rdf.jsonld._compacted", _expanded_first):
        whole = json_ld(quads, WHOLE)
    assert json_ld(quads, CONTEXT) == whole


def _scoped_iris() -> Iterator[str]:
    """Yield the IRIs of the terms that stand in the contexts of other terms."""
    scoped = (term.get("@context", {}) for term in CONTEXT.terms.values() if isinstance(term, dict))
    for terms in scoped:
        yield from (namespaces.RJ + iri.removeprefix("rj:") for key, iri in terms.items() if not key.startswith("@"))


LOCAL = ("report/one", "report/one#a", "report/one/b", "report/two", "state/CZE", "issue/x", "organisation/", "", "a:b")
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
QUADS = st.builds(
    lambda subject, predicate, value: Quad(subject, NamedNode(predicate), value, DOCUMENT),
    st.sampled_from(NODES),
    st.sampled_from(PROPERTIES),
    st.sampled_from(NODES) | LITERALS,
)


@given(st.lists(QUADS, min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_of_any_statements(found: list[Quad]) -> None:
    _assert_same(rdf_terms.canonical(found))


def test_of_every_graph_of_the_example(built_once: Project) -> None:
    quads = sorted(
        rdf_terms.parse((built_once.build / "current/export/dataset.nq").read_bytes(), formats.NQUADS), key=str
    )
    graphs = groupby(sorted(quads, key=lambda quad: str(quad.graph_name)), key=lambda quad: str(quad.graph_name))
    found = {name: rdf_terms.canonical(members) for name, members in graphs}
    assert len(found) > len(namespaces.COLLECTIONS)
    for members in found.values():
        _assert_same(members)


@pytest.mark.slow
def test_of_every_case_of_a_shape() -> None:
    assert CASES
    for path in CASES:
        triples = [quad.triple for quad in rdf_terms.parse_file(path, BASE)]
        _assert_same(rdf_terms.canonical(rdf_terms.in_graph(triples, DOCUMENT.value)))


def test_a_class_may_be_a_text() -> None:
    """Nobody should write that; what somebody wrote is not lost."""
    odd = Quad(DOCUMENT, NamedNode(namespaces.RDF_TYPE), Literal("a text"), DOCUMENT)
    read = rdf_terms.parse(json_ld((odd,), CONTEXT), formats.JSONLD)
    assert [quad.triple for quad in read] == [odd.triple]


def test_a_small_graph_leaves_most_terms_out() -> None:
    assert len(CONTEXT.terms_for({namespaces.RJ + "about"})) < len(CONTEXT.terms) / 4


def test_no_definition_of_the_context_can_be_a_prefix() -> None:
    assert [key for key, term in CONTEXT.terms.items() if isinstance(term, dict) and "@prefix" in term] == []
