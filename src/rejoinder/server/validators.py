"""Validators: the tags by which a client knows that what it holds is still so.

Standard: RFC 9110, sections 8.8.3 (ETag) and 13 (conditional requests). There is no Last-Modified: a version can be
taken back, and then the older answer would pass for the newer one.
"""

from __future__ import annotations

import hashlib
import re
from typing import BinaryIO, Final

_TAG: Final = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_PIECE: Final = 1 << 20


def digest(file: BinaryIO) -> str:
    """What tells the content of a file from any other."""
    found = hashlib.blake2b(digest_size=16)
    while piece := file.read(_PIECE):
        found.update(piece)
    return found.hexdigest()


def tag(content_digest: str, coding: str | None) -> str:
    """The strong entity tag of content in a content coding: the same page packed in two ways is two representations.

    >>> tag("c0ffee", "br"), tag("c0ffee", None)
    ('"c0ffee-br"', '"c0ffee"')
    """
    return f'"{content_digest}-{coding}"' if coding else f'"{content_digest}"'


def is_held(if_none_match: str | None, etag: str) -> bool:
    """Whether the client holds the representation already: section 13.1.2, compared weakly.

    >>> is_held('W/"a", "b"', '"a"'), is_held("*", '"a"'), is_held('"b"', '"a"'), is_held(None, '"a"')
    (True, True, False, False)
    """
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or any(found == etag for _, found in _TAG.findall(if_none_match))


def is_expected(if_match: str | None, etag: str) -> bool:
    """Whether the representation is one that the client insists on: section 13.1.1, compared strongly.

    >>> is_expected('"a"', '"a"'), is_expected('W/"a"', '"a"'), is_expected(None, '"a"')
    (True, False, True)
    """
    if if_match is None or if_match.strip() == "*":
        return True
    return any(found == etag and not weak for weak, found in _TAG.findall(if_match))
