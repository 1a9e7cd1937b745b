"""The data folder: which files in it are dossiers, and the graph that each is named for.

A file's place below `data/` is the end of its graph's IRI and of its exports' paths, so its name must fit both.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Final

from rejoinder import formats, names
from rejoinder.dossiers.sourcelines import os_reason
from rejoinder.errors import InputError, Problem
from rejoinder.store import rdf
from rejoinder.store.rdf import Quad

YAML_SUFFIXES: Final = (".yaml", ".yml")
SUFFIXES: Final = (*YAML_SUFFIXES, formats.TURTLE.suffix, formats.TRIG.suffix)

_OWN: Final = ("ns", "question", "shapes")
"""Paths of the graphs that the program publishes beside the data."""

_INDEX: Final = "index"
"""What the file is called that a host gives for a folder: no document of its own can be."""

_SITE: Final = (
    "api", "assets", "changes", "dataset", "feed", "icon", "linkset", "robots", "search", "sitemap", "sparql", "style",
    "version", "w3id",
)  # fmt: skip
"""Names at the root of a site that have pages and files of the program's own."""


def dossier_files(data: Path) -> tuple[Path, ...]:
    """The dossiers under the folder `data`, linked folders too, in the order of their names: YAML, Turtle, TriG.

    Raises:
        InputError: `data` or a folder in it cannot be read, is reached twice, or is a link that leads nowhere.
    """
    seen: dict[str, Path] = {}
    found: list[Path] = []
    # A folder that cannot be read must stop the build: its graphs would be taken for removed ones.
    for at, folders, files in os.walk(data, onerror=_refuse, followlinks=True):
        here = Path(at)
        first = seen.setdefault(os.path.realpath(here), here)
        if first != here:
            raise InputError.at(here, None, f"this link leads to {first}, which is read already; remove the link")
        visible = sorted(name for name in (*folders, *files) if not name.startswith("."))
        found += [here / name for name in visible if Path(name).suffix in SUFFIXES]
        folders[:] = [name for name in visible if name in folders and Path(name).suffix not in SUFFIXES]
        for name in set(visible).intersection(files):
            _refuse_lost_folder(here / name)
    return tuple(sorted(found))


def _refuse(error: OSError) -> None:
    path = Path(error.filename)
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        message = "there is no such folder; make a project with 'rejoinder new FOLDER'"
    elif isinstance(error, PermissionError):
        message = "the folder may not be read; give yourself permission to read it. Nothing was published"
    else:
        message = f"the folder cannot be read: {error.strerror}. Nothing was published"
    raise InputError.at(path, None, message) from error


def _refuse_lost_folder(path: Path) -> None:
    """Raise for a link that may be to a folder of dossiers, and leads nowhere one may go."""
    if path.is_symlink() and not path.suffix:
        try:
            path.stat()
        except OSError as error:
            message = f"this link leads nowhere ({os_reason(error)}); mend or remove it"
            raise InputError.at(path, None, message) from error


def real(path: Path) -> Path:
    """`path` with its links followed; unlike `Path.resolve`, it bears links that lead in a circle."""
    return Path(os.path.realpath(path))


def graph_of(base: str, data: Path, path: Path) -> str:
    """The IRI of the graph that the file at `path` describes; a file outside `data` counts as a report.

    Raises:
        InputError: its name makes no IRI, or belongs to a graph of the program's own.
    """
    place = _place(data, path)
    message = _misnamed(place)
    if message:
        raise InputError.at(path, None, message)
    return names.graph_iri(base, place)


def reject_names(base: str, data: Path, files: Sequence[Path]) -> None:
    """Nothing, when each of `files` is named for a graph of its own.

    Raises:
        InputError: a name makes no IRI or is the program's own, or two files are named for one graph.
    """
    problems = tuple(name_problems(base, data, files))
    if problems:
        raise InputError(problems)


def name_problems(base: str, data: Path, files: Sequence[Path]) -> Iterator[Problem]:
    """A problem for each of `files` whose name cannot stand for its graph, or stands for another file's too."""
    by_graph: defaultdict[str, list[Path]] = defaultdict(list)
    for path in files:
        try:
            by_graph[graph_of(base, data, path)].append(path)
        except InputError as error:
            yield from error.problems
    for iri, paths in by_graph.items():
        for path in paths[1:]:
            yield Problem(path, None, f"this file and {paths[0]} would both be the graph {iri}; rename one of them")


def _place(data: Path, path: Path) -> PurePosixPath:
    """Where `path` lies under `data`, by its name if it can be told from that, else by where its links lead."""
    for whole in (Path.absolute, real):  # links are followed only where the name does not tell: that takes its time
        with suppress(ValueError):
            return PurePosixPath(whole(path).relative_to(whole(data)))
    return PurePosixPath("report", path.name)


def _misnamed(place: PurePosixPath) -> str | None:
    """What is wrong with the name of a file at `place` under the data folder."""
    for part in (*place.parts[:-1], place.stem):
        if not names.is_name(part):
            return f"the name {part!r} cannot be part of a web address; rename it: {names.NAME_RULE}"
    if not place.name:
        return "this is the data folder; name a file in it"
    first = place.parts[0] if len(place.parts) > 1 else place.stem
    if first in _OWN:
        return f"the name {first!r} belongs to a graph of the program's own; rename it"
    if first in _SITE or _INDEX in (*place.parts[:-1], place.stem):
        return f"the name {first if first in _SITE else _INDEX!r} belongs to a page of the site; rename it"
    return None


def taken(base: str, quads: Iterable[Quad]) -> Iterator[str]:
    """The IRIs of things of the project, subjects of `quads`, at which the site has a page of another kind."""
    for iri in dict.fromkeys(rdf.text(quad.subject) for quad in quads):
        document = iri.removeprefix(base).partition("#")[0]
        if iri.startswith(base) and _INDEX in document.split("/"):
            yield iri
