"""Digests of files that were read before, so that a build need not read again what nobody touched.

A file counts as untouched while its time of change, size and inode are what they were. One that was changed within the
last seconds is not remembered: a second change may leave the same time.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from rejoinder.dossiers.dossier import file_digest
from rejoinder.errors import InputError

UNREADABLE: Final = "unreadable"
"""The digest of a file that cannot be read, which no version knows."""

_NAME: Final = ".seen.json"
_RECENT: Final = 2_000_000_000
"""Nanoseconds; some file systems count in steps of two seconds."""

Mark = tuple[int, int, int]


@dataclass
class Seen:
    """Digests by path, each with the file's mark; `now` are those of the files asked for in this build."""

    before: Mapping[str, tuple[Mark, str]]
    now: dict[str, tuple[Mark, str]] = field(default_factory=dict)

    def digest(self, path: Path) -> str:
        """The SHA-256 of the file's bytes; `UNREADABLE` if it cannot be read."""
        key, mark = str(path), _mark(path)
        known = self.before.get(key)
        digest = known[1] if known and mark and known[0] == mark else _digest(path)
        if mark and digest != UNREADABLE and time.time_ns() - mark[0] > _RECENT:
            self.now[key] = mark, digest
        return digest


def _mark(path: Path) -> Mark | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _digest(path: Path) -> str:
    try:
        return file_digest(path)
    except InputError:
        return UNREADABLE


def read_seen(build: Path) -> Seen:
    """What the last build in the folder `build` saw; nothing, if its record is missing or damaged."""
    try:
        table = json.loads((build / _NAME).read_text(encoding="utf-8"))
        return Seen({path: ((mtime, size, inode), digest) for path, (mtime, size, inode, digest) in table.items()})
    except (OSError, ValueError, TypeError, AttributeError):
        return Seen({})


def write_seen(build: Path, seen: Seen) -> None:
    """Keeps what this build saw, if it saw anything else than the last.

    Raises:
        OSError: it cannot be written.
    """
    if seen.now != seen.before:
        new = build / f"{_NAME}.new"
        new.write_text(json.dumps({path: (*mark, digest) for path, (mark, digest) in seen.now.items()}))
        new.replace(build / _NAME)
