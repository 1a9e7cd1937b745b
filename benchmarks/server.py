"""Measures the server under load beside Oxigraph's own and rdflib-endpoint, with the same data and the same query.

wrk asks over loopback; the contenders take turns, each alone. `python benchmarks/server.py` prints the table, `section`
is for `run.py`. Where wrk is missing, nothing is measured and that is said.
"""

from __future__ import annotations

import argparse
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import httpx

import corpus
import rejoinder

_QUESTION: Final = "who-raised-what"
_HOST: Final = "127.0.0.1"
_CONNECTIONS: Final = 8
_ATTACKERS: Final = 4
_ATTACKED: Final = "Rejoinder, page of a report while hostile queries run"
_HOSTILE: Final = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
_UNITS: Final = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}
_LATENCY: Final = re.compile(r"^\s+(50|99)%\s+([\d.]+)(us|ms|s|m) *$", re.MULTILINE)
_RATE: Final = re.compile(r"^Requests/sec:\s+([\d.]+)$", re.MULTILINE)
_FAILED: Final = re.compile(r"Non-2xx or 3xx responses: (\d+)|Socket errors: .*timeout (\d+)")


@dataclass(frozen=True)
class Load:
    """What was answered under load: requests a second, median and 99th percentile in seconds, answers that failed."""

    rate: float
    median: float
    slowest: float
    failed: int


@dataclass(frozen=True)
class _Asked:
    """A program to start, with `{port}` for its port, and what is asked of it: a name, a path, a type.

    A slow one is asked so many times as long.
    """

    command: Sequence[str]
    asked: Sequence[tuple[str, str, str]]
    longer: int = 1


def measured(folder: Path, reports: int, repetitions: int, seconds: int) -> dict[str, tuple[Load, ...]]:
    """Measure the loads of each contender, one a round."""
    project = folder / "project"
    corpus.make_project(project, reports)
    built = rejoinder.build(rejoinder.open_project(project))
    if built.version is None:
        raise RuntimeError("the corpus was not built")
    contenders = _contenders(folder, project, built.version.export_path / "dataset.trig")
    loads: dict[str, list[Load]] = {}
    for _ in range(repetitions):
        for contender in contenders:
            with _running(contender) as address:
                for name, path, accept in contender.asked:
                    loads.setdefault(name, []).append(_load(f"{address}{path}", accept, seconds * contender.longer))
                if contender is contenders[0]:
                    _, path, accept = contender.asked[0]
                    with _attacked(f"{address}sparql"):
                        loads.setdefault(_ATTACKED, []).append(_load(f"{address}{path}", accept, seconds))
    return {name: tuple(each) for name, each in loads.items()}


def _contenders(folder: Path, project: Path, dump: Path) -> tuple[_Asked, ...]:
    query = rejoinder.list_questions(rejoinder.open_project(project))[_QUESTION].query
    asked = f"query={quote(query)}"
    oxigraph = str(Path(sys.executable).parent / "oxigraph")
    store, results = str(folder / "oxigraph"), "application/sparql-results+json"
    subprocess.run([oxigraph, "load", "--location", store, "--file", str(dump)], check=True, capture_output=True)
    ours = (sys.executable, "-m", "rejoinder", "serve", "-p", str(project), "--port", "{port}", "--log", "")
    return (
        _Asked(
            ours,
            (
                ("Rejoinder, page of a report", "report/kaz-upr-20", "text/html"),
                ("Rejoinder, stored question", f"question/{_QUESTION}", results),
                ("Rejoinder, its SPARQL", f"sparql?{asked}", results),
            ),
        ),
        _Asked(
            (oxigraph, "serve-read-only", "--location", store, "--bind", f"{_HOST}:{{port}}"),
            (("oxigraph serve, the same SPARQL", f"query?union-default-graph&{asked}", results),),
        ),
        _Asked(
            (sys.executable, str(corpus.ROOT / "benchmarks/contenders/rdflib_serve.py"), str(dump), "{port}"),
            (("rdflib-endpoint, the same SPARQL", f"?{asked}", results),),
            longer=12,
        ),
    )


