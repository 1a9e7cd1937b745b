"""Check the graphs in a triple store with the same shapes and reports as for files."""

from __future__ import annotations

from pathlib import Path

from rejoinder import namespaces
from rejoinder.building import check
from rejoinder.building.check import Checkup
from rejoinder.config import Project
from rejoinder.dossiers.lines import NoLines
from rejoinder.dossiers.reader import Dossier
from rejoinder.errors import Problem, UsageError
from rejoinder.progress import Progress, silent
from rejoinder.rdf import graphs, terms
from rejoinder.triplestores import push, sparql_client
from rejoinder.triplestores.client import COMMAND_SECONDS, Notice, Remote, no_notice
from rejoinder.triplestores.push import TripleStore
from rejoinder.triplestores.sparql_client import connected
from rejoinder.validation import checks
from rejoinder.validation.checks import GraphStatements, known_resources
from rejoinder.validation.report import in_order
from rejoinder.validation.shacl import Engine


def check_endpoint(  # noqa: PLR0913  # each is an option of the command
    project: Project,
    url: str,
    *,
    store: str | None = None,
    engine: Engine = Engine.SHACL,
    timeout: float = COMMAND_SECONDS,
    progress: Progress = silent,
    notice: Notice = no_notice,
) -> Checkup:
    """Check all graphs of the project in the triple store at `url`; findings name the graph instead of a file.

    The store has `timeout` seconds to send them; `notice` gets a line for each pause before a new try.

    Raises:
        UsageError: `url` is no address, `store` no profile, `timeout` no time, or nothing of the project is there.
        RemoteError: the store cannot be reached, refuses, takes too long, or answers nonsense.
    """
    with connected(url, store, seconds=timeout, notice=notice) as remote:
        dossiers = _fetched(project, remote, progress)
    if not dossiers:
        raise UsageError(f"{url}: no graph there begins with {project.base}; bring them with 'rejoinder push'")
    around = known_resources([dossier.quads for dossier in dossiers], checks.ontology_terms())
    checker = checks.checker(engine)
    findings: list[Problem] = []
    for done, dossier in enumerate(dossiers, 1):
        findings += checker.check(dossier, GraphStatements(dossier.graph, dossier.quads), around)
        progress("checking", done, len(dossiers))
    together = graphs.memory_store(quad for dossier in dossiers for quad in dossier.quads)
    return Checkup(
        files=tuple(dossier.path for dossier in dossiers),
        statements=sum(len(dossier.quads) for dossier in dossiers),
        problems=tuple(p for dossier in dossiers for p in checks.dangling(dossier, around, project.base)),
        findings=in_order({*findings, *checks.check_together(together, dossiers), *check.in_settings(project)}),
        coverage=None,
    )


def _fetched(project: Project, remote: Remote, progress: Progress) -> tuple[Dossier, ...]:
    """Fetch the project's own graphs, one request after the other; not those that the program adds."""
    base = project.base
    added = {f"{base}question/", push.record_graph(base), push.staging_graph(base)}
    target = TripleStore(remote, push.staging_graph(base))
    iris = [iri for iri in sparql_client.named_graphs(remote) if iri.startswith(base) and iri not in added]
    dossiers = []
    for done, iri in enumerate(iris, 1):
        dossiers.append(_dossier(base, iri, target.read(iri)))
        progress("fetching", done, len(iris))
    return tuple(dossiers)


def _dossier(base: str, iri: str, triples: tuple[terms.Triple, ...]) -> Dossier:
    path = Path(namespaces.graph_path(base, iri))
    return Dossier(path, iri, terms.canonical(terms.in_graph(triples, iri)), "", NoLines())
