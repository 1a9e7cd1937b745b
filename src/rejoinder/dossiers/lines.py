"""Line numbers of nodes, properties and values in a dossier, for YAML, Turtle and TriG.

Turtle and TriG are tokenised once. The parser returns statements in the order of the text, each with one object, so the
tokens only have to give the lines, and the parser gives the terms.
Standards: RDF 1.1 Turtle and TriG, without blank nodes, which dossiers cannot have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple, Protocol

from rejoinder import namespaces
from rejoinder.dossiers.yaml import Place, YamlDocument
from rejoinder.formats import Syntax
from rejoinder.rdf import terms
from rejoinder.rdf.jsonld import Context, Value
from rejoinder.rdf.terms import Literal, NamedNode, Quad

_MAX_STEPS: Final = 8
"""The most segments of an IRI's path that are compared with a reference; nobody writes more into a dossier."""
_WORD: Final = r"""[^\s<>"'(){}\[\];,#^@\\.~|]"""
# Possessive (`*+`, `++`): no token is tried twice from one place, so the time grows only with the length of the text.
_TOKEN: Final = re.compile(
    rf'''(?P<text>"""(?:[^"\\]++|\\.|"{{1,2}}(?!"))*+"""|\'\'\'(?:[^'\\]++|\\.|'{{1,2}}(?!'))*+\'\'\''''
    rf"""|"(?:[^"\\\r\n]++|\\.)*+"|'(?:[^'\\\r\n]++|\\.)*+')"""
    rf"""|(?P<iri><[^<>\r\n]*+>)"""
    rf"""|(?P<skipped>[ \t\r\n]++|\#[^\r\n]*+)"""
    rf"""|(?P<number>[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)[eE][+-]?[0-9]++|[+-]?[0-9]*+\.[0-9]++|[+-]?[0-9]++)"""
    rf"""|(?P<word>(?:{_WORD}++|\\.|\.++(?=\\|{_WORD}))++)"""
    rf"""|(?P<tag>@[A-Za-z0-9-]++)"""
    rf"""|(?P<mark>\^\^|.)""",
    re.DOTALL,
)
# Not `splitlines`, which would also count separators of Unicode that editors do not.
_BREAK: Final = re.compile(r"\r\n?|\n")
_TERMS: Final = frozenset({"text", "iri", "number", "word"})
_DIRECTIVES: Final = {"prefix": 2, "base": 1, "version": 1}
"""The number of terms after each directive (`@prefix`, `BASE`, ...)."""
_PLAIN: Final = frozenset({namespaces.XSD + "string", namespaces.RDF + "langString", namespaces.RDF + "dirLangString"})
"""Datatypes whose lexical forms the store does not change."""


class Lines(Protocol):
    """The line numbers of nodes, properties and values in a file."""

    def find(self, node: str, predicate: str | None = None, value: str | None = None) -> int | None:
        """Return the line of the value, else of the property, else of the node; None if it is not there."""


@dataclass(frozen=True)
class YamlLines:
    """Lines of a YAML document, by the IRIs of the nodes in it."""

    document: YamlDocument
    context: Context
    nodes: dict[str, Place]
    lists: dict[Place, Mapping[str, int]] = field(default_factory=dict, compare=False)
    """The lists that were searched so far: the index of each item, by its text."""

    def find(self, node: str, predicate: str | None = None, value: str | None = None) -> int | None:
        """See `Lines.find`."""
        if node not in self.nodes:
            return None
        place = self.nodes[node]
        for key in self.context.keys_of(predicate) if predicate else ():
            if (*place, key) in self.document.lines:
                return self.document.line(self._value_place((*place, key), value))
        return self.document.line(place)

    def _value_place(self, place: Place, value: str | None) -> Place:
        at: Value = self.document.value
        for step in place:
            at = at[step]  # type: ignore[index]  # `place` was found in this document
        if value is None or not isinstance(at, list):
            return place
        # Once, because each finding about an item would search a long list from its beginning.
        if place not in self.lists:
            self.lists[place] = _item_numbers(at)
        items = self.lists[place]
        fitting = next((items[text] for text in _possible_texts(value) if text in items), None)
        return place if fitting is None else (*place, fitting)


def _item_numbers(items: list[Value]) -> dict[str, int]:
    """Return the index of each list item by its text, the first of those with one text.

    >>> _item_numbers(["CZE", True, "CZE"])
    {'CZE': 0, 'true': 1}
    """
    found: dict[str, int] = {}
    for number, item in enumerate(items):
        found.setdefault(str(item).lower() if isinstance(item, bool) else str(item), number)
    return found


def _possible_texts(value: str) -> Iterator[str]:
    """Yield the texts by which a file may write a value: the value itself and, for an IRI, its last parts.

    >>> list(_possible_texts("https://example.org/x#p1"))
    ['https://example.org/x#p1', '/example.org/x#p1', 'example.org/x#p1', 'x#p1', '#p1', 'p1']
    """
    yield value
    document, sign, fragment = value.partition("#")
    steps = document.split("/")[-_MAX_STEPS:]
    for start in range(1, len(steps)):
        yield "/".join(steps[start:]) + sign + fragment
    if sign:
        yield sign + fragment
        yield fragment


@dataclass(frozen=True)
class NoLines:
    """No lines at all: for statements without a file, or of a file that cannot be read."""

    def find(self, node: str, predicate: str | None = None, value: str | None = None) -> int | None:
        """Return None; see `Lines.find`."""


