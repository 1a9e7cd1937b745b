"""The passages of a report as annotations, for programs that mark them in its text.

Standard: Web Annotation Data Model (W3C).

In the graph a passage is a selector alone; its source and what cites it follow from the dossier. So the annotations are
made for those who read them, in the form that they read: a collection in JSON-LD, with the context of the W3C.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from rejoinder.config import Project
from rejoinder.site.render import Page
from rejoinder.site.resource import Resource

NAME: Final = "annotations"
"""The name of the file, below the report."""
MEDIA_TYPE: Final = 'application/ld+json;profile="http://www.w3.org/ns/anno.jsonld"'

_CONTEXT: Final = "http://www.w3.org/ns/anno.jsonld"
_QUOTING: Final = ("rj:hasClaim", "rj:hasAdmission", "rj:hasPromise", "rj:hasExhortation")


def of_report(report: Resource, stem: str, project: Project) -> Page:
    """Return the annotations of the report whose dossier is `report`, at a stem."""
    path = f"{stem}.json"
    iri = project.base + path
    items = [*_passages(report, iri), *_quotes(report, iri)]
    content = {
        "@context": _CONTEXT,
        "id": iri,
        "type": "AnnotationCollection",
        "label": f"Passages of: {report.label.value}",
        "creator": sorted(editor.iri for editor in report.objects("rj:editor")),
        "rights": sorted(licence.iri for licence in report.objects("dcterms:license")),
        "total": len(items),
        "first": {"id": f"{iri}#first", "type": "AnnotationPage", "startIndex": 0, "items": items},
    }
    return Page(path, json.dumps(content, ensure_ascii=False, indent=1).encode(), MEDIA_TYPE)


def _passages(report: Resource, iri: str) -> Iterator[dict[str, Any]]:
    """Yield an annotation for each passage, with what cites it.

    Positions count the characters of one text, that with the recorded checksum, so its source is the report as a work.
    At the report's address there may be a PDF with other positions.
    """
    for passage in sorted(report.objects("rj:hasPassage"), key=lambda it: (it.number("oa:start"), it.iri)):
        place = {
            "type": "TextPositionSelector",
            "start": passage.number("oa:start"),
            "end": passage.number("oa:end"),
        }
        bodies = sorted(entry.iri for entry in passage.subjects("rj:anchor"))
        yield _annotation(f"{iri}#{passage.fragment}", bodies, report.report.iri, place)


def _quotes(report: Resource, iri: str) -> Iterator[dict[str, Any]]:
    """Yield an annotation for each claim of which the dossier has the speaker's own words, as they are printed."""
    address = next(iter(sorted(it.iri for it in report.report.objects("schema:url"))), report.report.iri)
    claims = {claim for name in _QUOTING for claim in report.objects(name)}
    for claim in sorted(claims, key=lambda it: it.iri):
        for quote in sorted(text.value for text in claim.literals("rj:quote")):
            words = {"type": "TextQuoteSelector", "exact": quote}
            yield _annotation(f"{iri}#quote-{claim.fragment}", [claim.iri], address, words)


def _annotation(iri: str, bodies: list[str], source: str, selector: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": iri,
        "type": "Annotation",
        "motivation": "linking",
        **({"body": bodies} if bodies else {}),
        "target": {"type": "SpecificResource", "source": source, "selector": selector},
    }
