"""Runs the tests with the lowest versions that pyproject.toml allows, in a virtual environment of their own."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def lowest(requirements: list[str]) -> list[str]:
    """Each requirement pinned to its lower bound.

    >>> lowest(["edtf>=5.0.1"])
    ['edtf==5.0.1']
    """
    return [re.sub(r">=", "==", requirement) for requirement in requirements]


def main() -> int:
    """Run the tests; return their exit code."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = Path(folder) / "bin" / "python"
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        extras = project["optional-dependencies"]
        named = [each for name in extras if name not in ("bench", "dev") for each in extras[name]]
        pinned = lowest([*project["dependencies"], *(each for each in named if not each.startswith("rejoinder["))])
        subprocess.run([*install, *pinned, "--editable", f"{ROOT}[dev]"], check=True)
        return subprocess.run([python, "-m", "pytest"], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
