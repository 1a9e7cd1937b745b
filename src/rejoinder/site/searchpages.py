"""The search page and its index: names in all spellings, what officials claimed, what stands against it, questions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from rejoinder.names import as_uri
from rejoinder.questions.questions import Question
from rejoinder.site import searchindex, structured, thingpages
from rejoinder.site.press import Head, Page, Press
from rejoinder.site.searchindex import Entry
from rejoinder.site.things import Thing, by_label, expanded
from rejoinder.store.rdf import DefaultGraph, Literal, NamedNode

_NAMES: Final = (
    "rdfs:label",
    "skos:prefLabel",
    "skos:altLabel",
    "skos:notation",
    "rj:officialName",
    "foaf:name",
    "dcterms:title",
    "rj:quote",
)
_SHARED: Final = {
    "state": "State",
    "person": "Person",
    "organisation": "Organisation",
    "issue": "Issue",
    "provision": "Law",
    "review": "Review",
    "report": "Report",
    "record": "Record",
}
_PARTS: Final = {"rj:Claim": "Claim", "rj:Evidence": "Evidence"}
STEM: Final = "search"
FOLDER: Final = "search/"
_SCRIPT: Final = "text/javascript; charset=utf-8"


def search_page(press: Press) -> Page:
    """The page that searches."""
    head = Head(
        title="Search",
        description="Find States, people, issues, laws, claims, evidence and questions, in any spelling.",
        iri=press.project.base + STEM,
        kind=structured.kind_iri("SearchResultsPage"),
        structured={"@context": "https://schema.org", "@type": "SearchResultsPage", "name": "Search"},
    )
    return press.page("search.html", f"{STEM}.html", head)


def index_files(press: Press, questions: Mapping[str, Question]) -> Iterator[Page]:
    """The files of the index."""
    entries = (*_things(press), *_questions(questions), *_claims_and_evidence(press))
    for name, text in searchindex.files(entries):
        yield Page(FOLDER + name, text.encode(), _SCRIPT)


def _things(press: Press) -> Iterator[Entry]:
    """What reports share and speak of, and every State."""
    names = _names(press)
    for kind, word in _SHARED.items():
        for thing in thingpages.members(press, kind):
            if kind in ("state", "report") or thingpages.is_spoken_of(thing):
                yield Entry(word, thing.label.value, names[thing.iri], as_uri(f"{press.stem(thing)}.html"))


def _questions(questions: Mapping[str, Question]) -> Iterator[Entry]:
    for question in sorted(questions.values(), key=lambda question: question.title):
        yield Entry("Question", question.title, (question.summary,), as_uri(f"question/{question.name}.html"))


def _claims_and_evidence(press: Press) -> Iterator[Entry]:
    names = _names(press)
    for kind, word in _PARTS.items():
        for thing in press.library.instances(kind):
            stem = press.addresses.stem(thing.iri)
            if stem:
                path = as_uri(f"{stem}.html#{thing.fragment}")
                yield Entry(word, thing.label.value, names[thing.iri], path, _note(thing))


def _note(thing: Thing) -> str:
    """Who claimed it, and which report says so."""
    speakers = by_label(who for statement in thing.of("rj:expresses") for who in statement.all("rj:speaker"))
    return " · ".join([*(who.label.value for who in speakers), thing.document.label.value])


def _names(press: Press) -> Mapping[str, tuple[str, ...]]:
    """The names of everything, each once, in order."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for name in _NAMES:
        for quad in press.library.store.quads_for_pattern(None, expanded(name), None, DefaultGraph()):
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal):
                found[quad.subject.value][quad.object.value] = None
    return defaultdict(tuple, {iri: tuple(sorted(values)) for iri, values in found.items()})
