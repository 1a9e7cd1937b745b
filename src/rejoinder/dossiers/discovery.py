"""Find the dossiers in the data folder, and the IRI of each dossier's named graph.

A file's path below `data/` becomes the end of its graph's IRI and of its exports' paths, so its name must suit both.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rejoinder import formats, namespaces
from rejoinder.dossiers.yaml import os_reason
from rejoinder.errors import InputError, Problem

YAML_SUFFIXES: Final = (".yaml", ".yml")
MAPPING_SUFFIX: Final = namespaces.MAPPING_SUFFIX
SUFFIXES: Final = (*YAML_SUFFIXES, formats.TURTLE.suffix, formats.TRIG.suffix, MAPPING_SUFFIX)
MAPPINGS: Final = "mapping/"
"""The folder in the data folder that mapping files lie in."""


@dataclass(frozen=True)
class Contents:
    """The files under a data folder, by name: dossiers, and files that are passed over."""

    dossiers: tuple[Path, ...]
    others: tuple[Path, ...]


def contents(data: Path) -> Contents:
    """Return the files under the folder `data` and its linked folders; dossiers end in one of `SUFFIXES`.

    Hidden files and folders, whose names begin with a dot, are left out.

    Raises:
        InputError: `data` or a folder in it cannot be read, is found twice, or is a broken link.
    """
    seen: dict[str, Path] = {}
    found: list[Path] = []
    passed: list[Path] = []
    # An unreadable folder must stop the build, or its graphs would be treated as removed.
    for at, folders, files in os.walk(data, onerror=_refuse, followlinks=True):
        here = Path(at)
        # A link to a folder above leads round in a circle, and one to a folder beside it makes two graphs of a file.
        first = seen.setdefault(os.path.realpath(here), here)
        if first != here:
            raise InputError.at(here, None, f"this link leads to {first}, which is read already; remove the link")
        visible = sorted(name for name in (*folders, *files) if not name.startswith("."))
        # In capitals, too, as some programs write suffixes: a file that is passed over is easily missed.
        dossiers = [name for name in visible if name.lower().endswith(SUFFIXES)]
        found += [here / name for name in dossiers]
        others = set(visible).difference(dossiers)
        for name in others.intersection(files):
            _refuse_lost_folder(here / name)  # `os.walk` lists a link that leads nowhere as a file
            passed.append(here / name)
        folders[:] = sorted(others.intersection(folders))
    return Contents(tuple(sorted(found)), tuple(sorted(passed)))


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
    """Raise InputError for a broken link that may be to a folder of dossiers."""
    if path.is_symlink() and not path.suffix:
        try:
            path.stat()
        except OSError as error:
            message = f"this link leads nowhere ({os_reason(error)}); mend or remove it"
            raise InputError.at(path, None, message) from error


def graph_of(base: str, data: Path, path: Path) -> str:
    """Return the IRI of the graph that the file at `path` describes; a file outside `data` counts as a report.

    Raises:
        InputError: its name makes no IRI, or belongs to a graph of the program's own.
    """
    place = _place(data, path)
    message = _misnamed(place)
    if message:
        raise InputError.at(path, None, message)
    return namespaces.graph_iri(base, namespaces.name_of(place))


def graphs_of(base: str, data: Path, files: Sequence[Path]) -> tuple[Mapping[Path, str], tuple[Problem, ...]]:
    """Return the IRI of each file's graph, and the problems with names of other files.

    A name may be invalid in an IRI, belong to a graph of the program's own, or be that of another file's graph.
    """
    named: dict[Path, str] = {}
    first: dict[str, Path] = {}
    problems: list[Problem] = []
    for path in files:
        try:
            iri = named[path] = graph_of(base, data, path)
        except InputError as error:
            problems += error.problems
            continue
        # Names with another suffix, or with their accents composed in another way, make one IRI.
        other = first.setdefault(iri, path)
        if other is not path:
            reason = f"this file and {other} would both be the graph {iri}; rename one of them"
            problems.append(Problem(path, None, reason))
    return named, tuple(problems)


def _place(data: Path, path: Path) -> str:
    """Return the path of a file below `data`, by names if possible, else with links resolved.

    It works on strings, because a build calls it for each file, and `Path` takes half a second for ten thousand.
    """
    for whole in (os.fspath, _absolute, os.path.realpath):  # links are resolved only if names do not suffice
        folder, file = os.path.join(whole(data), ""), whole(path)  # noqa: PTH118  # see above
        if file.startswith(folder):
            return file.removeprefix(folder).replace(os.sep, "/")
        if os.path.join(file, "") == folder:  # noqa: PTH118  # as above
            return ""
    return f"report/{path.name}"


def _absolute(path: Path) -> str:
    return os.fspath(path.absolute())


def is_mapping(name: str) -> bool:
    """Return whether a file with this name is one of mappings."""
    return name.lower().endswith(MAPPING_SUFFIX)


def _misnamed(place: str) -> str | None:
    """Return the problem with the name of a file at `place` under the data folder, if there is one."""
    if not place:
        return "this is the data folder; name a file in it"
    if is_mapping(place) and not place.startswith(MAPPINGS):
        return f"this is a file of mappings; put it into the folder {MAPPINGS} of the data folder"
    parts = namespaces.name_of(namespaces.without_suffix(place)).split("/")
    for part in parts:
        if not namespaces.is_name(part):
            return f"the name {part!r} cannot be part of a web address; rename it: {namespaces.NAME_RULE}"
    # These stand at the root; `index` is what a host answers for any folder.
    if parts[0] in namespaces.OWN_GRAPHS:
        return f"the name {parts[0]!r} belongs to a graph of the program's own; rename it"
    if parts[0] in namespaces.SITE_NAMES or namespaces.INDEX in parts:
        name = parts[0] if parts[0] in namespaces.SITE_NAMES else namespaces.INDEX
        return f"the name {name!r} belongs to a page of the site; rename it"
    return None
