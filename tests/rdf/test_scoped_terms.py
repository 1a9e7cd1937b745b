"""Short names spelled out are what the contexts of their keys make of them: the statements are the same either way."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rejoinder import formats
from rejoinder.config import Project
from rejoinder.disk import package_file
from rejoinder.dossiers.reader import open_reader
from rejoinder.dossiers.schema import read_schema
from rejoinder.errors import InputError
from rejoinder.rdf import terms
from rejoinder.rdf.jsonld import Context, NeedsFullContextError, ScopedTerms, Value, read_context, scoped_terms

CONTEXT = read_context(package_file("ontology/context.jsonld"))
SCOPED_TERMS = scoped_terms(CONTEXT)
DOCUMENT = "https://example.org/data/report/one"

SCOPED = sorted(key for key, term in CONTEXT.terms.items() if isinstance(term, dict) and "@context" in term)
KEYS = [*SCOPED, "label", "title", "concerns", "prefLabel", "unknown"]
BELOW = ["KAZ", "a.b-c_d", "ещё", "organisation/x", "report/one#group"]
UPWARDS = ["../person/x", "../../x"]
PATHS = [*BELOW, *UPWARDS, "x/../y", "./x", ".."]
KEYWORDS = sorted(SCOPED_TERMS.keywords)
"""The context's words for keywords of JSON-LD, which it makes of values, too."""
ADDRESS = "https://example.org/x"
REFERENCES = [
    *KEYWORDS,
    "",
    "#a",
    "?q",
    "/x",
    "//host/x",
    ADDRESS,
    "a?b=https://example.org/x",
    "rj:Noted",
    "urn:x:y",
    "a:b",
    "_:b",
    "@type",
]
WORDS = sorted({word for key in SCOPED for word in CONTEXT.terms[key]["@context"] if not word.startswith("@")})
NAMES = st.sampled_from([*PATHS, *REFERENCES, *WORDS])
VALUES = st.recursive(
    NAMES | st.sampled_from([None, True, 1]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=6,
)
NODES = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4)


def _statements(context: Context, node: dict[str, Value]) -> set[str] | None:
    """Return what the document states, nameless nodes called alike; None if it is no JSON-LD."""
    try:
        return set(
            map(str, terms.canonical(terms.parse(context.with_node(json.dumps(node)), formats.JSONLD, DOCUMENT)))
        )
    except terms.RdfSyntaxError:
        return None


def _spelled(node: dict[str, Value]) -> dict[str, Value] | None:
    try:
        return SCOPED_TERMS.node(node)
    except NeedsFullContextError:
        return None


def test_of_any_document() -> None:
    spelled_out: list[bool] = []

    @given(NODES)
    @settings(max_examples=200, deadline=None)
    def states_the_same(node: dict[str, Value]) -> None:
        plain = _spelled(node)
        spelled_out.append(plain is not None)
        assert plain is None or _statements(CONTEXT.unscoped, plain) == _statements(CONTEXT, node)

    states_the_same()
    assert sum(spelled_out) > 5, "hardly any document was spelled out: the test proves nothing"


def test_of_every_key_and_kind_of_name() -> None:
    """A path is spelled out where the key has a folder, one that goes up unless the folder is a whole address.

    A whole address, which the reader writes for a person's name, stays as it is.
    """
    wrong = []
    for key, name in product(SCOPED, [*PATHS, *REFERENCES]):
        plain, folder = _spelled({key: name}), SCOPED_TERMS.folders.get(key)
        is_path = folder is not None and (name in BELOW or (name in UPWARDS and ":" not in folder))
        is_spelled_out = is_path or name == ADDRESS
        if (plain is not None) != is_spelled_out or (
            plain is not None and not _statements(CONTEXT.unscoped, plain) == _statements(CONTEXT, {key: name}) != set()
        ):
            wrong.append((key, name))
    assert wrong == []


def test_of_every_word_of_a_key() -> None:
    words = [(key, word) for key in SCOPED for word in CONTEXT.terms[key]["@context"] if not word.startswith("@")]
    assert words
    for key, word in words:
        plain = SCOPED_TERMS.node({key: word})
        assert _statements(CONTEXT.unscoped, plain) == _statements(CONTEXT, {key: word}) != set(), (key, word)


class _Refusing(ScopedTerms):
    """Leaves every document to the whole context."""

    def node(self, node: Mapping[str, Value]) -> dict[str, Value]:  # noqa: ARG002  # the parameter of the class above
        raise NeedsFullContextError


