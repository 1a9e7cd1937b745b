"""Files shipped with the program: ontology, shapes, context, schema, rules, questions and the example data."""

from __future__ import annotations

from pathlib import Path

from rejoinder.errors import ProjectError


def package_file(name: str) -> Path:
    """Return the folder or file called `name`, e.g. `ontology/context.jsonld`.

    In an installed package, it is beside the modules; in a clone, at the top of the repository.

    >>> package_file("ontology/context.jsonld").name
    'context.jsonld'

    Raises:
        ProjectError: the installation is incomplete.
    """
    package = Path(__file__).parent
    for root in (package / "resources", package.parents[1]):
        if (root / name).exists():
            return root / name
    raise ProjectError(f"{name} is missing from the installation of Rejoinder; install it again")
