"""Descriptions for search engines: schema.org as JSON-LD, embedded in each page.

Every value is from the graph; no rating and no review is invented.
"""

from __future__ import annotations

from typing import Any

from rejoinder import namespaces
from rejoinder.config import Project
from rejoinder.questions.question import Question
from rejoinder.site.resource import Resource


def kind_iri(kind: str) -> str:
    """Return the IRI of a schema.org class."""
    return namespaces.SCHEMA + kind


def described(resource: Resource, kind: str) -> dict[str, Any]:
    """Return the thing as a schema.org object of the class `kind`."""
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": kind,
        "@id": resource.iri,
        "url": resource.iri,
        "name": resource.label.value,
    }
    others = sorted({text.value for text in resource.literals("skos:altLabel")})
    same = sorted(match.iri for match in resource.objects("skos:exactMatch"))
    return found | ({"alternateName": others} if others else {}) | ({"sameAs": same} if same else {})


def collection(resource: Resource, title: str) -> dict[str, Any]:
    """Return a page that lists things as a schema.org CollectionPage, with the label from the data or the title."""
    label = resource.literal("rdfs:label")
    return {
        "@context": "https://schema.org",
        "@type": "CollectionPage",
        "@id": resource.iri,
        "name": label.value if label else title,
    }


def report(resource: Resource, project: Project) -> dict[str, Any]:
    """Return a report as a schema.org Report, with date, publisher and issues."""
    issues = {
        issue.label.value for section in resource.objects("rj:hasSection") for issue in section.objects("rj:about")
    }
    # Not a ClaimReview, which needs a rating: a report only contradicts or qualifies claims.
    publishers = [described(agent, "Organization") for agent in resource.objects("dcterms:publisher")]
    for publisher in publishers:  # the report's own context holds for them
        del publisher["@context"]
    return described(resource, "Report") | {
        "headline": resource.text("dcterms:title"),
        "datePublished": resource.text("dcterms:date"),
        "publisher": publishers,
        "about": sorted(issues),
        "isPartOf": {"@type": "Dataset", "@id": project.base, "name": project.title},
    }


def document(resource: Resource, title: str, project: Project) -> dict[str, Any]:
    """Return a document other than a report as a schema.org Dataset."""
    return described(resource, "Dataset") | {
        "name": title,
        "description": title,
        "license": project.license,
        "isPartOf": {"@type": "Dataset", "@id": project.base, "name": project.title},
    }


def question(found: Question, iri: str, project: Project) -> dict[str, Any]:
    """Return a question's answer as a schema.org Dataset, with its downloads."""
    files = ((".csv", "text/csv"), (".json", "application/sparql-results+json"))
    return {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": iri,
        "name": found.title,
        "description": found.summary,
        "license": project.license,
        "creator": {"@type": "Organization", "name": project.publisher},
        "variableMeasured": [
            {"@type": "PropertyValue", "name": c.name, "description": c.summary} for c in found.columns
        ],
        "isPartOf": {"@type": "Dataset", "@id": project.base, "name": project.title},
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": media, "contentUrl": iri + suffix} for suffix, media in files
        ],
    }
