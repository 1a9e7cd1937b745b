"""The texts that reports were read from, where a user gives them: passages in their context, each an element of a page.

A text is a file `sources/<name of the report>.txt`. It is shown only if its digest is the one that the report records.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rejoinder import names
from rejoinder.checking.coverage import source_text
from rejoinder.errors import InputError, Problem
from rejoinder.project import Project
from rejoinder.site.things import Thing

DIGEST: Final = "schema:sha256"
_SUFFIX: Final = ".txt"
_CONTEXT: Final = 80
"""How many characters around a passage are shown with it."""


@dataclass(frozen=True)
class Text:
    """A text that a user gives for a report: the file, the report's IRI, its words and their SHA-256."""

    path: Path
    report: str
    words: str

    @property
    def digest(self) -> str:
        """The SHA-256 of the text."""
        return hashlib.sha256(self.words.encode()).hexdigest()


@dataclass(frozen=True)
class Quote:
    """A passage and a little of what stands around it."""

    before: str
    words: str
    after: str


@dataclass(frozen=True)
class Stretch:
    """A part of the whole text: `name` is the fragment of the passage that it is, if it is one."""

    words: str
    name: str = ""


def texts(project: Project) -> tuple[Text, ...]:
    """The texts that are there, by path.

    Raises:
        InputError: one cannot be read.
    """
    return tuple(_text(path, f"{project.base}report/{names.name_of(path.stem)}") for path in _files(project))


def _files(project: Project) -> list[Path]:
    """Return the files of texts, by path; a suffix in capitals is the same."""
    if not project.sources.is_dir():
        return []
    return sorted(path for path in project.sources.iterdir() if path.suffix.lower() == _SUFFIX and path.stem != "")


def text_of(project: Project, report: Thing) -> Text | None:
    """The text of the report, if it is there and is the one that the report was read from."""
    name = report.iri.rpartition("/")[2]
    if report.iri != f"{project.base}report/{name}":
        return None
    path = project.sources / f"{name}{_SUFFIX}"
    if not path.is_file():  # it may be stored with accents decomposed, or with a suffix in capitals
        path = next((each for each in _files(project) if names.name_of(each.stem) == name), path)
    if not path.is_file():
        return None
    found = _text(path, report.iri)
    return found if found.digest == report.words(DIGEST) else None


def _text(path: Path, report: str) -> Text:
    try:
        return Text(path, report, source_text(path))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError.at(path, None, f"the source text cannot be read: {error}") from error


def stranger(text: Text) -> Problem:
    """That no report has the name of the text."""
    message = "no report has that name; name the text as the dossier of its report is named, or take it away"
    return Problem(text.path, None, message)


def stale(text: Text, recorded: str) -> Problem:
    """That the text is another than its report was read from: `recorded` is the digest in the graph."""
    message = (
        f"this is not the text that the report report/{text.path.stem} was read from, so its page shows no passages: "
        f"its SHA-256 is {text.digest}, the dossier says {recorded}; "
        "give the file as it was, or anchor the dossier anew"
    )
    return Problem(text.path, None, message)


def quotes(text: Text, passages: Iterable[Thing]) -> dict[str, Quote]:
    """Each passage, by its IRI, with its context."""
    return {passage.iri: _quote(text.words, *_span(text, passage)) for passage in passages}


def _span(text: Text, passage: Thing) -> tuple[int, int]:
    return passage.number("oa:start"), min(passage.number("oa:end"), len(text.words))


def _quote(words: str, start: int, end: int) -> Quote:
    before, after = words[max(0, start - _CONTEXT) : start], words[end : end + _CONTEXT]
    # Whole words only, where the context is cut.
    before = f"…{before.partition(' ')[2]}" if start > _CONTEXT else before
    after = f"{after.rpartition(' ')[0]}…" if end + _CONTEXT < len(words) else after
    return Quote(before, words[start:end], after)


def stretches(text: Text, passages: Iterable[Thing]) -> Iterator[Stretch]:
    """The whole text, parted into passages and what stands between; of two that overlap, the second is cut short."""
    spans = ((*_span(text, passage), passage.fragment) for passage in passages)
    at = 0
    for start, end, name in sorted(spans, key=lambda span: (span[0], -span[1], span[2])):
        begin = max(at, start)
        if begin > at:
            yield Stretch(text.words[at:begin])
        yield Stretch(text.words[begin : max(begin, end)], name)
        at = max(at, end)
    if at < len(text.words):
        yield Stretch(text.words[at:])
