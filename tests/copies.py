"""Data of any size: those of a project, and copies of them in which things of some kinds have names of their own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import RdfFormat, Store

DOCUMENTS = r"(?:report|review|upr-info)/[^/#>]+"
"""What a copy with names of its own for makes one more of each: a report, on another review, with another record."""
SHARED = r"(?:issue|organisation|person|provision|state|upr-info-issue)/[^/#>]+"
"""What several documents speak of: with a copy, a document speaks of two with the same label instead of one."""
PARTS = r"(?:report|upr-info)/[^/#>]+#[^>]+"
"""What a document holds: with a copy, it holds two with the same label instead of one."""


def lines(store: Store) -> list[str]:
    """Return the statements of the store's union, as lines of N-Triples."""
    return sorted({f"{quad.triple} .\n" for quad in store})


def copy(statements: Iterable[str], base: str, kind: str, number: int) -> list[str]:
    """Return the statements with `-NUMBER` added to the name of each thing of the kind; labels stay as they are."""
    named = re.compile(f"(<{re.escape(base)}{kind})")
    return [named.sub(rf"\1-{number}", line) for line in statements]


def store_of(*parts: Iterable[str], folder: Path | None = None) -> Store:
    """Return a store that holds the statements of all parts, in memory or in the folder."""
    store = Store(str(folder)) if folder else Store()
    store.bulk_load("".join(line for part in parts for line in part).encode(), format=RdfFormat.N_TRIPLES)
    return store
