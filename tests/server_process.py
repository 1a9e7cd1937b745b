"""The server as users run it, for tests: a process on loopback, at a port of its own, always ended."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from rejoinder.config import Project

GUARD = 120
"""Seconds after which a test is sure that something hangs; nothing is expected to take as long."""


@dataclass(frozen=True)
class ServerProcess:
    """A running server: its process, its address, and the file of its log."""

    process: subprocess.Popen[str]
    address: str
    log: Path

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Send a request for the path as it stands, with headers by their names, `_` for `-`; return the answer."""
        return self.request("GET", path, **headers)

    def request(self, method: str, path: str, **headers: str) -> httpx.Response:
        """Send any request and return the answer; nothing is followed, nothing unpacked that was not asked for."""
        given = {"Accept-Encoding": "identity"} | {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.request(method, f"{self.address}/{path}", headers=given, timeout=GUARD)

    def log_until(self, path: str) -> str:
        """Its log, once its last line is that of the path: a request is logged after it was answered."""
        for _ in range(10 * GUARD):
            text = self.log.read_text(encoding="utf-8")
            if text.endswith("\n") and json.loads(text.splitlines()[-1]).get("path") == path:
                return text
            time.sleep(0.1)
        raise AssertionError(text)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Its exit code when it is told to stop."""
        self.process.send_signal(how)
        return self.process.wait(GUARD)


@contextmanager
def run_server(project: Project, log: Path, *options: str) -> Iterator[ServerProcess]:
    """Run the server of a project for as long as the block runs."""
    command = [sys.executable, "-m", "rejoinder", "serve", "--port", "0", "--log", str(log), *options]
    process = subprocess.Popen(
        command, cwd=project.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().removeprefix("Serving ").strip().removesuffix("/")
        assert address.startswith("http://"), process.communicate(timeout=GUARD)
        yield ServerProcess(process, address, log)
    finally:
        process.kill()
        process.communicate(timeout=GUARD)


def configure(project: Project, **settings: object) -> None:
    """Write the settings into the table `[server]` of the project's configuration, which is its last."""
    lines = (f"{key} = {value!r}".replace("'", '"') for key, value in settings.items())
    file = project.root / "rejoinder.toml"
    text = file.read_text(encoding="utf-8")
    header = () if "[server]" in text else ("[server]",)
    file.write_text("\n".join((text.rstrip("\n"), *header, *lines, "")), encoding="utf-8")


@contextmanager
def served(project: Project, url: str) -> Iterator[httpx.Client]:
    """Serve the store at `url`; yield a client of the server, which ends well afterwards."""
    options = ["--project", str(project.root), "--port", "0", "--log", "", "--endpoint", url]
    command = [sys.executable, "-m", "rejoinder", "serve", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert process.stdout
        said = process.stdout.readline()
        assert said.startswith("Serving http://"), said
        with httpx.Client(base_url=said.split()[-1], timeout=GUARD) as client:
            yield client
        process.send_signal(signal.SIGTERM)
        assert process.wait(GUARD) == 0
    finally:
        process.kill()
        process.communicate()
