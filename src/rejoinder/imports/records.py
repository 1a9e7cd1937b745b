"""Records written: what a database says of one review, as the Turtle of one dossier.

A row of the export is a passage of its file, by code points and digest, like any sentence of a report; its
recommendation is anchored to it. Ids come from who asks and in which words, not from the place in the file: a
recommendation keeps its IRI in the next export, whatever was answered in between.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from rejoinder import names
from rejoinder.imports.sessions import months
from rejoinder.imports.uprinfo import Row

FOLDER: Final = "upr-info"
ISSUES: Final = "upr-info-issue"

_PREFIXES: Final = "".join(
    f"@prefix {prefix}: <{iri}> .\n"
    for prefix, iri in {
        **{name: names.PREFIXES[name] for name in ("dcterms", "edtf", "oa", "rdfs", "rj", "schema")},
        "issue": f"../{ISSUES}/",
        "review": "../review/",
        "state": "../state/",
    }.items()
)


@dataclass(frozen=True)
class Origin:
    """The export that a record was read from: the name and digest of the file, and the day it was made."""

    name: str
    sha256: str
    exported: date


@dataclass(frozen=True, slots=True)
class Placed:
    """A row whose names are settled: the code and name of the State that asks, None where it is not known."""

    row: Row
    by: tuple[str, str] | None
    issues: tuple[str, ...]


@dataclass(frozen=True)
class Record:
    """The rows of one review: the State under review by code and name, the session, and the id of the review."""

    code: str
    state: str
    session: int
    review: str
    origin: Origin
    placed: tuple[Placed, ...]

    @property
    def name(self) -> str:
        """The name of its file and the end of its IRI."""
        return f"{self.code.lower()}-{self.session}"


def to_turtle(record: Record) -> str:
    """The record as a dossier in Turtle, its IRIs relative to its document."""
    ids = _ids(record.placed)
    return "\n".join((_PREFIXES, _document(record, ids), *_parts(record, ids)))


def _ids(placed: Sequence[Placed]) -> list[str]:
    """An id for each recommendation; one that stands there twice in the same words gets a number behind it."""
    times: Counter[str] = Counter()
    found = []
    for each in placed:
        asked = f"{each.by[0] if each.by else ''}\n{each.row.wording}"
        name = "r-" + hashlib.sha256(asked.encode()).hexdigest()[:12]
        times[name] += 1
        found.append(name if times[name] == 1 else f"{name}-{times[name]}")
    return found


def _document(record: Record, ids: Sequence[str]) -> str:
    label = f"Recommendations to {record.state} in session {record.session}, as UPR Info records them"
    passages = ", ".join(f"<#row-{each.row.line}>" for each in record.placed)
    lines = (
        "<> a rj:Record",
        f"rdfs:label {_text(label)}@en",
        f"dcterms:title {_text(record.origin.name)}",
        f'dcterms:date "{record.origin.exported}"^^edtf:EDTF',
        "dcterms:publisher <https://www.upr-info.org/>",
        f'schema:sha256 "{record.origin.sha256}"',
        f"rj:inReview review:{record.review}",
        f"rj:hasPassage {passages}",
        f"rj:hasRecommendation {', '.join(f'<#{name}>' for name in ids)}",
    )
    return " ;\n    ".join(lines) + " .\n"


def _parts(record: Record, ids: Sequence[str]) -> Iterator[str]:
    answered = f'"{months(record.session).partition("/")[0]}/{record.origin.exported}"^^edtf:EDTF'
    shared = f"rj:addressedTo state:{record.code} ; rj:inReview review:{record.review}"
    for name, each in zip(ids, record.placed, strict=True):
        row = each.row
        yield f'<#row-{row.line}> oa:start {row.start} ; oa:end {row.end} ; schema:sha256 "{row.sha256}" ;'
        yield f"    rj:line {row.line} ."
        yield f"<#{name}> rj:anchor <#row-{row.line}> ; {shared} ;"
        yield f"    rdfs:label {_text(_label(record, each))}@en ; rj:wording {_text(row.wording)}@en ;"
        yield f"    {_raised(each)} ;{_about(each)}"
        yield f"    rj:response rj:{row.response} ; rj:responseDate {answered} ; rj:responseSource <>{_action(row)} .\n"


def _label(record: Record, placed: Placed) -> str:
    who = placed.by[1] if placed.by else "A State not named"
    issues = "; ".join(placed.row.issues) or "issue not coded yet"
    return f"{who} to {record.state}, session {record.session}: {issues}"


def _about(placed: Placed) -> str:
    issues = ", ".join(f"issue:{issue}" for issue in placed.issues)
    return f" rj:about {issues} ;" if issues else ""


def _raised(placed: Placed) -> str:
    if placed.by is None:
        return 'rj:verb "recommended"@en ; rj:listing rj:UnnamedStates'
    return f'rj:verb "recommended"@en ; rj:listing rj:ClosedList ; rj:raisedBy state:{placed.by[0]}'


def _action(row: Row) -> str:
    return "" if row.action is None else f" ; rj:actionCategory {row.action}"


def _text(text: str) -> str:
    """The text as a Turtle literal; the escapes that JSON writes are a part of Turtle's."""
    return json.dumps(text, ensure_ascii=False)
