"""Read, derive, check, store: corpora of growing size, beside a bare bulk load of the same quads."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import corpus
import measure
from figures import exponent, ratio, seconds, table, write_plot
from measure import Run, Sample, costs

_STEPS: Final = {
    "first": "first build, store only",
    "unchanged": "build, nothing changed",
    "changed": "build, one report changed",
    "check": "check alone",
    "load": "Oxigraph: bulk load of the same quads",
}
_WITHOUT_FLOOR: Final = 10_000
"""From so many reports on the floor, which needs the dump, is not measured: that would take twenty gigabytes."""

_TARGETS: Final = """To reach on two cores: the first build at most 2 times the bulk load, the check at most 1 time,
the exponent at most 1.05, one changed report within 1 s whatever the number."""


_SHORT: Final = """### What misses its goal, and why

*The first build and the check.* A report of 3,278 statements costs about 95 ms of processor time before it is stored:
SHACL takes two fifths, JSON-LD and derivation a seventh each, YAML an eighth, and Python around them the rest. The bulk
load of a report alone costs 36 to 41 ms, and our load stores each statement twice, the second time for the union of all
graphs, which Oxigraph would otherwise count wrongly. After the first load, the store merges its layers once; this
takes a tenth of a build of 1,000 reports and makes lookups four times as fast. So two cores cannot check as fast as the
bulk load, nor build within twice its time. Three changes would help: planning SPARQL constraints once per shape and not
for each node; deriving and checking in one store, without Python values; a union without duplicates in the engine.

*One changed report.* A build costs almost half a second (it reads and checks collections, and opens, edits and
closes the store), plus about 0.04 ms for each other report: its name, the state of its file, and its line in the
manifest. So one of 10,000 is published within a second, and one of 30,000 would not be. A watch on the files, or a
manifest in parts, would save this time.

*Memory.* A build holds one report per process, a batch of 32 MB of lines per core on its way into the store, and for
each report its entry in the manifest, its findings, and what it says about shared nodes; the tables of the store grow,
too. Together this is about 50 KB per report, whose statements take 750 KB as lines.

*Not measured.* The bulk load of 10,000 reports, whose dump takes 20 GB."""


@dataclass(frozen=True)
class Corpus:
    """The builds of so many reports; the samples are called as in `_STEPS`."""

    reports: int
    samples: Mapping[str, Sample]

    @property
    def quads(self) -> int:
        """How many quads the version holds."""
        return int(self.samples["first"].told["quads"])


def section(folder: Path, output: Path, sizes: Mapping[int, int]) -> str:
    """Build so many reports, each so many times; the projects stay in `folder` for the sections to come."""
    corpora = [_measured(folder / str(size), size, turns) for size, turns in sizes.items()]
    turns = ", ".join(f"{turn} of {size}" for size, turn in sizes.items())
    intro = f"""## Read, derive, check, store

The data are copies of the example dossier, each with its own name, labels and lists of States (`benchmarks/corpus.py`),
with the collections, ontology, shapes and questions. A build reads, derives, checks and stores with all cores. Oxigraph
alone only loads the resulting N-Quads into a store on disk, which is the lower bound.

Runs: {turns}. {_TARGETS}"""
    return "\n\n".join([intro, *map(_table, corpora), _growth(corpora, output), _SHORT])


def _measured(folder: Path, reports: int, turns: int) -> Corpus:
    contenders: Mapping[str, Callable[[int], Run]] = {
        "first": partial(_first, folder, reports),
        "unchanged": lambda _: measure.told(measure.run("rejoinder_build", folder), is_new=False, changed=0),
        "check": lambda _: measure.run("rejoinder_check", folder),
        "load": lambda turn: _load(folder, turn),
        "changed": partial(_changed, folder, reports),
    }
    if reports >= _WITHOUT_FLOOR:
        contenders = {name: contender for name, contender in contenders.items() if name != "load"}
    return Corpus(reports, measure.in_turns(contenders, turns))


def _first(folder: Path, reports: int, _turn: int) -> Run:
    shutil.rmtree(folder, ignore_errors=True)
    corpus.make_project(folder, reports)
    return measure.told(measure.run("rejoinder_build", folder), is_new=True)


def _load(folder: Path, turn: int) -> Run:
    if not (folder / "dump").exists():
        measure.run("dump", folder, folder / "dump")
    bare = folder / f"bare-{turn}"
    run = measure.run("oxigraph_load", folder / "dump" / "dataset.nq", bare)
    shutil.rmtree(bare)
    return run


def _changed(folder: Path, reports: int, turn: int) -> Run:
    corpus.change_one(folder, reports, turn)
    return measure.told(measure.run("rejoinder_build", folder), is_new=True, changed=1)


def _table(one: Corpus) -> str:
    floor = one.samples.get("load")
    rows = [
        [text, *costs(one.samples[step]), ratio(one.samples[step].work, floor.work) if floor else "–"]
        for step, text in _STEPS.items()
        if step in one.samples
    ]
    head = ["", "whole", "work", "processor", "peak", "work, ratio to bulk load"]
    return f"### Reports: {one.reports:,}, quads: {one.quads:,}\n\n{table(head, rows)}"


def _growth(corpora: list[Corpus], output: Path) -> str:
    """How the work follows the number of quads: seconds a step, and the exponent of the power law that fits best."""
    head = ["work", *(f"{one.reports:,}" for one in corpora), "exponent"]
    lines = {
        text: [(float(one.quads), one.samples[step].work) for one in corpora if step in one.samples]
        for step, text in _STEPS.items()
    }
    rows = [
        [
            text,
            *(seconds(one.samples[step].work) if step in one.samples else "–" for one in corpora),
            f"{exponent(lines[text]):.2f}" if len(lines[text]) > 1 else "–",
        ]
        for step, text in _STEPS.items()
    ]
    shown = write_plot(output.with_name("benchmarks-growth.svg"), lines, "quads", "seconds")
    note = "The exponent is fitted over quads, logarithms by least squares."
    return f"### How it grows\n\n{note}\n\n{table(head, rows)}\n\n{shown}"
