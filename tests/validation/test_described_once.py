"""What one file describes, no other file names, and nobody but the vocabulary describes its terms."""

from __future__ import annotations

import pytest

from rejoinder import build, check
from rejoinder.config import Project

HEAD = """
@prefix rj: <https://w3id.org/rejoinder/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@base <https://example.org/reports/> .
"""
OTHERS = [
    '<state/NLD> rdfs:label "Hacked"@en .',
    '<state/NLD> skos:prefLabel "Hacked"@en .',
    '<state/NLD> dcterms:title "Hacked"@en .',
    '<state/NLD> a rj:Issue ; rdfs:label "Hacked"@en .',
    '<report/short#report> dcterms:title "Hacked"@en .',
    'rj:Claim rdfs:label "Hacked"@en .',
    "rj:Claim rdfs:seeAlso <https://example.org/> .",
    '<https://w3id.org/rejoinder/shapes#Claim> rdfs:label "Hacked"@en .',
]


def _once(project: Project) -> list[tuple[str, int | None]]:
    found = [each for each in check(project).findings if each.rule.endswith("#DescribedOnce")]
    return [(each.path.name, each.line) for each in found]


@pytest.mark.parametrize("text", OTHERS)
@pytest.mark.parametrize("name", ["z.ttl", "report/z.ttl"])
def test_another_file_names_nothing_that_one_describes(small: Project, text: str, name: str) -> None:
    (small.data / name).write_text(HEAD.lstrip() + text, encoding="utf-8")
    assert ("z.ttl", 6) in _once(small)


def test_a_build_leaves_out_the_file_that_names_what_another_describes(small_built: Project) -> None:
    (small_built.data / "z.ttl").write_text(HEAD + OTHERS[0], encoding="utf-8")
    built = build(small_built, with_site=False)
    assert [item.path.name for item in built.broken] == ["z.ttl"]


@pytest.mark.parametrize(
    "text", ['<z/one> a rj:Issue ; rdfs:label "One"@en .', "<state/NLD> rdfs:seeAlso <https://example.org/> ."]
)
def test_a_file_names_what_it_describes_itself_and_links_to_others(small: Project, text: str) -> None:
    (small.data / "z.ttl").write_text(HEAD + text, encoding="utf-8")
    assert _once(small) == []
