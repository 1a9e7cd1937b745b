"""Derive statements from an authored graph: types, superclasses, results of rules, and first and last days of dates.

Types come from where a node is contained (RDFS rdfs2/rdfs3: the range of the containing property) and from the
ontology's superclasses (rdfs9); statements in the terms of other vocabularies from our properties below theirs (rdfs7);
the triples of the field from `ontology/rules/*.rq`; first and last days from EDTF.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from rejoinder import dates, namespaces
from rejoinder.disk import package_file
from rejoinder.rdf import query, terms
from rejoinder.rdf.terms import Literal, NamedNode, Quad

_TYPE: Final = NamedNode(namespaces.RDF_TYPE)
_LABEL: Final = NamedNode(namespaces.RDFS + "label")
_PREF_LABEL: Final = namespaces.SKOS + "prefLabel"
_DATE: Final = namespaces.DCTERMS + "date"
_DAY: Final = NamedNode(namespaces.XSD + "date")


@dataclass(frozen=True)
class Rules:
    """The rules for derivation: ranges, superclasses and super-properties from the ontology, and the CONSTRUCT queries.

    `superproperties` are those of other vocabularies; one of ours above another says nothing more. `digest` changes
    whenever the result of `derive` may change.
    """

    ranges: dict[str, str]
    superclasses: dict[str, frozenset[str]]
    superproperties: dict[str, frozenset[str]]
    constructs: tuple[str, ...]
    digest: str

    def derive(self, quads: Iterable[Quad]) -> tuple[Quad, ...]:
        """Return the quads of one graph with all derived ones, in canonical order.

        Raises:
            ValueError: a date is not EDTF, which cannot happen for a dossier from `Reader.read`.
        """
        authored = tuple(quads)
        if not authored:
            return ()
        graph = terms.text(authored[0].graph_name)
        derived = (*self._types(authored), *self._in_other_terms(authored), *_labels(authored), *_days(authored))
        store = terms.memory_store((*authored, *derived))
        for construct in self.constructs:  # sorted by name, because one may use the results of another
            store.extend(terms.in_graph(query.construct(store, construct, NamedNode(graph)), graph))
        # Taken from a store, literals have the same form as in a version, for example 1.5 for 1.50.
        return terms.canonical(store)

    def _types(self, quads: tuple[Quad, ...]) -> Iterator[Quad]:
        classes: defaultdict[tuple[object, object], set[str]] = defaultdict(set)
        for quad in quads:
            predicate = quad.predicate.value
            if predicate == namespaces.RDF_TYPE:
                classes[quad.subject, quad.graph_name].add(terms.text(quad.object))
            elif predicate in self.ranges:  # only for sections of a dossier: other ranges are checked, not inferred
                classes[quad.object, quad.graph_name].add(self.ranges[predicate])
        for (node, graph), direct in classes.items():
            # Also those of other vocabularies: queries and shapes then need no inference, and engines that infer
            # differently give the same answers.
            for name in direct.union(*(self.superclasses.get(name, frozenset()) for name in direct)):
                yield Quad(node, _TYPE, NamedNode(name), graph)  # type: ignore[arg-type]  # both came out of quads

    def _in_other_terms(self, quads: tuple[Quad, ...]) -> Iterator[Quad]:
        """Yield what a statement says in the properties of other vocabularies that are above its own."""
        for quad in quads:
            # Not in our own super-properties: who asks for both would count one statement twice.
            for name in self.superproperties.get(quad.predicate.value, ()):
                yield Quad(quad.subject, NamedNode(name), quad.object, quad.graph_name)


def _labels(quads: tuple[Quad, ...]) -> Iterator[Quad]:
    """Yield an rdfs:label for each skos:prefLabel, which is a sub-property of it (SKOS S11)."""
    for quad in quads:
        if quad.predicate.value == _PREF_LABEL:
            yield Quad(quad.subject, _LABEL, quad.object, quad.graph_name)


def _days(quads: tuple[Quad, ...]) -> Iterator[Quad]:
    """Yield first and last day of each dcterms:date in EDTF, except for open sides."""
    for quad in quads:
        if (
            quad.predicate.value == _DATE
            and isinstance(quad.object, Literal)
            and quad.object.datatype.value == namespaces.EDTF
        ):
            # As days, because SPARQL compares these and knows nothing of EDTF.
            span = dates.span(quad.object.value)
            for name, day in (("earliest", span.earliest), ("latest", span.latest)):
                if day:
                    literal = Literal(day.isoformat(), datatype=_DAY)
                    yield Quad(quad.subject, NamedNode(namespaces.RJ + name), literal, quad.graph_name)


def read_rules() -> Rules:
    """Return the shipped rules."""
    ontology, folder = package_file("ontology/rejoinder.ttl"), package_file("ontology/rules")
    constructs = tuple(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.rq")))
    triples = tuple(terms.parse_file(ontology, namespaces.ONTOLOGY_GRAPH))
    return Rules(
        ranges=dict(_containments(triples)),
        superclasses=_closure(triples, "subClassOf"),
        superproperties={
            name: others
            for name, above in _closure(triples, "subPropertyOf").items()
            # Ours above ours says nothing more, and questions that ask for both would count twice.
            if (others := frozenset(each for each in above if not each.startswith(namespaces.RJ)))
        },
        constructs=constructs,
        digest=hashlib.sha256(ontology.read_bytes() + "".join(constructs).encode()).hexdigest(),
    )


def _containments(triples: Iterable[Quad]) -> Iterator[tuple[str, str]]:
    """Yield each property below rj:describes with its range."""
    known = tuple(triples)
    containing = {
        t.subject
        for t in known
        if t.predicate.value == namespaces.RDFS + "subPropertyOf"
        and terms.text(t.object) == namespaces.RJ + "describes"
    }
    for triple in known:
        if triple.predicate.value == namespaces.RDFS + "range" and triple.subject in containing:
            yield terms.text(triple.subject), terms.text(triple.object)


def _closure(triples: Iterable[Quad], relation: str) -> dict[str, frozenset[str]]:
    """Return every class, or property, with all that are named above it by the relation of RDFS, directly or not."""
    direct: defaultdict[str, set[str]] = defaultdict(set)
    for triple in triples:
        if triple.predicate.value == namespaces.RDFS + relation and isinstance(triple.object, NamedNode):
            direct[terms.text(triple.subject)].add(triple.object.value)
    return {name: frozenset(_above(name, direct)) for name in direct}


def _above(name: str, direct: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()  # also ends a cycle of superclasses
    todo = list(direct[name])
    while todo:
        upper = todo.pop()
        if upper not in found:
            found.add(upper)
            todo += direct.get(upper, ())
    return found
