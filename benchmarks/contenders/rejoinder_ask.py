"""Rejoinder: the stored questions of a built project, from a number on, each asked once of the store on disk."""

import sys
import time

from answering import Rows, tell

import rejoinder
from rejoinder import question, versions
from rejoinder.rdf import terms

project = rejoinder.open_project(sys.argv[1])
clock = {"perf_counter": time.perf_counter, "process_time": time.process_time}[sys.argv[2]]
store = versions.require_newest(project.build).open()
known = rejoinder.list_questions(project)


def answer(name: str) -> tuple[float, Rows]:
    """Return the seconds that the question took, and its rows."""
    start = clock()
    table = question.ask(store, known[name], {}, project.base)
    return clock() - start, ([terms.text(term) if term else "" for term in row] for row in table.rows)


tell(list(known)[int(sys.argv[3]) :], answer)
