"""What one graph may need to know of the others: which IRIs are described, and as what.

A graph is checked alone; of every IRI that it mentions and another graph describes, it sees only these facts.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from itertools import chain
from typing import Final
from urllib.parse import unquote

from rejoinder import names
from rejoinder.checking.statements import Statements
from rejoinder.dossiers.dossier import Dossier
from rejoinder.errors import Problem
from rejoinder.store import rdf
from rejoinder.store.rdf import NamedNode, Quad, Triple

FACTS: Final = frozenset({names.RDF_TYPE, names.RJ + "underReview", names.RJ + "troikaMember"})
NAMES: Final = frozenset({names.RDFS + "label", names.SKOS + "altLabel", names.RJ + "officialName"})


@dataclass(frozen=True)
class World:
    """The described IRIs, each with its facts, the terms that the ontology defines, and the States by their names.

    `unknown` are the graphs whose files cannot be used, so that nobody knows what they describe.
    """

    facts: Mapping[str, tuple[Triple, ...]]
    terms: frozenset[str]
    called: dict[str, str] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()

    def about(self, graph: Statements) -> tuple[Triple, ...]:
        """The facts on the IRIs that a graph mentions and does not describe itself."""
        return tuple(fact for iri in sorted(graph.mentioned - graph.described) for fact in self.facts.get(iri, ()))

    @property
    def digest(self) -> str:
        """SHA-256 that changes whenever a fact does."""
        digest = hashlib.sha256()
        for iri in sorted(self.facts):
            digest.update("\n".join([iri, *sorted(map(str, self.facts[iri]))]).encode())
        return digest.hexdigest()


def world(graphs: Iterable[Iterable[Quad]], terms: frozenset[str]) -> World:
    """The world that `graphs`, each with its derived statements, and an ontology's `terms` make up."""
    facts: defaultdict[str, list[Triple]] = defaultdict(list)
    called: dict[str, str] = {}
    for graph in graphs:
        for quad in graph:
            predicate = quad.predicate.value
            if predicate in FACTS and isinstance(quad.subject, NamedNode):
                facts[quad.subject.value].append(quad.triple)
            elif predicate in NAMES and "/state/" in rdf.text(quad.subject):
                called[rdf.text(quad.object).casefold()] = rdf.text(quad.subject)
    return World({iri: tuple(known) for iri, known in facts.items()}, terms, called)


def dangling(dossier: Dossier, world: World, base: str) -> Iterator[Problem]:
    """A problem for each IRI under `base`, or term of the ontology, that the dossier uses and nothing describes.

    Of those that lead into a file that cannot be used, one problem for all: the cause is told elsewhere.
    """
    own = {rdf.text(quad.subject) for quad in dossier.quads}
    used = {quad.predicate.value for quad in dossier.quads}
    used |= {quad.object.value for quad in dossier.quads if isinstance(quad.object, NamedNode)}
    ours = {iri for iri in used if iri.startswith((names.RJ, base))}
    strange = {iri for iri in ours if iri not in own and iri not in world.facts and iri not in world.terms}
    missing = _missing(own, world, base)
    lost: defaultdict[str, list[int | None]] = defaultdict(list)
    for quad in dossier.quads if strange else ():
        for node in (quad.predicate, quad.object):
            if isinstance(node, NamedNode) and node.value in strange:
                line = dossier.line(rdf.text(quad.subject), quad.predicate.value, node.value)
                if graphs := _homes(node.value) & world.unknown:
                    lost[min(graphs)].append(line)
                    continue
                yield Problem(dossier.path, line, missing(node.value))
    for graph, lines in lost.items():
        count = "a reference leads" if len(lines) == 1 else f"{len(lines)} references lead"
        reason = f"{count} to {graph.removeprefix(base)}, whose file cannot be used; mend that file first"
        yield Problem(dossier.path, min(filter(None, lines), default=None), reason)


