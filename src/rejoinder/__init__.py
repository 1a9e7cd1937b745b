"""Rejoinder: human-rights reports as linked data.

import rejoinder
project = rejoinder.open_project("my-reports")
rejoinder.build(project)
table = rejoinder.ask(project, "who-raised-what", {"state": "CZE"})
"""

from typing import TYPE_CHECKING, Any

from rejoinder.version import __version__

if TYPE_CHECKING:
    from rejoinder.api import (
        anchor,
        ask,
        build,
        check,
        check_endpoint,
        check_fair,
        diff,
        diff_exports,
        export,
        import_table,
        import_upr_info,
        list_questions,
        new,
        open,  # noqa: A004  # as one says rejoinder.open
        open_project,
        push,
        serve,
        sparql,
    )

__all__ = [
    "__version__",
    "anchor",
    "ask",
    "build",
    "check",
    "check_endpoint",
    "check_fair",
    "diff",
    "diff_exports",
    "export",
    "import_table",
    "import_upr_info",
    "list_questions",
    "new",
    "open",
    "open_project",
    "push",
    "serve",
    "sparql",
]


if not TYPE_CHECKING:  # types are checked without it, so that a call which there is not is found

    def __getattr__(name: str) -> Any:
        """The call of this name (PEP 562), imported when it is first asked for."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from rejoinder import api  # noqa: PLC0415  # modules of ours are imported without it

        return getattr(api, name)

    def __dir__() -> list[str]:
        """What the package offers, for completion."""
        return sorted({*globals(), *__all__})
