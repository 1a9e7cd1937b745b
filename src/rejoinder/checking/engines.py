"""The SHACL engine that was asked for."""

from __future__ import annotations

from pathlib import Path

from rejoinder.checking.compiledshapes import CompiledValidator
from rejoinder.checking.validation import Engine, Validator


def validator(shapes: Path, engine: Engine = Engine.SHACL) -> Validator:
    """A validator for the shapes in the Turtle file at `shapes`."""
    if engine is Engine.SHACL:
        return CompiledValidator.of(shapes)
    from rejoinder.checking.secondopinion import SecondOpinion  # noqa: PLC0415  # a quarter of a second, seldom wanted

    return SecondOpinion.of(shapes)
