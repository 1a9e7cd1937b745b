"""Measures what a server answers that needs no query, while ten clients ask for whatever takes longest.

`python benchmarks/waiting.py PROJECT` serves the newest version of a project and prints a table: the latencies of pages
that need no query, alone and beside the ten clients, what these were answered, memory, and the time that SIGTERM takes.
"""

from __future__ import annotations

import argparse
import random
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import httpx

import rejoinder

_CLIENTS: Final = 10
_LIGHT: Final = ("-/healthy", "-/ready", "style.css", "icon.svg", "robots.txt")
_ENDLESS: Final = "sparql?query=SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
_LONG: Final = (
    "",
    "version/1/",
    "feed.xml",
    "version/1/dataset.trig",
    "sitemap.xml",
    "state/",
    "report/",
    "search.html",
)


def _latencies(client: httpx.Client, seconds: float) -> list[float]:
    """How long each answer took, one asked after the other."""
    taken, end = list[float](), time.monotonic() + seconds
    while time.monotonic() < end:
        for path in _LIGHT:
            begun = time.monotonic()
            client.get(path).raise_for_status()
            taken.append(time.monotonic() - begun)
    return taken


def _told(name: str, taken: list[float]) -> str:
    cuts = statistics.quantiles(taken, n=100)
    return f"| {name} | {len(taken)} | {cuts[49] * 1e3:.0f} ms | {cuts[98] * 1e3:.0f} ms |"


def _resident(process: int) -> int:
    """Return the memory that a process and its descendants hold, in megabytes."""
    own = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]) * 4096 // 1_000_000
    listed = " ".join(path.read_text(encoding="ascii") for path in Path(f"/proc/{process}/task").glob("*/children"))
    return own + sum(_resident(int(child)) for child in listed.split())


def measured(project: Path, seconds: float) -> str:
    """Measure, and return the table of a project."""
    questions = sorted(rejoinder.list_questions(rejoinder.open_project(project)))
    asked = (*_LONG, *(f"question/{name}.html" for name in questions), _ENDLESS)
    command = [sys.executable, "-m", "rejoinder", "serve", "-p", str(project), "--port", "0", "--log", ""]
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as server:
        try:
            return _table(server, asked, seconds)
        finally:
            server.kill()


def _table(server: subprocess.Popen[str], asked: tuple[str, ...], seconds: float) -> str:
    address = server.stdout.readline().split()[-1] if server.stdout else ""
    over, answers, longest = threading.Event(), Counter[int](), [0.0]

    def attack(number: int) -> None:
        chance = random.Random(number)  # noqa: S311  # no secret
        with httpx.Client(base_url=address, timeout=120) as client:
            while not over.is_set():
                begun = time.monotonic()
                answers[client.get(chance.choice((*asked, _ENDLESS, _ENDLESS))).status_code] += 1
                longest[0] = max(longest[0], time.monotonic() - begun)

    with httpx.Client(base_url=address, timeout=120) as client:
        client.get("-/ready").raise_for_status()
        before, alone = _resident(server.pid), _latencies(client, seconds / 4)
        with ThreadPoolExecutor(_CLIENTS) as threads:
            for number in range(_CLIENTS):
                threads.submit(attack, number)
            beside, most = _latencies(client, seconds), _resident(server.pid)
            over.set()
        time.sleep(2)
        after = _resident(server.pid)
        with ThreadPoolExecutor(_CLIENTS) as threads:
            for _ in range(_CLIENTS):
                threads.submit(httpx.get, address + _ENDLESS, timeout=120)
            time.sleep(1)
            begun = time.monotonic()
            server.send_signal(signal.SIGTERM)
            code, stopped = server.wait(), time.monotonic() - begun
    told = ", ".join(f"{number} × {status}" for status, number in sorted(answers.items()))
    lines = (
        "| pages that need no query | answers | median | 99th percentile |",
        "|---|---|---|---|",
        _told("alone", alone),
        _told("beside ten clients who ask any page and any question", beside),
        "",
        f"The ten were answered {told}; the longest took {longest[0]:.1f} s.",
        f"Memory of all processes: {before} MB before, {most} MB meanwhile, {after} MB after.",
        f"SIGTERM while ten endless queries ran: exit code {code} after {stopped:.1f} s.",
    )
    return "\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path)
    parser.add_argument("--seconds", type=float, default=30)
    arguments = parser.parse_args()
    print(measured(arguments.project, arguments.seconds))
