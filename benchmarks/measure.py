"""Measuring: each run is a process of its own; contenders take turns, so that no one gets the quiet minutes."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from figures import seconds

CONTENDERS: Final = Path(__file__).resolve().parent / "contenders"
_MAXRSS_UNIT: Final = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Run:
    """One run of a contender.

    Seconds from start to exit, of the work alone (imports done), and of all processors together; peak memory in bytes
    (of a contender with worker processes: its own, and that of the largest worker for each); and what the contender
    told.
    """

    whole: float
    work: float
    processor: float
    peak: int
    told: Mapping[str, Any]


@dataclass(frozen=True)
class Sample:
    """The runs of one contender."""

    runs: tuple[Run, ...]

    @property
    def whole(self) -> float:
        """Median seconds from start to exit."""
        return statistics.median(run.whole for run in self.runs)

    @property
    def work(self) -> float:
        """Median seconds of the work alone."""
        return statistics.median(run.work for run in self.runs)

    @property
    def processor(self) -> float:
        """Median seconds of all processors together: what other programs take away does not count."""
        return statistics.median(run.processor for run in self.runs)

    @property
    def peak(self) -> float:
        """Median of the peak memory, in bytes."""
        return statistics.median(run.peak for run in self.runs)

    @property
    def spread(self) -> tuple[float, float]:
        """Least and most seconds from start to exit."""
        return min(run.whole for run in self.runs), max(run.whole for run in self.runs)

    @property
    def told(self) -> Mapping[str, Any]:
        """What the last run told."""
        return self.runs[-1].told


def run(contender: str, *arguments: str | Path) -> Run:
    """One run of the script `contenders/{contender}.py`, which prints a JSON object with at least `seconds`.

    The process that calls this must stay small: Linux hands its memory to the child as the child's first peak.

    Raises:
        RuntimeError: the script failed; what it said is in the message.
    """
    command = [sys.executable, str(CONTENDERS / f"{contender}.py"), *map(str, arguments)]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        child = subprocess.Popen(command, stdout=out, stderr=err)
        _, status, usage = os.wait4(child.pid, 0)
        whole = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if child.returncode:
            raise RuntimeError(f"{contender} failed with {child.returncode}: {err.read().decode()[-2000:]}")
        told = json.loads(out.read())
    processor = usage.ru_utime + usage.ru_stime
    peak = int(told.get("peak", usage.ru_maxrss * _MAXRSS_UNIT))
    return Run(whole, float(told["seconds"]), processor, peak, told)


def in_turns(contenders: Mapping[str, Callable[[int], Run]], repetitions: int) -> dict[str, Sample]:
    """Run the contenders in turns, each given the number of the round."""
    rounds = [{name: contender(turn) for name, contender in contenders.items()} for turn in range(repetitions)]
    return {name: Sample(tuple(one[name] for one in rounds)) for name in contenders}


def told(run: Run, **expected: object) -> Run:
    """Return the run, if it did what it was to measure.

    Raises:
        RuntimeError: it did not.
    """
    differing = {key: run.told[key] for key, value in expected.items() if run.told[key] != value}
    if differing:
        raise RuntimeError(f"the run measured something else: {differing} where {expected} was expected")
    return run


def costs(sample: Sample) -> list[str]:
    """Return the cells of a table that say what the contender took: whole, work, processor, peak."""
    least, most = sample.spread
    return [
        f"{seconds(sample.whole)} ({seconds(least)} to {seconds(most)})",
        seconds(sample.work),
        seconds(sample.processor),
        f"{sample.peak / 1e6:,.0f} MB",
    ]
