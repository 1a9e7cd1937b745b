"""Query a triple store with SPARQLWrapper, and return the same tables as the embedded store.

Answers that are incomplete or malformed are refused with a message.

Standards: SPARQL 1.1 Protocol; SPARQL 1.1 Query Language (10.2, VALUES); SPARQL 1.1 Query Results JSON Format;
N-Triples; Turtle.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from math import factorial
from typing import Any, Final

import httpx
from SPARQLWrapper import JSON, POST, TURTLE, SPARQLWrapper

from rejoinder import __version__, formats, namespaces
from rejoinder.errors import QueryError, RejoinderError, RemoteError, UsageError
from rejoinder.questions.question import (
    KIND_OF_TYPE,
    Question,
    Values,
    bound,
    class_of_type,
    table_of,
    unknown_thing,
)
from rejoinder.rdf import query as rdf_query
from rejoinder.rdf import terms
from rejoinder.rdf.results import Table
from rejoinder.rdf.terms import BlankNode, Literal, NamedNode, Quad, RdfSyntaxError, Term, Triple
from rejoinder.triplestores import stores
from rejoinder.triplestores.client import (
    COMMAND_SECONDS,
    GRAPH_SYNTAXES,
    MAX_ANSWER_BYTES,
    QUESTION_SECONDS,
    Answer,
    Deadline,
    Notice,
    Remote,
    TooLongError,
    UnreadableError,
    bounded,
    excerpt,
    exchange,
    no_notice,
    now,
    paged,
    sign_in,
)
from rejoinder.triplestores.stores import Profile

_MAX_SECONDS: Final = 1_000_000
_MAX_GREETING_SECONDS: Final = 30.0  # in which a store that is up answers a question about nothing
_MAX_GREETING_BYTES: Final = 1_000_000


@contextmanager
def connected(
    url: str, store: str | None = None, *, seconds: float = COMMAND_SECONDS, notice: Notice = no_notice
) -> Iterator[Remote]:
    """Yield the store at `url`, with a time limit for the whole block; see `connect`.

    Raises:
        UsageError: `seconds`, `url` or `store` is not valid.
        RemoteError: see `connect`.
    """
    if not 0 < seconds <= _MAX_SECONDS:
        raise UsageError(f"{seconds} seconds is not a time limit; write a number from 1 to {_MAX_SECONDS}")
    deadline = Deadline(clock=now).sooner(seconds)
    remote = connect(url, store, deadline=deadline, notice=notice)
    with closing(remote.client):
        yield remote


def connect(
    url: str,
    store: str | None = None,
    *,
    deadline: Deadline | None = None,
    notice: Notice = no_notice,
) -> Remote:
    """Return the store at `url` after a first query; `store` names its profile if it cannot be detected.

    All requests share `deadline`; without one, each may take `QUESTION_SECONDS`.

    Raises:
        UsageError: `url` is no address, or `store` no profile.
        RemoteError: it cannot be reached, refuses, is no SPARQL endpoint, or its profile cannot be detected.
    """
    credentials = stores.credentials_for(stores.checked_url(url), os.environ)
    client = bounded(httpx.Client(headers={"User-Agent": f"rejoinder/{__version__}"}))
    end = deadline or Deadline(clock=now)
    try:
        profile = stores.named(store) if store else _detected(client, url, end.sooner(_MAX_GREETING_SECONDS))
        place = stores.endpoint(url, profile, credentials)
        client.auth = sign_in(place)
        seconds = None if deadline else QUESTION_SECONDS
        remote = Remote(place, client, max_bytes=MAX_ANSWER_BYTES, seconds=seconds, deadline=end, notice=notice)
        _greet(replace(remote, attempts=3, seconds=_MAX_GREETING_SECONDS, max_bytes=_MAX_GREETING_BYTES))
    except RejoinderError:
        client.close()
        raise
    return remote


def _detected(client: httpx.Client, url: str, deadline: Deadline) -> Profile:
    profile = stores.profile_of_url(url)
    if profile is None:
        try:
            request = client.build_request("GET", url, params={"query": "ASK {}"})
        except httpx.InvalidURL as error:
            raise UsageError(f"{url!r} is not the address of a store: {error}") from error
        profile = stores.profile_of_answer(exchange(client, request, deadline, _MAX_GREETING_BYTES).headers)
    if profile is None:
        raise RemoteError(f"{url}: this store does not say which it is; give --store {'|'.join(stores.PROFILES)}")
    return profile


def _greet(remote: Remote) -> None:
    """Raise RemoteError unless the store answers a query by the standard."""
    try:
        read_boolean(remote.query("ASK {}", formats.JSON.media_type).content)
    except (TooLongError, UnreadableError) as error:
        raise RemoteError(
            f"{remote.endpoint.query}: something answers here, but it is not a SPARQL endpoint"
        ) from error


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
        _refuse_unknown(remote, question, {name: bindings[name] for name in values if name in bindings}, base)
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


def _refuse_unknown(remote: Remote, question: Question, bindings: Mapping[str, Sequence[Term]], base: str) -> None:
    """Raise ParameterError if a value names no thing of its parameter's type, because an empty table would mislead."""
    given = [
        (parameter, term, NamedNode(namespaces.expand(class_of_type(parameter.type))))
        for parameter in question.parameters
        if parameter.type in KIND_OF_TYPE
        for term in bindings.get(parameter.name, ())
        if isinstance(term, NamedNode)
    ]
    if not given:
        return
    pairs = " ".join(f"({term} {kind})" for _, term, kind in given)
    query = f"SELECT DISTINCT ?thing ?kind WHERE {{ VALUES (?thing ?kind) {{ {pairs} }} ?thing a ?kind }}"
    found = _answer(remote, query)
    known = set(found.rows) if isinstance(found, Table) else set()
    for parameter, term, kind in given:
        if (term, kind) not in known:
            raise unknown_thing(parameter, term, base)


