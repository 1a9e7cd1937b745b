"""Writes docs/structure.md: every package from the ground up, and what each of its modules says of itself."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

DOCS: Final = Path(__file__).resolve().parent
PAGE: Final = DOCS / "structure.md"
SOURCE: Final = DOCS.parent / "src" / "rejoinder"
PACKAGES: Final = (
    "store",
    "dossiers",
    "questions",
    "checking",
    "site",
    "fair",
    "building",
    "triplestores",
    "imports",
    "server",
    "commands",
)
"""From the ground up; `tests/test_layers.py` sees to it that each imports only from those before it."""

_HEAD: Final = """\
# Where everything lives

<!-- Written by `make docs` from the modules' own words; do not edit. -->

Packages from the ground up: each imports only from those above it in this list, and no two modules import each other
(`tests/test_layers.py`). What runs in the browser is TypeScript, in `src/frontend/`.
"""


def generated() -> str:
    """The page."""
    return "\n".join([_HEAD, *_package("rejoinder", SOURCE), *_packages()])


def _packages() -> Iterator[str]:
    for name in PACKAGES:
        yield from _package(f"rejoinder.{name}", SOURCE / name)


def _package(name: str, folder: Path) -> Iterator[str]:
    yield f"## `{name}`\n\n{_says(folder / '__init__.py')}\n\n| module | what it is |\n|---|---|"
    for path in sorted(folder.glob("*.py")):
        if not path.stem.startswith("__"):
            yield f"| `{path.stem}` | {_says(path)} |"
    yield ""


def _says(path: Path) -> str:
    """The first paragraph of the module's docstring."""
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(said.partition("\n\n")[0].split()).replace("|", "\\|")


def main() -> int:
    """Writes the page."""
    PAGE.write_text(generated(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
