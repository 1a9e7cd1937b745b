"""The results as Markdown: medians side by side, and how many times the one is the other."""

from __future__ import annotations

import datetime
import os
import platform
import statistics
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Final

from measure import Sample

_LIBRARIES: Final = ("rejoinder", "pyoxigraph", "shacl", "rdflib", "pyshacl", "PyYAML", "PyLD")
_STEPS: Final = {
    "first": "first build",
    "unchanged": "build, nothing changed",
    "changed": "build, one report changed",
    "load": "Oxigraph: bulk load of the same quads",
}


@dataclass(frozen=True)
class Corpus:
    """The builds of so many reports; the samples are called as in `_STEPS`."""

    reports: int
    samples: Mapping[str, Sample]

    @property
    def quads(self) -> int:
        """How many quads the version holds."""
        return int(self.samples["first"].told["quads"])


@dataclass(frozen=True)
class Answer:
    """One question: median seconds of both, and whether all their rows are the same."""

    name: str
    ours: float
    theirs: float
    same: bool


@dataclass(frozen=True)
class Questions:
    """The stored questions asked of so many reports; the samples are `rejoinder` and `rdflib`."""

    reports: int
    samples: Mapping[str, Sample]

    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        """Every question, by name."""
        ours, theirs = self.samples["rejoinder"], self.samples["rdflib"]
        return tuple(
            Answer(name, _median(ours, name), _median(theirs, name), _digest(ours, name) == _digest(theirs, name))
            for name in sorted(ours.told["answers"])
        )

    @property
    def sums(self) -> tuple[float, float]:
        """The sums of the medians, ours and theirs."""
        return sum(answer.ours for answer in self.answers), sum(answer.theirs for answer in self.answers)


@dataclass(frozen=True)
class Results:
    """All that was measured; `check` holds the samples `rejoinder` and `pyshacl`."""

    check: Mapping[str, Sample]
    corpora: tuple[Corpus, ...]
    questions: tuple[Questions, ...]


def markdown(results: Results, command: str, repetitions: int) -> str:
    """The results as a Markdown document."""
    parts = (
        _head(command, repetitions),
        _check(results.check),
        *_builds(results.corpora),
        *_questions(results.questions),
    )
    return "\n\n".join(parts) + "\n"


def _median(sample: Sample, name: str) -> float:
    return statistics.median(float(run.told["answers"][name]["seconds"]) for run in sample.runs)


def _digest(sample: Sample, name: str) -> str:
    return str(sample.told["answers"][name]["digest"])


def _head(command: str, repetitions: int) -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    load = os.getloadavg()[2]
    return f"""# Benchmarks

<!-- Written by benchmarks/run.py: run it again, do not edit. -->

Every run is a process of its own, started cold with the files in the system's cache; contenders take turns. Figures
are medians of {repetitions} runs. *Whole* is the time from the start of the process to its end, with least and most in
brackets; *work* is the call alone, imports done; *processor* is the time of all cores together, which other programs on
the machine disturb less; *peak* is the most memory the process held (`ru_maxrss`). A *ratio* says how many times as
much a line takes as the line it is compared with.

| | |
|---|---|
| date | {datetime.datetime.now(datetime.UTC).date().isoformat()} |
| command | `{command}` |
| processor | {_processor()}, {os.cpu_count()} cores |
| memory | {_gigabytes()} |
| system | {_system()} |
| Python | {platform.python_implementation()} {platform.python_version()} |
| libraries | {libraries} |
| load when it ended | {load:.1f} on average over 15 minutes, our own runs included |{_caution(load)}"""


def _caution(load: float) -> str:
    """A warning, where more wanted to run than there are cores: a run keeps one busy, seldom more."""
    if load <= (os.cpu_count() or 1):
        return ""
    return "\n\n**Other programs kept this machine busy: trust the processor times and the ratios, not the seconds.**"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def _gigabytes() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"


def _system() -> str:
    if sys.platform == "linux":
        return f"{platform.freedesktop_os_release().get('PRETTY_NAME', 'Linux')}, {platform.machine()}"
    return f"{platform.system()} {platform.release()}, {platform.machine()}"


def _check(samples: Mapping[str, Sample]) -> str:
    ours, theirs = samples["rejoinder"], samples["pyshacl"]
    rows = [
        ["`rejoinder.check`", *_costs(ours), "1"],
        ["rdflib + pySHACL", *_costs(theirs), _ratio(theirs.whole, ours.whole)],
    ]
    table = _table(["", "whole", "work", "processor", "peak", "ratio of whole"], rows)
    return f"""## Check of the example dossier

`rejoinder.check` reads YAML and Turtle, derives, and validates {ours.told["statements"]:,} statements graph by graph;
the script (`benchmarks/contenders/pyshacl_check.py`) parses the exported Turtle, derived statements included, and
validates {theirs.told["statements"]:,} statements against the same shapes. Results found: {ours.told["results"]} and
{theirs.told["results"]}. Of the script's work, parsing is {_seconds(float(theirs.told["parsing"]))}.

{table}

Work alone: the script takes {_ratio(theirs.work, ours.work)} times as long; processor: \
{_ratio(theirs.processor, ours.processor)} times; memory: {_ratio(theirs.peak, ours.peak)} times."""


