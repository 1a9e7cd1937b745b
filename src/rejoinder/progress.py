"""Progress of a job, reported to a callback."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""A callback that gets the name of a step, the amount done, and the total."""


def silent(step: str, done: int, total: int) -> None:
    """Report nothing."""
