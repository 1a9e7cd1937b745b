"""Content codings: how an answer is packed for the way.

Standard: RFC 9110, section 8.4.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Final

import brotli

CODINGS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "br": lambda content: brotli.compress(content, quality=5),
    "gzip": lambda content: gzip.compress(content, compresslevel=6, mtime=0),
}
"""The content codings, in the order in which we prefer them."""

_PACKED: Final = frozenset({"application/gzip", "image/png", "application/octet-stream"})
"""Media types of what packing makes no smaller."""

_LEAST: Final = 512
"""Content that is shorter travels as it is."""


def codings(media_type: str, size: int) -> tuple[str, ...]:
    """The codings in which so many bytes of that type may travel.

    >>> codings("text/turtle", 9_000), codings("text/turtle", 9), codings("application/gzip", 9_000)
    (('br', 'gzip'), (), ())
    """
    return tuple(CODINGS) if size >= _LEAST and media_type not in _PACKED else ()
