"""The settings of the server: the table `[server]` of a project's configuration, with its defaults."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

from rejoinder.errors import ProjectError


@dataclass(frozen=True)
class ServerSettings:
    """How the server is reached, and what it bears.

    Sizes are in bytes, times in seconds. `prefix` is the path below which a proxy hands requests on, "" if it takes
    its own path off; `max_age` is how long an answer may be used without asking whether it still holds; `log` is a file
    for the access log, "-" for standard error, "" for none. `max_requests` are answered at once, from
    `max_connections`; one that is not answered within `request_seconds` is refused; at the end, running ones have
    `stop_seconds`. `cache_bytes` bound the pages that are kept in memory. The keys that
    begin with `query_` are those of SPARQL: time, length, size of the result and memory of one query, how many run and
    how many may wait for their turn, and the answers that are kept in memory.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    prefix: str = ""
    max_age: int = 0
    log: str = "-"
    max_requests: int = 200
    max_connections: int = 1_000
    max_body_bytes: int = 1_000_000
    max_header_bytes: int = 16_384
    max_url_bytes: int = 8_192
    request_seconds: int = 30
    idle_seconds: int = 10
    stop_seconds: int = 10
    cache_bytes: int = 64_000_000
    query_seconds: int = 10
    query_bytes: int = 100_000
    query_result_bytes: int = 20_000_000
    query_memory_bytes: int = 1_000_000_000
    query_workers: int = 3
    query_queue: int = 20
    query_cache_bytes: int = 32_000_000


_LONGEST: Final = 60
"""Characters of a value that a sentence shows."""

_MAY_BE_ZERO: Final = frozenset({"port", "max_age"})


def shown(value: object) -> str:
    """The value as a sentence shows it: no longer than a line.

    >>> shown("port"), len(shown("x" * 99)), shown(10**5000)
    ("'port'", 60, 'a number of more than 60 digits')
    """
    if isinstance(value, int) and abs(value) >= 10**_LONGEST:  # Python writes none that has thousands
        return f"a number of more than {_LONGEST} digits"
    text = type(value).__name__ if isinstance(value, list | dict) else repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def server_settings(path: Path, table: object) -> ServerSettings:
    """The settings in a table of the file at `path`.

    Raises:
        ProjectError: a key is unknown, or a value does not fit.
    """
    if not isinstance(table, dict):
        raise ProjectError(f"{path}: 'server' must be a table; write [server], and its keys below")
    known = {field.name: field.default for field in fields(ServerSettings)}
    for key, value in table.items():
        if key not in known:
            raise ProjectError(f"{path}: the key {shown(key)} of server is unknown; the keys are {', '.join(known)}")
        _check(f"{path}: {key} of server", key, value, known[key])
    return _checked_prefix(path, ServerSettings(**table))


def _check(where: str, key: str, value: object, default: object) -> None:
    if type(value) is not type(default):
        kind = "text between quotation marks" if isinstance(default, str) else "a whole number"
        raise ProjectError(f"{where} is {shown(value)}; write {kind}")
    least = 0 if key in _MAY_BE_ZERO else 1
    if isinstance(value, int) and value < least:
        raise ProjectError(f"{where} is {shown(value)}; write {least} or more")
    if key == "port" and isinstance(value, int) and value > 65_535:
        raise ProjectError(f"{where} is {shown(value)}; write a number up to 65535")


def _checked_prefix(path: Path, settings: ServerSettings) -> ServerSettings:
    if settings.prefix and (not settings.prefix.startswith("/") or settings.prefix.endswith("/")):
        given = shown(settings.prefix)
        raise ProjectError(f'{path}: prefix of server is {given}; write for example prefix = "/reports"')
    return settings
