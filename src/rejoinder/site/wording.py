"""What changed, in words: sentences whose parts are words, things and values, so that a page can link what it names.

Nothing is judged: evidence is set against a claim, or no longer is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final

from rejoinder import dates, names
from rejoinder.site.changes import Change, Fate, GraphChanges, PropertyChange, VersionChanges
from rejoinder.site.termwords import WORDS_BY_IRI
from rejoinder.site.things import Thing
from rejoinder.store.rdf import Literal

Part = str | Thing | Literal

_PASSAGE: Final = names.RJ + "Passage"
_NAMED: Final = 5
"""So many passages are named one by one; of more, only the number is told."""

_NUMERIC: Final = frozenset(
    names.XSD + name for name in ("integer", "decimal", "double", "boolean", "date", "dateTime")
)


@dataclass(frozen=True)
class Sentence:
    """A sentence; as text, what things are called stands in it."""

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        return "".join(map(spoken, self.parts))


def spoken(part: Part) -> str:
    """A part of a sentence as text: what stands in a report is quoted, a date is in words.

    >>> spoken(Literal(3)), spoken(Literal("Libel"))
    ('3', '“Libel”')
    """
    if isinstance(part, str):
        return part
    if isinstance(part, Thing):
        return f"“{part.label.value}”" if part.fragment and not is_term(part) else part.label.value
    if part.datatype.value == names.EDTF:
        return dates.in_words(part.value)
    return part.value if part.datatype.value in _NUMERIC else f"“{part.value}”"


def is_term(thing: Thing) -> bool:
    """Whether it is a term of a vocabulary, not a thing that data speak of."""
    return thing.iri.startswith((names.RJ, names.SHAPES)) or not thing.iri.startswith(thing.library.base)


def summary(found: VersionChanges) -> str:
    """The whole in one sentence."""
    numbers = f"{_count(found.came, 'statement')} came, {found.went} went"
    if found.before is None:
        return f"The first version: {_count(found.came, 'statement')} in {_count(len(found.graphs), 'graph')}."
    since = f"From version {found.before.number} to version {found.after.number}"
    if not found.graphs:
        return f"{since}: no fact came, went or changed."
    return f"{since}: {numbers}, in {_count(len(found.graphs), 'graph')}."


def heading(graph: GraphChanges) -> Sentence:
    """What became of a graph, and how many statements that are."""
    came = _count(graph.came, "statement")
    words = {
        Fate.CAME: f"new, with {came}",
        Fate.WENT: f"gone, with {_count(graph.went, 'statement')}",
        Fate.CHANGED: f"{came} came, {graph.went} went",
    }
    name: tuple[Part, ...] = (graph.graph, f" ({graph.graph.short})") if graph.graph.is_named else (graph.graph.short,)
    return Sentence((*name, f": {words[graph.fate]}"))


def sentences(graph: GraphChanges) -> Iterator[Sentence]:
    """What came, went or changed in a graph; passages are told together."""
    if graph.tallies:
        listed = (f"{tally.number} × {_kind(tally.kind)}" for tally in graph.tallies)
        yield Sentence((f"{', '.join(listed)}.",))
        return
    yield from (_sentence(change) for change in graph.changes if not _is_passage(change))
    yield from _passages(graph.changes)
    if graph.fate is Fate.CHANGED and not graph.changes:
        yield Sentence(("Only statements that follow from others, or have no name of their own.",))


def _is_passage(change: Change) -> bool:
    return change.kind is not None and change.kind.iri == _PASSAGE


def _passages(changes: Iterable[Change]) -> Iterator[Sentence]:
    found = [change for change in changes if _is_passage(change)]
    for fate, words in ((Fate.CAME, "New"), (Fate.WENT, "Gone"), (Fate.CHANGED, "Elsewhere in the text")):
        members = [change.thing for change in found if change.fate is fate]
        if members:
            listed = f": {', '.join(thing.fragment for thing in members)}" if len(members) <= _NAMED else ""
            yield Sentence((f"{words}: {_count(len(members), 'passage')}{listed}.",))


def _sentence(change: Change) -> Sentence:
    kind = change.kind.fragment if change.kind else ""
    say = _SAYING.get(kind, _plainly)
    return Sentence(tuple(say(change)))


def _plainly(change: Change) -> Iterator[Part]:
    if change.fate is Fate.CHANGED:
        yield from _capital(change)
        yield ": "
        yield from _properties(change)
        return
    yield "New: " if change.fate is Fate.CAME else "Gone: "
    yield from _named(change)
    yield "."


def _named(change: Change) -> Iterator[Part]:
    """The thing behind its kind."""
    if change.kind:
        yield f"{_kind(change.kind)} "
    yield change.thing


def _capital(change: Change) -> Iterator[Part]:
    first, *rest = _named(change)
    yield first[:1].upper() + first[1:] if isinstance(first, str) else first
    yield from rest


def _with(change: Change, *details: tuple[str, str]) -> Iterator[Part]:
    """A thing that came or went, with values of these properties behind their words."""
    if change.fate is Fate.CHANGED:
        yield from _plainly(change)
        return
    yield "New: " if change.fate is Fate.CAME else "Gone: "
    yield from _named(change)
    for words, name in details:
        values = change.thing.library.objects(change.thing.iri, name)
        if values:
            yield f"{words}"
            yield from _listed(values)
    yield "."


def _concern(change: Change) -> Iterator[Part]:
    return _with(change, (", raised by ", "rj:raisedBy"), (", about ", "rj:about"))


def _statement(change: Change) -> Iterator[Part]:
    return _with(change, (", by ", "rj:speaker"), (", on ", "dcterms:date"), ("; it expresses ", "rj:expresses"))


def _claim(change: Change) -> Iterator[Part]:
    return _with(change, (", about ", "rj:about"))


def _contradiction(change: Change) -> Iterator[Part]:
    return _set(change, "against it")


def _qualification(change: Change) -> Iterator[Part]:
    return _set(change, "beside it, narrowing it")


def _set(change: Change, where: str) -> Iterator[Part]:
    """What is set against a claim or beside it, told from the claim."""
    link = change.thing
    yield "The claim "
    yield from _listed(link.all("rj:claim"))
    yield ": the evidence "
    yield from _listed(link.all("rj:evidence"))
    basis = link.all("rj:basis")
    if change.fate is Fate.CHANGED:
        yield f", set {where}: "
        yield from _properties(change)
        return
    yield f" is {'now' if change.fate is Fate.CAME else 'no longer'} set {where}"
    if basis:
        yield ", on " if change.fate is Fate.CAME else "; it was on "
        yield from _listed(basis)
        yield " basis"
    yield "."


_SAYING: Final[dict[str, Callable[[Change], Iterator[Part]]]] = {
    "Admission": _claim,
    "Claim": _claim,
    "Concern": _concern,
    "Contradiction": _contradiction,
    "Promise": _claim,
    "Qualification": _qualification,
    "Recommendation": _concern,
    "Statement": _statement,
}
"""The classes whose things say more than that they came or went."""


def _properties(change: Change) -> Iterator[Part]:
    phrases = [list(_property(item)) for item in change.properties]
    yield from chain.from_iterable([*phrase, "; "] for phrase in phrases[:-1])
    yield from phrases[-1]
    yield "."


def _property(item: PropertyChange) -> Iterator[Part]:
    yield f"{property_words(item.property)}: "
    if len(item.went) == len(item.came) == 1 and not item.others:
        yield from (*item.went, " → ", *item.came)
        return
    if item.went:
        yield "no longer "
        yield from _listed(item.went)
    if item.came:
        yield f"{'; ' if item.went else ''}now {'also ' if item.others else ''}"
        yield from _listed(item.came)


def property_words(term: Thing) -> str:
    """What a property is called."""
    return "kind" if term.iri == names.RDF_TYPE else WORDS_BY_IRI.get(term.iri, term.label.value)


def _listed(values: Iterable[Part]) -> Iterator[Part]:
    for number, value in enumerate(values):
        if number:
            yield ", "
        yield value


def _kind(kind: Thing) -> str:
    """A class within a sentence: its label, small but for an abbreviation."""
    words = kind.label.value
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
