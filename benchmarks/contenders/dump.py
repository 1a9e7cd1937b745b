"""Not measured: the newest version of a project as N-Quads, and what shapes are to check in it as N-Triples."""

import json
import sys
from pathlib import Path

import rejoinder
from rejoinder import versions
from rejoinder.rdf import terms

project, folder = rejoinder.open_project(sys.argv[1]), Path(sys.argv[2])
store = versions.require_newest(project.build).open()
folder.mkdir(exist_ok=True)
with (folder / "dataset.nq").open("wb") as quads, (folder / "dataset.nt").open("wb") as triples:
    for graph in store.named_graphs():
        lines = b"".join(f"{quad} .\n".encode() for quad in store.quads_for_pattern(None, None, None, graph))
        quads.write(lines)
        if terms.text(graph).startswith(project.base) and not terms.text(graph).endswith("/question/"):
            triples.write(lines.replace(f" {graph} .\n".encode(), b" .\n"))
print(json.dumps({"seconds": 0}))
