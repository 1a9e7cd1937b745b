"""What vocabulary 0.2.0 names otherwise than 0.1.0, and what of it one dossier still has.

The rules work on values. `migration` changes the text by them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from rejoinder.dossiers.yaml import Place, YamlDocument
from rejoinder.errors import InputError, Problem
from rejoinder.rdf.jsonld import Value

VERSION: Final = "0.2.0"
"""The version of the vocabulary whose names these are."""

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


def plan(document: YamlDocument, names: OldNames) -> Plan:
    """Return what has to change in the dossier.

    Raises:
        InputError: the old and the new name of one thing are both there, so nobody can say which is meant.
    """
    changes = Plan()
    report = document.value
    problems = [*_of_sections(document, changes), *_renamed(document, (), report, KEYS, changes)]
    for section, entries in report.items():
        keys = {**KEYS, **KEYS_OF_AGENTS} if section in _AGENTS else KEYS
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            if isinstance(entry, dict):
                problems += _renamed(document, (section, name), entry, keys, changes)
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


def _renamed(
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
