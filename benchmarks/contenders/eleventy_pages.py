"""Eleventy: as many pages as a site has, each with about as many bytes, the rows of a table of statements.

Its package is installed by npm into the folder that is given as the last argument, before the clock starts.
"""

import gzip
import html
import itertools
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

_PACKAGE = "@11ty/eleventy@3.1.8"
_ROW = "<tr><td>{{ row[0] }}</td><td>{{ row[1] }}</td><td>{{ row[2] }}</td></tr>"
_TEMPLATE = f"""---
pagination:
  data: pages
  size: 1
  alias: one
permalink: "{{{{ one.path }}}}"
---
<!doctype html><html lang="en"><head><title>{{{{ one.path }}}}</title></head><body><table>
{{%- for row in one.rows %}}{_ROW}{{% endfor -%}}
</table></body></html>
"""
_MARKUP = len("<tr><td></td><td></td><td></td></tr>")
_FRAME = 110
"""About as many bytes are around the table."""


def rows(site: Path) -> Iterator[list[str]]:
    """Yield the statements of the site as rows, again and again."""
    with gzip.open(site / "dataset.nt.gz", "rt", encoding="utf-8") as lines:
        every = [line.rstrip(" .\n").split(" ", 2) for line in lines]
    return itertools.cycle(every)


def pages(site: Path) -> Iterator[dict[str, object]]:
    """Yield a table for each page of the site, about as long as the page."""
    table = rows(site)
    for path in sorted(site.rglob("*.html")):
        left, found = path.stat().st_size - _FRAME, []
        while left > 0:
            row = next(table)
            left -= _MARKUP + sum(len(html.escape(cell).encode()) for cell in row)
            found.append(row)
        yield {"path": path.relative_to(site).as_posix(), "rows": found}


site, folder, packages = map(Path, sys.argv[1:])
packages.mkdir(exist_ok=True)
subprocess.run(["npm", "install", "--silent", "--no-audit", "--prefix", str(packages), _PACKAGE], check=True)  # noqa: S607
(folder / "_data").mkdir(parents=True)
(folder / "_data" / "pages.json").write_text(json.dumps(list(pages(site.resolve()))), encoding="utf-8")
(folder / "pages.njk").write_text(_TEMPLATE, encoding="utf-8")
program = packages.resolve() / "node_modules" / "@11ty" / "eleventy" / "cmd.cjs"
start, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
subprocess.run(["node", str(program), "--quiet"], cwd=folder, check=True, stdout=sys.stderr)  # noqa: S607
seconds, usage = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
processor = usage.ru_utime + usage.ru_stime - used.ru_utime - used.ru_stime
written = list((folder / "_site").rglob("*.html"))
told = {"pages": len(written), "bytes": sum(path.stat().st_size for path in written)}
print(json.dumps({"seconds": seconds, "processor": processor, "peak": usage.ru_maxrss * 1024} | told))
