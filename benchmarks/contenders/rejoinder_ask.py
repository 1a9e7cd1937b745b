"""Rejoinder: every stored question of a built project, asked once of the store on disk."""

import hashlib
import json
import sys
import time

import rejoinder
from rejoinder.questions import questions
from rejoinder.store import rdf, versions

project = rejoinder.open_project(sys.argv[1])
store = versions.require_newest(project.build).open()
answers = {}
for name, question in rejoinder.list_questions(project).items():
    start = time.perf_counter()
    table = questions.ask(store, question, {}, project.base)
    seconds = time.perf_counter() - start
    rows = sorted([rdf.text(term) if term else "" for term in row] for row in table.rows)
    answers[name] = {"seconds": seconds, "digest": hashlib.sha256(json.dumps(rows).encode()).hexdigest()}
print(json.dumps({"seconds": sum(answer["seconds"] for answer in answers.values()), "answers": answers}))
