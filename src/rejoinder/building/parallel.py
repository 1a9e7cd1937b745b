"""A process pool that yields results in order, and the progress of long work.

Each process makes its own tools and handles one item at a time.

Worker processes are spawned, not forked: a fork would copy locks that threads of the store hold, and nobody would
release them in the copy.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import reduction
from pathlib import Path
from typing import IO, Any, Final, TypeVar

from rejoinder import disk
from rejoinder.errors import EngineError

_AHEAD: Final = 4
"""Items given to each process before its first result is taken; this limits the memory that results need."""

_REMEDY: Final = (
    'is memory short? Try --jobs 1. A script of your own needs `if __name__ == "__main__":` around what it does'
)

Item = TypeVar("Item")
Result = TypeVar("Result")

Progress = Callable[[str, int, int], None]
"""A callback that gets the name of a step, the amount done, and the total."""


def silent(step: str, done: int, total: int) -> None:
    """Report nothing."""


class _Worker:
    """The state of a worker process between two items."""

    # Of the class, because a pool hands its processes nothing but items; the initialiser makes this.
    answer: Callable[[Any], Any]


def all_cores() -> int:
    """Return the number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_in_processes(
    purpose: str, make: Callable[[], Callable[[Item], Result]], items: Sequence[Item], jobs: int, ahead: int = _AHEAD
) -> Iterator[Result]:
    """Yield the result for each item, in order; each process calls the function that `make` returns there.

    Processes work up to `ahead` items ahead of the result that is taken next. They get `make` in a file, not through a
    pipe: a process that dies before it has emptied a full pipe would block this one for ever.

    Raises:
        EngineError: a process ended without an answer; `purpose` completes the message.
        StoreError: the folder for temporary files is full.
    """
    with _pickle_file(make) as file:
        context = multiprocessing.get_context("spawn")  # see the head of this module
        pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_start, initargs=(_PickleFile(file.fileno()),))
        waiting: deque[Future[Result]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(_answer, item))
                if len(waiting) > jobs * ahead:
                    yield waiting.popleft().result()
            # In order, whichever process was faster: what is written must not depend on that.
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool as error:
            raise EngineError(f"a process that was to {purpose} ended without an answer; {_REMEDY}") from error
        finally:  # also where the caller stops taking results: what waits is not begun any more
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _pickle_file(make: Callable[[], object]) -> Iterator[IO[bytes]]:
    """Yield an unnamed file with the pickled `make`; it vanishes with the last process that has it open."""
    written = pickle.dumps(make)
    with ExitStack() as held:
        with disk.writing(Path(tempfile.gettempdir()), "no process was started: --jobs 1 needs none"):
            file = held.enter_context(tempfile.TemporaryFile(buffering=0))  # unbuffered: a full disk fails here
            while written:
                written = written[file.write(written) :]
        yield file


@dataclass(frozen=True)
class _PickleFile:
    """The descriptor of the file with the pickled `make` of `run_in_processes`, which a new process inherits."""

    file: int

    def __reduce__(self) -> tuple[Callable[[Any], _PickleFile], tuple[Any]]:
        return _inherited, (reduction.DupFd(self.file),)

    def make(self) -> Callable[[Any], Any]:
        """Return what `make` returns: the function that handles one item, made in this process."""
        written = os.pread(self.file, os.fstat(self.file).st_size, 0)  # not `read`: all processes share one position
        os.close(self.file)
        make: Callable[[], Callable[[Any], Any]] = pickle.loads(written)  # noqa: S301  # this program wrote it
        return make()


def _inherited(file: Any) -> _PickleFile:
    return _PickleFile(file.detach())


def _start(file: _PickleFile) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the first one handles it
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _Worker.answer = staticmethod(file.make())


def _end_with_parent() -> None:
    """End this process if its parent ends, even if that is killed: nobody would take the results."""
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()  # without an order to stop: the parent may have been killed
        os._exit(1)


def _answer(item: Any) -> Any:
    return _Worker.answer(item)
