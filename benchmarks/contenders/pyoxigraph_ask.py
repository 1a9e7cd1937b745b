"""Bare pyoxigraph: the SPARQL of every stored question, asked once of the store of a built project."""

import hashlib
import json
import sys
import time

from pyoxigraph import QuerySolutions, Store, Variable

import rejoinder
from rejoinder.store import rdf, versions

project = rejoinder.open_project(sys.argv[1])
store = Store.read_only(str(versions.require_newest(project.build).store_path))
answers = {}
for name, question in rejoinder.list_questions(project).items():
    bound = {Variable(variable): term for variable, (term,) in question.bindings({}, project.base).items()}
    start = time.perf_counter()
    solutions = store.query(question.query, substitutions=bound)
    assert isinstance(solutions, QuerySolutions)  # noqa: S101  # a stored question is a SELECT
    table = [tuple(row) for row in solutions]
    seconds = time.perf_counter() - start
    rows = sorted([rdf.text(term) if term else "" for term in row] for row in table)
    answers[name] = {"seconds": seconds, "digest": hashlib.sha256(json.dumps(rows).encode()).hexdigest()}
print(json.dumps({"seconds": sum(answer["seconds"] for answer in answers.values()), "answers": answers}))
