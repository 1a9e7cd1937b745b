"""Rejoinder: every stored question of a built project, asked once of the store on disk."""

import json
import sys
import time

import rejoinder
from rejoinder import questions, versions

project = rejoinder.open_project(sys.argv[1])
store = versions.require_newest(project.build).open()
answers = {}
for name, question in rejoinder.list_questions(project).items():
    start = time.perf_counter()
    table = questions.ask(store, question, {}, project.base)
    answers[name] = (time.perf_counter() - start, len(table.rows))
print(json.dumps({"seconds": sum(seconds for seconds, _ in answers.values()), "answers": answers}))