@contextmanager
def _running(contender: _Asked) -> Iterator[str]:
    """Start the contender; yield its address, once it answers."""
    port = _free_port()
    command = [word.format(port=port) for word in contender.command]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://{_HOST}:{port}/"
    try:
        for _, path, accept in contender.asked:
            _wait(f"{address}{path}", accept, process)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def _attacked(url: str) -> Iterator[None]:
    """Clients who ask, without a pause, for more than any store can count."""
    over = threading.Event()

    def attack() -> None:
        with httpx.Client(timeout=120) as client:
            while not over.is_set():
                client.post(url, data={"query": _HOSTILE})

    with ThreadPoolExecutor(_ATTACKERS) as threads:
        for _ in range(_ATTACKERS):
            threads.submit(attack)
        try:
            yield
        finally:
            over.set()


def _free_port() -> int:
    with socket.create_server((_HOST, 0)) as free:
        return int(free.getsockname()[1])


def _wait(url: str, accept: str, process: subprocess.Popen[bytes]) -> None:
    """Wait for the first answer; what is asked must be answered, or there is nothing to compare."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(url, headers={"Accept": accept}, timeout=120).raise_for_status()
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"{process.args!r} does not answer")


def _load(url: str, accept: str, seconds: int) -> Load:
    command = ["wrk", "-t1", f"-c{_CONNECTIONS}", f"-d{seconds}s", "--timeout", "60s", "--latency"]
    answer = subprocess.run(
        [*command, "-H", f"Accept: {accept}", url], check=True, capture_output=True, text=True, timeout=seconds + 60
    )
    return parsed(answer.stdout)


def parsed(printed: str) -> Load:
    """Return what wrk printed, as figures."""
    latencies = {match[1]: float(match[2]) * _UNITS[match[3]] for match in _LATENCY.finditer(printed)}
    rate = _RATE.search(printed)
    failed = sum(int(number) for pair in _FAILED.findall(printed) for number in pair if number)
    if rate is None or latencies.keys() != {"50", "99"}:
        raise RuntimeError(f"wrk printed something else:\n{printed}")
    return Load(float(rate[1]), latencies["50"], latencies["99"], failed)


def markdown(loads: Mapping[str, Sequence[Load]], reports: int) -> str:
    """Return the loads as a section of the report; ratios are to the first row that asks SPARQL of another server."""
    rates = {name: statistics.median(load.rate for load in each) for name, each in loads.items()}
    base = next(rate for name, rate in rates.items() if name.startswith("oxigraph"))
    lines = [
        "## The server under load",
        "",
        f"{reports} reports, {_CONNECTIONS} connections kept open, the question `{_QUESTION}`. Rejoinder",
        "caches answers, and the clients repeat the same query; the others compute each answer.",
        "We query rdflib-endpoint for twelve times as long as the others. A dash means: no answer within the time.",
        "",
        "| | requests a second | times `oxigraph serve` | median, ms | 99th percentile, ms | failed |",
        "|---|---|---|---|---|---|",
    ]
    for name, each in loads.items():
        failed = sum(load.failed for load in each)
        times = f"{_milliseconds(load.median for load in each)} | {_milliseconds(load.slowest for load in each)}"
        lines.append(f"| {name} | {rates[name]:,.1f} | {rates[name] / base:.2f} | {times} | {failed} |")
    return "\n".join((*lines, ""))


def _milliseconds(latencies: Iterable[float]) -> str:
    """Return the median; a dash where nothing was answered in time."""
    found = statistics.median(latencies) * 1000
    return f"{found:.1f}" if found else "–"


def section(folder: Path, reports: int = 10, repetitions: int = 3, seconds: int = 5) -> str:
    """Return what is measured, as a section of the report."""
    if shutil.which("wrk") is None:
        return "## The server under load\n\nNot measured: wrk is not installed here.\n"
    return markdown(measured(folder, reports, repetitions, seconds), reports)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description="Measure the server under load beside others.")
    parser.add_argument("--reports", type=int, default=10)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rejoinder-load-") as folder:
        print(section(Path(folder), options.reports, options.repetitions, options.seconds))


if __name__ == "__main__":
    main()
