"""What a user would script: all statements in one rdflib graph in memory, every stored question asked once.

Parsing the file is not counted. A question is given up after so many seconds as the first argument says, and not by
who waits: the file would have to be parsed anew.
"""

import signal
import sys
import time

import rdflib
from answering import Rows, tell
from rdflib.query import ResultRow
from rdflib.term import Identifier
from rdflib.util import from_n3

import rejoinder


class Late(BaseException):
    """The time for a question is over."""


def give_up(*_: object) -> None:
    """Raise what ends the question when the alarm rings."""
    raise Late


def identifier(term: object) -> Identifier:
    """Return the rdflib form of one of our terms."""
    node = from_n3(str(term))
    assert isinstance(node, Identifier)  # noqa: S101  # every term of ours is one
    return node


signal.signal(signal.SIGALRM, give_up)
limit = int(sys.argv[1])
project = rejoinder.open_project(sys.argv[2])
graph = rdflib.Graph()
graph.parse(sys.argv[3])
known = rejoinder.list_questions(project)


def answer(name: str) -> tuple[float, Rows | None]:
    """Return the seconds that the question took, and its rows."""
    question = known[name]
    terms = {variable: identifier(term) for variable, (term,) in question.bindings({}, project.base).items()}
    start = time.perf_counter()
    signal.alarm(limit)
    try:
        solutions = list(graph.query(question.query, initBindings=terms))
    except Late:
        return limit, None
    except Exception:  # rdflib fails at some empty groups, with errors of many kinds: no answer
        return time.perf_counter() - start, None
    finally:
        signal.alarm(0)
    seconds = time.perf_counter() - start
    rows = (row for row in solutions if isinstance(row, ResultRow))
    return seconds, ([str(term) if term is not None else "" for term in row] for row in rows)


tell(list(known)[int(sys.argv[4]) :], answer)
