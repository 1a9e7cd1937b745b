"""What the stores share: a running store, its process from start to certain end, and files that Maven brings."""

from __future__ import annotations

import http.client
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

HOST = "127.0.0.1"
JAVA = ("java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""For what runs some seconds: half of what it costs would go into compiling it well, and into several collectors."""
READY_SECONDS = 90.0
STOP_SECONDS = 20.0
CACHE = Path(tempfile.gettempdir()) / f"rejoinder-stores-{os.getuid()}"
_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"


class StoreError(Exception):
    """A store did not start; the message carries the end of its log, or else nobody could tell why."""


@dataclass(frozen=True)
class RunningStore:
    """A store that answers: where it is asked, written to and signed in to, and its process."""

    name: str
    version: str
    query_url: str
    update_url: str
    graph_store_url: str
    username: str | None
    password: str | None
    process: subprocess.Popen[bytes]
    empty: Callable[[], object] | None = None
    """Removes all that it holds, where that is quicker than to drop each graph."""

    def kill(self) -> None:
        """End the store as a power cut would; it starts again over the same folder, on the same port."""
        _signal(self.process, signal.SIGKILL)
        self.process.wait()


class Store(Protocol):
    """What each module here offers, so that a test can run over all of them."""

    def start(self, folder: Path) -> AbstractContextManager[RunningStore]:
        """Start a store with its data in the folder, for as long as the block lasts."""

    def missing(self) -> str | None:
        """Return a sentence on what this machine lacks to run the store, or nothing."""


def port(folder: Path, purpose: str = "http") -> int:
    """Return the folder's own port: free at first, then the same again, since a client keeps its URL over a restart."""
    kept = folder / f"{purpose}.port"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        kept.write_text(str(next(filter(_free, _ports()))), encoding="ascii")
    return int(kept.read_text(encoding="ascii"))


@contextmanager
def running(command: Sequence[object], folder: Path, ready: Callable[[], bool]) -> Iterator[subprocess.Popen[bytes]]:
    """Run the command, and yield its process once `ready` holds; it and all its children are gone afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "server.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _wait(process, log, ready)
        yield process
    finally:
        _stop(process)


def answers(url: str) -> bool:
    """Whether the URL gives a good answer by now."""
    request = urllib.request.Request(url)  # noqa: S310  # our own loopback URL
    with suppress(OSError, http.client.HTTPException), urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        return bool(answer.status < 300)
    return False


def from_maven(artifact: str, cache: Path = CACHE) -> Path:
    """Fetch the file of a Maven artifact, group:name:version[:type], once; it is kept in the cache folder."""
    _, name, version, *rest = artifact.split(":")
    target = cache / f"{name}-{version}.{rest[0] if rest else 'jar'}"
    if target.exists():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as partial:  # so that no half a file is ever taken for the whole
        command = ["mvn", "-q", "-B", _COPY, f"-Dartifact={artifact}", f"-DoutputDirectory={partial}"]
        fetched = subprocess.run(command, cwd=partial, capture_output=True, text=True, check=False)
        if fetched.returncode:
            raise StoreError(f"Maven could not fetch {artifact}: {fetched.stdout[-500:]}")
        (Path(partial) / target.name).replace(target)
    return target


def missing_programs(what: str, *programs: str) -> str | None:
    """Return a sentence on the programs that are not on the PATH, or nothing if all are."""
    lacking = [program for program in programs if shutil.which(program) is None]
    return f"{what} cannot run: not installed: {', '.join(lacking)}" if lacking else None


def _ports() -> Iterator[int]:
    """Ports at random, below those that the system gives to clients: else one could sit on a killed store's port."""
    return (20_000 + secrets.randbelow(12_000) for _ in range(1000))


def _free(number: int) -> bool:
    with socket.socket() as probe, suppress(OSError):
        probe.bind((HOST, number))
        return True
    return False


def _wait(process: subprocess.Popen[bytes], log: Path, ready: Callable[[], bool]) -> None:
    end = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < end:
        if ready():
            return
        time.sleep(0.1)
    fate = "does not answer" if process.poll() is None else f"ended with code {process.returncode}"
    last = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:])
    raise StoreError(f"{process.args!r} {fate}; the end of its log:\n{last}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    _signal(process, signal.SIGTERM)
    end = time.monotonic() + STOP_SECONDS
    while process.returncode is None and time.monotonic() < end and not _ended(process):
        time.sleep(0.05)
    _signal(process, signal.SIGKILL)  # what did not listen, and children that outlived the store
    process.wait()


def _ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether it ended; its number stays taken until it is waited for, so that no other process can be signalled."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
