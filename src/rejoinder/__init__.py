"""Rejoinder: human-rights reports as linked data.

import rejoinder
project = rejoinder.open_project("my-reports")
rejoinder.build(project)
table = rejoinder.ask(project, "who-raised-what", {"state": "CZE"})
"""

from rejoinder.library import (
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
from rejoinder.version import __version__

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
