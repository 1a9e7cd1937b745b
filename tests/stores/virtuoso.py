"""OpenLink Virtuoso 7, the Debian package, with the limits that the package's own settings have."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from stores import base

USERNAME = "dba"
PASSWORD = "dba"  # noqa: S105  # what a new database has; it lives as long as the test
_INI = """\
[Database]
DatabaseFile = {data}/virtuoso.db
ErrorLogFile = {data}/virtuoso.log
LockFile = {data}/virtuoso.lck
TransactionFile = {data}/virtuoso.trx
xa_persistent_file = {data}/virtuoso.pxa
ErrorLogLevel = 7
FileExtend = 200
MaxCheckpointRemap = 2000
TempStorage = TempDatabase

[TempDatabase]
DatabaseFile = {data}/virtuoso-temp.db
TransactionFile = {data}/virtuoso-temp.trx
MaxCheckpointRemap = 2000

[Parameters]
ServerPort = {host}:{sql}
DisableUnixSocket = 1
ServerThreads = 20
CheckpointInterval = 60
CaseMode = 2
DirsAllowed = {folder}
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000

[HTTPServer]
ServerPort = {host}:{http}
ServerRoot = {data}
ServerThreads = 10
Charset = UTF-8

[SPARQL]
ResultSetMaxRows = 10000
MaxQueryCostEstimationTime = 400
MaxQueryExecutionTime = 60
"""


def missing() -> str | None:
    """Return a sentence on what this machine lacks to run the store, or nothing."""
    return base.missing_programs("Virtuoso (package virtuoso-opensource)", "virtuoso-t", "isql-vt")


@contextmanager
def start(folder: Path) -> Iterator[base.RunningStore]:
    """Virtuoso over the folder, digest sign-in; its default graph is the union of all graphs, unless FROM is given."""
    command = ["virtuoso-t", "+foreground", "+configfile", _write_settings(folder)]
    url = f"http://{base.HOST}:{base.port(folder)}"
    with base.running(command, folder, lambda: base.answers(f"{url}/sparql?query=ASK%7B%7D")) as process:
        yield base.RunningStore(
            name="virtuoso",
            version=_version(),
            query_url=f"{url}/sparql-auth",
            update_url=f"{url}/sparql-auth",
            graph_store_url=f"{url}/sparql-graph-crud-auth",
            username=USERNAME,
            password=PASSWORD,
            process=process,
            # Without a log of each statement: to drop the graphs of the example takes a quarter of a minute.
            empty=partial(isql, folder, "RDF_GLOBAL_RESET()"),
        )


def isql(folder: Path, statement: str) -> str:
    """Return what the store's own console answers: for grants, and for its bulk loader."""
    address = f"{base.HOST}:{base.port(folder, 'sql')}"
    command = ["isql-vt", address, USERNAME, PASSWORD, "ERRORS=STDOUT", f"EXEC={statement}"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600).stdout
    if "*** Error" in answer:  # which it does not tell by its exit code
        raise base.StoreError(f"isql-vt refused {statement!r}: {answer[-500:]}")
    return answer


def _write_settings(folder: Path) -> Path:
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    path = folder / "virtuoso.ini"
    ports = {"sql": base.port(folder, "sql"), "http": base.port(folder)}
    path.write_text(_INI.format(folder=folder, data=data, host=base.HOST, **ports), encoding="utf-8")
    return path


def _version() -> str:
    program = shutil.which("virtuoso-t") or "virtuoso-t"
    answer = subprocess.run([program, "-?"], capture_output=True, text=True, check=False)
    words = (answer.stdout + answer.stderr).split()
    return words[words.index("Version") + 1]
