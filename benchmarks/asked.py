"""Every stored question, asked of the store on disk by us and by bare pyoxigraph, and of an rdflib graph in memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from answers import Answer, answers
from figures import ratio, seconds, table

_PATIENCE: Final = 20
"""Seconds after which the next question is asked."""

Told = Mapping[str, Mapping[str, Answer]]
"""The answers by contender, we first, and question."""


def section(folder: Path, sizes: tuple[int, ...], slow: int) -> str:
    """The questions asked of the projects in `folder`; rdflib only of those with at most `slow` reports."""
    intro = f"""## Stored questions

Each question asked once in a process, with its parameters' defaults, and read to the last row. rdflib has its graph in
memory, parsed before the clock starts, and is asked up to {slow:,} reports. A *ratio* is the other's time by ours:
below 1, the other is faster. *Same* says whether all who answered give the same rows. A question that was not answered
after {_PATIENCE} s counts with that time, as a lower bound; rdflib fails at some that have no answer in these data."""
    return "\n\n".join([intro, *(_asked(folder / str(size), size, slow) for size in sizes)])


def _asked(folder: Path, size: int, slow: int) -> str:
    told = {
        "ours": answers("rejoinder_ask", folder, patience=_PATIENCE),
        "pyoxigraph": answers("pyoxigraph_ask", folder, patience=_PATIENCE),
    }
    if size <= slow:
        given = (str(_PATIENCE), folder, folder / "dump" / "dataset.nt")
        told["rdflib"] = answers("rdflib_ask", *given, patience=_PATIENCE, stops_itself=True)
    names = sorted(told["ours"], key=lambda name: -told["ours"][name].seconds)
    rows = [_row("**all, the sum**", told, names), *(_row(name, told, [name]) for name in names)]
    head = ["question", "ours", *(words for other in list(told)[1:] for words in (other, "ratio")), "same"]
    return f"### Reports: {size:,}\n\n{table(head, rows)}"


def _row(title: str, told: Told, names: list[str]) -> list[str]:
    ours, ours_late = _sum(told["ours"], names)
    cells = [title, f"over {seconds(ours)}" if ours_late else seconds(ours)]
    for other in list(told)[1:]:
        theirs, late = _sum(told[other], names)
        cells += [f"over {seconds(theirs)}" if late else seconds(theirs), _ratio(theirs, ours, late, ours_late)]
    return [*cells, _agreement([{one[name].digest for one in told.values()} - {None} for name in names])]


def _agreement(digests: list[set[str | None]]) -> str:
    """Whether the rows are the same, of each question that was answered."""
    answered = [found for found in digests if found]
    same = sum(len(found) == 1 for found in answered)
    if len(digests) > 1:
        return f"{same} of {len(answered)}"
    return ("yes" if same else "**no**") if answered else "–"


def _sum(found: Mapping[str, Answer], names: list[str]) -> tuple[float, bool]:
    """The seconds that the questions took together, and whether one was not answered in time."""
    return sum(found[name].seconds for name in names), any(found[name].is_late for name in names)


def _ratio(theirs: float, ours: float, late: bool, ours_late: bool) -> str:
    """Theirs by ours; a bound where one is, and none where both are."""
    if late and ours_late:
        return "–"
    bound = "over " if late else "under " if ours_late else ""
    return bound + ratio(theirs, ours)
