"""Passages: where each stands in its document, and its words, where the user gives the source text of the report."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rejoinder import namespaces
from rejoinder.config import Project
from rejoinder.errors import InputError, Problem
from rejoinder.site.resource import Resource
from rejoinder.validation.source_text import source_text

DIGEST: Final = "schema:sha256"
_SUFFIX: Final = ".txt"
_CONTEXT: Final = 80
"""The number of characters shown before and after a passage."""


@dataclass(frozen=True)
class Place:
    """Where a passage stands: the name of the document, if it must be said, and the number of a unit of the document.

    The unit is "paragraph", "paragraphs", "page", "pages" or "row"; in a document without any of these, "passage", and
    there is no number.
    """

    passage: Resource
    document: str
    unit: str
    number: str


def places(passages: Iterable[Resource], home: Resource) -> tuple[Place, ...]:
    """Return the places of the passages in the order of the text, each once; `home` is the document at hand.

    The first place of a document has the document's symbol or, in another document than `home`, its name.
    """
    found: dict[tuple[Resource, str, str], Place] = {}
    ordered = sorted(passages, key=lambda it: (it.document != home, it.document.iri, it.number("oa:start"), it.iri))
    named: set[Resource] = set()
    for passage in ordered:
        document, (unit, number) = passage.document, _cited(passage)
        if (document, unit, number) in found:
            continue
        symbol = document.report.text("rj:symbol") if unit != "passage" else ""
        name = symbol or ("" if document == home else document.label.value)
        found[document, unit, number] = Place(passage, "" if document in named else name, unit, number)
        named |= {document} if name else set()
    return tuple(found.values())


_UNITS: Final = (("rj:paragraph", "paragraph"), ("rj:page", "page"), ("rj:line", "row"))


def units(passage: Resource) -> tuple[tuple[str, str], ...]:
    """Return all units of the document in which a passage stands, each with its number: paragraphs, pages, rows."""
    found = ((unit, passage.text(name).replace("-", "–")) for name, unit in _UNITS)
    return tuple((unit + "s" * ("–" in number), number) for unit, number in found if number)


def _cited(passage: Resource) -> tuple[str, str]:
    """Return the unit of the document by which a passage is cited, and its number."""
    return next(iter(units(passage)), ("passage", ""))


@dataclass(frozen=True)
class SourceText:
    """The source text of a report, given by the user: its file, the report's IRI, the text and its SHA-256."""

    path: Path
    report: str
    words: str

    @property
    def digest(self) -> str:
        """The SHA-256 of the text."""
        return hashlib.sha256(self.words.encode()).hexdigest()

    def quoted(self, passage: Resource) -> tuple[str, str, str]:
        """Return some text before a passage, its words, and some text after it."""
        start, end = self.span(passage)
        before, after = self.words[max(0, start - _CONTEXT) : start], self.words[end : end + _CONTEXT]
        # Cut the context at whole words.
        before = f"…{before.partition(' ')[2]}" if start > _CONTEXT else before
        after = f"{after.rpartition(' ')[0]}…" if end + _CONTEXT < len(self.words) else after
        return before, self.words[start:end], after

    def span(self, passage: Resource) -> tuple[int, int]:
        """Return where the passage begins and ends in the text."""
        return passage.number("oa:start"), min(passage.number("oa:end"), len(self.words))

    def stretches(self, passages: Iterable[Resource], begin: int, end: int) -> Iterator[tuple[str, str]]:
        """Yield the text from `begin` to `end` in pieces, each with the fragment of its passage, or "" between them.

        If two passages overlap, the second is shortened.
        """
        spans = ((*self.span(passage), passage.fragment) for passage in passages)
        at = begin
        # If two begin at the same place, the longer one comes first.
        for first, last, name in sorted(spans, key=lambda span: (span[0], -span[1], span[2])):
            start = max(at, first)
            if start > at:
                yield self.words[at:start], ""
            yield self.words[start : max(start, last)], name
            at = max(at, last)
        if at < end:
            yield self.words[at:end], ""


def cuts(spans: Sequence[tuple[int, int]], length: int, most: int) -> list[int]:
    """Return where to cut a text into pages of about `most` characters, so that no passage is cut.

    >>> cuts([(0, 40), (50, 70), (260, 270)], 300, 100)
    [0, 100, 200]
    >>> cuts([(0, 40), (50, 130)], 150, 100)
    [0, 50]
    """
    found, done = [0], 0
    for start, end in (*spans, (length, length)):
        while start - found[-1] > most and (cut := max(found[-1] + most, done)) < start:
            found.append(cut)
        if end - found[-1] > most and start >= done and start > found[-1]:
            found.append(start)
        done = max(done, end)
    return found


def texts(project: Project) -> tuple[SourceText, ...]:
    """Return the source texts in the project, by path.

    Raises:
        InputError: one cannot be read.
    """
    return tuple(_text(path, f"{project.base}report/{namespaces.name_of(path.stem)}") for path in _files(project))


def text_of(project: Project, report: Resource) -> SourceText | None:
    """Return the source text of the report if it exists and its checksum is the recorded one."""
    name = report.iri.rpartition("/")[2]
    if report.iri != f"{project.base}report/{name}":
        return None
    path = project.sources / f"{name}{_SUFFIX}"
    if not path.is_file():  # it may be stored with accents decomposed, or with a suffix in capitals
        path = next((each for each in _files(project) if namespaces.name_of(each.stem) == name), path)
    if not path.is_file():
        return None
    # In another edition of the text, the positions would mark wrong words.
    found = _text(path, report.iri)
    return found if found.digest == report.report.text(DIGEST) else None


def _files(project: Project) -> list[Path]:
    """Return the files of source texts by path; suffixes in capitals count."""
    if not project.sources.is_dir():
        return []
    return sorted(path for path in project.sources.iterdir() if path.suffix.lower() == _SUFFIX and path.stem != "")


def _text(path: Path, report: str) -> SourceText:
    try:
        return SourceText(path, report, source_text(path))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError.at(path, None, f"the source text cannot be read: {error}") from error


def no_report_problem(text: SourceText) -> Problem:
    """Return the problem that no report has the name of the text."""
    message = "no report has that name; give the text the name of the dossier of its report, or remove it"
    return Problem(text.path, None, message)


def other_text_problem(text: SourceText, recorded: str) -> Problem:
    """Return the problem that the report was read from another text, whose checksum in the graph is `recorded`."""
    message = (
        f"this is not the text that the report report/{text.path.stem} was read from, so its page shows no passages: "
        f"its SHA-256 is {text.digest}, the dossier says {recorded}; "
        "restore the file, or anchor the dossier again"
    )
    return Problem(text.path, None, message)
