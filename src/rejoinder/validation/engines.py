"""The SHACL engine that was asked for."""

from __future__ import annotations

from pathlib import Path

from rejoinder.errors import extra
from rejoinder.validation.shacl import Engine, ShaclValidator, Validator


def open_validator(shapes: Path, engine: Engine = Engine.SHACL) -> Validator:
    """Return a validator for the shapes in the Turtle file at `shapes`."""
    if engine is Engine.SHACL:
        return ShaclValidator.of(shapes)
    with extra("pyshacl"):
        from rejoinder.validation.pyshacl_engine import PyshaclValidator  # noqa: PLC0415  # takes half a second
    return PyshaclValidator.of(shapes)
