"""A project: its folder and its configuration, which only this module reads; and new projects.

A new project has configuration, a commented dossier, shared data and README, or the shipped example. The template has
placeholders; `validation.checks` warns of files that still have them.
"""

from __future__ import annotations

import os
import re
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from rejoinder import formats, namespaces
from rejoinder.disk import package_file, writing
from rejoinder.errors import ProjectError, UsageError
from rejoinder.rdf import terms

CONFIG_NAME: Final = "rejoinder.toml"
_MAX_SHOWN: Final = 60
"""The most characters of a value that a message shows."""
_MAY_BE_ZERO: Final = frozenset({"port", "max_age"})
_E_MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", re.ASCII)
LANGUAGE_TAG: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
"""The form of a tag of BCP 47, as SPARQL and Turtle have it."""

_OWN_PREFIX: Final = re.compile(
    rf"^(#\s*[\w-]+: ){re.escape(namespaces.ONTOLOGY_GRAPH.removesuffix('ns'))}(?!ns#)", re.MULTILINE
)
"""The beginning of a line that gives a prefix of the example's own base."""

_SCHEMA_FILE: Final = "ontology/dossier.schema.json"
_TEMPLATE_FILES: Final = (CONFIG_NAME, "README.md", ".gitignore", ".github/workflows/pages.yml")


@dataclass(frozen=True)
class ServerSettings:
    """Settings of the server: address, proxy, limits and log.

    Sizes are in bytes, times in seconds. `prefix` is the path prefix that a proxy leaves on its requests, "" if it
    removes it; `max_age` is the time for which caches may use an answer without revalidation; `log` is the file for
    the access log, "-" for standard error, "" for none. Up to `max_requests` are answered at the same time, from
    `max_connections`; one that takes longer than `request_seconds` is refused; at shutdown, running ones have
    `stop_seconds`. `cache_bytes` limits the cached pages. The keys `query_…` limit SPARQL: time, length, size of the
    result and memory of a query, the numbers of running and waiting queries, and the cached answers.
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


@dataclass(frozen=True)
class Project:
    """A project's folder and settings.

    `base` is the beginning of its IRIs and ends in a slash; `publisher` and `license` (an IRI) are those of what its
    editors write; `site` is the URL of its pages, `redirect` the HTTP status of the redirects from w3id.org to them,
    `language` (a tag of BCP 47) that of pages and labels; with `four_eyes`, only what a second person confirmed
    is published; `moved` has the paths of things that were renamed, each with the new one, or "" if it was withdrawn;
    `endpoint` is the public URL of the SPARQL endpoint, `contact` the e-mail or web address for objections, each "" if
    there is none; `data`, `queries`, `sources` (texts of reports, for those who may publish them) and `build` are its
    folders; `server` has the settings of the server.
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
    four_eyes: bool = False
    endpoint: str = ""
    contact: str = ""
    moved: tuple[tuple[str, str], ...] = ()
    server: ServerSettings = field(default_factory=ServerSettings)

    @property
    def contact_link(self) -> str:
        """The link to the address for objections."""
        return self.contact if self.contact.startswith("http") else f"mailto:{self.contact}"

    def successor(self, path: str) -> str | None:
        """Return the path at which a renamed thing, its file, or a page below it is now; "" if it was withdrawn.

        Return None if it is neither.
        """
        return _successor(dict(self.moved), path) if self.moved else None


_DEFAULTS: Final[Mapping[str, str | bool]] = {
    "base": "",
    "title": "A Rejoinder project",
    "publisher": "",
    "license": "https://creativecommons.org/licenses/by/4.0/",
    "site": "",
    "endpoint": "",
    "contact": "",
    "redirect": "303",
    "language": "en",
    "data": "data",
    "queries": "queries",
    "sources": "sources",
    "build": "build",
    "four_eyes": False,
}
"""The keys of the configuration whose value is a text or a switch, each with its default."""
_NOT_PLAIN: Final = ("renamed", "withdrawn", "server")
_SITE: Final = re.compile(r"[^\s;$%'\"\\?#]+/")
"""An address of a site: paths are appended to it, also in rules for hosts, where these signs mean something."""
MOVED_SUFFIXES: Final = (".html", *(syntax.suffix for syntax in (formats.TURTLE, formats.JSONLD, formats.NTRIPLES)))
"""The ends of the files at the address of a thing that was renamed or withdrawn."""


