"""The text of a dossier in Turtle or TriG: the lines of its nodes, properties and values, and what it must not have.

The text is tokenised once. The parser returns statements in the order of the text, each with one object, so the tokens
only have to give the lines, and the parser gives the terms.
Standards: RDF 1.1 Turtle and TriG, without blank nodes, which dossiers cannot have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

from rejoinder import namespaces
from rejoinder.dossiers.yaml import MAX_DEPTH
from rejoinder.errors import InputError, Problem, line_of
from rejoinder.formats import Syntax
from rejoinder.rdf import terms
from rejoinder.rdf.terms import BlankNode, Literal, NamedNode, Quad, Triple

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


# Limits on the statements of a dossier: no blank nodes, no triple terms, no deep nesting. Turtle and TriG allow all of
# these, but programs that read or publish such a dossier fail or never end.

# Tokens in which brackets are no brackets (strings, IRIs, comments, escapes), and the brackets themselves. Unlike those
# above, which a parser has accepted, these meet any text: a string may lack its end.
_BRACKET: Final = re.compile(
    r'''"""(?:[^"\\]++|\\.|"{1,2}(?!"))*+(?:"""|\Z)|\'\'\'(?:[^'\\]++|\\.|'{1,2}(?!'))*+(?:\'\'\'|\Z)|"(?:[^"\\\n]++|\\.)*+"'''
    r"""|'(?:[^'\\\n]++|\\.)*+'|<[^<>"\s]*+>|\#[^\n]*+|\\."""
    r"""|(?P<blank>[\[(]|(?<![\w:.-])_:)|(?P<close>[\])]|>>)|(?P<triple><<|\{\||~)""",
    re.DOTALL,
)
_STEPS: Final = {"[": 1, "(": 1, "<<": 1, "]": -1, ")": -1, ">>": -1}
_OPENING: Final = tuple(token for token, step in _STEPS.items() if step > 0)


def reject_nesting(path: Path, text: str) -> None:
    """Raise InputError if brackets in the Turtle or TriG file at `path` are nested too deeply for parsers.

    Raises:
        InputError: they are; the line of the first bracket too deep is named.
    """
    if sum(map(text.count, _OPENING)) <= MAX_DEPTH:  # a quick upper bound that most files stay below
        return
    depth = 0
    for token in _BRACKET.finditer(text):
        depth += _STEPS.get(token[0], 0)
        if depth > MAX_DEPTH:
            message = f"the nesting is deeper than {MAX_DEPTH} levels"
            raise InputError.at(path, line_of(text, token.start()), message)


def reject_blank_nodes(path: Path, text: str, quads: Iterable[Quad]) -> None:
    """Raise InputError if a subject or object of `quads`, read from `text`, is no IRI or literal.

    Raises:
        InputError: there is a blank node or a triple term; the line of the first such thing in the text is named.
    """
    types = {type(term) for quad in quads for term in (quad.subject, quad.object)}
    problems = []
    if BlankNode in types:
        message = "blank nodes ('[', '(' and '_:') are not allowed: nobody could link to them; give the thing an IRI"
        problems.append(Problem(path, _first_line(text, "blank"), message))
    if Triple in types:
        message = "statements about statements ('<<', '{|' and '~') are not allowed; write a node for the statement"
        problems.append(Problem(path, _first_line(text, "triple"), message))
    if problems:
        raise InputError(problems)


def _first_line(text: str, kind: str) -> int | None:
    found = next((token for token in _BRACKET.finditer(text) if token.lastgroup == kind), None)
    return line_of(text, found.start()) if found else None
