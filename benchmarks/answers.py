"""Asking a contender every stored question, and giving up on those that it does not answer in time."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from measure import CONTENDERS


@dataclass(frozen=True)
class Answer:
    """The seconds that a question took, and the digest of its rows; None if it was not answered."""

    seconds: float
    digest: str | None
    is_late: bool = False


def answers(contender: str, *arguments: str | Path, patience: float, stops_itself: bool = False) -> dict[str, Answer]:
    """What the script `contenders/{contender}.py` answers to each question, in its order.

    It is given the number of the question to begin with, and tells its answers as `contenders/answering.py` does. A
    process that takes longer than `patience` seconds for a question is killed, and another goes on with the next; one
    that stops itself by then is left alone.

    Raises:
        RuntimeError: the script failed; what it said is in the message.
    """
    found: dict[str, Answer] = {}
    kill_after = 2 * patience if stops_itself else patience
    while late := _answered(found, contender, [*map(str, arguments), str(len(found))], kill_after):
        found[late] = Answer(patience, None)
    return {name: replace(one, is_late=not one.digest and one.seconds >= patience) for name, one in found.items()}


def _answered(found: dict[str, Answer], contender: str, arguments: list[str], kill_after: float) -> str | None:
    """Adds what one process answers; gives the question for which it was killed."""
    command = [sys.executable, str(CONTENDERS / f"{contender}.py"), *arguments]
    with (
        tempfile.TemporaryFile() as err,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=err, text=True) as child,
    ):
        assert child.stdout  # noqa: S101  # it is a pipe
        for line in child.stdout:
            asked, start = str(json.loads(line)["asked"]), time.perf_counter()
            told = _line(child, child.stdout, kill_after)
            if told:
                found[asked] = Answer(**json.loads(told))
            elif time.perf_counter() - start >= kill_after:
                return asked
        if child.wait():
            err.seek(0)
            raise RuntimeError(f"{contender} failed with {child.returncode}: {err.read().decode()[-2000:]}")
    return None


def _line(child: subprocess.Popen[str], out: IO[str], kill_after: float) -> str:
    """The next line of what the process says; empty if it ended, or was killed after so many seconds."""
    timer = threading.Timer(kill_after, child.kill)
    timer.start()
    try:
        return out.readline()
    finally:
        timer.cancel()
