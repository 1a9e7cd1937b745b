"""Names made one: what an export calls a State or an issue, and which thing of ours that is.

A name is compared without accents, capitals, points and small words, so "St. Lucia" is "Saint Lucia". What no table has
is not guessed: it is named, with suggestions, and a mapping file settles it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from rejoinder import names
from rejoinder.dossiers.sourcelines import Document, Place, Value, read_yaml
from rejoinder.errors import InputError, Problem

RELATIONS: Final = ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
"""SKOS's mapping properties: the only ones that join concepts of two schemes (SKOS 10)."""

NAMES: Final = (names.RDFS + "label", names.SKOS + "altLabel", names.RJ + "officialName")
"""The properties that name a State."""

_SUGGESTED: Final = 100
"""For so many names suggestions are sought; a table in which more are wrong has another fault than slips."""
_LONGEST: Final = 100

_KEYS: Final = ("exported", "states", "issues", "sessions")
_TARGET: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*|sdg:[0-9]{1,2}\.([0-9]{1,2}|[a-z])|https?://[^\s<>\"{}|\\^`]+")

Matches = tuple[tuple[str, str], ...]
"""Pairs of a relation and what it leads to: an id of `data/issue.yaml`, `sdg:16.5`, or an IRI."""


@dataclass(frozen=True)
class Settled:
    """What a mapping file settles.

    `states` leads from a name to a code, `issues` from a label to its matches, `sessions` from a State's name to the
    session of those of its rows that have none; `exported` is the day of an export whose name does not carry it.
    """

    states: Mapping[str, str] = field(default_factory=dict)
    issues: Mapping[str, Matches] = field(default_factory=dict)
    sessions: Mapping[str, int] = field(default_factory=dict)
    exported: date | None = None

    def over(self, other: Settled) -> Settled:
        """What this one settles, and of `other` what this one does not."""
        return Settled(
            {**other.states, **self.states},
            {**other.issues, **self.issues},
            {**other.sessions, **self.sessions},
            self.exported or other.exported,
        )


@dataclass(frozen=True)
class Gazetteer:
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

    def overruled(self, settled: Mapping[str, str]) -> Gazetteer:
        """The gazetteer with the settled names, each of which leads to the code it is given."""
        return Gazetteer(
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
            close = get_close_matches(folded(name), self.codes, n=3, cutoff=0.7)
            self._suggested[name] = tuple(f"{self.names[each]!r} ({self.codes[each]})" for each in close)
        return self._suggested[name]


def gazetteer(pairs: Iterable[tuple[str, str]]) -> Gazetteer:
    """The gazetteer of `pairs` of a code and a name."""
    codes: defaultdict[str, set[str]] = defaultdict(set)
    written: dict[str, str] = {}
    for code, name in pairs:
        codes[folded(name)].add(code)
        written.setdefault(folded(name), name)
    return Gazetteer({name: min(fitting) for name, fitting in codes.items() if len(fitting) == 1}, written)


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


def read_settled(path: Path) -> Settled:
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
    return Settled(states, issues, {name: int(str(number)) for name, number in sessions.items()}, exported)


def _unknown_keys(document: Document) -> list[Problem]:
    return [
        Problem(document.path, document.line((key,)), f"the key {key!r} is unknown; the keys are {', '.join(_KEYS)}")
        for key in document.value
        if key not in _KEYS
    ]


def _section(document: Document, key: str, problems: list[Problem]) -> dict[str, Value]:
    value = document.value.get(key)
    if value is None or isinstance(value, dict):
        return value or {}
    problems.append(Problem(document.path, document.line((key,)), f"{key!r} needs lines such as 'name: value'"))
    return {}


def _wrong(
    document: Document, key: str, values: Mapping[str, Value], form: re.Pattern[str], wanted: str
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


def _day(document: Document, problems: list[Problem]) -> date | None:
    text = document.value.get("exported")
    try:
        return None if text is None else date.fromisoformat(str(text))
    except ValueError:
        message = f"{text!r} is not the day of an export; write for example 2018-07-25"
        problems.append(Problem(document.path, document.line(("exported",)), message))
        return None
