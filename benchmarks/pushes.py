"""Measures `push` into each triple store beside the store's own loader and a plain upload of the same bytes.

A thousand small graphs; then nothing changed, and one graph changed. `python benchmarks/pushes.py` prints the table,
`section` is for `run.py`. The stores are those of the tests, each in a folder and a process of its own.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

import corpus
import measure
import smallgraphs

sys.path.append(str(corpus.ROOT / "tests"))  # where the stores are

from stores import base, fuseki, oxigraph, rdf4j, virtuoso  # found by the line above
from stores.base import RunningStore, Store  # as above

_STORES: Final[Mapping[str, Store]] = {"oxigraph": oxigraph, "fuseki": fuseki, "virtuoso": virtuoso, "rdf4j": rdf4j}
_TITLES: Final = {
    "oxigraph": "Oxigraph server",
    "fuseki": "Apache Jena Fuseki",
    "virtuoso": "Virtuoso",
    "rdf4j": "Eclipse RDF4J Server",
}


@dataclass(frozen=True)
class Pushes:
    """Median seconds with one store, whole processes: three pushes, its own loader and an upload where it has them."""

    store: str
    version: str
    push: float
    unchanged: float
    changed: float
    loader: float | None
    upload: float | None

    @property
    def nearest(self) -> float:
        """The quickest other way."""
        return min(way for way in (self.loader, self.upload) if way is not None)


def measured(folder: Path, graphs: int, repetitions: int, names: Sequence[str] = tuple(_STORES)) -> tuple[Pushes, ...]:
    """Measure the pushes into each store that this machine can run."""
    present = [name for name in names if _STORES[name].missing() is None]
    rounds = {
        name: [_round(folder / f"{name}-{turn}", name, graphs) for turn in range(repetitions)] for name in present
    }
    return tuple(_median(rounds[name]) for name in present)


def _round(folder: Path, name: str, graphs: int) -> Pushes:
    project = folder / "project"
    version = smallgraphs.make_project(project, graphs)
    dump = folder / "dataset.nq"
    smallgraphs.write_quads(version, dump)
    with _started(name, folder / "pushed") as store:
        first = _moved(project, store, graphs)
        second = _moved(project, store, 0)
        smallgraphs.change_one(project, 1)
        third = _moved(project, store, 1)
    return Pushes(name, store.version, first, second, third, _loaded(folder, name, dump), _uploaded(folder, name, dump))


def _moved(project: Path, store: RunningStore, expected: int) -> float:
    """Return the seconds that a push takes, which has to move so many graphs.

    Raises:
        RuntimeError: it moved more or fewer.
    """
    run = measure.run("rejoinder_push", project, store.query_url)
    if run.told["moved"] != expected:
        raise RuntimeError(f"{run.told['moved']} graphs travelled where {expected} were expected")
    return run.whole


def _uploaded(folder: Path, name: str, dump: Path) -> float | None:
    if name == "virtuoso":  # takes no N-Quads over HTTP
        return None
    with _started(name, folder / "uploaded") as store:
        url = store.update_url if name == "rdf4j" else store.graph_store_url
        seconds = measure.run("http_upload", url, dump).whole
        _require(store, len(dump.read_bytes().splitlines()))
        return seconds


def _loaded(folder: Path, name: str, dump: Path) -> float | None:
    place = folder / "loaded"
    loaders: Mapping[str, Callable[[Path, Path], float]] = {
        "oxigraph": lambda to, file: _timed("oxigraph", "load", "--location", to, "--file", file),
        "fuseki": _tdbloader,
        "virtuoso": _virtuoso_loader,
    }
    return loaders[name](place, dump) if name in loaders else None  # RDF4J has none but HTTP


def _tdbloader(place: Path, dump: Path) -> float:
    jar = base.from_maven(f"org.apache.jena:jena-fuseki-server:{fuseki.VERSION}")
    return _timed("java", "-cp", jar, "tdb2.tdbloader", "--loc", place, dump)


def _virtuoso_loader(place: Path, dump: Path) -> float:
    place.mkdir(parents=True)
    (place / dump.name).write_bytes(dump.read_bytes())
    with virtuoso.start(place) as store:
        start = time.perf_counter()
        for statement in (f"ld_dir('{place}', '*.nq', 'http://default')", "rdf_loader_run()", "checkpoint"):
            virtuoso.isql(place, statement)
        seconds = time.perf_counter() - start
        _require(store, len(dump.read_bytes().splitlines()))
    return seconds


def _require(store: RunningStore, statements: int) -> None:
    """Nothing, if the store holds so many statements of ours.

    Raises:
        RuntimeError: it does not.
    """
    query = (
        f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(STRSTARTS(STR(?g), '{smallgraphs.BASE}')) }}"
    )
    url = store.query_url.removesuffix("-auth")
    answer = httpx.post(url, data={"query": query}, headers={"Accept": "text/csv"}, timeout=600)
    if answer.text.split()[-1:] != [str(statements)]:
        raise RuntimeError(f"{store.name} holds {answer.text!r:.100} where {statements} statements were expected")


def _timed(*command: object) -> float:
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    start = time.perf_counter()
    words = [str(word) for word in command]
    subprocess.run(words, check=True, capture_output=True, env={**os.environ, "PATH": path})
    return time.perf_counter() - start


@contextmanager
def _started(name: str, folder: Path) -> Iterator[RunningStore]:
    """Start the store, empty, with its credentials in the environment."""
    with _STORES[name].start(folder) as store:
        given = {"NETRC": os.devnull, "REJOINDER_USER": store.username, "REJOINDER_PASSWORD": store.password}
        before = dict(os.environ)
        os.environ.update({key: value for key, value in given.items() if value})
        try:
            yield store
        finally:
            os.environ.clear()
            os.environ.update(before)


def _median(rounds: Sequence[Pushes]) -> Pushes:
    def middle(way: str) -> float | None:
        values = [value for value in (getattr(one, way) for one in rounds) if value is not None]
        return statistics.median(values) if values else None

    one = rounds[0]
    push, unchanged, changed = (middle(way) or 0.0 for way in ("push", "unchanged", "changed"))
    return Pushes(one.store, one.version, push, unchanged, changed, middle("loader"), middle("upload"))


def markdown(pushes: Sequence[Pushes], graphs: int) -> str:
    """Return the pushes as a section."""
    lines = [
        f"## Push of {graphs:,} small graphs",
        "",
        "54 statements each (`benchmarks/smallgraphs.py`); whole processes. A push reads back and compares all that it",
        "sends; loader and upload verify nothing. *Ratio* is the first push divided by the faster of these two.",
        "",
        "| store | push | own loader | plain upload | ratio | second push, nothing changed | one graph changed |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for it in pushes:
        ways = (it.push, it.loader, it.upload)
        first = " | ".join("–" if way is None else f"{way:.2f} s" for way in ways)
        name = f"{_TITLES[it.store]} {it.version}"
        lines.append(f"| {name} | {first} | {it.push / it.nearest:.1f} | {it.unchanged:.2f} s | {it.changed:.2f} s |")
    return "\n".join(lines) + "\n"


def section(folder: Path, graphs: int = 1000, repetitions: int = 3) -> str:
    """Return what is measured, as a section of the report."""
    return markdown(measured(folder, graphs, repetitions), graphs)


def main() -> None:
    """Measures and prints the section."""
    parser = argparse.ArgumentParser(description="Measure push into triple stores beside their own loaders.")
    parser.add_argument("--graphs", type=int, default=1000, help="how many small graphs (1000)")
    parser.add_argument("--repetitions", type=int, default=3, help="runs of each measurement (3)")
    parser.add_argument("--store", action="append", choices=_STORES, help="only this store; repeat for several")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rejoinder-push-") as folder:
        found = measured(Path(folder), options.graphs, options.repetitions, options.store or tuple(_STORES))
    print(markdown(found, options.graphs))


if __name__ == "__main__":
    main()
