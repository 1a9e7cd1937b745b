"""What runs in the browser, bundled by npm and esbuild before the package is built or installed.

Bundles that were made of the sources as they are stay: so a package built from an sdist needs no Node. Without Node or
a registry the package is built all the same; sites that it makes are then without what needs a script.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES: Final = Path(__file__).resolve().parent
ASSETS: Final = SOURCES.parent / "rejoinder" / "site" / "assets"
_STAMP: Final = ASSETS / ".sources"
_MADE: Final = frozenset({"node_modules", "__pycache__"})
_COMMANDS: Final = (
    ("npm", "ci", "--omit=dev", "--loglevel=error"),
    ("npm", "run", "--silent", "bundle", "--", str(ASSETS)),
)
_WITHOUT: Final = "sites will have no search, no SPARQL page and no tables that sort"


class FrontendHook(BuildHookInterface[Any]):
    """Brings the bundles up to date before hatch collects the files."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  # hatch's signature
        """See `BuildHookInterface.initialize`."""
        missing = bundle()
        if missing:
            self.app.display_info(missing)


def bundle() -> str | None:
    """Make the bundles if they are not of these sources; return what is missing, in one sentence, if they cannot be."""
    wanted = _digest()
    if _STAMP.is_file() and _STAMP.read_text(encoding="utf-8") == wanted:
        return None
    shutil.rmtree(ASSETS, ignore_errors=True)
    missing = _run()
    if missing is None:
        _STAMP.write_text(wanted, encoding="utf-8")
    return missing


def _digest() -> str:
    """Return a digest of the sources of the bundles."""
    digest = hashlib.sha256()
    for path in sorted(SOURCES.iterdir()):
        if path.name not in _MADE:
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _run() -> str | None:
    npm = shutil.which("npm")
    if npm is None:
        return f"npm is missing: {_WITHOUT}. Install Node 20 or later, then install Rejoinder again."
    for command in _COMMANDS:
        done = subprocess.run([npm, *command[1:]], cwd=SOURCES, capture_output=True, text=True, check=False)  # noqa: S603  # fixed
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["it did not say why"])[-1]
            return f"'{' '.join(command[:3])}' failed: {_WITHOUT}. npm says: {last}"
    return None


if __name__ == "__main__":
    sys.stderr.write(f"{said}\n" if (said := bundle()) else "")
