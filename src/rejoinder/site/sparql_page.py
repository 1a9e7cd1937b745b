"""The page that asks the data in SPARQL within the browser, and what its editor offers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from rejoinder import namespaces
from rejoinder.questions.parameters import Parameter
from rejoinder.questions.question import Question
from rejoinder.rdf import terms
from rejoinder.site import entity_page, schema_org
from rejoinder.site.render import TERMS, Page, PageMetadata, Renderer
from rejoinder.site.resource import Resource
from rejoinder.site.statistics import Dump

STEM: Final = "sparql"
OFFERS: Final = "assets/offers.json"

_MOST_VALUES: Final = 1000
"""A list of more is not one to choose from."""
_KINDS: Final = {"owl:Class": "class", "owl:ObjectProperty": "property", "owl:DatatypeProperty": "property"}


def sparql_page(press: Renderer, dumps: tuple[Dump, ...], statements: int) -> Page:
    """The page; `dumps` are the files that it can load, with so many statements."""
    head = PageMetadata(
        title="SPARQL",
        description="Ask the data anything in SPARQL: the query runs in your browser, on a copy of all the data.",
        iri=press.project.base + STEM,
        kind=schema_org.kind_iri("WebPage"),
        structured={"@context": "https://schema.org", "@type": "WebPage", "name": "SPARQL"},
    )
    loaded = next((dump for dump in dumps if dump.packed), None)
    return press.page("sparql.html", f"{STEM}.html", head, dump=loaded, statements=statements)


def offers(press: Renderer, questions: Mapping[str, Question]) -> Page:
    """What the editor offers: prefixes, the terms of the ontology, the stored questions and values for parameters."""
    found = {
        "base": press.project.base,
        "prefixes": namespaces.PREFIXES,
        "terms": list(_terms(press)),
        "questions": [_question(question, press.project.base) for question in questions.values()],
        "values": {_parameter_type(kind): _values(press, kind) for kind in entity_page.TITLES},
    }
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    return Page(OFFERS, text.encode(), "application/json")


def _terms(press: Renderer) -> Iterator[tuple[str, str, str, str]]:
    """Terms by their short names: what each is, what it is called, and what it means."""
    for kind, word in _KINDS.items():
        for thing in press.library.instances(kind):
            if thing.iri.startswith(namespaces.RJ):
                meaning = thing.words("skos:definition") or thing.words("rdfs:comment")
                yield thing.short, word, thing.label.value, meaning
    for term, words in TERMS.items():
        yield term, "property", words, ""


def _question(question: Question, base: str) -> dict[str, Any]:
    return {
        "name": question.name,
        "title": question.title,
        "group": question.group,
        "query": question.sparql,
        "parameters": [_parameter(parameter, base) for parameter in question.parameters],
    }


def _parameter(parameter: Parameter, base: str) -> dict[str, str | None]:
    """A parameter; `start` is where the IRI of a short name begins."""
    kind = parameter.type
    return {
        "name": parameter.name,
        "type": kind,
        "summary": parameter.summary,
        "value": parameter.default,
        "start": None if kind in ("String", "Integer") else terms.text(parameter.term("", base)),
    }


def _parameter_type(kind: str) -> str:
    """The type that parameters have whose values are of this kind."""
    return "Agent" if kind == "person" else kind.capitalize()


def _values(press: Renderer, kind: str) -> list[tuple[str, str]]:
    """The things of a kind that a report speaks of, short name and label; none where they are too many to choose."""
    things = entity_page.members(press, kind)
    if len(things) > _MOST_VALUES:
        return []
    return [(thing.short, thing.label.value) for thing in things if _is_asked_for(kind, thing)]


def _is_asked_for(kind: str, thing: Resource) -> bool:
    return kind == "report" or entity_page.is_spoken_of(thing)
