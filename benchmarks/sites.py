"""The site: pages a second, what it costs to change one report, and the pages beside those of a site generator."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Callable
from pathlib import Path

import corpus
import measure
from figures import ratio, seconds, table


def section(folder: Path, sizes: tuple[int, ...]) -> str:
    """Build the sites of the projects in `folder`, whose stores stand already: all of each, then one report changed."""
    rows = []
    for size in sizes:
        first = measure.run("rejoinder_build", folder / str(size), "site")
        corpus.change_one(folder / str(size), size, 1_000)
        changed = measure.told(measure.run("rejoinder_build", folder / str(size), "site"), changed=1)
        pages = int(first.told["pages"])
        rate = f"{pages / first.work:.1f}"
        rows.append([f"{size:,}", f"{pages:,}", seconds(first.work), rate, seconds(changed.work)])
    head = ["reports", "pages", "exports and site, first", "pages a second", "one report changed, store and site"]
    return f"""## The site

Exports, pages and their data are written from an existing store; then once more after one report changed, with reading
and checking. One run each.

{table(head, rows)}"""


def pages(folder: Path, packages: Path, turns: int) -> str:
    """Make the pages of the example in `folder`, in turn with Eleventy, which npm installs into `packages`."""
    head = "## Pages alone, beside a site generator"
    if shutil.which("npm") is None:
        return f"{head}\n\nLeft out: npm is not here."
    measure.run("rejoinder_build", folder, "site")
    site = folder / "build" / "site"
    contenders: dict[str, Callable[[Path], measure.Run]] = {
        "Rejoinder, one process": lambda target: measure.run("rejoinder_pages", folder, target, "1"),
        "Rejoinder, two processes": lambda target: measure.run("rejoinder_pages", folder, target, "2"),
        "Eleventy 3.1.8": lambda target: measure.run("eleventy_pages", site, target, packages),
    }
    runs: dict[str, list[measure.Run]] = {title: [] for title in contenders}
    for _ in range(turns):
        for title, make in contenders.items():
            target = folder.parent / "pages"
            runs[title].append(make(target))
            shutil.rmtree(target)
    samples = {title: measure.Sample(tuple(found)) for title, found in runs.items()}
    used = {title: statistics.median(run.told["processor"] for run in found) for title, found in runs.items()}
    last = list(contenders)[-1]
    rows = [
        [
            title,
            f"{int(sample.told['pages']):,}",
            f"{sample.told['bytes'] / 1e6:.1f} MB",
            seconds(sample.work),
            ratio(sample.work, samples[last].work),
            seconds(used[title]),
            ratio(used[title], used[last]),
        ]
        for title, sample in samples.items()
    ]
    columns = ["", "pages", "written", "work", "ratio", "processor", "ratio"]
    return f"""{head}

The pages of the example, without their data, from its store; and as many pages of as many bytes that Eleventy writes
from tables of statements as JSON, each row of a table with the same three cells. To reach: 3 times Eleventy's time.
Eleventy reads no store, and asks no question. A build uses as many processes as there are cores; Eleventy has one,
with threads. Runs in turn: {turns}.

{table(columns, rows)}"""
