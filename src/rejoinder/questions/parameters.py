"""Values that name nothing in the data: a slip, told with what may have been meant, and not an empty answer."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from rejoinder import namespaces
from rejoinder.errors import UsageError
from rejoinder.questions.question import Question
from rejoinder.rdf import terms as rdf_terms
from rejoinder.rdf.terms import NamedNode, Store, Term

CLASSES: Final = {
    "State": "rj:State",
    "Issue": "rj:Issue",
    "Agent": "prov:Agent",
    "Report": "rj:Report",
    "Provision": "rj:Provision",
    "Review": "rj:Review",
}
"""What a value of a parameter of each type must be."""


def refuse_unknown(store: Store, question: Question, terms: Mapping[str, tuple[Term, ...]], base: str) -> None:
    """Nothing, when each value of a parameter names something of its type in the store.

    An empty answer to a misspelt State would read as "it raised nothing".

    Raises:
        UsageError: one does not.
    """
    for parameter in question.parameters:
        if parameter.type in CLASSES:
            for term in terms.get(parameter.name, ()):
                _refuse_unknown(store, parameter.name, parameter.type, rdf_terms.text(term), base)


def _refuse_unknown(store: Store, name: str, kind: str, iri: str, base: str) -> None:
    is_a, wanted = NamedNode(namespaces.RDF_TYPE), _class(kind)
    if any(store.quads_for_pattern(NamedNode(iri), is_a, wanted, None)):
        return
    members = {
        rdf_terms.text(quad.subject).removeprefix(base) for quad in store.quads_for_pattern(None, is_a, wanted, None)
    }
    known = {member.rpartition("/")[2].casefold(): member for member in sorted(members)}
    short = iri.removeprefix(base)
    close = get_close_matches(short.rpartition("/")[2].casefold(), known, n=3, cutoff=0.6)
    hint = f"; did you mean {', '.join(known[word] for word in close)}?" if close else ""
    raise UsageError(f"{name}: nothing in the data is the {kind} {short!r}{hint}")


def _class(kind: str) -> NamedNode:
    prefix, _, local = CLASSES[kind].partition(":")
    return NamedNode(namespaces.PREFIXES[prefix] + local)
