"""Which of several representations a client would rather have.

Standard: RFC 9110, sections 12.4.2 (weights), 12.5.1 (Accept) and 12.5.3 (Accept-Encoding). What cannot be read asks
for nothing; a header in which nothing can be read is as good as none.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_WORD: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED: Final = r'"(?:[^"\\]++|\\.)*+"'
_PARAMETER: Final = re.compile(rf"({_WORD})\s*=\s*({_WORD}|{_QUOTED})")
_PART: Final = re.compile(rf'(?:{_QUOTED}?|[^,"])++')  # what is not closed ends with the header, and is read once
_PIECE: Final = re.compile(rf'(?:{_QUOTED}?|[^;"])++')
_RANGE: Final = re.compile(rf"({_WORD})/({_WORD})")
_WEIGHT: Final = re.compile(r"\d{1,9}(?:\.\d{0,9})?|\.\d{1,9}", re.ASCII)

_MAX_LENGTH: Final = 2_000
"""Longer than the header of any browser or library; what stands behind it is not read."""

_EXACT, _TYPE, _OTHER_PROFILE, _FAMILY, _ANYTHING = 4, 3, 2, 1, 0


@dataclass(frozen=True)
class Wish:
    """One media range, or one content coding, and how much it is wanted: 0, not at all, to 1."""

    name: str
    parameters: frozenset[tuple[str, str]]
    quality: float

    def fits(self, offer: Wish) -> int | None:
        """How closely the range describes the offer, None if it does not.

        A range with parameters that the offer does not have (`application/ld+json;profile=…`) describes it still, if
        nothing fits better: the client asked for that format, and can be given it in one profile only.
        """
        kind = offer.name.partition("/")[0]
        if self.name == offer.name:
            if self.parameters <= offer.parameters:
                return _EXACT if self.parameters else _TYPE
            return _OTHER_PROFILE if self.quality else None
        if self.name == f"{kind}/*":
            return _FAMILY
        return _ANYTHING if self.name == "*/*" else None


def choose(accept: str | None, offers: Sequence[str]) -> int | None:
    """The place in `offers`, media types in the order of our own preference, of what suits the client best.

    Without a header it is the first; where the client refuses all, None.

    >>> offers = ("text/html", "text/turtle", "application/ld+json")
    >>> choose("text/*;q=0.5, application/ld+json;profile=x, text/html;q=0", offers)
    2
    >>> choose(None, offers), choose("image/png", offers)
    (0, None)
    """
    wishes = tuple(_ranges(accept or "")) or (Wish("*/*", frozenset(), 1.0),)
    return _best([_quality(wishes, _offer(media_type)) for media_type in offers])


def names_any(accept: str | None, media_types: Collection[str]) -> bool:
    """Whether the header names one of these types, or ranges, and does not refuse it.

    >>> names_any("text/turtle;q=0.1, */*", {"text/turtle"}), names_any("text/html;q=0, */*", {"text/html"})
    (True, False)
    """
    return any(wish.quality and wish.name in media_types for wish in _ranges(accept or ""))


def choose_coding(accept_encoding: str | None, codings: Sequence[str]) -> str | None:
    """The content coding that suits the client best, in the order of our own preference; None for none at all.

    The identity is never refused: a client that excludes it as well gets it all the same, as section 12.5.3 allows.

    >>> choose_coding("gzip, br;q=0.5", ("br", "gzip")), choose_coding("*;q=0", ("br",)), choose_coding(None, ("br",))
    ('gzip', None, None)
    """
    if accept_encoding is None:
        return None
    wanted = {wish.name: wish.quality for wish in _tokens(accept_encoding)}
    other = wanted.get("*", 0.0)
    # Section 12.5.3: the identity is acceptable unless it is excluded; it is our last choice among equals.
    qualities = [wanted.get(coding, other) for coding in codings]
    best = _best([*qualities, wanted.get("identity", min(qualities, default=0.0))])
    return codings[best] if best is not None and best < len(codings) else None


def _best(qualities: Sequence[float]) -> int | None:
    """The place of the greatest quality, the first among equals; None if all are zero."""
    best = max(range(len(qualities)), key=lambda place: qualities[place], default=None)
    return best if best is not None and qualities[best] else None


def _quality(wishes: Iterable[Wish], offer: Wish) -> float:
    """How much the offer is wanted: what the wish says that describes it most closely."""
    fitting = [(closeness, wish.quality) for wish in wishes if (closeness := wish.fits(offer)) is not None]
    return max(fitting, default=(0, 0.0))[1]


def _offer(media_type: str) -> Wish:
    return next(_ranges(media_type))


def _ranges(header: str) -> Iterator[Wish]:
    """The media ranges of a header; a bare `*`, as Java's own client sends it, stands for all."""
    for wish in _tokens(header):
        if wish.name == "*":
            yield Wish("*/*", wish.parameters, wish.quality)
        elif _RANGE.fullmatch(wish.name):
            yield wish


def _tokens(header: str) -> Iterator[Wish]:
    for part in _PART.findall(header[:_MAX_LENGTH]):
        name, _, rest = part.partition(";")
        pairs = [_PARAMETER.fullmatch(piece.strip()) for piece in _PIECE.findall(rest)]
        parameters = {pair[1].lower(): pair[2].strip('"') for pair in pairs if pair}
        quality = _weight(parameters.pop("q", "1"))
        if name.strip() and quality is not None:
            yield Wish(name.strip().lower(), frozenset(parameters.items()), quality)


def _weight(text: str) -> float | None:
    """A weight; older clients write .2 for 0.2, and some a number above 1."""
    return min(float(text), 1.0) if _WEIGHT.fullmatch(text) else None