Graphs = tuple[tuple[str, ...], tuple[str, ...]]
"""The RDF dataset of a query: the graphs of its default graph, and the named graphs."""


def sparql(remote: Remote, query: str, graphs: Graphs | None = None) -> Table | tuple[Triple, ...]:
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
    used = set(re.findall(r"(?<![\w:])(\w+):", query))
    declared = {name.lower() for name in re.findall(r"PREFIX\s+(\w+):", query, re.IGNORECASE)}
    missing = [name for name in namespaces.PREFIXES if name in used and name not in declared]
    return "".join(f"PREFIX {name}: <{namespaces.PREFIXES[name]}>\n" for name in missing) + query


def _answer(remote: Remote, query: str, graphs: Graphs | None = None) -> Table | tuple[Triple, ...]:
    names = ("default-graph-uri", "named-graph-uri")
    given = [(name, iri) for name, iris in zip(names, graphs or ((), ()), strict=True) for iri in iris]
    kind, answer = send(remote, query, given)
    if kind in GRAPH_FORMS:
        triples = tuple(quad.triple for quad in read_graph(answer.content, answer.headers.get("content-type", "")))
        reject_cut_graph(remote, len(triples))
        return triples
    if kind == "ASK":
        return rdf_query.as_table(read_boolean(answer.content))
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

    found = paged(remote, "SELECT DISTINCT ?g", "GRAPH ?g { ?s ?p ?o }", "?g", page)
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


# An estimate of the work of RDFC-1.0, which is factorial in the number of blank nodes that look alike.

_MAX_ROUNDS: Final = 30
"""The most steps from a blank node that count as its surroundings."""
_MAX_PERMUTATIONS: Final = 10_000
"""The most permutations of blank nodes that a canonicalisation may try: they take some two seconds."""

_Edges = dict[BlankNode, list[tuple[str, object]]]
"""For each blank node, its neighbouring terms and how they are connected."""


