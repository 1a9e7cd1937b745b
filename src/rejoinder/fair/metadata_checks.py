"""Checks on what the data set says of itself: DCAT, PROV of the build, schema.org in its page.

Standards: DCAT 3; DCMI Metadata Terms; PROV-O; schema.org.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Any, Final

from rejoinder.fair.built_site import (
    DESCRIPTION,
    VOID,
    BuiltSite,
    FairCheck,
    Flaw,
    Seen,
    distributions,
    is_persistent,
    missing,
)
from rejoinder.namespaces import MEDIA_TYPES
from rejoinder.rdf import terms
from rejoinder.site.resource import Resource, expanded

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


def _file(site: BuiltSite, ontology: Resource) -> str:
    return f"{site.stem(ontology.iri) or ontology.iri}.ttl"


def _with_terms(site: BuiltSite) -> Iterator[tuple[Resource, Resource]]:
    """Each ontology with each term that it defines."""
    for kind, ontology in product(_TERMS, site.ontologies):
        for term in site.data.instances(kind):
            if term.iri.startswith(f"{ontology.iri}#"):
                yield ontology, term


def _ontologies_persistent(site: BuiltSite) -> Seen:
    advice = "The IRI of the ontology is under no service for persistent identifiers; register one at https://w3id.org"
    for it in site.ontologies:
        for thing in (it, *it.objects("owl:versionIRI")):
            yield None if is_persistent(thing.iri) else Flaw(_file(site, it), advice, thing.iri)


def _identified(site: BuiltSite) -> Seen:
    """The document at an ontology's address says that it is this ontology, and so do its terms."""
    for it in site.ontologies:
        path = _file(site, it)
        found = {t.subject for t in site.triples(path) if t.object == expanded("owl:Ontology")}
        message = "The document at the ontology's address declares another ontology, or none; declare this one alone."
        yield None if [str(node) for node in found] == [f"<{it.iri}>"] else Flaw(path, message, it.iri)
        namespace = it.text("vann:preferredNamespaceUri")
        fits = namespace.rstrip("#/") == it.iri
        message = "The namespace does not belong to the ontology's IRI; write that IRI and '#'."
        yield None if fits else Flaw(path, message, it.iri, expanded("vann:preferredNamespaceUri").value, namespace)


def _version(site: BuiltSite) -> Seen:
    message = "The ontology needs one owl:versionIRI that is not the IRI of the ontology itself."
    for it in site.ontologies:
        versions = it.objects("owl:versionIRI")
        fits = len(versions) == 1 and versions[0] != it
        found = ", ".join(version.iri for version in versions)
        yield None if fits else Flaw(_file(site, it), message, it.iri, expanded("owl:versionIRI").value, found)


def _version_resolves(site: BuiltSite) -> Seen:
    message = "The version IRI of the ontology leads to no file; put its page and its Turtle there."
    for it in site.ontologies:
        for version in it.objects("owl:versionIRI"):
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
        named = {site.stem(prior.iri) for prior in it.objects("owl:priorVersion")}
        fits = not older or older[-1] in named
        found = ", ".join(older)
        yield None if fits else Flaw(_file(site, it), message, it.iri, expanded("owl:priorVersion").value, found)


def _older(site: BuiltSite, ontology: Resource) -> list[str]:
    """The stems of the versions before this one, in order."""
    folder, own = f"{site.stem(ontology.iri)}/", _parts(ontology.text("owl:versionInfo"))
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


def _ontologies_provenance(site: BuiltSite) -> Seen:
    """Creator and publisher are agents with a name, not bare addresses."""
    message = "Nothing says the name of this agent; give it a foaf:name."
    for it, role in product(site.ontologies, ("dcterms:creator", "dcterms:publisher")):
        for agent in it.objects(role):
            named = agent.literals("foaf:name")
            yield None if named else Flaw(_file(site, it), message, it.iri, expanded(role).value, agent.iri)


def _labels(site: BuiltSite) -> Seen:
    message = "The term has no label; write an rdfs:label in English at least."
    for ontology, term in _with_terms(site):
        labels = term.literals("rdfs:label")
        yield None if labels else Flaw(_file(site, ontology), message, term.iri, expanded("rdfs:label").value)


def _definitions(site: BuiltSite) -> Seen:
    message = "Nothing says what the term means; write a skos:definition."
    for ontology, term in _with_terms(site):
        found = any(term.literals(name) for name in _DEFINITIONS)
        yield None if found else Flaw(_file(site, ontology), message, term.iri, expanded("skos:definition").value)


