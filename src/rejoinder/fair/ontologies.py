"""Checks on the ontologies that a site publishes: their identifiers, their headers, and the words for their terms.

Mirrors the tests of FOOPS!, the Ontology Pitfall Scanner for FAIR (https://w3id.org/foops/catalogue). Its tests for a
DOI, a logo and the entry in a registry (in OM3, FIND2, FIND3) ask for what no file of a site can hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Final

from rejoinder.fair.builtsite import BuiltSite
from rejoinder.fair.criteria import Check, Flaw, Seen
from rejoinder.fair.metadata import is_persistent, missing
from rejoinder.site.things import Thing, expanded

_MINIMUM: Final = (
    "dcterms:title",
    "dcterms:description",
    "dcterms:license",
    "owl:versionIRI",
    "dcterms:creator",
    "dcterms:created",
    "vann:preferredNamespaceUri",
)
_RECOMMENDED: Final = ("owl:versionInfo", "dcterms:created", "dcterms:bibliographicCitation")
_DETAILED: Final = ("dcterms:publisher", "bibo:status", "dcterms:source", "dcterms:issued", "dcterms:modified")
_TERMS: Final = ("owl:Class", "owl:ObjectProperty", "owl:DatatypeProperty", "owl:NamedIndividual")
_DEFINITIONS: Final = ("skos:definition", "rdfs:comment")
_NUMBER: Final = re.compile(r"[0-9]+(\.[0-9]+)*")


def _file(site: BuiltSite, ontology: Thing) -> str:
    return f"{site.stem(ontology.iri) or ontology.iri}.ttl"


def _with_terms(site: BuiltSite) -> Iterator[tuple[Thing, Thing]]:
    """Each ontology with each term that it defines."""
    for kind, ontology in product(_TERMS, site.ontologies):
        for term in site.data.instances(kind):
            if term.iri.startswith(f"{ontology.iri}#"):
                yield ontology, term


def _persistent(site: BuiltSite) -> Seen:
    advice = "The IRI of the ontology is under no service for persistent identifiers; register one at https://w3id.org"
    for it in site.ontologies:
        for thing in (it, *it.all("owl:versionIRI")):
            yield None if is_persistent(thing.iri) else Flaw(_file(site, it), advice, thing.iri)


def _identified(site: BuiltSite) -> Seen:
    """The document at an ontology's address says that it is this ontology, and so do its terms."""
    for it in site.ontologies:
        path = _file(site, it)
        found = {t.subject for t in site.triples(path) if t.object == expanded("owl:Ontology")}
        message = "The document at the ontology's address declares another ontology, or none; declare this one alone."
        yield None if [str(node) for node in found] == [f"<{it.iri}>"] else Flaw(path, message, it.iri)
        namespace = it.words("vann:preferredNamespaceUri")
        fits = namespace.rstrip("#/") == it.iri
        message = "The namespace does not belong to the ontology's IRI; write that IRI and '#'."
        yield None if fits else Flaw(path, message, it.iri, expanded("vann:preferredNamespaceUri").value, namespace)


def _version(site: BuiltSite) -> Seen:
    message = "The ontology needs one owl:versionIRI that is not the IRI of the ontology itself."
    for it in site.ontologies:
        versions = it.all("owl:versionIRI")
        fits = len(versions) == 1 and versions[0] != it
        found = ", ".join(version.iri for version in versions)
        yield None if fits else Flaw(_file(site, it), message, it.iri, expanded("owl:versionIRI").value, found)


def _version_resolves(site: BuiltSite) -> Seen:
    message = "The version IRI of the ontology leads to no file; put its page and its Turtle there."
    for it in site.ontologies:
        for version in it.all("owl:versionIRI"):
            stem = site.stem(version.iri)
            fits = {f"{stem}.html", f"{stem}.ttl"} <= site.paths
            yield (
                None if fits else Flaw(_file(site, it), message, it.iri, expanded("owl:versionIRI").value, version.iri)
            )


def _prior_version(site: BuiltSite) -> Seen:
    """A version that is older than this one and stands on the site is the one before, and named so."""
    message = "The site holds an earlier version of the ontology; name it with owl:priorVersion."
    for it in site.ontologies:
        older = _older(site, it)
        named = {site.stem(prior.iri) for prior in it.all("owl:priorVersion")}
        fits = not older or older[-1] in named
        found = ", ".join(older)
        yield None if fits else Flaw(_file(site, it), message, it.iri, expanded("owl:priorVersion").value, found)


