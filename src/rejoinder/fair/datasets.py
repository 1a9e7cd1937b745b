"""Checks on what the data set says of itself: DCAT, PROV of the build, schema.org in its page.

Standards: DCAT 3; DCMI Metadata Terms; PROV-O; schema.org.
"""

from __future__ import annotations

from typing import Any, Final

from rejoinder.fair.builtsite import DESCRIPTION, VOID, BuiltSite
from rejoinder.fair.criteria import Check, Flaw, Seen
from rejoinder.fair.metadata import distributions, is_persistent, missing
from rejoinder.names import MEDIA_TYPES
from rejoinder.site.things import Thing, expanded
from rejoinder.store import rdf

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
    found = site.dataset.words("dcterms:identifier")
    message = "The identifier of the data set must be its IRI."
    predicate = expanded("dcterms:identifier").value
    yield None if found == site.base else Flaw(DESCRIPTION, message, site.base, predicate, found)


def _core(site: BuiltSite) -> Seen:
    return missing(site.dataset, _CORE, DESCRIPTION)


def _located(site: BuiltSite) -> Seen:
    """Every distribution says where it is, in a file that is there."""
    for path, found in distributions(site):
        yield from missing(found, _DISTRIBUTION, path)
        for target in found.all("dcat:downloadURL"):
            message = "The file to download is not on the site; build it again."
            predicate = expanded("dcat:downloadURL").value
            there = target.iri.removeprefix(site.base) in site.paths
            yield None if there else Flaw(path, message, found.iri, predicate, target.iri)


def _rights(site: BuiltSite) -> Seen:
    message = "Say with a term of the EU's or COAR's list of access rights who may have the data, e.g. PUBLIC."
    found = [right.iri for right in site.dataset.all("dcterms:accessRights")]
    fits = bool(found) and all(iri.startswith(_RIGHTS) for iri in found)
    predicate = expanded("dcterms:accessRights").value
    yield None if fits else Flaw(DESCRIPTION, message, site.base, predicate, ", ".join(found))


def _content(site: BuiltSite) -> Seen:
    """Each distribution says what it is; its type is a term of IANA's list, its size that of the file."""
    for found in site.dataset.all("dcat:distribution"):
        yield from missing(found, ("dcat:byteSize",), DESCRIPTION)
    for path, found in distributions(site):
        yield from missing(found, _CONTENT, path)
        for media in (*found.all("dcat:mediaType"), *found.all("dcat:compressFormat")):
            message = "A media type must be an IRI of IANA's list."
            fits = media.iri.startswith(MEDIA_TYPES)
            yield None if fits else Flaw(path, message, found.iri, expanded("dcat:mediaType").value, media.iri)
        for literal in found.texts("dcat:mediaType"):
            message = "The media type is text; write it as an IRI of IANA's list."
            yield Flaw(path, message, found.iri, expanded("dcat:mediaType").value, literal.value)
        yield from _sizes(site, path, found)


def _sizes(site: BuiltSite, path: str, distribution: Thing) -> Seen:
    """A size that is said is that of the file; a version that was published without files says none."""
    predicate = expanded("dcat:byteSize").value
    for target in distribution.all("dcat:downloadURL"):
        file = target.iri.removeprefix(site.base)
        size = len(site.content(file)) if file in site.paths else -1
        said = distribution.words("dcat:byteSize")
        message = f"The file has {size} bytes; write that."
        yield None if said in ("", str(size)) else Flaw(path, message, distribution.iri, predicate, said)


def _license(site: BuiltSite) -> Seen:
    """The data set, its distributions and the ontologies say under which licence, by its IRI."""
    own = ((description.path, description.thing) for description in site.descriptions)
    for path, thing in (*own, *distributions(site), *((DESCRIPTION, it) for it in site.ontologies)):
        found = thing.all("dcterms:license")
        fits = len(found) == 1 and found[0].iri.startswith(("https://", "http://"))
        message = "Exactly one licence is needed, as the IRI of its text."
        shown = ", ".join(each.iri for each in found)
        yield None if fits else Flaw(path, message, thing.iri, expanded("dcterms:license").value, shown)


def _provenance(site: BuiltSite) -> Seen:
    """The build that made a version: an activity, when it ended, and by what and for whom it was done."""
    yield from missing(site.dataset, ("dcat:hasCurrentVersion", "prov:wasAttributedTo"), DESCRIPTION)
    current = ((DESCRIPTION, version) for version in site.dataset.all("dcat:hasCurrentVersion"))
    for path, version in (*current, *((each.path, each.thing) for each in site.descriptions[1:])):
        yield from missing(version, ("prov:wasGeneratedBy",), path)
        for activity in version.all("prov:wasGeneratedBy"):
            yield from missing(activity, ("prov:endedAtTime", "prov:wasAssociatedWith", "rdf:type"), path)
    for role in ("dcterms:creator", "dcterms:publisher"):
        for agent in site.dataset.all(role):
            yield from missing(agent, ("foaf:name", "rdf:type"), DESCRIPTION)


