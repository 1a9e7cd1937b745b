"""Turtle that is pleasant to read and the same every time: each term as it was stated, things of one kind together.

Standard: RDF 1.1 Turtle.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from rejoinder import names
from rejoinder.store.rdf import BlankNode, Literal, NamedNode, Term, Triple

MAX_DEPTH: Final = 32
"""From which indentation on a blank node is written by its label, not nested: readers bear only so much."""

_FIRST: Final = names.RDF + "first"
_REST: Final = names.RDF + "rest"
_NIL: Final = names.RDF + "nil"

_PLAIN: Final = {
    names.XSD + "integer": re.compile(r"0|-?[1-9][0-9]{0,17}"),
    names.XSD + "decimal": re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{0,5}[1-9]"),
    names.XSD + "boolean": re.compile(r"true|false"),
}
"""The forms of literals that are written without quotation marks, by datatype.

Readers make a number of such a token and write it out anew, so only the form that they would write is left bare;
a double never is, since they differ there.
"""

_LETTERS: Final = (
    "A-Za-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_LOCAL: Final = re.compile(
    rf"[{_LETTERS}_0-9](?:[{_LETTERS}_0-9.\-\xb7\u0300-\u036f\u203f\u2040]*"
    rf"[{_LETTERS}_0-9\-\xb7\u0300-\u036f\u203f\u2040])?"
)
"""Turtle's PN_LOCAL without escapes and colons."""

_LONG: Final = {ord("\\"): r"\\", ord("\r"): r"\r"} | {
    code: f"\\u{code:04X}" for code in (*range(9), 11, 12, *range(14, 32), 127, 0xFFFE, 0xFFFF)
}
"""What a text over several lines cannot hold as it is, and how that is written."""

_ENDING: Final = re.compile(r'"(?=""|\Z)')
"""Quotation marks that would end such a text."""


def turtle(triples: Iterable[Triple], prefixes: Mapping[str, str], document: str | None = None) -> str:
    """Return the triples as Turtle: one property a line, blank nodes nested, only the prefixes that are used.

    The subject `document` comes first, then what has a class, by class and IRI, then the rest.

    >>> a = NamedNode("https://example.org/a")
    >>> print(turtle([Triple(a, a, Literal(1))], {"ex": "https://example.org/"}).strip())
    @prefix ex: <https://example.org/> .
    <BLANKLINE>
    ex:a ex:a 1 .
    """
    subjects: dict[Term, dict[str, list[Term]]] = {}
    ordered = sorted({str(triple): triple for triple in triples}.items())
    for _, triple in ordered:
        subjects.setdefault(triple.subject, {}).setdefault(triple.predicate.value, []).append(triple.object)
    prefix_of = {namespace: prefix for prefix, namespace in prefixes.items()}
    writer = _Writer(subjects, prefix_of, _nestable(triple for _, triple in ordered))
    body = "\n".join(writer.blocks(document))
    head = [f"@prefix {prefix}: <{prefixes[prefix]}> .\n" for prefix in sorted(writer.used)]
    return "".join([*head, "\n" if head else "", body])


def _nestable(triples: Iterable[Triple]) -> set[Term]:
    """Return the blank nodes that are mentioned once and never inside a triple term: nothing needs their labels."""
    mentions: dict[Term, int] = {}
    for triple in triples:
        for weight, term in ((1, triple.object), (0, triple.subject)):
            if isinstance(term, BlankNode):
                mentions[term] = mentions.get(term, 0) + weight
            elif isinstance(term, Triple):
                mentions |= dict.fromkeys(_blank_nodes_in(term), 2)
    return {node for node, count in mentions.items() if count == 1}


def _blank_nodes_in(triple: Triple) -> Iterator[Term]:
    for term in (triple.subject, triple.object):
        if isinstance(term, Triple):
            yield from _blank_nodes_in(term)
        elif isinstance(term, BlankNode):
            yield term


