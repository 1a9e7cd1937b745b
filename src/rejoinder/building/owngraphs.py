"""The graphs of the program's own, published beside the data that they explain: ontology, shapes, questions."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rejoinder import names
from rejoinder.dossiers.dossier import file_digest
from rejoinder.project import Project
from rejoinder.questions import questions
from rejoinder.resources import resource
from rejoinder.store import rdf
from rejoinder.store.rdf import Quad
from rejoinder.version import __version__


@dataclass(frozen=True)
class OwnGraph:
    """A graph, a digest that changes whenever its statements can, and what makes these, canonical."""

    iri: str
    input_digest: str
    make: Callable[[], tuple[Quad, ...]]


def own_graphs(project: Project) -> tuple[OwnGraph, ...]:
    """The graphs to publish; to make that of the questions takes as long as all else of a build without changes.

    Raises:
        InputError: a question cannot be read; when it is made, also that its card does not hold.
    """
    ontology, shapes = resource("ontology/rejoinder.ttl"), resource("ontology/shapes.ttl")
    cards = f"{project.base}question/"
    return (
        OwnGraph(names.ONTOLOGY_GRAPH, _digest([ontology]), partial(_document, ontology, names.ONTOLOGY_GRAPH)),
        OwnGraph(names.SHAPES_GRAPH, _digest([shapes]), partial(_document, shapes, names.SHAPES_GRAPH)),
        OwnGraph(cards, _digest(questions.files(project)), partial(_questions, project)),
    )


def _document(path: Path, iri: str) -> tuple[Quad, ...]:
    return rdf.canonical(rdf.in_graph(rdf.parse_file(path, iri), iri))


def _questions(project: Project) -> tuple[Quad, ...]:
    return rdf.canonical(questions.question_quads(questions.of_project(project), project.base))


def _digest(paths: Iterable[Path]) -> str:
    """A digest of the program's version, and of the names and the bytes of the files."""
    parts = [__version__, *(f"{path.name} {file_digest(path)}" for path in paths)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
