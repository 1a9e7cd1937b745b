"""A new project: configuration, a commented dossier, the shared things, a README; or the example that ships."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

from rejoinder.errors import UsageError
from rejoinder.project import CONFIG_NAME
from rejoinder.resources import resource
from rejoinder.store.versions import writing

PLACEHOLDERS: Final = {
    CONFIG_NAME: ('base = "https://example.org/reports/"', 'title = "My reports"'),
    "data/report/my-report.yaml": (
        "title: The title of the report",
        "label: The title of the report",
        f"sha256: {'0' * 64}",
    ),
    "data/organisation.yaml": ("label: My organisation",),
}
"""Lines of the template, by its files, that everybody must write anew before they publish."""

_FILES: Final = (CONFIG_NAME, "README.md", ".gitignore", ".github/workflows/pages.yml")


def new(folder: Path, *, example: bool = False) -> Path:
    """A project in `folder`, which must not exist yet or be empty; with `example`, the Kazakhstan dossier is in it.

    Raises:
        UsageError: something is there already.
        StoreError: the folder cannot be written.
    """
    template = Path(__file__).parent / "template"
    with writing(folder, "the project was not made"):
        if os.path.lexists(folder) and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder}: something is there already; name a folder that does not exist yet")
        folder.mkdir(parents=True, exist_ok=True)
        for name in _FILES:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(template / name, folder / name)
        if example:
            shutil.copytree(resource("data"), folder / "data")
        else:
            shutil.copytree(template / "data", folder / "data")
            shutil.copyfile(resource("data/state.ttl"), folder / "data/state.ttl")
        (folder / "queries").mkdir()
    return folder
