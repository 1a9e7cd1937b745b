"""Questions to a triple store, by SPARQLWrapper: the same tables as from the embedded store.

Standards: SPARQL 1.1 Protocol; SPARQL 1.1 Query Language (10.2, VALUES).
"""

from __future__ import annotations

import io
import re
from email.message import Message
from typing import Final, Protocol
from urllib.response import addinfourl

from SPARQLWrapper import JSON, POST, TURTLE, SPARQLWrapper

from rejoinder import formats, namespaces
from rejoinder.errors import QueryError, RemoteError
from rejoinder.questions.question import Question, Values, bound
from rejoinder.questions.tables import Table
from rejoinder.rdf import query as rdf_query
from rejoinder.rdf import terms
from rejoinder.rdf.terms import Literal, NamedNode, Term, Triple
from rejoinder.triplestores import results
from rejoinder.triplestores.client import GRAPH_SYNTAXES, Remote
from rejoinder.triplestores.push import paged

_ROWS: Final = "SELECT (1 AS ?one) WHERE {{ ?a ?b ?c . ?d ?e ?f }} LIMIT {number}"
"""As many rows as one likes, from any store that holds a few statements."""


class Headers(Protocol):
    """The headers of an answer, whoever read them."""

    def get(self, name: str, /) -> str | None:
        """The value of a header."""


def reject_describe(remote: Remote, form: str) -> None:
    """Nothing, unless the query is a DESCRIBE and the store leaves things out of its answer.

    Raises:
        QueryError: it would.
    """
    profile = remote.endpoint.profile
    if form == "DESCRIBE" and not profile.describes:
        hint = "write CONSTRUCT { ?s ?p ?o } WHERE { VALUES ?s { … } ?s ?p ?o }"
        raise QueryError(f"{profile.title} leaves things out of what it describes; {hint}; nothing was sent")


def reject_cut_table(headers: Headers, rows: int) -> None:
    """Nothing, if all rows of a table arrived; Virtuoso names its limit in a header when it reaches it.

    Raises:
        RemoteError: the table was cut.
    """
    limit = results.number(headers.get("x-sparql-maxrows") or "")
    if limit is not None and rows >= limit:
        raise RemoteError(f"the store cuts answers at {limit} rows; ask in parts, with LIMIT and OFFSET")


def reject_cut_graph(remote: Remote, statements: int) -> None:
    """Nothing, if all statements of a graph arrived; Virtuoso cuts graphs without a word, at its limit for rows.

    So it is asked for as many rows as there are statements: if it gives them, the limit was not reached.

    Raises:
        RemoteError: the graph may have been cut.
    """
    if remote.endpoint.profile.page_size is None or not statements:
        return
    answer = remote.query(_ROWS.format(number=statements), formats.JSON.media_type)
    limit = len(results.read_table(answer.content).rows)
    if limit < statements:
        raise RemoteError(f"the store cuts graphs at {limit} statements; ask in parts, with LIMIT and OFFSET")


_TABLES: Final = ("SELECT", "ASK")
GRAPH_FORMS: Final = ("CONSTRUCT", "DESCRIBE")


class _Wrapper(SPARQLWrapper):
    """SPARQLWrapper over our own connection: its own neither tries again nor reuses a digest sign-in."""

    def __init__(self, remote: Remote) -> None:
        super().__init__(remote.endpoint.query)
        self.remote = remote
        self.setMethod(POST)
        self.setOnlyConneg(True)  # else it adds parameters that some stores refuse
        self.setReturnFormat(JSON)

    def _query(self) -> tuple[addinfourl, str]:  # type: ignore[override]  # urllib's other answer, with all that is used
        """See `SPARQLWrapper._query`: the request that it made, sent, and the format."""
        request = self._createRequest()
        answer = self.remote.post_query(bytes(request.data or b""), dict(request.header_items()))  # type: ignore[arg-type]  # bytes
        headers = Message()
        for name, value in answer.headers.items():
            headers[name] = value
        return addinfourl(
            io.BytesIO(answer.content), headers, self.remote.endpoint.query, answer.status_code
        ), self.returnFormat


def ask(remote: Remote, question: Question, values: Values, base: str) -> Table:
    """The store's answer to a stored question; empty when there is none.

    Raises:
        UsageError: a parameter is unknown or its value does not fit.
        QueryError: the question makes no table.
        RemoteError: the store cannot be reached or refuses.
    """
    answer = _answer(remote, bound(question.query, question.bindings(values, base)))
    if not isinstance(answer, Table):
        raise QueryError(f"the question {question.name} makes a graph, not a table; write it as SELECT")
    return answer


Graphs = tuple[tuple[str, ...], tuple[str, ...]]
"""The graphs that a query may see: those of its default graph, and the named ones."""


def sparql(remote: Remote, query: str, graphs: Graphs | None = None) -> Table | tuple[Triple, ...]:
    """The store's answer to a SPARQL query: a table, or triples for CONSTRUCT and DESCRIBE.

    The default graph is the union of all named graphs, unless `graphs` says otherwise; the usual prefixes are known.

    Raises:
        QueryError: the query is an update, or none at all.
        RemoteError: the store cannot be reached or refuses.
    """
    return _answer(remote, with_prefixes(query), graphs)


