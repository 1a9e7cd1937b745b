"""Compression of answers with brotli and gzip; `negotiation.choose_coding` chooses one (RFC 9110, 12.5.3)."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Final

import brotli

CODINGS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "br": lambda content: brotli.compress(content, quality=5),
    # Without a time in the header, the same content gives the same bytes, and so the same entity tag.
    "gzip": lambda content: gzip.compress(content, compresslevel=6, mtime=0),
}
"""The content codings, in the server's order of preference."""

_INCOMPRESSIBLE: Final = frozenset({"application/gzip", "image/png", "application/octet-stream"})
"""Media types of files that compression does not make smaller."""

_MIN_PACKED_BYTES: Final = 512
"""Shorter content is not compressed."""


def codings(media_type: str, size: int) -> tuple[str, ...]:
    """Return the codings for `size` bytes of a media type.

    >>> codings("text/turtle", 9_000), codings("text/turtle", 9), codings("application/gzip", 9_000)
    (('br', 'gzip'), (), ())
    """
    return tuple(CODINGS) if size >= _MIN_PACKED_BYTES and media_type not in _INCOMPRESSIBLE else ()
