"""What `import rejoinder` offers: each command as one call. Values in, values out; nothing printed.

Calls that live elsewhere are imported when they are first asked for: all together take a second, which a program that
only asks a question, or a process that checks one report after the other, would spend for nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from rejoinder import namespaces, versions
from rejoinder.config import Project, open_project
from rejoinder.errors import UsageError
from rejoinder.formats import Syntax
from rejoinder.package_data import package_file
from rejoinder.questions import parameters as question_parameters
from rejoinder.questions import question as question_question
from rejoinder.questions.question import Question, Table, Values
from rejoinder.rdf import graphs, serialize
from rejoinder.rdf import query as rdf_query
from rejoinder.rdf import terms as rdf_terms
from rejoinder.rdf.jsonld import read_context
from rejoinder.rdf.terms import Store, Triple
from rejoinder.site.changes import VersionChanges, version_changes
from rejoinder.versions import OpenVersion

if TYPE_CHECKING:
    from rejoinder.building.build import build
    from rejoinder.building.check import check
    from rejoinder.building.scaffold import new
    from rejoinder.fair.checklist import check_fair
    from rejoinder.importers.compare import diff_exports
    from rejoinder.importers.table import import_table
    from rejoinder.importers.upr_info import import_upr_info
    from rejoinder.server.app import serve
    from rejoinder.triplestores.push import push
    from rejoinder.triplestores.rdflib_dataset import open_dataset as open  # noqa: A004  # as one says rejoinder.open
    from rejoinder.triplestores.remote_check import check_endpoint
    from rejoinder.validation.source_text import locate as anchor

_HOMES: Final = {
    "anchor": "validation.source_text.locate",
    "build": "building.build.build",
    "check": "building.check.check",
    "check_endpoint": "triplestores.remote_check.check_endpoint",
    "check_fair": "fair.checklist.check_fair",
    "diff_exports": "importers.compare.diff_exports",
    "import_table": "importers.table.import_table",
    "import_upr_info": "importers.upr_info.import_upr_info",
    "new": "building.scaffold.new",
    "open": "triplestores.rdflib_dataset.open_dataset",
    "push": "triplestores.push.push",
    "serve": "server.app.serve",
}
"""Where the calls live that are imported when they are asked for."""

__all__ = [
    "anchor",
    "ask",
    "build",
    "check",
    "check_endpoint",
    "check_fair",
    "diff",
    "diff_exports",
    "export",
    "import_table",
    "import_upr_info",
    "list_questions",
    "new",
    "open",
    "open_project",
    "push",
    "serve",
    "sparql",
]

if not TYPE_CHECKING:  # types are checked without it, so that a call which there is not is found

    def __getattr__(name: str) -> Any:
        """The call of this name (PEP 562)."""
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module, _, call = _HOMES[name].rpartition(".")
        return getattr(import_module(f"rejoinder.{module}"), call)


def list_questions(project: Project) -> dict[str, Question]:
    """The stored questions by name: those that ship, and the project's own.

    Raises:
        InputError: a question's card does not hold.
    """
    return question_question.of_project(project)


def ask(  # noqa: PLR0913  # each is an option of the command
    project: Project,
    name: str,
    parameters: Values | None = None,
    *,
    endpoint: str | None = None,
    store: str | None = None,
    timeout: float = 600.0,
    notice: Callable[[str], None] = lambda _: None,
) -> Table:
    """The answer of the newest version to the stored question `name`; an empty table when there is none.

    A parameter may have several values: `{"state": ["CZE", "USA"]}` gives what holds for any of them. With `endpoint`,
    the address of a triple store, its answer; `store` names its profile if it does not tell itself. That store has
    `timeout` seconds in all; `notice` is told of each pause before a request is tried again.

    Raises:
        UsageError: there is no such question or parameter, or a value does not fit.
        StoreError: nothing has been built yet, or the store is damaged.
        RemoteError: the triple store cannot be reached, refuses, takes too long, or answers nonsense.
    """
    question = question_question.find(list_questions(project), name)
    if endpoint is not None:
        from rejoinder.triplestores import sparql_client  # noqa: PLC0415  # see the module's first words
        from rejoinder.triplestores.client import connected  # noqa: PLC0415  # as above

        with connected(endpoint, store, seconds=timeout, notice=notice) as remote:
            return sparql_client.ask(remote, question, parameters or {}, project.base)
    with versions.reading(project.build):
        opened = _store(project)
        given = question.bindings(parameters or {}, project.base)
        chosen = {name: terms for name, terms in given.items() if name in (parameters or {})}
        question_parameters.refuse_unknown(opened, question, chosen, project.base)
        return question_question.ask(opened, question, parameters or {}, project.base)


def sparql(  # noqa: PLR0913  # as above
    project: Project,
    query: str,
    *,
    endpoint: str | None = None,
    store: str | None = None,
    timeout: float = 600.0,
    notice: Callable[[str], None] = lambda _: None,
) -> Table | tuple[Triple, ...]:
    """The answer of the newest version to a SPARQL 1.1 query: a table, or triples for CONSTRUCT and DESCRIBE.

    The default graph is the union of all named graphs; relative IRIs lie below the project's base. With `endpoint`,
    the address of a triple store, its answer; `store` names its profile if it does not tell itself. That store has
    `timeout` seconds in all; `notice` is told of each pause before a request is tried again.

    Raises:
        QueryError: the query does not run.
        StoreError: nothing has been built yet, or the store is damaged.
        RemoteError: the triple store cannot be reached, refuses, takes too long, or answers nonsense.
    """
    if endpoint is not None:
        from rejoinder.triplestores import sparql_client  # noqa: PLC0415  # as above
        from rejoinder.triplestores.client import connected  # noqa: PLC0415  # as above

        with connected(endpoint, store, seconds=timeout, notice=notice) as remote:
            return sparql_client.sparql(remote, query)
    with versions.reading(project.build):
        answer = rdf_query.evaluate(_store(project), query, project.base)
        return answer if isinstance(answer, tuple) else question_question.as_table(answer)


def export(project: Project, syntax: Syntax, graph: str | None = None) -> bytes:
    """The newest version, or one graph of it, in an RDF syntax; `graph` is an IRI or a path such as report/kaz-upr-20.

    Raises:
        UsageError: there is no such graph.
        StoreError: nothing has been built yet, or the store is damaged.
    """
    store = _store(project)
    with versions.reading(project.build):
        quads = tuple(graphs.statements(store, None if graph is None else _graph_iri(project, store, graph)))
    return serialize.write(quads, syntax, project.base, read_context(package_file("ontology/context.jsonld")))


def diff(project: Project, old: str = "previous", new: str = "current") -> VersionChanges:
    """Which facts came, went or changed from one version to another, each a number, `current` or `previous`.

    Raises:
        UsageError: there is no such version.
        StoreError: nothing has been built yet, or a store is damaged.
    """
    before, after = (OpenVersion.of(versions.named(project.build, name)) for name in (old, new))
    with versions.reading(project.build):
        return version_changes(before, after, project.base, project.language)


def as_patch(changes: VersionChanges) -> bytes:
    """The difference of two versions as RDF Patch."""
    return b"".join(versions.as_patch(changes.statements))


def _store(project: Project) -> Store:
    return versions.require_newest(project.build).open()


def _graph_iri(project: Project, store: Store, graph: str) -> str:
    """The IRI of the graph that goes by this IRI or path."""
    known = graphs.names_of(store)
    paths = {namespaces.graph_path(project.base, iri).as_posix(): iri for iri in known}
    if graph in known or graph in paths:
        return paths.get(graph, graph)
    raise UsageError(f"there is no graph {graph!r}; the graphs are {', '.join(sorted(paths))}")


def question(project: Project, name: str) -> Question:
    """The stored question `name`.

    Raises:
        UsageError: there is none.
    """
    return question_question.find(list_questions(project), name)


def triples_as_turtle(project: Project, triples: tuple[Triple, ...]) -> str:
    """Triples that a query made, as Turtle with the project's prefixes."""
    return serialize.turtle(rdf_terms.in_graph(triples, project.base), project.base)
