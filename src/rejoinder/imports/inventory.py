"""What a project already has that an import must know: its States by name, its issues, its reviews."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from typing import Final

from rejoinder import names
from rejoinder.dossiers.dossier import reader
from rejoinder.dossiers.folder import dossier_files
from rejoinder.imports.reconcile import NAMES, Gazetteer, gazetteer
from rejoinder.project import Project
from rejoinder.store import rdf
from rejoinder.store.rdf import Literal

_LABEL: Final = names.RDFS + "label"

Key = tuple[str, int]
"""A review by its State's code and its session."""

_Pairs = list[tuple[rdf.Term, rdf.Term]]


@dataclass(frozen=True)
class Inventory:
    """States by name; their English labels and regional groups by code; the ids of the issues; those of the reviews."""

    states: Gazetteer
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
    states = {state for _, state in pairs[names.RJ + "hasState"]}
    return Inventory(
        states=gazetteer((_id(s), rdf.text(o)) for name in NAMES for s, o in pairs[name] if s in states),
        labels={_id(s): rdf.text(o) for s, o in pairs[_LABEL] if s in states and _is_english(o)},
        issues=frozenset(_id(issue) for _, issue in pairs[names.RJ + "hasIssue"]),
        reviews=_reviews(pairs[names.RJ + "underReview"], pairs[names.RJ + "session"]),
        groups={_id(s): rdf.text(o).removeprefix(names.RJ) for s, o in pairs[names.RJ + "regionalGroup"]},
    )


def _by_predicate(project: Project, besides: Container[str]) -> defaultdict[str, _Pairs]:
    """Subject and object of every statement of the collections, by predicate."""
    dossiers = reader(project.base, project.data)
    pairs: defaultdict[str, _Pairs] = defaultdict(list)
    for path in dossier_files(project.data):
        if path.parent == project.data and path.name not in besides:
            for quad in dossiers.read(path).quads:
                pairs[quad.predicate.value].append((quad.subject, quad.object))
    return pairs


def _id(term: rdf.Term) -> str:
    """The last step of an IRI."""
    return rdf.text(term).rpartition("/")[2]


def _is_english(term: rdf.Term) -> bool:
    return isinstance(term, Literal) and term.language == "en"


def _reviews(under_review: _Pairs, session: _Pairs) -> dict[Key, str]:
    numbers = {review: int(rdf.text(number)) for review, number in session}
    return {(_id(state), numbers[review]): _id(review) for review, state in under_review if review in numbers}
