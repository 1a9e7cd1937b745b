"""How much memory a program and the processes that it started held."""

import resource
import sys

_UNIT = 1 if sys.platform == "darwin" else 1024


def held(processes: int) -> int:
    """Return the most bytes that all can have held at once: this process, and the largest of its children."""
    own, largest = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return (own + processes * largest) * _UNIT
