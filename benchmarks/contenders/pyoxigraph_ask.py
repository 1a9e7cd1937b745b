"""Bare pyoxigraph: the SPARQL of the stored questions, from a number on, each asked once of the store of a project."""

import sys
import time

from answering import Rows, tell
from pyoxigraph import QuerySolutions, Store, Variable

import rejoinder
from rejoinder import versions
from rejoinder.rdf import terms

project = rejoinder.open_project(sys.argv[1])
clock = {"perf_counter": time.perf_counter, "process_time": time.process_time}[sys.argv[2]]
store = Store.read_only(str(versions.require_newest(project.build).store_path))
known = rejoinder.list_questions(project)


def answer(name: str) -> tuple[float, Rows]:
    """Return the seconds that the question took, and its rows."""
    question = known[name]
    bound = {Variable(variable): term for variable, (term,) in question.bindings({}, project.base).items()}
    start = clock()
    solutions = store.query(question.query, substitutions=bound)
    assert isinstance(solutions, QuerySolutions)  # noqa: S101  # a stored question is a SELECT
    table = [tuple(row) for row in solutions]
    return clock() - start, ([terms.text(term) if term else "" for term in row] for row in table)


tell(list(known)[int(sys.argv[3]) :], answer)
