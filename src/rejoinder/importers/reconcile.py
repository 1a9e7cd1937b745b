"""Reconcile names: find the State, issue or review of a project that a table means by a name.

Names are compared without accents, capitals, full stops and small words, so "St. Lucia" matches "Saint Lucia". An
unknown name is never guessed: it is reported with suggestions, and a mapping file can say what it means.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Final

from rejoinder import namespaces
from rejoinder.config import Project
from rejoinder.disk import package_file
from rejoinder.dossiers.discovery import contents
from rejoinder.dossiers.names import without_accents
from rejoinder.dossiers.reader import open_reader
from rejoinder.dossiers.yaml import YamlDocument, read_yaml
from rejoinder.errors import InputError, Problem, quoted, suggest
from rejoinder.rdf import terms
from rejoinder.rdf.jsonld import Value
from rejoinder.rdf.terms import Literal, Quad

RELATIONS: Final = tuple(relation.removeprefix(namespaces.SKOS) for relation in namespaces.CONCEPT_MAPPINGS)
"""The names of SKOS's mapping properties, which link concepts of two schemes (SKOS 10)."""

_MAX_SUGGESTED: Final = 100
"""The most unknown names that get suggestions: a table with more has a problem other than misspellings."""
_LIKENESS: Final = 0.7
"""The least similarity of a suggested name, from 0 to 1: short names of States are easily similar."""

_KEYS: Final = ("exported", "states", "issues", "sessions")
_TARGET: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*|sdg:[0-9]{1,2}\.([0-9]{1,2}|[a-z])|https?://[^\s<>\"{}|\\^`]+")
_FORMS: Final = {
    "states": (re.compile(r"[A-Z]{3}"), "the three letters of a State, e.g. MKD"),
    "sessions": (re.compile(r"[0-9]{1,3}"), "the number of a session, e.g. 5"),
}

Matches = tuple[tuple[str, str], ...]
"""Pairs of a mapping property and its value: an id of `data/issue.yaml`, `sdg:16.5`, or an IRI."""

ReviewKey = tuple[str, int]
"""A review by its State's code and its session."""


@dataclass(frozen=True)
class NameIndex:
    """The States' codes by normalised name; a name that fits two States matches neither."""

    codes: Mapping[str, str]
    names: Mapping[str, str]
    _suggested: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)

    def code(self, name: str) -> str | None:
        """Return the code of the State called `name`.

        >>> name_index([("LCA", "Saint Lucia")]).code("St. Lucia")
        'LCA'
        """
        return self.codes.get(folded(name))

    def with_overrides(self, settled: Mapping[str, str]) -> NameIndex:
        """Return the index with each of the settled names leading to the code that it is given."""
        return NameIndex(
            {**self.codes, **{folded(name): code for name, code in settled.items()}},
            {**self.names, **{folded(name): name for name in settled}},
        )

    def unknown(self, name: str) -> str:
        """Return the sentence that no State is called `name`, with names that are spelt much like it.

        >>> name_index([("LCA", "Saint Lucia"), ("LVA", "Latvia")]).unknown("Santa Luca")
        "no State is called 'Santa Luca'; did you mean 'Saint Lucia' (LCA)?"
        """
        # To compare a name with all others takes milliseconds, and a table may have one wrong name in every row.
        if name not in self._suggested and len(self._suggested) < _MAX_SUGGESTED:
            close = suggest(folded(name), self.codes, 3, _LIKENESS)
            self._suggested[name] = tuple(f"{self.names[each]!r} ({self.codes[each]})" for each in close)
        close_names = self._suggested.get(name)
        return f"no State is called {quoted(name)}" + (
            f"; did you mean {' or '.join(close_names)}?" if close_names else ""
        )


def name_index(pairs: Iterable[tuple[str, str]]) -> NameIndex:
    """Return the index of `pairs` of a code and a name."""
    codes: defaultdict[str, set[str]] = defaultdict(set)
    written: dict[str, str] = {}
    for code, name in pairs:
        codes[folded(name)].add(code)
        written.setdefault(folded(name), name)
    # Two States called Congo, or Korea: only the whole name tells them apart.
    return NameIndex({name: min(fitting) for name, fitting in codes.items() if len(fitting) == 1}, written)


def folded(name: str) -> str:
    """Return the normalised name, for comparison.

    >>> folded("The Côte d’Ivoire"), folded("St Kitts & Nevis"), folded("Saint Kitts and Nevis")
    ('cote d ivoire', 'saint kitts nevis', 'saint kitts nevis')
    """
    words = re.findall(r"\w+", without_accents(name).casefold())
    return " ".join("saint" if word == "st" else word for word in words if word not in ("and", "the"))


def slug(label: str) -> str:
    """Return the id of the issue with that label.

    >>> slug("Women's rights"), slug("Asylum-seekers - refugees")
    ('womens-rights', 'asylum-seekers-refugees')
    """
    # Published IRIs are made of these, so another rule would be another issue.
    plain = unicodedata.normalize("NFKD", re.sub(r"['’]", "", label)).casefold()
    return "-".join(re.findall(r"[a-z0-9]+", plain))


@dataclass(frozen=True)
class NameOverrides:
    """The names that a mapping file explains: States, issues and sessions.

    `states` maps names to codes, `issues` labels to their matches, `sessions` a State's name to the session of its rows
    without one; `exported` is the day of an export whose file name does not contain it.
    """

    states: Mapping[str, str] = field(default_factory=dict)
    issues: Mapping[str, Matches] = field(default_factory=dict)
    sessions: Mapping[str, int] = field(default_factory=dict)
    exported: date | None = None

    def over(self, other: NameOverrides) -> NameOverrides:
        """Return these overrides merged with others; if both have a name, these win."""
        return NameOverrides(
            {**other.states, **self.states},
            {**other.issues, **self.issues},
            {**other.sessions, **self.sessions},
            self.exported or other.exported,
        )


