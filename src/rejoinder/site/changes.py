"""What came, went or changed between two versions, thing by thing, each read in the version that knows it.

What follows from another change is left out: derived triples, wider classes, and that a document lists what came.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, islice
from typing import Any, Final

from rejoinder import dates, namespaces
from rejoinder.rdf.terms import Literal, NamedNode, Quad
from rejoinder.site.claims import kind_of
from rejoinder.site.render import WORDS_BY_IRI
from rejoinder.site.resource import GraphReader, Resource, expanded
from rejoinder.text import count
from rejoinder.versions import GraphDifference, Manifest, OpenVersion, VersionDifference

_FOLLOWING: Final = frozenset(
    expanded(name).value
    for name in (
        "dcterms:hasPart",
        "foaf:topic",
        "rdf:type",
        "rj:asserted",
        "rj:contradicts",
        "rj:describes",
        "rj:earliest",
        "rj:latest",
        "rj:raisedConcern",
        "schema:author",
        "schema:itemReviewed",
    )
)
"""Properties that are derived, or say for machines what another one says."""

_CONTAINING: Final = f"{namespaces.RJ}has"
"""How the properties begin that list what a document contains."""


class ChangeKind(StrEnum):
    """What became of a graph or a thing."""

    ADDED = "came"  # the values are published by `diff --format json`, and stay
    REMOVED = "went"
    CHANGED = "changed"


@dataclass(frozen=True)
class PropertyChange:
    """Values of a property that went and came; `others` says that it has values that stayed."""

    property: Resource
    removed: tuple[Resource | Literal, ...]
    added: tuple[Resource | Literal, ...]
    others: bool


@dataclass(frozen=True)
class Change:
    """A thing that came, went or changed, and its kind; `properties` are those of a thing that changed."""

    change_kind: ChangeKind
    resource: Resource
    kind: Resource | None
    properties: tuple[PropertyChange, ...] = ()


@dataclass(frozen=True)
class Tally:
    """How many things of a kind a graph has that came or went as a whole."""

    kind: Resource
    number: int


@dataclass(frozen=True)
class GraphChanges:
    """A graph that came, went or changed: how many statements, and what they say.

    A graph that came or went as a whole is told by `tallies` of what is in it, one that changed by its `changes`.
    """

    change_kind: ChangeKind
    graph: Resource
    added: int
    removed: int
    changes: tuple[Change, ...]
    tallies: tuple[Tally, ...]


@dataclass(frozen=True)
class VersionChanges:
    """What changed from one version to another; `before` is None for a first version."""

    before: Manifest | None
    after: Manifest
    graphs: tuple[GraphChanges, ...]
    statements: VersionDifference

    @property
    def added(self) -> int:
        """How many statements came."""
        return sum(graph.added for graph in self.graphs)

    @property
    def removed(self) -> int:
        """How many statements went."""
        return sum(graph.removed for graph in self.graphs)


@dataclass(frozen=True)
class _Readers:
    """The two versions, to look up what things are called."""

    before: GraphReader
    after: GraphReader


def version_changes(before: OpenVersion | None, after: OpenVersion, base: str, language: str = "en") -> VersionChanges:
    """What changed from `before` to `after`, labels in `language` where there are any; `base` is the project's."""
    found = VersionDifference(before, after)
    now = GraphReader(after.store, base, language)
    readers = _Readers(GraphReader(before.store, base, language) if before else now, now)
    graphs = tuple(_graph_changes(graph, readers) for graph in found.graphs())
    return VersionChanges(before.manifest if before else None, after.manifest, graphs, found)


def _graph_changes(graph: GraphDifference, readers: _Readers) -> GraphChanges:
    change_kind = (
        ChangeKind.ADDED if graph.before is None else ChangeKind.REMOVED if graph.after is None else ChangeKind.CHANGED
    )
    reader = readers.before if change_kind is ChangeKind.REMOVED else readers.after
    changes = tuple(_changes(graph, readers)) if change_kind is ChangeKind.CHANGED else ()
    tallies = () if change_kind is ChangeKind.CHANGED else tuple(_tallies(graph.added or graph.removed, reader))
    return GraphChanges(change_kind, reader.resource(graph.iri), len(graph.added), len(graph.removed), changes, tallies)


