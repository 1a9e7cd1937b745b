"""Descriptions for search engines: schema.org as JSON-LD, embedded in each page.

Every value is from the graph; no rating and no review is invented.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

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


def page(title: str) -> dict[str, Any]:
    """Return a page as a schema.org WebPage that says nothing of what it is about.

    >>> page("Somebody")["@type"]
    'WebPage'
    """
    return {"@context": "https://schema.org", "@type": "WebPage", "name": title}


def collection(resource: Resource, title: str) -> dict[str, Any]:
    """Return a page that lists things as a schema.org CollectionPage, with the label from the data or the title."""
    label = resource.literal("rdfs:label")
    return {
        "@context": "https://schema.org",
        "@type": "CollectionPage",
        "@id": resource.iri,
        "name": label.value if label else title,
    }


def event(resource: Resource) -> dict[str, Any]:
    """Return a proceeding as a schema.org Event, with its day and the body before which it takes place."""
    date = resource.text("dcterms:date")
    bodies = _within(resource.objects("rj:body"))
    found = described(resource, "Event")
    # Other dates of EDTF, such as seasons and uncertain ones, are no dates of ISO 8601.
    found |= {"startDate": date} if _DATE.fullmatch(date) else {}
    return found | ({"organizer": bodies} if bodies else {})


def report(resource: Resource, project: Project) -> dict[str, Any]:
    """Return a report as a schema.org Report, with date, publishers and issues, and who answers for the description."""
    parts = [part for name in ("rj:hasSection", "rj:hasConcern", "rj:hasClaim") for part in resource.objects(name)]
    issues = {issue.label.value for part in parts for issue in part.objects("rj:about")}
    symbol, editors = resource.text("rj:symbol"), _within(resource.objects("rj:editor"))
    pages = sorted(page.iri for page in resource.objects("schema:url"))
    # Not a ClaimReview, which needs a rating: evidence contradicts, qualifies or supports claims, and no more.
    found = described(resource, "Report") | {
        "headline": resource.text("dcterms:title"),
        "datePublished": resource.text("dcterms:date"),
        "publisher": _within(resource.objects("dcterms:publisher")),
        "about": sorted(issues),
        "isPartOf": {"@type": "Dataset", "@id": project.base, "name": project.title},
    }
    found |= {"identifier": symbol} if symbol else {}
    found |= {"sdPublisher": editors} if editors else {}
    return found | ({"sameAs": pages} if pages else {})


_DATE: Final = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)


def _within(agents: Iterable[Resource]) -> list[dict[str, Any]]:
    """Return agents as values in another object, whose context holds for them."""
    found = []
    for agent in agents:
        kind = next((kind for name, kind in _AGENTS.items() if agent.is_a(name)), "Organization")
        found.append({key: value for key, value in described(agent, kind).items() if key != "@context"})
    return found


_AGENTS: Final = {"rj:Person": "Person", "rj:State": "Country"}


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
