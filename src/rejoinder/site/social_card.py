"""The picture that social networks show with a link to a claim: who said what, when, and how much stands beside it.

It is neutral: it has no colour for a verdict, and says that the site does not judge. Pillow draws it if it is installed
(`rejoinder[cards]`); without it, pages have no picture.
"""

from __future__ import annotations

import io
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from rejoinder.site.render import Page

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

WIDTH, HEIGHT = 1200, 630
"""The size in pixels that Facebook, LinkedIn, Mastodon and X show whole."""

_SCRIPTS: Final = frozenset({"LATIN", "CYRILLIC", "GREEK"})
"""The scripts that the font has, by the first word of the names of their letters in Unicode."""
_MARGIN: Final = 72
_INK, _PAPER, _BAR = (27, 37, 48), (252, 251, 248), (11, 85, 99)
_SOFT, _LINE = 68, 200
"""Shades between ink, 0, and paper, 255."""
_SIZES: Final = (64, 56, 50, 44, 39, 35)
_TOP, _BOTTOM = 152, 462
"""Between these heights stand the words of the claim."""


def available() -> bool:
    """Return whether pictures can be drawn: whether the extra is installed."""
    return all(map(find_spec, ("PIL", "font_source_serif_pro")))


def can_draw(text: str) -> bool:
    """Return whether the font has the letters of the text.

    >>> can_draw("Статья 400, article 400"), can_draw("第四百条")
    (True, False)
    """
    letters = (char for char in text if char.isalpha())
    return all(unicodedata.name(char, "").partition(" ")[0] in _SCRIPTS for char in letters)


@dataclass(frozen=True)
class SocialCard:
    """The words of a picture, and the path of its file: who said it and when, the claim, what stands beside it."""

    path: str
    said: str
    claim: str
    beside: str
    source: str
    note: str

    @property
    def words(self) -> str:
        """All words of the picture, for those who do not see it."""
        return ". ".join(filter(None, (f"{self.said}: {self.claim}" if self.said else self.claim, self.beside)))

    @property
    def key(self) -> str:
        """A digest of all that the picture shows."""
        return sha256("\0".join((self.said, self.claim, self.beside, self.source, self.note)).encode()).hexdigest()

    def page(self) -> Page:
        """Return the file, whose metadata have the key."""
        return Page(self.path, self.png(), "image/png")

    def png(self) -> bytes:
        """Return the picture as PNG."""
        from PIL import Image, ImageDraw, PngImagePlugin  # noqa: PLC0415  # an extra

        shades = Image.new("L", (WIDTH, HEIGHT), 255)
        draw = ImageDraw.Draw(shades)
        small, smaller = _font("Regular", 30), _font("Regular", 25)
        for number, line in enumerate(_lines(self.said, small, 2)):
            draw.text((_MARGIN, 56 + 40 * number), line, _SOFT, small)
        size, lines = self._fitted()
        for number, line in enumerate(lines):
            draw.text((_MARGIN, _TOP + size * 1.22 * number), line, 0, _font("Semibold", size))
        draw.line((_MARGIN, 482, WIDTH - _MARGIN, 482), _LINE, 2)
        below = ((498, self.beside, 0, small), (542, self.source, _SOFT, smaller), (578, self.note, _SOFT, smaller))
        for top, text, shade, font in below:
            for line in _lines(text, font, 1):
                draw.text((_MARGIN, top), line, shade, font)
        # Sixteen colours are enough for letters and make a small file: fifteen from ink to paper, and one for the bar.
        few = shades.point([round(shade * 14 / 255) for shade in range(256)])
        image = Image.frombytes("P", few.size, few.tobytes())
        ramp = [
            round(ink + (paper - ink) * step / 14)
            for step in range(15)
            for ink, paper in zip(_INK, _PAPER, strict=True)
        ]
        image.putpalette([*ramp, *_BAR])
        ImageDraw.Draw(image).rectangle((0, 0, 16, HEIGHT), fill=15)
        written = io.BytesIO()
        metadata = PngImagePlugin.PngInfo()
        metadata.add_text("key", self.key)
        # Lines of one colour are most of the picture: to look for no other repetition takes half the time.
        image.save(written, "PNG", bits=4, pnginfo=metadata, compress_type=zlib.Z_RLE)
        return written.getvalue()

    def _fitted(self) -> tuple[int, tuple[str, ...]]:
        """Return the largest size at which the claim fits, and its lines."""
        for size in _SIZES:
            most = int((_BOTTOM - _TOP) / (size * 1.22))
            lines = tuple(_lines(self.claim, _font("Semibold", size), most))
            if not lines[-1:] or not lines[-1].endswith("…"):
                break
        return size, lines


def _font(weight: str, size: int) -> FreeTypeFont:
    import font_source_serif_pro  # noqa: PLC0415  # an extra
    from PIL import ImageFont  # noqa: PLC0415  # as above

    # Letters in the format OTF are drawn in two thirds of the time that those in TTF take.
    file = files(font_source_serif_pro) / "files" / f"SourceSerifPro-{weight}.otf"
    return ImageFont.truetype(str(file), size, layout_engine=ImageFont.Layout.BASIC)


def _lines(text: str, font: FreeTypeFont, most: int) -> Iterator[str]:
    """Yield the text in lines that fit the picture, at most so many; the last one ends in … if words are left out."""
    room, blank = WIDTH - 2 * _MARGIN, font.getlength(" ")
    line, wide, number = "", 0.0, 1
    for word in text.split() if can_draw(text) else ():
        width = font.getlength(word)
        # In the last line there is always room for the dots.
        if line and wide + blank + width > room - (2 * blank + font.getlength("…")) * (number == most):
            if number == most:
                line += " …"
                break
            yield line
            line, wide, number = "", 0.0, number + 1
        line, wide = f"{line} {word}" if line else word, wide + width + blank * bool(line)
    if line:
        yield line
