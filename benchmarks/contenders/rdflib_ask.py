"""What a user would script: the exported Turtle files in one rdflib graph in memory, every stored question asked once.

Parsing the files is not counted. A question is given up after so many seconds as the first argument says.
"""

import hashlib
import json
import signal
import sys
import time

import rdflib
from rdflib.query import ResultRow
from rdflib.term import Identifier
from rdflib.util import from_n3

import rejoinder


class Late(BaseException):
    """The time for a question is over."""


def give_up(*_: object) -> None:
    """What the alarm does."""
    raise Late


def identifier(term: object) -> Identifier:
    """The rdflib form of one of our terms."""
    node = from_n3(str(term))
    assert isinstance(node, Identifier)  # noqa: S101  # every term of ours is one
    return node


signal.signal(signal.SIGALRM, give_up)
limit = int(sys.argv[1])
project = rejoinder.open_project(sys.argv[2])
graph = rdflib.Graph()
for file in sys.argv[3:]:
    graph.parse(file)
answers = {}
for name, question in rejoinder.list_questions(project).items():
    terms = {variable: identifier(term) for variable, (term,) in question.bindings({}, project.base).items()}
    start = time.perf_counter()
    signal.alarm(limit)
    try:
        solutions = list(graph.query(question.query, initBindings=terms))
    except Late:
        answers[name] = {"seconds": limit, "digest": "late"}
        continue
    except Exception:  # rdflib fails at some empty groups, with errors of many kinds: no answer
        answers[name] = {"seconds": time.perf_counter() - start, "digest": "none"}
        continue
    finally:
        signal.alarm(0)
    seconds = time.perf_counter() - start
    rows = sorted(
        [str(term) if term is not None else "" for term in row] for row in solutions if isinstance(row, ResultRow)
    )
    answers[name] = {"seconds": seconds, "digest": hashlib.sha256(json.dumps(rows).encode()).hexdigest()}
print(json.dumps({"seconds": sum(answer["seconds"] for answer in answers.values()), "answers": answers}))
