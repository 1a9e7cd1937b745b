"""Prefixes, namespaces and the IRIs of a project; every RDF namespace that the program uses is defined here."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote

from rejoinder.messages import N_

RJ: Final = "https://w3id.org/rejoinder/ns#"
SHAPES: Final = "https://w3id.org/rejoinder/shapes#"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
DC: Final = "http://purl.org/dc/elements/1.1/"
DCTERMS: Final = "http://purl.org/dc/terms/"
DCAT: Final = "http://www.w3.org/ns/dcat#"
VOID: Final = "http://rdfs.org/ns/void#"
SD: Final = "http://www.w3.org/ns/sparql-service-description#"
FORMATS: Final = "http://www.w3.org/ns/formats/"
"""The W3C's registry of file formats, in which each has an IRI."""
SPARQL: Final = "http://www.w3.org/ns/sparql#"
"""The W3C's namespace of SPARQL, in which each version of the language has an IRI."""
SPARQL_PROTOCOL: Final = "http://www.w3.org/TR/sparql11-protocol/"
"""The standard to which an endpoint conforms."""
HYDRA: Final = "http://www.w3.org/ns/hydra/core#"
FAIR: Final = "https://w3id.org/fair/principles/terms/"
"""The FAIR principles."""
OA: Final = "http://www.w3.org/ns/oa#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
PAV: Final = "http://purl.org/pav/"
PROV: Final = "http://www.w3.org/ns/prov#"
SCHEMA: Final = "https://schema.org/"
SCHEMA_HTTP: Final = SCHEMA.replace("https:", "http:", 1)
"""The http form of schema.org's namespace, which is common but a violation here."""
SEMAPV: Final = "https://w3id.org/semapv/vocab/"
"""The Semantic Mapping Vocabulary: how a mapping was found."""
SH: Final = "http://www.w3.org/ns/shacl#"
SSSOM: Final = "https://w3id.org/sssom/"
"""The Simple Standard for Sharing Ontology Mappings."""
MEDIA_TYPES: Final = "https://www.iana.org/assignments/media-types/"
"""IANA's registry, in which each media type has an IRI."""
EDTF: Final = "http://id.loc.gov/datatypes/edtf/EDTF"

RDF_TYPE: Final = RDF + "type"

PREFIXES: Final = {
    "bibo": "http://purl.org/ontology/bibo/",
    "dcat": DCAT,
    "dcterms": DCTERMS,
    "edtf": "http://id.loc.gov/datatypes/edtf/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "oa": OA,
    "org": "http://www.w3.org/ns/org#",
    "owl": OWL,
    "pav": PAV,
    "prov": PROV,
    "rdf": RDF,
    "rdfs": RDFS,
    "rj": RJ,
    "rjsh": SHAPES,
    "schema": SCHEMA,
    "semapv": SEMAPV,
    "sh": SH,
    "skos": SKOS,
    "sssom": SSSOM,
    "vann": "http://purl.org/vocab/vann/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "void": VOID,
    "xsd": XSD,
}

REGISTERED: Final = frozenset(
    {
        *(namespace for prefix, namespace in PREFIXES.items() if prefix not in ("rj", "rjsh")),
        "http://data.europa.eu/eli/ontology#",
        "http://linkedevents.org/ontology/",
        "http://purl.org/mp/",
        "http://purl.org/spar/",
        "http://www.cidoc-crm.org/cidoc-crm/",
        "http://www.gsi.dit.upm.es/ontologies/marl/ns#",
        "http://www.w3.org/2006/time#",
        "http://www.w3.org/ns/dqv#",
    }
)
"""The namespaces that we use or align to and that registries list: LOV, prefix.cc, Bioregistry, Library of Congress."""


@dataclass(frozen=True)
class LinkedDataset:
    """An external data set whose identifiers the field uses: the beginning of its IRIs, and its name."""

    name: str
    title: str
    space: str


LINKED_DATASETS: Final = (
    LinkedDataset("wikidata", "Wikidata", "http://www.wikidata.org/entity/"),
    LinkedDataset(
        "eu-countries", "EU authority table of countries", "http://publications.europa.eu/resource/authority/country/"
    ),
    LinkedDataset("sdg", "Sustainable Development Goals of the United Nations", "http://metadata.un.org/sdg/"),
)

CONCEPT_MAPPINGS: Final = tuple(
    SKOS + name for name in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
)
"""The relations of SKOS from a concept to one of another scheme (SKOS Reference 10)."""
MAPPINGS: Final = (SCHEMA + "sameAs", *CONCEPT_MAPPINGS)
"""The properties that lead from an entry to other data: people, organisations and States are no concepts."""

