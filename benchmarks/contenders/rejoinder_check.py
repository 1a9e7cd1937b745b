"""Rejoinder: check every dossier of the project in a folder."""

import json
import sys
import time

import rejoinder

project = rejoinder.open_project(sys.argv[1])
start = time.perf_counter()
checkup = rejoinder.check(project)
seconds = time.perf_counter() - start
if not checkup.clean:
    sys.exit(f"the corpus does not pass its check: {checkup.problems[:3]} {checkup.findings[:3]}")
print(json.dumps({"seconds": seconds, "statements": checkup.statements, "results": len(checkup.findings)}))