def _tallies(quads: Iterable[Quad], reader: GraphReader) -> Iterator[Tally]:
    """The things of a whole graph by kind, the most frequent first."""
    typed = {quad.subject.value for quad in quads if _is_type(quad) and isinstance(quad.subject, NamedNode)}
    kinds = Counter(kind for iri in typed if (kind := kind_of(reader.resource(iri))))
    ordered = sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0].label.value))
    yield from (Tally(kind, number) for kind, number in ordered)


def _is_type(quad: Quad) -> bool:
    return quad.predicate.value == namespaces.RDF_TYPE


def _changes(graph: GraphDifference, readers: _Readers) -> Iterator[Change]:
    """The things of a graph that differs, in the order of the text."""
    removed, added = _by_subject(graph.removed), _by_subject(graph.added)
    found = [_change(iri, removed[iri], added[iri], readers) for iri in removed.keys() | added.keys()]
    moved = frozenset(
        change.resource.iri for change in found if change and change.change_kind is not ChangeKind.CHANGED
    )
    kept = (_without_listing(change, moved) for change in found if change)
    yield from sorted(filter(None, kept), key=_place)


def _place(change: Change) -> tuple[int, str, str, str]:
    kind = change.kind.iri if change.kind else ""
    return change.resource.position, kind, change.resource.fragment, change.resource.iri


def _by_subject(quads: Iterable[Quad]) -> defaultdict[str, list[Quad]]:
    found: defaultdict[str, list[Quad]] = defaultdict(list)
    for quad in quads:
        if isinstance(quad.subject, NamedNode):
            found[quad.subject.value].append(quad)
    return found


def _change(iri: str, removed: list[Quad], added: list[Quad], readers: _Readers) -> Change | None:
    """What became of one subject of a graph: it came or went with its class, else its values changed."""
    was, now = readers.before.resource(iri), readers.after.resource(iri)
    if any(map(_is_type, added)) and not was.types:
        return Change(ChangeKind.ADDED, now, kind_of(now))
    if any(map(_is_type, removed)) and not now.types:
        return Change(ChangeKind.REMOVED, was, kind_of(was))
    properties = tuple(_property_changes(was, now, removed, added))
    return Change(ChangeKind.CHANGED, now, kind_of(now), properties) if properties else None


def _property_changes(was: Resource, now: Resource, removed: list[Quad], added: list[Quad]) -> Iterator[PropertyChange]:
    kinds = kind_of(was), kind_of(now)
    if kinds[0] != kinds[1]:
        yield PropertyChange(
            now.reader.resource(namespaces.RDF_TYPE), _present(kinds[0]), _present(kinds[1]), others=False
        )
    for predicate in sorted({quad.predicate.value for quad in (*removed, *added)} - _FOLLOWING):
        old, new = (_objects(quads, predicate) for quads in (removed, added))
        before, after = tuple(was.reader.values(old)), tuple(now.reader.values(new))
        if not (before or after):  # blank nodes, of which nothing can be said
            continue
        held = sum(1 for key, _ in now.reader.statements(now.iri) if key == predicate)
        yield PropertyChange(now.reader.resource(predicate), before, after, others=held > len(after))


def _present(resource: Resource | None) -> tuple[Resource, ...]:
    return (resource,) if resource else ()


def _objects(quads: Iterable[Quad], predicate: str) -> list[NamedNode | Literal]:
    found = (quad.object for quad in quads if quad.predicate.value == predicate)
    return [term for term in found if isinstance(term, NamedNode | Literal)]


def _without_listing(change: Change, moved: frozenset[str]) -> Change | None:
    """The change without the properties by which a document only lists what came and went; None if nothing is left."""
    if change.change_kind is not ChangeKind.CHANGED:
        return change
    kept = tuple(item for item in change.properties if not _is_listing(item, moved))
    return Change(change.change_kind, change.resource, change.kind, kept) if kept else None


def _is_listing(item: PropertyChange, moved: frozenset[str]) -> bool:
    values = (*item.removed, *item.added)
    return item.property.iri.startswith(_CONTAINING) and all(
        isinstance(value, Resource) and value.iri in moved for value in values
    )


Part = str | Resource | Literal

_PASSAGE: Final = namespaces.RJ + "Passage"
_NAMED: Final = 5
"""So many passages are named one by one; of more, only the number is told."""

_NUMERIC: Final = frozenset(
    namespaces.XSD + name for name in ("integer", "decimal", "double", "boolean", "date", "dateTime")
)


