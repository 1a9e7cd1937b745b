"""Rejoinder: make the pages of the newest site, without their data, and write them into a folder.

The last argument is the number of processes; a build uses as many as there are cores.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from held import held

import rejoinder
from rejoinder import versions
from rejoinder.building.parallel import run_in_processes
from rejoinder.site import routes
from rejoinder.site.snapshot import Snapshot, open_snapshot

SHARE = 8


def write(snapshot: Snapshot, target: Path, stems: Iterable[str]) -> tuple[int, dict[str, Any]]:
    """Write the pages at these stems, and return their number of bytes, and what they found."""
    size = 0
    for stem in stems:
        content, place = routes.files(snapshot, stem)[routes.HTML].make().content, target / f"{stem}{routes.HTML}"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        size += len(content)
    return size, snapshot.found


def opened(folder: str) -> Snapshot:
    """Return the newest version of the project."""
    project = rejoinder.open_project(folder)
    return open_snapshot(project, versions.require_newest(project.build))


def writer(folder: str, target: Path) -> Callable[[Iterable[str]], tuple[int, dict[str, Any]]]:
    """Return the function that writes pages in a process of its own."""
    return partial(write, opened(folder), target)


def processor() -> float:
    """Return the seconds of processor that this process and its ended children took."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


if __name__ == "__main__":
    folder, target, jobs = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    start, used = time.perf_counter(), processor()
    snapshot = opened(folder)
    site = versions.require_newest(snapshot.project.build).site_path
    stems = sorted(path.relative_to(site).as_posix().removesuffix(routes.HTML) for path in site.rglob("*.html"))
    # As in a build, the pages that list the questions with an answer come last: by then it is known which have one.
    many = [stem for stem in stems if stem not in routes.LAST]
    shares = [many[at : at + SHARE] for at in range(0, len(many), SHARE)]
    here = partial(write, snapshot, target)
    made = (
        map(here, shares)
        if jobs == 1
        else run_in_processes("write pages", partial(writer, folder, target), shares, jobs)
    )
    size = 0
    for written, found in made:
        size += written
        snapshot.found.update(found)
    size += here([stem for stem in stems if stem in routes.LAST])[0]
    told = {"seconds": time.perf_counter() - start, "processor": processor() - used}
    print(json.dumps(told | {"pages": len(stems), "bytes": size, "peak": held(0)}))
