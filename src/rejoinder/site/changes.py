"""The changes between two versions, as a list by thing, and as sentences.

Each thing is described by the version that contains it. Consequences of another change are left out: derived triples,
superclasses, and the entries of a document's lists.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypedDict

from rejoinder import dates, namespaces
from rejoinder.rdf.terms import Literal, NamedNode, Quad
from rejoinder.site.claims import kind_of
from rejoinder.site.render import WORDS_BY_IRI
from rejoinder.site.resource import REPEATED, GraphReader, Resource, expanded
from rejoinder.text import count
from rejoinder.versions import GraphDifference, Manifest, OpenVersion, VersionDifference

_FOLLOWING: Final = REPEATED.union(
    expanded(name).value
    for name in (
        "rdf:type",
        "rj:asserted",
        "rj:contradicts",
        "rj:inTensionWith",
        "rj:qualifies",
        "rj:repeats",
        "rj:supports",
        "rj:describes",
        "rj:earliest",
        "rj:latest",
        "rj:raisedConcern",
        "rj:recommendedOn",
        "schema:author",
        "schema:itemReviewed",
        "skos:hasTopConcept",
        "skos:inScheme",
        "skos:topConceptOf",
    )
)
"""Properties that are derived, or repeat another property for machines."""

_OF_THE_FILE: Final = frozenset({expanded("rj:anchor").value, expanded("rj:responseDate").value})
"""Properties of an imported recommendation that change with every later export."""

_CONTAINING: Final = f"{namespaces.RJ}has"
"""The beginning of the names of properties that list a document's contents."""


class ChangeKind(StrEnum):
    """The kind of a change to a graph or a thing."""

    ADDED = "came"  # the values are published by `diff --format json`, and stay
    REMOVED = "went"
    CHANGED = "changed"


@dataclass(frozen=True)
class PropertyChange:
    """Removed and added values of a property; `others` says that it also has unchanged values."""

    property: Resource
    removed: tuple[Resource | Literal, ...]
    added: tuple[Resource | Literal, ...]
    others: bool


@dataclass(frozen=True)
class Change:
    """A thing that was added, removed or changed, and its class; `properties` are the changes of a changed thing."""

    change_kind: ChangeKind
    resource: Resource
    kind: Resource | None
    properties: tuple[PropertyChange, ...] = ()


@dataclass(frozen=True)
class GraphChanges:
    """A graph that was added, removed or changed: the numbers of statements, and the changes.

    An added or removed graph has `tallies`, the number of things of each kind in it; a changed graph has `changes`.
    """

    change_kind: ChangeKind
    graph: Resource
    added: int
    removed: int
    changes: tuple[Change, ...] = ()
    tallies: tuple[tuple[Resource, int], ...] = ()


@dataclass(frozen=True)
class VersionChanges:
    """The changes from one version to another; `before` is None for a first version."""

    before: Manifest | None
    after: Manifest
    graphs: tuple[GraphChanges, ...]
    statements: VersionDifference

    @property
    def added(self) -> int:
        """Return the number of added statements."""
        return sum(graph.added for graph in self.graphs)

    @property
    def removed(self) -> int:
        """Return the number of removed statements."""
        return sum(graph.removed for graph in self.graphs)


def version_changes(before: OpenVersion | None, after: OpenVersion, base: str, language: str = "en") -> VersionChanges:
    """Return the changes from `before` to `after`, without those that only describe other changes.

    Labels are in `language` where there are any; `base` is that of the project.
    """
    difference = VersionDifference(before, after)
    now = GraphReader(after.store, base, language)
    was = GraphReader(before.store, base, language) if before else now
    graphs = tuple(
        _graph_changes(graph, was, now) for graph in difference.graphs() if graph.iri != base + namespaces.META
    )
    return VersionChanges(before.manifest if before else None, after.manifest, graphs, difference)


def _graph_changes(graph: GraphDifference, was: GraphReader, now: GraphReader) -> GraphChanges:
    added, removed = len(graph.added), len(graph.removed)
    if graph.before and graph.after:
        changes = _changes(graph, was, now)
        return GraphChanges(ChangeKind.CHANGED, now.resource(graph.iri), added, removed, changes)
    change_kind, reader = (ChangeKind.REMOVED, was) if graph.before else (ChangeKind.ADDED, now)
    quads = graph.added or graph.removed
    typed = {quad.subject.value for quad in quads if _is_type(quad) and isinstance(quad.subject, NamedNode)}
    counted = Counter(kind for iri in typed if (kind := kind_of(reader.resource(iri))))
    tallies = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0].label.value))
    return GraphChanges(change_kind, reader.resource(graph.iri), added, removed, tallies=tuple(tallies))


