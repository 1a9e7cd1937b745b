"""The page that asks the data in SPARQL within the browser, and what its editor offers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from rejoinder import names
from rejoinder.questions.questions import Parameter, Question
from rejoinder.site import structured, thingpages
from rejoinder.site.distributions import Dump
from rejoinder.site.press import Head, Page, Press
from rejoinder.site.termwords import TERMS
from rejoinder.site.things import Thing
from rejoinder.store import rdf

STEM: Final = "sparql"
OFFERS: Final = "assets/offers.json"

_MOST_VALUES: Final = 1000
"""A list of more is not one to choose from."""
_KINDS: Final = {"owl:Class": "class", "owl:ObjectProperty": "property", "owl:DatatypeProperty": "property"}


def sparql_page(press: Press, dumps: tuple[Dump, ...], statements: int) -> Page:
    """The page; `dumps` are the files that it can load, with so many statements."""
    head = Head(
        title="SPARQL",
        description="Ask the data anything in SPARQL: the query runs in your browser, on a copy of all the data.",
        iri=press.project.base + STEM,
        kind=structured.kind_iri("WebPage"),
        structured={"@context": "https://schema.org", "@type": "WebPage", "name": "SPARQL"},
    )
    loaded = next((dump for dump in dumps if dump.packed), None)
    return press.page("sparql.html", f"{STEM}.html", head, dump=loaded, statements=statements)


def offers(press: Press, questions: Mapping[str, Question]) -> Page:
    """What the editor offers: prefixes, the terms of the ontology, the stored questions and values for parameters."""
    found = {
        "base": press.project.base,
        "prefixes": names.PREFIXES,
        "terms": list(_terms(press)),
        "questions": [_question(question, press.project.base) for question in questions.values()],
        "values": {_parameter_type(kind): _values(press, kind) for kind in thingpages.TITLES},
    }
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    return Page(OFFERS, text.encode(), "application/json")


def _terms(press: Press) -> Iterator[tuple[str, str, str, str]]:
    """Terms by their short names: what each is, what it is called, and what it means."""
    for kind, word in _KINDS.items():
        for thing in press.library.instances(kind):
            if thing.iri.startswith(names.RJ):
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
        "start": None if kind in ("String", "Integer") else rdf.text(parameter.term("", base)),
    }


def _parameter_type(kind: str) -> str:
    """The type that parameters have whose values are of this kind."""
    return "Agent" if kind == "person" else kind.capitalize()


def _values(press: Press, kind: str) -> list[tuple[str, str]]:
    """The things of a kind that a report speaks of, short name and label; none where they are too many to choose."""
    things = thingpages.members(press, kind)
    if len(things) > _MOST_VALUES:
        return []
    return [(thing.short, thing.label.value) for thing in things if _is_asked_for(kind, thing)]


def _is_asked_for(kind: str, thing: Thing) -> bool:
    return kind == "report" or thingpages.is_spoken_of(thing)
