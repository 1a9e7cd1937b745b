"""Find shipped files, write files atomically, and explain in a sentence why a file or folder cannot be written.

A digest of lines tells whether what was written before is still what would be written.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rejoinder.errors import ProjectError, StoreError

_FULL: Final = "No space left"
_OTHERWISE: Final = "See to that, and try again"
_FAULTS: Final = {
    errno.ENOSPC: ("the disk is full", "Make room and try again"),
    errno.EDQUOT: ("the quota of this user is used up", "Remove files or ask for more, and try again"),
    errno.EFBIG: ("a file would be larger than is allowed here", "Raise the limit (ulimit -f) and try again"),
    errno.EACCES: ("writing is not permitted", "Give yourself permission to write there and try again"),
    errno.EPERM: ("writing is not permitted", "Give yourself permission to write there and try again"),
    errno.EROFS: ("the file system is read-only", "Choose a folder on another one, or mount this one for writing"),
    errno.EMFILE: ("too many files are open", "Raise the limit (ulimit -n) and try again"),
    errno.ENFILE: ("too many files are open on this machine", "Close other programs and try again"),
    errno.ENAMETOOLONG: ("the name is too long for the file system", "Choose a shorter one and try again"),
    errno.ELOOP: ("links lead round in a circle", "Remove the link and try again"),
    errno.EEXIST: ("something that is no folder stands there", "Remove it or name another folder, and try again"),
    errno.ENOTDIR: ("something that is no folder stands there", "Remove it or name another folder, and try again"),
    errno.EISDIR: ("a folder stands where a file or link is to be", "Remove or rename it and try again"),
    errno.ENOTEMPTY: ("a folder stands where another is to be", "Remove or rename it and try again"),
    errno.ENOENT: ("a folder is missing, or a link leads nowhere", "Make the folder or remove the link, and try again"),
    errno.EIO: ("the disk fails", "Look after the disk; copy what you need from it"),
}  # fmt: skip
_IN_A_FOLDER: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
"""Errors that concern the folder of a new file, not the file itself."""


def write_whole(path: Path, data: bytes, *, durable: bool = False, mode: int | None = None) -> None:
    """Write the file atomically: readers see either the old content or the new.

    With `durable`, the content is synced to disk before the file is renamed, so that it survives a power failure.
    `mode` gives the permissions of the new file; without it, the system chooses them.

    Raises:
        OSError: it cannot be written.
    """
    # In the same folder, because a rename is atomic only within one file system.
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            if mode is not None:  # before the content, which others may not be allowed to read
                os.fchmod(file.fileno(), mode)
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def link(source: Path | str, target: Path | str) -> None:
    """Make a hard link to a file, or a copy if the file system has no hard links; replace what is there."""
    try:
        os.link(source, target)
    except FileExistsError:
        # Whoever wrote into it would write into the file that it may be a link to, in an older version.
        Path(target).unlink()
        link(source, target)
    except OSError:  # another file system, one without links, or too many links to one file
        shutil.copyfile(source, target)


def write_or_link(target: Path, data: bytes, before: Path | None) -> bool:
    """Write the file, or link the file `before` if its content is the same; return whether it was linked."""
    same = before is not None and before.read_bytes() == data
    if before and same:
        link(before, target)
    else:
        target.unlink(missing_ok=True)  # as in `link`
        target.write_bytes(data)
    return same


@contextmanager
def writing(folder: Path, outcome: str = "nothing was published") -> Iterator[None]:
    """Convert a failure to write under `folder` into a StoreError whose message also gives the outcome of the work.

    Raises:
        StoreError: the disk is full, writing is not permitted, or the device fails.
    """
    try:
        yield
    except OSError as error:
        raise StoreError(write_error(error, folder, outcome)) from error


def is_full(error: OSError) -> bool:
    """Return whether the disk or quota is full; the store's engine reports this only in words."""
    return error.errno == errno.ENOSPC or _FULL in str(error)


def write_error(error: OSError, folder: Path, outcome: str) -> str:
    """Return a message for a failure to write under `folder`: where, why, the `outcome`, and what to do.

    >>> print(write_error(OSError(errno.EDQUOT, "", "/mnt/build/.lock"), Path("/mnt/build"), "nothing was published"))
    /mnt/build: the quota of this user is used up; nothing was published. Remove files or ask for more, and try again
    """
    number = errno.ENOSPC if is_full(error) else error.errno
    reason, remedy = _FAULTS.get(number or 0, (f"this cannot be written ({error.strerror or error})", _OTHERWISE))
    return f"{_place(error, folder)}: {reason}; {outcome}. {remedy}"


def _place(error: OSError, folder: Path) -> Path:
    """Return the path to name in a message: the one at fault, but never a temporary file."""
    named = error.filename2 or error.filename
    if not isinstance(named, str | bytes):
        return folder
    path = Path(named.decode(errors="backslashreplace") if isinstance(named, bytes) else named)
    return _lasting(path.parent if error.errno in _IN_A_FOLDER and not path.is_dir() else path, folder)


def _lasting(path: Path, folder: Path) -> Path:
    """Return `path`, or `folder` if a part of it is hidden or temporary, so that a user would not know it."""
    try:
        parts = path.absolute().relative_to(folder.absolute()).parts
    except ValueError:
        return path
    return folder if any(part.startswith((".", "tmp")) for part in parts) else path


def package_file(name: str) -> Path:
    """Return the folder or file called `name`, e.g. `ontology/context.jsonld`.

    In an installed package, it is beside the modules; in a clone, at the top of the repository.

    >>> package_file("ontology/context.jsonld").name
    'context.jsonld'

    Raises:
        ProjectError: the installation is incomplete.
    """
    package = Path(__file__).parent
    # The wheel's folder first: beside an installed package there may be an `ontology` of somebody else.
    for root in (package / "resources", package.parents[1]):
        if (root / name).exists():
            return root / name
    raise ProjectError(f"{name} is missing from the installation of Rejoinder; install it again")


def digest_of(lines: Iterable[str]) -> str:
    """Return the SHA-256 of the lines, by which a build recognises what it was made from."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
