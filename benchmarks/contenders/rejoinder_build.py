"""Rejoinder: build the project in a folder with all cores, and say what the build did; `site` builds the site, too."""

import json
import sys
import time

from held import held

import rejoinder
from rejoinder.building.parallel import all_cores


def main() -> None:
    """One build."""
    project = rejoinder.open_project(sys.argv[1])
    build = rejoinder.build  # imported here, before the clock starts
    start = time.perf_counter()
    built = build(project, with_site="site" in sys.argv[2:], jobs=all_cores())
    seconds = time.perf_counter() - start
    if built.broken or built.version is None:
        sys.exit(f"the corpus does not build: {built.broken[:2]}")
    told = {
        "seconds": seconds,
        "quads": built.version.manifest.quads,
        "changed": len(built.changed),
        "is_new": built.is_new,
        "peak": held(all_cores()),
    }
    if built.version.has_site:
        told["pages"] = sum(1 for _ in built.version.site_path.rglob("*.html"))
    print(json.dumps(told))


if __name__ == "__main__":  # the processes that check import this, too
    main()
