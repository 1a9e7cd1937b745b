"""Rejoinder: check every dossier of the project in a folder, with all cores."""

import json
import sys
import time

import rejoinder
from rejoinder.building.workers import all_cores


def main() -> None:
    """One check."""
    project = rejoinder.open_project(sys.argv[1])
    start = time.perf_counter()
    checkup = rejoinder.check(project, jobs=all_cores())
    seconds = time.perf_counter() - start
    if not checkup.clean:
        sys.exit(f"the corpus does not pass its check: {checkup.problems[:3]} {checkup.findings[:3]}")
    print(json.dumps({"seconds": seconds, "statements": checkup.statements, "results": len(checkup.findings)}))


if __name__ == "__main__":  # the processes that check import this, too
    main()
