"""Measures Rejoinder beside what its users would use instead, and writes docs/benchmarks.md.

Whatever stands in its tables was measured in one run. `python benchmarks/run.py --help` lists the options. Another
section is a function that returns Markdown: add it to `_sections`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import asked
import builds
import corpus
import machine
import pushes
import rivals
import server
import sites

_OUTPUT: Final = corpus.ROOT / "docs" / "benchmarks.md"

_TURNS: Final = {1: 3, 10: 3, 100: 2, 1_000: 1, 10_000: 1}
"""How often corpora of so many reports are built. 1,000 take seven minutes, 10,000 half an hour and 15 GB of disk."""

Section = Callable[[], str]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures, prints the tables and writes them."""
    options = _options(arguments)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    command = f"python benchmarks/run.py --largest {options.largest} --rounds {options.rounds}"
    with tempfile.TemporaryDirectory(prefix="rejoinder-bench-") as folder:
        parts = []
        for name, section in _sections(Path(folder), options).items():
            print(f"measuring: {name}", file=sys.stderr, flush=True)
            parts.append(section())
            text = "\n\n".join([machine.head(command), *parts]) + "\n"
            options.output.write_text(text, encoding="utf-8")  # after each: a run that is stopped has told something
    print(text)


def _sections(folder: Path, options: argparse.Namespace) -> Mapping[str, Section]:
    """What is measured, in this order; the first makes the projects that the others take."""
    sizes = {size: turns for size, turns in _TURNS.items() if size <= options.largest}
    known = tuple(sizes)
    few = tuple(size for size in known if size <= 10)
    return {
        "builds": partial(builds.section, folder, options.output, sizes),
        "the same checks by others": partial(rivals.section, folder, few, min(known[-1], 1_000)),
        "the real import": partial(rivals.imported, folder, 1),
        "questions": partial(asked.section, folder, tuple(size for size in known if size <= 1_000), 10),
        "site": partial(sites.section, folder, tuple(size for size in known if size <= 1_000)),
        "the server under load": partial(server.section, folder / "server", 10, options.rounds),
        "pushes": partial(pushes.section, folder / "pushes", 1_000, options.rounds),
    }


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure Rejoinder beside what its users would use instead.")
    sizes = ", ".join(f"{size:,}" for size in _TURNS)
    parser.add_argument("--largest", type=int, default=10_000, help=f"the largest corpus of {sizes} reports (10000)")
    parser.add_argument("--rounds", type=int, default=3, help="how often server and pushes are measured (3)")
    parser.add_argument("--output", type=Path, default=_OUTPUT, help="the Markdown file to write (docs/benchmarks.md)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
