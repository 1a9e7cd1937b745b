"""The page with a SPARQL editor that runs queries in the browser, and the editor's completions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from rejoinder import namespaces
from rejoinder.question import KIND_OF_TYPE, Parameter, Question
from rejoinder.rdf import terms
from rejoinder.site import entity_page, schema_org
from rejoinder.site.document_page import is_withdrawn
from rejoinder.site.entities import is_affected
from rejoinder.site.metadata import Dump
from rejoinder.site.render import TERMS, Page, PageMetadata, Renderer
from rejoinder.site.resource import Resource, by_label

STEM: Final = "sparql"
OFFERS: Final = "assets/offers.json"

_MOST_VALUES: Final = 1000
"""The most values offered for a parameter; nobody chooses from a longer list."""
_KINDS: Final = {"owl:Class": "class", "owl:ObjectProperty": "property", "owl:DatatypeProperty": "property"}


def sparql_page(renderer: Renderer, dumps: tuple[Dump, ...], statements: int) -> Page:
    """Return the page; `dumps` are the files that it can load, with the number of statements in them."""
    head = PageMetadata(
        title="SPARQL",
        description=renderer.words.gettext(
            "Ask the data anything in SPARQL: the query runs in your browser, on a copy of all the data."
        ),
        iri=renderer.project.base + STEM,
        kind=schema_org.kind_iri("WebPage"),
        structured={"@context": "https://schema.org", "@type": "WebPage", "name": "SPARQL"},
    )
    # The compressed dump, which the browser decompresses itself.
    loaded = next((dump for dump in dumps if dump.packed), None)
    return renderer.page("sparql.html", f"{STEM}.html", head, dump=loaded, statements=statements)


def offers(renderer: Renderer, questions: Mapping[str, Question]) -> Page:
    """Return the editor's completions: prefixes, terms of the ontology, stored questions, values for parameters."""
    found = {
        "base": renderer.project.base,
        "prefixes": namespaces.PREFIXES,
        "terms": list(_terms(renderer)),
        "questions": [_question(question, renderer) for question in questions.values()],
        "values": {kind: _values(renderer, kind) for kind in KIND_OF_TYPE},
    }
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    return Page(OFFERS, text.encode(), "application/json")


def _terms(renderer: Renderer) -> Iterator[tuple[str, str, str, str]]:
    """Yield the terms of the ontology by prefixed name: class, label, and definition."""
    for kind, word in _KINDS.items():
        for resource in renderer.reader.instances(kind):
            if resource.iri.startswith(namespaces.RJ) and not is_withdrawn(resource):
                meaning = resource.text("skos:definition") or resource.text("rdfs:comment")
                yield resource.short, word, resource.label.value, meaning
    for term, words in TERMS.items():
        yield term, "property", renderer.words.gettext(words), ""


def _question(question: Question, renderer: Renderer) -> dict[str, Any]:
    return {
        "name": question.name,
        "title": renderer.words.translated(question.title),
        "group": renderer.words.translated(question.group),
        "query": question.sparql,
        "parameters": [_parameter(parameter, renderer) for parameter in question.parameters],
    }


def _parameter(parameter: Parameter, renderer: Renderer) -> dict[str, str | None]:
    """Return a parameter; `start` is the beginning of the IRI of a short name."""
    kind = parameter.type
    return {
        "name": parameter.name,
        "type": kind,
        "summary": renderer.words.translated(parameter.summary),
        "value": parameter.default,
        "start": None if kind in ("String", "Integer") else terms.text(parameter.term("", renderer.project.base)),
    }


def _values(renderer: Renderer, kind: str) -> list[tuple[str, str]]:
    """Return the things that a parameter of this type can name, with labels; none of too many to choose from."""
    kinds = entity_page.AGENTS if kind == "Agent" else (KIND_OF_TYPE[kind],)
    found = [(kind, it) for kind in kinds for it in entity_page.members(renderer, kind)]
    if len(found) > _MOST_VALUES:
        return []
    return [(it.short, it.label.value) for it in by_label(it for kind, it in found if _is_asked_for(kind, it))]


def _is_asked_for(kind: str, resource: Resource) -> bool:
    return kind == "report" or (entity_page.is_spoken_of(resource) and not is_affected(resource))
