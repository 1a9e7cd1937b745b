"""The graphs of the program's own, published beside the data that they explain: ontology, shapes, questions."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rejoinder import names
from rejoinder.dossiers.dossier import file_digest
from rejoinder.project import Project
from rejoinder.questions import questionfiles, questions
from rejoinder.resources import resource
from rejoinder.store import rdf
from rejoinder.store.rdf import Quad
from rejoinder.version import __version__


@dataclass(frozen=True)
class OwnGraph:
    """A graph, a digest of what it is made from (files and the program's version), and what makes it, canonical."""

    iri: str
    input_digest: str
    make: Callable[[], tuple[Quad, ...]]


def own_graphs(project: Project) -> tuple[OwnGraph, ...]:
    """The graphs to publish. Making that of the questions takes a fifth of a second; its files tell if it must be made.

    Raises:
        InputError: a question cannot be read. `make` raises it also where a card does not hold.
    """
    ontology, shapes = resource("ontology/rejoinder.ttl"), resource("ontology/shapes.ttl")
    cards = f"{project.base}question/"
    return (
        OwnGraph(
            names.ONTOLOGY_GRAPH, _digest(file_digest(ontology)), partial(_document, ontology, names.ONTOLOGY_GRAPH)
        ),
        OwnGraph(names.SHAPES_GRAPH, _digest(file_digest(shapes)), partial(_document, shapes, names.SHAPES_GRAPH)),
        OwnGraph(cards, _digest(questionfiles.digest(project)), partial(_questions, project)),
    )


def _document(path: Path, iri: str) -> tuple[Quad, ...]:
    return rdf.canonical(rdf.in_graph(rdf.parse_file(path, iri), iri))


def _questions(project: Project) -> tuple[Quad, ...]:
    return rdf.canonical(questions.question_quads(questionfiles.of_project(project), project.base))


def _digest(files: str) -> str:
    """A digest of the program's version and of that of files."""
    return hashlib.sha256(f"{__version__} {files}".encode()).hexdigest()