def open_project(start: Path | str = ".") -> Project:
    """Return the project at `start` or in the nearest folder above it.

    Its configuration is `rejoinder.toml`, or the table `tool.rejoinder` of a `pyproject.toml`.

    Raises:
        ProjectError: there is none, or its configuration is not valid.
    """
    # `realpath`, because a folder may be named by a link, and `Path.resolve` fails where links lead in a circle.
    for folder in (Path(start), *Path(os.path.realpath(start)).parents):
        for path in (folder / CONFIG_NAME, folder / "pyproject.toml"):
            table = _table(path)
            if table is not None:
                return _project(path, table)
    raise ProjectError(
        f"{start}: no {CONFIG_NAME} here or in a folder above; make a project with 'rejoinder new FOLDER'"
    )


def with_current_moves(project: Project) -> Project:
    """Return the project with what its settings say now of renamed and withdrawn things; the rest stays as it is.

    Raises:
        ProjectError: the settings are no longer valid.
    """
    return replace(project, moved=open_project(project.root).moved)


def _table(path: Path) -> dict[str, object] | None:
    """Return the settings in the file at `path`, or None if it has none."""
    if not path.is_file():
        return None
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ProjectError(f"{path}: this is not TOML: {error}; correct it there") from error
    except UnicodeDecodeError as error:
        raise ProjectError(f"{path}: this is not UTF-8; save the file as UTF-8") from error
    except (ValueError, RecursionError) as error:  # Python limits the digits of integers in text
        reason = "a number has thousands of digits, or brackets are nested too deeply; write a shorter value"
        raise ProjectError(f"{path}: {reason}") from error
    except OSError as error:
        reason = f"the file cannot be read: {error.strerror}; see that it is a file that you may read"
        raise ProjectError(f"{path}: {reason}") from error
    if path.name == CONFIG_NAME:
        return document
    tools = document.get("tool", {})
    table = tools.get("rejoinder", {}) if isinstance(tools, dict) else None
    if not isinstance(table, dict):
        raise ProjectError(f"{path}: 'tool' and 'tool.rejoinder' must be tables; write [tool.rejoinder]")
    return table if isinstance(tools, dict) and "rejoinder" in tools else None


def _project(path: Path, table: dict[str, object]) -> Project:
    given = {key: value for key, value in table.items() if key not in _NOT_PLAIN}
    settings = {**_DEFAULTS, **_checked(path, given, _DEFAULTS, more=_NOT_PLAIN)}
    text = {key: str(value) for key, value in settings.items()}
    if "base" not in given:
        raise ProjectError(f'{path}: base is missing; write for example base = "https://example.org/reports/"')
    base = text["base"]
    parts = _web_address(base)
    if parts is None or not base.endswith("/") or parts.query or parts.fragment:
        raise _misfit(path, "base", base, "write an address that starts with https:// and ends in '/'")
    text["site"] = text["site"] or base
    for key in ("license", "site", *(("endpoint",) if text["endpoint"] else ())):
        if _web_address(text[key]) is None:
            raise _misfit(path, key, text[key], "write an address that starts with https://")
    if not _SITE.fullmatch(text["site"]):
        signs = "write an address that ends in '/', without ';', '$', '%', '?', '#' and quotation marks"
        raise _misfit(path, "site", text["site"], signs)
    if text["contact"] and not (_web_address(text["contact"]) or _E_MAIL.fullmatch(text["contact"])):
        example = "write an e-mail address, or an address that starts with https://"
        raise _misfit(path, "contact", text["contact"], example)
    if text["redirect"] not in ("303", "302"):  # 303 leads to a page about the thing; some checkers accept 302 alone
        raise _misfit(path, "redirect", text["redirect"], 'write "303", or "302" for those who need it')
    if not LANGUAGE_TAG.fullmatch(text["language"]):
        raise _misfit(path, "language", text["language"], 'write a tag such as "en", "fr" or "ru"')
    # Folders are relative to the configuration, wherever the command is called.
    root = path.parent
    return Project(
        root=root,
        base=base,
        title=text["title"],
        publisher=text["publisher"] or text["title"],
        license=text["license"],
        site=text["site"],
        redirect=text["redirect"],
        language=text["language"].lower(),  # as the store writes the tags of texts
        data=root / text["data"],
        queries=root / text["queries"],
        sources=root / text["sources"],
        build=root / text["build"],
        four_eyes=bool(settings["four_eyes"]),
        endpoint=text["endpoint"],
        contact=text["contact"],
        moved=_moved(path, table.get("renamed", {}), table.get("withdrawn", [])),
        server=server_settings(path, table.get("server", {})),
    )


