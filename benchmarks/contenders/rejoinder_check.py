"""Rejoinder: check every dossier of the project in a folder; the engine may be named."""

import json
import sys
import time

import rejoinder
from rejoinder.validation import Engine

project = rejoinder.open_project(sys.argv[1])
engine = Engine(sys.argv[2]) if len(sys.argv) > 2 else Engine.SHACL
start = time.perf_counter()
checkup = rejoinder.check(project, engine=engine)
seconds = time.perf_counter() - start
if not checkup.clean:
    sys.exit(f"the corpus does not pass its check: {checkup.problems[:3]} {checkup.findings[:3]}")
print(json.dumps({"seconds": seconds, "statements": checkup.statements, "results": len(checkup.findings)}))
