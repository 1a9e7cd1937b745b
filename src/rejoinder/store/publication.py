"""Making a version: beside the last one, locked against other builds, and swapped in at once."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from rejoinder.errors import StoreError
from rejoinder.store.rdf import Store
from rejoinder.store.versions import (
    CURRENT,
    EXPORT,
    FILES,
    MANIFEST,
    NUMBER,
    SITE,
    STAMP,
    VERSIONS,
    Manifest,
    Version,
    listing,
    numbered,
    writing,
)

_DRAFT: Final = ".draft"
_LOCK: Final = ".lock"
_TRIES: Final = 5


@contextmanager
def locked(build: Path) -> Iterator[None]:
    """Keeps other builds out of the folder `build`, and clears what a killed one left there.

    Raises:
        StoreError: another build is at work, or the folder cannot be written.
    """
    with writing(build):
        (build / VERSIONS).mkdir(parents=True, exist_ok=True)
        handle = (build / _LOCK).open("w")
    with handle:
        try:
            _lock(handle, fcntl.LOCK_EX, _TRIES)
        except BlockingIOError as error:
            raise StoreError(f"{build}: another build is at work here; wait for it to end") from error
        with writing(build):
            _clear_unfinished(build)
        yield


def is_building(build: Path) -> bool:
    """Whether a build is at work in the folder `build`."""
    try:
        with (build / _LOCK).open() as handle:
            _lock(handle, fcntl.LOCK_SH, 1)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _lock(handle: TextIO, kind: int, tries: int) -> None:
    """Takes the lock: a build tries more than once, since whoever only looks holds it, too, for a moment."""
    for left in reversed(range(tries)):
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if not left:
                raise
            time.sleep(0.02)
        else:
            return


def _clear_unfinished(build: Path) -> None:
    """Removes what a killed build left; without a newest version to go by, every version stays."""
    for draft in (build / VERSIONS).glob(f"{_DRAFT}*"):
        shutil.rmtree(draft)
    current = build / CURRENT
    if current.is_symlink() and (current / MANIFEST).exists() and NUMBER.fullmatch(current.readlink().name):
        for number, path in numbered(build):
            if number > int(current.readlink().name):
                shutil.rmtree(path)


def next_number(build: Path) -> int:
    """The number of the version to come: the highest that the folder `build` knows, plus one."""
    return max((number for number, _ in numbered(build)), default=0) + 1


@contextmanager
def draft(build: Path, previous: Store | None = None) -> Iterator[Path]:
    """A new folder, with a copy of the store `previous` in it; gone after the block unless it was published.

    Raises:
        StoreError: it cannot be written.
    """
    # A name of its own: within one process RocksDB knows a store by its path, and may not have let go of the last one.
    folder = build / VERSIONS / f"{_DRAFT}-{os.getpid()}-{time.monotonic_ns()}"
    try:
        with writing(build):
            folder.mkdir()
            if previous:
                previous.backup(str(folder / "store"))
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(build: Path, folder: Path, manifest: Manifest) -> Version:
    """The draft in `folder` as the newest version of `build`: from here on readers get it.

    Raises:
        StoreError: it cannot be written.
    """
    with writing(build):
        _write_durably(folder / MANIFEST, _written(manifest))
        target = build / VERSIONS / f"{manifest.number:04d}"
        folder.rename(target)
        _link(build / CURRENT, Path(VERSIONS, target.name))
    return Version(target.resolve(), manifest)


def publish_site(build: Path, folder: Path, version: Version) -> None:
    """The exports and the site in `folder` as those of the version, and as the newest site of `build`.

    Raises:
        OSError: it cannot be written.
    """
    (folder / FILES).write_text("".join(f"{line}\n" for line in listing(folder)), encoding="utf-8")
    parts = (EXPORT, STAMP, FILES, SITE)  # the site last: where it is, all is
    for name in reversed(parts):
        if os.path.lexists(version.path / name):  # something was missing: what is left of it goes with the draft
            (version.path / name).rename(folder / f"before-{name}")
    for name in parts:
        (folder / name).rename(version.path / name)
    link_site(build, version)


def link_site(build: Path, version: Version) -> None:
    """The site of the version as the one to publish.

    Raises:
        OSError: something that is no link stands there, or the folder cannot be written.
    """
    link, target = build / SITE, Path(VERSIONS, version.path.name, SITE)
    if not link.is_symlink() or link.readlink() != target:
        _link(link, target)


def _link(link: Path, target: Path) -> None:
    """Makes `link` lead to `target`, at once."""
    new = link.with_name(f".{link.name}")
    new.unlink(missing_ok=True)
    new.symlink_to(target)
    new.replace(link)


def _written(manifest: Manifest) -> str:
    """The manifest as JSON, one graph a line."""
    encode = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps makes an encoder for each graph
    fields = {key: value for key, value in vars(manifest).items() if key in ("number", "created", "program")}
    graphs = ",\n".join(encode(vars(entry)) for entry in manifest.graphs)
    return f'{encode(fields)[:-1]}, "graphs": [\n{graphs}\n]}}'


def _write_durably(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
