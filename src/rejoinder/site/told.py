"""What changed in a version, told: the words as values that can be kept beside the version and read again.

    {"version": 2, "since": 1, "summary": "…", "graphs": [{"graph": "…", "heading": [word], "sentences": [[word]]}]}

A word is a text, or an object with the `text`, and with the `iri` that it names or the `language` that it is in.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from rejoinder.site import wording
from rejoinder.site.changes import GraphChanges, VersionChanges
from rejoinder.site.things import Thing
from rejoinder.site.wording import Part, Sentence

_MOST: Final = 300
"""So many sentences are told of a graph; the patch has the rest."""


@dataclass(frozen=True)
class Word:
    """A piece of a sentence, the IRI of what it names, and its language where it is not the page's."""

    text: str
    iri: str = ""
    language: str = ""


Words = tuple[Word, ...]


@dataclass(frozen=True)
class ToldGraph:
    """A graph that came, went or changed; `more` is the number of sentences left out."""

    graph: str
    heading: Words
    sentences: tuple[Words, ...]
    more: int


@dataclass(frozen=True)
class Told:
    """A version and what changed since the version before that was kept; `since` is None for a first one."""

    version: int
    since: int | None
    summary: str
    graphs: tuple[ToldGraph, ...]


def told(found: VersionChanges) -> Told:
    """The changes in words."""
    since = found.before.number if found.before else None
    return Told(found.after.number, since, wording.summary(found), tuple(map(_graph, found.graphs)))


def _graph(graph: GraphChanges) -> ToldGraph:
    every = tuple(wording.sentences(graph))
    first = tuple(_words(sentence) for sentence in islice(every, _MOST))
    return ToldGraph(graph.graph.iri, _words(wording.heading(graph)), first, len(every) - len(first))


def _words(sentence: Sentence) -> Words:
    return tuple(map(_word, sentence.parts))


def _word(part: Part) -> Word:
    if isinstance(part, str):
        return Word(part)
    if isinstance(part, Thing):
        return Word(wording.spoken(part), part.iri, part.label.language or "")
    return Word(wording.spoken(part), "", part.language or "")


def as_json(value: Told) -> bytes:
    """The words as JSON."""
    graphs = [
        {
            "graph": graph.graph,
            "heading": _plain(graph.heading),
            "sentences": [_plain(sentence) for sentence in graph.sentences],
            "more": graph.more,
        }
        for graph in value.graphs
    ]
    document = {"version": value.version, "since": value.since, "summary": value.summary, "graphs": graphs}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _plain(words: Words) -> list[str | dict[str, str]]:
    return [_as_object(word) if word.iri or word.language else word.text for word in words]


def _as_object(word: Word) -> dict[str, str]:
    return {key: value for key, value in vars(word).items() if value}


def from_json(content: bytes) -> Told:
    """The words that `as_json` wrote.

    Raises:
        ValueError: they are something else.
    """
    try:
        found = json.loads(content)
        return Told(found["version"], found["since"], found["summary"], tuple(map(_read_graph, found["graphs"])))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not the words of a version: {error}") from error


def _read_graph(found: dict[str, Any]) -> ToldGraph:
    sentences = tuple(_read_words(sentence) for sentence in found["sentences"])
    return ToldGraph(found["graph"], _read_words(found["heading"]), sentences, found["more"])


def _read_words(found: Iterable[str | dict[str, str]]) -> Words:
    return tuple(Word(word) if isinstance(word, str) else Word(**word) for word in found)


def text(words: Words) -> str:
    """A sentence as plain text.

    >>> text((Word("New: "), Word("Norway", "https://example.org/state/NOR")))
    'New: Norway'
    """
    return "".join(word.text for word in words)
