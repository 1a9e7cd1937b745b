"""Threads that keep no process from ending."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

_T = TypeVar("_T")


async def in_daemon_thread(function: Callable[[], _T]) -> _T:
    """Return what the function gives, worked out in a thread of its own; raise what it raises.

    When the task is cancelled, nobody waits for the thread any more, and the process may end while it is at work.
    """
    outcome: Future[_T] = Future()
    outcome.set_running_or_notify_cancel()

    def work() -> None:
        try:
            outcome.set_result(function())
        except BaseException as error:  # it is raised where the outcome is awaited
            outcome.set_exception(error)

    Thread(target=work, name=f"rejoinder {function!r:.60}", daemon=True).start()
    return await asyncio.wrap_future(outcome)
