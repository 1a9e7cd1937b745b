"""Rejoinder: the stored questions of a built project, from a number on, each asked once of the store on disk."""

import sys
import time

from answering import Rows, tell

import rejoinder
from rejoinder.questions import questions
from rejoinder.store import rdf, versions

project = rejoinder.open_project(sys.argv[1])
store = versions.require_newest(project.build).open()
known = rejoinder.list_questions(project)


def answer(name: str) -> tuple[float, Rows]:
    """The seconds that the question took, and its rows."""
    start = time.perf_counter()
    table = questions.ask(store, known[name], {}, project.base)
    return time.perf_counter() - start, ([rdf.text(term) if term else "" for term in row] for row in table.rows)


tell(list(known)[int(sys.argv[2]) :], answer)
