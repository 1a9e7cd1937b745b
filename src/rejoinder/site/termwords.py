"""Words for the properties of other vocabularies; ours say theirs in the ontology."""

from __future__ import annotations

from typing import Final

from rejoinder.site.things import expanded

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

WORDS_BY_IRI: Final = {expanded(name).value: words for name, words in TERMS.items()}
"""The same by the IRI of the property."""
