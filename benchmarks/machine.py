"""On which machine, with which programs, and how everything was measured."""

from __future__ import annotations

import datetime
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Final

_LIBRARIES: Final = ("rejoinder", "pyoxigraph", "shacl", "rdflib", "pyshacl", "PyYAML", "orjson")


HEAD: Final = """# Benchmarks

<!-- Written by benchmarks/run.py: run it again, do not edit. -->

Every run is a new process, with the files in the system's cache; the programs take turns. Figures are medians. Each
section gives the number of runs and, at its end, the date, the command and the machine. *Whole* is the time from the
start of the process to its end, with minimum and maximum in brackets; *work* is the call alone, after all imports;
*processor* is the time of all cores together, which other programs on the machine affect less; *peak* is the largest
memory of the process (`ru_maxrss`; for a program with worker processes, its own plus that of the largest worker for
each worker, an upper bound). A *ratio* is the time of a line divided by that of the line it is compared with."""
"""The title, and what the columns mean."""


def measured(command: str) -> str:
    """When, how and on what a section was measured."""
    now = datetime.datetime.now(datetime.UTC)
    load = os.getloadavg()[2]
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return f"""*Measured {now:%Y-%m-%d %H:%M} UTC by `{command}`, at commit {_commit()}. {_processor()},
{os.cpu_count()} cores, {_gigabytes()}; {_system()}; {platform.python_implementation()} {platform.python_version()};
{libraries}. Load {load:.1f} over the last 15 minutes, our own runs included.*{_caution(load)}"""


def _commit() -> str:
    """Return the commit that is checked out; a plus where something differs from it."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty=+", "--exclude=*"]
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _caution(load: float) -> str:
    """Return a warning, where more wanted to run than there are cores: a run keeps one busy, seldom more."""
    if load <= (os.cpu_count() or 1):
        return ""
    return "\n\n**Other programs used this machine: rely on the processor times and the ratios, not on the seconds.**"


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
