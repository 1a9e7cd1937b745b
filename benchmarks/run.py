"""Measures Rejoinder beside what its users would use instead, and writes docs/benchmarks.md.

Each section says when and how it was measured. `python benchmarks/run.py --help` lists the options. Another section is
a function that returns Markdown: add it to `_sections`.
"""

from __future__ import annotations

import argparse
import re
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

_SECTIONS: Final = (
    "builds",
    "checks-by-others",
    "import",
    "questions",
    "questions-real",
    "site",
    "pages",
    "server",
    "pushes",
)
_ON_BUILDS: Final = ("checks-by-others", "questions", "site", "pages")
_ONLY: Final = f"measure these sections, of {', '.join(_SECTIONS)}, and leave the others as they stand in the file"
_MARK: Final = "<!-- section: {} -->"

Section = Callable[[], str]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures, prints the tables and writes them; sections that are not asked for stay as they stand in the file."""
    options = _options(arguments)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    parts = _standing(options.output)
    with tempfile.TemporaryDirectory(prefix="rejoinder-bench-") as folder:
        sections = _sections(Path(folder), options)
        for name in [name for name in sections if name in options.only]:
            print(f"measuring: {name}", file=sys.stderr, flush=True)
            parts[name] = f"{sections[name]()}\n\n{machine.measured(_command(options))}"
            marked = [f"{_MARK.format(name)}\n\n{parts[name]}" for name in sections if name in parts]
            text = "\n\n".join([machine.HEAD, *marked]) + "\n"
            options.output.write_text(text, encoding="utf-8")  # after each: a run that is stopped has told something
    print(text)


def _standing(output: Path) -> dict[str, str]:
    """Return the sections that stand in the file, by their names."""
    text = output.read_text(encoding="utf-8") if output.exists() else machine.HEAD
    if not text.startswith(machine.HEAD.partition("\n\n")[0]):
        sys.exit(f"{output}: these are no benchmarks; name another file with --output")
    _, *pairs = re.split(_MARK.format("(.+)"), text)
    return {name: part.strip() for name, part in zip(pairs[::2], pairs[1::2], strict=True)}


def _command(options: argparse.Namespace) -> str:
    only = "" if options.only == _SECTIONS else f" --only {' '.join(options.only)}"
    return f"python benchmarks/run.py --largest {options.largest} --rounds {options.rounds}{only}"


def _sections(folder: Path, options: argparse.Namespace) -> Mapping[str, Section]:
    """Return what is measured, in the order of `_SECTIONS`; the first makes the projects that others take."""
    sizes = {size: turns for size, turns in _TURNS.items() if size <= options.largest}
    known = tuple(sizes)
    few = tuple(size for size in known if size <= 10)
    sections = (
        partial(builds.section, folder, options.output, sizes),
        partial(rivals.section, folder, few, min(known[-1], 1_000)),
        partial(rivals.imported, folder, 1),
        partial(asked.section, folder, known, 100),
        partial(asked.of_records, folder / "records"),
        partial(sites.section, folder, tuple(size for size in known if size <= 1_000)),
        partial(sites.pages, folder / str(known[0]), folder / "npm", options.rounds),
        partial(server.section, folder / "server", 10, options.rounds),
        partial(pushes.section, folder / "pushes", 1_000, options.rounds),
    )
    return dict(zip(_SECTIONS, sections, strict=True))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure Rejoinder beside what its users would use instead.")
    sizes = ", ".join(f"{size:,}" for size in _TURNS)
    parser.add_argument("--largest", type=int, default=10_000, help=f"the largest corpus of {sizes} reports (10000)")
    parser.add_argument("--rounds", type=int, default=3, help="how often server and pushes are measured (3)")
    parser.add_argument("--only", nargs="+", choices=_SECTIONS, default=_SECTIONS, metavar="SECTION", help=_ONLY)
    parser.add_argument("--output", type=Path, default=_OUTPUT, help="the Markdown file to write (docs/benchmarks.md)")
    options = parser.parse_args(arguments)
    needing = [name for name in options.only if name in _ON_BUILDS]
    if needing and _SECTIONS[0] not in options.only:
        parser.error(f"{needing[0]} takes the projects that {_SECTIONS[0]} makes; name both")
    return options


if __name__ == "__main__":
    main()