def _is_type(quad: Quad) -> bool:
    return quad.predicate.value == namespaces.RDF_TYPE


def _changes(graph: GraphDifference, was: GraphReader, now: GraphReader) -> tuple[Change, ...]:
    """Return the changes of the things in a graph, in the order of the source text."""
    removed, added = _by_subject(graph.removed), _by_subject(graph.added)
    found = []
    for iri in removed.keys() | added.keys():
        old, new = was.resource(iri), now.resource(iri)
        # A thing that another graph described before is not new; it changed.
        if not old.types and any(map(_is_type, added[iri])):
            found.append(Change(ChangeKind.ADDED, new, kind_of(new)))
        elif not new.types and any(map(_is_type, removed[iri])):
            found.append(Change(ChangeKind.REMOVED, old, kind_of(old)))
        else:
            properties = tuple(_property_changes(old, new, removed[iri], added[iri]))
            found.append(Change(ChangeKind.CHANGED, new, kind_of(new), properties))
    # The lists of a document's parts would repeat what was added and removed.
    moved = {change.resource.iri for change in found if change.change_kind is not ChangeKind.CHANGED}
    found = [replace(change, properties=tuple(_without_lists(change.properties, moved))) for change in found]
    told = [change for change in found if change.change_kind is not ChangeKind.CHANGED or change.properties]
    return tuple(sorted(told, key=_place))


def _by_subject(quads: Iterable[Quad]) -> defaultdict[str, list[Quad]]:
    found: defaultdict[str, list[Quad]] = defaultdict(list)
    for quad in quads:
        if isinstance(quad.subject, NamedNode):
            found[quad.subject.value].append(quad)
    return found


def _property_changes(was: Resource, now: Resource, removed: list[Quad], added: list[Quad]) -> Iterator[PropertyChange]:
    old_kind, new_kind = kind_of(was), kind_of(now)
    if old_kind != new_kind:
        removed_kind, added_kind = ((kind,) if kind else () for kind in (old_kind, new_kind))
        yield PropertyChange(now.reader.resource(namespaces.RDF_TYPE), removed_kind, added_kind, others=False)
    # A later export changes the row and the last possible date of every recommendation, which is no news.
    left_out = _FOLLOWING | (_OF_THE_FILE if now.document.is_a("rj:Record") else frozenset())
    for predicate in sorted({quad.predicate.value for quad in (*removed, *added)} - left_out):
        before = tuple(was.reader.values(quad.object for quad in removed if quad.predicate.value == predicate))
        after = tuple(now.reader.values(quad.object for quad in added if quad.predicate.value == predicate))
        if before or after:  # blank nodes are left out, because they have no name to show
            # If other values stayed, the sentence says “also”.
            held = sum(1 for key, _ in now.reader.statements(now.iri) if key == predicate)
            yield PropertyChange(now.reader.resource(predicate), before, after, others=held > len(after))


def _without_lists(properties: Iterable[PropertyChange], moved: set[str]) -> Iterator[PropertyChange]:
    for item in properties:
        values = (*item.removed, *item.added)
        lists = all(isinstance(value, Resource) and value.iri in moved for value in values)
        if not (lists and item.property.iri.startswith(_CONTAINING)):
            yield item


def _place(change: Change) -> tuple[int, str, str, str]:
    kind = change.kind.iri if change.kind else ""
    return change.resource.position, kind, change.resource.fragment, change.resource.iri


Part = str | dict[str, str]
"""A part of a sentence: words, or the `text` of a thing or value, with its `iri` and `language` if it has them."""
Sentence = list[Part]

_MAX_PASSAGES: Final = 5
"""The most passages that are named one by one; of more, only the number is given."""
_MAX_SENTENCES: Final = 300
"""The most sentences about one graph; the patch has the rest."""

