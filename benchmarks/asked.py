"""Every stored question, asked of the store on disk by us and by bare pyoxigraph, and of an rdflib graph in memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import corpus
import measure
from answers import Answer, answers
from figures import ratio, seconds, table

_PATIENCE: Final = 10
"""Seconds after which the next question is asked: as long as the server lets a query run, unless told otherwise."""

_PATIENCE_WITH_RECORDS: Final = 120
"""Of the clock on the wall: on a busy machine, 10 s of the processor may take as long."""

_RECORDS: Final = "## Stored questions over the real records"

Told = Mapping[str, Mapping[str, Answer]]
"""The answers by contender, we first, and question."""
Sum = tuple[float, bool]
"""Seconds, and whether they are a lower bound."""


def section(folder: Path, sizes: tuple[int, ...], slow: int) -> str:
    """Ask the questions of the projects in `folder`; rdflib only of those with at most `slow` reports."""
    intro = f"""## Stored questions

Each program answers each question once, with the defaults of its parameters, to the last row. They run in turn, each
in a process that asks one question after the other. rdflib has its graph in memory, parsed before the clock starts, and
is asked up to {slow:,} reports. A question not answered after {_PATIENCE} s, as long as our server lets a query run,
counts with that time, as a lower bound, and a new process, whose memory is cold, asks the next. A *ratio* is the
other's time divided by ours: below 1, the other is faster. *Same* says whether all answers had the same rows. rdflib
fails at some questions that have no answer in these data; they are left out of its sum, and of the sums' ratio. Where a
sub-query with GROUP BY finds nothing, it goes on with an empty row, and names all there is: there rows differ."""
    return "\n\n".join([intro, *(_asked(folder / str(size), size, slow) for size in sizes)])


def of_records(folder: Path) -> str:
    """Ask the questions of the example dossier beside every real export; the project is made in `folder`."""
    files = sorted(corpus.REAL_EXPORTS.glob("upr-info*/*.csv"))
    if not files:
        return f"{_RECORDS}\n\nLeft out: the exports of UPR Info are not here (`../shared/realdata`)."
    corpus.make_project(folder, 1)
    run = measure.run("rejoinder_import", folder, *files)
    told = _told(folder, "process_time", _PATIENCE_WITH_RECORDS)
    return f"""{_RECORDS}

All rows of the exports of UPR Info beside the example dossier, {int(run.told["quads"]):,} quads. Each question asked
once, with its parameters' defaults, and read to the last row; one contender after the other, each in a process that
asks one question after the other. Times are of the processor; below 20 ms they say little. No question is to take more
than {_PATIENCE} s; the slowest takes {seconds(max(answer.seconds for answer in told["ours"].values()))}.

{_answers_table(told)}"""


def _told(folder: Path, clock: str, patience: float) -> dict[str, dict[str, Answer]]:
    """Return what we and bare pyoxigraph answer from the store of the project in `folder`."""
    return {
        "ours": answers("rejoinder_ask", folder, clock, patience=patience),
        "pyoxigraph": answers("pyoxigraph_ask", folder, clock, patience=patience),
    }


def _asked(folder: Path, size: int, slow: int) -> str:
    told = _told(folder, "perf_counter", _PATIENCE)
    if size <= slow:
        given = (str(_PATIENCE), folder, folder / "dump" / "dataset.nt")
        told["rdflib"] = answers("rdflib_ask", *given, patience=_PATIENCE, stops_itself=True)
    return f"### Reports: {size:,}\n\n{_answers_table(told)}"


def _answers_table(told: Told) -> str:
    """Return the questions, the slowest first, with what each contender took."""
    names = sorted(told["ours"], key=lambda name: -told["ours"][name].seconds)
    rows = [_row("**all, the sum**", told, names), *(_row(name, told, [name]) for name in names)]
    head = ["question", "ours", *(words for other in list(told)[1:] for words in (other, "ratio")), "same"]
    return table(head, rows)


def _row(title: str, told: Told, names: list[str]) -> list[str]:
    """Return the seconds of the questions together, by contender, with the ratio to us where both answered."""
    cells = [title, _time(_sum(told["ours"], names))]
    for other in list(told)[1:]:
        answered = [name for name in names if not told[other][name].failed]
        theirs = _sum(told[other], answered)
        cells += [_time(theirs), _ratio(theirs, _sum(told["ours"], answered))] if answered else ["fails", "–"]
    return [*cells, _agreement(told, names)]


def _agreement(told: Told, names: list[str]) -> str:
    """Whether the rows are the same, of each question that two or more answered."""
    digests = [[one[name].digest for one in told.values() if one[name].digest] for name in names]
    compared = [found for found in digests if len(found) > 1]
    same = sum(len(set(found)) == 1 for found in compared)
    if len(names) > 1:
        return f"{same} of {len(compared)}"
    return ("yes" if same else "**no**") if compared else "–"


def _sum(found: Mapping[str, Answer], names: list[str]) -> Sum:
    return sum(found[name].seconds for name in names), any(found[name].is_late for name in names)


def _time(taken: Sum) -> str:
    return f"over {seconds(taken[0])}" if taken[1] else seconds(taken[0])


def _ratio(theirs: Sum, ours: Sum) -> str:
    """Theirs by ours; a bound where one is, and none where both are."""
    if theirs[1] and ours[1]:
        return "–"
    bound = "over " if theirs[1] else "under " if ours[1] else ""
    return bound + ratio(theirs[0], ours[0])
