"""Rejoinder: make the pages of a built version in one process, without their data, and write them into a folder."""

import json
import sys
import time
from pathlib import Path

from held import held

import rejoinder
from rejoinder import versions
from rejoinder.site import routes
from rejoinder.site.snapshot import open_snapshot

project, target = rejoinder.open_project(sys.argv[1]), Path(sys.argv[2])
start, used = time.perf_counter(), time.process_time()
snapshot = open_snapshot(project, versions.require_newest(project.build))
pages = size = 0
# As in a build, the pages that list the questions with an answer come last: by then it is known which have one.
for stem in sorted(routes.stems(snapshot), key=routes.LAST.__contains__):
    page = routes.files(snapshot, stem).get(routes.HTML)
    if page is None:
        continue
    content, place = page.make().content, target / f"{stem}{routes.HTML}"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    pages, size = pages + 1, size + len(content)
seconds, processor = time.perf_counter() - start, time.process_time() - used
told = {"seconds": seconds, "processor": processor, "pages": pages, "bytes": size, "peak": held(0)}
print(json.dumps(told))
