"""How far a job is, told to whoever watches."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with the name of a step, how much of it is done, and how much there is."""


def silent(step: str, done: int, total: int) -> None:
    """A progress that nobody watches."""