_PREFIX_NAME: Final = re.compile(r"[A-Za-z]([\w.-]*[\w-])?", re.ASCII)
"""Turtle's PN_PREFIX, in ASCII."""

META: Final = "meta/"
"""The path of the graph that describes the data set and its other graphs."""
REVIEWS: Final = "upr-review"
"""The name of the graph with the shipped reviews that a project refers to."""
INDEX: Final = "index"
"""The file name that a host answers for a folder; no document may have it."""
OWN_GRAPHS: Final = ("identity", META.rstrip("/"), "ns", "question", "shapes", REVIEWS)
"""Paths of the graphs that the program itself publishes."""
SITE_NAMES: Final = (
    "404", "api", "assets", "changes", "claim", "compare", "context", "dataset", "evidence", "feed", "how-to-read",
    "icon", "linkset", "recommendation", "robots", "search", "sitemap", "sparql", "style", "version", "w3id",
)  # fmt: skip
"""Names at the root of a site that the program's own pages and files use."""
ONTOLOGY_GRAPH: Final = RJ.removesuffix("#")
SHAPES_GRAPH: Final = SHAPES.removesuffix("#")


@dataclass(frozen=True)
class Kind:
    """A kind of things with a page each: its class, its singular and plural name, and its schema.org class.

    The class of people and organisations is `prov:Agent`: in questions and reports one may stand for the other.
    """

    rdf_class: str
    label: str
    plural: str
    schema_org: str


KINDS: Final = {
    "state": Kind("rj:State", N_("State"), N_("States"), "Country"),
    "person": Kind("prov:Agent", N_("Person"), N_("People"), "Person"),
    "organisation": Kind("prov:Agent", N_("Organisation"), N_("Organisations"), "Organization"),
    "issue": Kind("rj:Issue", N_("Issue"), N_("Issues"), "DefinedTerm"),
    "provision": Kind("rj:Provision", N_("Law"), N_("Laws"), "Legislation"),
    "review": Kind("rj:Review", N_("Review"), N_("Reviews"), "Event"),
    "proceeding": Kind("rj:Proceeding", N_("Proceeding"), N_("Proceedings"), "Event"),
    "report": Kind("rj:Dossier", N_("Report"), N_("Reports"), "Report"),
    "record": Kind("rj:Record", N_("Record"), N_("Records"), "Dataset"),
}
"""The kinds by the first segment of the path below the base: state/KAZ, report/kaz-upr-20.

A review is a proceeding, too; it has the page of the first kind that it is of.
"""

STATE_NAMES: Final = (RDFS + "label", SKOS + "altLabel", RJ + "officialName")
"""The properties that name a State."""

REPORT: Final = "#report"
"""The fragment of the report in the dossier that describes it: two things, so with two IRIs."""

COLLECTIONS: Final = tuple(sorted(KINDS.keys() - {"report", "record"}))
"""The kinds of shared things; each has a collection document `{base}{name}/` and one IRI per member.

The place of an IRI decides what it is: one below these collections is a thing, which the server answers with 303, and
all others are documents.
"""


MAPPING_SUFFIX: Final = ".sssom.tsv"
"""The end of the names of mapping files, which the standard SSSOM recommends."""


def without_suffix(place: str) -> str:
    """Return the path of a file without its suffix.

    >>> without_suffix("report/kaz-upr-20.yaml"), without_suffix("mapping/people.sssom.tsv")
    ('report/kaz-upr-20', 'mapping/people')
    """
    end = len(place) - len(MAPPING_SUFFIX)
    return place[:end] if place.lower().endswith(MAPPING_SUFFIX) else posixpath.splitext(place)[0]


def graph_iri(base: str, place: str) -> str:
    """Return the IRI of the named graph, and of the document, that the file at `place` under `data/` describes.

    A file directly in `data/` is a collection and ends in a slash; a file in a folder is a document.

    >>> graph_iri("https://w3id.org/rejoinder/", "report/kaz-upr-20.yaml")
    'https://w3id.org/rejoinder/report/kaz-upr-20'
    >>> graph_iri("https://w3id.org/rejoinder/", "person.yaml")
    'https://w3id.org/rejoinder/person/'
    """
    name = without_suffix(place)
    return f"{base}{name}" if "/" in name else f"{base}{name}/"


