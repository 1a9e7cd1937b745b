"""Names made one: what an export calls a State or an issue, and which thing of ours that is.

A name is compared without accents, capitals, points and small words, so "St. Lucia" is "Saint Lucia". What no table has
is not guessed: it is named, with suggestions, and a mapping file settles it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Final

from rejoinder import namespaces
from rejoinder.config import Project
from rejoinder.dossiers.discovery import dossier_files
from rejoinder.dossiers.reader import open_reader
from rejoinder.dossiers.yaml import Place, Value, YamlDocument, read_yaml
from rejoinder.errors import InputError, Problem
from rejoinder.rdf import terms
from rejoinder.rdf.terms import Literal
from rejoinder.text import suggest

RELATIONS: Final = ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
"""SKOS's mapping properties: the only ones that join concepts of two schemes (SKOS 10)."""

NAMES: Final = (namespaces.RDFS + "label", namespaces.SKOS + "altLabel", namespaces.RJ + "officialName")
"""The properties that name a State."""

_SUGGESTED: Final = 100
"""For so many names suggestions are sought; a table in which more are wrong has another fault than slips."""
_LONGEST: Final = 100

_KEYS: Final = ("exported", "states", "issues", "sessions")
_TARGET: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*|sdg:[0-9]{1,2}\.([0-9]{1,2}|[a-z])|https?://[^\s<>\"{}|\\^`]+")

Matches = tuple[tuple[str, str], ...]
"""Pairs of a relation and what it leads to: an id of `data/issue.yaml`, `sdg:16.5`, or an IRI."""


@dataclass(frozen=True)
class NameOverrides:
    """What a mapping file settles.

    `states` leads from a name to a code, `issues` from a label to its matches, `sessions` from a State's name to the
    session of those of its rows that have none; `exported` is the day of an export whose name does not carry it.
    """

    states: Mapping[str, str] = field(default_factory=dict)
    issues: Mapping[str, Matches] = field(default_factory=dict)
    sessions: Mapping[str, int] = field(default_factory=dict)
    exported: date | None = None

    def over(self, other: NameOverrides) -> NameOverrides:
        """What this one settles, and of `other` what this one does not."""
        return NameOverrides(
            {**other.states, **self.states},
            {**other.issues, **self.issues},
            {**other.sessions, **self.sessions},
            self.exported or other.exported,
        )


@dataclass(frozen=True)
class NameIndex:
    """The States' codes by their folded names; a name that fits two States fits none."""

    codes: Mapping[str, str]
    names: Mapping[str, str]
    _suggested: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)

    def code(self, name: str) -> str | None:
        """The code of the State called `name`.

        >>> gazetteer([("LCA", "Saint Lucia")]).code("St. Lucia")
        'LCA'
        """
        return self.codes.get(folded(name))

    def overruled(self, settled: Mapping[str, str]) -> NameIndex:
        """The gazetteer with the settled names, each of which leads to the code it is given."""
        return NameIndex(
            {**self.codes, **{folded(name): code for name, code in settled.items()}},
            {**self.names, **{folded(name): name for name in settled}},
        )

    def suggestions(self, name: str) -> tuple[str, ...]:
        """Names that are spelt much like `name`, the likeliest first, each with its code.

        Comparing a name with all others takes milliseconds: it is done once for each name, for a number of them, and
        for none that is longer than any name of a State.

        >>> gazetteer([("LCA", "Saint Lucia"), ("LVA", "Latvia")]).suggestions("Santa Luca")
        ("'Saint Lucia' (LCA)",)
        """
        if name not in self._suggested:
            if len(self._suggested) >= _SUGGESTED or len(name) > _LONGEST:
                return ()
            close = suggest(folded(name), self.codes, 3)
            self._suggested[name] = tuple(f"{self.names[each]!r} ({self.codes[each]})" for each in close)
        return self._suggested[name]


def gazetteer(pairs: Iterable[tuple[str, str]]) -> NameIndex:
    """The gazetteer of `pairs` of a code and a name."""
    codes: defaultdict[str, set[str]] = defaultdict(set)
    written: dict[str, str] = {}
    for code, name in pairs:
        codes[folded(name)].add(code)
        written.setdefault(folded(name), name)
    return NameIndex({name: min(fitting) for name, fitting in codes.items() if len(fitting) == 1}, written)


def folded(name: str) -> str:
    """The name as it is compared.

    >>> folded("The Côte d’Ivoire"), folded("St Kitts & Nevis"), folded("Saint Kitts and Nevis")
    ('cote d ivoire', 'saint kitts nevis', 'saint kitts nevis')
    """
    plain = unicodedata.normalize("NFKD", name).casefold()
    words = re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c)))
    return " ".join("saint" if word == "st" else word for word in words if word not in ("and", "the"))


def slug(label: str) -> str:
    """The id of the issue with that label.

    >>> slug("Women's rights"), slug("Asylum-seekers - refugees")
    ('womens-rights', 'asylum-seekers-refugees')
    """
    plain = unicodedata.normalize("NFKD", re.sub(r"['’]", "", label)).casefold()
    return "-".join(re.findall(r"[a-z0-9]+", plain))


