"""Rewrite the dossiers of a project from vocabulary 0.1.0 to the present one, and leave all else in them as it is.

The first half says what 0.2.0 names otherwise, and plans on values what has to change in one dossier. The second half
changes the text by that plan.

The text is edited at the positions of keys and values, because ruamel.yaml, the library for round trips, indents lists
of the Kazakhstan dossier anew that nothing changed, and comments would be moved by hand where sections become one.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import yaml

from rejoinder import disk
from rejoinder.config import Project
from rejoinder.dossiers.discovery import YAML_SUFFIXES, contents, graph_of
from rejoinder.dossiers.names import read_names
from rejoinder.dossiers.yaml import Place, YamlDocument, decoded, parse_yaml, read_bytes
from rejoinder.errors import InputError, Problem, Severity, line_of, quoted
from rejoinder.lazily import lazy
from rejoinder.rdf.jsonld import Value, read_context

_UNSAFE: Final = (
    "this file is written in a way that cannot be migrated without changing something else, so it stays as it was; "
    "change it by hand (docs/versioning.md lists what changed)"
)

_BREAK: Final = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""The line breaks of YAML 1.1, which libyaml reads."""
_SPACE: Final = " \t\r\n\x85\u2028\u2029"
_QUOTES: Final = ("'", '"')
_BLOCKS: Final = ("|", ">")
_SEPARATOR: Final = ", "

_Pair = tuple[yaml.ScalarNode, yaml.Node]
_Pairs = Iterable[tuple[str, str]]

VERSION: Final = "0.2.0"
"""The version of the vocabulary whose names are the new ones here."""

SECTIONS: Final[Mapping[str, str]] = {
    "calls": "recommendations",
    "contradictions": "relations",
    "qualifications": "relations",
}
KEYS: Final[Mapping[str, str]] = {
    "review": "proceeding",
    "calledBy": "raisedBy",
    "setAgainst": "from",
    "website": "url",
    "labels": "label",
}
"""The renamed keys of entries and of a report; no key of an entry has one of the old names any more."""
KEYS_OF_AGENTS: Final[Mapping[str, str]] = {"exactMatch": "sameAs"}
"""The keys that are renamed in entries of States and organisations, and stay in those of issues."""

ADVICE: Final[Mapping[str, str]] = {
    "lang": f", or let 'rejoinder migrate' do so in a dossier that is older than version {VERSION} of the vocabulary"
}
"""What to say of needed keys that an old dossier has not, behind the advice to add them."""

_DIRECTIONS: Final = {"contradictions": "contradicts", "qualifications": "qualifies"}
_RELATIONS: Final = frozenset({"contradictions", "qualifications", "relations"})
_AGENTS: Final = frozenset({"states", "organisations", "delegations"})
_WEAKEST: Final = "contextual"
"""The basis of a qualification, which had none: of all bases the one that says least."""

_BELOW: Final[Mapping[str, str]] = {
    "calledBy": "organisation",
    "speaker": "person",
    "affected": "person",
    "visitor": "person",
    "roleIn": "organisation",
    "memberOf": "organisation",
    "responsible": "organisation",
    "attributedTo": "organisation",
    "publisher": "organisation",
}
"""The keys whose short names meant things of one kind, and now mean any agent."""
_REFERENCES: Final = frozenset(
    {
        *_BELOW, "addressedTo", "anchor", "approvedBy", "claim", "confirmedBy", "drawsOn", "editors", "expresses",
        "from", "holder", "inReplyTo", "participant", "raisedBy", "setAgainst",
    }
)  # fmt: skip
"""The keys whose values name a State, a person, an organisation, or an entry of a report."""
_NAME: Final = "[a-z0-9][a-z0-9-]*"
_OLD_NAME: Final = re.compile(
    rf"(?:\.\./)?(?:state/(?P<state>[A-Z]{{3}})|(?P<kind>organisation|person)/(?P<agent>{_NAME})"
    rf"|(?P<report>report/(?P<name>{_NAME}))#(?P<entry>{_NAME}))"
)


