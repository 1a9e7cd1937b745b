"""As many recommendations as the UN has recorded, made up, in the shape that `rejoinder import upr-info` writes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rejoinder import namespaces
from rejoinder.rdf import terms
from rejoinder.rdf.terms import Store

NUMBER: Final = 60_000

_STATES: Final = 190
_RECORDS: Final = 250
_ISSUES: Final = 55
_TYPE: Final = f"<{namespaces.RDF}type>"
_LABEL: Final = f"<{namespaces.RDFS}label>"


def add(store: Path, base: str, number: int = NUMBER) -> None:
    """Add so many recommendations, with their reviews, States and issues, to the store of a version."""
    opened = Store(str(store))
    written = list[str]()
    for at in range(_RECORDS):
        graph = f"<{base}upr-info/made-up-{at}>"
        for line in (*_record(base, at, number // _RECORDS), *(_common(base) if at == 0 else ())):
            written += (f"{line} .\n", f"{line} {graph} .\n")
    terms.bulk_load(opened, "".join(written).encode())
    opened.flush()


def _common(base: str) -> Iterator[str]:
    """Yield the States and issues."""
    for at in range(_STATES):
        state = f"<{base}state/{_code(at)}>"
        yield f"{state} {_TYPE} <{namespaces.RJ}State>"
        yield f'{state} {_LABEL} "State {at}"@en'
    for at in range(_ISSUES):
        issue = f"<{base}upr-info-issue/issue-{at}>"
        yield f"{issue} {_TYPE} <{namespaces.RJ}Issue>"
        yield f'{issue} <{namespaces.SKOS}prefLabel> "Issue {at}"@en'


def _record(base: str, at: int, number: int) -> Iterator[str]:
    """Yield a record of a review, and its recommendations."""
    chance, session = random.Random(at), 1 + at % 24
    record, review = f"<{base}upr-info/made-up-{at}>", f"<{base}review/made-up-{at}>"
    under = f"<{base}state/{_code(at % _STATES)}>"
    yield f"{record} {_TYPE} <{namespaces.RJ}Record>"
    yield f'{record} {_LABEL} "Recommendations of session {session}, record {at}"@en'
    yield f"{record} <{namespaces.RJ}inProceeding> {review}"
    yield f"{review} {_TYPE} <{namespaces.RJ}Review>"
    yield f'{review} {_LABEL} "Review {at}"@en'
    yield f"{review} <{namespaces.RJ}underReview> {under}"
    yield f'{review} <{namespaces.RJ}session> "{session}"^^<{namespaces.XSD}integer>'
    for place in range(number):
        it = f"<{base}upr-info/made-up-{at}#r-{place}>"
        raiser, issue = (f"<{base}state/{_code(chance.randrange(_STATES))}>", chance.randrange(_ISSUES))
        yield f"{record} <{namespaces.RJ}hasRecommendation> {it}"
        yield f"{it} {_TYPE} <{namespaces.RJ}Recommendation>"
        yield f'{it} {_LABEL} "Recommendation {place} of record {at}"@en'
        yield f'{it} <{namespaces.RJ}wording> "Strengthen efforts number {chance.randrange(10**6)}"@en'
        yield f"{it} <{namespaces.RJ}addressedTo> {under}"
        yield f"{it} <{namespaces.RJ}inProceeding> {review}"
        yield f"{it} <{namespaces.RJ}raisedBy> {raiser}"
        yield f"{it} <{namespaces.RJ}about> <{base}upr-info-issue/issue-{issue}>"
        yield f"{it} <{namespaces.RJ}response> <{namespaces.RJ}{chance.choice(('Supported', 'Noted', 'Pending'))}>"
        yield f'{it} <{namespaces.RJ}actionCategory> "{chance.randrange(1, 6)}"^^<{namespaces.XSD}integer>'


def _code(at: int) -> str:
    """Three letters that no State of the world has.

    >>> _code(0), _code(27)
    ('XAA', 'XBB')
    """
    return f"X{chr(65 + at // 26)}{chr(65 + at % 26)}"