def _older(site: BuiltSite, ontology: Thing) -> list[str]:
    """The stems of the versions before this one, in order."""
    folder, own = f"{site.stem(ontology.iri)}/", _parts(ontology.words("owl:versionInfo"))
    stems = {path.removesuffix(".ttl") for path in site.paths if path.startswith(folder) and path.endswith(".ttl")}
    numbered = {stem: _parts(stem.removeprefix(folder)) for stem in stems}
    return sorted((stem for stem, parts in numbered.items() if parts and parts < own), key=lambda s: numbered[s])


def _parts(number: str) -> tuple[int, ...]:
    return tuple(map(int, number.split("."))) if _NUMBER.fullmatch(number) else ()


def _header(site: BuiltSite, properties: tuple[str, ...]) -> Seen:
    for it in site.ontologies:
        yield from missing(it, properties, _file(site, it))


def _minimum(site: BuiltSite) -> Seen:
    return _header(site, _MINIMUM)


def _prefix(site: BuiltSite) -> Seen:
    return _header(site, ("vann:preferredNamespacePrefix",))


def _recommended(site: BuiltSite) -> Seen:
    return _header(site, _RECOMMENDED)


def _detailed(site: BuiltSite) -> Seen:
    return _header(site, _DETAILED)


def _provenance(site: BuiltSite) -> Seen:
    """Creator and publisher are agents with a name, not bare addresses."""
    message = "Nothing says the name of this agent; give it a foaf:name."
    for it, role in product(site.ontologies, ("dcterms:creator", "dcterms:publisher")):
        for agent in it.all(role):
            named = agent.texts("foaf:name")
            yield None if named else Flaw(_file(site, it), message, it.iri, expanded(role).value, agent.iri)


def _labels(site: BuiltSite) -> Seen:
    message = "The term has no label; write an rdfs:label in English at least."
    for ontology, term in _with_terms(site):
        labels = term.texts("rdfs:label")
        yield None if labels else Flaw(_file(site, ontology), message, term.iri, expanded("rdfs:label").value)


def _definitions(site: BuiltSite) -> Seen:
    message = "Nothing says what the term means; write a skos:definition."
    for ontology, term in _with_terms(site):
        found = any(term.texts(name) for name in _DEFINITIONS)
        yield None if found else Flaw(_file(site, ontology), message, term.iri, expanded("skos:definition").value)


CHECKS: Final = (
    Check(
        "OntologyPersistentIri",
        "F1",
        ("FOOPS! PURL1", "F-UJI FsF-F1-02MD"),
        "Each ontology and each version of it has an IRI under a service for persistent identifiers.",
        _persistent,
    ),
    Check(
        "OntologyIsItself",
        "F1",
        ("FOOPS! URI2",),
        "The document at an ontology's IRI declares this ontology, with a namespace that belongs to it.",
        _identified,
    ),
    Check(
        "OntologyVersionIri",
        "F1",
        ("FOOPS! VER1",),
        "Each ontology has one version IRI, which is not its own.",
        _version,
    ),
    Check(
        "OntologyVersionResolves",
        "F1",
        ("FOOPS! VER2",),
        "The version IRI of each ontology leads to a page and to RDF.",
        _version_resolves,
    ),
    Check(
        "OntologyPriorVersion",
        "F1",
        ("FOOPS! OM5.1",),
        "Each ontology names the version before it, where there is one.",
        _prior_version,
    ),
    Check(
        "OntologyMinimumMetadata",
        "F2",
        ("FOOPS! OM1",),
        "Each ontology has a title, description, licence, version IRI, creator, creation date and namespace.",
        _minimum,
    ),
    Check("OntologyPrefix", "F3", ("FOOPS! FIND1",), "Each ontology names its preferred prefix.", _prefix),
    Check(
        "OntologyRecommendedMetadata",
        "R1",
        ("FOOPS! OM2",),
        "Each ontology has version information, a creation date and a citation.",
        _recommended,
    ),
    Check(
        "OntologyDetailedMetadata",
        "R1",
        ("FOOPS! OM3", "FOOPS! OM5.2"),
        "Each ontology has a publisher, status, source, and the dates of issue and of the last change.",
        _detailed,
    ),
    Check("TermLabels", "R1", ("FOOPS! VOC3",), "Each term of each ontology has a label.", _labels),
    Check("TermDefinitions", "R1", ("FOOPS! VOC4",), "Each term of each ontology is explained.", _definitions),
    Check(
        "OntologyProvenance",
        "R1.2",
        ("FOOPS! OM5.1", "FOOPS! OM5.2"),
        "Creator and publisher of each ontology are agents with a name.",
        _provenance,
    ),
)
