"""The encoding of a file that does not say it: UTF-8, or an older one where the bytes leave no doubt which.

Old spreadsheets wrote Windows-1252 or, on a Macintosh, Mac OS Roman. Nearly every file can be decoded from both, so
what decides is which of the two texts has letters where letters stand in the languages of the exports.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import Final

from rejoinder.errors import InputError
from rejoinder.imports.textrows import decoded

_OLDER: Final = ("windows-1252", "macintosh")
_MARKS: Final = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_KNOWN: Final = ("Côte d", "São Tom", "Tomé", "Türkiye", "Curaçao")
"""What only names of States have."""

_BEYOND: Final = re.compile(r"[^\x00-\x7f]")
_IN_PLACE: Final = re.compile(
    r"(?<=[a-z])[àáâãäåæçèéêëìíîïñòóôõöøœùúûüýÿ](?![A-Z])"  # within or behind a word of small letters
    r"|\b[ÀÁÂÇÈÉÊËÍÎÓÔÖÚÜŒàâéêîôûœ](?=[a-z])"  # at its beginning
    r"|(?<=[A-Z])[ÀÁÂÃÇÈÉÊËÍÎÏÑÓÔÕÖÙÚÛÜ](?=[A-Z])"
    r"|(?<=\w)’(?=\w)|(?<![\w’])[‘“«](?=\w)|(?<=[\w.,;:!?)])[’”»](?!\w)"
    r"|(?<=[ \w])[–—](?=[ \w])|[…€£§°•\xa0]"
)
"""Letters and signs beyond ASCII at places where the languages of the exports have them."""


def text_of(path: Path, data: bytes, encoding: str | None = None) -> str:
    """Return the text of the file at `path` that `data` holds, in the encoding that is given or that the bytes show.

    Raises:
        InputError: it is not in that encoding, or none is plainly the right one.
    """
    named = encoding or next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)
    if named:
        return decoded(path, data, named)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        found = _plainly(data)
        if found is None:
            line = len(re.findall(rb"\r\n|\r|\n", data[: error.start])) + 1
            choices = " or ".join(f"'--encoding {name}'" for name in _OLDER)
            message = f"this is not UTF-8; give its encoding, e.g. {choices}, or save the file as UTF-8"
            raise InputError.at(path, line, message) from error
        return found


def _plainly(data: bytes) -> str | None:
    """Return the text in the one older encoding that fits, None where both or neither do."""
    texts = [text for name in _OLDER if (text := _text(data, name)) is not None]
    named = [text for text in texts if any(name in text for name in _KNOWN)]
    if len(named) == 1:
        return named[0]
    fitting = [text for text in texts if len(_IN_PLACE.findall(text)) == len(_BEYOND.findall(text))]
    return fitting[0] if len(fitting) == 1 else None


def _text(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def is_encoding(name: str) -> bool:
    """Return whether text can be decoded from it: Python also has encodings between bytes and bytes."""
    try:
        b"x".decode(name)
    except UnicodeError:  # an encoding in which one byte is no text
        return True
    except (LookupError, ValueError):
        return False
    return True