@pytest.mark.parametrize("path", sorted(package_file("data").rglob("*.yaml")), ids=lambda path: path.stem)
def test_the_files_that_ship_are_plain(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So they are read the quick way, and state what they state by the whole context."""
    used: list[Context] = []
    genuine = Context.with_node

    def watched(context: Context, node: str) -> str:
        used.append(context)
        return genuine(context, node)

    monkeypatch.setattr(Context, "with_node", watched)
    reader = open_reader("https://example.org/", package_file("data"))
    slow = replace(reader, scoped_terms=_Refusing({}, {}, frozenset(), frozenset(), SCOPED_TERMS.keywords))
    assert reader.read(path).quads == slow.read(path).quads != ()
    assert used == [reader.context.unscoped, reader.context]


@pytest.mark.parametrize(
    "node",
    [
        {"about": "a?b=https://example.org/x"},
        {"about": ["torture", "#a"]},
        {"about": {"id": "torture"}},
        {"kind": "no such kind"},
        *({key: word} for key in ("about", "language", "kind") for word in KEYWORDS),
        {"concerns": [{"#a": {"about": "torture"}}]},
        {"concerns": {"#a": {"about": ".."}}},
    ],
    ids=str,
)
def test_what_only_the_context_can_read_is_left_to_it(node: dict[str, Value]) -> None:
    assert _spelled(node) is None


def test_a_file_that_needs_the_whole_context_is_read_with_it(project: Project, tmp_path: Path) -> None:
    """The schema that ships admits no such file; with one that admits everything, it states what JSON-LD says."""
    (tmp_path / "schema.json").write_text('{"$defs": {}}', encoding="utf-8")
    path = project.data / "report" / "two.yaml"
    path.write_text("lang: en\nconcerns: {'#a': {about: [torture, '#b']}}\n", encoding="utf-8")
    lenient = replace(open_reader(project.base, project.data), schema=read_schema(tmp_path / "schema.json"))
    found = {terms.text(quad.object) for quad in lenient.read(path).quads if quad.predicate.value.endswith("about")}
    assert found == {f"{project.base}issue/torture", f"{project.base}issue/#b"}


def test_names_in_a_map_are_no_keys() -> None:
    """A thing may be called `kind`, and a language has the tag of none of the keys by chance only."""
    node: dict[str, Value] = {"concerns": {"kind": {"about": "torture"}, "raisedBy": {"label": "by whom"}}}
    read = SCOPED_TERMS.node(node)
    assert read == {"concerns": {"kind": {"about": "../issue/torture"}, "raisedBy": {"label": "by whom"}}}


@pytest.mark.parametrize(
    "term",
    [
        {"@id": "x:a", "@type": "@id", "@context": {"@base": "../a"}},
        {"@id": "x:a", "@type": "@id", "@context": {"@base": "../a/", "b": "x:b"}},
        {"@id": "x:a", "@context": {"@base": "../a/"}},
        {"@id": "x:a", "@type": "@vocab", "@context": {"@vocab": "x:", "b": "x:b"}},
        {"@id": "x:a", "@type": "@vocab", "@context": {"b": {"@id": "x:b"}}},
        {"@id": "x:a", "@type": "@vocab", "@context": {"b": "other:b"}},
        {"@id": "x:a", "@type": "@vocab", "@context": {"b": "x:b", "x": "y:"}},
    ],
    ids=str,
)
def test_a_context_that_says_something_else_is_asked(term: dict[str, Any]) -> None:
    other = scoped_terms(Context(json.dumps({"x": "https://example.org/", "a": term}), {}, frozenset()))
    with pytest.raises(NeedsFullContextError):
        other.node({"a": "b"})


@pytest.mark.parametrize("word", KEYWORDS)
def test_no_thing_is_called_as_json_ld_calls_its_own(project: Project, word: str) -> None:
    """JSON-LD would lose it, and every reference to it, without a word."""
    path = project.data / "issue.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("\n  torture:\n", f"\n  {word}:\n"), encoding="utf-8")
    line = 1 + text[: text.index("\n  torture:\n") + 1].count("\n")
    with pytest.raises(InputError, match=f"issue.yaml:{line}: the id '{word}' .* neither id nor type"):
        open_reader(project.base, project.data).read(path)


@pytest.mark.parametrize("word", KEYWORDS)
def test_no_thing_in_turtle_is_called_so(project: Project, word: str) -> None:
    path = project.data / "report" / "two.ttl"
    path.write_text(
        f"@prefix rj: <https://w3id.org/rejoinder/ns#> .\n\n<../issue/{word}> a rj:Issue .\n", encoding="utf-8"
    )
    with pytest.raises(InputError, match=f"two.ttl:3: the name '{word}' is a keyword of JSON-LD"):
        open_reader(project.base, project.data).read(path)


def test_the_words_are_those_of_the_context() -> None:
    assert KEYWORDS == ["id", "type"]


@pytest.mark.parametrize("word", KEYWORDS)
def test_every_kind_of_name_in_the_schema_refuses_them(word: str) -> None:
    """A pattern that admits a name in small letters admits none of these words."""
    definitions = json.loads(package_file("ontology/dossier.schema.json").read_text(encoding="utf-8"))["$defs"]
    numbers = ("paragraphNumber", "pageNumber")  # which name nothing
    patterns = {name: re.compile(part["pattern"]) for name, part in definitions.items() if "pattern" in part}
    names = {name for name, pattern in patterns.items() if pattern.search("torture") and name not in numbers}
    of_one_kind = {"issueName", "personName", "provisionName", "reviewName", "proceedingName"}
    assert names == {*of_one_kind, "agentName", "nameId"}
    assert not [name for name in names if patterns[name].search(word)]


@pytest.mark.parametrize("word", KEYWORDS)
def test_nothing_refers_to_a_thing_called_so(project: Project, word: str) -> None:
    path = project.data / "report" / "kaz-upr-20.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("about: freedom-of-religion", f"about: {word}", 1), encoding="utf-8")
    line = 1 + text[: text.index("about: freedom-of-religion")].count("\n")
    with pytest.raises(InputError, match=f"kaz-upr-20.yaml:{line}: .*'{word}'; write the name of an issue"):
        open_reader(project.base, project.data).read(path)