def graph_path(base: str, iri: str) -> PurePosixPath:
    """Return the path, without suffix, that stands for a graph in the folder of exports.

    >>> graph_path("https://w3id.org/rejoinder/", "https://w3id.org/rejoinder/person/")
    PurePosixPath('person')
    >>> graph_path("https://example.org/", "https://w3id.org/rejoinder/ns")
    PurePosixPath('ns')
    """
    local = iri.removeprefix(base)
    if local == iri:
        local = iri.rstrip("/").rpartition("/")[2]
    return PurePosixPath(local.rstrip("/"))


def prefixes_for(base: str, document: str | None = None) -> dict[str, str]:
    """Return the prefixes for data of the project at `base`, with one for the fragments of `document` if its name fits.

    >>> prefixes_for("https://example.org/")["state"]
    'https://example.org/state/'
    >>> prefixes_for("https://example.org/", "https://example.org/report/x-1")["x-1"]
    'https://example.org/report/x-1#'
    >>> prefixes_for("https://example.org/", "https://example.org/report/2014-x") == prefixes_for("https://example.org/")
    True
    """
    known = PREFIXES | {name: f"{base}{name}/" for name in COLLECTIONS}
    name = document.rpartition("/")[2] if document else ""
    free = name not in known and f"{document}#" not in known.values() and _PREFIX_NAME.fullmatch(name)
    return known | {name: f"{document}#"} if free else known


def expand(name: str) -> str:
    """Return the IRI that prefix:name stands for.

    >>> expand("rj:about")
    'https://w3id.org/rejoinder/ns#about'

    Raises:
        KeyError: the prefix is not in `PREFIXES`.
    """
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local


def document_of(iri: str) -> str:
    """Return the IRI of the document that describes `iri`: the part before the fragment.

    >>> document_of("https://example.org/report/x#claim-1")
    'https://example.org/report/x'
    """
    return iri.partition("#")[0]


def compact(iri: str, prefixes: Mapping[str, str] = PREFIXES) -> str:
    """Return `iri` as prefix:name where a prefix fits, else in angle brackets; for reading, not for parsing.

    >>> compact("https://w3id.org/rejoinder/ns#Claim")
    'rj:Claim'
    >>> compact("https://example.org/x")
    '<https://example.org/x>'
    """
    fitting = [(name, start) for name, start in prefixes.items() if iri.startswith(start)]
    if not fitting:
        return f"<{iri}>"
    name, start = max(fitting, key=lambda pair: len(pair[1]))
    return f"{name}:{iri.removeprefix(start)}"


MAX_NAME_BYTES: Final = 240
"""The longest name in bytes of UTF-8: with a suffix it still fits a file name (255 bytes on most file systems)."""

NAME_RULE: Final = (
    "letters of any script with their accents and vowel signs, digits, '-', '_' and '.' only, "
    f"no '.' or accent at the start, and at most {MAX_NAME_BYTES} bytes in UTF-8"
)
_ASCII_NAME: Final = re.compile(r"[\w-][\w.-]*", re.ASCII)
_JOINERS: Final = "\u200c\u200d"
"""Zero-width joiners, which Persian and the scripts of India use between two letters of one word."""


def name_of(text: str) -> str:
    """Return the name in Unicode's NFC for IRIs, because file systems store accents differently.

    >>> name_of("rapport-e\u0301") == "rapport-\u00e9"
    True
    """
    return unicodedata.normalize("NFC", text)


def is_name(text: str) -> bool:
    """Return whether the name of a file or thing can be part of an IRI as it stands, see `NAME_RULE`.

    >>> is_name("kaz-upr-20"), is_name("звіт"), is_name("रिपोर्ट"), is_name("my report"), is_name("a%20b")
    (True, True, True, False, False)
    """
    if text.isascii():
        return _ASCII_NAME.fullmatch(text) is not None and len(text) <= MAX_NAME_BYTES
    # Letters, marks (accents and vowel signs) and numbers.
    kinds = [unicodedata.category(letter)[0] for letter in text]
    return (
        all(kind in "LMN" or letter in "-_." or letter in _JOINERS for kind, letter in zip(kinds, text, strict=True))
        and kinds[0] != "M"
        and text[0] not in f".{_JOINERS}"
        and text[-1] not in _JOINERS
        and len(text.encode()) <= MAX_NAME_BYTES
    )


def as_uri(iri: str) -> str:
    """Return the IRI, or a part of one, as a URI: each character beyond ASCII percent-encoded (RFC 3987, 3.1).

    >>> as_uri("report/звіт.html#я"), as_uri("state/CZE%20")
    ('report/%D0%B7%D0%B2%D1%96%D1%82.html#%D1%8F', 'state/CZE%20')
    """
    # Character by character, because `quote` would also encode the % of what is encoded already.
    return iri if iri.isascii() else "".join(each if each.isascii() else quote(each) for each in iri)