@dataclass
class _Writer:
    """The statements of each subject as text, and what was written so far: prefixes, and nested blank nodes."""

    subjects: Mapping[Term, Mapping[str, list[Term]]]
    prefix_of: Mapping[str, str]
    nestable: set[Term]
    used: set[str] = field(default_factory=set)
    written: set[Term] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)

    def blocks(self, document: str | None) -> Iterator[str]:
        """Yield the statements of one subject after the other, nested ones within those that mention them."""
        ordered = sorted(self.subjects, key=lambda subject: self._place(subject, document))
        nested = [subject for subject in ordered if subject in self.nestable]
        for subject in (*(subject for subject in ordered if subject not in self.nestable), *nested):
            if subject not in self.written:  # a nested one is left over if it lies too deep, or within a ring
                self.written.add(subject)
                yield f"{self._term(subject, MAX_DEPTH)} {self._properties(subject, 0)} .\n"

    def _place(self, subject: Term, document: str | None) -> tuple[bool, bool, tuple[str, ...], str]:
        classes = tuple(map(str, self.subjects[subject].get(names.RDF_TYPE, ())))
        is_document = isinstance(subject, NamedNode) and subject.value == document
        return not is_document, not classes, classes, str(subject)

    def _properties(self, subject: Term, depth: int) -> str:
        """Return the properties of a subject, its classes first."""
        margin = "    " * (depth + 1)
        properties = self.subjects[subject]
        ordered = sorted(properties, key=lambda iri: (iri != names.RDF_TYPE, iri))
        return f" ;\n{margin}".join(
            f"{'a' if iri == names.RDF_TYPE else self._name(iri)} "
            + f",\n{margin}    ".join(self._term(term, depth) for term in properties[iri])
            for iri in ordered
        )

    def _term(self, term: Term, depth: int) -> str:
        if isinstance(term, NamedNode):
            return self._name(term.value)
        if isinstance(term, Literal):
            return self._literal(term)
        if isinstance(term, BlankNode) and depth < MAX_DEPTH and term in self.nestable and term not in self.written:
            return self._nested(term, depth)
        return str(term)

    def _nested(self, node: BlankNode, depth: int) -> str:
        members = self._members(node)
        if members is not None:
            return f"( {''.join(f'{self._term(member, depth + 1)} ' for member in members)})"
        self.written.add(node)
        if node not in self.subjects:
            return "[]"
        return f"[ {self._properties(node, depth + 2)} ]"

    def _members(self, node: Term) -> list[Term] | None:
        """Return the members of the list that begins at `node`, marked as written; None if it is no plain list."""
        cells: dict[Term, Term] = {}
        while not (isinstance(node, NamedNode) and node.value == _NIL):
            cell = self.subjects.get(node, {})
            plain = node in self.nestable and node not in self.written and node not in cells
            if not plain or {key: len(values) for key, values in cell.items()} != {_FIRST: 1, _REST: 1}:
                return None
            cells[node], node = cell[_FIRST][0], cell[_REST][0]
        self.written |= cells.keys()
        return list(cells.values())

    def _literal(self, literal: Literal) -> str:
        text, datatype = literal.value, literal.datatype.value
        plain = _PLAIN.get(datatype)
        if plain and plain.fullmatch(text):
            return text
        quoted = f'"""{_long(text)}"""' if "\n" in text else str(Literal(text))
        if literal.language:
            direction = f"--{literal.direction.value}" if literal.direction else ""
            return f"{quoted}@{literal.language}{direction}"
        return quoted if datatype == names.XSD + "string" else f"{quoted}^^{self._name(datatype)}"

    def _name(self, iri: str) -> str:
        """Return the IRI as a prefixed name where a prefix fits, else in angle brackets."""
        if iri not in self.names:
            self.names[iri] = self._new_name(iri)
        return self.names[iri]

    def _new_name(self, iri: str) -> str:
        at = max(iri.rfind("#"), iri.rfind("/")) + 1
        prefix = self.prefix_of.get(iri[:at])
        if prefix is None or not _LOCAL.fullmatch(iri, at):
            return str(NamedNode(iri))
        self.used.add(prefix)
        return f"{prefix}:{iri[at:]}"


def _long(text: str) -> str:
    r"""Return the text as it stands between three quotation marks.

    >>> print(_long('a "word"'))
    a "word\"
    """
    return _ENDING.sub(r"\"", text.translate(_LONG))
