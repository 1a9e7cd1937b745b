"""The tables of `docs/interoperability.md`, which say what a client asked for and what it got, and what tries them."""

from __future__ import annotations

import fcntl
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Final

import httpx
import pytest

from conftest import ROOT, leave_out, maven_classpath
from recorder import Recorder, recorded
from rejoinder import formats
from rejoinder.config import Project
from rejoinder.fair import checklist
from rejoinder.rdf import terms
from server_process import GUARD, run_server
from stores.base import JAVA
from web_servers import run_apache, run_nginx

PAGE: Final = (ROOT / "docs" / "interoperability.md").read_text(encoding="utf-8")

FORMATS: Final = {
    "SPARQL JSON": formats.JSON,
    "SPARQL XML": formats.XML,
    "CSV": formats.CSV,
    "TSV": formats.TSV,
    "Turtle": formats.TURTLE,
    "N-Triples": formats.NTRIPLES,
    "JSON-LD": formats.JSONLD,
    "RDF/XML": formats.RDFXML,
    "TriG": formats.TRIG,
    "N-Quads": formats.NQUADS,
}
"""The formats by the names that the page gives them."""

_TYPED: Final = "{ ?s a ?t } ORDER BY ?s ?t LIMIT 3"
QUERIES: Final = {
    "SELECT": f"SELECT ?s ?t {_TYPED}",
    "ASK": "ASK { ?s a ?t }",
    "CONSTRUCT": f"CONSTRUCT {{ ?s a ?t }} WHERE {_TYPED}",
    "DESCRIBE": "DESCRIBE <state/CZE>",
}
"""A query of each kind, over the example project: three rows, true, three statements, and what is said of a State."""

_UNREAD: Final = " (unread)"


def rows(header: str) -> list[dict[str, str]]:
    """Return the rows of the table whose first column has this header, each cell by the header of its column."""
    lines = PAGE.splitlines()
    (start,) = (at for at, line in enumerate(lines) if line.startswith(f"| {header} |"))
    end = next(at for at in range(start, len(lines)) if not lines[at].startswith("|"))
    names, _, *found = (tuple(cell.strip(" `") for cell in line.strip("|").split("|")) for line in lines[start:end])
    return [dict(zip(names, cells, strict=True)) for cells in found]


def media_type(cell: str) -> str | None:
    """Return the media type of the format in a cell, None if the cell has a status."""
    return None if cell.isdigit() else FORMATS[cell.removesuffix(_UNREAD)].media_type


def is_read(cell: str) -> bool:
    """Return whether the client can read what it gets."""
    return not cell.isdigit() and not cell.endswith(_UNREAD)


def is_documented(package: str, title: str) -> bool:
    """Return whether the page names a version of the package, in its section, that is no newer than the one here."""
    section = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    named = section.partition(f"{title} ")[2].split()[0]
    return _numbers(named) <= _numbers(version(package))


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())


CLIENTS: Final = ROOT / "tests/clients"
DOCUMENTS: Final = {
    "vocabularies": ("ns", "shapes"),
    "documents": ("report/kaz-upr-20", "state/CZE", "question/who-raised-what", "", "state/"),
    "/sparql": ("sparql",),
    "a graph": ("sparql?graph=https%3A%2F%2Fw3id.org%2Frejoinder%2Fns",),
    "the dump": ("dataset",),
    "dataset.nt.gz": ("dataset.nt.gz",),
}
"""The paths of what a table says that a client read."""


@dataclass(frozen=True)
class Place:
    """Where clients ask: the address to begin at, and what notes the answers that are no redirects."""

    address: str
    recorder: Recorder
    project: Project

    @property
    def endpoint(self) -> str:
        """The address of the endpoint."""
        return f"{self.address}sparql"

    @property
    def site(self) -> Path:
        """The folder of the site."""
        return self.project.build / "site"


@pytest.fixture(scope="session")
def server_place(built_once: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Give `rejoinder serve` with the example."""
    log = tmp_path_factory.mktemp("log") / "log.jsonl"
    with run_server(built_once, log) as running, recorded(running.address) as recorder:
        yield Place(f"{recorder.address}/", recorder, built_once)


@pytest.fixture(scope="session")
def w3id_place(built_once: Project) -> Iterator[Place]:
    """Give Apache with the rules for w3id.org, which lead to nginx with the site, as the docs configure it."""
    site = (built_once.build / "site").resolve()
    rules = (site / "w3id/.htaccess").read_text(encoding="utf-8")
    assert built_once.site in rules
    with (
        run_nginx(site) as nginx,
        recorded(nginx) as recorder,
        run_apache(rules.replace(built_once.site, f"{recorder.address}/")) as address,
    ):
        yield Place(address, recorder, built_once)


class Program:
    """A program that answers lines: each is a file for what it finds, and words; it says `done` or what failed."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process, self._file = process, folder / "found"

    def ask(self, *words: str) -> bytes:
        """Return what the program finds; the test fails if it does not."""
        assert self._process.stdin
        assert self._process.stdout
        print(self._file, *words, sep="\t", file=self._process.stdin, flush=True)
        said = self._process.stdout.readline().strip()
        assert said == "done", (words, said)
        return self._file.read_bytes()


@contextmanager
def program(command: Sequence[str | Path], folder: Path) -> Iterator[Program]:
    """Start a program that answers lines; it ends with the block."""
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        try:
            yield Program(process, folder)
        finally:
            process.kill()


@contextmanager
def java_program(name: str, needed: str, folder: Path) -> Iterator[Program]:
    """Start the program of `tests/clients` in Java that has this name, with what the pom in `tests/<needed>` names."""
    if not (shutil.which("mvn") and shutil.which("java")):
        leave_out(needed, f"Java and Maven are missing: nothing is tried with {name}")
    command: list[str | Path] = [*JAVA, "-cp", maven_classpath(needed), CLIENTS / f"{name}.java"]
    with program(command, folder) as started:
        yield started


@pytest.fixture(scope="session")
def packages() -> Path:
    """Give a folder with what npm brings for `tests/clients`, and the scripts of that folder."""
    if not (shutil.which("npm") and shutil.which("node")):
        leave_out("clients", "npm and Node are missing: no client is tried that needs them")
    wanted = [CLIENTS / name for name in ("package.json", "package-lock.json")]
    digest = sha256(b"".join(path.read_bytes() for path in wanted)).hexdigest()[:12]
    folder = Path(os.environ.get("TMPDIR", "/tmp")) / f"rejoinder-clients-{os.getuid()}-{digest}"  # noqa: S108  # a cache
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "node_modules/.package-lock.json").exists():
            for path in wanted:
                shutil.copy(path, folder)
            command = ["npm", "ci", "--ignore-scripts", "--omit=optional"]
            fetched = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            if fetched.returncode:
                leave_out("clients", f"npm could not fetch what tests/clients asks for: {fetched.stderr[-300:]}")
        for path in CLIENTS.glob("*.mjs"):
            shutil.copy(path, folder)
    return folder