def permutations(quads: Iterable[Quad]) -> int:
    """Return about how many permutations of blank nodes RDFC-1.0 has to try for canonical labels.

    >>> from rejoinder.rdf.terms import NamedNode
    >>> a, b = BlankNode("a"), BlankNode("b")
    >>> permutations([Quad(a, NamedNode("x:p"), b), Quad(b, NamedNode("x:p"), a)])
    2
    """
    edges = _edges(quads)
    colours = _colours(edges)
    sizes = Counter(colours.values())
    alike = {node for node in edges if sizes[colours[node]] > 1}
    return sum(factorial(min(size, 20)) for size in _group_sizes(edges, alike) if size > 1)


def _edges(quads: Iterable[Quad]) -> _Edges:
    found: _Edges = defaultdict(list)
    for quad in quads:
        if isinstance(quad.subject, BlankNode):
            found[quad.subject].append((f">{quad.predicate}{quad.graph_name}", quad.object))
        if isinstance(quad.object, BlankNode):
            found[quad.object].append((f"<{quad.predicate}{quad.graph_name}", quad.subject))
    return found


def _colours(edges: _Edges) -> dict[BlankNode, int]:
    """Return a number for each blank node, the same for nodes with equal surroundings (colour refinement)."""
    colours, number = dict.fromkeys(edges, 0), 1
    for _ in range(_MAX_ROUNDS):
        colours = {node: hash(tuple(sorted(_surroundings(around, colours)))) for node, around in edges.items()}
        before, number = number, len(set(colours.values()))
        if number == before:
            break
    return colours


def _surroundings(around: list[tuple[str, object]], colours: dict[BlankNode, int]) -> Iterable[int]:
    return (hash((how, colours[term] if isinstance(term, BlankNode) else term)) for how, term in around)


def _group_sizes(edges: _Edges, alike: set[BlankNode]) -> Iterable[int]:
    """Yield the sizes of connected groups among blank nodes with equal colours."""
    left = set(alike)
    while left:
        reached = [left.pop()]
        size = 0
        while reached:
            size += 1
            beside = {term for _, term in edges[reached.pop()] if isinstance(term, BlankNode)} & left
            left -= beside
            reached += beside
        yield size


MAX_NAME_CHARACTERS: Final = 1_000
"""The longest name of a column."""
_NUMBER: Final = re.compile(r"\+?[0-9]{1,15}", re.ASCII)
_NO_GRAPH: Final = re.compile(r"\w+/(.*\+)?(html|xml|json)\b", re.IGNORECASE)


def read_graph(body: bytes, media_type: str) -> tuple[Quad, ...]:
    """Return the statements in the body of a response, as Turtle if `media_type` says so, else as N-Triples.

    Raises:
        UnreadableError: the body is not RDF 1.1.
    """
    if _NO_GRAPH.match(media_type):
        raise _unreadable("graph", f"it is {excerpt(media_type)}, not N-Triples or Turtle")
    if not body and not media_type:
        raise _unreadable("graph", "nothing came, not even a type")
    turtle = media_type.lower().startswith(formats.TURTLE.media_type)
    try:
        found = tuple(terms.parse(body, formats.TURTLE if turtle else formats.NTRIPLES))
    except RdfSyntaxError as error:
        raise _unreadable("graph", str(error)) from error
    if any(isinstance(quad.object, Triple) for quad in found):
        raise _unreadable("graph", "a triple term of RDF 1.2 is in it")
    return _refuse_alike(found)


def _refuse_alike(found: tuple[Quad, ...]) -> tuple[Quad, ...]:
    """Return the statements, or raise if canonical labels for their blank nodes would take too long."""
    # A malicious or damaged answer could keep the canonicalisation busy for ever.
    if permutations(found) > _MAX_PERMUTATIONS:
        raise _unreadable("graph", "too many of its blank nodes look alike")
    return found


def read_boolean(body: bytes) -> bool:
    """Return the answer to an ASK query in the body of a response.

    Raises:
        UnreadableError: the body is not SPARQL results JSON with a boolean.
    """
    answer = _document(body).get("boolean")
    if not isinstance(answer, bool):
        raise _unreadable("table", "it should have true or false as its 'boolean'")
    return answer