def _homes(iri: str) -> frozenset[str]:
    """The graphs that may describe a node: its document, or the collection that this belongs to.

    >>> sorted(_homes("https://example.org/report/x#p1"))
    ['https://example.org/report/', 'https://example.org/report/x']
    """
    document = iri.partition("#")[0]
    return frozenset((document, document[: document.rfind("/") + 1]))


def _missing(own: Iterable[str], world: World, base: str) -> Callable[[str], str]:
    """Return what says that nothing describes an IRI, and which one of those that are described may be meant.

    Of what is described it looks at a part that does not grow: a file may have as many slips as names.
    """

    @cache
    def described() -> Mapping[str, _Names]:
        names_in: defaultdict[str, set[str]] = defaultdict(set)
        for iri in chain(own, world.facts, world.terms):
            folder = _folder(iri)
            names_in[folder].add(iri.removeprefix(folder))
        return {folder: _Names.of(found) for folder, found in names_in.items()}

    @cache
    def states() -> tuple[tuple[str, str], ...]:
        return tuple(
            sorted((words, _last(iri)) for words, iri in world.called.items() if _folder(iri) == f"{base}state/")
        )

    @cache
    def told(iri: str) -> str:
        folder, name = _folder(iri), _last(iri)
        near = described().get(folder)
        guesses = near.close_to(name) if near else []
        if folder == f"{base}state/":
            guesses = _codes(name, states()) or [code for code in guesses if code[:2] == name[:2]]
        hint = f"did you mean {guesses[0]!r}?" if guesses else "describe it, or remove the reference"
        if folder == f"{base}state/":
            return f"the State code {name!r} is unknown (ISO 3166 alpha-3 is expected); {hint}"
        return f"nothing describes {iri.removeprefix(base)!r}; {hint}"

    return told


def _folder(iri: str) -> str:
    return iri[: max(iri.rfind("/"), iri.rfind("#")) + 1]


def _last(iri: str) -> str:
    return iri.removeprefix(_folder(iri))


@dataclass(frozen=True)
class _Names:
    """Names in alphabetical order, and in that of their letters from the last to the first."""

    forwards: tuple[str, ...]
    backwards: tuple[str, ...]

    @classmethod
    def of(cls, names: Iterable[str]) -> _Names:
        """Return the names so ordered."""
        known = tuple(names)
        return cls(tuple(sorted(known)), tuple(sorted(name[::-1] for name in known)))

    def close_to(self, name: str) -> list[str]:
        """Return the name that is most like this one, if one is, of those that begin or end most like it.

        >>> _Names.of(["claim-1", "claim-2", "person"]).close_to("persona")
        ['person']
        """
        near = {*_around(self.forwards, name), *(other[::-1] for other in _around(self.backwards, name[::-1]))}
        # The time of a comparison grows with the square of the length, and nobody mistypes such names.
        short = sorted(other for other in near if max(len(other), len(name)) <= _LONG)
        return get_close_matches(name, short, n=1)


_NEAR: Final = 10
"""So many names before and behind one are compared with it."""

_LONG: Final = 200
"""Characters of a name that is too long to be compared."""


def _around(ordered: tuple[str, ...], name: str) -> tuple[str, ...]:
    at = bisect_left(ordered, name)
    return ordered[max(at - _NEAR, 0) : at + _NEAR]


def _codes(name: str, states: tuple[tuple[str, str], ...]) -> list[str]:
    """The code of the State that goes by `name`, or whose name alone begins with it; the names are in order.

    >>> known = (("chad", "TCD"), ("czechia", "CZE"), ("czechoslovakia", "CSK"))
    >>> _codes("Czech", known), _codes("Cha", known), _codes("Czechia", known)
    ([], ['TCD'], ['CZE'])
    """
    wanted = unquote(name).casefold()
    codes: list[str] = []
    for words, code in states[bisect_left(states, (wanted, "")) :]:
        if words == wanted:
            return [code]
        if not words.startswith(wanted) or len(codes) > 1:
            break
        codes += [code] if code not in codes else []
    return codes if len(codes) == 1 else []
