"""References between graphs: which resources the graphs describe, and problems for references to any others."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from typing import Final
from urllib.parse import unquote

from rejoinder import namespaces
from rejoinder.disk import package_file
from rejoinder.dossiers.reader import Dossier
from rejoinder.errors import Problem, in_file_order
from rejoinder.rdf import terms as rdf_terms
from rejoinder.rdf.graphs import GraphStatements
from rejoinder.rdf.terms import NamedNode, Quad, Triple
from rejoinder.text import suggest

FACTS: Final = frozenset({namespaces.RDF_TYPE, namespaces.RJ + "underReview", namespaces.RJ + "troikaMember"})
NAMES: Final = frozenset({namespaces.RDFS + "label", namespaces.SKOS + "altLabel", namespaces.RJ + "officialName"})
_ALIKE: Final = {
    folder: (folders, words)
    for folders, words in (
        (("person/", "organisation/"), "person or organisation"),
        (("review/", "proceeding/"), "review or proceeding"),
    )
    for folder in folders
}
"""The folders whose names a dossier writes alike, by each of them, with what to call a thing that is in one of them."""
_NEAR: Final = 10
"""The number of names before and after an unknown one that are compared with it."""


@dataclass(frozen=True)
class KnownResources:
    """The IRIs that any graph describes, with their facts; the ontology's terms; and the States by name.

    `unusable` are the graphs whose files cannot be used, so that their contents are unknown.
    """

    facts: Mapping[str, tuple[Triple, ...]]
    terms: frozenset[str]
    states: dict[str, str] = field(default_factory=dict)
    unusable: frozenset[str] = frozenset()

    def about(self, graph: GraphStatements) -> tuple[Triple, ...]:
        """Return the facts about IRIs that a graph mentions but does not describe."""
        return tuple(fact for iri in sorted(graph.mentioned - graph.described) for fact in self.facts.get(iri, ()))

    @property
    def digest(self) -> str:
        """The SHA-256 of all facts."""
        digest = hashlib.sha256()
        for iri in sorted(self.facts):
            digest.update("\n".join([iri, *sorted(map(str, self.facts[iri]))]).encode())
        return digest.hexdigest()


def known_resources(graphs: Iterable[Iterable[Quad]], terms: frozenset[str]) -> KnownResources:
    """Return the resources that `graphs`, with derived statements, describe, and an ontology's `terms`."""
    facts: defaultdict[str, list[Triple]] = defaultdict(list)
    states: dict[str, str] = {}
    for graph in graphs:
        for quad in graph:
            predicate = quad.predicate.value
            if predicate in FACTS and isinstance(quad.subject, NamedNode):
                facts[quad.subject.value].append(quad.triple)
            elif predicate in NAMES and "/state/" in rdf_terms.text(quad.subject):
                states[rdf_terms.text(quad.object).casefold()] = rdf_terms.text(quad.subject)
    return KnownResources({iri: tuple(known) for iri, known in facts.items()}, terms, states)


def ontology_terms() -> frozenset[str]:
    """Return the IRIs that the ontology describes."""
    path = package_file("ontology/rejoinder.ttl")
    return frozenset(rdf_terms.text(quad.subject) for quad in rdf_terms.parse_file(path, namespaces.ONTOLOGY_GRAPH))


def dangling(dossier: Dossier, known: KnownResources, base: str) -> tuple[Problem, ...]:
    """Return a problem for each undescribed IRI under `base`, or term of the ontology, that the dossier uses.

    All references to an unusable file are one problem, because that file is reported itself.
    """
    own = {rdf_terms.text(quad.subject) for quad in dossier.quads}
    used = {quad.predicate.value for quad in dossier.quads}
    used |= {quad.object.value for quad in dossier.quads if isinstance(quad.object, NamedNode)}
    ours = {iri for iri in used if iri.startswith((namespaces.RJ, base))}
    undescribed = {iri for iri in ours if iri not in own and iri not in known.facts and iri not in known.terms}
    message_for = _missing_messages(own, known, base)
    problems: list[Problem] = []
    into_unusable: defaultdict[str, list[int | None]] = defaultdict(list)
    for quad in dossier.quads if undescribed else ():
        for node in (quad.predicate, quad.object):
            if isinstance(node, NamedNode) and node.value in undescribed:
                line = dossier.line(rdf_terms.text(quad.subject), quad.predicate.value, node.value)
                if graphs := _possible_graphs(node.value, base) & known.unusable:
                    into_unusable[min(graphs)].append(line)
                else:
                    problems.append(Problem(dossier.path, line, message_for(node.value)))
    for graph, lines in into_unusable.items():
        count = "a reference leads" if len(lines) == 1 else f"{len(lines)} references lead"
        reason = f"{count} to {graph.removeprefix(base)}, whose file cannot be used; mend that file first"
        problems.append(Problem(dossier.path, min(filter(None, lines), default=None), reason))
    # Several statements may come from one line, such as those of a mapping.
    return in_file_order(dict.fromkeys(problems))


