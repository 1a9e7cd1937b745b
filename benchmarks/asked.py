"""Every stored question, asked of the store on disk by us and by bare pyoxigraph, and of an rdflib graph in memory."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import measure
from figures import ratio, seconds, table
from measure import Run, Sample

_OURS: Final = "rejoinder_ask"
_PATIENCE: Final = 30
"""Seconds after which rdflib is asked the next question."""


def section(folder: Path, sizes: tuple[int, ...], slow: int) -> str:
    """The questions asked of the projects in `folder`; rdflib only of those with at most `slow` reports."""
    intro = f"""## Stored questions

Each question asked once in a process, with its parameters' defaults, and read to the last row. rdflib has its graph in
memory, parsed before the clock starts, and is asked up to {slow:,} reports. A *ratio* is the other's time by ours:
below 1, the other is faster. *Same* says whether all who answered give the same rows. A question that rdflib had not
answered after {_PATIENCE} s counts with that time, as a lower bound; it fails at some that have no answer in these
data."""
    return "\n\n".join([intro, *(_asked(folder / str(size), size, slow) for size in sizes)])


def _asked(folder: Path, size: int, slow: int) -> str:
    contenders: dict[str, Callable[[int], Run]] = {
        _OURS: lambda _: measure.run(_OURS, folder),
        "pyoxigraph_ask": lambda _: measure.run("pyoxigraph_ask", folder),
    }
    if size <= slow:
        contenders["rdflib_ask"] = lambda _: measure.run(
            "rdflib_ask", str(_PATIENCE), folder, folder / "dump" / "dataset.nt"
        )
    samples = measure.in_turns(contenders, 1)
    names = sorted(samples[_OURS].told["answers"], key=lambda name: -_seconds(samples[_OURS], name))
    rows = [_row("**all, the sum**", samples, names), *(_row(name, samples, [name]) for name in names)]
    others = [name.removesuffix("_ask") for name in samples if name != _OURS]
    head = ["question", "ours", *(words for other in others for words in (other, "ratio")), "same"]
    return f"### Reports: {size:,}\n\n{table(head, rows)}"


def _row(title: str, samples: Mapping[str, Sample], names: list[str]) -> list[str]:
    ours = sum(_seconds(samples[_OURS], name) for name in names)
    cells = [title, seconds(ours)]
    for other in samples:
        if other != _OURS:
            theirs = sum(_seconds(samples[other], name) for name in names)
            over = "over " if any(_digest(samples[other], name) == "late" for name in names) else ""
            cells += [over + seconds(theirs), over + ratio(theirs, ours)]
    digests = [{_digest(sample, name) for sample in samples.values()} - {"late", "none"} for name in names]
    same = sum(len(found) == 1 for found in digests)
    return [*cells, f"{same} of {len(names)}" if len(names) > 1 else ("yes" if same else "**no**")]


def _digest(sample: Sample, name: str) -> str:
    return str(sample.told["answers"][name]["digest"])


def _seconds(sample: Sample, name: str) -> float:
    return statistics.median(float(run.told["answers"][name]["seconds"]) for run in sample.runs)
