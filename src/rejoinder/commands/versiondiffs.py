"""What changed between two versions, told to people, to machines, and as Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from rejoinder.commands.screen import Terminal
from rejoinder.site import wording
from rejoinder.site.changes import Change, GraphChanges, PropertyChange, VersionChanges
from rejoinder.site.things import Thing
from rejoinder.store.rdf import Literal

_MARKUP: Final = re.compile(r"([\\`*_\[\]<>#|])")


def show(screen: Terminal, found: VersionChanges) -> None:
    """What changed, in words: a paragraph for each graph that differs."""
    for graph in found.graphs:
        screen.say(str(wording.heading(graph)), style="bold")
        for sentence in wording.sentences(graph):
            screen.say(f"  {sentence}")
    screen.say(wording.summary(found))


def as_markdown(found: VersionChanges) -> str:
    """The same as Markdown, for a message or a page of one's own."""
    return "\n".join(_markdown(found)) + "\n"


def _markdown(found: VersionChanges) -> Iterator[str]:
    yield _escaped(wording.summary(found))
    for graph in found.graphs:
        yield from ("", f"## {_escaped(str(wording.heading(graph)))}", "")
        yield from (f"- {_escaped(str(sentence))}" for sentence in wording.sentences(graph))


def _escaped(text: str) -> str:
    """Text whose marks and line ends are no Markdown."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def as_json(found: VersionChanges) -> str:
    """The same for machines."""
    value = {
        "before": found.before and found.before.number,
        "after": found.after.number,
        "came": found.came,
        "went": found.went,
        "graphs": [_graph(graph) for graph in found.graphs],
    }
    return json.dumps(value, ensure_ascii=False, indent=2)


def _graph(graph: GraphChanges) -> dict[str, Any]:
    return {
        "graph": graph.graph.iri,
        "label": graph.graph.label.value,
        "fate": graph.fate,
        "came": graph.came,
        "went": graph.went,
        "sentences": [str(sentence) for sentence in wording.sentences(graph)],
        "changes": [_change(change) for change in graph.changes],
        "tallies": [{"kind": tally.kind.iri, "number": tally.number} for tally in graph.tallies],
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "thing": change.thing.iri,
        "label": change.thing.label.value,
        "kind": change.kind and change.kind.iri,
        "fate": change.fate,
        "properties": [_property(item) for item in change.properties],
    }


def _property(item: PropertyChange) -> dict[str, Any]:
    return {
        "property": item.property.iri,
        "went": [_value(value) for value in item.went],
        "came": [_value(value) for value in item.came],
    }


def _value(value: Thing | Literal) -> dict[str, str]:
    """A value as the SPARQL results format writes it."""
    if isinstance(value, Thing):
        return {"type": "uri", "value": value.iri}
    extra = {"xml:lang": value.language} if value.language else {"datatype": value.datatype.value}
    return {"type": "literal", "value": value.value, **extra}
