"""Rejoinder: build the project in a folder, and say what the build did."""

import json
import sys
import time

import rejoinder

project = rejoinder.open_project(sys.argv[1])
start = time.perf_counter()
built = rejoinder.build(project)
seconds = time.perf_counter() - start
if built.broken or built.version is None:
    sys.exit(f"the corpus does not build: {built.broken[:2]}")
quads = built.version.manifest.quads
print(json.dumps({"seconds": seconds, "quads": quads, "changed": len(built.changed), "is_new": built.is_new}))
