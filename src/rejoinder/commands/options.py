"""Options that several commands have."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rejoinder.triplestores.profiles import StoreName


class SummaryFormat(StrEnum):
    """How a build is told."""

    TEXT = "text"
    JSON = "json"


class ReportFormat(StrEnum):
    """How findings are told."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    TURTLE = "turtle"


class TableFormat(StrEnum):
    """How a table is told."""

    TABLE = "table"
    CSV = "csv"
    TSV = "tsv"
    JSON = "json"
    MARKDOWN = "markdown"


ProjectFolder = Annotated[
    Path,
    typer.Option("--project", "-p", help="The project's folder, or one inside it.", envvar="REJOINDER_PROJECT"),
]
StoreOption = Annotated[
    StoreName | None, typer.Option("--store", help="Which triple store it is, where it does not say so itself.")
]
EndpointOption = Annotated[
    str | None, typer.Option("--endpoint", help="Ask the triple store at this address instead.", show_default=False)
]
TimeoutOption = Annotated[
    int,
    typer.Option(
        "--timeout", min=1, max=1_000_000, help="The seconds that the triple store may take in all, retries included."
    ),
]
JobsOption = Annotated[
    int | None,
    typer.Option(
        "--jobs", "-j", min=1, help="How many processes read, check and make pages.", show_default="all cores"
    ),
]
TableOption = Annotated[TableFormat, typer.Option("--format", "-f", help="How to print the table.")]
