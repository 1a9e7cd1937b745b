"""Parts of a file, for downloads that are taken up again where they broke off.

Standard: RFC 9110, section 14. What is no range in bytes, or asks for more parts than anyone needs, is not a range.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_SPEC: Final = re.compile(r"(\d{0,18})-(\d{0,18})", re.ASCII)
_MAX_PARTS: Final = 16


@dataclass(frozen=True)
class Span:
    """Some bytes of a file, from `start` up to but without `end`."""

    start: int
    end: int

    def content_range(self, size: int) -> str:
        """The span as the header Content-Range has it.

        >>> Span(0, 10).content_range(25)
        'bytes 0-9/25'
        """
        return f"bytes {self.start}-{self.end - 1}/{size}"


def spans(header: str, size: int) -> tuple[Span, ...] | None:
    """The parts of a file of `size` bytes that a Range header asks for, none if it has none of them.

    None: the header is to be ignored.

    >>> spans("bytes=0-4, -5", 100)
    (Span(start=0, end=5), Span(start=95, end=100))
    >>> spans("bytes=100-", 100), spans("lines=1-2", 100)
    ((), None)
    """
    unit, _, specs = header.partition("=")
    parts = [part.strip() for part in specs.split(",") if part.strip()]
    if unit.strip().lower() != "bytes" or not 0 < len(parts) <= _MAX_PARTS:
        return None
    found = [_SPEC.fullmatch(part) for part in parts]
    if any(match is None or _is_senseless(match[1], match[2]) for match in found):
        return None
    return _merged(span for match in found if match and (span := _span(match[1], match[2], size)))


def _is_senseless(first: str, last: str) -> bool:
    return not (first or last) or bool(first and last and int(first) > int(last))


def _span(first: str, last: str, size: int) -> Span | None:
    """The span of one part, None if the file has nothing of it."""
    start = int(first) if first else max(size - int(last), 0)
    end = min(int(last) + 1, size) if first and last else size
    return Span(start, end) if start < end else None


def _merged(found: Iterator[Span]) -> tuple[Span, ...]:
    """Spans in the order asked for; those that overlap are one, so that no byte is sent twice: section 14.2."""
    merged: list[Span] = []
    for span in found:
        touching = [other for other in merged if span.start < other.end and other.start < span.end]
        for other in touching:
            merged.remove(other)
        every = [span, *touching]
        merged.append(Span(min(one.start for one in every), max(one.end for one in every)))
    return tuple(merged)


@dataclass(frozen=True)
class Multipart:
    """The form of an answer with several parts: multipart/byteranges, section 14.6."""

    media_type: str
    size: int
    boundary: str

    def head(self, part: Span) -> bytes:
        """What stands before a part."""
        lines = (f"--{self.boundary}", f"Content-Type: {self.media_type}", f"Content-Range: {self._range(part)}")
        return "\r\n".join(("", *lines, "", "")).encode()

    @property
    def tail(self) -> bytes:
        """What stands behind the last part."""
        return f"\r\n--{self.boundary}--\r\n".encode()

    def length(self, parts: Sequence[Span]) -> int:
        """How long the whole answer is."""
        return sum(len(self.head(part)) + part.end - part.start for part in parts) + len(self.tail)

    def _range(self, part: Span) -> str:
        return part.content_range(self.size)
