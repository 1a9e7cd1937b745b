"""Descriptions for search engines: schema.org as JSON-LD, embedded in each page.

Every value is from the graph; no rating and no review is invented.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from rejoinder import namespaces
from rejoinder.config import Project
from rejoinder.question import Question
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
    same = sorted(match.iri for match in resource.objects("schema:sameAs"))
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


def dossier(resource: Resource, project: Project) -> dict[str, Any]:
    """Return a dossier as a schema.org Dataset by its editors, and in it the report that it describes."""
    title = resource.report.text("dcterms:title")
    found = document(resource, resource.label.value, project) | {
        "description": f"What “{title}” says, entry by entry, as linked data: who raised and who claimed what, "
        "and what contradicts, qualifies or supports each claim.",
        "mainEntity": _report(resource),
    }
    editors, issued = _within(resource.objects("rj:editor")), resource.text("dcterms:issued")
    return found | ({"creator": editors} if editors else {}) | ({"datePublished": issued} if issued else {})


def _report(resource: Resource) -> dict[str, Any]:
    """Return the report of a dossier as a schema.org Report, with its own date, publishers and licence."""
    report = resource.report
    parts = [part for name in ("rj:hasSection", "rj:hasConcern", "rj:hasClaim") for part in resource.objects(name)]
    # Not a ClaimReview, which needs a rating: evidence contradicts, qualifies or supports claims, and no more.
    optional = {
        "author": _within(report.objects("dcterms:creator")),
        "license": [licence.iri for licence in report.objects("dcterms:license")],
        "identifier": report.text("rj:symbol"),
        "url": sorted(page.iri for page in report.objects("schema:url")),
    }
    return {key: value for key, value in described(report, "Report").items() if key != "@context"} | {
        "headline": report.text("dcterms:title"),
        "datePublished": report.text("dcterms:date"),
        "publisher": _within(report.objects("dcterms:publisher")),
        "about": sorted({issue.label.value for part in parts for issue in part.objects("rj:about")}),
        **{key: value for key, value in optional.items() if value},
    }


_DATE: Final = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)


def _within(agents: Iterable[Resource]) -> list[dict[str, Any]]:
    """Return agents as values in another object, whose context holds for them."""
    found = []
    for agent in agents:
        kind = next((kind for name, kind in _AGENTS.items() if agent.is_a(name)), "Organization")
        found.append({key: value for key, value in described(agent, kind).items() if key != "@context"})
    return found


_AGENTS: Final = {"rj:Person": "Person", "rj:State": "Country"}


def part(resource: Resource, kind: str, authors: Iterable[Resource]) -> dict[str, Any]:
    """Return a claim or another part of a report as a schema.org object, with its authors and its report."""
    report, named = resource.document.report, _within(authors)
    within = {"@type": "Report", "@id": report.iri, "name": report.label.value}
    # Not a ClaimReview: nothing here rates a claim.
    found = described(resource, kind) | {"appearance" if kind == "Claim" else "isPartOf": within}
    return found | ({"author": named} if named else {})


def document(resource: Resource, title: str, project: Project) -> dict[str, Any]:
    """Return a document other than a report as a schema.org Dataset, with its licence if the data state one."""
    licence = next(iter(licences(resource)), None)
    return described(resource, "Dataset") | {
        "name": title,
        "description": title,
        **({"license": licence} if licence else {}),
        "isPartOf": {"@type": "Dataset", "@id": project.base, "name": project.title},
    }


def licences(resource: Resource) -> tuple[str, ...]:
    """Return the licences that the data state for a document; an import that states none has none."""
    return tuple(sorted({licence.iri for licence in resource.objects("dcterms:license")}))


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
