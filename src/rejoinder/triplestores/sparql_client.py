"""Put SPARQL queries and stored questions to a triple store, and return the same tables as the embedded store.

Long answers are fetched in pages, and refused if the store cut them.

Standards: SPARQL 1.1 Protocol; SPARQL 1.1 Query Language (10.2, VALUES).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from SPARQLWrapper import JSON, POST, TURTLE, SPARQLWrapper

from rejoinder import formats, namespaces
from rejoinder.errors import QueryError, RemoteError
from rejoinder.question import (
    Parameter,
    Question,
    Values,
    bound,
    named_things,
    table_of,
    unknown_thing,
)
from rejoinder.rdf import query as rdf_query
from rejoinder.rdf import terms
from rejoinder.rdf.query import QueryDataset
from rejoinder.rdf.results import Table, as_table
from rejoinder.rdf.terms import NamedNode, Term, Triple
from rejoinder.triplestores.client import GRAPH_SYNTAXES, Answer, Remote
from rejoinder.triplestores.responses import UnreadableError, read_boolean, read_graph, read_table, whole_number

_T = TypeVar("_T")

_TABLES: Final = ("SELECT", "ASK")
GRAPH_FORMS: Final = ("CONSTRUCT", "DESCRIBE")


def ask(remote: Remote, question: Question, values: Values, base: str) -> Table:
    """Return the store's answer to a stored question.

    If it has no rows, one more query makes sure that each value names something in the store.

    Raises:
        UsageError: a parameter is unknown, or its value does not fit or names nothing in the store.
        QueryError: the question makes no table.
        RemoteError: the store cannot be reached or refuses.
    """
    bindings = question.bindings(values, base)
    query = bound(question.query, bindings)
    table = table_of(question, _answer(remote, query if remote.endpoint.profile.chains else without_chains(query)))
    if not table.rows:
        _refuse_unknown(remote, tuple(named_things(question, values, bindings)), base)
    return table


_CHAIN: Final = re.compile(
    r"""OPTIONAL \s \{ \s* VALUES \s \?language \s \{ (?P<language> [^{}]* ) \} \s*
        (?P<pattern> [^{}]*? ) \s* \. \s*
        FILTER \s \(LANGMATCHES\(LANG\((?P<label> \?\w+ )\), \s \?language\)\) \s* \} \s*
        OPTIONAL \s \{ [^{}]*? FILTER \s \(LANGMATCHES\(LANG\((?P=label)\), \s "en"\)\) \s* \} \s*
        OPTIONAL \s \{ [^{}]* \}""",
    re.VERBOSE,
)
"""The choice of a label in a stored question: in the language asked for, or else in English, or else in any."""


def without_chains(query: str) -> str:
    """Return the query with labels chosen by variables of their own, in the language asked for or else in English.

    Virtuoso 7 loses or confuses labels where several OPTIONAL bind one variable.

    >>> label = "?s rdfs:label ?l"
    >>> chain = 'OPTIONAL { VALUES ?language { "fr" } ' + label + ' . FILTER (LANGMATCHES(LANG(?l), ?language)) } '
    >>> chain += "OPTIONAL { " + label + ' . FILTER (LANGMATCHES(LANG(?l), "en")) } OPTIONAL { ' + label + " }"
    >>> print(without_chains(chain))
    OPTIONAL { ?s rdfs:label ?lAsked . FILTER (LANGMATCHES(LANG(?lAsked), "fr")) }
    OPTIONAL { ?s rdfs:label ?lEnglish . FILTER (LANGMATCHES(LANG(?lEnglish), "en")) }
    BIND (COALESCE(?lAsked, ?lEnglish) AS ?l)
    """
    return _CHAIN.sub(_chosen, query)


def _chosen(chain: re.Match[str]) -> str:
    label, asked = chain["label"], chain["language"].strip()

    def optional(variable: str, language: str) -> str:
        pattern = re.sub(rf"{re.escape(label)}\b", variable, chain["pattern"])
        return f"OPTIONAL {{ {pattern} . FILTER (LANGMATCHES(LANG({variable}), {language})) }}"

    if asked == '"en"':
        return optional(label, asked)
    first, second = f"{label}Asked", f"{label}English"
    lines = optional(first, asked), optional(second, '"en"'), f"BIND (COALESCE({first}, {second}) AS {label})"
    return "\n".join(lines)


def _refuse_unknown(remote: Remote, given: Sequence[tuple[Parameter, NamedNode, NamedNode]], base: str) -> None:
    """Raise ParameterError if one of the things given, each with parameter and class, is not in the store."""
    if not given:
        return
    pairs = " ".join(f"({thing} {kind})" for _, thing, kind in given)
    query = f"SELECT DISTINCT ?thing ?kind WHERE {{ VALUES (?thing ?kind) {{ {pairs} }} ?thing a ?kind }}"
    found = _answer(remote, query)
    known = set(found.rows) if isinstance(found, Table) else set()
    for parameter, thing, kind in given:
        if (thing, kind) not in known:
            raise unknown_thing(parameter, thing, base)


def sparql(remote: Remote, query: str, graphs: QueryDataset | None = None) -> Table | tuple[Triple, ...]:
    """Return the store's answer to a SPARQL query: a table, or triples for CONSTRUCT and DESCRIBE.

    The default graph is the union of all named graphs, unless `graphs` says otherwise; the usual prefixes are known.

    Raises:
        QueryError: the query is an update, or none at all.
        RemoteError: the store cannot be reached or refuses.
    """
    return _answer(remote, with_prefixes(query), graphs)


def with_prefixes(query: str) -> str:
    r"""Return the query with the prefixes that it uses and does not declare.

    >>> with_prefixes("ASK { ?c a rj:Claim }")
    'PREFIX rj: <https://w3id.org/rejoinder/ns#>\nASK { ?c a rj:Claim }'
    """
    # The embedded store is told the prefixes; the protocol has no way to tell another store, so they go into the text.
    used = set(re.findall(r"(?<![\w:])(\w+):", query))
    declared = {name.lower() for name in re.findall(r"PREFIX\s+(\w+):", query, re.IGNORECASE)}
    missing = [name for name in namespaces.PREFIXES if name in used and name not in declared]
    return "".join(f"PREFIX {name}: <{namespaces.PREFIXES[name]}>\n" for name in missing) + query


def _answer(remote: Remote, query: str, graphs: QueryDataset | None = None) -> Table | tuple[Triple, ...]:
    given = [("default-graph-uri", iri) for iri in graphs.default] if graphs else []
    given += [("named-graph-uri", iri) for iri in graphs.named] if graphs else []
    kind, answer = send(remote, query, given)
    if kind in GRAPH_FORMS:
        triples = tuple(quad.triple for quad in read_graph(answer.content, answer.headers.get("content-type", "")))
        reject_cut_graph(remote, len(triples))
        return triples
    if kind == "ASK":
        return as_table(read_boolean(answer.content))
    table = read_table(answer.content)
    reject_cut_table(answer, len(table.rows))
    return table


def send(remote: Remote, query: str, graphs: Sequence[tuple[str, str]] = ()) -> tuple[str, Answer]:
    """Return the form of a query, in capitals, and the store's answer to it.

    The default graph is the union of all named graphs, unless parameters of the protocol name `graphs`.

    Raises:
        QueryError: the query is an update, not a query, or a DESCRIBE that the store does not answer completely.
        RemoteError: the store cannot be reached or refuses.
    """
    kind = query_form(query)
    profile = remote.endpoint.profile
    if kind == "DESCRIBE" and not profile.describes:
        hint = "write CONSTRUCT { ?s ?p ?o } WHERE { VALUES ?s { … } ?s ?p ?o }"
        raise QueryError(f"{profile.title} leaves things out of what it describes; {hint}; nothing was sent")
    return kind, remote.post_query(*request_for(remote, query, graphs))


def request_for(remote: Remote, query: str, graphs: Sequence[tuple[str, str]]) -> tuple[bytes, dict[str, str]]:
    """Return body and headers of SPARQLWrapper's request for a query.

    It is sent by our own client, because SPARQLWrapper neither retries nor reuses a digest sign-in.
    """
    kind, wrapper = query_form(query), SPARQLWrapper(remote.endpoint.query)
    wrapper.setMethod(POST)
    wrapper.setOnlyConneg(True)  # else it adds parameters that some stores refuse
    # Not by setQuery, whose search for the query form takes quadratic time.
    wrapper.queryString, wrapper.queryType = query, kind
    wrapper.setReturnFormat(TURTLE if kind in GRAPH_FORMS else JSON)
    if kind in GRAPH_FORMS:
        wrapper.addCustomHttpHeader("Accept", GRAPH_SYNTAXES)
    for name, value in graphs or dataset(remote, query):
        wrapper.addParameter(name, value)
    request = wrapper._createRequest()
    return bytes(request.data or b""), dict(request.header_items())  # type: ignore[arg-type]  # a form is bytes


def dataset(remote: Remote, query: str) -> tuple[tuple[str, str], ...]:
    """Return parameters that make a query's default graph the union of all graphs, and keep the named graphs.

    A query with FROM gets none, because parameters would override it. If the union is a `default-graph-uri`, as in
    Fuseki, the standard gives a query no named graphs unless all are listed.
    """
    syntax = "\n".join(map(rdf_query.masked, rdf_query.readings(query)))
    union = remote.endpoint.profile.union
    if _keyword(syntax, "FROM"):
        return ()
    if "default-graph-uri" not in dict(union) or not _keyword(syntax, "GRAPH"):
        return union
    return (*union, *(("named-graph-uri", graph) for graph in named_graphs(remote)))


def named_graphs(remote: Remote) -> tuple[str, ...]:
    """Return the IRIs of the named graphs that are not empty.

    Raises:
        RemoteError: the store cannot be reached or refuses.
    """

    def page(text: str) -> tuple[tuple[Term | None, ...], ...]:
        return read_table(remote.query(text, formats.JSON.media_type).content, "g").rows

    # Sorted, which takes Virtuoso a hundredth of a second, and half a minute as it comes.
    query, size = "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g", remote.endpoint.profile.page_size
    found = page(query) if size is None else _pages(query, size, page)
    return tuple(sorted({terms.text(iri) for (iri,) in found if isinstance(iri, NamedNode)}))


def query_form(query: str) -> str:
    """Return the form of the query, in capitals; SPARQLWrapper would also find it in a comment.

    Raises:
        QueryError: it is an update, or none at all.
    """
    kind = _keyword(rdf_query.masked(query), *_TABLES, *GRAPH_FORMS, *rdf_query.UPDATES)
    if kind not in (*_TABLES, *GRAPH_FORMS):
        raise QueryError("this is no SELECT, ASK, CONSTRUCT or DESCRIBE; nothing was sent")
    return kind


def reject_all_but_queries(query: str) -> None:
    r"""Raise QueryError if a user's query contains a keyword of updates, or of Virtuoso's own extensions.

    Virtuoso executes updates at its query endpoint, and DEFINE makes it fetch data from other servers.

    >>> reject_all_but_queries("# DROP\nSELECT ?insert { ?insert <x:delete> 'LOAD' }")
    """
    syntax = "\n".join(map(rdf_query.surely_masked, rdf_query.readings(query)))
    found = _keyword(syntax, *rdf_query.UPDATES, "DEFINE", "MODIFY")
    if found:
        raise QueryError(f"the query has {found} in it; only SELECT, ASK, CONSTRUCT and DESCRIBE are answered")


def _keyword(syntax: str, *words: str) -> str:
    """Return the first keyword in a masked query, in capitals; variables and names like it do not count."""
    found = re.search(rf"(?<![?$:\w-])({'|'.join(words)})(?![\w:-])", syntax, re.IGNORECASE)
    return found[1].upper() if found else ""


# Standards say nothing of answers that are cut, and a cut answer looks like a whole one.

_ROWS: Final = "SELECT (1 AS ?one) WHERE {{ ?a ?b ?c . ?d ?e ?f }} LIMIT {number}"
"""A query that yields any number of rows from a store with a few statements."""


def reject_cut_table(answer: Answer, rows: int) -> None:
    """Raise RemoteError if rows of a table are missing; Virtuoso names its limit in a header if it is reached."""
    limit = whole_number(answer.headers.get("x-sparql-maxrows") or "")
    if limit is not None and rows >= limit:
        raise RemoteError(f"the store cuts answers at {limit} rows; ask in parts, with LIMIT and OFFSET")


def reject_cut_graph(remote: Remote, statements: int) -> None:
    """Raise RemoteError if statements of a graph may be missing; Virtuoso cuts graphs at its row limit silently.

    So we ask for a table with as many rows: if the store returns all of them, its limit was not reached.
    """
    if remote.endpoint.profile.page_size is None or not statements:
        return
    answer = remote.query(_ROWS.format(number=statements), formats.JSON.media_type)
    limit = len(read_table(answer.content).rows)
    if limit < statements:
        raise RemoteError(f"the store cuts graphs at {limit} statements; ask in parts, with LIMIT and OFFSET")


def paged(
    remote: Remote, form: str, pattern: str, variables: str, ask: Callable[[str], Sequence[_T]]
) -> tuple[_T, ...]:
    """Return all results of `ask` for a query with a form and a pattern, in pages if the store cuts long answers.

    `variables` are those of the pattern, and no two results are the same. Virtuoso may answer two pages from two of
    its indexes, in two orders: then one result comes twice, and another never. If so, all pages are requested again,
    sorted, which takes Virtuoso fifteen times as long.

    Raises:
        RemoteError: the store sends the same page again, or more than requested.
    """
    size = remote.endpoint.profile.page_size
    if size is None:
        return tuple(ask(f"{form} WHERE {{ {pattern} }}"))
    found = _pages(f"{form} WHERE {{ {pattern} }}", size, ask)
    if len(set(found)) < len(found):
        ordered = f"SELECT DISTINCT {variables} WHERE {{ {pattern} }} ORDER BY {variables}"
        found = _pages(f"{form} WHERE {{ {{ {ordered} }} }}", size, ask)
    return tuple(found)


def _pages(query: str, size: int, ask: Callable[[str], Sequence[_T]]) -> list[_T]:
    """Return all results of the query, asked for in pages of `size`."""
    found: list[_T] = []
    last: Sequence[_T] = ()
    # Until a page is empty: a store may have a lower limit than ours, so a short page need not be the last.
    while page := ask(f"{query} LIMIT {size} OFFSET {len(found)}"):
        if page == last or len(page) > size:
            raise UnreadableError(
                "the store sends the same rows again, or more than were asked for, for LIMIT and OFFSET"
            )
        found += page
        last = page
    return found
