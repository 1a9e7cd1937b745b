"""What a user would script: the exported Turtle files in one rdflib graph in memory, every stored question asked once.

Parsing the files is not counted.
"""

import hashlib
import json
import sys
import time

import rdflib
from rdflib.query import ResultRow
from rdflib.term import Identifier
from rdflib.util import from_n3

import rejoinder


def identifier(term: object) -> Identifier:
    """The rdflib form of one of our terms."""
    node = from_n3(str(term))
    assert isinstance(node, Identifier)  # noqa: S101  # every term of ours is one
    return node


project = rejoinder.open_project(sys.argv[1])
graph = rdflib.Graph()
for file in sys.argv[2:]:
    graph.parse(file)
answers = {}
for name, question in rejoinder.list_questions(project).items():
    terms = {variable: identifier(term) for variable, (term,) in question.bindings({}, project.base).items()}
    start = time.perf_counter()
    try:
        solutions = list(graph.query(question.query, initBindings=terms))
    except Exception:  # rdflib fails at some empty groups, with errors of many kinds: no answer
        answers[name] = {"seconds": time.perf_counter() - start, "digest": "none"}
        continue
    seconds = time.perf_counter() - start
    rows = sorted(
        [str(term) if term is not None else "" for term in row] for row in solutions if isinstance(row, ResultRow)
    )
    answers[name] = {"seconds": seconds, "digest": hashlib.sha256(json.dumps(rows).encode()).hexdigest()}
print(json.dumps({"seconds": sum(answer["seconds"] for answer in answers.values()), "answers": answers}))