def _moved(path: Path, renamed: object, withdrawn: object) -> tuple[tuple[str, str], ...]:
    """Return the paths that were renamed, each with the new one, and those that were withdrawn, each with ""."""
    if not isinstance(renamed, dict):
        raise ProjectError(f"{path}: 'renamed' must be a table; write [renamed], and the old and new paths below")
    if not isinstance(withdrawn, list):
        raise ProjectError(f'{path}: withdrawn is not a list; write for example withdrawn = ["person/somebody"]')
    found: dict[str, str] = {}
    for place in (*renamed, *renamed.values(), *withdrawn):
        names = place.split("/") if isinstance(place, str) else []
        if len(names) < 2 or not all(map(namespaces.is_name, names)):  # a kind, and a name
            example = "write the path of a thing below `base`, such as person/somebody"
            raise ProjectError(
                f"{path}: {shown(place)} stands under renamed or withdrawn, but is not a path; {example}"
            )
        if namespaces.INDEX in names or names[0] in (*namespaces.OWN_GRAPHS, *namespaces.SITE_NAMES):
            reason = "cannot be renamed or withdrawn, because its name belongs to a page of the site; take it out"
            raise ProjectError(f"{path}: {shown(place)} {reason}")
    for old, new in (*renamed.items(), *((each, "") for each in withdrawn)):
        name = namespaces.name_of(old)
        if name in found:
            raise ProjectError(f"{path}: {shown(old)} stands twice under renamed and withdrawn; keep one")
        found[name] = namespaces.name_of(new)
    # One step each: a chain would be several redirects, and a circle one without end.
    for old, new in found.items():
        if new and _successor(found, new) is not None:
            reason = "which was itself renamed or withdrawn, or lies below a path that was; write the last address"
            raise ProjectError(f"{path}: {shown(old)} leads to {shown(new)}, {reason}")
    return tuple(sorted(found.items()))


def _successor(moved: Mapping[str, str], path: str) -> str | None:
    """Return what `moved` has for the path, for a file of it, or for the nearest path above it; see `successor`."""
    for suffix in ("", *MOVED_SUFFIXES):
        if path.endswith(suffix) and (new := moved.get(path.removesuffix(suffix))) is not None:
            return new and new + suffix
    folder = path
    while (cut := folder.rfind("/")) > 0:
        folder = folder[:cut]
        if (new := moved.get(folder)) is not None:
            return new and new + path[cut:]
    return None


def server_settings(path: Path, table: object) -> ServerSettings:
    """Return the settings in a table of the file at `path`.

    Raises:
        ProjectError: a key is unknown, or a value does not fit.
    """
    if not isinstance(table, dict):
        raise ProjectError(f"{path}: 'server' must be a table; write [server], and its keys below")
    defaults = {field.name: field.default for field in fields(ServerSettings)}
    settings = ServerSettings(**_checked(path, table, defaults, of=" of server"))
    for key, value in table.items():
        least = 0 if key in _MAY_BE_ZERO else 1
        if isinstance(value, int) and value < least:
            raise _misfit(path, f"{key} of server", value, f"write {least} or more")
    if settings.port > 65_535:
        raise _misfit(path, "port of server", settings.port, "write a number up to 65535")
    if settings.prefix and (not settings.prefix.startswith("/") or settings.prefix.endswith("/")):
        raise _misfit(path, "prefix of server", settings.prefix, 'write for example prefix = "/reports"')
    return settings


