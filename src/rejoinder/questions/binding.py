"""Values for a query's variables, as a VALUES block of RDF terms.

Standard: SPARQL 1.1 Query Language, section 10.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rejoinder.errors import QueryError
from rejoinder.rdf import query as rdf_query
from rejoinder.rdf.terms import Term


def bound(query: str, bindings: Mapping[str, Sequence[Term]]) -> str:
    r"""The query with each variable bound to any of its terms, which are written out and so never pasted as text.

    They are bound where the query's outermost group begins. At its end would do by the standard, but Virtuoso then
    gives other rows.

    >>> from rejoinder.rdf.terms import Literal
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
