"""Create a new project: configuration, commented dossier, shared data and README, or the shipped example.

The template has placeholders; `validation.checks` warns of files that still have them.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Final

from rejoinder import namespaces
from rejoinder.config import CONFIG_NAME, open_project
from rejoinder.disk import package_file, writing
from rejoinder.errors import UsageError

_OWN_PREFIX: Final = re.compile(
    rf"^(#\s*[\w-]+: ){re.escape(namespaces.ONTOLOGY_GRAPH.removesuffix('ns'))}(?!ns#)", re.MULTILINE
)
"""The beginning of a line that gives a prefix of the example's own base."""

_SCHEMA: Final = "ontology/dossier.schema.json"
_FILES: Final = (CONFIG_NAME, "README.md", ".gitignore", ".github/workflows/pages.yml")


def new(folder: Path, *, example: bool = False) -> Path:
    """Make a project in `folder`, which must be empty or not exist; with `example`, four dossiers are in it.

    Raises:
        UsageError: something is there already.
        StoreError: the folder cannot be written.
    """
    template = Path(__file__).parent / "template"
    with writing(folder, "the project was not made"):
        if os.path.lexists(folder) and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder}: something is there already; name a folder that does not exist yet")
        made = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        try:
            _fill(folder, template, example=example)
        except OSError:
            # A half-made project would keep the next attempt from starting: the folder must be empty.
            _clear(folder, whole=made)
            raise
    return folder


def _fill(folder: Path, template: Path, *, example: bool) -> None:
    for name in _FILES:
        _copy(template / name, folder / name)
    _copy(package_file("data") if example else template / "data", folder / "data")
    # The first line of a dossier names the schema for editors by a path, so each project has the schema.
    _copy(package_file(_SCHEMA), folder / Path(_SCHEMA).name)
    for path in sorted((folder / "data").rglob("*.yaml")) if example else ():
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(f"/{_SCHEMA}", f"/{Path(_SCHEMA).name}", 1), encoding="utf-8")
    # SSSOM has no relative IRIs, so the prefixes of mappings name the base of the project that they are copied from.
    for path in sorted((folder / "data").rglob(f"*{namespaces.MAPPING_SUFFIX}")) if example else ():
        text = path.read_text(encoding="utf-8")
        path.write_text(_OWN_PREFIX.sub(rf"\1{open_project(folder).base}", text), encoding="utf-8")
    if not example:
        # Every dossier refers to States by their codes, so a new project needs all of them.
        _copy(package_file("data/state.ttl"), folder / "data/state.ttl")
    (folder / "queries").mkdir()


def _copy(source: Path, target: Path) -> None:
    """Copy a file or a folder; unlike `copytree`, stop at the first error and raise it unchanged."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        for path in source.iterdir():
            _copy(path, target / path.name)
    else:
        shutil.copyfile(source, target)


def _clear(folder: Path, *, whole: bool) -> None:
    """Remove everything from a folder that was empty, or the folder itself if it did not exist."""
    for path in (folder,) if whole else tuple(folder.iterdir()):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
