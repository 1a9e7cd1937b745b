"""RDF/XML that every reader of XML reads, or a sentence that says what XML cannot hold.

Standards: RDF 1.1 XML Syntax; Extensible Markup Language (XML) 1.0, sections 2.2 (characters) and 2.11 (line ends).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from rejoinder import formats
from rejoinder.errors import UnwritableError
from rejoinder.store import rdf
from rejoinder.store.rdf import BlankNode, Literal, NamedNode, RdfSyntaxError, Term, Triple

_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""A character that no XML document may hold, not even escaped."""

_LABEL: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_INSTEAD: Final = "choose another format, such as Turtle"


def write(triples: Iterable[Triple], prefixes: Mapping[str, str] | None = None) -> bytes:
    """Return the triples as RDF/XML, in the order given; only the prefixes of properties are declared.

    Raises:
        UnwritableError: XML cannot hold one of them.
    """
    known = tuple(triples)
    return with_line_ends(rdf.serialize(checked(known), formats.RDFXML, _used(known, prefixes or {})))


def checked(triples: Iterable[Triple]) -> Iterator[Triple]:
    """Yield the triples, blank nodes with labels that are names in XML.

    Raises:
        UnwritableError: XML cannot hold one of them.
    """
    check = Check()
    for triple in triples:
        problem = check.problem(triple)
        if problem:
            raise UnwritableError(f"{problem}; {_INSTEAD}")
        yield _labelled(triple)


def with_line_ends(xml: bytes) -> bytes:
    r"""Return the document of XML with its carriage returns escaped: a reader makes a line feed of a bare one.

    >>> with_line_ends(b"<a>one\r\ntwo</a>")
    b'<a>one&#xD;\ntwo</a>'
    """
    return xml.replace(b"\r", b"&#xD;")


def _used(triples: Iterable[Triple], prefixes: Mapping[str, str]) -> dict[str, str]:
    properties = {triple.predicate.value for triple in triples}
    return {
        prefix: namespace
        for prefix, namespace in prefixes.items()
        if any(iri.startswith(namespace) for iri in properties)
    }


@dataclass
class Check:
    """What XML cannot hold of statements; remembers the properties that it has seen."""

    elements: dict[str, bool] = field(default_factory=dict)

    def problem(self, triple: Triple) -> str | None:
        """Return what XML cannot hold of the triple, as a sentence; None if it can hold all."""
        iri = triple.predicate.value
        if iri not in self.elements:
            self.elements[iri] = _is_element(triple.predicate)
        if not self.elements[iri]:
            return f"the property <{iri}> cannot be written in RDF/XML: its last part is no name of an XML element"
        if isinstance(triple.object, Triple):
            return self.problem(triple.object)
        for term in (triple.object, triple.subject):
            found = _FORBIDDEN.search(term.value) if isinstance(term, Literal | NamedNode) else None
            if found:
                return f"a value of <{iri}> of {triple.subject} holds U+{ord(found[0]):04X}, which XML cannot hold"
        return None


def _is_element(iri: NamedNode) -> bool:
    """Return whether the property can be written: readers, too, must understand the element that the engine makes."""
    node = NamedNode("urn:x")
    triple = Triple(node, iri, node)
    try:
        written = rdf.serialize([triple], formats.RDFXML)
        expat.ParserCreate(namespace_separator=" ").Parse(written, True)
        return [quad.triple for quad in rdf.parse(written, formats.RDFXML)] == [triple]
    except (expat.ExpatError, RdfSyntaxError, OSError):
        return False


def _labelled(triple: Triple) -> Triple:
    nodes = (triple.subject, triple.object)
    if not any(isinstance(term, BlankNode | Triple) for term in nodes):
        return triple
    subject, value = (_name(term) for term in nodes)
    return Triple(subject, triple.predicate, value)  # type: ignore[arg-type]  # a node stays a node


def _name(term: Term) -> Term:
    if isinstance(term, Triple):
        return _labelled(term)
    if isinstance(term, BlankNode) and not _LABEL.fullmatch(term.value):
        return BlankNode(f"n.{term.value.encode().hex()}")
    return term