def with_prefixes(query: str) -> str:
    r"""The query with the prefixes that it uses and does not declare.

    >>> with_prefixes("ASK { ?c a rj:Claim }")
    'PREFIX rj: <https://w3id.org/rejoinder/ns#>\nASK { ?c a rj:Claim }'
    """
    used = set(re.findall(r"(?<![\w:])(\w+):", query))
    declared = {name.lower() for name in re.findall(r"PREFIX\s+(\w+):", query, re.IGNORECASE)}
    missing = [name for name in namespaces.PREFIXES if name in used and name not in declared]
    return "".join(f"PREFIX {name}: <{namespaces.PREFIXES[name]}>\n" for name in missing) + query


def _answer(remote: Remote, query: str, graphs: Graphs | None = None) -> Table | tuple[Triple, ...]:
    wrapper = _wrapped(remote, query, graphs)
    answer = wrapper.query()
    headers, body = answer.info(), answer.response.read()
    if wrapper.queryType in GRAPH_FORMS:
        triples = tuple(quad.triple for quad in results.statements(body, headers.get("content-type", "")))
        reject_cut_graph(remote, len(triples))
        return triples
    if wrapper.queryType == "ASK":
        return Table(("boolean",), ((Literal(results.boolean(body)),),))
    table = results.read_table(body)
    reject_cut_table(headers, len(table.rows))
    return table


def _wrapped(remote: Remote, query: str, graphs: Graphs | None) -> _Wrapper:
    wrapper = _Wrapper(remote)
    kind = form(query)
    reject_describe(remote, kind)
    # Not by its own setQuery, which looks for the form in time that grows with the square of the query.
    wrapper.queryString, wrapper.queryType = query, kind
    for name, value in _as_parameters(graphs) if graphs else dataset(remote, query):
        wrapper.addParameter(name, value)
    if kind in GRAPH_FORMS:
        wrapper.setReturnFormat(TURTLE)
        wrapper.addCustomHttpHeader("Accept", GRAPH_SYNTAXES)
    return wrapper


def _as_parameters(graphs: Graphs) -> tuple[tuple[str, str], ...]:
    names = ("default-graph-uri", "named-graph-uri")
    return tuple((name, iri) for name, iris in zip(names, graphs, strict=True) for iri in iris)


def dataset(remote: Remote, query: str) -> tuple[tuple[str, str], ...]:
    """The parameters that make a query's default graph the union of all graphs, and keep the named ones in reach.

    A query that names its own graphs with FROM gets none: parameters would outweigh it. Where the union is a
    `default-graph-uri`, as with Fuseki, the standard leaves a query without named graphs unless they are all listed.
    """
    syntax, union = rdf_query.masked(query), remote.endpoint.profile.union
    if _keyword(syntax, "FROM"):
        return ()
    if "default-graph-uri" not in dict(union) or not _keyword(syntax, "GRAPH"):
        return union
    return (*union, *(("named-graph-uri", graph) for graph in named_graphs(remote)))


def named_graphs(remote: Remote) -> tuple[str, ...]:
    """The IRIs of the named graphs that hold anything.

    Raises:
        RemoteError: the store cannot be reached or refuses.
    """
    query = "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }"

    def page(text: str) -> tuple[tuple[Term | None, ...], ...]:
        return results.read_table(remote.query(text, formats.JSON.media_type).content, "g").rows

    return tuple(sorted({terms.text(iri) for (iri,) in paged(remote, query, page) if isinstance(iri, NamedNode)}))


def form(query: str) -> str:
    """The form of the query, in capitals; SPARQLWrapper would find it in the words of a comment, too.

    Raises:
        QueryError: it is an update, or none at all.
    """
    kind = _keyword(rdf_query.masked(query), *_TABLES, *GRAPH_FORMS, *rdf_query.UPDATES)
    if kind not in (*_TABLES, *GRAPH_FORMS):
        raise QueryError("this is no SELECT, ASK, CONSTRUCT or DESCRIBE; nothing was sent")
    return kind


def reject_all_but_queries(query: str) -> None:
    r"""Nothing, unless a stranger's query has a word of updates in it, or of a store's own language before SPARQL.

    Virtuoso takes updates where it takes queries, and DEFINE makes it fetch from elsewhere.

    >>> reject_all_but_queries("# DROP\nSELECT ?insert { ?insert <x:delete> 'LOAD' }")

    Raises:
        QueryError: it has.
    """
    found = _keyword(rdf_query.surely_masked(query), *rdf_query.UPDATES, "DEFINE", "MODIFY")
    if found:
        raise QueryError(f"the query has {found} in it; only SELECT, ASK, CONSTRUCT and DESCRIBE are answered")


def _keyword(syntax: str, *words: str) -> str:
    """The first of the keywords in a masked query, in capitals; a variable or a name of that sound is none."""
    found = re.search(rf"(?<![?$:\w-])({'|'.join(words)})(?![\w:-])", syntax, re.IGNORECASE)
    return found[1].upper() if found else ""