ONTOLOGIES_CHECKS: Final = (
    FairCheck(
        "OntologyPersistentIri",
        "F1",
        ("FOOPS! PURL1", "F-UJI FsF-F1-02MD"),
        "Each ontology and each version of it has an IRI under a service for persistent identifiers.",
        _ontologies_persistent,
    ),
    FairCheck(
        "OntologyIsItself",
        "F1",
        ("FOOPS! URI2",),
        "The document at an ontology's IRI declares this ontology, with a namespace that belongs to it.",
        _identified,
    ),
    FairCheck(
        "OntologyVersionIri",
        "F1",
        ("FOOPS! VER1",),
        "Each ontology has one version IRI, which is not its own.",
        _version,
    ),
    FairCheck(
        "OntologyVersionResolves",
        "F1",
        ("FOOPS! VER2",),
        "The version IRI of each ontology leads to a page and to RDF.",
        _version_resolves,
    ),
    FairCheck(
        "OntologyPriorVersion",
        "F1",
        ("FOOPS! OM5.1",),
        "Each ontology names the version before it, where there is one.",
        _prior_version,
    ),
    FairCheck(
        "OntologyMinimumMetadata",
        "F2",
        ("FOOPS! OM1",),
        "Each ontology has a title, description, licence, version IRI, creator, creation date and namespace.",
        _minimum,
    ),
    FairCheck("OntologyPrefix", "F3", ("FOOPS! FIND1",), "Each ontology names its preferred prefix.", _prefix),
    FairCheck(
        "OntologyRecommendedMetadata",
        "R1",
        ("FOOPS! OM2",),
        "Each ontology has version information, a creation date and a citation.",
        _recommended,
    ),
    FairCheck(
        "OntologyDetailedMetadata",
        "R1",
        ("FOOPS! OM3", "FOOPS! OM5.2"),
        "Each ontology has a publisher, status, source, and the dates of issue and of the last change.",
        _detailed,
    ),
    FairCheck("TermLabels", "R1", ("FOOPS! VOC3",), "Each term of each ontology has a label.", _labels),
    FairCheck("TermDefinitions", "R1", ("FOOPS! VOC4",), "Each term of each ontology is explained.", _definitions),
    FairCheck(
        "OntologyProvenance",
        "R1.2",
        ("FOOPS! OM5.1", "FOOPS! OM5.2"),
        "Creator and publisher of each ontology are agents with a name.",
        _ontologies_provenance,
    ),
)

_CORE: Final = (
    "dcterms:title",
    "dcterms:description",
    "dcterms:identifier",
    "dcterms:creator",
    "dcterms:publisher",
    "dcterms:issued",
    "dcterms:modified",
    "dcat:keyword",
    "rdf:type",
)
_DISTRIBUTION: Final = ("dcat:accessURL", "dcat:downloadURL")
_CONTENT: Final = ("dcterms:title", "dcat:mediaType")
_RIGHTS: Final = (
    "http://publications.europa.eu/resource/authority/access-right/",
    "http://purl.org/coar/access_right/",
)
_OPEN: Final = frozenset({"application/trig", "application/n-quads", "text/turtle", "application/n-triples"})
_KINDS: Final = ("dcat:Dataset", "void:Dataset")
_SAME: Final = {
    "name": "dcterms:title",
    "description": "dcterms:description",
    "identifier": "dcterms:identifier",
    "license": "dcterms:license",
    "datePublished": "dcterms:issued",
    "dateModified": "dcterms:modified",
    "version": "dcat:version",
    "keywords": "dcat:keyword",
}
"""What schema.org calls what DCAT says with Dublin Core."""


def _persistent(site: BuiltSite) -> Seen:
    advice = "The IRI of the data set is under no service for persistent identifiers; register one at https://w3id.org"
    yield None if is_persistent(site.base) else Flaw(DESCRIPTION, advice, site.base)
    found = site.dataset.text("dcterms:identifier")
    message = "The identifier of the data set must be its IRI."
    predicate = expanded("dcterms:identifier").value
    yield None if found == site.base else Flaw(DESCRIPTION, message, site.base, predicate, found)


def _core(site: BuiltSite) -> Seen:
    return missing(site.dataset, _CORE, DESCRIPTION)


def _located(site: BuiltSite) -> Seen:
    """Every distribution says where it is, in a file that is there."""
    for path, found in distributions(site):
        yield from missing(found, _DISTRIBUTION, path)
        for target in found.objects("dcat:downloadURL"):
            message = "The file to download is not on the site; build it again."
            predicate = expanded("dcat:downloadURL").value
            there = target.iri.removeprefix(site.base) in site.paths
            yield None if there else Flaw(path, message, found.iri, predicate, target.iri)


def _rights(site: BuiltSite) -> Seen:
    message = "Say with a term of the EU's or COAR's list of access rights who may have the data, e.g. PUBLIC."
    found = [right.iri for right in site.dataset.objects("dcterms:accessRights")]
    fits = bool(found) and all(iri.startswith(_RIGHTS) for iri in found)
    predicate = expanded("dcterms:accessRights").value
    yield None if fits else Flaw(DESCRIPTION, message, site.base, predicate, ", ".join(found))


