"""The tables of `docs/interoperability.md`, which say what a client asked for and what it got."""

from __future__ import annotations

from importlib.metadata import version
from typing import Final

from conftest import ROOT
from rejoinder import formats

PAGE: Final = (ROOT / "docs" / "interoperability.md").read_text(encoding="utf-8")

FORMATS: Final = {
    "SPARQL JSON": formats.JSON,
    "SPARQL XML": formats.XML,
    "CSV": formats.CSV,
    "TSV": formats.TSV,
    "Turtle": formats.TURTLE,
    "N-Triples": formats.NTRIPLES,
    "JSON-LD": formats.JSONLD,
    "RDF/XML": formats.RDFXML,
}
"""The formats by the names that the page gives them."""

_TYPED: Final = "{ ?s a ?t } ORDER BY ?s ?t LIMIT 3"
QUERIES: Final = {
    "SELECT": f"SELECT ?s ?t {_TYPED}",
    "ASK": "ASK { ?s a ?t }",
    "CONSTRUCT": f"CONSTRUCT {{ ?s a ?t }} WHERE {_TYPED}",
    "DESCRIBE": "DESCRIBE <state/CZE>",
}
"""A query of each kind, over the example project: three rows, true, three statements, and what is said of a State."""

_UNREAD: Final = " (unread)"


def rows(header: str) -> list[dict[str, str]]:
    """Return the rows of the table whose first column has this header, each cell by the header of its column."""
    lines = PAGE.splitlines()
    (start,) = (at for at, line in enumerate(lines) if line.startswith(f"| {header} |"))
    end = next(at for at in range(start, len(lines)) if not lines[at].startswith("|"))
    names, _, *found = (tuple(cell.strip(" `") for cell in line.strip("|").split("|")) for line in lines[start:end])
    return [dict(zip(names, cells, strict=True)) for cells in found]


def media_type(cell: str) -> str | None:
    """Return the media type of the format in a cell, None if the cell has a status."""
    return None if cell.isdigit() else FORMATS[cell.removesuffix(_UNREAD)].media_type


def is_read(cell: str) -> bool:
    """Return whether the client can read what it gets."""
    return not cell.isdigit() and not cell.endswith(_UNREAD)


def is_documented(package: str, title: str) -> bool:
    """Return whether the page names a version of the package, in its section, that is no newer than the one here."""
    section = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    named = section.partition(f"{title} ")[2].split()[0]
    return _numbers(named) <= _numbers(version(package))


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())