@dataclass(frozen=True)
class OldNames:
    """The names in an old dossier: `own` is the file's path below the data folder, without suffix.

    `agents` has the paths of all persons and organisations by short name. A name with its path is shortened if it then
    means the same.

    >>> names = OldNames("report/kaz-upr-20", {"odf": ["organisation/odf"], "un": ["organisation/un", "person/un"]})
    >>> [names.new(name) for name in ("state/KAZ", "../organisation/odf", "organisation/un", "person/odf")]
    ['KAZ', 'odf', 'organisation/un', 'person/odf']
    >>> [names.new(f"../report/{name}") for name in ("usa-upr-9#p012", "kaz-upr-20#group-lawyers")]
    ['usa-upr-9#p012', '#group-lawyers']
    """

    own: str
    agents: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def new(self, name: str) -> str:
        """Return the name in its new form; a name that has it already, and anything else, as it is."""
        found = _OLD_NAME.fullmatch(name)
        if found is None:
            return name
        if found["state"]:
            return found["state"]
        if found["agent"]:
            path = f"{found['kind']}/{found['agent']}"
            # The reader takes a name that no collection describes for that of an organisation.
            homes = self.agents.get(found["agent"], (f"organisation/{found['agent']}",))
            return found["agent"] if list(homes) == [path] else path
        return f"#{found['entry']}" if found["report"] == self.own else f"{found['name']}#{found['entry']}"

    def told_apart(self, key: str, name: str) -> str:
        """Return a short name as it stands under `key` in 0.1.0, with its path if several agents have it."""
        return f"{_BELOW[key]}/{name}" if key in _BELOW and len(self.agents.get(name, ())) > 1 else name


