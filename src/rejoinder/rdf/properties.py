"""Which properties a SPARQL query looks for, as far as its text tells: enough to know which changes cannot concern it.

Only tokens are read, without a grammar: a query is read in a two-hundredth of the time that rdflib's parser takes. In
doubt a query looks for any property.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from rejoinder import namespaces
from rejoinder.rdf.query import TOKENS

_TOKEN: Final = re.compile(rf"{TOKENS} | (?P<sign> [^\s\w] )", re.VERBOSE | re.DOTALL)
_SUBPROPERTY: Final = namespaces.expand("rdfs:subPropertyOf")
UNNAMED: Final = frozenset(map(namespaces.expand, ("rdf:type", "rdf:first", "rdf:rest")))
"""The properties that a query may look for without their names: by `a`, and by the items of a list in brackets."""
_UNKNOWN: Final = frozenset({"DESCRIBE", "BASE", "FROM"})
"""Words of queries that are not examined further."""
_BEFORE_VARIABLES: Final = frozenset({"SELECT", "GROUP", "ORDER", "HAVING"})
_SUBJECTS: Final = frozenset({"variable", "iri"})
"""The kinds of tokens that are a subject if one of `_BEFORE_SUBJECT` stands before them."""
_BEFORE_SUBJECT: Final = frozenset({"{", "}", ".", ")"})


@dataclass(frozen=True)
class _Token:
    """A token: its kind, or the word in capitals or the sign that it is; and its text, of a name the IRI."""

    kind: str
    text: str


def named_iris(query: str) -> frozenset[str] | None:
    """Return the IRIs in a query, among which are all properties that it looks for; None if it may look for any.

    It may if a property is given by what it is not, or is a variable whose values are not given around it, by VALUES or
    as the subproperties of a property, which stands for them here.

    >>> sorted(named_iris("PREFIX x: <y:> SELECT ?o { ?s x:p/<y:q> ?o }") - named_iris("ASK {}"))
    ['y:p', 'y:q']
    >>> [named_iris(f"ASK {{ {triple} }}") for triple in ("?s ?p ?o", "?s !<y:p> ?o", "?s a <y:c> ; ?p 1")]
    [None, None, None]
    >>> "y:p" in named_iris("ASK { VALUES ?p { <y:p> } ?s ?p ?o }")
    True
    """
    tokens = tuple(_tokens(query))
    if any(map(_is_unusual, tokens)) or _has_negated_path(tokens) or _has_any_property(tokens):
        return None
    return UNNAMED.union(token.text for token in tokens if token.kind == "iri")


def _tokens(query: str) -> Iterator[_Token]:
    prefixes: dict[str, str] = {}
    declared, is_prefix = "", False
    for found in _TOKEN.finditer(query):
        written, kind = found.group(), found.lastgroup or ""
        if kind == "comment":
            continue
        if kind == "name" and written[0] in "?$":
            yield _Token("variable", written[1:])
        elif kind == "name" and is_prefix:
            declared = written
        elif kind == "name" and written[0] != "@":
            prefix, _, local = written.partition(":")
            yield _Token("iri", prefixes.get(f"{prefix}:", f"{prefix}:") + local.rstrip("."))
            if written.endswith("."):  # the end of the statement, if no space is before it
                yield _Token(".", ".")
        elif kind == "iri" and declared:
            prefixes[declared], declared = written[1:-1], ""
        elif kind == "iri":
            yield _Token("iri", written[1:-1])
        else:
            yield _Token({"word": written.upper(), "sign": written}.get(kind, kind), written)
        is_prefix = kind == "word" and written.upper() == "PREFIX"


def _is_unusual(token: _Token) -> bool:
    """Return whether the token may change what others mean: an escape, a mark that combines with a letter, a base."""
    is_code = token.kind != "string"
    return token.kind in _UNKNOWN or (is_code and ("\\" in token.text or not (token.kind.isascii())))


def _has_negated_path(tokens: tuple[_Token, ...]) -> bool:
    """Return whether there is a path such as `!rj:claim` or `!(^rj:claim|a)`, or an expression that looks like one."""
    kinds = ["", "", *(token.kind for token in tokens)]
    threes = zip(kinds, kinds[1:], kinds[2:], strict=False)
    return any(
        "!" in (second, first if second == "(" else "") and third in {"iri", "^", "A"}
        for first, second, third in threes
    )


@dataclass
class _Group:
    """A group in braces: its variables that are properties, and those whose values it gives."""

    used: set[str] = field(default_factory=set)
    given: set[str] = field(default_factory=set)
    is_subquery: bool = False


def _has_any_property(tokens: tuple[_Token, ...]) -> bool:
    """Return whether a property is a variable that may have any value."""
    groups, in_list, in_values = [_Group()], False, False
    before, last = _Token("", ""), _Token("", "")
    for token in tokens:
        # A variable after a subject is a property, but not in the lists of variables before and after the pattern.
        in_list = (in_list or token.kind in _BEFORE_VARIABLES) and token.kind not in {"{", "}"}
        in_values = (in_values or token.kind == "VALUES") and token.kind != "{"
        follows_subject = last.kind in {";", "[", "]"} or (last.kind in _SUBJECTS and before.kind in _BEFORE_SUBJECT)
        if token.kind == "{":
            groups.append(_Group())
        elif token.kind == "}" and len(groups) > 1:
            group = groups.pop()
            if group.is_subquery and group.used - group.given:
                return True
            groups[-1].used |= group.used - group.given
        elif token.kind == "SELECT":
            groups[-1].is_subquery = True
        elif token.kind == "variable" and in_values:
            groups[-1].given.add(token.text)
        elif token.kind == "variable" and follows_subject and not in_list:
            groups[-1].used.add(token.text)
        elif token.text == _SUBPROPERTY and last.kind == "variable":
            groups[-1].given.add(last.text)
        before, last = last, token
    return len(groups) > 1 or bool(groups[0].used)
