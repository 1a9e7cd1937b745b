"""Ctrl-C while something is brought to its end: held back, so that what was done till then is not lost."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held_back() -> Iterator[threading.Event]:
    """Holds a Ctrl-C back until the block has ended, and gives what says whether one came; another one interrupts it.

    Signals reach the main thread alone; in another, and where somebody else handles them, this does nothing.
    """
    came = threading.Event()
    ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not ours or threading.current_thread() is not threading.main_thread():
        yield came
        return

    def hold(*_: object) -> None:
        came.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, hold)
    try:
        yield came
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
