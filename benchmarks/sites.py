"""The site: pages a second, and what it costs to change one report."""

from __future__ import annotations

from pathlib import Path

import corpus
import measure
from figures import seconds, table


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