class StatementLines(NamedTuple):
    """The lines, from 1, of the three terms of one statement."""

    subject: int
    predicate: int
    object: int


def statement_lines(text: str) -> Iterator[StatementLines]:
    r"""Yield the lines of each statement, in the order of the text.

    >>> [tuple(lines) for lines in statement_lines('<#a> <#b> <#c> ,\n "<#x> ." ;\n<#d> 1.5 .')]
    [(1, 1, 1), (1, 1, 2), (1, 3, 3)]
    """
    known: list[int] = []  # the lines of the subject and the predicate of the current statement
    skipped = 0
    for kind, written, line in _tokens(text):
        if kind in _TERMS or written == "(":  # only the empty collection `()`, which is an IRI, can occur
            if skipped:
                skipped -= 1
            elif not known and kind == "word" and written.casefold() in _DIRECTIVES:
                skipped = _DIRECTIVES[written.casefold()]
            elif len(known) < 2:
                known.append(line)
            else:
                yield StatementLines(known[0], known[1], line)
        elif kind == "tag" and not known:  # @prefix or @base; elsewhere it is a language tag
            skipped = _DIRECTIVES.get(written[1:], 0)
        elif written == "^^":  # the datatype that follows belongs to the literal
            skipped = 1
        elif written == ";":  # the next statement has the same subject
            del known[1:]
        elif written in (".", "{", "}"):
            known.clear()


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """Yield each token except white space and comments: its kind, its text, and the line on which it begins."""
    breaks = (found.end() for found in _BREAK.finditer(text))
    following, line = next(breaks, len(text) + 1), 1
    for token in _TOKEN.finditer(text):
        while following <= token.start():
            following, line = next(breaks, len(text) + 1), line + 1
        if token.lastgroup and token.lastgroup != "skipped":
            yield token.lastgroup, token[0], line


@dataclass
class _Index:
    """The first line of each node and value, by the terms that a caller may know.

    Values are found by subject and predicate; IRIs also by subject alone, with an empty predicate.
    """

    subjects: dict[str, int] = field(default_factory=dict)
    mentions: dict[str, int] = field(default_factory=dict)
    properties: dict[tuple[str, str], int] = field(default_factory=dict)
    values: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def take(self, quad: Quad, lines: StatementLines, forms: Sequence[str]) -> None:
        """Add the lines of a statement; `forms` are the possible texts of its value."""
        # `setdefault`, because what is written twice is reported where it stands first.
        subject, predicate = terms.text(quad.subject), quad.predicate.value
        self.subjects.setdefault(subject, lines.subject)
        self.properties.setdefault((subject, predicate), lines.predicate)
        for form in forms:
            self.values.setdefault((subject, predicate, form), lines.object)
        named = quad.object.datatype if isinstance(quad.object, Literal) else quad.object
        for node, line in ((quad.predicate, lines.predicate), (named, lines.object)):
            if isinstance(node, NamedNode):
                self.mentions.setdefault(node.value, line)
                self.values.setdefault((subject, "", node.value), line)


@dataclass(frozen=True)
class TextLines:
    """Lines of Turtle or TriG with the graph's IRI as base; the text is tokenised at the first search."""

    text: str
    syntax: Syntax
    graph: str

    def find(self, node: str, predicate: str | None = None, value: str | None = None) -> int | None:
        """Return the line of the value, else of the property, else of the node as subject, else of any mention of it.

        Without a predicate, the value is any IRI that a statement about the node mentions.
        A predicate that begins with `^` is followed backwards: the value is the subject, and the node its value.
        """
        index = self._index
        forwards = predicate or ""
        if forwards.startswith("^"):
            triple = (value or "", forwards.removeprefix("^"), node)
        else:
            triple = (node, forwards, value or "")
        # From the exact place outwards, because a finding may name a value that was derived and stands on no line.
        found = (
            index.values.get(triple),
            index.properties.get((node, forwards)),
            index.subjects.get(node),
            index.mentions.get(node),
        )
        return next((line for line in found if line is not None), None)

    @cached_property
    def _index(self) -> _Index:
        index = _Index()
        quads = tuple(terms.parse(self.text, self.syntax, self.graph))
        lines = tuple(statement_lines(self.text))
        if len(quads) == len(lines):  # else the tokens were read differently than by the parser, and no line is right
            for quad, places, forms in zip(quads, lines, _forms(quads), strict=True):
                index.take(quad, places, forms)
        return index


def _forms(quads: Sequence[Quad]) -> Iterator[tuple[str, ...]]:
    """Yield, for each statement, the texts of its value: as written, and as the store returns it."""
    # A finding has the value as the store writes it (1.5), and the file may have another form of it (1.50).
    literals = (quad.object for quad in quads if isinstance(quad.object, Literal))
    typed = tuple(dict.fromkeys(literal for literal in literals if literal.datatype.value not in _PLAIN))
    normal = (row[0] for row in terms.normalised((literal,) for literal in typed))
    stored = {literal: terms.text(form) for literal, form in zip(typed, normal, strict=True) if form is not None}
    for quad in quads:
        written = terms.text(quad.object)
        form = stored.get(quad.object, written) if isinstance(quad.object, Literal) else written
        yield (written,) if form == written else (written, form)
