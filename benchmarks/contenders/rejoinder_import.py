"""Rejoinder: import exports of UPR Info into a project, and build its store with all cores."""

import json
import sys
import time
from pathlib import Path

from held import held

import rejoinder
from rejoinder.building.parallel import all_cores


def main() -> None:
    """One import."""
    project = rejoinder.open_project(sys.argv[1])
    take, build = rejoinder.import_upr_info, rejoinder.build  # imported here, before the clock starts
    start = time.perf_counter()
    take(project, [Path(file) for file in sys.argv[2:]])
    imported = time.perf_counter()
    built = build(project, with_site=False, jobs=all_cores())
    end = time.perf_counter()
    if built.version is None:
        sys.exit(f"the import does not build: {built.broken[:2]}")
    told = {"seconds": end - start, "importing": imported - start, "quads": built.version.manifest.quads}
    print(json.dumps(told | {"peak": held(all_cores())}))


if __name__ == "__main__":  # the processes that check import this, too
    main()
