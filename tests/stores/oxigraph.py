"""Oxigraph server, the program that the PyPI package `oxigraph` carries."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stores import base


def missing() -> str | None:
    """Return a sentence on what this machine lacks to run the store, or nothing."""
    return None if _program() else "Oxigraph server cannot run: the PyPI package oxigraph is not installed"


@contextmanager
def start(folder: Path) -> Iterator[base.RunningStore]:
    """Oxigraph over the folder; its default graph is not the union of the named ones, as the program's default is."""
    program = _program() or "oxigraph"
    address = f"{base.HOST}:{base.port(folder)}"
    command = [program, "serve", "--location", folder / "data", "--bind", address]
    url = f"http://{address}"
    with base.running(command, folder, lambda: base.answers(f"{url}/query?query=ASK%7B%7D")) as process:
        yield base.RunningStore(
            name="oxigraph",
            version=_version(program),
            query_url=f"{url}/query",
            update_url=f"{url}/update",
            graph_store_url=f"{url}/store",
            username=None,
            password=None,
            process=process,
        )


def _program() -> str | None:
    """Beside the Python that runs the tests first: a virtual environment need not be on the PATH."""
    return shutil.which("oxigraph", path=Path(sys.executable).parent) or shutil.which("oxigraph")


def _version(program: str) -> str:
    return subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
