"""The scripts of a site, and what they load: bundled from npm when the package was built, see `src/frontend/`.

A package that was built without Node has none. Its sites are the same but for search, SPARQL and tables that sort.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rejoinder.site.press import Page

FOLDER: Final = "assets"
MISSING: Final = (
    "no search and no SPARQL page: Rejoinder was installed without Node 20 or later; install that, and it again"
)

_BUNDLES: Final = Path(__file__).parent / FOLDER
_STAMP: Final = _BUNDLES / ".sources"
_MEDIA_TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
}


def available() -> bool:
    """Whether there are any; what was made half-way has no stamp."""
    return _STAMP.is_file()


def digest() -> str:
    """A digest of what they were made of; empty if there are none."""
    return _STAMP.read_text(encoding="utf-8") if available() else ""


def paths() -> Iterator[str]:
    """Where they stand on a site."""
    if available():
        yield from sorted(f"{FOLDER}/{path.name}" for path in _BUNDLES.iterdir() if path.suffix in _MEDIA_TYPES)


def script(path: str) -> Page:
    """The file at `path`, one of `paths`."""
    file = _BUNDLES / path.removeprefix(f"{FOLDER}/")
    return Page(path, file.read_bytes(), _MEDIA_TYPES[file.suffix])