def _content(site: BuiltSite) -> Seen:
    """Each distribution says what it is; its type is a term of IANA's list, its size that of the file."""
    for found in site.dataset.objects("dcat:distribution"):
        yield from missing(found, ("dcat:byteSize",), DESCRIPTION)
    for path, found in distributions(site):
        yield from missing(found, _CONTENT, path)
        for media in (*found.objects("dcat:mediaType"), *found.objects("dcat:compressFormat")):
            message = "A media type must be an IRI of IANA's list."
            fits = media.iri.startswith(MEDIA_TYPES)
            yield None if fits else Flaw(path, message, found.iri, expanded("dcat:mediaType").value, media.iri)
        for literal in found.literals("dcat:mediaType"):
            message = "The media type is text; write it as an IRI of IANA's list."
            yield Flaw(path, message, found.iri, expanded("dcat:mediaType").value, literal.value)
        yield from _sizes(site, path, found)


def _sizes(site: BuiltSite, path: str, distribution: Resource) -> Seen:
    """A size that is said is that of the file; a version that was published without files says none."""
    predicate = expanded("dcat:byteSize").value
    for target in distribution.objects("dcat:downloadURL"):
        file = target.iri.removeprefix(site.base)
        size = len(site.content(file)) if file in site.paths else -1
        said = distribution.text("dcat:byteSize")
        message = f"The file has {size} bytes; write that."
        yield None if said in ("", str(size)) else Flaw(path, message, distribution.iri, predicate, said)


def _license(site: BuiltSite) -> Seen:
    """The data set, its distributions and the ontologies say under which licence, by its IRI."""
    own = ((description.path, description.thing) for description in site.descriptions)
    for path, thing in (*own, *distributions(site), *((DESCRIPTION, it) for it in site.ontologies)):
        found = thing.objects("dcterms:license")
        fits = len(found) == 1 and found[0].iri.startswith(("https://", "http://"))
        message = "Exactly one licence is needed, as the IRI of its text."
        shown = ", ".join(each.iri for each in found)
        yield None if fits else Flaw(path, message, thing.iri, expanded("dcterms:license").value, shown)


def _provenance(site: BuiltSite) -> Seen:
    """The build that made a version: an activity, when it ended, and by what and for whom it was done."""
    yield from missing(site.dataset, ("dcat:hasCurrentVersion", "prov:wasAttributedTo"), DESCRIPTION)
    current = ((DESCRIPTION, version) for version in site.dataset.objects("dcat:hasCurrentVersion"))
    for path, version in (*current, *((each.path, each.thing) for each in site.descriptions[1:])):
        yield from missing(version, ("prov:wasGeneratedBy",), path)
        for activity in version.objects("prov:wasGeneratedBy"):
            yield from missing(activity, ("prov:endedAtTime", "prov:wasAssociatedWith", "rdf:type"), path)
    for role in ("dcterms:creator", "dcterms:publisher"):
        for agent in site.dataset.objects(role):
            yield from missing(agent, ("foaf:name", "rdf:type"), DESCRIPTION)


def _standards(site: BuiltSite) -> Seen:
    """The description follows DCAT and VoID: a data set of both, in a catalogue."""
    for kind in _KINDS:
        message = f"The data set must be a {kind}."
        fits = site.dataset.is_a(kind)
        yield None if fits else Flaw(DESCRIPTION, message, site.base, expanded("rdf:type").value)
    catalogues = site.dataset.subjects("dcat:dataset", "dcat:Catalog")
    message = "No dcat:Catalog lists the data set; write one."
    yield None if catalogues else Flaw(DESCRIPTION, message, site.base, expanded("dcat:dataset").value)
    yield from missing(site.dataset, ("dcterms:conformsTo",), DESCRIPTION)


def _formats(site: BuiltSite) -> Seen:
    """The data can be had in an open, standard format."""
    for path, found in distributions(site):
        kinds = {media.iri.removeprefix(MEDIA_TYPES) for media in found.objects("dcat:mediaType")}
        message = "The file is in no open format for RDF; offer TriG, N-Quads, Turtle or N-Triples."
        yield None if kinds & _OPEN else Flaw(path, message, found.iri, expanded("dcat:mediaType").value)


def _well_known(site: BuiltSite) -> Seen:
    """VoID lies where machines look for it, and says what the description says."""
    message = "VoID must be at .well-known/void and say what index.ttl says; build the site again."
    there = VOID in site.paths
    yield None if there and site.triples(VOID) == site.triples(DESCRIPTION) else Flaw(VOID, message, site.base)


