"""The passages of a report as annotations, for programs that mark them in its text.

Standard: Web Annotation Data Model (W3C).

In the graph a passage is a selector alone; its source and what cites it follow from the dossier. So the annotations are
made for those who read them, in the form that they read: a collection in JSON-LD, with the context of the W3C.

A place stands with its words only where the project publishes the text. Some programs need both to mark a passage.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from rejoinder.config import Project
from rejoinder.site.passages import SourceText, text_of
from rejoinder.site.render import Page
from rejoinder.site.resource import Resource

NAME: Final = "annotations"
"""The name of the file, below the report."""
MEDIA_TYPE: Final = 'application/ld+json;profile="http://www.w3.org/ns/anno.jsonld"'

_CONTEXT: Final = "http://www.w3.org/ns/anno.jsonld"
_CONTEXT_LENGTH: Final = 32
"""The number of characters before and after words that tell where they stand, if they stand there more than once."""
_QUOTING: Final = ("rj:hasClaim", "rj:hasAdmission", "rj:hasPromise", "rj:hasExhortation")


def of_report(report: Resource, stem: str, project: Project) -> Page:
    """Return the annotations of the report whose dossier is `report`, at a stem."""
    path = f"{stem}.json"
    iri = project.base + path
    text = text_of(project, report)
    items = [*_passages(report, iri, text), *_quotes(report, iri, text)]
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


def _passages(report: Resource, iri: str, text: SourceText | None) -> Iterator[dict[str, Any]]:
    """Yield an annotation for each passage, with what cites it.

    Positions count the characters of one text, that with the recorded checksum, so its source is the report as a work.
    At the report's address there may be a PDF with other positions.
    """
    for passage in sorted(report.objects("rj:hasPassage"), key=lambda it: (it.number("oa:start"), it.iri)):
        start, end = passage.number("oa:start"), passage.number("oa:end")
        place = _in_text(text, start, end) if text else _place(start, end)
        bodies = sorted(entry.iri for entry in passage.subjects("rj:anchor"))
        yield _annotation(f"{iri}#{passage.fragment}", bodies, report.report.iri, place)


def _quotes(report: Resource, iri: str, text: SourceText | None) -> Iterator[dict[str, Any]]:
    """Yield an annotation for each claim of which the dossier has the speaker's own words, as they are printed."""
    address = next(iter(sorted(it.iri for it in report.report.objects("schema:url"))), report.report.iri)
    claims = {claim for name in _QUOTING for claim in report.objects(name)}
    for claim in sorted(claims, key=lambda it: it.iri):
        for quote in sorted(literal.value for literal in claim.literals("rj:quote")):
            name = f"{iri}#quote-{claim.fragment}"
            if text and (found := _found(text, claim, quote)):
                yield _annotation(name, [claim.iri], report.report.iri, _in_text(text, *found))
            else:
                yield _annotation(name, [claim.iri], address, _words(quote))


def _found(text: SourceText, claim: Resource, quote: str) -> tuple[int, int] | None:
    """Return where a quotation stands in the passages of its claim, if it stands there once."""
    spans = {text.span(passage) for passage in claim.objects("rj:anchor")}
    starts = {
        start + match.start() for start, end in spans for match in re.finditer(re.escape(quote), text.words[start:end])
    }
    if len(starts) != 1:
        return None
    start = starts.pop()
    return start, start + len(quote)


def _in_text(text: SourceText, start: int, end: int) -> list[dict[str, Any]]:
    before, after = text.words[max(0, start - _CONTEXT_LENGTH) : start], text.words[end : end + _CONTEXT_LENGTH]
    context = {name: words for name, words in (("prefix", before), ("suffix", after)) if words}
    return [_place(start, end), {**_words(text.words[start:end]), **context}]


def _place(start: int, end: int) -> dict[str, Any]:
    return {"type": "TextPositionSelector", "start": start, "end": end}


def _words(words: str) -> dict[str, Any]:
    return {"type": "TextQuoteSelector", "exact": words}


def _annotation(
    iri: str, bodies: list[str], source: str, selector: dict[str, Any] | list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "id": iri,
        "type": "Annotation",
        "motivation": "linking",
        # Objects: of a body that is an IRI alone, Recogito and Annotorious lose the IRI.
        **({"body": [{"id": body} for body in bodies]} if bodies else {}),
        "target": {"type": "SpecificResource", "source": source, "selector": selector},
    }