def read_table(body: bytes, *columns: str) -> Table:
    """Return the table in the body of a response, with values normalised as in the embedded store.

    If `columns` are given, it must have exactly these.

    >>> cell = {"type": "typed-literal", "datatype": namespaces.XSD + "decimal", "value": "2.0"}
    >>> body = json.dumps({"head": {"vars": ["n"]}, "results": {"bindings": [{"n": cell}]}}).encode()
    >>> str(read_table(body).rows[0][0])
    '"2"^^<http://www.w3.org/2001/XMLSchema#decimal>'

    Raises:
        UnreadableError: the body is not SPARQL results JSON, or the table has other columns.
    """
    document = _document(body)
    # Some stores add members of their own, on which the engine's parser fails.
    parts = {"head": document.get("head"), "results": document.get("results")}
    try:
        table = rdf_query.read_results(json.dumps(parts).encode())
    except QueryError as error:
        raise _unreadable("table", str(error)) from error
    if max(map(len, table.columns), default=0) > MAX_NAME_CHARACTERS:
        raise _unreadable("table", "its columns have names that are too long")
    if columns and sorted(table.columns) != sorted(columns):
        raise _unreadable("table", f"its columns should be {', '.join(columns)}")
    order = [table.columns.index(name) for name in columns or table.columns]
    return Table(columns or table.columns, terms.normalised(tuple(row[at] for at in order) for row in table.rows))


def count(term: Term | None) -> int:
    """Return the count in a cell.

    Raises:
        UnreadableError: the cell has no count, or an impossibly large one.
    """
    known = whole_number(terms.text(term)) if isinstance(term, Literal) else None
    if known is None:
        found = "nothing" if term is None else excerpt(terms.text(term))
        raise _unreadable("number", f"a count of statements was asked for, not {found[:60]}")
    return known


def whole_number(text: str) -> int | None:
    """Return the number in a text, or None if it is no plausible count.

    >>> [whole_number(text) for text in ("12", "-1", "1e3", "\N{SUPERSCRIPT TWO}", "9" * 5000)]
    [12, None, None, None, None]
    """
    return int(text) if _NUMBER.fullmatch(text) else None


def read_quads(rows: Iterable[tuple[Term | None, ...]]) -> tuple[Quad, ...]:
    """Return rows of subject, predicate, object and graph as statements.

    Raises:
        UnreadableError: a row is not a statement.
    """
    return _refuse_alike(tuple(map(_quad, rows)))


def _quad(row: tuple[Term | None, ...]) -> Quad:
    s, p, o, g = row
    if isinstance(s, NamedNode | BlankNode) and isinstance(p, NamedNode) and isinstance(g, NamedNode) and o is not None:
        return Quad(s, p, o, g)
    raise _unreadable("table", "a row should be a subject, a predicate, an object and a graph")


def _unreadable(what: str, reason: str) -> UnreadableError:
    return UnreadableError(f"the store sent a {what} that cannot be read: {excerpt(reason)}")


def _document(body: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(body, object_hook=_with_label)
    except RecursionError as error:
        raise _unreadable("table", "it is nested too deeply") from error
    except ValueError as error:
        begins = excerpt(body[:80].decode("utf-8", "replace")) if body else "nothing"
        raise _unreadable("table", f"it is not JSON, or has a number that is too long; it begins: {begins}") from error
    if not isinstance(document, dict):
        raise _unreadable("table", "it should be an object of JSON")
    return document


def _with_label(cell: dict[str, Any]) -> dict[str, Any]:
    """Return a cell with a valid label if it is a blank node."""
    value = cell.get("value")
    return cell | {"value": _label(value)} if cell.get("type") == "bnode" and isinstance(value, str) else cell


def _label(value: str) -> str:
    """Return a valid blank node label (Virtuoso's are nodeID://…); different labels stay different.

    >>> _label("b0"), _label("nodeID://b1")
    ('b0', 'nodeID-3a--2f--2f-b1')
    """
    label = "".join(c if c.isascii() and c.isalnum() else f"-{ord(c):x}-" for c in value)
    return label if label[:1].isalnum() else f"b{label}"
