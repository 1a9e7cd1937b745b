"""The exported files of a version: every graph as Turtle and JSON-LD, and all of them as TriG and N-Quads.

What is as it was in the version before is linked or copied, not written again; the rest is written by one process or
by several, each of which opens the store for itself and holds one graph at a time.
"""

from __future__ import annotations

import filecmp
import gzip
import hashlib
import io
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Final

from rejoinder import formats, names
from rejoinder.building import workers
from rejoinder.formats import Syntax
from rejoinder.progress import Progress
from rejoinder.store import exporter, graphs, rdf
from rejoinder.store.context import Context
from rejoinder.store.rdf import Store
from rejoinder.store.versions import Version

_SYNTAXES: Final = (formats.TURTLE, formats.JSONLD)
_LINES: Final = "dataset.nq"
_TRIG: Final = "dataset.trig"
_GRAPHS_LINES: Final = ".lines"
_LEVEL: Final = 6
"""How hard gzip tries: 9 makes lines of ours 3 % smaller and takes three times as long."""
_WORTH: Final = 30_000
"""From so many statements to write on, a few reports, starting processes costs less than it saves."""


@dataclass(frozen=True)
class Exports:
    """What is exported, and where to; called, it opens the store and gives what writes a graph in this process.

    `before` is the folder of the files exported before, if any, and `changed` are the graphs that differ from those;
    `current` says that this program with these settings wrote them.
    """

    base: str
    context: Context
    version: Version
    folder: Path
    before: Path | None
    changed: frozenset[str]
    current: bool

    def __call__(self) -> Callable[[str], str]:
        """What writes the files of a graph, given its IRI."""
        return partial(_write_graph, self, self.version.open())

    def name(self, iri: str, syntax: Syntax) -> str:
        """The file of a graph in a syntax."""
        return names.graph_path(self.base, iri).as_posix() + syntax.suffix


def write_exports(exports: Exports, store: Store, jobs: int, progress: Progress, *, worth: int = _WORTH) -> None:
    """All files, by as many processes as `jobs` says where that is worth it; the bytes are the same.

    Raises:
        EngineError: a process ended without an answer.
    """
    exports.folder.mkdir()
    entries = exports.version.manifest.graphs
    to_write = [entry for entry in entries if not _link(exports, entry.iri)]
    iris = [entry.iri for entry in to_write]
    if jobs < 2 or sum(entry.quads for entry in to_write) < worth:
        written: Iterable[str] = (_write_graph(exports, store, iri) for iri in iris)
    else:
        written = workers.in_processes("write files", exports, iris, jobs, ahead=len(iris))
    for done, _ in enumerate(written, len(entries) - len(iris) + 1):
        progress("exporting", done, len(entries))
    _write_dumps(exports, store)


def _link(exports: Exports, iri: str) -> bool:
    """Takes the files of a graph over from before, if they may stay; says whether they did."""
    paths = [exports.name(iri, syntax) for syntax in _SYNTAXES]
    before = exports.before if exports.current and iri not in exports.changed else None
    if before is None or not all((before / path).is_file() for path in paths):
        return False
    for path in paths:
        os.link(before / path, _place(exports, path))
    return True


def _write_graph(exports: Exports, store: Store, iri: str) -> str:
    """Writes the files of a graph, and its lines for the dump; gives its IRI back, as the sign that it is done."""
    quads = rdf.canonical(graphs.statements(store, iri))
    _put(exports, exports.name(iri, formats.TURTLE), exporter.turtle(quads, exports.base).encode())
    _put(exports, exports.name(iri, formats.JSONLD), exporter.json_ld(quads, exports.context).encode())
    _place(exports, _lines_name(iri)).write_bytes(rdf.serialize(quads, formats.NQUADS))
    return iri


def _lines_name(iri: str) -> str:
    """The file that holds the N-Quads of a graph until the dump has them; never that of a folder, whatever the IRI."""
    return f"{_GRAPHS_LINES}/{hashlib.sha256(iri.encode()).hexdigest()}"


def _put(exports: Exports, name: str, content: bytes) -> None:
    """Writes a file, or links it if it is as it was, so that it takes no space."""
    before, target = exports.before / name if exports.before else None, _place(exports, name)
    if before and before.is_file() and before.read_bytes() == content:
        os.link(before, target)
    else:
        target.write_bytes(content)


def _place(exports: Exports, name: str) -> Path:
    path = exports.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _write_dumps(exports: Exports, store: Store) -> None:
    """All graphs as TriG, out of their Turtle, and as N-Quads; no more than one graph is in memory."""
    entries = exports.version.manifest.graphs
    turtle = ((entry.iri, exports.folder / exports.name(entry.iri, formats.TURTLE)) for entry in entries)
    documents = ((iri, path.read_text(encoding="utf-8")) for iri, path in turtle)
    with (exports.folder / _TRIG).open("w", encoding="utf-8") as file:
        file.writelines(exporter.trig_blocks(documents))
    with (exports.folder / _LINES).open("wb") as file:
        file.writelines(_graph_lines(exports, store))
    if (exports.folder / _GRAPHS_LINES).is_dir():  # not where no graph was written
        shutil.rmtree(exports.folder / _GRAPHS_LINES)
    _pack(exports.folder / _LINES, exports.folder / f"{_LINES}.gz")
    for name in (_TRIG, _LINES, f"{_LINES}.gz"):
        _link_if_same(exports, name)


def _link_if_same(exports: Exports, name: str) -> None:
    """Lets a dump be that of before, if no graph changed and it is the same."""
    before, now = exports.before / name if exports.before else None, exports.folder / name
    if before and not exports.changed and before.is_file() and filecmp.cmp(before, now, shallow=False):
        now.unlink()
        os.link(before, now)


def _graph_lines(exports: Exports, store: Store) -> Iterator[bytes]:
    """Each graph as N-Quads, once: as it was written for this, or as in the dump before, which costs far less.

    A graph's digest is that of these lines, so what somebody did to the dump before is not copied with them.
    """
    before = exports.before / _LINES if exports.before else None
    with before.open("rb") if before and before.is_file() else io.BytesIO() as dump:
        places = _places(dump)
        for entry in exports.version.manifest.graphs:
            written = exports.folder / _lines_name(entry.iri)
            if written.is_file():
                yield written.read_bytes()
                written.unlink()
                continue
            start, length = places.get(entry.iri, (0, 0))
            dump.seek(start)
            lines = dump.read(length)
            if hashlib.sha256(lines).hexdigest() != entry.content_digest:
                lines = rdf.serialize(rdf.canonical(graphs.statements(store, entry.iri)), formats.NQUADS)
            yield lines


def _places(dump: Iterable[bytes]) -> Mapping[str, tuple[int, int]]:
    r"""Where the lines of each graph begin in a dump of ours, and how many bytes they are.

    >>> _places([b"<a:s> <a:p> <a:o> <a:g> .\n", b'<a:s> <a:p> "x y" <a:h> .\n'])
    {'a:g': (0, 26), 'a:h': (26, 26)}
    """
    found, start = {}, 0
    for graph, lines in groupby(dump, key=lambda line: line.rsplit(b" ", 2)[-2:][0]):
        length = sum(map(len, lines))
        found[graph.decode(errors="replace").strip("<>")] = start, length
        start += length
    return found


def _pack(source: Path, target: Path) -> None:
    """The file packed, without a time and a name inside: the same data are the same bytes."""
    with (
        source.open("rb") as plain,
        target.open("wb") as file,
        gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=_LEVEL, mtime=0) as packed,
    ):
        shutil.copyfileobj(plain, packed)
