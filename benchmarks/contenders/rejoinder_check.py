"""Rejoinder: check every dossier of the project in a folder, with all cores."""

import json
import sys
import time

from held import held

import rejoinder
from rejoinder.building.parallel import all_cores


def main() -> None:
    """One check."""
    project = rejoinder.open_project(sys.argv[1])
    check = rejoinder.check  # imported here, before the clock starts
    start = time.perf_counter()
    checkup = check(project, jobs=all_cores())
    seconds = time.perf_counter() - start
    if not checkup.clean:
        sys.exit(f"the corpus does not pass its check: {checkup.problems[:3]} {checkup.findings[:3]}")
    told = {"seconds": seconds, "statements": checkup.statements, "results": len(checkup.findings)}
    print(json.dumps(told | {"peak": held(all_cores())}))


if __name__ == "__main__":  # the processes that check import this, too
    main()