_UNQUOTED: Final = frozenset(
    namespaces.XSD + name for name in ("integer", "decimal", "double", "boolean", "date", "dateTime")
)
_BECAME: Final = {ChangeKind.ADDED: "Added", ChangeKind.REMOVED: "Removed", ChangeKind.CHANGED: "Moved in the text"}
_CONCERN: Final = ((", raised by ", "rj:raisedBy"), (", about ", "rj:about"))
_CLAIM: Final = ((", about ", "rj:about"),)
_DETAILS: Final = {
    "Admission": _CLAIM,
    "Claim": _CLAIM,
    "Concern": _CONCERN,
    "Promise": _CLAIM,
    "Recommendation": _CONCERN,
    "Statement": ((", by ", "rj:speaker"), (", on ", "dcterms:date"), ("; it expresses ", "rj:expresses")),
}
"""The details of an added or removed thing, by class: words, and the property whose values follow."""
_DIRECTIONS: Final = {
    "Contradicting": "contradict",
    "Qualifying": "qualify",
    "Supporting": "support",
    "Repeating": "repeat",
}
"""The directions of relations, with the words used; relations are described from the claim."""


class GraphSummary(TypedDict):
    """The changes of one graph in sentences; `more` is the number of sentences left out."""

    graph: str
    heading: Sentence
    sentences: list[Sentence]
    more: int


class ChangeSummary(TypedDict):
    """The changes of a version since the last one kept before it, in sentences; `since` is None for a first version."""

    version: int
    since: int | None
    summary: str
    graphs: list[GraphSummary]


def summarise(found: VersionChanges) -> ChangeSummary:
    """Return the changes in words, as they are kept in `changes.json` beside the pages of the version."""
    graphs = []
    for graph in found.graphs:
        every = list(sentences(graph))
        told, more = every[:_MAX_SENTENCES], max(0, len(every) - _MAX_SENTENCES)
        graphs.append(GraphSummary(graph=graph.graph.iri, heading=heading(graph), sentences=told, more=more))
    since = found.before.number if found.before else None
    return ChangeSummary(version=found.after.number, since=since, summary=summary(found), graphs=graphs)


def as_json(found: ChangeSummary) -> bytes:
    """Return the summary as JSON."""
    return (json.dumps(found, ensure_ascii=False, indent=1) + "\n").encode()


def from_json(content: bytes) -> ChangeSummary:
    """Return the summary that `as_json` wrote.

    Raises:
        ValueError: the content is not such a summary.
    """
    try:
        found: ChangeSummary = json.loads(content)
        # The file may be cut off, or from an earlier program.
        missing = ChangeSummary.__required_keys__ - found.keys()
        for graph in found["graphs"]:
            missing |= GraphSummary.__required_keys__ - graph.keys()
            "".join(map(text, (graph["heading"], *graph["sentences"])))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not the words of a version: {error}") from error
    if missing:
        raise ValueError(f"not the words of a version: without {', '.join(sorted(missing))}")
    return found


def text(sentence: Sentence) -> str:
    """Return a sentence as plain text.

    >>> text(["New: ", {"text": "Norway", "iri": "https://example.org/state/NOR"}])
    'New: Norway'
    """
    return "".join(part if isinstance(part, str) else part["text"] for part in sentence)


def summary(found: VersionChanges) -> str:
    """Return one sentence with the numbers of changes."""
    added, graphs = count(found.added, "statement"), count(len(found.graphs), "graph")
    if found.before is None:
        return f"The first version: {added} in {graphs}."
    since = f"From version {found.before.number} to version {found.after.number}"
    if not found.graphs:
        return f"{since}: no fact changed."
    return f"{since}: {added} added, {found.removed} removed, in {graphs}."


def heading(graph: GraphChanges) -> Sentence:
    """Return the name of a graph, the kind of its change, and the numbers of statements."""
    added, name = count(graph.added, "statement"), graph.graph
    words = {
        ChangeKind.ADDED: f"new, with {added}",
        ChangeKind.REMOVED: f"removed, with {count(graph.removed, 'statement')}",
        ChangeKind.CHANGED: f"{added} added, {graph.removed} removed",
    }
    named: Sentence = [_part(name), f" ({name.short})"] if name.is_named else [name.short]
    return [*named, f": {words[graph.change_kind]}"]