def _builds(corpora: Sequence[Corpus]) -> list[str]:
    intro = """## Build of a corpus

Copies of the example dossier, each with its own name, labels and lists of States (`benchmarks/corpus.py`), beside the
collections, ontology, shapes and questions. A build reads, derives, checks, stores and writes every export; bare
Oxigraph only loads the resulting N-Quads into a store on disk: the floor that no build can reach."""
    return [intro, *(_build(corpus) for corpus in corpora), _growth(corpora)]


def _build(corpus: Corpus) -> str:
    floor, first = corpus.samples["load"], corpus.samples["first"]
    rows = [
        [
            text,
            *_costs(corpus.samples[step]),
            _ratio(corpus.samples[step].whole, floor.whole),
            _ratio(corpus.samples[step].whole, first.whole),
        ]
        for step, text in _STEPS.items()
    ]
    head = ["", "whole", "work", "processor", "peak", "ratio to bulk load", "ratio to first build"]
    return f"### Reports: {corpus.reports}, quads: {corpus.quads:,}\n\n{_table(head, rows)}"


def _growth(corpora: Sequence[Corpus]) -> str:
    """How the cost follows the number of reports, from the smallest corpus to the largest."""
    least, most = corpora[0], corpora[-1]
    head = ["", *(f"reports: {corpus.reports}" for corpus in corpora), "ratio of last to first"]
    rows = [
        [text, *(_seconds(c.samples[step].whole) for c in corpora), _growth_of(least.samples[step], most.samples[step])]
        for step, text in _STEPS.items()
    ]
    quads = ["quads", *(f"{corpus.quads:,}" for corpus in corpora), _ratio(most.quads, least.quads)]
    return "### How it grows\n\n" + _table(head, [quads, *rows])


def _growth_of(least: Sample, most: Sample) -> str:
    return _ratio(most.whole, least.whole)


def _questions(measured: Sequence[Questions]) -> list[str]:
    intro = """## Stored questions

Each question asked once in a process, with its parameters' defaults, and read to the last row: of the Oxigraph store
on disk, and of one rdflib graph in memory, parsed from the exported Turtle before the clock starts. A *ratio* is
rdflib's time by ours: below 1, rdflib is faster. *Same* says whether both give the same rows."""
    rows = [_sum(questions) for questions in measured]
    head = ["reports", "questions", "Rejoinder, sum", "rdflib, sum", "ratio of sums", "median ratio", "same"]
    return [intro, _table(head, rows), *(_each(questions) for questions in measured)]


def _sum(questions: Questions) -> list[str]:
    ours, theirs = questions.sums
    middle = statistics.median(answer.theirs / answer.ours for answer in questions.answers)
    same = sum(answer.same for answer in questions.answers)
    count = len(questions.answers)
    return [
        str(questions.reports),
        str(count),
        _seconds(ours),
        _seconds(theirs),
        _ratio(theirs, ours),
        _ratio(middle, 1),
        f"{same} of {count}",
    ]


def _each(questions: Questions) -> str:
    rows = [
        [a.name, _seconds(a.ours), _seconds(a.theirs), _ratio(a.theirs, a.ours), "yes" if a.same else "**no**"]
        for a in sorted(questions.answers, key=lambda answer: -answer.ours)
    ]
    table = _table(["question", "Rejoinder", "rdflib", "ratio", "same"], rows)
    return f"### Every question, reports: {questions.reports}\n\nThe slowest of ours first.\n\n{table}"


def _costs(sample: Sample) -> list[str]:
    least, most = sample.spread
    return [
        f"{_seconds(sample.whole)} ({_seconds(least)} to {_seconds(most)})",
        _seconds(sample.work),
        _seconds(sample.processor),
        f"{sample.peak / 1e6:,.0f} MB",
    ]


def _seconds(seconds: float) -> str:
    if seconds < 0.9995:
        return f"{seconds * 1000:.3g} ms"
    return f"{seconds:.3g} s" if seconds < 999.5 else f"{seconds:,.0f} s"


def _ratio(part: float, whole: float) -> str:
    ratio = part / whole
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2g}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    aligned = ["---", *("---:" for _ in head[1:])]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, aligned, *rows))
