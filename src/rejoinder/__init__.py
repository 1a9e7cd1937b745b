"""Rejoinder: human-rights reports as linked data.

import rejoinder
project = rejoinder.open_project("my-reports")
rejoinder.build(project)
table = rejoinder.ask(project, "who-raised-what", {"state": "CZE"})
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # importing `typing` takes most of the time in which Ctrl-C would print a traceback
if TYPE_CHECKING:
    from typing import Any, Final

__version__ = "0.2.0"

_CALLS: Final = {
    "anchor": "validation.source_text.locate",
    "ask": "api.ask",
    "build": "building.build.build",
    "check": "building.check.check",
    "check_endpoint": "triplestores.push.check_endpoint",
    "check_fair": "fair.checklist.check_fair",
    "diff": "api.diff",
    "diff_exports": "importers.upr_info.diff_exports",
    "export": "api.export",
    "import_table": "importers.table.import_table",
    "import_upr_info": "importers.upr_info.import_upr_info",
    "list_questions": "api.list_questions",
    "match": "importers.match.match",
    "migrate": "dossiers.migration.migrate",
    "new": "config.new_project",
    "open": "triplestores.rdflib_dataset.open_dataset",
    "open_project": "config.open_project",
    "push": "triplestores.push.push",
    "serve": "server.app.serve",
    "sparql": "api.sparql",
}
"""The public calls and where each is defined. They are imported on first use: all together take a second."""

_EXTRAS: Final = {
    "check_endpoint": "push",
    "check_fair": "fair",
    "match": "match",
    "open": "rdflib",
    "push": "push",
    "serve": "server",
}
"""The calls that need packages of an extra, see pyproject.toml."""

if TYPE_CHECKING:  # the same for type checkers and editors
    from rejoinder import api, config
    from rejoinder.building import build as _build
    from rejoinder.building import check as _check
    from rejoinder.dossiers import migration
    from rejoinder.fair import checklist
    from rejoinder.importers import match as _match
    from rejoinder.importers import table, upr_info
    from rejoinder.server import app
    from rejoinder.triplestores import push as _push
    from rejoinder.triplestores import rdflib_dataset
    from rejoinder.validation import source_text

    __all__: list[str]
    anchor = source_text.locate
    ask = api.ask
    build = _build.build
    check = _check.check
    check_endpoint = _push.check_endpoint
    check_fair = checklist.check_fair
    diff = api.diff
    diff_exports = upr_info.diff_exports
    export = api.export
    import_table = table.import_table
    import_upr_info = upr_info.import_upr_info
    list_questions = api.list_questions
    match = _match.match
    migrate = migration.migrate
    new = config.new_project
    open = rdflib_dataset.open_dataset  # noqa: A001  # rejoinder.open, as in other libraries
    open_project = config.open_project
    push = _push.push
    serve = app.serve
    sparql = api.sparql
else:
    __all__ = ["__version__", *_CALLS]  # noqa: PLE0604  # of a constant

    def __getattr__(name: str) -> Any:
        """Import the public call `name` (PEP 562)."""
        if name not in _CALLS:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from rejoinder.errors import extra  # noqa: PLC0415  # the program begins sooner without

        module, _, call = _CALLS[name].rpartition(".")
        with extra(_EXTRAS.get(name, "all")):
            globals()[name] = getattr(import_module(f"rejoinder.{module}"), call)  # where Python finds it the next time
        return globals()[name]

    def __dir__() -> list[str]:
        """Return the public names of the package, for completion."""
        return sorted({*globals(), *_CALLS})