def read_settled(path: Path) -> NameOverrides:
    """What the mapping file at `path` settles.

    Raises:
        InputError: it cannot be read, or says what cannot be; every problem is named with its line.
    """
    document = read_yaml(path)
    problems = [*_unknown_keys(document)]
    states = {name: str(code) for name, code in _section(document, "states", problems).items()}
    issues = {label: _matches(value) for label, value in _section(document, "issues", problems).items()}
    sessions = _section(document, "sessions", problems)
    problems += _wrong(document, "states", states, re.compile(r"[A-Z]{3}"), "the three letters of a State, e.g. MKD")
    problems += _wrong(document, "sessions", sessions, re.compile(r"[0-9]{1,3}"), "the number of a session, e.g. 5")
    for label, matches in issues.items():
        problems += [Problem(path, document.line(("issues", label)), why) for why in _bad_matches(matches)]
    exported = _day(document, problems)
    if problems:
        raise InputError(problems)
    return NameOverrides(states, issues, {name: int(str(number)) for name, number in sessions.items()}, exported)


def _unknown_keys(document: YamlDocument) -> list[Problem]:
    return [
        Problem(document.path, document.line((key,)), f"the key {key!r} is unknown; the keys are {', '.join(_KEYS)}")
        for key in document.value
        if key not in _KEYS
    ]


def _section(document: YamlDocument, key: str, problems: list[Problem]) -> dict[str, Value]:
    value = document.value.get(key)
    if value is None or isinstance(value, dict):
        return value or {}
    problems.append(Problem(document.path, document.line((key,)), f"{key!r} needs lines such as 'name: value'"))
    return {}


def _wrong(
    document: YamlDocument, key: str, values: Mapping[str, Value], form: re.Pattern[str], wanted: str
) -> list[Problem]:
    return [
        Problem(document.path, document.line(_place(key, name)), f"{value!r} is not {wanted}")
        for name, value in values.items()
        if not form.fullmatch(str(value))
    ]


def _place(*steps: str) -> Place:
    return steps


def _matches(value: Value) -> Matches:
    """The matches of one issue, as written; what does not fit is kept, to be told."""
    if value is None:
        return ()
    if not isinstance(value, dict):
        return (("", str(value)),)
    return tuple(
        (relation, str(target))
        for relation, targets in value.items()
        for target in (targets if isinstance(targets, list) else [targets])
    )


def _bad_matches(matches: Matches) -> Iterable[str]:
    for relation, target in matches:
        if relation not in RELATIONS:
            yield f"{relation or target!r} is no relation; write for example 'closeMatch: [torture, sdg:16.1]'"
        elif not _TARGET.fullmatch(target):
            yield f"{target!r} is no issue; write an id of data/issue.yaml, a target such as sdg:16.5, or an IRI"


def _day(document: YamlDocument, problems: list[Problem]) -> date | None:
    text = document.value.get("exported")
    try:
        return None if text is None else date.fromisoformat(str(text))
    except ValueError:
        message = f"{text!r} is not the day of an export; write for example 2018-07-25"
        problems.append(Problem(document.path, document.line(("exported",)), message))
        return None


_LABEL: Final = namespaces.RDFS + "label"

Key = tuple[str, int]
"""A review by its State's code and its session."""

_Pairs = list[tuple[terms.Term, terms.Term]]


@dataclass(frozen=True)
class Inventory:
    """States by name; their English labels and regional groups by code; the ids of the issues; those of the reviews."""

    states: NameIndex
    labels: dict[str, str]
    issues: frozenset[str]
    reviews: dict[Key, str]
    groups: dict[str, str]

    def named(self, settled: Mapping[str, str]) -> Inventory:
        """The inventory with the settled names of States, each of which leads to the code it is given."""
        return replace(self, states=self.states.overruled(settled))


def read_inventory(project: Project, besides: Container[str] = ()) -> Inventory:
    """The inventory of the collections in the project's data folder, save the files whose names are in `besides`.

    Raises:
        InputError: there is no data folder, or a collection cannot be read.
    """
    pairs = _by_predicate(project, besides)
    states = {state for _, state in pairs[namespaces.RJ + "hasState"]}
    return Inventory(
        states=gazetteer((_id(s), terms.text(o)) for name in NAMES for s, o in pairs[name] if s in states),
        labels={_id(s): terms.text(o) for s, o in pairs[_LABEL] if s in states and _is_english(o)},
        issues=frozenset(_id(issue) for _, issue in pairs[namespaces.RJ + "hasIssue"]),
        reviews=_reviews(pairs[namespaces.RJ + "underReview"], pairs[namespaces.RJ + "session"]),
        groups={_id(s): terms.text(o).removeprefix(namespaces.RJ) for s, o in pairs[namespaces.RJ + "regionalGroup"]},
    )


def _by_predicate(project: Project, besides: Container[str]) -> defaultdict[str, _Pairs]:
    """Subject and object of every statement of the collections, by predicate."""
    dossiers = open_reader(project.base, project.data)
    pairs: defaultdict[str, _Pairs] = defaultdict(list)
    for path in dossier_files(project.data):
        if path.parent == project.data and path.name not in besides:
            for quad in dossiers.read(path).quads:
                pairs[quad.predicate.value].append((quad.subject, quad.object))
    return pairs


def _id(term: terms.Term) -> str:
    """The last step of an IRI."""
    return terms.text(term).rpartition("/")[2]


def _is_english(term: terms.Term) -> bool:
    return isinstance(term, Literal) and term.language == "en"


def _reviews(under_review: _Pairs, session: _Pairs) -> dict[Key, str]:
    numbers = {review: int(terms.text(number)) for review, number in session}
    return {(_id(state), numbers[review]): _id(review) for review, state in under_review if review in numbers}