def sentences(graph: GraphChanges) -> Iterator[Sentence]:
    """Yield a sentence for each change in a graph; passages share one."""
    if graph.tallies:
        yield [f"{', '.join(f'{number} × {_in_sentence(kind)}' for kind, number in graph.tallies)}."]
        return
    passages: dict[ChangeKind, list[str]] = {kind: [] for kind in ChangeKind}
    for change in graph.changes:
        if change.kind and change.kind.iri == namespaces.RJ + "Passage":
            passages[change.change_kind].append(change.resource.fragment)
        else:
            yield list(_sentence(change))
    for kind, names in passages.items():
        if names:
            listed = f": {', '.join(names)}" if len(names) <= _MAX_PASSAGES else ""
            yield [f"{_BECAME[kind]}: {count(len(names), 'passage')}{listed}."]
    if graph.change_kind is ChangeKind.CHANGED and not graph.changes:  # a graph must not differ without a word
        yield ["Only derived statements, or statements about entries without a name."]


def _sentence(change: Change) -> Iterator[Part]:
    kind, it = change.kind.fragment if change.kind else "", change.resource
    if kind == "Relation":
        direction = it.value("rj:direction")
        yield from _link_sentence(change, _DIRECTIONS.get(direction.fragment if direction else "", "bear on"))
        return
    words, named = f"{_in_sentence(change.kind)} " if change.kind else "", [_part(it)]
    wording = it.literal("rj:wording")
    if wording and all(item.property.iri != expanded("rj:wording").value for item in change.properties):
        # One State makes many recommendations about one issue, which only their words distinguish.
        named += (", ", _part(wording))
    if change.change_kind is ChangeKind.CHANGED:
        yield from (f"{words[:1].upper()}{words[1:]}", *named, ": ") if words else (*named, ": ")
        yield from _properties(change)
        return
    yield f"{_BECAME[change.change_kind]}: "
    yield from (words, *named) if words else named
    for detail, name in _DETAILS.get(kind, ()):
        if values := it.reader.objects(it.iri, name):
            yield detail
            yield from _listed(values)
    yield "."


def _link_sentence(change: Change, verb: str) -> Iterator[Part]:
    link, is_new = change.resource, change.change_kind is ChangeKind.ADDED
    yield "The claim "
    yield from _listed(link.objects("rj:claim"))
    yield ": "
    yield from _listed(link.objects("rj:from"))
    if change.change_kind is ChangeKind.CHANGED:
        yield f", said to {verb} it: "
        yield from _properties(change)
        return
    yield f" is {'now' if is_new else 'no longer'} said to {verb} it"
    if basis := link.objects("rj:basis"):
        yield " (basis: "
        yield from _listed(basis)
        yield ")"
    yield "."


def _properties(change: Change) -> Iterator[Part]:
    for number, item in enumerate(change.properties):
        if number:
            yield "; "
        iri = item.property.iri
        yield f"{'kind' if iri == namespaces.RDF_TYPE else WORDS_BY_IRI.get(iri, item.property.label.value)}: "
        if len(item.removed) == len(item.added) == 1 and not item.others:
            yield from (_part(item.removed[0]), " → ", _part(item.added[0]))
            continue
        if item.removed:
            yield "no longer "
            yield from _listed(item.removed)
        if item.added:
            yield f"{'; ' if item.removed else ''}now {'also ' if item.others else ''}"
            yield from _listed(item.added)
    yield "."


def _listed(values: Sequence[Resource | Literal]) -> Iterator[Part]:
    for number, value in enumerate(values):
        if number:
            yield ", "
        yield _part(value)


def _part(value: Resource | Literal) -> Part:
    """Return a thing or value as a part of a sentence: texts in quotation marks, dates in words.

    >>> _part(Literal(3)), _part(Literal("Libel", language="en"))
    ('3', {'text': '“Libel”', 'language': 'en'})
    """
    if isinstance(value, Resource):
        label, iri = value.label, value.iri
        is_term = iri.startswith((namespaces.RJ, namespaces.SHAPES)) or not iri.startswith(value.reader.base)
        words = f"“{label.value}”" if value.fragment and not is_term else label.value
        language = label.language
    else:
        iri, language = "", value.language
        words = value.value if value.datatype.value in _UNQUOTED else f"“{value.value}”"
        if value.datatype.value == namespaces.EDTF:
            words = dates.in_words(value.value)
    found = {"text": words, "iri": iri, "language": language or ""}
    return {key: text for key, text in found.items() if text} if iri or language else words


def _in_sentence(kind: Resource) -> str:
    """Return the label of a class with a small initial, except for an abbreviation."""
    words = kind.label.value
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]
