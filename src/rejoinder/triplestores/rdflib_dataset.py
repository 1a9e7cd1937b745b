"""Open the newest version, or a triple store, as an rdflib `Dataset` for users' own code."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from oxrdflib import OxigraphStore
from rdflib import Dataset, Graph
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from rdflib.query import Result
from rdflib.term import URIRef

from rejoinder import formats, versions
from rejoinder.config import Project, open_project
from rejoinder.rdf import terms
from rejoinder.triplestores import responses, sparql_client
from rejoinder.triplestores.client import Answer, Remote, connect


class _VersionStore(OxigraphStore):
    """An rdflib store for a version, read-only."""

    def add_graph(self, graph: Graph) -> None:
        """Do nothing: rdflib announces every graph that it is asked for, so that reading one would be writing."""


class _RemoteStore(SPARQLStore):
    """rdflib's SPARQL store over our own client: sign-in, retries, and the union of all graphs as default graph."""

    def __init__(self, remote: Remote) -> None:
        super().__init__(remote.endpoint.query)
        self.remote = remote

    def _query(self, query: str, default_graph: str | None = None, named_graph: str | None = None) -> Result:
        """See `SPARQLConnector.query`."""
        parameters = {"default-graph-uri": default_graph, "named-graph-uri": named_graph}
        given = [(name, str(value)) for name, value in parameters.items() if value is not None]
        query_form, answer = sparql_client.send(self.remote, query, given)
        graph = query_form in sparql_client.GRAPH_FORMS
        result = _graph_result(answer) if graph else _table_result(answer.content, query_form)
        if result.graph is not None:
            sparql_client.reject_cut_graph(self.remote, len(result.graph))
        elif result.type == "SELECT":
            sparql_client.reject_cut_table(answer, len(result.bindings))
        return result

    def add_graph(self, graph: Graph) -> None:
        """Do nothing; see `_VersionStore.add_graph`."""

    def contexts(self, triple: Any = None) -> Iterator[Graph]:  # type: ignore[override]  # graphs, as oxrdflib has it
        """Yield the named graphs, or those that hold a triple."""
        for iri in sparql_client.named_graphs(self.remote):
            graph = Graph(self, URIRef(iri))
            if triple is None or triple in graph:
                yield graph

    def close(self, commit_pending_transaction: bool = False) -> None:  # noqa: ARG002  # rdflib's signature
        """Close the connection."""
        self.remote.client.close()


def _graph_result(answer: Answer) -> Result:
    """Return a graph parsed by our own reader, which handles the deviations of stores."""
    quads = responses.read_graph(answer.content, answer.headers.get("content-type", ""))
    # As text, because rdflib has terms of its own.
    lines = terms.serialize((quad.triple for quad in quads), formats.NTRIPLES)
    result = Result("CONSTRUCT")
    result.graph = Graph().parse(data=lines, format="nt")
    return result


def _table_result(body: bytes, query_form: str) -> Result:
    """Return a table that our own reader has judged, see `_graph_result`."""
    if query_form == "ASK":
        responses.read_boolean(body)
    else:
        responses.read_table(body)
    return Result.parse(io.BytesIO(body), content_type=formats.JSON.media_type)


def open_dataset(place: Project | str, *, store: str | None = None) -> Dataset:
    """Return the graph of a project, or of the triple store at the address `place`, as a dataset of rdflib.

    A project may be given as its folder, too. Nothing is copied: each call asks the store. The default graph is the
    union of all named graphs. `store` names the profile of a triple store that does not tell it itself.

    Raises:
        ProjectError: there is no project.
        StoreError: nothing has been built yet.
        RemoteError: the triple store cannot be reached or refuses.
    """
    if isinstance(place, str) and place.startswith(("http://", "https://")):
        return Dataset(store=_RemoteStore(connect(place, store)), default_union=True)
    project = place if isinstance(place, Project) else open_project(place)
    # Without `default_union`, because the default graph of a version holds the union already.
    return Dataset(store=_VersionStore(store=versions.require_newest(project.build).open()))