@dataclass(frozen=True)
class ChangeSentence:
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
    if isinstance(part, Resource):
        return f"“{part.label.value}”" if part.fragment and not is_term(part) else part.label.value
    if part.datatype.value == namespaces.EDTF:
        return dates.in_words(part.value)
    return part.value if part.datatype.value in _NUMERIC else f"“{part.value}”"


def is_term(resource: Resource) -> bool:
    """Whether it is a term of a vocabulary, not a thing that data speak of."""
    return resource.iri.startswith((namespaces.RJ, namespaces.SHAPES)) or not resource.iri.startswith(
        resource.reader.base
    )


def summary(found: VersionChanges) -> str:
    """The whole in one sentence."""
    numbers = f"{count(found.added, 'statement')} came, {found.removed} went"
    if found.before is None:
        return f"The first version: {count(found.added, 'statement')} in {count(len(found.graphs), 'graph')}."
    since = f"From version {found.before.number} to version {found.after.number}"
    if not found.graphs:
        return f"{since}: no fact came, went or changed."
    return f"{since}: {numbers}, in {count(len(found.graphs), 'graph')}."


def heading(graph: GraphChanges) -> ChangeSentence:
    """What became of a graph, and how many statements that are."""
    added = count(graph.added, "statement")
    words = {
        ChangeKind.ADDED: f"new, with {added}",
        ChangeKind.REMOVED: f"gone, with {count(graph.removed, 'statement')}",
        ChangeKind.CHANGED: f"{added} came, {graph.removed} went",
    }
    name: tuple[Part, ...] = (graph.graph, f" ({graph.graph.short})") if graph.graph.is_named else (graph.graph.short,)
    return ChangeSentence((*name, f": {words[graph.change_kind]}"))


def sentences(graph: GraphChanges) -> Iterator[ChangeSentence]:
    """What came, went or changed in a graph; passages are told together."""
    if graph.tallies:
        listed = (f"{tally.number} × {_kind(tally.kind)}" for tally in graph.tallies)
        yield ChangeSentence((f"{', '.join(listed)}.",))
        return
    yield from (_sentence(change) for change in graph.changes if not _is_passage(change))
    yield from _passages(graph.changes)
    if graph.change_kind is ChangeKind.CHANGED and not graph.changes:
        yield ChangeSentence(("Only statements that follow from others, or have no name of their own.",))


def _is_passage(change: Change) -> bool:
    return change.kind is not None and change.kind.iri == _PASSAGE


def _passages(changes: Iterable[Change]) -> Iterator[ChangeSentence]:
    found = [change for change in changes if _is_passage(change)]
    for change_kind, words in (
        (ChangeKind.ADDED, "New"),
        (ChangeKind.REMOVED, "Gone"),
        (ChangeKind.CHANGED, "Elsewhere in the text"),
    ):
        members = [change.resource for change in found if change.change_kind is change_kind]
        if members:
            listed = f": {', '.join(resource.fragment for resource in members)}" if len(members) <= _NAMED else ""
            yield ChangeSentence((f"{words}: {count(len(members), 'passage')}{listed}.",))


def _sentence(change: Change) -> ChangeSentence:
    kind = change.kind.fragment if change.kind else ""
    say = _SAYING.get(kind, _plainly)
    return ChangeSentence(tuple(say(change)))


def _plainly(change: Change) -> Iterator[Part]:
    if change.change_kind is ChangeKind.CHANGED:
        yield from _capital(change)
        yield ": "
        yield from _properties(change)
        return
    yield "New: " if change.change_kind is ChangeKind.ADDED else "Gone: "
    yield from _named(change)
    yield "."


def _named(change: Change) -> Iterator[Part]:
    """The thing behind its kind."""
    if change.kind:
        yield f"{_kind(change.kind)} "
    yield change.resource


def _capital(change: Change) -> Iterator[Part]:
    first, *rest = _named(change)
    yield first[:1].upper() + first[1:] if isinstance(first, str) else first
    yield from rest


