"""Measures Rejoinder beside what its users would use instead, and writes docs/benchmarks.md.

Whatever stands in its tables was measured in one run. `python benchmarks/run.py --help` lists the options.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import corpus
import measure
import report
from measure import Run, Sample
from report import Corpus, Questions, Results

_COLLECTIONS: Final = ("issue", "organisation", "person", "provision", "review", "state")
_SHAPES: Final = corpus.ROOT / "ontology" / "shapes.ttl"
_OUTPUT: Final = corpus.ROOT / "docs" / "benchmarks.md"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures, prints the tables and writes them."""
    options = _options(arguments)
    sizes = (1, 10) if options.quick else (1, 10, 100)
    asked = (1,) if options.quick else (1, 10)
    with tempfile.TemporaryDirectory(prefix="rejoinder-bench-") as folder:
        results = _measured(Path(folder), sizes, asked, options.repetitions)
    command = "python benchmarks/run.py" + (" --quick" if options.quick else "")
    text = report.markdown(results, command, options.repetitions)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(text, encoding="utf-8")
    print(text)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure Rejoinder beside what its users would use instead.")
    parser.add_argument("--quick", action="store_true", help="a corpus of up to 10 reports")
    parser.add_argument("--repetitions", type=int, default=3, help="runs of each measurement (3)")
    parser.add_argument("--output", type=Path, default=_OUTPUT, help="the Markdown file to write (docs/benchmarks.md)")
    return parser.parse_args(arguments)


def _measured(folder: Path, sizes: Sequence[int], asked: Sequence[int], repetitions: int) -> Results:
    """All results; of each size, the project that was built last stays for what comes after."""
    corpora = []
    for size in sizes:
        _say(f"build, reports: {size}")
        corpora.append(_builds(folder / str(size), size, repetitions))
    _say("check")
    check = _check(folder / "1", repetitions)
    questions = []
    for size in asked:
        _say(f"questions, reports: {size}")
        questions.append(_questions(folder / str(size), size, repetitions))
    return Results(check, tuple(corpora), tuple(questions))


def _say(step: str) -> None:
    print(f"measuring: {step}", file=sys.stderr, flush=True)


def _builds(folder: Path, reports: int, repetitions: int) -> Corpus:
    """First, unchanged and changed build of so many reports, and the bulk load of the same quads."""
    contenders: Mapping[str, Callable[[int], Run]] = {
        "first": partial(_first_build, folder, reports),
        "unchanged": lambda _: _told(measure.run("rejoinder_build", folder), is_new=False, changed=0),
        "load": lambda turn: measure.run("oxigraph_load", _exports(folder) / "dataset.nq", folder / f"bare-{turn}"),
        "changed": partial(_changed_build, folder, reports),
    }
    return Corpus(reports, measure.in_turns(contenders, repetitions))


def _first_build(folder: Path, reports: int, _turn: int) -> Run:
    shutil.rmtree(folder, ignore_errors=True)
    corpus.make_project(folder, reports)
    return _told(measure.run("rejoinder_build", folder), is_new=True)


def _changed_build(folder: Path, reports: int, turn: int) -> Run:
    corpus.change_one(folder, reports, turn)
    return _told(measure.run("rejoinder_build", folder), is_new=True, changed=1)


def _told(run: Run, **expected: object) -> Run:
    """The run, if it did what it was to measure.

    Raises:
        RuntimeError: it did not.
    """
    differing = {key: run.told[key] for key, value in expected.items() if run.told[key] != value}
    if differing:
        raise RuntimeError(f"the run measured something else: {differing} where {expected} was expected")
    return run


def _check(folder: Path, repetitions: int) -> dict[str, Sample]:
    """The check of the example dossier, and pySHACL over the statements it exports."""
    exports = _exports(folder)
    files = [exports / "report" / "kaz-upr-20.ttl", *(exports / f"{name}.ttl" for name in _COLLECTIONS)]
    contenders: Mapping[str, Callable[[int], Run]] = {
        "rejoinder": lambda _: measure.run("rejoinder_check", folder),
        "pyshacl": lambda _: measure.run("pyshacl_check", _SHAPES, *files),
    }
    return measure.in_turns(contenders, repetitions)


def _questions(folder: Path, reports: int, repetitions: int) -> Questions:
    """Every stored question, asked of the store on disk and of an rdflib graph."""
    files = sorted(_exports(folder).rglob("*.ttl"))
    contenders: Mapping[str, Callable[[int], Run]] = {
        "rejoinder": lambda _: measure.run("rejoinder_ask", folder),
        "rdflib": lambda _: measure.run("rdflib_ask", folder, *files),
    }
    return Questions(reports, measure.in_turns(contenders, repetitions))


def _exports(folder: Path) -> Path:
    return folder / "build" / "current" / "export"


if __name__ == "__main__":
    main()
