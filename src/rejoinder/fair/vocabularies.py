"""Checks on the terms that the data use: whose they are, and that what others have defined is used.

FOOPS!, F-UJI and FAIR-Checker ask registries (LOV, prefix.cc, OLS, BioPortal); here `names.REGISTERED` says what those
know of what we use.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rejoinder import names
from rejoinder.fair.builtsite import DESCRIPTION, DUMP, BuiltSite
from rejoinder.fair.criteria import Check, Flaw, Seen
from rejoinder.site.things import expanded
from rejoinder.store.rdf import NamedNode, Triple

_LANGUAGES: Final = (names.RDF, names.RDFS, names.PREFIXES["owl"])
"""What every ontology is written in; FOOPS! does not count it as reuse."""

_OTHERS: Final = tuple(namespace for namespace in names.REGISTERED if namespace not in _LANGUAGES)
_OWN: Final = (names.RJ, names.SHAPES)


def _used(triples: Iterable[Triple]) -> set[str]:
    """The properties and classes that the triples use."""
    found = set()
    for triple in triples:
        found.add(triple.predicate.value)
        if triple.predicate.value == names.RDF_TYPE and isinstance(triple.object, NamedNode):
            found.add(triple.object.value)
    return found


def _all_used(site: BuiltSite) -> set[str]:
    return _used(quad.triple for quad in site.dump)


def _known(site: BuiltSite) -> Seen:
    """Every property and class is of a registered vocabulary, or of an ontology that the site itself publishes."""
    own = (*(f"{it.iri}#" for it in site.ontologies), *_OWN, site.base)
    message = "No registry knows the vocabulary of this term; use a term of a registered one."
    for path, terms in ((DUMP, _all_used(site)), (DESCRIPTION, _used(site.triples(DESCRIPTION)))):
        for term in sorted(terms):
            yield None if term.startswith((*names.REGISTERED, *own)) else Flaw(path, message, term)


def _reused(site: BuiltSite) -> Seen:
    """Each ontology uses terms of others for its header, and builds its own on those of others."""
    for it in site.ontologies:
        stem = site.stem(it.iri)
        triples = site.triples(f"{stem}.ttl")
        header = {t.predicate.value for t in triples if str(t.subject) == f"<{it.iri}>"}
        body = {
            node.value
            for t in triples
            if str(t.subject) != f"<{it.iri}>"
            for node in (t.predicate, t.object)
            if isinstance(node, NamedNode)
        }
        for where, terms in (("header", header), ("terms", body)):
            message = f"The {where} of the ontology must use terms of registered vocabularies beside RDF, RDFS and OWL."
            fits = any(term.startswith(_OTHERS) for term in terms)
            yield None if fits else Flaw(f"{stem}.ttl", message, it.iri)


def _declared(site: BuiltSite) -> Seen:
    """VoID names each registered vocabulary that the data use."""
    named = {each.iri for each in site.dataset.all("void:vocabulary")}
    used = _all_used(site)
    for namespace in (*_OWN, *names.REGISTERED):
        if any(term.startswith(namespace) for term in used):
            message = "The data use this vocabulary; name it with void:vocabulary."
            predicate = expanded("void:vocabulary").value
            yield None if namespace in named else Flaw(DESCRIPTION, message, site.base, predicate, namespace)


CHECKS: Final = (
    Check(
        "RegisteredVocabularies",
        "I2",
        ("F-UJI FsF-I2-01M", "FAIR-Checker F2B", "FAIR-Checker I2"),
        "Each property and class in use is of a registered vocabulary, or of an ontology that the site publishes.",
        _known,
    ),
    Check(
        "OntologyReuse",
        "I2",
        ("FOOPS! VOC1", "FOOPS! VOC2"),
        "Each ontology uses the terms of registered vocabularies, in its header and for its terms.",
        _reused,
    ),
    Check(
        "DeclaredVocabularies",
        "I2",
        ("VoID: vocabularies", "F-UJI FsF-I2-01M"),
        "VoID names each vocabulary that the data use.",
        _declared,
    ),
)