def shipped_overrides() -> NameOverrides:
    """Return the shipped overrides: UPR Info's names of States, and the matches of its issues."""
    return read_overrides(package_file("ontology/imports/upr-info.yaml"))


def read_overrides(path: Path) -> NameOverrides:
    """Return the overrides in the mapping file at `path`.

    Raises:
        InputError: it cannot be read, or an entry is not valid; every problem has its line.
    """
    document = read_yaml(path)
    sections = {key: value for key in _KEYS[1:] if isinstance(value := document.value.get(key), dict)}
    issues = {label: _matches(value) for label, value in sections.get("issues", {}).items()}
    problems = [*_problems(document, sections, issues)]
    if problems:
        raise InputError(problems)
    day = document.value.get("exported")
    return NameOverrides(
        states={name: str(code) for name, code in sections.get("states", {}).items()},
        issues=issues,
        sessions={name: int(str(number)) for name, number in sections.get("sessions", {}).items()},
        exported=None if day is None else date.fromisoformat(str(day)),
    )


def _matches(value: Value) -> Matches:
    """Return the matches of one issue as written; wrong ones are kept, to be reported."""
    if value is None:
        return ()
    if not isinstance(value, dict):
        return (("", str(value)),)
    return tuple(
        (relation, str(target))
        for relation, targets in value.items()
        for target in (targets if isinstance(targets, list) else [targets])
    )


def _problems(
    document: YamlDocument, sections: Mapping[str, Mapping[str, Value]], issues: Mapping[str, Matches]
) -> Iterator[Problem]:
    def problem(message: str, *place: str) -> Problem:
        return document.problem(place, message)

    for key, value in document.value.items():
        if key not in _KEYS:
            yield problem(f"the key {key!r} is unknown; the keys are {', '.join(_KEYS)}", key)
        elif key != "exported" and key not in sections and value is not None:
            yield problem(f"{key!r} needs lines such as 'name: value'", key)
    for key, (form, wanted) in _FORMS.items():
        wrong = {name: value for name, value in sections.get(key, {}).items() if not form.fullmatch(str(value))}
        yield from (problem(f"{value!r} is not {wanted}", key, name) for name, value in wrong.items())
    for label, matches in issues.items():
        yield from (problem(message, "issues", label) for message in _bad_matches(matches))
    day = document.value.get("exported")
    try:
        date.fromisoformat("2018-07-25" if day is None else str(day))
    except ValueError:
        yield problem(f"{day!r} is not the day of an export; write for example 2018-07-25", "exported")


def _bad_matches(matches: Matches) -> Iterator[str]:
    for relation, target in matches:
        if relation not in RELATIONS:
            yield f"{relation or target!r} is not a relation; write for example 'closeMatch: [torture, sdg:16.1]'"
        elif not _TARGET.fullmatch(target):
            yield f"{target!r} is not an issue; write an id of data/issue.yaml, a target such as sdg:16.5, or an IRI"


@dataclass(frozen=True)
class Inventory:
    """The project's States by name, their English labels and regional groups by code, and ids of issues and reviews."""

    states: NameIndex
    labels: dict[str, str]
    issues: frozenset[str]
    reviews: dict[ReviewKey, str]
    groups: dict[str, str]

    def with_names(self, settled: Mapping[str, str]) -> Inventory:
        """Return the inventory with the settled names of its States; names of States that it lacks are left out."""
        # A project may have fewer States than ship with the program.
        here = {name: code for name, code in settled.items() if code in self.labels}
        return replace(self, states=self.states.with_overrides(here))


def read_inventory(project: Project, besides: Container[str] = ()) -> Inventory:
    """Return the inventory of the collections in the project's data folder, save the files named in `besides`.

    Raises:
        InputError: there is no data folder, or a collection cannot be read.
    """
    # Only the collections, which stand directly in the folder: of thousands of records none describes a State.
    reader = open_reader(project.base, project.data)
    paths = (p for p in contents(project.data).dossiers if p.parent == project.data and p.name not in besides)
    return inventory(quad for path in paths for quad in reader.read(path).quads)


def inventory(quads: Iterable[Quad]) -> Inventory:
    """Return the inventory of the States, issues and reviews in the statements."""
    pairs: defaultdict[str, list[tuple[str, terms.Term]]] = defaultdict(list)
    for quad in quads:
        pairs[quad.predicate.value].append((_id(quad.subject), quad.object))
    # Labels of other things would be taken for names of States: "Georgia" may be a person.
    states = {_id(state) for _, state in pairs[namespaces.RJ + "hasState"]}
    sessions = {review: int(terms.text(number)) for review, number in pairs[namespaces.RJ + "session"]}
    return Inventory(
        states=name_index((s, terms.text(o)) for name in namespaces.STATE_NAMES for s, o in pairs[name] if s in states),
        labels={
            s: o.value
            for s, o in pairs[namespaces.RDFS + "label"]
            if s in states and isinstance(o, Literal) and o.language == "en"
        },
        issues=frozenset(_id(issue) for _, issue in pairs[namespaces.RJ + "hasIssue"]),
        reviews={
            (_id(state), sessions[review]): review
            for review, state in pairs[namespaces.RJ + "underReview"]
            if review in sessions
        },
        groups={s: terms.text(o).removeprefix(namespaces.RJ) for s, o in pairs[namespaces.RJ + "regionalGroup"]},
    )


def _id(term: terms.Term) -> str:
    """Return the last step of an IRI."""
    return terms.text(term).rpartition("/")[2]
