"""What a user would script: the exported Turtle files in one rdflib graph in memory, every stored question asked once.

Parsing the files is not counted.
"""

import json
import sys
import time

import rdflib
from rdflib.util import from_n3

import rejoinder

project = rejoinder.open_project(sys.argv[1])
graph = rdflib.Graph()
for file in sys.argv[2:]:
    graph.parse(file)
answers = {}
for name, question in rejoinder.list_questions(project).items():
    terms = {variable: from_n3(str(term)) for variable, term in question.bindings({}, project.base).items()}
    start = time.perf_counter()
    rows = list(graph.query(question.query, initBindings=terms))
    answers[name] = (time.perf_counter() - start, len(rows))
print(json.dumps({"seconds": sum(seconds for seconds, _ in answers.values()), "answers": answers}))
