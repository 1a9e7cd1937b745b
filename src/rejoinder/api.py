"""Library calls that query, export and compare built versions. They print nothing.

`rejoinder.__init__` lists all public calls; those that need no more than one module are defined there.
"""

from __future__ import annotations

from collections.abc import Callable

from rejoinder import namespaces, versions
from rejoinder import question as stored_questions
from rejoinder.config import Project
from rejoinder.disk import package_file
from rejoinder.errors import UsageError, extra
from rejoinder.formats import Syntax
from rejoinder.question import Question, Values
from rejoinder.rdf import graphs, serialize, terms
from rejoinder.rdf.jsonld import read_context
from rejoinder.rdf.query import evaluate
from rejoinder.rdf.results import Table, as_table
from rejoinder.rdf.terms import Store, Triple
from rejoinder.site.changes import VersionChanges, version_changes
from rejoinder.triplestores.stores import QUESTION_SECONDS
from rejoinder.versions import OpenVersion


def list_questions(project: Project) -> dict[str, Question]:
    """Return the stored questions by name: those that ship with Rejoinder, and the project's own.

    Raises:
        InputError: a question's front matter is not valid.
    """
    return stored_questions.of_project(project)


def question(project: Project, name: str) -> Question:
    """Return the stored question `name`; only its own file is read.

    Raises:
        UsageError: there is no such question.
        InputError: its front matter is not valid.
    """
    return stored_questions.named(project, name)


def ask(  # noqa: PLR0913  # each is an option of the command
    project: Project,
    name: str,
    parameters: Values | None = None,
    *,
    endpoint: str | None = None,
    store: str | None = None,
    timeout: float = QUESTION_SECONDS,
    notice: Callable[[str], None] = lambda _: None,
) -> Table:
    """Return the answer of the newest version to the stored question `name`, a table that may have no rows.

    A parameter may have several values: `{"state": ["CZE", "USA"]}` gives what holds for any of them. `endpoint` is
    the address of a triple store that is asked instead; `store` names its profile where it cannot be detected. That
    store has `timeout` seconds in all; `notice` is called before each pause for another attempt.

    Raises:
        UsageError: there is no such question or parameter, or a value does not fit.
        InputError: the question's front matter is not valid.
        StoreError: nothing has been built yet, or the store is damaged.
        RemoteError: the triple store cannot be reached, refuses, takes too long, or answers nonsense.
    """
    asked = question(project, name)
    if endpoint is not None:
        with extra("push"):
            from rejoinder.triplestores import client, sparql_client  # noqa: PLC0415  # httpx, only when needed
        with client.connected(endpoint, store, seconds=timeout, notice=notice) as remote:
            return sparql_client.ask(remote, asked, parameters or {}, project.base)
    with versions.reading(project.build):
        return stored_questions.ask(_store(project), asked, parameters or {}, project.base, known_only=True)


def sparql(  # noqa: PLR0913  # as above
    project: Project,
    query: str,
    *,
    endpoint: str | None = None,
    store: str | None = None,
    timeout: float = QUESTION_SECONDS,
    notice: Callable[[str], None] = lambda _: None,
) -> Table | tuple[Triple, ...]:
    """Return the answer of the newest version to a SPARQL 1.1 query: a table, or triples for CONSTRUCT and DESCRIBE.

    The default graph is the union of all named graphs; relative IRIs are resolved against the project's base. For
    `endpoint`, `store`, `timeout` and `notice`, see `ask`.

    Raises:
        QueryError: the query does not run.
        StoreError: nothing has been built yet, or the store is damaged.
        RemoteError: the triple store cannot be reached, refuses, takes too long, or answers nonsense.
    """
    if endpoint is not None:
        with extra("push"):
            from rejoinder.triplestores import client, sparql_client  # noqa: PLC0415  # as above
        with client.connected(endpoint, store, seconds=timeout, notice=notice) as remote:
            return sparql_client.sparql(remote, query)
    with versions.reading(project.build):
        answer = evaluate(_store(project), query, project.base)
        return answer if isinstance(answer, tuple) else as_table(answer)


def export(project: Project, syntax: Syntax, graph: str | None = None) -> bytes:
    """Return the newest version, or one graph of it, in an RDF syntax.

    `graph` is an IRI or a path such as report/kaz-upr-20.

    Raises:
        UsageError: there is no such graph.
        StoreError: nothing has been built yet, or the store is damaged.
    """
    store = _store(project)
    # Damage shows itself only when the damaged block is read.
    with versions.reading(project.build):
        quads = tuple(graphs.statements(store, None if graph is None else _graph_iri(project, store, graph)))
    return serialize.write(quads, syntax, project.base, read_context(package_file("ontology/context.jsonld")))


def diff(project: Project, old: str = "previous", new: str = "current") -> VersionChanges:
    """Return the facts added, removed or changed between two versions, each a number, `current` or `previous`.

    Raises:
        UsageError: there is no such version.
        StoreError: nothing has been built yet, or a store is damaged.
    """
    before, after = (OpenVersion.of(versions.named(project.build, name)) for name in (old, new))
    with versions.reading(project.build):
        return version_changes(before, after, project.base, project.language)


def as_patch(changes: VersionChanges) -> bytes:
    """Return the difference of two versions as RDF Patch."""
    return b"".join(versions.as_patch(changes.statements))


def triples_as_turtle(project: Project, triples: tuple[Triple, ...]) -> str:
    """Return the triples that a query constructed as Turtle with the project's prefixes."""
    return serialize.turtle(terms.in_graph(triples, project.base), project.base)


def _store(project: Project) -> Store:
    return versions.require_newest(project.build).open()


def _graph_iri(project: Project, store: Store, graph: str) -> str:
    """Return the IRI of the graph that `graph` names, as an IRI or a path."""
    known = graphs.names_of(store)
    paths = {namespaces.graph_path(project.base, iri).as_posix(): iri for iri in known}
    if graph in known or graph in paths:
        return paths.get(graph, graph)
    raise UsageError(f"there is no graph {graph!r}; the graphs are {', '.join(sorted(paths))}")
