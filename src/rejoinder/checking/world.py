"""What one graph may need to know of the others: which IRIs are described, and as what.

A graph is checked alone; of every IRI that it mentions and another graph describes, it sees only these facts.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
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

    facts: dict[str, tuple[Triple, ...]]
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
    strange = ours - own - world.facts.keys() - world.terms
    lost: defaultdict[str, list[int | None]] = defaultdict(list)
    for quad in dossier.quads if strange else ():
        for node in (quad.predicate, quad.object):
            if isinstance(node, NamedNode) and node.value in strange:
                line = dossier.line(rdf.text(quad.subject), quad.predicate.value, node.value)
                if graphs := _homes(node.value) & world.unknown:
                    lost[min(graphs)].append(line)
                    continue
                known = own | world.facts.keys() | world.terms
                yield Problem(dossier.path, line, _missing(node.value, known, world, base))
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


def _missing(iri: str, known: Iterable[str], world: World, base: str) -> str:
    folder = iri[: max(iri.rfind("/"), iri.rfind("#")) + 1]
    name = iri.removeprefix(folder)
    names_there = [other.removeprefix(folder) for other in known if other.startswith(folder)]
    guesses = get_close_matches(name, names_there, n=1)
    if folder == f"{base}state/":
        guesses = _codes(folder, name, world.called) or [code for code in guesses if code[:2] == name[:2]]
    hint = f"did you mean {guesses[0]!r}?" if guesses else "describe it, or remove the reference"
    if folder == f"{base}state/":
        return f"the State code {name!r} is unknown (ISO 3166 alpha-3 is expected); {hint}"
    return f"nothing describes {iri.removeprefix(base)!r}; {hint}"


def _codes(folder: str, name: str, called: dict[str, str]) -> list[str]:
    """The code of the State that goes by `name`, or whose name alone begins with it."""
    states = {words: iri.removeprefix(folder) for words, iri in called.items() if iri.startswith(folder)}
    wanted = unquote(name).casefold()
    if wanted in states:
        return [states[wanted]]
    codes = {code for words, code in states.items() if words.startswith(wanted)}
    return list(codes) if len(codes) == 1 else []
