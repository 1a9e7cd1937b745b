"""On which machine, with which programs, and how everything was measured."""

from __future__ import annotations

import datetime
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Final

_LIBRARIES: Final = ("rejoinder", "pyoxigraph", "shacl", "rdflib", "pyshacl", "PyYAML", "PyLD")


def head() -> str:
    """The title, the machine, and what the columns mean."""
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return f"""# Benchmarks

<!-- Written by benchmarks/run.py: run it again, do not edit. -->

Every run is a process of its own, started cold with the files in the system's cache; contenders take turns. Figures
are medians; each section says of how many runs. *Whole* is the time from the start of the process to its end, with
least and most in brackets; *work* is the call alone, imports done; *processor* is the time of all cores together, which
other programs on the machine disturb less; *peak* is the most memory the process held (`ru_maxrss`; of a program with
worker processes, its own and that of the largest worker for each, no less than what all held). A *ratio* says how many
times as much a line takes as the line it is compared with.

| | |
|---|---|
| processor | {_processor()}, {os.cpu_count()} cores |
| memory | {_gigabytes()} |
| system | {_system()} |
| Python | {platform.python_implementation()} {platform.python_version()} |
| libraries | {libraries} |"""


def measured(command: str) -> str:
    """When a section was measured, and by which command."""
    now = datetime.datetime.now(datetime.UTC)
    load = os.getloadavg()[2]
    return (
        f"Measured {now:%Y-%m-%d}, {now:%H:%M} UTC, by `{command}`; load {load:.1f} over the last 15 minutes, "
        f"our own runs included.{_caution(load)}"
    )


def _caution(load: float) -> str:
    """A warning, where more wanted to run than there are cores: a run keeps one busy, seldom more."""
    if load <= (os.cpu_count() or 1):
        return ""
    return "\n\n**Other programs kept this machine busy: trust the processor times and the ratios, not the seconds.**"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def _gigabytes() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"


def _system() -> str:
    if sys.platform == "linux":
        return f"{platform.freedesktop_os_release().get('PRETTY_NAME', 'Linux')}, {platform.machine()}"
    return f"{platform.system()} {platform.release()}, {platform.machine()}"
