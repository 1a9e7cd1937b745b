"""The project: the folder one works in, and the only reader of its configuration."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

from rejoinder.errors import ProjectError
from rejoinder.settings import ServerSettings, server_settings, shown
from rejoinder.store import rdf

CONFIG_NAME: Final = "rejoinder.toml"

_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True)
class Project:
    """A project's folder and settings.

    `base` is where its IRIs begin and ends in a slash; `publisher` and `license` (an IRI) are those of its data;
    `site` is where its pages are hosted, `redirect` the status with which the rules for w3id.org lead there, `language`
    (a tag of BCP 47) that of the labels on its pages; `data`, `queries`, `sources` (the texts of reports, for those
    who may publish them) and `build` are its folders; `server` is how it is served.
    """

    root: Path
    base: str
    title: str
    publisher: str
    license: str
    site: str
    redirect: str
    language: str
    data: Path
    queries: Path
    sources: Path
    build: Path
    server: ServerSettings = field(default_factory=ServerSettings)


@dataclass(frozen=True)
class _Settings:
    """The keys of the configuration, with their defaults."""

    base: str
    title: str = "A Rejoinder project"
    publisher: str = ""
    license: str = "https://creativecommons.org/licenses/by/4.0/"
    site: str = ""
    redirect: str = "303"
    language: str = "en"
    data: str = "data"
    queries: str = "queries"
    sources: str = "sources"
    build: str = "build"


def open_project(start: Path | str = ".") -> Project:
    """The project at `start` or in the nearest folder above it.

    Its configuration is `rejoinder.toml`, or the table `tool.rejoinder` of a `pyproject.toml`.

    Raises:
        ProjectError: there is none, or its configuration does not hold.
    """
    for folder in (Path(start), *Path(os.path.realpath(start)).parents):
        for path in (folder / CONFIG_NAME, folder / "pyproject.toml"):
            table = _table(path)
            if table is not None:
                return _project(path, table)
    raise ProjectError(
        f"{start}: no {CONFIG_NAME} here or in a folder above; make a project with 'rejoinder new FOLDER'"
    )


def _table(path: Path) -> dict[str, object] | None:
    """The settings in the file at `path`, or None where it has none."""
    if not path.is_file():
        return None
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ProjectError(f"{path}: this is not TOML: {error}; correct it there") from error
    except UnicodeDecodeError as error:
        raise ProjectError(f"{path}: this is not UTF-8; save the file as UTF-8") from error
    except (ValueError, RecursionError) as error:  # Python bounds the digits that it makes a number of
        reason = "a number has thousands of digits, or brackets are nested too deeply; write a shorter value"
        raise ProjectError(f"{path}: {reason}") from error
    except OSError as error:
        reason = f"the file cannot be read: {error.strerror}; see that it is a file that you may read"
        raise ProjectError(f"{path}: {reason}") from error
    if path.name == CONFIG_NAME:
        return document
    return _tool_table(path, document)


def _tool_table(path: Path, document: dict[str, object]) -> dict[str, object] | None:
    """The table `tool.rejoinder` of a pyproject.toml, or None where it has none."""
    tools = document.get("tool", {})
    table = tools.get("rejoinder", {}) if isinstance(tools, dict) else None
    if not isinstance(table, dict):
        raise ProjectError(f"{path}: 'tool' and 'tool.rejoinder' must be tables; write [tool.rejoinder]")
    return table if isinstance(tools, dict) and "rejoinder" in tools else None


def _project(path: Path, table: dict[str, object]) -> Project:
    settings = _settings(path, {key: value for key, value in table.items() if key != "server"})
    root = path.parent
    return Project(
        root=root,
        base=_checked_base(path, settings.base),
        title=settings.title,
        publisher=settings.publisher or settings.title,
        license=_checked_address(path, "license", settings.license),
        site=_checked_address(path, "site", settings.site or settings.base),
        redirect=_checked_redirect(path, settings.redirect),
        language=_checked_language(path, settings.language),
        data=root / settings.data,
        queries=root / settings.queries,
        sources=root / settings.sources,
        build=root / settings.build,
        server=server_settings(path, table.get("server", {})),
    )


def _settings(path: Path, table: dict[str, object]) -> _Settings:
    known = [field.name for field in fields(_Settings)]
    for key, value in table.items():
        if key not in known:
            raise ProjectError(f"{path}: the key {shown(key)} is unknown; the keys are {', '.join((*known, 'server'))}")
        if not isinstance(value, str):
            raise ProjectError(f"{path}: {key} is {shown(value)}; write text between quotation marks")
    if "base" not in table:
        raise ProjectError(f'{path}: base is missing; write for example base = "https://example.org/reports/"')
    return _Settings(**{key: str(value) for key, value in table.items()})


def _checked_address(path: Path, key: str, text: str) -> str:
    """An address that pages may link to; `javascript:` is one that they may not."""
    parts = _address(text)
    if parts is None or parts.scheme not in ("http", "https") or not parts.netloc or not rdf.is_iri(text):
        raise ProjectError(f"{path}: {key} is {shown(text)}; write an address that starts with https://")
    return text


def _checked_base(path: Path, base: str) -> str:
    parts = _address(base)
    if (
        parts is None
        or parts.scheme not in ("http", "https")
        or not parts.netloc
        or not base.endswith("/")
        or parts.query
        or parts.fragment
        or not rdf.is_iri(base)
    ):
        raise ProjectError(f"{path}: base is {shown(base)}; write an address that starts with https:// and ends in '/'")
    return base


def _checked_redirect(path: Path, status: str) -> str:
    """303 says that the address leads to a page about the thing; some checkers accept 302 alone."""
    if status not in ("303", "302"):
        raise ProjectError(f'{path}: redirect is {shown(status)}; write "303", or "302" for those who need it')
    return status


def _checked_language(path: Path, language: str) -> str:
    if not _LANGUAGE.fullmatch(language):
        raise ProjectError(f'{path}: language is {shown(language)}; write a tag such as "en", "fr" or "ru"')
    return language.lower()


def _address(text: str) -> SplitResult | None:
    try:
        return urlsplit(text)
    except ValueError:  # brackets that hold no address
        return None
