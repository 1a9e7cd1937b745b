"""The changes between two versions, as a list by thing, and as sentences.

Each thing is described by the version that contains it. Consequences of another change are left out: derived triples,
superclasses, and the entries of a document's lists.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypedDict

from rejoinder import namespaces
from rejoinder.messages import ENGLISH, N_, NN_, Messages
from rejoinder.rdf.terms import Literal, NamedNode, Quad
from rejoinder.site.claims import Bearing, kind_of, most_specific, relations
from rejoinder.site.render import WORDS_BY_IRI
from rejoinder.site.resource import REPEATED, GraphReader, Resource, expanded
from rejoinder.versions import GraphDifference, GraphEntry, Manifest, OpenVersion, VersionDifference

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
    graphs = []
    for iri, old, new in difference.entries():
        if iri == base + namespaces.META:
            continue
        if old and new:
            graphs.append(_graph_changes(difference.graph(iri, old, new), was, now))
        elif old:
            graphs.append(_whole_graph(ChangeKind.REMOVED, old, was))
        elif new:
            graphs.append(_whole_graph(ChangeKind.ADDED, new, now))
    return VersionChanges(before.manifest if before else None, after.manifest, tuple(graphs), difference)


def _whole_graph(change_kind: ChangeKind, entry: GraphEntry, reader: GraphReader) -> GraphChanges:
    """Return the change of a graph that was added or removed: only the classes of its things are read."""
    added, removed = (entry.quads, 0) if change_kind is ChangeKind.ADDED else (0, entry.quads)
    types: defaultdict[str, list[str]] = defaultdict(list)
    for subject, kind in reader.types_in(entry.iri):
        types[subject].append(kind)
    counted: Counter[Resource] = Counter()
    for classes, number in Counter(tuple(sorted(each)) for each in types.values()).items():
        if found := most_specific([reader.resource(iri) for iri in classes]):
            counted[found] += number
    tallies = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0].label.value))
    return GraphChanges(change_kind, reader.resource(entry.iri), added, removed, tallies=tuple(tallies))


def _graph_changes(graph: GraphDifference, was: GraphReader, now: GraphReader) -> GraphChanges:
    added, removed = len(graph.added), len(graph.removed)
    return GraphChanges(ChangeKind.CHANGED, now.resource(graph.iri), added, removed, _changes(graph, was, now))


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
_PASSAGES: Final = {
    ChangeKind.ADDED: NN_("Added: %(n)s passage", "Added: %(n)s passages"),
    ChangeKind.REMOVED: NN_("Removed: %(n)s passage", "Removed: %(n)s passages"),
    ChangeKind.CHANGED: NN_("Moved in the text: %(n)s passage", "Moved in the text: %(n)s passages"),
}
_ABOUT: Final = N_("%(thing)s, about %(values)s"), "rj:about"
_CONCERN: Final = (N_("%(thing)s, raised by %(values)s"), "rj:raisedBy"), _ABOUT
_DETAILS: Final = {
    "Admission": (_ABOUT,),
    "Claim": (_ABOUT,),
    "Concern": _CONCERN,
    "Promise": (_ABOUT,),
    "Recommendation": _CONCERN,
    "Statement": (
        (N_("%(thing)s, by %(values)s"), "rj:speaker"),
        (N_("%(thing)s, on %(values)s"), "dcterms:date"),
        (N_("%(thing)s; it expresses %(values)s"), "rj:expresses"),
    ),
}
"""The details of an added or removed thing, by class: words, and the property whose values they have."""


@dataclass(frozen=True)
class _Link:
    """The sentences on a relation that came, went and changed, told from the claim."""

    came: str
    went: str
    changed: str


_LINKS: Final = {
    "Contradicting": _Link(
        N_("The claim %(claim)s: %(source)s is now said to contradict it"),
        N_("The claim %(claim)s: %(source)s is no longer said to contradict it"),
        N_("The claim %(claim)s: %(source)s, said to contradict it: %(changes)s"),
    ),
    "Qualifying": _Link(
        N_("The claim %(claim)s: %(source)s is now said to qualify it"),
        N_("The claim %(claim)s: %(source)s is no longer said to qualify it"),
        N_("The claim %(claim)s: %(source)s, said to qualify it: %(changes)s"),
    ),
    "Supporting": _Link(
        N_("The claim %(claim)s: %(source)s is now said to support it"),
        N_("The claim %(claim)s: %(source)s is no longer said to support it"),
        N_("The claim %(claim)s: %(source)s, said to support it: %(changes)s"),
    ),
    "Reasons": _Link(
        N_("The claim %(claim)s: %(source)s is now told as the speaker’s own reason for it"),
        N_("The claim %(claim)s: %(source)s is no longer told as the speaker’s own reason for it"),
        N_("The claim %(claim)s: %(source)s, told as the speaker’s own reason for it: %(changes)s"),
    ),
    "Repeating": _Link(
        N_("The claim %(claim)s: %(source)s is now said to repeat it"),
        N_("The claim %(claim)s: %(source)s is no longer said to repeat it"),
        N_("The claim %(claim)s: %(source)s, said to repeat it: %(changes)s"),
    ),
}
"""The sentences by the direction of the relation, and those on the reasons that the speaker of a claim gives for it."""
_BEARING: Final = _Link(
    N_("The claim %(claim)s: %(source)s is now said to bear on it"),
    N_("The claim %(claim)s: %(source)s is no longer said to bear on it"),
    N_("The claim %(claim)s: %(source)s, said to bear on it: %(changes)s"),
)
"""The sentences on a relation without a direction."""
_PLACEHOLDER: Final = re.compile(r"%\((\w+)\)s")


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


def summarise(found: VersionChanges, words: Messages = ENGLISH) -> ChangeSummary:
    """Return the changes in words, as they are kept in `changes.json` beside the pages of the version."""
    graphs = []
    for graph in found.graphs:
        every = list(sentences(graph, words))
        told, more = every[:_MAX_SENTENCES], max(0, len(every) - _MAX_SENTENCES)
        graphs.append(GraphSummary(graph=graph.graph.iri, heading=heading(graph, words), sentences=told, more=more))
    since = found.before.number if found.before else None
    return ChangeSummary(version=found.after.number, since=since, summary=summary(found, words), graphs=graphs)


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


def summary(found: VersionChanges, words: Messages = ENGLISH) -> str:
    """Return one sentence with the numbers of changes."""
    added, graphs = _statements(found.added, words), len(found.graphs)
    if found.before is None:
        return words.ngettext(
            "The first version: %(statements)s in %(n)s graph.",
            "The first version: %(statements)s in %(n)s graphs.",
            graphs,
            statements=added,
            n=graphs,
        )
    before, after = str(found.before.number), str(found.after.number)
    if not found.graphs:
        return words.gettext(
            "From version %(before)s to version %(after)s: no fact changed.", before=before, after=after
        )
    return words.ngettext(
        "From version %(before)s to version %(after)s: %(added)s added, %(removed)s removed, in %(n)s graph.",
        "From version %(before)s to version %(after)s: %(added)s added, %(removed)s removed, in %(n)s graphs.",
        graphs,
        before=before,
        after=after,
        added=added,
        removed=found.removed,
        n=graphs,
    )


def _statements(number: int, words: Messages) -> str:
    return words.ngettext("%(n)s statement", "%(n)s statements", number, n=number)


def heading(graph: GraphChanges, words: Messages = ENGLISH) -> Sentence:
    """Return the name of a graph, the kind of its change, and the numbers of statements."""
    name, added = graph.graph, _statements(graph.added, words)
    named: Sentence = [_part(name, words), f" ({name.short})"] if name.is_named else [name.short]
    if graph.change_kind is ChangeKind.ADDED:
        return _woven(words, N_("%(graph)s: new, with %(statements)s"), graph=named, statements=[added])
    if graph.change_kind is ChangeKind.REMOVED:
        removed = _statements(graph.removed, words)
        return _woven(words, N_("%(graph)s: removed, with %(statements)s"), graph=named, statements=[removed])
    numbers: dict[str, Sentence] = {"added": [added], "removed": [words.number(graph.removed)]}
    return _woven(words, N_("%(graph)s: %(added)s added, %(removed)s removed"), graph=named, **numbers)


def sentences(graph: GraphChanges, words: Messages = ENGLISH) -> Iterator[Sentence]:
    """Yield a sentence for each change in a graph; passages share one."""
    if graph.tallies:
        yield [f"{', '.join(f'{words.number(number)} × {_in_sentence(kind)}' for kind, number in graph.tallies)}."]
        return
    passages: dict[ChangeKind, list[str]] = {kind: [] for kind in ChangeKind}
    for change in graph.changes:
        if change.kind and change.kind.iri == namespaces.RJ + "Passage":
            passages[change.change_kind].append(change.resource.fragment)
        else:
            yield _sentence(change, words)
    for kind, names in passages.items():
        if names:
            listed = f": {', '.join(names)}" if len(names) <= _MAX_PASSAGES else ""
            yield [f"{words.ngettext(*_PASSAGES[kind], len(names), n=len(names))}{listed}."]
    if graph.change_kind is ChangeKind.CHANGED and not graph.changes:  # a graph must not differ without a word
        yield [words.gettext("Only derived statements, or statements about entries without a name.")]


def _woven(words: Messages, message: str, **parts: Sentence) -> Sentence:
    """Return the message as a sentence with the parts in the places for them.

    >>> _woven(ENGLISH, "now %(values)s.", values=["1", {"text": "Norway"}])
    ['now ', '1', {'text': 'Norway'}, '.']
    """
    pieces = _PLACEHOLDER.split(words.translated(message))
    found: Sentence = []
    for number, piece in enumerate(pieces):  # text and names of placeholders in turn
        found += parts[piece] if number % 2 else [piece] if piece else []
    return found


def _sentence(change: Change, words: Messages) -> Sentence:
    kind, it = change.kind.fragment if change.kind else "", change.resource
    if kind == "Relation":
        direction = it.value("rj:direction")
        is_reason = any(each.bearing is Bearing.REASONS for each in relations([it]))
        way = "Reasons" if is_reason else direction.fragment if direction else ""
        return _link_sentence(change, _LINKS.get(way, _BEARING), words)
    thing: Sentence = [_part(it, words)]
    wording = it.literal("rj:wording")
    if wording and all(item.property.iri != expanded("rj:wording").value for item in change.properties):
        # One State makes many recommendations about one issue, which only their words distinguish.
        thing += [", ", _part(wording, words)]
    label = f"{_in_sentence(change.kind)} " if change.kind else ""
    if change.change_kind is ChangeKind.CHANGED:
        return [*([f"{label[:1].upper()}{label[1:]}"] if label else []), *thing, ": ", *_properties(change, words)]
    thing = [label, *thing] if label else thing
    for detail, name in _DETAILS.get(kind, ()):
        if values := it.reader.objects(it.iri, name):
            thing = _woven(words, detail, thing=thing, values=_listed(values, words))
    is_new = change.change_kind is ChangeKind.ADDED
    return _woven(words, N_("Added: %(thing)s.") if is_new else N_("Removed: %(thing)s."), thing=thing)


def _link_sentence(change: Change, told: _Link, words: Messages) -> Sentence:
    link = change.resource
    parts = {"claim": _listed(link.objects("rj:claim"), words), "source": _listed(link.objects("rj:from"), words)}
    if change.change_kind is ChangeKind.CHANGED:
        return _woven(words, told.changed, **parts, changes=_properties(change, words))
    sentence = _woven(words, told.came if change.change_kind is ChangeKind.ADDED else told.went, **parts)
    if basis := link.objects("rj:basis"):
        return _woven(words, N_("%(sentence)s (basis: %(basis)s)."), sentence=sentence, basis=_listed(basis, words))
    return [*sentence, "."]


def _properties(change: Change, words: Messages) -> Sentence:
    found: Sentence = []
    for number, item in enumerate(change.properties):
        iri = item.property.iri
        known = N_("kind") if iri == namespaces.RDF_TYPE else WORDS_BY_IRI.get(iri, "")
        found.append(f"{'; ' if number else ''}{words.translated(known) or item.property.label.value}: ")
        if len(item.removed) == len(item.added) == 1 and not item.others:
            found += [_part(item.removed[0], words), " → ", _part(item.added[0], words)]
            continue
        if item.removed:
            found += _woven(words, N_("no longer %(values)s"), values=_listed(item.removed, words))
        if item.added:
            now = N_("now also %(values)s") if item.others else N_("now %(values)s")
            found += [*(["; "] if item.removed else []), *_woven(words, now, values=_listed(item.added, words))]
    return [*found, "."]


def _listed(values: Sequence[Resource | Literal], words: Messages) -> Sentence:
    parts = [part for value in values for part in (", ", _part(value, words))]
    return parts[1:]


def _part(value: Resource | Literal, words: Messages = ENGLISH) -> Part:
    """Return a thing or value as a part of a sentence: texts in quotation marks, dates in words.

    >>> _part(Literal(3)), _part(Literal("Libel", language="en"))
    ('3', {'text': '“Libel”', 'language': 'en'})
    """
    if isinstance(value, Resource):
        label, iri = value.label, value.iri
        is_term = iri.startswith((namespaces.RJ, namespaces.SHAPES)) or not iri.startswith(value.reader.base)
        text = words.quoted(label.value) if value.fragment and not is_term else label.value
        language = label.language
    else:
        iri, language = "", value.language
        text = value.value if value.datatype.value in _UNQUOTED else words.quoted(value.value)
        if value.datatype.value == namespaces.EDTF:
            text = words.date(value.value)
    found = {"text": text, "iri": iri, "language": language or ""}
    return {key: part for key, part in found.items() if part} if iri or language else text


def _in_sentence(kind: Resource) -> str:
    """Return the label of a class with a small initial, except for an abbreviation."""
    words = kind.label.value
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]
