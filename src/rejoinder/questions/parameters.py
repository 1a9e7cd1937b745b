"""Typed parameters of stored questions, and their values as a VALUES block of the query.

Values are RDF terms that are written out by the engine; they are never pasted into the query as text.
Standard: SPARQL 1.1 Query Language, section 10.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rejoinder import namespaces
from rejoinder.errors import QueryError, UsageError
from rejoinder.rdf import query as rdf_query
from rejoinder.rdf import terms as rdf_terms
from rejoinder.rdf.terms import Literal, NamedNode, Store, Term
from rejoinder.text import suggest

RESERVED: Final = ("limit", "offset", "format")
"""Names of parameters that say which part of an answer is wanted, and in which format."""

Values = Mapping[str, str | Sequence[str]]
"""Values of parameters by name; where there are several, a row may have any of them."""

KIND_OF_TYPE: Final = {
    "State": "state",
    "Issue": "issue",
    "Agent": "person",
    "Report": "report",
    "Provision": "provision",
    "Review": "review",
}
"""The kind (see `namespaces.KINDS`) of the things that a parameter of each type names."""

TYPES: Final = (*KIND_OF_TYPE, "Integer", "String")
"""The types that a parameter may have: classes of the ontology, and two of literals."""

MAX_INTEGER_DIGITS: Final = 18
"""Digits that every engine can count with."""

_INTEGER: Final = re.compile(rf"[+-]?[0-9]{{1,{MAX_INTEGER_DIGITS}}}")


@dataclass(frozen=True)
class Parameter:
    """A parameter: the variable it binds, its type (a class of the ontology, Integer or String), and its default."""

    name: str
    type: str
    summary: str
    default: str | None = None

    def term(self, text: str, base: str) -> Term:
        """Return the RDF term that `text` stands for in the project at `base`.

        >>> str(Parameter("state", "State", "").term("CZE", "https://w3id.org/rejoinder/"))
        '<https://w3id.org/rejoinder/state/CZE>'

        Raises:
            UsageError: `text` is not a value of this type.
        """
        if self.type == "String":
            return Literal(text)
        if self.type == "Integer":
            if not _INTEGER.fullmatch(text):
                digits = f"a whole number of at most {MAX_INTEGER_DIGITS} digits"
                raise UsageError(f"{self.name}={text!r:.80} is not {digits}")
            return Literal(int(text))
        path = text if "/" in text else f"{KIND_OF_TYPE[self.type]}/{text}"
        try:
            return NamedNode(text if text.startswith(("http://", "https://")) else base + path)
        except ValueError as error:
            raise UsageError(f"{self.name}={text!r} is no {self.type}; write its short name or its IRI") from error


def class_of_type(name: str) -> str:
    """Return the class, as prefix:name, that the values of a parameter of this type have.

    >>> class_of_type("Agent")
    'prov:Agent'
    """
    return namespaces.KINDS[KIND_OF_TYPE[name]].rdf_class


def bound(query: str, bindings: Mapping[str, Sequence[Term]]) -> str:
    r"""Return the query with each variable bound to any of its terms.

    They are bound where the query's outermost group begins. The standard also allows it at the end, but there Virtuoso
    gives other rows.

    >>> bound("SELECT ?n WHERE { ?s ?p ?n }", {"n": [Literal('a" } #'), Literal(1)]})
    'SELECT ?n WHERE { VALUES ?n { "a\\" } #" "1"^^<http://www.w3.org/2001/XMLSchema#integer> } ?s ?p ?n }'

    Raises:
        QueryError: the query has no group.
    """
    if not bindings:
        return query
    start = rdf_query.masked(query).find("{") + 1
    if not start:
        raise QueryError("the query has no WHERE { … }; write one")
    blocks = (f" VALUES ?{name} {{ {' '.join(map(str, terms))} }}" for name, terms in bindings.items())
    return query[:start] + "".join(blocks) + query[start:]


def refuse_unknown(
    store: Store, parameters: Iterable[Parameter], terms: Mapping[str, Iterable[Term]], base: str
) -> None:
    """Raise UsageError where a value names nothing of its parameter's type in the store.

    An empty answer to a misspelt State would read as "it raised nothing".
    """
    is_a = NamedNode(namespaces.RDF_TYPE)
    for parameter in parameters:
        if parameter.type not in KIND_OF_TYPE:
            continue
        wanted = NamedNode(namespaces.expand(class_of_type(parameter.type)))
        for term in terms.get(parameter.name, ()):
            iri = rdf_terms.text(term)
            if any(store.quads_for_pattern(NamedNode(iri), is_a, wanted, None)):
                continue
            members = {rdf_terms.text(quad.subject) for quad in store.quads_for_pattern(None, is_a, wanted, None)}
            known = {_last_step(member): member.removeprefix(base) for member in sorted(members)}
            close = suggest(_last_step(iri), known, 3)
            hint = f"; did you mean {', '.join(known[name] for name in close)}?" if close else ""
            message = f"nothing in the data is the {parameter.type} {iri.removeprefix(base)!r}"
            raise UsageError(f"{parameter.name}: {message}{hint}")


def _last_step(iri: str) -> str:
    return iri.rpartition("/")[2].casefold()