def _structured(site: BuiltSite) -> Seen:
    """The page of the data set describes it to search engines, in words that are there without a script."""
    described, path = site.start.structured, site.start.path
    message = "The page's JSON-LD must describe a schema.org Dataset with the IRI of the data set."
    fits = described.get("@type") == "Dataset" and described.get("@id") == site.base
    yield None if fits else Flaw(path, message, site.base)
    for key in (*_SAME, "creator", "publisher", "distribution", "isAccessibleForFree"):
        message = f"The JSON-LD of the data set needs {key}; write it."
        yield None if described.get(key) else Flaw(path, message, site.base, key)
    site.start.structured_triples()


def _agrees(site: BuiltSite) -> Seen:
    """What the page says in schema.org's terms is what the description says in DCAT's."""
    described, path = site.start.structured, site.start.path
    stated = [t for t in site.triples(DESCRIPTION) if str(t.subject) == f"<{site.base}>"]
    for key, name in _SAME.items():
        said = {terms.text(t.object) for t in stated if t.predicate == expanded(name)}
        message = f"The page and the RDF do not say the same: {key} against {name}."
        fits = said == _strings(described.get(key))
        yield None if fits else Flaw(path, message, site.base, expanded(name).value, str(described.get(key)))
    files = {
        target.iri
        for found in site.dataset.objects("dcat:distribution")
        for target in found.objects("dcat:downloadURL")
    }
    shown = {item.get("contentUrl") for item in described.get("distribution", []) if isinstance(item, dict)}
    message = "The page and the RDF name other files to download."
    yield None if files == shown else Flaw(path, message, site.base, expanded("dcat:downloadURL").value)


def _strings(value: Any) -> set[str]:
    return set(map(str, value)) if isinstance(value, list) else {str(value)}


CHECKS: Final = (
    FairCheck(
        "DatasetPersistentIri",
        "F1",
        ("F-UJI FsF-F1-01MD", "F-UJI FsF-F1-02MD", "FAIR-Checker F1A", "FAIR-Checker F1B"),
        "The data set has an IRI under a service for persistent identifiers, which is its dcterms:identifier.",
        _persistent,
    ),
    FairCheck(
        "DatasetCoreMetadata",
        "F2",
        ("F-UJI FsF-F2-01M", "FAIR-Checker F2A"),
        "The data set has a title, description, identifier, creator, publisher, dates and keywords.",
        _core,
    ),
    FairCheck(
        "DistributionsLocated",
        "F3",
        ("F-UJI FsF-F3-01M", "F-UJI FsF-A1-02MD"),
        "Each distribution, also of a version, says where it is to be had, and the file is there.",
        _located,
    ),
    FairCheck(
        "WellKnownVoid",
        "F4",
        ("VoID: well-known URI",),
        "VoID lies at .well-known/void and says what the description of the data set says.",
        _well_known,
    ),
    FairCheck(
        "StructuredDataset",
        "F4",
        ("F-UJI FsF-F4-01M", "F-UJI FsF-I1-01M"),
        "The page of the data set describes it in schema.org's terms, without a script that must run.",
        _structured,
    ),
    FairCheck(
        "AccessRights",
        "A1.2",
        ("F-UJI FsF-A1-01M", "FAIR-Checker A1.2"),
        "The data set says who may have it, in the terms of an authority's list.",
        _rights,
    ),
    FairCheck(
        "PageAgreesWithData",
        "I1",
        ("F-UJI FsF-I1-01M",),
        "Title, description, licence, identifier, dates and files are the same in the page and in the RDF.",
        _agrees,
    ),
    FairCheck(
        "DistributionContent",
        "R1",
        ("F-UJI FsF-R1-01M",),
        "Each distribution has a title, a media type of IANA's list, and the size that its file has.",
        _content,
    ),
    FairCheck(
        "Licence",
        "R1.1",
        ("FOOPS! OM4.1", "FOOPS! OM4.2", "F-UJI FsF-R1.1-01M", "FAIR-Checker R1.1"),
        "The data set, its versions, their distributions and the ontologies name one licence each, by its IRI.",
        _license,
    ),
    FairCheck(
        "Provenance",
        "R1.2",
        ("F-UJI FsF-R1.2-01M", "FAIR-Checker R1.2"),
        "The build that made each version is described in PROV: when it ended, by which program, for whom.",
        _provenance,
    ),
    FairCheck(
        "CommunityStandards",
        "R1.3",
        ("F-UJI FsF-R1.3-01M", "FAIR-Checker R1.3"),
        "The data set is described in DCAT and VoID, stands in a catalogue, and names what it conforms to.",
        _standards,
    ),
    FairCheck(
        "OpenFormats",
        "R1.3",
        ("F-UJI FsF-R1.3-02D",),
        "Each distribution is in an open format for RDF.",
        _formats,
    ),
)
