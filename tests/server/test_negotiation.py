"""Negotiation: what a client asks for in the words of RFC 9110, and what it gets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rejoinder.server.negotiation import choose, choose_coding

PAGE = ("text/html; charset=utf-8", "text/turtle; charset=utf-8", "application/ld+json", "application/n-triples")
HTML, TURTLE, JSONLD, NTRIPLES = range(4)

FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
JAVA = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"
JENA = (
    "text/turtle,application/n-triples;q=0.9,application/rdf+xml;q=0.7,application/trig,application/n-quads;q=0.9,"
    "application/ld+json;q=0.8,*/*;q=0.5"
)
DOCUMENT_LOADER = 'application/ld+json;profile="http://www.w3.org/ns/json-ld#context", */*;q=0.1'

CASES = {
    None: HTML,
    "": HTML,
    "*/*": HTML,
    FIREFOX: HTML,
    JAVA: HTML,
    JENA: TURTLE,
    DOCUMENT_LOADER: JSONLD,
    "text/turtle": TURTLE,
    "TEXT/Turtle;charset=utf-8": TURTLE,
    "application/n-triples;q=0.2, text/turtle;q=0.1": NTRIPLES,
    # Specificity outweighs order and other weights: what is said of the type itself holds for it.
    "text/*;q=0.3, text/turtle;q=0.2, */*;q=0.1": HTML,
    "text/*, text/html;q=0": TURTLE,
    "*/*, text/html;q=0, text/turtle;q=0.0": JSONLD,
    "text/html;q=0.001": HTML,
    # One profile is asked for before the format in general; we have the format only in general.
    "application/ld+json;profile=a, application/ld+json;q=0.1, text/turtle;q=0.5": TURTLE,
    "application/ld+json;profile=a;q=0, application/ld+json": JSONLD,
    # A comma, a semicolon or a weight between quotation marks is text.
    'application/ld+json;profile="a,b;q=0", image/png': JSONLD,
    # What cannot be read asks for nothing.
    "text/turtle;q=much, application/n-triples;q=0.1": NTRIPLES,
    "garbage": HTML,
    ";;,,=/": HTML,
    '"': HTML,
    # Nothing that is there is acceptable.
    "image/png": None,
    "*/*;q=0": None,
    "text/html;q=0, text/turtle;q=0, application/*;q=0": None,
}


@pytest.mark.parametrize("accept", CASES)
def test_the_client_gets_what_it_would_rather_have(accept: str | None) -> None:
    assert choose(accept, PAGE) == CASES[accept]


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        (None, None),
        ("", None),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0.5, gzip", "gzip"),
        ("br;q=0, gzip;q=0", None),
        ("*", "br"),
        ("*;q=0", None),
        ("identity", None),
        ("gzip;q=0.5, identity;q=0.8", None),
        ("identity;q=0, gzip", "gzip"),
        ("deflate", None),
        ("gzip;q=x", None),
    ],
)
def test_the_content_is_packed_as_the_client_likes_it(header: str | None, coding: str | None) -> None:
    assert choose_coding(header, ("br", "gzip")) == coding


@given(st.text(alphabet=st.characters(max_codepoint=255), max_size=200))
def test_no_header_is_too_odd(header: str) -> None:
    assert choose(header, PAGE) in {None, *range(len(PAGE))}
    assert choose_coding(header, ("br", "gzip")) in {None, "br", "gzip"}


@given(st.text(alphabet=' "\\,;=/*q.0', max_size=2_000))
def test_a_header_of_quotation_marks_has_an_answer(header: str) -> None:
    assert choose(header, PAGE) in {None, *range(len(PAGE))}


@given(st.lists(st.sampled_from(range(len(PAGE))), unique=True, min_size=1), st.data())
def test_among_plain_types_the_greatest_weight_wins_and_zero_never(kinds: list[int], data: st.DataObject) -> None:
    weights = {kind: data.draw(st.integers(0, 1000)) for kind in kinds}
    header = ", ".join(f"{PAGE[kind].partition(';')[0]};q={weight / 1000:.3f}" for kind, weight in weights.items())
    wanted = {kind: weight for kind, weight in weights.items() if weight}
    best = min((kind for kind in wanted if wanted[kind] == max(wanted.values())), default=None)
    assert choose(header, PAGE) == best
