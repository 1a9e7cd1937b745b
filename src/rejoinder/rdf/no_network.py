"""Forbid processes and threads to open network connections, so that no query can reach another server.

The kernel refuses the system calls that begin a connection (seccomp, in Linux on x86-64 and 64-bit ARM). Elsewhere a
process can be moved into an empty network namespace. Connections that are already open stay open.
"""

from __future__ import annotations

import ctypes
import platform
import socket
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum
from threading import Thread
from typing import Final, TypeVar

_T = TypeVar("_T")


class Barrier(StrEnum):
    """The mechanism that keeps queries from the network."""

    SECCOMP = "no connection can be opened (a seccomp filter)"
    NAMESPACE = "no connection leads anywhere (an empty network namespace)"
    NONE = "only a check of their text keeps them from opening connections; this system offers nothing else"
    STORE = "only a check of their text keeps the triple store from opening connections for them"


@dataclass(frozen=True)
class _Machine:
    """Numbers of one processor type: its audit architecture, the call `seccomp`, and the refused calls."""

    architecture: int
    seccomp: int
    refused: tuple[int, ...]


# pidfd_getfd, io_uring_setup, io_uring_enter, io_uring_register have these numbers on every machine.
_EVERYWHERE: Final = (438, 425, 426, 427)

# Sockets are refused, and what could come by one in another way: new programs, and other processes' memory and files.
_MACHINES: Final = {
    # socket, connect, accept, sendmsg, bind, listen, execve, ptrace, accept4, sendmmsg, process_vm_writev, execveat
    "x86_64": _Machine(0xC000003E, 317, (41, 42, 43, 46, 49, 50, 59, 101, 288, 307, 311, 322, *_EVERYWHERE)),
    # the same, in the same order
    "aarch64": _Machine(0xC00000B7, 277, (198, 203, 202, 211, 200, 201, 221, 117, 242, 269, 271, 281, *_EVERYWHERE)),
}

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
"""Instructions of classic BPF: load a word, compare and skip, return."""
_NUMBER, _ARCHITECTURE = 0, 4
"""Offsets of the call's number and architecture in the data that a filter gets."""
_ALLOW, _NOT_PERMITTED = 0x7FFF0000, 0x00050001
_OTHER_NUMBERS: Final = 0x40000000
"""The first call number of x86-64's ABI for 32-bit pointers (x32)."""

_SET_NO_NEW_PRIVILEGES, _SET_FILTER, _ALL_THREADS = 38, 1, 1
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000


class _Instruction(ctypes.Structure):
    _fields_ = (("code", ctypes.c_ushort), ("then", ctypes.c_ubyte), ("other", ctypes.c_ubyte), ("k", ctypes.c_uint))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("first", ctypes.POINTER(_Instruction)))


def isolate_process() -> Barrier:
    """Forbid this process, its threads and its children to open connections; return the mechanism used."""
    if _filter(_ALL_THREADS):
        return Barrier.SECCOMP
    return Barrier.NAMESPACE if _in_empty_network() else Barrier.NONE


def isolated(call: Callable[[], _T]) -> _T:
    """Run `call` in a thread that cannot open connections, and return its result or raise its exception.

    Other threads of the process are not affected. Without seccomp, `call` runs directly.
    """
    if _machine() is None:
        return call()
    outcome: Future[_T] = Future()

    def run() -> None:
        _filter(0)
        try:
            outcome.set_result(call())
        except BaseException as error:  # any: raised again in the waiting thread, which would otherwise wait for ever
            traceback.clear_frames(error.__traceback__)  # lazy answers of the engine must be dropped in this thread
            outcome.set_exception(error)

    Thread(target=run, daemon=True).start()
    return outcome.result()


def _machine() -> _Machine | None:
    return _MACHINES.get(platform.machine()) if sys.platform == "linux" else None


def _filter(flags: int) -> bool:
    """Make the kernel refuse connections to this thread, or to the whole process; return whether it does."""
    machine = _machine()
    if machine is None or sys.maxsize < 2**32:  # a 32-bit Python makes its calls by other numbers
        return False
    rules = _rules(machine)
    program = _Program(len(rules), (_Instruction * len(rules))(*rules))
    kernel = ctypes.CDLL(None, use_errno=True)
    none = ctypes.c_ulong(0)
    # Without this, only root may set a filter.
    kernel.prctl(_SET_NO_NEW_PRIVILEGES, ctypes.c_ulong(1), none, none, none)
    kernel.syscall.restype = ctypes.c_long
    failed = kernel.syscall(
        ctypes.c_long(machine.seccomp), ctypes.c_ulong(_SET_FILTER), ctypes.c_ulong(flags), ctypes.byref(program)
    )
    return failed == 0 and not _can_make_socket()


def _rules(machine: _Machine) -> list[_Instruction]:
    """Return the BPF program, which refuses calls of other architectures or ABIs and the calls of `refused`."""
    checks = [(_AT_LEAST, _OTHER_NUMBERS), *((_EQUAL, number) for number in machine.refused)]
    last = len(checks)  # the distance from the first check to the end
    return [
        _Instruction(_LOAD, 0, 0, _ARCHITECTURE),
        _Instruction(_EQUAL, 0, last + 2, machine.architecture),
        _Instruction(_LOAD, 0, 0, _NUMBER),
        *(_Instruction(code, last - at, 0, number) for at, (code, number) in enumerate(checks)),
        _Instruction(_RETURN, 0, 0, _ALLOW),
        _Instruction(_RETURN, 0, 0, _NOT_PERMITTED),
    ]


def _can_make_socket() -> bool:
    try:
        socket.socket().close()
    except OSError as error:
        return not isinstance(error, PermissionError)  # any other error, such as too many open files, proves nothing
    return True


def _in_empty_network() -> bool:
    """Move this process into an empty network namespace; return whether that was possible."""
    if sys.platform != "linux":
        return False
    unshare = getattr(ctypes.CDLL(None, use_errno=True), "unshare", None)
    # First without a user namespace, because in one root cannot read the files of all users any more.
    return unshare is not None and (unshare(_NEW_NETWORK) == 0 or unshare(_NEW_USER | _NEW_NETWORK) == 0)
