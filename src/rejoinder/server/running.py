"""The server as a process: its socket, its signals, its end."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from logging import WARNING, Logger, getLogger
from typing import Final

import uvicorn

from rejoinder.errors import UsageError
from rejoinder.project import Project
from rejoinder.server.app import application, house
from rejoinder.server.connections import Connection
from rejoinder.server.parts import query_parts
from rejoinder.server.telemetry import log_to
from rejoinder.store import versions
from rejoinder.triplestores.remote import Remote, connect
from rejoinder.triplestores.remoteedition import read_edition

_REASONS: Final = {
    errno.EADDRINUSE: "another program listens there already; name another with --port",
    errno.EACCES: "only root may listen there; name a port above 1023 with --port",
    errno.EADDRNOTAVAIL: "this machine has no such address; name one that it has with --host",
}


def serve(
    project: Project,
    announce: Callable[[str], None] = lambda _: None,
    *,
    endpoint: str | None = None,
    store: str | None = None,
) -> None:
    """Serves the newest version of the project until SIGTERM or SIGINT; `announce` is told the address.

    With `endpoint`, the address of a triple store, the version that was pushed there; `store` names its profile.

    Raises:
        RemoteError: the triple store cannot be reached or refuses.
        UsageError: nothing can listen at the address, or the log cannot be written.
        StoreError: nothing has been built yet, or the version is damaged.
        KeyboardInterrupt: it was stopped with SIGINT.
    """
    settings = project.server
    if endpoint is None:
        versions.require_newest(project.build).open()  # what is damaged is told now, not at the first request
        _serve(project, announce, None)
        return
    remote = connect(endpoint, store)
    with closing(remote.client):
        patient = replace(remote, attempts=1, most=settings.query_result_bytes, seconds=settings.query_seconds)
        read_edition(project, patient)
        _serve(project, announce, patient)


def _serve(project: Project, announce: Callable[[str], None], remote: Remote | None) -> None:
    settings = project.server
    log = _log(settings.log)
    with _listening(settings.host, settings.port) as listener, _stopped_by_sigterm(), _also_for_uvicorn(log):
        shared = house(project, log, remote)
        config = uvicorn.Config(
            application(shared, query_parts(shared)),
            http=Connection,  # over h11: it refuses what smuggles requests, and bounds headers; httptools does neither
            ws="none",
            lifespan="on",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=settings.idle_seconds,
            timeout_graceful_shutdown=_grace(settings.stop_seconds),  # type: ignore[arg-type]  # it is handed on to asyncio
            limit_concurrency=settings.max_connections,
            h11_max_incomplete_event_size=settings.max_url_bytes + settings.max_header_bytes + 16_384,
        )
        announce(_address(listener, settings.prefix))
        asyncio.run(uvicorn.Server(config).serve(sockets=[listener]))


def _grace(stop_seconds: int) -> float:
    """The seconds that running requests have at the end; the rest of `stop_seconds` is for ending our processes.

    >>> _grace(10), _grace(1)
    (9.0, 0.5)
    """
    return max(stop_seconds - 1.0, stop_seconds / 2)


def _log(target: str) -> Logger:
    try:
        return log_to(target)
    except OSError as error:
        raise UsageError(f"{target}: the log cannot be written: {error.strerror}") from error


@contextmanager
def _also_for_uvicorn(log: Logger) -> Iterator[None]:
    """Lets uvicorn's warnings and errors go the way of our own."""
    theirs = getLogger("uvicorn.error")
    before = theirs.handlers, theirs.level, theirs.propagate
    theirs.handlers, theirs.propagate = log.handlers, False
    theirs.setLevel(WARNING)
    try:
        yield
    finally:
        theirs.handlers, theirs.level, theirs.propagate = before


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens at the address."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, error.strerror)
        raise UsageError(f"{host}, port {port}: {reason}") from error
    with listener:
        # asyncio does so for sockets that it makes itself. Without it a small answer waits 40 ms for the client's word.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listener


def _address(listener: socket.socket, prefix: str) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}{prefix}/" if ":" in host else f"http://{host}:{port}{prefix}/"


@contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    """Lets SIGTERM be the way to stop: uvicorn raises it again when it is done, and nothing is left to do then."""
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
