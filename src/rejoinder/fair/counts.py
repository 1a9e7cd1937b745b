"""Checks on VoID's counts: everything is counted again in the dump.

Standard: Describing Linked Datasets with the VoID Vocabulary, sections 4 and 5.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from rejoinder import names
from rejoinder.fair.builtsite import DESCRIPTION, BuiltSite
from rejoinder.fair.criteria import Check, Flaw, Seen
from rejoinder.site.things import Thing, expanded
from rejoinder.store import rdf
from rejoinder.store.rdf import Triple

Count = tuple[Thing, str, int]
"""What is counted, the property that says the number, and the number that is true."""


def _union(site: BuiltSite) -> frozenset[Triple]:
    return frozenset(quad.triple for quad in site.dump)


def _typed(triples: frozenset[Triple]) -> Iterator[tuple[str, str]]:
    """Subject and class, for each statement of a class."""
    return ((rdf.text(t.subject), rdf.text(t.object)) for t in triples if t.predicate.value == names.RDF_TYPE)


def _totals(site: BuiltSite) -> Iterator[Count]:
    triples = _union(site)
    yield site.dataset, "void:triples", len(triples)
    yield site.dataset, "void:distinctSubjects", len({t.subject for t in triples})
    yield site.dataset, "void:distinctObjects", len({t.object for t in triples})
    yield site.dataset, "void:properties", len({t.predicate for t in triples})
    yield site.dataset, "void:classes", len({kind for _, kind in _typed(triples)})


def _graphs(site: BuiltSite) -> Iterator[Count]:
    found = Counter(rdf.text(quad.graph_name) for quad in site.dump)
    linksets = {subset.iri for subset in site.dataset.all("void:subset") if subset.is_a("void:Linkset")}
    for iri in sorted({*found, *(subset.iri for subset in site.dataset.all("void:subset"))} - linksets):
        yield site.described.thing(iri), "void:triples", found[iri]


def _partitions(site: BuiltSite) -> Iterator[Count]:
    triples = _union(site)
    classes = Counter(kind for _, kind in set(_typed(triples)))
    properties = Counter(t.predicate.value for t in triples)
    for partition in site.dataset.all("void:classPartition"):
        yield partition, "void:entities", sum(classes[kind.iri] for kind in partition.all("void:class"))
    for partition in site.dataset.all("void:propertyPartition"):
        yield partition, "void:triples", sum(properties[each.iri] for each in partition.all("void:property"))


def _linksets(site: BuiltSite) -> Iterator[Count]:
    triples = _union(site)
    for linkset in site.dataset.all("void:subset"):
        if linkset.is_a("void:Linkset"):
            spaces = tuple(target.words("void:uriSpace") for target in linkset.all("void:objectsTarget"))
            predicates = {each.iri for each in linkset.all("void:linkPredicate")}
            links = [t for t in triples if t.predicate.value in predicates and rdf.text(t.object).startswith(spaces)]
            yield linkset, "void:triples", len(links)


def _compared(counts: Iterator[Count]) -> Seen:
    for thing, name, number in counts:
        said = thing.words(name)
        message = f"The dump has {number}; write that, or build the site again."
        yield None if said == str(number) else Flaw(DESCRIPTION, message, thing.iri, expanded(name).value, said)


def _whole(site: BuiltSite) -> Seen:
    return _compared(_totals(site))


def _by_graph(site: BuiltSite) -> Seen:
    return _compared(_graphs(site))


def _by_kind(site: BuiltSite) -> Seen:
    """Each partition's count, and that every class and property of the data has one."""
    yield from _compared(_partitions(site))
    triples = _union(site)
    used = {"void:class": {kind for _, kind in _typed(triples)}, "void:property": {t.predicate.value for t in triples}}
    for name, wanted in used.items():
        partitions = site.dataset.all(f"{name}Partition")
        lost = wanted - {each.iri for partition in partitions for each in partition.all(name)}
        message = f"A {name.removeprefix('void:')} that the data use has no partition; build the site again."
        yield Flaw(DESCRIPTION, message, site.base, expanded(name).value, ", ".join(sorted(lost))) if lost else None


def _by_link(site: BuiltSite) -> Seen:
    return _compared(_linksets(site))


CHECKS: Final = (
    Check(
        "VoidCounts",
        "R1",
        ("VoID: statistics",),
        "The numbers of triples, subjects, objects, properties and classes are those of the dump.",
        _whole,
    ),
    Check(
        "VoidGraphs",
        "R1",
        ("VoID: subsets",),
        "Each graph of the dump is a subset with the number of its triples.",
        _by_graph,
    ),
    Check(
        "VoidPartitions",
        "R1",
        ("VoID: partitions",),
        "Each class and each property of the data has a partition, with the number that the dump has.",
        _by_kind,
    ),
    Check(
        "VoidLinksets",
        "I3",
        ("VoID: linksets", "F-UJI FsF-I3-01M"),
        "Each set of links to another data set has the number of links that the dump has.",
        _by_link,
    ),
)