def _standards(site: BuiltSite) -> Seen:
    """The description follows DCAT and VoID: a data set of both, in a catalogue."""
    for kind in _KINDS:
        message = f"The data set must be a {kind}."
        fits = site.dataset.is_a(kind)
        yield None if fits else Flaw(DESCRIPTION, message, site.base, expanded("rdf:type").value)
    catalogues = site.dataset.of("dcat:dataset", "dcat:Catalog")
    message = "No dcat:Catalog lists the data set; write one."
    yield None if catalogues else Flaw(DESCRIPTION, message, site.base, expanded("dcat:dataset").value)
    yield from missing(site.dataset, ("dcterms:conformsTo",), DESCRIPTION)


def _formats(site: BuiltSite) -> Seen:
    """The data can be had in an open, standard format."""
    for path, found in distributions(site):
        kinds = {media.iri.removeprefix(MEDIA_TYPES) for media in found.all("dcat:mediaType")}
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
        said = {rdf.text(t.object) for t in stated if t.predicate == expanded(name)}
        message = f"The page and the RDF do not say the same: {key} against {name}."
        fits = said == _strings(described.get(key))
        yield None if fits else Flaw(path, message, site.base, expanded(name).value, str(described.get(key)))
    files = {target.iri for found in site.dataset.all("dcat:distribution") for target in found.all("dcat:downloadURL")}
    shown = {item.get("contentUrl") for item in described.get("distribution", []) if isinstance(item, dict)}
    message = "The page and the RDF name other files to download."
    yield None if files == shown else Flaw(path, message, site.base, expanded("dcat:downloadURL").value)


def _strings(value: Any) -> set[str]:
    return set(map(str, value)) if isinstance(value, list) else {str(value)}


CHECKS: Final = (
    Check(
        "DatasetPersistentIri",
        "F1",
        ("F-UJI FsF-F1-01MD", "F-UJI FsF-F1-02MD", "FAIR-Checker F1A", "FAIR-Checker F1B"),
        "The data set has an IRI under a service for persistent identifiers, which is its dcterms:identifier.",
        _persistent,
    ),
    Check(
        "DatasetCoreMetadata",
        "F2",
        ("F-UJI FsF-F2-01M", "FAIR-Checker F2A"),
        "The data set has a title, description, identifier, creator, publisher, dates and keywords.",
        _core,
    ),
    Check(
        "DistributionsLocated",
        "F3",
        ("F-UJI FsF-F3-01M", "F-UJI FsF-A1-02MD"),
        "Each distribution, also of a version, says where it is to be had, and the file is there.",
        _located,
    ),
    Check(
        "WellKnownVoid",
        "F4",
        ("VoID: well-known URI",),
        "VoID lies at .well-known/void and says what the description of the data set says.",
        _well_known,
    ),
    Check(
        "StructuredDataset",
        "F4",
        ("F-UJI FsF-F4-01M", "F-UJI FsF-I1-01M"),
        "The page of the data set describes it in schema.org's terms, without a script that must run.",
        _structured,
    ),
    Check(
        "AccessRights",
        "A1.2",
        ("F-UJI FsF-A1-01M", "FAIR-Checker A1.2"),
        "The data set says who may have it, in the terms of an authority's list.",
        _rights,
    ),
    Check(
        "PageAgreesWithData",
        "I1",
        ("F-UJI FsF-I1-01M",),
        "Title, description, licence, identifier, dates and files are the same in the page and in the RDF.",
        _agrees,
    ),
    Check(
        "DistributionContent",
        "R1",
        ("F-UJI FsF-R1-01M",),
        "Each distribution has a title, a media type of IANA's list, and the size that its file has.",
        _content,
    ),
    Check(
        "Licence",
        "R1.1",
        ("FOOPS! OM4.1", "FOOPS! OM4.2", "F-UJI FsF-R1.1-01M", "FAIR-Checker R1.1"),
        "The data set, its versions, their distributions and the ontologies name one licence each, by its IRI.",
        _license,
    ),
    Check(
        "Provenance",
        "R1.2",
        ("F-UJI FsF-R1.2-01M", "FAIR-Checker R1.2"),
        "The build that made each version is described in PROV: when it ended, by which program, for whom.",
        _provenance,
    ),
    Check(
        "CommunityStandards",
        "R1.3",
        ("F-UJI FsF-R1.3-01M", "FAIR-Checker R1.3"),
        "The data set is described in DCAT and VoID, stands in a catalogue, and names what it conforms to.",
        _standards,
    ),
    Check(
        "OpenFormats",
        "R1.3",
        ("F-UJI FsF-R1.3-02D",),
        "Each distribution is in an open format for RDF.",
        _formats,
    ),
)
