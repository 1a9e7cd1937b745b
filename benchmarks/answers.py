"""Asking a contender every stored question, and giving up on those that it does not answer in time."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from measure import CONTENDERS


@dataclass(frozen=True)
class Answer:
    """The seconds that a question took, and the digest of its rows; None if it was not answered."""

    seconds: float
    digest: str | None
    is_late: bool

    @property
    def failed(self) -> bool:
        """Whether the engine could not answer."""
        return self.digest is None and not self.is_late


def answers(contender: str, *arguments: str | Path, patience: float, stops_itself: bool = False) -> dict[str, Answer]:
    """Return what the script `contenders/{contender}.py` answers to each question, in its order.

    It is given the number of the question to begin with, and tells its answers as `contenders/answering.py` does. A
    process that takes longer than `patience` seconds for a question is killed, and another goes on with the next; one
    that stops itself by then is left alone.

    Raises:
        RuntimeError: the script failed; what it said is in the message.
    """
    found: dict[str, Answer] = {}
    while _was_killed(found, contender, [*map(str, arguments), str(len(found))], patience, stops_itself):
        pass
    return found


def _was_killed(
    found: dict[str, Answer], contender: str, arguments: list[str], patience: float, stops_itself: bool
) -> bool:
    """Add what one process answers; return whether it was killed, and another has to go on."""
    command = [sys.executable, str(CONTENDERS / f"{contender}.py"), *arguments]
    with (
        tempfile.TemporaryFile() as err,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=err, text=True) as child,
    ):
        assert child.stdout  # noqa: S101  # it is a pipe
        for name in child.stdout:
            took = _line(child, child.stdout, 2 * patience if stops_itself else patience)
            if took is None:
                found[json.loads(name)] = Answer(patience, None, is_late=True)
                return True
            digest = child.stdout.readline()
            if digest:
                is_late = digest == "null\n" and float(took) >= patience
                found[json.loads(name)] = Answer(float(took), json.loads(digest), is_late)
        if child.wait():
            err.seek(0)
            raise RuntimeError(f"{contender} failed with {child.returncode}: {err.read().decode()[-2000:]}")
    return False


def _line(child: subprocess.Popen[str], out: IO[str], seconds: float) -> str | None:
    """Return the next line of what the process says, empty if it ended, None if it was killed."""
    late = threading.Event()

    def give_up() -> None:
        late.set()
        child.kill()

    timer = threading.Timer(seconds, give_up)
    timer.start()
    line = out.readline()
    timer.cancel()
    timer.join()
    return None if late.is_set() else line
