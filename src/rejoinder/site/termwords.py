"""Words for the properties of other vocabularies; ours say theirs in the ontology."""

from __future__ import annotations

from typing import Final

from rejoinder.site.things import expanded
from rejoinder.store.rdf import Literal

TERMS: Final = {
    "bibo:status": "status",
    "dcterms:bibliographicCitation": "to cite",
    "dcterms:created": "created",
    "dcterms:creator": "creator",
    "dcterms:date": "date",
    "dcterms:isPartOf": "part of",
    "dcterms:issued": "issued",
    "dcterms:language": "language",
    "dcterms:license": "licence",
    "dcterms:modified": "modified",
    "dcterms:publisher": "publisher",
    "dcterms:source": "source",
    "dcterms:spatial": "place",
    "dcterms:title": "title",
    "owl:versionIRI": "this version",
    "owl:versionInfo": "version",
    "prov:wasAttributedTo": "attributed to",
    "rdfs:comment": "note",
    "rdfs:domain": "is said of",
    "rdfs:label": "label",
    "rdfs:range": "values",
    "rdfs:seeAlso": "see also",
    "rdfs:subClassOf": "is a kind of",
    "rdfs:subPropertyOf": "implies",
    "schema:email": "e-mail",
    "schema:sha256": "SHA-256",
    "schema:url": "website",
    "sh:message": "message",
    "sh:severity": "severity",
    "sh:targetClass": "checks each",
    "skos:altLabel": "also called",
    "skos:broadMatch": "broader match",
    "skos:broader": "broader",
    "skos:closeMatch": "close match",
    "skos:definition": "definition",
    "skos:editorialNote": "editor’s note",
    "skos:exactMatch": "exact match",
    "skos:hasTopConcept": "issues",
    "skos:inScheme": "in the list",
    "skos:narrowMatch": "narrower match",
    "skos:notation": "code",
    "skos:relatedMatch": "related match",
    "vann:preferredNamespacePrefix": "prefix",
    "vann:preferredNamespaceUri": "namespace",
}
"""By the property as a dossier's prefixes write it."""

_NO_PLURAL: Final = frozenset({"Background", "Evidence"})

WORDS_BY_IRI: Final = {expanded(name).value: words for name, words in TERMS.items()}
"""The same by the IRI of the property."""


def heading(label: Literal, number: int) -> Literal:
    """What stands above so many things of a kind that has this label; the plural is known in English alone.

    >>> [heading(Literal(word, language="en"), 2).value for word in ("Claim", "Part of a statistic", "Evidence")]
    ['Claims', 'Parts of a statistic', 'Evidence']
    >>> heading(Literal("Claim", language="en"), 1).value, heading(Literal("Утверждение", language="ru"), 2).value
    ('Claim', 'Утверждение')
    """
    if number == 1 or label.language != "en" or label.value in _NO_PLURAL:
        return label
    noun, of, rest = label.value.partition(" of ")
    noun = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return Literal(noun + of + rest, language="en")