@dataclass
class Plan:
    """What has to change in one dossier, by places of the old one.

    `keys` and `values` have what to write instead, `removed` the keys to leave out with their values, and `added` the
    keys to write below another one; what is added at `()` comes first in the file. Sections that get the same name
    become one. `notes` says, with places of the old dossier, what only its editors can decide.
    """

    keys: dict[Place, str] = field(default_factory=dict)
    values: dict[Place, str] = field(default_factory=dict)
    added: dict[Place, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    removed: set[Place] = field(default_factory=set)
    notes: list[tuple[Place, str]] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Return whether the dossier has nothing old."""
        return not (self.keys or self.values or self.added or self.removed)

    def place(self, old: Place) -> Place:
        """Return where something of the old dossier is in the new one."""
        steps = range(1, len(old) + 1)
        return tuple(self.keys.get(old[:end], old[end - 1]) for end in steps)

    def applied(self, value: Value, place: Place = ()) -> Value:
        """Return the old dossier's value with these changes."""
        if isinstance(value, list):
            return [self.applied(inner, (*place, index)) for index, inner in enumerate(value)]
        if not isinstance(value, dict):
            return self.values.get(place, value)
        result: dict[str, Value] = dict(self.added.get((), ())) if not place else {}
        for key, inner in value.items():
            at = (*place, key)
            if at in self.removed:
                continue
            new, changed = self.keys.get(at, key), self.applied(inner, at)
            known = result.get(new)
            result[new] = known | changed if isinstance(known, dict) and isinstance(changed, dict) else changed
            result.update(self.added.get(at, ()))
        return result


def plan_of(document: YamlDocument, names: OldNames) -> Plan:
    """Return what has to change in the dossier.

    Raises:
        InputError: the old and the new name of one thing are both there, so nobody can say which is meant.
    """
    changes = Plan()
    report = document.value
    problems = [*_of_sections(document, changes), *_of_keys(document, (), report, KEYS, changes)]
    for section, entries in report.items():
        keys = {**KEYS, **KEYS_OF_AGENTS} if section in _AGENTS else KEYS
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            if isinstance(entry, dict):
                problems += _of_keys(document, (section, name), entry, keys, changes)
                if section in _RELATIONS:
                    _of_relation((section, name), entry, report, names, changes)
    if problems:
        raise InputError(problems)
    _of_values(report, names, changes)
    if report and "lang" not in report:
        # The context of 0.1.0 took every text for English.
        changes.added[("type",) if "type" in report else ()] = (("lang", "en"),)
    if not changes.is_empty and report.get("type") == "Report" and "editors" not in report:
        message = (
            "only you know who made this dossier: write 'editors:' and the short name of the person or organisation "
            "that answers for what it infers"
        )
        changes.notes.append((("type",), message))
    return changes


def _of_sections(document: YamlDocument, changes: Plan) -> Iterator[Problem]:
    """Rename the sections; yield a problem for each place that keeps some of them from becoming one."""
    for new in dict.fromkeys(SECTIONS.values()):
        together = [name for name in document.value if SECTIONS.get(name, name) == new]
        changes.keys.update({(name,): new for name in together if name != new})
        first: dict[str, Place] = {}  # one id in two of the sections would make one entry of two
        for section in together if len(together) > 1 else ():
            entries = document.value[section]
            if not isinstance(entries, dict):
                message = f"{section!r} has no entries by id under it; write them or remove it, and migrate again"
                yield document.problem((section,), message)
                continue
            for name in entries:
                place = first.setdefault(name, (section, name))
                if place[0] != section:
                    line = document.line(place)
                    message = f"the id {name!r} is here and on line {line}; give each thing an id of its own"
                    yield document.problem((section, name), f"{message}, and migrate again")


def _of_keys(
    document: YamlDocument, place: Place, entry: Mapping[str, Value], keys: Mapping[str, str], changes: Plan
) -> Iterator[Problem]:
    for old, new in keys.items():
        if old not in entry:
            continue
        changes.keys[*place, old] = new
        if new in entry:
            message = f"{old!r} is the old name of {new!r}, which is here as well; remove one, and migrate again"
            yield document.problem((*place, old), message)


def _of_relation(
    place: Place, entry: Mapping[str, Value], report: Mapping[str, Value], names: OldNames, changes: Plan
) -> None:
    """Give a relation its direction and basis, and leave out the publisher, whom the program finds by the basis."""
    section = str(place[0])
    if section in _DIRECTIONS and entry:
        last = list(entry)[-1]
        other = next((key for key in ("setAgainst", "from") if key in entry), last)
        added: dict[str, list[tuple[str, str]]] = {}
        if "direction" not in entry:
            added.setdefault(other, []).append(("direction", _DIRECTIONS[section]))
        if section == "qualifications" and "basis" not in entry:
            added.setdefault("claim" if "claim" in entry else other, []).append(("basis", _WEAKEST))
        changes.added.update({(*place, key): tuple(pairs) for key, pairs in added.items()})
    # It signed what editors inferred with the publisher's name; the basis now says whose judgement it is.
    said_by = entry.get("attributedTo")
    if said_by is None:
        return
    publishers = [names.new(name) for name in _listed(report.get("publisher")) if isinstance(name, str)]
    if isinstance(said_by, str) and names.new(said_by) in publishers and not entry.keys() <= {"attributedTo"}:
        changes.removed.add((*place, "attributedTo"))
    else:
        message = (
            f"'attributedTo' of {place[-1]} is not the report's publisher, so it stays; say in 'note' what it means, "
            "and remove it"
        )
        changes.notes.append(((*place, "attributedTo"), message))


def _of_values(report: Mapping[str, Value], names: OldNames, changes: Plan) -> None:
    """Give every name of a State, person, organisation or entry of a report its new form."""
    is_old = "lang" not in report  # else a short name means any agent already
    for place, key, value in _references(report, ()):
        new = names.new(value)
        if new == value and is_old:
            new = names.told_apart(key, value)
        if new != value and place not in changes.removed:
            changes.values[place] = new


def _references(entry: Mapping[str, Value], place: Place) -> Iterator[tuple[Place, str, str]]:
    """Yield the place, key and text of each name in an entry and in the entries of its sections."""
    for key, value in entry.items():
        at = (*place, key)
        if isinstance(value, dict):
            for name, inner in value.items():
                if isinstance(inner, dict):
                    yield from _references(inner, (*at, name))
        elif key in _REFERENCES:
            several = isinstance(value, list)
            for index, item in enumerate(_listed(value)):
                if isinstance(item, str):
                    yield (*at, index) if several else at, key, item


def _listed(value: Value) -> Sequence[Value]:
    return value if isinstance(value, list) else [value]


@dataclass(frozen=True)
class Rewritten:
    """A dossier of which something had to change: its text before and after, and what only its editors can decide."""

    path: Path
    before: str
    after: str
    notes: tuple[Problem, ...]


@dataclass(frozen=True)
class Migration:
    """The dossiers that were looked at, those of them that had to change, and why others could not be rewritten."""

    files: tuple[Path, ...]
    rewritten: tuple[Rewritten, ...]
    problems: tuple[Problem, ...]


def migrate(project: Project, files: Sequence[Path] = (), *, write: bool = True) -> Migration:
    """Rewrite `files`, or every YAML dossier of the project, in the present vocabulary.

    A dossier that is not of vocabulary 0.1.0 stays as it is. With `write=False`, all do.

    Raises:
        InputError: the data folder or one in it cannot be read.
        StoreError: a dossier cannot be written; those before it are.
    """
    chosen = tuple(files) or tuple(
        path for path in contents(project.data).dossiers if path.suffix.lower() in YAML_SUFFIXES
    )
    agents = _agents(project)
    done: list[Rewritten] = []
    problems: list[Problem] = []
    for path in chosen:
        try:
            found = _migrate(project, path, agents, write=write)
        except InputError as error:  # the others are rewritten even so
            problems += error.problems
        else:
            done += [found] if found else []
    return Migration(chosen, tuple(done), tuple(problems))


def _migrate(project: Project, path: Path, agents: Mapping[str, Sequence[str]], *, write: bool) -> Rewritten | None:
    """Rewrite one dossier; return None if nothing had to change.

    Raises:
        InputError: it cannot be read, or not be rewritten safely.
        StoreError: it cannot be written.
    """
    if path.suffix.lower() not in YAML_SUFFIXES:
        message = f"only dossiers in YAML are migrated, and their names end in {' or '.join(YAML_SUFFIXES)}"
        raise InputError.at(path, None, f"{message}; of this file, replace the withdrawn terms by hand")
    data = read_bytes(path)
    before = decoded(path, data)
    document = parse_yaml(path, before)
    own = graph_of(project.base, project.data, path).removeprefix(project.base)
    plan = plan_of(document, OldNames(own, agents))
    if plan.is_empty:
        return None
    after, now = _rewritten(document, before, plan)
    if write:
        # Mark and permissions stay as well: nothing but the vocabulary of the file may change.
        mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
        target = path.resolve()  # a link stays a link
        with disk.writing(target.parent, "the dossier stays as it was"):
            disk.write_whole(target, mark + after.encode(), mode=target.stat().st_mode & 0o777)
    notes = tuple(Problem(path, now.line(plan.place(old)), message, Severity.WARNING) for old, message in plan.notes)
    return Rewritten(path, before, after, notes)


def _rewritten(document: YamlDocument, text: str, plan: Plan) -> tuple[str, YamlDocument]:
    """Return the new text of a dossier, and the document in it, after a check that it says what the plan wants.

    Raises:
        InputError: it says something else, is not YAML, or lacks a comment.
    """
    try:
        after = _applied(text, plan)
        now = parse_yaml(document.path, after)
        lost = comments(text) - comments(after)
    except (yaml.YAMLError, InputError) as error:
        raise InputError.at(document.path, None, _UNSAFE) from error
    # Comments are no part of what a text means, so they are compared by themselves.
    for comment in lost:
        message = f"the comment {quoted(comment)} would be lost; move it, and migrate again"
        raise InputError.at(document.path, line_of(text, text.find(comment)), message)
    if now.value != plan.applied(document.value):
        raise InputError.at(document.path, None, _UNSAFE)
    return after, now


def _agents(project: Project) -> Mapping[str, Sequence[str]]:
    """Return the paths of the project's persons and organisations by their short names."""
    known = read_names(project.base, project.data, read_context(disk.package_file("ontology/context.jsonld"))).agents
    return {name: [iri.removeprefix(project.base) for iri in things] for name, things in known.items()}


class _Edit(NamedTuple):
    """Write `text` instead of the characters from `start` to `end`."""

    start: int
    end: int
    text: str


def _applied(text: str, plan: Plan) -> str:
    """Return the text of a dossier with the changes of the plan.

    `_rewritten` compares what both texts mean: for rare forms of YAML, the result may mean something else.
    """
    # Each step reads the text again, because an edit moves all positions behind it. Sections merge two at a time.
    for step in (_without, _renamed, *[_merged] * len(SECTIONS)):
        source = _Source(text)
        text = source.edited(step(source, plan))
    return text


def comments(text: str) -> Counter[str]:
    r"""Return the comments of a YAML text, each with its number.

    >>> sorted(comments("# one\na: '# no comment' # two\n").elements())
    ['# one', '# two']
    """
    # Between the tokens: a '#' within a value is no comment.
    found: Counter[str] = Counter()
    end = 0
    for token in yaml.scan(text, Loader=yaml.CSafeLoader):
        found.update(_comments(text[end : token.start_mark.index]))
        end = max(end, token.end_mark.index)
    found.update(_comments(text[end:]))
    return found


def _comments(between: str) -> Iterator[str]:
    """Yield the comments in a text between two tokens or values."""
    for line in _BREAK.split(between):
        sign = line.find("#")
        if sign >= 0:
            yield line[sign:].rstrip()


@dataclass(frozen=True)
class _Source:
    """A YAML text, its nodes, and the positions of its lines."""

    text: str

    @lazy
    def root(self) -> yaml.MappingNode:
        return yaml.compose(self.text, Loader=yaml.CSafeLoader)  # type: ignore[return-value]  # the reader takes no other

    @lazy
    def starts(self) -> Sequence[int]:
        return [0, *(found.end() for found in _BREAK.finditer(self.text))]

    @lazy
    def newline(self) -> str:
        found = _BREAK.search(self.text)
        return found[0] if found else "\n"

    def line_start(self, position: int) -> int:
        return self.starts[bisect_right(self.starts, position) - 1]

    def next_line(self, position: int) -> int:
        """Return where the line after that of the position begins, or the end of the text."""
        index = bisect_right(self.starts, position)
        return self.starts[index] if index < len(self.starts) else len(self.text)

    def of(self, node: yaml.Node) -> str:
        return self.text[node.start_mark.index : node.end_mark.index]

    def end(self, node: yaml.Node) -> int:
        """Return where the last character of a node ends; the parser counts what follows a block to it."""
        if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            last = node.value[-1]
            return self.end(last[1] if isinstance(last, tuple) else last)
        start, end = node.start_mark.index, node.end_mark.index
        return start + len(self.text[start:end].rstrip(_SPACE))

    def after(self, node: yaml.Node) -> int:
        """Return where the line after the node begins."""
        return self.next_line(self.end(node))

    def comments_of(self, pair: _Pair) -> Iterator[str]:
        """Yield the comments between a key and its value, and behind the value."""
        key, value = pair
        yield from _comments(self.text[key.end_mark.index : value.start_mark.index])
        yield from _comments(self.text[self.end(value) : self.after(value)])

    def lines(self, position: int, lines: Iterable[str]) -> _Edit:
        """Return the edit that adds lines at a position, where a line begins or the text ends."""
        text = "".join(line + self.newline for line in lines)
        is_line_start = position == self.line_start(position)
        return _Edit(position, position, text if is_line_start else self.newline + text)

    def edited(self, edits: Iterable[_Edit]) -> str:
        parts, position = [], 0
        for edit in sorted(edits):
            parts += [self.text[position : edit.start], edit.text]
            position = edit.end
        return "".join([*parts, self.text[position:]])


def _pairs(node: yaml.Node, place: Place = ()) -> Iterator[tuple[Place, yaml.MappingNode, int]]:
    """Yield each pair of key and value of a node: its place, its mapping, and its index there."""
    if isinstance(node, yaml.MappingNode):
        for index, (key, value) in enumerate(node.value):
            yield (*place, key.value), node, index
            yield from _pairs(value, (*place, key.value))


# The steps: leave out what is gone, give what stays its new names, and make one section of several.


def _without(source: _Source, plan: Plan) -> Iterator[_Edit]:
    for place, mapping, index in _pairs(source.root):
        if place in plan.removed:
            yield _removal(source, mapping, index)


def _removal(source: _Source, mapping: yaml.MappingNode, index: int) -> _Edit:
    """Return the edit that leaves out a pair; comments beside it stay, on lines of their own."""
    key, value = mapping.value[index]
    if not mapping.flow_style:
        start = source.line_start(key.start_mark.index)
        indent = " " * key.start_mark.column
        kept = [f"{indent}{comment}{source.newline}" for comment in source.comments_of((key, value))]
        return _Edit(start, source.after(value), "".join(kept))
    if index + 1 < len(mapping.value):
        return _Edit(key.start_mark.index, mapping.value[index + 1][0].start_mark.index, "")
    start = source.end(mapping.value[index - 1][1]) if index else key.start_mark.index
    return _Edit(start, source.end(value), "")


def _renamed(source: _Source, plan: Plan) -> Iterator[_Edit]:
    if () in plan.added:
        yield _first(source, plan.added[()])
    for place, mapping, index in _pairs(source.root):
        key, value = mapping.value[index]
        if place in plan.keys:
            yield _replaced(source, key, plan.keys[place])
        if place in plan.added:
            yield _addition(source, mapping, index, plan.added[place])
        several = isinstance(value, yaml.SequenceNode)
        for number, item in enumerate(value.value if several else [value]):
            at = (*place, number) if several else place
            if at in plan.values:
                yield _replaced(source, item, plan.values[at])


def _replaced(source: _Source, node: yaml.ScalarNode, text: str) -> _Edit:
    """Return the edit that writes a key or value anew, in its own quotation marks; a '#' at the start needs some."""
    start, end = node.start_mark.index, source.end(node)
    if node.style in _BLOCKS:  # nobody writes a name so, and a comment may stand inside
        return _Edit(start, start, "")
    mark = source.text[start] if source.text[start] in _QUOTES else '"' if text.startswith("#") else ""
    return _Edit(start, end, f"{mark}{text}{mark}")


def _first(source: _Source, pairs: _Pairs) -> _Edit:
    """Return the edit that adds pairs before all others."""
    key, _ = source.root.value[0]
    if source.root.flow_style:
        position = key.start_mark.index
        separator = _separator(source, source.root, 0)
        return _Edit(position, position, "".join(_in_flow(source, key, pair) + separator for pair in pairs))
    indent = " " * source.root.start_mark.column
    return source.lines(source.line_start(source.root.start_mark.index), _in_block(indent, pairs))


def _addition(source: _Source, mapping: yaml.MappingNode, index: int, pairs: _Pairs) -> _Edit:
    """Return the edit that adds pairs behind another one."""
    key, value = mapping.value[index]
    if not mapping.flow_style:
        return source.lines(source.after(value), _in_block(" " * key.start_mark.column, pairs))
    separator = _separator(source, mapping, min(index, len(mapping.value) - 2))
    position = source.end(value)
    return _Edit(position, position, "".join(separator + _in_flow(source, key, pair) for pair in pairs))


def _in_block(indent: str, pairs: _Pairs) -> Iterator[str]:
    return (f"{indent}{key}: {value}" for key, value in pairs)


def _in_flow(source: _Source, beside: yaml.ScalarNode, pair: tuple[str, str]) -> str:
    """Return a pair as the key beside it is written, so that JSON stays JSON."""
    mark = '"' if source.of(beside).startswith('"') else ""
    return ": ".join(f"{mark}{text}{mark}" for text in pair)


def _separator(source: _Source, mapping: yaml.MappingNode, index: int) -> str:
    """Return what stands between the pair at the index and the next one: a comma, and perhaps a line break."""
    if not 0 <= index < len(mapping.value) - 1:
        return _SEPARATOR
    between = source.text[source.end(mapping.value[index][1]) : mapping.value[index + 1][0].start_mark.index]
    return _SEPARATOR if set(between) - set(_SPACE + ",") else between


def _merged(source: _Source, _: Plan) -> Iterator[_Edit]:
    """Yield the edits that make one section of the first two with the same name."""
    names = [key.value for key, _ in source.root.value]
    second = next((index for index, name in enumerate(names) if name in names[:index]), None)
    if second is None:
        return
    first = names.index(names[second])
    if source.root.flow_style:
        yield from _merged_in_flow(source, first, second)
    else:
        yield from _merged_in_block(source, first, second)


def _merged_in_flow(source: _Source, first: int, second: int) -> Iterator[_Edit]:
    (_, target), (_, section) = source.root.value[first], source.root.value[second]
    yield _removal(source, source.root, second)
    if section.value:
        entries = source.text[section.value[0][0].start_mark.index : source.end(section.value[-1][1])]
        if target.value:
            position = source.end(target.value[-1][1])
            space = source.text[target.start_mark.index + 1 : target.value[0][0].start_mark.index]
            yield _Edit(position, position, "," + (" " if space.strip(_SPACE) else space or " ") + entries)
        else:
            yield _Edit(target.start_mark.index, source.end(target), f"{{{entries}}}")


def _merged_in_block(source: _Source, first: int, second: int) -> Iterator[_Edit]:
    (_, target), (key, section) = source.root.value[first], source.root.value[second]
    header = source.line_start(key.start_mark.index)
    above = _upwards(source, header, source.text[header : key.start_mark.index] + "#")
    columns = [_column(target), _column(section)]
    indent = " " * next(column for column in (*columns, source.root.start_mark.column + 2) if column)
    if columns[0] and columns[0] == columns[1] and second == first + 1:
        # Its entries follow those of the other section already: only the line with its name goes.
        body = source.line_start(section.start_mark.index)
        remarks = [*_comments(source.text[above:header]), *_comments(source.text[key.end_mark.index : body])]
        yield _Edit(above, body, "".join(f"{indent}{remark}{source.newline}" for remark in remarks))
        return
    blank, below = _upwards(source, above), source.after(section)
    is_apart = not source.text[below : source.next_line(below)].strip(_SPACE)
    yield _Edit(blank if is_apart else above, below, "")
    entries = list(_entries(source, section, indent))
    gap = [""] if blank < above and entries else []
    remarks = [f"{indent}{remark}" for remark in _comments(source.text[above:header])]
    remarks += [f"{indent}{remark}" for remark in _beside_name(source, key, section)]
    if columns[0]:
        yield source.lines(source.after(target), [*gap, *remarks, *entries])
    else:
        start, end = len(source.text[: target.start_mark.index].rstrip(" ")), source.end(target)
        former = list(_entries(source, target, indent))
        lines = [*former, *(gap if former else ()), *remarks, *entries]
        yield _Edit(start, end, "".join(source.newline + line for line in lines))


def _column(section: yaml.MappingNode) -> int:
    """Return the column of the section's entries; 0 if they do not stand on lines of their own."""
    column: int = section.start_mark.column
    return 0 if section.flow_style else column


def _entries(source: _Source, section: yaml.MappingNode, indent: str) -> Iterator[str]:
    """Yield the entries of a section as lines with the indentation."""
    if section.flow_style:
        for key, value in section.value:
            yield f"{indent}{source.of(key)}: {source.text[value.start_mark.index : source.end(value)]}"
        return
    start, end = source.line_start(section.start_mark.index), source.end(section)
    more = len(indent) - section.start_mark.column
    for line in _BREAK.split(source.text[start : source.next_line(end)].rstrip(_SPACE)):
        spaces = len(line) - len(line.lstrip(" "))
        yield " " * max(spaces + more, 0) + line[spaces:] if line.strip(_SPACE) else line


def _beside_name(source: _Source, key: yaml.ScalarNode, section: yaml.MappingNode) -> Iterator[str]:
    """Yield the comments between the name of a section and its first entry, and behind a section on one line."""
    if section.flow_style:
        yield from source.comments_of((key, section))
    else:
        yield from _comments(source.text[key.end_mark.index : section.start_mark.index])


def _upwards(source: _Source, position: int, beginning: str | None = None) -> int:
    """Return where the lines directly above a line begin that have the beginning, or else that are blank."""
    index = bisect_right(source.starts, position) - 1
    while index > 0:
        line = source.text[source.starts[index - 1] : source.starts[index]]
        if line.strip(_SPACE) if beginning is None else not line.startswith(beginning):
            break
        index -= 1
    return source.starts[index]