def _checked(
    path: Path, table: dict[str, object], defaults: Mapping[str, object], *, of: str = "", more: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return the table if each key is in `defaults` and its value has the same type; `of` names it in messages."""
    # By hand: msgspec says "Expected int, got str - at `$.port`", and to make sentences of that takes as many lines.
    for key, value in table.items():
        if key not in defaults:
            known = ", ".join((*defaults, *more))
            raise ProjectError(f"{path}: the key {shown(key)}{of} is unknown; the keys are {known}")
        if type(value) is not type(defaults[key]):  # `true` is an int in Python
            kinds = {str: "text between quotation marks", bool: "true or false", int: "a whole number"}
            kind = kinds[type(defaults[key])]
            raise _misfit(path, f"{key}{of}", value, f"write {kind}")
    return table


def _misfit(path: Path, key: str, value: object, advice: str) -> ProjectError:
    return ProjectError(f"{path}: {key} is {shown(value)}; {advice}")


def _web_address(text: str) -> SplitResult | None:
    """Return the parts of a web address; None for others, such as `javascript:`, which pages must not link to."""
    try:
        parts = urlsplit(text)
    except ValueError:  # brackets without an IPv6 address
        return None
    return parts if parts.scheme in ("http", "https") and parts.netloc and terms.is_iri(text) else None


def shown(value: object) -> str:
    """Return the value for a message, shortened to a line.

    >>> shown("port"), len(shown("x" * 99)), shown(10**5000)
    ("'port'", 60, 'a number of more than 60 digits')
    """
    if isinstance(value, int) and abs(value) >= 10**_MAX_SHOWN:  # Python prints no number with thousands of digits
        return f"a number of more than {_MAX_SHOWN} digits"
    text = type(value).__name__ if isinstance(value, list | dict) else repr(value)
    return text if len(text) <= _MAX_SHOWN else f"{text[: _MAX_SHOWN - 1]}…"


def new_project(folder: Path, *, example: bool = False) -> Path:
    """Make a project in `folder`, which must be empty or not exist; with `example`, four dossiers are in it.

    Raises:
        UsageError: something is there already.
        StoreError: the folder cannot be written.
    """
    template = Path(__file__).parent / "template"
    with writing(folder, "the project was not made"):
        if os.path.lexists(folder) and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder}: something is there already; name a folder that does not exist yet")
        made = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        try:
            _fill(folder, template, example=example)
        except OSError:
            # A half-made project would keep the next attempt from starting: the folder must be empty.
            _clear(folder, whole=made)
            raise
    return folder


def _fill(folder: Path, template: Path, *, example: bool) -> None:
    for name in _TEMPLATE_FILES:
        _copy(template / name, folder / name)
    _copy(package_file("data") if example else template / "data", folder / "data")
    # The first line of a dossier names the schema for editors by a path, so each project has the schema.
    _copy(package_file(_SCHEMA_FILE), folder / Path(_SCHEMA_FILE).name)
    for path in sorted((folder / "data").rglob("*.yaml")) if example else ():
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(f"/{_SCHEMA_FILE}", f"/{Path(_SCHEMA_FILE).name}", 1), encoding="utf-8")
    # SSSOM has no relative IRIs, so the prefixes of mappings name the base of the project that they are copied from.
    for path in sorted((folder / "data").rglob(f"*{namespaces.MAPPING_SUFFIX}")) if example else ():
        text = path.read_text(encoding="utf-8")
        path.write_text(_OWN_PREFIX.sub(rf"\1{open_project(folder).base}", text), encoding="utf-8")
    if not example:
        # Every dossier refers to States by their codes, so a new project needs all of them.
        _copy(package_file("data/state.ttl"), folder / "data/state.ttl")
    (folder / "queries").mkdir()


def _copy(source: Path, target: Path) -> None:
    """Copy a file or a folder; unlike `copytree`, stop at the first error and raise it unchanged."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        for path in source.iterdir():
            _copy(path, target / path.name)
    else:
        shutil.copyfile(source, target)


def _clear(folder: Path, *, whole: bool) -> None:
    """Remove everything from a folder that was empty, or the folder itself if it did not exist."""
    for path in (folder,) if whole else tuple(folder.iterdir()):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