def _with(change: Change, *details: tuple[str, str]) -> Iterator[Part]:
    """A thing that came or went, with values of these properties behind their words."""
    if change.change_kind is ChangeKind.CHANGED:
        yield from _plainly(change)
        return
    yield "New: " if change.change_kind is ChangeKind.ADDED else "Gone: "
    yield from _named(change)
    for words, name in details:
        values = change.resource.reader.objects(change.resource.iri, name)
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
    link = change.resource
    yield "The claim "
    yield from _listed(link.all("rj:claim"))
    yield ": the evidence "
    yield from _listed(link.all("rj:evidence"))
    basis = link.all("rj:basis")
    if change.change_kind is ChangeKind.CHANGED:
        yield f", set {where}: "
        yield from _properties(change)
        return
    yield f" is {'now' if change.change_kind is ChangeKind.ADDED else 'no longer'} set {where}"
    if basis:
        yield ", on " if change.change_kind is ChangeKind.ADDED else "; it was on "
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
    if len(item.removed) == len(item.added) == 1 and not item.others:
        yield from (*item.removed, " → ", *item.added)
        return
    if item.removed:
        yield "no longer "
        yield from _listed(item.removed)
    if item.added:
        yield f"{'; ' if item.removed else ''}now {'also ' if item.others else ''}"
        yield from _listed(item.added)


def property_words(term: Resource) -> str:
    """What a property is called."""
    return "kind" if term.iri == namespaces.RDF_TYPE else WORDS_BY_IRI.get(term.iri, term.label.value)


def _listed(values: Iterable[Part]) -> Iterator[Part]:
    for number, value in enumerate(values):
        if number:
            yield ", "
        yield value


def _kind(kind: Resource) -> str:
    """A class within a sentence: its label, small but for an abbreviation."""
    words = kind.label.value
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


_MOST: Final = 300
"""So many sentences are told of a graph; the patch has the rest."""


@dataclass(frozen=True)
class TextSpan:
    """A piece of a sentence, the IRI of what it names, and its language where it is not the page's."""

    text: str
    iri: str = ""
    language: str = ""


Words = tuple[TextSpan, ...]


@dataclass(frozen=True)
class GraphSummary:
    """A graph that came, went or changed; `more` is the number of sentences left out."""

    graph: str
    heading: Words
    sentences: tuple[Words, ...]
    more: int


@dataclass(frozen=True)
class ChangeSummary:
    """A version and what changed since the version before that was kept; `since` is None for a first one."""

    version: int
    since: int | None
    summary: str
    graphs: tuple[GraphSummary, ...]


def summarise(found: VersionChanges) -> ChangeSummary:
    """The changes in words."""
    since = found.before.number if found.before else None
    return ChangeSummary(found.after.number, since, summary(found), tuple(map(_graph, found.graphs)))


def _graph(graph: GraphChanges) -> GraphSummary:
    every = tuple(sentences(graph))
    first = tuple(_words(sentence) for sentence in islice(every, _MOST))
    return GraphSummary(graph.graph.iri, _words(heading(graph)), first, len(every) - len(first))


def _words(sentence: ChangeSentence) -> Words:
    return tuple(map(_word, sentence.parts))


def _word(part: Part) -> TextSpan:
    if isinstance(part, str):
        return TextSpan(part)
    if isinstance(part, Resource):
        return TextSpan(spoken(part), part.iri, part.label.language or "")
    return TextSpan(spoken(part), "", part.language or "")


def as_json(value: ChangeSummary) -> bytes:
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


def _as_object(word: TextSpan) -> dict[str, str]:
    return {key: value for key, value in vars(word).items() if value}


def from_json(content: bytes) -> ChangeSummary:
    """The words that `as_json` wrote.

    Raises:
        ValueError: they are something else.
    """
    try:
        found = json.loads(content)
        return ChangeSummary(
            found["version"], found["since"], found["summary"], tuple(map(_read_graph, found["graphs"]))
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not the words of a version: {error}") from error


def _read_graph(found: dict[str, Any]) -> GraphSummary:
    sentences = tuple(_read_words(sentence) for sentence in found["sentences"])
    return GraphSummary(found["graph"], _read_words(found["heading"]), sentences, found["more"])


def _read_words(found: Iterable[str | dict[str, str]]) -> Words:
    return tuple(TextSpan(word) if isinstance(word, str) else TextSpan(**word) for word in found)


def text(words: Words) -> str:
    """A sentence as plain text.

    >>> text((TextSpan("New: "), TextSpan("Norway", "https://example.org/state/NOR")))
    'New: Norway'
    """
    return "".join(word.text for word in words)