def from_pypi(name: str, *options: str) -> Path:
    """Return the file of a package of PyPI that the page names, in the version named; pip fetches it once."""
    (version,) = (row["version"] for row in rows("package of PyPI") if row["package of PyPI"].startswith(f"{name}`"))
    folder = Path(os.environ.get("TMPDIR", "/tmp")) / f"rejoinder-{name}-{version}-{os.getuid()}"  # noqa: S108  # a cache
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        files = folder / "files"
        if not files.exists():
            shutil.rmtree(folder / "part", ignore_errors=True)
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *options]
            command += ["--dest", str(folder / "part"), f"{name}=={version}"]
            fetched = subprocess.run(command, capture_output=True, text=True, check=False)
            if fetched.returncode:
                leave_out("clients", f"pip could not fetch {name} {version}: {fetched.stderr[-300:]}")
            (folder / "part").rename(files)
    (found,) = files.iterdir()
    return found


def npm_version(name: str) -> str:
    """Return the version of a package of `tests/clients/package.json`."""
    found: str = json.loads((CLIENTS / "package.json").read_text(encoding="utf-8"))["dependencies"][name]
    return found


def maven_version(pom: Path) -> str:
    """Return the version that a pom asks for first."""
    found = re.search(r"<(?:version|rdf4j)>([0-9]+\.[0-9.]+)</", pom.read_text(encoding="utf-8"))
    assert found
    return found[1]


def told(client: str) -> list[dict[str, str]]:
    """Return the rows of the table of all other clients that are about this one."""
    found = [row for row in rows("client") if row["client"] == client]
    assert found, client
    return found


def places(server: Place, site: Place, row: dict[str, str]) -> Iterator[tuple[Place, str]]:
    """Yield the places where the table says that something came, each with its cell."""
    for place, column in ((server, "rejoinder serve"), (site, "static site")):
        if row[column] != "–":
            yield place, row[column]


def check_reading(place: Place, asked: str, cell: str, read: Callable[[str], bytes]) -> None:
    """Check that a client reads what the table says, in the format of the cell, and finds all that is stated there."""
    for path in DOCUMENTS[asked]:
        place.recorder.seen.clear()
        found = read(place.address + path)
        assert place.recorder.came() == [media_type(cell)], path
        assert stated(found) == _expected(place, path), path


def check_query(place: Place, kind: str, cell: str, ask: Callable[[str], bytes]) -> None:
    """Check that a client asks a query of this kind, gets the format of the cell, and understands it."""
    place.recorder.seen.clear()
    found = ask(QUERIES[kind])
    assert place.recorder.came()[-1] == media_type(cell), kind
    if kind == "SELECT":
        assert len(found.splitlines()) == 4, found
    elif kind == "ASK":
        assert found.split()[-1] == b"true", found
    else:
        asked = {"query": QUERIES[kind], "format": "ntriples"}
        assert stated(found) == stated(httpx.get(place.endpoint, params=asked, timeout=GUARD).content)


def sends(place: Place, name: str) -> bool:
    """Return whether the first header Accept was the one that `check --fair` replays, its words in any order."""
    replayed = {client.name: client.accept for client in (*checklist.CLIENTS, *checklist.ONTOLOGY_CLIENTS)}
    return _words(place.recorder.seen[0].accept) == _words(replayed[name])


def _words(header: str) -> set[str]:
    return {word.strip() for word in header.split(",")}


def _expected(place: Place, path: str) -> tuple[int, set[str]]:
    if path.startswith("sparql"):
        headers = {"Accept": formats.NTRIPLES.media_type}
        answer = httpx.get(place.address + path, headers=headers, timeout=GUARD).raise_for_status()
        return stated(answer.content)
    if path.startswith("dataset"):
        packed = place.site / (path if path.endswith(".gz") else f"{path}.nq.gz")
        return stated(gzip.decompress(packed.read_bytes()))
    stem = f"{path}index" if not path or path.endswith("/") else path
    return stated((place.site / f"{stem}.nt").read_bytes())


def stated(found: bytes, syntax: formats.Syntax = formats.NQUADS) -> tuple[int, set[str]]:
    """Return the number of statements, and those without blank nodes, whose labels are each parser's own."""
    lines = {str(quad) for quad in terms.parse(found, syntax)}
    return len(lines), {line for line in lines if "_:" not in line}