def _possible_graphs(iri: str, base: str) -> frozenset[str]:
    """Return the graphs that may describe a node: its document, or the collection of that or of names alike.

    >>> sorted(_possible_graphs("x:report/x#p1", "x:")), sorted(_possible_graphs("x:person/y", "x:"))
    (['x:report/', 'x:report/x'], ['x:organisation/', 'x:person/', 'x:person/y'])
    """
    document = namespaces.document_of(iri)
    folder = document[: document.rfind("/") + 1]
    alike, _ = _ALIKE.get(folder.removeprefix(base), ((), ""))
    return frozenset((document, folder, *(base + each for each in alike)))


def _missing_messages(own: Iterable[str], known: KnownResources, base: str) -> Callable[[str], str]:
    """Return a function that returns the message for an undescribed IRI, with a suggestion.

    A file may have many wrong references, so each is compared with a limited number of names.
    """

    @cache
    def names_in() -> Mapping[str, set[str]]:
        found: defaultdict[str, set[str]] = defaultdict(set)
        for iri in chain(own, known.facts, known.terms):
            folder = _folder(iri)
            found[folder].add(iri.removeprefix(folder))
        return found

    @cache
    def near(*folders: str) -> _Names:
        return _Names.of(set().union(*(names_in().get(folder, ()) for folder in folders)))

    @cache
    def states() -> tuple[tuple[str, str], ...]:
        return tuple(
            sorted((words, _last(iri)) for words, iri in known.states.items() if _folder(iri) == f"{base}state/")
        )

    @cache
    def message(iri: str) -> str:
        folder, name = _folder(iri), _last(iri)
        alike, kinds = _ALIKE.get(folder.removeprefix(base), ((), ""))
        folders = [base + each for each in alike] or [folder]
        wrong = f"no {kinds} is called {name!r}" if alike else f"nothing describes {iri.removeprefix(base)!r}"
        guesses = near(*folders).close_to(name)
        if folder == f"{base}state/":
            wrong = f"the State code {name!r} is unknown (ISO 3166 alpha-3 is expected)"
            guesses = _codes(name, states()) or [code for code in guesses if code[:2] == name[:2]]
        elif homes := [each + name for each in folders if name in names_in().get(each, ())]:
            wrong, guesses = f"nothing describes {iri.removeprefix(base)!r}", [homes[0].removeprefix(base)]
        elif "person/" in alike and name.upper() in names_in().get(f"{base}state/", ()):
            guesses = [name.upper()]
        remedy = "describe it, or remove the reference"
        if folder.endswith("#"):
            remedy += "; an entry that is private or waits for a second person counts as missing"
        hint = f"did you mean {guesses[0]!r}?" if guesses else remedy
        return f"{wrong}; {hint}"

    return message


def _folder(iri: str) -> str:
    return iri[: max(iri.rfind("/"), iri.rfind("#")) + 1]


def _last(iri: str) -> str:
    return iri.removeprefix(_folder(iri))


@dataclass(frozen=True)
class _Names:
    """Names sorted from the first letter and from the last, to find similar ones quickly."""

    forwards: tuple[str, ...]
    backwards: tuple[str, ...]

    @classmethod
    def of(cls, names: Iterable[str]) -> _Names:
        """Return the names so ordered."""
        known = tuple(names)
        return cls(tuple(sorted(known)), tuple(sorted(name[::-1] for name in known)))

    def close_to(self, name: str) -> list[str]:
        """Return the most similar name, if any is close, among those with the most similar beginning or end.

        >>> _Names.of(["claim-1", "claim-2", "person"]).close_to("persona")
        ['person']
        """
        # Most typing errors keep the first or the last letters, and comparing all names would take too long.
        near = {*_around(self.forwards, name), *(other[::-1] for other in _around(self.backwards, name[::-1]))}
        return suggest(name, sorted(near))


def _around(ordered: tuple[str, ...], name: str) -> tuple[str, ...]:
    at = bisect_left(ordered, name)
    return ordered[max(at - _NEAR, 0) : at + _NEAR]


def _codes(name: str, states: tuple[tuple[str, str], ...]) -> list[str]:
    """Return the code of the State called `name`, or of the only one whose name begins with it; `states` is sorted.

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
