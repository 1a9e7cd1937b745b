"""Rejoinder: push the project in a folder into the triple store at an address, and say what travelled."""

import json
import sys
import time

import rejoinder

project = rejoinder.open_project(sys.argv[1])
push = rejoinder.push  # imported here, before the clock starts
start = time.perf_counter()
pushed = push(project, sys.argv[2])
seconds = time.perf_counter() - start
if pushed.differences:
    sys.exit(f"the store holds something else: {pushed.differences[:2]}")
print(json.dumps({"seconds": seconds, "moved": len(pushed.steps), "triples": pushed.triples}))
